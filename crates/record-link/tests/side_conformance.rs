//! The suite for sides passes on the fake, whatever it can do, and notices sides that break it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use flat_record::{Field, FieldName, Fields, Kind, Record, Value, ValueKind};
use record_link::testing::{FakeSide, Fault, Fuse, Report, Samples, block_on, check_side};
use record_link::{
    BoxFuture, Capabilities, ClientKey, Conditional, Found, Observation, Receipt, RecordKey,
    Recovery, Side, SideError, SideErrorKind, SideOperation, Snapshot,
};

fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

fn fields() -> Fields {
    let fields = ["name", "city", "number"].map(|name| Field::new(name, ValueKind::Text).unwrap());
    Fields::new(fields).unwrap()
}

fn record(name: &str, city: impl Into<Value>) -> Record {
    let record = Record::new(&fields()).with("name", name).unwrap();
    record.with("city", city).unwrap()
}

fn samples() -> Samples {
    let change = Record::new(&fields());
    let other = Fields::new([Field::new("salary", ValueKind::Text).unwrap()]).unwrap();
    Samples::new(&kind(), "test")
        .record(record("Anna", "Umeå"))
        .record(record("Bo", Value::Null))
        .change(change.clone().with("name", "  Cilla ").unwrap())
        .change(change.with("city", Value::Null).unwrap())
        .refused(Record::new(&other).with("salary", "1").unwrap())
        .missing(RecordKey::new("none").unwrap())
}

fn everything() -> Capabilities {
    Capabilities::read_only(&fields())
        .creates(Recovery::ByClientKey)
        .updates(Conditional::Atomic)
        .deletes()
}

fn check(capabilities: Capabilities, samples: &Samples) -> Report {
    let side = FakeSide::new().with_capabilities(&kind(), capabilities);
    side.insert(
        &kind(),
        &RecordKey::new("old").unwrap(),
        record("Old", "Oslo"),
    )
    .unwrap();
    block_on(check_side(&side, samples)).into_result().unwrap()
}

#[test]
fn the_fake_keeps_every_promise_whatever_it_can_do() {
    let report = check(everything(), &samples());
    let skipped: Vec<_> = report.skipped().collect();
    assert_eq!(skipped, ["what_it_excludes_is_unsupported"], "{report}");

    let read_only = || Capabilities::read_only(&fields());
    let old = RecordKey::new("old").unwrap();
    let with_old = samples().existing(old);
    let variants = [
        (read_only(), 9),
        (read_only().deletes(), 9),
        (read_only().updates(Conditional::Checked), 5),
        (read_only().creates(Recovery::Never), 6),
        (
            read_only()
                .creates(Recovery::ByListing)
                .updates(Conditional::Unversioned),
            2,
        ),
        (
            everything().never_writes([FieldName::new("number").unwrap()]),
            1,
        ),
    ];
    for (capabilities, most_skipped) in variants {
        let report = check(capabilities.clone(), &with_old);
        let skipped = report.skipped().count();
        assert!(skipped <= most_skipped, "{capabilities:?}: {report}");
    }
}

#[test]
fn a_side_that_normalises_keeps_every_promise() {
    let side = FakeSide::new()
        .with_kind(&kind(), &fields())
        .normalising(&kind(), |record| {
            let name = record.get("name").and_then(Value::as_text);
            if let Some(name) = name.map(|name| name.trim().to_uppercase()) {
                record.set("name", name).unwrap();
            }
        });
    block_on(check_side(&side, &samples()))
        .into_result()
        .unwrap();
}

#[test]
fn a_side_that_never_comes_to_rest_is_noticed() {
    let side = FakeSide::new()
        .with_kind(&kind(), &fields())
        .normalising(&kind(), |record| {
            let name = record.get("name").and_then(Value::as_text);
            if let Some(name) = name.map(|name| format!("{name}.")) {
                record.set("name", name).unwrap();
            }
        });
    let report = block_on(check_side(&side, &samples()));
    let broken: BTreeSet<_> = report.broken().collect();
    assert!(
        broken.contains("what_is_shown_can_be_written_back_and_stays"),
        "{report}"
    );
}

#[test]
fn a_kind_that_the_side_does_not_know_is_said() {
    let report = block_on(check_side(&FakeSide::new(), &samples()));
    assert_eq!(report.broken().count(), 1, "{report}");
}

