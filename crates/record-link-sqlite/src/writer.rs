//! The one thread that writes, and how it commits many batches with one flush.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use futures_channel::oneshot;
use record_link::{Batch, StoreError};
use record_link_sql::{Failed, commit};

use crate::database::{Database, now};
use crate::error::Place;
use crate::readers::Job;

/// How many batches share one flush at most: what waits is not to wait for ever.
const GROUP: usize = 256;

/// Something for the writer to do.
pub(crate) enum Task {
    Commit(Committing),
    Other(Job),
}

/// A batch, and who waits for it.
pub(crate) struct Committing {
    pub(crate) batch: Batch,
    pub(crate) answer: oneshot::Sender<Result<(), StoreError>>,
}

/// The thread that writes.
#[derive(Debug)]
pub(crate) struct Writer {
    tasks: Option<Sender<Task>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(place: &Place, database: Database) -> Result<Self, Failed> {
        let (tasks, queue) = channel();
        let thread = std::thread::Builder::new()
            .name("record-link-sqlite writer".to_owned())
            .spawn(move || work(database, &queue))
            .map_err(|error| place.io(&error, "no thread can be started for it"))?;
        Ok(Self {
            tasks: Some(tasks),
            thread: Some(thread),
        })
    }

    /// Queues a task; `false` if the thread is gone.
    pub(crate) fn send(&self, task: Task) -> bool {
        self.tasks
            .as_ref()
            .is_some_and(|tasks| tasks.send(task).is_ok())
    }
}

impl Drop for Writer {
    /// Ends the thread, after what is queued, so that the file is free afterwards.
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked is gone already.
            let _ = thread.join();
        }
    }
}

fn work(mut database: Database, queue: &Receiver<Task>) {
    let mut next = None;
    while let Some(task) = next.take().or_else(|| queue.recv().ok()) {
        let first = match task {
            Task::Commit(first) => first,
            Task::Other(job) => {
                job(&mut database);
                continue;
            }
        };
        let mut group = vec![first];
        // All that came while the last group was flushed.
        while group.len() < GROUP {
            match queue.try_recv() {
                Ok(Task::Commit(one)) => group.push(one),
                Ok(other) => {
                    next = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        commit_group(&mut database, group);
    }
}

/// Commits batches together, and tells each what became of it.
fn commit_group(database: &mut Database, group: Vec<Committing>) {
    let batches: Vec<&Batch> = group.iter().map(|one| &one.batch).collect();
    let results = match commit_together(database, &batches) {
        Ok(results) => results,
        // What stands against all may be of one only: a batch that is too large for what is left.
        Err(NotCommitted(_)) if batches.len() > 1 => {
            let alone = batches.iter().map(|batch| {
                let results = commit_together(database, &[batch]);
                results.map_or_else(
                    |NotCommitted(error)| Err(error),
                    |results| results.into_iter().collect(),
                )
            });
            alone.collect()
        }
        Err(NotCommitted(error)) => vec![Err(error)],
    };
    for (one, result) in group.into_iter().zip(results) {
        // Whoever does not wait any more has to look.
        let _ = one.answer.send(result.map_err(StoreError::from));
    }
}

/// Nothing of a group was committed.
struct NotCommitted(Failed);

/// Commits batches in one transaction, each in a savepoint, so that one that does not fit leaves
/// the others alone. What is told to each is certain only when all are committed: one may have
/// been in conflict with another of the group.
fn commit_together(
    database: &mut Database,
    batches: &[&Batch],
) -> Result<Vec<Result<(), Failed>>, NotCommitted> {
    database.execute("BEGIN IMMEDIATE").map_err(NotCommitted)?;
    let mut results = Vec::with_capacity(batches.len());
    for batch in batches {
        let result = in_savepoint(database, batch);
        if database.connection.is_autocommit() {
            // SQLite rolled everything back, as it does when the disk is full.
            let error = result.err().unwrap_or_else(|| lost(database));
            return Err(NotCommitted(error));
        }
        results.push(result);
    }
    let committed = if results.iter().any(Result::is_ok) {
        database.connection.execute_batch("COMMIT")
    } else {
        database.connection.execute_batch("ROLLBACK")
    };
    let Err(error) = committed else {
        return Ok(results);
    };
    if !database.connection.is_autocommit() {
        // The first error is what counts.
        let _ = database.execute("ROLLBACK");
    }
    let error = database.place.commit(error);
    if error.kind() != Some(record_link_sql::DriverErrorKind::OutcomeUnknown) {
        return Err(NotCommitted(error));
    }
    let detail = format!("{error}");
    let unknown = |_| {
        let unknown = Failed::driver(record_link_sql::DriverErrorKind::OutcomeUnknown);
        Err(unknown.with_detail(detail.clone()))
    };
    Ok(batches.iter().map(unknown).collect())
}

fn in_savepoint(database: &mut Database, batch: &Batch) -> Result<(), Failed> {
    database.execute("SAVEPOINT batch")?;
    match now(commit(database, batch)).and_then(|done| done) {
        Ok(()) => database.execute("RELEASE batch"),
        Err(error) => {
            if !database.connection.is_autocommit() {
                database.execute("ROLLBACK TO batch; RELEASE batch")?;
            }
            Err(error.of(database.place.as_str()))
        }
    }
}

fn lost(database: &Database) -> Failed {
    let kind = record_link_sql::DriverErrorKind::Unavailable;
    database
        .place
        .failed(kind, "its transaction was rolled back")
}
