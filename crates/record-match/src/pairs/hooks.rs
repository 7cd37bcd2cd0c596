//! What two values must have in common to be more than a few slips apart and still agree.
//!
//! A value offers hooks and asks for hooks; where one asks for what another offers, the two are
//! compared. Slips need no hook: they are found by the words' signatures.

use crate::{
    compare::reach,
    kind::FieldKind,
    normalise::{Form, Phrase, fingerprint, fingerprint_from, name::is_particle},
};

fn hook(sort: u8, text: &str) -> u64 {
    fingerprint_from(fingerprint(&[sort]), text.as_bytes())
}

fn initial(text: &str) -> &str {
    text.char_indices()
        .nth(1)
        .map_or(text, |(end, _)| &text[..end])
}

fn head(text: &str, characters: usize) -> Option<&str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Some(&text[..end]),
        None => (text.chars().count() == characters).then_some(text),
    }
}

fn tail(text: &str, bytes: usize) -> Option<&str> {
    text.len()
        .checked_sub(bytes)
        .and_then(|start| text.get(start..))
}

fn parts(phrase: &Phrase, shortest: usize, hooks: &mut Vec<u64>) {
    hooks.extend(
        phrase
            .parts
            .iter()
            .filter(|part| part.length() >= shortest && !is_particle(part.as_str()))
            .take(8)
            .map(|part| hook(b'p', part.as_str())),
    );
    hooks.push(hook(b'j', phrase.joined.as_str()));
}

fn groups(phrase: &Phrase, hooks: &mut Vec<u64>) {
    hooks.extend(
        phrase
            .groups
            .iter()
            .take(8)
            .map(|group| fingerprint_from(fingerprint(b"g"), &group.to_le_bytes())),
    );
}

/// Hooks that both sides of a pair have alike.
fn common(kind: FieldKind, form: &Form, hooks: &mut Vec<u64>) {
    match form {
        Form::Phrase(phrase) => match kind {
            FieldKind::GivenName => {
                parts(phrase, 2, hooks);
                groups(phrase, hooks);
                hooks.extend(head(phrase.joined.as_str(), 4).map(|head| hook(b'h', head)));
            }
            FieldKind::Surname => {
                parts(phrase, 3, hooks);
                hooks.extend(head(phrase.joined.as_str(), 4).map(|head| hook(b'h', head)));
            }
            FieldKind::PersonName => {
                parts(phrase, 2, hooks);
                groups(phrase, hooks);
            }
            _ => sorted_parts(phrase, hooks),
        },
        Form::Date { digits } => {
            let text = digits.as_str();
            hooks.extend([
                hook(b'1', &text[..6]),
                hook(b'2', &text[4..]),
                fingerprint_from(hook(b'3', &text[..4]), &text.as_bytes()[6..]),
                // Neighbours exchanged across year and month, and across month and day.
                exchanged(text.as_bytes(), 3),
                exchanged(text.as_bytes(), 5),
            ]);
        }
        Form::Email { local, .. } => hooks.push(hook(b'l', local.as_str())),
        // The same words in another order, and a name that contains another one: of short words too.
        Form::Organisation { core, .. } => {
            sorted_parts(core, hooks);
            parts(core, 2, hooks);
        }
        Form::Address { street, .. } => sorted_parts(street, hooks),
        Form::Identifier { word, .. } => hooks.push(hook(b'w', word.as_str())),
        Form::Word(word) => {
            hooks.push(hook(b'w', word.as_str()));
            let part = match kind {
                FieldKind::Phone => tail(word.as_str(), 7).map(|tail| hook(b't', tail)),
                FieldKind::Postcode => head(word.as_str(), 2).map(|head| hook(b'a', head)),
                _ => None,
            };
            hooks.extend(part);
        }
    }
}

/// The same whichever way round two neighbouring digits stand.
fn exchanged(digits: &[u8], place: usize) -> u64 {
    let (first, second) = (digits[place], digits[place + 1]);
    let head = fingerprint_from(
        fingerprint(&[b'x', b'0' + u8::from(place == 3)]),
        &digits[..place],
    );
    let both = fingerprint_from(head, &[first.min(second), first.max(second)]);
    fingerprint_from(both, &digits[place + 2..])
}

