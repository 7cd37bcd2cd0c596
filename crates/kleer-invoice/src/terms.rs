//! Business terms and groups of EN 16931, by number.

use std::fmt;

/// A business term (`BT-13`) or business group (`BG-14`) of EN 16931-1.
///
/// ```
/// use kleer_invoice::Term;
///
/// assert_eq!(Term::bt(13).to_string(), "BT-13");
/// assert_eq!(Term::bt(13).name(), "Purchase order reference");
/// assert_eq!(Term::bg(24).to_string(), "BG-24");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Term {
    group: bool,
    number: u16,
}

impl Term {
    /// The business term with this number.
    pub const fn bt(number: u16) -> Self {
        Self {
            group: false,
            number,
        }
    }

    /// The business group with this number.
    pub const fn bg(number: u16) -> Self {
        Self {
            group: true,
            number,
        }
    }

    /// The number without its prefix.
    pub const fn number(self) -> u16 {
        self.number
    }

    /// Whether this is a group (`BG`).
    pub const fn is_group(self) -> bool {
        self.group
    }

    /// The English name in the standard; empty for a number the standard does not use.
    pub fn name(self) -> &'static str {
        let table = if self.group { GROUP_NAMES } else { TERM_NAMES };
        table
            .binary_search_by_key(&self.number, |(number, _)| *number)
            .map_or("", |at| table[at].1)
    }

    /// Whether this is a term or group of an invoice line (BG-25 and what is in it).
    pub const fn is_of_line(self) -> bool {
        if self.group {
            matches!(self.number, 25..=32)
        } else {
            matches!(self.number, 126..=161)
        }
    }

    /// The group that a term or group stands in; `None` for one of the document itself.
    ///
    /// ```
    /// use kleer_invoice::Term;
    ///
    /// assert_eq!(Term::bt(37).group(), Some(Term::bg(5)));
    /// assert_eq!(Term::bg(5).group(), Some(Term::bg(4)));
    /// assert_eq!(Term::bt(1).group(), None);
    /// ```
    pub const fn group(self) -> Option<Self> {
        let group = if self.group {
            match self.number {
                5 | 6 => 4,
                8 | 9 => 7,
                12 => 11,
                14 | 15 => 13,
                17..=19 => 16,
                26..=31 => 25,
                32 => 31,
                _ => return None,
            }
        } else {
            match self.number {
                21 | 22 => 1,
                23 | 24 => 2,
                25 | 26 => 3,
                27..=34 => 4,
                35..=40 | 162 => 5,
                41..=43 => 6,
                44..=49 => 7,
                50..=55 | 163 => 8,
                56..=58 => 9,
                59..=61 => 10,
                62 | 63 => 11,
                64..=69 | 164 => 12,
                70..=72 => 13,
                73 | 74 => 14,
                75..=80 | 165 => 15,
                81..=83 => 16,
                84..=86 => 17,
                87 | 88 => 18,
                89..=91 => 19,
                92..=98 => 20,
                99..=105 => 21,
                106..=115 => 22,
                116..=121 => 23,
                122..=125 => 24,
                126..=133 => 25,
                134 | 135 => 26,
                136..=140 => 27,
                141..=145 => 28,
                146..=150 => 29,
                151 | 152 => 30,
                153..=159 => 31,
                160 | 161 => 32,
                _ => return None,
            }
        };
        Some(Self::bg(group))
    }

    /// Every business group that the standard names, in order.
    pub fn all_groups() -> impl Iterator<Item = Self> {
        GROUP_NAMES.iter().map(|(number, _)| Self::bg(*number))
    }

    /// Every business term that the standard names, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        TERM_NAMES.iter().map(|(number, _)| Self::bt(*number))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.group { "BG" } else { "BT" };
        write!(f, "{prefix}-{}", self.number)
    }
}

impl std::str::FromStr for Term {
    type Err = ParseTermError;

    fn from_str(text: &str) -> Result<Self, ParseTermError> {
        let parse = |number: &str| number.parse().map_err(|_| ParseTermError);
        if let Some(number) = text.strip_prefix("BT-") {
            Ok(Self::bt(parse(number)?))
        } else if let Some(number) = text.strip_prefix("BG-") {
            Ok(Self::bg(parse(number)?))
        } else {
            Err(ParseTermError)
        }
    }
}

