//! What the fake keeps: JSON objects, by resource.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

/// The resources, and what a record of each has when nobody said it.
const RESOURCES: &[(&str, &str)] = &[
    (
        "employee",
        r#"{"active":true,"employeeNumber":"","userId":"64f000000000000000000001"}"#,
    ),
    (
        "employment",
        r#"{"country":"SE","rate":100,"terminated":false}"#,
    ),
    ("employment-type", r#"{"vacation":true}"#),
    (
        "compensation",
        r#"{"currency":"SEK","exchangeRate":1,"paidOvertime":false,"payoutDay":25,"payoutFrequency":"MONTH","salarySchedule":"ADVANCE"}"#,
    ),
    (
        "leave-type",
        r#"{"minimumDuration":"HOUR","disabled":false}"#,
    ),
    ("leave-transaction", r#"{"status":"APPROVED","extent":100}"#),
    ("child", "{}"),
    ("work-week", r#"{"timezone":"Europe/Stockholm"}"#),
    ("company", "{}"),
];

const COMPANY: &str = "64f000000000000000000000";

/// All records.
#[derive(Debug, Default)]
pub(super) struct Records {
    by_resource: BTreeMap<String, Vec<Json>>,
    count: u32,
}

impl Records {
    pub(super) fn knows(resource: &str) -> bool {
        RESOURCES.iter().any(|(name, _)| *name == resource)
    }

    pub(super) fn all(&self, resource: &str) -> &[Json] {
        self.by_resource.get(resource).map_or(&[], Vec::as_slice)
    }

    pub(super) fn get(&self, resource: &str, id: &str) -> Option<&Json> {
        self.all(resource).iter().find(|one| one["id"] == id)
    }

    /// Adds a record and gives it an id, unless it has one.
    pub(super) fn insert(&mut self, resource: &str, record: &Json) -> String {
        self.count += 1;
        let defaults = RESOURCES.iter().find(|(name, _)| *name == resource);
        let mut whole: Json = defaults
            .and_then(|(_, defaults)| serde_json::from_str(defaults).ok())
            .unwrap_or_else(|| json!({}));
        whole["id"] = format!("6500{:020x}", self.count).into();
        whole["companyId"] = COMPANY.into();
        merge(&mut whole, record);
        let stamp = self.stamp();
        whole["created"] = stamp.clone().into();
        whole["updated"] = stamp.into();
        let id = whole["id"].as_str().unwrap_or_default().to_owned();
        let all = self.by_resource.entry(resource.to_owned()).or_default();
        all.push(whole);
        self.settle();
        id
    }

    /// Changes what `changes` mentions; `None` if there is no such record.
    pub(super) fn patch(&mut self, resource: &str, id: &str, changes: &Json) -> Option<&Json> {
        self.count += 1;
        let stamp = self.stamp();
        let all = self.by_resource.get_mut(resource)?;
        let one = all.iter_mut().find(|one| one["id"] == id)?;
        merge(one, changes);
        one["updated"] = stamp.into();
        self.settle();
        self.get(resource, id)
    }

    pub(super) fn remove(&mut self, resource: &str, id: &str) -> bool {
        let all = self.by_resource.entry(resource.to_owned()).or_default();
        let before = all.len();
        all.retain(|one| one["id"] != id);
        all.len() < before
    }

    /// A time that grows with each change.
    fn stamp(&self) -> String {
        let (minutes, seconds) = (self.count / 60, self.count % 60);
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let (days, hours) = (1 + hours / 24, hours % 24);
        format!("2026-11-{days:02}T{hours:02}:{minutes:02}:{seconds:02}.000Z")
    }

    /// Points each employee at the latest employment and compensation.
    fn settle(&mut self) {
        let newest = |all: &[Json], date: &str| {
            let mut newest: BTreeMap<String, (String, Json)> = BTreeMap::new();
            for one in all {
                let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
                let known = newest.entry(text("employeeId")).or_default();
                if text(date) >= known.0 {
                    *known = (text(date), one.clone());
                }
            }
            newest
        };
        let employments = newest(self.all("employment"), "startDate");
        let compensations = newest(self.all("compensation"), "effectiveDate");
        for employee in self.by_resource.get_mut("employee").into_iter().flatten() {
            let Some(id) = employee["id"].as_str().map(ToOwned::to_owned) else {
                continue;
            };
            if let Some((_, employment)) = employments.get(&id) {
                employee["employmentId"] = employment["id"].clone();
                employee["employmentTypeId"] = employment["typeId"].clone();
            }
            if let Some((_, compensation)) = compensations.get(&id) {
                employee["compensationId"] = compensation["id"].clone();
            }
        }
    }
}

/// Puts what a patch mentions into a record; objects are merged.
fn merge(into: &mut Json, from: &Json) {
    match (into, from) {
        (Json::Object(into), Json::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name.clone()).or_insert(Json::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// The records that a relation adds to those of a list.
pub(super) fn related(
    records: &Records,
    resource: &str,
    of: &[&Json],
    relation: &str,
) -> Vec<Json> {
    let by_id = |resource: &str, field: &str| {
        let ids: Vec<&Json> = of.iter().map(|one| &one[field]).collect();
        let all = records.all(resource).iter();
        all.filter(|one| ids.contains(&&one["id"]))
            .cloned()
            .collect()
    };
    match (resource, relation) {
        ("employee", "employment") => by_id("employment", "employmentId"),
        ("employee", "employmentType") => by_id("employment-type", "employmentTypeId"),
        ("employee", "compensation") => by_id("compensation", "compensationId"),
        ("employee", "child") => {
            let ids: Vec<&Json> = of.iter().map(|one| &one["id"]).collect();
            let children = records.all("child").iter();
            let theirs = children.filter(|one| ids.contains(&&one["employeeId"]));
            theirs.cloned().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a name is a relation of a resource.
pub(super) fn has_relation(resource: &str, relation: &str) -> bool {
    let relations: &[&str] = match resource {
        "employee" => &["employment", "employmentType", "compensation", "child"],
        _ => &[],
    };
    relations.contains(&relation)
}

/// What a body lacks of what a resource requires when a record is created.
pub(super) fn missing(resource: &str, body: &Map<String, Json>) -> Vec<&'static str> {
    let required: &[&str] = match resource {
        "employee" => &["firstName", "lastName"],
        "employment" => &["employeeId", "typeId", "startDate", "country"],
        "compensation" => &[
            "employeeId",
            "amount",
            "effectiveDate",
            "payoutPeriod",
            "currency",
        ],
        _ => &[],
    };
    let absent = |name: &&&str| body.get(**name).is_none_or(Json::is_null);
    required.iter().filter(absent).copied().collect()
}
