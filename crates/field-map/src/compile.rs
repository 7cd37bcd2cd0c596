//! From a profile to a mapper: what can be checked is checked here, once.

use std::collections::{BTreeMap, BTreeSet};

use flat_record::{Field, Fields, Sensitivity, ValueKind};

use crate::condition::{Condition, Literal, Look, Subject, Test};
use crate::error::{ProfileError, ProfileProblem, ProfileProblemKind};
use crate::function::Function;
use crate::mapper::{ExportRow, ImportRow, Input, Mapper, MapperRow, Off, Output};
use crate::path::{Path, Paths};
use crate::profile::{Profile, Row, Source, Spec};
use crate::read::{Place, suggestion};
use crate::transform::{Shape, Transform};

/// Checks a profile against the fields that it maps to and from, for one connection.
///
/// Made by [`Profile::compile_for`].
#[derive(Debug, Clone)]
pub struct Compiler<'a> {
    profile: &'a Profile,
    fields: &'a Fields,
    functions: BTreeMap<String, Function>,
    settings: BTreeMap<String, Literal>,
    dropped: BTreeSet<Sensitivity>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(profile: &'a Profile, fields: &'a Fields) -> Self {
        Self {
            profile,
            fields,
            functions: BTreeMap::new(),
            settings: BTreeMap::new(),
            dropped: BTreeSet::new(),
        }
    }

    /// Registers a function that the profile can `call`.
    #[must_use]
    pub fn function(mut self, name: impl Into<String>, function: Function) -> Self {
        self.functions.insert(name.into(), function);
        self
    }

    /// Chooses a setting. What is not chosen has its default.
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<Literal>) -> Self {
        self.settings.insert(name.into(), value.into());
        self
    }

    /// Leaves out every row of this class, both ways: the one switch by which a connection keeps
    /// what is sensitive where it is. A row has the class of its field, or a higher one of its
    /// own. Only this class is left out: call it for each, if it is several.
    #[must_use]
    pub fn drop_class(mut self, class: Sensitivity) -> Self {
        self.dropped.insert(class);
        self
    }

    /// Compiles.
    ///
    /// # Errors
    /// [`ProfileError`] with everything that is wrong.
    pub fn compile(self) -> Result<Mapper, ProfileError> {
        let mut work = Work {
            compiler: &self,
            settings: BTreeMap::new(),
            paths: Paths::default(),
            problems: Vec::new(),
        };
        work.settings();
        let mut mapper = Mapper {
            profile: self.profile.name.clone(),
            fields: self.fields.clone(),
            paths: Paths::default(),
            rows: Vec::with_capacity(self.profile.rows.len()),
            exports: Vec::new(),
            imports: Vec::new(),
        };
        for (index, row) in self.profile.rows.iter().enumerate() {
            work.row(index, row, &mut mapper);
        }
        work.unreachable(&mapper);
        work.outputs(&mapper);
        if work.problems.is_empty() {
            mapper.paths = work.paths;
            return Ok(mapper);
        }
        let mut problems = work.problems;
        problems.sort_by_key(|problem| (problem.line, problem.column));
        Err(ProfileError {
            profile: Some(self.profile.name.clone()),
            problems,
        })
    }
}

struct Work<'a> {
    compiler: &'a Compiler<'a>,
    settings: BTreeMap<&'a str, Literal>,
    paths: Paths,
    problems: Vec<ProfileProblem>,
}

impl<'a> Work<'a> {
    fn problem(
        &mut self,
        place: Option<Place>,
        row: Option<&Row>,
        kind: ProfileProblemKind,
        message: impl Into<String>,
    ) {
        let problem = ProfileProblem {
            line: place.map_or(0, |place| place.line),
            column: place.map_or(0, |place| place.column),
            row: row.map(|row| (row.number, row.target.clone())),
            kind,
            message: message.into(),
        };
        // What is wrong both ways is said once.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn settings(&mut self) {
        let compiler = self.compiler;
        for (name, setting) in &compiler.profile.settings {
            self.settings.insert(name, setting.default.clone());
        }
        for (name, chosen) in &compiler.settings {
            let Some(setting) = compiler.profile.settings.get(name) else {
                let known = compiler.profile.settings.keys().map(String::as_str);
                let hint = hint(name, known);
                self.problem(
                    None,
                    None,
                    ProfileProblemKind::UnknownName,
                    format!("the profile has no setting `{name}`{hint}"),
                );
                continue;
            };
            if std::mem::discriminant(chosen) == std::mem::discriminant(&setting.default) {
                self.settings.insert(name, chosen.clone());
            } else {
                let (expected, found) = (setting.default.kind_name(), chosen.kind_name());
                self.problem(
                    None,
                    None,
                    ProfileProblemKind::Value,
                    format!("the setting `{name}` takes {expected}, not {found}"),
                );
            }
        }
    }

