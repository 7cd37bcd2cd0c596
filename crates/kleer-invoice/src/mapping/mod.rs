//! From an EN 16931 invoice to Kleer's.

mod checks;
mod files;
mod header;
mod ledger;
mod notes;
mod parties;
mod revenue;
mod rows;
mod values;

use std::borrow::Cow;
use std::fmt;

use en16931::Invoice;
use kleer_model::sums::Sums;
use kleer_model::{ClientInvoice, ClientInvoiceRow, CustomField, UserReference};
use rust_decimal::Decimal;

use crate::catalogue::Chooser;
use crate::labels::Label;
use crate::refusal::bt;
use crate::report::{
    Fate, Finding, MappingReport, Remark, RemarkCode, TotalsComparison, UnmappedElement,
};
use crate::source::naive_date;
use crate::{
    Catalogue, Context, DocumentKind, Reason, ReasonCode, Refusal, Settings, SourceInvoice, Term,
};

use ledger::Ledger;
pub(crate) use ledger::why_dropped;
use notes::Note;
pub use revenue::{RevenueMapping, map_revenue};
pub(crate) use revenue::{revenue_fields, why_not_in_revenue};

/// An invoice as Kleer takes it, and the account of how it came about.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Mapping {
    /// The draft to create: not certified, not sent, automatic actions off.
    pub invoice: ClientInvoice,
    /// What became of each term.
    pub report: MappingReport,
    /// The sums that Kleer is expected to compute: equal to the source's to the cent, the VAT
    /// within [`Settings::vat_tolerance`].
    pub sums: Sums,
    /// The payment reference that stands in the invoice, if [`Settings::ocr`] asks for one.
    pub payment_reference: Option<String>,
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A payment reference is free text, and may name a person.
        f.debug_struct("Mapping")
            .field("invoice", &self.invoice)
            .field("report", &self.report)
            .field("sums", &self.sums)
            .finish_non_exhaustive()
    }
}

/// Maps an invoice.
///
/// The rows add up to the cent, under the rounding model of [`kleer_model::sums`], to what the
/// source states: net to BT-109 + BT-114, VAT to BT-110, gross to BT-112 + BT-114. A credit
/// (a credit note, or an invoice with a negative total) becomes a negative invoice that names
/// the invoice it credits.
///
/// Create the products of [`missing_products`](crate::missing_products) first.
///
/// # Errors
/// All reasons for which the invoice must not be posted, each with what to do, and the report as
/// far as it goes. See `docs/invoice-mapping.md` for the list.
pub fn map(
    source: &SourceInvoice,
    context: &Context<'_>,
    settings: &Settings,
) -> Result<Mapping, Refusal> {
    let mut work = Work::new(source, context.catalogue, settings, why_dropped);
    work.check_document();
    let findings = work.judge_findings();
    let (rows, percents) = work.rows();
    let mut invoice = work.header(rows, context);
    work.references(&mut invoice);
    work.parties(&mut invoice);
    work.remaining_terms();
    invoice.files = work.files();
    work.payment_reference();
    invoice.fields = work.custom_fields();
    invoice.notes = work.finish_notes();
    work.check_texts(&invoice);
    let nets = work.row_nets(&invoice.rows, &percents);
    let sums = nets.as_ref();
    let sums = sums.and_then(|nets| Sums::of(nets.iter().copied()).ok());
    let (totals, sums) = work.compare_sums(sums, settings.vat_tolerance);
    if let (Some(totals), Some(nets)) = (totals, nets) {
        work.compare_rates(totals.vat, &nets, settings.vat_tolerance);
    }
    let payment_reference = work.reference.take();
    let (reasons, report) = work.finish(findings, totals);
    match sums {
        Some(sums) if reasons.is_empty() => Ok(Mapping {
            invoice,
            report,
            sums,
            payment_reference,
        }),
        _ => Err(Refusal::new(reasons, report)),
    }
}

/// An invoice on its way.
struct Work<'a> {
    source: &'a SourceInvoice,
    invoice: &'a Invoice,
    catalogue: &'a Catalogue,
    settings: &'a Settings,
    chooser: Chooser<'a>,
    ledger: Ledger,
    reasons: Vec<Reason>,
    remarks: Vec<Remark>,
    notes: Vec<Note>,
    /// Custom fields of the invoice.
    fields: Vec<CustomField>,
    /// The terms of lines that custom fields of rows take, with their aliases.
    row_fields: Vec<(u16, &'a str)>,
    /// The payment reference.
    reference: Option<String>,
    /// -1 for a credit note, whose amounts are what is credited.
    sign: Decimal,
}

