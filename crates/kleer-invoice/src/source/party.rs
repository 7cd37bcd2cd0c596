//! A view of the seller or the buyer.

use std::fmt;

use en16931::{Identifier, invoice};

/// The seller (BG-4) or the buyer (BG-7). Every text is personal data when the party is a person;
/// `Debug` shows none.
#[derive(Clone, Copy)]
pub struct Party<'a> {
    inner: &'a invoice::Party,
}

/// A postal address, part by part.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PostalAddress<'a> {
    /// Address line 1, usually the street (BT-35, BT-50, BT-75).
    pub line1: &'a str,
    /// Address line 2 (BT-36, BT-51, BT-76).
    pub line2: &'a str,
    /// Address line 3 (BT-162, BT-163, BT-165).
    pub line3: &'a str,
    /// Post code.
    pub post_code: &'a str,
    /// City.
    pub city: &'a str,
    /// Region.
    pub subdivision: &'a str,
    /// ISO 3166-1 alpha-2 country code.
    pub country: &'a str,
}

impl fmt::Debug for PostalAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostalAddress")
            .field("country", &self.country)
            .finish_non_exhaustive()
    }
}

impl<'a> PostalAddress<'a> {
    pub(crate) fn of(address: &'a invoice::PostalAddress) -> Self {
        Self {
            line1: text(address.line1.as_deref()),
            line2: text(address.line2.as_deref()),
            line3: text(address.line3.as_deref()),
            post_code: text(address.post_code.as_deref()),
            city: text(address.city.as_deref()),
            subdivision: text(address.subdivision.as_deref()),
            country: text(address.country.as_ref().map(invoice::Code::as_str)),
        }
    }

    /// Kleer's form: `address2` is the street, `address1` what stands above it, and the town is
    /// called `state`. Integrations that write to Kleer use the fields in this way.
    pub(crate) fn to_kleer(self) -> kleer_model::Address {
        let mut address = kleer_model::Address::default();
        let above: Vec<&str> = [self.line2, self.line3]
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect();
        address.address1 = above.join(", ");
        self.line1.clone_into(&mut address.address2);
        self.post_code.clone_into(&mut address.zip_code);
        self.city.clone_into(&mut address.state);
        self.country.clone_into(&mut address.country);
        address
    }
}

fn text(value: Option<&str>) -> &str {
    value.map_or("", str::trim)
}

fn present(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

impl fmt::Debug for Party<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party")
            .field("country", &self.address().country)
            .finish_non_exhaustive()
    }
}

impl<'a> Party<'a> {
    pub(crate) fn new(inner: &'a invoice::Party) -> Self {
        Self { inner }
    }

    /// The registered name (BT-27, BT-44).
    pub fn name(&self) -> Option<&'a str> {
        present(self.inner.name.as_deref())
    }

    /// The name it trades under (BT-28, BT-45).
    pub fn trading_name(&self) -> Option<&'a str> {
        present(self.inner.trading_name.as_deref())
    }

    /// The legal registration identifier (BT-30, BT-47) as written; in Sweden the organisation
    /// number.
    pub fn legal_registration(&self) -> Option<&'a str> {
        present(
            self.inner
                .legal_registration
                .as_ref()
                .map(Identifier::content),
        )
    }

    /// The organisation number in digits: the legal registration identifier, else what a Swedish
    /// VAT number holds of it, else an electronic address of scheme 0007.
    pub fn organisation_number(&self) -> Option<String> {
        self.legal_registration()
            .and_then(organisation_digits)
            .or_else(|| {
                self.vat_number()
                    .and_then(|vat| swedish_number_in_vat(&vat))
            })
            .or_else(|| match self.endpoint() {
                Some(("0007", value)) => organisation_digits(value),
                _ => None,
            })
    }

    /// The VAT number (BT-31, BT-48) in upper case without blanks and hyphens.
    pub fn vat_number(&self) -> Option<String> {
        present(self.inner.vat_identifier.as_deref()).map(compact)
    }

    /// A Global Location Number: an identifier (BT-29, BT-46), electronic address (BT-34, BT-49)
    /// or legal registration of scheme 0088 with 13 digits.
    pub fn gln(&self) -> Option<&'a str> {
        self.inner
            .identifiers
            .iter()
            .chain(&self.inner.electronic_address)
            .chain(&self.inner.legal_registration)
            .filter(|id| matches!(id.scheme(), Some("0088" | "GLN")))
            .map(|id| id.content().trim())
            .find(|id| id.len() == 13 && id.bytes().all(|b| b.is_ascii_digit()))
    }

    /// The electronic address (BT-34, BT-49): its scheme, `""` if it has none, and its value.
    pub fn endpoint(&self) -> Option<(&'a str, &'a str)> {
        let address = self.inner.electronic_address.as_ref()?;
        Some((text(address.scheme()), present(Some(address.content()))?))
    }

    /// The identifiers (BT-29, BT-46): scheme, `""` if none, and value.
    pub fn identifiers(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.inner
            .identifiers
            .iter()
            .map(|id| (text(id.scheme()), id.content().trim()))
    }

    /// The postal address (BG-5, BG-8).
    pub fn address(&self) -> PostalAddress<'a> {
        PostalAddress::of(&self.inner.address)
    }

    /// The contact point (BT-41, BT-56).
    pub fn contact(&self) -> Option<&'a str> {
        present(self.inner.contact.name.as_deref())
    }

    /// The contact's telephone number (BT-42, BT-57).
    pub fn phone(&self) -> Option<&'a str> {
        present(self.inner.contact.phone.as_deref())
    }

    /// The contact's e-mail address (BT-43, BT-58).
    pub fn email(&self) -> Option<&'a str> {
        present(self.inner.contact.email.as_deref())
    }
}

