"""How do the sandbox registrars prove who they are, and ask their clients to? By an authority made on this machine.

One folder holds an authority, a server's certificate for loopback and a client's certificate. They are made once, when
the folder has none, are for loopback only, and guard nothing but a sandbox.
"""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

GOOD_FOR = timedelta(days=800)
"""Below the 825 days that some clients still accept at most."""
BACKDATED = timedelta(days=1)
"""So that a client whose clock is a little behind finds the certificates valid already."""

_Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the PEM files of one folder are."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The authority's certificate: what a client verifies the server by."""
        return self.folder / "authority.pem"

    @property
    def server(self) -> Path:
        """The server's certificate and key in one file."""
        return self.folder / "server.pem"

    @property
    def client(self) -> Path:
        """A client's certificate and key in one file, for a registry that asks for one."""
        return self.folder / "client.pem"

    def server_context(self, *, client_certificate: bool) -> ssl.SSLContext:
        """Make the server's side of TLS, asking for a certificate of this authority if told."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.server)
        if client_certificate:
            context.load_verify_locations(self.authority)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def make_certificates(folder: Path) -> Certificates:
    """Find the certificates in `folder`, or make the folder and them."""
    certificates = Certificates(folder)
    if all(path.exists() for path in (certificates.authority, certificates.server, certificates.client)):
        return certificates
    folder.mkdir(parents=True, exist_ok=True)
    key, authority = _authority()
    certificates.authority.write_bytes(_pem(authority))
    _keep(certificates.server, *_signed("Sandbox registrar", key, authority, ExtendedKeyUsageOID.SERVER_AUTH))
    _keep(certificates.client, *_signed("Sandbox reseller", key, authority, ExtendedKeyUsageOID.CLIENT_AUTH))
    return certificates


def _authority() -> tuple[_Key, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Sandbox authority, trusted by nobody")
    builder = _builder(name, name, key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return key, builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def _signed(
    title: str, signer: _Key, authority: x509.Certificate, use: x509.ObjectIdentifier
) -> tuple[_Key, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("127.0.0.1", "::1")]
    certificate = (
        _builder(_name(title), authority.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), *addresses]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    return key, certificate


def _builder(subject: x509.Name, issuer: x509.Name, key: _Key) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + GOOD_FOR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(title: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _keep(path: Path, key: _Key, certificate: x509.Certificate) -> None:
    path.touch(mode=0o600)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + _pem(certificate))
