//! The faults of these tests, by the names that the tests print.

use std::time::Duration;

use kleer_sandbox::{Fault, FaultProfile, FaultRule, Normalisation};

/// After the caller has got its broken connection, but before it looks again.
const IN_TIME: Duration = Duration::from_millis(300);

/// Of all calls.
const SHARE: f64 = 0.2;

/// More than the client takes in.
const HUGE: u64 = 24 * 1024 * 1024;

/// Under which every record is to stand in Kleer once, with nothing in doubt.
///
/// `too_slow` is longer than the time limit of an attempt.
pub(crate) fn survivable(too_slow: Duration) -> Vec<(&'static str, Fault)> {
    let retry_later = |status| Fault::RetryLater {
        status,
        after: Duration::from_secs(1),
    };
    let latency = Fault::DelayAfterEffect(Duration::from_millis(20));
    let drip = Fault::SlowDrip {
        piece: 8,
        pause: too_slow / 4,
    };
    let white_space = Fault::Normalised(Normalisation::WhiteSpace);
    vec![
        ("latency", latency),
        ("429 with Retry-After", retry_later(429)),
        ("503 with Retry-After", retry_later(503)),
        ("502 before", Fault::Status(502)),
        ("503 before", Fault::Status(503)),
        ("500 before", Fault::Status(500)),
        ("502 after", Fault::StatusAfterEffect(502)),
        ("500 after", Fault::StatusAfterEffect(500)),
        ("reset before", Fault::ResetBefore),
        ("reset after", Fault::ResetAfter),
        ("reset, effect later", Fault::ResetThenLate(IN_TIME)),
        ("timeout, effect later", Fault::Delay(too_slow)),
        ("timeout, effect at once", Fault::DelayAfterEffect(too_slow)),
        ("truncated body", Fault::TruncatedBody),
        ("slow drip", drip),
        ("white space normalised", white_space),
    ]
}

/// Faults of a server that is set up wrongly, that refuses, or that changes what it is told. Asking
/// again would give the same answer, so what is open then is in doubt, and what is refused failed.
pub(crate) fn others() -> Vec<(&'static str, Fault)> {
    let media = |media: &str| Fault::WrongContentType(media.to_owned());
    let error = Fault::KleerError("TechnicalException: Tekniskt fel".to_owned());
    vec![
        ("HTML page, 503", Fault::Html(503)),
        ("HTML page, 200 before", Fault::Html(200)),
        ("HTML page, 200 after", Fault::HtmlAfterEffect(200)),
        ("content type text/plain", media("text/plain")),
        ("content type of JSON", media("application/json")),
        ("huge body", Fault::HugeBody { bytes: HUGE }),
        (
            "redirect",
            Fault::Redirect("http://127.0.0.1:9/".to_owned()),
        ),
        ("Kleer's own error", error),
        (
            "foreign id dropped",
            Fault::Dropped("foreign-id".to_owned()),
        ),
        ("capitals", Fault::Normalised(Normalisation::UpperCase)),
        (
            "cut to 20 characters",
            Fault::Normalised(Normalisation::Truncate(20)),
        ),
    ]
}

pub(crate) fn all(too_slow: Duration) -> Vec<(&'static str, Fault)> {
    let mut all = survivable(too_slow);
    all.extend(others());
    all
}

/// One call in five.
pub(crate) fn alone(fault: Fault, seed: u64) -> FaultProfile {
    FaultProfile::new()
        .seed(seed)
        .rule(FaultRule::new(fault).share(SHARE))
}

/// One call in five meets one of all faults.
pub(crate) fn mixed(too_slow: Duration, seed: u64) -> FaultProfile {
    let all = all(too_slow);
    let share = SHARE / f64::from(u32::try_from(all.len()).unwrap());
    let rules = all
        .into_iter()
        .map(|(_, fault)| FaultRule::new(fault).share(share));
    rules.fold(FaultProfile::new().seed(seed), FaultProfile::rule)
}
