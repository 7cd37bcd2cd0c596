#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! What is promised of plans: one property for each invariant.
//!
//! Each counts what it met, and fails if that is too little to prove anything. `mutants.rs` shows
//! that they notice mistakes.

mod support;

use support::invariants;

fn holds(result: Result<(), String>) {
    if let Err(counter_example) = result {
        panic!("{counter_example}");
    }
}

#[test]
fn i1_pure_planner() {
    holds(invariants::i1_pure_planner());
}

#[test]
fn i2_convergence() {
    holds(invariants::i2_convergence());
}

#[test]
fn i3_idempotency() {
    holds(invariants::i3_idempotency());
}

#[test]
fn i4_no_silent_loss() {
    holds(invariants::i4_no_silent_loss());
}

#[test]
fn i6_base_moves_only_on_evidence() {
    holds(invariants::i6_base_moves_only_on_evidence());
}

#[test]
fn i9_one_to_one() {
    holds(invariants::i9_one_to_one());
}

#[test]
fn i10_absence_is_not_deletion() {
    holds(invariants::i10_absence_is_not_deletion());
}

#[test]
fn i11_mass_change_guard() {
    holds(invariants::i11_mass_change_guard());
}

#[test]
fn i12_no_ping_pong() {
    holds(invariants::i12_no_ping_pong());
}

#[test]
fn i13_false_conflict() {
    holds(invariants::i13_false_conflict());
}

#[test]
fn i14_fields_merge_and_sides_mirror() {
    holds(invariants::i14_fields_merge_and_sides_mirror());
}

#[test]
fn i15_unchanged_but_different_is_told() {
    holds(invariants::i15_unchanged_but_different_is_told());
}

#[test]
fn i16_stale_decision() {
    holds(invariants::i16_stale_decision());
}

#[test]
fn i17_unlink_is_local_and_sticky() {
    holds(invariants::i17_unlink_is_local_and_sticky());
}

#[test]
fn i19_policy_honour() {
    holds(invariants::i19_policy_honour());
}

#[test]
fn i20_partial_selection() {
    holds(invariants::i20_partial_selection());
}

#[test]
fn i21_monotone_ingest() {
    holds(invariants::i21_monotone_ingest());
}

#[test]
fn i22_audit_completeness() {
    holds(invariants::i22_audit_completeness());
}

#[test]
fn never_a_double() {
    holds(invariants::never_a_double());
}

#[test]
fn references_are_translated() {
    holds(invariants::references_are_translated());
}
