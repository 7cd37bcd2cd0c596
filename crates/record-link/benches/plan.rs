//! Plans over 10,000, 100,000 and a million linked pairs: `cargo bench -p record-link --bench plan`.
//!
//! Prints the CPU time of a whole plan with its indexes (which are built when the snapshots are
//! gathered), the peak of resident memory, and the slope of the time over the number of pairs.

use std::time::Instant;

use chrono::{DateTime, Utc};
use flat_record::{Field, Fields, HashKey, Kind, Record, Value, ValueKind};
use record_link::{
    Base, BaseNames, ConnectionId, Guard, Keeping, Link, Observation, Origin, Planner, Policy,
    RecordKey, Scope, Sides, Snapshot, Which,
};

type Failure = Box<dyn std::error::Error>;

/// Eight texts of about twelve characters, and four others.
fn layout() -> Result<Fields, Failure> {
    let mut fields = Vec::new();
    for at in 0..12 {
        let kind = match at {
            0..8 => ValueKind::Text,
            8 => ValueKind::Integer,
            9 => ValueKind::Decimal,
            10 => ValueKind::Date,
            _ => ValueKind::Bool,
        };
        fields.push(Field::new(format!("field-{at:02}"), kind)?);
    }
    Ok(Fields::new(fields)?)
}

fn record(fields: &Fields, pair: u64, edit: u64) -> Result<Record, Failure> {
    let number = i64::try_from(pair)?;
    let date = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).ok_or("no such day")?;
    let slots = (0..12_u64).map(|at| {
        Some(match at {
            0 => Value::from(format!("name {:07}", pair + edit)),
            1..8 => Value::from(format!("t{at} {:09}", pair * 31 % 1_000_000_007)),
            8 => Value::from(number),
            9 => Value::from(rust_decimal::Decimal::new(number, 2)),
            10 => Value::from(date),
            _ => Value::from(pair.is_multiple_of(2)),
        })
    });
    Ok(Record::from_slots(fields, slots.collect())?)
}

/// The user time of this process, in seconds; the wall time where the system does not tell.
fn cpu_seconds(start: Instant) -> f64 {
    let process = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = process.rsplit(')').next().unwrap_or_default();
    let ticks = after_name
        .split_whitespace()
        .nth(11)
        .and_then(|ticks| ticks.parse::<f64>().ok());
    ticks.map_or_else(|| start.elapsed().as_secs_f64(), |ticks| ticks / 100.0)
}

/// The peak of resident memory, in bytes.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

struct Input {
    observations: Sides<Vec<Observation>>,
    links: Vec<Link>,
}

fn input(pairs: u64, keeping: &Keeping) -> Result<Input, Failure> {
    let fields = layout()?;
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let names = BaseNames::new(fields.iter().map(|field| field.name.clone()));
    let keys: Vec<HashKey> = fields
        .iter()
        .map(|field| keeping.hash_key.for_field(&field.name))
        .collect();
    let capacity = usize::try_from(pairs)?;
    let mut observations = Sides::from_fn(|_| Vec::with_capacity(capacity));
    let mut links = Vec::with_capacity(capacity);
    let connection = ConnectionId::new("hr->payroll")?;
    let kind = Kind::new("employee")?;
    for pair in 0..pairs {
        // The links come in another order than the records, as from a store.
        let shuffled = pair * 7_368_787 % pairs;
        let record_keys = Sides::new(format!("hr-{pair:07}"), format!("pay-{pair:07}"));
        for which in Which::BOTH {
            // One in a hundred changed on the left, one in two hundred on the right.
            let is_edited = match which {
                Which::Left => pair.is_multiple_of(100),
                Which::Right => pair % 200 == 1,
            };
            let record = record(&fields, pair, u64::from(is_edited) * 13)?;
            let observation = Observation::new(record_keys[which].as_str(), record, at)?;
            observations[which].push(observation);
        }
        let agreed = record(&fields, shuffled, 0)?;
        let mut base = Base::new(&names);
        for ((field, key), value) in fields.iter().zip(&keys).zip(agreed.slots()) {
            if let Some(value) = value {
                base.set(
                    &field.name,
                    keeping.form.agree(value, &field.equivalence, key),
                );
            }
        }
        let of_link = Sides::new(
            RecordKey::new(format!("hr-{shuffled:07}"))?,
            RecordKey::new(format!("pay-{shuffled:07}"))?,
        );
        let mut link = Link::new(
            connection.clone(),
            kind.clone(),
            of_link,
            Origin::Confirmed,
            0,
        );
        link.version = 1;
        links.push(link.base(base));
    }
    Ok(Input {
        observations,
        links,
    })
}

fn measure(pairs: u64) -> Result<f64, Failure> {
    let keeping = Keeping::hashes(HashKey::new([7; 16]));
    let Input {
        observations,
        links,
    } = input(pairs, &keeping)?;
    let (fields, at) = (layout()?, DateTime::<Utc>::UNIX_EPOCH);
    let start = Instant::now();
    let before = cpu_seconds(start);
    let snapshots = observations.map(|observations| {
        let scope = Scope::of(["all"]);
        Kind::new("employee").map(|kind| {
            let snapshot = Snapshot::new(kind, &fields, scope, at);
            let mut snapshot = snapshot.with_capacity(observations.len());
            for observation in observations {
                snapshot.observe(observation);
            }
            snapshot.complete()
        })
    });
    let snapshots = Sides::new(snapshots.left?, snapshots.right?);
    let gathered = cpu_seconds(start) - before;
    let mut policy = Policy::default();
    policy.guard = Guard::OFF;
    let connection = ConnectionId::new("hr->payroll")?;
    let scope = Some(Scope::of(["all"]));
    let planner = Planner::new(connection, Kind::new("employee")?, &policy, keeping)
        .links(&links)
        .known_scopes(Sides::new(scope, scope));
    let plan = planner.plan(snapshots.as_ref(), at)?;
    let seconds = cpu_seconds(start) - before;
    let wall = start.elapsed().as_secs_f64();
    let expected = pairs.div_ceil(100) + pairs / 200;
    let found = plan.totals.updates.left + plan.totals.updates.right;
    if found != expected {
        return Err(format!("{found} updates instead of {expected}").into());
    }
    #[expect(clippy::print_stdout, reason = "a benchmark tells")]
    {
        println!(
            "{pairs:>9} pairs: {seconds:.2} s of CPU time ({gathered:.2} s for snapshots and indexes), {wall:.2} s by the clock, {found} updates, peak {:.2} GB",
            f64::from(u32::try_from(peak_bytes() / 1_000_000)?) / 1000.0,
        );
    }
    Ok(seconds)
}

fn main() -> Result<(), Failure> {
    let mut last: Option<f64> = None;
    for pairs in [10_000, 100_000, 1_000_000] {
        let seconds = measure(pairs)?.max(0.001);
        if let Some(before) = last {
            let slope = (seconds / before).log10();
            #[expect(clippy::print_stdout, reason = "a benchmark tells")]
            {
                println!(
                    "          ten times the pairs: time x{:.1}, slope {slope:.2}",
                    seconds / before
                );
            }
        }
        last = Some(seconds);
    }
    Ok(())
}
