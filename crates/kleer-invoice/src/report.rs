//! What became of every business term.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use kleer_model::Cents;

use crate::Term;
use crate::rules::Severity;

/// What became of one term.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Fate {
    /// It is in a field of Kleer's document.
    Mapped {
        /// The field by its name in the schema, such as `rows/row/quantity`.
        field: Cow<'static, str>,
    },
    /// Kleer has no field for it, and it stands as text in another one.
    Carried {
        /// The field by its name in the schema, such as `notes`; a custom field with its alias,
        /// such as `fields/field[project]`.
        place: Cow<'static, str>,
    },
    /// It is not in Kleer's invoice.
    Dropped {
        /// Why.
        reason: Cow<'static, str>,
    },
}

impl Fate {
    pub(crate) const fn mapped(field: &'static str) -> Self {
        Self::Mapped {
            field: Cow::Borrowed(field),
        }
    }

    pub(crate) const fn carried(place: &'static str) -> Self {
        Self::Carried {
            place: Cow::Borrowed(place),
        }
    }

    pub(crate) const fn dropped(reason: &'static str) -> Self {
        Self::Dropped {
            reason: Cow::Borrowed(reason),
        }
    }

    const fn kind(&self) -> usize {
        match self {
            Self::Mapped { .. } => 0,
            Self::Carried { .. } => 1,
            Self::Dropped { .. } => 2,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mapped { field } => write!(f, "-> {field}"),
            Self::Carried { place } => write!(f, "carried in {place}"),
            Self::Dropped { reason } => write!(f, "dropped: {reason}"),
        }
    }
}

/// One business term of the source, present once, and its fate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ReportEntry {
    /// The term.
    pub term: Term,
    /// The business group that it stands in; `None` for a term of the document itself.
    #[cfg_attr(feature = "serde", serde(default))]
    pub group: Option<Term>,
    /// The line it stands on, counted from 1; `None` for a term of the document.
    pub line: Option<u32>,
    /// What became of it.
    pub fate: Fate,
}

/// A business group that is present, and what became of the terms in it. Of a group that repeats
/// (BG-20, say) all occurrences on one line, or all of the document, are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct GroupSummary {
    /// The group.
    pub group: Term,
    /// The line it stands on, counted from 1; `None` for a group of the document.
    pub line: Option<u32>,
    /// How many of its own terms are in fields. Those of groups inside it count there.
    pub mapped: u32,
    /// How many are carried as text.
    pub carried: u32,
    /// How many are dropped.
    pub dropped: u32,
}

/// An element of the source that is no business term of EN 16931, and is not in Kleer's invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct UnmappedElement {
    /// Its path of local names, such as `Invoice/UUID`.
    pub path: String,
    /// How often it stands there.
    pub count: u32,
}

/// A business rule that the source breaks, or a value that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Finding {
    /// The rule: one of EN 16931 (`BR-CO-15`), Peppol (`PEPPOL-EN16931-R040`) or `XRechnung`, or
    /// one of ours about reading (`READ-MALFORMED`; see [`RulePolicy`](crate::RulePolicy)).
    pub rule: Cow<'static, str>,
    /// How bad the rule's author finds it.
    pub severity: Severity,
    /// Where: a business path (`BG-25[2]/BT-151`, lines from 0) or an XML path.
    pub place: String,
    /// The rule's words. No values of the document, except amounts.
    pub message: Cow<'static, str>,
    /// Whether the policy refuses the invoice for it.
    pub stops: bool,
}

/// What a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum RemarkCode {
    /// There is no due date (BT-9), and the settings or the context gave one.
    DueDateAssumed,
    /// The line is posted as its total, with quantity and price in the description.
    LinePostedAsTotal,
    /// The product by the seller's item id has another VAT rate; the default product stands in.
    VatMismatchRerouted,
    /// The seller's item id is not known in Kleer; the default product stands in.
    UnknownProductRerouted,
    /// Kleer does not say which VAT rate the product has, so it was not compared.
    ProductVatUnknown,
    /// The attachment has no file name; one was made from its reference and media type.
    FileNameMade,
    /// The rounding amount (BT-114) is a row of its own.
    RoundingRow,
    /// A part of the amount was already paid (BT-113) and stands in the notes only.
    PrepaidInNotes,
    /// What was already paid (BT-113) is deducted by a row.
    PrepaidRow,
    /// What was already paid (BT-113) is not in Kleer.
    PrepaidNotDeducted,
    /// Kleer's VAT differs from the stated one (BT-110) by no more than the settings allow.
    VatWithinTolerance,
    /// The stated VAT (BT-117) is not what the rate gives; it is booked as stated.
    VatAsStated,
    /// A corrected invoice is taken for the difference to the one that it corrects.
    CorrectedInvoicePosted,
    /// The file name had signs that a file system takes for something else; they were replaced.
    FileNameChanged,
    /// The payment reference that the document states (BT-83) was kept, and none was made.
    PaymentReferenceKept,
}

/// Something a reviewer should know about a mapping that went through.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Remark {
    /// What it is about.
    pub code: RemarkCode,
    /// The term.
    pub term: Term,
    /// The line, counted from 1.
    pub line: Option<u32>,
    /// In words, without personal data.
    pub text: Cow<'static, str>,
}

