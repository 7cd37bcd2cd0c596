//! The commands of a connector's program: status, match, export, import, unlink, deviations.

use std::fmt;
use std::fmt::Write as _;

use record_link::{
    About, Action, Decision, Deviation, DeviationChange, DeviationEvent, DeviationQuery, Digest,
    FindingKind, FirstSync, IgnoredUntil, Operation, RecordKey, Refusal, Sides, Subject, Until,
    Which, Write,
};
use record_link::{Batch, DeviationState};
use serde_json::{Value as Json, json};

use super::{Display, Listed, Picture, Standing, Table, WITHHELD, Work, Workbench, WorkbenchError};

/// Whether what was shown may be carried out.
pub enum Consent<'a> {
    /// It may. A plan that a guard rail stopped must have this digest.
    Given(Option<Digest>),
    /// It is only shown.
    DryRun,
    /// Somebody is shown it and asked; and about what a guard rail stopped, once more by itself.
    Ask(&'a mut (dyn FnMut(&str) -> bool + Send)),
}

impl fmt::Debug for Consent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given(_) => "Given",
            Self::DryRun => "DryRun",
            Self::Ask(_) => "Ask",
        })
    }
}

/// What a command came to: for people, for programs, and as an exit status.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// For people. What somebody was shown before they were asked is not in it.
    pub text: String,
    /// For programs: everything.
    pub json: Json,
    /// Whether something needs a person: it was withheld, refused, failed or is in doubt.
    pub needs_somebody: bool,
}

/// What is to be done with records that somebody chose.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// Create them on the other side.
    Create {
        /// Although there are records that they may be the same as.
        despite_candidates: bool,
    },
    /// Of those that are linked, the values of this side win where they differ.
    Prefer(Which),
    /// Leave them alone until something changes.
    Nothing,
    /// Take their links apart.
    Unlink,
}

/// Whether somebody chose what is written to a side (or to none) of these records.
type Chosen<'a> = dyn Fn(Option<Which>, &Sides<Option<RecordKey>>) -> bool + Sync + 'a;

/// A key that no record has.
fn unknown(display: &Display, side: Which, key: &str) -> WorkbenchError {
    WorkbenchError::Unknown {
        side: display.name(side),
        key: key.to_owned(),
    }
}

/// The commands of a connector's program, over a [`Workbench`]. They print nothing: what they came
/// to is a [`Report`].
#[derive(Debug)]
pub struct Console<'a> {
    bench: &'a Workbench,
    display: Display,
}

impl<'a> Console<'a> {
    /// Over a workbench.
    pub fn new(bench: &'a Workbench, display: Display) -> Self {
        Self { bench, display }
    }

    /// *Status*: the records of a side, and where each stands. `label` is the field that people
    /// know them by.
    ///
    /// # Errors
    /// When a side cannot be read, or the store fails; as with all commands.
    pub async fn status(
        &self,
        side: Which,
        label: &str,
        shows: impl Fn(Standing) -> bool,
    ) -> Result<Report, WorkbenchError> {
        let picture = Box::pin(self.bench.look()).await?;
        let tab: Vec<Listed> = picture.tab(side).into_iter().collect();
        let count =
            |wanted: fn(Standing) -> bool| tab.iter().filter(|one| wanted(one.standing)).count();
        let unlinked = count(Standing::is_unlinked);
        let linked = tab.len() - unlinked;
        let [name, other] = [side, side.other()].map(|which| self.display.name(which));
        let mut table = Table::new([name, label, "standing", other]);
        let mut rows = Vec::new();
        for one in tab.iter().filter(|one| shows(one.standing)) {
            let label = self.label(&picture, side, &one.key, label);
            let partner = one.partner.as_ref().map(RecordKey::as_str);
            let standing = one.standing.as_str();
            table.row([one.key.as_str(), &label, standing, partner.unwrap_or("-")]);
            rows.push(json!({
                "key": one.key.as_str(), "label": label, "standing": standing, "partner": partner,
            }));
        }
        let incomplete: Vec<&str> = Which::BOTH
            .into_iter()
            .filter(|which| !picture.snapshots[*which].is_complete())
            .map(|which| self.display.name(which))
            .collect();
        let mut text = format!(
            "{table}\n{} in {name}: {unlinked} not linked, {linked} linked\n",
            tab.len()
        );
        for name in &incomplete {
            let _ = writeln!(
                text,
                "not everything in {name} could be read: nothing is concluded from what is missing"
            );
        }
        let json = json!({
            "records": rows, "not-linked": unlinked, "linked": linked, "incomplete": incomplete,
        });
        Ok(Report {
            text,
            json,
            needs_somebody: !incomplete.is_empty(),
        })
    }

