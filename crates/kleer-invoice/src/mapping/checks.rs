//! What must hold before an invoice may be posted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use en16931::Percentage;

use kleer_model::sums::{Sums, row_net};
use kleer_model::{Cents, ClientInvoice, ClientInvoiceRow};
use rust_decimal::Decimal;

use super::Work;
use crate::refusal::bt;
use crate::report::{Compared, Finding, RemarkCode, TotalsComparison};
use crate::source::{NO_LINE, cents, has_forbidden_character};
use crate::{CorrectedInvoice, DocumentKind, Reason, ReasonCode};

/// Type codes (UNTDID 1001) of documents that the buyer issues.
const SELF_BILLED: &[&str] = &["261", "389", "527"];
/// Type codes of credit notes.
const CREDIT: &[&str] = &[
    "81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532",
];

/// A corrected invoice: in place of one that was issued before.
const CORRECTED: &str = "384";
/// A pro forma invoice: nothing is to be paid.
const PRO_FORMA: &str = "325";

/// Currencies whose smallest unit is the whole (ISO 4217, minor unit 0).
const WITHOUT_DECIMALS: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];

impl Work<'_> {
    pub(super) fn check_document(&mut self) {
        self.check_settings();
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

    fn check_settings(&mut self) {
        for (term, alias) in &self.settings.custom_fields {
            let text = if term.is_group() || term.name().is_empty() {
                "a custom field takes business terms (BT), and this is none"
            } else if alias.trim().is_empty() {
                "the alias of a custom field is empty"
            } else {
                continue;
            };
            self.reasons.push(Reason {
                code: ReasonCode::UnusableSettings,
                subject: Cow::Owned(term.to_string()),
                place: String::new(),
                text: Cow::Borrowed(text),
            });
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
        if code == PRO_FORMA {
            let text = "type code 325 is for pro forma invoices, which ask for no payment";
            self.refuse(ReasonCode::NotAnInvoice, 3, None, text);
        }
        if code == CORRECTED {
            match self.settings.corrected_invoice {
                CorrectedInvoice::Refuse => {
                    let text = "type code 384 is for an invoice in the place of another one, and \
                                Kleer would have both";
                    self.refuse(ReasonCode::CorrectedInvoice, 3, None, text);
                }
                CorrectedInvoice::Difference => self.remark(
                    RemarkCode::CorrectedInvoicePosted,
                    3,
                    None,
                    "a corrected invoice; taken for the difference to the one that it corrects",
                ),
            }
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

    /// The net of each row with its VAT percentage; `None` if one is out of range.
    pub(super) fn row_nets(
        &self,
        rows: &[ClientInvoiceRow],
        percents: &[Decimal],
    ) -> Option<Vec<(Cents, Decimal)>> {
        let unit = self.catalogue.rate_unit();
        let nets = rows.iter().zip(percents).map(|(row, percent)| {
            row_net(row.quantity, row.price, row.discount.as_ref(), unit).map(|net| (net, *percent))
        });
        nets.collect::<Result<_, _>>().ok()
    }

    /// Compares the VAT of each rate, once that of all rates agrees: what is too much at one rate
    /// may be too little at another, and Kleer would report both wrongly.
    pub(super) fn compare_rates(
        &mut self,
        whole: Compared,
        nets: &[(Cents, Decimal)],
        tolerance: Cents,
    ) {
        let tolerance = u128::try_from(tolerance.0).unwrap_or_default();
        if u128::from(whole.stated.0.abs_diff(whole.computed.0)) > tolerance {
            return;
        }
        let mut rates: BTreeMap<Decimal, (Cents, i128)> = BTreeMap::new();
        for (net, percent) in nets {
            let sum = &mut rates.entry(*percent).or_default().0;
            *sum = sum.checked_add(*net).unwrap_or_default();
        }
        for breakdown in &self.invoice.vat_breakdown {
            let percent = breakdown.rate.map(Percentage::into_decimal);
            let stated = i128::from(breakdown.tax_amount.to_minor_units());
            rates.entry(percent.unwrap_or_default()).or_default().1 += stated;
        }
        for (percent, (net, stated)) in rates {
            let Ok(sums) = Sums::of([(net, percent)]) else {
                continue;
            };
            let sign = if self.sign.is_sign_negative() { -1 } else { 1 };
            let computed = i128::from(sums.vat.0) * sign;
            let off = computed.abs_diff(stated);
            if off == 0 {
                continue;
            }
            let amount = |cents| Decimal::from_i128_with_scale(cents, 2);
            let (stated, computed) = (amount(stated), amount(computed));
            let percent = percent.normalize();
            let text = format!("VAT of {percent} %: stated {stated}, computed {computed}");
            if off > tolerance {
                self.refuse(ReasonCode::SumsDiffer, 117, None, text);
            } else if whole.agrees() {
                let text = format!("{text}, which the settings allow");
                self.remark(RemarkCode::VatWithinTolerance, 117, None, text);
            }
        }
    }

    /// Compares the sums that Kleer will have with those of the source.
    pub(super) fn compare_sums(
        &mut self,
        sums: Option<Sums>,
        vat_tolerance: Cents,
    ) -> (Option<TotalsComparison>, Option<Sums>) {
        let totals = &self.invoice.totals;
        let turn = |amount: Option<Cents>| {
            if self.sign.is_sign_negative() {
                amount?.checked_neg()
            } else {
                amount
            }
        };
        let rounding = totals.rounding.map_or(Cents::ZERO, cents);
        let paid = self.paid_to_deduct().map_or(Cents::ZERO, cents);
        let added = rounding.checked_sub(paid);
        let with_added = |amount| turn(cents(amount).checked_add(added?));
        let stated_net = with_added(totals.taxable_total);
        let stated_vat = turn(Some(totals.vat_total.map_or(Cents::ZERO, cents)));
        let stated_gross = with_added(totals.gross_total);
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
        // Only VAT may be rounded in another way than ours, and gross with it.
        for (term, name, sum, tolerance) in [
            (109, "net", comparison.net, Cents::ZERO),
            (110, "VAT", comparison.vat, vat_tolerance),
            (112, "gross", comparison.gross, vat_tolerance),
        ] {
            let off = sum.stated.0.abs_diff(sum.computed.0);
            if off > u64::try_from(tolerance.0).unwrap_or_default() {
                let difference = sum.computed.to_decimal() - sum.stated.to_decimal();
                self.reasons.push(Reason {
                    code: ReasonCode::SumsDiffer,
                    subject: bt(term),
                    place: String::new(),
                    text: Cow::Owned(format!("{name}: {sum}, difference {difference}")),
                });
            }
        }
        self.check_due();
        if !comparison.vat.agrees() {
            let text = format!("VAT: {}, which the settings allow", comparison.vat);
            self.remark(RemarkCode::VatWithinTolerance, 110, None, text);
        }
        (Some(comparison), sums)
    }

    /// BT-115 must be what is left to pay. Extensions of the standard add payments to it that no
    /// business term holds, and Kleer would bill less than is due.
    fn check_due(&mut self) {
        let mut occurrences = self.source.census().occurrences.iter();
        if !occurrences.any(|occurrence| occurrence.term == 115) {
            return;
        }
        let totals = &self.invoice.totals;
        let zero = Cents::ZERO;
        let left = cents(totals.gross_total)
            .checked_sub(totals.paid.map_or(zero, cents))
            .and_then(|left| left.checked_add(totals.rounding.map_or(zero, cents)));
        let stated = cents(totals.due);
        if left != Some(stated) {
            let left = left.map_or_else(|| "out of range".to_owned(), |left| left.to_string());
            let text = format!("due: stated {stated}, total less paid plus rounding is {left}");
            self.refuse(ReasonCode::SumsDiffer, 115, None, text);
        }
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
        for field in invoice.fields.iter().flatten() {
            check("fields/field/alias", &field.alias);
            check("fields/field/value", &field.value);
        }
        for row in &invoice.rows {
            check("rows/row/description", &row.description);
            check("rows/row/unit", &row.unit);
            for field in row.fields.iter().flatten() {
                check("rows/row/fields/field/alias", &field.alias);
                check("rows/row/fields/field/value", &field.value);
            }
        }
        for file in invoice.files.iter().flatten() {
            check("files/file/filename", &file.filename);
        }
        self.refuse_texts(refused);
    }

    pub(super) fn refuse_texts(&mut self, fields: Vec<&'static str>) {
        for field in fields {
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
