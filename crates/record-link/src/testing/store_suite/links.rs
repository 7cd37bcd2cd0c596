//! Links, their versions, and that a record has one.

use flat_record::{FieldName, Kind, Reference, Value};

use super::{Bench, at, checks, key, linked, next, unlinked};
use crate::testing::report::{Ended, ensure};
use crate::{
    Base, BaseField, BasePair, Event, EventKind, EventQuery, Link, LinkQuery, LinkState,
    Precondition, Presence, Remembered, Sides, Which, Write, fold_events,
};

checks![
    a_link_is_read_as_it_was_written,
    a_batch_is_committed_whole_or_not_at_all,
    a_link_is_changed_only_from_the_version_that_is_there,
    a_record_has_at_most_one_live_link,
    a_record_is_free_again_when_its_link_is_not_live,
    a_record_changes_partners_within_one_batch,
    a_record_that_is_created_is_held_from_then_on,
    a_link_that_is_only_read_can_be_required,
    preconditions_are_checked_before_anything_is_written,
    the_events_add_up_to_the_links,
];

/// A link with everything in it that a link can have.
pub(super) fn full_link(bench: &Bench<'_>) -> Result<Link, Ended> {
    let mut link = bench.link("Ärende 17 / \"x\" 'y' \\ %_", "🙂 4711")?;
    let mut base = Base::default();
    let pair = Sides::new(Remembered::Value("Åsa".into()), Remembered::Hash(u64::MAX));
    let manager = Reference::new(Kind::new("employee")?, "e-1");
    let values = [
        ("null", BaseField::Value(Box::new(Value::Null))),
        ("hash", BaseField::Hash(u64::MAX - 1)),
        ("pair", BaseField::Pair(Box::new(BasePair::new(pair, true)))),
        ("number", BaseField::Value(Box::new(i64::MIN.into()))),
        ("manager", BaseField::Value(Box::new(manager.into()))),
        ("tags", BaseField::Value(Box::new(Value::set(["b", "a"])))),
    ];
    for (name, value) in values {
        base.set(&FieldName::new(name)?, value);
    }
    link.base = base;
    link.presence = Sides::new(
        Presence::Missing {
            times: 3,
            at: at(7),
        },
        Presence::OutOfScope,
    );
    let written = crate::link::Written::new(Which::Right, u64::MAX, at(5));
    let by_field = [(FieldName::new("hash")?, vec![written])];
    link.written = Some(Box::new(by_field.into()));
    Ok(link)
}

async fn a_link_is_read_as_it_was_written(bench: Bench<'_>) -> Result<(), Ended> {
    let full = full_link(&bench)?;
    let mut creating = Link::creating(
        bench.connection.clone(),
        bench.kind.clone(),
        key("e-18")?,
        Which::Right,
        7,
    );
    creating.version = 1;
    let gone = unlinked(&bench.link("e-19", "19")?);
    let mut first = gone.clone();
    first.version = 1;
    first.state = LinkState::Linked;
    let all = [&full, &creating, &first, &gone].map(linked);
    bench.commit(all).await?;
    for link in [full, creating, gone] {
        let read = bench.store.link(&bench.connection, link.id).await?;
        let what = link.state.as_str();
        ensure!(read == Some(link), "a link ({what}) came back different");
    }
    Ok(())
}

async fn a_batch_is_committed_whole_or_not_at_all(bench: Bench<'_>) -> Result<(), Ended> {
    let (one, two) = (bench.link("1", "a")?, bench.link("2", "a")?);
    let batch = bench.batch().write(linked(&one)).write(linked(&two));
    bench
        .conflicts(batch, "a batch whose second write does not fit")
        .await?;
    let absent = Precondition::LinkVersion {
        link: one.id,
        version: Some(1),
    };
    let batch = bench.batch().write(linked(&one)).require(absent);
    bench
        .conflicts(batch, "a batch that requires what is not so")
        .await?;
    let left = bench
        .store
        .links(&bench.connection, &LinkQuery::new())
        .await?;
    ensure!(left.items.is_empty(), "a batch that failed left a link");
    let events = bench
        .store
        .events(&bench.connection, &EventQuery::new())
        .await?;
    ensure!(events.items.is_empty(), "a batch that failed left an event");
    // And the record is free.
    bench.commit([linked(&two)]).await?;
    Ok(())
}

