//! Why an operation did not succeed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::payload::Payload;
use crate::hash::{self, hash_type};

hash_type! {
    /// What failed, apart from what it failed on: failures of many records with one fingerprint
    /// have one cause.
    ///
    /// Made of the operation, the class, the code, the fields, and what
    /// [`distinguished_by`](Failure::distinguished_by) adds; never of the messages, which may hold
    /// times and request numbers. Written as 32 hexadecimal digits.
    Fingerprint, "a fingerprint"
}

/// What sort of failure it is, and so who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DeviationClass {
    /// The surroundings: a network, an outage, a disk. The next run may do better.
    Transient,
    /// The remote system asks us to slow down. The next run may do better.
    RateLimit,
    /// Credentials or rights are refused. Nothing helps but a person who gives others.
    Authentication,
    /// The record breaks a rule, of the other system or of a policy. It stays refused until the
    /// record or the rule changes.
    Validation,
    /// Both sides changed, and no policy says which wins. A person decides.
    Conflict,
    /// The record changed between the plan and its application. The next plan sees it as it is.
    Stale,
    /// A write may have taken effect, and it could not be found out whether it did. A person looks,
    /// and nothing is repeated before.
    InDoubt,
    /// A guard rail stopped a plan. A person approves it or does not.
    Guard,
    /// Our own mistake, or the other system's: an answer that makes no sense.
    Bug,
}

impl DeviationClass {
    /// The word for it, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::RateLimit => "rate-limit",
            Self::Authentication => "authentication",
            Self::Validation => "validation",
            Self::Conflict => "conflict",
            Self::Stale => "stale",
            Self::InDoubt => "in-doubt",
            Self::Guard => "guard",
            Self::Bug => "bug",
        }
    }

    /// Whether a later run can succeed although nobody does anything.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::Transient | Self::RateLimit | Self::Stale)
    }
}

impl fmt::Display for DeviationClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One failure: what sort, which code, and what to tell a person.
///
/// Messages and the label name people and records: they show through their accessors, never in
/// `Debug`.
///
/// ```
/// use record_link::{DeviationClass, Failure};
///
/// let failure = Failure::new(DeviationClass::Validation, "email-invalid", "anna@ is no address")
///     .labelled("Anna Andersson")
///     .concerning(["email"])
///     .with_request_id("req-7781");
/// assert_eq!(failure.messages(), ["anna@ is no address"]);
/// assert!(!format!("{failure:?}").contains("anna"));
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    class: DeviationClass,
    code: String,
    messages: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    distinguished_by: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inputs: Option<u64>,
    #[serde(default, skip_serializing_if = "Payload::is_empty")]
    payload: Payload,
}

impl Failure {
    /// A failure with a code for programs and a message for people.
    ///
    /// The code is a stable word such as `email-invalid`; it is part of the
    /// [fingerprint](Fingerprint). The message says what is wrong and what to do.
    pub fn new(class: DeviationClass, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            class,
            code: code.into(),
            messages: vec![message.into()],
            label: None,
            fields: Vec::new(),
            request_id: None,
            distinguished_by: Vec::new(),
            inputs: None,
            payload: Payload::default(),
        }
    }

    /// Adds another message: all reasons are told at once.
    #[must_use]
    pub fn and(mut self, message: impl Into<String>) -> Self {
        self.messages.push(message.into());
        self
    }

    /// What a person calls the record: a name, an invoice number.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The fields that are the reason. Kept in order and once each.
    #[must_use]
    pub fn concerning(mut self, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.fields.extend(fields.into_iter().map(Into::into));
        self.fields.sort_unstable();
        self.fields.dedup();
        self
    }

    /// The remote system's number of the request, for its support.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// Adds to the fingerprint what else tells this failure from others with the same code, such
    /// as the rule that was broken. It must not change from one attempt to the next, and hold no
    /// personal data: it stays when the rest is [redacted](Self::redacted).
    #[must_use]
    pub fn distinguished_by(mut self, text: impl Into<String>) -> Self {
        self.distinguished_by.push(text.into());
        self
    }

    /// A hash of what the operation was computed from, such as the versions of both records. When
    /// it changes, an ignored deviation opens again.
    #[must_use]
    pub fn computed_from(mut self, inputs: u64) -> Self {
        self.inputs = Some(inputs);
        self
    }

    /// What the operation was tried with, for a person to look at.
    #[must_use]
    pub fn with_payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    /// The failure without what may tell of a person: messages, label, payload and the hash of what
    /// it was computed from are gone. Class, code, fields, the number of the request and what
    /// [`distinguished_by`](Self::distinguished_by) added stay, so that the
    /// [fingerprint](Fingerprint) does. One that was ignored until something changes may open once
    /// more, since there is nothing left to compare with.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        self.messages.clear();
        (self.label, self.inputs) = (None, None);
        self.payload = Payload::default();
        self
    }

    /// What sort of failure it is.
    pub fn class(&self) -> DeviationClass {
        self.class
    }

    /// The code, for programs.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What to tell a person: one message or more, unless they were
    /// [taken out](Self::redacted). They may name people.
    pub fn messages(&self) -> &[String] {
        &self.messages
    }

    /// What a person calls the record. It may be a person's name.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The fields that are the reason, in order.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The remote system's number of the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The hash of what the operation was computed from, if it was given.
    pub fn inputs(&self) -> Option<u64> {
        self.inputs
    }

    /// What the operation was tried with.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// What failed, apart from what it failed on.
    pub fn fingerprint(&self, operation: &str) -> Fingerprint {
        // The lengths of the lists keep a field from being read as a distinguishing text.
        let fields = u64::try_from(self.fields.len())
            .unwrap_or(u64::MAX)
            .to_be_bytes();
        let head = [operation, self.class.as_str(), &self.code].map(str::as_bytes);
        let lists = self.fields.iter().chain(&self.distinguished_by);
        let parts = head.into_iter().chain([fields.as_slice()]);
        Fingerprint(hash::of_parts(parts.chain(lists.map(String::as_bytes))))
    }
}

impl fmt::Debug for Failure {
    /// Hides the messages and the label, which name people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("class", &self.class)
            .field("code", &self.code)
            .field("fields", &self.fields)
            .field("request_id", &self.request_id)
            .field("inputs", &self.inputs)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}
