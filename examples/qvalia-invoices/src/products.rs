//! Creates products.
//!
//! Not by [`create_all_once`](kleer_client::Kleer::create_all_once): that writes its own key into
//! `foreign-id`, where a product has the seller's item number, by which people and later invoices
//! find it. The item number is the key.

use std::collections::HashMap;

use kleer_client::Outcome as Effect;
use kleer_model::{ClientKey, Product};

use crate::kleer_records::complete;
use crate::outcome::Stop;
use crate::poster::Poster;

impl Poster {
    /// Creates products that no foreign id in Kleer's list is the same as, and takes them into the
    /// catalogue. The answer names those that are not there afterwards. None is sent twice.
    pub(crate) async fn create_products(
        &mut self,
        products: Vec<Product>,
    ) -> HashMap<String, Stop> {
        let mut failed = HashMap::new();
        let mut unknown = Vec::new();
        for mut product in products {
            let key = ClientKey::new(&self.connection, "product", &product.foreign_id);
            if let Err(stop) = self.free_of_doubt(key) {
                failed.insert(product.foreign_id, stop);
                continue;
            }
            match self.kleer.products().create(&product).await {
                Ok(created) => {
                    product.id = created.id;
                    self.catalogue.insert(&product);
                }
                Err(error) if error.outcome() == Effect::NotCarriedOut => {
                    failed.insert(product.foreign_id, self.failed(&error));
                }
                Err(_) => unknown.push((key, product)),
            }
        }
        if unknown.is_empty() {
            return failed;
        }
        tokio::time::sleep(self.options.settle).await;
        let listed = match self.kleer.products().list().await {
            Ok(list) => complete(list, "products").map_err(|error| error.to_string()),
            Err(error) => Err(crate::outcome::explain(&error)),
        };
        for (key, mut product) in unknown {
            let same = |known: &&Product| known.foreign_id.trim() == product.foreign_id;
            let why = match &listed {
                Ok(listed) => match listed.iter().filter(same).collect::<Vec<_>>().as_slice() {
                    [one] => {
                        product.id = one.id;
                        self.catalogue.insert(&product);
                        continue;
                    }
                    [] => "it is not in the list of products".to_owned(),
                    several => format!("it is in the list of products {} times", several.len()),
                },
                Err(why) => why.clone(),
            };
            let text = format!("the create of a product was not answered, and {why}");
            let advice = ". It may still take effect. Nothing is repeated; reprocess later, which \
                          looks for it first";
            let stop = self.doubtful(key, &text, advice);
            failed.insert(product.foreign_id, stop);
        }
        failed
    }
}
