//! Vouchers, revenues, the bank and foundations: what is particular about their types.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::NaiveDate;
use kleer_model::{
    BankAccountId, BankTransaction, BankTransactionDistribution, BankTransactionId, Cents,
    ClientId, ClientInvoiceRowId, Company, CompanyId, CreateFoundationGrantPayment, CurrencyAmount,
    DimensionEntryId, DimensionShare, DimensionsDistribution, Document, Empty, File,
    FoundationGrantId, FoundationRecipient, List, Nillable, ProductId, ReadErrorKind, ReadOptions,
    RevenueCreate, RevenueCreateRow, RevenueExternalId, RevenueId, RevenueLedgerId,
    RevenueOriginalAmount, RevenueReference, VatCodeType, VoucherCurrency, VoucherDetailed,
    VoucherDetailedTransaction, VoucherDimensions, VoucherTransactionReference,
    VoucherTransactionReferenceType, VoucherWritable, VoucherWritableTransaction, WriteErrorKind,
};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 30).unwrap()
}

fn survives<T: Document + PartialEq + std::fmt::Debug>(value: &T) -> String {
    let xml = value.to_xml().unwrap();
    let strict = ReadOptions::default().with_strict(true);
    assert_eq!(
        &T::from_xml_with(xml.as_bytes(), &strict).unwrap(),
        value,
        "{xml}"
    );
    xml
}

#[test]
fn a_transaction_has_two_choices_side_by_side() {
    let mut share = DimensionsDistribution::default();
    share
        .dimension_entry
        .push(DimensionShare::whole(DimensionEntryId(9)));
    let mut foreign = VoucherWritableTransaction::new(1510, Cents(11_000));
    foreign.dimensions = Some(VoucherDimensions::Dimensions(share));
    foreign.currency = Some(VoucherCurrency::CurrencyAmount(CurrencyAmount::new(
        "EUR",
        Cents(1_000),
    )));
    let mut own = VoucherWritableTransaction::new(3001, Cents(-11_000));
    own.vat_code = Nillable::Nil;
    own.currency = Some(VoucherCurrency::CurrencyType("EUR".to_owned()));
    let voucher = VoucherWritable::new("A", day(), "Sale", vec![foreign, own]);
    let xml = survives(&voucher);
    assert!(
        xml.contains(
            "<amount>11000</amount><dimensions><dimension-entry><id>9</id></dimension-entry>\
             </dimensions><currency-amount><currency-type>EUR</currency-type>"
        ),
        "{xml}"
    );

    // One of each choice, not two.
    let both = xml.replace(
        "<currency-type>EUR</currency-type></transaction>",
        "<currency-type>EUR</currency-type><currency-amount><currency-type>EUR</currency-type>\
         <amount>1</amount></currency-amount></transaction>",
    );
    assert_ne!(both, xml);
    let error = VoucherWritable::from_xml(both.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), &ReadErrorKind::Duplicate);
}

#[test]
fn a_vat_code_is_absent_none_or_one() {
    let mut transaction = VoucherWritableTransaction::new(3001, Cents(-100));
    for (code, expected) in [
        (Nillable::Absent, None),
        (Nillable::Nil, Some("nil=\"true\"")),
        (
            Nillable::Value(VatCodeType::from("MP1")),
            Some("<vat-code>MP1</vat-code>"),
        ),
    ] {
        transaction.vat_code = code;
        let voucher = VoucherWritable::new("A", day(), "Sale", vec![transaction.clone()]);
        let xml = survives(&voucher);
        match expected {
            None => assert!(!xml.contains("vat-code"), "{xml}"),
            Some(text) => assert!(xml.contains(text), "{xml}"),
        }
    }
}

