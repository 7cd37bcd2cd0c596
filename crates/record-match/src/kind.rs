//! What a field is: which decides how its values are normalised and compared.

use serde::{Deserialize, Serialize};

use crate::level::{LEVELS, Level};

/// What a field holds, and therefore how two of its values are compared.
///
/// Written in snake case in files: `given_name`, `personal_number`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FieldKind {
    /// First names: nicknames, initials, parts of double names; exchanged with the surname.
    GivenName,
    /// Family name: halves of double names; exchanged with the given name.
    Surname,
    /// Full name in one field, in whatever order.
    PersonName,
    /// Date of birth or of another event: day and month exchanged, one slip, two of three parts.
    Date,
    /// Swedish personal or coordination number, with or without century; Norwegian birth number;
    /// Finnish personal identity code. The check digit counts. A Danish number is compared, but has
    /// no check digit that could verify it.
    PersonalNumber,
    /// Swedish, Norwegian, Danish or Finnish organisation number, also inside of a VAT number; its
    /// check digit counts.
    OrganisationNumber,
    /// A number or code that identifies, without a check digit that we know.
    Identifier,
    /// The key that we ourselves wrote into the other system.
    ClientKey,
    /// E-mail address: tags, separators, moved domains.
    Email,
    /// Telephone number, Swedish or international.
    Phone,
    /// Name of a company or other organisation: the legal form apart.
    OrganisationName,
    /// Street and number.
    Address,
    /// Postal code: one slip, same area.
    Postcode,
    /// Any other text: a town, a title.
    Text,
    /// A value of a list: a state, a country, a department code. Equal or not.
    Code,
}

