"""Workloads that were there before ALMA become part of a stack as they are, are changed in place, and given back."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from alma.core.model.deployment import Deployment, DeploymentState
from alma.core.model.engine import Discovered, Wish
from alma.core.model.errors import ChangeRejected, InvalidInput
from alma.core.model.ipr import IPR, ReviewAction
from alma.core.model.plan import Action, Change, Plan, PlanKind
from alma.core.model.principal import LOCAL
from alma.core.model.state import StackRef, Status
from alma.engines.kubernetes.engine import KubernetesEngine
from tests.contract.harness import Context, new_key
from tests.kubernetes import Outside, kubeconfig
from tests.kubernetes_outsiders import (
    CLAIMS,
    DEPLOYMENTS,
    IMAGE,
    SETS,
    claim,
    deployment,
    make_secret,
    planted,
    running,
    stateful_set,
    without_marks,
)
from tests.kubernetes_storage import VOLUMES, a_volume, make_class
from tests.world import World, world

pytestmark = pytest.mark.kubernetes

# The same image under another name: the nodes have it.
OTHER_IMAGE = "docker.io/library/nginx:1.27"
CANARIES = ("canary-in-plain-sight", "canary-in-a-secret")
HELD = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}


@pytest.fixture
async def here(tmp_path: Any) -> AsyncIterator[World]:
    """An installation that knows the cluster."""
    settings = {"kubeconfig": kubeconfig(), "rollout_timeout": 90}
    async with world(tmp_path, others={"kubernetes": settings}) as made:
        yield made


@pytest.fixture
async def room(door: Outside, namespace: str) -> AsyncIterator[str]:
    """A storage class with one volume, as long as the test runs."""
    await make_class(door, namespace)
    await door.make(VOLUMES, a_volume(namespace, namespace, path="/tmp", size="1Gi"))
    yield namespace
    await door.remove(f"{VOLUMES}/{namespace}")
    await door.remove(f"/apis/storage.k8s.io/v1/storageclasses/{namespace}")


def engine_of(here: World) -> KubernetesEngine:
    engine = here.engines.get("kubernetes")
    assert isinstance(engine, KubernetesEngine)
    return engine


async def opened(here: World, *objects: str, name: str = "legacy") -> IPR:
    wishes = [Wish(object=item) for item in objects]
    return await here.importing.open(LOCAL, engine="kubernetes", wishes=wishes, name=name)


async def imported(here: World, *objects: str) -> Deployment:
    ipr = await opened(here, *objects)
    assert errors(ipr.plan) == []
    here.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
    queued = await here.iprs.deploy(LOCAL, ipr.id)
    return await here.ended(queued.id, seconds=120)


async def changed(here: World, document: Mapping[str, Any]) -> tuple[IPR, Deployment]:
    ipr = await here.request(dict(document), blueprint_id=1)
    assert errors(ipr.plan) == []
    queued = await here.iprs.deploy(LOCAL, ipr.id)
    return ipr, await here.ended(queued.id, seconds=180)


def errors(plan: Plan) -> list[str]:
    return [str(item) for item in plan.diagnostics if item.severity == "error"]


async def planned(here: World) -> Plan:
    return await here.plans.make(LOCAL, await here.plans.target(LOCAL, 1))


def document(here: World) -> dict[str, Any]:
    return here.blueprints.get(LOCAL, 1).blueprint.dump()


def entry(written: Mapping[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in written["resources"] if item["name"] == name)
    return found


async def release(here: World, stack: StackRef, name: str, object_id: str) -> None:
    change = Change(
        address=name,
        type=entry(document(here), name)["type"],
        action=Action.RELEASE,
        reason="a test asks for it",
        object_id=object_id,
    )
    await engine_of(here).apply(change, new_key(), Context(stack))


async def offered(here: World, namespace: str) -> dict[str, Discovered]:
    """What is offered of a namespace, by kind and name."""
    found = await here.importing.discover(LOCAL, "kubernetes")
    kinds = {item.object_id: item.object_id.split("/") for item in found}
    return {
        f"{kinds[item.object_id][0]}/{item.name}": item
        for item in found
        if kinds[item.object_id][1] == namespace
    }


async def test_a_workload_with_its_claim_is_imported_changed_in_place_and_given_back_without_a_trace(
    here: World, door: Outside, room: str
) -> None:
    id_ = await planted(door, room, "books", class_=room)
    path = f"{DEPLOYMENTS.format(room)}/books"
    before = without_marks(await door.get(path))
    ended = await imported(here, id_)
    assert ended.state is DeploymentState.SUCCEEDED
    assert {c.address: c.action for c in ended.plan.effective} == dict.fromkeys(
        ("books", "books-files"), Action.ADOPT
    )
    assert without_marks(await door.get(path)) == before
    assert ((await planned(here)).effective, (await planned(here)).drift) == ((), ())

    written = document(here)
    entry(written, "books")["image"] = OTHER_IMAGE
    ipr, ended = await changed(here, written)
    assert [(c.address, c.action) for c in ipr.plan.effective] == [("books", Action.UPDATE)]
    assert ended.state is DeploymentState.SUCCEEDED
    now = await running(door, path)
    expected = deployment("books", claim="books-files")["spec"]["template"]["spec"]["containers"]
    images = [item["image"] for item in now["spec"]["template"]["spec"]["containers"]]
    assert images == [OTHER_IMAGE, expected[1]["image"]]
    after = copy.deepcopy(without_marks(now))
    after["spec"]["template"]["spec"]["containers"][0]["image"] = IMAGE
    after["metadata"]["annotations"].pop("deployment.kubernetes.io/revision")
    before["metadata"]["annotations"].pop("deployment.kubernetes.io/revision")
    assert after == before, "nothing but the image has changed"

    assert (await planned(here)).effective == ()
    await release(here, ended.plan.stack, "books", id_)
    left = await door.get(path)
    assert left["spec"] == now["spec"]
    assert left["metadata"]["labels"] == {"app": "books", "team": "books"}
    assert not [name for name in left["metadata"]["annotations"] if "alma" in name]
    assert "Deployment/books" in await offered(here, room)


async def test_what_is_secret_about_a_workload_is_never_told(
    here: World, door: Outside, room: str
) -> None:
    id_ = await planted(door, room, "books", class_=room)
    (found,) = await engine_of(here).inspect([id_])
    ended = await imported(here, id_)
    told = [found.model_dump_json(), ended.model_dump_json(), str(document(here))]
    told += [event.model_dump_json() for event in here.log(ended.id)]
    told.append(
        str((await door.get(f"{DEPLOYMENTS.format(room)}/books"))["metadata"]["annotations"])
    )
    assert not [text for text in told for canary in CANARIES if canary in text]
    assert any("API_TOKEN" in note for note in found.notes)
    assert any("PASSWORD" in note for note in found.notes)
    assert any("sidecar" in note for note in found.notes)


async def test_a_stateful_set_is_imported_and_scaled_and_keeps_its_pods_as_they_are(
    here: World, door: Outside, namespace: str
) -> None:
    await make_secret(door, namespace, "queue")
    await door.make(SETS.format(namespace), stateful_set("queue"))
    made = await running(door, f"{SETS.format(namespace)}/queue")
    ended = await imported(here, f"StatefulSet/{namespace}/queue/{made['metadata']['uid']}")
    assert ended.state is DeploymentState.SUCCEEDED
    written = document(here)
    entry(written, "queue")["count"] = 2
    ipr, ended = await changed(here, written)
    assert [(c.address, c.action) for c in ipr.plan.effective] == [("queue", Action.UPDATE)]
    assert ended.state is DeploymentState.SUCCEEDED
    now = await running(door, f"{SETS.format(namespace)}/queue")
    assert now["spec"] == {**made["spec"], "replicas": 2}


async def test_what_somebody_changes_of_an_imported_workload_is_drift_and_is_set_back(
    here: World, door: Outside, namespace: str
) -> None:
    path = await _web(door, namespace)
    made = await running(door, path)
    await imported(here, f"Deployment/{namespace}/web/{made['metadata']['uid']}")
    await door.merge(path, {"spec": {"replicas": 2}})
    plan = await planned(here)
    assert [(c.address, [f.path for f in c.fields]) for c in plan.effective] == [("web", ["count"])]
    assert [item.address for item in plan.drift] == ["web"]
    _, ended = await changed(here, document(here))
    assert ended.state is DeploymentState.SUCCEEDED
    assert (await running(door, path))["spec"] == made["spec"]


async def test_forgetting_a_stack_lets_go_of_what_was_imported(
    here: World, door: Outside, namespace: str
) -> None:
    path = await _web(door, namespace)
    made = await running(door, path)
    ended = await imported(here, f"Deployment/{namespace}/web/{made['metadata']['uid']}")
    await engine_of(here).wipe(ended.plan.stack)
    assert without_marks(await door.get(path)) == without_marks(made)
    assert (await offered(here, namespace))["Deployment/web"].obstacle is None


async def test_a_change_that_does_not_get_ready_is_put_back(
    here: World, door: Outside, namespace: str
) -> None:
    path = await _web(door, namespace)
    made = await running(door, path)
    await imported(here, f"Deployment/{namespace}/web/{made['metadata']['uid']}")
    written = document(here)
    entry(written, "web")["image"] = "localhost/there-is-none:1"
    _, ended = await changed(here, written)
    assert ended.state is DeploymentState.ROLLED_BACK
    assert (await running(door, path))["spec"] == made["spec"]


async def test_what_can_t_be_changed_on_the_object_alone_is_refused_in_the_plan(
    here: World, door: Outside, room: str
) -> None:
    id_ = await planted(door, room, "books", class_=room)
    await imported(here, id_)
    written = document(here)
    entry(written, "books")["mounts"] = []
    here.blueprints.update(LOCAL, 1, written)
    plan = await planned(here)
    assert any("mounts" in text and "can't be changed" in text for text in errors(plan))


async def test_a_blueprint_that_names_an_object_of_nobody_s_makes_nothing(
    here: World, door: Outside, namespace: str
) -> None:
    path = await _web(door, namespace)
    made = await running(door, path)
    await imported(here, f"Deployment/{namespace}/web/{made['metadata']['uid']}")
    await door.remove(path)
    plan = await planned(here)
    assert any("not part of this stack" in text for text in errors(plan))
    change = next(c for c in plan.changes if c.address == "web")
    with pytest.raises(ChangeRejected, match="not part of this stack"):
        await engine_of(here).apply(change, new_key(), Context(plan.stack))
    assert await door.get(path) is None


async def test_what_others_keep_is_listed_with_the_reason_and_never_imported(
    here: World, door: Outside, namespace: str
) -> None:
    await _web(door, namespace)
    for name, update in (
        ("by-helm", {"labels": {"app.kubernetes.io/managed-by": "Helm"}}),
        ("by-argo", {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment"}}),
    ):
        manifest = deployment(name, replicas=0)
        manifest["metadata"] |= update
        await door.make(DEPLOYMENTS.format(namespace), manifest)
    await door.make(DEPLOYMENTS.format(namespace), deployment("asleep", replicas=0))
    await _scaled(door, namespace, "web")
    there = await offered(here, namespace)
    reasons = {name: item.obstacle or "" for name, item in there.items()}
    assert "Helm" in reasons["Deployment/by-helm"]
    assert "Argo CD" in reasons["Deployment/by-argo"]
    assert "start it first" in reasons["Deployment/asleep"]
    assert "HorizontalPodAutoscaler web" in reasons["Deployment/web"]
    assert there["Deployment/asleep"].status is Status.STOPPED
    with pytest.raises(InvalidInput, match="Helm"):
        await opened(here, there["Deployment/by-helm"].object_id)
    everywhere = await here.importing.discover(LOCAL, "kubernetes")
    assert not [item for item in everywhere if item.site["namespace"] == "kube-system"]


async def test_a_claim_alone_is_imported_and_stays_when_the_stack_is_destroyed(
    here: World, door: Outside, room: str
) -> None:
    path = f"{CLAIMS.format(room)}/papers"
    await door.make(CLAIMS.format(room), claim("papers", room))
    made = await door.get(path)
    id_ = f"PersistentVolumeClaim/{room}/papers/{made['metadata']['uid']}"
    (found,) = await engine_of(here).inspect([id_])
    assert found.resource.specs.disk is not None
    assert str(found.resource.specs.disk) == "64MiB"
    assert found.resource.labels == {"team": "books"}
    assert (await imported(here, id_)).state is DeploymentState.SUCCEEDED
    assert (await planned(here)).effective == ()
    ipr = await here.iprs.open(LOCAL, title="away", blueprint_id=1, kind=PlanKind.DESTROY)
    assert ipr.plan.effective == ()
    assert without_marks(await door.get(path)) == without_marks(made)


async def test_looking_takes_as_many_lists_however_much_is_there(
    here: World, door: Outside, namespace: str
) -> None:
    engine = engine_of(here)
    session = engine._sessions.here()
    asked: list[str] = []
    real = session.cluster.listing

    async def listing(kind: str, **more: Any) -> Any:
        asked.append(kind)
        return await real(kind, **more)

    session.cluster.listing = listing  # type: ignore[method-assign]  # counts what is asked
    for number in range(12):
        manifest = deployment(f"many-{number}", replicas=0)
        await door.make(DEPLOYMENTS.format(namespace), manifest)
    await engine.discover()
    assert len(asked) == len(set(asked)) == 4


async def _web(door: Outside, namespace: str) -> str:
    """A workload without a claim; its path."""
    await make_secret(door, namespace, "web")
    await door.make(DEPLOYMENTS.format(namespace), deployment("web", strategy=HELD))
    return f"{DEPLOYMENTS.format(namespace)}/web"


async def _scaled(door: Outside, namespace: str, name: str) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    manifest = {
        "metadata": {"name": name},
        "spec": {"scaleTargetRef": target, "maxReplicas": 3},
    }
    path = f"/apis/autoscaling/v1/namespaces/{namespace}/horizontalpodautoscalers"
    await door.make(path, manifest)
