//! The employees of Alexis HR as one side of the link.
//!
//! One employee is up to three records there: the employee, the employment and the compensation
//! that it names. They are read with one request and written with up to three, so a write can stop
//! in between; what is missing then is said, and written by the next run.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use field_map::{Circumstances, Mapper, MappingError};
use flat_record::{FieldName, Kind, Record, Value};
use kleer_connect::JsonApi;
use kleer_employee::{KIND, field, fields};
use record_link::{
    Capabilities, ClientKey, Conditional, Found, Observation, Receipt, RecordKey, Recovery,
    RejectReason, Scope, Side, SideError, SideErrorKind, SideFuture, SideOperation, Snapshot,
};
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
pub struct AlexisSide {
    api: JsonApi,
    mapper: Mapper,
    /// A custom field of the employee that takes our client key, if the company has made one.
    key_field: Option<String>,
    problems: Mutex<BTreeMap<RecordKey, Vec<String>>>,
}

/// A request of a write, and the fields that are not written if it fails.
struct Step {
    operation: SideOperation,
    path: String,
    body: Json,
    fields: Vec<FieldName>,
}

impl AlexisSide {
    /// The side behind a client; the mapper is that of [`kleer_employee::alexis_hr`].
    pub fn new(api: JsonApi, mapper: Mapper, key_field: Option<String>) -> Self {
        let problems = Mutex::default();
        Self {
            api,
            mapper,
            key_field,
            problems,
        }
    }

    /// The client, for what are no employees.
    pub fn api(&self) -> &JsonApi {
        &self.api
    }

    /// Which rows of the profile an employee does not fit, as it was read last: such a one must not
    /// be exported, since half an employee is worse than none.
    pub fn problems(&self, key: &RecordKey) -> Vec<String> {
        self.known_problems().get(key).cloned().unwrap_or_default()
    }

