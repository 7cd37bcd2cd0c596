//! What a runner keeps: touched records, schedules, runs.

use flat_record::Kind;

use super::{Bench, at, checks, key};
use crate::testing::report::{Ended, ensure};
use crate::{
    Conflict, DeviationClass, Pause, PauseReason, RecordKey, RunCause, RunOutcome, RunQuery,
    RunRecord, ScheduleState, Sides, Touch, Which, Write,
};

checks![
    a_touched_record_stands_once_however_often_it_is_touched,
    a_touch_is_closed_unless_the_record_was_touched_again,
    a_schedule_is_changed_only_from_the_version_that_is_there,
    a_run_is_what_it_was_written_as_last,
    the_run_that_began_last_comes_first,
    runs_that_ended_long_ago_can_be_forgotten,
    the_summary_counts_what_waits,
];

fn touched(kind: &Kind, which: Which, key: &RecordKey, seconds: i64) -> Write {
    Write::Touched {
        kind: kind.clone(),
        which,
        key: key.clone(),
        at: at(seconds),
    }
}

/// A touch, a schedule and a run that ended.
pub(super) fn one_of_each(bench: &Bench<'_>) -> Result<[Write; 3], Ended> {
    let mut schedule = ScheduleState::new(bench.kind.clone()).next_version();
    schedule.next_due = Some(at(60));
    let ended = run(bench, "employee/1", 0).ended(RunOutcome::Finished, at(60));
    Ok([
        touched(&bench.kind, Which::Left, &key("1")?, 0),
        Write::Schedule(schedule),
        write(&ended),
    ])
}

async fn a_touched_record_stands_once_however_often_it_is_touched(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let (one, two) = (key("e-\u{1F642} 'x'")?, key("E-2")?);
    let department = Kind::new("department")?;
    let kind = &bench.kind;
    let writes = [
        touched(kind, Which::Right, &one, 1),
        touched(kind, Which::Left, &one, 2),
        touched(kind, Which::Left, &two, 3),
        touched(kind, Which::Left, &one, 9),
        touched(&department, Which::Left, &one, 4),
    ];
    bench.commit(writes).await?;
    // A clock that is behind counts all the same.
    let behind = touched(kind, Which::Left, &one, -5);
    bench.commit([behind]).await?;
    let touch = |which, key: &RecordKey, seconds, times| {
        Touch::new(kind.clone(), which, key.clone(), at(seconds), times)
    };
    let expected = [
        touch(Which::Left, &two, 3, 1),
        touch(Which::Left, &one, -5, 3),
        touch(Which::Right, &one, 1, 1),
    ];
    let found = bench.store.touched(&bench.connection, kind).await?;
    ensure!(
        found == expected,
        "the touched records are others: {found:?}"
    );
    let found = bench.store.touched(&bench.connection, &department).await?;
    ensure!(
        found.len() == 1,
        "of another kind, {} are touched",
        found.len()
    );
    Ok(())
}

async fn a_touch_is_closed_unless_the_record_was_touched_again(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let (one, two) = (key("1")?, key("2")?);
    let kind = &bench.kind;
    let touch = |record| touched(kind, Which::Left, record, 0);
    let read = || bench.store.touched(&bench.connection, kind);
    bench.commit([touch(&one), touch(&two)]).await?;
    let seen = read().await?;
    // In the very same moment.
    bench.commit([touch(&one)]).await?;
    let close = || seen.iter().cloned().map(Write::TouchClosed);
    bench.commit(close()).await?;
    let left = read().await?;
    let is_left = matches!(&left[..], [touch] if touch.key == one && touch.times == 2);
    ensure!(is_left, "what was touched meanwhile is not left: {left:?}");
    let other_side = Touch {
        which: Which::Right,
        ..left[0].clone()
    };
    bench.commit([Write::TouchClosed(other_side)]).await?;
    ensure!(
        read().await? == left,
        "the record of the other side was closed"
    );
    let closed = left.iter().cloned().map(Write::TouchClosed);
    bench.commit(closed).await?;
    ensure!(
        read().await?.is_empty(),
        "a touch that was seen to is still there"
    );
    bench.commit(close()).await?;
    bench.commit([touch(&one)]).await?;
    let anew = read().await?;
    let times: Vec<u64> = anew.iter().map(|touch| touch.times).collect();
    ensure!(times == [1], "a new touch counts {times:?}, not from 1");
    Ok(())
}

