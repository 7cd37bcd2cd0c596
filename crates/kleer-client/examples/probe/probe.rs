//! The reads of a probe.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use kleer_client::model::endpoint::{self, Endpoint, Method, Recovery, Scope};
use kleer_client::model::{ROOTS, RateUnit};
use kleer_client::{Error, Kleer, RawCall, RawResponse};

use super::report::{Report, Verdict};
use super::shape;

/// Lists whose JSON real integrations read.
const JSON: [&str; 8] = [
    "user.me",
    "user.list",
    "client.list",
    "product.list",
    "client_project.list",
    "event.list",
    "activity.list",
    "payroll_user.list",
];

/// Probes everything that can be read. `today` is where spans of days end.
///
/// # Errors
/// If the token's user cannot be read: then nothing else can, either.
pub(crate) async fn run(kleer: &Kleer, today: NaiveDate) -> Result<Report, Error> {
    let mut known = days(today);
    known.insert("user-id", kleer.users().me().await?.id.to_string());
    let mut report = Report::default();
    read_all(kleer, &mut known, &mut report).await;
    for endpoint in endpoint::ALL.iter().filter(|endpoint| endpoint.is_paged()) {
        let found = paging(kleer, endpoint).await;
        report.paging.push((endpoint.name, found));
    }
    units(kleer, &mut report).await;
    for name in JSON {
        if let Some(shape) = json(kleer, name).await {
            report.shapes.push((name, shape));
        }
    }
    Ok(report)
}

/// What stands for the parameters that are days and currencies.
fn days(today: NaiveDate) -> BTreeMap<&'static str, String> {
    let month_ago = today.checked_sub_days(Days::new(30)).unwrap_or(today);
    BTreeMap::from([
        ("start-date", month_ago.to_string()),
        ("end-date", today.to_string()),
        ("from-date", month_ago.to_string()),
        ("to-date", today.to_string()),
        ("date", month_ago.to_string()),
        ("year", month_ago.year().to_string()),
        // January is month 0.
        ("month", month_ago.month0().to_string()),
        ("from-currency", "EUR".to_owned()),
        ("to-currency", "SEK".to_owned()),
    ])
}

/// Reads every endpoint for whose parameters there is a value; what it reads fills parameters of
/// others.
async fn read_all(kleer: &Kleer, known: &mut BTreeMap<&'static str, String>, report: &mut Report) {
    let mut left: Vec<&'static Endpoint> = endpoint::ALL
        .iter()
        .copied()
        .filter(|endpoint| endpoint.method == Method::Get)
        .collect();
    loop {
        let before = left.len();
        let mut later = Vec::new();
        for endpoint in left {
            let Some(call) = call(kleer, endpoint, known) else {
                later.push(endpoint);
                continue;
            };
            let answer = call.await;
            let verdict = judge(endpoint, &answer);
            if let (Ok(answer), Verdict::Answers) = (&answer, &verdict) {
                learn(endpoint, &answer.body, known, report);
            }
            report.verdicts.push((endpoint, verdict));
        }
        left = later;
        if left.len() == before {
            break;
        }
    }
    for endpoint in left {
        let missing = endpoint
            .parameters()
            .find(|name| value(endpoint, name, known).is_none());
        let verdict = Verdict::NotTried(missing.unwrap_or("a parameter"));
        report.verdicts.push((endpoint, verdict));
    }
    report.verdicts.sort_by_key(|(endpoint, _)| {
        endpoint::ALL
            .iter()
            .position(|known| known.name == endpoint.name)
    });
}

/// The value for a parameter. Foreign ids are kept by area, since each is unique in its own only.
fn value<'k>(
    endpoint: &Endpoint,
    parameter: &str,
    known: &'k BTreeMap<&'static str, String>,
) -> Option<&'k String> {
    if parameter == "foreign-id" {
        return known.get(endpoint.name);
    }
    known.get(parameter)
}

