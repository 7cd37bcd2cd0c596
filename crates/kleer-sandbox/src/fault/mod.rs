//! Faults: what a server, a gateway or a network may do to a request.
//!
//! [`Fault`] is what happens, [`FaultRule`] to which requests, [`FaultProfile`] a whole run's worth
//! of rules with its seed. How each one is carried out is in `play`.

use std::time::Duration;

mod alter;
mod body;
mod play;
mod profile;
mod rule;

pub(crate) use body::ConnectionReset;
pub(crate) use play::play;
pub use profile::{FaultProfile, UnknownProfile};
pub use rule::FaultRule;
pub(crate) use rule::{Asked, Faults};

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
/// sandbox.assert_faults_played();
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
    /// Before effect: this status (429, 503) with an empty body and `Retry-After` in whole seconds,
    /// rounded up.
    RetryLater {
        /// The status.
        status: u16,
        /// How long the caller is to wait.
        after: Duration,
    },
    /// Before effect: the connection is reset (TCP RST) without an answer.
    ResetBefore,
    /// After effect: the connection is reset (TCP RST) without an answer.
    ResetAfter,
    /// The connection is reset at once, and the request is carried out after this time: a write
    /// that lands when the caller has already looked for it. See
    /// [`Sandbox::late_writes_landed`](crate::Sandbox::late_writes_landed).
    ResetThenLate(Duration),
    /// Before effect: this status with an HTML page, as a proxy or a login page answers.
    Html(u16),
    /// After effect: this status with an HTML page instead of the answer.
    HtmlAfterEffect(u16),
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
    /// After effect: the usual answer, whose `Content-Type` is this text instead.
    WrongContentType(String),
    /// After effect: the usual answer, in pieces of so many bytes with a pause before each. A
    /// caller needs a time limit for the whole answer, not only for silence.
    SlowDrip {
        /// The bytes of a piece; 0 is taken as 1.
        piece: usize,
        /// The pause before each.
        pause: Duration,
    },
    /// After effect: the usual answer followed by white space, this many bytes in all and without a
    /// `Content-Length`. It is still a valid document; a caller must limit what it takes in.
    HugeBody {
        /// How many bytes in all.
        bytes: u64,
    },
    /// The request is carried out without this element (or, in JSON, this property), wherever it
    /// stands, and answered as if nothing was missing: a value is silently dropped. Where the
    /// element must be there, it is there and empty.
    Dropped(String),
    /// The request is carried out with its texts normalised, and answered as if they were not.
    Normalised(Normalisation),
}

impl Fault {
    /// Its name, without its values: `reset-after`. The profiles and [`Sandbox::played_faults`]
    /// use it.
    ///
    /// [`Sandbox::played_faults`]: crate::Sandbox::played_faults
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::StatusAfterEffect(_) => "status-after-effect",
            Self::RetryLater { .. } => "retry-later",
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
            Self::ResetThenLate(_) => "reset-then-late",
            Self::Html(_) => "html",
            Self::HtmlAfterEffect(_) => "html-after-effect",
            Self::Redirect(_) => "redirect",
            Self::Delay(_) => "delay",
            Self::DelayAfterEffect(_) => "delay-after-effect",
            Self::KleerError(_) => "kleer-error",
            Self::TruncatedBody => "truncated-body",
            Self::WrongContentType(_) => "wrong-content-type",
            Self::SlowDrip { .. } => "slow-drip",
            Self::HugeBody { .. } => "huge-body",
            Self::Dropped(_) => "dropped",
            Self::Normalised(_) => "normalised",
        }
    }
}

/// What [`Fault::Normalised`] does to every text of a request: to the contents of elements that
/// hold no elements, or to the strings of JSON.
///
/// Whether Kleer does any of these is not known. A connector that compares what it reads with what
/// it wrote must not take the difference for a change that a person made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Normalisation {
    /// White space at both ends goes, and inner white space becomes one space.
    WhiteSpace,
    /// Letters become capitals. In XML this reaches `true` and enumerations too, which a strict
    /// sandbox refuses then.
    UpperCase,
    /// So many characters are kept, the rest is cut off.
    Truncate(usize),
}
