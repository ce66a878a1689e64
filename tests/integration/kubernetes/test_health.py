"""Health says what is wrong with a real cluster, and what to do; it never raises, and shows no secret."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from alma.engines.kubernetes.client import Cluster
from alma.engines.kubernetes.engine import KubernetesEngine
from alma.engines.kubernetes.rights import MADE, lacking
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.kubernetes import Outside, an_account, kubeconfig, way, written

pytestmark = pytest.mark.kubernetes
CANARY = "canary-c0ffee77"
Open = Callable[..., KubernetesEngine]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    made: list[KubernetesEngine] = []

    def open_(**settings: Any) -> KubernetesEngine:
        made.append(KubernetesEngine(KubernetesSettings.model_validate(settings)))
        return made[-1]

    yield open_
    for engine in made:
        await engine.close()


async def test_a_cluster_that_can_be_used_is_told_with_its_version_and_id(
    opened: Open, door: Outside
) -> None:
    health = await opened(kubeconfig=kubeconfig()).check()

    assert health.available
    assert health.version == (await door.get("/version"))["gitVersion"]
    system = await door.get("/api/v1/namespaces/kube-system")
    assert health.facts["cluster_id"] == system["metadata"]["uid"]
    assert health.facts["server"] == way().server
    nodes = (await door.get("/api/v1/nodes"))["items"]
    assert health.facts["nodes"] == len(nodes)
    assert not [problem for problem in health.problems if "may not" in problem]


async def test_missing_rights_are_named_by_verb_and_resource(
    opened: Open, door: Outside, namespace: str
) -> None:
    every = ["get", "list", "watch", "create", "patch", "delete"]
    rules = [
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": every},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]},
    ]
    text = await an_account(door, namespace, rules)
    guest = Cluster(KubernetesSettings.model_validate({"kubeconfig_text": text}))
    try:
        lacks = {lack.resource: lack for lack in await lacking(guest, namespace)}
    finally:
        await guest.close()

    assert "deployments.apps" not in lacks
    assert lacks["secrets"].verbs == ("create", "patch", "delete")
    assert lacks["statefulsets.apps"].verbs == tuple(every)
    assert lacks["pods/log"].verbs == ("get",)
    assert (
        str(lacks["secrets"]) == f"may not create, patch, delete secrets in namespace {namespace}"
    )


async def test_the_role_in_the_documentation_is_enough(door: Outside, namespace: str) -> None:
    """And so is what a check asks for: a right that nothing needs would be missing in the page."""
    text = await an_account(door, namespace, documented_rules())
    guest = Cluster(KubernetesSettings.model_validate({"kubeconfig_text": text}))
    try:
        lacks = [str(lack) for lack in await lacking(guest, namespace)]
    finally:
        await guest.close()
    assert lacks == ["may not get namespaces in every namespace"], "that takes a ClusterRole"


async def test_who_may_not_even_know_the_cluster_is_told_so(
    opened: Open, door: Outside, namespace: str
) -> None:
    text = await an_account(door, namespace, [])
    health = await opened(kubeconfig_text=text, namespace=namespace).check()

    assert not health.available
    (problem,) = health.problems
    assert "may not get namespaces" in problem
    assert "give it a ClusterRole" in problem


async def test_what_the_settings_name_has_to_be_there(opened: Open) -> None:
    health = await opened(
        kubeconfig=kubeconfig(), namespace="nobody-made-this", storage_class="golden"
    ).check()
    told = " ".join(health.problems)
    assert "no namespace nobody-made-this" in told
    assert "no storage class golden" in told


async def test_a_cluster_that_is_away_is_an_answer(opened: Open, unused_tcp_port: int) -> None:
    text = written(f"https://127.0.0.1:{unused_tcp_port}", ca=way().ca)
    health = await opened(kubeconfig_text=text).check()
    assert not health.available
    assert "Connection refused" in health.detail
    assert health.problems


async def test_a_token_is_shown_nowhere(
    opened: Open, caplog: pytest.LogCaptureFixture, unused_tcp_port: int
) -> None:
    """Refused by a server, refused by a network, or not understood at all."""
    caplog.set_level(logging.DEBUG)
    texts = [
        written(way().server, ca=way().ca, token=CANARY),
        written(f"https://127.0.0.1:{unused_tcp_port}", ca=way().ca, token=CANARY),
        written(way().server, ca=CANARY, token=CANARY),
        f"clusters: [{CANARY}",
        CANARY,
    ]
    for text in texts:
        engine = opened(kubeconfig_text=text)
        health = await engine.check()
        assert not health.available
        assert CANARY not in health.model_dump_json()
        assert CANARY not in repr(engine._settings)
    assert CANARY not in caplog.text


def documented_rules() -> list[dict[str, Any]]:
    """The rules of the Role in docs/engines/kubernetes.md."""
    from pathlib import Path

    from alma.core.model.yaml_reader import read_yaml_documents

    page = Path(__file__).parents[3] / "docs" / "engines" / "kubernetes.md"
    blocks = page.read_text(encoding="utf-8").split("```yaml\n")[1:]
    found = [
        document
        for block in blocks
        for document in read_yaml_documents(block.partition("```")[0])
        if isinstance(document, dict) and document.get("kind") == "Role"
    ]
    (role,) = found
    assert len(MADE) <= sum(len(rule["resources"]) for rule in role["rules"])
    rules: list[dict[str, Any]] = role["rules"]
    return rules
