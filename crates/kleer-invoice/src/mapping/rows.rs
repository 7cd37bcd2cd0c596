//! Invoice lines, document allowances and charges, and rounding as rows.

use std::fmt::Write as _;

use en16931::invoice::{Code, DocumentAllowanceCharge, InvoiceLine, LineAllowanceCharge};
use en16931::{DocumentReference, Identifier, InvoiceAmount, Percentage};
use kleer_model::sums::row_net;
use kleer_model::{AccrualPeriod, Cents, ClientInvoiceRow, CustomField, Discount, ProductId, Rate};
use rust_decimal::Decimal;

use super::Work;
use super::notes::{identified, in_field};
use super::values::line_values;
use crate::catalogue::{By, Choice, percent_of, unit_price};
use crate::labels::Label;
use crate::report::{Fate, RemarkCode};
use crate::source::{cents, naive_date};
use crate::{Prepaid, ReasonCode};

const DESCRIPTION: Fate = Fate::carried("rows/row/description");
const ROW: Fate = Fate::mapped("rows/row");
const PRODUCT: Fate = Fate::mapped("rows/row/product");
const VAT: Fate = Fate::mapped("rows/row/vat");

/// Quantity and price of a row that add up exactly.
struct Exact {
    quantity: Decimal,
    price: Cents,
    /// All allowances together, as a discount; `None` if they are rows of their own.
    discount: Option<Cents>,
}

/// An allowance or charge, of a line or of the document.
struct Part<'a> {
    base: Option<InvoiceAmount>,
    percentage: Option<Percentage>,
    reason: Option<&'a str>,
    reason_code: Option<&'a Code>,
}

impl<'a> From<&'a LineAllowanceCharge> for Part<'a> {
    fn from(part: &'a LineAllowanceCharge) -> Self {
        Self {
            base: part.base_amount,
            percentage: part.percentage,
            reason: part.reason.as_deref(),
            reason_code: part.reason_code.as_ref(),
        }
    }
}

impl<'a> From<&'a DocumentAllowanceCharge> for Part<'a> {
    fn from(part: &'a DocumentAllowanceCharge) -> Self {
        Self {
            base: part.base_amount,
            percentage: part.percentage,
            reason: part.reason.as_deref(),
            reason_code: part.reason_code.as_ref(),
        }
    }
}

/// The rows so far, with the VAT percentage of each.
#[derive(Default)]
struct Rows {
    rows: Vec<ClientInvoiceRow>,
    percents: Vec<Decimal>,
}

impl<'a> Work<'a> {
    /// All rows with their VAT percentages.
    pub(super) fn rows(&mut self) -> (Vec<ClientInvoiceRow>, Vec<Decimal>) {
        let mut rows = Rows::default();
        rows.rows.reserve(self.invoice.lines.len() + 2);
        rows.percents.reserve(self.invoice.lines.len() + 2);
        let invoice = self.invoice;
        for (at, line) in invoice.lines.iter().enumerate() {
            self.line(at, line, &mut rows);
        }
        for allowance in &invoice.allowances {
            self.document_part(allowance, Label::Allowance, &mut rows);
        }
        for charge in &invoice.charges {
            self.document_part(charge, Label::Charge, &mut rows);
        }
        self.rounding(&mut rows);
        self.deduct_paid(&mut rows);
        (rows.rows, rows.percents)
    }

    /// The product of a choice; a refused one leaves id 0 in an invoice that is refused.
    pub(super) fn product(
        &mut self,
        choice: Choice,
        line: Option<usize>,
    ) -> (ProductId, Option<By>) {
        match choice {
            Choice::Product { id, by } => (id, Some(by)),
            Choice::Create(product) => {
                let text = format!("the product {:?} has to be created", product.foreign_id);
                let term = if product.foreign_id.starts_with("kleer-connect:") {
                    151
                } else {
                    155
                };
                self.refuse(ReasonCode::ProductToCreate, term, line, text);
                // The next row that needs the same product is judged as if it existed.
                self.chooser.plan(*product);
                (ProductId(0), None)
            }
            Choice::Refuse { code, term, text } => {
                self.refuse(code, term, line, text);
                (ProductId(0), None)
            }
        }
    }

