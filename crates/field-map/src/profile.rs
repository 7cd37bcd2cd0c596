//! A profile, as it was written.

use std::collections::BTreeMap;
use std::sync::Arc;

use flat_record::{Fields, Sensitivity};

use crate::compile::Compiler;
use crate::condition::{Condition, Literal, Subject};
use crate::document;
use crate::error::{ProfileError, ProfileProblem, ProfileProblemKind};
use crate::path::Path;
use crate::read::{Lines, Place, read_profile};
use crate::transform::{Table, Transform};

/// Which way a row maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Direction {
    /// From the document to the record.
    Export,
    /// From the record to the document.
    Import,
    /// Both.
    #[default]
    Both,
}

impl Direction {
    pub(crate) fn exports(self) -> bool {
        self != Self::Import
    }

    pub(crate) fn imports(self) -> bool {
        self != Self::Export
    }
}

/// A mapping between the documents of one system and the records of another, as a table of rows.
///
/// A profile is data: TOML or JSON, described by a [JSON Schema](crate::json_schema). Reading
/// checks everything that can be checked without the target's fields;
/// [compiling](Self::compile_for) checks the rest. Both report all problems at once, with line and
/// column.
///
/// ```
/// use field_map::{Circumstances, Profile};
/// use flat_record::{Field, Fields, Value, ValueKind};
///
/// let profile = Profile::from_toml(r#"
///     name = "example"
///
///     [[row]]
///     target = "city"
///     source = "homeAddress.city"
///     transform = ["trim"]
///
///     [[row]]
///     target = "salary"
///     source = "compensation.amount"
///     when = { path = "compensation.payoutPeriod", equals = "MONTHLY" }
///     import-when = { field = "salary", present = true }
///     transform = [{ scale = 100 }] # kronor to öre
/// "#)?;
/// let fields = Fields::new([
///     Field::new("city", ValueKind::Text)?,
///     Field::new("salary", ValueKind::Integer)?,
/// ])?;
/// let mapper = profile.compile_for(&fields).compile()?;
///
/// let document = field_map::read_json(r#"{
///     "homeAddress": { "city": " Borås " },
///     "compensation": { "amount": 32500.5, "payoutPeriod": "MONTHLY" }
/// }"#.as_bytes())?;
/// let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
/// let record = mapper.export(&document, &Circumstances::on(day))?;
/// assert_eq!(record.get("city").and_then(Value::as_text), Some("Borås"));
/// assert_eq!(record.get("salary").and_then(Value::as_integer), Some(3_250_050));
///
/// let back = mapper.import(&record, &Circumstances::on(day))?;
/// assert_eq!(back.pointer("/compensation/amount"), Some(&32500.5.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Profile {
    pub(crate) name: String,
    pub(crate) description: String,
    /// What the two sides are called on a help page.
    pub(crate) source_label: String,
    pub(crate) target_label: String,
    pub(crate) settings: BTreeMap<String, Setting>,
    pub(crate) tables: BTreeMap<String, Arc<Table>>,
    pub(crate) paths: BTreeMap<String, Path>,
    pub(crate) rows: Vec<Row>,
}

/// What a connection can choose.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// What it is unless somebody chooses.
    pub default: Literal,
    /// What it does.
    pub description: String,
}

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) place: Place,
    pub(crate) target: String,
    pub(crate) target_place: Place,
    pub(crate) label: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) source: Source,
    pub(crate) fallback: Vec<Path>,
    pub(crate) direction: Direction,
    pub(crate) when: Option<(Place, Condition<Subject>)>,
    pub(crate) import_when: Option<(Place, Condition<Subject>)>,
    pub(crate) transforms: Vec<(Place, Spec)>,
    pub(crate) import_transforms: Option<Vec<(Place, Spec)>>,
    pub(crate) required: bool,
    pub(crate) clear_when_missing: bool,
    pub(crate) sensitivity: Option<Sensitivity>,
}

impl Row {
    /// A row about which nothing has been said.
    pub(crate) fn blank(number: usize, place: Place) -> Self {
        Self {
            number,
            place,
            target: String::new(),
            target_place: place,
            label: None,
            note: None,
            source: Source::Paths(Vec::new()),
            fallback: Vec::new(),
            direction: Direction::Both,
            when: None,
            import_when: None,
            transforms: Vec::new(),
            import_transforms: None,
            required: false,
            clear_when_missing: false,
            sensitivity: None,
        }
    }
}

/// Where a row reads.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Path(Path),
    /// Several, to be joined.
    Paths(Vec<Path>),
    Constant(Literal),
}

/// A transform, as far as the profile alone tells.
#[derive(Debug, Clone)]
pub(crate) enum Spec {
    Ready(Transform),
    /// A function of the app.
    Call(String),
}

impl Profile {
    /// Reads a profile from TOML.
    ///
    /// # Errors
    /// [`ProfileError`] with everything that is wrong with it.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        Self::read(text, document::parse_toml(text))
    }

    /// Reads a profile from JSON.
    ///
    /// # Errors
    /// [`ProfileError`] with everything that is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, ProfileError> {
        Self::read(text, document::parse_json(text))
    }

    fn read(
        text: &str,
        parsed: Result<document::Node, document::SyntaxError>,
    ) -> Result<Self, ProfileError> {
        match parsed {
            Ok(node) => read_profile(text, &node),
            Err(error) => {
                let place = Lines::of(text).place(error.at);
                Err(ProfileError {
                    profile: None,
                    problems: vec![ProfileProblem {
                        line: place.line,
                        column: place.column,
                        row: None,
                        kind: ProfileProblemKind::Syntax,
                        message: error.message.lines().collect::<Vec<_>>().join("; "),
                    }],
                })
            }
        }
    }

    /// The profile's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What a connection can choose, by name.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.settings
            .iter()
            .map(|(name, setting)| (name.as_str(), setting))
    }

    /// How many rows it has.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Checks it against the fields of the records that it maps to and from, and makes it fast.
    pub fn compile_for<'a>(&'a self, fields: &'a Fields) -> Compiler<'a> {
        Compiler::new(self, fields)
    }
}
