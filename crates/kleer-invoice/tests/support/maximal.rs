//! A document with every business term of EN 16931 that UBL can hold at once.

use std::fmt::Write as _;

/// The three kinds of payment, of which a document has one.
pub(crate) const PAYMENTS: [&str; 3] = [
    "<cac:PayeeFinancialAccount><cbc:ID>54029681</cbc:ID><cbc:Name>Säljaren</cbc:Name>\
     <cac:FinancialInstitutionBranch><cbc:ID>SE:BANKGIRO</cbc:ID></cac:FinancialInstitutionBranch>\
     </cac:PayeeFinancialAccount>",
    "<cac:CardAccount><cbc:PrimaryAccountNumberID>1234</cbc:PrimaryAccountNumberID>\
     <cbc:NetworkID>VISA</cbc:NetworkID><cbc:HolderName>Kim</cbc:HolderName></cac:CardAccount>",
    "<cac:PaymentMandate><cbc:ID>M-1</cbc:ID><cac:PayerFinancialAccount><cbc:ID>SE35</cbc:ID>\
     </cac:PayerFinancialAccount></cac:PaymentMandate>",
];

/// The number tells the addresses apart.
fn address(name: &str, country: &str, n: u8) -> String {
    format!(
        "<cac:{name}><cbc:StreetName>Gatan {n}</cbc:StreetName>\
         <cbc:AdditionalStreetName>Uppgång {n}</cbc:AdditionalStreetName>\
         <cbc:CityName>Stad {n}</cbc:CityName><cbc:PostalZone>111 2{n}</cbc:PostalZone>\
         <cbc:CountrySubentity>Län {n}</cbc:CountrySubentity><cac:AddressLine>\
         <cbc:Line>Plan {n}</cbc:Line></cac:AddressLine><cac:Country>\
         <cbc:IdentificationCode>{country}</cbc:IdentificationCode></cac:Country></cac:{name}>"
    )
}

fn party(kind: &str, number: &str, seller: bool) -> String {
    let tax = |id: &str, scheme: &str| {
        format!(
            "<cac:PartyTaxScheme><cbc:CompanyID>{id}</cbc:CompanyID><cac:TaxScheme>\
             <cbc:ID>{scheme}</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
        )
    };
    let (n, sepa, registration, legal) = if seller {
        (
            1,
            "<cac:PartyIdentification><cbc:ID schemeID=\"SEPA\">SE97</cbc:ID>\
             </cac:PartyIdentification>",
            tax("Godkänd för F-skatt", "TAX"),
            "<cbc:CompanyLegalForm>Aktiebolag</cbc:CompanyLegalForm>",
        )
    } else {
        (2, "", String::new(), "")
    };
    format!(
        "<cac:Accounting{kind}Party><cac:Party>\
         <cbc:EndpointID schemeID=\"0007\">{number}</cbc:EndpointID>\
         <cac:PartyIdentification><cbc:ID schemeID=\"0088\">7300010000001</cbc:ID>\
         </cac:PartyIdentification>{sepa}<cac:PartyName><cbc:Name>Firma {n}</cbc:Name>\
         </cac:PartyName>{}{}{registration}<cac:PartyLegalEntity>\
         <cbc:RegistrationName>{kind} AB</cbc:RegistrationName>\
         <cbc:CompanyID schemeID=\"0007\">{number}</cbc:CompanyID>{legal}</cac:PartyLegalEntity>\
         <cac:Contact><cbc:Name>Kim {n}</cbc:Name><cbc:Telephone>08-{n}</cbc:Telephone>\
         <cbc:ElectronicMail>kim{n}@example.se</cbc:ElectronicMail></cac:Contact>\
         </cac:Party></cac:Accounting{kind}Party>",
        address("PostalAddress", if seller { "SE" } else { "NO" }, n),
        tax(&format!("SE{number}01"), "VAT"),
    )
}

fn reference(element: &str, id: &str) -> String {
    format!("<cac:{element}><cbc:ID>{id}</cbc:ID></cac:{element}>")
}

fn vat_category(element: &str) -> String {
    format!(
        "<cac:{element}><cbc:ID>S</cbc:ID><cbc:Percent>25</cbc:Percent>\
         <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:{element}>"
    )
}

/// An allowance of 10 or a charge of 5, with every term.
fn allowance_charge(charge: bool, category: &str) -> String {
    let (amount, code) = if charge {
        ("5.00", "FC")
    } else {
        ("10.00", "95")
    };
    format!(
        "<cac:AllowanceCharge><cbc:ChargeIndicator>{charge}</cbc:ChargeIndicator>\
         <cbc:AllowanceChargeReasonCode>{code}</cbc:AllowanceChargeReasonCode>\
         <cbc:AllowanceChargeReason>Villkor</cbc:AllowanceChargeReason>\
         <cbc:MultiplierFactorNumeric>10</cbc:MultiplierFactorNumeric>\
         <cbc:Amount currencyID=\"EUR\">{amount}</cbc:Amount>\
         <cbc:BaseAmount currencyID=\"EUR\">{}</cbc:BaseAmount>{category}</cac:AllowanceCharge>",
        if charge { "50.00" } else { "100.00" },
    )
}

