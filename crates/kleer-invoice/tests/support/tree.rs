//! A document as another program would hold it: nothing in here is the crate's.

use quick_xml::events::{BytesStart, Event};

/// An element as another program would hold it.
#[derive(Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

/// An XML document as a tree; `None` if it is not well formed.
pub(crate) fn tree(xml: &str) -> Option<Element> {
    // The line ends that XML has, whatever the file has.
    let xml = xml.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = quick_xml::Reader::from_str(xml.trim_start_matches('\u{FEFF}'));
    let mut open = vec![Element::default()];
    let element = |start: &BytesStart<'_>| Element {
        name: start.local_name().as_ref().to_owned(),
        attributes: start
            .attributes()
            .flatten()
            .filter(|attribute| !attribute.key.as_ref().contains("xmlns"))
            .map(|attribute| {
                (
                    attribute.key.as_ref().to_owned(),
                    attribute.value.replace("&amp;", "&"),
                )
            })
            .collect(),
        ..Element::default()
    };
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => open.last_mut()?.children.push(element(&start)),
            Event::End(_) => {
                let closed = open.pop()?;
                open.last_mut()?.children.push(closed);
            }
            Event::Text(piece) => open.last_mut()?.text.push_str(&piece),
            Event::CData(piece) => open.last_mut()?.text.push_str(&piece),
            Event::GeneralRef(name) => {
                let number = name.strip_prefix('#');
                let code = number.and_then(|number| match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => number.parse().ok(),
                });
                let character = match &*name {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => char::from_u32(code?)?,
                };
                open.last_mut()?.text.push(character);
            }
            Event::Eof => return open.pop()?.children.pop(),
            _ => {}
        }
    }
}

impl Element {
    /// The first child with a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The trimmed text at the end of a path of first children.
    pub(crate) fn text_at(&self, path: &[&str]) -> Option<&str> {
        let mut element = self;
        for name in path {
            element = element.child(name)?;
        }
        Some(element.text.trim())
    }

    /// The value of an attribute, unless it is blank.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }
}
