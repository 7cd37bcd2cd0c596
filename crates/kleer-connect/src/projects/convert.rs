//! Between a client project of Kleer's and a record.

use flat_record::{Change, Kind, NameError, Record, RecordError, Value, difference};
use kleer_client::model::{
    ClientId, ClientProjectReadable, ClientProjectUser, ClientProjectWritable, ClientReference,
    DeliveryMethod, Lead, Nillable, UserId,
};
use record_link::{SideError, SideOperation};

use super::fields::{CLOSED, OPEN, field, fields};
use crate::clients;
use crate::conversion::{Conversion, Problem, kronor, reference, text};

#[derive(Debug, thiserror::Error)]
pub(super) enum ToRecordError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Name(#[from] NameError),
}

/// A request of its own that changes the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Open,
    Close,
}

/// What to write so that Kleer has a project as a record says.
#[derive(Debug, PartialEq)]
pub(super) struct ProjectWrite {
    /// The whole project; `None` if nothing of it changes.
    pub(super) project: Option<ClientProjectWritable>,
    /// What is to be asked for after that.
    pub(super) turn: Option<Turn>,
}

/// The record. An empty text is null, and so is the id 0, and an element that the schema makes
/// optional and that does not stand: it is how Kleer says that there is none.
pub(super) fn record_of(project: &ClientProjectReadable) -> Result<Record, ToRecordError> {
    let employee = Kind::new(kleer_employee::KIND)?;
    let client = Kind::new(clients::KIND)?;
    let mut record = Record::new(fields());
    let or_null = |value: Option<Value>| value.unwrap_or(Value::Null);
    let client_of = |one: &Option<ClientReference>| {
        or_null(one.as_ref().map(|one| reference(&client, one.id.0)))
    };
    let text_of = |one: &Option<String>| or_null(one.as_ref().map(|one| text(one)));
    record.set(field::NUMBER, text(&project.number))?;
    record.set(field::NAME, text(&project.name))?;
    record.set(field::CLIENT, client_of(&project.client))?;
    record.set(field::BROKER_CLIENT, client_of(&project.broker_client))?;
    record.set(field::FIXED_PRICE, project.fixed_price)?;
    record.set(field::STATUS, text(project.status.as_str()))?;
    record.set(field::ACTIVE, project.active)?;
    record.set(field::CURRENCY_TYPE, text(&project.currency_type))?;
    record.set(field::YOUR_REFERENCE, text_of(&project.your_reference))?;
    let ours = project.our_reference.as_ref();
    let ours = or_null(ours.map(|user| reference(&employee, user.id.0)));
    record.set(field::OUR_REFERENCE, ours)?;
    let delivery = project.delivery_type.as_ref().map(|one| text(one.as_str()));
    record.set(field::DELIVERY_TYPE, or_null(delivery))?;
    record.set(
        field::PAYMENT_DAYS,
        or_null(project.payment_days.map(Value::Integer)),
    )?;
    record.set(field::PO_NR, text_of(&project.po_nr))?;
    record.set(field::BUDGET_HOURS, project.budget_hours)?;
    record.set(field::BUDGET_AMOUNT, kronor(project.budget_amount))?;
    record.set(
        field::OPENING_DATE,
        or_null(project.opening_date.map(Value::Date)),
    )?;
    record.set(
        field::CLOSING_DATE,
        or_null(project.closing_date.map(Value::Date)),
    )?;
    record.set(field::ALL_USERS, project.all_users)?;
    let people =
        |ids: Vec<UserId>| Value::set(ids.into_iter().map(|id| reference(&employee, id.0)));
    let users = project.user.iter().map(|one| one.user.id).collect();
    record.set(field::USERS, people(users))?;
    let leads = project.leads.iter().map(|one| one.user.id).collect();
    record.set(field::LEADS, people(leads))?;
    record.set(field::ALL_ACTIVITIES, project.all_activities)?;
    record.set(field::COMMENT, text(&project.comment))?;
    record.set(field::DEFAULT_NOTES, text_of(&project.default_notes))?;
    Ok(record)
}

/// The project to create. Number, name and client are required; everybody can report time on every
/// activity unless the record says otherwise.
pub(super) fn create(record: &Record) -> Result<(ClientProjectWritable, Option<Turn>), SideError> {
    let mut conversion = Conversion::new(SideOperation::Create, fields());
    conversion.check_names(record);
    let says = |name: &str| record.get(name).is_some_and(|value| !value.is_null());
    for name in [field::NUMBER, field::NAME, field::CLIENT] {
        if !says(name) {
            conversion.problem(name, Problem::Required);
        }
    }
    let mut project = ClientProjectWritable::new(ClientId(0), "", "");
    let mut turn = None;
    for (one, value) in record.iter().filter(|(_, value)| !value.is_null()) {
        match one.name.as_str() {
            field::NAME => {
                project.name = conversion
                    .given_text(field::NAME, value)
                    .unwrap_or_default();
            }
            field::CLIENT => {
                let client = conversion.id::<ClientId>(field::CLIENT, value);
                project.client = client.map(Into::into);
            }
            field::FIXED_PRICE => {
                project.fixed_price = value.as_bool().unwrap_or_default();
            }
            // A new one is open.
            field::STATUS if value.as_text() == Some(OPEN) => {}
            name => set(&mut conversion, &mut project, &mut turn, name, value),
        }
    }
    conversion.finish()?;
    Ok((project, turn))
}

