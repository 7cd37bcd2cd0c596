//! Company cards that expenses are paid with.

use chrono::NaiveDate;

use crate::codec::Value;
use crate::codec::declare::record;

record! {
    /// Asks for files from Eurocard (schema type `eurocard-files-request`). Write only.
    ///
    /// Each part narrows the question; what Kleer answers is not known.
    pub struct EurocardFilesRequest = "eurocard-files-request", root "eurocard-files-request" {
        /// The first day.
        optional from_date: NaiveDate = "from-date";
        /// The last day.
        optional to_date: NaiveDate = "to-date";
        /// The organisation number of the company that has the cards.
        optional orgno: String = "orgno";
        /// The name of one file.
        optional filename: String = "filename";
    }
}

impl Default for EurocardFilesRequest {
    /// Asks for all files.
    ///
    /// ```
    /// use kleer_model::{Document, EurocardFilesRequest};
    ///
    /// let mut request = EurocardFilesRequest::default();
    /// request.orgno = Some("202100-5489".to_owned());
    /// assert!(request.to_xml()?.contains("<orgno>202100-5489</orgno>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    fn default() -> Self {
        Self::blank()
    }
}
