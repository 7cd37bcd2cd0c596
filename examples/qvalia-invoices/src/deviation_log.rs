//! The log of documents that were not posted: why, and what became of them.
//!
//! A file of JSON lines. Each line is one [`DeviationEvent`] of `record-link` about one document on
//! one connection (a Kleer company, or a sandbox); a document's [`Deviation`] is what its events add
//! up to. Lines are only ever appended and are flushed to the disk, so a run that is killed loses at
//! most the line it was writing, and the rest stays readable.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use record_link::{
    ConnectionId, Deviation, DeviationChange, DeviationError, DeviationEvent, DeviationId,
    DeviationState, Failure, IgnoredUntil, Subject, Topic,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One line of the log.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    /// The line before this one was cut off when a run was killed.
    CutOff {
        event: CutOff,
        at: DateTime<Utc>,
    },
    Event(DeviationEvent),
}

#[derive(Debug, Serialize, Deserialize)]
enum CutOff {
    #[serde(rename = "cut-off")]
    CutOff,
}

/// The log could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogError {
    /// The file could not be used.
    #[error("the deviation log {}: {source}", path.display())]
    File {
        /// The log.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not one of ours. The log is left as it is: correct the line or use another log.
    #[error("the deviation log {}, line {line}: {source}", path.display())]
    Line {
        /// The log.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// What was to be done does not fit where the deviation stands.
    #[error(transparent)]
    Deviation(#[from] DeviationError),
    /// No deviation, or more than one, has an id that begins so.
    #[error("no deviation, or more than one, has an id that begins with {0:?}: see `list --all`")]
    UnknownId(String),
}

/// The log.
#[derive(Debug)]
pub struct DeviationLog {
    path: PathBuf,
    deviations: BTreeMap<DeviationId, Deviation>,
    end: End,
}

/// How the log's file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// With a whole line.
    Whole,
    /// With a whole event, but no line feed.
    Unterminated,
    /// With a part of an event, written by a run that was killed.
    CutOff,
}

/// What a file's deviation on a connection is about.
pub fn topic_of(connection: &ConnectionId, file: &Path) -> Topic {
    let document = Subject::document("invoice", crate::files::key(file));
    Topic::new(connection, "post", document)
}

/// The file that a deviation is about.
pub fn file_of(deviation: &Deviation) -> &Path {
    match &deviation.topic().subject {
        Subject::Document { key, .. } => Path::new(key),
        _ => Path::new(""),
    }
}

/// Whether somebody still has to do something: it is open, or was being reprocessed when a run was
/// killed.
fn is_unsettled(deviation: &Deviation) -> bool {
    matches!(
        deviation.state(),
        DeviationState::Open | DeviationState::Reprocessing
    )
}

impl DeviationLog {
    /// Reads the log; one that does not exist is empty.
    ///
    /// # Errors
    /// When the file cannot be read, or a line is damaged that was not cut off by a killed run.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, LogError> {
        let path = path.into();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(LogError::File { path, source }),
        };
        let mut log = Self {
            path,
            deviations: BTreeMap::new(),
            end: End::Whole,
        };
        let mut damaged = None;
        // Bytes, since a line that was cut off may end within a letter.
        for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let is_whole = line.ends_with(b"\n");
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice(line) {
                Ok(Line::CutOff { .. }) => damaged = None,
                Ok(Line::Event(event)) => {
                    if let Some(error) = damaged {
                        return Err(error);
                    }
                    // One that does not fit says nothing: another run wrote between our reading
                    // and our writing, or what it builds on was cut off.
                    if let Ok(after) = log.after(&event) {
                        log.deviations.insert(event.id, after);
                    }
                    if !is_whole {
                        log.end = End::Unterminated;
                    }
                }
                // What it was about will be tried again.
                Err(_) if !is_whole => log.end = End::CutOff,
                Err(source) => {
                    let path = log.path.clone();
                    damaged = Some(LogError::Line {
                        path,
                        line: at + 1,
                        source,
                    });
                }
            }
        }
        damaged.map_or(Ok(log), Err)
    }

    /// The log's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The deviations to look at: the unsettled ones, or all of them.
    pub fn list(&self, all: bool) -> impl Iterator<Item = &Deviation> {
        let shown = move |deviation: &&Deviation| all || is_unsettled(deviation);
        self.deviations.values().filter(shown)
    }

    /// One deviation, by its id or the beginning of it.
    ///
    /// # Errors
    /// When none, or more than one, has an id that begins so.
    pub fn get(&self, id: &str) -> Result<&Deviation, LogError> {
        let is_it = |one: &&Deviation| one.id().to_string().starts_with(id);
        let mut found = self.deviations.values().filter(is_it);
        match (found.next(), found.next()) {
            (Some(one), None) if !id.is_empty() => Ok(one),
            _ => Err(LogError::UnknownId(id.to_owned())),
        }
    }

    /// The deviation of a file on a connection, if there is one.
    pub fn of_file(&self, connection: &ConnectionId, file: &Path) -> Option<&Deviation> {
        self.deviations.get(&topic_of(connection, file).id())
    }

    /// Takes note of a document that was not posted.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn not_posted(
        &mut self,
        connection: &ConnectionId,
        file: &Path,
        failure: Failure,
    ) -> Result<(), LogError> {
        self.append(DeviationEvent::failed(
            topic_of(connection, file),
            failure,
            Utc::now(),
        ))
    }

    /// Takes note that a document is posted now, if it had a deviation on this connection.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn posted(&mut self, connection: &ConnectionId, file: &Path) -> Result<(), LogError> {
        match self.of_file(connection, file) {
            Some(one) if one.state() != DeviationState::Resolved => {
                let id = one.id();
                self.change(id, DeviationChange::Succeeded)
            }
            _ => Ok(()),
        }
    }

    /// Takes note that a document is tried again.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn reprocessing(&mut self, connection: &ConnectionId, file: &Path) -> Result<(), LogError> {
        match self.of_file(connection, file) {
            Some(one) if one.state() != DeviationState::Resolved => {
                let id = one.id();
                self.change(id, DeviationChange::Reprocessing)
            }
            _ => Ok(()),
        }
    }

    /// Leaves a deviation as it is, until it fails for another reason: it is listed only among
    /// all.
    ///
    /// # Errors
    /// When no deviation has the id, it is resolved, or the log cannot be written.
    pub fn ignore(&mut self, id: &str) -> Result<(), LogError> {
        let until = IgnoredUntil::Change;
        let id = self.get(id)?.id();
        self.change(id, DeviationChange::Ignored { until })
    }

    fn change(&mut self, id: DeviationId, change: DeviationChange) -> Result<(), LogError> {
        self.append(DeviationEvent::new(id, change, Utc::now()))
    }

    fn after(&self, event: &DeviationEvent) -> Result<Deviation, DeviationError> {
        Deviation::after(self.deviations.get(&event.id).cloned(), event)
    }

    fn append(&mut self, event: DeviationEvent) -> Result<(), LogError> {
        // First, so that what does not fit is not written.
        let after = self.after(&event)?;
        let id = event.id;
        let written = self.write(&Line::Event(event));
        // A line may have been written in part; nothing is ever taken back from the file, since
        // somebody else may have written behind it.
        self.end = if written.is_ok() {
            End::Whole
        } else {
            End::CutOff
        };
        written.map_err(|source| LogError::File {
            path: self.path.clone(),
            source,
        })?;
        self.deviations.insert(id, after);
        Ok(())
    }

    fn write(&self, line: &Line) -> io::Result<()> {
        let mut lines = match self.end {
            End::Whole => String::new(),
            End::Unterminated => "\n".to_owned(),
            End::CutOff => {
                let (event, at) = (CutOff::CutOff, Utc::now());
                format!(
                    "\n{}\n",
                    serde_json::to_string(&Line::CutOff { event, at })?
                )
            }
        };
        lines.push_str(&serde_json::to_string(line)?);
        lines.push('\n');
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        // Reasons may hold Kleer's own words, which name people.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        file.write_all(lines.as_bytes())?;
        file.sync_data()
    }
}

