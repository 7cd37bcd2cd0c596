//! Lists as streams of items, read while they arrive.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use kleer_model::{List, ListItem, ListReader, Page, ReadOptions, Rejected};

use crate::Kleer;
use crate::call::{Call, keep_start, unreadable_list};
use crate::error::{Error, ErrorKind};
use crate::failure::Failure;
use crate::response::Opened;
use crate::retry::Event;
use crate::transport::{Body, BoxFuture, TransportError};

impl<T: ListItem + Send + 'static> Call<List<T>> {
    /// The items one by one, as they arrive: of the answer only the item on its way is in memory.
    ///
    /// The request is sent when the stream is polled first, and tried again as any other call
    /// until the answer begins. What breaks later ends the stream with an error, because a list
    /// that is asked for again may be another one: begin again, or use the list as a whole, which
    /// is repeated.
    ///
    /// Two limits hold for the waits, and what you do between two items counts for neither: the
    /// [attempt timeout](Call::attempt_timeout) is the longest wait for the next piece, and the
    /// [time budget](crate::RetryPolicy::total_budget) the longest wait for the whole list, so that
    /// one which arrives in drips ends, too. Under [`RetryPolicy::none`](crate::RetryPolicy::none),
    /// whose budget has no end, the attempt timeout is both. The error of either can be
    /// [tried again](Error::is_retryable), with a new stream.
    ///
    /// Items that cannot be read are [set aside](ListStream::rejected). If there are any, the
    /// stream ends with [`ErrorKind::IncompleteList`]: nothing may be concluded from what was not
    /// in it.
    ///
    /// ```no_run
    /// # async fn example(kleer: kleer_client::Kleer) -> Result<(), kleer_client::Error> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut users = kleer.users().list().stream();
    /// while let Some(user) = users.try_next().await? {
    ///     println!("user {}", user.id);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> ListStream<T> {
        ListStream::new(self)
    }
}

/// A list as a stream of items. From [`Call::stream`].
#[must_use = "a stream does nothing until it is polled"]
pub struct ListStream<T> {
    state: State<T>,
    reader: ListReader<T>,
    kleer: Kleer,
    /// The longest wait for the next piece.
    timeout: Duration,
    /// The longest wait for all pieces together, and what is left of it.
    budget: Duration,
    left: Duration,
    operation: Option<&'static str>,
    rejected: Vec<Rejected>,
    page: Option<Page>,
    started: Option<Instant>,
}

/// The next piece of a body, and the answer that it belongs to.
struct NextPiece {
    answer: Answer,
    /// Without an error of the transport it was waited for too long.
    piece: Result<Option<Bytes>, Option<TransportError>>,
    /// How long it was waited for.
    waited: Duration,
}

/// The answer whose body is read.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
    attempts: u32,
    start: Vec<u8>,
}

enum State<T> {
    Unsent(Box<Call<Opened>>),
    Opening(BoxFuture<'static, Result<Opened, Error>>),
    Reading(BoxFuture<'static, NextPiece>),
    /// The last items, which came with the end of the document.
    Ending(std::vec::IntoIter<T>, u32),
    Done,
}

impl<T: ListItem + Send + 'static> ListStream<T> {
    fn new(call: Call<List<T>>) -> Self {
        let kleer = call.kleer().clone();
        let options = ReadOptions::default().with_max_bytes(kleer.inner.max_response_bytes);
        Self {
            timeout: call.timeout(),
            budget: call.time_for_all(),
            left: call.time_for_all(),
            operation: call.operation(),
            state: State::Unsent(Box::new(call.opened())),
            reader: ListReader::new(options),
            kleer,
            rejected: Vec::new(),
            page: None,
            started: None,
        }
    }

    /// The items so far that could not be read.
    pub fn rejected(&self) -> &[Rejected] {
        if self.rejected.is_empty() {
            self.reader.rejected()
        } else {
            &self.rejected
        }
    }

    /// Which part of the whole this is, once the list has begun, where Kleer pages it.
    pub fn page(&self) -> Option<Page> {
        self.page.or_else(|| self.reader.page())
    }

    fn next_piece(&self, mut answer: Answer) -> BoxFuture<'static, NextPiece> {
        let timer = Arc::clone(&self.kleer.inner.timer);
        let limit = self.timeout.min(self.left);
        Box::pin(async move {
            // The clock starts when somebody waits: what the caller does before is not Kleer's time.
            let asked = timer.now();
            let alarm = timer.sleep(limit);
            let piece = {
                let chunk = std::pin::pin!(answer.body.chunk());
                match futures_util::future::select(chunk, alarm).await {
                    futures_util::future::Either::Left((piece, _)) => piece.map_err(Some),
                    futures_util::future::Either::Right(((), _)) => Err(None),
                }
            };
            NextPiece {
                answer,
                piece,
                waited: timer.now().saturating_duration_since(asked),
            }
        })
    }

