//! What the invoice poster keeps, and what it makes of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod invoices;

use std::sync::Arc;
use std::time::Duration;

use flat_record::Value;
use invoices::{
    builder, changed, client, connection, document, linked_ids, links, many, noon, outcomes,
    reasons, sandbox, two, unsettled,
};
use kleer_client::{Kleer, RetryPolicy};
use kleer_connect::invoices::{
    NotPosted, NotPostedDocuments, Outcome, PostError, SourceDocument, Target,
};
use kleer_model::endpoint::{
    CLIENT_CREATE, CLIENT_INVOICE_CREATE, CLIENT_INVOICE_LIST, CLIENT_LIST, PRODUCT_LIST,
};
use kleer_model::{ClientInvoiceId, CompanyId};
use kleer_sandbox::Fault;
use record_link::testing::{FaultyStore, ManualClock, StoreFault};
use record_link::{
    BaseField, Cancellation, DeviationClass, DeviationState, LinkState, MemoryStore, Origin,
    RunOutcome, RunQuery, Store, StoreErrorKind, Which,
};

fn clock() -> ManualClock {
    ManualClock::new(noon())
}

#[tokio::test]
async fn a_posted_document_is_a_link_with_the_sums_that_were_read_back() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let connection = connection(&kleer);
    let poster = builder(kleer, &store, &clock()).build();
    let report = poster.post(two()).await.unwrap();
    assert_eq!(
        report.totals().to_string(),
        "2 posted, 0 unchanged, 0 refused, 0 failed"
    );
    let links = links(&store, &connection, Target::ClientInvoice).await;
    let invoices = sandbox.client_invoices();
    for invoice in &invoices {
        let id = invoice.id.to_string();
        let has_id = |key: &record_link::RecordKey| key.as_str() == id;
        let link = links
            .iter()
            .find(|link| link.keys.right.as_ref().is_some_and(has_id));
        let link = link.unwrap();
        // Whoever has the link can compute the key by which Kleer knows the invoice.
        assert_eq!(link.client_key().unwrap().to_string(), invoice.foreign_id);
        assert_eq!(link.origin, Origin::Created { on: Which::Right });
        let decimal = |cents: kleer_model::Cents| {
            let value = Value::Decimal(rust_decimal::Decimal::new(cents.0, 2));
            BaseField::Value(Box::new(value))
        };
        assert_eq!(*link.base.get("net"), decimal(invoice.amount.unwrap()));
        assert_eq!(*link.base.get("vat"), decimal(invoice.vat.unwrap()));
    }
    let runs = store
        .runs(&connection, &RunQuery::new())
        .await
        .unwrap()
        .items;
    assert_eq!((runs.len(), &runs[0].outcome), (1, &RunOutcome::Finished));
    assert_eq!(runs[0].totals.created.right, 2);

    // A second run writes nothing into Kleer, and reads each list once.
    sandbox.clear_requests();
    let report = poster.post(two()).await.unwrap();
    assert_eq!(outcomes(&report), [Outcome::Unchanged; 2]);
    assert_eq!(sandbox.requests().len(), 3);
    for list in [&CLIENT_LIST, &PRODUCT_LIST, &CLIENT_INVOICE_LIST] {
        sandbox.assert_requested(list, 1);
    }
}

