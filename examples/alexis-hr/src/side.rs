//! The employees of Alexis HR, as documents of one side.
//!
//! One employee is up to three records there: itself, and the employment and compensation it names.

use flat_record::Value;
use kleer_connect::{Documents, JsonApi, NEW_ID, OffsetList, Request};
use kleer_employee::{field, fields};
use record_link::{ClientKey, Observation, SideError, SideFuture, SideOperation};
use serde_json::{Map, Value as Json, json};

use crate::api::{self, RELATIONS, id_of};

/// The fields that the employment and the compensation hold; all others are the employee's.
const OF_EMPLOYMENT: [&str; 2] = [field::EMPLOYMENT_START_DATE, field::EMPLOYMENT_END_DATE];
const OF_COMPENSATION: [&str; 5] = [
    field::SALARY_PERIOD,
    field::MONTHLY_SALARY,
    field::MONTHLY_SALARY_START_DATE,
    field::HOURLY_SALARY,
    field::HOURLY_SALARY_START_DATE,
];

/// The employees of Alexis HR.
#[derive(Debug)]
pub struct AlexisEmployees {
    /// Where they are.
    pub api: JsonApi,
    /// A custom field that takes our client key, if the company has made one.
    pub key_field: Option<String>,
}

/// The request that writes a record which belongs to the employee: that which is there, or a new
/// one, which takes over what the old one says besides.
fn related(
    document: &Json,
    resource: &str,
    mut body: Json,
    defaults: &Json,
    is_new: bool,
) -> Request {
    let is_employment = resource == "employment";
    let of: &[&str] = if is_employment {
        &OF_EMPLOYMENT
    } else {
        &OF_COMPENSATION
    };
    let known = &document[resource];
    if let (Some(id), false) = (known["id"].as_str(), is_new) {
        let path = format!("{resource}/{id}");
        return Request::new(SideOperation::Update, path, body, of.iter().copied());
    }
    body["employeeId"] = document.get("id").cloned().unwrap_or_else(|| NEW_ID.into());
    for (name, value) in defaults.as_object().into_iter().flatten() {
        body[name] = known.get(name).unwrap_or(value).clone();
    }
    Request::new(SideOperation::Create, resource, body, of.iter().copied())
}

impl AlexisEmployees {
    async fn plan(
        &self,
        document: &Json,
        before: &Json,
        after: &Json,
        key: Option<&ClientKey>,
    ) -> Result<Vec<Request>, SideError> {
        let mut own = Map::new();
        for (name, value) in after.as_object().into_iter().flatten() {
            if before[name] != *value && !RELATIONS.iter().any(|(relation, _)| relation == name) {
                own.insert(name.clone(), sent(value, &document[name]));
            }
        }
        if let Some(Json::Number(number)) = own.get("employeeNumber") {
            // A text there, and a number in Kleer.
            let text = number.to_string();
            own.insert("employeeNumber".to_owned(), text.into());
        }
        if let (Some(key), Some(name)) = (key, &self.key_field) {
            own.insert("custom".to_owned(), json!({ name: key.to_string() }));
        }
        let mut requests = Vec::new();
        if !own.is_empty() {
            let (operation, path) = match document["id"].as_str() {
                Some(id) => (SideOperation::Update, format!("employee/{id}")),
                None => (SideOperation::Create, "employee".to_owned()),
            };
            let names = fields().iter().map(|field| field.name.as_str());
            let names = names
                .filter(|name| !OF_EMPLOYMENT.contains(name) && !OF_COMPENSATION.contains(name));
            requests.push(Request::new(operation, path, Json::Object(own), names));
        }
        let new_type = &after["employmentType"]["name"];
        let is_same_type = before["employmentType"]["name"] == *new_type;
        if before["employment"] != after["employment"] || !is_same_type {
            let mut body = sent(&after["employment"], &Json::Null);
            if let (Some(name), false) = (new_type.as_str(), is_same_type) {
                let types = api::all(&self.api, "employment-type", &[]).await?.records;
                if let Some(known) = types.iter().find(|one| one["name"] == name) {
                    body["typeId"] = known["id"].clone();
                }
            }
            let defaults = &json!({"country": "SE", "rate": 100, "terminated": false});
            requests.push(related(document, "employment", body, defaults, false));
        }
        let salary = &after["compensation"];
        if before["compensation"] != *salary {
            // A salary from another day on is a new one; the old one stays in the history.
            let is_new = before["compensation"]["effectiveDate"] != salary["effectiveDate"];
            let mut body = sent(salary, &Json::Null);
            body["baseAmount"] = body["amount"].clone();
            let defaults = &json!({
                "currency": "SEK", "exchangeRate": 1, "paidOvertime": false, "payoutDay": 25,
                "salarySchedule": "ADVANCE",
            });
            requests.push(related(document, "compensation", body, defaults, is_new));
        }
        Ok(requests)
    }
}

/// A value as the API takes it: a day is a time there, and an object is sent whole, with what it
/// holds besides.
fn sent(value: &Json, known: &Json) -> Json {
    match value {
        Json::Object(parts) => {
            let mut whole = known.as_object().cloned().unwrap_or_default();
            whole.extend(
                parts
                    .iter()
                    .map(|(name, part)| (name.clone(), sent(part, &Json::Null))),
            );
            Json::Object(whole)
        }
        Json::String(text) if text.parse::<chrono::NaiveDate>().is_ok() => {
            format!("{text}T00:00:00.000Z").into()
        }
        value => value.clone(),
    }
}

impl Documents for AlexisEmployees {
    fn api(&self) -> &JsonApi {
        &self.api
    }

    fn list(&self) -> SideFuture<'_, OffsetList> {
        Box::pin(api::all(&self.api, "employee", &[]))
    }

    fn get<'a>(&'a self, id: &'a str) -> SideFuture<'a, Option<Json>> {
        Box::pin(api::one(&self.api, "employee", id))
    }

    fn requests<'a>(
        &'a self,
        document: &'a Json,
        before: &'a Json,
        after: &'a Json,
        client_key: Option<&'a ClientKey>,
    ) -> SideFuture<'a, Vec<Request>> {
        Box::pin(self.plan(document, before, after, client_key))
    }

    fn created<'a>(&self, answer: &'a Json) -> Option<&'a str> {
        Some(id_of(&answer["data"])).filter(|id| !id.is_empty())
    }

    fn keeps_client_key(&self) -> bool {
        self.key_field.is_some()
    }

    fn complete(&self, document: &Json, mut seen: Observation) -> Observation {
        // The profile only imports it: the ID number in Kleer is Kleer's to give. One with letters
        // is not Kleer's to overwrite.
        let number = document["employeeNumber"]
            .as_str()
            .unwrap_or_default()
            .trim();
        let value = number.parse::<i64>().map(Value::from);
        if let Some(value) = value.ok().or(number.is_empty().then_some(Value::Null)) {
            // The layout has the field.
            let _ = seen.record.set(field::INTERNAL_ID, value);
        }
        if let Some(changed) = document["updated"]
            .as_str()
            .and_then(|text| text.parse().ok())
        {
            seen = seen.changed_at(changed);
        }
        let key = self
            .key_field
            .as_ref()
            .and_then(|name| document["custom"][name].as_str());
        match key {
            Some(key) => seen.client_key(key),
            None => seen,
        }
    }
}
