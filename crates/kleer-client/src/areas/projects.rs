//! Projects, the time that is reported on them, and the dimensions of the accounts.

use chrono::NaiveDate;
use kleer_model::{
    ActivityId, ActivityReadable, ApproveEventsRequest, CertifyEventsRequest, ClientProjectId,
    ClientProjectReadable, ClientProjectWritable, Dimension, DimensionEntry, DimensionEntryId,
    DimensionEntryWritable, DimensionId, EventId, EventReadable, EventRestrictionReadable,
    EventWritable, List, Project, ProjectId, ProjectMetadata, UnlockEventsRequest, UserId,
};

use super::{area, once, query_call, streams};
use crate::call::Call;
use crate::handle::At;
use crate::once::{AuditCall, CreateAllOnce, CreateOnce};

area! {
    /// The projects of the accounts. From [`Kleer::projects`](crate::Kleer::projects).
    Projects {
        /// All projects.
        list list() -> Project = PROJECT_LIST confirmed;
        /// One project.
        read get(id: ProjectId => "project-id") -> Project = PROJECT_READ inferred;
        /// Creates a project. It has no foreign id: take the list before, so that after an unknown
        /// outcome you can tell what is new.
        create create(; project: &Project) -> ProjectId = PROJECT_CREATE inferred;
        /// Replaces a project by the whole record.
        update update(id: ProjectId => "project-id"; project: &Project) -> ProjectId = PROJECT_UPDATE inferred;
        /// What each project has earned and cost.
        list metadata() -> ProjectMetadata = PROJECT_METADATA inferred;
    }
}

area! {
    /// What is done for clients, and the activities that time is reported on. From
    /// [`Kleer::client_projects`](crate::Kleer::client_projects).
    ClientProjects {
        /// Client projects.
        query list() -> ListClientProjects = CLIENT_PROJECT_LIST confirmed;
        /// One client project.
        read get(id: ClientProjectId => "client-project-id") -> ClientProjectReadable = CLIENT_PROJECT_READ confirmed;
        /// Creates a client project. It has no foreign id; rather use
        /// [`create_once`](Self::create_once), which goes by the project's number.
        create create(; project: &ClientProjectWritable) -> ClientProjectId = CLIENT_PROJECT_CREATE inferred;
        /// Replaces a client project by the whole record. Client, name and fixed price are set by
        /// the create only.
        update update(id: ClientProjectId => "client-project-id"; project: &ClientProjectWritable) -> ClientProjectId = CLIENT_PROJECT_UPDATE inferred;
        /// Closes a client project.
        act close(id: ClientProjectId => "client-project-id") -> ClientProjectId = CLIENT_PROJECT_CLOSE inferred;
        /// Opens a client project again.
        act open(id: ClientProjectId => "client-project-id") -> ClientProjectId = CLIENT_PROJECT_OPEN inferred;
        /// All activities: what time is reported on, and the absences.
        list activities() -> ActivityReadable = ACTIVITY_LIST confirmed;
        /// One activity.
        read activity(id: ActivityId => "activity-id") -> ActivityReadable = ACTIVITY_READ confirmed;
    }
}

once!(ClientProjects: ClientProjectWritable, "the client projects");

/// Which client projects a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProjectFilter {
    /// All of them.
    All,
    /// Those in use.
    Active,
    /// Those no longer in use.
    Inactive,
}

