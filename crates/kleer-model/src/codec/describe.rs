//! The schema as the model knows it, as constant data.

/// A type of the schema: what the model reads and writes of it.
///
/// Tests compare it with the published schema; the sandbox and the documentation are fed by it.
///
/// ```
/// use kleer_model::{Client, Content, Described};
///
/// let client = Client::DESCRIPTION;
/// assert_eq!(client.schema, "client");
/// let Content::Fields(fields) = client.content else { panic!("a record") };
/// assert!(fields.iter().any(|field| field.element == "vat-nr"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct TypeDescription {
    /// The type's name in the schema, or `""` where the schema gives it none.
    pub schema: &'static str,
    /// The type's name in Rust.
    pub rust: &'static str,
    /// What an element of this type holds.
    pub content: Content,
}

/// What an element of a type holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Content {
    /// Child elements, in this order (`xs:sequence`).
    Fields(&'static [FieldDescription]),
    /// One of these child elements (`xs:choice`).
    Choice(&'static [FieldDescription]),
    /// Text of this built-in type (`string`, `int`, `long`, `decimal`, `boolean`, `date`,
    /// `dateTime`, `hexBinary`).
    Text(&'static str),
    /// What one of these types holds; the element's `xsi:type` says which.
    Abstract(&'static [&'static TypeDescription]),
    /// Anything (`xs:anyType`).
    Any,
    /// One of these texts; unknown ones are kept.
    Enumeration(&'static [&'static str]),
}

/// A child element of a type.
#[derive(Debug)]
#[non_exhaustive]
pub struct FieldDescription {
    /// The field's name in Rust.
    pub field: &'static str,
    /// The element's name.
    pub element: &'static str,
    /// The name of the items, where the element is the wrapper of a list.
    pub item: Option<&'static str>,
    /// How often it stands.
    pub cardinality: Cardinality,
    /// Whether it holds personal data, and is hidden from `Debug`.
    pub personal: bool,
    /// The type of the element, or of the items.
    pub of: &'static TypeDescription,
}

/// How often an element stands, and whether it may say "no value".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cardinality {
    /// Once.
    Required,
    /// At most once.
    Optional,
    /// Once, around any number of items.
    List,
    /// At most once, around any number of items: absent is not empty.
    OptionalList,
    /// Any number of times, without a wrapper.
    Repeated,
    /// Once, perhaps as `xsi:nil`.
    Nillable,
    /// At most once, perhaps as `xsi:nil`: absent, nil and a value are three things.
    OptionalNillable,
    /// Once; an empty text or the year 1 stand for "none".
    Blankable,
    /// Once, around at least one item.
    NonemptyList,
    /// At most once, around at least one item.
    OptionalNonemptyList,
    /// At least once, without a wrapper.
    Nonempty,
    /// Once in the schema; readers take its absence.
    Expected,
    /// Once in the schema, around any number of items; readers take its absence.
    ExpectedList,
    /// One of the elements of the field's type, which is a choice, among the other fields.
    Choice,
    /// At most one of them.
    OptionalChoice,
    /// Any number of them, in any order.
    RepeatedChoice,
}

/// A type that describes itself.
pub trait Described {
    /// The description.
    const DESCRIPTION: &'static TypeDescription;
}
