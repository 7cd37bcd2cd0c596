//! Asking an executor to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

/// Asks an [`Executor`](crate::Executor) to stop: it begins nothing more, lets what is under way
/// end and stores what came of it, so that nothing is in doubt. Waiting for another try ends.
///
/// Clones are one: keep one where the signal comes from, such as Ctrl-C.
///
/// ```
/// use record_link::Cancellation;
///
/// let cancellation = Cancellation::new();
/// let for_the_signal = cancellation.clone();
/// for_the_signal.cancel();
/// assert!(cancellation.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancellation(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_cancelled: AtomicBool,
    waiting: Mutex<Vec<Waker>>,
}

impl Cancellation {
    /// Nobody asked to stop yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks to stop, once and for all.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::SeqCst);
        let mut waiting = self
            .0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for waker in waiting.drain(..) {
            waker.wake();
        }
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::SeqCst)
    }

    /// Waits until somebody asks to stop.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + '_ {
        std::future::poll_fn(move |context| {
            if self.is_cancelled() {
                return Poll::Ready(());
            }
            let mut waiting = self
                .0
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let is_known = |one: &Waker| one.will_wake(context.waker());
            if !waiting.iter().any(is_known) {
                waiting.push(context.waker().clone());
            }
            drop(waiting);
            // Asked between the look and the entry?
            if self.is_cancelled() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
    }
}
