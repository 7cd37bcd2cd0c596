//! The program: what each command does.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use kleer_connect::invoices::{
    Batches, DeviationsError, DocumentResult, InvoicePoster, NotPosted, NotPostedDocuments,
    Outcome, PostError, PostTotals, SourceDocument, Target,
};
use kleer_invoice::Settings;
use kleer_model::{List, RateUnit, Revenue, RevenueLedger, endpoint};
use kleer_sandbox::Sandbox;
use record_link::{Cancellation, ConnectionId, Store, StoreError};
use thiserror::Error;

use crate::advice::advice;
use crate::arguments::{Arguments, Command, Format, StoreArguments, TargetArguments};
use crate::files::{self, FilesError, collect};
use crate::kleer::Connected;
use crate::output::{self, FileResult};
use crate::settings_file::SettingsError;
use crate::store::{self, StoreArgument};

/// How many documents are held in memory and posted side by side, and how large they are together
/// unless a single one is larger.
const BATCH: usize = 100;
const BATCH_BYTES: usize = 64_000_000;

/// The program could not do what it was asked for.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// A file or folder that was named cannot be used.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The store cannot be used.
    #[error("the store {store}: {source}")]
    Store {
        /// Which one.
        store: StoreArgument,
        /// Why.
        source: StoreError,
    },
    /// A deviation was not found, or not changed.
    #[error(transparent)]
    Deviations(#[from] DeviationsError),
    /// Posting could not begin, or not go on.
    #[error(transparent)]
    Post(#[from] PostError),
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

/// Runs a command; results go to `out`, progress to `progress`. When it is cancelled, what is under
/// way comes to its end, and what is left is said.
///
/// # Errors
/// When the command cannot be carried out at all. What happens to single documents is no error
/// but a result.
pub async fn run(
    arguments: Arguments,
    out: &mut dyn Write,
    progress: &mut dyn Write,
    cancellation: &Cancellation,
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
            let work = Work {
                files: &files,
                occasion,
                cancellation,
            };
            post_files(work, &post.target, out, progress).await
        }
        Some(Command::Reprocess { ids, target }) => {
            reprocess(&ids, &target, out, progress, cancellation).await
        }
        Some(Command::List { all, format, store }) => {
            let Some(store) = open_known(&store).await? else {
                return Ok(nothing_kept(&store, format, out)?);
            };
            let shown = NotPostedDocuments::of(store.as_ref()).list(all).await;
            let shown = shown.map_err(DeviationsError::from)?;
            match format {
                Format::Table => output::deviations(out, &shown)?,
                Format::Json => {
                    for one in &shown {
                        output::deviation_as_json(out, one)?;
                    }
                }
            }
            Ok(0)
        }
        Some(Command::Show { id, format, store }) => {
            let store = open(&store.or_file(), &store.store_schema).await?;
            let one = NotPostedDocuments::of(store.as_ref()).find(&id).await?;
            match format {
                Format::Table => output::describe(out, &one)?,
                Format::Json => output::deviation_as_json(out, &one)?,
            }
            Ok(0)
        }
        Some(Command::Ignore { ids, store }) => {
            let store = open(&store.or_file(), &store.store_schema).await?;
            let documents = NotPostedDocuments::of(store.as_ref());
            for id in &ids {
                let one = documents.find(id).await?;
                let ignored = documents.ignore(&one, Utc::now()).await;
                ignored.map_err(DeviationsError::from)?;
                writeln!(out, "{id} ignored; `list --all` still shows it")?;
            }
            Ok(0)
        }
        Some(Command::Forget { ids, store }) => {
            let store = open(&store.or_file(), &store.store_schema).await?;
            let documents = NotPostedDocuments::of(store.as_ref());
            for id in &ids {
                let one = documents.find(id).await?;
                let forgotten = documents.forget(&one, Utc::now()).await;
                forgotten.map_err(DeviationsError::from)?;
                writeln!(out, "{id} forgotten")?;
            }
            Ok(0)
        }
        Some(Command::SettingsSchema) => {
            writeln!(out, "{}", Settings::json_schema())?;
            Ok(0)
        }
    }
}

async fn open(store: &StoreArgument, schema: &str) -> Result<Arc<dyn Store>, RunError> {
    store.open(schema).await.map_err(|source| {
        let store = store.clone();
        RunError::Store { store, source }
    })
}

