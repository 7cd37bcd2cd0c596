//! Reads a condition.

use super::{CONDITION_KEYS, Reader};
use crate::condition::{Condition, Subject, Test};
use crate::document::Node;
use crate::error::ProfileProblemKind;

impl Reader<'_> {
    pub(super) fn condition(&mut self, node: &Node) -> Option<Condition<Subject>> {
        let entries = self.table(node, "a condition", &CONDITION_KEYS)?;
        if let [entry] = entries {
            let all = |reader: &mut Self| -> Option<Vec<_>> {
                let items = reader.items(&entry.node, &entry.key);
                let all: Vec<_> = items
                    .iter()
                    .filter_map(|item| reader.condition(item))
                    .collect();
                (all.len() == items.len()).then_some(all)
            };
            match entry.key.as_str() {
                "all" => return all(self).map(Condition::All),
                "any" => return all(self).map(Condition::Any),
                "not" => {
                    let not = self.condition(&entry.node)?;
                    return Some(Condition::Not(Box::new(not)));
                }
                _ => {}
            }
        }
        let mut subject = None;
        let mut test = None;
        let mut counts = (0, 0);
        for entry in entries {
            let node = &entry.node;
            let key = entry.key.as_str();
            let order = |less, equal| move |than| Test::Order { less, equal, than };
            let found = match key {
                "path" | "field" | "setting" => {
                    counts.0 += 1;
                    let name = self.string(node, key)?;
                    subject = Some(match key {
                        "path" => Subject::Path(name),
                        "field" => Subject::Field(name),
                        _ => Subject::Setting(name),
                    });
                    continue;
                }
                "equals" => self.literal(node, key).map(Test::Equals),
                "not-equals" => self.literal(node, key).map(Test::NotEquals),
                "less" => self.literal(node, key).map(order(true, false)),
                "less-or-equal" => self.literal(node, key).map(order(true, true)),
                "greater" => self.literal(node, key).map(order(false, false)),
                "greater-or-equal" => self.literal(node, key).map(order(false, true)),
                "present" => self.flag(node, key).map(Test::Present),
                "in" => {
                    let items = self.items(node, key);
                    let literals = items.iter().filter_map(|item| self.literal(item, key));
                    Some(Test::In(literals.collect()))
                }
                _ => continue,
            };
            counts.1 += 1;
            test = found;
        }
        if counts != (1, 1) {
            self.problem(
                node.span.start,
                ProfileProblemKind::Value,
                "a condition needs one of `path`, `field` and `setting`, and one test such as `equals`; or only `all`, `any` or `not`",
            );
            return None;
        }
        Some(Condition::Test(subject?, test?))
    }
}
