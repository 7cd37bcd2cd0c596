//! Posting, and how it is done.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kleer_client::Kleer;
use kleer_invoice::{ReadLimits, Settings};
use record_link::{Batch, Cancellation, Clock, ConnectionId, RunOutcome, Store};

use super::batches::Batches;
use super::document::SourceDocument;
use super::error::PostError;
use super::journal::Journal;
use super::outcome::{DocumentResult, PostReport};
use super::refusals::Advice;
use super::run::PostingRun;
use super::target::Target;

/// Posts documents into one Kleer company, each once, whatever happens on the way.
///
/// See the [module](super) for what is kept in the store, and an example.
#[derive(Debug, Clone)]
pub struct InvoicePoster {
    setup: Arc<Setup>,
}

/// Settings of an [`InvoicePoster`]. From [`InvoicePoster::builder`].
#[derive(Debug, Clone)]
#[must_use = "nothing is posted before it is built"]
pub struct InvoicePosterBuilder {
    setup: Setup,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PostProgress<'a> {
    /// How many documents are decided, with this one.
    pub done: usize,
    /// How many documents there are, if the iterator knows.
    pub total: Option<usize>,
    /// What became of this one, as far as is known before Kleer's sums are read back.
    pub result: &'a DocumentResult,
}

type OnProgress = Arc<dyn Fn(PostProgress<'_>) + Send + Sync>;

/// What a poster works with.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) kleer: Kleer,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) connection: ConnectionId,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: Options,
    on_progress: Option<OnProgress>,
}

/// How documents are posted.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, set by name"
)]
pub(crate) struct Options {
    pub(crate) target: Target,
    pub(crate) settings: Settings,
    pub(crate) create_clients: bool,
    pub(crate) refuse_reused_numbers: bool,
    pub(crate) report: bool,
    pub(crate) settle: Duration,
    pub(crate) concurrency: usize,
    pub(crate) max_bytes: usize,
    pub(crate) advice: Advice,
    pub(crate) holder: String,
    pub(crate) lease: Duration,
    pub(crate) accept_missing: bool,
    pub(crate) accept_address: bool,
    batch_documents: usize,
    batch_bytes: usize,
    cancellation: Cancellation,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("kleer", &self.kleer)
            .field("store", &self.store)
            .field("connection", &self.connection)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl InvoicePoster {
    /// Begins a poster into this Kleer company, which remembers in this store what it posted.
    ///
    /// The connection is what links and deviations are kept under, and what the keys are made of by
    /// which records are known again in Kleer: one for each pair of a source and a company, such as
    /// `qvalia-invoices->4875`, and never changed. It must hold the company: the same documents in
    /// two companies are two connections.
    pub fn builder(
        kleer: Kleer,
        store: Arc<dyn Store>,
        connection: ConnectionId,
    ) -> InvoicePosterBuilder {
        InvoicePosterBuilder {
            setup: Setup {
                kleer,
                store,
                connection,
                clock: Arc::new(crate::TokioClock),
                on_progress: None,
                options: Options {
                    target: Target::default(),
                    settings: Settings::default(),
                    create_clients: false,
                    refuse_reused_numbers: false,
                    report: false,
                    settle: Duration::from_secs(5),
                    concurrency: 8,
                    max_bytes: ReadLimits::default().max_bytes,
                    advice: |_, _| None,
                    holder: format!("process {}", std::process::id()),
                    lease: Duration::from_secs(30),
                    accept_missing: false,
                    accept_address: false,
                    batch_documents: 100,
                    batch_bytes: 64_000_000,
                    cancellation: Cancellation::new(),
                },
            },
        }
    }

    /// The connection.
    pub fn connection(&self) -> &ConnectionId {
        &self.setup.connection
    }

    /// Begins a run: takes the lease, reads what is stored and what Kleer has, and finds out what
    /// became of creates that an earlier run had begun.
    ///
    /// [`post`](Self::post) does this and everything that follows; take a run apart like this to do
    /// something between its batches.
    ///
    /// # Errors
    /// See [`PostError`]. A run that died may still hold the lease: it is waited for once, for at
    /// most the time of a [lease](InvoicePosterBuilder::lease).
    pub async fn start(&self) -> Result<PostingRun, PostError> {
        PostingRun::start(Arc::clone(&self.setup)).await
    }

    /// Posts documents, one batch after the other; then reads Kleer's lists back, compares sums and
    /// looks for doubles.
    ///
    /// The iterator may fetch each document when it is asked for it: not more than a batch of them
    /// is held at a time. If Kleer cannot be reached at all, every document becomes a deviation, so
    /// that nobody has to remember which ones were meant.
    ///
    /// # Errors
    /// When another run works on the connection, the store fails, or the store's links are not of
    /// this Kleer. What happens to single documents is no error but a result.
    pub async fn post<I>(&self, documents: I) -> Result<PostReport, PostError>
    where
        I: IntoIterator<Item = SourceDocument>,
    {
        let documents = documents.into_iter();
        let total = match documents.size_hint() {
            (least, Some(most)) if least == most => Some(least),
            _ => None,
        };
        let mut run = match self.start().await {
            Ok(run) => run,
            Err(error) if error.is_kleers() => {
                let names = documents.map(|document| document.name().to_owned());
                let results = self.not_started(names, &error).await?;
                return Ok(PostReport {
                    results,
                    is_cancelled: false,
                });
            }
            Err(error) => return Err(error),
        };
        let options = &self.setup.options;
        let mut batches = Batches::new(documents, options.batch_documents, options.batch_bytes);
        let mut results = Vec::new();
        let mut is_cancelled = false;
        loop {
            is_cancelled |= options.cancellation.is_cancelled();
            let Some(batch) = (!is_cancelled).then(|| batches.next()).flatten() else {
                break;
            };
            for result in run.post_all(batch).await {
                if let Some(tell) = &self.setup.on_progress {
                    let done = results.len() + 1;
                    tell(PostProgress {
                        done,
                        total,
                        result: &result,
                    });
                }
                results.push(result);
            }
        }
        let outcome = if is_cancelled {
            RunOutcome::Cancelled
        } else {
            RunOutcome::Finished
        };
        run.finish_as(outcome, &mut results).await?;
        Ok(PostReport {
            results,
            is_cancelled,
        })
    }

    /// Keeps documents as deviations, since [`start`](Self::start) failed for a reason that is
    /// [Kleer's](PostError::is_kleers); the results are in the order of the names.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn not_started(
        &self,
        documents: impl IntoIterator<Item = impl Into<String>>,
        error: &PostError,
    ) -> Result<Vec<DocumentResult>, PostError> {
        let setup = &self.setup;
        let failed = |document| DocumentResult::failed(document, error.class(), error.to_string());
        let results: Vec<_> = documents.into_iter().map(failed).collect();
        let mut journal = Journal::empty(&setup.connection, setup.options.target);
        let now = setup.clock.now();
        for result in &results {
            journal.note(result, now);
        }
        let mut batch = Batch::new(&setup.connection, now);
        batch.writes = journal.take_writes();
        if !batch.is_empty() {
            setup.store.commit(batch).await?;
        }
        Ok(results)
    }
}

