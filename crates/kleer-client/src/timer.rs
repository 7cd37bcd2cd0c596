//! The clock, the alarm and the dice of the retry loop, behind a trait so that tests can hold them
//! still.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant, SystemTime};

use crate::transport::BoxFuture;

/// Time and chance, as the retry loop sees them.
///
/// The default is [`TokioTimer`]. Give another one to
/// [`KleerBuilder::timer`](crate::KleerBuilder::timer) to test retries without waiting, or to run
/// with another runtime (together with another [`Transport`](crate::Transport)).
pub trait Timer: fmt::Debug + Send + Sync {
    /// The monotonic clock.
    fn now(&self) -> Instant;

    /// The clock on the wall: only for a `Retry-After` date in an answer that has no `Date` of its
    /// own.
    fn wall_clock(&self) -> SystemTime;

    /// Ends after `duration`. Used between attempts and to limit one attempt.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A number from 0 up to, but not including, 1. It need not be unpredictable.
    fn random(&self) -> f64;
}

/// The timer of the tokio runtime. It follows `tokio::time::pause`.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioTimer;

impl Timer for TokioTimer {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> f64 {
        // The standard library seeds every `RandomState` differently: enough to spread retries,
        // and no dependency.
        let bits = RandomState::new().build_hasher().finish();
        let high = u32::try_from(bits >> 32).unwrap_or_default();
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_spread_over_the_range() {
        let drawn: Vec<f64> = (0..2_000).map(|_| TokioTimer.random()).collect();
        assert!(drawn.iter().all(|number| (0.0..1.0).contains(number)));
        for tenth in 0..10 {
            let low = f64::from(tenth) / 10.0;
            let hits = drawn
                .iter()
                .filter(|n| (low..low + 0.1).contains(*n))
                .count();
            assert!(hits > 100, "only {hits} of 2000 in the tenth from {low}");
        }
    }
}
