//! Reads transforms.

use std::sync::Arc;

use flat_record::Kind;

use super::{PLAIN_TRANSFORMS, Place, Reader, TRANSFORMS, suggestion};
use crate::datum;
use crate::document::{Content, Node};
use crate::error::ProfileProblemKind;
use crate::profile::{Profile, Spec};
use crate::transform::{Identifier, Part, Scalar, SplitAt, Transform, Unknown};

impl Reader<'_> {
    pub(super) fn transforms(&mut self, node: &Node, profile: &Profile) -> Vec<(Place, Spec)> {
        let mut transforms = Vec::new();
        for item in self.items(node, "transform") {
            if let Some(transform) = self.transform(item, profile) {
                transforms.push((self.place(item.span.start), transform));
            }
        }
        transforms
    }

    fn transform(&mut self, node: &Node, profile: &Profile) -> Option<Spec> {
        let (name, argument) = match &node.content {
            Content::Text(name) => (name.as_str(), None),
            Content::Table(entries) if entries.len() == 1 => {
                (entries[0].key.as_str(), Some(&entries[0].node))
            }
            _ => {
                self.wrong(
                    node,
                    "transform",
                    "the name of a transform, or a table of one name and its argument",
                );
                return None;
            }
        };
        let Some(argument) = argument else {
            return match name {
                "trim" => Some(Transform::Trim),
                "collapse" => Some(Transform::Collapse),
                "upper" => Some(Transform::Upper),
                "lower" => Some(Transform::Lower),
                "empty-to-null" => Some(Transform::EmptyToNull),
                "null-to-empty" => Some(Transform::NullToEmpty),
                "date-of-timestamp" => Some(Transform::DateOfTimestamp { ignore_time: false }),
                "set" => Some(Transform::Set(None)),
                _ => {
                    self.unknown_transform(node, name);
                    None
                }
            }
            .map(Spec::Ready);
        };
        if name == "call" {
            return self.string(argument, name).map(Spec::Call);
        }
        self.transform_with(node, name, argument, profile)
            .map(Spec::Ready)
    }

    fn unknown_transform(&mut self, node: &Node, name: &str) {
        let message = if TRANSFORMS.contains(&name) || name == "call" {
            format!("the transform `{name}` needs an argument: `{{ {name} = ... }}`")
        } else {
            let known = PLAIN_TRANSFORMS
                .into_iter()
                .chain(TRANSFORMS)
                .chain(["call"]);
            let hint = suggestion(name, known)
                .map(|known| format!("; did you mean `{known}`?"))
                .unwrap_or_default();
            format!("there is no transform `{name}`{hint}")
        };
        self.problem(node.span.start, ProfileProblemKind::UnknownName, message);
    }

    fn transform_with(
        &mut self,
        node: &Node,
        name: &str,
        argument: &Node,
        profile: &Profile,
    ) -> Option<Transform> {
        Some(match name {
            "join" => self.join(argument)?,
            "split" => self.split(argument)?,
            "replace" => {
                let [from, to] = self.texts(argument, "replace", ["from", "to"])?;
                let from = from.filter(|from| !from.is_empty());
                let Some(from) = from else {
                    self.expected(argument, "replace", "a `from` that is not empty");
                    return None;
                };
                Transform::Replace {
                    from,
                    to: to.unwrap_or_default(),
                }
            }
            "lookup" => self.lookup(argument, profile)?,
            "default" => Transform::Default(self.literal(argument, name)?.datum()),
            "date" => Transform::Date(self.date_formats(argument)?),
            "date-of-timestamp" => {
                let words = [("ignore-time", true)];
                let ignore_time = self.word(argument, name, &words)?;
                Transform::DateOfTimestamp { ignore_time }
            }
            "number" => self.number_format(argument)?,
            "scale" => {
                let factor = self.number(argument, name)?;
                if factor.is_zero() {
                    self.expected(argument, name, "a factor that is not zero");
                    return None;
                }
                Transform::Scale(factor)
            }
            "round" => {
                let places = self.number(argument, name)?;
                let places = datum::integer(places).and_then(|places| u32::try_from(places).ok());
                let Some(places) = places.filter(|places| *places <= 28) else {
                    self.expected(argument, name, "a number of decimals from 0 to 28");
                    return None;
                };
                Transform::Round(places)
            }
            "parse" | "text" => {
                let words = [
                    ("integer", Scalar::Integer),
                    ("decimal", Scalar::Decimal),
                    ("bool", Scalar::Bool),
                    ("date", Scalar::Date),
                ];
                let scalar = self.word(argument, name, &words)?;
                if name == "parse" {
                    Transform::Parse(scalar)
                } else {
                    Transform::Text(scalar)
                }
            }
            "prefix" => Transform::Prefix(self.string(argument, name)?),
            "set" => {
                let separator = self.string(argument, name)?;
                if separator.is_empty() {
                    self.expected(argument, name, "a separator that is not empty");
                    return None;
                }
                Transform::Set(Some(separator))
            }
            "reference" => {
                let kind = self.string(argument, name)?;
                match Kind::new(&kind) {
                    Ok(kind) => Transform::Reference(kind),
                    Err(error) => {
                        let at = argument.span.start;
                        self.problem(at, ProfileProblemKind::Value, error.to_string());
                        return None;
                    }
                }
            }
            "normalise" => Transform::Normalise(self.word(argument, name, &Identifier::ALL)?),
            _ => {
                if PLAIN_TRANSFORMS.contains(&name) {
                    self.problem(
                        node.span.start,
                        ProfileProblemKind::Value,
                        format!("the transform `{name}` takes no argument: write \"{name}\""),
                    );
                } else {
                    self.unknown_transform(node, name);
                }
                return None;
            }
        })
    }

    /// Texts of a table, by their keys.
    fn texts<const N: usize>(
        &mut self,
        node: &Node,
        what: &str,
        keys: [&str; N],
    ) -> Option<[Option<String>; N]> {
        let entries = self.table(node, &format!("`{what}`"), &keys)?;
        let mut texts = [const { None }; N];
        for entry in entries {
            if let Some(index) = keys.iter().position(|key| *key == entry.key) {
                texts[index] = Some(self.string(&entry.node, &entry.key)?);
            }
        }
        Some(texts)
    }

    fn join(&mut self, node: &Node) -> Option<Transform> {
        if let Content::Text(separator) = &node.content {
            return Some(Transform::Join {
                separator: separator.clone(),
                back: None,
            });
        }
        let entries = self.table(node, "`join`", &["separator", "back"])?;
        let mut separator = None;
        let mut back = None;
        for entry in entries {
            match entry.key.as_str() {
                "separator" => separator = self.string(&entry.node, "separator"),
                "back" => {
                    let words = [("first", SplitAt::First), ("last", SplitAt::Last)];
                    back = self.word(&entry.node, "back", &words);
                }
                _ => {}
            }
        }
        let Some(separator) = separator else {
            self.expected(node, "join", "a `separator`");
            return None;
        };
        if back.is_some() && separator.is_empty() {
            self.expected(
                node,
                "join",
                "a `separator` that is not empty, to be split at",
            );
            return None;
        }
        Some(Transform::Join { separator, back })
    }

    fn split(&mut self, node: &Node) -> Option<Transform> {
        let entries = self.table(node, "`split`", &["separator", "take"])?;
        let mut separator = None;
        let mut part = None;
        for entry in entries {
            match entry.key.as_str() {
                "separator" => separator = self.string(&entry.node, "separator"),
                "take" => {
                    let words = [
                        ("before-first", Part::BeforeFirst),
                        ("after-first", Part::AfterFirst),
                        ("before-last", Part::BeforeLast),
                        ("after-last", Part::AfterLast),
                    ];
                    part = self.word(&entry.node, "take", &words);
                }
                _ => {}
            }
        }
        let separator = separator.filter(|text| !text.is_empty());
        if let (Some(separator), Some(part)) = (separator, part) {
            return Some(Transform::Split { separator, part });
        }
        self.expected(
            node,
            "split",
            "a `separator` that is not empty, and what to `take`",
        );
        None
    }

    fn lookup(&mut self, node: &Node, profile: &Profile) -> Option<Transform> {
        let mut unknown = Unknown::Error;
        let (name, at) = if let Content::Text(name) = &node.content {
            (name.clone(), node.span.start)
        } else {
            let entries = self.table(node, "`lookup`", &["table", "unknown"])?;
            let mut name = None;
            for entry in entries {
                match entry.key.as_str() {
                    "table" => {
                        let at = entry.node.span.start;
                        name = self.string(&entry.node, "table").map(|name| (name, at));
                    }
                    "unknown" => {
                        let words = [
                            ("error", Unknown::Error),
                            ("keep", Unknown::Keep),
                            ("null", Unknown::Null),
                        ];
                        unknown = self.word(&entry.node, "unknown", &words)?;
                    }
                    _ => {}
                }
            }
            let Some(name) = name else {
                self.expected(node, "lookup", "the name of a `table`");
                return None;
            };
            name
        };
        let Some(table) = profile.tables.get(&name) else {
            let hint = suggestion(&name, profile.tables.keys().map(String::as_str))
                .map(|known| format!("; did you mean `{known}`?"))
                .unwrap_or_default();
            self.problem(
                at,
                ProfileProblemKind::UnknownName,
                format!("`tables` has no table `{name}`{hint}"),
            );
            return None;
        };
        Some(Transform::Lookup {
            table: Arc::clone(table),
            unknown,
            backward: false,
        })
    }

    fn date_formats(&mut self, node: &Node) -> Option<Vec<String>> {
        let formats = if let Content::Array(items) = &node.content {
            let texts: Vec<_> = items
                .iter()
                .filter_map(|item| self.string(item, "date"))
                .collect();
            texts
        } else {
            vec![self.string(node, "date")?]
        };
        for format in &formats {
            use chrono::format::{Item, StrftimeItems};
            let valid = StrftimeItems::new(format).all(|item| item != Item::Error);
            // A format that does not tell a day apart would write what cannot be read again; one
            // with two digits of the year does not tell 1926 from 2026.
            let days = [(2026, 11, 20), (1926, 2, 3)];
            let tells_apart = valid
                && days.into_iter().all(|(year, month, day)| {
                    use std::fmt::Write as _;
                    let day = chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
                    let mut text = String::new();
                    write!(text, "{}", day.format(format)).is_ok()
                        && chrono::NaiveDate::parse_from_str(&text, format) == Ok(day)
                });
            if !tells_apart {
                self.problem(
                    node.span.start,
                    ProfileProblemKind::Value,
                    format!("`{format}` is no format of a date; write one like `%d/%m/%Y`"),
                );
                return None;
            }
        }
        if formats.is_empty() {
            self.expected(node, "date", "at least one format");
            return None;
        }
        Some(formats)
    }

    fn number_format(&mut self, node: &Node) -> Option<Transform> {
        let [decimal, group] = self.texts(node, "number", ["decimal", "group"])?;
        let single = |text: &str| {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(one), None) if !one.is_ascii_digit() && one != '-' => Some(one),
                _ => None,
            }
        };
        let decimal = decimal.map_or(Some('.'), |text| single(&text));
        let group = group.map_or(Some(None), |text| single(&text).map(Some));
        match (decimal, group) {
            (Some(decimal), Some(group)) if group != Some(decimal) => {
                Some(Transform::Number { decimal, group })
            }
            _ => {
                self.expected(
                    node,
                    "number",
                    "a `decimal` and perhaps a `group`, each of one character and not the same",
                );
                None
            }
        }
    }
}
