//! What is under way or waits: intents, decisions, scopes, approvals.

use std::collections::BTreeMap;

use flat_record::{FieldName, Kind, Value};

use super::{Bench, at, checks, key};
use crate::testing::report::{Ended, ensure};
use crate::{
    About, Action, Approval, ConnectionId, Decision, Digest, Expectation, Intent, IntentState,
    LinkId, Operation, OperationId, Precondition, Scope, Sides, Step, Until, Which, Write,
};

checks![
    an_intent_is_there_until_it_is_closed,
    an_operation_can_be_required_not_to_be_under_way,
    the_later_decision_about_the_same_thing_stands,
    decisions_are_asked_for_by_kind,
    scopes_are_kept_side_by_side,
    an_approval_is_there_until_it_is_closed,
];

/// A create of a record, as an intent.
pub(super) fn intent(bench: &Bench<'_>, source: &str) -> Result<Intent, Ended> {
    let record = key(source)?;
    let link = LinkId::new(&bench.connection, &bench.kind, Which::Left, &record, 0);
    let values = [
        ("name", Value::from("Åsa \u{1F642}")),
        ("number", Value::from(u32::MAX)),
        ("left", Value::Null),
        ("tags", Value::set(["b", "a"])),
    ];
    let values = values
        .into_iter()
        .map(|(name, value)| Ok((FieldName::new(name)?, value)))
        .collect::<Result<BTreeMap<_, _>, Ended>>()?;
    let step = Step::Create {
        on: Which::Right,
        values,
        pending: BTreeMap::new(),
        left_out: Vec::new(),
        compared: Vec::new(),
        look_first: true,
    };
    let operation = Operation {
        id: OperationId::of(link, 0, &step),
        link,
        keys: Sides::new(Some(record), None),
        incarnation: 0,
        step,
        requires: Vec::new(),
        expects: Expectation::default(),
        decision: None,
        by: None,
    };
    Ok(Intent::new(bench.connection.clone(), operation, at(3)))
}

fn begun(intent: &Intent) -> Write {
    Write::Intent(Box::new(intent.clone()))
}

async fn an_intent_is_there_until_it_is_closed(bench: Bench<'_>) -> Result<(), Ended> {
    let (one, two) = (intent(&bench, "e-1")?, intent(&bench, "e-2")?);
    bench.commit([begun(&one), begun(&two)]).await?;
    let mut again = one.clone();
    again.state = IntentState::InDoubt;
    again.attempts = 2;
    bench.commit([begun(&again)]).await?;
    let mut expected = vec![again, two.clone()];
    expected.sort_by_key(Intent::id);
    let open = bench.store.intents(&bench.connection).await?;
    ensure!(open == expected, "the open intents came back different");

    // Closing what is not there is nothing: who closes may have been killed and do it again.
    for _ in 0..2 {
        bench.commit([Write::IntentClosed(one.id())]).await?;
    }
    let open = bench.store.intents(&bench.connection).await?;
    ensure!(open == [two], "not only the closed intent is gone");
    Ok(())
}

async fn an_operation_can_be_required_not_to_be_under_way(bench: Bench<'_>) -> Result<(), Ended> {
    let intent = intent(&bench, "e-1")?;
    let begin = || {
        let operation = intent.id();
        bench
            .batch()
            .require(Precondition::NoIntent { operation })
            .write(begun(&intent))
    };
    bench.store.commit(begin()).await?;
    bench.conflicts(begin(), "a second worker's intent").await?;
    bench.commit([Write::IntentClosed(intent.id())]).await?;
    bench.store.commit(begin()).await?;
    Ok(())
}

pub(super) fn ignore(bench: &Bench<'_>, record: &str, until: Until) -> Result<Decision, Ended> {
    let about = About::Record {
        side: Which::Left,
        key: key(record)?,
    };
    let fields = vec![FieldName::new("name")?];
    let action = Action::DoNothing { until, fields };
    let (connection, kind) = (bench.connection.clone(), bench.kind.clone());
    let decision = Decision::new(connection, kind, about, action, at(4));
    Ok(decision.by("Åsa").because("leaves in June"))
}

