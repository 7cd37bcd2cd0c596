//! Elements that this version of the model does not know, kept so that they survive.

/// Elements found in a document that the schema known here does not have.
///
/// They are kept as they stood and written back at their place, so that reading a record, changing
/// a field and writing it back erases nothing that Kleer added later.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Unknown(
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

    pub(crate) fn between(&self, fields_before: u8) -> impl Iterator<Item = &str> {
        let kept = self.0.iter().flat_map(|kept| kept.iter());
        kept.filter(move |kept| kept.place == Place::Between(fields_before))
            .map(|kept| kept.xml.as_str())
    }

    /// Those in a list wrapper before an item; before the end of the list also all later ones, so
    /// that a list that was made shorter loses none.
    pub(crate) fn inside(
        &self,
        wanted: u8,
        before: usize,
        is_end: bool,
    ) -> impl Iterator<Item = &str> {
        let kept = self.0.iter().flat_map(|kept| kept.iter());
        kept.filter(move |kept| match kept.place {
            Place::Inside { slot, item } if slot == wanted => {
                item == before || (is_end && item > before)
            }
            _ => false,
        })
        .map(|kept| kept.xml.as_str())
    }
}

impl std::fmt::Debug for Unknown {
    /// Shows how many elements there are, not what they hold.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unknown({} elements)", self.elements().count())
    }
}
