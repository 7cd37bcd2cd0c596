//! What a sandbox has from the start.

use kleer_model::{
    Address, Cents, Client, ClientDeliveryType, ClientInvoiceTemplate, ClientInvoiceTemplateId,
    CompanyId, CompanyInformation, Document, Product, PurchaseType, Rate, RateUnit,
};

use crate::answer::Refusal;
use crate::records::Records;
use crate::state::{Books, Clock, Ids};
use crate::{clients, products, setup};

/// What a sandbox has from the start, besides its delivery types and invoice templates.
///
/// A client or product with an id above 0 keeps it; others get one. Defaults are filled in as if
/// they had been created over HTTP.
///
/// ```
/// use kleer_model::{Cents, Client, ClientId, Product};
/// use kleer_sandbox::Seed;
///
/// let mut client = Client::new("Exempel AB", "SE");
/// client.id = ClientId(17);
/// let seed = Seed::new()
///     .client(client)
///     .product(Product::new("Konsulttimme", "tim", Cents(95_000)))
///     .certified_invoice_number(1041);
/// # let _ = seed;
/// ```
#[derive(Debug, Clone, Default)]
pub struct Seed {
    clients: Vec<Client>,
    products: Vec<Product>,
    certified_numbers: Vec<i32>,
    information: Option<CompanyInformation>,
    demo: bool,
}

impl Seed {
    /// No clients and no products.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more client.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// One more product.
    #[must_use]
    pub fn product(mut self, product: Product) -> Self {
        self.products.push(product);
        self
    }

    /// The number of an invoice that was certified earlier, so that credits can name it.
    #[must_use]
    pub fn certified_invoice_number(mut self, number: i32) -> Self {
        self.certified_numbers.push(number);
        self
    }

    /// What the endpoint `info` says of the company.
    #[must_use]
    pub fn company_information(mut self, information: CompanyInformation) -> Self {
        self.information = Some(information);
        self
    }

    /// Four Swedish clients (the last one inactive) and five products with Sweden's VAT rates.
    /// Names and numbers are fictitious; the organisation numbers have valid check digits.
    #[must_use]
    pub fn demo(mut self) -> Self {
        self.demo = true;
        self
    }

    /// The books with which a sandbox starts.
    ///
    /// # Errors
    /// What is wrong with which record of the seed.
    pub(crate) fn books(
        self,
        rate_unit: RateUnit,
        page_limit: Option<usize>,
        company: CompanyId,
        clock: Clock,
    ) -> Result<Books, String> {
        let mut books = Books {
            rate_unit,
            page_limit,
            information: self.information.unwrap_or_else(information),
            delivery_types: ["Email", "Mail", "Efaktura", "Manually"]
                .into_iter()
                .map(|name| ClientDeliveryType::new(name, name == "Email"))
                .collect(),
            templates: vec![
                ClientInvoiceTemplate::new(ClientInvoiceTemplateId(1), "Faktura"),
                ClientInvoiceTemplate::new(ClientInvoiceTemplateId(2), "Kreditfaktura"),
            ],
            clients: std::collections::BTreeMap::new(),
            products: std::collections::BTreeMap::new(),
            client_invoices: std::collections::BTreeMap::new(),
            certified_numbers: self.certified_numbers.into_iter().collect(),
            ids: Ids::default(),
            records: Records::default(),
            locks: Vec::new(),
            company,
            user: 0,
            clock,
        };
        setup::company(&mut books)?;
        writable("company information", &books.information)?;
        let (mut all_clients, mut all_products) = (self.clients, self.products);
        if self.demo {
            all_clients.extend(demo_clients());
            all_products.extend(demo_products(rate_unit));
        }
        // Those with an id of their own first, so that none of them is given away.
        all_clients.sort_by_key(|client| client.id.0 <= 0);
        for client in all_clients {
            let mut id = client.id;
            if id.0 <= 0 {
                id = books.ids.client(&books.clients);
            }
            let place = format!("client {id}");
            let client = clients::accepted(&books, client, id, None)
                .map_err(|refusal| refused(&place, &refusal))?;
            writable(&place, &client)?;
            if books.clients.insert(id, client).is_some() {
                return Err(format!("{place} is there twice"));
            }
        }
        all_products.sort_by_key(|product| product.id.0 <= 0);
        for product in all_products {
            let mut id = product.id;
            if id.0 <= 0 {
                id = books.ids.product(&books.products);
            }
            let place = format!("product {id}");
            let product = products::accepted(rate_unit, product, id)
                .map_err(|refusal| refused(&place, &refusal))?;
            writable(&place, &product)?;
            if books.products.insert(id, product).is_some() {
                return Err(format!("{place} is there twice"));
            }
        }
        Ok(books)
    }
}

fn refused(place: &str, refusal: &Refusal) -> String {
    format!("{place}: {}", refusal.message())
}

fn writable(place: &str, document: &impl Document) -> Result<(), String> {
    document
        .to_xml()
        .map(drop)
        .map_err(|error| format!("{place} has no XML form: {error}"))
}

fn information() -> CompanyInformation {
    let mut company = CompanyInformation::new("Sandlådan AB", "559990-0098", "SEK");
    "leverantor@sandladan.example".clone_into(&mut company.supplier_invoice_email);
    company
}

