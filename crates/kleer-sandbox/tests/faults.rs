//! Faults, as a caller meets them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{answer, call, get, invoice, row, sandbox};
use kleer_model::{Client, Document, ErrorMessage, endpoint};
use kleer_sandbox::{Fault, FaultProfile, FaultRule, Normalisation, Sandbox};
use reqwest::Method;

/// Creates an invoice; the outcome may be no answer at all.
async fn create(sandbox: &Sandbox) -> Result<reqwest::Response, reqwest::Error> {
    create_within(sandbox, Duration::from_secs(10)).await
}

async fn create_within(
    sandbox: &Sandbox,
    time: Duration,
) -> Result<reqwest::Response, reqwest::Error> {
    reqwest::Client::new()
        .put(format!(
            "{}/company/{}/client/invoice",
            sandbox.base_url(),
            sandbox.company()
        ))
        .header("X-Token", sandbox.token())
        .timeout(time)
        .body(invoice(vec![row("1", 100)]).to_xml().unwrap())
        .send()
        .await
}

fn invoices(sandbox: &Sandbox) -> usize {
    sandbox.client_invoices().len()
}

#[tokio::test]
async fn a_status_before_and_after_the_effect() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Fault::Status(503));
    let response = create(&sandbox).await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.text().await.unwrap(), "");
    assert_eq!(invoices(&sandbox), 0);

    sandbox.fail_next(Fault::StatusAfterEffect(504));
    assert_eq!(create(&sandbox).await.unwrap().status(), 504);
    assert_eq!(invoices(&sandbox), 1);

    assert_eq!(create(&sandbox).await.unwrap().status(), 200);
    let statuses: Vec<_> = sandbox
        .requests()
        .into_iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [Some(503), Some(504), Some(200)]);
}

#[tokio::test]
async fn a_reset_connection_before_and_after_the_effect() {
    let sandbox = sandbox().await;
    for (fault, expected) in [(Fault::ResetBefore, 0), (Fault::ResetAfter, 1)] {
        sandbox.fail_next(fault.clone());
        let error = create(&sandbox).await.unwrap_err();
        assert!(
            error.is_request() && !error.is_timeout() && !error.is_connect(),
            "{error:?}"
        );
        assert_eq!(invoices(&sandbox), expected, "{fault:?}");
        assert_eq!(sandbox.requests().last().unwrap().status, None, "{fault:?}");
    }
    // Only that connection was broken.
    assert_eq!(create(&sandbox).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_reset_is_a_tcp_reset_without_a_byte() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Fault::ResetBefore);
    let (kind, read) = raw_get(&sandbox).await;
    assert_eq!(
        (kind, read.as_slice()),
        (Some(ErrorKind::ConnectionReset), &b""[..])
    );
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    let sandbox = sandbox().await;
    let whole = get(&sandbox, "client").await.text;
    sandbox.fail_next(Fault::TruncatedBody);
    let (kind, read) = raw_get(&sandbox).await;
    assert_eq!(kind, Some(ErrorKind::ConnectionReset));
    let read = String::from_utf8(read).unwrap();
    let (head, body) = read.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(
        head.contains(&format!("content-length: {}", whole.len())),
        "{head}"
    );
    assert_eq!(body, &whole[..whole.len() / 2]);

    sandbox.fail_next(Fault::TruncatedBody);
    let response = create(&sandbox).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    assert_eq!(invoices(&sandbox), 1);
}

/// Lists the clients over a plain socket: what came, and how it ended.
async fn raw_get(sandbox: &Sandbox) -> (Option<ErrorKind>, Vec<u8>) {
    let address = sandbox
        .base_url()
        .trim_start_matches("http://")
        .trim_end_matches("/v1");
    let (address, token) = (address.to_owned(), sandbox.token().to_owned());
    let raw = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        write!(
            stream,
            "GET /v1/company/4875/client HTTP/1.1\r\nHost: {address}\r\nX-Token: {token}\r\n\r\n"
        )
        .unwrap();
        let mut read = Vec::new();
        let outcome = stream.read_to_end(&mut read);
        (outcome.err().map(|error| error.kind()), read)
    });
    raw.await.unwrap()
}

#[tokio::test]
async fn a_page_a_redirect_and_an_error_of_kleer_s() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Fault::Html(502));
    let page = get(&sandbox, "client").await;
    assert_eq!(
        (page.status, page.content_type.as_str()),
        (502, "text/html; charset=utf-8")
    );
    assert!(
        page.text.starts_with("<!DOCTYPE html>")
            && ErrorMessage::from_xml(page.text.as_bytes()).is_err()
    );

    sandbox.fail_next(Fault::Redirect("http://127.0.0.1:9/elsewhere".to_owned()));
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let url = format!(
        "{}/company/{}/client",
        sandbox.base_url(),
        sandbox.company()
    );
    let redirect = http.build().unwrap().get(url).send().await.unwrap();
    assert_eq!(redirect.status(), 302);
    assert_eq!(
        redirect.headers()["location"],
        "http://127.0.0.1:9/elsewhere"
    );

    sandbox.fail_next(Fault::KleerError("Tekniskt fel & <mer>\u{1}".to_owned()));
    let message = call(&sandbox, Method::PUT, "client", String::new())
        .await
        .error(500);
    assert_eq!(message, "Tekniskt fel & <mer> ");
}

