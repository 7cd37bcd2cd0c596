//! Verified keys: pairs that are the same because a number says so.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use crate::{
    columns::{Column, NONE, Table},
    comparison::Comparisons,
    kind::{FieldKind, KeyUse},
    normalise::Form,
    population::Side,
};

/// A pair that one record on either side alone has the key for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyPair {
    pub(crate) left: u32,
    pub(crate) right: u32,
    /// The comparison that found it first.
    pub(crate) comparison: usize,
    pub(crate) key_use: KeyUse,
    /// Verified keys that both have and that differ.
    pub(crate) contradictions: Vec<usize>,
    /// Another record has another verified key of one of the two.
    pub(crate) rivalled: bool,
}

/// Records of one side with one verified key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Double {
    pub(crate) side: Side,
    pub(crate) comparison: usize,
    pub(crate) records: Vec<u32>,
}

#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// By left record, then right.
    pub(crate) pairs: Vec<KeyPair>,
    pub(crate) doubles: Vec<Double>,
    /// Pairs of which at least one side has the key more than once. Never accepted.
    pub(crate) ambiguous: BTreeSet<(u32, u32)>,
}

/// More pairs of one ambiguous key are not listed.
const MOST_AMBIGUOUS: usize = 64;

pub(crate) fn find(comparisons: &Comparisons, table: &Table<'_>) -> Keys {
    let mut keys = Keys::default();
    let mut pairs: BTreeMap<(u32, u32), KeyPair> = BTreeMap::new();
    let mut of_use = |wanted: KeyUse| {
        for (index, comparison) in comparisons.iter().enumerate() {
            if comparison.key_use() != wanted {
                continue;
            }
            for (lefts, rights) in holders(&table.columns[index]).into_values() {
                if wanted == KeyUse::Links {
                    for (side, records) in [(Side::Left, &lefts), (Side::Right, &rights)] {
                        if records.len() > 1 {
                            let records = records.clone();
                            keys.doubles.push(Double {
                                side,
                                comparison: index,
                                records,
                            });
                        }
                    }
                }
                if let ([left], [right]) = (lefts.as_slice(), rights.as_slice()) {
                    let key = (*left, *right);
                    pairs.entry(key).or_insert_with(|| KeyPair {
                        left: *left,
                        right: *right,
                        comparison: index,
                        key_use: wanted,
                        contradictions: contradictions(comparisons, table, key),
                        rivalled: false,
                    });
                } else if wanted == KeyUse::Links {
                    let all = lefts
                        .iter()
                        .flat_map(|l| rights.iter().map(move |r| (*l, *r)));
                    keys.ambiguous.extend(all.take(MOST_AMBIGUOUS));
                }
            }
        }
    };
    of_use(KeyUse::Links);
    of_use(KeyUse::Suggests);
    keys.pairs = pairs.into_values().collect();
    let mut linked: BTreeMap<(Side, u32), usize> = BTreeMap::new();
    for pair in keys
        .pairs
        .iter()
        .filter(|pair| pair.key_use == KeyUse::Links)
    {
        *linked.entry((Side::Left, pair.left)).or_default() += 1;
        *linked.entry((Side::Right, pair.right)).or_default() += 1;
    }
    for pair in &mut keys.pairs {
        pair.rivalled = linked.get(&(Side::Left, pair.left)).is_some_and(|n| *n > 1)
            || linked
                .get(&(Side::Right, pair.right))
                .is_some_and(|n| *n > 1);
    }
    keys.doubles.sort_by(|a, b| {
        (a.side, &a.records, a.comparison).cmp(&(b.side, &b.records, b.comparison))
    });
    keys
}

