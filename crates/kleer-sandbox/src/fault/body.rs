//! Bodies that arrive badly.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http::header;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// Long enough for hyper to send what it holds before the connection breaks.
const FLUSH: Duration = Duration::from_millis(20);

/// The padding that is sent at once.
static SPACES: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// The error that makes hyper give a connection up.
#[derive(Debug)]
pub(crate) struct ConnectionReset;

impl fmt::Display for ConnectionReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sandbox was told to break this connection")
    }
}

impl std::error::Error for ConnectionReset {}

/// The answer with the first half of its body, then a broken connection.
pub(crate) async fn truncated(response: Response) -> Response {
    paced(response, |whole| Paced {
        promised: Some(whole.len() as u64),
        rest: whole.slice(..whole.len() / 2),
        piece: usize::MAX,
        pause: None,
        padding: 0,
        breaks: true,
        waiting: None,
    })
    .await
}

/// The answer in small pieces.
pub(crate) async fn slow_drip(response: Response, piece: usize, pause: Duration) -> Response {
    paced(response, |whole| Paced {
        promised: Some(whole.len() as u64),
        rest: whole,
        piece: piece.max(1),
        pause: Some(pause),
        padding: 0,
        breaks: false,
        waiting: None,
    })
    .await
}

/// The answer with white space behind it, without saying how much.
pub(crate) async fn huge(mut response: Response, bytes: u64) -> Response {
    response.headers_mut().remove(header::CONTENT_LENGTH);
    paced(response, |whole| Paced {
        promised: None,
        padding: bytes.saturating_sub(whole.len() as u64),
        rest: whole,
        piece: usize::MAX,
        pause: None,
        breaks: false,
        waiting: None,
    })
    .await
}

async fn paced(response: Response, body: impl FnOnce(Bytes) -> Paced) -> Response {
    let (parts, whole) = response.into_parts();
    // Our own answers are in memory: reading them cannot fail.
    let whole = axum::body::to_bytes(whole, usize::MAX)
        .await
        .unwrap_or_default();
    Response::from_parts(parts, Body::new(body(whole)))
}

struct Paced {
    /// What the head of the answer says of the length.
    promised: Option<u64>,
    rest: Bytes,
    piece: usize,
    /// Before every piece.
    pause: Option<Duration>,
    /// How many spaces follow.
    padding: u64,
    /// Whether the connection breaks at the end.
    breaks: bool,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    fn poll_wait(&mut self, context: &mut Context<'_>, time: Duration) -> Poll<()> {
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(time)));
        let waited = waiting.as_mut().poll(context);
        if waited.is_ready() {
            self.waiting = None;
        }
        waited
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = ConnectionReset;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ConnectionReset>>> {
        if !self.rest.is_empty() {
            if let Some(pause) = self.pause
                && self.poll_wait(context, pause).is_pending()
            {
                return Poll::Pending;
            }
            let piece = self.piece.min(self.rest.len());
            let piece = self.rest.split_to(piece);
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        if self.padding > 0 {
            let left = usize::try_from(self.padding).unwrap_or(usize::MAX);
            let piece = SPACES.get(..left).unwrap_or(&SPACES);
            self.padding -= piece.len() as u64;
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(piece)))));
        }
        if self.breaks {
            // Without the pause hyper gives up before it has sent what it holds.
            return self
                .poll_wait(context, FLUSH)
                .map(|()| Some(Err(ConnectionReset)));
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        self.promised
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
