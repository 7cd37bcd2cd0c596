//! Plain text tables.

use std::fmt;

/// A table with a heading, as plain text: columns as wide as their widest cell, and nothing that
/// would control a terminal, since names come from other systems.
///
/// ```
/// use kleer_connect::workbench::Table;
///
/// let mut table = Table::new(["field", "is"]);
/// table.row(["email", "anna@example.com"]);
/// assert_eq!(table.to_string(), "field  is\nemail  anna@example.com\n");
/// ```
#[derive(Debug, Clone)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// A table with these headings.
    pub fn new<T: Into<String>>(headings: impl IntoIterator<Item = T>) -> Self {
        let mut table = Self(Vec::new());
        table.row(headings);
        table
    }

    /// Adds a row.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        let cells = cells.into_iter().map(|cell| printable(&cell.into()));
        self.0.push(cells.collect());
    }

    /// Whether there is nothing below the headings.
    pub fn is_empty(&self) -> bool {
        self.0.len() < 2
    }
}

/// Text without what would control a terminal or turn its direction.
fn printable(text: &str) -> String {
    let controls = |character: char| {
        character.is_control()
            || matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(controls, " ")
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.0.first().map_or(0, Vec::len);
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(move |row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.0 {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let space = width - cell.chars().count() + 2;
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', space));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
