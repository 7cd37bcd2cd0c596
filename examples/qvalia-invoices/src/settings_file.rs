//! The settings of the mapping, from a file.

use std::path::{Path, PathBuf};

use kleer_invoice::Settings;
use thiserror::Error;

/// The settings cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the settings {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no JSON, or has a name or a value that the settings do not have.
    #[error(
        "the settings {}: {source}; `settings-schema` prints what they may hold",
        path.display()
    )]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
}

/// Reads settings: JSON as `settings-schema` describes it. What it does not name has its default.
///
/// # Errors
/// When the file cannot be read, or holds a name or value that settings do not have; the error says
/// where.
pub fn read(path: &Path) -> Result<Settings, SettingsError> {
    let bytes = std::fs::read(path).map_err(|source| SettingsError::File {
        path: path.to_owned(),
        source,
    })?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|source| SettingsError::Content {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use kleer_invoice::{Prepaid, Term};
    use kleer_model::{Cents, RateUnit, RevenueLedgerId};

    use super::*;

    fn read_text(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_file_names_is_set_and_the_rest_has_its_default() {
        let settings = read_text(
            "\u{FEFF}{\"prepaid\": \"deduct-row\", \"prepaid_product\": 7, \"rate_unit\": \
             \"fraction\",\n\"revenue_ledger\": 3, \"vat_tolerance\": 2, \"custom_fields\": \
             {\"BT-19\": \"konto\"},\n\"default_products\": [{\"category\": \"S\", \"rate\": \
             \"25\", \"product\": 17}]}",
        )
        .unwrap();
        let expected = Settings::default()
            .with_prepaid_product(kleer_model::ProductId(7))
            .with_rate_unit(RateUnit::Fraction)
            .with_revenue_ledger(RevenueLedgerId(3))
            .with_vat_tolerance(Cents(2))
            .with_custom_field(Term::bt(19), "konto")
            .with_default_product("S", 25.into(), kleer_model::ProductId(17));
        assert_eq!(settings, expected);
        assert_eq!(settings.prepaid, Prepaid::DeductRow);
        assert_eq!(read_text("{}").unwrap(), Settings::default());
    }

    #[test]
    fn unknown_names_and_values_are_refused_with_the_place() {
        for (text, named, place) in [
            (
                "{\n  \"prepayed\": \"refuse\"\n}",
                "prepayed",
                "line 2 column 12",
            ),
            ("{\n\"prepaid\": \"ignore\"}", "ignore", "line 2"),
            ("{\n\n\"ocr\": {\"formm\": 1}}", "formm", "line 3"),
            (
                "{\"custom_fields\": {\"BG-900x\": \"a\"}}",
                "business term",
                "line 1",
            ),
            ("{\"prepaid\": \"refuse\"", "EOF", "line 1 column 20"),
        ] {
            let error = read_text(text).unwrap_err();
            assert!(error.contains(named) && error.contains(place), "{error}");
            assert!(error.contains("settings.json"), "{error}");
        }
    }
}
