//! A clock that a test moves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock::after;
use crate::{BoxFuture, Clock};

/// A clock that stands still until a test, or a sleep, moves it.
///
/// - [`new`](Self::new): a sleep ends at once and moves the time on, as if it had been slept. A test
///   of retries runs in no time, and can see how long they waited.
/// - [`held`](Self::held): a sleep ends when somebody [advances](Self::advance) the time far enough.
///
/// Clones share the time.
///
/// ```
/// use std::time::Duration;
/// use chrono::{DateTime, TimeDelta, Utc};
/// use record_link::Clock;
/// use record_link::testing::{ManualClock, block_on};
///
/// let clock = ManualClock::new(DateTime::<Utc>::UNIX_EPOCH);
/// block_on(clock.sleep(Duration::from_secs(60)));
/// assert_eq!(clock.now(), DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(60));
/// assert_eq!(clock.slept(), Duration::from_secs(60));
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Time>>);

#[derive(Debug)]
struct Time {
    now: DateTime<Utc>,
    is_held: bool,
    tick: Duration,
    slept: Duration,
    /// Who waits for the time to move.
    waiting: Vec<Waker>,
}

impl Time {
    fn move_to(&mut self, now: DateTime<Utc>) {
        self.now = self.now.max(now);
        for waker in self.waiting.drain(..) {
            waker.wake();
        }
    }
}

impl Default for ManualClock {
    /// Sleeps end at once; it begins in 1970.
    fn default() -> Self {
        Self::new(DateTime::UNIX_EPOCH)
    }
}

impl ManualClock {
    /// A clock whose sleeps end at once and move the time on.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Time {
            now,
            is_held: false,
            tick: Duration::ZERO,
            slept: Duration::ZERO,
            waiting: Vec::new(),
        })))
    }

    /// A clock whose sleeps end when the time is advanced.
    pub fn held(now: DateTime<Utc>) -> Self {
        let clock = Self::new(now);
        clock.time().is_held = true;
        clock
    }

    /// Each look at the clock moves the time on by so much, so that no two things happen at once.
    #[must_use]
    pub fn ticking(self, tick: Duration) -> Self {
        self.time().tick = tick;
        self
    }

    /// Moves the time on.
    pub fn advance(&self, by: Duration) {
        let mut time = self.time();
        let now = after(time.now, by);
        time.move_to(now);
    }

    /// How long was slept in all.
    pub fn slept(&self) -> Duration {
        self.time().slept
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        // A panic elsewhere in a test must not hide what it is about.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends when the time has come without being asked to.
    fn reached(&self, at: DateTime<Utc>) -> BoxFuture<'_, ()> {
        Box::pin(std::future::poll_fn(move |context| {
            let mut time = self.time();
            if time.now >= at {
                return Poll::Ready(());
            }
            let is_known = |one: &Waker| one.will_wake(context.waker());
            if !time.waiting.iter().any(is_known) {
                time.waiting.push(context.waker().clone());
            }
            Poll::Pending
        }))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        let mut time = self.time();
        let now = time.now;
        if !time.tick.is_zero() {
            let next = after(now, time.tick);
            time.move_to(next);
        }
        now
    }

    fn sleep(&self, sleep: Duration) -> BoxFuture<'_, ()> {
        let (at, is_held) = {
            let time = self.time();
            (after(time.now, sleep), time.is_held)
        };
        Box::pin(async move {
            if is_held {
                self.reached(at).await;
            } else {
                // What runs beside goes on first.
                super::yield_now().await;
                self.time().move_to(at);
            }
            let mut time = self.time();
            time.slept = time.slept.saturating_add(sleep);
        })
    }

    fn alarm(&self, at: DateTime<Utc>) -> BoxFuture<'_, ()> {
        self.reached(at)
    }
}
