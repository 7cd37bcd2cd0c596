//! An invoice that was issued elsewhere, and that Kleer only books.

use std::borrow::Cow;
use std::collections::HashMap;

use en16931::invoice::{Code, InvoiceLine};
use kleer_model::sums::Sums;
use kleer_model::{
    Cents, File, Period, ProductId, RevenueCreate, RevenueCreateRow, RevenueLedgerId,
    RevenueOriginalAmount,
};
use rust_decimal::Decimal;

use super::Work;
use crate::catalogue::By;
use crate::labels::Label;
use crate::report::{Fate, MappingReport, RemarkCode};
use crate::source::{cents, has_forbidden_character, naive_date};
use crate::{
    Prepaid, Reason, ReasonCode, Refusal, RevenueClient, RevenueContext, Settings, SourceInvoice,
};

const AMOUNT: Fate = Fate::mapped("row/original-amount/amount");
const VAT: Fate = Fate::mapped("row/original-amount/vat");
const PRODUCT: Fate = Fate::mapped("row/product");

/// EN 16931 lets the VAT of a rate deviate by less than one unit of the currency (BR-CO-17).
const LARGEST_DEVIATION: u128 = 99;

/// A revenue as Kleer takes it, and the account of how it came about.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RevenueMapping {
    /// The revenue to create. It is booked at once: Kleer has no drafts of revenues.
    pub revenue: RevenueCreate,
    /// What became of each term.
    pub report: MappingReport,
    /// The sums of its rows, equal to the source's to the cent.
    pub sums: Sums,
}

/// Maps an invoice that was issued elsewhere to a revenue, which Kleer only books.
///
/// A row has its VAT as an amount. So the VAT is the stated one (BT-117) to the cent, also where
/// the sender rounds in another way than [`kleer_model::sums`]: each row has the VAT of its rate,
/// and what is left of a rate's VAT is on its largest row. A line is one row at its net amount
/// (BT-131), with its allowances and charges.
///
/// A revenue has no text, no references and no payment details; the report says of each such term
/// that it is dropped. The document itself should be one of the files
/// ([`RevenueContext::with_file`]).
///
/// ```
/// use kleer_invoice::{Catalogue, RevenueContext, Settings, SourceInvoice, map_revenue};
/// use kleer_model::{Cents, ClientId, File, ProductId, RateUnit, RevenueLedgerId};
///
/// let xml = r#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
///   xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
///   xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
///   <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
///   <cbc:ID>2026-17</cbc:ID>
///   <cbc:IssueDate>2026-01-29</cbc:IssueDate>
///   <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
///   <cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>
///   <cac:AccountingCustomerParty><cac:Party><cac:PostalAddress><cac:Country>
///     <cbc:IdentificationCode>SE</cbc:IdentificationCode>
///   </cac:Country></cac:PostalAddress></cac:Party></cac:AccountingCustomerParty>
///   <cac:TaxTotal><cbc:TaxAmount currencyID="SEK">500.00</cbc:TaxAmount><cac:TaxSubtotal>
///     <cbc:TaxableAmount currencyID="SEK">2000.00</cbc:TaxableAmount>
///     <cbc:TaxAmount currencyID="SEK">500.00</cbc:TaxAmount>
///     <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>25</cbc:Percent>
///       <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
///   </cac:TaxSubtotal></cac:TaxTotal>
///   <cac:LegalMonetaryTotal>
///     <cbc:LineExtensionAmount currencyID="SEK">2000.00</cbc:LineExtensionAmount>
///     <cbc:TaxExclusiveAmount currencyID="SEK">2000.00</cbc:TaxExclusiveAmount>
///     <cbc:TaxInclusiveAmount currencyID="SEK">2500.00</cbc:TaxInclusiveAmount>
///     <cbc:PayableAmount currencyID="SEK">2500.00</cbc:PayableAmount>
///   </cac:LegalMonetaryTotal>
///   <cac:InvoiceLine><cbc:ID>1</cbc:ID>
///     <cbc:InvoicedQuantity unitCode="HUR">2</cbc:InvoicedQuantity>
///     <cbc:LineExtensionAmount currencyID="SEK">2000.00</cbc:LineExtensionAmount>
///     <cac:Item><cbc:Name>Konsulttid</cbc:Name>
///       <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>25</cbc:Percent>
///         <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>
///     </cac:Item>
///     <cac:Price><cbc:PriceAmount currencyID="SEK">1000</cbc:PriceAmount></cac:Price>
///   </cac:InvoiceLine>
/// </Invoice>"#;
/// let source = SourceInvoice::from_ubl(xml.as_bytes())?;
/// let settings = Settings::default()
///     .with_revenue_ledger(RevenueLedgerId(3))
///     .with_default_product("S", 25.into(), ProductId(7));
/// let catalogue = Catalogue::new(&[], RateUnit::Percent);
/// let context = RevenueContext::new(ClientId(12), "2026-17", &catalogue)
///     .with_file(File::new("2026-17.xml", xml.as_bytes().to_vec()));
/// let revenue = map_revenue(&source, &context, &settings)?.revenue;
/// let amount = &revenue.rows[0].original_amount;
/// assert_eq!((amount.amount, amount.vat), (Cents(200_000), Cents(50_000)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`map`](crate::map()), and when there is no ledger, no file, no key, no country, or the
/// revenue that a credit credits is not known.
pub fn map_revenue(
    source: &SourceInvoice,
    context: &RevenueContext<'_>,
    settings: &Settings,
) -> Result<RevenueMapping, Refusal> {
    let mut work = Work::new(source, context.catalogue, settings, why_not_in_revenue);
    work.check_document();
    let findings = work.judge_findings();
    let booked = work.booked_rows();
    let mut files = context.files.clone();
    files.extend(work.attachments("file"));
    let revenue = work.revenue(context, &booked, files);
    work.check_revenue(&revenue);
    let (totals, sums) = work.compare_sums(booked.sums(), Cents::ZERO);
    let (reasons, report) = work.finish(findings, totals);
    match sums {
        Some(sums) if reasons.is_empty() => Ok(RevenueMapping {
            revenue,
            report,
            sums,
        }),
        _ => Err(Refusal::new(reasons, report)),
    }
}

