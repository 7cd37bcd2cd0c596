//! Which documents there are, and what they hold.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use kleer_connect::invoices::SourceDocument;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// A file or folder could not be looked at.
#[derive(Debug, Error)]
#[error("{}: {source}", path.display())]
#[non_exhaustive]
pub struct FilesError {
    /// What was looked at.
    pub path: PathBuf,
    /// Why it failed.
    pub source: io::Error,
}

/// The files named, and the `*.xml` files below the folders named, each once.
///
/// Folders are searched recursively in alphabetical order; links to folders inside them are not
/// followed, so that a loop of links cannot trap the search. A file that is named itself may have
/// any name.
///
/// # Errors
/// When a path does not exist or a folder cannot be read.
pub fn collect(paths: &[PathBuf]) -> Result<Vec<PathBuf>, FilesError> {
    let mut files = Vec::new();
    for path in paths {
        let failed = |source| FilesError {
            path: path.clone(),
            source,
        };
        if fs::metadata(path).map_err(failed)?.is_dir() {
            collect_folder(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(canonical(file)));
    Ok(files)
}

fn collect_folder(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), FilesError> {
    let failed = |source| FilesError {
        path: folder.to_owned(),
        source,
    };
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = entries.map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // Not following links: this is the entry's own type.
        if entry.file_type().map_err(failed)?.is_dir() {
            collect_folder(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
        {
            files.push(path);
        }
    }
    Ok(())
}

/// A file as a document to be posted. One that cannot be read is one, too, with the reason.
pub fn document(path: &Path, most_bytes: usize) -> SourceDocument {
    let name = key(path);
    let file_name = path.file_name().unwrap_or(path.as_os_str());
    let file_name = crate::output::printable(&file_name.to_string_lossy());
    match bytes_of(path, most_bytes) {
        Ok(Ok(bytes)) => SourceDocument::new(name, bytes).file_name(file_name),
        Ok(Err(refusal)) => SourceDocument::refused(name, refusal),
        Err(error) => SourceDocument::failed(name, format!("the file cannot be read: {error}")),
    }
}

/// The bytes of a file; or why it is no document, if it is no file or too large.
fn bytes_of(path: &Path, most: usize) -> io::Result<Result<Vec<u8>, String>> {
    let known = fs::metadata(path)?;
    // A pipe would make the run wait, a device would never end.
    if !known.is_file() {
        return Ok(Err(
            "it is not a file that can be read to its end".to_owned()
        ));
    }
    let too_large = |size: &str| {
        Ok(Err(format!(
            "the file has {size} bytes, more than the {most} that an invoice may have; raise \
             --max-bytes if it really is one"
        )))
    };
    if usize::try_from(known.len()).map_or(true, |size| size > most) {
        return too_large(&known.len().to_string());
    }
    let mut bytes = Vec::new();
    // A file may grow while it is read.
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return too_large("too many");
    }
    Ok(Ok(bytes))
}

/// The path by which a file is known however it was named: absolute and without links, where the
/// file exists.
pub fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path)
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.into())
}

/// The text by which a file is known in a store: its canonical path.
///
/// What is not Unicode in it is replaced, so that one odd file name cannot stop everything else; a
/// hash of its bytes keeps two such names apart.
pub fn key(path: &Path) -> String {
    let path = canonical(path);
    let text = path.to_string_lossy();
    if matches!(text, Cow::Borrowed(_)) {
        return text.into_owned();
    }
    let hash = Sha256::digest(path.as_os_str().as_encoded_bytes());
    let mark: [u8; 8] = std::array::from_fn(|at| hash[at]);
    format!("{text} ({:016x})", u64::from_be_bytes(mark))
}

/// A path as text: what is not Unicode in it is replaced.
pub(crate) fn as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    path.to_string_lossy().serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_and_each_file_comes_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("b/deep")).unwrap();
        for name in ["b/deep/2.XML", "b/1.xml", "a.xml", "notes.txt"] {
            fs::write(at(name), "").unwrap();
        }
        let found = collect(&[at("notes.txt"), folder.path().into(), at("b/../a.xml")]).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|file| file.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["notes.txt", "a.xml", "1.xml", "2.XML"]);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_unicode_stay_apart() {
        use std::os::unix::ffi::OsStringExt;
        let odd = |byte| PathBuf::from(std::ffi::OsString::from_vec(vec![b'/', byte]));
        assert_ne!(key(&odd(0xE4)), key(&odd(0xE5)));
        assert_eq!(key(Path::new("/no/such/å.xml")), "/no/such/å.xml");
    }

    #[test]
    fn a_path_that_does_not_exist_is_named() {
        let error = collect(&[PathBuf::from("/no/such/file.xml")]).unwrap_err();
        assert!(error.to_string().starts_with("/no/such/file.xml: "));
    }
}
