//! Rounding traps: prices with many decimals, base quantities, very many lines, negative documents.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use kleer_invoice::{Mapping, RemarkCode, Settings, SourceInvoice, Term};
use kleer_model::{Cents, ClientInvoice, Document};
use rust_decimal::{Decimal, RoundingStrategy};
use support::map_stocked;
use support::ubl::{Line, Ubl, dec, preceding};

fn mapped(ubl: &Ubl) -> Mapping {
    let source = SourceInvoice::from_ubl(ubl.xml().as_bytes()).unwrap();
    map_stocked(&source, &Settings::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// Net and VAT computed from the XML that is sent, by none of the mapper's code.
fn sums_of_xml(mapping: &Mapping) -> (Decimal, Decimal) {
    let xml = mapping.invoice.to_xml().unwrap();
    let invoice = ClientInvoice::from_xml(xml.as_bytes()).unwrap();
    let round =
        |amount: Decimal| amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    let mut rates: Vec<(Decimal, Decimal)> = Vec::new();
    for row in &invoice.rows {
        let off = match &row.discount {
            None => Decimal::ZERO,
            Some(kleer_model::Discount::Absolute(off)) => Decimal::from(off.0),
            Some(other) => panic!("{other:?}"),
        };
        let net = round(row.quantity * Decimal::from(row.price.0)) - off;
        match rates.iter_mut().find(|(rate, _)| *rate == row.vat.0) {
            Some((_, sum)) => *sum += net,
            None => rates.push((row.vat.0, net)),
        }
    }
    let net: Decimal = rates.iter().map(|(_, net)| *net).sum();
    let vat: Decimal = rates
        .iter()
        .map(|(rate, net)| round(net * rate / dec("100")))
        .sum();
    (net / dec("100"), vat / dec("100"))
}

fn check(ubl: &Ubl) -> Mapping {
    let mapping = mapped(ubl);
    let (net, vat, _) = ubl.sums();
    let sign = if ubl.credit_note {
        -Decimal::ONE
    } else {
        Decimal::ONE
    };
    let rounding = ubl.rounding.unwrap_or_default();
    assert_eq!(
        sums_of_xml(&mapping),
        (sign * (net + rounding), sign * vat),
        "{}",
        ubl.xml()
    );
    mapping
}

fn with_base(quantity: &str, price: &str, base: &str) -> Line {
    let mut line = Line::new(quantity, price);
    line.base = Some(dec(base));
    line
}

#[test]
fn prices_with_many_decimals_become_one_item_at_the_lines_total() {
    for (quantity, price) in [
        ("1234", "0.2891"),
        ("3", "0.33333333"),
        ("0.333", "99.99999"),
        ("1000000", "0.000001"),
        ("7", "14.285714285714"),
    ] {
        let mapping = check(&Ubl::new(vec![Line::new(quantity, price)]));
        let row = &mapping.invoice.rows[0];
        assert_eq!(row.quantity, Decimal::ONE);
        assert!(
            row.description.contains(&format!("{quantity} EA x ")),
            "{}",
            row.description
        );
        assert_eq!(
            mapping.report.remarks[0].code,
            RemarkCode::LinePostedAsTotal
        );
        assert_eq!(mapping.report.remarks[0].line, Some(1));
    }
}

#[test]
fn a_price_per_thousand_is_divided_where_that_comes_out() {
    let lines = vec![
        with_base("2500", "4990", "1000"),
        with_base("1500", "123.45", "1000"),
        with_base("1", "10", "3"),
        with_base("3", "10", "3"),
        with_base("12", "0.12", "0.5"),
    ];
    let mapping = check(&Ubl::new(lines));
    let quantities: Vec<_> = mapping
        .invoice
        .rows
        .iter()
        .map(|row| row.quantity)
        .collect();
    assert_eq!(
        quantities,
        ["2500", "1", "1", "1", "12"].map(dec),
        "whole cents per unit stay, the others are totals"
    );
    let bases = mapping.report.of(Term::bt(149)).count();
    assert_eq!(bases, 5);
}

#[test]
fn halves_of_a_cent_are_the_same_on_both_sides() {
    // 0.5 x 0.01 and 1.5 x 0.03: a half each; VAT of 0.02 is a half too.
    for credit_note in [false, true] {
        let lines = vec![Line::new("0.5", "0.01"), Line::new("1.5", "0.03")];
        let mut ubl = if credit_note {
            Ubl::credit_note(lines)
        } else {
            Ubl::new(lines)
        };
        ubl.head = preceding("A-1");
        check(&ubl);
    }
    let mut ubl = Ubl::new(vec![Line::new("-0.5", "0.01"), Line::new("-2", "10.07")]);
    ubl.head = preceding("A-1");
    let mapping = check(&ubl);
    assert_eq!(mapping.invoice.debit_invoice_nr, Some(4711));
}

#[test]
fn negative_documents_of_every_kind_keep_their_sums() {
    for credit_note in [false, true] {
        for factor in [1, -1] {
            let quantity = |text: &str| (dec(text) * Decimal::from(factor)).to_string();
            let mut fine = Line::new(&quantity("3"), "0.3333");
            fine.vat = ("S", dec("12"));
            let mut discounted = Line::new(&quantity("2"), "19.99");
            discounted.allowance = Some(dec("1.11"));
            discounted.charge = Some(dec("0.07"));
            let lines = vec![fine, discounted, Line::new(&quantity("-1"), "5.55")];
            let mut ubl = if credit_note {
                Ubl::credit_note(lines)
            } else {
                Ubl::new(lines)
            };
            ubl.head = preceding("A-1");
            ubl.allowance = Some(dec("2.22"));
            ubl.charge = Some(dec("0.33"));
            ubl.rounding = Some(dec("-0.49"));
            let mapping = check(&ubl);
            let is_credit = (factor < 0) != credit_note;
            assert_eq!(mapping.invoice.debit_invoice_nr.is_some(), is_credit);
        }
    }
}

#[test]
fn a_hundred_thousand_lines_add_up() {
    let rates = [("S", "25"), ("S", "12"), ("S", "6"), ("Z", "0")];
    let lines = (0..100_000i64).map(|at| {
        let mut line = Line::new("1", "1");
        line.quantity = Decimal::new(at % 977 + 1, u32::try_from(at % 4).unwrap());
        line.price = Decimal::new(at % 9_973, u32::try_from(at % 5).unwrap());
        let (category, rate) = rates[usize::try_from(at % 4).unwrap()];
        line.vat = (category, dec(rate));
        line
    });
    let mapping = check(&Ubl::new(lines.collect()));
    assert_eq!(mapping.invoice.rows.len(), 100_000);
    assert!(mapping.sums.net > Cents(1_000_000));
}
