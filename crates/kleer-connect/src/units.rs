//! How Kleer writes salaries and rates: asked of the caller, or found out from Kleer's own data.

use std::fmt;

use kleer_client::Kleer;
use kleer_model::{Cents, Rate, RateUnit, SalaryAmount, SalaryUnit};
use rust_decimal::Decimal;
use serde::Serialize;
use thiserror::Error;

use crate::configuration::Connection;

/// How Kleer writes salaries and rates in one company.
///
/// Neither is established, and a wrong guess is off by a factor of 100, so there is no default: they
/// stand in the configuration ([`Connection::units`]). [`Units::detect`] helps to find out what to
/// write there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Units {
    /// Whether 35,000 kronor are `35000` or `3500000`.
    pub salary: SalaryUnit,
    /// Whether 25 % are `25` or `0.25`.
    pub rate: RateUnit,
}

impl Units {
    /// These units.
    pub const fn new(salary: SalaryUnit, rate: RateUnit) -> Self {
        Self { salary, rate }
    }

    /// Finds out how this company's salaries and VAT rates are written, by those that Kleer has: of
    /// the payroll's users and of the products. Two reads; nothing is changed, and nothing of a
    /// salary is kept but how many there are.
    ///
    /// What cannot be told, or not be read, is [undecided](Detection::Undecided), with the reasons.
    /// A person looks at the evidence and writes the unit into the configuration.
    ///
    /// ```no_run
    /// # async fn example(kleer: kleer_client::Kleer) {
    /// use kleer_connect::Units;
    ///
    /// let detected = Units::detect(&kleer).await;
    /// println!("salaries: {}", detected.salary);
    /// println!("rates: {}", detected.rate);
    /// # }
    /// ```
    pub async fn detect(kleer: &Kleer) -> DetectedUnits {
        let salary = match kleer.payroll().users().await {
            Ok(users) => {
                let unread = users.rejected.len();
                let monthly = users.iter().filter_map(|user| user.monthly_salary);
                let hourly = users.iter().filter_map(|user| user.hourly_salary);
                detect_salary_unit(monthly, hourly).with_unread(unread)
            }
            Err(error) => Detection::unreadable("the payroll's users", &error),
        };
        let rate = match kleer.products().list().await {
            Ok(products) => {
                let unread = products.rejected.len();
                let rates = products.iter().filter_map(|product| product.vat_percentage);
                detect_rate_unit(rates).with_unread(unread)
            }
            Err(error) => Detection::unreadable("the products", &error),
        };
        DetectedUnits { salary, rate }
    }
}

/// What [`Units::detect`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DetectedUnits {
    /// How salaries are written.
    pub salary: Detection<SalaryUnit>,
    /// How rates are written.
    pub rate: Detection<RateUnit>,
}

impl DetectedUnits {
    /// The units, if both were found with this confidence at least.
    pub fn units(&self, least: Confidence) -> Option<Units> {
        Some(Units::new(self.salary.unit(least)?, self.rate.unit(least)?))
    }
}

/// What the data say about a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detection<U> {
    /// They speak for one unit, and nothing speaks against it.
    Decided {
        /// Which.
        unit: U,
        /// How sure that is.
        confidence: Confidence,
        /// What it is concluded from.
        evidence: Vec<Evidence>,
    },
    /// Nothing is concluded.
    Undecided {
        /// Why not.
        reasons: Vec<String>,
        /// What there was.
        evidence: Vec<Evidence>,
    },
}

/// How sure a conclusion about a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Fewer than three values say so: one that was entered wrongly may decide.
    Low,
    /// Three or more values say so, and none says anything else.
    High,
    /// It was compared with values that are known.
    Proved,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Low => "with little confidence",
            Self::High => "with high confidence",
            Self::Proved => "proved",
        })
    }
}

/// Something that speaks for a unit, or for none: how many values of a kind, and why. No value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// How many values.
    pub values: usize,
    /// What they say.
    pub says: String,
}

impl Evidence {
    fn new(values: usize, says: impl Into<String>) -> Self {
        Self {
            values,
            says: says.into(),
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.values, self.says)
    }
}

