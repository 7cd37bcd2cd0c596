//! The values of business terms as text, for custom fields and templates.

use en16931::invoice::{
    Code, DocumentAllowanceCharge, InvoiceLine, Party, PaymentMeans, PostalAddress,
};
use en16931::{DocumentReference, Identifier};

use super::Work;
use super::notes::identified;

type Values = Vec<String>;

fn text(value: Option<&str>) -> Values {
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    value.map(str::to_owned).into_iter().collect()
}

fn code(value: Option<&Code>) -> Values {
    text(value.map(Code::as_str))
}

fn reference(value: Option<&DocumentReference>) -> Values {
    text(value.map(DocumentReference::as_str))
}

fn identifier(value: Option<&Identifier>) -> Values {
    let value = value.filter(|identifier| !identifier.is_blank());
    value.map(identified).into_iter().collect()
}

fn shown(value: Option<impl ToString>) -> Values {
    value.map(|value| value.to_string()).into_iter().collect()
}

/// The values of a term of several things.
fn each<'a, T: 'a>(
    things: impl IntoIterator<Item = &'a T>,
    values: impl Fn(&'a T) -> Values,
) -> Values {
    things.into_iter().flat_map(values).collect()
}

impl Work<'_> {
    /// The values of a term of the document, in its order.
    pub(super) fn document_values(&self, term: u16) -> Values {
        let invoice = self.invoice;
        // An amount that is absent is 0 in the model.
        let occurs = || {
            let mut occurrences = self.source.census().occurrences.iter();
            occurrences.any(|occurrence| occurrence.term == term)
        };
        let totals = &invoice.totals;
        match term {
            1 => text(invoice.number.as_deref()),
            2 => shown(invoice.issue_date),
            3 => code(invoice.type_code.as_ref()),
            5 => text(self.source.currency()),
            6 => code(invoice.vat_accounting_currency.as_ref()),
            7 => shown(invoice.vat_point_date),
            8 => code(invoice.vat_point_date_code.as_ref()),
            9 => shown(self.source.due_date()),
            10 => text(invoice.buyer_reference.as_deref()),
            11 => self.projects(),
            12 => reference(invoice.contract_reference.as_ref()),
            13 => reference(invoice.purchase_order_reference.as_ref()),
            14 => reference(invoice.sales_order_reference.as_ref()),
            15 => reference(invoice.receiving_advice_reference.as_ref()),
            16 => reference(invoice.despatch_advice_reference.as_ref()),
            17 => reference(invoice.tender_reference.as_ref()),
            18 => identifier(invoice.object_identifier.as_ref()),
            19 => text(invoice.accounting_reference.as_deref()),
            20 => text(invoice.payment_terms.as_deref()),
            21 => each(&invoice.notes, |note| code(note.subject_code.as_ref())),
            22 => each(&invoice.notes, |note| text(note.note.as_deref())),
            23 => text(invoice.business_process.as_deref()),
            24 => text(invoice.specification_id.as_deref()),
            25 => each(&invoice.preceding_invoices, |one| {
                reference(Some(&one.reference))
            }),
            26 => each(&invoice.preceding_invoices, |one| shown(one.issue_date)),
            27..=43 | 162 => party(&invoice.seller, if term == 162 { 162 } else { term - 27 }),
            44..=48 => party(&invoice.buyer, term - 44),
            49 => party(&invoice.buyer, 7),
            50..=58 => party(&invoice.buyer, term - 42),
            163 => party(&invoice.buyer, 162),
            59..=61 => each(&invoice.payee, |payee| match term {
                59 => text(payee.name.as_deref()),
                60 => identifier(payee.identifier.as_ref()),
                _ => identifier(payee.legal_registration.as_ref()),
            }),
            62..=69 | 164 => each(&invoice.tax_representative, |one| match term {
                62 => text(one.name.as_deref()),
                63 => text(one.vat_identifier.as_deref()),
                164 => address(&one.address, 162),
                _ => address(&one.address, term - 64),
            }),
            70..=72 => each(&invoice.delivery, |delivery| match term {
                70 => text(delivery.party_name.as_deref()),
                71 => identifier(delivery.location.as_ref()),
                _ => shown(delivery.date),
            }),
            73 => each(&invoice.invoicing_period, |period| shown(period.start)),
            74 => each(&invoice.invoicing_period, |period| shown(period.end)),
            75..=80 | 165 => each(&invoice.delivery, |delivery| {
                each(&delivery.address, |one| {
                    address(one, if term == 165 { 162 } else { term - 75 })
                })
            }),
            81..=91 => self.payment_values(term),
            92..=98 => each(&invoice.allowances, |one| part(one, term - 92)),
            99..=105 => each(&invoice.charges, |one| part(one, term - 99)),
            106 => shown(occurs().then_some(totals.line_total)),
            107 => shown(totals.allowance_total),
            108 => shown(totals.charge_total),
            109 => shown(occurs().then_some(totals.taxable_total)),
            110 => shown(totals.vat_total),
            111 => shown(totals.vat_total_accounting.filter(|_| occurs())),
            112 => shown(occurs().then_some(totals.gross_total)),
            113 => shown(totals.paid),
            114 => shown(totals.rounding),
            115 => shown(occurs().then_some(totals.due)),
            116 => each(&invoice.vat_breakdown, |one| {
                shown(Some(one.taxable_amount))
            }),
            117 => each(&invoice.vat_breakdown, |one| shown(Some(one.tax_amount))),
            118 => each(&invoice.vat_breakdown, |one| code(Some(&one.category))),
            119 => each(&invoice.vat_breakdown, |one| shown(one.rate)),
            120 => each(&invoice.vat_breakdown, |one| {
                text(one.exemption_reason.as_deref())
            }),
            121 => each(&invoice.vat_breakdown, |one| {
                code(one.exemption_reason_code.as_ref())
            }),
            122..=125 => self.document_files(term),
            _ => Values::new(),
        }
    }

    /// BT-11; a credit note has it among the supporting documents.
    fn projects(&self) -> Values {
        let mut values = reference(self.invoice.project_reference.as_ref());
        for (document, is_project) in self.documents() {
            if is_project {
                values.extend(reference(Some(&document.reference)));
            }
        }
        values
    }

    fn document_files(&self, term: u16) -> Values {
        let documents = self.documents().filter(|(_, is_project)| !is_project);
        documents
            .flat_map(|(document, _)| match term {
                122 => reference(Some(&document.reference)),
                123 => text(document.description.as_deref()),
                124 => text(document.uri.as_deref()),
                _ => {
                    let file = document.attachment.as_ref();
                    text(file.map(en16931::Attachment::filename))
                }
            })
            .collect()
    }

    fn payment_values(&self, term: u16) -> Values {
        let Some(payment) = &self.invoice.payment else {
            return Values::new();
        };
        match (term, &payment.means) {
            (81, _) => code(payment.means_code.as_ref()),
            (82, _) => text(payment.means_text.as_deref()),
            (83, _) => text(payment.remittance_information.as_deref()),
            (84..=86, Some(PaymentMeans::CreditTransfer(transfers))) => {
                each(transfers, |one| match term {
                    84 => text(one.account_identifier.as_deref()),
                    85 => text(one.account_name.as_deref()),
                    _ => text(one.provider_identifier.as_deref()),
                })
            }
            (87, Some(PaymentMeans::Card(card))) => text(card.primary_account_number.as_deref()),
            (88, Some(PaymentMeans::Card(card))) => text(card.holder_name.as_deref()),
            (89, Some(PaymentMeans::DirectDebit(debit))) => {
                text(debit.mandate_reference.as_deref())
            }
            (90, Some(PaymentMeans::DirectDebit(debit))) => {
                text(debit.creditor_identifier.as_deref())
            }
            (91, Some(PaymentMeans::DirectDebit(debit))) => text(debit.debited_account.as_deref()),
            _ => Values::new(),
        }
    }
}

