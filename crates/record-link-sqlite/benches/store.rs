//! How fast the store is, at 100,000 links: `cargo bench -p record-link-sqlite`.
//!
//! Plain, not `divan`: most of it waits for a disk, and is done once.
#![allow(clippy::unwrap_used, reason = "a measurement")]
#![expect(clippy::print_stdout, reason = "a program")]

use std::time::{Duration, Instant};

use chrono::DateTime;
use flat_record::{FieldName, Kind};
use record_link::{
    Base, BaseField, Batch, ConnectionId, DeviationClass, DeviationEvent, DeviationQuery, Event,
    EventKind, Failure, Link, LinkQuery, LinkStanding, LinkState, Origin, RecordKey, Sides, Store,
    Subject, Topic, Which, Write, all_links,
};
use record_link_sqlite::SqliteStore;

const LINKS: u64 = 100_000;
const FIELDS: [&str; 12] = [
    "given-name",
    "surname",
    "email",
    "phone",
    "street",
    "city",
    "post-code",
    "manager",
    "department",
    "start-date",
    "end-date",
    "title",
];

/// Waits asleep: the suites' own `block_on` would take a core from the store.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread();
    { runtime }.build().unwrap().block_on(future)
}

fn connection() -> ConnectionId {
    ConnectionId::new("acme->4875").unwrap()
}

fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

/// A link with a base of twelve hashes; one in a hundred has lost a record.
fn link(number: u64) -> Link {
    let keys = Sides::new(format!("e-{number}"), format!("{number}"));
    let keys = keys.map(|key| RecordKey::new(key).unwrap());
    let mut link = Link::new(connection(), kind(), keys, Origin::Imported, 0);
    link.version = 1;
    if number.is_multiple_of(100) {
        link.state = LinkState::Orphaned { gone: Which::Right };
    }
    let mut base = Base::default();
    for (name, place) in FIELDS.iter().zip(1..) {
        let hash = number
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(place);
        base.set(&FieldName::new(*name).unwrap(), BaseField::Hash(hash));
    }
    link.base = base;
    link
}

fn linked(link: Link) -> Write {
    Write::Event(Box::new(Event::new(
        EventKind::Imported,
        link,
        DateTime::UNIX_EPOCH,
    )))
}

fn batch() -> Batch {
    Batch::new(&connection(), DateTime::UNIX_EPOCH)
}

/// The processor time of this process: others on the machine do not count. (0 where there is none
/// to be read; it counts in hundredths of a second.)
fn worked() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks = ticks.filter_map(|ticks| ticks.parse::<u64>().ok());
    Duration::from_millis(10 * ticks.sum::<u64>())
}

/// The middle and the worst of many.
fn told(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let (middle, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{what}: {middle:.2?} (the slowest of {}: {worst:.2?})",
        times.len()
    );
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    let store = SqliteStore::open(&file).unwrap();
    let (begin, before) = (Instant::now(), worked());
    let numbers: Vec<u64> = (0..LINKS).collect();
    for some in numbers.chunks(1_000) {
        let mut batch = batch();
        batch
            .writes
            .extend(some.iter().map(|number| linked(link(*number))));
        block_on(store.commit(batch)).unwrap();
    }
    let (time, work) = (begin.elapsed(), worked().saturating_sub(before));
    println!("{LINKS} links written, 1,000 a commit: {time:.2?} (processor: {work:.2?})");
    for number in 0..LINKS / 10 {
        let (is_open, kind) = (number.is_multiple_of(10), kind());
        let key = RecordKey::new(format!("e-{number}")).unwrap();
        let side = Which::Left;
        let topic = Topic::new(&connection(), "update", Subject::Record { side, kind, key });
        let failure = Failure::new(DeviationClass::Validation, "email-invalid", "is no address");
        let id = topic.id();
        let at = DateTime::from_timestamp(i64::try_from(number).unwrap(), 0).unwrap();
        let mut batch = batch().write(Write::Deviation(DeviationEvent::failed(topic, failure, at)));
        if !is_open {
            let done = record_link::DeviationChange::Succeeded;
            batch = batch.write(Write::Deviation(DeviationEvent::new(id, done, at)));
        }
        if number.is_multiple_of(500) {
            block_on(store.checkpoint()).unwrap();
        }
        drop(block_on(store.commit(batch)));
    }
    block_on(store.checkpoint()).unwrap();
    drop(store);
    let size = std::fs::metadata(&file).unwrap().len();
    println!(
        "file: {} MB, {} bytes a link",
        size / 1_000_000,
        size / LINKS
    );

    let begin = Instant::now();
    let store = SqliteStore::open(&file).unwrap();
    println!("opened: {:.2?}", begin.elapsed());
    let (begin, before) = (Instant::now(), worked());
    let all = block_on(all_links(&store, &connection(), &kind())).unwrap();
    assert_eq!(all.len(), usize::try_from(LINKS).unwrap());
    let (time, work) = (begin.elapsed(), worked().saturating_sub(before));
    println!("all {LINKS} links loaded: {time:.2?} (processor: {work:.2?})");

    let tab = || LinkQuery::new().kind(kind());
    let queries = [
        (
            "a tab (linked), a page from the middle",
            tab().standing([LinkStanding::Linked]),
        ),
        (
            "a tab (orphaned), a page from the middle",
            tab().standing([LinkStanding::Orphaned]),
        ),
        ("all of a kind, a page from the middle", tab()),
    ];
    for (what, query) in queries {
        let after = record_link::Cursor::new(all[all.len() / 2].id.to_string());
        let query = query.after(Some(after));
        let times = (0..200).map(|_| {
            let begin = Instant::now();
            let page = block_on(store.links(&connection(), &query)).unwrap();
            assert_eq!(page.items.len(), record_link::PAGE);
            begin.elapsed()
        });
        told(what, times.collect());
    }
    let times = (0..200).map(|_| {
        let begin = Instant::now();
        let page = block_on(store.deviations(&connection(), &DeviationQuery::unsettled())).unwrap();
        assert_eq!(page.items.len(), record_link::PAGE);
        begin.elapsed()
    });
    told(
        "the error log, the first page of 1,000 open in 10,000",
        times.collect(),
    );
    let times = (0..20).map(|_| {
        let begin = Instant::now();
        block_on(store.summary(&connection())).unwrap();
        begin.elapsed()
    });
    told("the summary", times.collect());
    let times = all.iter().step_by(500).map(|link| {
        let begin = Instant::now();
        assert!(
            block_on(store.link(&connection(), link.id))
                .unwrap()
                .is_some()
        );
        begin.elapsed()
    });
    told("one link", times.collect());

    commits(&store);
}

/// Commits of one event each: by one, and by sixteen at the same time.
fn commits(store: &SqliteStore) {
    let mut alone = 0.0;
    for committers in [1_u64, 16] {
        let each = 2_000 / committers;
        let begin = Instant::now();
        std::thread::scope(|scope| {
            for committer in 0..committers {
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .build()
                        .unwrap();
                    for number in 0..each {
                        let number = LINKS + committers * 1_000_000 + committer * each + number;
                        let batch = batch().write(linked(link(number)));
                        runtime.block_on(store.commit(batch)).unwrap();
                    }
                });
            }
        });
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = (each * committers) as f64 / begin.elapsed().as_secs_f64();
        println!("commits a second, {committers} at the same time: {rate:.0}");
        if committers == 1 {
            alone = rate;
        } else {
            println!(
                "sixteen together are {:.1} times as fast as one",
                rate / alone
            );
        }
    }
}
