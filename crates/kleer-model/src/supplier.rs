//! Suppliers: whom the company buys from.

use crate::codec::Value;
use crate::codec::declare::record;
use crate::{Address, BankAccountReference, SupplierId, UserReference};

record! {
    /// A supplier (schema type `supplier`), read and written.
    ///
    /// It has a field for each kind of account that it can be paid to. The forms of the numbers
    /// are those of
    /// [`SupplierInvoiceDepositAccountType`](crate::SupplierInvoiceDepositAccountType).
    pub struct Supplier = "supplier", root "supplier", list "suppliers" / "supplier" {
        /// Kleer's id; 0 on a create.
        required id: SupplierId = "id";
        /// Your own key. Kleer does not make it unique.
        required foreign_id: String = "foreign-id";
        /// The name.
        required name: String = "name", personal;
        /// The address.
        required address: Address = "address";
        /// The e-mail address.
        required email: String = "email", personal;
        /// The plusgiro number as digits only; 0 for none, since the schema demands a number.
        required plusgiro: i64 = "plusgiro", personal;
        /// The bankgiro number as digits only; 0 for none, since the schema demands a number.
        required bankgiro: i64 = "bankgiro", personal;
        /// The organisation number, or the personal number of a sole trader.
        optional orgno: String = "orgno", personal;
        /// A Swedish bank account, clearing number first; may be empty.
        required swedish_bank_account: String = "swedish-bank-account", personal;
        /// A foreign bank account with a routing code.
        optional international_bank_account_with_routing: String = "international-bank-account-with-routing", personal;
        /// A foreign bank account with an account number.
        optional international_bank_account_with_account_number: String = "international-bank-account-with-account-number", personal;
        /// A foreign bank account that is reached through another bank.
        optional international_bank_account_via_intermediary: String = "international-bank-account-via-intermediary", personal;
        /// A bank account in Russia, in roubles.
        optional international_bank_account_in_russia_in_rub: String = "international-bank-account-in-russia-in-rub", personal;
        /// A Norwegian bank account.
        optional norwegian_bank_account: String = "norwegian-bank-account", personal;
        /// Two groups of letters and digits with a hyphen between them, presumably BIC and IBAN;
        /// may be empty.
        required iban: String = "iban", personal;
        /// The supplier's reference at the company: the user who buys.
        optional user: UserReference = "user";
        /// The company's reference at the supplier: a person or a code.
        optional our_reference: String = "our-reference", personal;
        /// The country (ISO 3166-1 alpha-2).
        optional country_code: String = "country-code";
        /// The VAT number.
        optional vat_nr: String = "vat-nr", personal;
        /// The account for what is bought (BAS number).
        optional account_nr: i32 = "account-nr";
        /// The company's bank account that pays.
        optional bank_account: BankAccountReference = "bank-account";
    }
}

impl Supplier {
    /// A new supplier without an account to pay to.
    ///
    /// ```
    /// use kleer_model::{Document, Supplier};
    ///
    /// let mut supplier = Supplier::new("Exempel AB");
    /// supplier.bankgiro = 9_912_346;
    /// assert!(supplier.to_xml()?.contains("<plusgiro>0</plusgiro><bankgiro>9912346</bankgiro>"));
    /// assert!(!format!("{supplier:?}").contains("9912346"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::blank()
        }
    }
}
