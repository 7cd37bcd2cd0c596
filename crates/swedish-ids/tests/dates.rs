//! Dates, public holidays and working days.
#![expect(clippy::expect_used, reason = "helpers of tests, which may panic")]

use swedish_ids::{
    Date, DeFactoDayOff, ParseErrorKind, PublicHoliday, Weekday, WorkingDays, de_facto_day_off,
    de_facto_days_off, easter_sunday, is_public_holiday, public_holiday, public_holidays,
};

fn date(text: &str) -> Date {
    text.parse().expect(text)
}

fn on(year: i32, holiday: PublicHoliday) -> Option<Date> {
    let holidays = public_holidays(year);
    holidays
        .into_iter()
        .find_map(|(date, name)| (name == holiday).then_some(date))
}

/// Lag (1989:253) om allmänna helgdagar; checked by hand for these years.
#[test]
fn the_movable_days_of_2024_to_2028() {
    let rows = [
        (2024, "03-31", "06-22", "11-02"),
        (2025, "04-20", "06-21", "11-01"),
        (2026, "04-05", "06-20", "10-31"),
        (2027, "03-28", "06-26", "11-06"),
        (2028, "04-16", "06-24", "11-04"),
    ];
    for (year, easter, midsummer, all_saints) in rows {
        let day = |text: &str| Some(date(&format!("{year}-{text}")));
        assert_eq!(easter_sunday(year), day(easter));
        assert_eq!(on(year, PublicHoliday::EasterSunday), day(easter));
        assert_eq!(on(year, PublicHoliday::MidsummerDay), day(midsummer));
        assert_eq!(on(year, PublicHoliday::AllSaintsDay), day(all_saints));
        let eve = day(midsummer).and_then(|date| date.plus_days(-1)).unwrap();
        assert_eq!(
            de_facto_days_off(year),
            [
                (eve, DeFactoDayOff::MidsummerEve),
                (day("12-24").unwrap(), DeFactoDayOff::ChristmasEve),
                (day("12-31").unwrap(), DeFactoDayOff::NewYearsEve),
            ]
        );
    }
}

#[test]
fn all_of_2026() {
    use PublicHoliday::*;
    let expected = [
        ("2026-01-01", NewYearsDay),
        ("2026-01-06", Epiphany),
        ("2026-04-03", GoodFriday),
        ("2026-04-05", EasterSunday),
        ("2026-04-06", EasterMonday),
        ("2026-05-01", MayDay),
        ("2026-05-14", AscensionDay),
        ("2026-05-24", WhitSunday),
        ("2026-06-06", NationalDay),
        ("2026-06-20", MidsummerDay),
        ("2026-10-31", AllSaintsDay),
        ("2026-12-25", ChristmasDay),
        ("2026-12-26", BoxingDay),
    ];
    assert_eq!(
        public_holidays(2026),
        expected.map(|(text, holiday)| (date(text), holiday))
    );
}

/// Lag (2004:1320): the National Day in the place of Whit Monday.
#[test]
fn the_change_of_2005() {
    assert_eq!(
        on(2004, PublicHoliday::WhitMonday),
        Some(date("2004-05-31"))
    );
    assert_eq!(on(2004, PublicHoliday::NationalDay), None);
    assert!(!is_public_holiday(date("2003-06-06"))); // a Friday
    assert!(is_public_holiday(date("2004-05-31")));

    assert_eq!(on(2005, PublicHoliday::WhitMonday), None);
    assert_eq!(
        on(2005, PublicHoliday::NationalDay),
        Some(date("2005-06-06"))
    );
    assert!(!is_public_holiday(date("2005-05-16"))); // would have been Whit Monday
}

#[test]
fn two_holidays_on_one_day() {
    let day = date("2008-05-01");
    let names: Vec<_> = public_holidays(2008)
        .into_iter()
        .filter(|(d, _)| *d == day)
        .collect();
    assert_eq!(
        names,
        [
            (day, PublicHoliday::MayDay),
            (day, PublicHoliday::AscensionDay)
        ]
    );
    assert_eq!(public_holiday(day), Some(PublicHoliday::MayDay));
}

/// The published crate `holidays_se` 1.0.0 misses the National Day when Whit Sunday follows it.
#[test]
fn whit_sunday_after_the_national_day() {
    assert_eq!(
        public_holiday(date("2025-06-06")),
        Some(PublicHoliday::NationalDay)
    );
    assert_eq!(
        public_holiday(date("2025-06-08")),
        Some(PublicHoliday::WhitSunday)
    );
}

