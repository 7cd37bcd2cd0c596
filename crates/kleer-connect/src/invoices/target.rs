//! What a document becomes in Kleer.

use flat_record::Kind;
use kleer_invoice::{
    Context, MappingReport, Refusal, RevenueContext, Settings, map, map_revenue, missing_products,
};
use kleer_model::sums::Sums;
use kleer_model::{ClientId, ClientInvoice, Product, RevenueCreate, RevenueId};
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::records::Existing;

/// What a document becomes in Kleer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// An invoice that Kleer issues: a draft, to be certified and sent from there.
    #[default]
    ClientInvoice,
    /// A revenue: the invoice was issued elsewhere, and Kleer only books it, at once, with the
    /// document as its file.
    Revenue,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ClientInvoice, Self::Revenue];

    /// The kind of record, in client keys, links and deviations: `client-invoice` or `revenue`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientInvoice => "client-invoice",
            Self::Revenue => "revenue",
        }
    }

    /// The kind of its links.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "two texts that are names, each tested"
    )]
    pub fn kind(self) -> Kind {
        Kind::new(self.as_str()).expect("a name")
    }

    /// The target of this kind, if it is one.
    pub fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == kind)
    }

    /// The word for one of them.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::ClientInvoice => "invoice",
            Self::Revenue => "revenue",
        }
    }

    /// Where Kleer keeps the key.
    pub(crate) fn key_field(self) -> &'static str {
        match self {
            Self::ClientInvoice => "foreign-id",
            Self::Revenue => "external-id",
        }
    }
}

/// The record to create.
pub(crate) enum Draft {
    Invoice(Box<ClientInvoice>),
    Revenue(Box<RevenueCreate>),
}

/// A mapped document.
pub(crate) struct Mapped {
    pub(crate) draft: Draft,
    pub(crate) report: MappingReport,
    pub(crate) sums: Sums,
    pub(crate) rows: usize,
}
/// What a document is mapped with.
pub(crate) struct Given<'a> {
    pub(crate) target: Target,
    pub(crate) settings: &'a Settings,
    pub(crate) catalogue: &'a kleer_invoice::Catalogue,
    pub(crate) client: ClientId,
    pub(crate) payment_days: i32,
    /// The invoices that the document credits, as far as they are known: by the seller's numbers.
    pub(crate) credited: Vec<(&'a str, &'a Existing)>,
}

impl Given<'_> {
    /// The products that have to be created first.
    pub(crate) fn missing_products(&self, document: &Document) -> Vec<Product> {
        missing_products(&document.source, self.catalogue, self.settings)
    }

    /// Maps the document.
    ///
    /// # Errors
    /// All reasons why it must not be posted.
    pub(crate) fn map(&self, document: &Document) -> Result<Mapped, Refusal> {
        let key = document.key.to_string();
        match self.target {
            Target::ClientInvoice => {
                let mut context = Context::new(self.client, key, self.catalogue);
                if let Ok(days) = u16::try_from(self.payment_days) {
                    context = context.with_payment_days(days);
                }
                for (number, existing) in &self.credited {
                    if let Some(invoice_nr) = existing.invoice_nr {
                        context = context.with_debit_invoice(*number, invoice_nr);
                    }
                }
                let mapping = map(&document.source, &context, self.settings)?;
                Ok(Mapped {
                    rows: mapping.invoice.rows.len(),
                    draft: Draft::Invoice(Box::new(mapping.invoice)),
                    report: mapping.report,
                    sums: mapping.sums,
                })
            }
            Target::Revenue => {
                let mut context = RevenueContext::new(self.client, key, self.catalogue);
                context.files.extend(document.file.clone());
                for (number, existing) in &self.credited {
                    context = context.with_debit_revenue(*number, RevenueId(existing.id));
                }
                let mapping = map_revenue(&document.source, &context, self.settings)?;
                Ok(Mapped {
                    rows: mapping.revenue.rows.len(),
                    draft: Draft::Revenue(Box::new(mapping.revenue)),
                    report: mapping.report,
                    sums: mapping.sums,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_has_a_kind_by_which_it_is_found_again() {
        for target in Target::ALL {
            assert_eq!(Target::of_kind(&target.kind()), Some(target));
        }
        assert_eq!(Target::of_kind("employee"), None);
    }
}
