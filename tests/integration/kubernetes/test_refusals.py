"""A real API server says no, or nothing: each reason becomes the error that tells what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from alma.core.model.errors import (
    ChangeRejected,
    EngineAuthFailed,
    EngineUnavailable,
    OutcomeUnknown,
)
from alma.engines.base import until
from alma.engines.kubernetes.client import (
    Cluster,
    FieldConflict,
    Invalid,
    MissingKind,
    NotAllowed,
    NotAllowedToRead,
    QuotaExceeded,
    Refused,
    Terminating,
)
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.integration.kubernetes.manifests import config_map, deployment
from tests.kubernetes import Outside, an_account, way, written
from tests.kubernetes_proxy import Proxy

pytestmark = pytest.mark.kubernetes
CANARY = "canary-4b1e77"
Open = Callable[..., Cluster]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens clusters by the text of a kubeconfig."""
    made: list[Cluster] = []

    def open_(text: str, **settings: Any) -> Cluster:
        given = {"kubeconfig_text": text, **settings}
        made.append(Cluster(KubernetesSettings.model_validate(given)))
        return made[-1]

    yield open_
    for cluster in made:
        await cluster.close()


async def test_who_may_not_do_it_is_told_the_verb_and_the_resource(
    door: Outside, namespace: str, opened: Open
) -> None:
    reading = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    guest = opened(await an_account(door, namespace, reading))

    with pytest.raises(NotAllowed) as raised:
        await guest.apply(deployment(namespace))
    error = raised.value
    assert (error.verb, error.resource, error.namespace) == ("patch", "deployments.apps", namespace)
    assert isinstance(error, ChangeRejected)
    assert f"may not patch deployments.apps in namespace {namespace}" in error.message
    assert "Role" in str(error.hint)


async def test_who_may_not_look_knows_nothing(door: Outside, namespace: str, opened: Open) -> None:
    guest = opened(await an_account(door, namespace, []))

    with pytest.raises(NotAllowedToRead, match="may not list configmaps") as raised:
        await guest.listed("ConfigMap", namespace=namespace)
    assert isinstance(raised.value, EngineAuthFailed)
    with pytest.raises(NotAllowedToRead, match="in the whole cluster"):
        await guest.listed("Node")


async def test_what_may_be_done_is_asked_of_the_cluster(
    cluster: Cluster, door: Outside, namespace: str, opened: Open
) -> None:
    some = [{"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]}]
    guest = opened(await an_account(door, namespace, some))

    assert await cluster.may_do_everything()
    assert not await guest.may_do_everything()
    assert await guest.may("get", "Pod", namespace=namespace, subresource="log")
    assert not await guest.may("get", "Pod", namespace=namespace)
    assert not await guest.may("get", "Pod", namespace="kube-system", subresource="log")


async def test_a_token_that_nobody_gave_out_is_refused(opened: Open) -> None:
    stranger = opened(written(way().server, ca=way().ca, token=CANARY))
    with pytest.raises(EngineAuthFailed) as raised:
        await stranger.version()
    assert CANARY not in f"{raised.value} {raised.value.hint} {raised.value.__cause__!r}"


async def test_a_full_quota_is_told_in_its_numbers(
    cluster: Cluster, door: Outside, namespace: str
) -> None:
    quotas = f"/api/v1/namespaces/{namespace}/resourcequotas"
    await door.make(quotas, {"metadata": {"name": "small"}, "spec": {"hard": {"secrets": "0"}}})

    async def counted() -> Any:
        return ((await door.get(f"{quotas}/small")).get("status") or {}).get("hard")

    assert await until(counted, within=60)
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "door", "namespace": namespace},
        "stringData": {"password": CANARY},
    }
    with pytest.raises(QuotaExceeded, match=r"exceeded quota: small.*limited: secrets=0") as raised:
        await cluster.apply(secret)
    assert CANARY not in f"{raised.value} {raised.value.details}"


async def test_a_limit_range_is_told_in_its_words(
    cluster: Cluster, door: Outside, namespace: str
) -> None:
    limit = {"type": "PersistentVolumeClaim", "max": {"storage": "1Gi"}}
    ranges = f"/api/v1/namespaces/{namespace}/limitranges"
    await door.make(ranges, {"metadata": {"name": "small"}, "spec": {"limits": [limit]}})
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "5Gi"}},
        },
    }

    async def refused() -> QuotaExceeded | None:
        """The server hears of a new range a moment later."""
        try:
            await cluster.apply(claim, dry_run=True)
        except QuotaExceeded as error:
            return error
        return None

    error = await until(refused, within=60)
    assert error is not None
    assert "maximum storage usage per PersistentVolumeClaim is 1Gi" in error.message
    assert "LimitRange" in str(error.hint)


