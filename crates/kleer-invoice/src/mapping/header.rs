//! The terms of the document itself.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use en16931::DocumentReference;
use en16931::invoice::Code;
use kleer_model::{AccrualPeriod, ClientInvoice, ClientInvoiceRow};

use super::{Work, draft};
use crate::labels::Label;
use crate::report::{Fate, RemarkCode};
use crate::source::naive_date;
use crate::{Context, DocumentKind, MissingDueDate, Prepaid, ReasonCode};

impl<'a> Work<'a> {
    /// The invoice with dates, currency, period and the number it credits.
    pub(super) fn header(
        &mut self,
        rows: Vec<ClientInvoiceRow>,
        context: &Context<'_>,
    ) -> ClientInvoice {
        let source = self.source;
        let label = match source.kind() {
            DocumentKind::Invoice => Label::InvoiceNumber,
            DocumentKind::CreditNote => Label::CreditNoteNumber,
        };
        self.carry(1, label, source.number());
        self.ledger.mark_open(2, None, Fate::mapped("invoice-date"));
        self.take(5, None, source.currency(), Fate::mapped("currency"));
        if source
            .type_code()
            .is_some_and(|code| !matches!(code.trim(), "" | "380" | "381"))
        {
            self.carry(3, Label::TypeCode, source.type_code());
        }
        let mut invoice = draft(self, rows, context);
        invoice.debit_invoice_nr = self.credited(&context.debit_invoices);
        self.preceding(invoice.debit_invoice_nr.is_some());
        if let Some(period) = &self.invoice.invoicing_period {
            let (start, end) = (
                period.start.and_then(naive_date),
                period.end.and_then(naive_date),
            );
            if let (Some(start), Some(end)) = (start, end)
                && start <= end
            {
                self.ledger
                    .mark(73, None, Fate::mapped("period/start-date"));
                self.ledger.mark(74, None, Fate::mapped("period/end-date"));
                invoice.period = Some(AccrualPeriod::new(start, end));
            } else {
                // Kleer's period needs both days.
                for (term, label, date) in
                    [(73, Label::PeriodFrom, start), (74, Label::PeriodTo, end)]
                {
                    if let Some(date) = date {
                        self.carry_value(term, label, &date.to_string());
                    }
                }
            }
        }
        invoice
    }

    pub(super) fn due_date(&mut self, issued: NaiveDate, context: &Context<'_>) -> NaiveDate {
        if let Some(due) = self.source.due_date() {
            self.ledger.mark_open(9, None, Fate::mapped("due-date"));
            return due;
        }
        let after = |days: u16| {
            issued
                .checked_add_days(Days::new(days.into()))
                .unwrap_or(issued)
        };
        let (due, text) = match (context.payment_days, self.settings.missing_due_date) {
            (Some(days), _) => (
                after(days),
                format!("no due date; {days} payment days of the client assumed"),
            ),
            (None, MissingDueDate::DaysAfterIssue(days)) => (
                after(days),
                format!("no due date; {days} days after the issue date assumed"),
            ),
            (None, MissingDueDate::IssueDate) => {
                (issued, "no due date; the issue date assumed".to_owned())
            }
            (None, MissingDueDate::Refuse) => {
                self.refuse(ReasonCode::NoDueDate, 9, None, "there is no due date");
                return issued;
            }
        };
        self.remark(RemarkCode::DueDateAssumed, 9, None, text);
        due
    }

    /// What a credit credits (BG-3), as Kleer knows it; `None` also for an ordinary invoice.
    pub(super) fn credited<T: Clone + PartialEq>(
        &mut self,
        known: &BTreeMap<String, T>,
    ) -> Option<T> {
        if !self.source.is_credit() {
            return None;
        }
        let mut found: Vec<Option<&T>> = Vec::new();
        for preceding in self.source.preceding_invoices() {
            let one = known.get(preceding);
            if !found.contains(&one) {
                found.push(one);
            }
        }
        match found.as_slice() {
            [] => self.refuse(
                ReasonCode::CreditedInvoiceMissing,
                25,
                None,
                "the credit names no invoice that it credits",
            ),
            [Some(one)] => return Some((*one).clone()),
            several if several.contains(&None) => self.refuse(
                ReasonCode::CreditedInvoiceUnknown,
                25,
                None,
                "it is not known which invoice in Kleer the preceding invoice is",
            ),
            _ => self.refuse(
                ReasonCode::SeveralCreditedInvoices,
                25,
                None,
                "the credit names several invoices and Kleer takes one",
            ),
        }
        None
    }

