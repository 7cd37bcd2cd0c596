//! The conformance suite for sides.

use flat_record::{FieldName, Kind, Record};

use super::report::{Ended, Report, ensure};
use crate::{
    BoxFuture, Capabilities, ClientKey, Conditional, Found, Observation, RecordKey, Recovery, Side,
    SideError, SideErrorKind,
};

/// What the suite may do with a side: which records it may create, and how it may change them.
///
/// The suite works on a test account. It deletes what it created if the side can delete.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Samples {
    /// The kind of records.
    pub kind: Kind,
    /// Made part of the client keys: give each run another one.
    pub prefix: String,
    /// Records that can be created, each as often as wanted. At least one, if the side creates.
    pub records: Vec<Record>,
    /// Changes that can be made to each of them: a few fields, set or emptied.
    pub changes: Vec<Record>,
    /// Records that the system refuses.
    pub refused: Vec<Record>,
    /// The keys of records that are there already and may be changed. At least one, if the side
    /// does not create.
    pub existing: Vec<RecordKey>,
    /// A key that can be one and that no record has.
    pub missing: Option<RecordKey>,
}

impl Samples {
    /// Nothing to try yet.
    pub fn new(kind: &Kind, prefix: impl Into<String>) -> Self {
        Self {
            kind: kind.clone(),
            prefix: prefix.into(),
            records: Vec::new(),
            changes: Vec::new(),
            refused: Vec::new(),
            existing: Vec::new(),
            missing: None,
        }
    }

    /// Adds a record that can be created.
    #[must_use]
    pub fn record(mut self, record: Record) -> Self {
        self.records.push(record);
        self
    }

    /// Adds a change that can be made to each of the records.
    #[must_use]
    pub fn change(mut self, change: Record) -> Self {
        self.changes.push(change);
        self
    }

    /// Adds a record that the system refuses.
    #[must_use]
    pub fn refused(mut self, record: Record) -> Self {
        self.refused.push(record);
        self
    }

    /// Adds a record that is there already and may be changed.
    #[must_use]
    pub fn existing(mut self, key: RecordKey) -> Self {
        self.existing.push(key);
        self
    }

    /// Names a key that can be one and that no record has.
    #[must_use]
    pub fn missing(mut self, key: RecordKey) -> Self {
        self.missing = Some(key);
        self
    }
}

/// Checks the promises of [`Side`] on a side, as far as they show from outside: what it says about
/// itself, that writes do what they say, that nothing is changed by what is refused, and that a
/// create is found again.
///
/// What a lost answer does cannot be provoked here; a side's own tests have to show that it becomes
/// [`OutcomeUnknown`](SideErrorKind::OutcomeUnknown).
///
/// ```
/// use flat_record::{Field, Fields, Kind, Record, Value, ValueKind};
/// use record_link::{RecordKey, testing};
///
/// let fields = Fields::new([
///     Field::new("name", ValueKind::Text)?,
///     Field::new("manager", ValueKind::Text)?,
/// ])?;
/// let kind = Kind::new("employee")?;
/// let side = testing::FakeSide::new().with_kind(&kind, &fields);
///
/// let samples = testing::Samples::new(&kind, "run 1")
///     .record(Record::new(&fields).with("name", "Anna")?.with("manager", "Bo")?)
///     .change(Record::new(&fields).with("name", "Anna Maria")?)
///     .change(Record::new(&fields).with("manager", Value::Null)?)
///     .missing(RecordKey::new("no-such-employee")?);
/// let report = testing::block_on(testing::check_side(&side, &samples)).into_result()?;
/// let skipped: Vec<_> = report.skipped().collect(); // it excludes and refuses nothing
/// assert_eq!(skipped, ["what_it_excludes_is_unsupported", "what_is_refused_changes_nothing"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a report that nobody reads proves nothing"]
pub async fn check_side(side: &dyn Side, samples: &Samples) -> Report {
    let mut report = Report::new("side");
    let Some(capabilities) = side.capabilities(&samples.kind) else {
        let how = format!("the side does not know the kind {}", samples.kind);
        report.add(CHECKS[0].0, Err(Ended::Broken(how)));
        return report;
    };
    for (number, (name, check)) in CHECKS.iter().enumerate() {
        let bench = Bench {
            side,
            samples,
            capabilities: &capabilities,
            number,
        };
        let result = check(&bench).await;
        report.add(name, result);
    }
    report
}

type Check = for<'a> fn(&'a Bench<'a>) -> BoxFuture<'a, Result<(), Ended>>;

