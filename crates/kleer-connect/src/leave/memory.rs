//! What the store remembers of the days that were written: one link for each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use flat_record::{FieldName, Kind, Value};
use kleer_model::{ClientKey, EventId, UserId};
use record_link::{
    Base, BaseField, Batch, ConnectionId, Event, EventKind, IdentityError, Link, LinkState, Origin,
    Owner, Presence, RecordKey, Sides, Store, StoreError, Which, Write, all_links,
};

use super::EmployeeLinks;
use super::deviations::constant;

/// The side of the source.
const SOURCE: Which = Which::Left;
/// The side of Kleer.
const KLEER: Which = Which::Right;

/// Whose user the event is, in a link's base.
const USER: &str = "user";
/// When the latest create was begun.
const BEGUN: &str = "begun";
/// The event is about to be deleted by us.
const DELETING: &str = "deleting";
/// Why a create must not be repeated before somebody has looked.
const LOOK: &str = "look";

/// The kind of the links.
pub(super) fn kind() -> Kind {
    constant(Kind::new("leave-day"))
}

/// A day of a leave.
pub(super) type Day = (String, NaiveDate);

/// A day's key on the side of the source. The client key of its event is made of it.
fn key_of((leave, date): &Day) -> Result<RecordKey, IdentityError> {
    RecordKey::new(format!("{leave} {date}"))
}

fn day_of(key: &RecordKey) -> Option<Day> {
    let (leave, date) = key.as_str().rsplit_once(' ')?;
    Some((leave.to_owned(), date.parse().ok()?))
}

/// The latest link of each day. Shared by the employees that are worked on side by side.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Days>);

#[derive(Debug, Default)]
struct Days {
    links: BTreeMap<Day, Link>,
    /// The days of each user: a run looks at one user after the other.
    of_user: BTreeMap<UserId, BTreeSet<Day>>,
}

impl Days {
    fn put(&mut self, day: Day, link: Link) {
        let before = self.links.get(&day).and_then(user_of);
        if let Some(days) = before.and_then(|user| self.of_user.get_mut(&user)) {
            days.remove(&day);
        }
        if let Some(user) = user_of(&link) {
            self.of_user.entry(user).or_default().insert(day.clone());
        }
        self.links.insert(day, link);
    }

    /// The days of a user in a period, with their links.
    fn of(
        &self,
        user: UserId,
        first: NaiveDate,
        last: NaiveDate,
    ) -> impl Iterator<Item = (&Day, &Link)> {
        let days = self.of_user.get(&user).into_iter().flatten();
        days.filter(move |(_, date)| (first..=last).contains(date))
            .filter_map(|day| Some((day, self.links.get(day)?)))
    }
}

impl Memory {
    pub(super) async fn load(
        store: &dyn Store,
        connection: &ConnectionId,
        links: &EmployeeLinks,
    ) -> Result<Self, StoreError> {
        let mut days = Days::default();
        for mut link in all_links(store, connection, &kind()).await? {
            let Some(day) = link.keys[SOURCE].as_ref().and_then(day_of) else {
                continue;
            };
            // One that was redacted tells its owner only.
            if user_of(&link).is_none()
                && let Some(user) = link.owner.as_ref().and_then(|one| links.user(&one.key))
            {
                set(&mut link.base, USER, Value::Integer(user.0.into()));
            }
            let known = days.links.get(&day);
            if known.is_none_or(|known| known.incarnation < link.incarnation) {
                days.put(day, link);
            }
        }
        Ok(Self(Mutex::new(days)))
    }

