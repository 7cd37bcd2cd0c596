//! Looks for creates that made several records.

use std::collections::BTreeMap;

use flat_record::Kind;

use super::operation::doubles;
use super::session::Session;
use super::{Audited, Double, ExecutionError, Executor, SentCreate};
use crate::{
    Batch, ClientKey, ConnectionId, DeviationChange, DeviationEvent, DeviationId, Found,
    Observation, Subject, Topic, Which, Write,
};

/// See [`Executor::audit`].
pub(super) async fn audit(
    executor: &Executor<'_>,
    connection: &ConnectionId,
    creates: &[&SentCreate],
) -> Result<Audited, ExecutionError> {
    let work = async {
        let session = Session::new(executor, connection);
        let audited = look(&session, creates).await?;
        session.end().await.map(|()| audited)
    };
    executor.beside_lease(connection, work).await
}

async fn look(session: &Session<'_>, creates: &[&SentCreate]) -> Result<Audited, ExecutionError> {
    let mut audited = Audited::default();
    let mut single = Vec::new();
    let mut groups: BTreeMap<(Kind, Which), BTreeMap<ClientKey, &SentCreate>> = BTreeMap::new();
    for create in creates {
        let group = groups.entry((create.kind.clone(), create.on)).or_default();
        group.insert(create.client_key, create);
    }
    for ((kind, on), creates) in groups {
        let keys: Vec<ClientKey> = creates.keys().copied().collect();
        let mut answers = session.find_all(&kind, on, &keys).await?;
        for (key, create) in creates {
            audited.looked_for += 1;
            match answers.remove(&key) {
                Some(Ok(Found::Several(records))) => {
                    let double = tell(session, create, records).await?;
                    audited.doubles.push(double);
                }
                Some(Ok(Found::Nothing | Found::One(_))) => {
                    single.push(topic(session, create).id());
                }
                _ => audited.undecided += 1,
            }
        }
    }
    resolve(session, &single).await?;
    Ok(audited)
}

fn topic(session: &Session<'_>, create: &SentCreate) -> Topic {
    let kind = create.kind.clone();
    let subject = match create.source.clone() {
        Some(key) => Subject::Record {
            side: create.on.other(),
            kind,
            key,
        },
        None => Subject::Link {
            kind,
            link: create.link,
        },
    };
    Topic::new(session.connection, "audit", subject)
}

/// Stores a double as a deviation.
async fn tell(
    session: &Session<'_>,
    create: &SentCreate,
    records: Vec<Observation>,
) -> Result<Double, ExecutionError> {
    let executor = session.executor;
    let now = executor.clock.now();
    let topic = topic(session, create);
    let deviation = topic.id();
    let event = DeviationEvent::failed(topic, doubles(&records), now);
    let write = Write::Deviation(executor.in_run(event));
    // A failure fits whatever is there.
    let _ = executor
        .commit(Batch::new(session.connection, now).write(write))
        .await?;
    tracing::warn!(link = %create.link, records = records.len(), "a create made a double");
    Ok(Double {
        link: create.link,
        on: create.on,
        keys: records.into_iter().map(|record| record.key).collect(),
        deviation,
    })
}

/// Resolves the deviations of doubles that are no more.
async fn resolve(session: &Session<'_>, single: &[DeviationId]) -> Result<(), ExecutionError> {
    const TOGETHER: usize = 500;
    let executor = session.executor;
    for ids in single.chunks(TOGETHER) {
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
