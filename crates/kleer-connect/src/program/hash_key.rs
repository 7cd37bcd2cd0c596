//! The secret of the hashes in a store, where the settings name none.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use flat_record::HashKey;

use crate::configuration::{SecretRef, Secrets, hash_key_of};

type Failed = Box<dyn Error + Send + Sync>;

/// 128 bits from the operating system.
pub(super) fn random() -> Result<[u8; 16], Failed> {
    let mut key = [0; 16];
    getrandom::fill(&mut key).map_err(|error| format!("no randomness for a hash key: {error}"))?;
    Ok(key)
}

/// The key in a file beside the store, which nobody but its owner may read. With a new store a new
/// one is made.
pub(super) fn beside(store: &Path, secrets: &dyn Secrets) -> Result<HashKey, Failed> {
    let file = store.with_extension("key");
    if !file.exists() {
        if store.exists() {
            return Err(format!(
                "the hash key of the store {} is missing: put {} back from a backup, or name the key \
                 as `hash-key` in the settings. Without it nobody can tell what has changed: then \
                 begin with a new store, and match who is there",
                store.display(),
                file.display()
            )
            .into());
        }
        make(&file)?;
    }
    let text = SecretRef::file(&file).resolve(secrets)?;
    Ok(hash_key_of(&text)?)
}

/// Whole or not at all: two programs that begin at once must not end up with a key each.
fn make(file: &Path) -> Result<(), Failed> {
    let failed = |error: std::io::Error| format!("the hash key {}: {error}", file.display());
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    // Made so that only its owner may read it.
    let mut new =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    let digits = format!("{:032x}", u128::from_be_bytes(random()?));
    writeln!(new, "{digits}").map_err(failed)?;
    new.as_file().sync_all().map_err(failed)?;
    match new.persist_noclobber(file) {
        Ok(_) => Ok(()),
        // Another program was faster: its key is the one.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error.error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Environment;

    fn key(store: &Path) -> Result<HashKey, Failed> {
        beside(store, &Environment::new(|_| None))
    }

    #[test]
    fn a_key_is_made_with_the_store_and_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let [store, other] = ["links.db", "other.db"].map(|name| folder.path().join(name));
        let made = key(&store).unwrap();
        assert_eq!(made, key(&store).unwrap());
        assert_ne!(made, key(&other).unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = folder.path().join("links.key");
            let permissions =
                |file: &Path| std::fs::metadata(file).unwrap().permissions().mode() & 0o777;
            assert_eq!(permissions(&file), 0o600);
            std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
            assert!(key(&store).unwrap_err().to_string().contains("links.key"));
        }
    }

    #[test]
    fn a_store_that_lost_its_key_gets_no_other_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("links.db");
        std::fs::write(&store, "").unwrap();
        let error = key(&store).unwrap_err().to_string();
        assert!(
            error.contains("links.key") && error.contains("backup"),
            "{error}"
        );
        assert!(!folder.path().join("links.key").exists());
        std::fs::write(folder.path().join("other.key"), "no key").unwrap();
        assert!(key(&folder.path().join("other.db")).is_err());
    }

    #[test]
    fn two_that_begin_at_once_have_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("links.db");
        let keys: Vec<HashKey> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| key(&store).unwrap()))
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|one| *one == keys[0]));
    }
}
