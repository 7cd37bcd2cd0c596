//! Faults, as a caller meets them.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{answer, call, get, invoice, row, sandbox};
use kleer_model::{Document, ErrorMessage, endpoint};
use kleer_sandbox::{Fault, Sandbox};
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
