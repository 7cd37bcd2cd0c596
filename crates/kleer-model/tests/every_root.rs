//! What holds for every document of every root, whatever its type: instances are made from the
//! types' own descriptions, as the exact text that the writer must write.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use kleer_model::{
    Cardinality, Content, FieldDescription, ROOTS, ReadOptions, RootElement, RootKind,
    TypeDescription,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rust_decimal::Decimal;

/// Documents tried of each root, by each of the two properties.
const CASES: u32 = 40;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element of a document.
#[derive(Clone)]
struct Element {
    name: String,
    /// As written, with a space before each.
    attributes: String,
    inside: Inside,
}

#[derive(Debug, Clone)]
enum Inside {
    /// Content as written.
    Text(String),
    /// The fields of a record, in order; elements of strangers may stand between them.
    Fields(Vec<Field>),
    /// The items of a list; elements of strangers may stand between them.
    Items(Vec<Element>),
    /// The one branch of a choice; beside it nothing may stand.
    Branch(Box<Element>),
}

/// What stands for a field of a record: none, one or several elements.
#[derive(Debug, Clone)]
struct Field {
    cardinality: Cardinality,
    shape: Shape,
    elements: Vec<Element>,
}

/// How a field shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Absent,
    Nil,
    Blank,
    Empty,
    One,
    Several,
}

/// The shapes that a cardinality allows; each must turn up.
fn shapes(cardinality: Cardinality) -> &'static [Shape] {
    use Cardinality as C;
    match cardinality {
        C::Required | C::Expected | C::Choice => &[Shape::One],
        C::Optional | C::OptionalChoice => &[Shape::Absent, Shape::One],
        C::List | C::ExpectedList | C::Repeated | C::RepeatedChoice => {
            &[Shape::Empty, Shape::One, Shape::Several]
        }
        C::OptionalList => &[Shape::Absent, Shape::Empty, Shape::One, Shape::Several],
        C::Nonempty | C::NonemptyList => &[Shape::One, Shape::Several],
        C::OptionalNonemptyList => &[Shape::Absent, Shape::One, Shape::Several],
        C::Nillable => &[Shape::Nil, Shape::One],
        C::OptionalNillable => &[Shape::Absent, Shape::Nil, Shape::One],
        C::Blankable => &[Shape::Blank, Shape::One],
        _ => panic!("{cardinality:?} is not generated"),
    }
}

impl std::fmt::Debug for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_xml())
    }
}

impl Element {
    fn new(name: &str, attributes: String, inside: Inside) -> Self {
        let name = name.to_owned();
        Self {
            name,
            attributes,
            inside,
        }
    }

    fn nil(name: &str) -> Self {
        let attributes = format!(" xmlns:xsi=\"{XSI}\" xsi:nil=\"true\"");
        Self::new(name, attributes, Inside::Text(String::new()))
    }

    fn write(&self, out: &mut String) {
        let mut inside = String::new();
        match &self.inside {
            Inside::Text(text) => inside.push_str(text),
            Inside::Fields(fields) => {
                let elements = fields.iter().flat_map(|field| &field.elements);
                elements.for_each(|element| element.write(&mut inside));
            }
            Inside::Items(items) => items.iter().for_each(|item| item.write(&mut inside)),
            Inside::Branch(branch) => branch.write(&mut inside),
        }
        let Self {
            name, attributes, ..
        } = self;
        let written = match inside.as_str() {
            "" => format!("<{name}{attributes}/>"),
            inside => format!("<{name}{attributes}>{inside}</{name}>"),
        };
        out.push_str(&written);
    }

    fn to_xml(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// The number of places where an element that nobody knows may stand.
    fn places(&self) -> usize {
        match &self.inside {
            Inside::Text(_) => 0,
            Inside::Fields(fields) => {
                let elements = fields.iter().flat_map(|field| &field.elements);
                fields.len() + 1 + elements.map(Self::places).sum::<usize>()
            }
            Inside::Items(items) => items.len() + 1 + items.iter().map(Self::places).sum::<usize>(),
            Inside::Branch(branch) => branch.places(),
        }
    }

    /// Puts a stranger at a place; `Err` holds how many places further it is.
    fn insert(&mut self, mut place: usize, stranger: &Element) -> Result<(), usize> {
        match &mut self.inside {
            Inside::Text(_) => Err(place),
            Inside::Branch(branch) => branch.insert(place, stranger),
            Inside::Items(items) => {
                if place <= items.len() {
                    items.insert(place, stranger.clone());
                    return Ok(());
                }
                place -= items.len() + 1;
                insert_below(items.iter_mut(), place, stranger)
            }
            Inside::Fields(fields) => {
                if place <= fields.len() {
                    let stranger = Field {
                        cardinality: Cardinality::Required,
                        shape: Shape::One,
                        elements: vec![stranger.clone()],
                    };
                    fields.insert(place, stranger);
                    return Ok(());
                }
                place -= fields.len() + 1;
                let elements = fields.iter_mut().flat_map(|field| &mut field.elements);
                insert_below(elements, place, stranger)
            }
        }
    }

    fn count(&self, counts: &mut BTreeMap<(String, Shape), usize>) {
        match &self.inside {
            Inside::Text(_) => {}
            Inside::Branch(branch) => branch.count(counts),
            Inside::Items(items) => items.iter().for_each(|item| item.count(counts)),
            Inside::Fields(fields) => {
                for Field {
                    cardinality,
                    shape,
                    elements,
                } in fields
                {
                    *counts
                        .entry((format!("{cardinality:?}"), *shape))
                        .or_default() += 1;
                    for element in elements {
                        element.count(counts);
                    }
                }
            }
        }
    }
}

fn insert_below<'e>(
    elements: impl Iterator<Item = &'e mut Element>,
    mut place: usize,
    stranger: &Element,
) -> Result<(), usize> {
    for element in elements {
        match element.insert(place, stranger) {
            Ok(()) => return Ok(()),
            Err(further) => place = further,
        }
    }
    Err(place)
}

