//! Many clients with Swedish names and addresses, for runs with as many records as a real company
//! has. All of it is made up from lists, the same every time, and belongs to nobody.

use kleer_model::{Address, Client};

/// Towns, with a postcode and the form that begins a company's name.
const TOWNS: [(&str, &str, &str); 16] = [
    ("Björkvik", "641 00", "Björkviks"),
    ("Kiruna", "981 30", "Kiruna"),
    ("Västervik", "593 30", "Västerviks"),
    ("Simrishamn", "272 31", "Österlens"),
    ("Örebro", "702 10", "Örebro"),
    ("Umeå", "903 26", "Västerbottens"),
    ("Åre", "837 52", "Åre"),
    ("Göteborg", "411 04", "Göteborgs"),
    ("Malmö", "211 20", "Malmö"),
    ("Uppsala", "753 10", "Uppsala"),
    ("Falun", "791 30", "Falu"),
    ("Visby", "621 57", "Gotlands"),
    ("Sundsvall", "852 30", "Medelpads"),
    ("Växjö", "352 30", "Växjö"),
    ("Luleå", "972 31", "Luleå"),
    ("Ängelholm", "262 32", "Ängelholms"),
];

const TRADES: [&str; 20] = [
    "Bygg",
    "Måleri",
    "Åkeri",
    "Bageri",
    "Redovisning",
    "Trädgård",
    "El & Tele",
    "Rör",
    "Snickeri",
    "Städ",
    "Tryckeri",
    "Fastigheter",
    "Kött & Vilt",
    "Möbler",
    "Konsult",
    "Fiskrökeri",
    "Glasmästeri",
    "Båtvarv",
    "Apotek",
    "Skogsvård",
];

const STREETS: [&str; 12] = [
    "Storgatan",
    "Kungsgatan",
    "Järnvägsgatan",
    "Ringvägen",
    "Sågverksgatan",
    "Hamngatan",
    "Björkallén",
    "Östra Långgatan",
    "Kvarnvägen",
    "Industrivägen",
    "Kyrkogatan",
    "Åsgatan",
];

/// The client with this number, counted from 0: its foreign id is unique, its name is not for ever.
pub(crate) fn client(number: usize) -> Client {
    let pick = |step: usize, of: usize| (number / step) % of;
    let (town, zip, region) = TOWNS.get(pick(1, TOWNS.len())).copied().unwrap_or_default();
    let trade = TRADES
        .get(pick(TOWNS.len(), TRADES.len()))
        .copied()
        .unwrap_or_default();
    let street = STREETS
        .get(pick(3, STREETS.len()))
        .copied()
        .unwrap_or_default();
    let edition = number / (TOWNS.len() * TRADES.len());
    let name = match edition {
        0 => format!("{region} {trade} AB"),
        more => format!("{region} {trade} nr {} AB", more + 1),
    };
    let mut client = Client::new(name, "SE");
    client.foreign_id = format!("kund-{:05}", number + 1);
    client.email = format!("kund-{:05}@kund.example", number + 1);
    client.currency_type = Some("SEK".to_owned());
    client.address = Address::default();
    client.address.address2 = format!("{street} {}", number % 90 + 1);
    client.address.zip_code = zip.to_owned();
    client.address.state = town.to_owned();
    client.address.country = "Sverige".to_owned();
    client
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_have_the_same_name_or_key() {
        let clients: Vec<_> = (0..5_000).map(client).collect();
        let names: BTreeSet<_> = clients.iter().map(|client| &client.name).collect();
        let keys: BTreeSet<_> = clients.iter().map(|client| &client.foreign_id).collect();
        assert_eq!((names.len(), keys.len()), (5_000, 5_000));
        assert_eq!(clients[17].name, "Kiruna Måleri AB");
        assert_eq!(clients[4_999].name, "Göteborgs Kött & Vilt nr 16 AB");
    }
}
