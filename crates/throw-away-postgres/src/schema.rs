//! A schema for one test.

use std::env;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cluster::{Cluster, ClusterBuilder, ClusterError, chance};

/// Names a server that is there already, as `postgres://user:password@host:port/database`.
pub const URL_VARIABLE: &str = "KLEER_TEST_POSTGRES_URL";

/// A schema that no other test has.
#[derive(Debug)]
pub struct Schema {
    name: String,
    server: Server,
}

#[derive(Debug)]
enum Server {
    /// Somebody keeps it: we tidy up.
    Kept(String),
    /// It goes with everything in it.
    ThrownAway(Arc<Cluster>),
}

/// A schema of its own for a test, or `None` where no server can be had: then standard error says
/// that the test did not run.
///
/// # Panics
/// If a server is installed and does not start: that is no reason to skip a test.
#[expect(clippy::panic, reason = "this is for tests, which panic")]
pub fn schema(test: &str) -> Option<Schema> {
    let name = format!("test_{}", chance());
    if let Ok(url) = env::var(URL_VARIABLE) {
        let server = Server::Kept(url);
        return Some(Schema { name, server });
    }
    match shared() {
        Ok(cluster) => {
            let server = Server::ThrownAway(cluster);
            Some(Schema { name, server })
        }
        Err(error @ (ClusterError::NotInstalled | ClusterError::NoOtherUser)) => {
            // Not `eprintln!`, which the test harness keeps to itself.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED {test}: {error}; set {URL_VARIABLE}, or install PostgreSQL"
            );
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The cluster of this process: started by the first test that asks. A static is never dropped; the
/// end of the process stops the server.
fn shared() -> Result<Arc<Cluster>, ClusterError> {
    static SHARED: Mutex<Option<Arc<Cluster>>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cluster) = &*shared {
        return Ok(Arc::clone(cluster));
    }
    // Without `fsync` nothing is lost as long as the machine itself runs, and tests are quicker.
    let settings = ["fsync=off", "max_connections=200"];
    let builder = Cluster::builder();
    let builder = settings
        .into_iter()
        .fold(builder, ClusterBuilder::setting);
    let cluster = Arc::new(builder.start()?);
    *shared = Some(Arc::clone(&cluster));
    Ok(cluster)
}

impl Schema {
    /// Its name. The schema itself is not made yet.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server's URL, with the user and the password in it.
    pub fn url(&self) -> String {
        match &self.server {
            Server::Kept(url) => url.clone(),
            Server::ThrownAway(cluster) => cluster.url(),
        }
    }

    fn drop_on(&self, url: &str) -> Result<(), Box<dyn std::error::Error>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
            let connection = tokio::spawn(connection);
            let drop = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name);
            client.batch_execute(&drop).await?;
            drop_connection(client, connection).await;
            Ok(())
        })
    }
}

async fn drop_connection<T>(
    client: tokio_postgres::Client,
    connection: tokio::task::JoinHandle<T>,
) {
    drop(client);
    let _ = connection.await;
}

impl Drop for Schema {
    fn drop(&mut self) {
        let Server::Kept(url) = &self.server else {
            return;
        };
        // On a thread of its own: the test may be inside a runtime.
        let dropped = std::thread::scope(|scope| {
            let drop = || self.drop_on(url).map_err(|error| error.to_string());
            scope.spawn(drop).join()
        });
        if !matches!(dropped, Ok(Ok(()))) {
            let _ = writeln!(
                std::io::stderr(),
                "schema {} is left on the server",
                self.name
            );
        }
    }
}
