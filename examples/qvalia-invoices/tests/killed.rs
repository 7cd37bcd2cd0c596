//! The program is killed in the middle of a create, as a process, and started again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kleer_model::endpoint::{
    CLIENT_CREATE, CLIENT_INVOICE_CREATE, PRODUCT_CREATE, REVENUE_CREATE, REVENUE_LIST,
};
use kleer_model::{List, RateUnit, Revenue, RevenueLedger, RevenueLedgerId};
use kleer_sandbox::{Fault, Sandbox, Seed};
use support::{Desk, changed, fixture, sandbox};

/// Where a program keeps what it posted.
enum Place<'a> {
    File(&'a Desk),
    /// As another machine would: nothing is shared but the database.
    Database(&'a throw_away_postgres::Schema),
}

fn start(sandbox: &Sandbox, desk: &Desk, more: &[&str]) -> Child {
    let files = ["01-consulting.xml", "04-fractional-price.xml"].map(fixture);
    start_with(sandbox, &Place::File(desk), &files, more)
}

fn start_with(sandbox: &Sandbox, place: &Place<'_>, files: &[PathBuf], more: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qvalia-invoices"));
    match place {
        Place::File(desk) => command.arg("--store").arg(desk.store()),
        Place::Database(schema) => command
            .env("QVALIA_INVOICES_STORE", schema.url())
            .args(["--store-schema", schema.name()]),
    };
    command
        .args(files)
        .args([
            "--base-url",
            sandbox.base_url(),
            "--company",
            &sandbox.company().to_string(),
        ])
        .args([
            "--create-clients",
            "--rate-unit",
            "percent",
            "--format",
            "json",
        ])
        .args(more)
        // How long the next run waits for one that was killed.
        .args(["--lease", "2"])
        .env("KLEER_TOKEN", sandbox.token())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "{what} did not happen"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The end of a process, without blocking the sandbox that it talks to.
async fn end_of(mut child: Child) -> i32 {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap();
        }
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "the program did not end"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Invoices of one seller with numbers of their own, as files.
fn many(desk: &Desk, count: usize) -> Vec<PathBuf> {
    let one = |at: usize| {
        let number = format!("2026-3{at:03}");
        let xml = changed("01-consulting.xml", &[("2026-1001", &number)]);
        desk.file(&format!("{number}.xml"), xml)
    };
    (0..count).map(one).collect()
}

/// Runs are killed, as processes, in the middle of their creates, each after another number of them;
/// then one is let alone.
async fn killed_again_and_again(place: &Place<'_>, files: &[PathBuf]) {
    let sandbox = sandbox().await;
    let mut random = 0x2545_F491_u64;
    for _ in 0..4 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let many = usize::try_from(random % 6).unwrap();
        let before = sandbox.client_invoices().len();
        let mut child = start_with(&sandbox, place, files, &[]);
        until("a create", || {
            sandbox.client_invoices().len() > before + many
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(sandbox.client_invoices().len() < files.len());
    }
    // What the dead ones sent has landed.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let last = start_with(&sandbox, place, files, &[]);
    assert_eq!(end_of(last).await, 0);
    let mut keys: Vec<String> = sandbox
        .client_invoices()
        .into_iter()
        .map(|invoice| invoice.foreign_id)
        .collect();
    assert_eq!(keys.len(), files.len());
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), files.len());
    assert_eq!((sandbox.clients().len(), sandbox.products().len()), (1, 2));
}

#[tokio::test]
async fn runs_on_a_file_that_are_killed_at_any_moment_leave_no_double() {
    let desk = Desk::new();
    let files = many(&desk, 60);
    killed_again_and_again(&Place::File(&desk), &files).await;
}

#[tokio::test]
async fn runs_on_postgresql_that_are_killed_at_any_moment_leave_no_double() {
    let test = "runs_on_postgresql_that_are_killed_at_any_moment_leave_no_double";
    let Some(schema) = throw_away_postgres::schema(test) else {
        return;
    };
    let desk = Desk::new();
    let files = many(&desk, 60);
    killed_again_and_again(&Place::Database(&schema), &files).await;
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_lets_the_batch_under_way_end_and_says_what_is_left() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let files = many(&desk, 103);
    sandbox.fail(
        &CLIENT_INVOICE_CREATE,
        1,
        Fault::DelayAfterEffect(Duration::from_millis(500)),
    );
    let child = start_with(&sandbox, &Place::File(&desk), &files, &[]);
    until("the create", || sandbox.armed_faults() == 0).await;
    let mut signal = Command::new("kill");
    let sent = signal.args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    assert_eq!(end_of(child).await, 2);
    assert_eq!(sandbox.client_invoices().len(), 100);
    // It gave its lease back, and the next one does the rest.
    let next = start_with(&sandbox, &Place::File(&desk), &files, &[]);
    assert_eq!(end_of(next).await, 0);
    assert_eq!(sandbox.client_invoices().len(), 103);
}

#[tokio::test]
async fn a_run_killed_in_a_create_is_finished_by_the_next() {
    for endpoint in [CLIENT_CREATE, PRODUCT_CREATE, CLIENT_INVOICE_CREATE] {
        let sandbox = sandbox().await;
        let desk = Desk::new();
        // The create takes effect, but its answer does not come in time.
        sandbox.fail(
            &endpoint,
            1,
            Fault::DelayAfterEffect(Duration::from_secs(60)),
        );
        let mut child = start(&sandbox, &desk, &[]);
        until(endpoint.name, || sandbox.armed_faults() == 0).await;
        child.kill().unwrap();
        child.wait().unwrap();

        assert_eq!(
            end_of(start(&sandbox, &desk, &[])).await,
            0,
            "{}",
            endpoint.name
        );
        let counts = (
            sandbox.clients().len(),
            sandbox.products().len(),
            sandbox.client_invoices().len(),
        );
        assert_eq!(counts, (2, 4, 2), "{}", endpoint.name);
    }
}

#[tokio::test]
async fn a_create_that_lands_after_the_next_run_is_named_as_a_double() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    // The request is under way when the program dies, and is carried out after the next run.
    sandbox.fail(
        &CLIENT_INVOICE_CREATE,
        1,
        Fault::Delay(Duration::from_secs(20)),
    );
    let mut child = start(&sandbox, &desk, &[]);
    until("the create", || sandbox.armed_faults() == 0).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(end_of(start(&sandbox, &desk, &[])).await, 0);
    assert_eq!(sandbox.client_invoices().len(), 2);
    until("the late create", || sandbox.client_invoices().len() == 3).await;

    assert_eq!(end_of(start(&sandbox, &desk, &[])).await, 2);
    let deviations = desk.run(&["list", "--format", "json"]).await.json();
    assert_eq!(deviations.len(), 1);
    assert!(
        deviations[0]["reasons"][0]
            .as_str()
            .unwrap()
            .contains("2 times"),
        "{deviations:?}"
    );
    assert_eq!(sandbox.client_invoices().len(), 3);
}

