//! Planted secrets and names: searched for in everything that a program would log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use std::error::Error as _;
use std::fmt::{Debug, Display, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kleer_client::model::{Client, ClientId};
use kleer_client::{Error, Kleer, Method, RetryPolicy};
use support::{Manner, RoughServer, TOKEN, builder, say};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

const NAME: &str = "Hemligsson";
const ID: i32 = 987_654_321;
const NEEDLES: [&str; 4] = [TOKEN, NAME, "987654321", "/company/"];

/// Writes down every span, event and field, of every crate, at every level, and every `log` record.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

struct Visit<'a>(&'a mut String);

impl tracing::field::Visit for Visit<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl<S: tracing::Subscriber> Layer<S> for Everything {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: Context<'_, S>,
    ) {
        let mut text = self.0.lock().unwrap();
        let _ = write!(text, "\nspan {}", attributes.metadata().name());
        attributes.record(&mut Visit(&mut text));
    }
    fn on_record(
        &self,
        _: &tracing::span::Id,
        values: &tracing::span::Record<'_>,
        _: Context<'_, S>,
    ) {
        let mut text = self.0.lock().unwrap();
        text.push_str("\nrecord");
        values.record(&mut Visit(&mut text));
    }
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut text = self.0.lock().unwrap();
        let _ = write!(text, "\nevent {}", event.metadata().target());
        event.record(&mut Visit(&mut text));
    }
}

fn assert_clean(what: &str, text: &str) {
    for needle in NEEDLES {
        let found = text.to_lowercase().contains(&needle.to_lowercase());
        assert!(!found, "{needle} in {what}: {text}");
    }
}

/// The error and all its causes, in every form.
fn shown(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}");
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let _ = write!(text, "\n{deeper}\n{deeper:?}\n{deeper:#?}");
        cause = deeper.source();
    }
    text
}

fn both<T: Display + Debug>(value: &T) -> String {
    format!("{value} {value:?} {value:#?}")
}

fn status(line: &str, body: &str) -> Manner {
    let length = body.len();
    say(&format!(
        "HTTP/1.1 {line}\r\ncontent-length: {length}\r\nx-echo: {NAME} {TOKEN}\r\n\
         location: http://localhost/{NAME}\r\nconnection: close\r\n\r\n{body}"
    ))
}

/// Reads and writes with the secrets in the path, the query and the body. All of them fail.
async fn failures(kleer: &Kleer) -> Vec<Error> {
    let mut client = Client::new(NAME, "SE");
    client.id = ClientId(ID);
    client.notes = Some(format!("{NAME} {ID}"));
    let mut errors = Vec::new();
    let read = kleer
        .raw(Method::GET, &["client", NAME])
        .query("q", format!("{NAME} {ID}"));
    errors.extend(read.await.err());
    errors.extend(kleer.clients().get(ClientId(ID)).await.err());
    errors.extend(kleer.clients().list().await.err());
    errors.extend(kleer.client_invoices().list().query(NAME).await.err());
    errors.extend(kleer.clients().create(&client).await.err());
    errors.extend(kleer.clients().update(ClientId(ID), &client).await.err());
    errors.extend(
        kleer
            .raw(Method::PUT, &["x"])
            .json(format!("{{\"n\":\"{NAME}\"}}"))
            .await
            .err(),
    );
    errors
}

/// Answers, or what comes instead of them, that tell the secrets.
fn manners() -> Vec<(&'static str, Manner)> {
    let message = format!("<error><message>PersonException: {NAME} {ID} {TOKEN}</message></error>");
    let plain = format!("<error><message>{NAME}Exception-fel: {ID}</message></error>");
    vec![
        (
            "business error",
            status("500 Internal Server Error", &message),
        ),
        (
            "business error without an exception",
            status("400 Bad Request", &plain),
        ),
        ("outage", status("503 Service Unavailable", NAME)),
        (
            "json",
            status("500 X", &format!("{{\"message\":\"{NAME} {TOKEN}\"}}")),
        ),
        (
            "not found",
            status("404 Not Found", &format!("<p>{NAME} {ID}</p>")),
        ),
        ("unauthorized", status("401 Unauthorized", TOKEN)),
        ("redirect", status("302 Found", NAME)),
        (
            "web page",
            status("200 OK", &format!("<html>{NAME} {TOKEN}</html>")),
        ),
        (
            "wrong root",
            status("200 OK", &format!("<other><name>{NAME}</name></other>")),
        ),
        ("not XML", status("200 OK", &format!("{NAME} {ID} {TOKEN}"))),
        (
            "bad value",
            status("200 OK", &format!("<client><id>{NAME}{ID}</id></client>")),
        ),
        (
            "bad id",
            status("200 OK", &format!("<created><id>{NAME}</id></created>")),
        ),
        (
            "bad XML",
            status(
                "200 OK",
                &format!("<client><name>{NAME} & {TOKEN}</name></client>"),
            ),
        ),
        (
            "mismatch",
            status(
                "200 OK",
                &format!("<client><name a=\"{NAME}\">{ID}</nme></client>"),
            ),
        ),
        (
            "doctype",
            status(
                "200 OK",
                &format!("<!DOCTYPE x [<!ENTITY a \"{NAME}\">]><client/>"),
            ),
        ),
        ("saved without id", status("200 OK", "<saved/>")),
        (
            "cut short",
            say(&format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n<a>{NAME}"
            )),
        ),
        ("too large", status("200 OK", &NAME.repeat(1000))),
        ("not HTTP", say(&format!("{NAME} {TOKEN}\r\n\r\n"))),
        (
            "bad header",
            say(&format!("HTTP/1.1 200 OK\r\n{NAME} {TOKEN}\r\n\r\n")),
        ),
        (
            "bad length",
            say(&format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {NAME}\r\n\r\n"
            )),
        ),
        (
            "bad chunk",
            say(&format!(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{NAME}"
            )),
        ),
        ("reset", Manner::Reset),
        ("silence", Manner::Silence),
    ]
}

