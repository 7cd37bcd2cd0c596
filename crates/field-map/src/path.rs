//! Where a value stands in a nested document.
//!
//! | written | means |
//! |---|---|
//! | `homeAddress.street` | a key of an object in an object |
//! | `custom."t-shirt size"` | a key with any characters |
//! | `phones[0]`, `phones[-1]` | an element by its place, from the end if negative |
//! | `phones[type=work].number` | the one element whose key has this value (text, number or flag) |
//! | `employments[valid startDate endDate]` | the one element that is valid on the day: it begins on or before it, and ends on or after it or not at all |
//! | `compensations[latest effectiveDate]` | the element that began last, on or before the day |
//! | `tags[*].name` | every element, as a list |
//! | `$employment.rate` | a path that the profile names under `paths`, and on from there |

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde_json::Value as Json;

use crate::datum;

/// A path, as compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) steps: Vec<Step>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(Box<str>),
    Index(i64),
    /// The one element whose key has the value.
    Where(Box<str>, Box<str>),
    /// The one element that is valid on the day, by the keys of its first and last day.
    Valid(Box<str>, Box<str>),
    /// The element that began last, by the key of its first day.
    Latest(Box<str>),
    All,
}

/// What a path leads to.
#[derive(Debug, Clone)]
pub(crate) enum Found<'a> {
    /// Nothing: a key or an element is not there.
    Missing,
    /// A value; null too, and what would be below a null.
    One(&'a Json),
    /// The values of all elements.
    Many(Vec<&'a Json>),
    /// The document is not shaped as the path says.
    Problem(Box<PathProblem>),
}

/// Why a path does not lead to one value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathProblem {
    /// Something stands where an object is expected.
    #[error("`{at}` is {found}, not an object")]
    NotAnObject {
        /// The part of the path that leads there.
        at: String,
        /// What stands there.
        found: &'static str,
    },
    /// Something stands where a list is expected.
    #[error("`{at}` is {found}, not a list")]
    NotAList {
        /// The part of the path that leads there.
        at: String,
        /// What stands there.
        found: &'static str,
    },
    /// More than one element is meant.
    #[error("`{at}` fits {count} elements; which of them is meant would be a guess")]
    Several {
        /// The part of the path that leads there.
        at: String,
        /// How many elements fit.
        count: usize,
    },
    /// An element has something else than a date where its validity is looked up.
    #[error("an element of `{at}` has no date in `{key}`; write `YYYY-MM-DD`, or midnight UTC")]
    NoDate {
        /// The part of the path that leads to the list.
        at: String,
        /// The key.
        key: String,
    },
    /// An element ends before it begins.
    #[error("an element of `{at}` ends in `{to}` before it begins in `{from}`")]
    EndsBeforeStart {
        /// The part of the path that leads to the list.
        at: String,
        /// The key of the first day.
        from: String,
        /// The key of the last day.
        to: String,
    },
}

pub(crate) fn kind_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_steps(&self.steps, f)
    }
}

fn write_steps(steps: &[Step], f: &mut impl fmt::Write) -> fmt::Result {
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Key(key) => {
                if index > 0 {
                    f.write_char('.')?;
                }
                if is_plain(key) {
                    f.write_str(key)?;
                } else {
                    write!(f, "{key:?}")?;
                }
            }
            Step::Index(index) => write!(f, "[{index}]")?,
            Step::Where(key, value) => write!(f, "[{key}={value}]")?,
            Step::Valid(from, to) => write!(f, "[valid {from} {to}]")?,
            Step::Latest(from) => write!(f, "[latest {from}]")?,
            Step::All => f.write_str("[*]")?,
        }
    }
    Ok(())
}

fn steps_text(steps: &[Step]) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = write_steps(steps, &mut text);
    if text.is_empty() {
        text.push_str("the document");
    }
    text
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|one| one.is_alphanumeric() || "_-@".contains(one))
}

