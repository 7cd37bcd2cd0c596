//! A profile as the table of a help page.

use std::fmt::Write as _;

use crate::condition::Literal;
use crate::explanation::{class, shown};
use crate::profile::{Direction, Profile, Row, Source, Spec};
use crate::transform::{Part, Scalar, SplitAt, Transform, Unknown};

impl Profile {
    /// The profile as a page of Markdown: what it is for, its settings, and a table of its rows.
    pub fn to_markdown(&self) -> String {
        let mut page = format!("# {}\n", escape(&self.name));
        if !self.description.is_empty() {
            let _ = write!(page, "\n{}\n", self.description.trim());
        }
        if !self.settings.is_empty() {
            page.push_str(
                "\n## Settings\n\n| setting | unless chosen | what it does |\n|---|---|---|\n",
            );
            for (name, setting) in &self.settings {
                let default = match &setting.default {
                    Literal::Bool(true) => "on".to_owned(),
                    Literal::Bool(false) => "off".to_owned(),
                    other => other.to_string(),
                };
                let _ = writeln!(
                    page,
                    "| `{name}` | {} | {} |",
                    escape(&default),
                    escape(&setting.description)
                );
            }
        }
        let _ = write!(
            page,
            "\n## Fields\n\n| | {} | | {} | when | what is done | |\n|---|---|---|---|---|---|---|\n",
            escape(&self.source_label),
            escape(&self.target_label)
        );
        for row in &self.rows {
            write_row(row, &mut page);
        }
        if !self.tables.is_empty() {
            page.push_str("\n## Tables\n");
            for (name, table) in &self.tables {
                let _ = write!(page, "\n`{name}`\n\n| from | to |\n|---|---|\n");
                for (from, to) in &table.forward {
                    let _ = writeln!(page, "| {} | {} |", escape(from), escape(to));
                }
            }
        }
        page
    }
}

fn write_row(row: &Row, page: &mut String) {
    let source = match &row.source {
        Source::Path(path) => {
            let mut text = code(&path.to_string());
            for path in &row.fallback {
                let _ = write!(text, ", else {}", code(&path.to_string()));
            }
            text
        }
        Source::Paths(paths) => {
            let all: Vec<_> = paths.iter().map(|path| code(&path.to_string())).collect();
            all.join(", ")
        }
        Source::Constant(literal) => format!("always {}", code(&literal.to_string())),
    };
    let source = match &row.label {
        Some(label) => format!("{} ({source})", escape(label)),
        None => source,
    };
    let arrow = match row.direction {
        Direction::Export => "→",
        Direction::Import => "←",
        Direction::Both => "↔",
    };
    let mut conditions = Vec::new();
    if let Some((_, when)) = &row.when {
        conditions.push(escape(&when.describe()));
    }
    if let Some((_, when)) = &row.import_when
        && row.direction != Direction::Export
    {
        conditions.push(format!("on import: {}", escape(&when.describe())));
    }
    let mut done: Vec<_> = row
        .transforms
        .iter()
        .map(|(_, spec)| describe(spec))
        .collect();
    if let Some(own) = &row.import_transforms {
        let own: Vec<_> = own.iter().map(|(_, spec)| describe(spec)).collect();
        done.push(format!("on import: {}", own.join(", ")));
    }
    let mut notes = Vec::new();
    if row.required {
        notes.push("required".to_owned());
    }
    if row.clear_when_missing {
        notes.push("cleared when missing".to_owned());
    }
    if let Some(sensitivity) = row.sensitivity {
        notes.push(class(sensitivity).to_owned());
    }
    if let Some(note) = &row.note {
        notes.push(escape(note));
    }
    let _ = writeln!(
        page,
        "| {} | {source} | {arrow} | {} | {} | {} | {} |",
        row.number,
        code(&row.target),
        conditions.join("; "),
        done.join(", "),
        notes.join("; ")
    );
}

/// A text within a table.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace(['\n', '\r'], " ")
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|").replace('`', "'"))
}

fn describe(spec: &Spec) -> String {
    let transform = match spec {
        Spec::Call(name) => return format!("function {}", code(name)),
        Spec::Ready(transform) => transform,
    };
    match transform {
        Transform::Trim => "trimmed".to_owned(),
        Transform::Collapse => "white space collapsed".to_owned(),
        Transform::Upper => "in capitals".to_owned(),
        Transform::Lower => "in small letters".to_owned(),
        Transform::EmptyToNull => "empty is nothing".to_owned(),
        Transform::NullToEmpty => "nothing is an empty text".to_owned(),
        Transform::Join {
            separator,
            back: None,
        }
        | Transform::Unjoin { separator, .. } => format!("joined with {}", code(separator)),
        _ => describe_more(transform),
    }
}

fn describe_more(transform: &Transform) -> String {
    match transform {
        Transform::Join { separator, back } => {
            let at = match back {
                Some(SplitAt::First) => "first",
                _ => "last",
            };
            format!(
                "joined with {}, split at the {at} one on import",
                code(separator)
            )
        }
        Transform::Split { separator, part } => {
            let part = match part {
                Part::BeforeFirst => "before the first",
                Part::AfterFirst => "after the first",
                Part::BeforeLast => "before the last",
                Part::AfterLast => "after the last",
            };
            format!("what is {part} {}", code(separator))
        }
        Transform::Replace { from, to } => format!("{} becomes {}", code(from), code(to)),
        Transform::Lookup { table, unknown, .. } => {
            let unknown = match unknown {
                Unknown::Error => "",
                Unknown::Keep => ", else as it is",
                Unknown::Null => ", else nothing",
            };
            format!("by the table {}{unknown}", code(&table.name))
        }
        Transform::Default(datum) => {
            let value = datum.clone().into_value();
            format!("{} if missing", code(&shown(&value)))
        }
        Transform::Date(formats) => {
            let all: Vec<_> = formats.iter().map(|format| code(format)).collect();
            format!("date as {}", all.join(" or "))
        }
        Transform::FormatDate(format) => format!("date as {}", code(format)),
        Transform::DateOfTimestamp { ignore_time: false } => "the date of midnight".to_owned(),
        Transform::DateOfTimestamp { ignore_time: true } => {
            "the date, whatever the time".to_owned()
        }
        Transform::TimestampOfDate => "midnight of the date".to_owned(),
        Transform::Number { decimal, .. } | Transform::FormatNumber { decimal } => {
            format!("number with decimal {}", code(&decimal.to_string()))
        }
        Transform::Scale(factor) => format!("times {factor}"),
        Transform::Unscale(factor) => format!("divided by {factor}"),
        Transform::Round(places) => format!("rounded to {places} decimals"),
        Transform::Parse(scalar) => format!("read as {}", scalar_name(*scalar)),
        Transform::Text(scalar) => format!("{} written as text", scalar_name(*scalar)),
        Transform::Prefix(prefix) => format!("prefixed with {}", code(prefix)),
        Transform::StripPrefix(prefix) => format!("without the prefix {}", code(prefix)),
        Transform::Set(_) | Transform::Unset(_) => "as a set".to_owned(),
        Transform::Reference(kind) | Transform::Unreference(kind) => {
            format!("the linked {kind}")
        }
        Transform::Normalise(identifier) => format!("checked as {}", identifier.name()),
        other => other.name().to_owned(),
    }
}

fn scalar_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Integer => "a whole number",
        Scalar::Decimal => "a number",
        Scalar::Bool => "true or false",
        Scalar::Date => "a date",
    }
}
