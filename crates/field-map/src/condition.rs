//! When a row applies.

use flat_record::Value;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::datum::Datum;
use crate::path::{Found, PathProblem};

/// A value that a profile writes down: of a setting, or to compare with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A text; a date is compared as one, `YYYY-MM-DD`.
    Text(String),
    /// A number.
    Number(Decimal),
    /// True or false.
    Bool(bool),
}

impl Literal {
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "true or false",
        }
    }

    pub(crate) fn datum(&self) -> Datum<'static> {
        match self {
            Self::Text(text) => Datum::Text(text.clone().into()),
            Self::Bool(flag) => Datum::Bool(*flag),
            Self::Number(number) => match crate::datum::integer(*number) {
                Some(integer) => Datum::Integer(integer),
                None => Datum::Decimal(*number),
            },
        }
    }
}

impl From<bool> for Literal {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Literal {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<Decimal> for Literal {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Bool(flag) => flag.fmt(f),
        }
    }
}

/// What a value is tested for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Present(bool),
    Equals(Literal),
    NotEquals(Literal),
    In(Vec<Literal>),
    Order {
        /// Fits what is less.
        less: bool,
        /// Fits what is equal.
        equal: bool,
        than: Literal,
    },
}

/// A condition; `W` is what a test looks at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition<W> {
    Test(W, Test),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

/// What a test of a profile looks at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Subject {
    /// A value of the document.
    Path(String),
    /// A field of the record.
    Field(String),
    /// A setting of the connection.
    Setting(String),
}

/// What a test of a mapper looks at: settings are decided when it is compiled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Look {
    /// What the path leads to.
    Place(usize),
    /// The value in the slot.
    Slot(usize),
}

impl Condition<Look> {
    pub(crate) const ALWAYS: Self = Self::All(Vec::new());
    pub(crate) const NEVER: Self = Self::Any(Vec::new());

    /// Decides what is decided without looking.
    pub(crate) fn simplify(self) -> Self {
        match self {
            Self::All(all) => {
                let mut rest: Vec<_> = all.into_iter().map(Self::simplify).collect();
                if rest.contains(&Self::NEVER) {
                    return Self::NEVER;
                }
                rest.retain(|one| *one != Self::ALWAYS);
                if rest.len() == 1 {
                    rest.remove(0)
                } else {
                    Self::All(rest)
                }
            }
            Self::Any(any) => {
                let mut rest: Vec<_> = any.into_iter().map(Self::simplify).collect();
                if rest.contains(&Self::ALWAYS) {
                    return Self::ALWAYS;
                }
                rest.retain(|one| *one != Self::NEVER);
                if rest.len() == 1 {
                    rest.remove(0)
                } else {
                    Self::Any(rest)
                }
            }
            Self::Not(not) => match not.simplify() {
                Self::All(all) if all.is_empty() => Self::NEVER,
                Self::Any(any) if any.is_empty() => Self::ALWAYS,
                other => Self::Not(Box::new(other)),
            },
            test @ Self::Test(..) => test,
        }
    }

    /// Whether it holds for a document.
    pub(crate) fn holds_for_document(&self, found: &[Found<'_>]) -> Result<bool, PathProblem> {
        self.holds(&mut |look, test| match look {
            Look::Place(place) => match found.get(*place) {
                Some(Found::One(value)) => Ok(test.fits_json(value)),
                Some(Found::Many(values)) => Ok(match test {
                    Test::Present(present) => *present != values.is_empty(),
                    test => values.iter().any(|value| test.fits_json(value)),
                }),
                Some(Found::Problem(problem)) => Err((**problem).clone()),
                Some(Found::Missing) | None => Ok(test.fits_nothing()),
            },
            Look::Slot(_) => Ok(false),
        })
    }

    /// Whether it holds for a record, of which `value` gives the value in each slot.
    pub(crate) fn holds_for_record<'r>(&self, value: impl Fn(usize) -> Option<&'r Value>) -> bool {
        let holds: Result<_, std::convert::Infallible> = self.holds(&mut |look, test| match look {
            Look::Slot(slot) => Ok(match value(*slot) {
                Some(value) => test.fits_value(value),
                None => test.fits_nothing(),
            }),
            Look::Place(_) => Ok(false),
        });
        holds.unwrap_or(false)
    }

