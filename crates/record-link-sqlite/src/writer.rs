//! The one thread that writes, and how it commits many batches with one flush.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use futures_channel::oneshot;
use record_link::{Batch, StoreError};
use record_link_sql::{DriverErrorKind, Failed, commit};

use crate::database::{Database, now};
use crate::error::Place;
use crate::readers::{Job, wait_for};

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
            wait_for(thread);
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
        Err(NotCommitted::Begun(_)) if batches.len() > 1 => {
            let alone = batches.iter().map(|batch| {
                let results = commit_together(database, &[batch]);
                results.map_or_else(
                    |error| Err(error.into()),
                    |results| results.into_iter().collect(),
                )
            });
            alone.collect()
        }
        Err(NotCommitted::Begun(error)) => vec![Err(error)],
        // Nobody's batch is the reason, and each would only wait for the lock anew.
        Err(NotCommitted::NotBegun(error)) => {
            let kind = error.kind().unwrap_or(DriverErrorKind::Unavailable);
            let other = || Err(Failed::driver(kind).with_detail(detail_of(&error)));
            let others: Vec<_> = (1..batches.len()).map(|_| other()).collect();
            std::iter::once(Err(error)).chain(others).collect()
        }
    };
    for (one, result) in group.into_iter().zip(results) {
        // Whoever does not wait any more has to look.
        let _ = one.answer.send(result.map_err(StoreError::from));
    }
}

/// Nothing of a group was committed.
enum NotCommitted {
    /// It could not begin: the file is locked, for instance.
    NotBegun(Failed),
    Begun(Failed),
}

impl From<NotCommitted> for Failed {
    fn from(not_committed: NotCommitted) -> Self {
        match not_committed {
            NotCommitted::NotBegun(error) | NotCommitted::Begun(error) => error,
        }
    }
}

/// What is said about an error to those who get a copy of it.
fn detail_of(error: &Failed) -> String {
    error.detail().unwrap_or_default().to_owned()
}

