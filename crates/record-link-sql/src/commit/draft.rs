//! What a batch makes of what is stored, seen whole before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use flat_record::Kind;
use record_link::{
    Batch, Conflict, ConnectionId, Deviation, DeviationChange, DeviationEvent, DeviationId, Event,
    LinkId, OperationId, ScheduleState, Write,
};

use super::read::{Known, LinkHead, Record};
use super::upkeep;
use super::write::{self, Written};
use crate::Failed;

/// What a batch makes of what is stored. What goes is `None`.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    known: &'a Known,
    connection: &'a ConnectionId,
    links: BTreeMap<LinkId, Option<LinkHead>>,
    /// `None` where a record has no live link any more.
    live: BTreeMap<Record, Option<LinkId>>,
    deviations: BTreeMap<DeviationId, Option<Deviation>>,
    /// The links of the intents.
    intents: BTreeMap<OperationId, Option<LinkId>>,
    /// The versions of the schedules.
    schedules: BTreeMap<Kind, u64>,
    /// Links whose stored values go.
    redacted: BTreeSet<LinkId>,
    /// Links that go, as they are stored.
    forgotten: BTreeSet<LinkId>,
    /// The events, each at its place.
    events: Vec<(i64, Event)>,
    next_place: i64,
    /// Everything else, in the order in which it comes.
    rest: Vec<Written>,
}

impl<'a> Draft<'a> {
    /// Nothing yet. `last_place` is the last of the places that are reserved for the events.
    pub(super) fn new(known: &'a Known, batch: &'a Batch, last_place: i64) -> Self {
        let is_event = |write: &&Write| matches!(write, Write::Event(_));
        let events = batch.writes.iter().filter(is_event).count();
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        Self {
            known,
            connection: &batch.connection,
            links: BTreeMap::new(),
            live: BTreeMap::new(),
            deviations: BTreeMap::new(),
            intents: BTreeMap::new(),
            schedules: BTreeMap::new(),
            redacted: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            events: Vec::new(),
            next_place: last_place.saturating_sub(events).saturating_add(1),
            rest: Vec::new(),
        }
    }

    /// Adds a write, if it fits what is stored and what was added before.
    pub(super) fn add(&mut self, one: &Write) -> Result<(), Failed> {
        let connection = self.connection;
        let rest = match one {
            Write::Event(event) => return self.add_event(event),
            Write::Deviation(event) => return self.add_deviation(event),
            Write::Intent(intent) => {
                self.check_connection(&intent.connection)?;
                self.intents
                    .insert(intent.id(), Some(intent.operation.link));
                write::intent(connection, intent)?
            }
            Write::IntentClosed(operation) => {
                self.intents.insert(*operation, None);
                write::intent_closed(connection, *operation)
            }
            Write::Redacted(link) => return self.redact(*link),
            Write::Forgotten(link) => return self.forget(*link),
            Write::DeviationRedacted(id) => {
                let redacted = self.deviation(*id).map(Deviation::redacted);
                self.deviations.insert(*id, redacted);
                return Ok(());
            }
            Write::DeviationForgotten(id) => {
                self.deviations.insert(*id, None);
                return Ok(());
            }
            Write::Decision(decision) => {
                self.check_connection(&decision.connection)?;
                write::decision(connection, decision)?
            }
            Write::DecisionClosed(id) => write::decision_closed(connection, *id),
            Write::Scopes { kind, scopes } => {
                self.rest.extend(write::scopes(connection, kind, scopes));
                return Ok(());
            }
            Write::Approval(approval) => write::approval(connection, approval)?,
            Write::ApprovalClosed(digest) => write::approval_closed(connection, *digest),
            Write::Lease(lease) => write::lease(connection, lease)?,
            Write::Touched {
                kind,
                which,
                key,
                at,
            } => upkeep::touched(connection, kind, *which, key, *at),
            Write::TouchClosed(touch) => upkeep::touch_closed(connection, touch),
            Write::Schedule(state) => {
                self.check_schedule(state)?;
                upkeep::schedule(connection, state)?
            }
            Write::Run(run) => upkeep::run(connection, run)?,
            Write::RunsForgotten { before } => upkeep::runs_forgotten(connection, *before),
            _ => {
                return Err(Failed::invalid(
                    "this store does not know a write of the batch",
                ));
            }
        };
        self.rest.push(rest);
        Ok(())
    }

    /// A link as the draft leaves it.
    fn link(&self, id: LinkId) -> Option<&LinkHead> {
        match self.links.get(&id) {
            Some(drafted) => drafted.as_ref(),
            None => self.known.links.get(&id),
        }
    }

    fn deviation(&self, id: DeviationId) -> Option<Deviation> {
        match self.deviations.get(&id) {
            Some(drafted) => drafted.clone(),
            None => self.known.deviations.get(&id).cloned(),
        }
    }

