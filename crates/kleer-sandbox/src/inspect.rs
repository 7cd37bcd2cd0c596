//! Looking into a sandbox, and changing what is in it, past the wire: without token, faults, latency
//! or an entry in the log.

use std::collections::BTreeMap;
use std::fmt;

use kleer_model::Document;
use kleer_model::endpoint::Endpoint;

use crate::answer::{Answer, Refusal};
use crate::call::{Call, Query};
use crate::routes;
use crate::sandbox::Sandbox;
use crate::state::Books;

/// State queries and changes for tests.
///
/// They take any endpoint of the table, so that they reach whatever the sandbox keeps.
impl Sandbox {
    /// What an endpoint answers now, as a document. `ids` are the values of its path's parameters,
    /// in the path's order and without the company.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use kleer_model::{Client, List, endpoint};
    /// use kleer_sandbox::{Sandbox, Seed};
    ///
    /// let sandbox = Sandbox::builder().seed(Seed::new().demo()).start().await?;
    /// let clients: List<Client> = sandbox.read(&endpoint::CLIENT_LIST, &[])?;
    /// let id = clients.items[0].id.to_string();
    /// let client: Client = sandbox.read(&endpoint::CLIENT_READ, &[&id])?;
    /// assert_eq!(client, clients.items[0]);
    /// assert!(sandbox.requests().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the sandbox would refuse the request, or its answer is no such document.
    pub fn read<D: Document>(
        &self,
        endpoint: &'static Endpoint,
        ids: &[&str],
    ) -> Result<D, Refused> {
        let answer = self.past_the_wire(endpoint, ids, b"")?;
        let xml = xml(endpoint, &answer)?;
        D::from_xml(xml.as_bytes()).map_err(|error| {
            Refused(format!(
                "{} answers no <{}>: {error}",
                endpoint.name,
                D::ROOT
            ))
        })
    }

    /// Carries a write out as if somebody else did it: another connector, or a person in Kleer's
    /// own interface. The answer is the text that a caller would get.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use kleer_model::{Client, endpoint};
    /// use kleer_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().start().await?;
    /// let answer = sandbox.write(&endpoint::CLIENT_CREATE, &[], &Client::new("Exempel AB", "SE"))?;
    /// assert_eq!(answer, "<created><id>1001</id></created>");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the sandbox would refuse the request.
    pub fn write(
        &self,
        endpoint: &'static Endpoint,
        ids: &[&str],
        document: &impl Document,
    ) -> Result<String, Refused> {
        let body = document
            .to_xml()
            .map_err(|error| Refused(error.to_string()))?;
        let answer = self.past_the_wire(endpoint, ids, body.as_bytes())?;
        xml(endpoint, &answer).map(str::to_owned)
    }

    /// The ids of the records of a list that share a foreign id, by foreign id: what is there twice.
    /// An empty foreign id is none.
    ///
    /// # Errors
    /// When the sandbox would refuse the request; see [`read`](Self::read).
    pub fn doubles(
        &self,
        list: &'static Endpoint,
        ids: &[&str],
    ) -> Result<BTreeMap<String, Vec<i64>>, Refused> {
        let answer = self.past_the_wire(list, ids, b"")?;
        let mut by_foreign_id: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for record in records(xml(list, &answer)?) {
            if !record.foreign_id.is_empty() {
                let ids = by_foreign_id.entry(record.foreign_id).or_default();
                ids.push(record.id);
            }
        }
        by_foreign_id.retain(|_, ids| ids.len() > 1);
        Ok(by_foreign_id)
    }

    /// For tests: no two records of a list share a foreign id.
    ///
    /// # Panics
    /// When some do; the message names their ids, but not the foreign ids, which may be personal.
    #[track_caller]
    pub fn assert_no_doubles(&self, list: &'static Endpoint) {
        let doubles = self.doubles(list, &[]);
        assert!(
            matches!(&doubles, Ok(doubles) if doubles.is_empty()),
            "{} has records that share a foreign id: {:?}",
            list.name,
            doubles.map(|doubles| doubles.into_values().collect::<Vec<_>>()),
        );
    }

    /// For tests: an endpoint has had so many requests.
    ///
    /// # Panics
    /// When it has had another number.
    #[track_caller]
    pub fn assert_requested(&self, endpoint: &Endpoint, times: usize) {
        let found = self.count_requests(endpoint);
        assert!(
            found == times,
            "{} was requested {found} times, not {times}",
            endpoint.name
        );
    }

    fn past_the_wire(
        &self,
        endpoint: &'static Endpoint,
        ids: &[&str],
        body: &[u8],
    ) -> Result<Answer, Refused> {
        let max_body_bytes = self.shared.settings.max_body_bytes;
        let mut changing = self.shared.lock();
        carry_out(&mut changing.books, endpoint, ids, body, max_body_bytes)
            .map_err(|refusal| Refused(format!("{}: {}", endpoint.name, refusal.message())))
    }
}

/// Carries a call out on books, strictly.
pub(crate) fn carry_out(
    books: &mut Books,
    endpoint: &'static Endpoint,
    ids: &[&str],
    body: &[u8],
    max_body_bytes: usize,
) -> Result<Answer, Refusal> {
    let takes = endpoint.parameters().count();
    if takes != ids.len() {
        return Err(Refusal::bad_request(format!(
            "its path {} takes {takes} ids, and {} are given",
            endpoint.path,
            ids.len()
        )));
    }
    let call = Call {
        endpoint,
        parameters: ids.to_vec(),
        query: Query::parse("", endpoint, true)?,
        body,
        format: crate::answer::Format::Xml,
        strict: true,
        max_body_bytes,
    };
    routes::carry_out(books, &call)
}

fn xml<'a>(endpoint: &Endpoint, answer: &'a Answer) -> Result<&'a str, Refused> {
    answer
        .xml()
        .ok_or_else(|| Refused(format!("{} answers no document", endpoint.name)))
}

struct Keys {
    id: i64,
    foreign_id: String,
}

/// The id and the foreign id of each item of a list that our own writer has written.
fn records(xml: &str) -> Vec<Keys> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut records = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Start(start)) => {
                path.push(start.name().as_ref().to_owned());
                text.clear();
                if path.len() == 2 {
                    records.push(Keys {
                        id: 0,
                        foreign_id: String::new(),
                    });
                }
            }
            Ok(quick_xml::events::Event::Text(part)) => text.push_str(&part),
            Ok(quick_xml::events::Event::GeneralRef(reference)) => {
                // Kept as it stands: a key is only compared with other keys.
                text.extend(["&", &reference, ";"]);
            }
            Ok(quick_xml::events::Event::End(_)) => {
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                if let (Some(record), [_, _, rest @ ..]) = (records.last_mut(), names.as_slice()) {
                    match rest {
                        // Some types hold their id in a reference to themselves.
                        ["id"] | ["id", "id"] => {
                            record.id = text.trim().parse().unwrap_or(record.id);
                        }
                        ["foreign-id"] => record.foreign_id = std::mem::take(&mut text),
                        _ => {}
                    }
                }
                text.clear();
                path.pop();
            }
            Ok(quick_xml::events::Event::Eof) | Err(_) => return records,
            Ok(_) => {}
        }
    }
}

/// Why the sandbox did not do what a test asked of it directly. Holds no values of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the sandbox refused: {}", self.0)
    }
}

impl std::error::Error for Refused {}
