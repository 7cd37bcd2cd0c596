//! The records of a company, whatever their type.

use std::collections::BTreeMap;

use crate::element::Element;

/// The records of a company, by the root element of their list.
#[derive(Debug, Default)]
pub(crate) struct Records {
    collections: BTreeMap<&'static str, Collection>,
}

#[derive(Debug, Default)]
struct Collection {
    by_id: BTreeMap<i64, Record>,
    last_id: i64,
}

/// A record, and the record that it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The id that its path begins with (the user of an absence), or 0.
    pub(crate) parent: i64,
    /// What is shown of it.
    pub(crate) item: Element,
}

impl Records {
    /// The records of a list, by id.
    pub(crate) fn all(&self, list: &str) -> impl Iterator<Item = (i64, &Record)> {
        let collection = self.collections.get(list);
        collection
            .into_iter()
            .flat_map(|collection| &collection.by_id)
            .map(|(id, record)| (*id, record))
    }

    /// What the records of a list show.
    pub(crate) fn items(&self, list: &str) -> impl Iterator<Item = &Element> {
        self.all(list).map(|(_, record)| &record.item)
    }

    pub(crate) fn get(&self, list: &str, id: i64) -> Option<&Record> {
        self.collections.get(list)?.by_id.get(&id)
    }

    pub(crate) fn item(&self, list: &str, id: i64) -> Option<&Element> {
        self.get(list, id).map(|record| &record.item)
    }

    /// A record to be changed in place. Only texts of elements that stand may be changed, so that
    /// it stays a valid one.
    pub(crate) fn item_mut(&mut self, list: &str, id: i64) -> Option<&mut Element> {
        let record = self.collections.get_mut(list)?.by_id.get_mut(&id)?;
        Some(&mut record.item)
    }

    /// An id that no record of this list has, above `first`.
    pub(crate) fn next_id(&mut self, list: &'static str, first: i64) -> i64 {
        let collection = self.collections.entry(list).or_default();
        collection.last_id = collection.last_id.max(first);
        loop {
            // Nobody makes that many records; an id of Kleer's is an `int`.
            collection.last_id = if collection.last_id >= i64::from(i32::MAX) {
                1
            } else {
                collection.last_id + 1
            };
            if !collection.by_id.contains_key(&collection.last_id) {
                return collection.last_id;
            }
        }
    }

    /// Puts a record in the place of the one with this id, if there is one.
    pub(crate) fn put(&mut self, list: &'static str, id: i64, record: Record) -> Option<Record> {
        let collection = self.collections.entry(list).or_default();
        collection.by_id.insert(id, record)
    }

    pub(crate) fn remove(&mut self, list: &str, id: i64) -> Option<Record> {
        self.collections.get_mut(list)?.by_id.remove(&id)
    }

    /// Removes the records of a list that belong to a record.
    pub(crate) fn remove_of(&mut self, list: &str, parent: i64) {
        if let Some(collection) = self.collections.get_mut(list) {
            collection.by_id.retain(|_, record| record.parent != parent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_given_once_and_skip_those_that_are_taken() {
        let mut records = Records::default();
        let record = Record {
            parent: 0,
            item: Element::new("user"),
        };
        records.put("users", 101, record.clone());
        assert_eq!(records.next_id("users", 100), 102);
        records.put("users", 102, record);
        records.remove("users", 102);
        assert_eq!(records.next_id("users", 100), 103);
        assert_eq!(records.all("users").count(), 1);
    }
}
