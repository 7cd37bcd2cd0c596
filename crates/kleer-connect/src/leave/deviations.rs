//! What does not go, for the error log.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use flat_record::Kind;
use kleer_employee::leave::{LeaveFinding, LeaveProblem};
use kleer_model::UserId;
use record_link::{
    ConnectionId, DeviationChange, DeviationClass, DeviationEvent, DeviationId, DeviationQuery,
    DeviationState, Failure, RecordKey, Store, StoreError, Subject, Topic, Which, Write,
};

use super::report::DayFailure;

/// The operation of the deviations that an export of leave reports.
pub const OPERATION: &str = "export-leave";

/// A name that stands in the code.
pub(super) fn constant<T, E: std::fmt::Debug>(name: Result<T, E>) -> T {
    #[expect(
        clippy::expect_used,
        reason = "a constant of this crate, which every test would meet"
    )]
    name.expect("a valid name")
}

fn kind(name: &str) -> Kind {
    constant(Kind::new(name))
}

/// What a deviation is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    Leave(String),
    Employee(RecordKey),
    /// A user whose employee is not in the source.
    User(UserId),
}

impl About {
    fn topic(&self, connection: &ConnectionId) -> Option<Topic> {
        let record = |side, name, key: Option<RecordKey>| {
            let kind = kind(name);
            key.map(|key| Subject::Record { side, kind, key })
        };
        let subject = match self {
            Self::Leave(leave) => {
                let key = RecordKey::new(leave.as_str()).ok();
                record(Which::Left, "leave", key)
                    // An id that cannot be a key is still told.
                    .or_else(|| Some(Subject::document("leave", leave.as_str())))
            }
            Self::Employee(key) => record(Which::Left, "employee", Some(key.clone())),
            Self::User(user) => {
                let key = RecordKey::new(user.to_string()).ok();
                record(Which::Right, "employee", key)
            }
        };
        subject.map(|subject| Topic::new(connection, OPERATION, subject))
    }
}

/// The deviations that a run has to resolve when there is no reason for them any more.
#[derive(Debug, Default)]
pub(super) struct Unsettled(BTreeMap<DeviationId, Option<Period>>);

/// A leave, and its first and last day.
type Period = (String, NaiveDate, NaiveDate);

/// The leave that a deviation is about, and when it is: what its failure concerns.
fn period_of(deviation: &record_link::Deviation) -> Option<Period> {
    let key = match &deviation.topic().subject {
        Subject::Record { kind, key, .. } if *kind == "leave" => key.as_str().to_owned(),
        _ => return None,
    };
    match deviation.failure().fields() {
        [first, last] => Some((key, first.parse().ok()?, last.parse().ok()?)),
        [day] => Some((key, day.parse().ok()?, day.parse().ok()?)),
        _ => None,
    }
}

impl Unsettled {
    pub(super) async fn load(
        store: &dyn Store,
        connection: &ConnectionId,
    ) -> Result<Self, StoreError> {
        let states = [
            DeviationState::Open,
            DeviationState::Reprocessing,
            DeviationState::Ignored,
        ];
        let mut query = DeviationQuery::all().states(states).limit(1_000);
        let mut ids = BTreeMap::new();
        loop {
            let page = store.deviations(connection, &query).await?;
            let ours = page
                .items
                .iter()
                .filter(|one| one.topic().operation == OPERATION);
            ids.extend(ours.map(|one| (one.id(), period_of(one))));
            if page.next.is_none() {
                return Ok(Self(ids));
            }
            query = query.after(page.next);
        }
    }

    /// Leaves with a deviation of which a day is in a period.
    pub(super) fn leaves_touching(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> impl Iterator<Item = &str> {
        let periods = self.0.values().flatten();
        periods
            .filter(move |(_, first, last)| *first <= to && *last >= from)
            .map(|(leave, ..)| leave.as_str())
    }
}

/// What goes wrong for one employee.
#[derive(Debug, Default)]
pub(super) struct Problems {
    failures: BTreeMap<About, Vec<(Option<NaiveDate>, DayFailure)>>,
    /// What was looked at: if nothing is wrong with it, its deviation is resolved.
    settled: BTreeSet<About>,
    /// The first and last days of the leaves.
    periods: BTreeMap<String, (NaiveDate, NaiveDate)>,
}

impl Problems {
    pub(super) fn add(&mut self, about: About, date: Option<NaiveDate>, failure: DayFailure) {
        self.failures
            .entry(about)
            .or_default()
            .push((date, failure));
    }

    pub(super) fn settled(&mut self, about: About) {
        self.settled.insert(about);
    }

    /// When the leaves are. It is kept with what is wrong with them.
    pub(super) fn concern(&mut self, periods: BTreeMap<String, (NaiveDate, NaiveDate)>) {
        self.periods = periods;
    }

    /// A finding of the planner.
    pub(super) fn find(&mut self, whose: &About, finding: &LeaveFinding) {
        let about = match &finding.leave {
            Some(leave) => About::Leave(leave.clone()),
            None => whose.clone(),
        };
        self.add(about, finding.date, failure_of(&finding.problem));
    }