    fn holds<E>(&self, look: &mut impl FnMut(&Look, &Test) -> Result<bool, E>) -> Result<bool, E> {
        match self {
            Self::Test(at, test) => look(at, test),
            Self::All(all) => {
                for condition in all {
                    if !condition.holds(look)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(any) => {
                for condition in any {
                    if condition.holds(look)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(not) => Ok(!not.holds(look)?),
        }
    }
}

impl Test {
    /// What a value is compared with.
    pub(crate) fn literals(&self) -> &[Literal] {
        match self {
            Self::Present(_) => &[],
            Self::In(literals) => literals,
            Self::Equals(literal)
            | Self::NotEquals(literal)
            | Self::Order { than: literal, .. } => std::slice::from_ref(literal),
        }
    }

    pub(crate) fn fits_literal(&self, value: &Literal) -> bool {
        match value {
            Literal::Text(text) => self.fits_text(text),
            Literal::Number(number) => self.fits_number(*number),
            Literal::Bool(flag) => self.fits_flag(*flag),
        }
    }

    fn fits_json(&self, value: &Json) -> bool {
        match value {
            Json::Null => self.fits_nothing(),
            Json::String(text) => self.fits_text(text),
            Json::Bool(flag) => self.fits_flag(*flag),
            Json::Number(number) => match crate::datum::decimal(&number.to_string()) {
                Some(number) => self.fits_number(number),
                None => self.fits_something(),
            },
            Json::Array(_) | Json::Object(_) => self.fits_something(),
        }
    }

    fn fits_value(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.fits_nothing(),
            Value::Bool(flag) => self.fits_flag(*flag),
            Value::Integer(integer) => self.fits_number((*integer).into()),
            Value::Decimal(decimal) => self.fits_number(*decimal),
            Value::Text(text) => self.fits_text(text.as_str()),
            Value::Date(date) => self.fits_text(&date.to_string()),
            Value::Reference(reference) => self.fits_text(reference.key.as_str()),
            Value::Timestamp(_) | Value::List(_) | Value::Set(_) => self.fits_something(),
        }
    }

    fn fits_nothing(&self) -> bool {
        matches!(self, Self::Present(false) | Self::NotEquals(_))
    }

    /// A value that can be compared with nothing.
    fn fits_something(&self) -> bool {
        matches!(self, Self::Present(true) | Self::NotEquals(_))
    }

    fn fits_text(&self, text: &str) -> bool {
        let same = |literal: &Literal| matches!(literal, Literal::Text(other) if other == text);
        match self {
            Self::Order {
                less,
                equal,
                than: Literal::Text(other),
            } => fits_order(text.cmp(other), *less, *equal),
            _ => self.fits_by(same),
        }
    }

    fn fits_number(&self, number: Decimal) -> bool {
        let same =
            |literal: &Literal| matches!(literal, Literal::Number(other) if *other == number);
        match self {
            Self::Order {
                less,
                equal,
                than: Literal::Number(other),
            } => fits_order(number.cmp(other), *less, *equal),
            _ => self.fits_by(same),
        }
    }

    fn fits_flag(&self, flag: bool) -> bool {
        self.fits_by(|literal| *literal == Literal::Bool(flag))
    }

    fn fits_by(&self, same: impl Fn(&Literal) -> bool) -> bool {
        match self {
            Self::Present(present) => *present,
            Self::Equals(literal) => same(literal),
            Self::NotEquals(literal) => !same(literal),
            Self::In(literals) => literals.iter().any(same),
            // Of different kinds: neither is before the other.
            Self::Order { .. } => false,
        }
    }
}

fn fits_order(order: std::cmp::Ordering, less: bool, equal: bool) -> bool {
    match order {
        std::cmp::Ordering::Less => less,
        std::cmp::Ordering::Equal => equal,
        std::cmp::Ordering::Greater => !less,
    }
}

impl Condition<Subject> {
    /// As a help page says it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Test(subject, test) => {
                let name = match subject {
                    Subject::Path(path) => format!("`{path}`"),
                    Subject::Field(field) => format!("field `{field}`"),
                    Subject::Setting(setting) => format!("setting `{setting}`"),
                };
                match test {
                    Test::Present(true) => format!("{name} is there"),
                    Test::Present(false) => format!("{name} is not there"),
                    Test::Equals(Literal::Bool(true)) => format!("{name} is on"),
                    Test::Equals(Literal::Bool(false)) => format!("{name} is off"),
                    Test::Equals(literal) => format!("{name} is {literal}"),
                    Test::NotEquals(literal) => format!("{name} is not {literal}"),
                    Test::In(literals) => {
                        let all: Vec<_> = literals.iter().map(ToString::to_string).collect();
                        format!("{name} is one of {}", all.join(", "))
                    }
                    Test::Order { less, equal, than } => {
                        let word = match (less, equal) {
                            (true, false) => "less than",
                            (true, true) => "at most",
                            (false, false) => "greater than",
                            (false, true) => "at least",
                        };
                        format!("{name} is {word} {than}")
                    }
                }
            }
            Self::All(all) => join(all, " and "),
            Self::Any(any) => join(any, " or "),
            Self::Not(not) => format!("not ({})", not.describe()),
        }
    }
}

fn join(conditions: &[Condition<Subject>], word: &str) -> String {
    let all: Vec<_> = conditions
        .iter()
        .map(|condition| match condition {
            Condition::All(_) | Condition::Any(_) => format!("({})", condition.describe()),
            _ => condition.describe(),
        })
        .collect();
    all.join(word)
}
