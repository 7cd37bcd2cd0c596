//! What holds for every request: token, company, paths, methods, bodies, errors.

mod common;

use common::{answer, call, created, get, invoice, put, row, sandbox, seed};
use kleer_model::{
    Client, ClientDeliveryType, ClientInvoiceTemplate, CompanyId, CompanyInformation, Document,
    List,
    endpoint::{self, Scope},
};
use kleer_sandbox::{Sandbox, Seed, StartError};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_token_must_be_there_and_right() {
    let sandbox = Sandbox::builder().token("right").start().await.unwrap();
    let url = format!("{}/company/4875/client", sandbox.base_url());
    let http = reqwest::Client::new();
    assert!(answer(http.get(&url)).await.error(401).contains("X-Token"));
    answer(http.get(&url).header("X-Token", "wrong"))
        .await
        .error(401);
    answer(http.get(&url).header("X-Token", ""))
        .await
        .error(401);
    answer(http.get(&url).header("Authorization", "Bearer right"))
        .await
        .error(401);
    assert_eq!(
        answer(http.get(&url).header("x-token", "right"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_company_must_be_the_token_s() {
    let sandbox = Sandbox::builder()
        .company(CompanyId(12))
        .start()
        .await
        .unwrap();
    let at = |company: &str| {
        let url = format!("{}/company/{company}/client", sandbox.base_url());
        answer(
            reqwest::Client::new()
                .get(url)
                .header("X-Token", sandbox.token()),
        )
    };
    assert_eq!(at("12").await.status, 200);
    assert!(
        at("4875")
            .await
            .error(403)
            .starts_with("SingleAccessDeniedException")
    );
    at("twelve").await.error(404);
}

#[tokio::test]
async fn unknown_paths_and_ids_are_404() {
    let sandbox = sandbox().await;
    for path in [
        "clients",
        "client/17/x",
        "client/",
        "",
        "product/abc",
        "client/999",
        "product/99",
    ] {
        get(&sandbox, path).await.error(404);
    }
    get(&sandbox, "client/invoice/99").await.error(404);
    put(&sandbox, "nothing", &Client::new("A", "SE"))
        .await
        .error(404);
    common::post(&sandbox, "client/999", &Client::new("A", "SE"))
        .await
        .error(404);
    common::delete(&sandbox, "client/999").await.error(404);
}

#[tokio::test]
async fn a_known_path_with_another_method_names_the_methods() {
    let sandbox = sandbox().await;
    let message = common::post(&sandbox, "client", &Client::new("A", "SE"))
        .await
        .error(405);
    assert!(message.contains("GET, PUT"), "{message}");
    call(&sandbox, Method::PATCH, "client/17", String::new())
        .await
        .error(405);
    assert_eq!(sandbox.clients().len(), 1);
}

#[tokio::test]
async fn answers_are_xml_without_a_declaration() {
    let sandbox = sandbox().await;
    let clients = get(&sandbox, "client").await;
    assert_eq!(clients.content_type, "application/xml;charset=UTF-8");
    assert!(
        clients.text.starts_with("<clients><client><id>17</id>"),
        "{}",
        clients.text
    );
}

#[tokio::test]
async fn every_endpoint_of_the_table_is_routed() {
    let sandbox = sandbox().await;
    let id = created(&sandbox, "client/invoice", &invoice(vec![row("1", 100)]))
        .await
        .to_string();
    sandbox.clear_requests();
    let of_company = endpoint::ALL.iter().copied();
    let of_company: Vec<_> = of_company
        .filter(|one| one.scope == Scope::Company)
        .collect();
    for &endpoint in &of_company {
        let values: Vec<_> = endpoint
            .parameters()
            .map(|name| match name {
                "client-invoice-id" => (name, id.as_str()),
                "client-id" => (name, "17"),
                "product-id" => (name, "3"),
                "user-id" => (name, "101"),
                _ => (name, "1"),
            })
            .collect();
        let path = endpoint.fill(&values).unwrap().join("/");
        let method = endpoint.method.as_str().parse().unwrap();
        let answer = call(&sandbox, method, &path, String::new()).await;
        assert!(
            answer.status != 501 && answer.status != 405,
            "{endpoint:?}: {answer:?}"
        );
        if answer.status == 200 && endpoint.response_media.is_none() {
            let root = answer.text.trim_start_matches('<');
            let root = root.split([' ', '>', '/']).next().unwrap();
            assert!(endpoint.response.contains(&root), "{endpoint:?}: {root}");
        }
    }
    sandbox.assert_requests(&of_company);
}

#[tokio::test]
async fn a_bad_body_is_400_and_names_the_place() {
    let sandbox = sandbox().await;
    let send = |body: &str| call(&sandbox, Method::PUT, "client", body.to_owned());
    assert!(send("").await.error(400).contains("<client>"));
    assert!(send("no XML").await.error(400).contains("line 1"));
    assert!(
        send("<product/>")
            .await
            .error(400)
            .contains("<product>, expected <client>")
    );
    let message = send("<client>\n<id>0</id>\n<foreign-id/></client>")
        .await
        .error(400);
    assert!(
        message.contains("<name> is missing") && message.contains("line 3"),
        "{message}"
    );

    let xml = Client::new("A", "SE").to_xml().unwrap();
    let bad = xml.replace("<payment-days>30<", "<payment-days>trettio<");
    assert!(send(&bad).await.error(400).contains("client/payment-days"));
    let doctype = format!("<!DOCTYPE client [<!ENTITY x 'y'>]>{xml}");
    send(&doctype).await.error(400);
    assert_eq!(sandbox.clients().len(), 1);
}

#[tokio::test]
async fn strict_refuses_what_the_schema_does_not_have_and_lenient_keeps_it() {
    let xml = Client::new("A", "SE").to_xml().unwrap();
    let unknown = xml.replace("<contact/>", "<contact/><shoe-size>44</shoe-size>");
    let shuffled = xml.replace("<id>0</id><foreign-id/>", "<foreign-id/><id>0</id>");
    assert!(unknown != xml && shuffled != xml);

    let strict = sandbox().await;
    let send = |body: &String| call(&strict, Method::PUT, "client", body.clone());
    assert!(send(&unknown).await.error(400).contains("shoe-size"));
    send(&shuffled).await.error(400);
    assert_eq!(send(&xml).await.status, 200);
    assert!(
        get(&strict, "client?filter=all")
            .await
            .error(400)
            .contains("it has: none")
    );
    let typo = get(
        &strict,
        "client/invoice?filter=all&invoiceDateLover=2026-01-01",
    )
    .await;
    assert!(typo.error(400).contains("invoiceDateLower"));
    assert!(
        get(&strict, "client/invoice?query=a&query=b")
            .await
            .error(400)
            .contains("twice")
    );

    let lenient = Sandbox::builder().strict(false).start().await.unwrap();
    for body in [&unknown, &shuffled] {
        let answer = call(&lenient, Method::PUT, "client", body.clone()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let list = get(&lenient, "client?filter=all").await;
    assert_eq!(list.status, 200);
    assert!(
        list.text.contains("<contact/><shoe-size>44</shoe-size>"),
        "{}",
        list.text
    );
}

#[tokio::test]
async fn the_content_type_does_not_matter_unless_it_is_json() {
    let sandbox = sandbox().await;
    let url = format!(
        "{}/company/{}/client",
        sandbox.base_url(),
        sandbox.company()
    );
    let put = |content_type: &str, body: String| {
        let request = reqwest::Client::new()
            .put(&url)
            .header("X-Token", sandbox.token());
        answer(request.header("Content-Type", content_type).body(body))
    };
    let xml = || Client::new("A", "SE").to_xml().unwrap();
    for content_type in [
        "text/plain; charset=utf-8",
        "application/xml",
        "text/xml",
        "x",
    ] {
        assert_eq!(put(content_type, xml()).await.status, 200, "{content_type}");
    }
    let json = r#"{"name":"A","country-code":"SE"}"#.to_owned();
    let message = put("application/xml", json.clone()).await.error(400);
    assert!(
        message.contains("Content-Type: application/json"),
        "{message}"
    );
    for content_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "a/b+json",
    ] {
        let answer = put(content_type, json.clone()).await;
        assert_eq!(answer.status, 200, "{content_type}: {answer:?}");
        let answer = put(content_type, xml()).await;
        assert_eq!(answer.status, 400, "{content_type}");
        assert!(answer.text.contains("is XML"), "{answer:?}");
    }
    assert_eq!(sandbox.clients().len(), 1 + 4 + 3);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_and_the_answer_arrives() {
    let sandbox = Sandbox::builder()
        .max_body_bytes(2_000)
        .start()
        .await
        .unwrap();
    let small = Client::new("A", "SE");
    assert_eq!(put(&sandbox, "client", &small).await.status, 200);
    // Large enough not to fit into the socket's buffers: the caller is still sending when the
    // answer comes.
    let large = Client::new("A".repeat(20_000_000), "SE");
    let message = put(&sandbox, "client", &large).await.error(413);
    assert!(message.contains("2000 bytes"), "{message}");
    assert_eq!(sandbox.clients().len(), 1);
    assert!(sandbox.requests()[1].body.is_empty());
}

#[tokio::test]
async fn the_company_s_set_up_can_be_read() {
    let mut information = CompanyInformation::new("Provbolaget AB", "559990-0015", "SEK");
    information.bankgiro = Some(50_506_680);
    let seed = seed().company_information(information.clone());
    let sandbox = Sandbox::builder().seed(seed).start().await.unwrap();
    assert_eq!(
        get(&sandbox, "info").await.document::<CompanyInformation>(),
        information
    );

    let types: List<ClientDeliveryType> = get(&sandbox, "client/deliverytype").await.document();
    let defaults = types.iter().filter(|kind| kind.default).count();
    assert!(types.len() > 1 && defaults == 1, "{types:?}");
    let templates = get(&sandbox, "client/invoice/template").await;
    assert!(templates.document::<List<ClientInvoiceTemplate>>().len() > 1);
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let running = sandbox().await;
    let port: u16 = running
        .base_url()
        .rsplit([':', '/'])
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let error = Sandbox::builder().port(port).start().await.unwrap_err();
    assert!(matches!(error, StartError::Bind { .. }) && error.to_string().contains("port"));
    for token in ["", "två", "a b"] {
        let error = Sandbox::builder().token(token).start().await.unwrap_err();
        assert!(matches!(error, StartError::Token), "{token}");
    }
    let mut client = Client::new("A", "SE");
    client.id = common::CLIENT;
    let error = Sandbox::builder()
        .seed(seed().client(client))
        .start()
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StartError::Seed(why) if why.contains("client 17")),
        "{error}"
    );
}

#[tokio::test]
async fn shutting_down_and_dropping_free_the_port() {
    let first = sandbox().await;
    let url = first.base_url().to_owned();
    let port: u16 = url.rsplit([':', '/']).nth(1).unwrap().parse().unwrap();
    // A connection that is kept alive must not hold the shutdown up.
    let http = reqwest::Client::new();
    answer(http.get(&url)).await.error(401);
    let started = std::time::Instant::now();
    first.shutdown().await;
    assert!(
        started.elapsed() < std::time::Duration::from_millis(900),
        "{:?}",
        started.elapsed()
    );
    assert!(http.get(&url).send().await.is_err());

    let second = Sandbox::builder()
        .seed(Seed::new())
        .port(port)
        .start()
        .await
        .unwrap();
    answer(http.get(&url)).await.error(401);
    drop(second);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(http.get(&url).send().await.is_err());
}

#[tokio::test]
async fn shutting_down_lets_a_request_end() {
    let sandbox = sandbox().await;
    sandbox.fail_next(kleer_sandbox::Fault::Delay(
        std::time::Duration::from_millis(300),
    ));
    let url = format!(
        "{}/company/{}/client",
        sandbox.base_url(),
        sandbox.company()
    );
    let request = reqwest::Client::new()
        .get(url)
        .header("X-Token", sandbox.token());
    let pending = tokio::spawn(answer(request));
    while sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.shutdown().await;
    assert_eq!(pending.await.unwrap().status, 200);
}

#[tokio::test]
async fn what_is_no_http_does_not_hurt_the_server() {
    let sandbox = sandbox().await;
    let address = sandbox
        .base_url()
        .trim_start_matches("http://")
        .trim_end_matches("/v1");
    let address = address.to_owned();
    let noise = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        for noise in [
            &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
            b"GET\r\n\r\n",
            b"PUT /v1/company/4875/client HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n<cli",
            b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\n\r\nZZ\r\n",
            b"\0\0\0\0",
        ] {
            let mut stream = std::net::TcpStream::connect(&address).unwrap();
            stream.write_all(noise).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    noise.await.unwrap();
    assert_eq!(get(&sandbox, "client").await.status, 200);
    assert_eq!(sandbox.clients().len(), 1);
}

#[tokio::test]
async fn a_caller_that_reads_only_after_it_has_sent_gets_its_413_too() {
    let sandbox = Sandbox::builder()
        .max_body_bytes(2_000)
        .start()
        .await
        .unwrap();
    let address = sandbox
        .base_url()
        .trim_start_matches("http://")
        .trim_end_matches("/v1");
    let (address, token) = (address.to_owned(), sandbox.token().to_owned());
    let answer = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let body = vec![b' '; 20_000_000];
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "PUT /v1/company/4875/client HTTP/1.1\r\nHost: x\r\nX-Token: {token}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        )
        .unwrap();
        stream.write_all(&body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn what_xml_cannot_carry_is_refused_before_it_breaks_the_lists() {
    let sandbox = common::sandbox().await;
    for body in [
        json!({"name": "A\u{0}B", "country-code": "SE"}),
        json!({"name": "A", "country-code": "SE", "address": {"state": "\u{FFFE}"}}),
    ] {
        let refused = common::json(&sandbox, "PUT", "client", Some(body)).await;
        let message = refused.error(400);
        assert!(
            message.contains("client/") && message.contains("U+"),
            "{message}"
        );
    }
    let xml = "<client><name>A\u{1}B</name></client>".to_owned();
    let refused = call(&sandbox, Method::PUT, "client", xml).await.error(400);
    assert!(refused.contains("U+0001"), "{refused}");
    assert_eq!(get(&sandbox, "client").await.status, 200);
    assert_eq!(sandbox.clients().len(), 1);
}

/// They would be those of the XML that the sandbox makes of it.
#[tokio::test]
async fn what_is_wrong_with_json_is_told_by_its_place_and_not_by_lines() {
    let sandbox = common::sandbox().await;
    let body = json!({"name": "A", "country-code": "SE", "payment-days": "soon"});
    let refused = common::json(&sandbox, "PUT", "client", Some(body)).await;
    let message = refused.error(400);
    assert!(message.contains("client/payment-days"), "{message}");
    assert!(!message.contains("line"), "{message}");
}