fn sorted_parts(phrase: &Phrase, hooks: &mut Vec<u64>) {
    let mut sorted: Vec<&str> = phrase
        .parts
        .iter()
        .map(crate::similarity::Word::as_str)
        .collect();
    sorted.sort_unstable();
    hooks.push(sorted.iter().fold(fingerprint(b"s"), |hash, part| {
        fingerprint_from(fingerprint_from(hash, part.as_bytes()), b" ")
    }));
    hooks.push(hook(b'j', phrase.joined.as_str()));
}

/// What a value of the right side offers.
pub(crate) fn offers(kind: FieldKind, form: &Form, hooks: &mut Vec<u64>) {
    common(kind, form, hooks);
    match form {
        Form::Phrase(phrase) if kind == FieldKind::GivenName => {
            if let Some(first) = phrase.parts.first() {
                let sort = if first.length() == 1 { b'i' } else { b'n' };
                hooks.push(hook(sort, initial(first.as_str())));
            }
        }
        Form::Date { digits } => hooks.push(hook(b'd', digits.as_str())),
        _ => {}
    }
    finish(hooks);
}

/// What a value of the left side asks for.
pub(crate) fn asks(kind: FieldKind, form: &Form, hooks: &mut Vec<u64>) {
    common(kind, form, hooks);
    match form {
        Form::Phrase(phrase) if kind == FieldKind::GivenName => {
            if let Some(first) = phrase.parts.first() {
                let first_is_initial = first.length() == 1;
                hooks.push(hook(b'i', initial(first.as_str())));
                if first_is_initial {
                    hooks.push(hook(b'n', initial(first.as_str())));
                }
            }
        }
        Form::Date { digits } => hooks.push(hook(b'd', digits.swapped().as_str())),
        _ => {}
    }
    finish(hooks);
}

fn finish(hooks: &mut Vec<u64>) {
    hooks.sort_unstable();
    hooks.dedup();
}

/// Of what a value asks for and of what it offers a bit each: two values that are more than a few
/// slips apart agree only if a bit of the one is a bit of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) asks: u64,
    pub(crate) offers: u64,
}

impl Marks {
    /// Nothing for a kind whose values agree in other ways too.
    pub(crate) fn new(kind: FieldKind, form: &Form) -> Option<Self> {
        let mut hooks = Vec::new();
        match (kind, form) {
            (FieldKind::GivenName | FieldKind::Surname, Form::Phrase(phrase)) => {
                hooks.extend(phrase.parts.iter().map(|part| hook(b'p', part.as_str())));
                let group = |group: &u32| fingerprint_from(fingerprint(b"g"), &group.to_le_bytes());
                hooks.extend(phrase.groups.iter().map(group));
                hooks.extend(head(phrase.joined.as_str(), 4).map(|head| hook(b'h', head)));
            }
            (FieldKind::OrganisationName, Form::Organisation { core, .. }) => {
                hooks.extend(core.parts.iter().map(|part| hook(b'p', part.as_str())));
            }
            (FieldKind::Postcode, Form::Word(word)) => {
                hooks.extend(head(word.as_str(), 2).map(|head| hook(b'a', head)));
            }
            _ => return None,
        }
        // The upper bits of a product depend on all of the hash.
        let bit = |hook: u64| 1 << (hook.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58);
        let both = hooks.into_iter().fold(0, |bits, hook| bits | bit(hook));
        let mut marks = Self {
            asks: both,
            offers: both,
        };
        if kind == FieldKind::GivenName
            && let Form::Phrase(phrase) = form
            && let Some(first) = phrase.parts.first()
        {
            let (full, alone) = (
                bit(hook(b'n', initial(first.as_str()))),
                bit(hook(b'i', initial(first.as_str()))),
            );
            marks.asks |= alone;
            if first.length() == 1 {
                marks.asks |= full;
                marks.offers |= alone;
            } else {
                marks.offers |= full;
            }
        }
        Some(marks)
    }
}

/// Whether slips are looked for in words of this kind, and how many in one so long.
pub(crate) fn slips(kind: FieldKind, length: usize) -> usize {
    match kind {
        FieldKind::PersonName => reach(length).1,
        _ => crate::compare::farthest(kind, length),
    }
}