    fn row(&mut self, index: usize, row: &'a Row, mapper: &mut Mapper) {
        let compiler = self.compiler;
        let Some(slot) = compiler.fields.slot(&row.target) else {
            let known = compiler.fields.iter().map(|field| field.name.as_str());
            let hint = hint(&row.target, known);
            self.problem(
                Some(row.target_place),
                Some(row),
                ProfileProblemKind::UnknownField,
                format!("the target has no field `{}`{hint}", row.target),
            );
            return;
        };
        let Some(field) = compiler.fields.field(slot) else {
            return;
        };
        let class = row
            .sensitivity
            .map_or(field.sensitivity, |class| class.max(field.sensitivity));
        let off = compiler
            .dropped
            .contains(&class)
            .then_some(Off::Class(class));
        let export = row
            .direction
            .exports()
            .then(|| self.export(row, field, off.is_none()));
        let import = row.direction.imports().then(|| self.import(row, field));
        let source = match &row.source {
            Source::Path(path) => path.to_string(),
            Source::Paths(paths) => {
                let all: Vec<_> = paths.iter().map(ToString::to_string).collect();
                all.join(", ")
            }
            Source::Constant(_) => "a constant".to_owned(),
        };
        let exports = matches!(export, Some(Some(_)));
        let mut off_by_setting = false;
        if let (Some(Some((when, input, transforms))), None) = (export, off) {
            // Nothing but a setting decides that without looking.
            if when == Condition::NEVER {
                off_by_setting = true;
            } else {
                mapper.exports.push(ExportRow {
                    row: index,
                    slot,
                    kind: field.kind,
                    when: (when != Condition::ALWAYS).then_some(when),
                    input,
                    transforms,
                    required: row.required,
                    clear_when_missing: row.clear_when_missing,
                });
            }
        }
        if let (Some(Some((when, output, transforms))), None) = (import, off)
            && when != Condition::NEVER
        {
            mapper.imports.push(ImportRow {
                row: index,
                slot,
                when: (when != Condition::ALWAYS).then_some(when),
                output,
                transforms,
            });
        }
        mapper.rows.push(MapperRow {
            number: row.number,
            target: row.target.clone(),
            source,
            class,
            exports,
            off: off.or(off_by_setting.then_some(Off::Setting)),
        });
    }

    fn export(
        &mut self,
        row: &'a Row,
        field: &Field,
        used: bool,
    ) -> Option<(Condition<Look>, Input, Vec<Transform>)> {
        let when = self.when(row, row.when.as_ref(), true);
        let transforms = self.functions(row, &row.transforms)?;
        // What no row reads need not be found.
        let mut unused = Paths::default();
        let paths_used = if used && when != Some(Condition::NEVER) {
            &mut self.paths
        } else {
            &mut unused
        };
        let (input, shape) = match &row.source {
            Source::Path(path) => {
                let mut places = vec![paths_used.add(path)];
                places.extend(row.fallback.iter().map(|path| paths_used.add(path)));
                let shape = if path.has_all() {
                    Shape::List
                } else {
                    Shape::Any
                };
                (Input::FirstOf(places), shape)
            }
            Source::Paths(paths) => {
                let places = paths.iter().map(|path| paths_used.add(path)).collect();
                (Input::AllOf(places), Shape::List)
            }
            Source::Constant(literal) => {
                let shape = match literal {
                    Literal::Text(_) => Shape::Text,
                    Literal::Number(_) => Shape::Decimal,
                    Literal::Bool(_) => Shape::Bool,
                };
                (Input::Constant(literal.clone()), shape)
            }
        };
        // What is any value may be a list, each element of which is transformed.
        let or_list = shape == Shape::Any && matches!(field.kind, ValueKind::List | ValueKind::Set);
        let made = self::shape(row, &transforms, shape, field.kind).or_else(|problem| {
            let of_each = or_list && self::shape(row, &transforms, Shape::List, field.kind).is_ok();
            if of_each { Ok(()) } else { Err(problem) }
        });
        if let Err((place, message)) = made {
            self.problem(Some(place), Some(row), ProfileProblemKind::Kind, message);
            return None;
        }
        self.literals(row, field, &transforms)?;
        Some((when?, input, transforms))
    }

