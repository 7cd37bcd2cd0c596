//! What the rules and the reader found, as one kind of [`Finding`].

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use en16931_formats::report::{Entry, Kind};
use rust_decimal::Decimal;

use super::policy::{RulePolicy, Severity};
use super::unrepresentable;
use crate::report::Finding;
use crate::source::SourceInvoice;

impl From<en16931::Severity> for Severity {
    fn from(severity: en16931::Severity) -> Self {
        match severity {
            en16931::Severity::Fatal => Self::Fatal,
            en16931::Severity::Warning => Self::Warning,
            en16931::Severity::Info => Self::Info,
        }
    }
}

impl SourceInvoice {
    /// What is wrong with the document, judged by a policy: the business rules of EN 16931 and of
    /// the profile that BT-24 names, the Swedish rules `SE-R-*` if the seller is in Sweden, and
    /// values that could not be read or stand where they must not (`READ-*`).
    ///
    /// [`map`](crate::map()) puts the same findings into its report. `docs/invoice-rules.md` lists
    /// the rules.
    ///
    /// ```
    /// use kleer_invoice::{RulePolicy, SourceInvoice};
    ///
    /// let xml = br#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    ///   xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    ///   xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
    ///   <cac:AccountingSupplierParty><cac:Party>
    ///     <cac:PostalAddress><cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode>
    ///     </cac:Country></cac:PostalAddress>
    ///     <cac:PartyLegalEntity><cbc:CompanyID>202100-5489</cbc:CompanyID></cac:PartyLegalEntity>
    ///   </cac:Party></cac:AccountingSupplierParty>
    /// </Invoice>"#;
    /// let source = SourceInvoice::from_ubl(xml)?;
    /// let findings = source.findings(&RulePolicy::default());
    /// let hyphen = findings.iter().find(|finding| finding.rule == "SE-R-003").unwrap();
    /// assert_eq!(
    ///     hyphen.place,
    ///     "Invoice/AccountingSupplierParty/Party/PartyLegalEntity/CompanyID"
    /// );
    /// assert!(!hyphen.stops, "identifiers are the sender's matter");
    /// # Ok::<(), kleer_invoice::ReadError>(())
    /// ```
    pub fn findings(&self, policy: &RulePolicy) -> Vec<Finding> {
        let validation = self.validation().findings();
        let mut findings = Vec::with_capacity(validation.len() + self.broken().len());
        for found in validation {
            let severity = found.severity.into();
            let message = match &found.detail {
                None => found.message.clone(),
                Some(detail) => format!(
                    "{} (expected {}, found {})",
                    found.message, detail.expected, detail.actual
                ),
            };
            findings.push(Finding {
                stops: policy.stops(&found.rule, severity),
                rule: Cow::Owned(found.rule.clone()),
                severity,
                place: place(&found.path),
                message: Cow::Owned(message),
            });
        }
        // One rule is tested by both.
        let known: BTreeSet<_> = validation.iter().map(|found| found.rule.as_str()).collect();
        for found in unrepresentable::check(self.census()) {
            if !known.contains(found.rule.as_ref()) {
                let stops = policy.stops(&found.rule, found.severity);
                findings.push(Finding { stops, ..found });
            }
        }
        // A rule of Peppol about the XML, which the crate for the model does not have.
        let census = self.census();
        if census.empty > 0 && self.is_peppol() {
            let (rule, severity) = ("PEPPOL-EN16931-R008", Severity::Fatal);
            findings.push(Finding {
                stops: policy.stops(rule, severity),
                rule: Cow::Borrowed(rule),
                severity,
                place: census.first_empty.clone(),
                message: Cow::Owned(format!("{} element(s) are empty", census.empty)),
            });
        }
        for broken in self.broken() {
            findings.push(Finding {
                stops: policy.stops(broken.rule, broken.severity),
                rule: Cow::Borrowed(broken.rule),
                severity: broken.severity,
                place: broken.place.clone(),
                message: Cow::Borrowed(broken.message),
            });
        }
        let documents_align = self.census().documents.len() == self.as_en16931().attachments.len();
        for entry in self.entries() {
            let recovered = documents_align && entry.path.ends_with("EmbeddedDocumentBinaryObject");
            let Some((rule, message)) = about_reading(entry, recovered) else {
                continue;
            };
            let severity = entry.level().into();
            let message = match entry.term.as_ref().or(entry.rule.as_ref()) {
                Some(subject) => Cow::Owned(format!("{message} ({subject})")),
                None => Cow::Borrowed(message),
            };
            findings.push(Finding {
                stops: policy.stops(rule, severity),
                rule: Cow::Borrowed(rule),
                severity,
                place: entry.path.clone(),
                message,
            });
        }
        // The reader finds elements by their names, so that nothing is lost by it.
        for path in self.census().out_of_order.keys() {
            let (rule, severity) = ("READ-ORDER", Severity::Fatal);
            findings.push(Finding {
                stops: policy.stops(rule, severity),
                rule: Cow::Borrowed(rule),
                severity,
                place: path.clone(),
                message: Cow::Borrowed("the schema of UBL wants the element earlier"),
            });
        }
        findings
    }
}

