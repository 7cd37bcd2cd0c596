//! What a database has to offer: one transaction, and statements in it.

use std::borrow::Cow;
use std::fmt;

use record_link::BoxFuture;

use crate::Failed;

/// One open transaction of a database.
///
/// A driver implements this and nothing else of the interpreter. It begins the transaction before
/// and commits it, or rolls it back, after; what runs in between is the same for all databases.
///
/// What the transaction must be: what is read in it stays so until it is committed, or the commit
/// fails. (One writer at a time will do, or serialisable isolation.)
pub trait Transaction: Send {
    /// Carries out statements in this order and gives the answer to each.
    ///
    /// None of them needs the answer of another: a driver may send them all before it reads the
    /// first answer, and should, since each round trip costs.
    ///
    /// # Errors
    /// The first that fails, in the order of the statements. The transaction can then only be
    /// rolled back.
    fn run<'a>(
        &'a mut self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Answer>, Failed>>;

    /// Whether a table of this name is there.
    ///
    /// # Errors
    /// If the database does not answer.
    fn has_table<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool, Failed>>;
}

/// A value that goes into a statement or comes out of it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqlValue {
    /// Nothing, of whatever type.
    Null,
    /// A `BIGINT`.
    Integer(i64),
    /// A `TEXT`. It holds no character NUL, which not every database takes.
    Text(String),
}

impl fmt::Debug for SqlValue {
    /// Hides texts, which may be personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Integer(number) => write!(f, "Integer({number})"),
            Self::Text(_) => f.write_str("Text(..)"),
        }
    }
}

/// A statement with its parameters, which stand in it as `$1`, `$2`, …; each may stand there more
/// than once.
///
/// There are few different texts, so a driver does well to keep them prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// The statement.
    pub sql: Cow<'static, str>,
    /// The parameters, `$1` first.
    pub parameters: Vec<SqlValue>,
    /// Whether it answers with rows.
    pub gives_rows: bool,
}

impl Statement {
    /// A statement that answers with rows.
    pub fn query(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            sql: sql.into(),
            parameters: Vec::new(),
            gives_rows: true,
        }
    }

    /// A statement that answers with the number of rows that it changed.
    pub fn execute(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            gives_rows: false,
            ..Self::query(sql)
        }
    }

    /// With the next parameter.
    #[must_use]
    pub fn with(mut self, value: impl Into<SqlValue>) -> Self {
        self.parameters.push(value.into());
        self
    }
}

/// What a statement answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// How many rows it changed; of a query, 0.
    pub changed: u64,
    /// The rows of a query.
    pub rows: Vec<Row>,
}

impl Answer {
    /// So many rows were changed.
    pub fn changed(changed: u64) -> Self {
        let rows = Vec::new();
        Self { changed, rows }
    }

    /// These rows were found.
    pub fn rows(rows: Vec<Row>) -> Self {
        let changed = 0;
        Self { changed, rows }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(Vec<SqlValue>);

impl Row {
    /// A row of these values, in the order of the columns that were asked for.
    pub fn new(values: Vec<SqlValue>) -> Self {
        Self(values)
    }

    /// The text in a column, counted from 0.
    ///
    /// # Errors
    /// When there is none: the table is not as it should be.
    pub fn text(&self, column: usize) -> Result<&str, Failed> {
        self.optional_text(column)?
            .ok_or_else(|| Failed::damaged(format!("column {column} of a row is empty")))
    }

    /// The text in a column that may be empty, counted from 0.
    ///
    /// # Errors
    /// When it is something else: the table is not as it should be.
    pub fn optional_text(&self, column: usize) -> Result<Option<&str>, Failed> {
        match self.0.get(column) {
            Some(SqlValue::Text(text)) => Ok(Some(text)),
            Some(SqlValue::Null) => Ok(None),
            _ => Err(Failed::damaged(format!("column {column} is not a text"))),
        }
    }

    /// The number in a column, counted from 0.
    ///
    /// # Errors
    /// When there is none: the table is not as it should be.
    pub fn integer(&self, column: usize) -> Result<i64, Failed> {
        match self.0.get(column) {
            Some(SqlValue::Integer(number)) => Ok(*number),
            _ => Err(Failed::damaged(format!("column {column} is not a number"))),
        }
    }
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for SqlValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl<T: Into<SqlValue>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
