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
            let (Json::Array(mut data), Some(total)) =
                (page["data"].take(), page["total"].as_u64())
            else {
                return Err(SideError::new(
                    SideOperation::List,
                    SideErrorKind::Malfunction,
                ));
            };
            join_related(&mut data, &page["relations"], &RELATIONS);
            OffsetPage::new(data, total)
        })
    })
    .await
}

/// One record, an employee with what belongs to it; `None` if it is not there.
///
/// # Errors
/// When it is not known whether it is there.
pub async fn one(api: &JsonApi, resource: &str, id: &str) -> Result<Option<Json>, SideError> {
    let (path, query) = (
        format!("{resource}/{id}"),
        Vec::from_iter(relations(resource)),
    );
    match api.send(SideOperation::Get, &path, &query, None).await {
        Ok(mut answer) => {
            let mut record = answer["data"].take();
            join_related(
                std::slice::from_mut(&mut record),
                &answer["relations"],
                &RELATIONS,
            );
            Ok(Some(record))
        }
        Err(error) if error.kind() == SideErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
