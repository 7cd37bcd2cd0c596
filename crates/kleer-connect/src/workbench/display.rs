//! How what is affected is shown: as a table for people, or as JSON.

use flat_record::{Sensitivity, Value};
use record_link::{Applied, Outcome, RecordKey, Sides, Trip, Which};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

use super::{Affected, Table, Work};

/// What stands for a value that is not shown.
const HIDDEN: &str = "***";

/// How what is affected is shown: what the sides are called, and how much is shown of people.
///
/// ```
/// use flat_record::{Sensitivity, Value};
/// use kleer_connect::workbench::Display;
/// use record_link::Sides;
///
/// let display = Display::new(Sides::new("HR", "Kleer"));
/// let salary = Value::from(41_000);
/// assert_eq!(display.value(Some(&salary), Sensitivity::Sensitive), "***");
/// let open = display.showing(Sensitivity::Sensitive);
/// assert_eq!(open.value(Some(&salary), Sensitivity::Sensitive), "41000");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Display {
    names: Sides<&'static str>,
    up_to: Sensitivity,
}

impl Display {
    /// With these names for the sides. Nothing that says something about a person is shown.
    pub fn new(names: Sides<&'static str>) -> Self {
        let up_to = Sensitivity::Internal;
        Self { names, up_to }
    }

    /// Shows fields up to this class.
    #[must_use]
    pub fn showing(mut self, up_to: Sensitivity) -> Self {
        self.up_to = up_to;
        self
    }

