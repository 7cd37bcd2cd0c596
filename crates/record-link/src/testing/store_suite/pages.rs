//! Lists in pages.

use std::collections::BTreeSet;

use flat_record::Kind;

use super::{Bench, checks, linked, next, unlinked};
use crate::testing::report::{Ended, ensure};
use crate::{
    Cursor, DeviationQuery, EventQuery, Link, LinkId, LinkQuery, LinkStanding, RunQuery,
    StoreError, StoreErrorKind,
};

checks![
    links_are_asked_for_by_kind_and_standing,
    links_come_once_each_in_order_in_pages_of_any_size,
    a_link_that_changes_between_two_pages_does_not_move,
    events_come_once_each_in_order_in_pages_of_any_size,
    a_cursor_of_something_else_is_invalid,
];

/// All links that a query asks for, page by page.
async fn all_links(bench: &Bench<'_>, query: &LinkQuery) -> Result<Vec<Link>, Ended> {
    let (mut found, mut after) = (Vec::new(), query.after.clone());
    loop {
        let query = query.clone().after(after);
        let page = bench.store.links(&bench.connection, &query).await?;
        let is_full = page.items.len() <= query.limit;
        ensure!(
            is_full,
            "a page of {} has {}",
            query.limit,
            page.items.len()
        );
        let is_empty = page.items.is_empty();
        found.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
        ensure!(!is_empty, "an empty page says that there is more");
    }
}

async fn links_are_asked_for_by_kind_and_standing(bench: Bench<'_>) -> Result<(), Ended> {
    let mut departments = bench.clone();
    departments.kind = Kind::new("department")?;
    let (one, two) = (bench.link("1", "a")?, bench.link("2", "b")?);
    let (apart, other) = (unlinked(&two), departments.link("1", "a")?);
    bench
        .commit([&one, &two, &apart, &other].map(linked))
        .await?;
    let standing = |standing: &[LinkStanding]| LinkQuery::new().standing(standing.iter().copied());
    let cases = [
        ("all", LinkQuery::new(), vec![&one, &apart, &other]),
        (
            "of a kind",
            LinkQuery::new().kind(departments.kind),
            vec![&other],
        ),
        (
            "linked",
            standing(&[LinkStanding::Linked]),
            vec![&one, &other],
        ),
        (
            "unlinked",
            standing(&[LinkStanding::Unlinked]),
            vec![&apart],
        ),
        (
            "unlinked or in doubt",
            standing(&[LinkStanding::InDoubt, LinkStanding::Unlinked]),
            vec![&apart],
        ),
        (
            "linked of a kind",
            standing(&[LinkStanding::Linked]).kind(bench.kind.clone()),
            vec![&one],
        ),
        ("orphaned", standing(&[LinkStanding::Orphaned]), vec![]),
    ];
    for (what, query, mut expected) in cases {
        expected.sort_by_key(|link| link.id);
        let found = all_links(&bench, &query).await?;
        let is_it = found.iter().eq(expected.iter().copied());
        ensure!(
            is_it,
            "{what}: {} were found, not {}",
            found.len(),
            expected.len()
        );
    }
    Ok(())
}

async fn links_come_once_each_in_order_in_pages_of_any_size(bench: Bench<'_>) -> Result<(), Ended> {
    let mut expected = BTreeSet::new();
    for number in 0..25 {
        let link = bench.link(&format!("left {number}"), &format!("right {number}"))?;
        bench.commit([linked(&link)]).await?;
        expected.insert(link.id);
    }
    for limit in [1, 2, 5, 24, 25, 26, 1000] {
        let links = all_links(&bench, &LinkQuery::new().limit(limit)).await?;
        let found = links.iter().map(|link| link.id);
        let is_it = found.eq(expected.iter().copied());
        ensure!(is_it, "pages of {limit} do not hold each once and in order");
    }
    Ok(())
}

async fn a_link_that_changes_between_two_pages_does_not_move(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let mut links = Vec::new();
    for record in ["1", "2", "3", "4"] {
        links.push(bench.link(record, record)?);
    }
    bench.commit(links.iter().map(linked)).await?;
    let query = LinkQuery::new().limit(2);
    let page = bench.store.links(&bench.connection, &query).await?;
    bench
        .commit(links.iter().map(|link| linked(&next(link))))
        .await?;
    let rest = all_links(&bench, &query.after(page.next)).await?;
    let seen = page.items.iter().chain(&rest).map(|link| link.id);
    let seen: Vec<LinkId> = seen.collect();
    let each: BTreeSet<LinkId> = links.iter().map(|link| link.id).collect();
    ensure!(seen.iter().eq(&each), "links moved between the pages");
    Ok(())
}

async fn events_come_once_each_in_order_in_pages_of_any_size(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let (mut one, mut two) = (bench.link("1", "a")?, bench.link("2", "b")?);
    for _ in 0..6 {
        bench.commit([linked(&one), linked(&two)]).await?;
        (one, two) = (next(&one), next(&two));
    }
    for (query, count) in [(EventQuery::new(), 12), (EventQuery::new().link(two.id), 6)] {
        for limit in [1, 5, 6, 12, 13] {
            let (mut places, mut after) = (Vec::new(), None);
            loop {
                let query = query.clone().limit(limit).after(after);
                let page = bench.store.events(&bench.connection, &query).await?;
                ensure!(page.items.len() <= limit, "a page of {limit} is longer");
                places.extend(page.items.iter().map(|logged| logged.place));
                after = page.next;
                if after.is_none() || places.len() > count {
                    break;
                }
            }
            let is_ascending = places.is_sorted_by(|before, after| before < after);
            let is_it = places.len() == count && is_ascending;
            ensure!(is_it, "in pages of {limit}, {count} events are {places:?}");
        }
    }
    Ok(())
}

async fn a_cursor_of_something_else_is_invalid(bench: Bench<'_>) -> Result<(), Ended> {
    bench.commit([linked(&bench.link("1", "a")?)]).await?;
    let cursor = || Some(Cursor::new("'; not a cursor of anything"));
    let connection = &bench.connection;
    let links = LinkQuery::new().after(cursor());
    let events = EventQuery::new().after(cursor());
    let deviations = DeviationQuery::all().after(cursor());
    let runs = RunQuery::new().after(cursor());
    let kind_of = |error: Option<StoreError>| error.map(|error| error.kind());
    let kinds = [
        kind_of(bench.store.links(connection, &links).await.err()),
        kind_of(bench.store.events(connection, &events).await.err()),
        kind_of(bench.store.deviations(connection, &deviations).await.err()),
        kind_of(bench.store.runs(connection, &runs).await.err()),
    ];
    let are_invalid = kinds == [Some(StoreErrorKind::Invalid); 4];
    ensure!(are_invalid, "foreign cursors give {kinds:?}");
    Ok(())
}
