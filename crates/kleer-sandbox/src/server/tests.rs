//! No input makes the router panic, hang or answer outside HTTP.

use kleer_model::{Cents, Client, ClientId, ClientInvoice, ClientInvoiceRow, Document, Product};
use kleer_model::{CompanyId, ProductId, RateUnit};
use proptest::prelude::any;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::call::{Call, Query};
use crate::seed::Seed;

fn shared(strict: bool) -> Arc<Shared> {
    let settings = Settings {
        company: CompanyId(1),
        token: "t".into(),
        others: Vec::new(),
        login: Login {
            email: "a@b.example".to_owned(),
            password: "p".into(),
        },
        strict,
        max_body_bytes: 4_096,
    };
    let (mut client, mut product) = (Client::new("A", "SE"), Product::new("B", "st", Cents(100)));
    client.id = ClientId(1);
    product.id = ProductId(1);
    let seed = Seed::new().client(client).product(product);
    let books = seed
        .books(
            RateUnit::Percent,
            None,
            CompanyId(1),
            crate::state::Clock::default(),
        )
        .unwrap();
    let log = RequestLog::new(usize::MAX);
    Arc::new(Shared::new(
        settings,
        Changing {
            books,
            others: BTreeMap::new(),
            faults: Faults::default(),
            log,
        },
    ))
}

/// Valid documents, to be damaged.
fn documents() -> Vec<Vec<u8>> {
    let day = "2026-11-20".parse().unwrap();
    let row = ClientInvoiceRow::new(ProductId(1), 1.into(), Cents(100), "x");
    [
        Client::new("A", "SE").to_xml(),
        Product::new("B", "st", Cents(1)).to_xml(),
        ClientInvoice::draft(ClientId(1), day, day, "SEK", vec![row]).to_xml(),
    ]
    .map(|xml| xml.unwrap().into_bytes())
    .to_vec()
}

fn path() -> impl Strategy<Value = String> {
    let known = select(vec![
        "client",
        "invoice",
        "template",
        "deliverytype",
        "product",
        "info",
        "1",
        "0",
        "-1",
        "%FF",
        "99999999999",
        "..",
        ".",
        "",
        "%2F",
        "{1}",
        "*",
        "a%00b",
        "user",
        "101",
        "me",
        "access",
        "event",
        "statuses",
        "approve",
        "payroll",
        "schedule",
        "from",
        "to",
        "2026-01-01",
        "9999-12-31",
        "month-report",
        "run",
        "supplier",
        "accounting",
        "voucher",
        "revenue",
        "client-project",
        "expense",
        "entry",
    ]);
    let segment =
        prop_oneof![6 => known.prop_map(str::to_owned), 1 => "[!-~&&[^?#<>\"`\\\\^|]]{0,8}"];
    (
        select(vec!["/v1/company/1/", "/v1/company/", "/", ""]),
        prop::collection::vec(segment, 0..5),
    )
        .prop_map(|(start, segments)| format!("{start}{}", segments.join("/")))
}

