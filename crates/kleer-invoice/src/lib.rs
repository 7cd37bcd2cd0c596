//! Maps an EN 16931 invoice (UBL in XML or JSON, as Peppol carries it) to an invoice of Kleer, or
//! to a revenue if it was issued elsewhere, with a report that accounts for every business term of
//! the source.
//!
//! The crate is pure: bytes and values in, values out. Reading and the business rules of EN 16931
//! and Peppol come from the crates `en16931` and `en16931-formats`; the mapping, the account of
//! terms and the comparison of sums are ours.
//!
//! ```
//! use kleer_invoice::{
//!     Catalogue, ClientMatch, Context, Settings, SourceInvoice, Term, find_client, map,
//!     missing_products,
//! };
//! use kleer_model::{Cents, Client, ClientId, ProductId, RateUnit};
//!
//! let xml = r#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
//!   xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
//!   xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
//!   <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
//!   <cbc:ID>2026-17</cbc:ID>
//!   <cbc:IssueDate>2026-01-29</cbc:IssueDate>
//!   <cbc:DueDate>2026-02-28</cbc:DueDate>
//!   <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
//!   <cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>
//!   <cac:OrderReference><cbc:ID>PO-7</cbc:ID></cac:OrderReference>
//!   <cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity>
//!     <cbc:RegistrationName>Exempel AB</cbc:RegistrationName>
//!     <cbc:CompanyID schemeID="0007">2021005489</cbc:CompanyID>
//!   </cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
//!   <cac:TaxTotal><cbc:TaxAmount currencyID="SEK">500.00</cbc:TaxAmount>
//!     <cac:TaxSubtotal>
//!       <cbc:TaxableAmount currencyID="SEK">2000.00</cbc:TaxableAmount>
//!       <cbc:TaxAmount currencyID="SEK">500.00</cbc:TaxAmount>
//!       <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>25</cbc:Percent>
//!         <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
//!     </cac:TaxSubtotal>
//!   </cac:TaxTotal>
//!   <cac:LegalMonetaryTotal>
//!     <cbc:LineExtensionAmount currencyID="SEK">2000.00</cbc:LineExtensionAmount>
//!     <cbc:TaxExclusiveAmount currencyID="SEK">2000.00</cbc:TaxExclusiveAmount>
//!     <cbc:TaxInclusiveAmount currencyID="SEK">2500.00</cbc:TaxInclusiveAmount>
//!     <cbc:PayableAmount currencyID="SEK">2500.00</cbc:PayableAmount>
//!   </cac:LegalMonetaryTotal>
//!   <cac:InvoiceLine>
//!     <cbc:ID>1</cbc:ID>
//!     <cbc:InvoicedQuantity unitCode="HUR">2</cbc:InvoicedQuantity>
//!     <cbc:LineExtensionAmount currencyID="SEK">2000.00</cbc:LineExtensionAmount>
//!     <cac:Item><cbc:Name>Konsulttid</cbc:Name>
//!       <cac:SellersItemIdentification><cbc:ID>KT-1</cbc:ID></cac:SellersItemIdentification>
//!       <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>25</cbc:Percent>
//!         <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>
//!     </cac:Item>
//!     <cac:Price><cbc:PriceAmount currencyID="SEK">1000</cbc:PriceAmount></cac:Price>
//!   </cac:InvoiceLine>
//! </Invoice>"#;
//! let source = SourceInvoice::from_ubl(xml.as_bytes())?;
//! let settings = Settings::default();
//!
//! // Whose invoice is it? The clients come from Kleer.
//! let mut client = Client::new("Exempel AB", "SE");
//! client.id = ClientId(12);
//! client.orgno = "202100-5489".to_owned();
//! let ClientMatch::One { id, .. } = find_client(&source, &[client]) else { panic!() };
//!
//! // Products that are not in Kleer yet are created first; here the app made number 7 of it.
//! let mut catalogue = Catalogue::new(&[], RateUnit::Percent);
//! for mut product in missing_products(&source, &catalogue, &settings) {
//!     assert_eq!((product.foreign_id.as_str(), product.price), ("KT-1", Cents(100_000)));
//!     product.id = ProductId(7);
//!     catalogue.insert(&product);
//! }
//!
//! // Map. The key makes sure that the invoice is created once only.
//! let key = kleer_model::ClientKey::new("demo", "invoice", &source.identity().as_source_key());
//! let context = Context::new(id, key.to_string(), &catalogue);
//! let mapping = map(&source, &context, &settings)?;
//! assert_eq!(mapping.invoice.po_nr, "PO-7");
//! assert_eq!(mapping.invoice.rows[0].product.id, ProductId(7));
//! assert_eq!(mapping.sums.gross(), Some(Cents(250_000)));
//!
//! // Nothing disappears silently.
//! let order = mapping.report.of(Term::bt(13)).next().unwrap();
//! assert_eq!(order.fate.to_string(), "-> po-nr");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! | to find | look in |
//! |---|---|
//! | reading UBL in XML and in JSON, limits, what the source says | [`SourceInvoice`], [`ReadLimits`], [`ReadError`] |
//! | which rules it breaks, the Swedish ones too, and which stop it | [`SourceInvoice::findings`], [`Finding`], [`RulePolicy`] |
//! | whether it is the same invoice, or a changed one | [`SourceInvoice::identity`], [`SourceInvoice::fingerprint`] |
//! | the client | [`find_client`], [`propose_client`], [`propose_new_client`] |
//! | the products | [`Catalogue`], [`missing_products`] |
//! | a company's choices | [`Settings`], [`RulePolicy`], [`OcrSettings`], [`NotesTemplate`] |
//! | the mapping to an invoice that Kleer issues | [`map()`], [`Context`], [`Mapping`] |
//! | the mapping to a revenue that Kleer only books | [`map_revenue`], [`RevenueContext`], [`RevenueMapping`] |
//! | why not | [`Refusal`], [`Reason`], [`ReasonCode`] |
//! | what became of each term | [`MappingReport`], [`Fate`]; [`DESTINATIONS`] and [`REVENUE_DESTINATIONS`] for all that is possible |
//!
//! # Promises
//!
//! * Every business term that stands in the source has exactly one entry in the report: mapped to
//!   a field, carried as text, or dropped with a reason. The terms are counted from the bytes, not
//!   from what the reader understood. Elements that are no business term are listed by path.
//! * The amounts add up to the cent under the rounding model of [`kleer_model::sums`], or the
//!   invoice is refused; VAT may differ as far as [`Settings::vat_tolerance`] says, which is not at
//!   all by default. Nothing is rounded away, and no credited invoice, client or unit guessed.
//! * Bad input gives a typed error or a [`Refusal`] with all reasons at once; nothing panics.
//! * Errors, `Debug` output and reports hold no names, addresses or notes.
//!
//! The mapping by term, the rounding model and what is refused are described in
//! `docs/invoice-mapping.md`, the rules in `docs/invoice-rules.md`.
//!
//! # Peers show behind one door
//!
//! [`SourceInvoice::as_en16931`] gives the model of the `en16931` crate and follows that crate's
//! versions, not ours.
//!
//! # Features
//!
//! * `serde`: `Serialize` and `Deserialize` for settings, reports and refusals.
//! * `schema`: `Settings::json_schema`, for editors and forms; it is also kept in
//!   `docs/schemas/invoice-settings.schema.json`.

