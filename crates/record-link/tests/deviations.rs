//! Deviations: the state machine, the fold, the fingerprint, and what is hidden.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::cell::Cell;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{Field, Fields, Record, Sensitivity, Value, ValueKind};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use record_link::{
    ConnectionId, Deviation, DeviationChange, DeviationClass, DeviationError, DeviationEvent,
    DeviationState, Failure, IgnoredUntil, Payload, Subject, Topic,
};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn connection(id: &str) -> ConnectionId {
    ConnectionId::new(id).unwrap()
}

fn topic() -> Topic {
    Topic::new(
        &connection("acme->1"),
        "update",
        Subject::document("invoice", "in/17.xml"),
    )
}

fn failure(code: &str) -> Failure {
    Failure::new(
        DeviationClass::Validation,
        code,
        "Anna Andersson is unknown",
    )
    .labelled("Anna Andersson")
    .computed_from(1)
}

fn failed(failure: Failure, seconds: i64) -> DeviationEvent {
    DeviationEvent::failed(topic(), failure, at(seconds))
}

fn event(change: DeviationChange, seconds: i64) -> DeviationEvent {
    DeviationEvent::new(topic().id(), change, at(seconds))
}

fn ignored(until: IgnoredUntil) -> DeviationChange {
    DeviationChange::Ignored { until }
}

/// A deviation in a state.
fn in_state(state: DeviationState) -> Deviation {
    let mut deviation = Deviation::opened_by(&failed(failure("a"), 0)).unwrap();
    let change = match state {
        DeviationState::Reprocessing => DeviationChange::Reprocessing,
        DeviationState::Ignored => ignored(IgnoredUntil::Change),
        DeviationState::Resolved => DeviationChange::Succeeded,
        _ => DeviationChange::Reopened,
    };
    deviation.apply(&event(change, 1)).unwrap();
    assert_eq!(deviation.state(), state);
    deviation
}

#[test]
fn every_state_meets_every_event() {
    use DeviationState::{Ignored, Open, Reprocessing, Resolved};
    let events = [
        failed(failure("b"), 9),
        event(DeviationChange::Reprocessing, 9),
        event(ignored(IgnoredUntil::Forever), 9),
        event(DeviationChange::Reopened, 9),
        event(DeviationChange::Succeeded, 9),
    ];
    let going_on = [
        Some(Open),
        Some(Reprocessing),
        Some(Ignored),
        Some(Open),
        Some(Resolved),
    ];
    let resolved = [Some(Open), None, None, None, Some(Resolved)];
    for (from, expected) in [
        (Open, going_on),
        (Reprocessing, going_on),
        (Ignored, going_on),
        (Resolved, resolved),
    ] {
        for (event, expected) in events.iter().zip(expected) {
            let before = in_state(from);
            let mut after = before.clone();
            let result = after.apply(event);
            let context = format!("{from} meets {:?}", event.change);
            if let Some(expected) = expected {
                assert_eq!(result, Ok(()), "{context}");
                assert_eq!(after.state(), expected, "{context}");
                assert_eq!(after.changed_at(), at(9), "{context}");
            } else {
                assert!(
                    matches!(result, Err(DeviationError::Resolved { .. })),
                    "{context}"
                );
                assert_eq!(after, before, "a refused event changes nothing: {context}");
            }
        }
    }
}

#[test]
fn only_a_failure_begins_one_and_events_stay_with_theirs() {
    for change in [
        DeviationChange::Reprocessing,
        DeviationChange::Succeeded,
        ignored(IgnoredUntil::Change),
    ] {
        assert!(matches!(
            Deviation::after(None, &event(change, 0)),
            Err(DeviationError::NotOpened { .. })
        ));
    }
    let other = Topic::new(
        &connection("acme->2"),
        "update",
        Subject::document("invoice", "in/17.xml"),
    );
    let foreign = DeviationEvent::failed(other, failure("a"), at(5));
    let mut deviation = in_state(DeviationState::Open);
    assert!(matches!(
        deviation.apply(&foreign),
        Err(DeviationError::OtherDeviation { .. })
    ));
    // An event whose id was exchanged is found out as well.
    let mut forged = foreign;
    forged.id = topic().id();
    assert!(deviation.apply(&forged).is_err());
    assert!(Deviation::opened_by(&forged).is_err());
}

