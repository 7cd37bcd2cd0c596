//! A JSON API of a source system, spoken so that a [`Side`](record_link::Side) can be built on it.

use std::fmt;
use std::time::Duration;

use record_link::{SideError, SideErrorKind, SideOperation};
use reqwest::{Client, Method, StatusCode, header, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;
use url::Url;

/// A client for a JSON API with a bearer token: what the sides of most source systems need.
///
/// - Every failure is a [`SideError`] that says whether something may have been changed: after a
///   write, a broken answer or a 5xx is [`OutcomeUnknown`](SideErrorKind::OutcomeUnknown).
/// - What is known to have changed nothing and may pass (a network that is down, 429, a 5xx to a
///   read) is tried again, after the time that the API names.
/// - The token goes to one address only: redirects are not followed, and plain HTTP is refused,
///   but to this machine.
/// - An answer has a time limit and a size limit.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use kleer_connect::JsonApi;
/// use record_link::SideOperation;
///
/// let api = JsonApi::new("https://api.example.com/v1", "secret".to_owned().into())?;
/// let query = [("limit", "100".to_owned())];
/// let answer = api.send(SideOperation::List, "employee", &query, None).await?;
/// println!("{} employees", answer["total"]);
/// # Ok(()) }
/// # assert!(kleer_connect::JsonApi::new("http://api.example.com", "s".to_owned().into()).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct JsonApi {
    http: Client,
    base: Url,
    token: SecretString,
    attempts: u32,
    most_bytes: usize,
}

/// A client cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonApiError {
    /// The address is none.
    #[error("the base address is no URL ({0}): give one such as `https://api.example.com/v1`")]
    Address(#[from] url::ParseError),
    /// The token would go over the network in the clear.
    #[error("the base address is not https: the token could be read on the way")]
    Insecure,
    /// The machine cannot make connections.
    #[error("there are no secure connections on this machine: {0}")]
    Client(reqwest::Error),
}

impl JsonApi {
    /// A client for a base address, to which paths are added.
    ///
    /// # Errors
    /// When the address is none, or would send the token in the clear to another machine.
    pub fn new(base: &str, token: SecretString) -> Result<Self, JsonApiError> {
        let mut base: Url = base.parse()?;
        let is_near = matches!(base.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if base.scheme() != "https" && !is_near {
            return Err(JsonApiError::Insecure);
        }
        let folder = format!("{}/", base.path().trim_end_matches('/'));
        base.set_path(&folder);
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(60));
        Ok(Self {
            http: http.build().map_err(JsonApiError::Client)?,
            base,
            token,
            attempts: 4,
            most_bytes: 32_000_000,
        })
    }

    /// How often a request is sent in all, as long as it changed nothing; 4 unless it is said.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The longest answer that is read, in bytes; 32 million unless it is said.
    #[must_use]
    pub fn most_bytes(mut self, bytes: usize) -> Self {
        self.most_bytes = bytes;
        self
    }

    /// Sends a request and gives what was answered: GET, or POST for a create, PATCH for an update
    /// and DELETE for a delete. An empty answer is null.
    ///
    /// # Errors
    /// A [`SideError`] with the code `http-404` for a status of 404, and the API's own words as its
    /// message.
    pub async fn send(
        &self,
        operation: SideOperation,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Json>,
    ) -> Result<Json, SideError> {
        let mut attempt = 1;
        loop {
            let failed = match self.once(operation, path, query, body).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let may_pass = matches!(
                failed.kind(),
                SideErrorKind::Unavailable | SideErrorKind::RateLimited
            );
            if !may_pass || attempt >= self.attempts {
                return Err(failed);
            }
            let wait = Duration::from_millis(200) * 3_u32.saturating_pow(attempt);
            let wait = failed.wait().unwrap_or(wait);
            tokio::time::sleep(wait.min(Duration::from_secs(60))).await;
            attempt += 1;
        }
    }

    async fn once(
        &self,
        operation: SideOperation,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Json>,
    ) -> Result<Json, SideError> {
        let error = |kind| SideError::new(operation, kind);
        // Whether a write took effect is not known; a read can be repeated.
        let lost = || {
            error(if operation.is_write() {
                SideErrorKind::OutcomeUnknown
            } else {
                SideErrorKind::Unavailable
            })
        };
        let mut url = self
            .base
            .join(path)
            .map_err(|_| error(SideErrorKind::Malfunction))?;
        // A path may be made of what the API said, and must not lead the token elsewhere.
        let is_below = url.path().starts_with(self.base.path());
        if url.origin() != self.base.origin() || !is_below {
            return Err(error(SideErrorKind::Malfunction).with_code("another-address"));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let method = match operation {
            SideOperation::Create => Method::POST,
            SideOperation::Update => Method::PATCH,
            SideOperation::Delete => Method::DELETE,
            _ => Method::GET,
        };
        let token = self.token.expose_secret();
        let mut request = self.http.request(method, url).bearer_auth(token);
        request = request.header(header::ACCEPT, "application/json");
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(failed) if failed.is_connect() => return Err(error(SideErrorKind::Unavailable)),
            Err(_) => return Err(lost()),
        };
        let status = answer.status();
        let wait = answer.headers().get(header::RETRY_AFTER);
        let wait = wait
            .and_then(|wait| wait.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| lost())? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > self.most_bytes {
                return Err(lost().with_code("answer-too-long"));
            }
        }
        let said = if bytes.is_empty() {
            Ok(Json::Null)
        } else {
            serde_json::from_slice(&bytes)
        };
        if status.is_success() {
            let unclear = SideErrorKind::Malfunction;
            return said.map_err(|_| {
                if operation.is_write() {
                    lost()
                } else {
                    error(unclear)
                }
            });
        }
        let failed = match status {
            StatusCode::UNAUTHORIZED => error(SideErrorKind::Unauthenticated),
            StatusCode::FORBIDDEN => error(SideErrorKind::Forbidden),
            StatusCode::NOT_FOUND | StatusCode::GONE => error(SideErrorKind::NotFound),
            StatusCode::PRECONDITION_FAILED => error(SideErrorKind::Changed),
            StatusCode::TOO_MANY_REQUESTS => {
                error(SideErrorKind::RateLimited).with_wait(wait.unwrap_or(Duration::from_secs(2)))
            }
            StatusCode::REQUEST_TIMEOUT => lost(),
            status if status.is_client_error() => error(SideErrorKind::Refused),
            // A redirect, too: it is not followed, and what stands behind it is not known.
            _ => lost(),
        };
        let failed = failed.with_code(format!("http-{}", status.as_u16()));
        let words = said.map_or_else(|_| String::new(), |said| Words(&said).to_string());
        Err(if words.is_empty() {
            failed
        } else {
            failed.with_message(words)
        })
    }
}

/// What an error says: most APIs put it under `message` (one, or a list) or `error`.
struct Words<'a>(&'a Json);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = ["message", "error"].into_iter().map(|name| &self.0[name]);
        match said.into_iter().find(|said| !said.is_null()) {
            Some(Json::String(text)) => f.write_str(text),
            Some(Json::Array(all)) => {
                for (index, one) in all.iter().filter_map(Json::as_str).enumerate() {
                    let between = if index > 0 { "; " } else { "" };
                    write!(f, "{between}{one}")?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
