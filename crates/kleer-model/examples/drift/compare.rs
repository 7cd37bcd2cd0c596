//! Compares a schema with the model's own descriptions, from the root elements down.
//!
//! What counts as the same:
//!
//! * an element that readers tolerate the absence of (`Expected`), or a blank date in
//!   (`Blankable`), is one that the schema demands;
//! * an element whose type holds one repeated element and nothing else is a list;
//! * a type that extends another one has the fields of both;
//! * `xs:integer` is `xs:long`, and a simple type that restricts nothing is its base;
//! * an element that may stand at most zero times is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kleer_model::{
    Cardinality, Content, FieldDescription, Page, RootElement, RootKind, TypeDescription,
};

use crate::coverage::{Coverage, Share};
use crate::schema::{Element, Occurs, Particle, Schema, TypeName};

/// What a comparison finds.
#[derive(Debug, Default)]
pub struct Report {
    /// Where schema and model differ on what both have.
    pub differences: Vec<Difference>,
    /// Root elements of the schema that the model has no type for.
    pub undeclared_roots: Vec<String>,
    /// Named types of the schema, complex ones and enumerations, that the model does not have.
    pub undeclared_types: Vec<String>,
    /// The schema's complex types that were compared, as indices into [`Schema::types`].
    #[allow(dead_code, reason = "for the test, which changes each of them")]
    pub compared: BTreeSet<usize>,
    pub coverage: Coverage,
}

/// A place on which schema and model differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Element names from the root.
    pub path: String,
    /// The difference, in words.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.what)
    }
}

/// Compares a schema with the types of these root elements, and with types that no root leads to.
pub fn compare<'r>(
    schema: &Schema,
    roots: impl IntoIterator<Item = &'r RootElement>,
    others: &[&'static TypeDescription],
) -> Report {
    let mut walk = Walk {
        schema,
        differences: Vec::new(),
        seen: BTreeSet::new(),
        covered: BTreeSet::new(),
        enumerations: BTreeSet::new(),
    };
    for what in &schema.not_understood {
        walk.differ(
            "schema",
            format!("not understood by this comparison: {what}"),
        );
    }
    let mut declared = BTreeSet::new();
    for root in roots {
        declared.insert(root.name);
        walk.root(root);
    }
    for other in others {
        let path = format!("type {}", other.schema);
        walk.value(&path, &TypeName::Named(other.schema.to_owned()), other);
    }
    walk.report(&declared)
}

struct Walk<'s> {
    schema: &'s Schema,
    differences: Vec<Difference>,
    /// Pairs of a schema type and a description that were compared already.
    seen: BTreeSet<(usize, &'static str)>,
    /// The schema's complex types that something in the model stands for.
    covered: BTreeSet<usize>,
    enumerations: BTreeSet<String>,
}

/// A part of a type's content as the model has it.
enum Part {
    Field(&'static FieldDescription),
    Choice(Occurs, &'static [FieldDescription]),
}

impl Part {
    fn names(&self) -> Vec<&'static str> {
        match self {
            Self::Field(field) => vec![field.element],
            Self::Choice(_, branches) => branches.iter().map(|branch| branch.element).collect(),
        }
    }
}

fn names(particle: &Particle) -> Vec<&str> {
    match particle {
        Particle::Element(element) => vec![&element.name],
        Particle::Choice(_, branches) => branches.iter().map(|one| one.name.as_str()).collect(),
    }
}

const ONCE: Occurs = Occurs {
    least: 1,
    most: Some(1),
};
const AT_MOST_ONCE: Occurs = Occurs {
    least: 0,
    most: Some(1),
};
const ANY_NUMBER: Occurs = Occurs {
    least: 0,
    most: None,
};
const AT_LEAST_ONCE: Occurs = Occurs {
    least: 1,
    most: None,
};

impl fmt::Display for Occurs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most {
            Some(most) => write!(f, "{}..{most}", self.least),
            None => write!(f, "{}..*", self.least),
        }
    }
}

