//! Making elements fit the types of the schema, by their descriptions.

use kleer_model::{Cardinality, Content, FieldDescription, TypeDescription};

use crate::element::Element;

/// The fields of a type that is a record or a choice.
pub(crate) fn fields(of: &TypeDescription) -> &'static [FieldDescription] {
    match of.content {
        Content::Fields(fields) | Content::Choice(fields) => fields,
        _ => &[],
    }
}

/// The field of this element. The branches of a choice that stands among other fields count as
/// fields of the record.
pub(crate) fn field(of: &TypeDescription, element: &str) -> Option<&'static FieldDescription> {
    fields(of).iter().find_map(|field| match field.cardinality {
        Cardinality::Choice | Cardinality::OptionalChoice | Cardinality::RepeatedChoice => {
            self::field(field.of, element)
        }
        _ => (field.element == element).then_some(field),
    })
}

/// Whether the element is the wrapper of a list.
pub(crate) fn is_wrapper(field: &FieldDescription) -> bool {
    field.item.is_some()
}

/// Whether the element must stand.
fn is_required(cardinality: Cardinality) -> bool {
    matches!(
        cardinality,
        Cardinality::Required
            | Cardinality::List
            | Cardinality::Nillable
            | Cardinality::Blankable
            | Cardinality::NonemptyList
            | Cardinality::Nonempty
            | Cardinality::Expected
            | Cardinality::ExpectedList
    )
}

/// Makes an element fit a type: what the type does not have is left out (unless `keep_unknown`),
/// what it requires and the element lacks is filled with [`blank`] values.
pub(crate) fn fit(element: &mut Element, of: &TypeDescription, keep_unknown: bool) {
    let known = match of.content {
        Content::Fields(known) => known,
        Content::Choice(_) => {
            for child in &mut element.children {
                if let Some(field) = field(of, &child.name) {
                    fit_field(child, field, keep_unknown);
                }
            }
            return;
        }
        _ => return,
    };
    if !keep_unknown {
        element
            .children
            .retain(|child| field(of, &child.name).is_some());
    }
    for child in &mut element.children {
        if let Some(field) = field(of, &child.name) {
            fit_field(child, field, keep_unknown);
        }
    }
    for field in known {
        if is_required(field.cardinality) && element.child(field.element).is_none() {
            element.children.push(blank(field));
        }
    }
}

fn fit_field(child: &mut Element, field: &FieldDescription, keep_unknown: bool) {
    if child.nil {
        return;
    }
    match field.item {
        Some(item) => {
            if !keep_unknown {
                child.children.retain(|inner| inner.name == item);
            }
            for inner in &mut child.children {
                fit(inner, field.of, keep_unknown);
            }
        }
        None => fit(child, field.of, keep_unknown),
    }
}

/// What a required element holds when nothing is known: an empty text, 0, `false`, the first value
/// of an enumeration, the first day of 2000.
pub(crate) fn blank(field: &FieldDescription) -> Element {
    let mut element = Element::new(field.element);
    match field.cardinality {
        Cardinality::Nillable => element.nil = true,
        Cardinality::List | Cardinality::ExpectedList => {}
        Cardinality::NonemptyList => {
            let mut item = Element::new(field.item.unwrap_or_default());
            fill(&mut item, field.of);
            element.children.push(item);
        }
        // How integrations write "no day".
        Cardinality::Blankable | Cardinality::Expected
            if matches!(field.of.content, Content::Text("date")) =>
        {
            element.text = "0001-01-01".to_owned();
        }
        _ => fill(&mut element, field.of),
    }
    element
}

fn fill(element: &mut Element, of: &TypeDescription) {
    element.text = match of.content {
        Content::Text("int" | "long" | "decimal") => "0".to_owned(),
        Content::Text("boolean") => "false".to_owned(),
        Content::Text("date") => "2000-01-01".to_owned(),
        Content::Text("dateTime") => "2000-01-01T00:00:00".to_owned(),
        Content::Enumeration(values) => values.first().copied().unwrap_or_default().to_owned(),
        Content::Fields(_) => {
            fit(element, of, false);
            String::new()
        }
        Content::Choice(branches) => {
            element.children.extend(branches.first().map(blank));
            String::new()
        }
        _ => String::new(),
    };
}

#[cfg(test)]
mod tests {
    use kleer_model::{ROOTS, RootElement, RootKind};

    use super::*;

    /// What is filled in can be read by the model, whatever the type.
    #[test]
    fn every_type_can_be_filled_with_blanks() {
        for root in ROOTS {
            let xml = match &root.kind {
                RootKind::Record(of) => {
                    let mut element = Element::new(root.name);
                    fill(&mut element, of);
                    element.text.clear();
                    element.to_xml()
                }
                RootKind::List { element, item, .. } => {
                    let mut inner = Element::new(element);
                    fill(&mut inner, item);
                    Element::new(root.name).with(inner).to_xml()
                }
                _ => continue,
            };
            // An abstract type has no blank: the document must say which it is.
            if root.name == "report" {
                continue;
            }
            let written = root.rewrite(xml.as_bytes());
            assert!(written.is_ok(), "{}: {written:?}: {xml}", root.name);
        }
    }

    #[test]
    fn what_a_type_lacks_is_left_out_and_what_it_requires_is_filled() {
        let Some(RootElement {
            kind: RootKind::Record(user),
            ..
        }) = RootElement::find("user")
        else {
            panic!("a record")
        };
        let mut element = Element::new("user")
            .having("name", "A")
            .having("shoe-size", 44);
        fit(&mut element, user, false);
        assert!(element.child("shoe-size").is_none());
        assert_eq!(element.text_at("id"), Some("0"));
        assert_eq!(element.text_at("active"), Some("false"));
        assert!(element.child("foreign-id").is_none());
    }
}
