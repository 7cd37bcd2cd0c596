//! The invariants, each as a function that looks for a counter-example.

#![allow(
    clippy::too_many_lines,
    clippy::needless_for_each,
    clippy::format_collect,
    unused_imports,
    reason = "a property is read from top to bottom; these are tests, of which each file uses a part"
)]

mod keeping;
mod linking;
mod merging;
mod planning;

use std::collections::{BTreeMap, BTreeSet};

use flat_record::Value;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use record_link::transition::Progress;
use record_link::{
    About, Action, BaseField, Candidate, Decision, Dependencies, EventKind, FieldRule, FieldState,
    FindingKind, FirstSync, Gate, Guard, Limit, Link, LinkState, Observation, Origin, Permission,
    Plan, Presence, Reason, Scope, Sides, Snapshot, Step, Taken, Until, Verdict, Which,
    fold_events,
};

use super::scenario::{
    FieldSpec, Linkage, PairSpec, PolicySpec, VALUE_FIELDS, open_policy, pair, policy, world,
};
use super::{
    Coverage, Fault, World, boss, connection, hash_key, key, kind, layout, name, time, value,
};

pub(crate) use keeping::*;
pub(crate) use linking::*;
pub(crate) use merging::*;
pub(crate) use planning::*;

/// Looks for a counter-example, with the same numbers every time.
pub(crate) fn run<S: Strategy>(
    cases: u32,
    strategy: S,
    demands: &[(&'static str, u64)],
    property: impl Fn(S::Value, &Coverage) -> Result<(), TestCaseError>,
) -> Result<(), String> {
    let coverage = Coverage::default();
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    runner
        .run(&strategy, |input| property(input, &coverage))
        .map_err(|error| error.to_string())?;
    coverage.demand(demands)
}

fn worlds() -> impl Strategy<Value = (Vec<PairSpec>, PolicySpec)> {
    (prop::collection::vec(pair(), 0..6), policy())
}

fn linked_worlds() -> impl Strategy<Value = Vec<PairSpec>> {
    let linked = pair().prop_map(|mut spec| {
        spec.link = Linkage::Linked;
        (
            spec.left_is_there,
            spec.right_is_there,
            spec.decision,
            spec.boss,
        ) = (true, true, 99, 99);
        spec
    });
    prop::collection::vec(linked, 1..6)
}

fn remote(plan: &Plan) -> usize {
    plan.operations
        .iter()
        .filter(|one| one.step.writes_on().is_some())
        .count()
}

fn link_of(world: &World, at: usize) -> Link {
    let keys = Sides::new(key(&format!("l{at}")), key(&format!("r{at}")));
    let id = Link::new(connection(), kind(), keys, Origin::Confirmed, 0).id;
    world.links[&id].clone()
}

fn trims(_: &str, value: Value) -> Value {
    match value.as_text() {
        Some(text) => Value::from(text.to_uppercase()),
        None => value,
    }
}

fn ignores_grades(field: &str, value: Value) -> Value {
    if field == "grade" {
        Value::from(7_i64)
    } else {
        trims(field, value)
    }
}
