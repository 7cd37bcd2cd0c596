//! Which business terms stand in a document, counted from its XML by the test.

use std::collections::BTreeMap;

use super::tree::{Element, tree};

/// The business term of each path of UBL, written down again from the syntax binding. `|` names
/// what a neighbouring element must say.
const PATHS: &[(&str, u16)] = &[
    ("ID", 1),
    ("IssueDate", 2),
    ("InvoiceTypeCode", 3),
    ("CreditNoteTypeCode", 3),
    ("DocumentCurrencyCode", 5),
    ("TaxCurrencyCode", 6),
    ("TaxPointDate", 7),
    ("InvoicePeriod/DescriptionCode", 8),
    ("DueDate", 9),
    ("BuyerReference", 10),
    ("ProjectReference/ID", 11),
    ("ContractDocumentReference/ID", 12),
    ("OrderReference/ID", 13),
    ("OrderReference/SalesOrderID", 14),
    ("ReceiptDocumentReference/ID", 15),
    ("DespatchDocumentReference/ID", 16),
    ("OriginatorDocumentReference/ID", 17),
    ("AccountingCost", 19),
    ("PaymentTerms/Note", 20),
    ("Note", 22),
    ("ProfileID", 23),
    ("CustomizationID", 24),
    ("BillingReference/InvoiceDocumentReference/ID", 25),
    ("BillingReference/InvoiceDocumentReference/IssueDate", 26),
    (
        "AccountingSupplierParty/Party/PartyLegalEntity/RegistrationName",
        27,
    ),
    ("AccountingSupplierParty/Party/PartyName/Name", 28),
    ("AccountingSupplierParty/Party/PartyIdentification/ID", 29),
    (
        "AccountingSupplierParty/Party/PartyLegalEntity/CompanyID",
        30,
    ),
    (
        "AccountingSupplierParty/Party/PartyLegalEntity/CompanyLegalForm",
        33,
    ),
    ("AccountingSupplierParty/Party/EndpointID", 34),
    ("AccountingSupplierParty/Party/PostalAddress/StreetName", 35),
    (
        "AccountingSupplierParty/Party/PostalAddress/AdditionalStreetName",
        36,
    ),
    ("AccountingSupplierParty/Party/PostalAddress/CityName", 37),
    ("AccountingSupplierParty/Party/PostalAddress/PostalZone", 38),
    (
        "AccountingSupplierParty/Party/PostalAddress/CountrySubentity",
        39,
    ),
    (
        "AccountingSupplierParty/Party/PostalAddress/Country/IdentificationCode",
        40,
    ),
    (
        "AccountingSupplierParty/Party/PostalAddress/AddressLine/Line",
        162,
    ),
    ("AccountingSupplierParty/Party/Contact/Name", 41),
    ("AccountingSupplierParty/Party/Contact/Telephone", 42),
    ("AccountingSupplierParty/Party/Contact/ElectronicMail", 43),
    (
        "AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName",
        44,
    ),
    ("AccountingCustomerParty/Party/PartyName/Name", 45),
    ("AccountingCustomerParty/Party/PartyIdentification/ID", 46),
    (
        "AccountingCustomerParty/Party/PartyLegalEntity/CompanyID",
        47,
    ),
    ("AccountingCustomerParty/Party/EndpointID", 49),
    ("AccountingCustomerParty/Party/PostalAddress/StreetName", 50),
    (
        "AccountingCustomerParty/Party/PostalAddress/AdditionalStreetName",
        51,
    ),
    ("AccountingCustomerParty/Party/PostalAddress/CityName", 52),
    ("AccountingCustomerParty/Party/PostalAddress/PostalZone", 53),
    (
        "AccountingCustomerParty/Party/PostalAddress/CountrySubentity",
        54,
    ),
    (
        "AccountingCustomerParty/Party/PostalAddress/Country/IdentificationCode",
        55,
    ),
    (
        "AccountingCustomerParty/Party/PostalAddress/AddressLine/Line",
        163,
    ),
    ("AccountingCustomerParty/Party/Contact/Name", 56),
    ("AccountingCustomerParty/Party/Contact/Telephone", 57),
    ("AccountingCustomerParty/Party/Contact/ElectronicMail", 58),
    ("PayeeParty/PartyName/Name", 59),
    ("PayeeParty/PartyIdentification/ID", 60),
    ("PayeeParty/PartyLegalEntity/CompanyID", 61),
    ("TaxRepresentativeParty/PartyName/Name", 62),
    ("TaxRepresentativeParty/PartyTaxScheme/CompanyID", 63),
    ("TaxRepresentativeParty/PostalAddress/StreetName", 64),
    (
        "TaxRepresentativeParty/PostalAddress/AdditionalStreetName",
        65,
    ),
    ("TaxRepresentativeParty/PostalAddress/CityName", 66),
    ("TaxRepresentativeParty/PostalAddress/PostalZone", 67),
    ("TaxRepresentativeParty/PostalAddress/CountrySubentity", 68),
    (
        "TaxRepresentativeParty/PostalAddress/Country/IdentificationCode",
        69,
    ),
    ("TaxRepresentativeParty/PostalAddress/AddressLine/Line", 164),
    ("Delivery/DeliveryParty/PartyName/Name", 70),
    ("Delivery/DeliveryLocation/ID", 71),
    ("Delivery/ActualDeliveryDate", 72),
    ("InvoicePeriod/StartDate", 73),
    ("InvoicePeriod/EndDate", 74),
    ("Delivery/DeliveryLocation/Address/StreetName", 75),
    ("Delivery/DeliveryLocation/Address/AdditionalStreetName", 76),
    ("Delivery/DeliveryLocation/Address/CityName", 77),
    ("Delivery/DeliveryLocation/Address/PostalZone", 78),
    ("Delivery/DeliveryLocation/Address/CountrySubentity", 79),
    (
        "Delivery/DeliveryLocation/Address/Country/IdentificationCode",
        80,
    ),
    ("Delivery/DeliveryLocation/Address/AddressLine/Line", 165),
    ("PaymentMeans/PaymentMeansCode", 81),
    ("PaymentMeans/PaymentMeansCode/@name", 82),
    ("PaymentMeans/PaymentID", 83),
    ("PaymentMeans/PayeeFinancialAccount/ID", 84),
    ("PaymentMeans/PayeeFinancialAccount/Name", 85),
    (
        "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID",
        86,
    ),
    ("PaymentMeans/CardAccount/PrimaryAccountNumberID", 87),
    ("PaymentMeans/CardAccount/HolderName", 88),
    ("PaymentMeans/PaymentMandate/ID", 89),
    ("PaymentMeans/PaymentMandate/PayerFinancialAccount/ID", 91),
    ("LegalMonetaryTotal/LineExtensionAmount", 106),
    ("LegalMonetaryTotal/AllowanceTotalAmount", 107),
    ("LegalMonetaryTotal/ChargeTotalAmount", 108),
    ("LegalMonetaryTotal/TaxExclusiveAmount", 109),
    ("LegalMonetaryTotal/TaxInclusiveAmount", 112),
    ("LegalMonetaryTotal/PrepaidAmount", 113),
    ("LegalMonetaryTotal/PayableRoundingAmount", 114),
    ("LegalMonetaryTotal/PayableAmount", 115),
    ("TaxTotal/TaxSubtotal/TaxableAmount", 116),
    ("TaxTotal/TaxSubtotal/TaxAmount", 117),
    ("TaxTotal/TaxSubtotal/TaxCategory/ID", 118),
    ("TaxTotal/TaxSubtotal/TaxCategory/Percent", 119),
    ("TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReason", 120),
    (
        "TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReasonCode",
        121,
    ),
    ("AdditionalDocumentReference/DocumentDescription", 123),
    (
        "AdditionalDocumentReference/Attachment/ExternalReference/URI",
        124,
    ),
    (
        "AdditionalDocumentReference/Attachment/EmbeddedDocumentBinaryObject",
        125,
    ),
    ("LINE/ID", 126),
    ("LINE/Note", 127),
    ("LINE/DocumentReference/ID", 128),
    ("LINE/InvoicedQuantity", 129),
    ("LINE/CreditedQuantity", 129),
    ("LINE/InvoicedQuantity/@unitCode", 130),
    ("LINE/CreditedQuantity/@unitCode", 130),
    ("LINE/LineExtensionAmount", 131),
    ("LINE/OrderLineReference/LineID", 132),
    ("LINE/AccountingCost", 133),
    ("LINE/InvoicePeriod/StartDate", 134),
    ("LINE/InvoicePeriod/EndDate", 135),
    ("LINE/Price/PriceAmount", 146),
    ("LINE/Price/AllowanceCharge/Amount", 147),
    ("LINE/Price/AllowanceCharge/BaseAmount", 148),
    ("LINE/Price/BaseQuantity", 149),
    ("LINE/Price/BaseQuantity/@unitCode", 150),
    ("LINE/Item/ClassifiedTaxCategory/ID", 151),
    ("LINE/Item/ClassifiedTaxCategory/Percent", 152),
    ("LINE/Item/Name", 153),
    ("LINE/Item/Description", 154),
    ("LINE/Item/SellersItemIdentification/ID", 155),
    ("LINE/Item/BuyersItemIdentification/ID", 156),
    ("LINE/Item/StandardItemIdentification/ID", 157),
    (
        "LINE/Item/CommodityClassification/ItemClassificationCode",
        158,
    ),
    ("LINE/Item/OriginCountry/IdentificationCode", 159),
    ("LINE/Item/AdditionalItemProperty/Name", 160),
    ("LINE/Item/AdditionalItemProperty/Value", 161),
];

