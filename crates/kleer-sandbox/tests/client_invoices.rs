//! Client invoices over HTTP.

mod common;

use common::{CLIENT, PRODUCT, created, date, delete, get, invoice, post, put, row, sandbox, seed};
use kleer_model::{
    Cents, Client, ClientId, ClientInvoice, ClientInvoiceId, ClientInvoiceRow,
    ClientInvoiceTemplateId, CustomField, Deleted, DimensionEntryId, Discount, EdiPeriodType, File,
    List, Nillable, Page, Product, ProductId, Rate, RateUnit, Saved, UserId,
};
use kleer_sandbox::{Sandbox, Seed};

const PATH: &str = "client/invoice";

async fn read(sandbox: &Sandbox, id: i32) -> ClientInvoice {
    get(sandbox, &format!("{PATH}/{id}")).await.document()
}

/// The foreign ids of a list, and its page.
async fn listed(sandbox: &Sandbox, query: &str) -> (Vec<String>, Option<Page>) {
    let list: List<ClientInvoice> = get(sandbox, &format!("{PATH}{query}")).await.document();
    assert!(list.is_complete());
    (
        list.items
            .iter()
            .map(|invoice| invoice.foreign_id.clone())
            .collect(),
        list.page,
    )
}

#[tokio::test]
async fn a_new_invoice_is_a_draft_whatever_it_says() {
    let sandbox = sandbox().await;
    let mut new = invoice(vec![row("8", 95_000)]);
    new.id = ClientInvoiceId(4711);
    new.invoice_nr = 4711;
    new.certified = true;
    new.sent = true;
    new.remaining = Cents(4711);
    new.disabled = true;
    new.factoring = Some(true);
    new.last_payment_date = Some(date("2026-01-01"));
    new.credit_invoices = Some(vec![ClientInvoiceId(1).into()]);
    new.aggregated_invoices = Some(vec![ClientInvoiceId(1).into()]);
    new.rows[0].id = Some(4711);
    let mut field = CustomField::new("kst", "12");
    field.name = Some("Kostnadsställe".to_owned());
    new.fields = Some(vec![field]);
    let id = created(&sandbox, PATH, &new).await;
    assert_ne!(id, 4711);

    let read = read(&sandbox, id).await;
    let mut expected = invoice(vec![row("8", 95_000)]);
    expected.id = ClientInvoiceId(id);
    expected.fields = Some(vec![CustomField::new("kst", "12")]);
    expected.amount = Some(Cents(760_000));
    expected.vat = Some(Cents(190_000));
    expected.client_invoice_template_ref = Some(ClientInvoiceTemplateId(1).into());
    expected.delivery_type = Some("Email".to_owned());
    expected.vat_nr = Some("SE559990001501".to_owned());
    expected.country_code = Some("SE".to_owned());
    expected.rows[0].id = read.rows[0].id;
    expected.rows[0].vat = Rate(25.into());
    expected.rows[0].account_nr = 3041;
    assert_eq!(read, expected);
    assert!(read.rows[0].id.is_some_and(|id| id != 4711));
    assert_eq!(sandbox.client_invoices(), [read]);
}

#[tokio::test]
async fn the_client_must_exist_and_be_active() {
    let mut retired = Client::new("Vilande AB", "SE");
    retired.id = ClientId(18);
    retired.active = Some(false);
    let sandbox = Sandbox::builder()
        .seed(seed().client(retired))
        .start()
        .await
        .unwrap();
    let mut new = invoice(vec![row("1", 100)]);
    new.client_ref = ClientId(99).into();
    let message = put(&sandbox, PATH, &new).await.error(500);
    assert_eq!(
        message,
        "ClientDoesNotExistException: client-invoice/client-ref: there is no client 99"
    );
    new.client_ref = ClientId(18).into();
    assert!(
        put(&sandbox, PATH, &new)
            .await
            .error(500)
            .contains("client 18 is not active")
    );
    new.client_ref = CLIENT.into();
    new.end_client = Some(ClientId(99).into());
    assert!(
        put(&sandbox, PATH, &new)
            .await
            .error(500)
            .contains("client 99")
    );
    new.end_client = Some(ClientId(0).into());
    let id = created(&sandbox, PATH, &new).await;
    assert_eq!(read(&sandbox, id).await.end_client, None);

    // A draft outlives its client's retirement, but does not move to a retired client.
    let mut client = sandbox.clients()[0].clone();
    client.active = Some(false);
    post(&sandbox, "client/17", &client)
        .await
        .document::<Saved>();
    new.end_client = None;
    post(&sandbox, &format!("{PATH}/{id}"), &new)
        .await
        .document::<Saved>();
    new.client_ref = ClientId(18).into();
    post(&sandbox, &format!("{PATH}/{id}"), &new)
        .await
        .error(500);
}