#[tokio::test]
async fn a_run_killed_while_it_books_revenues_is_finished_by_the_next() {
    // Before the create takes effect, and after it.
    for fault in [
        Fault::Delay(Duration::from_secs(1)),
        Fault::DelayAfterEffect(Duration::from_secs(60)),
    ] {
        let ledger = RevenueLedger::new(RevenueLedgerId(3), "Kundreskontra", 1510);
        let sandbox = Sandbox::builder()
            .rate_unit(RateUnit::Percent)
            .seed(Seed::new().record(ledger))
            .start()
            .await
            .unwrap();
        let desk = Desk::new();
        let as_revenues = ["--target", "revenue", "--revenue-ledger", "3"];
        sandbox.fail(&REVENUE_CREATE, 1, fault.clone());
        let mut child = start(&sandbox, &desk, &as_revenues);
        until("the create", || sandbox.armed_faults() == 0).await;
        child.kill().unwrap();
        child.wait().unwrap();

        // Whether the first create lands before the second run's or after it: Kleer keeps the
        // external id unique. A run that meets it says so, and the next one is at rest.
        let second = end_of(start(&sandbox, &desk, &as_revenues)).await;
        assert!(matches!(second, 0 | 2), "{second}");
        sandbox.late_writes_landed().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let third = end_of(start(&sandbox, &desk, &as_revenues)).await;
        assert_eq!(third, 0, "{fault:?}");
        let list: List<Revenue> = sandbox.read(&REVENUE_LIST, &[]).unwrap();
        assert_eq!(list.items.len(), 2, "{fault:?}");
        assert_eq!(sandbox.clients().len(), 2);
        assert_eq!(desk.run(&["list"]).await.out, "no deviations\n");
    }
}
