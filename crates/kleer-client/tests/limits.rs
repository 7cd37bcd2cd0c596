//! How many requests run, how fast, signed with what, and to which path.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use kleer_client::model::{
    AccessType, AccessibleCompany, ClientId, CompanyId, Document, List, SupplierId,
};
use kleer_client::{
    Body, BoxFuture, ErrorKind, ExposeSecret, LogIn, Outcome, RateLimit, RetryPolicy, SecretString,
    Task, Timer, TokenError, TokenSource, TokioTimer, Transport, TransportError,
    TransportErrorKind,
};
use support::{COMPANY_XML, KnownTimer, Script, Step, TOKEN, answer, builder};

/// Gives one token until it is rejected, and then the next.
#[derive(Debug, Clone, Default)]
struct Renewed(Arc<AtomicUsize>);

impl TokenSource for Renewed {
    fn token(&self) -> BoxFuture<'_, Result<SecretString, TokenError>> {
        let token = self.0.load(Ordering::SeqCst).to_string();
        Box::pin(async { Ok(token.into()) })
    }

    fn rejected(&self, token: &SecretString) {
        let known = token.expose_secret().parse().unwrap();
        // Who comes second finds another one already.
        let _ = self
            .0
            .compare_exchange(known, known + 1, Ordering::SeqCst, Ordering::SeqCst);
    }
}

/// Takes a second to find out that the first token has run out.
#[derive(Debug)]
struct Expired;