fn demo_clients() -> Vec<Client> {
    let client = |key: &str, name: &str, orgno: &str, street: &str, zip: &str, town: &str| {
        let mut client = Client::new(name, "SE");
        key.clone_into(&mut client.foreign_id);
        orgno.clone_into(&mut client.orgno);
        client.address = address(street, zip, town);
        client.email = format!("{key}@kund.example");
        client.currency_type = Some("SEK".to_owned());
        client.vat_nr = Some(format!("SE{}01", orgno.replace('-', "")));
        client
    };
    let builder = client(
        "demo-bygg",
        "Björkviks Bygg AB",
        "559990-0015",
        "Sågverksgatan 4",
        "641 00",
        "Björkvik",
    );
    let mut agency = client(
        "demo-byra",
        "Norrskensbyrån AB",
        "559990-0023",
        "Ringvägen 12",
        "981 00",
        "Kiruna",
    );
    agency.delivery_type = Some("Efaktura".to_owned());
    agency.payment_days = 15;
    let mut society = client(
        "demo-forening",
        "Föreningen Havsörnen",
        "802999-0010",
        "Strandpromenaden 1",
        "593 00",
        "Västervik",
    );
    society.vat_nr = None;
    society.delivery_type = Some("Mail".to_owned());
    let mut retired = client(
        "demo-kvarn",
        "Gamla Kvarnens Café HB",
        "969999-0017",
        "Kvarnbacken 7",
        "272 00",
        "Simrishamn",
    );
    retired.active = Some(false);
    vec![builder, agency, society, retired]
}

fn address(street: &str, zip: &str, town: &str) -> Address {
    let mut address = Address::default();
    street.clone_into(&mut address.address2);
    zip.clone_into(&mut address.zip_code);
    town.clone_into(&mut address.state);
    "Sverige".clone_into(&mut address.country);
    address
}

fn demo_products(unit: RateUnit) -> Vec<Product> {
    use PurchaseType::{DigitalServices, Goods, Services};

    let product = |key: &str, name: &str, kind, per: &str, price, account, vat: i64| {
        let mut product = Product::new(name, per, Cents(price));
        key.clone_into(&mut product.foreign_id);
        product.product_type = Some(kind);
        product.account_nr = Some(account);
        product.vat_percentage = Some(Rate::from_percent(vat.into(), unit));
        product
    };
    vec![
        product(
            "demo-timme",
            "Konsulttimme",
            Services,
            "tim",
            95_000,
            3041,
            25,
        ),
        product(
            "demo-licens",
            "Licens per månad",
            DigitalServices,
            "st",
            49_900,
            3041,
            25,
        ),
        product(
            "demo-lunch",
            "Konferenslunch",
            Services,
            "st",
            14_500,
            3042,
            12,
        ),
        product("demo-bok", "Handbok", Goods, "st", 24_000, 3003, 6),
        product(
            "demo-kurs",
            "Utbildning utan moms",
            Services,
            "st",
            180_000,
            3044,
            0,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DEFAULT_COMPANY;

    fn has_valid_check_digit(number: &str) -> bool {
        let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
        let sum: u32 = digits
            .iter()
            .enumerate()
            .map(|(index, digit)| {
                if index % 2 == 0 {
                    digit * 2 / 10 + digit * 2 % 10
                } else {
                    *digit
                }
            })
            .sum();
        digits.len() == 10 && sum.is_multiple_of(10)
    }

    #[test]
    fn organisation_numbers_have_valid_check_digits() {
        assert!(!has_valid_check_digit("559990-0012"));
        for client in demo_clients() {
            assert!(has_valid_check_digit(&client.orgno), "{}", client.orgno);
        }
        assert!(has_valid_check_digit(&information().orgno));
    }

    #[test]
    fn seeded_ids_are_kept_and_never_given_away() {
        let mut with_id = Client::new("B", "SE");
        with_id.id = kleer_model::ClientId(1001);
        let seed = Seed::new().client(Client::new("A", "SE")).client(with_id);
        let books = seed
            .books(RateUnit::Percent, None, DEFAULT_COMPANY, Clock::default())
            .unwrap();
        let clients: Vec<_> = books
            .clients
            .values()
            .map(|c| (c.id.0, c.name.as_str()))
            .collect();
        assert_eq!(clients, [(1001, "B"), (1002, "A")]);
    }

    #[test]
    fn a_bad_seed_names_the_record_but_not_its_values() {
        let mut twice = Client::new("Anna", "SE");
        twice.id = kleer_model::ClientId(7);
        let error = Seed::new().client(twice.clone()).client(twice).books(
            RateUnit::Percent,
            None,
            DEFAULT_COMPANY,
            Clock::default(),
        );
        assert_eq!(error.unwrap_err(), "client 7 is there twice");

        let mut product = Product::new("Bok", "st", Cents(1));
        product.vat_percentage = Some(Rate(25.into()));
        let error = Seed::new()
            .product(product)
            .books(RateUnit::Fraction, None, DEFAULT_COMPANY, Clock::default())
            .unwrap_err();
        assert!(
            error.starts_with("product 5001: ") && error.contains("fractions"),
            "{error}"
        );

        let unwritable = Client::new("\u{1}", "SE");
        let error = Seed::new()
            .client(unwritable)
            .books(RateUnit::Percent, None, DEFAULT_COMPANY, Clock::default())
            .unwrap_err();
        assert!(error.contains("client/name"), "{error}");
    }

    #[test]
    fn demo_rates_are_written_in_the_sandbox_s_unit() {
        let books = Seed::new()
            .demo()
            .books(RateUnit::Fraction, None, DEFAULT_COMPANY, Clock::default())
            .unwrap();
        let rates = books
            .products
            .values()
            .filter_map(|product| product.vat_percentage);
        assert_eq!(RateUnit::detect(rates), Some(RateUnit::Fraction));
    }
}
