//! What the program prints.

use std::io::{self, Write};
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use kleer_connect::invoices::{DocumentResult, NotPosted, PostTotals};
use kleer_model::{Cents, Client, ClientInvoice, Revenue};
use record_link::{ConnectionId, DeviationClass, DeviationId, DeviationState};
use serde::Serialize;

/// What became of a file.
#[derive(Serialize)]
pub(crate) struct FileResult<'a> {
    #[serde(serialize_with = "crate::files::as_text")]
    pub(crate) file: &'a Path,
    /// Where it was to be posted: a sandbox, or a company of a Kleer.
    pub(crate) target: &'a str,
    #[serde(flatten)]
    pub(crate) result: &'a DocumentResult,
}

/// A text without what would control a terminal: names and numbers come from documents.
pub(crate) fn printable(text: &str) -> String {
    let controls = |character: char| {
        character.is_control()
            || matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(controls, " ")
}

/// A table with a heading, columns as wide as their widest cell.
struct Table {
    rows: Vec<Vec<String>>,
    /// Which columns are numbers, and so stand to the right.
    right: &'static [usize],
}

impl Table {
    fn new(heading: &[&str], right: &'static [usize]) -> Self {
        Self {
            rows: vec![heading.iter().map(|cell| (*cell).to_owned()).collect()],
            right,
        }
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows
            .push(cells.into_iter().map(|cell| printable(&cell)).collect());
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(move |row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let space = " ".repeat(width - cell.chars().count());
                if self.right.contains(&column) {
                    line.extend([space.as_str(), cell]);
                } else {
                    line.extend([cell, space.as_str()]);
                }
                line.push_str("  ");
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn short(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(length - 1).collect();
    cut.push('…');
    cut
}

fn file_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The results as a table, the reasons of each below it, and a line that sums up.
pub(crate) fn results(out: &mut dyn Write, results: &[FileResult<'_>]) -> io::Result<()> {
    let heading = [
        "file", "number", "client", "rows", "net", "VAT", "currency", "result",
    ];
    let mut table = Table::new(&heading, &[3, 4, 5]);
    for FileResult { file, result, .. } in results {
        table.row([
            short(&file_name(file), 44),
            short(&or_dash(result.number.as_ref()), 16),
            short(&or_dash(result.client.as_ref()), 28),
            or_dash(result.rows),
            or_dash(result.net),
            or_dash(result.vat),
            short(&or_dash(result.currency.as_ref()), 8),
            result.outcome.as_str().to_owned(),
        ]);
    }
    table.print(out)?;
    for FileResult { file, result, .. } in results {
        if result.reasons.is_empty() {
            continue;
        }
        let name = printable(&file_name(file));
        writeln!(out, "\n{name} {}", result.outcome.as_str())?;
        for reason in &result.reasons {
            writeln!(out, "  - {}", printable(reason))?;
        }
    }
    let totals = PostTotals::of(results.iter().map(|one| one.result));
    writeln!(out, "\n{totals}")
}

/// The account of every term, file by file.
pub(crate) fn reports(out: &mut dyn Write, results: &[FileResult<'_>]) -> io::Result<()> {
    for FileResult { file, result, .. } in results {
        if let Some(report) = &result.report {
            writeln!(out, "\n{}", printable(&file.display().to_string()))?;
            for line in report.render().lines() {
                writeln!(out, "{}", printable(line))?;
            }
        }
    }
    Ok(())
}

/// The results as JSON, one object per line.
pub(crate) fn results_as_json(out: &mut dyn Write, results: &[FileResult<'_>]) -> io::Result<()> {
    for result in results {
        serde_json::to_writer(&mut *out, result)?;
        writeln!(out)?;
    }
    Ok(())
}

/// What arrived in the sandbox.
pub(crate) fn sandbox_invoices(
    out: &mut dyn Write,
    invoices: &[ClientInvoice],
    clients: &[Client],
    products: usize,
) -> io::Result<()> {
    writeln!(
        out,
        "\nThe sandbox has {} invoices (drafts, not sent), {} clients, {products} products:\n",
        invoices.len(),
        clients.len()
    )?;
    let heading = [
        "id",
        "client",
        "invoice date",
        "due date",
        "rows",
        "files",
        "net",
        "VAT",
        "currency",
    ];
    let mut table = Table::new(&heading, &[0, 4, 5, 6, 7]);
    for invoice in invoices {
        let client = clients
            .iter()
            .find(|client| client.id == invoice.client_ref.id);
        table.row([
            invoice.id.to_string(),
            short(client.map_or("-", |client| &client.name), 28),
            invoice.invoice_date.to_string(),
            invoice.due_date.to_string(),
            invoice.rows.len().to_string(),
            invoice.files.as_ref().map_or(0, Vec::len).to_string(),
            or_dash(invoice.amount),
            or_dash(invoice.vat),
            invoice.currency.clone(),
        ]);
    }
    table.print(out)
}

/// What arrived in the sandbox, as revenues.
pub(crate) fn sandbox_revenues(
    out: &mut dyn Write,
    revenues: &[Revenue],
    clients: &[Client],
    products: usize,
) -> io::Result<()> {
    writeln!(
        out,
        "\nThe sandbox has {} revenues (booked), {} clients, {products} products:\n",
        revenues.len(),
        clients.len()
    )?;
    let heading = ["id", "client", "date", "rows", "net", "VAT", "currency"];
    let mut table = Table::new(&heading, &[0, 3, 4, 5]);
    for revenue in revenues {
        let reference = revenue.client.as_ref().map(|client| client.id);
        let client = clients.iter().find(|client| Some(client.id) == reference);
        let amounts = || revenue.rows.iter().map(|row| &row.original_amount);
        let mut net = amounts().map(|amount| amount.amount);
        let mut vat = amounts().map(|amount| amount.vat);
        table.row([
            revenue.id.to_string(),
            short(client.map_or("-", |client| &client.name), 28),
            revenue.transaction_date.to_string(),
            revenue.rows.len().to_string(),
            or_dash(net.try_fold(Cents::ZERO, Cents::checked_add)),
            or_dash(vat.try_fold(Cents::ZERO, Cents::checked_add)),
            or_dash(amounts().next().map(|amount| &amount.currency)),
        ]);
    }
    table.print(out)
}

/// Deviations as a table.
pub(crate) fn deviations(out: &mut dyn Write, deviations: &[NotPosted]) -> io::Result<()> {
    if deviations.is_empty() {
        return writeln!(out, "no deviations");
    }
    let mut table = Table::new(
        &["id", "state", "file", "number", "attempts", "reason"],
        &[4],
    );
    for one in deviations {
        let deviation = &one.deviation;
        let reasons = deviation.failure().messages();
        let more = reasons.len().saturating_sub(1);
        let reason = reasons.first().map_or("", String::as_str);
        let more = if more > 0 {
            format!(" (+{more} more)")
        } else {
            String::new()
        };
        table.row([
            one.id().to_string().chars().take(8).collect(),
            deviation.state().to_string(),
            short(&file_name(Path::new(&one.document)), 44),
            short(&or_dash(deviation.failure().label()), 16),
            deviation.attempts().to_string(),
            format!("{}{more}", short(reason, 72)),
        ]);
    }
    table.print(out)
}

/// A deviation as the program prints it in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Printed<'a> {
    id: DeviationId,
    connection: &'a ConnectionId,
    target: &'static str,
    state: DeviationState,
    class: DeviationClass,
    file: &'a str,
    number: Option<&'a str>,
    reasons: &'a [String],
    attempts: u32,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
}

impl<'a> From<&'a NotPosted> for Printed<'a> {
    fn from(one: &'a NotPosted) -> Self {
        let deviation = &one.deviation;
        Self {
            id: one.id(),
            connection: one.connection(),
            target: one.target.as_str(),
            state: deviation.state(),
            class: deviation.class(),
            file: &one.document,
            number: deviation.failure().label(),
            reasons: deviation.failure().messages(),
            attempts: deviation.attempts(),
            first_at: deviation.first_seen(),
            last_at: deviation.changed_at(),
        }
    }
}

/// A deviation as JSON, on a line.
pub(crate) fn deviation_as_json(out: &mut dyn Write, one: &NotPosted) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Printed::from(one))?;
    writeln!(out)
}

/// The whole deviation, for a person.
pub(crate) fn describe(out: &mut dyn Write, one: &NotPosted) -> io::Result<()> {
    let deviation = &one.deviation;
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let number = deviation.failure().label().unwrap_or("unknown");
    writeln!(
        out,
        "deviation {}\n  state     {}\n  class     {}\n  for       {}, as {}\n  file      {}\n  \
         number    {}\n  attempts  {}\n  first     {}\n  last      {}\n  reasons",
        one.id(),
        deviation.state(),
        deviation.class(),
        one.connection(),
        one.target.as_str(),
        printable(&one.document),
        printable(number),
        deviation.attempts(),
        time(deviation.first_seen()),
        time(deviation.changed_at()),
    )?;
    for reason in deviation.failure().messages() {
        writeln!(out, "  - {}", printable(reason))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_control_characters_do_not_pass() {
        let mut table = Table::new(&["name", "sum"], &[1]);
        table.row(["Åke".to_owned(), "1.00".to_owned()]);
        table.row(["a\u{1b}[31m\nb".to_owned(), "1000.00".to_owned()]);
        let mut out = Vec::new();
        table.print(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "name          sum\nÅke          1.00\na [31m b  1000.00\n"
        );
    }

    #[test]
    fn long_texts_are_cut_by_characters() {
        assert_eq!(short("åäö", 3), "åäö");
        assert_eq!(short("åäöå", 3), "åä…");
    }
}
