//! The command that exports leave.

use kleer_employee::leave::{AbsenceEvent, LeaveOperation};
use record_link::RecordKey;
use serde_json::json;
use std::fmt::Write as _;

use super::{Consent, Display, Report, Table};
use crate::leave::{EmployeeLinks, ExportPlan, LeaveExportError, LeaveExporter, LeaveSource};

/// *Leave*: shows which days would be written, asks, and writes them. What the days are about (the
/// comment, the child) is shown only where personal data is.
///
/// # Errors
/// When the leave cannot be exported at all; see [`LeaveExporter::run_once`].
pub async fn export_leave(
    exporter: &LeaveExporter<'_>,
    source: &LeaveSource,
    links: &EmployeeLinks,
    display: Display,
    consent: Consent<'_>,
) -> Result<Report, LeaveExportError> {
    let plan = exporter.plan(source, links).await?;
    let shown = shown(&plan, display);
    let mut report = Report {
        json: json!({ "planned": plan.totals(), "days": days(&plan) }),
        needs_somebody: plan.totals().findings > 0,
        text: String::new(),
    };
    report.json["findings"] = json!(findings(&plan));
    let is_idle = plan.operations().next().is_none();
    let goes_on = match consent {
        Consent::DryRun => {
            report.text = shown;
            return Ok(report);
        }
        // Findings become deviations, and those that are settled go away: also with no day to write.
        Consent::Ask(_) | Consent::Given(_) if is_idle => {
            report.text = shown;
            true
        }
        Consent::Given(_) => {
            report.text = shown;
            true
        }
        Consent::Ask(ask) => ask(&shown),
    };
    if !goes_on {
        report.text = "nothing was done\n".to_owned();
        return Ok(report);
    }
    let done = exporter.apply(source, links, &plan).await?;
    report.needs_somebody = !done.is_clean();
    let _ = writeln!(report.text, "{}", done.totals);
    report.json["exported"] = json!(done.totals);
    Ok(report)
}

fn action(operation: &LeaveOperation) -> (&'static str, Option<&AbsenceEvent>) {
    match operation {
        LeaveOperation::Create { event, .. } => ("create", Some(event)),
        LeaveOperation::Update { event, .. } => ("correct", Some(event)),
        _ => ("take back", None),
    }
}

fn shown(plan: &ExportPlan, display: Display) -> String {
    let mut table = Table::new(["action", "day", "employee", "hours", "child", "comment"]);
    for (employee, operation) in plan.operations() {
        let (action, event) = action(operation);
        let hours = event.map(|event| event.hours().normalize().to_string());
        let [child, comment] = match event {
            Some(AbsenceEvent::Time(event)) if display.shows_people() => [
                event.child.clone().unwrap_or_default(),
                event.comment.clone(),
            ],
            Some(AbsenceEvent::Payroll(event)) if display.shows_people() => [
                event.child.clone().unwrap_or_default(),
                event.comment.clone(),
            ],
            _ => ["***", "***"].map(ToOwned::to_owned),
        };
        table.row([
            action.to_owned(),
            operation.date().to_string(),
            key_of(employee.employee.as_ref()),
            hours.unwrap_or_default(),
            child,
            comment,
        ]);
    }
    let mut text = if table.is_empty() {
        "no day to write\n".to_owned()
    } else {
        table.to_string()
    };
    for finding in findings(plan) {
        let _ = writeln!(text, "not exported: {finding}");
    }
    text
}

fn key_of(employee: Option<&RecordKey>) -> String {
    employee.map_or("-", RecordKey::as_str).to_owned()
}

fn days(plan: &ExportPlan) -> Vec<serde_json::Value> {
    let days = plan.operations().map(|(employee, operation)| {
        let (action, event) = action(operation);
        json!({
            "action": action, "day": operation.date(), "leave": operation.leave(),
            "employee": key_of(employee.employee.as_ref()),
            "hours": event.map(|event| event.hours().to_string()),
        })
    });
    days.collect()
}

/// What needs somebody, in words that name leaves and employees by their ids.
fn findings(plan: &ExportPlan) -> Vec<String> {
    let mut all = Vec::new();
    for employee in &plan.employees {
        let key = key_of(employee.employee.as_ref());
        all.extend(
            employee
                .findings
                .iter()
                .map(|finding| format!("{key}: {finding}")),
        );
        let refused = employee.refused.iter();
        all.extend(refused.map(|(leave, why)| format!("{key}: leave {leave}: {}", why.message)));
        all.extend(
            employee
                .problem
                .iter()
                .map(|why| format!("{key}: {}", why.message)),
        );
    }
    all
}
