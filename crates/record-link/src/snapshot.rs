//! What one side showed: records, and whether they are all.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use flat_record::{Fields, Kind, Record, Text};

use crate::hash::{self, hash_type};
use crate::identity::RecordKey;
use crate::key_index::{self, KeyIndex};
use crate::observation::Observation;
use crate::{ClientKey, Found};

hash_type! {
    /// What was asked for: two snapshots with the same scope asked the same question.
    ///
    /// A record that is missing under another filter is not deleted, so conclusions are drawn
    /// within one scope only. Written as 32 hexadecimal digits.
    Scope, "a scope"
}

impl Scope {
    /// The scope of a question, told by everything that could change which records are in it: the
    /// path, the filters, the rights of the account.
    ///
    /// ```
    /// use record_link::Scope;
    /// assert_ne!(Scope::of(["employees", "active=true"]), Scope::of(["employees"]));
    /// ```
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(hash::of_parts(parts.into_iter().map(str::as_bytes)))
    }
}

/// An item that a side showed and that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// Which one of the items, counted from 0 in the order in which they came.
    pub position: usize,
    /// Its key, if it has one.
    pub key: Option<RecordKey>,
    /// Why.
    pub reason: RejectReason,
}

/// Why an item of a snapshot could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectReason {
    /// It has no key, or one that cannot be a key.
    NoKey,
    /// Another item, seen at the same time, has the same key and says something else: there is no
    /// telling which is right, so both are set aside.
    DuplicateKey {
        /// The position of the other item.
        other: usize,
    },
    /// Its layout is not that of the snapshot.
    OtherLayout,
    /// It could not be read; the code says why, without personal data.
    Unreadable(String),
}

/// What became of an observation that a snapshot was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Taken {
    /// The record was not known.
    New,
    /// It replaces an older observation.
    Newer,
    /// A newer observation, or an equal one, is there already.
    Kept,
    /// It was rejected, and the snapshot is incomplete now.
    Rejected,
}

/// What one side showed of one kind of record: the records, whether they are all, and what was
/// asked for.
///
/// A snapshot is *complete* only if that is said and no item was rejected. Only a complete
/// snapshot lets anything be concluded from what is not in it.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use flat_record::{Field, Fields, Kind, Record, ValueKind};
/// use record_link::{Scope, Snapshot};
///
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let now = DateTime::<Utc>::UNIX_EPOCH;
/// let mut snapshot = Snapshot::new(Kind::new("employee")?, &fields, Scope::of(["all"]), now);
/// snapshot.add("e-1", Record::new(&fields).with("name", "Anna")?);
/// snapshot.add("", Record::new(&fields)); // lost its key
/// let snapshot = snapshot.complete();
/// assert_eq!(snapshot.len(), 1);
/// assert!(!snapshot.is_complete()); // one item was rejected
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Snapshot {
    kind: Kind,
    fields: Fields,
    scope: Scope,
    taken_at: DateTime<Utc>,
    is_whole: bool,
    observations: Vec<Observation>,
    /// Positions in `observations` of which two contradicting items came.
    contradicted: Vec<usize>,
    rejected: Vec<Rejected>,
    deleted: Vec<RecordKey>,
    index: KeyIndex,
    /// How many items came.
    items: usize,
}

impl Snapshot {
    /// An empty snapshot, not complete.
    pub fn new(kind: Kind, fields: &Fields, scope: Scope, taken_at: DateTime<Utc>) -> Self {
        Self {
            kind,
            fields: fields.clone(),
            scope,
            taken_at,
            is_whole: false,
            observations: Vec::new(),
            contradicted: Vec::new(),
            rejected: Vec::new(),
            deleted: Vec::new(),
            index: KeyIndex::default(),
            items: 0,
        }
    }

    /// Makes room for so many records.
    #[must_use]
    pub fn with_capacity(mut self, records: usize) -> Self {
        self.observations.reserve_exact(records);
        self.index = KeyIndex::with_capacity(records);
        self
    }

    /// Adds a record, seen when the snapshot was taken.
    pub fn add(&mut self, key: impl Into<Text>, record: Record) -> Taken {
        match Observation::new(key, record, self.taken_at) {
            Ok(observation) => self.observe(observation),
            Err(_) => self.reject(None, RejectReason::NoKey),
        }
    }

    /// Adds an observation, also of a record that is there already: the newer one is kept.
    ///
    /// Two observations of the same time that say the same are one (pages overlap); if they say
    /// different things, the record is set aside.
    pub fn observe(&mut self, observation: Observation) -> Taken {
        if observation.record.fields() != &self.fields {
            return self.reject(Some(observation.key), RejectReason::OtherLayout);
        }
        let hash = key_index::hash(observation.key.as_str());
        let position = self.items;
        self.items += 1;
        let Some(known) = self.position_hashed(observation.key.as_str(), hash) else {
            let Ok(new) = u32::try_from(self.observations.len()) else {
                // Four thousand million records of some hundred bytes do not fit into memory.
                self.items -= 1;
                return self.reject(
                    Some(observation.key),
                    RejectReason::Unreadable("too-many".to_owned()),
                );
            };
            let observations = &self.observations;
            self.index.insert(hash, new, |earlier| {
                observations
                    .get(earlier)
                    .map_or(0, |one| key_index::hash(one.key.as_str()))
            });
            self.observations.push(observation);
            return Taken::New;
        };
        let before = &mut self.observations[known];
        if observation.seen_at > before.seen_at
            || crate::mutants::is(crate::mutants::Mutant::OlderWins)
        {
            *before = observation;
            self.contradicted.retain(|position| *position != known);
            return Taken::Newer;
        }
        if observation.seen_at < before.seen_at || observation.record == before.record {
            return Taken::Kept;
        }
        let key = Some(observation.key);
        if !self.contradicted.contains(&known) {
            self.contradicted.push(known);
        }
        let reason = RejectReason::DuplicateKey { other: known };
        self.rejected.push(Rejected {
            position,
            key,
            reason,
        });
        Taken::Rejected
    }

