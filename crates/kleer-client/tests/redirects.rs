//! A redirect never takes the token along.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use kleer_client::model::ClientId;
use kleer_client::{ErrorKind, Method, Outcome};
use support::{COMPANY_XML, builder};

#[tokio::test]
async fn a_redirect_is_an_error_and_the_other_host_sees_nothing() {
    let mut other = mockito::Server::new_async().await;
    let untouched = other
        .mock("GET", mockito::Matcher::Any)
        .expect(0)
        .create_async()
        .await;
    for status in [301, 302, 303, 307, 308] {
        let mut server = mockito::Server::new_async().await;
        // Another name of the same machine: to an HTTP client another host.
        let target = other.url().replace("127.0.0.1", "localhost");
        for method in ["GET", "DELETE"] {
            server
                .mock(method, mockito::Matcher::Any)
                .with_status(status)
                .with_header("location", &format!("{target}/v1/company/4875/info"))
                .expect(1)
                .create_async()
                .await;
        }
        let kleer = builder(&server.url()).build().unwrap();
        let error = kleer.company_information().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Redirect, 1));
        assert_eq!(
            error.status().unwrap().as_u16(),
            u16::try_from(status).unwrap()
        );
        assert!(
            error.to_string().contains("the token would travel along"),
            "{error}"
        );
        assert_eq!(
            kleer.raw(Method::GET, &["x"]).await.unwrap_err().kind(),
            ErrorKind::Redirect
        );
        let error = kleer.clients().delete(ClientId(1)).await.unwrap_err();
        let asks_to_repeat = status == 307 || status == 308;
        assert_eq!(error.outcome() == Outcome::NotCarriedOut, asks_to_repeat);
    }
    untouched.assert_async().await;
}

/// A client that follows redirects was given against the advice: its answer is not used.
#[tokio::test]
async fn a_followed_redirect_is_detected() {
    let mut server = mockito::Server::new_async().await;
    server
        .mock("GET", "/v1/company/4875/info")
        .with_status(302)
        .with_header("location", "/elsewhere")
        .create_async()
        .await;
    let followed = server
        .mock("GET", "/elsewhere")
        .with_body(COMPANY_XML)
        .expect(1)
        .create_async()
        .await;
    let follows = reqwest::Client::builder().no_proxy().build().unwrap();
    let kleer = builder(&server.url()).http_client(follows).build().unwrap();
    let error = kleer.company_information().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Redirect, 1));
    assert!(error.to_string().contains("follows redirects"), "{error}");
    followed.assert_async().await;
}

#[tokio::test]
async fn a_client_of_your_own() {
    let mut server = mockito::Server::new_async().await;
    server
        .mock("GET", "/v1/company/4875/info")
        .with_body(COMPANY_XML)
        .create_async()
        .await;
    let own = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let kleer = builder(&server.url()).http_client(own).build().unwrap();
    assert_eq!(
        kleer.company_information().await.unwrap().name,
        "Exempelbolaget"
    );
}
