//! Deviations: applied by the store, listed, counted.

use flat_record::Kind;

use super::{Bench, at, checks, key, linked, unlinked};
use crate::testing::report::{Ended, ensure};
use crate::{
    Conflict, Deviation, DeviationChange, DeviationClass, DeviationEvent, DeviationQuery,
    DeviationState, Failure, IgnoredUntil, LinkStanding, Subject, Topic, Which, Write,
};

checks![
    failures_of_one_topic_add_up_to_one_deviation,
    a_success_resolves_a_deviation_and_is_nothing_without_one,
    an_event_that_does_not_fit_is_a_conflict,
    a_deviation_is_written_with_the_change_that_it_is_about,
    deviations_are_asked_for_by_state_class_and_cause,
    the_deviation_that_failed_last_comes_first,
    the_summary_counts_what_there_is,
];

pub(super) fn topic(bench: &Bench<'_>, record: &str) -> Result<Topic, Ended> {
    let subject = Subject::Record {
        side: Which::Left,
        kind: bench.kind.clone(),
        key: key(record)?,
    };
    Ok(Topic::new(&bench.connection, "create", subject))
}

pub(super) fn failure(code: &str) -> Failure {
    Failure::new(
        DeviationClass::Validation,
        code,
        "Åsa's \"number\" is \\wrong\\",
    )
    .labelled("Åsa \u{1F642}")
    .concerning(["name"])
    .computed_from(u64::MAX)
}

/// The write of a failure, so many seconds after the beginning.
pub(super) fn failed(
    bench: &Bench<'_>,
    record: &str,
    code: &str,
    seconds: i64,
) -> Result<Write, Ended> {
    let event = DeviationEvent::failed(topic(bench, record)?, failure(code), at(seconds));
    Ok(Write::Deviation(event.in_run("run 7")))
}

fn change(bench: &Bench<'_>, record: &str, change: DeviationChange) -> Result<Write, Ended> {
    let id = topic(bench, record)?.id();
    Ok(Write::Deviation(DeviationEvent::new(id, change, at(100))))
}

async fn read(bench: &Bench<'_>, record: &str) -> Result<Option<Deviation>, Ended> {
    let id = topic(bench, record)?.id();
    Ok(bench.store.deviation(&bench.connection, id).await?)
}

async fn failures_of_one_topic_add_up_to_one_deviation(bench: Bench<'_>) -> Result<(), Ended> {
    bench.commit([failed(&bench, "e-1", "a", 0)?]).await?;
    bench
        .commit([
            failed(&bench, "e-1", "a", 60)?,
            failed(&bench, "e-1", "b", 120)?,
        ])
        .await?;
    let mut expected = None;
    for (code, seconds) in [("a", 0), ("a", 60), ("b", 120)] {
        let Write::Deviation(event) = failed(&bench, "e-1", code, seconds)? else {
            continue;
        };
        expected = Some(Deviation::after(expected, &event)?);
    }
    let found = read(&bench, "e-1").await?;
    ensure!(found.is_some(), "there is no deviation");
    ensure!(
        found == expected,
        "the deviation is not what its events add up to"
    );
    ensure!(
        read(&bench, "e-2").await?.is_none(),
        "another record has a deviation"
    );
    Ok(())
}

async fn a_success_resolves_a_deviation_and_is_nothing_without_one(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let succeeded = |record| change(&bench, record, DeviationChange::Succeeded);
    bench.commit([succeeded("e-1")?]).await?;
    ensure!(
        read(&bench, "e-1").await?.is_none(),
        "a success opened a deviation"
    );
    bench
        .commit([failed(&bench, "e-1", "a", 0)?, succeeded("e-1")?])
        .await?;
    let state = read(&bench, "e-1").await?.map(|one| one.state());
    ensure!(
        state == Some(DeviationState::Resolved),
        "it is {state:?}, not resolved"
    );
    Ok(())
}

async fn an_event_that_does_not_fit_is_a_conflict(bench: Bench<'_>) -> Result<(), Ended> {
    let link = bench.link("e-1", "1")?;
    let reprocessing = |record| change(&bench, record, DeviationChange::Reprocessing);
    let batch = bench
        .batch()
        .write(linked(&link))
        .write(reprocessing("e-1")?);
    bench
        .conflicts(batch, "reprocessing what never failed")
        .await?;
    let left = bench.store.link(&bench.connection, link.id).await?;
    ensure!(left.is_none(), "the rest of the batch was written");

    bench.commit([failed(&bench, "e-1", "a", 0)?]).await?;
    let before = read(&bench, "e-1").await?;
    bench
        .commit([change(&bench, "e-1", DeviationChange::Succeeded)?])
        .await?;
    let resolved = read(&bench, "e-1").await?;
    ensure!(resolved != before, "nothing was resolved");
    let until = IgnoredUntil::Forever;
    let ignored = change(&bench, "e-1", DeviationChange::Ignored { until })?;
    let result = bench.store.commit(bench.batch().write(ignored)).await;
    let conflict = result.err();
    let conflict = conflict.as_ref().and_then(|error| error.conflict());
    let is_told = matches!(conflict, Some(Conflict::Deviation(_)));
    ensure!(is_told, "ignoring what is resolved gives {conflict:?}");
    ensure!(
        read(&bench, "e-1").await? == resolved,
        "a refused event changed something"
    );
    Ok(())
}

