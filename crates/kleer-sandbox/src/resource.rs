//! What all kinds of records have in common: listing, reading, creating, updating, deleting.
//!
//! A kind of records is a line in [`RESOURCES`]; everything else about it is taken from the
//! endpoint table and from the descriptions of its types. A rule that is known of a kind is a
//! function that its handler gives to [`create`] and [`update`].

mod table;

use kleer_model::endpoint::Endpoint;
use kleer_model::{Content, ReadOptions, RootElement, RootKind, TypeDescription};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::records::Record;
use crate::shape;
use crate::state::Books;

use table::RESOURCE;
pub(crate) use table::RESOURCES;

/// A kind of records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resource {
    /// What the names of its endpoints begin with.
    pub(crate) area: &'static str,
    /// The root element of its list.
    pub(crate) list: &'static str,
    /// What it is called in messages and in the types of references to it.
    pub(crate) name: &'static str,
    /// Its ids are above this one: each kind has its own thousand, so that mixing up ids fails.
    pub(crate) first_id: i64,
    /// Whether the path begins with the id of the record that it belongs to.
    pub(crate) is_part: bool,
    /// Elements that are called otherwise when they are read.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    /// Which optional elements an update keeps when they are absent.
    pub(crate) kept: Kept,
    /// An element that no two records of the kind (or of the record they belong to) may share.
    pub(crate) unique: Option<&'static str>,
}

/// Which optional elements an update keeps when they are absent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kept {
    /// All of them.
    All,
    /// These.
    These(&'static [&'static str]),
}

/// The kind whose endpoints' names begin so.
pub(crate) fn of_area(area: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.area == area)
}

/// The same for a handler, which knows that there is one.
///
/// # Errors
/// A refusal (500) that names the kind, if the table lost it.
pub(crate) fn kind(area: &str) -> Result<&'static Resource, Refusal> {
    of_area(area).ok_or_else(|| {
        Refusal::business(
            "TechnicalException",
            format!("no records of the kind {area}"),
        )
    })
}

impl Resource {
    /// The name and the type of an item of its list. The list of schedules is a record of two
    /// kinds of items: there the name is that of the first.
    pub(crate) fn item(&self) -> Option<(&'static str, &'static TypeDescription)> {
        match &RootElement::find(self.list)?.kind {
            RootKind::List { element, item, .. } => Some((element, item)),
            RootKind::Record(of) => {
                shape::field(of, "rolling-schedule").map(|field| (field.element, field.of))
            }
            _ => None,
        }
    }

    fn is_paged(&self) -> bool {
        RootElement::find(self.list)
            .is_some_and(|root| matches!(root.kind, RootKind::List { paged: true, .. }))
    }

    /// Whether an item's id stands in a reference: `<id><id>7</id></id>`.
    fn has_wrapped_id(&self) -> Option<bool> {
        let (_, of) = self.item()?;
        let field = shape::field(of, "id")?;
        Some(matches!(field.of.content, Content::Fields(_)))
    }

    /// The id that an item shows.
    pub(crate) fn id_of(&self, item: &Element) -> Option<i64> {
        match self.has_wrapped_id() {
            Some(true) => item.id_at("id/id"),
            Some(false) => item.id_at("id"),
            // An employee is known by the user's id; others show none.
            None if self.area == "payroll_user" => item.id_at("user/id"),
            None => None,
        }
    }

    /// Writes an id into an item, if items of the kind show one.
    pub(crate) fn set_id(&self, item: &mut Element, id: i64) {
        match self.has_wrapped_id() {
            Some(true) => item.put(Element::reference("id", id)),
            Some(false) => item.set("id", id),
            None => {}
        }
    }

    /// `SupplierInvoice`, as exceptions are named.
    fn exception(&self) -> String {
        camel_case(self.name)
    }

    /// 404: there is no such record.
    pub(crate) fn unknown(&self, id: impl std::fmt::Display) -> Refusal {
        Refusal::not_found(format!("there is no {} {id}", self.readable_name()))
    }

    /// 500: a record refers to one of this kind that is not there.
    pub(crate) fn missing(&self, place: &str, id: i64) -> Refusal {
        Refusal::business(
            &format!("{}DoesNotExistException", self.exception()),
            format!("{place}: there is no {} {id}", self.readable_name()),
        )
    }

    fn readable_name(&self) -> String {
        self.name.replace('-', " ")
    }
}

