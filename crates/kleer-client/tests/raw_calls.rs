//! Raw calls: any path and body, within the same bounds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use kleer_client::{ErrorKind, Kleer, Method, Outcome, RetryPolicy};
use proptest::prelude::*;
use support::{Script, Step, TOKEN, answer, builder};

/// Nothing is sent with it; the script only spares the start of a real HTTP client.
fn kleer() -> Kleer {
    Script::new([]).builder().build().unwrap()
}

#[tokio::test]
async fn a_raw_read() {
    let mut server = mockito::Server::new_async().await;
    let mock = server
        .mock("GET", "/v1/company/4875/event/17")
        .match_query(mockito::Matcher::UrlEncoded(
            "startDate".into(),
            "2026-01-01".into(),
        ))
        .match_header("x-token", TOKEN)
        .match_header("accept", "application/xml")
        .with_header("x-extra", "yes")
        .with_body(b"\xff\xfe raw")
        .create_async()
        .await;
    let kleer = builder(&server.url()).build().unwrap();
    let call = kleer
        .raw(Method::GET, &["event", "17"])
        .query("startDate", "2026-01-01");
    let response = call.await.unwrap();
    assert_eq!(response.status.as_u16(), 200);
    assert_eq!(response.headers["x-extra"], "yes");
    assert_eq!(&response.body[..], b"\xff\xfe raw");
    mock.assert_async().await;
}

#[tokio::test]
async fn raw_json() {
    let mut server = mockito::Server::new_async().await;
    let mock = server
        .mock("PUT", "/v1/company/4875/event")
        .match_header("accept", "application/json")
        .match_header("content-type", "application/json")
        .match_body("{\"hours\":8}")
        .with_body("{\"id\":5}")
        .create_async()
        .await;
    let kleer = builder(&server.url()).build().unwrap();
    let response = kleer
        .raw(Method::PUT, &["event"])
        .json("{\"hours\":8}")
        .await
        .unwrap();
    assert_eq!(&response.body[..], b"{\"id\":5}");
    mock.assert_async().await;
}

#[test]
fn headers_follow_body_and_accept() {
    let headers = |call: kleer_client::RawCall| {
        let rendered = call.render().unwrap();
        let header = |name| rendered.headers()[name].to_str().unwrap().to_owned();
        (header("accept"), header("content-type"))
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let xml = "application/xml; charset=utf-8";
    let raw = |method| kleer().raw(method, &["x"]);
    assert_eq!(headers(raw(Method::GET)), pair("application/xml", xml));
    let json = pair("application/json", "application/json");
    assert_eq!(headers(raw(Method::GET).accept("application/json")), json);
    let mixed = pair("application/json", xml);
    assert_eq!(
        headers(raw(Method::PUT).body_xml("<x/>").accept("application/json")),
        mixed
    );
    assert_eq!(
        headers(raw(Method::PUT).accept("application/json").body_xml("<x/>")),
        mixed
    );
}

#[test]
fn outside_the_company() {
    let rendered = kleer()
        .raw(Method::GET, &["xsd"])
        .outside_company()
        .render()
        .unwrap();
    assert_eq!(rendered.url().as_str(), "https://kleer.example/v1/xsd");
}

#[tokio::test]
async fn segments_that_would_change_the_path_are_refused() {
    let script = Script::new([answer(200, "")]);
    let kleer = script.builder().build().unwrap();
    for bad in [
        "",
        ".",
        "..",
        "%2e%2e",
        "%2E.",
        ".%2e",
        "a\r\nx-evil: 1",
        "a\0",
    ] {
        let call = kleer.raw(Method::DELETE, &["client", bad]);
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad:?}");
        assert_eq!(
            (error.attempts(), error.outcome()),
            (0, Outcome::NotCarriedOut)
        );
        assert!(error.to_string().contains("path segment 2"), "{error}");
    }
    let error = kleer
        .raw(Method::GET, &["x"])
        .accept("a\r\nx-evil: 1")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(script.count(), 0);
}

#[test]
fn an_early_mistake_is_told_late() {
    let call = kleer()
        .raw(Method::PUT, &["x"])
        .accept("\n")
        .query("a", "b")
        .body_xml("<x/>");
    assert_eq!(call.render().unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test(start_paused = true)]
async fn the_method_decides_what_is_a_write() {
    for (method, is_write) in [
        (Method::GET, false),
        (Method::HEAD, false),
        (Method::OPTIONS, false),
        (Method::PUT, true),
        (Method::POST, true),
        (Method::DELETE, true),
        (Method::PATCH, true),
        (Method::from_bytes(b"EVIL").unwrap(), true),
    ] {
        let script = Script::new([answer(503, "")]);
        let policy = RetryPolicy::default().with_max_attempts(2);
        let kleer = script.builder().retry(policy).build().unwrap();
        let error = kleer.raw(method.clone(), &["x"]).await.unwrap_err();
        assert_eq!(script.count(), if is_write { 1 } else { 2 }, "{method}");
        assert_eq!(error.is_outcome_unknown(), is_write, "{method}");
        assert_eq!(error.endpoint(), Some("raw"));
    }
}

/// JSON errors: Kleer's own only if it names an exception, because gateways write `message`, too.
#[tokio::test(start_paused = true)]
async fn json_errors() {
    let write = |body: &'static str| async move {
        let kleer = Script::new([answer(500, body)]).builder().build().unwrap();
        kleer
            .raw(Method::POST, &["x"])
            .json("{}")
            .await
            .unwrap_err()
    };
    let error = write("{\"message\":\"Internal server error\"}").await;
    assert_eq!(error.kleer_message(), Some("Internal server error"));
    assert!(!error.is_application_error() && error.is_outcome_unknown());
    let error = write("{\"message\":\"EventAccessDeniedException: nej\"}").await;
    assert!(error.is_application_error() && error.is_forbidden() && !error.is_outcome_unknown());
}

