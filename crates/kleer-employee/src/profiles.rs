//! The built-in mapping profiles.

use field_map::{Profile, ProfileError};

/// The rows that both systems have: they are one product under two names, with one data model.
const ROWS: &str = include_str!("../profiles/employee-rows.toml");

/// The profile of Alexis HR: the table of its help page on the integration with Kleer, row by row.
///
/// A document is an employee of the Alexis HR API (`GET /v1/employee/:id`) with three of its
/// relations put into it: `employment`, `employmentType` and `compensation`, those that the
/// employee's ids name. Its fields are [those of the canonical employee](crate::fields).
///
/// ```
/// use field_map::Circumstances;
/// use flat_record::Value;
/// use kleer_employee::field;
///
/// let profile = kleer_employee::alexis_hr()?;
/// let mapper = profile.compile_for(kleer_employee::fields()).compile()?;
/// let employee = serde_json::json!({
///     "firstName": "Tolvan", "lastName": "Tolvansson", "ssn": "121212+1212",
///     "homeAddress": { "street": "Storgatan 1", "city": "Borås" },
///     "compensation": { "amount": 210.5, "payoutPeriod": "HOURLY" },
/// });
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
/// let record = mapper.export(&employee, &Circumstances::on(today).of("5f1e"))?;
/// assert_eq!(record.get(field::ADDRESS2), Some(&Value::from("Storgatan 1")));
/// assert_eq!(record.get(field::STATE), Some(&Value::from("Borås")));
/// assert_eq!(record.get(field::SALARY_PERIOD), Some(&Value::from("Hourly")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// None in a released crate: the profile is part of it.
pub fn alexis_hr() -> Result<Profile, ProfileError> {
    profile("alexis-hr", "Alexis HR")
}

/// The profile of Simployer One, which is Alexis HR under another name: the same rows.
///
/// # Errors
/// None in a released crate: the profile is part of it.
pub fn simployer_one() -> Result<Profile, ProfileError> {
    profile("simployer-one", "Simployer One")
}

fn profile(name: &str, label: &str) -> Result<Profile, ProfileError> {
    Profile::from_toml(&format!(
        "name = \"{name}\"\n\
         description = \"Employees of {label} and of Kleer. A document is an employee of the API of {label} with the relations `employment`, `employmentType` and `compensation` put into it.\"\n\
         source-label = \"{label}\"\n\
         target-label = \"Kleer\"\n\n{ROWS}"
    ))
}
