//! Both sides by columns: for each comparison the distinct values, and who has which.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    num::NonZeroUsize,
};

use flat_record::{Record, Value};

use crate::{
    comparison::{Comparison, Comparisons},
    error::MatchError,
    kind::FieldKind,
    nicknames::Nicknames,
    normalise::{Form, fingerprint, fingerprint_from, read},
    pairs::hooks::Marks,
    parallel,
    population::{Population, Side},
};

/// No value.
pub(crate) const NONE: u32 = u32::MAX;

/// Ids share a word with a level of four bits.
const MOST_RECORDS: usize = (1 << 28) - 1;

/// The values of one comparison, interned over both sides.
pub(crate) struct Column {
    pub(crate) kind: FieldKind,
    /// The value of each record, or [`NONE`].
    pub(crate) left: Vec<u32>,
    pub(crate) right: Vec<u32>,
    pub(crate) forms: Vec<Form>,
    /// Of each form as much as fits into a word: enough to tell most pairs apart without a look at
    /// the forms, which lie all over the memory.
    pub(crate) digests: Vec<u64>,
    /// What else two values may have in common; empty for kinds for which the digest says it all.
    pub(crate) marks: Vec<Marks>,
    pub(crate) left_counts: Vec<u32>,
    pub(crate) right_counts: Vec<u32>,
}

impl Column {
    pub(crate) fn side(&self, side: Side) -> &[u32] {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }

    /// Records that have a value.
    pub(crate) fn present(&self, side: Side) -> u64 {
        let counts = match side {
            Side::Left => &self.left_counts,
            Side::Right => &self.right_counts,
        };
        counts.iter().map(|count| u64::from(*count)).sum()
    }
}

/// Both sides, their records in the order of their keys.
pub(crate) struct Table<'a> {
    pub(crate) left_keys: Vec<&'a str>,
    pub(crate) right_keys: Vec<&'a str>,
    pub(crate) columns: Vec<Column>,
    /// Values that were too long to be read in full, by comparison.
    pub(crate) cut: Vec<u64>,
    /// Values that could not be read as what they should be, by comparison.
    pub(crate) unreadable: Vec<u64>,
    /// What the records say, to see later whether they changed.
    pub(crate) left_fingerprints: Vec<u64>,
    pub(crate) right_fingerprints: Vec<u64>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(
        comparisons: &Comparisons,
        left: &Population<'a>,
        right: &Population<'a>,
        nicknames: &Nicknames,
        threads: NonZeroUsize,
    ) -> Result<Self, MatchError> {
        let left = sorted(left, Side::Left)?;
        let right = sorted(right, Side::Right)?;
        let mut table = Self {
            left_keys: left.iter().map(|(key, _)| *key).collect(),
            right_keys: right.iter().map(|(key, _)| *key).collect(),
            columns: Vec::with_capacity(comparisons.len()),
            cut: Vec::with_capacity(comparisons.len()),
            unreadable: Vec::with_capacity(comparisons.len()),
            left_fingerprints: vec![fingerprint(&[]); left.len()],
            right_fingerprints: vec![fingerprint(&[]); right.len()],
        };
        let read = |(): &mut (), range: std::ops::Range<usize>| {
            Reader::new(&comparisons.as_slice()[range.start], nicknames).both(&left, &right)
        };
        for read in parallel::pieces(threads, comparisons.len(), 1, || (), read) {
            table.columns.push(read.column);
            table.cut.push(read.cut);
            table.unreadable.push(read.unreadable);
            for (prints, more) in [
                (&mut table.left_fingerprints, read.left_fingerprints),
                (&mut table.right_fingerprints, read.right_fingerprints),
            ] {
                for (print, more) in prints.iter_mut().zip(more) {
                    *print = fingerprint_from(*print, &more.to_le_bytes());
                }
            }
        }
        Ok(table)
    }

    pub(crate) fn left_len(&self) -> usize {
        self.left_keys.len()
    }

    pub(crate) fn right_len(&self) -> usize {
        self.right_keys.len()
    }
}

/// By key, so that nothing depends on the order in which records were given.
fn sorted<'a>(
    population: &Population<'a>,
    side: Side,
) -> Result<Vec<(&'a str, &'a Record)>, MatchError> {
    let entries = population.entries();
    if entries.len() > MOST_RECORDS {
        return Err(MatchError::TooManyRecords {
            side,
            count: entries.len(),
        });
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|a, b| entries[*a].0.cmp(entries[*b].0));
    for pair in order.windows(2) {
        if let [first, second] = *pair
            && entries[first].0 == entries[second].0
        {
            return Err(MatchError::DoubleKey {
                side,
                first,
                second,
            });
        }
    }
    Ok(order.into_iter().map(|index| entries[index]).collect())
}

/// A column that was read, and what there is to say about it.
struct Read {
    column: Column,
    left_fingerprints: Vec<u64>,
    right_fingerprints: Vec<u64>,
    cut: u64,
    unreadable: u64,
}