/// Against the algorithm of Oudin, which has no step in common with Meeus's.
#[test]
fn easter_by_another_algorithm() {
    fn oudin(year: i32) -> (u8, u8) {
        let century = year / 100;
        let golden = year % 19;
        let moon = (century - 17) / 25;
        let mut epact = (century - century / 4 - (century - moon) / 3 + 19 * golden + 15) % 30;
        epact -= (epact / 28) * (1 - (epact / 28) * (29 / (epact + 1)) * ((21 - golden) / 11));
        let weekday = (year + year / 4 + epact + 2 - century + century / 4) % 7;
        let from_march = epact - weekday;
        let month = 3 + (from_march + 40) / 44;
        let day = from_march + 28 - 31 * (month / 4);
        (u8::try_from(month).unwrap(), u8::try_from(day).unwrap())
    }
    for year in 1700..=9999 {
        let easter = easter_sunday(year).unwrap();
        assert_eq!((easter.month(), easter.day()), oudin(year), "{year}");
        assert_eq!(easter.weekday(), Weekday::Sunday, "{year}");
    }
}

#[test]
fn the_rules_hold_in_every_year() {
    for year in 1990..=2400 {
        let holidays = public_holidays(year);
        assert_eq!(holidays.len(), 13, "{year}");
        assert!(holidays.is_sorted_by_key(|(date, _)| *date), "{year}");
        for (date, holiday) in holidays {
            assert_eq!(date.year(), year);
            assert!(is_public_holiday(date));
            assert!(public_holiday(date).is_some());
            let (weekday, day) = (date.weekday(), (date.month(), date.day()));
            match holiday {
                PublicHoliday::GoodFriday => assert_eq!(weekday, Weekday::Friday),
                PublicHoliday::EasterSunday | PublicHoliday::WhitSunday => {
                    assert_eq!(weekday, Weekday::Sunday);
                }
                PublicHoliday::EasterMonday | PublicHoliday::WhitMonday => {
                    assert_eq!(weekday, Weekday::Monday);
                }
                PublicHoliday::AscensionDay => assert_eq!(weekday, Weekday::Thursday),
                PublicHoliday::MidsummerDay => {
                    assert_eq!(weekday, Weekday::Saturday);
                    assert!(((6, 20)..=(6, 26)).contains(&day), "{date}");
                }
                PublicHoliday::AllSaintsDay => {
                    assert_eq!(weekday, Weekday::Saturday);
                    assert!(((10, 31)..=(11, 6)).contains(&day), "{date}");
                }
                _ => {}
            }
        }
        for (date, eve) in de_facto_days_off(year) {
            assert_eq!(de_facto_day_off(date), Some(eve));
        }
    }
}

#[test]
fn working_days() {
    let days = WorkingDays::new();
    // Christmas 2026: Thursday is the eve, Friday and Saturday are holidays.
    assert_eq!(
        days.next_after(date("2026-12-23")),
        Some(date("2026-12-28"))
    );
    assert_eq!(
        days.previous_before(date("2026-12-28")),
        Some(date("2026-12-23"))
    );
    assert_eq!(
        days.on_or_after(date("2026-12-24")),
        Some(date("2026-12-28"))
    );
    assert_eq!(
        days.on_or_before(date("2026-12-24")),
        Some(date("2026-12-23"))
    );
    assert_eq!(
        days.on_or_after(date("2026-12-23")),
        Some(date("2026-12-23"))
    );
    assert_eq!(
        days.on_or_before(date("2026-12-23")),
        Some(date("2026-12-23"))
    );
    let by_law = days.eves_are_working_days(true);
    assert_eq!(
        by_law.next_after(date("2026-12-23")),
        Some(date("2026-12-24"))
    );
    // Easter 2026: Good Friday to Easter Monday.
    assert_eq!(days.plus(date("2026-04-02"), 1), Some(date("2026-04-07")));
    assert_eq!(days.plus(date("2026-04-07"), -1), Some(date("2026-04-02")));
    assert_eq!(days.plus(date("2026-04-04"), 0), Some(date("2026-04-04")));
    assert_eq!(days.count(date("2026-04-02"), date("2026-04-07")), 2);
    assert_eq!(days.count(date("2026-04-07"), date("2026-04-07")), 1);
    assert_eq!(days.count(date("2026-04-07"), date("2026-04-02")), 0);
    // A leap year of 366 days: the weekdays that are holidays and eves, counted one by one.
    // 2024: Mon 1/1, Fri 29/3, Mon 1/4, Wed 1/5, Thu 9/5, Thu 6/6, Wed 25/12, Thu 26/12, and the
    // eves Fri 21/6, Tue 24/12, Tue 31/12 (Epiphany, midsummer and All Saints are Saturdays).
    assert_eq!(
        days.count(date("2024-01-01"), date("2024-12-31")),
        262 - 8 - 3
    );
    assert_eq!(
        by_law.count(date("2024-01-01"), date("2024-12-31")),
        262 - 8
    );
}

