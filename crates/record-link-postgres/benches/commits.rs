//! How many commits a second the store takes, with the disk's `fsync`: from one worker and from
//! several, for one connection and for several.
//!
//! `cargo bench -p record-link-postgres --bench commits`
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use flat_record::Kind;
use record_link::{
    Batch, ConnectionId, Event, EventKind, Link, Origin, RecordKey, Sides, Store, Write,
};
use record_link_postgres::PostgresStore;
use throw_away_postgres::Cluster;

const TIME: Duration = Duration::from_secs(3);

fn batch(connection: &ConnectionId, record: &str) -> Batch {
    let keys = Sides::new(
        RecordKey::new(record).unwrap(),
        RecordKey::new(record).unwrap(),
    );
    let kind = Kind::new("employee").unwrap();
    let mut link = Link::new(connection.clone(), kind, keys, Origin::Confirmed, 0);
    link.version = 1;
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let event = Event::new(EventKind::Linked, link, now);
    Batch::new(connection, now).write(Write::Event(Box::new(event)))
}

/// `stores` workers with stores of their own, as processes have them, each with `tasks` at once, on
/// `connections` connections.
async fn measure(url: &str, schema: &str, stores: usize, tasks: usize, connections: usize) -> f64 {
    let mut running = Vec::new();
    let begun = Instant::now();
    for number in 0..stores {
        let store = PostgresStore::builder(url)
            .schema(schema)
            .open()
            .await
            .unwrap();
        for task in 0..tasks {
            let store = store.clone();
            let name = format!("{stores} {tasks} {}", number % connections);
            let connection = ConnectionId::new(&*name).unwrap();
            running.push(tokio::spawn(async move {
                let mut done = 0_u32;
                while begun.elapsed() < TIME {
                    let record = format!("{number} {task} {done}");
                    store.commit(batch(&connection, &record)).await.unwrap();
                    done += 1;
                }
                done
            }));
        }
    }
    let mut done = 0;
    for task in running {
        done += task.await.unwrap();
    }
    f64::from(done) / begun.elapsed().as_secs_f64()
}

fn main() {
    let cluster = Cluster::builder().start().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = cluster.url();
    println!("workers  tasks each  connections  commits/s");
    for (stores, tasks, connections) in [
        (1, 1, 1),
        (1, 8, 1),
        (1, 64, 1),
        (8, 1, 8),
        (8, 1, 1),
        (8, 4, 8),
        (8, 4, 1),
    ] {
        let schema = format!("s{stores}_{tasks}_{connections}");
        let rate = measure(&url, &schema, stores, tasks, connections);
        let rate = runtime.block_on(rate);
        println!("{stores:7}  {tasks:10}  {connections:11}  {rate:9.0}");
    }
}
