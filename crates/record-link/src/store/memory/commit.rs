//! What a batch makes of what is stored: first seen whole, then written.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use flat_record::Kind;

use super::{Connection, Record};
use crate::store::{
    Batch, Conflict, Precondition, ScheduleState, StoreError, StoreErrorKind, Touch, Write,
};
use crate::{
    ConnectionId, Deviation, DeviationChange, DeviationEvent, DeviationId, Event, Link, LinkId,
    OperationId, Which,
};

/// What a batch makes of links and deviations, seen before it is certain that all of it fits.
/// What goes is `None`.
#[derive(Default)]
struct Draft {
    /// Each link with its state: live or not, and its version.
    links: BTreeMap<LinkId, Option<Link>>,
    /// `None` where a record has no live link any more.
    live: BTreeMap<Record, Option<LinkId>>,
    deviations: BTreeMap<DeviationId, Option<Deviation>>,
    /// The links of the intents.
    intents: BTreeMap<OperationId, Option<LinkId>>,
    /// The versions of the schedules.
    schedules: BTreeMap<Kind, u64>,
}

impl Connection {
    pub(super) fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        for precondition in &batch.preconditions {
            if !self.holds(precondition, batch.at) {
                return Err(Conflict::Precondition(precondition.clone()).into());
            }
        }
        let mut draft = Draft::default();
        for write in &batch.writes {
            self.draft(&mut draft, write, &batch.connection)?;
        }
        self.write(batch.writes, draft);
        Ok(())
    }

    fn holds(&self, precondition: &Precondition, at: DateTime<Utc>) -> bool {
        match precondition {
            Precondition::LinkVersion { link, version } => {
                self.links.get(link).map(|event| event.link.version) == *version
            }
            Precondition::NoIntent { operation } => !self.intents.contains_key(operation),
            Precondition::LeaseFence { name, fence } => {
                self.leases.get(name).map(|lease| lease.fence) == *fence
            }
            Precondition::LeaseUnchanged { name, lease } => {
                self.leases.get(name) == lease.as_deref()
            }
            Precondition::LeaseHeld { name, fence } => {
                let lease = self.leases.get(name);
                lease.is_some_and(|lease| lease.fence == *fence && lease.until > at)
            }
        }
    }

    fn draft(
        &self,
        draft: &mut Draft,
        write: &Write,
        connection: &ConnectionId,
    ) -> Result<(), StoreError> {
        match write {
            Write::Event(event) => self.draft_event(draft, event, connection)?,
            Write::Deviation(event) => self.draft_deviation(draft, event, connection)?,
            Write::Decision(one) => check_connection(&one.connection, connection)?,
            Write::Intent(one) => {
                check_connection(&one.connection, connection)?;
                draft.intents.insert(one.id(), Some(one.operation.link));
            }
            Write::IntentClosed(operation) => drop(draft.intents.insert(*operation, None)),
            Write::Redacted(link) => self.check_settled(draft, *link)?,
            Write::Forgotten(link) => {
                let Some(known) = self.link_in(draft, *link) else {
                    return Ok(());
                };
                if known.is_live() {
                    return Err(Conflict::StillLive { link: *link }.into());
                }
                self.check_settled(draft, *link)?;
                draft.links.insert(*link, None);
            }
            Write::DeviationRedacted(id) => {
                let redacted = self.deviation_in(draft, *id).map(Deviation::redacted);
                draft.deviations.insert(*id, redacted);
            }
            Write::DeviationForgotten(id) => drop(draft.deviations.insert(*id, None)),
            Write::Schedule(state) => self.draft_schedule(draft, state)?,
            _ => {}
        }
        Ok(())
    }

    /// A link as the draft leaves it.
    fn link_in<'a>(&'a self, draft: &'a Draft, id: LinkId) -> Option<&'a Link> {
        match draft.links.get(&id) {
            Some(drafted) => drafted.as_ref(),
            None => self.links.get(&id).map(|event| &event.link),
        }
    }

    fn deviation_in(&self, draft: &Draft, id: DeviationId) -> Option<Deviation> {
        match draft.deviations.get(&id) {
            Some(drafted) => drafted.clone(),
            None => self.deviations.get(&id).cloned(),
        }
    }

    /// Checks that no write of a link is under way.
    fn check_settled(&self, draft: &Draft, link: LinkId) -> Result<(), StoreError> {
        let stored = self
            .intents
            .iter()
            .map(|(id, one)| (id, one.operation.link));
        let stored = stored.filter(|(id, _)| !draft.intents.contains_key(id));
        let drafted = draft
            .intents
            .iter()
            .filter_map(|(id, of)| Some((id, (*of)?)));
        match stored.chain(drafted).find(|(_, of)| *of == link) {
            None => Ok(()),
            Some((operation, _)) => {
                let operation = *operation;
                Err(Conflict::IntentOpen { link, operation }.into())
            }
        }
    }

    fn draft_event(
        &self,
        draft: &mut Draft,
        event: &Event,
        connection: &ConnectionId,
    ) -> Result<(), StoreError> {
        let link = &event.link;
        check_connection(&link.connection, connection)?;
        let before = self.link_in(draft, link.id);
        let version = before.map_or(0, |before| before.version);
        if version.checked_add(1) != Some(link.version) {
            return Err(Conflict::LinkVersion { link: link.id }.into());
        }
        let released = before.map(records_of);
        for record in released.into_iter().flatten() {
            draft.live.insert(record, None);
        }
        for record in records_of(link) {
            let holder = match draft.live.get(&record) {
                Some(drafted) => *drafted,
                None => self.live.get(&record).copied(),
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
            draft.live.insert(record, Some(link.id));
        }
        draft.links.insert(link.id, Some(link.clone()));
        Ok(())
    }

    fn draft_deviation(
        &self,
        draft: &mut Draft,
        event: &DeviationEvent,
        connection: &ConnectionId,
    ) -> Result<(), StoreError> {
        if let DeviationChange::Failed { topic, .. } = &event.change {
            check_connection(&topic.connection, connection)?;
        }
        let before = self.deviation_in(draft, event.id);
        if before.is_none() && event.change == DeviationChange::Succeeded {
            return Ok(());
        }
        let after = Deviation::after(before, event).map_err(Conflict::Deviation)?;
        draft.deviations.insert(event.id, Some(after));
        Ok(())
    }

    fn draft_schedule(&self, draft: &mut Draft, state: &ScheduleState) -> Result<(), StoreError> {
        let drafted = draft.schedules.get(&state.kind).copied();
        let stored = || self.schedules.get(&state.kind).map(|known| known.version);
        let before = drafted.or_else(stored).unwrap_or(0);
        if before.checked_add(1) != Some(state.version) {
            let kind = state.kind.clone();
            return Err(Conflict::ScheduleVersion { kind }.into());
        }
        draft.schedules.insert(state.kind.clone(), state.version);
        Ok(())
    }

    /// Writes what fits: nothing can go wrong from here on.
    fn write(&mut self, writes: Vec<Write>, draft: Draft) {
        for (record, holder) in draft.live {
            match holder {
                Some(link) => self.live.insert(record, link),
                None => self.live.remove(&record),
            };
        }
        for (id, deviation) in draft.deviations {
            match deviation {
                Some(deviation) => self.deviations.insert(id, deviation),
                None => self.deviations.remove(&id),
            };
        }
        for write in writes {
            self.write_one(write);
        }
    }

    fn write_one(&mut self, write: Write) {
        match write {
            Write::Event(event) => {
                let event: Arc<Event> = Arc::from(event);
                self.last_place += 1;
                self.links.insert(event.link.id, Arc::clone(&event));
                self.events.insert(self.last_place, event);
            }
            // They are in the draft.
            Write::Deviation(_) | Write::DeviationRedacted(_) | Write::DeviationForgotten(_) => {}
            Write::Intent(intent) => drop(self.intents.insert(intent.id(), *intent)),
            Write::IntentClosed(id) => drop(self.intents.remove(&id)),
            Write::Decision(one) => drop(self.decisions.insert(one.id(), *one)),
            Write::DecisionClosed(id) => drop(self.decisions.remove(&id)),
            Write::Scopes { kind, scopes } => {
                let known = self.scopes.entry(kind).or_default();
                for which in Which::BOTH {
                    known[which] = scopes[which].or(known[which]);
                }
            }
            Write::Approval(one) => drop(self.approvals.insert(one.digest, one)),
            Write::ApprovalClosed(digest) => drop(self.approvals.remove(&digest)),
            Write::Lease(lease) => drop(self.leases.insert(lease.name.clone(), lease)),
            Write::Redacted(link) => {
                let history = self.events.values_mut();
                for event in history.filter(|event| event.link.id == link) {
                    *event = Arc::new(Event::clone(event).redacted());
                    // The last one is the one that holds the link.
                    self.links.insert(link, Arc::clone(event));
                }
            }
            Write::Forgotten(link) => {
                self.links.remove(&link);
                self.events.retain(|_, event| event.link.id != link);
            }
            Write::Touched {
                kind,
                which,
                key,
                at,
            } => {
                let record = (kind.clone(), which, key.clone());
                let touch = self.touches.entry(record);
                let touch = touch.or_insert_with(|| Touch::new(kind, which, key, at, 0));
                (touch.at, touch.times) = (at, touch.times.saturating_add(1));
            }
            Write::TouchClosed(touch) => {
                let record = (touch.kind.clone(), touch.which, touch.key.clone());
                if self.touches.get(&record) == Some(&touch) {
                    self.touches.remove(&record);
                }
            }
            Write::Schedule(state) => drop(self.schedules.insert(state.kind.clone(), state)),
            Write::Run(run) => drop(self.runs.insert(run.id.clone(), *run)),
            Write::RunsForgotten { before } => {
                let is_kept = |finished: DateTime<Utc>| finished >= before;
                self.runs.retain(|_, run| run.finished.is_none_or(is_kept));
            }
        }
    }
}

/// The records that a link holds: none, if it is not live.
fn records_of(link: &Link) -> Vec<Record> {
    let held = Which::BOTH.into_iter().filter(|_| link.is_live());
    let record = |which: Which| {
        let key = link.keys[which].clone()?;
        Some((link.kind.clone(), which, key))
    };
    held.filter_map(record).collect()
}

fn check_connection(of: &ConnectionId, batch: &ConnectionId) -> Result<(), StoreError> {
    if of == batch {
        return Ok(());
    }
    let detail = format!("something of connection {of} is in a batch of connection {batch}");
    Err(StoreError::new(StoreErrorKind::Invalid).with_detail(detail))
}
