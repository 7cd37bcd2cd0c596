//! Every root element of Kleer's documents, as data.
//!
//! For programs that meet a document before they know its type: tests, sandboxes, tools. Who knows
//! the type calls [`Document::from_xml`].

use std::fmt;

use crate::codec::Described;
#[allow(
    clippy::wildcard_imports,
    reason = "it names nearly every type of the crate"
)]
use crate::*;

/// A root element that this crate reads and writes.
///
/// ```
/// use kleer_model::RootElement;
///
/// let root = RootElement::find("ok").ok_or("no such root")?;
/// let written = root.rewrite(b"<ok>\n  <message>Klart</message>\n  <id>+07</id>\n</ok>")?;
/// assert_eq!(written, "<ok><id>7</id><message>Klart</message></ok>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct RootElement {
    /// The element's name.
    pub name: &'static str,
    /// What stands in it.
    pub kind: RootKind,
    rewrite: fn(&[u8], &ReadOptions) -> Result<String, RewriteError>,
    verify: fn(&[u8]) -> Result<String, RewriteError>,
}

/// What stands in a root element.
#[derive(Debug)]
#[non_exhaustive]
pub enum RootKind {
    /// One record.
    Record(&'static TypeDescription),
    /// Any number of items of one type ([`List`]).
    List {
        /// The element of an item.
        element: &'static str,
        /// The type of an item.
        item: &'static TypeDescription,
        /// Whether the root carries the attributes of a [`Page`].
        paged: bool,
    },
}

/// Every root element that this crate reads and writes, by name.
pub const ROOTS: &[RootElement] = &[
    record::<Access>(),
    list::<AccessRole>(),
    list::<Access>(),
    list::<AccessibleCompany>(),
    record::<AccountMetadata>(),
    list::<AccountMetadata>(),
    record::<AccountingYearReadable>(),
    list::<AccountingYearReadable>(),
    record::<AccountingYearRestrictionReadable>(),
    list::<AccountingYearRestrictionReadable>(),
    record::<ActivityReadable>(),
    list::<ActivityReadable>(),
    record::<ApproveEventsRequest>(),
    list::<BankAccount>(),
    record::<BankInformationValidateRequest>(),
    record::<BankInformationValidateResult>(),
    record::<BankTransaction>(),
    record::<BankTransactionConsolidateRevenues>(),
    list::<BankTransactionDistribution>(),
    list::<BankTransaction>(),
    record::<CertifyEventsRequest>(),
    record::<Client>(),
    record::<ClientAgreement>(),
    list::<ClientAgreement>(),
    list::<ClientDeliveryType>(),
    record::<ClientInvoice>(),
    record::<ClientInvoicePaymentWritable>(),
    record::<ClientInvoiceRelation>(),
    record::<ClientInvoiceTemplate>(),
    list::<ClientInvoiceTemplate>(),
    list::<ClientInvoice>(),
    record::<ClientProjectReadable>(),
    list::<ClientProjectReadable>(),
    record::<ClientProjectWritable>(),
    list::<Client>(),
    record::<Company>(),
    record::<CompanyInformation>(),
    record::<CompanyMessage>(),
    record::<CreateBankTransaction>(),
    record::<CreateFoundationGrant>(),
    record::<CreateFoundationGrantPayment>(),
    record::<CreateFoundationGrantRepayment>(),
    record::<Created>(),
    record::<Deleted>(),
    list::<DimensionEntry>(),
    record::<DimensionEntryWritable>(),
    list::<Dimension>(),
    record::<ErrorMessage>(),
    record::<EurocardFilesRequest>(),
    record::<EventReadable>(),
    list::<EventReadable>(),
    record::<EventRestrictionReadable>(),
    list::<EventRestrictionReadable>(),
    record::<EventWritable>(),
    record::<ExchangeRate>(),
    record::<ExpenseEntryForm>(),
    record::<ExpenseEntryFormDefaults>(),
    record::<ExpenseEntryReadable>(),
    list::<ExpenseEntryReadable>(),
    record::<ExpenseEntryWritable>(),
    list::<ExpenseFileReadable>(),
    list::<ExpenseReadable>(),
    record::<ExpenseWritable>(),
    record::<FoundationGrantReadable>(),
    record::<FoundationGrantPaymentReadable>(),
    list::<FoundationGrantPaymentReadable>(),
    record::<FoundationGrantRepaymentReadable>(),
    list::<FoundationGrantRepaymentReadable>(),
    record::<FoundationGrantReturn>(),
    record::<FoundationGrantUpdate>(),
    list::<FoundationGrantReadable>(),
    record::<InternalHourlyCostReadable>(),
    list::<InternalHourlyCostReadable>(),
    record::<InternalHourlyCostWritable>(),
    list::<InternalHourlyCostWritable>(),
    record::<Done>(),
    list::<PayrollArticleReadable>(),
    record::<PayrollChild>(),
    record::<PayrollEvent>(),
    list::<PayrollEvent>(),
    record::<PayrollFixedScheduleWritable>(),
    record::<PayrollMonthReportReadable>(),
    list::<PayrollMonthReportReadable>(),
    record::<PayrollMonthReportWritable>(),
    record::<PayrollRollingScheduleWritable>(),
    record::<PayrollRunCreate>(),
    record::<PayrollRunPay>(),
    list::<PayrollRun>(),
    record::<PayrollScheduleReadable>(),
    record::<PayrollSchedulesReadable>(),
    list::<PayrollTransaction>(),
    record::<PayrollUserReadable>(),
    list::<PayrollUserReadable>(),
    list::<PayrollUserScheduleMetadata>(),
    record::<PayrollUserWritable>(),
    record::<Product>(),
    list::<Product>(),
    record::<Project>(),
    list::<Project>(),
    list::<ProjectMetadata>(),
    record::<Report>(),
    record::<Revenue>(),
    record::<RevenueCreate>(),
    record::<RevenueFuzzyConsolidation>(),
    record::<RevenueFuzzyConsolidationResult>(),
    list::<RevenueLedger>(),
    record::<RevenueUpdate>(),
    list::<Revenue>(),
    record::<Saved>(),
    record::<SubFoundationReadable>(),
    list::<SubFoundationReadable>(),
    record::<SubcontractorReadable>(),
    list::<SubcontractorReadable>(),
    record::<SubcontractorWritable>(),
    record::<Supplier>(),
    record::<SupplierInvoice>(),
    record::<SupplierInvoiceApproval>(),
    record::<SupplierInvoiceBundleCreateResult>(),
    record::<SupplierInvoicePayee>(),
    record::<SupplierInvoiceWritable>(),
    list::<SupplierInvoice>(),
    list::<Supplier>(),
    record::<Token>(),
    list::<Token>(),
    record::<Translations>(),
    record::<UnlockEventsRequest>(),
    record::<UpdateClientAgreement>(),
    record::<UpdateClientAgreementResult>(),
    record::<UpdateFoundationGrantPayment>(),
    record::<User>(),
    record::<UserAuthentication>(),
    list::<User>(),
    record::<VoucherReadable>(),
    record::<VoucherWritable>(),
    list::<VoucherDetailed>(),
    list::<VoucherReadable>(),
];

/// Types of the schema that no root element leads to: the schema has them, but no document can
/// hold them. Here so that the comparison with the schema reaches them.
pub const UNREACHABLE: &[&TypeDescription] = &[SupplierInvoiceRelation::DESCRIPTION];

const fn record<T: Document + Described + PartialEq>() -> RootElement {
    RootElement {
        name: T::ROOT,
        kind: RootKind::Record(T::DESCRIPTION),
        rewrite: rewrite::<T>,
        verify: verify::<T>,
    }
}

const fn list<T: ListItem + PartialEq>() -> RootElement {
    RootElement {
        name: T::LIST,
        kind: RootKind::List {
            element: T::ITEM,
            item: T::DESCRIPTION,
            paged: T::PAGED,
        },
        rewrite: rewrite_list::<T>,
        verify: verify_list::<T>,
    }
}

impl RootElement {
    /// The root element of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        ROOTS.iter().find(|root| root.name == name)
    }

