//! What a token may do is told before anything is done.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use bytes::Bytes;
use chrono::NaiveDate;
use kleer_client::model::{AccessType, endpoint};
use kleer_client::{
    Body, BoxFuture, Kleer, ReqwestTransport, RetryPolicy, Transport, TransportError,
};
use kleer_connect::{Task, Verdict, preflight};
use kleer_sandbox::{Fault, Sandbox, Seed};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

async fn sandbox() -> (Sandbox, Kleer) {
    let sandbox = Sandbox::builder()
        .seed(Seed::new().demo())
        .today(today())
        .start()
        .await
        .unwrap();
    let kleer = Kleer::builder(sandbox.company())
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    (sandbox, kleer)
}

#[tokio::test]
async fn all_tasks_are_ready_for_who_has_all_rights_and_nothing_is_written() {
    let (sandbox, kleer) = sandbox().await;
    let readiness = preflight(&kleer, Task::ALL, today()).await.unwrap();
    assert!(readiness.may_begin(), "{readiness}");
    for task in Task::ALL {
        assert_eq!(
            readiness.of(*task).unwrap().verdict(),
            Verdict::Yes,
            "{task}"
        );
    }
    assert!(
        sandbox
            .requests()
            .iter()
            .all(|request| request.method == "GET")
    );
    // Each read once, though several tasks need it.
    sandbox.assert_requested(&endpoint::USER_LIST, 1);
    sandbox.assert_requested(&endpoint::CLIENT_LIST, 1);
    let told = readiness.to_string();
    assert!(told.contains("export leave: ready"), "{told}");
    assert!(told.contains("nothing is written to find out"), "{told}");
    assert!(
        told.contains("payroll_user.create"),
        "an inferred path is named: {told}"
    );
    assert!(
        !readiness
            .of(Task::ImportEmployees)
            .unwrap()
            .to_string()
            .contains("written")
    );
}

/// Says that the user has the rights of a clerk for invoices.
#[derive(Debug)]
struct Clerk(ReqwestTransport);

impl Transport for Clerk {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        if !request.uri().path().ends_with("/access") {
            return self.0.send(request);
        }
        let rights = "<accesses><access><type>ClientInvoice</type></access></accesses>";
        let body = Body::from(Bytes::from_static(rights.as_bytes()));
        let answer = http::Response::builder().header("content-type", "application/xml");
        Box::pin(async { Ok(answer.body(body).unwrap()) })
    }
}

#[tokio::test]
async fn a_missing_right_is_named_and_what_to_do() {
    let (sandbox, kleer) = sandbox().await;
    // The rights of the token's user are those of a clerk for invoices.
    drop(kleer);
    let client = reqwest::Client::builder();
    let client = client
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let kleer = Kleer::builder(sandbox.company())
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .transport(Clerk(ReqwestTransport::new(client)))
        .build()
        .unwrap();
    sandbox.fail(&endpoint::PAYROLL_USER_LIST, 2, Fault::Status(403));
    let tasks = [Task::ExportEmployees, Task::PostInvoices, Task::ExportLeave];
    let readiness = preflight(&kleer, &tasks, today()).await.unwrap();
    assert_eq!(readiness.rights, [AccessType::ClientInvoice]);
    assert!(!readiness.may_begin());
    let employees = readiness.of(Task::ExportEmployees).unwrap();
    assert_eq!(
        (employees.verdict(), employees.missing.len()),
        (Verdict::No, 3)
    );
    assert_eq!(
        readiness.of(Task::PostInvoices).unwrap().verdict(),
        Verdict::Yes
    );
    let told = employees.to_string();
    assert!(told.contains("AdministratorWithPayroll"), "{told}");
    assert!(
        told.contains("the payroll's users cannot be read: to read the payroll"),
        "{told}"
    );
    assert!(readiness.of(Task::SyncClients).is_none(), "nobody asked");
}

#[tokio::test]
async fn rights_that_cannot_be_read_leave_it_open_and_a_wrong_token_is_an_error() {
    let (sandbox, kleer) = sandbox().await;
    sandbox.fail(&endpoint::ACCESS_LIST, 1, Fault::Status(404));
    let readiness = preflight(&kleer, &[Task::ExportLeave], today())
        .await
        .unwrap();
    assert_eq!(readiness.tasks[0].verdict(), Verdict::Unsure);
    assert!(readiness.may_begin());
    assert!(
        readiness.to_string().contains("could not be read"),
        "{readiness}"
    );

    sandbox.fail(&endpoint::EVENT_STATUSES, 1, Fault::Status(500));
    let readiness = preflight(&kleer, &[Task::ExportLeave], today())
        .await
        .unwrap();
    assert_eq!(readiness.tasks[0].verdict(), Verdict::No);
    assert!(
        readiness
            .to_string()
            .contains("which days are locked cannot be read"),
        "{readiness}"
    );

    let wrong = Kleer::builder(sandbox.company())
        .token("another")
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    assert!(
        preflight(&wrong, Task::ALL, today())
            .await
            .unwrap_err()
            .is_unauthorized()
    );
}