#[tokio::test]
async fn every_row_needs_a_product_that_exists() {
    let sandbox = sandbox().await;
    let unknown = ClientInvoiceRow::new(ProductId(99), 1.into(), Cents(1), "x");
    let message = put(&sandbox, PATH, &invoice(vec![row("1", 100), unknown]))
        .await
        .error(500);
    assert_eq!(
        message,
        "ProductDoesNotExistException: client-invoice/rows/row[2]/product: there is no product 99"
    );
    assert_eq!(sandbox.client_invoices(), []);
}

#[tokio::test]
async fn vat_and_account_come_from_the_product_in_both_units() {
    for unit in [RateUnit::Percent, RateUnit::Fraction] {
        let mut book = Product::new("Bok", "st", Cents(1));
        book.id = ProductId(4);
        book.account_nr = Some(3003);
        book.vat_percentage = Some(Rate::from_percent(6.into(), unit));
        let sandbox = Sandbox::builder()
            .rate_unit(unit)
            .seed(seed().product(book))
            .start()
            .await
            .unwrap();
        let mut standard = row("1", 1_000);
        standard.vat = Rate(99.into());
        standard.account_nr = 1910;
        let book = ClientInvoiceRow::new(ProductId(4), 1.into(), Cents(1_000), "Bok");
        let id = created(&sandbox, PATH, &invoice(vec![standard, book])).await;
        let read = read(&sandbox, id).await;
        let taken: Vec<_> = read
            .rows
            .iter()
            .map(|row| (row.vat.to_percent(unit), row.account_nr))
            .collect();
        assert_eq!(taken, [(25.into(), 3041), (6.into(), 3003)], "{unit:?}");
        assert_eq!(
            (read.amount, read.vat),
            (Some(Cents(2_000)), Some(Cents(310))),
            "{unit:?}"
        );
    }
}

#[tokio::test]
async fn sums_follow_the_rounding_model_with_discounts() {
    let sandbox = sandbox().await;
    let mut absolute = row("1.5", 101); // 151.5 -> 152, less 2
    absolute.discount = Some(Discount::Absolute(Cents(2)));
    let mut percentage = row("1.5", 101); // 151.5 x 0.9 = 136.35 -> 136
    percentage.discount = Some(Discount::Percentage(Rate(10.into())));
    let id = created(&sandbox, PATH, &invoice(vec![absolute, percentage])).await;
    let read = read(&sandbox, id).await;
    // VAT once per rate: 25 % of 286 is 71.5 -> 72; by row it would be 38 + 34.
    assert_eq!((read.amount, read.vat), (Some(Cents(286)), Some(Cents(72))));

    let huge = put(&sandbox, PATH, &invoice(vec![row("2", i64::MAX)]))
        .await
        .error(500);
    assert!(huge.contains("row[1]"), "{huge}");
    let rows = vec![row("1", i64::MAX / 2), row("1", i64::MAX / 2)];
    assert!(
        put(&sandbox, PATH, &invoice(rows))
            .await
            .error(500)
            .contains("out of range")
    );
}

#[tokio::test]
async fn an_invoice_without_rows_is_zero() {
    let sandbox = sandbox().await;
    let id = created(&sandbox, PATH, &invoice(Vec::new())).await;
    let read = read(&sandbox, id).await;
    assert_eq!((read.amount, read.vat), (Some(Cents(0)), Some(Cents(0))));
}

