//! The configuration file: what is taken, what is refused and where, and what becomes of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::DateTime;
use flat_record::{HashKey, Kind};
use kleer_client::model::{CompanyId, CompanyInformation, RateUnit, SalaryUnit};
use kleer_connect::configuration::{
    Access, CompanyError, Configuration, Environment, NoSource, OpenError, SecretError, SecretRef,
    Secrets, StoreLocation, json_schema,
};
use kleer_connect::{MissingUnit, Units};
use kleer_sandbox::{DEFAULT_EMAIL, DEFAULT_PASSWORD, DEFAULT_TOKEN, Sandbox, Seed};
use proptest::prelude::*;
use record_link::{
    Batch, ConnectionId, Event, EventKind, Link, MemoryStore, Origin, RecordKey, Sides, Store,
    Write,
};
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Hr {
    address: String,
    #[serde(default)]
    token: Option<SecretRef>,
}

const WHOLE: &str = r#"
[store]
postgres = { env = "DATABASE_URL" }
schema = "kleer"

[connections.acme]
company = 4875
organisation-number = "556000-0175"
base-url = "https://test-api.kleer.se/v1"
token = { file = "acme-token", readable-by-others = true }
salary-unit = "kronor"
rate-unit = "fraction"
concurrency = 16
hash-key = { env = "HASH_KEY" }
schedules.employee = { every = "15m", jitter = "1m" }
schedules.leave = { every = "1d" }
source = { address = "https://hr.example.com", token = { env = "HR_TOKEN" } }

[connections."Other AB"]
company = 17
log-in = { email = "tolvan@example.com", password = { env = "PASSWORD" } }
[connections."Other AB".source]
address = "https://hr.example.com"
"#;

fn parse(text: &str) -> Result<Configuration<Hr>, Vec<String>> {
    Configuration::parse(text)
        .map_err(|error| error.problems.iter().map(ToString::to_string).collect())
}

fn problems(text: &str) -> Vec<String> {
    parse(text).unwrap_err()
}

#[test]
fn a_whole_file_is_taken() {
    let configuration = parse(WHOLE).unwrap();
    let url = SecretRef::env("DATABASE_URL");
    let schema = Some("kleer".to_owned());
    assert_eq!(configuration.store, StoreLocation::Postgres { url, schema });
    let labels: Vec<_> = configuration
        .connections
        .iter()
        .map(|one| one.label.as_str())
        .collect();
    assert_eq!(labels, ["acme", "Other AB"], "in the order of the file");
    let acme = configuration.connection("acme").unwrap();
    assert_eq!(
        (acme.company, acme.id().as_str()),
        (CompanyId(4875), "acme->4875")
    );
    assert_eq!(
        acme.units(),
        Ok(Units::new(SalaryUnit::Kronor, RateUnit::Fraction))
    );
    assert_eq!(acme.concurrency, Some(16));
    assert_eq!(acme.schedules["employee"].every, Duration::from_secs(900));
    assert_eq!(acme.schedules["employee"].jitter, Duration::from_secs(60));
    assert_eq!(acme.schedules["leave"].jitter, Duration::ZERO);
    assert_eq!(acme.source.token, Some(SecretRef::env("HR_TOKEN")));
    let other = configuration.connection("Other AB").unwrap();
    assert!(matches!(&other.access, Access::LogIn { email, .. } if email == "tolvan@example.com"));
    let missing: MissingUnit = other.units().unwrap_err();
    assert!(missing.to_string().contains("`salary-unit`"), "{missing}");
    // Who it logs in as is somebody's name.
    assert!(!format!("{configuration:?}").contains("tolvan"));

    let unknown = configuration.connection("acmee").unwrap_err();
    assert!(
        unknown.to_string().contains("did you mean \"acme\"?"),
        "{unknown}"
    );
}

