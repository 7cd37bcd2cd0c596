//! Creates that leave no double behind, although Kleer has no idempotency key.
//!
//! # How
//!
//! 1. Every record gets a mark that Kleer's list shows again: its [`ClientKey`] in `foreign-id`.
//! 2. The list is read once for the whole batch. What carries its mark already is not sent.
//! 3. The others are sent, several at a time. Most are done then.
//! 4. If outcomes are unknown (a broken connection, a 503), it waits for the *settle time*, so that
//!    a write that is still under way can land, and reads the list again. What is found is done;
//!    what is not is sent once more, at most as often as allowed.
//! 5. Where records were sent twice, it waits and reads the list a last time: a first write that
//!    landed late shows as a double then.
//!
//! Where people know a record by what stands in its `foreign-id`, such as a product's item number,
//! [`own_marks`](CreateAllOnce::own_marks) leaves it there: then that is the mark.
//!
//! What cannot be decided is [`InDoubt`](CreateOutcome::InDoubt) and never sent again: the list is
//! incomplete, a record appeared without its mark, the outcome stays unknown. A write that lands
//! after all of this is found by [`audit`](crate::Kleer::audit), which belongs at the end of every
//! run, and by the next run.

mod audit;
mod creatable;
mod look;
mod report;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use kleer_model::ClientKey;

pub use audit::AuditCall;
pub use creatable::Creatable;
pub use report::{
    AuditReport, CreateItem, CreateOutcome, CreateProgress, CreateReport, CreateTotals, Double,
    Doubt, DoubtReason,
};

use crate::Kleer;
use crate::call::Call;
use crate::error::{Error, Outcome};
use crate::failure::Failure;
use crate::handle::At;
use crate::response::{self, Read};
use crate::transport::BoxFuture;
use look::{Look, look};

const DEFAULT_SETTLE: Duration = Duration::from_secs(5);
const DEFAULT_CONCURRENCY: usize = 8;
const DEFAULT_ATTEMPTS: u32 = 2;

/// A mark, as it is compared: case, spaces and hyphens may change on the way.
fn squeezed(mark: &str) -> String {
    mark.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whose marks are looked for, and so how they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// Client keys, which only have to be the same in letters and digits.
    Ours,
    /// Numbers that people give, compared as they stand: `KT-1` and `kt1` may be two products.
    Theirs,
}

impl Marks {
    fn of<T: Creatable>(own_marks: bool) -> Self {
        if T::STAMPED && !own_marks {
            Self::Ours
        } else {
            Self::Theirs
        }
    }

    fn comparable(self, mark: &str) -> String {
        match self {
            Self::Ours => squeezed(mark),
            Self::Theirs => mark.trim().to_owned(),
        }
    }
}

impl Kleer {
    /// Creates a record unless it stands in Kleer already, and leaves no double behind.
    ///
    /// The key must be the same whenever the same record of your source is sent, in this run and
    /// the next. It is written into the record; what stood in its `foreign_id` is replaced. For
    /// many records use [`create_all_once`](Self::create_all_once), which reads Kleer's list once.
    ///
    /// ```no_run
    /// # async fn example(kleer: kleer_client::Kleer) -> Result<(), kleer_client::Error> {
    /// use kleer_client::CreateOutcome;
    /// use kleer_client::model::{Client, ClientKey};
    ///
    /// let key = ClientKey::new("crm->4875", "client", "customer 4711");
    /// match kleer.create_once(key, &Client::new("Exempelbolaget AB", "SE")).await? {
    ///     CreateOutcome::Created { id, .. } => println!("client {id} is new"),
    ///     CreateOutcome::AlreadyThere { id } => println!("client {id} was there"),
    ///     CreateOutcome::InDoubt(doubt) => println!("look yourself: {}", doubt.reason),
    ///     _ => {}
    /// }
    /// # Ok(()) }
    /// ```
    pub fn create_once<T: Creatable>(&self, key: ClientKey, record: &T) -> CreateOnce<T> {
        CreateOnce {
            all: CreateAllOnce::new(At::of(self), [(key, record.clone())]),
        }
    }

