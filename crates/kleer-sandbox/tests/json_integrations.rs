//! JSON calls as real integrations send them, written by hand from what is publicly known of them:
//! a time tracker in Rust, a Ruby client, Python scripts, pages in JavaScript.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{date, json, seed};
use kleer_model::{ClientProjectWritable, User, UserId, endpoint};
use kleer_sandbox::{Sandbox, Seed};
use serde_json::{Value, json};

/// User 7 is employed, with one child; a client project with restricted activities.
async fn company() -> Sandbox {
    let mut user = User::new("Test Testsson", "test@exempel.example");
    user.id = UserId(7);
    let mut project = ClientProjectWritable::new(common::CLIENT, "P1", "Webbplats");
    project.all_users = true;
    project.all_activities = true;
    let seed = seed()
        .user(&user)
        .write(&endpoint::CLIENT_PROJECT_CREATE, &[], &project);
    let sandbox = Sandbox::builder()
        .seed(seed)
        .today(date("2026-04-22"))
        .start()
        .await
        .unwrap();
    let hired = json!({"ssn": "19121212-1212", "employment-start-date": "2026-01-01"});
    json(&sandbox, "PUT", "payroll/user/7", Some(hired))
        .await
        .ok();
    sandbox
}

#[track_caller]
fn id(value: &Value) -> i64 {
    value["id"]
        .as_i64()
        .unwrap_or_else(|| panic!("no id in {value}"))
}

