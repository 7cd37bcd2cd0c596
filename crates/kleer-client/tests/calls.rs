//! Every typed call: what it sends, and what it makes of each answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use chrono::NaiveDate;
use kleer_client::model::endpoint::{self, Endpoint};
use kleer_client::model::{
    Cents, Client, ClientId, ClientInvoice, ClientInvoiceId, ClientInvoiceRow, Document, Product,
    ProductId, SupplierId,
};
use kleer_client::{
    Error, ErrorKind, InvoiceFilter, Kleer, Outcome, RenderedRequest, RetryPolicy, StatusCode,
};
use support::{COMPANY_XML, Script, answer, builder};

fn kleer() -> Kleer {
    builder("https://kleer.example").build().unwrap()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn client() -> Client {
    Client::new("Exempelbolaget", "SE")
}

fn product() -> Product {
    Product::new("Konsulttid", "h", Cents(95_000))
}

fn invoice() -> ClientInvoice {
    let row = ClientInvoiceRow::new(ProductId(3), 8.into(), Cents(95_000), "Konsulttid");
    ClientInvoice::draft(
        ClientId(17),
        day(2026, 11, 20),
        day(2026, 12, 20),
        "SEK",
        vec![row],
    )
}

/// Every typed call, rendered, with the entry of the endpoint table it stands for.
fn every_call(kleer: &Kleer) -> Vec<(&'static Endpoint, Result<RenderedRequest, Error>)> {
    let (clients, products, invoices) =
        (kleer.clients(), kleer.products(), kleer.client_invoices());
    vec![
        (
            &endpoint::COMPANY_INFORMATION,
            kleer.company_information().render(),
        ),
        (&endpoint::CLIENT_LIST, clients.list().render()),
        (&endpoint::CLIENT_READ, clients.get(ClientId(17)).render()),
        (&endpoint::CLIENT_CREATE, clients.create(&client()).render()),
        (
            &endpoint::CLIENT_UPDATE,
            clients.update(ClientId(17), &client()).render(),
        ),
        (
            &endpoint::CLIENT_DELETE,
            clients.delete(ClientId(17)).render(),
        ),
        (
            &endpoint::CLIENT_DELIVERY_TYPES,
            clients.delivery_types().render(),
        ),
        (&endpoint::PRODUCT_LIST, products.list().render()),
        (&endpoint::PRODUCT_READ, products.get(ProductId(3)).render()),
        (
            &endpoint::PRODUCT_CREATE,
            products.create(&product()).render(),
        ),
        (
            &endpoint::PRODUCT_UPDATE,
            products.update(ProductId(3), &product()).render(),
        ),
        (
            &endpoint::CLIENT_INVOICE_LIST,
            invoices
                .list()
                .filter(InvoiceFilter::Certifiable)
                .invoice_date_from(day(2026, 1, 1))
                .invoice_date_to(day(2026, 1, 31))
                .query("a&b=ö")
                .with_files()
                .render(),
        ),
        (
            &endpoint::CLIENT_INVOICE_READ,
            invoices.get(ClientInvoiceId(5)).render(),
        ),
        (
            &endpoint::CLIENT_INVOICE_CREATE,
            invoices
                .create(&invoice())
                .default_dimensions_from_product(true)
                .default_dimensions_from_client(false)
                .render(),
        ),
        (
            &endpoint::CLIENT_INVOICE_UPDATE,
            invoices.update(ClientInvoiceId(5), &invoice()).render(),
        ),
        (
            &endpoint::CLIENT_INVOICE_DELETE,
            invoices.delete(ClientInvoiceId(5)).render(),
        ),
        (
            &endpoint::CLIENT_INVOICE_TEMPLATES,
            invoices.templates().render(),
        ),
    ]
}

/// The paths are written out here once more, so that a slip in the table or in the code shows.
#[test]
fn methods_and_urls() {
    let expected = [
        "GET info",
        "GET client",
        "GET client/17",
        "PUT client",
        "POST client/17",
        "DELETE client/17",
        "GET client/deliverytype",
        "GET product",
        "GET product/3",
        "PUT product",
        "POST product/3",
        "GET client/invoice?filter=certifiable\
            &invoiceDateLower=2026-01-01&invoiceDateUpper=2026-01-31&query=a%26b%3D%C3%B6&ignoreFiles=false",
        "GET client/invoice/5",
        "PUT client/invoice?defaultDimensionsFromProduct=true&defaultDimensionsFromClient=false",
        "POST client/invoice/5",
        "DELETE client/invoice/5",
        "GET client/invoice/template",
    ];
    let calls = every_call(&kleer());
    assert_eq!(calls.len(), expected.len());
    for ((endpoint, rendered), expected) in calls.into_iter().zip(expected) {
        let rendered = rendered.unwrap();
        let url = rendered.url().as_str();
        let path = url
            .strip_prefix("https://kleer.example/v1/company/4875/")
            .expect(url);
        assert_eq!(format!("{} {path}", rendered.method()), expected);
        assert_eq!(rendered.endpoint(), endpoint.name);
    }
}

/// Every typed call is of the table and sends nothing that the table does not know.
#[test]
fn calls_and_table_agree() {
    let calls = every_call(&kleer());
    for (endpoint, _) in &calls {
        assert!(endpoint::ALL.contains(endpoint), "{}", endpoint.name);
    }
    for (endpoint, rendered) in calls {
        let rendered = rendered.unwrap();
        for (name, _) in rendered.url().query_pairs() {
            assert!(
                endpoint.query.iter().any(|known| known.name == name),
                "{} sends {name}",
                endpoint.name
            );
        }
        let body = std::str::from_utf8(rendered.body()).unwrap();
        match endpoint.request {
            Some(root) => assert!(body.starts_with(&format!("<{root}>")), "{body}"),
            None => assert!(body.is_empty(), "{body}"),
        }
    }
}

#[test]
fn files_are_left_out_unless_asked_for() {
    let rendered = kleer().client_invoices().list().render().unwrap();
    assert_eq!(rendered.url().query(), Some("ignoreFiles=true"));
    let rendered = kleer()
        .client_invoices()
        .create(&invoice())
        .render()
        .unwrap();
    assert_eq!(rendered.url().query(), None);
}

#[test]
fn the_body_is_the_document_of_the_model() {
    let rendered = kleer()
        .client_invoices()
        .create(&invoice())
        .render()
        .unwrap();
    assert_eq!(rendered.body(), invoice().to_xml().unwrap().as_bytes());
}

#[tokio::test]
async fn a_record_that_cannot_be_written_is_not_sent() {
    let script = Script::new([answer(200, "<created><id>1</id></created>")]);
    let kleer = script.builder().build().unwrap();
    let mut broken = client();
    broken.name = "Exempel\u{0}bolaget".to_owned();
    let error = kleer.clients().create(&broken).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Write);
    assert_eq!(
        (error.attempts(), error.outcome()),
        (0, Outcome::NotCarriedOut)
    );
    assert_eq!(error.endpoint(), Some("client.create"));
    assert_eq!(script.count(), 0);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        cause.contains("name") && !cause.contains("Exempel"),
        "{cause}"
    );
}