/// Some endpoints are said to answer XML to who asks for JSON in one header only.
#[tokio::test]
async fn xml_where_json_was_asked_for_is_told() {
    let ask = |body: &'static str| async move {
        let kleer = Script::new([answer(200, body)]).builder().build().unwrap();
        kleer.raw(Method::POST, &["x"]).json("{}").await
    };
    let error = ask("<?xml version=\"1.0\"?>\n<saved/>").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongContentType);
    assert_eq!(error.outcome(), Outcome::CarriedOut);
    assert!(error.to_string().contains("XML, not JSON"), "{error}");
    let error = ask("<html><body>log in</body></html>").await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    let error = ask("<error><message>Nej</message></error>")
        .await
        .unwrap_err();
    assert!(error.is_application_error() && error.is_outcome_unknown());
    for fine in ["{\"id\": 5}", "[]", "", "%PDF-1.4"] {
        assert_eq!(ask(fine).await.unwrap().body, fine);
    }
    // Who asks for XML may get anything.
    let kleer = Script::new([answer(200, "<a/>")])
        .builder()
        .build()
        .unwrap();
    kleer.raw(Method::GET, &["x"]).await.unwrap();
}

/// The length in an answer to HEAD is that of a body which does not come.
#[tokio::test]
async fn a_head_of_something_large() {
    let length = vec![("content-length", "5000000000".to_owned())];
    let script = Script::new([Step::Answer(200, length, bytes::Bytes::new())]);
    let kleer = script.builder().build().unwrap();
    let response = kleer.raw(Method::HEAD, &["x"]).await.unwrap();
    assert_eq!(response.headers["content-length"], "5000000000");
    let error = kleer.raw(Method::GET, &["x"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
}

#[tokio::test(start_paused = true)]
async fn raw_answers_have_the_same_limits() {
    let script = Script::new([answer(200, "x".repeat(101)), Step::Break(200, "x")]);
    let kleer = script.builder().max_response_bytes(100).build().unwrap();
    let error = kleer.raw(Method::GET, &["x"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    let error = kleer.raw(Method::GET, &["x"]).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Interrupted, 4)
    );
}

proptest! {
    /// Whatever the segments: either refused, or found again, one for one, in the URL.
    #[test]
    fn segments_stay_in_their_place(segments in prop::collection::vec(".{0,12}", 1..5)) {
        let given: Vec<&str> = segments.iter().map(String::as_str).collect();
        let Ok(rendered) = kleer().raw(Method::GET, &given).render() else {
            return Ok(());
        };
        let url = rendered.url();
        prop_assert_eq!(url.host_str(), Some("kleer.example"));
        prop_assert_eq!((url.query(), url.fragment()), (None, None));
        // As a server would see it.
        let again = url::Url::parse(url.as_str()).unwrap();
        let path: Vec<String> = again
            .path_segments()
            .unwrap()
            .map(|s| String::from_utf8(percent_decode(s)).unwrap())
            .collect();
        prop_assert_eq!(&path[..3], &["v1", "company", "4875"]);
        prop_assert_eq!(&path[3..], &segments[..]);
    }

    #[test]
    fn harmless_segments_are_taken(segments in prop::collection::vec("[a-zåäö0-9 /?#%&+]{1,12}", 1..5)) {
        let given: Vec<&str> = segments.iter().map(String::as_str).collect();
        prop_assert!(kleer().raw(Method::GET, &given).render().is_ok());
    }

    #[test]
    fn query_parameters_are_found_again(name in ".{0,12}", value in ".{0,12}") {
        let rendered = kleer().raw(Method::GET, &["x"]).query(&name, &value).render().unwrap();
        let pairs: Vec<_> = rendered.url().query_pairs().into_owned().collect();
        prop_assert_eq!(pairs, [(name, value)]);
    }
}

fn percent_decode(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
            let hex = std::str::from_utf8(&hex).unwrap();
            decoded.push(u8::from_str_radix(hex, 16).unwrap());
        } else {
            decoded.push(byte);
        }
    }
    decoded
}
