//! The rules of Peppol BIS Billing 3 for sellers in Sweden, `SE-R-001` to `SE-R-013`
//! (`PEPPOL-EN16931-UBL`, release 2026.5), with their official ids and severities.
//!
//! The rules look at the text as it is written, and at elements wherever they stand. The semantic
//! model has trimmed the one and has no place for the other, so the rules are tested on the
//! document itself. All of them apply to sellers whose postal address is in Sweden, which the
//! caller knows before: other documents cost nothing.

use super::policy::Severity;
use super::xpath::{is_number, is_organisation_number, normalize_space, normalized_length, number};
use crate::source::scan::{Scanner, Token, resolve};

/// A broken rule, before a policy has judged it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    /// The path of the element, with its place among its namesakes where it is not the first.
    pub(crate) place: String,
    pub(crate) message: &'static str,
}

/// A rule: its id, how bad its author finds it, and what it asks for.
type Rule = (&'static str, Severity, &'static str);

const SE_R_001: Rule = (
    "SE-R-001",
    Severity::Fatal,
    "the VAT number of a Swedish seller must have 14 characters",
);
const SE_R_002: Rule = (
    "SE-R-002",
    Severity::Fatal,
    "the 12 characters after SE in the VAT number of a Swedish seller must be a number",
);
const SE_R_003: Rule = (
    "SE-R-003",
    Severity::Fatal,
    "the organisation number of a Swedish seller must be a number, without a hyphen",
);
const SE_R_004: Rule = (
    "SE-R-004",
    Severity::Fatal,
    "the organisation number of a Swedish seller must have 10 characters",
);
const SE_R_005: Rule = (
    "SE-R-005",
    Severity::Fatal,
    "the tax registration of a Swedish seller must read \"Godkänd för F-skatt\"",
);
const SE_R_006: Rule = (
    "SE-R-006",
    Severity::Fatal,
    "the standard rates of VAT of a Swedish seller are 25, 12 and 6 percent",
);
const SE_R_007: Rule = (
    "SE-R-007",
    Severity::Warning,
    "a plusgiro number must be written as a number, without blanks and hyphen",
);
const SE_R_008: Rule = (
    "SE-R-008",
    Severity::Warning,
    "a bankgiro number must be written as a number, without a hyphen",
);
const SE_R_009: Rule = (
    "SE-R-009",
    Severity::Warning,
    "a bankgiro number must have 7 or 8 characters",
);
const SE_R_010: Rule = (
    "SE-R-010",
    Severity::Warning,
    "a plusgiro number must have 2 to 8 characters",
);
const SE_R_011: Rule = (
    "SE-R-011",
    Severity::Warning,
    "giro payment to a Swedish seller is payment means 30 with the branch SE:BANKGIRO or \
     SE:PLUSGIRO",
);
const SE_R_012: Rule = (
    "SE-R-012",
    Severity::Warning,
    "credit transfer between Swedish parties is payment means 30",
);
const SE_R_013: Rule = (
    "SE-R-013",
    Severity::Fatal,
    "the last digit of the organisation number of a Swedish seller must be its check digit",
);

/// A text of the document and where it stands.
struct Located {
    text: String,
    place: String,
}

#[derive(Default)]
struct TaxScheme {
    company_ids: Vec<Located>,
    is_vat: bool,
    /// A scheme whose id, in upper case and trimmed, is not `VAT`; one without an id is such.
    is_other: bool,
    has_id: bool,
}

#[derive(Default)]
struct Seller {
    in_sweden: bool,
    tax_schemes: Vec<TaxScheme>,
    company_ids: Vec<Located>,
}

#[derive(Default)]
struct PaymentMeans {
    place: String,
    codes: Vec<String>,
    branches: Vec<String>,
    accounts: Vec<Located>,
}

#[derive(Default)]
struct TaxCategory {
    is_standard: bool,
    has_swedish_rate: bool,
}

struct Frame<'a> {
    name: &'a str,
    /// Among its namesakes, from 1.
    position: u32,
    /// Where the counts of its children begin.
    counts: usize,
}

/// No element of UBL has so many children of different names.
const MOST_NAMES: usize = 200;

/// What the rules look at.
#[derive(Default)]
struct Facts<'a> {
    frames: Vec<Frame<'a>>,
    counts: Vec<(&'a str, u32)>,
    sellers: Vec<Seller>,
    buyer_in_sweden: bool,
    payment_means: Vec<PaymentMeans>,
    category: TaxCategory,
    /// Where a standard rate is none of Sweden's.
    other_rates: Vec<String>,
}