    /// Sets an item aside that could not be used. The snapshot is incomplete from now on.
    pub fn reject(&mut self, key: Option<RecordKey>, reason: RejectReason) -> Taken {
        let position = self.items;
        self.items += 1;
        self.rejected.push(Rejected {
            position,
            key,
            reason,
        });
        Taken::Rejected
    }

    /// Takes note that the side says of a record that it is deleted. Such a word needs no
    /// complete snapshot.
    pub fn add_deleted(&mut self, key: RecordKey) {
        self.deleted.push(key);
    }

    /// Says that these are all records in the scope: every page was read, and none failed.
    #[must_use]
    pub fn complete(mut self) -> Self {
        self.is_whole = true;
        self
    }

    /// Whether these are all records in the scope, and none was rejected.
    pub fn is_complete(&self) -> bool {
        self.is_whole && self.rejected.is_empty()
    }

    /// The kind of the records.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The layout of the records.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// What was asked for.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// When it was asked.
    pub fn taken_at(&self) -> DateTime<Utc> {
        self.taken_at
    }

    /// The observations, in the order in which they came. Those that contradict each other are
    /// among them; see [`get`](Self::get) and [`is_contradicted`](Self::is_contradicted).
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// What could not be used.
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }

    /// The records of which the side says that they are deleted.
    pub fn deleted(&self) -> &[RecordKey] {
        &self.deleted
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.observations.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.observations.is_empty()
    }

    /// The observation of a record; `None` if there is none, or contradicting ones.
    pub fn get(&self, key: &str) -> Option<&Observation> {
        let position = self.position(key)?;
        (!self.is_contradicted(position)).then(|| &self.observations[position])
    }

    /// The records that carry a client key: what a side answers that
    /// [finds by listing](crate::Recovery::ByListing).
    ///
    /// That there is none is known only of a complete snapshot; otherwise the answer is
    /// [`Found::Undecided`].
    ///
    /// ```
    /// # use chrono::{DateTime, Utc};
    /// # use flat_record::{Field, Fields, Kind, Record, ValueKind};
    /// # use record_link::{ClientKey, Found, Observation, Scope, Snapshot};
    /// # let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
    /// # let (kind, now) = (Kind::new("employee")?, DateTime::<Utc>::UNIX_EPOCH);
    /// let key = ClientKey::new("hr->payroll", "employee", "e-17");
    /// let created = Observation::new("4711", Record::new(&fields), now)?.client_key(key.to_string());
    /// let mut page = Snapshot::new(kind, &fields, Scope::of(["all"]), now);
    /// assert_eq!(page.find(&key), Found::Undecided); // another page may have it
    /// page.observe(created.clone());
    /// assert_eq!(page.find(&key), Found::One(created));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find(&self, client_key: &ClientKey) -> Found {
        let text = client_key.to_string();
        let carries = |one: &&Observation| one.client_key.as_deref() == Some(text.as_str());
        match self.observations.iter().filter(carries).cloned().collect() {
            Found::Nothing if !self.is_complete() => Found::Undecided,
            found => found,
        }
    }

    /// The records that carry each of these client keys, found in one pass: what a side answers to
    /// [`find_all`](crate::Side::find_all) that finds by listing.
    pub fn find_all(&self, client_keys: &[ClientKey]) -> Vec<(ClientKey, Found)> {
        let texts: Vec<String> = client_keys.iter().map(ToString::to_string).collect();
        let mut carriers: HashMap<&str, Vec<&Observation>> = HashMap::new();
        for text in &texts {
            carriers.insert(text, Vec::new());
        }
        for observation in &self.observations {
            let carried = observation.client_key.as_deref();
            if let Some(carriers) = carried.and_then(|key| carriers.get_mut(key)) {
                carriers.push(observation);
            }
        }
        let found = |text: &String| match carriers.get(text.as_str()) {
            Some(these) if !these.is_empty() => these.iter().copied().cloned().collect(),
            _ if self.is_complete() => Found::Nothing,
            _ => Found::Undecided,
        };
        client_keys
            .iter()
            .copied()
            .zip(texts.iter().map(found))
            .collect()
    }

    /// Where in [`observations`](Self::observations) a record is.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.position_hashed(key, key_index::hash(key))
    }

    /// Reads where the record of a hash probably is: see the planner's `READ_AHEAD`.
    pub(crate) fn touch(&self, hash: u64) -> usize {
        let position = self.index.guess(hash);
        let observation = position.and_then(|position| self.observations.get(position));
        observation.map_or(0, |observation| observation.key.as_str().len())
    }

    pub(crate) fn position_hashed(&self, key: &str, hash: u64) -> Option<usize> {
        self.index.find(hash, |position| {
            self.observations
                .get(position)
                .is_some_and(|one| one.key.as_str() == key)
        })
    }

    /// Whether contradicting items came for the record at this position.
    pub fn is_contradicted(&self, position: usize) -> bool {
        // Nearly always empty.
        !self.contradicted.is_empty() && self.contradicted.contains(&position)
    }
}
