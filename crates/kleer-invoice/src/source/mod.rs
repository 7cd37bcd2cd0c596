//! An invoice as it was received.

mod census;
mod json;
mod party;
mod paths;
mod read_error;
pub(crate) mod scan;

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;
use en16931::invoice::Code;
use en16931::validation::ValidationReport;
use en16931::{DocumentKind as PeerKind, Invoice, InvoiceAmount, profiles};
use en16931_formats::report::Entry;
use kleer_model::Cents;

use crate::rules::{Broken, check_sweden};

pub(crate) use census::{Absent, Census, NO_LINE, Occurrence};
pub use party::{Party, PostalAddress};
pub(crate) use party::{compact, organisation_digits, swedish_number_in_vat};
pub use read_error::ReadError;
pub(crate) use scan::has_forbidden_character;

/// Limits on what is read. An invoice with its attachments is rarely larger than some megabytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadLimits {
    /// The largest document in bytes; 50 MB by default.
    pub max_bytes: usize,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            max_bytes: 50_000_000,
        }
    }
}

impl ReadLimits {
    /// Sets the largest document in bytes.
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    fn check(self, bytes: &[u8]) -> Result<(), ReadError> {
        if bytes.len() > self.max_bytes {
            return Err(ReadError::TooLarge {
                bytes: bytes.len(),
                limit: self.max_bytes,
            });
        }
        Ok(())
    }
}

/// What the root element says the document is. The amounts of a credit note are what is credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum DocumentKind {
    /// A UBL `Invoice`.
    Invoice,
    /// A UBL `CreditNote`.
    CreditNote,
}

/// The document totals (BG-22) as stated, in hundredths of the currency. An amount that is absent
/// is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Totals {
    /// Without VAT (BT-109).
    pub net: Cents,
    /// VAT in the currency of the invoice (BT-110).
    pub vat: Option<Cents>,
    /// With VAT (BT-112).
    pub gross: Cents,
    /// Already paid (BT-113).
    pub paid: Option<Cents>,
    /// Rounding (BT-114).
    pub rounding: Option<Cents>,
    /// Due for payment (BT-115).
    pub due: Cents,
}

pub(crate) fn cents(amount: InvoiceAmount) -> Cents {
    Cents(amount.to_minor_units())
}

pub(crate) fn naive_date(date: en16931::Date) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(date.year(), u32::from(date.month()), u32::from(date.day()))
}

/// A UBL invoice or credit note that was read and checked.
///
/// It holds the semantic model of EN 16931, what the reader had to say, the findings of the
/// business rules, and a count of every business term in the bytes. `Debug` shows no content.
///
/// ```
/// use kleer_invoice::{DocumentKind, ReadError, SourceInvoice};
///
/// let xml = br#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
///     xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
///     <cbc:ID>2026-17</cbc:ID><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode></Invoice>"#;
/// let source = SourceInvoice::from_ubl(xml)?;
/// assert_eq!(source.number(), Some("2026-17"));
/// assert_eq!(source.kind(), DocumentKind::Invoice);
///
/// let cut = SourceInvoice::from_ubl(&xml[..200]).unwrap_err();
/// assert!(matches!(cut, ReadError::Truncated { .. }));
/// # Ok::<(), ReadError>(())
/// ```
#[derive(Clone)]
pub struct SourceInvoice {
    invoice: Invoice,
    entries: Vec<Entry>,
    validation: ValidationReport,
    /// The Swedish rules that it breaks.
    broken: Vec<Broken>,
    census: Census,
}

impl fmt::Debug for SourceInvoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceInvoice")
            .field("kind", &self.kind())
            .field("type_code", &self.type_code())
            .field("lines", &self.invoice.lines.len())
            .field("findings", &self.validation.findings().len())
            .finish_non_exhaustive()
    }
}

impl SourceInvoice {
    /// Reads a UBL 2.1 `Invoice` or `CreditNote` and checks the business rules of the profile it
    /// names: EN 16931, Peppol BIS Billing 3 or `XRechnung`; the core rules for any other.
    ///
    /// # Errors
    /// When the bytes are not such a document. What is wrong *in* the invoice is no error here:
    /// [`map`](crate::map()) reports and judges it.
    pub fn from_ubl(bytes: &[u8]) -> Result<Self, ReadError> {
        Self::from_ubl_with(bytes, &ReadLimits::default())
    }