/// Errors before the network, the values that a program handles, and a success.
async fn values_and_early_errors(policy: RetryPolicy) {
    let refused = builder("http://127.0.0.1:9").retry(policy).dry_run(true);
    assert_clean("builder", &format!("{refused:?}"));
    let kleer = refused.build().unwrap();
    for error in failures(&kleer).await {
        assert_clean("refused and dry run", &shown(&error));
    }
    let bad = kleer
        .raw(Method::GET, &[NAME, ".."])
        .query(NAME, NAME)
        .render()
        .unwrap_err();
    assert_clean("bad segment", &shown(&bad));
    let bad = kleer
        .raw(Method::GET, &["x"])
        .accept(&format!("{NAME}\n"))
        .render()
        .unwrap_err();
    assert_clean("bad header", &shown(&bad));
    let mut client = Client::new(format!("{NAME}\u{0}"), "SE");
    TOKEN.clone_into(&mut client.email);
    assert_clean(
        "write",
        &shown(&kleer.clients().create(&client).await.unwrap_err()),
    );
    for url in [
        format!("https://{NAME}@kleer.example"),
        format!("https://x?{TOKEN}"),
    ] {
        assert_clean("base url", &shown(&builder(&url).build().unwrap_err()));
    }
    let bad_token = format!("{TOKEN}\n");
    let error = Kleer::builder(support::COMPANY)
        .token(bad_token)
        .build()
        .unwrap_err();
    assert_clean("token", &both(&error));
    let call = kleer.raw(Method::GET, &[NAME]).query("q", NAME);
    assert_clean("call", &format!("{call:?} {call:#?}"));
    assert_clean("rendered", &format!("{:?}", call.render().unwrap()));
    let call = kleer.client_invoices().list().query(NAME);
    assert_clean("list", &format!("{call:?}"));
    assert_clean(
        "update",
        &format!("{:?}", kleer.clients().update(ClientId(ID), &client)),
    );

    // A success, too.
    let server = RoughServer::start([status("200 OK", NAME)]).await;
    let raw = builder(&server.url)
        .build()
        .unwrap()
        .raw(Method::GET, &[NAME])
        .await
        .unwrap();
    assert!(raw.body.starts_with(NAME.as_bytes()));
    assert_clean("raw answer", &format!("{raw:?}"));
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let log = Everything::default();
    tracing_subscriber::registry()
        .with(log.clone())
        .try_init()
        .unwrap();

    let policy = RetryPolicy::default()
        .with_max_attempts(2)
        .with_base_delay(Duration::from_millis(1));
    let mut seen = 0;
    for (what, manner) in manners() {
        let server = RoughServer::start([manner]).await;
        let kleer = builder(&server.url)
            .retry(policy.clone())
            .attempt_timeout(Duration::from_millis(if what == "silence" {
                50
            } else {
                5_000
            }))
            .max_response_bytes(5_000)
            .build()
            .unwrap();
        let errors = failures(&kleer).await;
        assert!(errors.len() >= 2, "{what}: {}", errors.len());
        for error in &errors {
            assert_clean(what, &shown(error));
        }
        seen += errors.len();
        // The secrets did travel, and are where they belong.
        let wire = server.requests().concat();
        assert!(wire.contains(NAME) && wire.contains(TOKEN) && wire.contains("987654321"));
        if what == "business error" {
            assert!(errors[0].kleer_message().unwrap().contains(NAME));
            assert!(String::from_utf8_lossy(errors[0].body().unwrap()).contains(TOKEN));
        }
        assert_clean("the client's Debug", &format!("{kleer:?}"));
    }
    assert!(seen > 100, "only {seen} errors");

    values_and_early_errors(policy).await;

    let log = log.0.lock().unwrap().clone();
    assert_clean("the log", &log);
    // The log is not clean because nothing was logged.
    for expected in [
        "span kleer.call endpoint=\"client.create\" method=\"PUT\"",
        "attempts=2",
        "status=503",
        "outcome=Unknown",
        "outcome=CarriedOut",
        "elapsed_ms=",
        "event kleer_client",
    ] {
        assert!(
            log.contains(expected),
            "{expected} is missing in: {}",
            &log[..2_000]
        );
    }
    assert!(
        log.contains("hyper") || log.contains("reqwest"),
        "other crates are listened to"
    );
}
