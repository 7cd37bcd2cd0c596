//! A call as a value, and the loop that carries it out.

use std::fmt;
use std::future::{IntoFuture, poll_fn};
use std::marker::PhantomData;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header;
use kleer_model::Document;
use kleer_model::endpoint::Endpoint;
use tracing::Instrument;

use crate::Kleer;
use crate::error::{Error, ErrorKind, Failure, KEPT_BODY_BYTES};
use crate::request::{Draft, RenderedRequest, TOKEN_HEADER};
use crate::response::{Answer, Read, failure_of_status};
use crate::retry::{Event, GaveUp, Next, RetryPolicy, Situation, assess, retry_after};
use crate::transport::{Body, BoxFuture};

/// A call that has not been sent yet. `.await` it, or [`send`](Self::send) it.
///
/// It owns all it needs, so it can be stored, moved to another task, or only
/// [rendered](Self::render). Dropping the future of a write while it runs leaves its outcome
/// unknown.
///
/// ```no_run
/// # async fn example(kleer: kleer_client::Kleer) -> Result<(), kleer_client::Error> {
/// use kleer_client::RetryPolicy;
/// use kleer_client::model::ClientId;
///
/// let client = kleer.clients().get(ClientId(17)).await?;
/// let once = kleer.clients().get(ClientId(17)).retry(RetryPolicy::none()).await?;
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited or sent"]
pub struct Call<T> {
    kleer: Kleer,
    /// What is wrong with the arguments is told when the call is sent or rendered, so that calls
    /// can be chained.
    draft: Result<Draft, Error>,
    read: Read<T>,
    policy: Option<RetryPolicy>,
    attempt_timeout: Option<Duration>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    pub(crate) fn new(kleer: &Kleer, draft: Result<Draft, Error>, read: Read<T>) -> Self {
        Self {
            kleer: kleer.clone(),
            draft,
            read,
            policy: None,
            attempt_timeout: None,
            answer: PhantomData,
        }
    }

    /// A call of the endpoint table without a body.
    pub(crate) fn of_endpoint(
        kleer: &Kleer,
        endpoint: &'static Endpoint,
        path: &[(&str, &str)],
        read: Read<T>,
    ) -> Self {
        let draft = Draft::of_endpoint(endpoint, path, None).map_err(|failure| {
            Error::before_sending(Some(endpoint.name), endpoint.method.is_write(), failure)
        });
        Self::new(kleer, draft, read)
    }

    /// A call of the endpoint table with a document as its body.
    pub(crate) fn with_document(
        kleer: &Kleer,
        endpoint: &'static Endpoint,
        path: &[(&str, &str)],
        document: &impl Document,
        read: Read<T>,
    ) -> Self {
        let draft = document
            .to_xml()
            .map_err(|error| Failure::new(ErrorKind::Write, Event::NotSent).caused_by(error))
            .and_then(|xml| Draft::of_endpoint(endpoint, path, Some(xml)))
            .map_err(|failure| {
                Error::before_sending(Some(endpoint.name), endpoint.method.is_write(), failure)
            });
        Self::new(kleer, draft, read)
    }

    /// Adds a query parameter.
    pub(crate) fn with_query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Ok(draft) = &mut self.draft {
            draft.query.push((name.into(), value.into()));
        }
        self
    }

    /// Changes the draft, if there is one.
    pub(crate) fn edit(mut self, change: impl FnOnce(&mut Draft) -> Result<(), Failure>) -> Self {
        if let Ok(draft) = &mut self.draft
            && let Err(failure) = change(draft)
        {
            let error = Error::before_sending(Some(draft.operation), draft.is_write(), failure);
            self.draft = Err(error);
        }
        self
    }

    /// Retries this call by `policy` instead of the client's.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Limits each attempt of this call (sending, waiting, and reading the whole answer) to
    /// `timeout` instead of the client's.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Shows exactly what would be sent, and sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] or [`ErrorKind::Write`] if the arguments make no request.
    pub fn render(self) -> Result<RenderedRequest, Error> {
        let draft = self.draft?;
        render(&self.kleer, &draft)
            .map_err(|f| Error::before_sending(Some(draft.operation), draft.is_write(), f))
    }

    /// Sends the call. The same as `.await`ing it.
    ///
    /// # Errors
    /// An [`Error`]; for a write [`Error::outcome`] says what is known of its effect.
    pub async fn send(self) -> Result<T, Error> {
        let draft = self.draft?;
        let kleer = self.kleer;
        let policy = self.policy.unwrap_or_else(|| kleer.inner.retry.clone());
        let timeout = self.attempt_timeout.unwrap_or(kleer.inner.attempt_timeout);
        // No URL, id, body or message: only what is the same for everybody.
        let span = tracing::info_span!(
            "kleer.call",
            endpoint = draft.operation,
            method = draft.method.as_str(),
            attempts = tracing::field::Empty,
            status = tracing::field::Empty,
            outcome = tracing::field::Empty,
            elapsed_ms = tracing::field::Empty,
        );
        let run = Run {
            kleer: &kleer,
            draft: &draft,
            read: self.read,
            policy: &policy,
            timeout,
        };
        run.to_the_end().instrument(span).await
    }
}

