//! When two values of a field are the same.

use std::borrow::Cow;

use chrono::{DateTime, DurationRound, FixedOffset, TimeDelta};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::text::Text;
use crate::value::Value;

/// What is done with white space before texts are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WhiteSpace {
    /// Nothing: it counts.
    #[default]
    Exact,
    /// At the ends it does not count.
    Trim,
    /// At the ends it does not count, and within the text every run is one space.
    Collapse,
}

/// How exactly timestamps are compared: as the instant, cut down to this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Precision {
    /// To the nanosecond.
    #[default]
    Exact,
    /// To the millisecond.
    Millisecond,
    /// To the second.
    Second,
    /// To the minute.
    Minute,
}

/// When two values of a field are the same.
///
/// [`Equivalence::EXACT`] is `==` of [`Value`]: `1.0` is `1.00`, and an instant is the same in
/// every offset. The rest are rules on top, each for the kinds it fits; elements of lists and sets
/// are compared by the same rules. Two values are equivalent if their [canonical](Self::canonical)
/// forms are equal, so equivalence is transitive, and values that are equivalent
/// [hash](crate::HashKey::hash) equal.
///
/// ```
/// use flat_record::{Equivalence, Value, WhiteSpace};
///
/// let name = Equivalence::EXACT.fold_case().white_space(WhiteSpace::Collapse).composed();
/// // "Åsa" with a ring of its own, in capitals, with two spaces:
/// assert!(name.equal(&Value::from("A\u{30A}SA  ek"), &Value::from("Åsa Ek")));
/// assert!(!name.equal(&Value::from("Asa Ek"), &Value::from("Åsa Ek")));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Equivalence {
    fold_case: bool,
    white_space: WhiteSpace,
    composed: bool,
    decimal_places: Option<u32>,
    precision: Precision,
    empty_is_null: bool,
}

impl Equivalence {
    /// `==` of [`Value`].
    pub const EXACT: Self = Self {
        fold_case: false,
        white_space: WhiteSpace::Exact,
        composed: false,
        decimal_places: None,
        precision: Precision::Exact,
        empty_is_null: false,
    };

    /// Texts: upper and lower case are the same (`Straße` is `STRASSE`).
    ///
    /// Each character is put into lower, upper and lower case, without regard to any language; the
    /// result is composed (Unicode NFC).
    #[must_use]
    pub const fn fold_case(mut self) -> Self {
        self.fold_case = true;
        self
    }

    /// Texts: what is done with white space (Unicode's `White_Space`).
    #[must_use]
    pub const fn white_space(mut self, rule: WhiteSpace) -> Self {
        self.white_space = rule;
        self
    }

    /// Texts: compared in Unicode's composed form (NFC), so that `é` is `e` with an accent.
    #[must_use]
    pub const fn composed(mut self) -> Self {
        self.composed = true;
        self
    }

    /// Decimals: rounded to so many places, halves away from zero. Rounding keeps equivalence
    /// transitive, which "differ by less than" is not: 0.014 and 0.016 differ at two places.
    #[must_use]
    pub const fn decimal_places(mut self, places: u32) -> Self {
        self.decimal_places = Some(places);
        self
    }

    /// Timestamps: cut down to this precision.
    #[must_use]
    pub const fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// An empty text, list or set is the same as null: many systems cannot tell them apart. Of a
    /// text, what is left after the rule for white space is looked at.
    #[must_use]
    pub const fn empty_is_null(mut self) -> Self {
        self.empty_is_null = true;
        self
    }

    /// Whether this is [`Equivalence::EXACT`].
    pub fn is_exact(&self) -> bool {
        *self == Self::EXACT
    }

    /// Whether two values are the same under these rules.
    pub fn equal(&self, left: &Value, right: &Value) -> bool {
        // The canonical form is a function of the value, so equal values need not be looked at.
        left == right || (!self.is_exact() && self.canonical(left) == self.canonical(right))
    }

