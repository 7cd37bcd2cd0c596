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
//! | an endpoint of the table that the sandbox does not carry out: 501 | | ours |
//! | a body that is no valid document: 400, with path, line and column | | the status is ours |
//! | business errors: **500** with `<error><message>`, led by a Java exception's name | seen | the names are made up after the pattern of those seen, except `SingleAccessDeniedException` |
//! | answers are `application/xml;charset=UTF-8` without an XML declaration | seen | |
//! | the body is read as XML whatever its `Content-Type` says | seen (`text/plain` worked) | |
//! | `Content-Type: application/json`, also on `GET`: 415 | Kleer answers JSON then: seen | the sandbox speaks XML only, and says so instead of surprising a JSON reader |
//! | a body over the limit: 413 | Kleer's limit is not known | 64 MiB |
//! | *strict*: unknown or out-of-order elements: 400 | the schema is made of sequences | what Kleer does with them is not known |
//! | *strict*: an unknown or repeated query parameter: 400 | | a misspelt filter would silently list everything |
//! | foreign ids are not unique | seen: integrations find doubles | |
//! | ids are given out in order, clients, products and invoices from different thousands | | mixing them up must fail |
//!
//! # Clients
//!
//! | behaviour | evidence | our reading |
//! |---|---|---|
//! | no delivery type: the company's default on a create, unchanged on an update | schema | an empty element is as good as none |
//! | template: absent is nil on a create, unchanged on an update; always there on reading | schema | one that does not exist is refused |
//! | approver: absent is none on a create, unchanged on an update; nil clears | schema | whether the user exists is not checked: there are no users |
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
//! No rights below the token; one company; nothing happens by itself (no reminders, no automatic
//! certifying); custom fields, users, dimension entries and brokers are kept as sent and never
//! checked; no exchange rates; `certified-date` is never set, because the sandbox has no clock.
