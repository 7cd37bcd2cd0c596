//! The retry table, the waits and the budget, with a scripted transport and paused time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use std::time::Duration;

use kleer_client::model::{Client, ClientId};
use kleer_client::{Error, ErrorKind, Outcome, RetryPolicy, StatusCode, TransportErrorKind};
use support::{COMPANY_XML, KnownTimer, Script, Step, answer};

use Outcome::{CarriedOut, NotCarriedOut, Unknown};

const OWN: &str = "<error><message>Tekniskt fel</message></error>";
const HTML: &str = "<!DOCTYPE html><html><body>Logga in</body></html>";

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Sends a read and a write (a create) against the same script, twice at most.
async fn both(step: &Step) -> (Result<(), Error>, usize, Result<(), Error>, usize) {
    let policy = RetryPolicy::default().with_max_attempts(2);
    let reads = Script::new([step.clone()]);
    let kleer = reads.builder().retry(policy.clone()).build().unwrap();
    let read = kleer.company_information().await.map(drop);
    let writes = Script::new([step.clone()]);
    let kleer = writes.builder().retry(policy).build().unwrap();
    let write = kleer
        .clients()
        .create(&Client::new("Exempelbolaget", "SE"))
        .await
        .map(drop);
    (read, reads.count(), write, writes.count())
}

/// step, kind, read is retried, write is retried, outcome of the write
type Row = (Step, ErrorKind, bool, bool, Outcome);

#[expect(clippy::too_many_lines, reason = "one row of the table each")]
fn rows() -> Vec<Row> {
    use TransportErrorKind as T;
    let status = |code: u16| ErrorKind::Status {
        status: StatusCode::from_u16(code).unwrap(),
    };
    let api = |code: u16| ErrorKind::Api {
        status: StatusCode::from_u16(code).unwrap(),
    };
    vec![
        (
            Step::Fail(T::Connect),
            ErrorKind::Connect,
            true,
            true,
            NotCarriedOut,
        ),
        (
            Step::Fail(T::InvalidRequest),
            ErrorKind::InvalidRequest,
            false,
            false,
            NotCarriedOut,
        ),
        (
            Step::Fail(T::Timeout),
            ErrorKind::Timeout,
            true,
            false,
            Unknown,
        ),
        (Step::Hang, ErrorKind::Timeout, true, false, Unknown),
        (
            Step::Fail(T::Interrupted),
            ErrorKind::Interrupted,
            true,
            false,
            Unknown,
        ),
        (
            Step::Fail(T::FollowedRedirect),
            ErrorKind::Redirect,
            false,
            false,
            Unknown,
        ),
        (answer(429, ""), status(429), true, true, NotCarriedOut),
        (answer(429, OWN), api(429), true, true, NotCarriedOut),
        (answer(408, ""), status(408), true, false, Unknown),
        (answer(400, OWN), api(400), false, false, NotCarriedOut),
        (answer(401, ""), status(401), false, false, NotCarriedOut),
        (answer(403, HTML), status(403), false, false, NotCarriedOut),
        (answer(404, ""), status(404), false, false, NotCarriedOut),
        (answer(500, OWN), api(500), false, false, NotCarriedOut),
        (answer(500, ""), status(500), true, false, Unknown),
        (answer(500, HTML), status(500), true, false, Unknown),
        (answer(502, HTML), status(502), true, false, Unknown),
        (answer(503, ""), status(503), true, false, Unknown),
        (answer(503, OWN), api(503), true, false, Unknown),
        (answer(504, ""), status(504), true, false, Unknown),
        (answer(501, ""), status(501), false, false, Unknown),
        (answer(301, ""), ErrorKind::Redirect, false, false, Unknown),
        (
            answer(302, HTML),
            ErrorKind::Redirect,
            false,
            false,
            Unknown,
        ),
        (answer(303, ""), ErrorKind::Redirect, false, false, Unknown),
        (
            answer(307, ""),
            ErrorKind::Redirect,
            false,
            false,
            NotCarriedOut,
        ),
        (
            answer(308, ""),
            ErrorKind::Redirect,
            false,
            false,
            NotCarriedOut,
        ),
        (
            Step::Break(200, "<crea"),
            ErrorKind::Interrupted,
            true,
            false,
            CarriedOut,
        ),
        (
            Step::Stall(200, "<crea"),
            ErrorKind::Timeout,
            true,
            false,
            CarriedOut,
        ),
        // The status alone decides when the explanation is lost.
        (Step::Break(503, "<err"), status(503), true, false, Unknown),
        (
            Step::Stall(404, "<err"),
            status(404),
            false,
            false,
            NotCarriedOut,
        ),
        (
            answer(200, HTML),
            ErrorKind::WrongContentType,
            false,
            false,
            Unknown,
        ),
        (
            answer(200, "{\"id\": 1}"),
            ErrorKind::WrongContentType,
            false,
            false,
            Unknown,
        ),
        (answer(200, OWN), api(200), false, false, Unknown),
        (
            answer(200, "<other/>"),
            ErrorKind::Decode,
            false,
            false,
            CarriedOut,
        ),
        (
            answer(200, "nonsense"),
            ErrorKind::Decode,
            false,
            false,
            CarriedOut,
        ),
    ]
}

