//! A process dies at each of its steps.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use flat_record::{Record, Value};

use super::world::{self, World, field, key, name_of};
use super::{ExecutionChecks, Lent};
use crate::testing::report::{Ended, ensure};
use crate::testing::{FakeSide, Fault, FaultyStore, Fuse};
use crate::{
    About, Action, Batch, Decision, Link, LinkState, Outcome, Recovery, SideErrorKind,
    SideOperation, Sides, Store, Which, Write, all_links,
};

/// Which way records go, and what the other system can do.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    from: Which,
    recovery: Recovery,
    settle: Duration,
}

pub(super) const SCENARIOS: [&Scenario; 4] = [
    &Scenario {
        name: "dying_anywhere_from_left_to_right",
        from: Which::Left,
        recovery: Recovery::ByClientKey,
        settle: Duration::ZERO,
    },
    &Scenario {
        name: "dying_anywhere_from_right_to_left",
        from: Which::Right,
        recovery: Recovery::ByClientKey,
        settle: Duration::from_secs(5),
    },
    &Scenario {
        name: "dying_anywhere_where_creates_are_found_by_listing",
        from: Which::Left,
        recovery: Recovery::ByListing,
        settle: Duration::from_secs(5),
    },
    &Scenario {
        name: "dying_anywhere_where_there_is_little_time_to_settle",
        from: Which::Right,
        recovery: Recovery::ByListing,
        settle: Duration::ZERO,
    },
];

/// What was met, so that a suite that proves nothing is noticed.
#[derive(Debug, Default)]
struct Met {
    deaths: u64,
    /// Died while a record was there that the store did not know of.
    unknown: u64,
    /// Died with open intents.
    open: u64,
    /// Died with a link in doubt.
    in_doubt: u64,
    /// Died with nothing begun, or everything done.
    between: u64,
}

pub(super) async fn check<S: Store + 'static>(
    store: &mut Option<S>,
    prefix: &str,
    checks: &ExecutionChecks,
    reopen: &impl AsyncFn(S) -> S,
    scenario: &Scenario,
) -> Result<(), Ended> {
    let prefix = format!("{prefix} {}", scenario.name);
    let lent = Lent::take(store)?;
    let undisturbed = undisturbed(&format!("{prefix} undisturbed"), &lent, scenario).await;
    *store = Some(lent.give_back()?);
    let undisturbed = undisturbed?;
    let mut met = Met::default();
    for step in (0..).step_by(usize::try_from(checks.every).unwrap_or(1)) {
        let connection = format!("{prefix} {step}");
        let lent = Lent::take(store)?;
        let died = dies(&connection, &lent, scenario, step, &undisturbed).await;
        *store = Some(reopen(lent.give_back()?).await);
        let at = |ended| match ended {
            Ended::Broken(how) => Ended::Broken(format!("died at step {step}: {how}")),
            skipped @ Ended::Skipped(_) => skipped,
        };
        let Some(world) = died.map_err(at)? else {
            break;
        };
        let lent = Lent::take(store)?;
        let recovers = recovers(&world, &lent, &undisturbed, &mut met).await;
        *store = Some(lent.give_back()?);
        recovers.map_err(at)?;
    }
    // A run has about two hundred steps; these are seldom enough to be noticed if they are gone.
    let least = |number: u64| (number / checks.every).max(1);
    ensure!(
        met.deaths >= least(150)
            && met.unknown >= least(8)
            && met.open >= least(40)
            && met.between >= least(30)
            && met.in_doubt >= least(5).min(5),
        "too little was met to prove anything: {met:?}"
    );
    Ok(())
}

