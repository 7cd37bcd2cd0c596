//! What every company of the sandbox has from the start, because no call can create it: the token's
//! user, activities, articles, dimensions, accounting years, accounts, and the like.
//!
//! Names of absences are those that Kleer gives its own activities; everything else is fictitious.

use chrono::{Datelike, NaiveDate};

use crate::element::Element;
use crate::records::Record;
use crate::resource::{self, Resource};
use crate::state::Books;

/// Kleer's activities for absences, with their types in the payroll and whether they need the name
/// of a child. That the last one earns vacation is its name; that it stands for the type that does
/// not is what an integration has found, and is suspicious.
pub(crate) const ABSENCES: &[(&str, &str, bool)] = &[
    ("10 dagar vid barns födelse", "PaternityLeave", false),
    ("Föräldraledighet", "ParentalLeave", true),
    ("Permission", "Furlough", false),
    ("Semester", "Vacation", false),
    ("Sjuk", "Sick", false),
    ("Tjänstledig", "LeaveOfAbsence", false),
    (
        "Tjänstledig (Semestergrundande)",
        "LeaveOfAbsenceVacationEarned",
        false,
    ),
    ("VAB", "Childcare", true),
    ("Vård av nära anhörig", "CloseRelativeCare", false),
    ("Övrig frånvaro", "OtherLeave", false),
    (
        "Övrig frånvaro (Semestergrundande)",
        "OtherLeaveVacationNotEarned",
        false,
    ),
];

/// The type of the absence that an activity of this name stands for.
pub(crate) fn absence(activity: &str) -> Option<&'static str> {
    let found = ABSENCES.iter().find(|(name, ..)| *name == activity);
    found.map(|(_, kind, _)| *kind)
}

/// The dimension whose entries stand for users.
const USERS: &str = "Användare";

/// Gives a user what every user of Kleer's has: a number, a dimension entry that stands for the
/// user, and dimensions.
///
/// # Errors
/// When the entry cannot be kept.
pub(crate) fn complete_user(books: &mut Books, user: &mut Element) -> Result<(), String> {
    if user.text_at("internal-id").is_none() {
        let number = books.records.next_id("internal-ids", 0);
        user.set("internal-id", number);
    }
    if user.child("dimensions").is_none() {
        user.children.push(Element::new("dimensions"));
    }
    if user.child("dimension-entry").is_some() {
        return Ok(());
    }
    let is_of_users = |item: &Element| item.text_at("name") == Some(USERS);
    let found = books
        .records
        .all("dimensions")
        .find_map(|(id, record)| is_of_users(&record.item).then_some(id));
    if let Some(dimension) = found {
        let name = user.text_at("name").unwrap_or_default();
        let entry = described("dimension-entry", name).having("active", true);
        let resource = resource::of_area("dimension_entry").ok_or("no dimension entries")?;
        let entry = add(books, resource, dimension, entry)?;
        user.put(Element::reference("dimension-entry", entry));
    }
    Ok(())
}

/// Fills the books of a new company.
///
/// # Errors
/// If a record is no valid one, which is a fault of this file.
pub(crate) fn company(books: &mut Books) -> Result<(), String> {
    let mut setup = Setup { books };
    setup.accounts()?;
    setup.people()?;
    setup.time()?;
    setup.payroll()?;
    setup.money()
}

struct Setup<'a> {
    books: &'a mut Books,
}

