//! From a connection's settings to a client.

use flat_record::HashKey;
use kleer_client::{Kleer, KleerBuilder, LogIn};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use super::{Access, Connection, SecretError, Secrets};

/// A connection that cannot be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A secret cannot be fetched.
    #[error("connection {label:?}: {source}")]
    Secret {
        /// The connection's label.
        label: String,
        /// Why.
        source: SecretError,
    },
    /// The settings make no client, or the log-in failed.
    #[error("connection {label:?}: {source}")]
    Kleer {
        /// The connection's label.
        label: String,
        /// Why.
        source: kleer_client::Error,
    },
}

impl<S> Connection<S> {
    /// The client of this connection; logs in, if the connection does.
    ///
    /// `settings` changes what the configuration does not hold, such as the user agent.
    ///
    /// # Errors
    /// [`OpenError`]: a secret cannot be fetched, a setting is wrong, or the log-in was refused.
    pub async fn open(
        &self,
        secrets: &dyn Secrets,
        settings: impl FnOnce(KleerBuilder) -> KleerBuilder,
    ) -> Result<Kleer, OpenError> {
        let with_settings = |mut builder: KleerBuilder| {
            if let Some(url) = &self.base_url {
                builder = builder.base_url(url);
            }
            if let Some(requests) = self.concurrency {
                builder = builder.max_concurrent_requests(requests);
            }
            settings(builder)
        };
        let kleer = |source| OpenError::Kleer {
            label: self.label.clone(),
            source,
        };
        let secret = |source| OpenError::Secret {
            label: self.label.clone(),
            source,
        };
        match &self.access {
            Access::Token(token) => {
                let token = token.resolve(secrets).map_err(secret)?;
                let builder = Kleer::builder(self.company).token(token);
                with_settings(builder).build().map_err(kleer)
            }
            Access::LogIn { email, password } => {
                let password = password.resolve(secrets).map_err(secret)?;
                let log_in = LogIn::new(email.as_str(), password).settings(with_settings);
                let session = log_in.send().await.map_err(kleer)?;
                session.open(self.company).map_err(kleer)
            }
        }
    }

    /// The secret of the hashes of what was last in step, if the configuration names one: what
    /// [`Keeping`](record_link::Keeping) is made of.
    ///
    /// # Errors
    /// When it cannot be fetched, or is not 32 hexadecimal digits.
    pub fn hash_key(&self, secrets: &dyn Secrets) -> Result<Option<HashKey>, SecretError> {
        let Some(key) = &self.hash_key else {
            return Ok(None);
        };
        hash_key_of(&key.resolve(secrets)?).map(Some)
    }
}

/// The key that 32 hexadecimal digits are.
pub(crate) fn hash_key_of(text: &SecretString) -> Result<HashKey, SecretError> {
    let text = text.expose_secret();
    if text.len() != 32 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(SecretError::HashKey);
    }
    let number = u128::from_str_radix(text, 16).map_err(|_| SecretError::HashKey)?;
    Ok(HashKey::new(number.to_be_bytes()))
}
