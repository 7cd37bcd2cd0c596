//! Reading employees: all, one, and those with a client key.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use flat_record::Kind;
use futures_util::future::join;
use futures_util::stream::{self, StreamExt};
use kleer_client::Error;
use kleer_client::model::{List, PayrollUserReadable, User, UserId};
use kleer_employee::fields;
use record_link::{
    ClientKey, Found, Observation, RecordKey, Scope, SideError, SideErrorKind, SideOperation,
    Snapshot,
};

use super::join::{Agreement, Lists, observation_of};
use super::{Employees, user_of};
use crate::failure::side_error;
use crate::observed::{client_key_in, is_whole};

/// From so many found users on, the list of agreements is read instead of one after the other.
const LIST_FROM: usize = 8;

/// How many users are asked for at once. Kleer's client has a limit of its own.
const AT_ONCE: usize = 16;

/// A user and the agreement, as Kleer shows them.
pub(super) struct Shown {
    pub(super) user: User,
    pub(super) agreement: Agreement,
    pub(super) seen_at: DateTime<Utc>,
}

impl Employees {
    pub(super) async fn list_all(&self, kind: &Kind) -> Result<Snapshot, SideError> {
        let failed = |error| side_error(SideOperation::List, error);
        let taken_at = self.now();
        // First the agreements, then the users: whoever is hired in between has a user in the
        // second list and no agreement in the first, and not the other way round.
        let agreements = self.agreements().await.map_err(failed)?;
        let users = self.kleer.users().list().await.map_err(failed)?;
        let mut lists = Lists {
            users: &users,
            agreements: agreements.as_ref(),
            asked: &HashMap::new(),
        };
        let asked = if self.asks {
            let without = lists.without_agreement();
            self.ask(without).await.map_err(failed)?
        } else {
            HashMap::new()
        };
        lists.asked = &asked;
        let scope = self.scope(agreements.is_some());
        let snapshot =
            Snapshot::new(kind.clone(), fields(), scope, taken_at).with_capacity(users.len());
        Ok(lists.join(self.unit, snapshot))
    }

    /// All agreements; `None` if they may not be read.
    async fn agreements(&self) -> Result<Option<List<PayrollUserReadable>>, Error> {
        if !self.has_payroll {
            return Ok(None);
        }
        match self.kleer.payroll().users().await {
            Ok(agreements) => Ok(Some(agreements)),
            Err(error) if error.is_forbidden() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What was asked for, and with which rights it was answered.
    fn scope(&self, sees_agreements: bool) -> Scope {
        let company = self.kleer.company().to_string();
        let payroll = if sees_agreements {
            "with the payroll"
        } else {
            "without the payroll"
        };
        Scope::of(["kleer", &company, "employees", payroll])
    }

    /// The agreements of single users.
    async fn ask(&self, users: Vec<UserId>) -> Result<HashMap<UserId, Agreement>, Error> {
        let mut answers = stream::iter(users)
            .map(|id| async move { (id, self.agreement(id).await) })
            .buffer_unordered(AT_ONCE);
        let mut asked = HashMap::new();
        while let Some((id, agreement)) = answers.next().await {
            asked.insert(id, agreement?);
        }
        Ok(asked)
    }

    /// The agreement of a user.
    pub(super) async fn agreement(&self, id: UserId) -> Result<Agreement, Error> {
        if !self.has_payroll {
            return Ok(Agreement::Unsaid);
        }
        match self.kleer.payroll().user(id).get().await {
            Ok(agreement) => Ok(Agreement::Is(Box::new(agreement))),
            Err(error) if error.is_not_found() => Ok(Agreement::None),
            Err(error) if error.is_forbidden() => Ok(Agreement::Unsaid),
            Err(error) => Err(error),
        }
    }

    /// A user; `None` if there is none.
    pub(super) async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        match self.kleer.users().get(id).await {
            Ok(user) => Ok(Some(user)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A user and the agreement; `None` if there is no such user.
    pub(super) async fn shown(&self, id: UserId) -> Result<Option<Shown>, Error> {
        let seen_at = self.now();
        let (user, agreement) = join(self.user(id), self.agreement(id)).await;
        let Some(user) = user? else {
            return Ok(None);
        };
        let agreement = agreement?;
        Ok(Some(Shown {
            user,
            agreement,
            seen_at,
        }))
    }

    pub(super) fn observe(
        &self,
        shown: &Shown,
        operation: SideOperation,
    ) -> Result<Observation, SideError> {
        observation_of(&shown.user, &shown.agreement, self.unit, shown.seen_at)
            .map_err(|code| SideError::new(operation, SideErrorKind::Malfunction).with_code(code))
    }

    pub(super) async fn get_one(&self, key: &RecordKey) -> Result<Option<Observation>, SideError> {
        let operation = SideOperation::Get;
        let Some(id) = user_of(key) else {
            return Ok(None);
        };
        let shown = self.shown(id).await;
        let shown = shown.map_err(|error| side_error(operation, error))?;
        shown
            .map(|shown| self.observe(&shown, operation))
            .transpose()
    }

    /// The users that carry these client keys: one list of users, whatever the number of keys.
    pub(super) async fn find_many(
        &self,
        keys: &[ClientKey],
    ) -> Result<Vec<(ClientKey, Found)>, SideError> {
        let operation = SideOperation::Find;
        let failed = |error| side_error(operation, error);
        let seen_at = self.now();
        let users = self.kleer.users().list().await.map_err(failed)?;
        let mut carriers: HashMap<ClientKey, Vec<&User>> =
            keys.iter().map(|key| (*key, Vec::new())).collect();
        for user in &users {
            let key = client_key_in(user.foreign_id.as_deref());
            if let Some(carriers) = key.and_then(|key| carriers.get_mut(&key)) {
                carriers.push(user);
            }
        }
        let found = carriers.values().flatten().map(|user| user.id);
        let found: Vec<UserId> = found.collect();
        let agreements = self.agreements_of(&found).await.map_err(failed)?;
        let nothing = if is_whole(&users) {
            Found::Nothing
        } else {
            Found::Undecided
        };
        let mut answers = Vec::with_capacity(keys.len());
        for key in keys {
            let users = carriers.get(key).map_or(&[][..], Vec::as_slice);
            let mut seen = Vec::with_capacity(users.len());
            for user in users {
                let agreement = agreements.get(&user.id).cloned();
                let shown = Shown {
                    user: (*user).clone(),
                    agreement: agreement.unwrap_or(Agreement::Unsaid),
                    seen_at,
                };
                seen.push(self.observe(&shown, operation)?);
            }
            let answer = match seen.into_iter().collect() {
                Found::Nothing => nothing.clone(),
                found => found,
            };
            answers.push((*key, answer));
        }
        Ok(answers)
    }

    /// The agreements of some users, by the list if they are many.
    async fn agreements_of(&self, users: &[UserId]) -> Result<HashMap<UserId, Agreement>, Error> {
        let mut known = HashMap::new();
        if users.len() >= LIST_FROM {
            for agreement in self.agreements().await?.into_iter().flatten() {
                known.insert(agreement.user.id, Agreement::Is(Box::new(agreement)));
            }
        }
        let mut rest = users.to_vec();
        rest.retain(|id| !known.contains_key(id));
        let asked = self.ask(rest).await?;
        known.extend(asked);
        Ok(known)
    }
}
