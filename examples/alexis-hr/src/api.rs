//! The API of Alexis HR, as far as the program needs it.
//!
//! Sources: the reference at <https://docs.alexishr.com> and the published OpenAPI description.

use std::collections::BTreeMap;
use std::time::Duration;

use record_link::{SideError, SideErrorKind, SideOperation};
use reqwest::{Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;
use url::Url;

/// The most that one answer may hold: a page has at most a hundred records.
const MOST_BYTES: usize = 32_000_000;
const PAGE: usize = 100;
/// How often a request that changed nothing is sent in all.
const TRIES: u32 = 4;

/// A client of the API.
#[derive(Debug)]
pub struct Alexis {
    http: reqwest::Client,
    base: Url,
    token: SecretString,
}

/// All records of a resource, with those that belong to them.
#[derive(Debug, Default)]
pub struct Listed {
    /// Each record once.
    pub records: Vec<Json>,
    /// The side-loaded records by relation and id.
    pub relations: BTreeMap<String, BTreeMap<String, Json>>,
    /// Whether it is certain that these are all.
    pub is_whole: bool,
}

/// The id of a record.
pub fn id_of(record: &Json) -> &str {
    record["id"].as_str().unwrap_or_default()
}

impl Alexis {
    /// A client for a base address such as `https://api.alexishr.com/v1`.
    ///
    /// # Errors
    /// When the address is none, or would send the token in the clear to another machine.
    pub fn new(base: &str, token: SecretString) -> Result<Self, String> {
        let mut base: Url = base.parse().map_err(|error| format!("{base}: {error}"))?;
        let is_near = matches!(base.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if base.scheme() != "https" && !is_near {
            return Err(format!(
                "{base}: use https, or the token can be read on the way"
            ));
        }
        base.set_path(&format!("{}/", base.path().trim_end_matches('/')));
        // A redirect would carry the token to another address.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60));
        let http = http.build().map_err(|error| error.to_string())?;
        Ok(Self { http, base, token })
    }

    /// One request; with what was sent back. What is known to have changed nothing is sent again.
    ///
    /// # Errors
    /// A [`SideError`] that says whether something may have been changed.
    pub async fn send(
        &self,
        operation: SideOperation,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Json>,
    ) -> Result<Json, SideError> {
        let mut tried = 1;
        loop {
            let failed = match self.once(operation, path, query, body).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let may_pass = matches!(
                failed.kind(),
                SideErrorKind::Unavailable | SideErrorKind::RateLimited
            );
            if !may_pass || tried == TRIES {
                return Err(failed);
            }
            let wait = failed
                .wait()
                .unwrap_or(Duration::from_millis(200) * 3_u32.pow(tried));
            tokio::time::sleep(wait.min(Duration::from_secs(60))).await;
            tried += 1;
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
        let lost = || match operation.is_write() {
            true => error(SideErrorKind::OutcomeUnknown),
            false => error(SideErrorKind::Unavailable),
        };
        let mut url = self
            .base
            .join(path)
            .map_err(|_| error(SideErrorKind::Malfunction))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let method = match operation {
            SideOperation::Create => Method::POST,
            SideOperation::Update => Method::PATCH,
            _ => Method::GET,
        };
        let mut request = self
            .http
            .request(method, url)
            .bearer_auth(self.token.expose_secret())
            .header(header::ACCEPT, "application/json");
        if let Some(body) = body {
            let json = (header::CONTENT_TYPE, "application/json");
            request = request.header(json.0, json.1).body(body.to_string());
        }
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(failed) if failed.is_connect() => return Err(error(SideErrorKind::Unavailable)),
            Err(_) => return Err(lost()),
        };
        let status = answer.status();
        let wait = answer.headers().get(header::RETRY_AFTER);
        let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| lost())? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MOST_BYTES {
                return Err(lost().with_code("answer-too-long"));
            }
        }
        let said: Option<Json> = serde_json::from_slice(&bytes).ok();
        if status.is_success() {
            return said.ok_or_else(|| match operation.is_write() {
                true => lost(),
                false => error(SideErrorKind::Malfunction),
            });
        }
        let failed = match status {
            StatusCode::UNAUTHORIZED => error(SideErrorKind::Unauthenticated),
            StatusCode::FORBIDDEN => error(SideErrorKind::Forbidden),
            StatusCode::NOT_FOUND => error(SideErrorKind::NotFound),
            StatusCode::TOO_MANY_REQUESTS => {
                let wait = Duration::from_secs(wait.unwrap_or(2));
                error(SideErrorKind::RateLimited).with_wait(wait)
            }
            status if status.is_client_error() => error(SideErrorKind::Refused),
            // A redirect too: nothing is known about what the address behind it is.
            _ => lost(),
        };
        let failed = failed.with_code(format!("alexis-{}", status.as_u16()));
        Err(match said.as_ref().map(|said| &said["message"]) {
            Some(Json::String(text)) => failed.with_message(text),
            Some(Json::Array(all)) if !all.is_empty() => {
                let all: Vec<&str> = all.iter().filter_map(Json::as_str).collect();
                failed.with_message(all.join("; "))
            }
            _ => failed,
        })
    }

    /// All records of a resource, read page by page; once more if the pages did not fit together.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn all(&self, resource: &str, query: &[(&str, String)]) -> Result<Listed, SideError> {
        let first = self.read_through(resource, query).await?;
        if first.is_whole {
            return Ok(first.listed());
        }
        let mut again = self.read_through(resource, query).await?;
        // Pages that overlap each time hide nothing if both readings found the same records, and
        // as many as there are said to be.
        again.is_whole |= again.is_counted && first.positions.keys().eq(again.positions.keys());
        Ok(again.listed())
    }

    async fn read_through(
        &self,
        resource: &str,
        query: &[(&str, String)],
    ) -> Result<Reading, SideError> {
        let mut reading = Reading::default();
        let mut total = None;
        let mut fits = true;
        loop {
            // Each page begins with the last record of the one before: if that is another one, the
            // list has moved, and a record may have slipped through between the two.
            let offset = match total {
                Some(_) if reading.last_page > 1 => reading.positions.len() - 1,
                _ => reading.positions.len(),
            };
            let mut query = query.to_vec();
            query.push(("sort[id]", "asc".to_owned()));
            query.push(("limit", PAGE.to_string()));
            query.push(("offset", offset.to_string()));
            let page = self
                .send(SideOperation::List, resource, &query, None)
                .await?;
            let (Some(data), Some(now)) = (page["data"].as_array(), page["total"].as_u64()) else {
                return Err(SideError::new(
                    SideOperation::List,
                    SideErrorKind::Malfunction,
                ));
            };
            let moved = reading.last_page > 1
                && data.first().map(id_of) != reading.records.last().map(id_of);
            fits &= !moved && total.is_none_or(|total| total == now);
            total = Some(now);
            let before = reading.positions.len();
            reading.take(data, &page["relations"]);
            let found = reading.positions.len();
            reading.is_counted = found as u64 == now;
            if found as u64 >= now || found == before {
                reading.is_whole = fits && reading.is_counted;
                return Ok(reading);
            }
        }
    }
}

/// The pages of a list, put together.
#[derive(Debug, Default)]
struct Reading {
    records: Vec<Json>,
    positions: BTreeMap<String, usize>,
    relations: BTreeMap<String, BTreeMap<String, Json>>,
    last_page: usize,
    is_counted: bool,
    is_whole: bool,
}

impl Reading {
    fn take(&mut self, data: &[Json], relations: &Json) {
        self.last_page = data.len();
        for record in data {
            let next = self.records.len();
            let position = *self
                .positions
                .entry(id_of(record).to_owned())
                .or_insert(next);
            match self.records.get_mut(position) {
                // The later page is the newer one.
                Some(known) => *known = record.clone(),
                None => self.records.push(record.clone()),
            }
        }
        for (name, all) in relations.as_object().into_iter().flatten() {
            let known = self.relations.entry(name.clone()).or_default();
            let all = all.as_array().into_iter().flatten();
            known.extend(all.map(|one| (id_of(one).to_owned(), one.clone())));
        }
    }

    fn listed(self) -> Listed {
        Listed {
            records: self.records,
            relations: self.relations,
            is_whole: self.is_whole,
        }
    }
}