/// Text as the writer escapes it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\r', "&#13;")
}

/// Any text that XML can hold, with awkward characters more often than chance would have them.
fn text() -> BoxedStrategy<String> {
    let awkward = "<>&\"'\r\n\t ]å\u{85}\u{a0}\u{2028}\u{feff}\u{fffd}😀";
    let character = prop_oneof![
        3 => any::<char>(),
        1 => select(awkward.chars().collect::<Vec<char>>()),
    ];
    let allowed = |character: &char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    let characters = prop::collection::vec(character.prop_filter("not in XML", allowed), 0..12);
    prop_oneof![
        4 => characters.prop_map(String::from_iter),
        1 => select(vec!["", " ", "]]>", "&amp;", "<![CDATA[x]]>", "-->", "0001-01-01", "true"])
            .prop_map(str::to_owned),
    ]
    .prop_map(|text| escape(&text))
    .boxed()
}

fn date() -> BoxedStrategy<String> {
    // The year 1 is left out: where a date may be blank, its first day says so.
    let day = (2_i32..=12_000, 1_u32..=12, 1_u32..=28);
    day.prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
        .boxed()
}

fn date_time() -> BoxedStrategy<String> {
    let clock = (0..24, 0..60, 0..60)
        .prop_map(|(hour, minute, second)| format!("T{hour:02}:{minute:02}:{second:02}"));
    let fraction = prop_oneof![
        Just(String::new()),
        // As long as it need be: no zero at the end.
        (0_u32..100_000_000, 1..=9).prop_map(|(digits, last)| format!(".{digits:08}{last}")),
        (1..=9).prop_map(|digit| format!(".{digit}")),
    ];
    let zone = prop_oneof![
        Just(String::new()),
        Just("Z".to_owned()),
        (select(vec!['+', '-']), 0..14, 1..60)
            .prop_map(|(sign, hours, minutes)| format!("{sign}{hours:02}:{minutes:02}")),
    ];
    (date(), clock, fraction, zone)
        .prop_map(|(date, clock, fraction, zone)| [date, clock, fraction, zone].concat())
        .boxed()
}

/// Content of a built-in type.
fn builtin(name: &str) -> BoxedStrategy<String> {
    match name {
        "string" => text(),
        "int" => any::<i32>().prop_map(|number| number.to_string()).boxed(),
        "long" => any::<i64>().prop_map(|number| number.to_string()).boxed(),
        "decimal" => (any::<i64>(), 0_u32..=28)
            .prop_map(|(mantissa, scale)| {
                let number = Decimal::new(mantissa, scale);
                // Readers cut zeros at the end of what would be too long with them.
                if scale > 20 {
                    number.normalize()
                } else {
                    number
                }
                .to_string()
            })
            .boxed(),
        "boolean" => any::<bool>().prop_map(|truth| truth.to_string()).boxed(),
        "date" => date(),
        "dateTime" => date_time(),
        "hexBinary" => prop::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| {
                let digits = bytes.iter().map(|byte| format!("{byte:02X}"));
                digits.collect::<Vec<String>>().concat()
            })
            .boxed(),
        _ => panic!("xs:{name} is not generated"),
    }
}

