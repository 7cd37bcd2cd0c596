//! Writing employees: the user first, then the payroll agreement.

use flat_record::{Record, Value};
use futures_util::future::join;
use kleer_client::Outcome;
use kleer_client::model::{PayrollUserWritable, SalaryAmount, UserId};
use kleer_employee::{
    EmployeeError, EmployeeProblem, EmployeeWrite, HOURLY, KleerEmployee, MONTHLY, field, fields,
};
use record_link::{ClientKey, Receipt, RecordKey, SideError, SideErrorKind, SideOperation};

use super::join::Agreement;
use super::read::Shown;
use super::{Employees, names_of_agreement, user_of};
use crate::failure::{names, not_read_back, refused, side_error};
use crate::observed::achieved;

impl Employees {
    pub(super) async fn create_one(
        &self,
        client_key: &ClientKey,
        record: &Record,
    ) -> Result<Receipt, SideError> {
        let operation = SideOperation::Create;
        self.check(operation, record)?;
        let write = kleer_employee::create(record, self.unit)
            .map_err(|error| cannot_be_written(operation, &error))?;
        let Some(mut user) = write.user else {
            return Err(SideError::new(operation, SideErrorKind::Malfunction));
        };
        user.foreign_id = Some(client_key.to_string());
        let created = self.kleer.users().create(&user).await;
        let id = created.map_err(|error| side_error(operation, error))?.id;

        let failed = match &write.agreement {
            Some(agreement) => self.employ(id, agreement).await.err(),
            None => None,
        };
        let shown = match self.shown(id).await {
            Ok(Some(shown)) => shown,
            Ok(None) => return Err(not_read_back(operation, failed)),
            Err(error) => {
                return Err(not_read_back(operation, Some(side_error(operation, error))));
            }
        };
        let observation = self
            .observe(&shown, operation)
            .map_err(|error| not_read_back(operation, Some(error)))?;
        Ok(achieved(observation, record, failed))
    }

    /// The second step of a create.
    async fn employ(&self, id: UserId, agreement: &PayrollUserWritable) -> Result<(), SideError> {
        let employed = self.kleer.payroll().user(id).create(agreement).await;
        carried_out(SideOperation::Create, employed)
    }

    pub(super) async fn update_one(
        &self,
        key: &RecordKey,
        changes: &Record,
        if_version: Option<&str>,
    ) -> Result<Receipt, SideError> {
        let operation = SideOperation::Update;
        self.check(operation, changes)?;
        let not_found = || SideError::new(operation, SideErrorKind::NotFound);
        let id = user_of(key).ok_or_else(not_found)?;
        let shown = self.shown(id).await;
        let shown = shown.map_err(|error| side_error(operation, error))?;
        let mut shown = shown.ok_or_else(not_found)?;
        let before = self.observe(&shown, operation)?;
        if if_version.is_some_and(|version| before.version.as_deref() != Some(version)) {
            return Err(SideError::new(operation, SideErrorKind::Changed));
        }
        let write = self.changes(&shown, changes)?;
        let kept = kept(&write);
        if write.is_empty() {
            // Nothing else was asked for, or is left to write.
            return kept.map_or_else(|| Ok(Receipt::whole(before)), Err);
        }

        let mut is_begun = false;
        if let Some(user) = &write.user {
            carried_out(operation, self.kleer.users().update(id, user).await)?;
            is_begun = true;
        }
        let mut failed = None;
        if let Some(agreement) = &write.agreement {
            let of_user = self.kleer.payroll().user(id);
            let is_new = shown.agreement == Agreement::None;
            let written = if is_new {
                carried_out(operation, of_user.create(agreement).await)
            } else {
                carried_out(operation, of_user.update(agreement).await)
            };
            // Somebody else employed the user in the meantime.
            let written = written.map_err(|error| match error.kind() {
                SideErrorKind::AlreadyExists if is_new => {
                    SideError::new(operation, SideErrorKind::Changed).with_source(error)
                }
                _ => error,
            });
            match written {
                // Nothing else was written: it is as if nobody had asked.
                Err(error) if !is_begun => return Err(error),
                written => failed = written.err(),
            }
        }
        if let Err(error) = self.read_back(id, &write, &mut shown).await {
            return Err(not_read_back(operation, Some(error)));
        }
        let observation = self
            .observe(&shown, operation)
            .map_err(|error| not_read_back(operation, Some(error)))?;
        Ok(achieved(observation, changes, failed.or(kept)))
    }

    /// Reads again what was written, and only that.
    async fn read_back(
        &self,
        id: UserId,
        write: &EmployeeWrite,
        shown: &mut Shown,
    ) -> Result<(), SideError> {
        let failed = |error| side_error(SideOperation::Get, error);
        let user = async {
            match &write.user {
                Some(_) => self
                    .user(id)
                    .await
                    .map_err(failed)?
                    .map(Some)
                    .ok_or_else(|| SideError::new(SideOperation::Get, SideErrorKind::NotFound)),
                None => Ok(None),
            }
        };
        let agreement = async {
            match &write.agreement {
                Some(_) => self.agreement(id).await.map(Some).map_err(failed),
                None => Ok(None),
            }
        };
        let (user, agreement) = join(user, agreement).await;
        if let Some(user) = user? {
            shown.user = user;
        }
        if let Some(agreement) = agreement? {
            shown.agreement = agreement;
        }
        Ok(())
    }