#[test]
fn what_is_left_out_has_its_default() {
    let text = "[connections.a]\ncompany = 1\ntoken = { env = \"T\" }";
    let configuration = Configuration::<NoSource>::parse(text).unwrap();
    let path = PathBuf::from("kleer-connect.db");
    assert_eq!(configuration.store, StoreLocation::Sqlite { path });
    let one = &configuration.connections[0];
    assert_eq!(
        (one.salary_unit, one.rate_unit, one.concurrency),
        (None, None, None)
    );
    // An app that needs a source says so at the connection.
    assert_eq!(
        problems(text),
        ["line 1, column 14: connections.a.source: missing field `address`"]
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let text = r#"stores = 1

[connections.acme]
compny = 4875
token = { env = "A", fil = "b" }
salary-unit = "krona"
rate_unit = "percent"
concurrency = 0
schedules.employee = { every = "15 minutes", jiter = "1m" }
source = { address = 7 }

[connections.acme2]
company = "4875"
"#;
    assert_eq!(
        problems(text),
        [
            "line 1, column 1: the configuration has no key `stores`; did you mean `store`?",
            "line 3, column 14: the connection has no `company`; write `company = 4875`",
            "line 4, column 1: a connection has no key `compny`; did you mean `company`?",
            "line 5, column 22: a secret has no key `fil`; did you mean `file`?",
            "line 6, column 15: `salary-unit` is one of `kronor`, `ore`; did you mean `kronor`?",
            "line 7, column 1: a connection has no key `rate_unit`; did you mean `rate-unit`?",
            "line 8, column 15: `concurrency` takes a whole number from 1 to 1000",
            "line 9, column 32: `every` takes a time such as `90s`, `15m`, `1h30m` or `1d`, from a \
             second to a year",
            "line 9, column 46: a schedule has no key `jiter`; did you mean `jitter`?",
            "line 10, column 22: connections.acme.source: invalid type: integer `7`, expected a string",
            "line 12, column 14: the connection has no `token`; write `token = { env = \
             \"KLEER_TOKEN\" }`",
            "line 12, column 14: connections.acme2.source: missing field `address`",
            "line 13, column 11: `company` takes a whole number, not a text",
        ]
    );
}

#[test]
fn other_mistakes_have_their_place_too() {
    let connection = |rest: &str| {
        format!(
            "[connections.a]\ncompany = 1\ntoken = {{ env = \"T\" }}\nsource.address = \"x\"\n{rest}"
        )
    };
    let in_connection = [
        ("token2 = 1", "no key `token2`; did you mean `token`"),
        (
            "log-in = { email = \"a@b.se\" }",
            "`token` or a `log-in`, not both",
        ),
        (
            "organisation-number = \"556000-0176\"",
            "no Swedish organisation number",
        ),
        ("hash-key = { env = \"A\", file = \"b\" }", "one of the two"),
        (
            "hash-key = { env = \"A\", readable-by-others = true }",
            "goes with `file`",
        ),
        ("hash-key = {}", "one of the two"),
        ("hash-key = 7", "takes { env = \"NAME\" }"),
        ("base-url = \"\"", "`base-url` is empty"),
        ("schedules = 1", "`schedules` takes a table"),
        (
            "schedules.a = { every = \"1m\", jitter = \"2m\" }",
            "longer than `every`",
        ),
        ("schedules.a = {}", "has no `every`"),
        ("schedules.a = { every = \"0s\" }", "from a second"),
        ("concurrency = 99_999", "from 1 to 1000"),
        ("concurrency = 0x10000000000000000", "from 1 to 1000"),
    ];
    for (rest, expected) in in_connection {
        let found = problems(&connection(rest));
        assert_eq!(found.len(), 1, "{rest}: {found:?}");
        assert!(
            found[0].starts_with("line 5") && found[0].contains(expected),
            "{rest}: {found:?}"
        );
    }
    for (text, expected) in [
        ("", "has no `connections`"),
        ("connections = 1", "`connections` takes a table"),
        ("[connections]", "there is no connection"),
        ("[connections.a", "this is no TOML"),
        (
            "a = 1\na = 2\n[connections]",
            "line 2, column 1: this is no TOML: duplicate key",
        ),
        ("connections.\"a->b\".company = 1", "no `->` in it"),
        ("connections.\" \".company = 1", "not blank"),
        ("[store]\n[connections]", "the store has no `sqlite`"),
        (
            "[store]\nsqlite = \"a\"\nschema = \"b\"\n[connections]",
            "line 3, column 10: `schema` goes",
        ),
        (
            "store = { sqlite = \"a\", postgres = { env = \"B\" } }\n[connections]",
            "not both",
        ),
    ] {
        let found = problems(text);
        assert!(
            found.iter().any(|one| one.contains(expected)),
            "{text}: {found:?}"
        );
    }
    let alike = "connections.Acme.company = 1\nconnections.acme.company = 1";
    assert!(
        problems(alike).iter().any(|one| {
            one.starts_with("line 2, column 13: the label `acme` differs from `Acme`")
        })
    );
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_shown() {
    for text in [
        "[connections.a]\ncompany = 1\ntoken = \"HEMLIGT\"",
        "[connections.a]\ncompany = 1\nlog-in = { email = \"a@b.se\", password = \"HEMLIGT\" }",
        "[connections.a]\ncompany = 1\ntoken = { env = \"HEMLIGT-1/2\" }",
        "[connections.a]\ncompany = 1\ntoken = [\"HEMLIGT\"]",
        "[connections.a]\ncompany = 1\nhash-key = \"HEMLIGT\"",
        "[store]\npostgres = \"postgres://HEMLIGT@db\"\n[connections.a]\ncompany = 1",
        "[connections.a]\ncompany = 1\nsource = { address = \"x\", token = \"HEMLIGT\" }",
        "[connections.a]\ntoken = \"HEMLIGT",
        "[connections.a]\ntoken = HEMLIGT",
    ] {
        let error = Configuration::<Hr>::parse(text).unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(!told.contains("HEMLIGT"), "{told}");
    }
    let told =
        problems("[connections.a]\ncompany = 1\nsource.address = \"x\"\ntoken = \"HEMLIGT\"");
    assert!(
        told[0]
            .starts_with("line 4, column 9: `token`: a secret does not stand in the configuration"),
        "{told:?}"
    );
}

#[test]
fn a_file_is_read_with_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kleer.toml");
    let text = "\u{FEFF}[store]\nsqlite = \"links.db\"\n[connections.a]\ncompany = 1\n\
                token = { file = \"token\" }\nhash-key = { file = \"/elsewhere/key\" }";
    std::fs::write(&path, text).unwrap();
    let configuration = Configuration::<NoSource>::read(&path).unwrap();
    let links = folder.path().join("links.db");
    assert_eq!(configuration.store, StoreLocation::Sqlite { path: links });
    let one = &configuration.connections[0];
    assert_eq!(
        one.access,
        Access::Token(SecretRef::file(folder.path().join("token")))
    );
    assert_eq!(one.hash_key, Some(SecretRef::file("/elsewhere/key")));

    std::fs::write(&path, b"[connections.a]\ncompany = 1 # \xE5").unwrap();
    let error = Configuration::<NoSource>::read(&path).unwrap_err();
    assert!(error.to_string().contains("kleer.toml"), "{error}");
    assert_eq!((error.problems[0].line, error.problems[0].column), (2, 15));
    let error = Configuration::<NoSource>::read(&folder.path().join("none.toml")).unwrap_err();
    assert!(
        error.to_string().contains("none.toml cannot be read"),
        "{error}"
    );
}

#[test]
fn files_of_other_editors_are_read_and_mistakes_in_them_have_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connector.toml");
    let of_windows = format!("\u{FEFF}{}", WHOLE.replace('\n', "\r\n"));
    std::fs::write(&path, &of_windows).unwrap();
    let read = Configuration::<Hr>::read(&path).unwrap();
    assert_eq!(read.connections.len(), 2);
    assert!(parse(&of_windows).is_ok(), "and from a text");
    let wrong = "\u{FEFF}[connections.\"Åkeri & Söner 🚚\"]\r\ncompany = 1\r\ntoken = { env = \"T\" }\r\ncompany = 2\r\n";
    let told = problems(wrong);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("line 4, column 1: ") && told[0].contains("duplicate"),
        "{told:?}"
    );
    let good = wrong.replace("\r\ncompany = 2", "");
    let configuration = Configuration::<NoSource>::parse(&good).unwrap();
    assert_eq!(
        configuration.connections[0].id().as_str(),
        "Åkeri & Söner 🚚->1"
    );
    for label in ["", " a", "a->b", "a\\nb"] {
        let text = good.replace("Åkeri & Söner 🚚", label);
        let error = Configuration::<NoSource>::parse(&text).unwrap_err();
        assert_eq!(error.problems[0].line, 1, "{error}");
    }
}

