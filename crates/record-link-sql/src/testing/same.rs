//! Everything that a store can be asked, asked of two.

use std::fmt::Debug;

use record_link::{
    ConnectionId, Cursor, DeviationClass, DeviationQuery, DeviationState, EventQuery, Link,
    LinkQuery, LinkStanding, Page, RecordKey, RunQuery, Store, StoreError, StoreErrorKind, Which,
};

use super::chance::Chance;
use super::make;

/// Two stores, and what was asked of them.
pub(super) struct Same<'a> {
    expected: &'a dyn Store,
    found: &'a dyn Store,
    chance: &'a mut Chance,
    pub(super) compared: u32,
}

impl<'a> Same<'a> {
    pub(super) fn new(
        expected: &'a dyn Store,
        found: &'a dyn Store,
        chance: &'a mut Chance,
    ) -> Self {
        Self {
            expected,
            found,
            chance,
            compared: 0,
        }
    }

    /// Compares two answers.
    fn check<T: PartialEq + Debug>(
        &mut self,
        what: &str,
        expected: Result<T, StoreError>,
        found: Result<T, StoreError>,
    ) -> Result<T, String> {
        self.compared += 1;
        match (expected, found) {
            (Ok(expected), Ok(found)) if expected == found => Ok(expected),
            (Ok(expected), Ok(found)) => {
                Err(format!("{what} gives {found:?} and not {expected:?}"))
            }
            (expected, found) => {
                let (expected, found) = (expected.err(), found.err());
                Err(format!("{what} ends with {found:?} and not {expected:?}"))
            }
        }
    }

    pub(super) async fn everything(&mut self, prefix: &str) -> Result<(), String> {
        for number in 0..2 {
            let Some(connection) = make::connection(prefix, number) else {
                continue;
            };
            self.lists(&connection).await?;
            self.links(&connection).await?;
            self.deviations(&connection).await?;
            self.runs(&connection).await?;
        }
        Ok(())
    }

    async fn lists(&mut self, connection: &ConnectionId) -> Result<(), String> {
        let (one, two) = (self.expected, self.found);
        let (a, b) = (one.intents(connection).await, two.intents(connection).await);
        self.check("intents", a, b)?;
        let (a, b) = (
            one.schedules(connection).await,
            two.schedules(connection).await,
        );
        self.check("schedules", a, b)?;
        let (a, b) = (one.summary(connection).await, two.summary(connection).await);
        self.check("summary", a, b)?;
        for name in make::LEASES {
            let (a, b) = (
                one.lease(connection, name).await,
                two.lease(connection, name).await,
            );
            self.check("lease", a, b)?;
        }
        for kind in make::KINDS {
            let Ok(kind) = flat_record::Kind::new(kind) else {
                continue;
            };
            let (a, b) = (
                one.decisions(connection, &kind).await,
                two.decisions(connection, &kind).await,
            );
            self.check("decisions", a, b)?;
            let (a, b) = (
                one.scopes(connection, &kind).await,
                two.scopes(connection, &kind).await,
            );
            self.check("scopes", a, b)?;
            let (a, b) = (
                one.approvals(connection, &kind).await,
                two.approvals(connection, &kind).await,
            );
            self.check("approvals", a, b)?;
            let (a, b) = (
                one.touched(connection, &kind).await,
                two.touched(connection, &kind).await,
            );
            self.check("touched", a, b)?;
            for key in make::KEYS {
                for which in Which::BOTH {
                    let Ok(key) = RecordKey::new(key) else {
                        continue;
                    };
                    let (a, b) = (
                        one.live_link(connection, &kind, which, &key).await,
                        two.live_link(connection, &kind, which, &key).await,
                    );
                    self.check("live_link", a, b)?;
                }
            }
        }
        Ok(())
    }

    async fn links(&mut self, connection: &ConnectionId) -> Result<(), String> {
        let (one, two) = (self.expected, self.found);
        let mut all: Vec<Link> = Vec::new();
        let mut queries = vec![LinkQuery::new()];
        for _ in 0..4 {
            let mut query = LinkQuery::new();
            let kind = self.chance.one(&make::KINDS).copied();
            if self.chance.once_in(2)
                && let Some(Ok(kind)) = kind.map(flat_record::Kind::new)
            {
                query = query.kind(kind);
            }
            for _ in 0..self.chance.below(3) {
                query = query.standing(self.chance.one(&STANDINGS).copied());
            }
            let key = self.chance.one(&make::KEYS).copied();
            if self.chance.once_in(2)
                && let Some(Ok(key)) = key.map(RecordKey::new)
            {
                let number = self.chance.count(2);
                query = query.record(Which::BOTH[number], key);
            }
            queries.push(query);
        }
        for query in queries {
            let query = query.limit(1 + self.chance.count(5));
            let a = pages(async |after| {
                let query = query.clone().after(after);
                one.links(connection, &query).await
            });
            let b = pages(async |after| {
                let query = query.clone().after(after);
                two.links(connection, &query).await
            });
            let (a, b) = (a.await, b.await);
            let found = self.check("links", a, b)?;
            if all.is_empty() {
                all = found;
            }
        }
        for link in all {
            let (a, b) = (
                one.link(connection, link.id).await,
                two.link(connection, link.id).await,
            );
            self.check("link", a, b)?;
            let query = EventQuery::new().link(link.id).limit(2);
            self.events(connection, query).await?;
        }
        self.events(connection, EventQuery::new().limit(7)).await
    }