impl<U: Copy> Detection<U> {
    /// The unit, if it was found with this confidence at least.
    pub fn unit(&self, least: Confidence) -> Option<U> {
        match self {
            Self::Decided {
                unit, confidence, ..
            } if *confidence >= least => Some(*unit),
            _ => None,
        }
    }

    /// What there was to conclude from.
    pub fn evidence(&self) -> &[Evidence] {
        match self {
            Self::Decided { evidence, .. } | Self::Undecided { evidence, .. } => evidence,
        }
    }

    fn unreadable(what: &str, error: &kleer_client::Error) -> Self {
        Self::Undecided {
            reasons: vec![format!("{what} cannot be read: {error}")],
            evidence: Vec::new(),
        }
    }

    /// Items that could not be read may say otherwise.
    fn with_unread(self, unread: usize) -> Self {
        if unread == 0 {
            return self;
        }
        let note = Evidence::new(unread, "could not be understood, and may say otherwise");
        match self {
            Self::Decided {
                unit,
                confidence,
                mut evidence,
            } => {
                evidence.push(note);
                Self::Decided {
                    unit,
                    confidence: confidence.min(Confidence::Low),
                    evidence,
                }
            }
            Self::Undecided {
                reasons,
                mut evidence,
            } => {
                evidence.push(note);
                Self::Undecided { reasons, evidence }
            }
        }
    }

    /// Concludes from how many values speak for which unit.
    fn of_votes(votes: [(U, usize); 2], evidence: Vec<Evidence>, contradiction: &str) -> Self {
        let [(one, for_one), (other, for_other)] = votes;
        let (unit, number) = match (for_one, for_other) {
            (0, 0) => {
                let reasons = vec!["there is no value that tells".to_owned()];
                return Self::Undecided { reasons, evidence };
            }
            (number, 0) => (one, number),
            (0, number) => (other, number),
            _ => {
                let reasons = vec![contradiction.to_owned()];
                return Self::Undecided { reasons, evidence };
            }
        };
        let confidence = if number < 3 {
            Confidence::Low
        } else {
            Confidence::High
        };
        Self::Decided {
            unit,
            confidence,
            evidence,
        }
    }
}

impl<U: fmt::Debug> fmt::Display for Detection<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let evidence = match self {
            Self::Decided {
                unit,
                confidence,
                evidence,
            } => {
                write!(f, "{}, {confidence}", format!("{unit:?}").to_lowercase())?;
                evidence
            }
            Self::Undecided { reasons, evidence } => {
                write!(f, "undecided: {}", reasons.join("; "))?;
                evidence
            }
        };
        for (index, one) in evidence.iter().enumerate() {
            write!(f, "{}{one}", if index == 0 { " (" } else { "; " })?;
        }
        if evidence.is_empty() {
            Ok(())
        } else {
            f.write_str(")")
        }
    }
}

/// Monthly salaries in kronor: from a small part-time job to what few earn. In öre they are a hundred
/// times as much, and the two do not meet.
const MONTHLY: std::ops::RangeInclusive<i64> = 4_000..=300_000;

/// Hourly salaries in kronor.
const HOURLY: std::ops::RangeInclusive<i64> = 60..=3_000;