async fn a_schedule_is_changed_only_from_the_version_that_is_there(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let read = || bench.store.schedules(&bench.connection);
    ensure!(read().await?.is_empty(), "there is a schedule at first");
    let zeroth = ScheduleState::new(bench.kind.clone());
    let first = zeroth.clone().next_version();
    let mut second = first.clone().next_version();
    (second.next_due, second.last_started) = (Some(at(3600)), Some(at(1)));
    second.last_finished = Some(at(2));
    second.paused = Some(Pause::new(at(3), PauseReason::ByHand).by("Åsa"));
    let refused = async |state: &ScheduleState, what: &str| {
        let batch = bench.batch().write(Write::Schedule(state.clone()));
        let error = bench.store.commit(batch).await.err();
        let conflict = error.as_ref().and_then(crate::StoreError::conflict);
        let is_told =
            matches!(conflict, Some(Conflict::ScheduleVersion { kind }) if *kind == bench.kind);
        ensure!(is_told, "{what} gives {conflict:?}");
        Ok(())
    };
    refused(&zeroth, "version 0").await?;
    refused(&second, "version 2 of no schedule").await?;
    bench.commit([Write::Schedule(first.clone())]).await?;
    refused(&first, "the version that is there").await?;
    let third = second.clone().next_version();
    refused(&third, "a version after the next").await?;
    let department = ScheduleState::new(Kind::new("department")?).next_version();
    let writes = [&second, &department].map(|state| Write::Schedule(state.clone()));
    bench.commit(writes).await?;
    ensure!(
        read().await? == [department.clone(), second],
        "the schedules came back different"
    );
    // Two versions within one batch follow one another.
    let mut fourth = third.clone().next_version();
    fourth.paused = None;
    let writes = [&third, &fourth].map(|state| Write::Schedule(state.clone()));
    bench.commit(writes).await?;
    ensure!(
        read().await? == [department, fourth],
        "the schedule is not in its fourth version"
    );
    Ok(())
}

fn run(bench: &Bench<'_>, id: &str, seconds: i64) -> RunRecord {
    RunRecord::begun(id, bench.kind.clone(), RunCause::Schedule, at(seconds))
}

fn write(run: &RunRecord) -> Write {
    Write::Run(Box::new(run.clone()))
}

async fn a_run_is_what_it_was_written_as_last(bench: Bench<'_>) -> Result<(), Ended> {
    let begun = run(&bench, "employee/1", 0).by("Åsa");
    bench.commit([write(&begun)]).await?;
    let read = async || {
        let all = RunQuery::new();
        let page = bench.store.runs(&bench.connection, &all).await?;
        Ok::<_, Ended>(page.items)
    };
    ensure!(
        read().await? == [begun.clone()],
        "a run came back different"
    );
    let deviation = super::deviations::topic(&bench, "1")?.id();
    let digest = "1".repeat(32).parse()?;
    let outcomes = [
        RunOutcome::Failed {
            class: DeviationClass::Authentication,
            deviation: Some(deviation),
        },
        RunOutcome::Quarantined { digest },
        RunOutcome::Cancelled,
        RunOutcome::Interrupted,
        RunOutcome::Finished,
    ];
    for outcome in outcomes {
        let mut ended = begun.clone().ended(outcome, at(60));
        ended.totals.records = Sides::new(u64::from(u32::MAX), 7);
        ended.totals.created.right = 3;
        bench.commit([write(&ended)]).await?;
        ensure!(
            read().await? == [ended.clone()],
            "a run that {} came back different",
            ended.outcome
        );
    }
    Ok(())
}

