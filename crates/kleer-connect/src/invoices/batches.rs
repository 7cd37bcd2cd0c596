//! Documents in parts that can be held in memory.

use super::document::SourceDocument;

/// Documents, as many at a time as can be held.
///
/// ```
/// use kleer_connect::invoices::{Batches, SourceDocument};
///
/// let documents = [4, 4, 90, 1].map(|bytes| SourceDocument::new("a", vec![b'x'; bytes]));
/// let sizes: Vec<usize> = Batches::new(documents, 3, 10).map(|batch| batch.len()).collect();
/// assert_eq!(sizes, [2, 1, 1]);
/// ```
#[derive(Debug)]
pub struct Batches<I: Iterator<Item = SourceDocument>> {
    documents: I,
    most: usize,
    most_bytes: usize,
    /// It did not fit into the last batch.
    left: Option<SourceDocument>,
}

impl<I: Iterator<Item = SourceDocument>> Batches<I> {
    /// Batches of at most so many documents, with at most so many bytes unless a single document
    /// has more. (One more is held between two batches.)
    pub fn new(documents: impl IntoIterator<IntoIter = I>, most: usize, most_bytes: usize) -> Self {
        Self {
            documents: documents.into_iter(),
            most: most.max(1),
            most_bytes,
            left: None,
        }
    }
}

impl<I: Iterator<Item = SourceDocument>> Iterator for Batches<I> {
    type Item = Vec<SourceDocument>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch = Vec::new();
        let mut bytes = 0_usize;
        while batch.len() < self.most {
            let Some(document) = self.left.take().or_else(|| self.documents.next()) else {
                break;
            };
            bytes = bytes.saturating_add(document.len());
            if bytes > self.most_bytes && !batch.is_empty() {
                self.left = Some(document);
                break;
            }
            batch.push(document);
        }
        (!batch.is_empty()).then_some(batch)
    }
}
