//! Users of Kleer, and the subcontractors among them.

use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{id, record};
use crate::{
    DimensionEntryReference, DimensionsDistribution, SupplierReference, UserId, UserReference,
};

id! {
    /// A subcontractor: a supplier whose people report time in the company.
    pub struct SubcontractorId(i32);
}

record! {
    /// A person with an account in the company (schema type `user`), read and written.
    ///
    /// What concerns the employment stands elsewhere, under the same id. Lists hold inactive users
    /// too.
    pub struct User = "user", root "user", list "users" / "user" {
        /// Kleer's id; 0 on a create.
        required id: UserId = "id";
        /// Your own key.
        optional foreign_id: String = "foreign-id";
        /// A number that the company gives its users.
        optional internal_id: i32 = "internal-id";
        /// The whole name: Kleer keeps first and last name in one.
        required name: String = "name", personal;
        /// The e-mail address, by which users log in.
        required email: String = "email", personal;
        /// Whether the account is in use.
        required active: bool = "active";
        /// The entry that stands for this user where amounts are booked on employees; ignored when
        /// written.
        optional dimension_entry: DimensionEntryReference = "dimension-entry";
        /// How what concerns the user is spread over entries of dimensions.
        optional dimensions: DimensionsDistribution = "dimensions";
        /// The share that goes on the user's own entry, as a fraction: 1 is all of it.
        optional dimension_user_percentage: Decimal = "dimension-user-percentage";
    }
}

impl User {
    /// A new user with an account in use.
    ///
    /// ```
    /// use kleer_model::{Document, User};
    ///
    /// let user = User::new("Tolvan Tolvansson", "tolvan@example.com");
    /// assert!(user.to_xml()?.contains("<active>true</active>"));
    /// assert!(!format!("{user:?}").contains("Tolvan"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            email: email.into(),
            active: true,
            ..Self::blank()
        }
    }
}

record! {
    /// A subcontractor (schema type `subcontractor-readable`), as Kleer sends it: a supplier and
    /// the users who work for it.
    pub struct SubcontractorReadable = "subcontractor-readable", root "subcontractor-readable", list "subcontractor-readables" / "subcontractor-readable" {
        /// Kleer's id.
        required id: SubcontractorId = "id";
        /// A number that the company gives its subcontractors.
        required internal_id: i32 = "internal-id";
        /// The supplier that bills.
        required supplier: SupplierReference = "supplier";
        /// Its people.
        list users: UserReference = "users" / "user";
    }
}

impl SubcontractorReadable {
    /// What Kleer would send of a subcontractor that was written; for tests and sandboxes.
    pub fn from_writable(
        id: SubcontractorId,
        internal_id: i32,
        subcontractor: SubcontractorWritable,
    ) -> Self {
        Self {
            id,
            internal_id,
            supplier: subcontractor.supplier,
            users: subcontractor.users,
            ..Self::blank()
        }
    }
}

record! {
    /// A subcontractor (schema type `subcontractor-writeable`), as it is written.
    pub struct SubcontractorWritable = "subcontractor-writeable", root "subcontractor-writeable" {
        /// The supplier that bills.
        required supplier: SupplierReference = "supplier";
        /// Its people.
        list users: UserReference = "users" / "user";
    }
}

impl SubcontractorWritable {
    /// A supplier and the users who work for it.
    ///
    /// ```
    /// use kleer_model::{Document, SubcontractorWritable, SupplierId, UserId};
    ///
    /// let subcontractor = SubcontractorWritable::new(SupplierId(8), [UserId(21)]);
    /// assert!(subcontractor.to_xml()?.contains("<users><user><id>21</id></user></users>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(
        supplier: impl Into<SupplierReference>,
        users: impl IntoIterator<Item = UserId>,
    ) -> Self {
        Self {
            supplier: supplier.into(),
            users: users.into_iter().map(UserReference::new).collect(),
            ..Self::blank()
        }
    }
}
