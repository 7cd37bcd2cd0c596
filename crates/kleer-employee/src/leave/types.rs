//! Which leave of the other system is which of Kleer's.

use std::collections::BTreeMap;

use kleer_model::PayrollEventType;

/// What a type of leave becomes in Kleer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LeaveTarget {
    /// Kleer's type of absence.
    pub event_type: PayrollEventType,
    /// Whether a leave is exported only when it is confirmed, and not already when it is approved:
    /// of a sick leave nobody knows the end before.
    #[cfg_attr(feature = "serde", serde(default))]
    pub confirmed_only: bool,
}

impl From<PayrollEventType> for LeaveTarget {
    fn from(event_type: PayrollEventType) -> Self {
        Self {
            event_type,
            confirmed_only: false,
        }
    }
}

/// The table from the other system's types of leave to Kleer's.
///
/// There are no defaults: what a company's own types mean for the salary only the company knows. A
/// type that is not in the table is refused and reported, never guessed. One that is known and not
/// to be exported is [`ignored`](Self::ignore), so that the report stays quiet about it.
///
/// ```
/// use kleer_employee::leave::{LeaveTypes, Mapped};
/// use kleer_model::PayrollEventType;
///
/// let types = LeaveTypes::new()
///     .map("vacation", PayrollEventType::Vacation)
///     .map_when_confirmed("sick", PayrollEventType::Sick)
///     .ignore("remote work");
/// assert!(matches!(types.get("sick"), Mapped::To(target) if target.confirmed_only));
/// assert_eq!(types.get("remote work"), Mapped::Ignored);
/// assert_eq!(types.get("sabbatical"), Mapped::Unknown);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct LeaveTypes(BTreeMap<String, Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
enum Entry {
    Ignore,
    #[cfg_attr(feature = "serde", serde(untagged))]
    To(LeaveTarget),
}

/// What the table says of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mapped<'a> {
    /// It becomes this.
    To(&'a LeaveTarget),
    /// It is not to be exported.
    Ignored,
    /// Nothing.
    Unknown,
}

impl LeaveTypes {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Maps a type of the other system to one of Kleer's.
    #[must_use]
    pub fn map(mut self, leave_type: impl Into<String>, event_type: PayrollEventType) -> Self {
        self.0
            .insert(leave_type.into(), Entry::To(event_type.into()));
        self
    }

    /// Maps a type whose leaves are exported only when they are confirmed.
    #[must_use]
    pub fn map_when_confirmed(
        mut self,
        leave_type: impl Into<String>,
        event_type: PayrollEventType,
    ) -> Self {
        let target = LeaveTarget {
            event_type,
            confirmed_only: true,
        };
        self.0.insert(leave_type.into(), Entry::To(target));
        self
    }

    /// Leaves of this type are not exported, on purpose.
    #[must_use]
    pub fn ignore(mut self, leave_type: impl Into<String>) -> Self {
        self.0.insert(leave_type.into(), Entry::Ignore);
        self
    }

    /// What the table says of a type.
    pub fn get(&self, leave_type: &str) -> Mapped<'_> {
        match self.0.get(leave_type) {
            Some(Entry::To(target)) => Mapped::To(target),
            Some(Entry::Ignore) => Mapped::Ignored,
            None => Mapped::Unknown,
        }
    }

    /// The types of Kleer's that the table leads to, each once.
    pub fn targets(&self) -> impl Iterator<Item = &PayrollEventType> {
        let mut seen: Vec<&PayrollEventType> = Vec::new();
        for entry in self.0.values() {
            if let Entry::To(target) = entry
                && !seen.contains(&&target.event_type)
            {
                seen.push(&target.event_type);
            }
        }
        seen.into_iter()
    }
}