#[test]
fn a_reference_without_a_target_is_an_empty_element() {
    let kinds = [
        (
            VoucherTransactionReferenceType::None(Empty::default()),
            "<none/>",
        ),
        (
            VoucherTransactionReferenceType::Elsewhere(Empty::default()),
            "<other/>",
        ),
        (
            VoucherTransactionReferenceType::ClientInvoiceRow(ClientInvoiceRowId(4).into()),
            "<client-invoice-row><id>4</id></client-invoice-row>",
        ),
    ];
    let amount = Cents(100);
    for (kind, text) in kinds {
        let currency_amount = CurrencyAmount::new("SEK", amount);
        let reference = VoucherTransactionReference::new(kind, 7, amount, currency_amount);
        let transaction = VoucherDetailedTransaction::new(1510, 6, amount, vec![reference]);
        let voucher = VoucherDetailed::new("A", 1, day(), "Sale", vec![transaction]);
        let xml = survives(&List::from(vec![voucher]));
        assert!(xml.contains(&format!("<type>{text}</type>")), "{xml}");
    }

    // The schema promises at least one reference, so none may be written.
    let bare = VoucherDetailedTransaction::new(1510, 6, amount, Vec::new());
    let voucher = VoucherDetailed::new("A", 1, day(), "Sale", vec![bare]);
    let error = List::from(vec![voucher]).to_xml().unwrap_err();
    assert_eq!(error.kind(), WriteErrorKind::EmptyList);
}

#[test]
fn a_revenue_is_referred_to_by_either_key() {
    let revenue = |debit: RevenueReference| {
        let amount = RevenueOriginalAmount::new(Cents(-100), Cents(-25), "SEK");
        let mut revenue = RevenueCreate::new(
            RevenueLedgerId(1),
            "credit-1",
            "SE",
            day(),
            vec![RevenueCreateRow::new(ProductId(3), amount)],
            File::new("credit.pdf", b"%PDF".to_vec()),
        )
        .with_client(ClientId(17));
        revenue.debit_revenue = Some(debit);
        survives(&revenue)
    };
    // Ids of revenues are longer than other ids.
    let xml = revenue(RevenueId(5_000_000_000).into());
    assert!(xml.contains("<debit-revenue><id>5000000000</id></debit-revenue>"));
    let xml = revenue(RevenueExternalId::new("sale-1", RevenueLedgerId(1)).into());
    assert!(xml.contains(
        "<debit-revenue><external-id><id>sale-1</id><revenue-ledger><id>1</id></revenue-ledger>\
         </external-id></debit-revenue>"
    ));
}

#[test]
fn a_bank_transaction_may_lack_the_day_of_its_deletion() {
    let company = Company::new(CompanyId(1), "Exempel AB");
    let transaction = BankTransaction::new(
        BankTransactionId(41),
        BankAccountId(2),
        company,
        day(),
        Cents(-500),
    );
    let xml = survives(&transaction);
    let without = xml.replace("<deleted-date>0001-01-01</deleted-date>", "");
    assert_ne!(without, xml);
    let read = BankTransaction::from_xml(without.as_bytes()).unwrap();
    assert_eq!(read.deleted_date, None);
    assert_eq!(read.remaining_amount, Cents(-500));
    // But it cannot be written without, because the schema has it.
    assert!(read.to_xml().is_err());
}

#[test]
fn a_distribution_names_what_it_pays() {
    let mut part =
        BankTransactionDistribution::new(1, CurrencyAmount::new("SEK", Cents(5)), Cents(5), day());
    part.revenue = Some(RevenueId(8).into());
    let xml = survives(&List::from(vec![part]));
    assert!(xml.contains("<revenue><id>8</id></revenue>"), "{xml}");
}

#[test]
fn who_is_paid_is_hidden_from_debug() {
    let recipient = FoundationRecipient::new("Anna Andersson", "189001019802");
    let payment =
        CreateFoundationGrantPayment::new(FoundationGrantId(1), "payment-1", recipient, Cents(100));
    let shown = format!("{payment:?}");
    assert!(shown.contains("payment-1"), "{shown}");
    for secret in ["Anna", "189001019802"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    survives(&payment);
}
