//! Which invoice it is, and which client it goes to.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use kleer_invoice::{ClientKeyKind, ClientMatch, SourceInvoice, find_client, propose_client};
use kleer_model::{Client, ClientId};
use support::ubl::{Line, Ubl};

fn source_with(change: impl Fn(String) -> String) -> SourceInvoice {
    let xml = change(Ubl::new(vec![Line::new("1", "1")]).xml());
    SourceInvoice::from_ubl(xml.as_bytes()).unwrap()
}

fn sample() -> SourceInvoice {
    source_with(|xml| xml)
}

#[test]
fn the_seller_is_known_by_the_strongest_identifier_it_has() {
    let seller = |change: fn(String) -> String| source_with(change).identity().seller;
    assert_eq!(seller(|xml| xml), "org:2120000142");
    assert_eq!(
        seller(|xml| xml.replacen(
            ">2120000142</cbc:CompanyID>",
            "> 212000-0142 </cbc:CompanyID>",
            1
        )),
        "org:2120000142"
    );
    let no_orgno = |xml: String| {
        xml.replacen(
            "<cbc:CompanyID schemeID=\"0007\">2120000142</cbc:CompanyID>",
            "",
            1,
        )
    };
    assert_eq!(
        source_with(no_orgno).identity().seller,
        "vat:SE212000014201"
    );
    let no_vat = |xml: String| {
        no_orgno(xml).replacen("<cbc:CompanyID>SE212000014201</cbc:CompanyID>", "", 1)
    };
    assert_eq!(
        source_with(no_vat).identity().seller,
        "endpoint:0007:2120000142"
    );
    let no_endpoint = |xml: String| {
        no_vat(xml).replacen(
            "<cbc:EndpointID schemeID=\"0007\">2120000142</cbc:EndpointID>",
            "",
            1,
        )
    };
    assert_eq!(
        source_with(no_endpoint).identity().seller,
        "name:SÄLJAREN AB"
    );
}

#[test]
fn type_and_number_are_parts_of_the_identity() {
    let identity = sample().identity();
    assert_eq!(
        (identity.type_code.as_str(), identity.number.as_str()),
        ("380", "F-100")
    );
    let no_type =
        source_with(|xml| xml.replacen("<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>", "", 1));
    assert_eq!(no_type.identity(), identity);
    let other = source_with(|xml| xml.replacen(">F-100<", ">F1-00<", 1));
    assert_ne!(other.identity().as_source_key(), identity.as_source_key());
}

#[test]
fn notes_attachments_and_layout_are_not_in_the_fingerprint_but_sums_and_buyer_are() {
    let before = sample().fingerprint();
    let same = [
        (
            "<cbc:DocumentCurrencyCode>",
            "<cbc:Note>x</cbc:Note><cbc:DocumentCurrencyCode>",
        ),
        ("<cbc:DueDate>2026-02-28</cbc:DueDate>", ""),
        (
            "<cbc:Name>Vara 1</cbc:Name>",
            "<cbc:Name>  Vara\n 1 </cbc:Name>",
        ),
    ];
    for (from, to) in &same {
        let after = source_with(|xml| xml.replacen(from, to, 1)).fingerprint();
        assert_eq!(before, after, "{to}");
    }
    let other = [
        (">F-100<", ">F-101<"),
        ("2026-01-29", "2026-01-30"),
        (">SEK</cbc:Doc", ">EUR</cbc:Doc"),
        (">2021005489</cbc:CompanyID>", ">2021005497</cbc:CompanyID>"),
        (">1.25</cbc:PayableAmount>", ">1.26</cbc:PayableAmount>"),
        ("<cbc:Name>Vara 1<", "<cbc:Name>Vara 2<"),
    ];
    for (from, to) in other {
        let after = source_with(|xml| xml.replacen(from, to, 1)).fingerprint();
        assert_ne!(before, after, "{to}");
    }
}

/// The number is what an app has stored: it must not change between versions unnoticed.
#[test]
fn the_fingerprint_of_a_known_document_is_stable() {
    assert_eq!(
        format!("{:016x}", sample().fingerprint()),
        "f34d4c2ce780cb18"
    );
}

fn client(id: i32) -> Client {
    let mut client = Client::new("Helt annan AB", "SE");
    client.id = ClientId(id);
    client
}

