//! Faults: what a server, a gateway or a network may do to a request.

use std::collections::VecDeque;
use std::time::Duration;

use kleer_model::endpoint::Endpoint;

/// Something that goes wrong with a request, on purpose.
///
/// A connector is only safe if it survives these. They come in two kinds: *before effect* (the
/// write was not carried out) and *after effect* (it was, but the caller cannot know). Both look
/// alike to the caller, which is why Kleer connectors must look a record up before they create it
/// a second time.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use kleer_model::endpoint;
/// use kleer_sandbox::{Fault, Sandbox};
///
/// let sandbox = Sandbox::builder().start().await?;
/// sandbox.fail(&endpoint::CLIENT_LIST, 2, Fault::Status(503));
///
/// let list = || {
///     reqwest::Client::new()
///         .get(format!("{}/company/{}/client", sandbox.base_url(), sandbox.company()))
///         .header("X-Token", sandbox.token())
///         .send()
/// };
/// assert_eq!(list().await?.status(), 503);
/// assert_eq!(list().await?.status(), 503);
/// assert_eq!(list().await?.status(), 200);
/// assert_eq!(sandbox.armed_faults(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Before effect: this status with an empty body, as a gateway answers.
    ///
    /// A number that is no final HTTP status (200 to 999) is answered as 500 with a message that
    /// says so; the same holds for the other variants with a status.
    Status(u16),
    /// After effect: this status with an empty body.
    StatusAfterEffect(u16),
    /// Before effect: the connection is reset (TCP RST) without an answer.
    ResetBefore,
    /// After effect: the connection is reset (TCP RST) without an answer.
    ResetAfter,
    /// Before effect: this status with an HTML page, as a proxy or a login page answers.
    Html(u16),
    /// Before effect: 302 to this address. A caller must not follow it with its token.
    Redirect(String),
    /// The request is carried out after this time, even when the caller has gone by then; then it
    /// is answered as usual. A caller with a shorter time limit meets a write that lands late.
    Delay(Duration),
    /// After effect: the request is carried out at once and answered as usual after this time.
    DelayAfterEffect(Duration),
    /// Before effect: 500 with Kleer's error body and this message, as Kleer answers business
    /// errors.
    KleerError(String),
    /// After effect: the head of the usual answer, half its body, then the connection is reset.
    TruncatedBody,
}

/// A fault waiting for its requests.
#[derive(Debug)]
struct Armed {
    /// The name of the endpoint it waits for; `None` waits for any request.
    endpoint: Option<&'static str>,
    remaining: usize,
    fault: Fault,
}

/// The faults that wait for requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<Armed>);

impl Faults {
    pub(crate) fn arm(&mut self, endpoint: Option<&Endpoint>, count: usize, fault: Fault) {
        if count > 0 {
            let endpoint = endpoint.map(|endpoint| endpoint.name);
            self.0.push_back(Armed {
                endpoint,
                remaining: count,
                fault,
            });
        }
    }

    /// The oldest fault that waits for this endpoint or for any, used up by one.
    pub(crate) fn take(&mut self, endpoint: Option<&str>) -> Option<Fault> {
        let position = self.0.iter().position(|armed| match armed.endpoint {
            None => true,
            Some(name) => endpoint == Some(name),
        })?;
        let armed = self.0.get_mut(position)?;
        armed.remaining -= 1;
        if armed.remaining > 0 {
            return Some(armed.fault.clone());
        }
        self.0.remove(position).map(|armed| armed.fault)
    }

    /// How many requests will still be hit.
    pub(crate) fn remaining(&self) -> usize {
        self.0.iter().map(|armed| armed.remaining).sum()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
