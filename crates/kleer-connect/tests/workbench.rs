//! What a person sees and does: tables, JSON, and what is not shown.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use kleer_connect::link::testing::{FakeSide, ManualClock};
use kleer_connect::link::{
    ConnectionId, Keeping, MemoryStore, Policy, RecordKey, Side, Sides, Which,
};
use kleer_connect::matching::{Comparison, Comparisons, FieldKind, KeyUse, Matcher};
use kleer_connect::record::{Field, Fields, HashKey, Kind, Record, Sensitivity, Value, ValueKind};
use kleer_connect::workbench::{
    Choice, Consent, Console, Display, Report, Standing, Table, Workbench, WorkbenchError,
};

/// What must be shown to nobody who did not ask for it.
const PERSONAL: [&str; 6] = ["Anna", "Eva", "anna@", "eva@", "41000", "42000"];

struct Desk {
    sides: Sides<FakeSide>,
    store: Arc<MemoryStore>,
    policy: Policy,
}

fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

fn fields() -> Fields {
    let text = |name: &str| Field::new(name, ValueKind::Text).unwrap();
    let salary = Field::new("salary", ValueKind::Integer).unwrap();
    Fields::new([
        text("name").sensitivity(Sensitivity::Personal),
        text("email").sensitivity(Sensitivity::Personal),
        salary.sensitivity(Sensitivity::Sensitive),
    ])
    .unwrap()
}

fn person(name: &str, salary: i64) -> Record {
    let email = format!("{}@example.com", name.to_lowercase());
    let record = Record::new(&fields()).with("name", name).unwrap();
    record
        .with("email", email)
        .unwrap()
        .with("salary", salary)
        .unwrap()
}

fn key(key: &str) -> RecordKey {
    RecordKey::new(key).unwrap()
}

impl Desk {
    fn new() -> Self {
        let side = || FakeSide::new().with_kind(&kind(), &fields());
        Self {
            sides: Sides::new(side(), side()),
            store: Arc::new(MemoryStore::new()),
            policy: Policy::default(),
        }
    }

    fn bench(&self) -> Workbench {
        let sides = self
            .sides
            .clone()
            .map(|side| Arc::new(side) as Arc<dyn Side>);
        Workbench::new(
            self.store.clone(),
            Arc::new(ManualClock::default()),
            sides,
            ConnectionId::new("hr->payroll").unwrap(),
            kind(),
            self.policy.clone(),
            Keeping::hashes(HashKey::new([7; 16])),
        )
        .check(|_, seen| {
            let salary = seen.record.get("salary").and_then(Value::as_integer);
            let is_negative = salary.is_some_and(|salary| salary < 0);
            is_negative
                .then(|| "salary: below nothing".to_owned())
                .into_iter()
                .collect()
        })
    }
}

fn display() -> Display {
    Display::new(Sides::new("HR", "Payroll"))
}