    fn known_problems(&self) -> MutexGuard<'_, BTreeMap<RecordKey, Vec<String>>> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn observe(&self, employee: &Json, at: DateTime<Utc>) -> Option<Observation> {
        let circumstances = Circumstances::on(at.date_naive());
        let explained = self.mapper.explain(employee, &circumstances);
        let mut record = explained.record().clone();
        // The profile only imports it: the ID number in Kleer is Kleer's to give.
        let number = &employee["employeeNumber"];
        let number = number
            .as_str()
            .map_or_else(|| number.to_string(), |text| text.trim().to_owned());
        match number.parse::<i64>() {
            Ok(number) => record.set(field::INTERNAL_ID, number).ok()?,
            Err(_) if number.is_empty() => record.set(field::INTERNAL_ID, Value::Null).ok()?,
            Err(_) => {} // a number with letters is not Kleer's to overwrite
        }
        let mut seen = Observation::new(id_of(employee), record, at).ok()?;
        if let Some(changed) = employee["updated"]
            .as_str()
            .and_then(|text| text.parse().ok())
        {
            seen = seen.changed_at(changed);
        }
        if let Some(name) = &self.key_field
            && let Some(key) = employee["custom"][name].as_str()
        {
            seen = seen.client_key(key);
        }
        let problems: Vec<String> = explained
            .failures()
            .iter()
            .map(ToString::to_string)
            .collect();
        if problems.is_empty() {
            self.known_problems().remove(&seen.key);
        } else {
            self.known_problems().insert(seen.key.clone(), problems);
        }
        Some(seen)
    }

    async fn read(
        &self,
        operation: SideOperation,
        key: &RecordKey,
    ) -> Result<Observation, SideError> {
        let document = api::one(&self.api, "employee", key.as_str()).await?;
        let seen = document.and_then(|employee| self.observe(&employee, Utc::now()));
        seen.ok_or_else(|| SideError::new(operation, SideErrorKind::NotFound))
    }

    /// What to send so that an employee says what the record says, where `before` says otherwise.
    async fn steps(
        &self,
        employee: &Json,
        before: &Record,
        after: &Record,
    ) -> Result<Vec<Step>, SideError> {
        let circumstances = Circumstances::on(Utc::now().date_naive());
        let refused = |error: MappingError| {
            SideError::new(SideOperation::Update, SideErrorKind::Refused)
                .with_message(error.to_string())
        };
        let before = self
            .mapper
            .import(before, &circumstances)
            .map_err(refused)?;
        let after = self.mapper.import(after, &circumstances).map_err(refused)?;
        let mut own = Map::new();
        for (name, value) in after.as_object().into_iter().flatten() {
            if before[name] != *value && !RELATIONS.iter().any(|(relation, _)| relation == name) {
                own.insert(name.clone(), sent(value, &employee[name]));
            }
        }
        if let Some(number) = own.get_mut("employeeNumber") {
            // A text there, and a number in Kleer.
            *number = number
                .as_i64()
                .map_or(Json::Null, |number| number.to_string().into());
        }
        let names = |all: &[&str]| {
            all.iter()
                .filter_map(|name| FieldName::new(*name).ok())
                .collect()
        };
        let mut steps = Vec::new();
        if !own.is_empty() {
            let others = fields().iter().map(|field| field.name.as_str());
            let own_fields = others
                .filter(|name| !OF_EMPLOYMENT.contains(name) && !OF_COMPENSATION.contains(name));
            steps.push(Step {
                operation: SideOperation::Update,
                path: format!("employee/{}", id_of(employee)),
                body: Json::Object(own),
                fields: names(&own_fields.collect::<Vec<_>>()),
            });
        }
        let new_type = &after["employmentType"]["name"];
        if before["employment"] != after["employment"]
            || before["employmentType"]["name"] != *new_type
        {
            let mut body = sent(&after["employment"], &Json::Null);
            if let Some(name) = new_type.as_str() {
                let types = api::all(&self.api, "employment-type", &[]).await?.records;
                if let Some(known) = types.iter().find(|one| one["name"] == name) {
                    body["typeId"] = known["id"].clone();
                }
            }
            let defaults = json!({"country": "SE", "rate": 100, "terminated": false});
            steps.push(Step {
                fields: names(&OF_EMPLOYMENT),
                ..related("employment", employee, body, &defaults, false)
            });
        }
        let salary = &after["compensation"];
        if before["compensation"] != *salary {
            // A salary from another day on is a new one; the old one stays in the history.
            let is_new = before["compensation"]["effectiveDate"] != salary["effectiveDate"];
            let mut body = sent(salary, &Json::Null);
            body["baseAmount"] = body["amount"].clone();
            let defaults = json!({
                "currency": "SEK", "exchangeRate": 1, "paidOvertime": false, "payoutDay": 25,
                "salarySchedule": "ADVANCE",
            });
            steps.push(Step {
                fields: names(&OF_COMPENSATION),
                ..related("compensation", employee, body, &defaults, is_new)
            });
        }
        Ok(steps)
    }

    /// Sends the steps, and tells how far it came.
    async fn carry_out(
        &self,
        operation: SideOperation,
        key: &RecordKey,
        steps: Vec<Step>,
        is_begun: bool,
    ) -> Result<Receipt, SideError> {
        let mut missing = Vec::new();
        let mut reason = None;
        for (index, step) in steps.into_iter().enumerate() {
            if reason.is_none() {
                match self
                    .api
                    .send(step.operation, &step.path, &[], Some(&step.body))
                    .await
                {
                    Ok(_) => continue,
                    Err(error) if index == 0 && !is_begun => return Err(error),
                    Err(error) => reason = Some(error),
                }
            }
            missing.extend(step.fields);
        }
        let seen = self.read(operation, key).await.map_err(|_| {
            // Written, and what it says now is not known.
            SideError::new(operation, SideErrorKind::OutcomeUnknown)
        })?;
        Ok(match reason {
            None => Receipt::whole(seen),
            Some(reason) => Receipt::partly(seen, missing, reason),
        })
    }
}

/// A value as the API takes it: a day is a time there, and an object is sent whole, with what it
/// holds besides.
fn sent(value: &Json, known: &Json) -> Json {
    match value {
        Json::Object(parts) => {
            let mut whole = known.as_object().cloned().unwrap_or_default();
            let parts = parts
                .iter()
                .map(|(name, part)| (name.clone(), sent(part, &Json::Null)));
            whole.extend(parts);
            Json::Object(whole)
        }
        Json::String(text) if text.len() == 10 && text.parse::<chrono::NaiveDate>().is_ok() => {
            format!("{text}T00:00:00.000Z").into()
        }
        value => value.clone(),
    }
}

