//! Each document stands in Kleer once, whatever happens on the way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::path::Path;

use kleer_connect::invoices::PostError;
use kleer_connect::invoices::{DocumentResult, Outcome};
use kleer_model::endpoint::{
    CLIENT_CREATE, CLIENT_INVOICE_CREATE, CLIENT_INVOICE_LIST, CLIENT_LIST, PRODUCT_CREATE,
    PRODUCT_LIST,
};
use kleer_model::{Cents, Client, ClientInvoice, Product, Rate};
use kleer_sandbox::{Fault, FaultRule, Sandbox, Seed};
use support::{Desk, Poster, changed, client, fixture, options, poster, sandbox};

async fn post(sandbox: &Sandbox, file: &Path) -> DocumentResult {
    poster(sandbox).await.post(file).await
}

fn the_only_invoice(sandbox: &Sandbox) -> ClientInvoice {
    let invoices = sandbox.client_invoices();
    assert_eq!(invoices.len(), 1);
    invoices.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_draft_arrives_with_the_sums_of_its_source() {
    let sandbox = sandbox().await;
    let result = post(&sandbox, &fixture("02-discounts-and-rounding.xml")).await;
    assert_eq!(result.outcome, Outcome::Posted, "{:?}", result.reasons);
    let invoice = the_only_invoice(&sandbox);
    // 6529.50 and a rounding amount of -0.46, which is a row of its own.
    assert_eq!(
        (invoice.amount, invoice.vat),
        (Some(Cents(652_904)), Some(Cents(81_494)))
    );
    assert_eq!(
        (result.net, result.vat),
        (Some(Cents(652_950)), Some(Cents(81_494)))
    );
    assert_eq!(invoice.rows.len(), 5);
    assert!(!invoice.certified && !invoice.sent);
    assert_eq!(invoice.automatic_actions_disabled, Some(true));
    assert_eq!(sandbox.clients()[0].orgno, "5561034249");
}

#[tokio::test]
async fn the_same_document_creates_nothing_new() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let file = fixture("01-consulting.xml");
    assert_eq!(post(&sandbox, &file).await.outcome, Outcome::Posted);
    // Another name, other white space: the same invoice all the same.
    let copy = desk.file(
        "copy.xml",
        changed("01-consulting.xml", &[("\n  ", "\n\n\t ")]),
    );
    let mut again = poster(&sandbox).await;
    for file in [&file, &copy, &file] {
        let result = again.post(file).await;
        assert_eq!(result.outcome, Outcome::Unchanged);
        assert_eq!(result.invoice, Some(the_only_invoice(&sandbox).id.0));
    }
    assert_eq!((sandbox.clients().len(), sandbox.products().len()), (1, 2));
}

#[tokio::test]
async fn products_and_clients_are_matched_before_they_are_created() {
    let mut buyer = Client::new("Provköpings kommun", "SE");
    buyer.orgno = "202100-5489".to_owned();
    let mut product = Product::new("Timme", "tim", Cents(90_000));
    product.foreign_id = "KT-1".to_owned();
    product.vat_percentage = Some(Rate(25.into()));
    let seed = Seed::new().client(buyer).product(product);
    let sandbox = Sandbox::builder().seed(seed).start().await.unwrap();
    assert_eq!(
        post(&sandbox, &fixture("01-consulting.xml")).await.outcome,
        Outcome::Posted
    );
    assert_eq!(sandbox.clients().len(), 1);
    let foreign_ids: Vec<_> = sandbox
        .products()
        .into_iter()
        .map(|product| product.foreign_id)
        .collect();
    assert_eq!(foreign_ids, ["KT-1", "RES-1"]);
}

