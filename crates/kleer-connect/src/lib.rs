//! Kleer as one side of a connector.

mod clock;
pub mod employees;
pub mod invoices;

mod failure;
mod observed;

pub use clock::TokioClock;

#[doc(inline)]
pub use flat_record as record;
#[doc(inline)]
pub use kleer_client as client;
#[doc(inline)]
pub use kleer_employee as employee;
#[doc(inline)]
pub use record_link as link;
#[doc(inline)]
pub use record_match as matching;