/// Commits batches in one transaction, each in a savepoint, so that one that does not fit leaves
/// the others alone. What is told to each is certain only when all are committed: one may have
/// been in conflict with another of the group.
fn commit_together(
    database: &mut Database,
    batches: &[&Batch],
) -> Result<Vec<Result<(), Failed>>, NotCommitted> {
    let begun = database.execute("BEGIN IMMEDIATE");
    begun.map_err(NotCommitted::NotBegun)?;
    let mut results = Vec::with_capacity(batches.len());
    for batch in batches {
        let result = in_savepoint(database, batch);
        if database.connection.is_autocommit() {
            // SQLite rolled everything back, as it does when the disk is full.
            let error = result.err().unwrap_or_else(|| lost(database));
            return Err(NotCommitted::Begun(error));
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
    if error.kind() != Some(DriverErrorKind::OutcomeUnknown) {
        return Err(NotCommitted::Begun(error));
    }
    let unknown = |_| {
        let unknown = Failed::driver(DriverErrorKind::OutcomeUnknown);
        Err(unknown.with_detail(detail_of(&error)))
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
    let kind = DriverErrorKind::Unavailable;
    database
        .place
        .failed(kind, "its transaction was rolled back")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use chrono::DateTime;
    use record_link::{
        ConnectionId, Event, EventKind, EventQuery, Link, LinkQuery, Origin, RecordKey, Sides,
        StoreErrorKind, Write,
    };
    use record_link_sql::questions::{Events, Links};

    use super::*;
    use crate::options::prepare;

    fn linking(left: &str, right: &str) -> Batch {
        let connection = ConnectionId::new("one").unwrap();
        let keys = Sides::new(left, right).map(|key| RecordKey::new(key).unwrap());
        let kind = flat_record::Kind::new("employee").unwrap();
        let mut link = Link::new(connection.clone(), kind, keys, Origin::Imported, 0);
        link.version = 1;
        let event = Event::new(EventKind::Imported, link, DateTime::UNIX_EPOCH);
        Batch::new(&connection, DateTime::UNIX_EPOCH).write(Write::Event(Box::new(event)))
    }

    fn database() -> Database {
        let mut database = Database::in_memory(&Place::new("(test)")).unwrap();
        prepare(&mut database, 0).unwrap();
        database
    }

    /// What became of batches that came together.
    fn together(
        database: &mut Database,
        batches: impl IntoIterator<Item = Batch>,
    ) -> Vec<Option<StoreErrorKind>> {
        let (group, answers): (Vec<_>, Vec<_>) = batches
            .into_iter()
            .map(|batch| {
                let (answer, answered) = oneshot::channel();
                (Committing { batch, answer }, answered)
            })
            .unzip();
        commit_group(database, group);
        let told = answers
            .into_iter()
            .map(|mut one| one.try_recv().unwrap().unwrap());
        told.map(|result| result.err().map(|error| error.kind()))
            .collect()
    }

    fn links(database: &mut Database) -> usize {
        let connection = ConnectionId::new("one").unwrap();
        let query = LinkQuery::new();
        database
            .ask(&Links { connection, query })
            .unwrap()
            .items
            .len()
    }

    fn places(database: &mut Database) -> Vec<u64> {
        let connection = ConnectionId::new("one").unwrap();
        let query = EventQuery::new();
        let events = database.ask(&Events { connection, query }).unwrap().items;
        events.iter().map(|one| one.place).collect()
    }

    #[test]
    fn a_conflict_leaves_the_others_of_its_group_alone() {
        let mut database = database();
        let batches = [("1", "a"), ("2", "a"), ("3", "b"), ("1", "a"), ("4", "c")];
        let told = together(
            &mut database,
            batches.map(|(left, right)| linking(left, right)),
        );
        let conflict = Some(StoreErrorKind::Conflict);
        assert_eq!(told, [None, conflict, None, conflict, None]);
        assert_eq!(links(&mut database), 3);
        assert_eq!(
            places(&mut database),
            [1, 2, 3],
            "a conflict left something"
        );
        assert!(database.connection.is_autocommit());
        // A group in which nothing fits leaves nothing, and no transaction.
        let told = together(&mut database, [linking("1", "a"), linking("2", "a")]);
        assert_eq!(told, [conflict; 2]);
        assert!(database.connection.is_autocommit());
    }

    /// Lets the commit of each transaction fail that makes a link with this key on the left side.
    fn refuse_at_commit(database: &Database, key: &str) {
        let sql = format!(
            "PRAGMA foreign_keys = ON;
             CREATE TABLE none (id TEXT PRIMARY KEY);
             CREATE TABLE refused (id TEXT REFERENCES none (id) DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER refuse AFTER INSERT ON links WHEN new.left_key = '{key}'
             BEGIN INSERT INTO refused VALUES (new.id); END"
        );
        database.execute(&sql).unwrap();
    }

    #[test]
    fn a_commit_that_fails_is_tried_one_by_one() {
        let mut database = database();
        refuse_at_commit(&database, "2");
        let batches = [("1", "a"), ("2", "b"), ("3", "b"), ("1", "c")];
        let told = together(
            &mut database,
            batches.map(|(left, right)| linking(left, right)),
        );
        let refused = Some(StoreErrorKind::Unavailable);
        // The third was in conflict only with what was not committed in the end.
        let conflict = Some(StoreErrorKind::Conflict);
        assert_eq!(told, [None, refused, None, conflict]);
        assert_eq!(links(&mut database), 2);
        assert!(database.connection.is_autocommit());
    }

    /// How often somebody waited for a lock.
    static WAITS: AtomicUsize = AtomicUsize::new(0);

    #[test]
    fn a_group_waits_once_for_a_file_that_somebody_has_locked() {
        let folder = tempfile::tempdir().unwrap();
        let (path, place) = (folder.path().join("links.db"), Place::new("(test)"));
        crate::options::create(&path, &place).unwrap();
        let open = || Database::open(&path, &place, true, Duration::ZERO).unwrap();
        let mut database = open();
        prepare(&mut database, 0).unwrap();
        let other = open();
        other.execute("BEGIN IMMEDIATE").unwrap();
        let give_up = |_| {
            WAITS.fetch_add(1, Ordering::SeqCst);
            false
        };
        database.connection.busy_handler(Some(give_up)).unwrap();
        let batches = (0..20).map(|number| linking(&format!("{number}"), &format!("{number}")));
        let told = together(&mut database, batches);
        assert_eq!(told, [Some(StoreErrorKind::Unavailable); 20]);
        assert_eq!(WAITS.load(Ordering::SeqCst), 1);
        other.execute("ROLLBACK").unwrap();
        assert_eq!(together(&mut database, [linking("1", "a")]), [None]);
    }

    #[test]
    fn a_rollback_of_everything_is_tried_one_by_one() {
        let mut database = database();
        let trigger = "CREATE TRIGGER refuse AFTER INSERT ON links WHEN new.left_key = '2'
             BEGIN SELECT raise(ROLLBACK, 'no'); END";
        database.execute(trigger).unwrap();
        let batches = [("1", "a"), ("2", "b"), ("3", "b")];
        let told = together(
            &mut database,
            batches.map(|(left, right)| linking(left, right)),
        );
        assert_eq!(told, [None, Some(StoreErrorKind::Unavailable), None]);
        assert_eq!(links(&mut database), 2);
        assert!(database.connection.is_autocommit());
    }
}