    fn row(
        &self,
        product: ProductId,
        quantity: Decimal,
        price: Cents,
        text: String,
        percent: Decimal,
    ) -> ClientInvoiceRow {
        let mut row = ClientInvoiceRow::new(product, quantity, price, text);
        row.vat = Rate::from_percent(percent, self.catalogue.rate_unit());
        row
    }

    /// The VAT rate of a line in percent; a line without rate or amount is refused.
    pub(super) fn line_percent(&mut self, at: usize, line: &InvoiceLine) -> Decimal {
        let place = Some(at);
        if !self.ledger.is_open(131, place) {
            self.refuse(
                ReasonCode::MissingTerm,
                131,
                place,
                "the line has no readable amount",
            );
        }
        percent_of(&line.vat).unwrap_or_else(|| {
            self.refuse(
                ReasonCode::MissingTerm,
                152,
                place,
                "the line has no VAT rate",
            );
            Decimal::ZERO
        })
    }

    fn line(&mut self, at: usize, line: &'a InvoiceLine, rows: &mut Rows) {
        let place = Some(at);
        let percent = self.line_percent(at, line);
        let choice = self.chooser.for_line(line, percent);
        let (product, by) = self.product(choice, place);
        let exact = self.exact(line);
        let mut description = self.description(at, line, by);
        self.mark_amounts(at, line, exact.as_ref());
        if let Some(exact) = exact {
            if exact.discount.is_some() {
                for allowance in &line.allowances {
                    let text = self.part(&Part::from(allowance), Label::Allowance, 136, place);
                    append(&mut description, &text);
                }
            }
            let mut row = self.row(product, exact.quantity, exact.price, description, percent);
            let unit = self.settings.unit_text(line.unit_code.as_str());
            unit.clone_into(&mut row.unit);
            row.discount = exact.discount.map(Discount::Absolute);
            self.line_period(at, line, &mut row);
            self.row_fields(at, line, &mut row);
            rows.push(row, percent);
            if exact.discount.is_none() {
                for allowance in &line.allowances {
                    let text = self.part(&Part::from(allowance), Label::Allowance, 136, place);
                    let row = self.part_row(product, allowance.amount, -self.sign, text, percent);
                    rows.push(row, percent);
                }
            }
            for charge in &line.charges {
                let text = self.part(&Part::from(charge), Label::Charge, 141, place);
                let row = self.part_row(product, charge.amount, self.sign, text, percent);
                rows.push(row, percent);
            }
        } else {
            self.quantity_in_words(line, &mut description);
            for allowance in &line.allowances {
                let text = self.part(&Part::from(allowance), Label::Allowance, 136, place);
                append(&mut description, &format!("{text} -{}", allowance.amount));
            }
            for charge in &line.charges {
                let text = self.part(&Part::from(charge), Label::Charge, 141, place);
                append(&mut description, &format!("{text} +{}", charge.amount));
            }
            let mut row = self.part_row(product, line.net_amount, self.sign, description, percent);
            self.line_period(at, line, &mut row);
            self.row_fields(at, line, &mut row);
            rows.push(row, percent);
            self.remark(
                RemarkCode::LinePostedAsTotal,
                131,
                place,
                "quantity x price does not give the line's amount in whole cents; posted as one \
                 item at the line's amount",
            );
        }
    }

    /// The terms of the line that custom fields take.
    fn row_fields(&mut self, at: usize, line: &InvoiceLine, row: &mut ClientInvoiceRow) {
        let mut fields: Vec<CustomField> = Vec::new();
        for place in 0..self.row_fields.len() {
            let (term, alias) = self.row_fields[place];
            let values = line_values(line, term);
            for _ in &values {
                let fate = in_field("rows/row/fields/field", alias);
                self.ledger.mark_open(term, Some(at), fate);
            }
            if values.is_empty() {
                continue;
            }
            let value = values.join(", ");
            match fields.iter_mut().find(|field| field.alias == alias) {
                Some(field) => append(&mut field.value, &value),
                None => fields.push(CustomField::new(alias, value)),
            }
        }
        row.fields = (!fields.is_empty()).then_some(fields);
    }

