//! The JSON Schema of the settings.

use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};

use crate::Settings;

impl Settings {
    /// The JSON Schema of the settings as they are stored (feature `serde`), as JSON text: for
    /// editors, forms and checks.
    ///
    /// ```
    /// let schema = kleer_invoice::Settings::json_schema();
    /// assert!(schema.contains("\"vat_tolerance\""));
    /// ```
    pub fn json_schema() -> String {
        let mut schema = schemars::schema_for!(Self);
        PlainDescriptions.transform(&mut schema);
        format!("{:#}", schema.to_value())
    }
}

// As [`kleer_model::RateUnit`] is stored.
/// How VAT rates are written.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum RateUnit {
    /// `25` is 25 %.
    Percent,
    /// `0.25` is 25 %.
    Fraction,
}

/// Makes plain text of descriptions that are written for Rust's documentation.
struct PlainDescriptions;

impl Transform for PlainDescriptions {
    fn transform(&mut self, schema: &mut Schema) {
        let description = schema.get("description").and_then(|text| text.as_str());
        if let Some(text) = description.map(plain) {
            schema.insert("description".to_owned(), text.into());
        }
        transform_subschemas(self, schema);
    }
}

/// Without the example, the breaks inside paragraphs, and the links.
fn plain(text: &str) -> String {
    let text = text.split("\n\n```").next().unwrap_or_default();
    let mut paragraphs = Vec::new();
    for paragraph in text.split("\n\n") {
        let mut line = paragraph
            .replace('\n', " ")
            .replace("[`", "`")
            .replace("`]", "`");
        // What stands behind a link is its target in the documentation.
        while let Some(at) = line.find("`(") {
            let Some(end) = line[at..].find(')') else {
                break;
            };
            line.replace_range(at + 1..=at + end, "");
        }
        paragraphs.push(line);
    }
    paragraphs.join("\n\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_description_is_plain() {
        let text = "One\ntwo [`X::y`](crate::X) and [`Z`].\n\nThree.\n\n```\ncode\n```";
        assert_eq!(super::plain(text), "One two `X::y` and `Z`.\n\nThree.");
    }
}
