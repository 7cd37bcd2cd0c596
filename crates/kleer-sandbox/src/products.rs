//! Products, which decide the VAT and the account of every invoice row.

use kleer_model::{
    Created, List, Product, ProductAccounts, ProductId, PurchaseType, Rate, RateUnit, Saved,
};
use rust_decimal::Decimal;

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::state::Books;

/// The account of a product that names none: in the common chart of accounts (BAS) sales of
/// services in Sweden with 25 % VAT. Kleer's own default is not known.
const DEFAULT_ACCOUNT: i32 = 3041;

/// The VAT of a product that names none, in percent: Sweden's standard rate. Kleer's own default is
/// not known.
const DEFAULT_VAT_PERCENT: i64 = 25;

pub(crate) fn list(books: &mut Books, _: &Call<'_>) -> Result<Answer, Refusal> {
    Answer::document(&List::from(
        books.products.values().cloned().collect::<Vec<_>>(),
    ))
}

pub(crate) fn read(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    Answer::document(known(books, call.id()?)?)
}

pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let product = call.document()?;
    let id = books.ids.product(&books.products);
    let product = accepted(books.rate_unit, product, id)?;
    books.products.insert(id, product);
    Answer::document(&Created::new(id.0))
}

pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.id()?;
    known(books, id)?;
    let product = accepted(books.rate_unit, call.document()?, id)?;
    books.products.insert(id, product);
    Answer::document(&Saved::new(Some(id.0)))
}

fn known(books: &Books, id: ProductId) -> Result<&Product, Refusal> {
    books
        .products
        .get(&id)
        .ok_or_else(|| Refusal::not_found(format!("there is no product {id}")))
}

/// What is stored of a product that was sent. The schema gives defaults on updates, too: what is
/// absent is set back, not left as it was.
pub(crate) fn accepted(
    unit: RateUnit,
    mut product: Product,
    id: ProductId,
) -> Result<Product, Refusal> {
    product.id = id;
    if let Some(PurchaseType::Other(_)) = product.product_type {
        return Err(Refusal::business(
            "IllegalArgumentException",
            "product/type is not Goods, Services or DigitalServices",
        ));
    }
    product.product_type = product.product_type.or(Some(PurchaseType::Goods));
    let account = product
        .account_nr
        .or(product.accounts.as_ref().and_then(|accounts| accounts.se))
        .unwrap_or(DEFAULT_ACCOUNT);
    product.account_nr = Some(account);
    product.accounts = Some(ProductAccounts::all(account));
    let vat = product
        .vat_percentage
        .unwrap_or_else(|| Rate::from_percent(DEFAULT_VAT_PERCENT.into(), unit));
    check_vat(vat, unit)?;
    product.vat_percentage = Some(vat);
    Ok(product)
}

/// No country has a VAT rate of 100 % or more, or one between 0 % and 1 %: such a rate was written
/// in the wrong unit, and would make silently wrong invoices.
fn check_vat(vat: Rate, unit: RateUnit) -> Result<(), Refusal> {
    let percent = vat.to_percent(unit);
    if percent.is_zero() || (percent >= Decimal::ONE && percent < Decimal::ONE_HUNDRED) {
        return Ok(());
    }
    let written = match unit {
        RateUnit::Percent => "percentages (25 is 25 %)",
        RateUnit::Fraction => "fractions (0.25 is 25 %)",
    };
    Err(Refusal::business(
        "IllegalArgumentException",
        format!("product/vat-percentage is no VAT rate; this sandbox writes rates as {written}"),
    ))
}
