//! The files that `match_csv` reads, as people have them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../examples/match_csv/csv_file.rs"]
mod csv_file;

use csv_file::{CsvError, CsvFile, read};

fn columns() -> Vec<String> {
    vec!["given_name".to_owned(), "born".to_owned()]
}

fn values(file: &CsvFile) -> Vec<(&str, &str, &str)> {
    let value = |record: &flat_record::Record, name: &str| -> String {
        let value = record.get(name).and_then(|value| value.as_text());
        value.unwrap_or("-").to_owned()
    };
    file.records
        .iter()
        .map(|(key, record)| {
            let leaked = |text: String| -> &'static str { text.leak() };
            (
                key.as_str(),
                leaked(value(record, "given_name")),
                leaked(value(record, "born")),
            )
        })
        .collect()
}

const EXPECTED: [(&str, &str, &str); 2] = [("1", "Åsa", "1980-01-02"), ("2", "Bo; \"Bosse\"", "-")];

#[test]
fn files_are_read_however_they_were_saved() {
    let text = "id,given_name,born\n1,Åsa,1980-01-02\n2,\"Bo; \"\"Bosse\"\"\",\n";
    let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(unit)
            .collect()
    };
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let variants: Vec<Vec<u8>> = vec![
        text.into(),
        format!("\u{feff}{text}").into(),
        text.replace('\n', "\r\n").into(),
        format!("\r\n{}", text.replace('\n', "\r\n\r\n")).into(),
        text.replace(',', ";").into(),
        text.replace(',', "\t").into(),
        text.replace(',', "|").into(),
        text.replace("given_name", "Given Name")
            .replace("born", "BORN")
            .into(),
        text.replace("id,given_name", "\"id\",\"given-name\"")
            .into(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        latin.clone(),
    ];
    for bytes in variants {
        let file = read(&bytes, None, columns(), None)
            .unwrap_or_else(|error| panic!("{error}: {bytes:?}"));
        assert_eq!(values(&file), EXPECTED, "{bytes:?}");
        assert_eq!(file.guessed_encoding, bytes == latin);
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let error = |text: &str| read(text.as_bytes(), None, columns(), None).err().unwrap();
    assert_eq!(error(""), CsvError::Empty);
    assert_eq!(error("\n \n"), CsvError::Empty);
    let missing = error("id,given_name\n1,Bo\n");
    assert_eq!(
        missing.to_string(),
        "no column \"born\"; there are: id, given_name"
    );
    let twice = error("id,Born,BORN,given_name\n1,a,b,c\n");
    assert_eq!(
        twice,
        CsvError::SeveralColumns {
            name: "born".to_owned()
        }
    );
    let keys = error("given_name,born\nBo,1\n\nÅsa,2\nBo,3\n");
    assert_eq!(
        keys,
        CsvError::DoubleKey {
            first: 2,
            second: 5,
            named: false
        }
    );
    assert!(keys.to_string().contains("left_key"));
    assert_eq!(
        error("id,given_name,born\n,Bo,1\n"),
        CsvError::NoKey { line: 2 }
    );
    let ragged = error("id,given_name,born\n1,Bo\n").to_string();
    assert!(ragged.contains("line: 2"), "{ragged}");
    let delimiter = read(b"id;given_name;born\n", None, columns(), Some('å'));
    assert_eq!(delimiter.err(), Some(CsvError::Delimiter('å')));
    // A header and nothing else is a side without records.
    let none = read(b"id;given_name;born\n", None, columns(), None).unwrap();
    assert!(none.records.is_empty());
}
