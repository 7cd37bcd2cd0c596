//! From a profile's document to a [`Profile`], collecting everything that is wrong with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::condition::Literal;
use crate::datum;
use crate::document::{Content, Entry, Node};
use crate::error::{ProfileError, ProfileProblem, ProfileProblemKind};
use crate::path::Path;
use crate::profile::{Profile, Setting};
use crate::transform::Table;

mod condition;
mod row;
mod transform;

/// The keys of a profile's tables; the JSON Schema says the same.
pub(crate) const PROFILE_KEYS: [&str; 8] = [
    "name",
    "description",
    "source-label",
    "target-label",
    "settings",
    "tables",
    "paths",
    "row",
];
pub(crate) const SETTING_KEYS: [&str; 2] = ["default", "description"];
pub(crate) const ROW_KEYS: [&str; 14] = [
    "target",
    "source",
    "value",
    "fallback",
    "direction",
    "when",
    "import-when",
    "transform",
    "import-transform",
    "required",
    "on-missing",
    "sensitivity",
    "label",
    "note",
];
pub(crate) const CONDITION_KEYS: [&str; 14] = [
    "path",
    "field",
    "setting",
    "equals",
    "not-equals",
    "in",
    "less",
    "less-or-equal",
    "greater",
    "greater-or-equal",
    "present",
    "all",
    "any",
    "not",
];
/// Transforms without an argument, and with one.
pub(crate) const PLAIN_TRANSFORMS: [&str; 8] = [
    "trim",
    "collapse",
    "upper",
    "lower",
    "empty-to-null",
    "null-to-empty",
    "date-of-timestamp",
    "set",
];
pub(crate) const TRANSFORMS: [&str; 16] = [
    "join",
    "split",
    "replace",
    "lookup",
    "default",
    "date",
    "date-of-timestamp",
    "number",
    "scale",
    "round",
    "parse",
    "text",
    "prefix",
    "set",
    "reference",
    "normalise",
];

/// Where something stands in a profile's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A text and where its lines begin.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(newlines).collect(),
        }
    }

    pub(crate) fn place(&self, at: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        let before = self.text.get(start..at).unwrap_or_default();
        Place {
            line,
            column: before.chars().count() + 1,
        }
    }
}

pub(crate) fn read_profile(text: &str, node: &Node) -> Result<Profile, ProfileError> {
    let mut reader = Reader {
        lines: Lines::of(text),
        row: None,
        problems: Vec::new(),
    };
    let profile = reader.profile(node);
    let name = profile.as_ref().map(|profile| profile.name.clone());
    match profile {
        Some(profile) if reader.problems.is_empty() => Ok(profile),
        _ => {
            reader
                .problems
                .sort_by_key(|problem| (problem.line, problem.column));
            Err(ProfileError {
                profile: name.filter(|name| !name.is_empty()),
                problems: reader.problems,
            })
        }
    }
}