fn line() -> String {
    let mut xml = String::from(
        "<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:Note>Radtext</cbc:Note>\
         <cbc:InvoicedQuantity unitCode=\"EA\">10</cbc:InvoicedQuantity>\
         <cbc:LineExtensionAmount currencyID=\"EUR\">95.00</cbc:LineExtensionAmount>\
         <cbc:AccountingCost>K-2</cbc:AccountingCost><cac:InvoicePeriod>\
         <cbc:StartDate>2026-01-01</cbc:StartDate><cbc:EndDate>2026-01-31</cbc:EndDate>\
         </cac:InvoicePeriod><cac:OrderLineReference><cbc:LineID>7</cbc:LineID>\
         </cac:OrderLineReference><cac:DocumentReference><cbc:ID schemeID=\"AAJ\">O-1</cbc:ID>\
         <cbc:DocumentTypeCode>130</cbc:DocumentTypeCode></cac:DocumentReference>",
    );
    xml.push_str(&allowance_charge(false, ""));
    xml.push_str(&allowance_charge(true, ""));
    let _ = write!(
        xml,
        "<cac:Item><cbc:Description>Beskrivning</cbc:Description><cbc:Name>Vara</cbc:Name>{}{}\
         <cac:StandardItemIdentification><cbc:ID schemeID=\"0160\">0735</cbc:ID>\
         </cac:StandardItemIdentification><cac:OriginCountry>\
         <cbc:IdentificationCode>FI</cbc:IdentificationCode></cac:OriginCountry>\
         <cac:CommodityClassification>\
         <cbc:ItemClassificationCode listID=\"STI\" listVersionID=\"2\">9873242</cbc:ItemClassificationCode>\
         </cac:CommodityClassification>{}<cac:AdditionalItemProperty><cbc:Name>Färg</cbc:Name>\
         <cbc:Value>Röd</cbc:Value></cac:AdditionalItemProperty></cac:Item><cac:Price>\
         <cbc:PriceAmount currencyID=\"EUR\">10.00</cbc:PriceAmount>\
         <cbc:BaseQuantity unitCode=\"EA\">1</cbc:BaseQuantity><cac:AllowanceCharge>\
         <cbc:ChargeIndicator>false</cbc:ChargeIndicator>\
         <cbc:Amount currencyID=\"EUR\">1.00</cbc:Amount>\
         <cbc:BaseAmount currencyID=\"EUR\">11.00</cbc:BaseAmount></cac:AllowanceCharge>\
         </cac:Price></cac:InvoiceLine>",
        reference("BuyersItemIdentification", "B-1"),
        reference("SellersItemIdentification", "A1"),
        vat_category("ClassifiedTaxCategory"),
    );
    xml
}

