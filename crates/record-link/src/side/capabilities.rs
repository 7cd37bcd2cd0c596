//! What a side can do with records of a kind.

use std::time::Duration;

use flat_record::{FieldName, Fields};

/// What a side can do with records of one kind. Nothing, until it is said.
///
/// The executor asks before it acts, and the conformance suite checks that what is said is so.
///
/// ```
/// use std::time::Duration;
/// use flat_record::{Field, Fields, ValueKind};
/// use record_link::{Capabilities, Conditional, Recovery};
///
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let capabilities = Capabilities::read_only(&fields)
///     .creates(Recovery::ByClientKey)
///     .settles_within(Duration::from_secs(5))
///     .updates(Conditional::Checked);
/// assert!(capabilities.can_create() && !capabilities.can_delete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The layout of the records.
    pub fields: Fields,
    /// Fields that can be read but never written.
    pub read_only: Vec<FieldName>,
    /// Whether records can be created, and how a create of unknown outcome is found again.
    pub create: Option<Recovery>,
    /// Whether records can be updated, and what protects one that changed meanwhile.
    pub update: Option<Conditional>,
    /// Whether records can be deleted.
    pub delete: bool,
    /// How long after a write of unknown outcome a look-up is to be believed when it finds nothing.
    pub settle: Duration,
}

/// How a create whose outcome is unknown is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recovery {
    /// By the client key, which the system stores and can be asked for.
    ByClientKey,
    /// By reading all records, which show their client keys.
    ByListing,
    /// Not at all: it is in doubt, and a person has to look.
    Never,
}

/// What protects a record that changed between reading and writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Conditional {
    /// The system checks the version and writes in one step (`If-Match`).
    Atomic,
    /// The side reads the record and compares before it writes; a change in that moment is lost.
    Checked,
    /// Nothing: the system knows no versions, and the caller compares the values.
    Unversioned,
}

impl Capabilities {
    /// Records of this layout can be read.
    pub fn read_only(fields: &Fields) -> Self {
        Self {
            fields: fields.clone(),
            read_only: Vec::new(),
            create: None,
            update: None,
            delete: false,
            settle: Duration::ZERO,
        }
    }

    /// Records can be created; a create of unknown outcome is found again so.
    #[must_use]
    pub fn creates(mut self, recovery: Recovery) -> Self {
        self.create = Some(recovery);
        self
    }

    /// Records can be updated, protected so.
    #[must_use]
    pub fn updates(mut self, conditional: Conditional) -> Self {
        self.update = Some(conditional);
        self
    }

    /// Records can be deleted.
    #[must_use]
    pub fn deletes(mut self) -> Self {
        self.delete = true;
        self
    }

    /// A write whose answer was lost shows within this time, or never.
    #[must_use]
    pub fn settles_within(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    /// These fields cannot be written.
    #[must_use]
    pub fn never_writes(mut self, fields: impl IntoIterator<Item = FieldName>) -> Self {
        self.read_only.extend(fields);
        self
    }

    /// Whether records can be created.
    pub fn can_create(&self) -> bool {
        self.create.is_some()
    }

    /// Whether records can be updated.
    pub fn can_update(&self) -> bool {
        self.update.is_some()
    }

    /// Whether records can be deleted.
    pub fn can_delete(&self) -> bool {
        self.delete
    }

    /// Whether a field can be written: the layout has it, and it is not read-only.
    pub fn can_write(&self, field: &str) -> bool {
        self.fields.slot(field).is_some() && self.read_only.iter().all(|name| *name != *field)
    }
}