#[tokio::test]
async fn a_delayed_request_lands_even_when_the_caller_has_gone() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Fault::Delay(Duration::from_millis(300)));
    let error = create_within(&sandbox, Duration::from_millis(50))
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(invoices(&sandbox), 0);
    let started = Instant::now();
    while invoices(&sandbox) == 0 {
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "the write never landed"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(sandbox.requests()[0].status, None);

    sandbox.fail_next(Fault::Delay(Duration::from_millis(100)));
    let started = Instant::now();
    assert_eq!(create(&sandbox).await.unwrap().status(), 200);
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_delay_after_the_effect_hides_a_write_that_is_there() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Fault::DelayAfterEffect(Duration::from_millis(300)));
    let error = create_within(&sandbox, Duration::from_millis(100))
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(invoices(&sandbox), 1);
}

#[tokio::test]
async fn faults_wait_for_their_endpoint_and_their_turn() {
    let sandbox = sandbox().await;
    sandbox.fail(&endpoint::PRODUCT_LIST, 2, Fault::Status(500));
    sandbox.fail(&endpoint::PRODUCT_LIST, 1, Fault::Status(429));
    sandbox.fail(&endpoint::CLIENT_LIST, 0, Fault::Status(500));
    assert_eq!(sandbox.armed_faults(), 3);
    let mut seen = Vec::new();
    for path in [
        "client", "product", "client", "product", "product", "product",
    ] {
        seen.push(get(&sandbox, path).await.status);
    }
    assert_eq!(seen, [200, 500, 200, 500, 429, 200]);
    assert_eq!(sandbox.armed_faults(), 0);

    sandbox.fail_next(Fault::Status(418));
    assert_eq!(get(&sandbox, "no/such/path").await.status, 418);
    sandbox.fail_next(Fault::Status(418));
    sandbox.clear_faults();
    assert_eq!(get(&sandbox, "client").await.status, 200);
}

#[tokio::test]
async fn a_fault_comes_before_the_token_is_checked() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Fault::Html(503));
    let url = format!("{}/company/1/client", sandbox.base_url());
    assert_eq!(answer(reqwest::Client::new().get(url)).await.status, 503);
}

#[tokio::test]
async fn a_fault_that_cannot_be_played_says_so() {
    let sandbox = sandbox().await;
    for fault in [
        Fault::Status(42),
        Fault::Status(101),
        Fault::Html(1000),
        Fault::StatusAfterEffect(0),
        Fault::Redirect("a\r\nb: c".to_owned()),
    ] {
        sandbox.fail_next(fault.clone());
        let message = get(&sandbox, "client").await.error(500);
        assert!(
            message.contains("the armed fault cannot be played"),
            "{fault:?}: {message}"
        );
    }
}

#[tokio::test]
async fn retry_later_names_whole_seconds() {
    let sandbox = sandbox().await;
    for (after, seconds) in [(Duration::ZERO, "0"), (Duration::from_millis(1_200), "2")] {
        sandbox.fail_next(Fault::RetryLater { status: 429, after });
        let response = create(&sandbox).await.unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], seconds);
    }
    assert_eq!(invoices(&sandbox), 0);
}

#[tokio::test]
async fn a_write_may_land_long_after_the_reset() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Fault::ResetThenLate(Duration::from_millis(400)));
    let started = Instant::now();
    create(&sandbox).await.unwrap_err();
    assert_eq!(invoices(&sandbox), 0, "after {:?}", started.elapsed());
    sandbox.late_writes_landed().await;
    assert_eq!(invoices(&sandbox), 1);
    assert!(started.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn a_page_instead_of_the_answer_hides_a_write_that_is_there() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Fault::HtmlAfterEffect(200));
    let response = create(&sandbox).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(
        response
            .text()
            .await
            .unwrap()
            .starts_with("<!DOCTYPE html>")
    );
    assert_eq!(invoices(&sandbox), 1);
}

#[tokio::test]
async fn the_usual_answer_as_something_else() {
    let sandbox = sandbox().await;
    let usual = get(&sandbox, "client").await;
    sandbox.fail_next(Fault::WrongContentType("application/pdf".to_owned()));
    let found = get(&sandbox, "client").await;
    assert_eq!(
        (found.status, found.content_type.as_str()),
        (200, "application/pdf")
    );
    assert_eq!(found.text, usual.text);
}

