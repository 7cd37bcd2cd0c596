//! Employees: Kleer's users and their payroll agreements, as one record each.

mod join;
mod matching;
mod policy;

mod read;
mod write;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use flat_record::{FieldName, Kind, Record};
use kleer_client::Kleer;
use kleer_client::model::{SalaryUnit, UserId};
use kleer_employee::{KIND, field, fields};
use record_link::{
    Capabilities, ClientKey, Clock, Conditional, Found, Observation, Receipt, RecordKey, Recovery,
    Side, SideFuture, SideOperation, Snapshot,
};

use crate::failure::{names, only};
use crate::observed::{Now, SETTLE, system_clock, told_by};

pub use matching::comparisons;
pub use policy::{one_way, two_way};

/// The fields that stand in the user. All others stand in the payroll agreement.
const OF_USER: [&str; 4] = [field::ACTIVE, field::NAME, field::EMAIL, field::INTERNAL_ID];

const SALARY_DAYS: [&str; 2] = [
    field::MONTHLY_SALARY_START_DATE,
    field::HOURLY_SALARY_START_DATE,
];

/// Whether a field stands in the user, and not in the payroll agreement.
fn is_of_user(name: &str) -> bool {
    OF_USER.contains(&name)
}

/// Kleer's employees as a [`Side`]: each user and the payroll agreement under the same id as one
/// record of kind [`employee`](kleer_employee::KIND), with the layout of
/// [`kleer_employee::fields`]. The record's key is the user's id.
///
/// The unit of a salary is asked of the caller, and has no default: whether Kleer counts in kronor
/// or in öre is not established, and a guess would be off by a factor of 100.
///
/// ```
/// use kleer_connect::client::Kleer;
/// use kleer_connect::client::model::SalaryUnit;
/// use kleer_connect::employee::field;
/// use kleer_connect::employees::Employees;
/// use kleer_connect::link::{ClientKey, Found, Side};
/// use kleer_connect::record::{Kind, Record};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = kleer_sandbox::Sandbox::builder().start().await?;
/// let kleer = Kleer::builder(sandbox.company()).token(sandbox.token());
/// let employees = Employees::new(kleer.base_url(sandbox.base_url()).build()?, SalaryUnit::Kronor);
///
/// let kind = Kind::new("employee")?;
/// let hired = chrono::NaiveDate::from_ymd_opt(2026, 9, 1).ok_or("no such day")?;
/// let record = Record::new(kleer_connect::employee::fields())
///     .with(field::NAME, "Tolvan Tolvansson")?
///     .with(field::EMAIL, "tolvan@example.com")?
///     .with(field::SSN, "19121212-1212")?
///     .with(field::EMPLOYMENT_START_DATE, hired)?;
///
/// // Two writes; a look by the client key finds the employee even if their answers are lost.
/// let key = ClientKey::new("hr->4875", "employee", "e-17");
/// let receipt = employees.create(&kind, &key, &record).await?;
/// assert!(receipt.missing.is_empty());
/// let found = employees.find(&kind, &key).await?;
/// assert!(matches!(found, Found::One(one) if one.key == receipt.observation.key));
/// # Ok(())
/// # }
/// ```
///
/// # What is absent, and what is empty
///
/// - A value that Kleer does not tell is *not said*: nothing is concluded from it. So it is with the
///   whole agreement where the token's user may not read it.
/// - Of a user who is *known* to have no agreement, the agreement's fields are null: there is
///   nothing. They are filled by a plan, and so a create that stopped after its first step goes on.
///   Kleer's list of agreements may leave out those that need another right to be seen, so that is
///   not concluded from the list: each such user who is active, or whom a connector created, is
///   asked for. [`asks_for_missing_agreements(false)`](Self::asks_for_missing_agreements) leaves
///   their fields unsaid instead.
/// - Users without the payroll: see [`users_only`](Self::users_only).
///
/// # Requests
///
/// | call | requests |
/// |---|---|
/// | `list` | `GET payroll/user`, then `GET user`; one `GET payroll/user/{id}` for each user without an agreement in the list, as said above |
/// | `get` | `GET user/{id}` and `GET payroll/user/{id}`, at once |
/// | `find`, and `find_all` for any number of keys | `GET user`, and for what is found the agreement: `GET payroll/user/{id}`, or the list from 8 on |
/// | `create` | `PUT user`, `PUT payroll/user/{id}`; then `GET` of both, at once |
/// | `update` | `GET` of both at once; `POST` of what changes; `GET` of what was written. Two if nothing differs |
///
/// Kleer answers a create with an id and nothing else, so the record is read back: what Kleer shows
/// then is the only evidence that it has what was sent. An update reads first although the executor
/// has just read the record, too: the user is written as a whole, so what somebody else changed in
/// between must be in it, and Kleer has no conditional write by which it would notice.
///
/// So an employee with an agreement costs four requests. 5,000 of them, 16 requests at a time at
/// 30 ms each, were exported in 42.6 s, where the 20,003 requests need 37.5 s; a run without changes
/// made three (`cargo bench -p kleer-connect --bench export`, two busy cores).
///
/// # Creates
///
/// The client key is stamped into the user's `foreign-id`, by which the endpoint table says that a
/// user is found again; agreements are found by their user, who has one at most. If the second
/// step fails, the receipt says which fields are missing, and an update writes them. An answer that
/// was lost is [`OutcomeUnknown`](record_link::SideErrorKind::OutcomeUnknown) in the first step; in
/// the second, the agreement is read and the receipt tells what is there.
///
/// # Updates
///
/// Only the part is written of which a field changes, and nothing if none does. Elements of the user
/// that this crate does not know are sent back as they came. What cannot be written is refused with
/// the fields named. Kleer has no versions: the version is a hash of the fields that Kleer showed,
/// and is compared before a write ([`Conditional::Checked`]).
///
/// A changed salary is sent with its first day, that which Kleer shows if the day does not change: see
/// [`kleer_employee::update`]. For sources without such days, there is
/// [`without_salary_days`](Self::without_salary_days). An hourly salary beside a monthly one that the
/// source knows nothing of is not ended: the rest is written, and the field is reported as missing
/// with the code `two-salaries`.
///
/// Users cannot be deleted in Kleer; make them inactive.
#[derive(Clone)]
pub struct Employees {
    kleer: Kleer,
    unit: SalaryUnit,
    settle: Duration,
    has_payroll: bool,
    asks: bool,
    has_salary_days: bool,
    now: Now,
}

