//! How areas are declared.

/// Declares an area: a handle, and a method for each endpoint.
///
/// A method is `kind name(argument: Type => "path-parameter", ...; body: Type) -> Output = ENDPOINT
/// certainty`. The kinds are those of `output!`. The certainty stands in the method's
/// documentation, and a test holds it against the table.
macro_rules! area {
    (
        $(#[$area_meta:meta])*
        $area:ident {
            $(
                $(#[$meta:meta])*
                $kind:ident $name:ident(
                    $($arg:ident: $type:ty => $param:literal),* $(; $body:ident: $body_type:ty)?
                ) -> $output:ty = $endpoint:ident $certainty:ident;
            )*
        }
    ) => {
        $(#[$area_meta])*
        #[derive(Debug, Clone, Copy)]
        pub struct $area<'a> {
            at: $crate::handle::At<'a>,
        }

        #[allow(clippy::elidable_lifetime_names, reason = "not every area uses it")]
        impl<'a> $area<'a> {
            #[cfg(test)]
            pub(crate) const ENDPOINTS: &'static [(
                &'static kleer_model::endpoint::Endpoint,
                &'static str,
            )] = &[$((&kleer_model::endpoint::$endpoint, stringify!($certainty))),*];

            pub(crate) fn at(at: $crate::handle::At<'a>) -> Self {
                Self { at }
            }

            $(
                $(#[$meta])*
                #[doc = ""]
                #[doc = concat!(
                    "Calls [`", stringify!($endpoint), "`](kleer_model::endpoint::",
                    stringify!($endpoint), "), whose path is ", stringify!($certainty), ".",
                )]
                #[doc = ""]
                #[doc = "# Errors"]
                #[doc = "Told when the call is sent: see [`Call::send`](crate::Call::send)."]
                pub fn $name(
                    &self $(, $arg: $type)* $(, $body: $body_type)?
                ) -> $crate::areas::output!($kind $output) {
                    $crate::areas::make!(
                        $kind self.at, kleer_model::endpoint::$endpoint,
                        &[$(($param, $arg.to_string())),*] $(, $body)?
                    )
                }
            )*
        }
    };
}
pub(crate) use area;

/// What a method of each kind gives.
macro_rules! output {
    (list $of:ty) => { $crate::Call<kleer_model::List<$of>> };
    (paged $of:ty) => { $crate::PagedCall<$of> };
    (read $of:ty) => { $crate::Call<$of> };
    (ask $of:ty) => { $crate::Call<$of> };
    (bytes $of:ty) => { $crate::Call<$of> };
    (create $of:ty) => { $crate::Call<$crate::Created<$of>> };
    (update $of:ty) => { $crate::Call<$crate::Accepted<$of>> };
    (act $of:ty) => { $crate::Call<$crate::Accepted<$of>> };
    (upload $of:ty) => { $crate::Call<$crate::Created<$of>> };
    (hand_in $of:ty) => { $crate::Call<$of> };
    (query $of:ty) => { $of };
}
pub(crate) use output;

/// Makes the call of a method of each kind.
macro_rules! make {
    (list $at:expr, $endpoint:expr, $path:expr) => {
        $at.call(&$endpoint, $path, $crate::response::list())
    };
    (paged $at:expr, $endpoint:expr, $path:expr) => {
        $crate::PagedCall::new($at.call(&$endpoint, $path, $crate::response::list()))
    };
    (query $at:expr, $endpoint:expr, $path:expr) => {
        $at.call(&$endpoint, $path, $crate::response::list()).into()
    };
    (read $at:expr, $endpoint:expr, $path:expr) => {
        $at.call(&$endpoint, $path, $crate::response::whole())
    };
    (bytes $at:expr, $endpoint:expr, $path:expr) => {
        $at.call(
            &$endpoint,
            $path,
            $crate::response::Read::Whole($crate::response::bytes),
        )
    };
    (ask $at:expr, $endpoint:expr, $path:expr, $body:expr) => {
        $at.call_with(&$endpoint, $path, $body, $crate::response::whole())
    };
    (create $at:expr, $endpoint:expr, $path:expr, $body:expr) => {
        $at.call_with(
            &$endpoint,
            $path,
            $body,
            $crate::response::Read::Whole($crate::response::created),
        )
    };
    (update $at:expr, $endpoint:expr, $path:expr, $body:expr) => {
        $at.call_with(
            &$endpoint,
            $path,
            $body,
            $crate::response::Read::Whole($crate::response::accepted),
        )
    };
    (act $at:expr, $endpoint:expr, $path:expr) => {
        $at.call(
            &$endpoint,
            $path,
            $crate::response::Read::Whole($crate::response::accepted),
        )
    };
    (upload $at:expr, $endpoint:expr, $path:expr, $body:expr) => {
        $at.call_with_bytes(
            &$endpoint,
            $path,
            $body.into(),
            $crate::response::Read::Whole($crate::response::created),
        )
    };
    (hand_in $at:expr, $endpoint:expr, $path:expr, $body:expr) => {
        $at.call_with_bytes(&$endpoint, $path, $body.into(), $crate::response::whole())
    };
}
pub(crate) use make;