/// A sum as the source states it and as Kleer will compute it, in hundredths of the currency. The
/// sign is Kleer's: a credit is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Compared {
    /// As the source states it.
    pub stated: Cents,
    /// Under [`kleer_model::sums`].
    pub computed: Cents,
}

impl Compared {
    pub(crate) const fn new(stated: Cents, computed: Cents) -> Self {
        Self { stated, computed }
    }

    /// Whether they are equal to the cent.
    pub fn agrees(self) -> bool {
        self.stated == self.computed
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stated {}, computed {}", self.stated, self.computed)
    }
}

/// The three sums that must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct TotalsComparison {
    /// BT-109 + BT-114 against the rows.
    pub net: Compared,
    /// BT-110 against the VAT of the rows.
    pub vat: Compared,
    /// BT-112 + BT-114 against net and VAT together.
    pub gross: Compared,
}

impl TotalsComparison {
    /// Whether all three agree to the cent.
    pub fn agrees(&self) -> bool {
        self.net.agrees() && self.vat.agrees() && self.gross.agrees()
    }
}

/// The account of a mapping: what became of each business term that stands in the source.
///
/// An element without content is neither a term nor a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MappingReport {
    /// One entry for each occurrence of each term, in document order.
    pub entries: Vec<ReportEntry>,
    /// Elements that are no business term.
    pub unmapped: Vec<UnmappedElement>,
    /// Rules that the source breaks and values that could not be read.
    pub findings: Vec<Finding>,
    /// What a reviewer should know.
    pub remarks: Vec<Remark>,
    /// The sums; `None` if they could not be computed.
    pub totals: Option<TotalsComparison>,
}

impl MappingReport {
    /// The entries of one term.
    pub fn of(&self, term: Term) -> impl Iterator<Item = &ReportEntry> {
        self.entries.iter().filter(move |entry| entry.term == term)
    }

    /// The business groups that are present, in order of their numbers, those of the document
    /// first and then line by line.
    ///
    /// A group is present when a term in it is, or in a group inside it.
    pub fn groups(&self) -> Vec<GroupSummary> {
        let mut found: BTreeMap<(Option<u32>, Term), [u32; 3]> = BTreeMap::new();
        for entry in &self.entries {
            let mut group = entry.group;
            let mut own = true;
            while let Some(term) = group {
                let line = if term.is_of_line() { entry.line } else { None };
                let counts = found.entry((line, term)).or_default();
                if own {
                    counts[entry.fate.kind()] += 1;
                }
                own = false;
                group = term.group();
            }
        }
        found
            .into_iter()
            .map(|((line, group), [mapped, carried, dropped])| GroupSummary {
                group,
                line,
                mapped,
                carried,
                dropped,
            })
            .collect()
    }

    /// The report as plain text in English; the same as its `Display`.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

fn on_line(f: &mut fmt::Formatter<'_>, line: Option<u32>) -> fmt::Result {
    match line {
        Some(line) => write!(f, " (line {line})"),
        None => Ok(()),
    }
}

impl fmt::Display for MappingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "terms: {}", self.entries.len())?;
        for entry in &self.entries {
            write!(f, "  {} {}", entry.term, entry.term.name())?;
            on_line(f, entry.line)?;
            writeln!(f, " {}", entry.fate)?;
        }
        let groups = self.groups();
        writeln!(f, "groups: {}", groups.len())?;
        for summary in groups {
            let GroupSummary {
                group,
                line,
                mapped,
                carried,
                dropped,
            } = summary;
            write!(f, "  {group} {}", group.name())?;
            on_line(f, line)?;
            writeln!(f, " {mapped} mapped, {carried} carried, {dropped} dropped")?;
        }
        if !self.unmapped.is_empty() {
            writeln!(f, "not in EN 16931: {}", self.unmapped.len())?;
            for element in &self.unmapped {
                writeln!(f, "  {} x{}", element.path, element.count)?;
            }
        }
        if !self.findings.is_empty() {
            writeln!(f, "findings: {}", self.findings.len())?;
            for finding in &self.findings {
                let Finding {
                    rule,
                    severity,
                    place,
                    message,
                    stops,
                } = finding;
                let stops = if *stops { " STOPS" } else { "" };
                writeln!(f, "  {severity}{stops} [{rule}] {place}: {message}")?;
            }
        }
        if !self.remarks.is_empty() {
            writeln!(f, "remarks: {}", self.remarks.len())?;
            for remark in &self.remarks {
                write!(f, "  {}", remark.term)?;
                on_line(f, remark.line)?;
                writeln!(f, " {}", remark.text)?;
            }
        }
        if let Some(totals) = &self.totals {
            let verdict = if totals.agrees() { "agree" } else { "DIFFER" };
            writeln!(f, "sums {verdict}")?;
            writeln!(f, "  net: {}", totals.net)?;
            writeln!(f, "  VAT: {}", totals.vat)?;
            writeln!(f, "  gross: {}", totals.gross)?;
        }
        Ok(())
    }
}
