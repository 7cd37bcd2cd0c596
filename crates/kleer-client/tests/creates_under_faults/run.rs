//! One run: records are created under faults, and everything that was said of them is held against
//! what is in the sandbox.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kleer_client::model::{Client, ClientId, ClientKey};
use kleer_client::{
    AuditReport, CreateItem, CreateOutcome, CreateReport, CreateTotals, DoubtReason, Kleer,
    RetryPolicy,
};
use kleer_sandbox::{FaultProfile, Sandbox};

use crate::fast_timer::{FastTimer, SETTLE, SPEED, Settle};

/// How a run is to be.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) records: usize,
    pub(crate) profile: FaultProfile,
    pub(crate) settle: Settle,
    /// How often a record is sent.
    pub(crate) attempts: u32,
    pub(crate) concurrency: usize,
    /// In time on the wall.
    pub(crate) attempt_timeout: Duration,
}

/// How a run went.
pub(crate) struct Run {
    plan: Plan,
    sandbox: Arc<Sandbox>,
    kleer: Kleer,
    pub(crate) report: CreateReport<ClientId>,
    pub(crate) audit: AuditReport<ClientId>,
    /// The ids in the sandbox, by the name of the source record: a name is what no fault changes
    /// beyond recognition, and the client does not look at it.
    stored: BTreeMap<String, Vec<ClientId>>,
    /// The foreign ids in the sandbox.
    keys: HashMap<ClientId, String>,
    /// How many requests were hit.
    pub(crate) hits: usize,
    /// How often the run could not begin, because the list could not be read.
    pub(crate) false_starts: usize,
    pub(crate) elapsed: Duration,
}

fn source(number: usize) -> (ClientKey, Client) {
    let key = ClientKey::new("test->4875", "client", &format!("customer {number}"));
    (key, Client::new(name(number), "SE"))
}

fn name(number: usize) -> String {
    format!("Kund {number:05}")
}

impl Run {
    /// Creates the records while the faults are on, then switches them off and looks.
    pub(crate) async fn of(plan: Plan) -> Self {
        let (sandbox, kleer) = start(&plan).await;
        Self::on(plan, sandbox, kleer).await
    }

    async fn on(plan: Plan, sandbox: Arc<Sandbox>, kleer: Kleer) -> Self {
        let started = Instant::now();
        let mut false_starts = 0;
        let report = loop {
            let outcome = create(&kleer, &plan, 0..plan.records).await;
            match outcome {
                Ok(report) => break report,
                Err(error) => {
                    false_starts += 1;
                    assert!(false_starts < 50, "{plan}: {error}");
                }
            }
        };
        let elapsed = started.elapsed();
        sandbox.late_writes_landed().await;
        let hits = sandbox.played_faults().values().sum();
        sandbox.set_fault_profile(FaultProfile::new());
        let audit = kleer.audit::<Client>().await.unwrap();
        let stored = stored(&sandbox);
        let clients = sandbox.clients().into_iter();
        let keys = clients
            .map(|client| (client.id, client.foreign_id))
            .collect();
        Self {
            plan,
            sandbox,
            kleer,
            report,
            audit,
            stored,
            keys,
            hits,
            false_starts,
            elapsed,
        }
    }

    pub(crate) fn totals(&self) -> CreateTotals {
        self.report.totals()
    }

    /// How many records there are in all.
    pub(crate) fn copies(&self) -> usize {
        self.stored.values().map(Vec::len).sum()
    }

    /// How many source records are there more than once.
    pub(crate) fn doubles(&self) -> usize {
        self.stored.values().filter(|ids| ids.len() > 1).count()
    }

    /// The keys of records that were created and do not carry them.
    pub(crate) fn lost(&self) -> Vec<ClientKey> {
        let lost = self.audit.lost_keys(&self.report);
        lost.into_iter().map(|(key, _)| key).collect()
    }