impl FieldKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::GivenName,
        Self::Surname,
        Self::PersonName,
        Self::Date,
        Self::PersonalNumber,
        Self::OrganisationNumber,
        Self::Identifier,
        Self::ClientKey,
        Self::Email,
        Self::Phone,
        Self::OrganisationName,
        Self::Address,
        Self::Postcode,
        Self::Text,
        Self::Code,
    ];

    /// The name in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GivenName => "given_name",
            Self::Surname => "surname",
            Self::PersonName => "person_name",
            Self::Date => "date",
            Self::PersonalNumber => "personal_number",
            Self::OrganisationNumber => "organisation_number",
            Self::Identifier => "identifier",
            Self::ClientKey => "client_key",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::OrganisationName => "organisation_name",
            Self::Address => "address",
            Self::Postcode => "postcode",
            Self::Text => "text",
            Self::Code => "code",
        }
    }

    /// What an equal value says by itself, unless the comparison says otherwise.
    pub(crate) const fn default_key(self) -> KeyUse {
        match self {
            Self::PersonalNumber | Self::OrganisationNumber | Self::ClientKey => KeyUse::Links,
            Self::Email => KeyUse::Suggests,
            _ => KeyUse::None,
        }
    }

    /// Whether people who live together, or companies of one group, have it in common.
    pub(crate) const fn default_shared(self) -> bool {
        matches!(
            self,
            Self::Surname | Self::Address | Self::Postcode | Self::Phone | Self::Text | Self::Code
        )
    }

    /// How probable each level is for two records of one and for records of two, untrained.
    ///
    /// Judged from how such fields are filled in, not fitted to any data set; training replaces
    /// them as data comes in.
    pub(crate) const fn defaults(self) -> Defaults {
        // different, related, similar, near, variant, swapped, exact
        match self {
            Self::GivenName => Defaults {
                same: [0.025, 0.01, 0.02, 0.05, 0.04, 0.01, 0.845],
                other: [0.946, 0.02, 0.015, 0.006, 0.004, 0.0005, 0.0085],
            },
            Self::Surname => Defaults {
                same: [0.05, 0.0, 0.02, 0.05, 0.04, 0.01, 0.83],
                other: [0.9815, 0.0, 0.008, 0.003, 0.002, 0.0005, 0.005],
            },
            Self::PersonName => Defaults {
                same: [0.02, 0.04, 0.02, 0.06, 0.06, 0.0, 0.80],
                other: [0.97835, 0.02, 0.001, 0.0003, 0.0003, 0.0, 0.00005],
            },
            Self::Date => Defaults {
                same: [0.015, 0.015, 0.0, 0.04, 0.0, 0.01, 0.92],
                other: [0.9849, 0.0147, 0.0, 0.0003, 0.0, 0.00005, 0.00005],
            },
            Self::PersonalNumber
            | Self::OrganisationNumber
            | Self::Identifier
            | Self::ClientKey => Defaults {
                same: [0.02, 0.0, 0.0, 0.05, 0.0, 0.0, 0.93],
                other: [0.999_985, 0.0, 0.0, 0.00001, 0.0, 0.0, 0.000_005],
            },
            Self::Email => Defaults {
                same: [0.25, 0.0, 0.0, 0.03, 0.07, 0.0, 0.65],
                other: [0.9988, 0.0, 0.0, 0.0005, 0.0005, 0.0, 0.0002],
            },
            Self::Phone => Defaults {
                same: [0.25, 0.0, 0.0, 0.04, 0.01, 0.0, 0.70],
                other: [0.999_49, 0.0, 0.0, 0.0001, 0.000_01, 0.0, 0.0004],
            },
            Self::OrganisationName => Defaults {
                same: [0.05, 0.06, 0.03, 0.05, 0.03, 0.0, 0.78],
                other: [0.99625, 0.003, 0.0004, 0.0002, 0.0001, 0.0, 0.00005],
            },
            Self::Address => Defaults {
                same: [0.22, 0.02, 0.05, 0.06, 0.02, 0.0, 0.63],
                other: [0.9919, 0.005, 0.002, 0.0005, 0.0001, 0.0, 0.0005],
            },
            Self::Postcode => Defaults {
                same: [0.14, 0.05, 0.0, 0.05, 0.0, 0.0, 0.76],
                other: [0.958, 0.035, 0.0, 0.004, 0.0, 0.0, 0.003],
            },
            Self::Text => Defaults {
                same: [0.12, 0.0, 0.03, 0.05, 0.0, 0.0, 0.80],
                other: [0.974, 0.0, 0.008, 0.003, 0.0, 0.0, 0.015],
            },
            Self::Code => Defaults {
                same: [0.08, 0.0, 0.0, 0.0, 0.0, 0.0, 0.92],
                other: [0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1],
            },
        }
    }

    /// Whether values of this kind can reach a level.
    pub fn has_level(self, level: Level) -> bool {
        match level {
            Level::Missing => true,
            other => self.defaults().same[usize::from(other.code())] > 0.0,
        }
    }

    /// What a level means for this kind of field, in words a payroll clerk can read.
    pub const fn describe(self, level: Level) -> &'static str {
        match (level, self) {
            (Level::Missing, _) => "empty on one side, not counted",
            (Level::Different, _) => "different",
            (Level::Exact, _) => "the same",
            (Level::Related, Self::GivenName) => "the same initial",
            (Level::Related, Self::PersonName) => "one part of the name is the same",
            (Level::Related, Self::Date) => "two of day, month and year are the same",
            (Level::Related, Self::Postcode) => "the same postal area",
            (Level::Related, Self::Address) => "the same street, another number",
            (Level::Related, Self::OrganisationName) => "one name contains the other",
            (Level::Related, _) => "something in common",
            (Level::Similar, _) => "similar",
            (Level::Near, Self::Date | Self::PersonalNumber | Self::OrganisationNumber) => {
                "one digit differs or two are exchanged"
            }
            (Level::Near, _) => "almost the same",
            (Level::Variant, Self::GivenName) => "another form of the name, or one of two names",
            (Level::Variant, Self::Surname) => "one half of a double name",
            (Level::Variant, Self::PersonName) => "a shorter or other form of the name",
            (Level::Variant, Self::Email) => "the same name, another domain or tag",
            (Level::Variant, Self::OrganisationName) => "the same name, another legal form",
            (Level::Variant, Self::Address) => "the same street, the number missing on one side",
            (Level::Variant, _) => "another way to write the same",
            (Level::Swapped, Self::Date) => "day and month exchanged",
            (Level::Swapped, _) => "given name and surname exchanged",
        }
    }
}

impl std::fmt::Display for FieldKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an equal value says by itself, without any score.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyUse {
    /// Nothing: it is only scored.
    #[default]
    None,
    /// Where one record on either side has it, they are suggested to be the same.
    Suggests,
    /// Verified: where one record on either side has it, both sides are complete, and no other
    /// verified key contradicts, they are the same.
    Links,
}

/// Untrained probabilities of the levels.
pub(crate) struct Defaults {
    pub(crate) same: [f64; LEVELS],
    pub(crate) other: [f64; LEVELS],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_probabilities_and_grow_with_agreement() {
        for kind in FieldKind::ALL {
            let Defaults { same, other } = kind.defaults();
            for column in [same, other] {
                assert!(
                    (column.iter().sum::<f64>() - 1.0).abs() < 1e-9,
                    "{kind}: {}",
                    column.iter().sum::<f64>()
                );
            }
            let mut before = f64::NEG_INFINITY;
            for level in Level::ALL
                .into_iter()
                .filter(|level| *level != Level::Swapped && kind.has_level(*level))
            {
                let index = usize::from(level.code());
                let weight = (same[index] / other[index]).log2();
                assert!(weight >= before, "{kind} {level:?}: {weight}");
                before = weight;
            }
        }
    }

    #[test]
    fn names_in_files_are_those_of_serde() {
        for kind in FieldKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
