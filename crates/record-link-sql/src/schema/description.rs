//! The tables as their makers describe them.

use super::{CREATE_VERSIONS, MIGRATIONS};

/// A table, and its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// `TEXT` or `BIGINT`.
    pub kind: &'static str,
    /// Whether it may be empty.
    pub is_optional: bool,
    /// What it holds, if that is more than its name says.
    pub comment: Option<&'static str>,
}

/// All tables: for documentation, and for a database that keeps comments.
///
/// ```
/// use record_link_sql::schema;
///
/// let tables = schema::tables();
/// let links = tables.iter().find(|table| table.name == "links").unwrap();
/// let key = links.columns.iter().find(|column| column.name == "left_key").unwrap();
/// assert!(key.is_optional && key.comment.unwrap().contains("left side"));
/// ```
pub fn tables() -> Vec<Table> {
    let migrations = MIGRATIONS.iter().flat_map(|one| one.statements);
    let statements = std::iter::once(CREATE_VERSIONS).chain(migrations.copied());
    statements.filter_map(table).collect()
}

fn table(statement: &'static str) -> Option<Table> {
    let rest = statement.strip_prefix("CREATE TABLE IF NOT EXISTS ")?;
    let (name, lines) = rest.split_once(" (")?;
    let columns = lines.lines().filter_map(column).collect();
    Some(Table { name, columns })
}

fn column(line: &'static str) -> Option<Column> {
    let (definition, comment) = match line.split_once("--") {
        Some((definition, comment)) => (definition, Some(comment.trim())),
        None => (line, None),
    };
    let mut words = definition.split_whitespace();
    let (name, kind) = (words.next()?, words.next()?.trim_end_matches(','));
    matches!(kind, "TEXT" | "BIGINT").then(|| Column {
        name,
        kind,
        is_optional: !definition.contains("NOT NULL"),
        comment,
    })
}
