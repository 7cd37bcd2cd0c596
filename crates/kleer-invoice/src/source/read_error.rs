//! Why bytes are not an invoice that can be read.

/// Bytes that are not a readable UBL invoice, in XML or in JSON. Holds no content of the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There are no bytes, or only white space.
    #[error("the document is empty: check that the file was transferred completely")]
    Empty,
    /// The document is larger than [`ReadLimits::max_bytes`](crate::ReadLimits::max_bytes).
    #[error(
        "the document has {bytes} bytes and the limit is {limit}: raise the limit with \
         ReadLimits::with_max_bytes if such documents are expected"
    )]
    TooLarge {
        /// The size of the document.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The characters are neither UTF-8 nor UTF-16 with a byte-order mark.
    #[error("the document is written in {found}: ask the sender for UTF-8")]
    Encoding {
        /// The encoding that was found or declared.
        found: String,
    },
    /// The document is not well-formed XML.
    #[error("not well-formed XML at line {line}, column {column}: ask the sender for a new copy")]
    NotXml {
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// The document is not well-formed JSON.
    #[error(
        "not well-formed JSON at line {line}, column {column}: {problem}; ask the sender for a \
         new copy"
    )]
    NotJson {
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
        /// What is wrong.
        problem: &'static str,
    },
    /// The document is JSON, and not UBL in version 2.0 of its JSON representation.
    #[error("not UBL in JSON at line {line}, column {column} ({path}): {problem}")]
    NotUblJson {
        /// The elements round the place, such as `Invoice/InvoiceLine/Item`.
        path: String,
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
        /// What is wrong, and what is expected.
        problem: &'static str,
    },
    /// The document ends inside an element or a tag.
    #[error("the document ends at line {line} before it is complete: fetch it again")]
    Truncated {
        /// The line where it ends, from 1.
        line: u32,
    },
    /// The document has a DOCTYPE, which could name other files. UBL needs none.
    #[error("the document has a DOCTYPE, which no UBL invoice needs: refuse it at the source")]
    Doctype,
    /// An element has more attributes than any invoice needs.
    #[error("an element at line {line} has too many attributes: this is no invoice")]
    TooManyAttributes {
        /// The line where it ends, from 1.
        line: u32,
    },
    /// Elements are nested deeper than any invoice needs.
    #[error("elements are nested {depth} deep and the limit is {limit}: this is no invoice")]
    TooDeep {
        /// How deep.
        depth: usize,
        /// The limit.
        limit: usize,
    },
    /// The root element is not a UBL 2 `Invoice` or `CreditNote`.
    #[error("the document is <{found}>, not a UBL Invoice or CreditNote: {hint}")]
    WrongRoot {
        /// The local name of the root element.
        found: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// The reader refused the document for a reason this version does not know.
    #[error("the document could not be read: {reason}")]
    Other {
        /// The reader's words, which name syntax only.
        reason: String,
    },
}

/// What to do with a root element that is not an invoice.
pub(super) fn hint_for(root: &str) -> &'static str {
    match root {
        "StandardBusinessDocument" => {
            "unwrap the invoice from its Peppol envelope first, and read what is inside"
        }
        "CrossIndustryInvoice" => "this is the CII syntax; ask the sender for UBL or convert it",
        "Invoice" | "CreditNote" => "it is not in the namespace of UBL 2",
        "ApplicationResponse" => "this is an answer to an invoice; route it elsewhere",
        "Order" | "OrderResponse" | "DespatchAdvice" | "Catalogue" | "Reminder" => {
            "this is another UBL document; route it elsewhere"
        }
        "html" => "this is a web page, perhaps an error page of the server it came from",
        _ => "check where it comes from",
    }
}
