//! What goes wrong with files: each is a clear error, and nothing is lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use record_link::testing::block_on;
use record_link::{LinkQuery, Store, StoreError, StoreErrorKind};
use record_link_sqlite::SqliteStore;
use rusqlite::Connection;
use support::{MARK, batch, connection, pair};

fn in_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    (folder, file)
}

/// Fills a store with so many batches and closes it.
fn filled(file: &Path, batches: u64) {
    let store = SqliteStore::open(file).unwrap();
    for number in 0..batches {
        block_on(store.commit(batch("first", number, "text"))).unwrap();
    }
}

/// The store has these batches of a name, each whole, and is sound.
fn has(store: &SqliteStore, name: &str, numbers: impl Iterator<Item = u64>) {
    for number in numbers {
        for link in pair(name, number) {
            let found = block_on(store.link(&connection(), link.id)).unwrap();
            assert_eq!(found, Some(link), "batch {number} of {name}");
        }
    }
    block_on(store.check_integrity()).unwrap();
}

/// The error is of this kind, names the file, and says this.
fn is(error: &StoreError, kind: StoreErrorKind, file: &Path, what: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    let message = error.to_string();
    assert!(message.contains(file.to_str().unwrap()), "{message}");
    assert!(message.contains(what), "{message}");
}

#[test]
fn a_file_that_may_not_grow_is_full_and_keeps_what_it_has() {
    let (_folder, file) = in_folder();
    filled(&file, 3);
    let options = SqliteStore::options(&file).max_size(400_000);
    let store = options.open().unwrap();
    let large = "x".repeat(20_000);
    let mut committed = 0;
    let error = loop {
        match block_on(store.commit(batch("large", committed, &large))) {
            Ok(()) => committed += 1,
            Err(error) => break error,
        }
        assert!(committed < 100, "it is never full");
    };
    assert!(committed > 2);
    is(&error, StoreErrorKind::Full, &file, "full");
    assert!(!error.is_retryable());
    // What is small enough still fits, and what does not, did not leave a half.
    block_on(store.commit(batch("small", 0, "x"))).unwrap();
    for link in pair("large", committed) {
        assert_eq!(block_on(store.link(&connection(), link.id)).unwrap(), None);
    }
    drop(store);
    let store = SqliteStore::open(&file).unwrap();
    has(&store, "first", 0..3);
    has(&store, "large", 0..committed);
    has(&store, "small", 0..1);
    // With room again, it goes on where it was.
    block_on(store.commit(batch("large", committed, &large))).unwrap();
}

