//! The kinds of records that have rules of their own: purchases, payroll, accounts, bank,
//! foundations. In JSON, because that is shorter; XML goes the same way.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{date, json, seed};
use kleer_sandbox::Sandbox;
use serde_json::{Value, json};

/// The bytes `%PDF-`.
const PDF: &str = "255044462D";

async fn company() -> Sandbox {
    Sandbox::builder()
        .seed(seed())
        .today(date("2026-04-22"))
        .start()
        .await
        .unwrap()
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    json(sandbox, "GET", path, None).await.ok()
}

async fn put(sandbox: &Sandbox, path: &str, body: Value) -> i64 {
    let created = json(sandbox, "PUT", path, Some(body)).await.ok();
    created["id"].as_i64().unwrap()
}

async fn refused(sandbox: &Sandbox, method: &str, path: &str, body: Value) -> String {
    json(sandbox, method, path, Some(body)).await.error(500)
}

#[tokio::test]
async fn a_supplier_invoice_is_created_and_approved() {
    let sandbox = company().await;
    let supplier = json!({"name": "Leverantör", "foreign-id": "l-1", "bankgiro": 54_029_681});
    let supplier = put(&sandbox, "supplier", supplier).await;
    let invoice = |data: &str, supplier: i64| {
        json!({
            "foreign-id": "f-1", "supplier": {"id": supplier}, "our-reference": "",
            "deposit-account": {"type": "BANK_GIRO", "nr": "5402-9681"},
            "invoice-date": "2026-04-01", "due-date": "2026-05-01", "payment-date": "2026-05-01",
            "amount": 12_500, "vat": 2_500, "currency": "SEK", "currency-rate": 1, "po-nr": "",
            "reference-nr": "77", "ocr": "",
            "files": {"files": [{"filename": "f.pdf", "data": data}]},
            "accounts": [{"account-nr": 6110, "amount": 10_000, "vat-code": null}],
        })
    };
    let message = refused(
        &sandbox,
        "PUT",
        "supplier/invoice",
        invoice("00FF", supplier),
    )
    .await;
    assert!(message.contains("PDF"), "{message}");
    let message = refused(&sandbox, "PUT", "supplier/invoice", invoice(PDF, 1)).await;
    assert!(
        message.starts_with("SupplierDoesNotExistException"),
        "{message}"
    );
    let id = put(&sandbox, "supplier/invoice", invoice(PDF, supplier)).await;

    let path = format!("supplier/invoice/{id}");
    let read = get(&sandbox, &path).await;
    assert_eq!(read["supplier-ref"], json!({"id": supplier}));
    assert_eq!(read["deposit-account-type"], "BANK_GIRO");
    assert_eq!(read["deposit-account-nr"], "5402-9681");
    assert_eq!(read["accounting-date"], "2026-04-01");
    assert_eq!(
        (&read["remaining"], &read["certified"]),
        (&json!(12_500), &json!(false))
    );
    assert_eq!(read["accounts"]["accounts"][0]["vat-code"], Value::Null);
    let approval = json!({"approval-user": {"id": 101}, "approval-type": "APPROVAL"});
    let approve = format!("{path}/approve");
    json(&sandbox, "POST", &approve, Some(approval.clone()))
        .await
        .ok();
    refused(&sandbox, "POST", &approve, approval).await;
    let list = get(&sandbox, "supplier/invoice?limit=1").await;
    assert_eq!(list["size"], 1);
    let read = &list["supplier-invoices"][0];
    assert_eq!(read["certified"], true);
    let approvals = &read["supplier-invoice-approvals"]["supplier-invoice-approvals"];
    assert_eq!(approvals[0]["approval-date"], "2026-04-22T12:00:00");
}

