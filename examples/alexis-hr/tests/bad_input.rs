//! What Alexis and Kleer can do to the program, and what it makes of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use alexis_hr::fake::{Fault, Paging};
use kleer_model::{Access, AccessType, PayrollUserWritable, User, endpoint};
use kleer_sandbox::Sandbox;
use serde_json::json;
use support::{Desk, count};

#[tokio::test]
async fn pages_that_overlap_hide_nobody() {
    let desk = Desk::empty().await;
    desk.alexis.add_many(250);
    desk.alexis.page(Paging::Overlapping(2));
    let report = desk.run(&["status"]).await;
    assert_eq!(count(&report, "/not-linked"), 250);
    // Both readings found the same, and as many as there are said to be.
    assert_eq!(report.json["incomplete"], json!([]));
}

#[tokio::test]
async fn a_list_that_shrinks_while_it_is_read_is_read_again() {
    let desk = Desk::empty().await;
    desk.alexis.add_many(250);
    desk.alexis.page(Paging::Shrinking(1));
    desk.alexis.take_received();
    let report = desk.run(&["status"]).await;
    assert_eq!(count(&report, "/not-linked"), 249);
    assert_eq!(report.json["incomplete"], json!([]));
    let lists = desk.alexis.take_received();
    let beginnings = lists.iter().filter(|one| {
        one.path == "/v1/employee" && one.query.contains(&("offset".to_owned(), "0".to_owned()))
    });
    assert_eq!(beginnings.count(), 2);

    // One that shrinks each time is not believed to be whole.
    desk.alexis.page(Paging::Shrinking(9));
    let report = desk.run(&["status"]).await;
    assert_eq!(report.json["incomplete"], json!(["Alexis"]));
    assert!(report.needs_somebody && report.text.contains("nothing is concluded"));
    // Nor one that has fewer than it says.
    desk.alexis.page(Paging::Overstated);
    let report = desk.run(&["status"]).await;
    assert_eq!(report.json["incomplete"], json!(["Alexis"]));
}

#[tokio::test]
async fn a_whole_list_is_read_once_and_a_second_run_writes_nothing() {
    let desk = Desk::new().await;
    desk.run(&["export"]).await;
    desk.alexis.take_received();
    desk.sandbox.clear_requests();
    let report = desk.run(&["export"]).await;
    assert_eq!(report.json["affected"], json!([]), "{}", report.text);
    let received = desk.alexis.take_received();
    let lines: Vec<String> = received
        .iter()
        .map(|one| format!("{} {}", one.method, one.path))
        .collect();
    assert_eq!(lines, ["GET /v1/employee"]);
    for list in [&endpoint::USER_LIST, &endpoint::PAYROLL_USER_LIST] {
        desk.sandbox.assert_requested(list, 1);
    }
    let requests = desk.sandbox.requests();
    assert!(
        requests.iter().all(|one| one.method == "GET"),
        "{requests:?}"
    );
}

#[tokio::test]
async fn an_employee_without_a_number_is_a_deviation_until_the_number_is_there() {
    let desk = Desk::new().await;
    let karl = desk.id("Karl-Erik");
    let report = desk.run(&["export", &karl]).await;
    assert!(report.needs_somebody);
    assert_eq!(count(&report, "/applied/failed"), 1);
    assert!(desk.user("Karl-Erik Hägglund").is_none());
    let list = desk.run(&["deviations", "list"]).await.json;
    let deviation = &list["deviations"][0];
    assert_eq!(
        (&deviation["class"], &deviation["fields"]),
        (&json!("validation"), &json!(["ssn"]))
    );

    desk.alexis
        .change("employee", &karl, &json!({"ssn": "19510217-9974"}));
    let report = desk.run(&["deviations", "reprocess"]).await;
    assert_eq!(count(&report, "/applied/created"), 1);
    assert_eq!(
        desk.employment("Karl-Erik Hägglund").ssn.as_deref(),
        Some("19510217-9974")
    );
    assert_eq!(
        desk.run(&["deviations", "list"]).await.text,
        "no deviations\n"
    );
}