    fn days(&self) -> MutexGuard<'_, Days> {
        // Links are replaced whole: a panic elsewhere leaves none half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, day: &Day) -> Option<Link> {
        self.days().links.get(day).cloned()
    }

    /// Remembers what a committed batch wrote.
    pub(super) fn put(&self, day: &Day, link: Link) {
        self.days().put(day.clone(), link);
    }

    /// The users who have live days in a period, and the leaves that these are of.
    pub(super) fn leaves_by_user(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> BTreeMap<UserId, BTreeSet<String>> {
        let days = self.days();
        let leaves = days.of_user.keys().map(|user| {
            let live = days
                .of(*user, first, last)
                .filter(|(_, link)| link.is_live());
            let leaves: BTreeSet<String> = live.map(|((leave, _), _)| leave.clone()).collect();
            (*user, leaves)
        });
        leaves.filter(|(_, leaves)| !leaves.is_empty()).collect()
    }

    /// Days of a user that are being created, as far as is known.
    pub(super) fn pending(&self, user: UserId, first: NaiveDate, last: NaiveDate) -> Vec<Day> {
        let days = self.days();
        let pending = days
            .of(user, first, last)
            .filter(|(_, link)| link.state.creates_on().is_some());
        pending.map(|(day, _)| day.clone()).collect()
    }

    /// Days of a user that are in Kleer, as far as is known.
    pub(super) fn linked(
        &self,
        user: UserId,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Vec<(Day, Link)> {
        let days = self.days();
        let linked = days
            .of(user, first, last)
            .filter(|(_, link)| link.state == LinkState::Linked);
        linked
            .map(|(day, link)| (day.clone(), link.clone()))
            .collect()
    }

    /// The day whose client key this is.
    pub(super) fn day_of_key(&self, key: &ClientKey) -> Option<Day> {
        let days = self.days();
        let mut of_key = days.links.iter().filter(|(_, link)| {
            let known = link.client_key();
            known.is_some_and(|known| known.same_source(key))
        });
        of_key.next().map(|(day, _)| day.clone())
    }

    /// Whether an event is one of ours.
    pub(super) fn has_event(&self, user: UserId, event: EventId) -> bool {
        let key = event.to_string();
        let days = self.days();
        days.of(user, NaiveDate::MIN, NaiveDate::MAX)
            .any(|(_, link)| {
                let known = link.keys[KLEER].as_ref();
                link.is_live() && known.is_some_and(|known| known.as_str() == key)
            })
    }

    /// When the latest create of a run that died has had its time to land.
    pub(super) fn settled_at(&self, settle: Duration) -> Option<DateTime<Utc>> {
        let days = self.days();
        let links = days.links.values();
        let begun = links.filter(|link| link.state.creates_on().is_some());
        let latest = begun.filter_map(begun_at).max()?;
        let settle = chrono::TimeDelta::from_std(settle).unwrap_or(chrono::TimeDelta::MAX);
        latest.checked_add_signed(settle)
    }
}

fn remembered<'a>(link: &'a Link, field: &str) -> Option<&'a Value> {
    link.base.get(field).value(KLEER)
}

/// Whose event it is.
pub(super) fn user_of(link: &Link) -> Option<UserId> {
    let number = remembered(link, USER)?.as_integer()?;
    i32::try_from(number).ok().map(UserId)
}

fn begun_at(link: &Link) -> Option<DateTime<Utc>> {
    Some(remembered(link, BEGUN)?.as_timestamp()?.to_utc())
}

/// Whether somebody has to look before the create is repeated.
pub(super) fn must_be_looked_at(link: &Link) -> bool {
    matches!(link.state, LinkState::InDoubt { .. })
        && remembered(link, LOOK).and_then(Value::as_bool) == Some(true)
}

/// Whether we were about to delete its event: if it is not there any more, that was us.
pub(super) fn is_being_deleted(link: &Link) -> bool {
    remembered(link, DELETING).and_then(Value::as_bool) == Some(true)
}

/// The event that a link is linked to.
pub(super) fn event_of(link: &Link) -> Option<EventId> {
    let key = link.keys[KLEER].as_ref()?;
    key.as_str().parse().ok().map(EventId)
}

fn set(base: &mut Base, field: &str, value: Value) {
    base.set(
        &constant(FieldName::new(field)),
        BaseField::Value(Box::new(value)),
    );
}

/// What changes the links. Each gives what is to be committed and the link as it is then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changes<'a> {
    pub(super) connection: &'a ConnectionId,
    pub(super) run: Option<&'a str>,
    pub(super) now: DateTime<Utc>,
}