#[test]
fn the_ends_of_the_calendar() {
    let days = WorkingDays::new();
    assert_eq!(days.next_after(Date::MAX), None);
    assert_eq!(days.previous_before(Date::MIN), None);
    assert_eq!(days.plus(Date::MAX, 1_000_000), None);
    assert_eq!(Date::MAX.plus_days(1), None);
    assert_eq!(Date::MIN.plus_days(-1), None);
    assert_eq!(Date::MIN.plus_days(i32::MIN), None);
    for year in [
        i32::MIN,
        i32::MAX,
        Date::MAX.year() + 1,
        Date::MIN.year() - 1,
    ] {
        assert_eq!(easter_sunday(year), None);
        assert!(public_holidays(year).is_empty());
        assert!(de_facto_days_off(year).is_empty());
    }
    for year in [Date::MIN.year(), -1, 0, 1, Date::MAX.year()] {
        assert_eq!(public_holidays(year).len(), 13);
    }
}

#[test]
fn written_dates() {
    for text in [
        "2026-06-06",
        "0001-01-01",
        "0000-02-29",
        "1600-02-29",
        "2400-02-29",
        "-0001-12-31",
        "+10000-01-01",
    ] {
        assert_eq!(date(text).to_string(), text);
    }
    assert_eq!(date(&Date::MIN.to_string()), Date::MIN);
    assert_eq!(date(&Date::MAX.to_string()), Date::MAX);
    assert_eq!(date("\u{a0}2026-06-06 ").to_string(), "2026-06-06");
    for text in [
        "2026-02-30",
        "2023-02-29",
        "1900-02-29",
        "2026-00-01",
        "2026-13-01",
        "2026-01-00",
    ] {
        let error = text.parse::<Date>().unwrap_err();
        assert_eq!(
            (error.kind(), error.position()),
            (ParseErrorKind::NoSuchDate, Some(0))
        );
    }
    for text in [
        "20260606",
        "2026-6-6",
        "26-06-06",
        "2026-06",
        "2026-06-060",
        "+2026-06-0",
        "-",
        "--",
        "-0-0",
        "10000-01-01",
        "2026--06-06",
        "2026-06-06T",
        "2026/06/06",
        "+9999999-01-01",
        "2-02-6-06-06",
        "2026-06-06-06",
        "å",
        "2026-06-0å",
        "+å",
    ] {
        assert!(text.parse::<Date>().is_err(), "{text}");
    }
    assert!(date("2026-06-06") < date("2026-06-07"));
    assert!(date("2025-12-31") < date("2026-01-01"));
}

#[cfg(feature = "chrono")]
mod chrono_conversions {
    use chrono::{Datelike, Days, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_date_is_the_same_as_in_chrono(
            days in i64::from(NaiveDate::MIN.num_days_from_ce())
                ..=i64::from(NaiveDate::MAX.num_days_from_ce()),
            step in -400_000_i32..=400_000,
        ) {
            let theirs = NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).unwrap()).unwrap();
            let ours = Date::from(theirs);
            prop_assert_eq!(NaiveDate::from(ours), theirs);
            prop_assert_eq!(ours, theirs);
            prop_assert_eq!(theirs, ours);
            prop_assert!(ours <= theirs);
            prop_assert!(theirs >= ours);
            prop_assert_eq!(
                ours.weekday() as u32, theirs.weekday().num_days_from_monday()
            );
            let moved = if step < 0 {
                theirs.checked_sub_days(Days::new(u64::from(step.unsigned_abs())))
            } else {
                theirs.checked_add_days(Days::new(u64::from(step.unsigned_abs())))
            };
            prop_assert_eq!(ours.plus_days(step).map(NaiveDate::from), moved);
            prop_assert_eq!(ours.to_string(), theirs.to_string());
            prop_assert_eq!(ours.to_string().parse(), Ok(ours));
        }

        #[test]
        fn the_same_days_exist(year in -270_000_i32..270_000, month in 0_u8..15, day in 0_u8..35) {
            let theirs = NaiveDate::from_ymd_opt(year, month.into(), day.into());
            prop_assert_eq!(Date::new(year, month, day).map(NaiveDate::from), theirs);
        }
    }

    #[test]
    fn a_naive_date_goes_in_everywhere() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let number = swedish_ids::PersonalIdentityNumber::parse_at("701063-2391", today).unwrap();
        assert_eq!(
            number.birth_date(),
            NaiveDate::from_ymd_opt(1970, 10, 3).unwrap()
        );
        assert!(WorkingDays::new().contains(today));
        assert!(!is_public_holiday(today));
        assert_eq!(NaiveDate::from(Date::MAX), NaiveDate::MAX);
        assert_eq!(NaiveDate::from(Date::MIN), NaiveDate::MIN);
    }
}
