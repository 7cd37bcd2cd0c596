//! Where each business term can go, as data: for the documentation, and for tests that hold the
//! mapping to it. Custom fields, which can take any term, are not in it.

use crate::Term;

/// Where the mapping can put a business term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Destination {
    /// The term.
    pub term: Term,
    /// Fields of Kleer's invoice, by their names in the schema.
    pub fields: &'static [&'static str],
    /// Text fields that carry it with a label where no field takes it.
    pub carried: &'static [&'static str],
    /// Why it can be dropped; empty if it never is.
    pub dropped: &'static str,
}

const fn to(term: u16, fields: &'static [&'static str]) -> Destination {
    Destination {
        term: Term::bt(term),
        fields,
        carried: &[],
        dropped: "",
    }
}

const fn notes(term: u16) -> Destination {
    Destination {
        term: Term::bt(term),
        fields: &[],
        carried: &["notes"],
        dropped: "",
    }
}

const fn described(term: u16) -> Destination {
    Destination {
        term: Term::bt(term),
        fields: &[],
        carried: &["rows/row/description"],
        dropped: "",
    }
}

const fn dropped(term: u16) -> Destination {
    let dropped = crate::mapping::why_dropped(term);
    Destination {
        term: Term::bt(term),
        fields: &[],
        carried: &[],
        dropped,
    }
}

const fn or_carried(mut entry: Destination, carried: &'static [&'static str]) -> Destination {
    entry.carried = carried;
    entry
}

const fn or_dropped(mut entry: Destination, why: &'static str) -> Destination {
    entry.dropped = why;
    entry
}

const NOTES: &[&str] = &["notes"];
const DESCRIPTION: &[&str] = &["rows/row/description"];

