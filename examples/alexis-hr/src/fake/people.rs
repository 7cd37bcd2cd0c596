//! The people of the demo. The personal numbers are published test numbers: of the project
//! "personnummer/meta", and no living person's.

use serde_json::{Value as Json, json};

use super::records::Records;

/// Names and numbers as the demo and the tests know them.
const VACATION: &str = "650000000000000000000a01";
const SICK: &str = "650000000000000000000a02";
const CHILD_CARE: &str = "650000000000000000000a03";
const PARENTAL: &str = "650000000000000000000a05";
const SABBATICAL: &str = "650000000000000000000a04";
const PERMANENT: &str = "650000000000000000000b01";
const HOURLY: &str = "650000000000000000000b02";

struct Person {
    first: &'static str,
    last: &'static str,
    ssn: Option<&'static str>,
    phone: &'static str,
    street: &'static str,
    postal_code: &'static str,
    city: &'static str,
    from: &'static str,
    to: Option<&'static str>,
    salary: Json,
    period: &'static str,
}

const NOBODY: Person = Person {
    first: "",
    last: "",
    ssn: None,
    phone: "",
    street: "",
    postal_code: "",
    city: "",
    from: "2026-01-01",
    to: None,
    salary: Json::Null,
    period: "MONTHLY",
};

fn midnight(day: &str) -> String {
    format!("{day}T00:00:00.000Z")
}

fn add(records: &mut Records, person: &Person) -> String {
    let first = person.first.to_lowercase().replace('ä', "a");
    let id = records.insert(
        "employee",
        &json!({
            "firstName": person.first, "lastName": person.last, "ssn": person.ssn,
            "privateEmail": format!("{first}@example.com"),
            "workEmail": format!("{first}@work.example.com"),
            "privatePhone": person.phone,
            "homeAddress": {
                "street": person.street, "postalCode": person.postal_code, "city": person.city,
                "country": "SE",
            },
            "tax": { "table": 33, "column": 1 },
            "bankAccount": { "bank": "Testbanken", "clearing": "9660", "number": "1000010" },
        }),
    );
    let type_id = if person.period == "HOURLY" {
        HOURLY
    } else {
        PERMANENT
    };
    records.insert(
        "employment",
        &json!({
            "employeeId": id, "typeId": type_id, "startDate": midnight(person.from),
            "endDate": person.to.map(midnight),
        }),
    );
    records.insert(
        "compensation",
        &json!({
            "employeeId": id, "amount": person.salary, "baseAmount": person.salary,
            "effectiveDate": midnight(person.from), "payoutPeriod": person.period,
        }),
    );
    id
}

pub(super) fn add_types(records: &mut Records) {
    records.insert(
        "company",
        &json!({"name": "Exempelbyrån AB", "orgNumber": "556016-0680"}),
    );
    for (id, name) in [(PERMANENT, "Permanent"), (HOURLY, "Hourly")] {
        records.insert("employment-type", &json!({"id": id, "name": name}));
    }
    for (id, name, kind) in [
        (VACATION, "Semester", "VACATION"),
        (SICK, "Sjuk", "SICK_LEAVE"),
        (CHILD_CARE, "VAB", "CHILDCARE"),
        (PARENTAL, "Föräldraledig", "PARENTAL_LEAVE"),
        (SABBATICAL, "Friår", "OFF_DUTY"),
    ] {
        records.insert("leave-type", &json!({"id": id, "name": name, "kind": kind}));
    }
    let day = json!({"working": true, "duration": 8});
    let off = json!({"working": false, "duration": 0});
    records.insert(
        "work-week",
        &json!({
            "effectiveFrom": midnight("2020-01-01"), "duration": 40,
            "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day,
            "saturday": off, "sunday": off,
        }),
    );
}

pub(super) fn add_demo(records: &mut Records) {
    add_types(records);
    // In Kleer already, under the same number; she moved.
    let anna = Person {
        first: "Anna",
        last: "Ek",
        ssn: Some("19901211-9948"),
        phone: "070-174 06 05",
        street: "Storgatan 1",
        postal_code: "503 31",
        city: "Borås",
        salary: 41_000.into(),
        ..NOBODY
    };
    let anna = add(records, &anna);
    // In Kleer as Kalle, and nobody has typed his number here.
    let karl = Person {
        first: "Karl-Erik",
        last: "Hägglund",
        phone: "070-174 06 36",
        street: "Lillgatan 7",
        postal_code: "411 01",
        city: "Göteborg",
        salary: 38_500.into(),
        ..NOBODY
    };
    add(records, &karl);
    // New, paid by the month.
    let marta = Person {
        first: "Märta",
        last: "Sjögren",
        ssn: Some("19460823-9986"),
        phone: "070-174 06 10",
        street: "Havsvägen 3",
        postal_code: "722 11",
        city: "Västerås",
        from: "2026-03-01",
        to: Some("2027-02-28"),
        salary: 36_000.into(),
        ..NOBODY
    };
    let marta = add(records, &marta);
    // New, paid by the hour.
    let amina = Person {
        first: "Amina",
        last: "Haddad",
        ssn: Some("19821105-9954"),
        phone: "070-174 06 15",
        street: "Torget 2",
        postal_code: "582 19",
        city: "Linköping",
        from: "2026-05-01",
        salary: 210.into(),
        period: "HOURLY",
        ..NOBODY
    };
    let amina = add(records, &amina);
    // Her employment ends before it starts: not to be exported.
    let berit = Person {
        first: "Berit",
        last: "Lund",
        ssn: Some("20000405-9937"),
        city: "Umeå",
        from: "2026-06-01",
        to: Some("2026-05-31"),
        salary: 33_000.into(),
        ..NOBODY
    };
    add(records, &berit);
    leave(records, &anna, &marta, &amina);
}

fn leave(records: &mut Records, anna: &str, marta: &str, amina: &str) {
    let child = json!({"employeeId": amina, "name": "Sami", "birthdate": midnight("2021-04-09")});
    let child = records.insert("child", &child);
    let mut add = |employee: &str, kind: &str, day: &str, more: Json| {
        let mut row = json!({
            "employeeId": employee, "leaveTypeId": kind, "date": midnight(day), "hours": 8,
            "parent": { "id": format!("leave-{kind}-{employee}"), "type": "Leave" },
        });
        if let (Some(row), Json::Object(more)) = (row.as_object_mut(), more) {
            row.extend(more);
        }
        records.insert("leave-transaction", &row);
    };
    // Thursday to Monday: no row for the weekend.
    for day in ["2026-10-08", "2026-10-09", "2026-10-12"] {
        add(marta, VACATION, day, json!({"description": "Höstlov"}));
    }
    add(marta, VACATION, "2026-11-02", json!({}));
    add(anna, SICK, "2026-10-14", json!({"status": "CONFIRMED"}));
    // Approved only, and sick leave waits until it is confirmed.
    add(
        anna,
        SICK,
        "2026-10-30",
        json!({"parent": {"id": "leave-later", "type": "Leave"}}),
    );
    let half = json!({"hours": 4, "extent": 50, "childId": child, "description": "Feber"});
    add(amina, CHILD_CARE, "2026-10-20", half);
    // Nobody said what that is in Kleer.
    add(anna, SABBATICAL, "2026-10-28", json!({}));
}

pub(super) fn add_many(records: &mut Records, count: usize) {
    for index in 0..count {
        records.insert(
            "employee",
            &json!({
                "firstName": format!("Tolvan{index}"), "lastName": "Tolvansson",
                "privateEmail": format!("tolvan{index}@example.com"),
            }),
        );
    }
}
