//! The program as somebody at a command line sees it, process by process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::process::{Command, Output};

use kleer_model::endpoint;
use support::Desk;

/// The lines that are the same each time: without times and temporary folders.
fn program(desk: &Desk, words: &[&str]) -> Output {
    let (settings, store) = (desk.path("connector.toml"), desk.path("links.sqlite"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_alexis-hr"));
    command
        .args(["--settings", &settings, "--store", &store])
        .args(words);
    command.output().unwrap()
}

fn run(desk: &Desk, words: &[&str]) -> (i32, String) {
    // The servers run on this thread's runtime too.
    let output = tokio::task::block_in_place(|| program(desk, words));
    let text =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_ends_in_the_stated_counts() {
    let output = Command::new(env!("CARGO_BIN_EXE_alexis-hr"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    insta::assert_snapshot!("demo", text);
    let last = text.lines().last().unwrap();
    assert_eq!(
        last,
        "7 employees in Alexis, 7 in Kleer, 6 days of absence, 0 doubles"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_go_on_where_other_processes_stopped() {
    let desk = Desk::new().await;
    let (status, text) = run(&desk, &["status"]);
    insta::assert_snapshot!("status", text);
    assert_eq!(status, 0);
    let marta = desk.id("Märta");
    let (status, text) = run(&desk, &["export", &marta, "--dry-run"]);
    insta::assert_snapshot!("export_dry_run", text);
    assert_eq!(status, 0);
    assert_eq!(desk.sandbox.count_requests(&endpoint::USER_CREATE), 0);
    // Nobody can be asked here, so nothing is done without a word.
    let (status, text) = run(&desk, &["export", &marta]);
    assert_eq!(status, 2);
    assert!(text.contains("--yes"), "{text}");
    let (status, text) = run(&desk, &["export", &marta, "--yes", "--progress"]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("[1/1] create created"), "{text}");
    let (_, text) = run(&desk, &["status", "--tab", "linked", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["records"].as_array().unwrap().len(), 1);
    assert_eq!(json["records"][0]["label"], "***");
    // What needs somebody is an exit status.
    let (status, _) = run(&desk, &["export", &desk.id("Berit"), "--yes"]);
    assert_eq!(status, 1);
    let (status, text) = run(&desk, &["deviations", "list"]);
    assert_eq!(status, 0);
    assert!(text.contains("withhold"), "{text}");
    let (status, text) = run(&desk, &["unlink", &marta, "--yes"]);
    assert_eq!((status, text.lines().last()), (0, Some("1 unlinked")));
    let (status, text) = run(&desk, &["unlink", "nobody", "--yes"]);
    assert_eq!(status, 2);
    assert!(text.contains("there is no nobody in Alexis"), "{text}");
}
