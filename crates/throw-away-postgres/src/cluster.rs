//! A server made of the installed binaries.

use std::collections::hash_map::RandomState;
use std::env;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// A `PostgreSQL` server in a temporary folder, listening on a free port of 127.0.0.1.
///
/// It is stopped and removed when this is dropped, and also when the process ends in any other way:
/// a shell waits for the end of a pipe that this process holds.
pub struct Cluster {
    port: u16,
    password: String,
    keeper: Mutex<Keeper>,
}

/// The shell that keeps the server.
struct Keeper {
    shell: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// How a cluster is made.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is started yet"]
pub struct ClusterBuilder {
    settings: Vec<String>,
    certificate: Option<Certificate>,
}

#[derive(Clone)]
struct Certificate {
    chain: String,
    key: String,
}

impl fmt::Debug for Certificate {
    /// Hides the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

/// There is no server, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The binaries were not found.
    #[error(
        "no PostgreSQL server is installed: initdb is neither in PATH nor in /usr/lib/postgresql"
    )]
    NotInstalled,
    /// `initdb` and `postgres` refuse to run as root, and there is no way to be somebody else.
    #[error("PostgreSQL does not run as root, and neither runuser, setpriv nor su could be used")]
    NoOtherUser,
    /// The binaries did not do it.
    #[error("PostgreSQL failed: {0}")]
    Failed(String),
    /// The operating system did not let us.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl ClusterBuilder {
    /// One line of `postgresql.conf`: `fsync=on`, for instance. No white space.
    pub fn setting(mut self, setting: &str) -> Self {
        self.settings.push(setting.to_owned());
        self
    }

    /// Talks TLS, and shows this certificate; both in PEM.
    pub fn certificate(mut self, chain: &str, key: &str) -> Self {
        let (chain, key) = (chain.to_owned(), key.to_owned());
        self.certificate = Some(Certificate { chain, key });
        self
    }

    /// Makes the cluster and starts the server.
    ///
    /// # Errors
    /// If nothing is installed, or it does not start.
    pub fn start(self) -> Result<Cluster, ClusterError> {
        let binaries = find_binaries().ok_or(ClusterError::NotInstalled)?;
        let mut failure = ClusterError::NoOtherUser;
        // Somebody else may take the port between our look and the server's.
        for _ in 0..3 {
            match self.start_on_free_port(&binaries) {
                Err(ClusterError::Failed(why)) => failure = ClusterError::Failed(why),
                result => return result,
            }
        }
        Err(failure)
    }

    fn start_on_free_port(&self, binaries: &Path) -> Result<Cluster, ClusterError> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let password = chance();
        let mut command = as_other_user()?;
        command
            .args([
                "sh",
                "-c",
                include_str!("cluster.sh"),
                "throw-away-postgres",
            ])
            .arg(binaries)
            .arg(port.to_string())
            .args(&self.settings)
            .env("PASSWORD", &password)
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(certificate) = &self.certificate {
            command.env("CERTIFICATE", &certificate.chain);
            command.env("CERTIFICATE_KEY", &certificate.key);
        }
        own_process_group(&mut command);
        let mut shell = command.spawn()?;
        let commands = shell.stdin.take();
        let answers = shell.stdout.take().ok_or_else(ended)?;
        let mut keeper = Keeper {
            shell,
            commands,
            answers: BufReader::new(answers),
        };
        keeper.answer()?;
        Ok(Cluster {
            port,
            password,
            keeper: Mutex::new(keeper),
        })
    }
}

/// Ctrl-C in a terminal ends the tests; the shell ends by itself, after it has tidied up.
fn own_process_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

impl Keeper {
    fn answer(&mut self) -> Result<(), ClusterError> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        match line.trim().split_once(' ') {
            Some(("ready", _)) => Ok(()),
            None if line.trim() == "done" => Ok(()),
            Some(("failed", why)) => Err(ClusterError::Failed(why.to_owned())),
            _ => Err(ended()),
        }
    }

    fn command(&mut self, command: &str) -> Result<(), ClusterError> {
        let commands = self.commands.as_mut().ok_or_else(ended)?;
        writeln!(commands, "{command}")?;
        commands.flush()?;
        self.answer()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // It ends when the pipe does. What is left of it then is the next start's concern.
        drop(self.commands.take());
        let _ = self.shell.wait();
    }
}

