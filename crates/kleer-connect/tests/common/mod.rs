//! What the tests share: a sandbox, and a client that speaks to it without long waits.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use std::time::Duration;

use chrono::NaiveDate;
use kleer_connect::client::{Kleer, KleerBuilder, RetryPolicy};
use kleer_connect::record::{Kind, Record};
use kleer_sandbox::{Sandbox, SandboxBuilder};

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn kind(name: &str) -> Kind {
    Kind::new(name).unwrap()
}

pub(crate) fn builder(sandbox: &Sandbox) -> KleerBuilder {
    Kleer::builder(sandbox.company())
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .attempt_timeout(Duration::from_secs(20))
        .retry(
            RetryPolicy::default()
                .with_max_attempts(8)
                .with_base_delay(Duration::from_millis(1))
                .with_max_delay(Duration::from_millis(20)),
        )
}

pub(crate) fn kleer(sandbox: &Sandbox) -> Kleer {
    builder(sandbox).build().unwrap()
}

pub(crate) async fn sandbox() -> Sandbox {
    start(Sandbox::builder()).await
}

pub(crate) async fn start(builder: SandboxBuilder) -> Sandbox {
    builder.today(day("2026-11-20")).start().await.unwrap()
}

/// The names of the fields that a record mentions.
pub(crate) fn mentioned(record: &Record) -> Vec<String> {
    record
        .iter()
        .map(|(field, _)| field.name.as_str().to_owned())
        .collect()
}
