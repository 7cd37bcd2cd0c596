//! Settings of a client, checked when it is built.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use kleer_model::{CompanyId, endpoint};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::error::Error;
use crate::kleer::{Inner, Kleer};
use crate::limits::{Limits, RateLimit};
use crate::reqwest_transport::ReqwestTransport;
use crate::retry::RetryPolicy;
use crate::timer::{Timer, TokioTimer};
use crate::token::{Credentials, TokenSource};
use crate::transport::Transport;

/// Kleer's production service.
pub const PRODUCTION_URL: &str = "https://api.kleer.se/v1";
/// Kleer's test service: its own storage, not visible in Kleer's web application.
pub const TEST_URL: &str = "https://test-api.kleer.se/v1";

const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DEFAULT_CONCURRENCY: usize = 16;
const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
const DEFAULT_MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;
const DEFAULT_USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Builds a [`Kleer`]. Begin with [`Kleer::builder`].
///
/// ```
/// use std::time::Duration;
/// use kleer_client::{Kleer, RetryPolicy};
/// use kleer_client::model::CompanyId;
///
/// let kleer = Kleer::builder(CompanyId(4875))
///     .token("my-token")
///     .test()
///     .user_agent("my-connector/1.0")
///     .attempt_timeout(Duration::from_secs(20))
///     .retry(RetryPolicy::default().with_max_attempts(6))
///     .build()?;
/// # Ok::<(), kleer_client::Error>(())
/// ```
#[must_use]
#[derive(Clone)]
pub struct KleerBuilder {
    company: CompanyId,
    credentials: Option<Credentials>,
    paths: BTreeMap<String, String>,
    rate: Option<RateLimit>,
    concurrency: usize,
    base_url: String,
    allow_http: bool,
    user_agent: String,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    retry: RetryPolicy,
    max_response_bytes: usize,
    dry_run: bool,
    transport: Option<Arc<dyn Transport>>,
    timer: Arc<dyn Timer>,
}

impl KleerBuilder {
    pub(crate) fn new(company: CompanyId) -> Self {
        Self {
            company,
            credentials: None,
            paths: BTreeMap::new(),
            rate: None,
            concurrency: DEFAULT_CONCURRENCY,
            base_url: PRODUCTION_URL.to_owned(),
            allow_http: false,
            user_agent: DEFAULT_USER_AGENT.to_owned(),
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            attempt_timeout: DEFAULT_ATTEMPT_TIMEOUT,
            retry: RetryPolicy::default(),
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
            dry_run: false,
            transport: None,
            timer: Arc::new(TokioTimer),
        }
    }

