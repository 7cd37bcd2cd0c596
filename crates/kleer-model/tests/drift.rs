//! The types of this crate against the schema that Kleer publishes.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "tests")]

#[path = "../examples/drift/compare.rs"]
mod compare;
#[path = "../examples/drift/coverage.rs"]
mod coverage;
#[path = "../examples/drift/schema.rs"]
mod schema;
mod support;
mod undeclared;

use compare::{Report, compare};
use kleer_model::{ROOTS, RootElement, UNREACHABLE};
use schema::{Occurs, Particle, Schema, TypeName};

/// Kleer's schema, or `None` with a loud word.
fn published(test: &str) -> Option<Schema> {
    let file = support::corpus(test)?.join("../domain/kleer.xsd");
    Some(schema::read(&std::fs::read_to_string(file).unwrap()).unwrap())
}

fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(|item| item.to_string() + "\n").collect()
}

#[test]
fn the_model_is_what_the_schema_says() {
    let Some(schema) = published("the_model_is_what_the_schema_says") else {
        return;
    };
    let Report {
        differences,
        undeclared_roots,
        undeclared_types,
        ..
    } = compare(&schema, ROOTS, UNREACHABLE);
    assert!(
        differences.is_empty(),
        "schema and model differ:\n{}",
        lines(&differences)
    );
    let unlisted = |found: Vec<String>, list: &[&str]| {
        let unlisted = found
            .into_iter()
            .filter(|name| !list.contains(&name.as_str()));
        unlisted.collect::<Vec<String>>()
    };
    let roots = unlisted(undeclared_roots, undeclared::ROOTS);
    assert!(roots.is_empty(), "roots without a type:\n{}", lines(&roots));
    let types = unlisted(undeclared_types, undeclared::TYPES);
    assert!(
        types.is_empty(),
        "types that the model lacks:\n{}",
        lines(&types)
    );
}

#[test]
fn the_coverage_page_is_true() {
    let Some(schema) = published("the_coverage_page_is_true") else {
        return;
    };
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/coverage.md");
    let page = std::fs::read_to_string(page).unwrap();
    // The page says how it is made.
    assert_eq!(page, compare(&schema, ROOTS, UNREACHABLE).coverage.page());
}

/// Whether the comparison hears of a change to the schema.
fn is_noticed(schema: &Schema) -> bool {
    let report = compare(schema, ROOTS, UNREACHABLE);
    !report.differences.is_empty()
}

