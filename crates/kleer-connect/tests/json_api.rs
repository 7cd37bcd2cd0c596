//! A client of a JSON API against servers that behave badly.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use kleer_connect::link::{SideErrorKind, SideOperation};
use kleer_connect::{JsonApi, JsonApiError};
use mockito::{Matcher, Server, ServerGuard};
use serde_json::json;

fn api(server: &ServerGuard) -> JsonApi {
    let base = format!("{}/v1/", server.url());
    JsonApi::new(&base, "t0k3n".to_owned().into()).unwrap()
}

#[tokio::test]
async fn each_operation_is_its_method_with_token_query_and_body() {
    let mut server = Server::new_async().await;
    let body = json!({ "name": "Anna" });
    let mut mocks = Vec::new();
    for (method, operation, sent) in [
        ("GET", SideOperation::List, None),
        ("GET", SideOperation::Get, None),
        ("POST", SideOperation::Create, Some(&body)),
        ("PATCH", SideOperation::Update, Some(&body)),
        ("DELETE", SideOperation::Delete, None),
    ] {
        let mock = server
            .mock(method, format!("/v1/{operation}").as_str())
            .match_query(Matcher::UrlEncoded("a b".into(), "å&=".into()))
            .match_header("authorization", "Bearer t0k3n")
            .match_body(match sent {
                Some(body) => Matcher::Json(body.clone()),
                None => Matcher::Any,
            })
            .with_body(r#"{"total": 1}"#);
        mocks.push(mock.create_async().await);
        let query = [("a b", "å&=".to_owned())];
        let path = operation.to_string();
        let answer = api(&server).send(operation, &path, &query, sent).await;
        assert_eq!(answer.unwrap()["total"], 1, "{operation}");
    }
    for mock in mocks {
        mock.assert_async().await;
    }
}

#[tokio::test]
async fn what_changed_nothing_is_sent_again_and_what_may_have_is_not() {
    let (list, create) = (SideOperation::List, SideOperation::Create);
    for (status, operation, times, kind) in [
        (429, list, 2, SideErrorKind::RateLimited),
        (429, create, 2, SideErrorKind::RateLimited),
        (503, list, 2, SideErrorKind::Unavailable),
        (503, create, 1, SideErrorKind::OutcomeUnknown),
        (408, create, 1, SideErrorKind::OutcomeUnknown),
        (302, list, 2, SideErrorKind::Unavailable),
        (401, list, 1, SideErrorKind::Unauthenticated),
        (403, create, 1, SideErrorKind::Forbidden),
        (404, create, 1, SideErrorKind::NotFound),
        (412, SideOperation::Update, 1, SideErrorKind::Changed),
        (422, create, 1, SideErrorKind::Refused),
    ] {
        let mut server = Server::new_async().await;
        let elsewhere = server.mock("GET", "/elsewhere").expect(0);
        let elsewhere = elsewhere.create_async().await;
        let mock = server.mock(
            match operation {
                SideOperation::Create => "POST",
                SideOperation::Update => "PATCH",
                _ => "GET",
            },
            "/v1/people",
        );
        let mock = mock
            .with_status(status)
            .with_header("retry-after", "0")
            .with_header("location", "/elsewhere")
            .with_body(r#"{"message": ["anna@ is no address", "nor is bo@"]}"#)
            .expect(times);
        let mock = mock.create_async().await;
        let api = api(&server).attempts(2);
        let error = api.send(operation, "people", &[], None).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {operation}");
        mock.assert_async().await;
        elsewhere.assert_async().await;
        // The other system's own words may name people.
        assert!(!format!("{error} {error:?}").contains("anna@"));
        assert_eq!(error.message(), Some("anna@ is no address; nor is bo@"));
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_no_success() {
    let mut server = Server::new_async().await;
    let mut answers = Vec::new();
    for method in ["GET", "POST"] {
        let mock = server.mock(method, "/v1/people").with_body("<html>");
        answers.push(mock.create_async().await);
    }
    let api = api(&server).attempts(1);
    let kind = async |operation| {
        let answer = api.send(operation, "people", &[], None).await;
        answer.unwrap_err().kind()
    };
    assert_eq!(kind(SideOperation::List).await, SideErrorKind::Malfunction);
    let unknown = SideErrorKind::OutcomeUnknown;
    assert_eq!(kind(SideOperation::Create).await, unknown);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let mut server = Server::new_async().await;
    let long = format!("[{}1]", "1,".repeat(10_000));
    let mock = server.mock("GET", "/v1/people").with_body(&long);
    let _mock = mock.expect_at_least(1).create_async().await;
    let api = api(&server).attempts(1);
    let whole = api.clone().most_bytes(long.len());
    let read = async |api: JsonApi| api.send(SideOperation::List, "people", &[], None).await;
    assert!(read(whole).await.is_ok());
    let error = read(api.most_bytes(long.len() - 1)).await.unwrap_err();
    assert_eq!(error.code(), Some("answer-too-long"));
}

#[tokio::test]
async fn the_token_goes_to_one_address_only() {
    let token = || "t0k3n".to_owned().into();
    let refused = |base: &str| JsonApi::new(base, token()).unwrap_err();
    for base in ["http://api.example.com", "http://localhost.example.com"] {
        assert!(matches!(refused(base), JsonApiError::Insecure), "{base}");
    }
    assert!(matches!(
        refused("api.example.com"),
        JsonApiError::Address(_)
    ));
    let shown = format!("{:?}", JsonApi::new("https://api.example.com", token()));
    assert!(!shown.contains("t0k3n"), "{shown}");

    // A path that comes from an answer must not lead elsewhere.
    let server = Server::new_async().await;
    let mut other = Server::new_async().await;
    let stolen = other.mock("GET", Matcher::Any).expect(0);
    let stolen = stolen.create_async().await;
    let place = other.host_with_port();
    for path in [
        format!("http://{place}/people"),
        format!("//{place}/people"),
        "../v2/people".to_owned(),
        "/people".to_owned(),
    ] {
        let api = api(&server);
        let sent = api.send(SideOperation::Get, &path, &[], None);
        let error = sent.await.unwrap_err();
        assert_eq!(error.code(), Some("another-address"), "{path}");
    }
    stolen.assert_async().await;
}