    /// A row of quantity 1 or -1 for an amount.
    fn part_row(
        &mut self,
        product: ProductId,
        amount: InvoiceAmount,
        sign: Decimal,
        text: String,
        percent: Decimal,
    ) -> ClientInvoiceRow {
        let amount = cents(amount);
        let (quantity, price) = if amount < Cents::ZERO {
            let positive = amount.checked_neg().unwrap_or_else(|| {
                self.refuse(
                    ReasonCode::OutOfRange,
                    131,
                    None,
                    "an amount is out of range",
                );
                Cents::ZERO
            });
            (-sign, positive)
        } else {
            (sign, amount)
        };
        self.row(product, quantity, price, text, percent)
    }

    /// Quantity x price, if it gives the line's amount in whole cents.
    fn exact(&self, line: &InvoiceLine) -> Option<Exact> {
        // A price for another unit than the quantity's (Peppol's R130) is not the row's.
        let other_unit = line.price.base_quantity_code.as_ref();
        if other_unit.is_some_and(|code| !code.is_blank() && *code != line.unit_code) {
            return None;
        }
        let unit = self.catalogue.rate_unit();
        let price = unit_price(line)?;
        let mut quantity = line.quantity.into_decimal().checked_mul(self.sign)?;
        let mut price = Cents::from_decimal_exact(price)?;
        if price < Cents::ZERO {
            // Kleer's price is not negative; a negative price (BR-27) turns the quantity.
            price = price.checked_neg()?;
            quantity = -quantity;
        }
        let sum = |parts: &[LineAllowanceCharge]| {
            parts.iter().try_fold(0i64, |sum, part| {
                sum.checked_add(part.amount.to_minor_units())
            })
        };
        let (allowances, charges) = (sum(&line.allowances)?, sum(&line.charges)?);
        let before = line
            .net_amount
            .to_minor_units()
            .checked_sub(charges)?
            .checked_add(allowances)?;
        let before = if self.sign.is_sign_negative() {
            before.checked_neg()?
        } else {
            before
        };
        if row_net(quantity, price, None, unit).ok()? != Cents(before) {
            return None;
        }
        // A discount on a negative row, or beyond the row's amount, is nothing a reader expects.
        let fits = !line.allowances.is_empty()
            && line
                .allowances
                .iter()
                .all(|part| !part.amount.is_negative())
            && allowances <= before
            && self.sign.is_sign_positive();
        Some(Exact {
            quantity: quantity.normalize(),
            price,
            discount: fits.then_some(Cents(allowances)),
        })
    }

    /// The fates of quantity, price and VAT.
    fn mark_amounts(&mut self, at: usize, line: &InvoiceLine, exact: Option<&Exact>) {
        let place = Some(at);
        let ledger = &mut self.ledger;
        ledger.mark_open(131, place, ROW);
        ledger.mark_open(152, place, VAT);
        if exact.is_some() {
            ledger.mark_open(129, place, Fate::mapped("rows/row/quantity"));
            ledger.mark_open(130, place, Fate::mapped("rows/row/unit"));
            ledger.mark_open(146, place, Fate::mapped("rows/row/price"));
            ledger.mark_open(149, place, Fate::mapped("rows/row/price"));
        } else {
            for term in [129, 130, 146, 149] {
                ledger.mark_open(term, place, DESCRIPTION);
            }
            if line.price.base_quantity.is_some() {
                ledger.mark_open(150, place, DESCRIPTION);
            }
        }
    }

