//! `Debug` that hides personal data, and the explicit way to see it.

use std::fmt;

/// A value whose `Debug` hides what a record says, unless it is told to show it.
pub trait Reveal {
    /// Formats like `Debug`; `show` tells whether values may be seen.
    ///
    /// # Errors
    /// When the formatter's target fails.
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result;
}

/// Shows everything of a value, personal data included.
///
/// ```
/// use flat_record::{Revealed, Value};
///
/// let value = Value::from("Anna");
/// assert_eq!(format!("{value:?}"), "Text(..)");
/// assert_eq!(format!("{:?}", Revealed(&value)), "Text(\"Anna\")");
/// ```
pub struct Revealed<'a, T: Reveal + ?Sized>(pub &'a T);

impl<T: Reveal + ?Sized> fmt::Debug for Revealed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.reveal(f, true)
    }
}

/// A part of a value that is shown or hidden with the whole.
pub(crate) struct Part<'a, T: Reveal + ?Sized>(pub(crate) &'a T, pub(crate) bool);

impl<T: Reveal + ?Sized> fmt::Debug for Part<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.reveal(f, self.1)
    }
}

/// Implements `Debug` by [`Reveal`], hiding.
macro_rules! hidden_debug {
    ($($type:ty),* $(,)?) => { $(
        /// Hides values; see [`Revealed`](crate::Revealed).
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::reveal::Reveal::reveal(self, f, false)
            }
        }
    )* };
}
pub(crate) use hidden_debug;