#[test]
fn of_commits_that_come_together_only_the_one_that_does_not_fit_is_full() {
    let (_folder, file) = in_folder();
    filled(&file, 1);
    let store = SqliteStore::options(&file)
        .max_size(400_000)
        .open()
        .unwrap();
    let large = "x".repeat(2_000_000);
    // While another has the file, they wait in the queue, and then come as one group.
    let other = Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let texts = ["a", "b", &large, "c", "d"];
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(2).build().unwrap();
    let commits: Vec<_> = (0..5)
        .map(|number| {
            let (store, batch) = (
                store.clone(),
                batch("group", number, texts[number as usize]),
            );
            runtime.spawn(async move { store.commit(batch).await })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(100));
    other.execute_batch("ROLLBACK").unwrap();
    let results: Vec<_> = commits
        .into_iter()
        .map(|one| runtime.block_on(one).unwrap())
        .collect();
    for (number, result) in results.iter().enumerate() {
        match result {
            Ok(()) => assert_ne!(number, 2),
            Err(error) => {
                assert_eq!(number, 2, "{error}");
                is(error, StoreErrorKind::Full, &file, "full");
            }
        }
    }
    has(&store, "group", [0, 1, 3, 4].into_iter());
}

/// Plays a process that may write files of 1 MB and no more; or none.
#[test]
fn role() {
    let Ok(role) = std::env::var(support::ROLE) else {
        return;
    };
    let file = PathBuf::from(std::env::var_os(support::FILE).unwrap());
    let mut out = std::io::stdout();
    match &*role {
        "commit until it fails" => {
            let store = SqliteStore::open(&file).unwrap();
            for number in 0..10_000 {
                match block_on(store.commit(batch("child", number, &"x".repeat(5_000)))) {
                    Ok(()) => writeln!(out, "{MARK}committed {number}").unwrap(),
                    Err(error) => {
                        writeln!(out, "{MARK}{}", error.kind()).unwrap();
                        writeln!(out, "{MARK}{error}").unwrap();
                        // What is stored can still be read.
                        let links = block_on(store.links(&connection(), &LinkQuery::new()));
                        writeln!(out, "{MARK}{}", links.unwrap().items.len()).unwrap();
                        break;
                    }
                }
            }
        }
        "write" | "read" => {
            let options = SqliteStore::options(&file);
            let options = if role == "read" {
                options.read_only()
            } else {
                options
            };
            let result = options.open().and_then(|store| {
                block_on(store.commit(batch("child", 0, "x")))?;
                Ok(())
            });
            let kind = result.as_ref().err().map(StoreError::kind);
            writeln!(out, "{MARK}{}", kind.map_or("ok", StoreErrorKind::as_str)).unwrap();
            if let Err(error) = result {
                writeln!(out, "{MARK}{error}").unwrap();
            }
        }
        other => panic!("there is no role `{other}`"),
    }
}

#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more_loses_nothing() {
    let (_folder, file) = in_folder();
    filled(&file, 3);
    // Files of this process end at 1 MB: the log cannot grow, as on a full disk.
    let limited = "trap '' XFSZ; ulimit -f 2000";
    let output = support::again_after(limited, "role", "commit until it fails", &file).output();
    let output = output.unwrap();
    let told = support::told(&output.stdout);
    let committed = told
        .iter()
        .filter(|line| line.starts_with("committed"))
        .count();
    assert!(
        committed > 3,
        "{told:?} {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let rest = &told[committed..];
    assert_eq!(rest[0], "full", "{told:?}");
    assert!(rest[1].contains(file.to_str().unwrap()), "{told:?}");
    let links = 2 * (3 + committed);
    assert_eq!(rest[2], links.min(100).to_string(), "{told:?}");

    let store = SqliteStore::open(&file).unwrap();
    let committed = u64::try_from(committed).unwrap();
    has(&store, "first", 0..3);
    has(&store, "child", 0..committed);
    let lost = pair("child", committed);
    let found = lost.map(|link| block_on(store.link(&connection(), link.id)).unwrap());
    assert_eq!(found, [None, None], "what was refused is there");
    block_on(store.commit(batch("child", committed, "x"))).unwrap();
}

#[cfg(unix)]
mod rights {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    use std::os::unix::process::CommandExt;

    use super::*;

    /// Somebody with few rights; root may write everywhere.
    const NOBODY: u32 = 65534;

    fn set_rights(path: &Path, mode: u32) {
        let rights = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(path, rights).unwrap();
    }

    /// What a process without special rights is told, in a role.
    fn told(folder: &Path, role: &str, file: &Path) -> Vec<String> {
        let mut command = support::again("role", role, file);
        if std::fs::metadata(folder).unwrap().uid() == 0 {
            // This program lies where only root may look, perhaps.
            let program = folder.parent().unwrap().join("program");
            std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
            set_rights(&program, 0o755);
            command = std::process::Command::new(&program);
            command.args(["--exact", "role", "--nocapture"]);
            command.env(support::ROLE, role).env(support::FILE, file);
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.output().unwrap();
        let told = support::told(&output.stdout);
        assert!(
            !told.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        told
    }

    /// A folder inside of one that everybody may look into, and a file that belongs to nobody.
    fn for_nobody() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let outer = tempfile::tempdir().unwrap();
        set_rights(outer.path(), 0o755);
        let folder = outer.path().join("store");
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("links.db");
        filled(&file, 3);
        (outer, folder, file)
    }

    fn give(path: &Path) {
        // Only root may; anybody else owns it anyway.
        let _ = chown(path, Some(NOBODY), Some(NOBODY));
    }

    #[test]
    fn a_file_that_may_not_be_written_is_read_only_and_stays_as_it_is() {
        let (_outer, folder, file) = for_nobody();
        set_rights(&folder, 0o777);
        set_rights(&file, 0o444);
        let before = std::fs::read(&file).unwrap();
        let told = told(&folder, "write", &file);
        assert_eq!(told[0], "read-only", "{told:?}");
        assert!(told[1].contains(file.to_str().unwrap()), "{told:?}");
        assert_eq!(std::fs::read(&file).unwrap(), before);
        // To read it is enough.
        let told = self::told(&folder, "read", &file);
        assert!(told[1].contains("for reading only"), "{told:?}");
        set_rights(&file, 0o644);
        has(&SqliteStore::open(&file).unwrap(), "first", 0..3);
    }

    #[test]
    fn a_folder_that_may_not_be_written_is_read_only() {
        let (_outer, folder, file) = for_nobody();
        give(&file);
        set_rights(&folder, 0o555);
        let told = told(&folder, "write", &file);
        assert_eq!(told[0], "read-only", "{told:?}");
        let told = self::told(&folder, "write", &folder.join("new.db"));
        assert_eq!(told[0], "read-only", "{told:?}");
        set_rights(&folder, 0o755);
        has(&SqliteStore::open(&file).unwrap(), "first", 0..3);
    }

    #[test]
    fn what_is_made_can_be_read_by_its_owner_only() {
        let (folder, file) = in_folder();
        let store = SqliteStore::open(&file).unwrap();
        block_on(store.commit(batch("one", 0, "text"))).unwrap();
        let copy = folder.path().join("copy.db");
        block_on(store.backup_to(&copy, |_| {})).unwrap();
        let mut seen = Vec::new();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().mode() & 0o777;
            let name = entry.file_name().to_string_lossy().into_owned();
            assert_eq!(mode, 0o600, "{name}");
            seen.push(name);
        }
        seen.sort_unstable();
        assert_eq!(
            seen,
            ["copy.db", "links.db", "links.db-shm", "links.db-wal"]
        );
    }
}

#[test]
fn a_locked_file_is_unavailable_and_loses_nothing() {
    let (_folder, file) = in_folder();
    filled(&file, 1);
    let patience = Duration::from_millis(50);
    let store = SqliteStore::options(&file)
        .busy_timeout(patience)
        .open()
        .unwrap();
    let other = Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = block_on(store.commit(batch("one", 0, "x"))).unwrap_err();
    is(&error, StoreErrorKind::Unavailable, &file, "locked");
    assert!(error.is_retryable());
    // Reading goes on.
    has(&store, "first", 0..1);
    other.execute_batch("COMMIT").unwrap();
    block_on(store.commit(batch("one", 0, "x"))).unwrap();
    has(&store, "one", 0..1);
}

#[test]
fn a_file_that_somebody_has_locked_whole_cannot_be_opened_yet() {
    let (_folder, file) = in_folder();
    filled(&file, 1);
    let other = Connection::open(&file).unwrap();
    let mode = "PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE";
    other.execute_batch(mode).unwrap();
    let patience = Duration::from_millis(50);
    let options = SqliteStore::options(&file).busy_timeout(patience);
    let error = options.clone().open().unwrap_err();
    is(&error, StoreErrorKind::Unavailable, &file, "locked");
    other.execute_batch("ROLLBACK").unwrap();
    has(&options.open().unwrap(), "first", 0..1);
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let (folder, file) = in_folder();
    filled(&file, 2);
    let newer = "INSERT INTO schema_version VALUES (4711, '2030-01-01', 'later');
        ALTER TABLE links ADD COLUMN later TEXT; PRAGMA journal_mode = DELETE";
    Connection::open(&file)
        .unwrap()
        .execute_batch(newer)
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    for options in [
        SqliteStore::options(&file),
        SqliteStore::options(&file).read_only(),
    ] {
        let error = options.open().unwrap_err();
        is(&error, StoreErrorKind::NewerVersion, &file, "4711");
    }
    assert_eq!(std::fs::read(&file).unwrap(), before, "it was changed");
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "something was left beside it");
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let (_folder, file) = in_folder();
    std::fs::write(&file, "name;salary\n".repeat(1_000)).unwrap();
    let before = std::fs::read(&file).unwrap();
    let error = SqliteStore::open(&file).unwrap_err();
    is(&error, StoreErrorKind::Damaged, &file, "not a database");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_damaged_file_is_noticed() {
    let (_folder, file) = in_folder();
    filled(&file, 200);
    let mut bytes = std::fs::read(&file).unwrap();
    let pages = bytes.len() / 4096;
    assert!(pages > 20);
    // The first pages hold the tables' names; what is in the tables comes later.
    for page in (pages / 2)..(pages / 2 + 4) {
        bytes[page * 4096 + 8..(page + 1) * 4096].fill(0xA5);
    }
    std::fs::write(&file, &bytes).unwrap();
    let store = SqliteStore::open(&file).unwrap();
    let error = block_on(store.check_integrity()).unwrap_err();
    is(&error, StoreErrorKind::Damaged, &file, "");
}

#[test]
fn what_does_not_add_up_is_noticed() {
    for (change, what) in [
        ("UPDATE links SET version = 7", "no event of its version"),
        ("DELETE FROM links WHERE rowid = 1", "not there"),
        (
            "DELETE FROM events WHERE version = 1 AND place = 1",
            "event",
        ),
        ("UPDATE events SET place = place + 100", "not given yet"),
    ] {
        let (_folder, file) = in_folder();
        filled(&file, 2);
        Connection::open(&file)
            .unwrap()
            .execute_batch(change)
            .unwrap();
        let store = SqliteStore::open(&file).unwrap();
        let error = block_on(store.check_integrity()).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Damaged, "{change}");
        assert!(error.to_string().contains(what), "{change}: {error}");
    }
}

