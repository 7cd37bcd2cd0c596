//! What is found of a record, and what is taken out.

use flat_record::{FieldName, Value};

use super::deviations::{failed, topic};
use super::links::full_link;
use super::{Bench, at, checks, key, linked, next, unlinked};
use crate::testing::report::{Ended, ensure};
use crate::{
    Conflict, Deviation, DeviationChange, DeviationEvent, DeviationQuery, DeviationState, Event,
    EventKind, EventQuery, FieldChange, Link, LinkId, LinkQuery, LoggedEvent, Payload, Reason,
    Subject, Topic, Which, Write, fold_events,
};

checks![
    links_are_asked_for_by_record,
    deviations_are_asked_for_by_what_they_are_about,
    a_redacted_link_loses_its_values_and_nothing_else,
    a_link_is_redacted_as_it_is_at_that_place_of_the_batch,
    a_forgotten_link_goes_with_its_history,
    what_is_live_or_under_way_is_not_forgotten,
    a_deviation_is_redacted_or_forgotten_alone,
];

async fn links_are_asked_for_by_record(bench: Bench<'_>) -> Result<(), Ended> {
    let first = bench.link("1", "a")?;
    let (apart, again) = (unlinked(&first), bench.link_again("1", "b", 1)?);
    // The same text on the other side is another record.
    let other = bench.link("a", "1")?;
    bench
        .commit([&first, &apart, &again, &other].map(linked))
        .await?;
    let cases = [
        (Which::Left, "1", vec![&apart, &again]),
        (Which::Right, "a", vec![&apart]),
        (Which::Right, "1", vec![&other]),
        (Which::Left, "2", vec![]),
    ];
    for (which, text, expected) in cases {
        let mut expected: Vec<Link> = expected.into_iter().cloned().collect();
        expected.sort_by_key(|link| link.id);
        let query = LinkQuery::new().record(which, key(text)?);
        let found = bench.store.links(&bench.connection, &query).await?;
        ensure!(
            found.items == expected,
            "of the {which} record {text}, {} links were found, not {}",
            found.items.len(),
            expected.len()
        );
        let single = query.limit(1);
        let page = bench.store.links(&bench.connection, &single).await?;
        let is_cut = page.next.is_some() == (expected.len() > 1) && page.items.len() <= 1;
        ensure!(is_cut, "the links of a record do not come in pages");
    }
    let of_kind = LinkQuery::new()
        .record(Which::Left, key("1")?)
        .kind(flat_record::Kind::new("department")?);
    let found = bench.store.links(&bench.connection, &of_kind).await?;
    ensure!(
        found.items.is_empty(),
        "a record of another kind has the links of this one"
    );
    Ok(())
}

async fn deviations_are_asked_for_by_what_they_are_about(bench: Bench<'_>) -> Result<(), Ended> {
    let link = bench.link("1", "a")?;
    let about_link = Subject::Link {
        kind: bench.kind.clone(),
        link: link.id,
    };
    let of_link = Topic::new(&bench.connection, "update", about_link.clone());
    let cause = super::deviations::failure("a");
    let of_link = DeviationEvent::failed(of_link, cause.clone(), at(9));
    let file = Subject::document("invoice", "Ärende 17/\"x\".xml");
    let of_file = Topic::new(&bench.connection, "post", file.clone());
    let of_file = DeviationEvent::failed(of_file, cause, at(8));
    let writes = [
        failed(&bench, "1", "a", 0)?,
        failed(&bench, "2", "a", 1)?,
        Write::Deviation(of_link),
        Write::Deviation(of_file),
    ];
    bench.commit(writes).await?;
    let record = |text: &str| Ok::<_, Ended>(topic(&bench, text)?.subject);
    let cases = [
        vec![record("1")?],
        vec![about_link.clone()],
        vec![file],
        // The one that failed last comes first.
        vec![about_link, record("2")?, record("1")?],
        vec![record("3")?],
    ];
    for mut expected in cases {
        let query = DeviationQuery::all().about(expected.clone());
        let found = bench.store.deviations(&bench.connection, &query).await?;
        let found = found.items.iter().map(|one| one.topic().subject.clone());
        let found: Vec<Subject> = found.collect();
        if expected == [record("3")?] {
            expected.clear();
        }
        ensure!(
            found == expected,
            "{} deviations were found, not {}",
            found.len(),
            expected.len()
        );
    }
    Ok(())
}

