//! Servers whose certificate nobody vouches for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod support;

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kleer_client::model::Client;
use kleer_client::{ErrorKind, Outcome};
use support::{COMPANY_XML, TOKEN, builder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// A server behind TLS, which counts the connections that got through.
struct TlsServer {
    url: String,
    certificate: CertificateDer<'static>,
    tried: Arc<AtomicUsize>,
    trusted: Arc<AtomicUsize>,
}

async fn start(name: &str) -> TlsServer {
    let signed = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = signed.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(signed.key_pair.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tried, trusted) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let counts = (Arc::clone(&tried), Arc::clone(&trusted));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counts.0.fetch_add(1, Ordering::SeqCst);
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            counts.1.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let length = COMPANY_XML.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n{COMPANY_XML}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    TlsServer {
        url: format!("https://localhost:{port}"),
        certificate,
        tried,
        trusted,
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_is_refused_once_and_says_what_to_do() {
    let server = start("localhost").await;
    let kleer = builder(&server.url).build().unwrap();
    let error = kleer.company_information().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Certificate, "{error:?}");
    // Trying again would meet the same certificate.
    assert_eq!((error.attempts(), error.is_retryable()), (1, false));
    let told = error.to_string();
    assert!(
        told.contains("certificate") && told.contains("http_client"),
        "{told}"
    );

    let error = kleer
        .clients()
        .create(&Client::new("Hemligsson", "SE"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Certificate);
    let mut shown = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let _ = write!(shown, " {deeper} {deeper:?}");
        cause = deeper.source();
    }
    for secret in [TOKEN, "Hemligsson", "/company/"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert_eq!(error.outcome(), Outcome::NotCarriedOut);
    assert_eq!(server.tried.load(Ordering::SeqCst), 2);
    assert_eq!(
        server.trusted.load(Ordering::SeqCst),
        0,
        "the token stayed here"
    );
}

#[tokio::test]
async fn a_private_authority_is_trusted_by_a_client_of_your_own_for_its_own_host_only() {
    for (name, is_trusted) in [("localhost", true), ("elsewhere.example", false)] {
        let server = start(name).await;
        let authority = reqwest::Certificate::from_der(&server.certificate).unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_only([authority])
            .build()
            .unwrap();
        let kleer = builder(&server.url).http_client(client).build().unwrap();
        let answer = kleer.company_information().await;
        assert_eq!(answer.is_ok(), is_trusted, "{answer:?}");
        if let Err(error) = answer {
            assert_eq!(error.kind(), ErrorKind::Certificate, "{error:?}");
        }
    }
}