/// Lists async functions as checks, by their names.
macro_rules! checks {
    ($($name:ident),* $(,)?) => {
        const CHECKS: &[(&str, Check)] = &[$((stringify!($name), |bench| Box::pin($name(bench)))),*];
    };
}

checks![
    what_it_says_about_itself_is_consistent,
    what_it_excludes_is_unsupported,
    a_list_is_complete_and_asks_the_same_each_time,
    what_is_created_is_there,
    what_is_created_is_found_by_its_client_key,
    a_client_key_that_nobody_used_finds_nothing,
    an_update_changes_what_it_mentions_and_nothing_else,
    what_is_shown_can_be_written_back_and_stays,
    a_record_that_changed_meanwhile_is_not_written_over,
    what_is_missing_is_said_to_be_missing,
    what_is_refused_changes_nothing,
    what_is_deleted_is_gone,
    times_do_not_go_back,
];

/// What a check works with.
struct Bench<'a> {
    side: &'a dyn Side,
    samples: &'a Samples,
    capabilities: &'a Capabilities,
    /// Which check it is, so that each has client keys of its own.
    number: usize,
}

fn skipped(why: &str) -> Ended {
    Ended::Skipped(why.to_owned())
}

impl Bench<'_> {
    fn client_key(&self, number: usize) -> ClientKey {
        let source = format!("sample {} {number}", self.number);
        ClientKey::new(&self.samples.prefix, &self.samples.kind, &source)
    }

    async fn get(&self, key: &RecordKey) -> Result<Option<Observation>, SideError> {
        self.side.get(&self.samples.kind, key).await
    }

    /// Creates the samples, as far as the side can.
    async fn create(&self) -> Result<Vec<(ClientKey, Observation)>, Ended> {
        if !self.capabilities.can_create() {
            return Err(skipped("the side does not create"));
        }
        let has_samples = !self.samples.records.is_empty();
        ensure!(has_samples, "the side creates: give samples of records");
        let mut created = Vec::new();
        for (number, record) in self.samples.records.iter().enumerate() {
            let key = self.client_key(number);
            let receipt = self.side.create(&self.samples.kind, &key, record).await?;
            let is_whole = receipt.missing.is_empty();
            ensure!(is_whole, "without a fault, a create is only partly done");
            created.push((key, receipt.observation));
        }
        Ok(created)
    }

    /// Records that may be changed: created ones, or existing ones.
    async fn subjects(&self) -> Result<Vec<Observation>, Ended> {
        if self.capabilities.can_create() {
            let created = self.create().await?;
            return Ok(created.into_iter().map(|(_, one)| one).collect());
        }
        let mut subjects = Vec::new();
        for key in &self.samples.existing {
            let found = self.get(key).await?;
            let Some(found) = found else {
                return Err(Ended::Broken(
                    "a record that exists is not there".to_owned(),
                ));
            };
            subjects.push(found);
        }
        if subjects.is_empty() {
            return Err(skipped("there are no samples of existing records"));
        }
        Ok(subjects)
    }

    async fn clean_up(&self, created: &[Observation]) -> Result<(), Ended> {
        if self.capabilities.can_create() && self.capabilities.can_delete() {
            for one in created {
                self.side.delete(&self.samples.kind, &one.key, None).await?;
            }
        }
        Ok(())
    }

    async fn keys(&self) -> Result<Vec<RecordKey>, Ended> {
        let snapshot = self.side.list(&self.samples.kind).await?;
        ensure!(
            snapshot.is_complete(),
            "without a fault, a list is not complete"
        );
        let keys = snapshot.observations().iter();
        Ok(keys.map(|one| one.key.clone()).collect())
    }
}

/// Whether two records say the same, under the equivalences of their fields.
fn is_same(left: &Record, right: &Record) -> bool {
    let difference = flat_record::difference(left, right);
    difference.changes().next().is_none()
}

/// The names of the fields in which two records differ; names only, since values are personal.
fn differing(left: &Record, right: &Record) -> Vec<FieldName> {
    let difference = flat_record::difference(left, right);
    let changes = difference.changes();
    changes.map(|change| change.field.name.clone()).collect()
}

/// Expects an error of a kind.
fn fails<T>(result: Result<T, SideError>, kind: SideErrorKind, what: &str) -> Result<(), Ended> {
    let found = result.err().map(|error| error.kind());
    ensure!(found == Some(kind), "{what} gives {found:?}, not {kind:?}");
    Ok(())
}

