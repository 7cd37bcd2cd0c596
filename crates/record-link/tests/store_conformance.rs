//! The suite for stores passes on the stores of this crate, and notices stores that break it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound};
use flat_record::Kind;
use record_link::testing::{
    FaultyStore, Fuse, Outcome, StoreFault, block_on, check_reopened_store, check_store, yield_now,
};
use record_link::{
    Approval, Batch, BoxFuture, Conflict, ConnectionId, Cursor, Decision, Deviation, DeviationId,
    DeviationQuery, EventKind, EventQuery, Intent, Lease, Link, LinkId, LinkQuery, LinkState,
    LoggedEvent, MemoryStore, Page, Precondition, RecordKey, RunQuery, RunRecord, RunTotals,
    ScheduleState, Scope, Sides, Store, StoreError, StoreErrorKind, Summary, Touch, Which, Write,
};

#[test]
fn the_store_in_memory_keeps_every_promise() {
    let store = MemoryStore::new();
    let report = block_on(check_store(&store, "one")).into_result().unwrap();
    assert!(report.checks().len() >= 54, "{report}");
    assert_eq!(report.passed(), report.checks().len(), "{report}");
    // Nor does a second run in the same store find anything else.
    block_on(check_store(&store, "two")).into_result().unwrap();
    let reopen = async |store: MemoryStore| store;
    let report = block_on(check_reopened_store(store, "one", reopen));
    report.into_result().unwrap();
}

#[test]
fn a_faulty_store_without_faults_keeps_every_promise() {
    let store = FaultyStore::new(MemoryStore::new());
    block_on(check_store(&store, "one")).into_result().unwrap();
}

#[test]
fn a_store_that_forgets_is_noticed() {
    let reopen = async |_: MemoryStore| MemoryStore::new();
    let report = block_on(check_reopened_store(MemoryStore::new(), "one", reopen));
    assert_eq!(report.broken().count(), 1, "{report}");
}

#[test]
fn a_fault_is_reported_and_not_hidden() {
    let store = FaultyStore::new(MemoryStore::new());
    store.fail_next_query(StoreErrorKind::Damaged);
    let report = block_on(check_store(&store, "one"));
    assert_eq!(report.broken().count(), 1, "{report}");
    assert!(report.to_string().contains("restore a backup"), "{report}");
    let message = format!("{:?}", report.into_result().unwrap_err());
    assert!(message.contains("BROKEN"), "{message}");
}

#[test]
fn a_lost_answer_and_a_blown_fuse_are_told_apart_from_refusals() {
    let memory = MemoryStore::new();
    let store = FaultyStore::new(memory.clone());
    let connection = ConnectionId::new("one").unwrap();
    let batch = || {
        let link = Link::new(
            connection.clone(),
            Kind::new("employee").unwrap(),
            Sides::new("1", "a").map(|key| RecordKey::new(key).unwrap()),
            record_link::Origin::Imported,
            0,
        );
        let mut link = link;
        link.version = 1;
        let event = record_link::Event::new(EventKind::Imported, link, DateTime::UNIX_EPOCH);
        Batch::new(&connection, DateTime::UNIX_EPOCH).write(Write::Event(Box::new(event)))
    };
    store.fail_next_commit(StoreFault::AnswerLost);
    let error = block_on(store.commit(batch())).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::OutcomeUnknown);
    assert!(block_on(store.commit(batch())).unwrap_err().is_conflict());
    assert_eq!(store.committed(), 1);

    // Step 0 is before the effect, step 1 after it.
    for (step, is_done, kind) in [
        (0, false, StoreErrorKind::Unavailable),
        (1, true, StoreErrorKind::OutcomeUnknown),
    ] {
        let memory = MemoryStore::new();
        let dying = FaultyStore::new(memory.clone()).with_fuse(Fuse::blowing_at(step));
        assert_eq!(block_on(dying.commit(batch())).unwrap_err().kind(), kind);
        assert!(block_on(dying.connections()).is_err(), "it is dead");
        let left = block_on(memory.connections()).unwrap();
        assert_eq!(!left.is_empty(), is_done, "step {step}");
    }
}

