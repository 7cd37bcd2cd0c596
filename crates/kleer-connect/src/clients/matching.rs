//! How clients of two systems are compared.

use record_match::{Comparison, Comparisons, FieldKind, KeyUse, MatchError};

use super::fields::field;

/// What to compare clients by, for [`record_match::Matcher`]: records with the layout of
/// [`fields`](super::fields) on both sides.
///
/// | comparison | by itself, an equal value |
/// |---|---|
/// | `orgno`: the organisation number | links, if the check digit is right and it stands once on each side |
/// | `vat-nr`: the organisation number in a VAT number | suggests |
/// | `gln` | suggests |
/// | `name` | is scored, the legal form apart |
/// | `email`, `phone`, `address`, `zip-code` | are scored, as what a group of companies shares |
///
/// Branches of one company share its number: a number that stands twice on a side links nothing,
/// and is left to a person.
///
/// # Errors
/// None in a released crate: the comparisons are part of it.
pub fn comparisons() -> Result<Comparisons, MatchError> {
    Comparisons::new([
        Comparison::new(field::ORGNO, FieldKind::OrganisationNumber).key(KeyUse::Links),
        Comparison::new(field::VAT_NR, FieldKind::OrganisationNumber).key(KeyUse::Suggests),
        Comparison::new(field::GLN, FieldKind::Identifier).key(KeyUse::Suggests),
        Comparison::new(field::NAME, FieldKind::OrganisationName),
        // Invoices of many companies go to one bureau.
        Comparison::new(field::EMAIL, FieldKind::Email)
            .key(KeyUse::None)
            .shared(true),
        Comparison::new(field::PHONE, FieldKind::Phone),
        Comparison::new("address", FieldKind::Address)
            .left_parts([field::ADDRESS1, field::ADDRESS2])
            .right_parts([field::ADDRESS1, field::ADDRESS2]),
        Comparison::new(field::ZIP_CODE, FieldKind::Postcode),
    ])
}
