//! What sets the types of clients, suppliers, projects, time and access apart.
#![allow(clippy::unwrap_used, reason = "tests")]

use chrono::NaiveDate;
use kleer_model::{
    AccessType, AccessibleCompany, ActivityId, BankAccountId, Cents, ClientAgreement,
    ClientAgreementRow, ClientId, ClientProjectId, ClientProjectReadable, ClientProjectWritable,
    CompanyId, DebtorBankAccount, Document, EventId, EventReadable, EventStatus, EventStatusType,
    EventWritable, File, InvoiceDay, List, Nillable, Revealed, SupplierId, SupplierInvoice,
    SupplierInvoiceAccountWritable, SupplierInvoiceDepositAccountType, SupplierInvoiceId,
    SupplierInvoicePayee, SupplierInvoiceReminderType, SupplierInvoiceTotal,
    SupplierInvoiceWritable, Token, TokenCompany, Translation, Translations, UserAuthentication,
    UserId, VatCodeType,
};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn supplier_invoice() -> SupplierInvoiceWritable {
    SupplierInvoiceWritable::new(
        SupplierId(8),
        SupplierInvoicePayee::new(SupplierInvoiceDepositAccountType::BankGiro, "9912346"),
        day(1),
        day(30),
        SupplierInvoiceTotal::new(
            Cents(125_000),
            Cents(25_000),
            "EUR",
            "11.25".parse().unwrap(),
        ),
        vec![SupplierInvoiceAccountWritable::new(6540, Cents(100_000))],
        vec![File::new("1017.pdf", b"%PDF-1.7".to_vec())],
    )
}

fn again<T: Document>(value: &T) -> T {
    T::from_xml(value.to_xml().unwrap().as_bytes()).unwrap()
}

#[test]
fn debug_shows_no_secret() {
    let login = UserAuthentication::new("tolvan@example.com", "s3cret");
    let token = Token::new(
        TokenCompany::new(CompanyId(1), "Exempel AB"),
        "s3cret",
        true,
    );
    let company = AccessibleCompany::new(CompanyId(1), "Exempel AB", "s3cret", "SEK");
    let hidden = [
        format!("{login:?}"),
        format!("{token:#?}"),
        format!("{company:?}"),
        format!("{:?}", List::from(vec![token.clone()])),
        format!("{:?}", List::from(vec![company])),
    ];
    for debug in hidden {
        assert!(!debug.contains("s3cret"), "{debug}");
        assert!(!debug.contains("tolvan"), "{debug}");
    }
    // The value is there, so the test above can fail.
    assert!(format!("{:?}", Revealed(&token)).contains("s3cret"));
}

#[test]
fn an_agreement_says_by_nil_that_it_has_no_end() {
    let row = ClientAgreementRow::new(1.into(), Cents(49_900), "st", "Support");
    let (start, each) = (day(1), InvoiceDay::PayAtStart);
    let mut agreement = ClientAgreement::new(ClientId(17), start, 3, each, "SEK", vec![row]);
    let xml = agreement.to_xml().unwrap();
    assert_eq!(xml.matches("nil=\"true\"").count(), 4, "{xml}");
    assert_eq!(again(&agreement).end_date, None);

    agreement.end_date = Some(day(30));
    assert_eq!(again(&agreement).end_date, Some(day(30)));
    // Absent is not nil: the schema demands the element.
    let xml = agreement.to_xml().unwrap();
    let without = xml.replace("<end-date>2026-11-30</end-date>", "");
    assert_ne!(xml, without);
    let error = ClientAgreement::from_xml(without.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("end-date"), "{error}");
}

#[test]
fn a_vat_code_is_absent_nil_or_a_value() {
    let mut invoice = supplier_invoice();
    for (code, xml) in [
        (Nillable::Absent, None),
        (Nillable::Nil, Some("nil=\"true\"")),
        (
            Nillable::Value(VatCodeType::ThreeFeu),
            Some("<vat-code>_3FEU</vat-code>"),
        ),
    ] {
        invoice.accounts[0].vat_code = code;
        let written = invoice.to_xml().unwrap();
        assert_eq!(written.contains("vat-code"), xml.is_some());
        assert!(written.contains(xml.unwrap_or_default()));
        assert_eq!(again(&invoice), invoice);
    }
}

