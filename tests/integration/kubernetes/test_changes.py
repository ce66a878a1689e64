"""What changes do in a real cluster, and what they leave alone."""

from __future__ import annotations

import asyncio

import pytest

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Action
from alma.core.model.state import DesiredResource, Status, differing
from alma.core.model.units import Port, Size
from tests.contract.harness import new_key
from tests.integration.kubernetes.stage import PORT, Stage, a_stage, web
from tests.kubernetes import Outside
from tests.kubernetes_proxy import Proxy

pytestmark = pytest.mark.kubernetes


def network(name: str = "network") -> DesiredResource:
    resource = Resource(name=name, type=ResourceType.NETWORK)
    return DesiredResource(address=name, type=ResourceType.NETWORK, resource=resource)


async def test_a_service_is_made_asked_changed_and_taken_away_with_all_that_belongs_to_it(
    stage: Stage,
) -> None:
    made = await stage.create(web())
    assert made.resource
    assert made.resource.status is Status.RUNNING
    assert dict(made.resource.properties) == dict(stage.engine.shape(web(), stage.stack))
    checks = await stage.engine.verify(web(), stage.stack)
    assert {check.name for check in checks} == {"running", "http GET /", "endpoints"}
    assert [check.detail for check in checks if not check.passed] == []
    assert await stage.say() == "one"

    changed = await stage.update(web(text="two"))
    assert changed.resource
    assert changed.resource.object_id == made.resource.object_id
    assert await stage.say() == "two"

    outcome = await stage.delete(web())
    assert outcome.warnings == ()
    assert await stage.objects("web") == []
    left = await stage.door.get(f"/api/v1/namespaces/{stage.namespace}")
    assert left is None or left["status"]["phase"] == "Terminating"