    /// As [`from_ubl`](Self::from_ubl), with limits of your own.
    ///
    /// # Errors
    /// As [`from_ubl`](Self::from_ubl).
    pub fn from_ubl_with(bytes: &[u8], limits: &ReadLimits) -> Result<Self, ReadError> {
        limits.check(bytes)?;
        let text = decode(bytes)?;
        check_root(&text)?;
        Self::from_xml(&text, bytes)
    }

    /// Reads UBL in JSON: the OASIS representation "UBL 2.1 JSON", version 2.0, in which Qvalia
    /// sends invoices. `{"Invoice": ...}` and `{"CreditNote": ...}` are understood, with further
    /// members beside them.
    ///
    /// An invoice gives the same result in JSON as in XML: the same model, report and
    /// fingerprint. Numbers keep each of their digits, and the order of members does not count.
    ///
    /// ```
    /// use kleer_invoice::SourceInvoice;
    ///
    /// let json = br#"{"Invoice": [{
    ///     "ID": [{"_": "2026-17"}],
    ///     "DocumentCurrencyCode": [{"_": "SEK"}],
    ///     "LegalMonetaryTotal": [{"PayableAmount": [{"_": 125.50, "currencyID": "SEK"}]}]
    /// }]}"#;
    /// let source = SourceInvoice::from_ubl_json(json)?;
    /// assert_eq!(source.number(), Some("2026-17"));
    /// assert_eq!(source.totals().due.0, 12_550);
    /// # Ok::<(), kleer_invoice::ReadError>(())
    /// ```
    ///
    /// # Errors
    /// When the bytes are not such a document: [`ReadError::NotJson`] and
    /// [`ReadError::NotUblJson`] say where and why.
    pub fn from_ubl_json(bytes: &[u8]) -> Result<Self, ReadError> {
        Self::from_ubl_json_with(bytes, &ReadLimits::default())
    }

    /// As [`from_ubl_json`](Self::from_ubl_json), with limits of your own.
    ///
    /// # Errors
    /// As [`from_ubl_json`](Self::from_ubl_json).
    pub fn from_ubl_json_with(bytes: &[u8], limits: &ReadLimits) -> Result<Self, ReadError> {
        limits.check(bytes)?;
        let xml = json::to_xml(&decode(bytes)?)?;
        Self::from_xml(&xml, xml.as_bytes())
    }

