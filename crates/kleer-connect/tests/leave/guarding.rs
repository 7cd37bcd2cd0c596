//! What an export must not do: register hidden days twice, go on when asked to stop, follow a link
//! that is gone, and keep what is stored of somebody who asked to be forgotten.

use std::collections::BTreeSet;

use bytes::Bytes;
use chrono::NaiveDate;
use flat_record::Kind;
use kleer_client::{Body, BoxFuture, Transport, TransportError};
use kleer_connect::leave::{EmployeeLinks, LeaveExporter, LeaveSource};
use record_link::{
    Batch, Cancellation, Event, EventKind, Link, LinkState, MemoryStore, Origin, Owner, Refusals,
    Sides, Store, Which, Write, all_links, forget, personal_data, redact,
};

use crate::support::{Company, Watched, client, day, key, leave, noon, november, of, types};

/// A token that may not see anybody's time: lists are empty, without an error.
#[derive(Debug)]
struct Hiding(Watched);

impl Transport for Hiding {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let is_list =
            request.method() == http::Method::GET && request.uri().path().ends_with("/event");
        if !is_list {
            return self.0.send(request);
        }
        let body = Body::from(Bytes::from_static(b"<event-readables/>"));
        let answer = http::Response::builder().header("content-type", "application/xml");
        Box::pin(async { Ok(answer.body(body).unwrap()) })
    }
}

#[tokio::test]
async fn days_that_kleer_hides_are_not_registered_twice() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let one = november([of("e1", vec![leave("a", "vacation", 2, 2)])]);
    company.run(&store, &one).await;
    let hidden = client(&company.sandbox)
        .transport(Hiding(Watched::new()))
        .build()
        .unwrap();
    company.sandbox.clear_requests();
    let exporter = company.exporter(&store, &hidden);
    // Not when it is wanted still, and not when the source has changed or deleted it.
    let longer = november([of("e1", vec![leave("a", "vacation", 2, 4)])]);
    let gone = november([of("e1", Vec::<kleer_employee::leave::Leave>::new())]);
    let moved = november([
        of("e1", Vec::<kleer_employee::leave::Leave>::new()),
        of("e2", vec![leave("a", "vacation", 2, 2)]),
    ]);
    for source in [&one, &longer, &gone, &moved] {
        let outcome = exporter.run_once(source, &company.links()).await.unwrap();
        assert_eq!(company.writes(), 0, "{outcome:?}");
        assert!(!outcome.is_clean());
        assert!(
            company
                .codes(&store)
                .await
                .contains(&"not-shown".to_owned())
        );
    }
    // The right is back: nothing was lost, and the deviation is over.
    let outcome = company.run(&store, &one).await;
    assert_eq!((outcome.totals.unchanged, company.writes()), (1, 0));
    assert!(company.codes(&store).await.is_empty());
    // It was deleted after all, and somebody has looked.
    let id = company.events().await[0].id.id;
    company.kleer().events().delete(id).await.unwrap();
    assert_eq!(company.run(&store, &one).await.totals.created, 0);
    let kleer = company.kleer();
    let exporter = company.exporter(&store, &kleer).looked_at(["a".to_owned()]);
    let outcome = exporter.run_once(&one, &company.links()).await.unwrap();
    assert_eq!(outcome.totals.created, 1);
    assert!(company.codes(&store).await.is_empty());
}

#[tokio::test]
async fn an_event_that_somebody_moved_out_of_the_period_is_not_registered_twice() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let source = november([of("e1", vec![leave("a", "vacation", 2, 4)])]);
    company.run(&store, &source).await;
    let event = company.events().await.remove(0);
    let december = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    let mut moved = kleer_client::model::EventWritable::new(
        event.foreign_id.clone(),
        event.user.id,
        event.activity.id,
        december,
        event.hours,
    );
    moved.comment = event.comment.clone();
    company
        .kleer()
        .events()
        .update(event.id.id, &moved)
        .await
        .unwrap();
    let outcome = company.run(&store, &source).await;
    assert_eq!(
        (outcome.totals.created, outcome.problems.len()),
        (0, 1),
        "{outcome:?}"
    );
    assert_eq!(company.codes(&store).await, ["elsewhere"]);
}