impl<'a> Work<'a> {
    fn new(
        source: &'a SourceInvoice,
        catalogue: &'a Catalogue,
        settings: &'a Settings,
        why_dropped: fn(u16) -> &'static str,
    ) -> Self {
        let of_lines = settings
            .custom_fields
            .iter()
            .filter(|(term, _)| term.is_of_line() && !term.is_group());
        Self {
            source,
            invoice: source.as_en16931(),
            catalogue,
            settings,
            chooser: Chooser::new(catalogue, settings),
            ledger: Ledger::new(source.census(), why_dropped),
            reasons: Vec::new(),
            remarks: Vec::new(),
            notes: Vec::with_capacity(16),
            fields: Vec::new(),
            row_fields: of_lines
                .map(|(term, alias)| (term.number(), alias.as_str()))
                .collect(),
            reference: None,
            sign: match source.kind() {
                DocumentKind::Invoice => Decimal::ONE,
                DocumentKind::CreditNote => Decimal::NEGATIVE_ONE,
            },
        }
    }

    fn label(&self, label: Label) -> &'static str {
        label.text(self.settings.language)
    }

    fn refuse(
        &mut self,
        code: ReasonCode,
        term: u16,
        line: Option<usize>,
        text: impl Into<Cow<'static, str>>,
    ) {
        let place = line
            .map(|line| format!("line {}", line + 1))
            .unwrap_or_default();
        self.reasons.push(Reason {
            code,
            subject: bt(term),
            place,
            text: text.into(),
        });
    }

    fn remark(
        &mut self,
        code: RemarkCode,
        term: u16,
        line: Option<usize>,
        text: impl Into<Cow<'static, str>>,
    ) {
        let line = line.and_then(|line| u32::try_from(line + 1).ok());
        self.remarks.push(Remark {
            code,
            term: Term::bt(term),
            line,
            text: text.into(),
        });
    }

    /// The trimmed text of a term, which gets its fate; `None` if it is absent or blank.
    fn take(
        &mut self,
        term: u16,
        line: Option<usize>,
        value: Option<&'a str>,
        fate: Fate,
    ) -> Option<&'a str> {
        let value = value.map(str::trim).filter(|value| !value.is_empty())?;
        self.ledger.mark(term, line, fate);
        Some(value)
    }

    /// As [`take`](Self::take) for a text that stands with others in notes or a description:
    /// `None` also if a custom field takes the term.
    fn take_text(
        &mut self,
        term: u16,
        line: Option<usize>,
        value: Option<&'a str>,
        fate: Fate,
    ) -> Option<&'a str> {
        if self.settings.has_custom_field(term) {
            return None;
        }
        self.take(term, line, value, fate)
    }

    fn finish(
        self,
        findings: Vec<Finding>,
        totals: Option<TotalsComparison>,
    ) -> (Vec<Reason>, MappingReport) {
        let unmapped = self.source.census().unmapped.iter();
        let report = MappingReport {
            entries: self.ledger.finish(),
            unmapped: unmapped
                .map(|(path, count)| UnmappedElement {
                    path: path.clone(),
                    count: *count,
                })
                .collect(),
            findings,
            remarks: self.remarks,
            totals,
        };
        (self.reasons, report)
    }
}

/// A draft with the users of the context.
fn draft(work: &mut Work<'_>, rows: Vec<ClientInvoiceRow>, context: &Context<'_>) -> ClientInvoice {
    let issued = work
        .invoice
        .issue_date
        .and_then(naive_date)
        .unwrap_or_default();
    let due = work.due_date(issued, context);
    let currency = work.source.currency().unwrap_or_default().trim().to_owned();
    let mut invoice = ClientInvoice::draft(context.client, issued, due, currency, rows);
    context.foreign_id.clone_into(&mut invoice.foreign_id);
    if let Some(user) = context.our_reference {
        invoice.our_reference = UserReference::new(user);
    }
    invoice.approver = context.approver.map(UserReference::new);
    invoice
}
