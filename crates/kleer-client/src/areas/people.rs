//! Users, what they may do, and the suppliers that some of them work for.

use kleer_model::{
    Access, AccessRole, InternalHourlyCostReadable, InternalHourlyCostWritable, List,
    SubcontractorId, SubcontractorReadable, SubcontractorWritable, User, UserId,
};

use super::{area, once};
use crate::handle::At;

area! {
    /// The users: people with an account in the company. From [`Kleer::users`](crate::Kleer::users).
    Users {
        /// The user of the token.
        read me() -> User = USER_ME confirmed;
        /// All users, active and not. Conclude nothing from what is missing in a list that
        /// [is not complete](kleer_model::List::is_complete).
        list list() -> User = USER_LIST confirmed;
        /// One user.
        read get(id: UserId => "user-id") -> User = USER_READ confirmed;
        /// The user with this foreign id.
        read get_by_foreign_id(foreign_id: &str => "foreign-id") -> User = USER_BY_FOREIGN_ID confirmed;
        /// Creates a user. Kleer has no protection against doubles: rather use
        /// [`create_once`](Self::create_once).
        create create(; user: &User) -> UserId = USER_CREATE inferred;
        /// Updates a user; id, name, e-mail address and whether it is active suffice.
        update update(id: UserId => "user-id"; user: &User) -> UserId = USER_UPDATE confirmed;
    }
}

once!(Users: User, "the users");

impl<'a> Users<'a> {
    /// What a user may do, and what an hour of the user's costs.
    pub fn access(&self, user: UserId) -> UserAccess<'a> {
        let id = ("user-id", i64::from(user.0));
        UserAccess::at(At::with(self.at.kleer(), Some(id)))
    }
}

area! {
    /// What one user may do, and what an hour of the user's costs the company. From
    /// [`Users::access`].
    UserAccess {
        /// The rights.
        read list() -> List<Access> = ACCESS_LIST inferred;
        /// Gives the user one right more.
        update grant(; access: &Access) -> i32 = ACCESS_GRANT inferred;
        /// Replaces all rights by these. Send back what [`list`](Self::list) gave, changed.
        update replace(; accesses: &List<Access>) -> i32 = ACCESS_REPLACE inferred;
        /// The roles: rights that go together.
        list roles() -> AccessRole = ACCESS_ROLES inferred;
        /// What an hour has cost the company, and since when.
        list internal_hourly_costs() -> InternalHourlyCostReadable = INTERNAL_HOURLY_COST_LIST inferred;
        /// Adds what an hour costs from a day on.
        update add_internal_hourly_cost(; cost: &InternalHourlyCostWritable) -> i32 = INTERNAL_HOURLY_COST_CREATE inferred;
        /// Replaces all that an hour costs, now and before.
        update replace_internal_hourly_costs(; costs: &List<InternalHourlyCostWritable>) -> i32 = INTERNAL_HOURLY_COST_REPLACE inferred;
    }
}

area! {
    /// Subcontractors: suppliers, and the users who work for them. From
    /// [`Kleer::subcontractors`](crate::Kleer::subcontractors).
    Subcontractors {
        /// All subcontractors.
        list list() -> SubcontractorReadable = SUBCONTRACTOR_LIST inferred;
        /// One subcontractor.
        read get(id: SubcontractorId => "subcontractor-id") -> SubcontractorReadable = SUBCONTRACTOR_READ inferred;
        /// Creates a subcontractor. It has no foreign id: take the list before, so that after an
        /// unknown outcome you can tell what is new.
        create create(; subcontractor: &SubcontractorWritable) -> SubcontractorId = SUBCONTRACTOR_CREATE inferred;
        /// Updates a subcontractor.
        update update(id: SubcontractorId => "subcontractor-id"; subcontractor: &SubcontractorWritable) -> SubcontractorId = SUBCONTRACTOR_UPDATE inferred;
    }
}
