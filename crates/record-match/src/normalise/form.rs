//! The canonical form of one value, by the kind of its field.

use crate::{kind::FieldKind, nicknames::Nicknames, similarity::Word};

use super::{address, date::DateDigits, email, identifier, name, organisation, phone, text};

/// Words in their order, and all of them joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) joined: Word,
    pub(crate) parts: Box<[Word]>,
    /// Nickname groups, ascending.
    pub(crate) groups: Box<[u32]>,
}

impl Phrase {
    pub(crate) fn new(folded: &str) -> Self {
        let parts: Box<[Word]> = folded
            .split(' ')
            .filter(|part| !part.is_empty())
            .map(Word::new)
            .collect();
        let joined = Word::new(folded.replace(' ', ""));
        Self {
            joined,
            parts,
            groups: Box::default(),
        }
    }

    /// Whether the same words stand in both, in whatever order.
    pub(crate) fn same_parts(&self, other: &Self) -> bool {
        fn sorted(phrase: &Phrase) -> Vec<&Word> {
            let mut parts: Vec<&Word> = phrase.parts.iter().collect();
            parts.sort();
            parts
        }
        let (joined, others) = (&self.joined, &other.joined);
        if self.parts.len() != other.parts.len()
            || joined.length() != others.length()
            || joined.signature() != others.signature()
        {
            return false;
        }
        sorted(self) == sorted(other)
    }
}

/// What is compared of one value.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    Word(Word),
    Phrase(Phrase),
    Date {
        digits: DateDigits,
    },
    Identifier {
        word: Word,
        checked: bool,
        century: Option<u8>,
        shape: Box<[u8]>,
    },
    Email {
        whole: Word,
        local: Word,
        domain: Box<str>,
    },
    Organisation {
        core: Phrase,
        legal_form: Option<&'static str>,
    },
    Address {
        street: Phrase,
        numbers: Box<str>,
    },
}

/// The form of a value, or nothing if there is nothing to compare.
pub(crate) fn read(kind: FieldKind, value: &str, nicknames: &Nicknames) -> Option<Form> {
    let form = match kind {
        FieldKind::GivenName | FieldKind::Surname | FieldKind::PersonName => {
            // "Svensson, Anna" is Anna Svensson.
            let turned = match value.split_once(',') {
                Some((last, first)) if kind == FieldKind::PersonName && value.len() < 400 => {
                    Some(format!("{first} {last}"))
                }
                _ => None,
            };
            let folded = text::fold(turned.as_deref().unwrap_or(value));
            let groups = kind != FieldKind::Surname;
            let phrase = if groups {
                name::phrase(&folded, nicknames)
            } else {
                Phrase::new(&folded)
            };
            if phrase.parts.is_empty() {
                return None;
            }
            Form::Phrase(phrase)
        }
        FieldKind::Date => Form::Date {
            digits: DateDigits::read(value)?,
        },
        FieldKind::PersonalNumber => identifier_form(identifier::personal_number(value))?,
        FieldKind::OrganisationNumber => identifier_form(identifier::organisation_number(value))?,
        FieldKind::Identifier => identifier_form(identifier::plain(value))?,
        FieldKind::ClientKey => identifier_form(identifier::client_key(value))?,
        FieldKind::Email => {
            let parts = email::read(value)?;
            Form::Email {
                whole: Word::new(parts.whole),
                local: Word::new(parts.local),
                domain: parts.domain.into(),
            }
        }
        FieldKind::Phone => Form::Word(Word::new(phone::read(value)?)),
        FieldKind::OrganisationName => {
            let name = organisation::read(value)?;
            Form::Organisation {
                core: name.core,
                legal_form: name.legal_form,
            }
        }
        FieldKind::Address => {
            let address = address::read(value)?;
            Form::Address {
                street: address.street,
                numbers: address.numbers.into(),
            }
        }
        FieldKind::Postcode => word(text::fold(value).replace(' ', ""))?,
        FieldKind::Text => {
            let phrase = Phrase::new(&text::fold(value));
            if phrase.parts.is_empty() {
                return None;
            }
            Form::Phrase(phrase)
        }
        FieldKind::Code => word(text::fold(value))?,
    };
    Some(form)
}

fn word(text: String) -> Option<Form> {
    (!text.is_empty()).then(|| Form::Word(Word::new(text)))
}

fn identifier_form(identifier: identifier::Identifier) -> Option<Form> {
    let identifier::Identifier {
        text,
        checked,
        century,
        shape,
    } = identifier;
    // A number of noughts or of nines stands for "unknown".
    let mut digits = text.bytes();
    let first = digits.next()?;
    if text.len() > 1 && matches!(first, b'0' | b'9') && digits.all(|digit| digit == first) {
        return None;
    }
    Some(Form::Identifier {
        word: Word::new(text),
        checked,
        century,
        shape,
    })
}

impl Form {
    /// The text in which a slip is looked for.
    pub(crate) fn word(&self) -> Option<&Word> {
        match self {
            Self::Word(word) | Self::Identifier { word, .. } => Some(word),
            Self::Phrase(phrase) => Some(&phrase.joined),
            Self::Email { local, .. } => Some(local),
            Self::Organisation { core, .. } => Some(&core.joined),
            Self::Address { street, .. } => Some(&street.joined),
            Self::Date { .. } => None,
        }
    }

    /// The digits of a date, the signature of a word.
    pub(crate) fn digest(&self) -> u64 {
        match self {
            Self::Date { digits } => u64::from_le_bytes(digits.0),
            _ => self.word().map_or(0, Word::signature),
        }
    }

    /// Two values with the same key are the same value.
    pub(crate) fn key(&self) -> String {
        let parts = |phrase: &Phrase| {
            phrase
                .parts
                .iter()
                .map(Word::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        };
        match self {
            Self::Word(word) => word.as_str().to_owned(),
            Self::Phrase(phrase) => parts(phrase),
            Self::Date { digits } => digits.as_str().to_owned(),
            Self::Identifier {
                word,
                century,
                shape,
                ..
            } => {
                format!(
                    "{}|{}|{shape:?}",
                    word.as_str(),
                    century.unwrap_or_default()
                )
            }
            Self::Email { whole, .. } => whole.as_str().to_owned(),
            Self::Organisation { core, legal_form } => {
                format!("{}|{}", parts(core), legal_form.unwrap_or_default())
            }
            Self::Address { street, numbers } => format!("{}|{numbers}", parts(street)),
        }
    }
}