#[tokio::test]
async fn two_with_one_number_are_matched_by_a_person_only() {
    let desk = Desk::new().await;
    let user = User::new("Anna Ek", "anna@example.com");
    desk.sandbox
        .write(&endpoint::USER_CREATE, &[], &user)
        .unwrap();
    let anna = desk.user("Anna Ek").unwrap().id.to_string();
    let hired = "2026-01-01".parse().unwrap();
    let agreement = PayrollUserWritable::create("19901211-9948", hired);
    desk.sandbox
        .write(&endpoint::PAYROLL_USER_CREATE, &[&anna], &agreement)
        .unwrap();
    let second = json!({"firstName": "Anna", "lastName": "Ek", "ssn": "19901211-9948",
        "privateEmail": "other@example.com"});
    let second = desk.alexis.add("employee", &second);
    let report = desk.run(&["match"]).await;
    let proposals = report.json["proposals"].as_array().unwrap();
    assert_eq!(proposals.len(), 2, "{}", report.text);
    assert!(proposals.iter().all(|one| one["band"] != "auto"));
    assert!(
        report
            .text
            .contains("several records of one side have this key")
    );
    let report = desk.run(&["match", "--certain"]).await;
    assert_eq!(count(&report, "/applied/linked"), 0);
    // Nor is either of them created once more.
    desk.run(&["export"]).await;
    assert_eq!(
        desk.users()
            .iter()
            .filter(|user| user.name == "Anna Ek")
            .count(),
        1
    );
    let report = desk.run(&["export", &second, "--yes"]).await;
    assert!(
        report.text.contains("it may be the same as"),
        "{}",
        report.text
    );
    assert_eq!(
        desk.users()
            .iter()
            .filter(|user| user.name == "Anna Ek")
            .count(),
        1
    );

    let pair = format!("{}={anna}", desk.id("Anna"));
    let report = desk
        .run(&["match", "--confirm", &pair, "--prefer", "source"])
        .await;
    assert!(count(&report, "/applied/linked") + count(&report, "/applied/updated") >= 1);
}

