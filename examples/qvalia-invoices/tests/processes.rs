//! The store between processes: `SQLite`, and `PostgreSQL` as two machines would share it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use kleer_connect::invoices::Target;
use kleer_model::endpoint::CLIENT_INVOICE_CREATE;
use kleer_sandbox::{Fault, Sandbox};
use qvalia_invoices::store::connection_with;
use record_link::{LinkState, Store, all_links};
use record_link_postgres::PostgresStore;
use record_link_sqlite::SqliteStore;
use support::{changed, fixture, sandbox};

/// One machine: a working folder, and what is in its environment.
struct Machine<'a> {
    sandbox: &'a Sandbox,
    folder: &'a Path,
    /// The URL and the schema of a `PostgreSQL` store; a file in the folder if there is none.
    shared: Option<(&'a str, &'a str)>,
}

struct Ended {
    status: i32,
    out: String,
    errors: String,
}

impl Machine<'_> {
    /// Runs the program as a process of its own.
    async fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qvalia-invoices"));
        command.args(arguments).current_dir(self.folder);
        command.env("KLEER_TOKEN", self.sandbox.token());
        if let Some((url, schema)) = self.shared {
            command.env("QVALIA_INVOICES_STORE", url);
            command.args(["--store-schema", schema]);
        }
        // The sandbox runs in this process, which must not be blocked.
        let Output {
            status,
            stdout,
            stderr,
        } = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        Ended {
            status: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            errors: String::from_utf8(stderr).unwrap(),
        }
    }

    /// The same with what names the Kleer.
    async fn run_against(&self, arguments: &[&str]) -> Ended {
        let company = self.sandbox.company().to_string();
        let kleer = [
            "--base-url",
            self.sandbox.base_url(),
            "--company",
            &company,
            "--create-clients",
            "--rate-unit",
            "percent",
            "--lease",
            "1",
        ];
        self.run(&[arguments, &kleer].concat()).await
    }

    async fn list(&self, more: &[&str]) -> Vec<serde_json::Value> {
        let arguments = [&["list", "--format", "json"], more].concat();
        let ended = self.run(&arguments).await;
        assert_eq!(ended.status, 0, "{}", ended.errors);
        let lines = ended.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Everything that the commands do, each in a process of its own; `here` and `there` share a store.
async fn work_through(here: &Machine<'_>, there: &Machine<'_>) {
    let folder = here.folder;
    let good = fixture("01-consulting.xml");
    let good = good.to_str().unwrap();
    let prepaid = write(folder, "prepaid.xml", &changed("05-prepaid.xml", &[]));
    let wrong = write(folder, "wrong.xml", "<Invoice");
    let gone = write(folder, "gone.xml", "<Invoice>");
    let posted = here.run_against(&[good, &prepaid, &wrong, &gone]).await;
    assert_eq!(posted.status, 1, "{} {}", posted.out, posted.errors);

    // Viewed from there.
    let all = there.list(&[]).await;
    assert_eq!(all.len(), 3);
    let id_of = |name: &str| -> String {
        let is_it = |one: &&serde_json::Value| one["file"].as_str().unwrap().ends_with(name);
        let one = all.iter().find(is_it).unwrap();
        one["id"].as_str().unwrap()[..8].to_owned()
    };
    let shown = there.run(&["show", &id_of("/prepaid.xml")]).await;
    assert!(shown.out.contains("  - BT-113: "), "{}", shown.out);
    assert!(shown.out.contains("2026-1005"), "{}", shown.out);
    // Ignored from there, and known here.
    let ignored = there.run(&["ignore", &id_of("/wrong.xml")]).await;
    assert_eq!(ignored.status, 0, "{}", ignored.errors);
    assert_eq!(here.list(&[]).await.len(), 2);
    assert_eq!(here.list(&["--all"]).await.len(), 3);
    // Forgotten from there.
    let unknown = there.run(&["forget", "00000000"]).await;
    assert_eq!(unknown.status, 2);
    assert!(unknown.errors.contains("list"), "{}", unknown.errors);

    // Corrected, and reprocessed; the file that is gone keeps its deviation, with its reasons.
    std::fs::write(
        folder.join("prepaid.xml"),
        changed("04-fractional-price.xml", &[]),
    )
    .unwrap();
    std::fs::remove_file(&gone).unwrap();
    let again = here.run_against(&["reprocess"]).await;
    assert_eq!(again.status, 2, "{} {}", again.out, again.errors);
    assert!(again.out.contains("1 posted, 0 unchanged"), "{}", again.out);
    assert!(
        again.errors.contains("not there any more"),
        "{}",
        again.errors
    );
    let left = there.list(&[]).await;
    assert_eq!(left.len(), 1);
    assert!(left[0]["file"].as_str().unwrap().ends_with("gone.xml"));
    assert!(
        !left[0]["reasons"].to_string().contains("not there"),
        "{left:?}"
    );
    let forgotten = there
        .run(&["forget", left[0]["id"].as_str().unwrap()])
        .await;
    assert_eq!(forgotten.status, 0, "{}", forgotten.errors);
    assert_eq!(here.list(&["--all"]).await.len(), 2);

    // What was posted here is known there.
    let unchanged = there.run_against(&[good]).await;
    assert_eq!(unchanged.status, 0, "{}", unchanged.errors);
    assert!(
        unchanged.out.contains("0 posted, 1 unchanged"),
        "{}",
        unchanged.out
    );
    assert_eq!(here.sandbox.client_invoices().len(), 2);

    // Another company is taken for a mistake.
    let other = ["--base-url", here.sandbox.base_url(), "--company", "4711"];
    let refused = there.run(&[&[good], &other[..]].concat()).await;
    assert_eq!(refused.status, 2);
    assert!(
        refused.errors.contains("use another --store") && !refused.errors.contains("postgres://"),
        "{}",
        refused.errors
    );
    assert_eq!(here.sandbox.client_invoices().len(), 2);
}

/// Each posted document is a link, and nothing is under way.
async fn assert_complete(store: &dyn Store, sandbox: &Sandbox) {
    let connection = connection_with(sandbox.company().0).unwrap();
    let links = all_links(store, &connection, &Target::ClientInvoice.kind())
        .await
        .unwrap();
    let mut linked: Vec<String> = links
        .iter()
        .filter(|link| link.state == LinkState::Linked)
        .map(|link| link.keys.right.as_ref().unwrap().as_str().to_owned())
        .collect();
    linked.sort_unstable();
    let ids = sandbox.client_invoices().into_iter();
    let ids: Vec<String> = ids.map(|invoice| invoice.id.to_string()).collect();
    assert_eq!(linked, ids);
    assert!(store.intents(&connection).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_in_the_working_folder_is_what_processes_share() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine {
        sandbox: &sandbox,
        folder: folder.path(),
        shared: None,
    };
    let file = folder.path().join("qvalia-invoices.db");
    // To look makes no file.
    assert!(machine.run(&["list"]).await.out.contains("no deviations"));
    assert!(!file.exists());
    work_through(&machine, &machine).await;
    assert!(file.exists());
    let store = SqliteStore::open(&file).unwrap();
    assert_complete(&store, &sandbox).await;
}

#[tokio::test]
async fn two_machines_share_a_postgresql_store() {
    let Some(schema) = throw_away_postgres::schema("two_machines_share_a_postgresql_store") else {
        return;
    };
    let sandbox = sandbox().await;
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url = schema.url();
    let machine = |folder| Machine {
        sandbox: &sandbox,
        folder,
        shared: Some((url.as_str(), schema.name())),
    };
    work_through(&machine(here.path()), &machine(there.path())).await;
    // Nothing was left behind on either.
    assert!(!there.path().join("qvalia-invoices.db").exists());
    let store = PostgresStore::builder(url.as_str())
        .schema(schema.name())
        .open();
    assert_complete(&store.await.unwrap(), &sandbox).await;
}

/// Two processes that post the same folder at the same time: one works, the other is told so, and
/// nothing is posted twice.
async fn at_the_same_time(here: &Machine<'_>, there: &Machine<'_>) {
    let sandbox = here.sandbox;
    let slow = Fault::DelayAfterEffect(std::time::Duration::from_secs(4));
    sandbox.fail(&CLIENT_INVOICE_CREATE, 1, slow);
    let files = ["01-consulting.xml", "04-fractional-price.xml"].map(fixture);
    let files = files.each_ref().map(|file| file.to_str().unwrap());
    let (one, other) = tokio::join!(here.run_against(&files), there.run_against(&files));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [0, 2], "{} {}", one.errors, other.errors);
    let told = if one.status == 2 {
        &one.errors
    } else {
        &other.errors
    };
    assert!(
        told.contains("another run posts on this connection: process "),
        "{told}"
    );
    assert_eq!(sandbox.client_invoices().len(), 2);
    assert_eq!(sandbox.clients().len(), 2);
    // And again, when nobody works.
    assert_eq!(there.run_against(&files).await.status, 0);
    assert_eq!(sandbox.client_invoices().len(), 2);
}

#[tokio::test]
async fn two_processes_on_one_file_do_not_post_at_the_same_time() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine {
        sandbox: &sandbox,
        folder: folder.path(),
        shared: None,
    };
    at_the_same_time(&machine, &machine).await;
}