#[tokio::test]
async fn a_credit_names_a_certified_invoice() {
    let sandbox = Sandbox::builder()
        .seed(seed().certified_invoice_number(1041))
        .start()
        .await
        .unwrap();
    let debit = created(&sandbox, PATH, &invoice(vec![row("1", 10_000)])).await;
    let mut credit = invoice(vec![row("-1", 10_000)]);
    let message = put(&sandbox, PATH, &credit).await.error(500);
    assert!(
        message.contains("debit-invoice-nr is required"),
        "{message}"
    );
    credit.debit_invoice_nr = Some(0);
    put(&sandbox, PATH, &credit).await.error(500);
    credit.debit_invoice_nr = Some(1042);
    assert!(
        put(&sandbox, PATH, &credit)
            .await
            .error(500)
            .contains("no certified invoice 1042")
    );

    assert_eq!(
        sandbox.certify_client_invoice(ClientInvoiceId(debit)),
        Some(1042)
    );
    let id = created(&sandbox, PATH, &credit).await;
    let stored = read(&sandbox, id).await;
    assert_eq!(
        (stored.amount, stored.vat),
        (Some(Cents(-10_000)), Some(Cents(-2_500)))
    );
    assert_eq!(stored.debit_invoice_nr, Some(1042));
    assert_eq!(
        stored.client_invoice_template_ref,
        Some(ClientInvoiceTemplateId(2).into())
    );
    let credited = read(&sandbox, debit).await.credit_invoices;
    assert_eq!(credited, Some(vec![ClientInvoiceId(id).into()]));
    delete(&sandbox, &format!("{PATH}/{id}"))
        .await
        .document::<Deleted>();
    assert_eq!(read(&sandbox, debit).await.credit_invoices, None);

    for number in [1041, 77] {
        sandbox.register_certified_invoice_number(77);
        credit.debit_invoice_nr = Some(number);
        created(&sandbox, PATH, &credit).await;
    }
}

#[tokio::test]
async fn the_debit_number_0_is_none_and_an_unknown_one_is_refused_for_any_total() {
    let sandbox = sandbox().await;
    let mut new = invoice(vec![row("1", 100)]);
    new.debit_invoice_nr = Some(0);
    let id = created(&sandbox, PATH, &new).await;
    assert_eq!(read(&sandbox, id).await.debit_invoice_nr, None);
    new.debit_invoice_nr = Some(5);
    put(&sandbox, PATH, &new).await.error(500);
}

#[tokio::test]
async fn certifying_numbers_and_freezes_an_invoice() {
    let sandbox = sandbox().await;
    let new = invoice(vec![row("1", 10_000)]);
    let id = created(&sandbox, PATH, &new).await;
    let path = format!("{PATH}/{id}");
    assert!(!sandbox.send_client_invoice(ClientInvoiceId(id)));
    assert_eq!(sandbox.certify_client_invoice(ClientInvoiceId(id)), Some(1));
    assert_eq!(sandbox.certify_client_invoice(ClientInvoiceId(id)), Some(1));
    assert!(sandbox.send_client_invoice(ClientInvoiceId(id)));
    let certified = read(&sandbox, id).await;
    assert!(certified.certified && certified.sent);
    assert_eq!(
        (certified.invoice_nr, certified.remaining),
        (1, Cents(12_500))
    );
    assert!(
        post(&sandbox, &path, &new)
            .await
            .error(500)
            .contains("is certified")
    );
    assert!(
        delete(&sandbox, &path)
            .await
            .error(500)
            .contains("is certified")
    );
    assert_eq!(read(&sandbox, id).await, certified);

    let next = created(&sandbox, PATH, &new).await;
    assert_eq!(
        sandbox.certify_client_invoice(ClientInvoiceId(next)),
        Some(2)
    );
    assert_eq!(sandbox.certify_client_invoice(ClientInvoiceId(99)), None);
}

#[tokio::test]
async fn the_currency_is_three_capital_letters() {
    let sandbox = sandbox().await;
    for currency in ["", "sek", "SEKR", "S K", "kr", "ÅÄ"] {
        let mut new = invoice(vec![row("1", 100)]);
        new.currency = currency.to_owned();
        let message = put(&sandbox, PATH, &new).await.error(500);
        assert!(
            message.contains("client-invoice/currency"),
            "{currency}: {message}"
        );
    }
}