/// What a broken store does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    IgnoresPreconditions,
    ChecksPreconditionsLate,
    CommitsOneByOne,
    CommitsOneByOneAndIsGivenUp,
    OverwritesVersions,
    LetsTheSecondLinkWin,
    CutsNanoseconds,
    ForgetsHistory,
    LetsLeasesLast,
    TakesRenewedLeases,
    ForgetsWhy,
    TakesAnythingForAConflict,
    KeepsIntents,
    KeepsDecisions,
    KeepsApprovals,
    MixesConnections,
    MixesKinds,
    IgnoresScopesOfOneSide,
    PagesTooLong,
    ForgetsTheNextPage,
    ListsOldestDeviationsFirst,
    AnswersAnyCursor,
    ForgetsUnlinked,
    CountsLiveLinksOnly,
    ResolvesNothing,
    IgnoresTheRecord,
    IgnoresTheSubject,
    KeepsValues,
    RedactsAtTheEnd,
    ForgetsNothing,
    NumbersEventsAnew,
    SwallowsRefusals,
    KeepsValuesOfDeviations,
    KeepsForgottenDeviations,
    CountsTouchesOnce,
    ClosesTouchesBlindly,
    OverwritesSchedules,
    ForgetsHowRunsEnded,
    ListsOldestRunsFirst,
    ListsEndedRunsAsRunning,
    KeepsRunsForever,
    CountsNothingThatWaits,
}

const MISTAKES: &[(Mistake, &str)] = &[
    (
        Mistake::IgnoresPreconditions,
        "a_link_that_is_only_read_can_be_required",
    ),
    (
        Mistake::ChecksPreconditionsLate,
        "preconditions_are_checked_before_anything_is_written",
    ),
    (
        Mistake::CommitsOneByOne,
        "a_batch_is_committed_whole_or_not_at_all",
    ),
    (
        Mistake::CommitsOneByOneAndIsGivenUp,
        "a_commit_that_is_given_up_is_whole_or_nothing",
    ),
    (
        Mistake::OverwritesVersions,
        "a_link_is_changed_only_from_the_version_that_is_there",
    ),
    (
        Mistake::LetsTheSecondLinkWin,
        "a_record_has_at_most_one_live_link",
    ),
    (Mistake::CutsNanoseconds, "the_events_add_up_to_the_links"),
    (Mistake::ForgetsHistory, "the_events_add_up_to_the_links"),
    (
        Mistake::LetsLeasesLast,
        "a_lease_that_ran_out_does_not_hold_even_if_nobody_took_it",
    ),
    (
        Mistake::TakesRenewedLeases,
        "a_lease_that_is_renewed_after_the_look_is_not_taken",
    ),
    (Mistake::ForgetsWhy, "a_record_has_at_most_one_live_link"),
    (
        Mistake::TakesAnythingForAConflict,
        "what_belongs_to_another_connection_is_refused",
    ),
    (
        Mistake::KeepsIntents,
        "an_intent_is_there_until_it_is_closed",
    ),
    (
        Mistake::KeepsDecisions,
        "the_later_decision_about_the_same_thing_stands",
    ),
    (
        Mistake::KeepsApprovals,
        "an_approval_is_there_until_it_is_closed",
    ),
    (
        Mistake::MixesConnections,
        "connections_do_not_see_each_other",
    ),
    (Mistake::MixesKinds, "decisions_are_asked_for_by_kind"),
    (
        Mistake::IgnoresScopesOfOneSide,
        "scopes_are_kept_side_by_side",
    ),
    (
        Mistake::PagesTooLong,
        "links_come_once_each_in_order_in_pages_of_any_size",
    ),
    (
        Mistake::ForgetsTheNextPage,
        "events_come_once_each_in_order_in_pages_of_any_size",
    ),
    (
        Mistake::ListsOldestDeviationsFirst,
        "the_deviation_that_failed_last_comes_first",
    ),
    (
        Mistake::AnswersAnyCursor,
        "a_cursor_of_something_else_is_invalid",
    ),
    (
        Mistake::ForgetsUnlinked,
        "a_record_is_free_again_when_its_link_is_not_live",
    ),
    (
        Mistake::CountsLiveLinksOnly,
        "the_summary_counts_what_there_is",
    ),
    (
        Mistake::ResolvesNothing,
        "a_success_resolves_a_deviation_and_is_nothing_without_one",
    ),
    (Mistake::IgnoresTheRecord, "links_are_asked_for_by_record"),
    (
        Mistake::IgnoresTheSubject,
        "deviations_are_asked_for_by_what_they_are_about",
    ),
    (
        Mistake::KeepsValues,
        "a_redacted_link_loses_its_values_and_nothing_else",
    ),
    (
        Mistake::RedactsAtTheEnd,
        "a_link_is_redacted_as_it_is_at_that_place_of_the_batch",
    ),
    (
        Mistake::ForgetsNothing,
        "a_forgotten_link_goes_with_its_history",
    ),
    (
        Mistake::NumbersEventsAnew,
        "a_forgotten_link_goes_with_its_history",
    ),
    (
        Mistake::SwallowsRefusals,
        "what_is_live_or_under_way_is_not_forgotten",
    ),
    (
        Mistake::KeepsValuesOfDeviations,
        "a_deviation_is_redacted_or_forgotten_alone",
    ),
    (
        Mistake::KeepsForgottenDeviations,
        "a_deviation_is_redacted_or_forgotten_alone",
    ),
    (
        Mistake::CountsTouchesOnce,
        "a_touched_record_stands_once_however_often_it_is_touched",
    ),
    (
        Mistake::ClosesTouchesBlindly,
        "a_touch_is_closed_unless_the_record_was_touched_again",
    ),
    (
        Mistake::OverwritesSchedules,
        "a_schedule_is_changed_only_from_the_version_that_is_there",
    ),
    (
        Mistake::ForgetsHowRunsEnded,
        "a_run_is_what_it_was_written_as_last",
    ),
    (
        Mistake::ListsOldestRunsFirst,
        "the_run_that_began_last_comes_first",
    ),
    (
        Mistake::ListsEndedRunsAsRunning,
        "the_run_that_began_last_comes_first",
    ),
    (
        Mistake::KeepsRunsForever,
        "runs_that_ended_long_ago_can_be_forgotten",
    ),
    (
        Mistake::CountsNothingThatWaits,
        "the_summary_counts_what_waits",
    ),
];