/// The store; nothing if it is the usual file, and nobody has made it yet: to look must not make
/// one, in whatever folder somebody is.
async fn open_known(arguments: &StoreArguments) -> Result<Option<Arc<dyn Store>>, RunError> {
    match arguments.or_file() {
        StoreArgument::Sqlite(path) if arguments.store.is_none() && !path.exists() => Ok(None),
        store => Ok(Some(open(&store, &arguments.store_schema).await?)),
    }
}

fn nothing_kept(arguments: &StoreArguments, format: Format, out: &mut dyn Write) -> io::Result<u8> {
    if format == Format::Table {
        let store = arguments.or_file();
        writeln!(
            out,
            "no deviations: there is no {store} here; name the store with --store"
        )?;
    }
    Ok(0)
}

/// What documents are kept under.
fn connection_of(target: &TargetArguments) -> Result<ConnectionId, RunError> {
    // A sandbox is no company.
    let company = target.company().map_or(0, |company| company.0);
    store::connection_with(company).map_err(|error| RunError::Usage(format!("--company: {error}")))
}

/// Posts documents again that have deviations: those that are named, or all open ones of the
/// target.
async fn reprocess(
    ids: &[String],
    target: &TargetArguments,
    out: &mut dyn Write,
    progress: &mut dyn Write,
    cancellation: &Cancellation,
) -> Result<u8, RunError> {
    if target.base_url.is_none() {
        let text = "name the Kleer that the documents were meant for, with --base-url, --company, \
                    --token and --target";
        return Err(RunError::Usage(text.to_owned()));
    }
    let found = {
        let store = open(&target.store.or_file(), &target.store.store_schema).await?;
        to_reprocess(ids, target, store.as_ref()).await?
    };
    if found.is_empty() {
        writeln!(out, "no open deviations of {}", target.described())?;
        return Ok(0);
    }
    let (mut files, mut gone) = (Vec::new(), 0);
    for one in found {
        let file = PathBuf::from(&one.document);
        if file.exists() {
            files.push(file);
            continue;
        }
        // The deviation stays as it is, with the reasons that somebody still has to read.
        gone += 1;
        writeln!(
            progress,
            "{}: {} is not there any more; put it back, or post the document from where it is now \
             and `ignore` this deviation",
            &one.id().to_string()[..8],
            output::printable(&one.document),
        )?;
    }
    let status = if files.is_empty() {
        0
    } else {
        let work = Work {
            files: &files,
            occasion: Occasion::Reprocess,
            cancellation,
        };
        post_files(work, target, out, progress).await?
    };
    Ok(if gone > 0 { 2 } else { status })
}

/// The deviations to reprocess. Only those of the same target: what failed in one company must not
/// be settled by another, nor a revenue be billed.
async fn to_reprocess(
    ids: &[String],
    target: &TargetArguments,
    store: &dyn Store,
) -> Result<Vec<NotPosted>, RunError> {
    let connection = connection_of(target)?;
    let is_ours =
        |one: &NotPosted| *one.connection() == connection && one.target == target.target();
    let documents = NotPostedDocuments::of(store);
    let named = if ids.is_empty() {
        documents.list(false).await.map_err(DeviationsError::from)?
    } else {
        let mut named = Vec::new();
        for id in ids {
            named.push(documents.find(id).await?);
        }
        named
    };
    // One that is named twice is posted once.
    let mut seen = BTreeSet::new();
    let (ours, others): (Vec<_>, Vec<_>) = named
        .into_iter()
        .filter(|one| seen.insert(one.id()))
        .partition(is_ours);
    match others.first() {
        Some(other) if ours.is_empty() || !ids.is_empty() => Err(RunError::Usage(format!(
            "deviation {} belongs to {}, as {}, and this would post to {}: name the target with \
             --base-url, --company, --token and --target",
            &other.id().to_string()[..8],
            other.connection(),
            other.target.as_str(),
            target.described(),
        ))),
        _ => Ok(ours),
    }
}

/// The invoices that come with the program.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
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

/// What is to be posted.
#[derive(Clone, Copy)]
struct Work<'a> {
    files: &'a [PathBuf],
    occasion: Occasion,
    cancellation: &'a Cancellation,
}

