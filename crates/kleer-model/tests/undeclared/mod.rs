//! What the model does not have. It has everything; a later schema may change that for a while.

#![allow(dead_code, reason = "each test uses its part")]

/// Root elements of the schema without a type.
pub const ROOTS: &[&str] = &[];

/// Types of the schema without a type of ours.
pub const TYPES: &[&str] = &[];