impl Cluster {
    /// A cluster of one's own.
    pub fn builder() -> ClusterBuilder {
        ClusterBuilder::default()
    }

    /// Where it is, with the user and the password in it.
    pub fn url(&self) -> String {
        self.url_with_password(&self.password)
    }

    /// The same with another password.
    pub fn url_with_password(&self, password: &str) -> String {
        format!(
            "postgres://kleer:{password}@127.0.0.1:{}/postgres",
            self.port
        )
    }

    /// The password, so that a test can look whether it is told.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Stops the server at once, as a crash does: connections break, nothing is tidied up.
    ///
    /// # Errors
    /// If it does not stop.
    pub fn stop_immediately(&self) -> Result<(), ClusterError> {
        self.command("stop-immediate")
    }

    /// Stops the server as an administrator does: what is under way is rolled back.
    ///
    /// # Errors
    /// If it does not stop.
    pub fn stop(&self) -> Result<(), ClusterError> {
        self.command("stop-fast")
    }

    /// Starts it again, on the same port; what was committed is there.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start_again(&self) -> Result<(), ClusterError> {
        self.command("start")
    }

    fn command(&self, command: &str) -> Result<(), ClusterError> {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        keeper.command(command)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// Letters and digits that nobody guesses.
pub(crate) fn chance() -> String {
    let draw = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", draw(), draw())
}

/// The folder of `initdb`, `pg_ctl` and `postgres`.
fn find_binaries() -> Option<PathBuf> {
    let is_whole = |folder: &PathBuf| {
        let tools = ["initdb", "pg_ctl", "postgres"];
        tools.iter().all(|tool| folder.join(tool).is_file())
    };
    let asked = Command::new("pg_config").arg("--bindir").output().ok();
    let asked = asked.and_then(|output| String::from_utf8(output.stdout).ok());
    let asked = asked.map(|folder| PathBuf::from(folder.trim()));
    if let Some(folder) = asked.filter(is_whole) {
        return Some(folder);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = env::split_paths(&path).find(is_whole) {
        return Some(folder);
    }
    // As Debian keeps them, several versions side by side: the latest.
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    let number = |folder: &PathBuf| -> u32 {
        let version = folder.parent().and_then(Path::file_name);
        let version = version.and_then(|version| version.to_str());
        version
            .and_then(|version| version.parse().ok())
            .unwrap_or(0)
    };
    folders.filter(is_whole).max_by_key(number)
}

/// What begins a command that does not run as root.
fn as_other_user() -> Result<Command, ClusterError> {
    let is_root = run("id", &["-u"]).is_some_and(|id| id == "0");
    if !is_root {
        return Ok(Command::new("env"));
    }
    for user in ["postgres", "nobody"] {
        let (Some(id), Some(group)) = (run("id", &["-u", user]), run("id", &["-g", user])) else {
            continue;
        };
        let ways: [&[&str]; 2] = [
            &["runuser", "-u", user, "--"],
            &[
                "setpriv",
                "--reuid",
                &id,
                "--regid",
                &group,
                "--clear-groups",
                "--",
            ],
        ];
        for way in ways {
            let (program, arguments) = (way[0], &way[1..]);
            let mut probe = arguments.to_vec();
            probe.extend(["id", "-u"]);
            if run(program, &probe).is_some_and(|found| found == id) {
                let mut command = Command::new(program);
                command.args(arguments);
                return Ok(command);
            }
        }
        // `su` takes one text for a shell; "$0" and "$@" give our words through unchanged.
        let su = ["-s", "/bin/sh", user, "-c", "exec \"$0\" \"$@\""];
        let mut probe = su.to_vec();
        probe.extend(["id", "-u"]);
        if run("su", &probe).is_some_and(|found| found == id) {
            let mut command = Command::new("su");
            command.args(su);
            return Ok(command);
        }
    }
    Err(ClusterError::NoOtherUser)
}

/// What a program prints, if it succeeds.
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir("/")
        .output()
        .ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| printed.trim().to_owned())
}

fn ended() -> ClusterError {
    ClusterError::Failed("the shell that keeps it has ended".to_owned())
}