    /// BG-3 in words. The sender's number stands in the notes also where Kleer's field has the
    /// invoice: by Kleer's own number.
    fn preceding(&mut self, in_field: bool) {
        let fate = if in_field {
            Fate::mapped("debit-invoice-nr")
        } else {
            Fate::carried("notes")
        };
        for preceding in &self.invoice.preceding_invoices {
            let number = Some(preceding.reference.as_str());
            let number = if in_field {
                self.take(25, None, number, fate.clone())
            } else {
                self.take_text(25, None, number, fate.clone())
            };
            let date = preceding.issue_date.and_then(naive_date);
            let date = date.filter(|_| !self.settings.has_custom_field(26));
            if date.is_some() {
                self.ledger.mark(26, None, Fate::carried("notes"));
            }
            let text = match (number, date) {
                (Some(number), Some(date)) => format!("{number}, {date}"),
                (Some(number), None) => number.to_owned(),
                (None, Some(date)) => date.to_string(),
                (None, None) => continue,
            };
            let shown = [number.map(|_| 25), date.map(|_| 26)];
            let shown: Vec<u16> = shown.into_iter().flatten().collect();
            self.note(&shown, Label::PrecedingInvoice, &text);
        }
    }

    fn carry_reference(
        &mut self,
        term: u16,
        label: Label,
        reference: Option<&'a DocumentReference>,
    ) {
        self.carry(term, label, reference.map(DocumentReference::as_str));
    }

    fn carry_code(&mut self, term: u16, label: Label, code: Option<&'a Code>) {
        self.carry(term, label, code.map(Code::as_str));
    }

