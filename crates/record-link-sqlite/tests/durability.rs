//! What was acknowledged is there: after a kill, beside other writers, in a copy; and what was
//! removed is gone.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use flat_record::FieldName;
use record_link::testing::block_on;
use record_link::{
    Base, BaseField, Batch, DeviationQuery, EventQuery, LinkQuery, LinkState, Store,
    StoreErrorKind, Tombstone, Write, fold_events,
};
use record_link_sqlite::SqliteStore;
use rusqlite::Connection;
use support::{MARK, batch, connection, link, linked, pair, topic};

fn in_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    (folder, file)
}

/// A store may be asked for no more than this at a time.
const ALL: usize = 1_000_000;

/// The names of all batches of which anything is there; each is whole, the log adds up to the links,
/// and the file is sound.
fn whole_batches(store: &SqliteStore) -> BTreeSet<String> {
    let of = &connection();
    let links = block_on(store.links(of, &LinkQuery::new().limit(ALL)))
        .unwrap()
        .items;
    let query = DeviationQuery::all().limit(ALL);
    let deviations = block_on(store.deviations(of, &query)).unwrap().items;
    let [mut first, mut second, mut failed] = [(); 3].map(|()| BTreeSet::new());
    for link in &links {
        let key = link.keys.left.as_ref().unwrap().as_str().to_owned();
        let name = key.strip_prefix("left ").unwrap();
        let is_new = match name.split_once(" a ") {
            Some((worker, number)) => first.insert(format!("{worker} {number}")),
            None => second.insert(name.replace(" b ", " ")),
        };
        assert!(is_new, "{name} stands twice");
    }
    for deviation in &deviations {
        let record_link::Subject::Record { key, .. } = &deviation.topic().subject else {
            panic!()
        };
        failed.insert(key.as_str().to_owned());
    }
    assert_eq!(first, second, "half a batch is there");
    assert_eq!(first, failed, "half a batch is there");
    let events = block_on(store.events(of, &EventQuery::new().limit(ALL)))
        .unwrap()
        .items;
    let folded = fold_events(events.iter().map(|one| &one.event)).unwrap();
    assert!(
        folded.into_values().eq(links),
        "the log does not add up to the links"
    );
    block_on(store.check_integrity()).unwrap();
    first
}

/// Plays a process that commits without end, four workers at a time, and tells what is
/// acknowledged.
#[test]
fn role() {
    let Ok(role) = std::env::var(support::ROLE) else {
        return;
    };
    let file = PathBuf::from(std::env::var_os(support::FILE).unwrap());
    let store = SqliteStore::open(&file).unwrap();
    let out = Arc::new(Mutex::new(std::io::stdout()));
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (store, out, role) = (store.clone(), Arc::clone(&out), &role);
            scope.spawn(move || {
                let name = format!("run-{role}-{worker}");
                for number in 0.. {
                    if block_on(store.commit(batch(&name, number, "text"))).is_err() {
                        return;
                    }
                    let mut out = out.lock().unwrap();
                    writeln!(out, "{MARK}{name} {number}").unwrap();
                    out.flush().unwrap();
                }
            });
        }
    });
}