async fn the_later_decision_about_the_same_thing_stands(bench: Bench<'_>) -> Result<(), Ended> {
    let first = ignore(&bench, "e-1", Until::Change)?;
    let second = ignore(&bench, "e-1", Until::Forever)?;
    let other = ignore(&bench, "e-2", Until::Change)?;
    for decision in [&first, &other, &second] {
        bench
            .commit([Write::Decision(Box::new(decision.clone()))])
            .await?;
    }
    let mut expected = vec![second.clone(), other.clone()];
    expected.sort_by_key(Decision::id);
    let standing = bench
        .store
        .decisions(&bench.connection, &bench.kind)
        .await?;
    ensure!(standing == expected, "the decisions came back different");
    for _ in 0..2 {
        bench.commit([Write::DecisionClosed(second.id())]).await?;
    }
    let standing = bench
        .store
        .decisions(&bench.connection, &bench.kind)
        .await?;
    ensure!(standing == [other], "not only the closed decision is gone");
    Ok(())
}

async fn decisions_are_asked_for_by_kind(bench: Bench<'_>) -> Result<(), Ended> {
    let mut other = bench.clone();
    other.kind = Kind::new("department")?;
    let (one, two) = (
        ignore(&bench, "1", Until::Change)?,
        ignore(&other, "1", Until::Change)?,
    );
    let writes = [&one, &two].map(|decision| Write::Decision(Box::new(decision.clone())));
    bench.commit(writes).await?;
    for (kind, expected) in [(&bench.kind, one), (&other.kind, two)] {
        let found = bench.store.decisions(&bench.connection, kind).await?;
        ensure!(found == [expected], "the decisions about {kind} are others");
    }
    Ok(())
}

async fn scopes_are_kept_side_by_side(bench: Bench<'_>) -> Result<(), Ended> {
    let [all, active, other] = ["all", "active", "other"].map(|text| Some(Scope::of([text])));
    let kind = bench.kind.clone();
    let write = |scopes| {
        let kind = kind.clone();
        bench.commit([Write::Scopes { kind, scopes }])
    };
    let read = || bench.store.scopes(&bench.connection, &bench.kind);
    ensure!(
        read().await? == Sides::default(),
        "there are scopes before any was told"
    );
    write(Sides::new(all, None)).await?;
    write(Sides::new(None, active)).await?;
    let kept = read().await?;
    ensure!(
        kept == Sides::new(all, active),
        "a side that was not told lost its scope"
    );
    write(Sides::new(other, None)).await?;
    let kept = read().await?;
    ensure!(
        kept == Sides::new(other, active),
        "the later scope does not stand"
    );
    let department = Kind::new("department")?;
    let others = bench.store.scopes(&bench.connection, &department).await?;
    ensure!(
        others == Sides::default(),
        "another kind has the same scopes"
    );
    Ok(())
}

async fn an_approval_is_there_until_it_is_closed(bench: Bench<'_>) -> Result<(), Ended> {
    let digest = |digit: char| digit.to_string().repeat(32).parse::<Digest>();
    let kind = bench.kind.clone();
    let one = Approval::new(digest('1')?, kind.clone(), at(1)).by("Åsa");
    let two = Approval::new(digest('2')?, kind, at(2));
    let other = Approval::new(digest('3')?, Kind::new("department")?, at(2));
    for approval in [&two, &one, &other] {
        bench.commit([Write::Approval(approval.clone())]).await?;
    }
    let read = || bench.store.approvals(&bench.connection, &bench.kind);
    ensure!(
        read().await? == [one, two.clone()],
        "the approvals came back different"
    );
    for _ in 0..2 {
        bench.commit([Write::ApprovalClosed(digest('1')?)]).await?;
    }
    ensure!(
        read().await? == [two],
        "not only the closed approval is gone"
    );
    Ok(())
}

/// What belongs to one connection is refused in a batch of another.
pub(super) fn foreign_writes(
    bench: &Bench<'_>,
    other: &ConnectionId,
) -> Result<Vec<(&'static str, Write)>, Ended> {
    let mut foreign = bench.clone();
    foreign.connection = other.clone();
    let decision = ignore(&foreign, "e-1", Until::Change)?;
    Ok(vec![
        ("a link", super::linked(&foreign.link("e-1", "1")?)),
        ("an intent", begun(&intent(&foreign, "e-1")?)),
        ("a decision", Write::Decision(Box::new(decision))),
        (
            "a deviation",
            super::deviations::failed(&foreign, "e-1", "a", 0)?,
        ),
    ])
}