fn call(
    kleer: &Kleer,
    endpoint: &'static Endpoint,
    known: &BTreeMap<&'static str, String>,
) -> Option<RawCall> {
    let values: Vec<(&str, &str)> = endpoint
        .parameters()
        .map(|name| value(endpoint, name, known).map(|value| (name, value.as_str())))
        .collect::<Option<_>>()?;
    let path = endpoint.fill_as(kleer.path_of(endpoint), &values).ok()?;
    let segments: Vec<&str> = path.iter().map(String::as_str).collect();
    let mut call = kleer.raw(kleer_client::Method::GET, &segments);
    if endpoint.scope == Scope::Api {
        call = call.outside_company();
    }
    if endpoint
        .query
        .iter()
        .any(|parameter| parameter.name == "ignoreFiles")
    {
        call = call.query("ignoreFiles", "true");
    }
    Some(call)
}

fn judge(endpoint: &Endpoint, answer: &Result<RawResponse, Error>) -> Verdict {
    match answer {
        Ok(answer) if endpoint.response.is_empty() => {
            let is_pdf = answer.body.starts_with(b"%PDF");
            let is_xml = answer.body.trim_ascii_start().starts_with(b"<");
            match endpoint.response_media {
                Some("application/pdf") if is_pdf => Verdict::Answers,
                Some("application/xml") if is_xml => Verdict::Answers,
                _ => Verdict::Foreign,
            }
        }
        Ok(answer) => match root(&answer.body) {
            Some(found) if endpoint.response.contains(&found) => Verdict::Answers,
            Some(found) => Verdict::OtherDocument(found),
            None => Verdict::Foreign,
        },
        Err(error) => {
            // The name of a class of Kleer's, and no text of the company's.
            let exception = error.exception().map(str::to_owned);
            match error.status().map(|status| status.as_u16()) {
                Some(status @ (404 | 405 | 410)) => Verdict::NothingThere(status),
                Some(status @ (401 | 403)) => Verdict::Refused(status, exception),
                Some(status) if error.is_application_error() => Verdict::Refused(status, exception),
                _ => Verdict::Failed(error.to_string()),
            }
        }
    }
}

/// The root element, if the schema has it.
fn root(body: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(body).ok()?;
    let start = text
        .split('<')
        .find(|part| part.starts_with(|first: char| first.is_ascii_alphabetic()))?;
    let name = start
        .split(|end: char| end.is_whitespace() || "/>".contains(end))
        .next()?;
    ROOTS
        .iter()
        .find(|root| root.name == name)
        .map(|root| root.name)
}

/// The texts of all elements of this name that hold text only.
fn texts<'b>(body: &'b str, element: &str) -> impl Iterator<Item = &'b str> {
    let start = format!("<{element}>");
    let end = format!("</{element}>");
    let mut rest = body;
    std::iter::from_fn(move || {
        loop {
            let from = rest.find(&start)? + start.len();
            rest = rest.get(from..)?;
            let to = rest.find('<')?;
            let text = rest.get(..to)?;
            if rest.get(to..).is_some_and(|after| after.starts_with(&end)) {
                return Some(text);
            }
        }
    })
}

/// Takes the first ids of a list for the endpoints that need one, and counts its foreign ids.
fn learn(
    endpoint: &'static Endpoint,
    body: &[u8],
    known: &mut BTreeMap<&'static str, String>,
    report: &mut Report,
) {
    let (Ok(body), Some(area)) = (
        std::str::from_utf8(body),
        endpoint.name.strip_suffix(".list"),
    ) else {
        return;
    };
    if endpoint.name == "payroll_user.list"
        && let Some(user) = body.split_once("<user>")
        && let Some(id) = texts(user.1, "id").next()
    {
        // Somebody with an employment; the token's user may have none.
        known.insert("user-id", id.to_owned());
    }
    let id = format!("{}-id", area.replace('_', "-"));
    let parameters = endpoint::ALL.iter().flat_map(|other| other.parameters());
    if let (Some(parameter), Some(value)) = (
        parameters.into_iter().find(|parameter| *parameter == id),
        texts(body, "id").next(),
    ) {
        known.entry(parameter).or_insert_with(|| value.to_owned());
    }
    let by_foreign_id = format!("{area}.by_foreign_id");
    let mut foreign_ids = texts(body, "foreign-id").filter(|text| !text.trim().is_empty());
    if let (Some(reader), Some(value)) = (endpoint::find(&by_foreign_id), foreign_ids.next()) {
        known.insert(reader.name, value.to_owned());
    }
    let finds = |other: &Endpoint| matches!(other.recovery, Recovery::ForeignId { list } if list == endpoint.name);
    if endpoint::ALL.iter().any(|other| finds(other)) {
        let given: Vec<&str> = texts(body, "foreign-id")
            .filter(|text| !text.trim().is_empty())
            .collect();
        let distinct: BTreeSet<&str> = given.iter().copied().collect();
        report
            .foreign_ids
            .push((endpoint.name, given.len(), distinct.len()));
    }
}

