//! The program as somebody at a command line sees it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use kleer_model::endpoint::CLIENT_INVOICE_CREATE;
use kleer_sandbox::{Fault, Sandbox};
use support::{Desk, changed, fixture, sandbox};

fn outcomes(printed: &support::Printed) -> Vec<String> {
    printed
        .json()
        .iter()
        .map(|one| one["outcome"].as_str().unwrap().to_owned())
        .collect()
}

fn reasons(one: &serde_json::Value) -> String {
    one["reasons"].to_string()
}

#[tokio::test]
async fn the_demo_posts_explains_and_shows_what_arrived() {
    let desk = Desk::new();
    let printed = desk.run(&[]).await;
    assert_eq!(printed.status, 0);
    let at_desk = desk.folder.path().to_str().unwrap();
    insta::assert_snapshot!("demo", printed.out.replace(at_desk, "DESK"));
    assert!(printed.progress.contains("[  7/7] refused"));
}

#[tokio::test]
async fn the_exit_status_tells_refused_from_failed() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let [good, bad, gone] = ["01-consulting.xml", "05-prepaid.xml", "none"]
        .map(|name| fixture(name).to_str().unwrap().to_owned());
    let more = [
        "--create-clients",
        "--rate-unit",
        "percent",
        "--format",
        "json",
    ];
    let run = async |files: &[&str]| desk.run_against(&sandbox, &[files, &more].concat()).await;
    assert_eq!(run(&[&good]).await.status, 0);
    let printed = run(&[&good, &bad]).await;
    assert_eq!(
        (printed.status, outcomes(&printed)),
        (1, vec!["unchanged".into(), "refused".into()])
    );
    sandbox.fail(
        &CLIENT_INVOICE_CREATE,
        9,
        Fault::KleerError("Tekniskt fel".to_owned()),
    );
    let other = desk.file(
        "other.xml",
        changed("01-consulting.xml", &[("2026-1001", "2026-9")]),
    );
    let printed = run(&[&bad, other.to_str().unwrap()]).await;
    assert_eq!(
        (printed.status, outcomes(&printed)),
        (2, vec!["refused".into(), "failed".into()])
    );
    let one = &printed.json()[1];
    assert_eq!(
        (one["number"].as_str(), one["net"].as_str()),
        (Some("2026-9"), Some("36905.00"))
    );
    assert!(reasons(one).contains("Tekniskt fel"));
    // A file that is not there is a mistake at the command line, before anything is posted.
    let arguments = clap::Parser::parse_from(["q", &gone]);
    let (mut out, mut progress) = (Vec::new(), Vec::new());
    let cancellation = record_link::Cancellation::new();
    let error = qvalia_invoices::run::run(arguments, &mut out, &mut progress, &cancellation).await;
    assert!(error.unwrap_err().to_string().contains("none"));
}

#[tokio::test]
async fn deviations_are_listed_shown_reprocessed_and_ignored() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let file = desk.file("in.xml", changed("05-prepaid.xml", &[]));
    let wrong = desk.file("wrong.xml", "<Invoice");
    let target = ["--create-clients", "--rate-unit", "percent"];
    let files = [file.to_str().unwrap(), wrong.to_str().unwrap()];
    assert_eq!(
        desk.run_against(&sandbox, &[&files[..], &target].concat())
            .await
            .status,
        1
    );

    let list = desk.run(&["list", "--format", "json"]).await.json();
    assert_eq!(list.len(), 2);
    let id_of = |name: &str| {
        let one = list
            .iter()
            .find(|one| one["file"].as_str().unwrap().ends_with(name))
            .unwrap();
        // What the table shows, which every command takes.
        one["id"].as_str().unwrap()[..8].to_owned()
    };
    let (prepaid, broken) = (id_of("in.xml"), id_of("wrong.xml"));
    let shown = desk.run(&["show", &prepaid]).await.out;
    assert!(
        shown.contains("  - BT-113: ") && shown.contains("--prepaid carry-in-notes"),
        "{shown}"
    );

    desk.run(&["ignore", &broken]).await;
    let list = desk.run(&["list"]).await.out;
    assert!(list.contains(&prepaid) && !list.contains(&broken), "{list}");
    let list = desk.run(&["list", "--all"]).await.out;
    assert!(
        list.contains(&prepaid) && list.contains("ignored"),
        "{list}"
    );

    // The document is corrected, and only open deviations are tried again.
    std::fs::write(&file, changed("01-consulting.xml", &[])).unwrap();
    let again = ["reprocess", "--format", "json"];
    let printed = desk
        .run_against(&sandbox, &[&again[..], &target].concat())
        .await;
    assert_eq!(
        (printed.status, outcomes(&printed)),
        (0, vec!["posted".into()])
    );
    assert_eq!(desk.run(&["list"]).await.out, "no deviations\n");
    assert!(desk.run(&["list", "--all"]).await.out.contains("resolved"));
    // An ignored one is tried when it is named.
    let printed = desk
        .run_against(&sandbox, &[&["reprocess", &broken], &target[..]].concat())
        .await;
    assert_eq!(printed.status, 1);
    assert_eq!(sandbox.client_invoices().len(), 1);
}

