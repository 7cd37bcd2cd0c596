//! Supporting documents (BG-24) and their files.

use kleer_model::File;

use super::Work;
use crate::ReasonCode;
use crate::labels::Label;
use crate::report::{Fate, RemarkCode};

impl Work<'_> {
    /// The attachments. References, descriptions and locations stand in the notes.
    pub(super) fn files(&mut self) -> Option<Vec<File>> {
        let mut files = Vec::new();
        let facts = &self.source.census().documents;
        // The reader drops elements that stand twice; then the two lists do not match.
        let facts = if facts.len() == self.invoice.attachments.len() {
            &facts[..]
        } else {
            &[]
        };
        for (at, document) in self.invoice.attachments.iter().enumerate() {
            let fact = facts.get(at);
            let reference = Some(document.reference.as_str());
            if fact.is_some_and(|fact| fact.is_project) {
                self.carry(11, Label::ProjectReference, reference);
                continue;
            }
            let mut words: Vec<&str> = Vec::with_capacity(3);
            let carried = Fate::carried("notes");
            words.extend(self.take(122, None, reference, carried.clone()));
            words.extend(self.take(123, None, document.description.as_deref(), carried.clone()));
            words.extend(self.take(124, None, document.uri.as_deref(), carried));
            if !words.is_empty() {
                self.note(Label::Attachment, &words.join(", "));
            }
            if fact.is_some_and(|fact| fact.not_base64) {
                let text = format!(
                    "the content of supporting document {} is not base64",
                    at + 1
                );
                self.refuse(ReasonCode::AttachmentNotBase64, 125, None, text);
                self.ledger
                    .mark_open(125, None, Fate::dropped("the content is not base64"));
            } else if let Some(attachment) = &document.attachment {
                self.ledger.mark_open(125, None, Fate::mapped("files/file"));
                files.push(File::new(
                    attachment.filename(),
                    attachment.content().to_vec(),
                ));
            } else if let Some(recovered) = fact.and_then(|fact| fact.recovered.as_ref()) {
                self.ledger.mark_open(125, None, Fate::mapped("files/file"));
                let name = if recovered.file_name.is_empty() {
                    self.remark(
                        RemarkCode::FileNameMade,
                        125,
                        None,
                        "the attachment has no file name; one was made from its reference",
                    );
                    made_name(document.reference.as_str(), at + 1, &recovered.media_type)
                } else {
                    recovered.file_name.clone()
                };
                files.push(File::new(name, recovered.content.clone()));
            }
        }
        (!files.is_empty()).then_some(files)
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
    use super::made_name;

    #[test]
    fn a_name_comes_from_the_reference_and_the_media_type() {
        assert_eq!(made_name("Bil 1/2", 1, "application/pdf"), "Bil_1_2.pdf");
        assert_eq!(made_name("scan.PDF", 1, "application/pdf"), "scan.PDF");
        assert_eq!(made_name("../..", 3, "application/x"), "document-3");
        assert_eq!(made_name(" ", 3, "text/csv"), "document-3.csv");
    }
}