/// Lets an area create its records once.
macro_rules! once {
    ($area:ident: $record:ty, $records:literal) => {
        impl $area<'_> {
            #[doc = concat!("Creates one of ", $records, " unless it is there already: see [`Kleer::create_once`](crate::Kleer::create_once).")]
            pub fn create_once(
                &self,
                key: kleer_model::ClientKey,
                record: &$record,
            ) -> $crate::CreateOnce<$record> {
                $crate::CreateOnce::new(self.at, key, record)
            }

            #[doc = concat!("Creates those of ", $records, " that are not there already: see [`Kleer::create_all_once`](crate::Kleer::create_all_once).")]
            pub fn create_all_once(
                &self,
                records: impl IntoIterator<Item = (kleer_model::ClientKey, $record)>,
            ) -> $crate::CreateAllOnce<$record> {
                $crate::CreateAllOnce::new(self.at, records)
            }

            #[doc = concat!("Looks for ", $records, " that carry the same key: see [`Kleer::audit`](crate::Kleer::audit).")]
            pub fn audit(&self) -> $crate::AuditCall<$record> {
                $crate::AuditCall::new(self.at)
            }
        }
    };
}
pub(crate) use once;

/// Declares a call with query parameters of its own, as a builder.
macro_rules! query_call {
    (
        $(#[$meta:meta])*
        $name:ident($inner:ty) -> $output:ty {
            $(
                $(#[$set_meta:meta])*
                $set:ident($($arg:ident: $type:ty)?) => $query:literal = $value:expr;
            )*
        }
    ) => {
        $(#[$meta])*
        #[must_use = "a call does nothing until it is awaited or sent"]
        pub struct $name {
            call: $inner,
        }

        impl $name {
            $(
                $(#[$set_meta])*
                pub fn $set(mut self $(, $arg: $type)?) -> Self {
                    self.call = self.call.with_query($query, $value);
                    self
                }
            )*

            /// Like [`Call::retry`](crate::Call::retry).
            pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
                self.call = self.call.retry(policy);
                self
            }

            /// Like [`Call::attempt_timeout`](crate::Call::attempt_timeout).
            pub fn attempt_timeout(mut self, timeout: std::time::Duration) -> Self {
                self.call = self.call.attempt_timeout(timeout);
                self
            }

            /// Like [`Call::render`](crate::Call::render).
            ///
            /// # Errors
            /// If the arguments make no request.
            pub fn render(self) -> Result<$crate::RenderedRequest, $crate::Error> {
                self.call.render()
            }

            /// Like [`Call::send`](crate::Call::send).
            ///
            /// # Errors
            /// An [`Error`](crate::Error).
            pub async fn send(self) -> Result<$output, $crate::Error> {
                self.call.send().await
            }
        }

        impl std::future::IntoFuture for $name {
            type Output = Result<$output, $crate::Error>;
            type IntoFuture = $crate::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                self.call.into_future()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // Without the query: a search text may be a name.
                f.debug_struct(stringify!($name))
                    .field("call", &self.call)
                    .finish()
            }
        }
    };
}
pub(crate) use query_call;

/// The streams of a [`query_call`] for a whole list.
macro_rules! streams {
    ($name:ident: list $item:ty) => {
        impl $name {
            /// The items one by one, as they arrive: see [`Call::stream`](crate::Call::stream).
            pub fn stream(self) -> $crate::ListStream<$item> {
                self.call.stream()
            }
        }

        impl From<$crate::Call<kleer_model::List<$item>>> for $name {
            fn from(call: $crate::Call<kleer_model::List<$item>>) -> Self {
                Self { call }
            }
        }
    };
    ($name:ident: paged $item:ty $(, always $always:literal = $value:literal)?) => {
        impl $name {
            /// Like [`PagedCall::offset`](crate::PagedCall::offset).
            pub fn offset(mut self, offset: u32) -> Self {
                self.call = self.call.offset(offset);
                self
            }

            /// Like [`PagedCall::limit`](crate::PagedCall::limit).
            pub fn limit(mut self, limit: u32) -> Self {
                self.call = self.call.limit(limit);
                self
            }

            /// Every page: see [`PagedCall::pages`](crate::PagedCall::pages).
            pub fn pages(self) -> $crate::Pages<$item> {
                self.call.pages()
            }

            /// The items of every page: see [`PagedCall::stream`](crate::PagedCall::stream).
            pub fn stream(self) -> $crate::PagedStream<$item> {
                self.call.stream()
            }

            /// The items of every page in one list: see
            /// [`PagedCall::all`](crate::PagedCall::all).
            ///
            /// # Errors
            /// As [`PagedCall::all`](crate::PagedCall::all).
            pub async fn all(self) -> Result<kleer_model::List<$item>, $crate::Error> {
                self.call.all().await
            }
        }

        impl From<$crate::Call<kleer_model::List<$item>>> for $name {
            fn from(call: $crate::Call<kleer_model::List<$item>>) -> Self {
                Self { call: $crate::PagedCall::new(call)$(.with_query($always, $value))? }
            }
        }
    };
}
pub(crate) use streams;