#[tokio::test]
async fn a_sandbox_does_not_settle_what_failed_elsewhere() {
    let [first, second] = [sandbox().await, sandbox().await];
    let desk = Desk::new();
    let good = fixture("01-consulting.xml");
    let more = [
        "--create-clients",
        "--rate-unit",
        "percent",
        "--format",
        "json",
    ];
    first.fail(
        &CLIENT_INVOICE_CREATE,
        1,
        Fault::KleerError("Tekniskt fel".to_owned()),
    );
    let printed = desk
        .run_against(&first, &[&[good.to_str().unwrap()], &more[..]].concat())
        .await;
    assert_eq!(printed.status, 2);
    assert!(
        printed.json()[0]["target"]
            .as_str()
            .unwrap()
            .contains(first.base_url())
    );
    let list = async || desk.run(&["list", "--format", "json"]).await.json();
    let id = list().await[0]["id"].as_str().unwrap().to_owned();
    for ids in [&[][..], &[id.as_str()]] {
        let arguments = [&["reprocess"], ids].concat();
        let error = desk.try_run(&arguments).await.unwrap_err();
        assert!(error.contains("--base-url"), "{error}");
    }
    // A sandbox of the program does not settle it.
    desk.run(&[good.to_str().unwrap()]).await;
    assert_eq!(list().await.len(), 1);
    // Nor does the same company of another Kleer: its links are of the first one.
    let elsewhere = [&[good.to_str().unwrap()], &more[..]].concat();
    let error = desk.try_run_against(&second, &elsewhere).await.unwrap_err();
    assert!(
        error.contains(first.base_url()) && error.contains(second.base_url()),
        "{error}"
    );
    assert!(second.client_invoices().is_empty());
    assert_eq!(list().await.len(), 1);
    // The right target does.
    let again = [&["reprocess"], &more[..]].concat();
    desk.run_against(&first, &again).await;
    assert_eq!(desk.run(&["list"]).await.out, "no deviations\n");
}

#[cfg(unix)]
#[tokio::test]
async fn odd_files_do_not_stop_the_others() {
    use std::os::unix::ffi::OsStringExt;
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let folder = desk.folder.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    for (name, number) in [("a.xml", "2026-1"), ("z.xml", "2026-2")] {
        let xml = changed("01-consulting.xml", &[("2026-1001", number)]);
        std::fs::write(folder.join(name), xml).unwrap();
    }
    let latin1 = std::ffi::OsString::from_vec(b"f\xE4ktura\x1b[31m.xml".to_vec());
    std::fs::write(folder.join(latin1), changed("05-prepaid.xml", &[])).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.join("endless.xml")).unwrap();
    let more = ["--create-clients", "--rate-unit", "percent"];
    let all = [&[folder.to_str().unwrap()], &more[..]].concat();
    let as_json = [&all[..], &["--format", "json"]].concat();
    let printed = desk.run_against(&sandbox, &as_json).await;
    assert_eq!(printed.status, 1);
    assert_eq!(
        outcomes(&printed),
        ["posted", "refused", "refused", "posted"]
    );
    let printed = desk.run_against(&sandbox, &all).await;
    assert!(!printed.out.contains('\u{1b}') && !printed.progress.contains('\u{1b}'));
    assert_eq!(
        desk.run(&["list", "--format", "json"]).await.json().len(),
        2
    );
}