async fn a_link_is_changed_only_from_the_version_that_is_there(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let first = bench.link("1", "a")?;
    let (mut zeroth, second) = (first.clone(), next(&first));
    zeroth.version = 0;
    for (link, what) in [(&zeroth, "version 0"), (&second, "version 2 of no link")] {
        bench
            .conflicts(bench.batch().write(linked(link)), what)
            .await?;
    }
    bench.commit([linked(&first)]).await?;
    let third = next(&second);
    for (link, what) in [
        (&zeroth, "version 0"),
        (&first, "the version that is there"),
        (&third, "a version after the next"),
    ] {
        bench
            .conflicts(bench.batch().write(linked(link)), what)
            .await?;
    }
    // Two versions in one batch follow one another.
    bench.commit([linked(&second), linked(&third)]).await?;
    let read = bench.store.link(&bench.connection, first.id).await?;
    ensure!(read == Some(third), "the link is not in its third version");
    Ok(())
}

async fn a_record_has_at_most_one_live_link(bench: Bench<'_>) -> Result<(), Ended> {
    let link = bench.link("1", "a")?;
    bench.commit([linked(&link)]).await?;
    for (left, right, which) in [("1", "b", "left"), ("2", "a", "right")] {
        let second = linked(&bench.link_again(left, right, 1)?);
        let what = format!("a second live link of the {which} record");
        bench.conflicts(bench.batch().write(second), &what).await?;
    }
    // Keys are of a side and a kind: the same text elsewhere is another record.
    bench.commit([linked(&bench.link("a", "1")?)]).await?;
    let mut other = bench.clone();
    other.kind = Kind::new("department")?;
    other.commit([linked(&other.link("1", "a")?)]).await?;

    for (which, text) in [(Which::Left, "1"), (Which::Right, "a")] {
        let record = key(text)?;
        let found = bench
            .store
            .live_link(&bench.connection, &bench.kind, which, &record)
            .await?;
        ensure!(
            found.as_ref() == Some(&link),
            "the {which} record has no link"
        );
        let found = bench
            .store
            .live_link(&bench.connection, &bench.kind, which, &key("none")?)
            .await?;
        ensure!(found.is_none(), "a record that is not linked has a link");
    }
    Ok(())
}

async fn a_record_is_free_again_when_its_link_is_not_live(bench: Bench<'_>) -> Result<(), Ended> {
    let first = bench.link("1", "a")?;
    let apart = unlinked(&first);
    bench.commit([linked(&first)]).await?;
    bench.commit([linked(&apart)]).await?;
    let record = key("1")?;
    let find = || {
        bench
            .store
            .live_link(&bench.connection, &bench.kind, Which::Left, &record)
    };
    ensure!(
        find().await?.is_none(),
        "an unlinked record has a live link"
    );
    let kept = bench.store.link(&bench.connection, first.id).await?;
    ensure!(
        kept.as_ref() == Some(&apart),
        "the unlinked pair is forgotten"
    );

    let second = bench.link_again("1", "b", 1)?;
    bench.commit([linked(&second)]).await?;
    ensure!(
        find().await? == Some(second.clone()),
        "the new link does not hold"
    );
    // Nor can the old one come back while the new one lives.
    let mut back = next(&apart);
    back.state = LinkState::Linked;
    bench
        .conflicts(bench.batch().write(linked(&back)), "a second life")
        .await?;

    let mut ended = next(&second);
    ended.state = LinkState::Ended;
    bench.commit([linked(&ended), linked(&back)]).await?;
    ensure!(
        find().await? == Some(back),
        "the old link does not hold again"
    );
    Ok(())
}

async fn a_record_changes_partners_within_one_batch(bench: Bench<'_>) -> Result<(), Ended> {
    let (one, two) = (bench.link("1", "a")?, bench.link("2", "b")?);
    bench.commit([linked(&one), linked(&two)]).await?;
    let (crossed, back) = (
        bench.link_again("1", "b", 1)?,
        bench.link_again("2", "a", 1)?,
    );
    let apart = [unlinked(&one), unlinked(&two)];
    let too_early = bench
        .batch()
        .write(linked(&apart[0]))
        .write(linked(&crossed))
        .write(linked(&apart[1]));
    bench
        .conflicts(too_early, "linking before unlinking")
        .await?;
    let writes = [&apart[0], &apart[1], &crossed, &back].map(linked);
    bench.commit(writes).await?;
    for (which, text, link) in [(Which::Left, "1", &crossed), (Which::Right, "a", &back)] {
        let record = key(text)?;
        let found = bench
            .store
            .live_link(&bench.connection, &bench.kind, which, &record)
            .await?;
        ensure!(found.as_ref() == Some(link), "the partners did not change");
    }
    Ok(())
}

