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
    /// Guard rails never trip.
    NoGuard,
    /// An unlinked pair leaves no tombstone.
    NoTombstone,
    /// What is not seen is deleted.
    AbsenceIsDeletion,
    /// A snapshot with pages missing counts as complete.
    PartialIsComplete,
    /// What is missing under another filter counts as missing.
    IgnoreScope,
    /// A field that is not there counts as empty.
    AbsentFieldIsNull,
    /// Two equal changes are a conflict.
    FalseConflict,
    /// Two different changes are none: the left one wins.
    LeftWinsConflicts,
    /// Where nothing was agreed, the left side wins.
    BlindFirstSync,
    /// What differs though nobody changed it is passed over.
    SilentDrift,
    /// What both sides say is not remembered.
    ForgetAgreement,
    /// A decision is carried out although the records changed.
    StaleDecision,
    /// A record is linked a second time.
    DoubleLink,
    /// Of several certain candidates, the first is linked.
    FirstCandidateWins,
    /// A read-only field is written.
    IgnoreReadOnly,
    /// Records are updated although the policy says that they are not.
    IgnoreGate,
    /// Two systems that correct each other go on for ever.
    PingPong,
    /// A reference is written as it stands on the other side.
    UntranslatedReference,
    /// Records are created though it is not known what is there.
    CreateBlindly,
    /// What we created before is not known again by its client key.
    ForgetClientKey,
    /// A create that was tried before is sent again without a look.
    CreateWithoutLooking,
    /// A base is moved when a write is intended.
    BaseOnIntention,
    /// A base is moved to what was sent, not to what was read back.
    BaseWithoutReadBack,
    /// An older observation replaces a newer one.
    OlderWins,
    /// A plan depends on the order of the links.
    OrderMatters,
    /// A record is found gone the first time it is missing.
    GoneAtOnce,
    /// What was overwritten is not kept.
    NoAudit,
    /// An agreement is carried out, but not remembered.
    AgreeWithoutBase,
    /// A selection leaves out what it requires.
    SelectWithoutRequired,
    /// Unlinking forgets the base.
    UnlinkForgetsBase,
    /// What changed since both sides were in step is deleted unasked.
    DeleteWhatChanged,
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