/// Finds out how salaries are written, from salaries of the payroll. Zeroes say nothing: they stand
/// for none.
///
/// A monthly salary of 4,000 to 300,000 is one in kronor, one of 400,000 to 30,000,000 in öre; an
/// hourly one of 60 to 3,000 is one in kronor, one of 6,000 to 300,000 in öre. What is in neither
/// range says nothing. The ranges are our judgement of Swedish salaries.
///
/// ```
/// use kleer_connect::{Confidence, detect_salary_unit};
/// use kleer_model::{SalaryAmount, SalaryUnit};
///
/// let monthly = [32_500, 41_000, 0, 38_250].map(SalaryAmount);
/// let found = detect_salary_unit(monthly, []);
/// assert_eq!(found.unit(Confidence::High), Some(SalaryUnit::Kronor));
/// let found = detect_salary_unit([SalaryAmount(32_500), SalaryAmount(4_100_000)], []);
/// assert_eq!(found.unit(Confidence::Low), None); // they contradict each other
/// ```
pub fn detect_salary_unit(
    monthly: impl IntoIterator<Item = SalaryAmount>,
    hourly: impl IntoIterator<Item = SalaryAmount>,
) -> Detection<SalaryUnit> {
    let mut evidence = Vec::new();
    let (mut kronor, mut ore) = (0, 0);
    let (monthly, hourly): (Vec<_>, Vec<_>) =
        (monthly.into_iter().collect(), hourly.into_iter().collect());
    for (amounts, range, name) in [
        (monthly, MONTHLY, "monthly salaries"),
        (hourly, HOURLY, "hourly salaries"),
    ] {
        let amounts: Vec<i64> = amounts
            .into_iter()
            .map(|SalaryAmount(amount)| amount)
            .collect();
        let amounts: Vec<i64> = amounts.into_iter().filter(|amount| *amount != 0).collect();
        let in_kronor = amounts
            .iter()
            .filter(|amount| range.contains(amount))
            .count();
        let is_ore =
            |amount: &&i64| range.contains(&(**amount / 100)) && **amount / 100 >= *range.start();
        let in_ore = amounts
            .iter()
            .filter(|amount| !range.contains(amount))
            .filter(is_ore)
            .count();
        let neither = amounts.len() - in_kronor - in_ore;
        for (number, says) in [
            (in_kronor, "are likely in kronor and impossible in öre"),
            (in_ore, "are likely in öre and impossible in kronor"),
            (neither, "are likely in neither"),
        ] {
            if number > 0 {
                evidence.push(Evidence::new(number, format!("{name} {says}")));
            }
        }
        kronor += in_kronor;
        ore += in_ore;
    }
    let votes = [(SalaryUnit::Kronor, kronor), (SalaryUnit::Ore, ore)];
    let contradiction =
        "some salaries look like kronor and others like öre; look at the agreements in Kleer";
    Detection::of_votes(votes, evidence, contradiction)
}

/// Proves how salaries are written, by some that are known: what Kleer sends, and the salary that it
/// is, by an agreement or by what the source system says.
///
/// ```
/// use kleer_connect::{Confidence, prove_salary_unit};
/// use kleer_model::{Cents, SalaryAmount, SalaryUnit};
///
/// let found = prove_salary_unit([(SalaryAmount(35_000), Cents(3_500_000))]);
/// assert_eq!(found.unit(Confidence::Proved), Some(SalaryUnit::Kronor));
/// ```
pub fn prove_salary_unit(
    known: impl IntoIterator<Item = (SalaryAmount, Cents)>,
) -> Detection<SalaryUnit> {
    let (mut kronor, mut ore, mut neither) = (0, 0, 0);
    for (amount, salary) in known {
        if amount.0 == 0 {
            continue;
        }
        if amount.to_cents(SalaryUnit::Kronor) == Some(salary) {
            kronor += 1;
        } else if amount.to_cents(SalaryUnit::Ore) == Some(salary) {
            ore += 1;
        } else {
            neither += 1;
        }
    }
    let evidence = [
        (kronor, "known salaries are written in kronor"),
        (ore, "known salaries are written in öre"),
        (
            neither,
            "known salaries differ from what Kleer has, in kronor and in öre",
        ),
    ];
    let evidence: Vec<_> = evidence
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, says)| Evidence::new(number, says))
        .collect();
    let votes = [(SalaryUnit::Kronor, kronor), (SalaryUnit::Ore, ore)];
    let contradiction = "some known salaries are written in kronor and others in öre";
    match Detection::of_votes(votes, evidence, contradiction) {
        Detection::Decided { unit, evidence, .. } if kronor + ore > neither => Detection::Decided {
            unit,
            confidence: Confidence::Proved,
            evidence,
        },
        Detection::Decided { evidence, .. } => Detection::Undecided {
            reasons: vec!["most known salaries are not those that Kleer has".to_owned()],
            evidence,
        },
        undecided => undecided,
    }
}

