//! A document as it was read: what it says, and by which keys it and its buyer are known.

use std::fmt;

use kleer_invoice::{ReadLimits, SourceInvoice, propose_client};
use kleer_model::{ClientKey, File};
use record_link::DeviationClass;

use super::outcome::Stop;
use super::target::Target;

/// The type codes of invoices that can be credited (UNTDID 1001), the usual one first.
const DEBIT_TYPES: [&str; 10] = [
    "380", "383", "384", "386", "393", "82", "84", "326", "388", "395",
];

/// A document to be posted: its bytes, and a name by which it can be fetched again.
///
/// A document that could not be fetched is one, too, so that it gets a result and a deviation like
/// every other.
///
/// ```
/// use kleer_connect::invoices::SourceDocument;
///
/// let document = SourceDocument::new("/in/2026/1017.xml", "<Invoice/>");
/// assert_eq!(document.name(), "/in/2026/1017.xml");
/// let gone = SourceDocument::failed("/in/2026/1018.xml", "the file cannot be read: no such file");
/// assert_eq!(gone.len(), 0);
/// ```
#[derive(Clone)]
pub struct SourceDocument {
    name: String,
    file_name: String,
    content: Result<Vec<u8>, Stop>,
}

impl SourceDocument {
    /// A document: UBL in XML or JSON.
    ///
    /// The name is what its deviation is known by: a path, or the id of a message. The same name
    /// must be given whenever the same document is tried again.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::of(name, Ok(bytes.into()))
    }

    /// One that could not be fetched, though a later try may succeed.
    pub fn failed(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::of(name, Err(Stop::failed(DeviationClass::Transient, reason)))
    }

    /// One that is not to be posted, as it is.
    pub fn refused(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::of(name, Err(Stop::refused(reason)))
    }

    fn of(name: impl Into<String>, content: Result<Vec<u8>, Stop>) -> Self {
        let name = name.into();
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        // What stands in a name goes into Kleer, as the name of a revenue's file.
        let file_name = last.replace(char::is_control, " ");
        Self {
            name,
            file_name,
            content,
        }
    }

    /// The name of the file that a revenue is booked upon; the last part of the document's name, if
    /// it is not said.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = name.into();
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of bytes; 0 if it could not be fetched.
    pub fn len(&self) -> usize {
        self.content.as_ref().map_or(0, Vec::len)
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for SourceDocument {
    /// Hides the name and what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceDocument")
            .field("bytes", &self.len())
            .finish_non_exhaustive()
    }
}

/// A document that was read.
pub(crate) struct Document {
    pub(crate) source: SourceInvoice,
    /// Its key: who issued it, its type and number; and, as incarnation, its content, since sellers
    /// do use a number twice.
    pub(crate) key: ClientKey,
    /// What the key was made of, without the content.
    pub(crate) source_key: String,
    /// The document itself, which a revenue is booked upon.
    pub(crate) file: Option<File>,
    connection: String,
    target: Target,
}

impl Document {
    /// Reads a document.
    pub(crate) fn read(
        given: SourceDocument,
        most_bytes: usize,
        connection: &str,
        target: Target,
    ) -> Result<Self, Stop> {
        let bytes = given.content?;
        let limits = ReadLimits::default().with_max_bytes(most_bytes);
        let source = SourceInvoice::from_bytes_with(&bytes, &limits)
            .map_err(|error| Stop::refused(error.to_string()))?;
        let source_key = source.identity().as_source_key();
        let key = ClientKey::new(connection, target.as_str(), &source_key)
            .with_incarnation(source.fingerprint());
        Ok(Self {
            key,
            source_key,
            file: (target == Target::Revenue).then(|| File::new(given.file_name, bytes)),
            connection: connection.to_owned(),
            target,
            source,
        })
    }

    /// The keys that the invoice with this number of the same seller can have.
    pub(crate) fn keys_of_number(&self, number: &str) -> impl Iterator<Item = ClientKey> {
        let mut identity = self.source.identity();
        identity.number = number.split_whitespace().collect::<Vec<_>>().join(" ");
        DEBIT_TYPES.iter().map(move |type_code| {
            (*type_code).clone_into(&mut identity.type_code);
            let source_key = identity.as_source_key();
            ClientKey::new(&self.connection, self.target.as_str(), &source_key)
        })
    }

    /// The key of a client that is made from the buyer: its strongest identifier. A buyer that has
    /// none is known by name and whole address, since two people may share a name.
    pub(crate) fn key_of_client(&self) -> ClientKey {
        let buyer = self.source.buyer();
        let address = buyer.address();
        let compact = |text: &str| -> String {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_uppercase()
        };
        let filled = |kind: &str, text: &str| {
            let text = compact(text);
            (!text.is_empty()).then(|| format!("{kind}:{}:{text}", address.country))
        };
        let schemed = |kind: &str, (scheme, value): (&str, &str)| {
            filled(&format!("{kind}:{}", compact(scheme)), value)
        };
        let whole = propose_client(&self.source).address;
        let by_name = || {
            [
                "name",
                buyer.name().unwrap_or_default(),
                &whole.address1,
                &whole.address2,
                &whole.zip_code,
                &whole.state,
                address.country,
            ]
            .map(|part| format!("{}:{}", part.trim().len(), part.trim().to_uppercase()))
            .concat()
        };
        let source_key = filled("org", &buyer.organisation_number().unwrap_or_default())
            .or_else(|| filled("org", buyer.legal_registration().unwrap_or_default()))
            .or_else(|| filled("vat", &buyer.vat_number().unwrap_or_default()))
            .or_else(|| filled("gln", buyer.gln().unwrap_or_default()))
            .or_else(|| buyer.endpoint().and_then(|id| schemed("endpoint", id)))
            .or_else(|| buyer.identifiers().find_map(|id| schemed("id", id)))
            .unwrap_or_else(by_name);
        ClientKey::new(&self.connection, "client", &source_key)
    }
}
