//! Which requests are hit: by endpoint or kind, and by count or share.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use kleer_model::endpoint::Endpoint;

use super::{Fault, FaultProfile};

/// A fault, and the requests that it hits. Give it to [`Sandbox::fault`](crate::Sandbox::fault) or
/// to a [`FaultProfile`].
///
/// Without more, it hits the next request, whatever it is.
///
/// ```
/// use kleer_model::endpoint;
/// use kleer_sandbox::{Fault, FaultRule};
///
/// // The third and the fourth create of a client.
/// let counted = FaultRule::new(Fault::ResetAfter).on(&endpoint::CLIENT_CREATE).skip(2).times(2);
/// // One write in ten.
/// let shared = FaultRule::new(Fault::Status(503)).on_writes().share(0.1);
/// # let _ = (counted, shared);
/// ```
///
/// # Several rules
/// A request is hit by one fault at most. A rule with a count comes before those with a share, and
/// an older one before a younger. Shares that match the same request add up: ten rules of 0.02 hit
/// one request in five, each with its own fault. What goes beyond 1 is never used.
///
/// # The same run again
/// Whether a share hits is drawn from the seed, from what is asked (method, path, query and body)
/// and from how often exactly that was asked before. It is *not* drawn from the order in which
/// requests arrive, so callers that run at the same time, in another order on every run, still meet
/// the same faults on the same requests. What differs from run to run in the requests themselves
/// makes a difference: a time or a random key in a body, an id that the sandbox gave out in the
/// order of arrival, or a retry that one run needs and the other does not. A rule with a count
/// hits whoever comes first.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a rule does nothing before it is given to a sandbox or a profile"]
pub struct FaultRule {
    fault: Fault,
    target: Target,
    skip: usize,
    amount: Amount,
}

/// The requests that a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Any,
    Endpoint(&'static str),
    Reads,
    Writes,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Amount {
    /// So many more.
    Times(usize),
    /// Every one with this probability.
    Share(f64),
}

impl FaultRule {
    /// The next request, whatever it is.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            target: Target::Any,
            skip: 0,
            amount: Amount::Times(1),
        }
    }

    /// Only requests to this endpoint.
    pub fn on(mut self, endpoint: &Endpoint) -> Self {
        self.target = Target::Endpoint(endpoint.name);
        self
    }

    /// Only requests that change nothing (`GET`).
    pub fn on_reads(mut self) -> Self {
        self.target = Target::Reads;
        self
    }

    /// Only requests that may change something (all but `GET`).
    pub fn on_writes(mut self) -> Self {
        self.target = Target::Writes;
        self
    }

    /// The first `count` of the requests that it looks at are spared.
    pub fn skip(mut self, count: usize) -> Self {
        self.skip = count;
        self
    }

    /// The next `count` requests; 1 if not told otherwise.
    pub fn times(mut self, count: usize) -> Self {
        self.amount = Amount::Times(count);
        self
    }

    /// This share of all requests, from 0 to 1. What is outside is taken as the nearer end, and
    /// what is no number as 0.
    pub fn share(mut self, share: f64) -> Self {
        let share = if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, 1.0)
        };
        self.amount = Amount::Share(share);
        self
    }

    /// Every request.
    pub fn always(self) -> Self {
        self.share(1.0)
    }
}

impl Target {
    fn matches(self, asked: &Asked<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Endpoint(name) => asked.endpoint == Some(name),
            Self::Reads => asked.method == "GET",
            Self::Writes => asked.method != "GET",
        }
    }
}

/// A request, as far as rules look at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) endpoint: Option<&'static str>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
}

/// The rules in force, and what they have done.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    seed: u64,
    pub(crate) latency: Duration,
    rules: Vec<FaultRule>,
    /// How often each request has come, by its fingerprint. Only kept while a share is in force.
    occurrences: HashMap<u64, u64>,
    pub(crate) played: BTreeMap<&'static str, usize>,
    /// Writes that were answered with a reset and have not taken effect yet.
    pub(crate) late_writes: usize,
}

