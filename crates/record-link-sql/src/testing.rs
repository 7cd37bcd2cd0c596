//! For the tests of a store: random work, done by it and by [`MemoryStore`] side by side; and the
//! queries that `docs/store.md` gives to operators.
//!
//! ```
//! use record_link::{MemoryStore, testing::block_on};
//! use record_link_sql::testing::Model;
//!
//! let store = MemoryStore::new(); // here a store that is to be tested
//! let mut model = Model::new(7);
//! block_on(async {
//!     for _ in 0..50 {
//!         model.step(&store).await?;
//!     }
//!     model.compare(&store).await
//! })
//! .unwrap();
//! assert!(model.tally().committed > 0);
//! ```

mod chance;
mod large;
mod make;
mod operator;
mod same;

use record_link::{MemoryStore, Store, StoreErrorKind};

pub use large::check_large;
pub use operator::{Documented, documented_queries, operator_work, tables_in_markdown};

use chance::Chance;

/// Random batches of a few links, records and names, so that they meet often, and what a
/// [`MemoryStore`] makes of them.
///
/// Nothing is random about it but the seed: the same seed makes the same batches for the same
/// answers.
#[derive(Debug)]
pub struct Model {
    memory: MemoryStore,
    chance: Chance,
    prefix: String,
    tally: Tally,
}

/// What became of the batches of a [`Model`], to see that it did try something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Batches that were committed.
    pub committed: u32,
    /// Batches that were in conflict.
    pub conflicts: u32,
    /// Batches that made no sense.
    pub invalid: u32,
    /// Answers that were compared.
    pub compared: u32,
}

/// The two stores differ. The message says in what, and names no values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("with seed {seed}, after {steps} batches: {what}")]
#[non_exhaustive]
pub struct Differs {
    /// The seed of the model.
    pub seed: u64,
    /// How many batches it had made.
    pub steps: u32,
    /// What differs.
    pub what: String,
}

impl Model {
    /// A model that begins with nothing, for a store in which nothing is.
    pub fn new(seed: u64) -> Self {
        Self {
            memory: MemoryStore::new(),
            chance: Chance::new(seed),
            prefix: format!("model {seed}"),
            tally: Tally::default(),
        }
    }

    /// What became of the batches so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Commits one more random batch to both stores.
    ///
    /// # Errors
    /// When they do not tell the same.
    pub async fn step(&mut self, store: &dyn Store) -> Result<(), Differs> {
        let batch = make::batch(&self.memory, &mut self.chance, &self.prefix).await;
        let Some(batch) = batch else { return Ok(()) };
        let writes = format!("{:?}", batch.writes.iter().map(name).collect::<Vec<_>>());
        let (expected, found) = (
            self.memory.commit(batch.clone()).await,
            store.commit(batch).await,
        );
        match &expected {
            Ok(()) => self.tally.committed += 1,
            Err(error) if error.is_conflict() => self.tally.conflicts += 1,
            Err(error) if error.kind() == StoreErrorKind::Invalid => self.tally.invalid += 1,
            Err(_) => {}
        }
        let told = |result: &Result<(), record_link::StoreError>| {
            let error = result.as_ref().err();
            error.map(|error| (error.kind(), error.conflict().cloned()))
        };
        if told(&expected) == told(&found) {
            return Ok(());
        }
        Err(self.differs(format!("{writes} gives {found:?} and not {expected:?}")))
    }

    /// Asks both stores everything that can be asked.
    ///
    /// # Errors
    /// When an answer differs, or the store gives none.
    pub async fn compare(&mut self, store: &dyn Store) -> Result<(), Differs> {
        let mut same = same::Same::new(&self.memory, store, &mut self.chance);
        let result = same.everything(&self.prefix).await;
        self.tally.compared += same.compared;
        result.map_err(|what| self.differs(what))
    }

    fn differs(&self, what: String) -> Differs {
        let tally = self.tally;
        Differs {
            seed: self.chance.seed,
            steps: tally.committed + tally.conflicts + tally.invalid,
            what,
        }
    }
}

/// The name of a write, without what is in it.
fn name(write: &record_link::Write) -> String {
    let text = format!("{write:?}");
    let end = text.find(|letter: char| !letter.is_alphanumeric());
    text.chars().take(end.unwrap_or(text.len())).collect()
}
