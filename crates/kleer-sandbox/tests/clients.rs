//! Clients over HTTP.

mod common;

use common::{CLIENT, created, delete, get, invoice, post, put, row, sandbox};
use kleer_model::{
    Client, ClientBrokerId, ClientId, ClientInvoiceTemplateId, Deleted, DimensionEntryId, List,
    Nillable, Saved, UserId,
};
use kleer_sandbox::{Sandbox, Seed};

async fn client(sandbox: &Sandbox, id: i32) -> Client {
    get(sandbox, &format!("client/{id}")).await.document()
}

#[tokio::test]
async fn a_created_client_can_be_read_with_its_defaults() {
    let sandbox = sandbox().await;
    let mut new = Client::new("Åkes Äppelmust & Son <AB>", "SE");
    new.id = ClientId(4711); // Kleer gives ids
    new.foreign_id = "crm-1".to_owned();
    new.fetch_edi_recipient = Some(true);
    let id = created(&sandbox, "client", &new).await;
    assert_ne!(id, 4711);

    let read = client(&sandbox, id).await;
    let mut expected = new;
    expected.id = ClientId(id);
    expected.delivery_type = Some("Email".to_owned());
    expected.template = Nillable::Nil;
    expected.fetch_edi_recipient = None;
    expected.active = Some(true);
    assert_eq!(read, expected);
    let list: List<Client> = get(&sandbox, "client").await.document();
    assert_eq!(list.items, sandbox.clients());
    assert_eq!(list.items.last(), Some(&expected));
}

#[tokio::test]
async fn a_foreign_id_is_not_unique() {
    let sandbox = sandbox().await;
    let mut new = Client::new("A", "SE");
    new.foreign_id = "same".to_owned();
    let first = created(&sandbox, "client", &new).await;
    let second = created(&sandbox, "client", &new).await;
    assert_ne!(first, second);
}

#[tokio::test]
async fn an_update_keeps_what_the_schema_says_and_replaces_the_rest() {
    let sandbox = sandbox().await;
    let mut full = Client::new("A", "SE");
    full.notes = Some("gammalt".to_owned());
    full.delivery_type = Some("Mail".to_owned());
    full.template = Nillable::Value(ClientInvoiceTemplateId(2).into());
    full.approver = Nillable::Value(UserId(5).into());
    full.dimension_entries = Some(vec![DimensionEntryId(8).into()]);
    full.client_broker = Some(vec![ClientBrokerId(9).into()]);
    full.active = Some(false);
    let id = created(&sandbox, "client", &full).await;
    let path = format!("client/{id}");

    let mut change = Client::new("B", "NO");
    change.delivery_type = Some(String::new());
    assert_eq!(
        post(&sandbox, &path, &change).await.document::<Saved>().id,
        Some(id)
    );
    let read = client(&sandbox, id).await;
    let mut expected = full.clone();
    expected.id = ClientId(id);
    expected.name = "B".to_owned();
    expected.country_code = "NO".to_owned();
    expected.notes = None;
    assert_eq!(read, expected);

    change.delivery_type = Some("Efaktura".to_owned());
    change.template = Nillable::Nil;
    change.approver = Nillable::Nil;
    change.dimension_entries = Some(Vec::new());
    change.client_broker = Some(Vec::new());
    change.active = Some(true);
    post(&sandbox, &path, &change).await.document::<Saved>();
    let read = client(&sandbox, id).await;
    assert_eq!(read.delivery_type.as_deref(), Some("Efaktura"));
    assert_eq!(
        (read.template, read.approver),
        (Nillable::Nil, Nillable::Absent)
    );
    assert_eq!(read.dimension_entries, Some(Vec::new()));
    assert_eq!(read.client_broker, Some(Vec::new()));
    assert_eq!(read.active, Some(true));
}

#[tokio::test]
async fn a_template_must_exist() {
    let sandbox = sandbox().await;
    let mut new = Client::new("A", "SE");
    new.template = Nillable::Value(ClientInvoiceTemplateId(99).into());
    let message = put(&sandbox, "client", &new).await.error(500);
    assert!(message.contains("template 99"), "{message}");
    assert_eq!(sandbox.clients().len(), 1);
}

#[tokio::test]
async fn a_client_is_deleted_unless_it_has_invoices() {
    let sandbox = sandbox().await;
    let id = created(&sandbox, "client", &Client::new("A", "SE")).await;
    let path = format!("client/{id}");
    assert_eq!(
        delete(&sandbox, &path).await.document::<Deleted>().id,
        Some(id)
    );
    get(&sandbox, &path).await.error(404);
    delete(&sandbox, &path).await.error(404);

    created(&sandbox, "client/invoice", &invoice(vec![row("1", 100)])).await;
    let message = delete(&sandbox, &format!("client/{CLIENT}"))
        .await
        .error(500);
    assert!(
        message.contains("Exception: client 17 has invoices"),
        "{message}"
    );
}

#[tokio::test]
async fn the_demo_has_clients_and_an_inactive_one() {
    let sandbox = Sandbox::builder()
        .seed(Seed::new().demo())
        .start()
        .await
        .unwrap();
    let list: List<Client> = get(&sandbox, "client").await.document();
    assert!(list.iter().any(|client| client.active == Some(true)));
    assert!(list.iter().any(|client| client.active == Some(false)));
}