    /// What the profile itself says, a constant or a default, must fit as well: it would fail for
    /// each record.
    fn literals(&mut self, row: &Row, field: &Field, transforms: &[Transform]) -> Option<()> {
        let constant = match &row.source {
            Source::Constant(literal) => Some((row.place, literal.datum(), transforms)),
            _ => None,
        };
        let defaults = row.transforms.iter().zip(transforms).enumerate();
        let defaults = defaults.filter_map(|(index, ((place, _), transform))| match transform {
            Transform::Default(datum) => Some((*place, datum.clone(), &transforms[index + 1..])),
            _ => None,
        });
        let literals: Vec<_> = constant.into_iter().chain(defaults).collect();
        for (place, datum, transforms) in literals {
            // A function of the app is not called for nothing, and some depend on the day.
            if transforms.iter().any(Transform::is_of_the_moment) {
                continue;
            }
            let day = chrono::NaiveDate::default();
            let mut made = Ok(datum);
            for transform in transforms {
                made = made.and_then(|datum| transform.apply(datum, day));
            }
            if let Err(problem) = made.and_then(|datum| datum.into_kind(field.kind)) {
                self.problem(
                    Some(place),
                    Some(row),
                    ProfileProblemKind::Kind,
                    format!("the value that the row itself gives does not fit: {problem}"),
                );
                return None;
            }
        }
        Some(())
    }

    fn import(
        &mut self,
        row: &'a Row,
        field: &Field,
    ) -> Option<(Condition<Look>, Output, Vec<Transform>)> {
        let irreversible = |work: &mut Self, place, why: String| {
            work.problem(
                Some(place),
                Some(row),
                ProfileProblemKind::Irreversible,
                format!("the row cannot be imported: {why}; say `direction = \"export\"`, or write a row of its own for the import"),
            );
        };
        let writable = |path: &Path| -> Option<Vec<Box<str>>> {
            let keys = path.keys()?;
            Some(keys.into_iter().map(Into::into).collect())
        };
        let read_only = "its path chooses an element of a list, which cannot be written".to_owned();
        let output = match &row.source {
            Source::Constant(_) => {
                irreversible(
                    self,
                    row.place,
                    "a constant says nothing of the source".to_owned(),
                );
                return None;
            }
            Source::Path(path) => {
                let Some(keys) = writable(path) else {
                    irreversible(self, row.place, read_only);
                    return None;
                };
                Output::One(keys)
            }
            Source::Paths(paths) => {
                let all: Option<Vec<_>> = paths.iter().map(writable).collect();
                let Some(all) = all else {
                    irreversible(self, row.place, read_only);
                    return None;
                };
                Output::Parts(all)
            }
        };
        let transforms = if let Some(own) = &row.import_transforms {
            self.functions(row, own)?
        } else {
            let forward = self.functions(row, &row.transforms)?;
            let mut backward = Vec::with_capacity(forward.len());
            for ((place, _), transform) in row.transforms.iter().zip(&forward).rev() {
                match transform.reverse() {
                    Ok(reverse) => backward.extend(reverse),
                    Err(why) => {
                        let why = format!("`{}` has no way back, since {why}", transform.name());
                        irreversible(self, *place, why);
                        return None;
                    }
                }
            }
            backward
        };
        let mut shape = Shape::of(field.kind);
        for transform in &transforms {
            match transform.shape(shape) {
                Ok(next) => shape = next,
                Err(expected) => {
                    let (name, found) = (transform.name(), shape.name());
                    irreversible(
                        self,
                        row.place,
                        format!("on the way back `{name}` takes {expected}, but is given {found}"),
                    );
                    return None;
                }
            }
        }
        if let Output::Parts(parts) = &output {
            let split = matches!(transforms.last(), Some(Transform::Unjoin { .. }));
            if !split || parts.len() != 2 {
                irreversible(
                    self,
                    row.place,
                    "several sources can be written only where two are joined by `join` with `back`"
                        .to_owned(),
                );
                return None;
            }
        }
        // On import nothing is known of the document: its condition can only be about the record.
        let when = if row.import_when.is_some() {
            row.import_when.as_ref()
        } else {
            row.when.as_ref()
        };
        let when = self.when(row, when, false)?;
        Some((when, output, transforms))
    }