    fn label(&self, picture: &Picture, side: Which, key: &RecordKey, field: &str) -> String {
        let layout = picture.snapshots[side].fields();
        let class = layout
            .get(field)
            .map_or(flat_record::Sensitivity::Sensitive, |one| one.sensitivity);
        let seen = picture.snapshots[side].get(key.as_str());
        self.display
            .value(seen.and_then(|seen| seen.record.get(field)), class)
    }

    /// *Match* without a decision: the pairs that may be one, and why.
    ///
    /// # Errors
    /// As [`status`](Self::status).
    pub async fn proposals(&self, label: &str) -> Result<Report, WorkbenchError> {
        let picture = Box::pin(self.bench.look()).await?;
        let (mut text, mut rows) = (String::new(), Vec::new());
        for pair in picture.proposals() {
            let keys = Sides::new(RecordKey::new(&*pair.left)?, RecordKey::new(&*pair.right)?);
            let [left, right] = Which::BOTH.map(|which| {
                let label = self.label(&picture, which, &keys[which], label);
                format!(
                    "{} {} ({label})",
                    self.display.name(which),
                    keys[which].as_str()
                )
            });
            let _ = write!(
                text,
                "{left} = {right}, {}\n{}\n\n",
                pair.band, pair.explanation
            );
            rows.push(json!({
                self.display.name(Which::Left): pair.left, self.display.name(Which::Right): pair.right,
                "band": pair.band, "explanation": pair.explanation.to_string(),
            }));
        }
        if rows.is_empty() {
            text.push_str("no pairs to look at\n");
        }
        let json = json!({ "proposals": rows });
        Ok(Report {
            text,
            json,
            needs_somebody: false,
        })
    }

    /// *Match* with decisions: links the pairs that are confirmed, and never proposes those again
    /// that are rejected. `certain` confirms all that the matcher would take.
    ///
    /// # Errors
    /// As [`status`](Self::status), and when there is no such record.
    pub async fn pair(
        &self,
        confirm: &[(String, String)],
        reject: &[(String, String)],
        certain: bool,
        first_sync: FirstSync,
        consent: Consent<'_>,
    ) -> Result<Report, WorkbenchError> {
        let picture = Box::pin(self.bench.look()).await?;
        let mut confirm = confirm.to_vec();
        if certain {
            let sure = picture.proposals().into_iter();
            let sure = sure.filter(|pair| pair.band == record_match::Band::Auto);
            confirm.extend(sure.map(|pair| (pair.left.clone(), pair.right.clone())));
        }
        let mut decisions = Vec::new();
        let mut keys = Sides::<Vec<RecordKey>>::default();
        let confirmed = confirm.iter().map(|pair| (pair, true));
        for ((left, right), is_one) in confirmed.chain(reject.iter().map(|pair| (pair, false))) {
            let left = self.known(&picture, Which::Left, left)?;
            let right = self.known(&picture, Which::Right, right)?;
            let was_unlinked = [(Which::Left, &left), (Which::Right, &right)]
                .into_iter()
                .any(|(which, key)| picture.standing(which, key) == Some(Standing::Unlinked));
            let action = match (is_one, was_unlinked) {
                (false, _) => Action::Reject,
                (true, false) => Action::Match { first_sync },
                (true, true) => Action::Relink { first_sync },
            };
            keys.left.push(left.clone());
            keys.right.push(right.clone());
            let about = About::Pair {
                keys: Sides::new(left, right),
            };
            decisions.push(self.bench.decision(&picture, about, action));
        }
        let chosen = |_: Option<Which>, of: &Sides<Option<RecordKey>>| holds_any(&keys, of);
        self.settle(&picture, decisions, &[], &chosen, consent)
            .await
    }

