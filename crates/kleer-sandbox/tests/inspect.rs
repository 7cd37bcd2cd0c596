//! Looking into a sandbox past the wire.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod common;

use common::{created, get, sandbox};
use kleer_model::{Client, List, Product, endpoint};
use kleer_sandbox::Fault;

fn client(name: &str, key: &str) -> Client {
    let mut client = Client::new(name, "SE");
    client.foreign_id = key.to_owned();
    client
}

#[tokio::test]
async fn it_reads_and_writes_without_faults_and_without_a_trace() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Fault::ResetBefore);
    let answer = sandbox
        .write(
            &endpoint::CLIENT_CREATE,
            &[],
            &client("Exempel & Co", "a&b"),
        )
        .unwrap();
    assert_eq!(answer, "<created><id>1001</id></created>");
    let clients: List<Client> = sandbox.read(&endpoint::CLIENT_LIST, &[]).unwrap();
    assert_eq!(clients.items, sandbox.clients());
    let read: Client = sandbox.read(&endpoint::CLIENT_READ, &["1001"]).unwrap();
    assert_eq!(read.foreign_id, "a&b");
    assert_eq!((sandbox.requests().len(), sandbox.armed_faults()), (0, 1));
}

#[tokio::test]
async fn what_it_refuses_it_explains() {
    let sandbox = sandbox().await;
    let explained =
        |outcome: Result<Client, kleer_sandbox::Refused>| outcome.unwrap_err().to_string();
    let missing = explained(sandbox.read(&endpoint::CLIENT_READ, &["7"]));
    assert!(
        missing.contains("client.read") && missing.contains("no client 7"),
        "{missing}"
    );
    let ids = explained(sandbox.read(&endpoint::CLIENT_READ, &[]));
    assert!(ids.contains("takes 1 ids, and 0 are given"), "{ids}");
    let other = explained(sandbox.read(&endpoint::PRODUCT_READ, &["3"]));
    assert!(other.contains("answers no <client>"), "{other}");
}

#[tokio::test]
async fn doubles_are_found_by_their_foreign_id() {
    let sandbox = sandbox().await;
    for (name, key) in [("A", "x&y"), ("B", "z"), ("C", "x&y"), ("D", ""), ("E", "")] {
        created(&sandbox, "client", &client(name, key)).await;
    }
    let doubles = sandbox.doubles(&endpoint::CLIENT_LIST, &[]).unwrap();
    let ids: Vec<_> = doubles.values().collect();
    assert_eq!(ids, [&[1001, 1003]]);
    sandbox.assert_no_doubles(&endpoint::PRODUCT_LIST);
    sandbox.assert_requested(&endpoint::CLIENT_CREATE, 5);
}

#[tokio::test]
#[should_panic(expected = "client.list has records that share a foreign id: Ok([[1001, 1002]])")]
async fn doubles_fail_the_assertion() {
    let sandbox = sandbox().await;
    created(&sandbox, "client", &client("A", "anna@x.example")).await;
    created(&sandbox, "client", &client("B", "anna@x.example")).await;
    sandbox.assert_no_doubles(&endpoint::CLIENT_LIST);
}

#[tokio::test]
#[should_panic(expected = "product.list was requested 1 times, not 2")]
async fn another_number_of_requests_fails_the_assertion() {
    let sandbox = sandbox().await;
    let _: List<Product> = get(&sandbox, "product").await.document();
    sandbox.assert_requested(&endpoint::PRODUCT_LIST, 2);
}
