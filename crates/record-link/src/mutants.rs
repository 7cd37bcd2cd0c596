//! Deliberate mistakes, for the tests that must notice them.
//!
//! Each invariant is promised by a property test; each mutant breaks the planner in one way, and a
//! test shows that a property notices. Without the feature `mutants`, which is for tests only,
//! nothing of this is compiled in.

macro_rules! mutants {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// A deliberate mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Mutant {
            $($(#[$doc])* $name,)*
        }

        impl Mutant {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

mutants! {
    /// Any approval lets any plan through.
    ApproveAnyDigest,
}

#[cfg(feature = "mutants")]
mod active {
    use std::cell::Cell;

    use super::Mutant;

    thread_local! {
        static ACTIVE: Cell<Option<Mutant>> = const { Cell::new(None) };
    }

    /// Runs something with a mistake switched on, on this thread.
    pub fn with<T>(mutant: Mutant, run: impl FnOnce() -> T) -> T {
        struct Off;
        impl Drop for Off {
            fn drop(&mut self) {
                ACTIVE.set(None);
            }
        }
        ACTIVE.set(Some(mutant));
        let _off = Off;
        run()
    }

    pub(crate) fn is(mutant: Mutant) -> bool {
        ACTIVE.get() == Some(mutant)
    }
}

#[cfg(feature = "mutants")]
pub use active::with;

#[cfg(feature = "mutants")]
pub(crate) use active::is;

/// Whether a mistake is switched on: never.
#[cfg(not(feature = "mutants"))]
pub(crate) const fn is(_: Mutant) -> bool {
    false
}
