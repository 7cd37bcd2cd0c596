//! Units are found out from data, and never guessed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use kleer_client::Kleer;
use kleer_client::model::{
    Cents, PayrollUserWritable, Product, Rate, RateUnit, SalaryAmount, SalaryUnit, User, endpoint,
};
use kleer_connect::{
    Confidence, Detection, Units, detect_rate_unit, detect_salary_unit, prove_salary_unit,
};
use kleer_sandbox::{Fault, Sandbox, Seed};
use proptest::prelude::*;

fn salaries(amounts: &[i64]) -> Detection<SalaryUnit> {
    detect_salary_unit(amounts.iter().copied().map(SalaryAmount), [])
}

fn undecided<U: Copy + std::fmt::Debug>(found: &Detection<U>) -> String {
    match found {
        Detection::Undecided { reasons, .. } => reasons.join("; "),
        other => panic!("{other:?}"),
    }
}

#[test]
fn salaries_decide_where_only_one_unit_is_possible() {
    for (amounts, unit, confidence) in [
        (&[35_000][..], SalaryUnit::Kronor, Confidence::Low),
        (
            &[35_000, 41_000, 28_500],
            SalaryUnit::Kronor,
            Confidence::High,
        ),
        (
            &[3_500_000, 0, 4_100_000, 2_850_000],
            SalaryUnit::Ore,
            Confidence::High,
        ),
        (&[4_000, 300_000], SalaryUnit::Kronor, Confidence::Low),
        (&[400_000, 30_000_000], SalaryUnit::Ore, Confidence::Low),
    ] {
        let found = salaries(amounts);
        assert_eq!(found.unit(confidence), Some(unit), "{amounts:?}: {found}");
        assert_eq!(found.unit(Confidence::Proved), None, "{amounts:?}");
    }
    assert!(undecided(&salaries(&[])).contains("no value"));
    assert!(undecided(&salaries(&[0, 0])).contains("no value"));
    let odd = salaries(&[350_000, 100, -35_000, 40_000_000]);
    assert!(undecided(&odd).contains("no value"), "{odd}");
    assert_eq!(odd.evidence()[0].values, 4);
    assert!(undecided(&salaries(&[35_000, 41_000, 4_100_000])).contains("others like öre"));

    // Hourly ones count, too, and may contradict.
    let hourly = |amount| detect_salary_unit([], [SalaryAmount(amount)]);
    assert_eq!(hourly(185).unit(Confidence::Low), Some(SalaryUnit::Kronor));
    assert_eq!(hourly(18_500).unit(Confidence::Low), Some(SalaryUnit::Ore));
    let both = detect_salary_unit([SalaryAmount(35_000)], [SalaryAmount(18_500)]);
    assert!(both.unit(Confidence::Low).is_none(), "{both}");
}

#[test]
fn known_salaries_prove_the_unit() {
    let known = |pairs: &[(i64, i64)]| {
        prove_salary_unit(
            pairs
                .iter()
                .map(|(amount, cents)| (SalaryAmount(*amount), Cents(*cents))),
        )
    };
    let proved = Confidence::Proved;
    assert_eq!(
        known(&[(35_000, 3_500_000)]).unit(proved),
        Some(SalaryUnit::Kronor)
    );
    assert_eq!(
        known(&[(3_500_000, 3_500_000)]).unit(proved),
        Some(SalaryUnit::Ore)
    );
    // A raise that has not reached one side proves nothing, and hides nothing.
    let raised = known(&[
        (35_000, 3_500_000),
        (36_000, 3_700_000),
        (28_000, 2_800_000),
    ]);
    assert_eq!(raised.unit(proved), Some(SalaryUnit::Kronor));
    undecided(&known(&[(35_000, 3_500_000), (3_600_000, 3_600_000)]));
    undecided(&known(&[(35_000, 3_500_000), (36_000, 3_700_000)]));
    undecided(&known(&[(0, 0)]));
}