/// The whole project with its changes, and what to ask for after that.
pub(super) fn update(
    now: &ClientProjectReadable,
    shown: &Record,
    changes: &Record,
) -> Result<ProjectWrite, SideError> {
    let mut conversion = Conversion::new(SideOperation::Update, fields());
    conversion.check_names(changes);
    let before = writable(now);
    let mut project = before.clone();
    let mut turn = None;
    for one in difference(changes, shown).iter() {
        let value = match &one.change {
            Change::Changed { left, .. } => left,
            Change::OnlyLeft(left) if !left.is_null() => left,
            _ => continue,
        };
        match one.field.name.as_str() {
            name @ (field::NAME | field::CLIENT | field::FIXED_PRICE) => {
                conversion.problem(name, Problem::OnlyOnCreate);
            }
            name => set(&mut conversion, &mut project, &mut turn, name, value),
        }
    }
    conversion.finish()?;
    Ok(ProjectWrite {
        project: (project != before).then_some(project),
        turn,
    })
}

/// The project as it is written, with everything that Kleer showed of it: an update replaces the
/// whole.
fn writable(now: &ClientProjectReadable) -> ClientProjectWritable {
    let mut project = ClientProjectWritable::new(ClientId(0), &*now.number, &*now.name);
    project.client.clone_from(&now.client);
    // Absent, both stay as they are.
    project.broker_client = Nillable::Absent;
    project.dimension_entries = None;
    project.fixed_price = now.fixed_price;
    project.currency_type = Some(now.currency_type.clone());
    project.your_reference.clone_from(&now.your_reference);
    project.our_reference.clone_from(&now.our_reference);
    project.delivery_type.clone_from(&now.delivery_type);
    project.comment.clone_from(&now.comment);
    project.payment_days = now.payment_days;
    project.po_nr.clone_from(&now.po_nr);
    project.budget_hours = now.budget_hours;
    project.budget_amount = now.budget_amount;
    project.incoming_invoiced_amount = now.incoming_invoiced_amount;
    project.incoming_invoiced_vat_amount = now.incoming_invoiced_vat_amount;
    project.all_activities = now.all_activities;
    project.activity.clone_from(&now.activity);
    project.all_users = now.all_users;
    project.user.clone_from(&now.user);
    project.leads.clone_from(&now.leads);
    project
        .fixed_price_planned_invoice
        .clone_from(&now.fixed_price_planned_invoice);
    project.opening_date = now.opening_date;
    project.closing_date = now.closing_date;
    project.default_notes.clone_from(&now.default_notes);
    project.fields.clone_from(&now.fields);
    project
}

fn set(
    conversion: &mut Conversion<'_>,
    project: &mut ClientProjectWritable,
    turn: &mut Option<Turn>,
    name: &str,
    value: &Value,
) {
    match name {
        field::NUMBER => {
            if let Some(number) = conversion.given_text(name, value) {
                project.number = number;
            }
        }
        field::COMMENT => project.comment = conversion.text(name, value).unwrap_or_default(),
        field::YOUR_REFERENCE => project.your_reference = conversion.text(name, value),
        field::PO_NR => project.po_nr = conversion.text(name, value),
        field::DEFAULT_NOTES => project.default_notes = conversion.text(name, value),
        field::CURRENCY_TYPE => project.currency_type = conversion.given_text(name, value),
        field::STATUS => match value.as_text() {
            Some(OPEN) => *turn = Some(Turn::Open),
            Some(CLOSED) => *turn = Some(Turn::Close),
            _ => conversion.problem(name, Problem::UnknownValue),
        },
        field::BROKER_CLIENT if value.is_null() => project.broker_client = Nillable::Nil,
        field::BROKER_CLIENT => {
            if let Some(id) = conversion.id::<ClientId>(name, value) {
                project.broker_client = Nillable::Value(id.into());
            }
        }
        field::OUR_REFERENCE if value.is_null() => project.our_reference = None,
        field::OUR_REFERENCE => project.our_reference = conversion.user(name, value),
        field::DELIVERY_TYPE if value.is_null() => project.delivery_type = None,
        field::DELIVERY_TYPE => match value.as_text().map(DeliveryMethod::from) {
            Some(DeliveryMethod::Other(_)) | None => {
                conversion.problem(name, Problem::UnknownValue);
            }
            method => project.delivery_type = method,
        },
        field::PAYMENT_DAYS if value.is_null() => project.payment_days = None,
        field::PAYMENT_DAYS => project.payment_days = conversion.number(name, value),
        field::BUDGET_HOURS => {
            project.budget_hours = conversion.decimal(name, value).unwrap_or_default();
        }
        field::BUDGET_AMOUNT => {
            project.budget_amount = conversion.cents(name, value).unwrap_or_default();
        }
        field::OPENING_DATE if value.is_null() => project.opening_date = None,
        field::OPENING_DATE => project.opening_date = conversion.date(name, value),
        field::CLOSING_DATE if value.is_null() => project.closing_date = None,
        field::CLOSING_DATE => project.closing_date = conversion.date(name, value),
        field::ALL_USERS => {
            project.all_users = conversion.truth(name, value).unwrap_or_default();
        }
        field::ALL_ACTIVITIES => {
            project.all_activities = conversion.truth(name, value).unwrap_or_default();
        }
        field::USERS => {
            if let Some(users) = conversion.users(name, value) {
                // Whoever is there keeps activities and prices.
                let known = std::mem::take(&mut project.user);
                let of = |id: UserId| {
                    let there = known.iter().find(|one| one.user.id == id);
                    there.cloned().unwrap_or_else(|| ClientProjectUser::new(id))
                };
                project.user = users.into_iter().map(of).collect();
            }
        }
        field::LEADS => {
            if let Some(users) = conversion.users(name, value) {
                project.leads = users.into_iter().map(Lead::new).collect();
            }
        }
        field::ACTIVE => conversion.problem(name, Problem::ReadOnly),
        _ => {}
    }
}