#[tokio::test]
async fn a_number_used_twice_is_said_or_refused() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let other = changed(
        "01-consulting.xml",
        &[("Konsulttimme", "Konsulttimme, junior")],
    );
    let other = desk.file("other.xml", other);
    assert_eq!(
        post(&sandbox, &fixture("01-consulting.xml")).await.outcome,
        Outcome::Posted
    );
    let mut strict = options();
    strict.refuse_reused_numbers = true;
    let mut strict = Poster::connect(client(&sandbox), strict).await.unwrap();
    let result = strict.post(&other).await;
    assert_eq!(result.outcome, Outcome::Refused);
    assert!(
        result.reasons[0].starts_with("BT-1: "),
        "{:?}",
        result.reasons
    );
    assert_eq!(sandbox.client_invoices().len(), 1);

    let result = post(&sandbox, &other).await;
    assert_eq!(result.outcome, Outcome::Posted);
    assert!(
        result.reasons[0].starts_with("BT-1: "),
        "{:?}",
        result.reasons
    );
    assert_eq!(sandbox.client_invoices().len(), 2);
}

#[tokio::test]
async fn a_draft_deleted_in_kleer_does_not_come_back() {
    let sandbox = sandbox().await;
    let file = fixture("01-consulting.xml");
    assert_eq!(post(&sandbox, &file).await.outcome, Outcome::Posted);
    let id = the_only_invoice(&sandbox).id;
    client(&sandbox).client_invoices().delete(id).await.unwrap();
    let result = post(&sandbox, &file).await;
    assert_eq!(result.outcome, Outcome::Unchanged);
    assert!(
        result.reasons[0].contains("deleted in Kleer"),
        "{:?}",
        result.reasons
    );
    assert_eq!(sandbox.client_invoices().len(), 1);
}

#[tokio::test]
async fn a_credit_note_waits_until_its_invoice_has_a_number() {
    let sandbox = sandbox().await;
    let credit = fixture("07-credit-note.xml");
    let debit = fixture("02-discounts-and-rounding.xml");
    assert_eq!(post(&sandbox, &credit).await.outcome, Outcome::Refused);
    assert_eq!(post(&sandbox, &debit).await.outcome, Outcome::Posted);
    // Still a draft, so still without a number.
    assert_eq!(post(&sandbox, &credit).await.outcome, Outcome::Refused);
    let number = sandbox
        .certify_client_invoice(the_only_invoice(&sandbox).id)
        .unwrap();
    let result = post(&sandbox, &credit).await;
    assert_eq!(result.outcome, Outcome::Posted, "{:?}", result.reasons);
    let invoices = sandbox.client_invoices();
    let credit = invoices
        .iter()
        .find(|invoice| invoice.debit_invoice_nr.is_some())
        .unwrap();
    assert_eq!(credit.debit_invoice_nr, Some(number));
    assert_eq!(
        (credit.amount, credit.vat),
        (Some(Cents(-32_940)), Some(Cents(-3_953)))
    );
}

/// Whatever a create dies of, there is exactly one record in the end.
#[tokio::test]
async fn a_lost_answer_makes_no_double() {
    let faults = [
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::StatusAfterEffect(502),
        Fault::Status(503),
        Fault::TruncatedBody,
        Fault::Html(502),
        Fault::Html(200),
    ];
    for endpoint in [CLIENT_CREATE, PRODUCT_CREATE, CLIENT_INVOICE_CREATE] {
        for fault in &faults {
            let what = format!("{} {fault:?}", endpoint.name);
            let sandbox = sandbox().await;
            sandbox.fail(&endpoint, 1, fault.clone());
            let file = fixture("01-consulting.xml");
            let mut first = poster(&sandbox).await;
            let result = first.post(&file).await;
            assert_eq!(sandbox.armed_faults(), 0, "{what}");
            assert!(
                matches!(result.outcome, Outcome::Posted | Outcome::Failed),
                "{what}: {result:?}"
            );
            // The same run must not try again what is in doubt.
            let same_run = first.post(&file).await;
            assert_ne!(same_run.outcome, Outcome::Posted, "{what}: {same_run:?}");
            // A later run looks first, and finishes.
            let later = post(&sandbox, &file).await;
            let done = matches!(later.outcome, Outcome::Posted | Outcome::Unchanged);
            assert!(done, "{what}: {later:?}");
            let counts = (
                sandbox.clients().len(),
                sandbox.products().len(),
                sandbox.client_invoices().len(),
            );
            assert_eq!(counts, (1, 2, 1), "{what}");
        }
    }
}

