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
    Access, AccessRole, AccessibleCompany, ActivityReadable, ApproveEventsRequest,
    CertifyEventsRequest, Client, ClientAgreement, ClientDeliveryType, ClientInvoice,
    ClientInvoicePaymentWritable, ClientInvoiceRelation, ClientInvoiceTemplate,
    ClientProjectReadable, ClientProjectWritable, Company, CompanyInformation, CompanyMessage,
    Created, Deleted, Dimension, DimensionEntry, DimensionEntryWritable, Document, Done,
    ErrorMessage, EventReadable, EventRestrictionReadable, EventWritable,
    InternalHourlyCostReadable, InternalHourlyCostWritable, List, Product, Project,
    ProjectMetadata, Saved, SubcontractorReadable, SubcontractorWritable, Supplier,
    SupplierInvoice, SupplierInvoiceApproval, SupplierInvoiceBundleCreateResult,
    SupplierInvoicePayee, SupplierInvoiceWritable, Token, Translations, UnlockEventsRequest,
    UpdateClientAgreement, UpdateClientAgreementResult, User, UserAuthentication,
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
    (Access::ROOT, rewrite::<Access>),
    (List::<Access>::ROOT, rewrite_list::<Access>),
    (List::<AccessRole>::ROOT, rewrite_list::<AccessRole>),
    (
        List::<AccessibleCompany>::ROOT,
        rewrite_list::<AccessibleCompany>,
    ),
    (ActivityReadable::ROOT, rewrite::<ActivityReadable>),
    (
        List::<ActivityReadable>::ROOT,
        rewrite_list::<ActivityReadable>,
    ),
    (ApproveEventsRequest::ROOT, rewrite::<ApproveEventsRequest>),
    (CertifyEventsRequest::ROOT, rewrite::<CertifyEventsRequest>),
    (Client::ROOT, rewrite::<Client>),
    (List::<Client>::ROOT, rewrite_list::<Client>),
    (ClientAgreement::ROOT, rewrite::<ClientAgreement>),
    (
        List::<ClientAgreement>::ROOT,
        rewrite_list::<ClientAgreement>,
    ),
    (
        List::<ClientDeliveryType>::ROOT,
        rewrite_list::<ClientDeliveryType>,
    ),
    (ClientInvoice::ROOT, rewrite::<ClientInvoice>),
    (List::<ClientInvoice>::ROOT, rewrite_list::<ClientInvoice>),
    (
        ClientInvoicePaymentWritable::ROOT,
        rewrite::<ClientInvoicePaymentWritable>,
    ),
    (
        ClientInvoiceRelation::ROOT,
        rewrite::<ClientInvoiceRelation>,
    ),
    (
        ClientInvoiceTemplate::ROOT,
        rewrite::<ClientInvoiceTemplate>,
    ),
    (
        List::<ClientInvoiceTemplate>::ROOT,
        rewrite_list::<ClientInvoiceTemplate>,
    ),
    (
        ClientProjectReadable::ROOT,
        rewrite::<ClientProjectReadable>,
    ),
    (
        List::<ClientProjectReadable>::ROOT,
        rewrite_list::<ClientProjectReadable>,
    ),
    (
        ClientProjectWritable::ROOT,
        rewrite::<ClientProjectWritable>,
    ),
    (Company::ROOT, rewrite::<Company>),
    (CompanyInformation::ROOT, rewrite::<CompanyInformation>),
    (CompanyMessage::ROOT, rewrite::<CompanyMessage>),
    (Created::ROOT, rewrite::<Created>),
    (Deleted::ROOT, rewrite::<Deleted>),
    (List::<Dimension>::ROOT, rewrite_list::<Dimension>),
    (List::<DimensionEntry>::ROOT, rewrite_list::<DimensionEntry>),
    (
        DimensionEntryWritable::ROOT,
        rewrite::<DimensionEntryWritable>,
    ),
    (Done::ROOT, rewrite::<Done>),
    (ErrorMessage::ROOT, rewrite::<ErrorMessage>),
    (EventReadable::ROOT, rewrite::<EventReadable>),
    (List::<EventReadable>::ROOT, rewrite_list::<EventReadable>),
    (
        EventRestrictionReadable::ROOT,
        rewrite::<EventRestrictionReadable>,
    ),
    (
        List::<EventRestrictionReadable>::ROOT,
        rewrite_list::<EventRestrictionReadable>,
    ),
    (EventWritable::ROOT, rewrite::<EventWritable>),
    (
        InternalHourlyCostReadable::ROOT,
        rewrite::<InternalHourlyCostReadable>,
    ),
    (
        List::<InternalHourlyCostReadable>::ROOT,
        rewrite_list::<InternalHourlyCostReadable>,
    ),
    (
        InternalHourlyCostWritable::ROOT,
        rewrite::<InternalHourlyCostWritable>,
    ),
    (
        List::<InternalHourlyCostWritable>::ROOT,
        rewrite_list::<InternalHourlyCostWritable>,
    ),
    (Product::ROOT, rewrite::<Product>),
    (List::<Product>::ROOT, rewrite_list::<Product>),
    (Project::ROOT, rewrite::<Project>),
    (List::<Project>::ROOT, rewrite_list::<Project>),
    (
        List::<ProjectMetadata>::ROOT,
        rewrite_list::<ProjectMetadata>,
    ),
    (Saved::ROOT, rewrite::<Saved>),
    (
        SubcontractorReadable::ROOT,
        rewrite::<SubcontractorReadable>,
    ),
    (
        List::<SubcontractorReadable>::ROOT,
        rewrite_list::<SubcontractorReadable>,
    ),
    (
        SubcontractorWritable::ROOT,
        rewrite::<SubcontractorWritable>,
    ),
    (Supplier::ROOT, rewrite::<Supplier>),
    (List::<Supplier>::ROOT, rewrite_list::<Supplier>),
    (SupplierInvoice::ROOT, rewrite::<SupplierInvoice>),
    (
        List::<SupplierInvoice>::ROOT,
        rewrite_list::<SupplierInvoice>,
    ),
    (
        SupplierInvoiceApproval::ROOT,
        rewrite::<SupplierInvoiceApproval>,
    ),
    (
        SupplierInvoiceBundleCreateResult::ROOT,
        rewrite::<SupplierInvoiceBundleCreateResult>,
    ),
    (SupplierInvoicePayee::ROOT, rewrite::<SupplierInvoicePayee>),
    (
        SupplierInvoiceWritable::ROOT,
        rewrite::<SupplierInvoiceWritable>,
    ),
    (Token::ROOT, rewrite::<Token>),
    (List::<Token>::ROOT, rewrite_list::<Token>),
    (Translations::ROOT, rewrite::<Translations>),
    (UnlockEventsRequest::ROOT, rewrite::<UnlockEventsRequest>),
    (
        UpdateClientAgreement::ROOT,
        rewrite::<UpdateClientAgreement>,
    ),
    (
        UpdateClientAgreementResult::ROOT,
        rewrite::<UpdateClientAgreementResult>,
    ),
    (User::ROOT, rewrite::<User>),
    (List::<User>::ROOT, rewrite_list::<User>),
    (UserAuthentication::ROOT, rewrite::<UserAuthentication>),
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
