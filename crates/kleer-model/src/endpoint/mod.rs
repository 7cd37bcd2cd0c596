//! Kleer's endpoints, as data.
//!
//! The client sends what this table says, the sandbox serves it, and documentation is made from
//! it. Paths are relative to `/v1/company/{company-id}/`, but for the few whose [`Scope`] says
//! otherwise. In Kleer's API `PUT` creates and `POST` updates or acts.
//!
//! Only part of Kleer's paths is known: [`Provenance`] says of each entry how it is known, its note
//! what the guess rests on, and [`Recovery`] how a write whose outcome is unknown is found again.
//! [`WITHOUT_ENDPOINT`] lists the documents of the schema of which not even a guess was possible.
//!
//! ```
//! use kleer_model::endpoint::{self, Recovery};
//!
//! let create = endpoint::find("event.create").ok_or("no such endpoint")?;
//! assert_eq!((create.method.as_str(), create.path), ("PUT", "event"));
//! assert_eq!(create.recovery, Recovery::ForeignId { list: "event.list" });
//! # Ok::<(), &str>(())
//! ```

use std::fmt;

mod access;
mod accounting;
mod bank;
mod client;
mod client_agreement;
mod client_invoice;
mod client_project;
mod company;
mod dimension;
mod event;
mod expense;
mod foundation;
mod path;
mod payroll;
mod product;
mod project;
mod revenue;
mod supplier;
mod user;

pub use access::*;
pub use accounting::*;
pub use bank::*;
pub use client::*;
pub use client_agreement::*;
pub use client_invoice::*;
pub use client_project::*;
pub use company::*;
pub use dimension::*;
pub use event::*;
pub use expense::*;
pub use foundation::*;
pub use path::PathError;
pub use payroll::*;
pub use product::*;
pub use project::*;
pub use revenue::*;
pub use supplier::*;
pub use user::*;

/// One call of Kleer's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// A stable name: `client_invoice.create`.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// What the path is relative to.
    pub scope: Scope,
    /// The path template: `client/invoice/{client-invoice-id}`.
    pub path: &'static str,
    /// The query parameters.
    pub query: &'static [QueryParameter],
    /// The root element of the request's body.
    pub request: Option<&'static str>,
    /// The media type of the request's body where it is bytes, and no document of the schema.
    pub request_media: Option<&'static str>,
    /// The root elements that the answer may have, the likeliest first.
    pub response: &'static [&'static str],
    /// The media type of the answer where it is bytes, and no document of the schema.
    pub response_media: Option<&'static str>,
    /// How the path is known.
    pub provenance: Provenance,
    /// How a call with an unknown outcome is found again.
    pub recovery: Recovery,
    /// What else a caller should know.
    pub note: &'static str,
}

/// What an endpoint's path is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// The company of the token: `/v1/company/{company-id}/`.
    Company,
    /// The API itself: `/v1/`. Such a call needs no token.
    Api,
}

/// An HTTP method, with Kleer's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Put,
    /// Updates, or acts.
    Post,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method's name in HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it changes anything.
    pub fn is_write(self) -> bool {
        self != Self::Get
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A query parameter of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryParameter {
    /// Its name.
    pub name: &'static str,
    /// What it means, and the form of its value.
    pub meaning: &'static str,
    /// How the parameter is known, which may be less than its endpoint is.
    pub provenance: Provenance,
}

/// How an endpoint's path is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provenance {
    /// Real code somewhere calls it, or it is documented; where it is only documented, the
    /// endpoint's note says so.
    Confirmed,
    /// The type is in the schema; the path is our best reading.
    Inferred,
}

/// How a write whose outcome is unknown is found again.
///
/// The names are those of endpoints that read; see [`find`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recovery {
    /// It can be repeated: it reads, or it sets what it sets again.
    Repeatable,
    /// By the client key in `foreign-id`, among the items of this list endpoint.
    ForeignId {
        /// The name of the list endpoint.
        list: &'static str,
    },
    /// By a key that Kleer has at most once: a second create with it is refused or changes the
    /// same thing.
    NaturalKey {
        /// The element of the answer that holds the key.
        element: &'static str,
        /// The name of the endpoint that reads it.
        read: &'static str,
    },
    /// By its content only, among the items of this list endpoint. Several may rightly look alike,
    /// so the list must be taken before the create, too.
    Listing {
        /// The name of the list endpoint.
        list: &'static str,
    },
    /// By what the thing acted on looks like now. Doing it twice would do more than doing it once.
    State {
        /// The element of the answer that shows whether it was done.
        element: &'static str,
        /// The name of the endpoint that reads it.
        read: &'static str,
    },
    /// Not at all: nothing that can be read shows it. A person must decide.
    Impossible,
}

