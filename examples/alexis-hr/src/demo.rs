//! The demo: a fake of Alexis HR, a sandbox of Kleer, and this program between them.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Parser;
use kleer_connect::client::model::{
    List, PayrollChild, PayrollUserWritable, SalaryAmount, User, endpoint,
};
use kleer_sandbox::{Fault, RecordedRequest, Sandbox, Seed};
use serde_json::json;

use crate::fake::{FakeAlexis, TOKEN};
use crate::run::{Arguments, run as run_command};
use crate::session::{Failed, Session};

/// What there is at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Employees in Alexis, and those in Kleer (without the user of the token).
    pub employees: [usize; 2],
    /// Days of absence in Kleer.
    pub days: usize,
    /// Users in Kleer that stand there twice.
    pub doubles: usize,
}

struct Demo<'a> {
    alexis: FakeAlexis,
    kleer: Sandbox,
    folder: PathBuf,
    out: &'a mut (dyn Write + Send),
}

/// Walks through match, export, a change on both sides, leave, an unlink and a crash, and tells what
/// it does. `program` is this program's file.
///
/// # Errors
/// When it cannot go on.
pub async fn run(
    program: &Path,
    folder: &Path,
    out: &mut (dyn Write + Send),
) -> Result<Counts, Failed> {
    let alexis = FakeAlexis::start().await?;
    alexis.add_demo();
    let kleer = Sandbox::builder().seed(in_kleer()?).start().await?;
    let folder = folder.to_owned();
    let mut demo = Demo {
        alexis,
        kleer,
        folder,
        out,
    };
    demo.write_settings()?;
    demo.walk(program).await?;
    let counts = demo.counts()?;
    demo.alexis.shutdown().await;
    demo.kleer.shutdown().await;
    Ok(counts)
}

