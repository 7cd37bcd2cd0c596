//! Numbers that identify: personal and organisation numbers with their check digits.

use swedish_ids::{OrganisationNumber, PersonalIdentityNumber};

use super::{
    nordic,
    text::{fold, verbatim},
};

/// An identifier: the text that is compared, and whether a check digit confirmed it.
pub(crate) struct Identifier {
    /// Without separators; a personal number in ten digits.
    pub(crate) text: String,
    /// Whether its check digit is right; `false` too where there is none.
    pub(crate) checked: bool,
    /// The century, where the number states it.
    pub(crate) century: Option<u8>,
    /// How many characters stand before each separator; empty where there is none. 12-3 is 123, and
    /// 1-23 is too, but the two are not each other.
    pub(crate) shape: Box<[u8]>,
}

/// Letters and digits only.
pub(crate) fn plain(text: &str) -> Identifier {
    let folded = fold(text);
    let lengths = folded.split(' ').map(|run| run.chars().count().min(255));
    let mut shape: Vec<u8> = lengths.filter_map(|n| u8::try_from(n).ok()).collect();
    shape.pop();
    Identifier {
        text: folded.replace(' ', ""),
        checked: false,
        century: None,
        shape: shape.into(),
    }
}

/// A key that we made: as it is written, since two that differ in a sign are two.
pub(crate) fn client_key(text: &str) -> Identifier {
    Identifier {
        text: verbatim(text),
        checked: false,
        century: None,
        shape: Box::default(),
    }
}

/// A Swedish personal number, coordination numbers too, with or without its century; a Norwegian
/// birth number or a Finnish personal identity code.
pub(crate) fn personal_number(text: &str) -> Identifier {
    if let Some((text, century)) = nordic::finnish_person(text) {
        return checked(text, Some(century));
    }
    let Identifier { text: digits, .. } = plain(text);
    let stated = match digits.get(..2) {
        Some(century @ ("18" | "19" | "20")) if digits.len() == 12 => century.parse().ok(),
        _ => None,
    };
    let ten = if stated.is_some() {
        &digits[2..]
    } else {
        digits.as_str()
    };
    if nordic::is_norwegian_person(&digits) {
        return checked(digits, None);
    }
    // The check digit does not cover the century; whether 29 February exists depends on it.
    let valid = |century: u8| {
        format!("{century}{ten}")
            .parse::<PersonalIdentityNumber>()
            .is_ok()
    };
    let checked = ten.len() == 10
        && match stated {
            Some(century) => valid(century),
            None => valid(19) || valid(20),
        };
    Identifier {
        text: ten.to_owned(),
        checked,
        century: stated,
        shape: Box::default(),
    }
}

fn checked(text: String, century: Option<u8>) -> Identifier {
    Identifier {
        text,
        checked: true,
        century,
        shape: Box::default(),
    }
}

/// A Swedish organisation number, also inside of a VAT number; sole traders' personal numbers too.
/// Norwegian, Danish and Finnish ones, with or without their country.
pub(crate) fn organisation_number(text: &str) -> Identifier {
    let Identifier {
        text: mut digits, ..
    } = plain(text);
    if let Some(vat) = digits.strip_prefix("se").filter(|vat| vat.len() == 12) {
        digits = vat[..10].to_owned();
    } else if digits.len() == 12 && matches!(&digits.get(..2), Some("16" | "18" | "19" | "20")) {
        digits = digits[2..].to_owned();
    }
    if let Some(number) = nordic::organisation(&digits) {
        digits = number.to_owned();
        return self::checked(digits, None);
    }
    let checked = digits.parse::<OrganisationNumber>().is_ok();
    Identifier {
        text: digits,
        checked,
        century: None,
        shape: Box::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_personal_number_is_the_same_however_it_is_written() {
        // 191212121212 is the Tax Agency's own example.
        for text in ["19121212-1212", "121212+1212", "1212121212", "191212121212"] {
            let number = personal_number(text);
            assert_eq!(
                (number.text.as_str(), number.checked),
                ("1212121212", true),
                "{text}"
            );
        }
        assert!(!personal_number("19121212-1213").checked);
        assert_eq!(personal_number("19121212-1212").century, Some(19));
    }

    #[test]
    fn an_organisation_number_is_the_same_however_it_is_written() {
        for text in [
            "556016-0680",
            "165560160680",
            "SE556016068001",
            "5560160680",
        ] {
            let number = organisation_number(text);
            assert_eq!(
                (number.text.as_str(), number.checked),
                ("5560160680", true),
                "{text}"
            );
        }
        // Of the registers themselves and of Nokia.
        for text in ["974 760 673", "NO974760673MVA", "NO 974 760 673 MVA"] {
            let number = organisation_number(text);
            assert_eq!((number.text.as_str(), number.checked), ("974760673", true));
        }
        assert_eq!(organisation_number("DK10150817").text, "10150817");
        assert_eq!(organisation_number("FI01120389").text, "01120389");
        assert!(organisation_number("0112038-9").checked);
        assert!(!organisation_number("0112038-8").checked);
        assert!(!organisation_number("974760674").checked);
        assert!(!organisation_number("556016-0681").checked);
        assert!(!organisation_number("seåäö").checked);
    }
}