async fn what_it_says_about_itself_is_consistent(bench: &Bench<'_>) -> Result<(), Ended> {
    let fields = &bench.capabilities.fields;
    ensure!(!fields.is_empty(), "the records have no fields");
    let mut read_only = bench.capabilities.read_only.iter();
    let unknown = read_only.find(|name| fields.slot(name).is_none());
    ensure!(
        unknown.is_none(),
        "a read-only field is not in the layout: {unknown:?}"
    );
    let other = Kind::new("no-such-kind-of-record")?;
    let knows_all = bench.side.capabilities(&other).is_some();
    ensure!(!knows_all, "the side says that it knows any kind");
    let listed = bench.side.list(&other).await;
    fails(
        listed,
        SideErrorKind::Unsupported,
        "a list of an unknown kind",
    )
}

async fn what_it_excludes_is_unsupported(bench: &Bench<'_>) -> Result<(), Ended> {
    let (kind, able) = (&bench.samples.kind, bench.capabilities);
    if able.can_create() && able.can_update() && able.can_delete() {
        return Err(skipped("the side excludes nothing"));
    }
    let (empty, unsupported) = (Record::new(&able.fields), SideErrorKind::Unsupported);
    let samples = bench.samples;
    if !able.can_create() {
        let record = samples.records.first().unwrap_or(&empty);
        let key = bench.client_key(0);
        fails(
            bench.side.create(kind, &key, record).await,
            unsupported,
            "a create",
        )?;
    }
    let key = samples.existing.first().or(samples.missing.as_ref());
    if let Some(key) = key {
        if !able.can_update() {
            let change = samples.changes.first().unwrap_or(&empty);
            let result = bench.side.update(kind, key, change, None).await;
            fails(result, unsupported, "an update")?;
        }
        if !able.can_delete() {
            let result = bench.side.delete(kind, key, None).await;
            fails(result, unsupported, "a delete")?;
        }
    }
    Ok(())
}