/// A row to be booked, in the sign of Kleer.
struct Booked {
    product: ProductId,
    net: Cents,
    vat: Cents,
    period: Option<Period>,
}

/// The rows of one VAT category and rate.
#[derive(Default)]
struct Rate {
    net: i128,
    vat: i128,
    /// The row with the largest amount.
    largest: usize,
}

#[derive(Default)]
struct BookedRows<'a> {
    rows: Vec<Booked>,
    rates: HashMap<(&'a str, Decimal), Rate>,
    /// An amount was out of range.
    out_of_range: bool,
}

impl<'a> BookedRows<'a> {
    /// Adds a row with its VAT: what the rate gives on all rows so far, less what they have.
    fn push(
        &mut self,
        product: ProductId,
        net: Cents,
        (category, percent): (&'a str, Decimal),
        period: Option<Period>,
    ) {
        let at = self.rows.len();
        let rate = self.rates.entry((category, percent)).or_insert(Rate {
            largest: at,
            ..Rate::default()
        });
        rate.net += i128::from(net.0);
        let whole = i64::try_from(rate.net).ok().and_then(|net| {
            let sums = Sums::of([(Cents(net), percent)]).ok()?;
            Some(i128::from(sums.vat.0))
        });
        let vat = whole.and_then(|whole| {
            let vat = i64::try_from(whole - rate.vat).ok()?;
            rate.vat = whole;
            Some(Cents(vat))
        });
        self.out_of_range |= vat.is_none();
        let largest = self.rows.get(rate.largest);
        if largest.is_some_and(|row| row.net.0.unsigned_abs() < net.0.unsigned_abs()) {
            rate.largest = at;
        }
        self.rows.push(Booked {
            product,
            net,
            vat: vat.unwrap_or_default(),
            period,
        });
    }

    fn sums(&self) -> Option<Sums> {
        if self.out_of_range {
            return None;
        }
        let mut sums = Sums::default();
        for row in &self.rows {
            sums.net = sums.net.checked_add(row.net)?;
            sums.vat = sums.vat.checked_add(row.vat)?;
        }
        Some(sums)
    }
}

impl<'a> Work<'a> {
    fn turned(&mut self, amount: Cents) -> Cents {
        if !self.sign.is_sign_negative() {
            return amount;
        }
        amount.checked_neg().unwrap_or_else(|| {
            let text = "an amount is out of range";
            self.refuse(ReasonCode::OutOfRange, 131, None, text);
            Cents::ZERO
        })
    }

