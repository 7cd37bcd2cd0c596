//! How often and after which time something is tried again.

use std::time::Duration;

/// How often, and after which time, a call is tried again that failed without an effect: the other
/// system was not there or asked us to slow down, the store was locked.
///
/// A side that asks for fewer requests is left alone by the whole run until that time is over, and not
/// only by the operation that was told.
///
/// The time doubles from one try to the next, and varies by up to a half, so that many workers do
/// not come back at the same moment. The variation is computed from a seed, never from chance: give
/// each process another one.
///
/// ```
/// use std::time::Duration;
/// use record_link::Retries;
///
/// let patient = Retries::new(8).first_wait(Duration::from_secs(2)).seed(4711);
/// let waits: Vec<_> = (1..=3).map(|attempt| patient.wait(attempt, 17)).collect();
/// assert_eq!(waits, (1..=3).map(|attempt| patient.wait(attempt, 17)).collect::<Vec<_>>());
/// assert!(waits[0] >= Duration::from_secs(1) && waits[0] <= Duration::from_secs(2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// How often something is tried in all; at least once.
    pub attempts: u32,
    /// The time before the second try, at most.
    pub first_wait: Duration,
    /// The longest time before a try. If the other system asks us to wait longer than this, it is
    /// left to a later run.
    pub longest_wait: Duration,
    /// What the variation is computed from.
    pub seed: u64,
}

impl Default for Retries {
    /// Four tries, after half a second, one and two, and never more than half a minute.
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            seed: 0,
        }
    }
}

impl Retries {
    /// So many tries in all, with the times of the default.
    pub fn new(attempts: u32) -> Self {
        Self {
            attempts,
            ..Self::default()
        }
    }

    /// Everything is tried once.
    pub fn none() -> Self {
        Self::new(1)
    }

    /// The time before the second try, at most.
    #[must_use]
    pub fn first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// The longest time before a try.
    #[must_use]
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// What the variation is computed from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The time to wait after so many failed attempts, for something with this number.
    pub fn wait(&self, failed: u32, number: u64) -> Duration {
        let doublings = failed.saturating_sub(1).min(31);
        let longest = self.first_wait.saturating_mul(1 << doublings);
        let longest = longest.min(self.longest_wait);
        let half = longest / 2;
        let part = mix(self.seed ^ mix(number ^ mix(u64::from(failed))));
        // The upper 16 bits say how much of the other half.
        let part = u32::try_from(part >> 48).unwrap_or(0);
        half.saturating_add(half.saturating_mul(part) / u32::from(u16::MAX))
    }

    /// The time to wait after so many failed attempts; `None` if there is to be no other one.
    /// `asked` is how long the other system asks us to wait.
    pub(crate) fn next(
        &self,
        failed: u32,
        number: u64,
        asked: Option<Duration>,
    ) -> Option<Duration> {
        let asked = asked.unwrap_or_default();
        let may_go_on = failed < self.attempts && asked <= self.longest_wait;
        may_go_on.then(|| self.wait(failed, number).max(asked))
    }
}

/// Spreads a number over all bits (the finaliser of `SplitMix64`).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