#[test]
fn each_mistake_of_a_store_is_noticed() {
    for (mistake, promise) in MISTAKES {
        let store = Broken {
            inner: Arc::new(MemoryStore::new()),
            mistake: *mistake,
        };
        let report = block_on(check_store(&store, "one"));
        let broken: BTreeSet<_> = report.broken().collect();
        assert!(
            broken.contains(promise),
            "{mistake:?} is not noticed: {report}"
        );
        let is_skipped = report
            .checks()
            .iter()
            .any(|check| matches!(check.outcome, Outcome::Skipped(_)));
        assert!(!is_skipped, "a store cannot opt out of a promise");
    }
}

/// A store that makes one mistake.
#[derive(Debug, Clone)]
struct Broken {
    inner: Arc<MemoryStore>,
    mistake: Mistake,
}

impl Broken {
    fn is(&self, mistake: Mistake) -> bool {
        self.mistake == mistake
    }

    /// Asks less of a lease than was asked for.
    fn loosen(&self, precondition: &mut Precondition) {
        let (name, fence) = match precondition.clone() {
            Precondition::LeaseHeld { name, fence } if self.is(Mistake::LetsLeasesLast) => {
                (name, Some(fence))
            }
            Precondition::LeaseUnchanged { name, lease }
                if self.is(Mistake::TakesRenewedLeases) =>
            {
                (name, lease.map(|lease| lease.fence))
            }
            _ => return,
        };
        *precondition = Precondition::LeaseFence { name, fence };
    }

