//! Rules of EN 16931 that the crate `en16931` has and cannot break, because its model always holds
//! a value: amounts that are absent (`BR-12` and its like) or have more than two decimals
//! (`BR-DEC-*`). The count of terms in the bytes tells.

use std::borrow::Cow;

use super::policy::Severity;
use crate::report::Finding;
use crate::source::{Absent, Census, NO_LINE, Occurrence};

/// The rule that wants a term in its group, and what it says.
fn rule_of_absent(term: u16) -> Option<(&'static str, &'static str)> {
    Some(match term {
        106 => ("BR-12", "the sum of the line net amounts is absent"),
        109 => ("BR-13", "the total without VAT is absent"),
        112 => ("BR-14", "the total with VAT is absent"),
        115 => ("BR-15", "the amount due for payment is absent"),
        129 => ("BR-22", "the line has no quantity"),
        131 => ("BR-24", "the line has no net amount"),
        146 => ("BR-26", "the line has no net price"),
        92 => ("BR-31", "the allowance has no amount"),
        95 => ("BR-32", "the allowance has no VAT category"),
        99 => ("BR-36", "the charge has no amount"),
        102 => ("BR-37", "the charge has no VAT category"),
        136 => ("BR-41", "the allowance of the line has no amount"),
        141 => ("BR-43", "the charge of the line has no amount"),
        116 => ("BR-45", "the VAT breakdown has no taxable amount"),
        117 => ("BR-46", "the VAT breakdown has no tax amount"),
        118 => ("BR-47", "the VAT breakdown has no category"),
        _ => return None,
    })
}

/// The rule about the decimals of an amount.
fn rule_of_decimals(term: u16) -> Option<&'static str> {
    Some(match term {
        92 => "BR-DEC-01",
        93 => "BR-DEC-02",
        99 => "BR-DEC-05",
        100 => "BR-DEC-06",
        106 => "BR-DEC-09",
        107 => "BR-DEC-10",
        108 => "BR-DEC-11",
        109 => "BR-DEC-12",
        110 => "BR-DEC-13",
        112 => "BR-DEC-14",
        111 => "BR-DEC-15",
        113 => "BR-DEC-16",
        114 => "BR-DEC-17",
        115 => "BR-DEC-18",
        116 => "BR-DEC-19",
        117 => "BR-DEC-20",
        131 => "BR-DEC-23",
        136 => "BR-DEC-24",
        137 => "BR-DEC-25",
        141 => "BR-DEC-27",
        142 => "BR-DEC-28",
        _ => return None,
    })
}

/// The findings of these rules, not yet judged by a policy.
pub(super) fn check(census: &Census) -> impl Iterator<Item = Finding> + '_ {
    let absent = census.absent.iter().filter_map(|absent| {
        let (rule, message) = rule_of_absent(absent.term)?;
        Some(fatal(rule, place_of(*absent), message))
    });
    let decimals = census.excess_decimals.iter().filter_map(|amount| {
        let rule = rule_of_decimals(amount.term)?;
        let message = "the amount has more than the two decimals that EN 16931 allows";
        Some(fatal(rule, place_of_amount(*amount), message))
    });
    absent.chain(decimals)
}

fn fatal(rule: &'static str, place: String, message: &'static str) -> Finding {
    Finding {
        rule: Cow::Borrowed(rule),
        severity: Severity::Fatal,
        place,
        message: Cow::Borrowed(message),
        stops: false,
    }
}

fn place_of(absent: Absent) -> String {
    let Absent { group, index, term } = absent;
    match group {
        22 => format!("BG-22/BT-{term}"),
        _ => format!("BG-{group}[{index}]/BT-{term}"),
    }
}

fn place_of_amount(amount: Occurrence) -> String {
    let Occurrence { term, line } = amount;
    if line == NO_LINE {
        format!("BT-{term}")
    } else {
        format!("BG-25[{line}]/BT-{term}")
    }
}