/// An element of a type.
fn element(name: &'static str, of: &'static TypeDescription) -> BoxedStrategy<Element> {
    match of.content {
        Content::Any => any_value(name),
        Content::Abstract(concrete) => {
            let known = concrete.iter().map(|of| {
                let schema = of.schema;
                let attributes = format!(" xmlns:xsi=\"{XSI}\" xsi:type=\"{schema}\"");
                let inside = content(of);
                inside
                    .prop_map(move |inside| Element::new(name, attributes.clone(), inside))
                    .boxed()
            });
            // A type of tomorrow.
            let attributes = format!(" xmlns:xsi=\"{XSI}\" xsi:type=\"of-tomorrow\"");
            let unknown = text().prop_map(move |text| {
                let content = format!("<x>{text}</x><y/>");
                Element::new(name, attributes.clone(), Inside::Text(content))
            });
            let all: Vec<_> = known.chain([unknown.boxed()]).collect();
            proptest::strategy::Union::new(all).boxed()
        }
        _ => content(of)
            .prop_map(move |inside| Element::new(name, String::new(), inside))
            .boxed(),
    }
}

/// A value whose type only the document says.
fn any_value(name: &'static str) -> BoxedStrategy<Element> {
    // A prefix in the content would be taken for one that is in use.
    let text = text().prop_filter("holds a prefix", |text| !text.contains(':'));
    let typed = |name: &str| {
        format!(
            " xmlns:xsi=\"{XSI}\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
             xsi:type=\"xs:{name}\""
        )
    };
    let number = builtin("decimal").prop_map(move |number| (typed("decimal"), number));
    let day = date().prop_map(move |day| (typed("date"), day));
    let own = date().prop_map(|day| {
        (
            format!(" xmlns:xsi=\"{XSI}\" xsi:type=\"year-month\""),
            format!("<month>{day}</month>"),
        )
    });
    prop_oneof![
        text.prop_map(|text| (String::new(), text)),
        number,
        day,
        own
    ]
    .prop_map(move |(attributes, text)| Element::new(name, attributes, Inside::Text(text)))
    .boxed()
}

/// The content of an element of a type that is not abstract.
fn content(of: &'static TypeDescription) -> BoxedStrategy<Inside> {
    match of.content {
        Content::Text(name) => builtin(name).prop_map(Inside::Text).boxed(),
        Content::Enumeration(values) => {
            let known = select(values).prop_map(str::to_owned);
            // Values of tomorrow are kept.
            prop_oneof![4 => known, 1 => text()]
                .prop_map(Inside::Text)
                .boxed()
        }
        Content::Fields(fields) => {
            let fields: Vec<_> = fields.iter().map(field).collect();
            fields.prop_map(Inside::Fields).boxed()
        }
        Content::Choice(branches) => {
            let unknown = text()
                .prop_map(|text| Element::new("of-tomorrow", String::new(), Inside::Text(text)));
            prop_oneof![6 => one_of(branches), 1 => unknown]
                .prop_map(|branch| Inside::Branch(Box::new(branch)))
                .boxed()
        }
        _ => panic!("{of:?} is not generated"),
    }
}

fn one_of(branches: &'static [FieldDescription]) -> BoxedStrategy<Element> {
    let branches = branches
        .iter()
        .map(|branch| element(branch.element, branch.of));
    proptest::strategy::Union::new(branches).boxed()
}

/// What stands for a field.
fn field(field: &'static FieldDescription) -> BoxedStrategy<Field> {
    use Cardinality as C;
    let cardinality = field.cardinality;
    let one = match (cardinality, &field.of.content) {
        (C::Choice | C::OptionalChoice | C::RepeatedChoice, Content::Choice(branches)) => {
            one_of(branches)
        }
        _ => element(field.item.unwrap_or(field.element), field.of),
    };
    let (is_list, name) = (field.item.is_some(), field.element);
    select(shapes(cardinality))
        .prop_flat_map(move |shape| {
            let number = match shape {
                Shape::Absent | Shape::Nil | Shape::Blank | Shape::Empty => 0..=0,
                Shape::One => 1..=1,
                Shape::Several => 2..=3,
            };
            let elements = prop::collection::vec(one.clone(), number);
            elements.prop_map(move |elements| {
                let elements = match shape {
                    Shape::Absent => elements,
                    Shape::Nil => vec![Element::nil(name)],
                    Shape::Blank => {
                        let blank = Inside::Text("0001-01-01".to_owned());
                        vec![Element::new(name, String::new(), blank)]
                    }
                    _ if is_list => {
                        vec![Element::new(name, String::new(), Inside::Items(elements))]
                    }
                    _ => elements,
                };
                Field {
                    cardinality,
                    shape,
                    elements,
                }
            })
        })
        .boxed()
}

/// A document of a root.
fn document(root: &'static RootElement) -> BoxedStrategy<Element> {
    match root.kind {
        RootKind::Record(of) => element(root.name, of),
        RootKind::List {
            element: item,
            item: of,
            paged,
        } => {
            let items = prop::collection::vec(element(item, of), 0..4);
            let page = ["offset", "limit", "size"].map(|name| {
                let attribute =
                    any::<i32>().prop_map(move |number| format!(" {name}=\"{number}\""));
                prop::option::of(attribute).prop_map(Option::unwrap_or_default)
            });
            let page = if paged {
                page.prop_map(|page| page.concat()).boxed()
            } else {
                Just(String::new()).boxed()
            };
            (items, page)
                .prop_map(|(items, page)| Element::new(root.name, page, Inside::Items(items)))
                .boxed()
        }
        _ => panic!("{root:?} is not generated"),
    }
}

