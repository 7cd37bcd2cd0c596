//! Which broken rules stop an invoice.

use std::collections::BTreeMap;
use std::fmt;

/// How bad a rule's author finds it when the rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Severity {
    /// The document is not valid.
    Fatal,
    /// Advice.
    Warning,
    /// For information.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fatal => "fatal",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// The start of a policy, before rules named one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum RuleBase {
    /// Rules about money stop, others stand in the report.
    #[default]
    Money,
    /// Every rule that its author calls fatal stops.
    EveryFatal,
    /// Only rules that are named stop.
    Nothing,
}

/// Which broken rules refuse an invoice.
///
/// The default is strict on money and lenient on identifiers: a wrong sum must not be posted,
/// while a fictitious organisation number or an outdated code list is the sender's matter and
/// stands in the report. These stop by default:
///
/// | rules | about |
/// |---|---|
/// | `BR-CO-10` to `BR-CO-17` | document totals |
/// | `BR-S-08`, `-09` and those of the other VAT categories | VAT breakdown |
/// | `BR-12` to `BR-15`, `BR-22`, `BR-24`, `BR-26`, `BR-31`, `BR-36`, `BR-41`, `BR-43`, `BR-45`, `BR-46` | amounts that are absent |
/// | `BR-DEC-*` | amounts with more than two decimals |
/// | `PEPPOL-EN16931-R040`, `-R041`, `-R042`, `-R046`, `-R120` | allowances, prices, line totals |
/// | `SE-R-006` | a standard rate of VAT that Sweden does not have, and Kleer no account for |
/// | `READ-MALFORMED`, `READ-DUPLICATE`, `READ-AMBIGUOUS`, `READ-SCHEMA` | values that could not be read, or stand twice (`READ-REPEATED`, which does not stop, where that changes neither money nor buyer; `READ-ORDER`, which does not stop, for an order of elements that the schema forbids) |
///
/// ```
/// use kleer_invoice::{RulePolicy, Severity};
///
/// let policy = RulePolicy::default().stopping("PEPPOL-COMMON-R049").passing("BR-CO-13");
/// assert!(policy.stops("BR-CO-15", Severity::Fatal));
/// assert!(policy.stops("PEPPOL-COMMON-R049", Severity::Fatal));
/// assert!(!policy.stops("BR-CO-13", Severity::Fatal));
/// assert!(RulePolicy::strict().stops("BR-CL-04", Severity::Fatal));
///
/// // A whole family at once; the longer name wins.
/// let policy = RulePolicy::default().stopping("SE-R-*").passing("SE-R-013");
/// assert!(policy.stops("SE-R-009", Severity::Warning));
/// assert!(!policy.stops("SE-R-013", Severity::Fatal));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RulePolicy {
    /// What holds for rules that are not named.
    pub base: RuleBase,
    /// Rules that are named: `true` stops, `false` does not, whatever the severity. A name that
    /// ends in `*` stands for all rules that begin so; the longest name that fits counts.
    pub named: BTreeMap<String, bool>,
}

impl RulePolicy {
    /// Every rule that its author calls fatal stops.
    pub fn strict() -> Self {
        Self {
            base: RuleBase::EveryFatal,
            named: BTreeMap::new(),
        }
    }

    /// Lets a rule stop.
    #[must_use]
    pub fn stopping(mut self, rule: impl Into<String>) -> Self {
        self.named.insert(rule.into(), true);
        self
    }

    /// Lets a rule pass: it stands in the report. The sums must still agree to the cent.
    #[must_use]
    pub fn passing(mut self, rule: impl Into<String>) -> Self {
        self.named.insert(rule.into(), false);
        self
    }

    /// Whether an invoice that breaks this rule is refused.
    pub fn stops(&self, rule: &str, severity: Severity) -> bool {
        if let Some(stops) = self.named(rule) {
            return stops;
        }
        severity == Severity::Fatal
            && match self.base {
                RuleBase::Money => is_about_money(rule),
                RuleBase::EveryFatal => true,
                RuleBase::Nothing => false,
            }
    }

