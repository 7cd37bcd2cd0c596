//! Which Kleer company a connection is with: the links of one must never be used for another.

use flat_record::Kind;
use record_link::{
    Event, EventKind, Link, LinkQuery, Origin, RecordKey, Sides, StoreError, StoreErrorKind, Write,
};

use super::error::PostError;
use super::poster::Setup;

/// The kind of the link that holds it: on the left the company's id, on the right the address.
const KIND: &str = "kleer-company";

/// Checks that the connection's links were made with this company of this Kleer; what is to be
/// written, if there are none yet.
pub(super) async fn check(setup: &Setup) -> Result<Option<Write>, PostError> {
    let (kleer, connection) = (&setup.kleer, &setup.connection);
    let invalid = |what: &dyn std::fmt::Display| {
        StoreError::new(StoreErrorKind::Invalid).with_detail(what.to_string())
    };
    let kind = Kind::new(KIND).map_err(|error| invalid(&error))?;
    let key = |text: String| RecordKey::new(text).map_err(|error| invalid(&error));
    let keys = Sides::new(
        key(kleer.company().to_string())?,
        key(kleer.base_url().to_owned())?,
    );
    let query = LinkQuery::new().kind(kind.clone());
    let page = setup.store.links(connection, &query).await?;
    let Some(known) = page.items.into_iter().find(Link::is_live) else {
        let mut link = Link::new(connection.clone(), kind, keys, Origin::Imported, 0);
        link.version = 1;
        return Ok(Some(event(EventKind::Linked, link, setup)));
    };
    let given = keys.map(Some);
    if known.keys == given {
        return Ok(None);
    }
    if known.keys.left == given.left && setup.options.accept_address {
        let mut link = known;
        (link.keys, link.version) = (given, link.version.saturating_add(1));
        return Ok(Some(event(EventKind::Linked, link, setup)));
    }
    Err(PostError::OtherKleer {
        kept: described(&known.keys),
        given: described(&given),
    })
}

fn event(what: EventKind, link: Link, setup: &Setup) -> Write {
    Write::Event(Box::new(Event::new(what, link, setup.clock.now())))
}

fn described(keys: &Sides<Option<RecordKey>>) -> String {
    let [company, address] =
        [&keys.left, &keys.right].map(|key| key.as_ref().map_or("?", RecordKey::as_str));
    format!("company {company} at {address}")
}