    /// References to other documents.
    pub(super) fn references(&mut self, invoice: &mut ClientInvoice) {
        let source = self.invoice;
        let reference = |document: Option<&'a DocumentReference>| {
            document
                .map(|document| document.as_str().trim())
                .filter(|text| !text.is_empty())
        };
        let order = reference(source.purchase_order_reference.as_ref());
        let sales_order = source.sales_order_reference.as_ref();
        if let Some(order) = order {
            // UBL demands an order number beside a sales order, and senders write NA.
            if order.eq_ignore_ascii_case("NA") && reference(sales_order).is_some() {
                let fate = Fate::dropped("NA stands for no order number beside a sales order");
                self.ledger.mark(13, None, fate);
            } else {
                self.ledger.mark(13, None, Fate::mapped("po-nr"));
                order.clone_into(&mut invoice.po_nr);
            }
        }
        if let Some(contract) = reference(source.contract_reference.as_ref()) {
            self.ledger.mark(12, None, Fate::mapped("agreement-nr"));
            invoice.agreement_nr = Some(contract.to_owned());
        }
        self.carry_reference(14, Label::SalesOrder, sales_order);
        self.carry_reference(
            11,
            Label::ProjectReference,
            source.project_reference.as_ref(),
        );
        self.carry_reference(
            15,
            Label::ReceivingAdvice,
            source.receiving_advice_reference.as_ref(),
        );
        self.carry_reference(
            16,
            Label::DespatchAdvice,
            source.despatch_advice_reference.as_ref(),
        );
        self.carry_reference(17, Label::Tender, source.tender_reference.as_ref());
        self.carry_identifier(
            18,
            Label::ObjectIdentifier,
            source.object_identifier.as_ref(),
        );
        self.carry(
            19,
            Label::AccountingReference,
            source.accounting_reference.as_deref(),
        );
    }

    /// Everything else that has no field in Kleer and that the reader of the invoice should see.
    pub(super) fn remaining_terms(&mut self) {
        let source = self.invoice;
        self.carry(20, Label::PaymentTerms, source.payment_terms.as_deref());
        if let Some(date) = source.vat_point_date.and_then(naive_date) {
            self.carry_value(7, Label::VatPointDate, &date.to_string());
        }
        self.carry_code(
            8,
            Label::VatPointDateCode,
            source.vat_point_date_code.as_ref(),
        );
        self.vat_in_accounting_currency();
        for breakdown in &source.vat_breakdown {
            let carried = Fate::carried("notes");
            let code = breakdown.exemption_reason_code.as_ref().map(Code::as_str);
            let code = self.take_text(121, None, code, carried.clone());
            let reason = breakdown.exemption_reason.as_deref();
            let reason = self.take_text(120, None, reason, carried);
            let words = [
                reason.map(|reason| (120, reason)),
                code.map(|code| (121, code)),
            ];
            let (terms, words): (Vec<u16>, Vec<&str>) = words.into_iter().flatten().unzip();
            if !words.is_empty() {
                self.note(&terms, Label::ExemptionReason, &words.join(", "));
            }
        }
        for note in &source.notes {
            let subject = note.subject_code.as_ref().map(Code::as_str);
            let subject = self.take_text(21, None, subject, Fate::carried("notes"));
            let text = self.take_text(22, None, note.note.as_deref(), Fate::carried("notes"));
            let label = self.label(Label::Note);
            match subject {
                Some(subject) => {
                    let label = format!("{label} ({subject})");
                    let terms: &[u16] = if text.is_some() { &[21, 22] } else { &[21] };
                    self.note_as(terms, &label, text.unwrap_or_default());
                }
                None => {
                    if let Some(text) = text {
                        self.note_as(&[22], label, text);
                    }
                }
            }
        }
        self.paid();
    }

    fn vat_in_accounting_currency(&mut self) {
        let totals = &self.invoice.totals;
        let currency = self
            .invoice
            .vat_accounting_currency
            .as_ref()
            .map(Code::as_str);
        let currency = self.take_text(6, None, currency, Fate::carried("notes"));
        // The model has BT-111 also where BT-110 stands for both.
        let amount = totals
            .vat_total_accounting
            .filter(|_| self.ledger.is_open(111, None) && !self.settings.has_custom_field(111));
        if amount.is_some() {
            self.ledger.mark(111, None, Fate::carried("notes"));
        }
        if amount.is_none() && currency.is_none() {
            return;
        }
        let label = format!(
            "{} {}",
            self.label(Label::VatIn),
            currency.unwrap_or_default()
        );
        let shown = [currency.map(|_| 6), amount.map(|_| 111)];
        let shown: Vec<u16> = shown.into_iter().flatten().collect();
        let amount = amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string());
        self.note_as(&shown, label.trim_end(), &amount);
    }

    /// BT-113, which Kleer has no field for.
    fn paid(&mut self) {
        let Some(paid) = self.invoice.totals.paid.filter(|paid| !paid.is_zero()) else {
            return;
        };
        match self.settings.prepaid {
            Prepaid::Refuse => self.refuse_paid(),
            Prepaid::CarryInNotes => {
                self.ledger.mark_open(113, None, Fate::carried("notes"));
                self.note_always(113, Label::Paid, &paid.to_string());
                let text = format!("{paid} is already paid; register the payment in Kleer");
                self.remark(RemarkCode::PrepaidInNotes, 113, None, text);
            }
            // The rows have it, and Kleer asks for what is due.
            Prepaid::DeductRow => return,
        }
        let fate = Fate::dropped("Kleer asks for the whole amount; what is paid is not deducted");
        self.ledger.mark_open(115, None, fate);
    }

    pub(super) fn refuse_paid(&mut self) {
        let Some(paid) = self.invoice.totals.paid else {
            return;
        };
        self.ledger
            .mark_open(113, None, Fate::dropped("Kleer has no field for it"));
        let text = format!("{paid} is already paid, and Kleer would ask for it again");
        self.refuse(ReasonCode::Prepaid, 113, None, text);
    }
}