    pub(super) fn writes(
        self,
        connection: &ConnectionId,
        unsettled: &Unsettled,
        run: Option<&str>,
        now: DateTime<Utc>,
    ) -> Vec<Write> {
        let in_run = |event: DeviationEvent| match run {
            Some(run) => event.in_run(run),
            None => event,
        };
        let mut writes = Vec::new();
        for about in &self.settled {
            let id = about.topic(connection).map(|topic| topic.id());
            let resolved =
                id.filter(|id| unsettled.0.contains_key(id) && !self.failures.contains_key(about));
            if let Some(id) = resolved {
                let event = DeviationEvent::new(id, DeviationChange::Succeeded, now);
                writes.push(Write::Deviation(in_run(event)));
            }
        }
        for (about, mut failures) in self.failures {
            let Some(topic) = about.topic(connection) else {
                continue;
            };
            failures.sort_by_key(|(date, failure)| (*date, failure.code.clone()));
            let Some(mut failure) = joined(failures) else {
                continue;
            };
            if let About::Leave(leave) = &about
                && let Some((first, last)) = self.periods.get(leave)
            {
                failure = failure.concerning([first.to_string(), last.to_string()]);
            }
            let event = DeviationEvent::failed(topic, failure, now);
            writes.push(Write::Deviation(in_run(event)));
        }
        writes
    }
}

/// One failure of all that is wrong with one leave. Its class and code are those of the first.
fn joined(failures: Vec<(Option<NaiveDate>, DayFailure)>) -> Option<Failure> {
    let mut failures = failures.into_iter();
    let told = |date: Option<NaiveDate>, failure: &DayFailure| match date {
        Some(date) => format!("{date}: {}", failure.message),
        None => failure.message.clone(),
    };
    // Which days: when others fail, too, an ignored deviation opens again.
    let mark = |date: Option<NaiveDate>, code: &str| match date {
        Some(date) => format!("{date} {code}"),
        None => code.to_owned(),
    };
    let (date, first) = failures.next()?;
    let text = told(date, &first);
    let mut all = Failure::new(first.class, first.code.as_str(), text)
        .distinguished_by(mark(date, &first.code));
    all = words(all, first.words.as_deref());
    for (date, failure) in failures {
        all = all
            .and(told(date, &failure))
            .distinguished_by(mark(date, &failure.code));
        all = words(all, failure.words.as_deref());
    }
    Some(all)
}

fn words(failure: Failure, words: Option<&str>) -> Failure {
    match words {
        Some(words) => failure.and(format!("Kleer: {words}")),
        None => failure,
    }
}

/// A finding of the planner as a failure. The words are for people, the code for programs.
pub(super) fn failure_of(problem: &LeaveProblem) -> DayFailure {
    use DeviationClass::{Conflict, InDoubt, Validation};
    let (class, code) = match problem {
        LeaveProblem::NotLinked => (Validation, "employee-not-linked"),
        LeaveProblem::UnmappedType { .. } => (Validation, "leave-type-not-mapped"),
        LeaveProblem::IgnoredNow => (Conflict, "leave-type-ignored-now"),
        LeaveProblem::NoActivity { .. } => (Validation, "no-activity"),
        LeaveProblem::NoChild => (Validation, "no-child"),
        LeaveProblem::UnknownChild => (Validation, "unknown-child"),
        LeaveProblem::NoWorkingDay => (Validation, "no-working-day"),
        LeaveProblem::OutsideEmployment => (Validation, "outside-employment"),
        LeaveProblem::Hours { .. } => (Validation, "hours"),
        LeaveProblem::MoreThanWorkDay { .. } => (Conflict, "more-than-work-day"),
        LeaveProblem::AlreadyRegistered { .. } => (Conflict, "already-registered"),
        LeaveProblem::Double { .. } => (InDoubt, "double"),
        LeaveProblem::Locked => (Validation, "locked"),
        LeaveProblem::Contradicting => (Validation, "contradicting"),
        LeaveProblem::Unrecognised { .. } => (Conflict, "unrecognised"),
        LeaveProblem::Leave(_) => (Validation, "leave"),
        _ => (Validation, "other"),
    };
    DayFailure::new(class, code, problem.to_string())
}

/// An error of the client as a failure.
pub(super) fn failure_of_error(error: &kleer_client::Error) -> DayFailure {
    use DeviationClass::{Authentication, Bug, InDoubt, RateLimit, Stale, Transient, Validation};
    let status = error.status().map(|status| status.as_u16());
    let (class, code) = if error.is_outcome_unknown() {
        (InDoubt, "outcome-unknown")
    } else if is_locked(error) {
        (Validation, "locked")
    } else if error.is_unauthorized() {
        (Authentication, "unauthorized")
    } else if error.is_forbidden() {
        (Authentication, "forbidden")
    } else if error.is_not_found() {
        (Stale, "not-found")
    } else if status == Some(429) {
        (RateLimit, "rate-limit")
    } else if error.is_retryable() {
        (Transient, "unavailable")
    } else if error.is_application_error() {
        (Validation, "refused")
    } else {
        (Bug, "unexpected")
    };
    DayFailure {
        words: error.kleer_message().map(ToOwned::to_owned),
        ..DayFailure::new(class, code, error.to_string())
    }
}

/// Kleer tells that a day is locked in its words only (what an integration in production goes by).
fn is_locked(error: &kleer_client::Error) -> bool {
    const WORDS: [&str; 7] = [
        "locked", "låst", "utbetal", "certifi", "godkän", "approved", "attest",
    ];
    error.is_application_error()
        && error.kleer_message().is_some_and(|message| {
            let message = message.to_lowercase();
            WORDS.iter().any(|word| message.contains(word))
        })
}