mod base64;
mod catalogue;
mod clients;
mod context;
mod destinations;
mod identity;
mod labels;
mod mapping;
mod notes_template;
mod payment_reference;
mod refusal;
mod report;
mod rules;
mod settings;
#[cfg(feature = "schema")]
mod settings_schema;
mod source;
mod terms;

pub use catalogue::{Catalogue, RateUnitUnknown, missing_products};
pub use clients::{ClientKeyKind, ClientMatch, find_client, propose_client, propose_new_client};
pub use context::{Context, RevenueClient, RevenueContext};
pub use destinations::{DESTINATIONS, Destination, REVENUE_DESTINATIONS};
pub use identity::SourceIdentity;
pub use mapping::{Mapping, RevenueMapping, map, map_revenue};
pub use notes_template::{NotesTemplate, NotesTemplateError};
pub use payment_reference::{
    OcrError, OcrForm, OcrLetters, OcrSettings, ReferenceCarrier, StatedReference,
};
pub use refusal::{Reason, ReasonCode, Refusal};
pub use report::{
    Compared, Fate, Finding, GroupSummary, MappingReport, Remark, RemarkCode, ReportEntry,
    TotalsComparison, UnmappedElement,
};
pub use rules::{RuleBase, RulePolicy, Severity};
pub use settings::{
    CorrectedInvoice, DefaultProduct, Language, MissingDueDate, Prepaid, Profiles,
    ROUNDING_PRODUCT, SalesAccount, Settings, UnknownProduct, VatMismatch,
};
pub use source::{
    DocumentKind, Party, PostalAddress, ReadError, ReadLimits, SourceInvoice, Totals,
};
pub use terms::{ParseTermError, Term};
