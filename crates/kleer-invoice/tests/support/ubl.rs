//! UBL text for tests: a small invoice whose parts can be replaced.

use std::fmt::Write as _;

use rust_decimal::{Decimal, RoundingStrategy};

pub(crate) const PEPPOL: &str =
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";

/// A line. `extra` stands after its net amount, `item` inside its item, before the VAT category.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) quantity: Decimal,
    pub(crate) price: Decimal,
    pub(crate) base: Option<Decimal>,
    pub(crate) allowance: Option<Decimal>,
    pub(crate) charge: Option<Decimal>,
    /// What the stated net amount is off; Peppol tolerates 0.02 (R120).
    pub(crate) off: Decimal,
    pub(crate) item_id: &'static str,
    pub(crate) vat: (&'static str, Decimal),
    pub(crate) extra: &'static str,
    pub(crate) item: &'static str,
}

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Half away from zero, as the rounding model says.
pub(crate) fn round(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

impl Line {
    pub(crate) fn new(quantity: &str, price: &str) -> Self {
        Self {
            quantity: dec(quantity),
            price: dec(price),
            base: None,
            allowance: None,
            charge: None,
            off: Decimal::ZERO,
            item_id: "",
            vat: ("S", dec("25")),
            extra: "",
            item: "",
        }
    }

    pub(crate) fn net(&self) -> Decimal {
        let base = self.base.unwrap_or(Decimal::ONE);
        round(self.quantity * self.price / base) - self.allowance.unwrap_or_default()
            + self.charge.unwrap_or_default()
            + self.off
    }
}

/// An invoice or credit note. `head` stands after the currency, `body` before the totals.
#[derive(Debug, Clone)]
pub(crate) struct Ubl {
    pub(crate) credit_note: bool,
    pub(crate) type_code: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) due: &'static str,
    pub(crate) head: String,
    pub(crate) buyer: String,
    pub(crate) body: String,
    pub(crate) allowance: Option<Decimal>,
    pub(crate) charge: Option<Decimal>,
    pub(crate) rounding: Option<Decimal>,
    pub(crate) paid: Option<Decimal>,
    pub(crate) lines: Vec<Line>,
    /// Added to BT-109, to make the sums wrong.
    pub(crate) wrong: Decimal,
}

impl Ubl {
    pub(crate) fn new(lines: Vec<Line>) -> Self {
        Self {
            credit_note: false,
            type_code: "380",
            profile: PEPPOL,
            due: "<cbc:DueDate>2026-02-28</cbc:DueDate>",
            head: String::new(),
            buyer: "<cac:PartyLegalEntity><cbc:RegistrationName>Köparen AB</cbc:RegistrationName>\
                    <cbc:CompanyID schemeID=\"0007\">2021005489</cbc:CompanyID>\
                    </cac:PartyLegalEntity>"
                .to_owned(),
            body: String::new(),
            allowance: None,
            charge: None,
            rounding: None,
            paid: None,
            lines,
            wrong: Decimal::ZERO,
        }
    }

    pub(crate) fn credit_note(lines: Vec<Line>) -> Self {
        let mut ubl = Self::new(lines);
        ubl.credit_note = true;
        ubl.type_code = "381";
        ubl.due = "";
        ubl.head = preceding("A-1");
        ubl
    }

    /// Net, VAT and gross, without rounding.
    pub(crate) fn sums(&self) -> (Decimal, Decimal, Decimal) {
        let groups = self.groups();
        let net: Decimal = groups.iter().map(|group| group.1).sum();
        let vat: Decimal = groups
            .iter()
            .map(|((_, rate), net)| vat_of(*net, *rate))
            .sum();
        (net, vat, net + vat)
    }

