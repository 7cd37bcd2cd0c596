//! The process dies at each of its steps.

use std::collections::BTreeSet;
use std::time::Duration;

use flat_record::Kind;
use kleer_connect::leave::LeaveSource;
use kleer_employee::leave::LeaveStatus;
use record_link::testing::{FaultyStore, Fuse};
use record_link::{LinkState, MemoryStore, all_links};
use record_link_sqlite::SqliteStore;

use crate::support::{Company, leave, november, of};

fn before() -> LeaveSource {
    november([
        of(
            "e1",
            vec![
                leave("changed", "vacation", 2, 2),
                leave("cancelled", "vacation", 9, 9),
            ],
        ),
        of("e2", vec![leave("moves", "unpaid", 4, 4)]),
    ])
}

fn after() -> LeaveSource {
    let mut changed = leave("changed", "vacation", 2, 2);
    changed.extent = 50.into();
    let mut cancelled = leave("cancelled", "vacation", 9, 9);
    cancelled.status = LeaveStatus::Cancelled;
    let moves = leave("moves", "unpaid", 4, 4);
    november([
        of(
            "e1",
            vec![changed, cancelled, leave("new", "unpaid", 12, 13)],
        ),
        of("e2", Vec::<kleer_employee::leave::Leave>::new()),
        of("e3", vec![moves]),
    ])
}

const THERE: [&str; 4] = [
    "e1 2026-11-02 Vacation 4 h",
    "e1 2026-11-12 LeaveOfAbsence 8 h",
    "e1 2026-11-13 LeaveOfAbsence 8 h",
    "e3 2026-11-04 LeaveOfAbsence 8 h",
];

/// A store that is lost from sight when the process dies, and opened again by the next.
trait Kept {
    fn open(&self) -> FaultyStore;
}

struct InMemory(MemoryStore);

impl Kept for InMemory {
    fn open(&self) -> FaultyStore {
        FaultyStore::new(self.0.clone())
    }
}

struct InFile(tempfile::TempDir);

impl Kept for InFile {
    fn open(&self) -> FaultyStore {
        FaultyStore::new(SqliteStore::open(self.0.path().join("links.db")).unwrap())
    }
}

#[tokio::test]
async fn a_run_that_is_killed_at_any_step_is_repaired_by_the_next() {
    kill_at_each_step(|| InMemory(MemoryStore::new()), 1).await;
}

#[tokio::test]
async fn the_same_on_a_file_that_is_opened_again() {
    // The steps are the same; every third is enough for what a file does otherwise.
    kill_at_each_step(|| InFile(tempfile::tempdir().unwrap()), 3).await;
}

async fn kill_at_each_step<K: Kept>(make: impl Fn() -> K, stride: usize) {
    let mut killed = 0;
    for step in (0..).step_by(stride) {
        let company = Company::open().await;
        let kept = make();
        company.run(&kept.open(), &before()).await;

        let store = kept.open();
        let fuse = Fuse::blowing_at(step);
        let (dying_store, kleer) = (store.with_fuse(fuse.clone()), company.fused(&fuse));
        let exporter = company.exporter(&dying_store, &kleer);
        let (source, links) = (after(), company.links());
        let death = async {
            while !fuse.has_blown() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            _ = exporter.run_once(&source, &links) => {}
            () = death => {}
        }
        drop((dying_store, store));
        let store = kept.open();
        // Its lease runs out.
        company.clock.advance(Duration::from_secs(600));
        let outcome = company.run(&store, &after()).await;
        assert!(outcome.is_clean(), "killed at step {step}: {outcome:?}");
        assert_eq!(company.absences().await, THERE, "killed at step {step}");
        let keys: BTreeSet<String> = company
            .events()
            .await
            .into_iter()
            .map(|event| event.foreign_id)
            .collect();
        assert_eq!(keys.len(), THERE.len(), "killed at step {step}: a double");
        let kind = Kind::new("leave-day").unwrap();
        let links = all_links(&store, &company.connection, &kind).await.unwrap();
        let live: Vec<_> = links.iter().filter(|link| link.is_live()).collect();
        assert_eq!(live.len(), THERE.len(), "killed at step {step}");
        assert!(
            live.iter().all(|link| link.state == LinkState::Linked),
            "killed at step {step}: {live:?}"
        );
        assert!(company.codes(&store).await.is_empty());
        assert!(company.run(&store, &after()).await.days.is_empty());
        if !fuse.has_blown() {
            break;
        }
        killed += stride;
    }
    assert!(killed > 50, "only {killed} steps");
}
