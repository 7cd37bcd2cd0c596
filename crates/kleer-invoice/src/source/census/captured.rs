//! The text of an element while it is read.

use std::borrow::Cow;

use crate::source::scan::resolve;

/// Text that is not copied unless it has to be.
pub(super) enum Captured<'a> {
    Nothing,
    Raw(&'a str),
    Whole(String),
}

impl<'a> Captured<'a> {
    pub(super) fn push(&mut self, piece: &'a str, literal: bool) {
        *self = match std::mem::replace(self, Self::Nothing) {
            Self::Nothing if !literal => Self::Raw(piece),
            before => {
                let mut whole = match before {
                    Self::Nothing => String::new(),
                    Self::Raw(raw) => resolve(raw).into_owned(),
                    Self::Whole(whole) => whole,
                };
                if literal {
                    whole.push_str(piece);
                } else {
                    whole.push_str(&resolve(piece));
                }
                Self::Whole(whole)
            }
        };
    }

    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Nothing => true,
            // Nearly every value begins with a visible character.
            Self::Raw(raw) => {
                !matches!(raw.as_bytes().first(), Some(b'!'..=b'~')) && raw.trim().is_empty()
            }
            Self::Whole(whole) => whole.trim().is_empty(),
        }
    }

    /// The trimmed value.
    pub(super) fn value(self) -> Cow<'a, str> {
        match self {
            Self::Nothing => Cow::Borrowed(""),
            Self::Raw(raw) => match resolve(raw.trim()) {
                Cow::Borrowed(value) => Cow::Borrowed(value),
                Cow::Owned(value) => Cow::Owned(value),
            },
            Self::Whole(whole) => Cow::Owned(whole.trim().to_owned()),
        }
    }
}
