//! What there is in the end, in Kleer and in the store.

use std::collections::BTreeMap;

use flat_record::Value;
use kleer_connect::client::model::endpoint::{PAYROLL_USER_LIST, USER_LIST};
use kleer_connect::client::model::{List, PayrollUserReadable, User};
use kleer_connect::employee::field;
use kleer_sandbox::Sandbox;
use record_link::{
    DeviationQuery, EventQuery, Link, LinkStanding, RecordKey, RunOutcome, RunQuery, Side,
    all_links, fold_events,
};

use super::worker::{Job, connection, kind};

/// What there is of one employee, but for the number that Kleer gave.
#[derive(Debug, PartialEq)]
struct Employee {
    client_key: Option<String>,
    record: BTreeMap<String, Value>,
    base: serde_json::Value,
    incarnation: u64,
}

pub(crate) struct Result {
    by_hr_key: BTreeMap<RecordKey, Employee>,
    links: usize,
    users: usize,
    agreements: usize,
    intents: usize,
    /// Those that a process died in, and those that nobody has taken for dead.
    pub(crate) interrupted_runs: usize,
    running_runs: usize,
    /// What is left to be looked at, without the one it is about.
    deviations: Vec<String>,
}

impl Result {
    pub(crate) async fn of(sandbox: &Sandbox, job: &Job) -> Self {
        sandbox.assert_no_doubles(&USER_LIST);
        let users: List<User> = sandbox.read(&USER_LIST, &[]).unwrap();
        let agreements: List<PayrollUserReadable> = sandbox.read(&PAYROLL_USER_LIST, &[]).unwrap();
        let ours: Vec<_> = users
            .items
            .iter()
            .filter(|user| user.foreign_id.as_ref().is_some_and(|id| !id.is_empty()))
            .collect();
        let with_agreement =
            |user: &&&User| agreements.items.iter().any(|one| one.user.id == user.id);

        let store = job.open().await;
        let (connection, kind) = (connection(), kind());
        let links = all_links(&*store, &connection, &kind).await.unwrap();
        // The log adds up to the links, whatever happened in between.
        let every = EventQuery::new().limit(1_000_000);
        let events = store.events(&connection, &every).await.unwrap().items;
        let folded = fold_events(events.iter().map(|one| &one.event)).unwrap();
        assert!(links.iter().all(|link| folded[&link.id] == *link) && folded.len() == links.len());

        let shown = job.employees().list(&kind).await.unwrap();
        let employee = |link: &Link| {
            let key = link.keys.right.as_ref()?;
            let observation = shown.get(key.as_str())?;
            let user = ours
                .iter()
                .find(|user| user.id.to_string() == key.as_str())?;
            // The employee's number is given by Kleer, in the order in which they come.
            let fields = observation.record.iter();
            let fields = fields.filter(|(field, _)| field.name.as_str() != field::INTERNAL_ID);
            let fields = fields.map(|(field, value)| (field.name.to_string(), value.clone()));
            Some(Employee {
                client_key: user.foreign_id.clone(),
                record: fields.collect(),
                base: serde_json::to_value(&link.base).unwrap(),
                incarnation: link.incarnation,
            })
        };
        let live = links
            .iter()
            .filter(|link| LinkStanding::from(&link.state) == LinkStanding::Linked);
        let by_hr_key = live.filter_map(|link| Some((link.keys.left.clone()?, employee(link)?)));
        let unsettled = DeviationQuery::unsettled().limit(10_000);
        let deviations = store
            .deviations(&connection, &unsettled)
            .await
            .unwrap()
            .items;
        let deviations = deviations.iter().map(|one| {
            let (topic, failure) = (one.topic(), one.failure());
            let subject = serde_json::to_value(&topic.subject).unwrap()["is"].clone();
            format!(
                "{} of a {subject}: {}: {}",
                topic.operation,
                failure.code(),
                failure.messages().join(" ")
            )
        });
        let deviations = deviations.collect();
        let every = RunQuery::new().limit(10_000);
        let runs = store.runs(&connection, &every).await.unwrap().items;
        let runs_of = |outcome| runs.iter().filter(|run| run.outcome == outcome).count();
        Self {
            by_hr_key: by_hr_key.collect(),
            links: links.len(),
            users: ours.len(),
            agreements: ours.iter().filter(with_agreement).count(),
            intents: store.intents(&connection).await.unwrap().len(),
            interrupted_runs: runs_of(RunOutcome::Interrupted),
            running_runs: runs_of(RunOutcome::Running),
            deviations,
        }
    }

    /// One of everything for each employee, and nothing under way.
    pub(crate) fn is_whole(&self, records: usize) {
        let found = (
            self.users,
            self.agreements,
            self.links,
            self.by_hr_key.len(),
        );
        assert_eq!(
            found,
            (records, records, records, records),
            "users, agreements, links, pairs"
        );
        assert_eq!(self.intents, 0, "open intents");
        assert_eq!(self.running_runs, 0, "runs that run still");
    }

    /// Nobody is asked to look at anything: what went wrong was put right.
    pub(crate) fn has_no_open_deviation(&self) {
        let (first, all) = (self.deviations.first(), self.deviations.len());
        assert_eq!(all, 0, "open deviations, of which the first is {first:?}");
    }

    pub(crate) fn is_as(&self, other: &Self) -> bool {
        self.by_hr_key == other.by_hr_key
    }

    /// The first that differs.
    pub(crate) fn difference(&self, other: &Self) -> String {
        let differs = self
            .by_hr_key
            .iter()
            .find(|(key, one)| other.by_hr_key.get(*key) != Some(*one));
        match differs {
            Some((key, one)) => format!(
                "{key:?}: {one:?}, and undisturbed {:?}",
                other.by_hr_key.get(key)
            ),
            None => "some are missing".to_owned(),
        }
    }
}
