#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]
mod support;
use support::Desk;
#[tokio::test]
async fn first() {
    let desk = Desk::new().await;
    for words in [
        vec!["status"],
        vec!["match"],
        vec!["export", "--dry-run", "--show-personal-data"],
        vec!["export"],
        vec!["status"],
        vec!["deviations", "list"],
        vec![
            "leave",
            "--from",
            "2026-10-01",
            "--to",
            "2026-11-30",
            "--show-personal-data",
            "--yes",
        ],
        vec!["deviations", "list"],
        vec!["export"],
    ] {
        let report = desk.run(&words).await;
        println!("==== {words:?} {}\n{}", report.needs_somebody, report.text);
    }
    println!("{:#?}", desk.employment("Märta Sjögren"));
}