#[tokio::test]
async fn a_lost_store_is_built_up_again_from_what_kleer_has() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let connection = connection(&kleer);
    // The same number with other content is there too.
    let other = changed(
        "consulting.xml",
        &[("Konsulttimme", "Konsulttimme, junior")],
    );
    let documents = || two().into_iter().chain([other.clone()]);
    let poster = builder(kleer.clone(), &store, &clock()).build();
    assert_eq!(
        outcomes(&poster.post(documents()).await.unwrap()),
        [Outcome::Posted; 3]
    );
    let before = links(&store, &connection, Target::ClientInvoice).await;

    let fresh = MemoryStore::new();
    let poster = builder(kleer, &fresh, &clock()).build();
    let report = poster.post(documents()).await.unwrap();
    assert_eq!(outcomes(&report), [Outcome::Unchanged; 3]);
    assert_eq!(sandbox.client_invoices().len(), 3);
    let after = links(&fresh, &connection, Target::ClientInvoice).await;
    let facts = |links: &[record_link::Link]| -> Vec<_> {
        let fact = |link: &record_link::Link| (link.id, link.keys.clone(), link.incarnation);
        links.iter().map(fact).collect()
    };
    assert_eq!(facts(&after), facts(&before));
    assert!(after.iter().all(|link| link.state == LinkState::Linked));
}

#[tokio::test]
async fn a_number_with_other_content_is_another_link_and_copies_are_not() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let connection = connection(&kleer);
    let poster = builder(kleer, &store, &clock()).build();
    let other = changed(
        "consulting.xml",
        &[("Konsulttimme", "Konsulttimme, junior")],
    );
    let copy = changed("consulting.xml", &[("\n  ", "\n\t")]);
    let documents = [document("consulting.xml"), copy, other.clone()];
    let report = poster.post(documents).await.unwrap();
    assert_eq!(
        outcomes(&report),
        [Outcome::Posted, Outcome::Unchanged, Outcome::Posted]
    );
    assert!(reasons(&report.results[2]).starts_with("BT-1: "));
    assert_eq!(
        links(&store, &connection, Target::ClientInvoice)
            .await
            .len(),
        2
    );
    // In either order, by another run.
    let report = poster
        .post([other, document("consulting.xml")])
        .await
        .unwrap();
    assert_eq!(outcomes(&report), [Outcome::Unchanged; 2]);
    assert_eq!(sandbox.client_invoices().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_at_once_the_second_is_told_who_works() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    // A real clock: the first run has to renew its lease while the second waits.
    let real = |holder: &str| {
        builder(kleer.clone(), &store, &clock())
            .clock(Arc::new(kleer_connect::TokioClock))
            .lease(Duration::from_millis(300))
            .holder(holder)
            .build()
    };
    sandbox.fail(&CLIENT_CREATE, 1, Fault::Delay(Duration::from_secs(3)));
    let first = real("process 17 on the blue machine");
    let first = tokio::spawn(async move { first.post(two()).await });
    while sandbox.armed_faults() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let error = real("process 18").post(two()).await.unwrap_err();
    assert!(error.is_busy(), "{error}");
    let text = error.to_string();
    assert!(text.contains("process 17 on the blue machine"), "{text}");
    let report = first.await.unwrap().unwrap();
    assert_eq!(outcomes(&report), [Outcome::Posted; 2]);
    // It gave its lease back.
    let report = real("process 19").post(two()).await.unwrap();
    assert_eq!(outcomes(&report), [Outcome::Unchanged; 2]);
    assert_eq!(sandbox.client_invoices().len(), 2);
}

