//! One request and its answer.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Value as Json, json};

use super::query::ListQuery;
use super::records::{Records, has_relation, missing, related};
use super::{Fault, Paging, Received, State, TOKEN, lock};

type Refused = (StatusCode, Json);

fn refused(status: StatusCode, message: impl Into<Json>) -> Refused {
    let error = status.canonical_reason().unwrap_or_default();
    let body = json!({"statusCode": status.as_u16(), "message": message.into(), "error": error});
    (status, body)
}

pub(super) async fn to(state: Arc<Mutex<State>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1_000_000).await.unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default();
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    let received = Received {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: query.collect(),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    let mut state = lock(&state);
    state.received.push(received.clone());
    let line = format!("{} {}", received.method, received.path);
    let fault = state
        .faults
        .iter()
        .position(|(beginning, _)| line.starts_with(beginning));
    let fault = fault.map(|index| state.faults.remove(index).1);
    let before = match fault {
        Some(Fault::RateLimited(_)) => Some(StatusCode::TOO_MANY_REQUESTS),
        Some(Fault::Unauthorised) => Some(StatusCode::UNAUTHORIZED),
        Some(Fault::Forbidden) => Some(StatusCode::FORBIDDEN),
        Some(Fault::ServerError) => Some(StatusCode::INTERNAL_SERVER_ERROR),
        _ => None,
    };
    let answered = match before {
        Some(status) => Err(refused(status, "told to")),
        None if !is_authorised(&parts.headers) => {
            Err(refused(StatusCode::UNAUTHORIZED, "Unauthorized"))
        }
        None => carry_out(&mut state, &received),
    };
    let (status, body) = answered.unwrap_or_else(|refused| refused);
    let body = match fault {
        Some(Fault::Garbled) => Body::from("<html>"),
        Some(Fault::Senseless) => Body::from("[]"),
        Some(Fault::AnswerLost) => {
            let broken = std::io::Error::other("told to");
            Body::from_stream(futures_util::stream::iter([
                Ok(Bytes::from_static(b"{\"sta")),
                Err(broken),
            ]))
        }
        _ => Body::from(body.to_string()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let json = header::HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    if let Some(Fault::RateLimited(seconds)) = fault {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn is_authorised(headers: &HeaderMap) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    given.and_then(|given| given.strip_prefix("Bearer ")) == Some(TOKEN)
}

fn carry_out(state: &mut State, received: &Received) -> Result<(StatusCode, Json), Refused> {
    let not_found = || refused(StatusCode::NOT_FOUND, "Not Found");
    let bad = |message: String| refused(StatusCode::BAD_REQUEST, json!([message]));
    let parts: Vec<&str> = received.path.trim_matches('/').split('/').collect();
    let (resource, id) = match parts.as_slice() {
        ["v1", resource] => (*resource, None),
        ["v1", resource, id] => (*resource, Some(*id)),
        _ => return Err(not_found()),
    };
    if !Records::knows(resource) {
        return Err(not_found());
    }
    let query = ListQuery::read(&received.query).map_err(bad)?;
    let strange = query
        .relations
        .iter()
        .find(|name| !has_relation(resource, name));
    if let Some(strange) = strange {
        return Err(bad(format!("{strange} is not a relation of {resource}")));
    }
    match (received.method.as_str(), id) {
        ("GET", None) => list(state, resource, &query).map_err(bad),
        ("GET", Some(id)) => {
            let one = state.records.get(resource, id).ok_or_else(not_found)?;
            Ok((
                StatusCode::OK,
                single(&state.records, resource, one, &query),
            ))
        }
        ("POST" | "PATCH", _) if resource == "leave-transaction" => Err(not_found()),
        ("POST", None) => {
            let body = received.body.as_object();
            let body = body.ok_or_else(|| bad("an object is expected".to_owned()))?;
            let missing = missing(resource, body);
            if !missing.is_empty() {
                let messages: Vec<_> = missing
                    .iter()
                    .map(|name| format!("{name} should not be empty"))
                    .collect();
                return Err(refused(StatusCode::BAD_REQUEST, json!(messages)));
            }
            let id = state.records.insert(resource, &received.body);
            let one = state.records.get(resource, &id).ok_or_else(not_found)?;
            Ok((
                StatusCode::CREATED,
                single(&state.records, resource, one, &query),
            ))
        }
        ("PATCH", Some(id)) => {
            if let Some(email) = received.body["privateEmail"].as_str()
                && !email.contains('@')
            {
                return Err(bad(format!("privateEmail {email} must be an email")));
            }
            let done = state.records.patch(resource, id, &received.body);
            let one = done.ok_or_else(not_found)?.clone();
            Ok((
                StatusCode::OK,
                single(&state.records, resource, &one, &query),
            ))
        }
        _ => Err(not_found()),
    }
}

fn with_relations(records: &Records, resource: &str, of: &[&Json], query: &ListQuery) -> Json {
    let relations = query.relations.iter().map(|name| {
        let related = related(records, resource, of, name);
        (name.clone(), Json::from(related))
    });
    Json::Object(relations.collect())
}

fn single(records: &Records, resource: &str, one: &Json, query: &ListQuery) -> Json {
    let mut answer = json!({"status": "ok", "data": query.selected(one)});
    if !query.relations.is_empty() {
        answer["relations"] = with_relations(records, resource, &[one], query);
    }
    answer
}

fn list(
    state: &mut State,
    resource: &str,
    query: &ListQuery,
) -> Result<(StatusCode, Json), String> {
    let chosen = query.chosen(state.records.all(resource))?;
    let total = chosen.len() + usize::from(state.paging == Paging::Overstated);
    let offset = match state.paging {
        Paging::Overlapping(too_early) => query.offset.saturating_sub(too_early),
        _ => query.offset,
    };
    let page: Vec<&Json> = chosen
        .iter()
        .skip(offset)
        .take(query.limit)
        .copied()
        .collect();
    let data: Vec<Json> = page.iter().map(|one| query.selected(one)).collect();
    let mut answer = json!({
        "status": "ok", "total": total, "count": data.len(), "offset": query.offset,
        "relations": with_relations(&state.records, resource, &page, query),
    });
    let first = data
        .first()
        .and_then(|one| one["id"].as_str().map(ToOwned::to_owned));
    answer["data"] = data.into();
    if let (Paging::Shrinking(times @ 1..), 0, Some(first)) = (state.paging, offset, first)
        && total > query.limit
    {
        state.records.remove(resource, &first);
        state.paging = Paging::Shrinking(times - 1);
    }
    Ok((StatusCode::OK, answer))
}
