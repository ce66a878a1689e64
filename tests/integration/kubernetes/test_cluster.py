"""Calls to a real API server: what goes in comes out, and nothing is known that was not looked at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial

import pytest

from alma.core.model.errors import EngineUnavailable, InvalidInput
from alma.engines.base import until
from alma.engines.kubernetes.client import (
    Altered,
    Cluster,
    Exists,
    Manifest,
    MissingKind,
    Seen,
    looking,
)
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.integration.kubernetes.manifests import config_map, deployment
from tests.kubernetes import Outside, kubeconfig
from tests.kubernetes_proxy import Proxy

pytestmark = pytest.mark.kubernetes


def through(proxy: Proxy, *, request_timeout: float = 30.0) -> Cluster:
    return Cluster(
        KubernetesSettings.model_validate(
            {"kubeconfig_text": proxy.kubeconfig, "request_timeout": request_timeout}
        )
    )


async def test_the_cluster_is_known_by_the_uid_of_kube_system(
    cluster: Cluster, door: Outside
) -> None:
    found = await door.get("/api/v1/namespaces/kube-system")
    assert await cluster.cluster_id() == found["metadata"]["uid"]
    assert await cluster.version() == (await door.get("/version"))["gitVersion"]


async def test_every_kind_gets_a_version_that_the_server_serves(
    cluster: Cluster, door: Outside
) -> None:
    served = await cluster.served()
    for kind in ("Deployment", "Ingress", "PodDisruptionBudget", "HorizontalPodAutoscaler"):
        api = served.api(kind)
        listed = await door.get(f"/apis/{api.api_version}")
        assert api.plural in {resource["name"] for resource in listed["resources"]}, kind
    assert served.version("Pod") == "v1"
    assert not served.serves("VirtualMachine")


async def test_what_stacks_are_read_from_has_to_answer_and_another_extension_is_only_noted(
    proxy: Proxy,
) -> None:
    """A kind that nobody told of would read as one of which there is nothing."""
    proxy.drop(r"GET /apis/coordination\.k8s\.io/")
    noted = through(proxy, request_timeout=5.0)
    served = await noted.served()
    assert {name.partition("/")[0] for name in served.silent} == {"coordination.k8s.io"}
    assert served.serves("NetworkPolicy")
    assert not served.serves("Lease")
    await noted.close()

    proxy.drop(r"GET /apis/networking\.k8s\.io/v1$")
    unknown = through(proxy, request_timeout=5.0)
    with pytest.raises(EngineUnavailable):
        await unknown.served()
    await unknown.close()


async def test_what_was_applied_is_found_listed_and_removed(
    cluster: Cluster, namespace: str
) -> None:
    made = await cluster.apply(config_map(namespace, text="one"))

    assert await cluster.get("ConfigMap", "notes", namespace=namespace) == made
    listed = await cluster.listed("ConfigMap", namespace=namespace, labels={"team": "blue"})
    assert [(item["kind"], item["metadata"]["name"]) for item in listed] == [("ConfigMap", "notes")]
    assert await cluster.delete("ConfigMap", "notes", namespace=namespace)
    assert await cluster.get("ConfigMap", "notes", namespace=namespace) is None
    assert not await cluster.delete("ConfigMap", "notes", namespace=namespace)


async def test_a_field_that_is_no_longer_applied_is_taken_away(
    cluster: Cluster, namespace: str
) -> None:
    await cluster.apply(config_map(namespace, first="1", second="2"))
    after = await cluster.apply(config_map(namespace, first="1"))
    assert after["data"] == {"first": "1"}


async def test_a_dry_run_is_answered_and_makes_nothing(cluster: Cluster, namespace: str) -> None:
    answer = await cluster.apply(config_map(namespace, text="one"), dry_run=True)
    assert answer["data"] == {"text": "one"}
    assert await cluster.get("ConfigMap", "notes", namespace=namespace) is None


async def test_creating_what_is_there_is_refused(cluster: Cluster, namespace: str) -> None:
    await cluster.create(config_map(namespace, text="one"))
    with pytest.raises(Exists, match="ConfigMap notes"):
        await cluster.create(config_map(namespace, text="two"))
    found = await cluster.get("ConfigMap", "notes", namespace=namespace)
    assert found is not None
    assert found["data"] == {"text": "one"}


async def test_another_object_of_the_same_name_is_not_removed(
    cluster: Cluster, namespace: str
) -> None:
    made = await cluster.create(config_map(namespace, text="one"))
    with pytest.raises(Altered):
        await cluster.delete("ConfigMap", "notes", namespace=namespace, uid="another")
    assert await cluster.delete(
        "ConfigMap", "notes", namespace=namespace, uid=made["metadata"]["uid"]
    )


async def test_a_patch_of_another_version_is_refused(cluster: Cluster, namespace: str) -> None:
    made = await cluster.create(config_map(namespace, text="one"))
    version = {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}}
    change = {"data": {"text": "two"}}
    await cluster.patch("ConfigMap", "notes", namespace=namespace, change=change | version)
    with pytest.raises(Altered):
        await cluster.patch(
            "ConfigMap", "notes", namespace=namespace, change={"data": {"text": "3"}} | version
        )


async def test_long_lists_come_in_pages_and_whole(
    cluster: Cluster, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PAGE", 3)
    names = {f"notes-{number}" for number in range(8)}
    for name in names:
        await cluster.create(config_map(namespace, name))
    listed = await cluster.listed("ConfigMap", namespace=namespace, labels={"team": "blue"})
    assert {item["metadata"]["name"] for item in listed} == names


async def test_a_kind_that_was_just_installed_is_found(
    cluster: Cluster, door: Outside, namespace: str
) -> None:
    group = f"{namespace}.example.org"
    with pytest.raises(MissingKind, match="no kind Toy"):
        await cluster.listed(f"Toy.{group}")
    async with toys(door, group):

        async def listed() -> list[Manifest] | None:
            try:
                return list(await cluster.listed(f"Toy.{group}", namespace=namespace))
            except MissingKind:
                return None

        assert await until(listed, within=60) == []
        assert (await cluster.apply(bear(group, namespace)))["kind"] == "Toy"


async def test_of_a_kind_that_was_taken_away_nothing_is_left(
    cluster: Cluster, door: Outside, namespace: str
) -> None:
    group = f"{namespace}.example.org"
    async with toys(door, group):
        assert await until(partial(served, cluster, f"Toy.{group}"), within=60)
        await cluster.apply(bear(group, namespace))
        assert len(await cluster.listed(f"Toy.{group}", namespace=namespace)) == 1

    async def forgotten() -> bool | None:
        groups = (await door.get("/apis"))["groups"]
        return group not in {item["name"] for item in groups} or None

    assert await until(forgotten, within=60)
    assert await cluster.listed(f"Toy.{group}", namespace=namespace) == ()
    with pytest.raises(MissingKind):
        await cluster.listed(f"Toy.{group}", namespace=namespace)


@asynccontextmanager
async def toys(door: Outside, group: str) -> AsyncIterator[None]:
    """A kind that the cluster has for as long as the block runs."""
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "toys", "singular": "toy", "kind": "Toy", "listKind": "ToyList"}
    await door.make(
        definitions,
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"toys.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
        },
    )
    try:
        yield
    finally:
        await door.remove(f"{definitions}/toys.{group}")


def bear(group: str, namespace: str) -> Manifest:
    return {
        "apiVersion": f"{group}/v1",
        "kind": "Toy",
        "metadata": {"name": "bear", "namespace": namespace},
    }


async def served(cluster: Cluster, kind: str) -> bool | None:
    """Whether objects of a kind can be listed; None: not yet."""
    try:
        await cluster.listed(kind)
    except MissingKind:
        return None
    return True


# ── watching ──


async def seen(watching: AsyncIterator[Seen], count: int) -> list[tuple[str, str]]:
    """The next so many things, by change and by the text in them."""
    found: list[tuple[str, str]] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            event = await anext(watching)
            found.append((event.change, event.object["data"].get("text", "")))
    return found


async def test_a_watch_tells_what_is_there_and_every_change(
    cluster: Cluster, namespace: str
) -> None:
    await cluster.apply(config_map(namespace, text="one"))
    async with aclosing(cluster.watch("ConfigMap", namespace=namespace, name="notes")) as watching:
        assert await seen(watching, 1) == [("ADDED", "one")]
        await cluster.apply(config_map(namespace, text="two"))
        await cluster.apply(config_map(namespace, "other", text="not asked for"))
        await cluster.delete("ConfigMap", "notes", namespace=namespace)
        assert await seen(watching, 2) == [("MODIFIED", "two"), ("DELETED", "two")]


async def test_a_watch_whose_connection_breaks_goes_on_without_a_gap(
    proxy: Proxy, cluster: Cluster, namespace: str
) -> None:
    watcher = through(proxy)
    try:
        async with aclosing(
            watcher.watch("ConfigMap", namespace=namespace, name="notes")
        ) as watching:
            await cluster.apply(config_map(namespace, text="one"))
            assert await seen(watching, 1) == [("ADDED", "one")]
            proxy.cut()
            await cluster.apply(config_map(namespace, text="two"))
            assert await seen(watching, 1) == [("MODIFIED", "two")]
    finally:
        await watcher.close()


async def test_a_watch_of_a_server_that_stays_away_ends(
    proxy: Proxy, cluster: Cluster, namespace: str
) -> None:
    watcher = through(proxy, request_timeout=1.0)
    try:
        async with aclosing(
            watcher.watch("ConfigMap", namespace=namespace, name="notes")
        ) as watching:
            await cluster.apply(config_map(namespace, text="one"))
            assert await seen(watching, 1) == [("ADDED", "one")]
            await proxy.stop()
            with pytest.raises(EngineUnavailable, match="can't be reached"):
                await seen(watching, 1)
    finally:
        await watcher.close()


# ── pods ──


async def test_a_pod_that_never_started_has_no_log_and_has_events(
    cluster: Cluster, door: Outside, namespace: str
) -> None:
    wish = deployment(namespace)["spec"]["template"]["spec"]
    wish["containers"][0]["imagePullPolicy"] = "Never"
    wish["automountServiceAccountToken"] = False  # a new namespace has none for a moment
    pods = f"/api/v1/namespaces/{namespace}/pods"
    account = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
    # A new namespace has no service account for a moment.
    assert await until(partial(door.get, account), within=60)
    made = await door.make(pods, {"metadata": {"name": "web"}, "spec": wish})

    async def events() -> Sequence[Manifest] | None:
        return await cluster.events(namespace, uid=made["metadata"]["uid"]) or None

    told = await until(events, within=60)

    assert list(await cluster.log_tail("web", namespace=namespace)) == []
    assert list(await cluster.log_tail("web", namespace=namespace, previous=True)) == []
    assert list(await cluster.log_tail("nobody", namespace=namespace)) == []
    assert told is not None
    assert {event["involvedObject"]["name"] for event in told} == {"web"}


async def test_a_name_cannot_reach_beyond_its_path(cluster: Cluster, namespace: str) -> None:
    await cluster.create(config_map(namespace, text="one"))
    for name in (f"../../{namespace}/configmaps/notes", "..", ""):
        with pytest.raises(InvalidInput, match="no name"):
            await cluster.get("ConfigMap", name, namespace=namespace)
        with pytest.raises(InvalidInput, match="no name"):
            await cluster.delete("ConfigMap", name, namespace=namespace)


async def test_several_event_loops_each_open_a_connection_of_their_own() -> None:
    async def version() -> str:
        made = Cluster(KubernetesSettings(kubeconfig=kubeconfig()))
        try:
            return await made.version()
        finally:
            await made.close()

    here = await version()
    assert await asyncio.to_thread(lambda: asyncio.run(version())) == here