#[test]
fn the_same_failure_counts_up_and_another_begins_a_new_row() {
    let mut deviation = Deviation::opened_by(&failed(failure("a"), 0)).unwrap();
    // Another message does not make another failure.
    let reworded = Failure::new(DeviationClass::Validation, "a", "request 881 at 03:00");
    deviation.apply(&failed(reworded, 10)).unwrap();
    assert_eq!((deviation.attempts(), deviation.repeats()), (2, 2));
    deviation.apply(&failed(failure("b"), 20)).unwrap();
    assert_eq!((deviation.attempts(), deviation.repeats()), (3, 1));
    assert_eq!(
        (deviation.first_seen(), deviation.last_seen()),
        (at(0), at(20))
    );
    deviation
        .apply(&event(DeviationChange::Succeeded, 30))
        .unwrap();
    deviation.apply(&failed(failure("b"), 40)).unwrap();
    assert_eq!((deviation.attempts(), deviation.repeats()), (1, 1));
    assert_eq!(deviation.first_seen(), at(40));
}

#[test]
fn ignored_lasts_until_the_fingerprint_or_the_inputs_change() {
    let cases = [
        (IgnoredUntil::Change, failure("a"), DeviationState::Ignored),
        (IgnoredUntil::Change, failure("b"), DeviationState::Open),
        (
            IgnoredUntil::Change,
            failure("a").computed_from(2),
            DeviationState::Open,
        ),
        (
            IgnoredUntil::Change,
            failure("a").concerning(["email"]),
            DeviationState::Open,
        ),
        (IgnoredUntil::Forever, failure("b"), DeviationState::Ignored),
    ];
    for (until, failure, expected) in cases {
        let mut deviation = in_state(DeviationState::Open);
        deviation.apply(&event(ignored(until), 2)).unwrap();
        assert_eq!(deviation.ignored_until(), Some(until));
        deviation.apply(&failed(failure.clone(), 3)).unwrap();
        assert_eq!(deviation.state(), expected, "{until:?} {failure:?}");
        assert_eq!(deviation.attempts(), 2, "it is counted all the same");
        let left_alone = (expected == DeviationState::Ignored).then_some(until);
        assert_eq!(deviation.ignored_until(), left_alone);
    }
    // What somebody reprocesses is no longer left alone, even if it was to be forever.
    let mut deviation = in_state(DeviationState::Open);
    for change in [
        ignored(IgnoredUntil::Forever),
        DeviationChange::Reprocessing,
    ] {
        deviation.apply(&event(change, 2)).unwrap();
    }
    deviation.apply(&failed(failure("a"), 3)).unwrap();
    assert_eq!(deviation.state(), DeviationState::Open);
}

#[test]
fn what_makes_a_fingerprint() {
    let base = failure("a").concerning(["email", "name"]);
    let same = [
        failure("a").concerning(["name", "email", "name"]),
        base.clone().computed_from(9),
        base.clone().labelled("Bo").and("and more"),
        base.clone().with_request_id("r-1"),
    ];
    for one in same {
        assert_eq!(
            one.fingerprint("update"),
            base.fingerprint("update"),
            "{one:?}"
        );
    }
    let class = Failure::new(DeviationClass::Transient, "a", "").concerning(["email", "name"]);
    let others = [
        failure("a"),
        failure("b").concerning(["email", "name"]),
        failure("a").concerning(["email"]).distinguished_by("name"),
        base.clone().distinguished_by("BR-CO-15"),
        class,
    ];
    for one in others {
        assert_ne!(
            one.fingerprint("update"),
            base.fingerprint("update"),
            "{one:?}"
        );
    }
    assert_ne!(base.fingerprint("create"), base.fingerprint("update"));
}

#[test]
fn the_written_forms_of_ids_never_change() {
    // Stored, and quoted by people.
    assert_eq!(topic().id().to_string(), "dafa83ad6481892c56ead2f8e586d024");
    assert_eq!(
        failure("a").fingerprint("update").to_string(),
        "20b2bc29e78f7d8b6aa2ddc12109def9"
    );
    assert_eq!(topic().id().to_string().parse(), Ok(topic().id()));
    for text in ["", "zz", &"0".repeat(31), &"A".repeat(32), &"0".repeat(33)] {
        assert!(text.parse::<record_link::DeviationId>().is_err(), "{text}");
    }
}

#[test]
fn an_event_is_one_flat_json_object() {
    let line = serde_json::to_value(event(ignored(IgnoredUntil::Change), 0).by("desk")).unwrap();
    let expected = serde_json::json!({
        "at": "1970-01-01T00:00:00Z",
        "id": topic().id().to_string(),
        "by": "desk",
        "event": "ignored",
        "until": "change",
    });
    assert_eq!(line, expected);
}

#[test]
fn debug_shows_neither_people_nor_keys() {
    let failed = failed(failure("a").and("Anna again"), 0).by("Anna at the desk");
    let deviation = Deviation::opened_by(&failed).unwrap();
    let text = format!("{failed:?} {deviation:?} {:#?}", deviation.failure());
    assert!(!text.contains("Anna") && !text.contains("17.xml"), "{text}");
    assert!(
        text.contains("acme->1") && text.contains("Validation"),
        "{text}"
    );
    assert_eq!(deviation.failure().label(), Some("Anna Andersson"));
    assert_eq!(deviation.failure().messages().len(), 2);
}

