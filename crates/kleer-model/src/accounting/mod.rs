//! The accounts: years and what is locked in them, balances, vouchers, rates of exchange.

mod account;
mod exchange_rate;
mod voucher;
mod year;

pub use account::*;
pub use exchange_rate::*;
pub use voucher::*;
pub use year::*;
