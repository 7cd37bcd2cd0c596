//! Every business term that stands in the document, counted from its bytes.
//!
//! The peer crate reads values into its model and has known gaps: a payment due date of a credit
//! note, the currency of an amount, an attachment without a file name, a number it cannot parse
//! on a line, a second payment means. The census sees the whole document, so that the report can
//! account for each term and the mapping can refuse what was lost.

mod captured;
mod condensed;

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::last_line;
use super::paths::{Element, Role, root_of};
use super::scan::{Scanner, Token, attribute, resolve};
use crate::base64;
use captured::Captured;
use condensed::Condensed;

/// A line's place in the document, from 0; `NO_LINE` for terms of the document itself.
pub(crate) const NO_LINE: u32 = u32::MAX;

/// One term, present once with content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// The number of the business term; 0 for one that turned out to be none.
    pub(crate) term: u16,
    pub(crate) line: u32,
}

/// An amount in another currency than the document's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignAmount {
    pub(crate) term: u16,
    pub(crate) line: u32,
    pub(crate) currency: String,
}

/// What the reader cannot tell about one `AdditionalDocumentReference` (not those of BT-18).
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct DocumentFacts {
    /// BT-11 in a credit note, which has no element of its own for it.
    pub(crate) is_project: bool,
    /// The embedded object is not base64.
    pub(crate) not_base64: bool,
    /// The embedded object without a file name or media type, whose bytes the reader drops.
    pub(crate) recovered: Option<Recovered>,
}

/// An attachment that the reader did not keep.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Recovered {
    pub(crate) file_name: String,
    pub(crate) media_type: String,
    pub(crate) content: Vec<u8>,
}

/// A group without a term that it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Absent {
    /// The group: BG-20 and BG-21, BG-22, BG-23, or BG-25 for a line and what is in it.
    pub(crate) group: u16,
    /// Which of them, from 0.
    pub(crate) index: u32,
    pub(crate) term: u16,
}

/// The result of the second look.
#[derive(Clone, Default)]
pub(crate) struct Census {
    pub(crate) occurrences: Vec<Occurrence>,
    pub(crate) lines: u32,
    /// The line of an element with more attributes than the reader can be given: it compares each
    /// with each. The rest of the document was not looked at.
    pub(crate) too_many_attributes: Option<u32>,
    /// Paths of elements that are no business term, with how often they occur.
    pub(crate) unmapped: BTreeMap<String, u32>,
    /// BT-9 of a credit note as written.
    pub(crate) payment_due_date: Option<String>,
    pub(crate) foreign_amounts: Vec<ForeignAmount>,
    /// Numbers the reader takes for zero.
    pub(crate) not_numbers: Vec<Occurrence>,
    pub(crate) documents: Vec<DocumentFacts>,
    /// Terms that the model of the reader always has, and the document has not.
    pub(crate) absent: Vec<Absent>,
    /// Amounts with more than two decimals, which the reader does not keep.
    pub(crate) excess_decimals: Vec<Occurrence>,
    /// How many elements have neither text nor elements in them, and the path of the first (with
    /// `//` for elements that are not in the tree and stand between).
    pub(crate) empty: u32,
    pub(crate) first_empty: String,
    /// Paths of elements that the schema wants before one that they follow.
    pub(crate) out_of_order: BTreeMap<String, u32>,
}

/// The most bytes of attributes, namespaces among them. UBL knows a dozen attributes.
const MOST_ATTRIBUTES: usize = 10_000;

struct Frame<'a> {
    element: &'static Element,
    attributes: &'a str,
    /// The text so far, entities resolved once it is more than one piece.
    text: Captured<'a>,
    /// Where the occurrences of this group begin, and those among them that are noted besides.
    first: usize,
    first_currency: usize,
    first_excess: usize,
    selector: Option<Cow<'a, str>>,
    /// Where among the children the last one was: the next one is there or shortly after.
    last_child: usize,
}

