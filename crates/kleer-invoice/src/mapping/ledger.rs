//! The account of terms while an invoice is being mapped.

use std::collections::BTreeSet;

use crate::Term;
use crate::report::{Fate, ReportEntry};
use crate::source::{Census, NO_LINE};

/// No further occurrence.
const NONE: u32 = u32::MAX;
const TERMS: usize = 166;
/// The terms of a line: BT-126 to BT-161.
const FIRST_OF_LINE: u16 = 126;
const OF_LINE: usize = 36;

/// The occurrences of the census, each with a fate once somebody gave it one. An occurrence that
/// nobody takes keeps the reason why its term is dropped, so that none can be forgotten.
pub(crate) struct Ledger {
    /// One entry for each occurrence, in document order.
    entries: Vec<ReportEntry>,
    /// The next occurrence of the same term on the same line.
    following: Vec<u32>,
    document: [u32; TERMS],
    lines: Vec<[u32; OF_LINE]>,
    /// Terms that the model has and the census did not see. There should be none; if there are,
    /// the report says what became of them too.
    unexpected: Vec<ReportEntry>,
}

impl Ledger {
    /// Every term with the reason `why` it is dropped, until somebody says otherwise.
    pub(crate) fn new(census: &Census, why: fn(u16) -> &'static str) -> Self {
        let count = census.occurrences.len();
        let mut ledger = Self {
            entries: census
                .occurrences
                .iter()
                .map(|occurrence| ReportEntry {
                    term: Term::bt(occurrence.term),
                    group: Term::bt(occurrence.term).group(),
                    line: (occurrence.line != NO_LINE).then(|| occurrence.line.saturating_add(1)),
                    fate: Fate::dropped(why(occurrence.term)),
                })
                .collect(),
            following: vec![NONE; count],
            document: [NONE; TERMS],
            lines: vec![[NONE; OF_LINE]; census.lines as usize],
            unexpected: Vec::new(),
        };
        for (at, occurrence) in census.occurrences.iter().enumerate().rev() {
            let line = (occurrence.line != NO_LINE).then_some(occurrence.line as usize);
            if let Some(head) = ledger.head(occurrence.term, line) {
                let before = std::mem::replace(head, u32::try_from(at).unwrap_or(NONE));
                ledger.following[at] = before;
            }
        }
        ledger
    }

    fn head(&mut self, term: u16, line: Option<usize>) -> Option<&mut u32> {
        match line {
            None => self.document.get_mut(usize::from(term)),
            Some(line) => {
                let offset = usize::from(term.checked_sub(FIRST_OF_LINE)?);
                self.lines.get_mut(line)?.get_mut(offset)
            }
        }
    }

    /// Whether an occurrence of the term still has no fate.
    pub(crate) fn is_open(&mut self, term: u16, line: Option<usize>) -> bool {
        self.head(term, line).is_some_and(|head| *head != NONE)
    }

    /// Gives the next open occurrence of the term its fate.
    pub(crate) fn mark(&mut self, term: u16, line: Option<usize>, fate: Fate) {
        let at = self.head(term, line).map_or(NONE, |head| *head);
        if at == NONE {
            let line = line.and_then(|line| u32::try_from(line + 1).ok());
            self.unexpected.push(ReportEntry {
                term: Term::bt(term),
                group: Term::bt(term).group(),
                line,
                fate,
            });
            return;
        }
        let at = at as usize;
        let next = self.following[at];
        self.entries[at].fate = fate;
        if let Some(head) = self.head(term, line) {
            *head = next;
        }
    }

    /// As [`mark`](Self::mark), if there is an open occurrence. For terms that the peer's model
    /// cannot tell from absent ones.
    pub(crate) fn mark_open(&mut self, term: u16, line: Option<usize>, fate: Fate) {
        if self.is_open(term, line) {
            self.mark(term, line, fate);
        }
    }

    /// Gives terms of the document that stand in the notes another fate.
    pub(crate) fn take_out_of_notes(&mut self, terms: &BTreeSet<u16>, fate: &Fate) {
        let in_notes = Fate::carried("notes");
        for entry in self.entries.iter_mut().chain(&mut self.unexpected) {
            if entry.line.is_none()
                && entry.fate == in_notes
                && terms.contains(&entry.term.number())
            {
                entry.fate = fate.clone();
            }
        }
    }

    /// One entry for each occurrence, in document order.
    pub(crate) fn finish(mut self) -> Vec<ReportEntry> {
        self.entries.append(&mut self.unexpected);
        self.entries
    }
}

/// Why a term that the mapping did not take is not in Kleer's invoice.
pub(crate) const fn why_dropped(term: u16) -> &'static str {
    match term {
        3 => "the sign of the rows says whether it is a credit",
        23 | 24 => "about the exchange of the document, not about the sale",
        27..=43 | 162 => "the seller is the company in Kleer",
        44..=49 | 57 => "the client in Kleer holds it",
        59..=61 => "Kleer pays nobody; the payee is the company's own setting",
        62..=69 | 164 => "Kleer has no tax representative",
        81..=91 => "Kleer uses the company's own payment details and reference",
        106..=108 | 116..=119 => "Kleer computes it from the rows",
        109 | 110 | 112 => "Kleer computes it from the rows; compared to the cent",
        113 => "zero, so nothing was paid",
        114 => "zero, so there is nothing to round",
        115 => "Kleer computes it; equal to the total, as nothing was paid",
        126 => "the rows stand in the order of the lines",
        150 => "the unit of the quantity, which is the row's",
        151 => "Kleer takes it from the product and the client",
        _ => "a further occurrence that cannot be read, or one the standard does not allow here",
    }
}