impl Path {
    /// Reads a path; `aliases` are the paths that `$name` stands for.
    pub(crate) fn parse(text: &str, aliases: &BTreeMap<String, Path>) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text;
        if let Some(after) = text.strip_prefix('$') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, tail) = after.split_at(end);
            let path = aliases
                .get(name)
                .ok_or_else(|| format!("`paths` does not name `{name}`"))?;
            steps.extend(path.steps.iter().cloned());
            rest = tail;
        }
        let mut first = steps.is_empty();
        while !rest.is_empty() || first {
            if let Some(inner) = rest.strip_prefix('[') {
                let end = inner
                    .find(']')
                    .ok_or_else(|| "a `[` is not closed".to_owned())?;
                steps.push(selector(inner[..end].trim())?);
                rest = &inner[end + 1..];
            } else {
                let after = match rest.strip_prefix('.') {
                    Some(after) if !first => after,
                    None if first => rest,
                    _ => return Err(format!("expected `.` or `[` before `{}`", cut(rest))),
                };
                let (key, tail) = key(after)?;
                steps.push(Step::Key(key.into()));
                rest = tail;
            }
            first = false;
        }
        if steps.iter().filter(|step| **step == Step::All).count() > 1 {
            return Err("`[*]` can stand once only".to_owned());
        }
        Ok(Self { steps })
    }

    /// The name of the alias with which a path begins.
    pub(crate) fn alias(text: &str) -> Option<&str> {
        let after = text.strip_prefix('$')?;
        Some(&after[..after.find(['.', '[']).unwrap_or(after.len())])
    }

    pub(crate) fn has_all(&self) -> bool {
        self.steps.contains(&Step::All)
    }

    /// The keys, if the path has nothing else: only then can it be written.
    pub(crate) fn keys(&self) -> Option<Vec<&str>> {
        self.steps
            .iter()
            .map(|step| match step {
                Step::Key(key) => Some(&**key),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn find<'a>(&self, source: &'a Json, day: NaiveDate) -> Found<'a> {
        self.find_from(0, source, day)
    }

    fn find_from<'a>(&self, from: usize, source: &'a Json, day: NaiveDate) -> Found<'a> {
        let mut at = source;
        for (offset, step) in self.steps[from..].iter().enumerate() {
            let index = from + offset;
            if *step == Step::All {
                return self.find_all(index, at, day);
            }
            match step.take(at, &self.steps[..index], day) {
                Found::One(next) => at = next,
                other => return other,
            }
        }
        Found::One(at)
    }

    fn find_all<'a>(&self, index: usize, at: &'a Json, day: NaiveDate) -> Found<'a> {
        let elements = match at {
            Json::Array(elements) => elements,
            Json::Null => return Found::One(at),
            _ => return not_a_list(at, &self.steps[..index]),
        };
        let mut found = Vec::with_capacity(elements.len());
        for element in elements {
            match self.find_from(index + 1, element, day) {
                Found::One(value) => found.push(value),
                Found::Many(values) => found.extend(values),
                Found::Missing => {}
                Found::Problem(problem) => return Found::Problem(problem),
            }
        }
        Found::Many(found)
    }
}

fn not_a_list<'a>(at: &Json, steps: &[Step]) -> Found<'a> {
    Found::Problem(Box::new(PathProblem::NotAList {
        at: steps_text(steps),
        found: kind_name(at),
    }))
}

