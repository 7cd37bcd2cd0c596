//! From a text to a [`Configuration`], collecting everything that is wrong with it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use kleer_model::{CompanyId, RateUnit, SalaryUnit};
use record_link::ConnectionId;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigurationError;
use super::reader::{Reader, Value};
use super::secret::{INLINE, SECRET_KEYS, secret_ref};
use super::{
    Access, Configuration, Connection, ScheduleSettings, SecretRef, StoreLocation, duration,
};

pub(super) const FILE_KEYS: [&str; 2] = ["store", "connections"];
pub(super) const STORE_KEYS: [&str; 3] = ["sqlite", "postgres", "schema"];
pub(super) const CONNECTION_KEYS: [&str; 11] = [
    "company",
    "organisation-number",
    "base-url",
    "token",
    "log-in",
    "salary-unit",
    "rate-unit",
    "concurrency",
    "hash-key",
    "schedules",
    "source",
];
pub(super) const LOG_IN_KEYS: [&str; 2] = ["email", "password"];
pub(super) const SCHEDULE_KEYS: [&str; 2] = ["every", "jitter"];

/// The most requests at the same time: what a machine has sockets for.
pub(super) const MOST_CONCURRENT: i64 = 1_000;

/// More often than this nobody polls.
const SHORTEST: Duration = Duration::from_secs(1);
/// Less often than this nobody means it.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

pub(super) fn configuration<S: DeserializeOwned>(
    text: &str,
) -> Result<Configuration<S>, ConfigurationError> {
    let mut reader = Reader::of(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        reader.problem(at, format!("this is no TOML: {}", error.message()));
    }
    if !reader.problems.is_empty() {
        // What the rest means is a guess.
        return Err(ConfigurationError::of(reader.problems));
    }
    let read = reader.configuration(document.get_ref());
    match read {
        Some(configuration) if reader.problems.is_empty() => Ok(configuration),
        _ => Err(ConfigurationError::of(reader.problems)),
    }
}

