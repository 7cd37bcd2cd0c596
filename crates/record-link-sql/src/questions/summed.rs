//! How many there are of what.

use flat_record::Kind;
use record_link::{ConnectionId, Summary};

use super::Question;
use super::lists::{count, from_word};
use crate::{Answer, Failed, Row, Statement};

/// [`Store::summary`](record_link::Store::summary).
#[derive(Debug, Clone)]
pub struct Summed {
    /// Of this connection.
    pub connection: ConnectionId,
}

/// What is counted, in the order of [`Summed::read`].
const COUNTS: [&str; 7] = [
    "SELECT kind, state, count(*) FROM links WHERE connection = $1 GROUP BY kind, state",
    "SELECT state, count(*) FROM deviations WHERE connection = $1 GROUP BY state",
    "SELECT class, count(*) FROM deviations WHERE connection = $1 \
     AND state IN ('open', 'reprocessing') GROUP BY class",
    "SELECT count(*), min(changed_at) FROM intents WHERE connection = $1",
    "SELECT kind, count(*) FROM decisions WHERE connection = $1 GROUP BY kind",
    "SELECT kind, count(*) FROM touches WHERE connection = $1 GROUP BY kind",
    "SELECT kind FROM schedules WHERE connection = $1 AND paused_since IS NOT NULL",
];

impl Question for Summed {
    type Answer = Summary;

    fn statements(&self) -> Result<Vec<Statement>, Failed> {
        let query = |sql| Statement::query(sql).with(self.connection.as_str());
        Ok(COUNTS.map(query).into())
    }

    fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed> {
        let mut summary = Summary::default();
        let mut answers = answers.into_iter().map(|answer| answer.rows);
        let mut next = || answers.next().unwrap_or_default();
        for row in next() {
            let of = (kind(&row)?, from_word(row.text(1)?, "links.state")?);
            summary.links.insert(of, count(&row, 2)?);
        }
        for row in next() {
            let state = from_word(row.text(0)?, "deviations.state")?;
            summary.deviations.insert(state, count(&row, 1)?);
        }
        for row in next() {
            let class = from_word(row.text(0)?, "deviations.class")?;
            summary.unsettled.insert(class, count(&row, 1)?);
        }
        for row in next() {
            summary.intents = count(&row, 0)?;
            let oldest = row.optional_text(1)?.map(str::parse).transpose();
            summary.oldest_intent = oldest.map_err(|_| Failed::damaged("intents.changed_at"))?;
        }
        for row in next() {
            summary.decisions.insert(kind(&row)?, count(&row, 1)?);
        }
        for row in next() {
            summary.touched.insert(kind(&row)?, count(&row, 1)?);
        }
        let paused = next();
        let paused = paused.iter().map(kind);
        summary.paused = paused.collect::<Result<_, _>>()?;
        // Here and not there: databases differ in how they order texts.
        summary.paused.sort_unstable();
        Ok(summary)
    }
}

fn kind(row: &Row) -> Result<Kind, Failed> {
    Kind::new(row.text(0)?).map_err(|_| Failed::damaged("a kind is none"))
}