/// Upper case, without white space, hyphens and dots.
pub(crate) fn compact(text: &str) -> String {
    let mut compact = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '-' | '\u{2010}'..='\u{2015}' | '.' => {}
            c if c.is_whitespace() => {}
            c if c.is_ascii() => compact.push(c.to_ascii_uppercase()),
            c => compact.extend(c.to_uppercase()),
        }
    }
    compact
}

/// The digits of an organisation number; 16NNNNNNNNNN, as Swedish authorities write it, is the
/// same number as its ten digits. `None` with fewer than six digits, which is no such number.
pub(crate) fn organisation_digits(text: &str) -> Option<String> {
    let compact = compact(text);
    let digits: String = compact.chars().filter(char::is_ascii_digit).collect();
    if compact.starts_with("SE") && digits.len() == 12 {
        return swedish_number_in_vat(&compact);
    }
    match digits.len() {
        0..=5 => None,
        12 if digits.starts_with("16") => Some(digits[2..].to_owned()),
        _ => Some(digits),
    }
}

/// The ten digits inside `SE` + number + two digits.
pub(crate) fn swedish_number_in_vat(vat: &str) -> Option<String> {
    let digits = vat.strip_prefix("SE")?;
    let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
    (digits.len() == 12 && all_digits).then(|| digits[..10].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_swedish_organisation_number_are_one() {
        for text in [
            "2021005489",
            "202100-5489",
            " 16 202100-5489",
            "SE202100548901",
        ] {
            assert_eq!(
                organisation_digits(text).as_deref(),
                Some("2021005489"),
                "{text}"
            );
        }
        assert_eq!(
            organisation_digits("987 654 325").as_deref(),
            Some("987654325")
        );
        assert_eq!(organisation_digits("n/a 12"), None);
    }

    #[test]
    fn only_a_swedish_vat_number_holds_an_organisation_number() {
        assert_eq!(
            swedish_number_in_vat("SE202100548901").as_deref(),
            Some("2021005489")
        );
        assert_eq!(swedish_number_in_vat("NO999999999MVA"), None);
        assert_eq!(swedish_number_in_vat("SE20210054890"), None);
    }

    #[test]
    fn the_street_and_the_town_stand_where_kleer_has_them() {
        let address = PostalAddress {
            line1: "Street 1",
            line2: "c/o",
            line3: "Floor 2",
            post_code: "111 22",
            city: "Town",
            subdivision: "",
            country: "SE",
        };
        let kleer = address.to_kleer();
        assert_eq!(kleer.address1, "c/o, Floor 2");
        assert_eq!(
            (kleer.address2.as_str(), kleer.state.as_str()),
            ("Street 1", "Town")
        );
    }
}
