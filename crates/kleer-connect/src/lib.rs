//! Kleer as one side of a connector.

mod clock;
pub mod configuration;
pub mod leave;
mod preflight;
mod units;

pub use clock::TokioClock;
pub use preflight::{ReadCheck, Readiness, Task, TaskReadiness, Verdict, preflight};
pub use units::{
    Confidence, DetectedUnits, Detection, Evidence, MissingUnit, Units, detect_rate_unit,
    detect_salary_unit, prove_salary_unit,
};
