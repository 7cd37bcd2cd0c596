//! Where documents are posted to: a real Kleer, or a sandbox that ends with the program.

use kleer_client::{Kleer, SecretString};
use kleer_model::{
    Cents, Client, CompanyId, CompanyInformation, Product, ProductId, Rate, RateUnit,
};
use kleer_sandbox::{Sandbox, Seed};

use crate::arguments::TargetArguments;
use crate::run::RunError;

/// Where documents are posted to.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) kleer: Kleer,
    pub(crate) sandbox: Option<Sandbox>,
}

impl Connected {
    pub(crate) async fn open(arguments: &TargetArguments, is_demo: bool) -> Result<Self, RunError> {
        if let (Some(url), Some(company), Some(token)) =
            (&arguments.base_url, arguments.company(), &arguments.token)
        {
            let kleer = Kleer::builder(company)
                .token(token.clone())
                .base_url(url)
                .build()?;
            return Ok(Self {
                kleer,
                sandbox: None,
            });
        }
        let seed = if is_demo { demo_company() } else { Seed::new() };
        let sandbox = Sandbox::builder()
            .rate_unit(RateUnit::Percent)
            .seed(seed)
            .start()
            .await?;
        let kleer = kleer_of(&sandbox)?;
        Ok(Self {
            kleer,
            sandbox: Some(sandbox),
        })
    }
}

fn kleer_of(sandbox: &Sandbox) -> Result<Kleer, kleer_client::Error> {
    Kleer::builder(CompanyId(sandbox.company().0))
        .token(SecretString::from(sandbox.token().to_owned()))
        .base_url(sandbox.base_url())
        .build()
}

/// The company of the demo: one client and one product are there already, the rest is created.
fn demo_company() -> Seed {
    let mut client = Client::new("Provköpings kommun", "SE");
    client.orgno = "202100-5489".to_owned();
    let mut product = Product::new("Konsulttimme", "tim", Cents(95_000));
    product.id = ProductId(1);
    product.foreign_id = "KT-1".to_owned();
    product.vat_percentage = Some(Rate(25.into()));
    Seed::new()
        .company_information(CompanyInformation::new(
            "Exempelbyrån AB",
            "556016-0680",
            "SEK",
        ))
        .client(client)
        .product(product)
}
