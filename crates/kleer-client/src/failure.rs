//! One failed attempt, before it is known whether there will be another.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::error::ErrorKind;
use crate::request::RenderedRequest;
use crate::retry::Event;
use crate::transport::{TransportError, TransportErrorKind};

/// One failed attempt, before it is known whether there will be another. Boxed, because it is
/// passed on in results.
pub(crate) struct Failure(Box<FailureParts>);

pub(crate) struct FailureParts {
    pub(crate) kind: ErrorKind,
    pub(crate) event: Event,
    pub(crate) status: Option<StatusCode>,
    pub(crate) retry_after: Option<Duration>,
    /// Fixed words and numbers only: it is shown.
    pub(crate) detail: Option<Cow<'static, str>>,
    pub(crate) message: Option<String>,
    pub(crate) body: Option<Bytes>,
    pub(crate) rendered: Option<RenderedRequest>,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Deref for Failure {
    type Target = FailureParts;

    fn deref(&self) -> &FailureParts {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut FailureParts {
        &mut self.0
    }
}

/// The part of a body that an error keeps.
pub(crate) const KEPT_BODY_BYTES: usize = 64 * 1024;

impl Failure {
    pub(crate) fn new(kind: ErrorKind, event: Event) -> Self {
        Self(Box::new(FailureParts {
            kind,
            event,
            status: None,
            retry_after: None,
            detail: None,
            message: None,
            body: None,
            rendered: None,
            source: None,
        }))
    }

    /// A request that cannot be built.
    pub(crate) fn invalid_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidRequest, Event::NotSent).detail(detail)
    }

    /// A failure of the transport before (`answered: None`) or after the head of an answer.
    pub(crate) fn transport(error: TransportError, answered: Option<StatusCode>) -> Self {
        let kind = match error.kind() {
            TransportErrorKind::Connect => ErrorKind::Connect,
            TransportErrorKind::Certificate => ErrorKind::Certificate,
            TransportErrorKind::InvalidRequest => ErrorKind::InvalidRequest,
            TransportErrorKind::Timeout => ErrorKind::Timeout,
            TransportErrorKind::Interrupted => ErrorKind::Interrupted,
            TransportErrorKind::FollowedRedirect => ErrorKind::Redirect,
        };
        let event = match (answered, error.kind()) {
            (Some(_), _) => Event::AnswerLost,
            (None, TransportErrorKind::Connect) => Event::NoConnection,
            (None, TransportErrorKind::InvalidRequest | TransportErrorKind::Certificate) => {
                Event::NotSent
            }
            (None, TransportErrorKind::FollowedRedirect) => Event::FollowedRedirect,
            (None, TransportErrorKind::Timeout | TransportErrorKind::Interrupted) => {
                Event::NoAnswer
            }
        };
        let mut failure = Self::new(kind, event).caused_by(error);
        failure.status = answered;
        if kind == ErrorKind::Redirect {
            failure.detail = Some("the HTTP client that was given follows redirects".into());
        }
        failure
    }

    /// The attempt timeout ran out before or after the head of an answer.
    pub(crate) fn timeout(answered: Option<StatusCode>) -> Self {
        let event = if answered.is_some() {
            Event::AnswerLost
        } else {
            Event::NoAnswer
        };
        let mut failure = Self::new(ErrorKind::Timeout, event);
        failure.status = answered;
        failure
    }

    /// Must be fixed words and numbers: it is shown.
    pub(crate) fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    pub(crate) fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    pub(crate) fn message(mut self, message: Option<String>) -> Self {
        self.message = message;
        self
    }

    pub(crate) fn body(mut self, body: &Bytes) -> Self {
        // Copied, so that a kept error does not hold a body of many megabytes.
        self.body = Some(if body.len() > KEPT_BODY_BYTES {
            Bytes::copy_from_slice(body.get(..KEPT_BODY_BYTES).unwrap_or(body))
        } else {
            body.clone()
        });
        self
    }

    pub(crate) fn rendered(mut self, request: RenderedRequest) -> Self {
        self.rendered = Some(request);
        self
    }

    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}
