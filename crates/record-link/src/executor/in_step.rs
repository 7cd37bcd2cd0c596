//! Resolves what was told of records that are in step by now, whatever brought them there.

use std::collections::HashSet;

use super::ExecutionError;
use super::session::Session;
use crate::plan::Plan;
use crate::{
    Batch, Deviation, DeviationChange, DeviationEvent, DeviationId, DeviationQuery, LinkId,
    LinkState, RecordKey, Subject, Which, Write,
};

/// The operations of an executor that are about one pair.
const OPERATIONS: [&str; 6] = ["create", "update", "delete", "link", "adopt", "agree"];

/// What stays for a person to look at, though the pair itself is in step: there is another record.
const ABOUT_ANOTHER_RECORD: [&str; 3] = ["doubles", "link-moved-on", "source-gone"];

/// How many deviations are resolved in one commit.
const TOGETHER: usize = 500;

/// Resolves the deviations of pairs of which the plan has nothing to do or to tell.
///
/// An operation that succeeds resolves its own. But a pair may come in step without it: the value
/// that was refused is taken back, the lost answer was that of the last step, somebody does by hand
/// what failed.
pub(super) async fn resolve(session: &Session<'_>, plan: &Plan) -> Result<(), ExecutionError> {
    // Of what a plan did not look at, it says nothing.
    if Which::BOTH
        .iter()
        .any(|which| plan.scopes[*which].is_none())
    {
        return Ok(());
    }
    let executor = session.executor;
    let concerned = Concerned::by(plan);
    let mut settled: Vec<DeviationId> = Vec::new();
    let mut query = DeviationQuery::unsettled();
    loop {
        let page = executor
            .ask(|| executor.store.deviations(session.connection, &query))
            .await?;
        for deviation in &page.items {
            if concerned.may_be_settled(deviation) && is_settled(session, deviation).await? {
                settled.push(deviation.id());
            }
        }
        if page.next.is_none() {
            break;
        }
        query = query.after(page.next);
    }
    for ids in settled.chunks(TOGETHER) {
        let now = executor.clock.now();
        let batch = ids
            .iter()
            .fold(Batch::new(session.connection, now), |batch, id| {
                let event = DeviationEvent::new(*id, DeviationChange::Succeeded, now);
                batch.write(Write::Deviation(executor.in_run(event)))
            });
        // That something succeeded fits whatever is there.
        let _ = executor.commit(batch).await?;
    }
    Ok(())
}

/// What a plan has something to do with, or to tell of.
struct Concerned<'p> {
    plan: &'p Plan,
    links: HashSet<LinkId>,
    keys: HashSet<(Which, &'p RecordKey)>,
}

impl<'p> Concerned<'p> {
    fn by(plan: &'p Plan) -> Self {
        let of_operations = plan
            .operations
            .iter()
            .map(|one| (Some(one.link), &one.keys));
        let of_findings = plan.findings.iter().map(|one| (one.link, &one.keys));
        let (mut links, mut keys) = (HashSet::new(), HashSet::new());
        for (link, records) in of_operations.chain(of_findings) {
            links.extend(link);
            for which in Which::BOTH {
                keys.extend(records[which].as_ref().map(|key| (which, key)));
            }
        }
        Self { plan, links, keys }
    }

    fn may_be_settled(&self, deviation: &Deviation) -> bool {
        let topic = deviation.topic();
        let is_free = match &topic.subject {
            Subject::Record { side, kind, key } => {
                *kind == self.plan.kind && !self.keys.contains(&(*side, key))
            }
            Subject::Link { kind, link } => *kind == self.plan.kind && !self.links.contains(link),
            _ => false,
        };
        is_free
            && OPERATIONS.contains(&topic.operation.as_str())
            && !ABOUT_ANOTHER_RECORD.contains(&deviation.failure().code())
    }
}

/// Whether the pair is linked, or is none any more.
async fn is_settled(session: &Session<'_>, deviation: &Deviation) -> Result<bool, ExecutionError> {
    let (executor, connection) = (session.executor, session.connection);
    let link = match &deviation.topic().subject {
        Subject::Record { side, kind, key } => {
            executor
                .ask(|| executor.store.live_link(connection, kind, *side, key))
                .await?
        }
        Subject::Link { link, .. } => {
            executor
                .ask(|| executor.store.link(connection, *link))
                .await?
        }
        _ => return Ok(false),
    };
    Ok(link.is_none_or(|link| !link.is_live() || link.state == LinkState::Linked))
}