/// What a cardinality says of an element: how often it stands, whether it may be nil, and how
/// often the items stand if it is the wrapper of a list.
fn meaning(cardinality: Cardinality) -> Option<(Occurs, bool, Option<Occurs>)> {
    use Cardinality as C;
    Some(match cardinality {
        C::Required | C::Expected | C::Blankable | C::Choice => (ONCE, false, None),
        C::Optional | C::OptionalChoice => (AT_MOST_ONCE, false, None),
        C::Nillable => (ONCE, true, None),
        C::OptionalNillable => (AT_MOST_ONCE, true, None),
        C::Repeated | C::RepeatedChoice => (ANY_NUMBER, false, None),
        C::Nonempty => (AT_LEAST_ONCE, false, None),
        C::List | C::ExpectedList => (ONCE, false, Some(ANY_NUMBER)),
        C::OptionalList => (AT_MOST_ONCE, false, Some(ANY_NUMBER)),
        C::NonemptyList => (ONCE, false, Some(AT_LEAST_ONCE)),
        C::OptionalNonemptyList => (AT_MOST_ONCE, false, Some(AT_LEAST_ONCE)),
        // A cardinality that is newer than this comparison.
        _ => return None,
    })
}

fn can_be_nil(nillable: bool) -> &'static str {
    if nillable {
        "may be nil"
    } else {
        "cannot be nil"
    }
}

