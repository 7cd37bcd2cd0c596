//! Employees of Alexis HR, all different.

use serde_json::{Value as Json, json};

/// A document of the size that the API sends, about 900 bytes as text.
pub(crate) fn employee(number: u64) -> Json {
    let first = [
        "Anna", "Åsa", "Björn", "Eva-Lena", "Örjan", "Maria", "Karin", "Lars",
    ];
    let last = [
        "Ek",
        "Åkesson",
        "Lindström",
        "von Sydow",
        "Öberg",
        "Nilsson",
        "Berg",
        "Holm",
    ];
    let pick =
        |names: &[&'static str; 8], by: u64| names[usize::try_from(number / by % 8).unwrap_or(0)];
    let monthly = !number.is_multiple_of(5);
    json!({
        "id": format!("5f1e{number:020x}"),
        "companyId": "5f1e00000000000000000001",
        "created": "2024-05-02T08:11:32.112Z",
        "updated": "2026-11-02T14:03:01.902Z",
        "active": !number.is_multiple_of(17),
        "employeeNumber": format!("{}", 1000 + number),
        "firstName": pick(&first, 1),
        "lastName": pick(&last, 8),
        "title": "Konsult",
        "privateEmail": format!("person.{number}@example.com"),
        "workEmail": format!("p{number}@work.example.com"),
        "privatePhone": format!("070-{:03} {:02} {:02}", number % 1000, number / 7 % 100, number % 100),
        "ssn": "19121212-1212",
        "birthDate": "1912-12-12T00:00:00.000Z",
        "nationality": "SE",
        "homeAddress": {
            "street": format!("Storgatan {}", number % 200 + 1),
            "postalCode": format!("{:03} {:02}", 100 + number % 800, number % 90 + 10),
            "city": "Borås",
            "country": "SE",
            "location": { "type": "Point", "coordinates": [12.9, 57.7] }
        },
        "tax": { "table": 29 + number % 14, "column": 1 },
        "bankAccount": { "bank": "Swedbank", "clearing": "8327", "number": format!("{:010}", number * 7919) },
        "employment": {
            "id": "e", "startDate": "2024-06-01T00:00:00.000Z", "endDate": null, "rate": 100, "terminated": false
        },
        "employmentType": { "id": "t", "name": "Permanent", "vacation": true },
        "compensation": {
            "id": "c",
            "amount": if monthly { json!(30000 + number % 20000) } else { json!(180.5) },
            "currency": "SEK",
            "payoutPeriod": if monthly { "MONTHLY" } else { "HOURLY" },
            "payoutFrequency": "MONTH",
            "effectiveDate": "2026-04-01T00:00:00.000Z"
        },
        "custom": { "shoe size": 42, "parking": true }
    })
}