/// What a broken side does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    KnowsAnyKind,
    UpdatesThoughItSaysNo,
    ListsAPart,
    ListsWithoutTheLast,
    ShowsWhatWasAskedFor,
    LosesTheClientKey,
    FindsAnything,
    FindsByTheBeginning,
    ReplacesTheWholeRecord,
    IgnoresVersions,
    IgnoresVersionsOfDeletes,
    CreatesWhatIsMissing,
    SaysThatMissingIsAnError,
    KeepsWhatIsRefused,
    DeletesNothing,
    KeepsOneVersion,
}

const MISTAKES: &[(Mistake, &str)] = &[
    (
        Mistake::KnowsAnyKind,
        "what_it_says_about_itself_is_consistent",
    ),
    (
        Mistake::UpdatesThoughItSaysNo,
        "what_it_excludes_is_unsupported",
    ),
    (
        Mistake::ListsAPart,
        "a_list_is_complete_and_asks_the_same_each_time",
    ),
    (
        Mistake::ListsWithoutTheLast,
        "a_list_is_complete_and_asks_the_same_each_time",
    ),
    (
        Mistake::ShowsWhatWasAskedFor,
        "an_update_changes_what_it_mentions_and_nothing_else",
    ),
    (
        Mistake::LosesTheClientKey,
        "what_is_created_is_found_by_its_client_key",
    ),
    (
        Mistake::FindsAnything,
        "a_client_key_that_nobody_used_finds_nothing",
    ),
    (
        Mistake::FindsByTheBeginning,
        "a_client_key_that_nobody_used_finds_nothing",
    ),
    (
        Mistake::ReplacesTheWholeRecord,
        "an_update_changes_what_it_mentions_and_nothing_else",
    ),
    (
        Mistake::IgnoresVersions,
        "a_record_that_changed_meanwhile_is_not_written_over",
    ),
    (
        Mistake::IgnoresVersionsOfDeletes,
        "a_record_that_changed_meanwhile_is_not_written_over",
    ),
    (
        Mistake::CreatesWhatIsMissing,
        "what_is_missing_is_said_to_be_missing",
    ),
    (
        Mistake::SaysThatMissingIsAnError,
        "what_is_missing_is_said_to_be_missing",
    ),
    (
        Mistake::KeepsWhatIsRefused,
        "what_is_refused_changes_nothing",
    ),
    (Mistake::DeletesNothing, "what_is_deleted_is_gone"),
    (
        Mistake::KeepsOneVersion,
        "an_update_changes_what_it_mentions_and_nothing_else",
    ),
];

#[test]
fn each_mistake_of_a_side_is_noticed() {
    for (mistake, promise) in MISTAKES {
        let trimming =
            FakeSide::new()
                .with_kind(&kind(), &fields())
                .normalising(&kind(), |record| {
                    let name = record.get("name").and_then(Value::as_text);
                    if let Some(name) = name.map(|name| name.trim().to_owned()) {
                        record.set("name", name).unwrap();
                    }
                });
        let old = RecordKey::new("old").unwrap();
        trimming
            .insert(&kind(), &old, record("Old", "Oslo"))
            .unwrap();
        let side = Broken {
            inner: trimming,
            mistake: *mistake,
        };
        let report = block_on(check_side(&side, &samples().existing(old)));
        let broken: BTreeSet<_> = report.broken().collect();
        assert!(
            broken.contains(promise),
            "{mistake:?} is not noticed: {report}"
        );
    }
}

/// A side that makes one mistake.
#[derive(Debug)]
struct Broken {
    inner: FakeSide,
    mistake: Mistake,
}

impl Broken {
    fn is(&self, mistake: Mistake) -> bool {
        self.mistake == mistake
    }

    fn version<'a>(&self, version: Option<&'a str>, mistake: Mistake) -> Option<&'a str> {
        version.filter(|_| !self.is(mistake))
    }
}

