//! Client invoices: drafts, what is taken from the client and the products, sums, credits, lists.

use std::fmt::Write;

use kleer_model::sums::{self, Sums};
use kleer_model::{
    Cents, Client, ClientId, ClientInvoice, ClientInvoiceId, ClientInvoicePaymentWritable,
    ClientInvoiceReference, ClientInvoiceRow, ClientInvoiceTemplateReference, Created, Deleted,
    DimensionShare, DimensionsDistribution, EdiPeriodType, List, Page, Product, Saved,
};
use rust_decimal::Decimal;

use crate::answer::{Answer, Refusal};
use crate::call::{Call, Query};
use crate::state::{Books, Ids};

pub(crate) fn list(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::parse(&call.query)?;
    let ignore_files = call.query.flag("ignoreFiles")?;

    let matching: Vec<_> = books
        .client_invoices
        .values()
        .filter(|invoice| filter.admits(invoice))
        .collect();
    let size = matching.len();
    let most = books.page_limit.unwrap_or(usize::MAX);
    let limit = call.query.number("limit")?.unwrap_or(most).min(most);
    let offset = call.query.number("offset")?.unwrap_or(0).min(size);
    let items: Vec<_> = matching
        .into_iter()
        .skip(offset)
        .take(limit)
        .map(|invoice| shown(books, invoice, ignore_files))
        .collect();
    let attribute = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let page = Page::new(attribute(offset), attribute(items.len()), attribute(size));
    let mut list = List::from(items);
    list.page = Some(page);
    Answer::document(&list)
}

pub(crate) fn read(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    Answer::document(&shown(books, known(books, call.id()?)?, false))
}

pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut invoice: ClientInvoice = call.document()?;
    let defaults = DimensionDefaults {
        from_product: call.query.flag("defaultDimensionsFromProduct")?,
        from_client: call.query.flag("defaultDimensionsFromClient")?,
    };
    defaults.apply(books, &mut invoice);
    let mut invoice = accepted(books, invoice, None)?;
    number_rows(&mut books.ids, &mut invoice);
    let id = books.ids.client_invoice();
    invoice.id = id;
    books.client_invoices.insert(id, invoice);
    Answer::document(&Created::new(id.0))
}

pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.id()?;
    let before = known(books, id)?;
    changeable(before)?;
    let mut invoice = accepted(books, call.document()?, Some(before))?;
    number_rows(&mut books.ids, &mut invoice);
    invoice.id = id;
    books.client_invoices.insert(id, invoice);
    Answer::document(&Saved::new(Some(id.0)))
}

pub(crate) fn delete(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.id()?;
    changeable(known(books, id)?)?;
    if let Some(invoice) = books.client_invoices.get_mut(&id) {
        invoice.disabled = true;
    }
    Answer::document(&Deleted::new(Some(id.0)))
}

/// Certifies a draft, as a user does in Kleer: it gets its number, and is open for payment.
/// Returns the number, also of an invoice that is certified already.
pub(crate) fn certify(books: &mut Books, id: ClientInvoiceId) -> Option<i32> {
    let number = books.next_invoice_number();
    let invoice = books.client_invoices.get_mut(&id)?;
    if invoice.disabled {
        return None;
    }
    if !invoice.certified {
        invoice.certified = true;
        invoice.invoice_nr = number;
        invoice.remaining = gross(invoice)?;
        books.certified_numbers.insert(number);
    }
    Some(invoice.invoice_nr)
}

/// Marks a certified invoice as sent; false if there is none.
pub(crate) fn send(books: &mut Books, id: ClientInvoiceId) -> bool {
    match books.client_invoices.get_mut(&id) {
        Some(invoice) if invoice.certified => {
            invoice.sent = true;
            true
        }
        _ => false,
    }
}

/// Certifies the draft of the path. What is certified already stays as it is.
pub(crate) fn certify_by_call(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id: ClientInvoiceId = call.id()?;
    known(books, id)?;
    match certify(books, id) {
        Some(_) => Ok(Answer::done(call.endpoint, id.0.into())),
        None => Err(Refusal::business(
            "ClientInvoiceDisabledException",
            format!("client invoice {id} has been deleted"),
        )),
    }
}

/// Sends the certified invoice of the path.
pub(crate) fn send_by_call(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id: ClientInvoiceId = call.id()?;
    known(books, id)?;
    if send(books, id) {
        return Ok(Answer::done(call.endpoint, id.0.into()));
    }
    Err(Refusal::business(
        "ClientInvoiceNotCertifiedException",
        format!("client invoice {id} is not certified and cannot be sent"),
    ))
}

