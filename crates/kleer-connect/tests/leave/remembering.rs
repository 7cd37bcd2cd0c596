//! What the store knows, and what becomes of a lost one.

use std::time::Duration;

use flat_record::Kind;
use kleer_connect::leave::{EmployeeLinks, LeaveExportError};
use kleer_employee::leave::LeaveStatus;
use record_link::testing::FaultyStore;
use record_link::{
    Batch, Event, EventKind, EventQuery, Lease, Link, LinkState, MemoryStore, Origin, Sides, Store,
    StoreErrorKind, Which, Write, all_links, fold_events,
};

use crate::support::{Company, key, leave, november, of};

fn kind() -> Kind {
    Kind::new("leave-day").unwrap()
}

#[tokio::test]
async fn each_day_is_a_link_and_its_history_adds_up() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let source = |last| november([of("e1", vec![leave("a", "vacation", 2, last)])]);
    company.run(&store, &source(3)).await;
    company.run(&store, &source(2)).await;
    company.run(&store, &source(3)).await;
    let links = all_links(&store, &company.connection, &kind())
        .await
        .unwrap();
    let mut seen: Vec<_> = links
        .iter()
        .map(|link| {
            let day = link.keys[Which::Left].as_ref().unwrap().as_str().to_owned();
            (day, link.incarnation, link.state.clone())
        })
        .collect();
    seen.sort_by_key(|(day, life, _)| (day.clone(), *life));
    assert_eq!(
        seen,
        [
            ("a 2026-11-02".to_owned(), 0, LinkState::Linked),
            ("a 2026-11-03".to_owned(), 0, LinkState::Ended),
            ("a 2026-11-03".to_owned(), 1, LinkState::Linked),
        ]
    );
    let events = company.events().await;
    for link in links.iter().filter(|link| link.is_live()) {
        let id = link.keys[Which::Right].as_ref().unwrap().as_str();
        let event = events
            .iter()
            .find(|event| event.id.id.to_string() == id)
            .unwrap();
        assert_eq!(event.foreign_id, link.client_key().unwrap().to_string());
    }
    let log = store
        .events(&company.connection, &EventQuery::new())
        .await
        .unwrap();
    let folded = fold_events(log.items.iter().map(|one| &one.event)).unwrap();
    assert_eq!(folded.len(), 3);
    assert!(links.iter().all(|link| folded[&link.id] == *link));
    // Nothing that the leave tells.
    let text = format!("{:?}", serde_json::to_string(&links).unwrap());
    assert!(!text.contains("acation"), "{text}");
}

#[tokio::test]
async fn a_lost_store_is_built_up_again() {
    let company = Company::open().await;
    let source = november([of("e1", vec![leave("a", "vacation", 2, 4)])]);
    company.run(&MemoryStore::new(), &source).await;
    company.sandbox.clear_requests();

    let store = MemoryStore::new();
    let outcome = company.run(&store, &source).await;
    assert_eq!((outcome.totals.unchanged, company.writes()), (3, 0));
    let links = all_links(&store, &company.connection, &kind())
        .await
        .unwrap();
    assert_eq!(
        links
            .iter()
            .filter(|link| link.state == LinkState::Linked)
            .count(),
        3
    );
    // And so it knows what to take back.
    let outcome = company.run(&store, &november([])).await;
    assert_eq!(outcome.totals.deleted, 3);
    assert!(company.absences().await.is_empty());
}

#[tokio::test]
async fn a_day_that_somebody_deleted_in_kleer_comes_back_in_a_new_life() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let other = leave("other", "vacation", 3, 3);
    let source = november([of("e1", vec![leave("a", "vacation", 2, 2), other.clone()])]);
    company.run(&store, &source).await;
    let of_a = async || {
        let mut events = company.events().await;
        events.retain(|event| event.date == crate::support::day(2));
        events
    };
    let id = of_a().await[0].id.id;
    company.kleer().events().delete(id).await.unwrap();
    assert_eq!(company.run(&store, &source).await.totals.created, 1);
    let events = of_a().await;
    assert_eq!(events.len(), 1);
    assert!(
        events[0].foreign_id.len() > 30,
        "the second life shows in the key"
    );
    assert!(company.run(&store, &source).await.days.is_empty());
    // A change keeps the key.
    let mut changed = leave("a", "vacation", 2, 2);
    changed.extent = 50.into();
    let source = november([of("e1", vec![changed, other])]);
    assert_eq!(company.run(&store, &source).await.totals.updated, 1);
    assert_eq!(of_a().await[0].foreign_id, events[0].foreign_id);
}

