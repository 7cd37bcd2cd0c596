//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kleer_connect::invoices::Target;
use kleer_invoice::{Language, Prepaid, RulePolicy, Settings, UnknownProduct, VatMismatch};
use kleer_model::{CompanyId, ProductId, RateUnit, RevenueLedgerId};
use rust_decimal::Decimal;
use secrecy::SecretString;

use crate::settings_file::{self, SettingsError};
use crate::store::{DEFAULT_STORE, StoreArgument};

/// Posts Peppol UBL customer invoices into Kleer: as drafts, or as revenues that are only booked.
///
/// Without --base-url the invoices go to a sandbox that lives as long as the program. Without
/// files as well, a few invoices that come with it show how it works. Posting a file again creates
/// nothing new. What was posted to a real Kleer is kept in a store, and so is what was refused or
/// failed, as deviations.
#[derive(Debug, Parser)]
#[command(
    name = "qvalia-invoices",
    version,
    args_conflicts_with_subcommands = true
)]
#[command(
    after_help = "Exit status: 0 all posted or unchanged, 1 something was refused, 2 \
                        something failed. Without files the refusals belong to the show, and the \
                        status is 0."
)]
pub struct Arguments {
    /// What to do with the deviations; posting if nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to post.
    #[command(flatten)]
    pub post: PostArguments,
}

/// What to do with the deviations.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists the documents that were not posted.
    List {
        /// Also those that were ignored, or posted later.
        #[arg(long)]
        all: bool,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Where they are.
        #[command(flatten)]
        store: StoreArguments,
    },
    /// Shows one of them with all reasons.
    Show {
        /// Its id, or the beginning of it.
        id: String,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Where they are.
        #[command(flatten)]
        store: StoreArguments,
    },
    /// Posts them again: those named, or all open ones.
    Reprocess {
        /// Their ids.
        ids: Vec<String>,
        /// Where and how to post.
        #[command(flatten)]
        target: Box<TargetArguments>,
    },
    /// Leaves them as they are.
    Ignore {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<String>,
        /// Where they are.
        #[command(flatten)]
        store: StoreArguments,
    },
    /// Removes them from the store, with all that they say of people: whatever fails again is a new
    /// one.
    Forget {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<String>,
        /// Where they are.
        #[command(flatten)]
        store: StoreArguments,
    },
    /// Prints the JSON Schema of the file for --settings.
    SettingsSchema,
}

/// What to post, where and how.
#[derive(Debug, Args)]
pub struct PostArguments {
    /// UBL files (XML or JSON), or folders that are searched for *.xml.
    pub paths: Vec<PathBuf>,
    /// Where and how to post.
    #[command(flatten)]
    pub target: TargetArguments,
}

/// Where is kept what was posted and what was not.
#[derive(Debug, Clone, Args)]
pub struct StoreArguments {
    /// Where is kept what was posted and what was not: a file (`SQLite`), `postgres://…`, or
    /// `memory`. By default the file qvalia-invoices.db in the working folder; memory for a
    /// sandbox. A URL with a password is better given in the environment.
    #[arg(long, env = "QVALIA_INVOICES_STORE", hide_env_values = true)]
    pub store: Option<StoreArgument>,
    /// The schema of a `PostgreSQL` store: one for each of several programs in one database.
    #[arg(long, value_name = "NAME", default_value = "kleer_connect")]
    pub store_schema: String,
}

impl StoreArguments {
    /// The store that is named, or the file.
    pub fn or_file(&self) -> StoreArgument {
        let file = || StoreArgument::Sqlite(DEFAULT_STORE.into());
        self.store.clone().unwrap_or_else(file)
    }
}

