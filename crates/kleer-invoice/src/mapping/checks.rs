//! What must hold before an invoice may be posted.

use std::borrow::Cow;

use kleer_model::sums::{Sums, row_net};
use kleer_model::{Cents, ClientInvoice, ClientInvoiceRow};
use rust_decimal::Decimal;

use super::Work;
use crate::refusal::bt;
use crate::report::{Compared, Finding, TotalsComparison};
use crate::source::{NO_LINE, cents, has_forbidden_character};
use crate::{DocumentKind, Reason, ReasonCode};

/// Type codes (UNTDID 1001) of documents that the buyer issues.
const SELF_BILLED: &[&str] = &["261", "389", "527"];
/// Type codes of credit notes.
const CREDIT: &[&str] = &[
    "81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532",
];

/// Currencies whose smallest unit is the whole (ISO 4217, minor unit 0).
const WITHOUT_DECIMALS: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];

impl Work<'_> {
    pub(super) fn check_document(&mut self) {
        self.check_profile();
        self.check_type();
        let (number, issued) = (self.source.number(), self.source.issue_date());
        let currency = self
            .source
            .currency()
            .map(str::trim)
            .filter(|c| !c.is_empty());
        for (term, present) in [
            (1, number.is_some()),
            (2, issued.is_some()),
            (5, currency.is_some()),
            (109, self.ledger.is_open(109, None)),
            (112, self.ledger.is_open(112, None)),
        ] {
            if !present {
                self.refuse(
                    ReasonCode::MissingTerm,
                    term,
                    None,
                    "the term is absent or unreadable",
                );
            }
        }
        if self.invoice.lines.is_empty() {
            self.reasons.push(Reason {
                code: ReasonCode::NoLines,
                subject: Cow::Borrowed("BG-25"),
                place: String::new(),
                text: Cow::Borrowed("the invoice has no lines"),
            });
        }
        let census = self.source.census();
        for unreadable in &census.not_numbers {
            let line = (unreadable.line != NO_LINE).then_some(unreadable.line as usize);
            self.refuse(
                ReasonCode::NotANumber,
                unreadable.term,
                line,
                "the value is not a number",
            );
        }
        if let Some(first) = census.foreign_amounts.first() {
            let line = (first.line != NO_LINE).then_some(first.line as usize);
            let text = format!(
                "{} amount(s) are not in the currency of the invoice, this one in {}",
                census.foreign_amounts.len(),
                first.currency.chars().take(8).collect::<String>()
            );
            self.refuse(ReasonCode::MixedCurrencies, first.term, line, text);
        }
        self.check_decimals(currency.unwrap_or_default());
    }

    /// An amount of hundredths in a currency that has none is wrong, or in another currency.
    fn check_decimals(&mut self, currency: &str) {
        if !WITHOUT_DECIMALS.contains(&currency) {
            return;
        }
        let totals = &self.invoice.totals;
        let stated = [
            (106, Some(totals.line_total)),
            (107, totals.allowance_total),
            (108, totals.charge_total),
            (109, Some(totals.taxable_total)),
            (110, totals.vat_total),
            (112, Some(totals.gross_total)),
            (113, totals.paid),
            (114, totals.rounding),
            (115, Some(totals.due)),
        ];
        let stated = stated
            .into_iter()
            .filter_map(|(term, amount)| Some((term, None, amount?)));
        let lines = self.invoice.lines.iter().enumerate();
        let lines = lines.map(|(at, line)| (131, Some(at), line.net_amount));
        let mut fractions = stated
            .chain(lines)
            .filter(|(.., amount)| cents(*amount).0 % 100 != 0);
        if let Some((term, line, _)) = fractions.next() {
            let text = format!(
                "{} amount(s) have decimals, and {currency} has none",
                fractions.count() + 1
            );
            self.refuse(ReasonCode::TooManyDecimals, term, line, text);
        }
    }

    fn check_profile(&mut self) {
        let specification = self.source.specification();
        if specification.is_some_and(|id| id.contains("selfbilling")) {
            self.refuse(
                ReasonCode::SelfBilled,
                24,
                None,
                "the document is self-billed",
            );
        } else if !self.settings.profiles.accepts(specification) {
            let text = match specification {
                None => Cow::Borrowed("the specification identifier is absent"),
                Some(id) => Cow::Owned(format!(
                    "the specification identifier {:?} is not accepted",
                    id.chars().take(120).collect::<String>()
                )),
            };
            self.refuse(ReasonCode::UnknownProfile, 24, None, text);
        }
    }

    fn check_type(&mut self) {
        let code = self.source.type_code().map_or("", str::trim);
        if SELF_BILLED.contains(&code) {
            let text = format!("type code {code} is for self-billed documents");
            self.refuse(ReasonCode::SelfBilled, 3, None, text);
            return;
        }
        let contradicts = match self.source.kind() {
            DocumentKind::Invoice => CREDIT.contains(&code),
            DocumentKind::CreditNote => !code.is_empty() && !CREDIT.contains(&code),
        };
        if contradicts {
            let code: String = code.chars().take(8).collect();
            let text = format!("type code {code} does not go with the root element");
            self.refuse(ReasonCode::ContradictoryType, 3, None, text);
        }
    }

    /// The findings of the rules and of the reader; those that stop become reasons.
    pub(super) fn judge_findings(&mut self) -> Vec<Finding> {
        let findings = self.source.findings(&self.settings.rule_policy);
        for finding in findings.iter().filter(|finding| finding.stops) {
            self.reasons.push(Reason {
                code: ReasonCode::RuleBroken,
                subject: finding.rule.clone(),
                place: finding.place.clone(),
                text: finding.message.clone(),
            });
        }
        findings
    }

    /// Compares the sums that Kleer will compute with those of the source.
    pub(super) fn compare_sums(
        &mut self,
        rows: &[ClientInvoiceRow],
        percents: &[Decimal],
    ) -> (Option<TotalsComparison>, Option<Sums>) {
        let unit = self.context.catalogue.rate_unit();
        let nets = rows.iter().zip(percents).map(|(row, percent)| {
            row_net(row.quantity, row.price, row.discount.as_ref(), unit).map(|net| (net, *percent))
        });
        let sums = nets.collect::<Result<Vec<_>, _>>().and_then(Sums::of).ok();
        let totals = &self.invoice.totals;
        let turn = |amount: Option<Cents>| {
            if self.sign.is_sign_negative() {
                amount?.checked_neg()
            } else {
                amount
            }
        };
        let rounding = totals.rounding.map_or(Cents::ZERO, cents);
        let stated_net = turn(cents(totals.taxable_total).checked_add(rounding));
        let stated_vat = turn(Some(totals.vat_total.map_or(Cents::ZERO, cents)));
        let stated_gross = turn(cents(totals.gross_total).checked_add(rounding));
        let compared = sums.and_then(|sums| {
            Some(TotalsComparison {
                net: Compared::new(stated_net?, sums.net),
                vat: Compared::new(stated_vat?, sums.vat),
                gross: Compared::new(stated_gross?, sums.gross()?),
            })
        });
        let Some(comparison) = compared else {
            self.refuse(
                ReasonCode::OutOfRange,
                112,
                None,
                "the sums are out of range",
            );
            return (None, None);
        };
        for (term, name, sum) in [
            (109, "net", comparison.net),
            (110, "VAT", comparison.vat),
            (112, "gross", comparison.gross),
        ] {
            if !sum.agrees() {
                let difference = sum.computed.to_decimal() - sum.stated.to_decimal();
                self.reasons.push(Reason {
                    code: ReasonCode::SumsDiffer,
                    subject: bt(term),
                    place: String::new(),
                    text: Cow::Owned(format!("{name}: {sum}, difference {difference}")),
                });
            }
        }
        (Some(comparison), sums)
    }

    /// Refuses texts with characters that XML forbids; Kleer's side could not read them.
    pub(super) fn check_texts(&mut self, invoice: &ClientInvoice) {
        let mut refused: Vec<&'static str> = Vec::new();
        let mut check = |field: &'static str, text: &str| {
            if has_forbidden_character(text) && !refused.contains(&field) {
                refused.push(field);
            }
        };
        check("foreign-id", &invoice.foreign_id);
        check("po-nr", &invoice.po_nr);
        check(
            "agreement-nr",
            invoice.agreement_nr.as_deref().unwrap_or_default(),
        );
        check("your-reference", &invoice.your_reference);
        check("invoice-email", &invoice.invoice_email);
        check("delivery-name", &invoice.delivery_name);
        check("currency", &invoice.currency);
        check("notes", invoice.notes.as_deref().unwrap_or_default());
        check("gln", invoice.gln.as_deref().unwrap_or_default());
        check("vat-nr", invoice.vat_nr.as_deref().unwrap_or_default());
        for (name, address) in [
            ("invoice-address", &invoice.invoice_address),
            ("delivery-address", &invoice.delivery_address),
        ] {
            check(name, &address.address1);
            check(name, &address.address2);
            check(name, &address.zip_code);
            check(name, &address.state);
            check(name, &address.country);
        }
        for row in &invoice.rows {
            check("rows/row/description", &row.description);
            check("rows/row/unit", &row.unit);
        }
        for file in invoice.files.iter().flatten() {
            check("files/file/filename", &file.filename);
        }
        for field in refused {
            self.reasons.push(Reason {
                code: ReasonCode::ForbiddenCharacter,
                subject: Cow::Borrowed(field),
                place: String::new(),
                text: Cow::Borrowed("the text has characters that XML forbids"),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::has_forbidden_character;

    #[test]
    fn control_characters_and_non_characters_are_forbidden() {
        for text in ["a\u{0}b", "\u{1f}", "\u{FFFE}"] {
            assert!(has_forbidden_character(text));
        }
        for text in ["a\tb\r\n", "åäö €", "\u{10000}\u{FFFD}"] {
            assert!(!has_forbidden_character(text));
        }
    }
}