/// Books a payment: what remains to be paid becomes less.
pub(crate) fn pay(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id: ClientInvoiceId = call.id()?;
    let payment: ClientInvoicePaymentWritable = call.document()?;
    let invoice = known(books, id)?;
    if !invoice.certified {
        return Err(Refusal::business(
            "ClientInvoiceNotCertifiedException",
            format!("client invoice {id} is not certified and cannot be paid"),
        ));
    }
    let remaining = Cents(invoice.remaining.0.saturating_sub(payment.invoice_amount.0));
    let is_too_much = (remaining.0 < 0) != (invoice.remaining.0 < 0) && remaining.0 != 0;
    if is_too_much {
        return Err(Refusal::business(
            "IllegalArgumentException",
            "client-invoice-payment-writable/invoice-amount is more than what remains to be paid",
        ));
    }
    if let Some(invoice) = books.client_invoices.get_mut(&id) {
        invoice.remaining = remaining;
        invoice.last_payment_date = Some(payment.date);
    }
    let number = books.records.next_id("client-invoice-payments", 25_000);
    Ok(Answer::done(call.endpoint, number))
}

/// The invoice as it is printed: one line of text, but a real PDF.
pub(crate) fn print(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let invoice = known(books, call.id()?)?;
    let line = format!("Client invoice {} of the sandbox", invoice.id);
    Ok(Answer::Bytes("application/pdf", pdf(&line)))
}

/// A page with one line of ASCII.
fn pdf(line: &str) -> Vec<u8> {
    let content = format!("BT /F1 18 Tf 72 760 Td ({line}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
         /Resources<</Font<</F1 5 0 R>>>>>>"
            .to_owned(),
        format!(
            "<</Length {}>>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut document = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(document.len());
        // Writing to a string cannot fail.
        let _ = writeln!(document, "{} 0 obj\n{object}\nendobj", index + 1);
    }
    let table = document.len();
    let _ = writeln!(
        document,
        "xref\n0 {}\n0000000000 65535 f ",
        places.len() + 1
    );
    for place in &places {
        let _ = writeln!(document, "{place:010} 00000 n ");
    }
    let _ = writeln!(
        document,
        "trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF",
        places.len() + 1
    );
    document.into_bytes()
}

fn known(books: &Books, id: ClientInvoiceId) -> Result<&ClientInvoice, Refusal> {
    books
        .client_invoices
        .get(&id)
        .ok_or_else(|| Refusal::not_found(format!("there is no client invoice {id}")))
}

/// A certified invoice is booked, a disabled one is gone: neither is changed any more.
fn changeable(invoice: &ClientInvoice) -> Result<(), Refusal> {
    if invoice.certified {
        return Err(Refusal::business(
            "ClientInvoiceCertifiedException",
            format!(
                "client invoice {} is certified and cannot be changed; credit it",
                invoice.id
            ),
        ));
    }
    if invoice.disabled {
        return Err(Refusal::business(
            "ClientInvoiceDisabledException",
            format!("client invoice {} has been deleted", invoice.id),
        ));
    }
    Ok(())
}

/// An invoice as it is read: with the invoices that credit it, and with or without its files.
pub(crate) fn shown(books: &Books, invoice: &ClientInvoice, ignore_files: bool) -> ClientInvoice {
    let mut shown = invoice.clone();
    if ignore_files {
        shown.files = None;
    }
    if invoice.certified {
        let credits: Vec<_> = books
            .client_invoices
            .values()
            .filter(|credit| {
                credit.debit_invoice_nr == Some(invoice.invoice_nr) && !credit.disabled
            })
            .map(|credit| ClientInvoiceReference::new(credit.id))
            .collect();
        shown.credit_invoices = (!credits.is_empty()).then_some(credits);
    }
    shown
}

/// What is stored of an invoice that was sent.
fn accepted(
    books: &Books,
    mut invoice: ClientInvoice,
    before: Option<&ClientInvoice>,
) -> Result<ClientInvoice, Refusal> {
    let client = usable_client(books, invoice.client_ref.id, before)?;
    if let Some(end_client) = reference(invoice.end_client.take(), |reference| reference.id.0) {
        usable_client(books, end_client.id, before)?;
        invoice.end_client = Some(end_client);
    }
    check_currency(&invoice.currency)?;
    if let Some(EdiPeriodType::Other(_)) = invoice.edi_period_type {
        return Err(Refusal::business(
            "IllegalArgumentException",
            "client-invoice/edi-period-type is not Row, Invoice or None",
        ));
    }
    let sums = priced(books, &mut invoice.rows)?;
    invoice.amount = Some(sums.net);
    invoice.vat = Some(sums.vat);
    let gross = gross(&invoice).ok_or_else(out_of_range)?;
    check_credit(books, &mut invoice, gross)?;
    fill_from(books, client, before, gross, &mut invoice)?;
    forget_read_only(&mut invoice);
    Ok(invoice)
}

fn usable_client<'a>(
    books: &'a Books,
    id: ClientId,
    before: Option<&ClientInvoice>,
) -> Result<&'a Client, Refusal> {
    let client = books.clients.get(&id).ok_or_else(|| {
        Refusal::business(
            "ClientDoesNotExistException",
            format!("client-invoice/client-ref: there is no client {id}"),
        )
    })?;
    // A draft outlives its client's retirement; a new one is not made for a retired client.
    let is_kept = before.is_some_and(|before| before.client_ref.id == id);
    if client.active == Some(false) && !is_kept {
        return Err(Refusal::business(
            "ClientNotActiveException",
            format!("client {id} is not active"),
        ));
    }
    Ok(client)
}