/// Tests the rules on a document that a parser has found well formed.
pub(crate) fn check(text: &str) -> Vec<Broken> {
    Facts::collect(text).judge()
}

/// Whether the text of an element can decide a rule.
fn is_looked_at(name: &str) -> bool {
    matches!(
        name,
        "ID" | "CompanyID" | "IdentificationCode" | "PaymentMeansCode" | "Percent"
    )
}

impl<'a> Facts<'a> {
    fn collect(text: &'a str) -> Self {
        let mut facts = Self::default();
        let mut scanner = Scanner::new(text);
        // The text of an element that is in several pieces, and how deep the element is.
        let mut pieces: Option<(usize, String)> = None;
        while let Some(token) = scanner.next() {
            match token {
                Token::Start {
                    name,
                    written,
                    empty,
                    ..
                } => {
                    // Most elements are leaves that no rule looks at.
                    let raw = if empty {
                        Some("")
                    } else {
                        scanner.whole_text(written)
                    };
                    match (raw, &mut pieces) {
                        (Some(raw), Some((_, whole))) => whole.push_str(&resolve(raw)),
                        (Some(raw), None) if empty || is_looked_at(name) => {
                            facts.open(name);
                            facts.leaf(&resolve(raw));
                            facts.close();
                        }
                        (Some(_), None) => {}
                        (None, pieces) => {
                            facts.open(name);
                            if pieces.is_none() && is_looked_at(name) {
                                *pieces = Some((facts.frames.len(), String::new()));
                            }
                        }
                    }
                }
                Token::End { .. } => {
                    if let Some((_, whole)) =
                        pieces.take_if(|(depth, _)| *depth == facts.frames.len())
                    {
                        facts.leaf(&whole);
                    }
                    facts.close();
                }
                Token::Text(piece) => {
                    if let Some((_, whole)) = &mut pieces {
                        whole.push_str(&resolve(piece));
                    }
                }
                Token::CData(piece) => {
                    if let Some((_, whole)) = &mut pieces {
                        whole.push_str(piece);
                    }
                }
                Token::Doctype | Token::Cut => break,
            }
        }
        facts
    }

    fn open(&mut self, name: &'a str) {
        let from = self.frames.last().map_or(0, |frame| frame.counts);
        let known = self.counts[from..]
            .iter_mut()
            .find(|(other, _)| *other == name);
        let position = if let Some((_, count)) = known {
            *count += 1;
            *count
        } else {
            // Beyond so many names there is no UBL, and the search above would take too long.
            if self.counts.len() - from < MOST_NAMES {
                self.counts.push((name, 1));
            }
            1
        };
        self.frames.push(Frame {
            name,
            position,
            counts: self.counts.len(),
        });
        match name {
            "Party" if self.outer(1) == "AccountingSupplierParty" => {
                self.sellers.push(Seller::default());
            }
            "PartyTaxScheme" if self.is_in_seller(1) => {
                if let Some(seller) = self.sellers.last_mut() {
                    seller.tax_schemes.push(TaxScheme::default());
                }
            }
            "PaymentMeans" => {
                let place = self.path();
                self.payment_means.push(PaymentMeans {
                    place,
                    ..PaymentMeans::default()
                });
            }
            "TaxCategory" | "ClassifiedTaxCategory" => self.category = TaxCategory::default(),
            _ => {}
        }
    }

    fn close(&mut self) {
        if let "TaxCategory" | "ClassifiedTaxCategory" = self.outer(0) {
            let category = std::mem::take(&mut self.category);
            if category.is_standard && !category.has_swedish_rate {
                let place = self.path();
                self.other_rates.push(place);
            }
        }
        if let Some(frame) = self.frames.pop() {
            self.counts.truncate(frame.counts);
        }
    }