    /// The one value that stands for all that are equivalent to this one.
    ///
    /// ```
    /// use flat_record::{Equivalence, Value, WhiteSpace};
    ///
    /// let code = Equivalence::EXACT.fold_case().white_space(WhiteSpace::Trim);
    /// assert_eq!(*code.canonical(&Value::from(" SEK")), Value::from("sek"));
    /// ```
    pub fn canonical<'a>(&self, value: &'a Value) -> Cow<'a, Value> {
        match value {
            Value::Text(text) => {
                let canonical = self.canonical_text(text);
                if canonical.is_empty() && self.empty_is_null {
                    return Cow::Owned(Value::Null);
                }
                match canonical {
                    Cow::Borrowed(same) if same.len() == text.len() => Cow::Borrowed(value),
                    changed => Cow::Owned(Value::Text(Text::from(&*changed))),
                }
            }
            Value::Decimal(amount) => Cow::Owned(Value::Decimal(self.canonical_decimal(*amount))),
            Value::Timestamp(instant) => {
                Cow::Owned(Value::Timestamp(self.canonical_timestamp(*instant)))
            }
            Value::List(elements) if elements.is_empty() && self.empty_is_null => {
                Cow::Owned(Value::Null)
            }
            Value::Set(elements) if elements.is_empty() && self.empty_is_null => {
                Cow::Owned(Value::Null)
            }
            Value::List(elements) => Cow::Owned(Value::list(
                elements.iter().map(|one| self.canonical(one).into_owned()),
            )),
            Value::Set(elements) => Cow::Owned(Value::set(
                elements.iter().map(|one| self.canonical(one).into_owned()),
            )),
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Date(_)
            | Value::Reference(_) => Cow::Borrowed(value),
        }
    }

    /// The canonical form of a text, by the rules for texts alone.
    pub fn canonical_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let spaced = match self.white_space {
            WhiteSpace::Exact => Cow::Borrowed(text),
            WhiteSpace::Trim => Cow::Borrowed(text.trim()),
            WhiteSpace::Collapse => collapse(text),
        };
        let folded = if !self.fold_case || is_folded_ascii(&spaced) {
            spaced
        } else if spaced.is_ascii() {
            Cow::Owned(spaced.to_ascii_lowercase())
        } else {
            Cow::Owned(fold(&spaced))
        };
        if self.composed && is_nfc_quick(folded.chars()) != IsNormalized::Yes {
            Cow::Owned(folded.nfc().collect())
        } else {
            folded
        }
    }

    pub(crate) fn canonical_decimal(&self, amount: Decimal) -> Decimal {
        let rounded = match self.decimal_places {
            None => amount,
            Some(places) => {
                amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
            }
        };
        // Minus nothing is nothing.
        if rounded.is_zero() {
            Decimal::ZERO
        } else {
            rounded.normalize()
        }
    }

    pub(crate) fn canonical_timestamp(
        &self,
        instant: DateTime<FixedOffset>,
    ) -> DateTime<FixedOffset> {
        let step = match self.precision {
            Precision::Exact => return instant.to_utc().fixed_offset(),
            Precision::Millisecond => TimeDelta::milliseconds(1),
            Precision::Second => TimeDelta::seconds(1),
            Precision::Minute => TimeDelta::minutes(1),
        };
        let instant = instant.to_utc();
        // Fails only some 290 years away from 1970: such an instant is compared exactly.
        instant
            .duration_trunc(step)
            .unwrap_or(instant)
            .fixed_offset()
    }
}

fn is_folded_ascii(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
}

fn fold(text: &str) -> String {
    // Composed before, since an accent of its own may change with its letter, and after, since a
    // letter may fall apart. Into lower case twice, since ẞ leads to SS by way of ß only.
    let lower = text.nfc().flat_map(char::to_lowercase);
    let folded = lower
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase);
    folded.nfc().collect()
}

fn collapse(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    let mut after_space = false;
    let single = trimmed.chars().all(|one| {
        let fine = !one.is_whitespace() || (one == ' ' && !after_space);
        after_space = one.is_whitespace();
        fine
    });
    if single {
        return Cow::Borrowed(trimmed);
    }
    let mut collapsed = String::with_capacity(trimmed.len());
    for word in trimmed.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    Cow::Owned(collapsed)
}
