//! Every document of the corpus: the files, and the documents inside test sets.

use std::fmt::Write as _;

use quick_xml::events::{BytesStart, Event};

/// A document under the key that the official verdicts have for it: the path of its file, with
/// `#` and a number from 1 for a document of a test set.
pub(crate) struct Document {
    pub(crate) key: String,
    pub(crate) bytes: Vec<u8>,
}

/// The namespaces that an element declares.
fn namespaces(start: &BytesStart<'_>) -> Vec<(String, String)> {
    start
        .attributes()
        .flatten()
        .map(|attribute| {
            (
                attribute.key.as_ref().to_owned(),
                attribute.value.into_owned(),
            )
        })
        .filter(|(key, _)| key == "xmlns" || key.starts_with("xmlns:"))
        .collect()
}

/// The documents in the bytes of a file. A document of a test set is cut out as it stands, and
/// gets the namespaces that the elements round it declare.
pub(crate) fn unpack(key: &str, bytes: Vec<u8>) -> Vec<Document> {
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return vec![Document {
            key: key.to_owned(),
            bytes,
        }];
    };
    let text = text.trim_start_matches('\u{FEFF}');
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut outer: Vec<Vec<(String, String)>> = Vec::new();
    let mut found: Vec<Document> = Vec::new();
    // Where the document being passed over begins, and how deep inside it we are.
    let mut inside: Option<(String, usize)> = None;
    let mut is_set = false;
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap();
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                if let Some((_, depth)) = &mut inside {
                    *depth += 1;
                    continue;
                }
                let name = start.local_name().as_ref().to_owned();
                if outer.is_empty() {
                    is_set = name == "testSet" || name == "test";
                }
                if !is_set {
                    break;
                }
                if name == "Invoice" || name == "CreditNote" {
                    // The tag again, with what it inherits.
                    let own = namespaces(&start);
                    let mut tag = text[before..].split_once('>').unwrap().0.to_owned();
                    for level in outer.iter().rev() {
                        for (prefix, uri) in level {
                            let known = tag.contains(&format!("{prefix}="));
                            if !known && own.iter().all(|(other, _)| other != prefix) {
                                let _ = write!(tag, " {prefix}=\"{uri}\"");
                            }
                        }
                    }
                    tag.push('>');
                    inside = Some((tag, 1));
                    let after = usize::try_from(reader.buffer_position()).unwrap();
                    outer.push(vec![("#start".to_owned(), after.to_string())]);
                } else {
                    outer.push(namespaces(&start));
                }
            }
            Ok(Event::End(_)) => {
                if let Some((tag, depth)) = &mut inside {
                    *depth -= 1;
                    if *depth > 0 {
                        continue;
                    }
                    let from: usize = outer.pop().unwrap()[0].1.parse().unwrap();
                    let after = usize::try_from(reader.buffer_position()).unwrap();
                    found.push(Document {
                        key: format!("{key}#{}", found.len() + 1),
                        bytes: format!("{tag}{}", &text[from..after]).into_bytes(),
                    });
                    inside = None;
                } else {
                    outer.pop();
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    if is_set {
        found
    } else {
        vec![Document {
            key: key.to_owned(),
            bytes,
        }]
    }
}

/// All documents of the corpus, in the order of their files; `None`, said loudly, if there is no
/// corpus.
pub(crate) fn all(test: &str) -> Option<Vec<Document>> {
    let root = super::corpus_root(test)?;
    let mut documents = Vec::new();
    for path in super::corpus(test)? {
        let parts: Vec<_> = path.strip_prefix(&root).unwrap().iter().collect();
        let parts: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
        documents.extend(unpack(&parts.join("/"), std::fs::read(&path).unwrap()));
    }
    Some(documents)
}
