//! The JSON Schema of a profile.

use serde_json::{Map, Value as Json, json};

use crate::transform::Identifier;

/// The JSON Schema (2020-12) of a profile, for editors and for programs that write profiles.
///
/// ```
/// let schema = field_map::json_schema();
/// assert_eq!(schema["required"], serde_json::json!(["name", "row"]));
/// ```
pub fn json_schema() -> Json {
    let string = |description: &str| json!({ "type": "string", "description": description });
    let path = "A path of the source, such as `homeAddress.street`, `employments[valid startDate endDate].rate` or `$name.key`";
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A mapping profile",
        "description": "Which path of a source's documents fills which field, under which condition, through which transform",
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "row"],
        "properties": {
            "name": { "type": "string", "minLength": 1, "description": "The profile's name" },
            "description": string("What it is for"),
            "source-label": string("What the side of the documents is called on a help page"),
            "target-label": string("What the side of the records is called on a help page"),
            "settings": {
                "description": "What a connection can choose, by name",
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["default"],
                    "properties": {
                        "default": { "$ref": "#/$defs/literal", "description": "What it is unless somebody chooses" },
                        "description": string("What it does")
                    }
                }
            },
            "tables": {
                "description": "Tables of texts to texts, by name, for `lookup`",
                "type": "object",
                "additionalProperties": { "type": "object", "additionalProperties": { "type": "string" } }
            },
            "paths": {
                "description": "Paths by name, for paths that begin with `$name`",
                "type": "object",
                "additionalProperties": { "type": "string", "description": path }
            },
            "row": {
                "description": "The rows. Of several rows of one field, the first that has a value fills it; null is one",
                "type": "array",
                "minItems": 1,
                "items": { "$ref": "#/$defs/row" }
            }
        },
        "$defs": {
            "literal": { "type": ["string", "number", "boolean"] },
            "row": row(path),
            "condition": condition(path),
            "transform": transform()
        }
    })
}

fn row(path: &str) -> Json {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["target"],
        "oneOf": [{ "required": ["source"] }, { "required": ["value"] }],
        "properties": {
            "target": { "type": "string", "minLength": 1, "description": "The field of the record" },
            "source": {
                "description": "Where the value stands: a path, or several to be joined",
                "oneOf": [
                    { "type": "string", "description": path },
                    { "type": "array", "minItems": 2, "items": { "type": "string", "description": path } }
                ]
            },
            "value": { "$ref": "#/$defs/literal", "description": "A constant in place of a source; for the export" },
            "fallback": {
                "description": "Paths that are tried in order when the source is missing or null",
                "type": "array",
                "items": { "type": "string", "description": path }
            },
            "direction": {
                "description": "export: from the document to the record; import: from the record to the document; both unless it is said",
                "enum": ["export", "import", "both"]
            },
            "when": { "$ref": "#/$defs/condition", "description": "When the row applies; on import too, unless there is an import-when" },
            "import-when": { "$ref": "#/$defs/condition", "description": "When the row applies on import" },
            "transform": {
                "description": "What is done with the value, in order; on import undone in reverse order",
                "type": "array",
                "items": { "$ref": "#/$defs/transform" }
            },
            "import-transform": {
                "description": "What is done on import, instead of undoing `transform`",
                "type": "array",
                "items": { "$ref": "#/$defs/transform" }
            },
            "required": { "type": "boolean", "description": "On export, a missing or null value is an error" },
            "on-missing": {
                "description": "On export, what a missing value does: leave the field as it is (unless said otherwise), clear it, or be an error",
                "enum": ["leave", "clear", "error"]
            },
            "sensitivity": {
                "description": "How much the value says about a person, where that is more than its field says",
                "enum": ["public", "internal", "personal", "sensitive"]
            },
            "label": { "type": "string", "description": "What the source calls the field, for a help page" },
            "note": { "type": "string", "description": "A remark for a help page" }
        }
    })
}

fn condition(path: &str) -> Json {
    let subject = [
        ("path", path),
        ("field", "A field of the record; on import"),
        ("setting", "A setting of the profile"),
    ];
    let literal =
        |description: &str| json!({ "$ref": "#/$defs/literal", "description": description });
    let tests = [
        ("equals", literal("It is this")),
        ("not-equals", literal("It is something else, or nothing")),
        (
            "in",
            json!({
                "type": "array",
                "items": { "$ref": "#/$defs/literal" },
                "description": "It is one of these"
            }),
        ),
        ("less", literal("It is less, or earlier")),
        ("less-or-equal", literal("It is at most this")),
        ("greater", literal("It is greater, or later")),
        ("greater-or-equal", literal("It is at least this")),
        (
            "present",
            json!({
                "type": "boolean",
                "description": "true: it is there and not null; false: it is not, or null"
            }),
        ),
    ];
    let mut properties = Map::new();
    for (name, description) in subject {
        properties.insert(
            name.to_owned(),
            json!({ "type": "string", "description": description }),
        );
    }
    for (name, test) in &tests {
        properties.insert((*name).to_owned(), test.clone());
    }
    let list = json!({ "type": "array", "items": { "$ref": "#/$defs/condition" } });
    let one_of = |names: &[&str]| -> Json {
        names
            .iter()
            .map(|name| json!({ "required": [name] }))
            .collect()
    };
    let names: Vec<&str> = tests.iter().map(|(name, _)| *name).collect();
    json!({
        "oneOf": [
            {
                "type": "object",
                "additionalProperties": false,
                "properties": properties,
                "allOf": [
                    { "oneOf": one_of(&["path", "field", "setting"]) },
                    { "oneOf": one_of(&names) }
                ]
            },
            { "type": "object", "additionalProperties": false, "required": ["all"], "properties": { "all": list } },
            { "type": "object", "additionalProperties": false, "required": ["any"], "properties": { "any": list } },
            { "type": "object", "additionalProperties": false, "required": ["not"], "properties": { "not": { "$ref": "#/$defs/condition" } } }
        ]
    })
}

