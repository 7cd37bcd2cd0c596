//! What all areas are made of: a client, and perhaps the record that the area belongs to.

use bytes::Bytes;
use kleer_model::Document;
use kleer_model::endpoint::Endpoint;

use crate::Kleer;
use crate::call::Call;
use crate::response::Read;

/// A client, and the path parameter that all calls of an area share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    kleer: &'a Kleer,
    of: Option<(&'static str, i64)>,
}

impl<'a> At<'a> {
    pub(crate) fn of(kleer: &'a Kleer) -> Self {
        Self { kleer, of: None }
    }

    pub(crate) fn with(kleer: &'a Kleer, of: Option<(&'static str, i64)>) -> Self {
        Self { kleer, of }
    }

    pub(crate) fn kleer(self) -> &'a Kleer {
        self.kleer
    }

    pub(crate) fn given(self) -> Option<(&'static str, i64)> {
        self.of
    }

    fn path<R>(self, args: &[(&str, String)], then: impl FnOnce(&[(&str, &str)]) -> R) -> R {
        let of = self.of.map(|(name, id)| (name, id.to_string()));
        let path: Vec<(&str, &str)> = of
            .iter()
            .map(|(name, id)| (*name, id.as_str()))
            .chain(args.iter().map(|(name, value)| (*name, value.as_str())))
            .collect();
        then(&path)
    }

    /// A call without a body.
    pub(crate) fn call<T>(
        self,
        endpoint: &'static Endpoint,
        args: &[(&str, String)],
        read: Read<T>,
    ) -> Call<T> {
        self.path(args, |path| {
            Call::of_endpoint(self.kleer, endpoint, path, read)
        })
    }

    /// A call with a document as its body.
    pub(crate) fn call_with<T>(
        self,
        endpoint: &'static Endpoint,
        args: &[(&str, String)],
        document: &impl Document,
        read: Read<T>,
    ) -> Call<T> {
        self.path(args, |path| {
            Call::with_document(self.kleer, endpoint, path, document, read)
        })
    }

    /// A call with bytes as its body.
    pub(crate) fn call_with_bytes<T>(
        self,
        endpoint: &'static Endpoint,
        args: &[(&str, String)],
        body: Bytes,
        read: Read<T>,
    ) -> Call<T> {
        self.path(args, |path| {
            Call::with_bytes(self.kleer, endpoint, path, body, read)
        })
    }
}
