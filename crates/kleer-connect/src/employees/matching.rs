//! How employees of two systems are compared.

use kleer_employee::field;
use record_match::{Comparison, Comparisons, FieldKind, KeyUse, MatchError};

/// What to compare employees by, for [`record_match::Matcher`]: records with the layout of
/// [`kleer_employee::fields`] on both sides.
///
/// | comparison | fields | by itself, an equal value |
/// |---|---|---|
/// | `ssn` | the personal number | links, if the check digit is right |
/// | `email` | the e-mail address | suggests |
/// | `name` | the whole name, in whatever order | is scored |
/// | `birth-date` | `birth-date` if a source has such a field, else the date in the personal number | is scored |
/// | `phone`, `address`, `zip-code` | | are scored, as what a household shares |
///
/// The number that the company gives its employees is left out: two systems that both count from 1
/// would propose the wrong people. If yours agree on it, add
/// `Comparison::new("internal-id", FieldKind::Identifier).key(KeyUse::Suggests)`.
///
/// ```
/// use kleer_connect::employees;
/// use kleer_connect::matching::{Comparison, Comparisons, FieldKind, KeyUse};
///
/// let number = Comparison::new("internal-id", FieldKind::Identifier).key(KeyUse::Suggests);
/// let preset = employees::comparisons()?;
/// let with_number = Comparisons::new(preset.iter().cloned().chain([number]))?;
/// assert_eq!(with_number.len(), preset.len() + 1);
/// # Ok::<(), kleer_connect::matching::MatchError>(())
/// ```
///
/// # Errors
/// None in a released crate: the comparisons are part of it.
pub fn comparisons() -> Result<Comparisons, MatchError> {
    let birth_date = ["birth-date", field::SSN];
    Comparisons::new([
        Comparison::new(field::SSN, FieldKind::PersonalNumber).key(KeyUse::Links),
        Comparison::new(field::EMAIL, FieldKind::Email).key(KeyUse::Suggests),
        Comparison::new(field::NAME, FieldKind::PersonName),
        // A personal number begins with the day; a field of its own comes before it.
        Comparison::new("birth-date", FieldKind::Date)
            .left_parts(birth_date)
            .right_parts(birth_date),
        Comparison::new(field::PHONE, FieldKind::Phone),
        Comparison::new("address", FieldKind::Address)
            .left(field::ADDRESS2)
            .right(field::ADDRESS2),
        Comparison::new(field::ZIP_CODE, FieldKind::Postcode),
    ])
}
