//! What a request proves its right with.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

use crate::error::ErrorKind;
use crate::failure::Failure;
use crate::request::TOKEN_HEADER;
use crate::retry::Event;
use crate::transport::BoxFuture;

/// Hands out the bearer tokens of Kleer's next API, which take the place of the personal token.
///
/// How such tokens are got is Kleer's identity service's matter, and not established yet: no grant
/// is built in. A source keeps its token until it is about to run out; it is asked before every
/// attempt.
///
/// ```
/// use kleer_client::{BoxFuture, Kleer, SecretString, TokenError, TokenSource};
/// use kleer_client::model::CompanyId;
///
/// #[derive(Debug)]
/// struct FromMyVault;
///
/// impl TokenSource for FromMyVault {
///     fn token(&self) -> BoxFuture<'_, Result<SecretString, TokenError>> {
///         Box::pin(async { Ok(SecretString::from("bearer-token")) })
///     }
/// }
///
/// let kleer = Kleer::builder(CompanyId(4875)).token_source(FromMyVault).build()?;
/// # Ok::<(), kleer_client::Error>(())
/// ```
pub trait TokenSource: fmt::Debug + Send + Sync {
    /// A token that is valid now. It goes out as `Authorization: Bearer`. The time this takes counts
    /// for the attempt timeout.
    ///
    /// # Errors
    /// A [`TokenError`] if there is none to be had. Nothing is sent then.
    fn token(&self) -> BoxFuture<'_, Result<SecretString, TokenError>>;

    /// The server answered 401 to this token: forget it. The call is then made once more, with what
    /// [`token`](Self::token) gives next.
    ///
    /// Calls that run side by side may all come back with the same token: do nothing if it is not
    /// the one that you would give now, so that the first one's new token stays.
    fn rejected(&self, token: &SecretString) {
        let _ = token;
    }
}

/// A token could not be had.
#[derive(Debug, Default)]
pub struct TokenError {
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TokenError {
    /// An error without a deeper cause.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the deeper cause. It is shown, so it must hold no secret.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token source has no token")
    }
}

impl StdError for TokenError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// How a client signs its requests.
#[derive(Clone)]
pub(crate) enum Credentials {
    /// Kleer's personal token.
    Token(SecretString),
    /// Bearer tokens.
    Source(Arc<dyn TokenSource>),
    /// Nothing: only for the log-in, which asks for no token.
    None,
}

impl Credentials {
    /// The header's name.
    pub(crate) fn header_name(&self) -> Option<HeaderName> {
        match self {
            Self::None => None,
            Self::Token(_) => Some(HeaderName::from_static(TOKEN_HEADER)),
            Self::Source(_) => Some(header::AUTHORIZATION),
        }
    }

    /// The header that carries the right, hidden from `Debug`. Puts the token of a source into
    /// `given`.
    pub(crate) async fn header(
        &self,
        given: &mut Option<SecretString>,
    ) -> Result<Option<(HeaderName, HeaderValue)>, Failure> {
        let (name, text) = match self {
            Self::None => return Ok(None),
            Self::Token(token) => (
                HeaderName::from_static(TOKEN_HEADER),
                // The builder has checked that it is visible ASCII.
                token.expose_secret().to_owned(),
            ),
            Self::Source(source) => {
                let token = source
                    .token()
                    .await
                    .map_err(|error| no_token().caused_by(error))?;
                let text = format!("Bearer {}", token.expose_secret());
                *given = Some(token);
                (header::AUTHORIZATION, text)
            }
        };
        let text = SecretString::from(text);
        let mut value = HeaderValue::from_str(text.expose_secret()).map_err(|_| {
            no_token().detail("the token has a character that a header cannot have")
        })?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }
}

/// The source was still thinking when the time of the attempt was over.
pub(crate) fn late_token() -> Failure {
    no_token().detail("the token source did not answer within the attempt timeout")
}

fn no_token() -> Failure {
    Failure::new(ErrorKind::NoToken, Event::NotSent)
}