#[tokio::test]
async fn a_period_type_and_a_template_must_be_known() {
    let sandbox = sandbox().await;
    let mut new = invoice(vec![row("1", 100)]);
    new.edi_period_type = Some(EdiPeriodType::from("Never"));
    assert!(
        put(&sandbox, PATH, &new)
            .await
            .error(500)
            .contains("edi-period-type")
    );
    new.edi_period_type = Some(EdiPeriodType::Row);
    new.client_invoice_template_ref = Some(ClientInvoiceTemplateId(99).into());
    assert!(
        put(&sandbox, PATH, &new)
            .await
            .error(500)
            .contains("template 99")
    );
    new.client_invoice_template_ref = Some(ClientInvoiceTemplateId(0).into());
    let id = created(&sandbox, PATH, &new).await;
    let stored = read(&sandbox, id).await;
    assert_eq!(
        stored.client_invoice_template_ref,
        Some(ClientInvoiceTemplateId(1).into())
    );
    assert_eq!(stored.edi_period_type, Some(EdiPeriodType::Row));
}

#[tokio::test]
async fn a_new_invoice_takes_what_it_leaves_out_from_its_client() {
    let mut client = Client::new("Exempel AS", "NO");
    client.id = ClientId(18);
    client.delivery_type = Some("Efaktura".to_owned());
    client.vat_nr = Some("NO999999999MVA".to_owned());
    client.template = Nillable::Value(ClientInvoiceTemplateId(2).into());
    client.approver = Nillable::Value(UserId(5).into());
    let sandbox = Sandbox::builder()
        .seed(seed().client(client))
        .start()
        .await
        .unwrap();
    let mut new = invoice(vec![row("1", 100)]);
    new.client_ref = ClientId(18).into();
    new.vat_nr = Some(String::new());
    let id = created(&sandbox, PATH, &new).await;
    let stored = read(&sandbox, id).await;
    assert_eq!(stored.delivery_type.as_deref(), Some("Efaktura"));
    assert_eq!(stored.vat_nr.as_deref(), Some("NO999999999MVA"));
    assert_eq!(stored.country_code.as_deref(), Some("NO"));
    assert_eq!(
        stored.client_invoice_template_ref,
        Some(ClientInvoiceTemplateId(2).into())
    );
    assert_eq!(stored.approver, Some(UserId(5).into()));

    new.approver = Some(UserId(0).into());
    new.delivery_type = Some("Mail".to_owned());
    new.country_code = Some("DK".to_owned());
    let id = created(&sandbox, PATH, &new).await;
    let stored = read(&sandbox, id).await;
    assert_eq!(stored.approver, None);
    assert_eq!(stored.delivery_type.as_deref(), Some("Mail"));
    assert_eq!(stored.country_code.as_deref(), Some("DK"));
}

#[tokio::test]
async fn an_update_replaces_the_invoice_but_keeps_files_and_what_is_empty() {
    let sandbox = sandbox().await;
    let mut new = invoice(vec![row("1", 100)]);
    new.foreign_id = "a".to_owned();
    new.notes = Some("gammalt".to_owned());
    new.delivery_type = Some("Mail".to_owned());
    new.vat_nr = Some("SE1".to_owned());
    new.country_code = Some("FI".to_owned());
    new.files = Some(vec![File::new("a.pdf", vec![0, 255, 16])]);
    let id = created(&sandbox, PATH, &new).await;
    let path = format!("{PATH}/{id}");
    let before = read(&sandbox, id).await;

    let mut change = invoice(vec![row("2", 100), row("1", 50)]);
    change.delivery_type = Some(String::new());
    assert_eq!(
        post(&sandbox, &path, &change).await.document::<Saved>().id,
        Some(id)
    );
    let after = read(&sandbox, id).await;
    assert_eq!(
        (after.foreign_id.as_str(), after.notes.as_deref()),
        ("", None)
    );
    assert_eq!(
        (after.amount, after.vat),
        (Some(Cents(250)), Some(Cents(63)))
    );
    assert_eq!(after.delivery_type.as_deref(), Some("Mail"));
    assert_eq!(after.vat_nr.as_deref(), Some("SE1"));
    assert_eq!(after.country_code.as_deref(), Some("FI"));
    assert_eq!(after.files, new.files);
    assert_eq!(after.rows.len(), 2);
    assert!(after.rows.iter().all(|row| row.id != before.rows[0].id));

    change.files = Some(vec![File::new("b.pdf", vec![1])]);
    post(&sandbox, &path, &change).await.document::<Saved>();
    assert_eq!(read(&sandbox, id).await.files, change.files);
    change.files = Some(Vec::new());
    post(&sandbox, &path, &change).await.document::<Saved>();
    assert_eq!(read(&sandbox, id).await.files, Some(Vec::new()));

    // A refused update changes nothing.
    let stored = read(&sandbox, id).await;
    change.currency = "kronor".to_owned();
    post(&sandbox, &path, &change).await.error(500);
    assert_eq!(read(&sandbox, id).await, stored);
}