impl<T: 'static> IntoFuture for Call<T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field(
                "endpoint",
                &self.draft.as_ref().ok().map(|draft| draft.operation),
            )
            .field("retry", &self.policy)
            .field("attempt_timeout", &self.attempt_timeout)
            .finish_non_exhaustive()
    }
}

fn to_http(kleer: &Kleer, draft: &Draft) -> Result<(url::Url, http::Request<Bytes>), Failure> {
    let url = draft.url(&kleer.inner.base_url, kleer.inner.company)?;
    let request = draft.to_http(&url, &kleer.inner.user_agent)?;
    Ok((url, request))
}

fn render(kleer: &Kleer, draft: &Draft) -> Result<RenderedRequest, Failure> {
    let (url, request) = to_http(kleer, draft)?;
    Ok(RenderedRequest::new(draft.operation, url, request))
}

/// One call on its way.
struct Run<'a, T> {
    kleer: &'a Kleer,
    draft: &'a Draft,
    read: Read<T>,
    policy: &'a RetryPolicy,
    timeout: Duration,
}

impl<T> Run<'_, T> {
    async fn to_the_end(&self) -> Result<T, Error> {
        let started = self.kleer.inner.timer.now();
        let mut attempts = 0;
        let result = self.attempts(started, &mut attempts).await;
        let span = tracing::Span::current();
        let elapsed = self.elapsed(started);
        span.record("attempts", attempts);
        span.record(
            "elapsed_ms",
            u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        );
        match result {
            Ok((status, value)) => {
                span.record("status", status);
                Ok(value)
            }
            Err(error) => {
                if let Some(status) = error.status() {
                    span.record("status", status.as_u16());
                }
                if self.draft.is_write() {
                    span.record("outcome", tracing::field::debug(error.outcome()));
                }
                tracing::debug!(kind = ?error.kind(), "the call failed");
                Err(error)
            }
        }
    }

    async fn attempts(&self, started: Instant, attempts: &mut u32) -> Result<(u16, T), Error> {
        let Self { kleer, draft, .. } = *self;
        let operation = draft.operation;
        let is_write = draft.is_write();
        let early = |failure| Error::before_sending(Some(operation), is_write, failure);
        let (url, request) = to_http(kleer, draft).map_err(early)?;
        if is_write && kleer.inner.dry_run {
            let rendered = RenderedRequest::new(operation, url, request);
            let failure = Failure::new(ErrorKind::DryRun, Event::NotSent).rendered(rendered);
            return Err(early(failure));
        }
        loop {
            *attempts += 1;
            let failure = match self.attempt(&request, started).await {
                Ok(success) => return Ok(success),
                Err(failure) => failure,
            };
            let retryable = assess(failure.event, is_write).retryable;
            let situation = Situation {
                attempt: *attempts,
                elapsed: self.elapsed(started),
                retry_after: failure.retry_after,
                random: kleer.inner.timer.random(),
            };
            let gave_up: Option<GaveUp> = match self.policy.next(&situation) {
                Next::Wait(wait) if retryable => {
                    tracing::debug!(
                        attempt = *attempts,
                        kind = ?failure.kind,
                        wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                        "the attempt failed and is repeated after a wait",
                    );
                    kleer.inner.timer.sleep(wait).await;
                    continue;
                }
                Next::GiveUp(reason) if retryable => Some(reason),
                Next::Wait(_) | Next::GiveUp(_) => None,
            };
            let elapsed = self.elapsed(started);
            return Err(Error::after_sending(
                operation, is_write, *attempts, elapsed, gave_up, failure,
            ));
        }
    }

    /// Sends the request once and reads its whole answer.
    async fn attempt(
        &self,
        request: &http::Request<Bytes>,
        started: Instant,
    ) -> Result<(u16, T), Failure> {
        let inner = &self.kleer.inner;
        let mut request = request.clone();
        request
            .headers_mut()
            .insert(TOKEN_HEADER, inner.token_header());
        let limit = if self.draft.is_write() {
            self.timeout
        } else {
            self.timeout.min(
                self.policy
                    .total_budget
                    .saturating_sub(self.elapsed(started)),
            )
        };
        let mut alarm = Alarm(inner.timer.sleep(limit));

        let response = match alarm.unless_it_rings(inner.transport.send(request)).await {
            None => return Err(Failure::timeout(None)),
            Some(Err(error)) => return Err(Failure::transport(error, None)),
            Some(Ok(response)) => response,
        };
        let (head, body) = response.into_parts();
        let status = head.status;
        if !status.is_success() {
            // The status decides; the body only explains, so a part of it is enough.
            let body = match read_body(body, KEPT_BODY_BYTES, &mut alarm).await {
                Ok(body) => body,
                Err(broken) => broken.so_far,
            };
            let wait = retry_after(&head.headers, inner.timer.wall_clock());
            return Err(failure_of_status(status, &head.headers, &body).retry_after(wait));
        }

        let max_bytes = inner.max_response_bytes;
        // An answer to HEAD announces a body that does not come.
        let announced = Some(&head.headers)
            .filter(|_| self.draft.method != http::Method::HEAD)
            .and_then(|headers| headers.get(header::CONTENT_LENGTH))
            .and_then(|length| length.to_str().ok()?.trim().parse::<u64>().ok());
        let too_large = || {
            Failure::new(ErrorKind::BodyTooLarge, Event::UnreadableAnswer)
                .status(status)
                .detail(format!("more than {max_bytes} bytes"))
        };
        if announced.is_some_and(|length| length > u64::try_from(max_bytes).unwrap_or(u64::MAX)) {
            return Err(too_large());
        }
        let body = match read_body(body, max_bytes, &mut alarm).await {
            Ok(body) => body,
            Err(Broken {
                why: Why::TooLarge, ..
            }) => return Err(too_large()),
            Err(Broken {
                why: Why::Timeout, ..
            }) => return Err(Failure::timeout(Some(status))),
            Err(Broken {
                why: Why::Transport(error),
                ..
            }) => {
                return Err(Failure::transport(error, Some(status)));
            }
        };
        let answer = Answer {
            status,
            headers: head.headers,
            body,
            max_bytes,
        };
        Ok((status.as_u16(), (self.read)(&answer)?))
    }

    fn elapsed(&self, started: Instant) -> Duration {
        self.kleer
            .inner
            .timer
            .now()
            .saturating_duration_since(started)
    }
}