    fn booked_rows(&mut self) -> BookedRows<'a> {
        let mut rows = BookedRows::default();
        let invoice = self.invoice;
        rows.rows.reserve(invoice.lines.len() + 2);
        let whole = invoice.invoicing_period.as_ref().and_then(period);
        let mut takes_whole = false;
        for (at, line) in invoice.lines.iter().enumerate() {
            let place = Some(at);
            let percent = self.line_percent(at, line);
            let choice = self.chooser.for_line(line, percent);
            let (product, by) = self.product(choice, place);
            self.booked_product(at, line, by);
            self.ledger.mark_open(131, place, AMOUNT);
            self.ledger.mark_open(152, place, VAT);
            let own = line.period.as_ref().and_then(period);
            if own.is_some() {
                let field = Fate::mapped("row/period/start");
                self.ledger.mark_open(134, place, field);
                self.ledger
                    .mark_open(135, place, Fate::mapped("row/period/end"));
            }
            let net = self.turned(cents(line.net_amount));
            takes_whole |= own.is_none() && whole.is_some();
            let category = line.vat.category.as_str();
            rows.push(
                product,
                net,
                (category, percent),
                own.or_else(|| whole.clone()),
            );
        }
        let allowances = invoice.allowances.iter().map(|one| (Label::Allowance, one));
        let charges = invoice.charges.iter().map(|one| (Label::Charge, one));
        for (label, one) in allowances.chain(charges) {
            let (product, percent) = self.part_product(one, label);
            let mut net = self.turned(cents(one.amount));
            let mut first = 99;
            if label == Label::Allowance {
                first = 92;
                net = net.checked_neg().unwrap_or_default();
            }
            self.ledger.mark_open(first, None, AMOUNT);
            self.ledger.mark_open(first + 3, None, PRODUCT);
            self.ledger.mark_open(first + 4, None, VAT);
            takes_whole |= whole.is_some();
            let category = one.vat.category.as_str();
            rows.push(product, net, (category, percent), whole.clone());
        }
        if takes_whole {
            let field = Fate::mapped("row/period/start");
            self.ledger.mark_open(73, None, field);
            self.ledger
                .mark_open(74, None, Fate::mapped("row/period/end"));
        }
        self.stated_vat(&mut rows);
        self.booked_rounding(&mut rows);
        self.booked_paid(&mut rows);
        rows
    }

    /// The fates of item id and VAT category, by how the line came to its product.
    fn booked_product(&mut self, at: usize, line: &InvoiceLine, by: Option<By>) {
        let place = Some(at);
        match by {
            Some(By::ItemId { vat_known }) => {
                self.ledger.mark_open(155, place, PRODUCT);
                if !vat_known {
                    self.remark_unknown_rate(place);
                }
            }
            Some(by) => {
                self.ledger.mark_open(151, place, PRODUCT);
                self.remark_rerouted(by, place);
            }
            None => {
                if line.item.seller_identifier.is_some() {
                    let fate = Fate::dropped("the product is not chosen yet");
                    self.ledger.mark_open(155, place, fate);
                }
            }
        }
    }

    /// Makes the VAT of each rate the stated one (BG-23).
    fn stated_vat(&mut self, rows: &mut BookedRows<'a>) {
        // In document order, so that remarks are.
        let mut stated: Vec<((&str, Decimal), i128)> = Vec::new();
        let mut places: HashMap<(&str, Decimal), usize> = HashMap::new();
        for breakdown in &self.invoice.vat_breakdown {
            let percent = match breakdown.rate {
                Some(rate) => rate.into_decimal().normalize(),
                None => Decimal::ZERO,
            };
            let key = (breakdown.category.as_str(), percent);
            let fate = if rows.rates.contains_key(&key) {
                VAT
            } else {
                Fate::dropped(why_not_in_revenue(117))
            };
            self.ledger.mark_open(117, None, fate);
            let mut vat = i128::from(breakdown.tax_amount.to_minor_units());
            if self.sign.is_sign_negative() {
                vat = -vat;
            }
            let place = *places.entry(key).or_insert(stated.len());
            match stated.get_mut(place) {
                Some((_, sum)) => *sum += vat,
                None => stated.push((key, vat)),
            }
        }
        for (key, stated) in stated {
            let (category, percent) = key;
            // VAT on nothing is as wrong as VAT that no rounding explains. In the sums another rate
            // may make up for it.
            let found = rows.rates.get_mut(&key);
            let off = stated - found.as_ref().map_or(0, |rate| rate.vat);
            if off == 0 {
                continue;
            }
            // As an amount like the others of a report; what no amount can be is out of range anyway.
            let by = i64::try_from(off).map_or_else(
                |_| format!("{off} hundredths"),
                |off| Cents(off).to_string(),
            );
            let Some(rate) = found.filter(|_| off.unsigned_abs() <= LARGEST_DEVIATION) else {
                let text = format!("the stated VAT of {category} {percent} % is off by {by}");
                self.refuse(ReasonCode::SumsDiffer, 117, None, text);
                continue;
            };
            let row = &mut rows.rows[rate.largest];
            let cents = i64::try_from(off).ok().map(Cents);
            match cents.and_then(|off| row.vat.checked_add(off)) {
                Some(vat) => {
                    row.vat = vat;
                    rate.vat = stated;
                }
                None => rows.out_of_range = true,
            }
            let text = format!(
                "the stated VAT of {category} {percent} % is off by {by}; it is booked as stated"
            );
            self.remark(RemarkCode::VatAsStated, 117, None, text);
        }
    }

