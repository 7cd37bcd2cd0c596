//! A program in which another crate has switched on decompression for every user of reqwest.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod support;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use kleer_client::ErrorKind;
use support::{Manner, RoughServer, builder};

#[tokio::test]
async fn a_bomb_is_refused_before_it_is_unpacked() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(b"<company-information><name>").unwrap();
    for _ in 0..32 {
        bomb.write_all(&vec![b'a'; 1024 * 1024]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 64 * 1024, "{}", bomb.len());
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-encoding: gzip\r\n\
         content-length: {}\r\n\r\n",
        bomb.len()
    )
    .into_bytes();
    answer.extend(bomb);
    let server = RoughServer::start([Manner::Say(answer)]).await;
    let kleer = builder(&server.url).build().unwrap();
    let error = kleer.company_information().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongContentType, "{error}");
    assert!(error.to_string().contains("compressed"), "{error}");
    let request = server.requests().concat().to_lowercase();
    assert!(!request.contains("accept-encoding"), "{request}");
}