    async fn events(&mut self, connection: &ConnectionId, query: EventQuery) -> Result<(), String> {
        let (one, two) = (self.expected, self.found);
        let a = pages(async |after| {
            let query = query.clone().after(after);
            one.events(connection, &query).await
        });
        let b = pages(async |after| {
            let query = query.clone().after(after);
            two.events(connection, &query).await
        });
        let (a, b) = (a.await, b.await);
        self.check("events", a, b).map(drop)
    }

    async fn deviations(&mut self, connection: &ConnectionId) -> Result<(), String> {
        let (one, two) = (self.expected, self.found);
        let all = one.deviations(connection, &DeviationQuery::all()).await;
        let all = all.map(|page| page.items).unwrap_or_default();
        let mut queries = vec![DeviationQuery::all()];
        for _ in 0..4 {
            let mut query = DeviationQuery::all();
            for _ in 0..self.chance.below(3) {
                query = query.states(self.chance.one(&STATES).copied());
            }
            if self.chance.once_in(3) {
                query = query.class(DeviationClass::Bug);
            }
            let like = self.chance.one(&all);
            if let Some(like) = like {
                match self.chance.below(3) {
                    0 => query = query.fingerprint(like.fingerprint()),
                    1 => {
                        let more = self.chance.one(&all).into_iter().chain([like]);
                        query = query.about(more.map(|one| one.topic().subject.clone()));
                    }
                    _ => {}
                }
            }
            queries.push(query);
        }
        for query in queries {
            let query = query.limit(1 + self.chance.count(5));
            let a = pages(async |after| {
                let query = query.clone().after(after);
                one.deviations(connection, &query).await
            });
            let b = pages(async |after| {
                let query = query.clone().after(after);
                two.deviations(connection, &query).await
            });
            let (a, b) = (a.await, b.await);
            self.check("deviations", a, b)?;
        }
        for id in all.iter().map(record_link::Deviation::id) {
            let (a, b) = (
                one.deviation(connection, id).await,
                two.deviation(connection, id).await,
            );
            self.check("deviation", a, b)?;
        }
        Ok(())
    }

    async fn runs(&mut self, connection: &ConnectionId) -> Result<(), String> {
        let (one, two) = (self.expected, self.found);
        let mut queries = vec![RunQuery::new(), RunQuery::new().running()];
        if let Ok(kind) = flat_record::Kind::new(make::KINDS[0]) {
            queries.push(RunQuery::new().kind(kind));
        }
        for query in queries {
            let query = query.limit(1 + self.chance.count(3));
            let a = pages(async |after| {
                let query = query.clone().after(after);
                one.runs(connection, &query).await
            });
            let b = pages(async |after| {
                let query = query.clone().after(after);
                two.runs(connection, &query).await
            });
            let (a, b) = (a.await, b.await);
            self.check("runs", a, b)?;
        }
        Ok(())
    }
}

const STANDINGS: [LinkStanding; 7] = [
    LinkStanding::Creating,
    LinkStanding::InDoubt,
    LinkStanding::Failed,
    LinkStanding::Linked,
    LinkStanding::Orphaned,
    LinkStanding::Unlinked,
    LinkStanding::Ended,
];

const STATES: [DeviationState; 4] = [
    DeviationState::Open,
    DeviationState::Reprocessing,
    DeviationState::Resolved,
    DeviationState::Ignored,
];

/// All items of a list, page by page.
async fn pages<T>(
    page: impl AsyncFn(Option<Cursor>) -> Result<Page<T>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let (mut items, mut after) = (Vec::new(), None);
    // More pages than there can be items: a list that does not end is wrong, too.
    for _ in 0..10_000 {
        let next = page(after).await?;
        items.extend(next.items);
        after = next.next;
        if after.is_none() {
            return Ok(items);
        }
    }
    Err(StoreError::new(StoreErrorKind::Damaged).with_detail("a list does not end"))
}
