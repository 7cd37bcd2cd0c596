//! From what a system holds to what is compared: one canonical form for each kind of field.

mod address;
mod date;
pub(crate) mod email;
mod form;
mod identifier;
pub(crate) mod name;
mod nordic;
mod organisation;
mod phone;
mod text;

pub(crate) use self::{
    date::DateDigits,
    form::{Form, Phrase, read},
    text::{fingerprint, fingerprint_from, fold_name},
};