impl Recovery {
    /// The name of the endpoint by which the write is found again.
    pub fn read(self) -> Option<&'static str> {
        match self {
            Self::Repeatable | Self::Impossible => None,
            Self::ForeignId { list } | Self::Listing { list } => Some(list),
            Self::NaturalKey { read, .. } | Self::State { read, .. } => Some(read),
        }
    }
}

impl Endpoint {
    /// Whether the answer is a page of a list, of which a caller can ask for the next one.
    pub fn is_paged(&self) -> bool {
        self.query
            .iter()
            .any(|parameter| parameter.name == "offset")
    }
}

const READ: Endpoint = Endpoint {
    name: "",
    method: Method::Get,
    scope: Scope::Company,
    path: "",
    query: &[],
    request: None,
    request_media: None,
    response: &[],
    response_media: None,
    provenance: Provenance::Confirmed,
    recovery: Recovery::Repeatable,
    note: "",
};
const CREATE: Endpoint = Endpoint {
    method: Method::Put,
    response: &["created", "saved"],
    ..READ
};
const UPDATE: Endpoint = Endpoint {
    method: Method::Post,
    response: &["saved", "ok"],
    ..READ
};
const DELETE: Endpoint = Endpoint {
    method: Method::Delete,
    response: &["deleted", "ok"],
    ..READ
};

/// An action: its answer says that it was carried out.
const ACT: Endpoint = Endpoint {
    method: Method::Post,
    response: &["ok"],
    ..READ
};

const fn inferred(endpoint: Endpoint) -> Endpoint {
    Endpoint {
        provenance: Provenance::Inferred,
        ..endpoint
    }
}

const fn query(name: &'static str, meaning: &'static str) -> QueryParameter {
    QueryParameter {
        name,
        meaning,
        provenance: Provenance::Confirmed,
    }
}

/// How a page is asked for, presumably: the schema says that a caller can give a limit, and the
/// answer names its attributes so.
const PAGING: &[QueryParameter] = &[
    QueryParameter {
        name: "offset",
        meaning: "the first item's place in the whole, counted from 0",
        provenance: Provenance::Inferred,
    },
    QueryParameter {
        name: "limit",
        meaning: "the number of items; Kleer may lower it",
        provenance: Provenance::Inferred,
    },
];