    /// The condition of a row in one direction.
    fn when(
        &mut self,
        row: &Row,
        when: Option<&(Place, Condition<Subject>)>,
        export: bool,
    ) -> Option<Condition<Look>> {
        match when {
            None => Some(Condition::ALWAYS),
            Some((place, condition)) => {
                let when = self.condition(row, *place, condition, export)?;
                Some(when.simplify())
            }
        }
    }

    /// Whether a test could ever hold: one of another kind would switch the row off, unseen.
    fn comparable(
        &mut self,
        row: &Row,
        place: Place,
        what: &str,
        test: &Test,
        takes: impl Fn(&Literal) -> bool,
        kind: &str,
    ) -> Option<()> {
        let wrong = test.literals().iter().find(|literal| !takes(literal));
        if let Some(literal) = wrong {
            let found = literal.kind_name();
            self.problem(
                Some(place),
                Some(row),
                ProfileProblemKind::Kind,
                format!("{what} is {kind}, and is compared with {found}"),
            );
            return None;
        }
        if let Test::Order {
            than: Literal::Bool(_),
            ..
        } = test
        {
            self.problem(
                Some(place),
                Some(row),
                ProfileProblemKind::Kind,
                format!("{what} is compared by order with true or false, which have none"),
            );
            return None;
        }
        Some(())
    }

    fn condition(
        &mut self,
        row: &Row,
        place: Place,
        condition: &Condition<Subject>,
        export: bool,
    ) -> Option<Condition<Look>> {
        let all = |work: &mut Self, all: &[Condition<Subject>]| -> Option<Vec<_>> {
            let compiled: Vec<_> = all
                .iter()
                .filter_map(|one| work.condition(row, place, one, export))
                .collect();
            (compiled.len() == all.len()).then_some(compiled)
        };
        Some(match condition {
            Condition::All(conditions) => Condition::All(all(self, conditions)?),
            Condition::Any(conditions) => Condition::Any(all(self, conditions)?),
            Condition::Not(not) => {
                Condition::Not(Box::new(self.condition(row, place, not, export)?))
            }
            Condition::Test(Subject::Setting(name), test) => {
                let Some(value) = self.settings.get(name.as_str()) else {
                    let hint = hint(name, self.settings.keys().copied());
                    self.problem(
                        Some(place),
                        Some(row),
                        ProfileProblemKind::UnknownName,
                        format!("`settings` does not define `{name}`{hint}"),
                    );
                    return None;
                };
                let value = value.clone();
                let same = |literal: &Literal| {
                    std::mem::discriminant(literal) == std::mem::discriminant(&value)
                };
                let what = format!("the setting `{name}`");
                self.comparable(row, place, &what, test, same, value.kind_name())?;
                if test.fits_literal(&value) {
                    Condition::ALWAYS
                } else {
                    Condition::NEVER
                }
            }
            Condition::Test(Subject::Path(written), test) => {
                if !export {
                    self.problem(
                        Some(place),
                        Some(row),
                        ProfileProblemKind::Irreversible,
                        format!("the condition on the path `{written}` cannot be tested on import: add an `import-when` on a field or a setting, or say `direction = \"export\"`"),
                    );
                    return None;
                }
                match Path::parse(written, &self.compiler.profile.paths) {
                    Ok(path) => Condition::Test(Look::Place(self.paths.add(&path)), test.clone()),
                    Err(why) => {
                        self.problem(
                            Some(place),
                            Some(row),
                            ProfileProblemKind::Path,
                            format!("`{written}` is no path: {why}"),
                        );
                        return None;
                    }
                }
            }
            Condition::Test(Subject::Field(name), test) => {
                if export {
                    self.problem(
                        Some(place),
                        Some(row),
                        ProfileProblemKind::Value,
                        format!("the condition on the field `{name}` cannot be tested on export, where the record is only being made: test a path or a setting"),
                    );
                    return None;
                }
                let Some(slot) = self.compiler.fields.slot(name) else {
                    let known = self.compiler.fields.iter().map(|field| field.name.as_str());
                    let hint = hint(name, known);
                    self.problem(
                        Some(place),
                        Some(row),
                        ProfileProblemKind::UnknownField,
                        format!("the target has no field `{name}`{hint}"),
                    );
                    return None;
                };
                let kind = self.compiler.fields.field(slot).map(|field| field.kind);
                if let Some(kind) = kind {
                    let what = format!("the field `{name}`");
                    let takes = |literal: &Literal| could_equal(literal, kind);
                    self.comparable(row, place, &what, test, takes, &kind.to_string())?;
                }
                Condition::Test(Look::Slot(slot), test.clone())
            }
        })
    }