impl Changes<'_> {
    pub(super) fn batch(&self) -> Batch {
        Batch::new(self.connection, self.now)
    }

    fn event(&self, what: EventKind, mut link: Link) -> (Write, Link) {
        link.version += 1;
        let mut event = Event::new(what, link.clone(), self.now);
        if let Some(run) = self.run {
            event = event.in_run(run);
        }
        (Write::Event(Box::new(event)), link)
    }

    /// A day is about to be created: the intent.
    pub(super) fn intend(
        &self,
        day: &Day,
        user: UserId,
        owner: Option<Owner>,
        known: Option<Link>,
    ) -> Result<(Batch, Link), IdentityError> {
        let mut batch = self.batch();
        let mut life = 0;
        let mut again = None;
        if let Some(link) = known {
            life = link.incarnation + 1;
            if link.state.creates_on().is_some() {
                again = Some(link);
            } else if link.is_live() {
                // Somebody has deleted the event in Kleer.
                let gone = EventKind::Orphaned { gone: KLEER };
                let (write, _) = self.event(gone, ended(link));
                batch = batch.write(write);
            }
        }
        let source = key_of(day)?;
        let mut link = again.unwrap_or_else(|| {
            Link::creating(self.connection.clone(), kind(), source, KLEER, life)
        });
        link.owner = owner.map(Box::new);
        link.state = LinkState::Creating { on: KLEER };
        link.base = Base::default();
        set(&mut link.base, USER, Value::Integer(user.0.into()));
        set(
            &mut link.base,
            BEGUN,
            Value::Timestamp(self.now.fixed_offset()),
        );
        let (write, link) = self.event(EventKind::CreateIntended { on: KLEER }, link);
        Ok((batch.write(write), link))
    }

    /// The day is there, as this event.
    pub(super) fn created(&self, mut link: Link, event: EventId) -> (Write, Link) {
        link.state = LinkState::Linked;
        link.keys[KLEER] = RecordKey::new(event.to_string()).ok();
        let user = user_of(&link);
        link.base = Base::default();
        if let Some(user) = user {
            set(&mut link.base, USER, Value::Integer(user.0.into()));
        }
        self.event(EventKind::Created { on: KLEER }, link)
    }

    /// The create was refused.
    pub(super) fn refused(&self, mut link: Link) -> (Write, Link) {
        link.state = LinkState::Failed {
            on: KLEER,
            tried: None,
        };
        self.event(EventKind::CreateFailed { on: KLEER }, link)
    }

    /// What became of the create is not known. `look`: nothing finds out but a person.
    pub(super) fn in_doubt(&self, mut link: Link, look: bool) -> (Write, Link) {
        link.state = LinkState::InDoubt { on: KLEER };
        set(&mut link.base, LOOK, Value::Bool(look));
        self.event(EventKind::CreateInDoubt { on: KLEER }, link)
    }

    /// The event was changed.
    pub(super) fn updated(&self, link: Link) -> (Write, Link) {
        let what = EventKind::Updated {
            on: KLEER,
            changes: Vec::new(),
            not_taken: Vec::new(),
        };
        self.event(what, link)
    }

    /// We are about to delete the event: a run that finds it gone knows why.
    pub(super) fn deleting(&self, mut link: Link) -> (Write, Link) {
        set(&mut link.base, DELETING, Value::Bool(true));
        let what = EventKind::Noted {
            side: KLEER,
            presence: Presence::Present,
        };
        self.event(what, link)
    }

    /// The event was not there any more.
    pub(super) fn gone(&self, link: Link) -> (Write, Link) {
        self.event(EventKind::Orphaned { gone: KLEER }, ended(link))
    }

    /// We deleted the event.
    pub(super) fn deleted(&self, link: Link) -> (Write, Link) {
        self.event(EventKind::Deleted { on: KLEER }, ended(link))
    }

    /// The create of a day that is not wanted any more did not land.
    pub(super) fn given_up(&self, link: Link) -> (Write, Link) {
        self.event(EventKind::CreateFailed { on: KLEER }, ended(link))
    }

    /// An event that carries the day's key and that the store does not know: the store is lost, or
    /// younger than the export.
    pub(super) fn imported(
        &self,
        day: &Day,
        user: UserId,
        event: EventId,
        owner: Option<Owner>,
        life: u64,
    ) -> Result<(Write, Link), IdentityError> {
        let keys = Sides::new(key_of(day)?, RecordKey::new(event.to_string())?);
        let origin = Origin::Created { on: KLEER };
        let mut link = Link::new(self.connection.clone(), kind(), keys, origin, life);
        link.owner = owner.map(Box::new);
        set(&mut link.base, USER, Value::Integer(user.0.into()));
        Ok(self.event(EventKind::Imported, link))
    }
}

fn ended(mut link: Link) -> Link {
    link.state = LinkState::Ended;
    link
}
