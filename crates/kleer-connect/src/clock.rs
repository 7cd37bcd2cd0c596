//! The clock of a program on tokio.

use std::time::Duration;

use chrono::{DateTime, Utc};
use record_link::{BoxFuture, Clock};

/// The computer's clock, and tokio's timer: what `record_link`'s executor and runner are given on a
/// tokio runtime.
///
/// ```
/// use kleer_connect::TokioClock;
/// use record_link::Clock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (begun, time) = (std::time::Instant::now(), std::time::Duration::from_millis(2));
/// TokioClock.sleep(time).await;
/// assert!(begun.elapsed() >= time);
/// println!("it is {}", TokioClock.now());
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokioClock;

impl Clock for TokioClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// Needs a tokio runtime with its timer enabled, from the first poll on.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move { tokio::time::sleep(time).await })
    }
}
