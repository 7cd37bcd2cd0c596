//! The endpoint table against the schema that Kleer publishes.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use kleer_model::endpoint::{self, Recovery};
use quick_xml::events::{BytesStart, Event};

/// The schema, or `None` with a loud word when it is not there.
fn schema(test: &str) -> Option<Schema> {
    let file = support::corpus(test)?.join("../domain/kleer.xsd");
    let schema = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Some(Schema::parse(&schema))
}

/// What the table needs to know of the schema: which elements stand in which definition.
#[derive(Default)]
struct Schema {
    roots: BTreeMap<String, Definition>,
    types: BTreeMap<String, Definition>,
}

#[derive(Default, Clone)]
struct Definition {
    /// The elements at any depth of this definition.
    elements: BTreeSet<String>,
    /// The types that these elements have.
    element_types: BTreeSet<String>,
    /// The types that this one extends.
    bases: BTreeSet<String>,
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start
        .attributes()
        .flatten()
        .find(|found| found.key.as_ref() == name)?;
    Some(attribute.value.to_string())
}

impl Schema {
    fn parse(text: &str) -> Self {
        let mut schema = Self::default();
        let mut reader = quick_xml::Reader::from_str(text);
        let mut depth = 0;
        // The definition that is read: whether it is an element, its name, itself.
        let mut current: Option<(bool, String, Definition)> = None;
        loop {
            let (start, opens) = match reader.read_event().unwrap() {
                Event::Start(start) => (start, true),
                Event::Empty(start) => (start, false),
                Event::End(_) => {
                    depth -= 1;
                    if depth == 1 {
                        schema.keep(current.take());
                    }
                    continue;
                }
                Event::Eof => return schema,
                _ => continue,
            };
            let is_element = start.local_name().as_ref() == "element";
            if depth == 1 {
                let name = attribute(&start, "name").unwrap();
                current = Some((is_element, name, Definition::default()));
            } else if let Some((_, _, definition)) = &mut current {
                if is_element {
                    definition.elements.extend(attribute(&start, "name"));
                    definition.element_types.extend(attribute(&start, "type"));
                }
                definition.bases.extend(attribute(&start, "base"));
            }
            if opens {
                depth += 1;
            } else if depth == 1 {
                schema.keep(current.take());
            }
        }
    }

    fn keep(&mut self, definition: Option<(bool, String, Definition)>) {
        let Some((is_element, name, definition)) = definition else {
            return;
        };
        let definitions = if is_element {
            &mut self.roots
        } else {
            &mut self.types
        };
        definitions.insert(name, definition);
    }

    /// The definition with what it extends.
    fn whole(&self, definition: &Definition) -> Definition {
        let mut whole = definition.clone();
        for base in &definition.bases {
            if let Some(base) = self.types.get(base) {
                let base = self.whole(base);
                whole.elements.extend(base.elements);
                whole.element_types.extend(base.element_types);
            }
        }
        whole
    }

    /// Whether the document of this root has the element, itself or in its items.
    fn has(&self, root: &str, element: &str) -> bool {
        let root = self.whole(&self.roots[root]);
        let items = root
            .element_types
            .iter()
            .filter_map(|name| self.types.get(name));
        let mut definitions = items.map(|item| self.whole(item)).chain([root.clone()]);
        definitions.any(|definition| definition.elements.contains(element))
    }
}

#[test]
fn every_document_of_the_table_is_a_root_of_the_schema() {
    let Some(schema) = schema("every_document_of_the_table_is_a_root_of_the_schema") else {
        return;
    };
    assert_eq!(schema.roots.len(), 136);
    for endpoint in endpoint::ALL {
        for root in endpoint.request.iter().chain(endpoint.response) {
            assert!(
                schema.roots.contains_key(*root),
                "{}: <{root}>",
                endpoint.name
            );
        }
    }
}

#[test]
fn every_root_of_the_schema_has_an_endpoint_or_a_reason() {
    let Some(schema) = schema("every_root_of_the_schema_has_an_endpoint_or_a_reason") else {
        return;
    };
    let documents = endpoint::ALL.iter().flat_map(|endpoint| {
        let request = endpoint.request.iter();
        request.chain(endpoint.response).copied()
    });
    let used: BTreeSet<&str> = documents.collect();
    let reasons: BTreeSet<&str> = endpoint::WITHOUT_ENDPOINT
        .iter()
        .map(|(root, _)| *root)
        .collect();
    for root in schema.roots.keys().map(String::as_str) {
        assert_ne!(used.contains(root), reasons.contains(root), "<{root}>");
    }
    for root in reasons {
        assert!(schema.roots.contains_key(root), "<{root}>");
    }
}

#[test]
fn what_finds_a_write_again_can_be_read() {
    let Some(schema) = schema("what_finds_a_write_again_can_be_read") else {
        return;
    };
    for endpoint in endpoint::ALL {
        let (element, read) = match endpoint.recovery {
            Recovery::ForeignId { list } => ("foreign-id", list),
            Recovery::NaturalKey { element, read } | Recovery::State { element, read } => {
                (element, read)
            }
            _ => continue,
        };
        for root in endpoint::find(read).unwrap().response {
            assert!(
                schema.has(root, element),
                "{}: <{root}> has no <{element}>",
                endpoint.name
            );
        }
        // What is looked for must have been sent.
        if let (Recovery::ForeignId { .. }, Some(root)) = (endpoint.recovery, endpoint.request) {
            assert!(
                schema.has(root, element),
                "{}: <{root}> has no <{element}>",
                endpoint.name
            );
        }
    }
}
