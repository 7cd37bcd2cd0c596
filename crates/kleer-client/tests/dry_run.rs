//! Dry runs: nothing is sent, and what is shown is what would be sent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use kleer_client::model::{Client, ClientId};
use kleer_client::{ErrorKind, Kleer, Method, Outcome, RenderedRequest};
use support::{COMPANY_XML, RoughServer, TOKEN, builder, say};

fn client() -> Client {
    Client::new("Räksmörgås & Söner", "SE")
}

fn ok(body: &str) -> support::Manner {
    let length = body.len();
    say(&format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

/// Compares a request as it came with what was rendered.
fn assert_same(sent: &str, rendered: &RenderedRequest) {
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let url = rendered.url();
    let target = &url.as_str()[url.origin().ascii_serialization().len()..];
    assert_eq!(
        lines.next().unwrap(),
        format!("{} {target} HTTP/1.1", rendered.method())
    );
    assert_eq!(body.as_bytes(), rendered.body());
    let mut sent: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .filter(|(name, _)| name != "host" && name != "content-length")
        .collect();
    let token = sent.iter_mut().find(|(name, _)| name == "x-token").unwrap();
    assert_eq!(
        std::mem::replace(&mut token.1, "[redacted]".to_owned()),
        TOKEN
    );
    sent.sort();
    let mut shown: Vec<(String, String)> = rendered
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    shown.sort();
    assert_eq!(sent, shown);
}

#[tokio::test]
async fn what_is_rendered_is_what_is_sent() {
    let server = RoughServer::start([ok("<saved><id>17</id></saved>")]).await;
    let kleer = builder(&server.url).build().unwrap();
    let update = |kleer: &Kleer| kleer.clients().update(ClientId(17), &client());
    let read = |kleer: &Kleer| {
        kleer
            .raw(Method::GET, &["a b/ö", "x"])
            .query("q", "1+1 = 2&ö")
    };
    let rendered = [
        update(&kleer).render().unwrap(),
        read(&kleer).render().unwrap(),
    ];
    assert!(server.requests().is_empty());
    update(&kleer).await.unwrap();
    read(&kleer).await.unwrap();
    let sent = server.requests();
    assert_eq!(sent.len(), 2);
    for (sent, rendered) in sent.iter().zip(&rendered) {
        assert_same(sent, rendered);
        let everything = format!("{rendered:?} {:?} {}", rendered.headers(), rendered.url());
        assert!(!everything.contains(TOKEN));
    }
}

/// What a transport may print of a request does not show the token.
#[tokio::test]
async fn the_token_is_marked_as_sensitive() {
    let script = support::Script::new([support::answer(200, COMPANY_XML)]);
    let kleer = script.builder().build().unwrap();
    kleer.company_information().await.unwrap();
    let request = script.requests().remove(0);
    assert_eq!(request.headers()["x-token"], TOKEN);
    assert!(!format!("{request:?}").contains(TOKEN), "{request:?}");
}

#[tokio::test]
async fn a_client_in_dry_run_sends_reads_only() {
    let server = RoughServer::start([ok(COMPANY_XML)]).await;
    let dry = builder(&server.url).dry_run(true).build().unwrap();
    let wet = builder(&server.url).build().unwrap();
    assert!(dry.is_dry_run() && !wet.is_dry_run());

    let errors = [
        dry.clients().create(&client()).await.unwrap_err(),
        dry.clients()
            .update(ClientId(17), &client())
            .await
            .unwrap_err(),
        dry.clients().delete(ClientId(17)).await.unwrap_err(),
        dry.raw(Method::POST, &["event", "approve"])
            .body_xml("<x/>")
            .await
            .unwrap_err(),
    ];
    assert!(server.requests().is_empty());
    for error in &errors {
        assert!(error.is_dry_run() && !error.is_retryable());
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::DryRun, 0));
        assert_eq!(error.outcome(), Outcome::NotCarriedOut);
        assert!(error.to_string().contains("nothing was sent"), "{error}");
    }
    let would_send = wet.clients().create(&client()).render().unwrap();
    assert_eq!(errors[0].rendered_request(), Some(&would_send));

    assert_eq!(
        dry.company_information().await.unwrap().name,
        "Exempelbolaget"
    );
    assert_eq!(server.requests().len(), 1);
}