    fn named(&self, rule: &str) -> Option<bool> {
        if let Some(stops) = self.named.get(rule) {
            return Some(*stops);
        }
        let families = self.named.iter().filter_map(|(name, stops)| {
            let family = name.strip_suffix('*')?;
            rule.starts_with(family).then_some((family.len(), *stops))
        });
        families.max().map(|(_, stops)| stops)
    }
}

fn is_about_money(rule: &str) -> bool {
    if let Some(rest) = rule.strip_prefix("READ-") {
        return matches!(rest, "MALFORMED" | "DUPLICATE" | "AMBIGUOUS" | "SCHEMA");
    }
    if let Some(rest) = rule.strip_prefix("PEPPOL-EN16931-") {
        return matches!(rest, "R040" | "R041" | "R042" | "R046" | "R120");
    }
    if rule == "SE-R-006" {
        return true;
    }
    let Some(rest) = rule.strip_prefix("BR-") else {
        return false;
    };
    if rest.starts_with("DEC-") {
        return true;
    }
    match rest.split_once('-') {
        None => matches!(
            rest,
            "12" | "13"
                | "14"
                | "15"
                | "22"
                | "24"
                | "26"
                | "31"
                | "36"
                | "41"
                | "43"
                | "45"
                | "46"
        ),
        Some(("CO", number)) => {
            matches!(
                number,
                "10" | "11" | "12" | "13" | "14" | "15" | "16" | "17"
            )
        }
        Some((category, number)) => {
            matches!(
                category,
                "S" | "Z" | "E" | "AE" | "IC" | "G" | "O" | "AF" | "AG"
            ) && matches!(number, "08" | "09")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_stops_and_identifiers_do_not() {
        let policy = RulePolicy::default();
        for rule in [
            "BR-CO-10",
            "BR-CO-17",
            "BR-S-08",
            "BR-IC-09",
            "BR-DEC-23",
            "BR-24",
            "PEPPOL-EN16931-R120",
            "READ-MALFORMED",
            "SE-R-006",
        ] {
            assert!(policy.stops(rule, Severity::Fatal), "{rule}");
            assert!(!policy.stops(rule, Severity::Warning), "{rule}");
        }
        for rule in [
            "BR-CO-09",
            "BR-CO-25",
            "BR-CO-26",
            "BR-S-05",
            "BR-CL-04",
            "BR-DE-08",
            "PEPPOL-COMMON-R049",
            "PEPPOL-EN16931-R010",
            "READ-UNMAPPED",
            "SE-R-001",
            "SE-R-013",
        ] {
            assert!(!policy.stops(rule, Severity::Fatal), "{rule}");
        }
    }

    #[test]
    fn a_warning_stops_only_when_it_is_named() {
        let policy = RulePolicy::strict();
        assert!(!policy.stops("BR-51", Severity::Warning));
        assert!(policy.stopping("BR-51").stops("BR-51", Severity::Warning));
    }

    #[test]
    fn the_longest_name_that_fits_counts() {
        let policy = RulePolicy::default()
            .stopping("PEPPOL-*")
            .passing("PEPPOL-COMMON-*")
            .stopping("PEPPOL-COMMON-R049");
        assert!(policy.stops("PEPPOL-EN16931-R010", Severity::Fatal));
        assert!(!policy.stops("PEPPOL-COMMON-R040", Severity::Fatal));
        assert!(policy.stops("PEPPOL-COMMON-R049", Severity::Fatal));
        let nothing = RulePolicy {
            base: RuleBase::Nothing,
            ..policy
        };
        assert!(!nothing.stops("BR-CO-15", Severity::Fatal));
        assert!(nothing.stops("PEPPOL-EN16931-R010", Severity::Warning));
    }
}