impl TryFrom<String> for Term {
    type Error = ParseTermError;

    fn try_from(text: String) -> Result<Self, ParseTermError> {
        text.parse()
    }
}

impl From<Term> for String {
    fn from(term: Term) -> Self {
        term.to_string()
    }
}

/// A text that is not `BT-` or `BG-` and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a business term: write BT- or BG- and the number, as in BT-13")]
#[non_exhaustive]
pub struct ParseTermError;

const GROUP_NAMES: &[(u16, &str)] = &[
    (1, "Invoice note"),
    (2, "Process control"),
    (3, "Preceding invoice reference"),
    (4, "Seller"),
    (5, "Seller postal address"),
    (6, "Seller contact"),
    (7, "Buyer"),
    (8, "Buyer postal address"),
    (9, "Buyer contact"),
    (10, "Payee"),
    (11, "Seller tax representative party"),
    (12, "Seller tax representative postal address"),
    (13, "Delivery information"),
    (14, "Invoicing period"),
    (15, "Deliver to address"),
    (16, "Payment instructions"),
    (17, "Credit transfer"),
    (18, "Payment card information"),
    (19, "Direct debit"),
    (20, "Document level allowances"),
    (21, "Document level charges"),
    (22, "Document totals"),
    (23, "VAT breakdown"),
    (24, "Additional supporting documents"),
    (25, "Invoice line"),
    (26, "Invoice line period"),
    (27, "Invoice line allowances"),
    (28, "Invoice line charges"),
    (29, "Price details"),
    (30, "Line VAT information"),
    (31, "Item information"),
    (32, "Item attributes"),
];