#[tokio::test]
async fn an_employment_that_ends_before_it_starts_is_withheld() {
    let desk = Desk::new().await;
    let berit = desk.id("Berit");
    let report = desk.run(&["export", &berit]).await;
    assert_eq!(report.json["withheld"][0]["key"], json!(berit));
    assert!(report.text.is_empty() || report.needs_somebody);
    assert!(desk.user("Berit Lund").is_none());
    let list = desk.run(&["deviations", "list"]).await.json;
    let id = list["deviations"][0]["id"].as_str().unwrap().to_owned();
    let shown = desk.run(&["deviations", "show", &id[..8]]).await;
    assert!(
        shown.text.contains("before the first day"),
        "{}",
        shown.text
    );

    // Ignored, it is quiet until it fails for another reason.
    desk.run(&["deviations", "ignore", &id]).await;
    desk.run(&["export"]).await;
    assert_eq!(
        desk.run(&["deviations", "list"]).await.json["deviations"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["id"] == *id)
            .count(),
        0
    );

    let employment = desk.alexis.get("employee", &berit)["employmentId"].clone();
    let correct = json!({"endDate": "2027-05-31T00:00:00.000Z"});
    desk.alexis
        .change("employment", employment.as_str().unwrap(), &correct);
    let report = desk.run(&["export", &berit]).await;
    assert_eq!(count(&report, "/applied/created"), 1);
    let all = desk.run(&["deviations", "list", "--all"]).await.json;
    let state = all["deviations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == *id);
    assert_eq!(state.unwrap()["state"], "resolved");
}

#[tokio::test]
async fn a_salary_of_another_period_is_withheld_and_not_guessed() {
    let desk = Desk::new().await;
    let marta = desk.id("Märta");
    let compensation = desk.alexis.get("employee", &marta)["compensationId"].clone();
    let weekly = json!({"payoutPeriod": "WEEKLY"});
    desk.alexis
        .change("compensation", compensation.as_str().unwrap(), &weekly);
    let report = desk.run(&["export", &marta]).await;
    assert_eq!(report.json["withheld"][0]["key"], json!(marta));
    assert!(
        report.json["withheld"][0]["problems"]
            .to_string()
            .contains("compensation.payoutPeriod")
    );
    assert!(desk.user("Märta Sjögren").is_none());
}

#[tokio::test]
async fn a_rate_limit_is_waited_for() {
    let desk = Desk::new().await;
    desk.alexis.fail(
        "GET /v1/employee",
        [Fault::RateLimited(0), Fault::RateLimited(0)],
    );
    assert_eq!(count(&desk.run(&["status"]).await, "/not-linked"), 5);
    // A write, too: it was not carried out.
    desk.run(&["export", &desk.id("Märta")]).await;
    let user = desk.user("Märta Sjögren").unwrap();
    let mut change = PayrollUserWritable::update();
    change.phone = Some("070-174 06 30".to_owned());
    let id = user.id.to_string();
    desk.sandbox
        .write(&endpoint::PAYROLL_USER_UPDATE, &[&id], &change)
        .unwrap();
    desk.alexis
        .fail("PATCH /v1/employee", [Fault::RateLimited(0)]);
    let report = desk.run(&["import"]).await;
    assert_eq!(count(&report, "/applied/updated"), 1, "{}", report.text);
    let there = desk.alexis.get("employee", &desk.id("Märta"));
    assert_eq!(there["privatePhone"], "070-174 06 30");
}

#[tokio::test]
async fn refused_credentials_are_named() {
    let desk = Desk::new().await;
    for (fault, words) in [
        (Fault::Unauthorised, "the credentials are refused"),
        (Fault::Forbidden, "have no right"),
    ] {
        desk.alexis.fail("GET /v1/employee", [fault]);
        let error = desk.try_run(&["status"]).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    desk.write("alexis.token", "wrong");
    let error = desk.try_run(&["status"]).await.unwrap_err().to_string();
    assert!(error.contains("the credentials are refused"), "{error}");
}

#[tokio::test]
async fn a_write_to_alexis_whose_answer_is_lost_is_not_repeated() {
    let desk = Desk::new().await;
    desk.run(&["export", &desk.id("Märta")]).await;
    for fault in [Fault::AnswerLost, Fault::Garbled] {
        let phone = if fault == Fault::Garbled {
            "070-174 06 31"
        } else {
            "070-174 06 32"
        };
        let mut change = PayrollUserWritable::update();
        change.phone = Some(phone.to_owned());
        let id = desk.user("Märta Sjögren").unwrap().id.to_string();
        desk.sandbox
            .write(&endpoint::PAYROLL_USER_UPDATE, &[&id], &change)
            .unwrap();
        desk.alexis.fail("PATCH /v1/employee", [fault]);
        desk.alexis.take_received();
        desk.run(&["import"]).await;
        let patches = desk
            .alexis
            .take_received()
            .into_iter()
            .filter(|one| one.method == "PATCH");
        assert_eq!(patches.count(), 1);
        assert_eq!(
            desk.alexis.get("employee", &desk.id("Märta"))["privatePhone"],
            phone
        );
        // It took effect, and the next run sees so.
        assert_eq!(desk.run(&["import"]).await.json["affected"], json!([]));
        let open = desk.run(&["deviations", "list"]).await;
        assert_eq!(open.text, "no deviations\n");
    }
}

#[tokio::test]
async fn a_token_without_rights_in_kleer_is_told_which() {
    let desk = Desk::with(Sandbox::builder()).await;
    desk.alexis.add_demo();
    let me: User = desk.sandbox.read(&endpoint::USER_ME, &[]).unwrap();
    let mut only = kleer_model::List::default();
    only.items.push(Access::new(AccessType::PayrollRead));
    desk.sandbox
        .write(&endpoint::ACCESS_REPLACE, &[&me.id.to_string()], &only)
        .unwrap();
    assert!(desk.try_run(&["status"]).await.is_ok());
    let error = desk
        .try_run(&["export", "--yes"])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("to write users") && error.contains("to write the payroll"),
        "{error}"
    );
    assert_eq!(desk.sandbox.count_requests(&endpoint::USER_CREATE), 0);
    let error = desk
        .try_run(&["leave", "--from", "2026-10-01", "--to", "2026-10-31"])
        .await;
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("to write reported time")
    );
}

#[tokio::test]
async fn a_company_that_is_not_the_one_linked_before_is_refused() {
    let desk = Desk::new().await;
    desk.run(&["export", &desk.id("Märta")]).await;
    desk.set_connection(4711, "salary-unit = \"kronor\"", "");
    let error = desk
        .try_run(&["export", "--yes"])
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("was with company"), "{error}");
    // The same id, but another company behind the token.
    let other = "salary-unit = \"kronor\"\norganisation-number = \"202100-5489\"";
    desk.set_connection(desk.sandbox.company().0, other, "");
    let error = desk
        .try_run(&["export", "--yes"])
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("organisation number"), "{error}");
    assert_eq!(desk.sandbox.count_requests(&endpoint::USER_CREATE), 1);
}

#[tokio::test]
async fn the_salary_unit_has_no_default() {
    let desk = Desk::new().await;
    desk.set_connection(desk.sandbox.company().0, "", "");
    let error = desk
        .try_run(&["export", "--yes"])
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("salary-unit"), "{error}");
}

