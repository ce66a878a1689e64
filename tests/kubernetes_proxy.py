"""Stands between an engine and a cluster's API server and does to their conversation what networks do."""

from __future__ import annotations

import asyncio
import re
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kubernetes import way, written

_REQUEST = re.compile(rb"^([A-Z]+) (\S+) HTTP/1\.1\r\n")
_HERE = "127.0.0.1"


class Proxy:
    """An API server with a certificate of its own that passes everything on, except what it is told to lose. It needs
    no credentials: who asks here is who the tests' kubeconfig is of."""

    def __init__(self, directory: Path) -> None:
        self._pair = directory / "proxy.pem"
        self.ca = certificate(self._pair)
        self._lose: re.Pattern[str] | None = None
        self._drop: re.Pattern[str] | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self.requests: list[str] = []

    async def start(self) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._pair)
        self._server = await asyncio.start_server(self._serve, _HERE, 0, ssl=context)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    @property
    def kubeconfig(self) -> str:
        """How to get here."""
        return written(f"https://{_HERE}:{self._port}", ca=self.ca)

    def lose(self, pattern: str) -> None:
        """A request such as `PATCH /apis/apps/v1/namespaces/x/deployments/web` that matches reaches the server, and its
        answer is lost together with the connection."""
        self._lose = re.compile(pattern)

    def drop(self, pattern: str) -> None:
        """A request that matches never reaches the server: the connection ends."""
        self._drop = re.compile(pattern)

    def pass_on(self) -> None:
        """From now on, nothing is lost."""
        self._lose = self._drop = None

    def cut(self) -> None:
        """Ends every connection that is open."""
        for end in list(self._ends):
            end.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(way().server)
        there = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=way().context)
        self._ends |= {writer, there[1]}
        losing = asyncio.Event()
        ways = [
            asyncio.create_task(self._asked(reader, there[1], losing)),
            asyncio.create_task(_answered(there[0], writer, losing)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ways:
                task.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, there[1]):
                end.transport.abort()
                self._ends.discard(end)

    async def _asked(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, losing: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            if found := _REQUEST.match(data):
                request = f"{found[1].decode()} {found[2].decode()}"
                if self._drop and self._drop.match(request):
                    return
                self.requests.append(request)
                if self._lose and self._lose.match(request):
                    losing.set()
            writer.write(data)
            await writer.drain()


async def _answered(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, losing: asyncio.Event
) -> None:
    while data := await reader.read(65536):
        if losing.is_set():
            return
        writer.write(data)
        await writer.drain()


def certificate(target: Path, *, address: str = _HERE) -> str:
    """A server's certificate that vouches for itself: PEM; with its key in the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a proxy of tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    target.write_bytes(pem + private)
    return pem.decode()
