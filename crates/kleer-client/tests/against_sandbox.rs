//! The client's areas against the sandbox, which is built from the same table and not from the
//! client.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

use std::time::Duration;

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use kleer_client::model::{
    Cents, Client, ClientInvoice, ClientInvoiceRow, ClientKey, ClientProjectWritable,
    DimensionEntryWritable, EventWritable, Product, Supplier, User, endpoint,
};
use kleer_client::{CreateOutcome, Kleer, RetryPolicy, Task};
use kleer_sandbox::{Fault, FaultRule, Sandbox, Seed};

async fn start(page_limit: usize) -> (Sandbox, Kleer) {
    let sandbox = Sandbox::builder()
        .seed(Seed::new().demo())
        .page_limit(page_limit)
        .start()
        .await
        .unwrap();
    let kleer = Kleer::builder(sandbox.company())
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    (sandbox, kleer)
}

fn key(kind: &str, number: usize) -> ClientKey {
    ClientKey::new("test", kind, &number.to_string())
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

#[tokio::test]
async fn invoices_are_found_again_on_every_page() {
    let (sandbox, kleer) = start(4).await;
    let (client, product) = (sandbox.clients()[0].id, sandbox.products()[0].id);
    let invoices = || {
        (0..11).map(|number| {
            let row = ClientInvoiceRow::new(product, 8.into(), Cents(95_000), "Konsulttid");
            let invoice = ClientInvoice::draft(client, day(20), day(30), "SEK", vec![row]);
            (key("client-invoice", number), invoice)
        })
    };
    let report = kleer
        .client_invoices()
        .create_all_once(invoices())
        .await
        .unwrap();
    assert_eq!(report.totals().created, 11);
    let report = kleer
        .client_invoices()
        .create_all_once(invoices())
        .await
        .unwrap();
    assert_eq!(report.totals().already_there, 11);
    assert_eq!(
        kleer.client_invoices().list().all().await.unwrap().len(),
        11
    );
    let pages: Vec<_> = kleer
        .client_invoices()
        .list()
        .limit(3)
        .pages()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(
        pages
            .iter()
            .map(kleer_client::model::List::len)
            .collect::<Vec<_>>(),
        [3, 3, 3, 2]
    );
    let audit = kleer.client_invoices().audit().await.unwrap();
    assert!(audit.is_clean());
    assert_eq!(audit.examined, 11);
    sandbox.shutdown().await;
}

/// Creates a record twice by its key: the second time it is there.
macro_rules! twice {
    ($area:expr, $kind:literal, $record:expr) => {{
        let record = $record;
        let first = $area.create_once(key($kind, 1), &record).await.unwrap();
        let CreateOutcome::Created { id, found: false } = first else {
            panic!("{}: {first:?}", $kind)
        };
        let again = $area.create_once(key($kind, 1), &record).await.unwrap();
        let CreateOutcome::AlreadyThere { id: there } = again else {
            panic!("{}: {again:?}", $kind)
        };
        assert_eq!(id, there, "{}", $kind);
        id
    }};
}

#[tokio::test]
async fn every_kind_that_has_a_key_is_created_once() {
    let (sandbox, kleer) = start(100).await;
    let client = twice!(
        kleer.clients(),
        "client",
        Client::new("Nya Bolaget AB", "SE")
    );
    twice!(
        kleer.products(),
        "product",
        Product::new("Ny tjänst", "tim", Cents(10_000))
    );
    twice!(
        kleer.suppliers(),
        "supplier",
        Supplier::new("Nya Leverantören AB")
    );
    let user = twice!(
        kleer.users(),
        "user",
        User::new("Tolvan Tolvansson", "tolvan@example.com")
    );
    let project = ClientProjectWritable::new(client, "P-900", "Nytt projekt");
    let project = twice!(kleer.client_projects(), "client-project", project);
    let activity = kleer.client_projects().activities().await.unwrap().items[0]
        .id
        .id;
    let mut event = EventWritable::new("", user, activity, day(2), 8.into());
    event.client_project = Some(project.into());
    event.comment = "Arbete".to_owned();
    let event = twice!(kleer.events(), "event", event);
    let audit = kleer.events().audit(day(1), day(30)).await.unwrap();
    assert!(audit.is_clean() && audit.examined >= 1);
    let dimension = kleer.dimensions().list().await.unwrap().items[0].id;
    let entries = kleer.dimensions().entries(dimension);
    twice!(entries, "entry", DimensionEntryWritable::new("Lager Umeå"));

    // Read, change, delete.
    let listed = kleer
        .events()
        .list()
        .user(user)
        .from(day(1))
        .to(day(3))
        .await
        .unwrap();
    assert_eq!(listed.items[0].id.id, event);
    assert!(listed.items[0].foreign_id.starts_with("kc1-"));
    kleer.events().delete(event).await.unwrap();
    // Kleer does not tell an event that is gone from one that the user may not see.
    let gone = kleer.events().get(event).await.unwrap_err();
    assert!(gone.is_forbidden() && gone.is_application_error(), "{gone}");
    let mut changed = kleer.clients().get(client).await.unwrap();
    changed.name = "Nyare Bolaget AB".to_owned();
    kleer.clients().update(client, &changed).await.unwrap();
    assert_eq!(
        kleer.clients().get(client).await.unwrap().name,
        "Nyare Bolaget AB"
    );
    assert_eq!(kleer.users().get(user).await.unwrap().id, user);
    // No employment: an application error that says so.
    assert!(
        kleer
            .payroll()
            .user(user)
            .get()
            .await
            .unwrap_err()
            .is_not_found()
    );

    let preflight = kleer.preflight(&[Task::ReadSales]).await.unwrap();
    assert!(!preflight.company.name.is_empty());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_foreign_company_and_a_foreign_token_are_refused() {
    let (sandbox, _) = start(100).await;
    let with = |company: i32, token: &str| {
        Kleer::builder(kleer_client::model::CompanyId(company))
            .token(token.to_owned())
            .base_url(sandbox.base_url())
            .build()
            .unwrap()
    };
    let wrong_token = with(sandbox.company().0, "nobodys-token");
    assert!(
        wrong_token
            .company_information()
            .await
            .unwrap_err()
            .is_unauthorized()
    );
    let wrong_company = with(sandbox.company().0 + 1, sandbox.token());
    let error = wrong_company.company_information().await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    sandbox.shutdown().await;
}

/// The index of a batch, the look after a lost answer, and the audit read the list while it arrives.
#[tokio::test]
async fn a_batch_does_not_wait_for_a_list_in_drips() {
    let sandbox = Sandbox::builder()
        .seed(Seed::new().many_clients(500))
        .start()
        .await
        .unwrap();
    let kleer = Kleer::builder(sandbox.company())
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .retry(RetryPolicy::default().with_total_budget(Duration::from_secs(4)))
        .build()
        .unwrap();
    // Every list would take hours, and never be silent for long.
    let drip = || {
        let drip = Fault::SlowDrip {
            piece: 8,
            pause: Duration::from_millis(300),
        };
        sandbox.fault(FaultRule::new(drip).on(&endpoint::CLIENT_LIST).times(1));
    };
    drip();
    sandbox.fail(&endpoint::CLIENT_CREATE, 1, Fault::ResetAfter);
    let records = (0..5).map(|number| (key("client", number), Client::new("Kund", "SE")));
    let batch = kleer
        .create_all_once(records)
        .settle(Duration::from_millis(10))
        .send();
    let limit = Duration::from_secs(120);
    let report = tokio::time::timeout(limit, batch).await.unwrap().unwrap();
    assert_eq!(report.totals().created, 5, "{report:?}");
    drip();
    let audit = kleer.audit::<Client>().send();
    let audit = tokio::time::timeout(limit, audit).await.unwrap().unwrap();
    assert_eq!((audit.examined, audit.is_clean()), (505, true));
    sandbox.assert_faults_played();
    // Two lists of the batch and one of the audit, and two that were given up.
    assert!(sandbox.count_requests(&endpoint::CLIENT_LIST) >= 5);
    sandbox.shutdown().await;
}
