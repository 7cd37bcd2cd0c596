//! Declarative mapping profiles: which path of a source's documents fills which field of a record,
//! under which condition and through which transform.
//!
//! Every connector is at heart such a table. Here the table is data, in TOML or JSON: checked when
//! it is compiled, used both ways, explained row by row, and rendered as the table of a help page.
//!
//! ```
//! use field_map::{Circumstances, Profile};
//! use flat_record::{Field, Fields, Sensitivity, Value, ValueKind};
//!
//! let profile = Profile::from_toml(r#"
//!     name = "an HR system"
//!
//!     [settings.use-work-email]
//!     default = false
//!
//!     [paths]
//!     employment = "employments[valid startDate endDate]"
//!
//!     [[row]]
//!     target = "email"
//!     source = "privateEmail"
//!     when = { setting = "use-work-email", equals = false }
//!
//!     [[row]]
//!     target = "email"
//!     source = "workEmail"
//!     when = { setting = "use-work-email", equals = true }
//!
//!     [[row]]
//!     target = "ssn"
//!     source = "ssn"
//!     transform = ["trim", { normalise = "personal-number" }]
//!
//!     [[row]]
//!     target = "employed-from"
//!     source = "$employment.startDate"
//!     direction = "export"
//! "#)?;
//!
//! // The fields of the other side, and how much each says about a person.
//! let fields = Fields::new([
//!     Field::new("email", ValueKind::Text)?,
//!     Field::new("ssn", ValueKind::Text)?.sensitivity(Sensitivity::Sensitive),
//!     Field::new("employed-from", ValueKind::Date)?,
//! ])?;
//! let mapper = profile.compile_for(&fields).setting("use-work-email", true).compile()?;
//!
//! let document = field_map::read_json(br#"{
//!     "id": "5f1e",
//!     "workEmail": "tolvan@example.com",
//!     "ssn": "121212+1212",
//!     "employments": [
//!         { "startDate": "2020-01-01", "endDate": "2025-12-31" },
//!         { "startDate": "2026-01-01" }
//!     ]
//! }"#)?;
//! let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
//! let circumstances = Circumstances::on(today).of("5f1e");
//! let record = mapper.export(&document, &circumstances)?;
//! assert_eq!(record.get("ssn").and_then(Value::as_text), Some("19121212-1212"));
//!
//! // Why is it so? Values show up to the class that you may see.
//! let explanation = mapper.explain(&document, &circumstances);
//! assert_eq!(explanation.render(Sensitivity::Personal), "\
//! email: row 1 not used, switched off by a setting
//! email: tolvan@example.com, from workEmail
//! ssn: (not shown), from ssn
//! employed-from: 2026-01-01, from employments[valid startDate endDate].startDate
//! ");
//!
//! // And back: what the record says, as a patch of the document.
//! let patch = mapper.import(&record, &circumstances)?;
//! assert_eq!(patch["workEmail"], "tolvan@example.com");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! | | |
//! |---|---|
//! | [`Profile`] | reads a profile, and renders it as a help page |
//! | [`json_schema`] | describes one, for editors |
//! | [`Compiler`], [`Function`], [`Literal`] | checks it against the fields, with settings, dropped classes and functions of the app |
//! | [`Mapper`], [`Circumstances`] | maps, both ways |
//! | [`Explanation`] | what became of each row |
//! | [`ProfileError`], [`MappingError`] | everything that is wrong with a profile, or with a document |
//! | [`read_json`] | reads a source's JSON, and refuses a doubled key and a number too large to keep |
//!
//! # Paths
//!
//! | written | means |
//! |---|---|
//! | `homeAddress.street` | a key of an object in an object |
//! | `custom."t-shirt size"` | a key with any characters |
//! | `phones[0]`, `phones[-1]` | an element by its place, from the end if negative |
//! | `phones[type=work].number` | the one element whose key has this value |
//! | `employments[valid startDate endDate]` | the one element that is valid on the day |
//! | `compensations[latest effectiveDate]` | the element that began last, on or before the day |
//! | `tags[*].name` | every element, as a list |
//! | `$employment.rate` | a path that the profile names under `paths`, and on from there |
//!
//! Where more than one element fits, the row fails: which of two employments is meant would be a
//! guess. What is below null is null, and what is below a missing key is missing.
//!
//! # Transforms
//!
//! | written | does | on import |
//! |---|---|---|
//! | `"trim"`, `"collapse"` | white space at the ends, and within | nothing |
//! | `"upper"`, `"lower"` | letter case | - |
//! | `"empty-to-null"` | an empty text is null | nothing: null clears |
//! | `"null-to-empty"` | null is an empty text | an empty text is null |
//! | `{ join = { separator = " ", back = "last" } }` | several sources to one text | split at the last (or first) separator |
//! | `{ split = { separator = " ", take = "before-first" } }` | a part of a text | - |
//! | `{ replace = { from = "-", to = "" } }` | texts within the text | - |
//! | `{ lookup = "countries" }`, `{ lookup = { table = "countries", unknown = "keep" } }` | by a table | backwards, if no two lead to one |
//! | `{ default = "SE" }` | in place of what is missing or null | nothing |
//! | `{ date = "%d/%m/%Y" }`, `{ date = ["%Y%m%d", "%d.%m.%Y"] }` | a text to a date | by the first format |
//! | `"date-of-timestamp"`, `{ date-of-timestamp = "ignore-time" }` | the date of midnight, or of any time as written | midnight UTC; - |
//! | `{ number = { decimal = ",", group = " " } }` | a text to a number | without groups |
//! | `{ scale = 100 }` | kronor to öre | divided, if it leaves no remainder |
//! | `{ round = 2 }` | to so many decimals, halves away from zero | - |
//! | `{ parse = "integer" }`, `{ text = "integer" }` | a text to what it says, and the reverse; `decimal`, `bool`, `date` too | the other |
//! | `{ prefix = "PD=" }` | before the text, or before each of a list | taken away |
//! | `"set"`, `{ set = "," }` | a list, or a text with separators, to a set | back |
//! | `{ reference = "client" }` | a key to a reference, for the links to translate | the key |
//! | `{ normalise = "personal-number" }` | a Swedish identifier, checked, in its usual form | nothing |
//! | `{ call = "initials" }` | a [`Function`] of the app | its way back |
//!
//! What is done with one value is done with each of a list or a set, where that makes sense.
//!
//! Where the last column says `-` there is no way back: the row is exported only, or says by
//! `import-transform` how else. The profile does not compile until one of them is said.

mod compile;
mod condition;
mod datum;
mod document;
mod error;
mod explanation;
mod function;
mod mapper;
mod markdown;
mod path;
mod profile;
mod read;
mod schema;
mod source;
mod transform;

pub use compile::Compiler;
pub use condition::Literal;
pub use error::{Failure, MappingError, Problem, ProfileError, ProfileProblem, ProfileProblemKind};
pub use explanation::{Explanation, RowExplanation, RowOutcome};
pub use function::Function;
pub use mapper::{Circumstances, Mapper};
pub use path::PathProblem;
pub use profile::{Direction, Profile, Setting};
pub use schema::json_schema;
pub use source::{ReadJsonError, read_json};
