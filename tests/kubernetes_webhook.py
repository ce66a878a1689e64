"""An admission webhook on this machine that a cluster asks and that says no."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.kubernetes import Outside, way
from tests.kubernetes_proxy import certificate

_CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


def _seen_from_there() -> str:
    """This machine's address on the way to the cluster."""
    parts = urlsplit(way().server)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((parts.hostname, parts.port or 443))
        return str(probe.getsockname()[0])


@asynccontextmanager
async def refusing(
    door: Outside,
    directory: Path,
    *,
    name: str,
    labels: Mapping[str, str],
    resource: str,
    words: str,
) -> AsyncIterator[None]:
    """Whatever is made or changed of this resource (`deployments`) in namespaces with these labels is refused with
    these words."""
    address = _seen_from_there()
    ca = certificate(directory / "webhook.pem", address=address)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(directory / "webhook.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answer(reader, writer, words)

    server = await asyncio.start_server(serve, address, 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    url = f"https://{address}:{port}/"
    path = f"{_CONFIGURATIONS}/{name.replace('.', '-')}"
    await door.make(_CONFIGURATIONS, _configuration(name, url, ca, labels, resource))
    try:
        yield
    finally:
        await door.remove(path)
        server.close()
        await server.wait_closed()


def _configuration(
    name: str, url: str, ca: str, labels: Mapping[str, str], resource: str
) -> dict[str, Any]:
    rule = {
        "apiGroups": ["*"],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": [resource],
    }
    webhook = {
        "name": name,
        "clientConfig": {"url": url, "caBundle": base64.b64encode(ca.encode()).decode()},
        "rules": [rule],
        "namespaceSelector": {"matchLabels": dict(labels)},
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 10,
    }
    return {"metadata": {"name": name.replace(".", "-")}, "webhooks": [webhook]}


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: str) -> None:
    """One review, denied."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(
        int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")
    )
    asked = json.loads(await reader.readexactly(length))
    answer = {
        "apiVersion": asked["apiVersion"],
        "kind": asked["kind"],
        "response": {
            "uid": asked["request"]["uid"],
            "allowed": False,
            "status": {"message": words},
        },
    }
    body = json.dumps(answer).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    await writer.drain()
    writer.close()
