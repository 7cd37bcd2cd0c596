//! A run that dies at any of its steps, and the one after it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod invoices;

use invoices::{
    builder, client, connection, linked_ids, links, mortal_client, noon, outcomes, reasons,
    sandbox, two, unsettled, until_death,
};
use kleer_connect::invoices::{Outcome, Target};
use kleer_model::{List, Revenue, endpoint};
use kleer_sandbox::Sandbox;
use record_link::testing::{FaultyStore, Fuse, ManualClock};
use record_link::{BaseField, Link, LinkState, MemoryStore, RunQuery, Store};

/// The ids of what stands in Kleer.
fn in_kleer(sandbox: &Sandbox, target: Target) -> Vec<i32> {
    match target {
        Target::ClientInvoice => {
            let invoices = sandbox.client_invoices();
            invoices.iter().map(|invoice| invoice.id.0).collect()
        }
        Target::Revenue => {
            let list: List<Revenue> = sandbox.read(&endpoint::REVENUE_LIST, &[]).unwrap();
            let ids = list.items.iter().map(|revenue| revenue.id.0);
            ids.map(|id| i32::try_from(id).unwrap()).collect()
        }
    }
}

/// Kills a run at one step after the other, each in a Kleer and a store of its own; what `after` is
/// given is what the dead run left behind. The answer is the number of steps.
async fn kill_at_every_step(target: Target) -> u64 {
    for step in 0.. {
        let sandbox = sandbox().await;
        let clock = ManualClock::new(noon());
        let store = FaultyStore::new(MemoryStore::new());
        let fuse = Fuse::blowing_at(step);
        let mortal = mortal_client(&sandbox, &fuse);
        let dying = builder(mortal, &store.with_fuse(fuse.clone()), &clock).target(target);
        until_death(&fuse, dying.build().post(two())).await;

        let what = format!("{target:?}, step {step}");
        let kleer = client(&sandbox);
        let connection = connection(&kleer);
        let second = builder(kleer, &store, &clock).target(target).build();
        let report = second.post(two()).await.unwrap();
        for result in &report.results {
            let done = matches!(result.outcome, Outcome::Posted | Outcome::Unchanged);
            assert!(done, "{what}: {}", reasons(result));
        }
        let ids = in_kleer(&sandbox, target);
        assert_eq!(ids.len(), 2, "{what}");
        let counts = (sandbox.clients().len(), sandbox.products().len());
        assert_eq!(counts, (2, 4), "{what}");
        assert!(
            store.intents(&connection).await.unwrap().is_empty(),
            "{what}"
        );
        let links = links(&store, &connection, target).await;
        assert!(
            links.iter().all(|link| link.state == LinkState::Linked),
            "{what}"
        );
        assert_eq!(linked_ids(&links), ids, "{what}");
        // Whichever run it was that compared the sums.
        let is_compared = |link: &Link| *link.base.get("net") != BaseField::Unknown;
        assert!(links.iter().all(is_compared), "{what}");
        assert_eq!(unsettled(&store, &connection).await, 0, "{what}");
        let runs = store.runs(&connection, &RunQuery::new()).await.unwrap();
        assert!(
            runs.items.iter().all(|run| run.finished.is_some()),
            "{what}"
        );
        if !fuse.has_blown() {
            return step;
        }
    }
    unreachable!("a run has an end")
}

#[tokio::test]
async fn a_run_that_dies_at_any_step_is_finished_by_the_next() {
    let steps = kill_at_every_step(Target::ClientInvoice).await;
    // Two for each request and each call of the store: the run is really cut everywhere.
    assert!(steps >= 60, "{steps}");
}

#[tokio::test]
async fn the_same_with_revenues() {
    let steps = kill_at_every_step(Target::Revenue).await;
    assert!(steps >= 60, "{steps}");
}

/// Nothing of a dead run is forgotten, also if nobody gives its documents again.
#[tokio::test]
async fn what_a_dead_run_had_begun_is_told_without_its_documents() {
    let (mut posted, mut told) = (0, 0);
    for step in 0.. {
        let sandbox = sandbox().await;
        let clock = ManualClock::new(noon());
        let store = FaultyStore::new(MemoryStore::new());
        let fuse = Fuse::blowing_at(step);
        let mortal = mortal_client(&sandbox, &fuse);
        let dying = builder(mortal, &store.with_fuse(fuse.clone()), &clock);
        until_death(&fuse, dying.build().post(two())).await;
        if !fuse.has_blown() {
            break;
        }
        let kleer = client(&sandbox);
        let connection = connection(&kleer);
        let began = store.intents(&connection).await.unwrap().len();
        let report = builder(kleer, &store, &clock)
            .build()
            .post([])
            .await
            .unwrap();
        assert!(outcomes(&report).is_empty());
        assert!(store.intents(&connection).await.unwrap().is_empty());
        let links = links(&store, &connection, Target::ClientInvoice).await;
        let linked = linked_ids(&links);
        assert_eq!(
            linked,
            in_kleer(&sandbox, Target::ClientInvoice),
            "step {step}"
        );
        let open = unsettled(&store, &connection).await;
        if began > 0 {
            assert_eq!(linked.len() + open, 2, "step {step}");
            posted += linked.len();
            told += open;
        }
    }
    // Both really happened.
    assert!(posted > 2 && told > 2, "{posted} {told}");
}
