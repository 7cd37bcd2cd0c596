//! What a connector is about to do, and whether the token's user may: asked before anything is done.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use futures_util::StreamExt;
use kleer_client::{Error, Kleer, ListStream, MissingRight, PagedStream, Preflight};
use kleer_model::endpoint::{Endpoint, Provenance};
use kleer_model::{AccessType, CompanyInformation, User, endpoint};

/// What a connector does with Kleer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Task {
    /// Creates and updates users and their payroll agreements.
    ExportEmployees,
    /// Reads users and their payroll agreements.
    ImportEmployees,
    /// Writes absence, day by day.
    ExportLeave,
    /// Posts client invoices, and looks up clients and products for them.
    PostInvoices,
    /// Posts revenues: invoices that another system has sent.
    PostRevenues,
    /// Keeps clients in step.
    SyncClients,
    /// Keeps client projects in step.
    SyncProjects,
}

use kleer_client::Task as Right;

impl Task {
    /// Every task.
    pub const ALL: &'static [Self] = &[
        Self::ExportEmployees,
        Self::ImportEmployees,
        Self::ExportLeave,
        Self::PostInvoices,
        Self::PostRevenues,
        Self::SyncClients,
        Self::SyncProjects,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::ExportEmployees => "export employees",
            Self::ImportEmployees => "import employees",
            Self::ExportLeave => "export leave",
            Self::PostInvoices => "post client invoices",
            Self::PostRevenues => "post revenues",
            Self::SyncClients => "keep clients in step",
            Self::SyncProjects => "keep client projects in step",
        }
    }

    /// What the token's user has to be allowed, in the client's terms.
    pub fn rights(self) -> &'static [Right] {
        match self {
            Self::ExportEmployees => &[Right::WriteUsers, Right::ReadPayroll, Right::WritePayroll],
            Self::ImportEmployees => &[Right::ReadPayroll],
            Self::ExportLeave => &[Right::ReadTime, Right::WriteTime, Right::ReadPayroll],
            Self::PostInvoices | Self::SyncClients => &[Right::ReadSales, Right::WriteSales],
            Self::PostRevenues => &[Right::ReadBooks, Right::WriteBooks],
            Self::SyncProjects => &[Right::ReadSales, Right::WriteProjects],
        }
    }

    fn reads(self) -> &'static [Read] {
        match self {
            Self::ExportEmployees | Self::ImportEmployees => &[Read::Users, Read::PayrollUsers],
            Self::ExportLeave => &[
                Read::Users,
                Read::Activities,
                Read::Events,
                Read::EventStatuses,
                Read::Schedule,
            ],
            Self::PostInvoices => &[
                Read::Clients,
                Read::Products,
                Read::InvoiceTemplates,
                Read::ClientInvoices,
            ],
            Self::PostRevenues => &[Read::RevenueLedgers, Read::Revenues],
            Self::SyncClients => &[Read::Users, Read::Clients],
            Self::SyncProjects => &[
                Read::Users,
                Read::Clients,
                Read::Activities,
                Read::ClientProjects,
            ],
        }
    }

    fn writes(self) -> &'static [&'static Endpoint] {
        match self {
            Self::ExportEmployees => &[
                &endpoint::USER_CREATE,
                &endpoint::USER_UPDATE,
                &endpoint::PAYROLL_USER_CREATE,
                &endpoint::PAYROLL_USER_UPDATE,
            ],
            Self::ImportEmployees => &[],
            Self::ExportLeave => &[
                &endpoint::EVENT_CREATE,
                &endpoint::EVENT_UPDATE,
                &endpoint::EVENT_DELETE,
            ],
            Self::PostInvoices => &[&endpoint::CLIENT_CREATE, &endpoint::CLIENT_INVOICE_CREATE],
            Self::PostRevenues => &[&endpoint::REVENUE_CREATE],
            Self::SyncClients => &[&endpoint::CLIENT_CREATE, &endpoint::CLIENT_UPDATE],
            Self::SyncProjects => &[
                &endpoint::CLIENT_PROJECT_CREATE,
                &endpoint::CLIENT_PROJECT_UPDATE,
            ],
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// A read that a task needs, and that says whether it may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Read {
    Users,
    PayrollUsers,
    Activities,
    Events,
    EventStatuses,
    Schedule,
    Clients,
    Products,
    InvoiceTemplates,
    ClientInvoices,
    RevenueLedgers,
    Revenues,
    ClientProjects,
}

impl Read {
    fn what(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::PayrollUsers => "the payroll's users",
            Self::Activities => "activities",
            Self::Events => "events",
            Self::EventStatuses => "which days are locked",
            Self::Schedule => "an employee's schedule",
            Self::Clients => "clients",
            Self::Products => "products",
            Self::InvoiceTemplates => "invoice templates",
            Self::ClientInvoices => "client invoices",
            Self::RevenueLedgers => "revenue ledgers",
            Self::Revenues => "revenues",
            Self::ClientProjects => "client projects",
        }
    }

    /// Which right it takes, for what to do when it is refused.
    fn right(self) -> Right {
        match self {
            Self::Users => Right::WriteUsers,
            Self::PayrollUsers | Self::Schedule => Right::ReadPayroll,
            Self::Activities | Self::Events | Self::EventStatuses => Right::ReadTime,
            Self::Clients | Self::Products | Self::InvoiceTemplates | Self::ClientInvoices => {
                Right::ReadSales
            }
            Self::RevenueLedgers | Self::Revenues => Right::ReadBooks,
            Self::ClientProjects => Right::WriteProjects,
        }
    }

    /// Reads as little as possible: the first item.
    async fn send(self, kleer: &Kleer, user: &User, today: NaiveDate) -> Result<(), Error> {
        let of_today = || kleer.events().list().user(user.id).from(today).to(today);
        match self {
            Self::Users => first(kleer.users().list().stream()).await,
            Self::PayrollUsers => first(kleer.payroll().users().stream()).await,
            Self::Activities => first(kleer.client_projects().activities().stream()).await,
            Self::Events => first(of_today().stream()).await,
            Self::EventStatuses => {
                let statuses = kleer.events().statuses().user(user.id);
                first(statuses.from(today).to(today).stream()).await
            }
            Self::Schedule => {
                // Of anybody who is employed: the token's own user need not be.
                let mut employees = kleer.payroll().users().stream();
                let Some(employee) = employees.next().await else {
                    return Ok(());
                };
                let of = kleer.payroll().user(employee?.user.id);
                first(of.schedule(today, today).stream()).await
            }
            Self::Clients => first(kleer.clients().list().stream()).await,
            Self::Products => first(kleer.products().list().stream()).await,
            Self::InvoiceTemplates => first(kleer.client_invoices().templates().stream()).await,
            Self::ClientInvoices => {
                first_paged(kleer.client_invoices().list().limit(1).stream()).await
            }
            Self::RevenueLedgers => first_paged(kleer.revenues().ledgers().limit(1).stream()).await,
            Self::Revenues => first_paged(kleer.revenues().list().limit(1).stream()).await,
            Self::ClientProjects => first(kleer.client_projects().list().stream()).await,
        }
    }
}