struct Walk<'a> {
    text: &'a str,
    condensed: Condensed<'a>,
    census: Census,
    credit_note: bool,
    root: &'a str,
    frames: Vec<Frame<'a>>,
    line: u32,
    document_currency: Option<Cow<'a, str>>,
    tax_currency: Option<Cow<'a, str>>,
    /// Amounts whose currency was not the document's when they were met.
    currencies: Vec<(Occurrence, Cow<'a, str>)>,
    /// Places of `TaxTotal/TaxAmount` in the occurrences, and where one is or would be among those
    /// with too many decimals; with their currencies.
    tax_totals: Vec<(usize, usize, Cow<'a, str>)>,
    document: DocumentFacts,
    /// How many of BG-20, BG-21 and BG-23 there were.
    groups: [u32; 3],
}

/// Counts the terms of a document. Along with them comes the text that the reader is to get, if it
/// is not the document's own; of a document that is not well formed it is of no use.
pub(crate) fn take(text: &str) -> (Census, Option<String>) {
    let mut walk = Walk {
        text,
        condensed: Condensed::new(text),
        census: Census::default(),
        credit_note: false,
        root: "",
        frames: Vec::with_capacity(8),
        line: NO_LINE,
        document_currency: None,
        tax_currency: None,
        currencies: Vec::new(),
        tax_totals: Vec::new(),
        document: DocumentFacts::default(),
        groups: [0; 3],
    };
    // An ordinary invoice has a term every 100 bytes: one allocation for most documents.
    walk.census.occurrences.reserve(text.len().min(65_536) / 64);
    // How deep inside an element that is not in the tree.
    let mut outside = 0usize;
    let mut scanner = Scanner::new(text);
    // The name of the last start tag, if nothing has come since.
    let mut bare = None;
    while let Some(token) = scanner.next() {
        match token {
            Token::Start {
                name,
                written,
                attributes,
                empty,
            } => {
                bare = (!empty).then_some(name);
                if attributes.len() > MOST_ATTRIBUTES {
                    let read = &text[..text.len() - scanner.left()];
                    walk.census.too_many_attributes = Some(last_line(read));
                    break;
                }
                if outside > 0 {
                    outside += usize::from(!empty);
                    if empty {
                        walk.empty(name, true);
                    }
                    continue;
                }
                walk.blank(&scanner);
                let Some(element) = walk.find(name) else {
                    outside += usize::from(!empty);
                    if empty {
                        walk.empty(name, false);
                    }
                    continue;
                };
                if empty {
                    walk.empty(name, false);
                }
                // Most elements are leaves with text only, and need not be entered.
                if element.children.is_empty()
                    && !empty
                    && let Some(text) = scanner.whole_text(written)
                {
                    bare = None;
                    walk.whole_leaf(element, name, attributes, Captured::Raw(text));
                    continue;
                }
                walk.enter(element, attributes);
                if empty {
                    walk.leave();
                }
            }
            Token::End { .. } => {
                if outside > 0 {
                    outside -= 1;
                    if let Some(name) = bare.take() {
                        walk.empty(name, outside > 0);
                    }
                } else {
                    walk.blank(&scanner);
                    if bare.take().is_some() {
                        walk.empty("", false);
                    }
                    walk.leave();
                }
            }
            Token::Text(piece) => {
                bare = None;
                if outside == 0 {
                    walk.text(piece, false);
                }
            }
            Token::CData(piece) => {
                if !piece.trim().is_empty() {
                    bare = None;
                }
                if outside == 0 {
                    walk.text(piece, true);
                }
            }
            Token::Doctype | Token::Cut => break,
        }
    }
    walk.finish()
}

impl<'a> Walk<'a> {
    /// The element of the tree that a name stands for at this place.
    fn find(&mut self, name: &'a str) -> Option<&'static Element> {
        match self.frames.last_mut() {
            None => {
                self.root = name;
                self.credit_note = name == "CreditNote";
                Some(root_of(name))
            }
            Some(frame) => {
                if let Some(at) = frame.element.find_child(name, frame.last_child) {
                    let element = frame.element;
                    if at < frame.last_child {
                        let path = self.path(name);
                        *self.census.out_of_order.entry(path).or_insert(0) += 1;
                    } else {
                        frame.last_child = at;
                    }
                    Some(&element.children[at])
                } else {
                    self.not_mapped(name);
                    None
                }
            }
        }
    }

    /// Opens an element.
    fn enter(&mut self, element: &'static Element, attributes: &'a str) {
        match element.role {
            Role::Line => {
                self.line = self.census.lines;
                self.census.lines += 1;
            }
            Role::Document => self.document = DocumentFacts::default(),
            _ => {}
        }
        self.frames.push(Frame {
            element,
            attributes,
            text: Captured::Nothing,
            first: self.census.occurrences.len(),
            first_currency: self.currencies.len(),
            first_excess: self.census.excess_decimals.len(),
            selector: None,
            last_child: 0,
        });
    }

    fn path(&self, name: &str) -> String {
        let mut path = String::from(self.root);
        for frame in self.frames.iter().skip(1) {
            path.push('/');
            path.push_str(frame.element.name);
        }
        if !name.is_empty() {
            path.push('/');
            path.push_str(name);
        }
        path
    }

    /// White space before a tag is no content, unless it is part of a text.
    #[inline]
    fn blank(&mut self, scanner: &Scanner<'a>) {
        let (start, end) = scanner.blank(self.text.len());
        let in_text = |frame: &Frame<'a>| frame.element.children.is_empty();
        if start < end && !self.frames.last().is_some_and(in_text) {
            self.condensed.leave_out(start, end);
        }
    }

    fn text(&mut self, piece: &'a str, literal: bool) {
        if let Some(frame) = self.frames.last_mut()
            && frame.element.children.is_empty()
        {
            frame.text.push(piece, literal);
        }
    }

    fn push(&mut self, term: u16) {
        self.census.occurrences.push(Occurrence {
            term,
            line: self.line,
        });
    }

    /// An empty element: the innermost of the tree if it has no name here, else a child of that,
    /// or deeper inside.
    fn empty(&mut self, name: &str, deeper: bool) {
        self.census.empty += 1;
        if self.census.empty == 1 {
            self.census.first_empty = if deeper {
                format!("{}//{name}", self.path(""))
            } else {
                self.path(name)
            };
        }
    }

    fn not_mapped(&mut self, name: &str) {
        let path = self.path(name);
        *self.census.unmapped.entry(path).or_insert(0) += 1;
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let element = frame.element;
        if element.children.is_empty() {
            self.leaf(element, frame.attributes, frame.text);
            return;
        }
        match element.role {
            Role::Line => {
                self.require(&frame, 25, self.line, &[129, 131, 146]);
                self.line = NO_LINE;
            }
            Role::Totals => self.require(&frame, 22, 0, &[106, 109, 112, 115]),
            Role::Subtotal => {
                let index = self.count_group(2);
                self.require(&frame, 23, index, &[116, 117, 118]);
            }
            Role::AllowanceCharge(offset) => {
                let is_charge = matches!(frame.selector.as_deref(), Some("true" | "1"));
                self.require_of_allowance(&frame, is_charge, offset);
                if is_charge {
                    for occurrence in &mut self.census.occurrences[frame.first..] {
                        occurrence.term += offset;
                    }
                    let line = self.line;
                    // An allowance before this charge keeps its term: these begin with the charge.
                    let currencies = self.currencies[frame.first_currency..]
                        .iter_mut()
                        .map(|(occurrence, _)| occurrence);
                    let decimals = self.census.excess_decimals[frame.first_excess..].iter_mut();
                    for occurrence in currencies.chain(decimals) {
                        if occurrence.line == line && matches!(occurrence.term, 92 | 93 | 136 | 137)
                        {
                            occurrence.term += offset;
                        }
                    }
                }
            }
            Role::TaxScheme(other) if frame.selector.as_deref() != Some("VAT") => {
                self.retarget(&frame, other, "PartyTaxScheme/CompanyID");
            }
            Role::LineDocument if frame.selector.as_deref() != Some("130") => {
                self.retarget(&frame, None, "DocumentReference/ID");
            }
            Role::Document => self.leave_document(&frame),
            _ => {}
        }
    }

    fn count_group(&mut self, kind: usize) -> u32 {
        let index = self.groups[kind];
        self.groups[kind] += 1;
        index
    }

    /// Notes which of the terms that a group must have are not in it.
    fn require(&mut self, frame: &Frame<'a>, group: u16, index: u32, terms: &[u16]) {
        let Census {
            occurrences,
            absent,
            ..
        } = &mut self.census;
        let found = &occurrences[frame.first..];
        for term in terms {
            if found.iter().all(|occurrence| occurrence.term != *term) {
                absent.push(Absent {
                    group,
                    index,
                    term: *term,
                });
            }
        }
    }

    /// As [`require`](Self::require), of an allowance or charge whose terms are still those of an
    /// allowance.
    fn require_of_allowance(&mut self, frame: &Frame<'a>, is_charge: bool, offset: u16) {
        // Without its indicator it is neither, and the reader says so.
        if !is_charge && !matches!(frame.selector.as_deref(), Some("false" | "0")) {
            return;
        }
        let before = self.census.absent.len();
        if self.line == NO_LINE {
            let index = self.count_group(usize::from(is_charge));
            let group = if is_charge { 21 } else { 20 };
            self.require(frame, group, index, &[92, 95]);
        } else {
            self.require(frame, 25, self.line, &[136]);
        }
        if is_charge {
            for absent in &mut self.census.absent[before..] {
                absent.term += offset;
            }
        }
    }

    /// Gives the occurrences of a group another term, or none.
    fn retarget(&mut self, frame: &Frame<'a>, other: Option<u16>, path: &str) {
        if self.census.occurrences.len() == frame.first {
            return;
        }
        if let Some(term) = other {
            for occurrence in &mut self.census.occurrences[frame.first..] {
                occurrence.term = term;
            }
        } else {
            self.census.occurrences.truncate(frame.first);
            self.not_mapped(path);
        }
    }

    fn leave_document(&mut self, frame: &Frame<'a>) {
        let reference = match frame.selector.as_deref() {
            Some("130") => 18,
            Some("50") if self.credit_note => 11,
            Some(_) => {
                // A type of document that EN 16931 has no term for.
                self.not_mapped("AdditionalDocumentReference/DocumentTypeCode");
                122
            }
            None => 122,
        };
        for occurrence in &mut self.census.occurrences[frame.first..] {
            if occurrence.term == 122 {
                occurrence.term = reference;
            }
        }
        let mut facts = std::mem::take(&mut self.document);
        if reference != 18 {
            facts.is_project = reference == 11;
            self.census.documents.push(facts);
        }
    }

    /// A leaf that holds text only.
    #[inline]
    fn whole_leaf(
        &mut self,
        element: &'static Element,
        name: &str,
        attributes: &'a str,
        text: Captured<'a>,
    ) {
        match element.role {
            _ if text.is_blank() => self.empty(name, false),
            // Nearly all of these are a term and nothing else.
            Role::Term(term) => self.push(term),
            _ => self.leaf(element, attributes, text),
        }
    }

    /// A leaf with its attributes and its text.
    fn leaf(&mut self, element: &'static Element, attributes: &'a str, text: Captured<'a>) {
        if text.is_blank() {
            return;
        }
        match element.role {
            Role::Term(term) => self.push(term),
            Role::Amount(term) => {
                self.push(term);
                self.currency_of(term, attributes);
                self.amount(term, &text);
            }
            Role::Price(term) => {
                self.push(term);
                self.currency_of(term, attributes);
                self.number(term, text);
            }
            Role::Quantity(term, unit) => {
                self.push(term);
                if attribute(attributes, "unitCode").is_some_and(|u| !u.trim().is_empty()) {
                    self.push(unit);
                }
                self.number(term, text);
            }
            Role::PartyIdentifier(term) => {
                let sepa = attribute(attributes, "schemeID").as_deref() == Some("SEPA");
                self.push(if sepa { 90 } else { term });
            }
            Role::Note => {
                let value = text.value();
                let subject = value
                    .strip_prefix('#')
                    .and_then(|rest| rest.split_once('#'));
                match subject {
                    Some((code, text)) if code.len() == 3 => {
                        self.push(21);
                        if !text.trim().is_empty() {
                            self.push(22);
                        }
                    }
                    _ => self.push(22),
                }
            }
            Role::TaxTotal => {
                self.push(110);
                let excess = self.census.excess_decimals.len();
                self.amount(110, &text);
                let at = self.census.occurrences.len() - 1;
                let currency = attribute(attributes, "currencyID").unwrap_or_default();
                self.tax_totals.push((at, excess, currency));
            }
            Role::Currency(term) => {
                self.push(term);
                let value = Some(text.value());
                if term == 5 {
                    self.document_currency = value;
                } else {
                    self.tax_currency = value;
                }
            }
            Role::PaymentMeansCode => {
                self.push(81);
                if attribute(attributes, "name").is_some_and(|n| !n.trim().is_empty()) {
                    self.push(82);
                }
            }
            Role::PaymentDueDate => {
                if self.credit_note {
                    self.push(9);
                    let value = text.value().into_owned();
                    self.census.payment_due_date.get_or_insert(value);
                } else {
                    self.not_mapped("PaymentDueDate");
                }
            }
            Role::Binary => self.binary(attributes, text),
            Role::Selector => {
                let value = text.value();
                let owner = self
                    .frames
                    .iter_mut()
                    .rev()
                    .find(|f| !matches!(f.element.role, Role::Group));
                if let Some(owner) = owner {
                    owner.selector = Some(value);
                }
            }
            Role::Syntax
            | Role::Group
            | Role::Line
            | Role::Totals
            | Role::Subtotal
            | Role::AllowanceCharge(_)
            | Role::TaxScheme(_)
            | Role::Document
            | Role::LineDocument => {}
        }
    }

    /// Notes an amount that the reader does not take as it is written.
    fn amount(&mut self, term: u16, text: &Captured<'a>) {
        let value = match text {
            Captured::Raw(raw) => raw.trim(),
            Captured::Whole(whole) => whole.trim(),
            Captured::Nothing => "",
        };
        let decimals = value.split_once('.').map_or("", |(_, decimals)| decimals);
        if decimals.len() > 2 && value.parse::<Decimal>().is_ok() {
            self.census.excess_decimals.push(Occurrence {
                term,
                line: self.line,
            });
        }
        if let Captured::Raw(raw) = text {
            self.condensed.respell(raw.trim());
        }
    }

    fn binary(&mut self, attributes: &'a str, text: Captured<'a>) {
        self.push(125);
        let text = match text {
            // Line ends may be written as character references.
            Captured::Raw(raw) => resolve(raw),
            other => other.value(),
        };
        let file_name = attribute(attributes, "filename").unwrap_or_default();
        let media_type = attribute(attributes, "mimeCode").unwrap_or_default();
        if file_name.trim().is_empty() || media_type.trim().is_empty() {
            match base64::decode(&text) {
                Some(content) => {
                    self.document.recovered = Some(Recovered {
                        file_name: file_name.trim().to_owned(),
                        media_type: media_type.trim().to_owned(),
                        content,
                    });
                }
                None => self.document.not_base64 = true,
            }
        } else if !base64::is_valid(&text) {
            self.document.not_base64 = true;
        }
    }

    fn currency_of(&mut self, term: u16, attributes: &'a str) {
        let Some(currency) = attribute(attributes, "currencyID") else {
            return;
        };
        if self.document_currency.as_deref() != Some(currency.trim()) {
            self.currencies.push((
                Occurrence {
                    term,
                    line: self.line,
                },
                currency,
            ));
        }
    }

    fn number(&mut self, term: u16, text: Captured<'a>) {
        if text.value().parse::<Decimal>().is_err() {
            self.census.not_numbers.push(Occurrence {
                term,
                line: self.line,
            });
        }
    }

    fn finish(mut self) -> (Census, Option<String>) {
        let document = self.document_currency.as_deref().unwrap_or_default();
        let tax = self.tax_currency.as_deref();
        for (occurrence, currency) in &self.currencies {
            let currency = currency.trim();
            if !currency.is_empty() && currency != document {
                self.census.foreign_amounts.push(ForeignAmount {
                    term: occurrence.term,
                    line: occurrence.line,
                    currency: currency.to_owned(),
                });
            }
        }
        for (at, excess, currency) in &self.tax_totals {
            let currency = currency.trim();
            if currency.is_empty() || currency == document {
                continue;
            }
            self.census.occurrences[*at].term = 111;
            // The next entry may be another amount's, if this one has none.
            match self.census.excess_decimals.get_mut(*excess) {
                Some(entry) if entry.term == 110 => entry.term = 111,
                _ => {}
            }
            if Some(currency) != tax {
                self.census.foreign_amounts.push(ForeignAmount {
                    term: 111,
                    line: NO_LINE,
                    currency: currency.to_owned(),
                });
            }
        }
        (self.census, self.condensed.finish())
    }
}

#[cfg(test)]
mod tests;