#[test]
fn a_value_that_somebody_changed_is_damage_and_shows_nothing_of_it() {
    let (_folder, file) = in_folder();
    filled(&file, 1);
    let change = "UPDATE links SET value = '{\"id\":\"Anna Andersson\"}'";
    Connection::open(&file)
        .unwrap()
        .execute_batch(change)
        .unwrap();
    let store = SqliteStore::open(&file).unwrap();
    let error = block_on(store.links(&connection(), &LinkQuery::new())).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Damaged);
    let told = format!("{error} {error:?}");
    assert!(told.contains("links") && !told.contains("Anna"), "{told}");
}

#[test]
fn a_store_for_reading_only_reads_and_does_not_write() {
    let (_folder, file) = in_folder();
    filled(&file, 2);
    let reader = SqliteStore::options(&file).read_only().open().unwrap();
    has(&reader, "first", 0..2);
    let error = block_on(reader.commit(batch("one", 0, "x"))).unwrap_err();
    is(&error, StoreErrorKind::ReadOnly, &file, "for reading only");
    assert_eq!(
        block_on(reader.compact()).unwrap_err().kind(),
        StoreErrorKind::ReadOnly
    );
    // It sees what another one commits meanwhile.
    let writer = SqliteStore::open(&file).unwrap();
    block_on(writer.commit(batch("one", 0, "x"))).unwrap();
    has(&reader, "one", 0..1);
}

#[test]
fn what_is_not_there_is_named() {
    let (folder, _) = in_folder();
    let file = folder.path().join("none").join("links.db");
    let error = SqliteStore::open(&file).unwrap_err();
    is(&error, StoreErrorKind::Unavailable, &file, "");
    let file = folder.path().join("links.db");
    let error = SqliteStore::options(&file).read_only().open().unwrap_err();
    is(
        &error,
        StoreErrorKind::Unavailable,
        &file,
        "cannot be opened",
    );
    assert!(!file.exists());
    // A database, but of somebody else.
    Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    let error = SqliteStore::options(&file).read_only().open().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error}");
}