    fn groups(&self) -> Vec<((&'static str, Decimal), Decimal)> {
        let mut groups: Vec<((&'static str, Decimal), Decimal)> = Vec::new();
        let standard = ("S", dec("25"));
        let parts = self
            .lines
            .iter()
            .map(|line| (line.vat, line.net()))
            .chain(self.allowance.map(|amount| (standard, -amount)))
            .chain(self.charge.map(|amount| (standard, amount)));
        for (vat, net) in parts {
            match groups.iter_mut().find(|(known, _)| *known == vat) {
                Some((_, sum)) => *sum += net,
                None => groups.push((vat, net)),
            }
        }
        groups
    }

    pub(crate) fn xml(&self) -> String {
        let (root, quantity, type_code) = if self.credit_note {
            ("CreditNote", "CreditedQuantity", "CreditNoteTypeCode")
        } else {
            ("Invoice", "InvoicedQuantity", "InvoiceTypeCode")
        };
        let line_name = format!("{root}Line");
        let (net, vat, gross) = self.sums();
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <{root} xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:{root}-2\"\n\
             xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\"\n\
             xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\">\n\
             <cbc:CustomizationID>{}</cbc:CustomizationID>\
             <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>\
             <cbc:ID>F-100</cbc:ID><cbc:IssueDate>2026-01-29</cbc:IssueDate>{}\
             <cbc:{type_code}>{}</cbc:{type_code}>\
             <cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>{}\
             <cac:AccountingSupplierParty><cac:Party>\
             <cbc:EndpointID schemeID=\"0007\">2120000142</cbc:EndpointID>\
             <cac:PostalAddress><cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode>\
             </cac:Country></cac:PostalAddress>\
             <cac:PartyTaxScheme><cbc:CompanyID>SE212000014201</cbc:CompanyID>\
             <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>\
             <cac:PartyLegalEntity><cbc:RegistrationName>Säljaren AB</cbc:RegistrationName>\
             <cbc:CompanyID schemeID=\"0007\">2120000142</cbc:CompanyID></cac:PartyLegalEntity>\
             </cac:Party></cac:AccountingSupplierParty>\
             <cac:AccountingCustomerParty><cac:Party>\
             <cbc:EndpointID schemeID=\"0007\">2021005489</cbc:EndpointID>\
             <cac:PostalAddress><cbc:StreetName>Gatan 1</cbc:StreetName>\
             <cbc:CityName>Staden</cbc:CityName><cbc:PostalZone>111 22</cbc:PostalZone>\
             <cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode>\
             </cac:Country></cac:PostalAddress>{}\
             </cac:Party></cac:AccountingCustomerParty>{}",
            self.profile, self.due, self.type_code, self.head, self.buyer, self.body,
        );
        for (indicator, amount) in [("false", self.allowance), ("true", self.charge)] {
            if let Some(amount) = amount {
                let _ = write!(
                    xml,
                    "<cac:AllowanceCharge><cbc:ChargeIndicator>{indicator}</cbc:ChargeIndicator>\
                     <cbc:AllowanceChargeReason>Villkor</cbc:AllowanceChargeReason>\
                     <cbc:Amount currencyID=\"SEK\">{amount}</cbc:Amount>\
                     <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>25</cbc:Percent>\
                     <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>\
                     </cac:AllowanceCharge>"
                );
            }
        }
        let _ = write!(
            xml,
            "<cac:TaxTotal><cbc:TaxAmount currencyID=\"SEK\">{vat}</cbc:TaxAmount>"
        );
        for ((category, rate), net) in self.groups() {
            let _ = write!(
                xml,
                "<cac:TaxSubtotal><cbc:TaxableAmount currencyID=\"SEK\">{net}</cbc:TaxableAmount>\
                 <cbc:TaxAmount currencyID=\"SEK\">{}</cbc:TaxAmount><cac:TaxCategory>\
                 <cbc:ID>{category}</cbc:ID><cbc:Percent>{rate}</cbc:Percent>\
                 <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>\
                 </cac:TaxSubtotal>",
                vat_of(net, rate)
            );
        }
        let lines: Decimal = self.lines.iter().map(Line::net).sum();
        let optional = |name: &str, amount: Option<Decimal>| match amount {
            Some(amount) => format!("<cbc:{name} currencyID=\"SEK\">{amount}</cbc:{name}>"),
            None => String::new(),
        };
        let due = gross - self.paid.unwrap_or_default() + self.rounding.unwrap_or_default();
        let _ = write!(
            xml,
            "</cac:TaxTotal><cac:LegalMonetaryTotal>\
             <cbc:LineExtensionAmount currencyID=\"SEK\">{lines}</cbc:LineExtensionAmount>\
             <cbc:TaxExclusiveAmount currencyID=\"SEK\">{}</cbc:TaxExclusiveAmount>\
             <cbc:TaxInclusiveAmount currencyID=\"SEK\">{gross}</cbc:TaxInclusiveAmount>\
             {}{}{}{}<cbc:PayableAmount currencyID=\"SEK\">{due}</cbc:PayableAmount>\
             </cac:LegalMonetaryTotal>",
            net + self.wrong,
            optional("AllowanceTotalAmount", self.allowance),
            optional("ChargeTotalAmount", self.charge),
            optional("PrepaidAmount", self.paid),
            optional("PayableRoundingAmount", self.rounding),
        );
        for (number, line) in (1..).zip(&self.lines) {
            let _ = write!(
                xml,
                "<cac:{line_name}><cbc:ID>{number}</cbc:ID>\
                 <cbc:{quantity} unitCode=\"EA\">{}</cbc:{quantity}>\
                 <cbc:LineExtensionAmount currencyID=\"SEK\">{}</cbc:LineExtensionAmount>{}",
                line.quantity,
                line.net(),
                line.extra
            );
            for (indicator, amount) in [("false", line.allowance), ("true", line.charge)] {
                if let Some(amount) = amount {
                    let _ = write!(
                        xml,
                        "<cac:AllowanceCharge><cbc:ChargeIndicator>{indicator}\
                         </cbc:ChargeIndicator><cbc:AllowanceChargeReason>Radvillkor\
                         </cbc:AllowanceChargeReason><cbc:Amount currencyID=\"SEK\">{amount}\
                         </cbc:Amount></cac:AllowanceCharge>"
                    );
                }
            }
            let item_id = match line.item_id {
                "" => String::new(),
                id => format!(
                    "<cac:SellersItemIdentification><cbc:ID>{id}</cbc:ID>\
                     </cac:SellersItemIdentification>"
                ),
            };
            let base = match line.base {
                Some(base) => {
                    format!("<cbc:BaseQuantity unitCode=\"EA\">{base}</cbc:BaseQuantity>")
                }
                None => String::new(),
            };
            let _ = write!(
                xml,
                "<cac:Item><cbc:Name>Vara {number}</cbc:Name>{item_id}{}\
                 <cac:ClassifiedTaxCategory><cbc:ID>{}</cbc:ID><cbc:Percent>{}</cbc:Percent>\
                 <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>\
                 </cac:Item><cac:Price><cbc:PriceAmount currencyID=\"SEK\">{}</cbc:PriceAmount>\
                 {base}</cac:Price></cac:{line_name}>",
                line.item, line.vat.0, line.vat.1, line.price
            );
        }
        let _ = write!(xml, "</{root}>");
        xml
    }
}

fn vat_of(net: Decimal, rate: Decimal) -> Decimal {
    round(net * rate / Decimal::ONE_HUNDRED)
}

/// A `BillingReference`.
pub(crate) fn preceding(number: &str) -> String {
    format!(
        "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{number}</cbc:ID>\
         </cac:InvoiceDocumentReference></cac:BillingReference>"
    )
}