/// Who has each value that may serve as a key.
fn holders(column: &Column) -> HashMap<Cow<'_, str>, (Vec<u32>, Vec<u32>)> {
    let mut holders: HashMap<Cow<'_, str>, (Vec<u32>, Vec<u32>)> = HashMap::new();
    for (record, value) in (0..).zip(&column.left) {
        if let Some(key) = key_text(column, *value) {
            holders.entry(key).or_default().0.push(record);
        }
    }
    for (record, value) in (0..).zip(&column.right) {
        if let Some(key) = key_text(column, *value) {
            holders.entry(key).or_default().1.push(record);
        }
    }
    holders
}

/// The text of a value that may serve as a key: where there are check digits, they must be right.
fn key_text(column: &Column, value: u32) -> Option<Cow<'_, str>> {
    if value == NONE {
        return None;
    }
    let form = &column.forms[value as usize];
    match (column.kind, form) {
        (
            FieldKind::PersonalNumber | FieldKind::OrganisationNumber,
            Form::Identifier { word, checked, .. },
        ) => checked.then(|| word.as_str().into()),
        // All of it: Berg AB is not Berg HB, and number 5 of a street not number 7.
        (
            _,
            Form::Email { .. }
            | Form::Date { .. }
            | Form::Organisation { .. }
            | Form::Address { .. },
        ) => Some(form.key().into()),
        _ => form.word().map(|word| word.as_str().into()),
    }
}

/// Verified keys that both records have and that differ.
pub(crate) fn contradictions(
    comparisons: &Comparisons,
    table: &Table<'_>,
    (left, right): (u32, u32),
) -> Vec<usize> {
    let contradicts = |(index, column): &(usize, &Column)| {
        comparisons.as_slice()[*index].key_use() == KeyUse::Links
            && differ(
                column,
                column.left[left as usize],
                column.right[right as usize],
            )
    };
    table
        .columns
        .iter()
        .enumerate()
        .filter(contradicts)
        .map(|(index, _)| index)
        .collect()
}

fn differ(column: &Column, left: u32, right: u32) -> bool {
    let (Some(left_text), Some(right_text)) = (key_text(column, left), key_text(column, right))
    else {
        return false;
    };
    left_text != right_text || written_apart(column, left, right)
}

/// Whether two values with one text say that they are two: the same ten digits a hundred years
/// apart, or the same digits with separators in other places.
fn written_apart(column: &Column, left: u32, right: u32) -> bool {
    match (&column.forms[left as usize], &column.forms[right as usize]) {
        (
            Form::Identifier { century, shape, .. },
            Form::Identifier {
                century: other_century,
                shape: other_shape,
                ..
            },
        ) => {
            let centuries = century.zip(*other_century);
            centuries.is_some_and(|(one, other)| one != other)
                || !shape.is_empty() && !other_shape.is_empty() && shape != other_shape
        }
        _ => false,
    }
}

/// Whether two numbers with right check digits say that these are two: people and companies do not
/// change them, but a coordination number gives way to a personal number.
pub(crate) fn excludes(
    comparisons: &Comparisons,
    table: &Table<'_>,
    contradictions: &[usize],
    (left, right): (u32, u32),
) -> bool {
    contradictions.iter().any(|index| {
        let column = &table.columns[*index];
        let texts = (
            key_text(column, column.left[left as usize]),
            key_text(column, column.right[right as usize]),
        );
        match (comparisons.as_slice()[*index].kind(), texts) {
            (FieldKind::PersonalNumber, (Some(left), Some(right))) => !coordinated(&left, &right),
            (FieldKind::OrganisationNumber | FieldKind::ClientKey, _) => true,
            _ => false,
        }
    })
}

/// Whether one is a coordination number (its day is 60 too high) for the other's day of birth.
fn coordinated(left: &str, right: &str) -> bool {
    let day = |text: &str| text.get(4..6).and_then(|day| day.parse::<u8>().ok());
    let (Some(left_day), Some(right_day)) = (day(left), day(right)) else {
        return false;
    };
    left.get(..4) == right.get(..4) && left_day.abs_diff(right_day) == 60
}