#[test]
fn what_is_no_configuration_is_not_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.toml");
    std::fs::File::create(&path)
        .unwrap()
        .set_len(1 << 40)
        .unwrap(); // sparse
    let error = Configuration::<NoSource>::read(&path).unwrap_err();
    assert!(error.to_string().contains("larger than 1 MiB"), "{error}");
    let error = Configuration::<NoSource>::read(folder.path()).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

#[test]
fn a_secret_where_the_app_expects_something_else_is_not_shown() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its errors are looked at")]
    struct Own {
        port: u16,
        mode: Option<Mode>,
    }
    #[derive(Debug, Deserialize)]
    enum Mode {
        One,
    }
    for secret in [
        "hunter2",
        "hun\\\"ter2\\\", expected nothing hunter2",
        "hunter2\\\"",
    ] {
        for own in [
            format!("port = \"{secret}\""),
            format!("port = 1\nmode = {{ x = \"{secret}\" }}"),
        ] {
            let text = format!(
                "[connections.a]\ncompany = 1\ntoken = {{ env = \"T\" }}\n[connections.a.source]\n{own}"
            );
            let error = Configuration::<Own>::parse(&text).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(!told.contains("hunter2"), "{told}");
            assert!(told.contains("line 5") || told.contains("line 6"), "{told}");
        }
    }
}