    /// The name of the innermost element, or of one round it; empty outside the root.
    fn outer(&self, levels: usize) -> &'a str {
        let at = self.frames.len().checked_sub(levels + 1);
        at.and_then(|at| self.frames.get(at))
            .map_or("", |frame| frame.name)
    }

    /// Whether the elements from this level on are a party and the seller.
    fn is_in_seller(&self, levels: usize) -> bool {
        self.outer(levels) == "Party" && self.outer(levels + 1) == "AccountingSupplierParty"
    }

    fn path(&self) -> String {
        let mut path = String::with_capacity(64);
        for frame in &self.frames {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(frame.name);
            if frame.position > 1 {
                path.push('[');
                path.push_str(&frame.position.to_string());
                path.push(']');
            }
        }
        path
    }

    fn located(&self, text: &str) -> Located {
        Located {
            text: text.to_owned(),
            place: self.path(),
        }
    }

    /// The text of the innermost element, if it is one that is looked at.
    fn leaf(&mut self, text: &str) {
        let parent = self.outer(1);
        match self.outer(0) {
            "CompanyID" if self.is_in_seller(2) => {
                let id = self.located(text);
                let Some(seller) = self.sellers.last_mut() else {
                    return;
                };
                if parent == "PartyLegalEntity" {
                    seller.company_ids.push(id);
                } else if parent == "PartyTaxScheme"
                    && let Some(scheme) = seller.tax_schemes.last_mut()
                {
                    scheme.company_ids.push(id);
                }
            }
            "IdentificationCode"
                if parent == "Country"
                    && self.outer(2) == "PostalAddress"
                    && self.outer(3) == "Party" =>
            {
                match self.outer(4) {
                    "AccountingSupplierParty" => {
                        if let Some(seller) = self.sellers.last_mut() {
                            seller.in_sweden |= text == "SE";
                        }
                    }
                    "AccountingCustomerParty" => self.buyer_in_sweden |= text == "SE",
                    _ => {}
                }
            }
            "PaymentMeansCode" if parent == "PaymentMeans" => {
                if let Some(means) = self.payment_means.last_mut() {
                    means.codes.push(text.to_owned());
                }
            }
            "Percent" if matches!(parent, "TaxCategory" | "ClassifiedTaxCategory") => {
                let rate = number(text);
                self.category.has_swedish_rate |=
                    [25, 12, 6].iter().any(|each| rate == Some((*each).into()));
            }
            "ID" => self.id(parent, text),
            _ => {}
        }
    }

    fn id(&mut self, parent: &str, text: &str) {
        match parent {
            "TaxCategory" | "ClassifiedTaxCategory" => {
                self.category.is_standard |= text == "S";
            }
            "TaxScheme" if self.outer(2) == "PartyTaxScheme" && self.is_in_seller(3) => {
                let scheme = self.sellers.last_mut();
                if let Some(scheme) = scheme.and_then(|seller| seller.tax_schemes.last_mut()) {
                    scheme.has_id = true;
                    scheme.is_vat |= text == "VAT";
                    scheme.is_other |= normalize_space(&text.to_uppercase()) != "VAT";
                }
            }
            "PayeeFinancialAccount" if self.outer(2) == "PaymentMeans" => {
                let id = self.located(text);
                if let Some(means) = self.payment_means.last_mut() {
                    means.accounts.push(id);
                }
            }
            "FinancialInstitutionBranch"
                if self.outer(2) == "PayeeFinancialAccount" && self.outer(3) == "PaymentMeans" =>
            {
                if let Some(means) = self.payment_means.last_mut() {
                    means.branches.push(normalize_space(text));
                }
            }
            _ => {}
        }
    }

    fn judge(self) -> Vec<Broken> {
        let mut broken = Vec::new();
        let mut unless = |holds: bool, rule: Rule, place: &str| {
            if !holds {
                let (rule, severity, message) = rule;
                broken.push(Broken {
                    rule,
                    severity,
                    place: place.to_owned(),
                    message,
                });
            }
        };
        let mut vat_in_sweden = false;
        let mut in_sweden = false;
        for seller in self.sellers.iter().filter(|seller| seller.in_sweden) {
            in_sweden = true;
            let vat = || {
                let schemes = seller.tax_schemes.iter().filter(|scheme| scheme.is_vat);
                schemes.flat_map(|scheme| &scheme.company_ids)
            };
            if vat().any(|id| id.text.starts_with("SE")) {
                vat_in_sweden = true;
                for id in vat() {
                    unless(normalized_length(&id.text) == 14, SE_R_001, &id.place);
                    let twelve: String = id.text.chars().skip(2).take(12).collect();
                    unless(is_number(&twelve), SE_R_002, &id.place);
                }
            }
            for id in &seller.company_ids {
                unless(is_number(&id.text), SE_R_003, &id.place);
                unless(normalized_length(&id.text) == 10, SE_R_004, &id.place);
                unless(is_organisation_number(&id.text), SE_R_013, &id.place);
            }
            if seller.company_ids.is_empty() {
                continue;
            }
            let others = seller
                .tax_schemes
                .iter()
                .filter(|scheme| scheme.is_other || !scheme.has_id);
            for id in others.flat_map(|scheme| &scheme.company_ids) {
                let text = normalize_space(&id.text.to_uppercase());
                unless(text == "GODKÄND FÖR F-SKATT", SE_R_005, &id.place);
            }
        }
        if vat_in_sweden {
            for place in &self.other_rates {
                unless(false, SE_R_006, place);
            }
        }
        if in_sweden {
            for means in &self.payment_means {
                means.judge(self.buyer_in_sweden, &mut unless);
            }
        }
        broken
    }
}