    /// How many of the created were found after a lost answer.
    pub(crate) fn found(&self) -> usize {
        let found = |outcome: &CreateOutcome<_>| {
            matches!(outcome, CreateOutcome::Created { found: true, .. })
        };
        self.report
            .items
            .iter()
            .filter(|item| found(&item.outcome))
            .count()
    }

    fn ids_of(&self, number: usize) -> &[ClientId] {
        self.stored
            .get(&name(number).to_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    /// Whether the audit names exactly these records as doubles.
    fn is_audited(&self, ids: &[ClientId]) -> bool {
        self.audit.doubles.iter().any(|double| double.ids == ids)
    }

    /// Everything that the report and the audit say is true, and they leave nothing out.
    pub(crate) fn check(&self) {
        let plan = &self.plan;
        assert_eq!(self.report.items.len(), plan.records, "{plan}");
        assert_eq!(self.totals().total(), plan.records, "{plan}");
        for (number, item) in self.report.items.iter().enumerate() {
            let ids = self.ids_of(number);
            let place = format!("{plan}, record {number}: {ids:?}, {:?}", item.outcome);
            assert_eq!(item.key, source(number).0, "{place}");
            match &item.outcome {
                CreateOutcome::Created { id, .. } | CreateOutcome::AlreadyThere { id } => {
                    assert!(ids.contains(id), "not there: {place}");
                    assert!(
                        ids.len() == 1 || self.is_audited(ids),
                        "a silent double: {place}"
                    );
                }
                CreateOutcome::Failed(_) => assert!(ids.is_empty(), "it is there: {place}"),
                CreateOutcome::InDoubt(doubt) => {
                    if doubt.reason == DoubtReason::Several {
                        assert_eq!(doubt.candidates, ids, "{place}");
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        // Nothing is there that nobody asked for.
        let asked: HashSet<_> = (0..plan.records)
            .map(|number| name(number).to_lowercase())
            .collect();
        assert!(
            self.stored.keys().all(|name| asked.contains(name)),
            "{plan}"
        );
        // The audit knows which keys did not arrive as they were sent: a later run cannot find them.
        let lost: HashSet<_> = self.lost().into_iter().collect();
        let check_key = |number: usize, item: &CreateItem<ClientId>| {
            let key = squeezed(&item.key.to_string());
            let keeps = |id: ClientId| self.keys.get(&id).is_some_and(|kept| squeezed(kept) == key);
            let lost_it = item.outcome.id().is_some_and(|id| !keeps(id));
            assert_eq!(lost_it, lost.contains(&item.key), "{plan}, record {number}");
        };
        for (number, item) in self.report.items.iter().enumerate() {
            check_key(number, item);
        }
        // And it names no doubles that are none.
        for double in &self.audit.doubles {
            assert!(
                self.stored.values().any(|ids| *ids == double.ids),
                "{plan}: {double:?}"
            );
        }
    }

    /// Runs the same batch again without faults: what is missing is created, nothing is doubled,
    /// and at the end every record is there. Returns how many a person has to look at.
    pub(crate) async fn finish(self) -> usize {
        let plan = &self.plan;
        // Of these nobody but a person can tell whether they are there: their key is not.
        let lost: HashSet<_> = self.lost().into_iter().collect();
        let is_open = |number: &usize| {
            let item = &self.report.items[*number];
            let lookalike = matches!(
                &item.outcome,
                CreateOutcome::InDoubt(doubt) if doubt.reason == DoubtReason::Lookalike
            );
            !lookalike && !lost.contains(&item.key)
        };
        let numbers: Vec<usize> = (0..plan.records).filter(is_open).collect();
        let report = create(&self.kleer, plan, numbers.clone()).await.unwrap();
        let after = stored(&self.sandbox);
        let mut to_look_at = plan.records - numbers.len();
        for (number, item) in numbers.iter().zip(&report.items) {
            let before = self.ids_of(*number);
            let ids = after
                .get(&name(*number).to_lowercase())
                .map_or(&[][..], Vec::as_slice);
            let place = format!(
                "{plan}, record {number}: {before:?}, {ids:?}, {:?}",
                item.outcome
            );
            match (&item.outcome, before) {
                (CreateOutcome::AlreadyThere { id }, [before]) => {
                    assert_eq!((ids, id), (&[*id][..], before), "{place}");
                }
                (CreateOutcome::Created { id, .. }, []) => assert_eq!(ids, [*id], "{place}"),
                (CreateOutcome::InDoubt(doubt), [_, _, ..]) => {
                    assert_eq!(
                        (doubt.reason, ids),
                        (DoubtReason::Several, before),
                        "{place}"
                    );
                    assert!(self.is_audited(ids), "{place}");
                    to_look_at += 1;
                }
                _ => panic!("{place}"),
            }
        }
        to_look_at
    }
}

async fn start(plan: &Plan) -> (Arc<Sandbox>, Kleer) {
    let sandbox = Sandbox::builder()
        .fault_profile(plan.profile.clone())
        .max_recorded_requests(0)
        .start()
        .await
        .unwrap();
    let sandbox = Arc::new(sandbox);
    let kleer = Kleer::builder(sandbox.company())
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .timer(FastTimer::new(plan.settle, &sandbox))
        .retry(RetryPolicy::default().with_max_attempts(8))
        .attempt_timeout(plan.attempt_timeout * SPEED)
        .max_concurrent_requests(plan.concurrency)
        .max_response_bytes(16 * 1024 * 1024)
        .build()
        .unwrap();
    (sandbox, kleer)
}

/// Creates the records, but the run is killed again and again when so many are decided, wherever it
/// stands then, and begun anew.
pub(crate) async fn killed(plan: &Plan, kills: usize) -> Run {
    let (sandbox, kleer) = start(plan).await;
    for kill in 1..=kills {
        let (progress, mut told) = tokio::sync::watch::channel(0);
        let batch = kleer
            .create_all_once((0..plan.records).map(source))
            .settle(SETTLE)
            .attempts(plan.attempts)
            .concurrency(plan.concurrency)
            .on_progress(move |now| {
                progress.send_replace(now.so_far.total());
            });
        let run = tokio::spawn(batch.send());
        let enough = plan.records * kill / (kills + 1);
        // Over early, or decided enough.
        let _ = told.wait_for(|decided| *decided >= enough).await;
        run.abort();
        let _ = run.await;
        // What was under way when it was killed lands before the next run looks.
        sandbox.late_writes_landed().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Run::on(plan.clone(), sandbox, kleer).await
}

async fn create(
    kleer: &Kleer,
    plan: &Plan,
    numbers: impl IntoIterator<Item = usize>,
) -> Result<CreateReport<ClientId>, kleer_client::Error> {
    kleer
        .create_all_once(numbers.into_iter().map(source))
        .settle(SETTLE)
        .attempts(plan.attempts)
        .concurrency(plan.concurrency)
        .await
}

/// A key without what is only for the eye, and without regard to case.
fn squeezed(key: &str) -> String {
    key.replace('-', "").to_lowercase()
}

fn stored(sandbox: &Sandbox) -> BTreeMap<String, Vec<ClientId>> {
    let mut stored: BTreeMap<String, Vec<ClientId>> = BTreeMap::new();
    for client in sandbox.clients() {
        stored
            .entry(client.name.to_lowercase())
            .or_default()
            .push(client.id);
    }
    stored
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} records)", self.name, self.records)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = self.totals();
        write!(
            f,
            "{:<40} {:>6} hits {:>6} created ({:>5} found) {:>5} in doubt {:>5} failed {:>5} doubles {:>3} false starts {:>6.1} s",
            self.plan.name,
            self.hits,
            totals.created,
            self.found(),
            totals.in_doubt,
            totals.failed,
            self.doubles(),
            self.false_starts,
            self.elapsed.as_secs_f64(),
        )
    }
}