    async fn commit_broken(&self, mut batch: Batch) -> Result<(), StoreError> {
        let single = |batch: &Batch, write: &Write| {
            Batch::new(&batch.connection, batch.at).write(write.clone())
        };
        match self.mistake {
            Mistake::IgnoresPreconditions => batch.preconditions.clear(),
            Mistake::ChecksPreconditionsLate => {
                let mut writes = batch.clone();
                writes.preconditions.clear();
                self.inner.commit(writes).await?;
                batch.writes.clear();
            }
            Mistake::CommitsOneByOne | Mistake::CommitsOneByOneAndIsGivenUp => {
                let mut preconditions = batch.clone();
                preconditions.writes.clear();
                self.inner.commit(preconditions).await?;
                for write in &batch.writes {
                    self.inner.commit(single(&batch, write)).await?;
                    if self.is(Mistake::CommitsOneByOneAndIsGivenUp) {
                        yield_now().await;
                    }
                }
                return Ok(());
            }
            Mistake::LetsTheSecondLinkWin => self.end_others(&batch).await?,
            Mistake::RedactsAtTheEnd => batch
                .writes
                .sort_by_key(|write| matches!(write, Write::Redacted(_))),
            _ => {}
        }
        let connection = batch.connection.clone();
        for write in &mut batch.writes {
            match (self.mistake, write) {
                (Mistake::OverwritesVersions, Write::Event(event)) => {
                    let known = self.inner.link(&batch.connection, event.link.id).await?;
                    event.link.version = known.map_or(1, |known| known.version + 1);
                }
                (Mistake::CutsNanoseconds, Write::Event(event)) => {
                    event.at = event.at.trunc_subsecs(6);
                }
                (Mistake::IgnoresScopesOfOneSide, Write::Scopes { scopes, .. }) => {
                    scopes.right = scopes.right.or(scopes.left);
                }
                (Mistake::ClosesTouchesBlindly, Write::TouchClosed(touch)) => {
                    let known = self.inner.touched(&connection, &touch.kind).await?;
                    let is_same = |one: &&Touch| (one.which, &one.key) == (touch.which, &touch.key);
                    if let Some(known) = known.iter().find(is_same) {
                        touch.clone_from(known);
                    }
                }
                (Mistake::OverwritesSchedules, Write::Schedule(state)) => {
                    let known = self.inner.schedules(&connection).await?;
                    let known = known.iter().find(|one| one.kind == state.kind);
                    state.version = known.map_or(1, |known| known.version + 1);
                }
                (Mistake::ForgetsHowRunsEnded, Write::Run(run)) => {
                    run.totals = RunTotals::default();
                }
                _ => {}
            }
        }
        batch.writes.retain(|write| match write {
            Write::IntentClosed(_) => !self.is(Mistake::KeepsIntents),
            Write::DecisionClosed(_) => !self.is(Mistake::KeepsDecisions),
            Write::ApprovalClosed(_) => !self.is(Mistake::KeepsApprovals),
            Write::Deviation(event) => {
                let succeeded = event.change == record_link::DeviationChange::Succeeded;
                !(succeeded && self.is(Mistake::ResolvesNothing))
            }
            Write::Redacted(_) => !self.is(Mistake::KeepsValues),
            Write::Forgotten(_) => !self.is(Mistake::ForgetsNothing),
            Write::DeviationRedacted(_) => !self.is(Mistake::KeepsValuesOfDeviations),
            Write::DeviationForgotten(_) => !self.is(Mistake::KeepsForgottenDeviations),
            Write::RunsForgotten { .. } => !self.is(Mistake::KeepsRunsForever),
            _ => true,
        });
        for precondition in &mut batch.preconditions {
            self.loosen(precondition);
        }
        let result = self.inner.commit(batch).await;
        if self.is(Mistake::SwallowsRefusals) {
            let is_refused = matches!(
                result.as_ref().err().and_then(StoreError::conflict),
                Some(Conflict::IntentOpen { .. } | Conflict::StillLive { .. })
            );
            if is_refused {
                return Ok(());
            }
        }
        result.map_err(|error| match self.mistake {
            Mistake::ForgetsWhy => StoreError::new(error.kind()),
            Mistake::TakesAnythingForAConflict => StoreError::new(StoreErrorKind::Conflict),
            _ => error,
        })
    }

