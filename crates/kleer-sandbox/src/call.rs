//! A request on its way to an endpoint, checked as far as all endpoints have in common.

use std::str::FromStr;

use chrono::NaiveDate;
use kleer_model::endpoint::Endpoint;
use kleer_model::{Document, ReadOptions, RootElement};

use crate::answer::{Format, Refusal};
use crate::element::Element;

/// One request to one endpoint.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) endpoint: &'static Endpoint,
    /// The values of the path's parameters, in the path's order, without the company.
    pub(crate) parameters: Vec<&'a str>,
    pub(crate) query: Query,
    /// In XML, whatever it came in.
    pub(crate) body: &'a [u8],
    /// What it came in.
    pub(crate) format: Format,
    pub(crate) strict: bool,
    pub(crate) max_body_bytes: usize,
}

impl Call<'_> {
    /// The id in the path.
    pub(crate) fn id<I: FromStr>(&self) -> Result<I, Refusal> {
        let text = self.parameters.first().copied().unwrap_or_default();
        text.parse()
            .map_err(|_| Refusal::not_found("the id in the path is not a whole number"))
    }

    /// The id at the end of the path.
    pub(crate) fn last_id(&self) -> Result<i64, Refusal> {
        let text = self.parameters.last().copied().unwrap_or_default();
        // Kleer's ids are of its schema's type `int`.
        text.parse::<i32>()
            .map(i64::from)
            .map_err(|_| Refusal::not_found("the id in the path is not a whole number"))
    }

    /// A day in the path, by the name of its parameter.
    pub(crate) fn date(&self, parameter: &str) -> Result<NaiveDate, Refusal> {
        self.text(parameter).parse().map_err(|_| {
            Refusal::bad_request(format!(
                "{{{parameter}}} in the path is not a date like 2026-01-31"
            ))
        })
    }

    /// A parameter of the path, by its name.
    pub(crate) fn text(&self, parameter: &str) -> &str {
        let mut named = self.endpoint.parameters().zip(&self.parameters);
        named
            .find(|(name, _)| *name == parameter)
            .map(|(_, value)| *value)
            .unwrap_or_default()
    }

    /// The body as an element, valid and in the schema's order.
    pub(crate) fn element(&self) -> Result<Element, Refusal> {
        let name = self.endpoint.request.unwrap_or_default();
        let invalid = |why: String| self.invalid(name, why);
        let Some(root) = RootElement::find(name) else {
            return Err(Refusal::bad_request("this call takes no document"));
        };
        let options = ReadOptions::default()
            .with_max_bytes(self.max_body_bytes)
            .with_strict(self.strict);
        let written = root
            .rewrite_with(self.body, &options)
            .map_err(|error| invalid(error.to_string()))?;
        Element::from_xml(&written).map_err(invalid)
    }

    /// The body as a document.
    pub(crate) fn document<D: Document>(&self) -> Result<D, Refusal> {
        let options = ReadOptions::default()
            .with_max_bytes(self.max_body_bytes)
            .with_strict(self.strict);
        D::from_xml_with(self.body, &options)
            .map_err(|error| self.invalid(D::ROOT, error.to_string()))
    }

    fn invalid(&self, root: &str, mut why: String) -> Refusal {
        // Lines and columns are those of the XML, which a caller that speaks JSON never saw.
        if self.format == Format::Json
            && let Some(at) = why.rfind(" (line ")
        {
            why.truncate(at);
        }
        Refusal::bad_request(format!("the request body is no valid <{root}>: {why}"))
    }
}

/// The parameters behind the `?`, decoded.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// # Errors
    /// In strict mode a parameter that the endpoint does not have (a misspelt filter would list
    /// everything without a word), or one that stands twice.
    pub(crate) fn parse(text: &str, endpoint: &Endpoint, strict: bool) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        if strict {
            for (index, (name, _)) in pairs.iter().enumerate() {
                if !endpoint
                    .query
                    .iter()
                    .any(|parameter| parameter.name == name)
                {
                    let known: Vec<_> = endpoint
                        .query
                        .iter()
                        .map(|parameter| parameter.name)
                        .collect();
                    return Err(Refusal::bad_request(format!(
                        "{} has no query parameter of this name; it has: {}",
                        endpoint.name,
                        if known.is_empty() {
                            "none".to_owned()
                        } else {
                            known.join(", ")
                        },
                    )));
                }
                if pairs.iter().take(index).any(|(earlier, _)| earlier == name) {
                    return Err(Refusal::bad_request(format!(
                        "the query parameter {name} stands twice"
                    )));
                }
            }
        }
        Ok(Self(pairs))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// `true` or `false`; absent is `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        self.parsed(name, "true or false")
            .map(Option::unwrap_or_default)
    }

    pub(crate) fn date(&self, name: &str) -> Result<Option<NaiveDate>, Refusal> {
        self.parsed(name, "a date like 2026-01-31")
    }

    pub(crate) fn number<N: FromStr>(&self, name: &str) -> Result<Option<N>, Refusal> {
        self.parsed(name, "a whole number")
    }

    fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, Refusal> {
        self.text(name)
            .map(|text| {
                text.parse().map_err(|_| {
                    Refusal::bad_request(format!("the query parameter {name} is not {expected}"))
                })
            })
            .transpose()
    }
}