fn check_currency(currency: &str) -> Result<(), Refusal> {
    if currency.len() == 3 && currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(Refusal::business(
        "IllegalArgumentException",
        "client-invoice/currency is not three capital letters (ISO 4217)",
    ))
}

/// Gives every row the VAT rate and the account of its product, and adds the rows up.
fn priced(books: &Books, rows: &mut [ClientInvoiceRow]) -> Result<Sums, Refusal> {
    let mut nets: Vec<(Cents, Decimal)> = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter_mut().enumerate() {
        let place = format!("client-invoice/rows/row[{}]", index + 1);
        let product = product_of(books, row).ok_or_else(|| {
            Refusal::business(
                "ProductDoesNotExistException",
                format!("{place}/product: there is no product {}", row.product.id),
            )
        })?;
        row.vat = product.vat_percentage.unwrap_or_default();
        row.account_nr = product.account_nr.unwrap_or_default();
        let net = sums::row_net(
            row.quantity,
            row.price,
            row.discount.as_ref(),
            books.rate_unit,
        )
        .map_err(|error| {
            Refusal::business("IllegalArgumentException", format!("{place}: {error}"))
        })?;
        nets.push((net, row.vat.to_percent(books.rate_unit)));
    }
    Sums::of(nets).map_err(|_| out_of_range())
}

fn product_of<'a>(books: &'a Books, row: &ClientInvoiceRow) -> Option<&'a Product> {
    books.products.get(&row.product.id)
}

fn gross(invoice: &ClientInvoice) -> Option<Cents> {
    invoice
        .amount
        .unwrap_or_default()
        .checked_add(invoice.vat.unwrap_or_default())
}

fn out_of_range() -> Refusal {
    Refusal::business("ArithmeticException", "the invoice's sums are out of range")
}

/// An invoice that names the invoice it credits must name a certified one; one with a negative
/// total must name one. The number 0 is what others send for "none".
fn check_credit(books: &Books, invoice: &mut ClientInvoice, gross: Cents) -> Result<(), Refusal> {
    invoice.debit_invoice_nr = invoice.debit_invoice_nr.filter(|number| *number != 0);
    match invoice.debit_invoice_nr {
        Some(number) if !books.certified_numbers.contains(&number) => Err(Refusal::business(
            "ClientInvoiceDoesNotExistException",
            format!("client-invoice/debit-invoice-nr: there is no certified invoice {number}"),
        )),
        None if gross < Cents::ZERO => Err(Refusal::business(
            "IllegalArgumentException",
            "client-invoice/debit-invoice-nr is required, because the total is negative: \
             a credit invoice names the invoice it credits",
        )),
        _ => Ok(()),
    }
}

/// Fills what was left out from the client (new invoices) or from what is stored (updates).
fn fill_from(
    books: &Books,
    client: &Client,
    before: Option<&ClientInvoice>,
    gross: Cents,
    invoice: &mut ClientInvoice,
) -> Result<(), Refusal> {
    let (delivery_type, vat_nr, country_code) = match before {
        Some(before) => (
            before.delivery_type.clone(),
            before.vat_nr.clone(),
            before.country_code.clone(),
        ),
        None => (
            client
                .delivery_type
                .clone()
                .or_else(|| books.default_delivery_type()),
            client.vat_nr.clone(),
            Some(client.country_code.clone()),
        ),
    };
    fill(&mut invoice.delivery_type, delivery_type);
    fill(&mut invoice.vat_nr, vat_nr);
    fill(&mut invoice.country_code, country_code);
    if invoice.files.is_none() {
        invoice.files = before.and_then(|before| before.files.clone());
    }
    invoice.approver = match (invoice.approver.take(), before) {
        (None, None) => client.approver.value().cloned(),
        (approver, _) => reference(approver, |reference| reference.id.0),
    };
    let template = reference(invoice.client_invoice_template_ref.take(), |reference| {
        reference.id.0
    });
    invoice.client_invoice_template_ref = match template {
        Some(template) if !books.templates.iter().any(|known| known.id == template.id) => {
            return Err(Refusal::business(
                "ClientInvoiceTemplateDoesNotExistException",
                format!("there is no client invoice template {}", template.id),
            ));
        }
        Some(template) => Some(template),
        None => client.template.value().cloned().or_else(|| {
            // The company's own: the first for invoices, the last for credits.
            let mut templates = books.templates.iter();
            let own = if gross < Cents::ZERO {
                templates.next_back()
            } else {
                templates.next()
            };
            own.map(|template| ClientInvoiceTemplateReference::new(template.id))
        }),
    };
    Ok(())
}

