//! Much at once.

use std::cmp::Reverse;

use chrono::DateTime;
use flat_record::{FieldName, Kind, Value};
use record_link::{
    Base, BaseField, Batch, ConnectionId, Deviation, DeviationClass, DeviationEvent,
    DeviationQuery, Event, EventKind, Failure, Link, LinkQuery, MemoryStore, Origin, RecordKey,
    Sides, Store, Subject, Topic, Which, Write,
};

use super::Differs;
use super::chance::Chance;

/// As many links and as many deviations are written at once.
const EACH: usize = 5_000;
/// As many subjects are asked for at once: more than a statement has parameters, in any database.
const SUBJECTS: usize = 70_000;
/// As long is a base, and a message.
const LONG: usize = 1 << 20;

/// Checks that a store takes what is large: a batch of 10,000 writes, a question for 70,000
/// subjects, a link with a base of a megabyte, a document with a key of several thousand characters.
///
/// # Errors
/// When it does not, or answers otherwise than a [`MemoryStore`].
pub async fn check_large(store: &dyn Store) -> Result<(), Differs> {
    let memory = MemoryStore::new();
    let checked = check(store, &memory).await;
    checked.map_err(|what| Differs {
        seed: 0,
        steps: 0,
        what,
    })
}

async fn check(store: &dyn Store, memory: &MemoryStore) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let connection = ConnectionId::new("large").map_err(|error| told(&error))?;
    let kind = Kind::new("employee").map_err(|error| told(&error))?;
    let now = DateTime::UNIX_EPOCH;
    let mut batch = Batch::new(&connection, now);
    let mut subjects = Vec::with_capacity(SUBJECTS);
    for number in 0..SUBJECTS {
        let key = RecordKey::new(format!("{number}")).map_err(|error| told(&error))?;
        let subject = Subject::Record {
            side: Which::Left,
            kind: kind.clone(),
            key: key.clone(),
        };
        subjects.push(subject.clone());
        // Some of all that are asked for, all over them.
        if number % (SUBJECTS / EACH) != 0 {
            continue;
        }
        let mut link = Link::new(
            connection.clone(),
            kind.clone(),
            Sides::new(key.clone(), key),
            Origin::Imported,
            0,
        );
        link.version = 1;
        if number == 0 {
            let name = FieldName::new("note").map_err(|error| told(&error))?;
            let value = Value::from("x".repeat(LONG));
            link.base = Base::default();
            link.base.set(&name, BaseField::Value(Box::new(value)));
        }
        let event = Event::new(EventKind::Imported, link, now);
        let message = "x".repeat(if number == 0 { LONG } else { 1 });
        let failure = Failure::new(DeviationClass::Validation, "code", message);
        let topic = Topic::new(&connection, "create", subject);
        let at = now + chrono::TimeDelta::seconds(i64::try_from(number % 7).unwrap_or(0));
        batch = batch
            .write(Write::Event(Box::new(event)))
            .write(Write::Deviation(DeviationEvent::failed(topic, failure, at)));
    }
    // Letters by chance: a database that packs texts cannot make it short.
    let mut chance = Chance::new(1);
    let letters = (0..5_000)
        .map(|_| char::from_u32(0x4E00 + u32::try_from(chance.below(20_000)).unwrap_or(0)));
    let document = Subject::document("invoice", letters.flatten().collect::<String>());
    let failure = Failure::new(DeviationClass::Validation, "code", "it is long");
    let topic = Topic::new(&connection, "post", document.clone());
    let batch = batch.write(Write::Deviation(DeviationEvent::failed(
        topic, failure, now,
    )));
    for (name, one) in [("memory", memory as &dyn Store), ("the store", store)] {
        let committed = one.commit(batch.clone()).await;
        committed.map_err(|error| format!("{name} does not take the batch: {error}"))?;
    }
    let all = LinkQuery::new().kind(kind).limit(EACH * 2);
    let links = async |of: &dyn Store| of.links(&connection, &all).await;
    let (found, expected) = (links(store).await, links(memory).await);
    let found = found.map_err(|error| told(&error))?.items;
    if found.len() != EACH || found != expected.map_err(|error| told(&error))?.items {
        return Err("the links differ".to_owned());
    }
    let mut long =
        page_by_page(store, &connection, DeviationQuery::all().about([document])).await?;
    let many = DeviationQuery::all().about(subjects).limit(3_000);
    let mut many = page_by_page(store, &connection, many).await?;
    // In memory, each deviation would be compared with each subject.
    let expected = DeviationQuery::all().limit(EACH * 2);
    let mut expected = page_by_page(memory, &connection, expected).await?;
    if long.len() != 1 || many.len() != EACH {
        return Err(format!("{} and {} were found", long.len(), many.len()));
    }
    // The long one is found in between.
    many.append(&mut long);
    let place = |one: &Deviation| (Reverse(one.last_seen()), one.id());
    let is_in_order = many[..EACH].is_sorted_by_key(place);
    many.sort_by_key(place);
    expected.sort_by_key(place);
    if !is_in_order || many != expected {
        return Err("the deviations differ".to_owned());
    }
    Ok(())
}

async fn page_by_page(
    store: &dyn Store,
    connection: &ConnectionId,
    mut query: DeviationQuery,
) -> Result<Vec<Deviation>, String> {
    let mut all = Vec::new();
    loop {
        let page = store.deviations(connection, &query).await;
        let page = page.map_err(|error| error.to_string())?;
        all.extend(page.items);
        if page.next.is_none() {
            return Ok(all);
        }
        query = query.after(page.next);
    }
}
