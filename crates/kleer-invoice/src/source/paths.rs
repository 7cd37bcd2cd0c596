//! Where UBL 2.1 keeps each business term: the syntax binding of EN 16931 (CEN/TS 16931-3-2) as a
//! tree of element names, with the places where a term depends on a neighbouring element.

/// What an element means to the census.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Holds other elements and says nothing itself.
    Group,
    /// BG-25: everything inside belongs to one line.
    Line,
    /// BG-22, which must have four of its amounts.
    Totals,
    /// BG-23.
    Subtotal,
    /// A group whose occurrences shift by this many term numbers when it is a charge.
    AllowanceCharge(u16),
    /// `PartyTaxScheme`: the VAT number unless the scheme says otherwise; then the second term.
    TaxScheme(Option<u16>),
    /// `AdditionalDocumentReference`: BT-122 or, by its type code, BT-18 or BT-11.
    Document,
    /// `DocumentReference` of a line: BT-128 if its type code is 130.
    LineDocument,

    /// A leaf that is a business term.
    Term(u16),
    /// A business term with `@currencyID`.
    Amount(u16),
    /// A unit price: a number of any precision, with `@currencyID`.
    Price(u16),
    /// A number with a `@unitCode` that is a term of its own.
    Quantity(u16, u16),
    /// A party identifier, which is BT-90 if its scheme is `SEPA`.
    PartyIdentifier(u16),
    /// `Note`, which may begin with its subject code (BT-21): `#AAI#text`.
    Note,
    /// `TaxTotal/TaxAmount`: BT-110 or BT-111 by its currency.
    TaxTotal,
    /// `DocumentCurrencyCode` (BT-5) and `TaxCurrencyCode` (BT-6).
    Currency(u16),
    /// `PaymentMeansCode` (BT-81) with `@name` (BT-82).
    PaymentMeansCode,
    /// `PaymentDueDate`: BT-9 in a credit note, not a term in an invoice.
    PaymentDueDate,
    /// `EmbeddedDocumentBinaryObject` (BT-125).
    Binary,
    /// A leaf that decides what its group means.
    Selector,
    /// A leaf the syntax requires and no term stands for.
    Syntax,
}

/// An element of the tree.
#[derive(Debug)]
pub(super) struct Element {
    /// What tells its name from nearly every other one, so that names are rarely compared.
    key: u64,
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) children: &'static [Element],
}

impl Element {
    /// The place of the child with a name, looked for from `last` on: the children stand in the
    /// order of the schema, and so do those of a document.
    #[inline]
    pub(super) fn find_child(&self, name: &str, last: usize) -> Option<usize> {
        let key = key(name.as_bytes());
        let is_it = |child: &Self| child.key == key && child.name == name;
        let (before, from_last) = self.children.split_at_checked(last)?;
        match from_last.iter().position(is_it) {
            Some(at) => Some(at + last),
            None => before.iter().position(is_it),
        }
    }
}

/// The first and the last four letters of a name; all of a shorter one.
#[inline]
const fn key(name: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (name.first_chunk(), name.last_chunk()) {
        return (u32::from_le_bytes(*first) as u64) << 32 | u32::from_le_bytes(*last) as u64;
    }
    let mut key = 0;
    let mut rest = name;
    while let [first, after @ ..] = rest {
        key = key << 8 | *first as u64;
        rest = after;
    }
    key
}

const fn group(name: &'static str, children: &'static [Element]) -> Element {
    special(name, Role::Group, children)
}

const fn special(name: &'static str, role: Role, children: &'static [Element]) -> Element {
    Element {
        key: key(name.as_bytes()),
        name,
        role,
        children,
    }
}

const fn leaf(name: &'static str, role: Role) -> Element {
    special(name, role, &[])
}

const fn term(name: &'static str, number: u16) -> Element {
    leaf(name, Role::Term(number))
}

const fn amount(name: &'static str, number: u16) -> Element {
    leaf(name, Role::Amount(number))
}

const TAX_SCHEME: Element = group("TaxScheme", &[leaf("ID", Role::Syntax)]);
const SELECTING_TAX_SCHEME: Element = group("TaxScheme", &[leaf("ID", Role::Selector)]);

