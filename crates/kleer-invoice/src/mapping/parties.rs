//! The buyer and the delivery.

use kleer_model::ClientInvoice;

use super::Work;
use super::notes::with_scheme;
use crate::labels::Label;
use crate::report::Fate;
use crate::source::{PostalAddress, naive_date};

impl Work<'_> {
    /// The buyer and the delivery.
    pub(super) fn parties(&mut self, invoice: &mut ClientInvoice) {
        let buyer = self.source.buyer();
        let party = &self.invoice.buyer;
        let reference = self.invoice.buyer_reference.as_deref();
        let reference = self.take(10, None, reference, Fate::mapped("your-reference"));
        let contact = party.contact.name.as_deref();
        if let Some(reference) = reference {
            reference.clone_into(&mut invoice.your_reference);
            self.carry(56, Label::Contact, contact);
        } else if let Some(contact) = self.take(56, None, contact, Fate::mapped("your-reference")) {
            contact.clone_into(&mut invoice.your_reference);
        }
        let email = party.contact.email.as_deref();
        if let Some(email) = self.take(58, None, email, Fate::mapped("invoice-email")) {
            email.clone_into(&mut invoice.invoice_email);
        }
        if let Some(vat) = buyer.vat_number() {
            self.ledger.mark(48, None, Fate::mapped("vat-nr"));
            invoice.vat_nr = Some(vat);
        }
        self.gln(invoice);

        let address = buyer.address();
        invoice.invoice_address = address.to_kleer();
        self.address(address, [50, 51, 163, 53, 52, 55], "invoice-address");
        self.carry(54, Label::BuyerRegion, Some(address.subdivision));

        let Some(delivery) = &self.invoice.delivery else {
            return;
        };
        let name = delivery.party_name.as_deref();
        if let Some(name) = self.take(70, None, name, Fate::mapped("delivery-name")) {
            name.clone_into(&mut invoice.delivery_name);
        }
        self.carry_identifier(71, Label::DeliveryLocation, delivery.location.as_ref());
        if let Some(date) = delivery.date.and_then(naive_date) {
            self.ledger.mark(72, None, Fate::mapped("delivery-date"));
            invoice.delivery_date = Some(date);
        }
        if let Some(address) = &delivery.address {
            let address = PostalAddress::of(address);
            invoice.delivery_address = address.to_kleer();
            self.address(address, [75, 76, 165, 78, 77, 80], "delivery-address");
            self.carry(79, Label::DeliveryRegion, Some(address.subdivision));
        }
    }

    /// The buyer's identifiers: the first GLN is Kleer's field, the others stand in the notes.
    fn gln(&mut self, invoice: &mut ClientInvoice) {
        let buyer = self.source.buyer();
        let mut wanted = buyer.gln();
        invoice.gln = wanted.map(str::to_owned);
        for (scheme, value) in buyer.identifiers() {
            if value.is_empty() {
                continue;
            }
            if matches!(scheme, "0088" | "GLN") && wanted == Some(value) {
                wanted = None;
                self.ledger.mark(46, None, Fate::mapped("gln"));
            } else {
                let text = with_scheme(value, scheme, None);
                self.carry_as(46, Label::BuyerIdentifier, Some(value), &text);
            }
        }
        // Not among the identifiers: then it is the electronic address, or the registration.
        if wanted.is_some() {
            let is_endpoint = buyer
                .endpoint()
                .is_some_and(|(_, value)| wanted == Some(value));
            let term = if is_endpoint { 49 } else { 47 };
            self.ledger.mark_open(term, None, Fate::mapped("gln"));
        }
    }

    /// Marks the parts of an address: line 1, 2, 3, post code, city, country.
    fn address(&mut self, address: PostalAddress<'_>, terms: [u16; 6], group: &'static str) {
        let fields = match group {
            "invoice-address" => &INVOICE_ADDRESS,
            _ => &DELIVERY_ADDRESS,
        };
        let values = [
            address.line1,
            address.line2,
            address.line3,
            address.post_code,
            address.city,
            address.country,
        ];
        for ((term, value), field) in terms.into_iter().zip(values).zip(fields) {
            if !value.is_empty() {
                self.ledger.mark(term, None, Fate::mapped(field));
            }
        }
    }
}

const INVOICE_ADDRESS: [&str; 6] = [
    "invoice-address/address2",
    "invoice-address/address1",
    "invoice-address/address1",
    "invoice-address/zip-code",
    "invoice-address/state",
    "invoice-address/country",
];
const DELIVERY_ADDRESS: [&str; 6] = [
    "delivery-address/address2",
    "delivery-address/address1",
    "delivery-address/address1",
    "delivery-address/zip-code",
    "delivery-address/state",
    "delivery-address/country",
];
