//! Reads an XML Schema, as far as Kleer's goes: sequences, choices, extensions, enumerations.
//!
//! What it does not know is named in [`Schema::not_understood`] and never passed over, since a
//! constraint that is passed over is a difference that nobody hears of.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// A schema.
#[derive(Debug, Default, Clone)]
pub struct Schema {
    /// The global elements: what may be the root of a document.
    pub elements: BTreeMap<String, Element>,
    /// Every complex type, named or not; [`TypeName::Complex`] points into it.
    pub types: Vec<ComplexType>,
    /// Where the named complex types stand in `types`.
    pub named: BTreeMap<String, usize>,
    /// The named simple types.
    pub simple: BTreeMap<String, SimpleType>,
    /// Parts of the schema that this reader has no rule for.
    pub not_understood: Vec<String>,
}

/// An element, global or in a sequence or choice.
#[derive(Debug, Clone)]
pub struct Element {
    pub name: String,
    pub of: TypeName,
    pub occurs: Occurs,
    pub nillable: bool,
}

/// How often something stands: at least, and at most (`None` is unbounded).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurs {
    pub least: u32,
    pub most: Option<u32>,
}

/// What an element holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeName {
    /// A type of XML Schema itself, without its prefix.
    Builtin(String),
    /// A type of this schema by name, complex or simple.
    Named(String),
    /// A type without a name, as an index into [`Schema::types`].
    Anonymous(usize),
}

/// A complex type.
#[derive(Debug, Default, Clone)]
pub struct ComplexType {
    /// Its name, unless it stands inside an element.
    pub name: Option<String>,
    /// Whether only types that extend it can stand in a document.
    pub is_abstract: bool,
    /// Whether no document can hold it (`maxOccurs="0"`).
    pub is_forbidden: bool,
    /// The type that it extends.
    pub base: Option<String>,
    /// Its own attributes: name and type.
    pub attributes: Vec<(String, String)>,
    /// Its own content, behind that of the base.
    pub content: Vec<Particle>,
}

/// A part of a complex type's content.
#[derive(Debug, Clone)]
pub enum Particle {
    Element(Element),
    Choice(Occurs, Vec<Element>),
}

/// A simple type: a restriction of a built-in one.
#[derive(Debug, Clone)]
pub struct SimpleType {
    pub base: String,
    /// The values, if it is an enumeration.
    pub values: Vec<String>,
}

/// An element of the schema document itself.
struct Node {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
    line: usize,
}

impl Node {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// Reads a schema.
///
/// # Errors
/// When the text is not well-formed XML or no schema; in words.
pub fn read(text: &str) -> Result<Schema, String> {
    let root = read_nodes(text)?;
    if root.name != "schema" {
        return Err(format!(
            "the root element is <{}>, expected <xs:schema>",
            root.name
        ));
    }
    let mut schema = Schema::default();
    schema.know(
        &root,
        &["elementFormDefault", "attributeFormDefault", "version"],
    );
    for node in &root.children {
        schema.read_global(node);
    }
    schema.check_bases();
    Ok(schema)
}

fn read_nodes(text: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Node> = Vec::new();
    let (mut line, mut counted) = (1, 0);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        line += text
            .get(counted..at)
            .map_or(0, |passed| passed.matches('\n').count());
        counted = at;
        match reader.read_event() {
            Err(error) => return Err(format!("line {line}: {error}")),
            Ok(Event::Eof) => return Err("the document ends too early".to_owned()),
            Ok(Event::Start(start)) => open.push(node(&start, line)?),
            Ok(Event::End(_)) => {
                let Some(closed) = open.pop() else {
                    return Err(format!("line {line}: an end tag too many"));
                };
                match open.last_mut() {
                    None => return Ok(closed),
                    // Words for people.
                    Some(_) if closed.name == "annotation" => {}
                    Some(parent) => parent.children.push(closed),
                }
            }
            Ok(_) => {}
        }
    }
}

fn node(start: &BytesStart<'_>, line: usize) -> Result<Node, String> {
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("line {line}: {error}"))?;
        let key: &str = attribute.key.as_ref();
        if !key.starts_with("xmlns") {
            attributes.insert(key.to_owned(), attribute.value.into_owned());
        }
    }
    Ok(Node {
        name: local(start.name().as_ref()).to_owned(),
        attributes,
        children: Vec::new(),
        line,
    })
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

