//! Lists that are paged by an offset, and move while they are read.

use std::collections::BTreeMap;

use record_link::{SideError, SideErrorKind, SideOperation};
use serde_json::Value as Json;

use record_link::SideFuture;

/// A page: its records, each with its id, and how many there are said to be in all.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct OffsetPage {
    /// The records.
    pub records: Vec<(String, Json)>,
    /// How many the list has.
    pub total: u64,
}

impl OffsetPage {
    /// A page of records, each of them with an `id`.
    ///
    /// # Errors
    /// When an item has none: the answer makes no sense.
    pub fn new(records: Vec<Json>, total: u64) -> Result<Self, SideError> {
        let with_id = |record: Json| Some((record["id"].as_str()?.to_owned(), record));
        let records: Option<_> = records.into_iter().map(with_id).collect();
        let malformed = || SideError::new(SideOperation::List, SideErrorKind::Malfunction);
        let records = records.ok_or_else(malformed)?;
        Ok(Self { records, total })
    }

    /// The page that an answer holds: a list of this name, and its `total`.
    ///
    /// # Errors
    /// When it holds none: the answer makes no sense.
    pub fn of_answer(mut answer: Json, list: &str) -> Result<Self, SideError> {
        let records = answer.get_mut(list).map(Json::take);
        match (records, answer["total"].as_u64()) {
            (Some(Json::Array(records)), Some(total)) => Self::new(records, total),
            _ => Err(SideError::new(
                SideOperation::List,
                SideErrorKind::Malfunction,
            )),
        }
    }
}

/// All records of a list, and whether they are all.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct OffsetList {
    /// Each record once, as the last page showed it.
    pub records: Vec<Json>,
    /// Whether nothing can have slipped through.
    pub is_whole: bool,
}

/// Puts side-loaded records into those that name them: `related` holds a list for each name, and a
/// record names one of them by its id in a field of its own.
///
/// ```
/// use serde_json::json;
///
/// let mut people = [json!({ "id": "e-1", "officeId": "o-1" })];
/// let related = json!({ "office": [{ "id": "o-1", "city": "Borås" }] });
/// kleer_connect::join_related(&mut people, &related, &[("office", "officeId")]);
/// assert_eq!(people[0]["office"]["city"], "Borås");
/// ```
pub fn join_related(records: &mut [Json], related: &Json, fields: &[(&str, &str)]) {
    for (name, by) in fields {
        for one in related[*name].as_array().into_iter().flatten() {
            let names = |record: &&mut Json| !one["id"].is_null() && record[*by] == one["id"];
            for record in records.iter_mut().filter(names) {
                record[*name] = one.clone();
            }
        }
    }
}

/// Reads a list of which a function gives the page that begins at an offset. The list has to be
/// sorted by something that does not change, such as the id.
///
/// Each page is asked to begin with the last record of the one before. If it begins with another
/// one, or the total changes, the list has moved, and a record may have slipped through between two
/// pages: then everything is read once more. Pages that overlap each time hide nothing if both
/// readings find the same records, and as many as there are said to be. In all other cases the list
/// is not whole, and nothing may be concluded from what is not in it.
///
/// ```
/// use kleer_connect::{OffsetPage, read_offset_pages};
/// use serde_json::json;
///
/// # record_link::testing::block_on(async {
/// let all: Vec<_> = (0..5).map(|number| json!({ "id": format!("e-{number}") })).collect();
/// let pages = |offset: usize| -> record_link::SideFuture<'_, OffsetPage> {
///     let page = all.iter().skip(offset).take(2).cloned().collect();
///     Box::pin(async move { OffsetPage::new(page, 5) })
/// };
/// let list = read_offset_pages(pages).await?;
/// assert_eq!((list.records.len(), list.is_whole), (5, true));
/// # Ok::<(), record_link::SideError>(())
/// # }).unwrap();
/// ```
///
/// # Errors
/// When a page cannot be read.
pub async fn read_offset_pages<'a>(
    page: impl Fn(usize) -> SideFuture<'a, OffsetPage>,
) -> Result<OffsetList, SideError> {
    let first = Reading::of(&page).await?;
    if first.is_steady && first.is_counted {
        return Ok(first.list(true));
    }
    let again = Reading::of(&page).await?;
    let is_same = first.positions.keys().eq(again.positions.keys());
    let is_whole = again.is_counted && (again.is_steady || is_same);
    Ok(again.list(is_whole))
}

/// One reading from the first page to the last.
#[derive(Debug, Default)]
struct Reading {
    records: Vec<(String, Json)>,
    positions: BTreeMap<String, usize>,
    /// Whether the pages fit together.
    is_steady: bool,
    /// Whether there are as many as there are said to be.
    is_counted: bool,
}

impl Reading {
    async fn of<'a>(
        page: &impl Fn(usize) -> SideFuture<'a, OffsetPage>,
    ) -> Result<Self, SideError> {
        let mut reading = Self {
            is_steady: true,
            ..Self::default()
        };
        let (mut total, mut overlaps) = (None, false);
        loop {
            let known = reading.records.len();
            let OffsetPage {
                records,
                total: now,
            } = page(known - usize::from(overlaps)).await?;
            let expected = reading.records.last().map(|(id, _)| id);
            let fits = !overlaps || records.first().map(|(id, _)| id) == expected;
            reading.is_steady &= fits && total.is_none_or(|total| total == now);
            total = Some(now);
            // With a single record on a page, no page could begin with a known one.
            overlaps = records.len() > 1;
            for (id, record) in records {
                let next = reading.records.len();
                let position = *reading.positions.entry(id.clone()).or_insert(next);
                match reading.records.get_mut(position) {
                    Some(known) => known.1 = record,
                    None => reading.records.push((id, record)),
                }
            }
            let found = reading.records.len();
            reading.is_counted = found as u64 == now;
            if found as u64 >= now || found == known {
                return Ok(reading);
            }
        }
    }

    fn list(self, is_whole: bool) -> OffsetList {
        let records = self.records.into_iter().map(|(_, record)| record);
        OffsetList {
            records: records.collect(),
            is_whole,
        }
    }
}
