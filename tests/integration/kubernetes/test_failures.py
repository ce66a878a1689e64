"""What goes wrong in a cluster is told in its own words, with what to do, and leaves nothing half done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from alma.core.model.blueprint import Resource, ResourceType, SecretRef
from alma.core.model.errors import AlmaError, ChangeRejected, EngineUnavailable, OutcomeUnknown
from alma.core.model.plan import Action
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, ResolvedMount, Status
from alma.core.model.units import Size
from tests.contract.harness import CANARY, new_key
from tests.integration.kubernetes.stage import Stage, a_stage, crashing, web
from tests.integration.kubernetes.test_changes import network
from tests.kubernetes import Outside, an_account
from tests.kubernetes_proxy import Proxy
from tests.kubernetes_webhook import refusing

pytestmark = pytest.mark.kubernetes


async def _refused(stage: Stage, desired: DesiredResource) -> ChangeRejected:
    with pytest.raises(ChangeRejected) as raised:
        await stage.create(desired)
    assert raised.value.hint
    return raised.value


async def test_an_image_that_nobody_has_is_named_with_the_kubelets_words(stage: Stage) -> None:
    error = await _refused(stage, web(image="localhost/nobody:9"))
    assert "localhost/nobody:9" in error.message
    assert "Failed to pull image" in error.message
    seen = await stage.see("web")
    assert seen, "what was made keeps its marker, for who undoes it"
    assert seen.status is not Status.RUNNING


async def test_a_crash_loop_shows_its_log_and_no_secret(stage: Stage) -> None:
    error = await _refused(stage, crashing())
    assert "exit code 7" in error.message
    assert "the password is ********" in error.message
    assert CANARY not in f"{error.message} {error.hint} {error.details} {stage.context.lines}"


async def test_what_fits_on_no_node_has_the_schedulers_words(
    door: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alma.engines.kubernetes.rollout.PATIENCE", 1.0)
    async with a_stage(door) as stage:
        error = await _refused(stage, web(cpu=4000))
    assert "Insufficient cpu" in error.message


async def test_a_volume_that_nobody_provides_is_told(door: Outside) -> None:
    async with a_stage(door, storage_class="nobody-provides-this") as stage:
        resource = Resource(name="data", type=ResourceType.VOLUME)
        data = DesiredResource(
            address="data", type=ResourceType.VOLUME, resource=resource, disk=Size("1GiB")
        )
        await stage.create(data)
        (check,) = await stage.engine.verify(data, stage.stack)
        assert not check.passed
        assert "nobody-provides-this" in check.detail
        error = await _refused(stage, web(mounts=(ResolvedMount(volume="data", path="/srv"),)))
    assert "PersistentVolumeClaim" in error.message


async def test_a_volume_that_is_full_shows_in_the_log_of_who_writes(stage: Stage) -> None:
    fill = "head -c 1000000 /dev/zero > /dev/full"
    error = await _refused(stage, web(command=("sh", "-c", fill), files=()))
    assert "No space left on device" in error.message


async def test_a_quota_that_has_no_room_for_pods_is_told_in_its_numbers(stage: Stage) -> None:
    await stage.create(network())
    quota = {"metadata": {"name": "small"}, "spec": {"hard": {"requests.memory": "32Mi"}}}
    await stage.door.make(stage.path("resourcequotas", group="v1"), quota)
    error = await _refused(stage, web())
    assert "exceeded quota: small" in error.message
    assert "requested: requests.memory=67108864" in error.message


async def test_what_rbac_forbids_is_named_by_verb_and_resource_and_nothing_is_made(
    door: Outside, namespace: str
) -> None:
    looks = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}
    account = await an_account(door, namespace, [looks])
    async with a_stage(
        door, namespace=namespace, kubeconfig=None, kubeconfig_text=account
    ) as stage:
        with pytest.raises(ChangeRejected) as raised:
            await stage.create(web())
        assert "patch" in raised.value.message
        assert "configmaps" in raised.value.message
        assert await stage.objects("web") == []


async def test_what_an_admission_webhook_refuses_is_told_in_its_words_before_an_update(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.create(web())
    labels = {"alma.dev/stack": stage.stack.id}
    async with refusing(
        stage.door,
        tmp_path,
        name=f"no.{stage.namespace}.test",
        labels=labels,
        resource="deployments",
        words="not on a Friday",
    ):
        with pytest.raises(ChangeRejected, match="not on a Friday") as raised:
            await stage.update(web(text="two"))
        assert f"no.{stage.namespace}.test" in raised.value.message
        assert await stage.say() == "one"
        with pytest.raises(ChangeRejected, match="not on a Friday"):
            await stage.apply(Action.REPLACE, web(text="two"))
        assert await stage.say() == "one", "the old one stays until the new one is known to pass"


async def test_a_kind_that_nobody_installed_is_named(stage: Stage) -> None:
    machine = web(
        "box", type=ResourceType.VM, resource=Resource(name="box", type=ResourceType.VM), files=()
    )
    error = await _refused(stage, machine)
    assert "VirtualMachine" in error.message
    assert await stage.see("box") is None


# ── undoing an update ────────────────────────────────────────────────────────────────────────────


async def test_an_update_that_does_not_start_is_undone_and_the_error_tells_both(
    stage: Stage,
) -> None:
    made = await stage.create(web())
    with pytest.raises(ChangeRejected) as raised:
        await stage.update(web(image="localhost/nobody:9", text="two"), "image")
    assert "localhost/nobody:9" in raised.value.message
    assert "the previous web runs again" in raised.value.message
    seen = await stage.see("web")
    assert seen
    assert made.resource
    assert (seen.object_id, seen.properties) == (made.resource.object_id, made.resource.properties)
    assert await stage.say() == "one"


async def test_an_update_that_never_gets_ready_is_undone(stage: Stage) -> None:
    await stage.create(web())
    never = HealthCheck(kind="http", port=8081, interval=1, start_period=2)
    with pytest.raises(ChangeRejected, match="the previous web runs again"):
        await stage.update(web(health=never, text="two"))
    assert await stage.say() == "one"


async def test_an_undo_takes_away_what_came_new(stage: Stage) -> None:
    await stage.create(web())
    before = await stage.objects("web")
    with pytest.raises(ChangeRejected):
        await stage.update(
            web(
                image="localhost/nobody:9",
                replicas=2,
                env={"MODE": "a", "PASSWORD": SecretRef(secret="web.password")},
            )
        )
    assert await stage.objects("web") == before


# ── the API server goes away ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE])
async def test_an_api_server_that_goes_away_mid_rollout_is_told_and_the_repeat_finishes(
    door: Outside, proxy: Proxy, action: Action
) -> None:
    async with a_stage(
        door, kubeconfig=None, kubeconfig_text=proxy.kubeconfig, request_timeout=3
    ) as stage:
        if action is Action.UPDATE:
            await stage.create(web(text="zero"))
        key, wanted = new_key(), web(replicas=2)
        task = asyncio.create_task(stage.apply(action, wanted, key=key))
        while not any("watch=true" in request for request in proxy.requests) and not task.done():
            await asyncio.wait({task}, timeout=0.05)
        proxy.drop(".*")
        proxy.cut()
        with pytest.raises((EngineUnavailable, OutcomeUnknown)) as raised:
            await task
        assert raised.value.hint
        proxy.pass_on()
        again = await stage.apply(action, wanted, key=key)
        assert again.resource
        assert again.resource.status is Status.RUNNING
        assert await stage.say() == "one"
        listed = await stage.objects("web")
        assert [path for path in listed if "deployments" in path] == ["deployments/web"]


async def test_an_api_server_that_is_not_there_makes_nothing(door: Outside, proxy: Proxy) -> None:
    proxy.drop(".*")
    async with a_stage(
        door, kubeconfig=None, kubeconfig_text=proxy.kubeconfig, request_timeout=2
    ) as stage:
        with pytest.raises(AlmaError) as raised:
            await stage.create(web())
        assert isinstance(raised.value, EngineUnavailable)
        assert await door.get(f"/api/v1/namespaces/{stage.namespace}") is None