/// The name among `known` that was perhaps meant.
pub(crate) fn suggestion<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| {
            *distance <= 1 + candidate.len() / 4 && *distance < candidate.chars().count()
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be changed, added or taken away.
fn distance(one: &str, other: &str) -> usize {
    if one.len().abs_diff(other.len()) > 8 || one.len() > 100 {
        return usize::MAX;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (index, found) in other.iter().enumerate() {
            let changed = diagonal + usize::from(*found != letter);
            diagonal = row[index + 1];
            row[index + 1] = changed.min(row[index] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

struct Reader<'t> {
    lines: Lines<'t>,
    row: Option<(usize, String)>,
    problems: Vec<ProfileProblem>,
}

impl Reader<'_> {
    fn place(&self, at: usize) -> Place {
        self.lines.place(at)
    }

    fn problem(&mut self, at: usize, kind: ProfileProblemKind, message: impl Into<String>) {
        let place = self.place(at);
        self.problems.push(ProfileProblem {
            line: place.line,
            column: place.column,
            row: self.row.clone(),
            kind,
            message: message.into(),
        });
    }

    fn wrong(&mut self, node: &Node, what: &str, expected: &str) {
        let found = node.content.name();
        self.problem(
            node.span.start,
            ProfileProblemKind::Value,
            format!("`{what}` takes {expected}, not {found}"),
        );
    }

    fn expected(&mut self, node: &Node, what: &str, expected: &str) {
        self.problem(
            node.span.start,
            ProfileProblemKind::Value,
            format!("`{what}` takes {expected}"),
        );
    }

    /// The entries of a table, each with a known key.
    fn table<'n>(&mut self, node: &'n Node, what: &str, keys: &[&str]) -> Option<&'n [Entry]> {
        let Content::Table(entries) = &node.content else {
            self.wrong(node, what, "a table");
            return None;
        };
        for entry in entries {
            if !keys.contains(&entry.key.as_str()) {
                let hint = suggestion(&entry.key, keys.iter().copied())
                    .map(|name| format!("; did you mean `{name}`?"))
                    .unwrap_or_default();
                self.problem(
                    entry.key_span.start,
                    ProfileProblemKind::UnknownKey,
                    format!("{what} has no key `{}`{hint}", entry.key),
                );
            }
        }
        Some(entries)
    }

    fn entries<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Entry] {
        if let Content::Table(entries) = &node.content {
            entries
        } else {
            self.wrong(node, what, "a table");
            &[]
        }
    }

    fn items<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        if let Content::Array(items) = &node.content {
            items
        } else {
            self.wrong(node, what, "a list");
            &[]
        }
    }

    fn string(&mut self, node: &Node, what: &str) -> Option<String> {
        if let Content::Text(text) = &node.content {
            Some(text.clone())
        } else {
            self.wrong(node, what, "a text");
            None
        }
    }

    fn flag(&mut self, node: &Node, what: &str) -> Option<bool> {
        if let Content::Bool(flag) = node.content {
            Some(flag)
        } else {
            self.wrong(node, what, "true or false");
            None
        }
    }

    fn number(&mut self, node: &Node, what: &str) -> Option<Decimal> {
        if let Content::Number(digits) = &node.content
            && let Some(number) = datum::decimal(&digits.replace('_', ""))
        {
            return Some(number);
        }
        self.wrong(node, what, "a number of at most 28 digits");
        None
    }

    fn literal(&mut self, node: &Node, what: &str) -> Option<Literal> {
        match &node.content {
            Content::Text(text) => Some(Literal::Text(text.clone())),
            Content::Bool(flag) => Some(Literal::Bool(*flag)),
            Content::Number(_) => self.number(node, what).map(Literal::Number),
            _ => {
                self.wrong(node, what, "a text, a number, true or false");
                None
            }
        }
    }

    /// One of some words.
    fn word<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.string(node, what)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let all: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.problem(
                node.span.start,
                ProfileProblemKind::Value,
                format!("`{what}` is one of {}, not `{text}`", all.join(", ")),
            );
        }
        found.map(|(_, value)| *value)
    }

    fn profile(&mut self, node: &Node) -> Option<Profile> {
        let entries = self.table(node, "a profile", &PROFILE_KEYS)?;
        let mut profile = Profile {
            name: String::new(),
            description: String::new(),
            source_label: "Source".to_owned(),
            target_label: "Target".to_owned(),
            settings: BTreeMap::new(),
            tables: BTreeMap::new(),
            paths: BTreeMap::new(),
            rows: Vec::new(),
        };
        let mut rows = None;
        for entry in entries {
            let node = &entry.node;
            match entry.key.as_str() {
                "name" => profile.name = self.string(node, "name").unwrap_or_default(),
                "description" => {
                    profile.description = self.string(node, "description").unwrap_or_default();
                }
                "source-label" => {
                    profile.source_label = self.string(node, "source-label").unwrap_or_default();
                }
                "target-label" => {
                    profile.target_label = self.string(node, "target-label").unwrap_or_default();
                }
                "settings" => profile.settings = self.settings(node),
                "tables" => profile.tables = self.tables(node),
                "paths" => profile.paths = self.paths(node),
                "row" => rows = Some(node),
                _ => {}
            }
        }
        if profile.name.is_empty() {
            self.problem(
                node.span.start,
                ProfileProblemKind::MissingKey,
                "a profile needs a `name`",
            );
        }
        // Rows refer to the rest, which may stand after them.
        let rows = match rows {
            Some(rows) => self.items(rows, "row"),
            None => &[],
        };
        if rows.is_empty() {
            self.problem(
                node.span.start,
                ProfileProblemKind::MissingKey,
                "a profile needs at least one `row`",
            );
        }
        for (index, row) in rows.iter().enumerate() {
            if let Some(row) = self.row(row, index + 1, &profile) {
                profile.rows.push(row);
            }
            self.row = None;
        }
        Some(profile)
    }

    fn settings(&mut self, node: &Node) -> BTreeMap<String, Setting> {
        let mut settings = BTreeMap::new();
        for entry in self.entries(node, "settings") {
            let Some(keys) = self.table(&entry.node, "a setting", &SETTING_KEYS) else {
                continue;
            };
            let mut default = None;
            let mut description = String::new();
            for key in keys {
                match key.key.as_str() {
                    "default" => default = self.literal(&key.node, "default"),
                    "description" => {
                        description = self.string(&key.node, "description").unwrap_or_default();
                    }
                    _ => {}
                }
            }
            match default {
                Some(default) => {
                    let setting = Setting {
                        default,
                        description,
                    };
                    settings.insert(entry.key.clone(), setting);
                }
                None => self.problem(
                    entry.key_span.start,
                    ProfileProblemKind::MissingKey,
                    format!("the setting `{}` needs a `default`", entry.key),
                ),
            }
        }
        settings
    }

    fn tables(&mut self, node: &Node) -> BTreeMap<String, Arc<Table>> {
        let mut tables = BTreeMap::new();
        for entry in self.entries(node, "tables") {
            let mut forward = BTreeMap::new();
            let mut backward = BTreeMap::new();
            let mut ambiguous = None;
            for line in self.entries(&entry.node, &entry.key) {
                let Some(to) = self.string(&line.node, &line.key) else {
                    continue;
                };
                if let Some(other) = backward.insert(to.clone(), line.key.clone()) {
                    ambiguous.get_or_insert((other, line.key.clone()));
                }
                forward.insert(line.key.clone(), to);
            }
            let table = Table {
                name: entry.key.clone(),
                forward,
                backward: ambiguous.map_or(Ok(backward), Err),
            };
            tables.insert(entry.key.clone(), Arc::new(table));
        }
        tables
    }

    /// Named paths, which may begin with each other.
    fn paths(&mut self, node: &Node) -> BTreeMap<String, Path> {
        let mut texts = Vec::new();
        for entry in self.entries(node, "paths") {
            if let Some(text) = self.string(&entry.node, &entry.key) {
                texts.push((entry, text));
            }
        }
        let mut paths = BTreeMap::new();
        // Each round settles those whose beginning is settled.
        loop {
            let before = texts.len();
            let mut waiting = Vec::new();
            for (entry, text) in texts {
                let known = |alias: &str| paths.contains_key(alias);
                let defined = |alias: &str| matches!(&node.content, Content::Table(all) if all.iter().any(|one| one.key == alias));
                match Path::alias(&text) {
                    Some(alias) if !known(alias) && defined(alias) => waiting.push((entry, text)),
                    _ => {
                        if let Some(path) = self.path(&entry.node, &text, &paths) {
                            paths.insert(entry.key.clone(), path);
                        }
                    }
                }
            }
            texts = waiting;
            if texts.is_empty() || texts.len() == before {
                break;
            }
        }
        for (entry, _) in texts {
            self.problem(
                entry.node.span.start,
                ProfileProblemKind::Cycle,
                format!(
                    "the path `{}` begins with itself, perhaps by way of others, or with one that cannot be read",
                    entry.key
                ),
            );
        }
        paths
    }

    fn path(&mut self, node: &Node, text: &str, aliases: &BTreeMap<String, Path>) -> Option<Path> {
        match Path::parse(text, aliases) {
            Ok(path) => Some(path),
            Err(why) => {
                self.problem(
                    node.span.start,
                    ProfileProblemKind::Path,
                    format!("`{text}` is no path: {why}"),
                );
                None
            }
        }
    }
}