#[tokio::test]
async fn reads_give_typed_records() {
    let mut server = mockito::Server::new_async().await;
    let mut mocks = Vec::new();
    let bodies = [
        ("info", COMPANY_XML.to_owned()),
        (
            "client",
            format!("<clients>{}<client/></clients>", client().to_xml().unwrap()),
        ),
        ("client/17", client().to_xml().unwrap()),
        ("client/invoice/5", invoice().to_xml().unwrap()),
    ];
    for (path, body) in bodies {
        let path = format!("/v1/company/4875/{path}");
        mocks.push(
            server
                .mock("GET", &*path)
                .with_body(body)
                .create_async()
                .await,
        );
    }
    let kleer = builder(&server.url()).build().unwrap();
    assert_eq!(
        kleer.company_information().await.unwrap().name,
        "Exempelbolaget"
    );
    let clients = kleer.clients().list().await.unwrap();
    assert_eq!((clients.len(), clients.rejected.len()), (1, 1));
    assert!(!clients.is_complete());
    assert_eq!(kleer.clients().get(ClientId(17)).await.unwrap(), client());
    assert_eq!(
        kleer
            .client_invoices()
            .get(ClientInvoiceId(5))
            .await
            .unwrap(),
        invoice()
    );
    for mock in mocks {
        mock.assert_async().await;
    }
}