    /// Ends whatever links hold the records of a batch.
    async fn end_others(&self, batch: &Batch) -> Result<(), StoreError> {
        for write in &batch.writes {
            let Write::Event(event) = write else { continue };
            let link = &event.link;
            for which in Which::BOTH {
                let Some(key) = &link.keys[which] else {
                    continue;
                };
                let live = self
                    .inner
                    .live_link(&batch.connection, &link.kind, which, key);
                let Some(mut other) = live.await? else {
                    continue;
                };
                if other.id != link.id {
                    other.version += 1;
                    other.state = LinkState::Ended;
                    let event = record_link::Event::new(EventKind::Unlinked, other, batch.at);
                    let end = Batch::new(&batch.connection, batch.at);
                    self.inner
                        .commit(end.write(Write::Event(Box::new(event))))
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// A page as the mistake leaves it.
    fn broken_page<T>(&self, mut page: Page<T>) -> Page<T> {
        match self.mistake {
            Mistake::ForgetsTheNextPage => page.next = None,
            Mistake::ListsOldestDeviationsFirst => page.items.reverse(),
            _ => {}
        }
        page
    }

    fn limit(&self, limit: usize) -> usize {
        limit + usize::from(self.is(Mistake::PagesTooLong))
    }

    fn cursor(&self, cursor: Option<&Cursor>) -> Option<Cursor> {
        let is_ours = |cursor: &&Cursor| {
            !self.is(Mistake::AnswersAnyCursor) || !cursor.as_str().contains("not a cursor")
        };
        cursor.filter(is_ours).cloned()
    }
}

impl Store for Broken {
    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.commit_broken(batch))
    }

    fn connections(&self) -> BoxFuture<'_, Result<Vec<ConnectionId>, StoreError>> {
        self.inner.connections()
    }

    fn link<'a>(
        &'a self,
        connection: &'a ConnectionId,
        id: LinkId,
    ) -> BoxFuture<'a, Result<Option<Link>, StoreError>> {
        Box::pin(async move {
            if self.is(Mistake::MixesConnections) {
                for connection in self.inner.connections().await? {
                    if let Some(link) = self.inner.link(&connection, id).await? {
                        return Ok(Some(link));
                    }
                }
            }
            let link = self.inner.link(connection, id).await?;
            let is_forgotten = |link: &Link| self.is(Mistake::ForgetsUnlinked) && !link.is_live();
            Ok(link.filter(|link| !is_forgotten(link)))
        })
    }

    fn live_link<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
        which: Which,
        key: &'a RecordKey,
    ) -> BoxFuture<'a, Result<Option<Link>, StoreError>> {
        self.inner.live_link(connection, kind, which, key)
    }

    fn links<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a LinkQuery,
    ) -> BoxFuture<'a, Result<Page<Link>, StoreError>> {
        Box::pin(async move {
            let after = self.cursor(query.after.as_ref());
            let mut query = query.clone().limit(self.limit(query.limit)).after(after);
            if self.is(Mistake::IgnoresTheRecord) {
                query.record = None;
            }
            self.inner.links(connection, &query).await
        })
    }

    fn events<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a EventQuery,
    ) -> BoxFuture<'a, Result<Page<LoggedEvent>, StoreError>> {
        Box::pin(async move {
            let query = query.clone().after(self.cursor(query.after.as_ref()));
            let mut page = self.broken_page(self.inner.events(connection, &query).await?);
            if self.is(Mistake::ForgetsHistory) {
                let mut latest = BTreeSet::new();
                page.items.reverse();
                page.items
                    .retain(|logged| latest.insert(logged.event.link.id));
                page.items.reverse();
            }
            if self.is(Mistake::NumbersEventsAnew) {
                for (logged, place) in page.items.iter_mut().zip(1..) {
                    logged.place = place;
                }
            }
            Ok(page)
        })
    }

    fn intents<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Vec<Intent>, StoreError>> {
        self.inner.intents(connection)
    }

    fn decisions<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Decision>, StoreError>> {
        Box::pin(async move {
            let mut all = self.inner.decisions(connection, kind).await?;
            if self.is(Mistake::MixesKinds) {
                let department = Kind::new("department").unwrap();
                all.extend(self.inner.decisions(connection, &department).await?);
            }
            Ok(all)
        })
    }

    fn deviation<'a>(
        &'a self,
        connection: &'a ConnectionId,
        id: DeviationId,
    ) -> BoxFuture<'a, Result<Option<Deviation>, StoreError>> {
        self.inner.deviation(connection, id)
    }

    fn deviations<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a DeviationQuery,
    ) -> BoxFuture<'a, Result<Page<Deviation>, StoreError>> {
        Box::pin(async move {
            let mut query = query.clone().after(self.cursor(query.after.as_ref()));
            if self.is(Mistake::IgnoresTheSubject) {
                query.about.clear();
            }
            Ok(self.broken_page(self.inner.deviations(connection, &query).await?))
        })
    }

    fn scopes<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Sides<Option<Scope>>, StoreError>> {
        self.inner.scopes(connection, kind)
    }

    fn approvals<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Approval>, StoreError>> {
        self.inner.approvals(connection, kind)
    }

    fn lease<'a>(
        &'a self,
        connection: &'a ConnectionId,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Lease>, StoreError>> {
        self.inner.lease(connection, name)
    }

    fn touched<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Touch>, StoreError>> {
        Box::pin(async move {
            let mut touched = self.inner.touched(connection, kind).await?;
            if self.is(Mistake::CountsTouchesOnce) {
                for touch in &mut touched {
                    touch.times = 1;
                }
            }
            Ok(touched)
        })
    }

    fn schedules<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Vec<ScheduleState>, StoreError>> {
        self.inner.schedules(connection)
    }

    fn runs<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a RunQuery,
    ) -> BoxFuture<'a, Result<Page<RunRecord>, StoreError>> {
        Box::pin(async move {
            let mut query = query.clone().after(self.cursor(query.after.as_ref()));
            query.is_running &= !self.is(Mistake::ListsEndedRunsAsRunning);
            let mut page = self.broken_page(self.inner.runs(connection, &query).await?);
            if self.is(Mistake::ListsOldestRunsFirst) {
                page.items.reverse();
            }
            Ok(page)
        })
    }

    fn summary<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Summary, StoreError>> {
        Box::pin(async move {
            let mut summary = self.inner.summary(connection).await?;
            if self.is(Mistake::CountsLiveLinksOnly) {
                let unlinked = record_link::LinkStanding::Unlinked;
                summary
                    .links
                    .retain(|(_, standing), _| *standing != unlinked);
            }
            if self.is(Mistake::CountsNothingThatWaits) {
                summary.touched.clear();
            }
            Ok(summary)
        })
    }
}
