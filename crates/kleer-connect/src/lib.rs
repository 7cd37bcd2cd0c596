//! Kleer as one side of a connector.

pub mod workbench;

mod json_api;
mod offset_pages;

pub use json_api::{JsonApi, JsonApiError};
pub use offset_pages::{OffsetList, OffsetPage, read_offset_pages};
