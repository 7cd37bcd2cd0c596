//! Rates of exchange.

use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::record;

record! {
    /// A rate of exchange between two currencies (root element `exchange-rate`). Read only.
    pub struct ExchangeRate = "", root "exchange-rate" {
        /// The currency that is changed (ISO 4217).
        required from_currency: String = "from-currency";
        /// The currency that it is changed into (ISO 4217).
        required to_currency: String = "to-currency";
        /// The rate; presumably how many of the second currency one of the first is worth.
        required rate: Decimal = "rate";
    }
}

impl ExchangeRate {
    /// A rate; for tests and sandboxes, since Kleer only sends it.
    pub fn new(from: impl Into<String>, to: impl Into<String>, rate: Decimal) -> Self {
        Self {
            from_currency: from.into(),
            to_currency: to.into(),
            rate,
            ..Self::blank()
        }
    }
}
