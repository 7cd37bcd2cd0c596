//! The API of Alexis HR, as far as the program needs it.
//!
//! Sources: the reference at <https://docs.alexishr.com>, and the published `OpenAPI` description.

use kleer_connect::{JsonApi, OffsetList, OffsetPage, join_related, read_offset_pages};
use record_link::{SideError, SideErrorKind, SideOperation};
use serde_json::Value as Json;

/// The most that a page holds.
const PAGE: usize = 100;

/// The relations of an employee, and the fields that name their records.
pub(crate) const RELATIONS: [(&str, &str); 3] = [
    ("employment", "employmentId"),
    ("employmentType", "employmentTypeId"),
    ("compensation", "compensationId"),
];

/// The id of a record.
pub fn id_of(record: &Json) -> &str {
    record["id"].as_str().unwrap_or_default()
}

fn relations(resource: &str) -> Option<(&'static str, String)> {
    let names = RELATIONS.map(|(name, _)| name).join(",");
    (resource == "employee").then_some(("relations", names))
}

/// All records of a resource; an employee with what belongs to it.
///
/// # Errors
/// When a page cannot be read.
pub async fn all(
    api: &JsonApi,
    resource: &str,
    filters: &[(&str, String)],
) -> Result<OffsetList, SideError> {
    read_offset_pages(|offset| {
        let mut query = filters.to_vec();
        query.extend(relations(resource));
        query.push(("sort[id]", "asc".to_owned()));
        query.push(("limit", PAGE.to_string()));
        query.push(("offset", offset.to_string()));
        Box::pin(async move {
            let mut page = api
                .send(SideOperation::List, resource, &query, None)
                .await?;
            let related = page["relations"].clone();
            if let Some(Json::Array(data)) = page.get_mut("data") {
                join_related(data, &related, &RELATIONS);
            }
            OffsetPage::of_answer(page, "data")
        })
    })
    .await
}

/// One record, an employee with what belongs to it; `None` if it is not there.
///
/// # Errors
/// When it is not known whether it is there.
pub async fn one(api: &JsonApi, resource: &str, id: &str) -> Result<Option<Json>, SideError> {
    let (get, path) = (SideOperation::Get, format!("{resource}/{id}"));
    let query = Vec::from_iter(relations(resource));
    match api.send(get, &path, &query, None).await {
        Ok(answer) => {
            // An answer without a record does not say that there is none.
            let mut record = [answer["data"].clone()];
            if record[0]["id"] != id {
                return Err(SideError::new(get, SideErrorKind::Malfunction));
            }
            join_related(&mut record, &answer["relations"], &RELATIONS);
            Ok(record.into_iter().next())
        }
        Err(error) if error.kind() == SideErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
