//! E-mail addresses in their parts.

use super::text::fold_keeping;

pub(crate) struct EmailParts {
    /// As written, folded.
    pub(crate) whole: String,
    /// The local part without tag (`+hr`) and separators.
    pub(crate) local: String,
    pub(crate) domain: String,
}

/// Mailboxes of functions, not of people: the same one at two companies means nothing.
const FUNCTIONS: [&str; 24] = [
    "admin",
    "billing",
    "contact",
    "ekonomi",
    "faktura",
    "fakturor",
    "finance",
    "hello",
    "hej",
    "hr",
    "info",
    "invoice",
    "invoices",
    "kontakt",
    "kundtjanst",
    "leverantorsfaktura",
    "lon",
    "mail",
    "office",
    "order",
    "personal",
    "post",
    "reception",
    "support",
];

pub(crate) fn is_function(local: &str) -> bool {
    FUNCTIONS.contains(&local)
}

pub(crate) fn read(text: &str) -> Option<EmailParts> {
    let text = text.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let whole = fold_keeping(text, |c| !c.is_whitespace());
    let (local, domain) = whole.rsplit_once('@')?;
    if local.is_empty() || domain.is_empty() {
        return None;
    }
    let plain = local
        .split('+')
        .next()
        .unwrap_or(local)
        .replace(['.', '_', '-'], "");
    let (local, domain) = (
        if plain.is_empty() {
            local.to_owned()
        } else {
            plain
        },
        domain.to_owned(),
    );
    Some(EmailParts {
        whole,
        local,
        domain,
    })
}
