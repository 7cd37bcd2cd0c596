//! A call as a value, and the loop that carries it out.

use std::fmt;
use std::future::{IntoFuture, poll_fn};
use std::marker::PhantomData;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header;
use kleer_model::endpoint::Endpoint;
use kleer_model::{Document, ReadError, ReadOptions};
use secrecy::SecretString;
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use crate::Kleer;
use crate::error::{Error, ErrorKind, Outcome};
use crate::failure::{Failure, KEPT_BODY_BYTES};
use crate::request::{Draft, RenderedRequest};
use crate::response::{Answer, Gather, Opened, Read, failure_of_status, unreadable};
use crate::retry::{Event, GaveUp, Next, RetryPolicy, Situation, assess, retry_after};
use crate::token::{Credentials, late_token};
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
        let draft = Draft::of_endpoint(endpoint, kleer.path_of(endpoint), path, None);
        Self::of_draft(kleer, endpoint, draft, read)
    }

    /// A call of the endpoint table with bytes as its body.
    pub(crate) fn with_bytes(
        kleer: &Kleer,
        endpoint: &'static Endpoint,
        path: &[(&str, &str)],
        body: Bytes,
        read: Read<T>,
    ) -> Self {
        let template = kleer.path_of(endpoint);
        let draft = Draft::of_endpoint(endpoint, template, path, Some(body)).map(|mut draft| {
            if let Some(media) = endpoint.request_media {
                draft.content_type = http::HeaderValue::from_static(media);
            }
            draft
        });
        Self::of_draft(kleer, endpoint, draft, read)
    }

    fn of_draft(
        kleer: &Kleer,
        endpoint: &'static Endpoint,
        draft: Result<Draft, Failure>,
        read: Read<T>,
    ) -> Self {
        let draft = draft.map_err(|failure| {
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
            .and_then(|xml| {
                Draft::of_endpoint(endpoint, kleer.path_of(endpoint), path, Some(xml.into()))
            });
        Self::of_draft(kleer, endpoint, draft, read)
    }

    /// The same request, of which the caller reads the answer.
    pub(crate) fn opened(self) -> Call<Opened> {
        Call {
            kleer: self.kleer,
            draft: self.draft,
            read: Read::Open(|opened| opened),
            policy: self.policy,
            attempt_timeout: self.attempt_timeout,
            answer: PhantomData,
        }
    }

    /// The same call once more; `None` if its arguments make no request.
    pub(crate) fn again(&self) -> Option<Self> {
        Some(Self {
            kleer: self.kleer.clone(),
            draft: Ok(self.draft.as_ref().ok()?.clone()),
            read: self.read,
            policy: self.policy.clone(),
            attempt_timeout: self.attempt_timeout,
            answer: PhantomData,
        })
    }

    pub(crate) fn kleer(&self) -> &Kleer {
        &self.kleer
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.attempt_timeout
            .unwrap_or(self.kleer.inner.attempt_timeout)
    }

    /// The time that the call may take in all. Without a budget it is that of its one attempt.
    pub(crate) fn time_for_all(&self) -> Duration {
        let policy = self.policy.as_ref().unwrap_or(&self.kleer.inner.retry);
        if policy.max_attempts <= 1 && policy.total_budget == Duration::MAX {
            self.timeout()
        } else {
            policy.total_budget
        }
    }

    pub(crate) fn operation(&self) -> Option<&'static str> {
        self.draft.as_ref().ok().map(|draft| draft.operation)
    }

    /// Sets a query parameter, in place of one of the same name.
    pub(crate) fn with_query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Ok(draft) = &mut self.draft {
            draft.query.retain(|(known, _)| known != name);
            draft.query.push((name.into(), value.into()));
        }
        self
    }

    /// Reads the answer in another way.
    pub(crate) fn reading(mut self, read: Read<T>) -> Self {
        self.read = read;
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
    Ok(RenderedRequest::new(
        draft.operation,
        url,
        request,
        kleer.inner.credentials.header_name(),
    ))
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
        // Waiting for a turn is not part of the call's time: a long queue must not make calls fail.
        let permit = self.kleer.inner.limits.pass(&*self.kleer.inner.timer).await;
        let mut started = self.kleer.inner.timer.now();
        let mut attempts = 0;
        let result = self.attempts(permit, &mut started, &mut attempts).await;
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

    async fn attempts(
        &self,
        permit: Option<OwnedSemaphorePermit>,
        started: &mut Instant,
        attempts: &mut u32,
    ) -> Result<(u16, T), Error> {
        let Self { kleer, draft, .. } = *self;
        let operation = draft.operation;
        let is_write = draft.is_write();
        let early = |failure| Error::before_sending(Some(operation), is_write, failure);
        let (url, request) = to_http(kleer, draft).map_err(early)?;
        if is_write && kleer.inner.dry_run {
            let rendered = RenderedRequest::new(
                operation,
                url,
                request,
                kleer.inner.credentials.header_name(),
            );
            let failure = Failure::new(ErrorKind::DryRun, Event::NotSent).rendered(rendered);
            return Err(early(failure));
        }
        let mut permit = permit;
        let mut asked_for_token = false;
        let mut known = Outcome::NotCarriedOut;
        loop {
            *attempts += 1;
            let mut token = None;
            let attempt = self.attempt(&request, *started, *attempts, &mut token);
            let failure = match attempt.await {
                Ok(success) => return Ok(success),
                Err(failure) => failure,
            };
            // While it waits, others may take the place.
            drop(permit.take());
            if failure.status == Some(http::StatusCode::UNAUTHORIZED)
                && !asked_for_token
                && let Credentials::Source(source) = &kleer.inner.credentials
                && let Some(token) = token
            {
                // A 401 says that nothing was carried out, so this is safe for writes, too.
                asked_for_token = true;
                source.rejected(&token);
                permit = self.next_turn(started).await;
                continue;
            }
            known = known.or_worse(assess(failure.event, is_write).outcome);
            let repeat = draft.repeatable && self.policy.repeat_updates;
            let retryable = assess(failure.event, is_write && !repeat).retryable;
            let situation = Situation {
                attempt: *attempts,
                elapsed: self.elapsed(*started),
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
                    if failure.status == Some(http::StatusCode::TOO_MANY_REQUESTS)
                        && let Some(asked) = failure.retry_after
                    {
                        kleer.inner.limits.pause(kleer.inner.timer.now(), asked);
                    }
                    kleer.inner.timer.sleep(wait).await;
                    permit = self.next_turn(started).await;
                    continue;
                }
                Next::GiveUp(reason) if retryable => Some(reason),
                Next::Wait(_) | Next::GiveUp(_) => None,
            };
            let elapsed = self.elapsed(*started);
            let error =
                Error::after_sending(operation, is_write, *attempts, elapsed, gave_up, failure);
            return Err(error.after_all(known));
        }
    }

    /// Waits in the queue again, and moves the beginning of the call by the time it took.
    async fn next_turn(&self, started: &mut Instant) -> Option<OwnedSemaphorePermit> {
        let inner = &self.kleer.inner;
        let queued = inner.timer.now();
        let permit = inner.limits.pass(&*inner.timer).await;
        *started += inner.timer.now().saturating_duration_since(queued);
        permit
    }

    /// Sends the request once and reads its whole answer.
    async fn attempt(
        &self,
        request: &http::Request<Bytes>,
        started: Instant,
        attempts: u32,
        token: &mut Option<SecretString>,
    ) -> Result<(u16, T), Failure> {
        let inner = &self.kleer.inner;
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
        let mut request = request.clone();
        let header = alarm.unless_it_rings(inner.credentials.header(token)).await;
        if let Some((name, value)) = header.unwrap_or_else(|| Err(late_token()))? {
            request.headers_mut().insert(name, value);
        }

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
        let broken = |why| match why {
            Why::TooLarge => too_large(),
            Why::Timeout => Failure::timeout(Some(status)),
            Why::Transport(error) => Failure::transport(error, Some(status)),
        };
        if let Some(coding) = foreign_coding(&head.headers) {
            return Err(
                Failure::new(ErrorKind::WrongContentType, Event::UnreadableAnswer)
                    .status(status)
                    .detail(coding),
            );
        }
        let value = match self.read {
            Read::Whole(read) => {
                let body = read_body(body, max_bytes, &mut alarm)
                    .await
                    .map_err(|Broken { why, .. }| broken(why))?;
                read(&Answer {
                    status,
                    headers: head.headers,
                    body,
                    max_bytes,
                })?
            }
            Read::Pieces(gather) => {
                let gather = gather(ReadOptions::default().with_max_bytes(max_bytes));
                read_pieces(gather, status, head.headers, body, &mut alarm)
                    .await
                    .map_err(|unread| match unread {
                        Unread::Broken(why) => broken(why),
                        Unread::Unreadable(failure) => failure,
                    })?
            }
            Read::Open(open) => open(Opened {
                status,
                headers: head.headers,
                body,
                attempts,
                elapsed: self.elapsed(started),
            }),
        };
        Ok((status.as_u16(), value))
    }

    fn elapsed(&self, started: Instant) -> Duration {
        self.kleer
            .inner
            .timer
            .now()
            .saturating_duration_since(started)
    }
}