    /// What to write so that Kleer has the changes.
    fn changes(&self, shown: &Shown, changes: &Record) -> Result<EmployeeWrite, SideError> {
        let operation = SideOperation::Update;
        let mentioned = changes.iter().map(|(field, _)| field.name.as_str());
        let of_agreement = names_of_agreement(mentioned);
        if shown.agreement == Agreement::Unsaid && !of_agreement.is_empty() {
            return Err(SideError::new(operation, SideErrorKind::Forbidden)
                .with_code("payroll-not-readable")
                .concerning(of_agreement));
        }
        let kleer = KleerEmployee::new(&shown.user, shown.agreement.readable());
        let write = kleer_employee::update(changes, &kleer, self.unit)
            .map_err(|error| cannot_be_written(operation, &error))?;
        check_period(shown, changes, &write)?;
        Ok(write)
    }

    /// Refuses fields that there are not, and fields that cannot be written.
    fn check(&self, operation: SideOperation, record: &Record) -> Result<(), SideError> {
        let unknown = record
            .iter()
            .find(|(field, _)| fields().slot(&field.name).is_none());
        if let Some((field, _)) = unknown {
            return Err(SideError::new(operation, SideErrorKind::Refused)
                .with_code("unknown-field")
                .with_message(format!("an employee has no field `{}`", field.name))
                .concerning([field.name.clone()]));
        }
        let read_only = self.read_only();
        let mut mentioned = record.iter().map(|(field, _)| &field.name);
        match mentioned.find(|name| read_only.contains(name)) {
            Some(name) => Err(SideError::unsupported(operation)
                .with_code("read-only-field")
                .concerning([name.clone()])),
            None => Ok(()),
        }
    }
}

/// A write that Kleer said it carried out is done, though its answer could not be read: what is
/// there is read afterwards.
fn carried_out<T>(
    operation: SideOperation,
    result: Result<T, kleer_client::Error>,
) -> Result<(), SideError> {
    match result {
        Err(error) if error.outcome() != Outcome::CarriedOut => Err(side_error(operation, error)),
        _ => Ok(()),
    }
}

/// Kleer has no field for the period of a salary: it follows from which of the two salaries is set.
/// A period that does not follow from what is written could never be in step.
fn check_period(shown: &Shown, changes: &Record, write: &EmployeeWrite) -> Result<(), SideError> {
    let wanted = match changes.get(field::SALARY_PERIOD) {
        Some(Value::Null) | None => return Ok(()),
        Some(period) => period.as_text(),
    };
    let now = shown.agreement.readable();
    let next = write.agreement.as_ref();
    let of = |next: Option<SalaryAmount>, now: Option<SalaryAmount>| next.or(now);
    let monthly = of(
        next.and_then(|next| next.monthly_salary),
        now.and_then(|now| now.monthly_salary),
    );
    let hourly = of(
        next.and_then(|next| next.hourly_salary),
        now.and_then(|now| now.hourly_salary),
    );
    let is_paid = |amount: Option<SalaryAmount>| amount.is_some_and(|amount| amount.0 != 0);
    let fits = match wanted {
        Some(HOURLY) => !is_paid(monthly),
        Some(MONTHLY) => !is_paid(hourly),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(refused(
        SideOperation::Update,
        "salary-period",
        fields(),
        [field::SALARY_PERIOD],
        "the period follows from the salary in Kleer: write the salary of that period, and end the \
         other one"
            .to_owned(),
    ))
}

/// A salary that the record says there is none of, and that was kept beside another one.
fn kept(write: &EmployeeWrite) -> Option<SideError> {
    (!write.kept.is_empty()).then(|| {
        refused(
            SideOperation::Update,
            "two-salaries",
            fields(),
            write.kept.iter().copied(),
            "Kleer has a monthly and an hourly salary, and only one is known here: end the other in \
             Kleer, or let nobody write that field"
                .to_owned(),
        )
    })
}

/// A record that Kleer has no way to hold.
fn cannot_be_written(operation: SideOperation, error: &EmployeeError) -> SideError {
    let concerned = error.problems.iter().filter_map(field_of);
    let code = match error.problems.first() {
        Some(EmployeeProblem::Required { .. }) => "required",
        Some(EmployeeProblem::CannotBeCleared { .. }) => "cannot-be-cleared",
        Some(EmployeeProblem::OutOfRange { .. }) => "out-of-range",
        Some(EmployeeProblem::NotWholeKronor { .. }) => "not-whole-kronor",
        Some(EmployeeProblem::NotWholeOre { .. }) => "not-whole-ore",
        Some(EmployeeProblem::NotLinked { .. }) => "not-linked",
        Some(EmployeeProblem::SalaryPeriod { .. }) => "salary-period",
        _ => "cannot-be-written",
    };
    SideError::new(operation, SideErrorKind::Refused)
        .with_code(code)
        .with_message(error.to_string())
        .concerning(names(fields(), concerned))
}

fn field_of(problem: &EmployeeProblem) -> Option<&'static str> {
    match problem {
        EmployeeProblem::Required { field }
        | EmployeeProblem::CannotBeCleared { field }
        | EmployeeProblem::OutOfRange { field }
        | EmployeeProblem::NotWholeKronor { field }
        | EmployeeProblem::NotWholeOre { field }
        | EmployeeProblem::NotLinked { field } => Some(field),
        EmployeeProblem::SalaryPeriod { .. } => Some(field::SALARY_PERIOD),
        _ => None,
    }
}
