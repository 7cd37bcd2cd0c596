//! Lists as streams and as pages: what arrives, what is asked for next, and what is told when it
//! does not fit together.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use kleer_client::model::{
    Client, ClientInvoice, ClientKey, Document, List, Page, SupplierInvoice,
};
use kleer_client::{
    Body, BoxFuture, ErrorKind, Kleer, KleerBuilder, ReadChunk, RetryPolicy, Transport,
    TransportError, TransportErrorKind,
};
use support::{Script, Step, answer, builder};

fn clients(numbers: impl IntoIterator<Item = usize>) -> String {
    let clients: Vec<Client> = numbers
        .into_iter()
        .map(|number| Client::new(format!("Bolag {number}"), "SE"))
        .collect();
    List::from(clients).to_xml().unwrap()
}

/// Sends one endless list, in pieces of one item, and tells how many it has handed out.
#[derive(Debug, Clone, Default)]
struct Endless(Arc<Mutex<usize>>);

struct Pieces(Endless);

impl ReadChunk for Pieces {
    fn chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        let mut count = self.0.0.lock().unwrap();
        *count += 1;
        let number = *count;
        let item = clients([number]);
        let item = item.strip_suffix("</clients>").unwrap();
        let piece = if number == 1 {
            item
        } else {
            item.strip_prefix("<clients>").unwrap()
        };
        let piece = Bytes::from(piece.to_owned());
        Box::pin(async move { Ok(Some(piece)) })
    }
}

impl Transport for Endless {
    fn send(
        &self,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let body = Body::stream(Pieces(self.clone()));
        Box::pin(async move { Ok(http::Response::new(body)) })
    }
}

#[tokio::test]
async fn items_come_before_the_list_ends() {
    let endless = Endless::default();
    let kleer = builder("https://kleer.example")
        .transport(endless.clone())
        .build()
        .unwrap();
    let mut stream = kleer.clients().list().stream();
    for number in 1..=100 {
        let client = stream.try_next().await.unwrap().unwrap();
        assert_eq!(client.name, format!("Bolag {number}"));
        assert_eq!(*endless.0.lock().unwrap(), number, "read ahead");
    }
    drop(stream);
    // The answer as a whole is limited all the same.
    let kleer = || {
        builder("https://kleer.example")
            .transport(Endless::default())
            .max_response_bytes(100_000)
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
    };
    let error = kleer().clients().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    let stream = kleer().clients().list().stream();
    let error = stream.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
}

#[tokio::test(start_paused = true)]
async fn the_beginning_is_retried_and_the_middle_is_not() {
    let script = Script::new([
        answer(503, ""),
        Step::Fail(TransportErrorKind::Connect),
        answer(200, clients(0..3)),
    ]);
    let kleer = script.builder().build().unwrap();
    let names: Vec<Client> = kleer.clients().list().stream().try_collect().await.unwrap();
    assert_eq!((names.len(), script.count()), (3, 3));

    let script = Script::new([Step::Break(
        200,
        "<clients><client-new/><client><id>1</id></client><client>",
    )]);
    let kleer = script.builder().build().unwrap();
    let mut stream = kleer.clients().list().stream();
    let error = stream.try_next().await.unwrap_err();
    assert_eq!((error.kind(), script.count()), (ErrorKind::Interrupted, 1));
    assert!(error.is_retryable() && error.endpoint() == Some("client.list"));
    assert!(stream.next().await.is_none(), "over after an error");

    // As a whole it is tried again.
    let script = Script::new([Step::Break(200, "<clients>"), answer(200, clients(0..2))]);
    let kleer = script.builder().build().unwrap();
    assert_eq!(kleer.clients().list().await.unwrap().len(), 2);

    // Silence in the middle is a timeout, however long the list has taken so far.
    let script = Script::new([Step::Stall(200, "<clients>")]);
    let kleer = script
        .builder()
        .attempt_timeout(Duration::from_secs(9))
        .build()
        .unwrap();
    let error = kleer
        .clients()
        .list()
        .stream()
        .try_next()
        .await
        .unwrap_err();
    assert!(error.is_timeout());
}

