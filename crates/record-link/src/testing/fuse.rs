//! Death at a chosen step.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A process that dies at a chosen step, shared by the fakes that it is made of.
///
/// Every call of a fake side or store makes two steps: one before its effect and one after it. When
/// the chosen step is reached the fuse blows: this call and all later ones fail without an effect,
/// as nothing leaves a process that was killed. A test runs with the fuse at step 0, 1, 2, … until
/// a run ends before the fuse blows, and after each starts anew with the fakes'
/// [`with_fuse`](super::FakeSide::with_fuse) on the same state.
///
/// ```
/// use record_link::testing::Fuse;
///
/// let fuse = Fuse::blowing_at(1);
/// assert!(fuse.step()); // step 0 is survived
/// assert!(!fuse.step() && !fuse.step());
/// assert!(fuse.has_blown());
/// assert!(Fuse::never().step());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Fuse(Option<Arc<State>>);

#[derive(Debug)]
struct State {
    at: u64,
    steps: AtomicU64,
}

impl Fuse {
    /// One that never blows.
    pub fn never() -> Self {
        Self(None)
    }

    /// One that survives `step` steps and blows at the next.
    pub fn blowing_at(step: u64) -> Self {
        Self(Some(Arc::new(State {
            at: step,
            steps: AtomicU64::new(0),
        })))
    }

    /// Makes a step; whether it is survived.
    pub fn step(&self) -> bool {
        let Some(state) = &self.0 else { return true };
        state.steps.fetch_add(1, Ordering::SeqCst) < state.at
    }

    /// How many steps were made; 0 of one that never blows.
    pub fn steps(&self) -> u64 {
        let steps = |state: &Arc<State>| state.steps.load(Ordering::SeqCst);
        self.0.as_ref().map_or(0, steps)
    }

    /// Whether the chosen step was reached.
    pub fn has_blown(&self) -> bool {
        let blown = |state: &Arc<State>| state.steps.load(Ordering::SeqCst) > state.at;
        self.0.as_ref().is_some_and(blown)
    }
}