    /// Creates the records that do not stand in Kleer already, and leaves no double behind.
    ///
    /// ```no_run
    /// # async fn example(kleer: kleer_client::Kleer, sources: Vec<(u32, String)>) -> Result<(), kleer_client::Error> {
    /// use kleer_client::model::{Client, ClientKey};
    ///
    /// let clients = sources.iter().map(|(number, name)| {
    ///     let key = ClientKey::new("crm->4875", "client", &format!("customer {number}"));
    ///     (key, Client::new(name, "SE"))
    /// });
    /// let report = kleer.create_all_once(clients).concurrency(16).await?;
    /// println!("{}", report.totals());
    /// for (key, doubt) in report.in_doubt() {
    ///     println!("{key}: {} {:?}", doubt.reason, doubt.candidates);
    /// }
    /// let audit = kleer.audit::<Client>().await?;
    /// assert!(audit.is_clean(), "{:?}", audit.doubles);
    /// # Ok(()) }
    /// ```
    pub fn create_all_once<T: Creatable>(
        &self,
        records: impl IntoIterator<Item = (ClientKey, T)>,
    ) -> CreateAllOnce<T> {
        CreateAllOnce::new(At::of(self), records)
    }

    /// Looks for records that carry the same key: doubles of creates that took effect late. Belongs
    /// at the end of every run.
    pub fn audit<T: Creatable>(&self) -> AuditCall<T> {
        AuditCall::new(At::of(self))
    }
}

/// The creation of one record, once. From [`Kleer::create_once`]; `.await` it.
#[must_use = "a call does nothing until it is awaited"]
pub struct CreateOnce<T> {
    all: CreateAllOnce<T>,
}

impl<T: Creatable> CreateOnce<T> {
    pub(crate) fn new(at: At<'_>, key: ClientKey, record: &T) -> Self {
        Self {
            all: CreateAllOnce::new(at, [(key, record.clone())]),
        }
    }

    /// Like [`CreateAllOnce::settle`].
    pub fn settle(mut self, time: Duration) -> Self {
        self.all = self.all.settle(time);
        self
    }

    /// Like [`CreateAllOnce::attempts`].
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.all = self.all.attempts(attempts);
        self
    }

    /// Carries it out. The same as `.await`ing it.
    ///
    /// # Errors
    /// An [`Error`] if the record was not created and nothing was changed.
    pub async fn send(self) -> Result<CreateOutcome<T::Id>, Error> {
        let report = self.all.send().await?;
        match report.items.into_iter().next().map(|item| item.outcome) {
            Some(CreateOutcome::Failed(error)) => Err(error),
            Some(outcome) => Ok(outcome),
            None => Err(Error::configuration("no record was given")),
        }
    }
}

impl<T: Creatable> IntoFuture for CreateOnce<T> {
    type Output = Result<CreateOutcome<T::Id>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T> fmt::Debug for CreateOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateOnce").finish_non_exhaustive()
    }
}

type OnProgress = Arc<dyn Fn(CreateProgress) + Send + Sync>;

/// The creation of many records, each once. From [`Kleer::create_all_once`]; `.await` it.
///
/// Dropping the future while it runs loses nothing: the next run finds what was created.
#[must_use = "a call does nothing until it is awaited"]
pub struct CreateAllOnce<T> {
    kleer: Kleer,
    of: Option<(&'static str, i64)>,
    records: Vec<(ClientKey, T)>,
    settle: Duration,
    concurrency: usize,
    attempts: u32,
    own_marks: bool,
    on_progress: Option<OnProgress>,
}

impl<T: Creatable> CreateAllOnce<T> {
    pub(crate) fn new(at: At<'_>, records: impl IntoIterator<Item = (ClientKey, T)>) -> Self {
        Self {
            kleer: at.kleer().clone(),
            of: at.given(),
            records: records.into_iter().collect(),
            settle: DEFAULT_SETTLE,
            concurrency: DEFAULT_CONCURRENCY,
            attempts: DEFAULT_ATTEMPTS,
            own_marks: false,
            on_progress: None,
        }
    }

