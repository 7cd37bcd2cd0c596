//! The demo company: a few clients, products, employees, suppliers and projects.
//!
//! Names and addresses are made up. The organisation numbers have valid check digits; the personal
//! numbers are published test numbers, with serials that the Swedish Tax Agency gives to nobody; the
//! bankgiro numbers are those that Bankgirot publishes for tests.

use chrono::NaiveDate;
use kleer_model::endpoint;
use kleer_model::{
    Address, Cents, Client, ClientProjectWritable, PayrollUserWritable, Product, PurchaseType,
    Rate, RateUnit, Supplier, User,
};

use crate::seed::Seed;
use crate::state::Books;

/// Clients, the last one inactive.
pub(crate) fn clients() -> Vec<Client> {
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

/// With the town where Kleer has it, in `state`.
fn address(street: &str, zip: &str, town: &str) -> Address {
    let mut address = Address::default();
    street.clone_into(&mut address.address2);
    zip.clone_into(&mut address.zip_code);
    town.clone_into(&mut address.state);
    "Sverige".clone_into(&mut address.country);
    address
}

/// Products with Sweden's VAT rates.
pub(crate) fn products(unit: RateUnit) -> Vec<Product> {
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

/// Key, name, personal number, first day, telephone.
type Employee = (
    &'static str,
    &'static str,
    &'static str,
    (i32, u32, u32),
    &'static str,
);

const EMPLOYEES: [Employee; 4] = [
    (
        "1001",
        "Astrid Testlund",
        "19460823-9986",
        (2019, 9, 1),
        "070-174 06 05",
    ),
    (
        "1002",
        "Birger Provberg",
        "19570428-9999",
        (2020, 1, 7),
        "070-174 06 06",
    ),
    (
        "1003",
        "Cajsa Exempelgren",
        "19901211-9948",
        (2023, 5, 15),
        "070-174 06 07",
    ),
    (
        "1004",
        "Dag Mönsterby",
        "19821105-9954",
        (2025, 2, 1),
        "070-174 06 08",
    ),
];

/// A user for each, and a consultant who has left.
pub(crate) fn users() -> Vec<User> {
    let mut users: Vec<_> = EMPLOYEES
        .iter()
        .map(|(key, name, ..)| {
            let first = name.split(' ').next().unwrap_or_default().to_lowercase();
            let mut user = User::new(*name, format!("{first}@sandladan.example"));
            user.foreign_id = Some((*key).to_owned());
            user
        })
        .collect();
    let mut consultant = User::new("Erling Låtsas", "erling@konsult.example");
    consultant.foreign_id = Some("extern-7".to_owned());
    consultant.active = false;
    users.push(consultant);
    users
}

pub(crate) fn suppliers() -> Vec<Supplier> {
    let supplier =
        |key: &str, name: &str, orgno: &str, bankgiro, street: &str, zip: &str, town: &str| {
            let mut supplier = Supplier::new(name);
            supplier.foreign_id = key.to_owned();
            supplier.orgno = Some(orgno.to_owned());
            supplier.bankgiro = bankgiro;
            supplier.email = format!("{key}@leverantor.example");
            supplier.country_code = Some("SE".to_owned());
            supplier.address = address(street, zip, town);
            supplier
        };
    vec![
        supplier(
            "demo-papper",
            "Pappershuset i Falun AB",
            "559990-0031",
            9_912_346,
            "Slaggatan 3",
            "791 71",
            "Falun",
        ),
        supplier(
            "demo-hyra",
            "Ringvägens Fastigheter AB",
            "559990-0049",
            9_912_353,
            "Ringvägen 1",
            "118 26",
            "Stockholm",
        ),
    ]
}

/// What refers to what stands in the books already: employments and projects.
pub(crate) fn writes(books: &Books) -> Seed {
    let mut seed = Seed::new();
    let user_with = |key: &str| {
        let mut users = books.records.all("users");
        users
            .find(|(_, user)| user.item.text_at("foreign-id") == Some(key))
            .map(|(id, _)| id)
    };
    for (key, _, personal_number, (year, month, day), phone) in EMPLOYEES {
        let (Some(user), Some(hired)) = (user_with(key), NaiveDate::from_ymd_opt(year, month, day))
        else {
            continue;
        };
        let mut employment = PayrollUserWritable::create(personal_number, hired);
        employment.phone = Some(phone.to_owned());
        employment.address2 = Some(format!("Kyrkogatan {day}"));
        employment.zip_code = Some("702 10".to_owned());
        employment.state = Some("Örebro".to_owned());
        employment.country_code = Some("SE".to_owned());
        seed = seed.write(
            &endpoint::PAYROLL_USER_CREATE,
            &[&user.to_string()],
            &employment,
        );
    }
    for (key, number, name) in [
        ("demo-bygg", "P-101", "Intranät"),
        ("demo-byra", "P-102", "Ny webbplats"),
    ] {
        let client = books
            .clients
            .values()
            .find(|client| client.foreign_id == key);
        if let Some(client) = client {
            let project = ClientProjectWritable::new(client.id, number, name);
            seed = seed.write(&endpoint::CLIENT_PROJECT_CREATE, &[], &project);
        }
    }
    seed
}