async fn a_list_is_complete_and_asks_the_same_each_time(bench: &Bench<'_>) -> Result<(), Ended> {
    let created = match bench.create().await {
        Ok(created) => created.into_iter().map(|(_, one)| one).collect(),
        Err(Ended::Skipped(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    let first = bench.side.list(&bench.samples.kind).await?;
    let second = bench.side.list(&bench.samples.kind).await?;
    for snapshot in [&first, &second] {
        ensure!(
            snapshot.is_complete(),
            "without a fault, a list is not complete"
        );
        let kind = snapshot.kind();
        ensure!(
            *kind == bench.samples.kind,
            "a list says that it is of {kind}"
        );
        let is_ours = *snapshot.fields() == bench.capabilities.fields;
        ensure!(is_ours, "the list has another layout than the capabilities");
    }
    ensure!(
        first.scope() == second.scope(),
        "the same question has two scopes"
    );
    for one in &created {
        let listed = first.get(one.key.as_str());
        let is_there = listed.is_some_and(|listed| is_same(&listed.record, &one.record));
        ensure!(is_there, "a created record is not in the list, or another");
    }
    for key in &bench.samples.existing {
        let is_there = first.get(key.as_str()).is_some();
        ensure!(is_there, "an existing record is not in the list");
    }
    bench.clean_up(&created).await
}

async fn what_is_created_is_there(bench: &Bench<'_>) -> Result<(), Ended> {
    let created = bench.create().await?;
    for (number, (_, one)) in created.iter().enumerate() {
        let is_ours = *one.record.fields() == bench.capabilities.fields;
        ensure!(
            is_ours,
            "a receipt has another layout than the capabilities"
        );
        let Some(read) = bench.get(&one.key).await? else {
            return Err(Ended::Broken("what was created is not there".to_owned()));
        };
        let differ = differing(&one.record, &read.record);
        ensure!(
            differ.is_empty(),
            "the receipt and the record differ in {differ:?}"
        );
        ensure!(
            one.version == read.version,
            "the receipt has another version"
        );
        let is_another = |(_, other): &(ClientKey, Observation)| other.key != one.key;
        let mut others = created.iter().take(number);
        ensure!(others.all(is_another), "two records have one key");
        // A field that was written is shown, in whatever spelling.
        for (field, _) in bench.samples.records[number].iter() {
            let is_shown = read.record.get(&field.name).is_some();
            ensure!(is_shown, "{} was written and is not shown", field.name);
        }
    }
    let created: Vec<_> = created.into_iter().map(|(_, one)| one).collect();
    bench.clean_up(&created).await
}

async fn what_is_created_is_found_by_its_client_key(bench: &Bench<'_>) -> Result<(), Ended> {
    let created = bench.create().await?;
    for (client_key, one) in &created {
        let found = bench.side.find(&bench.samples.kind, client_key).await?;
        if bench.capabilities.create == Some(Recovery::Never) {
            let is_honest = found == Found::Undecided;
            ensure!(
                is_honest,
                "the side cannot find a create again, but decides"
            );
            continue;
        }
        let is_it = matches!(&found, Found::One(found) if found.key == one.key);
        ensure!(is_it, "a created record is not found by its client key");
        if bench.capabilities.create == Some(Recovery::ByListing) {
            let snapshot = bench.side.list(&bench.samples.kind).await?;
            let listed = snapshot.get(one.key.as_str());
            let shown = listed.and_then(|listed| listed.client_key.as_ref());
            let is_shown = shown.is_some_and(|shown| *shown == *client_key.to_string().as_str());
            ensure!(is_shown, "the list does not show the client key");
        }
    }
    let created: Vec<_> = created.into_iter().map(|(_, one)| one).collect();
    bench.clean_up(&created).await
}

async fn a_client_key_that_nobody_used_finds_nothing(bench: &Bench<'_>) -> Result<(), Ended> {
    if matches!(bench.capabilities.create, None | Some(Recovery::Never)) {
        return Err(skipped("the side does not find creates again"));
    }
    let created = bench.create().await?;
    // The key of another life is another key, though it begins the same.
    let unused = created.iter().map(|(key, _)| key.with_incarnation(9));
    for key in unused.chain([bench.client_key(usize::MAX)]) {
        let found = bench.side.find(&bench.samples.kind, &key).await?;
        ensure!(
            found == Found::Nothing,
            "a key that nobody used finds something"
        );
    }
    let created: Vec<_> = created.into_iter().map(|(_, one)| one).collect();
    bench.clean_up(&created).await
}

async fn an_update_changes_what_it_mentions_and_nothing_else(
    bench: &Bench<'_>,
) -> Result<(), Ended> {
    let changes = bench.changes()?;
    let subjects = bench.subjects().await?;
    for before in &subjects {
        let mut before = before.clone();
        for change in changes {
            let version = before.version.as_deref();
            let update = bench
                .side
                .update(&bench.samples.kind, &before.key, change, version);
            let receipt = update.await?;
            let is_whole = receipt.missing.is_empty();
            ensure!(is_whole, "without a fault, an update is only partly done");
            let after = receipt.observation;
            ensure!(after.key == before.key, "an update changed the key");
            let Some(read) = bench.get(&before.key).await? else {
                return Err(Ended::Broken("an updated record is gone".to_owned()));
            };
            let differ = differing(&after.record, &read.record);
            ensure!(
                differ.is_empty(),
                "the receipt and the record differ in {differ:?}"
            );
            let mut others = differing(&before.record, &read.record);
            others.retain(|name| change.get(name).is_none());
            ensure!(others.is_empty(), "an update changed {others:?} besides");
            let has_changed = !is_same(&before.record, &read.record);
            let is_versioned = before.version.is_some();
            if has_changed && is_versioned {
                let is_new = read.version != before.version;
                ensure!(is_new, "a changed record has the same version");
            }
            before = read;
        }
    }
    bench.clean_up(&subjects).await
}

async fn what_is_shown_can_be_written_back_and_stays(bench: &Bench<'_>) -> Result<(), Ended> {
    // A system that trims or rounds must not do it again to what it shows: two systems would
    // correct each other for ever.
    let changes = bench.changes()?;
    let subjects = bench.subjects().await?;
    for subject in &subjects {
        for change in changes {
            let kind = &bench.samples.kind;
            let once = bench.side.update(kind, &subject.key, change, None).await?;
            let once = once.observation.record;
            let mut shown = Record::new(once.fields());
            for (field, _) in change.iter() {
                if let Some(value) = once.get(&field.name) {
                    shown.set(&field.name, value.clone())?;
                }
            }
            let twice = bench.side.update(kind, &subject.key, &shown, None).await?;
            let differ = differing(&once, &twice.observation.record);
            ensure!(
                differ.is_empty(),
                "writing back what is shown changes {differ:?}"
            );
        }
    }
    bench.clean_up(&subjects).await
}

async fn a_record_that_changed_meanwhile_is_not_written_over(
    bench: &Bench<'_>,
) -> Result<(), Ended> {
    if bench.capabilities.update == Some(Conditional::Unversioned) {
        return Err(skipped("the system knows no versions"));
    }
    let changes = bench.changes()?;
    let subjects = bench.subjects().await?;
    let mut has_changed = false;
    for before in &subjects {
        let is_versioned = before.version.is_some();
        ensure!(is_versioned, "the side claims versions, and shows none");
        let (kind, key) = (&bench.samples.kind, &before.key);
        for change in changes {
            bench.side.update(kind, key, change, None).await?;
        }
        let Some(now) = bench.get(key).await? else {
            return Err(Ended::Broken("an updated record is gone".to_owned()));
        };
        if now.version == before.version {
            continue;
        }
        has_changed = true;
        let stale = before.version.as_deref();
        let result = bench.side.update(kind, key, &changes[0], stale).await;
        fails(
            result,
            SideErrorKind::Changed,
            "an update of a stale version",
        )?;
        if bench.capabilities.can_delete() {
            let result = bench.side.delete(kind, key, stale).await;
            fails(
                result,
                SideErrorKind::Changed,
                "a delete of a stale version",
            )?;
        }
        let read = bench.get(key).await?;
        let is_untouched = read.is_some_and(|read| is_same(&read.record, &now.record));
        ensure!(is_untouched, "a refused write changed the record");
    }
    ensure!(
        has_changed,
        "no change of the samples changes any record: give others"
    );
    bench.clean_up(&subjects).await
}

async fn what_is_missing_is_said_to_be_missing(bench: &Bench<'_>) -> Result<(), Ended> {
    let Some(key) = &bench.samples.missing else {
        return Err(skipped("there is no sample of a key that no record has"));
    };
    let (kind, able) = (&bench.samples.kind, bench.capabilities);
    let read = bench.get(key).await?;
    ensure!(read.is_none(), "a record that is not there is read");
    if able.can_update()
        && let Ok(changes) = bench.changes()
    {
        let result = bench.side.update(kind, key, &changes[0], None).await;
        fails(result, SideErrorKind::NotFound, "an update of nothing")?;
    }
    if able.can_delete() {
        let result = bench.side.delete(kind, key, None).await;
        fails(result, SideErrorKind::NotFound, "a delete of nothing")?;
    }
    Ok(())
}

async fn what_is_refused_changes_nothing(bench: &Bench<'_>) -> Result<(), Ended> {
    if bench.samples.refused.is_empty() || !bench.capabilities.can_create() {
        return Err(skipped("there are no samples of records that are refused"));
    }
    let before = bench.keys().await?;
    for (number, record) in bench.samples.refused.iter().enumerate() {
        let key = bench.client_key(number);
        let result = bench.side.create(&bench.samples.kind, &key, record).await;
        fails(
            result,
            SideErrorKind::Refused,
            "a create of what is refused",
        )?;
    }
    let after = bench.keys().await?;
    ensure!(before == after, "a refused create left something");
    Ok(())
}

async fn what_is_deleted_is_gone(bench: &Bench<'_>) -> Result<(), Ended> {
    if !bench.capabilities.can_delete() {
        return Err(skipped("the side does not delete"));
    }
    let created = bench.create().await?;
    for (client_key, one) in &created {
        let kind = &bench.samples.kind;
        let version = one.version.as_deref();
        bench.side.delete(kind, &one.key, version).await?;
        ensure!(
            bench.get(&one.key).await?.is_none(),
            "a deleted record is read"
        );
        let is_listed = bench.keys().await?.contains(&one.key);
        ensure!(!is_listed, "a deleted record is listed");
        let found = bench.side.find(kind, client_key).await?;
        let is_found = matches!(found, Found::One(_) | Found::Several(_));
        ensure!(!is_found, "a deleted record is found by its client key");
    }
    Ok(())
}

async fn times_do_not_go_back(bench: &Bench<'_>) -> Result<(), Ended> {
    let subjects = bench.subjects().await?;
    for one in &subjects {
        let first = bench.get(&one.key).await?;
        let second = bench.get(&one.key).await?;
        let (Some(first), Some(second)) = (first, second) else {
            return Err(Ended::Broken("a record is gone".to_owned()));
        };
        let is_later = one.seen_at <= first.seen_at && first.seen_at <= second.seen_at;
        ensure!(is_later, "a later answer says that it was seen earlier");
    }
    bench.clean_up(&subjects).await
}

impl Bench<'_> {
    /// The samples of changes.
    fn changes(&self) -> Result<&[Record], Ended> {
        if !self.capabilities.can_update() {
            return Err(skipped("the side does not update"));
        }
        let changes = &self.samples.changes;
        ensure!(
            !changes.is_empty(),
            "the side updates: give samples of changes"
        );
        Ok(changes)
    }
}
