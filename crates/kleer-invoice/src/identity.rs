//! Which invoice this is, and whether it has changed.

use std::fmt;

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use crate::source::{Party, SourceInvoice, compact};

/// Who issued the invoice, of which type it is and what its number is: what makes an invoice the
/// same invoice when it arrives again.
///
/// ```
/// use kleer_invoice::SourceIdentity;
///
/// let identity = SourceIdentity::new("org:2021005489", "380", "A-17");
/// assert_eq!(identity.as_source_key(), "14:org:20210054893:3804:A-17");
/// // The parts cannot run into each other.
/// let other = SourceIdentity::new("org:2021005489", "3", "80A-17");
/// assert_ne!(identity.as_source_key(), other.as_source_key());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SourceIdentity {
    /// The seller: what kind of identifier, a colon, and the identifier in upper case without
    /// blanks and hyphens. A sole trader's is personal data.
    pub seller: String,
    /// The type code (BT-3); 380 or 381 by the root element if it is absent.
    pub type_code: String,
    /// The number (BT-1), trimmed. Its case and punctuation are kept: `1-23` and `12-3` are two
    /// invoices.
    pub number: String,
}

impl SourceIdentity {
    /// An identity from its parts.
    pub fn new(
        seller: impl Into<String>,
        type_code: impl Into<String>,
        number: impl Into<String>,
    ) -> Self {
        Self {
            seller: seller.into(),
            type_code: type_code.into(),
            number: number.into(),
        }
    }

    /// One text for [`kleer_model::ClientKey`]: each part after its length in bytes.
    pub fn as_source_key(&self) -> String {
        let Self {
            seller,
            type_code,
            number,
        } = self;
        format!(
            "{}:{seller}{}:{type_code}{}:{number}",
            seller.len(),
            type_code.len(),
            number.len()
        )
    }
}

impl fmt::Debug for SourceIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceIdentity")
            .field("type_code", &self.type_code)
            .finish_non_exhaustive()
    }
}

/// The strongest identifier a party has: legal registration, VAT number, first identifier,
/// electronic address, name. Prefixed with its kind, so that none can be mistaken for another.
fn party_key(party: Party<'_>) -> String {
    let schemed = |kind: &str, (scheme, value): (&str, &str)| {
        format!("{kind}:{}:{}", compact(scheme), compact(value))
    };
    if let Some(number) = party.legal_registration() {
        return format!("org:{}", compact(number));
    }
    if let Some(number) = party.vat_number() {
        return format!("vat:{number}");
    }
    if let Some(id) = party.identifiers().find(|(_, value)| !value.is_empty()) {
        return schemed("id", id);
    }
    if let Some(endpoint) = party.endpoint() {
        return schemed("endpoint", endpoint);
    }
    let name = party.name().unwrap_or_default();
    format!("name:{}", collapse(name).to_uppercase())
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A hash over fields that cannot run into each other.
struct Fields(Sha256);

impl Fields {
    fn text(&mut self, text: &str) {
        // White space is how a text is set, not what it says.
        let text = collapse(text);
        self.0
            .update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn number(&mut self, number: Option<Decimal>) {
        match number {
            Some(number) => self.text(&number.normalize().to_string()),
            None => self.text(""),
        }
    }

    fn count(&mut self, count: usize) {
        self.0
            .update(u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes());
    }
}

impl SourceInvoice {
    /// Which invoice this is.
    pub fn identity(&self) -> SourceIdentity {
        let by_root = match self.kind() {
            crate::DocumentKind::Invoice => "380",
            crate::DocumentKind::CreditNote => "381",
        };
        let type_code = self
            .type_code()
            .map(str::trim)
            .filter(|code| !code.is_empty());
        SourceIdentity {
            seller: party_key(self.seller()),
            type_code: type_code.unwrap_or(by_root).to_uppercase(),
            number: collapse(self.number().unwrap_or_default()),
        }
    }

    /// A stable hash of what the invoice bills: number, type, issue date, currency, buyer, each
    /// line's item, quantity, price and VAT, allowances, charges and totals.
    ///
    /// Notes, attachments, references and the way the XML is written do not enter, nor does the
    /// scale of a number (`1.50` is `1.5`). So the same invoice exported twice has one
    /// fingerprint, and an invoice whose lines or sums were changed has another.
    pub fn fingerprint(&self) -> u64 {
        let invoice = self.as_en16931();
        let mut fields = Fields(Sha256::new());
        fields.text("kleer-invoice 1");
        fields.text(invoice.number.as_deref().unwrap_or_default());
        fields.text(&self.identity().type_code);
        fields.text(
            &invoice
                .issue_date
                .map(|date| date.to_string())
                .unwrap_or_default(),
        );
        fields.text(self.currency().unwrap_or_default());
        fields.text(&party_key(self.buyer()));
        fields.count(invoice.lines.len());
        for line in &invoice.lines {
            fields.text(&line.id);
            fields.number(Some(line.quantity.into_decimal()));
            fields.text(line.unit_code.as_str());
            fields.number(Some(line.price.net_price.into_decimal()));
            fields.number(
                line.price
                    .base_quantity
                    .map(en16931::Quantity::into_decimal),
            );
            fields.number(Some(line.net_amount.into_decimal()));
            fields.text(line.vat.category.as_str());
            fields.number(line.vat.rate.map(en16931::Percentage::into_decimal));
            fields.text(line.item.name.as_deref().unwrap_or_default());
            fields.text(line.item.seller_identifier.as_deref().unwrap_or_default());
            for part in [&line.allowances, &line.charges] {
                fields.count(part.len());
                for each in part {
                    fields.number(Some(each.amount.into_decimal()));
                }
            }
        }
        for part in [&invoice.allowances, &invoice.charges] {
            fields.count(part.len());
            for each in part {
                fields.number(Some(each.amount.into_decimal()));
                fields.text(each.vat.category.as_str());
                fields.number(each.vat.rate.map(en16931::Percentage::into_decimal));
            }
        }
        let totals = &invoice.totals;
        for amount in [
            Some(totals.line_total),
            totals.allowance_total,
            totals.charge_total,
            Some(totals.taxable_total),
            totals.vat_total,
            Some(totals.gross_total),
            totals.paid,
            totals.rounding,
            Some(totals.due),
        ] {
            fields.number(amount.map(en16931::InvoiceAmount::into_decimal));
        }
        let hash = fields.0.finalize();
        let mut first = [0u8; 8];
        first.copy_from_slice(&hash[..8]);
        u64::from_be_bytes(first)
    }
}