    /// How long to wait after an unknown outcome before the list is read again, so that a write
    /// that is still under way can land. 5 s by default. The longer, the fewer doubles.
    pub fn settle(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    /// How many records are sent at the same time. 8 by default; the client's own
    /// [limit](crate::KleerBuilder::max_concurrent_requests) holds, too.
    pub fn concurrency(mut self, records: usize) -> Self {
        self.concurrency = records.max(1);
        self
    }

    /// How often a record is sent whose outcome stays unknown and which is not in the list. 2 by
    /// default; 1 sends nothing twice and leaves more in doubt.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Leaves each record the mark that it has, such as a product its item number in `foreign-id`,
    /// and finds it again by that: the client key is not written into it. By default the key
    /// replaces what stands there.
    ///
    /// The marks must be unique in the company, and are compared as they stand, but for white space
    /// at both ends. A record without one is not created; what stands in Kleer several times is
    /// [in doubt](DoubtReason::Several). An [audit](crate::Kleer::audit) tells nothing about such
    /// marks, since other people may use one twice.
    ///
    /// ```no_run
    /// # async fn example(kleer: kleer_client::Kleer) -> Result<(), kleer_client::Error> {
    /// use kleer_client::model::{Cents, ClientKey, Product};
    ///
    /// let mut hour = Product::new("Konsulttimme", "tim", Cents(95_000));
    /// hour.foreign_id = "KT-1".to_owned();
    /// let key = ClientKey::new("crm->4875", "product", "KT-1");
    /// let report = kleer.create_all_once([(key, hour)]).own_marks().await?;
    /// println!("{}", report.totals());
    /// # Ok(()) }
    /// ```
    pub fn own_marks(mut self) -> Self {
        self.own_marks = true;
        self
    }

    fn marks(&self) -> Marks {
        Marks::of::<T>(self.own_marks)
    }

    /// Is told after each record, and after each look at the list, how far the batch has come.
    pub fn on_progress(mut self, tell: impl Fn(CreateProgress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(tell));
        self
    }

    /// Carries it out. The same as `.await`ing it.
    ///
    /// # Errors
    /// An [`Error`] if Kleer's list cannot be read before anything was sent. What fails later is
    /// told for each record.
    pub async fn send(self) -> Result<CreateReport<T::Id>, Error> {
        Run::new(self).carry_out().await
    }
}

impl<T: Creatable> IntoFuture for CreateAllOnce<T> {
    type Output = Result<CreateReport<T::Id>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T> fmt::Debug for CreateAllOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateAllOnce")
            .field("records", &self.records.len())
            .field("settle", &self.settle)
            .field("concurrency", &self.concurrency)
            .field("attempts", &self.attempts)
            .field("own_marks", &self.own_marks)
            .finish_non_exhaustive()
    }
}

/// One record on its way.
struct Item<T: Creatable> {
    key: ClientKey,
    record: T,
    mark: String,
    /// How often it was sent.
    sent: u32,
    /// The error after which its outcome is not known.
    open: Option<Error>,
    outcome: Option<CreateOutcome<T::Id>>,
}

/// A batch on its way.
struct Run<T: Creatable> {
    settings: CreateAllOnce<T>,
    items: Vec<Item<T>>,
    /// The records that are accounted for: they were there before, or were created by us.
    known: HashSet<T::Id>,
    lists_read: u32,
    so_far: CreateTotals,
}

impl<T: Creatable> Run<T> {
    fn new(mut settings: CreateAllOnce<T>) -> Self {
        let records = std::mem::take(&mut settings.records);
        let (own_marks, marks) = (settings.own_marks, settings.marks());
        let items = records.into_iter().map(|(key, mut record)| {
            if !own_marks {
                record.stamp(&key);
            }
            Item {
                mark: marks.comparable(&record.mark()),
                key,
                record,
                sent: 0,
                open: None,
                outcome: None,
            }
        });
        Self {
            items: items.collect(),
            settings,
            known: HashSet::new(),
            lists_read: 0,
            so_far: CreateTotals::default(),
        }
    }