/// The systems in step, and then: somebody new, somebody changed, somebody gone, somebody unlinked,
/// somebody refused; answers lost, writes half done, outages.
async fn prepare(
    connection: &str,
    store: &Arc<dyn Store>,
    scenario: &Scenario,
) -> Result<World, Ended> {
    let world = World::new(
        connection,
        scenario.from,
        scenario.recovery,
        scenario.settle,
    )?;
    for name in ["Kept", "Changed", "Doubtful", "Gone", "Unlinked"] {
        world.put(name, " Umeå ", 1)?;
    }
    world.quiesce(store.as_ref()).await?;
    let edit = |name: &str, city: &str| {
        let there = world.source.edit(&world.kind, &key(name)?, "city", city);
        there.ok_or_else(|| Ended::Broken("the fake lost a record".into()))
    };
    edit("Changed", "Luleå ")?;
    edit("Doubtful", "Kiruna ")?;
    world.source.remove(&world.kind, &key("Gone")?);
    for (name, grade) in [("New", 2), ("Newer", 3), ("Newest", 4), ("Refused", -1)] {
        world.put(name, "Piteå", grade)?;
    }
    unlink(&world, store.as_ref()).await?;
    // Each meets its record, in whatever order a store lets operations go on.
    let faults = [
        (SideOperation::Create, "New", Fault::AnswerLost),
        (
            SideOperation::Create,
            "Newer",
            Fault::Partly(vec![field("grade")?]),
        ),
        // What is missing is written by the next run, which does not hear of it.
        (SideOperation::Update, "Newer", Fault::AnswerLost),
        (SideOperation::Update, "Doubtful", Fault::AnswerLost),
        (
            SideOperation::Update,
            "Changed",
            Fault::Before(SideErrorKind::Unavailable),
        ),
        (SideOperation::Delete, "Gone", Fault::AnswerLost),
        (
            SideOperation::Get,
            "Changed",
            Fault::Before(SideErrorKind::RateLimited),
        ),
    ];
    for (operation, name, fault) in faults {
        let is_it = move |record: &Record| name_of(record) == name;
        world.target.fail_next_for(operation, is_it, fault);
    }
    Ok(world)
}

async fn unlink(world: &World, store: &dyn Store) -> Result<(), Ended> {
    let link = store
        .live_link(
            &world.connection,
            &world.kind,
            world.from,
            &key("Unlinked")?,
        )
        .await?;
    let Some(link) = link else {
        return Err(Ended::Broken("a pair was not linked".into()));
    };
    let record = |which: Which, side: &FakeSide| {
        let key = link.keys[which].as_ref()?;
        side.records(&world.kind).remove(key)
    };
    let mut seen = Sides::new(None, None);
    seen[world.from] = record(world.from, &world.source);
    seen[world.from.other()] = record(world.from.other(), &world.target);
    let (connection, kind) = (world.connection.clone(), world.kind.clone());
    let about = About::Link { id: link.id };
    let decision = Decision::new(connection, kind, about, Action::Unlink, world.now());
    let records = seen.as_ref().map(Option::as_ref);
    let decision = decision.having_seen_records(records, &World::keeping().hash_key);
    let write = Write::Decision(Box::new(decision));
    let batch = Batch::new(&world.connection, world.now()).write(write);
    Ok(store.commit(batch).await?)
}

async fn undisturbed<S: Store + 'static>(
    connection: &str,
    lent: &Lent<S>,
    scenario: &Scenario,
) -> Result<world::Result, Ended> {
    let store = lent.shared();
    let world = prepare(connection, &store, scenario).await?;
    let runs = world.quiesce(store.as_ref()).await?;
    let result = world.result(store.as_ref()).await?;
    // One that is refused is told of, and stops no other (I18): all that can be done is done by the
    // first run, and only what follows from what it found is left to others.
    let first = runs.first().map(|run| run.totals).unwrap_or_default();
    let is_told = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. });
    let failed = runs.first().map_or(0, |run| {
        run.records
            .iter()
            .filter(|one| is_told(&one.outcome))
            .count()
    });
    ensure!(
        first.created == 2 && first.updated == 2 && first.unlinked == 1 && failed == 2,
        "the first run came to {first:?}"
    );
    let states: Vec<_> = result.target().keys().map(String::as_str).collect();
    ensure!(
        states
            == [
                "Changed", "Doubtful", "Kept", "New", "Newer", "Newest", "Unlinked"
            ],
        "these records are there: {states:?}"
    );
    ensure!(
        *result.unsettled() == [("create".to_owned(), "validation")],
        "only the record that is refused is wrong in the end, but told is {:?}",
        result.unsettled()
    );
    check_history(&world, 5, &result)?;
    Ok(result)
}

