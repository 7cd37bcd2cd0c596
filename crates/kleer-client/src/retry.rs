//! When a call is tried again, how long it waits before that, and what is known of a write that
//! failed.
//!
//! # The table
//!
//! | what happened | a read is retried | a write is retried | the write was |
//! |---|---|---|---|
//! | no connection could be made | yes | yes | not carried out |
//! | the transport refused the request, or the server's certificate | no | no | not carried out |
//! | no answer: timed out, or the connection broke | yes | no | unknown |
//! | 429 | yes | yes | not carried out |
//! | 408 | yes | no | unknown |
//! | other 4xx | no | no | not carried out |
//! | 500 with Kleer's own error body | no | no | not carried out |
//! | 500 without it | yes | no | unknown |
//! | 502, 503, 504 | yes | no | unknown |
//! | other 5xx, any other status | no | no | unknown |
//! | 307, 308 | no | no | not carried out |
//! | other 3xx, or a redirect that the transport followed | no | no | unknown |
//! | 2xx, and the body was cut short or timed out | yes | no | carried out |
//! | 2xx with a web page or another foreign document | no | no | unknown |
//! | 2xx with Kleer's own error body | no | no | unknown |
//! | 2xx that is too large, malformed, of the wrong type, or without the new id | no | no | carried out |
//!
//! Kleer has no idempotency key, so a write is repeated only when it is known that the first one
//! changed nothing. A 503 is not such a case, not even with `Retry-After`: a gateway sends it after
//! the request has reached the service, too. A 500 with Kleer's own body is a business error (a
//! missing right, a missing payroll contract); asking again gives the same answer.
//!
//! # Waiting
//!
//! The wait before attempt *n* + 1 is drawn evenly from zero to `base_delay` x 2^(*n* - 1), at most
//! `max_delay` ("full jitter": many clients that failed together do not come back together). If the
//! answer carries `Retry-After`, as seconds or as an HTTP date, the wait is the longer of the two. A
//! wait that does not fit into what is left of `total_budget` is not begun: the call fails at once
//! and says so, and [`Error::retry_after`](crate::Error::retry_after) tells what was asked for.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};

use crate::error::Outcome;

/// How often and for how long a call is tried. The rules: [`retry`](crate::retry).
///
/// ```
/// use std::time::Duration;
/// use kleer_client::RetryPolicy;
///
/// let patient = RetryPolicy::default()
///     .with_max_attempts(8)
///     .with_total_budget(Duration::from_secs(600));
/// assert_eq!(patient.max_attempts, 8);
/// assert_eq!(RetryPolicy::none().max_attempts, 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often a call is tried in all, the first attempt included. Zero is read as one.
    pub max_attempts: u32,
    /// The upper bound of the wait before the second attempt. It doubles with every attempt.
    pub base_delay: Duration,
    /// The upper bound of every wait that the server did not ask for.
    pub max_delay: Duration,
    /// The time a call may take in all: attempts, answers and waits. The last attempt of a read is
    /// cut short by it. A write always gets its whole attempt timeout, because cutting it short
    /// would turn a slow success into an unknown outcome.
    ///
    /// A list that is read as a [stream](crate::ListStream) may be waited for so long in all.
    pub total_budget: Duration,
    /// Whether a write is sent again after an unknown outcome if it does no more twice than once:
    /// updates and deletions, whose [recovery](kleer_model::endpoint::Recovery) is `Repeatable`.
    /// `false` by default, because an update that is repeated may undo what somebody else changed
    /// in between. A create is never repeated: see
    /// [`create_once`](crate::Kleer::create_once).
    pub repeat_updates: bool,
}

impl Default for RetryPolicy {
    /// Four attempts, 250 ms doubling to at most 8 s, three minutes in all.
    fn default() -> Self {
        Self {
            max_attempts: 4,
            base_delay: Duration::from_millis(250),
            max_delay: Duration::from_secs(8),
            total_budget: Duration::from_secs(180),
            repeat_updates: false,
        }
    }
}

impl RetryPolicy {
    /// One attempt, limited by its own timeout only.
    #[must_use]
    pub fn none() -> Self {
        Self {
            max_attempts: 1,
            total_budget: Duration::MAX,
            ..Self::default()
        }
    }

