//! Supplier invoices.

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::records::Record;
use crate::resource::{self, Resource};
use crate::state::Books;

const INVOICES: &str = "supplier-invoices";

/// How a PDF begins, in hexadecimal.
const PDF: &str = "255044462D";

fn kind() -> Result<&'static Resource, Refusal> {
    resource::kind("supplier_invoice")
}

pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    resource::create(books, call, kind()?, &|books, invoice, _| {
        completed(books, invoice)
    })
}

/// What is read of an invoice is named and nested otherwise than what is written.
fn completed(books: &Books, invoice: &mut Element) -> Result<(), Refusal> {
    let files = invoice.child("files");
    let is_pdf = |file: &Element| {
        let data = file.text_at("data").unwrap_or_default();
        data.get(..PDF.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(PDF))
    };
    if !files
        .into_iter()
        .flat_map(|files| &files.children)
        .all(is_pdf)
    {
        return Err(illegal(
            "supplier-invoice-writeable/files: only PDF files are accepted",
        ));
    }
    if let Some(account) = invoice.child("bank-account").cloned() {
        let wanted = account.id_at("reference/id").or_else(|| {
            let bankgiro = account.text_at("bankgiro")?;
            let mut accounts = books.records.all("bank-accounts");
            accounts
                .find(|(_, record)| record.item.text_at("bankgiro") == Some(bankgiro))
                .map(|(id, _)| id)
        });
        let Some(id) = wanted else {
            return Err(illegal(
                "supplier-invoice-writeable/bank-account: no bank account has this bankgiro",
            ));
        };
        invoice.put(Element::reference("bank-account-ref", id));
    }
    if let Some(payee) = invoice.child("deposit-account").cloned() {
        invoice.set(
            "deposit-account-type",
            payee.text_at("type").unwrap_or_default(),
        );
        invoice.set(
            "deposit-account-nr",
            payee.text_at("nr").unwrap_or_default(),
        );
    }
    if invoice.text_at("accounting-date").is_none() {
        let day = invoice
            .text_at("invoice-date")
            .unwrap_or_default()
            .to_owned();
        invoice.set("accounting-date", day);
    }
    if let Some(relations) = invoice.child("client-invoice-relations").cloned() {
        invoice.put(relations.named("self-invoice-references"));
    }
    if let Some(accounts) = invoice.child_mut("accounts") {
        for account in &mut accounts.children {
            // Absent is the account's own code, which the sandbox does not know.
            account.remove("project");
        }
    }
    let amount = invoice.text_at("amount").unwrap_or("0").to_owned();
    invoice.set("remaining", amount);
    invoice.set("certified", false);
    Ok(())
}

fn illegal(message: &str) -> Refusal {
    Refusal::business("IllegalArgumentException", message)
}

/// A file with invoices, of which Kleer makes drafts. The sandbox takes it and makes none: it
/// cannot read invoices.
pub(crate) fn upload(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    if call.body.is_empty() {
        return Err(Refusal::bad_request("the request has no file in its body"));
    }
    let number = books.records.next_id("bundles", 0);
    let result = Element::new("supplier-invoice-bundle-create-result").having("nr", number);
    Ok(Answer::element(&result))
}

/// Approves or denies an invoice. One that was denied is not approved any more, and the other way
/// round.
pub(crate) fn approve(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (id, record) = resource::known(books, call, kind()?)?;
    let mut invoice = record.item.clone();
    let sent = call.element()?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    if invoice.is_true_at("certified") {
        return Err(Refusal::business(
            "SupplierInvoiceCertifiedException",
            format!("supplier invoice {id} is certified already"),
        ));
    }
    let mut approval = sent.named("supplier-invoice-approval");
    approval.set("approval-date", books.now());
    let is_approved = approval.text_at("approval-type") == Some("APPROVAL");
    if let Some(approvals) = invoice.child_mut("supplier-invoice-approvals") {
        approvals.children.push(approval);
    }
    invoice.set("certified", is_approved);
    let item = resource::canonical(INVOICES, &invoice)?;
    books.records.put(INVOICES, id, Record { parent: 0, item });
    Ok(Answer::done(call.endpoint, id))
}