impl Employees {
    /// The employees of a company. Salaries are written in this unit.
    pub fn new(kleer: Kleer, unit: SalaryUnit) -> Self {
        Self {
            kleer,
            unit,
            settle: SETTLE,
            has_payroll: true,
            asks: true,
            has_salary_days: true,
            now: system_clock(),
        }
    }

    /// Users without their payroll agreements, for a connector that has no right to the payroll or
    /// no business in it: no payroll request is ever sent. The agreement's fields are not said, and
    /// read-only.
    #[must_use]
    pub fn users_only(mut self) -> Self {
        self.has_payroll = false;
        self
    }

    /// For a source that does not know from when a salary is valid: a changed one is sent without a
    /// first day, and Kleer lets it begin on the first of the current month. The first days of
    /// salaries are read-only.
    ///
    /// Unless this is said, a salary whose first day does not change corrects Kleer's from that day
    /// on, which would be years back if the source just has no such day.
    #[must_use]
    pub fn without_salary_days(mut self) -> Self {
        self.has_salary_days = false;
        self
    }

    /// Whether [`list`](Side::list) asks for the agreement of each active user who has none in
    /// Kleer's list. It does, unless told otherwise; see [above](Self#what-is-absent-and-what-is-empty).
    /// Without it, no agreement is ever written for users who were there before.
    #[must_use]
    pub fn asks_for_missing_agreements(mut self, asks: bool) -> Self {
        self.asks = asks;
        self
    }

    /// How long after a lost answer a look is believed that finds nothing. 5 s by default. Kleer
    /// says nothing about it; the longer, the fewer doubles.
    #[must_use]
    pub fn settle(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    /// Tells the time by another clock than the computer's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.now = told_by(clock);
        self
    }

    /// The client that it speaks through.
    pub fn kleer(&self) -> &Kleer {
        &self.kleer
    }

    /// The unit in which salaries are written.
    pub fn salary_unit(&self) -> SalaryUnit {
        self.unit
    }

    fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// The fields that cannot be written.
    fn read_only(&self) -> Vec<FieldName> {
        if self.has_payroll {
            let days: &[&str] = if self.has_salary_days {
                &[]
            } else {
                &SALARY_DAYS
            };
            return names(fields(), days.iter().copied());
        }
        let names = fields().iter().map(|field| field.name.as_str());
        names_of_agreement(names)
    }
}

/// Those of the names that stand in the payroll agreement.
fn names_of_agreement<'a>(all: impl IntoIterator<Item = &'a str>) -> Vec<FieldName> {
    let of_agreement = all.into_iter().filter(|name| !is_of_user(name));
    names(fields(), of_agreement)
}

/// The user whom a record's key names.
fn user_of(key: &RecordKey) -> Option<UserId> {
    key.as_str().parse().ok()
}

impl fmt::Debug for Employees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Employees")
            .field("company", &self.kleer.company())
            .field("unit", &self.unit)
            .field("settle", &self.settle)
            .field("has_payroll", &self.has_payroll)
            .field("asks_for_missing_agreements", &self.asks)
            .finish_non_exhaustive()
    }
}

impl Side for Employees {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        (*kind == KIND).then(|| {
            Capabilities::read_only(fields())
                .creates(Recovery::ByListing)
                .updates(Conditional::Checked)
                .settles_within(self.settle)
                .never_writes(self.read_only())
        })
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> SideFuture<'a, Snapshot> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::List)?;
            self.list_all(kind).await
        })
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> SideFuture<'a, Option<Observation>> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Get)?;
            self.get_one(key).await
        })
    }

    fn find<'a>(&'a self, kind: &'a Kind, client_key: &'a ClientKey) -> SideFuture<'a, Found> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Find)?;
            let mut found = self.find_many(std::slice::from_ref(client_key)).await?;
            Ok(found.pop().map_or(Found::Undecided, |(_, found)| found))
        })
    }

    fn find_all<'a>(
        &'a self,
        kind: &'a Kind,
        client_keys: &'a [ClientKey],
    ) -> SideFuture<'a, Vec<(ClientKey, Found)>> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Find)?;
            self.find_many(client_keys).await
        })
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Create)?;
            self.create_one(client_key, record).await
        })
    }

    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        if_version: Option<&'a str>,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Update)?;
            self.update_one(key, changes, if_version).await
        })
    }
}