fn camel_case(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let mut characters = word.chars();
            match characters.next() {
                Some(first) => first.to_uppercase().chain(characters).collect(),
                None => String::new(),
            }
        })
        .collect()
}

/// The item as the model reads and writes it: valid, and in the schema's order.
pub(crate) fn canonical(list: &str, item: &Element) -> Result<Element, Refusal> {
    let failed = |why: String| {
        Refusal::business(
            "TechnicalException",
            format!("this record has no XML form: {why}"),
        )
    };
    let root = RootElement::find(list).ok_or_else(|| failed(format!("no list {list}")))?;
    let document = Element::new(list).with(item.clone()).to_xml();
    let options = ReadOptions::default().with_max_bytes(usize::MAX);
    let written = root
        .rewrite_with(document.as_bytes(), &options)
        .map_err(|error| failed(error.to_string()))?;
    let mut read = Element::from_xml(&written).map_err(failed)?;
    read.children
        .pop()
        .ok_or_else(|| failed("it is empty".to_owned()))
}

/// A function that checks and completes a record before it is kept. It gets what was sent (under
/// the names of reading), and the record as it is, if it is an update.
pub(crate) type Rule<'a> =
    &'a dyn Fn(&Books, &mut Element, Option<&Element>) -> Result<(), Refusal>;

/// The rule of a kind of which none is known.
#[expect(clippy::unnecessary_wraps, reason = "it is a rule like the others")]
pub(crate) fn no_rule(_: &Books, _: &mut Element, _: Option<&Element>) -> Result<(), Refusal> {
    Ok(())
}

/// Answers with a list, of the record that the path begins with if the kind is a part.
pub(crate) fn list(
    books: &Books,
    call: &Call<'_>,
    resource: &Resource,
    admits: &dyn Fn(&Element) -> bool,
) -> Result<Answer, Refusal> {
    let parent = parent_of(books, call, resource)?;
    let mut items: Vec<&Element> = books
        .records
        .all(resource.list)
        .filter(|(_, record)| record.parent == parent && admits(&record.item))
        .map(|(_, record)| &record.item)
        .collect();
    let mut root = Element::new(resource.list);
    if resource.is_paged() {
        let size = items.len();
        let number = |name| -> Result<Option<usize>, Refusal> { call.query.number(name) };
        let offset = number("offset")?.unwrap_or(0).min(size);
        let most = books.page_limit.unwrap_or(usize::MAX);
        let limit = number("limit")?.unwrap_or(usize::MAX).min(most);
        items = items.into_iter().skip(offset).take(limit).collect();
        root.page = [("offset", offset), ("limit", items.len()), ("size", size)]
            .map(|(name, number)| (name.to_owned(), number.to_string()))
            .to_vec();
    }
    root.children = items.into_iter().cloned().collect();
    Ok(Answer::element(&root))
}

/// The record that the path begins with: 0 if the kind is no part of another.
fn parent_of(books: &Books, call: &Call<'_>, resource: &Resource) -> Result<i64, Refusal> {
    if !resource.is_part {
        return Ok(0);
    }
    let parent: i64 = call.id()?;
    let parameter = call.endpoint.parameters().next().unwrap_or_default();
    let name = parameter.trim_end_matches("-id");
    match RESOURCES.iter().find(|candidate| candidate.name == name) {
        Some(kind) if books.records.get(kind.list, parent).is_none() => Err(kind.unknown(parent)),
        _ => Ok(parent),
    }
}

/// The id at the end of the path, and the record it names.
pub(crate) fn known<'a>(
    books: &'a Books,
    call: &Call<'_>,
    resource: &Resource,
) -> Result<(i64, &'a Record), Refusal> {
    let parent = parent_of(books, call, resource)?;
    let id = call.last_id()?;
    match books.records.get(resource.list, id) {
        Some(record) if record.parent == parent => Ok((id, record)),
        _ => Err(resource.unknown(id)),
    }
}

/// Answers with the record of the path.
pub(crate) fn read(books: &Books, call: &Call<'_>, resource: &Resource) -> Result<Answer, Refusal> {
    let (_, record) = known(books, call, resource)?;
    Ok(Answer::element(&as_root(call.endpoint, &record.item)))
}

