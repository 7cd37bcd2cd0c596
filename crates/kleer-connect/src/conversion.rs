//! From values of a record to what stands in Kleer's documents, with every problem named.

use chrono::NaiveDate;
use flat_record::{Equivalence, FieldsError, NameError, WhiteSpace};
use flat_record::{
    Field, FieldName, Fields, Kind, Record, Reference, Sensitivity, Value, ValueKind,
};
use kleer_client::model::{Cents, UserId, UserReference};
use record_link::{SideError, SideErrorKind, SideOperation};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// How texts are compared: white space at the ends and runs of it do not count, nor does how an
/// accent is encoded; empty is null.
pub(crate) const TEXT: Equivalence = Equivalence::EXACT
    .white_space(WhiteSpace::Collapse)
    .composed()
    .empty_is_null();

/// Texts whose case does not count either: addresses of e-mail, codes.
pub(crate) const CODE: Equivalence = TEXT.fold_case();

/// Amounts in kronor: öre count, and nothing smaller.
pub(crate) const MONEY: Equivalence = Equivalence::EXACT.decimal_places(2);

#[derive(Debug, thiserror::Error)]
pub(crate) enum LayoutError {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Fields(#[from] FieldsError),
}

/// A field of a layout: its name, its kind, what it says about a person, how it is compared.
pub(crate) type Declared = (&'static str, ValueKind, Sensitivity, Equivalence);

pub(crate) fn layout(declared: &[Declared]) -> Result<Fields, LayoutError> {
    let mut fields = Vec::with_capacity(declared.len());
    for (name, kind, sensitivity, equivalence) in declared {
        let field = Field::new(FieldName::new(name)?, *kind)?;
        fields.push(field.sensitivity(*sensitivity).equivalence(*equivalence));
    }
    Ok(Fields::new(fields)?)
}

/// A text of Kleer's, of which an empty one is none.
pub(crate) fn text(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::from(text)
    }
}

/// An amount in kronor.
pub(crate) fn kronor(cents: Cents) -> Value {
    Value::Decimal(Decimal::new(cents.0, 2))
}

/// A reference to a record of another kind, of which the id 0 is none.
pub(crate) fn reference(kind: &Kind, id: i32) -> Value {
    if id == 0 {
        Value::Null
    } else {
        Reference::new(kind.clone(), id.to_string()).into()
    }
}

/// A problem with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    Required,
    CannotBeCleared,
    OutOfRange,
    NotWholeOre,
    NotLinked,
    UnknownValue,
    OnlyOnCreate,
    ReadOnly,
    NoSuchField,
}

impl Problem {
    fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::CannotBeCleared => "cannot-be-cleared",
            Self::OutOfRange => "out-of-range",
            Self::NotWholeOre => "not-whole-ore",
            Self::NotLinked => "not-linked",
            Self::UnknownValue => "unknown-value",
            Self::OnlyOnCreate => "only-on-create",
            Self::ReadOnly => "read-only-field",
            Self::NoSuchField => "unknown-field",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Required => "is required by Kleer; add it at the source, or map it",
            Self::CannotBeCleared => {
                "cannot be cleared in Kleer; clear it there by hand, or leave it out"
            }
            Self::OutOfRange => "is out of the range that Kleer takes",
            Self::NotWholeOre => "has parts of an öre; round it at the source",
            Self::NotLinked => "refers to a record that is not in Kleer; link that one first",
            Self::UnknownValue => "is none of the values that Kleer knows; map it by a table",
            Self::OnlyOnCreate => {
                "is set when the record is created, and cannot be changed in Kleer"
            }
            Self::ReadOnly => "cannot be written",
            Self::NoSuchField => "is no field of this kind of record; take it out",
        }
    }
}

/// Converts values, and collects what is wrong with them.
#[derive(Debug)]
pub(crate) struct Conversion<'a> {
    operation: SideOperation,
    layout: &'a Fields,
    problems: Vec<(FieldName, Problem)>,
}

impl<'a> Conversion<'a> {
    pub(crate) fn new(operation: SideOperation, layout: &'a Fields) -> Self {
        Self {
            operation,
            layout,
            problems: Vec::new(),
        }
    }

    /// Nothing is wrong, or a refusal that names each field.
    pub(crate) fn finish(self) -> Result<(), SideError> {
        let Some((_, first)) = self.problems.first() else {
            return Ok(());
        };
        let words = self.problems.iter();
        let words = words.map(|(name, problem)| format!("{name} {}", problem.advice()));
        let message = words.collect::<Vec<_>>().join("; ");
        Err(SideError::new(self.operation, SideErrorKind::Refused)
            .with_code(first.code())
            .with_message(message)
            .concerning(self.problems.into_iter().map(|(name, _)| name)))
    }