async def test_another_field_manager_is_named_with_its_fields(
    cluster: Cluster, door: Outside, namespace: str
) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    await door.apply(path, deployment(namespace, paused=True), manager="gitops")

    with pytest.raises(FieldConflict) as raised:
        await cluster.apply(deployment(namespace, paused=False))
    assert raised.value.owners == {"gitops": ["spec.paused"]}
    assert "gitops owns spec.paused" in raised.value.message

    forced = await cluster.apply(deployment(namespace, paused=False), force=True)
    assert forced["spec"].get("paused", False) is False


async def test_a_field_that_is_wrong_is_named(cluster: Cluster, namespace: str) -> None:
    with pytest.raises(Invalid) as raised:
        await cluster.apply(deployment(namespace, replicas=-2))
    assert "spec.replicas" in raised.value.fields
    assert "must be greater than or equal to 0" in raised.value.message


async def test_a_field_that_does_not_exist_is_refused_and_not_dropped(
    cluster: Cluster, namespace: str
) -> None:
    with pytest.raises(Refused, match=r"\.spec\.nonsense: field not declared in schema"):
        await cluster.apply(deployment(namespace, nonsense=1))
    assert await cluster.get("Deployment", "web", namespace=namespace) is None


async def test_a_kind_that_nobody_installed_is_named(cluster: Cluster, namespace: str) -> None:
    machine = {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "vm", "namespace": namespace},
    }
    with pytest.raises(MissingKind, match=r"VirtualMachine of kubevirt\.io") as raised:
        await cluster.apply(machine)
    assert "KubeVirt" in str(raised.value.hint)
    assert not await cluster.delete("VirtualMachine", "vm", namespace=namespace)


async def test_a_namespace_that_is_not_there_is_named(cluster: Cluster, namespace: str) -> None:
    with pytest.raises(Refused, match=f"there is no namespace {namespace}-gone"):
        await cluster.apply(config_map(f"{namespace}-gone", text="one"))


async def test_a_namespace_that_is_being_removed_takes_nothing(
    cluster: Cluster, door: Outside, namespace: str
) -> None:
    stays = config_map(namespace, "stays")
    stays["metadata"]["finalizers"] = ["example.org/test"]
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    await door.make(path, stays)
    await door.remove(f"/api/v1/namespaces/{namespace}")
    try:
        with pytest.raises(Terminating, match="just being removed"):
            await cluster.apply(config_map(namespace, text="one"))
    finally:
        await door.merge(f"{path}/stays", {"metadata": {"finalizers": None}})


async def test_the_words_about_a_secret_are_not_repeated(cluster: Cluster, namespace: str) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "door", "namespace": namespace},
        "data": {"password": f"not base64 {CANARY}"},
    }
    for change in (cluster.apply, cluster.create):
        with pytest.raises(ChangeRejected) as raised:
            await change(secret)
        error = raised.value
        assert "Secret door" in error.message
        assert CANARY not in f"{error} {error.hint} {error.details} {error.__cause__!r}"


# ── no answer ──


async def test_a_port_where_nobody_listens_is_unavailable_and_nothing_was_sent(
    opened: Open, unused_tcp_port: int
) -> None:
    gone = opened(written(f"https://127.0.0.1:{unused_tcp_port}", ca=way().ca, token=CANARY))
    with pytest.raises(EngineUnavailable, match="Connection refused") as raised:
        await gone.apply(config_map("default", text="one"))
    assert "NO_PROXY" in str(raised.value.hint)
    assert CANARY not in f"{raised.value} {raised.value.__cause__!r}"


async def test_a_server_that_cannot_prove_who_it_is_is_not_talked_to(
    proxy: Proxy, opened: Open
) -> None:
    other = proxy.kubeconfig.replace(
        written("x", ca=proxy.ca).split('authority-data": "')[1].split('"')[0],
        written("x", ca=way().ca).split('authority-data": "')[1].split('"')[0],
    )
    with pytest.raises(EngineUnavailable, match="certificate can't be verified"):
        await opened(other).version()
    assert proxy.requests == []


async def test_a_lost_reply_leaves_the_outcome_open(
    proxy: Proxy, opened: Open, door: Outside, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/notes"
    proxy.lose(f"PATCH {path}")
    behind = opened(proxy.kubeconfig)
    with pytest.raises(OutcomeUnknown, match="it may have been done"):
        await behind.apply(config_map(namespace, text="one"))
    assert (await door.get(path))["data"] == {"text": "one"}


async def test_a_lost_answer_to_a_look_is_unavailable(
    proxy: Proxy, opened: Open, namespace: str
) -> None:
    behind = opened(proxy.kubeconfig)
    await behind.served()
    proxy.drop(f"GET /api/v1/namespaces/{namespace}")
    with pytest.raises(EngineUnavailable):
        await behind.listed("ConfigMap", namespace=namespace)


async def test_a_lost_answer_to_a_dry_run_changes_nothing_and_is_unavailable(
    proxy: Proxy, opened: Open, namespace: str
) -> None:
    proxy.lose("PATCH /")
    with pytest.raises(EngineUnavailable):
        await opened(proxy.kubeconfig).apply(config_map(namespace, text="one"), dry_run=True)