impl ProjectFilter {
    /// Kleer's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

query_call! {
    /// A list of client projects, with its options. `.await` it.
    ListClientProjects(Call<List<ClientProjectReadable>>) -> List<ClientProjectReadable> {
        /// Only these projects. Not said by default: Kleer decides.
        filter(filter: ProjectFilter) => "filter" = filter.as_str();
        /// Only projects in use.
        active() => "filter" = ProjectFilter::Active.as_str();
    }
}

streams!(ListClientProjects: list ClientProjectReadable);

area! {
    /// Reported time, and absences that are reported as time. From
    /// [`Kleer::events`](crate::Kleer::events).
    ///
    /// ```no_run
    /// # async fn example(kleer: kleer_client::Kleer, day: chrono::NaiveDate) -> Result<(), kleer_client::Error> {
    /// use kleer_client::model::UserId;
    ///
    /// let events = kleer.events().list().user(UserId(21)).from(day).to(day).await?;
    /// println!("{} events", events.len());
    /// # Ok(()) }
    /// ```
    Events {
        /// Events; those of the **current week** unless days are given.
        query list() -> ListEvents = EVENT_LIST confirmed;
        /// One event.
        read get(id: EventId => "event-id") -> EventReadable = EVENT_READ confirmed;
        /// Reports time; without a client project and with an activity for absences, an absence.
        /// Always give a foreign id: without one Kleer has answered 500. Rather use
        /// [`create_once`](Self::create_once).
        create create(; event: &EventWritable) -> EventId = EVENT_CREATE confirmed;
        /// Changes an event that is open.
        update update(id: EventId => "event-id"; event: &EventWritable) -> EventId = EVENT_UPDATE confirmed;
        /// Deletes an event that is open.
        act delete(id: EventId => "event-id") -> EventId = EVENT_DELETE confirmed;
        /// Which days of a user are locked.
        query statuses() -> EventStatuses = EVENT_STATUSES confirmed;
        /// Certifies a user's events: the user says that they are complete.
        update certify(; request: &CertifyEventsRequest) -> i32 = EVENT_CERTIFY inferred;
        /// Approves a user's events.
        update approve(; request: &ApproveEventsRequest) -> i32 = EVENT_APPROVE confirmed;
        /// Opens a user's events again.
        update unlock(; request: &UnlockEventsRequest) -> i32 = EVENT_UNLOCK inferred;
    }
}

impl Events<'_> {
    /// Creates an event unless it is there already: see
    /// [`Kleer::create_once`](crate::Kleer::create_once). It is looked for on its day.
    pub fn create_once(
        &self,
        key: kleer_model::ClientKey,
        event: &EventWritable,
    ) -> CreateOnce<EventWritable> {
        CreateOnce::new(self.at, key, event)
    }

    /// Creates the events that are not there already: see
    /// [`Kleer::create_all_once`](crate::Kleer::create_all_once). They are looked for from the
    /// first of their days to the last.
    pub fn create_all_once(
        &self,
        events: impl IntoIterator<Item = (kleer_model::ClientKey, EventWritable)>,
    ) -> CreateAllOnce<EventWritable> {
        CreateAllOnce::new(self.at, events)
    }

    /// Looks for events of these days that carry the same key: see
    /// [`Kleer::audit`](crate::Kleer::audit).
    pub fn audit(&self, from: NaiveDate, to: NaiveDate) -> AuditCall<EventWritable> {
        AuditCall::new(self.at)
            .with_query("startDate", from.to_string())
            .with_query("endDate", to.to_string())
    }
}

query_call! {
    /// A list of events, with its options. `.await` it.
    ListEvents(Call<List<EventReadable>>) -> List<EventReadable> {
        /// Only this user's.
        user(id: UserId) => "userId" = id.to_string();
        /// From this day on.
        from(day: NaiveDate) => "startDate" = day.to_string();
        /// Up to this day, included.
        to(day: NaiveDate) => "endDate" = day.to_string();
        /// Only of this activity.
        activity(id: ActivityId) => "activityId" = id.to_string();
        /// Only of this client project.
        client_project(id: ClientProjectId) => "clientProjectId" = id.to_string();
    }
}

streams!(ListEvents: list EventReadable);

query_call! {
    /// Which days are locked, with its options. `.await` it.
    EventStatuses(Call<List<EventRestrictionReadable>>) -> List<EventRestrictionReadable> {
        /// Of this user.
        user(id: UserId) => "userId" = id.to_string();
        /// From this day on.
        from(day: NaiveDate) => "fromDate" = day.to_string();
        /// Up to this day, included.
        to(day: NaiveDate) => "toDate" = day.to_string();
    }
}

streams!(EventStatuses: list EventRestrictionReadable);

area! {
    /// The dimensions of the accounts, such as cost centres. From
    /// [`Kleer::dimensions`](crate::Kleer::dimensions).
    Dimensions {
        /// All dimensions.
        list list() -> Dimension = DIMENSION_LIST confirmed;
    }
}

impl<'a> Dimensions<'a> {
    /// The entries of a dimension.
    pub fn entries(&self, dimension: DimensionId) -> DimensionEntries<'a> {
        let id = ("dimension-id", i64::from(dimension.0));
        DimensionEntries::at(At::with(self.at.kleer(), Some(id)))
    }
}

area! {
    /// The entries of one dimension. From [`Dimensions::entries`].
    DimensionEntries {
        /// All entries.
        list list() -> DimensionEntry = DIMENSION_ENTRY_LIST confirmed;
        /// Creates an entry. Kleer keeps its foreign id unique in the dimension.
        create create(; entry: &DimensionEntryWritable) -> DimensionEntryId = DIMENSION_ENTRY_CREATE inferred;
        /// Replaces an entry by the whole record.
        update update(id: DimensionEntryId => "dimension-entry-id"; entry: &DimensionEntryWritable) -> DimensionEntryId = DIMENSION_ENTRY_UPDATE inferred;
    }
}

once!(DimensionEntries: DimensionEntryWritable, "the entries");