type InKleer = (
    i32,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    [&'static str; 3],
);

const IN_KLEER: [InKleer; 3] = [
    (
        201,
        "Anna Ek",
        "anna.ek@example.com",
        "19901211-9948",
        "070-174 06 05",
        ["Torggatan 5", "503 31", "Borås"],
    ),
    (
        202,
        "Karl-Erik Hägglund",
        "kalle@example.com",
        "19510217-9974",
        "+46 70 174 06 36",
        ["Lillgatan 7", "411 01", "Göteborg"],
    ),
    (
        203,
        "Olga Nyman",
        "olga@example.com",
        "20000229-2399",
        "070-174 06 40",
        ["Norrgatan 4", "903 27", "Umeå"],
    ),
];

/// Who is in Kleer before: Anna, Karl-Erik (whose number Alexis does not know), and Olga, of whom
/// Alexis knows nothing.
fn in_kleer() -> Result<Seed, Failed> {
    let hired = "2026-01-01".parse()?;
    let mut seed = Seed::new();
    for (id, name, email, ssn, phone, home) in IN_KLEER {
        let mut user = User::new(name, email);
        user.id.0 = id;
        user.internal_id = Some(id - 200);
        let mut agreement = PayrollUserWritable::create(ssn, hired);
        agreement.phone = Some(phone.to_owned());
        let [street, zip_code, town] = home.map(ToOwned::to_owned);
        (agreement.address2, agreement.zip_code) = (Some(street), Some(zip_code));
        (agreement.state, agreement.tax_table) = (Some(town), Some(33));
        (agreement.tax_table_column, agreement.clearing_nr) = (Some(1), Some("9660".to_owned()));
        agreement.account_nr = Some("1000010".to_owned());
        agreement.monthly_salary = Some(SalaryAmount(if id == 201 { 41_000 } else { 38_500 }));
        agreement.monthly_salary_start_date = Some(hired);
        seed = seed.user(&user);
        seed = seed.write(
            &endpoint::PAYROLL_USER_CREATE,
            &[&id.to_string()],
            &agreement,
        );
    }
    Ok(seed)
}

impl Demo<'_> {
    fn write_settings(&self) -> Result<(), Failed> {
        let file = |name: &str, text: &str| std::fs::write(self.folder.join(name), text);
        file("alexis.token", TOKEN)?;
        file("kleer.token", self.kleer.token())?;
        let settings = format!(
            include_str!("demo.toml"),
            company = self.kleer.company(),
            kleer = self.kleer.base_url(),
            alexis = self.alexis.base_url(),
        );
        Ok(file("demo.toml", &settings)?)
    }

    fn say(&mut self, text: &str) -> Result<(), Failed> {
        Ok(writeln!(self.out, "\n# {text}")?)
    }

    fn options(&self) -> [String; 7] {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let [settings, store] = [file("demo.toml"), file("demo.sqlite")];
        let word = ToOwned::to_owned;
        let [s, t] = ["--settings", "--store"].map(word);
        [
            s,
            settings,
            t,
            store,
            word("--lease"),
            word("2"),
            word("--show-personal-data"),
        ]
    }

    /// Runs a command as somebody would who says yes.
    async fn command(&mut self, words: &[&str]) -> Result<(), Failed> {
        writeln!(self.out, "$ alexis-hr {}", words.join(" "))?;
        let all = std::iter::once("alexis-hr".to_owned()).chain(self.options());
        let all = all.chain(words.iter().map(|word| (*word).to_owned()));
        let Arguments { command, common } = Arguments::try_parse_from(all)?;
        let command = command.ok_or("a command is missing")?;
        let session = Session::open(&common, &command).await?;
        let mut shown = String::new();
        let mut say_yes = |text: &str| {
            shown = format!("{text}Carry this out? [y/N] y\n");
            true
        };
        let report = run_command(&session, &command, &common, &mut say_yes).await?;
        Ok(write!(self.out, "{shown}{}", report.text)?)
    }

    fn id(&self, first_name: &str) -> Result<String, Failed> {
        let found = self.alexis.id_of(first_name);
        found.ok_or_else(|| format!("{first_name} is not in Alexis").into())
    }

    fn user(&self, name: &str) -> Result<String, Failed> {
        let users: List<User> = self.kleer.read(&endpoint::USER_LIST, &[])?;
        let found = users.items.into_iter().find(|user| user.name == name);
        Ok(found
            .ok_or_else(|| format!("{name} is not in Kleer"))?
            .id
            .to_string())
    }

    /// Changes an employment in Kleer, as somebody does there.
    fn in_kleer(&self, name: &str, phone: &str) -> Result<(), Failed> {
        let mut change = PayrollUserWritable::update();
        change.phone = Some(phone.to_owned());
        self.kleer.write(
            &endpoint::PAYROLL_USER_UPDATE,
            &[&self.user(name)?],
            &change,
        )?;
        Ok(())
    }

    async fn walk(&mut self, program: &Path) -> Result<(), Failed> {
        self.say("Five employees in Alexis, three in Kleer, and nothing is linked.")?;
        self.command(&["status"]).await?;

        self.say("Who may be the same, and why?")?;
        self.command(&["match"]).await?;
        self.say("Anna has the same number in both; Karl-Erik is confirmed by a person. Of Anna, Alexis is right.")?;
        self.command(&["match", "--certain", "--prefer", "source"])
            .await?;
        let (karl, in_kleer) = (self.id("Karl-Erik")?, self.user("Karl-Erik Hägglund")?);
        self.command(&["match", "--confirm", &format!("{karl}={in_kleer}")])
            .await?;
        self.say("Of Karl-Erik, Kleer is right: his number, e-mail address and telephone come to Alexis.")?;
        self.command(&["import", &in_kleer, "--action", "prefer-kleer"])
            .await?;

        self.say(
            "The others are created in Kleer. Berit is not: her employment ends before it starts.",
        )?;
        self.command(&["export"]).await?;
        self.say("Olga is only in Kleer. She is created in Alexis.")?;
        let olga = self.user("Olga Nyman")?;
        self.command(&["import", &olga, "--action", "create"])
            .await?;

        self.say("Märta moves, and Alexis knows. Amina has another telephone, and Kleer knows. Anna has one in each.")?;
        let address = json!({"homeAddress": {"street": "Havsvägen 9"}});
        self.alexis.change("employee", &self.id("Märta")?, &address);
        self.in_kleer("Amina Haddad", "070-174 06 21")?;
        self.in_kleer("Anna Ek", "070-174 06 22")?;
        let phone = json!({"privatePhone": "070-174 06 23"});
        self.alexis.change("employee", &self.id("Anna")?, &phone);
        self.command(&["export"]).await?;
        self.command(&["import"]).await?;
        self.say("The conflict waits for a person, who decides for Kleer.")?;
        let anna = self.user("Anna Ek")?;
        self.command(&["import", &anna, "--action", "prefer-kleer"])
            .await?;

        self.say("Leave, day by day. Amina's child has to be known in Kleer.")?;
        let child = PayrollChild::new("Sami", "2021-04-09".parse()?);
        self.kleer.write(
            &endpoint::PAYROLL_CHILD_CREATE,
            &[&self.user("Amina Haddad")?],
            &child,
        )?;
        let leave = ["leave", "--from", "2026-10-01", "--to", "2026-11-30"];
        self.command(&leave).await?;

        self.say("What did not go stands in the error log. Berit's employment is corrected, and tried again.")?;
        self.command(&["deviations", "list"]).await?;
        let berit = self.id("Berit")?;
        let employment = self.alexis.get("employee", &berit)["employmentId"].clone();
        let correct = json!({"endDate": "2027-05-31T00:00:00.000Z"});
        self.alexis.change(
            "employment",
            employment.as_str().unwrap_or_default(),
            &correct,
        );
        self.command(&["deviations", "reprocess"]).await?;

        self.say("Karl-Erik is unlinked: what changes in Alexis does not reach Kleer any more.")?;
        self.command(&["unlink", &karl]).await?;
        self.alexis
            .change("employee", &karl, &json!({"privatePhone": "070-174 06 24"}));
        self.command(&["export"]).await?;

        self.crash(program).await?;

        self.say("At the end.")?;
        self.command(&["status"]).await?;
        let counts = self.counts()?;
        let [alexis, kleer] = counts.employees;
        let (days, doubles) = (counts.days, counts.doubles);
        writeln!(
            self.out,
            "\n{alexis} employees in Alexis, {kleer} in Kleer, {days} days of absence, {doubles} doubles"
        )?;
        Ok(())
    }

    /// Kills the program in the middle of a create, as a process, and lets the next run repair it.
    async fn crash(&mut self, program: &Path) -> Result<(), Failed> {
        self.say("A new employee. The program is killed after Kleer has created the user, before it hears so.")?;
        let employee = json!({
            "firstName": "Disa", "lastName": "Dahl", "privateEmail": "disa@example.com",
            "ssn": "20001209-9891",
        });
        let id = self.alexis.add("employee", employee);
        let employment = json!({"employeeId": id, "startDate": "2026-11-01T00:00:00.000Z"});
        self.alexis.add("employment", employment);
        let creates = self.kleer.count_requests(&endpoint::USER_CREATE);
        let late = Fault::DelayAfterEffect(Duration::from_secs(60));
        self.kleer.fail(&endpoint::USER_CREATE, 1, late);
        let mut child = Command::new(program)
            .args(self.options())
            .args(["export", "--yes"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        while self.kleer.count_requests(&endpoint::USER_CREATE) == creates {
            if let Some(status) = child.try_wait()? {
                return Err(format!("the program ended with {status}").into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // It is taken effect once it is answered late.
        tokio::time::sleep(Duration::from_millis(200)).await;
        child.kill()?;
        child.wait()?;
        let mut line = String::new();
        write!(
            line,
            "(killed; Kleer has the user, and {} of it)",
            self.agreement_of("Disa Dahl")?
        )?;
        writeln!(self.out, "{line}")?;
        self.say("The next run waits until the dead one's lease has run out, finds her, and finishes her.")?;
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        self.command(&["export"]).await
    }

    fn agreement_of(&self, name: &str) -> Result<&'static str, Failed> {
        let user = self.user(name)?;
        let read: Result<kleer_connect::client::model::PayrollUserReadable, _> =
            self.kleer.read(&endpoint::PAYROLL_USER_READ, &[&user]);
        Ok(if read.is_ok() { "all" } else { "nothing" })
    }

    fn counts(&self) -> Result<Counts, Failed> {
        let users: List<User> = self.kleer.read(&endpoint::USER_LIST, &[])?;
        let requests = self.kleer.requests();
        let is_day = |one: &&RecordedRequest| {
            one.endpoint == Some(endpoint::EVENT_CREATE.name) && one.status == Some(200)
        };
        Ok(Counts {
            employees: [self.alexis.all("employee").len(), users.items.len() - 1],
            days: requests.iter().filter(is_day).count(),
            doubles: self.kleer.doubles(&endpoint::USER_LIST, &[])?.len(),
        })
    }
}