/// The time limit of one attempt, over all its steps.
struct Alarm(BoxFuture<'static, ()>);

impl Alarm {
    /// The output of `work`, or `None` if the alarm rings first.
    async fn unless_it_rings<F: Future>(&mut self, work: F) -> Option<F::Output> {
        let mut work = pin!(work);
        let alarm = &mut self.0;
        poll_fn(|context| {
            // Work first: an answer that is there is taken, however late.
            if let Poll::Ready(output) = work.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            alarm.as_mut().poll(context).map(|()| None)
        })
        .await
    }
}

/// A body that could not be read to its end.
struct Broken {
    so_far: Bytes,
    why: Why,
}

enum Why {
    TooLarge,
    Timeout,
    Transport(crate::TransportError),
}

/// Reads a body of at most `max` bytes. Nothing is reserved from what the server announces.
async fn read_body(mut body: Body, max: usize, alarm: &mut Alarm) -> Result<Bytes, Broken> {
    let mut collected = Vec::new();
    loop {
        let why = match alarm.unless_it_rings(body.chunk()).await {
            Some(Ok(None)) => return Ok(collected.into()),
            Some(Ok(Some(chunk))) if chunk.len() <= max - collected.len() => {
                collected.extend_from_slice(&chunk);
                continue;
            }
            Some(Ok(Some(chunk))) => {
                let room = max - collected.len();
                collected.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                Why::TooLarge
            }
            Some(Err(error)) => Why::Transport(error),
            None => Why::Timeout,
        };
        return Err(Broken {
            so_far: collected.into(),
            why,
        });
    }
}