#[tokio::test]
async fn a_paged_list_of_invoices() {
    let xml = format!(
        "<client-invoices offset=\"0\" limit=\"100\" size=\"1\">{}</client-invoices>",
        invoice().to_xml().unwrap()
    );
    let script = Script::new([answer(200, xml)]);
    let list = script
        .builder()
        .build()
        .unwrap()
        .client_invoices()
        .list()
        .await
        .unwrap();
    assert_eq!(list.items, [invoice()]);
    assert_eq!(list.page.unwrap().size, Some(1));
}

fn create(body: &'static str) -> impl Future<Output = Result<i32, Error>> {
    let kleer = Script::new([answer(200, body)]).builder().build().unwrap();
    async move { Ok(kleer.clients().create(&client()).await?.id.0) }
}

#[tokio::test]
async fn a_create_takes_whatever_tells_the_id() {
    for body in [
        "<created><id>17</id></created>",
        "<saved><id>17</id></saved>",
        "<ok><id>17</id><message>Klart</message></ok>",
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<created>\n  <id>17</id>\n</created>\n",
    ] {
        assert_eq!(create(body).await.unwrap(), 17, "{body}");
    }
    for body in ["", " \r\n", "<saved/>", "<saved></saved>", "<deleted/>"] {
        let error = create(body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingId, "{body:?}");
        assert_eq!(error.outcome(), Outcome::CarriedOut, "{body:?}");
        assert!(!error.is_retryable() && error.to_string().contains("do not send it again"));
    }
    for body in [
        "<created/>",
        "<created><id>x</id></created>",
        "<client><id>17</id></client>",
    ] {
        let error = create(body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body:?}");
        assert_eq!(error.outcome(), Outcome::CarriedOut, "{body:?}");
    }
}

#[tokio::test]
async fn updates_and_deletions_take_an_empty_answer() {
    let cases = [
        (200, "", None),
        (204, "", None),
        (200, "<saved/>", None),
        (200, "<saved><id>17</id></saved>", Some(17)),
        (200, "<ok><id>17</id></ok>", Some(17)),
        (200, "<deleted><id>17</id></deleted>", Some(17)),
        (200, "<deleted/>", None),
        (200, "<created><id>17</id></created>", Some(17)),
    ];
    for (status, body, id) in cases {
        let kleer = Script::new([answer(status, body)])
            .builder()
            .build()
            .unwrap();
        let updated = kleer
            .clients()
            .update(ClientId(17), &client())
            .await
            .unwrap();
        assert_eq!(updated.id, id.map(ClientId), "{body}");
        let deleted = kleer
            .client_invoices()
            .delete(ClientInvoiceId(17))
            .await
            .unwrap();
        assert_eq!(deleted.id, id.map(ClientInvoiceId), "{body}");
    }
    let done = "<ok><id>17</id><message>Uppdaterad: Anna</message></ok>";
    let kleer = Script::new([answer(200, done)]).builder().build().unwrap();
    let done = kleer
        .clients()
        .update(ClientId(17), &client())
        .await
        .unwrap();
    assert_eq!(done.message.as_deref(), Some("Uppdaterad: Anna"));
    assert!(!format!("{done:?}").contains("Anna"));
}

