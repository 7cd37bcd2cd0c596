//! The company itself.

use kleer_model::{CompanyInformation, endpoint};

use crate::call::Call;
use crate::kleer::Kleer;
use crate::response;

impl Kleer {
    /// Name, organisation number and accounting currency of the company. The cheapest way to find
    /// out whether a token works.
    pub fn company_information(&self) -> Call<CompanyInformation> {
        Call::of_endpoint(
            self,
            &endpoint::COMPANY_INFORMATION,
            &[],
            response::document,
        )
    }
}