/// A deviation as the program prints it in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Printed<'a> {
    id: DeviationId,
    connection: &'a ConnectionId,
    state: DeviationState,
    class: record_link::DeviationClass,
    file: &'a Path,
    number: Option<&'a str>,
    reasons: &'a [String],
    attempts: u32,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
}

impl<'a> From<&'a Deviation> for Printed<'a> {
    fn from(one: &'a Deviation) -> Self {
        Self {
            id: one.id(),
            connection: &one.topic().connection,
            state: one.state(),
            class: one.class(),
            file: file_of(one),
            number: one.failure().label(),
            reasons: one.failure().messages(),
            attempts: one.attempts(),
            first_at: one.first_seen(),
            last_at: one.changed_at(),
        }
    }
}

/// The whole deviation, for a person.
pub fn describe(one: &Deviation) -> String {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut text = format!(
        "deviation {}\n  state     {}\n  class     {}\n  for       {}\n  file      {}\n  number    \
         {}\n  attempts  {}\n  first     {}\n  last      {}\n  reasons\n",
        one.id(),
        one.state(),
        one.class(),
        one.topic().connection,
        crate::output::printable(&file_of(one).display().to_string()),
        crate::output::printable(one.failure().label().unwrap_or("unknown")),
        one.attempts(),
        time(one.first_seen()),
        time(one.changed_at()),
    );
    for reason in one.failure().messages() {
        text.push_str("  - ");
        text.push_str(&crate::output::printable(reason));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use record_link::DeviationClass;

    use super::*;

    fn sandbox() -> ConnectionId {
        ConnectionId::new("sandbox").unwrap()
    }

    fn elsewhere() -> ConnectionId {
        ConnectionId::new("elsewhere").unwrap()
    }

    fn log_in(folder: &tempfile::TempDir) -> DeviationLog {
        DeviationLog::open(folder.path().join("log.jsonl")).unwrap()
    }

    fn refusal(reason: &str) -> Failure {
        Failure::new(DeviationClass::Validation, "refused", reason)
            .distinguished_by(reason)
            .labelled("17")
    }

    fn refuse(log: &mut DeviationLog, file: &str) -> String {
        let reason = "BT-113: åäö, a part was already paid, åäö";
        log.not_posted(&sandbox(), Path::new(file), refusal(reason))
            .unwrap();
        let id = log.of_file(&sandbox(), Path::new(file)).unwrap().id();
        id.to_string()
    }

    fn ids(log: &DeviationLog, all: bool) -> Vec<String> {
        log.list(all).map(|one| one.id().to_string()).collect()
    }

    #[test]
    fn events_add_up_and_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log_in(&folder);
        let first = refuse(&mut log, "/in/1.xml");
        let second = refuse(&mut log, "/in/2.xml");
        let third = refuse(&mut log, "/in/3.xml");
        assert_eq!(refuse(&mut log, "/in/1.xml"), first);
        log.ignore(&second).unwrap();
        log.posted(&sandbox(), Path::new("/in/3.xml")).unwrap();
        log.posted(&sandbox(), Path::new("/in/never-seen.xml"))
            .unwrap();

        let log = log_in(&folder);
        assert_eq!(ids(&log, false), [first.as_str()]);
        assert_eq!(log.list(true).count(), 3);
        let one = log.get(&first[..6]).unwrap();
        assert_eq!(
            (one.attempts(), one.state(), one.failure().label()),
            (2, DeviationState::Open, Some("17"))
        );
        assert_eq!(log.get(&second).unwrap().state(), DeviationState::Ignored);
        assert_eq!(log.get(&third).unwrap().state(), DeviationState::Resolved);
        assert!(describe(one).contains("  - BT-113: åäö, a part was already paid"));
    }

    #[test]
    fn an_ignored_deviation_opens_again_for_another_reason_or_when_reprocessed() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log_in(&folder);
        let id = refuse(&mut log, "/in/1.xml");
        let file = Path::new("/in/1.xml");
        let state = |log: &DeviationLog| log.get(&id).unwrap().state();
        log.ignore(&id).unwrap();
        refuse(&mut log, "/in/1.xml");
        assert_eq!(state(&log), DeviationState::Ignored);
        log.not_posted(&sandbox(), file, refusal("BR-CO-15: 0.01"))
            .unwrap();
        assert_eq!(state(&log), DeviationState::Open);

        log.ignore(&id).unwrap();
        log.reprocessing(&sandbox(), file).unwrap();
        // Also if the run that did it was killed.
        let mut log = log_in(&folder);
        assert_eq!(ids(&log, false), [id.as_str()]);
        log.not_posted(&sandbox(), file, refusal("BR-CO-15: 0.01"))
            .unwrap();
        assert_eq!(state(&log), DeviationState::Open);
    }

    #[test]
    fn what_is_resolved_is_not_ignored_and_an_event_that_does_not_fit_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log_in(&folder);
        let id = refuse(&mut log, "/in/1.xml");
        let mut other_run = log_in(&folder);
        log.posted(&sandbox(), Path::new("/in/1.xml")).unwrap();
        assert!(matches!(log.ignore(&id), Err(LogError::Deviation(_))));
        // Another run, which had read before, writes behind ours.
        other_run.ignore(&id).unwrap();
        let log = log_in(&folder);
        assert_eq!(log.get(&id).unwrap().state(), DeviationState::Resolved);
    }

    #[test]
    fn a_line_that_was_cut_off_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log_in(&folder);
        let first = refuse(&mut log, "/in/1.xml");
        let second = refuse(&mut log, "/in/2.xml");
        let text = std::fs::read_to_string(log.path()).unwrap();
        for cut in 1..text.lines().last().unwrap().len() {
            std::fs::write(log.path(), &text.as_bytes()[..text.len() - 1 - cut]).unwrap();
            let mut log = log_in(&folder);
            assert_eq!(ids(&log, true), [first.as_str()]);
            refuse(&mut log, "/in/2.xml");
            let log = log_in(&folder);
            assert_eq!(log.list(true).count(), 2);
            assert_eq!(log.get(&second).unwrap().attempts(), 1);
        }
        // The same file on another connection is another deviation.
        let mut log = log_in(&folder);
        log.not_posted(&elsewhere(), Path::new("/in/1.xml"), refusal("BG-7"))
            .unwrap();
        log.posted(&elsewhere(), Path::new("/in/1.xml")).unwrap();
        assert_eq!(
            log_in(&folder).get(&first).unwrap().state(),
            DeviationState::Open
        );
        // Only the line feed is missing: nothing is lost.
        std::fs::write(log.path(), text.trim_end()).unwrap();
        let mut log = log_in(&folder);
        refuse(&mut log, "/in/2.xml");
        assert_eq!(log_in(&folder).get(&second).unwrap().attempts(), 2);
    }

    #[test]
    fn a_damaged_line_is_named_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        std::fs::write(&path, "{}\n").unwrap();
        let error = DeviationLog::open(&path).unwrap_err();
        assert!(error.to_string().contains("line 1"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n");
    }

    #[test]
    fn an_id_must_be_known_and_unambiguous() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log_in(&folder);
        assert!(matches!(
            log.ignore("00000000"),
            Err(LogError::UnknownId(_))
        ));
        refuse(&mut log, "/in/1.xml");
        refuse(&mut log, "/in/2.xml");
        assert!(matches!(log.get(""), Err(LogError::UnknownId(_))));
    }
}