#[tokio::test]
async fn an_answer_lost_after_the_effect_is_found_in_the_same_run() {
    let sandbox = sandbox().await;
    for endpoint in [CLIENT_CREATE, PRODUCT_CREATE, CLIENT_INVOICE_CREATE] {
        sandbox.fail(&endpoint, 1, Fault::ResetAfter);
    }
    let result = post(&sandbox, &fixture("01-consulting.xml")).await;
    assert_eq!(result.outcome, Outcome::Posted, "{:?}", result.reasons);
    assert_eq!(result.invoice, Some(the_only_invoice(&sandbox).id.0));
}

#[tokio::test]
async fn a_business_error_of_kleers_is_told_and_not_repeated() {
    let sandbox = sandbox().await;
    let message = "IllegalStateException: Perioden är låst";
    sandbox.fail(
        &CLIENT_INVOICE_CREATE,
        1,
        Fault::KleerError(message.to_owned()),
    );
    let result = post(&sandbox, &fixture("01-consulting.xml")).await;
    assert_eq!(result.outcome, Outcome::Failed);
    assert!(
        result.reasons[0].contains("Perioden är låst"),
        "{:?}",
        result.reasons
    );
    assert_eq!(sandbox.count_requests(&CLIENT_INVOICE_CREATE), 1);
}

#[tokio::test]
async fn kleers_own_sums_are_compared_after_the_post() {
    let sandbox = sandbox().await;
    let mut poster = poster(&sandbox).await;
    let mut results = vec![poster.post(&fixture("01-consulting.xml")).await];
    // Somebody else changes the draft before it is read back.
    let mut draft = the_only_invoice(&sandbox);
    draft.rows.truncate(1);
    client(&sandbox)
        .client_invoices()
        .update(draft.id, &draft)
        .await
        .unwrap();
    poster.verify(&mut results).await;
    assert_eq!(results[0].outcome, Outcome::Failed);
    let reason = &results[0].reasons[0];
    assert!(
        reason.contains("35625.00") && reason.contains("36905.00"),
        "{reason}"
    );
    // And by the next run, as long as nobody has corrected it.
    let result = post(&sandbox, &fixture("01-consulting.xml")).await;
    assert_eq!(result.outcome, Outcome::Failed);
    assert_eq!(&result.reasons[0], reason);
}

#[tokio::test]
async fn what_cannot_be_read_back_is_not_called_posted() {
    let sandbox = sandbox().await;
    let mut poster = poster(&sandbox).await;
    let mut results = vec![poster.post(&fixture("01-consulting.xml")).await];
    sandbox.fail(&CLIENT_INVOICE_LIST, 1, Fault::Status(503));
    poster.verify(&mut results).await;
    assert_eq!(results[0].outcome, Outcome::Failed);
    let result = post(&sandbox, &fixture("01-consulting.xml")).await;
    assert_eq!(result.outcome, Outcome::Unchanged);
}