impl Walk<'_> {
    fn differ(&mut self, path: &str, what: impl Into<String>) {
        let (path, what) = (path.to_owned(), what.into());
        self.differences.push(Difference { path, what });
    }

    fn root(&mut self, root: &RootElement) {
        let Some(element) = self.schema.elements.get(root.name) else {
            return self.differ(root.name, "a root in the model, not in the schema");
        };
        match &root.kind {
            RootKind::Record(of) => self.value(root.name, &element.of, of),
            RootKind::List {
                element: item,
                item: of,
                paged,
            } => {
                let Some(index) = self.schema.complex(&element.of) else {
                    return self.differ(root.name, "a list in the model, a text in the schema");
                };
                self.list(root.name, index, item, ANY_NUMBER, of);
                self.page(root.name, index, *paged);
                // The schema has types of the same name as such a list that nothing refers to.
                if let Some(namesake) = self.schema.named.get(root.name) {
                    self.list(root.name, *namesake, item, ANY_NUMBER, of);
                }
            }
            _ => self.differ(
                root.name,
                "a kind of root that this comparison does not know",
            ),
        }
    }

    /// Compares the attributes of a list's root.
    fn page(&mut self, path: &str, index: usize, paged: bool) {
        let attributes = self.schema.attributes(index);
        for (name, of) in &attributes {
            if !paged || !Page::ATTRIBUTES.contains(name) {
                self.differ(path, format!("the attribute {name} is not in the model"));
            } else if *of != "int" {
                self.differ(
                    path,
                    format!("the attribute {name} is of type {of}, not int"),
                );
            }
        }
        for name in Page::ATTRIBUTES.iter().filter(|_| paged) {
            if !attributes.iter().any(|(known, _)| known == name) {
                self.differ(path, format!("the attribute {name} is not in the schema"));
            }
        }
    }

    /// Compares a type that holds one repeated element and nothing else.
    fn list(
        &mut self,
        path: &str,
        index: usize,
        item: &str,
        expected: Occurs,
        of: &'static TypeDescription,
    ) {
        self.cover(index);
        let schema = self.schema;
        let [Particle::Element(element)] = schema.content(index)[..] else {
            return self.differ(
                path,
                format!("a list of {item} in the model, not in the schema"),
            );
        };
        let path = format!("{path}/{item}");
        if element.name != item {
            return self.differ(&path, format!("is called {} in the schema", element.name));
        }
        self.occurrence(&path, element, expected, false);
        self.value(&path, &element.of, of);
    }

    fn occurrence(&mut self, path: &str, element: &Element, expected: Occurs, nillable: bool) {
        let found = element.occurs;
        if found != expected {
            self.differ(
                path,
                format!("stands {found} in the schema, {expected} in the model"),
            );
        }
        if element.nillable != nillable {
            let (theirs, ours) = (can_be_nil(element.nillable), can_be_nil(nillable));
            self.differ(path, format!("{theirs} in the schema, {ours} in the model"));
        }
    }

    /// Notes that the model has a type, with the types that it extends.
    fn cover(&mut self, index: usize) {
        let mut next = Some(index);
        while let Some(index) = next {
            self.covered.insert(index);
            next = self.schema.base(&self.schema.types[index]);
        }
    }

    /// Compares what an element holds.
    fn value(&mut self, path: &str, of: &TypeName, model: &'static TypeDescription) {
        let schema = self.schema;
        if let Some(index) = schema.complex(of) {
            if self.seen.insert((index, model.rust)) {
                self.cover(index);
                self.complex(path, index, model);
            }
            return;
        }
        let builtin = match of {
            TypeName::Builtin(name) => name,
            TypeName::Named(name) => match schema.simple.get(name) {
                Some(simple) if simple.values.is_empty() => &simple.base,
                Some(simple) => {
                    self.enumerations.insert(name.clone());
                    return self.enumeration(path, name, &simple.values, model);
                }
                None => return self.differ(path, format!("its type {name} is not in the schema")),
            },
            TypeName::Anonymous(_) => return,
        };
        let same = match model.content {
            Content::Any => builtin == "anyType",
            Content::Text(text) => text == builtin || (text == "long" && builtin == "integer"),
            _ => false,
        };
        if !same {
            self.differ(
                path,
                format!(
                    "is xs:{builtin} in the schema, {} in the model",
                    show(model)
                ),
            );
        }
    }

    fn enumeration(&mut self, path: &str, name: &str, theirs: &[String], model: &TypeDescription) {
        let Content::Enumeration(ours) = model.content else {
            let what = format!(
                "is the enumeration {name} in the schema, {} in the model",
                show(model)
            );
            return self.differ(path, what);
        };
        self.name(path, name, model);
        for value in theirs
            .iter()
            .filter(|value| !ours.contains(&value.as_str()))
        {
            self.differ(
                path,
                format!("the value {value} of {name} is not in the model"),
            );
        }
        for value in ours
            .iter()
            .filter(|value| !theirs.iter().any(|known| known == *value))
        {
            self.differ(
                path,
                format!("the value {value} of {name} is not in the schema"),
            );
        }
    }

    /// Compares the names of types. Where the schema gives none, any type of the same content will
    /// do.
    fn name(&mut self, path: &str, theirs: &str, model: &TypeDescription) {
        let (ours, rust) = (model.schema, model.rust);
        if !theirs.is_empty() && theirs != ours {
            let what = format!("is of type {theirs} in the schema; {rust} says \"{ours}\"");
            self.differ(path, what);
        }
    }

    fn complex(&mut self, path: &str, index: usize, model: &'static TypeDescription) {
        let schema = self.schema;
        let alias = schema.alias_of(index);
        let theirs = schema.types[alias].name.as_deref().unwrap_or_default();
        let parts = match model.content {
            Content::Fields(fields) => fields.iter().map(part).collect(),
            Content::Choice(branches) => vec![Part::Choice(ONCE, branches)],
            Content::Abstract(concrete) => {
                self.name(path, theirs, model);
                if !schema.types[index].is_abstract {
                    self.differ(path, "is abstract in the model, not in the schema");
                }
                return self.variants(path, index, concrete);
            }
            _ => {
                let what = format!("holds elements in the schema, {} in the model", show(model));
                return self.differ(path, what);
            }
        };
        self.name(path, theirs, model);
        if schema.types[index].is_abstract {
            self.differ(path, "is abstract in the schema, not in the model");
        }
        for (name, _) in schema.attributes(index) {
            self.differ(path, format!("the attribute {name} is not in the model"));
        }
        self.content(path, &schema.content(index), &parts);
    }

    /// Compares the types that can stand for an abstract one.
    fn variants(&mut self, path: &str, index: usize, ours: &'static [&'static TypeDescription]) {
        let schema = self.schema;
        let concrete = schema.concrete(index);
        let theirs: BTreeMap<&str, usize> = concrete
            .into_iter()
            .filter_map(|index| Some((schema.types[index].name.as_deref()?, index)))
            .collect();
        for model in ours {
            match theirs.get(model.schema) {
                Some(_) => {
                    let of = TypeName::Named(model.schema.to_owned());
                    self.value(&format!("{path}[{}]", model.schema), &of, model);
                }
                None => self.differ(
                    path,
                    format!("the type {} is not in the schema", model.schema),
                ),
            }
        }
        for name in theirs.keys() {
            if !ours.iter().any(|model| model.schema == *name) {
                self.differ(path, format!("the type {name} is not in the model"));
            }
        }
    }

    fn content(&mut self, path: &str, theirs: &[&Particle], ours: &[Part]) {
        let mut pairs = Vec::new();
        for (place, particle) in theirs.iter().enumerate() {
            let names = names(particle);
            let found = ours
                .iter()
                .position(|part| part.names().iter().any(|name| names.contains(name)));
            if let Some(at) = found {
                pairs.push((place, at));
            } else {
                let path = format!("{path}/{}", names.join("|"));
                self.differ(&path, "in the schema, not in the model");
            }
        }
        for (at, part) in ours.iter().enumerate() {
            if !pairs.iter().any(|(_, found)| *found == at) {
                let path = format!("{path}/{}", part.names().join("|"));
                self.differ(&path, "in the model, not in the schema");
            }
        }
        self.order(path, &pairs, ours);
        for (place, at) in pairs {
            self.part(path, theirs[place], &ours[at]);
        }
    }

    /// Names each part that the model has behind one which the schema has behind it.
    fn order(&mut self, path: &str, pairs: &[(usize, usize)], ours: &[Part]) {
        for pair in pairs.windows(2) {
            let [(_, first), (_, second)] = *pair else {
                continue;
            };
            if second < first {
                let [first, second] = [first, second].map(|at| ours[at].names().join("|"));
                let path = format!("{path}/{second}");
                self.differ(
                    &path,
                    format!("stands behind {first} in the schema, before it in the model"),
                );
            }
        }
    }

    fn part(&mut self, path: &str, theirs: &Particle, ours: &Part) {
        match (theirs, ours) {
            (Particle::Element(element), Part::Field(field)) => self.field(path, element, field),
            (Particle::Choice(occurs, theirs), Part::Choice(expected, ours)) => {
                self.choice(path, (*occurs, theirs), (*expected, ours));
            }
            (Particle::Element(element), Part::Choice(..)) => {
                let path = format!("{path}/{}", element.name);
                self.differ(
                    &path,
                    "an element of its own in the schema, one of a choice in the model",
                );
            }
            (Particle::Choice(..), Part::Field(field)) => {
                let path = format!("{path}/{}", field.element);
                self.differ(
                    &path,
                    "one of a choice in the schema, an element of its own in the model",
                );
            }
        }
    }

    fn field(&mut self, path: &str, element: &Element, field: &'static FieldDescription) {
        let path = format!("{path}/{}", element.name);
        let Some((occurs, nillable, items)) = meaning(field.cardinality) else {
            return self.differ(&path, "a cardinality that this comparison does not know");
        };
        self.occurrence(&path, element, occurs, nillable);
        match (items, field.item) {
            (None, None) => self.value(&path, &element.of, field.of),
            (Some(items), Some(item)) => match self.schema.complex(&element.of) {
                Some(index) => {
                    self.list(&path, index, item, items, field.of);
                    for (name, _) in self.schema.attributes(index) {
                        self.differ(&path, format!("the attribute {name} is not in the model"));
                    }
                }
                None => self.differ(&path, "a list in the model, a text in the schema"),
            },
            _ => self.differ(&path, "the model's cardinality does not fit its item"),
        }
    }

    fn choice(
        &mut self,
        path: &str,
        (occurs, theirs): (Occurs, &[Element]),
        (expected, ours): (Occurs, &'static [FieldDescription]),
    ) {
        if occurs != expected {
            let names: Vec<&str> = theirs.iter().map(|branch| branch.name.as_str()).collect();
            let path = format!("{path}/{}", names.join("|"));
            let what = format!("the choice stands {occurs} in the schema, {expected} in the model");
            self.differ(&path, what);
        }
        for branch in theirs {
            let path = format!("{path}/{}", branch.name);
            self.occurrence(&path, branch, ONCE, false);
            match ours.iter().find(|known| known.element == branch.name) {
                Some(known) => self.value(&path, &branch.of, known.of),
                None => self.differ(&path, "in the schema's choice, not in the model's"),
            }
        }
        for branch in ours {
            if !theirs.iter().any(|known| known.name == branch.element) {
                let path = format!("{path}/{}", branch.element);
                self.differ(&path, "in the model's choice, not in the schema's");
            }
        }
    }

    fn report(self, declared: &BTreeSet<&str>) -> Report {
        let Self {
            schema,
            differences,
            covered,
            enumerations,
            ..
        } = self;
        let is_declared = |name: &String| declared.contains(name.as_str());
        let enumerated = || {
            schema
                .simple
                .iter()
                .filter(|(_, simple)| !simple.values.is_empty())
        };
        let anonymous = schema.types.iter().enumerate();
        let anonymous = anonymous.filter(|(_, of)| of.name.is_none() && !of.is_forbidden);
        let coverage = Coverage {
            roots: Share::of(schema.elements.keys().map(is_declared)),
            types: Share::of(schema.named.values().map(|index| covered.contains(index))),
            enumerations: Share::of(enumerated().map(|(name, _)| enumerations.contains(name))),
            anonymous: Share::of(anonymous.map(|(index, _)| covered.contains(&index))),
        };
        let undeclared = schema
            .named
            .iter()
            .filter(|(_, index)| !covered.contains(index));
        let undeclared = undeclared.map(|(name, _)| name);
        let unlisted = enumerated().map(|(name, _)| name);
        let unlisted = unlisted.filter(|name| !enumerations.contains(*name));
        Report {
            coverage,
            differences,
            undeclared_roots: schema
                .elements
                .keys()
                .filter(|name| !is_declared(name))
                .cloned()
                .collect(),
            undeclared_types: undeclared.chain(unlisted).cloned().collect(),
            compared: covered,
        }
    }
}

/// A field as a part of the content; for a choice, its type holds the branches.
fn part(field: &'static FieldDescription) -> Part {
    let is_choice = matches!(
        field.cardinality,
        Cardinality::Choice | Cardinality::OptionalChoice | Cardinality::RepeatedChoice
    );
    match (&field.of.content, meaning(field.cardinality)) {
        (Content::Choice(branches), Some((occurs, ..))) if is_choice => {
            Part::Choice(occurs, branches)
        }
        _ => Part::Field(field),
    }
}

/// A type of the model, in words.
fn show(model: &TypeDescription) -> String {
    match model.content {
        Content::Text(text) => format!("xs:{text}"),
        Content::Any => "xs:anyType".to_owned(),
        Content::Enumeration(_) => format!("the enumeration {}", model.rust),
        _ => format!("the type {}", model.rust),
    }
}
