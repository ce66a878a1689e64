"""A real API server takes the manifests of any wish, and what it makes of them is read as it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from pydantic import SecretStr

from alma.config import load_catalogue, load_templates
from alma.core.model.plan import SupportLevel
from alma.core.model.state import DesiredResource, StackRef, differing
from alma.core.planning.resolve import resolve
from alma.engines.kubernetes import look, shape
from alma.engines.kubernetes.client import Cluster
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.engine import KubernetesEngine
from alma.engines.kubernetes.manifests import build
from alma.engines.kubernetes.observe import observed
from alma.engines.kubernetes.session import Session
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.contract.harness import new_stack
from tests.integration.kubernetes.stage import web
from tests.kubernetes import kubeconfig
from tests.kubernetes_proxy import Proxy
from tests.unit.engines.kubernetes import wishes

pytestmark = pytest.mark.kubernetes
_TEMPLATES = load_templates()
_STACK = StackRef(id="s-of-a-test", name="shop", engine="kubernetes")


def _settings(namespace: str, **more: Any) -> KubernetesSettings:
    return KubernetesSettings(kubeconfig=kubeconfig(), namespace=namespace, **more)


async def _taken(
    cluster: Cluster, desired: DesiredResource, given: KubernetesSettings
) -> list[str]:
    """Where what the server would make of it differs from what was asked for."""
    served = await cluster.served()
    made = build(
        desired, _STACK, served=served, settings=given, secret=lambda _: "a secret", key="k"
    )
    objects = [await cluster.apply(manifest, dry_run=True) for manifest in made]
    (found,) = observed(_STACK, objects, served=served)
    return differing(shape.shape_of(desired, given), found.properties)


def _possible(
    all_: Iterable[DesiredResource], given: KubernetesSettings, served: Served
) -> list[DesiredResource]:
    def refused(desired: DesiredResource) -> bool:
        notes = shape.support_of(desired, given, served)
        return any(n.path == "type" and n.level is SupportLevel.UNSUPPORTED for n in notes)

    return [desired for desired in all_ if not refused(desired)]


@pytest.mark.parametrize("template", sorted(_TEMPLATES))
async def test_the_server_takes_every_template_as_it_is(
    template: str, cluster: Cluster, namespace: str
) -> None:
    given = _settings(namespace, ingress_class="nginx")
    resolution = resolve(_TEMPLATES[template].blueprint, load_catalogue(), KubernetesEngine.traits)
    possible = _possible(resolution.resources, given, await cluster.served())
    assert possible
    for desired in possible:
        assert await _taken(cluster, desired, given) == [], desired.address


@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate])
@given(desired=wishes.wishes())
def test_the_server_takes_any_wish_as_it_is(desired: DesiredResource) -> None:
    async def take() -> list[str]:
        given = _settings("default")  # nothing is made there
        cluster = Cluster(given)
        try:
            return await _taken(cluster, desired, given)
        finally:
            await cluster.close()

    assert asyncio.run(take()) == []


@pytest.mark.parametrize(
    "desired",
    [
        wishes.volume(disk="20GB", resource={"labels": {"tier": "data"}}),
        wishes.network(resource={"labels": {"tier": "x"}}),
        wishes.wish(
            "load_balancer", ports=[80], public=True, backends=[{"address": "web", "port": 8080}]
        ),
        wishes.wish(rules=[{"source": "web", "ports": [80]}, {"source": "10.0.0.0/8"}]),
        wishes.wish(ports=[80, "53/udp"], public=True, replicas=3),
        wishes.wish(cpu=1, options={"autoscale": {"max": 5}}),
    ],
    ids=["volume", "network", "plain", "guarded", "public", "scaled"],
)
@pytest.mark.parametrize("public", ["LoadBalancer", "NodePort"])
async def test_the_server_takes_what_else_there_is(
    desired: DesiredResource, public: Any, cluster: Cluster, namespace: str
) -> None:
    given = _settings(namespace, public_service=public, ingress_class="nginx")
    assert await _taken(cluster, desired, given) == []


async def test_a_namespace_that_is_not_there_is_read_as_empty() -> None:
    session = Session(KubernetesSettings(kubeconfig=kubeconfig()))
    found = await look.read(session, new_stack("kubernetes"))
    await session.close()
    assert found.resources == ()
    assert found.place


async def test_a_read_takes_as_many_lists_for_many_addresses_as_for_one(
    proxy: Proxy, namespace: str
) -> None:
    text = SecretStr(proxy.kubeconfig)
    session = Session(KubernetesSettings(kubeconfig_text=text, namespace=namespace))
    stack = new_stack("kubernetes")
    counted = []
    for number in (1, 9):
        await _apply(session, stack, [web(f"web-{number}-{at}") for at in range(number)])
        proxy.requests.clear()
        found = await look.read(session, stack)
        counted.append((len(found.resources), len(proxy.requests)))
    await session.close()
    assert [resources for resources, _ in counted] == [1, 10]
    assert counted[0][1] == counted[1][1] <= len(look.KINDS) + 2


async def _apply(session: Session, stack: StackRef, wanted: Iterable[DesiredResource]) -> None:
    served = await session.cluster.served()
    for desired in wanted:
        none = desired.model_copy(update={"replicas": 0})
        for manifest in build(
            none, stack, served=served, settings=session.settings, secret=str, key="k"
        ):
            await session.cluster.apply(manifest)
