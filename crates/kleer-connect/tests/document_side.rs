//! A side over a small system of JSON documents: a person, whose address is a record of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kleer_connect::link::testing::{Samples, check_side};
use kleer_connect::link::{
    ClientKey, Found, Observation, RecordKey, Side, SideError, SideErrorKind, SideFuture,
    SideOperation,
};
use kleer_connect::mapping::Profile;
use kleer_connect::read_offset_pages;
use kleer_connect::record::{Field, Fields, Kind, Record, ValueKind};
use kleer_connect::{DocumentSide, Documents, JsonApi, NEW_ID, OffsetList, OffsetPage, Request};
use mockito::{Matcher, Server, ServerGuard};
use serde_json::{Value as Json, json};

/// What the system keeps, by path: `person/1`, `address/2`.
#[derive(Debug, Default)]
struct Kept {
    records: BTreeMap<String, Json>,
    /// Paths whose writes are refused.
    refused: Vec<&'static str>,
    /// Paths whose writes are carried out and answered with nonsense.
    garbled: Vec<&'static str>,
    requests: Vec<String>,
}

impl Kept {
    fn answer(&mut self, method: &str, path: &str, body: &Json) -> (usize, String) {
        let (resource, id) = path.split_once('/').unwrap_or((path, ""));
        if method != "GET" {
            self.requests.push(format!("{method} {path}"));
            if self.refused.contains(&resource) {
                return (422, json!({ "message": "Anna may not" }).to_string());
            }
        }
        let said = match (method, id) {
            ("GET", "") => {
                let of = format!("{resource}/");
                let all = self
                    .records
                    .iter()
                    .filter(|(path, _)| path.starts_with(&of));
                let all: Vec<_> = all.map(|(_, one)| self.whole(one)).collect();
                json!({ "data": all, "total": all.len() })
            }
            ("POST", _) => {
                let id = (self.records.len() + 1).to_string();
                let mut record = body.clone();
                record["id"] = id.clone().into();
                if let Some(person) = body["person"].as_str() {
                    let owner = self.records.get_mut(&format!("person/{person}")).unwrap();
                    owner["addressId"] = id.clone().into();
                }
                self.records
                    .insert(format!("{resource}/{id}"), record.clone());
                json!({ "data": record })
            }
            (_, _) => match self.records.get_mut(path) {
                None => return (404, String::new()),
                Some(record) => {
                    for (name, value) in body.as_object().into_iter().flatten() {
                        record[name] = value.clone();
                    }
                    let record = record.clone();
                    json!({ "data": self.whole(&record) })
                }
            },
        };
        if method != "GET" && self.garbled.contains(&resource) {
            return (200, "<html>".to_owned());
        }
        (200, said.to_string())
    }

    fn whole(&self, record: &Json) -> Json {
        let mut record = record.clone();
        if let Some(address) = record["addressId"].as_str() {
            record["address"] = self.records[&format!("address/{address}")].clone();
        }
        record
    }
}

struct System {
    kept: Arc<Mutex<Kept>>,
    server: ServerGuard,
}

impl System {
    async fn start() -> Self {
        let mut server = Server::new_async().await;
        let kept = Arc::<Mutex<Kept>>::default();
        for method in ["GET", "POST", "PATCH"] {
            let (of, answers) = (Arc::clone(&kept), Arc::<Mutex<String>>::default());
            let said = Arc::clone(&answers);
            // Both are asked for each request, the status first.
            let mock = server
                .mock(method, Matcher::Any)
                .with_status_code_from_request(move |request| {
                    let path = request.path().trim_start_matches('/').to_owned();
                    let body = request.body().cloned().unwrap_or_default();
                    let body = serde_json::from_slice(&body).unwrap_or_default();
                    let (status, text) = of.lock().unwrap().answer(method, &path, &body);
                    *answers.lock().unwrap() = text;
                    status
                })
                .with_body_from_request(move |_| said.lock().unwrap().clone().into_bytes());
            mock.expect_at_least(0).create_async().await;
        }
        Self { kept, server }
    }

