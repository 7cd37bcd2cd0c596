//! The requests a sandbox has got, so that tests can look at what a connector really sent.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use kleer_model::endpoint;
use kleer_model::{Document, ReadError};

use crate::fault::Fault;

/// A request as it arrived.
///
/// The token is never recorded. `Debug` shows no value that may be personal: no body, no values of
/// the query, and of the path only what the endpoint table has of it (a foreign id in a path may be
/// an e-mail address). The fields show everything.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// `GET`, `PUT`, `POST`, `DELETE` or whatever was sent.
    pub method: String,
    /// The path, still percent-encoded, with `/v1`.
    pub path: String,
    /// The query without its `?`, still percent-encoded; empty if there was none.
    pub query: String,
    /// The name of the endpoint (`"client_invoice.create"`), if the path and the method are one.
    pub endpoint: Option<&'static str>,
    /// The body as it was sent; empty if it was refused for its size.
    pub body: Bytes,
    /// The header `Content-Type`, if it was sent and is text.
    pub content_type: Option<String>,
    /// The fault that hit it, if one did.
    pub fault: Option<Fault>,
    /// The status of the answer. `None` while there is no answer yet, and for ever if a fault broke
    /// the connection instead.
    pub status: Option<u16>,
}

impl RecordedRequest {
    /// The body as a document.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use kleer_model::{Client, Document};
    /// use kleer_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().start().await?;
    /// let url = format!("{}/company/{}/client", sandbox.base_url(), sandbox.company());
    /// let request = reqwest::Client::new().put(url).header("X-Token", sandbox.token());
    /// request.body(Client::new("Exempel AB", "SE").to_xml()?).send().await?;
    ///
    /// let sent: Client = sandbox.requests()[0].document()?;
    /// assert_eq!(sent.name, "Exempel AB");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the body is not a document of this type in XML.
    pub fn document<D: Document>(&self) -> Result<D, ReadError> {
        D::from_xml(&self.body)
    }

    /// The path, with a dash for what may be personal.
    fn redacted_path(&self) -> String {
        let literals = || {
            let paths = endpoint::ALL.iter().flat_map(|known| known.path.split('/'));
            paths.chain(["", "v1", "company"])
        };
        let is_number =
            |segment: &str| segment.len() < 10 && segment.bytes().all(|byte| byte.is_ascii_digit());
        let shown = self.path.split('/').map(|segment| {
            if is_number(segment) || literals().any(|literal| literal == segment) {
                segment
            } else {
                "-"
            }
        });
        shown.collect::<Vec<_>>().join("/")
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<_> = self
            .query
            .split('&')
            .filter_map(|pair| pair.split('=').next())
            .collect();
        f.debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("endpoint", &self.endpoint)
            .field("path", &self.redacted_path())
            .field("query_parameters", &parameters.join(", "))
            .field("body_bytes", &self.body.len())
            .field("content_type", &self.content_type)
            .field("fault", &self.fault.as_ref().map(Fault::name))
            .field("status", &self.status)
            .finish()
    }
}

/// The log: the newest requests, up to a limit.
#[derive(Debug)]
pub(crate) struct RequestLog {
    entries: VecDeque<RecordedRequest>,
    /// How many entries have been dropped from the front.
    dropped: usize,
    limit: usize,
}

/// Finds an entry again, however many have been dropped in the meantime.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryNumber(usize);

impl RequestLog {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            dropped: 0,
            limit,
        }
    }

    pub(crate) fn arrived(&mut self, request: RecordedRequest) -> EntryNumber {
        let number = EntryNumber(self.dropped + self.entries.len());
        self.entries.push_back(request);
        while self.entries.len() > self.limit {
            self.entries.pop_front();
            self.dropped += 1;
        }
        number
    }

    pub(crate) fn answered(&mut self, number: EntryNumber, status: u16) {
        let index = number.0.checked_sub(self.dropped);
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.status = Some(status);
        }
    }

    /// How many requests an endpoint has had.
    pub(crate) fn count(&self, endpoint: &str) -> usize {
        let of_endpoint = |request: &&RecordedRequest| request.endpoint == Some(endpoint);
        self.entries.iter().filter(of_endpoint).count()
    }

    pub(crate) fn snapshot(&self) -> Vec<RecordedRequest> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.dropped += self.entries.len();
        self.entries.clear();
    }
}