    /// The item's name and everything about the line that has no field.
    fn description(&mut self, at: usize, line: &'a InvoiceLine, by: Option<By>) -> String {
        let place = Some(at);
        let item = &line.item;
        let mut text = String::with_capacity(64);
        let name = Fate::mapped("rows/row/description");
        if let Some(name) = self.take(153, place, item.name.as_deref(), name) {
            text.push_str(name);
        }
        if let Some(more) = self.take_text(154, place, item.description.as_deref(), DESCRIPTION) {
            append(&mut text, more);
        }
        if let Some(note) = self.take_text(127, place, line.note.as_deref(), DESCRIPTION) {
            append(&mut text, note);
        }
        self.chosen(&mut text, at, line, by);
        self.add(
            &mut text,
            156,
            place,
            Label::BuyersItem,
            item.buyer_identifier.as_deref(),
        );
        let standard = item.standard_identifier.as_ref();
        self.add_identifier(&mut text, 157, place, Label::StandardItem, standard);
        for class in &item.classification_identifiers {
            self.add_identifier(&mut text, 158, place, Label::Classification, Some(class));
        }
        let origin = item.origin_country.as_ref().map(Code::as_str);
        self.add(&mut text, 159, place, Label::Origin, origin);
        for attribute in &item.attributes {
            let name = self.take_text(160, place, attribute.name.as_deref(), DESCRIPTION);
            let value = self.take_text(161, place, attribute.value.as_deref(), DESCRIPTION);
            match (name, value) {
                (Some(name), Some(value)) => append_labelled(&mut text, name, value),
                (Some(one), None) | (None, Some(one)) => append(&mut text, one),
                (None, None) => {}
            }
        }
        let object = line.object_identifier.as_ref();
        self.add_identifier(&mut text, 128, place, Label::ObjectIdentifier, object);
        let order = line
            .order_line_reference
            .as_ref()
            .map(DocumentReference::as_str);
        self.add(&mut text, 132, place, Label::OrderLine, order);
        let accounting = line.accounting_reference.as_deref();
        self.add(
            &mut text,
            133,
            place,
            Label::AccountingReference,
            accounting,
        );
        for (term, label, price) in [
            (148, Label::GrossPrice, line.price.gross_price),
            (147, Label::PriceDiscount, line.price.price_discount),
        ] {
            if let Some(price) = price
                && !self.settings.has_custom_field(term)
            {
                self.ledger.mark_open(term, place, DESCRIPTION);
                append(&mut text, &format!("{}: {price}", self.label(label)));
            }
        }
        text
    }

    /// The fates of item id and VAT category, by how the line came to its product.
    fn chosen(&mut self, text: &mut String, at: usize, line: &'a InvoiceLine, by: Option<By>) {
        let place = Some(at);
        let item_id = line.item.seller_identifier.as_deref();
        match by {
            Some(By::ItemId { vat_known }) => {
                self.take(155, place, item_id, PRODUCT);
                if !vat_known {
                    self.remark_unknown_rate(place);
                }
            }
            Some(By::Default) => self.ledger.mark_open(151, place, PRODUCT),
            Some(by) => {
                self.ledger.mark_open(151, place, PRODUCT);
                self.add(text, 155, place, Label::SellersItem, item_id);
                self.remark_rerouted(by, place);
            }
            None => {
                self.take(
                    155,
                    place,
                    item_id,
                    Fate::dropped("the product is not chosen yet"),
                );
            }
        }
    }

    pub(super) fn remark_unknown_rate(&mut self, place: Option<usize>) {
        self.remark(
            RemarkCode::ProductVatUnknown,
            152,
            place,
            "Kleer does not say which VAT rate the product has; not compared",
        );
    }

    pub(super) fn remark_rerouted(&mut self, by: By, place: Option<usize>) {
        let (code, term, words) = match by {
            By::Mismatch => (
                RemarkCode::VatMismatchRerouted,
                152,
                "the product has another VAT rate in Kleer; the default product is used",
            ),
            By::Unknown => (
                RemarkCode::UnknownProductRerouted,
                155,
                "the item id is not in Kleer; the default product is used",
            ),
            By::Default | By::ItemId { .. } => return,
        };
        self.remark(code, term, place, words);
    }