impl InvoicePosterBuilder {
    /// The poster.
    pub fn build(self) -> InvoicePoster {
        InvoicePoster {
            setup: Arc::new(self.setup),
        }
    }

    /// What documents become: client invoices, unless something else is said.
    pub fn target(mut self, target: Target) -> Self {
        self.setup.options.target = target;
        self
    }

    /// How invoices are mapped.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.setup.options.settings = settings;
        self
    }

    /// Whether unknown buyers become new clients. If not, which is the default, their invoices are
    /// refused.
    pub fn create_clients(mut self, allow: bool) -> Self {
        self.setup.options.create_clients = allow;
        self
    }

    /// Whether a number (BT-1) that its seller has used for other content is refused. If not, which
    /// is the default, the document is posted beside the first one, and the result says so.
    pub fn refuse_reused_numbers(mut self, refuse: bool) -> Self {
        self.setup.options.refuse_reused_numbers = refuse;
        self
    }

    /// Whether results carry the account of every business term. Not by default.
    pub fn report(mut self, keep: bool) -> Self {
        self.setup.options.report = keep;
        self
    }

    /// How long to wait before looking for a record whose create was not answered: 5 s by default.
    pub fn settle(mut self, time: Duration) -> Self {
        self.setup.options.settle = time;
        self
    }

    /// How many records are created at the same time: 8 by default.
    pub fn concurrency(mut self, records: usize) -> Self {
        self.setup.options.concurrency = records.max(1);
        self
    }

    /// The largest document read, in bytes; [`ReadLimits`]' by default.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.setup.options.max_bytes = bytes;
        self
    }

    /// How many documents are held in memory and posted side by side, and how many bytes they have
    /// together unless a single one has more. 100 and 64 MB by default.
    pub fn batch(mut self, documents: usize, bytes: usize) -> Self {
        let options = &mut self.setup.options;
        (options.batch_documents, options.batch_bytes) = (documents, bytes);
        self
    }

    /// What to tell somebody to do about a refusal, in the words of the application.
    pub fn advice(mut self, advice: Advice) -> Self {
        self.setup.options.advice = advice;
        self
    }

    /// Who posts: what another run is told that is kept out. For people, and different for each
    /// process; the process id by default.
    pub fn holder(mut self, holder: impl Into<String>) -> Self {
        self.setup.options.holder = holder.into();
        self
    }

    /// How long the lease lasts unless it is renewed: 30 s by default. So long a run waits for one
    /// that died, and so long one may be paused without losing its place.
    pub fn lease(mut self, time: Duration) -> Self {
        self.setup.options.lease = time.max(Duration::from_millis(3));
        self
    }

    /// Goes on although nothing of what the store has links of is in Kleer: they were deleted there,
    /// and are not posted again.
    pub fn accept_missing(mut self, accept: bool) -> Self {
        self.setup.options.accept_missing = accept;
        self
    }

    /// Goes on although the links were made with a Kleer at another address: it is the same one, and
    /// its address has changed. From now on the store knows it by this one.
    pub fn accept_address(mut self, accept: bool) -> Self {
        self.setup.options.accept_address = accept;
        self
    }

    /// The clock; tokio's by default.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.setup.clock = clock;
        self
    }

    /// Is told what became of each document, after each batch.
    pub fn on_progress(mut self, tell: impl Fn(PostProgress<'_>) + Send + Sync + 'static) -> Self {
        self.setup.on_progress = Some(Arc::new(tell));
        self
    }

    /// Stops [`post`](InvoicePoster::post) between two batches when it is cancelled.
    pub fn cancellation(mut self, cancellation: &Cancellation) -> Self {
        self.setup.options.cancellation = cancellation.clone();
        self
    }
}
