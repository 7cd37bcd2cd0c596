//! Creates under every unknown outcome, against a Kleer that keeps what it is sent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::NaiveDate;
use kleer_client::model::{
    ActivityId, Client, ClientId, ClientKey, ClientProjectWritable, Document, EventWritable, List,
    UserId,
};
use kleer_client::{
    Body, BoxFuture, CreateOutcome, CreateTotals, DoubtReason, ErrorKind, Kleer, Outcome,
    RetryPolicy, Timer, TokioTimer, Transport, TransportError, TransportErrorKind,
};
use support::{KnownTimer, builder};

/// What becomes of a create.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Good,
    /// No answer, and nothing is stored.
    LostBefore,
    /// No answer, and it is stored.
    LostAfter,
    /// No answer, and it is stored so many seconds later.
    Late(u64),
    /// A 503 that a gateway gives after the request reached the service.
    Gateway {
        stored: bool,
    },
    /// Stored without its foreign id; the answer is lost.
    Nameless,
    /// Stored with a part of its foreign id; the answer is lost.
    Clipped,
    /// Stored in capitals, without an answer.
    Shouted,
    /// Stored, answered, but the foreign id is dropped.
    Dropped,
    /// Kleer's own refusal.
    Refused,
    /// 2xx, and an answer that is cut short; not in the list, either.
    Vanished,
}

#[derive(Debug, Default)]
struct Store {
    clients: Vec<(Instant, Client)>,
    fates: VecDeque<Fate>,
    lists: u32,
    creates: u32,
    /// What stands in place of the list of this number, counted from 1.
    spoilt: Vec<(u32, String)>,
}

/// A Kleer of clients only.
#[derive(Debug, Clone, Default)]
struct Tiny(Arc<Mutex<Store>>);

impl Tiny {
    fn with(fates: impl IntoIterator<Item = Fate>) -> Self {
        let tiny = Self::default();
        tiny.0.lock().unwrap().fates = fates.into_iter().collect();
        tiny
    }

    fn kleer(&self) -> Kleer {
        builder("https://kleer.example")
            .transport(self.clone())
            .timer(KnownTimer::default())
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
    }

    fn counts(&self) -> (u32, u32) {
        let store = self.0.lock().unwrap();
        (store.lists, store.creates)
    }

    /// The clients that Kleer shows now.
    fn visible(&self) -> Vec<Client> {
        let store = self.0.lock().unwrap();
        let now = TokioTimer.now();
        store
            .clients
            .iter()
            .filter(|(at, _)| *at <= now)
            .map(|(_, client)| client.clone())
            .collect()
    }
}

impl Transport for Tiny {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let answer = |status: u16, body: String| {
            let mut response = http::Response::new(Body::from(body));
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            Ok(response)
        };
        let lost = || Err(TransportError::new(TransportErrorKind::Interrupted));
        let result = if request.method() == http::Method::GET {
            let shown = self.visible();
            let mut store = self.0.lock().unwrap();
            store.lists += 1;
            let number = store.lists;
            let spoilt = store.spoilt.iter().find(|(at, _)| *at == number);
            match spoilt {
                Some((_, body)) if body == "503" => answer(503, String::new()),
                Some((_, body)) => answer(200, body.clone()),
                None => answer(200, List::from(shown).to_xml().unwrap()),
            }
        } else {
            let mut store = self.0.lock().unwrap();
            store.creates += 1;
            let fate = store.fates.pop_front().unwrap_or(Fate::Good);
            let mut client = Client::from_xml(request.body()).unwrap();
            let id = 100 + i32::try_from(store.creates).unwrap();
            client.id = ClientId(id);
            let now = TokioTimer.now();
            let mut at = Some(now);
            match fate {
                Fate::LostBefore
                | Fate::Refused
                | Fate::Vanished
                | Fate::Gateway { stored: false } => at = None,
                Fate::Late(seconds) => at = Some(now + Duration::from_secs(seconds)),
                Fate::Nameless | Fate::Dropped => client.foreign_id.clear(),
                Fate::Clipped => client.foreign_id.truncate(20),
                Fate::Shouted => client.foreign_id = client.foreign_id.to_uppercase(),
                _ => {}
            }
            if let Some(at) = at {
                store.clients.push((at, client));
            }
            match fate {
                Fate::Good | Fate::Dropped => {
                    answer(200, format!("<created><id>{id}</id></created>"))
                }
                Fate::Gateway { .. } => answer(503, String::new()),
                Fate::Refused => answer(500, "<error><message>Nej</message></error>".to_owned()),
                Fate::Vanished => answer(200, "<created><id>10".to_owned()),
                _ => lost(),
            }
        };
        Box::pin(async move { result })
    }
}

