//! What to do about a refusal.

use kleer_invoice::{Reason, ReasonCode, Refusal};

use super::target::Target;

/// What to tell somebody to do about a reason, in the words of the application: which option to
/// set, where to look. `None` leaves it to [`Reason::advice`].
pub type Advice = fn(&Reason, Target) -> Option<&'static str>;

/// The reasons of a refusal, with what can be done about each.
pub(crate) fn explain_refusal(
    refusal: &Refusal,
    target: Target,
    advice: Advice,
) -> impl Iterator<Item = String> + '_ {
    // Products that are missing would have been created, had there been no other reason.
    let reasons = refusal
        .reasons
        .iter()
        .filter(|one| one.code != ReasonCode::ProductToCreate);
    reasons.map(move |reason| {
        let advice = advice(reason, target).unwrap_or_else(|| reason.advice());
        let place = match reason.place.as_str() {
            "" => String::new(),
            place => format!(" at {place}"),
        };
        format!("{}{place}: {}; {advice}", reason.subject, reason.text)
    })
}
