"""A plan shows what a real cluster would refuse, before anybody approves it; looking makes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.model.base import Json
from alma.core.model.blueprint import Resource, ResourceType, SecretRef
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.state import DesiredResource
from alma.core.model.units import Size
from alma.engines.base import until
from alma.engines.kubernetes.engine import KubernetesEngine
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.contract.harness import new_stack
from tests.integration.kubernetes.stage import Stage, web
from tests.integration.kubernetes.test_health import documented_rules
from tests.kubernetes import Outside, an_account, kubeconfig
from tests.kubernetes_proxy import Proxy

pytestmark = pytest.mark.kubernetes


async def told(stage: Stage, *desired: DesiredResource) -> list[Diagnostic]:
    """What the plan would say of these."""
    observation = await stage.engine.read(stage.stack)
    found = await stage.engine.prepare(desired, observation, chosen={})
    return list(found.diagnostics)


async def home(stage: Stage) -> None:
    """The stack's namespace, as if something of it were there already."""
    await stage.create(web("first", cpu=0.05))


def volume(**options: Any) -> DesiredResource:
    given = {"kubernetes": options} if options else {}
    resource = Resource(name="data", type=ResourceType.VOLUME, options=given)
    return DesiredResource(
        address="data", type=ResourceType.VOLUME, resource=resource, disk=Size("1GiB")
    )


async def test_what_the_cluster_would_take_is_told_nothing_about(stage: Stage) -> None:
    assert await told(stage, web()) == []
    assert await stage.door.get(f"/api/v1/namespaces/{stage.namespace}") is None, "nothing is made"
    await home(stage)
    assert await told(stage, web("first", cpu=0.05), web()) == []
    assert await stage.see("web") is None


async def test_a_secret_need_not_be_there_when_a_plan_is_made(stage: Stage) -> None:
    assert await told(stage, web(env={"PASSWORD": SecretRef(secret="web.password")})) == []


async def test_what_is_as_it_should_be_is_not_asked_about(proxy: Proxy, stage: Stage) -> None:
    await home(stage)
    engine = KubernetesEngine(
        KubernetesSettings.model_validate({"kubeconfig_text": proxy.kubeconfig})
    )
    try:
        observation = await engine.read(stage.stack)
        before = len(proxy.requests)
        assert not (
            await engine.prepare([web("first", cpu=0.05)], observation, chosen={})
        ).diagnostics
        assert proxy.requests[before:] == []
    finally:
        await engine.close()


async def test_the_server_is_asked_once_about_what_differs_in_its_names_only(
    proxy: Proxy, stage: Stage
) -> None:
    """Five services of their own content each: their Services are the same question."""
    engine = KubernetesEngine(
        KubernetesSettings.model_validate({"kubeconfig_text": proxy.kubeconfig})
    )
    wanted = [web(f"web-{number}", text=str(number)) for number in range(5)]
    try:
        observation = await engine.read(stage.stack)
        before = len(proxy.requests)
        found = await engine.prepare(wanted, observation, chosen={})
        asked = [request for request in proxy.requests[before:] if "dryRun" in request]
    finally:
        await engine.close()
    assert found.diagnostics == ()
    counted = {plural: sum(f"/{plural}?" in request for request in asked) for plural in _MADE}
    assert counted == {"configmaps": 5, "deployments": 5, "services": 1}
    assert len(asked) == 11


_MADE = ("configmaps", "deployments", "services")


async def test_each_of_what_is_new_is_asked_about_if_it_is_not_the_same(stage: Stage) -> None:
    """One of several that the server refuses is found, wherever it stands."""
    wrong: Json = {"disk": "no such, value"}
    options = {"kubernetes": {"node_selector": wrong}}
    resource = Resource(name="web-3", type=ResourceType.SERVICE, options=options)
    wanted = [web(f"web-{number}") for number in range(3)]
    found = await told(stage, *wanted, web("web-3", resource=resource))
    assert {diagnostic.path.partition(".")[0] for diagnostic in found} == {"web-3"}


async def test_an_option_that_nobody_knows_is_named(stage: Stage) -> None:
    options = {"kubernetes": {"pod_securty": "baseline"}}
    resource = Resource(name="web", type=ResourceType.SERVICE, options=options)
    (found,) = await told(stage, web(resource=resource))
    assert found.path == "web.options.kubernetes.pod_securty"
    assert found.severity is Severity.ERROR


async def test_a_value_that_the_server_cannot_take_is_told_where_the_blueprint_says_it(
    stage: Stage,
) -> None:
    """Whether or not its namespace is there."""
    wish = web(env={"NOT A NAME": "x"})
    for _ in range(2):
        found = await told(stage, wish)
        assert {item.code for item in found} == {"refused"}
        assert {item.path for item in found} == {"web.env"}
        await home(stage)