#[tokio::test]
async fn links_of_employees_are_read_from_the_store() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let employee = Kind::new("employee").unwrap();
    let link = |left: &str, right: &str, state: LinkState| {
        let keys = Sides::new(key(left), key(right));
        let (connection, kind) = (company.connection.clone(), employee.clone());
        let mut link = Link::new(connection, kind, keys, Origin::Imported, 0);
        (link.version, link.state) = (1, state);
        Write::Event(Box::new(Event::new(
            EventKind::Imported,
            link,
            crate::support::noon(),
        )))
    };
    let user = company.users["e1"].to_string();
    let batch = Batch::new(&company.connection, crate::support::noon())
        .write(link("e1", &user, LinkState::Linked))
        .write(link("e2", "7", LinkState::Orphaned { gone: Which::Right }))
        .write(link("e3", "no user", LinkState::Linked));
    store.commit(batch).await.unwrap();
    let connection = &company.connection;
    let links = EmployeeLinks::of_store(&store, connection, &employee, Which::Left);
    let links = links.await.unwrap();
    assert_eq!(links.user(&key("e1")), Some(company.users["e1"]));
    assert_eq!(
        (links.user(&key("e2")), links.user(&key("e3"))),
        (None, None)
    );
}

#[tokio::test]
async fn two_runs_do_not_collide() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let minute = Duration::from_secs(60);
    let now = record_link::Clock::now(&company.clock);
    let (_, batch) = Lease::take(
        &company.connection,
        None,
        "run/leave-day",
        "worker 1",
        now,
        minute,
    )
    .unwrap();
    store.commit(batch).await.unwrap();
    let source = november([of("e1", vec![leave("a", "vacation", 2, 2)])]);
    let error = company.try_run(&store, &source).await.unwrap_err();
    assert!(matches!(&error, LeaveExportError::Busy(_)) && error.is_retryable());
    assert!(error.to_string().contains("worker 1"), "{error}");
    assert!(company.sandbox.requests().is_empty());
    // When its time is over, the next one may.
    company.clock.advance(minute);
    assert_eq!(company.run(&store, &source).await.totals.created, 1);
    // And gives it back at the end.
    company.run(&store, &source).await;
}

#[tokio::test]
async fn a_run_that_was_overtaken_commits_nothing_any_more() {
    // The run was paused; or the other one's clock is ahead, and this one's tells nothing.
    for is_paused in [true, false] {
        let company = Company::open().await;
        let (store, kleer) = (MemoryStore::new(), company.kleer());
        let taken = store.clone();
        let (connection, clock) = (company.connection.clone(), company.clock.clone());
        // After the first day the lease runs out, and another takes over.
        let exporter = company
            .exporter(&store, &kleer)
            .on_progress(move |progress| {
                if (progress.employees, progress.so_far.created) == (0, 1) {
                    let long = Duration::from_secs(600);
                    let now = record_link::Clock::now(&clock) + long;
                    if is_paused {
                        clock.advance(long);
                    }
                    record_link::testing::block_on(async {
                        let held = taken.lease(&connection, "run/leave-day").await.unwrap();
                        let name = "run/leave-day";
                        let other =
                            Lease::take(&connection, held.as_ref(), name, "worker 2", now, long);
                        taken.commit(other.unwrap().1).await.unwrap();
                    });
                }
            });
        let source = november([of("e1", vec![leave("a", "vacation", 2, 4)])]);
        let links = company.links();
        let error = exporter.run_once(&source, &links).await.unwrap_err();
        assert!(matches!(error, LeaveExportError::Overtaken), "{error:?}");
        assert_eq!(company.writes(), 1, "nothing is sent without an intent");
        // The next one finds what was done.
        company.clock.advance(Duration::from_secs(1_300));
        let outcome = company.run(&store, &source).await;
        assert_eq!((outcome.totals.created, outcome.totals.unchanged), (2, 1));
    }
}

#[tokio::test]
async fn a_long_run_renews_its_lease() {
    let company = Company::open().await;
    let (store, kleer) = (MemoryStore::new(), company.kleer());
    let clock = company.clock.clone();
    let exporter = company
        .exporter(&store, &kleer)
        .lease("worker", Duration::from_secs(60))
        .on_progress(move |_| clock.advance(Duration::from_secs(40)));
    let source = november([of("e1", vec![leave("a", "vacation", 2, 13)])]);
    let outcome = exporter.run_once(&source, &company.links()).await.unwrap();
    assert_eq!(outcome.totals.created, 10);
}

#[tokio::test]
async fn a_store_that_fails_stops_the_run_before_anything_is_sent() {
    let company = Company::open().await;
    let store = FaultyStore::new(MemoryStore::new());
    let source = november([of("e1", vec![leave("a", "vacation", 2, 2)])]);
    company.run(&store, &november([])).await;
    company.sandbox.clear_requests();
    // The lease goes well, the intent does not.
    store.fail_next_query(StoreErrorKind::Damaged);
    let error = company.try_run(&store, &source).await.unwrap_err();
    assert!(matches!(error, LeaveExportError::Store(_)), "{error:?}");
    assert_eq!(company.writes(), 0);
    assert_eq!(company.run(&store, &source).await.totals.created, 1);
    let mut cancelled = leave("a", "vacation", 2, 2);
    cancelled.status = LeaveStatus::Denied;
    let source = november([of("e1", vec![cancelled])]);
    assert_eq!(company.run(&store, &source).await.totals.deleted, 1);
}
