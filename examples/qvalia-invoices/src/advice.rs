//! What somebody at the command line can do about a refusal.

use kleer_connect::invoices::Target;
use kleer_invoice::{Reason, ReasonCode};

/// Which option of this program to set, where there is one.
pub fn advice(reason: &Reason, target: Target) -> Option<&'static str> {
    Some(match reason.code {
        ReasonCode::Prepaid => {
            "register the payment in Kleer by hand, or post with --prepaid carry-in-notes"
        }
        ReasonCode::CreditedInvoiceUnknown => match target {
            Target::ClientInvoice => {
                "post the invoice that is credited, certify it in Kleer, then reprocess this one"
            }
            Target::Revenue => "post the invoice that is credited, then reprocess this one",
        },
        ReasonCode::UnknownProduct => {
            "create a product with this foreign id in Kleer, or post with --unknown-product \
             create or default-product"
        }
        ReasonCode::NoDefaultProduct if reason.subject == "BT-113" => {
            "name one as prepaid_product in --settings"
        }
        ReasonCode::NoDefaultProduct => "name one with --default-product",
        ReasonCode::VatMismatch => {
            "correct the product's VAT rate in Kleer, or post with --vat-mismatch reroute"
        }
        ReasonCode::RuleBroken => "ask the sender for a corrected document",
        ReasonCode::NoLedger => "name one with --revenue-ledger",
        ReasonCode::UnknownProfile => {
            "accept it as one of profiles in --settings, or ask the sender for Peppol BIS \
             Billing 3"
        }
        ReasonCode::CorrectedInvoice => {
            "credit the original in full and post another invoice, or let it count as the \
             difference by corrected_invoice in --settings"
        }
        ReasonCode::NoDueDate => "choose another missing_due_date in --settings",
        ReasonCode::NoPaymentReference => {
            "choose what happens to letters by ocr in --settings, or switch OCR numbers off"
        }
        ReasonCode::UnusableSettings => "correct custom_fields in --settings",
        _ => return None,
    })
}