async fn first<T: kleer_model::ListItem + Send + Unpin + 'static>(
    mut stream: ListStream<T>,
) -> Result<(), Error> {
    stream.next().await.map_or(Ok(()), |item| item.map(drop))
}

async fn first_paged<T: kleer_model::ListItem + Send + Unpin + 'static>(
    mut stream: PagedStream<T>,
) -> Result<(), Error> {
    stream.next().await.map_or(Ok(()), |item| item.map(drop))
}

/// Asks Kleer who the token stands for, which company it opens, and whether each of these tasks can be
/// done with it: the rights by name, and the reads that the task needs by trying them. Nothing is
/// written. `today` is the day of which events are asked.
///
/// ```no_run
/// # async fn example(kleer: kleer_client::Kleer, today: chrono::NaiveDate) -> Result<(), kleer_client::Error> {
/// use kleer_connect::{Task, preflight};
///
/// let readiness = preflight(&kleer, &[Task::ExportEmployees, Task::ExportLeave], today).await?;
/// println!("{readiness}"); // for the person who administers Kleer
/// if !readiness.may_begin() {
///     return Ok(());
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
/// An [`Error`] if not even the token's user or company can be read: the token, the company id or the
/// address is wrong.
pub async fn preflight(
    kleer: &Kleer,
    tasks: &[Task],
    today: NaiveDate,
) -> Result<Readiness, Error> {
    let mut needed: Vec<Right> = Vec::new();
    for right in tasks.iter().flat_map(|task| task.rights()) {
        if !needed.contains(right) {
            needed.push(*right);
        }
    }
    let Preflight {
        user,
        company,
        rights,
        missing,
        rights_unknown,
        ..
    } = kleer.preflight(&needed).await?;
    let mut tried: BTreeMap<Read, Option<Arc<Error>>> = BTreeMap::new();
    for read in tasks.iter().flat_map(|task| task.reads()) {
        if !tried.contains_key(read) {
            let failed = read.send(kleer, &user, today).await.err();
            tried.insert(*read, failed.map(Arc::new));
        }
    }
    let tasks = tasks.iter().map(|task| {
        let reads = task.reads().iter().map(|read| ReadCheck {
            what: read.what(),
            failed: tried.get(read).cloned().flatten(),
            right: read.right(),
        });
        TaskReadiness {
            task: *task,
            missing: missing
                .iter()
                .filter(|right| task.rights().contains(&right.task))
                .copied()
                .collect(),
            rights_are_known: rights_unknown.is_none(),
            reads: reads.collect(),
            inferred: task
                .writes()
                .iter()
                .filter(|one| one.provenance == Provenance::Inferred)
                .map(|one| one.name)
                .collect(),
        }
    });
    Ok(Readiness {
        tasks: tasks.collect(),
        user,
        company,
        rights,
        rights_unknown,
    })
}