#[test]
fn a_payload_keeps_and_shows_what_may_be_seen() {
    let field = |name, sensitivity| {
        let field = Field::new(name, ValueKind::Text).unwrap();
        field.sensitivity(sensitivity)
    };
    let fields = Fields::new([
        field("city", Sensitivity::Public),
        field("name", Sensitivity::Personal),
        field("ssn", Sensitivity::Sensitive),
        field("note", Sensitivity::Personal),
        field("silent", Sensitivity::Public),
    ])
    .unwrap();
    let mut record = Record::new(&fields);
    for (name, value) in [("city", "Umeå"), ("name", "Anna"), ("ssn", "20")] {
        record.set(name, value).unwrap();
    }
    record.set("note", Value::Null).unwrap();
    let payload = Payload::new(&record);
    let failure = failure("a").with_payload(payload.clone().keeping(Sensitivity::Personal));
    assert!(!format!("{failure:?}").contains("Anna"));
    let failure: Failure = serde_json::from_str(&serde_json::to_string(&failure).unwrap()).unwrap();
    let visible = |payload: &Payload, limit| {
        let fields = payload.visible_to(limit);
        let shown = fields.map(|(name, value)| (name.to_string(), value.cloned()));
        shown.collect::<Vec<_>>()
    };
    let shown = |name: &str, value: Option<Value>| (name.to_owned(), value);
    assert_eq!(
        visible(failure.payload(), Sensitivity::Sensitive),
        [
            shown("city", Some("Umeå".into())),
            shown("name", Some("Anna".into())),
            shown("ssn", None),
            shown("note", Some(Value::Null)),
        ]
    );
    let public = visible(&payload, Sensitivity::Public);
    assert_eq!(
        public.iter().filter(|(_, value)| value.is_some()).count(),
        1
    );
    assert_eq!(public.len(), 4);
}

fn any_event() -> impl Strategy<Value = DeviationEvent> {
    let change = prop_oneof![
        3 => (prop_oneof!["a", "b"], 0..2_u64).prop_map(|(code, inputs)| {
            let failure = Box::new(failure(&code).computed_from(inputs));
            DeviationChange::Failed { topic: Box::new(topic()), failure }
        }),
        1 => Just(DeviationChange::Reprocessing),
        1 => Just(ignored(IgnoredUntil::Change)),
        1 => Just(ignored(IgnoredUntil::Forever)),
        1 => Just(DeviationChange::Reopened),
        1 => Just(DeviationChange::Succeeded),
    ];
    (change, 0..1000_i64).prop_map(|(change, seconds)| event(change, seconds))
}

/// Folding the log, written out and read back, gives the deviation that was there; one that is
/// stored in between goes on as if it had not been.
#[test]
fn a_log_that_is_read_again_gives_the_same_deviation() {
    let (folded, refused, left_alone) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::default();
    let events = proptest::collection::vec(any_event(), 1..20);
    runner
        .run(
            &(events, any::<prop::sample::Index>()),
            |(events, stored_at)| {
                let stored_at = stored_at.index(events.len());
                let (mut live, mut log) = (None::<Deviation>, Vec::new());
                for (step, event) in events.iter().enumerate() {
                    match Deviation::after(live.clone(), event) {
                        Ok(after) => {
                            let is_failure = matches!(event.change, DeviationChange::Failed { .. });
                            if is_failure && after.state() == DeviationState::Ignored {
                                left_alone.set(left_alone.get() + 1);
                            }
                            prop_assert!(
                                after.attempts() >= after.repeats() && after.repeats() >= 1
                            );
                            prop_assert_eq!(
                                after.ignored_until().is_some(),
                                after.state() == DeviationState::Ignored
                            );
                            live = Some(after);
                            log.push(serde_json::to_string(event).unwrap());
                        }
                        Err(_) => refused.set(refused.get() + 1),
                    }
                    if step == stored_at {
                        let json = serde_json::to_string(&live).unwrap();
                        live = serde_json::from_str(&json).unwrap();
                    }
                }
                let mut again = None;
                for line in log {
                    let event = serde_json::from_str(&line).unwrap();
                    again = Some(Deviation::after(again, &event).unwrap());
                    folded.set(folded.get() + 1);
                }
                prop_assert_eq!(again, live);
                Ok(())
            },
        )
        .unwrap();
    let counts = (folded.get(), refused.get(), left_alone.get());
    assert!(
        counts.0 > 500 && counts.1 > 100 && counts.2 > 30,
        "hardly anything was exercised: {counts:?}"
    );
}