/// Sends a list item by item; each takes so long from when it is asked for.
#[derive(Debug, Clone)]
struct Drips {
    pause: Duration,
    items: usize,
    sent: Arc<Mutex<usize>>,
}

impl Drips {
    fn new(pause: Duration, items: usize) -> Self {
        let sent = Arc::default();
        Self { pause, items, sent }
    }

    fn builder(&self) -> KleerBuilder {
        builder("https://kleer.example").transport(self.clone())
    }
}

struct Drip {
    pause: Duration,
    pieces: Vec<Bytes>,
}

impl ReadChunk for Drip {
    fn chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async {
            tokio::time::sleep(self.pause).await;
            Ok(self.pieces.pop())
        })
    }
}

impl Transport for Drips {
    fn send(
        &self,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        *self.sent.lock().unwrap() += 1;
        let item = |number| {
            let list = clients([number]);
            let item = list.strip_prefix("<clients>").unwrap();
            Bytes::from(item.strip_suffix("</clients>").unwrap().to_owned())
        };
        let mut pieces = vec![Bytes::from("</clients>")];
        pieces.extend((0..self.items).map(item));
        pieces.push(Bytes::from("<clients>"));
        let pause = self.pause;
        let body = Body::stream(Drip { pause, pieces });
        Box::pin(async move { Ok(http::Response::new(body)) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_in_drips_ends_with_the_time_budget() {
    // Each piece comes well within the time for one; all of them would take 14 hours.
    let drips = Drips::new(Duration::from_secs(5), 10_000);
    let policy = RetryPolicy::default().with_total_budget(Duration::from_secs(62));
    let kleer = drips.builder().retry(policy.clone()).build().unwrap();
    let begun = tokio::time::Instant::now();
    let mut stream = kleer.clients().list().stream();
    let mut items = 0;
    let error = loop {
        match stream.try_next().await {
            Ok(item) => items += usize::from(item.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!(begun.elapsed(), Duration::from_secs(62));
    assert_eq!(items, 11, "what came before was handed out");
    assert!(error.is_timeout() && error.is_retryable(), "{error}");
    let told = error.to_string();
    assert!(
        told.contains("62.0 s") && told.contains("total_budget"),
        "{told}"
    );
    assert!(stream.next().await.is_none(), "over after an error");

    // What reads whole lists in this way begins again, and comes to an end, too.
    *drips.sent.lock().unwrap() = 0;
    let begun = tokio::time::Instant::now();
    let key = ClientKey::new("crm->4875", "client", "1");
    let batch = kleer.create_all_once([(key, Client::new("Bolaget", "SE"))]);
    let error = batch.await.unwrap_err();
    assert!(error.is_timeout() && error.is_retryable(), "{error}");
    let error = kleer.audit::<Client>().await.unwrap_err();
    assert!(error.is_timeout() && error.is_retryable(), "{error}");
    assert_eq!(*drips.sent.lock().unwrap(), 10, "five tries each");
    assert!(begun.elapsed() < Duration::from_secs(1_000));

    // A policy without a budget limits one attempt: that is the whole list.
    let kleer = drips.builder().retry(RetryPolicy::none()).build().unwrap();
    let begun = tokio::time::Instant::now();
    let list = kleer
        .clients()
        .list()
        .attempt_timeout(Duration::from_secs(21));
    let error = list.stream().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(begun.elapsed(), Duration::from_secs(21));
}

#[tokio::test(start_paused = true)]
async fn what_the_caller_does_between_two_items_counts_for_no_limit() {
    let drips = Drips::new(Duration::from_millis(100), 20);
    let policy = RetryPolicy::default().with_total_budget(Duration::from_secs(5));
    let kleer = drips.builder().retry(policy).build().unwrap();
    let list = kleer
        .clients()
        .list()
        .attempt_timeout(Duration::from_secs(1));
    let mut stream = list.stream();
    let mut items = 0;
    while stream.try_next().await.unwrap().is_some() {
        items += 1;
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    assert_eq!(items, 20);
}

#[tokio::test]
async fn a_stream_with_rejected_items_says_that_it_is_incomplete() {
    let bad = "<client><id>x</id></client>";
    let xml = clients(0..2).replace("</clients>", &format!("{bad}</clients>"));
    let script = Script::new([answer(200, xml)]);
    let kleer = script.builder().build().unwrap();
    let mut stream = kleer.clients().list().stream();
    assert_eq!(
        stream
            .by_ref()
            .take(2)
            .try_collect::<Vec<_>>()
            .await
            .unwrap()
            .len(),
        2
    );
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteList);
    assert!(error.to_string().contains("Conclude nothing"), "{error}");
    assert!(stream.next().await.is_none());
    assert_eq!(stream.rejected().len(), 1);
    assert_eq!(stream.rejected()[0].position, 2);
    // The list as a whole holds them.
    let list = kleer.clients().list().await.unwrap();
    assert!(!list.is_complete() && list.len() == 2);
}

#[tokio::test]
async fn documents_that_are_no_list_are_told_apart_also_in_a_stream() {
    for (body, kind) in [
        (
            "<!doctype html><html>Logga in</html>",
            ErrorKind::WrongContentType,
        ),
        ("{\"clients\":[]}", ErrorKind::WrongContentType),
        ("<client-invoices/>", ErrorKind::Decode),
        ("<clients>", ErrorKind::Decode),
        ("", ErrorKind::Decode),
    ] {
        let script = Script::new([answer(200, body)]);
        let kleer = script.builder().retry(RetryPolicy::none()).build().unwrap();
        let whole = kleer.clients().list().await.unwrap_err();
        let stream = kleer
            .clients()
            .list()
            .stream()
            .try_next()
            .await
            .unwrap_err();
        assert_eq!((whole.kind(), stream.kind()), (kind, kind), "{body}");
    }
    let script = Script::new([answer(200, "<error><message>Nej</message></error>")]);
    let kleer = script.builder().build().unwrap();
    let error = kleer
        .clients()
        .list()
        .stream()
        .try_next()
        .await
        .unwrap_err();
    assert!(error.is_application_error());
    assert_eq!(error.kleer_message(), Some("Nej"));
}

/// Supplier invoices in pages, as Kleer would give them.
#[derive(Debug, Clone)]
struct Paged {
    size: Arc<Mutex<usize>>,
    most: usize,
    /// The number of requests after which the size grows by one.
    grows_after: Option<usize>,
    sent: Arc<Mutex<Vec<String>>>,
    deaf: bool,
}

impl Paged {
    fn new(size: usize, most: usize) -> Self {
        Self {
            size: Arc::new(Mutex::new(size)),
            most,
            grows_after: None,
            sent: Arc::default(),
            deaf: false,
        }
    }

    fn kleer(&self) -> Kleer {
        builder("https://kleer.example")
            .transport(self.clone())
            .build()
            .unwrap()
    }

    fn queries(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }
}

impl Transport for Paged {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let number = |name: &str| {
            let value = query.split('&').find_map(|pair| pair.strip_prefix(name))?;
            value.parse::<usize>().ok()
        };
        let offset = number("offset=").filter(|_| !self.deaf).unwrap_or(0);
        let limit = number("limit=").unwrap_or(self.most).min(self.most);
        let mut sent = self.sent.lock().unwrap();
        sent.push(query.clone());
        let mut size = self.size.lock().unwrap();
        if self.grows_after == Some(sent.len()) {
            *size += 1;
        }
        let items = (offset..(offset + limit).min(*size)).map(|number| {
            let mut invoice: ClientInvoice = ClientInvoice::draft(
                kleer_client::model::ClientId(1),
                chrono::NaiveDate::default(),
                chrono::NaiveDate::default(),
                "SEK",
                Vec::new(),
            );
            invoice.id = kleer_client::model::ClientInvoiceId(i32::try_from(number).unwrap());
            invoice
        });
        let mut list = List::from(items.collect::<Vec<_>>());
        let int = |number: usize| i32::try_from(number).unwrap();
        list.page = Some(Page::new(int(offset), int(limit), int(*size)));
        let xml = list.to_xml().unwrap();
        Box::pin(async move { Ok(http::Response::new(Body::from(xml))) })
    }
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let paged = Paged::new(7, 3);
    let kleer = paged.kleer();
    let mut stream = kleer.client_invoices().list().limit(5).pages();
    let mut seen = Vec::new();
    while let Some(page) = stream.try_next().await.unwrap() {
        seen.push((page.len(), stream.position()));
    }
    // Kleer lowers the limit, and that is what counts.
    assert_eq!(seen, [(3, 3), (3, 6), (1, 7)]);
    let expected =
        ["", "offset=3&", "offset=6&"].map(|offset| format!("ignoreFiles=true&{offset}limit=5"));
    assert_eq!(paged.queries(), expected);

    let rest = kleer
        .client_invoices()
        .list()
        .offset(6)
        .pages()
        .try_next()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(rest.items[0].id.0, 6, "goes on where a run stopped");
    let all = kleer.client_invoices().list().all().await.unwrap();
    let ids: Vec<i32> = all.items.iter().map(|invoice| invoice.id.0).collect();
    assert_eq!(ids, [0, 1, 2, 3, 4, 5, 6]);
    let stream: Vec<ClientInvoice> = kleer
        .client_invoices()
        .list()
        .stream()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(stream.len(), 7);
    assert_eq!(
        kleer.client_invoices().list().await.unwrap().len(),
        3,
        "one page"
    );
    for size in [0, 3, 6] {
        let paged = Paged::new(size, 3);
        assert_eq!(
            paged
                .kleer()
                .client_invoices()
                .list()
                .all()
                .await
                .unwrap()
                .len(),
            size
        );
    }
}

#[tokio::test]
async fn pages_that_do_not_fit_are_an_error_and_never_a_list_with_holes() {
    // The server does not know the parameters.
    let mut paged = Paged::new(7, 3);
    paged.deaf = true;
    let error = paged
        .kleer()
        .client_invoices()
        .list()
        .all()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);
    assert!(error.to_string().contains("another part"), "{error}");
    assert_eq!(paged.queries().len(), 2, "repeating would not help");

    // The list changes while it is read: begun again.
    let mut paged = Paged::new(7, 3);
    paged.grows_after = Some(2);
    assert_eq!(
        paged
            .kleer()
            .client_invoices()
            .list()
            .all()
            .await
            .unwrap()
            .len(),
        8
    );
    assert_eq!(paged.queries().len(), 2 + 3);
    let mut paged = Paged::new(7, 3);
    paged.grows_after = Some(2);
    let stream = paged.kleer().client_invoices().list().pages();
    let error = stream.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);

    // Without the attributes it is the whole, but not from the middle.
    let script = Script::new([answer(200, "<supplier-invoices/>")]);
    let kleer = script.builder().build().unwrap();
    assert_eq!(
        kleer.supplier_invoices().list().all().await.unwrap().len(),
        0
    );
    let error = kleer
        .supplier_invoices()
        .list()
        .offset(5)
        .all()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);
    // A page that is empty too early, and sizes that are nonsense, end.
    for attributes in [
        "offset='0' limit='3' size='9'",
        "offset='-1' limit='-1' size='-1'",
        "limit='0'",
    ] {
        let script = Script::new([answer(200, format!("<supplier-invoices {attributes}/>"))]);
        let kleer = script.builder().build().unwrap();
        let all: Result<List<SupplierInvoice>, _> = kleer.supplier_invoices().list().all().await;
        assert!(script.count() <= 3, "{attributes}: {all:?}");
    }
}
