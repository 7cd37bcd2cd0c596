//! Lists that Kleer pages.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use kleer_model::{List, ListItem};

use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::failure::Failure;
use crate::list_stream::incomplete;
use crate::request::RenderedRequest;
use crate::retry::{Event, RetryPolicy};
use crate::transport::BoxFuture;

/// How often a list that changes while it is read is begun again.
const TRIES: u32 = 3;

/// A call for a list that Kleer pages (schema type `paged-result`).
///
/// `.await` it for one page: the first, unless [`offset`](Self::offset) says otherwise.
/// [`all`](Self::all) collects every page, [`stream`](Self::stream) gives the items of every page
/// one by one, and [`pages`](Self::pages) the pages themselves.
///
/// That a page is asked for by `offset` and `limit` is **inferred**. The answer is compared with
/// what was asked for, so that a Kleer that asks for pages by other names makes an error
/// ([`ErrorKind::Paging`]), never a list with holes or repetitions.
///
/// ```no_run
/// # async fn example(kleer: kleer_client::Kleer) -> Result<(), kleer_client::Error> {
/// use futures_util::TryStreamExt;
///
/// let mut pages = kleer.supplier_invoices().list().limit(200).pages();
/// while let Some(page) = pages.try_next().await? {
///     println!("{} invoices; the next page begins at {}", page.len(), pages.position());
/// }
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited or sent"]
pub struct PagedCall<T> {
    call: Call<List<T>>,
    offset: u32,
    limit: Option<u32>,
}

impl<T: ListItem + Send + Unpin + 'static> PagedCall<T> {
    pub(crate) fn new(call: Call<List<T>>) -> Self {
        Self {
            call,
            offset: 0,
            limit: None,
        }
    }

    pub(crate) fn with_query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.call = self.call.with_query(name, value);
        self
    }

    /// Begins at this item, counted from 0; also where an earlier run
    /// [stopped](Pages::position).
    pub fn offset(mut self, offset: u32) -> Self {
        self.offset = offset;
        self
    }

    /// The number of items of a page. Kleer may lower it, and decides if nothing is said.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Like [`Call::retry`], for each page.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.call = self.call.retry(policy);
        self
    }

    /// Like [`Call::attempt_timeout`], for each page.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.call = self.call.attempt_timeout(timeout);
        self
    }

    /// Like [`Call::render`], for the first page.
    ///
    /// # Errors
    /// If the arguments make no request.
    pub fn render(self) -> Result<RenderedRequest, Error> {
        self.first().render()
    }

    /// One page. The same as `.await`ing the call.
    ///
    /// # Errors
    /// An [`Error`].
    pub async fn send(self) -> Result<List<T>, Error> {
        self.first().send().await
    }

    /// Every page, as a stream of pages.
    pub fn pages(self) -> Pages<T> {
        Pages {
            call: Some(self.call),
            offset: self.offset,
            limit: self.limit,
            size: None,
            loading: None,
        }
    }

    /// The items of every page. The stream ends with [`ErrorKind::IncompleteList`] if items could
    /// not be read.
    ///
    /// Each page is a call of its own: repeated as such, and with a time budget of its own.
    pub fn stream(self) -> PagedStream<T> {
        PagedStream {
            pages: self.pages(),
            items: Vec::new().into_iter(),
            rejected: 0,
        }
    }

    /// The items of every page in one list.
    ///
    /// If the size of the list changes while its pages are read, items may have moved from a page
    /// that is still to come to one that is read already; then it begins again, three times in
    /// all.
    ///
    /// # Errors
    /// An [`Error`]; [`ErrorKind::Paging`] if the list did not hold still.
    pub async fn all(self) -> Result<List<T>, Error> {
        let (offset, limit) = (self.offset, self.limit);
        let mut call = Some(self.call);
        for attempt in 1..=TRIES {
            let Some(this) = call.take() else { break };
            call = this.again().filter(|_| attempt < TRIES);
            let mut pages = Self {
                call: this,
                offset,
                limit,
            }
            .pages();
            let mut whole = List::default();
            let ended = loop {
                match futures_util::StreamExt::next(&mut pages).await {
                    Some(Ok(page)) => {
                        whole.items.extend(page.items);
                        whole.rejected.extend(page.rejected);
                        whole.page = whole.page.or(page.page);
                    }
                    Some(Err(error)) => break Err(error),
                    None => break Ok(()),
                }
            };
            match ended {
                Err(error)
                    if error.kind() == ErrorKind::Paging && pages.changed() && call.is_some() => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(whole),
            }
        }
        Err(Error::configuration("a list without a call"))
    }

    /// The call for one page.
    fn first(self) -> Call<List<T>> {
        page_call(self.call, self.offset, self.limit)
    }
}

