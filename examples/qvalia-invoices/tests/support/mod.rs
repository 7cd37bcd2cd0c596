//! What the tests share: a sandbox, a client for it, and a folder for documents.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "tests; not every file uses everything"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use kleer_client::{Kleer, RetryPolicy};
use kleer_connect::invoices::{DocumentResult, InvoicePoster, PostError, PostingRun, Target};
use kleer_invoice::Settings;
use kleer_model::RateUnit;
use kleer_sandbox::Sandbox;
use qvalia_invoices::arguments::Arguments;
use qvalia_invoices::files;
use qvalia_invoices::run::run;
use qvalia_invoices::store::connection_with;
use record_link::{Cancellation, MemoryStore};

/// The invoices that come with the program.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// A document of our own with something replaced.
pub(crate) fn changed(name: &str, changes: &[(&str, &str)]) -> String {
    let mut xml = std::fs::read_to_string(fixture(name)).unwrap();
    for (old, new) in changes {
        assert!(xml.contains(old), "{name} does not hold {old}");
        xml = xml.replace(old, new);
    }
    xml
}

pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::builder()
        .rate_unit(RateUnit::Percent)
        .start()
        .await
        .unwrap()
}

/// A client that does not retry, so that a test sees each fault.
pub(crate) fn client(sandbox: &Sandbox) -> Kleer {
    Kleer::builder(sandbox.company())
        .token(sandbox.token().to_owned())
        .base_url(sandbox.base_url())
        .retry(RetryPolicy::none())
        .build()
        .unwrap()
}

/// How a test posts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) target: Target,
    pub(crate) settings: Settings,
    pub(crate) create_clients: bool,
    pub(crate) refuse_reused_numbers: bool,
}

pub(crate) fn options() -> Options {
    Options {
        create_clients: true,
        settings: Settings::default().with_rate_unit(RateUnit::Percent),
        ..Options::default()
    }
}

/// A run of the service, with files. Each begins with an empty store, so that what is known of
/// earlier ones is known from Kleer.
#[derive(Debug)]
pub(crate) struct Poster {
    run: PostingRun,
}

impl Poster {
    pub(crate) async fn connect(kleer: Kleer, options: Options) -> Result<Self, PostError> {
        let connection = connection_with(kleer.company().0).unwrap();
        let store = Arc::new(MemoryStore::new());
        let poster = InvoicePoster::builder(kleer, store, connection)
            .target(options.target)
            .settings(options.settings)
            .create_clients(options.create_clients)
            .refuse_reused_numbers(options.refuse_reused_numbers)
            .settle(Duration::from_millis(20))
            .build();
        let run = poster.start().await?;
        Ok(Self { run })
    }

    pub(crate) async fn post(&mut self, file: &Path) -> DocumentResult {
        self.post_all(&[file.to_owned()]).await.remove(0)
    }

    pub(crate) async fn post_all(&mut self, files: &[PathBuf]) -> Vec<DocumentResult> {
        let documents = files.iter().map(|file| files::document(file, 50_000_000));
        self.run.post_all(documents.collect()).await
    }

    pub(crate) async fn verify(&mut self, results: &mut [DocumentResult]) {
        self.run.verify(results).await;
    }
}

pub(crate) async fn poster(sandbox: &Sandbox) -> Poster {
    Poster::connect(client(sandbox), options()).await.unwrap()
}

/// A folder with a store, with which the program is run as from a command line.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
}

/// What a run printed, and its exit status.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) status: u8,
    pub(crate) out: String,
    pub(crate) progress: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn arguments(&self, arguments: &[&str]) -> Arguments {
        let store = self.store();
        // What goes into a sandbox of the program is not kept.
        let is_kept = |one: &&str| {
            [
                "list",
                "show",
                "ignore",
                "forget",
                "reprocess",
                "--base-url",
            ]
            .contains(one)
        };
        let store = ["--store", store.to_str().unwrap()];
        let store = store.iter().filter(|_| arguments.iter().any(is_kept));
        let all = ["qvalia-invoices"].iter().chain(arguments);
        Arguments::parse_from(all.chain(store))
    }

    /// The file that keeps what was posted and what was not.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    /// Runs a command.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Printed {
        self.try_run(arguments).await.unwrap()
    }

    /// The same for a command that may not be possible at all.
    pub(crate) async fn try_run(&self, arguments: &[&str]) -> Result<Printed, String> {
        let (mut out, mut progress) = (Vec::new(), Vec::new());
        let cancellation = Cancellation::new();
        let status = run(
            self.arguments(arguments),
            &mut out,
            &mut progress,
            &cancellation,
        )
        .await
        .map_err(|error| error.to_string())?;
        Ok(Printed {
            status,
            out: String::from_utf8(out).unwrap(),
            progress: String::from_utf8(progress).unwrap(),
        })
    }

    /// Runs a command against a sandbox as if it were a real Kleer.
    pub(crate) async fn run_against(&self, sandbox: &Sandbox, arguments: &[&str]) -> Printed {
        self.try_run_against(sandbox, arguments).await.unwrap()
    }

    /// The same for a command that may not be possible at all.
    pub(crate) async fn try_run_against(
        &self,
        sandbox: &Sandbox,
        arguments: &[&str],
    ) -> Result<Printed, String> {
        let company = sandbox.company().to_string();
        let real = [
            "--base-url",
            sandbox.base_url(),
            "--company",
            &company,
            "--token",
            sandbox.token(),
        ];
        self.try_run(&[arguments, &real].concat()).await
    }
}

impl Printed {
    /// The JSON objects, one per line.
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}
