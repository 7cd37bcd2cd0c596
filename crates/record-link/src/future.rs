//! The one shape of our asynchronous calls.

use std::pin::Pin;

/// A boxed future that can move between threads.
///
/// [`Side`](crate::Side) and [`Store`](crate::Store) return it, so that both can be used as `dyn`
/// and need neither a runtime nor a macro: an implementation is written as
/// `Box::pin(async move { … })`. Such a future does nothing until it is polled, and may be dropped
/// at any await point.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
