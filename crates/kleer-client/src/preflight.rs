//! Who am I, and what may I do: asked before a connector begins its work.

use std::fmt;
use std::future::IntoFuture;

use kleer_model::{Access, AccessType, CompanyInformation, List, User};

use crate::Kleer;
use crate::error::Error;
use crate::transport::BoxFuture;

/// Something that a connector does, and that takes rights in Kleer.
///
/// ```
/// use kleer_client::Task;
/// use kleer_client::model::AccessType;
///
/// let lacking = Task::WritePayroll.missing(&[AccessType::PayrollRead, AccessType::Timereport]);
/// assert_eq!(lacking.map(|missing| missing.to_string()), Some(
///     "to write the payroll, one of these rights is needed: AdministratorWithPayroll, Payroll"
///         .to_owned(),
/// ));
/// assert_eq!(Task::ReadPayroll.missing(&[AccessType::PayrollRead]), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Task {
    /// Reads clients, agreements, products and client invoices.
    ReadSales,
    /// Writes them.
    WriteSales,
    /// Reads suppliers and supplier invoices.
    ReadPurchases,
    /// Writes them.
    WritePurchases,
    /// Reads the employments of all users.
    ReadPayroll,
    /// Writes them.
    WritePayroll,
    /// Reads everybody's reported time and absences.
    ReadTime,
    /// Writes it.
    WriteTime,
    /// Creates and updates users.
    WriteUsers,
    /// Creates and updates client projects.
    WriteProjects,
    /// Reads everybody's expenses.
    ReadExpenses,
    /// Reads and writes entries of dimensions.
    WriteDimensions,
    /// Reads accounts, vouchers and bank transactions.
    ReadBooks,
    /// Writes them.
    WriteBooks,
}

use AccessType::{
    Administrator, AdministratorWithPayroll, Auditor, ClientInvoice, ClientInvoiceCreate,
    ClientInvoiceRead, Dimensions, Expenses, ExternalAccountant, Manager, Payroll, PayrollRead,
    SupplierInvoice, SupplierInvoiceCreate, SupplierInvoiceRead, Timereport,
};

impl Task {
    /// Every task.
    pub const ALL: &'static [Self] = &[
        Self::ReadSales,
        Self::WriteSales,
        Self::ReadPurchases,
        Self::WritePurchases,
        Self::ReadPayroll,
        Self::WritePayroll,
        Self::ReadTime,
        Self::WriteTime,
        Self::WriteUsers,
        Self::WriteProjects,
        Self::ReadExpenses,
        Self::WriteDimensions,
        Self::ReadBooks,
        Self::WriteBooks,
    ];

    /// The rights of which one suffices, the most fitting last.
    ///
    /// Kleer publishes the names of the rights only; what they allow is read off them, and is
    /// therefore **inferred**.
    pub fn rights(self) -> &'static [AccessType] {
        match self {
            Self::ReadSales => &[
                Administrator,
                AdministratorWithPayroll,
                Auditor,
                ClientInvoice,
                ClientInvoiceRead,
            ],
            Self::WriteSales => &[
                Administrator,
                AdministratorWithPayroll,
                ClientInvoiceCreate,
                ClientInvoice,
            ],
            Self::ReadPurchases => &[
                Administrator,
                AdministratorWithPayroll,
                Auditor,
                SupplierInvoice,
                SupplierInvoiceRead,
            ],
            Self::WritePurchases => &[
                Administrator,
                AdministratorWithPayroll,
                SupplierInvoiceCreate,
                SupplierInvoice,
            ],
            Self::ReadPayroll => &[AdministratorWithPayroll, Auditor, Payroll, PayrollRead],
            Self::WritePayroll => &[AdministratorWithPayroll, Payroll],
            Self::ReadTime => &[
                Administrator,
                AdministratorWithPayroll,
                Auditor,
                Manager,
                Timereport,
            ],
            Self::WriteTime => &[Administrator, AdministratorWithPayroll, Manager, Timereport],
            Self::WriteUsers => &[AdministratorWithPayroll, Administrator],
            Self::WriteProjects => &[AdministratorWithPayroll, Administrator, Manager],
            Self::ReadExpenses => &[Administrator, AdministratorWithPayroll, Auditor, Expenses],
            Self::WriteDimensions => &[Administrator, AdministratorWithPayroll, Dimensions],
            Self::ReadBooks => &[
                Administrator,
                AdministratorWithPayroll,
                ExternalAccountant,
                Auditor,
            ],
            Self::WriteBooks => &[AdministratorWithPayroll, Administrator, ExternalAccountant],
        }
    }

    /// What is missing for this task, if these are all the rights there are. They stand also in
    /// the answer to a [log-in](crate::LogIn).
    pub fn missing(self, rights: &[AccessType]) -> Option<MissingRight> {
        let one_of = self.rights();
        let suffices = rights.iter().any(|right| one_of.contains(right));
        (!suffices).then_some(MissingRight { task: self, one_of })
    }

    fn words(self) -> &'static str {
        match self {
            Self::ReadSales => "read clients and client invoices",
            Self::WriteSales => "write clients and client invoices",
            Self::ReadPurchases => "read suppliers and supplier invoices",
            Self::WritePurchases => "write suppliers and supplier invoices",
            Self::ReadPayroll => "read the payroll",
            Self::WritePayroll => "write the payroll",
            Self::ReadTime => "read reported time",
            Self::WriteTime => "write reported time",
            Self::WriteUsers => "write users",
            Self::WriteProjects => "write client projects",
            Self::ReadExpenses => "read expenses",
            Self::WriteDimensions => "write dimensions",
            Self::ReadBooks => "read the books",
            Self::WriteBooks => "write the books",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// A task that the token's user may not do. Its `Display` is for the person who administers Kleer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingRight {
    /// What cannot be done.
    pub task: Task,
    /// The rights of which one suffices.
    pub one_of: &'static [AccessType],
}

