//! Between a client of Kleer's and a record.

use flat_record::{Change, Kind, NameError, Record, RecordError, Value, difference};
use kleer_client::model::{Client, DimensionEntryId, Nillable, UserReference};
use record_link::{SideError, SideOperation};
use swedish_ids::OrganisationNumber;

use super::fields::{field, fields};
use crate::conversion::{Conversion, Problem, reference, text};

#[derive(Debug, thiserror::Error)]
pub(super) enum ToRecordError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Name(#[from] NameError),
}

/// An organisation number as Kleer writes it, whatever the way in which it was written; what is none,
/// and the number of a sole trader, stays as it is.
fn organisation_number(text: &str) -> String {
    match text.parse::<OrganisationNumber>() {
        Ok(number) if !number.is_personal() => number.to_string(),
        _ => text.to_owned(),
    }
}

/// The record. An empty text is null, and so is the user 0, and an element that the schema makes
/// optional and that does not stand: it is how Kleer says that there is none, and rights are for
/// clients as a whole. Only of lists, and of whether the client is in use, an absent one says
/// nothing.
pub(super) fn record_of(client: &Client) -> Result<Record, ToRecordError> {
    let employee = Kind::new(kleer_employee::KIND)?;
    let mut record = Record::new(fields());
    let address = &client.address;
    let texts = [
        (field::NAME, &client.name),
        (field::CONTACT, &client.contact),
        (field::EMAIL, &client.email),
        (field::PHONE, &client.phone),
        (field::ADDRESS1, &address.address1),
        (field::ADDRESS2, &address.address2),
        (field::ZIP_CODE, &address.zip_code),
        (field::STATE, &address.state),
        (field::COUNTRY, &address.country),
        (field::COUNTRY_CODE, &client.country_code),
    ];
    for (name, value) in texts {
        record.set(name, text(value))?;
    }
    record.set(field::ORGNO, text(&organisation_number(&client.orgno)))?;
    let recipient = client.edi_recipient.as_ref().map(|one| &one.name);
    let told = [
        (field::CLIENT_TYPE, client.client_type.as_ref()),
        (field::VAT_NR, client.vat_nr.as_ref()),
        (field::CURRENCY_TYPE, client.currency_type.as_ref()),
        (field::DELIVERY_TYPE, client.delivery_type.as_ref()),
        (field::GLN, client.gln.as_ref()),
        (field::NOTES, client.notes.as_ref()),
        (field::EDI_RECIPIENT, recipient),
    ];
    for (name, value) in told {
        record.set(name, value.map_or(Value::Null, |value| text(value)))?;
    }
    if let Some(active) = client.active {
        record.set(field::ACTIVE, active)?;
    }
    record.set(field::PAYMENT_DAYS, i64::from(client.payment_days))?;
    record.set(field::USER, reference(&employee, client.user.id.0))?;
    let approver = client.approver.value();
    let approver = approver.map_or(Value::Null, |user| reference(&employee, user.id.0));
    record.set(field::APPROVER, approver)?;
    if let Some(entries) = &client.dimension_entries {
        let ids = entries.iter().map(|entry| i64::from(entry.id.0));
        record.set(field::DIMENSION_ENTRIES, Value::set(ids))?;
    }
    Ok(record)
}

/// The client to create. Name and country are required; 30 payment days and an organisation unless
/// the record says otherwise.
pub(super) fn create(record: &Record) -> Result<Client, SideError> {
    let mut conversion = Conversion::new(SideOperation::Create, fields());
    conversion.check_names(record);
    let says = |name: &str| record.get(name).is_some_and(|value| !value.is_null());
    for name in [field::NAME, field::COUNTRY_CODE] {
        if !says(name) {
            conversion.problem(name, Problem::Required);
        }
    }
    let mut client = Client::new("", "");
    for (field, value) in record.iter().filter(|(_, value)| !value.is_null()) {
        set(&mut conversion, &mut client, &field.name, value);
    }
    conversion.finish()?;
    Ok(client)
}

/// The whole client with its changes; `None` if nothing changes.
pub(super) fn update(
    now: &Client,
    shown: &Record,
    changes: &Record,
) -> Result<Option<Client>, SideError> {
    let mut conversion = Conversion::new(SideOperation::Update, fields());
    conversion.check_names(changes);
    let mut client = now.clone();
    let mut is_changed = false;
    for one in difference(changes, shown).iter() {
        let value = match &one.change {
            Change::Changed { left, .. } => left,
            // Kleer does not tell; that there is none needs no saying.
            Change::OnlyLeft(left) if !left.is_null() => left,
            _ => continue,
        };
        is_changed = true;
        set(&mut conversion, &mut client, &one.field.name, value);
    }
    conversion.finish()?;
    Ok(is_changed.then_some(client))
}

fn set(conversion: &mut Conversion<'_>, client: &mut Client, name: &str, value: &Value) {
    let text = match name {
        field::CONTACT => Some(&mut client.contact),
        field::EMAIL => Some(&mut client.email),
        field::PHONE => Some(&mut client.phone),
        field::ADDRESS1 => Some(&mut client.address.address1),
        field::ADDRESS2 => Some(&mut client.address.address2),
        field::ZIP_CODE => Some(&mut client.address.zip_code),
        field::STATE => Some(&mut client.address.state),
        field::COUNTRY => Some(&mut client.address.country),
        _ => None,
    };
    if let Some(text) = text {
        if let Some(value) = conversion.text(name, value) {
            *text = value;
        }
        return;
    }
    match name {
        field::NAME => {
            if let Some(name) = conversion.given_text(name, value) {
                client.name = name;
            }
        }
        field::COUNTRY_CODE => {
            if let Some(code) = conversion.given_text(name, value) {
                client.country_code = code;
            }
        }
        field::ORGNO => {
            if let Some(number) = conversion.text(name, value) {
                client.orgno = organisation_number(&number);
            }
        }
        // Empty, and not absent: an absent element may stay as it is.
        field::VAT_NR => client.vat_nr = conversion.text(name, value),
        field::GLN => client.gln = conversion.text(name, value),
        field::NOTES => client.notes = conversion.text(name, value),
        field::CLIENT_TYPE => client.client_type = conversion.given_text(name, value),
        field::CURRENCY_TYPE => client.currency_type = conversion.given_text(name, value),
        // Empty would leave it as it is.
        field::DELIVERY_TYPE => client.delivery_type = conversion.given_text(name, value),
        field::ACTIVE => client.active = conversion.truth(name, value),
        field::PAYMENT_DAYS => {
            if let Some(days) = conversion.number(name, value) {
                client.payment_days = days;
            }
        }
        field::USER => {
            if let Some(user) = conversion.user(name, value) {
                client.user = user;
            }
        }
        field::APPROVER if value.is_null() => client.approver = Nillable::Nil,
        field::APPROVER => {
            if let Some(id) = conversion.id(name, value) {
                client.approver = Nillable::Value(UserReference::new(id));
            }
        }
        field::DIMENSION_ENTRIES => {
            if let Some(ids) = conversion.ids::<i32>(name, value) {
                let entries = ids.into_iter().map(|id| DimensionEntryId(id).into());
                client.dimension_entries = Some(entries.collect());
            }
        }
        field::EDI_RECIPIENT => conversion.problem(name, Problem::ReadOnly),
        _ => {}
    }
}