    /// Sets [`max_attempts`](Self::max_attempts).
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets [`base_delay`](Self::base_delay).
    #[must_use]
    pub fn with_base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// Sets [`max_delay`](Self::max_delay).
    #[must_use]
    pub fn with_max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets [`total_budget`](Self::total_budget).
    #[must_use]
    pub fn with_total_budget(mut self, budget: Duration) -> Self {
        self.total_budget = budget;
        self
    }

    /// Sets [`repeat_updates`](Self::repeat_updates).
    #[must_use]
    pub fn with_repeat_updates(mut self, repeat: bool) -> Self {
        self.repeat_updates = repeat;
        self
    }

    /// The wait after the failed attempt number `attempt` (counted from one), for a `random` number
    /// from 0 to 1.
    ///
    /// ```
    /// use std::time::Duration;
    /// use kleer_client::RetryPolicy;
    ///
    /// let policy = RetryPolicy::default();
    /// assert_eq!(policy.backoff(1, 1.0), Duration::from_millis(250));
    /// assert_eq!(policy.backoff(3, 0.5), Duration::from_millis(500));
    /// assert_eq!(policy.backoff(40, 1.0), Duration::from_secs(8));
    /// ```
    pub fn backoff(&self, attempt: u32, random: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let ceiling = self
            .base_delay
            .saturating_mul(1 << doublings)
            .min(self.max_delay);
        // NaN becomes 0: a custom `Timer` must not be able to make a wait invalid.
        let share = if random.is_nan() {
            0.0
        } else {
            random.clamp(0.0, 1.0)
        };
        Duration::try_from_secs_f64(ceiling.as_secs_f64() * share)
            .map_or(ceiling, |d| d.min(ceiling))
    }

    /// What to do after the failed attempt number `attempt`.
    pub(crate) fn next(&self, now: &Situation) -> Next {
        if now.attempt >= self.max_attempts.max(1) {
            return Next::GiveUp(if now.attempt > 1 {
                GaveUp::Attempts
            } else {
                GaveUp::NotTriedAgain
            });
        }
        let wait = self
            .backoff(now.attempt, now.random)
            .max(now.retry_after.unwrap_or_default());
        let left = self.total_budget.saturating_sub(now.elapsed);
        if wait < left {
            Next::Wait(wait)
        } else if now.retry_after.is_some_and(|asked| asked >= left) {
            Next::GiveUp(GaveUp::ServerWait)
        } else {
            Next::GiveUp(GaveUp::Budget)
        }
    }
}

/// Where the retry loop stands after a failed attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation {
    pub(crate) attempt: u32,
    pub(crate) elapsed: Duration,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) random: f64,
}

/// The decision of [`RetryPolicy::next`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Wait(Duration),
    GiveUp(GaveUp),
}

/// Why a failure that could have been tried again was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GaveUp {
    /// The policy allows one attempt only.
    NotTriedAgain,
    /// All attempts are used up.
    Attempts,
    /// The next wait would not fit into the time budget.
    Budget,
    /// The server asks for a wait that does not fit into the time budget.
    ServerWait,
}

/// What came of one attempt that did not succeed: the rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// No connection: the request never left.
    NoConnection,
    /// The transport refused to send the request at all, or to trust the server.
    NotSent,
    /// The attempt timed out or the connection broke before the head of an answer.
    NoAnswer,
    /// An answer other than 2xx.
    Status {
        status: StatusCode,
        /// The body is Kleer's own error document.
        kleers_own: bool,
    },
    /// The transport followed a redirect.
    FollowedRedirect,
    /// 2xx, but the body was cut short or timed out.
    AnswerLost,
    /// 2xx with a document that Kleer's interface does not produce (an HTML page).
    ForeignAnswer,
    /// 2xx with Kleer's own error document.
    ErrorInSuccess,
    /// 2xx from Kleer that could not be read or says too little.
    UnreadableAnswer,
}

/// What follows from an [`Event`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assessment {
    pub(crate) retryable: bool,
    /// For a read always [`Outcome::NotCarriedOut`]: there was nothing to carry out.
    pub(crate) outcome: Outcome,
}