    /// What a side is called.
    pub fn name(&self, which: Which) -> &'static str {
        self.names[which]
    }

    /// Whether personal data is shown.
    pub fn shows_people(&self) -> bool {
        self.up_to >= Sensitivity::Personal
    }

    /// A value of a field of this class; `-` if nothing is said.
    pub fn value(&self, value: Option<&Value>, sensitivity: Sensitivity) -> String {
        match value {
            None => "-".to_owned(),
            Some(Value::Null) => String::new(),
            Some(_) if sensitivity > self.up_to => HIDDEN.to_owned(),
            Some(value) => words(value),
        }
    }

    /// What is affected, a line for each field; and what is withheld.
    pub fn table(&self, work: &Work, affected: &[Affected]) -> String {
        let [left, right] = [self.names.left, self.names.right];
        let mut table = Table::new(["action", left, right, "field", "is", "becomes"]);
        let key = |key: &Option<RecordKey>| key.as_ref().map_or("-", RecordKey::as_str).to_owned();
        for one in affected {
            let action = match one.on {
                Some(on) => format!("{} in {}", one.action, self.name(on)),
                None => one.action.to_owned(),
            };
            let mut head = [action, key(&one.keys.left), key(&one.keys.right)];
            if one.fields.is_empty() {
                table.row(head.iter().map(String::as_str));
            }
            for field in &one.fields {
                let class = field.sensitivity;
                let is = self.value(field.is.as_ref(), class);
                let becomes = self.value(field.becomes.as_ref(), class);
                let [action, left, right] = std::mem::take(&mut head);
                table.row([action, left, right, field.field.to_string(), is, becomes]);
            }
        }
        let mut text = if table.is_empty() {
            "nothing to do\n".to_owned()
        } else {
            table.to_string()
        };
        for (side, record, problems) in &work.withheld {
            for problem in problems {
                let name = self.name(*side);
                let _ = writeln!(text, "withheld {name} {}: {problem}", record.as_str());
            }
        }
        text.push_str(&self.stopped(work));
        text
    }

    /// What a guard rail noticed, and the digest to approve; empty if none did.
    pub fn stopped(&self, work: &Work) -> String {
        let mut text = String::new();
        for trip in work.stopped_by() {
            let _ = writeln!(text, "stopped by a guard rail: {}", self.trip(trip));
        }
        if !text.is_empty() {
            let digest = work.plan.digest;
            let _ = writeln!(text, "if all of this is right, approve {digest}");
        }
        text
    }

    fn trip(&self, trip: &Trip) -> String {
        match trip {
            Trip::Creates { number, all } => format!("{number} would be created, of {all} in all"),
            Trip::Updates { number, all } => format!("{number} of {all} would be changed"),
            Trip::Removals { number, all } => {
                format!("{number} of {all} are gone, or would be deleted or unlinked")
            }
            Trip::Emptied { side, linked } => {
                let name = self.name(*side);
                format!("{name} shows nothing, but {linked} are linked")
            }
            Trip::AllChanged { side, number } => {
                format!(
                    "all {number} that are linked changed in {}",
                    self.name(*side)
                )
            }
            other => format!("{other:?}"),
        }
    }

    /// The same as JSON; a value that is not shown is `"***"`.
    pub fn json(&self, work: &Work, affected: &[Affected]) -> Json {
        let value = |value: Option<&Value>, class| match value {
            None => Json::Null,
            Some(_) if class > self.up_to => HIDDEN.into(),
            Some(value) => words(value).into(),
        };
        let keys = |keys: &Sides<Option<RecordKey>>| {
            let mut shown = serde_json::Map::new();
            for which in Which::BOTH {
                let key = keys[which].as_ref().map(RecordKey::as_str);
                shown.insert(self.name(which).to_owned(), key.into());
            }
            Json::Object(shown)
        };
        let affected = affected.iter().map(|one| {
            let fields = one.fields.iter().map(|field| {
                let class = field.sensitivity;
                json!({
                    "field": field.field.as_str(),
                    "is": value(field.is.as_ref(), class),
                    "becomes": value(field.becomes.as_ref(), class),
                })
            });
            json!({
                "action": one.action, "on": one.on.map(|on| self.name(on)), "keys": keys(&one.keys),
                "fields": fields.collect::<Vec<_>>(),
            })
        });
        let withheld = work.withheld.iter().map(|(side, key, problems)| {
            json!({"side": self.name(*side), "key": key.as_str(), "problems": problems})
        });
        json!({
            "affected": affected.collect::<Vec<_>>(), "withheld": withheld.collect::<Vec<_>>(),
            "digest": work.plan.digest, "stopped-by": work.stopped_by(),
        })
    }

    /// What came of it, in a line of counts; and a line for each record that needs somebody.
    pub fn outcome(&self, applied: &Applied) -> String {
        let mut text = String::new();
        for one in &applied.records {
            let why = match &one.outcome {
                Outcome::Failed { deviation } | Outcome::InDoubt { deviation } => {
                    format!("see deviation {}", &deviation.to_string()[..8])
                }
                Outcome::Stale { .. } => "it changed meanwhile: do it again".to_owned(),
                _ => continue,
            };
            let keys = Which::BOTH.into_iter().filter_map(|which| {
                Some(format!(
                    "{} {}",
                    self.name(which),
                    one.keys[which].as_ref()?.as_str()
                ))
            });
            let keys: Vec<String> = keys.collect();
            let _ = writeln!(text, "{} {}: {why}", one.outcome.as_str(), keys.join(", "));
        }
        text.push_str(&counts(applied));
        text.push('\n');
        text
    }
}

/// How many came to what, without those of which there are none.
fn counts(applied: &Applied) -> String {
    let totals = &applied.totals;
    let all = [
        (totals.created, "created"),
        (totals.updated, "updated"),
        (totals.deleted, "deleted"),
        (totals.linked, "linked"),
        (totals.unlinked, "unlinked"),
        (totals.stale, "stale"),
        (totals.failed, "failed"),
        (totals.in_doubt, "in doubt"),
    ];
    let all = all.iter().filter(|(number, _)| *number > 0);
    let all: Vec<String> = all
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    if all.is_empty() {
        "nothing done".to_owned()
    } else {
        all.join(", ")
    }
}

/// A value in words.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.normalize().to_string(),
        Value::Date(day) => day.to_string(),
        Value::Timestamp(at) => at.to_rfc3339(),
        Value::Text(text) => text.to_string(),
        Value::List(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Set(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Reference(to) => to.key.to_string(),
    }
}
