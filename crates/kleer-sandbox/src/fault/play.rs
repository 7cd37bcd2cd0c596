//! Carrying a fault out: what is answered, and when the request takes effect.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use tokio::time::sleep;

use super::{Fault, alter, body};
use crate::answer::{self, Refusal};
use crate::server::{Received, Reset, Shared, carry_out};

const PAGE: &str = "<!DOCTYPE html><html><head><title>Error</title></head>\
                    <body><h1>Service unavailable</h1></body></html>";

/// Answers a request, with a fault or without.
pub(crate) async fn play(
    shared: &Arc<Shared>,
    fault: Option<Fault>,
    mut received: Received,
) -> Response {
    let Some(fault) = fault else {
        return carry_out(shared, &received);
    };
    match fault {
        Fault::Status(status) => faulty(status, answer::empty),
        Fault::StatusAfterEffect(status) => {
            carry_out(shared, &received);
            faulty(status, answer::empty)
        }
        Fault::RetryLater { status, after } => faulty(status, |status| retry_later(status, after)),
        Fault::ResetBefore => reset(),
        Fault::ResetAfter => {
            carry_out(shared, &received);
            reset()
        }
        Fault::ResetThenLate(time) => {
            land_later(shared, time, received);
            reset()
        }
        Fault::Html(status) => faulty(status, page),
        Fault::HtmlAfterEffect(status) => {
            carry_out(shared, &received);
            faulty(status, page)
        }
        Fault::Redirect(target) => match HeaderValue::try_from(target) {
            Ok(target) => with_header(answer::empty(StatusCode::FOUND), header::LOCATION, target),
            Err(_) => misconfigured("its redirect target is no header value"),
        },
        Fault::Delay(time) => delayed(shared, time, received).await,
        Fault::DelayAfterEffect(time) => {
            let response = carry_out(shared, &received);
            sleep(time).await;
            response
        }
        Fault::KleerError(message) => {
            answer::response_in(received.format(), Err(Refusal::kleer_error(message)))
        }
        Fault::TruncatedBody => body::truncated(carry_out(shared, &received)).await,
        Fault::WrongContentType(media) => match HeaderValue::try_from(media) {
            Ok(media) => {
                let response = carry_out(shared, &received);
                with_header(response, header::CONTENT_TYPE, media)
            }
            Err(_) => misconfigured("its content type is no header value"),
        },
        Fault::SlowDrip { piece, pause } => {
            body::slow_drip(carry_out(shared, &received), piece, pause).await
        }
        Fault::HugeBody { bytes } => body::huge(carry_out(shared, &received), bytes).await,
        Fault::Dropped(name) => {
            let whole = received.body.clone();
            change_body(&mut received, |body| alter::without(body, &name));
            let response = carry_out(shared, &received);
            if response.status().is_success() {
                return response;
            }
            // An element that must be there; what is refused has changed nothing.
            received.body = whole;
            change_body(&mut received, |body| alter::emptied(body, &name));
            carry_out(shared, &received)
        }
        Fault::Normalised(how) => {
            change_body(&mut received, |body| alter::normalised(body, how));
            carry_out(shared, &received)
        }
    }
}

fn change_body(received: &mut Received, change: impl FnOnce(&Bytes) -> Bytes) {
    if let Ok(body) = &mut received.body {
        *body = change(body);
    }
}

/// Carries the request out after this time, whatever becomes of the caller.
fn land_later(shared: &Arc<Shared>, time: Duration, received: Received) {
    shared.lock().faults.late_writes += 1;
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        sleep(time).await;
        carry_out(&shared, &received);
        shared.lock().faults.late_writes -= 1;
    });
}

async fn delayed(shared: &Arc<Shared>, time: Duration, received: Received) -> Response {
    // A task of its own, which goes on when the caller hangs up: Kleer would, too.
    shared.lock().faults.late_writes += 1;
    let shared = Arc::clone(shared);
    let late = tokio::spawn(async move {
        sleep(time).await;
        let response = carry_out(&shared, &received);
        shared.lock().faults.late_writes -= 1;
        response
    });
    late.await
        .unwrap_or_else(|_| misconfigured("the delayed request was aborted"))
}

fn page(status: StatusCode) -> Response {
    answer::with_body(status, "text/html; charset=utf-8", PAGE.to_owned())
}

fn retry_later(status: StatusCode, after: Duration) -> Response {
    let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
    with_header(answer::empty(status), header::RETRY_AFTER, seconds.into())
}

fn with_header(mut response: Response, name: header::HeaderName, value: HeaderValue) -> Response {
    response.headers_mut().insert(name, value);
    response
}

/// A fault's answer with this status, if it is a status that can end a request.
fn faulty(status: u16, answer: impl FnOnce(StatusCode) -> Response) -> Response {
    match StatusCode::from_u16(status) {
        Ok(status) if !status.is_informational() => answer(status),
        _ => misconfigured("its status is no final HTTP status (200 to 999)"),
    }
}

fn misconfigured(what: &str) -> Response {
    answer::response(Err(Refusal::kleer_error(format!(
        "the armed fault cannot be played: {what}"
    ))))
}

fn reset() -> Response {
    let mut response = answer::empty(StatusCode::INTERNAL_SERVER_ERROR);
    response.extensions_mut().insert(Reset);
    response
}
