//! CSV files as people have them.

use std::{collections::HashMap, fmt};

use flat_record::{Field, Fields, Record, Sensitivity, ValueKind};

/// A file that was read.
pub(crate) struct CsvFile {
    pub(crate) records: Vec<(String, Record)>,
    /// It was neither UTF-8 nor marked as UTF-16.
    pub(crate) guessed_encoding: bool,
}

/// What is wrong with a file, with its place; without any value of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CsvError {
    /// Not even a header.
    Empty,
    /// A delimiter must be one byte.
    Delimiter(char),
    NoColumn {
        name: String,
        there_are: Vec<String>,
    },
    /// Several columns have that name.
    SeveralColumns {
        name: String,
    },
    NoKey {
        line: u64,
    },
    DoubleKey {
        first: u64,
        second: u64,
        named: bool,
    },
    Unreadable(String),
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty; its first line must name the columns"),
            Self::Delimiter(delimiter) => {
                write!(
                    f,
                    "{delimiter:?} cannot separate columns; give an ASCII character"
                )
            }
            Self::NoColumn { name, there_are } => {
                write!(f, "no column {name:?}; there are: {}", there_are.join(", "))
            }
            Self::SeveralColumns { name } => {
                write!(f, "several columns are called {name:?}; rename all but one")
            }
            Self::NoKey { line } => write!(
                f,
                "line {line}: the key is empty; each record needs one (left_key, right_key)"
            ),
            Self::DoubleKey {
                first,
                second,
                named,
            } => {
                write!(f, "lines {first} and {second} have the same key")?;
                if !*named {
                    f.write_str(
                        "; the first column was taken, name another by left_key or right_key",
                    )?;
                }
                Ok(())
            }
            Self::Unreadable(why) => f.write_str(why),
        }
    }
}

/// Reads the columns that are named, each once.
pub(crate) fn read(
    bytes: &[u8],
    key: Option<&str>,
    mut columns: Vec<String>,
    delimiter: Option<char>,
) -> Result<CsvFile, CsvError> {
    columns.sort();
    columns.dedup();
    let (text, guessed_encoding) = decode(bytes);
    if text.trim().is_empty() {
        return Err(CsvError::Empty);
    }
    let delimiter = match delimiter {
        Some(given) => u8::try_from(given)
            .ok()
            .filter(u8::is_ascii)
            .ok_or(CsvError::Delimiter(given))?,
        None => find_delimiter(&text),
    };
    let unreadable = |error: csv::Error| CsvError::Unreadable(error.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers().map_err(unreadable)?.clone();
    let key_place = key.map_or(Ok(0), |name| column(&headers, name))?;
    let places = columns
        .iter()
        .map(|name| column(&headers, name))
        .collect::<Result<Vec<usize>, _>>()?;
    let field = |error: &dyn fmt::Display| CsvError::Unreadable(error.to_string());
    let mut layout = Vec::new();
    for name in &columns {
        let text = Field::new(name, ValueKind::Text).map_err(|error| field(&error))?;
        layout.push(text.sensitivity(Sensitivity::Personal));
    }
    let layout = Fields::new(layout).map_err(|error| field(&error))?;
    let mut lines: HashMap<String, u64> = HashMap::new();
    let mut records = Vec::new();
    for row in reader.records() {
        let row = row.map_err(unreadable)?;
        let line = row.position().map_or(0, csv::Position::line);
        let mut record = Record::new(&layout);
        for (name, place) in columns.iter().zip(&places) {
            let value = row.get(*place).unwrap_or_default();
            if !value.is_empty() {
                record.set(name, value).map_err(|error| field(&error))?;
            }
        }
        let key_text = row.get(key_place).unwrap_or_default().to_owned();
        if key_text.is_empty() {
            return Err(CsvError::NoKey { line });
        }
        if let Some(first) = lines.insert(key_text.clone(), line) {
            return Err(CsvError::DoubleKey {
                first,
                second: line,
                named: key.is_some(),
            });
        }
        records.push((key_text, record));
    }
    Ok(CsvFile {
        records,
        guessed_encoding,
    })
}

/// As it is written, or else without case, spaces, hyphens and underscores.
fn column(headers: &csv::StringRecord, name: &str) -> Result<usize, CsvError> {
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(|c| !matches!(c, ' ' | '-' | '_'));
        kept.flat_map(char::to_lowercase).collect()
    };
    let among = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let found = headers.iter().enumerate().filter(|(_, header)| is(header));
        found.map(|(place, _)| place).collect()
    };
    let mut found = among(&|header| header == name);
    if found.is_empty() {
        found = among(&|header| plain(header) == plain(name));
    }
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(CsvError::NoColumn {
            name: name.to_owned(),
            there_are: headers.iter().map(str::to_owned).collect(),
        }),
        _ => Err(CsvError::SeveralColumns {
            name: name.to_owned(),
        }),
    }
}

/// What stands most often in the first line, outside of quotes; a comma if nothing does.
fn find_delimiter(text: &str) -> u8 {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(delimiter, _)| *delimiter == byte && !quoted)
        {
            *count += 1;
        }
    }
    let mut best = counts[0];
    for other in &counts[1..] {
        if other.1 > best.1 {
            best = *other;
        }
    }
    best.0
}

/// The text without its mark, and whether the encoding was guessed.
fn decode(bytes: &[u8]) -> (String, bool) {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..]
            .chunks_exact(2)
            .map(|b| unit([b[0], b[1]]))
            .collect();
        (String::from_utf16_lossy(&units), false)
    };
    match bytes {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => (text.trim_start_matches('\u{feff}').to_owned(), false),
            // The few signs at which it differs from Latin 1 stand in no name that is compared.
            Err(_) => (bytes.iter().copied().map(char::from).collect(), true),
        },
    }
}