/// Where and how to post.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
pub struct TargetArguments {
    /// Kleer's address, such as `https://api.kleer.se/v1`; a sandbox if it is not given.
    #[arg(long, requires_all = ["company", "token"])]
    pub base_url: Option<String>,
    /// The company's id in Kleer.
    #[arg(long, requires = "base_url")]
    pub company: Option<i32>,
    /// The token for Kleer; better given in the environment.
    #[arg(long, env = "KLEER_TOKEN", hide_env_values = true)]
    pub token: Option<SecretString>,
    /// Create clients for buyers that Kleer does not know. In a sandbox they always are.
    #[arg(long)]
    pub create_clients: bool,
    /// What the documents become: an invoice that Kleer issues, or a revenue, if it was issued
    /// elsewhere.
    #[arg(long, value_enum, default_value_t)]
    pub target: TargetArgument,
    /// The settings of the mapping, a JSON file; see settings-schema. The options below win over
    /// it.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// The ledger for revenues, by its id in Kleer.
    #[arg(long, value_name = "ID")]
    pub revenue_ledger: Option<i64>,
    /// How Kleer writes VAT rates: percent (25) or fraction (0.25). Found out from its products
    /// if it is not given.
    #[arg(long, value_enum)]
    pub rate_unit: Option<RateUnitArgument>,
    /// What to do with a line whose item number no product has; create if nothing is said.
    #[arg(long, value_enum)]
    pub unknown_product: Option<UnknownProductArgument>,
    /// What to do with a line whose VAT rate is not its product's; reroute if nothing is said.
    #[arg(long, value_enum)]
    pub vat_mismatch: Option<VatMismatchArgument>,
    /// The product for lines of a VAT category and rate without one of their own, such as S:25=17.
    #[arg(long, value_name = "CATEGORY:RATE=ID", value_parser = default_product)]
    pub default_product: Vec<(String, Decimal, ProductId)>,
    /// What to do with an invoice of which a part is already paid, for which Kleer has no field;
    /// refuse if nothing is said.
    #[arg(long, value_enum)]
    pub prepaid: Option<PrepaidArgument>,
    /// Let every fatal rule of EN 16931 and Peppol stop an invoice, not only those about money.
    #[arg(long)]
    pub strict: bool,
    /// Refuse an invoice whose number its seller has used for other content.
    #[arg(long)]
    pub refuse_reused_numbers: bool,
    /// The language of what is written into an invoice's notes; Swedish if nothing is said.
    #[arg(long, value_enum)]
    pub language: Option<LanguageArgument>,
    /// The largest file read, in bytes.
    #[arg(long, default_value_t = 50_000_000)]
    pub max_bytes: usize,
    /// Print what became of every business term.
    #[arg(long)]
    pub report: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Keep the bodies of all requests to the sandbox in this folder.
    #[arg(long, conflicts_with = "base_url")]
    pub record_requests: Option<PathBuf>,
    /// Where is kept what was posted and what was not.
    #[command(flatten)]
    pub store: StoreArguments,
    /// Keep documents of several companies in one store: without this, another company than that
    /// of the store is taken for a mistake.
    #[arg(long)]
    pub several_companies: bool,
    /// Go on although the store's documents were posted at another address: it is the same Kleer.
    #[arg(long)]
    pub accept_address: bool,
    /// Go on although none of the store's documents is in Kleer: they were deleted there, and are
    /// not posted again.
    #[arg(long)]
    pub accept_missing: bool,
    /// How long another run waits for this one if it was killed.
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub lease: u64,
}

/// See [`Target`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TargetArgument {
    /// An invoice that Kleer issues: a draft, to be certified and sent from there.
    #[default]
    ClientInvoice,
    /// A revenue: the invoice was issued elsewhere, and Kleer only books it, at once, with the
    /// document as its file.
    Revenue,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// A table.
    #[default]
    Table,
    /// One JSON object per line.
    Json,
}

/// See [`RateUnit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(
    missing_docs,
    reason = "the names say it, and help text comes from the option"
)]
pub enum RateUnitArgument {
    Percent,
    Fraction,
}

/// See [`UnknownProduct`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UnknownProductArgument {
    /// Create a product.
    Create,
    /// Take the default product of the VAT category and rate.
    DefaultProduct,
    /// Refuse the invoice.
    Refuse,
}

/// See [`VatMismatch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VatMismatchArgument {
    /// Take the default product of the line's VAT category and rate.
    Reroute,
    /// Refuse the invoice.
    Refuse,
}

/// See [`Prepaid`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PrepaidArgument {
    /// Refuse it: the client would be dunned for what is paid.
    Refuse,
    /// Post the whole amount, and say in the notes what is paid.
    CarryInNotes,
}

/// See [`Language`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LanguageArgument {
    Swedish,
    English,
}

fn default_product(text: &str) -> Result<(String, Decimal, ProductId), String> {
    let parse = || {
        let (vat, id) = text.split_once('=')?;
        let (category, rate) = vat.split_once(':')?;
        let rate: Decimal = rate.parse().ok()?;
        let valid = !category.is_empty() && !rate.is_sign_negative();
        valid.then_some((category.to_owned(), rate, id.parse().ok()?))
    };
    parse().ok_or_else(|| "expected CATEGORY:RATE=ID, such as S:25=17".to_owned())
}

impl TargetArguments {
    /// The company to post to, if it is a real Kleer.
    pub fn company(&self) -> Option<CompanyId> {
        self.company.map(CompanyId)
    }

    /// What the documents become.
    pub fn target(&self) -> Target {
        match self.target {
            TargetArgument::ClientInvoice => Target::ClientInvoice,
            TargetArgument::Revenue => Target::Revenue,
        }
    }

