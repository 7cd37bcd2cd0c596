//! Supporting documents (BG-24) and their files.

use std::borrow::Cow;

use en16931::invoice::SupportingDocument;
use kleer_model::File;

use super::Work;
use crate::ReasonCode;
use crate::labels::Label;
use crate::report::{Fate, RemarkCode};

impl<'a> Work<'a> {
    /// The supporting documents, and whether each is BT-11 of a credit note.
    pub(super) fn documents(
        &self,
    ) -> impl Iterator<Item = (&'a SupportingDocument, bool)> + use<'a> {
        let facts = &self.source.census().documents;
        // The reader drops elements that stand twice; then the two lists do not match.
        let align = facts.len() == self.invoice.attachments.len();
        let documents = self.invoice.attachments.iter().enumerate();
        documents.map(move |(at, document)| {
            let fact = facts.get(at).filter(|_| align);
            (document, fact.is_some_and(|fact| fact.is_project))
        })
    }

    /// The attachments, in notes what is said of them: references, descriptions and locations.
    pub(super) fn files(&mut self) -> Option<Vec<File>> {
        for (document, is_project) in self.documents() {
            let reference = Some(document.reference.as_str());
            if is_project {
                self.carry(11, Label::ProjectReference, reference);
                continue;
            }
            let carried = Fate::carried("notes");
            let mut words: Vec<(u16, &str)> = Vec::with_capacity(3);
            for (term, value) in [
                (122, reference),
                (123, document.description.as_deref()),
                (124, document.uri.as_deref()),
            ] {
                let value = self.take_text(term, None, value, carried.clone());
                words.extend(value.map(|value| (term, value)));
            }
            let (terms, words): (Vec<u16>, Vec<&str>) = words.into_iter().unzip();
            if !words.is_empty() {
                self.note(&terms, Label::Attachment, &words.join(", "));
            }
        }
        let files = self.attachments("files/file");
        (!files.is_empty()).then_some(files)
    }

    /// The attachments as files of this field.
    pub(super) fn attachments(&mut self, field: &'static str) -> Vec<File> {
        let mut files = Vec::new();
        let facts = &self.source.census().documents;
        let align = facts.len() == self.invoice.attachments.len();
        for (at, document) in self.invoice.attachments.iter().enumerate() {
            let fact = facts.get(at).filter(|_| align);
            if fact.is_some_and(|fact| fact.is_project) {
                continue;
            }
            if fact.is_some_and(|fact| fact.not_base64) {
                let text = format!(
                    "the content of supporting document {} is not base64",
                    at + 1
                );
                self.refuse(ReasonCode::AttachmentNotBase64, 125, None, text);
                self.ledger
                    .mark_open(125, None, Fate::dropped("the content is not base64"));
                continue;
            }
            let (name, media_type, content) = if let Some(attachment) = &document.attachment {
                let media_type = attachment.mime_code();
                (attachment.filename(), media_type, attachment.content())
            } else if let Some(found) = fact.and_then(|fact| fact.recovered.as_ref()) {
                let name = found.file_name.as_str();
                (name, found.media_type.as_str(), found.content.as_slice())
            } else {
                continue;
            };
            self.ledger.mark_open(125, None, Fate::mapped(field));
            let safe = safe_name(name);
            let name = if safe.trim_matches(['.', '_', ' ']).is_empty() {
                self.remark(
                    RemarkCode::FileNameMade,
                    125,
                    None,
                    "the attachment has no file name; one was made from its reference",
                );
                made_name(document.reference.as_str(), at + 1, media_type)
            } else {
                if safe != name {
                    self.remark(
                        RemarkCode::FileNameChanged,
                        125,
                        None,
                        "the file name had path separators or control characters; each is now _",
                    );
                }
                safe.into_owned()
            };
            files.push(File::new(name, content.to_vec()));
        }
        files
    }
}

/// A file name without what leads out of a folder or hides what the name is: path separators,
/// control characters, and the marks that turn the direction of writing.
fn safe_name(name: &str) -> Cow<'_, str> {
    let unsafe_character = |c: char| {
        c.is_control()
            || matches!(
                c,
                '/' | '\\'
                    | ':'
                    | '\u{200E}'
                    | '\u{200F}'
                    | '\u{202A}'..='\u{202E}'
                    | '\u{2066}'..='\u{2069}'
            )
    };
    if name.contains(unsafe_character) {
        Cow::Owned(name.replace(unsafe_character, "_"))
    } else {
        Cow::Borrowed(name)
    }
}

/// A file name from a document's reference and media type, in characters every system takes.
fn made_name(reference: &str, position: usize, media_type: &str) -> String {
    let mut name: String = reference
        .trim()
        .chars()
        .take(60)
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '_'
            }
        })
        .collect();
    if name.trim_matches(['.', '_']).is_empty() {
        name = format!("document-{position}");
    }
    // The media types that EN 16931 allows in BT-125.
    let extension = match media_type.to_ascii_lowercase().as_str() {
        "application/pdf" => ".pdf",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "text/csv" => ".csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        "application/vnd.oasis.opendocument.spreadsheet" => ".ods",
        _ => "",
    };
    if !name.to_lowercase().ends_with(extension) {
        name.push_str(extension);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{made_name, safe_name};

    #[test]
    fn no_name_leads_out_of_a_folder_or_hides_what_it_is() {
        assert_eq!(safe_name("Tidrapport å 1.pdf"), "Tidrapport å 1.pdf");
        assert_eq!(safe_name("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!(safe_name("C:\\x\r\n.pdf"), "C__x__.pdf");
        assert_eq!(safe_name("a\u{202E}fdp.exe"), "a_fdp.exe");
    }

    #[test]
    fn a_name_comes_from_the_reference_and_the_media_type() {
        assert_eq!(made_name("Bil 1/2", 1, "application/pdf"), "Bil_1_2.pdf");
        assert_eq!(made_name("scan.PDF", 1, "application/pdf"), "scan.PDF");
        assert_eq!(made_name("../..", 3, "application/x"), "document-3");
        assert_eq!(made_name(" ", 3, "text/csv"), "document-3.csv");
    }
}
