//! What stops a plan until somebody approves it.

use super::run::Run;
use crate::identity::Which;
use crate::link::LinkState;
use crate::plan::Trip;

impl Run<'_> {
    pub(super) fn trips(&self) -> Vec<Trip> {
        let (guard, totals) = (&self.planner.policy.guard, &self.totals);
        let all = totals
            .links
            .max(totals.records.left)
            .max(totals.records.right);
        let mut trips = Vec::new();
        let number = totals.creates.left + totals.creates.right;
        if guard.creates.is_exceeded(number, all) {
            trips.push(Trip::Creates { number, all });
        }
        let number = totals.updates.left + totals.updates.right;
        if guard.updates.is_exceeded(number, all) {
            trips.push(Trip::Updates { number, all });
        }
        let deletes = totals.deletes.left + totals.deletes.right;
        let number = deletes + totals.unlinks + totals.orphans;
        if guard.removals.is_exceeded(number, all) {
            trips.push(Trip::Removals { number, all });
        }
        for side in Which::BOTH {
            let snapshot = self.snapshots[side];
            let links = self.planner.links.iter();
            let is_emptied =
                guard.emptied_from > 0 && snapshot.is_complete() && snapshot.is_empty();
            if is_emptied {
                let linked = links.filter(|link| link.state == LinkState::Linked);
                let linked = super::run::count(linked.count());
                if linked >= u64::from(guard.emptied_from) {
                    trips.push(Trip::Emptied { side, linked });
                }
            }
            let number = self.changed[side];
            let from = u64::from(guard.all_changed_from);
            if from > 0 && number >= from && number == self.compared {
                trips.push(Trip::AllChanged { side, number });
            }
        }
        trips
    }
}
