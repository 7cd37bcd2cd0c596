//! What is done with a value on its way, and how it is undone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use flat_record::Kind;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::datum::{self, Datum};
use crate::error::Problem;
use crate::function::Function;

mod identifier;
mod shape;
mod texts;

pub(crate) use identifier::Identifier;
pub(crate) use shape::Shape;
use texts::{
    collapse, date_of_timestamp, empty_to_null, join, look_up, no_prefix, parse, parse_date,
    parse_number, recase, split, text, trim, unjoin, unset,
};

/// A table of texts to texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) forward: BTreeMap<String, String>,
    /// The other way, or two texts that lead to one.
    pub(crate) backward: Result<BTreeMap<String, String>, (String, String)>,
}

/// What a lookup does with a text that the table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    Error,
    Keep,
    Null,
}

/// Which of the two ways a joined text is taken apart again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SplitAt {
    First,
    Last,
}

/// Which part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    BeforeFirst,
    AfterFirst,
    BeforeLast,
    AfterLast,
}

/// What a text is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Integer,
    Decimal,
    Bool,
    Date,
}

/// One transform.
#[derive(Clone)]
pub(crate) enum Transform {
    Trim,
    Collapse,
    Upper,
    Lower,
    EmptyToNull,
    NullToEmpty,
    /// Of several values, made one text.
    Join {
        separator: String,
        back: Option<SplitAt>,
    },
    /// The other way of a join: two values of one text.
    Unjoin {
        separator: String,
        at: SplitAt,
    },
    Split {
        separator: String,
        part: Part,
    },
    Replace {
        from: String,
        to: String,
    },
    Lookup {
        table: Arc<Table>,
        unknown: Unknown,
        backward: bool,
    },
    Default(Datum<'static>),
    /// A text in one of these formats to a date; backwards by the first.
    Date(Vec<String>),
    FormatDate(String),
    /// The date of a timestamp as written.
    DateOfTimestamp {
        ignore_time: bool,
    },
    /// The midnight with which a date is written as a timestamp.
    TimestampOfDate,
    /// A text with these separators to a number.
    Number {
        decimal: char,
        group: Option<char>,
    },
    FormatNumber {
        decimal: char,
    },
    Scale(Decimal),
    /// Backwards: divided, exactly.
    Unscale(Decimal),
    Round(u32),
    /// A text to what it says.
    Parse(Scalar),
    /// A value to the text that says it.
    Text(Scalar),
    Prefix(String),
    StripPrefix(String),
    /// A list, or a text with separators, to a set.
    Set(Option<String>),
    Unset(Option<String>),
    Reference(Kind),
    Unreference(Kind),
    Normalise(Identifier),
    Call {
        name: String,
        function: Function,
        backward: bool,
    },
}

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Scalar {
    fn shape(self) -> Shape {
        match self {
            Self::Integer => Shape::Integer,
            Self::Decimal => Shape::Decimal,
            Self::Bool => Shape::Bool,
            Self::Date => Shape::Date,
        }
    }
}

impl Transform {
    /// The name by which a profile calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Trim => "trim",
            Self::Collapse => "collapse",
            Self::Upper => "upper",
            Self::Lower => "lower",
            Self::EmptyToNull => "empty-to-null",
            Self::NullToEmpty => "null-to-empty",
            Self::Join { .. } | Self::Unjoin { .. } => "join",
            Self::Split { .. } => "split",
            Self::Replace { .. } => "replace",
            Self::Lookup { .. } => "lookup",
            Self::Default(_) => "default",
            Self::Date(_) | Self::FormatDate(_) => "date",
            Self::DateOfTimestamp { .. } | Self::TimestampOfDate => "date-of-timestamp",
            Self::Number { .. } | Self::FormatNumber { .. } => "number",
            Self::Scale(_) | Self::Unscale(_) => "scale",
            Self::Round(_) => "round",
            Self::Parse(_) => "parse",
            Self::Text(_) => "text",
            Self::Prefix(_) | Self::StripPrefix(_) => "prefix",
            Self::Set(_) | Self::Unset(_) => "set",
            Self::Reference(_) | Self::Unreference(_) => "reference",
            Self::Normalise(_) => "normalise",
            Self::Call { .. } => "call",
        }
    }

    /// What it makes of a shape, or what it expects instead.
    pub(crate) fn shape(&self, shape: Shape) -> Result<Shape, &'static str> {
        let takes = |expected: &[Shape], name: &'static str, becomes: Shape| {
            if shape == Shape::Any || expected.contains(&shape) {
                Ok(becomes)
            } else {
                Err(name)
            }
        };
        let texts = &[Shape::Text, Shape::List, Shape::Set];
        // Of a list, each element.
        let each = |becomes: Shape| match shape {
            Shape::List | Shape::Set => shape,
            _ => becomes,
        };
        match self {
            Self::Trim
            | Self::Collapse
            | Self::Upper
            | Self::Lower
            | Self::Replace { .. }
            | Self::Prefix(_)
            | Self::StripPrefix(_)
            | Self::Lookup { .. } => {
                let becomes = if shape == Shape::Any {
                    shape
                } else {
                    each(Shape::Text)
                };
                takes(texts, "a text", becomes)
            }
            Self::Normalise(_) | Self::Split { .. } => takes(texts, "a text", each(Shape::Text)),
            Self::EmptyToNull | Self::NullToEmpty => takes(texts, "a text", shape),
            Self::Join { .. } => takes(&[Shape::List], "several values", Shape::Text),
            Self::Unjoin { .. } => takes(&[Shape::Text], "a text", Shape::List),
            Self::Default(_) => Ok(shape),
            Self::Date(_) => takes(&[Shape::Text], "a text", Shape::Date),
            Self::DateOfTimestamp { .. } => {
                takes(&[Shape::Text, Shape::Timestamp], "a timestamp", Shape::Date)
            }
            Self::FormatDate(_) | Self::TimestampOfDate => {
                takes(&[Shape::Date], "a date", Shape::Text)
            }
            Self::Number { .. } => takes(&[Shape::Text], "a text", Shape::Decimal),
            Self::FormatNumber { .. } => {
                takes(&[Shape::Integer, Shape::Decimal], "a number", Shape::Text)
            }
            Self::Scale(_) | Self::Unscale(_) | Self::Round(_) => takes(
                &[Shape::Integer, Shape::Decimal],
                "a number",
                Shape::Decimal,
            ),
            Self::Parse(scalar) => takes(texts, "a text", each(scalar.shape())),
            Self::Text(scalar) => {
                let from = match scalar {
                    Scalar::Decimal => &[Shape::Decimal, Shape::Integer][..],
                    Scalar::Integer => &[Shape::Integer],
                    Scalar::Bool => &[Shape::Bool],
                    Scalar::Date => &[Shape::Date],
                };
                match shape {
                    Shape::List | Shape::Set => Ok(shape),
                    _ => takes(from, scalar.shape().name(), Shape::Text),
                }
            }
            Self::Set(Some(_)) => takes(&[Shape::Text], "a text", Shape::Set),
            Self::Set(None) => takes(&[Shape::List], "a list", Shape::Set),
            Self::Unset(Some(_)) => takes(&[Shape::Set], "a set", Shape::Text),
            Self::Unset(None) => takes(&[Shape::Set], "a set", Shape::List),
            Self::Reference(_) => takes(
                &[Shape::Text, Shape::Integer, Shape::List, Shape::Set],
                "a text or a whole number",
                each(Shape::Reference),
            ),
            Self::Unreference(_) => takes(
                &[Shape::Reference, Shape::List, Shape::Set],
                "a reference",
                each(Shape::Text),
            ),
            Self::Call { .. } => Ok(Shape::Any),
        }
    }

    /// What undoes it; `Ok(None)` if nothing needs to be done.
    pub(crate) fn reverse(&self) -> Result<Option<Self>, String> {
        Ok(Some(match self {
            // What has been normalised is a value of the source too, and null clears there.
            Self::EmptyToNull
            | Self::Trim
            | Self::Collapse
            | Self::Normalise(_)
            | Self::Default(_) => {
                return Ok(None);
            }
            Self::Upper | Self::Lower => {
                return Err("the letter case of the source is lost".to_owned());
            }
            Self::NullToEmpty => Self::EmptyToNull,
            Self::Join {
                separator,
                back: Some(at),
            } => Self::Unjoin {
                separator: separator.clone(),
                at: *at,
            },
            Self::Join { back: None, .. } => {
                return Err(
                    "where the joined text is to be split is not said: add `back`".to_owned(),
                );
            }
            Self::Unjoin { separator, at } => Self::Join {
                separator: separator.clone(),
                back: Some(*at),
            },
            Self::Split { .. } => return Err("the other part of the text is lost".to_owned()),
            Self::Replace { .. } => return Err("what was replaced is lost".to_owned()),
            Self::Round(_) => return Err("the digits that were rounded away are lost".to_owned()),
            Self::Lookup {
                table,
                unknown,
                backward: false,
            } => {
                if let Err((one, other)) = &table.backward {
                    return Err(format!(
                        "in the table `{}`, {one:?} and {other:?} lead to the same text",
                        table.name
                    ));
                }
                if *unknown == Unknown::Null {
                    return Err("texts that the table does not have are lost".to_owned());
                }
                Self::Lookup {
                    table: Arc::clone(table),
                    unknown: *unknown,
                    backward: true,
                }
            }
            Self::Lookup {
                table,
                unknown,
                backward: true,
            } => Self::Lookup {
                table: Arc::clone(table),
                unknown: *unknown,
                backward: false,
            },
            Self::Date(formats) => Self::FormatDate(formats.first().cloned().unwrap_or_default()),
            Self::FormatDate(format) => Self::Date(vec![format.clone()]),
            Self::DateOfTimestamp { ignore_time: false } => Self::TimestampOfDate,
            Self::DateOfTimestamp { ignore_time: true } => {
                return Err("the time of day is lost".to_owned());
            }
            Self::TimestampOfDate => Self::DateOfTimestamp { ignore_time: false },
            Self::Number { decimal, .. } => Self::FormatNumber { decimal: *decimal },
            Self::FormatNumber { decimal } => Self::Number {
                decimal: *decimal,
                group: None,
            },
            Self::Scale(factor) => Self::Unscale(*factor),
            Self::Unscale(factor) => Self::Scale(*factor),
            Self::Parse(scalar) => Self::Text(*scalar),
            Self::Text(scalar) => Self::Parse(*scalar),
            Self::Prefix(prefix) => Self::StripPrefix(prefix.clone()),
            Self::StripPrefix(prefix) => Self::Prefix(prefix.clone()),
            Self::Set(separator) => Self::Unset(separator.clone()),
            Self::Unset(separator) => Self::Set(separator.clone()),
            Self::Reference(kind) => Self::Unreference(kind.clone()),
            Self::Unreference(kind) => Self::Reference(kind.clone()),
            Self::Call {
                name,
                function,
                backward,
            } => {
                if !function.is_reversible() {
                    return Err(format!("the function `{name}` has no way back"));
                }
                Self::Call {
                    name: name.clone(),
                    function: function.clone(),
                    backward: !backward,
                }
            }
        }))
    }

    /// Whether what it makes of a value is not known before it is used: it calls the app, or
    /// depends on the day.
    pub(crate) fn is_of_the_moment(&self) -> bool {
        matches!(
            self,
            Self::Call { .. } | Self::Normalise(Identifier::PersonalNumber)
        )
    }

    /// Carries it out. Nothing is made of null but by [`Default`](Self::Default) and
    /// [`NullToEmpty`](Self::NullToEmpty).
    pub(crate) fn apply<'a>(&self, datum: Datum<'a>, day: NaiveDate) -> Result<Datum<'a>, Problem> {
        match (self, datum) {
            (Self::Default(default), Datum::Null) => Ok(default.clone()),
            (Self::NullToEmpty, Datum::Null) => Ok(Datum::Text(Cow::Borrowed(""))),
            (_, Datum::Null) => Ok(Datum::Null),
            (Self::Default(_) | Self::NullToEmpty, datum) => Ok(datum),
            (Self::EmptyToNull, datum) => Ok(empty_to_null(datum)),
            (Self::Join { separator, .. }, Datum::List(parts)) => join(parts, separator),
            (Self::Unset(Some(separator)), Datum::Set(parts)) => unset(parts, separator),
            (Self::Unjoin { separator, at }, Datum::Text(text)) => Ok(unjoin(text, separator, *at)),
            (Self::Set(None), Datum::List(parts)) => Ok(Datum::Set(parts)),
            (Self::Unset(None), Datum::Set(parts)) => Ok(Datum::List(parts)),
            // Of a list, each element.
            (_, Datum::List(parts)) if self.is_of_each() => {
                Ok(Datum::List(self.apply_to_each(parts, day)?))
            }
            (_, Datum::Set(parts)) if self.is_of_each() => {
                Ok(Datum::Set(self.apply_to_each(parts, day)?))
            }
            (Self::Call { .. }, datum) => self.call(datum),
            (_, Datum::Text(text)) => self.apply_to_text(text, day),
            (Self::FormatDate(format), Datum::Date(date)) => {
                Ok(text(date.format(format).to_string()))
            }
            (Self::DateOfTimestamp { ignore_time }, Datum::Timestamp(timestamp)) => {
                date_of_timestamp(timestamp, *ignore_time)
            }
            (Self::TimestampOfDate, Datum::Date(date)) => Ok(text(format!("{date}T00:00:00.000Z"))),
            (Self::Text(Scalar::Bool), Datum::Bool(flag)) => {
                Ok(Datum::Text(Cow::Borrowed(if flag {
                    "true"
                } else {
                    "false"
                })))
            }
            (Self::Text(Scalar::Date), Datum::Date(date)) => Ok(text(date.to_string())),
            (Self::Text(Scalar::Integer | Scalar::Decimal), Datum::Integer(integer)) => {
                Ok(text(integer.to_string()))
            }
            (Self::Text(Scalar::Decimal), Datum::Decimal(number)) => {
                Ok(text(number.normalize().to_string()))
            }
            (Self::Reference(kind), Datum::Integer(key)) => {
                Ok(Datum::reference(kind.clone(), Cow::Owned(key.to_string())))
            }
            (Self::Unreference(kind), Datum::Reference(reference)) if *kind == reference.0 => {
                Ok(Datum::Text(reference.1))
            }
            (_, Datum::Integer(integer)) => self.apply_to_number(integer.into(), "a whole number"),
            (_, Datum::Decimal(number)) => self.apply_to_number(number, "a number"),
            (_, datum) => Err(self.cannot(datum.name())),
        }
    }

    fn call(&self, datum: Datum<'_>) -> Result<Datum<'static>, Problem> {
        let Self::Call {
            name,
            function,
            backward,
        } = self
        else {
            return Err(self.cannot(datum.name()));
        };
        function
            .call(datum, *backward)
            .map_err(|why| Problem::Function {
                function: name.clone(),
                why,
            })
    }

    fn cannot(&self, found: &'static str) -> Problem {
        Problem::Transform {
            transform: self.name(),
            found,
        }
    }

    /// Whether a list is transformed element by element.
    fn is_of_each(&self) -> bool {
        matches!(
            self,
            Self::Trim
                | Self::Collapse
                | Self::Upper
                | Self::Lower
                | Self::Replace { .. }
                | Self::Prefix(_)
                | Self::StripPrefix(_)
                | Self::Lookup { .. }
                | Self::Split { .. }
                | Self::Normalise(_)
                | Self::Parse(_)
                | Self::Text(_)
                | Self::Reference(_)
                | Self::Unreference(_)
        )
    }

    fn apply_to_each<'a>(
        &self,
        parts: Vec<Datum<'a>>,
        day: NaiveDate,
    ) -> Result<Vec<Datum<'a>>, Problem> {
        parts
            .into_iter()
            .map(|part| self.apply(part, day))
            .collect()
    }

    fn apply_to_text<'a>(&self, given: Cow<'a, str>, day: NaiveDate) -> Result<Datum<'a>, Problem> {
        Ok(Datum::Text(match self {
            Self::Trim => trim(given),
            Self::Collapse => collapse(given),
            Self::Upper => recase(given, str::to_uppercase),
            Self::Lower => recase(given, str::to_lowercase),
            Self::Split { separator, part } => split(given, separator, *part),
            Self::Replace { from, to } => {
                if given.contains(from.as_str()) {
                    Cow::Owned(given.replace(from.as_str(), to))
                } else {
                    given
                }
            }
            Self::Lookup {
                table,
                unknown,
                backward,
            } => return look_up(table, *unknown, *backward, given),
            Self::Prefix(prefix) => Cow::Owned(format!("{prefix}{given}")),
            Self::StripPrefix(prefix) => match given {
                Cow::Borrowed(text) => Cow::Borrowed(
                    text.strip_prefix(prefix.as_str())
                        .ok_or_else(|| no_prefix(prefix))?,
                ),
                Cow::Owned(text) => Cow::Owned(
                    text.strip_prefix(prefix.as_str())
                        .ok_or_else(|| no_prefix(prefix))?
                        .to_owned(),
                ),
            },
            Self::Normalise(identifier) => Cow::Owned(identifier.normalise(&given, day)?),
            Self::Date(formats) => return parse_date(&given, formats),
            Self::DateOfTimestamp { ignore_time } => {
                // Some write a date where there is no time.
                if given.len() == 10 {
                    return datum::date(&given).map(Datum::Date);
                }
                if let Some(date) = datum::midnight(&given) {
                    return Ok(Datum::Date(date));
                }
                return date_of_timestamp(datum::timestamp(&given)?, *ignore_time);
            }
            Self::Number { decimal, group } => return parse_number(&given, *decimal, *group),
            Self::Parse(scalar) => return parse(&given, *scalar),
            // Systems that write numbers as texts here and there: it is one already.
            Self::Text(_) => given,
            Self::Set(Some(separator)) => {
                let parts = given.split(separator.as_str()).map(str::trim);
                let parts = parts.filter(|part| !part.is_empty());
                return Ok(Datum::Set(
                    parts.map(|part| text(part.to_owned())).collect(),
                ));
            }
            Self::Reference(kind) => return Ok(Datum::reference(kind.clone(), given)),
            _ => return Err(self.cannot("a text")),
        }))
    }

    fn apply_to_number(
        &self,
        number: Decimal,
        found: &'static str,
    ) -> Result<Datum<'static>, Problem> {
        Ok(match self {
            Self::Scale(factor) => {
                Datum::Decimal(number.checked_mul(*factor).ok_or(Problem::Number)?)
            }
            Self::Unscale(factor) => {
                let quotient = number.checked_div(*factor).ok_or(Problem::Number)?;
                if quotient.checked_mul(*factor) != Some(number) {
                    return Err(Problem::NotDivisible {
                        by: factor.to_string(),
                    });
                }
                Datum::Decimal(quotient.normalize())
            }
            Self::Round(places) => Datum::Decimal(
                number.round_dp_with_strategy(*places, RoundingStrategy::MidpointAwayFromZero),
            ),
            Self::FormatNumber { decimal } => text(
                number
                    .normalize()
                    .to_string()
                    .replace('.', &decimal.to_string()),
            ),
            _ => return Err(self.cannot(found)),
        })
    }
}
