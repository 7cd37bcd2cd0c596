//! A compiled profile at work.

use chrono::NaiveDate;
use flat_record::{Fields, Record, Sensitivity, Value, ValueKind};
use serde_json::Value as Json;

use crate::condition::{Condition, Literal, Look};
use crate::datum::Datum;
use crate::error::{Failure, MappingError, Problem};
use crate::explanation::{Explanation, Outcome};
use crate::path::{Found, Paths};
use crate::transform::Transform;

/// A profile, compiled for the fields of a record and the settings of a connection.
///
/// Made by [`Profile::compile_for`](crate::Profile::compile_for).
#[derive(Debug)]
pub struct Mapper {
    pub(crate) profile: String,
    pub(crate) fields: Fields,
    pub(crate) paths: Paths,
    pub(crate) rows: Vec<MapperRow>,
    pub(crate) exports: Vec<ExportRow>,
    pub(crate) imports: Vec<ImportRow>,
}

/// A row, as an explanation or a failure names it.
#[derive(Debug)]
pub(crate) struct MapperRow {
    pub(crate) number: usize,
    pub(crate) target: String,
    pub(crate) source: String,
    pub(crate) class: Sensitivity,
    pub(crate) exports: bool,
    pub(crate) off: Option<Off>,
}

/// Why a row is never used on this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Off {
    Class(Sensitivity),
    Setting,
}

#[derive(Debug)]
pub(crate) struct ExportRow {
    pub(crate) row: usize,
    pub(crate) slot: usize,
    pub(crate) kind: ValueKind,
    pub(crate) when: Option<Condition<Look>>,
    pub(crate) input: Input,
    pub(crate) transforms: Vec<Transform>,
    pub(crate) required: bool,
    pub(crate) clear_when_missing: bool,
}

#[derive(Debug)]
pub(crate) enum Input {
    /// The first that is neither missing nor null.
    FirstOf(Vec<usize>),
    AllOf(Vec<usize>),
    Constant(Literal),
}

#[derive(Debug)]
pub(crate) struct ImportRow {
    pub(crate) row: usize,
    pub(crate) slot: usize,
    pub(crate) when: Option<Condition<Look>>,
    pub(crate) output: Output,
    pub(crate) transforms: Vec<Transform>,
}

#[derive(Debug)]
pub(crate) enum Output {
    One(Vec<Box<str>>),
    Parts(Vec<Vec<Box<str>>>),
}

/// What a mapping needs to know besides the document.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Circumstances<'a> {
    /// The day for which elements are chosen by their validity, and by which the century of a
    /// short personal number is told.
    pub day: NaiveDate,
    /// What an error calls the record: a key that is not personal, such as the source's own id.
    pub record: Option<&'a str>,
}

impl<'a> Circumstances<'a> {
    /// On this day.
    pub fn on(day: NaiveDate) -> Self {
        Self { day, record: None }
    }

    /// Says which record it is, for errors. Not a personal number.
    #[must_use]
    pub fn of(mut self, record: &'a str) -> Self {
        self.record = Some(record);
        self
    }
}

/// Keeps what became of each row, or does not.
trait Watch<'m> {
    fn row(&mut self, row: usize, outcome: impl FnOnce() -> Outcome);
}

struct Unwatched;

impl Watch<'_> for Unwatched {
    fn row(&mut self, _: usize, _: impl FnOnce() -> Outcome) {}
}

struct Watched(Vec<Outcome>);

impl Watch<'_> for Watched {
    fn row(&mut self, row: usize, outcome: impl FnOnce() -> Outcome) {
        self.0[row] = outcome();
    }
}

impl Mapper {
    /// The name of the profile.
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// The fields of the records that it makes and takes.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Makes a record of a document. A field about which no row says anything has no value.
    ///
    /// # Errors
    /// [`MappingError`] with every row that failed. Nothing is made of a document of which a part
    /// does not fit: half an employee is worse than none. [`explain`](Self::explain) gives the
    /// rest too.
    pub fn export(
        &self,
        document: &Json,
        circumstances: &Circumstances<'_>,
    ) -> Result<Record, MappingError> {
        let (record, failures) = self.run(document, circumstances.day, &mut Unwatched);
        if failures.is_empty() {
            Ok(record)
        } else {
            Err(self.error(failures, circumstances))
        }
    }