#[tokio::test]
async fn a_row_of_leave_that_makes_no_sense_is_one_deviation_and_takes_nothing_back() {
    let desk = Desk::new().await;
    desk.run(&["export"]).await;
    let leave = ["leave", "--from", "2026-10-01", "--to", "2026-11-30"];
    assert_eq!(count(&desk.run(&leave).await, "/exported/created"), 5);
    desk.run(&["deviations", "list"]).await;

    // Each in its own leave; what was exported of it before stays.
    let rows = desk.alexis.all("leave-transaction");
    let id_on = |day: &str| {
        let day = format!("{day}T00:00:00.000Z");
        let row = rows.iter().find(|one| one["date"] == day).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    let broken = [("2026-11-02", "employeeId"), ("2026-10-14", "hours")];
    for (day, field) in broken {
        let nothing = json!({ field: null });
        desk.alexis
            .change("leave-transaction", &id_on(day), &nothing);
    }
    desk.sandbox.clear_requests();
    let report = desk.run(&leave).await;
    assert!(report.needs_somebody);
    let unreadable = || async {
        let list = desk.run(&["deviations", "list"]).await.json;
        let all = list["deviations"].as_array().unwrap().clone();
        let ours = all
            .into_iter()
            .filter(|one| one["code"] == "leave-unreadable");
        ours.collect::<Vec<_>>()
    };
    assert_eq!(unreadable().await.len(), 2, "{}", report.text);
    for (day, _) in broken {
        assert!(report.text.contains(&id_on(day)), "{}", report.text);
    }
    assert_eq!(desk.sandbox.count_requests(&endpoint::EVENT_DELETE), 0);
    assert_eq!(desk.sandbox.count_requests(&endpoint::EVENT_CREATE), 0);

    // To try it again is not a matter of an employee.
    let tried = desk.run(&["deviations", "reprocess"]).await;
    assert!(tried.text.contains("repeat `leave` with --from and --to"));
    assert_eq!(unreadable().await.len(), 2);

    // Corrected, they are over.
    let marta = desk.id("Märta");
    desk.alexis.change(
        "leave-transaction",
        &id_on("2026-11-02"),
        &json!({ "employeeId": marta }),
    );
    desk.alexis.change(
        "leave-transaction",
        &id_on("2026-10-14"),
        &json!({ "hours": 8 }),
    );
    let report = desk.run(&leave).await;
    assert_eq!(unreadable().await.len(), 0, "{}", report.text);
    assert_eq!(count(&report, "/exported/created"), 0);
}

#[tokio::test]
async fn leave_on_a_holiday_is_what_alexis_says() {
    // Christmas Day 2026, a Friday: the work week says nothing of holidays, and the row does.
    let desk = Desk::new().await;
    let marta = desk.id("Märta");
    desk.run(&["export", &marta]).await;
    let row = json!({"employeeId": marta, "leaveTypeId": "650000000000000000000a01",
        "date": "2026-12-25T00:00:00.000Z", "hours": 8, "status": "APPROVED"});
    desk.alexis.add("leave-transaction", &row);
    let report = desk
        .run(&["leave", "--from", "2026-12-01", "--to", "2026-12-31"])
        .await;
    assert_eq!(count(&report, "/exported/created"), 1, "{}", report.text);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_neither_a_panic_nor_an_empty_list() {
    let desk = Desk::new().await;
    let marta = desk.id("Märta");
    desk.run(&["export", &marta]).await;
    desk.alexis.fail("GET /v1/employee", [Fault::Senseless]);
    let error = desk.try_run(&["status"]).await.unwrap_err().to_string();
    assert!(error.contains("list"), "{error}");
    // Of one employee, it does not say that she is gone.
    let mut change = PayrollUserWritable::update();
    change.phone = Some("070-174 06 30".to_owned());
    let id = desk.user("Märta Sjögren").unwrap().id.to_string();
    desk.sandbox
        .write(&endpoint::PAYROLL_USER_UPDATE, &[&id], &change)
        .unwrap();
    let one = format!("GET /v1/employee/{marta}");
    desk.alexis.fail(&one, [Fault::Senseless; 8]);
    let report = desk.run(&["import"]).await;
    assert!(report.needs_somebody, "{}", report.text);
    let list = desk.run(&["deviations", "list"]).await;
    assert!(!list.text.contains("not-found"), "{}", list.text);
}
