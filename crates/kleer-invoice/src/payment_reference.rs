//! The payment reference that the buyer writes on a payment: in Sweden an OCR number.
//!
//! A client invoice of Kleer has no field for it, so it stands in the notes or in a custom field.

use swedish_ids::{NonDigits, OcrLayout, OcrReference, ParseError};

/// How an OCR number is made from the invoice number (BT-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum OcrForm {
    /// None is made.
    #[default]
    Off,
    /// The number and a check digit.
    Number,
    /// The number, a digit for the length, and a check digit.
    NumberAndLengthDigit,
}

/// What happens to letters and signs of an invoice number, which an OCR number cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum OcrLetters {
    /// The invoice is refused: without them two invoices could get the same OCR number.
    #[default]
    Refuse,
    /// They are left out: `F2026-17` becomes `202617`.
    Drop,
    /// Only the last run of digits is kept: `F2026-17` becomes `17`.
    KeepLastDigits,
}

/// What counts when the document states a payment reference itself (BT-83).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum StatedReference {
    /// The stated one: the buyer may have it before it sees Kleer's invoice.
    #[default]
    Keep,
    /// The one that is made. The stated one is dropped, and the report says so.
    Replace,
}

/// Where the payment reference stands in Kleer's invoice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum ReferenceCarrier {
    /// A line of the notes.
    #[default]
    Notes,
    /// The custom field of the invoice with this alias.
    Field(String),
}

/// The payment reference of an invoice. Off by default.
///
/// A credit gets none: nobody pays it.
///
/// ```
/// use kleer_invoice::{OcrForm, OcrLetters, OcrSettings};
///
/// let ocr = OcrSettings::new(OcrForm::NumberAndLengthDigit);
/// assert!(ocr.reference("2026-17").is_err()); // the hyphen
/// let ocr = ocr.with_letters(OcrLetters::Drop);
/// assert_eq!(ocr.reference("2026-17")?.as_deref(), Some("20261780"));
/// # Ok::<(), kleer_invoice::OcrError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OcrSettings {
    /// How it is made.
    pub form: OcrForm,
    /// What happens to letters and signs of the invoice number.
    pub letters: OcrLetters,
    /// For an agreement on a fixed length: zeros stand in front, so that there are so many digits
    /// with the check digit. A longer number is not cut.
    pub total_digits: Option<u8>,
    /// What counts when the document states a payment reference itself (BT-83).
    pub stated: StatedReference,
    /// Where it stands in Kleer's invoice.
    pub carrier: ReferenceCarrier,
}

/// No OCR number can be made of an invoice number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no OCR number can be made of the invoice number: {0}")]
pub struct OcrError(#[from] ParseError);

impl OcrSettings {
    /// A form, with the defaults for everything else.
    pub fn new(form: OcrForm) -> Self {
        Self {
            form,
            ..Self::default()
        }
    }

    /// Sets what happens to letters and signs.
    #[must_use]
    pub fn with_letters(mut self, letters: OcrLetters) -> Self {
        self.letters = letters;
        self
    }

    /// Fills the number with zeros to a fixed length, the check digit counted.
    #[must_use]
    pub fn with_total_digits(mut self, digits: u8) -> Self {
        self.total_digits = Some(digits);
        self
    }

    /// Sets what counts when the document states a reference.
    #[must_use]
    pub fn with_stated(mut self, stated: StatedReference) -> Self {
        self.stated = stated;
        self
    }

    /// Puts the reference into the custom field with this alias.
    #[must_use]
    pub fn in_field(mut self, alias: impl Into<String>) -> Self {
        self.carrier = ReferenceCarrier::Field(alias.into());
        self
    }

    /// The OCR number of an invoice number; `None` when they are off.
    ///
    /// # Errors
    /// When the number has letters that are refused, no digits, or too many.
    pub fn reference(&self, invoice_number: &str) -> Result<Option<String>, OcrError> {
        let layout = match self.form {
            OcrForm::Off => return Ok(None),
            OcrForm::Number => OcrLayout::new(),
            OcrForm::NumberAndLengthDigit => OcrLayout::with_length_digit(),
        };
        let layout = layout.filled_to(self.total_digits.unwrap_or_default().into());
        let letters = match self.letters {
            OcrLetters::Refuse => NonDigits::Refuse,
            OcrLetters::Drop => NonDigits::Drop,
            OcrLetters::KeepLastDigits => NonDigits::KeepLastDigits,
        };
        let reference = OcrReference::from_invoice_number(invoice_number, letters, layout)?;
        Ok(Some(reference.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_bankgirot_come_out() {
        let number = OcrSettings::new(OcrForm::Number);
        assert_eq!(number.reference("123").unwrap().as_deref(), Some("1230"));
        let length = OcrSettings::new(OcrForm::NumberAndLengthDigit);
        assert_eq!(length.reference("123").unwrap().as_deref(), Some("12351"));
        let filled = number.clone().with_total_digits(8);
        assert_eq!(
            filled.reference("123").unwrap().as_deref(),
            Some("00001230")
        );
        assert_eq!(OcrSettings::default().reference("F-1").unwrap(), None);
    }

    #[test]
    fn letters_are_refused_unless_the_settings_say_what_happens_to_them() {
        let ocr = OcrSettings::new(OcrForm::Number);
        assert!(ocr.reference("F2026-17").is_err());
        let reference = |letters| {
            let ocr = ocr.clone().with_letters(letters);
            ocr.reference("F2026-17").unwrap().unwrap()
        };
        assert!(reference(OcrLetters::Drop).starts_with("202617"));
        assert!(reference(OcrLetters::KeepLastDigits).starts_with("17"));
        // Nothing is left, and nothing longer than 25 digits is an OCR number.
        let drop = ocr.with_letters(OcrLetters::Drop);
        assert!(drop.reference("ABC").is_err());
        assert!(drop.reference(&"1".repeat(25)).is_err());
    }
}
