//! Content of any type (`xs:anyType`).

use super::error::{ReadError, WriteError};
use super::read::XSI;
use super::{Described, Reader, Reveal, Value, Writer};
use crate::{Content, TypeDescription};

/// The namespace of XML Schema's own types.
const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// A value whose type only the document says (`xs:anyType`), kept as it stands.
///
/// ```
/// use kleer_model::AnyValue;
///
/// let number = AnyValue::text("12.50").with_type("decimal");
/// assert_eq!((number.as_xml(), number.type_name()), ("12.50", Some("decimal")));
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AnyValue {
    /// The namespace and the name of the type, if the document names one.
    type_name: Option<(String, String)>,
    /// The content as XML.
    xml: String,
    /// Prefixes that the content takes from its surroundings, and their namespaces.
    prefixes: Vec<(String, String)>,
}

impl AnyValue {
    /// A text of no particular type. Characters that XML cannot hold are left out.
    pub fn text(text: &str) -> Self {
        let mut writer = Writer::default();
        for character in text.chars() {
            // A single character fails only if XML cannot hold it.
            let _ = writer.text(character.encode_utf8(&mut [0; 4]));
        }
        Self {
            xml: writer.into_string(),
            ..Self::default()
        }
    }

    /// The same value as one of XML Schema's own types: `decimal`, `date`, `string`. What cannot
    /// stand in the name of a type is left out.
    #[must_use]
    pub fn with_type(mut self, name: &str) -> Self {
        let allowed = |character: &char| character.is_alphanumeric() || "-_.".contains(*character);
        let name = name.chars().filter(allowed).collect();
        self.type_name = Some((XSD.to_owned(), name));
        self
    }

    /// The content as XML: for a plain value, its escaped text.
    pub fn as_xml(&self) -> &str {
        &self.xml
    }

    /// The name of its type, if the document names one.
    pub fn type_name(&self) -> Option<&str> {
        self.type_name.as_ref().map(|(_, name)| name.as_str())
    }
}

impl std::fmt::Debug for AnyValue {
    /// Shows the type, not the value; see [`Revealed`](crate::Revealed).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.reveal(f, false)
    }
}

impl Reveal for AnyValue {
    fn reveal(&self, f: &mut std::fmt::Formatter<'_>, show: bool) -> std::fmt::Result {
        let mut shown = f.debug_struct("AnyValue");
        shown.field("type", &self.type_name());
        if show {
            shown.field("xml", &self.xml).finish()
        } else {
            shown.finish_non_exhaustive()
        }
    }
}

/// The attributes that name a type of Kleer's schema.
pub(crate) fn type_attribute(name: &str) -> String {
    format!(" xmlns:xsi=\"{XSI}\" xsi:type=\"{name}\"")
}

impl Value for AnyValue {
    fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        let type_name = reader.take_type();
        let (xml, prefixes) = reader.raw_content()?;
        Ok(Self {
            type_name,
            xml,
            prefixes,
        })
    }

    fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        writer.raw(&self.xml);
        Ok(())
    }

    fn blank() -> Self {
        Self::default()
    }

    fn attributes(&self) -> Option<String> {
        let mut prefixes = self.prefixes.clone();
        let mut prefix_of = |namespace: &str, wanted: &str| -> String {
            if let Some((prefix, _)) = prefixes.iter().find(|(_, known)| known == namespace) {
                return prefix.clone();
            }
            let mut prefix = wanted.to_owned();
            while prefixes.iter().any(|(known, _)| *known == prefix) {
                prefix.push('_');
            }
            prefixes.push((prefix.clone(), namespace.to_owned()));
            prefix
        };
        let type_attribute = self.type_name.as_ref().map(|(namespace, name)| {
            let xsi = prefix_of(XSI, "xsi");
            match namespace.as_str() {
                "" => format!(" {xsi}:type=\"{name}\""),
                _ => format!(" {xsi}:type=\"{}:{name}\"", prefix_of(namespace, "xs")),
            }
        });
        let declared = prefixes
            .iter()
            .map(|(prefix, namespace)| [" xmlns:", prefix, "=\"", namespace, "\""].concat());
        let attributes: String = declared.chain(type_attribute).collect();
        (!attributes.is_empty()).then_some(attributes)
    }
}

impl Described for AnyValue {
    const DESCRIPTION: &'static TypeDescription = &TypeDescription {
        schema: "",
        rust: "AnyValue",
        content: Content::Any,
    };
}