    /// Makes a record of a document and tells what became of each row, the failed ones too.
    pub fn explain(&self, document: &Json, circumstances: &Circumstances<'_>) -> Explanation<'_> {
        let mut watched = Watched(vec![Outcome::Off; self.rows.len()]);
        let (record, failures) = self.run(document, circumstances.day, &mut watched);
        Explanation {
            mapper: self,
            record,
            outcomes: watched.0,
            failures,
        }
    }

    /// Makes a document of a record: an object of those keys that the record says something of.
    ///
    /// What is not in it is to be left as it is: merge it into the source's document, or send it
    /// as a patch. Null clears.
    ///
    /// # Errors
    /// [`MappingError`] with every row that failed.
    pub fn import(
        &self,
        record: &Record,
        circumstances: &Circumstances<'_>,
    ) -> Result<Json, MappingError> {
        let mut document = serde_json::Map::new();
        let mut failures = Vec::new();
        let aligned = *record.fields() == self.fields;
        let value_in = |slot| {
            if aligned {
                return record.get_slot(slot);
            }
            record.get(&self.fields.field(slot)?.name)
        };
        let mut written: Vec<(&[Box<str>], usize, Json)> = Vec::new();
        for import in &self.imports {
            let Some(value) = value_in(import.slot) else {
                continue;
            };
            let applies = |when: &Condition<Look>| when.holds_for_record(value_in);
            if !import.when.as_ref().is_none_or(applies) {
                continue;
            }
            match Self::import_value(import, value, circumstances.day) {
                Ok(parts) => {
                    for (keys, json) in parts {
                        let before = written
                            .iter()
                            .find(|(other, _, before)| *other == keys && *before != json);
                        if let Some((_, other, _)) = before {
                            let other = self.rows[*other].number;
                            failures.push(self.failure(import.row, Problem::Contradicts { other }));
                        } else {
                            written.push((keys, import.row, json));
                        }
                    }
                }
                Err(problem) => failures.push(self.failure(import.row, problem)),
            }
        }
        for (keys, _, json) in written {
            insert(&mut document, keys, json);
        }
        if failures.is_empty() {
            Ok(Json::Object(document))
        } else {
            Err(self.error(failures, circumstances))
        }
    }

    fn import_value<'r>(
        import: &'r ImportRow,
        value: &Value,
        day: NaiveDate,
    ) -> Result<Vec<Written<'r>>, Problem> {
        let mut datum = Datum::of_value(value);
        for transform in &import.transforms {
            datum = transform.apply(datum, day)?;
        }
        match (&import.output, datum) {
            (Output::One(keys), datum) => Ok(vec![(keys.as_slice(), datum.into_json()?)]),
            (Output::Parts(all), Datum::List(parts)) => all
                .iter()
                .zip(parts)
                .map(|(keys, part)| Ok((keys.as_slice(), part.into_json()?)))
                .collect(),
            (Output::Parts(all), _) => Ok(all
                .iter()
                .map(|keys| (keys.as_slice(), Json::Null))
                .collect()),
        }
    }

    fn run<'d>(
        &self,
        document: &'d Json,
        day: NaiveDate,
        watch: &mut impl for<'m> Watch<'m>,
    ) -> (Record, Vec<Failure>) {
        let mut found: Vec<Found<'d>> = Vec::new();
        self.paths.find(document, day, &mut found);
        let mut slots: Vec<Option<Value>> = vec![None; self.fields.len()];
        let mut failures = Vec::new();
        for export in &self.exports {
            if slots[export.slot].is_some() {
                watch.row(export.row, || Outcome::AlreadyFilled);
                continue;
            }
            let value = export.value(&found, day);
            match value {
                Ok(Taken::Value(value, from)) => {
                    slots[export.slot] = Some(value);
                    watch.row(export.row, || Outcome::Filled { from });
                }
                Ok(Taken::Default(value)) => {
                    slots[export.slot] = Some(value);
                    watch.row(export.row, || Outcome::Default);
                }
                Ok(Taken::NotApplicable) => watch.row(export.row, || Outcome::NotApplicable),
                Ok(Taken::Missing) => watch.row(export.row, || Outcome::Missing),
                Err(problem) => {
                    watch.row(export.row, || Outcome::Failed);
                    failures.push(self.failure(export.row, problem));
                }
            }
        }
        let record = Record::from_slots(&self.fields, slots).unwrap_or_else(|error| {
            // The rows have made the kinds, so this would be a mistake of ours: never half a record.
            failures.push(self.failure(0, Problem::Record(error)));
            Record::new(&self.fields)
        });
        (record, failures)
    }

    fn failure(&self, row: usize, problem: Problem) -> Failure {
        let row = &self.rows[row];
        Failure {
            row: row.number,
            target: row.target.clone(),
            source: row.source.clone(),
            problem,
        }
    }

    fn error(&self, failures: Vec<Failure>, circumstances: &Circumstances<'_>) -> MappingError {
        MappingError {
            profile: self.profile.clone(),
            record: circumstances.record.map(ToOwned::to_owned),
            failures,
        }
    }
}

