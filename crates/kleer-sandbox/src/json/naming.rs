//! How names and values of the schema look in JSON.

/// The name of the property that holds all elements of a name: `activity` is in `activities`.
///
/// Names that are plurals already stay as they are.
pub(crate) fn plural(name: &str) -> String {
    // Names that end in s are plurals, but for these.
    const SINGULAR: [&str; 3] = ["access", "address", "status"];
    let last_word = name.rsplit('-').next().unwrap_or(name);
    if SINGULAR.contains(&last_word) {
        return format!("{name}es");
    }
    if last_word == "child" {
        return format!("{name}ren");
    }
    if name.ends_with('s') {
        return name.to_owned();
    }
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{name}s"),
    }
}

/// A value of an enumeration as the constant of Kleer's Java code: `LeaveOfAbsence` is
/// `LEAVE_OF_ABSENCE`. Values that are constants already stay as they are.
pub(crate) fn constant(value: &str) -> String {
    if !value.chars().any(char::is_lowercase) {
        return value.to_owned();
    }
    let mut constant = String::with_capacity(value.len() + 4);
    let mut after_small = false;
    for character in value.chars() {
        if character.is_uppercase() && after_small {
            constant.push('_');
        }
        after_small = character.is_lowercase() || character.is_ascii_digit();
        constant.extend(character.to_uppercase());
    }
    constant
}

/// Whether two names differ only in how their words are held together: `account-nr`, `accountNr`,
/// `account_nr`, `ACCOUNT_NR`.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let letters = |name: &'_ str| -> Vec<char> {
        name.chars()
            .filter(|character| !matches!(character, '-' | '_' | ' '))
            .flat_map(char::to_lowercase)
            .collect()
    };
    one == other || letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_those_that_were_seen() {
        for (name, expected) in [
            ("user", "users"),
            ("activity", "activities"),
            ("child", "children"),
            ("event-readable", "event-readables"),
            ("vacation-entitlement", "vacation-entitlements"),
            (
                "payroll-user-schedule-metadata",
                "payroll-user-schedule-metadatas",
            ),
            // Ours, by the same pattern.
            ("dimension-entry", "dimension-entries"),
            ("accessible-company", "accessible-companies"),
            ("country", "countries"),
            ("leads", "leads"),
            ("other-articles", "other-articles"),
            ("access", "accesses"),
            ("status", "statuses"),
            ("salary", "salaries"),
        ] {
            assert_eq!(plural(name), expected);
        }
    }

    #[test]
    fn constants_are_those_that_were_seen() {
        for (value, expected) in [
            ("Open", "OPEN"),
            ("Sick", "SICK"),
            (
                "LeaveOfAbsenceVacationEarned",
                "LEAVE_OF_ABSENCE_VACATION_EARNED",
            ),
            ("BankGiro", "BANK_GIRO"),
            (
                "INVOICE_60_DAYS_PRIOR_TO_PERIOD_START",
                "INVOICE_60_DAYS_PRIOR_TO_PERIOD_START",
            ),
            ("_3FEU", "_3FEU"),
        ] {
            assert_eq!(constant(value), expected);
        }
    }

    #[test]
    fn names_are_the_same_however_their_words_are_held_together() {
        assert!(is_same("accountNr", "account-nr"));
        assert!(is_same("foreign_id", "foreign-id"));
        assert!(!is_same("account", "account-nr"));
    }
}