    /// The token, without which [`build`](Self::build) fails. A token belongs to one user and one
    /// company, and has that user's rights.
    pub fn token(self, token: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::Token(token.into()))
    }

    /// Signs with bearer tokens in place of a personal token. See [`TokenSource`].
    pub fn token_source(self, source: impl TokenSource + 'static) -> Self {
        self.credentials(Credentials::Source(Arc::new(source)))
    }

    pub(crate) fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    pub(crate) fn company(mut self, company: CompanyId) -> Self {
        self.company = company;
        self
    }

    /// Calls an endpoint at another path: for one whose path could only be
    /// [inferred](kleer_model::endpoint::Provenance::Inferred), and turned out to be wrong.
    ///
    /// The endpoint is named as in [the table](kleer_model::endpoint::ALL), the path is a template
    /// with the same parameters, relative to the same place.
    ///
    /// ```
    /// use kleer_client::Kleer;
    /// use kleer_client::model::{CompanyId, SupplierId};
    ///
    /// let kleer = Kleer::builder(CompanyId(4875))
    ///     .token("my-token")
    ///     .override_path("supplier.read", "suppliers/{supplier-id}")
    ///     .build()?;
    /// let request = kleer.suppliers().get(SupplierId(7)).render()?;
    /// assert!(request.url().path().ends_with("/company/4875/suppliers/7"));
    /// # Ok::<(), kleer_client::Error>(())
    /// ```
    pub fn override_path(
        mut self,
        endpoint: impl Into<String>,
        template: impl Into<String>,
    ) -> Self {
        self.paths.insert(endpoint.into(), template.into());
        self
    }

    /// Limits how many requests begin in a time. No limit by default: Kleer publishes none.
    ///
    /// All clones of the client share it. The `Retry-After` of a 429 that one call waits for is kept
    /// by all calls, with and without this limit.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate = Some(limit);
        self
    }

    /// How many requests run at the same time; the others wait for their turn, and that time counts
    /// for no timeout. 16 by default.
    ///
    /// A list that is read as a stream gives its place back when its answer begins: otherwise a
    /// program that sends updates while it reads could wait for itself for ever.
    pub fn max_concurrent_requests(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// Calls [`PRODUCTION_URL`]. This is the default.
    pub fn production(self) -> Self {
        self.base_url(PRODUCTION_URL)
    }

    /// Calls [`TEST_URL`].
    pub fn test(self) -> Self {
        self.base_url(TEST_URL)
    }

    /// Calls another address: a sandbox, a proxy, an older host. A slash at the end makes no
    /// difference.
    ///
    /// Only `https`, and `http` to this machine (see [`allow_http`](Self::allow_http)); no user
    /// name, query or fragment.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Allows plain `http` to other machines, too. The token and all data then travel in clear.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }

    /// The `User-Agent`: name and version of your program.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Limits name lookup, TCP and TLS together. 5 s by default. Not used with a
    /// [client](Self::http_client) or [transport](Self::transport) of your own.
    ///
    /// Keep it shorter than the attempt timeout: a write that could not connect is known not to
    /// have been carried out, one that timed out is not.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Limits each attempt: connecting, sending, waiting, and reading the whole answer. 60 s by
    /// default.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How often and how long calls are tried. See [`retry`](crate::retry).
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The largest answer that is accepted. 64 MiB by default.
    pub fn max_response_bytes(mut self, max: usize) -> Self {
        self.max_response_bytes = max;
        self
    }

    /// Sends no write: each one fails with [`ErrorKind::DryRun`](crate::ErrorKind::DryRun), and
    /// [`Error::rendered_request`] shows what would have been sent. Reads are sent as always.
    ///
    /// An error rather than a made-up success, so that no code goes on with a record that does not
    /// exist. For a single call see [`Call::render`](crate::Call::render).
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Sends with a reqwest client of your own. **Redirects must be off on it**: see
    /// [`ReqwestTransport::new`].
    pub fn http_client(self, client: reqwest::Client) -> Self {
        self.transport(ReqwestTransport::new(client))
    }

    /// Sends with another HTTP stack.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Waits and measures with another clock.
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.timer = Arc::new(timer);
        self
    }

    /// Checks the settings and builds the client.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), which names the setting and
    /// never shows its value.
    pub fn build(self) -> Result<Kleer, Error> {
        let base_url = check_base_url(&self.base_url, self.allow_http)?;
        let credentials = self
            .credentials
            .ok_or_else(|| Error::configuration("`token` is not set"))?;
        if let Credentials::Token(token) = &credentials {
            check_token(token.expose_secret())?;
        }
        let paths = check_paths(self.paths)?;
        if self.concurrency == 0 {
            return Err(Error::configuration("`max_concurrent_requests` is zero"));
        }
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .ok()
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                Error::configuration("`user_agent` is empty or has characters not allowed there")
            })?;
        if self.company.0 <= 0 && !matches!(credentials, Credentials::None) {
            return Err(Error::configuration(
                "the company id is not a positive number",
            ));
        }
        if self.attempt_timeout.is_zero() {
            return Err(Error::configuration("`attempt_timeout` is zero"));
        }
        let transport = if let Some(transport) = self.transport {
            transport
        } else {
            let https_only = base_url.scheme() == "https";
            let transport = ReqwestTransport::with_defaults(self.connect_timeout, https_only)
                .map_err(|error| {
                    Error::configuration("the HTTP client cannot be started")
                        .with_source(error.without_url())
                })?;
            Arc::new(transport)
        };
        Ok(Kleer {
            inner: Arc::new(Inner {
                company: self.company,
                credentials,
                paths,
                limits: Limits::new(self.rate, self.concurrency),
                base_url,
                user_agent,
                attempt_timeout: self.attempt_timeout,
                retry: self.retry,
                max_response_bytes: self.max_response_bytes,
                dry_run: self.dry_run,
                transport,
                timer: self.timer,
            }),
        })
    }
}

impl fmt::Debug for KleerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the base URL: it is not checked yet, and somebody may have put a password into it.
        f.debug_struct("KleerBuilder")
            .field("company", &self.company)
            .field("token", &self.credentials.as_ref().map(|_| "[redacted]"))
            .field("attempt_timeout", &self.attempt_timeout)
            .field("retry", &self.retry)
            .field("max_response_bytes", &self.max_response_bytes)
            .field("dry_run", &self.dry_run)
            .finish_non_exhaustive()
    }
}