/// The step that writes a record which belongs to an employee: the one there is, or a new one.
fn related(resource: &str, employee: &Json, mut body: Json, defaults: &Json, is_new: bool) -> Step {
    let known = &employee[resource];
    let id = (!is_new).then(|| id_of(known)).filter(|id| !id.is_empty());
    let (operation, path) = match id {
        Some(id) => (SideOperation::Update, format!("{resource}/{id}")),
        None => {
            body["employeeId"] = employee["id"].clone();
            for (name, value) in defaults.as_object().into_iter().flatten() {
                let value = known.get(name).unwrap_or(value);
                body[name] = value.clone();
            }
            (SideOperation::Create, resource.to_owned())
        }
    };
    Step {
        operation,
        path,
        body,
        fields: Vec::new(),
    }
}

impl Side for AlexisSide {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        let recovery = self
            .key_field
            .as_ref()
            .map_or(Recovery::Never, |_| Recovery::ByListing);
        let able = Capabilities::read_only(fields()).creates(recovery);
        let unknown = [
            field::ADDRESS1,
            field::MANAGER,
            field::DIMENSION_ENTRIES,
            field::NOTES,
        ];
        let unknown = unknown
            .into_iter()
            .filter_map(|name| FieldName::new(name).ok());
        (*kind == KIND).then(|| able.updates(Conditional::Unversioned).never_writes(unknown))
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> SideFuture<'a, Snapshot> {
        Box::pin(async move {
            self.capabilities(kind)
                .ok_or(SideError::unsupported(SideOperation::List))?;
            let at = Utc::now();
            let listed = api::all(&self.api, "employee", &[]).await?;
            let scope = Scope::of(["alexis", "employee"]);
            let mut snapshot = Snapshot::new(kind.clone(), fields(), scope, at);
            for employee in listed.records {
                match self.observe(&employee, at) {
                    Some(seen) => snapshot.observe(seen),
                    None => snapshot.reject(None, RejectReason::NoKey),
                };
            }
            Ok(if listed.is_whole {
                snapshot.complete()
            } else {
                snapshot
            })
        })
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> SideFuture<'a, Option<Observation>> {
        Box::pin(async move {
            self.capabilities(kind)
                .ok_or(SideError::unsupported(SideOperation::Get))?;
            let document = api::one(&self.api, "employee", key.as_str()).await?;
            Ok(document.and_then(|employee| self.observe(&employee, Utc::now())))
        })
    }

    fn find<'a>(&'a self, kind: &'a Kind, client_key: &'a ClientKey) -> SideFuture<'a, Found> {
        Box::pin(async move {
            match self.key_field {
                Some(_) => Ok(self.list(kind).await?.find(client_key)),
                None => Ok(Found::Undecided),
            }
        })
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            let operation = SideOperation::Create;
            self.capabilities(kind)
                .ok_or(SideError::unsupported(operation))?;
            let nobody = json!({"id": ""});
            let mut steps = self.steps(&nobody, &Record::new(fields()), record).await?;
            if steps.is_empty() || !steps[0].path.starts_with("employee/") {
                return Err(SideError::new(operation, SideErrorKind::Refused).with_code("no-name"));
            }
            let mut first = steps.remove(0);
            if let Some(name) = &self.key_field {
                first.body["custom"] = json!({ name: client_key.to_string() });
            }
            let made = self
                .api
                .send(operation, "employee", &[], Some(&first.body))
                .await?;
            let key = RecordKey::new(id_of(&made["data"]));
            let key = key.map_err(|_| SideError::new(operation, SideErrorKind::OutcomeUnknown))?;
            for step in &mut steps {
                step.body["employeeId"] = key.as_str().into();
            }
            self.carry_out(operation, &key, steps, true).await
        })
    }

    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        _: Option<&'a str>,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            let operation = SideOperation::Update;
            self.capabilities(kind)
                .ok_or(SideError::unsupported(operation))?;
            let document = api::one(&self.api, "employee", key.as_str()).await?;
            let seen = document
                .as_ref()
                .and_then(|one| Some((one, self.observe(one, Utc::now())?)));
            let Some((employee, seen)) = seen else {
                return Err(SideError::new(operation, SideErrorKind::NotFound));
            };
            let mut after = seen.record.clone();
            for (field, value) in changes.iter() {
                let refused = |_| SideError::new(operation, SideErrorKind::Refused);
                after.set(&field.name, value.clone()).map_err(refused)?;
            }
            let steps = self.steps(employee, &seen.record, &after).await?;
            self.carry_out(operation, key, steps, false).await
        })
    }
}
