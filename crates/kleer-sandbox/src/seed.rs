//! What a sandbox has from the start.

use std::fmt;

use kleer_model::endpoint::Endpoint;
use kleer_model::{
    Client, ClientDeliveryType, ClientInvoiceTemplate, ClientInvoiceTemplateId, CompanyId,
    CompanyInformation, Document, List, ListItem, Product, RateUnit, Supplier, User, WriteError,
};

use crate::answer::Refusal;
use crate::element::Element;
use crate::records::Records;
use crate::state::{Books, Clock, Ids};
use crate::{clients, crowd, demo, inspect, products, resource, setup};

/// What a sandbox has from the start, besides its delivery types and invoice templates.
///
/// A client, product, user or supplier with an id above 0 keeps it; others get one. Defaults are filled in as if
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
    records: Vec<Record>,
    writes: Vec<Write>,
    listed: Vec<Listed>,
}

/// A record as it is read, in a list of its own, and the id of what it belongs to.
#[derive(Clone)]
struct Listed {
    list: &'static str,
    owner: i64,
    xml: Result<String, WriteError>,
}

impl fmt::Debug for Listed {
    // Not the document: it may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listed")
            .field("list", &self.list)
            .finish_non_exhaustive()
    }
}

/// A record that may have an id of its own.
#[derive(Clone)]
struct Record {
    /// What the names of its endpoints begin with.
    area: &'static str,
    has_id: bool,
    xml: Result<String, WriteError>,
}

impl fmt::Debug for Record {
    // Not the document: it may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("area", &self.area)
            .finish_non_exhaustive()
    }
}

/// A record that is created as if over HTTP.
#[derive(Clone)]
struct Write {
    endpoint: &'static Endpoint,
    ids: Vec<String>,
    body: Result<String, WriteError>,
}

impl fmt::Debug for Write {
    // Not the body: it may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Write")
            .field("endpoint", &self.endpoint.name)
            .finish_non_exhaustive()
    }
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

    /// One more user.
    #[must_use]
    pub fn user(mut self, user: &User) -> Self {
        self.records.push(Record::user(user));
        self
    }

    /// One more supplier.
    #[must_use]
    pub fn supplier(mut self, supplier: &Supplier) -> Self {
        self.records.push(Record::supplier(supplier));
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

    /// Four Swedish clients (the last one inactive), five products with Sweden's VAT rates, four
    /// employees and a consultant who has left, two suppliers and two client projects.
    ///
    /// Names and addresses are fictitious. Personal and bankgiro numbers are published test numbers;
    /// the organisation numbers have valid check digits.
    #[must_use]
    pub fn demo(mut self) -> Self {
        self.demo = true;
        self
    }

    /// So many clients with made-up Swedish names and addresses, and the foreign ids `kund-00001`
    /// and so on: as many as a large company has.
    #[must_use]
    pub fn many_clients(mut self, count: usize) -> Self {
        self.clients.extend((0..count).map(crowd::client));
        self
    }

    /// A record of any kind, written as if over HTTP when the sandbox starts, after the clients and
    /// products and in the order of these calls. `ids` are the values of the path's parameters.
    ///
    /// ```
    /// use kleer_model::{Client, endpoint};
    /// use kleer_sandbox::Seed;
    ///
    /// let seed = Seed::new().write(&endpoint::CLIENT_CREATE, &[], &Client::new("Exempel AB", "SE"));
    /// # let _ = seed;
    /// ```
    #[must_use]
    pub fn write(
        mut self,
        endpoint: &'static Endpoint,
        ids: &[&str],
        document: &impl Document,
    ) -> Self {
        self.writes.push(Write {
            endpoint,
            ids: ids.iter().map(|&id| id.to_owned()).collect(),
            body: document.to_xml(),
        });
        self
    }

    /// One more record of any kind that has a list, as it is read: an activity, a dimension, an
    /// event that is approved. With an id above 0 it keeps it (an employee has that of the user),
    /// else it gets one.
    ///
    /// It is not checked as a create is, so that what only Kleer writes can be seeded, too. Clients,
    /// products and client invoices are not kept so.
    ///
    /// ```
    /// use kleer_model::{ActivityId, ActivityReadable};
    /// use kleer_sandbox::Seed;
    ///
    /// let seed = Seed::new().record(ActivityReadable::new(ActivityId(7), "Utbildning"));
    /// # let _ = seed;
    /// ```
    #[must_use]
    pub fn record<T: ListItem>(self, record: T) -> Self {
        self.record_of(0, record)
    }

    /// The same for a record that belongs to another one: an absence to a user, an entry to a
    /// dimension. `owner` is that one's id.
    #[must_use]
    pub fn record_of<T: ListItem>(mut self, owner: i64, record: T) -> Self {
        self.listed.push(Listed {
            list: T::LIST,
            owner,
            xml: List::from(vec![record]).to_xml(),
        });
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
            all_clients.extend(demo::clients());
            all_products.extend(demo::products(rate_unit));
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
        let mut records = self.records;
        if self.demo {
            records.extend(demo::users().iter().map(Record::user));
            records.extend(demo::suppliers().iter().map(Record::supplier));
        }
        let mut records: Vec<_> = records.into_iter().enumerate().collect();
        records.sort_by_key(|(_, record)| !record.has_id);
        for (index, record) in records {
            record.keep(&mut books, index + 1)?;
        }
        for listed in self.listed {
            let place = format!("a record of <{}>", listed.list);
            let xml = listed
                .xml
                .map_err(|error| format!("{place} has no XML form: {error}"))?;
            setup::add_list(&mut books, listed.owner, &xml)
                .map_err(|error| format!("{place}: {error}"))?;
        }
        if self.demo {
            for write in demo::writes(&books).writes {
                write.carry_out(&mut books, "demo")?;
            }
        }
        for (number, write) in self.writes.into_iter().enumerate() {
            write.carry_out(&mut books, &format!("write {}", number + 1))?;
        }
        Ok(books)
    }
}

