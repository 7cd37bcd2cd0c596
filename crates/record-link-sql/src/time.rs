//! Moments as texts that sort as they follow one another.

use chrono::{DateTime, Datelike, Utc};

/// The first and the last moment that can be written with four digits of the year.
const FIRST: &str = "0000-01-01T00:00:00.000000000Z";
const LAST: &str = "9999-12-31T23:59:59.999999999Z";

/// A moment for a column: RFC 3339, UTC, nine decimals.
///
/// A moment that this cannot say becomes the nearest it can: a lease without end ends in 9999. The
/// exact one is in the JSON beside it.
pub(crate) fn written(at: DateTime<Utc>) -> String {
    match at.year() {
        ..0 => FIRST.to_owned(),
        10_000.. => LAST.to_owned(),
        _ => exact(at),
    }
}

/// A moment for a column that is read back: as [`written`], and exact, whatever the year.
pub(crate) fn exact(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn moments_sort_as_texts_and_lose_nothing() {
        let begin = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let moments = [
            DateTime::<Utc>::MIN_UTC,
            DateTime::<Utc>::UNIX_EPOCH,
            begin,
            begin + TimeDelta::nanoseconds(1),
            begin + TimeDelta::nanoseconds(1_000),
            begin + TimeDelta::seconds(1),
            DateTime::<Utc>::MAX_UTC,
        ];
        let texts = moments.map(written);
        assert!(texts.is_sorted_by(|one, two| one < two), "{texts:?}");
        assert_eq!(texts[3], "2026-09-21T14:13:20.000000001Z");
        assert_eq!((&*texts[0], &*texts[6]), (FIRST, LAST));
        for (text, moment) in moments.map(exact).iter().zip(moments) {
            assert_eq!(text.parse::<DateTime<Utc>>().unwrap(), moment);
        }
        assert_eq!(exact(begin), texts[2]);
    }
}
