//! The JSON Schema of a configuration, for editors that complete and check TOML.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};

use super::SecretRef;

/// The JSON Schema of a configuration in which `source` may be any table.
pub fn json_schema() -> Schema {
    json_schema_with::<AnySource>()
}

/// The JSON Schema of a configuration with the app's own `source`.
///
/// ```
/// use kleer_connect::configuration::{NoSource, json_schema_with};
///
/// let schema = serde_json::to_string(&json_schema_with::<NoSource>())?;
/// assert!(schema.contains("salary-unit"));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn json_schema_with<S: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<File<S>>();
    let title = "Configuration of a connector to Kleer";
    schema.insert("title".to_owned(), title.into());
    schema
}

/// Any table: what the app needs to know of its own system.
struct AnySource;

impl JsonSchema for AnySource {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Source".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "What the app needs to know of its own system.",
        })
    }
}

/// What a connector is told: one file, several connections.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
struct File<S> {
    /// Where links and deviations are kept. An `SQLite` file `kleer-connect.db` by default.
    store: Option<Store>,
    /// The connections by their labels, which never change: links are known by label and company.
    connections: BTreeMap<String, Connection<S>>,
}

/// Where links and deviations are kept.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
enum Store {
    /// In an `SQLite` file.
    Sqlite {
        /// The file; one that is not absolute is meant from the folder of the configuration.
        sqlite: String,
    },
    /// In a `PostgreSQL` database.
    Postgres {
        /// The URL, which holds a password.
        postgres: SecretRef,
        /// The name of the database schema.
        schema: Option<String>,
    },
}

/// One account of the source, paired with one Kleer company: with a `token` or a `log-in`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
struct Connection<S> {
    /// The company in Kleer, by its id.
    #[schemars(range(min = 1))]
    company: i32,
    /// The company's organisation number, to notice a token of another company.
    organisation_number: Option<String>,
    /// Kleer's address; that of the production by default.
    base_url: Option<String>,
    /// The token.
    token: Option<SecretRef>,
    /// E-mail address and password, in place of a token.
    log_in: Option<LogIn>,
    /// How Kleer writes salaries in this company. There is no default.
    salary_unit: Option<SalaryUnit>,
    /// How Kleer writes rates in this company. There is no default.
    rate_unit: Option<RateUnit>,
    /// How many requests to Kleer may run at the same time.
    #[schemars(range(min = 1, max = 1000))]
    concurrency: Option<i64>,
    /// The secret of the hashes of what was last in step: 32 hexadecimal digits.
    hash_key: Option<SecretRef>,
    /// When which kind of record is kept in step by itself.
    schedules: Option<BTreeMap<String, Schedule>>,
    /// What the app needs to know of its own system.
    source: Option<S>,
}

/// E-mail address and password of a user who logs in with a password.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct LogIn {
    /// The address.
    email: String,
    /// The password.
    password: SecretRef,
}

/// When something is done by itself.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Schedule {
    /// How long from one time to the next: `90s`, `15m`, `1h30m`, `1d`.
    every: String,
    /// By how much each time is moved, at most.
    jitter: Option<String>,
}

/// How salaries are written.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
enum SalaryUnit {
    /// `35000` is 35,000 kronor.
    Kronor,
    /// `3500000` is 35,000 kronor.
    Ore,
}

/// How rates are written.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
enum RateUnit {
    /// `25` is 25 %.
    Percent,
    /// `0.25` is 25 %.
    Fraction,
}

#[cfg(test)]
mod tests {
    use super::super::read::{CONNECTION_KEYS, FILE_KEYS, LOG_IN_KEYS, SCHEDULE_KEYS, STORE_KEYS};
    use super::super::secret::SECRET_KEYS;
    use super::*;

    fn sorted<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let mut keys: Vec<&str> = keys.into_iter().collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn the_schema_has_the_keys_that_the_reader_takes() {
        let schema = serde_json::to_value(json_schema()).unwrap();
        let of = |name: &str| {
            let at = match name {
                "" => schema.clone(),
                name => schema["$defs"][name].clone(),
            };
            let alternatives = at["anyOf"].as_array().cloned().unwrap_or_else(|| vec![at]);
            let mut keys = Vec::new();
            for one in alternatives {
                assert_eq!(one["additionalProperties"], false, "{name}");
                keys.extend(one["properties"].as_object().unwrap().keys().cloned());
            }
            keys.sort_unstable();
            keys
        };
        assert_eq!(of(""), sorted(FILE_KEYS));
        assert_eq!(of("Store"), sorted(STORE_KEYS));
        assert_eq!(of("Connection"), sorted(CONNECTION_KEYS));
        assert_eq!(of("LogIn"), sorted(LOG_IN_KEYS));
        assert_eq!(of("Schedule"), sorted(SCHEDULE_KEYS));
        assert_eq!(of("Secret"), sorted(SECRET_KEYS));
    }
}