/// The parts of a party, counted from its name as those of the seller are (BT-27 to BT-43).
fn party(party: &Party, part: u16) -> Values {
    let contact = &party.contact;
    match part {
        0 => text(party.name.as_deref()),
        1 => text(party.trading_name.as_deref()),
        2 => each(&party.identifiers, |one| identifier(Some(one))),
        3 => identifier(party.legal_registration.as_ref()),
        4 => text(party.vat_identifier.as_deref()),
        5 => text(party.tax_registration.as_deref()),
        6 => text(party.additional_legal_information.as_deref()),
        7 => identifier(party.electronic_address.as_ref()),
        8..=13 => address(&party.address, part - 8),
        14 => text(contact.name.as_deref()),
        15 => text(contact.phone.as_deref()),
        16 => text(contact.email.as_deref()),
        _ => address(&party.address, 162),
    }
}

/// Line 1, line 2, city, post code, region, country; any other part is line 3.
fn address(address: &PostalAddress, part: u16) -> Values {
    match part {
        0 => text(address.line1.as_deref()),
        1 => text(address.line2.as_deref()),
        2 => text(address.city.as_deref()),
        3 => text(address.post_code.as_deref()),
        4 => text(address.subdivision.as_deref()),
        5 => code(address.country.as_ref()),
        _ => text(address.line3.as_deref()),
    }
}

