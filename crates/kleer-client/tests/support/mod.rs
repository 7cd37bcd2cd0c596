//! Stand-ins that the tests share: a scripted transport, a timer with known chance, and a server
//! that misbehaves on purpose.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each test file uses a part of it; a test may panic"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use kleer_client::model::CompanyId;
use kleer_client::{
    Body, BoxFuture, Kleer, KleerBuilder, ReadChunk, Timer, TokioTimer, Transport, TransportError,
    TransportErrorKind,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const TOKEN: &str = "HEMLIG-TOKEN-123";
pub const COMPANY: CompanyId = CompanyId(4875);

pub const COMPANY_XML: &str = "<company-information><name>Exempelbolaget</name>\
    <orgno>556000-0175</orgno><accounting-currency>SEK</accounting-currency>\
    <supplier-invoice-email>faktura@example.se</supplier-invoice-email></company-information>";

/// A client for the given base URL, with the default transport.
pub fn builder(base_url: &str) -> KleerBuilder {
    Kleer::builder(COMPANY)
        .token(TOKEN)
        .base_url(format!("{base_url}/v1"))
}

/// What one attempt comes to.
#[derive(Debug, Clone)]
pub enum Step {
    /// The transport fails before an answer.
    Fail(TransportErrorKind),
    /// There is never an answer.
    Hang,
    /// A whole answer.
    Answer(u16, Vec<(&'static str, String)>, Bytes),
    /// The head of an answer, the beginning of its body, and a broken connection.
    Break(u16, &'static str),
    /// The head of an answer, the beginning of its body, and then nothing.
    Stall(u16, &'static str),
}

pub fn answer(status: u16, body: impl Into<Bytes>) -> Step {
    Step::Answer(status, Vec::new(), body.into())
}

/// When a request was sent, and the request.
type Sent = (Instant, http::Request<Bytes>);

/// Plays a script; its last step is repeated for ever.
#[derive(Debug, Clone)]
pub struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Script {
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: Arc::new(Mutex::new(steps.into_iter().collect())),
            sent: Arc::default(),
        }
    }

    pub fn builder(&self) -> KleerBuilder {
        builder("https://kleer.example")
            .transport(self.clone())
            .timer(KnownTimer::default())
    }

    pub fn count(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.sent
            .lock()
            .unwrap()
            .iter()
            .map(|(_, request)| request.clone())
            .collect()
    }

    /// The times between the beginnings of the attempts.
    pub fn gaps(&self) -> Vec<Duration> {
        let sent = self.sent.lock().unwrap();
        sent.windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        self.sent.lock().unwrap().push((TokioTimer.now(), request));
        let mut steps = self.steps.lock().unwrap();
        let step = if steps.len() > 1 {
            steps.pop_front()
        } else {
            steps.front().cloned()
        };
        Box::pin(async move {
            let respond = |status: u16, body: Body| {
                let mut response = http::Response::new(body);
                *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
                response
            };
            match step.expect("a script has a step") {
                Step::Fail(kind) => Err(TransportError::new(kind)),
                Step::Hang => std::future::pending().await,
                Step::Answer(status, headers, body) => {
                    let mut response = respond(status, body.into());
                    for (name, value) in headers {
                        response.headers_mut().insert(name, value.parse().unwrap());
                    }
                    Ok(response)
                }
                Step::Break(status, start) => Ok(respond(
                    status,
                    Body::stream(Partial {
                        start: Some(start),
                        breaks: true,
                    }),
                )),
                Step::Stall(status, start) => Ok(respond(
                    status,
                    Body::stream(Partial {
                        start: Some(start),
                        breaks: false,
                    }),
                )),
            }
        })
    }
}

struct Partial {
    start: Option<&'static str>,
    breaks: bool,
}

impl ReadChunk for Partial {
    fn chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async move {
            if let Some(start) = self.start.take() {
                return Ok(Some(Bytes::from_static(start.as_bytes())));
            }
            if self.breaks {
                return Err(TransportError::new(TransportErrorKind::Interrupted));
            }
            std::future::pending().await
        })
    }
}

/// Tokio's (paused) time, the longest possible backoff, and a wall clock that stands still.
#[derive(Debug, Clone)]
pub struct KnownTimer {
    pub random: f64,
    pub wall: SystemTime,
}

impl Default for KnownTimer {
    fn default() -> Self {
        Self {
            random: 1.0,
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777),
        }
    }
}

impl Timer for KnownTimer {
    fn now(&self) -> Instant {
        TokioTimer.now()
    }
    fn wall_clock(&self) -> SystemTime {
        self.wall
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        TokioTimer.sleep(duration)
    }
    fn random(&self) -> f64 {
        self.random
    }
}

/// How a [`RoughServer`] treats a connection after it has read the request.
#[derive(Debug, Clone)]
pub enum Manner {
    /// Writes these bytes and closes the connection in an orderly way.
    Say(Vec<u8>),
    /// Resets the connection without a word.
    Reset,
    /// Writes the first, then one byte of the second every so often.
    Drip(&'static str, &'static str, Duration),
    /// Says nothing and keeps the connection open.
    Silence,
}

pub fn say(text: &str) -> Manner {
    Manner::Say(text.as_bytes().to_vec())
}

/// A server on a plain socket, for what a mock server is too polite to do.
#[derive(Debug)]
pub struct RoughServer {
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl RoughServer {
    /// Serves one manner per connection; the last is repeated.
    pub async fn start(manners: impl IntoIterator<Item = Manner>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&requests);
        let mut manners: VecDeque<Manner> = manners.into_iter().collect();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let manner = if manners.len() > 1 {
                    manners.pop_front()
                } else {
                    manners.front().cloned()
                };
                tokio::spawn(serve(stream, manner.unwrap(), Arc::clone(&seen)));
            }
        });
        Self { url, requests }
    }

    /// The requests as they came, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, manner: Manner, seen: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length: usize = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, value)| value.trim().parse().unwrap());
            if body.len() >= length {
                seen.lock().unwrap().push(text);
                break;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
    match manner {
        Manner::Say(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Manner::Reset => {
            stream.set_zero_linger().unwrap();
            drop(stream);
        }
        Manner::Drip(head, body, pause) => {
            if stream.write_all(head.as_bytes()).await.is_err() {
                return;
            }
            for byte in body.bytes() {
                tokio::time::sleep(pause).await;
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        }
        Manner::Silence => std::future::pending().await,
    }
}
