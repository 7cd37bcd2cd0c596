//! The search for records that carry the same key.

use std::collections::HashMap;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use kleer_model::ClientKey;

use super::look::look;
use super::{AuditReport, Creatable, Double, Marks};
use crate::Kleer;
use crate::error::Error;
use crate::handle::At;
use crate::transport::BoxFuture;

/// A search for doubles. From [`Kleer::audit`]; `.await` it.
#[must_use = "a call does nothing until it is awaited"]
pub struct AuditCall<T> {
    kleer: Kleer,
    of: Option<(&'static str, i64)>,
    query: Vec<(&'static str, String)>,
    record: PhantomData<fn() -> T>,
}

impl<T: Creatable> AuditCall<T> {
    pub(crate) fn new(at: At<'_>) -> Self {
        Self {
            kleer: at.kleer().clone(),
            of: at.given(),
            query: T::index_query(&[]),
            record: PhantomData,
        }
    }

    pub(crate) fn with_query(mut self, name: &'static str, value: String) -> Self {
        self.query.push((name, value));
        self
    }

    /// Carries it out. The same as `.await`ing it.
    ///
    /// # Errors
    /// An [`Error`] if the list cannot be read.
    pub async fn send(self) -> Result<AuditReport<T::Id>, Error> {
        let at = At::with(&self.kleer, self.of);
        let looked = look::<T>(at, &self.query, Marks::of::<T>(false), None).await?;
        let (examined, unread) = (looked.examined, looked.unread);
        let mut report = AuditReport {
            examined,
            unread,
            doubles: Vec::new(),
            marks: HashMap::new(),
        };
        for (mark, mut ids) in looked.into_marks() {
            // Other marks are somebody else's, who may use one for several records.
            let shown = if T::STAMPED {
                key_of(&mark).map(|key| key.to_string())
            } else {
                Some(mark.clone())
            };
            if ids.len() > 1
                && let Some(mark) = shown.filter(|mark| !mark.is_empty())
            {
                ids.sort_unstable();
                report.doubles.push(Double {
                    mark,
                    ids: ids.clone(),
                });
            }
            report
                .marks
                .extend(ids.into_iter().map(|id| (id, mark.clone())));
        }
        report
            .doubles
            .sort_by(|left, right| left.ids.cmp(&right.ids));
        Ok(report)
    }
}

/// The client key of which only letters and digits are left.
fn key_of(squeezed: &str) -> Option<ClientKey> {
    let rest = squeezed.strip_prefix("kc1")?;
    let (source, incarnation) = rest.split_at_checked(26)?;
    let mut text = format!("kc1-{source}");
    if !incarnation.is_empty() {
        text.push('-');
        text.push_str(incarnation);
    }
    text.parse().ok()
}

impl<T: Creatable> IntoFuture for AuditCall<T> {
    type Output = Result<AuditReport<T::Id>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T> fmt::Debug for AuditCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditCall").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_again_from_its_letters() {
        for incarnation in [0, 1, 700, u64::MAX] {
            let key = ClientKey::new("a", "b", "c").with_incarnation(incarnation);
            assert_eq!(key_of(&super::super::squeezed(&key.to_string())), Some(key));
        }
        assert_eq!(key_of("kc1abc"), None);
        assert_eq!(key_of("crm4711"), None);
    }
}