#[tokio::test]
async fn people_of_one_name_are_not_one_client() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let org = "<cbc:CompanyID schemeID=\"0007\">5561034249</cbc:CompanyID>";
    let endpoint = "<cbc:EndpointID schemeID=\"0007\">5561034249</cbc:EndpointID>";
    let base = [
        (org, ""),
        ("<cbc:CompanyID>SE556103424901</cbc:CompanyID>", ""),
        ("Fiktiva Handel AB", "Anna Andersson"),
    ];
    let person = |file: &str, number: &str, more: &[(&str, &str)]| {
        let number = [("2026-1004", number)];
        let changes = [&base[..], &number, more].concat();
        desk.file(file, changed("04-fractional-price.xml", &changes))
    };
    let files = [
        person("1.xml", "A-1", &[(endpoint, "")]),
        person(
            "2.xml",
            "A-2",
            &[(endpoint, ""), ("Påhittsvägen 7", "Påhittsvägen 9")],
        ),
        person(
            "3.xml",
            "A-3",
            &[("\"0007\">5561034249", "\"0192\">991825827")],
        ),
        person(
            "4.xml",
            "A-4",
            &[("\"0007\">5561034249", "\"0192\">987654325")],
        ),
        // The first one again, with another invoice.
        person("5.xml", "A-5", &[(endpoint, "")]),
    ];
    let mut poster = poster(&sandbox).await;
    for file in &files {
        let result = poster.post(file).await;
        assert_eq!(result.outcome, Outcome::Posted, "{:?}", result.reasons);
    }
    let clients: Vec<_> = sandbox
        .client_invoices()
        .iter()
        .map(|invoice| invoice.client_ref.id)
        .collect();
    assert_eq!(clients[0], clients[4]);
    assert_eq!(sandbox.clients().len(), 4);
}

#[tokio::test]
async fn a_client_created_twice_is_said_and_not_used() {
    let sandbox = sandbox().await;
    assert_eq!(
        post(&sandbox, &fixture("01-consulting.xml")).await.outcome,
        Outcome::Posted
    );
    let double = sandbox.clients()[0].clone();
    client(&sandbox).clients().create(&double).await.unwrap();
    let result = post(&sandbox, &fixture("05-prepaid.xml")).await;
    assert_eq!(result.outcome, Outcome::Refused);
    assert!(
        result.reasons[0].contains("2 times"),
        "{:?}",
        result.reasons
    );
}

#[tokio::test]
async fn a_double_is_cured_by_deleting_one() {
    let sandbox = sandbox().await;
    let file = fixture("01-consulting.xml");
    assert_eq!(post(&sandbox, &file).await.outcome, Outcome::Posted);
    let kleer = client(&sandbox);
    let double = kleer
        .client_invoices()
        .create(&the_only_invoice(&sandbox))
        .await
        .unwrap()
        .id;
    assert_eq!(post(&sandbox, &file).await.outcome, Outcome::Failed);
    kleer.client_invoices().delete(double).await.unwrap();
    let result = post(&sandbox, &file).await;
    assert_eq!(result.outcome, Outcome::Unchanged, "{:?}", result.reasons);
    assert_ne!(result.invoice, Some(double.0));
}

#[tokio::test]
async fn a_double_that_landed_late_is_found_after_the_run() {
    let sandbox = sandbox().await;
    let mut poster = poster(&sandbox).await;
    let mut results = vec![poster.post(&fixture("01-consulting.xml")).await];
    let draft = the_only_invoice(&sandbox);
    client(&sandbox)
        .client_invoices()
        .create(&draft)
        .await
        .unwrap();
    poster.verify(&mut results).await;
    assert_eq!(results[0].outcome, Outcome::Failed);
    assert!(
        results[0].reasons[0].contains("2 times"),
        "{:?}",
        results[0].reasons
    );
    // And by the next run too.
    let result = post(&sandbox, &fixture("01-consulting.xml")).await;
    assert_eq!(result.outcome, Outcome::Failed);
    assert!(
        result.reasons[0].contains("2 times"),
        "{:?}",
        result.reasons
    );
}

#[tokio::test]
async fn nothing_is_posted_when_a_list_is_incomplete() {
    for endpoint in [CLIENT_LIST, PRODUCT_LIST, CLIENT_INVOICE_LIST] {
        let sandbox = sandbox().await;
        sandbox.fail(&endpoint, 1, Fault::TruncatedBody);
        let error = Poster::connect(client(&sandbox), options())
            .await
            .unwrap_err();
        assert!(matches!(error, PostError::Kleer(_)), "{error}");
    }
}

