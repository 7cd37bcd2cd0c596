//! Getting to a store: what is refused, why, and without telling the password.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::error::Error;
use std::io::Write as _;

use record_link::{ConnectionId, Store, StoreError, StoreErrorKind};
use record_link_postgres::{PostgresStore, Tls};
use throw_away_postgres::Cluster;

fn told(error: &StoreError) -> String {
    let mut told = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(one) = source {
        told.push_str(&format!(" {one} {one:?}"));
        source = one.source();
    }
    told
}

#[tokio::test]
async fn a_refused_password_is_told_without_the_password() {
    // On a server that is given to us, anybody may be let in.
    let Some(cluster) = cluster(Cluster::builder()) else {
        return;
    };
    let builder = PostgresStore::builder(cluster.url_with_password("Wrong1Horse"));
    assert!(!format!("{builder:?}").contains("Wrong1Horse"));
    let error = builder.open().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Invalid);
    assert!(
        error.to_string().contains("the user or the password"),
        "{error}"
    );
    assert!(!told(&error).contains("Wrong1Horse"), "{error:?}");

    let store = PostgresStore::builder(cluster.url()).open().await.unwrap();
    assert!(!format!("{store:?}").contains(cluster.password()));
}

#[tokio::test]
async fn what_makes_no_sense_is_told_before_anything_is_done() {
    for url in [
        "postgres://user:Secret/Horse@localhost:port/links",
        "mysql://user:SecretHorse@localhost/links",
        "host=localhost password=SecretHorse colour=blue",
    ] {
        let error = PostgresStore::builder(url).open().await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Invalid, "{url}");
        let told = told(&error);
        assert!(
            !told.contains("Secret") && !told.contains("Horse"),
            "{told}"
        );
        assert!(told.contains("percent-encode"), "{told}");
    }
    for schema in [
        "",
        "Acme",
        "a b",
        "a\"; DROP SCHEMA b; --",
        "1a",
        "pg_own",
        &"a".repeat(64),
    ] {
        let builder = PostgresStore::builder("postgres://user@localhost/links").schema(schema);
        let error = builder.open().await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Invalid, "{schema}");
        assert!(error.to_string().contains("schema"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let url = format!("postgres://user:SecretHorse@127.0.0.1:{port}/links");
    let error = PostgresStore::builder(url).open().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(
        error.is_retryable() && !told(&error).contains("Horse"),
        "{error:?}"
    );
}

fn cluster(builder: throw_away_postgres::ClusterBuilder) -> Option<Cluster> {
    use throw_away_postgres::ClusterError::{NoOtherUser, NotInstalled};
    match builder.setting("fsync=off").start() {
        Ok(cluster) => Some(cluster),
        Err(error @ (NotInstalled | NoOtherUser)) => {
            let _ = writeln!(std::io::stderr(), "SKIPPED opening: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

async fn run(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    let result = client.batch_execute(sql).await;
    drop(client);
    connection.await.unwrap()?;
    result
}

#[tokio::test]
async fn a_missing_right_is_told_and_a_given_one_is_enough() {
    let Some(cluster) = cluster(Cluster::builder()) else {
        return;
    };
    let (owner, database) = (cluster.url(), "postgres");
    run(&owner, "CREATE ROLE worker LOGIN PASSWORD 'small'")
        .await
        .unwrap();
    let worker = owner.replace(&format!("kleer:{}", cluster.password()), "worker:small");

    let builder = PostgresStore::builder(&*worker).schema("links");
    let error = builder.clone().open().await.unwrap_err();
    assert_eq!(
        error.kind(),
        StoreErrorKind::ReadOnly,
        "{database}: {error}"
    );
    assert!(
        error.to_string().contains("right") && error.to_string().contains("42501"),
        "{error}"
    );

    // The tables are made by another user; the worker may only read.
    let made = PostgresStore::builder(&*owner)
        .schema("links")
        .open()
        .await
        .unwrap();
    assert_eq!(made.schema(), "links");
    run(&owner, "GRANT USAGE ON SCHEMA links TO worker; GRANT SELECT ON ALL TABLES IN SCHEMA links TO worker")
        .await
        .unwrap();
    let store = builder.clone().open().await.unwrap();
    assert!(store.connections().await.unwrap().is_empty());
    let id = ConnectionId::new("one").unwrap();
    let batch = || {
        let now = chrono::DateTime::UNIX_EPOCH;
        let minute = std::time::Duration::from_secs(60);
        record_link::Lease::take(&id, None, "sync", "worker", now, minute)
            .unwrap()
            .1
    };
    let error = store.commit(batch()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error}");

    // Nothing but reading and writing rows is needed to work.
    run(
        &owner,
        "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA links TO worker",
    )
    .await
    .unwrap();
    store.commit(batch()).await.unwrap();
    assert_eq!(store.connections().await.unwrap(), [id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_start_at_once_make_the_tables_once() {
    let Some(schema) = throw_away_postgres::schema("eight that start at once") else {
        return;
    };
    for round in 0..5 {
        let name = format!("{}_{round}", schema.name());
        let opening = (0..8).map(|_| {
            let builder = PostgresStore::builder(schema.url())
                .schema(&*name)
                .pool_size(1);
            tokio::spawn(builder.open())
        });
        for opened in opening.collect::<Vec<_>>() {
            let store = opened.await.unwrap().unwrap();
            assert!(store.connections().await.unwrap().is_empty());
        }
        run(&schema.url(), &format!("DROP SCHEMA {name} CASCADE"))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn tables_of_a_newer_version_are_left_alone() {
    let Some(schema) = throw_away_postgres::schema("a newer version") else {
        return;
    };
    let builder = PostgresStore::builder(schema.url()).schema(schema.name());
    drop(builder.clone().open().await.unwrap());
    let newer = format!(
        "INSERT INTO {}.schema_version (version, applied_at, applied_by) VALUES (999, '', '')",
        schema.name()
    );
    run(&schema.url(), &newer).await.unwrap();
    let error = builder.open().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::NewerVersion);
    assert!(error.to_string().contains("999"), "{error}");
}

/// A certificate for 127.0.0.1, and the root that signed it: root, certificate, key.
fn certificates() -> (String, String, String) {
    let root_key = rcgen::KeyPair::generate().unwrap();
    let mut root = rcgen::CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = root.self_signed(&root_key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = server.signed_by(&key, &root, &root_key).unwrap();
    (root.pem(), server.pem(), key.serialize_pem())
}

#[tokio::test]
async fn only_a_server_with_a_certificate_of_a_trusted_root_is_talked_to() {
    let (root, certificate, key) = certificates();
    let builder = Cluster::builder().certificate(&certificate, &key);
    let Some(cluster) = cluster(builder) else {
        return;
    };
    let builder = PostgresStore::builder(cluster.url());
    let right = Tls::RequiredWithRoots(root);
    let store = builder.clone().tls(right.clone()).open().await.unwrap();
    assert!(store.connections().await.unwrap().is_empty());
    // It is really encrypted, and by the version of today.
    let client = tokio_postgres::connect(&cluster.url(), tokio_postgres::NoTls).await;
    let (client, connection) = client.unwrap();
    tokio::spawn(connection);
    let sql = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
               WHERE application_name = 'kleer-connect' AND ssl AND version = 'TLSv1.3'";
    let encrypted: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
    assert!(encrypted > 0, "it talks in the clear");

    let (other_root, ..) = certificates();
    for tls in [Tls::RequiredWithRoots(other_root), Tls::Required] {
        let error = builder.clone().tls(tls).open().await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Invalid, "{error}");
        assert!(error.to_string().contains("root"), "{error}");
    }
    // The certificate is for the address, not for the name.
    let named = cluster.url().replace("127.0.0.1", "localhost");
    let error = PostgresStore::builder(named)
        .tls(right)
        .open()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Invalid, "{error}");
    assert!(error.to_string().contains("host name"), "{error}");
    // `sslmode=verify-full` is what other programs call it.
    let url = format!("{}?sslmode=verify-full", cluster.url());
    let error = PostgresStore::builder(url).open().await.unwrap_err();
    assert!(error.to_string().contains("root"), "{error}");
    // Roots that are none.
    let error = builder
        .tls(Tls::RequiredWithRoots("no".to_owned()))
        .open()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Invalid, "{error}");
}

#[tokio::test]
async fn a_server_without_tls_is_not_talked_to_if_tls_is_required() {
    let Some(cluster) = cluster(Cluster::builder()) else {
        return;
    };
    let (root, ..) = certificates();
    let tls = Tls::RequiredWithRoots(root);
    let error = PostgresStore::builder(cluster.url())
        .tls(tls)
        .open()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("TLS"), "{error}");
}
