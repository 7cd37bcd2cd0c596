//! What Kleer already has of an employee's absence, in either of its two forms.

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;
use kleer_model::{
    EventId, EventReadable, EventRestrictionReadable, EventStatusType, EventWritable, List,
    PayrollEvent, PayrollEventId, PayrollEventType, UserId,
};
use rust_decimal::Decimal;

use super::{AbsenceActivities, AbsenceActivity, IncompleteAnswer, LeaveProblem};

/// Kleer's id of a day of absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum KleerEventId {
    /// A payroll event.
    Payroll(PayrollEventId),
    /// A time event.
    Time(EventId),
}

impl fmt::Display for KleerEventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payroll(id) => id.fmt(f),
            Self::Time(id) => id.fmt(f),
        }
    }
}

/// A payroll event that an earlier run wrote. Payroll events have no foreign id, so whoever wrote
/// one has to remember it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct WrittenDay {
    /// The leave's id in its system.
    pub leave: String,
    /// The day.
    pub date: NaiveDate,
    /// Kleer's id of the event.
    pub event: PayrollEventId,
}

impl WrittenDay {
    /// That this event is this day of this leave.
    pub fn new(leave: impl Into<String>, date: NaiveDate, event: PayrollEventId) -> Self {
        Self {
            leave: leave.into(),
            date,
            event,
        }
    }
}

/// What Kleer has of one employee's absence, and so also how absence is written there.
///
/// Only the second way is known to work: integrations in production write absence as time events
/// without a client project. The path for writing payroll events is inferred.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum InKleer<'a> {
    /// As events of the payroll.
    PayrollEvents {
        /// All events of the employee in the period.
        events: &'a List<PayrollEvent>,
        /// Those that earlier runs wrote.
        written: &'a [WrittenDay],
    },
    /// As time events on the activities for absence, without a client project. Each carries the
    /// client key of its day as foreign id.
    TimeEvents {
        /// All events of the employee in the period. Those of others are passed over.
        events: &'a List<EventReadable>,
        /// The activities that stand for absence.
        activities: &'a AbsenceActivities,
    },
}

/// A day of absence to write, in the form of the [`InKleer`] that it was planned against.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum AbsenceEvent {
    /// As an event of the payroll.
    Payroll(PayrollEvent),
    /// As a time event.
    Time(EventWritable),
}

impl AbsenceEvent {
    /// The day.
    pub fn date(&self) -> NaiveDate {
        match self {
            Self::Payroll(event) => event.date,
            Self::Time(event) => event.date,
        }
    }

    /// The hours of absence.
    pub fn hours(&self) -> Decimal {
        match self {
            Self::Payroll(event) => event.hours,
            Self::Time(event) => event.hours,
        }
    }
}

/// The days on which Kleer lets nobody change a user's events, by the answer of the endpoint of
/// the days' statuses.
///
/// # Errors
/// [`IncompleteAnswer`] if an item could not be read: its day would look open.
pub fn locked_days(
    restrictions: &List<EventRestrictionReadable>,
) -> Result<BTreeSet<NaiveDate>, IncompleteAnswer> {
    if !restrictions.is_complete() {
        return Err(IncompleteAnswer);
    }
    Ok(restrictions
        .items
        .iter()
        .map(|day| &day.status)
        .filter(|status| status.status_type != EventStatusType::Open)
        .map(|status| status.event_date)
        .collect())
}

fn activity(
    activities: &AbsenceActivities,
    event_type: &PayrollEventType,
) -> Result<AbsenceActivity, LeaveProblem> {
    activities
        .get(event_type)
        .ok_or_else(|| LeaveProblem::NoActivity {
            event_type: event_type.clone(),
        })
}

/// An event of either form, as the planner sees it.
pub(super) struct Existing {
    pub(super) id: KleerEventId,
    /// Whose it is, if the event says so.
    pub(super) user: Option<UserId>,
    pub(super) date: NaiveDate,
    /// The time event's foreign id.
    pub(super) foreign_id: Option<String>,
    pub(super) hours: Decimal,
    pub(super) event_type: Option<PayrollEventType>,
    pub(super) child: Option<String>,
    pub(super) comment: String,
    pub(super) internal_comment: Option<String>,
    pub(super) locked: bool,
}

/// What a day is to be in Kleer.
pub(super) struct Wanted<'a> {
    pub(super) event_type: &'a PayrollEventType,
    pub(super) date: NaiveDate,
    pub(super) hours: Decimal,
    pub(super) child: Option<&'a str>,
    /// `None`: comments are not ours to write.
    pub(super) comment: Option<&'a str>,
}

