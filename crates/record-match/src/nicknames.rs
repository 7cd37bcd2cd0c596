//! Which given names are forms of each other.

use std::collections::HashMap;

use crate::normalise::fold_name;

/// Groups of given names that one person may go by.
///
/// [`Nicknames::default`] has common Nordic and English ones; [`Nicknames::none`] has none. A name
/// may be in several groups (Kalle is Karl and Carl), and belonging to one group with another name
/// makes the pair a [`Level::Variant`](crate::Level::Variant), no more.
///
/// ```
/// use record_match::Nicknames;
/// let nicknames = Nicknames::default().with_group(["Fredrik", "Figge"]);
/// assert!(nicknames.are_variants("fredrik", "FIGGE"));
/// assert!(nicknames.are_variants("Margareta", "Greta"));
/// assert!(!nicknames.are_variants("Anna", "Per"));
/// ```
#[derive(Clone, Debug)]
pub struct Nicknames {
    groups: HashMap<String, Vec<u32>>,
    next: u32,
}

/// One group a line; own collection of what is commonly known.
const COMMON: &[&str] = &[
    "alexander alex sasha xander",
    "alexandra alex sandra",
    "anders andreas andre",
    "andrew andy drew",
    "anna annie ann anne anneli annika",
    "anthony tony",
    "antonia toni",
    "benjamin ben benny",
    "bengt benke",
    "birgitta gittan britta birgit",
    "charles charlie chuck",
    "charlotta charlotte lotta lottie",
    "christian kristian krille chris",
    "christina kristina christine stina kicki tina kristin",
    "christopher kristoffer christoffer chris stoffe kit",
    "daniel dan danne danny",
    "david dave davy",
    "edward eddie ed ted ned",
    "elisabeth elizabeth lisa lisbeth betty liz beth lisbet elsa bettan",
    "emanuel manne",
    "erik eric erick",
    "eva ewa",
    "filip philip phil",
    "frederick fred freddie",
    "fredrik fredde",
    "gabriel gabbe",
    "george jorge goran jorgen georg",
    "gunnar nunne",
    "gustav gustaf gosta gurra",
    "hans hasse johannes",
    "helena helene lena elena",
    "henrik henke henry harry",
    "ingrid inga",
    "jacob jakob jack jake james",
    "james jim jimmy jamie",
    "jan janne jon jens",
    "jennifer jenny jen",
    "johan john johnny jon johannes juan hans",
    "john jack johnny",
    "jonathan jonte jon nathan",
    "joseph josef joe joey",
    "josefin josefine jossan",
    "karl carl kalle charles",
    "karolina carolina caroline lina carro",
    "katarina catharina katharina katrin kajsa karin katja",
    "katherine catherine kate katie kathy kathryn kit",
    "kenneth kenny ken kenta",
    "lars lasse",
    "lawrence laurence larry",
    "leif leffe",
    "lennart lelle",
    "magnus mange",
    "margareta greta maggan margit rita margaretha",
    "margaret maggie peggy meg",
    "maria marie mia maja mary",
    "martin marten",
    "mathias mattias matthias matte matthew matt",
    "maximilian max",
    "michael mikael mike micke mick michel",
    "mohammed muhammad mohamed mohammad",
    "nicholas niklas nicklas nicke nick nicolas klas",
    "nils niklas nisse niels",
    "olof olov ola olle olaf ole",
    "oskar oscar ossian",
    "patrick patrik pat paddy",
    "per peter petter pelle pär peder",
    "peter pete petra",
    "rebecca rebecka becky becka",
    "richard rickard rikard dick rick rich",
    "robert rob robban bob bobby bert",
    "rolf roffe raoul",
    "samuel sam sammy samme",
    "sebastian seb sebbe basse",
    "sofia sophia sofie sophie soffi",
    "stefan staffan steffe steven stephen steve",
    "susanna susanne sanna susan sussi sue",
    "sven svenne",
    "teresa theresa therese tess tessan",
    "theodor theo ted teodor",
    "thomas tomas tom tommy tompa",
    "tobias tobbe toby",
    "torbjorn tobbe",
    "ulf uffe",
    "ulrika ulla",
    "viktor victor vicke",
    "viktoria victoria vickan vicky",
    "vilhelm wilhelm william ville wille bill will billy",
    "yvonne yvette",
];

impl Nicknames {
    /// No group at all.
    pub fn none() -> Self {
        Self {
            groups: HashMap::new(),
            next: 0,
        }
    }

    /// Adds a group of names; they are compared without case and diacritics.
    #[must_use]
    pub fn with_group<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        for name in names {
            let groups = self.groups.entry(fold_name(name.as_ref())).or_default();
            if groups.last() != Some(&self.next) {
                groups.push(self.next);
            }
        }
        self.next += 1;
        self
    }

    /// Whether one name is a form of the other.
    pub fn are_variants(&self, left: &str, right: &str) -> bool {
        let (left, right) = (fold_name(left), fold_name(right));
        self.groups(&left)
            .iter()
            .any(|group| self.groups(&right).contains(group))
    }

    /// The groups of a folded name.
    pub(crate) fn groups(&self, folded: &str) -> &[u32] {
        self.groups.get(folded).map_or(&[], Vec::as_slice)
    }
}

impl Default for Nicknames {
    fn default() -> Self {
        COMMON.iter().fold(Self::none(), |nicknames, group| {
            nicknames.with_group(group.split(' '))
        })
    }
}