const TERM_NAMES: &[(u16, &str)] = &[
    (1, "Invoice number"),
    (2, "Invoice issue date"),
    (3, "Invoice type code"),
    (5, "Invoice currency code"),
    (6, "VAT accounting currency code"),
    (7, "Value added tax point date"),
    (8, "Value added tax point date code"),
    (9, "Payment due date"),
    (10, "Buyer reference"),
    (11, "Project reference"),
    (12, "Contract reference"),
    (13, "Purchase order reference"),
    (14, "Sales order reference"),
    (15, "Receiving advice reference"),
    (16, "Despatch advice reference"),
    (17, "Tender or lot reference"),
    (18, "Invoiced object identifier"),
    (19, "Buyer accounting reference"),
    (20, "Payment terms"),
    (21, "Invoice note subject code"),
    (22, "Invoice note"),
    (23, "Business process type"),
    (24, "Specification identifier"),
    (25, "Preceding invoice reference"),
    (26, "Preceding invoice issue date"),
    (27, "Seller name"),
    (28, "Seller trading name"),
    (29, "Seller identifier"),
    (30, "Seller legal registration identifier"),
    (31, "Seller VAT identifier"),
    (32, "Seller tax registration identifier"),
    (33, "Seller additional legal information"),
    (34, "Seller electronic address"),
    (35, "Seller address line 1"),
    (36, "Seller address line 2"),
    (37, "Seller city"),
    (38, "Seller post code"),
    (39, "Seller country subdivision"),
    (40, "Seller country code"),
    (41, "Seller contact point"),
    (42, "Seller contact telephone number"),
    (43, "Seller contact email address"),
    (44, "Buyer name"),
    (45, "Buyer trading name"),
    (46, "Buyer identifier"),
    (47, "Buyer legal registration identifier"),
    (48, "Buyer VAT identifier"),
    (49, "Buyer electronic address"),
    (50, "Buyer address line 1"),
    (51, "Buyer address line 2"),
    (52, "Buyer city"),
    (53, "Buyer post code"),
    (54, "Buyer country subdivision"),
    (55, "Buyer country code"),
    (56, "Buyer contact point"),
    (57, "Buyer contact telephone number"),
    (58, "Buyer contact email address"),
    (59, "Payee name"),
    (60, "Payee identifier"),
    (61, "Payee legal registration identifier"),
    (62, "Seller tax representative name"),
    (63, "Seller tax representative VAT identifier"),
    (64, "Tax representative address line 1"),
    (65, "Tax representative address line 2"),
    (66, "Tax representative city"),
    (67, "Tax representative post code"),
    (68, "Tax representative country subdivision"),
    (69, "Tax representative country code"),
    (70, "Deliver to party name"),
    (71, "Deliver to location identifier"),
    (72, "Actual delivery date"),
    (73, "Invoicing period start date"),
    (74, "Invoicing period end date"),
    (75, "Deliver to address line 1"),
    (76, "Deliver to address line 2"),
    (77, "Deliver to city"),
    (78, "Deliver to post code"),
    (79, "Deliver to country subdivision"),
    (80, "Deliver to country code"),
    (81, "Payment means type code"),
    (82, "Payment means text"),
    (83, "Remittance information"),
    (84, "Payment account identifier"),
    (85, "Payment account name"),
    (86, "Payment service provider identifier"),
    (87, "Payment card primary account number"),
    (88, "Payment card holder name"),
    (89, "Mandate reference identifier"),
    (90, "Bank assigned creditor identifier"),
    (91, "Debited account identifier"),
    (92, "Document level allowance amount"),
    (93, "Document level allowance base amount"),
    (94, "Document level allowance percentage"),
    (95, "Document level allowance VAT category code"),
    (96, "Document level allowance VAT rate"),
    (97, "Document level allowance reason"),
    (98, "Document level allowance reason code"),
    (99, "Document level charge amount"),
    (100, "Document level charge base amount"),
    (101, "Document level charge percentage"),
    (102, "Document level charge VAT category code"),
    (103, "Document level charge VAT rate"),
    (104, "Document level charge reason"),
    (105, "Document level charge reason code"),
    (106, "Sum of invoice line net amount"),
    (107, "Sum of allowances on document level"),
    (108, "Sum of charges on document level"),
    (109, "Invoice total amount without VAT"),
    (110, "Invoice total VAT amount"),
    (111, "Invoice total VAT amount in accounting currency"),
    (112, "Invoice total amount with VAT"),
    (113, "Paid amount"),
    (114, "Rounding amount"),
    (115, "Amount due for payment"),
    (116, "VAT category taxable amount"),
    (117, "VAT category tax amount"),
    (118, "VAT category code"),
    (119, "VAT category rate"),
    (120, "VAT exemption reason text"),
    (121, "VAT exemption reason code"),
    (122, "Supporting document reference"),
    (123, "Supporting document description"),
    (124, "External document location"),
    (125, "Attached document"),
    (126, "Invoice line identifier"),
    (127, "Invoice line note"),
    (128, "Invoice line object identifier"),
    (129, "Invoiced quantity"),
    (130, "Invoiced quantity unit of measure code"),
    (131, "Invoice line net amount"),
    (132, "Referenced purchase order line reference"),
    (133, "Invoice line buyer accounting reference"),
    (134, "Invoice line period start date"),
    (135, "Invoice line period end date"),
    (136, "Invoice line allowance amount"),
    (137, "Invoice line allowance base amount"),
    (138, "Invoice line allowance percentage"),
    (139, "Invoice line allowance reason"),
    (140, "Invoice line allowance reason code"),
    (141, "Invoice line charge amount"),
    (142, "Invoice line charge base amount"),
    (143, "Invoice line charge percentage"),
    (144, "Invoice line charge reason"),
    (145, "Invoice line charge reason code"),
    (146, "Item net price"),
    (147, "Item price discount"),
    (148, "Item gross price"),
    (149, "Item price base quantity"),
    (150, "Item price base quantity unit of measure code"),
    (151, "Invoiced item VAT category code"),
    (152, "Invoiced item VAT rate"),
    (153, "Item name"),
    (154, "Item description"),
    (155, "Item seller's identifier"),
    (156, "Item buyer's identifier"),
    (157, "Item standard identifier"),
    (158, "Item classification identifier"),
    (159, "Item country of origin"),
    (160, "Item attribute name"),
    (161, "Item attribute value"),
    (162, "Seller address line 3"),
    (163, "Buyer address line 3"),
    (164, "Tax representative address line 3"),
    (165, "Deliver to address line 3"),
];