impl Side for Broken {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        let known = self.inner.capabilities(kind);
        match self.mistake {
            Mistake::KnowsAnyKind => Some(known.unwrap_or_else(everything)),
            Mistake::UpdatesThoughItSaysNo => known.map(|mut known| {
                known.update = None;
                known
            }),
            _ => known,
        }
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> BoxFuture<'a, Result<Snapshot, SideError>> {
        Box::pin(async move {
            if self.is(Mistake::ListsAPart) {
                self.inner.fail_next(SideOperation::List, Fault::PageLost);
            }
            let snapshot = self.inner.list(kind).await?;
            if !self.is(Mistake::ListsWithoutTheLast) {
                return Ok(snapshot);
            }
            let (fields, scope) = (snapshot.fields(), snapshot.scope());
            let mut less = Snapshot::new(kind.clone(), fields, scope, snapshot.taken_at());
            let all = snapshot.observations();
            for observation in &all[..all.len().saturating_sub(1)] {
                less.observe(observation.clone());
            }
            Ok(less.complete())
        })
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> BoxFuture<'a, Result<Option<Observation>, SideError>> {
        Box::pin(async move {
            let found = self.inner.get(kind, key).await?;
            if found.is_none() && self.is(Mistake::SaysThatMissingIsAnError) {
                return Err(SideError::new(SideOperation::Get, SideErrorKind::NotFound));
            }
            Ok(found.map(|mut found| {
                if self.is(Mistake::KeepsOneVersion) {
                    found.version = Some("1".into());
                }
                found
            }))
        })
    }

    fn find<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
    ) -> BoxFuture<'a, Result<Found, SideError>> {
        Box::pin(async move {
            match self.mistake {
                Mistake::FindsAnything => {
                    let all = self.inner.list(kind).await?;
                    Ok(all.observations().first().cloned().into_iter().collect())
                }
                Mistake::FindsByTheBeginning => {
                    let first = client_key.with_incarnation(0);
                    self.inner.find(kind, &first).await
                }
                _ => self.inner.find(kind, client_key).await,
            }
        })
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> BoxFuture<'a, Result<Receipt, SideError>> {
        Box::pin(async move {
            if self.is(Mistake::LosesTheClientKey) {
                let other = ClientKey::new("", "", "");
                return self.inner.create(kind, &other, record).await;
            }
            let result = self.inner.create(kind, client_key, record).await;
            let is_refused = result
                .as_ref()
                .is_err_and(|error| error.kind() == SideErrorKind::Refused);
            if is_refused && self.is(Mistake::KeepsWhatIsRefused) {
                let empty = Record::new(&fields());
                self.inner.create(kind, client_key, &empty).await?;
            }
            result
        })
    }

    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        if_version: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Receipt, SideError>> {
        Box::pin(async move {
            let mut changes = changes.clone();
            if self.is(Mistake::ReplacesTheWholeRecord) {
                for field in &fields() {
                    if changes.get(&field.name).is_none() {
                        changes.set(&field.name, Value::Null).unwrap();
                    }
                }
            }
            let is_missing = self.inner.get(kind, key).await?.is_none();
            if is_missing && self.is(Mistake::CreatesWhatIsMissing) {
                self.inner
                    .insert(kind, key, Record::new(&fields()))
                    .unwrap();
            }
            let version = self.version(if_version, Mistake::IgnoresVersions);
            let mut receipt = self.inner.update(kind, key, &changes, version).await?;
            if self.is(Mistake::ShowsWhatWasAskedFor) {
                for (field, value) in changes.iter() {
                    let shown = &mut receipt.observation.record;
                    shown.set(&field.name, value.clone()).unwrap();
                }
            }
            Ok(receipt)
        })
    }

    fn delete<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        if_version: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), SideError>> {
        Box::pin(async move {
            if self.is(Mistake::DeletesNothing) {
                return Ok(());
            }
            let version = self.version(if_version, Mistake::IgnoresVersionsOfDeletes);
            self.inner.delete(kind, key, version).await
        })
    }
}

fn key(number: u32) -> ClientKey {
    ClientKey::new("test", "employee", &number.to_string())
}

#[test]
fn a_late_effect_makes_the_double_that_it_is_there_to_make() {
    let side = FakeSide::new().with_kind(&kind(), &fields());
    let anna = record("Anna", "Umeå");
    side.fail_next(SideOperation::Create, Fault::EffectLate(2));
    let error = block_on(side.create(&kind(), &key(1), &anna)).unwrap_err();
    assert!(error.outcome_is_unknown());
    assert_eq!(
        block_on(side.find(&kind(), &key(1))).unwrap(),
        Found::Nothing
    );
    // Whoever believes that, creates a double: with this call the first one lands.
    block_on(side.create(&kind(), &key(1), &anna)).unwrap();
    let found = block_on(side.find(&kind(), &key(1))).unwrap();
    assert!(
        matches!(&found, Found::Several(two) if two.len() == 2),
        "{found:?}"
    );
    assert_eq!(side.doubles(&kind()), BTreeSet::from([key(1)]));
    assert_eq!(
        (side.armed_faults(), side.writes(), side.calls().len()),
        (0, 2, 4)
    );
}