#[tokio::test]
async fn invoices_are_found_even_when_kleer_gives_only_a_part_of_its_list() {
    let sandbox = Sandbox::builder().page_limit(1).start().await.unwrap();
    let desk = Desk::new();
    let mut files = Vec::new();
    for day in 10..16 {
        let (number, date) = (
            format!("2026-20{day}"),
            format!("<cbc:IssueDate>2026-10-{day}"),
        );
        let changes = [
            ("2026-1004", number.as_str()),
            ("<cbc:IssueDate>2026-10-15", date.as_str()),
        ];
        files.push(desk.file(
            &format!("{day}.xml"),
            changed("04-fractional-price.xml", &changes),
        ));
    }
    let mut poster = Poster::connect(client(&sandbox), options()).await.unwrap();
    for file in &files {
        assert_eq!(poster.post(file).await.outcome, Outcome::Posted);
    }
    let mut poster = Poster::connect(client(&sandbox), options()).await.unwrap();
    for file in &files {
        assert_eq!(poster.post(file).await.outcome, Outcome::Unchanged);
    }
    // One from before any computer is found too.
    let changes = [
        ("2026-1004", "1"),
        ("<cbc:IssueDate>2026-10-15", "<cbc:IssueDate>1889-10-15"),
    ];
    let old = desk.file("old.xml", changed("04-fractional-price.xml", &changes));
    assert_eq!(poster.post(&old).await.outcome, Outcome::Posted);
    let mut poster = Poster::connect(client(&sandbox), options()).await.unwrap();
    assert_eq!(poster.post(&old).await.outcome, Outcome::Unchanged);
    // And two of one day.
    let changes = [
        ("2026-1004", "2026-2099"),
        ("<cbc:IssueDate>2026-10-15", "<cbc:IssueDate>2026-10-12"),
    ];
    let twin = desk.file("twin.xml", changed("04-fractional-price.xml", &changes));
    assert_eq!(poster.post(&twin).await.outcome, Outcome::Posted);
    let mut poster = Poster::connect(client(&sandbox), options()).await.unwrap();
    assert_eq!(poster.post(&twin).await.outcome, Outcome::Unchanged);
    assert_eq!(poster.post(&files[2]).await.outcome, Outcome::Unchanged);
    // A part that does not come stops the run: what it lacks could be there.
    let fault = FaultRule::new(Fault::Status(503));
    sandbox.fault(fault.on(&CLIENT_INVOICE_LIST).skip(3).times(1));
    let error = Poster::connect(client(&sandbox), options())
        .await
        .unwrap_err();
    assert!(matches!(error, PostError::Kleer(_)), "{error}");
}

#[tokio::test]
async fn unknown_buyers_are_deviations_unless_clients_may_be_created() {
    let sandbox = sandbox().await;
    let mut careful = options();
    careful.create_clients = false;
    let mut careful = Poster::connect(client(&sandbox), careful).await.unwrap();
    let result = careful.post(&fixture("05-prepaid.xml")).await;
    assert_eq!(result.outcome, Outcome::Refused);
    // All reasons at once, and nothing left behind.
    assert!(
        result.reasons[0].starts_with("BG-7: "),
        "{:?}",
        result.reasons
    );
    assert!(
        result.reasons[1].starts_with("BT-113: "),
        "{:?}",
        result.reasons
    );
    assert_eq!((sandbox.clients().len(), sandbox.products().len()), (0, 0));
}

#[tokio::test]
async fn a_refused_invoice_leaves_nothing_behind() {
    let sandbox = sandbox().await;
    for name in ["05-prepaid.xml", "06-wrong-sums.xml", "07-credit-note.xml"] {
        assert_eq!(
            post(&sandbox, &fixture(name)).await.outcome,
            Outcome::Refused
        );
    }
    assert_eq!((sandbox.clients().len(), sandbox.products().len()), (0, 0));
}