/// A process works until it dies. The world that it leaves; `None` if it came to the end before.
async fn dies<S: Store + 'static>(
    connection: &str,
    lent: &Lent<S>,
    scenario: &Scenario,
    step: u64,
    undisturbed: &world::Result,
) -> Result<Option<World>, Ended> {
    let store = lent.shared();
    let world = prepare(connection, &store, scenario).await?;
    let fuse = Fuse::blowing_at(step);
    let process = World {
        source: world.source.with_fuse(fuse.clone()),
        target: world.target.with_fuse(fuse.clone()),
        ..world.clone()
    };
    let ended = {
        let store = FaultyStore::sharing(Arc::clone(&store)).with_fuse(fuse.clone());
        until_blown(&fuse, process.quiesce(&store)).await
    };
    let Some(ended) = ended else {
        return Ok(Some(world));
    };
    ended?;
    let result = world.result(store.as_ref()).await?;
    match result.difference(undisturbed) {
        Some(difference) => Err(Ended::Broken(format!("undisturbed, but: {difference}"))),
        None => Ok(None),
    }
}

/// The next process brings the work to its end.
async fn recovers<S: Store + 'static>(
    world: &World,
    lent: &Lent<S>,
    undisturbed: &world::Result,
    met: &mut Met,
) -> Result<(), Ended> {
    let store = lent.shared();
    world.adds_up(store.as_ref()).await?;
    met.deaths += 1;
    let open = store.intents(&world.connection).await?.len();
    let links = all_links(store.as_ref(), &world.connection, &world.kind).await?;
    let on = world.from.other();
    let known: BTreeSet<_> = links
        .iter()
        .filter_map(|link| link.keys[on].as_ref())
        .collect();
    let there = world.target.records(&world.kind);
    met.open += u64::from(open > 0);
    met.between += u64::from(open == 0);
    met.unknown += u64::from(there.keys().any(|key| !known.contains(key)));
    let in_doubt = |link: &Link| matches!(link.state, LinkState::InDoubt { .. });
    met.in_doubt += u64::from(links.iter().any(in_doubt));
    world.quiesce(store.as_ref()).await?;
    let result = world.result(store.as_ref()).await?;
    if let Some(difference) = result.difference(undisturbed) {
        return Err(Ended::Broken(format!("it ends otherwise: {difference}")));
    }
    check_history(world, 5, &result)
}

/// Each record was at every instant what it was before or what it is at the end (I5); but for one
/// that was half done, of which that is known.
fn check_history(world: &World, before: usize, result: &world::Result) -> Result<(), Ended> {
    let history = world.target.history(&world.kind);
    for (_, state) in history.iter().skip(before) {
        let name = name_of(state);
        let end = result.target().get(&name);
        let is_end = end == Some(state);
        let mut half_done = state.clone();
        let is_half_done = state.get("grade") == Some(&Value::Null)
            && end.is_some_and(|end| {
                fill(&mut half_done, end);
                half_done == *end
            });
        ensure!(
            is_end || is_half_done,
            "a record was at an instant neither what it was nor what it is to be (I5)"
        );
    }
    Ok(())
}

fn fill(half_done: &mut Record, end: &Record) {
    if let Some(grade) = end.get("grade") {
        // The field is there, and takes what the other record has.
        let _ = half_done.set("grade", grade.clone());
    }
}

/// Polls a process until it ends or dies; one that dies is dropped where it stands.
async fn until_blown<T>(fuse: &Fuse, process: impl Future<Output = T>) -> Option<T> {
    let mut process = Box::pin(process);
    std::future::poll_fn(move |context| {
        let polled = process.as_mut().poll(context);
        if fuse.has_blown() {
            return Poll::Ready(None);
        }
        polled.map(Some)
    })
    .await
}
