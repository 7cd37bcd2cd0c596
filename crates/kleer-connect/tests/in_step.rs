//! Whole runs between a system on the left and a stateful Kleer: under faults, stopped in between,
//! with people who are there already, with records that refer to each other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use common::{day, kind, kleer, sandbox, start};
use kleer_connect::RecordMatching;
use kleer_connect::client::model::endpoint::{
    CLIENT_LIST, CLIENT_PROJECT_LIST, PAYROLL_USER_CREATE, PAYROLL_USER_LIST, PAYROLL_USER_READ,
    PAYROLL_USER_UPDATE, USER_CREATE, USER_LIST,
};
use kleer_connect::client::model::{
    Client, ClientProjectReadable, List, PayrollUserReadable, PayrollUserWritable, SalaryUnit, User,
};
use kleer_connect::clients::{self, Clients};
use kleer_connect::employee::{self, MONTHLY, field};
use kleer_connect::employees::{self, Employees};
use kleer_connect::link::testing::{FakeSide, ManualClock};
use kleer_connect::link::{
    BoxFuture, Candidate, Clock, ConnectionId, Entity, FindingKind, Guard, Keeping, Link, Matching,
    MemoryStore, Policy, RecordKey, RunCause, RunOutcome, RunReport, Runner, Scope, Side, Sides,
    Snapshot, Store, Which, all_links,
};
use kleer_connect::projects::{self, Projects};
use kleer_connect::record::{Fields, HashKey, Record, Reference, Value};
use kleer_sandbox::{Fault, FaultProfile, Sandbox, Seed};
use proptest::prelude::*;

/// Published test numbers of the Swedish Tax Agency.
const SSNS: [&str; 2] = ["19121212-1212", "19701063-2391"];

fn person(name: &str) -> Record {
    let email = format!("{}@example.com", name.to_lowercase());
    Record::new(employee::fields())
        .with(field::ACTIVE, true)
        .and_then(|one| one.with(field::NAME, format!("{name} Testlund")))
        .and_then(|one| one.with(field::EMAIL, email))
        .and_then(|one| one.with(field::SSN, SSNS[0]))
        .and_then(|one| one.with(field::PHONE, "070-174 06 05"))
        .and_then(|one| one.with(field::EMPLOYMENT_START_DATE, day("2026-09-01")))
        .and_then(|one| one.with(field::SALARY_PERIOD, MONTHLY))
        .and_then(|one| one.with(field::MONTHLY_SALARY, rust_decimal::Decimal::from(35_000)))
        .and_then(|one| one.with(field::MONTHLY_SALARY_START_DATE, day("2026-09-01")))
        .unwrap()
}

fn source(name: &str, fields: &Fields, records: &[(&str, Record)]) -> FakeSide {
    let side = FakeSide::new().with_kind(&kind(name), fields);
    for (key, record) in records {
        side.insert(&kind(name), &RecordKey::new(*key).unwrap(), record.clone());
    }
    side
}

/// Everything that runs need.
struct Office {
    store: Arc<MemoryStore>,
    runner: Runner,
}

fn keeping() -> Keeping {
    Keeping::hashes(HashKey::new([7; 16]))
}

fn connection() -> ConnectionId {
    ConnectionId::new("source->4875").unwrap()
}

impl Office {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(ManualClock::new(chrono::Utc::now()));
        let runner = Runner::new(store.clone(), clock, "test").concurrency(8);
        Self { store, runner }
    }

    async fn run(&self, entity: &Entity) -> RunReport {
        self.runner
            .run_once(entity, RunCause::ByHand)
            .await
            .unwrap()
    }
}

fn employees_of(hr: &FakeSide, sandbox: &Sandbox, policy: Policy) -> Entity {
    let kleer = Employees::new(kleer(sandbox), SalaryUnit::Kronor);
    Entity::new(
        connection(),
        kind("employee"),
        Sides::<Arc<dyn Side>>::new(Arc::new(hr.clone()), Arc::new(kleer)),
        policy,
        keeping(),
    )
    .matching(Arc::new(RecordMatching::by(
        employees::comparisons().unwrap(),
    )))
}

fn unguarded(mut policy: Policy) -> Policy {
    policy.guard = Guard::OFF;
    policy
}