    /// How long another run waits for this one if it was killed.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease)
    }

    /// Where documents are posted to and as what, in words that tell one from another.
    pub fn described(&self) -> String {
        let place = match (&self.base_url, self.company) {
            (Some(url), Some(company)) => {
                format!("company {company} at {}", url.trim_end_matches('/'))
            }
            _ => "a sandbox".to_owned(),
        };
        match self.target() {
            Target::Revenue => format!("{place}, as revenues"),
            Target::ClientInvoice => place,
        }
    }

    /// The mapping's settings: those of the file, with what the command line says.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn mapping_settings(&self) -> Result<Settings, SettingsError> {
        let file = self.settings.as_deref().map(settings_file::read);
        let mut settings = file.transpose()?.unwrap_or_default();
        if let Some(argument) = self.unknown_product {
            settings.unknown_product = argument.into();
        }
        if let Some(argument) = self.vat_mismatch {
            settings.vat_mismatch = argument.into();
        }
        if let Some(argument) = self.language {
            settings.language = argument.into();
        }
        if let Some(argument) = self.prepaid {
            settings.prepaid = argument.into();
        }
        if let Some(argument) = self.rate_unit {
            settings.rate_unit = Some(argument.into());
        }
        if let Some(id) = self.revenue_ledger {
            settings.revenue_ledger = Some(RevenueLedgerId(id));
        }
        if self.strict {
            settings = settings.with_rule_policy(RulePolicy::strict());
        }
        for (category, rate, product) in &self.default_product {
            settings = settings.with_default_product(category, *rate, *product);
        }
        Ok(settings)
    }
}

impl From<UnknownProductArgument> for UnknownProduct {
    fn from(argument: UnknownProductArgument) -> Self {
        match argument {
            UnknownProductArgument::Create => Self::Create,
            UnknownProductArgument::DefaultProduct => Self::DefaultProduct,
            UnknownProductArgument::Refuse => Self::Refuse,
        }
    }
}

impl From<VatMismatchArgument> for VatMismatch {
    fn from(argument: VatMismatchArgument) -> Self {
        match argument {
            VatMismatchArgument::Reroute => Self::Reroute,
            VatMismatchArgument::Refuse => Self::Refuse,
        }
    }
}

impl From<LanguageArgument> for Language {
    fn from(argument: LanguageArgument) -> Self {
        match argument {
            LanguageArgument::Swedish => Self::Swedish,
            LanguageArgument::English => Self::English,
        }
    }
}

impl From<PrepaidArgument> for Prepaid {
    fn from(argument: PrepaidArgument) -> Self {
        match argument {
            PrepaidArgument::Refuse => Self::Refuse,
            PrepaidArgument::CarryInNotes => Self::CarryInNotes,
        }
    }
}

impl From<RateUnitArgument> for RateUnit {
    fn from(argument: RateUnitArgument) -> Self {
        match argument {
            RateUnitArgument::Percent => Self::Percent,
            RateUnitArgument::Fraction => Self::Fraction,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_real_kleer_needs_company_and_token() {
        let parse = |text: &str| Arguments::try_parse_from(text.split(' '));
        assert!(parse("q a.xml --base-url https://api.kleer.se/v1").is_err());
        let text = "q a.xml --base-url https://api.kleer.se/v1 --company 7 --token t";
        let arguments = parse(text).unwrap();
        assert_eq!(arguments.post.target.company(), Some(CompanyId(7)));
        assert!(!format!("{arguments:?}").contains("\"t\""));
        assert!(parse("q --company 7").is_err());
    }

    #[test]
    fn what_the_command_line_says_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let text = r#"{"prepaid": "carry-in-notes", "language": "english", "revenue_ledger": 3}"#;
        std::fs::write(&path, text).unwrap();
        let settings = |more: &[&str]| {
            let all = [&["q", "a.xml", "--settings", path.to_str().unwrap()], more].concat();
            let arguments = Arguments::try_parse_from(all).unwrap();
            arguments.post.target.mapping_settings().unwrap()
        };
        let from_file = Settings::default()
            .with_prepaid(Prepaid::CarryInNotes)
            .with_language(Language::English)
            .with_revenue_ledger(RevenueLedgerId(3));
        assert_eq!(settings(&[]), from_file);
        let both = settings(&["--prepaid", "refuse", "--revenue-ledger", "4"]);
        let expected = from_file
            .with_prepaid(Prepaid::Refuse)
            .with_revenue_ledger(RevenueLedgerId(4));
        assert_eq!(both, expected);
    }

    #[test]
    fn default_products_are_read_or_refused() {
        let product = default_product("AE:0=12").unwrap();
        assert_eq!(product, ("AE".to_owned(), Decimal::ZERO, ProductId(12)));
        for bad in ["", "S:25", "S=1", ":25=1", "S:-1=1", "S:25=x", "S:x=1"] {
            assert!(default_product(bad).is_err(), "{bad}");
        }
    }
}