    fn side(&self, keeps_client_key: bool) -> DocumentSide<People> {
        let api = JsonApi::new(&self.server.url(), "t0k3n".to_owned().into()).unwrap();
        let people = People {
            api: api.attempts(1),
            keeps_client_key,
        };
        let profile = Profile::from_toml(
            r#"
            name = "people"
            [[row]]
            target = "name"
            source = "name"
            [[row]]
            target = "born"
            source = "born"
            [[row]]
            target = "city"
            source = "address.city"
            "#,
        );
        let mapper = profile.unwrap().compile_for(&fields()).compile().unwrap();
        DocumentSide::new(people, kind(), mapper)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }
}

fn kind() -> Kind {
    Kind::new("person").unwrap()
}

fn fields() -> Fields {
    let text = |name: &str| Field::new(name, ValueKind::Text).unwrap();
    let born = Field::new("born", ValueKind::Date).unwrap();
    Fields::new([text("name"), born, text("city")]).unwrap()
}

fn record(values: &[(&str, &str)]) -> Record {
    let set = |record: Record, (name, value): &(&str, &str)| record.with(name, *value).unwrap();
    values.iter().fold(Record::new(&fields()), set)
}

#[derive(Debug)]
struct People {
    api: JsonApi,
    keeps_client_key: bool,
}

impl Documents for People {
    fn api(&self) -> &JsonApi {
        &self.api
    }

    fn list(&self) -> SideFuture<'_, OffsetList> {
        Box::pin(read_offset_pages(|_| {
            Box::pin(async {
                let mut all = self
                    .api
                    .send(SideOperation::List, "person", &[], None)
                    .await?;
                let total = all["total"].as_u64().unwrap();
                let Json::Array(data) = all["data"].take() else {
                    panic!()
                };
                OffsetPage::new(data, total)
            })
        }))
    }

    fn get<'a>(&'a self, id: &'a str) -> SideFuture<'a, Option<Json>> {
        Box::pin(async move {
            let path = format!("person/{id}");
            match self.api.send(SideOperation::Get, &path, &[], None).await {
                Ok(mut found) => Ok(Some(found["data"].take())),
                Err(error) if error.kind() == SideErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn requests<'a>(
        &'a self,
        document: &'a Json,
        before: &'a Json,
        after: &'a Json,
        client_key: Option<&'a ClientKey>,
    ) -> SideFuture<'a, Vec<Request>> {
        Box::pin(async move {
            let (update, create) = (SideOperation::Update, SideOperation::Create);
            let (mut own, mut requests) = (json!({}), Vec::new());
            for name in ["name", "born"]
                .iter()
                .filter(|name| before[**name] != after[**name])
            {
                own[*name] = after[*name].clone();
            }
            if let (Some(key), true) = (client_key, self.keeps_client_key) {
                own["reference"] = key.to_string().into();
            }
            let of_person = ["name", "born"];
            match document["id"].as_str() {
                None => requests.push(Request::new(create, "person", own, of_person)),
                Some(_) if own == json!({}) => {}
                Some(id) => {
                    requests.push(Request::new(update, format!("person/{id}"), own, of_person));
                }
            }
            if before["address"] != after["address"] {
                let mut body = after["address"].clone();
                requests.push(if let Some(id) = document["addressId"].as_str() {
                    Request::new(update, format!("address/{id}"), body, ["city"])
                } else {
                    let person = document.get("id").cloned();
                    body["person"] = person.unwrap_or_else(|| NEW_ID.into());
                    Request::new(create, "address", body, ["city"])
                });
            }
            Ok(requests)
        })
    }

    fn created<'a>(&self, answer: &'a Json) -> Option<&'a str> {
        answer["data"]["id"].as_str()
    }

    fn keeps_client_key(&self) -> bool {
        self.keeps_client_key
    }

    fn complete(&self, document: &Json, seen: Observation) -> Observation {
        match document["reference"].as_str() {
            Some(key) => seen.client_key(key),
            None => seen,
        }
    }
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_side() {
    for keeps_client_key in [true, false] {
        let system = System::start().await;
        let day = chrono::NaiveDate::from_ymd_opt(1990, 12, 11).unwrap();
        let samples = Samples::new(&kind(), format!("run {keeps_client_key}"))
            .record(
                record(&[("name", "Anna"), ("city", "Borås")])
                    .with("born", day)
                    .unwrap(),
            )
            .record(record(&[("name", "Bo")]))
            .change(record(&[("name", "Anna Maria")]))
            .change(record(&[("city", "Sala")]))
            .change(record(&[("city", "Ystad"), ("name", "Eva")]))
            .missing(RecordKey::new("4711").unwrap());
        let report = check_side(&system.side(keeps_client_key), &samples).await;
        report.into_result().unwrap();
    }
}