/// Tries a property on documents of every root.
fn for_every_root<I: std::fmt::Debug>(
    inputs: impl Fn(&'static RootElement) -> BoxedStrategy<I>,
    property: impl Fn(&'static RootElement, I) -> Result<(), TestCaseError>,
) {
    for root in ROOTS {
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        let mut runner = TestRunner::new(config);
        if let Err(error) = runner.run(&inputs(root), |input| property(root, input)) {
            panic!("<{}>: {error}", root.name);
        }
    }
}

fn fails(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// The cardinalities that the declared types use, with the shapes of each.
fn wanted() -> BTreeSet<(String, Shape)> {
    fn walk(of: &TypeDescription, wanted: &mut BTreeSet<(String, Shape)>) {
        match of.content {
            Content::Fields(fields) => {
                for field in fields {
                    let cardinality = format!("{:?}", field.cardinality);
                    let shapes = shapes(field.cardinality).iter();
                    wanted.extend(shapes.map(|shape| (cardinality.clone(), *shape)));
                    walk(field.of, wanted);
                }
            }
            Content::Choice(branches) => branches.iter().for_each(|one| walk(one.of, wanted)),
            Content::Abstract(concrete) => concrete.iter().for_each(|one| walk(one, wanted)),
            _ => {}
        }
    }
    let mut wanted = BTreeSet::new();
    for root in ROOTS {
        match root.kind {
            RootKind::Record(of) | RootKind::List { item: of, .. } => walk(of, &mut wanted),
            _ => panic!("{root:?} is not generated"),
        }
    }
    wanted
}

#[test]
fn every_document_of_every_root_survives() {
    let counts = RefCell::new(BTreeMap::new());
    for_every_root(document, |root, document| {
        let xml = document.to_xml();
        let written = root.verify(xml.as_bytes()).map_err(fails)?;
        prop_assert_eq!(&written, &xml);
        document.count(&mut counts.borrow_mut());
        Ok(())
    });
    let counts = counts.into_inner();
    for shape in wanted() {
        assert!(counts.contains_key(&shape), "{shape:?} did not come up");
    }
}

/// Elements that no type has.
fn stranger() -> BoxedStrategy<Element> {
    let attributes = select(vec!["", " a=\"1\" b='&lt;'", " xmlns:k=\"urn:k\" k:a=\"\""]);
    let nested = select(vec![
        "",
        "<id>7</id>",
        "<!-- note --><a/> <b>x</b>",
        "<![CDATA[<]]>",
    ]);
    (
        select(vec!["of-tomorrow", "Kommande", "_1"]),
        attributes,
        text(),
        nested,
    )
        .prop_map(|(name, attributes, text, nested)| {
            Element::new(name, attributes.to_owned(), Inside::Text(text + nested))
        })
        .boxed()
}

#[test]
fn elements_that_nobody_knows_survive_wherever_they_stand() {
    let inserted = RefCell::new(0);
    let inputs = |root| {
        let strangers = prop::collection::vec((stranger(), any::<Index>()), 1..4);
        (document(root), strangers).boxed()
    };
    for_every_root(inputs, |root, (mut document, strangers)| {
        for (stranger, at) in strangers {
            let place = at.index(document.places().max(1));
            // A choice has no place for one.
            *inserted.borrow_mut() += usize::from(document.insert(place, &stranger).is_ok());
        }
        let xml = document.to_xml();
        let written = root.verify(xml.as_bytes()).map_err(fails)?;
        prop_assert_eq!(&written, &xml);
        Ok(())
    });
    let documents = usize::try_from(CASES).unwrap() * ROOTS.len();
    assert!(
        *inserted.borrow() > documents,
        "{inserted:?} strangers in {documents} documents"
    );
}

#[test]
fn strict_reading_refuses_what_nobody_knows() {
    let refused = RefCell::new(0);
    let inputs = |root| (document(root), stranger(), any::<Index>()).boxed();
    for_every_root(inputs, |root, (mut document, stranger, at)| {
        let place = at.index(document.places().max(1));
        if document.insert(place, &stranger).is_ok() {
            let strict = ReadOptions::default().with_strict(true);
            prop_assert!(
                root.rewrite_with(document.to_xml().as_bytes(), &strict)
                    .is_err()
            );
            *refused.borrow_mut() += 1;
        }
        Ok(())
    });
    assert!(refused.into_inner() > 0);
}
