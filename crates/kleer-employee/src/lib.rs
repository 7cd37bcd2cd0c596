//! Employees and their leave, between any HR system and Kleer's payroll. Pure: no I/O, no clock.

pub mod leave;
