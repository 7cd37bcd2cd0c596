//! Random batches, of which about half fit what is stored.

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{FieldName, Kind, Value};
use record_link::{
    About, Action, Approval, Base, BaseField, Batch, ConnectionId, Decision, Deviation,
    DeviationChange, DeviationClass, DeviationEvent, DeviationId, DeviationQuery, Digest, Event,
    EventKind, Failure, IgnoredUntil, Intent, Lease, Link, LinkQuery, LinkState, MemoryStore,
    Origin, Pause, PauseReason, Precondition, RecordKey, RunCause, RunOutcome, RunRecord,
    ScheduleState, Scope, Sides, Store, Subject, Tombstone, Topic, Touch, Which, Write,
};
use serde_json::json;

use super::chance::Chance;

/// Texts that a database could take for something else.
const TEXTS: [&str; 5] = ["a", "Åsa 🙂 \"'%_\\", "with\0nul", "B", "ä b"];
pub(super) const KEYS: [&str; 4] = ["1", "ä 2", "'; --", "10"];
pub(super) const KINDS: [&str; 2] = ["employee", "department"];
pub(super) const LEASES: [&str; 2] = ["sync", "sync/employee"];

/// One of the connections.
pub(super) fn connection(prefix: &str, number: u64) -> Option<ConnectionId> {
    ConnectionId::new(format!("{prefix}->{number}")).ok()
}

pub(super) fn kind(chance: &mut Chance) -> Option<Kind> {
    Kind::new(*chance.one(&KINDS)?).ok()
}

fn key(chance: &mut Chance) -> Option<RecordKey> {
    RecordKey::new(*chance.one(&KEYS)?).ok()
}

fn text(chance: &mut Chance) -> String {
    let text = chance.one(&TEXTS);
    text.copied().unwrap_or_default().to_owned()
}

fn which(chance: &mut Chance) -> Which {
    if chance.once_in(2) {
        Which::Left
    } else {
        Which::Right
    }
}

/// One of a few moments, a nanosecond or some seconds apart.
fn moment(chance: &mut Chance) -> DateTime<Utc> {
    let begin = DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default();
    let seconds = i64::try_from(chance.below(5)).unwrap_or(0);
    let nanoseconds = i64::try_from(chance.below(2)).unwrap_or(0);
    begin + TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(nanoseconds)
}

/// What there is to work with.
struct Known {
    connection: ConnectionId,
    links: Vec<Link>,
    deviations: Vec<DeviationId>,
    intents: Vec<Intent>,
}

/// A random batch. (`None` never: no name here is a bad one.)
pub(super) async fn batch(
    memory: &MemoryStore,
    chance: &mut Chance,
    prefix: &str,
) -> Option<Batch> {
    let connection = connection(prefix, chance.below(2))?;
    let links = memory.links(&connection, &LinkQuery::new()).await.ok()?;
    let all = DeviationQuery::all();
    let deviations = memory.deviations(&connection, &all).await.ok()?;
    let known = Known {
        links: links.items,
        deviations: deviations.items.iter().map(Deviation::id).collect(),
        intents: memory.intents(&connection).await.ok()?,
        connection: connection.clone(),
    };
    let mut batch = Batch::new(&connection, moment(chance));
    if chance.once_in(4) {
        let precondition = known.precondition(memory, chance).await?;
        batch.preconditions.push(precondition);
    }
    for _ in 0..chance.below(4) {
        known.write(memory, chance, &mut batch).await?;
    }
    Some(batch)
}

impl Known {
    async fn precondition(
        &self,
        memory: &MemoryStore,
        chance: &mut Chance,
    ) -> Option<Precondition> {
        Some(match chance.below(5) {
            0 => {
                let link = self.link(chance)?;
                let stored = memory.link(&self.connection, link.id).await.ok()?;
                let mut version = stored.map(|link| link.version);
                if chance.once_in(4) {
                    version = Some(link.version + 1);
                }
                let link = link.id;
                Precondition::LinkVersion { link, version }
            }
            1 => {
                let operation = self.intent(chance)?.id();
                Precondition::NoIntent { operation }
            }
            2 => {
                let name = text_of(&LEASES, chance)?;
                let lease = memory.lease(&self.connection, &name).await.ok()?;
                let mut fence = lease.map(|lease| lease.fence);
                if chance.once_in(4) {
                    fence = Some(7);
                }
                Precondition::LeaseFence { name, fence }
            }
            3 => {
                let name = text_of(&LEASES, chance)?;
                let mut lease = memory.lease(&self.connection, &name).await.ok()?;
                if chance.once_in(4)
                    && let Some(lease) = &mut lease
                {
                    lease.holder.push('!');
                }
                let lease = lease.map(Box::new);
                Precondition::LeaseUnchanged { name, lease }
            }
            _ => {
                let name = text_of(&LEASES, chance)?;
                let lease = memory.lease(&self.connection, &name).await.ok()?;
                let fence = lease.map_or(1, |lease| lease.fence);
                Precondition::LeaseHeld { name, fence }
            }
        })
    }

