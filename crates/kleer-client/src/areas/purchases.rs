//! Suppliers, their invoices, and expenses.

use bytes::Bytes;
use kleer_model::{
    ExpenseEntryForm, ExpenseEntryFormDefaults, ExpenseEntryId, ExpenseEntryReadable,
    ExpenseEntryWritable, ExpenseFileId, ExpenseFileReadable, ExpenseId, ExpenseReadable,
    ExpenseWritable, List, Supplier, SupplierId, SupplierInvoice, SupplierInvoiceApproval,
    SupplierInvoiceBundleCreateResult, SupplierInvoiceId, SupplierInvoiceWritable,
};

use super::{area, once, query_call, streams};
use crate::call::Call;

area! {
    /// The company's suppliers. From [`Kleer::suppliers`](crate::Kleer::suppliers).
    Suppliers {
        /// All suppliers.
        list list() -> Supplier = SUPPLIER_LIST inferred;
        /// One supplier.
        read get(id: SupplierId => "supplier-id") -> Supplier = SUPPLIER_READ inferred;
        /// Creates a supplier. Kleer has no protection against doubles: rather use
        /// [`create_once`](Self::create_once).
        create create(; supplier: &Supplier) -> SupplierId = SUPPLIER_CREATE inferred;
        /// Replaces a supplier by the whole record.
        update update(id: SupplierId => "supplier-id"; supplier: &Supplier) -> SupplierId = SUPPLIER_UPDATE inferred;
    }
}

once!(Suppliers: Supplier, "the suppliers");

area! {
    /// The invoices that the company gets. From
    /// [`Kleer::supplier_invoices`](crate::Kleer::supplier_invoices).
    SupplierInvoices {
        /// Supplier invoices, page by page.
        paged list() -> SupplierInvoice = SUPPLIER_INVOICE_LIST inferred;
        /// One supplier invoice.
        read get(id: SupplierInvoiceId => "supplier-invoice-id") -> SupplierInvoice = SUPPLIER_INVOICE_READ inferred;
        /// Creates a supplier invoice. Kleer has no protection against doubles: rather use
        /// [`create_once`](Self::create_once).
        create create(; invoice: &SupplierInvoiceWritable) -> SupplierInvoiceId = SUPPLIER_INVOICE_CREATE inferred;
        /// Uploads a file with invoices, which Kleer reads and turns into drafts. After an unknown
        /// outcome nothing tells whether it arrived: a person must look.
        hand_in upload(; file: impl Into<Bytes>) -> SupplierInvoiceBundleCreateResult = SUPPLIER_INVOICE_UPLOAD inferred;
        /// Approves or denies a supplier invoice.
        update approve(id: SupplierInvoiceId => "supplier-invoice-id"; approval: &SupplierInvoiceApproval) -> SupplierInvoiceId = SUPPLIER_INVOICE_APPROVE inferred;
    }
}

once!(SupplierInvoices: SupplierInvoiceWritable, "the supplier invoices");

area! {
    /// Expenses: receipts, entries, and reports of entries. From
    /// [`Kleer::expenses`](crate::Kleer::expenses).
    Expenses {
        /// The expense reports of the token's user; nobody else's.
        query list() -> ListExpenses = EXPENSE_LIST confirmed;
        /// Makes a report of entries. It has no foreign id: take the list before, so that after
        /// an unknown outcome you can tell what is new.
        create create(; expense: &ExpenseWritable) -> ExpenseId = EXPENSE_CREATE inferred;
        /// Receipts that are not yet in an entry, presumably.
        list files() -> ExpenseFileReadable = EXPENSE_FILE_LIST inferred;
        /// Uploads a receipt.
        upload upload_file(; file: impl Into<Bytes>) -> ExpenseFileId = EXPENSE_FILE_UPLOAD inferred;
        /// The entries.
        list entries() -> ExpenseEntryReadable = EXPENSE_ENTRY_LIST inferred;
        /// One entry.
        read entry(id: ExpenseEntryId => "expense-entry-id") -> ExpenseEntryReadable = EXPENSE_ENTRY_READ inferred;
        /// Creates an entry for a receipt. After an unknown outcome the receipt tells whether it
        /// is there.
        create create_entry(; entry: &ExpenseEntryWritable) -> ExpenseEntryId = EXPENSE_ENTRY_CREATE inferred;
        /// Updates an entry.
        update update_entry(id: ExpenseEntryId => "expense-entry-id"; entry: &ExpenseEntryWritable) -> ExpenseEntryId = EXPENSE_ENTRY_UPDATE inferred;
        /// What a user may choose in an entry.
        read entry_form() -> ExpenseEntryForm = EXPENSE_ENTRY_FORM inferred;
        /// What an entry says unless the user chooses.
        read entry_form_defaults() -> ExpenseEntryFormDefaults = EXPENSE_ENTRY_FORM_DEFAULTS inferred;
    }
}

query_call! {
    /// A list of expense reports, with its options. `.await` it.
    ListExpenses(Call<List<ExpenseReadable>>) -> List<ExpenseReadable> {
        /// Only reports in which Kleer finds this text.
        query(text: impl Into<String>) => "query" = text;
    }
}

streams!(ListExpenses: list ExpenseReadable);
