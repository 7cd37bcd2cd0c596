//! The settings file.

use std::fs;
use std::path::{Path, PathBuf};

use flat_record::Sensitivity;
use kleer_employee::leave::LeaveTypes;
use kleer_model::{CompanyId, SalaryUnit};
use secrecy::SecretString;
use serde::Deserialize;

/// What a company has to say before anything can be synchronised.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// What this connection is called: one account in Alexis, one company in Kleer.
    pub label: String,
    /// Where Alexis is, such as `https://api.alexishr.com/v1`, and its token.
    pub alexis: System,
    /// Where Kleer is, such as `https://api.kleer.se/v1`, and its token.
    pub kleer: System,
    /// The company in Kleer.
    pub company: CompanyId,
    /// Whether Kleer counts salaries in kronor or in öre: nobody but the company knows, and a guess
    /// would be wrong by a factor of 100.
    pub salary_unit: SalaryUnit,
    /// The work e-mail address is used, and not the private one.
    #[serde(default)]
    pub use_work_email: bool,
    /// Fields that say more than this are left out altogether: neither compared nor written.
    #[serde(default = "everything")]
    pub most_sensitive: Sensitivity,
    /// Which type of leave in Alexis, by its id, is which in Kleer.
    #[serde(default)]
    pub leave_types: LeaveTypes,
    /// A custom field of the employee in Alexis that takes our reference: with it, a create in
    /// Alexis whose answer was lost is found again.
    #[serde(default)]
    pub reference_field: Option<String>,
}

/// Where a system is, and the token for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct System {
    /// The address.
    pub base_url: String,
    /// Where the token stands.
    pub token: Secret,
}

/// Where a secret stands: never in the settings themselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Secret {
    /// In an environment variable.
    Env(String),
    /// In a file of its own.
    File(PathBuf),
}

fn everything() -> Sensitivity {
    Sensitivity::Sensitive
}

impl Settings {
    /// Reads the file.
    ///
    /// # Errors
    /// A text that says what is wrong where.
    pub fn read(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        toml::from_str(&text).map_err(|error| format!("{name}: {error}"))
    }
}

impl Secret {
    /// The secret.
    ///
    /// # Errors
    /// A text that says where it was looked for.
    pub fn read(&self) -> Result<SecretString, String> {
        let text = match self {
            Self::Env(name) => std::env::var(name).map_err(|error| format!("{name}: {error}"))?,
            Self::File(path) => {
                fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?
            }
        };
        Ok(text.trim().to_owned().into())
    }
}