/// Empty text says the same as no element.
fn fill(field: &mut Option<String>, default: Option<String>) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = default;
    }
}

/// A reference to id 0 is how integrations write "none".
fn reference<R>(reference: Option<R>, id: impl Fn(&R) -> i32) -> Option<R> {
    reference.filter(|reference| id(reference) != 0)
}

/// What only Kleer sets is as it is for a draft, whatever was sent.
fn forget_read_only(invoice: &mut ClientInvoice) {
    invoice.invoice_nr = 0;
    invoice.credit_invoices = None;
    invoice.aggregated_invoices = None;
    invoice.certified = false;
    invoice.certified_date = None;
    invoice.sent = false;
    invoice.client_agreement_ref = None;
    invoice.remaining = Cents::ZERO;
    invoice.last_payment_date = None;
    invoice.disabled = false;
    invoice.approved = None;
    invoice.invoice_deliveries = None;
    invoice.factoring = None;
    for field in invoice.fields.iter_mut().flatten() {
        field.name = None;
    }
}

/// Rows are replaced as a whole, so that every write gives them new ids.
fn number_rows(ids: &mut Ids, invoice: &mut ClientInvoice) {
    for row in &mut invoice.rows {
        row.id = Some(ids.row());
    }
}

/// The switches of a create that put dimensions on rows that have none.
struct DimensionDefaults {
    from_product: bool,
    from_client: bool,
}

impl DimensionDefaults {
    fn apply(&self, books: &Books, invoice: &mut ClientInvoice) {
        let client = books.clients.get(&invoice.client_ref.id);
        let of_client = client
            .filter(|_| self.from_client)
            .and_then(|c| c.dimension_entries.as_ref());
        for row in &mut invoice.rows {
            if row
                .dimensions
                .as_ref()
                .is_some_and(|known| !known.dimension_entry.is_empty())
            {
                continue;
            }
            let of_product = product_of(books, row)
                .filter(|_| self.from_product)
                .and_then(|product| product.dimension_entries.as_ref());
            let mut distribution = DimensionsDistribution::default();
            for entry in of_product.into_iter().chain(of_client).flatten() {
                let share = DimensionShare::whole(entry.id);
                if !distribution.dimension_entry.contains(&share) {
                    distribution.dimension_entry.push(share);
                }
            }
            if !distribution.dimension_entry.is_empty() {
                row.dimensions = Some(distribution);
            }
        }
    }
}

/// Which invoices a list shows.
struct Filter {
    state: StateFilter,
    from: Option<chrono::NaiveDate>,
    to: Option<chrono::NaiveDate>,
    /// In lower case.
    text: String,
}

#[derive(Clone, Copy)]
enum StateFilter {
    All,
    Certified,
    Certifiable,
    Sendable,
}

impl Filter {
    fn parse(query: &Query) -> Result<Self, Refusal> {
        let state = match query.text("filter").unwrap_or("all") {
            "all" => StateFilter::All,
            "certified" => StateFilter::Certified,
            "certifiable" => StateFilter::Certifiable,
            "sendable" => StateFilter::Sendable,
            _ => {
                return Err(Refusal::bad_request(
                    "the query parameter filter is not all, certified, certifiable or sendable",
                ));
            }
        };
        Ok(Self {
            state,
            from: query.date("invoiceDateLower")?,
            to: query.date("invoiceDateUpper")?,
            text: query.text("query").unwrap_or_default().to_lowercase(),
        })
    }

    fn admits(&self, invoice: &ClientInvoice) -> bool {
        let in_state = match self.state {
            StateFilter::All => true,
            StateFilter::Certified => invoice.certified,
            StateFilter::Certifiable => !invoice.certified && !invoice.disabled,
            StateFilter::Sendable => invoice.certified && !invoice.sent,
        };
        let notes = invoice.notes.as_deref().unwrap_or_default();
        let texts = [
            invoice.foreign_id.as_str(),
            invoice.your_reference.as_str(),
            notes,
        ];
        in_state
            && self.from.is_none_or(|from| invoice.invoice_date >= from)
            && self.to.is_none_or(|to| invoice.invoice_date <= to)
            && texts
                .iter()
                .any(|text| text.to_lowercase().contains(&self.text))
    }
}