/// What a preflight found. Its `Display` is for the person who administers Kleer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Readiness {
    /// The user of the token.
    pub user: User,
    /// The company that it opens.
    pub company: CompanyInformation,
    /// The user's rights; empty if they could not be read.
    pub rights: Vec<AccessType>,
    /// Why the rights could not be read.
    pub rights_unknown: Option<Error>,
    /// Each task.
    pub tasks: Vec<TaskReadiness>,
}

/// Whether a task can be done.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TaskReadiness {
    /// The task.
    pub task: Task,
    /// The rights that are missing.
    pub missing: Vec<MissingRight>,
    /// Whether the user's rights could be read at all.
    pub rights_are_known: bool,
    /// The reads that it needs, tried.
    pub reads: Vec<ReadCheck>,
    /// Writes that it needs whose path could only be inferred: no read tells whether it is right.
    pub inferred: Vec<&'static str>,
}

/// A read that was tried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadCheck {
    /// What was read.
    pub what: &'static str,
    /// Why it could not be.
    pub failed: Option<Arc<Error>>,
    right: Right,
}

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It cannot be done.
    No,
    /// Nothing speaks against it, but the rights are not known.
    Unsure,
    /// Every right is there and every read works.
    Yes,
}

impl TaskReadiness {
    /// How it stands. What the rights allow is inferred from their names.
    pub fn verdict(&self) -> Verdict {
        if !self.missing.is_empty() || self.reads.iter().any(|read| read.failed.is_some()) {
            Verdict::No
        } else if self.rights_are_known {
            Verdict::Yes
        } else {
            Verdict::Unsure
        }
    }
}

impl fmt::Display for TaskReadiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict() {
            Verdict::Yes => "ready",
            Verdict::Unsure => "nothing speaks against it, but the user's rights could not be read",
            Verdict::No => "not ready",
        };
        write!(f, "{}: {verdict}", self.task)?;
        for missing in &self.missing {
            write!(
                f,
                "\n  - {missing}; give the token's user one of them in Kleer"
            )?;
        }
        for read in &self.reads {
            let Some(error) = &read.failed else { continue };
            write!(f, "\n  - {} cannot be read", read.what)?;
            if error.is_forbidden() {
                match read.right.missing(&[]) {
                    Some(right) => write!(f, ": {right}")?,
                    None => f.write_str(": a right is missing")?,
                }
            } else {
                write!(f, ": {error}")?;
            }
        }
        if self.task.writes().is_empty() {
            return Ok(());
        }
        f.write_str("\n  - whether its writes are allowed is told by the names of rights only, since nothing is written to find out")?;
        if !self.inferred.is_empty() {
            let names = self.inferred.join(", ");
            write!(
                f,
                "; the paths of {names} are inferred: try them in a company for tests first"
            )?;
        }
        Ok(())
    }
}

impl Readiness {
    /// Whether nothing speaks against any of the tasks.
    pub fn may_begin(&self) -> bool {
        self.tasks.iter().all(|task| task.verdict() > Verdict::No)
    }

    /// How a task stands; `None` if it was not asked about.
    pub fn of(&self, task: Task) -> Option<&TaskReadiness> {
        self.tasks.iter().find(|one| one.task == task)
    }
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "company {}", self.company.name)?;
        for task in &self.tasks {
            write!(f, "\n{task}")?;
        }
        if let Some(error) = &self.rights_unknown {
            write!(f, "\nthe user's rights could not be read: {error}")?;
        }
        Ok(())
    }
}
