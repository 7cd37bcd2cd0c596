//! Finds a record by its key, quickly and with little memory.

use siphasher::sip::SipHasher13;

/// An open-addressing table of positions, 8 bytes a place: the top half of a key's hash and the
/// position of the record. The keys themselves stay where they are.
///
/// The hash is keyed, so that nobody can choose record keys that all collide. The key of the hash
/// is fixed: the planner must not depend on chance, and the worst case is a slow plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyIndex {
    places: Vec<u64>,
    len: usize,
}

/// No position: the index holds fewer than `u32::MAX` records.
const FREE: u64 = u64::MAX;

/// Computes what [`KeyIndex`] looks for.
pub(crate) fn hash(key: &str) -> u64 {
    SipHasher13::new_with_keys(0x6b6c_6565_722d_6b63, 0x7265_636f_7264_2d6c).hash(key.as_bytes())
}

fn position(place: u64) -> usize {
    // The lower half: it fits.
    usize::try_from(place & 0xFFFF_FFFF).unwrap_or(usize::MAX)
}

impl KeyIndex {
    pub(crate) fn with_capacity(records: usize) -> Self {
        let mut index = Self::default();
        index.grow_to(records);
        index
    }

    /// At most half full: probes stay short.
    fn grow_to(&mut self, records: usize) {
        let places = (records.max(4) * 2).next_power_of_two();
        let old = std::mem::replace(&mut self.places, vec![FREE; places]);
        debug_assert!(old.iter().all(|place| *place == FREE), "rebuilt by insert");
    }

    fn start(&self, hash: u64) -> usize {
        usize::try_from(hash).unwrap_or(usize::MAX) & (self.places.len() - 1)
    }

    /// The position of the record with this key; `is_it` looks at the key of a position.
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        if self.places.is_empty() {
            return None;
        }
        let mut at = self.start(hash);
        loop {
            let place = self.places[at];
            if place == FREE {
                return None;
            }
            if place >> 32 == hash >> 32 && is_it(position(place)) {
                return Some(position(place));
            }
            at = (at + 1) & (self.places.len() - 1);
        }
    }

    /// Adds a record that is not in the index. `hash_of` tells the hash of an earlier position, for
    /// when the index has to grow.
    pub(crate) fn insert(&mut self, hash: u64, new: u32, hash_of: impl Fn(usize) -> u64) {
        if (self.len + 1) * 2 > self.places.len() {
            let old = std::mem::take(&mut self.places);
            self.grow_to((self.len + 1) * 2);
            for place in old.into_iter().filter(|place| *place != FREE) {
                let place_hash = hash_of(position(place));
                self.put(place_hash, place & 0xFFFF_FFFF);
            }
        }
        self.put(hash, u64::from(new));
        self.len += 1;
    }

    fn put(&mut self, hash: u64, position: u64) {
        let mut at = self.start(hash);
        while self.places[at] != FREE {
            at = (at + 1) & (self.places.len() - 1);
        }
        self.places[at] = (hash >> 32 << 32) | position;
    }
}