impl Step {
    /// Takes one step. `before` are the steps that led here, for an error.
    pub(crate) fn take<'a>(&self, at: &'a Json, before: &[Self], day: NaiveDate) -> Found<'a> {
        if let Self::Key(key) = self {
            return match at {
                Json::Object(object) => object.get(&**key).map_or(Found::Missing, Found::One),
                // What is below nothing is nothing.
                Json::Null => Found::One(at),
                _ => Found::Problem(Box::new(PathProblem::NotAnObject {
                    at: steps_text(before),
                    found: kind_name(at),
                })),
            };
        }
        let elements = match at {
            Json::Array(elements) => elements,
            Json::Null => return Found::One(at),
            _ => return not_a_list(at, before),
        };
        match self {
            Self::Index(index) => {
                let place = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
                let element = if *index < 0 {
                    elements
                        .len()
                        .checked_sub(place)
                        .and_then(|at| elements.get(at))
                } else {
                    elements.get(place)
                };
                element.map_or(Found::Missing, Found::One)
            }
            Self::Where(key, value) => {
                let fits =
                    |element: &&Json| element.get(&**key).is_some_and(|found| is(found, value));
                self.only(elements.iter().filter(fits), before)
            }
            Self::Valid(from, to) => {
                let mut valid = Vec::new();
                for element in elements {
                    match validity(element, from, to, before) {
                        Ok((first, last)) => {
                            if first.is_none_or(|first| first <= day)
                                && last.is_none_or(|last| day <= last)
                            {
                                valid.push(element);
                            }
                        }
                        Err(problem) => return Found::Problem(Box::new(problem)),
                    }
                }
                self.only(valid.into_iter(), before)
            }
            Self::Latest(from) => {
                let mut latest: Vec<&Json> = Vec::new();
                let mut began = None;
                for element in elements {
                    let first = match date_of(element, from, before) {
                        Ok(first) => first,
                        Err(problem) => return Found::Problem(Box::new(problem)),
                    };
                    if first.is_some_and(|first| first > day) {
                        continue;
                    }
                    if latest.is_empty() || first > began {
                        latest = vec![element];
                        began = first;
                    } else if first == began {
                        latest.push(element);
                    }
                }
                self.only(latest.into_iter(), before)
            }
            Self::Key(_) | Self::All => Found::Missing,
        }
    }

    fn only<'a>(&self, mut elements: impl Iterator<Item = &'a Json>, before: &[Self]) -> Found<'a> {
        let Some(first) = elements.next() else {
            return Found::Missing;
        };
        match elements.count() {
            0 => Found::One(first),
            more => {
                let mut steps = before.to_vec();
                steps.push(self.clone());
                Found::Problem(Box::new(PathProblem::Several {
                    at: steps_text(&steps),
                    count: more + 1,
                }))
            }
        }
    }
}

/// Whether a value of the source is written so.
pub(crate) fn is(value: &Json, literal: &str) -> bool {
    match value {
        Json::String(text) => text == literal,
        Json::Number(number) => number.to_string() == literal,
        Json::Bool(flag) => literal == if *flag { "true" } else { "false" },
        _ => false,
    }
}

fn validity(
    element: &Json,
    from: &str,
    to: &str,
    before: &[Step],
) -> Result<(Option<NaiveDate>, Option<NaiveDate>), PathProblem> {
    let first = date_of(element, from, before)?;
    let last = date_of(element, to, before)?;
    if let (Some(first), Some(last)) = (first, last)
        && last < first
    {
        return Err(PathProblem::EndsBeforeStart {
            at: steps_text(before),
            from: from.to_owned(),
            to: to.to_owned(),
        });
    }
    Ok((first, last))
}

/// The date in a key of an element: absent or null is open.
fn date_of(element: &Json, key: &str, before: &[Step]) -> Result<Option<NaiveDate>, PathProblem> {
    match element.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(|text| datum::midnight(text).or_else(|| datum::date(text).ok()))
            .map(Some)
            .ok_or_else(|| PathProblem::NoDate {
                at: steps_text(before),
                key: key.to_owned(),
            }),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(20).collect()
}

