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
    AccountMetadata, AccountingYearReadable, AccountingYearRestrictionReadable, BankAccount,
    BankInformationValidateRequest, BankInformationValidateResult, BankTransaction,
    BankTransactionConsolidateRevenues, BankTransactionDistribution, Client, ClientDeliveryType,
    ClientInvoice, ClientInvoiceTemplate, CompanyInformation, CreateBankTransaction,
    CreateFoundationGrant, CreateFoundationGrantPayment, CreateFoundationGrantRepayment, Created,
    Deleted, Document, Done, ErrorMessage, EurocardFilesRequest, ExchangeRate,
    FoundationGrantPaymentReadable, FoundationGrantReadable, FoundationGrantRepaymentReadable,
    FoundationGrantReturn, FoundationGrantUpdate, List, Product, Revenue, RevenueCreate,
    RevenueFuzzyConsolidation, RevenueFuzzyConsolidationResult, RevenueLedger, RevenueUpdate,
    Saved, SubFoundationReadable, UpdateFoundationGrantPayment, VoucherDetailed, VoucherReadable,
    VoucherWritable,
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
    (AccountMetadata::ROOT, rewrite::<AccountMetadata>),
    (
        AccountingYearReadable::ROOT,
        rewrite::<AccountingYearReadable>,
    ),
    (
        AccountingYearRestrictionReadable::ROOT,
        rewrite::<AccountingYearRestrictionReadable>,
    ),
    (VoucherReadable::ROOT, rewrite::<VoucherReadable>),
    (VoucherWritable::ROOT, rewrite::<VoucherWritable>),
    (ExchangeRate::ROOT, rewrite::<ExchangeRate>),
    (Revenue::ROOT, rewrite::<Revenue>),
    (RevenueCreate::ROOT, rewrite::<RevenueCreate>),
    (RevenueUpdate::ROOT, rewrite::<RevenueUpdate>),
    (
        RevenueFuzzyConsolidation::ROOT,
        rewrite::<RevenueFuzzyConsolidation>,
    ),
    (
        RevenueFuzzyConsolidationResult::ROOT,
        rewrite::<RevenueFuzzyConsolidationResult>,
    ),
    (BankTransaction::ROOT, rewrite::<BankTransaction>),
    (
        BankTransactionConsolidateRevenues::ROOT,
        rewrite::<BankTransactionConsolidateRevenues>,
    ),
    (
        CreateBankTransaction::ROOT,
        rewrite::<CreateBankTransaction>,
    ),
    (
        BankInformationValidateRequest::ROOT,
        rewrite::<BankInformationValidateRequest>,
    ),
    (
        BankInformationValidateResult::ROOT,
        rewrite::<BankInformationValidateResult>,
    ),
    (
        FoundationGrantReadable::ROOT,
        rewrite::<FoundationGrantReadable>,
    ),
    (
        FoundationGrantPaymentReadable::ROOT,
        rewrite::<FoundationGrantPaymentReadable>,
    ),
    (
        FoundationGrantRepaymentReadable::ROOT,
        rewrite::<FoundationGrantRepaymentReadable>,
    ),
    (
        CreateFoundationGrant::ROOT,
        rewrite::<CreateFoundationGrant>,
    ),
    (
        FoundationGrantUpdate::ROOT,
        rewrite::<FoundationGrantUpdate>,
    ),
    (
        FoundationGrantReturn::ROOT,
        rewrite::<FoundationGrantReturn>,
    ),
    (
        CreateFoundationGrantPayment::ROOT,
        rewrite::<CreateFoundationGrantPayment>,
    ),
    (
        UpdateFoundationGrantPayment::ROOT,
        rewrite::<UpdateFoundationGrantPayment>,
    ),
    (
        CreateFoundationGrantRepayment::ROOT,
        rewrite::<CreateFoundationGrantRepayment>,
    ),
    (
        SubFoundationReadable::ROOT,
        rewrite::<SubFoundationReadable>,
    ),
    (EurocardFilesRequest::ROOT, rewrite::<EurocardFilesRequest>),
    (
        List::<AccountMetadata>::ROOT,
        rewrite_list::<AccountMetadata>,
    ),
    (
        List::<AccountingYearReadable>::ROOT,
        rewrite_list::<AccountingYearReadable>,
    ),
    (
        List::<AccountingYearRestrictionReadable>::ROOT,
        rewrite_list::<AccountingYearRestrictionReadable>,
    ),
    (
        List::<VoucherReadable>::ROOT,
        rewrite_list::<VoucherReadable>,
    ),
    (
        List::<VoucherDetailed>::ROOT,
        rewrite_list::<VoucherDetailed>,
    ),
    (List::<Revenue>::ROOT, rewrite_list::<Revenue>),
    (List::<RevenueLedger>::ROOT, rewrite_list::<RevenueLedger>),
    (List::<BankAccount>::ROOT, rewrite_list::<BankAccount>),
    (
        List::<BankTransaction>::ROOT,
        rewrite_list::<BankTransaction>,
    ),
    (
        List::<BankTransactionDistribution>::ROOT,
        rewrite_list::<BankTransactionDistribution>,
    ),
    (
        List::<FoundationGrantReadable>::ROOT,
        rewrite_list::<FoundationGrantReadable>,
    ),
    (
        List::<FoundationGrantPaymentReadable>::ROOT,
        rewrite_list::<FoundationGrantPaymentReadable>,
    ),
    (
        List::<FoundationGrantRepaymentReadable>::ROOT,
        rewrite_list::<FoundationGrantRepaymentReadable>,
    ),
    (
        List::<SubFoundationReadable>::ROOT,
        rewrite_list::<SubFoundationReadable>,
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
