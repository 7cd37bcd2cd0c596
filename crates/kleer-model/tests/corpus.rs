//! Instances of Kleer's schema that nobody here wrote: read, written, read again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write;
use std::path::{Path, PathBuf};

use kleer_model::{
    AccountMetadata, AccountingYearReadable, AccountingYearRestrictionReadable, BankAccount,
    BankInformationValidateRequest, BankInformationValidateResult, BankTransaction,
    BankTransactionConsolidateRevenues, BankTransactionDistribution, Client, ClientDeliveryType,
    ClientInvoice, ClientInvoiceTemplate, CompanyInformation, CreateBankTransaction,
    CreateFoundationGrant, CreateFoundationGrantPayment, CreateFoundationGrantRepayment, Created,
    Deleted, Document, Done, ErrorMessage, EurocardFilesRequest, ExchangeRate,
    FoundationGrantPaymentReadable, FoundationGrantReadable, FoundationGrantRepaymentReadable,
    FoundationGrantReturn, FoundationGrantUpdate, List, Product, ReadOptions, Revenue,
    RevenueCreate, RevenueFuzzyConsolidation, RevenueFuzzyConsolidationResult, RevenueLedger,
    RevenueUpdate, Saved, SubFoundationReadable, UpdateFoundationGrantPayment, VoucherDetailed,
    VoucherReadable, VoucherWritable,
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
        check::<Client>(&corpus),
        check::<List<Client>>(&corpus),
        check::<List<ClientDeliveryType>>(&corpus),
        check::<ClientInvoice>(&corpus),
        check::<List<ClientInvoice>>(&corpus),
        check::<ClientInvoiceTemplate>(&corpus),
        check::<List<ClientInvoiceTemplate>>(&corpus),
        check::<CompanyInformation>(&corpus),
        check::<Created>(&corpus),
        check::<Deleted>(&corpus),
        check::<Done>(&corpus),
        check::<ErrorMessage>(&corpus),
        check::<Product>(&corpus),
        check::<List<Product>>(&corpus),
        check::<Saved>(&corpus),
        check::<AccountMetadata>(&corpus),
        check::<AccountingYearReadable>(&corpus),
        check::<AccountingYearRestrictionReadable>(&corpus),
        check::<VoucherReadable>(&corpus),
        check::<VoucherWritable>(&corpus),
        check::<ExchangeRate>(&corpus),
        check::<Revenue>(&corpus),
        check::<RevenueCreate>(&corpus),
        check::<RevenueUpdate>(&corpus),
        check::<RevenueFuzzyConsolidation>(&corpus),
        check::<RevenueFuzzyConsolidationResult>(&corpus),
        check::<BankTransaction>(&corpus),
        check::<BankTransactionConsolidateRevenues>(&corpus),
        check::<CreateBankTransaction>(&corpus),
        check::<BankInformationValidateRequest>(&corpus),
        check::<BankInformationValidateResult>(&corpus),
        check::<FoundationGrantReadable>(&corpus),
        check::<FoundationGrantPaymentReadable>(&corpus),
        check::<FoundationGrantRepaymentReadable>(&corpus),
        check::<CreateFoundationGrant>(&corpus),
        check::<FoundationGrantUpdate>(&corpus),
        check::<FoundationGrantReturn>(&corpus),
        check::<CreateFoundationGrantPayment>(&corpus),
        check::<UpdateFoundationGrantPayment>(&corpus),
        check::<CreateFoundationGrantRepayment>(&corpus),
        check::<SubFoundationReadable>(&corpus),
        check::<EurocardFilesRequest>(&corpus),
        check::<List<AccountMetadata>>(&corpus),
        check::<List<AccountingYearReadable>>(&corpus),
        check::<List<AccountingYearRestrictionReadable>>(&corpus),
        check::<List<VoucherReadable>>(&corpus),
        check::<List<VoucherDetailed>>(&corpus),
        check::<List<Revenue>>(&corpus),
        check::<List<RevenueLedger>>(&corpus),
        check::<List<BankAccount>>(&corpus),
        check::<List<BankTransaction>>(&corpus),
        check::<List<BankTransactionDistribution>>(&corpus),
        check::<List<FoundationGrantReadable>>(&corpus),
        check::<List<FoundationGrantPaymentReadable>>(&corpus),
        check::<List<FoundationGrantRepaymentReadable>>(&corpus),
        check::<List<SubFoundationReadable>>(&corpus),
    ];
    assert_eq!(
        counts.iter().sum::<usize>(),
        224,
        "four instances of each of 56 roots"
    );
}