#[tokio::test]
async fn a_run_that_was_overtaken_sends_nothing_more() {
    let sandbox = sandbox().await;
    let (store, kleer, clock) = (MemoryStore::new(), client(&sandbox), clock());
    let connection = connection(&kleer);
    let poster = |holder: &str| {
        builder(kleer.clone(), &store, &clock)
            .holder(holder)
            .build()
    };
    let mut paused = poster("the first").start().await.unwrap();
    // It sleeps, and its lease runs out.
    clock.advance(Duration::from_secs(31));
    let other = poster("the second").start().await.unwrap();
    let mut results = paused.post_all(two().to_vec()).await;
    assert!(results.iter().all(|one| one.outcome == Outcome::Failed));
    assert!(sandbox.client_invoices().is_empty() && sandbox.clients().is_empty());
    let error = paused.finish(&mut results).await.unwrap_err();
    assert!(matches!(error, PostError::Overtaken), "{error}");
    other.finish(&mut []).await.unwrap();
    assert!(store.intents(&connection).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_long_run_of_short_batches_keeps_its_lease() {
    let sandbox = sandbox().await;
    let (store, kleer, clock) = (MemoryStore::new(), client(&sandbox), clock());
    let mut run = builder(kleer, &store, &clock)
        .lease(Duration::from_secs(30))
        .build()
        .start()
        .await
        .unwrap();
    let mut results = Vec::new();
    // Each batch is shorter than the time after which the lease is renewed, all together are longer
    // than the lease.
    for one in many(6) {
        clock.advance(Duration::from_secs(8));
        results.extend(run.post_all(vec![one]).await);
    }
    for result in &results {
        assert_eq!(result.outcome, Outcome::Posted, "{}", reasons(result));
    }
    run.finish(&mut results).await.unwrap();
    assert_eq!(sandbox.client_invoices().len(), 6);
}

#[tokio::test]
async fn a_run_that_slept_goes_on_if_nobody_took_its_place() {
    let sandbox = sandbox().await;
    let (store, kleer, clock) = (MemoryStore::new(), client(&sandbox), clock());
    let mut run = builder(kleer, &store, &clock)
        .build()
        .start()
        .await
        .unwrap();
    clock.advance(Duration::from_secs(3_600));
    let mut results = run.post_all(two().to_vec()).await;
    clock.advance(Duration::from_secs(3_600));
    run.finish(&mut results).await.unwrap();
    for result in &results {
        assert_eq!(result.outcome, Outcome::Posted, "{}", reasons(result));
    }
}

#[tokio::test]
async fn a_deviation_that_is_forgotten_meanwhile_does_not_stop_a_run() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let poster = builder(kleer, &store, &clock()).build();
    let failed = ["prepaid.xml", "gone.xml"].map(|name| SourceDocument::failed(name, "no file"));
    poster.post(failed).await.unwrap();
    let kept = NotPostedDocuments::of(&store);
    let all = kept.list(false).await.unwrap();
    let mut run = poster.start().await.unwrap();
    let forgotten = all.iter().find(|one| one.document == "prepaid.xml");
    kept.forget(forgotten.unwrap(), noon()).await.unwrap();
    run.reprocessing(["prepaid.xml", "gone.xml"]).await.unwrap();
    // What is still there is shown as being reprocessed all the same.
    let left = kept.list(true).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].deviation.state(), DeviationState::Reprocessing);
    let mut results = run.post_all(two().to_vec()).await;
    run.finish(&mut results).await.unwrap();
    assert!(results.iter().all(|one| one.outcome == Outcome::Posted));
}

#[tokio::test]
async fn nothing_is_sent_that_cannot_be_stored_before() {
    let sandbox = sandbox().await;
    let (store, kleer) = (FaultyStore::new(MemoryStore::new()), client(&sandbox));
    let connection = connection(&kleer);
    let poster = builder(kleer, &store, &clock()).build();
    let mut run = poster.start().await.unwrap();
    store.fail_next_commit(StoreFault::Before(StoreErrorKind::Full));
    let [first, second] = two();
    let mut results = run.post_all(vec![first]).await;
    results.extend(run.post_all(vec![second]).await);
    assert!(
        reasons(&results[0]).contains("no room"),
        "{}",
        reasons(&results[0])
    );
    // Once the store has failed nothing more is tried.
    assert!(reasons(&results[1]).starts_with("not tried: "));
    assert!(sandbox.clients().is_empty() && sandbox.client_invoices().is_empty());
    let error = run.finish(&mut results).await.unwrap_err();
    assert!(matches!(error, PostError::Store(_)), "{error}");

    // Stored, but not told so: the next run finds out.
    let mut run = poster.start().await.unwrap();
    store.fail_next_commit(StoreFault::AnswerLost);
    let results = run.post_all(two().to_vec()).await;
    assert!(results.iter().all(|one| one.outcome == Outcome::Failed));
    drop(run);
    assert_eq!(store.intents(&connection).await.unwrap().len(), 2);
    let report = poster.post(two()).await.unwrap();
    assert_eq!(outcomes(&report), [Outcome::Posted; 2]);
    assert!(store.intents(&connection).await.unwrap().is_empty());
    assert_eq!(unsettled(&store, &connection).await, 0);
}