    /// Reads UBL in XML or in JSON, told apart by the first character.
    ///
    /// # Errors
    /// As [`from_ubl`](Self::from_ubl) and [`from_ubl_json`](Self::from_ubl_json).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReadError> {
        Self::from_bytes_with(bytes, &ReadLimits::default())
    }

    /// As [`from_bytes`](Self::from_bytes), with limits of your own.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_bytes_with(bytes: &[u8], limits: &ReadLimits) -> Result<Self, ReadError> {
        // White space, a byte-order mark and the other half of UTF-16 characters may come first.
        let first = bytes
            .iter()
            .find(|byte| !byte.is_ascii_whitespace() && !b"\xEF\xBB\xBF\xFF\xFE\0".contains(byte));
        match first {
            Some(b'{' | b'[') => Self::from_ubl_json_with(bytes, limits),
            _ => Self::from_ubl_with(bytes, limits),
        }
    }

    /// Reads a document whose root element is right: its text, and the bytes it was decoded from.
    fn from_xml(text: &str, bytes: &[u8]) -> Result<Self, ReadError> {
        let (census, condensed) = census::take(text);
        if let Some(line) = census.too_many_attributes {
            return Err(ReadError::TooManyAttributes { line });
        }
        let read = read(text, condensed.as_deref(), bytes)?;
        let validation = rule_set(read.invoice.specification_id.as_deref()).validate(&read.invoice);
        let broken = if has_swedish_rules(&read.invoice) {
            check_sweden(condensed.as_deref().unwrap_or(text))
        } else {
            Vec::new()
        };
        Ok(Self {
            invoice: read.invoice,
            entries: read.entries,
            validation,
            broken,
            census,
        })
    }

    /// The invoice number (BT-1).
    pub fn number(&self) -> Option<&str> {
        self.invoice.number.as_deref()
    }

    /// Invoice or credit note, by the root element.
    pub fn kind(&self) -> DocumentKind {
        match self.invoice.kind {
            PeerKind::Invoice => DocumentKind::Invoice,
            PeerKind::CreditNote => DocumentKind::CreditNote,
        }
    }

    /// The type code (BT-3), such as `380` or `381`.
    pub fn type_code(&self) -> Option<&str> {
        self.invoice.type_code.as_ref().map(Code::as_str)
    }

    /// The issue date (BT-2).
    pub fn issue_date(&self) -> Option<NaiveDate> {
        self.invoice.issue_date.and_then(naive_date)
    }

    /// The due date (BT-9); of a credit note, that of its payment means.
    pub fn due_date(&self) -> Option<NaiveDate> {
        self.invoice.due_date.and_then(naive_date).or_else(|| {
            let text = self.census.payment_due_date.as_deref()?;
            // A time zone may follow and is dropped: the day is the day.
            let date = text.get(..10)?;
            en16931::Date::parse(date).ok().and_then(naive_date)
        })
    }

    /// The currency (BT-5).
    pub fn currency(&self) -> Option<&str> {
        self.invoice.currency.as_ref().map(Code::as_str)
    }

    /// The specification identifier (BT-24).
    pub fn specification(&self) -> Option<&str> {
        self.invoice.specification_id.as_deref()
    }

    /// The business process (BT-23).
    pub fn business_process(&self) -> Option<&str> {
        self.invoice.business_process.as_deref()
    }

    /// The rule set that the invoice was checked against, such as `Peppol BIS Billing 3.0`.
    pub fn profile(&self) -> &str {
        self.validation.profile().unwrap_or("EN 16931")
    }

    /// The seller (BG-4).
    pub fn seller(&self) -> Party<'_> {
        Party::new(&self.invoice.seller)
    }

    /// The buyer (BG-7).
    pub fn buyer(&self) -> Party<'_> {
        Party::new(&self.invoice.buyer)
    }

    /// The numbers of preceding invoices (BT-25): what a credit credits.
    pub fn preceding_invoices(&self) -> impl Iterator<Item = &str> {
        self.invoice
            .preceding_invoices
            .iter()
            .map(|preceding| preceding.reference.as_str().trim())
            .filter(|number| !number.is_empty())
    }

    /// Whether Kleer needs a credit invoice for this: a credit note, or an invoice with a
    /// negative total. A negative credit note is the other way round.
    pub fn is_credit(&self) -> bool {
        let gross = self.invoice.totals.gross_total;
        match self.kind() {
            DocumentKind::Invoice => gross.is_negative(),
            DocumentKind::CreditNote => !gross.is_negative(),
        }
    }

    /// The document totals (BG-22) as stated.
    pub fn totals(&self) -> Totals {
        let totals = &self.invoice.totals;
        Totals {
            net: cents(totals.taxable_total),
            vat: totals.vat_total.map(cents),
            gross: cents(totals.gross_total),
            paid: totals.paid.map(cents),
            rounding: totals.rounding.map(cents),
            due: cents(totals.due),
        }
    }

    /// How many invoice lines (BG-25) there are.
    pub fn line_count(&self) -> usize {
        self.invoice.lines.len()
    }

    /// The door to the model of the `en16931` crate.
    ///
    /// **Not covered by this crate's versioning**: the type is that of `en16931` 0.8 and changes
    /// when we move to another version of it. Everything else here does not show its types.
    pub fn as_en16931(&self) -> &Invoice {
        &self.invoice
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn validation(&self) -> &ValidationReport {
        &self.validation
    }

    pub(crate) fn is_peppol(&self) -> bool {
        let specification = self.invoice.specification_id.as_deref();
        rule_set(specification).specification_id == profiles::PEPPOL_BIS_3.specification_id
    }

    pub(crate) fn broken(&self) -> &[Broken] {
        &self.broken
    }

    pub(crate) fn census(&self) -> &Census {
        &self.census
    }
}

/// The rules to check by: those of the profile that BT-24 names, or whose identifier it extends.
fn rule_set(specification: Option<&str>) -> &'static en16931::Profile {
    if let Some(profile) = profiles::classify(specification).profile() {
        return profile;
    }
    let peppol = &profiles::PEPPOL_BIS_3;
    match specification {
        Some(id) if id.trim().starts_with(peppol.specification_id) => peppol,
        _ => &profiles::EN16931,
    }
}

