//! The default transport on real sockets: refused, reset, cut short, slow, too large.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use std::time::{Duration, Instant};

use kleer_client::model::Client;
use kleer_client::{Error, ErrorKind, Kleer, Outcome, RetryPolicy};
use support::{COMPANY_XML, Manner, RoughServer, TOKEN, builder, say};

/// Quick retries on a real clock.
fn client(url: &str) -> Kleer {
    let policy = RetryPolicy::default()
        .with_max_attempts(3)
        .with_base_delay(Duration::from_millis(5));
    builder(url)
        .retry(policy)
        .attempt_timeout(Duration::from_secs(10))
        .build()
        .unwrap()
}

async fn create(kleer: &Kleer) -> Error {
    kleer
        .clients()
        .create(&Client::new("Exempelbolaget", "SE"))
        .await
        .unwrap_err()
}

fn ok(body: &str) -> Manner {
    let length = body.len();
    say(&format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

#[tokio::test]
async fn a_read_on_the_wire() {
    let server = RoughServer::start([ok(COMPANY_XML)]).await;
    let company = client(&server.url).company_information().await.unwrap();
    assert_eq!(company.name, "Exempelbolaget");
    let request = server.requests().remove(0).to_ascii_lowercase();
    assert!(
        request.starts_with("get /v1/company/4875/info http/1.1\r\n"),
        "{request}"
    );
    for header in [
        &format!("x-token: {}", TOKEN.to_ascii_lowercase()),
        "accept: application/xml",
        "content-type: application/xml; charset=utf-8",
        "user-agent: kleer-client/",
    ] {
        assert!(
            request.contains(&format!("\r\n{header}")),
            "{header} in {request}"
        );
    }
    assert!(
        !request.contains("referer") && !request.contains("accept-encoding"),
        "{request}"
    );
}

#[tokio::test]
async fn connection_refused_is_not_carried_out_and_retried() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let kleer = client(&url);
    let error = create(&kleer).await;
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(
        (error.attempts(), error.outcome()),
        (3, Outcome::NotCarriedOut)
    );
    assert!(error.is_retryable());
    assert_eq!(kleer.company_information().await.unwrap_err().attempts(), 3);
}

#[tokio::test]
async fn an_unknown_host_is_a_connect_error() {
    let kleer = builder("https://kleer.invalid")
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let error = create(&kleer).await;
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Connect, Outcome::NotCarriedOut)
    );
}

/// The kernel answers no further connection once the queue of a listener is full.
#[tokio::test]
async fn a_connect_timeout_is_a_connect_error() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let connect = tokio::net::TcpStream::connect(address);
        match tokio::time::timeout(Duration::from_millis(100), connect).await {
            Ok(stream) => waiting.push(stream),
            Err(_) => break,
        }
    }
    let kleer = builder(&format!("http://{address}"))
        .connect_timeout(Duration::from_millis(200))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let started = Instant::now();
    let error = create(&kleer).await;
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Connect, Outcome::NotCarriedOut)
    );
    assert!(started.elapsed() < Duration::from_secs(5));
    drop(waiting);
}

/// The server waits for the end of an HTTP request, which a TLS greeting does not have.
#[tokio::test]
async fn a_tls_handshake_that_does_not_end_is_a_connect_error() {
    let server = RoughServer::start([Manner::Silence]).await;
    let kleer = builder(&server.url.replace("http://", "https://"))
        .connect_timeout(Duration::from_millis(200))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let error = create(&kleer).await;
    assert!(server.requests().is_empty());
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Connect, Outcome::NotCarriedOut)
    );
}

#[tokio::test]
async fn a_reset_before_the_answer() {
    let server = RoughServer::start([Manner::Reset]).await;
    let error = create(&client(&server.url)).await;
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Unknown));
    assert!(!error.is_retryable());
    assert_eq!(server.requests().len(), 1, "a write is not repeated");

    let server = RoughServer::start([Manner::Reset, Manner::Reset, ok(COMPANY_XML)]).await;
    client(&server.url).company_information().await.unwrap();
    assert_eq!(server.requests().len(), 3, "a read is repeated");
}

#[tokio::test]
async fn a_connection_closed_before_the_answer() {
    let server = RoughServer::start([say("")]).await;
    let error = create(&client(&server.url)).await;
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Interrupted, Outcome::Unknown)
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_body_cut_short() {
    let cut = say("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<company-information><name>Ex");
    let server = RoughServer::start([cut.clone(), ok(COMPANY_XML)]).await;
    client(&server.url).company_information().await.unwrap();
    assert_eq!(server.requests().len(), 2);

    let server = RoughServer::start([cut]).await;
    let error = create(&client(&server.url)).await;
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Interrupted, Outcome::CarriedOut)
    );
    assert_eq!(server.requests().len(), 1);

    let chunked = say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n<comp\r\n");
    let server = RoughServer::start([chunked, ok(COMPANY_XML)]).await;
    client(&server.url).company_information().await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_slow_drip_does_not_hold_a_call_up() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    let drip = Manner::Drip(head, COMPANY_XML, Duration::from_millis(30));
    let server = RoughServer::start([drip]).await;
    let started = Instant::now();
    let error = client(&server.url)
        .company_information()
        .attempt_timeout(Duration::from_millis(200))
        .retry(RetryPolicy::none())
        .await
        .unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.status().unwrap(), 200);
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn silence_after_a_write_is_an_unknown_outcome() {
    let server = RoughServer::start([Manner::Silence]).await;
    let kleer = builder(&server.url)
        .attempt_timeout(Duration::from_millis(150))
        .build()
        .unwrap();
    let error = create(&kleer).await;
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Timeout, Outcome::Unknown)
    );
    assert_eq!((error.attempts(), server.requests().len()), (1, 1));
}

#[tokio::test]
async fn a_huge_content_length_is_refused_at_once() {
    // Nothing follows the head: only a client that believes it would wait.
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999\r\n\r\n";
    let server = RoughServer::start([Manner::Drip(head, "<", Duration::from_secs(60))]).await;
    let kleer = client(&server.url);
    let started = Instant::now();
    let error = kleer.company_information().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::BodyTooLarge, 1)
    );
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(create(&kleer).await.outcome(), Outcome::CarriedOut);
}

#[tokio::test]
async fn an_endless_body_is_stopped_at_the_limit() {
    let mut endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..100 {
        endless.extend_from_slice(b"400\r\n");
        endless.extend_from_slice(&[b' '; 1024]);
        endless.extend_from_slice(b"\r\n");
    }
    let server = RoughServer::start([Manner::Say(endless)]).await;
    let kleer = builder(&server.url)
        .max_response_bytes(50_000)
        .build()
        .unwrap();
    let error = kleer.company_information().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::BodyTooLarge, 1)
    );
    assert!(
        error.to_string().contains("more than 50000 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let server = RoughServer::start([ok(COMPANY_XML)]).await;
    let at = |limit| {
        builder(&server.url)
            .max_response_bytes(limit)
            .build()
            .unwrap()
    };
    at(COMPANY_XML.len()).company_information().await.unwrap();
    let error = at(COMPANY_XML.len() - 1)
        .company_information()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
}

#[tokio::test]
async fn a_huge_error_page_is_kept_in_part() {
    let page = "x".repeat(1_000_000);
    let text = format!("HTTP/1.1 404 Not Found\r\ncontent-length: 1000000\r\n\r\n{page}");
    let server = RoughServer::start([say(&text)]).await;
    let error = client(&server.url).company_information().await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.body().unwrap().len(), 64 * 1024);
}