#[tokio::test]
async fn what_was_posted_and_could_not_be_stored_is_found_by_the_next_run() {
    let sandbox = sandbox().await;
    let (store, kleer) = (FaultyStore::new(MemoryStore::new()), client(&sandbox));
    let connection = connection(&kleer);
    let poster = builder(kleer, &store, &clock()).build();
    let mut run = poster.start().await.unwrap();
    // The first commit of a batch succeeds, the second does not.
    let before = store.committed();
    let on_create = sandbox.count_requests(&CLIENT_INVOICE_CREATE);
    assert_eq!(on_create, 0);
    let store_too = store.clone();
    let failing = async {
        while store.committed() == before {
            tokio::task::yield_now().await;
        }
        store_too.fail_next_commit(StoreFault::Before(StoreErrorKind::Unavailable));
    };
    let (mut results, ()) = tokio::join!(run.post_all(two().to_vec()), failing);
    assert!(results.iter().all(|one| one.outcome == Outcome::Posted));
    assert!(reasons(&results[0]).contains("could not be stored"));
    assert!(run.finish(&mut results).await.is_err());
    let report = poster.post(two()).await.unwrap();
    assert_eq!(outcomes(&report), [Outcome::Unchanged; 2]);
    let links = links(&store, &connection, Target::ClientInvoice).await;
    assert_eq!(linked_ids(&links).len(), 2);
    assert!(store.intents(&connection).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_create_that_kleer_refuses_is_a_failed_link_and_is_posted_later() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let connection = connection(&kleer);
    let poster = builder(kleer, &store, &clock()).build();
    let refusal = Fault::KleerError("Perioden är låst".to_owned());
    sandbox.fail(&CLIENT_INVOICE_CREATE, 1, refusal);
    let report = poster.post([document("consulting.xml")]).await.unwrap();
    assert_eq!(outcomes(&report), [Outcome::Failed]);
    let kept = links(&store, &connection, Target::ClientInvoice).await;
    assert!(matches!(kept[0].state, LinkState::Failed { .. }));
    assert!(store.intents(&connection).await.unwrap().is_empty());
    // Corrected under the same number: the link of the first content does not stand in its way.
    let other = changed(
        "consulting.xml",
        &[("Konsulttimme", "Konsulttimme, junior")],
    );
    let report = poster
        .post([other, document("consulting.xml")])
        .await
        .unwrap();
    assert_eq!(outcomes(&report), [Outcome::Posted; 2]);
    let kept = links(&store, &connection, Target::ClientInvoice).await;
    assert_eq!(linked_ids(&kept).len(), 2);
    assert_eq!(unsettled(&store, &connection).await, 0);
}

#[tokio::test]
async fn deviations_are_viewed_reprocessed_ignored_and_forgotten() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let poster = builder(kleer, &store, &clock()).build();
    let gone = SourceDocument::failed("gone.xml", "the file cannot be read");
    let documents = || [document("prepaid.xml"), gone.clone()];
    let report = poster.post(documents()).await.unwrap();
    assert_eq!(outcomes(&report), [Outcome::Refused, Outcome::Failed]);
    let kept = NotPostedDocuments::of(&store);
    let find = async |name: &str| -> NotPosted {
        let all = kept.list(true).await.unwrap();
        all.into_iter().find(|one| one.document == name).unwrap()
    };
    assert_eq!(kept.list(false).await.unwrap().len(), 2);
    let refused = find("prepaid.xml").await;
    assert_eq!(refused.deviation.class(), DeviationClass::Validation);
    let id = refused.id().to_string();
    assert_eq!(kept.find(&id[..8]).await.unwrap().document, "prepaid.xml");
    assert!(kept.find("").await.is_err());

    // Ignored: it stays so while it fails for the same reason, which counts.
    kept.ignore(&refused, noon()).await.unwrap();
    poster.post(documents()).await.unwrap();
    let refused = find("prepaid.xml").await;
    assert_eq!(refused.deviation.state(), DeviationState::Ignored);
    assert_eq!(refused.deviation.attempts(), 2);
    assert!(!refused.is_unsettled());

    // Reprocessed, corrected meanwhile.
    let mut run = poster.start().await.unwrap();
    run.reprocessing(["prepaid.xml", "never seen"])
        .await
        .unwrap();
    let state = find("prepaid.xml").await.deviation.state();
    assert_eq!(state, DeviationState::Reprocessing);
    let corrected = vec![SourceDocument::new(
        "prepaid.xml",
        invoices::xml("consulting.xml"),
    )];
    let mut results = run.post_all(corrected).await;
    run.finish(&mut results).await.unwrap();
    assert_eq!(results[0].outcome, Outcome::Posted);
    assert_eq!(
        find("prepaid.xml").await.deviation.state(),
        DeviationState::Resolved
    );
    let resolved = find("prepaid.xml").await;
    assert!(kept.ignore(&resolved, noon()).await.is_err());

    // Forgotten, with all that it said.
    kept.forget(&find("gone.xml").await, noon()).await.unwrap();
    let left = kept.list(true).await.unwrap();
    assert_eq!(left.len(), 1);
    poster.post([gone.clone()]).await.unwrap();
    assert_eq!(find("gone.xml").await.deviation.attempts(), 1);
}

