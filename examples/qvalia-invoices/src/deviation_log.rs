//! The log of documents that were not posted: why, and what became of them.
//!
//! A file of JSON lines. Each line is one event about one document on one connection (a Kleer
//! company, or a sandbox); a document's state is what its events add up to. Lines are only ever
//! appended and are flushed to the disk, so a run that is killed loses at most the line it was
//! writing, and the rest stays readable.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Why a document was not posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The document itself, or a policy.
    Refused,
    /// The surroundings: the network, Kleer, the file system.
    Failed,
}

/// Where a deviation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Somebody has to look at it.
    Open,
    /// Somebody decided to leave it.
    Ignored,
    /// It was posted later.
    Resolved,
}

/// A document that was not posted, as its events tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Deviation {
    /// The id: the same for the same file on the same connection.
    pub id: String,
    /// Where it was to be posted: a sandbox, or a company of a Kleer.
    pub connection: String,
    /// Where it stands.
    pub state: State,
    /// Why it was not posted, at the last attempt.
    pub cause: Cause,
    /// The file.
    #[serde(with = "crate::files::text")]
    pub file: PathBuf,
    /// The invoice's number (BT-1), if it could be read.
    pub number: Option<String>,
    /// The reasons, at the last attempt.
    pub reasons: Vec<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was first not posted.
    pub first_at: DateTime<Utc>,
    /// When anything happened to it last.
    pub last_at: DateTime<Utc>,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event {
    NotPosted {
        at: DateTime<Utc>,
        id: String,
        connection: String,
        #[serde(with = "crate::files::text")]
        file: PathBuf,
        number: Option<String>,
        cause: Cause,
        reasons: Vec<String>,
    },
    Ignored {
        at: DateTime<Utc>,
        id: String,
    },
    Resolved {
        at: DateTime<Utc>,
        id: String,
    },
    /// The line before this one was cut off when a run was killed.
    CutOff {
        at: DateTime<Utc>,
    },
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
    /// No deviation, or more than one, has an id that begins so.
    #[error("no deviation, or more than one, has an id that begins with {0:?}: see `list --all`")]
    UnknownId(String),
}

