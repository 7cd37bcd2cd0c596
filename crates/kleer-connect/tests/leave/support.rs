//! A company with three employees, and ways to let it fail.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use kleer_client::model::{
    EventReadable, EventWritable, PayrollEventType, PayrollUserWritable, User, UserId, endpoint,
};
use kleer_client::{
    Body, BoxFuture, Kleer, KleerBuilder, ReqwestTransport, RetryPolicy, Transport, TransportError,
};
use kleer_connect::leave::{
    EmployeeLeave, EmployeeLinks, Exported, LeaveExportError, LeaveExporter, LeaveRows,
    LeaveSource, WorkingHours,
};
use kleer_employee::leave::{
    AbsenceActivities, Holidays, Leave, LeaveTypes, Schedule, WorkWeek, WorkWeeks,
};
use kleer_sandbox::{Sandbox, Seed};
use record_link::testing::{Fuse, ManualClock};
use record_link::{ConnectionId, Deviation, DeviationQuery, DeviationState, RecordKey, Store};

pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

/// The time at which tests begin.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

pub(crate) fn types() -> LeaveTypes {
    LeaveTypes::new()
        .map("vacation", PayrollEventType::Vacation)
        .map("unpaid", PayrollEventType::LeaveOfAbsence)
        .map("child", PayrollEventType::Childcare)
        .map_when_confirmed("sick", PayrollEventType::Sick)
}

pub(crate) fn key(text: &str) -> RecordKey {
    RecordKey::new(text).unwrap()
}

/// The employees `e1`, `e2` and `e3` of the source, their users in Kleer, and a sandbox.
pub(crate) struct Company {
    pub(crate) sandbox: Sandbox,
    pub(crate) users: BTreeMap<&'static str, UserId>,
    pub(crate) connection: ConnectionId,
    pub(crate) clock: ManualClock,
}

impl Company {
    pub(crate) async fn open() -> Self {
        let mut seed = Seed::new();
        for (name, email) in [
            ("Tolvan Tolvansson", "tolvan@example.com"),
            ("Elvan Elvansson", "elvan@example.com"),
            ("Tian Tiansson", "tian@example.com"),
        ] {
            seed = seed.user(&User::new(name, email));
        }
        let sandbox = Sandbox::builder()
            .seed(seed)
            .today(day(20))
            .start()
            .await
            .unwrap();
        let kleer = client(&sandbox).build().unwrap();
        let listed = kleer.users().list().await.unwrap();
        let id = |email: &str| listed.iter().find(|user| user.email == email).unwrap().id;
        let users = BTreeMap::from([
            ("e1", id("tolvan@example.com")),
            ("e2", id("elvan@example.com")),
            ("e3", id("tian@example.com")),
        ]);
        sandbox.clear_requests();
        Self {
            sandbox,
            users,
            connection: ConnectionId::new("acme->4875").unwrap(),
            clock: ManualClock::new(noon()),
        }
    }

    pub(crate) fn links(&self) -> EmployeeLinks {
        let links = self.users.iter();
        links.fold(EmployeeLinks::new(), |links, (employee, user)| {
            links.link(key(employee), *user)
        })
    }

    /// Employs a user, so that Kleer has a schedule.
    pub(crate) fn employ(&self, employee: &str, ssn: &str) {
        let user = self.users[employee].to_string();
        let hired = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let employment = PayrollUserWritable::create(ssn, hired);
        let sandbox = &self.sandbox;
        sandbox
            .write(&endpoint::PAYROLL_USER_CREATE, &[&user], &employment)
            .unwrap();
    }

    pub(crate) fn kleer(&self) -> Kleer {
        client(&self.sandbox).build().unwrap()
    }

    /// A client of a process that dies when the fuse blows.
    pub(crate) fn fused(&self, fuse: &Fuse) -> Kleer {
        let transport = Watched {
            fuse: fuse.clone(),
            ..Watched::new()
        };
        client(&self.sandbox).transport(transport).build().unwrap()
    }

