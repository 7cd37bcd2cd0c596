//! Filters, order and pages of a list.

use std::cmp::Ordering;

use serde_json::Value as Json;

/// What a list was asked for.
#[derive(Debug, Default)]
pub(super) struct ListQuery {
    pub(super) limit: usize,
    pub(super) offset: usize,
    pub(super) relations: Vec<String>,
    select: Vec<String>,
    sort: Vec<(String, bool)>,
    filters: Vec<(String, String, Vec<String>)>,
}

/// As many records as a page holds at most.
const MOST: usize = 100;

impl ListQuery {
    /// Reads a query; an error is a message for the answer.
    pub(super) fn read(pairs: &[(String, String)]) -> Result<Self, String> {
        let mut query = Self {
            limit: MOST,
            ..Self::default()
        };
        let words = |value: &str| value.split(',').map(ToOwned::to_owned).collect();
        for (name, value) in pairs {
            let number = || {
                value
                    .parse()
                    .map_err(|_| format!("{name} must be a number"))
            };
            match name.as_str() {
                "limit" => query.limit = MOST.min(number()?),
                "offset" => query.offset = number()?,
                "relations" => query.relations = words(value),
                "select" => query.select = words(value),
                _ => query.bracketed(name, value)?,
            }
        }
        Ok(query)
    }

    /// `sort[field]=asc`, `filters[field]=v`, `filters[field][$op]=v`, `filters[field][$in][]=v`.
    fn bracketed(&mut self, name: &str, value: &str) -> Result<(), String> {
        let unknown = || format!("property {name} should not exist");
        let parts: Vec<&str> = name
            .split('[')
            .map(|part| part.trim_end_matches(']'))
            .collect();
        match parts.as_slice() {
            ["sort", field] => self.sort.push(((*field).to_owned(), value == "desc")),
            ["filters", field, rest @ ..] => {
                // Not in the list of what can be filtered by.
                if ["tax", "bankAccount", "homeAddress", "custom"].contains(field) {
                    return Err(format!("{field} cannot be filtered by"));
                }
                let operator = rest.first().copied().unwrap_or("$eq");
                let (field, operator) = ((*field).to_owned(), operator.to_owned());
                let known =
                    |one: &&mut (String, String, Vec<String>)| one.0 == field && one.1 == operator;
                match self.filters.iter_mut().find(known) {
                    Some((.., values)) => values.push(value.to_owned()),
                    None => self.filters.push((field, operator, vec![value.to_owned()])),
                }
            }
            _ => return Err(unknown()),
        }
        Ok(())
    }

    /// Those that fit, in order; all of them, of which a page is to be cut.
    pub(super) fn chosen<'a>(&self, all: &'a [Json]) -> Result<Vec<&'a Json>, String> {
        let mut chosen = Vec::new();
        'records: for one in all {
            for (field, operator, values) in &self.filters {
                if !holds(&one[field.as_str()], operator, values)? {
                    continue 'records;
                }
            }
            chosen.push(one);
        }
        chosen.sort_by(|a, b| {
            let by = self.sort.iter().map(|(field, descending)| {
                let order = text(&a[field.as_str()]).cmp(&text(&b[field.as_str()]));
                if *descending { order.reverse() } else { order }
            });
            by.fold(Ordering::Equal, Ordering::then)
        });
        Ok(chosen)
    }

    /// A record with what was selected of it.
    pub(super) fn selected(&self, record: &Json) -> Json {
        let mut record = record.clone();
        if let (false, Some(object)) = (self.select.is_empty(), record.as_object_mut()) {
            object.retain(|name, _| name == "id" || self.select.contains(name));
        }
        record
    }
}

fn text(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn holds(value: &Json, operator: &str, values: &[String]) -> Result<bool, String> {
    let value = text(value);
    let first = values.first().map(String::as_str).unwrap_or_default();
    Ok(match operator {
        "$eq" => value == first,
        "$neq" => value != first,
        "$gt" => value.as_str() > first,
        "$gte" => value.as_str() >= first,
        "$lt" => value.as_str() < first,
        "$lte" => value.as_str() <= first,
        "$in" => values.contains(&value),
        "$nin" => !values.contains(&value),
        "$between" => value.as_str() >= first && values.get(1).is_some_and(|last| value <= *last),
        other => return Err(format!("operator {other} is not known")),
    })
}
