//! The company behind a token, and what else concerns Kleer as a whole.

use crate::codec::Value;
use crate::codec::declare::record;
use crate::{CompanyId, File};

record! {
    /// What Kleer tells of the company that a token belongs to (schema type
    /// `company-information`). Read only.
    pub struct CompanyInformation = "company-information", root "company-information" {
        /// The company's name.
        required name: String = "name";
        /// The organisation number, as text.
        required orgno: String = "orgno";
        /// The currency of the accounts (ISO 4217).
        required accounting_currency: String = "accounting-currency";
        /// The company's bankgiro number, digits only.
        optional bankgiro: i64 = "bankgiro";
        /// The address to which invoices from suppliers can be mailed.
        required supplier_invoice_email: String = "supplier-invoice-email";
    }
}

impl CompanyInformation {
    /// A company with these values; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        name: impl Into<String>,
        orgno: impl Into<String>,
        accounting_currency: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            orgno: orgno.into(),
            accounting_currency: accounting_currency.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A company of Kleer's (schema type `company`). Read only.
    pub struct Company = "company", root "company" {
        /// Kleer's id, which stands in every path of the API.
        required id: CompanyId = "id";
        /// The company's name.
        required name: String = "name";
    }
}

impl Company {
    /// A company; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: CompanyId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A message of the company's (schema type `company-message`). Write only; whom Kleer gives it
    /// to is not established.
    pub struct CompanyMessage = "company-message", root "company-message" {
        /// What it is about.
        required subject: String = "subject", personal;
        /// The message.
        required message: String = "message", personal;
        /// Attachments.
        list files: File = "files" / "file";
    }
}

impl CompanyMessage {
    /// A message without attachments.
    ///
    /// ```
    /// use kleer_model::{CompanyMessage, Document};
    ///
    /// let xml = CompanyMessage::new("Bokslut", "Underlaget är klart.").to_xml()?;
    /// assert!(xml.ends_with("<files/></company-message>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            message: message.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// Texts of Kleer's by their names (schema type `translations`).
    ///
    /// Not a [`List`](crate::List), since the schema demands at least one.
    pub struct Translations = "translations", root "translations" {
        /// The texts.
        nonempty translation: Translation = "translation";
    }
}

impl Translations {
    /// These texts. Without any the document cannot be written.
    pub fn new(translation: Vec<Translation>) -> Self {
        Self {
            translation,
            ..Self::blank()
        }
    }
}

record! {
    /// A text of Kleer's (an anonymous type of the schema).
    pub struct Translation = "" {
        /// The name by which it is found.
        required name: String = "name";
        /// The text.
        required value: String = "value";
    }
}

impl Translation {
    /// A text and the name by which it is found.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            ..Self::blank()
        }
    }
}