    async fn carry_out(mut self) -> Result<CreateReport<T::Id>, Error> {
        self.refuse_ambiguous();
        if self.undecided().next().is_some() {
            let index = self.look(true).await?;
            self.compare(&index);
        }
        for attempt in 1..=self.settings.attempts {
            self.send_all().await;
            if self.items.iter().all(|item| item.open.is_none()) {
                break;
            }
            let after = self.look_again().await;
            self.decide(after, attempt == self.settings.attempts);
        }
        let audited = self.close().await;
        let items = self.items.into_iter().filter_map(|item| {
            // Every item is decided here: `decide` leaves none open after the last attempt.
            let outcome = item.outcome?;
            Some(CreateItem {
                key: item.key,
                outcome,
            })
        });
        Ok(CreateReport {
            items: items.collect(),
            audited,
        })
    }

    /// Refuses records without a mark, and all but the first with the same.
    fn refuse_ambiguous(&mut self) {
        let mut seen = HashSet::new();
        for index in 0..self.items.len() {
            let mark = &self.items[index].mark;
            let why = if mark.is_empty() {
                "the record has nothing by which it could be found again: give it a number"
            } else if !seen.insert(mark.clone()) {
                "the same key stands twice in the batch"
            } else {
                continue;
            };
            let failure = Failure::invalid_request(why);
            let error = Error::before_sending(Some(T::CREATE.name), true, failure);
            self.finish(index, CreateOutcome::Failed(error));
        }
    }

    fn undecided(&self) -> impl Iterator<Item = usize> {
        let items = self.items.iter().enumerate();
        items.filter_map(|(index, item)| item.outcome.is_none().then_some(index))
    }

    fn finish(&mut self, index: usize, outcome: CreateOutcome<T::Id>) {
        if let Some(id) = outcome.id() {
            self.known.insert(id);
        }
        self.so_far.count(&outcome);
        self.items[index].open = None;
        self.items[index].outcome = Some(outcome);
        self.tell();
    }

    fn tell(&self) {
        if let Some(tell) = &self.settings.on_progress {
            tell(CreateProgress {
                total: self.items.len(),
                so_far: self.so_far,
                lists_read: self.lists_read,
            });
        }
    }

    /// Reads Kleer's list.
    async fn look(&mut self, is_first: bool) -> Result<Look<T>, Error> {
        let records: Vec<&T> = self.items.iter().map(|item| &item.record).collect();
        let query = T::index_query(&records);
        let at = At::with(&self.settings.kleer, self.settings.of);
        let looked = look::<T>(
            at,
            &query,
            self.settings.marks(),
            (!is_first).then_some(&self.known),
        )
        .await?;
        self.lists_read += 1;
        self.tell();
        Ok(looked)
    }

    /// Reads Kleer's list after the settle time.
    async fn look_again(&mut self) -> Result<Look<T>, Error> {
        let timer = Arc::clone(&self.settings.kleer.inner.timer);
        timer.sleep(self.settings.settle).await;
        self.look(false).await
    }

    /// What an earlier run has created is not sent.
    fn compare(&mut self, index: &Look<T>) {
        for at in self.undecided().collect::<Vec<_>>() {
            let outcome = match index.ids_of(&self.items[at].mark) {
                [] if index.unread == 0 => continue,
                [] => doubt(DoubtReason::IncompleteList, Vec::new(), None),
                [id] => CreateOutcome::AlreadyThere { id: *id },
                several => doubt(DoubtReason::Several, several.to_vec(), None),
            };
            self.finish(at, outcome);
        }
        self.known.extend(index.ids());
    }

    /// Sends what is undecided, several at a time.
    async fn send_all(&mut self) {
        let calls: Vec<(usize, Call<response::Created<T::Id>>)> = self
            .undecided()
            .map(|index| (index, self.call(&self.items[index].record)))
            .collect();
        let concurrency = self.settings.concurrency;
        let mut answers = futures_util::stream::iter(calls)
            .map(|(index, call)| async move { (index, call.send().await) })
            .buffer_unordered(concurrency);
        while let Some((index, answer)) = answers.next().await {
            self.items[index].sent += 1;
            match answer {
                Ok(created) => {
                    let id = created.id;
                    self.finish(index, CreateOutcome::Created { id, found: false });
                }
                Err(error)
                    if error.outcome() == Outcome::NotCarriedOut && self.items[index].sent == 1 =>
                {
                    self.finish(index, CreateOutcome::Failed(error));
                }
                // Refused after an unknown outcome: the first may have been carried out still.
                Err(error) => self.items[index].open = Some(error),
            }
        }
    }