#[tokio::test]
async fn an_empty_answer_to_a_read_is_an_error() {
    let kleer = Script::new([answer(200, "")]).builder().build().unwrap();
    let error = kleer
        .clients()
        .list()
        .retry(RetryPolicy::none())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

async fn read(status: u16, body: &'static str) -> Error {
    let mut server = mockito::Server::new_async().await;
    let mock = server
        .mock("GET", "/v1/company/4875/client")
        .with_status(status.into())
        .with_body(body)
        .create_async()
        .await;
    let kleer = builder(&server.url())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let error = kleer.clients().list().await.unwrap_err();
    mock.assert_async().await;
    assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    error
}

#[tokio::test]
async fn predicates() {
    let error = read(401, "").await;
    assert!(error.is_unauthorized() && !error.is_forbidden() && !error.is_not_found());
    assert!(error.to_string().contains("Check the token"), "{error}");
    assert!(read(403, "").await.is_forbidden());
    assert!(read(404, "").await.is_not_found());
    assert!(read(410, "").await.is_not_found());
    // At a path that could only be inferred, the path may be what is wrong.
    for status in [404, 405] {
        let kleer = Script::new([answer(status, "")]).builder().build().unwrap();
        let error = kleer.suppliers().get(SupplierId(7)).await.unwrap_err();
        assert!(error.to_string().contains("override_path"), "{error}");
    }
    let told = read(404, "").await.to_string();
    assert!(!told.contains("override_path"), "{told}");
    let error = read(400, "<error><message>Ogiltigt datum</message></error>").await;
    assert!(error.is_application_error() && !error.is_not_found() && !error.is_timeout());
    assert_eq!(error.kleer_message(), Some("Ogiltigt datum"));
    assert_eq!(error.exception(), None);
}

#[tokio::test]
async fn kleers_own_500_is_an_application_error() {
    let body = "<error><message>PayrollUserDoesNotExistException: Anna har inget \
        l\u{f6}neavtal</message></error>";
    let error = read(500, body).await;
    assert_eq!(
        error.kind(),
        ErrorKind::Api {
            status: StatusCode::INTERNAL_SERVER_ERROR
        }
    );
    assert!(error.is_application_error() && error.is_not_found() && !error.is_retryable());
    assert_eq!(error.exception(), Some("PayrollUserDoesNotExistException"));
    assert!(
        error
            .kleer_message()
            .unwrap()
            .ends_with("Anna har inget löneavtal")
    );
    assert_eq!(error.body(), Some(body.as_bytes()));
    assert_eq!(
        error.to_string().split(" in ").next(),
        Some("client.list (GET client) failed after 1 attempt")
    );
    assert!(
        error
            .to_string()
            .contains("500 (PayrollUserDoesNotExistException)"),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("Anna"));

    let error = read(
        500,
        "<error><message>se.kleer.SingleAccessDeniedException: Otill\u{e5}ten \
            \u{e5}tkomst</message></error>",
    )
    .await;
    assert!(error.is_forbidden() && !error.is_unauthorized());
}

#[tokio::test]
async fn a_web_page_is_named_as_such() {
    let page = "<!DOCTYPE html>\n<html><head><title>Logga in</title></head></html>";
    let error = read(200, page).await;
    assert_eq!(error.kind(), ErrorKind::WrongContentType);
    assert!(error.to_string().contains("it is a web page"), "{error}");
    let error = read(502, page).await;
    assert_eq!(
        error.kind(),
        ErrorKind::Status {
            status: StatusCode::BAD_GATEWAY
        }
    );
    assert!(
        error.is_retryable() && error.to_string().contains("it is a web page"),
        "{error}"
    );
}

#[tokio::test]
async fn a_document_of_another_type_is_refused() {
    let error = read(200, "<products/>").await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("clients"), "{cause}");
    assert_eq!(error.body(), Some(&b"<products/>"[..]));
}

#[tokio::test]
async fn calls_are_values() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    fn is_sync<T: Sync>(_: &T) {}
    let script = Script::new([answer(200, COMPANY_XML)]);
    let kleer = script.builder().build().unwrap();
    is_sync(&kleer);
    let call = is_send(kleer.company_information());
    drop(kleer);
    assert_eq!(script.count(), 0, "nothing is sent before the await");
    let sent = tokio::spawn(call.into_future()).await.unwrap().unwrap();
    assert_eq!((sent.name.as_str(), script.count()), ("Exempelbolaget", 1));
}
