//! The rounding model of a client invoice.
//!
//! How Kleer rounds is not published. This is the model that this project states, uses to predict
//! an invoice's sums before it is posted, and gives its sandbox:
//!
//! 1. A row's net is quantity x price, less its discount, rounded **half away from zero** to whole
//!    cents. An absolute discount is subtracted after rounding, a percentage before.
//! 2. VAT is computed **per rate**: the nets of all rows of one rate are summed, and the VAT of
//!    the sum is rounded half away from zero to whole cents.
//! 3. The invoice's net and VAT are the sums of these; gross is net + VAT.
//!
//! Rule 2 is how EN 16931 computes VAT (BR-CO-17: per category and rate). EN 16931's rules round
//! halves towards plus infinity, which differs on negative amounts only; rounding away from zero
//! makes a credit the exact mirror of what it credits.
//!
//! ```
//! use kleer_model::sums::{Sums, row_net};
//! use kleer_model::{Cents, RateUnit};
//!
//! let net = row_net("2.5".parse()?, Cents(333), None, RateUnit::Percent)?;
//! assert_eq!(net, Cents(833)); // 832.5 rounded away from zero
//! let sums = Sums::of([(net, 25.into()), (Cents(1_000), 6.into())])?;
//! assert_eq!((sums.net, sums.vat), (Cents(1_833), Cents(268))); // 208.25 and 60
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{Cents, Discount, RateUnit};

/// The sums of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Sums {
    /// The sum without VAT.
    pub net: Cents,
    /// The VAT.
    pub vat: Cents,
}

/// A sum could not be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SumError {
    /// An amount is beyond 64 bits of cents.
    OutOfRange,
    /// The discount is of a kind that this version does not know.
    UnknownDiscount,
}

impl fmt::Display for SumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfRange => "an amount is out of range",
            Self::UnknownDiscount => "the discount is of an unknown kind",
        })
    }
}

impl std::error::Error for SumError {}

/// Rounds an amount in cents half away from zero to whole cents.
fn whole_cents(amount: Decimal) -> Result<Cents, SumError> {
    let rounded = amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    i64::try_from(rounded.mantissa())
        .map(Cents)
        .map_err(|_| SumError::OutOfRange)
}

fn times(left: Decimal, right: Decimal) -> Result<Decimal, SumError> {
    left.checked_mul(right).ok_or(SumError::OutOfRange)
}

/// The net of a row: rule 1 of the [model](self). `unit` says how a percentage discount is written.
///
/// # Errors
/// When the amount is out of range, or the discount is of a kind that is not known here.
pub fn row_net(
    quantity: Decimal,
    price: Cents,
    discount: Option<&Discount>,
    unit: RateUnit,
) -> Result<Cents, SumError> {
    let full = times(quantity, Decimal::from(price.0))?;
    match discount {
        None => whole_cents(full),
        Some(Discount::Absolute(off)) => whole_cents(full)?
            .checked_sub(*off)
            .ok_or(SumError::OutOfRange),
        Some(Discount::Percentage(rate)) => {
            let kept = Decimal::ONE_HUNDRED
                .checked_sub(rate.to_percent(unit))
                .ok_or(SumError::OutOfRange)?;
            whole_cents(times(full, kept)? / Decimal::ONE_HUNDRED)
        }
        Some(_) => Err(SumError::UnknownDiscount),
    }
}

impl Sums {
    /// The sums of rows, each given by its net and its VAT percentage (25 for 25 %): rules 2 and
    /// 3 of the [model](self).
    ///
    /// # Errors
    /// When a sum is out of range.
    pub fn of(rows: impl IntoIterator<Item = (Cents, Decimal)>) -> Result<Self, SumError> {
        // 25 and 25.0 are one rate: decimals compare by value.
        let mut nets: BTreeMap<Decimal, Cents> = BTreeMap::new();
        let add = |sum: Cents, more| sum.checked_add(more).ok_or(SumError::OutOfRange);
        for (net, percent) in rows {
            let sum = nets.entry(percent).or_default();
            *sum = add(*sum, net)?;
        }
        let mut sums = Self::default();
        for (percent, net) in nets {
            let vat = whole_cents(times(Decimal::from(net.0), percent)? / Decimal::ONE_HUNDRED)?;
            sums = Self {
                net: add(sums.net, net)?,
                vat: add(sums.vat, vat)?,
            };
        }
        Ok(sums)
    }

    /// Net and VAT together; `None` if that is out of range.
    pub fn gross(self) -> Option<Cents> {
        self.net.checked_add(self.vat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rate;

    fn net(quantity: &str, price: i64, discount: Option<&Discount>) -> Result<Cents, SumError> {
        row_net(
            quantity.parse().unwrap(),
            Cents(price),
            discount,
            RateUnit::Percent,
        )
    }

    #[test]
    fn halves_are_rounded_away_from_zero_on_both_sides() {
        assert_eq!(net("0.5", 1, None), Ok(Cents(1)));
        assert_eq!(net("-0.5", 1, None), Ok(Cents(-1)));
        assert_eq!(net("0.49", 1, None), Ok(Cents(0)));
    }

    #[test]
    fn an_absolute_discount_is_subtracted_after_rounding_a_percentage_before() {
        assert_eq!(
            net("1.5", 101, Some(&Discount::Absolute(Cents(1)))),
            Ok(Cents(151))
        );
        let third = Discount::Percentage(Rate("33.3".parse().unwrap()));
        assert_eq!(net("1.5", 101, Some(&third)), Ok(Cents(101))); // 151.5 x 0.667 = 101.05
        let fraction = Discount::Percentage(Rate("0.1".parse().unwrap()));
        assert_eq!(
            row_net(
                Decimal::TEN,
                Cents(100),
                Some(&fraction),
                RateUnit::Fraction
            ),
            Ok(Cents(900))
        );
    }

    #[test]
    fn vat_is_rounded_once_per_rate() {
        // Each row alone would give 0.25 -> 0; together they give 0.5 -> 1.
        let rows = [
            (Cents(1), Decimal::from(25)),
            (Cents(1), "25.0".parse().unwrap()),
        ];
        assert_eq!(
            Sums::of(rows).unwrap(),
            Sums {
                net: Cents(2),
                vat: Cents(1)
            }
        );
        let mixed = [(Cents(1), Decimal::from(25)), (Cents(1), Decimal::from(24))];
        assert_eq!(Sums::of(mixed).unwrap().vat, Cents(0));
    }

    #[test]
    fn a_credit_is_the_mirror_of_its_debit() {
        let rows = [
            (Cents(333), Decimal::from(25)),
            (Cents(1_002), Decimal::from(12)),
        ];
        let debit = Sums::of(rows).unwrap();
        let credit = Sums::of(rows.map(|(net, rate)| (Cents(-net.0), rate))).unwrap();
        assert_eq!((credit.net.0, credit.vat.0), (-debit.net.0, -debit.vat.0));
    }

    #[test]
    fn amounts_out_of_range_are_errors() {
        assert_eq!(
            net("79228162514264337593543950335", 2, None),
            Err(SumError::OutOfRange)
        );
        assert_eq!(net("1", i64::MAX, None), Ok(Cents(i64::MAX)));
        assert_eq!(net("2", i64::MAX, None), Err(SumError::OutOfRange));
        let rows = [(Cents(i64::MAX), Decimal::ZERO), (Cents(1), Decimal::ZERO)];
        assert_eq!(Sums::of(rows), Err(SumError::OutOfRange));
    }
}