/// Where each business term can go in a client invoice ([`map()`](crate::map())), in the order of
/// their numbers. A custom field ([`Settings::custom_fields`](crate::Settings::custom_fields)) or
/// a place in a template of the notes can take any of them besides.
///
/// ```
/// use kleer_invoice::{DESTINATIONS, Term};
///
/// let order = DESTINATIONS.iter().find(|entry| entry.term == Term::bt(13)).unwrap();
/// assert_eq!(order.fields, ["po-nr"]);
/// ```
pub const DESTINATIONS: &[Destination] = &[
    notes(1),
    to(2, &["invoice-date"]),
    or_carried(dropped(3), NOTES),
    to(5, &["currency"]),
    notes(6),
    notes(7),
    notes(8),
    to(9, &["due-date"]),
    to(10, &["your-reference"]),
    notes(11),
    to(12, &["agreement-nr"]),
    or_dropped(
        to(13, &["po-nr"]),
        "NA stands for no order number beside a sales order",
    ),
    notes(14),
    notes(15),
    notes(16),
    notes(17),
    notes(18),
    notes(19),
    notes(20),
    notes(21),
    notes(22),
    dropped(23),
    dropped(24),
    or_carried(to(25, &["debit-invoice-nr"]), NOTES),
    notes(26),
    dropped(27),
    dropped(28),
    dropped(29),
    dropped(30),
    dropped(31),
    dropped(32),
    dropped(33),
    dropped(34),
    dropped(35),
    dropped(36),
    dropped(37),
    dropped(38),
    dropped(39),
    dropped(40),
    dropped(41),
    dropped(42),
    dropped(43),
    dropped(44),
    dropped(45),
    or_carried(to(46, &["gln"]), NOTES),
    or_dropped(to(47, &["gln"]), "the client in Kleer holds it"),
    to(48, &["vat-nr"]),
    or_dropped(to(49, &["gln"]), "the client in Kleer holds it"),
    to(50, &["invoice-address/address2"]),
    to(51, &["invoice-address/address1"]),
    to(52, &["invoice-address/state"]),
    to(53, &["invoice-address/zip-code"]),
    notes(54),
    to(55, &["invoice-address/country"]),
    or_carried(to(56, &["your-reference"]), NOTES),
    dropped(57),
    to(58, &["invoice-email"]),
    dropped(59),
    dropped(60),
    dropped(61),
    dropped(62),
    dropped(63),
    dropped(64),
    dropped(65),
    dropped(66),
    dropped(67),
    dropped(68),
    dropped(69),
    to(70, &["delivery-name"]),
    notes(71),
    to(72, &["delivery-date"]),
    or_carried(to(73, &["period/start-date"]), NOTES),
    or_carried(to(74, &["period/end-date"]), NOTES),
    to(75, &["delivery-address/address2"]),
    to(76, &["delivery-address/address1"]),
    to(77, &["delivery-address/state"]),
    to(78, &["delivery-address/zip-code"]),
    notes(79),
    to(80, &["delivery-address/country"]),
    dropped(81),
    dropped(82),
    or_carried(dropped(83), NOTES),
    dropped(84),
    dropped(85),
    dropped(86),
    dropped(87),
    dropped(88),
    dropped(89),
    dropped(90),
    dropped(91),
    to(92, &["rows/row"]),
    described(93),
    described(94),
    to(95, &["rows/row/product"]),
    to(96, &["rows/row/vat"]),
    described(97),
    described(98),
    to(99, &["rows/row"]),
    described(100),
    described(101),
    to(102, &["rows/row/product"]),
    to(103, &["rows/row/vat"]),
    described(104),
    described(105),
    dropped(106),
    dropped(107),
    dropped(108),
    dropped(109),
    dropped(110),
    notes(111),
    dropped(112),
    or_dropped(
        or_carried(to(113, &["rows/row"]), NOTES),
        crate::mapping::why_dropped(113),
    ),
    or_dropped(to(114, &["rows/row"]), "zero, so there is nothing to round"),
    dropped(115),
    dropped(116),
    dropped(117),
    dropped(118),
    dropped(119),
    notes(120),
    notes(121),
    notes(122),
    notes(123),
    notes(124),
    to(125, &["files/file"]),
    dropped(126),
    described(127),
    described(128),
    or_carried(to(129, &["rows/row/quantity"]), DESCRIPTION),
    or_carried(to(130, &["rows/row/unit"]), DESCRIPTION),
    to(131, &["rows/row"]),
    described(132),
    described(133),
    or_carried(to(134, &["rows/row/period/start-date"]), DESCRIPTION),
    or_carried(to(135, &["rows/row/period/end-date"]), DESCRIPTION),
    to(136, &["rows/row"]),
    described(137),
    described(138),
    described(139),
    described(140),
    to(141, &["rows/row"]),
    described(142),
    described(143),
    described(144),
    described(145),
    or_carried(to(146, &["rows/row/price"]), DESCRIPTION),
    described(147),
    described(148),
    or_carried(to(149, &["rows/row/price"]), DESCRIPTION),
    or_carried(dropped(150), DESCRIPTION),
    or_dropped(
        to(151, &["rows/row/product"]),
        "Kleer takes it from the product and the client",
    ),
    to(152, &["rows/row/vat"]),
    to(153, &["rows/row/description"]),
    described(154),
    or_carried(to(155, &["rows/row/product"]), DESCRIPTION),
    described(156),
    described(157),
    described(158),
    described(159),
    described(160),
    described(161),
    dropped(162),
    to(163, &["invoice-address/address1"]),
    dropped(164),
    to(165, &["delivery-address/address1"]),
];

const fn of_revenue() -> [Destination; DESTINATIONS.len()] {
    let mut table = [to(0, &[]); DESTINATIONS.len()];
    let mut at = 0;
    while at < table.len() {
        let term = DESTINATIONS[at].term.number();
        table[at] = to(term, crate::mapping::revenue_fields(term));
        // What a field always takes where it stands is never dropped.
        if !matches!(
            term,
            2 | 5 | 92 | 95 | 96 | 99 | 102 | 103 | 125 | 131 | 152
        ) {
            table[at].dropped = crate::mapping::why_not_in_revenue(term);
        }
        at += 1;
    }
    table
}

/// Where each business term can go in a revenue ([`map_revenue`](crate::map_revenue)), in the
/// order of their numbers.
pub const REVENUE_DESTINATIONS: &[Destination] = &of_revenue();