    fn add(
        &mut self,
        text: &mut String,
        term: u16,
        place: Option<usize>,
        label: Label,
        value: Option<&'a str>,
    ) {
        if let Some(value) = self.take_text(term, place, value, DESCRIPTION) {
            let label = self.label(label);
            append_labelled(text, label, value);
        }
    }

    fn add_identifier(
        &mut self,
        text: &mut String,
        term: u16,
        place: Option<usize>,
        label: Label,
        identifier: Option<&'a Identifier>,
    ) {
        let value = identifier.map(Identifier::content);
        if self.take_text(term, place, value, DESCRIPTION).is_some()
            && let Some(identifier) = identifier
        {
            let label = self.label(label);
            append_labelled(text, label, &identified(identifier));
        }
    }

    /// Quantity, unit, price and base quantity of a line that is posted as its total.
    fn quantity_in_words(&self, line: &InvoiceLine, text: &mut String) {
        let mut words = format!(
            "{}: {} {} x {}",
            self.label(Label::QuantityAndPrice),
            line.quantity,
            line.unit_code,
            line.price.net_price
        );
        if let Some(base) = line.price.base_quantity {
            let unit = line
                .price
                .base_quantity_code
                .as_ref()
                .map_or("", Code::as_str);
            let _ = write!(words, " / {}", format!("{base} {unit}").trim_end());
        }
        append(text, &words);
    }

    /// An allowance or charge in words: reason, code, percentage and base. `term` is the number
    /// of its amount; those of base, percentage, reason and code follow it.
    fn part(&mut self, part: &Part<'a>, label: Label, term: u16, place: Option<usize>) -> String {
        self.part_at(
            part,
            label,
            [term, term + 1, term + 2, term + 3, term + 4],
            place,
        )
    }

    fn part_at(
        &mut self,
        part: &Part<'a>,
        label: Label,
        [amount, base, percentage, reason, code]: [u16; 5],
        place: Option<usize>,
    ) -> String {
        self.ledger.mark_open(amount, place, ROW);
        let mut text = self.label(label).to_owned();
        if let Some(reason) = self.take_text(reason, place, part.reason, DESCRIPTION) {
            let _ = write!(text, ": {reason}");
        }
        let given = part.reason_code.map(Code::as_str);
        if let Some(code) = self.take_text(code, place, given, DESCRIPTION) {
            let _ = write!(text, " ({code})");
        }
        if let Some(percent) = part.percentage {
            self.ledger.mark_open(percentage, place, DESCRIPTION);
            let _ = write!(text, " {percent} %");
        }
        if let Some(amount) = part.base {
            self.ledger.mark_open(base, place, DESCRIPTION);
            let _ = write!(text, " {} {amount}", self.label(Label::Of));
        }
        text
    }

    fn line_period(&mut self, at: usize, line: &InvoiceLine, row: &mut ClientInvoiceRow) {
        let Some(period) = &line.period else { return };
        let place = Some(at);
        let (start, end) = (
            period.start.and_then(naive_date),
            period.end.and_then(naive_date),
        );
        if let (Some(start), Some(end)) = (start, end)
            && start <= end
        {
            self.ledger
                .mark(134, place, Fate::mapped("rows/row/period/start-date"));
            self.ledger
                .mark(135, place, Fate::mapped("rows/row/period/end-date"));
            row.period = Some(AccrualPeriod::new(start, end));
            return;
        }
        for (term, label, date) in [(134, Label::PeriodFrom, start), (135, Label::PeriodTo, end)] {
            if let Some(date) = date
                && !self.settings.has_custom_field(term)
            {
                self.ledger.mark(term, place, DESCRIPTION);
                append(
                    &mut row.description,
                    &format!("{}: {date}", self.label(label)),
                );
            }
        }
    }