async def test_every_object_and_pod_carries_the_marker(stage: Stage) -> None:
    await stage.create(web(replicas=2, env={"MODE": "a"}))
    for path in await stage.objects("web"):
        plural, _, name = path.partition("/")
        group = {
            "deployments": "apps/v1",
            "networkpolicies": "networking.k8s.io/v1",
            "poddisruptionbudgets": "policy/v1beta1",
        }.get(plural, "v1")
        found = await stage.door.get(stage.path(plural, name, group=group))
        assert found["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "alma", path
        assert found["metadata"]["annotations"]["alma.dev/stack"] == stage.stack.id, path
    assert "poddisruptionbudgets/web" in " ".join(await stage.objects("web"))


async def test_what_is_not_wanted_any_more_is_pruned_once_the_new_is_there(stage: Stage) -> None:
    await stage.create(web(replicas=2))
    before = await stage.objects("web")
    await stage.update(web(replicas=1), "count")
    after = await stage.objects("web")
    gone = set(before) - set(after)
    assert {path.partition("/")[0] for path in gone} == {"poddisruptionbudgets"}
    assert set(after) < set(before)


async def test_a_namespace_that_somebody_else_uses_is_kept_and_said(stage: Stage) -> None:
    await stage.create(network())
    note = {"metadata": {"name": "mine"}, "data": {"a": "b"}}
    await stage.door.make(stage.path("configmaps", group="v1"), note)
    outcome = await stage.delete(network())
    assert any("ConfigMap mine" in text for text in outcome.warnings)
    found = await stage.door.get(f"/api/v1/namespaces/{stage.namespace}")
    assert found["status"]["phase"] == "Active"


async def test_a_namespace_is_kept_while_nobody_knows_what_an_extension_has_in_it(
    door: Outside, proxy: Proxy
) -> None:
    proxy.drop(r"GET /apis/coordination\.k8s\.io/")
    async with a_stage(door, kubeconfig=None, kubeconfig_text=proxy.kubeconfig) as stage:
        await stage.create(network())
        outcome = await stage.delete(network())
        (told,) = outcome.warnings
        assert "coordination.k8s.io/v1" in told
        assert "does not answer" in told
        found = await door.get(f"/api/v1/namespaces/{stage.namespace}")
        assert found["status"]["phase"] == "Active"


async def test_a_namespace_that_is_just_going_is_waited_for(stage: Stage) -> None:
    await stage.create(network())
    await stage.delete(network())
    made = await stage.create(network("again"))
    assert made.resource
    assert made.resource.status is Status.PRESENT


async def test_a_namespace_that_is_somebody_elses_is_refused(stage: Stage) -> None:
    await stage.door.make("/api/v1/namespaces", {"metadata": {"name": stage.namespace}})
    with pytest.raises(ChangeRejected, match="does not belong to this stack") as raised:
        await stage.create(network())
    assert raised.value.hint
    assert await stage.objects("network") == []


async def test_a_name_that_is_somebody_elses_is_refused_before_anything_is_touched(
    stage: Stage,
) -> None:
    await stage.create(network())
    service = {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}
    await stage.door.make(stage.path("services", group="v1"), service)
    with pytest.raises(ChangeRejected, match=r"Service .*/web exists already"):
        await stage.create(web())
    assert await stage.objects("web") == []


async def test_stacks_in_one_namespace_keep_apart(door: Outside, namespace: str) -> None:
    async with a_stage(door, namespace=namespace) as one, a_stage(door, namespace=namespace) as two:
        await one.create(web())
        with pytest.raises(ChangeRejected, match="is not this stack's"):
            await two.create(web())
        await two.create(web("shop"))
        await one.delete(web())
        assert await two.see("shop")
        assert not await two.see("web")
        await two.delete(web("shop"))
        found = await door.get(f"/api/v1/namespaces/{namespace}")
        assert found["status"]["phase"] == "Active", "who names a namespace keeps it"


# ── whose field it is ────────────────────────────────────────────────────────────────────────────


def _memory(amount: str) -> dict[str, object]:
    resources = {"limits": {"memory": amount}, "requests": {"memory": amount}}
    container = {"name": "main", "resources": resources}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


async def test_drift_that_the_plan_names_is_mended(stage: Stage) -> None:
    made = await stage.create(web())
    await stage.door.apply(
        stage.path("deployments", "web"), _memory("96Mi"), manager="kubectl-edit"
    )
    seen = await stage.see("web")
    assert seen
    assert seen.properties["specs.memory"] == "96MiB"
    mended = await stage.update(web(), "specs.memory")
    assert mended.resource
    assert made.resource
    assert mended.resource.object_id == made.resource.object_id
    assert mended.resource.properties == made.resource.properties


async def test_a_probe_and_a_policy_that_somebody_changed_are_seen_and_mended(stage: Stage) -> None:
    guarded = web(ports=(Port(f"{PORT}:{PORT}"),), networks=("network",))
    for wish in (network(), guarded):
        await stage.create(wish)
    probe = {"httpGet": {"path": "/else", "port": PORT}, "failureThreshold": 99}
    container = {"name": "main", "livenessProbe": probe, "readinessProbe": None}
    pods = {"spec": {"template": {"spec": {"containers": [container]}}}}
    await stage.door.strategic(stage.path("deployments", "web"), pods)
    opened: dict[str, object] = {"spec": {"ingress": [{}]}}
    for name in ("network", "web--public"):
        path = stage.path("networkpolicies", name, group="networking.k8s.io/v1")
        await stage.door.merge(path, opened)

    assert await _drift(stage, guarded) == ["health", "reach"]
    assert await _drift(stage, network()) == ["reach"]
    await stage.update(guarded, "health", "reach")
    await stage.update(network(), "reach")
    assert await _drift(stage, guarded) == await _drift(stage, network()) == []


async def _drift(stage: Stage, desired: DesiredResource) -> list[str]:
    found = await stage.see(desired.address)
    assert found
    return differing(stage.engine.shape(desired, stage.stack), found.properties)


async def test_a_field_that_another_manager_set_since_the_plan_is_left_to_it(stage: Stage) -> None:
    """It was approved that a variable changes, and nobody saw that the memory has."""
    await stage.create(web())
    await stage.door.apply(stage.path("deployments", "web"), _memory("96Mi"), manager="autoscaler")
    with pytest.raises(ChangeRejected) as raised:
        await stage.update(web(env={"MODE": "b"}), "env.MODE")
    field = 'spec.template.spec.containers[name="main"].resources.requests.memory'
    assert f"autoscaler owns {field}" in raised.value.message
    found = await stage.deployment()
    container = found["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"]["limits"]["memory"] == "96Mi"
    assert {"name": "MODE", "value": "a"} in container["env"]


async def test_what_others_add_beside_almas_fields_stays(stage: Stage) -> None:
    await stage.create(web())
    note = {"metadata": {"annotations": {"team.example/owner": "blue"}}}
    await stage.door.merge(stage.path("deployments", "web"), note)
    await stage.update(web(env={"MODE": "b"}), "env.MODE")
    found = await stage.deployment()
    assert found["metadata"]["annotations"]["team.example/owner"] == "blue"


async def test_an_update_that_takes_a_new_object_is_refused(stage: Stage) -> None:
    await stage.create(web())
    other = web(type=ResourceType.CACHE)
    with pytest.raises(ChangeRejected, match="can't be changed in place"):
        await stage.update(other)
    assert (await stage.see("web")) is not None


# ── killed, and going on ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE])
async def test_what_was_cancelled_anywhere_is_finished_by_its_repeat(
    stage: Stage, action: Action
) -> None:
    if action is not Action.CREATE:
        await stage.create(web())
    wanted = web(text="two", replicas=2)
    key = new_key()
    for moment in (0.01, 0.05, 0.15, 0.4, 1.0):
        task = asyncio.create_task(stage.apply(action, wanted, key=key))
        await asyncio.wait({task}, timeout=moment)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await stage.apply(action, wanted, key=key)
    if action is Action.DELETE:
        assert await stage.objects("web") == []
        return
    seen = await stage.see("web")
    assert seen
    assert dict(seen.properties) == dict(stage.engine.shape(wanted, stage.stack))
    assert await stage.say() == "two"
    assert [path for path in await stage.objects("web") if "deployments" in path] == [
        "deployments/web"
    ]


async def test_a_replace_makes_another_object_in_the_same_place(stage: Stage) -> None:
    made = await stage.create(web())
    replaced = await stage.apply(Action.REPLACE, web(memory=Size("80MiB")))
    assert made.resource
    assert replaced.resource
    assert made.resource.object_id != replaced.resource.object_id
    assert await stage.say() == "one"