    /// A link that is stored, or a new one in version 0.
    fn link(&self, chance: &mut Chance) -> Option<Link> {
        if !chance.once_in(3)
            && let Some(link) = chance.one(&self.links)
        {
            return Some(link.clone());
        }
        let (connection, kind) = (self.connection.clone(), kind(chance)?);
        let incarnation = chance.below(2);
        Some(if chance.once_in(2) {
            let keys = Sides::new(key(chance)?, key(chance)?);
            Link::new(connection, kind, keys, Origin::Imported, incarnation)
        } else {
            Link::creating(connection, kind, key(chance)?, which(chance), incarnation)
        })
    }

    /// What may happen to a link next, or rather not.
    fn event(&self, chance: &mut Chance) -> Option<Event> {
        let mut link = self.link(chance)?;
        link.version += if chance.once_in(12) { 2 } else { 1 };
        if link.version > 1 {
            link.state = match chance.below(7) {
                0 => LinkState::InDoubt { on: which(chance) },
                1 => {
                    let (on, tried) = (which(chance), None);
                    LinkState::Failed { on, tried }
                }
                2 => LinkState::Orphaned {
                    gone: which(chance),
                },
                3 => {
                    let by = chance.once_in(2).then(|| text(chance));
                    LinkState::Unlinked(Tombstone::new(moment(chance), by))
                }
                4 => LinkState::Ended,
                _ => LinkState::Linked,
            };
            if chance.once_in(2) {
                link.keys[which(chance)] = key(chance).filter(|_| !chance.once_in(8));
            }
        }
        if chance.once_in(2) {
            let mut base = Base::default();
            let value = BaseField::Value(Box::new(Value::from(text(chance))));
            base.set(&FieldName::new("name").ok()?, value);
            link.base = base;
        }
        if chance.once_in(40) {
            link.connection = ConnectionId::new("another").ok()?;
        }
        let what = match chance.below(3) {
            0 => EventKind::Linked,
            1 => EventKind::Unlinked,
            _ => EventKind::Created { on: which(chance) },
        };
        let mut event = Event::new(what, link, moment(chance));
        if chance.once_in(2) {
            event = event.by(text(chance)).in_run(text(chance));
        }
        Some(event)
    }

    /// One that is open, or a new one.
    fn intent(&self, chance: &mut Chance) -> Option<Intent> {
        if !chance.once_in(3)
            && let Some(intent) = chance.one(&self.intents)
        {
            return Some(intent.clone());
        }
        let link = self.link(chance)?;
        let step = record_link::Step::Delete { on: which(chance) };
        let operation = json!({
            "id": record_link::OperationId::of(link.id, link.incarnation, &step),
            "link": link.id,
            "keys": link.keys,
            "incarnation": link.incarnation,
            "step": step,
            "expects": record_link::Expectation::default(),
        });
        let operation = serde_json::from_value(operation).ok()?;
        let mut intent = Intent::new(self.connection.clone(), operation, moment(chance));
        intent.attempts = u32::MAX;
        Some(intent)
    }

    fn decision(&self, chance: &mut Chance) -> Option<Decision> {
        let about = match chance.below(3) {
            0 => About::Record {
                side: which(chance),
                key: key(chance)?,
            },
            1 => About::Pair {
                keys: Sides::new(key(chance)?, key(chance)?),
            },
            _ => About::Link {
                id: self.link(chance)?.id,
            },
        };
        let action = if chance.once_in(2) {
            Action::Unlink
        } else {
            Action::Reject
        };
        let (connection, kind) = (self.connection.clone(), kind(chance)?);
        let decision = Decision::new(connection, kind, about, action, moment(chance));
        Some(decision.by(text(chance)).because(text(chance)))
    }

    fn deviation(&self, chance: &mut Chance) -> Option<DeviationEvent> {
        let what = match chance.below(8) {
            0 => DeviationChange::Reprocessing,
            1 => DeviationChange::Ignored {
                until: IgnoredUntil::Change,
            },
            2 => DeviationChange::Reopened,
            3 => DeviationChange::Succeeded,
            _ => {
                let link = self.link(chance)?;
                let subject = subject(chance, link)?;
                let topic = Topic::new(&self.connection, text(chance), subject);
                let class = if chance.once_in(2) {
                    DeviationClass::Validation
                } else {
                    DeviationClass::Bug
                };
                let mut failure = Failure::new(class, text(chance), text(chance));
                if chance.once_in(2) {
                    failure = failure.labelled(text(chance)).and("more");
                }
                let failed = DeviationEvent::failed(topic, failure, moment(chance));
                return Some(failed.in_run(text(chance)));
            }
        };
        let Some(id) = chance.one(&self.deviations) else {
            // Of one that is not known, which is a conflict, or nothing.
            let topic = Topic::new(&self.connection, "none", Subject::Connection);
            return Some(DeviationEvent::new(topic.id(), what, moment(chance)));
        };
        Some(DeviationEvent::new(*id, what, moment(chance)))
    }

