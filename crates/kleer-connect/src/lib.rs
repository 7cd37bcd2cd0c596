//! Kleer as one side of a connector.

pub mod clients;
pub mod employees;
pub mod leave;
#[cfg(feature = "program")]
pub mod program;
pub mod projects;
pub mod workbench;

mod clock;
mod conversion;
mod document_side;
mod failure;
mod json_api;
mod observed;
mod offset_pages;
mod record_matching;

pub use clock::TokioClock;
pub use document_side::{DocumentSide, Documents, NEW_ID, Request};
pub use json_api::{JsonApi, JsonApiError};
pub use offset_pages::{OffsetList, OffsetPage, read_offset_pages};
pub use record_matching::RecordMatching;

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
