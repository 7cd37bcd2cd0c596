//! Which client of Kleer the buyer is.

use kleer_model::{Client, ClientId, ClientType, NewClient};
use swedish_ids::{OrganisationNumber, VatNumber};

use crate::source::{compact, organisation_digits, swedish_number_in_vat};
use crate::{Party, SourceInvoice};

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
    /// The client's foreign id in Kleer: an identifier of the buyer (BT-46), or any of the above.
    ForeignId,
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
    /// Several clients have an identifier of the buyer, and no other one tells them apart; or two
    /// identifiers of the buyer belong to different clients; or a client has one of them, and an
    /// organisation or VAT number that is not the buyer's. Somebody has to choose.
    Ambiguous {
        /// The clients.
        ids: Vec<ClientId>,
        /// What the first of them was found by.
        by: ClientKeyKind,
    },
}

/// Finds the client that the buyer (BG-7) is, by organisation number, VAT number, GLN, electronic
/// address and foreign id.
///
/// Every identifier that the buyer has is looked up. Where one finds several clients (a
/// municipality's offices, say), the next ones tell them apart. Where two find different clients,
/// or the client that is found has another organisation number than the buyer, nothing is chosen:
/// [`ClientMatch::Ambiguous`].
///
/// Numbers are compared without the way they are written (`swedish-ids`): `16` before ten digits
/// is the same organisation number, and so are the digits in a Swedish VAT number. Names never
/// match: two companies may share one. Inactive clients are ignored, and an organisation number of
/// a client in another country than the buyer's is not the same number.
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
    let lookup = Lookup::new(source.buyer(), clients);
    let found = lookup.all();
    let mut found = found.into_iter().filter(|(_, ids)| !ids.is_empty());
    let Some((mut by, mut candidates)) = found.next() else {
        return ClientMatch::None;
    };
    for (kind, ids) in found {
        let both: Vec<ClientId> = candidates
            .iter()
            .copied()
            .filter(|id| ids.contains(id))
            .collect();
        if both.is_empty() {
            candidates.extend(ids);
            return ClientMatch::Ambiguous {
                ids: candidates,
                by,
            };
        }
        if both.len() < candidates.len() {
            by = kind;
            candidates = both;
        }
    }
    match candidates.as_slice() {
        [id] if !lookup.contradicts(*id, by) => ClientMatch::One { id: *id, by },
        _ => ClientMatch::Ambiguous {
            ids: candidates,
            by,
        },
    }
}

/// The buyer's identifiers in the form in which they are compared.
struct Lookup<'a> {
    buyer: Party<'a>,
    clients: &'a [Client],
    country: &'a str,
    vat: Option<String>,
    orgno: Option<String>,
}

impl<'a> Lookup<'a> {
    fn new(buyer: Party<'a>, clients: &'a [Client]) -> Self {
        let vat = buyer.vat_number().map(|number| vat_key(&number));
        let orgno = buyer
            .legal_registration()
            .and_then(organisation_key)
            .or_else(|| vat.as_deref().and_then(swedish_number_in_vat));
        Self {
            buyer,
            clients,
            country: buyer.address().country,
            vat,
            orgno,
        }
    }

    /// What each identifier finds, the strongest first.
    fn all(&self) -> [(ClientKeyKind, Vec<ClientId>); 5] {
        let gln = self.buyer.gln();
        let endpoint = self.buyer.endpoint();
        let or_none = |ids: Option<Vec<ClientId>>| ids.unwrap_or_default();
        [
            (
                ClientKeyKind::OrganisationNumber,
                or_none(self.orgno.as_deref().map(|wanted| self.by_orgno(wanted))),
            ),
            (
                ClientKeyKind::VatNumber,
                or_none(self.vat.as_deref().map(|wanted| self.by_vat(wanted))),
            ),
            (
                ClientKeyKind::Gln,
                or_none(gln.map(|wanted| self.by_gln(wanted))),
            ),
            (
                ClientKeyKind::ElectronicAddress,
                or_none(endpoint.map(|(scheme, value)| self.by_endpoint(scheme, value))),
            ),
            (ClientKeyKind::ForeignId, self.by_foreign_id()),
        ]
    }