/// The log.
#[derive(Debug)]
pub struct DeviationLog {
    path: PathBuf,
    deviations: BTreeMap<String, Deviation>,
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

/// The id of a file's deviation on a connection: 128 bits, so that two files never share one.
pub fn id_of(connection: &str, file: &Path) -> String {
    let path = crate::files::canonical(file);
    let mut hash = Sha256::new();
    hash.update(
        u64::try_from(connection.len())
            .unwrap_or(u64::MAX)
            .to_be_bytes(),
    );
    hash.update(connection);
    hash.update(path.as_os_str().as_encoded_bytes());
    let mut id = String::with_capacity(32);
    for byte in &hash.finalize()[..16] {
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
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
                Ok(Event::CutOff { .. }) => damaged = None,
                Ok(event) => {
                    if let Some(error) = damaged {
                        return Err(error);
                    }
                    log.apply(event);
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

    /// The deviations to look at: the open ones, or all of them.
    pub fn list(&self, all: bool) -> impl Iterator<Item = &Deviation> {
        let shown = move |deviation: &&Deviation| all || deviation.state == State::Open;
        self.deviations.values().filter(shown)
    }

    /// One deviation, by its id or the beginning of it.
    ///
    /// # Errors
    /// When none, or more than one, has an id that begins so.
    pub fn get(&self, id: &str) -> Result<&Deviation, LogError> {
        let mut found = self
            .deviations
            .values()
            .filter(|one| one.id.starts_with(id));
        match (found.next(), found.next()) {
            (Some(one), None) if !id.is_empty() => Ok(one),
            _ => Err(LogError::UnknownId(id.to_owned())),
        }
    }

    /// Takes note of a document that was not posted.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn not_posted(
        &mut self,
        connection: &str,
        file: &Path,
        number: Option<&str>,
        cause: Cause,
        reasons: &[String],
    ) -> Result<(), LogError> {
        self.append(Event::NotPosted {
            at: Utc::now(),
            id: id_of(connection, file),
            connection: connection.to_owned(),
            file: crate::files::canonical(file),
            number: number.map(str::to_owned),
            cause,
            reasons: reasons.to_vec(),
        })
    }

    /// Takes note that a document is posted now, if it had a deviation on this connection.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn posted(&mut self, connection: &str, file: &Path) -> Result<(), LogError> {
        let id = id_of(connection, file);
        match self.deviations.get(&id) {
            Some(one) if one.state != State::Resolved => {
                self.append(Event::Resolved { at: Utc::now(), id })
            }
            _ => Ok(()),
        }
    }

    /// Leaves a deviation as it is: it is listed only among all.
    ///
    /// # Errors
    /// When no deviation has the id, or the log cannot be written.
    pub fn ignore(&mut self, id: &str) -> Result<(), LogError> {
        let id = self.get(id)?.id.clone();
        self.append(Event::Ignored { at: Utc::now(), id })
    }

    fn append(&mut self, event: Event) -> Result<(), LogError> {
        let written = self.write(&event);
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
        self.apply(event);
        Ok(())
    }

    fn write(&self, event: &Event) -> io::Result<()> {
        let mut lines = match self.end {
            End::Whole => String::new(),
            End::Unterminated => "\n".to_owned(),
            End::CutOff => {
                format!(
                    "\n{}\n",
                    serde_json::to_string(&Event::CutOff { at: Utc::now() })?
                )
            }
        };
        lines.push_str(&serde_json::to_string(event)?);
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

    fn apply(&mut self, event: Event) {
        match event {
            Event::CutOff { .. } => {}
            Event::NotPosted {
                at,
                id,
                connection,
                file,
                number,
                cause,
                reasons,
            } => {
                let known = self.deviations.get(&id);
                let deviation = Deviation {
                    state: State::Open,
                    cause,
                    connection,
                    file,
                    number,
                    reasons,
                    attempts: known.map_or(0, |known| known.attempts) + 1,
                    first_at: known.map_or(at, |known| known.first_at),
                    last_at: at,
                    id: id.clone(),
                };
                self.deviations.insert(id, deviation);
            }
            Event::Ignored { at, id } => self.set_state(&id, State::Ignored, at),
            Event::Resolved { at, id } => self.set_state(&id, State::Resolved, at),
        }
    }

    fn set_state(&mut self, id: &str, state: State, at: DateTime<Utc>) {
        if let Some(deviation) = self.deviations.get_mut(id) {
            deviation.state = state;
            deviation.last_at = at;
        }
    }
}

impl Deviation {
    /// The whole deviation, for a person.
    pub fn describe(&self) -> String {
        let state = match self.state {
            State::Open => "open",
            State::Ignored => "ignored",
            State::Resolved => "resolved",
        };
        let cause = match self.cause {
            Cause::Refused => "refused",
            Cause::Failed => "failed",
        };
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let mut text = format!(
            "deviation {}\n  state     {state}\n  cause     {cause}\n  for       {}\n  file      {}\n  \
             number    {}\n  attempts  {}\n  first     {}\n  last      {}\n  reasons\n",
            self.id,
            self.connection,
            crate::output::printable(&self.file.display().to_string()),
            crate::output::printable(self.number.as_deref().unwrap_or("unknown")),
            self.attempts,
            time(self.first_at),
            time(self.last_at),
        );
        for reason in &self.reasons {
            text.push_str("  - ");
            text.push_str(&crate::output::printable(reason));
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_in(folder: &tempfile::TempDir) -> DeviationLog {
        DeviationLog::open(folder.path().join("log.jsonl")).unwrap()
    }

    fn refuse(log: &mut DeviationLog, file: &str) -> String {
        let reasons = ["BT-113: åäö, a part was already paid, åäö".to_owned()];
        log.not_posted(
            "sandbox",
            Path::new(file),
            Some("17"),
            Cause::Refused,
            &reasons,
        )
        .unwrap();
        id_of("sandbox", Path::new(file))
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
        log.posted("sandbox", Path::new("/in/3.xml")).unwrap();
        log.posted("sandbox", Path::new("/in/never-seen.xml"))
            .unwrap();

        let log = log_in(&folder);
        assert_eq!(
            log.list(false).map(|one| &one.id).collect::<Vec<_>>(),
            [&first]
        );
        assert_eq!(log.list(true).count(), 3);
        let one = log.get(&first[..6]).unwrap();
        assert_eq!(
            (one.attempts, one.state, one.number.as_deref()),
            (2, State::Open, Some("17"))
        );
        assert_eq!(log.get(&second).unwrap().state, State::Ignored);
        assert_eq!(log.get(&third).unwrap().state, State::Resolved);
        assert!(
            one.describe()
                .contains("  - BT-113: åäö, a part was already paid")
        );
    }

    #[test]
    fn an_ignored_deviation_opens_again_when_it_fails_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log_in(&folder);
        let id = refuse(&mut log, "/in/1.xml");
        log.ignore(&id).unwrap();
        refuse(&mut log, "/in/1.xml");
        assert_eq!(log.get(&id).unwrap().state, State::Open);
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
            assert_eq!(
                log.list(true).map(|one| &one.id).collect::<Vec<_>>(),
                [&first]
            );
            refuse(&mut log, "/in/2.xml");
            let log = log_in(&folder);
            assert_eq!(log.list(true).count(), 2);
            assert_eq!(log.get(&second).unwrap().attempts, 1);
        }
        // The same file on another connection is another deviation.
        let mut log = log_in(&folder);
        let reasons = ["BG-7: unknown".to_owned()];
        log.not_posted(
            "elsewhere",
            Path::new("/in/1.xml"),
            None,
            Cause::Refused,
            &reasons,
        )
        .unwrap();
        log.posted("elsewhere", Path::new("/in/1.xml")).unwrap();
        assert_eq!(log_in(&folder).get(&first).unwrap().state, State::Open);
        // Only the line feed is missing: nothing is lost.
        std::fs::write(log.path(), text.trim_end()).unwrap();
        let mut log = log_in(&folder);
        refuse(&mut log, "/in/2.xml");
        assert_eq!(log_in(&folder).get(&second).unwrap().attempts, 2);
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