fn query() -> impl Strategy<Value = String> {
    let known = select(vec![
        "",
        "?filter=all",
        "?filter=",
        "?invoiceDateLower=2026-02-30",
        "?ignoreFiles=true",
        "?=&&=",
        "?query=%FF%00",
        "?defaultDimensionsFromClient=true",
    ]);
    prop_oneof![
        known.prop_map(str::to_owned),
        "\\?[!-~&&[^#<>\"`\\\\^|]]{0,12}"
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let noise = prop::collection::vec(any::<u8>(), 0..64);
    let damaged = (
        select(documents()),
        any::<prop::sample::Index>(),
        noise.clone(),
        0..8_usize,
    )
        .prop_map(|(mut document, at, noise, removed)| {
            let at = at.index(document.len());
            let end = (at + removed).min(document.len());
            document.splice(at..end, noise);
            document
        });
    let number = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        "-?[0-9]{1,30}(\\.[0-9]{1,30})?"
    ];
    let extreme = (select(documents()), number).prop_map(|(document, number)| {
        let text = String::from_utf8(document).unwrap();
        text.replace(">1<", &format!(">{number}<"))
            .replace(">100<", &format!(">{number}<"))
            .into()
    });
    let large = (0..9_000_usize).prop_map(|length| vec![b'<'; length]);
    // In JSON anything may stand where an object is expected.
    let json = "[\\[{\"a-z0-9:, }\\]]{0,60}".prop_map(String::into_bytes);
    let event = r#"{"foreign-id":"x","user":{"id":101},"activity":{"id":201},"date":"2026-01-01","hours":8}"#;
    let damaged_event = (
        any::<prop::sample::Index>(),
        "[\\[\\]{}\":,0-9a-z\\\\]{0,3}",
    )
        .prop_map(move |(at, noise)| {
            let mut event = event.as_bytes().to_vec();
            let at = at.index(event.len());
            event.splice(at..=at, noise.into_bytes());
            event
        });
    prop_oneof![
        noise,
        damaged,
        extreme,
        select(documents()),
        large,
        json,
        damaged_event
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_request_gets_an_answer(
        method in select(vec!["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "X"]),
        path in path(),
        query in query(),
        content_type in prop_oneof![
            prop::option::of("[ -~]{0,20}"),
            Just(Some("application/json".to_owned())),
        ],
        token in select(vec!["t", "t", "t", "wrong", ""]),
        body in body(),
        strict in any::<bool>(),
    ) {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{path}{query}"))
            .header("x-token", token);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        // What is no request at all never reaches the router.
        let Ok(request) = request.body(Body::from(body)) else { return Ok(()) };

        let shared = shared(strict);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let response = runtime.block_on(router(Arc::clone(&shared)).oneshot(request)).unwrap();
        let status = response.status().as_u16();
        prop_assert!([200, 400, 401, 403, 404, 405, 413, 500].contains(&status), "{status}");
        if token != "t" {
            prop_assert_eq!(status, 401);
        }
        prop_assert!(!shared.changing.is_poisoned());
        prop_assert_eq!(shared.lock().log.snapshot()[0].status, Some(status));

        // What was accepted can be read again.
        let list = http::Request::get("/v1/company/1/client/invoice").header("x-token", "t");
        let list = list.body(Body::empty()).unwrap();
        let response = runtime.block_on(router(shared).oneshot(list)).unwrap();
        prop_assert_eq!(response.status(), StatusCode::OK);
    }
}

#[test]
fn the_fuzzed_documents_are_accepted_when_they_are_not_damaged() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let router = router(shared(true));
    for (path, document) in ["client", "product", "client/invoice"]
        .iter()
        .zip(documents())
    {
        let request = http::Request::put(format!("/v1/company/1/{path}")).header("x-token", "t");
        let request = request.body(Body::from(document)).unwrap();
        let response = runtime.block_on(router.clone().oneshot(request)).unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}

#[test]
fn an_endpoint_without_a_handler_is_501_and_named() {
    let mut unknown = kleer_model::endpoint::CLIENT_LIST;
    unknown.name = "payroll.run";
    let call = Call {
        endpoint: Box::leak(Box::new(unknown)),
        parameters: Vec::new(),
        query: Query::parse("", &unknown, true).unwrap(),
        body: b"",
        format: crate::answer::Format::Xml,
        strict: true,
        max_body_bytes: 1,
    };
    let outcome = routes::carry_out(&mut shared(true).lock().books, &call);
    let message = outcome.as_ref().unwrap_err().message().to_owned();
    assert_eq!(
        message,
        "the sandbox does not implement the endpoint payroll.run"
    );
    assert_eq!(
        answer::response(outcome).status(),
        StatusCode::NOT_IMPLEMENTED
    );
}