#[tokio::test]
async fn a_slow_drip_comes_whole_and_late() {
    let sandbox = sandbox().await;
    let usual = get(&sandbox, "client").await.text;
    let pause = Duration::from_millis(5);
    sandbox.fail_next(Fault::SlowDrip { piece: 50, pause });
    let started = Instant::now();
    assert_eq!(get(&sandbox, "client").await.text, usual);
    let pieces = u32::try_from(usual.len().div_ceil(50)).unwrap();
    assert!(
        started.elapsed() >= pause * pieces,
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_huge_body_is_a_valid_document_without_a_length() {
    let sandbox = sandbox().await;
    let usual = get(&sandbox, "client").await.text;
    sandbox.fail_next(Fault::HugeBody { bytes: 3_000_000 });
    let url = format!(
        "{}/company/{}/client",
        sandbox.base_url(),
        sandbox.company()
    );
    let request = reqwest::Client::new()
        .get(url)
        .header("X-Token", sandbox.token());
    let response = request.send().await.unwrap();
    assert_eq!(response.content_length(), None);
    let text = response.text().await.unwrap();
    assert_eq!(text.len(), 3_000_000);
    assert_eq!(text.trim_end(), usual);
}

#[tokio::test]
async fn values_are_dropped_and_normalised_without_a_word() {
    let sandbox = sandbox().await;
    let mut client = Client::new("  Björkviks   Bygg ", "SE");
    client.foreign_id = "key-1".to_owned();
    client.vat_nr = Some("SE559990001501".to_owned());
    sandbox.fail(
        &endpoint::CLIENT_CREATE,
        1,
        Fault::Normalised(Normalisation::WhiteSpace),
    );
    // One that may be missing, and one that must be there.
    for element in ["vat-nr", "foreign-id"] {
        sandbox.fail(
            &endpoint::CLIENT_CREATE,
            1,
            Fault::Dropped(element.to_owned()),
        );
    }
    for _ in 0..3 {
        common::created(&sandbox, "client", &client).await;
    }
    let [.., tidy, without_vat, without_key] = &sandbox.clients()[..] else {
        panic!("three clients were created")
    };
    assert_eq!(tidy.name, "Björkviks Bygg");
    assert_eq!(
        (&tidy.vat_nr, &tidy.foreign_id),
        (&client.vat_nr, &client.foreign_id)
    );
    assert_eq!(
        (&without_vat.name, &without_vat.foreign_id),
        (&client.name, &client.foreign_id)
    );
    assert_eq!(without_vat.vat_nr, None);
    assert_eq!(
        (&without_key.vat_nr, without_key.foreign_id.as_str()),
        (&client.vat_nr, "")
    );
    // What was sent is in the log as it was sent.
    let request = &sandbox.requests()[0];
    assert_eq!(request.body, client.to_xml().unwrap());
    assert_eq!(
        request.fault,
        Some(Fault::Normalised(Normalisation::WhiteSpace))
    );
}

#[tokio::test]
async fn a_profile_hits_its_share_and_every_answer_takes_its_time() {
    let latency = Duration::from_millis(10);
    let profile = FaultProfile::shared(0.5, [Fault::Status(502), Fault::Status(503)])
        .seed(3)
        .latency(latency)
        .rule(
            FaultRule::new(Fault::Html(500))
                .on(&endpoint::PRODUCT_LIST)
                .always(),
        );
    let sandbox = Sandbox::builder()
        .fault_profile(profile.clone())
        .start()
        .await
        .unwrap();
    let mut runs = Vec::new();
    for _ in 0..2 {
        let mut seen = Vec::new();
        for _ in 0..30 {
            let started = Instant::now();
            seen.push(get(&sandbox, "client").await.status);
            assert!(started.elapsed() >= latency);
        }
        runs.push(seen);
        sandbox.set_fault_profile(profile.clone());
    }
    assert_eq!(runs[0], runs[1]);
    for status in [200, 502, 503] {
        assert!(runs[0].contains(&status), "{status} of {:?}", runs[0]);
    }
    let played = sandbox.played_faults();
    let hit = runs
        .iter()
        .flatten()
        .filter(|status| **status != 200)
        .count();
    assert_eq!(played, [("status", hit)].into());
    sandbox.clear_faults();
    assert_eq!(get(&sandbox, "product").await.status, 200);
}

#[tokio::test]
#[should_panic(expected = "2 of the armed faults never happened")]
async fn faults_that_never_happened_fail_the_assertion() {
    let sandbox = sandbox().await;
    sandbox.fail(&endpoint::CLIENT_LIST, 2, Fault::ResetBefore);
    sandbox.assert_faults_played();
}