type Change = (&'static str, fn(&mut schema::Element));

const CHANGES: [Change; 4] = [
    ("another name", |element| element.name.push_str("-2")),
    ("another least occurrence", |element| {
        element.occurs.least = 1 - element.occurs.least;
    }),
    ("another most occurrence", |element| {
        element.occurs.most = if element.occurs.most.is_none() {
            Some(1)
        } else {
            None
        };
    }),
    ("another type", |element| {
        let text = TypeName::Builtin("string".to_owned());
        let number = TypeName::Builtin("int".to_owned());
        element.of = if element.of == text { number } else { text };
    }),
];

/// Puts a change at one place of the published schema at a time: none may go unnoticed.
#[test]
fn no_change_of_a_declared_type_goes_unnoticed() {
    let Some(schema) = published("no_change_of_a_declared_type_goes_unnoticed") else {
        return;
    };
    assert!(!is_noticed(&schema), "it differs unchanged");
    let compared = compare(&schema, ROOTS, UNREACHABLE).compared;
    let mut places = Vec::new();
    for index in compared {
        for (at, particle) in schema.types[index].content.iter().enumerate() {
            match particle {
                Particle::Element(_) => places.push((index, at, 0)),
                Particle::Choice(_, branches) => {
                    places.extend((0..branches.len()).map(|branch| (index, at, branch)));
                }
            }
        }
    }
    // Each place gets one of the changes, the next place the next.
    let mut tried = 0;
    for (turn, (index, at, branch)) in places.into_iter().enumerate() {
        let (name, change) = CHANGES[turn % CHANGES.len()];
        let mut changed = schema.clone();
        let element = match &mut changed.types[index].content[at] {
            Particle::Element(element) => element,
            Particle::Choice(_, branches) => &mut branches[branch],
        };
        let what = format!("{} of {:?}: {name}", element.name, schema.types[index].name);
        change(element);
        assert!(is_noticed(&changed), "{what}");
        tried += 1;
    }
    assert!(tried > 150, "only {tried} places");

    let enumerations = schema
        .simple
        .keys()
        .filter(|name| !undeclared::TYPES.contains(&name.as_str()));
    for name in enumerations.filter(|name| !schema.simple[*name].values.is_empty()) {
        let mut changed = schema.clone();
        changed
            .simple
            .get_mut(name)
            .unwrap()
            .values
            .push("Ny".to_owned());
        assert!(is_noticed(&changed), "a value more of {name}");
    }
}

/// A schema of our own that agrees with the model on `created`, `product` and
/// `client-delivery-types`, and on parts of `client-invoices`.
const SMALL: &str = r#"<?xml version="1.0"?>
<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema">
  <s:element name="created">
    <s:complexType><s:sequence><s:element name="id" type="s:int"/></s:sequence></s:complexType>
  </s:element>
  <s:element name="product" type="product"/>
  <s:complexType name="base"><s:sequence>
    <s:element name="id" type="s:int"/>
    <s:element name="foreign-id" type="s:string"/>
    <s:element name="name" type="s:string"/>
  </s:sequence></s:complexType>
  <s:complexType name="product"><s:complexContent><s:extension base="base"><s:sequence>
    <s:element name="type" type="purchase-type" minOccurs="0"/>
    <s:element name="unit" type="s:string"/>
    <s:element name="price" type="amount"/>
    <s:element name="ean" type="s:integer"/>
    <s:element name="left" type="s:string" minOccurs="0" maxOccurs="0"/>
    <s:element name="dimension-entries" minOccurs="0"><s:complexType><s:sequence>
      <s:element name="dimension-entry" type="dimension-entry-reference" minOccurs="0" maxOccurs="unbounded"/>
    </s:sequence></s:complexType></s:element>
    <s:element name="account-nr" type="s:int" minOccurs="0"/>
    <s:element name="vat-percentage" type="s:decimal" minOccurs="0"/>
    <s:element name="accounts" minOccurs="0"><s:complexType><s:sequence>
      <s:element name="se" type="s:int" minOccurs="0"/>
      <s:element name="eu" type="s:int" minOccurs="0"/>
      <s:element name="export" type="s:int" minOccurs="0"/>
    </s:sequence></s:complexType></s:element>
  </s:sequence></s:extension></s:complexContent></s:complexType>
  <s:simpleType name="amount"><s:restriction base="s:long"/></s:simpleType>
  <s:simpleType name="purchase-type"><s:restriction base="s:string">
    <s:enumeration value="Services"/><s:enumeration value="Goods"/><s:enumeration value="DigitalServices"/>
  </s:restriction></s:simpleType>
  <s:complexType name="dimension-entry-reference"><s:sequence>
    <s:element name="id" type="s:int"/>
  </s:sequence></s:complexType>
  <s:element name="client-delivery-types"><s:complexType><s:sequence>
    <s:element name="client-delivery-type" minOccurs="0" maxOccurs="unbounded"><s:complexType><s:sequence>
      <s:element name="name" type="s:string"/>
      <s:element name="default" type="s:boolean"/>
    </s:sequence></s:complexType></s:element>
  </s:sequence></s:complexType></s:element>
  <s:complexType name="page">
    <s:attribute name="offset" type="s:int"/><s:attribute name="limit" type="s:int"/><s:attribute name="size" type="s:int"/>
  </s:complexType>
  <s:element name="client-invoices"><s:complexType><s:complexContent><s:extension base="page"><s:sequence>
    <s:element name="client-invoice" minOccurs="0" maxOccurs="unbounded"><s:complexType><s:sequence>
      <s:element name="delivery-date" type="s:date"/>
      <s:element name="rows"><s:complexType><s:sequence>
        <s:element name="row" minOccurs="0" maxOccurs="unbounded"><s:complexType><s:sequence>
          <s:element name="discount" minOccurs="0"><s:complexType><s:choice>
            <s:element name="absolute" type="s:long"/>
            <s:element name="percentage" type="s:decimal"/>
          </s:choice></s:complexType></s:element>
        </s:sequence></s:complexType></s:element>
      </s:sequence></s:complexType></s:element>
    </s:sequence></s:complexType></s:element>
  </s:sequence></s:extension></s:complexContent></s:complexType></s:element>
</s:schema>"#;

/// The differences between a schema and the roots that it has.
fn differences(text: &str) -> Vec<String> {
    let schema = schema::read(text).unwrap();
    let roots = [
        "created",
        "product",
        "client-delivery-types",
        "client-invoices",
    ];
    let roots = roots
        .into_iter()
        .map(|name| RootElement::find(name).unwrap());
    let report = compare(&schema, roots, &[]);
    report.differences.iter().map(ToString::to_string).collect()
}

/// What is reported when one place of [`SMALL`] is changed, beyond what is reported of it as it is.
fn reported(from: &str, to: &str) -> Vec<String> {
    assert_eq!(SMALL.matches(from).count(), 1, "{from}");
    let before = differences(SMALL);
    let after = differences(&SMALL.replace(from, to));
    after
        .into_iter()
        .filter(|difference| !before.contains(difference))
        .collect()
}

#[test]
fn the_small_schema_agrees_where_it_says_so() {
    let unexpected = differences(SMALL);
    let unexpected: Vec<_> = unexpected
        .iter()
        .filter(|line| !line.starts_with("client-invoices/client-invoice"))
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    for agreed in [
        "/delivery-date",
        "/rows",
        "/rows/row/discount",
        "/rows/row/discount/absolute",
    ] {
        let path = format!("client-invoices/client-invoice{agreed}: ");
        assert!(
            !differences(SMALL)
                .iter()
                .any(|line| line.starts_with(&path)),
            "{agreed}"
        );
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn each_kind_of_change_is_named_with_its_path() {
    let cases: &[(&str, &str, &[&str])] = &[
        // A renamed element.
        (
            r#""unit""#,
            r#""units""#,
            &[
                "product/units: in the schema, not in the model",
                "product/unit: in the model, not in the schema",
            ],
        ),
        // An added one, also in the base.
        (
            r#"<s:element name="unit" "#,
            r#"<s:element name="new" type="s:int"/><s:element name="unit" "#,
            &["product/new: in the schema, not in the model"],
        ),
        (
            r#"<s:element name="foreign-id" "#,
            r#"<s:element name="new" type="s:int"/><s:element name="foreign-id" "#,
            &["product/new: in the schema, not in the model"],
        ),
        // One that had been switched off.
        (
            r#"maxOccurs="0""#,
            r#"maxOccurs="1""#,
            &["product/left: in the schema, not in the model"],
        ),
        // Another order.
        (
            r#"<s:element name="eu" type="s:int" minOccurs="0"/>
      <s:element name="export" type="s:int" minOccurs="0"/>"#,
            r#"<s:element name="export" type="s:int" minOccurs="0"/>
      <s:element name="eu" type="s:int" minOccurs="0"/>"#,
            &["product/accounts/eu: stands behind export in the schema, before it in the model"],
        ),
        // Other occurrences.
        (
            r#"type="s:decimal" minOccurs="0""#,
            r#"type="s:decimal""#,
            &["product/vat-percentage: stands 1..1 in the schema, 0..1 in the model"],
        ),
        (
            r#"name="price""#,
            r#"name="price" maxOccurs="unbounded""#,
            &["product/price: stands 1..* in the schema, 1..1 in the model"],
        ),
        (
            r#"<s:element name="dimension-entries" minOccurs="0">"#,
            r#"<s:element name="dimension-entries">"#,
            &["product/dimension-entries: stands 1..1 in the schema, 0..1 in the model"],
        ),
        (
            r#"type="dimension-entry-reference" minOccurs="0""#,
            r#"type="dimension-entry-reference""#,
            &[
                "product/dimension-entries/dimension-entry: stands 1..* in the schema, 0..* in the model",
            ],
        ),
        (
            r#"name="client-delivery-type" minOccurs="0" maxOccurs="unbounded""#,
            r#"name="client-delivery-type" minOccurs="0" maxOccurs="9""#,
            &[
                "client-delivery-types/client-delivery-type: stands 0..9 in the schema, 0..* in the model",
            ],
        ),
        (
            r#"name="unit""#,
            r#"name="unit" nillable="true""#,
            &["product/unit: may be nil in the schema, cannot be nil in the model"],
        ),
        // Values of an enumeration.
        (
            r#"value="Goods""#,
            r#"value="Wares""#,
            &[
                "product/type: the value Wares of purchase-type is not in the model",
                "product/type: the value Goods of purchase-type is not in the schema",
            ],
        ),
        // Types.
        (
            r#"name="default" type="s:boolean""#,
            r#"name="default" type="s:string""#,
            &[
                "client-delivery-types/client-delivery-type/default: is xs:string in the schema, xs:boolean in the model",
            ],
        ),
        (
            r#"type="purchase-type""#,
            r#"type="s:string""#,
            &[
                "product/type: is xs:string in the schema, the enumeration PurchaseType in the model",
            ],
        ),
        (
            r#"<s:restriction base="s:long"/>"#,
            r#"<s:restriction base="s:decimal"/>"#,
            &["product/price: is xs:decimal in the schema, xs:long in the model"],
        ),
        (
            r#"<s:complexType name="product">"#,
            r#"<s:complexType name="product" abstract="true">"#,
            &["product: is abstract in the schema, not in the model"],
        ),
        // A list that becomes a record.
        (
            r#"type="dimension-entry-reference" minOccurs="0" maxOccurs="unbounded"/>"#,
            r#"type="dimension-entry-reference" minOccurs="0" maxOccurs="unbounded"/><s:element name="note" type="s:string"/>"#,
            &[
                "product/dimension-entries: a list of dimension-entry in the model, not in the schema",
            ],
        ),
        // Attributes.
        (
            r#"</s:sequence></s:extension></s:complexContent></s:complexType>
  <s:simpleType name="amount">"#,
            r#"</s:sequence><s:attribute name="locked" type="s:boolean"/></s:extension></s:complexContent></s:complexType>
  <s:simpleType name="amount">"#,
            &["product: the attribute locked is not in the model"],
        ),
        (
            r#"<s:attribute name="size" type="s:int"/>"#,
            "",
            &["client-invoices: the attribute size is not in the schema"],
        ),
        (
            r#"<s:attribute name="size" type="s:int"/>"#,
            r#"<s:attribute name="size" type="s:long"/>"#,
            &["client-invoices: the attribute size is of type long, not int"],
        ),
        // Choices.
        (
            "<s:choice>",
            r#"<s:choice minOccurs="0">"#,
            &[
                "client-invoices/client-invoice/rows/row/discount/absolute|percentage: \
             the choice stands 0..1 in the schema, 1..1 in the model",
            ],
        ),
        (
            r#"<s:element name="absolute" type="s:long"/>"#,
            r#"<s:element name="absolute" type="s:long"/><s:element name="new" type="s:long"/>"#,
            &[
                "client-invoices/client-invoice/rows/row/discount/new: in the schema's choice, not in the model's",
            ],
        ),
        (
            r#"<s:element name="absolute" type="s:long"/>"#,
            "",
            &[
                "client-invoices/client-invoice/rows/row/discount/absolute: in the model's choice, not in the schema's",
            ],
        ),
        // A root.
        (
            r#"<s:element name="created">"#,
            r#"<s:element name="made">"#,
            &["created: a root in the model, not in the schema"],
        ),
        // What the comparison has no rule for is a difference too.
        (
            r#"name="unit""#,
            r#"name="unit" fixed="st""#,
            &[
                "schema: not understood by this comparison: line 14: <element> has the attribute fixed",
            ],
        ),
        (
            r#"<s:restriction base="s:long"/>"#,
            r#"<s:restriction base="s:long"><s:maxInclusive value="9"/></s:restriction>"#,
            &[
                "schema: not understood by this comparison: line 29: <maxInclusive> restricts a simple type",
            ],
        ),
    ];
    for (from, to, expected) in cases {
        assert_eq!(&reported(from, to), expected, "{from} -> {to}");
    }
}

#[test]
fn what_the_model_lacks_is_listed() {
    let schema = schema::read(SMALL).unwrap();
    let report = compare(&schema, RootElement::find("created"), &[]);
    assert_eq!(report.differences, []);
    assert_eq!(
        report.undeclared_roots,
        ["client-delivery-types", "client-invoices", "product"]
    );
    let types = [
        "base",
        "dimension-entry-reference",
        "page",
        "product",
        "purchase-type",
    ];
    assert_eq!(report.undeclared_types, types);
    let coverage = report.coverage;
    assert_eq!(coverage.roots.to_string(), "1 of 4");
    assert_eq!(coverage.types.to_string(), "0 of 4");
    assert_eq!(coverage.enumerations.to_string(), "0 of 1");
    assert_eq!(coverage.anonymous.to_string(), "1 of 10");
}

#[test]
fn what_is_no_schema_is_refused() {
    for text in ["", "<a/>", "<s:schema", "<s:schema></s:other>", "text"] {
        assert!(schema::read(text).is_err(), "{text}");
    }
    assert_eq!(
        Occurs {
            least: 0,
            most: None
        }
        .to_string(),
        "0..*"
    );
}