fn key(text: &str) -> Result<(String, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut key = String::new();
        let mut characters = quoted.char_indices();
        while let Some((at, one)) = characters.next() {
            match one {
                '"' if key.is_empty() => return Err("a key is empty".to_owned()),
                '"' => return Ok((key, &quoted[at + 1..])),
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => key.push(escaped),
                    _ => return Err("after `\\` only `\"` and `\\` can stand".to_owned()),
                },
                _ => key.push(one),
            }
        }
        return Err("a `\"` is not closed".to_owned());
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (key, tail) = text.split_at(end);
    if key.is_empty() {
        Err("a key is empty".to_owned())
    } else if is_plain(key) {
        Ok((key.to_owned(), tail))
    } else {
        Err(format!("write the key `{}` in quotes", cut(key)))
    }
}

fn selector(text: &str) -> Result<Step, String> {
    if text == "*" {
        return Ok(Step::All);
    }
    if let Ok(index) = text.parse() {
        return Ok(Step::Index(index));
    }
    if let Some((key, value)) = text.split_once('=') {
        let (key, value) = (key.trim(), value.trim());
        if !is_plain(key) || value.is_empty() {
            return Err(format!("`[{}]` is not `[key=value]`", cut(text)));
        }
        return Ok(Step::Where(key.into(), value.into()));
    }
    let words: Vec<_> = text.split_whitespace().collect();
    match words.as_slice() {
        ["valid", from, to] if is_plain(from) && is_plain(to) => {
            Ok(Step::Valid((*from).into(), (*to).into()))
        }
        ["latest", from] if is_plain(from) => Ok(Step::Latest((*from).into())),
        _ => Err(format!(
            "`[{}]` is none of `[0]`, `[key=value]`, `[valid from to]`, `[latest from]`, `[*]`",
            cut(text)
        )),
    }
}

/// All paths of a mapper, so that what they have in common is walked once.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    paths: Vec<Path>,
    root: Branch,
}

#[derive(Debug, Default)]
struct Branch {
    /// The paths that end here.
    ends: Vec<usize>,
    /// Keys first.
    children: Vec<(Step, Branch)>,
    /// How many of the children are keys.
    keys: usize,
    /// The lengths of the keys.
    lengths: u64,
    /// A path that leads here, and how many of its steps do; for errors.
    example: (usize, usize),
}

impl Branch {
    /// Adds a child, keys first, and says where it is.
    fn insert(&mut self, step: Step, child: Self) -> usize {
        let Step::Key(key) = &step else {
            self.children.push((step, child));
            return self.children.len() - 1;
        };
        self.lengths |= length_bit(key);
        self.keys += 1;
        self.children.insert(self.keys - 1, (step, child));
        self.keys - 1
    }
}

/// A bit for the length of a key; those of 63 and more bytes share one.
fn length_bit(key: &str) -> u64 {
    1 << key.len().min(63)
}

impl Paths {
    /// The place of the path in what [`find`](Self::find) fills; the same for the same path.
    pub(crate) fn add(&mut self, path: &Path) -> usize {
        if let Some(known) = self.paths.iter().position(|known| known == path) {
            return known;
        }
        let place = self.paths.len();
        self.paths.push(path.clone());
        if !path.has_all() {
            let mut branch = &mut self.root;
            for (index, step) in path.steps.iter().enumerate() {
                let known = branch.children.iter().position(|(known, _)| known == step);
                let at = known.unwrap_or_else(|| {
                    let child = Branch {
                        example: (place, index + 1),
                        ..Branch::default()
                    };
                    branch.insert(step.clone(), child)
                });
                branch = &mut branch.children[at].1;
            }
            branch.ends.push(place);
        }
        place
    }

    pub(crate) fn path(&self, place: usize) -> &Path {
        &self.paths[place]
    }

