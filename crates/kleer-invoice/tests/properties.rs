//! For any invoice: the sums are equal, the report is complete, the fingerprint is stable.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use kleer_invoice::{Fate, OcrForm, OcrLetters, OcrSettings, Settings, SourceInvoice, Term};
use kleer_model::sums::row_net;
use kleer_model::{Cents, Document, RateUnit};
use proptest::prelude::*;
use rust_decimal::Decimal;
use support::map_stocked;
use support::ubl::{Line, Ubl, dec};

prop_compose! {
    fn lines()(
        quantity in -50_000i64..50_000,
        quantity_scale in 0u32..4,
        price in 0i64..1_000_000,
        price_scale in prop_oneof![2 => Just(2u32), 1 => 0u32..5],
        base in prop_oneof![3 => Just(None), 1 => Just(Some(1000i64)), 1 => (1i64..50).prop_map(Some)],
        allowance in prop::option::weighted(0.3, 0i64..5_000),
        charge in prop::option::weighted(0.3, 0i64..5_000),
        off in prop_oneof![4 => Just(0i64), 1 => -1i64..2],
        rate in prop::sample::select(vec![("S", 25), ("S", 12), ("S", 6), ("Z", 0)]),
        item_id in prop::sample::select(vec!["", "", "A1", "B2"]),
    ) -> Line {
        Line {
            quantity: Decimal::new(quantity, quantity_scale),
            price: Decimal::new(price, price_scale),
            base: base.map(Decimal::from),
            allowance: allowance.map(|cents| Decimal::new(cents, 2)),
            charge: charge.map(|cents| Decimal::new(cents, 2)),
            off: Decimal::new(off, 2),
            item_id,
            vat: (rate.0, Decimal::from(rate.1)),
            extra: "",
            item: "",
        }
    }
}

prop_compose! {
    fn documents()(
        lines in prop::collection::vec(lines(), 1..8),
        credit_note in any::<bool>(),
        allowance in prop::option::weighted(0.3, 1i64..9_999),
        charge in prop::option::weighted(0.3, 1i64..9_999),
        rounding in prop::option::weighted(0.3, -50i64..50),
    ) -> Ubl {
        let mut ubl = if credit_note { Ubl::credit_note(lines) } else { Ubl::new(lines) };
        ubl.head = support::ubl::preceding("A-1");
        ubl.allowance = allowance.map(|cents| Decimal::new(cents, 2));
        ubl.charge = charge.map(|cents| Decimal::new(cents, 2));
        ubl.rounding = rounding.map(|cents| Decimal::new(cents, 2));
        ubl
    }
}

prop_compose! {
    /// Settings that send terms elsewhere, and refuse none of the documents here.
    fn settings()(
        fields in prop::collection::btree_map(
            prop::sample::select(Term::all().collect::<Vec<_>>()),
            prop::sample::select(vec!["a", "b", "c"]),
            0..30,
        ),
        template in prop::sample::select(vec![
            None,
            Some("{rest}"),
            Some("Nr {BT-1}\n{BT-30} {BT-31}\n{rest}"),
            Some("{BT-25}: {BT-22}"),
            Some("Tack"),
        ]),
        ocr in prop::sample::select(vec![OcrForm::Off, OcrForm::Number, OcrForm::NumberAndLengthDigit]),
        in_field in any::<bool>(),
        unit in prop::option::of(Just("st")),
    ) -> Settings {
        let mut ocr = OcrSettings::new(ocr).with_letters(OcrLetters::Drop);
        if in_field {
            ocr = ocr.in_field("ocr");
        }
        let mut settings = Settings::default().with_ocr(ocr);
        for (term, alias) in fields {
            settings = settings.with_custom_field(term, alias);
        }
        if let Some(template) = template {
            settings = settings.with_notes_template(template.parse().unwrap());
        }
        if let Some(unit) = unit {
            settings = settings.with_unit_text("EA", unit);
        }
        settings
    }
}