async fn a_record_that_is_created_is_held_from_then_on(bench: Bench<'_>) -> Result<(), Ended> {
    let (connection, kind) = (bench.connection.clone(), bench.kind.clone());
    let creating = |source: &str| -> Result<Link, Ended> {
        let (connection, kind) = (connection.clone(), kind.clone());
        let mut link = Link::creating(connection, kind, key(source)?, Which::Right, 0);
        link.version = 1;
        Ok(link)
    };
    // Neither has a right record yet, which is not the same record.
    let (one, two) = (creating("1")?, creating("2")?);
    bench.commit([linked(&one), linked(&two)]).await?;
    let created = |link: &Link, key_there: &str| -> Result<Link, Ended> {
        let mut link = next(link);
        link.state = LinkState::Linked;
        link.keys.right = Some(key(key_there)?);
        Ok(link)
    };
    bench.commit([linked(&created(&one, "a")?)]).await?;
    let stolen = bench.batch().write(linked(&created(&two, "a")?));
    bench
        .conflicts(stolen, "the same record created for two")
        .await?;
    bench.commit([linked(&created(&two, "b")?)]).await?;
    Ok(())
}

async fn a_link_that_is_only_read_can_be_required(bench: Bench<'_>) -> Result<(), Ended> {
    let link = bench.link("1", "a")?;
    let require = |version| {
        let link = link.id;
        bench
            .batch()
            .require(Precondition::LinkVersion { link, version })
    };
    bench.store.commit(require(None)).await?;
    bench
        .conflicts(require(Some(1)), "a link that is not there")
        .await?;
    bench.commit([linked(&link)]).await?;
    bench.store.commit(require(Some(1))).await?;
    for (version, what) in [
        (None, "no link"),
        (Some(0), "version 0"),
        (Some(2), "version 2"),
    ] {
        bench.conflicts(require(version), what).await?;
    }
    Ok(())
}

async fn preconditions_are_checked_before_anything_is_written(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let link = bench.link("1", "a")?;
    let require = |version| Precondition::LinkVersion {
        link: link.id,
        version,
    };
    let after = bench.batch().write(linked(&link)).require(require(Some(1)));
    bench
        .conflicts(after, "what only the batch itself makes so")
        .await?;
    let before = bench.batch().write(linked(&link)).require(require(None));
    bench.store.commit(before).await?;
    Ok(())
}

async fn the_events_add_up_to_the_links(bench: Bench<'_>) -> Result<(), Ended> {
    let (one, two) = (full_link(&bench)?, bench.link("2", "b")?);
    let apart = unlinked(&one);
    bench.commit([linked(&one), linked(&two)]).await?;
    let told = Event::new(EventKind::Unlinked, apart.clone(), at(9)).by("Åsa at the desk");
    bench.commit([Write::Event(Box::new(told.clone()))]).await?;
    bench.commit([linked(&next(&two))]).await?;

    let log = bench
        .store
        .events(&bench.connection, &EventQuery::new())
        .await?;
    let places: Vec<u64> = log.items.iter().map(|logged| logged.place).collect();
    ensure!(
        places.len() == 4,
        "4 events were committed, {} are there",
        places.len()
    );
    let is_ascending = places.is_sorted_by(|before, after| before < after);
    ensure!(is_ascending, "the places do not ascend: {places:?}");
    ensure!(log.items[2].event == told, "an event came back different");
    let links = fold_events(log.items.iter().map(|logged| &logged.event))?;
    let stored = bench
        .store
        .links(&bench.connection, &LinkQuery::new())
        .await?;
    let stored = stored.items.into_iter().map(|link| (link.id, link));
    ensure!(
        links == stored.collect(),
        "the events do not add up to the links"
    );

    let history = EventQuery::new().link(one.id);
    let history = bench.store.events(&bench.connection, &history).await?;
    let versions: Vec<u64> = history
        .items
        .iter()
        .map(|one| one.event.link.version)
        .collect();
    ensure!(
        versions == [1, 2],
        "the history of one link is {versions:?}"
    );
    Ok(())
}
