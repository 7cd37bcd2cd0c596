//! What has no field of its own: the notes, the custom fields and the payment reference.

use std::collections::BTreeSet;

use en16931::Identifier;
use kleer_model::CustomField;

use super::Work;
use crate::labels::Label;
use crate::notes_template::Part;
use crate::report::{Fate, RemarkCode};
use crate::{OcrForm, ReasonCode, ReferenceCarrier, StatedReference, Term};

/// A line of the notes.
pub(super) struct Note {
    /// The terms that it shows; unused places are 0.
    terms: [u16; 3],
    text: String,
    /// Whether it stands there whatever the template says.
    always: bool,
    is_reference: bool,
}

impl<'a> Work<'a> {
    /// Adds a line to the notes.
    pub(super) fn note(&mut self, terms: &[u16], label: Label, value: &str) {
        self.note_as(terms, self.label(label), value);
    }

    pub(super) fn note_as(&mut self, terms: &[u16], label: &str, value: &str) {
        let mut shown = [0; 3];
        for (place, term) in shown.iter_mut().zip(terms) {
            *place = *term;
        }
        self.notes.push(Note {
            terms: shown,
            text: format!("{label}: {value}"),
            always: false,
            is_reference: false,
        });
    }

    /// A line that no template leaves out.
    pub(super) fn note_always(&mut self, term: u16, label: Label, value: &str) {
        self.note(&[term], label, value);
        if let Some(note) = self.notes.last_mut() {
            note.always = true;
        }
    }

    /// Carries a term in the notes, unless a custom field takes it.
    pub(super) fn carry(&mut self, term: u16, label: Label, value: Option<&'a str>) {
        if let Some(value) = self.take_text(term, None, value, Fate::carried("notes")) {
            self.note(&[term], label, value);
        }
    }

    /// Carries a term that stands there in other words than those of the source.
    pub(super) fn carry_as(&mut self, term: u16, label: Label, value: Option<&'a str>, text: &str) {
        let value = self.take_text(term, None, value, Fate::carried("notes"));
        if value.is_some() {
            self.note(&[term], label, text);
        }
    }

    /// Carries a term that is no text in the source.
    pub(super) fn carry_value(&mut self, term: u16, label: Label, text: &str) {
        if !self.settings.has_custom_field(term) {
            self.ledger.mark(term, None, Fate::carried("notes"));
            self.note(&[term], label, text);
        }
    }

    pub(super) fn carry_identifier(
        &mut self,
        term: u16,
        label: Label,
        identifier: Option<&'a Identifier>,
    ) {
        if let Some(identifier) = identifier {
            let text = identified(identifier);
            self.carry_as(term, label, Some(identifier.content()), &text);
        }
    }

    /// The payment reference: the stated one (BT-83), or one that is made from the number.
    pub(super) fn payment_reference(&mut self) {
        let ocr = &self.settings.ocr;
        // Nobody pays a credit.
        if ocr.form == OcrForm::Off || self.source.is_credit() {
            return;
        }
        let payment = self.invoice.payment.as_ref();
        let stated = payment
            .and_then(|payment| payment.remittance_information.as_deref())
            .map(str::trim)
            .filter(|stated| !stated.is_empty());
        let field = match &ocr.carrier {
            ReferenceCarrier::Field(alias) => Some(alias.clone()),
            ReferenceCarrier::Notes => None,
        };
        let kept = stated.filter(|_| ocr.stated == StatedReference::Keep);
        let reference = if let Some(stated) = kept {
            let fate = match &field {
                Some(alias) => in_field("fields/field", alias),
                None => Fate::carried("notes"),
            };
            if !self.settings.has_custom_field(83) {
                self.ledger.mark_open(83, None, fate);
            }
            self.remark(
                RemarkCode::PaymentReferenceKept,
                83,
                None,
                "the document states a payment reference; none was made",
            );
            stated.to_owned()
        } else {
            match ocr.reference(self.source.number().unwrap_or_default().trim()) {
                Ok(Some(reference)) => reference,
                Ok(None) => return,
                Err(error) => {
                    self.refuse(ReasonCode::NoPaymentReference, 1, None, error.to_string());
                    return;
                }
            }
        };
        if let Some(alias) = field {
            self.add_field(&alias, &reference);
        } else {
            let is_ocr = reference.parse::<swedish_ids::OcrReference>().is_ok();
            let label = if is_ocr {
                Label::Ocr
            } else {
                Label::PaymentReference
            };
            self.note(&[], label, &reference);
            if let Some(note) = self.notes.last_mut() {
                note.always = true;
                note.is_reference = true;
            }
        }
        self.reference = Some(reference);
    }

