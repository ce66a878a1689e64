"""Reading a stack takes as many calls however large it is."""

from __future__ import annotations

import pytest

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.state import DesiredResource, StackRef
from alma.core.model.units import Port
from alma.engines.base import together
from alma.engines.kubernetes.engine import KubernetesEngine
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.contract.harness import new_stack
from tests.integration.kubernetes.stage import PORT, Stage, a_stage, web
from tests.kubernetes import Outside
from tests.kubernetes_proxy import Proxy

pytestmark = pytest.mark.kubernetes


def network(number: int) -> DesiredResource:
    """The quickest object that there is: nothing runs for it."""
    resource = Resource(name=f"net-{number}", type=ResourceType.NETWORK)
    return DesiredResource(address=resource.name, type=ResourceType.NETWORK, resource=resource)


async def _lists(engine: KubernetesEngine, proxy: Proxy, stack: StackRef) -> tuple[int, int]:
    """How many resources a read finds, and how many lists it takes."""
    before = len(proxy.requests)
    found = await engine.read(stack)
    asked = proxy.requests[before:]
    return len(found.resources), sum("labelSelector" in request for request in asked)


async def _fill(stage: Stage, numbers: range) -> None:
    for first in range(numbers.start, numbers.stop, 10):
        await together([stage.create(network(n)) for n in range(first, first + 10)])


async def test_a_read_takes_the_same_number_of_lists_for_ten_and_for_a_hundred_objects(
    door: Outside, proxy: Proxy
) -> None:
    settings = KubernetesSettings.model_validate({"kubeconfig_text": proxy.kubeconfig})
    engine = KubernetesEngine(settings)
    try:
        async with a_stage(door) as stage:
            await engine.read(new_stack("kubernetes"))  # what the cluster serves is asked once
            await _fill(stage, range(10))
            ten, few = await _lists(engine, proxy, stage.stack)
            await _fill(stage, range(10, 100))
            hundred, many = await _lists(engine, proxy, stage.stack)
    finally:
        await engine.close()
    assert (ten, hundred) == (10, 100)
    assert few == many > 0


async def test_a_shape_is_the_same_before_and_after_the_cluster_was_looked_at(stage: Stage) -> None:
    """What listens below 1024 is made otherwise where only root may, and still is what was asked for."""
    low = web(ports=(Port(80), Port(PORT)))
    before = dict(stage.engine.shape(low, stage.stack))
    await stage.create(low)
    found = await stage.see("web")
    assert found is not None
    assert before == dict(stage.engine.shape(low, stage.stack)) == found.properties
    assert before["options.pod_security"] == "restricted"