#[test]
fn a_supplier_invoice_needs_a_file_and_an_account() {
    for damage in [
        (|invoice| invoice.files.clear()) as fn(&mut SupplierInvoiceWritable),
        |invoice| invoice.accounts.clear(),
    ] {
        let mut invoice = supplier_invoice();
        assert!(invoice.to_xml().is_ok());
        damage(&mut invoice);
        assert!(invoice.to_xml().is_err());
    }
    assert!(Translations::new(vec![]).to_xml().is_err());
    assert!(
        Translations::new(vec![Translation::new("a", "b")])
            .to_xml()
            .is_ok()
    );
}

#[test]
fn a_paying_account_is_one_of_two() {
    let mut invoice = supplier_invoice();
    for (account, xml) in [
        (
            DebtorBankAccount::Bankgiro("9912346".to_owned()),
            "<bank-account><bankgiro>9912346</bankgiro></bank-account>",
        ),
        (
            DebtorBankAccount::Reference(BankAccountId(5).into()),
            "<bank-account><reference><id>5</id></reference></bank-account>",
        ),
    ] {
        invoice.bank_account = Some(account);
        assert!(invoice.to_xml().unwrap().contains(xml));
        assert_eq!(again(&invoice), invoice);
    }
}

#[test]
fn what_was_written_can_be_made_readable() {
    let mut invoice = supplier_invoice();
    invoice.bank_account = Some(DebtorBankAccount::Reference(BankAccountId(5).into()));
    invoice.accounts[0].vat_code = Nillable::Value(VatCodeType::I);
    let read = SupplierInvoice::from_writable(SupplierInvoiceId(3), invoice);
    assert_eq!(again(&read), read);
    assert_eq!(
        (read.id, read.supplier_ref.id),
        (SupplierInvoiceId(3), SupplierId(8))
    );
    assert_eq!(
        (read.amount, read.vat, read.remaining),
        (Cents(125_000), Cents(25_000), Cents(125_000))
    );
    assert_eq!(
        (
            read.currency.as_str(),
            read.currency_rate.to_string().as_str()
        ),
        ("EUR", "11.25")
    );
    assert_eq!(
        (read.accounting_date, read.due_date, read.payment_date),
        (day(1), day(30), day(30))
    );
    assert_eq!(read.deposit_account_nr, "9912346");
    assert_eq!(read.bank_account_ref, Some(BankAccountId(5).into()));
    assert_eq!(read.reminder_type, SupplierInvoiceReminderType::None);
    assert_eq!(read.accounts[0].vat_code, Some(VatCodeType::I));

    let mut event = EventWritable::new("t-1", UserId(21), ActivityId(4), day(2), 8.into());
    event.internal_comment = Some("intern".to_owned());
    let status = EventStatus::new(EventStatusType::Certified, UserId(1), day(3));
    let read = EventReadable::from_writable(EventId(7), event, status);
    assert_eq!(again(&read), read);
    assert_eq!(
        (read.id.id, read.user.id, read.date),
        (EventId(7), UserId(21), day(2))
    );
    assert_eq!(
        (read.internal_comment.as_str(), read.approved),
        ("intern", true)
    );

    let mut project = ClientProjectWritable::new(ClientId(17), "P-104", "Ny webbplats");
    project.broker_client = Nillable::Value(ClientId(18).into());
    let read = ClientProjectReadable::from_writable(ClientProjectId(90), project);
    assert_eq!(again(&read), read);
    assert_eq!(
        read.broker_client.map(|client| client.id),
        Some(ClientId(18))
    );
    assert_eq!((read.number.as_str(), read.all_users), ("P-104", true));
}

#[test]
fn enumerations_know_every_value_of_the_schema_and_keep_others() {
    assert_eq!(VatCodeType::KNOWN.len(), 52);
    assert_eq!(AccessType::KNOWN.len(), 42);
    assert_eq!(
        AccessType::from("ResultreportOwn").as_str(),
        "ResultreportOwn"
    );
    // A value of the schema that is named like the place for unknown ones.
    let other = SupplierInvoiceDepositAccountType::from("Other");
    assert_eq!(other, SupplierInvoiceDepositAccountType::OtherAccount);
}