/// Every row of the table in the documentation of `kleer_client::retry`, from end to end.
#[tokio::test(start_paused = true)]
async fn every_row_of_the_table() {
    for (step, kind, read_again, write_again, outcome) in rows() {
        let (read, reads, write, writes) = both(&step).await;
        let (read, write) = (read.expect_err("a read"), write.expect_err("a write"));
        let row = format!("{step:?}\n{read}\n{write}");
        assert_eq!((read.kind(), write.kind()), (kind, kind), "{row}");
        assert_eq!(
            (reads, writes),
            (1 + usize::from(read_again), 1 + usize::from(write_again)),
            "{row}"
        );
        assert_eq!(
            (read.is_retryable(), write.is_retryable()),
            (read_again, write_again),
            "{row}"
        );
        assert_eq!(
            (read.outcome(), write.outcome()),
            (NotCarriedOut, outcome),
            "{row}"
        );
        assert_eq!(write.is_outcome_unknown(), outcome == Unknown, "{row}");
        assert_eq!(usize::try_from(write.attempts()).unwrap(), writes, "{row}");
        assert_eq!(write.endpoint(), Some("client.create"), "{row}");
        assert_eq!(
            write.to_string().contains("is not known whether"),
            outcome == Unknown && kind != ErrorKind::Redirect,
            "{row}"
        );
        assert_eq!(
            write.to_string().contains("do not send it again"),
            outcome == CarriedOut,
            "{row}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_truncated_document_is_asked_for_again() {
    let script = Script::new([
        answer(200, &COMPANY_XML.as_bytes()[..60]),
        answer(200, COMPANY_XML),
    ]);
    let kleer = script.builder().build().unwrap();
    assert_eq!(
        kleer.company_information().await.unwrap().name,
        "Exempelbolaget"
    );
    assert_eq!(script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn reads_recover_and_waits_double() {
    let script = Script::new([
        Step::Fail(TransportErrorKind::Connect),
        answer(503, ""),
        Step::Break(200, "<company-information>"),
        answer(200, COMPANY_XML),
    ]);
    let kleer = script.builder().build().unwrap();
    assert_eq!(
        kleer.company_information().await.unwrap().name,
        "Exempelbolaget"
    );
    let gaps: Vec<u128> = script.gaps().iter().map(Duration::as_millis).collect();
    assert_eq!(gaps, [250, 500, 1000]);
}

#[tokio::test(start_paused = true)]
async fn a_write_is_repeated_while_nothing_was_carried_out() {
    let script = Script::new([
        Step::Fail(TransportErrorKind::Connect),
        answer(429, ""),
        answer(201, "<created><id>17</id></created>"),
    ]);
    let kleer = script.builder().build().unwrap();
    let created = kleer
        .clients()
        .create(&Client::new("Exempelbolaget", "SE"))
        .await
        .unwrap();
    assert_eq!(created.id, ClientId(17));
    assert_eq!(script.count(), 3);
    // The last attempt decides what is known.
    let script = Script::new([answer(429, ""), Step::Fail(TransportErrorKind::Interrupted)]);
    let kleer = script.builder().build().unwrap();
    let error = kleer
        .clients()
        .create(&Client::new("Exempelbolaget", "SE"))
        .await
        .unwrap_err();
    assert_eq!((error.outcome(), error.attempts()), (Unknown, 2));
}

#[tokio::test(start_paused = true)]
async fn jitter_shortens_the_wait() {
    let script = Script::new([answer(503, ""), answer(200, COMPANY_XML)]);
    let timer = KnownTimer {
        random: 0.2,
        ..KnownTimer::default()
    };
    script
        .builder()
        .timer(timer)
        .build()
        .unwrap()
        .company_information()
        .await
        .unwrap();
    assert_eq!(script.gaps(), [Duration::from_millis(50)]);
}

fn busy(headers: &[(&'static str, &str)]) -> Step {
    let headers = headers
        .iter()
        .map(|&(name, value)| (name, value.to_owned()))
        .collect();
    Step::Answer(429, headers, bytes::Bytes::new())
}

#[tokio::test(start_paused = true)]
async fn retry_after_in_both_forms_and_in_the_past() {
    let cases: [(&[(&'static str, &str)], u64); 6] = [
        (&[("retry-after", "20")], 20_000),
        (&[("retry-after", "0")], 250),
        // The wall clock of the test stands at 08:49:37.
        (&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")], 30_000),
        (&[("retry-after", "Sun, 06 Nov 1994 08:40:00 GMT")], 250),
        (
            &[
                ("retry-after", "Mon, 07 Dec 2026 10:00:40 GMT"),
                ("date", "Mon, 07 Dec 2026 10:00:00 GMT"),
            ],
            40_000,
        ),
        (&[("retry-after", "soon")], 250),
    ];
    for (headers, expected) in cases {
        let script = Script::new([busy(headers), answer(200, COMPANY_XML)]);
        script
            .builder()
            .build()
            .unwrap()
            .company_information()
            .await
            .unwrap();
        assert_eq!(
            script.gaps(),
            [Duration::from_millis(expected)],
            "{headers:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_budget_is_not_begun() {
    let script = Script::new([busy(&[("retry-after", "600")])]);
    let kleer = script.builder().build().unwrap();
    let started = tokio::time::Instant::now();
    let error = kleer.company_information().await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(
        (error.attempts(), error.retry_after()),
        (1, Some(secs(600)))
    );
    assert!(error.is_retryable());
    let text = error.to_string();
    assert!(
        text.contains("asked to wait 600 s, longer than the time budget"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_budget_ends_the_call() {
    let policy = RetryPolicy::default()
        .with_max_attempts(1000)
        .with_base_delay(secs(1))
        .with_total_budget(secs(20));
    // 1 + 2 + 4 + 8 = 15 s of waits; the next would be 8 s.
    let script = Script::new([answer(503, "")]);
    let kleer = script.builder().retry(policy.clone()).build().unwrap();
    let started = tokio::time::Instant::now();
    let error = kleer.company_information().await.unwrap_err();
    assert_eq!((error.attempts(), started.elapsed()), (5, secs(15)));
    assert_eq!(error.elapsed(), secs(15));
    let text = error.to_string();
    let expected = "failed after 5 attempts in 15.0 s: the server answered 503 Service Unavailable; \
        there was no time left for another attempt. Nothing was changed; try again later.";
    assert!(text.ends_with(expected), "{text}");

    // A hanging read is cut off by the budget, a hanging write only by its own timeout.
    let script = Script::new([Step::Hang]);
    let kleer = script
        .builder()
        .retry(policy)
        .attempt_timeout(secs(30))
        .build()
        .unwrap();
    let started = tokio::time::Instant::now();
    assert!(kleer.company_information().await.unwrap_err().is_timeout());
    assert!(
        started.elapsed() <= secs(20) + Duration::from_millis(5),
        "{:?}",
        started.elapsed()
    );
    // 15 s, a wait of 1 s, and the rest.
    let started = tokio::time::Instant::now();
    let error = kleer
        .company_information()
        .attempt_timeout(secs(15))
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 2);
    let in_all = started.elapsed();
    assert!(in_all <= secs(20) + Duration::from_millis(5), "{in_all:?}");
    let started = tokio::time::Instant::now();
    assert!(
        kleer
            .clients()
            .delete(ClientId(1))
            .await
            .unwrap_err()
            .is_outcome_unknown()
    );
    assert!(started.elapsed() >= secs(30), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_attempt_timeout_spans_head_and_body() {
    let script = Script::new([Step::Stall(200, "<company-information>")]);
    let kleer = script.builder().retry(RetryPolicy::none()).build().unwrap();
    let started = tokio::time::Instant::now();
    let error = kleer
        .company_information()
        .attempt_timeout(secs(7))
        .await
        .unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert!(started.elapsed() < secs(8), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_policy_for_one_call() {
    let script = Script::new([answer(503, "")]);
    let kleer = script.builder().build().unwrap();
    let error = kleer
        .company_information()
        .retry(RetryPolicy::none())
        .await
        .unwrap_err();
    assert_eq!((error.attempts(), script.count()), (1, 1));
    let error = kleer
        .raw(kleer_client::Method::GET, &["x"])
        .retry(RetryPolicy::none())
        .await;
    assert_eq!((error.unwrap_err().attempts(), script.count()), (1, 2));
    let error = kleer
        .client_invoices()
        .list()
        .retry(RetryPolicy::none())
        .await
        .unwrap_err();
    assert_eq!((error.attempts(), script.count()), (1, 3));
    let error = kleer.company_information().await.unwrap_err();
    assert_eq!((error.attempts(), script.count()), (4, 7));
}