/// A coding of the body that was not asked for. It is refused, not undone: a few bytes could
/// become gigabytes.
fn foreign_coding(headers: &http::HeaderMap) -> Option<&'static str> {
    let coding = headers.get(header::CONTENT_ENCODING)?;
    let is_plain = coding.as_bytes().eq_ignore_ascii_case(b"identity");
    (!is_plain).then_some("it is compressed, which was not asked for")
}

/// Why a list could not be read to its end.
pub(crate) enum Unread {
    Broken(Why),
    Unreadable(Failure),
}

/// Feeds the pieces of a body to `gather`.
async fn read_pieces<T>(
    mut gather: Box<dyn Gather<T>>,
    status: http::StatusCode,
    headers: http::HeaderMap,
    mut body: Body,
    alarm: &mut Alarm,
) -> Result<T, Unread> {
    let mut start = Vec::new();
    let error = loop {
        let chunk = match alarm.unless_it_rings(body.chunk()).await {
            Some(Ok(chunk)) => chunk,
            Some(Err(error)) => return Err(Unread::Broken(Why::Transport(error))),
            None => return Err(Unread::Broken(Why::Timeout)),
        };
        let Some(chunk) = chunk else {
            break match gather.finish() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
        };
        keep_start(&mut start, &chunk);
        if let Err(error) = gather.push(&chunk) {
            // Enough of the rest to tell what the document is.
            while start.len() < KEPT_BODY_BYTES
                && let Some(Ok(Some(chunk))) = alarm.unless_it_rings(body.chunk()).await
            {
                keep_start(&mut start, &chunk);
            }
            break error;
        }
    };
    Err(Unread::Unreadable(unreadable_list(
        status, headers, start, error,
    )))
}

/// Keeps what an error shows of a body.
pub(crate) fn keep_start(start: &mut Vec<u8>, chunk: &[u8]) {
    let room = KEPT_BODY_BYTES.saturating_sub(start.len()).min(chunk.len());
    start.extend_from_slice(&chunk[..room]);
}

/// The failure of a list whose body began with `start`.
pub(crate) fn unreadable_list(
    status: http::StatusCode,
    headers: http::HeaderMap,
    start: Vec<u8>,
    error: ReadError,
) -> Failure {
    let answer = Answer {
        status,
        headers,
        body: start.into(),
        max_bytes: KEPT_BODY_BYTES,
    };
    answer.blame(unreadable(&answer, error))
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

pub(crate) enum Why {
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
