//! The company, and what belongs to no other area.

use bytes::Bytes;
use kleer_model::{CompanyInformation, CompanyMessage};

use super::area;
use crate::call::Call;
use crate::handle::At;
use crate::kleer::Kleer;

area! {
    /// The company itself. From [`Kleer::company_area`].
    Company {
        /// Name, organisation number and accounting currency.
        read information() -> CompanyInformation = COMPANY_INFORMATION confirmed;
        /// Sends a message about the company; to whom is not known. What is sent twice arrives
        /// twice, and after an unknown outcome nothing tells whether it did.
        update message(; message: &CompanyMessage) -> i32 = COMPANY_MESSAGE inferred;
        /// The schema of every document, as Kleer publishes it today.
        bytes schema() -> Bytes = SCHEMA_READ confirmed;
    }
}

impl Kleer {
    /// Name, organisation number and accounting currency of the company. The cheapest way to find
    /// out whether a token works.
    pub fn company_information(&self) -> Call<CompanyInformation> {
        Company::at(At::of(self)).information()
    }
}