    fn ledger_all(&mut self, term: u16, fate: &Fate) {
        while self.ledger.is_open(term, None) {
            self.ledger.mark(term, None, fate.clone());
        }
    }

    /// BT-114 as a row without VAT.
    fn booked_rounding(&mut self, rows: &mut BookedRows<'a>) {
        let rounding = self.invoice.totals.rounding;
        let Some(amount) = rounding.filter(|amount| !amount.is_zero()) else {
            return;
        };
        let choice = self.chooser.for_rounding();
        let (product, _) = self.product(choice, None);
        self.ledger.mark_open(114, None, AMOUNT);
        let net = self.turned(cents(amount));
        rows.push(product, net, ("", Decimal::ZERO), None);
        let text = format!("the rounding amount {amount} is a row of its own");
        self.remark(RemarkCode::RoundingRow, 114, None, text);
    }

    /// BT-113, which is deducted, left for somebody to register, or a reason to refuse.
    fn booked_paid(&mut self, rows: &mut BookedRows<'a>) {
        let totals = &self.invoice.totals;
        let Some(paid) = totals.paid.filter(|paid| !paid.is_zero()) else {
            return;
        };
        match self.settings.prepaid {
            Prepaid::Refuse => self.refuse_paid(),
            Prepaid::CarryInNotes => {
                let fate = Fate::dropped("a revenue has no field for it");
                self.ledger.mark_open(113, None, fate);
                let text = format!("{paid} is already paid; register the payment in Kleer");
                self.remark(RemarkCode::PrepaidNotDeducted, 113, None, text);
                let fate = Fate::dropped("Kleer books the whole amount; what is paid stands open");
                self.ledger.mark_open(115, None, fate);
            }
            Prepaid::DeductRow if self.is_overpaid(paid) => self.refuse_paid(),
            Prepaid::DeductRow => {
                let choice = self.chooser.for_paid();
                let (product, _) = self.product(choice, None);
                self.ledger.mark_open(113, None, AMOUNT);
                let net = self.turned(cents(paid)).checked_neg().unwrap_or_default();
                rows.push(product, net, ("", Decimal::ZERO), None);
                let text = format!("{paid} is already paid and deducted by a row of its own");
                self.remark(RemarkCode::PrepaidRow, 113, None, text);
            }
        }
    }

    fn revenue(
        &mut self,
        context: &RevenueContext<'_>,
        booked: &BookedRows<'_>,
        files: Vec<File>,
    ) -> RevenueCreate {
        let currency = self.source.currency().unwrap_or_default().trim().to_owned();
        self.take(
            5,
            None,
            self.source.currency(),
            Fate::mapped("row/original-amount/currency"),
        );
        let rows = booked.rows.iter().map(|row| {
            let amount = RevenueOriginalAmount::new(row.net, row.vat, &currency);
            let mut created = RevenueCreateRow::new(row.product, amount);
            created.period.clone_from(&row.period);
            created
        });
        let date = self.invoice.issue_date.and_then(naive_date);
        self.ledger
            .mark_open(2, None, Fate::mapped("transaction-date"));
        let number = self.source.number().unwrap_or_default().trim();
        if !number.is_empty() && context.external_id == number {
            self.ledger.mark_open(1, None, Fate::mapped("external-id"));
        }
        let country = self.country(context);
        let key = context.external_id.trim().to_owned();
        // The constructor takes one file, and whether there is any is checked below.
        let none = File::new("", Vec::new());
        let date = date.unwrap_or_default();
        let rows = rows.collect();
        let ledger = self.settings.revenue_ledger.unwrap_or(RevenueLedgerId(0));
        let mut revenue = RevenueCreate::new(ledger, key, country, date, rows, none);
        revenue.files = files;
        let mut revenue = match &context.client {
            RevenueClient::Known(id) => revenue.with_client(*id),
            RevenueClient::New(client) => {
                let name = self.invoice.buyer.name.as_deref().map(str::trim);
                if name == Some(client.name.trim()) {
                    let fate = Fate::mapped("new-client/name");
                    self.ledger.mark_open(44, None, fate);
                }
                revenue.with_new_client(client.clone())
            }
        };
        revenue.debit_revenue = self.credited(&context.debit_revenues);
        if revenue.debit_revenue.is_some() {
            self.ledger_all(25, &Fate::mapped("debit-revenue"));
        }
        revenue
    }

