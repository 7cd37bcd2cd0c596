//! Time that runs faster than the clock on the wall.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use kleer_client::{BoxFuture, Timer};
use kleer_sandbox::Sandbox;

/// How much faster.
pub(crate) const SPEED: u32 = 20;

/// How long the client waits before it looks again; no other wait is as long as this one.
pub(crate) const SETTLE: Duration = Duration::from_secs(7);

/// What the settle time is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settle {
    /// Whatever is on its way has landed when it is over.
    LongEnough,
    /// Writes may land after it.
    TooShort,
}

/// Waits and measures `SPEED` times as fast, so that minutes of `Retry-After` and settle time pass
/// in seconds.
#[derive(Debug, Clone)]
pub(crate) struct FastTimer {
    started: Instant,
    settle: Settle,
    sandbox: Arc<Sandbox>,
}

impl FastTimer {
    pub(crate) fn new(settle: Settle, sandbox: &Arc<Sandbox>) -> Self {
        Self {
            started: Instant::now(),
            settle,
            sandbox: Arc::clone(sandbox),
        }
    }
}

impl Timer for FastTimer {
    fn now(&self) -> Instant {
        self.started + self.started.elapsed() * SPEED
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let is_settling = self.settle == Settle::LongEnough && duration == SETTLE;
        let sandbox = Arc::clone(&self.sandbox);
        Box::pin(async move {
            tokio::time::sleep(duration / SPEED).await;
            if is_settling {
                // How fast this machine is must not decide what the test proves.
                sandbox.late_writes_landed().await;
            }
        })
    }

    fn random(&self) -> f64 {
        0.5
    }
}