    fn fail(&mut self, attempts: u32, failure: Failure) -> Poll<Option<Result<T, Error>>> {
        self.state = State::Done;
        let now = self.kleer.inner.timer.now();
        let elapsed = self.started.map_or_else(Default::default, |started| {
            now.saturating_duration_since(started)
        });
        let operation = self.operation.unwrap_or("list");
        let error = Error::after_sending(operation, false, attempts, elapsed, None, failure);
        Poll::Ready(Some(Err(error)))
    }

    /// The list was still arriving when its time was over.
    fn out_of_time(&self, status: StatusCode) -> Failure {
        let seconds = self.budget.as_secs_f64();
        Failure::timeout(Some(status)).detail(format!(
            "the list was not complete after {seconds:.1} s of waiting; if that is too short for it, \
             raise `total_budget` of the retry policy"
        ))
    }

    /// Takes a piece; an error ends the stream.
    fn take(&mut self, next: NextPiece) -> Result<State<T>, (u32, Failure)> {
        let NextPiece {
            mut answer,
            piece,
            waited,
        } = next;
        let (status, attempts) = (answer.status, answer.attempts);
        self.left = self.left.saturating_sub(waited);
        if self.left.is_zero() && matches!(piece, Ok(Some(_)) | Err(None)) {
            return Err((attempts, self.out_of_time(status)));
        }
        match piece {
            Ok(Some(bytes)) => {
                keep_start(&mut answer.start, &bytes);
                match self.reader.push(&bytes) {
                    Ok(()) => Ok(State::Reading(self.next_piece(answer))),
                    Err(error) => Err((
                        attempts,
                        unreadable_list(status, answer.headers, answer.start, error),
                    )),
                }
            }
            Ok(None) => {
                self.page = self.reader.page();
                match std::mem::take(&mut self.reader).finish() {
                    Ok(rest) => {
                        self.rejected = rest.rejected;
                        Ok(State::Ending(rest.items.into_iter(), attempts))
                    }
                    Err(error) => Err((
                        attempts,
                        unreadable_list(status, answer.headers, answer.start, error),
                    )),
                }
            }
            Err(Some(error)) => Err((attempts, Failure::transport(error, Some(status)))),
            Err(None) => Err((attempts, Failure::timeout(Some(status)))),
        }
    }
}

impl<T: ListItem + Send + 'static> Stream for ListStream<T>
where
    T: Unpin,
{
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.reader.next_item() {
                return Poll::Ready(Some(Ok(item)));
            }
            this.state = match std::mem::replace(&mut this.state, State::Done) {
                State::Unsent(call) => {
                    this.started = Some(this.kleer.inner.timer.now());
                    State::Opening(Box::pin((*call).send()))
                }
                State::Opening(mut opening) => match opening.as_mut().poll(context) {
                    Poll::Pending => {
                        this.state = State::Opening(opening);
                        return Poll::Pending;
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(Ok(opened)) => {
                        this.left = this.budget.saturating_sub(opened.elapsed);
                        State::Reading(this.next_piece(Answer {
                            status: opened.status,
                            headers: opened.headers,
                            body: opened.body,
                            attempts: opened.attempts,
                            start: Vec::new(),
                        }))
                    }
                },
                State::Reading(mut reading) => match reading.as_mut().poll(context) {
                    Poll::Pending => {
                        this.state = State::Reading(reading);
                        return Poll::Pending;
                    }
                    Poll::Ready(next) => match this.take(next) {
                        Ok(state) => state,
                        Err((attempts, failure)) => return this.fail(attempts, failure),
                    },
                },
                State::Ending(mut rest, attempts) => match rest.next() {
                    Some(item) => {
                        this.state = State::Ending(rest, attempts);
                        return Poll::Ready(Some(Ok(item)));
                    }
                    None if this.rejected.is_empty() => return Poll::Ready(None),
                    None => return this.fail(attempts, incomplete(this.rejected.len())),
                },
                State::Done => return Poll::Ready(None),
            };
        }
    }
}

/// The end of a list of which items could not be read.
pub(crate) fn incomplete(rejected: usize) -> Failure {
    Failure::new(ErrorKind::IncompleteList, Event::UnreadableAnswer)
        .detail(format!("{rejected} of them"))
}

impl<T> fmt::Debug for ListStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListStream")
            .field("endpoint", &self.operation)
            .field("rejected", &self.rejected.len())
            .finish_non_exhaustive()
    }
}