#[tokio::test]
async fn a_kleer_that_cannot_be_reached_makes_a_deviation_of_every_document() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let poster = builder(kleer, &store, &clock()).build();
    sandbox.fail(&PRODUCT_LIST, 1, Fault::Status(503));
    let report = poster.post(two()).await.unwrap();
    assert_eq!(outcomes(&report), [Outcome::Failed; 2]);
    let kept = NotPostedDocuments::of(&store).list(false).await.unwrap();
    let mut names: Vec<_> = kept.iter().map(|one| one.document.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["consulting.xml", "fractional-price.xml"]);
    // The lease was given back, and the next run settles them.
    let report = poster.post(two()).await.unwrap();
    assert_eq!(outcomes(&report), [Outcome::Posted; 2]);
    assert!(
        NotPostedDocuments::of(&store)
            .list(false)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn links_are_not_used_for_another_company_or_another_kleer() {
    let [first, second] = [sandbox().await, sandbox().await];
    let store = MemoryStore::new();
    let connection = connection(&client(&first));
    let poster = |kleer: Kleer| {
        let connection = connection.clone();
        kleer_connect::invoices::InvoicePoster::builder(kleer, Arc::new(store.clone()), connection)
            .settings(
                kleer_invoice::Settings::default().with_rate_unit(kleer_model::RateUnit::Percent),
            )
            .create_clients(true)
            .settle(Duration::from_millis(1))
            .clock(Arc::new(clock()))
    };
    poster(client(&first)).build().post(two()).await.unwrap();
    // The same company of another Kleer.
    let error = poster(client(&second))
        .build()
        .post(two())
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(first.base_url()) && text.contains(second.base_url()),
        "{text}"
    );
    assert!(second.client_invoices().is_empty() && !error.is_kleers());
    // Another company of the same one.
    let other = Kleer::builder(CompanyId(first.company().0 + 1))
        .token(first.token().to_owned())
        .base_url(first.base_url())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let error = poster(other)
        .accept_address(true)
        .build()
        .post(two())
        .await
        .unwrap_err();
    assert!(matches!(error, PostError::OtherKleer { .. }), "{error}");
    // Said to be the same Kleer, it is not: nothing of what was posted is there.
    let moved = || poster(client(&second)).accept_address(true);
    let error = moved().build().post(two()).await.unwrap_err();
    assert!(
        matches!(error, PostError::AllMissing { count: 2, .. }),
        "{error}"
    );
    assert!(second.client_invoices().is_empty());
    // Somebody insists: they were deleted there.
    let report = moved()
        .accept_missing(true)
        .build()
        .post(two())
        .await
        .unwrap();
    assert_eq!(outcomes(&report), [Outcome::Unchanged; 2]);
    assert!(reasons(&report.results[0]).contains("not in Kleer any more"));
    assert!(second.client_invoices().is_empty());
    let states = async || -> Vec<LinkState> {
        let kept = links(&store, &connection, Target::ClientInvoice).await;
        kept.into_iter().map(|link| link.state).collect()
    };
    let gone = Which::Right;
    assert_eq!(
        states().await,
        [LinkState::Orphaned { gone }, LinkState::Orphaned { gone }]
    );
    // It was a mistake, and they are there again.
    let back = poster(client(&first)).accept_address(true);
    let report = back.build().post([]).await.unwrap();
    assert!(report.results.is_empty());
    assert_eq!(states().await, [LinkState::Linked, LinkState::Linked]);
}

