//! What the program needs to know of Alexis: the table `source` of a connection.

use flat_record::Sensitivity;
use kleer_connect::configuration::SecretRef;
use kleer_employee::leave::LeaveTypes;
use serde::Deserialize;

/// What the program needs to know of Alexis.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AlexisSettings {
    /// Its address, such as `https://api.alexishr.com/v1`.
    pub base_url: String,
    /// Its token.
    pub token: SecretRef,
    /// The work e-mail address is used, and not the private one.
    #[serde(default)]
    pub use_work_email: bool,
    /// Fields that say more about a person than this are left out: neither compared nor written.
    pub most_sensitive: Option<Sensitivity>,
    /// Which type of leave, by its id, is which in Kleer. What is not named is reported.
    #[serde(default)]
    pub leave_types: LeaveTypes,
    /// A custom field of the employee that takes our reference: with it, a create in Alexis whose
    /// answer was lost is found again, and without it a person has to look.
    pub reference_field: Option<String>,
}