#[test]
fn rates_decide_by_the_models_rule() {
    let rates =
        |texts: &[&str]| detect_rate_unit(texts.iter().map(|text| Rate(text.parse().unwrap())));
    assert_eq!(
        rates(&["25", "12", "6", "0"]).unit(Confidence::High),
        Some(RateUnit::Percent)
    );
    assert_eq!(
        rates(&["0.25"]).unit(Confidence::Low),
        Some(RateUnit::Fraction)
    );
    assert_eq!(rates(&["0.25"]).unit(Confidence::High), None);
    undecided(&rates(&["0"]));
    undecided(&rates(&["25", "0.25"]));
    let shown = rates(&["0.25", "0.12", "0.2"]).to_string();
    assert!(
        shown.contains("fraction") && shown.contains("3 VAT rates") && shown.contains("2 of them"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_companys_units_are_found_in_kleer_and_no_salary_is_shown() {
    for (unit, rate_unit, factor) in [
        (SalaryUnit::Kronor, RateUnit::Percent, 1),
        (SalaryUnit::Ore, RateUnit::Fraction, 100),
    ] {
        let mut seed = Seed::new();
        for (name, email) in [
            ("Tolvan Tolvansson", "tolvan@example.com"),
            ("Elvan Elvansson", "elvan@example.com"),
            ("Tian Tiansson", "tian@example.com"),
        ] {
            seed = seed.user(&User::new(name, email));
        }
        for percent in [25, 12, 6] {
            let mut product = Product::new("Vara", "st", Cents(100));
            product.vat_percentage = Some(Rate::from_percent(percent.into(), rate_unit));
            seed = seed.product(product);
        }
        let sandbox = Sandbox::builder()
            .seed(seed)
            .rate_unit(rate_unit)
            .start()
            .await
            .unwrap();
        let kleer = Kleer::builder(sandbox.company())
            .token(sandbox.token())
            .base_url(sandbox.base_url())
            .build()
            .unwrap();
        // Nobody is employed yet.
        let detected = Units::detect(&kleer).await;
        undecided(&detected.salary);
        assert_eq!(detected.units(Confidence::Low), None);

        let users = kleer.users().list().await.unwrap();
        let hired = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        for (index, user) in users
            .iter()
            .filter(|user| user.email.ends_with("example.com"))
            .enumerate()
        {
            let mut employment = PayrollUserWritable::create("19121212-1212", hired);
            let salary = 31_337 + 1_000 * i64::try_from(index).unwrap();
            employment.monthly_salary = Some(SalaryAmount(salary * factor));
            let id = user.id.to_string();
            sandbox
                .write(&endpoint::PAYROLL_USER_CREATE, &[&id], &employment)
                .unwrap();
        }
        let detected = Units::detect(&kleer).await;
        assert_eq!(
            detected.units(Confidence::High),
            Some(Units::new(unit, rate_unit)),
            "{detected:?}"
        );
        assert!(!format!("{detected:?} {}", detected.salary).contains("313"));

        sandbox.fail(&endpoint::PAYROLL_USER_LIST, 1, Fault::Status(403));
        let detected = Units::detect(&kleer).await;
        assert!(undecided(&detected.salary).contains("cannot be read"));
        assert_eq!(detected.rate.unit(Confidence::High), Some(rate_unit));
    }
}

proptest! {
    /// Whatever is added: a unit is never found where the values speak for both.
    #[test]
    fn a_contradiction_is_never_decided(
        kronor in prop::collection::vec(4_000..=300_000_i64, 1..5),
        ore in prop::collection::vec(400_000..=30_000_000_i64, 1..5),
        noise in prop::collection::vec(any::<i64>(), 0..5),
    ) {
        let all: Vec<i64> = kronor.into_iter().chain(ore).chain(noise).collect();
        prop_assert_eq!(salaries(&all).unit(Confidence::Low), None);
    }
}