fn key() -> ClientKey {
    ClientKey::new("acme", &kind(), "e-1")
}

async fn create(
    system: &System,
    keeps_client_key: bool,
) -> Result<kleer_connect::link::Receipt, SideError> {
    let anna = record(&[("name", "Anna"), ("city", "Borås")]);
    system
        .side(keeps_client_key)
        .create(&kind(), &key(), &anna)
        .await
}

#[tokio::test]
async fn a_create_that_stops_in_between_says_what_is_missing() {
    let system = System::start().await;
    system.kept().refused.push("address");
    let receipt = create(&system, true).await.unwrap();
    let text = format!("{receipt:?}");
    assert!(!text.contains("Anna"), "{text}");
    assert_eq!(
        receipt.missing,
        fields()
            .iter()
            .filter(|one| one.name == "city")
            .map(|one| one.name.clone())
            .collect::<Vec<_>>()
    );
    assert_eq!(
        receipt.observation.record.get("name").unwrap().as_text(),
        Some("Anna")
    );

    // The rest goes with an update, and the person is not touched again.
    system.kept().refused.clear();
    system.kept().requests.clear();
    let person = receipt.observation.key.clone();
    let rest = record(&[("city", "Borås")]);
    let receipt = system
        .side(true)
        .update(&kind(), &person, &rest, None)
        .await
        .unwrap();
    assert!(receipt.missing.is_empty());
    assert_eq!(system.kept().requests, ["POST address"]);
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_found_again_or_waits_for_a_person() {
    for keeps_client_key in [true, false] {
        let system = System::start().await;
        system.kept().garbled.push("person");
        let error = create(&system, keeps_client_key).await.unwrap_err();
        assert_eq!(error.kind(), SideErrorKind::OutcomeUnknown);
        assert_eq!(system.kept().requests, ["POST person"]);
        let found = system
            .side(keeps_client_key)
            .find(&kind(), &key())
            .await
            .unwrap();
        let is_found = !matches!(found, Found::Undecided);
        assert_eq!(is_found, keeps_client_key, "{found:?}");
    }
}

#[tokio::test]
async fn nothing_is_sent_for_nothing_and_only_what_changes_for_a_change() {
    let system = System::start().await;
    let person = create(&system, true).await.unwrap().observation.key;
    let side = system.side(true);
    for (changes, requests) in [
        (vec![("name", "Anna"), ("city", "Borås")], vec![]),
        (vec![("city", "Sala")], vec!["PATCH address/2"]),
        (vec![("name", "Eva")], vec!["PATCH person/1"]),
    ] {
        system.kept().requests.clear();
        side.update(&kind(), &person, &record(&changes), None)
            .await
            .unwrap();
        assert_eq!(system.kept().requests, requests);
    }
}

#[tokio::test]
async fn what_does_not_fit_the_profile_is_told_without_values_until_it_does() {
    let system = System::start().await;
    let person = create(&system, true).await.unwrap().observation.key;
    system.kept().records.get_mut("person/1").unwrap()["born"] = "12 December".into();
    let side = system.side(true);
    let seen = side.list(&kind()).await.unwrap();
    assert!(seen.get("1").unwrap().record.get("born").is_none());
    let problems = side.problems(&person);
    assert!(
        problems.len() == 1 && problems[0].contains("born"),
        "{problems:?}"
    );
    assert!(!problems[0].contains("December"), "{problems:?}");
    system.kept().records.get_mut("person/1").unwrap()["born"] = "1990-12-11".into();
    side.list(&kind()).await.unwrap();
    assert!(side.problems(&person).is_empty());
}
