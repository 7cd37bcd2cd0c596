//! How well two forms of one field agree.

use crate::{
    kind::FieldKind,
    level::Level,
    normalise::email,
    normalise::name::{self, Alignment},
    normalise::{DateDigits, Form, Phrase},
    similarity::Word,
};

/// The level of two values of one kind.
pub(crate) fn compare(kind: FieldKind, left: &Form, right: &Form) -> Level {
    match (left, right) {
        (Form::Phrase(left), Form::Phrase(right)) => match kind {
            FieldKind::GivenName => given_name(left, right),
            FieldKind::Surname => surname(left, right),
            FieldKind::PersonName => person_name(left, right),
            _ if left.joined == right.joined => Level::Exact,
            _ if left.same_parts(right) => Level::Near,
            _ => slips(&left.joined, &right.joined),
        },
        (Form::Date { digits: left }, Form::Date { digits: right }) => date(*left, *right),
        (
            Form::Identifier {
                word: left,
                checked: left_checked,
                century: left_century,
                ..
            },
            Form::Identifier {
                word: right,
                checked: right_checked,
                century: right_century,
                ..
            },
        ) => {
            if left == right {
                let centuries = (left_century, right_century);
                return match centuries {
                    (Some(left), Some(right)) if left != right => Level::Near,
                    _ => Level::Exact,
                };
            }
            // A slip breaks the check digit; two numbers that pass are two.
            if *left_checked && *right_checked || left.length().min(right.length()) < 5 {
                return Level::Different;
            }
            one_slip(left, right)
        }
        (
            Form::Email {
                whole: left_whole,
                local: left,
                domain: left_domain,
            },
            Form::Email {
                whole: right_whole,
                local: right,
                domain: right_domain,
            },
        ) => {
            if left_whole == right_whole {
                Level::Exact
            } else if left == right
                && (left_domain == right_domain
                    || left.length() >= 5 && !email::is_function(left.as_str()))
            {
                Level::Variant
            } else if left_domain == right_domain && left.length().min(right.length()) >= 5 {
                one_slip(left, right)
            } else {
                Level::Different
            }
        }
        (Form::Word(left), Form::Word(right)) => {
            if left == right {
                return Level::Exact;
            }
            match kind {
                FieldKind::Phone => phone(left, right),
                FieldKind::Postcode => postcode(left, right),
                _ => Level::Different,
            }
        }
        (
            Form::Organisation {
                core: left,
                legal_form: left_form,
            },
            Form::Organisation {
                core: right,
                legal_form: right_form,
            },
        ) => organisation_name(left, *left_form, right, *right_form),
        (
            Form::Address {
                street: left,
                numbers: left_numbers,
            },
            Form::Address {
                street: right,
                numbers: right_numbers,
            },
        ) => address(left, left_numbers, right, right_numbers),
        _ => Level::Different,
    }
}

/// How many slips still count as almost the same, and as similar, in words so long.
pub(crate) const fn reach(length: usize) -> (usize, usize) {
    match length {
        0..=2 => (0, 0),
        3..=4 => (1, 1),
        5..=8 => (1, 2),
        9..=13 => (2, 3),
        _ => (2, 4),
    }
}

/// How far apart two values of a kind may be and still be compared, by the length of one.
pub(crate) const fn farthest(kind: FieldKind, length: usize) -> usize {
    match kind {
        FieldKind::Code | FieldKind::Date => 0,
        FieldKind::PersonalNumber
        | FieldKind::OrganisationNumber
        | FieldKind::Identifier
        | FieldKind::ClientKey
        | FieldKind::Email
        | FieldKind::Phone
        | FieldKind::Postcode => 1,
        // The longer of the two decides, and it is longer by no more than what it may be.
        _ => reach(length + 4).1,
    }
}

fn one_slip(left: &Word, right: &Word) -> Level {
    if left.distance(right, 1).is_some() {
        Level::Near
    } else {
        Level::Different
    }
}

fn slips(left: &Word, right: &Word) -> Level {
    let (near, similar) = reach(left.length().max(right.length()));
    match left.distance(right, similar) {
        Some(slips) if slips <= near => Level::Near,
        Some(_) => Level::Similar,
        None => Level::Different,
    }
}

fn shortened(left: &Word, right: &Word) -> bool {
    let (short, long) = if left.length() <= right.length() {
        (left, right)
    } else {
        (right, left)
    };
    short.length() >= 4 && long.starts_with(short)
}

fn given_name(left: &Phrase, right: &Phrase) -> Level {
    if left.joined == right.joined {
        return Level::Exact;
    }
    let nicknames = !left.groups.is_empty()
        && left
            .groups
            .iter()
            .any(|group| right.groups.binary_search(group).is_ok());
    if nicknames || name::share_a_part(left, right, 2) {
        return Level::Variant;
    }
    match slips(&left.joined, &right.joined) {
        Level::Different if shortened(&left.joined, &right.joined) => Level::Similar,
        Level::Different if name::initials_agree(left, right) => Level::Related,
        level => level,
    }
}

