//! Carrying out a batch: what it speaks of is read, all of it is decided, then all is written.

mod draft;
mod read;
mod upkeep;
mod write;

use record_link::{Batch, Conflict};

use crate::{Failed, Statement, Transaction};
use draft::Draft;
use read::{Known, Read};

/// Carries out a batch in a transaction, which is to be committed if it succeeds, and rolled back
/// if it does not.
///
/// It decides by what it reads first. The unique indexes, and the version in the condition of each
/// change, are there for databases on which something comes between nevertheless: then it
/// [fails](Failed::was_in_the_way) and can be begun anew.
///
/// # Errors
/// A conflict, or what the database refused.
pub async fn commit(transaction: &mut dyn Transaction, batch: &Batch) -> Result<(), Failed> {
    if batch.is_empty() {
        return Ok(());
    }
    let reads = Read::of(batch);
    let mut statements = vec![places(batch)];
    statements.extend(reads.iter().map(|read| read.statement(&batch.connection)));
    let mut answers = transaction.run(&statements).await?.into_iter();
    let place = match answers
        .next()
        .and_then(|answer| answer.rows.into_iter().next())
    {
        Some(row) => row.integer(0)?,
        None => return Err(Failed::damaged("connections")),
    };
    let known = Known::new(reads, answers)?;

    for precondition in &batch.preconditions {
        if !known.holds(precondition, batch.at) {
            return Err(Conflict::Precondition(precondition.clone()).into());
        }
    }
    let mut draft = Draft::new(&known, batch, place);
    for one in &batch.writes {
        draft.add(one)?;
    }
    let writes = draft.writes()?;
    let statements: Vec<Statement> = writes.iter().map(|one| one.statement.clone()).collect();
    if statements.is_empty() {
        return Ok(());
    }
    let answers = transaction.run(&statements).await?;
    for (written, answer) in writes.iter().zip(answers) {
        if written.must_change && answer.changed != 1 {
            // It was there, in this version, a moment ago.
            return Err(Failed::driver(crate::DriverErrorKind::Serialization)
                .with_detail("a row changed between being read and being written"));
        }
    }
    Ok(())
}

/// Reserves places in the log, and answers with the last of them.
///
/// It comes first: a database that locks rows lets the commits of a connection follow one another
/// here, so that places are given in the order of the commits.
fn places(batch: &Batch) -> Statement {
    let is_event = |write: &&record_link::Write| matches!(write, record_link::Write::Event(_));
    let events = batch.writes.iter().filter(is_event).count();
    let events = i64::try_from(events).unwrap_or(i64::MAX);
    Statement::query(
        "INSERT INTO connections (connection, events) VALUES ($1, $2) \
         ON CONFLICT (connection) DO UPDATE SET events = connections.events + excluded.events \
         RETURNING events",
    )
    .with(batch.connection.as_str())
    .with(events)
}
