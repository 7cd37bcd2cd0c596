//! Kleer's endpoints, grouped as areas: `kleer.suppliers().list()`.
//!
//! One file a group. Every endpoint of [the table](kleer_model::endpoint::ALL) is here, which a
//! test proves.

mod books;
mod company;
mod foundation;
mod macros;
mod payroll;
mod people;
mod projects;
mod purchases;
mod sales;

pub(crate) use macros::{area, make, once, output, query_call, streams};

pub use books::{Accounting, Bank, Revenues};
pub use company::Company;
pub use foundation::{Foundation, FoundationPayments, FoundationRepayments, SubFoundations};
pub use payroll::{Payroll, PayrollOfUser, PayrollRuns, PayrollSchedules};
pub use people::{Subcontractors, UserAccess, Users};
pub use projects::{
    ClientProjects, DimensionEntries, Dimensions, EventStatuses, Events, ListClientProjects,
    ListEvents, ProjectFilter, Projects,
};
pub use purchases::{Expenses, ListExpenses, SupplierInvoices, Suppliers};
pub use sales::{
    ClientAgreements, ClientInvoices, Clients, CreateClientInvoice, InvoiceFilter,
    ListClientInvoices, Products,
};

use crate::Kleer;
use crate::handle::At;

impl Kleer {
    /// The company itself.
    pub fn company_area(&self) -> Company<'_> {
        Company::at(At::of(self))
    }

    /// The users, and what they may do.
    pub fn users(&self) -> Users<'_> {
        Users::at(At::of(self))
    }

    /// The suppliers that some users work for.
    pub fn subcontractors(&self) -> Subcontractors<'_> {
        Subcontractors::at(At::of(self))
    }

    /// The company's clients: whom it sends invoices to.
    pub fn clients(&self) -> Clients<'_> {
        Clients::at(At::of(self))
    }

    /// The agreements by which clients are invoiced again and again.
    pub fn client_agreements(&self) -> ClientAgreements<'_> {
        ClientAgreements::at(At::of(self))
    }

    /// The invoices that the company sends.
    pub fn client_invoices(&self) -> ClientInvoices<'_> {
        ClientInvoices::at(At::of(self))
    }

    /// The company's products and services.
    pub fn products(&self) -> Products<'_> {
        Products::at(At::of(self))
    }

    /// The company's suppliers.
    pub fn suppliers(&self) -> Suppliers<'_> {
        Suppliers::at(At::of(self))
    }

    /// The invoices that the company gets.
    pub fn supplier_invoices(&self) -> SupplierInvoices<'_> {
        SupplierInvoices::at(At::of(self))
    }

    /// Expenses: receipts, entries, and reports of entries.
    pub fn expenses(&self) -> Expenses<'_> {
        Expenses::at(At::of(self))
    }

    /// The projects of the accounts. Those that time is reported on are
    /// [client projects](Self::client_projects).
    pub fn projects(&self) -> Projects<'_> {
        Projects::at(At::of(self))
    }

    /// What is done for clients, and the activities that time is reported on.
    pub fn client_projects(&self) -> ClientProjects<'_> {
        ClientProjects::at(At::of(self))
    }

    /// Reported time, and absences that are reported as time.
    pub fn events(&self) -> Events<'_> {
        Events::at(At::of(self))
    }

    /// The dimensions of the accounts, such as cost centres.
    pub fn dimensions(&self) -> Dimensions<'_> {
        Dimensions::at(At::of(self))
    }

    /// Employees, absences, schedules, runs and month reports.
    pub fn payroll(&self) -> Payroll<'_> {
        Payroll::at(At::of(self))
    }

    /// The books: years, accounts, vouchers, rates of exchange.
    pub fn accounting(&self) -> Accounting<'_> {
        Accounting::at(At::of(self))
    }

    /// Sales that another system has invoiced.
    pub fn revenues(&self) -> Revenues<'_> {
        Revenues::at(At::of(self))
    }

    /// Bank accounts and their transactions.
    pub fn bank(&self) -> Bank<'_> {
        Bank::at(At::of(self))
    }

    /// The grants of a foundation.
    pub fn foundation(&self) -> Foundation<'_> {
        Foundation::at(At::of(self))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kleer_model::endpoint::{self, Provenance};

    use super::*;

    #[test]
    fn every_endpoint_is_in_one_area_with_its_certainty() {
        let areas = [
            Company::ENDPOINTS,
            Users::ENDPOINTS,
            UserAccess::ENDPOINTS,
            Subcontractors::ENDPOINTS,
            Clients::ENDPOINTS,
            ClientAgreements::ENDPOINTS,
            ClientInvoices::ENDPOINTS,
            Products::ENDPOINTS,
            Suppliers::ENDPOINTS,
            SupplierInvoices::ENDPOINTS,
            Expenses::ENDPOINTS,
            Projects::ENDPOINTS,
            ClientProjects::ENDPOINTS,
            Events::ENDPOINTS,
            Dimensions::ENDPOINTS,
            DimensionEntries::ENDPOINTS,
            Payroll::ENDPOINTS,
            PayrollOfUser::ENDPOINTS,
            PayrollRuns::ENDPOINTS,
            PayrollSchedules::ENDPOINTS,
            Accounting::ENDPOINTS,
            Revenues::ENDPOINTS,
            Bank::ENDPOINTS,
            Foundation::ENDPOINTS,
            FoundationPayments::ENDPOINTS,
            FoundationRepayments::ENDPOINTS,
            SubFoundations::ENDPOINTS,
            &[(crate::log_in::ENDPOINT, "confirmed")],
            sales::EXTRA,
        ];
        let mut reached = BTreeMap::new();
        for (endpoint, certainty) in areas.into_iter().flatten() {
            let known = match endpoint.provenance {
                Provenance::Confirmed => "confirmed",
                _ => "inferred",
            };
            assert_eq!(known, *certainty, "{}", endpoint.name);
            *reached.entry(endpoint.name).or_insert(0) += 1;
        }
        for endpoint in endpoint::ALL {
            assert_eq!(reached.remove(endpoint.name), Some(1), "{}", endpoint.name);
        }
        assert_eq!(reached, BTreeMap::new());
    }
}