    fn call(&self, record: &T) -> Call<response::Created<T::Id>> {
        let of = self.settings.of.map(|(name, id)| (name, id.to_string()));
        let path: Vec<(&str, &str)> = of.iter().map(|(name, id)| (*name, id.as_str())).collect();
        let read = Read::Whole(response::created::<T::Id>);
        Call::with_document(&self.settings.kleer, T::CREATE, &path, record, read)
    }

    /// Decides the records whose outcome is unknown by what the list shows now.
    fn decide(&mut self, after: Result<Look<T>, Error>, is_last: bool) {
        let open: Vec<usize> = self.undecided().collect();
        let after = match after {
            Ok(after) => after,
            Err(error) => {
                let error = Arc::new(error);
                for at in open {
                    let error = Some(Arc::clone(&error));
                    self.finish(at, doubt(DoubtReason::ListFailed, Vec::new(), error));
                }
                return;
            }
        };
        let mut missing = Vec::new();
        for at in open {
            match after.ids_of(&self.items[at].mark) {
                [] => missing.push(at),
                [id] => self.finish(
                    at,
                    CreateOutcome::Created {
                        id: *id,
                        found: true,
                    },
                ),
                several => self.finish(at, doubt(DoubtReason::Several, several.to_vec(), None)),
            }
        }
        for at in missing {
            let item = &mut self.items[at];
            let error = item.open.take();
            let outcome = error.as_ref().map(Error::outcome);
            let candidates = after.candidates(&item.record, &item.mark, &self.known);
            let reason = if !candidates.is_empty() {
                DoubtReason::Lookalike
            } else if after.unread > 0 {
                DoubtReason::IncompleteList
            } else if outcome == Some(Outcome::CarriedOut) {
                DoubtReason::CarriedOutButNotFound
            } else if is_last {
                DoubtReason::NotFound
            } else {
                continue; // Sent once more.
            };
            self.finish(at, doubt(reason, candidates, error.map(Arc::new)));
        }
    }

    /// Looks a last time where a record was sent twice, or may still appear.
    async fn close(&mut self) -> bool {
        let may_have_landed = |item: &Item<T>| {
            let not_found = matches!(
                &item.outcome,
                Some(CreateOutcome::InDoubt(doubt)) if matches!(
                    doubt.reason,
                    DoubtReason::NotFound | DoubtReason::CarriedOutButNotFound
                )
            );
            item.sent > 1 || not_found
        };
        let suspects: Vec<usize> = (0..self.items.len())
            .filter(|at| may_have_landed(&self.items[*at]))
            .collect();
        if suspects.is_empty() {
            return true;
        }
        let Ok(after) = self.look_again().await else {
            return false;
        };
        for at in suspects {
            let item = &self.items[at];
            let outcome = match (after.ids_of(&item.mark), &item.outcome) {
                ([id], Some(CreateOutcome::InDoubt(_))) if after.unread == 0 => {
                    CreateOutcome::Created {
                        id: *id,
                        found: true,
                    }
                }
                (several @ [_, _, ..], _) => doubt(DoubtReason::Several, several.to_vec(), None),
                _ => continue,
            };
            self.recount(at, outcome);
        }
        after.unread == 0
    }

    fn recount(&mut self, at: usize, outcome: CreateOutcome<T::Id>) {
        self.items[at].outcome = Some(outcome);
        self.so_far = CreateTotals::default();
        for item in &self.items {
            if let Some(outcome) = &item.outcome {
                self.so_far.count(outcome);
            }
        }
        self.tell();
    }
}

fn doubt<Id>(
    reason: DoubtReason,
    mut candidates: Vec<Id>,
    error: Option<Arc<Error>>,
) -> CreateOutcome<Id>
where
    Id: Ord,
{
    candidates.sort_unstable();
    CreateOutcome::InDoubt(Doubt {
        reason,
        candidates,
        error,
    })
}

/// Records by their marks.
type ByMark<Id> = HashMap<String, Vec<Id>>;
