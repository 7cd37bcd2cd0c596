//! Reads Kleer documents and writes them again, so that other tools can compare the two.
//!
//! `cargo run -p kleer-model --example roundtrip -- IN_DIR OUT_DIR` reads every `*.xml` below
//! `IN_DIR`, chooses the type by the root element, and writes the document to the same relative
//! path below `OUT_DIR`. It says what it could not read. Exit status: 0 all written, 1 some were
//! not, 2 the folders could not be used.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kleer_model::{
    Client, ClientDeliveryType, ClientInvoice, ClientInvoiceTemplate, Company, CompanyInformation,
    Created, Deleted, Document, Done, ErrorMessage, EurocardFilesRequest, ExpenseEntryForm,
    ExpenseEntryFormDefaults, ExpenseEntryReadable, ExpenseEntryWritable, ExpenseFileReadable,
    ExpenseReadable, ExpenseWritable, List, PayrollArticleReadable, PayrollChild, PayrollEvent,
    PayrollFixedScheduleWritable, PayrollMonthReportReadable, PayrollMonthReportWritable,
    PayrollRollingScheduleWritable, PayrollRun, PayrollRunCreate, PayrollRunPay,
    PayrollScheduleReadable, PayrollSchedulesReadable, PayrollTransaction, PayrollUserReadable,
    PayrollUserScheduleMetadata, PayrollUserWritable, Product, Report, Saved,
};

type Rewrite = fn(&[u8]) -> Result<String, String>;

fn rewrite<T: Document>(xml: &[u8]) -> Result<String, String> {
    T::from_xml(xml)
        .map_err(|error| error.to_string())?
        .to_xml()
        .map_err(|error| error.to_string())
}

fn rewrite_list<T>(xml: &[u8]) -> Result<String, String>
where
    T: kleer_model::ListItem,
{
    let list = List::<T>::from_xml(xml).map_err(|error| error.to_string())?;
    match list.rejected.first() {
        None => list.to_xml().map_err(|error| error.to_string()),
        Some(rejected) => Err(rejected.error.to_string()),
    }
}

