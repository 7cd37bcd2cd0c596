//! What the tests share: plain HTTP calls, with the documents of `kleer-model`.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use chrono::NaiveDate;
use kleer_model::{
    Cents, Client, ClientId, ClientInvoice, ClientInvoiceRow, Created, Document, ErrorMessage,
    Product, ProductId,
};
use kleer_sandbox::{Sandbox, Seed};
use reqwest::Method;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn document<D: Document>(&self) -> D {
        assert_eq!(self.status, 200, "{self:?}");
        D::from_xml(self.text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The message of an error with this status.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.content_type, "application/xml;charset=UTF-8");
        ErrorMessage::from_xml(self.text.as_bytes())
            .unwrap()
            .message
    }
}

/// Sends a request with the sandbox's token; the path is relative to the company.
pub(crate) async fn call(sandbox: &Sandbox, method: Method, path: &str, body: String) -> Answer {
    let url = format!(
        "{}/company/{}/{path}",
        sandbox.base_url(),
        sandbox.company()
    );
    let request = reqwest::Client::new()
        .request(method, url)
        .header("X-Token", sandbox.token());
    answer(request.header("Content-Type", "application/xml").body(body)).await
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers().get("content-type");
    let content_type = content_type
        .map(|v| v.to_str().unwrap().to_owned())
        .unwrap_or_default();
    Answer {
        status,
        content_type,
        text: response.text().await.unwrap(),
    }
}

pub(crate) async fn get(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, Method::GET, path, String::new()).await
}

pub(crate) async fn put(sandbox: &Sandbox, path: &str, document: &impl Document) -> Answer {
    call(sandbox, Method::PUT, path, document.to_xml().unwrap()).await
}

pub(crate) async fn post(sandbox: &Sandbox, path: &str, document: &impl Document) -> Answer {
    call(sandbox, Method::POST, path, document.to_xml().unwrap()).await
}

pub(crate) async fn delete(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, Method::DELETE, path, String::new()).await
}

/// Creates, and returns the new id.
pub(crate) async fn created(sandbox: &Sandbox, path: &str, document: &impl Document) -> i32 {
    put(sandbox, path, document).await.document::<Created>().id
}

pub(crate) const CLIENT: ClientId = ClientId(17);
pub(crate) const PRODUCT: ProductId = ProductId(3);

/// One client and one product (25 %, account 3041), with the ids above.
pub(crate) fn seed() -> Seed {
    let mut client = Client::new("Exempel AB", "SE");
    client.id = CLIENT;
    client.vat_nr = Some("SE559990001501".to_owned());
    let mut product = Product::new("Konsulttimme", "tim", Cents(95_000));
    product.id = PRODUCT;
    Seed::new().client(client).product(product)
}

pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::builder().seed(seed()).start().await.unwrap()
}

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn row(quantity: &str, price: i64) -> ClientInvoiceRow {
    ClientInvoiceRow::new(
        PRODUCT,
        quantity.parse().unwrap(),
        Cents(price),
        "Konsulttid",
    )
}

pub(crate) fn invoice(rows: Vec<ClientInvoiceRow>) -> ClientInvoice {
    ClientInvoice::draft(CLIENT, date("2026-11-20"), date("2026-12-20"), "SEK", rows)
}

/// An answer in JSON.
#[derive(Debug)]
pub(crate) struct JsonAnswer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// Names what of the request the sandbox did not know.
    pub(crate) ignored: String,
    pub(crate) text: String,
}

impl JsonAnswer {
    #[track_caller]
    pub(crate) fn value(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of a 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> serde_json::Value {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.content_type, "application/json;charset=UTF-8");
        self.value()
    }

    /// The message of an error with this status.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.content_type, "application/json;charset=UTF-8");
        self.value()["message"].as_str().unwrap().to_owned()
    }
}

/// Sends a request as most integrations do: JSON, said in both headers, also on GET.
pub(crate) async fn json(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    body: Option<serde_json::Value>,
) -> JsonAnswer {
    let url = format!(
        "{}/company/{}/{path}",
        sandbox.base_url(),
        sandbox.company()
    );
    let mut request = reqwest::Client::new()
        .request(method.parse().unwrap(), url)
        .header("X-Token", sandbox.token())
        .header("Accept", "application/json")
        .header("Content-Type", "application/json");
    if let Some(body) = body {
        request = request.body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let header = |name: &str| {
        let value = response.headers().get(name);
        value
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    };
    JsonAnswer {
        status: response.status().as_u16(),
        content_type: header("content-type"),
        ignored: header("x-sandbox-ignored"),
        text: response.text().await.unwrap(),
    }
}