/// Declares an area's endpoints, and lists them, so that none is forgotten.
macro_rules! endpoints {
    ($($(#[$meta:meta])* pub const $name:ident: Endpoint = $endpoint:expr;)*) => {
        $($(#[$meta])* pub const $name: Endpoint = $endpoint;)*

        pub(super) const AREA: &[&Endpoint] = &[$(&$name),*];
    };
}
use endpoints;

const AREAS: &[&[&Endpoint]] = &[
    company::AREA,
    access::AREA,
    user::AREA,
    client::AREA,
    client_agreement::AREA,
    client_invoice::AREA,
    supplier::AREA,
    product::AREA,
    project::AREA,
    client_project::AREA,
    event::AREA,
    payroll::AREA,
    expense::AREA,
    dimension::AREA,
    accounting::AREA,
    revenue::AREA,
    bank::AREA,
    foundation::AREA,
];

const COUNT: usize = {
    let (mut count, mut area) = (0, 0);
    while area < AREAS.len() {
        count += AREAS[area].len();
        area += 1;
    }
    count
};

const TABLE: [&Endpoint; COUNT] = {
    let mut table = [&READ; COUNT];
    let (mut filled, mut area) = (0, 0);
    while area < AREAS.len() {
        let mut place = 0;
        while place < AREAS[area].len() {
            table[filled] = AREAS[area][place];
            filled += 1;
            place += 1;
        }
        area += 1;
    }
    table
};

/// Every endpoint, area by area.
pub const ALL: &[&Endpoint] = &TABLE;

/// The endpoint of this name.
///
/// ```
/// use kleer_model::endpoint;
///
/// assert_eq!(endpoint::find("company.information").map(|found| found.path), Some("info"));
/// assert!(endpoint::find("company.dissolve").is_none());
/// ```
pub fn find(name: &str) -> Option<&'static Endpoint> {
    ALL.iter().find(|endpoint| endpoint.name == name).copied()
}

/// The root elements of the schema that no endpoint has, and why.
pub const WITHOUT_ENDPOINT: &[(&str, &str)] = &[
    (
        "account-metadata",
        "an item of account-metadatas; how one alone is read is not known",
    ),
    (
        "accounting-year-restriction-readable",
        "an item of accounting-year-restriction-readables; how one alone is read is not known",
    ),
    (
        "client-invoice-relation",
        "a part of supplier invoices; what sends it alone is not known",
    ),
    (
        "client-invoice-template",
        "an item of client-invoice-templates; how one alone is read is not known",
    ),
    ("company", "what answers with it is not known"),
    ("error", "the answer to any call that fails"),
    (
        "eurocard-files-request",
        "neither the path nor what the answer is can be guessed",
    ),
    (
        "event-restriction-readable",
        "an item of event-restriction-readables; how one alone is read is not known",
    ),
    (
        "internal-hourly-cost-readable",
        "an item of internal-hourly-cost-readables; how one alone is read is not known",
    ),
    (
        "report",
        "an abstract type; which reports there are is not known",
    ),
    (
        "supplier-invoice-payee",
        "a part of supplier invoices; what sends it alone is not known",
    ),
    ("token", "an item of tokens"),
    ("tokens", "what answers with it is not known"),
    ("translations", "what is translated is not known"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_calls_are_unique() {
        let names: BTreeSet<_> = ALL.iter().map(|endpoint| endpoint.name).collect();
        assert_eq!(names.len(), ALL.len());
        // What a parameter is called does not tell two paths apart.
        let nameless = |endpoint: &Endpoint| {
            let segments = endpoint.path.split('/');
            segments
                .map(|segment| {
                    if segment.starts_with('{') {
                        "{}"
                    } else {
                        segment
                    }
                })
                .collect::<Vec<_>>()
        };
        let calls: BTreeSet<_> = ALL
            .iter()
            .map(|endpoint| {
                (
                    endpoint.method.as_str(),
                    endpoint.scope == Scope::Api,
                    nameless(endpoint),
                )
            })
            .collect();
        assert_eq!(calls.len(), ALL.len());
    }

    #[test]
    fn names_and_paths_are_well_formed() {
        for endpoint in ALL {
            let Endpoint { name, path, .. } = **endpoint;
            let (area, verb) = name.split_once('.').unwrap();
            for part in [area, verb] {
                assert!(!part.is_empty(), "{name}");
                assert!(
                    part.bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
                    "{name}"
                );
            }
            for segment in path.split('/') {
                let word = parameter_or_word(segment);
                assert!(!word.is_empty(), "{name}: {path}");
                assert!(
                    word.bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                    "{name}: {path}"
                );
            }
            let parameters: BTreeSet<_> = endpoint.parameters().collect();
            assert_eq!(parameters.len(), endpoint.parameters().count(), "{name}");
            let queries: BTreeSet<_> = endpoint
                .query
                .iter()
                .map(|parameter| parameter.name)
                .collect();
            assert_eq!(queries.len(), endpoint.query.len(), "{name}");
        }
    }

    fn parameter_or_word(segment: &str) -> &str {
        let inner = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        inner.unwrap_or(segment)
    }

    #[test]
    fn every_create_says_how_it_is_found_again() {
        for endpoint in ALL {
            let Endpoint {
                name,
                method,
                recovery,
                ..
            } = **endpoint;
            if let Some(read) = recovery.read() {
                let read = find(read).unwrap_or_else(|| panic!("{name}: no endpoint {read}"));
                assert_eq!(read.method, Method::Get, "{name}");
                assert!(!read.response.is_empty(), "{name}");
                // What the create is addressed by addresses the read, too.
                let unrelated = endpoint.parameters().count() == 0 && read.parameters().count() > 0;
                assert!(!unrelated, "{name}");
            }
            match method {
                Method::Get | Method::Delete => {
                    assert_eq!(recovery, Recovery::Repeatable, "{name}");
                }
                Method::Put => assert_ne!(recovery, Recovery::Repeatable, "{name}"),
                Method::Post => {}
            }
        }
    }

    #[test]
    fn every_call_is_answered_and_every_guess_explained() {
        for endpoint in ALL {
            let name = endpoint.name;
            assert_ne!(
                endpoint.response.is_empty(),
                endpoint.response_media.is_none(),
                "{name}"
            );
            assert!(
                endpoint.request.is_none() || endpoint.request_media.is_none(),
                "{name}"
            );
            assert!(
                endpoint.provenance == Provenance::Confirmed || !endpoint.note.is_empty(),
                "{name}"
            );
            let has_body = endpoint.request.is_some() || endpoint.request_media.is_some();
            match endpoint.method {
                Method::Get | Method::Delete => assert!(!has_body, "{name}"),
                Method::Put => assert!(has_body, "{name}"),
                Method::Post => {}
            }
        }
    }
}