fn users(sandbox: &Sandbox) -> BTreeMap<String, User> {
    let list: List<User> = sandbox.read(&USER_LIST, &[]).unwrap();
    list.into_iter()
        .map(|user| (user.email.clone(), user))
        .collect()
}

fn agreement(sandbox: &Sandbox, user: &User) -> PayrollUserReadable {
    let id = user.id.to_string();
    sandbox.read(&PAYROLL_USER_READ, &[&id]).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_exported_under_faults_without_doubles_and_stays() {
    for seed in 1..=3 {
        let names: Vec<String> = (0..30).map(|number| format!("Nr{number}")).collect();
        let people: Vec<_> = names
            .iter()
            .map(|name| (name.as_str(), person(name)))
            .collect();
        // Everybody has the same number: that is for the matching to mind.
        let hr = source("employee", employee::fields(), &people);
        let sandbox = sandbox().await;
        let faults = [
            Fault::ResetBefore,
            Fault::ResetAfter,
            Fault::Status(503),
            Fault::StatusAfterEffect(503),
            Fault::StatusAfterEffect(500),
            Fault::TruncatedBody,
            Fault::HtmlAfterEffect(200),
        ];
        sandbox.set_fault_profile(FaultProfile::shared(0.25, faults).seed(seed));
        let office = Office::new();
        let entity = employees_of(&hr, &sandbox, unguarded(employees::one_way(Which::Left)));
        let mut runs = 0;
        loop {
            let report = office.run(&entity).await;
            runs += 1;
            let applied = report
                .applied
                .map(|applied| applied.totals)
                .unwrap_or_default();
            let is_done = report.record.outcome == RunOutcome::Finished
                && applied.unchanged == applied.all()
                && applied.unchanged == 30;
            if is_done {
                break;
            }
            assert!(
                runs < 40,
                "seed {seed}: {:?} {:?}",
                report.record.outcome,
                applied
            );
        }
        assert!(
            sandbox.played_faults().len() >= 6,
            "{:?}",
            sandbox.played_faults()
        );
        sandbox.clear_faults();
        sandbox.assert_no_doubles(&USER_LIST);
        let there = users(&sandbox);
        assert_eq!(there.len(), 31, "seed {seed}");
        for name in &names {
            let user = &there[&format!("{}@example.com", name.to_lowercase())];
            let agreement = agreement(&sandbox, user);
            assert_eq!(
                agreement.phone.as_deref(),
                Some("070-174 06 05"),
                "seed {seed}"
            );
            assert_eq!(agreement.monthly_salary.unwrap().0, 35_000, "seed {seed}");
        }
        // And once more, without faults: nothing is written, and each list is read once.
        sandbox.clear_requests();
        office.run(&entity).await;
        sandbox.assert_requested(&USER_LIST, 1);
        sandbox.assert_requested(&PAYROLL_USER_LIST, 1);
        assert!(sandbox.requests().iter().all(|one| one.method == "GET"));
        assert_eq!(
            sandbox.requests().len(),
            3,
            "and the token's user is asked for"
        );
    }
}

/// The computer's clock.
#[derive(Debug)]
struct RealTime;

impl Clock for RealTime {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

#[tokio::test]
async fn a_write_that_lands_late_is_waited_for() {
    let late = Duration::from_millis(300);
    for at in [&USER_CREATE, &PAYROLL_USER_CREATE] {
        let sandbox = sandbox().await;
        let hr = source("employee", employee::fields(), &[("e-1", person("Anna"))]);
        let settle = late * 5;
        let side = Employees::new(kleer(&sandbox), SalaryUnit::Kronor).settle(settle);
        let entity = Entity::new(
            connection(),
            kind("employee"),
            Sides::<Arc<dyn Side>>::new(Arc::new(hr), Arc::new(side)),
            employees::one_way(Which::Left),
            keeping(),
        );
        sandbox.fail(at, 1, Fault::ResetThenLate(late));
        let store = Arc::new(MemoryStore::new());
        let runner = Runner::new(store, Arc::new(RealTime), "test");
        for _ in 0..3 {
            runner.run_once(&entity, RunCause::ByHand).await.unwrap();
        }
        sandbox.late_writes_landed().await;
        sandbox.assert_no_doubles(&USER_LIST);
        let there = users(&sandbox);
        assert_eq!(there.len(), 2, "{}", at.name);
        let ssn = agreement(&sandbox, &there["anna@example.com"]).ssn;
        assert_eq!(ssn.as_deref(), Some(SSNS[0]), "{}", at.name);
        let report = runner.run_once(&entity, RunCause::ByHand).await.unwrap();
        assert_eq!(report.applied.unwrap().totals.unchanged, 1, "{}", at.name);
    }
}

#[tokio::test]
async fn a_create_that_stopped_after_the_user_is_completed_by_the_next_run() {
    let sandbox = sandbox().await;
    let hr = source("employee", employee::fields(), &[("e-1", person("Anna"))]);
    let office = Office::new();
    let entity = employees_of(&hr, &sandbox, employees::one_way(Which::Left));
    let denied = "PayrollAccessDeniedException: Otillåten access".to_owned();
    sandbox.fail(&PAYROLL_USER_CREATE, 1, Fault::KleerError(denied));
    office.run(&entity).await;
    let anna = users(&sandbox)["anna@example.com"].clone();
    let links = all_links(&*office.store, &connection(), &kind("employee"))
        .await
        .unwrap();
    assert_eq!(links.len(), 1);

    let report = office.run(&entity).await;
    assert_eq!(report.record.outcome, RunOutcome::Finished);
    assert_eq!(agreement(&sandbox, &anna).ssn.as_deref(), Some(SSNS[0]));
    sandbox.assert_requested(&USER_CREATE, 1);
    sandbox.clear_requests();
    let report = office.run(&entity).await;
    assert_eq!(report.applied.unwrap().totals.unchanged, 1);
    assert!(sandbox.requests().iter().all(|one| one.method == "GET"));
}

#[tokio::test]
async fn who_may_be_there_already_is_linked_or_waits_for_a_person() {
    let hired = PayrollUserWritable::create(SSNS[0], day("2020-01-01"));
    let mut anna = User::new("Anna Berg", "anna.berg@example.com");
    anna.id = kleer_connect::client::model::UserId(500);
    let mut bo = User::new("Bosse Testlund", "bo@example.com");
    bo.id = kleer_connect::client::model::UserId(501);
    let seed = Seed::new()
        .user(&anna)
        .user(&bo)
        .write(&PAYROLL_USER_CREATE, &["500"], &hired);
    let sandbox = start(Sandbox::builder().seed(seed)).await;
    let bo = person("Bo").with(field::SSN, SSNS[1]).unwrap();
    let hr = source(
        "employee",
        employee::fields(),
        &[("e-1", person("Anna")), ("e-2", bo)],
    );
    let office = Office::new();
    let entity = employees_of(&hr, &sandbox, employees::one_way(Which::Left));
    let report = office.run(&entity).await;

    let links = all_links(&*office.store, &connection(), &kind("employee"))
        .await
        .unwrap();
    let linked: Vec<_> = links
        .iter()
        .map(|link| link.keys.right.as_ref().unwrap().as_str())
        .collect();
    assert_eq!(linked, ["500"], "the number is hers alone on both sides");
    sandbox.assert_requested(&USER_CREATE, 0);
    let findings = &report.plan.unwrap().findings;
    let suggested = findings.iter().find_map(|finding| match &finding.what {
        FindingKind::Candidates { keys } => Some(keys.clone()),
        _ => None,
    });
    assert_eq!(suggested.unwrap()[0].as_str(), "501");
    // Nothing of Anna's was overwritten: a person says whose values hold.
    assert_eq!(users(&sandbox)["anna.berg@example.com"].name, "Anna Berg");
}

/// Somebody who knows.
#[derive(Debug)]
struct Known;
impl Matching for Known {
    fn candidates(&self, _: Sides<&Snapshot>, _: &[Link]) -> Vec<Candidate> {
        let key = |text: &str| RecordKey::new(text).unwrap();
        vec![Candidate::certain(Sides::new(key("e-1"), key("500")))]
    }
}

#[tokio::test]
async fn whoever_is_linked_and_has_no_agreement_is_employed() {
    let mut anna = User::new("Anna Testlund", "anna@example.com");
    anna.id = kleer_connect::client::model::UserId(500);
    let sandbox = start(Sandbox::builder().seed(Seed::new().user(&anna))).await;
    let hr = source("employee", employee::fields(), &[("e-1", person("Anna"))]);
    let office = Office::new();
    let mut policy = employees::one_way(Which::Left);
    policy.first_sync = kleer_connect::link::FirstSync::PreferLeft;
    let entity = employees_of(&hr, &sandbox, policy).matching(Arc::new(Known));
    office.run(&entity).await;
    office.run(&entity).await;
    assert_eq!(agreement(&sandbox, &anna).ssn.as_deref(), Some(SSNS[0]));
}

/// An employee of HR who is known to have no salary by the hour, and Kleer in step with it.
async fn paid_by_the_month(policy: Policy) -> (FakeSide, Sandbox, Office, Entity) {
    let sandbox = sandbox().await;
    let anna = person("Anna")
        .with(field::HOURLY_SALARY, Value::Null)
        .and_then(|one| one.with(field::HOURLY_SALARY_START_DATE, Value::Null))
        .unwrap();
    let hr = source("employee", employee::fields(), &[("e-1", anna)]);
    let office = Office::new();
    let entity = employees_of(&hr, &sandbox, policy);
    office.run(&entity).await;
    (hr, sandbox, office, entity)
}

fn of_anna(sandbox: &Sandbox) -> PayrollUserReadable {
    agreement(sandbox, &users(sandbox)["anna@example.com"])
}

async fn nothing_is_left_to_do(office: &Office, entity: &Entity, sandbox: &Sandbox) {
    sandbox.clear_requests();
    let report = office.run(entity).await;
    assert_eq!(report.applied.unwrap().totals.unchanged, 1);
    assert!(sandbox.requests().iter().all(|one| one.method == "GET"));
}

#[tokio::test]
async fn a_raise_corrects_the_salary_from_its_day_on_and_nothing_comes_back() {
    for policy in [
        employees::one_way(Which::Left),
        employees::two_way(Which::Left),
    ] {
        let (hr, sandbox, office, entity) = paid_by_the_month(policy).await;
        let (kind, key) = (kind("employee"), RecordKey::new("e-1").unwrap());
        let raise = rust_decimal::Decimal::from(36_000);
        hr.edit(&kind, &key, field::MONTHLY_SALARY, raise).unwrap();
        office.run(&entity).await;
        let paid = of_anna(&sandbox);
        assert_eq!(paid.monthly_salary.unwrap().0, 36_000);
        assert_eq!(paid.monthly_salary_start_date, Some(day("2026-09-01")));
        nothing_is_left_to_do(&office, &entity, &sandbox).await;
    }
}

#[tokio::test]
async fn whoever_is_paid_by_the_hour_from_a_day_on_is_paid_by_the_month_until_then() {
    for policy in [
        employees::one_way(Which::Left),
        employees::two_way(Which::Left),
    ] {
        let (hr, sandbox, office, entity) = paid_by_the_month(policy).await;
        let (kind, key) = (kind("employee"), RecordKey::new("e-1").unwrap());
        let next = day("2026-12-01");
        let changes: [(&str, Value); 5] = [
            (field::SALARY_PERIOD, employee::HOURLY.into()),
            (
                field::HOURLY_SALARY,
                rust_decimal::Decimal::from(210).into(),
            ),
            (field::HOURLY_SALARY_START_DATE, next.into()),
            (field::MONTHLY_SALARY, Value::Null),
            (field::MONTHLY_SALARY_START_DATE, Value::Null),
        ];
        for (name, value) in changes {
            hr.edit(&kind, &key, name, value).unwrap();
        }
        office.run(&entity).await;
        let paid = of_anna(&sandbox);
        assert_eq!(paid.hourly_salary.unwrap().0, 210);
        assert_eq!(paid.hourly_salary_start_date, Some(next));
        assert_eq!(paid.monthly_salary.unwrap().0, 0);
        assert_eq!(paid.monthly_salary_start_date, Some(next));
        nothing_is_left_to_do(&office, &entity, &sandbox).await;
    }
}

#[tokio::test]
async fn an_hourly_salary_that_payroll_adds_is_not_blanked_by_a_source_that_knows_of_none() {
    let (hr, sandbox, office, entity) = paid_by_the_month(employees::one_way(Which::Left)).await;
    let id = users(&sandbox)["anna@example.com"].id.to_string();
    let mut beside = PayrollUserWritable::update();
    beside.hourly_salary = Some(kleer_connect::client::model::SalaryAmount(210));
    sandbox
        .write(&PAYROLL_USER_UPDATE, &[&id], &beside)
        .unwrap();
    let (kind, key) = (kind("employee"), RecordKey::new("e-1").unwrap());
    hr.edit(&kind, &key, field::PHONE, "031-10 20 30").unwrap();
    let report = office.run(&entity).await;
    let paid = of_anna(&sandbox);
    assert_eq!(paid.hourly_salary.unwrap().0, 210);
    assert_eq!(paid.monthly_salary.unwrap().0, 35_000);
    assert_eq!(paid.phone.as_deref(), Some("031-10 20 30"), "the rest goes");
    let totals = report.applied.unwrap().totals;
    assert_eq!(totals.unchanged, 0, "and a person hears of it: {totals:?}");
}

#[tokio::test]
async fn a_manager_is_written_as_the_user_that_was_created() {
    let sandbox = sandbox().await;
    let boss = Reference::new(kind("employee"), "e-2");
    let anna = person("Anna").with(field::MANAGER, boss).unwrap();
    let bo = person("Bo").with(field::SSN, SSNS[1]).unwrap();
    let hr = source(
        "employee",
        employee::fields(),
        &[("e-1", anna), ("e-2", bo)],
    );
    let office = Office::new();
    let entity = employees_of(&hr, &sandbox, employees::one_way(Which::Left));
    office.run(&entity).await;
    office.run(&entity).await;
    let there = users(&sandbox);
    let manager = agreement(&sandbox, &there["anna@example.com"])
        .manager_user
        .unwrap();
    assert_eq!(manager.id, there["bo@example.com"].id);
    let report = office.run(&entity).await;
    assert_eq!(report.applied.unwrap().totals.unchanged, 2);
}

#[tokio::test]
async fn projects_refer_to_the_clients_that_were_created() {
    let sandbox = sandbox().await;
    let client = Record::new(clients::fields())
        .with(clients::field::NAME, "Exempel AB")
        .and_then(|one| one.with(clients::field::ORGNO, "556016-0680"))
        .and_then(|one| one.with(clients::field::COUNTRY_CODE, "SE"))
        .unwrap();
    let project = Record::new(projects::fields())
        .with(projects::field::NUMBER, "P-104")
        .and_then(|one| one.with(projects::field::NAME, "Ny webbplats"))
        .and_then(|one| one.with(projects::field::STATUS, projects::OPEN))
        .and_then(|one| {
            one.with(
                projects::field::CLIENT,
                Reference::new(kind("client"), "c-1"),
            )
        })
        .unwrap();
    let crm_clients = source(clients::KIND, clients::fields(), &[("c-1", client)]);
    let crm_projects = source(
        projects::KIND,
        projects::fields(),
        &[("p-1", project.clone())],
    );
    let entity = |name: &str, source: &FakeSide, kleer: Arc<dyn Side>, policy, comparisons| {
        let source: Arc<dyn Side> = Arc::new(source.clone());
        let sides = Sides::new(source, kleer);
        Entity::new(connection(), kind(name), sides, policy, keeping())
            .matching(Arc::new(RecordMatching::by(comparisons)))
    };
    let of_clients = entity(
        clients::KIND,
        &crm_clients,
        Arc::new(Clients::new(kleer(&sandbox))),
        clients::one_way(Which::Left),
        clients::comparisons().unwrap(),
    );
    let of_projects = entity(
        projects::KIND,
        &crm_projects,
        Arc::new(Projects::new(kleer(&sandbox))),
        projects::one_way(Which::Left),
        projects::comparisons().unwrap(),
    )
    .refers_to([kind(clients::KIND)]);
    let office = Office::new();
    for entity in [&of_clients, &of_projects] {
        let report = office.run(entity).await;
        assert_eq!(report.record.totals.created.right, 1, "{report:?}");
    }
    let made: List<Client> = sandbox.read(&CLIENT_LIST, &[]).unwrap();
    let projects: List<ClientProjectReadable> = sandbox.read(&CLIENT_PROJECT_LIST, &[]).unwrap();
    assert_eq!(
        projects.items[0].client.as_ref().unwrap().id,
        made.items[0].id
    );

    // It is over in the CRM: it is closed in Kleer, and in step after that.
    crm_projects.edit(
        &kind(projects::KIND),
        &RecordKey::new("p-1").unwrap(),
        projects::field::STATUS,
        projects::CLOSED,
    );
    for _ in 0..2 {
        office.run(&of_projects).await;
    }
    let projects: List<ClientProjectReadable> = sandbox.read(&CLIENT_PROJECT_LIST, &[]).unwrap();
    assert_eq!(projects.items[0].status.as_str(), projects::CLOSED);
    sandbox.clear_requests();
    for entity in [&of_clients, &of_projects] {
        let report = office.run(entity).await;
        assert_eq!(report.applied.unwrap().totals.unchanged, 1);
    }
    sandbox.assert_requests(&[&CLIENT_LIST, &CLIENT_PROJECT_LIST]);
}

fn snapshot(records: &[(&str, Record)]) -> Snapshot {
    let (now, scope) = (chrono::DateTime::UNIX_EPOCH, Scope::of(["all"]));
    let mut all = Snapshot::new(kind("employee"), employee::fields(), scope, now);
    for (key, record) in records {
        all.add(*key, record.clone());
    }
    all.complete()
}

#[test]
fn a_matcher_that_cannot_match_holds_every_create_back() {
    let other = model_of_others();
    let matcher = kleer_connect::matching::Matcher::new(employees::comparisons().unwrap());
    let matching = RecordMatching::with(matcher.model(other));
    let hr = snapshot(&[("e-1", person("Anna")), ("e-2", person("Bo"))]);
    let kleer = snapshot(&[("1", person("Cilla"))]);
    let sides = Sides::new(&hr, &kleer);
    assert!(matching.outcome(sides, &[]).is_err());
    let candidates = matching.candidates(sides, &[]);
    assert!(candidates.iter().all(|one| !one.is_certain));
    for key in ["e-1", "e-2"] {
        assert!(candidates.iter().any(|one| one.keys.left.as_str() == key));
    }
}

/// What a matcher learned of other comparisons.
fn model_of_others() -> kleer_connect::matching::Model {
    let matcher = kleer_connect::matching::Matcher::new(projects::comparisons().unwrap());
    let none = kleer_connect::matching::Population::complete([]);
    matcher
        .run(&none, &none, &[])
        .unwrap()
        .memory
        .model()
        .clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever HR says, what was written is read back as the same, and a second write of it
    /// changes nothing.
    #[test]
    fn what_is_written_is_what_is_read(
        name in "[A-ZÅÄÖ][a-zåäöé]{1,9}( [A-ZÅÄÖ][a-zåäö-]{1,9}){0,3}",
        phone in proptest::option::of("[0-9+ -]{0,12}"),
        notes in proptest::option::of("\\PC{0,20}"),
        table in 29_i64..43,
        salary in 0_i64..10_000_000,
        has_end in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let sandbox = sandbox().await;
            let side = Employees::new(kleer(&sandbox), SalaryUnit::Ore);
            let mut record = person("Anna");
            record.set(field::NAME, name).unwrap();
            let text = |text: Option<String>| text.map_or(Value::Null, Value::from);
            record.set(field::PHONE, text(phone)).unwrap();
            record.set(field::NOTES, text(notes)).unwrap();
            record.set(field::TAX_TABLE, table).unwrap();
            record.set(field::MONTHLY_SALARY, rust_decimal::Decimal::new(salary, 2)).unwrap();
            if has_end {
                record.set(field::EMPLOYMENT_END_DATE, day("2027-01-31")).unwrap();
            }
            if salary == 0 {
                record.unset(field::SALARY_PERIOD).unwrap();
                record.set(field::MONTHLY_SALARY, Value::Null).unwrap();
                record.unset(field::MONTHLY_SALARY_START_DATE).unwrap();
            }
            let key = kleer_connect::link::ClientKey::new("hr", "employee", "e-1");
            let receipt = side.create(&kind("employee"), &key, &record).await.unwrap();
            let shown = receipt.observation.record;
            for (field, value) in record.iter() {
                let there = shown.get(&field.name).cloned().unwrap_or(Value::Null);
                prop_assert!(field.equivalence.equal(value, &there), "{}", field.name);
            }
            sandbox.clear_requests();
            side.update(&kind("employee"), &receipt.observation.key, &record, None).await.unwrap();
            prop_assert!(sandbox.requests().iter().all(|one| one.method == "GET"));
            Ok(())
        })?;
    }
}

#[allow(dead_code, reason = "a compile-time check")]
fn a_store_is_a_store(store: MemoryStore) -> Arc<dyn Store> {
    Arc::new(store)
}