#[tokio::test]
async fn a_kleer_that_cannot_be_reached_fails_every_file_and_keeps_them() {
    let desk = Desk::new();
    let good = fixture("01-consulting.xml");
    let gone = {
        let sandbox = sandbox().await;
        let url = sandbox.base_url().to_owned();
        sandbox.shutdown().await;
        url
    };
    let real = [
        "--base-url",
        &gone,
        "--company",
        "7",
        "--token",
        "planted-secret",
    ];
    let arguments = [&[good.to_str().unwrap(), "--format", "json"], &real[..]].concat();
    let printed = desk.run(&arguments).await;
    assert_eq!(
        (printed.status, outcomes(&printed)),
        (2, vec!["failed".into()])
    );
    assert_eq!(
        desk.run(&["list", "--format", "json"]).await.json().len(),
        1
    );
    assert!(!format!("{}{}", printed.out, printed.progress).contains("planted-secret"));
}

#[tokio::test]
async fn a_refused_token_a_redirect_and_a_web_page_are_told_apart() {
    let good = fixture("01-consulting.xml");
    let good = good.to_str().unwrap();
    let run = async |sandbox: &Sandbox, token: &str| {
        let company = sandbox.company().to_string();
        let url = sandbox.base_url();
        let desk = Desk::new();
        let arguments = [
            good,
            "--format",
            "json",
            "--base-url",
            url,
            "--company",
            &company,
            "--token",
            token,
            "--rate-unit",
            "percent",
            "--create-clients",
        ];
        let printed = desk.run(&arguments).await;
        assert_eq!(
            (printed.status, outcomes(&printed)),
            (2, vec!["failed".into()])
        );
        assert!(sandbox.client_invoices().is_empty());
        let class = if token == "wrong" {
            "authentication"
        } else {
            "transient"
        };
        assert_eq!(printed.json()[0]["class"], class);
        reasons(&printed.json()[0])
    };
    let sandbox = sandbox().await;
    assert!(run(&sandbox, "wrong").await.contains("401"));
    sandbox.fail_next(Fault::Redirect("http://127.0.0.1:9/".to_owned()));
    let text = run(&sandbox, sandbox.token()).await;
    assert!(text.contains("redirect"), "{text}");
    sandbox.fail_next(Fault::Html(200));
    let text = run(&sandbox, sandbox.token()).await;
    assert!(text.contains("not") && text.contains("Kleer"), "{text}");
}

#[tokio::test]
async fn documents_that_are_none_are_refused_one_by_one() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let deep = format!("<Invoice>{}", "<a>".repeat(10_000));
    let attachment = "03-reverse-charge-with-attachment.xml";
    let cut = &changed("01-consulting.xml", &[])[..3000];
    let profile = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";
    let cases = [
        ("empty", String::new(), "empty"),
        ("text", "not XML at all".to_owned(), "XML"),
        ("truncated", cut.to_owned(), "ends"),
        ("root", "<Order/>".to_owned(), "Order"),
        (
            "doctype",
            format!("<!DOCTYPE Invoice>{}", changed("01-consulting.xml", &[])),
            "DOCTYPE",
        ),
        ("deep", deep, "deep"),
        (
            "profile",
            changed("01-consulting.xml", &[(profile, "urn:example:own")]),
            "BT-24",
        ),
        (
            "sums",
            changed("01-consulting.xml", &[("45888.05", "45888.06")]),
            "BR-CO-15",
        ),
        (
            "decimals",
            changed("01-consulting.xml", &[(">36905.00<", ">36905.001<")]),
            "BT-109",
        ),
        ("base64", changed(attachment, &[("ZGF0", "%%%%")]), "BT-125"),
    ];
    let mut names = Vec::new();
    for (name, content, _) in &cases {
        names.push(
            desk.file(&format!("{name}.xml"), content)
                .to_str()
                .unwrap()
                .to_owned(),
        );
    }
    let large = desk.folder.path().join("large.xml");
    let file = std::fs::File::create(&large).unwrap();
    // Sparse: 200 MB that take no room.
    file.set_len(200_000_000).unwrap();
    names.push(large.to_str().unwrap().to_owned());
    let good = fixture("01-consulting.xml");
    names.push(good.to_str().unwrap().to_owned());
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let more = [
        "--format",
        "json",
        "--create-clients",
        "--rate-unit",
        "percent",
    ];
    let printed = desk
        .run_against(&sandbox, &[&files[..], &more].concat())
        .await;
    assert_eq!(printed.status, 1);
    let results = printed.json();
    for ((name, _, expected), result) in cases.iter().zip(&results) {
        assert_eq!(result["outcome"], "refused", "{name}");
        let text = reasons(result);
        assert!(text.contains(expected), "{name}: {text}");
        assert!(text.len() > 20, "{name}: {text}");
    }
    assert!(reasons(&results[cases.len()]).contains("200000000 bytes"));
    // One bad document does not stop the next, and none is lost.
    assert_eq!(results[cases.len() + 1]["outcome"], "posted");
    assert_eq!(
        desk.run(&["list", "--format", "json"]).await.json().len(),
        cases.len() + 1
    );
    assert_eq!(sandbox.client_invoices().len(), 1);
}

