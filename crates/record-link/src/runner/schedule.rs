//! When something is due.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::Kind;

use crate::clock::after;
use crate::{ConnectionId, ScheduleState};

/// When an entity is run: at the full interval, counted from the beginning of 1970 in UTC, so that
/// it does not drift with the time that runs take.
///
/// What was missed, because nothing ran or a run took long, is made up for by one run and never by
/// several. When the next run is due is stored at the end of each run: a restart neither skips one
/// nor repeats one, and a run that was killed in the middle is due still.
///
/// ```
/// use std::time::Duration;
/// use record_link::Schedule;
///
/// let hour = Duration::from_secs(3600);
/// // Every day at three in the morning (UTC), or up to ten minutes later: not all customers at once.
/// let nightly = Schedule::every(24 * hour).at(3 * hour).jitter(hour / 6);
/// # let _ = nightly;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    every: Duration,
    at: Duration,
    jitter: Duration,
    retry: Duration,
    seed: u64,
}

/// The shortest interval: what is shorter keeps a system busy with being asked.
const SHORTEST: Duration = Duration::from_secs(1);

/// How long after a run that failed for a reason that may pass, unless somebody says otherwise.
const RETRY: Duration = Duration::from_secs(5 * 60);

impl Schedule {
    /// Once in each interval, which is at least a second.
    pub fn every(interval: Duration) -> Self {
        Self {
            every: interval.max(SHORTEST),
            at: Duration::ZERO,
            jitter: Duration::ZERO,
            retry: RETRY,
            seed: 0,
        }
    }

    /// So long after the full interval: three hours, for an interval of a day, are three o'clock in
    /// UTC.
    #[must_use]
    pub fn at(mut self, at: Duration) -> Self {
        self.at = at;
        self
    }

    /// Up to so much later, differently each time and for each connection and kind, so that many of
    /// them do not begin at the same moment. At most the interval.
    #[must_use]
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }

    /// What the jitter is computed from, beside connection, kind and time; there is no chance in
    /// it.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// After a run that failed for a reason that may pass (a side or the store was not there), it is
    /// tried again after so long, if the next full interval is not sooner. Five minutes by default.
    #[must_use]
    pub fn retry(mut self, time: Duration) -> Self {
        self.retry = time.max(SHORTEST);
        self
    }

    /// When the first run after `now` is due.
    pub fn next_after(
        &self,
        now: DateTime<Utc>,
        connection: &ConnectionId,
        kind: &Kind,
    ) -> DateTime<Utc> {
        let every = nanoseconds(self.every).max(1);
        let at = nanoseconds(self.at) % every;
        let begun = now.signed_duration_since(DateTime::UNIX_EPOCH);
        let begun =
            i128::from(begun.num_seconds()) * 1_000_000_000 + i128::from(begun.subsec_nanos());
        let number = (begun - at).div_euclid(every) + 1;
        let jitter = nanoseconds(self.jitter).min(every - 1);
        let part = i128::from(self.part(number, connection, kind));
        let due = number * every + at + jitter * part / i128::from(u32::MAX);
        let seconds = i64::try_from(due.div_euclid(1_000_000_000));
        let rest = u32::try_from(due.rem_euclid(1_000_000_000));
        let due = seconds.ok().zip(rest.ok());
        let due = due.and_then(|(seconds, rest)| DateTime::from_timestamp(seconds, rest));
        due.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// When a run is tried again that ended now and failed for a reason that may pass.
    pub(super) fn retry_after(
        &self,
        now: DateTime<Utc>,
        connection: &ConnectionId,
        kind: &Kind,
    ) -> DateTime<Utc> {
        let next = self.next_after(now, connection, kind);
        next.min(after(now, self.retry))
    }

    /// Since when, or from when on, the entity of this state is due.
    pub(super) fn due(&self, state: Option<&ScheduleState>, now: DateTime<Utc>) -> DateTime<Utc> {
        let Some(due) = state.and_then(|state| state.next_due) else {
            return now; // it never ran
        };
        // An interval that was made shorter counts at once.
        let latest = after(after(now, self.every), self.jitter.min(self.every));
        if due > latest { now } else { due }
    }

    /// A number for this time of this entity.
    fn part(&self, number: i128, connection: &ConnectionId, kind: &Kind) -> u32 {
        let seed = self.seed.to_be_bytes();
        let number = number.to_be_bytes();
        let parts = [
            &seed[..],
            connection.as_str().as_bytes(),
            kind.as_bytes(),
            &number,
        ];
        let hash = crate::hash::of_parts(parts);
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
    }
}

fn nanoseconds(time: Duration) -> i128 {
    let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
    i128::from(time.num_seconds()) * 1_000_000_000 + i128::from(time.subsec_nanos())
}