impl Schema {
    /// The complex type that an element holds, if it holds one.
    pub fn complex(&self, of: &TypeName) -> Option<usize> {
        match of {
            TypeName::Builtin(_) => None,
            TypeName::Named(name) => self.named.get(name).copied(),
            TypeName::Anonymous(index) => Some(*index),
        }
    }

    /// The content of a type, with that of the types it extends.
    pub fn content(&self, index: usize) -> Vec<&Particle> {
        let of = &self.types[index];
        let mut content = self
            .base(of)
            .map_or_else(Vec::new, |base| self.content(base));
        content.extend(&of.content);
        content
    }

    /// The attributes of a type, with those of the types it extends.
    pub fn attributes(&self, index: usize) -> Vec<(&str, &str)> {
        let of = &self.types[index];
        let mut attributes = self
            .base(of)
            .map_or_else(Vec::new, |base| self.attributes(base));
        attributes.extend(
            of.attributes
                .iter()
                .map(|(name, of)| (name.as_str(), of.as_str())),
        );
        attributes
    }

    /// Likewise its base.
    pub fn base(&self, of: &ComplexType) -> Option<usize> {
        self.named.get(of.base.as_deref()?).copied()
    }

    /// Follows types that only give another one a place (`<xs:extension base="x"/>`).
    pub fn alias_of(&self, mut index: usize) -> usize {
        loop {
            let of = &self.types[index];
            let adds_nothing = of.content.is_empty() && of.attributes.is_empty();
            match self.base(of) {
                Some(base) if of.name.is_none() && adds_nothing => index = base,
                _ => return index,
            }
        }
    }

    /// The named types that can stand for an abstract one.
    pub fn concrete(&self, ancestor: usize) -> Vec<usize> {
        let descends = |index: &usize| {
            let mut at = *index;
            while let Some(base) = self.base(&self.types[at]) {
                if base == ancestor {
                    return true;
                }
                at = base;
            }
            false
        };
        let named = self.named.values().copied();
        named
            .filter(|index| !self.types[*index].is_abstract)
            .filter(descends)
            .collect()
    }

    fn puzzle(&mut self, node: &Node, what: &str) {
        let Node { name, line, .. } = node;
        self.not_understood
            .push(format!("line {line}: <{name}> {what}"));
    }

    /// Takes note of attributes that there is no rule for.
    fn know(&mut self, node: &Node, known: &[&str]) {
        for name in node
            .attributes
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
        {
            self.puzzle(node, &format!("has the attribute {name}"));
        }
    }

    fn check_bases(&mut self) {
        let bases = self.types.iter().filter_map(|of| of.base.as_ref());
        let unknown: Vec<String> = bases
            .filter(|base| !self.named.contains_key(*base))
            .cloned()
            .collect();
        for base in unknown {
            self.not_understood
                .push(format!("the type {base}, which another one extends"));
        }
    }

    fn read_global(&mut self, node: &Node) {
        let name = node.attribute("name").unwrap_or_default().to_owned();
        let known_before = match node.name.as_str() {
            "element" => {
                let element = self.read_element(node);
                self.elements.insert(name, element).is_some()
            }
            "complexType" => {
                let index = self.read_complex(node);
                self.types[index].name = Some(name.clone());
                self.named.insert(name, index).is_some()
            }
            "simpleType" => {
                let simple = self.read_simple(node);
                self.simple.insert(name, simple).is_some()
            }
            _ => return self.puzzle(node, "stands at the top"),
        };
        if known_before {
            self.puzzle(node, "has a name that another one has");
        }
    }

    fn occurs(&mut self, node: &Node) -> Occurs {
        let number = |text: &str| text.trim().parse::<u32>();
        let least = node.attribute("minOccurs").map_or(Ok(1), number);
        let most = match node.attribute("maxOccurs") {
            None => Ok(Some(1)),
            Some("unbounded") => Ok(None),
            Some(text) => number(text).map(Some),
        };
        if let (Ok(least), Ok(most)) = (least, most) {
            return Occurs { least, most };
        }
        self.puzzle(node, "has an occurrence that is no number");
        Occurs {
            least: 1,
            most: Some(1),
        }
    }