#[tokio::test]
async fn an_attachment_without_a_name_does_not_lose_its_bytes_silently() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let nameless = changed(
        "03-reverse-charge-with-attachment.xml",
        &[(" filename=\"tidrapport-88.csv\"", "")],
    );
    let file = desk.file("nameless.xml", nameless);
    let more = [
        "--format",
        "json",
        "--create-clients",
        "--rate-unit",
        "percent",
    ];
    let printed = desk
        .run_against(&sandbox, &[&[file.to_str().unwrap()], &more[..]].concat())
        .await;
    let result = &printed.json()[0];
    match result["outcome"].as_str().unwrap() {
        "posted" => {
            let files = sandbox.client_invoices()[0].files.clone().unwrap();
            assert_eq!(files.len(), 1);
            assert!(files[0].data.0.starts_with(b"datum;timmar"));
        }
        _ => assert!(reasons(result).contains("BT-125"), "{result}"),
    }
}

#[tokio::test]
async fn settings_come_from_a_file_and_unknown_names_are_refused_with_the_place() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let file = fixture("05-prepaid.xml");
    let target = ["--create-clients"];
    let run = async |settings: &str| {
        let settings = desk.file("settings.json", settings);
        let files = [
            file.to_str().unwrap(),
            "--settings",
            settings.to_str().unwrap(),
        ];
        desk.try_run_against(&sandbox, &[&files[..], &target].concat())
            .await
    };
    let error = run("{\n  \"prepayed\": \"refuse\"\n}").await.err().unwrap();
    assert!(
        error.contains("prepayed") && error.contains("line 2 column 12"),
        "{error}"
    );
    assert!(sandbox.requests().is_empty());
    let printed = run(r#"{"rate_unit": "percent"}"#).await.unwrap();
    assert_eq!(printed.status, 1);
    let printed = run(r#"{"rate_unit": "percent", "prepaid": "carry-in-notes"}"#)
        .await
        .unwrap();
    assert_eq!(printed.status, 0);
    assert_eq!(sandbox.client_invoices().len(), 1);
    // What is already there is compared by the settings, too: a row that deducts is a difference.
    let product = kleer_model::Product::new("Betalt", "st", kleer_model::Cents::ZERO);
    let kleer = support::client(&sandbox);
    let id = kleer.products().create(&product).await.unwrap().id;
    let deduct =
        format!(r#"{{"rate_unit": "percent", "prepaid": "deduct-row", "prepaid_product": {id}}}"#);
    let printed = run(&deduct).await.unwrap();
    assert_eq!(printed.status, 2, "{}", printed.out);
    assert!(printed.out.contains("4500.00"), "{}", printed.out);
}

#[tokio::test]
async fn the_schema_of_the_settings_is_printed() {
    let mut out = Vec::new();
    let arguments = clap::Parser::parse_from(["q", "settings-schema"]);
    let cancellation = record_link::Cancellation::new();
    let mut progress = Vec::new();
    let status = qvalia_invoices::run::run(arguments, &mut out, &mut progress, &cancellation).await;
    assert_eq!(status.unwrap(), 0);
    let kept = include_str!("../../../docs/schemas/invoice-settings.schema.json");
    assert_eq!(String::from_utf8(out).unwrap(), kept);
}

#[tokio::test]
async fn the_report_says_what_became_of_every_term() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let file = fixture("01-consulting.xml");
    let more = ["--create-clients", "--rate-unit", "percent", "--report"];
    let arguments = [&[file.to_str().unwrap()], &more[..]].concat();
    let printed = desk.run_against(&sandbox, &arguments).await.out;
    for line in [
        "  BT-2 Invoice issue date -> invoice-date",
        "  BT-129 Invoiced quantity (line 2) -> rows/row/quantity",
    ] {
        assert!(printed.contains(line), "{printed}");
    }
    let json = [&arguments[..], &["--format", "json"]].concat();
    let other = desk.run_against(&sandbox, &json).await.json();
    // Nothing is mapped of what is there already.
    assert!(other[0]["report"].is_null());
}
