//! Instances of Kleer's schema that nobody here wrote: read, written, read again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write;
use std::path::{Path, PathBuf};

use kleer_model::{
    Client, ClientDeliveryType, ClientInvoice, ClientInvoiceTemplate, Company, CompanyInformation,
    Created, Deleted, Document, Done, ErrorMessage, EurocardFilesRequest, ExpenseEntryForm,
    ExpenseEntryFormDefaults, ExpenseEntryReadable, ExpenseEntryWritable, ExpenseFileReadable,
    ExpenseReadable, ExpenseWritable, List, PayrollArticleReadable, PayrollChild, PayrollEvent,
    PayrollFixedScheduleWritable, PayrollMonthReportReadable, PayrollMonthReportWritable,
    PayrollRollingScheduleWritable, PayrollRun, PayrollRunCreate, PayrollRunPay,
    PayrollScheduleReadable, PayrollSchedulesReadable, PayrollTransaction, PayrollUserReadable,
    PayrollUserScheduleMetadata, PayrollUserWritable, Product, ReadOptions, Report, Saved,
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
        check::<Company>(&corpus),
        check::<EurocardFilesRequest>(&corpus),
        check::<ExpenseEntryForm>(&corpus),
        check::<ExpenseEntryFormDefaults>(&corpus),
        check::<ExpenseEntryReadable>(&corpus),
        check::<ExpenseEntryWritable>(&corpus),
        check::<ExpenseWritable>(&corpus),
        check::<PayrollChild>(&corpus),
        check::<PayrollEvent>(&corpus),
        check::<PayrollFixedScheduleWritable>(&corpus),
        check::<PayrollMonthReportReadable>(&corpus),
        check::<PayrollMonthReportWritable>(&corpus),
        check::<PayrollRollingScheduleWritable>(&corpus),
        check::<PayrollRunCreate>(&corpus),
        check::<PayrollRunPay>(&corpus),
        check::<PayrollScheduleReadable>(&corpus),
        check::<PayrollSchedulesReadable>(&corpus),
        check::<PayrollUserReadable>(&corpus),
        check::<PayrollUserWritable>(&corpus),
        check::<Report>(&corpus),
        check::<List<ExpenseEntryReadable>>(&corpus),
        check::<List<ExpenseFileReadable>>(&corpus),
        check::<List<ExpenseReadable>>(&corpus),
        check::<List<PayrollArticleReadable>>(&corpus),
        check::<List<PayrollEvent>>(&corpus),
        check::<List<PayrollMonthReportReadable>>(&corpus),
        check::<List<PayrollRun>>(&corpus),
        check::<List<PayrollTransaction>>(&corpus),
        check::<List<PayrollUserReadable>>(&corpus),
        check::<List<PayrollUserScheduleMetadata>>(&corpus),
    ];
    assert_eq!(
        counts.iter().sum::<usize>(),
        180,
        "four instances of each of 45 roots"
    );
}