fn with(id: i32, change: impl Fn(&mut Client)) -> Client {
    let mut client = client(id);
    change(&mut client);
    client
}

fn one(id: i32, by: ClientKeyKind) -> ClientMatch {
    ClientMatch::One {
        id: ClientId(id),
        by,
    }
}

#[test]
fn spellings_of_an_organisation_number_match() {
    for orgno in ["202100-5489", "2021005489", "16202100-5489", "162021005489"] {
        let clients = [client(1), with(2, |c| orgno.clone_into(&mut c.orgno))];
        let found = find_client(&sample(), &clients);
        assert_eq!(found, one(2, ClientKeyKind::OrganisationNumber), "{orgno}");
    }
    let by_vat = [with(2, |c| c.vat_nr = Some("SE 202100-5489 01".to_owned()))];
    assert_eq!(
        find_client(&sample(), &by_vat),
        one(2, ClientKeyKind::OrganisationNumber)
    );
}

#[test]
fn names_inactive_clients_and_other_countries_never_match() {
    let clients = [
        with(1, |c| "Köparen AB".clone_into(&mut c.name)),
        with(2, |c| {
            "2021005489".clone_into(&mut c.orgno);
            c.active = Some(false);
        }),
        with(3, |c| {
            "2021005489".clone_into(&mut c.orgno);
            "DE".clone_into(&mut c.country_code);
        }),
    ];
    assert_eq!(find_client(&sample(), &clients), ClientMatch::None);
}

#[test]
fn several_clients_with_one_number_are_ambiguous() {
    let clients = [1, 2].map(|id| with(id, |c| "2021005489".clone_into(&mut c.orgno)));
    assert_eq!(
        find_client(&sample(), &clients),
        ClientMatch::Ambiguous {
            ids: vec![ClientId(1), ClientId(2)],
            by: ClientKeyKind::OrganisationNumber
        }
    );
}

/// A buyer with a VAT number, a GLN, a customer number and an electronic address that have nothing
/// in common.
fn buyer_of_many_identifiers() -> SourceInvoice {
    source_with(|xml| {
        xml.replacen(
            "<cbc:EndpointID schemeID=\"0007\">2021005489</cbc:EndpointID>",
            "<cbc:EndpointID schemeID=\"9955\">SE556000016701</cbc:EndpointID>\
             <cac:PartyIdentification><cbc:ID schemeID=\"0088\">7300010000001</cbc:ID>\
             </cac:PartyIdentification>",
            1,
        )
        .replacen(
            "<cbc:CompanyID schemeID=\"0007\">2021005489</cbc:CompanyID>\
                    </cac:PartyLegalEntity>",
            "</cac:PartyLegalEntity><cac:PartyTaxScheme><cbc:CompanyID>DE123456789</cbc:CompanyID>\
             <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>",
            1,
        )
    })
}

#[test]
fn each_identifier_finds_a_client_by_itself() {
    let source = buyer_of_many_identifiers();
    let found = |change: fn(&mut Client)| find_client(&source, &[client(1), with(2, change)]);
    assert_eq!(
        found(|c| c.vat_nr = Some("DE 123456789".to_owned())),
        one(2, ClientKeyKind::VatNumber)
    );
    assert_eq!(
        found(|c| c.gln = Some("7300010000001".to_owned())),
        one(2, ClientKeyKind::Gln)
    );
    assert_eq!(
        found(|c| "556000-0167".clone_into(&mut c.orgno)),
        one(2, ClientKeyKind::ElectronicAddress)
    );
    for foreign_id in [
        "7300010000001",
        "0088:7300010000001",
        "9955:SE556000016701",
        "DE123456789",
    ] {
        let clients = [
            client(1),
            with(2, |c| foreign_id.clone_into(&mut c.foreign_id)),
        ];
        assert_eq!(
            find_client(&source, &clients),
            one(2, ClientKeyKind::ForeignId),
            "{foreign_id}"
        );
    }
    assert_eq!(find_client(&source, &[client(1)]), ClientMatch::None);
}

