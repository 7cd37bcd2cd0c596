//! Which client of Kleer the buyer is.

use kleer_model::{Client, ClientId};

use crate::SourceInvoice;
use crate::source::{compact, organisation_digits, swedish_number_in_vat};

/// The identifier that a client was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ClientKeyKind {
    /// The organisation number (BT-47, or what a Swedish BT-48 holds of it).
    OrganisationNumber,
    /// The VAT number (BT-48).
    VatNumber,
    /// The Global Location Number (scheme 0088).
    Gln,
    /// The electronic address (BT-49): an organisation number, VAT number or GLN by its scheme.
    ElectronicAddress,
}

/// Which client the buyer is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ClientMatch {
    /// One client.
    One {
        /// The client.
        id: ClientId,
        /// What it was found by.
        by: ClientKeyKind,
    },
    /// No client has an identifier of the buyer.
    None,
    /// Several clients have the same identifier: somebody has to choose.
    Ambiguous {
        /// The clients.
        ids: Vec<ClientId>,
        /// What they were found by.
        by: ClientKeyKind,
    },
}

/// Finds the client that the buyer (BG-7) is, by organisation number, then VAT number, then GLN,
/// then electronic address. The first identifier that finds anything decides.
///
/// Organisation numbers are compared by their digits, and `16` before ten digits is the same
/// number. Names never match: two companies may share one. Inactive clients are ignored, and an
/// organisation number of a client in another country than the buyer's is not the same number.
///
/// ```
/// use kleer_invoice::{ClientKeyKind, ClientMatch, SourceInvoice, find_client};
/// use kleer_model::{Client, ClientId};
///
/// let xml = br#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">
///     <AccountingCustomerParty><Party><PartyLegalEntity>
///     <CompanyID>2021005489</CompanyID>
///     </PartyLegalEntity></Party></AccountingCustomerParty></Invoice>"#;
/// let source = SourceInvoice::from_ubl(xml)?;
/// let mut client = Client::new("Exempel AB", "SE");
/// client.id = ClientId(5);
/// client.orgno = "202100-5489".to_owned();
/// assert_eq!(
///     find_client(&source, &[client]),
///     ClientMatch::One { id: ClientId(5), by: ClientKeyKind::OrganisationNumber }
/// );
/// # Ok::<(), kleer_invoice::ReadError>(())
/// ```
pub fn find_client(source: &SourceInvoice, clients: &[Client]) -> ClientMatch {
    let buyer = source.buyer();
    let country = buyer.address().country;
    let vat = buyer.vat_number();
    let orgno = buyer
        .legal_registration()
        .and_then(organisation_digits)
        .or_else(|| vat.as_deref().and_then(swedish_number_in_vat));
    let by_orgno = |wanted: &str| {
        matching(clients, |client| {
            let other_country = !country.is_empty()
                && !client.country_code.trim().is_empty()
                && !client.country_code.trim().eq_ignore_ascii_case(country);
            !other_country && client_orgno(client).as_deref() == Some(wanted)
        })
    };
    let by_vat = |wanted: &str| {
        matching(clients, |client| {
            client
                .vat_nr
                .as_deref()
                .is_some_and(|number| compact(number) == wanted)
        })
    };
    let by_gln = |wanted: &str| {
        matching(clients, |client| {
            client
                .gln
                .as_deref()
                .is_some_and(|gln| gln.trim() == wanted)
        })
    };

    let mut found = (Vec::new(), ClientKeyKind::OrganisationNumber);
    if let Some(wanted) = orgno {
        found = (by_orgno(&wanted), ClientKeyKind::OrganisationNumber);
    }
    if found.0.is_empty()
        && let Some(wanted) = &vat
    {
        found = (by_vat(wanted), ClientKeyKind::VatNumber);
    }
    if found.0.is_empty()
        && let Some(wanted) = buyer.gln()
    {
        found = (by_gln(wanted), ClientKeyKind::Gln);
    }
    if found.0.is_empty()
        && let Some((scheme, value)) = buyer.endpoint()
    {
        let ids = match scheme {
            "0007" => organisation_digits(value).map(|wanted| by_orgno(&wanted)),
            "0088" | "GLN" => Some(by_gln(value)),
            // Swedish VAT numbers had this scheme until it left the list of electronic addresses.
            "9955" => {
                let wanted = compact(value);
                let ids = by_vat(&wanted);
                if ids.is_empty() {
                    swedish_number_in_vat(&wanted).map(|wanted| by_orgno(&wanted))
                } else {
                    Some(ids)
                }
            }
            _ => Some(by_vat(&compact(value))),
        };
        found = (ids.unwrap_or_default(), ClientKeyKind::ElectronicAddress);
    }
    let (ids, by) = found;
    match ids.as_slice() {
        [] => ClientMatch::None,
        [id] => ClientMatch::One { id: *id, by },
        _ => ClientMatch::Ambiguous { ids, by },
    }
}

fn matching(clients: &[Client], same: impl Fn(&Client) -> bool) -> Vec<ClientId> {
    clients
        .iter()
        .filter(|client| client.active != Some(false) && same(client))
        .map(|client| client.id)
        .collect()
}

/// A client's organisation number in digits; that of its Swedish VAT number if it has none.
fn client_orgno(client: &Client) -> Option<String> {
    organisation_digits(&client.orgno)
        .or_else(|| swedish_number_in_vat(&compact(client.vat_nr.as_deref()?)))
}

/// A client to create for a buyer that is not in Kleer yet. Look it through: an invoice says
/// little about a customer. The payment days are those between issue date and due date if they
/// are 0 to 120, else 30.
pub fn propose_client(source: &SourceInvoice) -> Client {
    let buyer = source.buyer();
    let address = buyer.address();
    let mut client = Client::new(buyer.name().unwrap_or_default(), address.country);
    client.address = address.to_kleer();
    buyer
        .contact()
        .unwrap_or_default()
        .clone_into(&mut client.contact);
    buyer
        .email()
        .unwrap_or_default()
        .clone_into(&mut client.email);
    buyer
        .phone()
        .unwrap_or_default()
        .clone_into(&mut client.phone);
    client.orgno = buyer
        .legal_registration()
        .map(str::to_owned)
        .unwrap_or_default();
    if client.orgno.is_empty() {
        client.orgno = buyer.organisation_number().unwrap_or_default();
    }
    client.vat_nr = buyer.vat_number();
    client.gln = buyer.gln().map(str::to_owned);
    client.currency_type = source.currency().map(str::to_owned);
    if let (Some(issued), Some(due)) = (source.issue_date(), source.due_date()) {
        let days = (due - issued).num_days();
        if (0..=120).contains(&days) {
            client.payment_days = i32::try_from(days).unwrap_or(client.payment_days);
        }
    }
    client
}