impl PaymentMeans {
    fn judge(&self, buyer_in_sweden: bool, unless: &mut impl FnMut(bool, Rule, &str)) {
        let is = |wanted: &str| self.codes.iter().any(|code| code == wanted);
        if self.codes.iter().any(|code| normalize_space(code) == "30") {
            let branch = |wanted: &str| self.branches.iter().any(|branch| branch == wanted);
            for account in &self.accounts {
                let length = normalized_length(&account.text);
                if branch("SE:PLUSGIRO") {
                    unless(is_number(&account.text), SE_R_007, &account.place);
                    unless((2..=8).contains(&length), SE_R_010, &account.place);
                } else if branch("SE:BANKGIRO") {
                    unless(is_number(&account.text), SE_R_008, &account.place);
                    unless(matches!(length, 7 | 8), SE_R_009, &account.place);
                }
            }
        }
        if is("50") || is("56") {
            unless(false, SE_R_011, &self.place);
        } else if buyer_in_sweden && is("31") {
            unless(false, SE_R_012, &self.place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that a Swedish seller's document breaks, with its parts put in.
    fn broken(seller: &str, rest: &str) -> Vec<&'static str> {
        let text = format!(
            "<Invoice><c:AccountingSupplierParty><c:Party>\
             <c:PostalAddress><c:Country><b:IdentificationCode>SE</b:IdentificationCode>\
             </c:Country></c:PostalAddress>{seller}</c:Party></c:AccountingSupplierParty>\
             <c:AccountingCustomerParty><c:Party><c:PostalAddress><c:Country>\
             <b:IdentificationCode>SE</b:IdentificationCode></c:Country></c:PostalAddress>\
             </c:Party></c:AccountingCustomerParty>{rest}</Invoice>"
        );
        check(&text).iter().map(|broken| broken.rule).collect()
    }

    fn scheme(company: &str, scheme: &str) -> String {
        format!(
            "<PartyTaxScheme><CompanyID>{company}</CompanyID><TaxScheme><ID>{scheme}</ID>\
             </TaxScheme></PartyTaxScheme>"
        )
    }

    fn entity(company: &str) -> String {
        format!("<PartyLegalEntity><CompanyID>{company}</CompanyID></PartyLegalEntity>")
    }

    fn means(code: &str, account: &str, branch: &str) -> String {
        format!(
            "<PaymentMeans><PaymentMeansCode>{code}</PaymentMeansCode><PayeeFinancialAccount>\
             <ID>{account}</ID><FinancialInstitutionBranch><ID>{branch}</ID>\
             </FinancialInstitutionBranch></PayeeFinancialAccount></PaymentMeans>"
        )
    }

    #[test]
    fn vat_numbers() {
        let vat = |number: &str| broken(&scheme(number, "VAT"), "");
        assert!(vat("SE202100548901").is_empty());
        assert_eq!(vat("SE2021005489"), ["SE-R-001"]);
        assert_eq!(vat("SE20210O548901"), ["SE-R-002"]);
        assert_eq!(vat("SE202100-548901"), ["SE-R-001", "SE-R-002"]);
        // Another country's number, and another scheme's, are not looked at.
        assert!(vat("NO999999999MVA").is_empty());
        assert!(broken(&scheme("SE1", "vat"), "").is_empty());
    }

    #[test]
    fn organisation_numbers() {
        let number = |number: &str| broken(&entity(number), "");
        assert!(number("2021005489").is_empty());
        assert_eq!(number("202100-5489"), ["SE-R-003", "SE-R-004", "SE-R-013"]);
        assert_eq!(number("20210054"), ["SE-R-004", "SE-R-013"]);
        assert_eq!(number("2021005488"), ["SE-R-013"]);
        assert_eq!(
            number("<!-- none -->"),
            ["SE-R-003", "SE-R-004", "SE-R-013"]
        );
        assert!(number("<![CDATA[20210]]>05489").is_empty());
    }

    #[test]
    fn tax_registration_counts_beside_an_organisation_number_only() {
        let registration = |text: &str, id: &str| {
            broken(&format!("{}{}", scheme(text, id), entity("2021005489")), "")
        };
        assert!(registration("GODKÄND för f-skatt ", "TAX").is_empty());
        assert_eq!(registration("F-skatt", "TAX"), ["SE-R-005"]);
        assert_eq!(registration("F-skatt", ""), ["SE-R-005"]);
        assert!(registration("F-skatt", " vat ").is_empty());
        assert!(broken(&scheme("F-skatt", "TAX"), "").is_empty());
    }

    #[test]
    fn standard_rates_wherever_they_stand() {
        let vat = scheme("SE202100548901", "VAT");
        let rate = |seller: &str, name: &str, id: &str, percent: &str| {
            let text = format!(
                "<InvoiceLine/><InvoiceLine><Item><{name}><ID>{id}</ID>{percent}\
                 <TaxScheme><ID>VAT</ID></TaxScheme></{name}></Item></InvoiceLine>"
            );
            broken(seller, &text)
        };
        for percent in ["25", "12.00", " 6 "] {
            let percent = format!("<Percent>{percent}</Percent>");
            assert!(rate(&vat, "ClassifiedTaxCategory", "S", &percent).is_empty());
        }
        for percent in ["<Percent>20</Percent>", "<Percent>25 %</Percent>", ""] {
            assert_eq!(rate(&vat, "TaxCategory", "S", percent), ["SE-R-006"]);
            assert!(rate(&vat, "TaxCategory", "Z", percent).is_empty());
            // Without a Swedish VAT number the rule does not apply.
            assert!(rate("", "TaxCategory", "S", percent).is_empty());
        }
    }

    #[test]
    fn giro_accounts() {
        let account =
            |code: &str, account: &str, branch: &str| broken("", &means(code, account, branch));
        assert!(account("30", "54029681", "SE:BANKGIRO").is_empty());
        assert!(account(" 30 ", "12", " SE:PLUSGIRO ").is_empty());
        assert_eq!(
            account("30", "5402-9681", "SE:BANKGIRO"),
            ["SE-R-008", "SE-R-009"]
        );
        assert_eq!(account("30", "540296", "SE:BANKGIRO"), ["SE-R-009"]);
        assert_eq!(account("30", "286543-4", "SE:PLUSGIRO"), ["SE-R-007"]);
        assert_eq!(account("30", "1", "SE:PLUSGIRO"), ["SE-R-010"]);
        assert!(account("30", "SE3550000000054910000003", "ESSESESS").is_empty());
        assert_eq!(account("50", "1", "SE:PLUSGIRO"), ["SE-R-011"]);
        assert_eq!(account("56", "1", ""), ["SE-R-011"]);
        assert!(
            account(" 50 ", "1", "").is_empty(),
            "the code is compared as written"
        );
        assert_eq!(account("31", "1", ""), ["SE-R-012"]);
    }

    #[test]
    fn only_sellers_in_sweden() {
        let text = "<Invoice><AccountingSupplierParty><Party><PostalAddress><Country>\
            <IdentificationCode>NO</IdentificationCode></Country></PostalAddress>\
            <PartyLegalEntity><CompanyID>1</CompanyID></PartyLegalEntity></Party>\
            </AccountingSupplierParty><PaymentMeans><PaymentMeansCode>50</PaymentMeansCode>\
            </PaymentMeans></Invoice>";
        assert!(check(text).is_empty());
        assert_eq!(check(&text.replace("NO", "SE")).len(), 3);
        assert!(
            check(&text.replace("NO", " SE ")).is_empty(),
            "compared as written"
        );
    }

    #[test]
    fn the_place_says_which_of_several() {
        let text = "<Invoice><AccountingSupplierParty><Party><PostalAddress><Country>\
            <IdentificationCode>SE</IdentificationCode></Country></PostalAddress></Party>\
            </AccountingSupplierParty><PaymentMeans/><PaymentMeans><PaymentMeansCode>50\
            </PaymentMeansCode></PaymentMeans></Invoice>";
        let found = check(text);
        assert_eq!(found[0].place, "Invoice/PaymentMeans[2]");
        assert_eq!(found[0].severity, Severity::Warning);
    }
}
