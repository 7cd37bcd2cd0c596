//! However the process that started a server ends, the server ends too.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use throw_away_postgres::{Cluster, ClusterError};

/// Tells the process that it is the one to be killed, and how.
const ROLE: &str = "THROW_AWAY_POSTGRES_ROLE";

/// Not a test by itself: what the other tests start again, as a process that starts a server.
#[test]
fn starts_a_server() {
    let Ok(role) = env::var(ROLE) else { return };
    match Cluster::builder().setting("fsync=off").start() {
        Ok(cluster) => {
            let url = cluster.url();
            let address = url.rsplit('@').next().unwrap().split('/').next().unwrap();
            let mut out = std::io::stdout();
            writeln!(out, "\nSERVER {address}").unwrap();
            out.flush().unwrap();
            assert!(role != "panics", "on purpose");
            sleep(Duration::from_secs(600));
        }
        Err(ClusterError::NotInstalled | ClusterError::NoOtherUser) => {
            writeln!(std::io::stdout(), "\nSERVER none").unwrap();
        }
        Err(error) => panic!("{error}"),
    }
}

fn ends(role: &str) {
    let mut process = Command::new(env::current_exe().unwrap())
        .args(["--exact", "starts_a_server", "--nocapture"])
        .env(ROLE, role)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut servers = lines.map_while(Result::ok);
    let address = servers
        .find_map(|line| Some(line.strip_prefix("SERVER ")?.to_owned()))
        .unwrap();
    if address == "none" {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED {role}: no PostgreSQL is installed"
        );
        return;
    }
    if role == "is killed" {
        assert!(TcpStream::connect(&address).is_ok(), "it does not run");
        process.kill().unwrap();
    }
    process.wait().unwrap();
    for _ in 0..600 {
        if TcpStream::connect(&address).is_err() {
            return;
        }
        sleep(Duration::from_millis(50));
    }
    panic!("the server at {address} outlives a process that {role}");
}

#[test]
fn a_server_ends_with_a_process_that_is_killed() {
    ends("is killed");
}

#[test]
fn a_server_ends_with_a_process_that_panics() {
    ends("panics");
}

#[test]
fn a_server_that_was_stopped_starts_again() {
    match Cluster::builder().setting("fsync=off").start() {
        Ok(cluster) => {
            let url = cluster.url();
            let address = url.rsplit('@').next().unwrap().split('/').next().unwrap();
            cluster.stop_immediately().unwrap();
            assert!(TcpStream::connect(address).is_err(), "it still runs");
            cluster.start_again().unwrap();
            assert!(TcpStream::connect(address).is_ok(), "it does not run again");
            cluster.stop().unwrap();
            assert!(
                cluster.stop().is_err(),
                "what does not run cannot be stopped"
            );
        }
        Err(ClusterError::NotInstalled | ClusterError::NoOtherUser) => {
            let _ = writeln!(std::io::stderr(), "SKIPPED: no PostgreSQL is installed");
        }
        Err(error) => panic!("{error}"),
    }
}