/// The lines, city, post code, subdivision, country and third line of one postal address.
macro_rules! address {
    ($name:literal, $line1:literal, $line2:literal, $city:literal, $code:literal, $region:literal, $country:literal, $line3:literal) => {
        group(
            $name,
            &[
                term("StreetName", $line1),
                term("AdditionalStreetName", $line2),
                term("CityName", $city),
                term("PostalZone", $code),
                term("CountrySubentity", $region),
                group("AddressLine", &[term("Line", $line3)]),
                group("Country", &[term("IdentificationCode", $country)]),
            ],
        )
    };
}

const SELLER: &[Element] = &[
    term("EndpointID", 34),
    group(
        "PartyIdentification",
        &[leaf("ID", Role::PartyIdentifier(29))],
    ),
    group("PartyName", &[term("Name", 28)]),
    address!("PostalAddress", 35, 36, 37, 38, 39, 40, 162),
    special(
        "PartyTaxScheme",
        Role::TaxScheme(Some(32)),
        &[term("CompanyID", 31), SELECTING_TAX_SCHEME],
    ),
    group(
        "PartyLegalEntity",
        &[
            term("RegistrationName", 27),
            term("CompanyID", 30),
            term("CompanyLegalForm", 33),
        ],
    ),
    group(
        "Contact",
        &[
            term("Name", 41),
            term("Telephone", 42),
            term("ElectronicMail", 43),
        ],
    ),
];

const BUYER: &[Element] = &[
    term("EndpointID", 49),
    group("PartyIdentification", &[term("ID", 46)]),
    group("PartyName", &[term("Name", 45)]),
    address!("PostalAddress", 50, 51, 52, 53, 54, 55, 163),
    special(
        "PartyTaxScheme",
        Role::TaxScheme(None),
        &[term("CompanyID", 48), SELECTING_TAX_SCHEME],
    ),
    group(
        "PartyLegalEntity",
        &[term("RegistrationName", 44), term("CompanyID", 47)],
    ),
    group(
        "Contact",
        &[
            term("Name", 56),
            term("Telephone", 57),
            term("ElectronicMail", 58),
        ],
    ),
];

const PAYEE: &[Element] = &[
    group(
        "PartyIdentification",
        &[leaf("ID", Role::PartyIdentifier(60))],
    ),
    group("PartyName", &[term("Name", 59)]),
    group("PartyLegalEntity", &[term("CompanyID", 61)]),
];

const TAX_REPRESENTATIVE: &[Element] = &[
    group("PartyName", &[term("Name", 62)]),
    address!("PostalAddress", 64, 65, 66, 67, 68, 69, 164),
    special(
        "PartyTaxScheme",
        Role::TaxScheme(None),
        &[term("CompanyID", 63), SELECTING_TAX_SCHEME],
    ),
];

const ITEM: &[Element] = &[
    term("Description", 154),
    term("Name", 153),
    group("BuyersItemIdentification", &[term("ID", 156)]),
    group("SellersItemIdentification", &[term("ID", 155)]),
    group("StandardItemIdentification", &[term("ID", 157)]),
    group("OriginCountry", &[term("IdentificationCode", 159)]),
    group(
        "CommodityClassification",
        &[term("ItemClassificationCode", 158)],
    ),
    group(
        "ClassifiedTaxCategory",
        &[term("ID", 151), term("Percent", 152), TAX_SCHEME],
    ),
    group(
        "AdditionalItemProperty",
        &[term("Name", 160), term("Value", 161)],
    ),
];

const LINE: &[Element] = &[
    term("ID", 126),
    term("Note", 127),
    leaf("InvoicedQuantity", Role::Quantity(129, 130)),
    leaf("CreditedQuantity", Role::Quantity(129, 130)),
    amount("LineExtensionAmount", 131),
    term("AccountingCost", 133),
    group(
        "InvoicePeriod",
        &[term("StartDate", 134), term("EndDate", 135)],
    ),
    group("OrderLineReference", &[term("LineID", 132)]),
    special(
        "DocumentReference",
        Role::LineDocument,
        &[term("ID", 128), leaf("DocumentTypeCode", Role::Selector)],
    ),
    special(
        "AllowanceCharge",
        Role::AllowanceCharge(5),
        &[
            leaf("ChargeIndicator", Role::Selector),
            term("AllowanceChargeReasonCode", 140),
            term("AllowanceChargeReason", 139),
            term("MultiplierFactorNumeric", 138),
            amount("Amount", 136),
            amount("BaseAmount", 137),
        ],
    ),
    group("Item", ITEM),
    group(
        "Price",
        &[
            leaf("PriceAmount", Role::Price(146)),
            leaf("BaseQuantity", Role::Quantity(149, 150)),
            group(
                "AllowanceCharge",
                &[
                    leaf("ChargeIndicator", Role::Syntax),
                    leaf("Amount", Role::Price(147)),
                    leaf("BaseAmount", Role::Price(148)),
                ],
            ),
        ],
    ),
];

