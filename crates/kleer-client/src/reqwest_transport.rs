//! The default transport: reqwest over rustls.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::transport::{Body, BoxFuture, ReadChunk, Transport, TransportError, TransportErrorKind};

/// Idle connections are dropped before the usual keep-alive timeouts of servers and gateways: a
/// write sent on a connection that the server is just closing has an unknown outcome.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Sends requests with [`reqwest::Client`].
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// Uses a client of your own, for example with a proxy or a private certificate authority.
    ///
    /// Redirects **must be off** on it (`redirect(reqwest::redirect::Policy::none())`): reqwest sends
    /// the `X-Token` header along to another host. A redirect that was followed all the same is
    /// detected afterwards and becomes an error, but by then the token has travelled. `referer(false)`
    /// and no total timeout shorter than the attempt timeout are advised, too.
    pub fn new(client: reqwest::Client) -> Self {
        Self { client }
    }

    /// The client that is used when none is given: no redirects, no `Referer`, no proxy from the
    /// environment, no decompression.
    pub(crate) fn with_defaults(
        connect_timeout: Duration,
        https_only: bool,
    ) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            // Another crate of the program may have switched these features on for everybody. A few
            // compressed bytes can become gigabytes.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .https_only(https_only)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .build()?;
        Ok(Self { client })
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let requested = Url::parse(&parts.uri.to_string()).map_err(|error| {
                TransportError::new(TransportErrorKind::InvalidRequest).with_source(error)
            })?;
            let mut request = reqwest::Request::new(parts.method, requested.clone());
            *request.headers_mut() = parts.headers;
            if !body.is_empty() {
                *request.body_mut() = Some(body.into());
            }
            let mut response = self.client.execute(request).await.map_err(classify)?;
            if *response.url() != requested {
                return Err(TransportError::new(TransportErrorKind::FollowedRedirect));
            }
            let status = response.status();
            let headers = std::mem::take(response.headers_mut());
            let mut answer = http::Response::new(Body::stream(Chunks(response)));
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            Ok(answer)
        })
    }
}

struct Chunks(reqwest::Response);

impl ReadChunk for Chunks {
    fn chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async { self.0.chunk().await.map_err(classify) })
    }
}

/// reqwest's error without its URL, sorted by how far the request came.
fn classify(error: reqwest::Error) -> TransportError {
    // A connect timeout is both: that the request was not sent is what matters.
    let kind = if error.is_connect() && is_about_certificate(&error) {
        TransportErrorKind::Certificate
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_builder() {
        TransportErrorKind::InvalidRequest
    } else if error.is_redirect() {
        TransportErrorKind::FollowedRedirect
    } else {
        TransportErrorKind::Interrupted
    };
    TransportError::new(kind).with_source(error.without_url())
}

/// Whether rustls did not trust the server, somewhere down the chain of causes.
fn is_about_certificate(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if tls_error(error).is_some_and(|tls| matches!(tls, rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// An I/O error holds its inner error, and does not name it as its source.
fn tls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let inner = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match inner {
        Some(inner) => tls_error(inner),
        None => error.downcast_ref(),
    }
}