async def test_a_quota_without_room_for_all_pods_is_told_with_its_numbers(stage: Stage) -> None:
    await home(stage)
    quotas = stage.path("resourcequotas", group="v1")
    hard = {"limits.cpu": "500m"}
    await stage.door.make(quotas, {"metadata": {"name": "small"}, "spec": {"hard": hard}})

    async def counted() -> Any:
        listed = (await stage.door.get(quotas))["items"]
        return (listed[0].get("status") or {}).get("used")

    assert await until(counted, within=60)
    first = web("first", cpu=0.05)
    assert await told(stage, first, web(cpu=0.1)) == []
    found = await told(stage, first, web(cpu=0.1, replicas=5))
    assert [item.code for item in found] == ["quota"]
    assert "450m" in found[0].message or "0.45 of limits.cpu left, and 0.5 more" in found[0].message


async def test_a_range_that_refuses_the_pods_is_told_although_the_deployment_is_taken(
    stage: Stage,
) -> None:
    await home(stage)
    limit = {"type": "Container", "max": {"memory": "100Mi"}}
    ranges = stage.path("limitranges", group="v1")
    await stage.door.make(ranges, {"metadata": {"name": "small"}, "spec": {"limits": [limit]}})
    first = web("first", cpu=0.05)

    async def refused() -> list[Diagnostic] | None:
        """The server hears of a new range a moment later."""
        return await told(stage, first, web(memory=Size("200MiB"))) or None

    found = await until(refused, within=60)
    assert found is not None
    assert [(item.code, item.path) for item in found] == [("quota", "web.specs.memory")]
    assert "maximum memory usage per Container is 100Mi" in found[0].message


async def test_a_storage_class_that_is_not_there_is_named(stage: Stage) -> None:
    found = await told(stage, volume(storage_class="golden"))
    assert [(item.code, item.path) for item in found] == [
        ("no_storage_class", "data.options.kubernetes.storage_class")
    ]
    (other,) = await told(stage, volume())
    assert (other.code, other.severity) == ("no_default_storage_class", Severity.WARNING)


async def test_what_no_node_could_run_is_told(stage: Stage) -> None:
    (found,) = await told(stage, web(cpu=9999))
    assert (found.code, found.severity) == ("no_node_fits", Severity.WARNING)
    assert found.path == "web.specs.cpu"


async def test_fields_that_somebody_else_set_are_told_before_a_change_stops_at_them(
    stage: Stage,
) -> None:
    await home(stage)
    path = stage.path("deployments", "first")
    now = await stage.door.get(path)
    container = now["spec"]["template"]["spec"]["containers"][0]
    other = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "first"},
        "spec": {
            "selector": now["spec"]["selector"],
            "template": {
                "metadata": {"labels": now["spec"]["template"]["metadata"]["labels"]},
                "spec": {
                    "containers": [
                        {"name": container["name"], "image": "docker.io/library/nginx:1.27"}
                    ]
                },
            },
        },
    }
    await stage.door.apply(path, other, manager="gitops")
    seen = await stage.see("first")
    assert seen is not None

    # The image is drift, which the plan shows and the change takes over.
    assert await told(stage, web("first", cpu=0.05)) == []
    # With the same image wished for, only the memory is a change: but nobody else owns it.
    wish = web("first", cpu=0.05, image="docker.io/library/nginx:1.27", memory=Size("80MiB"))
    assert await told(stage, wish) == []


async def planned_by(
    door: Outside, namespace: str, rules: list[dict[str, Any]]
) -> list[Diagnostic]:
    """What a plan says in that namespace to somebody with these rights, who may also look at namespaces."""
    text = await an_account(door, namespace, rules)
    reading = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding"}
    bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    subject = {"kind": "ServiceAccount", "name": "guest", "namespace": namespace}
    meta = {"metadata": {"name": namespace}, "subjects": [subject], "roleRef": role}
    await door.make(bindings, {**reading, **meta})
    engine = KubernetesEngine(
        KubernetesSettings.model_validate({"kubeconfig_text": text, "namespace": namespace})
    )
    try:
        observation = await engine.read(new_stack("kubernetes"))
        found = await engine.prepare([web()], observation, chosen={})
    finally:
        await engine.close()
        await door.remove(f"{bindings}/{namespace}")
    return list(found.diagnostics)


async def test_missing_rights_stop_the_plan_that_needs_them(door: Outside, namespace: str) -> None:
    rules = [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["*"], "verbs": ["*"]},
    ]
    found = await planned_by(door, namespace, rules)
    errors = [item for item in found if item.severity is Severity.ERROR]
    assert {item.code for item in errors} == {"not_allowed"}
    assert any("create, patch, delete deployments.apps" in item.message for item in errors)
    assert not any("statefulsets" in item.message for item in errors), "this plan makes none"


async def test_the_rights_that_the_documentation_names_are_enough_to_plan(
    door: Outside, namespace: str
) -> None:
    """They let nobody make a pod by itself, not even to see whether the cluster would take it."""
    assert await planned_by(door, namespace, documented_rules()) == []


async def test_a_namespace_that_the_settings_name_has_to_be_there() -> None:
    settings = KubernetesSettings(kubeconfig=kubeconfig(), namespace="nobody-made-this")
    engine = KubernetesEngine(settings)
    try:
        observation = await engine.read(new_stack("kubernetes"))
        (found,) = (await engine.prepare([web()], observation, chosen={})).diagnostics
    finally:
        await engine.close()
    assert found.code == "no_namespace"
