//! Given name and surname in each other's place.

use std::collections::HashMap;

use crate::{
    columns::{Column, NONE, Table},
    comparison::Comparisons,
    kind::FieldKind,
    level::{Level, Pattern},
    normalise::Form,
};

/// The two columns, and which value of one is which of the other.
pub(crate) struct Swap<'t> {
    pub(crate) given: usize,
    pub(crate) surname: usize,
    given_column: &'t Column,
    surname_column: &'t Column,
    given_as_surname: Vec<u32>,
    surname_as_given: Vec<u32>,
}

impl<'t> Swap<'t> {
    /// Nothing unless there is one comparison of each kind.
    pub(crate) fn new(comparisons: &Comparisons, table: &'t Table<'_>) -> Option<Self> {
        let only = |kind: FieldKind| {
            let mut found = comparisons
                .iter()
                .enumerate()
                .filter(|(_, c)| c.kind() == kind && c.is_scored());
            let (index, _) = found.next()?;
            found.next().is_none().then_some(index)
        };
        let (given, surname) = (only(FieldKind::GivenName)?, only(FieldKind::Surname)?);
        let (given_column, surname_column) = (&table.columns[given], &table.columns[surname]);
        Some(Self {
            given,
            surname,
            given_column,
            surname_column,
            given_as_surname: translate(given_column, surname_column),
            surname_as_given: translate(surname_column, given_column),
        })
    }

    /// The right records whose surname is this left record's given name, or the other way round.
    pub(crate) fn values(&self, left: usize) -> (Option<u32>, Option<u32>) {
        let get = |ids: &[u32], value: u32| {
            let value = *ids.get(value as usize)?;
            (value != NONE).then_some(value)
        };
        (
            get(&self.given_as_surname, self.given_column.left[left]),
            get(&self.surname_as_given, self.surname_column.left[left]),
        )
    }

    /// Sets both levels if the two records have their names exchanged.
    pub(crate) fn apply(&self, left: usize, right: usize, pattern: &mut Pattern) {
        let here = (self.given_column.left[left], self.surname_column.left[left]);
        let there = (
            self.given_column.right[right],
            self.surname_column.right[right],
        );
        if [here.0, here.1, there.0, there.1].contains(&NONE) {
            return;
        }
        // An agreement as they stand says more.
        if pattern.level(self.given) >= Level::Near || pattern.level(self.surname) >= Level::Near {
            return;
        }
        let given = self.given_as_surname[here.0 as usize] == there.1;
        let surname = self.surname_as_given[here.1 as usize] == there.0;
        if given && surname || self.almost_swapped(given, surname, here, there) {
            pattern.set(self.given, Level::Swapped);
            pattern.set(self.surname, Level::Swapped);
        } else if given {
            // One stands in the other's place, and the other is lost.
            pattern.set(self.given, Level::Swapped);
        } else if surname {
            pattern.set(self.surname, Level::Swapped);
        }
    }

    /// Whether what is not the same is a slip away.
    fn almost_swapped(
        &self,
        given: bool,
        surname: bool,
        here: (u32, u32),
        there: (u32, u32),
    ) -> bool {
        let forms = (&self.given_column.forms, &self.surname_column.forms);
        (given || almost(&forms.0[here.0 as usize], &forms.1[there.1 as usize]))
            && (surname || almost(&forms.1[here.1 as usize], &forms.0[there.0 as usize]))
    }
}

fn almost(left: &Form, right: &Form) -> bool {
    match (left, right) {
        (Form::Phrase(left), Form::Phrase(right)) => {
            left.joined.length().min(right.joined.length()) >= 4
                && left.joined.distance(&right.joined, 1).is_some()
        }
        _ => false,
    }
}

/// For each value of one column the value of the other with the same words.
fn translate(from: &Column, to: &Column) -> Vec<u32> {
    let joined = |form: &Form| match form {
        Form::Phrase(phrase) => Some(phrase.joined.clone()),
        _ => None,
    };
    let known: HashMap<_, u32> = (0..)
        .zip(&to.forms)
        .filter_map(|(id, form)| Some((joined(form)?, id)))
        .collect();
    from.forms
        .iter()
        .map(|form| {
            joined(form)
                .and_then(|word| known.get(&word).copied())
                .unwrap_or(NONE)
        })
        .collect()
}
