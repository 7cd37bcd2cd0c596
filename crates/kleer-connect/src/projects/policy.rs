//! Who owns which field of a client project, unless somebody says otherwise.

use record_link::{AutoLink, FieldRule, Permission, Policy, Which};

use super::fields::{field, fields};
use crate::failure::names;

/// What is looked after in Kleer: how invoices are sent, and what they say.
const OF_ACCOUNTING: [&str; 2] = [field::DELIVERY_TYPE, field::DEFAULT_NOTES];

/// What is set when a project is created.
const ONLY_ON_CREATE: [&str; 3] = [field::NAME, field::CLIENT, field::FIXED_PRICE];

/// Projects go from a CRM or a resource planner to Kleer, and nothing comes back. `source` is the
/// side that this system is on.
///
/// - What is new there is created in Kleer; a pair with the same number, alone on both sides, is
///   linked; every other pair that may be one waits for a person.
/// - The source owns every field but those that are looked after in accounting (`delivery-type`,
///   `default-notes`), which are never written. `name`, `client` and `fixed-price` are written once:
///   Kleer does not let them change. `active` follows from the status.
/// - Where two records are linked that were there before, what differs is a conflict for a person,
///   unless `first_sync` is set.
/// - Nothing is deleted; a project that is over is closed by its `status`.
///
/// ```
/// use kleer_connect::link::Which;
/// use kleer_connect::projects::{self, field};
///
/// let policy = projects::one_way(Which::Left);
/// assert!(policy.may_write(field::STATUS, Which::Right));
/// assert!(policy.is_read_only(field::ACTIVE, Which::Right));
/// ```
pub fn one_way(source: Which) -> Policy {
    let mut policy = Policy::owned_by(source);
    policy.auto_link = AutoLink::Certain;
    as_kleer_has_it(&mut policy, source);
    policy
}

/// Projects that are new in Kleer are created in the source, and nothing else is written to either
/// side: as in connectors that start projects in the accounting system.
pub fn only_new_from_kleer(kleer: Which) -> Policy {
    let mut policy = Policy::only_new_from(kleer);
    policy.auto_link = AutoLink::Certain;
    policy
}

/// As [`one_way`], and what is changed in Kleer comes back: a field that one side changed is
/// written to the other, and where both changed, a person is asked. Projects that are new in Kleer
/// are created in the source only when somebody decides it.
pub fn two_way(source: Which) -> Policy {
    let mut policy = Policy::default();
    policy.auto_link = AutoLink::Certain;
    policy.sides[source.other()].create = Permission::Automatic;
    as_kleer_has_it(&mut policy, source);
    policy
}

fn as_kleer_has_it(policy: &mut Policy, source: Which) {
    let kleer = source.other();
    for name in names(fields(), OF_ACCOUNTING) {
        policy.field(name).rule = FieldRule::Owned { by: kleer };
    }
    for name in names(fields(), ONLY_ON_CREATE) {
        policy.field(name).rule = FieldRule::WriteOnce { from: source };
    }
    for name in names(fields(), [field::ACTIVE]) {
        policy.field(name).read_only[kleer] = true;
    }
}
