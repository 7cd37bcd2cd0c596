//! Projects of the accounts. Not what time is reported on: that is
//! [`client_project`](crate::client_project).

use chrono::NaiveDate;

use crate::codec::Value;
use crate::codec::declare::record;
use crate::{Cents, ProjectId, Rate};

record! {
    /// A project of the accounts (schema type `project`), read and written.
    ///
    /// Older than dimensions: rows refer to an entry of a dimension instead, and Kleer will remove
    /// references to projects from them.
    pub struct Project = "project", root "project", list "projects" / "project" {
        /// Kleer's id; 0 on a create.
        required id: ProjectId = "id";
        /// The name.
        required name: String = "name";
        /// What it is about.
        required description: String = "description";
        /// The first day.
        optional start_date: NaiveDate = "start-date";
        /// The last day.
        optional end_date: NaiveDate = "end-date";
        /// Whether the project is in use.
        required active: bool = "active";
    }
}

impl Project {
    /// A new project in use.
    ///
    /// ```
    /// use kleer_model::{Document, Project};
    ///
    /// let xml = Project::new("Kontorsflytt").to_xml()?;
    /// assert!(xml.ends_with("<active>true</active></project>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            active: true,
            ..Self::blank()
        }
    }
}

record! {
    /// What a project has earned and cost (schema type `project-metadata`). Read only.
    pub struct ProjectMetadata = "project-metadata", list "projects-metadata" / "project" {
        /// The project.
        required id: ProjectId = "id";
        /// Its name.
        required name: String = "name";
        /// What it earned, presumably in cent.
        required revenue: Cents = "revenue";
        /// What it cost, presumably in cent.
        required cost: Cents = "cost";
        /// What remains, presumably in cent.
        required profit: Cents = "profit";
        /// The profit's share of the revenue; its unit is not established.
        required margin: Rate = "margin";
    }
}

impl ProjectMetadata {
    /// Figures of a project that are all 0; for tests and sandboxes, since Kleer only sends them.
    pub fn new(id: ProjectId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::blank()
        }
    }
}