    /// A document level allowance (BG-20) or charge (BG-21).
    fn document_part(&mut self, part: &'a DocumentAllowanceCharge, label: Label, rows: &mut Rows) {
        let (first, sign) = if label == Label::Charge {
            (99, self.sign)
        } else {
            (92, -self.sign)
        };
        let (product, percent) = self.part_product(part, label);
        let terms = [first, first + 1, first + 2, first + 5, first + 6];
        let text = self.part_at(&Part::from(part), label, terms, None);
        self.ledger.mark_open(first + 3, None, PRODUCT);
        self.ledger.mark_open(first + 4, None, VAT);
        let row = self.part_row(product, part.amount, sign, text, percent);
        rows.push(row, percent);
    }

    /// The product of a document level allowance or charge, and its VAT rate in percent.
    pub(super) fn part_product(
        &mut self,
        part: &DocumentAllowanceCharge,
        label: Label,
    ) -> (ProductId, Decimal) {
        let percent = percent_of(&part.vat).unwrap_or_else(|| {
            let term = if label == Label::Charge { 103 } else { 96 };
            let text = "the document level amount has no VAT rate";
            self.refuse(ReasonCode::MissingTerm, term, None, text);
            Decimal::ZERO
        });
        let category = part.vat.category.as_str();
        let choice = self.chooser.for_part(label, category, percent);
        (self.product(choice, None).0, percent)
    }

    /// BT-113 as a row without VAT, if the settings deduct it.
    fn deduct_paid(&mut self, rows: &mut Rows) {
        let Some(amount) = self.paid_to_deduct() else {
            return;
        };
        if self.is_overpaid(amount) {
            self.refuse_paid();
            return;
        }
        let choice = self.chooser.for_paid();
        let (product, _) = self.product(choice, None);
        self.ledger.mark_open(113, None, ROW);
        let text = self.label(Label::Paid).to_owned();
        let row = self.part_row(product, amount, -self.sign, text, Decimal::ZERO);
        rows.push(row, Decimal::ZERO);
        let text = format!("{amount} is already paid and deducted by a row of its own");
        self.remark(RemarkCode::PrepaidRow, 113, None, text);
    }

    /// Whether more was paid than the total, or something against it: what would be left is a
    /// claim of the buyer's, and another document.
    pub(super) fn is_overpaid(&self, paid: InvoiceAmount) -> bool {
        let gross = self.invoice.totals.gross_total;
        let left = gross.into_decimal() - paid.into_decimal();
        paid.is_negative() != gross.is_negative()
            || !left.is_zero() && left.is_sign_negative() != gross.is_negative()
    }

    /// What a row deducts of BT-113.
    pub(super) fn paid_to_deduct(&self) -> Option<InvoiceAmount> {
        let deduct = self.settings.prepaid == Prepaid::DeductRow;
        let paid = self.invoice.totals.paid.filter(|_| deduct)?;
        (!paid.is_zero()).then_some(paid)
    }

    /// BT-114 as a row without VAT.
    fn rounding(&mut self, rows: &mut Rows) {
        let Some(amount) = self
            .invoice
            .totals
            .rounding
            .filter(|amount| !amount.is_zero())
        else {
            return;
        };
        let choice = self.chooser.for_rounding();
        let (product, _) = self.product(choice, None);
        self.ledger.mark_open(114, None, ROW);
        let text = self.label(Label::Rounding).to_owned();
        let row = self.part_row(product, amount, self.sign, text, Decimal::ZERO);
        rows.push(row, Decimal::ZERO);
        let text = format!("the rounding amount {amount} is a row of its own");
        self.remark(RemarkCode::RoundingRow, 114, None, text);
    }
}

impl Rows {
    fn push(&mut self, row: ClientInvoiceRow, percent: Decimal) {
        self.rows.push(row);
        self.percents.push(percent);
    }
}

fn append_labelled(text: &mut String, label: &str, value: &str) {
    append(text, label);
    text.push_str(": ");
    text.push_str(value);
}

/// Adds a part of a description. One line, because Kleer prints a row's description as one.
fn append(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str("; ");
    }
    text.push_str(more);
}
