//! A whole run's faults under one name and one seed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Fault, FaultRule, Normalisation};

/// The faults of a run: its rules, a latency for every answer, and the seed that makes the run the
/// same again (what that covers: [`FaultRule`]).
///
/// ```
/// use std::time::Duration;
/// use kleer_sandbox::{Fault, FaultProfile, FaultRule};
///
/// let own = FaultProfile::new()
///     .seed(20_261_120)
///     .latency(Duration::from_millis(30))
///     .rule(FaultRule::new(Fault::ResetAfter).on_writes().share(0.05));
/// let named: FaultProfile = "lost-answers".parse()?;
/// assert_ne!(own, named);
/// # Ok::<(), kleer_sandbox::UnknownProfile>(())
/// ```
///
/// # Profiles with a name
/// Their shares are of all requests, reads among them.
///
/// | name | what goes wrong |
/// |---|---|
/// | `none` | nothing |
/// | `slow` | every answer takes 300 ms, one in ten 3 s more |
/// | `rate-limit` | one request in five is answered with 429 and `Retry-After: 1` |
/// | `outage` | one in five with 502, 503 or 500 without a body; half of these took effect |
/// | `lost-answers` | one in five takes effect, and the connection is reset or the body cut short |
/// | `late-writes` | one in ten is reset, and takes effect 3 s later |
/// | `garbled` | one in five gets an HTML page, another content type, or a body in drips |
/// | `mixed` | one in five meets one of [all faults](FaultProfile::mixed) |
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use = "a profile does nothing before it is given to a sandbox"]
pub struct FaultProfile {
    pub(crate) seed: u64,
    pub(crate) latency: Duration,
    pub(crate) rules: Vec<FaultRule>,
}

impl FaultProfile {
    /// The names that [`FromStr`] knows.
    pub const NAMES: &'static [&'static str] = &[
        "none",
        "slow",
        "rate-limit",
        "outage",
        "lost-answers",
        "late-writes",
        "garbled",
        "mixed",
    ];

    /// No faults, no latency, seed 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// The seed from which it is drawn which requests a share hits. Write it down where a test
    /// fails.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How long every answer takes, faulty ones among them. The request takes effect at once.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// One more rule.
    pub fn rule(mut self, rule: FaultRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Each of these faults on an equal part of `share` of all requests.
    ///
    /// ```
    /// use kleer_sandbox::{Fault, FaultProfile};
    ///
    /// // One request in five goes wrong: half of these before, half after effect.
    /// let profile = FaultProfile::shared(0.2, [Fault::ResetBefore, Fault::ResetAfter]);
    /// # let _ = profile;
    /// ```
    pub fn shared(share: f64, faults: impl IntoIterator<Item = Fault>) -> Self {
        let faults: Vec<_> = faults.into_iter().collect();
        let parts = u32::try_from(faults.len()).unwrap_or(u32::MAX);
        let part = share / f64::from(parts.max(1));
        let rules = faults
            .into_iter()
            .map(|fault| FaultRule::new(fault).share(part));
        Self {
            rules: rules.collect(),
            ..Self::default()
        }
    }

    /// One request in five meets one of [`every_fault`](Self::every_fault), each as often.
    pub fn mixed(late: Duration) -> Self {
        Self::shared(0.2, Self::every_fault(late))
    }

    /// One of every fault that a caller can meet without being at fault itself; what takes time
    /// takes `late`.
    ///
    /// Not among them: [`Fault::Redirect`], [`Fault::KleerError`] and [`Fault::Dropped`], of which
    /// a caller cannot and should not recover by itself.
    pub fn every_fault(late: Duration) -> Vec<Fault> {
        vec![
            Fault::RetryLater {
                status: 429,
                after: Duration::from_secs(1),
            },
            Fault::Status(502),
            Fault::Status(503),
            Fault::Status(500),
            Fault::StatusAfterEffect(500),
            Fault::StatusAfterEffect(502),
            Fault::ResetBefore,
            Fault::ResetAfter,
            Fault::ResetThenLate(late),
            Fault::Delay(late),
            Fault::DelayAfterEffect(late),
            Fault::TruncatedBody,
            Fault::WrongContentType("text/plain".to_owned()),
            Fault::Html(503),
            Fault::HtmlAfterEffect(200),
            Fault::SlowDrip {
                piece: 16,
                pause: late / 20,
            },
            Fault::HugeBody { bytes: HUGE },
            Fault::Normalised(Normalisation::WhiteSpace),
        ]
    }
}

/// More than a client should take in, and little enough to be sent often.
const HUGE: u64 = 128 * 1024 * 1024;

impl FromStr for FaultProfile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        const LATE: Duration = Duration::from_secs(3);
        Ok(match name {
            "none" => Self::new(),
            "slow" => Self::shared(0.1, [Fault::DelayAfterEffect(LATE)])
                .latency(Duration::from_millis(300)),
            "rate-limit" => {
                let after = Duration::from_secs(1);
                Self::shared(0.2, [Fault::RetryLater { status: 429, after }])
            }
            "outage" => Self::shared(
                0.2,
                [500, 502, 503]
                    .into_iter()
                    .flat_map(|status| [Fault::Status(status), Fault::StatusAfterEffect(status)]),
            ),
            "lost-answers" => Self::shared(0.2, [Fault::ResetAfter, Fault::TruncatedBody]),
            "late-writes" => Self::shared(0.1, [Fault::ResetThenLate(LATE)]),
            "garbled" => Self::shared(
                0.2,
                [
                    Fault::Html(502),
                    Fault::HtmlAfterEffect(200),
                    Fault::WrongContentType("text/plain".to_owned()),
                    Fault::SlowDrip {
                        piece: 16,
                        pause: Duration::from_millis(150),
                    },
                ],
            ),
            "mixed" => Self::mixed(LATE),
            _ => return Err(UnknownProfile),
        })
    }
}

/// There is no fault profile of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownProfile;

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is no fault profile of this name; there are: {}",
            FaultProfile::NAMES.join(", ")
        )
    }
}

impl std::error::Error for UnknownProfile {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_profile_and_no_other_is() {
        for name in FaultProfile::NAMES {
            let profile: FaultProfile = name.parse().unwrap();
            assert_eq!(profile == FaultProfile::new(), *name == "none", "{name}");
        }
        let error = "chaos".parse::<FaultProfile>().unwrap_err().to_string();
        assert!(
            error.contains("mixed") && !error.contains("chaos"),
            "{error}"
        );
    }
}