    /// The country of the sale: the caller's, or else the buyer's.
    fn country(&mut self, context: &RevenueContext<'_>) -> String {
        let code = self.invoice.buyer.address.country.as_ref();
        let stated = code.map_or("", Code::as_str).trim();
        let country = context.country.as_deref().unwrap_or(stated).trim();
        if country.is_empty() {
            let text = "the buyer has no country, and a revenue needs one";
            self.refuse(ReasonCode::MissingTerm, 55, None, text);
        } else if country == stated {
            let fate = Fate::mapped("country-code");
            self.ledger.mark_open(55, None, fate);
        }
        country.to_owned()
    }

    fn check_revenue(&mut self, revenue: &RevenueCreate) {
        if self.settings.revenue_ledger.is_none() {
            self.reasons.push(Reason {
                code: ReasonCode::NoLedger,
                subject: Cow::Borrowed("ledger"),
                place: String::new(),
                text: Cow::Borrowed("the settings name no ledger for revenues"),
            });
        }
        if revenue.files.is_empty() {
            let text = "a revenue is booked upon a file, and there is none";
            self.refuse(ReasonCode::NoFile, 125, None, text);
        }
        if revenue.external_id.is_empty() {
            let text = "the external id is empty";
            self.refuse(ReasonCode::NoExternalId, 1, None, text);
        }
        let mut refused = Vec::new();
        let mut check = |field: &'static str, text: &str| {
            if has_forbidden_character(text) && !refused.contains(&field) {
                refused.push(field);
            }
        };
        check("external-id", &revenue.external_id);
        check("country-code", &revenue.country_code);
        for row in revenue.rows.iter().take(1) {
            check(
                "row/original-amount/currency",
                &row.original_amount.currency,
            );
        }
        if let Some(client) = &revenue.new_client {
            check("new-client/foreign-id", &client.foreign_id);
            check("new-client/name", &client.name);
        }
        for file in &revenue.files {
            check("file/filename", &file.filename);
        }
        self.refuse_texts(refused);
    }
}

/// A period with both days in order, which is what Kleer takes.
fn period(period: &en16931::invoice::Period) -> Option<Period> {
    let start = period.start.and_then(naive_date)?;
    let end = period.end.and_then(naive_date)?;
    (start <= end).then(|| Period::new(start, end))
}

/// Fields of a revenue that a term can go to.
pub(crate) const fn revenue_fields(term: u16) -> &'static [&'static str] {
    match term {
        1 => &["external-id"],
        2 => &["transaction-date"],
        5 => &["row/original-amount/currency"],
        25 => &["debit-revenue"],
        44 => &["new-client/name"],
        55 => &["country-code"],
        73 | 134 => &["row/period/start"],
        74 | 135 => &["row/period/end"],
        92 | 99 | 113 | 114 | 131 => &["row/original-amount/amount"],
        95 | 102 | 151 | 155 => &["row/product"],
        96 | 103 | 117 | 152 => &["row/original-amount/vat"],
        125 => &["file"],
        _ => &[],
    }
}

/// Why a term that the mapping did not take is not in a revenue.
pub(crate) const fn why_not_in_revenue(term: u16) -> &'static str {
    match term {
        3 => "the sign of the rows says whether it is a credit",
        23 | 24 => "about the exchange of the document, not about the sale",
        27..=43 | 162 => "the seller is the company in Kleer",
        44..=58 | 163 => "the client in Kleer holds it",
        73 | 74 | 134 | 135 => "a period needs two days in order, and a line's own goes first",
        106..=108 | 116 | 118 | 119 => "the rows add up to it",
        109 | 110 | 112 => "the rows add up to it; compared to the cent",
        113 => "zero, so nothing was paid",
        114 => "zero, so there is nothing to round",
        115 => "the rows add up to it, as nothing was paid",
        117 => "on no row, as no line has its category and rate",
        126 => "the rows stand in the order of the lines",
        136 | 141 => "in the row's amount, which is the line's net amount",
        151 => "Kleer takes it from the product and the client",
        _ => "a revenue has no field for it; the document is its file",
    }
}