/// Whether the Swedish rules apply: to a seller in Sweden, by any profile but self-billing, which
/// has a rule set of its own without national rules.
fn has_swedish_rules(invoice: &Invoice) -> bool {
    let country = invoice.seller.address.country.as_ref();
    let specification = invoice.specification_id.as_deref();
    country.is_some_and(|code| code.as_str().trim() == "SE")
        && !specification.is_some_and(|id| id.contains("selfbilling"))
}

/// The model, from the condensed text where there is one.
fn read(
    text: &str,
    condensed: Option<&str>,
    bytes: &[u8],
) -> Result<en16931_formats::Read, ReadError> {
    // The reader decides the encoding from the first bytes, and this text is UTF-8 now.
    let is_utf16 = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    let readable = match condensed {
        Some(condensed) if is_utf16 => without_utf16_declaration(condensed),
        other => other,
    };
    if let Some(Ok(read)) = readable.map(|text| en16931_formats::read(text.as_bytes())) {
        return Ok(read);
    }
    // An error names a place, which is to be one of the original.
    en16931_formats::read(bytes).map_err(|error| read_error(error, text))
}

/// A text without its XML declaration; `None` if that declares another encoding than UTF-16.
fn without_utf16_declaration(text: &str) -> Option<&str> {
    let Some(after) = text.strip_prefix("<?xml") else {
        return Some(text);
    };
    let (declaration, rest) = after.split_once("?>")?;
    let encoding = scan::attribute(declaration, "encoding");
    let is_utf16 = encoding.is_none_or(|name| name.eq_ignore_ascii_case("utf-16"));
    is_utf16.then_some(rest)
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text = char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .ok();
        text.filter(|_| rest.len().is_multiple_of(2))
            .map(Cow::Owned)
            .ok_or_else(|| ReadError::Encoding {
                found: "broken UTF-16".to_owned(),
            })
    };
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return utf16(rest, u16::from_be_bytes);
    }
    let rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(rest) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => Err(ReadError::Encoding {
            found: declared_encoding(rest),
        }),
    }
}

/// The encoding that an XML declaration names, for the message only.
fn declared_encoding(bytes: &[u8]) -> String {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    let declared = start
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .and_then(|(declaration, _)| scan::attribute(declaration, "encoding"));
    match declared {
        Some(name) if !name.eq_ignore_ascii_case("utf-8") => name.into_owned(),
        Some(_) => "something else than the UTF-8 it declares".to_owned(),
        None => "something else than UTF-8".to_owned(),
    }
}

/// Refuses a DOCTYPE and a root that is no invoice before the XML is parsed.
fn check_root(text: &str) -> Result<(), ReadError> {
    for token in scan::Scanner::new(text) {
        match token {
            scan::Token::Start {
                name: "Invoice" | "CreditNote",
                ..
            } => return Ok(()),
            scan::Token::Start { name, .. } => {
                return Err(ReadError::WrongRoot {
                    found: name.chars().take(80).collect(),
                    hint: read_error::hint_for(name),
                });
            }
            scan::Token::Doctype => return Err(ReadError::Doctype),
            scan::Token::Cut => {
                return Err(ReadError::Truncated {
                    line: last_line(text),
                });
            }
            scan::Token::Text(piece) if piece.trim().is_empty() => {}
            _ => return Err(ReadError::NotXml { line: 1, column: 1 }),
        }
    }
    Err(ReadError::NotXml { line: 1, column: 1 })
}

fn last_line(text: &str) -> u32 {
    let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
}

fn read_error(error: en16931_formats::Error, text: &str) -> ReadError {
    use en16931_formats::Error;
    match error {
        Error::Encoding { found } => ReadError::Encoding { found },
        Error::Xml { .. } if scan::is_cut_off(text) => ReadError::Truncated {
            line: last_line(text),
        },
        Error::Xml { line, column, .. } => ReadError::NotXml { line, column },
        Error::TooDeep { depth, limit } => ReadError::TooDeep { depth, limit },
        Error::NotAnInvoice { found } => {
            let name: String = found.split(' ').next().unwrap_or_default().to_owned();
            ReadError::WrongRoot {
                hint: read_error::hint_for(&name),
                found: name,
            }
        }
        other => ReadError::Other {
            reason: other.to_string(),
        },
    }
}
