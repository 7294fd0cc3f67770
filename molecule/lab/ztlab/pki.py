# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Certificates of a cluster, laid out as kubeadm does, and the kubeconfigs made of them."""

from __future__ import annotations

import base64
import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=365)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Authority:
    """A certificate authority whose files are <folder>/<name>.crt and .key."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.certificate_file = folder, folder / f"{name}.crt"
        key_file = folder / f"{name}.key"
        folder.mkdir(parents=True, exist_ok=True)
        if not key_file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"lab-{name}")])
            certificate = (
                _builder(subject, subject, key, signs=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                .sign(key, hashes.SHA256())
            )
            _write(self.certificate_file, _pem(certificate))
            _write(key_file, _key_pem(key))
        self._key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        self._certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())

    def issue(self, name: str, common_name: str, *, organization: str = "", hosts: tuple[str, ...] = ()) -> None:
        """Issue <folder>/<name>.crt and .key for a client, or for a server when it has hosts."""
        certificate_file, key_file = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        if certificate_file.exists():
            return
        key = ec.generate_private_key(ec.SECP256R1())
        subject = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
        if organization:
            subject.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if hosts else [])]
        issuer = self._certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = (
            _builder(x509.Name(subject), self._certificate.subject, key, signs=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        )
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
        _write(key_file, _key_pem(key))
        _write(certificate_file, _pem(builder.sign(self._key, hashes.SHA256())))  # type: ignore[arg-type]

    def kubeconfig(self, client: str, server: str) -> str:
        """A kubeconfig, everything inline, for a client this authority issued."""

        def inline(path: Path) -> str:
            return base64.b64encode(path.read_bytes()).decode()

        user = {
            "client-certificate-data": inline(self.folder / f"{client}.crt"),
            "client-key-data": inline(self.folder / f"{client}.key"),
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": "lab", "cluster": {"server": server, "certificate-authority-data": inline(self.certificate_file)}}
            ],
            "users": [{"name": client, "user": user}],
            "contexts": [{"name": client, "context": {"cluster": "lab", "user": client}}],
            "current-context": client,
        }
        return yaml.safe_dump(config, sort_keys=False)


def service_account_key(folder: Path) -> None:
    """The key pair that signs service account tokens."""
    if not (folder / "sa.key").exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write(
            folder / "sa.pub",
            key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        )
        _write(folder / "sa.key", _key_pem(key))


def _builder(subject: x509.Name, issuer: x509.Name, key: Key, *, signs: bool) -> x509.CertificateBuilder:
    """What every certificate has, as kubeadm makes them: Python 3.13 trusts no chain without key usage and key identifiers."""
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        key_cert_sign=signs,
        crl_sign=False,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=signs, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)
