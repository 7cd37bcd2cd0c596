//! The client itself, and the way to its areas.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method};
use kleer_model::CompanyId;
use kleer_model::endpoint::Endpoint;
use url::Url;

use crate::builder::KleerBuilder;
use crate::limits::Limits;
use crate::raw::RawCall;
use crate::retry::RetryPolicy;
use crate::timer::Timer;
use crate::token::Credentials;
use crate::transport::Transport;

/// One company in Kleer, seen with one token. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Kleer {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) company: CompanyId,
    pub(crate) credentials: Credentials,
    /// Templates that stand in place of the table's, by the endpoint's name.
    pub(crate) paths: BTreeMap<&'static str, String>,
    pub(crate) limits: Limits,
    pub(crate) base_url: Url,
    pub(crate) user_agent: HeaderValue,
    pub(crate) attempt_timeout: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) max_response_bytes: usize,
    pub(crate) dry_run: bool,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) timer: Arc<dyn Timer>,
}

impl Kleer {
    /// Begins a client for one company. A token is needed; all else has defaults.
    pub fn builder(company: CompanyId) -> KleerBuilder {
        KleerBuilder::new(company)
    }

    /// The company this client works for.
    pub fn company(&self) -> CompanyId {
        self.inner.company
    }

    /// The address of the Kleer that is called, without a slash at the end: which of several Kleers
    /// it is. It holds no user name and no query.
    pub fn base_url(&self) -> &str {
        self.inner.base_url.as_str().trim_end_matches('/')
    }

    /// Whether writes are shown instead of sent; see [`KleerBuilder::dry_run`].
    pub fn is_dry_run(&self) -> bool {
        self.inner.dry_run
    }

    /// The path by which this client calls an endpoint: the table's, or the one that
    /// [`KleerBuilder::override_path`] put in its place.
    pub fn path_of(&self, endpoint: &'static Endpoint) -> &str {
        let other = self.inner.paths.get(endpoint.name);
        other.map_or(endpoint.path, String::as_str)
    }

    /// Any other request, with the same token, retries, limits and errors. See [`RawCall`].
    pub fn raw(&self, method: Method, segments: &[&str]) -> RawCall {
        RawCall::new(self, method, segments)
    }
}

impl fmt::Debug for Kleer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kleer")
            .field("company", &self.inner.company)
            .field("base_url", &self.inner.base_url.as_str())
            .field("token", &"[redacted]")
            .field("attempt_timeout", &self.inner.attempt_timeout)
            .field("retry", &self.inner.retry)
            .field("max_response_bytes", &self.inner.max_response_bytes)
            .field("dry_run", &self.inner.dry_run)
            .finish_non_exhaustive()
    }
}