    /// *Export*: creates those records of a side on the other one that are new, and writes what
    /// changed of those that are linked; all of them, or those with these keys.
    ///
    /// # Errors
    /// As [`status`](Self::status), and when there is no such record.
    pub async fn export(
        &self,
        from: Which,
        keys: &[String],
        despite_candidates: bool,
        consent: Consent<'_>,
    ) -> Result<Report, WorkbenchError> {
        let picture = Box::pin(self.bench.look()).await?;
        let named = self.all_known(&picture, from, keys)?;
        let to_create: Vec<RecordKey> = if named.is_empty() {
            picture.creatable(from)
        } else {
            let is_free = |key: &&RecordKey| {
                let standing = picture.standing(from, key);
                matches!(
                    standing,
                    Some(Standing::New | Standing::MayMatch | Standing::Ignored)
                )
            };
            named.iter().filter(is_free).cloned().collect()
        };
        let choice = Choice::Create { despite_candidates };
        let decisions = to_create.iter();
        let decisions = decisions.map(|key| self.decision(&picture, from, key, &choice));
        let decisions = decisions.collect::<Result<_, _>>()?;
        let chosen = |on: Option<Which>, of: &Sides<Option<RecordKey>>| {
            let is_named =
                named.is_empty() || of[from].as_ref().is_some_and(|key| named.contains(key));
            on != Some(from) && is_named
        };
        self.settle(&picture, decisions, &[], &chosen, consent)
            .await
    }

    /// *Import* and the other actions: does with records of a side what somebody chose. Without a
    /// choice, what changed of linked records is written to the other side; all of them, or those
    /// with these keys.
    ///
    /// # Errors
    /// As [`status`](Self::status), and when there is no such record, or it is not linked.
    pub async fn act(
        &self,
        side: Which,
        keys: &[String],
        choice: Option<&Choice>,
        consent: Consent<'_>,
    ) -> Result<Report, WorkbenchError> {
        let picture = Box::pin(self.bench.look()).await?;
        let named = self.all_known(&picture, side, keys)?;
        let mut decisions = Vec::new();
        for (key, choice) in named.iter().filter_map(|key| Some((key, choice?))) {
            decisions.push(self.decision(&picture, side, key, choice)?);
        }
        // Whose preference it is, there is nothing written to.
        let spared = match choice {
            Some(Choice::Prefer(preferred)) => Some(*preferred),
            Some(Choice::Nothing | Choice::Unlink) => None,
            Some(Choice::Create { .. }) | None => Some(side),
        };
        let chosen = |on: Option<Which>, of: &Sides<Option<RecordKey>>| {
            let is_named =
                named.is_empty() || of[side].as_ref().is_some_and(|key| named.contains(key));
            is_named && (on.is_none() || on != spared)
        };
        self.settle(&picture, decisions, &[], &chosen, consent)
            .await
    }

    fn decision(
        &self,
        picture: &Picture,
        side: Which,
        key: &RecordKey,
        choice: &Choice,
    ) -> Result<Decision, WorkbenchError> {
        let link = picture
            .link_of(side, key)
            .map(|link| About::Link { id: link.id });
        let record = About::Record {
            side,
            key: key.clone(),
        };
        let linked = |link: Option<About>| {
            link.ok_or_else(|| WorkbenchError::NotLinked {
                side: self.display.name(side),
                key: key.as_str().to_owned(),
            })
        };
        let (about, action) = match choice {
            Choice::Create { despite_candidates } => {
                let despite_candidates = *despite_candidates;
                (
                    link.unwrap_or(record),
                    Action::Create { despite_candidates },
                )
            }
            Choice::Prefer(preferred) => {
                let action = Action::Prefer {
                    side: Some(*preferred),
                    fields: std::collections::BTreeMap::new(),
                    force: false,
                };
                (linked(link)?, action)
            }
            Choice::Nothing => {
                let action = Action::DoNothing {
                    until: Until::Change,
                    fields: Vec::new(),
                };
                (link.unwrap_or(record), action)
            }
            Choice::Unlink => (linked(link)?, Action::Unlink),
        };
        Ok(self.bench.decision(picture, about, action))
    }