impl Faults {
    pub(crate) fn new(profile: FaultProfile) -> Self {
        let mut faults = Self::default();
        faults.set(profile);
        faults
    }

    /// Replaces the rules, the seed and the latency. What has been played stays counted.
    pub(crate) fn set(&mut self, profile: FaultProfile) {
        self.seed = profile.seed;
        self.latency = profile.latency;
        self.clear();
        profile.rules.into_iter().for_each(|rule| self.arm(rule));
    }

    pub(crate) fn arm(&mut self, rule: FaultRule) {
        if rule.amount != Amount::Times(0) {
            self.rules.push(rule);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
        self.occurrences.clear();
    }

    /// How many requests will still be hit by rules with a count.
    pub(crate) fn remaining(&self) -> usize {
        let left = |rule: &FaultRule| match rule.amount {
            Amount::Times(left) => left,
            Amount::Share(_) => 0,
        };
        self.rules.iter().map(left).sum()
    }

    /// The fault for this request, used up by one.
    pub(crate) fn take(&mut self, asked: &Asked<'_>) -> Option<Fault> {
        let drawn = self.draw(asked);
        let mut counted = None;
        let mut shared = None;
        let mut up_to = 0.0;
        for rule in &mut self.rules {
            if !rule.target.matches(asked) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            match &mut rule.amount {
                Amount::Times(left) if counted.is_none() => {
                    *left -= 1;
                    counted = Some(rule.fault.clone());
                }
                Amount::Times(_) => {}
                Amount::Share(share) => {
                    // Shares lie side by side on the way from 0 to 1, so that each keeps its size.
                    up_to += *share;
                    if shared.is_none() && drawn < up_to {
                        shared = Some(rule.fault.clone());
                    }
                }
            }
        }
        self.rules.retain(|rule| rule.amount != Amount::Times(0));
        let fault = counted.or(shared)?;
        *self.played.entry(fault.name()).or_default() += 1;
        Some(fault)
    }

    /// A number from 0 up to 1 that depends on nothing but the seed, the request, and how often
    /// this very request has come.
    fn draw(&mut self, asked: &Asked<'_>) -> f64 {
        if !self
            .rules
            .iter()
            .any(|rule| matches!(rule.amount, Amount::Share(_)))
        {
            return 0.0;
        }
        let request = [
            asked.method.as_bytes(),
            asked.path.as_bytes(),
            asked.query.as_bytes(),
            asked.body,
        ]
        .into_iter()
        .fold(FNV_OFFSET, |hash, part| {
            fingerprint(fingerprint(hash, part), &[0xff])
        });
        let occurrence = self.occurrences.entry(request).or_default();
        *occurrence += 1;
        let mixed = mix(mix(mix(self.seed) ^ request) ^ *occurrence);
        // The 32 highest bits are exact in a double, and fine enough for any share.
        let high = u32::try_from(mixed >> 32).unwrap_or_default();
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }
}

// The standard library's hasher may change from release to release, and with it every run that
// somebody wants to see again. So: FNV-1a, and the last step of SplitMix64.

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

fn fingerprint(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)
    })
}

fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use kleer_model::endpoint;

    use super::*;

    fn asked(body: &[u8]) -> Asked<'_> {
        Asked {
            endpoint: Some("client.create"),
            method: "PUT",
            path: "/v1/company/1/client",
            query: "",
            body,
        }
    }

    fn read() -> Asked<'static> {
        Asked {
            endpoint: Some("client.list"),
            method: "GET",
            body: b"",
            ..asked(b"")
        }
    }

    fn mixed(seed: u64) -> Faults {
        Faults::new(
            FaultProfile::new()
                .seed(seed)
                .rule(FaultRule::new(Fault::ResetAfter).share(0.1))
                .rule(FaultRule::new(Fault::Status(503)).share(0.05)),
        )
    }

    /// What becomes of 4,000 requests, each asked twice, in an order.
    fn fates(seed: u64, order: impl Iterator<Item = u32>) -> BTreeMap<u32, Vec<Option<Fault>>> {
        let mut faults = mixed(seed);
        let mut fates: BTreeMap<u32, Vec<Option<Fault>>> = BTreeMap::new();
        for number in order {
            let fate = faults.take(&asked(&number.to_le_bytes()));
            fates.entry(number).or_default().push(fate);
        }
        fates
    }

    #[test]
    fn shares_keep_their_size_and_are_drawn_again_for_a_repeated_request() {
        let fates = fates(1, (0..4_000).chain(0..4_000));
        let count = |wanted: &Fault| {
            let all = fates.values().flatten().flatten();
            all.filter(|fault| *fault == wanted).count()
        };
        // 8,000 draws: more than five standard deviations on either side.
        assert!(
            (650..950).contains(&count(&Fault::ResetAfter)),
            "{}",
            count(&Fault::ResetAfter)
        );
        assert!(
            (300..500).contains(&count(&Fault::Status(503))),
            "{}",
            count(&Fault::Status(503))
        );
        let repeated = fates.values().filter(|fates| fates[0] == fates[1]).count();
        assert!(
            repeated < 3_500,
            "the second fate must not be the first one again: {repeated}"
        );
    }

    #[test]
    fn the_order_of_arrival_makes_no_difference_and_the_seed_does() {
        let forwards = fates(7, (0..4_000).chain(0..4_000));
        let backwards = fates(7, (0..4_000).rev().flat_map(|number| [number, number]));
        assert_eq!(forwards, backwards);
        assert_ne!(forwards, fates(8, (0..4_000).chain(0..4_000)));
    }

    /// Pinned: a seed that somebody wrote down must go on meaning the same run.
    #[test]
    fn a_seed_means_the_same_run_in_every_release() {
        let hit: Vec<u32> = fates(42, 0..60)
            .into_iter()
            .filter(|(_, fates)| fates[0].is_some())
            .map(|(number, _)| number)
            .collect();
        assert_eq!(hit, [3, 4, 17, 23, 33, 38, 40, 43, 46, 50]);
    }

    #[test]
    fn counts_come_before_shares_and_older_rules_before_younger() {
        let mut faults = Faults::default();
        faults.arm(FaultRule::new(Fault::ResetBefore).always());
        faults.arm(
            FaultRule::new(Fault::Status(502))
                .on(&endpoint::CLIENT_CREATE)
                .times(2),
        );
        faults.arm(FaultRule::new(Fault::Status(503)).on_writes().skip(1));
        faults.arm(FaultRule::new(Fault::Status(504)).on_reads());
        faults.arm(FaultRule::new(Fault::Status(500)).times(0));
        assert_eq!(faults.remaining(), 4);
        let create = || asked(b"x");
        // The rule for writes spares the first write, which is hit by another rule.
        let seen: Vec<_> = [create(), create(), read(), create(), read()]
            .iter()
            .map(|request| faults.take(request).unwrap())
            .collect();
        let status = Fault::Status;
        assert_eq!(
            seen,
            [
                status(502),
                status(502),
                status(504),
                status(503),
                Fault::ResetBefore
            ]
        );
        assert_eq!(faults.remaining(), 0);
        assert_eq!(faults.played, [("status", 4), ("reset-before", 1)].into());
    }

    #[test]
    fn shares_outside_of_0_to_1_are_taken_as_the_nearer_end() {
        for (share, hits) in [(-1.0, 0), (f64::NAN, 0), (0.0, 0), (1.0, 50), (7.5, 50)] {
            let mut faults = Faults::default();
            faults.arm(FaultRule::new(Fault::ResetBefore).share(share));
            let hit = (0_u8..50)
                .filter(|n| faults.take(&asked(&[*n])).is_some())
                .count();
            assert_eq!(hit, hits, "{share}");
        }
    }
}
