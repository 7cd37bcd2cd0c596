//! Time, as the program that uses this crate has it.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::BoxFuture;

/// Tells the time and waits. This crate has neither a clock nor a timer of its own, so that it
/// runs on any runtime and on none.
///
/// With tokio, `now` is `Utc::now()` and `sleep` is `Box::pin(tokio::time::sleep(time))`. For tests
/// there is [`ManualClock`](crate::testing::ManualClock).
///
/// ```
/// use std::time::Duration;
/// use chrono::{DateTime, Utc};
/// use record_link::{BoxFuture, Clock};
///
/// /// The clock of a program without a runtime: a thread sleeps.
/// #[derive(Debug)]
/// struct ThreadClock;
///
/// impl Clock for ThreadClock {
///     fn now(&self) -> DateTime<Utc> {
///         std::time::SystemTime::now().into()
///     }
///
///     fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
///         Box::pin(async move { std::thread::sleep(time) })
///     }
/// }
///
/// assert!(ThreadClock.now() > DateTime::<Utc>::UNIX_EPOCH);
/// ```
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> DateTime<Utc>;

    /// Waits so long. The future may be dropped before it ends.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;

    /// Waits until this time beside other work, which goes on meanwhile: for something that is to
    /// be done *by* then, such as renewing a lease.
    ///
    /// For all clocks that really wait this is a sleep, as it is by default. A clock of a test
    /// whose sleeps end at once lets an alarm end only when the time has come for another reason.
    fn alarm(&self, at: DateTime<Utc>) -> BoxFuture<'_, ()> {
        self.sleep(until(self.now(), at))
    }
}

/// How long it is from one time to another; nothing, if that is over.
pub(crate) fn until(now: DateTime<Utc>, then: DateTime<Utc>) -> Duration {
    then.signed_duration_since(now).to_std().unwrap_or_default()
}

/// The time so much later; the last one there is, if that is past the end of time.
pub(crate) fn after(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(time)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