/// Our rule for what the reader says; `None` for what the report tells otherwise. The bytes of an
/// attachment may have been recovered.
fn about_reading(entry: &Entry, recovered: bool) -> Option<(&'static str, &'static str)> {
    Some(match entry.kind {
        // The census lists each of these by its whole path or by its term.
        Kind::Unmapped => return None,
        // The attachment is kept, or refused by itself.
        Kind::Malformed if recovered => return None,
        Kind::Malformed if has_excess_decimals(entry.value.as_deref()) => (
            "READ-MALFORMED",
            "the amount has more than the two decimals that EN 16931 allows",
        ),
        Kind::Malformed => ("READ-MALFORMED", "the value cannot be read"),
        Kind::Duplicate if !is_beside_the_money(&entry.path) => {
            ("READ-DUPLICATE", "the element stands more than once")
        }
        Kind::Duplicate | Kind::Repeated => ("READ-REPEATED", "the element stands more than once"),
        Kind::Ambiguous => ("READ-AMBIGUOUS", "the element has more than one meaning"),
        Kind::Schema => ("READ-SCHEMA", "the schema of UBL does not allow it"),
        Kind::Prohibited => ("READ-PROHIBITED", "EN 16931 does not allow the element"),
        _ => ("READ-NOTICE", "a notice of the reader"),
    })
}

/// A business path such as `BG-25[2]/BT-151`.
fn place(path: &en16931::Path) -> String {
    let mut text = String::with_capacity(16);
    if let Some(group) = path.group.bg() {
        let _ = write!(text, "BG-{}", group.0);
        if let Some(index) = path.index {
            let _ = write!(text, "[{index}]");
        }
    }
    if let Some(term) = path.term {
        if !text.is_empty() {
            text.push('/');
        }
        let _ = write!(text, "BT-{}", term.0);
    }
    if text.is_empty() {
        text.push_str("Invoice");
    }
    text
}

/// Whether a path is about parties, delivery, payment or other documents, where a second value
/// changes neither what is billed nor to whom; the report lists it.
fn is_beside_the_money(path: &str) -> bool {
    let path = path.split_once('/').map_or(path, |(_root, rest)| rest);
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    match first {
        "AccountingSupplierParty"
        | "PayeeParty"
        | "TaxRepresentativeParty"
        | "Delivery"
        | "PaymentMeans"
        | "PaymentTerms"
        | "Note" => true,
        "AccountingCustomerParty" => {
            !rest.contains("PartyLegalEntity") && !rest.contains("PartyTaxScheme")
        }
        _ => first.ends_with("DocumentReference") || first == "ProjectReference",
    }
}

/// Whether a value that could not be read is a number with more than two decimals.
fn has_excess_decimals(value: Option<&str>) -> bool {
    let number = value.and_then(|value| value.trim().parse::<Decimal>().ok());
    number.is_some_and(|number| number.scale() > 2)
}

#[cfg(test)]
mod tests {
    use super::is_beside_the_money;

    #[test]
    fn a_place_is_written_as_the_peer_writes_it() {
        use en16931::{BtId, Group, Path};
        for path in [
            Path::term(BtId(1)),
            Path::at_term(Group::Line, 2, BtId(151)),
            Path::at(Group::VatBreakdown, 0),
            Path::group_term(Group::Totals, BtId(115)),
            Path::group(Group::Seller),
            Path::document(),
        ] {
            assert_eq!(super::place(&path), path.to_string());
        }
    }

    #[test]
    fn a_second_value_matters_where_money_or_the_buyer_is_decided() {
        for path in [
            "Invoice/AccountingCustomerParty/Party/PartyIdentification/ID",
            "Invoice/AccountingSupplierParty/Party/PartyLegalEntity",
            "Invoice/Delivery",
            "Invoice/ContractDocumentReference",
        ] {
            assert!(is_beside_the_money(path), "{path}");
        }
        for path in [
            "Invoice/IssueDate",
            "Invoice/InvoiceLine/LineExtensionAmount",
            "Invoice/AccountingCustomerParty/Party/PartyLegalEntity/CompanyID",
            "CreditNote/BillingReference",
            "IssueDate",
        ] {
            assert!(!is_beside_the_money(path), "{path}");
        }
    }
}
