//! The list of users and the list of payroll agreements, made into one record for each user.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use flat_record::{Record, Value};
use kleer_client::model::{List, PayrollUserReadable, SalaryUnit, User, UserId};
use kleer_employee::{KleerEmployee, KleerRecordError, fields};
use record_link::{Observation, RecordKey, RejectReason, Snapshot};

use super::is_of_user;
use crate::observed::{client_key_in, is_whole, observed};

/// What is known of a user's payroll agreement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Agreement {
    /// It is this.
    Is(Box<PayrollUserReadable>),
    /// Kleer says that there is none.
    None,
    /// It may not be read, or was not asked for.
    Unsaid,
}

impl Agreement {
    pub(super) fn readable(&self) -> Option<&PayrollUserReadable> {
        match self {
            Self::Is(agreement) => Some(agreement),
            Self::None | Self::Unsaid => None,
        }
    }
}

/// A user and the agreement as one record.
pub(super) fn record_of(
    user: &User,
    agreement: &Agreement,
    unit: SalaryUnit,
) -> Result<Record, KleerRecordError> {
    let mut record = KleerEmployee::new(user, agreement.readable()).record(unit)?;
    if *agreement == Agreement::None {
        // It is known that there is nothing: that is not the same as not knowing.
        for field in fields().iter().filter(|field| !is_of_user(&field.name)) {
            record.set(&field.name, Value::Null)?;
        }
    }
    Ok(record)
}

/// A user and the agreement as they were seen.
pub(super) fn observation_of(
    user: &User,
    agreement: &Agreement,
    unit: SalaryUnit,
    seen_at: DateTime<Utc>,
) -> Result<Observation, &'static str> {
    let record = record_of(user, agreement, unit).map_err(|error| match error {
        KleerRecordError::Salary { .. } => "salary-out-of-range",
        _ => "no-record",
    })?;
    let key = client_key_in(user.foreign_id.as_deref());
    observed(user.id.to_string(), record, key, seen_at).ok_or("no-key")
}

/// The lists, as far as they could be read.
pub(super) struct Lists<'a> {
    pub(super) users: &'a List<User>,
    /// `None` if the agreements may not be read.
    pub(super) agreements: Option<&'a List<PayrollUserReadable>>,
    /// What was asked of single users who have no agreement in the list.
    pub(super) asked: &'a HashMap<UserId, Agreement>,
}

impl Lists<'_> {
    /// The users of whom the list of agreements shows none, as far as one is to be expected: those
    /// who are active, and those whom a connector created, and perhaps could not employ.
    pub(super) fn without_agreement(&self) -> Vec<UserId> {
        let Some(agreements) = self.agreements else {
            return Vec::new();
        };
        let shown: HashSet<UserId> = agreements.iter().map(|one| one.user.id).collect();
        let is_expected = |user: &&User| {
            let is_ours = client_key_in(user.foreign_id.as_deref()).is_some();
            (user.active || is_ours) && !shown.contains(&user.id)
        };
        self.users
            .iter()
            .filter(is_expected)
            .map(|user| user.id)
            .collect()
    }

    /// One observation for each user, into a snapshot that is complete if both lists are.
    ///
    /// What does not fit together is set aside under its key, and never dropped: two users under
    /// one id who differ, two agreements of one user that differ, an agreement without a user.
    pub(super) fn join(&self, unit: SalaryUnit, mut snapshot: Snapshot) -> Snapshot {
        let seen_at = snapshot.taken_at();
        let mut agreements: HashMap<UserId, Vec<&PayrollUserReadable>> = HashMap::new();
        for agreement in self.agreements.into_iter().flat_map(List::iter) {
            agreements
                .entry(agreement.user.id)
                .or_default()
                .push(agreement);
        }
        let mut has_user = HashSet::with_capacity(self.users.len());
        for user in self.users {
            has_user.insert(user.id);
            let listed = agreements.get(&user.id).map_or(&[][..], Vec::as_slice);
            let mut states: Vec<Agreement> = listed
                .iter()
                .map(|one| Agreement::Is(Box::new((*one).clone())))
                .collect();
            if states.is_empty() {
                states.push(
                    self.asked
                        .get(&user.id)
                        .cloned()
                        .unwrap_or(Agreement::Unsaid),
                );
            }
            for agreement in &states {
                // The snapshot sets two that contradict each other aside, and takes equal ones once.
                match observation_of(user, agreement, unit, seen_at) {
                    Ok(observation) => _ = snapshot.observe(observation),
                    Err(code) => _ = snapshot.reject(key_of(user.id), unreadable(code)),
                }
            }
        }
        let mut orphans: Vec<UserId> = agreements.into_keys().collect();
        orphans.retain(|id| !has_user.contains(id));
        orphans.sort_unstable();
        for id in orphans {
            snapshot.reject(key_of(id), unreadable("agreement-without-user"));
        }
        for _ in &self.users.rejected {
            snapshot.reject(None, unreadable("user-unreadable"));
        }
        for _ in self.agreements.into_iter().flat_map(|list| &list.rejected) {
            snapshot.reject(None, unreadable("agreement-unreadable"));
        }
        if is_whole(self.users) && self.agreements.is_none_or(is_whole) {
            snapshot = snapshot.complete();
        }
        snapshot
    }
}

fn key_of(id: UserId) -> Option<RecordKey> {
    RecordKey::new(id.to_string()).ok()
}

fn unreadable(code: &str) -> RejectReason {
    RejectReason::Unreadable(code.to_owned())
}
