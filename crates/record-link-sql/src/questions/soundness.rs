//! Whether what is stored adds up.

use super::Question;
use crate::{Answer, Failed, Statement};

/// Whether each link is what the log of its events says, on all connections.
///
/// What a database checks itself, such as its indexes, is not asked here.
#[derive(Debug, Clone)]
pub struct Soundness;

/// What must not be found, and a query for one of it.
const WRONG: [(&str, &str); 4] = [
    (
        "a link has no event of its version",
        "SELECT l.id FROM links l WHERE NOT EXISTS (SELECT 1 FROM events e \
         WHERE e.connection = l.connection AND e.link = l.id AND e.version = l.version) LIMIT 1",
    ),
    (
        "an event is of a link that is not there",
        "SELECT e.link FROM events e WHERE NOT EXISTS (SELECT 1 FROM links l \
         WHERE l.connection = e.connection AND l.id = e.link AND l.version >= e.version) LIMIT 1",
    ),
    (
        "events of a link are missing or stand twice",
        "SELECT link FROM events GROUP BY connection, link \
         HAVING count(*) <> max(version) OR count(DISTINCT version) <> count(*) LIMIT 1",
    ),
    (
        "an event has a place that was not given yet",
        "SELECT e.link FROM events e LEFT JOIN connections c ON c.connection = e.connection \
         WHERE c.events IS NULL OR e.place > c.events LIMIT 1",
    ),
];

impl Question for Soundness {
    type Answer = ();

    fn statements(&self) -> Result<Vec<Statement>, Failed> {
        Ok(WRONG.map(|(_, sql)| Statement::query(sql)).into())
    }

    fn read(&self, answers: Vec<Answer>) -> Result<(), Failed> {
        for ((what, _), answer) in WRONG.iter().zip(answers) {
            if let Some(row) = answer.rows.first() {
                let link = row.text(0)?;
                return Err(Failed::damaged(format!("{what}: link {link}")));
            }
        }
        Ok(())
    }
}
