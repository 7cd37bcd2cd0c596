//! Who owns which field of a client, unless somebody says otherwise.

use record_link::{AutoLink, FieldRule, Permission, Policy, Which};

use super::fields::{field, fields};
use crate::failure::names;

/// The fields that are looked after in Kleer: how invoices are sent, approved and booked.
const OF_ACCOUNTING: [&str; 4] = [
    field::DELIVERY_TYPE,
    field::EDI_RECIPIENT,
    field::APPROVER,
    field::DIMENSION_ENTRIES,
];

/// Clients go from a CRM, an order system or an invoice hub to Kleer, and nothing comes back.
/// `source` is the side that this system is on.
///
/// - Whoever is new there is created in Kleer; a pair with the same organisation number, alone on
///   both sides, is linked; every other pair that may be one waits for a person.
/// - The source owns every field but those that are looked after in accounting (`delivery-type`,
///   `edi-recipient`, `approver`, `dimension-entries`), which are never written.
/// - Where two records are linked that were there before, what differs is a conflict for a person,
///   unless `first_sync` is set.
/// - Nothing is deleted, on either side; the [guards](record_link::Guard) are the default ones.
///
/// ```
/// use kleer_connect::clients::{self, field};
/// use kleer_connect::link::Which;
///
/// let policy = clients::one_way(Which::Left);
/// assert!(policy.may_write(field::EMAIL, Which::Right));
/// assert!(!policy.may_write(field::APPROVER, Which::Right));
/// ```
pub fn one_way(source: Which) -> Policy {
    let mut policy = Policy::owned_by(source);
    policy.auto_link = AutoLink::Certain;
    looked_after_in_kleer(&mut policy, source);
    policy
}

/// As [`one_way`], and what is changed in Kleer comes back: a field that one side changed is
/// written to the other, and where both changed, a person is asked. Clients who are new in Kleer
/// are created in the source only when somebody decides it.
pub fn two_way(source: Which) -> Policy {
    let mut policy = Policy::default();
    policy.auto_link = AutoLink::Certain;
    policy.sides[source.other()].create = Permission::Automatic;
    looked_after_in_kleer(&mut policy, source);
    policy
}

fn looked_after_in_kleer(policy: &mut Policy, source: Which) {
    let kleer = source.other();
    for name in names(fields(), OF_ACCOUNTING) {
        policy.field(name).rule = FieldRule::Owned { by: kleer };
    }
    for name in names(fields(), [field::EDI_RECIPIENT]) {
        policy.field(name).read_only[kleer] = true;
    }
}