#[tokio::test]
async fn vouchers_are_balanced_numbered_and_add_up() {
    let sandbox = company().await;
    let voucher = |amounts: [i64; 2], day: &str| {
        json!({
            "serie": "A", "description": "Hyra", "comments": "", "date": day, "files": [],
            "transactions": [
                {"account-nr": 5010, "amount": amounts[0],
                 "dimensions": {"dimension-entries": [{"id": 2001, "percentage": 0.25}]}},
                {"account-nr": 1930, "amount": amounts[1]},
            ],
        })
    };
    let unbalanced = voucher([100, -99], "2026-03-01");
    refused(&sandbox, "PUT", "accounting/voucher", unbalanced).await;
    let no_year = voucher([100, -100], "2020-03-01");
    refused(&sandbox, "PUT", "accounting/voucher", no_year).await;
    put(
        &sandbox,
        "accounting/voucher",
        voucher([10_000, -10_000], "2026-02-01"),
    )
    .await;
    put(
        &sandbox,
        "accounting/voucher",
        voucher([400, -400], "2026-03-01"),
    )
    .await;

    let read = get(&sandbox, "accounting/voucher/22/A/2").await;
    assert_eq!(
        (&read["number"], &read["turnover"]),
        (&json!(2), &json!(400))
    );
    let first = &read["transactions"]["transactions"][0];
    assert_eq!(
        first["dimension-entries"]["dimension-entries"][0]["amount"],
        100
    );
    let currencies = &first["currency-amounts"]["currency-amounts"][0];
    assert_eq!(currencies["currency-type"], "SEK");
    json(&sandbox, "GET", "accounting/voucher/21/A/2", None)
        .await
        .error(404);

    let accounts = "accounting/account/2026-03-01/2026-03-31/metadata";
    let accounts = get(&sandbox, accounts).await;
    let all = accounts["accounts"].as_array().unwrap();
    let bank = all.iter().find(|one| one["accountNr"] == 1930).unwrap();
    assert_eq!(
        (&bank["in-balance"], &bank["out-balance"]),
        (&json!(-10_000), &json!(-10_400))
    );
    assert_eq!(
        (&bank["debit-count"], &bank["credit-count"]),
        (&json!(0), &json!(1))
    );
    let detailed = get(&sandbox, "accounting/voucher/detailed?offset=1").await;
    assert_eq!(
        (&detailed["offset"], &detailed["size"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(detailed["vouchers"].as_array().unwrap().len(), 1);
    let rate = get(&sandbox, "accounting/exchange-rate/EUR/SEK/2026-01-01").await;
    assert_eq!(rate["rate"].as_f64(), Some(11.0));
}

#[tokio::test]
async fn revenues_are_paid_by_bank_transactions() {
    let sandbox = company().await;
    let file = json!([{"filename": "f.pdf", "data": PDF}]);
    let revenue = |key: &str, amount: i64| {
        json!({
            "ledger": {"id": 41}, "external-id": key, "country-code": "SE",
            "new-client": {"foreign-id": key, "name": "Ny", "client-type": "ORGANISATION"},
            "transaction-date": "2026-04-01", "files": file,
            "rows": [{"product": {"id": 3},
                      "original-amount": {"amount": amount, "vat": 0, "currency": "SEK"}}],
        })
    };
    let first = put(&sandbox, "revenue", revenue("r-1", 1_000)).await;
    let second = put(&sandbox, "revenue", revenue("r-2", 500)).await;
    let message = refused(&sandbox, "PUT", "revenue", revenue("r-1", 1)).await;
    assert!(
        message.starts_with("RevenueAlreadyExistsException"),
        "{message}"
    );
    refused(&sandbox, "PUT", "revenue", revenue("r-3", -1)).await;
    assert_eq!(
        sandbox.clients().len(),
        1 + 2,
        "a refused revenue makes no client"
    );
    let mut unknown = revenue("r-4", 1);
    unknown["ledger"]["id"] = json!(99);
    refused(&sandbox, "PUT", "revenue", unknown).await;

    let transaction = |amount: i64| {
        json!({"bankAccountId": 51, "date": "2026-04-02", "amount": amount, "reference": "x",
               "description": "", "files": file})
    };
    let paid = put(&sandbox, "bank/transaction", transaction(1_200)).await;
    let fees = json!({"currency-type": "SEK", "amount": 0, "vat": 0});
    let entry = |id: i64, amount: i64| {
        json!({"revenue-reference": {"id": id}, "bank-transaction-amount": amount,
               "revenue-amount": {"currency-type": "SEK", "amount": amount},
               "transaction-fees": fees})
    };
    let consolidate = format!("bank/transaction/{paid}/consolidate");
    let mut body = json!({"require-full-consolidation": true, "files": file,
                          "revenues": [entry(first, 1_000)]});
    refused(&sandbox, "POST", &consolidate, body.clone()).await;
    body["require-full-consolidation"] = json!(false);
    json(&sandbox, "POST", &consolidate, Some(body)).await.ok();
    let read = get(&sandbox, &format!("bank/transaction/{paid}")).await;
    assert_eq!(
        (&read["id"]["id"], &read["remaining-amount"]),
        (&json!(paid), &json!(200))
    );
    assert_eq!(
        get(&sandbox, &format!("revenue/{first}")).await["remaining-accounting-amount"],
        0
    );
    let shares = get(&sandbox, &format!("bank/transaction/{paid}/distribution")).await;
    assert_eq!(
        shares["bank-transaction-distributions"][0]["revenue"],
        json!({"id": first})
    );

    let other = put(&sandbox, "bank/transaction", transaction(300)).await;
    let mut fuzzy = json!({
        "revenue-references": [{"external-id": {"id": "r-2", "revenue-ledger": {"id": 41}}}],
        "bank-transaction-references": [{"id": paid}], "transaction-fees": fees, "files": file,
    });
    refused(&sandbox, "POST", "revenue/consolidate", fuzzy.clone()).await;
    fuzzy["bank-transaction-references"] = json!([{"id": paid}, {"id": other}]);
    let result = json(&sandbox, "POST", "revenue/consolidate", Some(fuzzy))
        .await
        .ok();
    assert_eq!(result["bank-transaction-count"], 2);
    let read = get(&sandbox, &format!("revenue/{second}")).await;
    assert_eq!(read["remaining-accounting-amount"], 0);

    let update = json!({"message": "rättat", "create": revenue("r-1", 2_000)});
    json(&sandbox, "POST", &format!("revenue/{first}"), Some(update))
        .await
        .ok();
    assert_eq!(
        get(&sandbox, &format!("revenue/{first}")).await["revision"],
        2
    );

    let check = async |nr: &str| {
        let body = json!({"supplier-invoice-account": {"type": "BANK_GIRO", "nr": nr}});
        let answer = json(&sandbox, "POST", "bank/validate", Some(body))
            .await
            .ok();
        answer["success"].as_bool().unwrap()
    };
    assert!(check("5402-9681").await && !check("5402-9682").await);
    let iban = async |iban: &str| {
        let body = json!({"bic-iban": {"bic": "SWEDSESS", "iban": iban}});
        let answer = json(&sandbox, "POST", "bank/validate", Some(body))
            .await
            .ok();
        answer["success"].as_bool().unwrap()
    };
    assert!(iban("SE35 5000 0000 0549 1000 0003").await);
    assert!(!iban("SE36 5000 0000 0549 1000 0003").await);
}

#[tokio::test]
async fn a_payroll_run_pays_the_employed_once() {
    let sandbox = company().await;
    let run = json!({
        "payment-date": "2026-04-25",
        "payouts": [{"user": {"id": 101}, "period-start": "2026-04-01", "period-end": "2026-04-30",
            "articles": {"salaries": [{"description": "Lön", "quantity": 1, "price": 4_000_000}]}}],
    });
    let message = refused(&sandbox, "PUT", "payroll/run", run.clone()).await;
    assert!(
        message.starts_with("PayrollUserDoesNotExistException"),
        "{message}"
    );
    let hired = json!({"ssn": "19121212-1212", "employment-start-date": "2026-01-01"});
    put(&sandbox, "payroll/user/101", hired.clone()).await;
    refused(&sandbox, "PUT", "payroll/user/101", hired).await;
    refused(
        &sandbox,
        "PUT",
        "payroll/user/101",
        json!({"ssn": "19121212-1212"}),
    )
    .await;
    let id = put(&sandbox, "payroll/run", run).await;
    let list = get(&sandbox, "payroll/run").await;
    let shown = &list["payroll-runs"][0];
    assert_eq!(shown["payouts"]["payouts"][0]["gross"], 4_000_000);
    assert!(
        shown.get("paid").is_none() && shown.get("nr").is_none(),
        "{shown}"
    );
    let pay = format!("payroll/run/{id}/pay");
    json(&sandbox, "POST", &pay, Some(json!({}))).await.ok();
    refused(&sandbox, "POST", &pay, json!({})).await;
    assert_eq!(
        get(&sandbox, "payroll/run").await["payroll-runs"][0]["nr"],
        1
    );
    let transactions = get(&sandbox, "payroll/transaction").await;
    assert_eq!(transactions["payroll-transactions"][0]["price"], 4_000_000);

    let report = "payroll/user/101/month-report/2026/3";
    assert_eq!(get(&sandbox, report).await["gross"], 0);
    let article = json!({"articles": [{"foreign-id": "a", "article": {"id": 801},
        "description": "", "quantity": 2, "price": 100, "unit": "HOUR"}]});
    json(&sandbox, "POST", report, Some(article)).await.ok();
    let provision = json!({"provisions": [{"amount": 50, "description": ""}]});
    json(&sandbox, "POST", report, Some(provision)).await.ok();
    let read = get(&sandbox, report).await;
    assert_eq!(read["gross"], 250, "the absent list stays: {read}");
    assert_eq!(read["articles"]["articles"][0]["unit"], "HOUR");
    json(&sandbox, "POST", report, Some(json!({"articles": []})))
        .await
        .ok();
    assert_eq!(get(&sandbox, report).await["gross"], 50);
    let month = get(&sandbox, "payroll/month-report/2026/3").await;
    assert_eq!(month["payroll-month-report-readables"][0]["month"], 3);
    json(&sandbox, "GET", "payroll/month-report/2026/12", None)
        .await
        .error(400);
}

#[tokio::test]
async fn schedules_decide_the_hours_of_a_day() {
    let sandbox = company().await;
    let hired = json!({"ssn": "19121212-1212", "employment-start-date": "2026-04-01"});
    put(&sandbox, "payroll/user/101", hired).await;
    // Two weeks: Mondays of the first, Tuesdays of the second.
    let day = |day: i64| json!({"day": day, "hours": 4, "type": "WORK", "comment": ""});
    let schedule = json!({"name": "Deltid", "intervals": [day(1), day(9)]});
    let id = put(&sandbox, "payroll/schedule/rolling", schedule).await;
    let read = get(&sandbox, &format!("payroll/schedule/{id}")).await;
    let rolling = &read["rolling-schedule"];
    assert_eq!((&rolling["weeks"], &rolling["id"]), (&json!(2), &json!(id)));
    assert_eq!(rolling["level-of-employment"].as_f64(), Some(0.1));
    let all = get(&sandbox, "payroll/schedule").await;
    assert_eq!(all["rolling-schedules"].as_array().unwrap().len(), 2);

    let change = json!({"schedules": [{"schedule": {"id": id}, "comment": ""}]});
    json(&sandbox, "POST", "payroll/user/101", Some(change))
        .await
        .ok();
    let days = get(
        &sandbox,
        "payroll/user/101/schedule/2026-03-30/to/2026-04-26",
    )
    .await;
    let days = days["payroll-user-schedule-metadatas"].as_array().unwrap();
    let working: Vec<_> = days
        .iter()
        .filter(|day| day["gross-hours"].as_f64() != Some(0.0))
        .map(|day| day["date"].as_str().unwrap())
        .collect();
    // Nothing before the employment; then every other week.
    assert!(
        working == ["2026-04-07", "2026-04-13", "2026-04-21"]
            || working == ["2026-04-06", "2026-04-14", "2026-04-20"],
        "{working:?}"
    );
    let fixed = json!({"name": "Sommar", "intervals": [{"date": "2026-07-01", "hours": 6,
                       "type": "WORK", "comment": ""}]});
    let fixed = put(&sandbox, "payroll/schedule/fixed", fixed).await;
    let path = format!("payroll/schedule/fixed/{fixed}");
    json(&sandbox, "POST", &path, Some(json!({"name": "Höst"})))
        .await
        .ok();
    let read = get(&sandbox, &format!("payroll/schedule/{fixed}")).await;
    assert_eq!(read["fixed-schedule"]["name"], "Höst");
    assert_eq!(
        read["fixed-schedule"]["intervals"]["intervals"][0]["hours"],
        6
    );
    let wrong = format!("payroll/schedule/rolling/{fixed}");
    json(&sandbox, "POST", &wrong, Some(json!({"name": "x"})))
        .await
        .error(404);
}

#[tokio::test]
async fn absences_of_the_payroll_are_written_and_locked() {
    let sandbox = company().await;
    let hired = json!({"ssn": "19121212-1212", "employment-start-date": "2026-01-01"});
    put(&sandbox, "payroll/user/101", hired).await;
    put(&sandbox, "payroll/user/101/child", json!({"name": "Lilla"})).await;
    let employee = get(&sandbox, "payroll/user/101").await;
    assert_eq!(employee["children"]["children"][0]["name"], "Lilla");
    let absence =
        |kind: &str, day: &str| json!({"date": day, "hours": 8, "type": kind, "comment": ""});
    let event = "payroll/user/101/event";
    refused(&sandbox, "PUT", event, absence("CHILDCARE", "2026-04-20")).await;
    let id = put(&sandbox, event, absence("VACATION", "2026-04-20")).await;
    let span =
        json!({"user-id": {"id": 101}, "start-date": "2026-04-20", "end-date": "2026-04-20"});
    json(&sandbox, "POST", "event/certify", Some(span))
        .await
        .ok();
    let path = format!("{event}/{id}");
    refused(&sandbox, "POST", &path, absence("SICK", "2026-04-21")).await;
    refused(&sandbox, "PUT", event, absence("SICK", "2026-04-20")).await;
    json(&sandbox, "DELETE", &path, None).await.error(500);
    let other = put(&sandbox, event, absence("SICK", "2026-04-21")).await;
    json(&sandbox, "DELETE", &format!("{event}/{other}"), None)
        .await
        .ok();
    let list = get(
        &sandbox,
        "payroll/user/101/event/from/2026-04-01/to/2026-04-30",
    )
    .await;
    assert_eq!(list["payroll-events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn receipts_become_entries_and_entries_a_report() {
    let sandbox = company().await;
    let url = format!(
        "{}/company/{}/expense/file",
        sandbox.base_url(),
        sandbox.company()
    );
    let upload = reqwest::Client::new()
        .put(url)
        .header("X-Token", sandbox.token())
        .header("Content-Type", "application/octet-stream")
        .body(vec![0xFF_u8, 0xD8]);
    let answer = upload.send().await.unwrap().text().await.unwrap();
    assert_eq!(answer, "<created><id>61001</id></created>");
    let form = get(&sandbox, "expense/entry/form").await;
    assert_eq!(
        form["countries"]["countries"][0]["vat-percentages"]["vat-percentages"][0],
        25
    );
    assert_eq!(
        form["expense-types"]["expense-types"][0]["classification"],
        "BASIC"
    );
    get(&sandbox, "expense/entry/form/defaults").await;
    assert_eq!(
        get(&sandbox, "expense/file").await["expense-files"][0]["id"],
        61_001
    );
    let entry = |kind: i64| {
        json!({"expense-file": {"id": 61_001}, "expense-type": {"id": kind}, "date": "2026-04-01",
               "description": "Taxi", "digital": true, "amount": 25_000, "vat": 1_415,
               "currency-type": "SEK", "country-code": "SE",
               "dimension-entries": [{"id": 2001}]})
    };
    refused(&sandbox, "PUT", "expense/entry", entry(9)).await;
    let id = put(&sandbox, "expense/entry", entry(2)).await;
    let read = get(&sandbox, &format!("expense/entry/{id}")).await;
    assert_eq!(read["expense-type"]["name"], "Resor");
    let dimension = &read["dimension-entries"]["dimension-entries"][0];
    assert_eq!(dimension["dimension"]["name"], "Kostnadsställe");
    assert_eq!(
        get(&sandbox, "expense/file").await["expense-files"],
        json!([])
    );
    let report = json!({"expense-entries": [{"id": id}]});
    put(&sandbox, "expense", report.clone()).await;
    refused(&sandbox, "PUT", "expense", report).await;
    let list = get(&sandbox, "expense").await;
    assert_eq!(
        (&list["expenses"][0]["amount"], &list["expenses"][0]["nr"]),
        (&json!(25_000), &json!(1))
    );
    let message = refused(&sandbox, "POST", &format!("expense/entry/{id}"), entry(2)).await;
    assert!(message.contains("låst"), "{message}");
}

#[tokio::test]
async fn foundations_grant_pay_and_take_back() {
    let sandbox = company().await;
    let files = json!([{"filename": "f.pdf", "data": PDF}]);
    let grant = json!({"recipient": "Skolan", "foreign-id": "g-1", "decision-date": "2026-03-01",
        "currency-amount": {"currency-type": "SEK", "amount": 100_000}, "files": files,
        "dimensions-distribution": {"dimension-entries": [{"id": 2001}]}});
    let id = put(&sandbox, "foundation/grant", grant).await;
    let path = format!("foundation/grant/{id}");
    let read = get(&sandbox, &path).await;
    assert_eq!(read["dimensions"]["dimension-entries"][0]["id"], 2001);
    let more = json!({"grant-amount": {"amount": 200_000}});
    json(&sandbox, "POST", &path, Some(more)).await.ok();
    let read = get(&sandbox, &path).await;
    assert_eq!(
        read["currency-amount"],
        json!({"currency-type": "SEK", "amount": 200_000})
    );
    assert_eq!(read["recipient"], "Skolan");
    let payment = |grant: i64| {
        json!({"grant-id": grant, "foreign-id": "p-1",
            "recipient": {"name": "Skolan", "identifier": "802999-0010"},
            "payment-amount": {"amount": 50_000}})
    };
    refused(&sandbox, "PUT", "foundation/payment", payment(1)).await;
    let paid = put(&sandbox, "foundation/payment", payment(id)).await;
    let paid = format!("foundation/payment/{paid}");
    let change = json!({"recipient": {"name": "Nya skolan"}, "ocr": "1230"});
    json(&sandbox, "POST", &paid, Some(change)).await.ok();
    let read = get(&sandbox, &paid).await;
    assert_eq!(
        read["recipient"],
        json!({"name": "Nya skolan", "identifier": "802999-0010"})
    );
    assert_eq!(read["payment-amount"], json!({"amount": 50_000}));
    let back = json!({"grant-id": id, "foreign-id": "r-1", "decision-date": "2026-04-01",
                      "amount": 10_000, "file": files[0]});
    let back = put(&sandbox, "foundation/repayment", back).await;
    let read = get(&sandbox, &format!("foundation/repayment/{back}")).await;
    assert_eq!(read["amount"], json!({"amount": 10_000}));
    let returned = json!({"decision-date": "2026-04-01", "files": files});
    json(
        &sandbox,
        "POST",
        &format!("{path}/return"),
        Some(returned.clone()),
    )
    .await
    .ok();
    refused(&sandbox, "POST", &format!("{path}/return"), returned).await;
    assert_eq!(
        get(&sandbox, "foundation/grant").await["foundation-grants"][0]["returned"],
        true
    );
    assert_eq!(
        get(&sandbox, "foundation/sub-foundation/1").await["id"],
        "1"
    );
}

#[tokio::test]
async fn rights_costs_dimensions_and_agreements() {
    let sandbox = company().await;
    let rights = get(&sandbox, "user/101/access").await;
    assert_eq!(rights["accesses"][0]["type"], "ADMINISTRATOR_WITH_PAYROLL");
    refused(
        &sandbox,
        "PUT",
        "user/101/access",
        json!({"type": "PAYROLL"}),
    )
    .await;
    put(&sandbox, "user/101/access", json!({"type": "Expert"})).await;
    let all = json!({"accesses": [{"type": "PAYROLL"}, {"type": "Manager"}]});
    json(&sandbox, "POST", "user/101/access", Some(all))
        .await
        .ok();
    let rights = get(&sandbox, "user/101/access").await;
    assert_eq!(rights["accesses"].as_array().unwrap().len(), 2);
    let costs =
        json!({"internal-hourly-cost-writables": [{"start-date": "2026-01-01", "price": 5}]});
    let path = "user/101/internal-hourly-cost";
    json(&sandbox, "POST", path, Some(costs)).await.ok();
    put(
        &sandbox,
        path,
        json!({"start-date": "2026-02-01", "price": 6}),
    )
    .await;
    let costs = get(&sandbox, path).await;
    assert_eq!(
        costs["internal-hourly-cost-readables"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    json(&sandbox, "GET", "user/999/internal-hourly-cost", None)
        .await
        .error(404);

    let entry = json!({"name": "Ny", "foreign-id": "d-1", "description": "", "active": true});
    let id = put(&sandbox, "dimension/11/entry", entry.clone()).await;
    let message = refused(&sandbox, "PUT", "dimension/11/entry", entry.clone()).await;
    assert!(
        message.starts_with("DimensionEntryAlreadyExistsException"),
        "{message}"
    );
    put(&sandbox, "dimension/12/entry", entry.clone()).await;
    json(
        &sandbox,
        "POST",
        &format!("dimension/12/entry/{id}"),
        Some(entry.clone()),
    )
    .await
    .error(404);
    json(
        &sandbox,
        "POST",
        &format!("dimension/11/entry/{id}"),
        Some(entry),
    )
    .await
    .ok();

    let agreement = json!({"foreign-id": "a", "client-ref": {"id": 17}, "description": "Abonnemang",
        "start-invoice-date": "2026-05-01", "currency": "SEK", "payment-days": 30,
        "invoice-interval-months": 1, "invoice-day": "INVOICE_AT_START", "end-date": null});
    let id = put(&sandbox, "client/agreement", agreement.clone()).await;
    let path = format!("client/agreement/{id}");
    let read = get(&sandbox, &path).await;
    assert_eq!(
        (&read["revision-nr"], &read["next-invoice-date"]),
        (&json!(1), &json!("2026-05-01"))
    );
    assert_eq!(read["end-date"], Value::Null);
    let update = json!({"client-agreement": agreement});
    let result = json(&sandbox, "POST", &path, Some(update)).await.ok();
    assert_eq!(result, json!({"revision-nr": 2}));
    assert_eq!(get(&sandbox, &path).await["revision-nr"], 2);
}

#[tokio::test]
async fn bytes_are_answered_as_bytes() {
    let sandbox = company().await;
    let xsd = format!("{}/xsd", sandbox.base_url());
    let xsd = reqwest::get(xsd).await.unwrap().text().await.unwrap();
    assert!(xsd.starts_with("<xs:schema") && xsd.contains("name=\"event-writable\""));
    let day = date("2026-04-01");
    let invoice = kleer_model::ClientInvoice::draft(common::CLIENT, day, day, "SEK", Vec::new());
    let id = common::created(&sandbox, "client/invoice", &invoice).await;
    let pdf = json(&sandbox, "GET", &format!("client/invoice/{id}/pdf"), None).await;
    assert_eq!(
        (pdf.status, pdf.content_type.as_str()),
        (200, "application/pdf")
    );
    assert!(pdf.text.starts_with("%PDF-1.4") && pdf.text.ends_with("%%EOF\n"));
}