#[tokio::test]
async fn a_deleted_invoice_stays_and_says_so() {
    let sandbox = sandbox().await;
    let mut new = invoice(vec![row("1", 100)]);
    new.foreign_id = "a".to_owned();
    let id = created(&sandbox, PATH, &new).await;
    let path = format!("{PATH}/{id}");
    assert_eq!(
        delete(&sandbox, &path).await.document::<Deleted>().id,
        Some(id)
    );
    assert!(read(&sandbox, id).await.disabled);
    assert_eq!(listed(&sandbox, "").await.0, ["a"]);
    assert_eq!(listed(&sandbox, "?filter=certifiable").await.0, [""; 0]);
    assert!(
        delete(&sandbox, &path)
            .await
            .error(500)
            .contains("has been deleted")
    );
    assert!(
        post(&sandbox, &path, &new)
            .await
            .error(500)
            .contains("has been deleted")
    );
    assert_eq!(sandbox.certify_client_invoice(ClientInvoiceId(id)), None);
}

#[tokio::test]
async fn a_list_is_filtered_by_state() {
    let sandbox = sandbox().await;
    let mut ids = Vec::new();
    for key in ["draft", "certified", "sent", "deleted"] {
        let mut new = invoice(vec![row("1", 100)]);
        new.foreign_id = key.to_owned();
        ids.push(ClientInvoiceId(created(&sandbox, PATH, &new).await));
    }
    sandbox.certify_client_invoice(ids[1]);
    sandbox.certify_client_invoice(ids[2]);
    assert!(sandbox.send_client_invoice(ids[2]));
    delete(&sandbox, &format!("{PATH}/{}", ids[3]))
        .await
        .document::<Deleted>();

    for (query, expected) in [
        ("", vec!["draft", "certified", "sent", "deleted"]),
        ("?filter=all", vec!["draft", "certified", "sent", "deleted"]),
        ("?filter=certified", vec!["certified", "sent"]),
        ("?filter=certifiable", vec!["draft"]),
        ("?filter=sendable", vec!["certified"]),
    ] {
        assert_eq!(listed(&sandbox, query).await.0, expected, "{query}");
    }
    get(&sandbox, "client/invoice?filter=Certified")
        .await
        .error(400);
}