/// The terms of an `AllowanceCharge` as an allowance; a charge's are 7 or, on a line, 5 higher.
const ALLOWANCE: &[(&str, u16, u16)] = &[
    ("Amount", 92, 136),
    ("BaseAmount", 93, 137),
    ("MultiplierFactorNumeric", 94, 138),
    ("TaxCategory/ID", 95, 0),
    ("TaxCategory/Percent", 96, 0),
    ("AllowanceChargeReason", 97, 139),
    ("AllowanceChargeReasonCode", 98, 140),
];

/// How often each term stands there, by its number and its line, from 1.
pub(crate) type Counts = BTreeMap<(u16, Option<u32>), usize>;

/// Counts the terms of a document; `None` if it is not well-formed.
pub(crate) fn count_terms(xml: &[u8]) -> Option<Counts> {
    let root = tree(std::str::from_utf8(xml).ok()?)?;
    let mut count = Count {
        root: &root,
        counts: Counts::new(),
        line: 0,
    };
    for child in &root.children {
        if matches!(child.name.as_str(), "InvoiceLine" | "CreditNoteLine") {
            count.line += 1;
            for inner in &child.children {
                count.element(inner, &root, &format!("LINE/{}", inner.name), child);
            }
        } else {
            count.element(child, &root, &child.name, &root);
        }
    }
    Some(count.counts)
}