#[tokio::test]
async fn an_export_that_is_asked_to_stop_ends_before_its_next_write() {
    let company = Company::open().await;
    let (store, kleer) = (MemoryStore::new(), company.kleer());
    let unmapped = leave("b", "sabbatical", 9, 9);
    let source = november([
        of("e1", vec![leave("a", "vacation", 2, 4), unmapped]),
        of("e2", vec![leave("c", "vacation", 2, 4)]),
    ]);
    let stop = Cancellation::new();
    let asks = stop.clone();
    let exporter = company
        .exporter(&store, &kleer)
        .concurrency(1)
        .cancellation(&stop)
        .on_progress(move |progress| {
            if progress.so_far.created == 2 {
                asks.cancel();
            }
        });
    let outcome = exporter.run_once(&source, &company.links()).await.unwrap();
    assert!(outcome.is_cancelled && !outcome.is_clean());
    assert_eq!((outcome.totals.created, company.writes()), (2, 2));
    let kind = Kind::new("leave-day").unwrap();
    let links = all_links(&store, &company.connection, &kind).await.unwrap();
    assert!(links.iter().all(|link| link.state == LinkState::Linked));
    // The lease is back, and the next run does the rest.
    let outcome = company.run(&store, &source).await;
    assert!(!outcome.is_cancelled);
    assert_eq!((outcome.totals.created, outcome.totals.unchanged), (4, 2));
    // Asked before it began.
    company.sandbox.clear_requests();
    let exporter = company.exporter(&store, &kleer).cancellation(&stop);
    let more = november([of("e3", vec![leave("d", "vacation", 2, 2)])]);
    let outcome = exporter.run_once(&more, &company.links()).await.unwrap();
    assert!(outcome.is_cancelled && company.writes() == 0);
}

#[tokio::test]
async fn what_was_told_of_a_leave_that_the_source_deleted_is_resolved() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let wrong = |id: &str, first: u32| leave(id, "sabbatical", first, first);
    let december = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    let later = kleer_employee::leave::Leave::new("later", "sabbatical", december, december);
    let whole = LeaveSource::new(day(1), december)
        .employee(of("e1", vec![wrong("deleted", 2), wrong("kept", 4), later]))
        .complete();
    company.run(&store, &whole).await;
    assert_eq!(company.deviations(&store).await.len(), 3);
    let rest = of("e1", vec![wrong("kept", 4)]);
    // Nothing is known of a source that was not read whole.
    let part = LeaveSource::new(day(1), day(30)).employee(rest.clone());
    company.run(&store, &part).await;
    assert_eq!(company.deviations(&store).await.len(), 3);
    // In November one is gone. Of December nobody has looked.
    company.run(&store, &november([rest])).await;
    assert_eq!(company.deviations(&store).await.len(), 2);
    company.run(&store, &november([])).await;
    assert_eq!(company.deviations(&store).await.len(), 1);
}

/// Links an employee and a user in the store.
async fn link_employee(company: &Company, store: &MemoryStore, employee: &str) -> Link {
    let keys = Sides::new(key(employee), key(&company.users[employee].to_string()));
    let (connection, kind) = (company.connection.clone(), Kind::new("employee").unwrap());
    let mut link = Link::new(connection, kind, keys, Origin::Imported, 0);
    link.version = 1;
    let event = Event::new(EventKind::Imported, link.clone(), noon());
    let batch = Batch::new(&company.connection, noon()).write(Write::Event(Box::new(event)));
    store.commit(batch).await.unwrap();
    link
}

async fn unlink(company: &Company, store: &MemoryStore, link: Link) {
    let links = all_links(store, &company.connection, &link.kind)
        .await
        .unwrap();
    let mut link = links.into_iter().find(|one| one.id == link.id).unwrap();
    link.version += 1;
    link.state = LinkState::Ended;
    let event = Event::new(EventKind::Orphaned { gone: Which::Right }, link, noon());
    let batch = Batch::new(&company.connection, noon()).write(Write::Event(Box::new(event)));
    store.commit(batch).await.unwrap();
}

