//! Logging in by e-mail address and password.

use std::fmt;

use kleer_model::endpoint::{self, Endpoint};
use kleer_model::{AccessibleCompany, CompanyId, List, UserAuthentication};
use secrecy::{ExposeSecret, SecretString};

use crate::builder::KleerBuilder;
use crate::call::Call;
use crate::error::Error;
use crate::response;
use crate::token::Credentials;

/// The endpoint of a log-in.
pub(crate) const ENDPOINT: &Endpoint = &endpoint::ACCESS_AUTHENTICATE;

/// A log-in by e-mail address and password, which gives the companies that they open and a token
/// for each.
///
/// Users who log in by other means, such as `BankID`, have no password and need a token of their
/// own.
///
/// ```no_run
/// # async fn example(password: String) -> Result<(), kleer_client::Error> {
/// use kleer_client::LogIn;
///
/// let session = LogIn::new("tolvan@example.com", password)
///     .settings(|settings| settings.test().user_agent("my-connector/1.0"))
///     .send()
///     .await?;
/// for company in session.companies() {
///     println!("{}: {}", company.id, company.name);
/// }
/// if let Some(company) = session.main_company() {
///     let kleer = session.open(company.id)?;
///     println!("{:?}", kleer.company());
/// }
/// # Ok(()) }
/// ```
#[must_use = "a log-in does nothing until it is sent"]
pub struct LogIn {
    email: String,
    password: SecretString,
    settings: KleerBuilder,
}

impl LogIn {
    /// A log-in to Kleer's production service.
    pub fn new(email: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self {
            email: email.into(),
            password: password.into(),
            settings: KleerBuilder::new(CompanyId(0)),
        }
    }

    /// Changes the settings, of the log-in and of the clients that come of it.
    pub fn settings(mut self, change: impl FnOnce(KleerBuilder) -> KleerBuilder) -> Self {
        self.settings = change(self.settings);
        self
    }

    /// Logs in. It changes nothing in Kleer, and is tried again like a read.
    ///
    /// # Errors
    /// An [`Error`]; [`is_unauthorized`](Error::is_unauthorized) if the password is wrong.
    pub async fn send(self) -> Result<Session, Error> {
        let kleer = self
            .settings
            .clone()
            .credentials(Credentials::None)
            .company(CompanyId(0))
            .build()?;
        let login = UserAuthentication::new(self.email, self.password.expose_secret());
        let call: Call<List<AccessibleCompany>> =
            Call::with_document(&kleer, ENDPOINT, &[], &login, response::whole());
        let companies = call.send().await?;
        Ok(Session {
            companies,
            settings: self.settings,
        })
    }
}

impl fmt::Debug for LogIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogIn")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What a log-in opened. It holds tokens, which `Debug` does not show.
pub struct Session {
    companies: List<AccessibleCompany>,
    settings: KleerBuilder,
}

impl Session {
    /// The companies, with a token, rights and roles for each.
    pub fn companies(&self) -> &[AccessibleCompany] {
        &self.companies.items
    }

    /// Whether every company could be read.
    pub fn is_complete(&self) -> bool {
        self.companies.is_complete()
    }

    /// The user's main company.
    pub fn main_company(&self) -> Option<&AccessibleCompany> {
        self.companies.iter().find(|company| company.main)
    }

    /// A client for one of the companies, with the settings of the log-in.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the company is not among
    /// them.
    pub fn open(&self, company: CompanyId) -> Result<crate::Kleer, Error> {
        let found = self.companies.iter().find(|found| found.id == company);
        let found = found.ok_or_else(|| {
            Error::configuration("the company is not among those that the log-in opens")
        })?;
        self.settings
            .clone()
            .company(company)
            .token(found.token.clone())
            .build()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("companies", &self.companies.len())
            .finish_non_exhaustive()
    }
}
