//! Much at once: many writes in a batch, many subjects in a question, long texts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link::testing::block_on;
use record_link_sql::testing::check_large;
use record_link_sqlite::SqliteStore;

#[test]
fn much_at_once_is_stored_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("links.db")).unwrap();
    block_on(check_large(&store)).unwrap();
}
