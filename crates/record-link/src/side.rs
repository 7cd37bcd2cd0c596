//! One of the two systems, as the rest of the crate sees it.

mod capabilities;
mod error;

use std::fmt;

use flat_record::{FieldName, Kind, Record};

use crate::{BoxFuture, ClientKey, Observation, RecordKey, Snapshot};

pub use capabilities::{Capabilities, Conditional, Recovery};
pub use error::{SideError, SideErrorKind, SideOperation};

/// What a [`Side`] answers, later: a boxed future of a value or a [`SideError`].
///
/// A method is written as `Box::pin(async move { … })`.
pub type SideFuture<'a, T> = BoxFuture<'a, Result<T, SideError>>;

/// One of the two systems, seen as records of some kinds.
///
/// Whoever writes a connector implements this once for each system, at least
/// [`capabilities`](Side::capabilities), [`list`](Side::list) and [`get`](Side::get); the
/// [conformance suite](crate::testing::check_side) says whether it is done. All calls concern one
/// [`Kind`] of record. A value that a record does not mention is *not said*; an emptied field is
/// [`Value::Null`](flat_record::Value::Null).
///
/// # What an implementation promises
///
/// - **An error means that nothing was changed**, unless it is
///   [`OutcomeUnknown`](SideErrorKind::OutcomeUnknown). After a timeout, a broken connection or an
///   answer that makes no sense, a write is of unknown outcome.
/// - **It does not repeat writes by itself**, unless it knows that they were not carried out.
/// - **A list is complete only if everything was read**: all pages, without a record that could not
///   be understood. Otherwise the snapshot says that it is not, and nobody concludes that what it
///   lacks was deleted. An error is as good as an incomplete list, only with less in it.
/// - **A write returns what is there afterwards**, as the system shows it, trimmed and rounded as
///   it may be; if the answer does not tell, the side reads the record again. That is the only
///   evidence on which the two sides are later believed to be in step.
/// - **What was only half done is said** ([`Receipt::missing`]), and never an error.
/// - **The client key is stamped** into what is created, if the system has room for it, and
///   [`find`](Side::find) finds the record by it.
/// - **Capabilities are true**: what they exclude is [`Unsupported`](SideErrorKind::Unsupported).
/// - A future may be dropped at any await point, and then the write is of unknown outcome.
///
/// ```
/// # use flat_record::{Field, Fields, Kind, Record, ValueKind};
/// # use record_link::{ClientKey, Found, Side, testing};
/// # testing::block_on(async {
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let department = Kind::new("department")?;
/// let payroll: &dyn Side = &testing::FakeSide::new().with_kind(&department, &fields);
///
/// let key = ClientKey::new("acme->4875", "department", "D-1");
/// let record = Record::new(&fields).with("name", "Sales")?;
/// let receipt = payroll.create(&department, &key, &record).await?;
/// assert!(receipt.missing.is_empty());
/// // Whoever lost the answer finds the record all the same.
/// let found = payroll.find(&department, &key).await?;
/// assert!(matches!(found, Found::One(one) if one.key == receipt.observation.key));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub trait Side: fmt::Debug + Send + Sync {
    /// What the side can do with records of a kind; `None` if it does not know the kind.
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities>;

    /// All records of a kind.
    ///
    /// # Errors
    /// When nothing can be said; what can be said goes into an incomplete snapshot.
    fn list<'a>(&'a self, kind: &'a Kind) -> SideFuture<'a, Snapshot>;

    /// One record; `None` if the system says that it is not there.
    ///
    /// # Errors
    /// When it is not known whether it is there.
    fn get<'a>(&'a self, kind: &'a Kind, key: &'a RecordKey)
    -> SideFuture<'a, Option<Observation>>;

    /// The records that were created with a client key. Sides have no means to look, unless they
    /// say otherwise: then the answer is [`Found::Undecided`].
    ///
    /// # Errors
    /// When it cannot be looked this time.
    fn find<'a>(&'a self, kind: &'a Kind, client_key: &'a ClientKey) -> SideFuture<'a, Found> {
        let _ = (kind, client_key);
        Box::pin(std::future::ready(Ok(Found::Undecided)))
    }

    /// The records that were created with each of these client keys: one answer for each key. By
    /// default one [`find`](Side::find) after the other.
    ///
    /// A side that [finds by listing](Recovery::ByListing) does this with **one** listing, whatever
    /// the number of keys; [`Snapshot::find_all`] has the answers. One whose system can be asked for
    /// several at once does that.
    ///
    /// # Errors
    /// When it cannot be looked this time.
    fn find_all<'a>(
        &'a self,
        kind: &'a Kind,
        client_keys: &'a [ClientKey],
    ) -> SideFuture<'a, Vec<(ClientKey, Found)>> {
        Box::pin(async move {
            let mut found = Vec::with_capacity(client_keys.len());
            for key in client_keys {
                found.push((*key, self.find(kind, key).await?));
            }
            Ok(found)
        })
    }

    /// Creates a record and stamps the client key into it. Sides cannot, unless they say otherwise.
    ///
    /// The caller has looked before; a side that is told by its system that the client key is taken
    /// answers [`AlreadyExists`](SideErrorKind::AlreadyExists).
    ///
    /// # Errors
    /// A [`SideError`] whose kind says whether the record may be there all the same.
    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> SideFuture<'a, Receipt> {
        let _ = (kind, client_key, record);
        unsupported(SideOperation::Create)
    }

    /// Writes those fields of a record that `changes` mentions, and leaves the others as they are.
    /// Sides cannot, unless they say otherwise.
    ///
    /// With `if_version`, it is only done to a record that is in that version still; see
    /// [`Conditional`].
    ///
    /// # Errors
    /// A [`SideError`]: [`Changed`](SideErrorKind::Changed) if the version is another one,
    /// [`NotFound`](SideErrorKind::NotFound) if the record is gone.
    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        if_version: Option<&'a str>,
    ) -> SideFuture<'a, Receipt> {
        let _ = (kind, key, changes, if_version);
        unsupported(SideOperation::Update)
    }

    /// Deletes a record. Sides cannot, unless they say otherwise.
    ///
    /// # Errors
    /// As [`update`](Side::update).
    fn delete<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        if_version: Option<&'a str>,
    ) -> SideFuture<'a, ()> {
        let _ = (kind, key, if_version);
        unsupported(SideOperation::Delete)
    }
}