fn surname(left: &Phrase, right: &Phrase) -> Level {
    if left.joined == right.joined {
        Level::Exact
    } else if name::share_a_part(left, right, 3) {
        Level::Variant
    } else {
        match slips(&left.joined, &right.joined) {
            Level::Different if shortened(&left.joined, &right.joined) => Level::Similar,
            level => level,
        }
    }
}

fn person_name(left: &Phrase, right: &Phrase) -> Level {
    if left.joined == right.joined || left.same_parts(right) {
        return Level::Exact;
    }
    match name::align(left, right) {
        Alignment::Contained => Level::Variant,
        Alignment::Alike => Level::Near,
        alignment => match slips(&left.joined, &right.joined) {
            Level::Different if alignment == Alignment::Shared => Level::Related,
            level => level,
        },
    }
}

pub(crate) fn date(left: DateDigits, right: DateDigits) -> Level {
    if left == right {
        return Level::Exact;
    }
    let (a, b) = (left.0, right.0);
    let mut differing = 0;
    let mut first = 8;
    for index in 0..8 {
        if a[index] != b[index] {
            differing += 1;
            first = first.min(index);
        }
    }
    if differing == 1 {
        return Level::Near;
    }
    if left.swapped() == right {
        return Level::Swapped;
    }
    let exchanged =
        differing == 2 && first < 7 && a[first] == b[first + 1] && a[first + 1] == b[first];
    if exchanged {
        return Level::Near;
    }
    let parts = [0..4, 4..6, 6..8]
        .into_iter()
        .filter(|part| a[part.clone()] == b[part.clone()]);
    if parts.count() == 2 {
        Level::Related
    } else {
        Level::Different
    }
}

fn phone(left: &Word, right: &Word) -> Level {
    let (short, long) = if left.length() <= right.length() {
        (left, right)
    } else {
        (right, left)
    };
    if short.length() < 7 {
        return Level::Different;
    }
    // The country code is written on one side only.
    let extra = long.length() - short.length();
    if (1..=3).contains(&extra) && long.as_str().ends_with(short.as_str()) {
        return Level::Variant;
    }
    one_slip(left, right)
}

fn postcode(left: &Word, right: &Word) -> Level {
    if left.length().min(right.length()) >= 4 && left.distance(right, 1).is_some() {
        return Level::Near;
    }
    let head = |word: &'_ str| -> Option<[char; 2]> {
        let mut characters = word.chars();
        Some([characters.next()?, characters.next()?])
    };
    match (head(left.as_str()), head(right.as_str())) {
        (Some(left), Some(right)) if left == right => Level::Related,
        _ => Level::Different,
    }
}

fn organisation_name(
    left: &Phrase,
    left_form: Option<&str>,
    right: &Phrase,
    right_form: Option<&str>,
) -> Level {
    let another_form = matches!((left_form, right_form), (Some(l), Some(r)) if l != r);
    if left.joined == right.joined {
        return if another_form {
            Level::Variant
        } else {
            Level::Exact
        };
    }
    if left.same_parts(right) {
        return Level::Near;
    }
    // Numbers in names tell subsidiaries and housing associations apart: Fastighet 3 is not 4.
    let numbers = |phrase: &Phrase| -> Vec<Word> {
        let digits = |word: &&Word| word.as_str().starts_with(|c: char| c.is_ascii_digit());
        phrase.parts.iter().filter(digits).cloned().collect()
    };
    if numbers(left) != numbers(right) {
        return Level::Different;
    }
    // So does any other word that is not a slip of the one in its place: Berg Norden, Berg Holding.
    let replaced = left.parts.len() == right.parts.len()
        && left
            .parts
            .iter()
            .zip(&right.parts)
            .any(|(one, other)| one != other && slips(one, other) == Level::Different);
    if replaced {
        return Level::Different;
    }
    match slips(&left.joined, &right.joined) {
        Level::Different => {
            let (short, long) = if left.parts.len() <= right.parts.len() {
                (left, right)
            } else {
                (right, left)
            };
            let contained = short.joined.length() >= 4
                && short.parts.iter().all(|part| long.parts.contains(part));
            if contained {
                Level::Related
            } else {
                Level::Different
            }
        }
        // A slip, and another form: more likely another company.
        Level::Near if another_form => Level::Similar,
        level => level,
    }
}

fn address(left: &Phrase, left_numbers: &str, right: &Phrase, right_numbers: &str) -> Level {
    let street = if left.joined == right.joined {
        Level::Exact
    } else if left.same_parts(right) {
        Level::Near
    } else {
        slips(&left.joined, &right.joined)
    };
    if left_numbers == right_numbers || street == Level::Different {
        return street;
    }
    let one_missing = left_numbers.is_empty() || right_numbers.is_empty();
    match street {
        Level::Exact if one_missing => Level::Variant,
        _ if one_missing => Level::Similar,
        _ => Level::Related,
    }
}
