//! Lists that move while they are read.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::cell::{Cell, RefCell};

use kleer_connect::link::SideFuture;
use kleer_connect::link::testing::block_on;
use kleer_connect::{OffsetList, OffsetPage, read_offset_pages};
use serde_json::{Value as Json, json};

/// A list of ids in pages of so many; before each page, something happens to it.
fn read(ids: Vec<u32>, size: usize, before: impl Fn(usize, &mut Vec<u32>)) -> (OffsetList, usize) {
    let (ids, pages) = (RefCell::new(ids), Cell::new(0));
    let page = |offset: usize| -> SideFuture<'_, OffsetPage> {
        let mut ids = ids.borrow_mut();
        before(pages.get(), &mut ids);
        pages.set(pages.get() + 1);
        let shown = ids.iter().skip(offset).take(size);
        let shown: Vec<Json> = shown.map(|id| json!({ "id": id.to_string() })).collect();
        let total = ids.len() as u64;
        Box::pin(async move { OffsetPage::new(shown, total) })
    };
    (block_on(read_offset_pages(page)).unwrap(), pages.get())
}

fn ids(list: &OffsetList) -> Vec<u32> {
    let ids = list.records.iter().map(|one| one["id"].as_str().unwrap());
    ids.map(|id| id.parse().unwrap()).collect()
}

#[test]
fn a_quiet_list_is_read_once_whatever_the_size_of_its_pages() {
    for length in 0..12_u32 {
        for size in 1..6 {
            let (list, pages) = read((0..length).collect(), size, |_, _| {});
            assert_eq!(ids(&list), (0..length).collect::<Vec<_>>());
            assert!(list.is_whole, "{length} in pages of {size}");
            assert!(pages <= length as usize + 1, "{pages} for {length}");
        }
    }
}

#[test]
fn one_that_is_never_quiet_is_not_whole() {
    // The first one goes, before each page but the first: what was on the edge slips through.
    let (list, _) = read((0..40).collect(), 10, |page, ids| {
        if page > 0 {
            ids.remove(0);
        }
    });
    assert!(!list.is_whole);
    // One comes in front, and everything moves the other way.
    let (list, _) = read((100..140).collect(), 10, |page, ids| {
        if page > 0 {
            ids.insert(0, 100 - u32::try_from(page).unwrap());
        }
    });
    assert!(!list.is_whole);
}

#[test]
fn one_that_moved_once_is_read_again() {
    for at in 1..5 {
        let (list, _) = read((0..40).collect(), 10, |page, ids| {
            if page == at {
                ids.remove(0);
            }
        });
        // Whichever page it was: nobody who is there is missing.
        assert!(list.is_whole, "at {at}");
        assert!((1..40).all(|id| ids(&list).contains(&id)), "at {at}");
    }
}

#[test]
fn one_that_swaps_and_keeps_its_total_is_noticed() {
    // One goes and one comes: the total says nothing.
    let (list, pages) = read((0..40).collect(), 10, |page, ids| {
        if page == 1 {
            ids.remove(0);
            ids.push(40);
        }
    });
    assert!(list.is_whole && pages > 5, "{pages}");
    assert_eq!(ids(&list), (1..41).collect::<Vec<_>>());
}

#[test]
fn a_total_that_is_too_large_ends_and_is_not_whole() {
    let page = |offset: usize| -> SideFuture<'_, OffsetPage> {
        let shown = (0..5).skip(offset).take(2);
        let shown = shown.map(|id| json!({ "id": format!("e-{id}") })).collect();
        Box::pin(async move { OffsetPage::new(shown, 9) })
    };
    let list = block_on(read_offset_pages(page)).unwrap();
    assert_eq!((list.records.len(), list.is_whole), (5, false));
}

#[test]
fn a_record_without_an_id_is_no_page() {
    assert!(OffsetPage::new(vec![json!({ "name": "Anna" })], 1).is_err());
    let page = |answer| OffsetPage::of_answer(answer, "data");
    assert_eq!(
        page(json!({ "data": [{ "id": "e" }], "total": 3 }))
            .unwrap()
            .total,
        3
    );
    for wrong in [
        json!({ "data": [] }),
        json!({ "total": 1 }),
        json!([]),
        json!(null),
    ] {
        assert!(page(wrong).is_err());
    }
}