/// Finds out how rates are written, from VAT rates of products: see [`RateUnit::detect`].
///
/// ```
/// use kleer_connect::{Confidence, Detection, detect_rate_unit};
/// use kleer_model::{Rate, RateUnit};
///
/// let rates = ["0.25", "0.12", "0.06", "0"].map(|rate| Rate(rate.parse().unwrap()));
/// assert_eq!(detect_rate_unit(rates).unit(Confidence::High), Some(RateUnit::Fraction));
/// assert!(matches!(detect_rate_unit([Rate(0.into())]), Detection::Undecided { .. }));
/// ```
pub fn detect_rate_unit(rates: impl IntoIterator<Item = Rate>) -> Detection<RateUnit> {
    let rates: Vec<Rate> = rates.into_iter().collect();
    // One by one, so that it is known how many say what; the rule is the model's.
    let of = |unit| {
        rates
            .iter()
            .filter(|rate| RateUnit::detect([**rate]) == Some(unit))
            .count()
    };
    let (percent, fraction) = (of(RateUnit::Percent), of(RateUnit::Fraction));
    let usual = |hundred: Decimal| {
        [25, 12, 6].map(|percent| Decimal::from(percent) * hundred / Decimal::ONE_HUNDRED)
    };
    let is_usual = |unit: RateUnit| {
        let hundred = match unit {
            RateUnit::Fraction => Decimal::ONE,
            _ => Decimal::ONE_HUNDRED,
        };
        let usual = usual(hundred);
        rates
            .iter()
            .filter(|rate| RateUnit::detect([**rate]) == Some(unit))
            .filter(|rate| usual.contains(&rate.0))
            .count()
    };
    let mut evidence = Vec::new();
    for (number, usual, name) in [
        (percent, is_usual(RateUnit::Percent), "percentages"),
        (fraction, is_usual(RateUnit::Fraction), "fractions"),
    ] {
        if number > 0 {
            let says = format!("VAT rates are {name}, {usual} of them one of Sweden's rates");
            evidence.push(Evidence::new(number, says));
        }
    }
    let votes = [(RateUnit::Percent, percent), (RateUnit::Fraction, fraction)];
    let contradiction = "some VAT rates look like percentages and others like fractions; look at the products in Kleer";
    Detection::of_votes(votes, evidence, contradiction)
}

/// A unit that the configuration of a connection does not say.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "connection {label:?} does not say its `{key}`, which is never guessed; `Units::detect` shows what \
     Kleer's data say: write {example}"
)]
#[non_exhaustive]
pub struct MissingUnit {
    /// The connection's label.
    pub label: String,
    /// The key of the configuration.
    pub key: &'static str,
    /// What may be written.
    pub example: &'static str,
}

impl<S> Connection<S> {
    fn missing_unit(&self, key: &'static str, example: &'static str) -> MissingUnit {
        MissingUnit {
            label: self.label.clone(),
            key,
            example,
        }
    }

    /// How this connection's salaries are written, as its configuration says.
    ///
    /// # Errors
    /// [`MissingUnit`] if it does not say it.
    pub fn salary_unit(&self) -> Result<SalaryUnit, MissingUnit> {
        let example =
            "`salary-unit = \"kronor\"` if 35,000 kronor are 35000, or \"ore\" if they are 3500000";
        self.salary_unit
            .ok_or_else(|| self.missing_unit("salary-unit", example))
    }

    /// How this connection's rates are written, as its configuration says.
    ///
    /// # Errors
    /// [`MissingUnit`] if it does not say it.
    pub fn rate_unit(&self) -> Result<RateUnit, MissingUnit> {
        let example = "`rate-unit = \"percent\"` if 25 % are 25, or \"fraction\" if they are 0.25";
        self.rate_unit
            .ok_or_else(|| self.missing_unit("rate-unit", example))
    }

    /// Both units, as the configuration says.
    ///
    /// # Errors
    /// [`MissingUnit`] if it does not say one of them.
    pub fn units(&self) -> Result<Units, MissingUnit> {
        Ok(Units::new(self.salary_unit()?, self.rate_unit()?))
    }
}