    /// Reads a document of this root, and writes it.
    ///
    /// # Errors
    /// When the document cannot be read, or holds what the schema does not let be written. A list
    /// with a rejected item is an error too, since the item would be lost.
    pub fn rewrite(&self, xml: &[u8]) -> Result<String, RewriteError> {
        self.rewrite_with(xml, &ReadOptions::default())
    }

    /// Likewise, under the caller's limits.
    ///
    /// # Errors
    /// As [`rewrite`](Self::rewrite).
    pub fn rewrite_with(&self, xml: &[u8], options: &ReadOptions) -> Result<String, RewriteError> {
        (self.rewrite)(xml, options)
    }

    /// Reads a document, writes it, and makes sure that what is written reads as the same value.
    ///
    /// # Errors
    /// As [`rewrite`](Self::rewrite), and [`RewriteError::Changed`].
    pub fn verify(&self, xml: &[u8]) -> Result<String, RewriteError> {
        (self.verify)(xml)
    }
}

/// Why a document could not be read and written again. It holds no values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RewriteError {
    /// It could not be read.
    Read(ReadError),
    /// An item of a list could not be read; this is the first of them.
    Rejected(Rejected),
    /// It could not be written.
    Write(WriteError),
    /// What was written reads as another value. This is a fault of this crate.
    Changed,
}

