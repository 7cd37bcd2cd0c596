//! Who owns which field of an employee, unless somebody says otherwise.

use kleer_employee::{field, fields};
use record_link::{AutoLink, FieldRule, Permission, Policy, Which};

use crate::failure::names;

/// The fields that are looked after in Kleer: the number that the company gives, how costs are
/// booked, and what payroll notes down. HR systems have none of them, or take them from payroll.
const OF_PAYROLL: [&str; 4] = [
    field::INTERNAL_ID,
    field::ADDRESS1,
    field::DIMENSION_ENTRIES,
    field::NOTES,
];

/// Employees go from an HR system to Kleer, and nothing comes back. `hr` is the side that the HR
/// system is on.
///
/// - Whoever is new in HR is created in Kleer; a pair with the same personal number, alone on both
///   sides, is linked; every other pair that may be one waits for a person.
/// - HR owns every field but those that are looked after in payroll (`internal-id`, `address1`,
///   `dimension-entries`, `notes`), which are never written.
/// - Where two records are linked that were there before, nothing is overwritten: what differs is a
///   conflict for a person, unless `first_sync` is set.
/// - Nobody is deleted, on either side; the [guards](record_link::Guard) are the default ones.
///
/// It is a value like any other: change what does not fit.
///
/// ```
/// use kleer_connect::employee::field;
/// use kleer_connect::employees;
/// use kleer_connect::link::{FieldRule, FirstSync, Permission, Which};
/// use kleer_connect::record::FieldName;
///
/// let mut policy = employees::one_way(Which::Left);
/// assert_eq!(policy.sides.right.create, Permission::Automatic);
/// assert!(!policy.may_write(field::INTERNAL_ID, Which::Right));
///
/// // In this company the bank account is entered in Kleer, and HR wins when records meet.
/// let in_kleer = FieldRule::Owned { by: Which::Right };
/// policy.field(FieldName::new(field::ACCOUNT_NR)?).rule = in_kleer;
/// policy.first_sync = FirstSync::PreferLeft;
/// # Ok::<(), kleer_connect::record::NameError>(())
/// ```
pub fn one_way(hr: Which) -> Policy {
    let mut policy = Policy::owned_by(hr);
    policy.auto_link = AutoLink::Certain;
    looked_after_in_kleer(&mut policy, hr);
    policy
}

/// As [`one_way`], and what is changed in Kleer comes back to HR: a field that one side changed is
/// written to the other, and where both changed, a person is asked. What payroll looks after goes
/// from Kleer to HR only, if HR has such a field.
///
/// People who are new in Kleer are created in HR only when somebody decides it.
///
/// ```
/// use kleer_connect::employee::field;
/// use kleer_connect::employees;
/// use kleer_connect::link::{Permission, Which};
///
/// let policy = employees::two_way(Which::Left);
/// assert!(policy.may_write(field::PHONE, Which::Left));
/// assert!(policy.may_write(field::INTERNAL_ID, Which::Left));
/// assert_eq!(policy.sides.left.create, Permission::Ask);
/// ```
pub fn two_way(hr: Which) -> Policy {
    let mut policy = Policy::default();
    policy.auto_link = AutoLink::Certain;
    policy.sides[hr.other()].create = Permission::Automatic;
    looked_after_in_kleer(&mut policy, hr);
    policy
}

fn looked_after_in_kleer(policy: &mut Policy, hr: Which) {
    for name in names(fields(), OF_PAYROLL) {
        policy.field(name).rule = FieldRule::Owned { by: hr.other() };
    }
}