    pub(crate) fn problem(&mut self, name: &str, problem: Problem) {
        let name = self.layout.get(name).map(|field| field.name.clone());
        let Some(name) = name else { return };
        if !self.problems.iter().any(|(known, _)| *known == name) {
            self.problems.push((name, problem));
        }
    }

    /// Names the fields of a record that the layout does not have.
    pub(crate) fn check_names(&mut self, record: &Record) {
        for (field, _) in record.iter() {
            if self.layout.slot(&field.name).is_none() {
                self.problems
                    .push((field.name.clone(), Problem::NoSuchField));
            }
        }
    }

    /// A text; null is the empty one, by which Kleer clears.
    pub(crate) fn text(&mut self, name: &str, value: &Value) -> Option<String> {
        match value {
            Value::Null => Some(String::new()),
            value => self.given_text(name, value),
        }
    }

    /// A text that cannot be cleared.
    pub(crate) fn given_text(&mut self, name: &str, value: &Value) -> Option<String> {
        let text = value.as_text().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.problem(name, Problem::CannotBeCleared);
        }
        text.map(ToOwned::to_owned)
    }

    pub(crate) fn truth(&mut self, name: &str, value: &Value) -> Option<bool> {
        let truth = value.as_bool();
        if truth.is_none() {
            self.problem(name, Problem::CannotBeCleared);
        }
        truth
    }

    pub(crate) fn number<N: TryFrom<i64>>(&mut self, name: &str, value: &Value) -> Option<N> {
        let Some(number) = value.as_integer() else {
            self.problem(name, Problem::CannotBeCleared);
            return None;
        };
        let number = N::try_from(number).ok();
        if number.is_none() {
            self.problem(name, Problem::OutOfRange);
        }
        number
    }

    pub(crate) fn decimal(&mut self, name: &str, value: &Value) -> Option<Decimal> {
        let number = value.as_decimal();
        if number.is_none() {
            self.problem(name, Problem::CannotBeCleared);
        }
        number
    }

    /// An amount in kronor, as cents. Nothing is rounded.
    pub(crate) fn cents(&mut self, name: &str, value: &Value) -> Option<Cents> {
        let kronor = self.decimal(name, value)?;
        let Some(cents) = kronor.checked_mul(Decimal::ONE_HUNDRED) else {
            self.problem(name, Problem::OutOfRange);
            return None;
        };
        if !cents.fract().is_zero() {
            self.problem(name, Problem::NotWholeOre);
            return None;
        }
        let cents = cents.to_i64().map(Cents);
        if cents.is_none() {
            self.problem(name, Problem::OutOfRange);
        }
        cents
    }

    pub(crate) fn date(&mut self, name: &str, value: &Value) -> Option<NaiveDate> {
        let date = value.as_date();
        if date.is_none() {
            self.problem(name, Problem::CannotBeCleared);
        }
        date
    }

    /// The id of the record that is referred to. Null has none, and gives the answer `None`, too:
    /// ask for null before.
    pub(crate) fn id<N: std::str::FromStr>(&mut self, name: &str, value: &Value) -> Option<N> {
        let reference = value.as_reference();
        let id = reference.and_then(|reference| reference.key.as_str().parse().ok());
        if id.is_none() {
            self.problem(name, Problem::NotLinked);
        }
        id
    }

    /// The user who is referred to; null is nobody, which Kleer writes as 0.
    pub(crate) fn user(&mut self, name: &str, value: &Value) -> Option<UserReference> {
        if value.is_null() {
            return Some(UserReference::new(UserId(0)));
        }
        self.id::<UserId>(name, value).map(UserReference::new)
    }

    /// The ids in a set; null is the empty one.
    pub(crate) fn ids<N: TryFrom<i64>>(&mut self, name: &str, value: &Value) -> Option<Vec<N>> {
        let mut ids = Vec::new();
        for element in value.as_set().into_iter().flat_map(|set| set.iter()) {
            let id = element.as_integer().and_then(|id| N::try_from(id).ok());
            let Some(id) = id else {
                self.problem(name, Problem::OutOfRange);
                return None;
            };
            ids.push(id);
        }
        Some(ids)
    }

    /// The users in a set of references; null is the empty one.
    pub(crate) fn users(&mut self, name: &str, value: &Value) -> Option<Vec<UserId>> {
        let mut users = Vec::new();
        for element in value.as_set().into_iter().flat_map(|set| set.iter()) {
            users.push(self.id::<UserId>(name, element)?);
        }
        Some(users)
    }
}
