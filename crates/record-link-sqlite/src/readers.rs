//! Threads that answer questions, each on a connection of its own.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use record_link_sql::Failed;

use crate::database::Database;
use crate::error::Place;

/// Something to be done with a connection.
pub(crate) type Job = Box<dyn FnOnce(&mut Database) + Send>;

/// Threads that answer questions.
#[derive(Debug)]
pub(crate) struct Readers {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts so many, and opens a connection for each.
    pub(crate) fn start(
        place: &Place,
        count: usize,
        open: impl Fn() -> Result<Database, Failed>,
    ) -> Result<Self, Failed> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut readers = Self {
            jobs: Some(jobs),
            threads: Vec::new(),
        };
        for _ in 0..count {
            let (database, queue) = (open()?, Arc::clone(&queue));
            let thread = std::thread::Builder::new()
                .name("record-link-sqlite reader".to_owned())
                .spawn(move || work(database, &queue))
                .map_err(|error| place.io(&error, "no thread can be started for it"))?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    /// Hands a job to the next thread that is free; `false` if there is none any more.
    pub(crate) fn send(&self, job: Job) -> bool {
        self.jobs
            .as_ref()
            .is_some_and(|jobs| jobs.send(job).is_ok())
    }
}

impl Drop for Readers {
    /// Ends the threads, after what is queued.
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // One that panicked is gone already.
            let _ = thread.join();
        }
    }
}

fn work(mut database: Database, queue: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting: the others wait for it instead of for the queue.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job(&mut database);
    }
}
