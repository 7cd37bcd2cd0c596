//! Documents that are lists.

use std::fmt;

use quick_xml::events::BytesStart;

use super::error::{ReadError, WriteError};
use super::read::Child;
use super::unknown::Unknown;
use super::{Document, Reader, Reveal, Root, Value, Writer};

/// A list as Kleer sends it: the items that could be read, and those that could not.
///
/// One bad item does not cost the others. But a list with [`rejected`](Self::rejected) items is
/// *incomplete*: nothing may be concluded from what is not in it.
///
/// ```
/// use kleer_model::{ClientDeliveryType, Document, List};
///
/// let xml = "<client-delivery-types>\
///   <client-delivery-type><name>Mail</name><default>true</default></client-delivery-type>\
///   <client-delivery-type><name>Email</name><default>perhaps</default></client-delivery-type>\
/// </client-delivery-types>";
/// let list = List::<ClientDeliveryType>::from_xml(xml.as_bytes())?;
/// assert_eq!(list.items.len(), 1);
/// assert!(!list.is_complete());
/// assert_eq!(list.rejected[0].position, 1);
/// # Ok::<(), kleer_model::ReadError>(())
/// ```
#[derive(Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct List<T> {
    /// The items, in the document's order.
    pub items: Vec<T>,
    /// The items that could not be read, with their positions.
    #[cfg_attr(feature = "serde", serde(default))]
    pub rejected: Vec<Rejected>,
    /// Which part of the whole this is, where Kleer pages the list (schema type `paged-result`).
    #[cfg_attr(feature = "serde", serde(default))]
    pub page: Option<Page>,
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Unknown::is_empty")
    )]
    unknown: Unknown,
}

/// An item of a list that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Rejected {
    /// The item's place among all items of the document, counted from 0.
    pub position: usize,
    /// What was wrong with it.
    pub error: ReadError,
}

/// The attributes of a paged list (schema type `paged-result`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Page {
    /// The first item's place in the whole, counted from 0.
    pub offset: Option<i32>,
    /// The number of items in this part; Kleer may have lowered what was asked for.
    pub limit: Option<i32>,
    /// The number of items in the whole.
    pub size: Option<i32>,
}

impl Page {
    /// The attributes, in the schema's order. All are optional whole numbers of 32 bits.
    pub const ATTRIBUTES: [&str; 3] = ["offset", "limit", "size"];

    /// A page from its three attributes.
    pub fn new(offset: i32, limit: i32, size: i32) -> Self {
        Self {
            offset: Some(offset),
            limit: Some(limit),
            size: Some(size),
        }
    }

    /// In the order of [`ATTRIBUTES`](Self::ATTRIBUTES).
    fn numbers_mut(&mut self) -> [&mut Option<i32>; 3] {
        [&mut self.offset, &mut self.limit, &mut self.size]
    }
}

/// A type whose list is a document. Sealed.
pub trait ListItem: Value {
    /// The root element of the list.
    const LIST: &'static str;
    /// The element of an item.
    const ITEM: &'static str;
    /// Whether the list carries the attributes of `paged-result`.
    const PAGED: bool;
}

impl<T> List<T> {
    /// Whether every item could be read. This says nothing of other pages.
    pub fn is_complete(&self) -> bool {
        self.rejected.is_empty()
    }

    /// The number of items that could be read.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no item could be read.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items that could be read.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            rejected: Vec::new(),
            page: None,
            unknown: Unknown::NONE,
        }
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self {
            items,
            ..Self::default()
        }
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T: Reveal> Reveal for List<T> {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        let fields: [(&'static str, &dyn Reveal, bool); 3] = [
            ("items", &self.items, false),
            ("rejected", &self.rejected, false),
            ("page", &self.page, false),
        ];
        super::reveal::record(f, "List", &fields, &self.unknown, show)
    }
}

super::reveal::reveal_by_debug!(Rejected, Page);

impl<T: Reveal> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reveal(f, false)
    }
}

pub(super) fn read_page(
    reader: &Reader<'_>,
    root: &BytesStart<'_>,
) -> Result<Option<Page>, ReadError> {
    let mut page = Page::default();
    for attribute in root.attributes().flatten() {
        let mut named = Page::ATTRIBUTES.into_iter().zip(page.numbers_mut());
        let Some((_, target)) = named.find(|(name, _)| *name == attribute.key.as_ref()) else {
            continue;
        };
        let number = attribute.value.trim().parse().map_err(|_| {
            reader.bad_value("a whole number of 32 bits (in an attribute of the list)")
        })?;
        *target = Some(number);
    }
    Ok((page != Page::default()).then_some(page))
}

impl<T: ListItem> List<T> {
    /// Reads the child just opened: an item, or a stranger that is kept.
    ///
    /// `position` is the child's place among the items, `read` the number of items read before
    /// it; gives the next position.
    #[inline]
    pub(super) fn read_child<'x>(
        &mut self,
        reader: &mut Reader<'x>,
        child: &Child<'x>,
        position: usize,
        read: usize,
    ) -> Result<usize, ReadError> {
        if child.name != T::ITEM {
            let xml = reader.keep(child)?;
            self.unknown.push_inside(0, read, xml);
            return Ok(position);
        }
        let depth = reader.depth();
        match T::read(reader).map_err(|error| error.within_item(T::ITEM, position)) {
            Ok(item) => self.items.push(item),
            Err(error) if error.kind().is_fatal() => return Err(error),
            Err(error) => {
                reader.skip_to_end_of(depth)?;
                let error = reader.locate(error.within(T::LIST));
                self.rejected.push(Rejected { position, error });
            }
        }
        Ok(position + 1)
    }
}

impl<T: ListItem> Root for List<T> {
    fn read_root(reader: &mut Reader<'_>, root: &BytesStart<'_>) -> Result<Self, ReadError> {
        let mut list = Self {
            page: read_page(reader, root)?,
            ..Self::default()
        };
        let mut position = 0;
        while let Some(child) = reader.child()? {
            let read = list.items.len();
            position = list.read_child(reader, &child, position, read)?;
        }
        Ok(list)
    }

    fn write_root(&self, writer: &mut Writer) -> Result<(), WriteError> {
        use std::fmt::Write;
        let mut attributes = String::new();
        if let (Some(page), true) = (self.page, T::PAGED) {
            let numbers = [page.offset, page.limit, page.size];
            for (name, value) in Page::ATTRIBUTES.into_iter().zip(numbers) {
                if let Some(value) = value {
                    // Writing to a String cannot fail.
                    let _ = write!(attributes, " {name}=\"{value}\"");
                }
            }
        }
        writer.element_with_attributes(T::LIST, &attributes, |writer| {
            writer.list_content(T::ITEM, &self.items, &self.unknown, 0)
        })
    }
}

impl<T: ListItem> Document for List<T> {
    const ROOT: &'static str = T::LIST;
}
