//! What would be done, and what was.

use chrono::NaiveDate;
use kleer_employee::leave::{KleerEventId, LeaveFinding, LeaveOperation, UnchangedDay};
use kleer_model::UserId;
use record_link::{DeviationClass, RecordKey};
use serde::{Deserialize, Serialize};

/// What an export would do: plain data, to be shown, kept as JSON and
/// [applied](super::LeaveExporter::apply) later.
///
/// It holds comments and names of children, as they would be written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportPlan {
    /// Employee by employee; only those with something to do, to say, or unchanged.
    pub employees: Vec<EmployeeExport>,
}

impl ExportPlan {
    /// All writes.
    pub fn operations(&self) -> impl Iterator<Item = (&EmployeeExport, &LeaveOperation)> {
        self.employees
            .iter()
            .flat_map(|one| one.operations.iter().map(move |operation| (one, operation)))
    }

    /// How many there are of what. Nothing is failed or in doubt yet.
    pub fn totals(&self) -> ExportTotals {
        let mut totals = ExportTotals::default();
        for employee in &self.employees {
            totals.unchanged += employee.unchanged.len();
            totals.findings += employee.findings.len() + employee.refused.len();
            totals.findings += usize::from(employee.problem.is_some());
            for operation in &employee.operations {
                match DayAction::of(operation) {
                    DayAction::Create => totals.created += 1,
                    DayAction::Update => totals.updated += 1,
                    DayAction::Delete => totals.deleted += 1,
                }
            }
        }
        totals
    }
}

/// What would be done for one employee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmployeeExport {
    /// The employee's key in the source; `None` for one who is not in the source (any more), and
    /// whose exported days are taken back.
    pub employee: Option<RecordKey>,
    /// The user in Kleer; `None` if there is no link.
    pub user: Option<UserId>,
    /// What is to be written, by day; what is deleted before what is created.
    pub operations: Vec<LeaveOperation>,
    /// The days that Kleer has as the source does.
    pub unchanged: Vec<UnchangedDay>,
    /// What is not in Kleer as the source says, and stays so until somebody does something.
    pub findings: Vec<LeaveFinding>,
    /// Leaves that are not exported because their ids are not their own, and what to do. What was
    /// exported of them stays.
    #[serde(default)]
    pub refused: Vec<(String, DayFailure)>,
    /// Why nothing can be planned for this employee.
    pub problem: Option<DayFailure>,
}

/// What an export did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Exported {
    /// Each write that was to be done.
    pub days: Vec<DayOutcome>,
    /// How many there are of what.
    pub totals: ExportTotals,
    /// What is not in Kleer as the source says; each is also a deviation in the store.
    pub findings: Vec<(Option<RecordKey>, LeaveFinding)>,
    /// Employees for whom nothing could be done and leaves that were refused, and why; each is also a
    /// deviation in the store.
    pub problems: Vec<(Option<RecordKey>, DayFailure)>,
    /// Days that stand twice in Kleer: a first create landed late. Each is also a deviation.
    pub doubles: Vec<(String, NaiveDate)>,
    /// Somebody asked to stop, and something was left for the next run.
    pub is_cancelled: bool,
}

impl Exported {
    /// Whether Kleer now has everything as the source does.
    pub fn is_clean(&self) -> bool {
        let totals = &self.totals;
        !self.is_cancelled
            && self.doubles.is_empty()
            && self.problems.is_empty()
            && totals.findings + totals.failed + totals.in_doubt + totals.stale == 0
    }
}

/// One day of a leave, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DayOutcome {
    /// The employee's key in the source, if the employee is there.
    pub employee: Option<RecordKey>,
    /// The user in Kleer.
    pub user: UserId,
    /// The leave's id in its system.
    pub leave: String,
    /// The day.
    pub date: NaiveDate,
    /// What was to be done.
    pub action: DayAction,
    /// What became of it.
    pub result: DayResult,
}

/// What is done with a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayAction {
    /// Written for the first time.
    Create,
    /// Corrected.
    Update,
    /// Taken back.
    Delete,
}

impl DayAction {
    pub(super) fn of(operation: &LeaveOperation) -> Self {
        match operation {
            LeaveOperation::Update { .. } => Self::Update,
            LeaveOperation::Delete { .. } => Self::Delete,
            _ => Self::Create,
        }
    }
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DayResult {
    /// It is done.
    Done {
        /// The event, unless it was deleted.
        event: Option<KleerEventId>,
        /// It had been done before, and its answer was lost.
        found: bool,
    },
    /// It was refused, and nothing was changed.
    Failed(DayFailure),
    /// It may have been done: nothing is repeated before somebody, or the next run, has looked.
    InDoubt(DayFailure),
    /// It is not what the plan showed any more, and was not done. Plan again.
    Stale,
}

/// Why something was not done: what the deviation says, too. `Debug` shows neither the message nor
/// Kleer's words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DayFailure {
    /// What sort of failure it is.
    pub class: DeviationClass,
    /// A stable word for programs.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// Kleer's own words, if it had some. They are in Swedish and may name people.
    #[serde(default, skip_serializing)]
    pub words: Option<String>,
}

impl std::fmt::Debug for DayFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DayFailure")
            .field("class", &self.class)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl DayFailure {
    pub(super) fn new(
        class: DeviationClass,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            class,
            code: code.into(),
            message: message.into(),
            words: None,
        }
    }
}

/// How many there are of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportTotals {
    /// Days written for the first time.
    pub created: usize,
    /// Days corrected.
    pub updated: usize,
    /// Days taken back.
    pub deleted: usize,
    /// Days that Kleer had as the source does.
    pub unchanged: usize,
    /// Writes that were refused.
    pub failed: usize,
    /// Writes that may have been done.
    pub in_doubt: usize,
    /// Writes that are not what the plan showed any more.
    pub stale: usize,
    /// What needs a person.
    pub findings: usize,
}

impl ExportTotals {
    pub(super) fn count(&mut self, outcome: &DayOutcome) {
        *match (&outcome.result, outcome.action) {
            (DayResult::Done { .. }, DayAction::Create) => &mut self.created,
            (DayResult::Done { .. }, DayAction::Update) => &mut self.updated,
            (DayResult::Done { .. }, DayAction::Delete) => &mut self.deleted,
            (DayResult::Failed(_), _) => &mut self.failed,
            (DayResult::InDoubt(_), _) => &mut self.in_doubt,
            (DayResult::Stale, _) => &mut self.stale,
        } += 1;
    }
}

impl std::fmt::Display for ExportTotals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            created,
            updated,
            deleted,
            unchanged,
            failed,
            in_doubt,
            stale,
            findings,
        } = self;
        write!(
            f,
            "{created} days created, {updated} corrected, {deleted} taken back, {unchanged} unchanged, \
             {failed} failed, {in_doubt} in doubt, {stale} stale, {findings} findings"
        )
    }
}

/// How far an export has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaveProgress {
    /// The employees that are done with.
    pub employees: usize,
    /// All employees.
    pub of_employees: usize,
    /// What became of the days so far.
    pub so_far: ExportTotals,
}

impl LeaveProgress {
    pub(super) fn new(employees: usize, of_employees: usize, so_far: ExportTotals) -> Self {
        Self {
            employees,
            of_employees,
            so_far,
        }
    }
}
