//! Which documents there are.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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

/// The files in parts that can be held in memory: so many files, and so many bytes unless a single
/// file has more. A file that cannot be looked at counts for nothing here.
pub(crate) fn batches(
    files: &[PathBuf],
    most_files: usize,
    most_bytes: u64,
) -> impl Iterator<Item = &[PathBuf]> {
    let mut rest = files;
    std::iter::from_fn(move || {
        let mut bytes = 0_u64;
        let fit = rest.iter().take(most_files).take_while(|file| {
            let size = fs::metadata(file).map_or(0, |known| known.len());
            bytes = bytes.saturating_add(size);
            bytes <= most_bytes
        });
        let count = fit.count().max(1);
        let (batch, others) = rest.split_at_checked(count)?;
        rest = others;
        Some(batch)
    })
}

/// The path by which a file is known however it was named: absolute and without links, where the
/// file exists.
pub fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path)
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.into())
}

/// The text by which a file is known in logs: its canonical path.
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

    #[test]
    fn batches_are_bounded_by_files_and_by_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: usize| {
            let path = folder.path().join(name);
            fs::write(&path, vec![b'x'; bytes]).unwrap();
            path
        };
        let files = [
            file("a", 4),
            file("b", 4),
            file("c", 90),
            file("d", 1),
            folder.path().join("gone"),
            file("e", 1),
            file("f", 1),
        ];
        let sizes: Vec<usize> = batches(&files, 3, 10).map(<[_]>::len).collect();
        assert_eq!(sizes, [2, 1, 3, 1]);
        assert_eq!(batches(&[], 3, 10).count(), 0);
        let all: Vec<_> = batches(&files, 3, 10).flatten().collect();
        assert_eq!(all, files.iter().collect::<Vec<_>>());
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
