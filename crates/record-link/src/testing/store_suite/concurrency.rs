//! Several at once, and one that gives up.

use std::time::Duration;

use super::{Bench, at, checks, key, linked, next};
use crate::testing::report::{Ended, ensure};
use crate::testing::waiting::{join_all, poll_once};
use crate::{Batch, EventQuery, Lease, LinkQuery, Store, StoreError, Which, Write};

checks![
    of_those_who_change_one_version_one_wins,
    of_those_who_link_one_record_one_wins,
    of_those_who_take_a_lease_one_wins,
    failures_told_at_once_are_all_counted,
    commits_of_different_links_do_not_hinder_each_other,
    a_commit_that_is_given_up_is_whole_or_nothing,
];

/// How many do it at once.
const MANY: u32 = 16;

/// Commits all batches at once; how many were committed. The others must be conflicts.
async fn at_once(
    store: &dyn Store,
    batches: impl IntoIterator<Item = Batch>,
) -> Result<u32, Ended> {
    let commits = batches.into_iter().map(|batch| store.commit(batch));
    let mut committed = 0;
    for result in join_all(commits.collect()).await {
        match result {
            Ok(()) => committed += 1,
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(committed)
}

async fn of_those_who_change_one_version_one_wins(bench: Bench<'_>) -> Result<(), Ended> {
    let link = bench.link("1", "a")?;
    bench.commit([linked(&link)]).await?;
    let second = next(&link);
    let batches = (0..MANY).map(|_| bench.batch().write(linked(&second)));
    let committed = at_once(bench.store, batches).await?;
    ensure!(committed == 1, "{committed} of {MANY} changed one version");
    let events = bench
        .store
        .events(&bench.connection, &EventQuery::new())
        .await?;
    ensure!(
        events.items.len() == 2,
        "{} events are there, not 2",
        events.items.len()
    );
    Ok(())
}

async fn of_those_who_link_one_record_one_wins(bench: Bench<'_>) -> Result<(), Ended> {
    let mut batches = Vec::new();
    for number in 0..MANY {
        let link = bench.link(&format!("left {number}"), "a")?;
        batches.push(bench.batch().write(linked(&link)));
    }
    let committed = at_once(bench.store, batches).await?;
    ensure!(committed == 1, "{committed} of {MANY} linked one record");
    let links = bench
        .store
        .links(&bench.connection, &LinkQuery::new())
        .await?;
    ensure!(
        links.items.len() == 1,
        "{} links are there",
        links.items.len()
    );
    let record = key("a")?;
    let live = bench
        .store
        .live_link(&bench.connection, &bench.kind, Which::Right, &record)
        .await?;
    ensure!(
        live.as_ref() == links.items.first(),
        "the record has another link"
    );
    Ok(())
}

async fn of_those_who_take_a_lease_one_wins(bench: Bench<'_>) -> Result<(), Ended> {
    let mut batches = Vec::new();
    for number in 0..MANY {
        let (holder, time) = (format!("worker {number}"), Duration::from_secs(60));
        let (_, batch) = Lease::take(&bench.connection, None, "sync", holder, at(0), time)?;
        batches.push(batch);
    }
    let committed = at_once(bench.store, batches).await?;
    ensure!(committed == 1, "{committed} of {MANY} took one lease");
    Ok(())
}

async fn failures_told_at_once_are_all_counted(bench: Bench<'_>) -> Result<(), Ended> {
    let write = super::deviations::failed(&bench, "1", "a", 0)?;
    let mut left = MANY;
    // A store may let one of two be a conflict; then it is told again.
    while left > 0 {
        let batches = (0..left).map(|_| bench.batch().write(write.clone()));
        let committed = at_once(bench.store, batches).await?;
        ensure!(committed > 0, "of {left} at once none was committed");
        left -= committed;
    }
    let Write::Deviation(event) = &write else {
        return Ok(());
    };
    let found = bench.store.deviation(&bench.connection, event.id).await?;
    let attempts = found.map(|one| one.attempts());
    ensure!(
        attempts == Some(MANY),
        "{MANY} failures are {attempts:?} attempts"
    );
    Ok(())
}

async fn commits_of_different_links_do_not_hinder_each_other(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let mut batches = Vec::new();
    for number in 0..MANY {
        let link = bench.link(&format!("left {number}"), &format!("right {number}"))?;
        batches.push(bench.batch().write(linked(&link)));
    }
    let committed = at_once(bench.store, batches).await?;
    ensure!(
        committed == MANY,
        "only {committed} of {MANY} were committed"
    );
    let events = bench
        .store
        .events(&bench.connection, &EventQuery::new())
        .await?;
    let places: Vec<u64> = events.items.iter().map(|one| one.place).collect();
    let is_ascending = places.is_sorted_by(|before, after| before < after);
    let is_whole = places.len() == MANY as usize && is_ascending;
    ensure!(is_whole, "the places of the events are {places:?}");
    Ok(())
}

async fn a_commit_that_is_given_up_is_whole_or_nothing(bench: Bench<'_>) -> Result<(), Ended> {
    for number in 0..MANY {
        let [left, right] = ["left", "right"].map(|side| format!("{side} {number}"));
        let link = bench.link(&left, &right)?;
        let second = next(&link);
        let batch = bench.batch().write(linked(&link)).write(linked(&second));
        let mut commit = bench.store.commit(batch.clone());
        for _ in 0..number {
            if poll_once(&mut commit).await.is_some() {
                break;
            }
        }
        drop(commit);
        // Whoever gave up does it again: it is done already, or it is done now.
        let again: Result<(), StoreError> = bench.store.commit(batch).await;
        let is_told = again.as_ref().is_ok_and(|()| true)
            || again.as_ref().is_err_and(StoreError::is_conflict);
        ensure!(is_told, "after giving up, a commit fails: {again:?}");
        let found = bench.store.link(&bench.connection, link.id).await?;
        ensure!(
            found == Some(second),
            "a commit that was given up is half done"
        );
    }
    Ok(())
}