/// The store to post with. What a sandbox was given ends with it, and so does what is kept of it.
async fn store_for(arguments: &TargetArguments) -> Result<Arc<dyn Store>, RunError> {
    let schema = &arguments.store.store_schema;
    match &arguments.store.store {
        _ if arguments.base_url.is_some() => open(&arguments.store.or_file(), schema).await,
        None | Some(StoreArgument::Memory) => open(&StoreArgument::Memory, schema).await,
        Some(_) => Err(RunError::Usage(
            "a sandbox ends with the program, and so does what is kept of it: leave --store out, \
             or name a Kleer with --base-url"
                .to_owned(),
        )),
    }
}

async fn post_files(
    work: Work<'_>,
    arguments: &TargetArguments,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> Result<u8, RunError> {
    let files = work.files;
    let is_demo = work.occasion == Occasion::Demo;
    let settings = arguments.mapping_settings()?;
    if arguments.target() == Target::Revenue
        && arguments.base_url.is_some()
        && settings.revenue_ledger.is_none()
    {
        let text = "name the ledger for revenues with --revenue-ledger, or in --settings";
        return Err(RunError::Usage(text.to_owned()));
    }
    // Opened first: without a place for what was posted nothing is posted.
    let store = store_for(arguments).await?;
    let target = Connected::open(arguments, is_demo).await?;
    let poster = poster(arguments, settings, &target, &store).await?;
    let place = if target.sandbox.is_some() {
        " into a sandbox of this program"
    } else {
        ""
    };
    writeln!(progress, "posting {} files{place}", files.len())?;

    let (results, finished) = post_all(work, &poster, arguments, progress).await?;
    let target_text = arguments.described();
    let printed: Vec<FileResult<'_>> = files
        .iter()
        .zip(&results)
        .map(|(file, result)| FileResult {
            file,
            target: &target_text,
            result,
        })
        .collect();
    show(
        out,
        &printed,
        arguments,
        target.sandbox.as_ref(),
        store.as_ref(),
    )
    .await?;
    if let Some(sandbox) = target.sandbox {
        if let Some(folder) = &arguments.record_requests {
            std::fs::create_dir_all(folder)?;
            sandbox.write_request_bodies(folder)?;
        }
        sandbox.shutdown().await;
    }
    // Told last, so that what was posted is told all the same.
    finished?;
    let left = files.len() - results.len();
    if left > 0 {
        writeln!(
            progress,
            "stopped: {left} of {} files were not looked at; post the same again to go on, what is \
             in Kleer is left as it is",
            files.len()
        )?;
        return Ok(2);
    }
    let status = exit_status(&results);
    // What the demo refuses it refuses on purpose, and cargo would call status 1 an error.
    Ok(if is_demo && status == 1 { 0 } else { status })
}

/// Posts files, batch by batch; the results are in their order, and fewer if it was cancelled. The
/// second answer says whether all of it could be stored.
async fn post_all(
    work: Work<'_>,
    poster: &InvoicePoster,
    arguments: &TargetArguments,
    progress: &mut dyn Write,
) -> Result<(Vec<DocumentResult>, Result<(), PostError>), RunError> {
    let files = work.files;
    let mut run = match poster.start().await {
        Ok(run) => run,
        // Kept, all of them: nobody should have to remember which ones were meant.
        Err(error) if error.is_kleers() => {
            let names = files.iter().map(|file| files::key(file));
            return Ok((poster.not_started(names, &error).await?, Ok(())));
        }
        Err(error) => return Err(error.into()),
    };
    let mut results = Vec::with_capacity(files.len());
    let documents = files
        .iter()
        .map(|file| files::document(file, arguments.max_bytes));
    let mut batches = Batches::new(documents, BATCH, BATCH_BYTES);
    while !work.cancellation.is_cancelled() {
        let Some(batch) = batches.next() else { break };
        if work.occasion == Occasion::Reprocess {
            let names = batch.iter().map(SourceDocument::name);
            if let Err(error) = run.reprocessing(names).await {
                // The lease is given back, and what was posted is told.
                let _ = run.finish_early(&mut results).await;
                return Ok((results, Err(error)));
            }
        }
        for result in run.post_all(batch).await {
            let name = output::printable(&files[results.len()].display().to_string());
            let (done, all) = (results.len() + 1, files.len());
            let outcome = result.outcome.as_str();
            writeln!(progress, "[{done:>3}/{all}] {outcome}  {name}")?;
            results.push(result);
        }
    }
    let finished = if results.len() < files.len() {
        run.finish_early(&mut results).await
    } else {
        run.finish(&mut results).await
    };
    Ok((results, finished))
}

/// The program's exit status: 2 if anything failed, else 1 if anything was refused, else 0.
fn exit_status(results: &[DocumentResult]) -> u8 {
    let any = |outcome| results.iter().any(|result| result.outcome == outcome);
    if any(Outcome::Failed) {
        2
    } else {
        u8::from(any(Outcome::Refused))
    }
}

/// Prints what became of everything.
async fn show(
    out: &mut dyn Write,
    results: &[FileResult<'_>],
    arguments: &TargetArguments,
    sandbox: Option<&Sandbox>,
    store: &dyn Store,
) -> Result<(), RunError> {
    if arguments.format == Format::Json {
        return Ok(output::results_as_json(out, results)?);
    }
    output::results(out, results)?;
    output::reports(out, results)?;
    if let Some(sandbox) = sandbox {
        let clients = sandbox.clients();
        let products = sandbox.products().len();
        match arguments.target() {
            Target::ClientInvoice => {
                let invoices = sandbox.client_invoices();
                output::sandbox_invoices(out, &invoices, &clients, products)?;
            }
            Target::Revenue => {
                let revenues: List<Revenue> = sandbox.read(&endpoint::REVENUE_LIST, &[])?;
                output::sandbox_revenues(out, &revenues.items, &clients, products)?;
            }
        }
        let totals = PostTotals::of(results.iter().map(|one| one.result));
        if totals.refused + totals.failed > 0 {
            writeln!(
                out,
                "\nA real Kleer (--base-url) would have them in a store, for `list`, `show ID`, \
                 `ignore ID` and `reprocess ID`"
            )?;
        }
        return Ok(());
    }
    let open = NotPostedDocuments::of(store).list(false).await;
    let open = open.map_err(DeviationsError::from)?.len();
    if open > 0 {
        let store = arguments.store.or_file();
        writeln!(
            out,
            "\n{open} open deviations in {store}: see `list`, `show ID`, `ignore ID`, and \
             `reprocess ID` with the same target"
        )?;
    }
    Ok(())
}

async fn poster(
    arguments: &TargetArguments,
    mut settings: Settings,
    target: &Connected,
    store: &Arc<dyn Store>,
) -> Result<InvoicePoster, RunError> {
    let connection = connection_of(arguments)?;
    let others = store::other_connections(store.as_ref(), &connection).await;
    let others = others.map_err(DeviationsError::from)?;
    if let Some(other) = others.first().filter(|_| !arguments.several_companies) {
        return Err(RunError::Usage(format!(
            "the store has documents of {other}, and this would post to {}: use another --store, \
             or --several-companies to keep both in this one",
            arguments.described()
        )));
    }
    let mut builder = InvoicePoster::builder(target.kleer.clone(), Arc::clone(store), connection)
        .target(arguments.target())
        .create_clients(arguments.create_clients || target.sandbox.is_some())
        .refuse_reused_numbers(arguments.refuse_reused_numbers)
        .report(arguments.report)
        .max_bytes(arguments.max_bytes)
        .lease(arguments.lease())
        .holder(holder())
        .accept_address(arguments.accept_address)
        .accept_missing(arguments.accept_missing)
        .advice(advice);
    if let Some(sandbox) = &target.sandbox {
        settings.rate_unit.get_or_insert(RateUnit::Percent);
        if settings.revenue_ledger.is_none() {
            let list = sandbox.read::<List<RevenueLedger>>(&endpoint::REVENUE_LEDGER_LIST, &[])?;
            settings.revenue_ledger = list.items.first().map(|ledger| ledger.id);
        }
        builder = builder
            .settle(Duration::from_millis(200))
            // Ids in the order of the files.
            .concurrency(1);
    }
    Ok(builder.settings(settings).build())
}

/// Who posts, for somebody whose own run has to wait.
fn holder() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let place = match host.trim() {
        "" => String::new(),
        host => format!(" on {}", output::printable(host)),
    };
    format!("process {}{place}", std::process::id())
}
