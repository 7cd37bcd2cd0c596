//! Kleer's answers to writes and actions, and its error body.

use crate::codec::declare::record;

record! {
    /// The answer to a create (`PUT`): the id of what was made.
    pub struct Created = "", root "created" {
        /// The new id.
        required id: i32 = "id";
    }
}

record! {
    /// The answer to a save (`POST`), and to some creates.
    pub struct Saved = "", root "saved" {
        /// The id of what was saved, where Kleer gives it.
        optional id: i32 = "id";
    }
}

record! {
    /// The answer to a `DELETE`.
    pub struct Deleted = "", root "deleted" {
        /// The id of what was deleted, where Kleer gives it.
        optional id: i32 = "id";
    }
}

record! {
    /// The answer to an action that was carried out (root element `ok`).
    pub struct Done = "", root "ok" {
        /// The id of what was acted on.
        required id: i32 = "id";
        /// What Kleer has to say about it. It may name people.
        optional message: String = "message", personal;
    }
}

record! {
    /// Kleer's error body (root element `error`).
    ///
    /// It stands in answers of every status, 500 among them: there it is a business error, not an
    /// outage.
    pub struct ErrorMessage = "", root "error" {
        /// The message, in Swedish, often led by the name of a Java exception. It may name people.
        required message: String = "message", personal;
    }
}

impl Created {
    /// An answer with this id.
    pub fn new(id: i32) -> Self {
        Self {
            id,
            ..crate::codec::Value::blank()
        }
    }
}

impl Saved {
    /// An answer with this id.
    pub fn new(id: Option<i32>) -> Self {
        Self {
            id,
            ..crate::codec::Value::blank()
        }
    }
}

impl Deleted {
    /// An answer with this id.
    pub fn new(id: Option<i32>) -> Self {
        Self {
            id,
            ..crate::codec::Value::blank()
        }
    }
}

impl Done {
    /// An answer with this id and no message.
    pub fn new(id: i32) -> Self {
        Self {
            id,
            ..crate::codec::Value::blank()
        }
    }
}

impl ErrorMessage {
    /// An error body with this message.
    ///
    /// ```
    /// use kleer_model::{Document, ErrorMessage};
    ///
    /// let body = ErrorMessage::new("Tekniskt fel").to_xml()?;
    /// assert_eq!(body, "<error><message>Tekniskt fel</message></error>");
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..crate::codec::Value::blank()
        }
    }

    /// The name of the Java exception that leads the message, if one does.
    ///
    /// ```
    /// use kleer_model::ErrorMessage;
    ///
    /// let error = ErrorMessage::new("SingleAccessDeniedException: Otillåten access");
    /// assert_eq!(error.exception(), Some("SingleAccessDeniedException"));
    /// assert_eq!(ErrorMessage::new("Tekniskt fel").exception(), None);
    /// ```
    pub fn exception(&self) -> Option<&str> {
        let message = self.message.trim_start();
        let end = message
            .find(|character: char| {
                !(character.is_ascii_alphanumeric() || "._$".contains(character))
            })
            .unwrap_or(message.len());
        let name = message[..end].rsplit('.').find(|part| !part.is_empty())?;
        (name.ends_with("Exception") && name.len() > "Exception".len()).then_some(name)
    }
}