const ROOTS: &[(&str, Rewrite)] = &[
    (Client::ROOT, rewrite::<Client>),
    (List::<Client>::ROOT, rewrite_list::<Client>),
    (
        List::<ClientDeliveryType>::ROOT,
        rewrite_list::<ClientDeliveryType>,
    ),
    (ClientInvoice::ROOT, rewrite::<ClientInvoice>),
    (List::<ClientInvoice>::ROOT, rewrite_list::<ClientInvoice>),
    (
        ClientInvoiceTemplate::ROOT,
        rewrite::<ClientInvoiceTemplate>,
    ),
    (
        List::<ClientInvoiceTemplate>::ROOT,
        rewrite_list::<ClientInvoiceTemplate>,
    ),
    (CompanyInformation::ROOT, rewrite::<CompanyInformation>),
    (Created::ROOT, rewrite::<Created>),
    (Deleted::ROOT, rewrite::<Deleted>),
    (Done::ROOT, rewrite::<Done>),
    (ErrorMessage::ROOT, rewrite::<ErrorMessage>),
    (Product::ROOT, rewrite::<Product>),
    (List::<Product>::ROOT, rewrite_list::<Product>),
    (Saved::ROOT, rewrite::<Saved>),
    (Company::ROOT, rewrite::<Company>),
    (EurocardFilesRequest::ROOT, rewrite::<EurocardFilesRequest>),
    (ExpenseEntryForm::ROOT, rewrite::<ExpenseEntryForm>),
    (
        ExpenseEntryFormDefaults::ROOT,
        rewrite::<ExpenseEntryFormDefaults>,
    ),
    (ExpenseEntryReadable::ROOT, rewrite::<ExpenseEntryReadable>),
    (ExpenseEntryWritable::ROOT, rewrite::<ExpenseEntryWritable>),
    (ExpenseWritable::ROOT, rewrite::<ExpenseWritable>),
    (PayrollChild::ROOT, rewrite::<PayrollChild>),
    (PayrollEvent::ROOT, rewrite::<PayrollEvent>),
    (
        PayrollFixedScheduleWritable::ROOT,
        rewrite::<PayrollFixedScheduleWritable>,
    ),
    (
        PayrollMonthReportReadable::ROOT,
        rewrite::<PayrollMonthReportReadable>,
    ),
    (
        PayrollMonthReportWritable::ROOT,
        rewrite::<PayrollMonthReportWritable>,
    ),
    (
        PayrollRollingScheduleWritable::ROOT,
        rewrite::<PayrollRollingScheduleWritable>,
    ),
    (PayrollRunCreate::ROOT, rewrite::<PayrollRunCreate>),
    (PayrollRunPay::ROOT, rewrite::<PayrollRunPay>),
    (
        PayrollScheduleReadable::ROOT,
        rewrite::<PayrollScheduleReadable>,
    ),
    (
        PayrollSchedulesReadable::ROOT,
        rewrite::<PayrollSchedulesReadable>,
    ),
    (PayrollUserReadable::ROOT, rewrite::<PayrollUserReadable>),
    (PayrollUserWritable::ROOT, rewrite::<PayrollUserWritable>),
    (Report::ROOT, rewrite::<Report>),
    (
        List::<ExpenseEntryReadable>::ROOT,
        rewrite_list::<ExpenseEntryReadable>,
    ),
    (
        List::<ExpenseFileReadable>::ROOT,
        rewrite_list::<ExpenseFileReadable>,
    ),
    (
        List::<ExpenseReadable>::ROOT,
        rewrite_list::<ExpenseReadable>,
    ),
    (
        List::<PayrollArticleReadable>::ROOT,
        rewrite_list::<PayrollArticleReadable>,
    ),
    (List::<PayrollEvent>::ROOT, rewrite_list::<PayrollEvent>),
    (
        List::<PayrollMonthReportReadable>::ROOT,
        rewrite_list::<PayrollMonthReportReadable>,
    ),
    (List::<PayrollRun>::ROOT, rewrite_list::<PayrollRun>),
    (
        List::<PayrollTransaction>::ROOT,
        rewrite_list::<PayrollTransaction>,
    ),
    (
        List::<PayrollUserReadable>::ROOT,
        rewrite_list::<PayrollUserReadable>,
    ),
    (
        List::<PayrollUserScheduleMetadata>::ROOT,
        rewrite_list::<PayrollUserScheduleMetadata>,
    ),
];

/// The name of the root element, found without reading the document.
fn root_name(xml: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(xml).ok()?;
    let start = text
        .match_indices('<')
        .map(|(at, _)| &text[at + 1..])
        .find(|rest| !rest.starts_with(['?', '!']))?;
    let end = start.find([' ', '\t', '\r', '\n', '/', '>'])?;
    Some(start[..end].to_owned())
}

fn xml_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(xml_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn run(input: &Path, output: &Path) -> std::io::Result<(usize, usize)> {
    let (mut written, mut failed) = (0, 0);
    for file in xml_files(input)? {
        let relative = file.strip_prefix(input).unwrap_or(&file);
        let xml = std::fs::read(&file)?;
        let root = root_name(&xml).unwrap_or_default();
        let known = ROOTS.iter().find(|(name, _)| *name == root);
        let result = known.map_or_else(
            || Err(format!("no type for the root element <{root}>")),
            |(_, rewrite)| rewrite(&xml),
        );
        match result {
            Ok(xml) => {
                let target = output.join(relative);
                if let Some(parent) = target.parent() {
                    std::fs::create_dir_all(parent)?;
                }
                std::fs::write(target, xml)?;
                written += 1;
            }
            Err(why) => {
                println!("{}: {why}", relative.display());
                failed += 1;
            }
        }
    }
    Ok((written, failed))
}

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [input, output] = arguments.as_slice() else {
        eprintln!("usage: roundtrip IN_DIR OUT_DIR");
        return ExitCode::from(2);
    };
    match run(input, output) {
        Ok((written, failed)) => {
            println!("{written} written, {failed} not read");
            ExitCode::from(u8::from(failed > 0))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
