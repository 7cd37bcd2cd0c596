//! Kleer's activities for absence, found by their names.

use std::collections::BTreeMap;

use kleer_model::{ActivityId, ActivityReadable, PayrollEventType};
use thiserror::Error;

/// The activities that stand for absence in one company.
///
/// Their ids differ from company to company, so they are found by name. The
/// [usual names](Self::USUAL_NAMES) are those that an integration in production goes by; a company
/// can rename or remove them.
///
/// ```
/// use kleer_employee::leave::AbsenceActivities;
/// use kleer_model::{ActivityId, ActivityReadable, PayrollEventType};
///
/// let activities = [
///     ActivityReadable::new(ActivityId(31), "Semester"),
///     ActivityReadable::new(ActivityId(32), "Sjuk"),
///     ActivityReadable::new(ActivityId(33), "Utveckling"),
/// ];
/// let absence = AbsenceActivities::by_usual_names(&activities)?;
/// let vacation = absence.get(&PayrollEventType::Vacation).unwrap();
/// assert_eq!(vacation.id, ActivityId(31));
/// assert_eq!(absence.get(&PayrollEventType::Childcare), None);
/// # Ok::<(), kleer_employee::leave::ActivityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AbsenceActivities {
    activities: Vec<(PayrollEventType, AbsenceActivity)>,
}

/// An activity that stands for a type of absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbsenceActivity {
    /// Kleer's id of it.
    pub id: ActivityId,
    /// Whether an event must name a child.
    pub needs_child: bool,
}

impl AbsenceActivities {
    /// Kleer's usual names of the activities for absence.
    ///
    /// *Övrig frånvaro (Semestergrundande)* is left out: the integration in production takes it
    /// for [`OtherLeaveVacationNotEarned`](PayrollEventType::OtherLeaveVacationNotEarned), and its
    /// name says the opposite. Name it yourself in [`by_names`](Self::by_names) when you know.
    pub const USUAL_NAMES: [(PayrollEventType, &'static str); 10] = [
        (PayrollEventType::Sick, "Sjuk"),
        (PayrollEventType::Vacation, "Semester"),
        (PayrollEventType::LeaveOfAbsence, "Tjänstledig"),
        (
            PayrollEventType::LeaveOfAbsenceVacationEarned,
            "Tjänstledig (Semestergrundande)",
        ),
        (PayrollEventType::ParentalLeave, "Föräldraledighet"),
        (PayrollEventType::Childcare, "VAB"),
        (PayrollEventType::CloseRelativeCare, "Vård av nära anhörig"),
        (
            PayrollEventType::PaternityLeave,
            "10 dagar vid barns födelse",
        ),
        (PayrollEventType::Furlough, "Permission"),
        (PayrollEventType::OtherLeave, "Övrig frånvaro"),
    ];

    /// Those of a company's activities that have the [usual names](Self::USUAL_NAMES). A type whose
    /// activity is missing is left out.
    ///
    /// # Errors
    /// [`ActivityError::Ambiguous`] if two activities have one of the names.
    pub fn by_usual_names(activities: &[ActivityReadable]) -> Result<Self, ActivityError> {
        Self::by_names(activities, Self::USUAL_NAMES)
    }

    /// The activities of these names. White space and letter case at their ends and in them do not
    /// count.
    ///
    /// # Errors
    /// [`ActivityError::Ambiguous`] if two activities have one of the names: an id would be a
    /// guess.
    pub fn by_names<'a>(
        activities: &[ActivityReadable],
        names: impl IntoIterator<Item = (PayrollEventType, &'a str)>,
    ) -> Result<Self, ActivityError> {
        let mut by_name: BTreeMap<String, Vec<&ActivityReadable>> = BTreeMap::new();
        for activity in activities {
            by_name
                .entry(fold(&activity.name))
                .or_default()
                .push(activity);
        }
        let mut found = Vec::new();
        for (event_type, name) in names {
            match by_name.get(&fold(name)).map(Vec::as_slice) {
                None => {}
                Some([activity]) => found.push((
                    event_type,
                    AbsenceActivity {
                        id: activity.id.id,
                        needs_child: activity.mandatory_child_when_reporting,
                    },
                )),
                Some(several) => {
                    return Err(ActivityError::Ambiguous {
                        name: name.to_owned(),
                        ids: several.iter().map(|activity| activity.id.id).collect(),
                    });
                }
            }
        }
        Ok(Self { activities: found })
    }

    /// The activity that stands for a type of absence.
    pub fn get(&self, event_type: &PayrollEventType) -> Option<AbsenceActivity> {
        self.activities
            .iter()
            .find(|(known, _)| known == event_type)
            .map(|(_, activity)| *activity)
    }

    /// The type of absence that an activity stands for.
    pub fn event_type(&self, activity: ActivityId) -> Option<&PayrollEventType> {
        self.activities
            .iter()
            .find(|(_, known)| known.id == activity)
            .map(|(event_type, _)| event_type)
    }
}

fn fold(name: &str) -> String {
    let words: Vec<_> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Activities from which the right one cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ActivityError {
    /// Several activities have one name.
    #[error(
        "{} activities are named {name:?} (ids {}); rename all but one in Kleer",
        ids.len(),
        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    Ambiguous {
        /// The name.
        name: String,
        /// Kleer's ids of them.
        ids: Vec<ActivityId>,
    },
}
