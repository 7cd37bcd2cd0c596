//! Projects of the accounts. The projects that time is reported on are client projects.

use super::{CREATE, Endpoint, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// All projects of the accounts.
    pub const PROJECT_LIST: Endpoint = Endpoint {
        name: "project.list",
        path: "project",
        response: &["projects"],
        ..READ
    };

    /// One project of the accounts.
    pub const PROJECT_READ: Endpoint = Endpoint {
        name: "project.read",
        path: "project/{project-id}",
        response: &["project"],
        note: "By analogy with product/{product-id}.",
        ..inferred(READ)
    };

    /// Creates a project of the accounts.
    pub const PROJECT_CREATE: Endpoint = Endpoint {
        name: "project.create",
        path: "project",
        request: Some("project"),
        recovery: Recovery::Listing {
            list: "project.list",
        },
        note: "By analogy with PUT client.",
        ..inferred(CREATE)
    };

    /// Updates a project of the accounts.
    pub const PROJECT_UPDATE: Endpoint = Endpoint {
        name: "project.update",
        path: "project/{project-id}",
        request: Some("project"),
        note: "By analogy with POST client/{client-id}.",
        ..inferred(UPDATE)
    };

    /// What each project of the accounts has earned and cost.
    pub const PROJECT_METADATA: Endpoint = Endpoint {
        name: "project.metadata",
        path: "project/metadata",
        response: &["projects-metadata"],
        note: "By analogy with accounting/account/../metadata.",
        ..inferred(READ)
    };
}