/// Writes each body to `folder/NNNN-root.xml`, where `NNNN` is the number of the request; one in
/// JSON, which does not name its root, to `NNNN-endpoint.json`.
pub(crate) fn write_bodies(
    requests: &[RecordedRequest],
    folder: &Path,
) -> io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let mut written = Vec::new();
    for (number, request) in requests.iter().enumerate() {
        if request.body.is_empty() {
            continue;
        }
        let is_json = request
            .content_type
            .as_deref()
            .is_some_and(|media| media.contains("json"));
        let (name, extension) = if is_json {
            (request.endpoint.unwrap_or("unknown").to_owned(), "json")
        } else {
            (root_name(&request.body), "xml")
        };
        let file = folder.join(format!("{:04}-{name}.{extension}", number + 1));
        std::fs::write(&file, &request.body)?;
        written.push(file);
    }
    Ok(written)
}

/// The name of the first element, or `unreadable` where no such name can be part of a file name.
fn root_name(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.as_ref();
    while let Some((_, tag)) = rest.split_once('<') {
        let end = if tag.starts_with("!--") {
            "-->"
        } else if tag.starts_with('?') {
            "?>"
        } else {
            let name: String = tag
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                .take(60)
                .collect();
            return if name.is_empty() {
                "unreadable".to_owned()
            } else {
                name
            };
        };
        rest = tag.split_once(end).map_or("", |(_, rest)| rest);
    }
    "unreadable".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> RecordedRequest {
        RecordedRequest {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: "query=Anna+Svensson&filter=all".to_owned(),
            endpoint: None,
            body: Bytes::from_static(b"<client><name>Anna Svensson</name></client>"),
            content_type: None,
            fault: None,
            status: None,
        }
    }

    #[test]
    fn a_full_log_drops_the_oldest_and_still_finds_the_others() {
        let mut log = RequestLog::new(2);
        let first = log.arrived(request("/1"));
        let second = log.arrived(request("/2"));
        log.arrived(request("/3"));
        log.answered(first, 200);
        log.answered(second, 404);
        let seen: Vec<_> = log
            .snapshot()
            .into_iter()
            .map(|r| (r.path, r.status))
            .collect();
        assert_eq!(
            seen,
            [("/2".to_owned(), Some(404)), ("/3".to_owned(), None)]
        );
    }

    #[test]
    fn debug_shows_no_body_and_no_query_value_and_no_name_in_a_path() {
        let shown = format!("{:?}", request("/v1/company/1/client"));
        assert!(!shown.contains("Anna"), "{shown}");
        assert!(shown.contains("query, filter"), "{shown}");
        assert!(shown.contains("\"/v1/company/1/client\""), "{shown}");
        let shown = format!(
            "{:?}",
            request("/v1/company/1/user/foreign-id/anna@x.example")
        );
        assert!(
            shown.contains("\"/v1/company/1/user/foreign-id/-\""),
            "{shown}"
        );
        let shown = format!("{:?}", request("/v1/company/1/nowhere/191212121212"));
        assert!(shown.contains("\"/v1/company/1/-/-\""), "{shown}");
    }

    #[test]
    fn the_root_is_found_behind_a_declaration_and_comments() {
        assert_eq!(
            root_name(b"<?xml version='1.0'?><!-- <x> --> <client-invoice a='1'/>"),
            "client-invoice"
        );
        assert_eq!(root_name(b"<../../etc/passwd>"), "unreadable");
        assert_eq!(root_name(b"<!-- never closed"), "unreadable");
        assert_eq!(root_name(&[0xff, 0x00]), "unreadable");
    }
}