/// The table at the top of this module.
pub(crate) fn assess(event: Event, is_write: bool) -> Assessment {
    use Outcome::{CarriedOut, NotCarriedOut, Unknown};

    // (worth another attempt, what it means for a write)
    let (transient, outcome) = match event {
        Event::NoConnection => (true, NotCarriedOut),
        Event::NotSent => (false, NotCarriedOut),
        Event::NoAnswer => (true, Unknown),
        Event::Status { status, kleers_own } => match status.as_u16() {
            429 => (true, NotCarriedOut),
            500 if kleers_own => (false, NotCarriedOut),
            408 | 500 | 502 | 503 | 504 => (true, Unknown),
            307 | 308 | 400..=499 => (false, NotCarriedOut),
            _ => (false, Unknown),
        },
        Event::AnswerLost => (true, CarriedOut),
        Event::FollowedRedirect | Event::ForeignAnswer | Event::ErrorInSuccess => (false, Unknown),
        Event::UnreadableAnswer => (false, CarriedOut),
    };
    if is_write {
        Assessment {
            retryable: transient && outcome == NotCarriedOut,
            outcome,
        }
    } else {
        Assessment {
            retryable: transient,
            outcome: NotCarriedOut,
        }
    }
}

/// The wait that an answer asks for with `Retry-After` (RFC 9110, 10.2.3): seconds, or an HTTP date.
///
/// A date is measured against the answer's own `Date`, so that a wrong clock on this machine does
/// not matter; without it against `now`. A date in the past is no wait. Anything else is ignored.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit is still a wait, and a long one.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let sent = headers
        .get(header::DATE)
        .and_then(|sent| httpdate::parse_http_date(sent.to_str().ok()?.trim()).ok())
        .unwrap_or(now);
    Some(date.duration_since(sent).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;
    use Outcome::{CarriedOut, NotCarriedOut, Unknown};

    fn status(code: u16) -> Event {
        Event::Status {
            status: StatusCode::from_u16(code).unwrap(),
            kleers_own: false,
        }
    }

    fn kleers(code: u16) -> Event {
        Event::Status {
            status: StatusCode::from_u16(code).unwrap(),
            kleers_own: true,
        }
    }

    /// Every row of the documented table: event, read retried, write retried, outcome of the write.
    #[test]
    fn table() {
        let rows = [
            (Event::NoConnection, true, true, NotCarriedOut),
            (Event::NotSent, false, false, NotCarriedOut),
            (Event::NoAnswer, true, false, Unknown),
            (status(429), true, true, NotCarriedOut),
            (kleers(429), true, true, NotCarriedOut),
            (status(408), true, false, Unknown),
            (status(400), false, false, NotCarriedOut),
            (status(401), false, false, NotCarriedOut),
            (status(403), false, false, NotCarriedOut),
            (status(404), false, false, NotCarriedOut),
            (status(409), false, false, NotCarriedOut),
            (status(499), false, false, NotCarriedOut),
            (kleers(400), false, false, NotCarriedOut),
            (kleers(500), false, false, NotCarriedOut),
            (status(500), true, false, Unknown),
            (status(502), true, false, Unknown),
            (status(503), true, false, Unknown),
            (kleers(503), true, false, Unknown),
            (status(504), true, false, Unknown),
            (status(501), false, false, Unknown),
            (status(507), false, false, Unknown),
            (kleers(501), false, false, Unknown),
            (status(301), false, false, Unknown),
            (status(302), false, false, Unknown),
            (status(303), false, false, Unknown),
            (status(304), false, false, Unknown),
            (status(307), false, false, NotCarriedOut),
            (status(308), false, false, NotCarriedOut),
            (status(101), false, false, Unknown),
            (status(600), false, false, Unknown),
            (Event::FollowedRedirect, false, false, Unknown),
            (Event::AnswerLost, true, false, CarriedOut),
            (Event::ForeignAnswer, false, false, Unknown),
            (Event::ErrorInSuccess, false, false, Unknown),
            (Event::UnreadableAnswer, false, false, CarriedOut),
        ];
        for (event, read, write, outcome) in rows {
            let expected = Assessment {
                retryable: read,
                outcome: NotCarriedOut,
            };
            assert_eq!(assess(event, false), expected, "read: {event:?}");
            let expected = Assessment {
                retryable: write,
                outcome,
            };
            assert_eq!(assess(event, true), expected, "write: {event:?}");
        }
    }

    fn headers(retry_after: &str, date: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        headers
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn retry_after_in_both_forms() {
        let seconds = |text: &str| retry_after(&headers(text, None), at(0)).map(|d| d.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds(" 7 "), Some(7));
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds("99999999999999999999999"), Some(u64::MAX));
        for nonsense in ["", "-1", "1.5", "+3", "soon", "1 s"] {
            assert_eq!(seconds(nonsense), None, "{nonsense:?}");
        }
        // 784111777 is Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(seconds(date), Some(784_111_777));
        let in_a_minute = retry_after(&headers(date, None), at(784_111_717));
        assert_eq!(in_a_minute, Some(Duration::from_secs(60)));
        let in_the_past = retry_after(&headers(date, None), at(784_111_778));
        assert_eq!(in_the_past, Some(Duration::ZERO));
        // The server's own clock wins over ours.
        let own = headers(date, Some("Sun, 06 Nov 1994 08:49:07 GMT"));
        assert_eq!(retry_after(&own, at(0)), Some(Duration::from_secs(30)));
        assert_eq!(retry_after(&HeaderMap::new(), at(0)), None);
    }

    #[test]
    fn the_longer_wait_wins_and_must_fit_into_the_budget() {
        let policy = RetryPolicy::default()
            .with_base_delay(Duration::from_secs(1))
            .with_total_budget(Duration::from_secs(10));
        let base = Situation {
            attempt: 1,
            elapsed: Duration::from_secs(4),
            retry_after: None,
            random: 1.0,
        };
        let with = |seconds| Situation {
            retry_after: Some(Duration::from_secs(seconds)),
            ..base
        };
        assert_eq!(policy.next(&base), Next::Wait(Duration::from_secs(1)));
        assert_eq!(policy.next(&with(0)), Next::Wait(Duration::from_secs(1)));
        assert_eq!(policy.next(&with(5)), Next::Wait(Duration::from_secs(5)));
        assert_eq!(policy.next(&with(6)), Next::GiveUp(GaveUp::ServerWait));
        assert_eq!(
            policy.next(&with(u64::MAX)),
            Next::GiveUp(GaveUp::ServerWait)
        );
        let late = Situation {
            elapsed: Duration::from_millis(9_500),
            ..base
        };
        assert_eq!(policy.next(&late), Next::GiveUp(GaveUp::Budget));
        let last = Situation { attempt: 4, ..base };
        assert_eq!(policy.next(&last), Next::GiveUp(GaveUp::Attempts));
        assert_eq!(
            RetryPolicy::none().next(&base),
            Next::GiveUp(GaveUp::NotTriedAgain)
        );
        let zero = RetryPolicy::default().with_max_attempts(0);
        assert_eq!(zero.next(&base), Next::GiveUp(GaveUp::NotTriedAgain));
    }

    proptest! {
        #[test]
        fn backoff_stays_within_its_bounds(
            attempt in 0u32..=u32::MAX,
            random in any::<f64>(),
            base in 0u64..10_000_000,
            max in 0u64..10_000_000,
        ) {
            let policy = RetryPolicy::default()
                .with_base_delay(Duration::from_millis(base))
                .with_max_delay(Duration::from_millis(max));
            let wait = policy.backoff(attempt, random);
            prop_assert!(wait <= policy.max_delay);
            let doubled = u128::from(base) << attempt.saturating_sub(1).min(31);
            prop_assert!(wait.as_millis() <= doubled);
        }

        #[test]
        fn backoff_grows_with_the_random_number(
            attempt in 1u32..40, low in 0.0..=1.0f64, high in 0.0..=1.0f64,
        ) {
            prop_assume!(low <= high);
            let policy = RetryPolicy::default();
            prop_assert!(policy.backoff(attempt, low) <= policy.backoff(attempt, high));
        }

        #[test]
        fn backoff_survives_extreme_policies(attempt in any::<u32>(), random in 0.0..=1.0f64) {
            let policy = RetryPolicy::default()
                .with_base_delay(Duration::MAX)
                .with_max_delay(Duration::MAX);
            prop_assert!(policy.backoff(attempt, random) <= Duration::MAX);
        }

        #[test]
        fn retry_after_seconds_are_read_exactly(seconds in any::<u64>()) {
            let headers = headers(&seconds.to_string(), None);
            prop_assert_eq!(retry_after(&headers, at(0)), Some(Duration::from_secs(seconds)));
        }

        #[test]
        fn retry_after_dates_are_read_exactly(
            // HTTP dates end with the year 9999.
            date in 0u64..253_402_300_800, now in 0u64..253_402_300_800,
        ) {
            let headers = headers(&httpdate::fmt_http_date(at(date)), None);
            let expected = Duration::from_secs(date.saturating_sub(now));
            prop_assert_eq!(retry_after(&headers, at(now)), Some(expected));
        }

        #[test]
        fn retry_after_never_panics(text in "[ -~]{0,40}") {
            let _ = retry_after(&headers(&text, Some(&text)), at(0));
        }
    }
}
