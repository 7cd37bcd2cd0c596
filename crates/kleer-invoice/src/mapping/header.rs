//! The terms of the document itself.

use chrono::{Days, NaiveDate};
use en16931::invoice::Code;
use en16931::{DocumentReference, Identifier};
use kleer_model::{AccrualPeriod, ClientInvoice, ClientInvoiceRow};

use super::{Work, draft};
use crate::labels::Label;
use crate::report::{Fate, RemarkCode};
use crate::source::{PostalAddress, naive_date};
use crate::{DocumentKind, MissingDueDate, Prepaid, ReasonCode};

impl<'a> Work<'a> {
    /// The invoice with dates, currency, period and the number it credits.
    pub(super) fn header(&mut self, rows: Vec<ClientInvoiceRow>) -> ClientInvoice {
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
        let mut invoice = draft(self, rows);
        self.credited(&mut invoice);
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
                        self.ledger.mark(term, None, Fate::carried("notes"));
                        self.note(label, &date.to_string());
                    }
                }
            }
        }
        invoice
    }

    pub(super) fn due_date(&mut self, issued: NaiveDate) -> NaiveDate {
        if let Some(due) = self.source.due_date() {
            self.ledger.mark_open(9, None, Fate::mapped("due-date"));
            return due;
        }
        let after = |days: u16| {
            issued
                .checked_add_days(Days::new(days.into()))
                .unwrap_or(issued)
        };
        let (due, text) = match (self.context.payment_days, self.settings.missing_due_date) {
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

    /// BG-3: the invoice that a credit credits, or a remark on what an invoice refers to.
    fn credited(&mut self, invoice: &mut ClientInvoice) {
        let is_credit = self.source.is_credit();
        if is_credit {
            let known = &self.context.debit_invoices;
            let mut numbers: Vec<Option<i32>> = Vec::new();
            for preceding in self.source.preceding_invoices() {
                let number = known.get(preceding).copied();
                if !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
            match numbers.as_slice() {
                [] => self.refuse(
                    ReasonCode::CreditedInvoiceMissing,
                    25,
                    None,
                    "the credit names no invoice that it credits",
                ),
                [Some(number)] => invoice.debit_invoice_nr = Some(*number),
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
        }
        for preceding in &self.invoice.preceding_invoices {
            // The sender's number stands in the notes too: Kleer's field holds Kleer's number.
            let fate = if is_credit && invoice.debit_invoice_nr.is_some() {
                Fate::mapped("debit-invoice-nr")
            } else {
                Fate::carried("notes")
            };
            let number = self.take(25, None, Some(preceding.reference.as_str()), fate);
            let date = preceding.issue_date.and_then(naive_date);
            if date.is_some() {
                self.ledger.mark(26, None, Fate::carried("notes"));
            }
            let text = match (number, date) {
                (Some(number), Some(date)) => format!("{number}, {date}"),
                (Some(number), None) => number.to_owned(),
                (None, Some(date)) => date.to_string(),
                (None, None) => continue,
            };
            self.note(Label::PrecedingInvoice, &text);
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
        let object = source.object_identifier.as_ref().map(Identifier::content);
        self.carry(18, Label::ObjectIdentifier, object);
        self.carry(
            19,
            Label::AccountingReference,
            source.accounting_reference.as_deref(),
        );
    }

    /// The buyer and the delivery.
    pub(super) fn parties(&mut self, invoice: &mut ClientInvoice) {
        let buyer = self.source.buyer();
        let party = &self.invoice.buyer;
        let reference = self.invoice.buyer_reference.as_deref();
        let reference = self.take(10, None, reference, Fate::mapped("your-reference"));
        let contact = party.contact.name.as_deref();
        if let Some(reference) = reference {
            reference.clone_into(&mut invoice.your_reference);
            self.carry(56, Label::Contact, contact);
        } else if let Some(contact) = self.take(56, None, contact, Fate::mapped("your-reference")) {
            contact.clone_into(&mut invoice.your_reference);
        }
        let email = party.contact.email.as_deref();
        if let Some(email) = self.take(58, None, email, Fate::mapped("invoice-email")) {
            email.clone_into(&mut invoice.invoice_email);
        }
        if let Some(vat) = buyer.vat_number() {
            self.ledger.mark(48, None, Fate::mapped("vat-nr"));
            invoice.vat_nr = Some(vat);
        }
        self.gln(invoice);

        let address = buyer.address();
        invoice.invoice_address = address.to_kleer();
        self.address(address, [50, 51, 163, 53, 52, 55], "invoice-address");
        self.carry(54, Label::BuyerRegion, Some(address.subdivision));

        let Some(delivery) = &self.invoice.delivery else {
            return;
        };
        let name = delivery.party_name.as_deref();
        if let Some(name) = self.take(70, None, name, Fate::mapped("delivery-name")) {
            name.clone_into(&mut invoice.delivery_name);
        }
        let location = delivery.location.as_ref().map(Identifier::content);
        self.carry(71, Label::DeliveryLocation, location);
        if let Some(date) = delivery.date.and_then(naive_date) {
            self.ledger.mark(72, None, Fate::mapped("delivery-date"));
            invoice.delivery_date = Some(date);
        }
        if let Some(address) = &delivery.address {
            let address = PostalAddress::of(address);
            invoice.delivery_address = address.to_kleer();
            self.address(address, [75, 76, 165, 78, 77, 80], "delivery-address");
            self.carry(79, Label::DeliveryRegion, Some(address.subdivision));
        }
    }

    /// The buyer's identifiers: the first GLN is Kleer's field, the others stand in the notes.
    fn gln(&mut self, invoice: &mut ClientInvoice) {
        let buyer = self.source.buyer();
        let mut wanted = buyer.gln();
        invoice.gln = wanted.map(str::to_owned);
        for (scheme, value) in buyer.identifiers() {
            if value.is_empty() {
                continue;
            }
            if matches!(scheme, "0088" | "GLN") && wanted == Some(value) {
                wanted = None;
                self.ledger.mark(46, None, Fate::mapped("gln"));
            } else {
                self.carry(46, Label::BuyerIdentifier, Some(value));
            }
        }
        // Not among the identifiers: then it is the electronic address, or the registration.
        if wanted.is_some() {
            let is_endpoint = buyer
                .endpoint()
                .is_some_and(|(_, value)| wanted == Some(value));
            let term = if is_endpoint { 49 } else { 47 };
            self.ledger.mark_open(term, None, Fate::mapped("gln"));
        }
    }

    /// Marks the parts of an address: line 1, 2, 3, post code, city, country.
    fn address(&mut self, address: PostalAddress<'_>, terms: [u16; 6], group: &'static str) {
        let fields = match group {
            "invoice-address" => &INVOICE_ADDRESS,
            _ => &DELIVERY_ADDRESS,
        };
        let values = [
            address.line1,
            address.line2,
            address.line3,
            address.post_code,
            address.city,
            address.country,
        ];
        for ((term, value), field) in terms.into_iter().zip(values).zip(fields) {
            if !value.is_empty() {
                self.ledger.mark(term, None, Fate::mapped(field));
            }
        }
    }

    /// Everything else that has no field in Kleer and that the reader of the invoice should see.
    pub(super) fn remaining_terms(&mut self) {
        let source = self.invoice;
        self.carry(20, Label::PaymentTerms, source.payment_terms.as_deref());
        if let Some(date) = source.vat_point_date.and_then(naive_date) {
            self.ledger.mark(7, None, Fate::carried("notes"));
            self.note(Label::VatPointDate, &date.to_string());
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
            let code = self.take(121, None, code, carried.clone());
            let reason = self.take(120, None, breakdown.exemption_reason.as_deref(), carried);
            let words: Vec<&str> = reason.into_iter().chain(code).collect();
            if !words.is_empty() {
                self.note(Label::ExemptionReason, &words.join(", "));
            }
        }
        for note in &source.notes {
            let subject = note.subject_code.as_ref().map(Code::as_str);
            let subject = self.take(21, None, subject, Fate::carried("notes"));
            let text = self.take(22, None, note.note.as_deref(), Fate::carried("notes"));
            let label = self.label(Label::Note);
            match subject {
                Some(subject) => {
                    self.note_as(&format!("{label} ({subject})"), text.unwrap_or_default());
                }
                None => {
                    if let Some(text) = text {
                        self.note_as(label, text);
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
        let currency = self.take(6, None, currency, Fate::carried("notes"));
        // The model has BT-111 also where BT-110 stands for both.
        let amount = totals
            .vat_total_accounting
            .filter(|_| self.ledger.is_open(111, None));
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
        let amount = amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string());
        self.note_as(label.trim_end(), &amount);
    }

    /// BT-113, which Kleer has no field for.
    fn paid(&mut self) {
        let Some(paid) = self.invoice.totals.paid.filter(|paid| !paid.is_zero()) else {
            return;
        };
        match self.settings.prepaid {
            Prepaid::Refuse => {
                self.ledger
                    .mark_open(113, None, Fate::dropped("Kleer has no field for it"));
                let text = format!("{paid} is already paid, and Kleer would ask for it again");
                self.refuse(ReasonCode::Prepaid, 113, None, text);
            }
            Prepaid::CarryInNotes => {
                self.ledger.mark_open(113, None, Fate::carried("notes"));
                self.note(Label::Paid, &paid.to_string());
                let text = format!("{paid} is already paid; register the payment in Kleer");
                self.remark(RemarkCode::PrepaidInNotes, 113, None, text);
            }
        }
        let fate = Fate::dropped("Kleer asks for the whole amount; what is paid is not deducted");
        self.ledger.mark_open(115, None, fate);
    }
}

const INVOICE_ADDRESS: [&str; 6] = [
    "invoice-address/address2",
    "invoice-address/address1",
    "invoice-address/address1",
    "invoice-address/zip-code",
    "invoice-address/state",
    "invoice-address/country",
];
const DELIVERY_ADDRESS: [&str; 6] = [
    "delivery-address/address2",
    "delivery-address/address1",
    "delivery-address/address1",
    "delivery-address/zip-code",
    "delivery-address/state",
    "delivery-address/country",
];