/// The item under the name of the endpoint's answer.
pub(crate) fn as_root(endpoint: &Endpoint, item: &Element) -> Element {
    let root = endpoint.response.first().copied().unwrap_or_default();
    let is_choice = RootElement::find(root).is_some_and(|found| {
        matches!(&found.kind, RootKind::Record(of) if shape::field(of, &item.name).is_some())
    });
    if is_choice {
        Element::new(root).with(item.clone())
    } else {
        item.clone().named(root)
    }
}

/// Answers with the first record whose foreign id is the last part of the path.
pub(crate) fn by_foreign_id(
    books: &Books,
    call: &Call<'_>,
    resource: &Resource,
) -> Result<Answer, Refusal> {
    let wanted = call.parameters.last().copied().unwrap_or_default();
    let found = books
        .records
        .items(resource.list)
        .find(|item| item.text_at("foreign-id") == Some(wanted));
    match found {
        Some(item) => Ok(Answer::element(&as_root(call.endpoint, item))),
        None => Err(Refusal::not_found(format!(
            "there is no {} with this foreign id",
            resource.readable_name()
        ))),
    }
}

/// Creates a record of what was sent.
pub(crate) fn create(
    books: &mut Books,
    call: &Call<'_>,
    resource: &Resource,
    rule: Rule<'_>,
) -> Result<Answer, Refusal> {
    let id = create_record(books, call, resource, rule)?;
    Ok(Answer::done(call.endpoint, id))
}

/// The same; returns the new id.
pub(crate) fn create_record(
    books: &mut Books,
    call: &Call<'_>,
    resource: &Resource,
    rule: Rule<'_>,
) -> Result<i64, Refusal> {
    let parent = parent_of(books, call, resource)?;
    let sent = call.element()?;
    check_references(books, &sent, request_type(call.endpoint))?;
    let item = completed(books, call, resource, sent, None, rule)?;
    insert(books, resource, parent, item)
}

/// Keeps a new record under a new id.
pub(crate) fn insert(
    books: &mut Books,
    resource: &Resource,
    parent: i64,
    mut item: Element,
) -> Result<i64, Refusal> {
    check_unique(books, resource, parent, None, &item)?;
    let id = books.records.next_id(resource.list, resource.first_id);
    resource.set_id(&mut item, id);
    let item = canonical(resource.list, &item)?;
    books
        .records
        .put(resource.list, id, Record { parent, item });
    Ok(id)
}

/// Updates the record of the path with what was sent.
pub(crate) fn update(
    books: &mut Books,
    call: &Call<'_>,
    resource: &Resource,
    rule: Rule<'_>,
) -> Result<Answer, Refusal> {
    let (id, record) = known(books, call, resource)?;
    let sent = call.element()?;
    check_references(books, &sent, request_type(call.endpoint))?;
    let parent = record.parent;
    let mut item = completed(books, call, resource, sent, Some(&record.item), rule)?;
    resource.set_id(&mut item, id);
    check_unique(books, resource, parent, Some(id), &item)?;
    let item = canonical(resource.list, &item)?;
    books
        .records
        .put(resource.list, id, Record { parent, item });
    Ok(Answer::done(call.endpoint, id))
}

/// Deletes the record of the path.
pub(crate) fn delete(
    books: &mut Books,
    call: &Call<'_>,
    resource: &Resource,
) -> Result<Answer, Refusal> {
    let (id, _) = known(books, call, resource)?;
    books.records.remove(resource.list, id);
    Ok(Answer::done(call.endpoint, id))
}

/// The type of an endpoint's request, if it is a record.
pub(crate) fn request_type(endpoint: &Endpoint) -> Option<&'static TypeDescription> {
    match RootElement::find(endpoint.request?)?.kind {
        RootKind::Record(of) => Some(of),
        _ => None,
    }
}