impl fmt::Display for RewriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(f),
            Self::Rejected(rejected) => rejected.error.fmt(f),
            Self::Write(error) => error.fmt(f),
            Self::Changed => f.write_str("what was written reads as another value"),
        }
    }
}

impl std::error::Error for RewriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            Self::Rejected(rejected) => Some(&rejected.error),
            Self::Write(error) => Some(error),
            Self::Changed => None,
        }
    }
}

fn read<T: Document>(xml: &[u8], options: &ReadOptions) -> Result<T, RewriteError> {
    T::from_xml_with(xml, options).map_err(RewriteError::Read)
}

fn read_list<T: ListItem>(xml: &[u8], options: &ReadOptions) -> Result<List<T>, RewriteError> {
    let mut list: List<T> = read(xml, options)?;
    if list.is_complete() {
        Ok(list)
    } else {
        Err(RewriteError::Rejected(list.rejected.swap_remove(0)))
    }
}

fn rewrite<T: Document>(xml: &[u8], options: &ReadOptions) -> Result<String, RewriteError> {
    let value: T = read(xml, options)?;
    value.to_xml().map_err(RewriteError::Write)
}

fn rewrite_list<T: ListItem>(xml: &[u8], options: &ReadOptions) -> Result<String, RewriteError> {
    let list: List<T> = read_list(xml, options)?;
    list.to_xml().map_err(RewriteError::Write)
}

fn verify<T: Document + PartialEq>(xml: &[u8]) -> Result<String, RewriteError> {
    same_again(&read::<T>(xml, &ReadOptions::default())?)
}

fn verify_list<T: ListItem + PartialEq>(xml: &[u8]) -> Result<String, RewriteError> {
    same_again(&read_list::<T>(xml, &ReadOptions::default())?)
}

/// Writes a value and reads it back. A list whose items are rejected then is not equal either.
fn same_again<T: Document + PartialEq>(value: &T) -> Result<String, RewriteError> {
    let written = value.to_xml().map_err(RewriteError::Write)?;
    // Escapes may have made it larger than what was read, which is not what is asked here.
    let options = ReadOptions::default().with_max_bytes(usize::MAX);
    if read::<T>(written.as_bytes(), &options)? == *value {
        Ok(written)
    } else {
        Err(RewriteError::Changed)
    }
}