fn unsupported<T: Send + 'static>(operation: SideOperation) -> SideFuture<'static, T> {
    Box::pin(std::future::ready(Err(SideError::unsupported(operation))))
}

/// What a write did: the evidence on which a base is advanced.
#[derive(Debug)]
#[non_exhaustive]
pub struct Receipt {
    /// The record as the system shows it afterwards.
    pub observation: Observation,
    /// The fields that were asked for and are not written yet: the write is partly done. The caller
    /// writes them by an update later, and creates nothing anew.
    pub missing: Vec<FieldName>,
    /// Why they are missing.
    pub reason: Option<SideError>,
}

impl Receipt {
    /// Everything that was asked for is written.
    pub fn whole(observation: Observation) -> Self {
        Self {
            observation,
            missing: Vec::new(),
            reason: None,
        }
    }

    /// All but these fields are written.
    pub fn partly(
        observation: Observation,
        missing: impl IntoIterator<Item = FieldName>,
        reason: SideError,
    ) -> Self {
        Self {
            observation,
            missing: missing.into_iter().collect(),
            reason: Some(reason),
        }
    }
}

/// What a look by client key found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// No record has the key. (One whose create is still under way may appear within the time that
    /// [`Capabilities::settle`] names.)
    Nothing,
    /// This record has it.
    One(Observation),
    /// These have it: a double, which a person has to undo.
    Several(Vec<Observation>),
    /// The side has no means to tell.
    Undecided,
}

impl FromIterator<Observation> for Found {
    fn from_iter<I: IntoIterator<Item = Observation>>(records: I) -> Self {
        let mut records: Vec<_> = records.into_iter().collect();
        match (records.pop(), records.is_empty()) {
            (None, _) => Self::Nothing,
            (Some(one), true) => Self::One(one),
            (Some(last), false) => {
                records.push(last);
                Self::Several(records)
            }
        }
    }
}