    fn read_element(&mut self, node: &Node) -> Element {
        self.know(
            node,
            &["name", "type", "minOccurs", "maxOccurs", "nillable"],
        );
        if node.attribute("name").is_none() {
            self.puzzle(node, "has no name");
        }
        let of = match (node.attribute("type"), node.children.as_slice()) {
            (Some(of), []) => type_name(of),
            (None, [child]) if child.name == "complexType" => {
                TypeName::Anonymous(self.read_complex(child))
            }
            (None, []) => TypeName::Builtin("anyType".to_owned()),
            _ => {
                self.puzzle(node, "has a type of an unknown form");
                TypeName::Builtin("anyType".to_owned())
            }
        };
        Element {
            name: node.attribute("name").unwrap_or_default().to_owned(),
            of,
            occurs: self.occurs(node),
            nillable: matches!(node.attribute("nillable"), Some("true" | "1")),
        }
    }

    fn read_complex(&mut self, node: &Node) -> usize {
        self.know(node, &["name", "abstract"]);
        let mut read = ComplexType {
            is_abstract: matches!(node.attribute("abstract"), Some("true" | "1")),
            ..ComplexType::default()
        };
        match node.children.as_slice() {
            [content] if content.name == "complexContent" => match content.children.as_slice() {
                [extension] if extension.name == "extension" => {
                    self.know(extension, &["base"]);
                    read.base = extension.attribute("base").map(str::to_owned);
                    self.read_content(extension, &mut read);
                }
                _ => self.puzzle(content, "holds something other than an extension"),
            },
            _ => self.read_content(node, &mut read),
        }
        self.types.push(read);
        self.types.len() - 1
    }

    fn read_content(&mut self, node: &Node, read: &mut ComplexType) {
        for child in &node.children {
            match child.name.as_str() {
                "sequence" => self.read_sequence(child, &mut read.content),
                "choice" => {
                    let choice = self.read_choice(child);
                    read.content.push(choice);
                }
                "attribute" => {
                    self.know(child, &["name", "type"]);
                    let text = |name| child.attribute(name).unwrap_or_default();
                    read.attributes
                        .push((text("name").to_owned(), local(text("type")).to_owned()));
                }
                _ => self.puzzle(child, "stands in a complex type"),
            }
        }
    }

    fn read_sequence(&mut self, node: &Node, into: &mut Vec<Particle>) {
        self.know(node, &[]);
        for child in &node.children {
            match child.name.as_str() {
                "element" => {
                    let element = self.read_element(child);
                    if element.occurs.most != Some(0) {
                        into.push(Particle::Element(element));
                    } else if let TypeName::Anonymous(index) = element.of {
                        // An element that may stand no times is no element.
                        self.types[index].is_forbidden = true;
                    }
                }
                "choice" => {
                    let choice = self.read_choice(child);
                    into.push(choice);
                }
                "sequence" => self.read_sequence(child, into),
                _ => self.puzzle(child, "stands in a sequence"),
            }
        }
    }

    fn read_choice(&mut self, node: &Node) -> Particle {
        self.know(node, &["minOccurs", "maxOccurs"]);
        let mut branches = Vec::new();
        for child in &node.children {
            if child.name == "element" {
                branches.push(self.read_element(child));
            } else {
                self.puzzle(child, "stands in a choice");
            }
        }
        Particle::Choice(self.occurs(node), branches)
    }

    fn read_simple(&mut self, node: &Node) -> SimpleType {
        self.know(node, &["name"]);
        let mut simple = SimpleType {
            base: String::new(),
            values: Vec::new(),
        };
        match node.children.as_slice() {
            [restriction] if restriction.name == "restriction" => {
                self.know(restriction, &["base"]);
                let base = local(restriction.attribute("base").unwrap_or_default());
                base.clone_into(&mut simple.base);
                for facet in &restriction.children {
                    match (facet.name.as_str(), facet.attribute("value")) {
                        ("enumeration", Some(value)) => simple.values.push(value.to_owned()),
                        _ => self.puzzle(facet, "restricts a simple type"),
                    }
                }
            }
            _ => self.puzzle(node, "is something other than a restriction"),
        }
        simple
    }
}

fn type_name(text: &str) -> TypeName {
    match text.split_once(':') {
        Some((_, builtin)) => TypeName::Builtin(builtin.to_owned()),
        None => TypeName::Named(text.to_owned()),
    }
}
