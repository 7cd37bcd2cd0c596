//! Answers that no server should send: whatever comes, a call ends, with a value or an error.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod support;

use bytes::Bytes;
use futures_util::StreamExt;
use kleer_client::model::{Client, ClientId, ClientKey, CompanyId};
use kleer_client::{Kleer, LogIn, Method, RetryPolicy};
use proptest::prelude::*;
use support::{Script, Step};

const DOCUMENTS: [&str; 8] = [
    "<clients><client><id>1</id><name>A</name></client><client/></clients>",
    "<supplier-invoices offset=\"0\" limit=\"2\" size=\"9\"><supplier-invoice/></supplier-invoices>",
    "<?xml version=\"1.0\"?><!-- x --><client><id>7</id><name>B &amp; C</name></client>",
    "<error><message>se.kleer.a.B$CException: nej</message></error>",
    "<saved><id>5</id></saved>",
    "<created><id>5</id></created>",
    "{\"message\":\"EventAccessDeniedException: nej\"}",
    "<!DOCTYPE html><html><body>x</body></html>",
];

/// A document with some bytes exchanged, left out, or put in twice, or bytes that are none.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..6);
    let mutated =
        (prop::sample::select(DOCUMENTS.to_vec()), edits).prop_map(|(document, edits)| {
            let mut bytes = document.as_bytes().to_vec();
            for (at, byte, how) in edits {
                if bytes.is_empty() {
                    break;
                }
                let at = at.index(bytes.len());
                match how {
                    0 => bytes[at] = byte,
                    1 => drop(bytes.remove(at)),
                    _ => {
                        let tail = bytes[at..].to_vec();
                        bytes.extend(tail);
                    }
                }
            }
            bytes
        });
    prop_oneof![4 => mutated, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

fn headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let known = prop::sample::select(vec![
        ("content-type", "application/xml"),
        ("content-type", "text/html; charset=utf-8"),
        ("content-type", "application/json"),
        ("content-length", "99999999999999999999"),
        ("content-length", "-1"),
        ("retry-after", "99999999999999999999999"),
        ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ("retry-after", "-1"),
        ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("content-encoding", "br"),
        ("location", "http://[::1"),
    ]);
    prop::collection::vec(
        known.prop_map(|(name, value)| (name, value.to_owned())),
        0..3,
    )
}

async fn call_everything(kleer: &Kleer) {
    let client = Client::new("A", "SE");
    let _ = kleer.clients().get(ClientId(1)).await;
    let _ = kleer.clients().list().await;
    let _ = kleer.clients().list().stream().collect::<Vec<_>>().await;
    let _ = kleer.supplier_invoices().list().all().await;
    let _ = kleer.clients().create(&client).await;
    let _ = kleer.clients().update(ClientId(1), &client).await;
    let _ = kleer.clients().delete(ClientId(1)).await;
    let _ = kleer.raw(Method::POST, &["x"]).json("{}").await;
    let _ = kleer.preflight(&[]).await;
    let _ = kleer.audit::<Client>().await;
    let key = ClientKey::new("a", "client", "1");
    let _ = kleer.clients().create_once(key, &client).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_call_ends(
        answers in prop::collection::vec((200..600_u16, headers(), body()), 1..4),
        is_success in any::<bool>(),
    ) {
        let steps = answers.into_iter().map(|(status, headers, body)| {
            let status = if is_success { 200 + status % 5 } else { status };
            Step::Answer(status, headers, Bytes::from(body))
        });
        let steps: Vec<Step> = steps.collect();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let script = Script::new(steps.clone());
            let policy = RetryPolicy::default().with_repeat_updates(true);
            let kleer = script.builder().retry(policy).build().unwrap();
            call_everything(&kleer).await;
            assert!(script.count() >= 11, "{} requests", script.count());
            let script = Script::new(steps.clone());
            let login = LogIn::new("a@example.se", "x")
                .settings(|settings| settings.transport(script.clone()))
                .send();
            if let Ok(session) = login.await {
                let _ = session.open(CompanyId(1));
            }
        });
    }
}
