//! The company, and what belongs to no other area.

use super::{ACT, Endpoint, READ, Recovery, Scope, endpoints, inferred};

endpoints! {
    /// The company behind the token.
    pub const COMPANY_INFORMATION: Endpoint = Endpoint {
        name: "company.information",
        path: "info",
        response: &["company-information"],
        ..READ
    };

    /// Sends a message about the company; to whom is not known.
    pub const COMPANY_MESSAGE: Endpoint = Endpoint {
        name: "company.message",
        path: "message",
        request: Some("company-message"),
        recovery: Recovery::Impossible,
        note: "Only the type is known; the path is a guess. A message that is sent twice arrives twice.",
        ..inferred(ACT)
    };

    /// The schema of every document, as Kleer publishes it.
    pub const SCHEMA_READ: Endpoint = Endpoint {
        name: "schema.read",
        scope: Scope::Api,
        path: "xsd",
        response_media: Some("application/xml"),
        note: "Read daily by a partner's build.",
        ..READ
    };
}
