//! Connections that do not see each other, and what survives.

use super::links::full_link;
use super::{Bench, at, checks, key, linked};
use crate::testing::report::{Ended, ensure};
use crate::{
    Batch, ConnectionId, DeviationQuery, EventQuery, Link, LinkQuery, Page, Precondition, RunQuery,
    Store, Which, Write,
};

checks![
    connections_do_not_see_each_other,
    what_belongs_to_another_connection_is_refused,
    an_empty_batch_is_committed_and_leaves_nothing,
];

async fn connections_do_not_see_each_other(bench: Bench<'_>) -> Result<(), Ended> {
    let mut other = bench.clone();
    // One is the beginning of the other, and has characters that a query could take for others.
    other.connection = ConnectionId::new(format!("{} %_'", bench.connection))?;
    let here = bench.link("1", "a")?;
    let failed = super::deviations::failed(&bench, "1", "a", 0)?;
    let mut writes = vec![linked(&here), failed];
    writes.extend(super::upkeep::one_of_each(&bench)?);
    bench.commit(writes).await?;
    let (connection, record) = (&other.connection, key("1")?);
    let store = bench.store;
    let is_alone = store.link(connection, here.id).await?.is_none()
        && store
            .live_link(connection, &bench.kind, Which::Left, &record)
            .await?
            .is_none()
        && is_empty(&store.links(connection, &LinkQuery::new()).await?)
        && is_empty(&store.events(connection, &EventQuery::new()).await?)
        && is_empty(&store.deviations(connection, &DeviationQuery::all()).await?)
        && is_empty(&store.runs(connection, &RunQuery::new()).await?)
        && store.schedules(connection).await?.is_empty()
        && store.touched(connection, &bench.kind).await?.is_empty()
        && store.summary(connection).await? == crate::Summary::default();
    ensure!(is_alone, "another connection sees something");

    // The same record may be linked in each, and the same be kept of each.
    let mut writes = vec![linked(&other.link("1", "a")?)];
    writes.extend(super::upkeep::one_of_each(&other)?);
    other.commit(writes).await?;
    // What goes in one of them stays in the other.
    let failed = super::deviations::topic(&bench, "1")?.id();
    let unlinked = super::unlinked(&other.link("1", "a")?);
    let mut writes = vec![linked(&unlinked), Write::Forgotten(unlinked.id)];
    writes.push(Write::Redacted(here.id));
    writes.push(Write::DeviationForgotten(failed));
    let before = super::at(1_000_000);
    writes.push(Write::RunsForgotten { before });
    let touched = store.touched(connection, &bench.kind).await?;
    writes.extend(touched.into_iter().map(Write::TouchClosed));
    other.commit(writes).await?;
    let stays = store.deviation(&bench.connection, failed).await?.is_some()
        && store.touched(&bench.connection, &bench.kind).await?.len() == 1
        && store
            .runs(&bench.connection, &RunQuery::new())
            .await?
            .items
            .len()
            == 1;
    ensure!(stays, "what went in one connection went in the other, too");
    let again = other.link_again("1", "a", 1)?;
    other.commit([linked(&again)]).await?;
    let there = store.links(connection, &LinkQuery::new()).await?;
    ensure!(
        there.items.len() == 1,
        "the other connection has not one link of its own"
    );
    let read = store.link(&bench.connection, here.id).await?;
    ensure!(read == Some(here), "the first connection changed");
    let connections = store.connections().await?;
    let known = [&bench.connection, connection].map(|one| connections.contains(one));
    ensure!(known == [true; 2], "not both connections are listed");
    let is_sorted = connections.is_sorted_by(|before, after| before < after);
    ensure!(
        is_sorted,
        "the connections are not in order, or not each once"
    );
    Ok(())
}

fn is_empty<T>(page: &Page<T>) -> bool {
    page.items.is_empty() && page.next.is_none()
}