fn read(ubl: &Ubl) -> SourceInvoice {
    SourceInvoice::from_ubl(ubl.xml().as_bytes()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_rows_add_up_to_what_the_document_states(ubl in documents()) {
        let source = read(&ubl);
        let mapping = map_stocked(&source, &Settings::default())
            .map_err(|refusal| TestCaseError::fail(format!("{refusal}\n{}", ubl.xml())))?;
        let (net, vat, gross) = ubl.sums();
        let sign = if ubl.credit_note { -Decimal::ONE } else { Decimal::ONE };
        let rounding = ubl.rounding.unwrap_or_default();
        prop_assert_eq!(mapping.sums.net.to_decimal(), sign * (net + rounding));
        prop_assert_eq!(mapping.sums.vat.to_decimal(), sign * vat);
        prop_assert_eq!(
            mapping.sums.gross().unwrap().to_decimal(),
            sign * (gross + rounding)
        );
        // The same from the rows themselves.
        let rows = mapping.invoice.rows.iter().map(|row| {
            prop_assert!(row.price >= Cents::ZERO);
            Ok(row_net(row.quantity, row.price, row.discount.as_ref(), RateUnit::Percent).unwrap())
        });
        let rows = rows.collect::<Result<Vec<Cents>, TestCaseError>>()?;
        let total: i64 = rows.iter().map(|cents| cents.0).sum();
        prop_assert_eq!(Cents(total), mapping.sums.net);
        // What is posted is a document of Kleer's.
        let xml = mapping.invoice.to_xml().unwrap();
        let read_back = kleer_model::ClientInvoice::from_xml(xml.as_bytes()).unwrap();
        prop_assert_eq!(&read_back, &mapping.invoice);
        // A credit is negative and says what it credits.
        prop_assert_eq!(mapping.invoice.debit_invoice_nr.is_some(), source.is_credit());
    }

    /// Settings move terms; they neither lose one nor touch the money.
    #[test]
    fn settings_lose_no_term_and_change_no_sum(ubl in documents(), settings in settings()) {
        let source = read(&ubl);
        let fail = |refusal| TestCaseError::fail(format!("{refusal}"));
        let plain = map_stocked(&source, &Settings::default()).map_err(fail)?;
        let moved = map_stocked(&source, &settings).map_err(fail)?;
        prop_assert_eq!(moved.sums, plain.sums);
        let terms = |report: &kleer_invoice::MappingReport| -> Vec<_> {
            report.entries.iter().map(|entry| (entry.term, entry.line)).collect()
        };
        prop_assert_eq!(terms(&moved.report), terms(&plain.report));
        // What is called carried in a custom field is in one with that alias.
        for entry in &moved.report.entries {
            let Fate::Carried { place } = &entry.fate else { continue };
            let Some((_, alias)) = place.split_once('[') else { continue };
            let alias = alias.trim_end_matches(']');
            let of_lines = moved.invoice.rows.iter().flat_map(|row| row.fields.iter().flatten());
            let fields = moved.invoice.fields.iter().flatten();
            let mut fields: Box<dyn Iterator<Item = _>> = if entry.line.is_some() {
                Box::new(of_lines)
            } else {
                Box::new(fields)
            };
            prop_assert!(fields.any(|field| field.alias == alias && !field.value.is_empty()));
        }
        prop_assert!(moved.invoice.to_xml().is_ok());
    }

    #[test]
    fn the_fingerprint_does_not_depend_on_how_it_is_written(ubl in documents()) {
        let xml = ubl.xml();
        let source = SourceInvoice::from_ubl(xml.as_bytes()).unwrap();
        let again = xml
            .replace("><cac:", ">\n    <cac:")
            .replace("cbc:", "b:")
            .replace("xmlns:cbc", "xmlns:b")
            .replace("<b:DocumentCurrencyCode>", "<b:Note>Ny utskrift</b:Note><b:DocumentCurrencyCode>")
            .replace("<b:Percent>25<", "<b:Percent>25.00<");
        let other = SourceInvoice::from_ubl(again.as_bytes()).unwrap();
        prop_assert_eq!(source.fingerprint(), other.fingerprint());
        prop_assert_eq!(source.identity(), other.identity());
    }

    #[test]
    fn the_scale_of_a_number_is_not_in_the_fingerprint(mut ubl in documents()) {
        let before = read(&ubl).fingerprint();
        for line in &mut ubl.lines {
            line.price.rescale(line.price.scale() + 3);
            line.quantity.rescale(line.quantity.scale() + 2);
        }
        prop_assert_eq!(read(&ubl).fingerprint(), before);
    }

    #[test]
    fn another_quantity_price_item_or_line_is_another_fingerprint(
        ubl in documents(),
        change in 0..6,
    ) {
        let mut changed = ubl.clone();
        let line = &mut changed.lines[0];
        match change {
            0 => line.quantity += Decimal::ONE,
            1 => line.price += dec("0.01"),
            2 => line.item_id = "OTHER",
            3 => line.vat = if line.vat.0 == "S" { ("Z", Decimal::ZERO) } else { ("S", dec("25")) },
            4 => line.charge = Some(line.charge.unwrap_or_default() + dec("0.01")),
            _ => {
                let line = line.clone();
                changed.lines.push(line);
            }
        }
        prop_assert_ne!(read(&ubl).fingerprint(), read(&changed).fingerprint());
    }

    #[test]
    fn cut_or_damaged_bytes_never_panic(ubl in documents(), at in 0usize..4_000, byte in any::<u8>()) {
        let mut bytes = ubl.xml().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        for bytes in [&bytes[..], &bytes[..at]] {
            if let Ok(source) = SourceInvoice::from_ubl(bytes) {
                let _ = map_stocked(&source, &Settings::default());
                let _ = (source.fingerprint(), source.identity());
            }
        }
    }
}
