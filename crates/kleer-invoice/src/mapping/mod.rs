//! From an EN 16931 invoice to Kleer's.

mod checks;
mod files;
mod header;
mod ledger;
mod rows;

use std::borrow::Cow;

use en16931::Invoice;
use kleer_model::sums::Sums;
use kleer_model::{ClientInvoice, ClientInvoiceRow, UserReference};
use rust_decimal::Decimal;

use crate::catalogue::Chooser;
use crate::labels::Label;
use crate::refusal::bt;
use crate::report::{
    Fate, Finding, MappingReport, Remark, RemarkCode, TotalsComparison, UnmappedElement,
};
use crate::source::naive_date;
use crate::{Context, DocumentKind, Reason, ReasonCode, Refusal, Settings, SourceInvoice, Term};

use ledger::Ledger;
pub(crate) use ledger::why_dropped;

/// An invoice as Kleer takes it, and the account of how it came about.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Mapping {
    /// The draft to create: not certified, not sent, automatic actions off.
    pub invoice: ClientInvoice,
    /// What became of each term.
    pub report: MappingReport,
    /// The sums that Kleer is expected to compute, equal to the source's to the cent.
    pub sums: Sums,
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
    let mut work = Work::new(source, context, settings);
    work.check_document();
    let findings = work.judge_findings();
    let (rows, percents) = work.rows();
    let mut invoice = work.header(rows);
    work.references(&mut invoice);
    work.parties(&mut invoice);
    work.remaining_terms();
    invoice.files = work.files();
    invoice.notes = Some(std::mem::take(&mut work.notes)).filter(|notes| !notes.is_empty());
    work.check_texts(&invoice);
    let (totals, sums) = work.compare_sums(&invoice.rows, &percents);
    let (reasons, report) = work.finish(findings, totals);
    match sums {
        Some(sums) if reasons.is_empty() => Ok(Mapping {
            invoice,
            report,
            sums,
        }),
        _ => Err(Refusal::new(reasons, report)),
    }
}

/// An invoice on its way.
struct Work<'a> {
    source: &'a SourceInvoice,
    invoice: &'a Invoice,
    context: &'a Context<'a>,
    settings: &'a Settings,
    chooser: Chooser<'a>,
    ledger: Ledger,
    reasons: Vec<Reason>,
    remarks: Vec<Remark>,
    notes: String,
    /// -1 for a credit note, whose amounts are what is credited.
    sign: Decimal,
}

impl<'a> Work<'a> {
    fn new(source: &'a SourceInvoice, context: &'a Context<'a>, settings: &'a Settings) -> Self {
        let chooser = Chooser::new(context.catalogue, settings);
        Self {
            source,
            invoice: source.as_en16931(),
            context,
            settings,
            chooser,
            ledger: Ledger::new(source.census()),
            reasons: Vec::new(),
            remarks: Vec::new(),
            notes: String::with_capacity(512),
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

    /// A line of the notes.
    fn note(&mut self, label: Label, value: &str) {
        self.note_as(self.label(label), value);
    }

    fn note_as(&mut self, label: &str, value: &str) {
        if !self.notes.is_empty() {
            self.notes.push('\n');
        }
        self.notes.push_str(label);
        self.notes.push_str(": ");
        self.notes.push_str(value);
    }

    /// Carries a term in the notes.
    fn carry(&mut self, term: u16, label: Label, value: Option<&'a str>) {
        if let Some(value) = self.take(term, None, value, Fate::carried("notes")) {
            self.note(label, value);
        }
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
fn draft(work: &mut Work<'_>, rows: Vec<ClientInvoiceRow>) -> ClientInvoice {
    let issued = work
        .invoice
        .issue_date
        .and_then(naive_date)
        .unwrap_or_default();
    let due = work.due_date(issued);
    let currency = work.source.currency().unwrap_or_default().trim().to_owned();
    let mut invoice = ClientInvoice::draft(work.context.client, issued, due, currency, rows);
    work.context.foreign_id.clone_into(&mut invoice.foreign_id);
    if let Some(user) = work.context.our_reference {
        invoice.our_reference = UserReference::new(user);
    }
    invoice.approver = work.context.approver.map(UserReference::new);
    invoice
}