impl Transport for Expired {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let mut answer = http::Response::new(Body::from(COMPANY_XML));
            if request.headers()["authorization"] == "Bearer 0" {
                *answer.status_mut() = http::StatusCode::UNAUTHORIZED;
            }
            Ok(answer)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn calls_side_by_side_renew_a_token_once() {
    let source = Renewed::default();
    let kleer = builder("https://kleer.example")
        .token_source(source.clone())
        .transport(Expired)
        .build()
        .unwrap();
    let answers = join_all((0..8).map(|_| kleer.company_information().send())).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(source.0.load(Ordering::SeqCst), 1);
}

/// Takes 100 ms for each request, and remembers the most that ran at once.
#[derive(Debug, Clone, Default)]
struct Slow {
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Transport for Slow {
    fn send(
        &self,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async {
            let running = 1 + self.running.fetch_add(1, Ordering::SeqCst);
            self.most.fetch_max(running, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.running.fetch_sub(1, Ordering::SeqCst);
            Ok(http::Response::new(Body::from(COMPANY_XML)))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_allowed_run_at_once_and_waiting_is_no_timeout() {
    let slow = Slow::default();
    let kleer = builder("https://kleer.example")
        .transport(slow.clone())
        .max_concurrent_requests(3)
        .attempt_timeout(Duration::from_millis(150))
        .retry(RetryPolicy::none().with_total_budget(Duration::from_millis(200)))
        .build()
        .unwrap();
    let start = TokioTimer.now();
    let answers = join_all((0..30).map(|_| kleer.company_information().send())).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(slow.most.load(Ordering::SeqCst), 3);
    assert_eq!(TokioTimer.now() - start, Duration::from_secs(1));
    assert!(
        builder("https://kleer.example")
            .max_concurrent_requests(0)
            .build()
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn requests_begin_no_faster_than_allowed() {
    let script = Script::new([answer(200, COMPANY_XML)]);
    let kleer = script
        .builder()
        .rate_limit(RateLimit::per_second(4).with_burst(2))
        .build()
        .unwrap();
    let answers = join_all((0..6).map(|_| kleer.clone().company_information().send())).await;
    assert!(answers.iter().all(Result::is_ok));
    let gaps: Vec<u128> = script.gaps().iter().map(Duration::as_millis).collect();
    assert_eq!(gaps.len(), 5);
    assert!(gaps[0] < 10, "{gaps:?}");
    assert!(
        gaps[1..].iter().all(|gap| (250..260).contains(gap)),
        "{gaps:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_holds_every_call() {
    let wait = vec![("retry-after", "7".to_owned())];
    let script = Script::new([
        Step::Answer(429, wait, Bytes::new()),
        answer(200, COMPANY_XML),
    ]);
    let kleer = script.builder().max_concurrent_requests(1).build().unwrap();
    let start = TokioTimer.now();
    let (first, second) = tokio::join!(
        kleer.company_information().send(),
        kleer.company_information().send()
    );
    assert!(first.is_ok() && second.is_ok());
    let first_again = script.gaps()[0];
    assert!(first_again >= Duration::from_secs(7), "{first_again:?}");
    assert!(TokioTimer.now() - start < Duration::from_secs(9));
}

/// Takes a second for each answer of the script.
#[derive(Debug)]
struct Second(Script);

impl Transport for Second {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let answer = self.0.send(request);
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            answer.await
        })
    }
}

/// A call that is tried again stands in the queue once more, and that counts for no timeout, either.
#[tokio::test(start_paused = true)]
async fn the_queue_before_another_attempt_counts_for_no_timeout() {
    let script = Script::new([answer(503, ""), answer(200, COMPANY_XML)]);
    let kleer = script
        .builder()
        .transport(Second(script.clone()))
        .rate_limit(RateLimit::per_minute(6))
        .retry(RetryPolicy::default().with_total_budget(Duration::from_secs(5)))
        .build()
        .unwrap();
    let answers = join_all((0..4).map(|_| kleer.company_information().send())).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(script.count(), 5);
}

/// Never has a token.
#[derive(Debug)]
struct Stuck;

impl TokenSource for Stuck {
    fn token(&self) -> BoxFuture<'_, Result<SecretString, TokenError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_source_that_hangs_does_not_hold_a_call_up() {
    let script = Script::new([answer(200, COMPANY_XML)]);
    let kleer = script.builder().token_source(Stuck).build().unwrap();
    let client = kleer_client::model::Client::new("A", "SE");
    let waited = tokio::time::timeout(
        Duration::from_secs(61),
        kleer.clients().create(&client).send(),
    );
    let error = waited
        .await
        .expect("the attempt timeout ends it")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoToken);
    assert_eq!(error.outcome(), Outcome::NotCarriedOut);
    assert!(error.to_string().contains("attempt timeout"), "{error}");
    assert_eq!(script.count(), 0);
}

/// Hands out numbered tokens, and takes note of those that were rejected.
#[derive(Debug, Default)]
struct Numbered {
    given: AtomicUsize,
    rejected: AtomicUsize,
}

#[derive(Debug, Clone)]
struct Shared(Arc<Numbered>);

impl TokenSource for Shared {
    fn token(&self) -> BoxFuture<'_, Result<SecretString, TokenError>> {
        let given = self.0.given.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            if given == 9 {
                return Err(TokenError::new().with_source("the vault is closed"));
            }
            Ok(format!("{TOKEN}-{given}").into())
        })
    }

    fn rejected(&self, token: &SecretString) {
        let last = self.0.given.load(Ordering::SeqCst) - 1;
        assert_eq!(token.expose_secret(), format!("{TOKEN}-{last}"));
        self.0.rejected.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn bearer_tokens_come_from_their_source_and_are_renewed_once() {
    let source = Shared(Arc::default());
    let script = Script::new([
        answer(401, ""),
        answer(200, "<created><id>5</id></created>"),
        answer(401, ""),
    ]);
    let kleer = kleer_client::Kleer::builder(CompanyId(1))
        .token_source(source.clone())
        .transport(script.clone())
        .build()
        .unwrap();
    let client = kleer_client::model::Client::new("A", "SE");
    assert_eq!(
        kleer.clients().create(&client).await.unwrap().id,
        ClientId(5)
    );
    let headers: Vec<String> = script
        .requests()
        .iter()
        .map(|request| {
            assert!(request.headers().get("x-token").is_none());
            assert!(request.headers()["authorization"].is_sensitive());
            request.headers()["authorization"]
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        headers,
        [format!("Bearer {TOKEN}-0"), format!("Bearer {TOKEN}-1")]
    );
    assert_eq!(source.0.rejected.load(Ordering::SeqCst), 1);
    // Rejected twice is an error; nothing was carried out.
    let error = kleer.clients().create(&client).await.unwrap_err();
    assert!(error.is_unauthorized() && error.outcome() == Outcome::NotCarriedOut);
    assert_eq!(script.count(), 4);
    // Without a token nothing is sent.
    source.0.given.store(9, Ordering::SeqCst);
    let error = kleer.clients().create(&client).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::NoToken, Outcome::NotCarriedOut)
    );
    assert_eq!(script.count(), 4);
    assert!(!format!("{kleer:?} {error:?}").contains(TOKEN));
}

fn companies() -> String {
    let mut main = AccessibleCompany::new(
        CompanyId(4875),
        "Exempelbolaget",
        format!("{TOKEN}-b"),
        "SEK",
    );
    main.main = true;
    main.accesses = vec![AccessType::PayrollRead];
    let other = AccessibleCompany::new(CompanyId(17), "Annat", format!("{TOKEN}-a"), "SEK");
    List::from(vec![other, main]).to_xml().unwrap()
}

#[tokio::test]
async fn a_log_in_lists_the_companies_and_opens_them() {
    let script = Script::new([
        answer(503, ""),
        answer(200, companies()),
        answer(200, COMPANY_XML),
    ]);
    let transport = script.clone();
    let log_in = LogIn::new("tolvan@example.com", "hemligt-losen").settings(move |settings| {
        settings
            .base_url("https://kleer.example/v1")
            .transport(transport)
            .timer(KnownTimer::default())
    });
    assert!(!format!("{log_in:?}").contains("hemligt"));
    tokio::time::pause();
    let session = log_in.send().await.unwrap();
    let request = &script.requests()[1];
    assert_eq!(request.method(), "POST");
    assert_eq!(
        request.uri(),
        "https://kleer.example/v1/access/authenticate"
    );
    assert!(request.headers().get("x-token").is_none());
    assert!(String::from_utf8_lossy(request.body()).contains("<password>hemligt-losen</password>"));
    assert_eq!(session.companies().len(), 2);
    let main = session.main_company().unwrap();
    assert_eq!(main.id, CompanyId(4875));
    assert!(Task::WritePayroll.missing(&main.accesses).is_some());
    assert!(!format!("{session:?}").contains(TOKEN));

    let kleer = session.open(CompanyId(17)).unwrap();
    kleer.company_information().await.unwrap();
    let request = script.requests().pop().unwrap();
    assert_eq!(request.headers()["x-token"], format!("{TOKEN}-a"));
    assert!(request.uri().path().ends_with("/company/17/info"));
    let error = session.open(CompanyId(18)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn preflight_names_the_rights_that_are_missing() {
    let me =
        "<user><id>21</id><name>T</name><email>t@example.com</email><active>true</active></user>";
    let rights = "<accesses><access><type>Timereport</type></access></accesses>";
    let script = Script::new([
        answer(200, me),
        answer(200, COMPANY_XML),
        answer(200, rights),
    ]);
    let kleer = script.builder().build().unwrap();
    let preflight = kleer
        .preflight(&[Task::WriteTime, Task::ReadPayroll])
        .await
        .unwrap();
    assert_eq!(preflight.company.name, "Exempelbolaget");
    let missing: Vec<String> = preflight.missing.iter().map(ToString::to_string).collect();
    assert_eq!(missing.len(), 1);
    assert!(missing[0].starts_with("to read the payroll, ") && missing[0].ends_with("PayrollRead"));
    assert!(
        script.requests()[2]
            .uri()
            .path()
            .ends_with("/user/21/access")
    );
    assert!(
        script
            .requests()
            .iter()
            .all(|request| request.method() == "GET")
    );

    // Rights that cannot be read are not rights that are missing.
    let script = Script::new([answer(200, me), answer(200, COMPANY_XML), answer(404, "")]);
    let preflight = script
        .builder()
        .build()
        .unwrap()
        .preflight(Task::ALL)
        .await
        .unwrap();
    assert!(preflight.missing.is_empty() && !preflight.is_clear());
    assert!(preflight.rights_unknown.unwrap().is_not_found());
    let script = Script::new([answer(401, "")]);
    let error = script
        .builder()
        .build()
        .unwrap()
        .preflight(&[])
        .await
        .unwrap_err();
    assert!(error.is_unauthorized());
}

#[tokio::test]
async fn paths_are_overridden_only_by_paths_that_fit() {
    let ok = builder("https://kleer.example")
        .override_path("supplier.read", "v2/suppliers/{supplier-id}")
        .build()
        .unwrap();
    let url = ok
        .suppliers()
        .get(SupplierId(7))
        .render()
        .unwrap()
        .url()
        .to_string();
    assert_eq!(url, "https://kleer.example/v1/company/4875/v2/suppliers/7");
    for (name, template) in [
        ("supplier.reed", "suppliers/{supplier-id}"),
        ("supplier.read", "suppliers"),
        ("supplier.read", "suppliers/{client-id}"),
        ("supplier.read", "../{supplier-id}"),
        ("supplier.read", "suppliers//{supplier-id}"),
        ("supplier.read", "suppliers/{supplier-id}?x=1"),
        ("supplier.read", "/suppliers/{supplier-id}"),
        ("supplier.read", "http://evil.example/{supplier-id}"),
    ] {
        let error = builder("https://kleer.example")
            .override_path(name, template)
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{name} {template}");
    }
}

#[tokio::test]
async fn text_in_paths_cannot_leave_its_place() {
    let kleer = builder("https://kleer.example").build().unwrap();
    for bad in ["", ".", "..", "%2e%2e", ".%2E", "a\r\nx-evil: 1", "a\0"] {
        let error = kleer.users().get_by_foreign_id(bad).render().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad:?}");
    }
    let hard = kleer
        .users()
        .get_by_foreign_id("../../x?y#z/å")
        .render()
        .unwrap();
    let path = hard.url().path();
    assert!(
        path.starts_with("/v1/company/4875/user/foreign-id/..%2F..%2Fx%3Fy%23z%2F"),
        "{path}"
    );
    assert_eq!(hard.url().query(), None);
}

#[tokio::test]
async fn a_compressed_answer_is_refused_and_not_unpacked() {
    let gzip = vec![("content-encoding", "gzip".to_owned())];
    let script = Script::new([Step::Answer(200, gzip, Bytes::from_static(b"\x1f\x8b\x08"))]);
    let kleer = script.builder().build().unwrap();
    for error in [
        kleer.company_information().await.unwrap_err(),
        kleer.clients().list().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::WrongContentType);
        assert!(error.to_string().contains("compressed"), "{error}");
    }
    assert!(
        script.requests()[0]
            .headers()
            .get("accept-encoding")
            .is_none()
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_refused_does_not_undo_an_earlier_one() {
    let change = kleer_client::model::Client::new("A", "SE");
    let of_list = |steps: Vec<Step>| {
        let policy = RetryPolicy::default().with_max_attempts(2);
        let script = Script::new(steps);
        let kleer = script.builder().retry(policy.with_repeat_updates(true));
        (script, kleer.build().unwrap())
    };
    let lost = Step::Fail(TransportErrorKind::Interrupted);
    let cut = Step::Break(200, "<sav");
    for (steps, expected) in [
        (
            vec![lost.clone(), Step::Fail(TransportErrorKind::Connect)],
            Outcome::Unknown,
        ),
        (vec![lost.clone(), answer(400, "")], Outcome::Unknown),
        (vec![cut.clone(), answer(429, "")], Outcome::CarriedOut),
        (vec![cut, lost], Outcome::CarriedOut),
        (
            vec![answer(429, ""), answer(400, "")],
            Outcome::NotCarriedOut,
        ),
    ] {
        let (script, kleer) = of_list(steps.clone());
        let error = kleer
            .clients()
            .update(ClientId(7), &change)
            .await
            .unwrap_err();
        assert_eq!(script.count(), 2, "{steps:?}");
        assert_eq!(error.outcome(), expected, "{steps:?}: {error}");
        assert!(!error.is_retryable(), "{steps:?}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn updates_are_repeated_only_on_request_and_creates_never() {
    let twice = || Script::new([answer(503, ""), answer(200, "<saved/>")]);
    let client = kleer_client::model::Client::new("A", "SE");
    let script = twice();
    let kleer = script.builder().build().unwrap();
    assert!(
        kleer
            .clients()
            .update(ClientId(1), &client)
            .await
            .unwrap_err()
            .is_outcome_unknown()
    );
    let policy = RetryPolicy::default().with_repeat_updates(true);
    let script = twice();
    let kleer = script.builder().retry(policy).build().unwrap();
    kleer.clients().update(ClientId(1), &client).await.unwrap();
    let script = twice();
    let kleer2 = script
        .builder()
        .retry(RetryPolicy::default().with_repeat_updates(true))
        .build()
        .unwrap();
    let error = kleer2.clients().create(&client).await.unwrap_err();
    assert_eq!((error.outcome(), script.count()), (Outcome::Unknown, 1));
}
