//! Employees and their leave, between any HR system and Kleer's payroll. Pure: no I/O, no clock.
//!
//! ```
//! use field_map::Circumstances;
//! use flat_record::Value;
//! use kleer_employee::{KleerEmployee, Severity, ValidationPolicy, field};
//! use kleer_model::{PayrollUserReadable, SalaryAmount, SalaryUnit, User, UserId};
//!
//! let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
//!
//! // What the HR system has, by a built-in profile or your own.
//! let profile = kleer_employee::alexis_hr()?;
//! let mapper = profile.compile_for(kleer_employee::fields()).compile()?;
//! let document = serde_json::json!({
//!     "firstName": "Tolvan", "lastName": "Tolvansson", "privateEmail": "tolvan@example.com",
//!     "ssn": "121212+1212",
//!     "homeAddress": { "city": "Borås" },
//!     "employment": { "startDate": "2026-09-01T00:00:00.000Z", "endDate": null },
//!     "compensation": { "amount": 36000, "payoutPeriod": "MONTHLY", "effectiveDate": "2026-09-01" },
//! });
//! let employee = mapper.export(&document, &Circumstances::on(today).of("5f1e"))?;
//!
//! // Could it be sent?
//! let findings = kleer_employee::validate(&employee, today, &ValidationPolicy::default());
//! assert!(findings.iter().all(|finding| finding.severity < Severity::Error));
//!
//! // What has to be written so that Kleer has it? Only what differs.
//! let user = User::new("Tolvan Tolvansson", "tolvan@example.com");
//! let hired = chrono::NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
//! let mut agreement = PayrollUserReadable::new(UserId(21), "19121212-1212", hired);
//! agreement.state = Some("Borås".to_owned());
//! agreement.monthly_salary = Some(SalaryAmount(35_000));
//! agreement.monthly_salary_start_date = Some(hired);
//! let kleer = KleerEmployee::new(&user, Some(&agreement));
//!
//! let write = kleer_employee::update(&employee, &kleer, SalaryUnit::Kronor)?;
//! assert_eq!(write.user, None);
//! let change = write.agreement.unwrap();
//! assert_eq!(change.monthly_salary, Some(SalaryAmount(36_000)));
//! assert_eq!(change.state, None, "it is the same");
//!
//! // And the other way: what Kleer has, as a patch of the HR system's document.
//! let patch = mapper.import(&kleer.record(SalaryUnit::Kronor)?, &Circumstances::on(today))?;
//! assert_eq!(patch["compensation"]["amount"], 35000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! | | |
//! |---|---|
//! | [`fields`], [`field`] | the canonical employee: names, kinds, sensitivity, comparison |
//! | [`alexis_hr`], [`simployer_one`] | the built-in mapping profiles |
//! | [`KleerEmployee`] | Kleer's user and payroll agreement as a record |
//! | [`create`], [`update`], [`EmployeeWrite`] | what to write to Kleer |
//! | [`validate`], [`ValidationPolicy`] | what to look at before |
//! | [`leave`] | absence, day by day |
//!
//! The unit of a salary is asked of the caller each time: whether Kleer counts it in kronor or in
//! öre is not established, and a guess would be off by a factor of 100.

pub mod leave;

mod from_kleer;
mod profiles;
mod to_kleer;
mod validation;
mod vocabulary;

pub use from_kleer::{KleerEmployee, KleerRecordError};
pub use profiles::{alexis_hr, simployer_one};
pub use to_kleer::{EmployeeError, EmployeeProblem, EmployeeWrite, create, update};
pub use validation::{Check, Severity, ValidationFinding, ValidationPolicy, validate};
pub use vocabulary::{HOURLY, KIND, MONTHLY, field, fields};