    fn known(
        &self,
        picture: &Picture,
        side: Which,
        key: &str,
    ) -> Result<RecordKey, WorkbenchError> {
        let is_held = |key: &RecordKey| picture.link_of(side, key).is_some();
        let typed = RecordKey::new(key).map_err(|_| unknown(&self.display, side, key))?;
        if picture.snapshots[side].get(key).is_some() || is_held(&typed) {
            return Ok(typed);
        }
        Err(unknown(&self.display, side, key))
    }

    fn all_known(
        &self,
        picture: &Picture,
        side: Which,
        keys: &[String],
    ) -> Result<Vec<RecordKey>, WorkbenchError> {
        keys.iter()
            .map(|key| self.known(picture, side, key))
            .collect()
    }

    /// Shows, asks, and carries out.
    async fn settle(
        &self,
        picture: &Picture,
        decisions: Vec<Decision>,
        reprocessed: &[&Deviation],
        chosen: &Chosen<'_>,
        consent: Consent<'_>,
    ) -> Result<Report, WorkbenchError> {
        let is_chosen = |one: &Operation| chosen(one.step.writes_on(), &one.keys);
        let mut work = self.bench.work(picture, decisions, is_chosen)?;
        let mut affected = work.affected(picture);
        affected.retain(|one| one.on.is_some() || chosen(None, &one.keys));
        let refused = refused(&work);
        let shown = format!(
            "{}{}",
            self.display.table(&work, &affected),
            refused.join("")
        );
        let mut report = Report {
            json: self.display.json(&work, &affected),
            needs_somebody: !work.withheld.is_empty() || !refused.is_empty(),
            text: String::new(),
        };
        report.json["refused"] = json!(refused);
        if work.is_empty() && work.withheld.is_empty() {
            report.needs_somebody |= !work.decisions.is_empty();
            report.text = shown;
            return Ok(report);
        }
        match consent {
            Consent::DryRun => {
                report.text = shown;
                return Ok(report);
            }
            Consent::Given(approved) => {
                report.text = shown;
                if let Some(digest) = approved {
                    work.approve(digest)?;
                }
            }
            Consent::Ask(ask) => {
                if !ask(&shown) {
                    report.text = "nothing was done\n".to_owned();
                    return Ok(report);
                }
                if !work.stopped_by().is_empty() {
                    if !ask(&self.display.stopped(&work)) {
                        report.text = "nothing was done\n".to_owned();
                        return Ok(report);
                    }
                    let digest = work.plan.digest;
                    work.approve(digest)?;
                }
            }
        }
        for one in reprocessed {
            self.bench.note(one, DeviationChange::Reprocessing).await?;
        }
        let applied = Box::pin(self.bench.carry_out(work)).await?;
        let totals = &applied.totals;
        report.needs_somebody |= totals.failed + totals.in_doubt + totals.stale > 0;
        report.text.push_str(&self.display.outcome(&applied));
        report.json["applied"] = json!(totals);
        Ok(report)
    }