    pub(crate) fn exporter<'a>(
        &'a self,
        store: &'a dyn Store,
        kleer: &'a Kleer,
    ) -> LeaveExporter<'a> {
        LeaveExporter::new(store, kleer, &self.clock, &self.connection, types())
            .settle(Duration::from_millis(40))
    }

    pub(crate) async fn run(&self, store: &dyn Store, source: &LeaveSource) -> Exported {
        self.try_run(store, source).await.unwrap()
    }

    pub(crate) async fn try_run(
        &self,
        store: &dyn Store,
        source: &LeaveSource,
    ) -> Result<Exported, LeaveExportError> {
        let kleer = self.kleer();
        self.exporter(store, &kleer)
            .run_once(source, &self.links())
            .await
    }

    /// The absences of November in Kleer, as short texts.
    pub(crate) async fn absences(&self) -> Vec<String> {
        let events = self.events().await;
        let kleer = self.kleer();
        let activities = kleer.client_projects().activities().await.unwrap();
        let activities = AbsenceActivities::by_usual_names(&activities.items).unwrap();
        let mut texts: Vec<String> = events
            .iter()
            .map(|event| {
                let whose = self
                    .users
                    .iter()
                    .find(|(_, user)| **user == event.user.id)
                    .unwrap()
                    .0;
                let kind = activities.event_type(event.activity.id).unwrap();
                let child = event.child.as_deref().unwrap_or_default();
                format!(
                    "{whose} {} {kind} {} h {child}",
                    event.date,
                    event.hours.normalize()
                )
                .trim_end()
                .to_owned()
            })
            .collect();
        texts.sort();
        texts
    }

    pub(crate) async fn events(&self) -> Vec<EventReadable> {
        let kleer = self.kleer();
        let events = kleer
            .events()
            .list()
            .from(day(1))
            .to(day(30))
            .await
            .unwrap();
        events.items
    }

    /// Somebody registers absence in Kleer.
    pub(crate) async fn somebody_registers(
        &self,
        employee: &str,
        activity: &str,
        date: NaiveDate,
        hours: i64,
    ) {
        let kleer = self.kleer();
        let activities = kleer.client_projects().activities().await.unwrap();
        let activity = activities
            .iter()
            .find(|one| one.name == activity)
            .unwrap()
            .id
            .id;
        let user = self.users[employee];
        let event = EventWritable::new("by hand", user, activity, date, hours.into());
        kleer.events().create(&event).await.unwrap();
    }

    pub(crate) fn writes(&self) -> usize {
        let writes = [
            &endpoint::EVENT_CREATE,
            &endpoint::EVENT_UPDATE,
            &endpoint::EVENT_DELETE,
        ];
        writes
            .into_iter()
            .map(|one| self.sandbox.count_requests(one))
            .sum()
    }

    pub(crate) async fn deviations(&self, store: &dyn Store) -> Vec<Deviation> {
        let query = DeviationQuery::all().states([DeviationState::Open]);
        let mut all = store
            .deviations(&self.connection, &query)
            .await
            .unwrap()
            .items;
        all.sort_by_key(|one| one.failure().code().to_owned());
        all
    }

    pub(crate) async fn codes(&self, store: &dyn Store) -> Vec<String> {
        let deviations = self.deviations(store).await;
        deviations
            .iter()
            .map(|one| one.failure().code().to_owned())
            .collect()
    }
}

pub(crate) fn client(sandbox: &Sandbox) -> KleerBuilder {
    Kleer::builder(sandbox.company())
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .retry(RetryPolicy::none())
}

/// Monday to Friday, eight hours.
pub(crate) fn weeks() -> WorkingHours {
    let week = WorkWeek::full_time(8.into()).unwrap();
    WorkingHours::Given(Schedule::weeks(
        WorkWeeks::always(week),
        Holidays::swedish(),
    ))
}

pub(crate) fn of(employee: &str, rows: impl Into<LeaveRows>) -> EmployeeLeave {
    EmployeeLeave::new(key(employee), rows).hours(weeks())
}

pub(crate) fn leave(id: &str, kind: &str, first: u32, last: u32) -> Leave {
    Leave::new(id, kind, day(first), day(last))
}

/// November, complete.
pub(crate) fn november(employees: impl IntoIterator<Item = EmployeeLeave>) -> LeaveSource {
    LeaveSource::new(day(1), day(30))
        .with_employees(employees)
        .complete()
}

/// A transport that dies with a fuse, and counts how many requests are under way at once.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: ReqwestTransport,
    pub(crate) fuse: Fuse,
    under_way: AtomicUsize,
    pub(crate) most: Arc<AtomicUsize>,
}

impl Watched {
    pub(crate) fn new() -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            inner: ReqwestTransport::new(client),
            fuse: Fuse::never(),
            under_way: AtomicUsize::new(0),
            most: Arc::default(),
        }
    }
}

impl Transport for Watched {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async move {
            if !self.fuse.step() {
                return std::future::pending().await;
            }
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            let answer = self.inner.send(request).await;
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            if !self.fuse.step() {
                return std::future::pending().await;
            }
            answer
        })
    }
}