    /// What each path leads to.
    pub(crate) fn find<'a>(&self, source: &'a Json, day: NaiveDate, found: &mut Vec<Found<'a>>) {
        found.clear();
        found.resize_with(self.paths.len(), || Found::Missing);
        self.walk(&self.root, source, day, found);
        for (place, path) in self.paths.iter().enumerate() {
            if path.has_all() {
                found[place] = path.find(source, day);
            }
        }
    }

    fn walk<'a>(&self, branch: &Branch, at: &'a Json, day: NaiveDate, found: &mut Vec<Found<'a>>) {
        for end in &branch.ends {
            found[*end] = Found::One(at);
        }
        let mut children = branch.children.as_slice();
        if let Json::Object(object) = at
            && self.walk_keys(branch, object, day, found)
        {
            children = &children[branch.keys..];
        }
        for (step, child) in children {
            let (place, length) = child.example;
            let before = &self.paths[place].steps[..length - 1];
            match step.take(at, before, day) {
                Found::One(next) => self.walk(child, next, day, found),
                Found::Problem(problem) => Self::fail(child, &problem, found),
                Found::Missing | Found::Many(_) => {}
            }
        }
    }

    /// Walks all keys of an object in one go.
    ///
    /// Most of a mapping's time is waiting for memory, and every key that is looked at is a place
    /// of its own there. So its length is looked at first, which stands with the map.
    fn walk_keys<'a>(
        &self,
        branch: &Branch,
        object: &'a serde_json::Map<String, Json>,
        day: NaiveDate,
        found: &mut Vec<Found<'a>>,
    ) -> bool {
        let children = &branch.children[..branch.keys];
        // In a large object a few keys are looked up faster.
        if children.len() < 2 || object.len() > 8 * children.len() {
            return false;
        }
        let mut missing = children.len();
        for (key, value) in object {
            if branch.lengths & length_bit(key) == 0 {
                continue;
            }
            let wanted = |(step, _): &&(Step, Branch)| matches!(step, Step::Key(wanted) if wanted.len() == key.len() && **wanted == **key);
            if let Some((_, child)) = children.iter().find(wanted) {
                self.walk(child, value, day, found);
                missing -= 1;
                if missing == 0 {
                    break;
                }
            }
        }
        true
    }

    fn fail(branch: &Branch, problem: &PathProblem, found: &mut Vec<Found<'_>>) {
        for end in &branch.ends {
            found[*end] = Found::Problem(Box::new(problem.clone()));
        }
        for (_, child) in &branch.children {
            Self::fail(child, problem, found);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            (0..4_i64).prop_map(Json::from),
            "[a-d]{0,2}".prop_map(Json::from),
            Just(json!("2026-01-01")),
        ];
        leaf.prop_recursive(4, 40, 9, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::hash_map("[a-h]", inner, 0..9)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    fn any_path() -> impl Strategy<Value = String> {
        let step = prop_oneof![
            8 => "\\.[a-h]",
            1 => Just("[0]".to_owned()),
            1 => Just("[-1]".to_owned()),
            1 => Just("[a=1]".to_owned()),
            1 => Just("[valid a b]".to_owned()),
            1 => Just("[latest a]".to_owned()),
        ];
        ("[a-h]", prop::collection::vec(step, 0..4), any::<bool>()).prop_map(
            |(first, steps, all)| {
                let mut path = first + &steps.concat();
                if all {
                    path.push_str("[*].a");
                }
                path
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Walking all paths at once finds what walking each alone finds.
        #[test]
        fn all_paths_at_once_find_what_each_finds(
            document in any_json(), texts in prop::collection::vec(any_path(), 1..12),
        ) {
            let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
            let mut paths = Paths::default();
            let parsed: Vec<_> = texts
                .iter()
                .map(|text| Path::parse(text, &BTreeMap::new()).unwrap())
                .collect();
            let places: Vec<_> = parsed.iter().map(|path| paths.add(path)).collect();
            let mut found = Vec::new();
            paths.find(&document, day, &mut found);
            for (path, place) in parsed.iter().zip(&places) {
                let alone = format!("{:?}", path.find(&document, day));
                prop_assert_eq!(format!("{:?}", &found[*place]), alone, "{}", path);
                let again = Path::parse(&path.to_string(), &BTreeMap::new()).unwrap();
                prop_assert_eq!(&again, path);
            }
        }
    }
}