const BUYER_REFERENCE: Element = term("BuyerReference", 10);
const INVOICE_PERIOD: Element = group(
    "InvoicePeriod",
    &[
        term("StartDate", 73),
        term("EndDate", 74),
        term("DescriptionCode", 8),
    ],
);
const ORDER_REFERENCE: Element = group(
    "OrderReference",
    &[term("ID", 13), term("SalesOrderID", 14)],
);
const BILLING_REFERENCE: Element = group(
    "BillingReference",
    &[group(
        "InvoiceDocumentReference",
        &[term("ID", 25), term("IssueDate", 26)],
    )],
);
const DESPATCH_DOCUMENT_REFERENCE: Element = group("DespatchDocumentReference", &[term("ID", 16)]);
const RECEIPT_DOCUMENT_REFERENCE: Element = group("ReceiptDocumentReference", &[term("ID", 15)]);
const ORIGINATOR_DOCUMENT_REFERENCE: Element =
    group("OriginatorDocumentReference", &[term("ID", 17)]);
const CONTRACT_DOCUMENT_REFERENCE: Element = group("ContractDocumentReference", &[term("ID", 12)]);
const PROJECT_REFERENCE: Element = group("ProjectReference", &[term("ID", 11)]);
const ADDITIONAL_DOCUMENT_REFERENCE: Element = special(
    "AdditionalDocumentReference",
    Role::Document,
    &[
        term("ID", 122),
        leaf("DocumentTypeCode", Role::Selector),
        term("DocumentDescription", 123),
        group(
            "Attachment",
            &[
                leaf("EmbeddedDocumentBinaryObject", Role::Binary),
                group("ExternalReference", &[term("URI", 124)]),
            ],
        ),
    ],
);
const DELIVERY: Element = group(
    "Delivery",
    &[
        term("ActualDeliveryDate", 72),
        group(
            "DeliveryLocation",
            &[
                term("ID", 71),
                address!("Address", 75, 76, 77, 78, 79, 80, 165),
            ],
        ),
        group("DeliveryParty", &[group("PartyName", &[term("Name", 70)])]),
    ],
);
const PAYMENT_MEANS: Element = group(
    "PaymentMeans",
    &[
        leaf("PaymentMeansCode", Role::PaymentMeansCode),
        leaf("PaymentDueDate", Role::PaymentDueDate),
        term("PaymentID", 83),
        group(
            "CardAccount",
            &[
                term("PrimaryAccountNumberID", 87),
                leaf("NetworkID", Role::Syntax),
                term("HolderName", 88),
            ],
        ),
        group(
            "PayeeFinancialAccount",
            &[
                term("ID", 84),
                term("Name", 85),
                group("FinancialInstitutionBranch", &[term("ID", 86)]),
            ],
        ),
        group(
            "PaymentMandate",
            &[
                term("ID", 89),
                group("PayerFinancialAccount", &[term("ID", 91)]),
            ],
        ),
    ],
);
const ALLOWANCE_CHARGE: Element = special(
    "AllowanceCharge",
    Role::AllowanceCharge(7),
    &[
        leaf("ChargeIndicator", Role::Selector),
        term("AllowanceChargeReasonCode", 98),
        term("AllowanceChargeReason", 97),
        term("MultiplierFactorNumeric", 94),
        amount("Amount", 92),
        amount("BaseAmount", 93),
        group(
            "TaxCategory",
            &[term("ID", 95), term("Percent", 96), TAX_SCHEME],
        ),
    ],
);
const TAX_TOTAL: Element = group(
    "TaxTotal",
    &[
        leaf("TaxAmount", Role::TaxTotal),
        special(
            "TaxSubtotal",
            Role::Subtotal,
            &[
                amount("TaxableAmount", 116),
                amount("TaxAmount", 117),
                group(
                    "TaxCategory",
                    &[
                        term("ID", 118),
                        term("Percent", 119),
                        term("TaxExemptionReasonCode", 121),
                        term("TaxExemptionReason", 120),
                        TAX_SCHEME,
                    ],
                ),
            ],
        ),
    ],
);
const LEGAL_MONETARY_TOTAL: Element = special(
    "LegalMonetaryTotal",
    Role::Totals,
    &[
        amount("LineExtensionAmount", 106),
        amount("TaxExclusiveAmount", 109),
        amount("TaxInclusiveAmount", 112),
        amount("AllowanceTotalAmount", 107),
        amount("ChargeTotalAmount", 108),
        amount("PrepaidAmount", 113),
        amount("PayableRoundingAmount", 114),
        amount("PayableAmount", 115),
    ],
);

