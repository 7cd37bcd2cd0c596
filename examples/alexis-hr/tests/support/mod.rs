//! A desk to sit at: the fake of Alexis, a sandbox of Kleer, settings and a store.
#![allow(dead_code, reason = "each test file uses its part of it")]

use alexis_hr::fake::{FakeAlexis, TOKEN};
use alexis_hr::run::{Arguments, run};
use alexis_hr::session::{Failed, Session};
use clap::Parser;
use kleer_connect::workbench::Report;
use kleer_model::{PayrollUserReadable, User, endpoint};
use kleer_sandbox::{Sandbox, SandboxBuilder};
use serde_json::Value as Json;

pub(crate) struct Desk {
    pub(crate) alexis: FakeAlexis,
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: tempfile::TempDir,
}

impl Desk {
    /// With the people of the demo in Alexis, and nobody in Kleer.
    pub(crate) async fn new() -> Self {
        let desk = Self::empty().await;
        desk.alexis.add_demo();
        desk
    }

    pub(crate) async fn empty() -> Self {
        Self::with(Sandbox::builder()).await
    }

    pub(crate) async fn with(sandbox: SandboxBuilder) -> Self {
        let desk = Self {
            alexis: FakeAlexis::start().await.unwrap(),
            sandbox: sandbox.start().await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
        };
        desk.write("alexis.token", TOKEN);
        desk.write("kleer.token", desk.sandbox.token());
        desk.set("");
        desk
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes the settings, with these lines in the table of Alexis.
    pub(crate) fn set(&self, lines: &str) {
        self.set_connection(self.sandbox.company().0, "salary-unit = \"kronor\"", lines);
    }

    pub(crate) fn set_connection(&self, company: i32, lines: &str, of_alexis: &str) {
        let (kleer, alexis) = (self.sandbox.base_url(), self.alexis.base_url());
        let text = format!(
            r#"
[connections.acme]
company = {company}
base-url = "{kleer}"
token = {{ file = "kleer.token", readable-by-others = true }}
{lines}

[connections.acme.source]
base-url = "{alexis}"
token = {{ file = "alexis.token", readable-by-others = true }}
{of_alexis}

[connections.acme.source.leave-types]
650000000000000000000a01 = {{ event_type = "Vacation" }}
650000000000000000000a02 = {{ event_type = "Sick", confirmed_only = true }}
650000000000000000000a03 = {{ event_type = "Childcare" }}
650000000000000000000a05 = {{ event_type = "ParentalLeave" }}
"#
        );
        self.write("connector.toml", &text);
    }

    pub(crate) fn arguments(&self, words: &[&str]) -> Arguments {
        let (settings, store) = (self.path("connector.toml"), self.path("links.sqlite"));
        let first = ["alexis-hr", "--settings", &settings, "--store", &store];
        Arguments::parse_from(first.iter().chain(words))
    }

    /// Runs a command as the program does; whoever is asked says yes.
    pub(crate) async fn try_run(&self, words: &[&str]) -> Result<Report, Failed> {
        let Arguments { command, common } = self.arguments(words);
        let command = command.unwrap();
        let session = Session::open(&common, &command).await?;
        run(&session, &command, &common, &mut |_| true).await
    }

    pub(crate) async fn run(&self, words: &[&str]) -> Report {
        self.try_run(words)
            .await
            .unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    pub(crate) fn id(&self, first_name: &str) -> String {
        self.alexis.id_of(first_name).unwrap()
    }

    /// The user in Kleer of this name.
    pub(crate) fn user(&self, name: &str) -> Option<User> {
        self.users().into_iter().find(|user| user.name == name)
    }

    pub(crate) fn users(&self) -> Vec<User> {
        let users: kleer_model::List<User> = self.sandbox.read(&endpoint::USER_LIST, &[]).unwrap();
        users.items
    }

    pub(crate) fn employment(&self, name: &str) -> PayrollUserReadable {
        let id = self.user(name).unwrap().id;
        self.sandbox
            .read(&endpoint::PAYROLL_USER_READ, &[&id.to_string()])
            .unwrap()
    }
}

/// A number in a report's JSON, 0 if it is not there.
pub(crate) fn count(report: &Report, path: &str) -> u64 {
    report
        .json
        .pointer(path)
        .and_then(Json::as_u64)
        .unwrap_or_default()
}
