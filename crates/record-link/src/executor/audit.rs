//! Looks for creates that made several records.

use std::collections::BTreeMap;

use flat_record::Kind;

use super::{Audited, Double, ExecutionError, Executor, SentCreate};
use crate::{
    Batch, ClientKey, ConnectionId, DeviationClass, DeviationEvent, Failure, Found, Subject, Topic,
    Which, Write,
};

/// See [`Executor::audit`].
pub(super) async fn audit(
    executor: &Executor<'_>,
    connection: &ConnectionId,
    creates: &[&SentCreate],
) -> Result<Audited, ExecutionError> {
    let mut audited = Audited::default();
    let mut groups: BTreeMap<(Kind, Which), BTreeMap<ClientKey, &SentCreate>> = BTreeMap::new();
    for create in creates {
        let group = groups.entry((create.kind.clone(), create.on)).or_default();
        group.insert(create.client_key, create);
    }
    for ((kind, on), creates) in groups {
        let keys: Vec<ClientKey> = creates.keys().copied().collect();
        let Ok(found) = executor.sides[on].find_all(&kind, &keys).await else {
            audited.undecided += creates.len() as u64;
            continue;
        };
        for (key, found) in found {
            let Some(create) = creates.get(&key) else {
                continue;
            };
            audited.looked_for += 1;
            match found {
                Found::Several(records) => {
                    let subject = match create.source.clone() {
                        Some(key) => Subject::Record {
                            side: on.other(),
                            kind: kind.clone(),
                            key,
                        },
                        None => Subject::Link {
                            kind: kind.clone(),
                            link: create.link,
                        },
                    };
                    let keys: Vec<_> = records.into_iter().map(|record| record.key).collect();
                    let message =
                        "several records were made by one create: keep one and delete the others";
                    let mut failure = Failure::new(DeviationClass::InDoubt, "doubles", message);
                    for key in &keys {
                        failure = failure.and(key.as_str());
                    }
                    let topic = Topic::new(connection, "audit", subject);
                    let now = executor.clock.now();
                    let event = DeviationEvent::failed(topic, failure, now);
                    let deviation = event.id;
                    let batch = Batch::new(connection, now).write(Write::Deviation(event));
                    executor.store.commit(batch).await?;
                    audited.doubles.push(Double {
                        link: create.link,
                        on,
                        keys,
                        deviation,
                    });
                }
                Found::Undecided => audited.undecided += 1,
                Found::Nothing | Found::One(_) => {}
            }
        }
    }
    Ok(audited)
}