    fn add_event(&mut self, event: &Event) -> Result<(), Failed> {
        let link = &event.link;
        self.check_connection(&link.connection)?;
        let before = self.link(link.id);
        let version = before.map_or(0, |before| before.version);
        if version.checked_add(1) != Some(link.version) {
            return Err(Conflict::LinkVersion { link: link.id }.into());
        }
        let released = before.map(|before| before.holds.clone());
        for record in released.into_iter().flatten() {
            self.live.insert(record, None);
        }
        let head = LinkHead::of(link);
        for record in &head.holds {
            let holder = match self.live.get(record) {
                Some(drafted) => *drafted,
                None => self.known.live.get(record).copied(),
            };
            if let Some(taken_by) = holder {
                let (link, which) = (link.id, record.1);
                return Err(Conflict::RecordLinked {
                    link,
                    which,
                    taken_by,
                }
                .into());
            }
            self.live.insert(record.clone(), Some(link.id));
        }
        self.links.insert(link.id, Some(head));
        self.events.push((self.next_place, event.clone()));
        self.next_place = self.next_place.saturating_add(1);
        Ok(())
    }

    fn add_deviation(&mut self, event: &DeviationEvent) -> Result<(), Failed> {
        if let DeviationChange::Failed { topic, .. } = &event.change {
            self.check_connection(&topic.connection)?;
        }
        let before = self.deviation(event.id);
        if before.is_none() && event.change == DeviationChange::Succeeded {
            return Ok(());
        }
        let after = Deviation::after(before, event).map_err(Conflict::Deviation)?;
        self.deviations.insert(event.id, Some(after));
        Ok(())
    }

    /// Takes the values out of a link and of its events, also those that are not written yet.
    fn redact(&mut self, link: LinkId) -> Result<(), Failed> {
        self.check_settled(link)?;
        self.redacted.insert(link);
        for (_, event) in &mut self.events {
            if event.link.id == link {
                *event = event.clone().redacted();
            }
        }
        Ok(())
    }

    fn forget(&mut self, link: LinkId) -> Result<(), Failed> {
        let Some(known) = self.link(link) else {
            return Ok(());
        };
        if known.is_live {
            return Err(Conflict::StillLive { link }.into());
        }
        self.check_settled(link)?;
        self.links.insert(link, None);
        self.forgotten.insert(link);
        // Their places are given, and nobody gets them.
        self.events.retain(|(_, event)| event.link.id != link);
        Ok(())
    }

    /// Checks that no write of a link is under way.
    fn check_settled(&self, link: LinkId) -> Result<(), Failed> {
        let stored = self.known.intents.iter();
        let stored = stored.filter(|(id, _)| !self.intents.contains_key(id));
        let drafted = self.intents.iter();
        let drafted = drafted.filter_map(|(id, of)| Some((id, of.as_ref()?)));
        match stored.chain(drafted).find(|(_, of)| **of == link) {
            None => Ok(()),
            Some((operation, _)) => {
                let operation = *operation;
                Err(Conflict::IntentOpen { link, operation }.into())
            }
        }
    }

    fn check_schedule(&mut self, state: &ScheduleState) -> Result<(), Failed> {
        let drafted = self.schedules.get(&state.kind);
        let before = drafted.or_else(|| self.known.schedules.get(&state.kind));
        if before.copied().unwrap_or(0).checked_add(1) != Some(state.version) {
            let kind = state.kind.clone();
            return Err(Conflict::ScheduleVersion { kind }.into());
        }
        self.schedules.insert(state.kind.clone(), state.version);
        Ok(())
    }

    fn check_connection(&self, of: &ConnectionId) -> Result<(), Failed> {
        let batch = self.connection;
        if of == batch {
            return Ok(());
        }
        Err(Failed::invalid(format!(
            "something of connection {of} is in a batch of connection {batch}"
        )))
    }

    /// What is to be written, now that all of it fits.
    ///
    /// What goes, goes first. The links are written in the order of their events: after each, no
    /// record has two live ones.
    pub(super) fn writes(self) -> Result<Vec<Written>, Failed> {
        let mut writes = Vec::with_capacity(self.events.len() * 2 + self.rest.len());
        for link in &self.forgotten {
            writes.extend(write::link_gone(self.connection, *link));
        }
        for link in self.redacted.difference(&self.forgotten) {
            if let Some(link) = self.known.whole_links.get(link) {
                writes.push(write::link_value(&link.clone().redacted())?);
            }
            for (place, event) in self.known.histories.get(link).into_iter().flatten() {
                writes.push(write::event_value(*place, &event.clone().redacted())?);
            }
        }
        for (place, event) in &self.events {
            writes.push(write::link(event)?);
            writes.push(write::event(*place, event)?);
        }
        for (id, deviation) in &self.deviations {
            writes.push(match deviation {
                Some(deviation) => write::deviation(deviation)?,
                None => write::deviation_gone(self.connection, *id),
            });
        }
        writes.extend(self.rest);
        Ok(writes)
    }
}
