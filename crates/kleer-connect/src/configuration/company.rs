//! Is the company still the one that was linked before?

use kleer_model::{CompanyId, CompanyInformation};
use record_link::{Store, StoreError};
use thiserror::Error;

use super::Connection;

/// A company that is not the one that is meant. Nothing was written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompanyError {
    /// The store has links of this label with another company.
    #[error(
        "the connection {label:?} was with company {before}, and now names company {now}: its links, \
         and the ids in them, are the other company's; give the new company a connection with a label \
         of its own, or put the old id back"
    )]
    Changed {
        /// The connection's label.
        label: String,
        /// The company that it names.
        now: CompanyId,
        /// The company that the store knows it with.
        before: String,
    },
    /// The token opens a company with another organisation number.
    #[error(
        "the connection {label:?} is meant for the company with organisation number {expected}, and its \
         token opens one with {found:?}; check company id and token"
    )]
    OtherCompany {
        /// The connection's label.
        label: String,
        /// The organisation number in the configuration.
        expected: String,
        /// The organisation number that Kleer tells.
        found: String,
    },
    /// The store cannot be read.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
}

impl<S> Connection<S> {
    /// Checks that the store knows this label with this company, or not at all. To be called before
    /// anything is written: a client key, and a link, belong to one company.
    ///
    /// # Errors
    /// [`CompanyError::Changed`] if it knows it with another company; [`CompanyError::Store`] if it
    /// cannot be read.
    pub async fn check_store(&self, store: &dyn Store) -> Result<(), CompanyError> {
        for known in store.connections().await? {
            let Some((label, before)) = known.as_str().rsplit_once("->") else {
                continue;
            };
            let is_same = label.to_lowercase() == self.label.to_lowercase();
            if is_same && before != self.company.to_string() {
                return Err(CompanyError::Changed {
                    label: self.label.clone(),
                    now: self.company,
                    before: before.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Checks that the company that the token opens is the one that the configuration means. Without
    /// an organisation number in the configuration nothing is checked.
    ///
    /// # Errors
    /// [`CompanyError::OtherCompany`].
    pub fn check_company(&self, company: &CompanyInformation) -> Result<(), CompanyError> {
        let digits = |text: &str| -> String {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            // With the century that some write before it.
            let start = digits.len().saturating_sub(10);
            digits[start..].to_owned()
        };
        match &self.organisation_number {
            Some(expected) if digits(expected) != digits(&company.orgno) => {
                Err(CompanyError::OtherCompany {
                    label: self.label.clone(),
                    expected: expected.clone(),
                    found: company.orgno.clone(),
                })
            }
            _ => Ok(()),
        }
    }
}
