//! How many slips lie between two words.
//!
//! The distance is that of optimal string alignment: insert, delete, replace, or exchange two
//! neighbours. It is computed bit-parallel (Hyyrö 2003, "A bit-vector algorithm for computing
//! Levenshtein and Damerau edit distances"), and most pairs never get that far: a signature of
//! which letters occur gives a lower bound in two operations.

/// As many characters as the distance looks at; what follows is only compared for equality.
pub(crate) const DISTANCE_LENGTH: usize = 64;

/// A normalised word or phrase, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Word {
    // First, so that most unequal words differ in it: it is at hand, the text is elsewhere.
    signature: u64,
    length: u8,
    text: Box<str>,
}

impl Word {
    pub(crate) fn new(text: impl Into<Box<str>>) -> Self {
        let text = text.into();
        let mut signature = 0;
        let mut length = 0_u8;
        for character in text.chars().take(DISTANCE_LENGTH) {
            length += 1;
            let bits = bits(character);
            let free = bits.into_iter().find(|bit| signature & bit == 0);
            signature |= free.unwrap_or_default();
        }
        Self {
            signature,
            length,
            text,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// In characters, at most [`DISTANCE_LENGTH`].
    pub(crate) const fn length(&self) -> usize {
        self.length as usize
    }

    pub(crate) const fn signature(&self) -> u64 {
        self.signature
    }

    /// The distance, if it is at most `limit`.
    pub(crate) fn distance(&self, other: &Self, limit: usize) -> Option<usize> {
        if self.length.abs_diff(other.length) as usize > limit
            || fewest_slips(self.signature, other.signature) as usize > limit
        {
            return None;
        }
        if self.text == other.text {
            return Some(0);
        }
        if limit == 1 {
            return one_slip(self.text.as_bytes(), other.text.as_bytes())
                .unwrap_or_else(|| align_characters(&self.text, &other.text).max(1) == 1)
                .then_some(1);
        }
        let distance = if self.text.is_ascii() && other.text.is_ascii() {
            let cut = |text: &'_ str| text.len().min(DISTANCE_LENGTH);
            align_bytes(
                &self.text.as_bytes()[..cut(&self.text)],
                &other.text.as_bytes()[..cut(&other.text)],
            )
        } else {
            align_characters(&self.text, &other.text)
        };
        // Two texts that differ only after the part looked at are one slip apart, not none.
        let distance = distance.max(1);
        (distance <= limit).then_some(distance)
    }

    pub(crate) fn starts_with(&self, other: &Self) -> bool {
        self.text.starts_with(&*other.text)
    }
}

/// The bits that stand for the first and for any later occurrence of a character.
const fn bits(character: char) -> [u64; 2] {
    match character {
        'a'..='z' => {
            let index = character as u32 - 'a' as u32;
            [1 << index, 1 << (26 + index)]
        }
        '0'..='9' => {
            let index = character as u32 - '0' as u32;
            [1 << (52 + index), 0]
        }
        other => [1 << (62 + (other as u32 & 1)), 0],
    }
}

/// No alignment has fewer slips: each removes at most one bit and adds at most one.
pub(crate) const fn fewest_slips(left: u64, right: u64) -> u32 {
    let lost = (left & !right).count_ones();
    let gained = (right & !left).count_ones();
    if lost > gained { lost } else { gained }
}

/// Whether two different words are one slip apart; `None` if the answer takes more than their bytes.
fn one_slip(left: &[u8], right: &[u8]) -> Option<bool> {
    if !left.is_ascii() || !right.is_ascii() || left.len().max(right.len()) > DISTANCE_LENGTH {
        return None;
    }
    let ahead = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[ahead..], &right[ahead..]);
    let behind = left
        .iter()
        .rev()
        .zip(right.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    Some(
        match (&left[..left.len() - behind], &right[..right.len() - behind]) {
            ([] | [_], [] | [_]) => true,
            ([a, b], [c, d]) => a == d && b == c,
            _ => false,
        },
    )
}

fn align_bytes(left: &[u8], right: &[u8]) -> usize {
    let mut masks = [0_u64; 128];
    for (index, byte) in left.iter().enumerate() {
        masks[usize::from(byte & 0x7F)] |= 1 << index;
    }
    align(
        left.len(),
        right.iter().map(|byte| masks[usize::from(byte & 0x7F)]),
    )
}

fn align_characters(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(DISTANCE_LENGTH).collect();
    let mut masks: Vec<(char, u64)> = Vec::with_capacity(left.len());
    for (index, character) in left.iter().enumerate() {
        match masks.iter_mut().find(|(known, _)| known == character) {
            Some((_, mask)) => *mask |= 1 << index,
            None => masks.push((*character, 1 << index)),
        }
    }
    let mask = |character: char| {
        masks
            .iter()
            .find(|(known, _)| *known == character)
            .map_or(0, |(_, mask)| *mask)
    };
    align(left.len(), right.chars().take(DISTANCE_LENGTH).map(mask))
}

/// The bit-parallel recurrence; `columns` are the positions in the left word of each character of
/// the right one.
fn align(left_length: usize, columns: impl Iterator<Item = u64>) -> usize {
    if left_length == 0 {
        return columns.count();
    }
    let last = 1_u64 << (left_length - 1);
    let (mut vertical_up, mut vertical_down) = (u64::MAX, 0_u64);
    let (mut diagonal, mut before) = (0_u64, 0_u64);
    let mut distance = left_length;
    for equal in columns {
        let exchanged = ((!diagonal & equal) << 1) & before;
        diagonal = ((equal & vertical_up).wrapping_add(vertical_up) ^ vertical_up)
            | equal
            | vertical_down
            | exchanged;
        let up = vertical_down | !(diagonal | vertical_up);
        let down = diagonal & vertical_up;
        if up & last != 0 {
            distance += 1;
        }
        if down & last != 0 {
            distance -= 1;
        }
        let (up, down) = ((up << 1) | 1, down << 1);
        vertical_up = down | !(diagonal | up);
        vertical_down = up & diagonal;
        before = equal;
    }
    distance
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The textbook recurrence, to hold the bit-parallel one against.
    fn table(left: &str, right: &str) -> usize {
        let (left, right): (Vec<char>, Vec<char>) =
            (left.chars().collect(), right.chars().collect());
        let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
        for (i, row) in rows.iter_mut().enumerate() {
            row[0] = i;
        }
        for (j, cell) in rows[0].iter_mut().enumerate() {
            *cell = j;
        }
        for i in 1..=left.len() {
            for j in 1..=right.len() {
                let cost = usize::from(left[i - 1] != right[j - 1]);
                let mut best = (rows[i - 1][j] + 1)
                    .min(rows[i][j - 1] + 1)
                    .min(rows[i - 1][j - 1] + cost);
                if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                rows[i][j] = best;
            }
        }
        rows[left.len()][right.len()]
    }

    proptest! {
        #[test]
        fn the_distance_is_the_textbook_one(
            left in "[a-dåж0-2]{0,20}", right in "[a-dåж0-2]{0,20}", limit in 0_usize..8
        ) {
            let expected = table(&left, &right);
            let found = Word::new(left).distance(&Word::new(right), limit);
            prop_assert_eq!(found, (expected <= limit).then_some(expected));
        }
    }

    #[test]
    fn what_differs_after_the_part_looked_at_is_not_equal() {
        let long = "a".repeat(DISTANCE_LENGTH);
        let (left, right) = (Word::new(format!("{long}b")), Word::new(format!("{long}c")));
        assert_eq!(left.distance(&right, 2), Some(1));
    }
}
