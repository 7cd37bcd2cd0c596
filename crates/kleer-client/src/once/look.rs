//! One look at Kleer's list: which marks there are, and which records are new.

use std::collections::HashSet;

use futures_util::StreamExt;
use kleer_model::{List, ListItem, endpoint};

use super::{ByMark, Creatable, Marks};
use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::handle::At;
use crate::pages::PagedCall;
use crate::response;

/// How often a list is begun again that breaks off or changes while it is read.
const TRIES: u32 = 5;

/// What a list showed. Only ids and marks are kept of what was known before.
pub(super) struct Look<T: Creatable> {
    marks: Marks,
    by_mark: ByMark<T::Id>,
    seen: HashSet<T::Id>,
    /// Records that were not known before.
    strangers: Vec<T::Listed>,
    pub(super) examined: usize,
    /// Items that could not be read.
    pub(super) unread: usize,
}

impl<T: Creatable> Look<T> {
    fn empty(marks: Marks) -> Self {
        Self {
            marks,
            by_mark: ByMark::new(),
            seen: HashSet::new(),
            strangers: Vec::new(),
            examined: 0,
            unread: 0,
        }
    }

    fn take(&mut self, listed: T::Listed, known: Option<&HashSet<T::Id>>) {
        let id = T::id_of(&listed);
        // A list that moves while its pages are read shows an item twice.
        if !self.seen.insert(id) {
            return;
        }
        self.examined += 1;
        let mark = self.marks.comparable(T::mark_of(&listed));
        self.by_mark.entry(mark).or_default().push(id);
        if known.is_some_and(|known| !known.contains(&id)) {
            self.strangers.push(listed);
        }
    }

    /// The records that carry this mark.
    pub(super) fn ids_of(&self, mark: &str) -> &[T::Id] {
        self.by_mark.get(mark).map_or(&[], Vec::as_slice)
    }

    /// Every record.
    pub(super) fn ids(&self) -> impl Iterator<Item = T::Id> {
        self.seen.iter().copied()
    }

    pub(super) fn into_marks(self) -> ByMark<T::Id> {
        self.by_mark
    }

    /// New records that may be this one: with a part of its mark, or without a mark and alike.
    pub(super) fn candidates(&self, record: &T, mark: &str, known: &HashSet<T::Id>) -> Vec<T::Id> {
        let may_be = |listed: &&T::Listed| {
            let theirs = self.marks.comparable(T::mark_of(listed));
            let is_part = !theirs.is_empty() && mark.contains(&theirs);
            !known.contains(&T::id_of(listed))
                && (is_part || (theirs.is_empty() && record.resembles(listed)))
        };
        self.strangers.iter().filter(may_be).map(T::id_of).collect()
    }
}

/// Reads the whole list by which records of this type are found again. Of what is not `known`, the
/// records themselves are kept; without it, none.
pub(super) async fn look<T: Creatable>(
    at: At<'_>,
    query: &[(&'static str, String)],
    marks: Marks,
    known: Option<&HashSet<T::Id>>,
) -> Result<Look<T>, Error> {
    let kleer = at.kleer();
    let mut attempt = 1;
    loop {
        match look_once::<T>(at, query, marks, known).await {
            Err(error)
                if attempt < TRIES
                    && (error.is_retryable() || error.kind() == ErrorKind::Paging) =>
            {
                let timer = &kleer.inner.timer;
                let wait = kleer.inner.retry.backoff(attempt, timer.random());
                timer.sleep(wait).await;
                attempt += 1;
            }
            looked => return looked,
        }
    }
}

async fn look_once<T: Creatable>(
    at: At<'_>,
    query: &[(&'static str, String)],
    marks: Marks,
    known: Option<&HashSet<T::Id>>,
) -> Result<Look<T>, Error> {
    let list = T::CREATE
        .recovery
        .read()
        .and_then(endpoint::find)
        .ok_or_else(|| Error::configuration("the endpoint table names no list for this type"))?;
    let mut call: Call<List<T::Listed>> = at.call(list, &[], response::list());
    for (name, value) in query {
        call = call.with_query(name, value);
    }
    let mut look = Look::empty(marks);
    if <T::Listed as ListItem>::PAGED {
        let mut pages = PagedCall::new(call).pages();
        while let Some(page) = pages.next().await {
            let page = page?;
            look.unread += page.rejected.len();
            for item in page.items {
                look.take(item, known);
            }
        }
        return Ok(look);
    }
    let mut items = call.stream();
    while let Some(item) = items.next().await {
        match item {
            Ok(item) => look.take(item, known),
            Err(error) if error.kind() == ErrorKind::IncompleteList => {
                look.unread = items.rejected().len();
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(look)
}