#[tokio::test]
async fn a_time_tracker_reports_changes_and_deletes_time() {
    let sandbox = company().await;
    let me = json(&sandbox, "GET", "user/me", None).await.ok();
    assert!(
        me["id"].is_i64() && me["name"].is_string() && me["active"] == true,
        "{me}"
    );
    let users = json(&sandbox, "GET", "user", None).await.ok();
    let user = &users["users"].as_array().unwrap()[0];
    assert_eq!(user["name"], "Test Testsson");
    assert!(
        user["dimensions"].is_object() && user["dimension-entry"]["id"].is_i64(),
        "{user}"
    );

    let projects = json(&sandbox, "GET", "client-project?filter=active", None)
        .await
        .ok();
    let project = &projects["client-project-readables"][0];
    assert_eq!(project["name"], "Webbplats");
    assert_eq!(project["all-activities"], true);
    assert_eq!(project["activities"], json!([]));
    assert_eq!(project["users"], json!([]));
    assert_eq!(project["status"], "OPEN");
    let activities = json(&sandbox, "GET", "activity", None).await.ok();
    let activities = activities["activity-readables"].as_array().unwrap();
    let work = activities
        .iter()
        .find(|one| one["name"] == "Arbete")
        .unwrap();

    let mut event = json!({
        "user": {"id": 7}, "activity": {"id": id(&work["id"])},
        "client-project": {"id": id(&project["id"])},
        "date": "2026-04-21", "hours": 8.0, "comment": "Migrering",
    });
    // The schema's own client learned it so: without a foreign id, a technical error.
    let refused = json(&sandbox, "PUT", "event", Some(event.clone())).await;
    assert_eq!(refused.error(500), "Tekniskt fel");
    event["foreign-id"] = json!("toki-1");
    let created = json(&sandbox, "PUT", "event", Some(event.clone()))
        .await
        .ok();
    let path = format!("event/{}", id(&created));

    let week = "event?userId=7&startDate=2026-04-20&endDate=2026-04-26";
    let list = json(&sandbox, "GET", week, None).await.ok();
    let read = &list["event-readables"][0];
    assert_eq!(read["id"]["id"], created["id"]);
    assert_eq!(read["hours"].as_f64(), Some(8.0));
    assert_eq!(read["date"], "2026-04-21");
    assert_eq!(read["status"]["type"], "OPEN");
    assert_eq!(read["status"]["registration-date"], "2026-04-22");
    assert_eq!(read["foreign-id"], "toki-1");

    // Updates come without the key, which stays.
    let key = event.as_object_mut().unwrap().remove("foreign-id");
    event["hours"] = json!(7.5);
    let saved = json(&sandbox, "POST", &path, Some(event.clone()))
        .await
        .ok();
    assert_eq!(saved["id"], created["id"]);
    let read = json(&sandbox, "GET", &path, None).await.ok();
    assert_eq!(read["hours"].as_f64(), Some(7.5));
    assert_eq!(Some(&read["foreign-id"]), key.as_ref());

    // Approved time is locked, and so is its day.
    let span = json!({"user-id": {"id": 7}, "start-date": "2026-04-20", "end-date": "2026-04-21"});
    json(&sandbox, "POST", "event/approve", Some(span.clone()))
        .await
        .ok();
    let statuses = "event/statuses?userId=7&fromDate=2026-04-20&toDate=2026-04-22";
    let statuses = json(&sandbox, "GET", statuses, None).await.ok();
    let days = statuses["event-restriction-readables"].as_array().unwrap();
    let seen: Vec<_> = days
        .iter()
        .map(|day| {
            (
                day["status"]["event-date"].as_str(),
                day["status"]["type"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some("2026-04-20"), Some("APPROVED")),
            (Some("2026-04-21"), Some("APPROVED")),
            (Some("2026-04-22"), Some("OPEN")),
        ]
    );
    let refused = json(&sandbox, "POST", &path, Some(event.clone()))
        .await
        .error(500);
    assert!(refused.contains("låst"), "{refused}");
    json(&sandbox, "DELETE", &path, None).await.error(500);
    event["foreign-id"] = json!("toki-2");
    let refused = json(&sandbox, "PUT", "event", Some(event.clone()))
        .await
        .error(500);
    assert!(refused.contains("låst"), "{refused}");

    json(&sandbox, "POST", "event/unlock", Some(span))
        .await
        .ok();
    let deleted = json(&sandbox, "DELETE", &path, None).await.ok();
    assert_eq!(deleted["id"], created["id"]);
    let gone = json(&sandbox, "GET", &path, None).await.error(500);
    assert!(gone.starts_with("EventAccessDeniedException"), "{gone}");
}

#[tokio::test]
async fn absences_are_events_day_by_day() {
    let sandbox = company().await;
    let schedule = "payroll/user/7/schedule/2026-04-30/to/2026-05-02";
    let schedule = json(&sandbox, "GET", schedule, None).await.ok();
    let days = schedule["payroll-user-schedule-metadatas"]
        .as_array()
        .unwrap();
    let hours: Vec<_> = days
        .iter()
        .map(|day| {
            (
                day["gross-hours"].as_f64().unwrap(),
                day["actual-hours"].as_f64().unwrap(),
            )
        })
        .collect();
    // Thursday, May Day (a Friday), Saturday.
    assert_eq!(hours, [(8.0, 8.0), (8.0, 0.0), (0.0, 0.0)]);
    assert_eq!(days[0]["level-of-employment"].as_f64(), Some(1.0));

    let activities = json(&sandbox, "GET", "activity", None).await.ok();
    let of = |name: &str| {
        let all = activities["activity-readables"].as_array().unwrap();
        let found = all.iter().find(|activity| activity["name"] == name);
        found.unwrap().clone()
    };
    assert_eq!(of("VAB")["mandatory-child-when-reporting"], true);
    let report = |activity: &str, child: Option<&str>, key: &str| {
        let mut body = json!({
            "foreign-id": key, "user": {"id": 7}, "activity": {"id": id(&of(activity)["id"])},
            "date": "2026-04-28", "hours": 8, "comment": "",
        });
        if let Some(child) = child {
            body["child"] = json!(child);
        }
        body
    };
    let sick = report("Sjuk", None, "absence-1");
    let sick = json(&sandbox, "PUT", "event", Some(sick)).await.ok();
    json(
        &sandbox,
        "PUT",
        "event",
        Some(report("VAB", None, "absence-2")),
    )
    .await
    .error(500);
    let care = report("VAB", Some("Lilla Testsson"), "absence-3");
    json(&sandbox, "PUT", "event", Some(care)).await.ok();

    let events = "payroll/user/7/event/from/2026-04-01/to/2026-04-30";
    let events = json(&sandbox, "GET", events, None).await.ok();
    let events = events["payroll-events"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["type"], "SICK");
    assert_eq!(events[0]["id"], sick["id"]);
    assert_eq!(events[1]["type"], "CHILDCARE");
    assert_eq!(events[1]["child"], "Lilla Testsson");

    // A user without an employment is a business error, told by its exception.
    let refused = json(&sandbox, "GET", "payroll/user/101", None)
        .await
        .error(500);
    assert!(
        refused.contains("PayrollUserDoesNotExistException"),
        "{refused}"
    );
}

#[tokio::test]
async fn the_activities_of_a_client_project_are_those_of_project_and_user() {
    let sandbox = company().await;
    let project = |activities: Value, of_user: Value| {
        json!({
            "name": "Begränsat", "number": "P2", "client": {"id": 17}, "all-users": false,
            "all-activities": false, "activities": activities,
            "users": [{"user": {"id": 7}, "activities": of_user}],
        })
    };
    let entry = |id: i64| json!({"activity": {"id": id}});
    let cases = [
        (
            json!([entry(201), entry(202)]),
            json!([]),
            [true, true, false],
        ),
        (
            json!([entry(201), entry(202)]),
            json!([entry(202), entry(203)]),
            [false, true, false],
        ),
        (json!([]), json!([entry(203)]), [false, false, true]),
        (json!([]), json!([]), [false, false, false]),
    ];
    for (number, (activities, of_user, expected)) in cases.into_iter().enumerate() {
        let body = project(activities, of_user);
        let created = json(&sandbox, "PUT", "client-project", Some(body))
            .await
            .ok();
        let read = format!("client-project/{}", id(&created));
        let read = json(&sandbox, "GET", &read, None).await.ok();
        assert_eq!(read["id"]["id"], created["id"]);
        for (activity, allowed) in [201, 202, 203].into_iter().zip(expected) {
            let event = json!({
                "foreign-id": format!("{number}-{activity}"), "user": {"id": 7},
                "activity": {"id": activity}, "client-project": {"id": id(&created)},
                "date": "2026-04-22", "hours": 1, "comment": "",
            });
            let answer = json(&sandbox, "PUT", "event", Some(event)).await;
            assert_eq!(
                answer.status == 200,
                allowed,
                "{number} {activity}: {answer:?}"
            );
        }
        let stranger = json!({
            "foreign-id": "x", "user": {"id": 101}, "activity": {"id": 201},
            "client-project": {"id": id(&created)}, "date": "2026-04-22", "hours": 1, "comment": "",
        });
        json(&sandbox, "PUT", "event", Some(stranger))
            .await
            .error(500);
    }
}

/// The Ruby client: `Content-Type` alone, `null` as the body of every call without one, the oldest
/// base path, and the whole record sent back.
#[tokio::test]
async fn a_ruby_client_lists_and_sends_back() {
    let sandbox = company().await;
    let base = sandbox.base_url().replace("/v1", "/api/v1");
    let call = async |method: &str, path: &str, body: Value| -> Value {
        let response = reqwest::Client::new()
            .request(
                method.parse().unwrap(),
                format!("{base}/company/{}/{path}", sandbox.company()),
            )
            .header("X-Token", sandbox.token())
            .header("Content-Type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap()
    };
    let created = call(
        "PUT",
        "client",
        json!({
            "foreign-id": "", "name": "Kund", "contact": "", "address": {"address1": "Gatan 1",
            "address2": "", "zip-code": "12345", "state": "Orten", "country": "Sverige"},
            "email": "kund@exempel.example", "country-code": "SE", "accountnr": 0,
            "payment-days": 14, "orgno": "559990-0015", "phone": "", "user": {"id": 7},
            "delivery-type": "Email", "vat-nr": "", "template": {"id": 1}, "active": true,
        }),
    )
    .await;
    let clients = call("GET", "client", Value::Null).await;
    let clients = clients["clients"].as_array().unwrap();
    let mut client = clients.last().unwrap().clone();
    assert_eq!(client["id"], created["id"]);
    assert_eq!(client["template"], json!({"id": 1}));
    assert_eq!(client["payment-days"], 14);
    client["name"] = json!("Ny kund");
    let path = format!("client/{}", id(&created));
    call("POST", &path, client.clone()).await;
    let read = call("GET", &path, Value::Null).await;
    assert_eq!(read, client);
    call("DELETE", &path, Value::Null).await;
    assert_eq!(sandbox.clients().len(), 1);
}

/// Python models require these of every user and employee.
#[tokio::test]
async fn python_models_find_what_they_require() {
    let sandbox = company().await;
    let info = json(&sandbox, "GET", "info", None).await.ok();
    assert!(
        info["name"].is_string() && info["orgno"].is_string(),
        "{info}"
    );
    let users = json(&sandbox, "GET", "user", None).await.ok();
    for user in users["users"].as_array().unwrap() {
        assert!(user["dimension-entry"].is_object(), "{user}");
        assert!(user["dimensions"].is_object(), "{user}");
        assert!(user["internal-id"].is_i64(), "{user}");
    }
    let entitlement = json!({
        "vacation-entitlement": {"start-date": "2026-04-01", "entitlement": 25},
        "monthly-salary": 42_000,
    });
    json(&sandbox, "POST", "payroll/user/7", Some(entitlement))
        .await
        .ok();
    let employees = json(&sandbox, "GET", "payroll/user", None).await.ok();
    let employee = &employees["payroll-user-readables"][0];
    assert_eq!(employee["user"], json!({"id": 7}));
    assert_eq!(employee["ssn"], "19121212-1212");
    assert_eq!(employee["monthly-salary"], 42_000);
    assert_eq!(employee["monthly-salary-start-date"], "2026-04-01");
    assert!(employee["manager-user"].is_object(), "{employee}");
    assert_eq!(
        employee["vacation-entitlements"],
        json!({"vacation-entitlements": [{"start-date": "2026-04-01", "entitlement": 25}]})
    );
}

#[tokio::test]
async fn an_hr_system_changes_only_what_it_sends() {
    let sandbox = company().await;
    let update = |body: Value| json(&sandbox, "POST", "payroll/user/7", Some(body));
    update(json!({
        "address2": "Gatan 1", "zip-code": "12345", "phone": "08-123456", "tax-table": 33,
        "employment-end-date": {"employment-end-date": "2026-12-31"},
        "month-report-strategy": "CREATE_APPROVE_SELF",
    }))
    .await
    .ok();
    update(json!({"phone": ""})).await.ok();
    let read = json(&sandbox, "GET", "payroll/user/7", None).await.ok();
    assert_eq!(read["address2"], "Gatan 1");
    assert_eq!(read["tax-table"], 33);
    assert_eq!(read["phone"], "");
    assert_eq!(read["employment-end-date"], "2026-12-31");
    assert_eq!(read["month-report-strategy"], "CREATE_APPROVE_SELF");
    update(json!({"employment-end-date": "2026-11-30"}))
        .await
        .ok();
    let read = json(&sandbox, "GET", "payroll/user/7", None).await.ok();
    assert_eq!(read["employment-end-date"], "2026-11-30");
    // The empty wrapper removes the end; its absence above kept it.
    update(json!({"employment-end-date": {}})).await.ok();
    let read = json(&sandbox, "GET", "payroll/user/7", None).await.ok();
    assert!(read.get("employment-end-date").is_none(), "{read}");

    // Id, name, e-mail and active suffice; the rest of the user stays.
    let user =
        json!({"id": 7, "name": "Ny Testsson", "email": "ny@exempel.example", "active": true});
    json(&sandbox, "POST", "user/7", Some(user)).await.ok();
    let read = json(&sandbox, "GET", "user/7", None).await.ok();
    assert_eq!(read["name"], "Ny Testsson");
    assert!(
        read["internal-id"].is_i64() && read["dimension-entry"].is_object(),
        "{read}"
    );
}

/// Pages in JavaScript and scripts say JSON in `Content-Type` only; with `Accept` only, XML comes.
#[tokio::test]
async fn the_content_type_decides() {
    let sandbox = company().await;
    let url = format!(
        "{}/company/{}/client",
        sandbox.base_url(),
        sandbox.company()
    );
    let get = async |header: &str| {
        let request = reqwest::Client::new()
            .get(&url)
            .header("X-token", sandbox.token())
            .header(header, "application/json");
        request.send().await.unwrap().text().await.unwrap()
    };
    assert!(get("Content-Type").await.starts_with("{\"clients\":["));
    assert!(get("Accept").await.starts_with("<clients>"));
}

#[tokio::test]
async fn logging_in_gives_a_token_for_each_company() {
    let sandbox = Sandbox::builder()
        .another_company(kleer_model::CompanyId(12), "other-token", Seed::new())
        .login("anna@exempel.example", "hemligt")
        .start()
        .await
        .unwrap();
    let login = async |password: &str| {
        let response = reqwest::Client::new()
            .post(format!("{}/access/authenticate", sandbox.base_url()))
            .header("Content-Type", "application/json")
            .body(json!({"email": "Anna@exempel.example", "password": password}).to_string())
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let (status, text) = login("fel").await;
    assert_eq!(status, 401, "{text}");
    let (status, text) = login("hemligt").await;
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let companies = answer["accessible-companies"].as_array().unwrap();
    assert_eq!(companies.len(), 2);
    assert_eq!(companies[0]["token"], sandbox.token());
    assert_eq!(companies[0]["main"], true);
    assert_eq!(companies[1]["id"], 12);
    assert_eq!(
        companies[1]["accesses"]["types"][0],
        "ADMINISTRATOR_WITH_PAYROLL"
    );

    // A token opens its own company, and each company has a state of its own.
    let at = async |company: i32, token: &str, method: &str| {
        let response = reqwest::Client::new()
            .request(
                method.parse().unwrap(),
                format!("{}/company/{company}/client", sandbox.base_url()),
            )
            .header("X-Token", token)
            .header("Content-Type", "application/json")
            .body(json!({"name": "A", "country-code": "SE"}).to_string())
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(at(12, "other-token", "PUT").await.0, 200);
    assert_eq!(at(12, sandbox.token(), "GET").await.0, 403);
    assert!(at(12, "other-token", "GET").await.1.contains("\"A\""));
    assert_eq!(at(4875, sandbox.token(), "GET").await.1, "{\"clients\":[]}");
}

#[tokio::test]
async fn what_json_has_too_much_is_told_in_a_header() {
    let sandbox = company().await;
    let body = json!({"name": "A", "country-code": "SE", "shoe-size": 44});
    let answer = json(&sandbox, "PUT", "client", Some(body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.ignored, "client/shoe-size");
    // Many would make a header that other people's clients refuse.
    let mut body = json!({"name": "A", "country-code": "SE"});
    for number in 0..5_000 {
        body[format!("unknown-{number}")] = json!(1);
    }
    let answer = json(&sandbox, "PUT", "client", Some(body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.ignored.len() < 5_000, "{}", answer.ignored.len());
    assert!(
        answer.ignored.starts_with("client/unknown-0, "),
        "{}",
        answer.ignored
    );
    assert!(answer.ignored.ends_with(" more"), "{}", answer.ignored);
    let message = json(&sandbox, "PUT", "client", Some(json!([1])))
        .await
        .error(400);
    assert!(message.contains("client is an array"), "{message}");
    json(&sandbox, "GET", "client/999", None).await.error(404);
}

/// A whole sale: client, product, invoice with rows in each shape that was guessed, certified, sent
/// and paid.
#[tokio::test]
async fn an_invoice_is_made_certified_and_paid() {
    let sandbox = company().await;
    let row = json!({"quantity": 2, "price": 95_000, "product": {"id": 3}, "unit": "tim",
                     "description": "Konsulttid", "discount": {"percentage": 10}});
    for rows in [json!({"rows": [row]}), json!([row]), json!({"row": row})] {
        let invoice = json!({
            "foreign-id": "i", "client-ref": {"id": 17}, "invoice-date": "2026-04-22",
            "due-date": "2026-05-22", "delivery-date": null, "currency": "SEK", "rows": rows,
            "your-reference": "Anna", "our-reference": {"id": 0},
        });
        let created = json(&sandbox, "PUT", "client/invoice", Some(invoice))
            .await
            .ok();
        let path = format!("client/invoice/{}", id(&created));
        let read = json(&sandbox, "GET", &path, None).await.ok();
        assert_eq!(read["amount"], 171_000);
        assert_eq!(read["vat"], 42_750);
        assert_eq!(
            read["rows"]["rows"][0]["discount"]["percentage"].as_f64(),
            Some(10.0)
        );
        json(&sandbox, "POST", &format!("{path}/send"), None)
            .await
            .error(500);
        json(&sandbox, "POST", &format!("{path}/certify"), None)
            .await
            .ok();
        json(&sandbox, "POST", &format!("{path}/send"), None)
            .await
            .ok();
        let payment = json!({"date": "2026-05-20", "invoice-amount": 213_750,
            "accounting-amount": 213_750, "files": {},
            "transactions": [{"account-nr": 1930, "amount": 213_750}]});
        json(&sandbox, "PUT", &format!("{path}/payment"), Some(payment))
            .await
            .ok();
        let read = json(&sandbox, "GET", &path, None).await.ok();
        assert_eq!(
            (&read["remaining"], &read["sent"]),
            (&json!(0), &json!(true))
        );
    }
    let list = json(
        &sandbox,
        "GET",
        "client/invoice?filter=certified&ignoreFiles=true",
        None,
    )
    .await;
    let list = list.ok();
    assert_eq!(list["size"], 3);
    assert_eq!(list["client-invoices"].as_array().unwrap().len(), 3);
}
