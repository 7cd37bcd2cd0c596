//! Users and what they may do; what an hour of theirs costs.

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::resource;
use crate::setup;
use crate::state::Books;

/// The token's user.
pub(crate) fn me(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    match books.records.item("users", books.user) {
        Some(user) => Ok(Answer::element(&resource::as_root(call.endpoint, user))),
        None => Err(resource::kind("user")?.unknown(books.user)),
    }
}

/// Creates a user. Kleer gives every user a dimension entry, so one is made first.
pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut sent = call.element()?;
    completed(books, &mut sent, None)?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    setup::complete_user(books, &mut sent)
        .map_err(|why| Refusal::business("TechnicalException", why))?;
    let id = resource::insert(books, resource::kind("user")?, 0, sent)?;
    Ok(Answer::done(call.endpoint, id))
}

pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    resource::update(books, call, resource::kind("user")?, &completed)
}

/// The dimension entry that stands for a user cannot be written.
fn completed(_: &Books, user: &mut Element, before: Option<&Element>) -> Result<(), Refusal> {
    user.remove("dimension-entry");
    let entry = before.and_then(|before| before.child("dimension-entry"));
    user.children.extend(entry.cloned());
    if user.text_at("name").is_none() || user.text_at("email").is_none() {
        return Err(Refusal::business(
            "IllegalArgumentException",
            "user/name and user/email must not be empty",
        ));
    }
    Ok(())
}

pub(crate) fn grant(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    resource::create(
        books,
        call,
        resource::kind("access")?,
        &|books, access, _| {
            register(books, access);
            Ok(())
        },
    )
}

fn register(books: &Books, access: &mut Element) {
    access.put(Element::reference("registration-user", books.user));
    access.set("registration-datetime", books.now());
}

/// Replaces all that a user may do.
pub(crate) fn replace_accesses(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    replace(books, call, "access", &register)
}

/// The roles of the company: which of them a user has is not kept.
pub(crate) fn roles(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let user: i64 = call.id()?;
    if !books.exists("user", user) {
        return Err(resource::kind("user")?.unknown(user));
    }
    resource::list(books, call, resource::kind("access_role")?, &|_| true)
}

/// Replaces all costs of a user's hours.
pub(crate) fn replace_costs(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    replace(books, call, "internal_hourly_cost", &|_, _| {})
}

/// Replaces all records of a kind that belong to the user of the path.
fn replace(
    books: &mut Books,
    call: &Call<'_>,
    area: &str,
    complete: &dyn Fn(&Books, &mut Element),
) -> Result<Answer, Refusal> {
    let kind = resource::kind(area)?;
    let user: i64 = call.id()?;
    if !books.exists("user", user) {
        return Err(resource::kind("user")?.unknown(user));
    }
    let mut items = call.element()?.children;
    let name = kind.item().map(|(name, _)| name).unwrap_or_default();
    let mut seen = Vec::new();
    for item in &mut items {
        item.name = name.to_owned();
        complete(books, item);
        if let Some((_, of)) = kind.item() {
            resource::check_references(books, item, Some(of))?;
            crate::shape::fit(item, of, false);
        }
        if let Some(key) = kind.unique.and_then(|unique| item.text_at(unique)) {
            if seen.iter().any(|earlier| earlier == key) {
                return Err(Refusal::business(
                    "IllegalArgumentException",
                    "the same thing stands twice in the list",
                ));
            }
            seen.push(key.to_owned());
        }
        // Nothing is replaced unless all of it can be.
        resource::canonical(kind.list, item)?;
    }
    books.records.remove_of(kind.list, user);
    for item in items {
        resource::insert(books, kind, user, item)?;
    }
    Ok(Answer::done(call.endpoint, user))
}
