//! The server: the accept loop, and the way of one request from the socket to the books and back.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::iter::successors;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::any;
use http::{HeaderName, HeaderValue, StatusCode};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use kleer_model::CompanyId;
use kleer_model::endpoint::Endpoint;
use secrecy::SecretString;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use crate::admission;
use crate::answer::{self, Format};
use crate::fault::{self, Asked, ConnectionReset, Faults};
use crate::login::Login;
use crate::request_log::{EntryNumber, RecordedRequest, RequestLog};
use crate::routes;
use crate::state::Books;

/// How long a shutdown waits for requests that are under way.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// How long a caller may go on sending after it was answered.
const LINGER: Duration = Duration::from_secs(1);

/// Names what a body in JSON had that no element corresponds to: Kleer's answer to it is not known,
/// and a test should see it.
const IGNORED: HeaderName = HeaderName::from_static("x-sandbox-ignored");

/// Node.js takes 16 KiB of headers in all.
const MAX_IGNORED_BYTES: usize = 4 * 1024;

/// What does not change while the server runs.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) company: CompanyId,
    pub(crate) token: SecretString,
    /// The other companies, with a token each.
    pub(crate) others: Vec<(CompanyId, SecretString)>,
    pub(crate) login: Login,
    pub(crate) strict: bool,
    pub(crate) max_body_bytes: usize,
}

/// Everything that a request may change.
#[derive(Debug)]
pub(crate) struct Changing {
    pub(crate) books: Books,
    /// The books of the other companies.
    pub(crate) others: BTreeMap<CompanyId, Books>,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    changing: Mutex<Changing>,
}

impl Shared {
    pub(crate) fn new(settings: Settings, changing: Changing) -> Self {
        Self {
            settings,
            changing: Mutex::new(changing),
        }
    }

    /// The state. A caller must not hold it across an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Changing> {
        // Nothing panics while it holds the lock; and if it did, other tests' requests would still
        // be better answered than refused.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks a response that stands for "close the connection without an answer".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reset;

/// Accepts connections until told to stop (a message, or the sender gone), then lets requests that
/// are under way end.
pub(crate) async fn run(listener: TcpListener, router: Router, mut stop: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    let stopped = stop.clone();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, router.clone(), stopped.clone()));
                }
                // Out of file handles, most likely: wait until some are free.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    // Whatever is left after the grace is aborted when the set is dropped.
    let _ = timeout(SHUTDOWN_GRACE, drained).await;
}

