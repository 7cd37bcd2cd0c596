//! The program: what each command does.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use kleer_client::{Kleer, SecretString};
use kleer_invoice::Settings;
use kleer_model::{
    Cents, Client, CompanyId, CompanyInformation, List, Product, ProductId, Rate, RateUnit,
    Revenue, RevenueLedger, endpoint,
};
use kleer_sandbox::{Sandbox, Seed};
use record_link::{ConnectionId, Deviation, DeviationState, Failure};
use thiserror::Error;

use crate::arguments::{Arguments, Command, Format, TargetArguments};
use crate::deviation_log::{self, DeviationLog, LogError};
use crate::files::{FilesError, batches, collect};
use crate::outcome::{FileResult, Outcome, exit_status};
use crate::output;
use crate::poster::{Options, Poster};
use crate::settings_file::SettingsError;
use crate::target::Target;

/// How many documents are held in memory and posted side by side, and how large they are together
/// unless a single one is larger.
const BATCH: usize = 100;
const BATCH_BYTES: u64 = 64_000_000;

/// The program could not do what it was asked for.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// A file or folder that was named cannot be used.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The deviation log cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The settings of the mapping cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The sandbox did not start.
    #[error(transparent)]
    Sandbox(#[from] kleer_sandbox::StartError),
    /// The sandbox does not show what it has.
    #[error(transparent)]
    Refused(#[from] kleer_sandbox::Refused),
    /// The settings do not make a client.
    #[error(transparent)]
    Client(#[from] kleer_client::Error),
    /// Nothing can be printed, or the request bodies cannot be kept.
    #[error(transparent)]
    Output(#[from] io::Error),
    /// The command line asks for something that makes no sense.
    #[error("{0}")]
    Usage(String),
}

/// Runs a command; results go to `out`, progress to `progress`.
///
/// # Errors
/// When the command cannot be carried out at all. What happens to single documents is no error
/// but a result.
pub async fn run(
    arguments: Arguments,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> Result<u8, RunError> {
    match arguments.command {
        None => {
            let post = arguments.post;
            let is_demo = post.paths.is_empty();
            if is_demo && post.target.base_url.is_some() {
                let text = "name the files or folders to post to a real Kleer";
                return Err(RunError::Usage(text.to_owned()));
            }
            let paths = if is_demo {
                vec![fixtures()]
            } else {
                post.paths
            };
            let files = collect(&paths)?;
            if files.is_empty() {
                return Err(RunError::Usage("there is no *.xml file to post".to_owned()));
            }
            let occasion = if is_demo {
                Occasion::Demo
            } else {
                Occasion::Post
            };
            post_files(&files, &post.target, occasion, out, progress).await
        }
        Some(Command::Reprocess { ids, target }) => {
            let files = to_reprocess(&ids, &target)?;
            if files.is_empty() {
                writeln!(out, "no open deviations of {}", target.connection())?;
                return Ok(0);
            }
            post_files(&files, &target, Occasion::Reprocess, out, progress).await
        }
        Some(Command::List { all, format, log }) => {
            let log = DeviationLog::open(&log.log)?;
            let shown: Vec<_> = log.list(all).collect();
            match format {
                Format::Table => output::deviations(out, &shown)?,
                Format::Json => {
                    for one in shown {
                        serde_json::to_writer(&mut *out, &deviation_log::Printed::from(one))
                            .map_err(io::Error::from)?;
                        writeln!(out)?;
                    }
                }
            }
            Ok(0)
        }
        Some(Command::Show { id, format, log }) => {
            let log = DeviationLog::open(&log.log)?;
            let one = log.get(&id)?;
            match format {
                Format::Table => write!(out, "{}", deviation_log::describe(one))?,
                Format::Json => {
                    serde_json::to_writer(&mut *out, &deviation_log::Printed::from(one))
                        .map_err(io::Error::from)?;
                    writeln!(out)?;
                }
            }
            Ok(0)
        }
        Some(Command::Ignore { ids, log }) => {
            let mut log = DeviationLog::open(&log.log)?;
            for id in &ids {
                log.ignore(id)?;
                writeln!(out, "{id} ignored; `list --all` still shows it")?;
            }
            Ok(0)
        }
        Some(Command::SettingsSchema) => {
            writeln!(out, "{}", Settings::json_schema())?;
            Ok(0)
        }
    }
}

/// What deviations are kept under.
fn connection_of(target: &TargetArguments) -> Result<ConnectionId, RunError> {
    ConnectionId::new(target.connection())
        .map_err(|error| RunError::Usage(format!("--base-url and --company: {error}")))
}

/// The files of the deviations to post again. Only those of the same target: what failed against a
/// real Kleer must not be settled by a sandbox, nor one company's by another.
fn to_reprocess(ids: &[String], target: &TargetArguments) -> Result<Vec<PathBuf>, RunError> {
    let log = DeviationLog::open(&target.log.log)?;
    let connection = connection_of(target)?;
    let is_ours = |one: &&Deviation| one.topic().connection == connection;
    let (ours, others): (Vec<_>, Vec<_>) = if ids.is_empty() {
        log.list(false).partition(is_ours)
    } else {
        let named = ids
            .iter()
            .map(|id| log.get(id))
            .collect::<Result<Vec<_>, _>>()?;
        named.into_iter().partition(is_ours)
    };
    match others.first() {
        Some(other) if ours.is_empty() || !ids.is_empty() => Err(RunError::Usage(format!(
            "deviation {} belongs to {}, and this would post to {connection}: name the target with \
             --base-url, --company, --token and --target",
            &other.id().to_string()[..8],
            other.topic().connection,
        ))),
        _ => Ok(ours
            .into_iter()
            .map(|one| deviation_log::file_of(one).to_owned())
            .collect()),
    }
}

/// The invoices that come with the program.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Where documents are posted to.
struct Connected {
    kleer: Kleer,
    sandbox: Option<Sandbox>,
}

impl Connected {
    async fn open(arguments: &TargetArguments, is_demo: bool) -> Result<Self, RunError> {
        if let (Some(url), Some(company), Some(token)) =
            (&arguments.base_url, arguments.company(), &arguments.token)
        {
            let kleer = Kleer::builder(company)
                .token(token.clone())
                .base_url(url)
                .build()?;
            return Ok(Self {
                kleer,
                sandbox: None,
            });
        }
        let seed = if is_demo { demo_company() } else { Seed::new() };
        let sandbox = Sandbox::builder()
            .rate_unit(RateUnit::Percent)
            .seed(seed)
            .start()
            .await?;
        let kleer = kleer_of(&sandbox)?;
        Ok(Self {
            kleer,
            sandbox: Some(sandbox),
        })
    }
}

fn kleer_of(sandbox: &Sandbox) -> Result<Kleer, kleer_client::Error> {
    Kleer::builder(CompanyId(sandbox.company().0))
        .token(SecretString::from(sandbox.token().to_owned()))
        .base_url(sandbox.base_url())
        .build()
}

/// The company of the demo: one client and one product are there already, the rest is created.
fn demo_company() -> Seed {
    let mut client = Client::new("Provköpings kommun", "SE");
    client.orgno = "202100-5489".to_owned();
    let mut product = Product::new("Konsulttimme", "tim", Cents(95_000));
    product.id = ProductId(1);
    product.foreign_id = "KT-1".to_owned();
    product.vat_percentage = Some(Rate(25.into()));
    Seed::new()
        .company_information(CompanyInformation::new(
            "Exempelbyrån AB",
            "556016-0680",
            "SEK",
        ))
        .client(client)
        .product(product)
}

/// Why documents are posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// To show what the program does.
    Demo,
    /// They were named.
    Post,
    /// They have deviations.
    Reprocess,
}

async fn post_files(
    files: &[PathBuf],
    arguments: &TargetArguments,
    occasion: Occasion,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> Result<u8, RunError> {
    let is_demo = occasion == Occasion::Demo;
    let connection = connection_of(arguments)?;
    let settings = arguments.mapping_settings()?;
    if arguments.target == Target::Revenue
        && arguments.base_url.is_some()
        && settings.revenue_ledger.is_none()
    {
        let text = "name the ledger for revenues with --revenue-ledger, or in --settings";
        return Err(RunError::Usage(text.to_owned()));
    }
    // Opened first: without a place for deviations nothing is posted.
    let mut log = DeviationLog::open(&arguments.log.log)?;
    let target = Connected::open(arguments, is_demo).await?;
    let in_sandbox = target.sandbox.is_some();
    let options = options(arguments, settings, target.sandbox.as_ref())?;
    let place = if in_sandbox {
        " into a sandbox of this program"
    } else {
        ""
    };
    writeln!(progress, "posting {} files{place}", files.len())?;

    let mut results = Vec::with_capacity(files.len());
    let mut log_error = None;
    match Poster::connect(target.kleer, options).await {
        Err(error) => {
            // Kept, all of them: nobody should have to remember which ones were meant.
            let reason = error.to_string();
            for file in files {
                let mut result = FileResult::failed(file, &reason);
                result.class = Some(error.class());
                results.push(result);
            }
        }
        Ok(mut poster) => {
            for batch in batches(files, BATCH, BATCH_BYTES) {
                if occasion == Occasion::Reprocess {
                    for file in batch {
                        if let Err(error) = log.reprocessing(&connection, file) {
                            log_error = Some(error);
                        }
                    }
                }
                for result in poster.post_all(batch).await {
                    // At once, so that a run that is killed has told what it knew. A log that
                    // cannot be written must not keep the others from being posted and compared.
                    if let Err(error) = note(&mut log, &connection, &result) {
                        log_error = Some(error);
                    }
                    let name = output::printable(&result.file.display().to_string());
                    let (done, all) = (results.len() + 1, files.len());
                    let outcome = result.outcome.as_str();
                    writeln!(progress, "[{done:>3}/{all}] {outcome}  {name}")?;
                    results.push(result);
                }
            }
            poster.verify(&mut results).await;
        }
    }
    for result in &mut results {
        result.target = connection.to_string();
    }
    if let Err(error) = note_failed(&mut log, &connection, &results) {
        log_error = Some(error);
    }

    show(out, &results, arguments, target.sandbox.as_ref(), &log)?;
    if let Some(sandbox) = target.sandbox {
        if let Some(folder) = &arguments.record_requests {
            std::fs::create_dir_all(folder)?;
            sandbox.write_request_bodies(folder)?;
        }
        sandbox.shutdown().await;
    }
    if let Some(error) = log_error {
        // Told last, so that what was posted is told all the same.
        return Err(error.into());
    }
    let status = exit_status(&results);
    // What the demo refuses it refuses on purpose, and cargo would call status 1 an error.
    Ok(if is_demo && status == 1 { 0 } else { status })
}

/// Keeps what failed after it was noted, such as a double that landed late. All of it, though one
/// may not be written.
fn note_failed(
    log: &mut DeviationLog,
    connection: &ConnectionId,
    results: &[FileResult],
) -> Result<(), LogError> {
    let mut noted = Ok(());
    let failed = results.iter().filter(|one| one.outcome == Outcome::Failed);
    for result in failed {
        let is_noted = log.of_file(connection, &result.file).is_some_and(|one| {
            one.state() != DeviationState::Resolved && one.failure().messages() == result.reasons
        });
        if !is_noted && let Err(error) = note(log, connection, result) {
            noted = Err(error);
        }
    }
    noted
}

/// Prints what became of everything.
fn show(
    out: &mut dyn Write,
    results: &[FileResult],
    arguments: &TargetArguments,
    sandbox: Option<&Sandbox>,
    log: &DeviationLog,
) -> Result<(), RunError> {
    match arguments.format {
        Format::Json => output::results_as_json(out, results)?,
        Format::Table => {
            output::results(out, results)?;
            output::reports(out, results)?;
            if let Some(sandbox) = sandbox {
                let clients = sandbox.clients();
                let products = sandbox.products().len();
                match arguments.target {
                    Target::ClientInvoice => {
                        let invoices = sandbox.client_invoices();
                        output::sandbox_invoices(out, &invoices, &clients, products)?;
                    }
                    Target::Revenue => {
                        let revenues: List<Revenue> = sandbox.read(&endpoint::REVENUE_LIST, &[])?;
                        output::sandbox_revenues(out, &revenues.items, &clients, products)?;
                    }
                }
            }
            let open = log.list(false).count();
            if open > 0 {
                let path = log.path().display();
                writeln!(
                    out,
                    "\n{open} open deviations in {path}: see `list`, `show ID`, `ignore ID`, and \
                     `reprocess ID` with the same target"
                )?;
            }
        }
    }
    Ok(())
}

fn options(
    arguments: &TargetArguments,
    mut settings: Settings,
    sandbox: Option<&Sandbox>,
) -> Result<Options, RunError> {
    let mut options = Options {
        target: arguments.target,
        create_clients: arguments.create_clients || sandbox.is_some(),
        refuse_reused_numbers: arguments.refuse_reused_numbers,
        report: arguments.report,
        max_bytes: arguments.max_bytes,
        ..Options::default()
    };
    if let Some(sandbox) = sandbox {
        settings.rate_unit.get_or_insert(RateUnit::Percent);
        if settings.revenue_ledger.is_none() {
            let list = sandbox.read::<List<RevenueLedger>>(&endpoint::REVENUE_LEDGER_LIST, &[])?;
            settings.revenue_ledger = list.items.first().map(|ledger| ledger.id);
        }
        options.settle = Duration::from_millis(200);
        // Ids in the order of the files.
        options.concurrency = 1;
    }
    options.settings = settings;
    Ok(options)
}

/// Keeps what was not posted, and lets go of what is posted now.
fn note(
    log: &mut DeviationLog,
    connection: &ConnectionId,
    result: &FileResult,
) -> Result<(), LogError> {
    let Some(class) = result.class else {
        return log.posted(connection, &result.file);
    };
    let mut reasons = result.reasons.iter();
    let first = reasons.next().map_or("no reason is known", String::as_str);
    let mut failure = Failure::new(class, result.outcome.as_str(), first).distinguished_by(first);
    for reason in reasons {
        // All of them: one that was ignored must not stay so when a new reason is a double.
        failure = failure.and(reason).distinguished_by(reason);
    }
    if let Some(number) = &result.number {
        failure = failure.labelled(number);
    }
    log.not_posted(connection, &result.file, failure)
}
