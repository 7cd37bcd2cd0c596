//! What the demo plays on: the fake of Alexis, a sandbox of Kleer, who is in them, and what people
//! do there.

use std::fs;
use std::path::Path;
use std::time::Duration;

use kleer_connect::client::model::{
    List, PayrollChild, PayrollUserWritable, SalaryAmount, User, endpoint,
};
use kleer_sandbox::{Fault, RecordedRequest, Sandbox, Seed};
use serde_json::{Value as Json, json};

use super::{FakeAlexis, TOKEN};

type Failed = Box<dyn std::error::Error + Send + Sync>;
type InKleer = (
    i32,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    [&'static str; 3],
);

/// Who is in Kleer before: Anna, Karl-Erik (whose number Alexis does not know), and Olga, of whom
/// Alexis knows nothing. The numbers are published test numbers.
#[rustfmt::skip]
const IN_KLEER: [InKleer; 3] = [
    (201, "Anna Ek", "anna.ek@example.com", "19901211-9948", "070-174 06 05", ["Torggatan 5", "503 31", "Borås"]),
    (202, "Karl-Erik Hägglund", "kalle@example.com", "19510217-9974", "+46 70 174 06 36", ["Lillgatan 7", "411 01", "Göteborg"]),
    (203, "Olga Nyman", "olga@example.com", "20000229-2399", "070-174 06 40", ["Norrgatan 4", "903 27", "Umeå"]),
];

/// Both systems.
#[derive(Debug)]
pub struct Stage {
    /// Alexis.
    pub alexis: FakeAlexis,
    /// Kleer.
    pub kleer: Sandbox,
}

impl Stage {
    /// Starts both, with the people of the demo.
    ///
    /// # Errors
    /// When one of them cannot be started.
    pub async fn start() -> Result<Self, Failed> {
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
            (agreement.tax_table_column, agreement.clearing_nr) =
                (Some(1), Some("9660".to_owned()));
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
        let alexis = FakeAlexis::start().await?;
        alexis.add_demo();
        let kleer = Sandbox::builder().seed(seed).start().await?;
        Ok(Self { alexis, kleer })
    }

    /// The id of the employee of this first name in Alexis (`alexis Anna`), or of the user of this
    /// name in Kleer (`kleer Anna Ek`).
    ///
    /// # Errors
    /// When there is none.
    pub fn id(&self, who: &str) -> Result<String, Failed> {
        let (system, name) = who.split_once(' ').unwrap_or((who, ""));
        let found = if system == "alexis" {
            self.alexis.id_of(name)
        } else {
            let users: List<User> = self.kleer.read(&endpoint::USER_LIST, &[])?;
            let user = users.items.into_iter().find(|user| user.name == name);
            user.map(|user| user.id.to_string())
        };
        found.ok_or_else(|| format!("{name} is not in {system}").into())
    }

    /// With ids in the place of `{alexis Anna}` and `{kleer Anna Ek}`.
    ///
    /// # Errors
    /// When there is nobody of that name.
    pub fn with_ids(&self, command: &str) -> Result<String, Failed> {
        let mut parts = command.split('{');
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (who, rest) = part.split_once('}').ok_or("a bracket is not closed")?;
            whole += &self.id(who)?;
            whole += rest;
        }
        Ok(whole)
    }

    /// Writes the settings of the demo, and both tokens.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn write_settings(&self, folder: &Path) -> Result<(), Failed> {
        fs::write(folder.join("alexis.token"), TOKEN)?;
        fs::write(folder.join("kleer.token"), self.kleer.token())?;
        let settings = include_str!("../../fixtures/demo.toml")
            .replace("COMPANY", &self.kleer.company().to_string())
            .replace("KLEER", self.kleer.base_url())
            .replace("ALEXIS", &self.alexis.base_url());
        Ok(fs::write(folder.join("demo.toml"), settings)?)
    }

    /// Does what somebody does in one of the systems: see the demo's script.
    ///
    /// # Errors
    /// When it cannot be done.
    pub fn act(&self, line: &str) -> Result<(), Failed> {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words.as_slice() {
            ["alexis", "new", first, rest] => {
                let mut employee: Json = serde_json::from_str(rest)?;
                employee["firstName"] = (*first).into();
                let id = self.alexis.add("employee", &employee);
                let from = json!({"employeeId": id, "startDate": "2026-11-01T00:00:00.000Z"});
                self.alexis.add("employment", &from);
            }
            ["alexis", resource, first, change] => {
                let mut id = self.id(&format!("alexis {first}"))?;
                if *resource != "employee" {
                    let employee = self.alexis.get("employee", &id);
                    id = employee[format!("{resource}Id")]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned();
                }
                self.alexis
                    .change(resource, &id, &serde_json::from_str(change)?);
            }
            ["kleer", what, first, rest] => {
                let (last, value) = rest.split_once(" = ").ok_or("a value is missing")?;
                let id = self.id(&format!("kleer {first} {last}"))?;
                if *what == "child" {
                    let child = PayrollChild::new(value, "2021-04-09".parse()?);
                    self.kleer
                        .write(&endpoint::PAYROLL_CHILD_CREATE, &[&id], &child)?;
                } else {
                    let mut change = PayrollUserWritable::update();
                    change.phone = Some(value.to_owned());
                    self.kleer
                        .write(&endpoint::PAYROLL_USER_UPDATE, &[&id], &change)?;
                }
            }
            _ => return Err(format!("nobody can do this: {line}").into()),
        }
        Ok(())
    }

    /// Lets Kleer create the next user and say nothing for a minute; how many were created before.
    pub fn keep_silent(&self) -> usize {
        let late = Fault::DelayAfterEffect(Duration::from_secs(60));
        self.kleer.fail(&endpoint::USER_CREATE, 1, late);
        self.kleer.count_requests(&endpoint::USER_CREATE)
    }

    /// Waits until Kleer has created one more user than before.
    pub async fn created_one_more(&self, before: usize) {
        while self.kleer.count_requests(&endpoint::USER_CREATE) == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    /// What there is in the end, in a line.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub fn counts(&self) -> Result<String, Failed> {
        let users: List<User> = self.kleer.read(&endpoint::USER_LIST, &[])?;
        let is_day = |one: &&RecordedRequest| {
            one.endpoint == Some(endpoint::EVENT_CREATE.name) && one.status == Some(200)
        };
        let days = self.kleer.requests().iter().filter(is_day).count();
        let doubles = self.kleer.doubles(&endpoint::USER_LIST, &[])?.len();
        // The user of the token is no employee.
        let (alexis, kleer) = (self.alexis.all("employee").len(), users.items.len() - 1);
        Ok(format!(
            "{alexis} employees in Alexis, {kleer} in Kleer, {days} days of absence, {doubles} doubles"
        ))
    }
}
