//! Products over HTTP.

mod common;

use common::{created, get, post, put, sandbox};
use kleer_model::{Cents, Document, List, Product, ProductId, PurchaseType, Rate, RateUnit, Saved};
use kleer_sandbox::Sandbox;
use reqwest::Method;

async fn product(sandbox: &Sandbox, id: i32) -> Product {
    get(sandbox, &format!("product/{id}")).await.document()
}

#[tokio::test]
async fn what_a_product_leaves_out_is_decided() {
    let sandbox = sandbox().await;
    let mut new = Product::new("Konsulttimme", "tim", Cents(95_000));
    new.id = ProductId(4711);
    new.foreign_id = "KT".to_owned();
    let id = created(&sandbox, "product", &new).await;
    let read = product(&sandbox, id).await;
    assert_eq!((read.id, read.foreign_id.as_str()), (ProductId(id), "KT"));
    assert_eq!((read.price, read.unit.as_str()), (Cents(95_000), "tim"));
    assert_eq!(read.product_type, Some(PurchaseType::Goods));
    assert_eq!(read.account_nr, Some(3041));
    assert_eq!(read.vat_percentage, Some(Rate(25.into())));
    let accounts = read.accounts.unwrap();
    assert_eq!(
        (accounts.se, accounts.eu, accounts.export),
        (Some(3041), Some(3041), Some(3041))
    );
    let list: List<Product> = get(&sandbox, "product").await.document();
    assert_eq!(list.items, sandbox.products());
    assert_eq!(list.len(), 2);
}

#[tokio::test]
async fn what_a_product_says_is_kept_and_an_update_sets_defaults_again() {
    let sandbox = sandbox().await;
    let mut new = Product::new("Bok", "st", Cents(24_000));
    new.product_type = Some(PurchaseType::DigitalServices);
    new.account_nr = Some(3003);
    new.vat_percentage = Some(Rate(6.into()));
    let id = created(&sandbox, "product", &new).await;
    let read = product(&sandbox, id).await;
    assert_eq!(read.product_type, new.product_type);
    assert_eq!(
        (read.account_nr, read.vat_percentage),
        (new.account_nr, new.vat_percentage)
    );
    assert_eq!(read.accounts.unwrap().export, Some(3003));

    let plain = Product::new("Bok 2", "st", Cents(25_000));
    let saved = post(&sandbox, &format!("product/{id}"), &plain)
        .await
        .document::<Saved>();
    assert_eq!(saved.id, Some(id));
    let read = product(&sandbox, id).await;
    assert_eq!((read.name.as_str(), read.price), ("Bok 2", Cents(25_000)));
    assert_eq!(
        (read.account_nr, read.vat_percentage),
        (Some(3041), Some(Rate(25.into())))
    );
}

#[tokio::test]
async fn the_deprecated_swedish_account_is_used_when_there_is_no_other() {
    let sandbox = sandbox().await;
    let xml = Product::new("Bok", "st", Cents(1)).to_xml().unwrap();
    let accounts = "<accounts><se>3003</se><eu>3108</eu></accounts></product>";
    let xml = xml.replace("</product>", accounts);
    let answer = common::call(&sandbox, Method::PUT, "product", xml).await;
    let read = product(&sandbox, answer.document::<kleer_model::Created>().id).await;
    assert_eq!(read.account_nr, Some(3003));
    assert_eq!(read.accounts.unwrap().eu, Some(3003));
}

#[tokio::test]
async fn a_rate_in_the_wrong_unit_is_refused() {
    for (unit, right, wrong) in [
        (RateUnit::Percent, "25", "0.25"),
        (RateUnit::Fraction, "0.25", "25"),
    ] {
        let sandbox = Sandbox::builder().rate_unit(unit).start().await.unwrap();
        let mut new = Product::new("A", "st", Cents(1));
        let id = created(&sandbox, "product", &new).await;
        assert_eq!(
            product(&sandbox, id)
                .await
                .vat_percentage
                .unwrap()
                .to_percent(unit),
            25.into()
        );
        for rate in [right, "0"] {
            new.vat_percentage = Some(Rate(rate.parse().unwrap()));
            created(&sandbox, "product", &new).await;
        }
        for rate in [wrong, "-0.5", "100"] {
            new.vat_percentage = Some(Rate(rate.parse().unwrap()));
            let message = put(&sandbox, "product", &new).await.error(500);
            assert!(message.contains("product/vat-percentage"), "{message}");
        }
    }
}

#[tokio::test]
async fn a_type_that_the_schema_does_not_have_is_refused() {
    let sandbox = sandbox().await;
    let mut new = Product::new("A", "st", Cents(1));
    new.product_type = Some(PurchaseType::from("Goodies"));
    assert!(
        put(&sandbox, "product", &new)
            .await
            .error(500)
            .contains("product/type")
    );
}