#[tokio::test]
async fn two_machines_on_one_postgresql_do_not_post_at_the_same_time() {
    let test = "two_machines_on_one_postgresql_do_not_post_at_the_same_time";
    let Some(schema) = throw_away_postgres::schema(test) else {
        return;
    };
    let sandbox = sandbox().await;
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url = schema.url();
    let machine = |folder| Machine {
        sandbox: &sandbox,
        folder,
        shared: Some((url.as_str(), schema.name())),
    };
    at_the_same_time(&machine(here.path()), &machine(there.path())).await;
}

#[tokio::test]
async fn a_sandbox_leaves_nothing_and_takes_no_store() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine {
        sandbox: &sandbox,
        folder: folder.path(),
        shared: None,
    };
    let file = fixture("01-consulting.xml");
    let file = file.to_str().unwrap();
    let posted = machine.run(&[file]).await;
    assert_eq!(posted.status, 0, "{}", posted.errors);
    assert_eq!(machine.run(&[file, "--store", "memory"]).await.status, 0);
    let refused = machine.run(&[file, "--store", "links.db"]).await;
    assert_eq!(refused.status, 2);
    assert!(refused.errors.contains("--base-url"), "{}", refused.errors);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_store_that_cannot_be_used_stops_before_anything_is_posted() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "no-store.db",
        "this is a letter, and no database at all",
    );
    let machine = Machine {
        sandbox: &sandbox,
        folder: folder.path(),
        shared: None,
    };
    let file = fixture("01-consulting.xml");
    for store in ["no-store.db", "no/such/folder/links.db", "mysql://db/links"] {
        let arguments = [file.to_str().unwrap(), "--store", store];
        let ended = machine.run_against(&arguments).await;
        assert_eq!(ended.status, 2, "{store}");
        assert!(ended.errors.contains("store"), "{store}: {}", ended.errors);
    }
    assert!(sandbox.requests().is_empty());
}
