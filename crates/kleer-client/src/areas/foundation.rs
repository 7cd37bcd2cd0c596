//! Foundations: grants, payments, repayments.

use kleer_model::{
    CreateFoundationGrant, CreateFoundationGrantPayment, CreateFoundationGrantRepayment,
    FoundationGrantId, FoundationGrantPaymentId, FoundationGrantPaymentReadable,
    FoundationGrantReadable, FoundationGrantRepaymentId, FoundationGrantRepaymentReadable,
    FoundationGrantReturn, FoundationGrantUpdate, SubFoundationReadable,
    UpdateFoundationGrantPayment,
};

use super::{area, once};

area! {
    /// The grants of a foundation. From [`Kleer::foundation`](crate::Kleer::foundation).
    Foundation {
        /// Grants, page by page.
        paged grants() -> FoundationGrantReadable = FOUNDATION_GRANT_LIST inferred;
        /// One grant.
        read grant(id: FoundationGrantId => "foundation-grant-id") -> FoundationGrantReadable = FOUNDATION_GRANT_READ inferred;
        /// Makes a grant. Rather use [`create_once`](Self::create_once).
        create create_grant(; grant: &CreateFoundationGrant) -> FoundationGrantId = FOUNDATION_GRANT_CREATE inferred;
        /// Changes a grant.
        update update_grant(id: FoundationGrantId => "foundation-grant-id"; grant: &FoundationGrantUpdate) -> FoundationGrantId = FOUNDATION_GRANT_UPDATE inferred;
        /// Says that a grant is returned.
        update return_grant(id: FoundationGrantId => "foundation-grant-id"; returned: &FoundationGrantReturn) -> FoundationGrantId = FOUNDATION_GRANT_RETURN inferred;
    }
}

once!(Foundation: CreateFoundationGrant, "the grants");

impl<'a> Foundation<'a> {
    /// Payments out of grants.
    pub fn payments(&self) -> FoundationPayments<'a> {
        FoundationPayments::at(self.at)
    }

    /// Repayments of grants.
    pub fn repayments(&self) -> FoundationRepayments<'a> {
        FoundationRepayments::at(self.at)
    }

    /// The foundations that the company administers.
    pub fn sub_foundations(&self) -> SubFoundations<'a> {
        SubFoundations::at(self.at)
    }
}

area! {
    /// Payments out of grants. From [`Foundation::payments`].
    FoundationPayments {
        /// Payments, page by page.
        paged list() -> FoundationGrantPaymentReadable = FOUNDATION_GRANT_PAYMENT_LIST inferred;
        /// One payment.
        read get(id: FoundationGrantPaymentId => "foundation-grant-payment-id") -> FoundationGrantPaymentReadable = FOUNDATION_GRANT_PAYMENT_READ inferred;
        /// Pays out of a grant. Rather use [`create_once`](Self::create_once).
        create create(; payment: &CreateFoundationGrantPayment) -> FoundationGrantPaymentId = FOUNDATION_GRANT_PAYMENT_CREATE inferred;
        /// Changes a payment.
        update update(id: FoundationGrantPaymentId => "foundation-grant-payment-id"; payment: &UpdateFoundationGrantPayment) -> FoundationGrantPaymentId = FOUNDATION_GRANT_PAYMENT_UPDATE inferred;
    }
}

once!(FoundationPayments: CreateFoundationGrantPayment, "the payments");

area! {
    /// Repayments of grants. From [`Foundation::repayments`].
    FoundationRepayments {
        /// Repayments, page by page.
        paged list() -> FoundationGrantRepaymentReadable = FOUNDATION_GRANT_REPAYMENT_LIST inferred;
        /// One repayment.
        read get(id: FoundationGrantRepaymentId => "foundation-grant-repayment-id") -> FoundationGrantRepaymentReadable = FOUNDATION_GRANT_REPAYMENT_READ inferred;
        /// Books a repayment. Its foreign id cannot be read again: take the list before.
        create create(; repayment: &CreateFoundationGrantRepayment) -> FoundationGrantRepaymentId = FOUNDATION_GRANT_REPAYMENT_CREATE inferred;
    }
}

area! {
    /// The foundations that the company administers. From [`Foundation::sub_foundations`].
    SubFoundations {
        /// The foundations, page by page.
        paged list() -> SubFoundationReadable = SUB_FOUNDATION_LIST inferred;
        /// One foundation; its id is a text.
        read get(id: &str => "sub-foundation-id") -> SubFoundationReadable = SUB_FOUNDATION_READ inferred;
    }
}
