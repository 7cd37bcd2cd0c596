//! A document as it was read: what it says, and by which keys it and its buyer are known.

use std::io::{self, Read};
use std::path::Path;

use kleer_invoice::{ReadLimits, SourceInvoice, propose_client};
use kleer_model::{ClientKey, File};
use record_link::DeviationClass;

use crate::outcome::Stop;
use crate::target::Target;

/// The type codes of invoices that can be credited (UNTDID 1001), the usual one first.
const DEBIT_TYPES: [&str; 10] = [
    "380", "383", "384", "386", "393", "82", "84", "326", "388", "395",
];

/// A document.
pub(crate) struct Document {
    pub(crate) source: SourceInvoice,
    /// Its key: who issued it, its type and number; and, as incarnation, its content, since sellers
    /// do use a number twice.
    pub(crate) key: ClientKey,
    /// The document itself, which a revenue is booked upon.
    pub(crate) file: Option<File>,
    connection: String,
    target: Target,
}

impl Document {
    /// Reads a file.
    pub(crate) fn read(
        path: &Path,
        most_bytes: usize,
        connection: &str,
        target: Target,
    ) -> Result<Self, Stop> {
        let bytes = bytes_of(path, most_bytes)?;
        let limits = ReadLimits::default().with_max_bytes(most_bytes);
        let source = SourceInvoice::from_bytes_with(&bytes, &limits)
            .map_err(|error| Stop::refused(error.to_string()))?;
        let key = ClientKey::new(
            connection,
            target.kind(),
            &source.identity().as_source_key(),
        )
        .with_incarnation(source.fingerprint());
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = crate::output::printable(&name.to_string_lossy());
        Ok(Self {
            key,
            file: (target == Target::Revenue).then(|| File::new(name, bytes)),
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
            ClientKey::new(&self.connection, self.target.kind(), &source_key)
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

/// The bytes of a file, if it is one and not too large.
fn bytes_of(path: &Path, most: usize) -> Result<Vec<u8>, Stop> {
    let failed = |error: io::Error| {
        Stop::failed(
            DeviationClass::Transient,
            format!("the file cannot be read: {error}"),
        )
    };
    let known = std::fs::metadata(path).map_err(failed)?;
    // A pipe would make the run wait, a device would never end.
    if !known.is_file() {
        return Err(Stop::refused(
            "it is not a file that can be read to its end",
        ));
    }
    let too_large = |size: String| {
        Stop::refused(format!(
            "the file has {size} bytes, more than the {most} that an invoice may have; raise \
             --max-bytes if it really is one"
        ))
    };
    if usize::try_from(known.len()).map_or(true, |size| size > most) {
        return Err(too_large(known.len().to_string()));
    }
    let mut bytes = Vec::new();
    // A file may grow while it is read.
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let open = std::fs::File::open(path).map_err(failed)?;
    open.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > most {
        return Err(too_large("too many".to_owned()));
    }
    Ok(bytes)
}