fn environment() -> impl Secrets {
    Environment::new(|name| match name {
        "TOKEN" => Some(format!("{DEFAULT_TOKEN}\n")),
        "PASSWORD" => Some(DEFAULT_PASSWORD.to_owned()),
        "EMPTY" => Some(" ".to_owned()),
        "HASH_KEY" => Some("000102030405060708090a0b0c0d0e0f".to_owned()),
        _ => None,
    })
}

#[test]
fn secrets_come_from_the_environment_or_from_a_file_that_is_closed_to_others() {
    use kleer_connect::configuration::ExposeSecret;

    let secrets = environment();
    let token = SecretRef::env("TOKEN").resolve(&secrets).unwrap();
    assert_eq!(token.expose_secret(), DEFAULT_TOKEN);
    for name in ["EMPTY", "NONE"] {
        let error = SecretRef::env(name).resolve(&secrets).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let write = |bytes: &[u8], mode: u32| {
        std::fs::write(&path, bytes).unwrap();
        set_mode(&path, mode);
    };
    let resolve = |open| {
        let path = path.clone();
        let file = SecretRef::File {
            path,
            readable_by_others: open,
        };
        file.resolve(&secrets)
    };
    write(b"HEMLIGT\r\n", 0o600);
    assert_eq!(resolve(false).unwrap().expose_secret(), "HEMLIGT");
    #[cfg(unix)]
    {
        write(b"HEMLIGT", 0o644);
        let error = resolve(false).unwrap_err();
        assert!(
            matches!(error, SecretError::TooOpen { mode: 0o644, .. }),
            "{error:?}"
        );
        assert_eq!(resolve(true).unwrap().expose_secret(), "HEMLIGT");
        write(b"HEMLIGT", 0o640);
        assert!(resolve(false).is_err());
        // What others may write is refused whatever was said.
        write(b"HEMLIGT", 0o622);
        assert!(matches!(
            resolve(true).unwrap_err(),
            SecretError::TooOpen { .. }
        ));
    }
    for bytes in [
        b"".to_vec(),
        b" \n".to_vec(),
        vec![0xE5],
        vec![b'a'; 70_000],
    ] {
        write(&bytes, 0o600);
        let error = resolve(false).unwrap_err();
        assert!(matches!(error, SecretError::NoSecret { .. }), "{error:?}");
    }
    let folder = SecretRef::file(folder.path())
        .resolve(&secrets)
        .unwrap_err();
    assert!(matches!(folder, SecretError::NoFile { .. }), "{folder:?}");
    let none = SecretRef::file("/no/such/file")
        .resolve(&secrets)
        .unwrap_err();
    assert!(matches!(none, SecretError::File { .. }), "{none:?}");
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[tokio::test]
async fn a_connection_opens_by_token_and_by_log_in() {
    let other = CompanyId(17);
    let sandbox = Sandbox::builder()
        .another_company(other, "other-token", Seed::new())
        .start()
        .await
        .unwrap();
    let url = sandbox.base_url();
    let text = format!(
        "[connections.a]\ncompany = 4875\nbase-url = \"{url}\"\ntoken = {{ env = \"TOKEN\" }}\n\
         concurrency = 2\nhash-key = {{ env = \"HASH_KEY\" }}\n\
         [connections.b]\ncompany = 17\nbase-url = \"{url}\"\nhash-key = {{ env = \"TOKEN\" }}\n\
         log-in = {{ email = \"{DEFAULT_EMAIL}\", password = {{ env = \"PASSWORD\" }} }}\n\
         [connections.c]\ncompany = 18\nbase-url = \"{url}\"\n\
         log-in = {{ email = \"{DEFAULT_EMAIL}\", password = {{ env = \"PASSWORD\" }} }}\n\
         [connections.d]\ncompany = 4875\ntoken = {{ env = \"NONE\" }}\n"
    );
    let configuration = Configuration::<NoSource>::parse(&text).unwrap();
    let secrets = environment();
    let [a, b, c, d] = &configuration.connections[..] else {
        panic!("four connections");
    };
    for connection in [a, b] {
        let kleer = connection
            .open(&secrets, |one| one.user_agent("test/1"))
            .await
            .unwrap();
        assert_eq!(kleer.company(), connection.company);
        kleer.users().me().await.unwrap();
    }
    let error = c.open(&secrets, |settings| settings).await.unwrap_err();
    assert!(
        matches!(&error, OpenError::Kleer { label, .. } if label == "c"),
        "{error}"
    );
    let error = d.open(&secrets, |settings| settings).await.unwrap_err();
    assert!(matches!(&error, OpenError::Secret { .. }), "{error}");
    assert!(error.to_string().contains("\"d\"") && error.to_string().contains("NONE"));

    let key: [u8; 16] = std::array::from_fn(|index| u8::try_from(index).unwrap());
    let value = flat_record::Value::from("a");
    let exact = flat_record::Equivalence::EXACT;
    let found = a.hash_key(&secrets).unwrap().unwrap();
    assert_eq!(
        found.hash(&value, &exact),
        HashKey::new(key).hash(&value, &exact)
    );
    assert!(matches!(b.hash_key(&secrets), Err(SecretError::HashKey)));
    assert!(c.hash_key(&secrets).unwrap().is_none());
}

#[tokio::test]
async fn a_company_that_is_not_the_one_linked_before_is_refused() {
    let store = MemoryStore::new();
    let at = DateTime::UNIX_EPOCH;
    for id in ["Acme->4875", "free text"] {
        let connection = ConnectionId::new(id).unwrap();
        let keys = Sides::new(RecordKey::new("a").unwrap(), RecordKey::new("b").unwrap());
        let kind = Kind::new("employee").unwrap();
        let mut link = Link::new(connection.clone(), kind, keys, Origin::Imported, 0);
        link.version = 1;
        let event = Event::new(EventKind::Imported, link, at);
        let batch = Batch::new(&connection, at).write(Write::Event(Box::new(event)));
        store.commit(batch).await.unwrap();
    }
    let text = |label: &str, company: i32| {
        format!(
            "[connections.{label}]\ncompany = {company}\norganisation-number = \"556000-0175\"\n\
             token = {{ env = \"T\" }}"
        )
    };
    for (label, company, is_good) in [
        ("acme", 4875, true),
        ("acme", 17, false),
        ("other", 4875, true),
        ("other", 17, true),
    ] {
        let text = text(label, company);
        let configuration = Configuration::<NoSource>::parse(&text).unwrap();
        let checked = configuration.connections[0].check_store(&store).await;
        match checked {
            Ok(()) => assert!(is_good, "{label} {company}"),
            Err(CompanyError::Changed { now, before, .. }) => {
                assert_eq!(
                    (is_good, now, before.as_str()),
                    (false, CompanyId(17), "4875")
                );
            }
            Err(error) => panic!("{error}"),
        }
    }
    let configuration = Configuration::<NoSource>::parse(&text("acme", 4875)).unwrap();
    let acme = &configuration.connections[0];
    let mut company = CompanyInformation::new("Exempel AB", "16556000-0175", "SEK");
    acme.check_company(&company).unwrap();
    company.orgno = "202100-5489".to_owned();
    let error = acme.check_company(&company).unwrap_err();
    assert!(error.to_string().contains("202100-5489"), "{error}");
}

/// After a change: `UPDATE_DOCS=1 cargo test -p kleer-connect --test configuration`
#[test]
fn the_schema_is_in_the_documentation() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/configuration.schema.json");
    let schema = format!(
        "{}\n",
        serde_json::to_string_pretty(&json_schema()).unwrap()
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == schema,
        "{} is not what the code says: UPDATE_DOCS=1 cargo test -p kleer-connect --test configuration",
        path.display()
    );
}

/// Pieces of configurations, put together at random: they reach further than random characters.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[connections.a]",
        "[connections.b.source]",
        "[store]",
        "[connections]",
        "\n",
        " = ",
        "company",
        "token",
        "{ env = \"A\" }",
        "{ file = \"b\", readable-by-others = true }",
        "\"HEMLIGT\"",
        "1",
        "-7",
        "0x1F",
        "1.5",
        "true",
        "[",
        "]",
        "{",
        "}",
        "schedules.x",
        "every",
        "\"15m\"",
        "\"1y\"",
        "log-in",
        "email",
        "password",
        "salary-unit",
        "\"kronor\"",
        "1979-05-27",
        "å",
        "\u{FEFF}",
        "'",
        "\"",
        "#",
        ",",
        ".",
        "address",
        "sqlite",
        "postgres",
        "hash-key",
        "label",
        "\t",
        "\r\n",
        "\0",
        "concurrency",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// One place of a good file, damaged.
fn damaged() -> impl Strategy<Value = String> {
    (0..WHOLE.len(), 0..20_usize, ".{0,6}").prop_map(|(at, length, by)| {
        let floor = |mut at: usize| {
            at = at.min(WHOLE.len());
            while !WHOLE.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (floor(at), floor(at + length));
        format!("{}{by}{}", &WHOLE[..start], &WHOLE[end..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_makes_the_reader_panic_and_every_mistake_has_a_place(
        text in prop_oneof![pieces(), damaged(), ".{0,80}"],
    ) {
        if let Err(error) = Configuration::<Hr>::parse(&text) {
            prop_assert!(!error.problems.is_empty());
            let lines: Vec<&str> = text.split('\n').collect();
            for problem in &error.problems {
                prop_assert!((1..=lines.len()).contains(&problem.line), "{problem}");
                let length = lines[problem.line - 1].chars().count();
                prop_assert!((1..=length + 1).contains(&problem.column), "{problem}");
                prop_assert!(!problem.message.is_empty());
            }
            let told = error.to_string();
            prop_assert!(!told.contains("= \"HEMLIGT\""));
        }
    }
}
