//! Talking to the server in private.

use std::sync::Arc;

use record_link::{StoreError, StoreErrorKind};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};

/// Whether the connection to the server is encrypted, and whom it trusts.
///
/// There is no mode that encrypts without verification: it keeps nobody away who can stand between.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Tls {
    /// As the URL says: `sslmode=disable` for [`Disabled`](Self::Disabled), and `require`,
    /// `verify-ca` or `verify-full` for [`Required`](Self::Required), which always verifies
    /// everything. A URL that does not say means `Required`, unless every host of it is this
    /// machine: a Unix socket, `localhost` or a loopback address.
    #[default]
    FromUrl,
    /// In the clear: for a server on this machine or behind a tunnel.
    Disabled,
    /// TLS 1.2 or 1.3, with a certificate for the host's name that is signed by a root that the
    /// operating system trusts.
    Required,
    /// The same, but only these roots are trusted: certificates in PEM, as the provider of a
    /// database gives them. (They are no secret.)
    RequiredWithRoots(String),
}

impl Tls {
    /// The configuration of the TLS that is asked for; `None` to talk in the clear.
    pub(crate) fn config(
        &self,
        server: &tokio_postgres::Config,
        url_says: Option<SslMode>,
    ) -> Result<Option<ClientConfig>, StoreError> {
        let roots = match self {
            Self::Disabled => return Ok(None),
            Self::FromUrl if url_says == Some(SslMode::Disable) => return Ok(None),
            Self::FromUrl if url_says.is_none() && is_local(server) => return Ok(None),
            Self::FromUrl | Self::Required => system_roots()?,
            Self::RequiredWithRoots(pem) => roots_of(pem)?,
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| refused("TLS cannot be set up"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Some(config))
    }
}

/// Whether nothing leaves this machine.
fn is_local(server: &tokio_postgres::Config) -> bool {
    let named = server.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    named
        && server
            .get_hostaddrs()
            .iter()
            .all(std::net::IpAddr::is_loopback)
}

fn system_roots() -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    // One certificate that cannot be read is no reason to trust none.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(refused(
            "the operating system trusts no certificate: give the root certificate of the server",
        ));
    }
    Ok(roots)
}

fn roots_of(pem: &str) -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let added = certificate.ok().map(|certificate| roots.add(certificate));
        if !matches!(added, Some(Ok(()))) {
            return Err(refused("a root certificate is not a certificate in PEM"));
        }
    }
    if roots.is_empty() {
        return Err(refused("the text of root certificates holds none in PEM"));
    }
    Ok(roots)
}

fn refused(detail: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Invalid).with_detail(detail)
}