/// `Invoice`, with its children in the order of the schema, which documents follow and the census
/// relies on for speed. The reader takes what only a credit note has from an invoice as well, and
/// so does this.
static INVOICE: Element = group(
    "",
    &[
        term("CustomizationID", 24),
        term("ProfileID", 23),
        term("ID", 1),
        term("IssueDate", 2),
        term("DueDate", 9),
        term("InvoiceTypeCode", 3),
        term("CreditNoteTypeCode", 3),
        leaf("Note", Role::Note),
        term("TaxPointDate", 7),
        leaf("DocumentCurrencyCode", Role::Currency(5)),
        leaf("TaxCurrencyCode", Role::Currency(6)),
        term("AccountingCost", 19),
        BUYER_REFERENCE,
        INVOICE_PERIOD,
        ORDER_REFERENCE,
        BILLING_REFERENCE,
        DESPATCH_DOCUMENT_REFERENCE,
        RECEIPT_DOCUMENT_REFERENCE,
        ORIGINATOR_DOCUMENT_REFERENCE,
        CONTRACT_DOCUMENT_REFERENCE,
        ADDITIONAL_DOCUMENT_REFERENCE,
        PROJECT_REFERENCE,
        group("AccountingSupplierParty", &[group("Party", SELLER)]),
        group("AccountingCustomerParty", &[group("Party", BUYER)]),
        group("PayeeParty", PAYEE),
        group("TaxRepresentativeParty", TAX_REPRESENTATIVE),
        DELIVERY,
        PAYMENT_MEANS,
        group("PaymentTerms", &[term("Note", 20)]),
        ALLOWANCE_CHARGE,
        TAX_TOTAL,
        LEGAL_MONETARY_TOTAL,
        special("InvoiceLine", Role::Line, LINE),
        special("CreditNoteLine", Role::Line, LINE),
    ],
);

/// `CreditNote`, which has a few of them in another order.
static CREDIT_NOTE: Element = group(
    "",
    &[
        term("CustomizationID", 24),
        term("ProfileID", 23),
        term("ID", 1),
        term("IssueDate", 2),
        term("DueDate", 9),
        term("TaxPointDate", 7),
        term("CreditNoteTypeCode", 3),
        term("InvoiceTypeCode", 3),
        leaf("Note", Role::Note),
        leaf("DocumentCurrencyCode", Role::Currency(5)),
        leaf("TaxCurrencyCode", Role::Currency(6)),
        term("AccountingCost", 19),
        BUYER_REFERENCE,
        INVOICE_PERIOD,
        ORDER_REFERENCE,
        BILLING_REFERENCE,
        DESPATCH_DOCUMENT_REFERENCE,
        RECEIPT_DOCUMENT_REFERENCE,
        CONTRACT_DOCUMENT_REFERENCE,
        ADDITIONAL_DOCUMENT_REFERENCE,
        ORIGINATOR_DOCUMENT_REFERENCE,
        PROJECT_REFERENCE,
        group("AccountingSupplierParty", &[group("Party", SELLER)]),
        group("AccountingCustomerParty", &[group("Party", BUYER)]),
        group("PayeeParty", PAYEE),
        group("TaxRepresentativeParty", TAX_REPRESENTATIVE),
        DELIVERY,
        PAYMENT_MEANS,
        group("PaymentTerms", &[term("Note", 20)]),
        ALLOWANCE_CHARGE,
        TAX_TOTAL,
        LEGAL_MONETARY_TOTAL,
        special("CreditNoteLine", Role::Line, LINE),
        special("InvoiceLine", Role::Line, LINE),
    ],
);

/// The tree of a document by the name of its root element.
pub(super) fn root_of(name: &str) -> &'static Element {
    if name == "CreditNote" {
        &CREDIT_NOTE
    } else {
        &INVOICE
    }
}
