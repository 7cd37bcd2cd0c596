//! Public holidays, the three eves that are days off in fact, and working days.
//!
//! Sources: lag (1989:253) om allmänna helgdagar, in force since 1990, as amended by lag
//! (2004:1320), in force since 1 April 2005; semesterlagen (1977:480) 3 a §, which puts the three
//! eves on a par with Sundays.

use alloc::vec::Vec;

use crate::date::{Date, Weekday};

/// A public holiday (allmän helgdag) that has a name. Every Sunday is a public holiday too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicHoliday {
    /// Nyårsdagen, 1 January.
    NewYearsDay,
    /// Trettondedag jul, 6 January.
    Epiphany,
    /// Långfredagen, the Friday before Easter.
    GoodFriday,
    /// Påskdagen.
    EasterSunday,
    /// Annandag påsk, the day after Easter Sunday.
    EasterMonday,
    /// Första maj, 1 May.
    MayDay,
    /// Kristi himmelsfärdsdag, the sixth Thursday after Easter.
    AscensionDay,
    /// Pingstdagen, the seventh Sunday after Easter.
    WhitSunday,
    /// Annandag pingst, the day after Whit Sunday: until 2004.
    WhitMonday,
    /// Nationaldagen, 6 June: since 2005.
    NationalDay,
    /// Midsommardagen, the Saturday from 20 to 26 June.
    MidsummerDay,
    /// Alla helgons dag, the Saturday from 31 October to 6 November.
    AllSaintsDay,
    /// Juldagen, 25 December.
    ChristmasDay,
    /// Annandag jul, 26 December.
    BoxingDay,
}

/// A day on which most of Sweden does not work, though no law makes it a public holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeFactoDayOff {
    /// Midsommarafton, the Friday from 19 to 25 June.
    MidsummerEve,
    /// Julafton, 24 December.
    ChristmasEve,
    /// Nyårsafton, 31 December.
    NewYearsEve,
}

/// The public holidays of a year, in order of their dates; the Sundays without a name are left out.
/// Two can fall on one day (Ascension Day on 1 May 2008).
///
/// The law is that of 1990 with the change of 2005. For earlier years the rules of 1990 are applied
/// to them as well, which is not what held in all of them. Empty for a year that [`Date`] does not
/// have.
///
/// ```
/// use swedish_ids::{Date, PublicHoliday, public_holidays};
///
/// let holidays = public_holidays(2026);
/// assert_eq!(holidays.len(), 13);
/// assert_eq!(holidays[2], (Date::new(2026, 4, 3).unwrap(), PublicHoliday::GoodFriday));
/// assert_eq!(holidays[9], (Date::new(2026, 6, 20).unwrap(), PublicHoliday::MidsummerDay));
/// ```
pub fn public_holidays(year: i32) -> Vec<(Date, PublicHoliday)> {
    let mut holidays: Vec<_> = holidays_of(year).into_iter().flatten().collect();
    holidays.sort_by_key(|(date, _)| *date);
    holidays
}

