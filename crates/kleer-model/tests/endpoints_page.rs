//! `docs/endpoints.md` is the endpoint table, and stays so.
//!
//! After a change of the table: `BLESS=1 cargo test -p kleer-model --test endpoints_page`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::fmt::Write;

use kleer_model::endpoint::{self, Endpoint, Provenance, Recovery, Scope};

const HEAD: &str = "\
# Endpoints

Every call of Kleer's API that these crates know. The client sends what this table says, and the
sandbox serves it. The page is made from the table in `crates/kleer-model/src/endpoint`: change it
there, and then `BLESS=1 cargo test -p kleer-model --test endpoints_page`.

* **Paths** are relative to `/v1/company/{company-id}/`; those that begin with `/v1/` are not.
  `PUT` creates, `POST` updates or acts.
* **Known** says how the path is known. *Confirmed*: real code somewhere calls it, or it is
  documented. *Inferred*: the type is in Kleer's schema, the path is our best reading. Nothing here
  was tried on the real Kleer by us: `cargo run -p kleer-client --example probe` does that with your
  token, and `KleerBuilder::override_path` puts another path in place of an inferred one. A query
  parameter is known as its call is, unless it says *inferred*.
* **Found again** says how a write whose answer was lost is found: *by foreign id* (the client key),
  by a *natural key* that Kleer keeps unique, by *looking through* a list for content, by the
  *state* of what was acted on, *not at all*, or that it *can be repeated*.
";

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn join(texts: impl Iterator<Item = String>, none: &str) -> String {
    let joined = texts.collect::<Vec<_>>().join(", ");
    if joined.is_empty() {
        none.to_owned()
    } else {
        joined
    }
}

fn provenance(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Confirmed => "confirmed",
        Provenance::Inferred => "inferred",
        _ => panic!("a new provenance"),
    }
}

fn recovery(endpoint: &Endpoint) -> String {
    match endpoint.recovery {
        Recovery::Repeatable if endpoint.method.is_write() => "can be repeated".to_owned(),
        Recovery::Repeatable => String::new(),
        Recovery::ForeignId { list } => format!("by foreign id in {}", code(list)),
        Recovery::NaturalKey { element, read } => {
            format!("natural key {} in {}", code(element), code(read))
        }
        Recovery::Listing { list } => format!("looking through {}", code(list)),
        Recovery::State { element, read } => {
            format!("state: {} in {}", code(element), code(read))
        }
        Recovery::Impossible => "**not at all**".to_owned(),
        _ => panic!("a new recovery"),
    }
}

/// A row of the table; the notes stand below it.
fn row(page: &mut String, endpoint: &Endpoint) {
    let scope = if endpoint.scope == Scope::Api {
        "/v1/"
    } else {
        ""
    };
    let sent = endpoint.request.map(code).into_iter();
    let sent = sent.chain(endpoint.request_media.map(str::to_owned));
    let got = endpoint.response.iter().map(|root| code(root));
    let got = got.chain(endpoint.response_media.map(str::to_owned));
    writeln!(
        page,
        "| `{}` | `{} {scope}{}` | {} | {} | {} | {} |",
        endpoint.name,
        endpoint.method,
        endpoint.path,
        join(sent, ""),
        join(got, ""),
        provenance(endpoint.provenance),
        recovery(endpoint),
    )
    .unwrap();
}

fn notes(page: &mut String, endpoint: &Endpoint) {
    for parameter in endpoint.query {
        let known = match parameter.provenance {
            known if known == endpoint.provenance => String::new(),
            known => format!(" ({})", provenance(known)),
        };
        writeln!(
            page,
            "* `{}` `?{}=`: {}{known}",
            endpoint.name, parameter.name, parameter.meaning
        )
        .unwrap();
    }
    if !endpoint.note.is_empty() {
        writeln!(page, "* `{}`: {}", endpoint.name, endpoint.note).unwrap();
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let count = |known| {
        endpoint::ALL
            .iter()
            .filter(|found| found.provenance == known)
            .count()
    };
    writeln!(
        page,
        "\n{} endpoints, of which {} confirmed and {} inferred.",
        endpoint::ALL.len(),
        count(Provenance::Confirmed),
        count(Provenance::Inferred)
    )
    .unwrap();
    let area = |endpoint: &Endpoint| endpoint.name.split('.').next().unwrap().to_owned();
    let mut order: Vec<String> = Vec::new();
    let mut areas: BTreeMap<String, Vec<&Endpoint>> = BTreeMap::new();
    for endpoint in endpoint::ALL {
        let area = area(endpoint);
        if !order.contains(&area) {
            order.push(area.clone());
        }
        areas.entry(area).or_default().push(endpoint);
    }
    for area in order {
        let title = area.replace('_', " ");
        let (first, rest) = title.split_at(1);
        writeln!(
            page,
            "\n## {}{rest}\n\n| name | call | sends | answers with | known | found again |\n\
             |---|---|---|---|---|---|",
            first.to_uppercase()
        )
        .unwrap();
        for endpoint in &areas[&area] {
            row(&mut page, endpoint);
        }
        let mut below = String::new();
        for endpoint in &areas[&area] {
            notes(&mut below, endpoint);
        }
        if !below.is_empty() {
            write!(page, "\n{below}").unwrap();
        }
    }
    page.push_str("\n## Documents without an endpoint\n\n");
    page.push_str("Root elements of the schema of whose path not even a guess was possible.\n\n");
    for (root, why) in endpoint::WITHOUT_ENDPOINT {
        writeln!(page, "* `{root}`: {why}").unwrap();
    }
    page
}

#[test]
fn the_page_is_the_table() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/endpoints.md");
    let made = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, &made).unwrap();
    }
    let found = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        made == found,
        "docs/endpoints.md is not the table any more: \
         BLESS=1 cargo test -p kleer-model --test endpoints_page"
    );
    for endpoint in endpoint::ALL {
        assert!(
            found.contains(&format!("| `{}` |", endpoint.name)),
            "{}",
            endpoint.name
        );
    }
}
