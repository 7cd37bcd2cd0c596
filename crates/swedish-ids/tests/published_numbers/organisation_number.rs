//! Organisation numbers, and the VAT numbers that follow from them.

use swedish_ids::{Identifier, OrganisationGroup, OrganisationNumber, ParseErrorKind, VatNumber};

use crate::today;

#[test]
fn valid() {
    use OrganisationGroup::{LimitedCompany, NonProfitOrFoundation, PublicBody, SoleTrader};
    let list = "organisationsnummer/meta testdata/list.json";
    let funds = "personnummer/meta testdata/orgnumber.json";
    #[rustfmt::skip]
    let rows = [
        ("5560160680", "556016-0680", LimitedCompany, list),
        ("165560160680", "556016-0680", LimitedCompany, list),
        ("16556016-0680", "556016-0680", LimitedCompany, list),
        ("5561034249", "556103-4249", LimitedCompany, list),
        ("165561034249", "556103-4249", LimitedCompany, list),
        ("5592440001", "559244-0001", LimitedCompany, list),
        ("165592440001", "559244-0001", LimitedCompany, list),
        ("202100-5489", "202100-5489", PublicBody, "organisationsnummer project"),
        ("8572090606", "857209-0606", NonProfitOrFoundation, funds),
        ("802005-1952", "802005-1952", NonProfitOrFoundation, funds),
        ("8020057538", "802005-7538", NonProfitOrFoundation, funds),
        ("802406-2302", "802406-2302", NonProfitOrFoundation, funds),
        ("8551040721", "855104-0721", NonProfitOrFoundation, funds),
        ("802014-4120", "802014-4120", NonProfitOrFoundation, funds),
        ("121212-1212", "121212-1212", SoleTrader, list),
        ("121212+1212", "121212-1212", SoleTrader, list),
        ("191212121212", "121212-1212", SoleTrader, list),
        ("195102179974", "510217-9974", SoleTrader, list),
        ("194912109958", "491210-9958", SoleTrader, list),
        ("197906889972", "790688-9972", SoleTrader, list),
        ("199502809990", "950280-9990", SoleTrader, list),
        ("196802709995", "680270-9995", SoleTrader, list),
        ("200304839996", "030483-9996", SoleTrader, list),
        ("197904739997", "790473-9997", SoleTrader, list),
        ("194511809891", "451180-9891", SoleTrader, list),
        ("198601769915", "860176-9915", SoleTrader, list),
        ("196102709976", "610270-9976", SoleTrader, list),
        ("195212779895", "521277-9895", SoleTrader, list),
    ];
    for (text, display, group, source) in rows {
        let number: OrganisationNumber = text.parse().expect(source);
        assert_eq!(number.to_string(), display, "{source}");
        assert_eq!(number.group(), group, "{text} {source}");
        assert_eq!(number.is_personal(), group == SoleTrader);
        assert_eq!(display.parse(), Ok(number));
        let bare = display.replace('-', "");
        assert_eq!(number.digits(), bare);

        // The same list has the VAT number of each.
        let vat = VatNumber::from(number);
        assert_eq!(vat.to_string(), format!("SE{bare}01"));
        assert_eq!(vat.to_string().parse(), Ok(vat));

        if let Some(prefixed) = number.twelve_digits() {
            assert_eq!(prefixed.parse(), Ok(number));
        } else {
            let person = number.personal_identity_number(today()).unwrap();
            assert_eq!(OrganisationNumber::try_from(person), Ok(number));
        }
    }
}

#[test]
fn invalid() {
    use ParseErrorKind::{
        Century, CheckDigit, NoSuchDate, NotAnOrganisationNumber, Separator, SerialNumber,
    };
    let list = "organisationsnummer/meta testdata/list.json";
    #[rustfmt::skip]
    let rows = [
        ("5560160681", CheckDigit, list),
        ("165560160681", CheckDigit, list),
        ("5561034250", CheckDigit, list),
        ("165561034250", CheckDigit, list),
        // The published crate organisationsnummer 1.0.1 takes any number like a date.
        ("900101-0018", CheckDigit, "found by running organisationsnummer 1.0.1"),
        ("900230-0017", NoSuchDate, "30 February"),
        ("150916-0006", SerialNumber, "personnummer/meta list.json; RUSTSEC-2020-0166"),
        ("20150916-0006", SerialNumber, "personnummer/meta list.json; RUSTSEC-2020-0166"),
        ("161212121212", NotAnOrganisationNumber, "a personal number has no prefix 16"),
        ("195560160680", Century, "an organisation number has no century"),
        ("556016+0680", Separator, "an organisation does not turn 100"),
        ("556016 0680", Separator, "an inner space, as with personal numbers"),
    ];
    for (text, kind, source) in rows {
        let error = text.parse::<OrganisationNumber>().expect_err(source);
        assert_eq!(error.kind(), kind, "{text} {source}");
        assert_eq!(error.identifier(), Identifier::OrganisationNumber);
    }
}

#[test]
fn the_group_is_the_first_digit() {
    use OrganisationGroup::*;
    let groups = [
        ("0", Unknown),
        ("1", EstateOfDeceasedPerson),
        ("2", PublicBody),
        ("3", ForeignCompany),
        ("4", Unknown),
        ("5", LimitedCompany),
        ("6", SimplePartnership),
        ("7", EconomicAssociation),
        ("8", NonProfitOrFoundation),
        ("9", TradingPartnership),
    ];
    for (first, group) in groups {
        let number = (0..10)
            .find_map(|check| format!("{first}02000-000{check}").parse().ok())
            .map(|number: OrganisationNumber| number.group());
        // Third and fourth digit 20: the lowest that an organisation can have.
        assert_eq!(number, Some(group), "{first}");
    }
}
