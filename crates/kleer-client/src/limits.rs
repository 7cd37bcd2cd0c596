//! How many requests run at once, and how many begin in a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::timer::Timer;

/// How many requests may begin in a time: a token bucket.
///
/// Kleer publishes no limit. One of your own keeps a first full sync from looking like an attack,
/// and leaves room for the people who work in Kleer at the same time.
///
/// ```
/// use kleer_client::RateLimit;
///
/// // Ten requests a second in the long run, of which 20 may come at once after a pause.
/// let limit = RateLimit::per_second(10).with_burst(20);
/// # let _ = limit;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    interval: Duration,
    burst: u32,
}

impl RateLimit {
    /// So many requests a second, evenly spread. Zero is read as one.
    pub fn per_second(requests: u32) -> Self {
        Self {
            interval: Duration::from_secs(1) / requests.max(1),
            burst: 1,
        }
    }

    /// So many requests a minute, evenly spread. Zero is read as one.
    pub fn per_minute(requests: u32) -> Self {
        Self {
            interval: Duration::from_secs(60) / requests.max(1),
            burst: 1,
        }
    }

    /// How many may begin at once after a pause. 1 by default; zero is read as one.
    #[must_use]
    pub fn with_burst(mut self, burst: u32) -> Self {
        self.burst = burst.max(1);
        self
    }
}

/// The gate that every attempt passes.
#[derive(Debug)]
pub(crate) struct Limits {
    rate: Option<RateLimit>,
    places: Arc<Semaphore>,
    clock: Mutex<Clock>,
}

#[derive(Debug, Default)]
struct Clock {
    /// When the bucket will be full again: a bucket told by one time instead of a count, so that
    /// nothing is lost to rounding.
    full_at: Option<Instant>,
    /// Nothing begins before: a server asked for a pause.
    paused_until: Option<Instant>,
}

impl Limits {
    pub(crate) fn new(rate: Option<RateLimit>, concurrency: usize) -> Self {
        Self {
            rate,
            places: Arc::new(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS))),
            clock: Mutex::default(),
        }
    }

    /// Waits for a place and for its turn. The place is held until the permit is dropped.
    pub(crate) async fn pass(&self, timer: &dyn Timer) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.places).acquire_owned().await.ok();
        loop {
            let wait = self.wait(timer.now());
            if wait.is_zero() {
                return permit;
            }
            timer.sleep(wait).await;
        }
    }

    /// Takes a token if there is one; otherwise the time until there is.
    fn wait(&self, now: Instant) -> Duration {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = clock.paused_until
            && until > now
        {
            return until - now;
        }
        let Some(RateLimit { interval, burst }) = self.rate else {
            return Duration::ZERO;
        };
        let full_at = clock.full_at.map_or(now, |at| at.max(now));
        let earliest = full_at.checked_sub(interval.saturating_mul(burst - 1));
        if let Some(earliest) = earliest
            && earliest > now
        {
            return earliest - now;
        }
        clock.full_at = Some(full_at + interval);
        Duration::ZERO
    }

    /// The server asked for a pause: every call of the client keeps it, so that the others do not
    /// run into the same refusal.
    pub(crate) fn pause(&self, now: Instant, wait: Duration) {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let until = now.checked_add(wait);
        clock.paused_until = clock.paused_until.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let limits = Limits::new(Some(RateLimit::per_second(10).with_burst(3)), 1);
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        for _ in 0..3 {
            assert_eq!(limits.wait(at(0)), Duration::ZERO);
        }
        assert_eq!(limits.wait(at(0)), Duration::from_millis(100));
        assert_eq!(limits.wait(at(60)), Duration::from_millis(40));
        assert_eq!(limits.wait(at(100)), Duration::ZERO);
        assert_eq!(limits.wait(at(100)), Duration::from_millis(100));
        // After a long pause the bucket is full, and no fuller.
        for _ in 0..3 {
            assert_eq!(limits.wait(at(60_000)), Duration::ZERO);
        }
        assert_eq!(limits.wait(at(60_000)), Duration::from_millis(100));
    }

    #[test]
    fn in_the_long_run_the_rate_is_kept() {
        let limits = Limits::new(Some(RateLimit::per_minute(90).with_burst(5)), 1);
        let start = Instant::now();
        let (mut now, mut begun) = (start, 0_u32);
        while now < start + Duration::from_secs(600) {
            match limits.wait(now) {
                Duration::ZERO => begun += 1,
                wait => now += wait,
            }
        }
        assert!((900..=906).contains(&begun), "{begun}");
    }

    #[test]
    fn a_pause_holds_everybody() {
        let limits = Limits::new(None, 1);
        let now = Instant::now();
        assert_eq!(limits.wait(now), Duration::ZERO);
        limits.pause(now, Duration::from_secs(7));
        limits.pause(now, Duration::from_secs(2));
        assert_eq!(limits.wait(now), Duration::from_secs(7));
        assert_eq!(limits.wait(now + Duration::from_secs(7)), Duration::ZERO);
    }
}