    /// *Deviations list*: the error log.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn deviations(&self, also_settled: bool) -> Result<Report, WorkbenchError> {
        let all = self.bench.deviations(also_settled).await?;
        let mut table = Table::new([
            "id",
            "state",
            "class",
            "operation",
            "subject",
            "code",
            "times",
        ]);
        for one in &all {
            table.row([
                &one.id().to_string()[..8],
                one.state().as_str(),
                one.class().as_str(),
                &one.topic().operation,
                &subject(&one.topic().subject, &self.display),
                one.failure().code(),
                &one.attempts().to_string(),
            ]);
        }
        let text = if all.is_empty() {
            "no deviations\n".to_owned()
        } else {
            table.to_string()
        };
        let json =
            json!({ "deviations": all.iter().map(|one| self.shown(one)).collect::<Vec<_>>() });
        Ok(Report {
            text,
            json,
            needs_somebody: false,
        })
    }

    /// *Deviations show*: one of them with its reasons. The other systems' own words, which may
    /// name people, are shown only where personal data is.
    ///
    /// # Errors
    /// When the store fails, or the beginning of the id names none or several.
    pub async fn deviation(&self, id: &str) -> Result<Report, WorkbenchError> {
        let one = self.bench.deviation(id).await?;
        let json = self.shown(&one);
        let mut text = String::new();
        for (name, value) in json.as_object().into_iter().flatten() {
            let values = match value {
                Json::Array(all) => all.iter().map(plain).collect(),
                Json::Null => Vec::new(),
                value => vec![plain(value)],
            };
            text.extend(values.iter().map(|value| format!("{name}: {value}\n")));
        }
        Ok(Report {
            text,
            json,
            needs_somebody: false,
        })
    }

    fn shown(&self, one: &Deviation) -> Json {
        let failure = one.failure();
        let are_ours = one.topic().operation == WITHHELD;
        let messages: Vec<&str> = if are_ours || self.display.shows_people() {
            failure.messages().iter().map(String::as_str).collect()
        } else {
            vec!["***"]
        };
        json!({
            "id": one.id(), "state": one.state().as_str(), "class": one.class().as_str(),
            "operation": one.topic().operation, "subject": subject(&one.topic().subject, &self.display),
            "code": failure.code(), "messages": messages, "fields": failure.fields(),
            "request-id": failure.request_id(), "times": one.attempts(),
            "first-seen": one.first_seen(), "last-seen": one.last_seen(),
        })
    }

    /// *Deviations ignore*: they stay closed until they fail for another reason.
    ///
    /// # Errors
    /// When the store fails, or there is none with this id.
    pub async fn ignore(&self, ids: &[String]) -> Result<Report, WorkbenchError> {
        let change = DeviationChange::Ignored {
            until: IgnoredUntil::Change,
        };
        let mut text = String::new();
        for id in ids {
            let one = self.bench.deviation(id).await?;
            self.bench.note(&one, change.clone()).await?;
            let _ = writeln!(text, "{} ignored", &one.id().to_string()[..8]);
        }
        Ok(Report {
            text,
            json: json!({ "ignored": ids.len() }),
            needs_somebody: false,
        })
    }

    /// *Deviations reprocess*: plans anew what failed for these records, with what both sides say
    /// now; all that are open if none is named. Those that are not about records of this kind, and
    /// those of leave, are left, with the word what to do.
    ///
    /// # Errors
    /// When a side cannot be read, the store fails, or there is none with this id.
    pub async fn reprocess(
        &self,
        ids: &[String],
        consent: Consent<'_>,
    ) -> Result<Report, WorkbenchError> {
        let mut all = Vec::new();
        for id in ids {
            all.push(self.bench.deviation(id).await?);
        }
        if ids.is_empty() {
            all = self.bench.deviations(false).await?;
        }
        let picture = Box::pin(self.bench.look()).await?;
        let mut keys = Sides::<Vec<RecordKey>>::default();
        let (mut decisions, mut begun, mut left) = (Vec::new(), Vec::new(), String::new());
        for one in &all {
            if one.topic().operation == crate::leave::OPERATION {
                let id = &one.id().to_string()[..8];
                let _ = writeln!(
                    left,
                    "{id} is about leave: repeat `leave` with --from and --to round its days"
                );
                continue;
            }
            let of = picture.keys_of(&one.topic().subject, &self.bench.kind);
            let source = Which::BOTH
                .into_iter()
                .find_map(|which| Some((which, of[which].clone()?)));
            let Some((side, key)) = source else {
                let id = &one.id().to_string()[..8];
                let _ = writeln!(
                    left,
                    "{id} is not about a single record: repeat the command that failed"
                );
                continue;
            };
            begun.push(one);
            for which in Which::BOTH {
                keys[which].extend(of[which].clone());
            }
            let link = picture.link_of(side, &key);
            let is_new = picture.standing(side, &key) == Some(Standing::New);
            if is_new || link.is_some_and(|link| link.state.creates_on().is_some()) {
                let create = Choice::Create {
                    despite_candidates: false,
                };
                decisions.push(self.decision(&picture, side, &key, &create)?);
            }
        }
        let chosen = |_: Option<Which>, of: &Sides<Option<RecordKey>>| holds_any(&keys, of);
        let mut report = self
            .settle(&picture, decisions, &begun, &chosen, consent)
            .await?;
        report.text.push_str(&left);
        report.json["left"] = left.lines().collect();
        report.needs_somebody |= !left.is_empty();
        Ok(report)
    }
}