#[tokio::test]
async fn a_list_is_filtered_by_date_and_text() {
    let sandbox = sandbox().await;
    for (key, day, reference, notes) in [
        ("a", "2026-01-31", "Örjan Ö", None),
        ("b", "2026-02-01", "", Some("betalas 50% i mars")),
        ("C-order", "2026-02-28", "", None),
    ] {
        let mut new = invoice(vec![row("1", 100)]);
        new.foreign_id = key.to_owned();
        new.invoice_date = date(day);
        new.your_reference = reference.to_owned();
        new.notes = notes.map(str::to_owned);
        created(&sandbox, PATH, &new).await;
    }
    for (query, expected) in [
        ("?invoiceDateLower=2026-02-01", vec!["b", "C-order"]),
        ("?invoiceDateUpper=2026-02-01", vec!["a", "b"]),
        (
            "?invoiceDateLower=2026-02-01&invoiceDateUpper=2026-02-01",
            vec!["b"],
        ),
        ("?invoiceDateLower=2026-03-01", vec![]),
        ("?query=c-ORD", vec!["C-order"]),
        ("?query=%C3%B6rjan+%C3%B6", vec!["a"]),
        ("?query=50%25+i", vec!["b"]),
        ("?query=", vec!["a", "b", "C-order"]),
        ("?query=Konsulttid", vec![]),
    ] {
        assert_eq!(listed(&sandbox, query).await.0, expected, "{query}");
    }
    for bad in [
        "invoiceDateLower=31.01.2026",
        "invoiceDateUpper=2026-02-30",
        "ignoreFiles=1",
    ] {
        let message = get(&sandbox, &format!("{PATH}?{bad}")).await.error(400);
        assert!(
            message.contains(bad.split('=').next().unwrap()),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_list_has_files_unless_they_are_ignored() {
    let sandbox = sandbox().await;
    let mut new = invoice(vec![row("1", 100)]);
    new.files = Some(vec![File::new("a.pdf", vec![0xAB])]);
    let id = created(&sandbox, PATH, &new).await;
    let files = async |query: &str| {
        let list = get(&sandbox, &format!("{PATH}{query}")).await;
        list.document::<List<ClientInvoice>>().items.remove(0).files
    };
    assert_eq!(files("").await, new.files);
    assert_eq!(files("?ignoreFiles=false").await, new.files);
    assert_eq!(files("?ignoreFiles=true").await, None);
    assert_eq!(read(&sandbox, id).await.files, new.files);
}

#[tokio::test]
async fn a_list_says_which_part_of_the_whole_it_is() {
    for (limit, shown) in [(None, 3), (Some(2), 2), (Some(0), 0)] {
        let mut builder = Sandbox::builder().seed(seed());
        if let Some(limit) = limit {
            builder = builder.page_limit(limit);
        }
        let sandbox = builder.start().await.unwrap();
        assert_eq!(listed(&sandbox, "").await.1, Some(Page::new(0, 0, 0)));
        for _ in 0..3 {
            created(&sandbox, PATH, &invoice(vec![row("1", 100)])).await;
        }
        let (items, page) = listed(&sandbox, "").await;
        assert_eq!(items.len(), usize::try_from(shown).unwrap());
        assert_eq!(page, Some(Page::new(0, shown, 3)));
    }
}

#[tokio::test]
async fn dimensions_are_filled_in_when_asked_for() {
    let mut client = Client::new("A", "SE");
    client.id = ClientId(18);
    client.dimension_entries = Some(vec![DimensionEntryId(1).into(), DimensionEntryId(2).into()]);
    let mut product = Product::new("B", "st", Cents(1));
    product.id = ProductId(4);
    product.dimension_entries = Some(vec![DimensionEntryId(2).into(), DimensionEntryId(3).into()]);
    let seed = Seed::new().client(client).product(product);
    let sandbox = Sandbox::builder().seed(seed).start().await.unwrap();
    let row = ClientInvoiceRow::new(ProductId(4), 1.into(), Cents(1), "x");
    let mut new = invoice(vec![row]);
    new.client_ref = ClientId(18).into();

    for (query, expected) in [
        ("", vec![]),
        ("?defaultDimensionsFromClient=false", vec![]),
        ("?defaultDimensionsFromClient=true", vec![1, 2]),
        ("?defaultDimensionsFromProduct=true", vec![2, 3]),
        (
            "?defaultDimensionsFromProduct=true&defaultDimensionsFromClient=true",
            vec![2, 3, 1],
        ),
    ] {
        let id = created(&sandbox, &format!("{PATH}{query}"), &new).await;
        let dimensions = read(&sandbox, id).await.rows.remove(0).dimensions;
        let entries: Vec<_> = dimensions
            .into_iter()
            .flat_map(|d| d.dimension_entry)
            .map(|e| e.id.0)
            .collect();
        assert_eq!(entries, expected, "{query}");
    }
    put(
        &sandbox,
        "client/invoice?defaultDimensionsFromClient=ja",
        &new,
    )
    .await
    .error(400);
}

#[tokio::test]
async fn rows_with_products_are_not_touched_by_later_changes_of_the_product() {
    let sandbox = sandbox().await;
    let id = created(&sandbox, PATH, &invoice(vec![row("1", 10_000)])).await;
    let mut product = sandbox.products()[0].clone();
    product.vat_percentage = Some(Rate(6.into()));
    post(&sandbox, &format!("product/{PRODUCT}"), &product)
        .await
        .document::<Saved>();
    assert_eq!(read(&sandbox, id).await.vat, Some(Cents(2_500)));
    let later = created(&sandbox, PATH, &invoice(vec![row("1", 10_000)])).await;
    assert_eq!(read(&sandbox, later).await.vat, Some(Cents(600)));
}