async fn the_run_that_began_last_comes_first(bench: Bench<'_>) -> Result<(), Ended> {
    let mut other = bench.clone();
    other.kind = Kind::new("department")?;
    let begun = [
        run(&bench, "b", 60),
        run(&bench, "a", 60),
        run(&other, "c", 90),
        run(&bench, "d", 0),
    ];
    bench.commit(begun.iter().map(write)).await?;
    let ended = run(&bench, "a", 60).ended(RunOutcome::Finished, at(70));
    bench.commit([write(&ended)]).await?;
    let all = RunQuery::new;
    let cases = [
        ("all", all(), vec!["c", "a", "b", "d"]),
        (
            "of a kind",
            all().kind(bench.kind.clone()),
            vec!["a", "b", "d"],
        ),
        ("running", all().running(), vec!["c", "b", "d"]),
        (
            "running of a kind",
            all().running().kind(bench.kind.clone()),
            vec!["b", "d"],
        ),
    ];
    for (what, query, expected) in cases {
        for limit in 1..=5 {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let query = query.clone().limit(limit).after(after);
                let page = bench.store.runs(&bench.connection, &query).await?;
                ensure!(page.items.len() <= limit, "a page of {limit} is longer");
                found.extend(page.items.into_iter().map(|run| run.id));
                after = page.next;
                if after.is_none() || found.len() > expected.len() {
                    break;
                }
            }
            ensure!(found == expected, "{what}, in pages of {limit}: {found:?}");
        }
    }
    Ok(())
}

async fn runs_that_ended_long_ago_can_be_forgotten(bench: Bench<'_>) -> Result<(), Ended> {
    let ended = |id: &str, seconds| {
        let finished = RunOutcome::Finished;
        run(&bench, id, 0).ended(finished, at(seconds))
    };
    let runs = [
        ended("before", 9),
        ended("then", 10),
        ended("after", 11),
        run(&bench, "running", 0),
    ];
    bench.commit(runs.iter().map(write)).await?;
    let before = at(10);
    bench.commit([Write::RunsForgotten { before }]).await?;
    let left = bench
        .store
        .runs(&bench.connection, &RunQuery::new())
        .await?;
    let left: Vec<_> = left.items.iter().map(|run| run.id.as_str()).collect();
    ensure!(left == ["after", "running", "then"], "left are {left:?}");
    Ok(())
}

async fn the_summary_counts_what_waits(bench: Bench<'_>) -> Result<(), Ended> {
    let read = || bench.store.summary(&bench.connection);
    ensure!(
        read().await? == crate::Summary::default(),
        "a new connection has something"
    );
    let department = Kind::new("department")?;
    let (one, two) = (key("1")?, key("2")?);
    let mut early = super::pending::intent(&bench, "1")?;
    early.at = at(-60);
    let late = super::pending::intent(&bench, "2")?;
    let decision = |bench: &Bench<'_>, record| {
        let decision = super::pending::ignore(bench, record, crate::Until::Forever)?;
        Ok::<_, Ended>(Write::Decision(Box::new(decision)))
    };
    let mut paused = ScheduleState::new(bench.kind.clone()).next_version();
    paused.paused = Some(Pause::new(at(0), PauseReason::Credentials));
    let writes = [
        touched(&bench.kind, Which::Left, &one, 0),
        touched(&bench.kind, Which::Left, &one, 0),
        touched(&bench.kind, Which::Right, &one, 0),
        touched(&department, Which::Left, &two, 0),
        Write::Intent(Box::new(late)),
        Write::Intent(Box::new(early)),
        decision(&bench, "1")?,
        decision(&bench, "2")?,
        Write::Schedule(ScheduleState::new(department.clone()).next_version()),
        Write::Schedule(paused),
    ];
    bench.commit(writes).await?;
    let summary = read().await?;
    let kind = bench.kind.clone();
    let expected = [(kind.clone(), 2), (department, 1)];
    ensure!(
        summary.touched == expected.into(),
        "touched: {:?}",
        summary.touched
    );
    ensure!(summary.intents == 2, "intents: {}", summary.intents);
    ensure!(
        summary.oldest_intent == Some(at(-60)),
        "the oldest intent is of {:?}",
        summary.oldest_intent
    );
    let expected = [(kind.clone(), 2)];
    ensure!(
        summary.decisions == expected.into(),
        "decisions: {:?}",
        summary.decisions
    );
    ensure!(summary.paused == [kind], "paused: {:?}", summary.paused);
    Ok(())
}