/// What was sent, made into a record: renamed, completed from the record as it was, checked by the
/// kind's rule, and with every element that a reader may expect.
fn completed(
    books: &Books,
    call: &Call<'_>,
    resource: &Resource,
    sent: Element,
    before: Option<&Element>,
    rule: Rule<'_>,
) -> Result<Element, Refusal> {
    let Some((name, mut of)) = resource.item() else {
        return Ok(sent);
    };
    let mut item = match before {
        // A schedule stays of its kind.
        Some(before) => sent.named(&before.name),
        None => sent.named(name),
    };
    if let Some(root) = RootElement::find(resource.list)
        && let RootKind::Record(list) = root.kind
    {
        if call.endpoint.request == Some("payroll-fixed-schedule-writeable") {
            item.name = "fixed-schedule".to_owned();
        }
        of = shape::field(list, &item.name).map_or(of, |field| field.of);
    }
    for child in &mut item.children {
        if let Some((_, read)) = resource
            .renamed
            .iter()
            .find(|(sent, _)| *sent == child.name)
        {
            child.name = (*read).to_owned();
        }
    }
    let writable = request_type(call.endpoint);
    if let Some(before) = before {
        for old in &before.children {
            if item.child(&old.name).is_some() {
                continue;
            }
            let sent_name = resource
                .renamed
                .iter()
                .find(|(_, read)| *read == old.name)
                .map_or(old.name.as_str(), |(sent, _)| sent);
            let is_read_only =
                writable.is_some_and(|writable| shape::field(writable, sent_name).is_none());
            let is_kept = match resource.kept {
                Kept::All => true,
                Kept::These(names) => names.contains(&old.name.as_str()),
            };
            if is_read_only || is_kept {
                // A repeated element comes back with all of its kind.
                let all: Vec<_> = before.all(&old.name).cloned().collect();
                item.children.extend(all);
            }
        }
    }
    rule(books, &mut item, before)?;
    let is_same_type = writable.is_some_and(|writable| std::ptr::eq(writable, of));
    shape::fit(&mut item, of, is_same_type && !call.strict);
    Ok(item)
}

fn check_unique(
    books: &Books,
    resource: &Resource,
    parent: i64,
    own: Option<i64>,
    item: &Element,
) -> Result<(), Refusal> {
    let Some(element) = resource.unique else {
        return Ok(());
    };
    let Some(value) = item.text_at(element) else {
        return Ok(());
    };
    let mut others = books.records.all(resource.list);
    let is_taken = others.any(|(id, record)| {
        Some(id) != own && record.parent == parent && record.item.text_at(element) == Some(value)
    });
    if is_taken {
        return Err(Refusal::business(
            &format!("{}AlreadyExistsException", resource.exception()),
            format!(
                "there is a {} with this {element} already",
                resource.readable_name()
            ),
        ));
    }
    Ok(())
}

/// Refuses a reference to a record that is not there. The id 0 is how integrations write "none".
pub(crate) fn check_references(
    books: &Books,
    sent: &Element,
    of: Option<&'static TypeDescription>,
) -> Result<(), Refusal> {
    let Some(of) = of else { return Ok(()) };
    let mut place = sent.name.clone();
    check_references_in(books, sent, of, &mut place)
}

fn check_references_in(
    books: &Books,
    element: &Element,
    of: &TypeDescription,
    place: &mut String,
) -> Result<(), Refusal> {
    if let Some(kind) = of.schema.strip_suffix("-reference")
        && let Some(id) = element.id_at("id")
        && !books.exists(kind, id)
    {
        let named = RESOURCE.named(kind);
        return Err(named.missing(place, id));
    }
    for child in &element.children {
        let Some(field) = shape::field(of, &child.name) else {
            continue;
        };
        let length = place.len();
        place.push('/');
        place.push_str(&child.name);
        if shape::is_wrapper(field) {
            for inner in &child.children {
                check_references_in(books, inner, field.of, place)?;
            }
        } else {
            check_references_in(books, child, field.of, place)?;
        }
        place.truncate(length);
    }
    Ok(())
}

impl Resource {
    /// The kind of this name; one of no list if it has books of its own.
    fn named(self, name: &str) -> Resource {
        let known = RESOURCES.iter().find(|resource| resource.name == name);
        let own = ["client", "product", "client-invoice"];
        match known {
            Some(known) => *known,
            None => Resource {
                name: own
                    .into_iter()
                    .find(|candidate| *candidate == name)
                    .unwrap_or("record"),
                ..self
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_list_and_a_name_of_its_own() {
        for (index, resource) in RESOURCES.iter().enumerate() {
            assert!(resource.item().is_some(), "{}", resource.area);
            for other in RESOURCES.iter().skip(index + 1) {
                assert_ne!(resource.list, other.list);
                assert_ne!(resource.area, other.area);
                assert_ne!(resource.name, other.name);
            }
        }
    }

    #[test]
    fn exceptions_are_named_as_in_java() {
        let resource = of_area("supplier_invoice").unwrap();
        let refusal = resource.missing("x/supplier-invoice", 7);
        assert!(
            refusal
                .message()
                .starts_with("SupplierInvoiceDoesNotExistException: x/supplier-invoice:")
        );
    }
}