/// The parts of an allowance or charge in the order of their terms.
fn part(one: &DocumentAllowanceCharge, part: u16) -> Values {
    match part {
        0 => shown(Some(one.amount)),
        1 => shown(one.base_amount),
        2 => shown(one.percentage),
        3 => code(Some(&one.vat.category)),
        4 => shown(one.vat.rate),
        5 => text(one.reason.as_deref()),
        _ => code(one.reason_code.as_ref()),
    }
}

/// The values of a term of a line.
pub(super) fn line_values(line: &InvoiceLine, term: u16) -> Values {
    let item = &line.item;
    match term {
        126 => text(Some(&line.id)),
        127 => text(line.note.as_deref()),
        128 => identifier(line.object_identifier.as_ref()),
        129 => shown(Some(line.quantity)),
        130 => code(Some(&line.unit_code)),
        131 => shown(Some(line.net_amount)),
        132 => reference(line.order_line_reference.as_ref()),
        133 => text(line.accounting_reference.as_deref()),
        134 => each(&line.period, |period| shown(period.start)),
        135 => each(&line.period, |period| shown(period.end)),
        136..=145 => {
            let (parts, first) = if term < 141 {
                (&line.allowances, 136)
            } else {
                (&line.charges, 141)
            };
            each(parts, |one| match term - first {
                0 => shown(Some(one.amount)),
                1 => shown(one.base_amount),
                2 => shown(one.percentage),
                3 => text(one.reason.as_deref()),
                _ => code(one.reason_code.as_ref()),
            })
        }
        146 => shown(Some(line.price.net_price)),
        147 => shown(line.price.price_discount),
        148 => shown(line.price.gross_price),
        149 => shown(line.price.base_quantity),
        150 => code(line.price.base_quantity_code.as_ref()),
        151 => code(Some(&line.vat.category)),
        152 => shown(line.vat.rate),
        153 => text(item.name.as_deref()),
        154 => text(item.description.as_deref()),
        155 => text(item.seller_identifier.as_deref()),
        156 => text(item.buyer_identifier.as_deref()),
        157 => identifier(item.standard_identifier.as_ref()),
        158 => each(&item.classification_identifiers, |one| {
            identifier(Some(one))
        }),
        159 => code(item.origin_country.as_ref()),
        160 => each(&item.attributes, |one| text(one.name.as_deref())),
        161 => each(&item.attributes, |one| text(one.value.as_deref())),
        _ => Values::new(),
    }
}