/// Whether a page can be asked for by `offset` and `limit`.
async fn paging(kleer: &Kleer, endpoint: &'static Endpoint) -> &'static str {
    let ask = async |offset: u32| -> Option<(Option<i64>, Option<i64>, Option<i64>)> {
        let call = call(kleer, endpoint, &BTreeMap::new())?;
        let call = call.query("offset", offset.to_string()).query("limit", "1");
        let body = call.await.ok()?.body;
        let text = std::str::from_utf8(&body).ok()?;
        let tag = text.split_once('<')?.1.split_once('>')?.0;
        let number = |name: &str| {
            let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
            value.parse().ok()
        };
        Some((number("offset"), number("limit"), number("size")))
    };
    match (ask(0).await, ask(1).await) {
        (None, _) | (_, None) => "could not be read",
        (Some((_, _, Some(0))), _) => "nothing to tell from: the list is empty",
        (Some((None, None, None)), _) => "the answer does not say which part it is",
        (Some((_, Some(1), Some(size))), _) if size < 2 => {
            "`limit` is honoured; too few items to tell of `offset`"
        }
        (Some((_, Some(1), _)), Some((Some(1), Some(1), _))) => "`offset` and `limit` are honoured",
        (Some((_, Some(1), _)), _) => "`limit` is honoured, `offset` is NOT",
        _ => "`limit` is NOT honoured",
    }
}

/// Whether rates are percent or fractions, and how large salaries are.
async fn units(kleer: &Kleer, report: &mut Report) {
    if let Ok(products) = kleer.products().list().await {
        let rates = products
            .items
            .iter()
            .filter_map(|product| product.vat_percentage);
        let found = match RateUnit::detect(rates) {
            Some(RateUnit::Percent) => "percent: 25 for 25 %",
            Some(RateUnit::Fraction) => "a fraction: 0.25 for 25 %",
            _ => "not to be told from the products there are",
        };
        report.units.push(format!("`vat-percentage` is {found}"));
    }
    if let Ok(users) = kleer.payroll().users().await {
        let salaries: Vec<i64> = users
            .items
            .iter()
            .filter_map(|user| user.monthly_salary.map(|salary| salary.0))
            .filter(|salary| *salary > 0)
            .collect();
        // A monthly salary of 5,000 kronor is 500,000 öre, and few are above 300,000 kronor.
        let found = match (salaries.iter().min(), salaries.iter().max()) {
            (Some(least), _) if *least >= 400_000 => "oere",
            (_, Some(most)) if *most < 400_000 => "kronor",
            (None, _) => "not to be told: there are none",
            _ => "not to be told from the employments there are",
        };
        report
            .units
            .push(format!("`monthly-salary` is, presumably, {found}"));
    }
}

/// The shape of an endpoint's JSON.
async fn json(kleer: &Kleer, name: &str) -> Option<String> {
    let endpoint = endpoint::find(name)?;
    let call = call(kleer, endpoint, &BTreeMap::new())?.accept("application/json");
    let body = match call.await {
        Ok(answer) => answer.body,
        Err(error) => return Some(format!("({error})")),
    };
    Some(match serde_json::from_slice(&body) {
        Ok(value) => shape::of(&value),
        Err(_) => "(it is no JSON)".to_owned(),
    })
}