/// Kills a process that commits, after it has told of so many commits and a moment more; what it
/// told.
fn killed(file: &Path, run: u32, after: usize, moment: u64) -> BTreeSet<String> {
    let mut child = support::again("role", &run.to_string(), file)
        .spawn()
        .unwrap();
    let mut told = BTreeSet::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while told.len() < after {
        let line = lines.next().expect("it ended by itself").unwrap();
        told.extend(line.split_once(MARK).map(|(_, name)| name.to_owned()));
    }
    std::thread::sleep(std::time::Duration::from_micros(moment));
    child.kill().unwrap(); // SIGKILL: nothing is tidied up
    child.wait().unwrap();
    for line in lines {
        let line = line.unwrap();
        // The last line may be cut off.
        let name = line.split_once(MARK).map(|(_, name)| name.to_owned());
        told.extend(name.filter(|name| name.starts_with("run-")));
    }
    told
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let (_folder, file) = in_folder();
    let mut acknowledged = BTreeSet::new();
    let mut seed = 7_u64;
    for run in 0..15 {
        // A linear congruential generator will do for moments.
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (after, moment) = (1 + (seed >> 33) % 40, (seed >> 40) % 5_000);
        let mut told = killed(&file, run, usize::try_from(after).unwrap(), moment);
        // The last line may have been cut off within its number.
        let store = SqliteStore::open(&file).unwrap();
        let there = whole_batches(&store);
        let missing: Vec<String> = told.difference(&there).cloned().collect();
        assert!(missing.is_empty(), "in run {run}, lost: {missing:?}");
        acknowledged.append(&mut told);
        let lost: Vec<&String> = acknowledged.difference(&there).collect();
        assert!(
            lost.is_empty(),
            "run {run} lost what was there before: {lost:?}"
        );
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
}

#[test]
fn two_processes_share_a_file() {
    let (_folder, file) = in_folder();
    let here = SqliteStore::open(&file).unwrap();
    // One that commits without end, and this one beside it, which it may not lock out.
    let mut child = support::again("role", "1", &file).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = BTreeSet::new();
    for number in 0..50 {
        block_on(here.commit(batch("here", number, "text"))).unwrap();
        let line = lines.next().unwrap().unwrap();
        told.extend(line.split_once(MARK).map(|(_, name)| name.to_owned()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let there = whole_batches(&here);
    assert!(told.is_subset(&there) && told.len() > 20, "{}", told.len());
    let ours = (0..50).map(|number| format!("here {number}"));
    assert!(ours.into_iter().all(|name| there.contains(&name)));
    // What one has linked, the other cannot link.
    let other = SqliteStore::open(&file).unwrap();
    let error = block_on(other.commit(batch("here", 3, "text"))).unwrap_err();
    assert!(error.is_conflict(), "{error}");
}

#[test]
fn a_commit_that_nobody_waits_for_is_whole_or_nothing_and_hinders_nobody() {
    let (_folder, file) = in_folder();
    let store = SqliteStore::open(&file).unwrap();
    let waker = std::task::Waker::noop();
    for number in 0..100 {
        let mut commit = store.commit(batch("given up", number, "text"));
        if number % 3 > 0 {
            let mut context = std::task::Context::from_waker(waker);
            let _ = commit.as_mut().poll(&mut context);
        }
        drop(commit);
        block_on(store.commit(batch("waited for", number, "text"))).unwrap();
    }
    let there = whole_batches(&store);
    let count = |name: &str| there.iter().filter(|one| one.starts_with(name)).count();
    assert_eq!(count("waited for"), 100);
    // What was never polled did nothing; what was polled came before what was waited for.
    assert_eq!(count("given up"), 66);
}

#[test]
fn a_copy_is_whole_although_there_are_commits() {
    let (folder, file) = in_folder();
    let store = SqliteStore::open(&file).unwrap();
    for number in 0..300 {
        block_on(store.commit(batch("before", number, &"x".repeat(20_000)))).unwrap();
    }
    let copy = folder.path().join("copy.db");
    std::fs::write(&copy, "an older copy").unwrap();
    let during = Arc::new(AtomicU64::new(0));
    let steps = Arc::new(Mutex::new(Vec::new()));
    let (other, count, told) = (store.clone(), Arc::clone(&during), Arc::clone(&steps));
    let progress = move |progress: record_link_sqlite::BackupProgress| {
        // A commit after each step: the copy must neither see it nor begin anew.
        let number = count.fetch_add(1, Ordering::SeqCst);
        block_on(other.commit(batch("during", number, "text"))).unwrap();
        told.lock()
            .unwrap()
            .push((progress.pages_done, progress.pages));
    };
    block_on(store.backup_to(&copy, progress)).unwrap();
    let steps = steps.lock().unwrap();
    assert!(steps.len() > 1, "{steps:?}");
    assert!(
        steps.is_sorted() && steps.last().unwrap().0 == steps[0].1,
        "{steps:?}"
    );

    let copied = SqliteStore::open(&copy).unwrap();
    let there = whole_batches(&copied);
    assert_eq!(
        there.len(),
        300,
        "it is not what it was when the copy began"
    );
    assert!(there.iter().all(|name| name.starts_with("before")));
    // The copy is a store of its own.
    block_on(copied.commit(batch("after", 0, "text"))).unwrap();
    let there = whole_batches(&store);
    assert_eq!(
        there.len(),
        300 + usize::try_from(during.load(Ordering::SeqCst)).unwrap()
    );
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = names.filter(|name| name.contains("unfinished")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_copy_that_cannot_be_written_leaves_the_older_one() {
    let (folder, file) = in_folder();
    let store = SqliteStore::open(&file).unwrap();
    let target = folder.path().join("none").join("copy.db");
    let error = block_on(store.backup_to(&target, |_| {})).unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
    // A folder of that name: the copy is made and cannot take its place.
    let target = folder.path().join("copies");
    std::fs::create_dir(&target).unwrap();
    let error = block_on(store.backup_to(&target, |_| {})).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    assert!(target.is_dir() && !folder.path().join("copies.unfinished").exists());
}

/// Whether a text stands anywhere in the files of a store.
fn stands_in_files(folder: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let text = text.as_bytes();
    files
        .into_iter()
        .any(|bytes| bytes.windows(text.len()).any(|part| part == text))
}

#[test]
fn what_is_redacted_or_forgotten_is_in_no_file_after_compacting() {
    let (folder, file) = in_folder();
    let store = SqliteStore::open(&file).unwrap();
    let name = FieldName::new("name").unwrap();
    let secret = ["Anna-Frida Hemlig", "Berit Glömd", "Cecilia Avvisad"];
    let mut links = ["redacted", "forgotten"].map(|word| link(word, 1));
    let mut writes = Vec::new();
    for (link, secret) in links.iter_mut().zip(secret) {
        let mut base = Base::default();
        base.set(&name, BaseField::Value(Box::new(secret.into())));
        link.base = base;
        writes.push(linked(link));
    }
    let now = DateTime::UNIX_EPOCH;
    let at_once = |writes: Vec<Write>| {
        let mut batch = Batch::new(&connection(), now);
        batch.writes = writes;
        block_on(store.commit(batch)).unwrap();
    };
    at_once(writes);
    at_once(batch("failed", 1, secret[2]).writes);
    // Many more, so that pages are split and moved.
    for number in 0..200 {
        at_once(batch("others", number, "text").writes);
    }
    assert!(
        secret
            .iter()
            .all(|secret| stands_in_files(folder.path(), secret))
    );
    let mut apart = links[1].clone();
    apart.version = 2;
    apart.state = LinkState::Unlinked(Tombstone::new(now, None));
    at_once(vec![
        Write::Redacted(links[0].id),
        linked(&apart),
        Write::Forgotten(apart.id),
        Write::DeviationRedacted(topic("failed", 1).id()),
    ]);
    block_on(store.compact()).unwrap();
    for secret in secret {
        assert!(
            !stands_in_files(folder.path(), secret),
            "{secret} is left in a file"
        );
    }
    let kept = block_on(store.link(&connection(), links[0].id))
        .unwrap()
        .unwrap();
    assert_eq!(kept.keys, links[0].keys);
    block_on(store.check_integrity()).unwrap();
}

#[test]
fn a_checkpoint_leaves_all_in_the_one_file() {
    let (folder, file) = in_folder();
    let store = SqliteStore::open(&file).unwrap();
    for number in 0..20 {
        block_on(store.commit(batch("one", number, "text"))).unwrap();
    }
    let copy = folder.path().join("copy.db");
    block_on(store.checkpoint()).unwrap();
    std::fs::copy(&file, &copy).unwrap();
    assert_eq!(whole_batches(&SqliteStore::open(&copy).unwrap()).len(), 20);
    // Somebody reads, so the log cannot be emptied, and nothing is lost by it.
    let other = Connection::open(&file).unwrap();
    other
        .execute_batch("BEGIN; SELECT count(*) FROM links")
        .unwrap();
    block_on(store.commit(batch("two", 0, "text"))).unwrap();
    let options = SqliteStore::options(&file).busy_timeout(std::time::Duration::from_millis(20));
    let second = options.open().unwrap();
    let error = block_on(second.checkpoint()).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    assert_eq!(whole_batches(&store).len(), 21);
}

#[test]
fn commits_are_flushed_as_they_are_acknowledged() {
    let (_folder, file) = in_folder();
    let store = SqliteStore::open(&file).unwrap();
    block_on(store.commit(batch("one", 0, "text"))).unwrap();
    // A copy of the files as they are now, as a crash of the machine would leave them at worst.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("links.db");
    for ending in ["", "-wal"] {
        let name = |file: &Path| PathBuf::from(format!("{}{ending}", file.display()));
        std::fs::copy(name(&file), name(&copy)).unwrap();
    }
    assert_eq!(whole_batches(&SqliteStore::open(&copy).unwrap()).len(), 1);
}