/// A word that stands in every value of the link and its history below.
const MARKER: &str = "Åsa";

/// A link with a history full of values, and one beside it.
async fn history(bench: &Bench<'_>) -> Result<(Link, Link), Ended> {
    let (first, beside) = (full_link(bench)?, bench.link("2", "b")?);
    bench.commit([linked(&first), linked(&beside)]).await?;
    let second = next(&first);
    let changes = vec![FieldChange {
        field: FieldName::new("name")?,
        was: Value::from("Åsa Ek"),
        to: Value::from("Åsa Alm"),
        because: Reason::OnlyOneChanged { side: Which::Left },
        is_hidden: false,
    }];
    let what = EventKind::Updated {
        on: Which::Right,
        changes,
        not_taken: vec![FieldName::new("city")?],
    };
    let updated = Event::new(what, second.clone(), at(5)).in_run("run 7");
    let beside = next(&beside);
    let writes = [Write::Event(Box::new(updated)), linked(&beside)];
    bench.commit(writes).await?;
    Ok((second, beside))
}

async fn log(bench: &Bench<'_>) -> Result<Vec<LoggedEvent>, Ended> {
    let log = EventQuery::new();
    Ok(bench.store.events(&bench.connection, &log).await?.items)
}

/// Checks that the log adds up to what is stored.
async fn adds_up(bench: &Bench<'_>) -> Result<(), Ended> {
    let log = log(bench).await?;
    let folded = fold_events(log.iter().map(|one| &one.event))?;
    let all = LinkQuery::new();
    let stored = bench.store.links(&bench.connection, &all).await?.items;
    let stored = stored.into_iter().map(|link| (link.id, link));
    ensure!(
        folded == stored.collect(),
        "the events do not add up to the links"
    );
    Ok(())
}

async fn a_redacted_link_loses_its_values_and_nothing_else(bench: Bench<'_>) -> Result<(), Ended> {
    let (link, beside) = history(&bench).await?;
    let before = log(&bench).await?;
    for _ in 0..2 {
        bench.commit([Write::Redacted(link.id)]).await?;
    }
    let read = bench.store.link(&bench.connection, link.id).await?;
    ensure!(
        read == Some(link.clone().redacted()),
        "the link is not what it is without values"
    );
    let record = link.keys.left.clone();
    let record = record.ok_or_else(|| Ended::Broken("the link has no record".to_owned()))?;
    let live = bench
        .store
        .live_link(&bench.connection, &bench.kind, Which::Left, &record)
        .await?;
    ensure!(live == read, "the record has another link than before");
    let after = log(&bench).await?;
    let expected = before.into_iter().map(|one| {
        let event = one.event;
        let is_of_link = event.link.id == link.id;
        let event = if is_of_link { event.redacted() } else { event };
        LoggedEvent::new(one.place, event)
    });
    ensure!(
        after == expected.collect::<Vec<_>>(),
        "the log is not what it was, without the values of the link"
    );
    let of_link = after.iter().filter(|one| one.event.link.id == link.id);
    let of_link: Vec<_> = of_link.map(|one| &one.event).collect();
    let text = serde_json::to_string(&of_link)?;
    // The key of the record has no marker in it.
    ensure!(!text.contains(MARKER), "a value is left in the log");
    ensure!(
        bench.store.link(&bench.connection, beside.id).await? == Some(beside),
        "another link changed"
    );
    adds_up(&bench).await?;
    // One that is not known is nothing.
    let unknown = bench.link("none", "none")?.id;
    bench.commit([Write::Redacted(unknown)]).await?;
    Ok(())
}