struct Count<'a> {
    root: &'a Element,
    counts: Counts,
    line: u32,
}

impl Count<'_> {
    fn add(&mut self, term: u16, path: &str) {
        let line = path.starts_with("LINE/").then_some(self.line);
        *self.counts.entry((term, line)).or_insert(0) += 1;
    }

    /// Counts an element at a path, with its parent and its grandparent.
    fn element(&mut self, element: &Element, grandparent: &Element, path: &str, parent: &Element) {
        for child in &element.children {
            self.element(child, parent, &format!("{path}/{}", child.name), element);
        }
        if element.text.trim().is_empty() {
            return;
        }
        if let Some(term) = self.term(element, grandparent, path, parent) {
            self.add(term, path);
            if path == "Note" && subject_of(&element.text) {
                self.add(21, path);
            }
            for (attribute, term) in &element.attributes {
                let path = format!("{path}/@{attribute}");
                if let Some((_, number)) = PATHS.iter().find(|(known, _)| *known == path)
                    && !term.trim().is_empty()
                {
                    self.add(*number, &path);
                }
            }
        }
    }

    fn term(
        &self,
        element: &Element,
        grandparent: &Element,
        path: &str,
        parent: &Element,
    ) -> Option<u16> {
        let scheme = || parent.text_at(&["TaxScheme", "ID"]) == Some("VAT");
        let document_type = || parent.text_at(&["DocumentTypeCode"]);
        let credit_note = self.root.name == "CreditNote";
        let of_allowance = |within: &str, on_line: bool| {
            let charge = if within.starts_with("TaxCategory/") {
                grandparent
            } else {
                parent
            };
            let indicator = charge.text_at(&["ChargeIndicator"]);
            let charge = matches!(indicator, Some("true" | "1"));
            let (_, document, line) = ALLOWANCE.iter().find(|row| row.0 == within)?;
            let (term, offset) = if on_line { (*line, 5) } else { (*document, 7) };
            (term != 0).then_some(if charge { term + offset } else { term })
        };
        match path {
            "AdditionalDocumentReference/ID" => Some(match document_type() {
                Some("130") => 18,
                Some("50") if credit_note => 11,
                _ => 122,
            }),
            "LINE/DocumentReference/ID" => (document_type() == Some("130")).then_some(128),
            "AccountingSupplierParty/Party/PartyTaxScheme/CompanyID" => {
                Some(if scheme() { 31 } else { 32 })
            }
            // A buyer has a VAT number and no other tax registration, and so a representative.
            "AccountingCustomerParty/Party/PartyTaxScheme/CompanyID" => scheme().then_some(48),
            "TaxRepresentativeParty/PartyTaxScheme/CompanyID" => scheme().then_some(63),
            "AccountingSupplierParty/Party/PartyIdentification/ID"
            | "PayeeParty/PartyIdentification/ID"
                if element.attribute("schemeID") == Some("SEPA") =>
            {
                Some(90)
            }
            "PaymentMeans/PaymentDueDate" => credit_note.then_some(9),
            "TaxTotal/TaxAmount" => {
                let document = self.root.text_at(&["DocumentCurrencyCode"]);
                let own = element.attribute("currencyID");
                Some(if own.is_none() || own == document {
                    110
                } else {
                    111
                })
            }
            "Note" => {
                let text = element.text.trim();
                // A subject without a text says nothing more.
                (!subject_of(text) || !text[5..].trim().is_empty())
                    .then_some(22)
                    .or(Some(21))
            }
            _ => {
                if let Some(within) = path.strip_prefix("AllowanceCharge/") {
                    return of_allowance(within, false);
                }
                if let Some(within) = path.strip_prefix("LINE/AllowanceCharge/") {
                    return of_allowance(within, true);
                }
                let (_, term) = PATHS.iter().find(|(known, _)| *known == path)?;
                Some(*term)
            }
        }
    }
}

/// Whether a note begins with the code of its subject, as in `#AAI#text`.
fn subject_of(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('#') && text.get(4..5) == Some("#")
}
