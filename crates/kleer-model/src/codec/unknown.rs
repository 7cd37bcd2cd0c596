//! Elements that this version of the model does not know, kept so that they survive.

/// Elements found in a document that the schema known here does not have.
///
/// They are kept as they stood and written back at their place, so that reading a record, changing
/// a field and writing it back erases nothing that Kleer added later.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "Vec<Kept>", into = "Vec<Kept>"))]
pub struct Unknown(
    // In the order of their places, whatever order the document had.
    // A box, because a record nearly always has none and then should not pay for a vector.
    #[expect(
        clippy::box_collection,
        reason = "one word in every record instead of three"
    )]
    Option<Box<Vec<Kept>>>,
);

#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Kept {
    place: Place,
    xml: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Place {
    /// Between two fields: behind this many.
    Between(u8),
    /// In the list wrapper of a field, before this item.
    Inside { slot: u8, item: usize },
}

impl Place {
    /// Orders places as they stand in a document that is written.
    fn key(self) -> (u8, bool, usize) {
        match self {
            Self::Between(fields_before) => (fields_before, false, 0),
            Self::Inside { slot, item } => (slot, true, item),
        }
    }
}

impl From<Vec<Kept>> for Unknown {
    fn from(kept: Vec<Kept>) -> Self {
        let mut unknown = Self((!kept.is_empty()).then(|| Box::new(kept)));
        unknown.sort();
        unknown
    }
}

impl From<Unknown> for Vec<Kept> {
    fn from(unknown: Unknown) -> Self {
        unknown.0.map_or_else(Vec::new, |kept| *kept)
    }
}

impl Unknown {
    /// No unknown elements.
    pub(crate) const NONE: Self = Self(None);

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The unknown elements as XML text. It may hold personal data.
    pub fn elements(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flat_map(|kept| kept.iter())
            .map(|kept| kept.xml.as_str())
    }

    fn push(&mut self, place: Place, xml: String) {
        self.0.get_or_insert_default().push(Kept { place, xml });
    }

    pub(crate) fn push_between(&mut self, fields_before: u8, xml: String) {
        self.push(Place::Between(fields_before), xml);
    }

    pub(crate) fn push_inside(&mut self, slot: u8, item: usize, xml: String) {
        self.push(Place::Inside { slot, item }, xml);
    }

    /// Puts them in the order of their places. Called when all are there.
    pub(crate) fn sort(&mut self) {
        if let Some(kept) = &mut self.0 {
            // Those of one place stay in the order in which they were found.
            kept.sort_by_key(|kept| kept.place.key());
        }
    }

    pub(crate) fn between(&self, fields_before: u8) -> impl Iterator<Item = &str> {
        let place = Place::Between(fields_before);
        self.range(place, place)
    }

    /// Those in a list wrapper before an item; before the end of the list also all later ones, so
    /// that a list that was made shorter loses none.
    pub(crate) fn inside(&self, slot: u8, item: usize, is_end: bool) -> impl Iterator<Item = &str> {
        let last = if is_end { usize::MAX } else { item };
        self.range(
            Place::Inside { slot, item },
            Place::Inside { slot, item: last },
        )
    }

    /// Those from one place to another, both included.
    fn range(&self, first: Place, last: Place) -> impl Iterator<Item = &str> {
        let kept = self.0.as_ref().map_or(&[][..], |kept| kept.as_slice());
        let from = kept.partition_point(|kept| kept.place.key() < first.key());
        let to = kept.partition_point(|kept| kept.place.key() <= last.key());
        kept[from..to].iter().map(|kept| kept.xml.as_str())
    }
}

impl std::fmt::Debug for Unknown {
    /// Shows how many elements there are, not what they hold.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unknown({} elements)", self.elements().count())
    }
}
