//! What became of writes that an earlier run left open.

use flat_record::Kind;

use super::operation::One;
use super::session::Session;
use super::settle::{Fate, Open};
use super::{ExecutionError, Executor, ProgressEvent, Recovered};
use crate::clock::{after, until};
use crate::plan::Step;
use crate::transition::Transition;
use crate::{ConnectionId, Intent, IntentState, Link, LinkState};

/// See [`Executor::recover`].
pub(super) async fn recover(
    executor: &Executor<'_>,
    connection: &ConnectionId,
    kind: Option<&Kind>,
) -> Result<Recovered, ExecutionError> {
    let work = async {
        let session = Session::new(executor, connection);
        let intents = executor.ask(|| executor.store.intents(connection)).await?;
        let recovered = look(&session, intents, kind).await?;
        session.end().await.map(|()| recovered)
    };
    executor.beside_lease(connection, work).await
}

async fn look(
    session: &Session<'_>,
    intents: Vec<Intent>,
    kind: Option<&Kind>,
) -> Result<Recovered, ExecutionError> {
    let executor = session.executor;
    let mut recovered = Recovered::default();
    let mut open = Vec::with_capacity(intents.len());
    for intent in intents {
        let link = intent.operation.link;
        let link = executor
            .ask(|| executor.store.link(session.connection, link))
            .await?;
        let is_meant = |link: &Link| kind.is_none_or(|kind| *kind == link.kind);
        let Some(link) = link.filter(is_meant) else {
            continue;
        };
        let one = Open {
            kind: link.kind.clone(),
            since: intent.at,
            sent: intent.operation,
        };
        open.push(begin(session, one, intent.state, &link).await?);
    }
    let mut fates = session.look_for(&open).await?;
    // What may still show is given the time, if that is short.
    let shows = |one: &Open| {
        let on = one.sent.step.writes_on()?;
        Some(after(one.since, executor.settle(on, &one.kind)))
    };
    let now = executor.clock.now();
    let waits = open.iter().zip(&fates).filter(|(_, fate)| is_early(fate));
    let waits = waits.filter_map(|(one, _)| Some(until(now, shows(one)?)));
    let waits: Vec<_> = waits
        .filter(|wait| *wait <= executor.longest_settle)
        .collect();
    if let Some(wait) = waits.iter().max().copied() {
        executor.tell(&ProgressEvent::Settling {
            writes: waits.len(),
            wait,
        });
        if session.sleep(wait).await {
            let (mut early, mut rest) = (Vec::new(), Vec::new());
            for (one, fate) in open.into_iter().zip(fates) {
                if is_early(&fate) {
                    early.push(one);
                } else {
                    rest.push((one, fate));
                }
            }
            let looked = session.look_for(&early).await?;
            (open, fates) = early.into_iter().zip(looked).chain(rest).unzip();
        }
    }
    for (one, fate) in open.iter().zip(fates) {
        let id = one.sent.id;
        match fate {
            Fate::Ended(outcome) => match outcome.deviation() {
                Some(deviation) => recovered.in_doubt.push((id, deviation)),
                None => recovered.settled.push(id),
            },
            Fate::Closed if matches!(one.sent.step, Step::Create { .. }) => {
                recovered.not_done.push(id);
            }
            Fate::Closed => recovered.settled.push(id),
            Fate::Unknown(failure) => {
                let one = One {
                    session,
                    kind: &one.kind,
                    operation: &one.sent,
                };
                let told = one.write_deviation(&failure, Transition::default()).await?;
                recovered.in_doubt.push((id, told));
            }
        }
    }
    recovered.creates = session.creates();
    Ok(recovered)
}

fn is_early(fate: &Fate) -> bool {
    matches!(fate, Fate::Unknown(failure) if failure.code() == "not-settled")
}

/// A create that was begun by a process that died: whether and when it was sent, nobody knows. It
/// is in doubt from now on, since its request may have left until this moment.
async fn begin(
    session: &Session<'_>,
    open: Open,
    state: IntentState,
    link: &Link,
) -> Result<Open, ExecutionError> {
    let executor = session.executor;
    let on = match open.sent.step {
        Step::Create { on, .. } if link.state.creates_on() == Some(on) => on,
        _ => return Ok(open),
    };
    let is_begun = state == IntentState::Begun && !matches!(link.state, LinkState::InDoubt { .. });
    if !is_begun || executor.settle(on, &open.kind).is_zero() {
        return Ok(open);
    }
    let since = executor.clock.now();
    let one = One {
        session,
        kind: &open.kind,
        operation: &open.sent,
    };
    one.mark_unknown(link).await?;
    Ok(Open { since, ..open })
}