fn page_call<T>(call: Call<List<T>>, offset: u32, limit: Option<u32>) -> Call<List<T>> {
    let call = if offset > 0 {
        call.with_query("offset", offset.to_string())
    } else {
        call
    };
    match limit {
        Some(limit) => call.with_query("limit", limit.to_string()),
        None => call,
    }
}

impl<T: ListItem + Send + Unpin + 'static> IntoFuture for PagedCall<T> {
    type Output = Result<List<T>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.first().into_future()
    }
}

impl<T> fmt::Debug for PagedCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PagedCall")
            .field("call", &self.call)
            .field("offset", &self.offset)
            .field("limit", &self.limit)
            .finish()
    }
}

/// The pages of a list. From [`PagedCall::pages`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T> {
    call: Option<Call<List<T>>>,
    offset: u32,
    limit: Option<u32>,
    /// The number of items in the whole, as the first page told it.
    size: Option<Size>,
    loading: Option<BoxFuture<'static, Result<List<T>, Error>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Told(i32),
    Changed,
}

impl<T> Pages<T> {
    /// Where the next page begins. Give it to [`PagedCall::offset`] to go on in another run.
    pub fn position(&self) -> u32 {
        self.offset
    }

    fn changed(&self) -> bool {
        self.size == Some(Size::Changed)
    }
}

impl<T: ListItem> Pages<T> {
    /// Checks that the page is the one that was asked for, and moves on.
    fn accept(&mut self, page: &List<T>) -> Result<(), Failure> {
        let paging = |why: &'static str| {
            Failure::new(ErrorKind::Paging, Event::UnreadableAnswer).detail(why)
        };
        let read = u32::try_from(page.items.len() + page.rejected.len()).unwrap_or(u32::MAX);
        let Some(told) = page.page else {
            if self.offset > 0 {
                return Err(paging("the answer does not say which part it is"));
            }
            // Not paged after all: it is the whole.
            self.call = None;
            self.offset = read;
            return Ok(());
        };
        let at = told
            .offset
            .map_or(0, |at| u32::try_from(at).unwrap_or(u32::MAX));
        if at != self.offset && !(read == 0 && told.offset.is_none()) {
            return Err(paging(
                "the answer is another part than was asked for: how pages are asked for is inferred",
            ));
        }
        if let Some(size) = told.size {
            match self.size {
                None => self.size = Some(Size::Told(size)),
                Some(Size::Told(before)) if before == size => {}
                Some(_) => {
                    self.size = Some(Size::Changed);
                    return Err(paging("the list changed while it was read"));
                }
            }
        }
        self.offset = self.offset.saturating_add(read);
        let is_last = match (told.size, told.limit) {
            (Some(size), _) => i64::from(self.offset) >= i64::from(size),
            (None, Some(limit)) => i64::from(read) < i64::from(limit),
            (None, None) => false,
        };
        if read == 0 && !is_last {
            return Err(paging("a page is empty before the list is at its end"));
        }
        if is_last || read == 0 {
            self.call = None;
        }
        Ok(())
    }
}

impl<T: ListItem + Send + Unpin + 'static> Stream for Pages<T> {
    type Item = Result<List<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(loading) = &mut this.loading {
                let Poll::Ready(page) = loading.as_mut().poll(context) else {
                    return Poll::Pending;
                };
                this.loading = None;
                let page = match page {
                    Ok(page) => page,
                    Err(error) => {
                        this.call = None;
                        return Poll::Ready(Some(Err(error)));
                    }
                };
                let operation = this
                    .call
                    .as_ref()
                    .and_then(Call::operation)
                    .unwrap_or("list");
                if let Err(failure) = this.accept(&page) {
                    this.call = None;
                    let error =
                        Error::after_sending(operation, false, 1, Duration::ZERO, None, failure);
                    return Poll::Ready(Some(Err(error)));
                }
                return Poll::Ready(Some(Ok(page)));
            }
            let Some(call) = this.call.take() else {
                return Poll::Ready(None);
            };
            this.call = call.again();
            let call = page_call(call, this.offset, this.limit);
            this.loading = Some(call.into_future());
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("position", &self.offset)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// The items of every page of a list. From [`PagedCall::stream`].
#[must_use = "a stream does nothing until it is polled"]
pub struct PagedStream<T> {
    pages: Pages<T>,
    items: std::vec::IntoIter<T>,
    rejected: usize,
}

impl<T: ListItem + Send + Unpin + 'static> Stream for PagedStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match Pin::new(&mut this.pages).poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(page))) => {
                    this.rejected += page.rejected.len();
                    this.items = page.items.into_iter();
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) if this.rejected == 0 => return Poll::Ready(None),
                Poll::Ready(None) => {
                    let failure = incomplete(std::mem::take(&mut this.rejected));
                    let error =
                        Error::after_sending("list", false, 1, Duration::ZERO, None, failure);
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T> fmt::Debug for PagedStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PagedStream")
            .field("pages", &self.pages)
            .field("rejected", &self.rejected)
            .finish_non_exhaustive()
    }
}
