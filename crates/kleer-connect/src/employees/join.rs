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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use chrono::DateTime;
    use flat_record::Kind;
    use kleer_client::model::Document;
    use kleer_employee::field;
    use proptest::prelude::*;
    use record_link::Scope;

    use super::*;

    const UNIT: SalaryUnit = SalaryUnit::Ore;

    fn user(id: u8, name: &str, is_ours: bool, active: bool) -> User {
        let mut user = User::new(name, "a@example.com");
        user.id = UserId(id.into());
        user.active = active;
        if is_ours {
            let key = record_link::ClientKey::new("hr", "employee", &id.to_string());
            user.foreign_id = Some(key.to_string());
        }
        user
    }

    fn agreement(id: u8, phone: u8) -> PayrollUserReadable {
        let hired = chrono::NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
        let mut agreement = PayrollUserReadable::new(UserId(id.into()), "19121212-1212", hired);
        agreement.phone = Some(format!("031-{phone}"));
        agreement
    }

    /// A list as it arrives, with items that cannot be read.
    fn list<T: kleer_client::model::ListItem>(items: Vec<T>, unreadable: usize) -> List<T>
    where
        List<T>: Document,
    {
        let xml = List::from(items).to_xml().unwrap();
        let end = format!("</{}>", T::LIST);
        let xml = match xml.strip_suffix(&end) {
            Some(start) => start.to_owned(),
            None => format!("<{}>", T::LIST), // it was empty
        };
        let bad = format!("<{0}><id>x</id></{0}>", T::ITEM).repeat(unreadable);
        List::from_xml(format!("{xml}{bad}{end}").as_bytes()).unwrap()
    }

    fn snapshot() -> Snapshot {
        let kind = Kind::new("employee").unwrap();
        Snapshot::new(kind, fields(), Scope::of(["all"]), DateTime::UNIX_EPOCH)
    }

    prop_compose! {
        fn users()(
            users in proptest::collection::vec((0_u8..12, 0_u8..2, any::<bool>()), 0..16),
        ) -> Vec<User> {
            let name = |number: u8| if number == 0 { "Anna" } else { "Bo" };
            users.into_iter().map(|(id, number, active)| user(id, name(number), id % 2 == 0, active)).collect()
        }
    }

    prop_compose! {
        fn agreements()(
            agreements in proptest::collection::vec((0_u8..14, 0_u8..2), 0..16),
        ) -> Vec<PayrollUserReadable> {
            agreements.into_iter().map(|(id, phone)| agreement(id, phone)).collect()
        }
    }

    proptest! {
        /// Every user and every agreement is in the snapshot, or set aside by name: once each, and
        /// nothing is concluded from what could not be read.
        #[test]
        fn nothing_is_lost_and_nothing_is_made_up(
            users in users(),
            agreements in agreements(),
            unreadable in (0_usize..2, 0_usize..2),
            may_read in any::<bool>(),
            asked in any::<bool>(),
        ) {
            let (users, agreements) = (list(users, unreadable.0), list(agreements, unreadable.1));
            let mut lists = Lists {
                users: &users,
                agreements: may_read.then_some(&agreements),
                asked: &HashMap::new(),
            };
            let without = lists.without_agreement();
            let answers: HashMap<UserId, Agreement> =
                without.iter().map(|id| (*id, Agreement::None)).collect();
            if asked {
                lists.asked = &answers;
            }
            let joined = lists.join(UNIT, snapshot());

            let mut by_id: BTreeMap<UserId, Vec<&User>> = BTreeMap::new();
            for user in &users {
                by_id.entry(user.id).or_default().push(user);
            }
            let mut of_user: BTreeMap<UserId, BTreeSet<String>> = BTreeMap::new();
            for agreement in agreements.iter().filter(|_| may_read) {
                let phones = of_user.entry(agreement.user.id).or_default();
                phones.insert(agreement.phone.clone().unwrap());
            }
            let set_aside: BTreeSet<&str> = joined.rejected().iter()
                .filter_map(|one| Some(one.key.as_ref()?.as_str())).collect();
            for (id, same) in &by_id {
                let is_clear = same.iter().all(|user| {
                    (&user.name, user.active) == (&same[0].name, same[0].active)
                }) && of_user.get(id).is_none_or(|phones| phones.len() == 1);
                let shown = joined.get(&id.to_string());
                prop_assert_eq!(shown.is_some(), is_clear, "{}", id);
                prop_assert_eq!(set_aside.contains(id.to_string().as_str()), !is_clear);
                let Some(shown) = shown else { continue };
                let phone = shown.record.get(field::PHONE);
                match of_user.get(id) {
                    Some(phones) => {
                        let expected = Value::from(phones.first().unwrap().as_str());
                        prop_assert_eq!(phone, Some(&expected));
                    }
                    // Only who was asked is known to have none.
                    None if asked && without.contains(id) => {
                        prop_assert_eq!(phone, Some(&Value::Null));
                    }
                    None => prop_assert_eq!(phone, None),
                }
            }
            for id in of_user.keys().filter(|id| !by_id.contains_key(id)) {
                prop_assert!(set_aside.contains(id.to_string().as_str()), "an orphan: {}", id);
            }
            prop_assert_eq!(joined.len(), by_id.len());
            for id in &without {
                prop_assert!(by_id.contains_key(id) && !of_user.contains_key(id));
            }

            let unreadable = unreadable.0 + if may_read { unreadable.1 } else { 0 };
            let unnamed = joined.rejected().iter().filter(|one| one.key.is_none()).count();
            prop_assert_eq!(unnamed, unreadable);
            let is_whole = set_aside.is_empty() && unreadable == 0;
            prop_assert_eq!(joined.is_complete(), is_whole);
        }

        /// The order in which Kleer lists them makes no difference.
        #[test]
        fn the_order_of_the_lists_does_not_matter(
            users in users(),
            agreements in agreements(),
        ) {
            let of = |mut users: Vec<User>, mut agreements: Vec<PayrollUserReadable>, reverse: bool| {
                if reverse {
                    users.reverse();
                    agreements.reverse();
                }
                let (users, agreements) = (List::from(users), List::from(agreements));
                let asked = HashMap::new();
                let lists = Lists { users: &users, agreements: Some(&agreements), asked: &asked };
                let joined = lists.join(UNIT, snapshot());
                let ids = (0..14).map(|id: u8| id.to_string());
                ids.map(|id| joined.get(&id).cloned()).collect::<Vec<_>>()
            };
            prop_assert_eq!(of(users.clone(), agreements.clone(), false), of(users, agreements, true));
        }
    }

    #[test]
    fn a_list_that_is_only_a_part_is_not_the_whole() {
        let whole = "<users offset=\"0\" limit=\"1\" size=\"1\"><user><id>1</id><name>A</name><email>e</email><active>true</active></user></users>";
        for (xml, is_all) in [
            (whole.to_owned(), true),
            (whole.replace("size=\"1\"", "size=\"2\""), false),
        ] {
            let users = List::<User>::from_xml(xml.as_bytes()).unwrap();
            let lists = Lists {
                users: &users,
                agreements: None,
                asked: &HashMap::new(),
            };
            let joined = lists.join(UNIT, snapshot());
            assert_eq!((joined.len(), joined.is_complete()), (1, is_all));
        }
    }

    #[test]
    fn a_salary_out_of_range_costs_nobody_else() {
        let users = List::from(vec![
            user(1, "Anna", false, true),
            user(2, "Bo", false, true),
        ]);
        let mut huge = agreement(1, 1);
        huge.monthly_salary = Some(kleer_client::model::SalaryAmount(i64::MAX));
        let agreements = List::from(vec![huge, agreement(2, 2)]);
        let asked = HashMap::new();
        let lists = Lists {
            users: &users,
            agreements: Some(&agreements),
            asked: &asked,
        };
        let joined = lists.join(SalaryUnit::Kronor, snapshot());
        assert!(joined.get("1").is_none() && joined.get("2").is_some());
        assert_eq!(
            joined.rejected()[0].key.as_ref().map(|key| key.as_str()),
            Some("1")
        );
        assert!(!joined.is_complete());
    }
}