fn transform() -> Json {
    let mut choices = vec![json!({ "enum": crate::read::PLAIN_TRANSFORMS })];
    for (name, description, argument) in transforms_of_texts().into_iter().chain(others()) {
        choices.push(json!({
            "type": "object",
            "additionalProperties": false,
            "required": [name],
            "properties": { name: argument },
            "description": description
        }));
    }
    json!({ "oneOf": choices })
}

/// A transform, what it does, and its argument.
type Choice = (&'static str, &'static str, Json);

fn object(required: &[&str], properties: &Json) -> Json {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties
    })
}

fn transforms_of_texts() -> Vec<Choice> {
    let string = json!({ "type": "string" });
    vec![
        (
            "join",
            "Several sources to one text; `back` says at which separator it is split on import",
            json!({ "oneOf": [string, object(&["separator"], &json!({
                "separator": { "type": "string" },
                "back": { "enum": ["first", "last"] }
            }))] }),
        ),
        (
            "split",
            "A part of a text",
            object(
                &["separator", "take"],
                &json!({
                    "separator": { "type": "string", "minLength": 1 },
                    "take": { "enum": ["before-first", "after-first", "before-last", "after-last"] }
                }),
            ),
        ),
        (
            "replace",
            "A text within the text",
            object(
                &["from"],
                &json!({ "from": { "type": "string", "minLength": 1 }, "to": { "type": "string" } }),
            ),
        ),
        (
            "lookup",
            "By a table; `unknown` says what becomes of a text that it does not have",
            json!({ "oneOf": [string, object(&["table"], &json!({
                "table": { "type": "string" },
                "unknown": { "enum": ["error", "keep", "null"] }
            }))] }),
        ),
    ]
}

fn others() -> Vec<Choice> {
    let string = json!({ "type": "string" });
    let scalar = json!({ "enum": ["integer", "decimal", "bool", "date"] });
    let identifiers: Vec<&str> = Identifier::ALL.iter().map(|(name, _)| *name).collect();
    let character = json!({ "type": "string", "minLength": 1, "maxLength": 1 });
    vec![
        (
            "default",
            "What stands in for a missing value or null",
            json!({ "$ref": "#/$defs/literal" }),
        ),
        (
            "date",
            "A text in this format (strftime), or one of these, to a date",
            json!({ "oneOf": [string, { "type": "array", "minItems": 1, "items": string }] }),
        ),
        (
            "date-of-timestamp",
            "The date of a timestamp, whatever its time",
            json!({ "const": "ignore-time" }),
        ),
        (
            "number",
            "A text with these separators to a number",
            object(&[], &json!({ "decimal": character, "group": character })),
        ),
        (
            "scale",
            "Times this",
            json!({ "type": "number", "not": { "const": 0 } }),
        ),
        (
            "round",
            "To so many decimals, halves away from zero",
            json!({ "type": "integer", "minimum": 0, "maximum": 28 }),
        ),
        ("parse", "A text to what it says", scalar.clone()),
        ("text", "A value to the text that says it", scalar),
        ("prefix", "Before the text", string.clone()),
        (
            "set",
            "A text with this separator to a set",
            json!({ "type": "string", "minLength": 1 }),
        ),
        (
            "reference",
            "A key to a reference to a record of this kind",
            string.clone(),
        ),
        (
            "normalise",
            "A Swedish identifier, checked, in its usual form",
            json!({ "enum": identifiers }),
        ),
        ("call", "A function that the app registers", string),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::read::{
        CONDITION_KEYS, PLAIN_TRANSFORMS, PROFILE_KEYS, ROW_KEYS, SETTING_KEYS, TRANSFORMS,
    };

    fn keys(properties: &Json) -> Vec<String> {
        let mut keys: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    }

    fn sorted(keys: &[&str]) -> Vec<String> {
        let mut keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
        keys.sort();
        keys
    }

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema = json_schema();
        assert_eq!(keys(&schema["properties"]), sorted(&PROFILE_KEYS));
        let setting = &schema["properties"]["settings"]["additionalProperties"]["properties"];
        assert_eq!(keys(setting), sorted(&SETTING_KEYS));
        assert_eq!(
            keys(&schema["$defs"]["row"]["properties"]),
            sorted(&ROW_KEYS)
        );

        let mut found = Vec::new();
        for choice in schema["$defs"]["condition"]["oneOf"].as_array().unwrap() {
            found.extend(keys(&choice["properties"]));
        }
        found.sort();
        assert_eq!(found, sorted(&CONDITION_KEYS));

        let choices = schema["$defs"]["transform"]["oneOf"].as_array().unwrap();
        assert_eq!(choices[0]["enum"], json!(PLAIN_TRANSFORMS));
        let mut found: Vec<_> = choices[1..]
            .iter()
            .flat_map(|choice| keys(&choice["properties"]))
            .collect();
        found.sort();
        let mut expected = sorted(&TRANSFORMS);
        expected.push("call".to_owned());
        expected.sort();
        assert_eq!(found, expected);
    }
}