impl fmt::Display for MissingRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "to {}, one of these rights is needed: ", self.task)?;
        for (index, right) in self.one_of.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(right.as_str())?;
        }
        Ok(())
    }
}

impl Kleer {
    /// Asks who the token stands for, which company it opens, and which rights are missing for
    /// these tasks. Three reads; nothing is changed.
    ///
    /// ```no_run
    /// # async fn example(kleer: kleer_client::Kleer) -> Result<(), kleer_client::Error> {
    /// use kleer_client::Task;
    ///
    /// let preflight = kleer.preflight(&[Task::WritePayroll, Task::WriteTime]).await?;
    /// println!("working for {}", preflight.company.name);
    /// for missing in &preflight.missing {
    ///     println!("{missing}");
    /// }
    /// if let Some(error) = &preflight.rights_unknown {
    ///     println!("the rights could not be read: {error}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn preflight(&self, tasks: &[Task]) -> PreflightCall {
        PreflightCall {
            kleer: self.clone(),
            tasks: tasks.to_vec(),
        }
    }
}

/// The questions of [`Kleer::preflight`]; `.await` it.
#[derive(Debug)]
#[must_use = "a call does nothing until it is awaited"]
pub struct PreflightCall {
    kleer: Kleer,
    tasks: Vec<Task>,
}

/// The answers to [`Kleer::preflight`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Preflight {
    /// The user of the token.
    pub user: User,
    /// The company. Compare its organisation number with the one you expect: a token opens one
    /// company only, and two of them are easily mistaken.
    pub company: CompanyInformation,
    /// The user's rights; empty if they [could not be read](Self::rights_unknown).
    pub rights: Vec<AccessType>,
    /// The tasks that cannot be done. Empty also if the rights could not be read.
    pub missing: Vec<MissingRight>,
    /// Why the rights could not be read: the path of that call is inferred, and reading rights may
    /// take a right, too.
    pub rights_unknown: Option<Error>,
}

impl Preflight {
    /// Whether it is known that all tasks can be done.
    pub fn is_clear(&self) -> bool {
        self.missing.is_empty() && self.rights_unknown.is_none()
    }
}

impl PreflightCall {
    /// Asks. The same as `.await`ing it.
    ///
    /// # Errors
    /// An [`Error`] if the user or the company cannot be read: the token, the company id or the
    /// address is wrong.
    pub async fn send(self) -> Result<Preflight, Error> {
        let user = self.kleer.users().me().await?;
        let company = self.kleer.company_information().await?;
        let rights: Result<List<Access>, Error> = self.kleer.users().access(user.id).list().await;
        let (rights, rights_unknown) = match rights {
            Ok(list) if list.is_complete() => {
                let rights = list.into_iter().map(|access| access.access_type);
                (rights.collect(), None)
            }
            Ok(list) => {
                let failure = crate::list_stream::incomplete(list.rejected.len());
                let error = Error::before_sending(Some("access.list"), false, failure);
                (Vec::new(), Some(error))
            }
            Err(error) => (Vec::new(), Some(error)),
        };
        let missing = match &rights_unknown {
            Some(_) => Vec::new(),
            None => self
                .tasks
                .iter()
                .filter_map(|task| task.missing(&rights))
                .collect(),
        };
        Ok(Preflight {
            user,
            company,
            rights,
            missing,
            rights_unknown,
        })
    }
}

impl IntoFuture for PreflightCall {
    type Output = Result<Preflight, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
