//! `Debug` that hides personal data, and the explicit way to see it.

use std::fmt;

/// A value whose `Debug` hides personal data unless it is told to show it.
///
/// Implemented by every type of the model. `Debug` on a model type hides; [`Revealed`] shows.
pub trait Reveal {
    /// Formats like `Debug`; `show` tells whether personal data may be seen.
    ///
    /// # Errors
    /// When the formatter's target fails.
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result;
}

/// Shows everything of a value, personal data included.
///
/// ```
/// use kleer_model::{Client, Revealed};
///
/// let client = Client::new("Anna Andersson", "SE");
/// assert!(!format!("{client:?}").contains("Anna"));
/// assert!(format!("{:?}", Revealed(&client)).contains("Anna"));
/// ```
pub struct Revealed<'a, T: Reveal + ?Sized>(pub &'a T);

impl<T: Reveal + ?Sized> fmt::Debug for Revealed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.reveal(f, true)
    }
}

struct Part<'a>(&'a dyn Reveal, bool);

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.reveal(f, self.1)
    }
}

struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

/// Formats a record; a field that is personal shows only that it is there.
pub(crate) fn record(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    fields: &[(&'static str, &dyn Reveal, bool)],
    unknown: &super::unknown::Unknown,
    show: bool,
) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    for (field, value, personal) in fields {
        if *personal && !show {
            shown.field(field, &Hidden);
        } else {
            shown.field(field, &Part(*value, show));
        }
    }
    if !unknown.is_empty() {
        shown.field("unknown", unknown);
    }
    shown.finish()
}

/// Formats a variant with one value.
pub(crate) fn variant(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    value: &dyn Reveal,
    show: bool,
) -> fmt::Result {
    f.debug_tuple(name).field(&Part(value, show)).finish()
}

impl<T: Reveal> Reveal for Option<T> {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        match self {
            None => f.write_str("None"),
            Some(value) => variant(f, "Some", value, show),
        }
    }
}

impl<T: Reveal> Reveal for Vec<T> {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|item| Part(item, show)))
            .finish()
    }
}

impl<T: Reveal> Reveal for crate::Nillable<T> {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Nil => f.write_str("Nil"),
            Self::Value(value) => variant(f, "Value", value, show),
        }
    }
}

/// Implements [`Reveal`] by `Debug`, for types that hold nothing personal by themselves.
macro_rules! reveal_by_debug {
    ($($type:ty),* $(,)?) => { $(
        impl $crate::codec::Reveal for $type {
            fn reveal(&self, f: &mut std::fmt::Formatter<'_>, _: bool) -> std::fmt::Result {
                std::fmt::Debug::fmt(self, f)
            }
        }
    )* };
}
pub(crate) use reveal_by_debug;