    /// Whether a client that a weaker identifier found has a stronger one that is another's.
    fn contradicts(&self, id: ClientId, by: ClientKeyKind) -> bool {
        let found = self.clients.iter().filter(|client| client.id == id);
        let differ = |ours: Option<&String>, theirs: Option<String>| matches!((ours, theirs), (Some(ours), Some(theirs)) if *ours != theirs);
        let mut found = found.map(|client| {
            let vat = client.vat_nr.as_deref().map(vat_key);
            let orgno = differ(self.orgno.as_ref(), client_orgno(client));
            let vat = differ(self.vat.as_ref(), vat.filter(|number| !number.is_empty()));
            match by {
                ClientKeyKind::OrganisationNumber => false,
                // Companies of one group can share it.
                ClientKeyKind::VatNumber => orgno,
                _ => orgno || vat,
            }
        });
        found.any(|contradicts| contradicts)
    }

    fn by_orgno(&self, wanted: &str) -> Vec<ClientId> {
        matching(self.clients, |client| {
            let country = client.country_code.trim();
            let other_country = !self.country.is_empty()
                && !country.is_empty()
                && !country.eq_ignore_ascii_case(self.country);
            !other_country && client_orgno(client).as_deref() == Some(wanted)
        })
    }

    fn by_vat(&self, wanted: &str) -> Vec<ClientId> {
        matching(self.clients, |client| {
            let number = client.vat_nr.as_deref().map(vat_key);
            number.is_some_and(|number| !number.is_empty() && number == wanted)
        })
    }

    fn by_gln(&self, wanted: &str) -> Vec<ClientId> {
        matching(self.clients, |client| {
            client
                .gln
                .as_deref()
                .is_some_and(|gln| compact(gln) == wanted)
        })
    }

    fn by_endpoint(&self, scheme: &str, value: &str) -> Vec<ClientId> {
        let orgno = |text: &str| {
            let number = organisation_key(text);
            number.map_or_else(Vec::new, |wanted| self.by_orgno(&wanted))
        };
        match scheme {
            // The registers of companies of Sweden, Norway and Denmark.
            "0007" | "0192" | "0184" => orgno(value),
            "0088" | "GLN" => self.by_gln(value),
            // The others are VAT numbers or nothing that Kleer has. Swedish VAT numbers had 9955
            // until it left the list of electronic addresses.
            _ => {
                let wanted = vat_key(value);
                let ids = self.by_vat(&wanted);
                match swedish_number_in_vat(&wanted) {
                    Some(number) if ids.is_empty() => self.by_orgno(&number),
                    _ => ids,
                }
            }
        }
    }

    /// Clients whose foreign id is an identifier of the buyer, alone or after its scheme.
    fn by_foreign_id(&self) -> Vec<ClientId> {
        let mut wanted: Vec<String> = Vec::new();
        let mut add = |scheme: &str, value: &str| {
            if !value.is_empty() {
                wanted.push(foreign_key(value));
                if !scheme.is_empty() {
                    wanted.push(format!("{scheme}:{value}"));
                }
            }
        };
        for (scheme, value) in self.buyer.identifiers().chain(self.buyer.endpoint()) {
            add(scheme, value);
        }
        add("", self.orgno.as_deref().unwrap_or_default());
        add("", self.vat.as_deref().unwrap_or_default());
        matching(self.clients, |client| {
            let known = client.foreign_id.trim();
            !known.is_empty()
                && (wanted.iter().any(|wanted| wanted == known)
                    || wanted.contains(&foreign_key(known)))
        })
    }
}

/// The ten digits of a Swedish organisation number however it is written; the digits of any other.
fn organisation_key(text: &str) -> Option<String> {
    match text.trim().parse::<OrganisationNumber>() {
        Ok(number) => Some(number.digits().to_owned()),
        // Numbers of other countries, and those with a wrong check digit, which tests are full of.
        Err(_) => organisation_digits(text),
    }
}

/// A VAT number without the way it is written.
fn vat_key(text: &str) -> String {
    match text.trim().parse::<VatNumber>() {
        Ok(number) => number.to_string(),
        Err(_) => compact(text),
    }
}

/// A foreign id that is an organisation number is one however it is written.
fn foreign_key(text: &str) -> String {
    match text.trim().parse::<OrganisationNumber>() {
        Ok(number) => number.digits().to_owned(),
        Err(_) => text.trim().to_owned(),
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
    organisation_key(&client.orgno)
        .or_else(|| swedish_number_in_vat(&vat_key(client.vat_nr.as_deref()?)))
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

/// A client that Kleer makes along with a revenue ([`RevenueClient::New`](crate::RevenueClient)).
/// Kleer takes no more than a key, a name and whether it is an organisation; so
/// [`propose_client`] is better where an app may create clients.
pub fn propose_new_client(source: &SourceInvoice, foreign_id: impl Into<String>) -> NewClient {
    let name = source.buyer().name().unwrap_or_default();
    NewClient::new(foreign_id, name, ClientType::Organisation)
}
