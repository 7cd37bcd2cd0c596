//! Instances of Kleer's schema that nobody here wrote: read, written, read again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write;
use std::path::{Path, PathBuf};

use kleer_model::{
    Access, AccessRole, AccessibleCompany, ActivityReadable, ApproveEventsRequest,
    CertifyEventsRequest, Client, ClientAgreement, ClientDeliveryType, ClientInvoice,
    ClientInvoicePaymentWritable, ClientInvoiceRelation, ClientInvoiceTemplate,
    ClientProjectReadable, ClientProjectWritable, Company, CompanyInformation, CompanyMessage,
    Created, Deleted, Dimension, DimensionEntry, DimensionEntryWritable, Document, Done,
    ErrorMessage, EventReadable, EventRestrictionReadable, EventWritable,
    InternalHourlyCostReadable, InternalHourlyCostWritable, List, Product, Project,
    ProjectMetadata, ReadOptions, Saved, SubcontractorReadable, SubcontractorWritable, Supplier,
    SupplierInvoice, SupplierInvoiceApproval, SupplierInvoiceBundleCreateResult,
    SupplierInvoicePayee, SupplierInvoiceWritable, Token, Translations, UnlockEventsRequest,
    UpdateClientAgreement, UpdateClientAgreementResult, User, UserAuthentication,
};

/// The corpus, or `None` with a loud word when it is not there.
fn corpus(test: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("KLEER_CORPUS") else {
        // Not eprintln!, which the test runner swallows when the test passes.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED {test}: set KLEER_CORPUS to the folder that holds kleer-xml/"
        );
        return None;
    };
    // Cargo runs tests in the package's folder; a relative path is meant from the workspace's.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Some(workspace.join(folder).join("kleer-xml"))
}

fn check<T: Document + PartialEq + std::fmt::Debug>(corpus: &Path) -> usize {
    let folder = corpus.join(T::ROOT);
    let files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for file in &files {
        let xml = std::fs::read(file).unwrap();
        let name = file.display();
        let value = T::from_xml(&xml).unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = value
            .to_xml()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        // What is written stands in the schema's order and holds nothing that it does not know.
        let strict = ReadOptions::default().with_strict(true);
        let again = T::from_xml_with(written.as_bytes(), &strict)
            .unwrap_or_else(|error| panic!("{name}: written wrongly: {error}"));
        assert_eq!(again, value, "{name}");
    }
    files.len()
}

#[test]
fn every_instance_of_a_known_root_survives() {
    let Some(corpus) = corpus("every_instance_of_a_known_root_survives") else {
        return;
    };
    let counts = [
        check::<Access>(&corpus),
        check::<List<Access>>(&corpus),
        check::<List<AccessRole>>(&corpus),
        check::<List<AccessibleCompany>>(&corpus),
        check::<ActivityReadable>(&corpus),
        check::<List<ActivityReadable>>(&corpus),
        check::<ApproveEventsRequest>(&corpus),
        check::<CertifyEventsRequest>(&corpus),
        check::<Client>(&corpus),
        check::<List<Client>>(&corpus),
        check::<ClientAgreement>(&corpus),
        check::<List<ClientAgreement>>(&corpus),
        check::<List<ClientDeliveryType>>(&corpus),
        check::<ClientInvoice>(&corpus),
        check::<List<ClientInvoice>>(&corpus),
        check::<ClientInvoicePaymentWritable>(&corpus),
        check::<ClientInvoiceRelation>(&corpus),
        check::<ClientInvoiceTemplate>(&corpus),
        check::<List<ClientInvoiceTemplate>>(&corpus),
        check::<ClientProjectReadable>(&corpus),
        check::<List<ClientProjectReadable>>(&corpus),
        check::<ClientProjectWritable>(&corpus),
        check::<Company>(&corpus),
        check::<CompanyInformation>(&corpus),
        check::<CompanyMessage>(&corpus),
        check::<Created>(&corpus),
        check::<Deleted>(&corpus),
        check::<List<Dimension>>(&corpus),
        check::<List<DimensionEntry>>(&corpus),
        check::<DimensionEntryWritable>(&corpus),
        check::<Done>(&corpus),
        check::<ErrorMessage>(&corpus),
        check::<EventReadable>(&corpus),
        check::<List<EventReadable>>(&corpus),
        check::<EventRestrictionReadable>(&corpus),
        check::<List<EventRestrictionReadable>>(&corpus),
        check::<EventWritable>(&corpus),
        check::<InternalHourlyCostReadable>(&corpus),
        check::<List<InternalHourlyCostReadable>>(&corpus),
        check::<InternalHourlyCostWritable>(&corpus),
        check::<List<InternalHourlyCostWritable>>(&corpus),
        check::<Product>(&corpus),
        check::<List<Product>>(&corpus),
        check::<Project>(&corpus),
        check::<List<Project>>(&corpus),
        check::<List<ProjectMetadata>>(&corpus),
        check::<Saved>(&corpus),
        check::<SubcontractorReadable>(&corpus),
        check::<List<SubcontractorReadable>>(&corpus),
        check::<SubcontractorWritable>(&corpus),
        check::<Supplier>(&corpus),
        check::<List<Supplier>>(&corpus),
        check::<SupplierInvoice>(&corpus),
        check::<List<SupplierInvoice>>(&corpus),
        check::<SupplierInvoiceApproval>(&corpus),
        check::<SupplierInvoiceBundleCreateResult>(&corpus),
        check::<SupplierInvoicePayee>(&corpus),
        check::<SupplierInvoiceWritable>(&corpus),
        check::<Token>(&corpus),
        check::<List<Token>>(&corpus),
        check::<Translations>(&corpus),
        check::<UnlockEventsRequest>(&corpus),
        check::<UpdateClientAgreement>(&corpus),
        check::<UpdateClientAgreementResult>(&corpus),
        check::<User>(&corpus),
        check::<List<User>>(&corpus),
        check::<UserAuthentication>(&corpus),
    ];
    assert!(
        counts.iter().all(|count| *count == 4),
        "four instances of each root: {counts:?}"
    );
}