impl Setup<'_> {
    fn add(&mut self, area: &str, parent: i64, item: Element) -> Result<i64, String> {
        let resource = resource::of_area(area).ok_or_else(|| format!("no records {area}"))?;
        add(self.books, resource, parent, item)
    }

    fn people(&mut self) -> Result<(), String> {
        let user = Element::new("user")
            .having("foreign-id", "")
            .having("name", "Integration Sandlådan")
            .having("email", "integration@sandladan.example")
            .having("active", true);
        self.books.user = self.add("user", 0, user)?;
        for right in ["AdministratorWithPayroll", "Payroll", "ClientInvoice"] {
            let access = Element::new("access").having("type", right);
            self.add("access", self.books.user, access)?;
        }
        for (id, name) in [
            ("FINANCE_MANAGER", "Ekonomiansvarig"),
            ("EMPLOYEE", "Anställd"),
        ] {
            let role = Element::new("access-role")
                .having("id", id)
                .having("name", name)
                .having("description", "");
            self.add("access_role", 0, role)?;
        }
        Ok(())
    }

    fn time(&mut self) -> Result<(), String> {
        let work = [
            ("Arbete", Some(95_000)),
            ("Restid", Some(50_000)),
            ("Internt", None),
        ];
        for (name, price) in work {
            let mut activity = activity(name, false);
            if let Some(price) = price {
                activity.set("price", price);
            }
            self.add("activity", 0, activity)?;
        }
        for (name, _, needs_child) in ABSENCES {
            self.add("activity", 0, activity(name, *needs_child))?;
        }
        Ok(())
    }

    fn payroll(&mut self) -> Result<(), String> {
        for name in [
            "Månadslön",
            "Timlön",
            "Semestertillägg",
            "Milersättning",
            "Bonus",
        ] {
            let article = Element::new("payroll-article-readable").having("name", name);
            self.add("payroll_article", 0, article)?;
        }
        let mut intervals = Element::new("intervals");
        for day in 1..=5 {
            let interval = Element::new("interval")
                .having("day", day)
                .having("hours", 8)
                .having("type", "Work")
                .having("comment", "");
            intervals = intervals.with(interval);
        }
        let schedule = Element::new("rolling-schedule")
            .having("name", "Heltid")
            .having("description", "Måndag till fredag, åtta timmar")
            .having("weeks", 1)
            .having("hours-per-week", 40)
            .having("days-per-week", 5)
            .having("level-of-employment", 1)
            .having("editable", true)
            .with(intervals);
        self.add("payroll_schedule", 0, schedule)?;
        Ok(())
    }

    fn accounts(&mut self) -> Result<(), String> {
        for (name, entries) in [
            ("Kostnadsställe", &["Stockholm", "Göteborg"][..]),
            ("Projekt", &["Intern", "Extern"]),
            (USERS, &[]),
        ] {
            let dimension = described("dimension", name).having("active", true);
            let dimension = self.add("dimension", 0, dimension)?;
            for name in entries {
                let entry = described("dimension-entry", name).having("active", true);
                self.add("dimension_entry", dimension, entry)?;
            }
        }
        let year = self.books.today().year();
        for year in [year - 1, year] {
            let day = |month, day| {
                NaiveDate::from_ymd_opt(year, month, day).ok_or("no accounting year".to_owned())
            };
            let span = Element::new("accounting-year-readable")
                .having("start-date", day(1, 1)?)
                .having("end-date", day(12, 31)?);
            self.add("accounting_year", 0, span)?;
        }
        for (number, name) in [
            (1510, "Kundfordringar"),
            (1930, "Företagskonto"),
            (2440, "Leverantörsskulder"),
            (2611, "Utgående moms 25 %"),
            (2641, "Debiterad ingående moms"),
            (3041, "Försäljning tjänster 25 %"),
            (5010, "Lokalhyra"),
            (6110, "Kontorsmateriel"),
            (7210, "Löner till tjänstemän"),
        ] {
            let account = Element::new("account")
                .having("accountNr", number)
                .having("description", name);
            self.add("account", 0, account)?;
        }
        Ok(())
    }

    fn money(&mut self) -> Result<(), String> {
        let ledger = Element::new("revenue-ledger")
            .having("name", "Försäljning i annat system")
            .having("account-nr", 1510);
        self.add("revenue_ledger", 0, ledger)?;
        let account = Element::new("bank-account")
            .having("name", "Företagskonto")
            .having("currency", "SEK")
            .having("bic", "SWEDSESS")
            .having("iban", "SE3550000000054910000003");
        self.add("bank_account", 0, account)?;
        let foundation = Element::new("sub-foundation-readable")
            .having("id", "1")
            .having("name", "Stiftelsen Sandlådan")
            .having("orgno", "802999-0010")
            .with(Element::reference("dimension-entry", 2_001));
        self.add("sub_foundation", 0, foundation)?;
        Ok(())
    }
}

fn activity(name: &str, needs_child: bool) -> Element {
    described("activity-readable", name).having("mandatory-child-when-reporting", needs_child)
}

fn described(element: &str, name: &str) -> Element {
    Element::new(element)
        .having("name", name)
        .having("description", "")
}

/// Keeps the items of a list that a seed gives.
///
/// # Errors
/// What is wrong with which.
pub(crate) fn add_list(books: &mut Books, owner: i64, list: &str) -> Result<(), String> {
    let list = Element::from_xml(list)?;
    let mut kinds = resource::RESOURCES.iter();
    let resource = kinds
        .find(|resource| resource.list == list.name)
        .ok_or_else(|| format!("the sandbox keeps no records of <{}>", list.name))?;
    for item in list.children {
        add(books, resource, owner, item)?;
    }
    Ok(())
}

/// Keeps a record, under its own id if it shows one above 0.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn add(
    books: &mut Books,
    resource: &Resource,
    parent: i64,
    mut item: Element,
) -> Result<i64, String> {
    let failed = |refusal: crate::answer::Refusal| refusal.message().to_owned();
    if resource.area == "user" {
        complete_user(books, &mut item)?;
    }
    if let Some((_, of)) = resource.item()
        && resource.list != "payroll-schedules-readable"
    {
        crate::shape::fit(&mut item, of, false);
    }
    match resource.id_of(&item).filter(|id| *id > 0) {
        None => resource::insert(books, resource, parent, item).map_err(failed),
        Some(id) => {
            let item = resource::canonical(resource.list, &item).map_err(failed)?;
            match books
                .records
                .put(resource.list, id, Record { parent, item })
            {
                None => Ok(id),
                Some(_) => Err(format!("{} {id} is there twice", resource.name)),
            }
        }
    }
}
