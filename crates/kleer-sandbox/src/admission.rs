//! What holds for every request, before an endpoint's own function is called.
//!
//! The order is the one that Kleer's statuses suggest: who are you (401), what do you want (404,
//! 405), may you (403), can I read it (400, 413).

use kleer_model::CompanyId;
use kleer_model::endpoint::{self, Endpoint, Scope};
use secrecy::{ExposeSecret, SecretString};

use crate::answer::{Answer, Format, Refusal};
use crate::call::{Call, Query};
use crate::element::forbidden_character;
use crate::server::{Received, Settings, Shared};
use crate::{json, login, routes};

/// Checks a request and carries it out. Puts into `ignored` what a body in JSON had that no element
/// corresponds to.
pub(crate) fn admit(
    shared: &Shared,
    received: &Received,
    ignored: &mut Vec<String>,
) -> Result<Answer, Refusal> {
    let settings = &shared.settings;
    let is_open = received
        .endpoint
        .is_some_and(|endpoint| endpoint.scope == Scope::Api);
    let company = match company_of(settings, received.token.as_ref()) {
        Some(company) => company,
        // Such a call needs no token.
        None if is_open => settings.company,
        None => return Err(Refusal::unauthorized()),
    };
    let (endpoint, parameters) = wanted(received)?;
    let mut parameters = parameters.as_slice();
    if endpoint.scope == Scope::Company {
        parameters = in_company(company, parameters)?;
    }
    let converted;
    let mut body = match &received.body {
        Ok(body) => body.as_ref(),
        Err(status) => return Err(Refusal::body(*status, settings.max_body_bytes)),
    };
    if received.format() == Format::Json {
        let request = json::request(endpoint, body)?;
        ignored.extend(request.ignored);
        converted = request.xml;
        body = &converted;
    } else if endpoint.request.is_some() && body.trim_ascii_start().starts_with(b"{") {
        return Err(Refusal::bad_request(
            "the request body is JSON, but Content-Type does not say so: send \
             Content-Type: application/json",
        ));
    }
    // Kept as it stands, it would break every list that it is in.
    if endpoint.request.is_some()
        && let Ok(text) = std::str::from_utf8(body)
        && let Some(character) = forbidden_character(text)
    {
        return Err(Refusal::bad_request(format!(
            "the request body holds U+{:04X}, which XML cannot carry: remove it",
            u32::from(character),
        )));
    }
    let call = Call {
        endpoint,
        parameters: parameters.to_vec(),
        query: Query::parse(&received.query, endpoint, settings.strict)?,
        body,
        format: received.format(),
        strict: settings.strict,
        max_body_bytes: settings.max_body_bytes,
    };
    let mut changing = shared.lock();
    if endpoint.name == endpoint::ACCESS_AUTHENTICATE.name {
        return login::authenticate(settings, &changing, &call);
    }
    let books = if company == settings.company {
        &mut changing.books
    } else {
        changing
            .others
            .get_mut(&company)
            .ok_or_else(Refusal::unauthorized)?
    };
    routes::carry_out(books, &call)
}

/// The company that a token is for.
fn company_of(settings: &Settings, token: Option<&SecretString>) -> Option<CompanyId> {
    let token = token?.expose_secret();
    if token == settings.token.expose_secret() {
        return Some(settings.company);
    }
    let mut others = settings.others.iter();
    others
        .find(|(_, known)| known.expose_secret() == token)
        .map(|(company, _)| *company)
}

/// The endpoint that is asked for, and the parameters of its path.
fn wanted(received: &Received) -> Result<(&'static Endpoint, Vec<&str>), Refusal> {
    let Some(route) = &received.route else {
        return Err(Refusal::not_found(
            "there is no such path in Kleer's API as far as it is known",
        ));
    };
    let Some(endpoint) = received.endpoint else {
        let allowed: Vec<_> = route
            .endpoints
            .iter()
            .map(|endpoint| endpoint.method.as_str())
            .collect();
        return Err(Refusal::method_not_allowed(&allowed.join(", ")));
    };
    match &route.parameters {
        Ok(parameters) => Ok((
            endpoint,
            parameters.iter().map(|(_, value)| value).collect(),
        )),
        Err(_) => Err(Refusal::bad_request(
            "the path is not percent-encoded UTF-8",
        )),
    }
}

/// The parameters behind the company, which must be the token's.
fn in_company<'a, 'b>(
    company: CompanyId,
    parameters: &'a [&'b str],
) -> Result<&'a [&'b str], Refusal> {
    let Some((named, parameters)) = parameters.split_first() else {
        return Err(Refusal::not_found("the path names no company"));
    };
    let named: CompanyId = named
        .parse()
        .map_err(|_| Refusal::not_found("the path's company is not a whole number"))?;
    if named == company {
        Ok(parameters)
    } else {
        Err(Refusal::wrong_company(company))
    }
}