/// Serves one connection. Hyper is driven by hand, because only then is the socket still there
/// after an error, to be closed with a reset instead of an orderly end.
async fn serve(stream: TcpStream, router: Router, mut stop: watch::Receiver<()>) {
    type Answering = Pin<Box<dyn Future<Output = Result<Response, ConnectionReset>> + Send>>;

    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        let answering: Answering = Box::pin(async move {
            let mut request = request.map(Body::new);
            if let Some(uri) = routes::of_today(request.uri()) {
                *request.uri_mut() = uri;
            }
            let Ok(response) = router.oneshot(request).await;
            match response.extensions().get::<Reset>() {
                Some(_) => Err(ConnectionReset),
                None => Ok(response),
            }
        });
        answering
    });
    let mut connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);

    let mut stopping = false;
    let outcome = loop {
        tokio::select! {
            outcome = poll_fn(|context| connection.poll_without_shutdown(context)) => break outcome,
            _ = stop.changed(), if !stopping => {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };

    let mut stream = connection.into_parts().io.into_inner();
    // The error of a body stands behind an error of axum's.
    let broken_on_purpose = outcome.is_err_and(|error| {
        let first: &(dyn std::error::Error + 'static) = &error;
        successors(Some(first), |error| error.source())
            .any(<dyn std::error::Error>::is::<ConnectionReset>)
    });
    // Neither can fail in a way that matters: the connection is over.
    if broken_on_purpose {
        let _ = stream.set_zero_linger();
        return;
    }
    let _ = stream.shutdown().await;
    if !stopping {
        // A caller that is still sending (a body that was refused for its size) would otherwise
        // get a reset, and lose the answer that says why.
        let _ = timeout(LINGER, tokio::io::copy(&mut stream, &mut tokio::io::sink())).await;
    }
}

/// What the router found out about a request.
pub(crate) struct Route {
    pub(crate) endpoints: Arc<[&'static Endpoint]>,
    pub(crate) parameters: Result<RawPathParams, RawPathParamsRejection>,
}

/// One axum route for each path of the endpoint table.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let mut router = Router::new();
    for (path, endpoints) in routes::by_path() {
        let endpoints: Arc<[&'static Endpoint]> = endpoints.into();
        router = router.route(
            &path,
            any(
                move |State(shared): State<Arc<Shared>>,
                      parameters: Result<RawPathParams, RawPathParamsRejection>,
                      request: Request| {
                    handle(
                        shared,
                        Some(Route {
                            endpoints,
                            parameters,
                        }),
                        request,
                    )
                },
            ),
        );
    }
    let limit = shared.settings.max_body_bytes;
    router
        .fallback(|State(shared): State<Arc<Shared>>, request: Request| {
            handle(shared, None, request)
        })
        .layer(DefaultBodyLimit::max(limit))
        .with_state(shared)
}

/// A request with everything that is needed to carry it out.
pub(crate) struct Received {
    pub(crate) route: Option<Route>,
    pub(crate) endpoint: Option<&'static Endpoint>,
    pub(crate) query: String,
    pub(crate) token: Option<SecretString>,
    content_type: Option<String>,
    /// The body, or the status with which it is refused.
    pub(crate) body: Result<Bytes, StatusCode>,
}

impl Received {
    /// What the caller speaks.
    pub(crate) fn format(&self) -> Format {
        Format::of(self.content_type.as_deref())
    }
}

async fn handle(shared: Arc<Shared>, route: Option<Route>, request: Request) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let content_type = header_text(&request, "content-type");
    let token = header_text(&request, "x-token").map(SecretString::from);
    let endpoint = route.as_ref().and_then(|route| {
        route
            .endpoints
            .iter()
            .copied()
            .find(|endpoint| endpoint.method.as_str() == method)
    });
    let body = Bytes::from_request(request, &())
        .await
        .map_err(|rejected| rejected.status());

    let (number, fault, latency) = {
        let mut changing = shared.lock();
        let sent = body.clone().unwrap_or_default();
        let fault = changing.faults.take(&Asked {
            endpoint: endpoint.map(|endpoint| endpoint.name),
            method: &method,
            path: &path,
            query: &query,
            body: &sent,
        });
        let number = changing.log.arrived(RecordedRequest {
            method,
            path,
            query: query.clone(),
            endpoint: endpoint.map(|endpoint| endpoint.name),
            body: sent,
            content_type: content_type.clone(),
            fault: fault.clone(),
            status: None,
        });
        (number, fault, changing.faults.latency)
    };
    let received = Received {
        route,
        endpoint,
        query,
        token,
        content_type,
        body,
    };
    let response = fault::play(&shared, fault, received).await;
    if !latency.is_zero() {
        sleep(latency).await;
    }
    record(&shared, number, &response);
    response
}

fn header_text(request: &Request, name: &str) -> Option<String> {
    request
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

fn record(shared: &Shared, number: EntryNumber, response: &Response) {
    if response.extensions().get::<Reset>().is_none() {
        shared
            .lock()
            .log
            .answered(number, response.status().as_u16());
    }
}

/// Carries a request out. No await: a request takes effect as a whole or not at all.
pub(crate) fn carry_out(shared: &Shared, received: &Received) -> Response {
    let format = received.format();
    let mut ignored = Vec::new();
    let outcome = admission::admit(shared, received, &mut ignored);
    let mut response = answer::response_in(format, outcome);
    if !ignored.is_empty()
        && let Ok(ignored) = HeaderValue::try_from(listed(&ignored))
    {
        response.headers_mut().insert(IGNORED, ignored);
    }
    response
}

/// As many as fit into a header that every client takes.
fn listed(ignored: &[String]) -> String {
    let mut text = String::new();
    for (number, place) in ignored.iter().enumerate() {
        if text.len() + place.len() > MAX_IGNORED_BYTES {
            let more = ignored.len() - number;
            return format!(
                "{text}{}and {more} more",
                if number == 0 { "" } else { ", " }
            );
        }
        if number > 0 {
            text.push_str(", ");
        }
        text.push_str(place);
    }
    text
}

#[cfg(test)]
mod tests;
