//! The seam between the client and the network: one request in, the head of an answer and its body
//! in pieces out.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;

use bytes::Bytes;

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one HTTP request. The default is [`ReqwestTransport`](crate::ReqwestTransport).
///
/// Retries, timeouts, size limits, authentication and reading the answer are the client's work; a
/// transport only moves bytes. It must:
///
/// - send the request as it is, once, and not follow redirects (the token header would travel);
/// - return the body as it arrives, and not collect it: the client limits its size while reading;
/// - say [`TransportErrorKind::Connect`] only if the request was certainly never sent, because a
///   write is repeated after it;
/// - keep URLs, headers and bodies out of its errors.
///
/// ```
/// use bytes::Bytes;
/// use kleer_client::{Body, BoxFuture, Transport, TransportError};
///
/// /// Answers every request with an empty 204.
/// #[derive(Debug)]
/// struct Silent;
///
/// impl Transport for Silent {
///     fn send(
///         &self,
///         _request: http::Request<Bytes>,
///     ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
///         Box::pin(async {
///             let mut response = http::Response::new(Body::from(Bytes::new()));
///             *response.status_mut() = http::StatusCode::NO_CONTENT;
///             Ok(response)
///         })
///     }
/// }
/// ```
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request` and returns once the head of the answer is there.
    ///
    /// # Errors
    /// A [`TransportError`] whose kind says how far the request came.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>>;
}

/// The body of an answer, piece by piece.
pub trait ReadChunk: Send {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// A [`TransportError`] if the connection broke before the end of the body.
    fn chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>>;
}

/// The body of an answer: bytes that are already there, or a stream of them.
pub struct Body(Source);

enum Source {
    Ready(Option<Bytes>),
    Stream(Box<dyn ReadChunk>),
}

impl Body {
    /// A body that is read from `source`.
    pub fn stream(source: impl ReadChunk + 'static) -> Self {
        Self(Source::Stream(Box::new(source)))
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// A [`TransportError`] if the connection broke before the end of the body.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        match &mut self.0 {
            Source::Ready(bytes) => Ok(bytes.take()),
            Source::Stream(source) => source.chunk().await,
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self(Source::Ready(Some(bytes.into())))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body([redacted])")
    }
}

/// How far a request came before its transport failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection could be made (name lookup, TCP, TLS): the request was **never sent**. Reads
    /// and writes are retried.
    Connect,
    /// The server's certificate was refused: the request was **never sent**. Never retried, because
    /// it is the same the next time.
    Certificate,
    /// The transport refused the request; nothing was sent. Never retried.
    InvalidRequest,
    /// The transport's own time limit ran out. Only reads are retried.
    Timeout,
    /// The connection broke after the request may have been sent. Only reads are retried.
    Interrupted,
    /// The transport followed a redirect to another address. Never retried.
    FollowedRedirect,
}

/// A request that got no answer, or a body that broke off.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error without a deeper cause.
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Adds the deeper cause. It must not show URLs, headers or bodies.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// How far the request came.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connect => "no connection could be made",
            TransportErrorKind::Certificate => "the server's certificate was refused",
            TransportErrorKind::InvalidRequest => "the transport refused the request",
            TransportErrorKind::Timeout => "the transport's time limit ran out",
            TransportErrorKind::Interrupted => "the connection broke",
            TransportErrorKind::FollowedRedirect => "the transport followed a redirect",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