fn plain(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn holds_any(keys: &Sides<Vec<RecordKey>>, of: &Sides<Option<RecordKey>>) -> bool {
    let is_one = |which: Which| {
        of[which]
            .as_ref()
            .is_some_and(|key| keys[which].contains(key))
    };
    is_one(Which::Left) || is_one(Which::Right)
}

/// The decisions that cannot be carried out, and why.
fn refused(work: &Work) -> Vec<String> {
    let ours: Vec<_> = work.decisions.iter().map(Decision::id).collect();
    let findings = work.plan.findings.iter();
    let refused = findings.filter_map(|finding| match &finding.what {
        FindingKind::Refused { decision, because } if ours.contains(decision) => {
            let key = Which::BOTH
                .into_iter()
                .find_map(|which| finding.keys[which].as_ref());
            let key = key.map_or("-", RecordKey::as_str);
            let why = match because {
                Refusal::CreateShadowsCandidate { candidates } => {
                    let keys: Vec<&str> = candidates.iter().map(RecordKey::as_str).collect();
                    format!(
                        "it may be the same as {}: match them, or insist",
                        keys.join(", ")
                    )
                }
                Refusal::AlreadyLinked { .. } => "it is linked already".to_owned(),
                Refusal::WasUnlinked { .. } => {
                    "it was unlinked: match it to link it again".to_owned()
                }
                Refusal::NotPermitted { .. } => "the policy does not permit it".to_owned(),
                _ => "that does not go with it".to_owned(),
            };
            Some(format!("refused {key}: {why}\n"))
        }
        _ => None,
    });
    refused.collect()
}

fn subject(subject: &Subject, display: &Display) -> String {
    match subject {
        Subject::Record { side, key, .. } => format!("{} {}", display.name(*side), key.as_str()),
        Subject::Link { link, .. } => format!("link {}", &link.to_string()[..8]),
        Subject::Kind { kind } => format!("all of kind {kind}"),
        Subject::Document { kind, key } => format!("{kind} {key}"),
        _ => "connection".to_owned(),
    }
}

impl Workbench {
    /// The deviations of the connection: those that somebody has to look at, or all.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn deviations(&self, also_settled: bool) -> Result<Vec<Deviation>, WorkbenchError> {
        let query = if also_settled {
            DeviationQuery::all()
        } else {
            DeviationQuery::unsettled()
        };
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let query = query.clone().after(after);
            let page = self.store.deviations(&self.connection, &query).await?;
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// The one deviation whose id begins so.
    ///
    /// # Errors
    /// When the store fails, or there is none, or there are several.
    pub async fn deviation(&self, beginning: &str) -> Result<Deviation, WorkbenchError> {
        let all = self.deviations(true).await?;
        let mut found = all
            .into_iter()
            .filter(|one| one.id().to_string().starts_with(beginning));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(WorkbenchError::NoDeviation(beginning.to_owned())),
        }
    }

    /// Notes what somebody did about a deviation.
    async fn note(&self, one: &Deviation, change: DeviationChange) -> Result<(), WorkbenchError> {
        if one.state() == DeviationState::Resolved {
            return Ok(());
        }
        let now = self.clock.now();
        let mut event = DeviationEvent::new(one.id(), change, now);
        if let Some(person) = &self.by {
            event = event.by(person);
        }
        let batch = Batch::new(&self.connection, now).write(Write::Deviation(event));
        Ok(self.store.commit(batch).await?)
    }
}