impl Reader<'_> {
    fn configuration<S: DeserializeOwned>(
        &mut self,
        document: &DeTable<'_>,
    ) -> Option<Configuration<S>> {
        self.only(document, "the configuration", &FILE_KEYS);
        let store = match document.get("store") {
            Some(store) => self.store(store),
            None => Some(StoreLocation::default()),
        };
        let Some(connections) = document.get("connections") else {
            let example = "[connections.acme]";
            self.missing(&(0..0), "the configuration", "connections", example);
            return None;
        };
        let table = self.table(connections, "connections")?;
        if table.is_empty() {
            let message = "there is no connection; write `[connections.acme]` with its `company`";
            self.problem(connections.span().start, message);
        }
        let mut entries: Vec<_> = table.iter().collect();
        // The parser sorts by name.
        entries.sort_by_key(|(label, _)| label.span().start);
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut read = Vec::new();
        for (key, value) in entries {
            let label: &str = key.get_ref();
            if let Some(known) = seen.insert(label.trim().to_lowercase(), label.to_owned()) {
                let message = format!(
                    "the label `{label}` differs from `{known}` in case or white space only; people \
                     would mix them up: rename one"
                );
                self.problem(key.span().start, message);
            }
            read.push(self.connection(label, &key.span(), value));
        }
        let connections: Option<Vec<_>> = read.into_iter().collect();
        Some(Configuration {
            store: store?,
            connections: connections?,
        })
    }

    fn store(&mut self, value: &Value<'_>) -> Option<StoreLocation> {
        let table = self.table(value, "store")?;
        self.only(table, "the store", &STORE_KEYS);
        let schema = match table.get("schema") {
            Some(schema) => Some(self.text(schema, "schema")?),
            None => None,
        };
        match (table.get("sqlite"), table.get("postgres")) {
            (Some(path), None) => {
                if let Some(schema) = table.get("schema") {
                    self.problem(schema.span().start, "`schema` goes with `postgres`");
                }
                let path = PathBuf::from(self.text(path, "sqlite")?);
                Some(StoreLocation::Sqlite { path })
            }
            (None, Some(url)) => {
                let url = self.secret(url, "postgres")?;
                Some(StoreLocation::Postgres { url, schema })
            }
            (Some(_), Some(other)) => {
                let message = "the store is `sqlite` or `postgres`, not both; remove one";
                self.problem(other.span().start, message);
                None
            }
            (None, None) => {
                self.missing(
                    &value.span(),
                    "the store",
                    "sqlite",
                    "sqlite = \"links.db\"",
                );
                None
            }
        }
    }

    fn connection<S: DeserializeOwned>(
        &mut self,
        label: &str,
        place: &Range<usize>,
        value: &Value<'_>,
    ) -> Option<Connection<S>> {
        let what = format!("connections.{label}");
        let table = self.table(value, &what)?;
        self.only(table, "a connection", &CONNECTION_KEYS);
        let company = self.company(table, place);
        let id = self.connection_id(label, place, company);
        let access = self.access(table, place);
        let organisation_number = self.organisation_number(table);
        let base_url = table
            .get("base-url")
            .and_then(|url| self.text(url, "base-url"));
        let salary_units = [("kronor", SalaryUnit::Kronor), ("ore", SalaryUnit::Ore)];
        let rate_units = [
            ("percent", RateUnit::Percent),
            ("fraction", RateUnit::Fraction),
        ];
        let salary_unit = table.get("salary-unit");
        let salary_unit =
            salary_unit.and_then(|unit| self.word(unit, "salary-unit", &salary_units));
        let rate_unit = table.get("rate-unit");
        let rate_unit = rate_unit.and_then(|unit| self.word(unit, "rate-unit", &rate_units));
        let concurrency = table.get("concurrency").and_then(|number| {
            let number = self.whole(number, "concurrency", (1, MOST_CONCURRENT))?;
            usize::try_from(number).ok()
        });
        let hash_key = table
            .get("hash-key")
            .and_then(|key| self.secret(key, "hash-key"));
        let schedules = self.schedules(table);
        let source = self.source(table.get("source"), label, place);
        Some(Connection {
            label: label.to_owned(),
            company: company?,
            organisation_number,
            base_url,
            access: access?,
            salary_unit,
            rate_unit,
            concurrency,
            hash_key,
            schedules,
            source: source?,
            id: id?,
        })
    }

    fn company(&mut self, table: &DeTable<'_>, place: &Range<usize>) -> Option<CompanyId> {
        let Some(company) = table.get("company") else {
            self.missing(place, "the connection", "company", "company = 4875");
            return None;
        };
        self.whole(company, "company", (1, i32::MAX)).map(CompanyId)
    }

    fn connection_id(
        &mut self,
        label: &str,
        place: &Range<usize>,
        company: Option<CompanyId>,
    ) -> Option<ConnectionId> {
        if label.trim().is_empty() || label.contains("->") || label.trim() != label {
            let message = "a label is not blank, has no white space at its ends, and no `->` in it; \
                           rename the connection";
            self.problem(place.start, message);
            return None;
        }
        // One that stands for a company that could not be read: only its label is looked at.
        let number = company.map_or(0, |company| company.0);
        match ConnectionId::new(format!("{label}->{number}")) {
            Ok(id) => Some(id),
            Err(error) => {
                self.problem(place.start, format!("{error}; it is made of the label"));
                None
            }
        }
    }

    fn access(&mut self, table: &DeTable<'_>, place: &Range<usize>) -> Option<Access> {
        match (table.get("token"), table.get("log-in")) {
            (Some(token), None) => self.secret(token, "token").map(Access::Token),
            (None, Some(log_in)) => self.log_in(log_in),
            (Some(_), Some(other)) => {
                let message = "a connection has a `token` or a `log-in`, not both; remove one";
                self.problem(other.span().start, message);
                None
            }
            (None, None) => {
                let example = "token = { env = \"KLEER_TOKEN\" }";
                self.missing(place, "the connection", "token", example);
                None
            }
        }
    }

    fn log_in(&mut self, value: &Value<'_>) -> Option<Access> {
        let table = self.table(value, "log-in")?;
        self.only(table, "a log-in", &LOG_IN_KEYS);
        let span = value.span();
        let email = if let Some(email) = table.get("email") {
            self.text(email, "email")
        } else {
            self.missing(
                &span,
                "the log-in",
                "email",
                "email = \"integration@example.com\"",
            );
            None
        };
        let password = if let Some(password) = table.get("password") {
            self.secret(password, "password")
        } else {
            let example = "password = { env = \"KLEER_PASSWORD\" }";
            self.missing(&span, "the log-in", "password", example);
            None
        };
        Some(Access::LogIn {
            email: email?,
            password: password?,
        })
    }

    /// Where a secret is. A text is refused: it may be the secret, and is not shown.
    fn secret(&mut self, value: &Value<'_>, what: &str) -> Option<SecretRef> {
        let table = match value.get_ref() {
            DeValue::Table(table) => table,
            DeValue::String(_) => {
                self.problem(value.span().start, format!("`{what}`: {INLINE}"));
                return None;
            }
            _ => {
                let expected = "{ env = \"NAME\" } or { file = \"path\" }";
                self.wrong(value, what, expected);
                return None;
            }
        };
        self.only(table, "a secret", &SECRET_KEYS);
        let env = table.get("env").map(|env| self.text(env, "env"));
        let file = table.get("file").map(|file| self.text(file, "file"));
        let open = table.get("readable-by-others").map(|open| {
            if let DeValue::Boolean(open) = open.get_ref() {
                return Some(*open);
            }
            self.wrong(open, "readable-by-others", "true or false");
            None
        });
        // What is wrong already was told.
        if matches!(env, Some(None)) || matches!(file, Some(None)) || matches!(open, Some(None)) {
            return None;
        }
        let file = file.flatten().map(PathBuf::from);
        match secret_ref(env.flatten(), file, open.flatten()) {
            Ok(secret) => Some(secret),
            Err(message) => {
                self.problem(value.span().start, format!("`{what}`: {message}"));
                None
            }
        }
    }

    fn organisation_number(&mut self, table: &DeTable<'_>) -> Option<String> {
        let value = table.get("organisation-number")?;
        let text = self.text(value, "organisation-number")?;
        if text.parse::<swedish_ids::OrganisationNumber>().is_ok() {
            return Some(text);
        }
        let message = "`organisation-number` is no Swedish organisation number; write it as Kleer \
                       shows it, such as 556000-0175";
        self.problem(value.span().start, message);
        None
    }

    fn schedules(&mut self, table: &DeTable<'_>) -> BTreeMap<String, ScheduleSettings> {
        let mut schedules = BTreeMap::new();
        let Some(value) = table.get("schedules") else {
            return schedules;
        };
        let Some(table) = self.table(value, "schedules") else {
            return schedules;
        };
        for (name, value) in table {
            let what = format!("schedules.{}", name.get_ref());
            let Some(entries) = self.table(value, &what) else {
                continue;
            };
            self.only(entries, "a schedule", &SCHEDULE_KEYS);
            let every = if let Some(every) = entries.get("every") {
                self.time(every, "every", SHORTEST)
            } else {
                self.missing(&value.span(), "the schedule", "every", "every = \"15m\"");
                None
            };
            let jitter = match entries.get("jitter") {
                Some(jitter) => self.time(jitter, "jitter", Duration::ZERO),
                None => Some(Duration::ZERO),
            };
            let (Some(every), Some(jitter)) = (every, jitter) else {
                continue;
            };
            if jitter > every {
                let message = "`jitter` is longer than `every`; make it shorter";
                self.problem(value.span().start, message);
                continue;
            }
            schedules.insert(
                name.get_ref().clone().into_owned(),
                ScheduleSettings { every, jitter },
            );
        }
        schedules
    }

    fn time(&mut self, value: &Value<'_>, what: &str, least: Duration) -> Option<Duration> {
        let text = self.text(value, what)?;
        let time = duration::parse(&text).filter(|time| (least..=LONGEST).contains(time));
        if time.is_none() {
            let message = format!(
                "`{what}` takes a time such as `90s`, `15m`, `1h30m` or `1d`, {} to a year",
                if least.is_zero() {
                    "up"
                } else {
                    "from a second"
                }
            );
            self.problem(value.span().start, message);
        }
        time
    }

    /// The app's own table. An error within it has its own place.
    fn source<S: DeserializeOwned>(
        &mut self,
        value: Option<&Value<'_>>,
        label: &str,
        place: &Range<usize>,
    ) -> Option<S> {
        let own = match value {
            Some(value) => {
                self.table(value, "source")?;
                value.clone()
            }
            None => Spanned::new(place.clone(), DeValue::Table(DeTable::new())),
        };
        let span = own.span();
        match S::deserialize(toml::de::ValueDeserializer::from(own)) {
            Ok(source) => Some(source),
            Err(error) => {
                let at = error.span().unwrap_or(span).start;
                let message = without_values(error.message());
                let message = format!("connections.{label}.source: {message}");
                self.problem(at, message);
                None
            }
        }
    }
}

/// A message of the app's own reading, without the texts that it quotes: one of them may be a secret
/// that stands in the wrong place.
fn without_values(message: &str) -> String {
    const QUOTES: &str = "string \"";
    let Some((before, rest)) = message.split_once(QUOTES) else {
        return message.to_owned();
    };
    // The text may have quotes of its own: what is expected stands behind the last one.
    let after = rest.rsplit_once("\", expected ");
    match after {
        Some((_, expected)) => format!("{before}a text, expected {expected}"),
        None => format!("{before}a text"),
    }
}
