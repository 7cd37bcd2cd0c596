//! What a run keeps in the store: a link for each document that was posted, an intent for each that
//! is about to be, and deviations.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use flat_record::{FieldName, Kind, Value};
use kleer_model::{Cents, ClientKey};
use record_link::{
    BaseField, ConnectionId, DeviationChange, DeviationEvent, DeviationId, DeviationQuery,
    DeviationState, Event, EventKind, Failure, Intent, IntentState, Link, LinkId, LinkState,
    Operation, OperationId, Origin, RecordKey, Sides, Step, Store, StoreError, Which, Write,
    all_links,
};

use super::deviations::topic_of;
use super::document::Document;
use super::outcome::DocumentResult;
use super::target::Target;

/// The document's name, in an intent: whoever finds it after a crash can say which one it was.
const DOCUMENT: &str = "document";
const NUMBER: &str = "number";
const NET: &str = "net";
const VAT: &str = "vat";

/// What the store has of one connection and target, and what is to be written next.
#[derive(Debug)]
pub(crate) struct Journal {
    connection: ConnectionId,
    target: Target,
    kind: Kind,
    run: Option<String>,
    /// By the client key of the document.
    links: HashMap<ClientKey, Link>,
    /// Whose link a left key is: a seller can use a number for several contents.
    holders: HashMap<RecordKey, ClientKey>,
    /// Deviations that are not resolved.
    unresolved: HashSet<DeviationId>,
    writes: Vec<Write>,
}

/// A create that was begun by a run that did not tell what became of it.
pub(crate) struct Begun {
    pub(crate) key: ClientKey,
    pub(crate) at: DateTime<Utc>,
    document: Option<String>,
    number: Option<String>,
}

fn field(name: &'static str) -> FieldName {
    #[expect(clippy::expect_used, reason = "the four constants above")]
    FieldName::new(name).expect("a name")
}

fn text_of(intent: &Intent, name: &str) -> Option<String> {
    match &intent.operation.step {
        Step::Create { values, .. } => values.get(name)?.as_text().map(str::to_owned),
        _ => None,
    }
}

impl Journal {
    /// One that knows nothing of what the store has.
    pub(crate) fn empty(connection: &ConnectionId, target: Target) -> Self {
        Self {
            connection: connection.clone(),
            target,
            run: None,
            links: HashMap::new(),
            holders: HashMap::new(),
            unresolved: HashSet::new(),
            writes: Vec::new(),
            kind: target.kind(),
        }
    }

    /// Reads what the store has.
    pub(crate) async fn load(
        store: &dyn Store,
        connection: &ConnectionId,
        target: Target,
        run: Option<String>,
    ) -> Result<(Self, Vec<Begun>), StoreError> {
        let mut journal = Self {
            run,
            ..Self::empty(connection, target)
        };
        let mut by_id: HashMap<LinkId, ClientKey> = HashMap::new();
        for link in all_links(store, connection, &target.kind()).await? {
            if let Some(key) = journal.key_of(&link) {
                by_id.insert(link.id, key);
                journal.keep(key, link);
            }
        }
        let begun = store.intents(connection).await?;
        let begun = begun.iter().filter_map(|intent| {
            Some(Begun {
                key: *by_id.get(&intent.operation.link)?,
                at: intent.at,
                document: text_of(intent, DOCUMENT),
                number: text_of(intent, NUMBER),
            })
        });
        let begun = begun.collect();
        let states = [
            DeviationState::Open,
            DeviationState::Reprocessing,
            DeviationState::Ignored,
        ];
        let mut query = DeviationQuery::all().states(states).limit(1_000);
        loop {
            let page = store.deviations(connection, &query).await?;
            let ids = page.items.iter().map(record_link::Deviation::id);
            journal.unresolved.extend(ids);
            if page.next.is_none() {
                return Ok((journal, begun));
            }
            query = query.after(page.next);
        }
    }

    /// What is to be written; nothing is left to be written then.
    pub(crate) fn take_writes(&mut self) -> Vec<Write> {
        std::mem::take(&mut self.writes)
    }

    pub(crate) fn link(&self, key: ClientKey) -> Option<&Link> {
        self.links.get(&key)
    }

