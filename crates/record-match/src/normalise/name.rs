//! Names of people: their parts, and which parts are nicknames of each other.

use crate::{nicknames::Nicknames, similarity::Word};

use super::form::Phrase;

/// Words in names that say little alone: von, af, de la.
const PARTICLES: [&str; 20] = [
    "af", "al", "av", "da", "das", "de", "dei", "del", "den", "der", "di", "do", "dos", "du", "la",
    "le", "ten", "van", "von", "zu",
];

pub(crate) fn is_particle(part: &str) -> bool {
    PARTICLES.binary_search(&part).is_ok()
}

/// The parts of a folded name, with the nickname groups that they belong to.
pub(crate) fn phrase(folded: &str, nicknames: &Nicknames) -> Phrase {
    let mut phrase = Phrase::new(folded);
    let mut groups: Vec<u32> = phrase
        .parts
        .iter()
        .flat_map(|part| nicknames.groups(part.as_str()))
        .copied()
        .collect();
    groups.extend(nicknames.groups(phrase.joined.as_str()));
    groups.sort_unstable();
    groups.dedup();
    phrase.groups = groups.into();
    phrase
}

/// Whether two names share a part that says something.
pub(crate) fn share_a_part(left: &Phrase, right: &Phrase, shortest: usize) -> bool {
    left.parts.iter().any(|part| {
        part.length() >= shortest
            && !is_particle(part.as_str())
            && right.parts.iter().any(|other| other == part)
    })
}

/// Whether one is the other's initial, or both begin with single letters that agree.
pub(crate) fn initials_agree(left: &Phrase, right: &Phrase) -> bool {
    let (Some(left), Some(right)) = (left.parts.first(), right.parts.first()) else {
        return false;
    };
    (left.length() == 1 || right.length() == 1)
        && left.as_str().chars().next() == right.as_str().chars().next()
}

/// How the parts of two full names can be laid on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alignment {
    /// Every part of the shorter name stands in the longer one.
    Contained,
    /// So it does, if one slip in each part, initials and nicknames are allowed.
    Alike,
    /// At least one part that says something stands in both.
    Shared,
    /// Nothing.
    None,
}

/// Lays the parts of the shorter name on those of the longer one, each on one of its own.
pub(crate) fn align(left: &Phrase, right: &Phrase) -> Alignment {
    let (short, long) = if left.parts.len() <= right.parts.len() {
        (left, right)
    } else {
        (right, left)
    };
    // More parts than a name has are not looked at: a bit each for what is taken.
    let long_parts = &long.parts[..long.parts.len().min(32)];
    let mut taken = 0_u32;
    let mut waiting: Vec<&Word> = Vec::new();
    let mut shared = false;
    for part in &short.parts {
        let free = (0..long_parts.len()).find(|i| taken & (1 << i) == 0 && long_parts[*i] == *part);
        if let Some(index) = free {
            taken |= 1 << index;
            shared |= part.length() > 1 && !is_particle(part.as_str());
        } else {
            waiting.push(part);
        }
    }
    if short.parts.len() < 2 {
        return if shared {
            Alignment::Shared
        } else {
            Alignment::None
        };
    }
    if waiting.is_empty() {
        return Alignment::Contained;
    }
    let nicknames = short
        .groups
        .iter()
        .any(|group| long.groups.binary_search(group).is_ok());
    let mut nickname_used = false;
    for part in waiting {
        let free = (0..long_parts.len()).find(|i| {
            let other = &long_parts[*i];
            taken & (1 << i) == 0
                && ((part.length() >= 4 && part.distance(other, 1).is_some())
                    || ((part.length() == 1 || other.length() == 1)
                        && part.as_str().chars().next() == other.as_str().chars().next()))
        });
        let free = free.or_else(|| {
            // At most one part may be a nickname, since the groups do not say of which part.
            (nicknames && !nickname_used).then(|| {
                nickname_used = true;
                (0..long_parts.len()).find(|i| taken & (1 << i) == 0)
            })?
        });
        match free {
            Some(index) => taken |= 1 << index,
            None => {
                return if shared {
                    Alignment::Shared
                } else {
                    Alignment::None
                };
            }
        }
    }
    if shared || short.parts.len() == long.parts.len() {
        Alignment::Alike
    } else {
        Alignment::None
    }
}