async fn a_link_is_redacted_as_it_is_at_that_place_of_the_batch(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let (link, _) = history(&bench).await?;
    let emptied = next(&link).redacted();
    let mut full = next(&emptied);
    full.base = link.base.clone();
    let event = Event::new(EventKind::Redacted, emptied, at(6));
    let writes = [
        Write::Event(Box::new(event)),
        Write::Redacted(link.id),
        linked(&full),
    ];
    bench.commit(writes).await?;
    let read = bench.store.link(&bench.connection, link.id).await?;
    ensure!(
        read == Some(full),
        "what was written after the redaction is not there"
    );
    let log = log(&bench).await?;
    let of_link = log.iter().filter(|one| one.event.link.id == link.id);
    let redacted: Vec<bool> = of_link.map(|one| one.event.is_redacted).collect();
    ensure!(
        redacted == [true, true, true, false],
        "redacted, version by version: {redacted:?}"
    );
    adds_up(&bench).await
}

async fn a_forgotten_link_goes_with_its_history(bench: Bench<'_>) -> Result<(), Ended> {
    let (link, beside) = history(&bench).await?;
    let gone = unlinked(&link);
    let last = next(&beside);
    bench.commit([linked(&last), linked(&gone)]).await?;
    let before = log(&bench).await?;
    for _ in 0..2 {
        bench.commit([Write::Forgotten(link.id)]).await?;
    }
    let read = bench.store.link(&bench.connection, link.id).await?;
    ensure!(read.is_none(), "a forgotten link is there");
    let kept: Vec<_> = before
        .iter()
        .filter(|one| one.event.link.id != link.id)
        .cloned()
        .collect();
    ensure!(
        log(&bench).await? == kept,
        "the log is not what it was without the events of the link"
    );
    let history = EventQuery::new().link(link.id);
    let history = bench.store.events(&bench.connection, &history).await?;
    ensure!(history.items.is_empty(), "a forgotten link has a history");
    adds_up(&bench).await?;

    // It may begin anew, with its first version, and no place is given twice.
    let mut anew = link.clone().redacted();
    anew.version = 1;
    bench.commit([linked(&anew)]).await?;
    let (was, is) = (before.last(), log(&bench).await?);
    let place = |one: Option<&LoggedEvent>| one.map_or(0, |one| one.place);
    ensure!(
        place(is.last()) > place(was),
        "an event has a place that another one had"
    );
    adds_up(&bench).await
}

async fn what_is_live_or_under_way_is_not_forgotten(bench: Bench<'_>) -> Result<(), Ended> {
    let intent = super::pending::intent(&bench, "e-1")?;
    let link: LinkId = intent.operation.link;
    let mut creating = Link::creating(
        bench.connection.clone(),
        bench.kind.clone(),
        key("e-1")?,
        Which::Right,
        0,
    );
    creating.version = 1;
    ensure!(creating.id == link, "the suite's own data is wrong");
    let begun = Write::Intent(Box::new(intent.clone()));
    bench.commit([linked(&creating), begun.clone()]).await?;
    let apart = unlinked(&creating);

    let refused = async |writes: Vec<Write>, what: &str, is_open: bool| {
        let mut batch = bench.batch();
        batch.writes = writes;
        let error = bench.store.commit(batch).await.err();
        let conflict = error.as_ref().and_then(crate::StoreError::conflict);
        let is_told = match conflict {
            Some(Conflict::IntentOpen {
                link: of,
                operation,
            }) => is_open && *of == link && *operation == intent.id(),
            Some(Conflict::StillLive { link: of }) => !is_open && *of == link,
            _ => false,
        };
        ensure!(is_told, "{what} gives {conflict:?}");
        Ok(())
    };
    refused(
        vec![Write::Redacted(link)],
        "redacting what is under way",
        true,
    )
    .await?;
    refused(
        vec![linked(&apart), Write::Forgotten(link)],
        "forgetting what is under way",
        true,
    )
    .await?;
    refused(vec![Write::Forgotten(link)], "forgetting what lives", false).await?;
    let kept = bench.store.link(&bench.connection, link).await?;
    ensure!(
        kept.as_ref() == Some(&creating),
        "the rest of a refused batch was written"
    );

    // What the batch itself closes, or begins, before it counts.
    let closed = Write::IntentClosed(intent.id());
    bench
        .commit([closed.clone(), Write::Redacted(link)])
        .await?;
    refused(
        vec![begun, Write::Redacted(link)],
        "redacting what this batch begins",
        true,
    )
    .await?;
    bench
        .commit([closed, linked(&apart), Write::Forgotten(link)])
        .await?;
    let left = bench.store.link(&bench.connection, link).await?;
    ensure!(left.is_none(), "an unlinked link was not forgotten");
    Ok(())
}

