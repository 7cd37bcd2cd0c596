//! In which order operations may be begun that are carried out side by side.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::plan::Operation;
use crate::{LinkId, OperationId, Which};

/// The operations of a plan that may be begun: those that need nothing that is not done yet, the
/// first one first.
///
/// An operation comes after the ones that it requires, and after those that the plan has before it
/// for the same link or the same record.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// For how many others each operation waits.
    waits_for: Vec<usize>,
    followers: Vec<Vec<usize>>,
    ready: BinaryHeap<Reverse<usize>>,
}

impl Schedule {
    pub(super) fn of(operations: &[Operation]) -> Self {
        let mut schedule = Self {
            waits_for: vec![0; operations.len()],
            followers: vec![Vec::new(); operations.len()],
            ready: BinaryHeap::new(),
        };
        let mut places: HashMap<OperationId, usize> = HashMap::new();
        let mut of_link: HashMap<LinkId, usize> = HashMap::new();
        let mut of_record: HashMap<(Which, &str), usize> = HashMap::new();
        for (place, operation) in operations.iter().enumerate() {
            let required = operation.requires.iter();
            let mut before: Vec<usize> =
                required.filter_map(|id| places.get(id).copied()).collect();
            before.extend(of_link.insert(operation.link, place));
            for which in Which::BOTH {
                if let Some(key) = &operation.keys[which] {
                    before.extend(of_record.insert((which, key.as_str()), place));
                }
            }
            before.sort_unstable();
            before.dedup();
            if before.is_empty() {
                schedule.ready.push(Reverse(place));
            }
            schedule.waits_for[place] = before.len();
            for one in before {
                schedule.followers[one].push(place);
            }
            places.insert(operation.id, place);
        }
        schedule
    }

    /// The next operation to begin.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.ready.pop().map(|Reverse(place)| place)
    }

    /// An operation ended, however: what waited for it may be begun.
    pub(super) fn ended(&mut self, place: usize) {
        for follower in std::mem::take(&mut self.followers[place]) {
            self.waits_for[follower] -= 1;
            if self.waits_for[follower] == 0 {
                self.ready.push(Reverse(follower));
            }
        }
    }
}
