#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! Every deliberate mistake in the planner is noticed by the property of an invariant.

mod support;

use record_link::mutants::{Mutant, with};
use support::invariants as i;

type Property = fn() -> Result<(), String>;

/// Which property notices which mistake.
const CAUGHT: &[(Mutant, &str, Property)] = &[
    (Mutant::OrderMatters, "i1", i::i1_pure_planner),
    (Mutant::StaleDecision, "i16", i::i16_stale_decision),
    (Mutant::AgreeWithoutBase, "i2", i::i2_convergence),
    (Mutant::StaleDecision, "i3", i::i3_idempotency),
    (Mutant::NoAudit, "i4", i::i4_no_silent_loss),
    (Mutant::LeftWinsConflicts, "i4", i::i4_no_silent_loss),
    (Mutant::BlindFirstSync, "i4", i::i4_no_silent_loss),
    (Mutant::DeleteWhatChanged, "i4", i::i4_no_silent_loss),
    (
        Mutant::BaseOnIntention,
        "i6",
        i::i6_base_moves_only_on_evidence,
    ),
    (
        Mutant::BaseWithoutReadBack,
        "i6",
        i::i6_base_moves_only_on_evidence,
    ),
    (Mutant::DoubleLink, "i9", i::i9_one_to_one),
    (Mutant::FirstCandidateWins, "i9", i::i9_one_to_one),
    (
        Mutant::AbsenceIsDeletion,
        "i10",
        i::i10_absence_is_not_deletion,
    ),
    (
        Mutant::PartialIsComplete,
        "i10",
        i::i10_absence_is_not_deletion,
    ),
    (Mutant::IgnoreScope, "i10", i::i10_absence_is_not_deletion),
    (Mutant::GoneAtOnce, "i10", i::i10_absence_is_not_deletion),
    (
        Mutant::AbsentFieldIsNull,
        "i10",
        i::i10_absence_is_not_deletion,
    ),
    (Mutant::CreateBlindly, "i10", i::i10_absence_is_not_deletion),
    (Mutant::NoGuard, "i11", i::i11_mass_change_guard),
    (Mutant::ApproveAnyDigest, "i11", i::i11_mass_change_guard),
    (Mutant::PingPong, "i12", i::i12_no_ping_pong),
    (Mutant::FalseConflict, "i13", i::i13_false_conflict),
    (Mutant::ForgetAgreement, "i13", i::i13_false_conflict),
    (
        Mutant::LeftWinsConflicts,
        "i14",
        i::i14_fields_merge_and_sides_mirror,
    ),
    (
        Mutant::SilentDrift,
        "i15",
        i::i15_unchanged_but_different_is_told,
    ),
    (
        Mutant::NoTombstone,
        "i17",
        i::i17_unlink_is_local_and_sticky,
    ),
    (
        Mutant::UnlinkForgetsBase,
        "i17",
        i::i17_unlink_is_local_and_sticky,
    ),
    (Mutant::IgnoreReadOnly, "i19", i::i19_policy_honour),
    (Mutant::IgnoreGate, "i19", i::i19_policy_honour),
    (
        Mutant::SelectWithoutRequired,
        "i20",
        i::i20_partial_selection,
    ),
    (Mutant::OlderWins, "i21", i::i21_monotone_ingest),
    (Mutant::ForgetClientKey, "never a double", i::never_a_double),
    (
        Mutant::CreateWithoutLooking,
        "never a double",
        i::never_a_double,
    ),
    (
        Mutant::UntranslatedReference,
        "references",
        i::references_are_translated,
    ),
];

#[test]
fn every_mutant_is_caught() {
    let survivors: Vec<String> = CAUGHT
        .iter()
        .filter(|(mutant, _, property)| {
            let caught = std::panic::catch_unwind(|| with(*mutant, property));
            matches!(caught, Ok(Ok(())))
        })
        .map(|(mutant, name, _)| format!("{mutant:?} by {name}"))
        .collect();
    assert!(survivors.is_empty(), "not noticed: {survivors:#?}");
}

#[test]
fn no_mutant_is_forgotten() {
    for mutant in Mutant::ALL {
        assert!(
            CAUGHT.iter().any(|(caught, ..)| caught == mutant),
            "{mutant:?}"
        );
    }
}
