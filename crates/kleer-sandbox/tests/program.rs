//! The binary, as the README shows it.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
#![cfg(all(feature = "program", unix))]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

fn start(arguments: &[&str]) -> (Child, Vec<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kleer-sandbox"))
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let lines = output.lines().take(5).map(Result::unwrap).collect();
    (child, lines)
}

fn value<'a>(lines: &'a [String], name: &str) -> &'a str {
    let line = lines
        .iter()
        .find(|line| line.trim_start().starts_with(name))
        .unwrap();
    line.trim_start().trim_start_matches(name).trim()
}

#[tokio::test]
async fn it_says_where_it_is_and_ends_on_a_signal() {
    for signal in ["-INT", "-TERM"] {
        let (mut child, lines) = start(&[
            "--port",
            "0",
            "--company",
            "7",
            "--token",
            "abc",
            "--rate-unit",
            "fraction",
        ]);
        assert_eq!(
            (value(&lines, "company"), value(&lines, "X-Token")),
            ("7", "abc")
        );
        let url = format!("{}/company/7/product", value(&lines, "base URL"));
        let products = reqwest::Client::new()
            .get(url)
            .header("X-Token", "abc")
            .send()
            .await;
        let products = products.unwrap().text().await.unwrap();
        assert!(
            products.contains("<vat-percentage>0.25</vat-percentage>"),
            "{products}"
        );
        let id = child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn the_seed_and_strictness_are_options() {
    let (mut child, lines) = start(&["--port", "0", "--seed", "empty", "--lenient"]);
    let url = format!(
        "{}/company/4875/client?unknown=1",
        value(&lines, "base URL")
    );
    let clients = reqwest::Client::new()
        .get(url)
        .header("X-Token", "sandbox-token")
        .send()
        .await;
    assert_eq!(clients.unwrap().text().await.unwrap(), "<clients/>");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What 40 requests for products are answered with.
async fn statuses(arguments: &[&str]) -> Vec<u16> {
    let (mut child, lines) = start(&[&["--port", "0"], arguments].concat());
    let url = format!("{}/company/4875/product", value(&lines, "base URL"));
    let http = reqwest::Client::new();
    let mut statuses = Vec::new();
    for _ in 0..40 {
        let request = http.get(&url).header("X-Token", "sandbox-token");
        statuses.push(request.send().await.unwrap().status().as_u16());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    statuses
}

#[tokio::test]
async fn a_fault_profile_with_its_seed_is_the_same_run_again() {
    let profile = [
        "--fault-profile",
        "outage",
        "--latency",
        "1",
        "--fault-seed",
    ];
    let seeded = |seed| [&profile[..], &[seed]].concat();
    let first = statuses(&seeded("7")).await;
    assert_eq!(first, statuses(&seeded("7")).await);
    assert_ne!(first, statuses(&seeded("8")).await);
    for status in [200, 503] {
        assert!(first.contains(&status), "{first:?}");
    }
    assert_eq!(statuses(&[]).await, [200; 40]);
}

#[tokio::test]
async fn the_large_seed_has_thousands_of_clients() {
    let (mut child, lines) = start(&["--port", "0", "--seed", "large"]);
    let url = format!("{}/company/4875/client", value(&lines, "base URL"));
    let request = reqwest::Client::new()
        .get(url)
        .header("X-Token", "sandbox-token");
    let clients = request.send().await.unwrap().text().await.unwrap();
    assert_eq!(clients.matches("<client>").count(), 5_004);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn what_cannot_start_ends_with_1_and_wrong_usage_with_2() {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_kleer-sandbox"))
            .args(arguments)
            .output()
            .unwrap()
    };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["--port", &port]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains(&port) && message.contains("choose another port"),
        "{message}"
    );
    assert_eq!(run(&["--token", ""]).status.code(), Some(1));
    assert_eq!(run(&["--seed", "nothing"]).status.code(), Some(2));
    assert_eq!(run(&["--fault-profile", "chaos"]).status.code(), Some(2));
}

/// Runs the README's commands as they stand, but for the port.
#[test]
fn the_readme_s_session_works_as_written() {
    if Command::new("curl").arg("--version").output().is_err() {
        let mut stderr = std::io::stderr();
        writeln!(
            stderr,
            "SKIPPED: the README's session needs curl, which is not there"
        )
        .unwrap();
        return;
    }
    let readme = include_str!("../README.md");
    let block = |language: &str| {
        let (_, rest) = readme.split_once(&format!("```{language}\n")).unwrap();
        rest.split_once("```").unwrap().0
    };
    let (mut child, lines) = start(&["--port", "0"]);
    let base_url = value(&lines, "base URL");
    let session = block("sh").replace("http://127.0.0.1:4875/v1", base_url);
    assert!(session.contains(base_url));
    let output = Command::new("sh").args(["-ec", &session]).output().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let answers = format!("{}{}", block("xml"), block("json"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), answers);
    assert_eq!(session.lines().count(), 5);
    let shown: Vec<_> = block("text").lines().skip(1).map(str::to_owned).collect();
    assert_eq!(
        shown,
        lines
            .join("\n")
            .replace(base_url, "http://127.0.0.1:4875/v1")
            .lines()
            .collect::<Vec<_>>()
    );
}
