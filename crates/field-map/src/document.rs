//! A profile's text as a tree in which everything knows its place: the same for TOML and JSON.

use std::collections::HashSet;
use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use toml::de::{DeTable, DeValue};

/// How deep a document may be nested; what a profile needs is below 10.
const DEEPEST: usize = 32;

/// A value and where it stands.
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Table(Vec<Entry>),
    Array(Vec<Node>),
    Text(String),
    /// The digits as written.
    Number(String),
    Bool(bool),
    /// A kind that no profile uses, by its name.
    Other(&'static str),
}

pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

impl Content {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Table(_) => "a table",
            Self::Array(_) => "a list",
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::Other(name) => name,
        }
    }
}

/// A text that is not a document, and where that shows.
pub(crate) struct SyntaxError {
    pub(crate) at: usize,
    pub(crate) message: String,
}

pub(crate) fn parse_toml(text: &str) -> Result<Node, SyntaxError> {
    let table = DeTable::parse(text).map_err(|error| SyntaxError {
        at: error.span().map_or(0, |span| span.start),
        message: error.message().to_owned(),
    })?;
    let span = table.span();
    of_toml_table(table.get_ref(), span, 0)
}

fn of_toml_table(
    table: &DeTable<'_>,
    span: Range<usize>,
    depth: usize,
) -> Result<Node, SyntaxError> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        entries.push(Entry {
            key: key.get_ref().clone().into_owned(),
            key_span: key.span(),
            node: of_toml(value.get_ref(), value.span(), depth + 1)?,
        });
    }
    // The parser sorts by name; a reader meets them in the order of the text.
    entries.sort_by_key(|entry| entry.key_span.start);
    Ok(Node {
        span,
        content: Content::Table(entries),
    })
}

fn of_toml(value: &DeValue<'_>, span: Range<usize>, depth: usize) -> Result<Node, SyntaxError> {
    check_depth(depth, span.start)?;
    let content = match value {
        DeValue::Table(table) => return of_toml_table(table, span, depth),
        DeValue::Array(items) => Content::Array(
            items
                .iter()
                .map(|item| of_toml(item.get_ref(), item.span(), depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        DeValue::String(text) => Content::Text(text.clone().into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => {
            Content::Number(number.as_str().to_owned())
        }
        DeValue::Integer(_) => Content::Other("a number that is not decimal"),
        DeValue::Float(number) => Content::Number(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Content::Bool(*flag),
        DeValue::Datetime(_) => Content::Other("a date without quotes"),
    };
    Ok(Node { span, content })
}

pub(crate) fn parse_json(text: &str) -> Result<Node, SyntaxError> {
    let collect = jsonc_parser::CollectOptions::default();
    // JSON, and not one of its dialects: what is read here must be read elsewhere too.
    let options = jsonc_parser::ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed =
        jsonc_parser::parse_to_ast(text, &collect, &options).map_err(|error| SyntaxError {
            at: error.range().start,
            message: error.kind().to_string(),
        })?;
    let value = parsed.value.ok_or_else(|| SyntaxError {
        at: 0,
        message: "the document is empty".to_owned(),
    })?;
    of_json(&value, 0)
}

fn of_json(value: &ast::Value<'_>, depth: usize) -> Result<Node, SyntaxError> {
    let range = value.range();
    let span = range.start..range.end;
    check_depth(depth, span.start)?;
    let content = match value {
        ast::Value::Object(object) => {
            let mut entries: Vec<Entry> = Vec::with_capacity(object.properties.len());
            // A table of postal codes has thousands of lines.
            let mut keys = HashSet::with_capacity(object.properties.len());
            for property in &object.properties {
                let key = property.name.as_str().to_owned();
                let name = property.name.range();
                if !keys.insert(key.clone()) {
                    return Err(SyntaxError {
                        at: name.start,
                        message: format!("the key `{key}` stands twice"),
                    });
                }
                entries.push(Entry {
                    key,
                    key_span: name.start..name.end,
                    node: of_json(&property.value, depth + 1)?,
                });
            }
            Content::Table(entries)
        }
        ast::Value::Array(array) => Content::Array(
            array
                .elements
                .iter()
                .map(|item| of_json(item, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        ast::Value::StringLit(text) => Content::Text(text.value.clone().into_owned()),
        ast::Value::NumberLit(number) => Content::Number(number.value.to_owned()),
        ast::Value::BooleanLit(flag) => Content::Bool(flag.value),
        ast::Value::NullKeyword(_) => Content::Other("null"),
    };
    Ok(Node { span, content })
}

fn check_depth(depth: usize, at: usize) -> Result<(), SyntaxError> {
    if depth < DEEPEST {
        return Ok(());
    }
    Err(SyntaxError {
        at,
        message: format!("the document is nested more than {DEEPEST} levels deep"),
    })
}
