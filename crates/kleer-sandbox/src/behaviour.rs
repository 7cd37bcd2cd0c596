//! What the sandbox does, and how each rule is known of Kleer. (This module is documentation.)
//!
//! *Evidence*: **schema** is a comment or a type in Kleer's published XML schema; **seen** is what
//! integrations in use have met; **ours** is our reading where Kleer's behaviour is not known. A
//! rule of ours is the stricter choice where there is one, because a connector that pleases it also
//! pleases a milder Kleer.
//!
//! # Requests and answers
//!
//! | behaviour | evidence | our reading |
//! |---|---|---|
//! | `PUT` creates, `POST` updates, `DELETE` deletes; paths as in `kleer_model::endpoint` | seen; each endpoint's `provenance` says so | |
//! | the token is sent as `X-Token`; a missing or wrong one is answered with 401 | seen | checked before everything else, the path included |
//! | a company other than the token's: 403 | a token is bound to one company: seen | the status, and the message, which is the one seen for a missing right |
//! | an unknown id or path: 404 | seen | an id that is no number is an unknown one |
//! | a known path with another method: 405 | | ours |
//! | every endpoint of the table is carried out, none answers 501 | | paths that are only inferred are served like the others |
//! | calls outside a company (`access/authenticate`, `xsd`) need no token | seen | |
//! | paths with `/api` before `/v1`, and `event/` with a slash | seen in older libraries | taken for those of today |
//! | a body that is no valid document: 400, with path, line and column | | the status is ours |
//! | business errors: **500** with `<error><message>`, led by a Java exception's name | seen | the names are made up after the pattern of those seen, except `SingleAccessDeniedException` |
//! | answers are `application/xml;charset=UTF-8` without an XML declaration | seen | |
//! | the body is read as XML whatever its `Content-Type` says, unless that is JSON | seen (`text/plain` worked) | |
//! | a body over the limit: 413 | Kleer's limit is not known | 64 MiB |
//! | *strict*: unknown or out-of-order elements: 400 | the schema is made of sequences | what Kleer does with them is not known |
//! | *strict*: an unknown or repeated query parameter: 400 | | a misspelt filter would silently list everything |
//! | foreign ids are not unique | seen: integrations find doubles | |
//! | ids are given out in order, each kind of record from a thousand of its own | | mixing them up must fail |
//! | a reference to a record that is not there: 500 with `...DoesNotExistException`; the id 0 is "none" | 0 is seen; the schema has required references | the status, and the names after the pattern of one that was seen; clients and client invoices keep users, dimension entries and brokers as sent |
//! | an update replaces the record; what the type of the request does not have stays | schema comments of several types | optional elements that are absent are removed, except where a table below says otherwise |
//! | paged lists take `offset` and `limit` | schema: "limit may have been adjusted" | the names of the parameters, which are those of the attributes |
//! | bytes are uploaded as they are | seen for one file, whose path is not known | |
//! | dates of registration and "today": the computer's day in UTC, or the one that [`SandboxBuilder::today`](crate::SandboxBuilder::today) sets; the time of day is always 12:00 | | ours |
//!
//! # JSON
//!
//! | rule | evidence | our reading |
//! |---|---|---|
//! | `Content-Type: application/json` decides, also on `GET`; `Accept` does not matter | seen: with `Accept` alone XML came back | an answer without a body type is XML |
//! | properties have the schema's names; the root element has none | seen | a body with the root's name around it is read, too |
//! | repeated elements are one array under the plural: `activities`, `children`, `dimension-entries` | seen for users, clients, activities, events, projects, schedules, entitlements | other names by the same rules; a name that ends in s is a plural already, but for `access`, `address` and `status` |
//! | a wrapper stays an object around the array: `"vacation-entitlements": {"vacation-entitlements": [..]}` | seen | the same for `rows`, `files`, `accounts` |
//! | an empty list is `[]`, in a wrapper `{}` | `{}` is seen for `dimensions`; an absent list is seen, too | a reader that takes an absent one takes `[]` |
//! | a list of one item is still an array | seen in tests only | |
//! | ids are numbers, references `{"id": 7}`, ids that the schema wraps `{"id": {"id": 7}}` | seen | a bare number is read as a reference |
//! | enumerations are written as constants: `LEAVE_OF_ABSENCE` | seen on reading | read as constants or as in the schema; elements that the schema calls strings (`delivery-type` of a client) keep their text |
//! | decimals are numbers with all their digits; dates are texts | seen | numbers are read from texts as well, and texts from numbers |
//! | what is absent stands not at all; nil is `null` | seen: absent or null | on writing `null` is absent, but clears what the schema calls nillable |
//! | a required text is empty when it is absent or null, a number 0, a truth `false`, a list empty, a reference none | seen: integrations leave required elements out | days and enumerations have no such value and must be there |
//! | bytes are hexadecimal digits | seen in a library's code, not live | base64 and arrays of bytes are read, too |
//! | `offset`, `limit` and `size` stand beside the list | | ours |
//! | errors are `{"message": ..}` | seen | |
//! | properties are found in any casing (`accountNr`, `account-nr`), lists also under the singular, unwrapped, or as a single item | both casings are in the schema | which of them Kleer takes is not known |
//! | properties that no element corresponds to are ignored, and named in the header `X-Sandbox-Ignored`, the first 4 KiB of them | | ours: real clients send whole records back; a test can look at the header |
//!
//! # Logging in, companies, users
//!
//! | behaviour | evidence | our reading |
//! |---|---|---|
//! | `access/authenticate` gives a token for each company, with rights and roles | seen | one e-mail address and password; wrong ones are 401 |
//! | a token opens its own company | seen | the user of the token has the id 101 in every company |
//! | every user has a number, a dimension entry and dimensions | seen: a library requires them | the entries are in a dimension called Användare |
//! | an update of a user keeps what is absent | seen: an integration sends id, name, e-mail and active | that nothing else is cleared |
//! | users are listed whether active or not; `user/foreign-id` finds the first | seen; documented | 404 if there is none |
//! | a right is granted once; a second time is refused | | ours. Rights are kept, and nothing is refused for the lack of one |
//!
//! # Time
//!
//! | behaviour | evidence | our reading |
//! |---|---|---|
//! | an event without a foreign id: 500 `Tekniskt fel` | seen | also in XML, where the schema requires the element |
//! | an update without a foreign id keeps the one that is there | integrations leave it out | |
//! | an event that is not there: 500 `EventAccessDeniedException` | seen | what follows the name |
//! | without days, events of the current week; `startDate` and `endDate` are included | documented | one of them alone leaves the other end open |
//! | only open events are changed or deleted | seen | the name of the exception; the message says `låst` |
//! | certifying, approving and unlocking a span set its events and lock its days: nothing is added there | seen: `event/statuses` tells locked days | a lock for one client project holds there only; the last one counts |
//! | an activity that demands a child demands it | schema | the status |
//! | hours are 0 to 24 | | ours |
//! | a client project allows: all activities if it says so; else those that project and user both list; the user's if the project lists none | seen live | a project that is not open, and a user who is not in it, are refused |
//! | an event without client project on one of the eleven absence activities is an absence, and listed among the payroll events | seen | found by the activity's name; the id is the event's |
//! | client, name and fixed price of a client project are set by the create; broker and dimensions stay when absent, nil clears the broker | schema | |
//! | closing and opening set `status` and `active` | schema: "another operation" | a new project is open |
//!
//! # Payroll
//!
//! | behaviour | evidence | our reading |
//! |---|---|---|
//! | a user without an employment: 500 `PayrollUserDoesNotExistException` | seen | |
//! | employing needs the personal number and the first day, all else has defaults | schema | the defaults; who is employed already is refused |
//! | an update changes only what is there; lists that are there replace all | schema | |
//! | the last day stands in a wrapper: an empty one removes it | schema | |
//! | a salary without a first day is valid from the first of the month | schema | |
//! | personal numbers have 10 or 12 digits, countries two letters | format seen | the check; check digits are not looked at |
//! | `actual-hours` is 0 on public holidays | seen | and on the three eves that are days off in fact; gross and net hours are the schedule's; an employee without a schedule has the company's first; before and after the employment there is none |
//! | the level of employment of a rolling schedule is its week out of 40 hours | | ours |
//! | month reports and schedules: an absent list stays, one that is there replaces all | schema | January is month 0; a report that was never written is empty |
//! | everybody in a payroll run must be employed | schema | tax is 30 % and social fees are 31.42 % of everything: no payroll |
//! | a run is paid once, and gets its number then | schema | |
//!
//! # Purchases, accounts, bank, foundations
//!
//! | behaviour | evidence | our reading |
//! |---|---|---|
//! | files of supplier invoices must be PDF | schema | told by their first bytes |
//! | no accounting date: the invoice's; no bank account: none | schema: "suitable" | |
//! | an approval certifies; a certified invoice takes no more | | ours |
//! | an expense entry is in one report; the receipts listed are those in no entry | | ours |
//! | a voucher adds up to 0, is in an accounting year, and names accounts that are there | bookkeeping | numbers go up by 1 in a series and year |
//! | balances are made of the vouchers written here, nothing else | | ours |
//! | exchange rates are fictitious and the same every day | | ours |
//! | a revenue names a client or a new one, has a unique external id, and needs the debit if it is negative | schema | currencies are not converted |
//! | consolidating needs sums that agree, and leaves nothing to pay | schema | |
//! | account numbers are validated by form and check digits | schema | |
//! | foreign ids of dimension entries are unique in their dimension | schema | |
//! | a grant is returned once; an update keeps what is absent | schema | |
//!
//! # Clients
//!
//! | behaviour | evidence | our reading |
//! |---|---|---|
//! | no delivery type: the company's default on a create, unchanged on an update | schema | an empty element is as good as none |
//! | template: absent is nil on a create, unchanged on an update; always there on reading | schema | one that does not exist is refused |
//! | approver: absent is none on a create, unchanged on an update; nil clears | schema | whether the user exists is not checked |
//! | dimension entries, brokers: unchanged when absent from an update | schema | |
//! | everything else is replaced by an update | only stated for the elements above | |
//! | `active` absent: true on a create, unchanged on an update | | ours |
//! | `fetch-edi-recipient` is not kept, and finds nobody | schema: nothing is set without one strict match | the sandbox knows no operator |
//! | a client with invoices is not deleted | | ours; one without is gone for good |
//!
//! # Products
//!
//! | behaviour | evidence | our reading |
//! |---|---|---|
//! | type, account and VAT rate have defaults, on updates too | schema | the defaults are ours: `Goods`, 3041, 25 % |
//! | the deprecated `accounts/se` is the account when there is no `account-nr`; on reading all three are the account | schema | |
//! | a VAT rate that is neither 0 nor at least 1 % and below 100 % is refused | | ours: it is in the wrong unit |
//! | a type that the schema does not have is refused | schema (enumeration) | the status |
//!
//! # Client invoices
//!
//! | behaviour | evidence | our reading |
//! |---|---|---|
//! | the client must exist, and be active on a create | | ours; an update may keep a client that was retired since |
//! | each row's product must exist | schema (required reference) | the status |
//! | a row's VAT rate and account are its product's, whatever the row says | schema | also under the One Stop Shop rules, where Kleer keeps the row's |
//! | `amount` and `vat` are computed by [`kleer_model::sums`] | schema: without VAT, in cent | how Kleer rounds is not known |
//! | id, number, certified, sent, remaining, disabled, deliveries and the like are ignored when written | schema | |
//! | the number is 0 until the invoice is certified; so is what remains to be paid | schema | numbers go up by 1 from the highest known one |
//! | a credit needs the number of the invoice it credits | schema | a credit is an invoice with a negative total; the number must be known as certified; 0 is "none" |
//! | an invoice lists the invoices that credit it | schema | deleted ones are left out |
//! | delivery type, VAT number, country: the client's on a create, unchanged on an update when absent or empty | schema | |
//! | no template: one is chosen | schema | the client's, else the company's first for invoices and last for credits |
//! | no approver: the client's default on a create, none on an update; id 0 is none | schema | |
//! | files: absent from an update keeps, present replaces, empty deletes | schema | |
//! | the currency must be three capital letters | | ours |
//! | other elements are replaced by an update; rows as a whole, with new ids | | ours |
//! | a certified or a deleted invoice is neither changed nor deleted | | ours: it is booked, or gone |
//! | a deleted invoice stays, with `disabled` true, and is listed under `all` | schema: "a disabled invoice means it has been deleted by a user" | that it is listed is ours |
//! | list: `certifiable` is neither certified nor deleted, `sendable` is certified and not sent | names seen | the meanings are ours |
//! | list: `query` finds part of foreign id, your reference or notes, in any case | "free text": seen | ours |
//! | list: `invoiceDateLower` and `invoiceDateUpper` are included; `ignoreFiles=true` leaves files out | seen | |
//! | list: `offset`, `limit` and `size` on the root | schema | by id; all at once unless [`SandboxBuilder::page_limit`](crate::SandboxBuilder::page_limit) says otherwise; a part can be noticed but not be continued, as with Kleer's unknown parameters |
//! | `defaultDimensionsFromProduct` and `defaultDimensionsFromClient` put dimension entries on rows that have none | names seen | how Kleer combines the two is not known: the product's, then the client's |
//!
//! # Known differences from Kleer
//!
//! Nothing is refused for the lack of a right, although rights are kept. Nothing happens by itself
//! (no reminders, no automatic certifying, no invoices of agreements). Custom fields are kept as sent
//! and never checked. No currency is converted. `certified-date` is never set. Uploaded files are
//! taken, and neither read nor shown again. The schema at `xsd` is written from this project's
//! declarations: the same documents are valid (but for `report`, whose abstract types it leaves
//! open), but it has none of Kleer's comments. An invoice as PDF is one line of text.