#[tokio::test]
async fn an_invoice_deleted_in_kleer_does_not_come_back() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let poster = builder(kleer.clone(), &store, &clock()).build();
    let report = poster.post(two()).await.unwrap();
    let id = ClientInvoiceId(report.results[0].invoice.unwrap());
    kleer.client_invoices().delete(id).await.unwrap();
    // Also without what the store knows.
    for store in [store, MemoryStore::new()] {
        let poster = builder(kleer.clone(), &store, &clock()).build();
        let report = poster.post(two()).await.unwrap();
        assert_eq!(outcomes(&report), [Outcome::Unchanged; 2]);
        assert!(reasons(&report.results[0]).contains("deleted in Kleer since"));
    }
    assert_eq!(sandbox.client_invoices().len(), 2);
}

#[tokio::test]
async fn a_run_is_cancelled_between_two_batches_and_tells_its_progress() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let connection = connection(&kleer);
    let cancellation = Cancellation::new();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (told, cancel) = (Arc::clone(&seen), cancellation.clone());
    let poster = builder(kleer, &store, &clock())
        .batch(4, 1_000_000)
        .cancellation(&cancellation)
        .on_progress(move |progress| {
            told.lock().unwrap().push((progress.done, progress.total));
            if progress.done == 6 {
                cancel.cancel();
            }
        })
        .build();
    let report = poster.post(many(12)).await.unwrap();
    assert!(report.is_cancelled);
    // The batch that was under way came to its end.
    assert_eq!(outcomes(&report), [Outcome::Posted; 8]);
    assert_eq!(sandbox.client_invoices().len(), 8);
    let runs = store
        .runs(&connection, &RunQuery::new())
        .await
        .unwrap()
        .items;
    assert_eq!(runs[0].outcome, RunOutcome::Cancelled);
    let expected: Vec<_> = (1..=8).map(|done| (done, Some(12))).collect();
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn people_are_not_named_where_it_is_not_asked_for() {
    let sandbox = sandbox().await;
    let (store, kleer) = (MemoryStore::new(), client(&sandbox));
    let poster = builder(kleer, &store, &clock()).build();
    let person = [("Provköpings kommun", "Anna Andersson")];
    let document = changed("prepaid.xml", &person);
    let report = poster.post([document.clone()]).await.unwrap();
    assert_eq!(report.results[0].client.as_deref(), Some("Anna Andersson"));
    let kept = NotPostedDocuments::of(&store).list(true).await.unwrap();
    let texts = format!("{report:?} {document:?} {kept:?} {poster:?} {store:?}");
    assert!(!texts.contains("Anna"), "{texts}");
}