    /// Adds a random write to a batch, or a few that belong together.
    async fn write(
        &self,
        memory: &MemoryStore,
        chance: &mut Chance,
        batch: &mut Batch,
    ) -> Option<()> {
        let write = match chance.below(30) {
            0 => Write::Intent(Box::new(self.intent(chance)?)),
            1 => Write::IntentClosed(self.intent(chance)?.id()),
            2 | 3 => Write::Decision(Box::new(self.decision(chance)?)),
            4 => Write::DecisionClosed(self.decision(chance)?.id()),
            5..=8 => Write::Deviation(self.deviation(chance)?),
            9 => {
                let scope = |chance: &mut Chance| {
                    let told = !chance.once_in(3);
                    told.then(|| Scope::of([text(chance).as_str()]))
                };
                let scopes = Sides::new(scope(chance), scope(chance));
                let kind = kind(chance)?;
                Write::Scopes { kind, scopes }
            }
            10 => Write::Approval(
                Approval::new(digest(chance)?, kind(chance)?, moment(chance)).by(text(chance)),
            ),
            11 => Write::ApprovalClosed(digest(chance)?),
            12 => {
                let until = if chance.once_in(3) {
                    DateTime::<Utc>::MAX_UTC
                } else {
                    moment(chance)
                };
                let lease = json!({
                    "name": text_of(&LEASES, chance)?,
                    "holder": text(chance),
                    "fence": if chance.once_in(4) { u64::MAX } else { chance.below(3) },
                    "until": until,
                });
                Write::Lease(serde_json::from_value::<Lease>(lease).ok()?)
            }
            13 => Write::Redacted(self.link(chance)?.id),
            14 | 15 => Write::Forgotten(self.link(chance)?.id),
            16 => Write::DeviationRedacted(*chance.one(&self.deviations)?),
            17 => Write::DeviationForgotten(*chance.one(&self.deviations)?),
            18 | 19 => Write::Touched {
                kind: kind(chance)?,
                which: which(chance),
                key: key(chance)?,
                at: if chance.once_in(5) {
                    DateTime::<Utc>::MAX_UTC
                } else {
                    moment(chance)
                },
            },
            20 => {
                let touched = memory
                    .touched(&self.connection, &kind(chance)?)
                    .await
                    .ok()?;
                let mut touch: Touch = chance.one(&touched)?.clone();
                if chance.once_in(3) {
                    touch.times += 1;
                }
                Write::TouchClosed(touch)
            }
            21 => {
                let kind = kind(chance)?;
                let known = memory.schedules(&self.connection).await.ok()?;
                let known = known.into_iter().find(|state| state.kind == kind);
                let mut state = known.unwrap_or_else(|| ScheduleState::new(kind));
                if !chance.once_in(6) {
                    state = state.next_version();
                }
                state.next_due = chance.once_in(2).then(|| moment(chance));
                let pause = Pause::new(moment(chance), PauseReason::ByHand).by(text(chance));
                state.paused = Some(pause).filter(|_| chance.once_in(2));
                Write::Schedule(state)
            }
            22 | 23 => {
                let id = text(chance).replace('\0', " ");
                let run = RunRecord::begun(id, kind(chance)?, RunCause::Touch, moment(chance));
                let run = run.by(text(chance));
                Write::Run(Box::new(if chance.once_in(2) {
                    run.ended(RunOutcome::Finished, moment(chance))
                } else {
                    run
                }))
            }
            24 => {
                let before = moment(chance);
                Write::RunsForgotten { before }
            }
            _ => {
                let event = self.event(chance)?;
                let link = event.link.id;
                batch.writes.push(Write::Event(Box::new(event)));
                match chance.below(12) {
                    0 => Write::Redacted(link),
                    1 => Write::Forgotten(link),
                    _ => return Some(()),
                }
            }
        };
        batch.writes.push(write);
        Some(())
    }
}

fn text_of(texts: &[&str], chance: &mut Chance) -> Option<String> {
    chance.one(texts).map(|text| (*text).to_owned())
}

pub(super) fn digest(chance: &mut Chance) -> Option<Digest> {
    let digits = if chance.once_in(2) { "1" } else { "e" };
    digits.repeat(32).parse().ok()
}

pub(super) fn subject(chance: &mut Chance, link: Link) -> Option<Subject> {
    Some(match chance.below(5) {
        0 => Subject::Connection,
        1 => Subject::Kind {
            kind: kind(chance)?,
        },
        2 => Subject::Record {
            side: which(chance),
            kind: kind(chance)?,
            key: key(chance)?,
        },
        3 => Subject::Link {
            kind: link.kind,
            link: link.id,
        },
        _ => Subject::document(text(chance), text(chance)),
    })
}