#[test]
fn a_foreign_id_is_the_customer_number_or_the_organisation_number_however_it_is_written() {
    let source = source_with(|xml| {
        xml.replacen(
            "<cbc:EndpointID schemeID=\"0007\">2021005489</cbc:EndpointID>",
            "<cac:PartyIdentification><cbc:ID>K-77</cbc:ID></cac:PartyIdentification>",
            1,
        )
    });
    for foreign_id in ["K-77", "202100-5489", "16202100-5489"] {
        let clients = [with(2, |c| foreign_id.clone_into(&mut c.foreign_id))];
        assert_eq!(
            find_client(&source, &clients),
            one(2, ClientKeyKind::ForeignId),
            "{foreign_id}"
        );
    }
    let others = [with(2, |c| "k-7".clone_into(&mut c.foreign_id)), client(3)];
    assert_eq!(find_client(&source, &others), ClientMatch::None);
}

#[test]
fn identifiers_of_different_clients_are_ambiguous() {
    let source = buyer_of_many_identifiers();
    let by_gln = with(3, |c| c.gln = Some("7300010000001".to_owned()));
    let by_vat = with(2, |c| c.vat_nr = Some("DE 123456789".to_owned()));
    assert_eq!(
        find_client(&source, &[by_gln, by_vat]),
        ClientMatch::Ambiguous {
            ids: vec![ClientId(2), ClientId(3)],
            by: ClientKeyKind::VatNumber
        }
    );
}

#[test]
fn a_weaker_identifier_of_another_company_is_no_match() {
    // The buyer is 202100-5489, and its number for itself is another customer's number here.
    let source = source_with(|xml| {
        xml.replacen(
            "<cbc:EndpointID schemeID=\"0007\">2021005489</cbc:EndpointID>",
            "<cac:PartyIdentification><cbc:ID>77</cbc:ID></cac:PartyIdentification>",
            1,
        )
    });
    let other = with(2, |c| {
        "77".clone_into(&mut c.foreign_id);
        "556000-0167".clone_into(&mut c.orgno);
    });
    assert_eq!(
        find_client(&source, &[other]),
        ClientMatch::Ambiguous {
            ids: vec![ClientId(2)],
            by: ClientKeyKind::ForeignId
        }
    );
    let same = with(2, |c| "77".clone_into(&mut c.foreign_id));
    assert_eq!(
        find_client(&source, &[same]),
        one(2, ClientKeyKind::ForeignId)
    );
}

#[test]
fn a_second_identifier_tells_clients_with_one_number_apart() {
    let source = source_with(|xml| {
        xml.replacen(
            "<cbc:EndpointID schemeID=\"0007\">2021005489</cbc:EndpointID>",
            "<cbc:EndpointID schemeID=\"0088\">7300010000001</cbc:EndpointID>",
            1,
        )
    });
    let offices = [1, 2, 3].map(|id| {
        with(id, |c| {
            "202100-5489".clone_into(&mut c.orgno);
            c.gln = (id == 2).then(|| "7300010000001".to_owned());
        })
    });
    assert_eq!(find_client(&source, &offices), one(2, ClientKeyKind::Gln));
    // Without it nothing is chosen.
    let without = [offices[0].clone(), offices[2].clone()];
    assert_eq!(
        find_client(&source, &without),
        ClientMatch::Ambiguous {
            ids: vec![ClientId(1), ClientId(3)],
            by: ClientKeyKind::OrganisationNumber
        }
    );
}

#[test]
fn a_proposed_client_has_what_the_invoice_says() {
    let client = propose_client(&sample());
    assert_eq!(
        (client.name.as_str(), client.country_code.as_str()),
        ("Köparen AB", "SE")
    );
    assert_eq!(client.orgno, "2021005489");
    assert_eq!(client.address.address2, "Gatan 1");
    assert_eq!(client.currency_type.as_deref(), Some("SEK"));
    assert_eq!(client.payment_days, 30);
    assert_eq!(
        find_client(&sample(), &[client]),
        one(0, ClientKeyKind::OrganisationNumber)
    );
    let soon = source_with(|xml| xml.replacen("2026-02-28", "2026-02-08", 1));
    assert_eq!(propose_client(&soon).payment_days, 10);
    let past = source_with(|xml| xml.replacen("2026-02-28", "2025-02-08", 1));
    assert_eq!(propose_client(&past).payment_days, 30);
}
