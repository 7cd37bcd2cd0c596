//! How client projects of two systems are compared.

use record_match::{Comparison, Comparisons, FieldKind, KeyUse, MatchError};

use super::fields::field;

/// What to compare client projects by, for [`record_match::Matcher`]: records with the layout of
/// [`fields`](super::fields) on both sides.
///
/// | comparison | by itself, an equal value |
/// |---|---|
/// | `number` | links, if it stands once on each side |
/// | `name` | is scored |
/// | `po-nr`, `your-reference` | are scored, as what the projects of a client share |
///
/// The client is not compared: it is another record on each side. Where two systems number their
/// projects each for itself, take the link away:
/// `Comparison::new("number", FieldKind::Identifier)`.
///
/// # Errors
/// None in a released crate: the comparisons are part of it.
pub fn comparisons() -> Result<Comparisons, MatchError> {
    Comparisons::new([
        Comparison::new(field::NUMBER, FieldKind::Identifier).key(KeyUse::Links),
        Comparison::new(field::NAME, FieldKind::Text).shared(false),
        Comparison::new(field::PO_NR, FieldKind::Identifier).shared(true),
        Comparison::new(field::YOUR_REFERENCE, FieldKind::PersonName).shared(true),
    ])
}