fn is_masked(report: &Report) {
    for shown in [&report.text, &report.json.to_string()] {
        for word in PERSONAL {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
    }
}

/// Says yes, and remembers what was shown.
async fn export(desk: &Desk, display: Display) -> (Report, Vec<String>) {
    let (bench, mut shown) = (desk.bench(), Vec::new());
    let console = Console::new(&bench, display);
    let mut ask = |text: &str| {
        shown.push(text.to_owned());
        true
    };
    let report = console
        .export(Which::Left, &[], false, Consent::Ask(&mut ask))
        .await;
    (report.unwrap(), shown)
}

#[tokio::test]
async fn a_create_a_change_a_conflict_and_what_is_withheld_as_tables() {
    let desk = Desk::new();
    desk.sides
        .left
        .insert(&kind(), &key("e-1"), person("Anna", 41_000));
    desk.sides
        .left
        .insert(&kind(), &key("e-2"), person("Eva", -1));
    let (report, shown) = export(&desk, display()).await;
    is_masked(&report);
    insta::assert_snapshot!(
        "create_masked",
        format!("{}---\n{}", shown.join("---\n"), report.text)
    );
    assert!(report.needs_somebody);
    assert_eq!(
        report.json["withheld"][0]["problems"][0],
        "salary: below nothing"
    );

    desk.sides.left.edit(&kind(), &key("e-1"), "salary", 42_000);
    let open = display().showing(Sensitivity::Sensitive);
    let bench = desk.bench();
    let console = Console::new(&bench, open);
    let shown = console.export(Which::Left, &[], false, Consent::DryRun);
    insta::assert_snapshot!("change_shown", shown.await.unwrap().text);
    let personal = display().showing(Sensitivity::Personal);
    let console = Console::new(&bench, personal);
    let shown = console.export(Which::Left, &[], false, Consent::DryRun);
    let shown = shown.await.unwrap();
    assert!(!shown.text.contains("42000") && !shown.json.to_string().contains("42000"));
}

#[tokio::test]
async fn nothing_shows_a_person_unless_it_is_asked_for() {
    let desk = Desk::new();
    desk.sides
        .left
        .insert(&kind(), &key("e-1"), person("Anna", 41_000));
    desk.sides
        .right
        .insert(&kind(), &key("p-1"), person("Anna", 42_000));
    desk.sides
        .left
        .insert(&kind(), &key("e-2"), person("Eva", -42_000));
    let email = Comparison::new("email", FieldKind::Email).key(KeyUse::Suggests);
    let by = Comparisons::new([Comparison::new("name", FieldKind::PersonName), email]);
    let bench = desk.bench().matching(Matcher::new(by.unwrap()));
    let console = Console::new(&bench, display());
    is_masked(&console.status(Which::Left, "name", |_| true).await.unwrap());
    let proposals = console.proposals("name").await.unwrap();
    assert!(!proposals.json["proposals"].as_array().unwrap().is_empty());
    is_masked(&proposals);
    let anna = ["e-1".to_owned()];
    let refused = console.export(Which::Left, &anna, false, Consent::Given(None));
    is_masked(&refused.await.unwrap());
    is_masked(
        &console
            .export(Which::Left, &[], false, Consent::Given(None))
            .await
            .unwrap(),
    );
    let pair = [("e-1".to_owned(), "p-1".to_owned())];
    let first = kleer_connect::link::FirstSync::Ask;
    let report = console
        .pair(&pair, &[], false, first, Consent::Given(None))
        .await
        .unwrap();
    assert!(report.text.contains("salary"), "{}", report.text);
    is_masked(&report);
    let list = console.deviations(true).await.unwrap();
    is_masked(&list);
    for one in list.json["deviations"].as_array().unwrap() {
        is_masked(
            &console
                .deviation(one["id"].as_str().unwrap())
                .await
                .unwrap(),
        );
    }
}

#[tokio::test]
async fn the_tabs_say_where_everybody_stands() {
    let desk = Desk::new();
    for (id, name) in [("e-1", "Anna"), ("e-2", "Eva"), ("e-3", "Bo")] {
        desk.sides
            .left
            .insert(&kind(), &key(id), person(name, 41_000));
    }
    let bench = desk.bench();
    let console = Console::new(&bench, display());
    let named = |id: &str| vec![id.to_owned()];
    let (anna, nobody) = (named("e-1"), named("e-9"));
    console
        .export(Which::Left, &named("e-1"), false, Consent::Given(None))
        .await
        .unwrap();
    let nothing = Choice::Nothing;
    console
        .act(
            Which::Left,
            &named("e-2"),
            Some(&nothing),
            Consent::Given(None),
        )
        .await
        .unwrap();
    let picture = bench.look().await.unwrap();
    let standings: Vec<_> = picture
        .tab(Which::Left)
        .iter()
        .map(|one| one.standing)
        .collect();
    assert_eq!(
        standings,
        [Standing::Linked, Standing::Ignored, Standing::New]
    );
    assert_eq!(picture.creatable(Which::Left), [key("e-3")]);
    assert_eq!(desk.sides.right.records(&kind()).len(), 1);

    console
        .act(
            Which::Left,
            &named("e-1"),
            Some(&Choice::Unlink),
            Consent::Given(None),
        )
        .await
        .unwrap();
    let picture = bench.look().await.unwrap();
    assert_eq!(
        picture.standing(Which::Left, &key("e-1")),
        Some(Standing::Unlinked)
    );
    // What was unlinked is not created once more.
    console
        .export(Which::Left, &[], false, Consent::Given(None))
        .await
        .unwrap();
    assert_eq!(desk.sides.right.records(&kind()).len(), 2);
    let error = console.act(
        Which::Left,
        &anna,
        Some(&Choice::Unlink),
        Consent::Given(None),
    );
    assert!(matches!(error.await, Err(WorkbenchError::NotLinked { .. })));
    let error = console.export(Which::Left, &nobody, false, Consent::Given(None));
    assert!(matches!(error.await, Err(WorkbenchError::Unknown { .. })));
}

#[tokio::test]
async fn a_guard_rail_is_asked_about_by_itself() {
    let desk = Desk::new();
    for number in 0..30 {
        let id = format!("e-{number:02}");
        desk.sides
            .left
            .insert(&kind(), &key(&id), person("Anna", 41_000));
    }
    export(&desk, display()).await;
    for number in 0..30 {
        let id = format!("e-{number:02}");
        desk.sides.left.edit(&kind(), &key(&id), "salary", 42_000);
    }
    let bench = desk.bench();
    let console = Console::new(&bench, display());
    // Neither `--yes` nor the yes to the table is a word about the guard rail.
    let given = console
        .export(Which::Left, &[], false, Consent::Given(None))
        .await;
    let Err(WorkbenchError::Guarded(digest)) = given else {
        panic!("{given:?}")
    };
    let mut asked = Vec::new();
    let mut once = |text: &str| {
        asked.push(text.to_owned());
        asked.len() == 1
    };
    let report = console
        .export(Which::Left, &[], false, Consent::Ask(&mut once))
        .await
        .unwrap();
    assert_eq!(report.text, "nothing was done\n");
    assert_eq!(asked.len(), 2);
    assert!(
        asked[1].contains("changed in HR") && asked[1].contains(&digest.to_string()),
        "{}",
        asked[1]
    );
    let first = bench.look().await.unwrap();
    let salary = |picture: &kleer_connect::workbench::Picture| {
        let all = picture.snapshots.right.observations().iter();
        let all = all.filter(|one| one.record.get("salary").unwrap().as_integer() == Some(42_000));
        all.count()
    };
    assert_eq!(salary(&first), 0);
    let report = console
        .export(Which::Left, &[], false, Consent::Given(Some(digest)))
        .await
        .unwrap();
    assert!(report.text.contains("30 updated"), "{}", report.text);
}

#[test]
fn a_table_does_what_a_terminal_must_not() {
    let mut table = Table::new(["name", "is"]);
    table.row(["\u{1b}[31mred\n", "\u{202e}turned"]);
    table.row(["å", "b"]);
    assert_eq!(
        table.to_string(),
        "name       is\n [31mred    turned\nå          b\n"
    );
}