async fn a_deviation_is_redacted_or_forgotten_alone(bench: Bench<'_>) -> Result<(), Ended> {
    let fields = flat_record::Fields::new([flat_record::Field::new(
        "name",
        flat_record::ValueKind::Text,
    )?])?;
    let record = flat_record::Record::new(&fields).with("name", "Åsa Ek")?;
    let cause = super::deviations::failure("a").with_payload(Payload::new(&record));
    let fails = DeviationEvent::failed(topic(&bench, "1")?, cause, at(0));
    let id = fails.id;
    let other = topic(&bench, "2")?.id();
    let writes = [Write::Deviation(fails), failed(&bench, "2", "a", 0)?];
    bench.commit(writes).await?;
    let read = |id| bench.store.deviation(&bench.connection, id);
    let (before, beside) = (read(id).await?, read(other).await?);
    ensure!(before.is_some() && beside.is_some(), "nothing was stored");
    for _ in 0..2 {
        bench.commit([Write::DeviationRedacted(id)]).await?;
    }
    let after = read(id).await?;
    let text = serde_json::to_string(&after)?;
    ensure!(
        !text.contains(MARKER),
        "a value is left in a redacted deviation"
    );
    ensure!(
        after == before.map(Deviation::redacted),
        "more than the values left the deviation"
    );
    let cause = super::deviations::failure("a").fingerprint("create");
    let query = DeviationQuery::unsettled().fingerprint(cause);
    let found = bench.store.deviations(&bench.connection, &query).await?;
    ensure!(
        found.items.len() == 2,
        "a redacted deviation is not found by its cause"
    );
    // Redacted and failed again within one batch, it has the values of the failure.
    let again = failed(&bench, "1", "a", 60)?;
    bench.commit([Write::DeviationRedacted(id), again]).await?;
    let label = read(id).await?;
    let label = label.as_ref().and_then(|one| one.failure().label());
    ensure!(
        label.is_some(),
        "what failed after the redaction has no label"
    );

    for _ in 0..2 {
        bench.commit([Write::DeviationForgotten(id)]).await?;
    }
    ensure!(
        read(id).await?.is_none(),
        "a forgotten deviation is still there"
    );
    ensure!(read(other).await? == beside, "another deviation changed");
    let unknown = [Write::DeviationRedacted(id), Write::DeviationForgotten(id)];
    bench.commit(unknown).await?;
    ensure!(
        read(id).await?.is_none(),
        "redacting nothing made a deviation"
    );
    // A new failure is a new story.
    bench
        .commit([
            failed(&bench, "1", "a", 120)?,
            Write::Deviation(DeviationEvent::new(
                id,
                DeviationChange::Reprocessing,
                at(121),
            )),
        ])
        .await?;
    let (state, attempts) = match read(id).await? {
        Some(one) => (Some(one.state()), one.attempts()),
        None => (None, 0),
    };
    ensure!(
        (state, attempts) == (Some(DeviationState::Reprocessing), 1),
        "after it was forgotten it is {state:?}, after {attempts} attempts"
    );
    Ok(())
}