async fn what_belongs_to_another_connection_is_refused(bench: Bench<'_>) -> Result<(), Ended> {
    let other = ConnectionId::new(format!("{} other", bench.connection))?;
    for (what, write) in super::pending::foreign_writes(&bench, &other)? {
        let what = format!("{what} of another connection");
        bench.is_invalid(bench.batch().write(write), &what).await?;
    }
    Ok(())
}

async fn an_empty_batch_is_committed_and_leaves_nothing(bench: Bench<'_>) -> Result<(), Ended> {
    bench.store.commit(bench.batch()).await?;
    let links = bench
        .store
        .links(&bench.connection, &LinkQuery::new())
        .await?;
    ensure!(links.items.is_empty(), "a batch without writes wrote");
    Ok(())
}

/// Fills a store, lets it be closed and opened, and looks.
pub(super) async fn survives<S: Store>(
    written: S,
    prefix: &str,
    reopen: impl AsyncFnOnce(S) -> S,
) -> Result<(), Ended> {
    let connection = format!("{prefix} reopened");
    let bench = Bench::new(&written, &connection)?;
    let (full, plain) = (full_link(&bench)?, bench.link("2", "b")?);
    let failed = super::deviations::failed(&bench, "1", "a", 0)?;
    let mut writes = vec![linked(&full), linked(&plain), failed];
    let own = bench.connection.clone();
    let pending = super::pending::foreign_writes(&bench, &own)?;
    let is_pending = |write: &Write| matches!(write, Write::Intent(_) | Write::Decision(_));
    let pending = pending.into_iter().map(|(_, write)| write);
    writes.extend(pending.filter(is_pending));
    writes.extend(super::upkeep::one_of_each(&bench)?);
    bench.commit(writes).await?;
    let before = look(&bench).await?;
    let places = before.1.clone();

    let store = reopen(written).await;
    let bench = Bench::new(&store, &connection)?;
    let after = look(&bench).await?;
    ensure!(before == after, "what is stored is not what was stored");
    // It goes on where it was: versions, records and places of events.
    let stale = bench.batch().write(linked(&full));
    bench
        .conflicts(stale, "a link that was there before")
        .await?;
    let stolen = bench.batch().write(linked(&bench.link_again("3", "b", 1)?));
    bench
        .conflicts(stolen, "a record that was linked before")
        .await?;
    let again = Batch::new(&bench.connection, at(0))
        .require(Precondition::LinkVersion {
            link: full.id,
            version: Some(1),
        })
        .write(linked(&super::next(&full)));
    bench.store.commit(again).await?;
    let (_, later, ..) = look(&bench).await?;
    let goes_on = later.len() == places.len() + 1 && later.is_sorted_by(|one, two| one < two);
    ensure!(
        goes_on,
        "the places of events do not go on: {places:?}, {later:?}"
    );
    Ok(())
}

/// Everything that a connection has, as far as it can be compared.
async fn look(bench: &Bench<'_>) -> Result<(Vec<Link>, Vec<u64>, String), Ended> {
    let (store, connection) = (bench.store, &bench.connection);
    let links = store.links(connection, &LinkQuery::new()).await?.items;
    let events = store.events(connection, &EventQuery::new()).await?.items;
    let rest = (
        store.intents(connection).await?,
        store.decisions(connection, &bench.kind).await?,
        store
            .deviations(connection, &DeviationQuery::all())
            .await?
            .items,
        store.touched(connection, &bench.kind).await?,
        store.schedules(connection).await?,
        store.runs(connection, &RunQuery::new()).await?.items,
    );
    let waits = [rest.3.len(), rest.4.len(), rest.5.len()];
    ensure!(
        rest.0.len() == 1 && rest.1.len() == 1 && rest.2.len() == 1 && waits == [1; 3],
        "not all is there"
    );
    let rest = serde_json::to_string(&rest)?;
    Ok((links, events.iter().map(|one| one.place).collect(), rest))
}
