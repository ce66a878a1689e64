"""A cluster for each test, on an address and with a certificate of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakepve.certs import make_cert

from alma.engines.proxmox.client import Api
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.integration.proxmox.world import TOKEN, Pve


@dataclass(frozen=True)
class Certificate:
    """What the cluster's node shows. It is its own CA."""

    host: str
    cert: Path
    key: Path
    fingerprint: str


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Certificate:
    number = int(re.sub(r"\D", "", worker_id) or 0)
    host = f"127.8.{number}.1"
    cert, key, der = make_cert(str(tmp_path_factory.mktemp("pki")), name="pve1", hosts=(host,))
    shown = hashlib.sha256(der).hexdigest().upper()
    fingerprint = ":".join(shown[at : at + 2] for at in range(0, len(shown), 2))
    return Certificate(host, Path(cert), Path(key), fingerprint)


@pytest.fixture
async def pve(certificate: Certificate) -> AsyncIterator[Pve]:
    """A cluster with the node pve1 and the token of `settings`. No request may ever try to pass a lock over."""
    cluster = Pve(host=certificate.host, port=0)
    await cluster.start(str(certificate.cert), str(certificate.key))
    try:
        yield cluster
    finally:
        await cluster.stop()
    assert not [seen.text for seen in cluster.seen if "skiplock" in seen.text]


@pytest.fixture
def settings(pve: Pve, certificate: Certificate, tmp_path: Path) -> ProxmoxSettings:
    """With short waits: what a test waits for is a fault that it asked for."""
    return ProxmoxSettings.model_validate(
        {
            "urls": (pve.url,),
            "token": TOKEN,
            "ca_file": certificate.cert,
            "poll_least": 0.001,
            "poll_most": 0.01,
            "lock_timeout": 5,
            "request_timeout": 5,
            "task_timeout": 20,
            "stop_timeout": 2,
            "state_dir": tmp_path / "proxmox",
        }
    )


@pytest.fixture
async def api(settings: ProxmoxSettings) -> AsyncIterator[Api]:
    async with Api(settings) as opened:
        yield opened