/// Visible ASCII only: all that a token can be made of, and nothing that could end the header.
fn check_token(token: &str) -> Result<(), Error> {
    if token.is_empty() {
        return Err(Error::configuration("`token` is empty"));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::configuration(
            "`token` has a character that a token cannot have, such as a space or a line break",
        ));
    }
    Ok(())
}

/// The overridden paths, by the names that the table has.
fn check_paths(paths: BTreeMap<String, String>) -> Result<BTreeMap<&'static str, String>, Error> {
    let check = |(name, template): (String, String)| {
        let endpoint = endpoint::find(&name).ok_or_else(|| {
            Error::configuration("`override_path` names an endpoint that is not in the table")
        })?;
        endpoint.check_template(&template).map_err(|error| {
            let what = format!("`override_path` of {} is not possible", endpoint.name);
            Error::configuration(what).with_source(error)
        })?;
        Ok((endpoint.name, template))
    };
    paths.into_iter().map(check).collect()
}

fn check_base_url(url: &str, allow_http: bool) -> Result<Url, Error> {
    let wrong = |why: &'static str| Error::configuration(format!("`base_url` {why}"));
    let mut url = Url::parse(url).map_err(|_| wrong("is not a URL"))?;
    let Some(host) = url.host() else {
        return Err(wrong("names no host"));
    };
    let is_this_machine = match host {
        Host::Domain(name) => name == "localhost" || name == "localhost.",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine || allow_http => {}
        "http" => {
            return Err(wrong(
                "is plain http to another machine; use https, or `allow_http(true)`",
            ));
        }
        _ => return Err(wrong("is neither https nor http")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("has a user name or password in it"));
    }
    if url.query().is_some() {
        return Err(wrong("has a query"));
    }
    if url.fragment().is_some() {
        return Err(wrong("has a fragment"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str) -> Result<String, String> {
        check_base_url(url, false)
            .map(|url| url.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn base_urls_that_are_taken() {
        for (given, taken) in [
            (PRODUCTION_URL, "https://api.kleer.se/v1"),
            (TEST_URL, "https://test-api.kleer.se/v1"),
            ("https://api.kleer.se/v1/", "https://api.kleer.se/v1"),
            ("https://api.kleer.se//", "https://api.kleer.se/"),
            (
                "HTTPS://API.kleer.se:8443/a/b//",
                "https://api.kleer.se:8443/a/b",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("http://127.9.9.9/v1", "http://127.9.9.9/v1"),
            ("http://[::1]:80/v1", "http://[::1]/v1"),
            ("http://localhost:3000/v1", "http://localhost:3000/v1"),
        ] {
            assert_eq!(check(given).as_deref(), Ok(taken), "{given}");
        }
    }

    #[test]
    fn base_urls_that_are_refused_and_why() {
        for (given, why) in [
            ("", "is not a URL"),
            ("api.kleer.se/v1", "is not a URL"),
            ("/v1", "is not a URL"),
            ("ftp://api.kleer.se/v1", "is neither https nor http"),
            ("file:///etc/passwd", "names no host"),
            ("mailto:a@example.se", "names no host"),
            ("http://api.kleer.se/v1", "is plain http"),
            ("http://localhost.example.se/v1", "is plain http"),
            ("http://127.0.0.1.example.se/v1", "is plain http"),
            ("http://10.0.0.1/v1", "is plain http"),
            ("http://0.0.0.0/v1", "is plain http"),
            (
                "https://user@api.kleer.se/v1",
                "has a user name or password",
            ),
            (
                "https://:secret@api.kleer.se/v1",
                "has a user name or password",
            ),
            ("https://api.kleer.se/v1?x=1", "has a query"),
            ("https://api.kleer.se/v1?", "has a query"),
            ("https://api.kleer.se/v1#x", "has a fragment"),
        ] {
            let error = check(given).expect_err(given);
            assert!(error.contains(why), "{given}: {error}");
            assert!(
                !error.contains("secret") && !error.contains("kleer.se"),
                "{error}"
            );
        }
        assert!(check_base_url("http://10.0.0.1/v1", true).is_ok());
        assert!(check_base_url("ftp://10.0.0.1/v1", true).is_err());
    }

    #[test]
    fn a_token_that_cannot_be_a_header_is_refused_without_showing_it() {
        for token in [
            "",
            "geheim\n",
            "geheim\r\nx-evil: 1",
            "ge heim",
            "geheimö",
            "geheim\0",
        ] {
            let error = check_token(token).expect_err(token);
            assert!(
                !format!("{error} {error:?}").contains("geheim"),
                "{error:?}"
            );
        }
        assert!(check_token("abc-DEF_123.~=+/").is_ok());
    }
}
