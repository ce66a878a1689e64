"""A door to the cluster, a namespace in it, and connections as those who may do everything or little."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alma.engines.kubernetes.client import Cluster
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.integration.kubernetes.stage import Stage, a_stage
from tests.kubernetes import Outside, a_namespace, kubeconfig, outside
from tests.kubernetes_proxy import Proxy


@pytest.fixture
async def door() -> AsyncIterator[Outside]:
    """The cluster, not through the engine."""
    async with outside() as found:
        yield found


@pytest.fixture
async def namespace(door: Outside) -> AsyncIterator[str]:
    """A namespace of the test's own."""
    async with a_namespace(door) as name:
        yield name


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """The cluster, for whom everything is allowed."""
    made = Cluster(KubernetesSettings(kubeconfig=kubeconfig()))
    yield made
    await made.close()


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[Proxy]:
    """The cluster behind a network that fails."""
    made = Proxy(tmp_path)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def stage(door: Outside) -> AsyncIterator[Stage]:
    """A stack of the test's own."""
    async with a_stage(door) as made:
        yield made