impl Record {
    fn user(user: &User) -> Self {
        Self::new("user", user.id.0, user)
    }

    fn supplier(supplier: &Supplier) -> Self {
        Self::new("supplier", supplier.id.0, supplier)
    }

    fn new(area: &'static str, id: i32, document: &impl Document) -> Self {
        Self {
            area,
            has_id: id > 0,
            xml: document.to_xml(),
        }
    }

    fn keep(self, books: &mut Books, number: usize) -> Result<(), String> {
        let place = format!("record {number} ({})", self.area);
        let xml = self
            .xml
            .map_err(|error| format!("{place} has no XML form: {error}"))?;
        let resource =
            resource::of_area(self.area).ok_or_else(|| format!("{place} has no place"))?;
        Element::from_xml(&xml)
            .and_then(|element| setup::add(books, resource, 0, element))
            .map(drop)
            .map_err(|error| format!("{place}: {error}"))
    }
}

impl Write {
    fn carry_out(self, books: &mut Books, place: &str) -> Result<(), String> {
        let place = format!("{place} ({})", self.endpoint.name);
        let body = self
            .body
            .map_err(|error| format!("{place} has no XML form: {error}"))?;
        let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        inspect::carry_out(books, self.endpoint, &ids, body.as_bytes(), usize::MAX)
            .map(drop)
            .map_err(|refusal| refused(&place, &refusal))
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

#[cfg(test)]
mod tests {
    use kleer_model::{Cents, Rate, SupplierId, UserId, endpoint};

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
        for client in demo::clients() {
            assert!(has_valid_check_digit(&client.orgno), "{}", client.orgno);
        }
        for supplier in demo::suppliers() {
            assert!(has_valid_check_digit(&supplier.orgno.unwrap()));
            assert!(has_valid_check_digit(&format!("{:010}", supplier.bankgiro)));
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
    fn writes_are_carried_out_in_order_after_the_clients() {
        let seed = Seed::new()
            .write(&endpoint::CLIENT_CREATE, &[], &Client::new("B", "SE"))
            .write(&endpoint::CLIENT_UPDATE, &["1002"], &Client::new("C", "SE"))
            .many_clients(1);
        let books = seed
            .books(RateUnit::Percent, None, DEFAULT_COMPANY, Clock::default())
            .unwrap();
        let names: Vec<_> = books.clients.values().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["Björkviks Bygg AB", "C"]);

        let unknown = Seed::new().write(&endpoint::CLIENT_UPDATE, &["9"], &Client::new("C", "SE"));
        let error = unknown
            .books(RateUnit::Percent, None, DEFAULT_COMPANY, Clock::default())
            .unwrap_err();
        assert_eq!(error, "write 1 (client.update): there is no client 9");
        let unwritable =
            Seed::new().write(&endpoint::CLIENT_CREATE, &[], &Client::new("\u{1}", "SE"));
        assert!(!format!("{unwritable:?}").contains("SE"), "{unwritable:?}");
        let error = unwritable
            .books(RateUnit::Percent, None, DEFAULT_COMPANY, Clock::default())
            .unwrap_err();
        assert!(
            error.contains("write 1") && error.contains("no XML form"),
            "{error}"
        );
    }

    #[test]
    fn users_and_suppliers_keep_their_ids() {
        let mut with_id = User::new("B", "b@x.example");
        with_id.id = UserId(102);
        let (mut supplier, user) = (Supplier::new("C"), User::new("A", "a@x.example"));
        supplier.id = SupplierId(7);
        let seed = Seed::new().user(&user).user(&with_id).supplier(&supplier);
        let names = |books: &Books, list: &str| -> Vec<(i64, String)> {
            let items = books.records.all(list);
            items
                .map(|(id, record)| (id, record.item.text_at("name").unwrap().to_owned()))
                .collect()
        };
        let books =
            |seed: Seed| seed.books(RateUnit::Percent, None, DEFAULT_COMPANY, Clock::default());
        let kept = books(seed.clone()).unwrap();
        let users = names(&kept, "users");
        // 101 is the token's own user.
        assert_eq!(users[1..], [(102, "B".to_owned()), (103, "A".to_owned())]);
        assert_eq!(names(&kept, "suppliers"), [(7, "C".to_owned())]);
        let error = books(seed.user(&with_id)).unwrap_err();
        assert_eq!(error, "record 4 (user): user 102 is there twice");
    }

    #[test]
    fn the_demo_has_employees_and_projects() {
        let books = Seed::new()
            .demo()
            .books(RateUnit::Percent, None, DEFAULT_COMPANY, Clock::default())
            .unwrap();
        for (list, count) in [
            ("users", 6),
            ("payroll-user-readables", 4),
            ("suppliers", 2),
            ("client-project-readables", 2),
        ] {
            assert_eq!(books.records.all(list).count(), count, "{list}");
        }
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