struct Reader<'c, 'v> {
    comparison: &'c Comparison,
    nicknames: &'c Nicknames,
    /// The text as it stands in the records, so that the same one is normalised once.
    raw: HashMap<Cow<'v, str>, u32>,
    canonical: HashMap<String, u32>,
    forms: Vec<Form>,
    cut: u64,
    unreadable: u64,
}

impl<'c, 'v> Reader<'c, 'v> {
    fn new(comparison: &'c Comparison, nicknames: &'c Nicknames) -> Self {
        Self {
            comparison,
            nicknames,
            raw: HashMap::new(),
            canonical: HashMap::new(),
            forms: Vec::new(),
            cut: 0,
            unreadable: 0,
        }
    }

    fn both(mut self, left: &[(&'v str, &'v Record)], right: &[(&'v str, &'v Record)]) -> Read {
        let comparison = self.comparison;
        let (left, left_fingerprints) = self.side(left, comparison.left_fields());
        let (right, right_fingerprints) = self.side(right, comparison.right_fields());
        let count = |ids: &[u32]| {
            let mut counts = vec![0; self.forms.len()];
            for id in ids.iter().filter(|id| **id != NONE) {
                counts[*id as usize] += 1;
            }
            counts
        };
        let column = Column {
            kind: comparison.kind(),
            left_counts: count(&left),
            right_counts: count(&right),
            left,
            right,
            digests: self.forms.iter().map(Form::digest).collect(),
            marks: marks(comparison.kind(), &self.forms),
            forms: self.forms,
        };
        let (cut, unreadable) = (self.cut, self.unreadable);
        Read {
            column,
            left_fingerprints,
            right_fingerprints,
            cut,
            unreadable,
        }
    }

    /// The value of each record, and its fingerprint.
    fn side(
        &mut self,
        records: &[(&'v str, &'v Record)],
        fields: &[String],
    ) -> (Vec<u32>, Vec<u64>) {
        let mut ids = Vec::with_capacity(records.len());
        let mut prints = Vec::with_capacity(records.len());
        // Records of one side have one layout, as a rule.
        let mut known: Option<(&'v Record, Vec<Option<usize>>)> = None;
        for (_, record) in records {
            let slots = match &known {
                Some((first, slots)) if first.fields().is_same(record.fields()) => slots,
                _ => {
                    let slots = fields
                        .iter()
                        .map(|name| record.fields().slot(name))
                        .collect();
                    &known.insert((*record, slots)).1
                }
            };
            let text = value_text(record, slots);
            prints.push(fingerprint(text.as_deref().unwrap_or_default().as_bytes()));
            ids.push(text.map_or(NONE, |text| self.intern(text)));
        }
        (ids, prints)
    }

    fn intern(&mut self, text: Cow<'v, str>) -> u32 {
        if text.trim().is_empty() {
            return NONE;
        }
        if text.len() > LONG {
            // Not kept as a key of the map: it may be megabytes.
            self.cut += 1;
            return self.form(&text);
        }
        if let Some(id) = self.raw.get(&text) {
            self.unreadable += u64::from(*id == NONE);
            return *id;
        }
        let id = self.form(&text);
        self.raw.insert(text, id);
        id
    }

    fn form(&mut self, text: &str) -> u32 {
        let Some(form) = read(self.comparison.kind(), text, self.nicknames) else {
            self.unreadable += 1;
            return NONE;
        };
        // At most two per record of either side, whose number is checked.
        let next = u32::try_from(self.forms.len()).unwrap_or(NONE);
        match self.canonical.entry(form.key()) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                entry.insert(next);
                self.forms.push(form);
                next
            }
        }
    }
}

/// The marks of all forms of a kind that has any.
pub(crate) fn marks(kind: FieldKind, forms: &[Form]) -> Vec<Marks> {
    forms
        .iter()
        .map_while(|form| Marks::new(kind, form))
        .collect()
}

/// A longer text is no name, date or number.
const LONG: usize = 1_000;

/// The text of the fields, joined by a space; nothing if all are absent or empty.
fn value_text<'v>(record: &'v Record, slots: &[Option<usize>]) -> Option<Cow<'v, str>> {
    let mut parts = slots
        .iter()
        .filter_map(|slot| text_of(record.get_slot((*slot)?)?));
    let first = parts.next()?;
    let Some(second) = parts.next() else {
        return Some(first);
    };
    let mut joined = first.into_owned();
    for part in std::iter::once(second).chain(parts) {
        joined.push(' ');
        joined.push_str(&part);
    }
    Some(Cow::Owned(joined))
}

/// A value as text; of several values the first.
fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::Text(text) => Some(Cow::Borrowed(text.as_str())).filter(|text| !text.is_empty()),
        Value::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
        Value::Integer(number) => Some(Cow::Owned(number.to_string())),
        Value::Decimal(number) => Some(Cow::Owned(number.normalize().to_string())),
        Value::Date(date) => Some(Cow::Owned(date.to_string())),
        Value::Timestamp(moment) => Some(Cow::Owned(moment.date_naive().to_string())),
        Value::List(values) => values.iter().find_map(text_of),
        Value::Set(values) => values.iter().find_map(text_of),
        Value::Reference(reference) => Some(Cow::Borrowed(reference.key.as_str())),
    }
}