async fn a_deviation_is_written_with_the_change_that_it_is_about(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let (one, two) = (bench.link("1", "a")?, bench.link("2", "a")?);
    bench.commit([linked(&one)]).await?;
    let batch = bench
        .batch()
        .write(failed(&bench, "2", "a", 0)?)
        .write(linked(&two));
    bench
        .conflicts(batch, "a deviation beside a link that does not fit")
        .await?;
    ensure!(
        read(&bench, "2").await?.is_none(),
        "the deviation was written alone"
    );
    Ok(())
}

async fn deviations_are_asked_for_by_state_class_and_cause(bench: Bench<'_>) -> Result<(), Ended> {
    for (record, code) in [("1", "a"), ("2", "a"), ("3", "b"), ("4", "b"), ("5", "b")] {
        bench.commit([failed(&bench, record, code, 0)?]).await?;
    }
    let slow = Failure::new(DeviationClass::RateLimit, "c", "slow down");
    let slow = DeviationEvent::failed(topic(&bench, "6")?, slow, at(0));
    bench.commit([Write::Deviation(slow)]).await?;
    let until = IgnoredUntil::Change;
    let changes = [
        ("2", DeviationChange::Succeeded),
        ("3", DeviationChange::Ignored { until }),
        ("4", DeviationChange::Reprocessing),
    ];
    for (record, what) in changes {
        bench.commit([change(&bench, record, what)?]).await?;
    }
    let a = failure("a").fingerprint("create");
    let all = DeviationQuery::all;
    let cases = [
        ("all", all(), vec!["1", "2", "3", "4", "5", "6"]),
        (
            "unsettled",
            DeviationQuery::unsettled(),
            vec!["1", "4", "5", "6"],
        ),
        (
            "ignored",
            all().states([DeviationState::Ignored]),
            vec!["3"],
        ),
        (
            "of a class",
            all().class(DeviationClass::RateLimit),
            vec!["6"],
        ),
        ("of a cause", all().fingerprint(a), vec!["1", "2"]),
        (
            "open of a cause",
            DeviationQuery::unsettled().fingerprint(a),
            vec!["1"],
        ),
    ];
    for (what, query, records) in cases {
        let found = bench.store.deviations(&bench.connection, &query).await?;
        let mut found: Vec<_> = found.items.iter().map(Deviation::id).collect();
        let expected = records.iter().map(|record| Ok(topic(&bench, record)?.id()));
        let mut expected = expected.collect::<Result<Vec<_>, Ended>>()?;
        found.sort_unstable();
        expected.sort_unstable();
        ensure!(
            found == expected,
            "{what}: {} were found, not {}",
            found.len(),
            expected.len()
        );
    }
    Ok(())
}

async fn the_deviation_that_failed_last_comes_first(bench: Bench<'_>) -> Result<(), Ended> {
    // Several of one moment, of which the ids decide; and one that fails again.
    let moments = [
        ("1", 0),
        ("2", 60),
        ("3", 60),
        ("4", 60),
        ("5", 30),
        ("1", 90),
    ];
    for (record, seconds) in moments {
        bench
            .commit([failed(&bench, record, "a", seconds)?])
            .await?;
    }
    let id_of = |record: &str| Ok::<_, Ended>(topic(&bench, record)?.id());
    let mut at_once = [id_of("2")?, id_of("3")?, id_of("4")?];
    at_once.sort_unstable();
    let expected = [&[id_of("1")?], &at_once[..], &[id_of("5")?]].concat();
    for limit in 1..=6 {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let query = DeviationQuery::all().limit(limit).after(after);
            let page = bench.store.deviations(&bench.connection, &query).await?;
            ensure!(page.items.len() <= limit, "a page of {limit} is longer");
            found.extend(page.items.iter().map(Deviation::id));
            after = page.next;
            if after.is_none() || found.len() > expected.len() {
                break;
            }
        }
        ensure!(
            found == expected,
            "in pages of {limit} they come in another order"
        );
    }
    Ok(())
}

async fn the_summary_counts_what_there_is(bench: Bench<'_>) -> Result<(), Ended> {
    let empty = bench.store.summary(&bench.connection).await?;
    let is_empty = empty.links.is_empty() && empty.deviations.is_empty() && empty.intents == 0;
    ensure!(is_empty, "a new connection has something: {empty:?}");
    let mut departments = bench.clone();
    departments.kind = Kind::new("department")?;
    let apart = bench.link("3", "c")?;
    let writes = [
        linked(&bench.link("1", "a")?),
        linked(&bench.link("2", "b")?),
        linked(&apart),
        linked(&unlinked(&apart)),
        linked(&departments.link("1", "a")?),
        failed(&bench, "1", "a", 0)?,
        failed(&bench, "1", "a", 1)?,
        failed(&bench, "2", "a", 0)?,
        failed(&bench, "3", "a", 0)?,
        change(&bench, "3", DeviationChange::Succeeded)?,
    ];
    bench.commit(writes).await?;
    let summary = bench.store.summary(&bench.connection).await?;
    let employee = |standing| (bench.kind.clone(), standing);
    let expected = [
        ((departments.kind, LinkStanding::Linked), 1),
        (employee(LinkStanding::Linked), 2),
        (employee(LinkStanding::Unlinked), 1),
    ];
    ensure!(
        summary.links == expected.into(),
        "links: {:?}",
        summary.links
    );
    let expected = [(DeviationState::Open, 2), (DeviationState::Resolved, 1)];
    ensure!(
        summary.deviations == expected.into(),
        "deviations: {:?}",
        summary.deviations
    );
    let expected = [(DeviationClass::Validation, 2)];
    ensure!(
        summary.unsettled == expected.into(),
        "unsettled: {:?}",
        summary.unsettled
    );
    Ok(())
}