/// The document with one of [`PAYMENTS`]. 95 + 5 - 10 = 90 net, 22.50 VAT, 12.50 of it paid.
pub(crate) fn document(payment: &str) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"\n\
         xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\"\n\
         xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\">\n\
         <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>\
         <cbc:ProfileID>P1</cbc:ProfileID><cbc:ID>100</cbc:ID>\
         <cbc:IssueDate>2026-01-29</cbc:IssueDate><cbc:DueDate>2026-02-28</cbc:DueDate>\
         <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:Note>#AAI#Text</cbc:Note>\
         <cbc:TaxPointDate>2026-01-30</cbc:TaxPointDate>\
         <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>\
         <cbc:TaxCurrencyCode>SEK</cbc:TaxCurrencyCode><cbc:AccountingCost>K-1</cbc:AccountingCost>\
         <cbc:BuyerReference>REF</cbc:BuyerReference><cac:InvoicePeriod>\
         <cbc:StartDate>2026-01-01</cbc:StartDate><cbc:EndDate>2026-01-31</cbc:EndDate>\
         <cbc:DescriptionCode>35</cbc:DescriptionCode></cac:InvoicePeriod><cac:OrderReference>\
         <cbc:ID>PO-7</cbc:ID><cbc:SalesOrderID>SO-9</cbc:SalesOrderID></cac:OrderReference>\
         <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>99</cbc:ID>\
         <cbc:IssueDate>2025-12-01</cbc:IssueDate></cac:InvoiceDocumentReference>\
         </cac:BillingReference>",
    );
    for (element, id) in [
        ("DespatchDocumentReference", "D-1"),
        ("ReceiptDocumentReference", "R-1"),
        ("OriginatorDocumentReference", "U-1"),
        ("ContractDocumentReference", "C-3"),
    ] {
        xml.push_str(&reference(element, id));
    }
    let _ = write!(
        xml,
        "<cac:AdditionalDocumentReference><cbc:ID schemeID=\"ABT\">M-5</cbc:ID>\
         <cbc:DocumentTypeCode>130</cbc:DocumentTypeCode></cac:AdditionalDocumentReference>\
         <cac:AdditionalDocumentReference><cbc:ID>B1</cbc:ID>\
         <cbc:DocumentDescription>Tidrapport</cbc:DocumentDescription><cac:Attachment>\
         <cbc:EmbeddedDocumentBinaryObject mimeCode=\"text/csv\" filename=\"tid.csv\">YWJj\
         </cbc:EmbeddedDocumentBinaryObject><cac:ExternalReference>\
         <cbc:URI>https://example.se/tid</cbc:URI></cac:ExternalReference></cac:Attachment>\
         </cac:AdditionalDocumentReference>{}{}{}\
         <cac:PayeeParty><cac:PartyIdentification><cbc:ID schemeID=\"0088\">7300010000001</cbc:ID>\
         </cac:PartyIdentification><cac:PartyName><cbc:Name>Factoring AB</cbc:Name>\
         </cac:PartyName><cac:PartyLegalEntity><cbc:CompanyID schemeID=\"0007\">2120000142\
         </cbc:CompanyID></cac:PartyLegalEntity></cac:PayeeParty>\
         <cac:TaxRepresentativeParty><cac:PartyName><cbc:Name>Ombudet AB</cbc:Name>\
         </cac:PartyName>{}<cac:PartyTaxScheme><cbc:CompanyID>SE212000014201</cbc:CompanyID>\
         <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>\
         </cac:TaxRepresentativeParty><cac:Delivery>\
         <cbc:ActualDeliveryDate>2026-01-20</cbc:ActualDeliveryDate><cac:DeliveryLocation>\
         <cbc:ID schemeID=\"0088\">7300010000001</cbc:ID>{}</cac:DeliveryLocation>\
         <cac:DeliveryParty><cac:PartyName><cbc:Name>Lagret</cbc:Name></cac:PartyName>\
         </cac:DeliveryParty></cac:Delivery><cac:PaymentMeans>\
         <cbc:PaymentMeansCode name=\"Bankgiro\">30</cbc:PaymentMeansCode>\
         <cbc:PaymentID>1230</cbc:PaymentID>{payment}</cac:PaymentMeans>\
         <cac:PaymentTerms><cbc:Note>30 dagar netto</cbc:Note></cac:PaymentTerms>{}{}\
         <cac:TaxTotal><cbc:TaxAmount currencyID=\"EUR\">22.50</cbc:TaxAmount><cac:TaxSubtotal>\
         <cbc:TaxableAmount currencyID=\"EUR\">90.00</cbc:TaxableAmount>\
         <cbc:TaxAmount currencyID=\"EUR\">22.50</cbc:TaxAmount><cac:TaxCategory>\
         <cbc:ID>S</cbc:ID><cbc:Percent>25</cbc:Percent>\
         <cbc:TaxExemptionReasonCode>VATEX-EU-O</cbc:TaxExemptionReasonCode>\
         <cbc:TaxExemptionReason>Skäl</cbc:TaxExemptionReason>\
         <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>\
         </cac:TaxTotal><cac:TaxTotal><cbc:TaxAmount currencyID=\"SEK\">247.50</cbc:TaxAmount>\
         </cac:TaxTotal><cac:LegalMonetaryTotal>\
         <cbc:LineExtensionAmount currencyID=\"EUR\">95.00</cbc:LineExtensionAmount>\
         <cbc:TaxExclusiveAmount currencyID=\"EUR\">90.00</cbc:TaxExclusiveAmount>\
         <cbc:TaxInclusiveAmount currencyID=\"EUR\">112.50</cbc:TaxInclusiveAmount>\
         <cbc:AllowanceTotalAmount currencyID=\"EUR\">10.00</cbc:AllowanceTotalAmount>\
         <cbc:ChargeTotalAmount currencyID=\"EUR\">5.00</cbc:ChargeTotalAmount>\
         <cbc:PrepaidAmount currencyID=\"EUR\">12.50</cbc:PrepaidAmount>\
         <cbc:PayableRoundingAmount currencyID=\"EUR\">0.25</cbc:PayableRoundingAmount>\
         <cbc:PayableAmount currencyID=\"EUR\">100.25</cbc:PayableAmount>\
         </cac:LegalMonetaryTotal>{}</Invoice>",
        reference("ProjectReference", "P-4"),
        party("Supplier", "2120000142", true),
        party("Customer", "2021005489", false),
        address("PostalAddress", "DK", 3),
        address("Address", "FI", 4),
        allowance_charge(false, &vat_category("TaxCategory")),
        allowance_charge(true, &vat_category("TaxCategory")),
        line(),
    );
    xml
}
