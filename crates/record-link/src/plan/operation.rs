//! Operations that are made without a planner.

use std::collections::BTreeMap;

use flat_record::{FieldName, Value};

use super::{Expectation, Operation, OperationId, Step};
use crate::identity::Which;
use crate::link::Link;

impl Operation {
    /// The create that a link stands for, for a service that knows by itself what is to be
    /// created, and needs no plan: it stores the link and an [`Intent`](crate::Intent) of this
    /// operation before it sends anything. `None` if the link creates nothing.
    ///
    /// ```
    /// use flat_record::Kind;
    /// use record_link::{ConnectionId, Link, Operation, RecordKey, Which};
    ///
    /// let connection = ConnectionId::new("acme->4875")?;
    /// let (kind, source) = (Kind::new("client-invoice")?, RecordKey::new("invoice 1017")?);
    /// let link = Link::creating(connection, kind, source, Which::Right, 0);
    /// let create = Operation::create(&link, []).ok_or("it creates")?;
    /// assert_eq!((create.link, create.step.as_str()), (link.id, "create"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create(
        link: &Link,
        values: impl IntoIterator<Item = (FieldName, Value)>,
    ) -> Option<Self> {
        let on: Which = link.state.creates_on()?;
        let step = Step::Create {
            on,
            values: values.into_iter().collect(),
            pending: BTreeMap::new(),
            left_out: Vec::new(),
            compared: Vec::new(),
            look_first: true,
        };
        Some(Self {
            id: OperationId::of(link.id, link.incarnation, &step),
            link: link.id,
            keys: link.keys.clone(),
            incarnation: link.incarnation,
            step,
            requires: Vec::new(),
            expects: Expectation {
                link_version: Some(link.version),
                ..Expectation::default()
            },
            decision: None,
            by: None,
        })
    }
}
