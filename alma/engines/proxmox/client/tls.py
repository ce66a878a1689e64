"""Proves that a node is the one meant, by a CA or by its certificate's fingerprint, and says what to do when it is not.

There is no way to switch the proof off. Proxmox makes its own CA, so a fresh cluster is not trusted by any system: the
messages lead to the two files that settle it.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509

from alma.core.model.errors import EngineUnavailable
from alma.engines.proxmox.settings import ProxmoxSettings

CHECK = (
    "openssl x509 -fingerprint -sha256 -noout -in /etc/pve/local/pveproxy-ssl.pem "
    "(or pve-ssl.pem, where there is no pveproxy-ssl.pem)"
)
_HOSTNAME_MISMATCH = frozenset({62, 64})  # of OpenSSL: host name, IP address
_UNKNOWN_CA = frozenset({18, 19, 20, 21})
_WAIT = 10


class Pins(aiohttp.Fingerprint):
    """Several fingerprints: each node of a cluster has a certificate of its own."""

    def __init__(self, fingerprints: Sequence[str]) -> None:
        self._digests = [bytes.fromhex(text.replace(":", "")) for text in fingerprints]
        super().__init__(self._digests[0])

    def check(self, transport: asyncio.Transport) -> None:
        """Raises ServerFingerprintMismatch when none of them fits."""
        for digest in self._digests[:-1]:
            try:
                return aiohttp.Fingerprint(digest).check(transport)
            except aiohttp.ServerFingerprintMismatch:
                continue
        return aiohttp.Fingerprint(self._digests[-1]).check(transport)


def trust(settings: ProxmoxSettings) -> ssl.SSLContext | aiohttp.Fingerprint:
    """What every connection is held against. Raises EngineUnavailable when the CA file can't be used."""
    if settings.fingerprints:
        return Pins(settings.fingerprints)
    if settings.ca_file is None:
        return ssl.create_default_context()
    try:
        if (
            not settings.ca_file.is_file()
        ):  # what is none, such as a pipe or a device, might be read for ever
            raise FileNotFoundError(errno.ENOENT, "there is no such file")
        context = ssl.create_default_context(cafile=str(settings.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise EngineUnavailable(
            f"The CA file {settings.ca_file} can't be used: {error.strerror or error}",
            hint="copy /etc/pve/pve-root-ca.pem from a node, and give its path",
        ) from error
    # Proxmox's own CA lacks extensions that newer Pythons insist on; a node's own certificate may be given instead of
    # a CA.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


@dataclass(frozen=True)
class Presented:
    """The certificate that a node shows, proved or not."""

    fingerprint: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """Why a node was not believed, and what settles it."""

    text: str
    hint: str


async def explain(url: str, error: Exception) -> Problem | None:
    """What is wrong with the certificate; None when the error is about something else."""
    if isinstance(error, aiohttp.ServerFingerprintMismatch):
        shown = _written(error.got)
        return Problem(
            f"{url} shows a certificate with another fingerprint: {shown}",
            f"if the node has a new certificate, compare on the node itself: {CHECK}; "
            "put the new fingerprint into the settings only when it is the same",
        )
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _of_certificate(url, error.certificate_error, await presented(url))
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return Problem(
            f"{url} does not speak TLS as expected ({error.os_error.__class__.__name__})",
            "check that the port is that of the web interface (8006)",
        )
    return None


def _of_certificate(url: str, error: Exception, shown: Presented | None) -> Problem:
    code = getattr(error, "verify_code", None)
    fingerprint = f" (SHA-256 {shown.fingerprint})" if shown else ""
    if code in _HOSTNAME_MISMATCH:
        names = ", ".join(shown.names) if shown and shown.names else "another name"
        return Problem(
            f"{url} shows a certificate{fingerprint} for other names: {names}",
            "write the url with one of these names, or pin the fingerprint after comparing it on the node: "
            + CHECK,
        )
    if code in _UNKNOWN_CA:
        return Problem(
            f"{url} shows a certificate{fingerprint} from a CA that is not trusted here",
            "give /etc/pve/pve-root-ca.pem of the cluster as the CA file, or the fingerprint after comparing it on "
            f"the node: {CHECK}",
        )
    reason = getattr(error, "verify_message", None) or str(error)
    return Problem(
        f"{url} shows a certificate{fingerprint} that can't be accepted: {reason}",
        "renew it on the node (`pvecm updatecerts --force`), and check the clocks on both sides",
    )


async def presented(url: str) -> Presented | None:
    """The certificate that a node shows, without believing it: the connection carries nothing and is closed at once."""
    parts = urlsplit(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(_WAIT):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=context)
    except (OSError, TimeoutError):
        return None
    try:
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
    return Presented(_written(hashlib.sha256(der).digest()), _names(der))


def _written(digest: bytes) -> str:
    return digest.hex(":").upper()


def _names(der: bytes) -> tuple[str, ...]:
    certificate = x509.load_der_x509_certificate(der)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = found.get_values_for_type(x509.IPAddress)
    return (*found.get_values_for_type(x509.DNSName), *map(str, addresses))