/// The eves of a year that are days off in fact, in order of their dates.
///
/// ```
/// use swedish_ids::{Date, DeFactoDayOff, de_facto_days_off};
///
/// let eves = de_facto_days_off(2026);
/// assert_eq!(eves[0], (Date::new(2026, 6, 19).unwrap(), DeFactoDayOff::MidsummerEve));
/// ```
pub fn de_facto_days_off(year: i32) -> Vec<(Date, DeFactoDayOff)> {
    let midsummer_eve = first_from(year, 6, 19, Weekday::Friday);
    [
        midsummer_eve.map(|date| (date, DeFactoDayOff::MidsummerEve)),
        Date::new(year, 12, 24).map(|date| (date, DeFactoDayOff::ChristmasEve)),
        Date::new(year, 12, 31).map(|date| (date, DeFactoDayOff::NewYearsEve)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The public holiday on this date, if it has a name. If there are two, the first of the law's
/// list.
///
/// ```
/// use swedish_ids::{Date, PublicHoliday, public_holiday};
///
/// let holiday = public_holiday(Date::new(2026, 6, 6).unwrap());
/// assert_eq!(holiday, Some(PublicHoliday::NationalDay));
/// assert_eq!(public_holiday(Date::new(2026, 6, 7).unwrap()), None); // a Sunday without a name
/// ```
pub fn public_holiday(date: impl Into<Date>) -> Option<PublicHoliday> {
    let date = date.into();
    holidays_of(date.year())
        .into_iter()
        .flatten()
        .find_map(|(day, holiday)| (day == date).then_some(holiday))
}

/// Whether this is a public holiday by law: one with a name, or a Sunday.
pub fn is_public_holiday(date: impl Into<Date>) -> bool {
    let date = date.into();
    date.weekday() == Weekday::Sunday || public_holiday(date).is_some()
}

/// The eve on this date that is a day off in fact.
pub fn de_facto_day_off(date: impl Into<Date>) -> Option<DeFactoDayOff> {
    let date = date.into();
    match (date.month(), date.day()) {
        (6, 19..=25) if date.weekday() == Weekday::Friday => Some(DeFactoDayOff::MidsummerEve),
        (12, 24) => Some(DeFactoDayOff::ChristmasEve),
        (12, 31) => Some(DeFactoDayOff::NewYearsEve),
        _ => None,
    }
}

/// In the order of the law's list.
fn holidays_of(year: i32) -> [Option<(Date, PublicHoliday)>; 13] {
    let fixed = |month, day, holiday| Date::new(year, month, day).map(|date| (date, holiday));
    let easter = easter_sunday(year);
    let after_easter = |days, holiday| easter?.plus_days(days).map(|date| (date, holiday));
    [
        fixed(1, 1, PublicHoliday::NewYearsDay),
        fixed(1, 6, PublicHoliday::Epiphany),
        fixed(5, 1, PublicHoliday::MayDay),
        fixed(12, 25, PublicHoliday::ChristmasDay),
        fixed(12, 26, PublicHoliday::BoxingDay),
        after_easter(-2, PublicHoliday::GoodFriday),
        after_easter(0, PublicHoliday::EasterSunday),
        after_easter(1, PublicHoliday::EasterMonday),
        after_easter(39, PublicHoliday::AscensionDay),
        after_easter(49, PublicHoliday::WhitSunday),
        if year >= 2005 {
            fixed(6, 6, PublicHoliday::NationalDay)
        } else {
            after_easter(50, PublicHoliday::WhitMonday)
        },
        first_from(year, 6, 20, Weekday::Saturday).map(|date| (date, PublicHoliday::MidsummerDay)),
        first_from(year, 10, 31, Weekday::Saturday).map(|date| (date, PublicHoliday::AllSaintsDay)),
    ]
}

/// The first such day of the week on or after a date.
fn first_from(year: i32, month: u8, day: u8, weekday: Weekday) -> Option<Date> {
    let start = Date::new(year, month, day)?;
    (0..7)
        .filter_map(|days| start.plus_days(days))
        .find(|date| date.weekday() == weekday)
}

/// Easter Sunday of the Gregorian calendar (the "Anonymous Gregorian" algorithm of Meeus, Jones and
/// Butcher), or `None` for a year that [`Date`] does not have.
///
/// ```
/// use swedish_ids::{Date, easter_sunday};
///
/// assert_eq!(easter_sunday(2026), Date::new(2026, 4, 5));
/// ```
pub fn easter_sunday(year: i32) -> Option<Date> {
    Date::new(year, 1, 1)?;
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let (leap_centuries, century_rest) = (century.div_euclid(4), century.rem_euclid(4));
    let moon_correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + century - leap_centuries - moon_correction + 15).rem_euclid(30);
    let weekday =
        (32 + 2 * century_rest + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let from_march = epact + weekday - 7 * late + 114;
    let month = u8::try_from(from_march / 31).ok()?;
    let day = u8::try_from(from_march % 31 + 1).ok()?;
    Date::new(year, month, day)
}

/// Which days are working days: Monday to Friday, except public holidays and, unless the caller
/// says otherwise, the three [eves](DeFactoDayOff).
///
/// Of the employer's calendar only: an employee's own schedule comes on top of it.
///
/// ```
/// use swedish_ids::{Date, WorkingDays};
///
/// let midsummer_eve = Date::new(2026, 6, 19).unwrap();
/// let days = WorkingDays::new();
/// assert!(!days.contains(midsummer_eve));
/// assert!(days.eves_are_working_days(true).contains(midsummer_eve));
///
/// // From the Thursday before to the Monday after.
/// let thursday = Date::new(2026, 6, 18).unwrap();
/// let monday = Date::new(2026, 6, 22).unwrap();
/// assert_eq!(days.next_after(thursday), Some(monday));
/// assert_eq!(days.previous_before(monday), Some(thursday));
/// assert_eq!(days.count(thursday, monday), 2);
/// assert_eq!(days.plus(thursday, 1), Some(monday));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WorkingDays {
    eves_are_working_days: bool,
}

impl WorkingDays {
    /// The three eves are days off.
    pub const fn new() -> Self {
        Self {
            eves_are_working_days: false,
        }
    }

    /// Whether Midsummer Eve, Christmas Eve and New Year's Eve count as working days, as they do by
    /// the letter of the law.
    #[must_use]
    pub const fn eves_are_working_days(self, yes: bool) -> Self {
        Self {
            eves_are_working_days: yes,
        }
    }

    /// Whether this is a working day.
    pub fn contains(self, date: impl Into<Date>) -> bool {
        let date = date.into();
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
            && (self.eves_are_working_days || de_facto_day_off(date).is_none())
            && public_holiday(date).is_none()
    }

    /// The first working day after this date; `None` only at [`Date::MAX`].
    pub fn next_after(self, date: impl Into<Date>) -> Option<Date> {
        self.nearest(date.into(), 1)
    }

    /// The last working day before this date; `None` only at [`Date::MIN`].
    pub fn previous_before(self, date: impl Into<Date>) -> Option<Date> {
        self.nearest(date.into(), -1)
    }

    /// The date itself if it is a working day, or else the next.
    pub fn on_or_after(self, date: impl Into<Date>) -> Option<Date> {
        let date = date.into();
        if self.contains(date) {
            Some(date)
        } else {
            self.next_after(date)
        }
    }

    /// The date itself if it is a working day, or else the one before.
    pub fn on_or_before(self, date: impl Into<Date>) -> Option<Date> {
        let date = date.into();
        if self.contains(date) {
            Some(date)
        } else {
            self.previous_before(date)
        }
    }

    /// The date so many working days after this one (before it, if negative). Zero is the date
    /// itself, whatever it is. `None` beyond [`Date::MIN`] and [`Date::MAX`]. Takes time in
    /// proportion to the number of days.
    pub fn plus(self, date: impl Into<Date>, working_days: i32) -> Option<Date> {
        (0..working_days.unsigned_abs()).try_fold(date.into(), |date, _| {
            self.nearest(date, working_days.signum())
        })
    }

    /// How many working days there are from one date to another, both included; 0 if the second is
    /// before the first. Takes time in proportion to the number of days.
    pub fn count(self, first: impl Into<Date>, last: impl Into<Date>) -> usize {
        let last = last.into();
        core::iter::successors(Some(first.into()), |date| date.plus_days(1))
            .take_while(|date| *date <= last)
            .filter(|date| self.contains(*date))
            .count()
    }

    fn nearest(self, date: Date, step: i32) -> Option<Date> {
        core::iter::successors(date.plus_days(step), |date| date.plus_days(step))
            .find(|date| self.contains(*date))
    }
}