#[tokio::test]
async fn the_unit_of_vat_rates_is_found_out_or_asked_for() {
    let empty = sandbox().await;
    let mut unsure = options();
    unsure.settings.rate_unit = None;
    let error = Poster::connect(client(&empty), unsure.clone())
        .await
        .unwrap_err();
    assert!(matches!(error, PostError::UnknownRateUnit), "{error}");

    let mut product = Product::new("Timme", "tim", Cents(90_000));
    product.vat_percentage = Some(Rate("0.25".parse().unwrap()));
    let sandbox = Sandbox::builder()
        .rate_unit(kleer_model::RateUnit::Fraction)
        .seed(Seed::new().product(product))
        .start()
        .await
        .unwrap();
    let mut poster = Poster::connect(client(&sandbox), unsure).await.unwrap();
    let result = poster.post(&fixture("01-consulting.xml")).await;
    assert_eq!(result.outcome, Outcome::Posted, "{:?}", result.reasons);
    assert_eq!(the_only_invoice(&sandbox).vat, Some(Cents(898_305)));
    let rates: Vec<_> = sandbox
        .products()
        .iter()
        .filter_map(|product| product.vat_percentage)
        .collect();
    assert!(rates.contains(&Rate("0.06".parse().unwrap())), "{rates:?}");
}

#[tokio::test]
async fn ubl_in_json_is_posted_and_known_again() {
    let sek = |amount: &str| format!(r#"[{{"_": {amount}, "currencyID": "SEK"}}]"#);
    let vat = r#"[{"ID": [{"_": "S"}], "Percent": [{"_": 25}],
        "TaxScheme": [{"ID": [{"_": "VAT"}]}]}]"#;
    let json = format!(
        r#"{{"Invoice": [{{
        "CustomizationID": [{{"_": "urn:cen.eu:en16931:2017"}}],
        "ID": [{{"_": "J-1"}}],
        "IssueDate": [{{"_": "2026-10-15"}}],
        "DueDate": [{{"_": "2026-11-14"}}],
        "InvoiceTypeCode": [{{"_": "380"}}],
        "DocumentCurrencyCode": [{{"_": "SEK"}}],
        "AccountingCustomerParty": [{{"Party": [{{"PartyLegalEntity": [{{
            "RegistrationName": [{{"_": "Fiktiva Handel AB"}}],
            "CompanyID": [{{"_": "5561034249", "schemeID": "0007"}}]}}]}}]}}],
        "TaxTotal": [{{"TaxAmount": {tax}, "TaxSubtotal": [{{
            "TaxableAmount": {net}, "TaxAmount": {tax}, "TaxCategory": {vat}}}]}}],
        "LegalMonetaryTotal": [{{"LineExtensionAmount": {net}, "TaxExclusiveAmount": {net},
            "TaxInclusiveAmount": {gross}, "PayableAmount": {gross}}}],
        "InvoiceLine": [{{
            "ID": [{{"_": "1"}}],
            "InvoicedQuantity": [{{"_": 2, "unitCode": "HUR"}}],
            "LineExtensionAmount": {net},
            "Item": [{{"Name": [{{"_": "Konsulttid"}}], "ClassifiedTaxCategory": {vat}}}],
            "Price": [{{"PriceAmount": {price}}}]}}]
        }}]}}"#,
        net = sek("2000.00"),
        tax = sek("500.00"),
        gross = sek("2500.00"),
        price = sek("1000"),
    );
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let file = desk.file("j.json", json);
    let result = post(&sandbox, &file).await;
    assert_eq!(result.outcome, Outcome::Posted, "{:?}", result.reasons);
    let invoice = the_only_invoice(&sandbox);
    assert_eq!(
        (invoice.amount, invoice.vat),
        (Some(Cents(200_000)), Some(Cents(50_000)))
    );
    assert_eq!(post(&sandbox, &file).await.outcome, Outcome::Unchanged);
}
