//! Reads a row.

use flat_record::Sensitivity;

use super::{ROW_KEYS, Reader};
use crate::document::{Content, Entry, Node};
use crate::error::ProfileProblemKind;
use crate::profile::{Direction, Profile, Row, Source};

const SENSITIVITIES: [(&str, Sensitivity); 4] = [
    ("public", Sensitivity::Public),
    ("internal", Sensitivity::Internal),
    ("personal", Sensitivity::Personal),
    ("sensitive", Sensitivity::Sensitive),
];

impl Reader<'_> {
    pub(super) fn row(&mut self, node: &Node, number: usize, profile: &Profile) -> Option<Row> {
        if let Content::Table(entries) = &node.content
            && let Some(entry) = entries.iter().find(|entry| entry.key == "target")
            && let Content::Text(target) = &entry.node.content
        {
            self.row = Some((number, target.clone()));
        } else {
            self.row = Some((number, "?".to_owned()));
        }
        let entries = self.table(node, "a row", &ROW_KEYS)?;
        let mut row = Row::blank(number, self.place(node.span.start));
        let mut sources = 0;
        let mut direction = None;
        for entry in entries {
            let node = &entry.node;
            let key = entry.key.as_str();
            let place = self.place(node.span.start);
            match key {
                // What is wrong with one key does not hide what is wrong with the next.
                "target" => {
                    // A target that is no text is reported as that.
                    row.target = self.string(node, key).unwrap_or_else(|| "?".to_owned());
                    row.target_place = place;
                }
                "source" => {
                    sources += 1;
                    if let Some(source) = self.source(node, profile) {
                        row.source = source;
                    }
                }
                "value" => {
                    sources += 1;
                    if let Some(literal) = self.literal(node, key) {
                        row.source = Source::Constant(literal);
                    }
                }
                "fallback" => {
                    for item in self.items(node, key) {
                        if let Some(text) = self.string(item, key)
                            && let Some(path) = self.path(item, &text, &profile.paths)
                        {
                            row.fallback.push(path);
                        }
                    }
                }
                "direction" => {
                    let words = [
                        ("export", Direction::Export),
                        ("import", Direction::Import),
                        ("both", Direction::Both),
                    ];
                    direction = self.word(node, key, &words);
                }
                "when" => row.when = self.condition(node).map(|when| (place, when)),
                "import-when" => {
                    row.import_when = self.condition(node).map(|when| (place, when));
                }
                "transform" => row.transforms = self.transforms(node, profile),
                "import-transform" => {
                    row.import_transforms = Some(self.transforms(node, profile));
                }
                "required" => row.required = self.flag(node, key).unwrap_or_default(),
                "on-missing" => {
                    let words = [
                        ("leave", (false, false)),
                        ("clear", (true, false)),
                        ("error", (false, true)),
                    ];
                    if let Some((clear, required)) = self.word(node, key, &words) {
                        row.clear_when_missing = clear;
                        row.required |= required;
                    }
                }
                "sensitivity" => row.sensitivity = self.word(node, key, &SENSITIVITIES),
                "label" => row.label = self.string(node, key),
                "note" => row.note = self.string(node, key),
                _ => {}
            }
        }
        // A constant is exported, unless somebody says otherwise: that is refused when it is compiled.
        row.direction = direction.unwrap_or(match row.source {
            Source::Constant(_) => Direction::Export,
            _ => Direction::default(),
        });
        self.without_effect(entries, &row);
        if row.target.is_empty() {
            let at = node.span.start;
            self.problem(at, ProfileProblemKind::MissingKey, "a row needs a `target`");
        }
        if sources != 1 {
            self.problem(
                node.span.start,
                ProfileProblemKind::MissingKey,
                "a row needs a `source` or a `value`, and only one of them",
            );
        }
        Some(row)
    }

    /// Keys that say nothing in a row of this kind: whoever wrote them meant something else.
    fn without_effect(&mut self, entries: &[Entry], row: &Row) {
        for entry in entries {
            let key = entry.key.as_str();
            let why = match key {
                "fallback" if !matches!(row.source, Source::Path(_)) => {
                    "stands in for a single `source` only"
                }
                "fallback" | "required" | "on-missing" if !row.direction.exports() => {
                    "is about the export, and the row is imported only"
                }
                "import-when" | "import-transform" if !row.direction.imports() => {
                    "is about the import, and the row is exported only"
                }
                "on-missing"
                    if row.required
                        && matches!(&entry.node.content, Content::Text(word) if word != "error") =>
                {
                    "says what a missing value does, and `required` says that it is an error"
                }
                _ => continue,
            };
            self.problem(
                entry.key_span.start,
                ProfileProblemKind::Value,
                format!("`{key}` {why}; take one of them away"),
            );
        }
    }

    fn source(&mut self, node: &Node, profile: &Profile) -> Option<Source> {
        if let Content::Array(items) = &node.content {
            let mut paths = Vec::with_capacity(items.len());
            for item in items {
                let text = self.string(item, "source")?;
                paths.push(self.path(item, &text, &profile.paths)?);
            }
            if paths.len() < 2 {
                self.problem(
                    node.span.start,
                    ProfileProblemKind::Value,
                    "a list of sources needs at least two; write a single one as a text",
                );
            }
            return Some(Source::Paths(paths));
        }
        let text = self.string(node, "source")?;
        self.path(node, &text, &profile.paths).map(Source::Path)
    }
}