/// A value and the keys under which it is written.
type Written<'r> = (&'r [Box<str>], Json);

enum Taken {
    /// The value, and which of the row's sources it is from.
    Value(Value, usize),
    /// The row's default, in place of what is not there.
    Default(Value),
    Missing,
    NotApplicable,
}

impl ExportRow {
    fn value(&self, found: &[Found<'_>], day: NaiveDate) -> Result<Taken, Problem> {
        if let Some(when) = &self.when
            && !when.holds_for_document(found)?
        {
            return Ok(Taken::NotApplicable);
        }
        let (datum, from) = match &self.input {
            Input::Constant(literal) => (Some(literal.datum()), 0),
            Input::FirstOf(places) => first_of(places, found)?,
            Input::AllOf(places) => (all_of(places, found)?, 0),
        };
        let datum = match datum {
            Some(datum) => datum,
            // A default stands in for what is not there.
            None if self.fills_what_is_missing() => Datum::Null,
            None if self.required => return Err(Problem::Missing),
            None if self.clear_when_missing => return Ok(Taken::Value(Value::Null, from)),
            None => return Ok(Taken::Missing),
        };
        let mut datum = datum;
        let mut is_default = false;
        for transform in &self.transforms {
            is_default |= matches!(transform, Transform::Default(_)) && datum == Datum::Null;
            datum = transform.apply(datum, day)?;
        }
        if datum == Datum::Null && self.required {
            return Err(Problem::Missing);
        }
        let value = datum.into_kind(self.kind)?;
        Ok(if is_default {
            Taken::Default(value)
        } else {
            Taken::Value(value, from)
        })
    }

    fn fills_what_is_missing(&self) -> bool {
        self.transforms
            .iter()
            .any(|transform| matches!(transform, Transform::Default(_)))
    }
}

fn first_of<'d>(
    places: &[usize],
    found: &[Found<'d>],
) -> Result<(Option<Datum<'d>>, usize), Problem> {
    let mut null = None;
    for (index, place) in places.iter().enumerate() {
        match take(*place, found)? {
            None => {}
            Some(Datum::Null) => {
                null.get_or_insert(index);
            }
            Some(datum) => return Ok((Some(datum), index)),
        }
    }
    Ok(match null {
        Some(index) => (Some(Datum::Null), index),
        None => (None, 0),
    })
}

fn all_of<'d>(places: &[usize], found: &[Found<'d>]) -> Result<Option<Datum<'d>>, Problem> {
    let mut parts = Vec::with_capacity(places.len());
    let mut any = false;
    for place in places {
        let part = take(*place, found)?;
        any |= part.is_some();
        parts.push(part.unwrap_or(Datum::Null));
    }
    Ok(any.then_some(Datum::List(parts)))
}

fn take<'d>(place: usize, found: &[Found<'d>]) -> Result<Option<Datum<'d>>, Problem> {
    match &found[place] {
        Found::Missing => Ok(None),
        Found::One(value) => Datum::of_json(value).map(Some),
        Found::Many(values) => {
            let parts: Result<Vec<_>, _> =
                values.iter().map(|value| Datum::of_json(value)).collect();
            Ok(Some(Datum::List(parts?)))
        }
        Found::Problem(problem) => Err(Problem::Path(problem.clone())),
    }
}

fn insert(document: &mut serde_json::Map<String, Json>, keys: &[Box<str>], json: Json) {
    let Some((last, before)) = keys.split_last() else {
        return;
    };
    let mut at = document;
    for key in before {
        let next = at
            .entry(key.to_string())
            .or_insert_with(|| Json::Object(serde_json::Map::new()));
        // Compiling has made sure that nothing else is written there.
        let Json::Object(object) = next else { return };
        at = object;
    }
    at.insert(last.to_string(), json);
}