    /// The custom fields of the invoice.
    pub(super) fn custom_fields(&mut self) -> Option<Vec<CustomField>> {
        let settings = self.settings;
        for (term, alias) in &settings.custom_fields {
            if term.is_of_line() || term.is_group() {
                continue;
            }
            let values = self.document_values(term.number());
            for _ in &values {
                let fate = in_field("fields/field", alias);
                self.ledger.mark_open(term.number(), None, fate);
            }
            if !values.is_empty() {
                self.add_field(alias, &values.join(", "));
            }
        }
        let fields = std::mem::take(&mut self.fields);
        (!fields.is_empty()).then_some(fields)
    }

    /// Two terms with one alias share the field.
    fn add_field(&mut self, alias: &str, value: &str) {
        match self.fields.iter_mut().find(|field| field.alias == alias) {
            Some(field) => {
                field.value.push_str(", ");
                field.value.push_str(value);
            }
            None => self.fields.push(CustomField::new(alias, value)),
        }
    }

    /// The notes, as the template has them or else one line after the other.
    pub(super) fn finish_notes(&mut self) -> Option<String> {
        let notes = std::mem::take(&mut self.notes);
        let settings = self.settings;
        let Some(template) = &settings.notes_template else {
            let lines: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
            return (!lines.is_empty()).then(|| lines.join("\n"));
        };
        let shows_reference = template
            .parts()
            .any(|part| matches!(part, Part::PaymentReference));
        let named = |term: u16| template.names(Term::bt(term));
        let mut rest = Vec::new();
        let mut left_out = BTreeSet::new();
        for note in &notes {
            let mut terms = note.terms.iter().copied().filter(|term| *term != 0);
            let shown = if note.is_reference {
                shows_reference
            } else {
                terms.clone().all(named)
            };
            if shown {
                continue;
            }
            if template.has_rest() || note.always {
                rest.push(note.text.as_str());
            } else {
                left_out.extend(terms.by_ref().filter(|term| !named(*term)));
            }
        }
        let rest = rest.join("\n");
        let mut text = template.fill(|part| match part {
            Part::Term(term) => self.document_values(term.number()).join(", "),
            Part::PaymentReference => self.reference.clone().unwrap_or_default(),
            Part::Rest => rest.clone(),
            Part::Text(_) => String::new(),
        });
        if !template.has_rest() && !rest.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&rest);
        }
        let fate = Fate::dropped("the notes template leaves it out");
        self.ledger.take_out_of_notes(&left_out, &fate);
        for part in template.parts() {
            if let Part::Term(term) = part {
                for _ in self.document_values(term.number()) {
                    let carried = Fate::carried("notes");
                    self.ledger.mark_open(term.number(), None, carried);
                }
            }
        }
        (!text.is_empty()).then_some(text)
    }
}

/// The fate of a term that a custom field takes.
pub(super) fn in_field(place: &str, alias: &str) -> Fate {
    Fate::Carried {
        place: format!("{place}[{alias}]").into(),
    }
}

/// An identifier with its scheme, which says what kind of identifier it is.
pub(super) fn identified(identifier: &Identifier) -> String {
    with_scheme(
        identifier.content().trim(),
        identifier.scheme().unwrap_or_default(),
        identifier.scheme_version(),
    )
}

pub(super) fn with_scheme(value: &str, scheme: &str, version: Option<&str>) -> String {
    match (scheme.trim(), version.map(str::trim)) {
        ("", _) => value.to_owned(),
        (scheme, None | Some("")) => format!("{value} ({scheme})"),
        (scheme, Some(version)) => format!("{value} ({scheme} {version})"),
    }
}