fn key(number: usize) -> ClientKey {
    ClientKey::new("test", "client", &number.to_string())
}

fn records(count: usize) -> Vec<(ClientKey, Client)> {
    (0..count)
        .map(|number| {
            (
                key(number),
                Client::new(format!("Bolaget {number} AB"), "SE"),
            )
        })
        .collect()
}

fn totals(created: usize, already_there: usize, in_doubt: usize, failed: usize) -> [usize; 4] {
    [created, already_there, in_doubt, failed]
}

fn of(totals: CreateTotals) -> [usize; 4] {
    [
        totals.created,
        totals.already_there,
        totals.in_doubt,
        totals.failed,
    ]
}

fn reasons(report: &kleer_client::CreateReport<ClientId>) -> Vec<DoubtReason> {
    report.in_doubt().map(|(_, doubt)| doubt.reason).collect()
}

#[tokio::test(start_paused = true)]
async fn one_list_for_a_batch_and_none_is_sent_twice() {
    let tiny = Tiny::default();
    let kleer = tiny.kleer();
    let report = kleer.clients().create_all_once(records(50)).await.unwrap();
    assert_eq!(of(report.totals()), totals(50, 0, 0, 0));
    assert_eq!(report.totals().total(), 50);
    assert!(report.is_clean() && report.audited);
    assert_eq!(tiny.counts(), (1, 50));
    let order: Vec<ClientKey> = report.items.iter().map(|item| item.key).collect();
    assert_eq!(
        order,
        records(50)
            .into_iter()
            .map(|(key, _)| key)
            .collect::<Vec<_>>()
    );

    // Again, with two more: the first fifty are not sent.
    let report = kleer.create_all_once(records(52)).await.unwrap();
    assert_eq!(of(report.totals()), totals(2, 50, 0, 0));
    assert_eq!(tiny.counts(), (2, 52));
    assert!(kleer.clients().audit().await.unwrap().is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_up_and_a_lost_request_sent_again() {
    let tiny = Tiny::with([
        Fate::LostAfter,
        Fate::LostBefore,
        Fate::Gateway { stored: true },
        Fate::Gateway { stored: false },
        Fate::Late(4),
        Fate::Shouted,
    ]);
    let report = tiny
        .kleer()
        .create_all_once(records(8))
        .concurrency(1)
        .await
        .unwrap();
    assert_eq!(of(report.totals()), totals(8, 0, 0, 0));
    let found: Vec<bool> = report
        .items
        .iter()
        .map(|item| matches!(item.outcome, CreateOutcome::Created { found: true, .. }))
        .collect();
    assert_eq!(found, [true, false, true, false, true, true, false, false]);
    // The index, once after the settle time, once at the end; eight creates and two again.
    assert_eq!(tiny.counts(), (3, 10));
    assert_eq!(tiny.visible().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_lands_late_is_a_double_that_is_named() {
    // After the settle time, but before the closing look.
    let tiny = Tiny::with([Fate::Late(7)]);
    let kleer = tiny.kleer();
    let report = kleer.create_all_once(records(3)).await.unwrap();
    assert_eq!(of(report.totals()), totals(2, 0, 1, 0));
    let (doubted, doubt) = report.in_doubt().next().unwrap();
    assert_eq!((*doubted, doubt.reason), (key(0), DoubtReason::Several));
    assert_eq!(doubt.candidates, [ClientId(101), ClientId(104)]);

    // Later than that only the audit can see it.
    let tiny = Tiny::with([Fate::Late(60)]);
    let kleer = tiny.kleer();
    let report = kleer.create_all_once(records(3)).await.unwrap();
    assert_eq!(of(report.totals()), totals(3, 0, 0, 0));
    assert!(kleer.audit::<Client>().await.unwrap().is_clean());
    tokio::time::sleep(Duration::from_secs(60)).await;
    let audit = kleer.audit::<Client>().await.unwrap();
    assert_eq!(audit.doubles.len(), 1);
    assert_eq!(audit.doubles[0].mark, key(0).to_string());
    assert_eq!(audit.doubles[0].ids, [ClientId(101), ClientId(104)]);
    assert_eq!(audit.examined, 4);
    // And the next run does not pick one of the two.
    let report = kleer.create_all_once(records(3)).await.unwrap();
    assert_eq!(of(report.totals()), totals(0, 2, 1, 0));
    assert_eq!(reasons(&report), [DoubtReason::Several]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_decided_is_in_doubt_and_not_sent_again() {
    for (fate, reason, candidates) in [
        (Fate::Nameless, DoubtReason::Lookalike, 1),
        (Fate::Clipped, DoubtReason::Lookalike, 1),
        (Fate::Vanished, DoubtReason::CarriedOutButNotFound, 0),
    ] {
        let tiny = Tiny::with([Fate::Good, fate]);
        let report = tiny
            .kleer()
            .create_all_once(records(4))
            .concurrency(1)
            .await
            .unwrap();
        assert_eq!(of(report.totals()), totals(3, 0, 1, 0), "{fate:?}");
        let (doubted, doubt) = report.in_doubt().next().unwrap();
        assert_eq!((*doubted, doubt.reason), (key(1), reason), "{fate:?}");
        assert_eq!(doubt.candidates.len(), candidates, "{fate:?}");
        assert!(doubt.error.is_some());
        assert_eq!(tiny.counts().1, 4, "{fate:?}: sent again");
    }
}

#[tokio::test(start_paused = true)]
async fn every_attempt_lost_is_in_doubt_until_it_appears() {
    let tiny = Tiny::with([Fate::LostBefore; 2]);
    let report = tiny.kleer().create_all_once(records(1)).await.unwrap();
    assert_eq!(reasons(&report), [DoubtReason::NotFound]);
    assert_eq!(tiny.counts(), (4, 2));
    assert!(report.in_doubt().next().unwrap().1.error.is_some());

    // It appears before the closing look.
    let tiny = Tiny::with([Fate::LostBefore, Fate::Late(8)]);
    let report = tiny.kleer().create_all_once(records(1)).await.unwrap();
    assert_eq!(of(report.totals()), totals(1, 0, 0, 0));

    // With one attempt nothing is ever sent twice.
    let tiny = Tiny::with([Fate::LostBefore]);
    let report = tiny
        .kleer()
        .create_all_once(records(1))
        .attempts(1)
        .await
        .unwrap();
    assert_eq!(reasons(&report), [DoubtReason::NotFound]);
    assert_eq!(tiny.counts().1, 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_does_not_hide_that_the_first_may_have_landed() {
    let tiny = Tiny::with([Fate::Late(8), Fate::Refused]);
    let report = tiny.kleer().create_all_once(records(1)).await.unwrap();
    assert_eq!(
        of(report.totals()),
        totals(1, 0, 0, 0),
        "found after the refusal"
    );
    let tiny = Tiny::with([Fate::LostBefore, Fate::Refused]);
    let report = tiny.kleer().create_all_once(records(1)).await.unwrap();
    assert_eq!(reasons(&report), [DoubtReason::NotFound]);
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_list_proves_nothing() {
    let broken = "<clients><client><id>x</id></client></clients>".to_owned();
    // At the beginning: nothing is sent.
    let tiny = Tiny::default();
    tiny.0.lock().unwrap().spoilt.push((1, broken.clone()));
    let report = tiny.kleer().create_all_once(records(2)).await.unwrap();
    assert_eq!(reasons(&report), [DoubtReason::IncompleteList; 2]);
    assert_eq!(tiny.counts(), (1, 0));
    // After an unknown outcome: nothing is sent again.
    let tiny = Tiny::with([Fate::LostBefore]);
    tiny.0.lock().unwrap().spoilt.push((2, broken));
    let report = tiny.kleer().create_all_once(records(2)).await.unwrap();
    assert_eq!(reasons(&report), [DoubtReason::IncompleteList]);
    assert_eq!(tiny.counts().1, 2);
    // A list that cannot be read at all.
    let tiny = Tiny::with([Fate::LostAfter]);
    tiny.0
        .lock()
        .unwrap()
        .spoilt
        .extend((2..20).map(|number| (number, "503".to_owned())));
    let report = tiny.kleer().create_all_once(records(2)).await.unwrap();
    assert_eq!(reasons(&report), [DoubtReason::ListFailed]);
    let error = report.in_doubt().next().unwrap().1.error.clone().unwrap();
    assert_eq!(error.endpoint(), Some("client.list"));
    // Before anything was sent it is an error of the batch.
    let tiny = Tiny::default();
    tiny.0
        .lock()
        .unwrap()
        .spoilt
        .extend((1..20).map(|number| (number, "503".to_owned())));
    let error = tiny.kleer().create_all_once(records(2)).await.unwrap_err();
    assert_eq!(
        (error.outcome(), tiny.counts().1),
        (Outcome::NotCarriedOut, 0)
    );
    // A list that is cut short is read again.
    let tiny = Tiny::default();
    tiny.0
        .lock()
        .unwrap()
        .spoilt
        .push((1, "<clients><client>".to_owned()));
    let report = tiny.kleer().create_all_once(records(2)).await.unwrap();
    assert_eq!(of(report.totals()), totals(2, 0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn refusals_and_doubled_keys_are_told_for_each_record() {
    let tiny = Tiny::with([Fate::Refused]);
    let mut batch = records(3);
    batch.push((key(1), Client::new("Somebody else", "SE")));
    let report = tiny
        .kleer()
        .create_all_once(batch)
        .concurrency(1)
        .await
        .unwrap();
    assert_eq!(of(report.totals()), totals(2, 0, 0, 2));
    let kinds: Vec<ErrorKind> = report.failed().map(|(_, error)| error.kind()).collect();
    assert!(matches!(kinds[0], ErrorKind::Api { .. }));
    assert_eq!(kinds[1], ErrorKind::InvalidRequest);
    assert_eq!(tiny.counts(), (1, 3));

    // One record alone.
    let tiny = Tiny::with([Fate::Refused]);
    let client = Client::new("Ensam AB", "SE");
    let error = tiny.kleer().create_once(key(9), &client).await.unwrap_err();
    assert!(error.is_application_error());
    let outcome = tiny
        .kleer()
        .clients()
        .create_once(key(9), &client)
        .await
        .unwrap();
    assert_eq!(outcome.id(), Some(ClientId(102)));
    assert_eq!(tiny.visible()[0].foreign_id, key(9).to_string());
    // Nothing was sent in a dry run.
    let dry = builder("https://kleer.example")
        .transport(tiny.clone())
        .dry_run(true)
        .build()
        .unwrap();
    let report = dry.create_all_once(records(1)).await.unwrap();
    assert!(report.failed().next().unwrap().1.is_dry_run());
}

#[tokio::test(start_paused = true)]
async fn a_key_that_kleer_drops_is_found_by_the_audit() {
    let tiny = Tiny::with([Fate::Dropped]);
    let kleer = tiny.kleer();
    let report = kleer
        .create_all_once(records(3))
        .concurrency(1)
        .await
        .unwrap();
    assert_eq!(of(report.totals()), totals(3, 0, 0, 0));
    let audit = kleer.audit::<Client>().await.unwrap();
    assert_eq!(audit.lost_keys(&report), [(key(0), ClientId(101))]);
}

#[tokio::test(start_paused = true)]
async fn progress_is_told() {
    let tiny = Tiny::with([Fate::LostAfter]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = Arc::clone(&told);
    let report = tiny
        .kleer()
        .create_all_once(records(5))
        .on_progress(move |progress| teller.lock().unwrap().push(progress))
        .await
        .unwrap();
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 7, "five records and two lists");
    assert!(
        told.windows(2)
            .all(|pair| pair[0].so_far.total() <= pair[1].so_far.total())
    );
    assert_eq!(told.last().unwrap().so_far, report.totals());
    assert_eq!(told.last().unwrap().total, 5);
}

#[tokio::test]
async fn events_are_looked_for_on_their_days_and_projects_by_their_number() {
    let script = support::Script::new([
        support::answer(200, "<event-readables/>"),
        support::answer(200, "<created><id>1</id></created>"),
    ]);
    let kleer = script.builder().build().unwrap();
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let event = |number, date| {
        let event = EventWritable::new("", UserId(21), ActivityId(4), day(date), 8.into());
        (key(number), event)
    };
    let report = kleer
        .events()
        .create_all_once([event(1, 20), event(2, 2)])
        .await
        .unwrap();
    assert!(report.is_clean());
    let first = script.requests()[0].uri().to_string();
    assert!(
        first.ends_with("/event?startDate=2026-11-02&endDate=2026-11-20&userId=21"),
        "{first}"
    );

    let project = "<client-project-readables/>";
    let script = support::Script::new([support::answer(200, project)]);
    let kleer = script.builder().build().unwrap();
    let nameless = ClientProjectWritable::new(ClientId(1), " ", "Utan nummer");
    let error = kleer
        .client_projects()
        .create_once(key(1), &nameless)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("give it a number"), "{error}");
    assert_eq!(script.count(), 0);
}

/// Clients that people know by numbers of their own.
fn numbered(numbers: &[&str]) -> Vec<(ClientKey, Client)> {
    let record = |(at, number): (usize, &&str)| {
        let mut client = Client::new(format!("Bolaget {at} AB"), "SE");
        client.foreign_id = (*number).to_owned();
        (key(at), client)
    };
    numbers.iter().enumerate().map(record).collect()
}

#[tokio::test(start_paused = true)]
async fn records_keep_their_own_marks_and_are_found_by_them() {
    let tiny = Tiny::with([Fate::LostAfter, Fate::LostBefore, Fate::Good, Fate::Good]);
    let kleer = tiny.kleer();
    // What differs in a hyphen or in case is another number.
    let all = ["KT-1", "KT1", "kt-1", "16"];
    let call = kleer.create_all_once(numbered(&all));
    let report = call.own_marks().concurrency(1).await.unwrap();
    assert_eq!(of(report.totals()), totals(4, 0, 0, 0));
    let marks = |tiny: &Tiny| -> Vec<String> {
        let clients = tiny.visible().into_iter();
        clients.map(|client| client.foreign_id).collect()
    };
    let mut kept = marks(&tiny);
    kept.sort_unstable();
    assert_eq!(kept, ["16", "KT-1", "KT1", "kt-1"]);
    // Again, with one more, and white space that somebody typed.
    let again = numbered(&[" KT-1 ", "KT1", "kt-1", "16", "17"]);
    let report = kleer.create_all_once(again).own_marks().await.unwrap();
    assert_eq!(of(report.totals()), totals(1, 4, 0, 0));
    assert_eq!(marks(&tiny).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn own_marks_that_tell_nothing_apart_are_not_sent() {
    let tiny = Tiny::default();
    let kleer = tiny.kleer();
    let report = kleer
        .create_all_once(numbered(&["", "16", "16"]))
        .own_marks()
        .await
        .unwrap();
    assert_eq!(of(report.totals()), totals(1, 0, 0, 2));
    // Somebody has made it a second time, by hand.
    let (_, double) = numbered(&["16"]).remove(0);
    kleer.clients().create(&double).await.unwrap();
    let call = kleer.create_all_once(numbered(&["16"])).own_marks();
    let report = call.await.unwrap();
    assert_eq!(reasons(&report), [DoubtReason::Several]);
    assert_eq!(tiny.counts().1, 2);
}
