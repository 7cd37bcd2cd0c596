//! What the tests of the store share.
#![allow(dead_code, reason = "not every test uses everything")]

use std::path::Path;
use std::process::{Command, Stdio};

use chrono::DateTime;
use flat_record::Kind;
use record_link::{
    Batch, ConnectionId, DeviationClass, DeviationEvent, Event, EventKind, Failure, Link, Origin,
    RecordKey, Sides, Subject, Topic, Which, Write,
};

/// Says to a process of a test what it is to play.
pub(crate) const ROLE: &str = "RECORD_LINK_SQLITE_ROLE";
/// The file that it is to work on.
pub(crate) const FILE: &str = "RECORD_LINK_SQLITE_FILE";

pub(crate) fn connection() -> ConnectionId {
    ConnectionId::new("acme->4875").unwrap()
}

pub(crate) fn link(name: &str, number: u64) -> Link {
    let keys = Sides::new("left", "right").map(|side| format!("{side} {name} {number}"));
    let keys = keys.map(|key| RecordKey::new(key).unwrap());
    let kind = Kind::new("employee").unwrap();
    let mut link = Link::new(connection(), kind, keys, Origin::Imported, 0);
    link.version = 1;
    link
}

pub(crate) fn linked(link: &Link) -> Write {
    let event = Event::new(EventKind::Imported, link.clone(), DateTime::UNIX_EPOCH);
    Write::Event(Box::new(event))
}

/// The two links of one batch, which are there both or not at all.
pub(crate) fn pair(name: &str, number: u64) -> [Link; 2] {
    [
        link(&format!("{name} a"), number),
        link(&format!("{name} b"), number),
    ]
}

pub(crate) fn topic(name: &str, number: u64) -> Topic {
    let subject = Subject::Record {
        side: Which::Left,
        kind: Kind::new("employee").unwrap(),
        key: RecordKey::new(format!("{name} {number}")).unwrap(),
    };
    Topic::new(&connection(), "create", subject)
}

/// A batch that writes to several tables; `text` makes it as large as it is to be.
pub(crate) fn batch(name: &str, number: u64, text: &str) -> Batch {
    let failure = Failure::new(DeviationClass::Validation, "code", text);
    let failed = DeviationEvent::failed(topic(name, number), failure, DateTime::UNIX_EPOCH);
    let [one, two] = pair(name, number);
    Batch::new(&connection(), DateTime::UNIX_EPOCH)
        .write(linked(&one))
        .write(Write::Deviation(failed))
        .write(linked(&two))
}

/// This test program again, to run only the test that plays a role.
pub(crate) fn again(test: &str, role: &str, file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    play(&mut command, test, role, file);
    command
}

/// As [`again`], begun by a shell that does something first.
pub(crate) fn again_after(first: &str, test: &str, role: &str, file: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{first}; exec \"$0\" \"$@\""));
    command.arg(std::env::current_exe().unwrap());
    play(&mut command, test, role, file);
    command
}

fn play(command: &mut Command, test: &str, role: &str, file: &Path) {
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(ROLE, role).env(FILE, file);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
}

/// What a process of a test wrote, one line each, after a mark.
pub(crate) const MARK: &str = "told: ";

pub(crate) fn told(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    // The harness writes the name of the test on the same line first.
    let lines = text
        .lines()
        .filter_map(|line| Some(line.split_once(MARK)?.1.to_owned()));
    lines.collect()
}