#[test]
fn faults_come_one_after_the_other_and_do_what_they_say() {
    let side = FakeSide::new().with_kind(&kind(), &fields());
    let list = || block_on(side.list(&kind())).unwrap();
    for number in 0..4 {
        block_on(side.create(&kind(), &key(number), &record("Anna", "Umeå"))).unwrap();
    }
    for fault in [Fault::PageTwice, Fault::PageLost, Fault::Unreadable] {
        side.fail_next(SideOperation::List, fault);
    }
    let [twice, lost, unreadable] = [list(), list(), list()];
    assert!(twice.is_complete() && twice.len() == 4);
    assert!(!lost.is_complete() && lost.len() == 2);
    assert!(!unreadable.is_complete() && unreadable.len() == 3);
    assert!(list().is_complete());

    let one = list().observations()[0].clone();
    let version = one.version.as_deref();
    let change = Record::new(&fields()).with("name", "Bo").unwrap();
    let update = |version| block_on(side.update(&kind(), &one.key, &change, version));
    for (fault, expected) in [
        (
            Fault::Before(SideErrorKind::RateLimited),
            SideErrorKind::RateLimited,
        ),
        (Fault::AnswerLost, SideErrorKind::OutcomeUnknown),
    ] {
        side.fail_next(SideOperation::Update, fault);
        assert_eq!(update(None).unwrap_err().kind(), expected);
    }
    assert_eq!(update(version).unwrap_err().kind(), SideErrorKind::Changed);

    let name = FieldName::new("name").unwrap();
    side.fail_next(SideOperation::Update, Fault::Partly(vec![name.clone()]));
    let receipt = update(None).unwrap();
    assert_eq!(receipt.missing, [name]);
    assert!(receipt.reason.is_some());

    let city = FieldName::new("city").unwrap();
    let now = receipt.observation.version.as_deref();
    side.fail_next(
        SideOperation::Update,
        Fault::EditedMeanwhile(city, "Luleå".into()),
    );
    assert_eq!(update(now).unwrap_err().kind(), SideErrorKind::Changed);
    let records = side.records(&kind());
    assert_eq!(records[&one.key].get("city"), Some(&"Luleå".into()));
}

#[test]
fn a_process_dies_before_or_after_the_effect_and_stays_dead() {
    for (step, records, kind_of_error) in [
        (0, 0, SideErrorKind::Unavailable),
        (1, 1, SideErrorKind::OutcomeUnknown),
    ] {
        let system = FakeSide::new().with_kind(&kind(), &fields());
        let fuse = Fuse::blowing_at(step);
        let side = system.with_fuse(fuse.clone());
        let error = block_on(side.create(&kind(), &key(1), &record("Anna", "Umeå"))).unwrap_err();
        assert_eq!(error.kind(), kind_of_error);
        assert!(fuse.has_blown());
        let again = block_on(side.create(&kind(), &key(2), &record("Bo", "Umeå")));
        assert_eq!(again.unwrap_err().kind(), SideErrorKind::Unavailable);
        assert_eq!(system.records(&kind()).len(), records);
        // The next process finds what the first one left.
        let found = block_on(system.find(&kind(), &key(1))).unwrap();
        assert_eq!(matches!(found, Found::One(_)), records == 1);
    }
}

#[test]
fn errors_hide_what_the_other_system_said() {
    let error = SideError::new(SideOperation::Create, SideErrorKind::Refused)
        .with_message("Anna Andersson is unknown")
        .with_request_id("r-17")
        .concerning([FieldName::new("name").unwrap()]);
    let shown = format!("{error} {error:?} {:?}", error.to_failure());
    assert!(!shown.contains("Anna"), "{shown}");
    assert!(
        shown.contains("r-17") && shown.contains("correct them"),
        "{shown}"
    );
    let failure = error.to_failure();
    assert_eq!(failure.messages(), ["Anna Andersson is unknown"]);
    assert_eq!(
        (failure.request_id(), failure.fields()),
        (Some("r-17"), &["name".to_owned()][..])
    );
}