    /// The transforms with the functions that they call.
    fn functions(&mut self, row: &Row, specs: &[(Place, Spec)]) -> Option<Vec<Transform>> {
        let mut transforms = Vec::with_capacity(specs.len());
        let mut all = true;
        for (place, spec) in specs {
            match spec {
                Spec::Ready(transform) => transforms.push(transform.clone()),
                Spec::Call(name) => {
                    let Some(function) = self.compiler.functions.get(name) else {
                        let known = self.compiler.functions.keys().map(String::as_str);
                        let hint = hint(name, known);
                        self.problem(
                            Some(*place),
                            Some(row),
                            ProfileProblemKind::UnknownName,
                            format!("no function `{name}` is registered{hint}"),
                        );
                        all = false;
                        continue;
                    };
                    transforms.push(Transform::Call {
                        name: name.clone(),
                        function: function.clone(),
                        backward: false,
                    });
                }
            }
        }
        all.then_some(transforms)
    }

    /// Rows that never fill their field, because one before them always does.
    fn unreachable(&mut self, mapper: &Mapper) {
        let mut always: BTreeMap<usize, usize> = BTreeMap::new();
        for export in &mapper.exports {
            let row = &self.compiler.profile.rows[export.row];
            if let Some(before) = always.get(&export.slot) {
                let message = format!(
                    "the row is never reached, since row {} always fills the field; give that one a condition",
                    self.compiler.profile.rows[*before].number
                );
                self.problem(
                    Some(row.place),
                    Some(row),
                    ProfileProblemKind::Unreachable,
                    message,
                );
            }
            let fills = matches!(export.input, Input::Constant(_))
                || export.required
                || export.clear_when_missing
                || export
                    .transforms
                    .iter()
                    .any(|transform| matches!(transform, Transform::Default(_)));
            // By the text, not by what is chosen: a setting may turn the row before off.
            if row.when.is_none() && fills {
                always.entry(export.slot).or_insert(export.row);
            }
        }
    }

    /// Places of the document of which one is within the other.
    fn outputs(&mut self, mapper: &Mapper) {
        let mut written: Vec<(&[Box<str>], usize)> = Vec::new();
        for import in &mapper.imports {
            match &import.output {
                Output::One(keys) => written.push((keys, import.row)),
                Output::Parts(parts) => {
                    written.extend(parts.iter().map(|keys| (keys.as_slice(), import.row)));
                }
            }
        }
        for (keys, index) in &written {
            let within = written
                .iter()
                .find(|(outer, _)| outer.len() < keys.len() && keys.starts_with(outer));
            if let Some((_, other)) = within {
                let row = &self.compiler.profile.rows[*index];
                let other = self.compiler.profile.rows[*other].number;
                self.problem(
                    Some(row.place),
                    Some(row),
                    ProfileProblemKind::Value,
                    format!("on import the row writes into what row {other} writes as a whole"),
                );
            }
        }
    }
}

fn hint<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    suggestion(name, known)
        .map(|known| format!("; did you mean `{known}`?"))
        .unwrap_or_default()
}

/// Whether the transforms fit each other and the field, or where they do not and why.
fn shape(
    row: &Row,
    transforms: &[Transform],
    mut shape: Shape,
    kind: ValueKind,
) -> Result<(), (Place, String)> {
    for ((place, _), transform) in row.transforms.iter().zip(transforms) {
        shape = transform.shape(shape).map_err(|expected| {
            let (name, found) = (transform.name(), shape.name());
            (
                *place,
                format!("`{name}` takes {expected}, but is given {found}"),
            )
        })?;
    }
    if shape.fits(kind) {
        return Ok(());
    }
    let made = shape.name();
    Err((
        row.place,
        format!("the row makes {made}, but the field takes {kind}"),
    ))
}

/// Whether a field of the kind could be equal to a literal; dates are compared as texts.
fn could_equal(literal: &Literal, kind: ValueKind) -> bool {
    match literal {
        Literal::Text(text) => match kind {
            ValueKind::Text | ValueKind::Reference => true,
            ValueKind::Date => crate::datum::date(text).is_ok(),
            _ => false,
        },
        Literal::Number(_) => matches!(kind, ValueKind::Integer | ValueKind::Decimal),
        Literal::Bool(_) => kind == ValueKind::Bool,
    }
}