    /// The links of documents that stand in Kleer, as far as is known: with their ids there.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (ClientKey, &LinkState, i64)> {
        self.links.iter().filter_map(|(key, link)| {
            let id = link.keys.right.as_ref()?.as_str().parse().ok()?;
            Some((*key, &link.state, id))
        })
    }

    fn keep(&mut self, key: ClientKey, link: Link) {
        if let Some(left) = link.keys.left.clone().filter(|_| link.is_live()) {
            self.holders.insert(left, key);
        }
        self.links.insert(key, link);
    }

    /// The client key of the document that a link is of.
    fn key_of(&self, link: &Link) -> Option<ClientKey> {
        let left = link.keys.left.as_ref()?.as_str();
        if let Ok(key) = left.parse() {
            return Some(key);
        }
        let source_key = left.strip_suffix(&suffix(link.incarnation)).unwrap_or(left);
        let key = ClientKey::new(self.connection.as_str(), self.target.as_str(), source_key);
        Some(key.with_incarnation(link.incarnation))
    }

    /// The left key of a document's link: its identity. With its content, if the seller has used
    /// the number for another one, since a record has one live link; and its client key, if it
    /// cannot be a key as it is.
    fn left_of(&self, document: &Document) -> RecordKey {
        let plain = RecordKey::new(document.source_key.as_str()).ok();
        let is_free = |left: &RecordKey| {
            let holder = self.holders.get(left);
            holder.is_none_or(|holder| *holder == document.key)
        };
        let with_content = || {
            let suffix = suffix(document.key.incarnation());
            RecordKey::new(format!("{}{suffix}", document.source_key)).ok()
        };
        let left = plain.filter(is_free).or_else(with_content);
        #[expect(
            clippy::expect_used,
            reason = "a client key is 30 to 44 letters and digits"
        )]
        left.unwrap_or_else(|| RecordKey::new(document.key.to_string()).expect("a key"))
    }

    /// Changes a link, or begins one.
    fn change(&mut self, key: ClientKey, mut link: Link, what: EventKind, now: DateTime<Utc>) {
        link.version = link.version.saturating_add(1);
        let mut event = Event::new(what, link.clone(), now);
        event.run.clone_from(&self.run);
        self.writes.push(Write::Event(Box::new(event)));
        self.keep(key, link);
    }

    /// A document is about to be posted: stored before anything is sent for it.
    pub(crate) fn begin(
        &mut self,
        document: &Document,
        result: &DocumentResult,
        now: DateTime<Utc>,
    ) {
        let on = Which::Right;
        let link = match self.links.get(&document.key) {
            Some(link) => standing(link.clone(), LinkState::Creating { on }),
            None => Link::creating(
                self.connection.clone(),
                self.kind.clone(),
                self.left_of(document),
                on,
                document.key.incarnation(),
            ),
        };
        self.change(document.key, link, EventKind::CreateIntended { on }, now);
        let texts = [
            (DOCUMENT, Some(result.document.as_str())),
            (NUMBER, result.number.as_deref()),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(name, text)| Some((field(name), Value::from(text?))));
        let sums = [(NET, result.net), (VAT, result.vat)];
        let sums = sums
            .into_iter()
            .filter_map(|(name, cents)| Some((field(name), amount(cents?))));
        let values: Vec<_> = texts.chain(sums).collect();
        self.intend(document.key, values, IntentState::Begun, now);
    }

    fn intend(
        &mut self,
        key: ClientKey,
        values: Vec<(FieldName, Value)>,
        state: IntentState,
        now: DateTime<Utc>,
    ) {
        let operation = self
            .links
            .get(&key)
            .and_then(|link| Operation::create(link, values));
        if let Some(operation) = operation {
            let mut intent = Intent::new(self.connection.clone(), operation, now);
            intent = intent.with_client_key(key);
            intent.state = state;
            self.writes.push(Write::Intent(Box::new(intent)));
        }
    }

    fn close(&mut self, link: &Link) {
        let on = Which::Right;
        let creating = standing(link.clone(), LinkState::Creating { on });
        let id: Option<OperationId> = Operation::create(&creating, []).map(|create| create.id);
        self.writes.extend(id.map(Write::IntentClosed));
    }

    /// The document stands in Kleer, as this record: it was created, or found there by its key.
    pub(crate) fn stands(&mut self, key: ClientKey, id: i64, now: DateTime<Utc>) {
        let right = RecordKey::new(id.to_string()).ok();
        let Some(link) = self.links.get(&key).cloned() else {
            return;
        };
        let (on, back) = (Which::Right, Which::Right);
        let what = match link.state {
            LinkState::Linked if link.keys.right == right => return,
            LinkState::Orphaned { .. } => EventKind::Returned { back },
            LinkState::Unlinked(_) | LinkState::Ended => return,
            _ => EventKind::Created { on },
        };
        self.close(&link);
        let mut link = standing(link, LinkState::Linked);
        link.keys.right = right;
        self.change(key, link, what, now);
    }

    /// The document stands in Kleer, and the store knows nothing of it: it was lost, or another
    /// one was used.
    pub(crate) fn adopt(&mut self, document: &Document, id: i64, now: DateTime<Utc>) {
        if self.links.contains_key(&document.key) {
            return self.stands(document.key, id, now);
        }
        let Ok(right) = RecordKey::new(id.to_string()) else {
            return;
        };
        let keys = Sides::new(self.left_of(document), right);
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        // It carries our key, so it is we who created it.
        let origin = Origin::Created { on: Which::Right };
        let link = Link::new(connection, kind, keys, origin, document.key.incarnation());
        self.change(document.key, link, EventKind::Imported, now);
    }

    /// The document does not stand in Kleer: its create was refused, or never sent.
    pub(crate) fn not_created(&mut self, key: ClientKey, now: DateTime<Utc>) {
        let Some(link) = self.links.get(&key).cloned() else {
            return;
        };
        let on = Which::Right;
        self.close(&link);
        let state = LinkState::Failed { on, tried: None };
        self.change(
            key,
            standing(link, state),
            EventKind::CreateFailed { on },
            now,
        );
    }

    /// Nobody knows whether the document stands in Kleer. The intent stays.
    pub(crate) fn in_doubt(&mut self, key: ClientKey, now: DateTime<Utc>) {
        let Some(link) = self.links.get(&key).cloned() else {
            return;
        };
        let on = Which::Right;
        if matches!(link.state, LinkState::Creating { .. }) {
            let state = LinkState::InDoubt { on };
            self.change(
                key,
                standing(link, state),
                EventKind::CreateInDoubt { on },
                now,
            );
        }
    }

    /// The record is not in Kleer any more.
    pub(crate) fn gone(&mut self, key: ClientKey, now: DateTime<Utc>) {
        if let Some(link) = self.links.get(&key).cloned() {
            let gone = Which::Right;
            let state = LinkState::Orphaned { gone };
            self.change(
                key,
                standing(link, state),
                EventKind::Orphaned { gone },
                now,
            );
        }
    }

    /// Kleer was seen to have these sums, which are those of the document.
    pub(crate) fn agree(&mut self, key: ClientKey, net: Cents, vat: Cents, now: DateTime<Utc>) {
        let Some(mut link) = self.links.get(&key).cloned() else {
            return;
        };
        let sums = [(field(NET), net), (field(VAT), vat)];
        let mut fields = Vec::new();
        for (name, cents) in sums {
            let agreed = BaseField::Value(Box::new(amount(cents)));
            if *link.base.get(&name) != agreed {
                link.base.set(&name, agreed);
                fields.push(name);
            }
        }
        if link.state == LinkState::Linked && !fields.is_empty() {
            self.change(key, link, EventKind::Agreed { fields }, now);
        }
    }

    /// Keeps what was not posted as a deviation, and resolves that of what is posted now.
    pub(crate) fn note(&mut self, result: &DocumentResult, now: DateTime<Utc>) {
        let topic = topic_of(&self.connection, self.target, &result.document);
        let id = topic.id();
        let event = if let Some(failure) = failure_of(result) {
            self.unresolved.insert(id);
            DeviationEvent::failed(topic, failure, now)
        } else if self.unresolved.remove(&id) {
            DeviationEvent::new(id, DeviationChange::Succeeded, now)
        } else {
            return;
        };
        self.event(event);
    }

    /// Notes that a document is tried again.
    pub(crate) fn reprocess(&mut self, document: &str, now: DateTime<Utc>) {
        let id = topic_of(&self.connection, self.target, document).id();
        if self.unresolved.contains(&id) {
            self.event(DeviationEvent::new(id, DeviationChange::Reprocessing, now));
        }
    }

    /// A run that died had begun to post a document, which is not in Kleer. Nobody should have to
    /// remember which one it was.
    pub(crate) fn interrupted(
        &mut self,
        begun: &Begun,
        class: record_link::DeviationClass,
        why: &str,
        now: DateTime<Utc>,
    ) {
        let Some(document) = &begun.document else {
            return;
        };
        let mut failure = Failure::new(class, "interrupted", why).distinguished_by(why);
        if let Some(number) = &begun.number {
            failure = failure.labelled(number);
        }
        let topic = topic_of(&self.connection, self.target, document);
        self.unresolved.insert(topic.id());
        self.event(DeviationEvent::failed(topic, failure, now));
    }

    fn event(&mut self, mut event: DeviationEvent) {
        event.run.clone_from(&self.run);
        self.writes.push(Write::Deviation(event));
    }
}

/// The link, standing so.
fn standing(mut link: Link, state: LinkState) -> Link {
    link.state = state;
    link
}

/// What tells the contents of one number apart in a left key.
fn suffix(fingerprint: u64) -> String {
    format!(" content {fingerprint:016x}")
}

fn amount(cents: Cents) -> Value {
    Value::Decimal(rust_decimal::Decimal::new(cents.0, 2))
}

/// Why a document is not posted, if it is not.
pub(crate) fn failure_of(result: &DocumentResult) -> Option<Failure> {
    let class = result.class?;
    let mut reasons = result.reasons.iter();
    let first = reasons.next().map_or("no reason is known", String::as_str);
    let mut failure = Failure::new(class, result.outcome.as_str(), first).distinguished_by(first);
    for reason in reasons {
        // All of them: one that was ignored must not stay so when a new reason is a double.
        failure = failure.and(reason).distinguished_by(reason);
    }
    if let Some(number) = &result.number {
        failure = failure.labelled(number);
    }
    Some(failure)
}