impl Wanted<'_> {
    fn comment_over(&self, over: Option<&Existing>) -> String {
        match (self.comment, over) {
            (Some(comment), _) => comment.to_owned(),
            (None, Some(over)) => over.comment.clone(),
            (None, None) => String::new(),
        }
    }
}

impl Existing {
    /// Whether it already is what is wanted.
    pub(super) fn is(&self, wanted: &Wanted<'_>) -> bool {
        self.event_type.as_ref() == Some(wanted.event_type)
            && self.date == wanted.date
            && self.hours == wanted.hours
            && self.child.as_deref().unwrap_or_default() == wanted.child.unwrap_or_default()
            && wanted.comment.is_none_or(|comment| self.comment == comment)
    }

    pub(super) fn is_absence(&self) -> bool {
        self.event_type
            .as_ref()
            .is_some_and(PayrollEventType::is_absence)
    }
}

impl InKleer<'_> {
    /// Whether Kleer's answer is the whole of it.
    pub(super) fn is_complete(&self) -> bool {
        match self {
            Self::PayrollEvents { events, .. } => events.is_complete(),
            Self::TimeEvents { events, .. } => events.is_complete(),
        }
    }

    pub(super) fn existing(&self) -> Vec<Existing> {
        match self {
            Self::PayrollEvents { events, .. } => events
                .items
                .iter()
                .map(|event| Existing {
                    // An event that Kleer sends without an id cannot be ours, nor be changed.
                    id: KleerEventId::Payroll(event.id.unwrap_or(PayrollEventId(0))),
                    user: None,
                    date: event.date,
                    foreign_id: None,
                    hours: event.hours,
                    event_type: Some(event.event_type.clone()),
                    child: event.child.clone(),
                    comment: event.comment.clone(),
                    internal_comment: None,
                    locked: event.id.is_none(),
                })
                .collect(),
            Self::TimeEvents { events, activities } => events
                .items
                .iter()
                .map(|event| Existing {
                    id: KleerEventId::Time(event.id.id),
                    user: Some(event.user.id),
                    date: event.date,
                    foreign_id: Some(event.foreign_id.clone()),
                    hours: event.hours,
                    // Time on a client's project is work, whatever its activity is called.
                    event_type: event
                        .client_project
                        .is_none()
                        .then(|| activities.event_type(event.activity.id).cloned())
                        .flatten(),
                    child: event.child.clone(),
                    comment: event.comment.clone(),
                    internal_comment: Some(event.internal_comment.clone()),
                    locked: event.status.status_type != EventStatusType::Open,
                })
                .collect(),
        }
    }

    /// Whether this day can be written at all, before anything is compared.
    pub(super) fn check(&self, wanted: &Wanted<'_>) -> Result<(), LeaveProblem> {
        let by_type = matches!(
            wanted.event_type,
            PayrollEventType::Childcare | PayrollEventType::ParentalLeave
        );
        let needs_child = match self {
            Self::PayrollEvents { .. } => by_type,
            Self::TimeEvents { activities, .. } => {
                activity(activities, wanted.event_type)?.needs_child
            }
        };
        if needs_child && wanted.child.is_none() {
            return Err(LeaveProblem::NoChild);
        }
        Ok(())
    }

    /// The event to write; `over` is the one that it replaces.
    pub(super) fn event(
        &self,
        user: UserId,
        foreign_id: &str,
        wanted: &Wanted<'_>,
        over: Option<&Existing>,
    ) -> Result<AbsenceEvent, LeaveProblem> {
        match self {
            Self::PayrollEvents { .. } => {
                let mut event =
                    PayrollEvent::new(wanted.date, wanted.hours, wanted.event_type.clone());
                event.child = wanted.child.map(ToOwned::to_owned);
                event.comment = wanted.comment_over(over);
                Ok(AbsenceEvent::Payroll(event))
            }
            Self::TimeEvents { activities, .. } => {
                let activity = activity(activities, wanted.event_type)?;
                let mut event =
                    EventWritable::new(foreign_id, user, activity.id, wanted.date, wanted.hours);
                event.child = wanted.child.map(ToOwned::to_owned);
                event.comment = wanted.comment_over(over);
                // Not ours: what somebody wrote there stays.
                event.internal_comment = over.and_then(|over| over.internal_comment.clone());
                Ok(AbsenceEvent::Time(event))
            }
        }
    }
}
