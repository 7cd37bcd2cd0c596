//! What tests can see of the requests.

mod common;

use common::{call, created, get, invoice, put, row, sandbox, seed};
use kleer_model::{Client, Document, endpoint};
use kleer_sandbox::Sandbox;
use reqwest::Method;

#[tokio::test]
async fn a_request_is_recorded_as_it_was_sent() {
    let sandbox = sandbox().await;
    let client = Client::new("Anna Andersson", "SE");
    put(&sandbox, "client", &client).await;
    get(&sandbox, "client/invoice?query=Anna%20A&filter=all").await;
    get(&sandbox, "nowhere").await;

    let requests = sandbox.requests();
    let [create, list, nowhere] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (create.method.as_str(), create.path.as_str()),
        ("PUT", "/v1/company/4875/client")
    );
    assert_eq!(create.endpoint, Some("client.create"));
    assert_eq!(create.body, client.to_xml().unwrap());
    assert_eq!(create.content_type.as_deref(), Some("application/xml"));
    assert_eq!(create.status, Some(200));
    assert_eq!(list.query, "query=Anna%20A&filter=all");
    assert_eq!((nowhere.endpoint, nowhere.status), (None, Some(404)));

    let shown = format!("{requests:?} {sandbox:?}");
    assert!(
        !shown.contains("Anna") && !shown.contains(sandbox.token()),
        "{shown}"
    );
    assert_eq!(sandbox.count_requests(&endpoint::CLIENT_CREATE), 1);
    assert_eq!(sandbox.count_requests(&endpoint::CLIENT_READ), 0);
    sandbox.clear_requests();
    assert_eq!(sandbox.requests(), []);
}

#[tokio::test]
async fn requests_can_be_asserted() {
    let sandbox = sandbox().await;
    get(&sandbox, "client").await;
    get(&sandbox, "product").await;
    sandbox.assert_requests(&[&endpoint::CLIENT_LIST, &endpoint::PRODUCT_LIST]);
}

#[tokio::test]
#[should_panic(expected = "expected: [\"product.list\"]\n    found: [\"client.list\"]")]
async fn other_requests_fail_the_assertion() {
    let sandbox = sandbox().await;
    get(&sandbox, "client").await;
    sandbox.assert_requests(&[&endpoint::PRODUCT_LIST]);
}

#[tokio::test]
async fn bodies_are_written_for_a_schema_validator() {
    let sandbox = sandbox().await;
    let sent = invoice(vec![row("1", 100)]);
    get(&sandbox, "client").await;
    created(&sandbox, "client/invoice", &sent).await;
    call(
        &sandbox,
        Method::PUT,
        "client",
        "<?xml version='1.0'?>\n<client/>".to_owned(),
    )
    .await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("new/bodies");
    let files = sandbox.write_request_bodies(&folder).unwrap();
    assert_eq!(
        files,
        [
            folder.join("0002-client-invoice.xml"),
            folder.join("0003-client.xml")
        ]
    );
    assert_eq!(
        std::fs::read_to_string(&files[0]).unwrap(),
        sent.to_xml().unwrap()
    );
}

#[tokio::test]
async fn the_log_can_be_limited() {
    let sandbox = Sandbox::builder()
        .seed(seed())
        .max_recorded_requests(1)
        .start()
        .await
        .unwrap();
    get(&sandbox, "client").await;
    get(&sandbox, "product").await;
    sandbox.assert_requests(&[&endpoint::PRODUCT_LIST]);
    assert_eq!(sandbox.requests()[0].status, Some(200));
}
