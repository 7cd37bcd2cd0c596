//! Planted secrets and names: searched for in everything that a program would log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::{Debug, Display, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use kleer_client::model::{Client, ClientId, ClientInvoiceId, ClientKey};
use kleer_client::{
    BoxFuture, Error, ErrorKind, Kleer, LogIn, Method, RetryPolicy, SecretString, TokenError,
    TokenSource,
};
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

/// The kinds of error that were shown.
static KINDS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The error and all its causes, in every form.
fn shown(error: &Error) -> String {
    let kind = format!("{:?}", error.kind());
    let name = kind.split(' ').next().unwrap().to_owned();
    KINDS.lock().unwrap().insert(name);
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
    let mut stream = kleer.clients().list().stream();
    errors.extend(stream.next().await.and_then(Result::err));
    assert_clean("stream", &format!("{stream:?}"));
    errors.extend(kleer.supplier_invoices().list().all().await.err());
    errors.extend(kleer.users().get_by_foreign_id(NAME).await.err());
    errors.extend(kleer.client_invoices().pdf(ClientInvoiceId(ID)).await.err());
    errors.extend(kleer.audit::<Client>().await.err());
    errors.extend(kleer.preflight(&[]).await.err());
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

    log_in_and_creates().await;

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

#[derive(Debug)]
struct Empty;

impl TokenSource for Empty {
    fn token(&self) -> BoxFuture<'_, Result<SecretString, TokenError>> {
        Box::pin(async { Err(TokenError::new()) })
    }
}

/// What holds passwords, tokens and records, and the errors that only these have.
async fn log_in_and_creates() {
    let companies = format!(
        "<accessible-companies><accessible-company><id>1</id><name>Bolaget</name>\
         <active>true</active><main>true</main><token>{TOKEN}</token>\
         <accounting-currency-type>SEK</accounting-currency-type><accesses/><access-roles/>\
         </accessible-company></accessible-companies>"
    );
    let server = RoughServer::start([status("200 OK", &companies), status("401 X", NAME)]).await;
    let url = server.url.clone();
    let log_in = || {
        let url = url.clone();
        LogIn::new(format!("{NAME}@example.com"), TOKEN)
            .settings(move |settings| settings.base_url(url).retry(RetryPolicy::none()))
    };
    assert_clean("log-in", &format!("{:?}", log_in()));
    let session = log_in().send().await.unwrap();
    assert_clean(
        "session",
        &format!("{session:?} {:?}", session.companies()[0]),
    );
    let other = kleer_client::model::CompanyId(ID);
    assert_clean("other company", &shown(&session.open(other).unwrap_err()));
    assert_clean(
        "refused log-in",
        &shown(&log_in().send().await.unwrap_err()),
    );

    // Each error kind that has no place above: no token, an incomplete list, pages that do not fit.
    let kleer = Kleer::builder(support::COMPANY)
        .token_source(Empty)
        .base_url(&url)
        .build()
        .unwrap();
    let error = kleer.clients().get(ClientId(ID)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoToken);
    assert_clean("no token", &shown(&error));
    let bad = format!("<clients><client><id>{NAME}</id></client></clients>");
    let server = RoughServer::start([status("200 OK", &bad)]).await;
    let kleer = builder(&server.url).build().unwrap();
    let list = kleer.clients().list().await.unwrap();
    assert_clean("rejected", &format!("{list:?} {}", list.rejected[0].error));
    let error = kleer
        .clients()
        .list()
        .stream()
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteList);
    assert_clean("incomplete", &shown(&error));
    let page = format!("<supplier-invoices offset=\"7\" size=\"{ID}\"/>");
    let server = RoughServer::start([status("200 OK", &page)]).await;
    let kleer = builder(&server.url).build().unwrap();
    let error = kleer.supplier_invoices().list().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);
    assert_clean("paging", &shown(&error));

    // Creates: the report of refused and doubted records.
    let there = "<clients/>";
    let refusal = format!("<error><message>{NAME} {TOKEN}</message></error>");
    let server = RoughServer::start([
        status("200 OK", there),
        status("500 X", &refusal),
        status("503 X", NAME),
        status("200 OK", there),
    ])
    .await;
    let kleer = builder(&server.url)
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let records = (0..2).map(|number| {
        let key = ClientKey::new("x", "client", &format!("{NAME} {number}"));
        (key, Client::new(NAME, "SE"))
    });
    let call = kleer.create_all_once(records).concurrency(1).attempts(1);
    let call = call.settle(Duration::from_millis(1));
    assert_clean("creates", &format!("{call:?}"));
    let report = call.await.unwrap();
    assert_eq!((report.totals().failed, report.totals().in_doubt), (1, 1));
    assert_clean("report", &format!("{report:?} {}", report.totals()));
    for (_, error) in report.failed() {
        assert_clean("refused create", &shown(error));
        assert!(error.kleer_message().unwrap().contains(NAME));
    }
    for (_, doubt) in report.in_doubt() {
        assert_clean("doubt", &format!("{doubt:?} {}", doubt.reason));
    }
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

    let every_kind = [
        // And a refused certificate, in tests/certificates.rs.
        "Api",
        "BodyTooLarge",
        "Configuration",
        "Connect",
        "Decode",
        "DryRun",
        "IncompleteList",
        "Interrupted",
        "InvalidRequest",
        "MissingId",
        "NoToken",
        "Paging",
        "Redirect",
        "Status",
        "Timeout",
        "Write",
        "WrongContentType",
    ];
    let seen: Vec<String> = KINDS.lock().unwrap().iter().cloned().collect();
    assert_eq!(seen, every_kind, "each kind of error was shown");

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