#[tokio::test]
async fn who_is_unlinked_while_an_export_runs_is_left_alone() {
    let company = Company::open().await;
    let (store, kleer) = (MemoryStore::new(), company.kleer());
    link_employee(&company, &store, "e1").await;
    let second = link_employee(&company, &store, "e2").await;
    let employee = Kind::new("employee").unwrap();
    let links = EmployeeLinks::of_store(&store, &company.connection, &employee, Which::Left);
    let links = links.await.unwrap();
    unlink(&company, &store, second).await;
    let source = november([
        of("e1", vec![leave("a", "vacation", 2, 2)]),
        of("e2", vec![leave("b", "vacation", 2, 2)]),
    ]);
    let outcome = company
        .exporter(&store, &kleer)
        .run_once(&source, &links)
        .await
        .unwrap();
    assert_eq!((outcome.totals.created, outcome.problems.len()), (1, 1));
    assert_eq!(company.absences().await, ["e1 2026-11-02 Vacation 8 h"]);
    assert_eq!(company.codes(&store).await, ["link-changed"]);
}

#[tokio::test]
async fn who_asks_to_be_forgotten_is_found_with_all_days_and_nothing_is_registered_twice() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let link = link_employee(&company, &store, "e1").await;
    link_employee(&company, &store, "e2").await;
    let source = november([
        of("e1", vec![leave("a", "vacation", 2, 4)]),
        of("e2", vec![leave("b", "vacation", 2, 2)]),
    ]);
    company.run(&store, &source).await;
    let (connection, employee) = (&company.connection, Kind::new("employee").unwrap());
    let whose = key("e1");
    let data = personal_data(&store, connection, &employee, Which::Left, &whose)
        .await
        .unwrap();
    let days = data
        .links
        .iter()
        .filter(|link| link.kind == "leave-day")
        .count();
    assert_eq!(days, 3);
    assert!(data.links.iter().skip(1).all(|link| {
        link.owner.as_deref() == Some(&Owner::new(employee.clone(), Which::Left, whose.clone()))
    }));

    let later = noon() + chrono::TimeDelta::hours(1);
    redact(&store, connection, &employee, Which::Left, &whose, later)
        .await
        .unwrap();
    let kind = Kind::new("leave-day").unwrap();
    let links = all_links(&store, connection, &kind).await.unwrap();
    let of_e1 = links
        .iter()
        .filter(|link| link.owner.as_ref().is_some_and(|one| one.key == whose));
    let redacted: BTreeSet<bool> = of_e1.map(|link| link.is_redacted).collect();
    assert_eq!(redacted, BTreeSet::from([true]));
    company.sandbox.clear_requests();
    let outcome = company.run(&store, &source).await;
    assert_eq!(
        (outcome.totals.unchanged, company.writes()),
        (4, 0),
        "{outcome:?}"
    );
    // What the source deletes is taken back all the same.
    let shorter = november([
        of("e1", vec![leave("a", "vacation", 2, 3)]),
        of("e2", vec![leave("b", "vacation", 2, 2)]),
    ]);
    assert_eq!(company.run(&store, &shorter).await.totals.deleted, 1);

    unlink(&company, &store, link).await;
    let later = later + chrono::TimeDelta::hours(1);
    forget(
        &store,
        connection,
        &employee,
        Which::Left,
        &whose,
        Refusals::Forget,
        later,
    )
    .await
    .unwrap();
    let links = all_links(&store, connection, &kind).await.unwrap();
    assert_eq!(links.len(), 1, "that of the other: {links:?}");
    // Should they be in the source still, their days are known by their keys.
    company.sandbox.clear_requests();
    let outcome = company.run(&store, &shorter).await;
    assert_eq!(
        (outcome.totals.unchanged, company.writes()),
        (3, 0),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_export_does_not_wait_for_a_run_of_employees_nor_the_other_way_round() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let employees = record_link::run_lease(&Kind::new("employee").unwrap());
    let minute = std::time::Duration::from_secs(60);
    let taken = record_link::Lease::take(
        &company.connection,
        None,
        &employees,
        "a runner",
        noon(),
        minute,
    );
    store.commit(taken.unwrap().1).await.unwrap();
    let kleer = company.kleer();
    let exporter = LeaveExporter::new(&store, &kleer, &company.clock, &company.connection, types());
    let source = november([of("e1", vec![leave("a", "vacation", 2, 2)])]);
    let outcome = exporter.run_once(&source, &company.links()).await.unwrap();
    assert_eq!(outcome.totals.created, 1);
    let held = store.lease(&company.connection, &employees).await.unwrap();
    assert_eq!(held.unwrap().holder, "a runner");
}
