//! A flat record of typed values: its layout, how its values are compared, and the difference of
//! two.
//!
//! | Here is | Type |
//! |---|---|
//! | one value, with null as a value of its own | [`Value`], [`ValueKind`], [`Text`], [`Set`], [`Reference`] |
//! | a field: its name and kind, how it is compared, how much it says about a person | [`Field`], [`FieldName`], [`Equivalence`], [`Sensitivity`] |
//! | the layout of a record, shared by many | [`Fields`] |
//! | a record: a value, or none, for each field | [`Record`] |
//! | the difference of two records | [`difference()`], [`Difference`], [`Alignment`] |
//! | a value's fingerprint, to be kept instead of the value | [`HashKey`] |
//! | `Debug` with the values, which it hides otherwise | [`Revealed`] |
//!
//! Nothing here knows where records come from, does I/O or reads a clock. No lookup by name happens
//! but where a name is given: a record is an array of slots.
//!
//! ```
//! use flat_record::{
//!     Change, Equivalence, Field, Fields, Record, Sensitivity, Value, ValueKind, WhiteSpace,
//!     difference,
//! };
//!
//! let as_written = Equivalence::EXACT.white_space(WhiteSpace::Collapse).composed();
//! let employee = Fields::new([
//!     Field::new("name", ValueKind::Text)?.equivalence(as_written),
//!     Field::new("salary", ValueKind::Decimal)?.sensitivity(Sensitivity::Sensitive),
//!     Field::new("manager", ValueKind::Text)?,
//! ])?;
//!
//! let in_hr = Record::new(&employee)
//!     .with("name", "Anna  Ek")?
//!     .with("salary", rust_decimal::Decimal::new(32_500_00, 2))?
//!     .with("manager", Value::Null)?; // known to have none
//! let in_payroll = Record::new(&employee)
//!     .with("name", "Anna Ek")?
//!     .with("salary", rust_decimal::Decimal::new(32_000, 0))?; // silent about the manager
//!
//! let difference = difference(&in_hr, &in_payroll);
//! assert_eq!(difference.get("name"), Some(&Change::Unchanged));
//! assert!(matches!(difference.get("salary"), Some(Change::Changed { .. })));
//! assert_eq!(difference.get("manager"), Some(&Change::OnlyLeft(&Value::Null)));
//! assert!(!format!("{difference:?}").contains("32")); // a log does not tell her salary
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod difference;
mod equivalence;
mod field;
mod hash;
mod json;
mod name;
mod record;
mod reveal;
mod text;
mod value;

pub use difference::{Alignment, Change, Difference, ElementChanges, FieldDifference, difference};
pub use equivalence::{Equivalence, Precision, WhiteSpace};
pub use field::{Field, Fields, FieldsError, Sensitivity};
pub use hash::HashKey;
pub use name::{FieldName, Kind, NameError};
pub use record::{Record, RecordError, RecordSeed};
pub use reveal::{Reveal, Revealed};
pub use text::Text;
pub use value::{Reference, Set, Value, ValueKind};
