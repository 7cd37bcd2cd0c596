//! What the tests of the invoice poster share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "tests; not every file uses everything"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeZone, Utc};
use kleer_client::{
    Body, BoxFuture, Kleer, KleerBuilder, ReqwestTransport, RetryPolicy, Transport, TransportError,
};
use kleer_connect::invoices::{
    DocumentResult, InvoicePoster, InvoicePosterBuilder, Outcome, PostReport, SourceDocument,
    Target,
};
use kleer_invoice::Settings;
use kleer_model::{RateUnit, RevenueLedger, RevenueLedgerId};
use kleer_sandbox::{Sandbox, Seed};
use record_link::testing::{Fuse, ManualClock};
use record_link::{ConnectionId, DeviationQuery, Link, LinkState, Store, all_links};

/// A document of our own.
pub(crate) fn xml(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invoices/documents");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

pub(crate) fn document(name: &str) -> SourceDocument {
    SourceDocument::new(name, xml(name))
}

/// A document of our own with something replaced.
pub(crate) fn changed(name: &str, changes: &[(&str, &str)]) -> SourceDocument {
    let mut text = xml(name);
    for (old, new) in changes {
        assert!(text.contains(old), "{name} does not hold {old}");
        text = text.replace(old, new);
    }
    SourceDocument::new(format!("{name}, changed {changes:?}"), text)
}

/// Two invoices that need two clients and four products.
pub(crate) fn two() -> [SourceDocument; 2] {
    ["consulting.xml", "fractional-price.xml"].map(document)
}

/// Invoices of one seller to one buyer, with numbers of their own.
pub(crate) fn many(count: usize) -> Vec<SourceDocument> {
    let one = |at: usize| {
        let number = format!("2026-3{at:03}");
        let text = xml("consulting.xml").replace("2026-1001", &number);
        SourceDocument::new(number, text)
    };
    (0..count).map(one).collect()
}

pub(crate) async fn sandbox() -> Sandbox {
    let ledger = RevenueLedger::new(RevenueLedgerId(3), "Kundreskontra", 1510);
    Sandbox::builder()
        .rate_unit(RateUnit::Percent)
        .seed(Seed::new().record(ledger))
        .start()
        .await
        .unwrap()
}

fn client_builder(sandbox: &Sandbox) -> KleerBuilder {
    Kleer::builder(sandbox.company())
        .token(sandbox.token().to_owned())
        .base_url(sandbox.base_url())
        .retry(RetryPolicy::none())
}

/// A client that does not retry, so that a test sees each fault.
pub(crate) fn client(sandbox: &Sandbox) -> Kleer {
    client_builder(sandbox).build().unwrap()
}

/// A client of a process that dies when the fuse blows: before a request leaves, or after it took
/// effect and before its answer arrives.
pub(crate) fn mortal_client(sandbox: &Sandbox, fuse: &Fuse) -> Kleer {
    let plain = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let transport = Mortal {
        below: ReqwestTransport::new(plain),
        fuse: fuse.clone(),
    };
    client_builder(sandbox)
        .transport(transport)
        .build()
        .unwrap()
}

#[derive(Debug)]
struct Mortal {
    below: ReqwestTransport,
    fuse: Fuse,
}

impl Transport for Mortal {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async move {
            if !self.fuse.step() {
                return std::future::pending().await;
            }
            let answer = self.below.send(request).await;
            if self.fuse.step() {
                return answer;
            }
            std::future::pending().await
        })
    }
}

/// Lets a process work until it is done or dies.
pub(crate) async fn until_death<T>(fuse: &Fuse, work: impl Future<Output = T>) {
    let death = async {
        while !fuse.has_blown() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        biased;
        () = death => {}
        // What it says nobody hears.
        _ = work => {}
    }
}

pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()
}

pub(crate) fn connection(kleer: &Kleer) -> ConnectionId {
    ConnectionId::new(format!("test->{}", kleer.company())).unwrap()
}

/// A poster that creates what is missing, on a clock that waits for nothing.
pub(crate) fn builder(
    kleer: Kleer,
    store: &(impl Store + Clone + 'static),
    clock: &ManualClock,
) -> InvoicePosterBuilder {
    let connection = connection(&kleer);
    InvoicePoster::builder(kleer, Arc::new(store.clone()), connection)
        .settings(
            Settings::default()
                .with_rate_unit(RateUnit::Percent)
                .with_revenue_ledger(RevenueLedgerId(3)),
        )
        .create_clients(true)
        // In kleer-client, which has a clock of its own.
        .settle(Duration::from_millis(1))
        .clock(Arc::new(clock.clone()))
}

pub(crate) fn outcomes(report: &PostReport) -> Vec<Outcome> {
    report.results.iter().map(|one| one.outcome).collect()
}

/// The reasons of one result, which `Debug` hides.
pub(crate) fn reasons(result: &DocumentResult) -> String {
    result.reasons.join("; ")
}

pub(crate) async fn links(
    store: &dyn Store,
    connection: &ConnectionId,
    target: Target,
) -> Vec<Link> {
    all_links(store, connection, &target.kind()).await.unwrap()
}

/// The ids in Kleer of what is linked, in order.
pub(crate) fn linked_ids(links: &[Link]) -> Vec<i32> {
    let linked = links.iter().filter(|link| link.state == LinkState::Linked);
    let mut ids: Vec<i32> = linked
        .map(|link| link.keys.right.as_ref().unwrap().as_str().parse().unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

/// How many deviations somebody has to look at.
pub(crate) async fn unsettled(store: &dyn Store, connection: &ConnectionId) -> usize {
    let query = DeviationQuery::unsettled();
    store
        .deviations(connection, &query)
        .await
        .unwrap()
        .items
        .len()
}
