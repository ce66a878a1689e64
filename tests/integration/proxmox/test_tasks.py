"""Locks, limits, tasks and broken connections: what the client does with a cluster that is busy or falls apart."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from alma.core.model.errors import EngineUnavailable, OutcomeUnknown
from alma.engines.proxmox.client import (
    Api,
    Exists,
    Locked,
    NodeOffline,
    NoQuorum,
    Refused,
    StorageFull,
    TaskFailed,
    TaskUnknown,
)
from alma.engines.proxmox.client.form import encode
from alma.engines.proxmox.client.transport import KEEP_ALIVE
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.integration.proxmox.steps import IN_BACKGROUND, LXC, Time, container
from tests.integration.proxmox.world import Pve

CONFIG = "/nodes/pve1/qemu/100/config"
CLONE = "/nodes/pve1/qemu/9000/clone"


@pytest.fixture
def vm(pve: Pve) -> Any:
    return pve.add_vm(100, "web")


@pytest.fixture
def template(pve: Pve) -> Any:
    disk = {"scsi0": "local-lvm:base-9000-disk-0,size=4G"}
    return pve.add_vm(9000, "debian", config=disk, template=True)


# ── never twice ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_b03_a_change_whose_reply_was_lost_is_not_sent_again(
    pve: Pve, api: Api, vm: Any, method: str
):
    path = {"POST": LXC, "PUT": CONFIG, "DELETE": "/nodes/pve1/qemu/100"}[method]
    data: dict[str, Any] = {"POST": container(200), "PUT": {"cores": 2}, "DELETE": {}}[method]
    await api.get("/version")  # so that the connection has been used before
    pve.lose(method, path)
    with pytest.raises(OutcomeUnknown, match="it may have been done"):
        await api.run(method, path, data, doing="Changing web")
    assert pve.count(method, path) == 1


async def test_b03_what_was_lost_has_happened_and_is_seen_by_the_next_look(pve: Pve, api: Api):
    pve.lose("POST", LXC)
    with pytest.raises(OutcomeUnknown):
        await api.run("POST", LXC, container(200), doing="Creating web")
    assert [ct["vmid"] for ct in await api.get("/cluster/resources", type="vm")] == [200]
    with pytest.raises(Exists):
        await api.run("POST", LXC, container(200), doing="Creating web")


async def test_b03_what_was_never_sent_goes_to_the_next_node(
    pve: Pve, settings: ProxmoxSettings, unused_tcp_port: int
):
    urls = (f"https://{pve.host}:{unused_tcp_port}", pve.url)
    async with Api(settings.model_copy(update={"urls": urls})) as api:
        await api.run("POST", LXC, container(200), doing="Creating web")
        await api.get("/version")
    assert pve.count("POST", LXC) == 1


async def test_b03_when_no_node_can_be_reached_nothing_was_sent(
    pve: Pve, settings: ProxmoxSettings, unused_tcp_port: int
):
    urls = (f"https://{pve.host}:{unused_tcp_port}",)
    async with Api(settings.model_copy(update={"urls": urls})) as api:
        with pytest.raises(EngineUnavailable, match=f"{unused_tcp_port} can't be reached"):
            await api.post(LXC, container(200))


# ── locks ────────────────────────────────────────────────────────────────────────────────────────


async def test_b04_a_lock_file_that_is_held_is_waited_for_when_the_call_is_refused(
    pve: Pve, settings: ProxmoxSettings, vm: Any
):
    await pve.hold_config_lock(100, None)
    time = Time(lambda pauses: pauses == 3 and pve.release_config_lock(100))
    async with time.api(settings) as api:
        await api.put(CONFIG, {"cores": 3})
    assert vm.config["cores"] in {3, "3"}
    assert pve.count("PUT", CONFIG) == 4
    assert len(set(time.pauses)) == 3  # jittered


async def test_b04_a_lock_file_that_is_held_is_waited_for_when_the_task_fails_for_it(
    pve: Pve, settings: ProxmoxSettings, template: Any
):
    await pve.hold_config_lock(9000, None)
    time = Time(lambda pauses: pauses == 3 and pve.release_config_lock(9000))
    said: list[str] = []
    async with time.api(settings) as api:
        done = await api.run("POST", CLONE, {"newid": 101}, doing="Cloning web", log=said.append)
    assert done.exit_status == "OK"
    assert pve.count("POST", CLONE) == 4
    assert [line for line in said if line.startswith("Waiting: ")] == [
        "Waiting: clone failed: can't lock file '/var/lock/qemu-server/lock-9000.conf' - got timeout"
    ]


async def test_b04_waiting_for_a_lock_is_bounded(pve: Pve, settings: ProxmoxSettings, vm: Any):
    await pve.hold_config_lock(100, None)
    time = Time()
    async with time.api(settings.model_copy(update={"lock_timeout": 60})) as api:
        with pytest.raises(Locked) as caught:
            await api.put(CONFIG, {"cores": 3}, doing="Changing web")
    assert sum(time.pauses) == pytest.approx(60)
    assert "waited 60 s" in str(caught.value.hint)
    assert caught.value.message.startswith("Changing web: can't lock file")
    assert "cores" not in vm.config


async def test_b05_the_timeout_of_a_storages_lock_is_waited_for(
    pve: Pve, settings: ProxmoxSettings
):
    pve.fail_task("vzcreate", "cfs-lock 'storage-nfs' error: got lock request timeout", times=2)
    time = Time()
    async with time.api(settings) as api:
        await api.run("POST", LXC, container(200), doing="Creating web", storage="nfs")
    assert pve.count("POST", LXC) == 3


async def test_b05_so_many_tasks_at_a_time_write_to_a_storage(pve: Pve, settings: ProxmoxSettings):
    limits = {"tasks_per_storage": 2, "tasks_per_node": 99}
    assert await most_at_once(pve, settings.model_copy(update=limits), storage="local-lvm") == 2


async def test_b06_a_guests_lock_is_waited_for(pve: Pve, settings: ProxmoxSettings, vm: Any):
    pve.snapshot_lock(100, "backup")
    time = Time(lambda pauses: pauses == 3 and pve.unlock(100))
    async with time.api(settings) as api:
        await api.put(CONFIG, {"cores": 3})
    assert pve.count("PUT", CONFIG) == 4


@pytest.mark.parametrize("lock", ["backup", "migrate", "snapshot"])
async def test_b06_a_guests_lock_that_stays_is_named_and_never_passed_over(
    pve: Pve, settings: ProxmoxSettings, vm: Any, lock: str
):
    pve.snapshot_lock(100, lock)
    async with Time().api(settings) as api:
        with pytest.raises(Locked, match=rf"Starting web: .*VM is locked \({lock}\)") as caught:
            await api.run("POST", "/nodes/pve1/qemu/100/status/start", doing="Starting web")
        with pytest.raises(Locked):
            await api.put(CONFIG, {"cores": 3})
    assert caught.value.lock == lock
    assert "qm unlock" in str(caught.value.hint)
    assert not [seen for seen in pve.seen if "skiplock" in seen.text]


def test_b06_skiplock_can_not_be_sent():
    with pytest.raises(ValueError, match="skiplock"):
        encode({"skiplock": True})


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


async def most_at_once(pve: Pve, settings: ProxmoxSettings, **places: Any) -> int:
    """Starts more tasks than fit, and says how many of them ran at a time."""
    pve.time_scale = IN_BACKGROUND
    gate = pve.gate("vzcreate")
    async with Api(settings) as api:
        tasks = [
            asyncio.create_task(
                api.run("POST", LXC, container(200 + at), doing=f"Creating {at}", **places)
            )
            for at in range(6)
        ]
        await gate.reached(2)
        gate.open()
        await asyncio.gather(*tasks)
    assert pve.count("POST", LXC) == 6
    return pve.now.most["vzcreate"]


async def test_b07_so_many_tasks_at_a_time_run_on_a_node(pve: Pve, settings: ProxmoxSettings):
    assert await most_at_once(pve, settings.model_copy(update={"tasks_per_node": 2})) == 2


async def test_b07_so_many_clones_of_a_guest_are_made_at_a_time(
    pve: Pve, settings: ProxmoxSettings
):
    limits = {"clones_per_source": 2, "tasks_per_node": 99}
    assert await most_at_once(pve, settings.model_copy(update=limits), source=9000) == 2


async def test_b07_a_container_is_cloned_once_at_a_time(pve: Pve, settings: ProxmoxSettings):
    pve.time_scale = IN_BACKGROUND
    async with Api(settings) as api:
        await api.run("POST", LXC, container(200), doing="Creating")
        clones = [
            api.run("POST", f"{LXC}/200/clone", {"newid": 201 + at}, doing="Cloning", source=200)
            for at in range(4)
        ]
        await asyncio.gather(*clones)
    assert pve.count("POST", "/clone") == 4  # and none had to be sent twice for a lock
    assert pve.now.most["vzclone"] == 1


async def test_b07_there_are_never_more_connections_than_allowed(
    pve: Pve, settings: ProxmoxSettings
):
    async with Api(settings.model_copy(update={"connections": 3})) as api:
        await asyncio.gather(*(api.get("/version") for _ in range(50)))
    assert len({seen.peer for seen in pve.seen}) == 3


def test_b07_by_default_four_tasks_a_node_and_sixteen_connections():
    assert (ProxmoxSettings().tasks_per_node, ProxmoxSettings().connections) == (4, 16)


async def test_b07_a_call_that_is_cancelled_gives_its_places_back(
    pve: Pve, settings: ProxmoxSettings
):
    pve.time_scale = IN_BACKGROUND
    gate = pve.gate("vzcreate", times=1)
    async with Api(settings.model_copy(update={"tasks_per_node": 1})) as api:
        first = asyncio.create_task(api.run("POST", LXC, container(200), doing="Creating one"))
        await gate.reached(1)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await api.run("POST", LXC, container(201), doing="Creating another")
    gate.open()


# ── tasks ────────────────────────────────────────────────────────────────────────────────────────


async def test_b08_a_task_is_awaited_on_its_own_node(pve: Pve, api: Api):
    pve.add_node("pve2")

    async def body() -> None:
        pass

    upid = await pve.task("pve2", "qmigrate", 100, "alma@pve!deploy", body)
    assert (await api.wait(upid)).node == "pve2"
    assert {seen.path.split("/tasks/")[0] for seen in pve.seen} == {"/api2/json/nodes/pve2"}


async def test_b08_polling_begins_at_once_and_becomes_rarer(pve: Pve, settings: ProxmoxSettings):
    pve.time_scale = IN_BACKGROUND
    gate = pve.gate("vzcreate")
    time = Time(lambda pauses: gate.open() if pauses == 12 else None)
    async with time.api(settings) as api:
        await api.run("POST", LXC, container(200), doing="Creating web")
    assert time.pauses[:3] == pytest.approx([0.05, 0.075, 0.1125])
    assert time.pauses == sorted(time.pauses)
    assert max(time.pauses) == 2


async def test_b08_a_task_that_outlives_its_deadline_is_named_and_not_stopped(
    pve: Pve, settings: ProxmoxSettings
):
    pve.time_scale = IN_BACKGROUND
    gate = pve.gate("vzcreate")
    async with Time().api(settings) as api:
        with pytest.raises(TaskUnknown, match="still runs after 60 s") as caught:
            await api.run("POST", LXC, container(200), doing="Creating web", timeout=60)
        assert caught.value.upid in caught.value.message
        assert pve.count("DELETE") == 0
        gate.open()
    async with Api(settings) as api:
        assert (await api.wait(caught.value.upid)).exit_status == "OK"


async def test_b08_a_task_whose_node_can_not_be_asked_any_more_is_unknown(
    pve: Pve, settings: ProxmoxSettings
):
    pve.time_scale = IN_BACKGROUND
    gate = pve.gate("vzcreate")
    time = Time(lambda _: pve.set_node_offline("pve1"))
    async with time.api(settings) as api:
        with pytest.raises(TaskUnknown, match=r"UPID:pve1:.* can't be watched any more"):
            await api.run("POST", LXC, container(200), doing="Creating web")
    gate.open()


async def test_b08_a_task_that_its_node_does_not_know_any_more_is_unknown(api: Api):
    with pytest.raises(TaskUnknown, match=r"can't be watched any more: .*unable to parse"):
        await api.wait("UPID:pve1:00000001:00000001:65A1B2C3:qmclone:9000:alma@pve!deploy:")


async def test_b08_a_task_that_ended_without_saying_how_is_unknown(
    pve: Pve, settings: ProxmoxSettings
):
    pve.fail_task("vzcreate", "unexpected status")
    async with Time().api(settings) as api:
        with pytest.raises(TaskUnknown, match="ended without saying how"):
            await api.run("POST", LXC, container(200), doing="Creating web")


async def test_b08_a_task_is_followed_although_its_log_can_not_be_read(pve: Pve, api: Api):
    pve.time_scale = IN_BACKGROUND
    pve.fail("GET", "/log", 500, "unable to open file")
    done = await api.run("POST", LXC, container(200), doing="Creating web", log=lambda _: None)
    assert done.exit_status == "OK"


async def test_b08_a_node_that_comes_back_in_time_is_waited_for(
    pve: Pve, settings: ProxmoxSettings
):
    pve.time_scale = IN_BACKGROUND
    gate = pve.gate("vzcreate")

    def happen(pauses: int) -> None:
        pve.set_node_offline("pve1", offline=pauses < 4)
        if pauses == 4:
            gate.open()

    async with Time(happen).api(settings) as api:
        done = await api.run("POST", LXC, container(200), doing="Creating web")
    assert done.exit_status == "OK"


async def test_b09_a_task_with_warnings_is_a_success_and_its_log_is_kept(pve: Pve, api: Api):
    pve.warn("vzcreate", "old systemd detected", "no nesting")
    done = await api.run("POST", LXC, container(200), doing="Creating web")
    assert done.exit_status == "WARNINGS: 2"
    assert done.warnings == ("WARN: old systemd detected", "WARN: no nesting")
    assert done.log_tail[-1] == "TASK WARNINGS: 2"


async def test_b09_a_delete_with_warnings_is_a_failure(pve: Pve, api: Api, vm: Any):
    pve.warn("qmdestroy", "volume local-lvm:vm-100-disk-0 was left behind")
    with pytest.raises(TaskFailed, match="vm-100-disk-0 was left behind"):
        await api.run("DELETE", "/nodes/pve1/qemu/100", doing="Deleting web", strict=True)


async def test_b10_the_error_of_a_failed_task_ends_with_its_log(pve: Pve, api: Api):
    lines = [f"line {at}" for at in range(40)]
    pve.fail_task("vzcreate", "command 'tar xpf -' failed: exit code 2", *lines)
    with pytest.raises(TaskFailed) as caught:
        await api.run("POST", LXC, container(200), doing="Creating web")
    error = caught.value
    assert error.message.startswith("Creating web: the task failed: command 'tar xpf -' failed")
    assert error.log_tail[0] == "line 22"
    assert "line 39" in error.message
    assert "line 21" not in error.message
    assert str(error.upid) in str(error.hint)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("unable to create image: No space left on device", StorageFull),
        ("zfs error: cannot create 'rpool/vm-1-disk-0': out of space", StorageFull),
        ("lvcreate error: insufficient free space: 4 extents needed", StorageFull),
        ("cluster not ready - no quorum?", NoQuorum),
        ("CT 200 already exists on node 'pve1'", Exists),
        ("startup for container '200' failed", TaskFailed),
        ("command '/sbin/init' not found", TaskFailed),
        ("unable to open /etc/pve/x: No such file or directory", TaskFailed),
    ],
)
async def test_b10_a_failed_task_is_translated(
    pve: Pve, api: Api, status: str, kind: type[Refused]
):
    pve.fail_task("vzcreate", status)
    with pytest.raises(Refused) as caught:
        await api.run("POST", LXC, container(200), doing="Creating web")
    assert type(caught.value) is kind
    assert caught.value.hint


async def test_b10_the_log_is_told_while_the_task_runs(pve: Pve, api: Api):
    pve.time_scale = IN_BACKGROUND
    gate = pve.gate("vzcreate", "extracting archive")
    said: list[str] = []
    heard = asyncio.Event()

    def hear(line: str) -> None:
        said.append(line)
        if line == "extracting archive":
            heard.set()

    running = asyncio.create_task(
        api.run("POST", LXC, container(200), doing="Creating web", log=hear)
    )
    await heard.wait()
    assert not running.done()
    gate.open()
    await running
    assert said.count("extracting archive") == 1


async def test_b10_a_long_log_is_told_whole_and_kept_in_part(pve: Pve, api: Api):
    lines = [f"downloaded {at} MiB" for at in range(1800)]
    pve.warn("vzcreate", *lines)
    said: list[str] = []
    done = await api.run("POST", LXC, container(200), doing="Creating web", log=said.append)
    assert [line for line in said if "MiB" in line] == [f"WARN: {line}" for line in lines]
    assert len(done.log_tail) == 20
    assert len(done.warnings) == 20


# ── connections ──────────────────────────────────────────────────────────────────────────────────


def test_b35_idle_connections_are_given_up_before_the_server_closes_them():
    assert KEEP_ALIVE < 5


async def test_b35_a_server_that_closes_after_each_answer_does_no_harm(pve: Pve, api: Api):
    pve.closes_after_each_answer = True
    for _ in range(20):
        assert (await api.get("/version"))["version"]
    assert len({seen.peer for seen in pve.seen}) >= 20


async def test_b35_a_read_that_was_reset_is_asked_again(pve: Pve, api: Api):
    pve.drop("GET", "/version", times=2)
    assert (await api.get("/version"))["version"]
    assert pve.count("GET", "/version") == 3


async def test_b35_reads_are_asked_again_a_few_times_only(pve: Pve, api: Api):
    pve.drop("GET", "/version", times=99)
    with pytest.raises(EngineUnavailable, match=r"the connection to .* broke"):
        await api.get("/version")
    assert pve.count("GET", "/version") == 4


async def test_b35_an_answer_that_does_not_come_in_time_is_not_waited_for(
    pve: Pve, settings: ProxmoxSettings, vm: Any
):
    pve.hang("GET", "/version", times=4)
    pve.hang("PUT", CONFIG)
    async with Api(settings.model_copy(update={"request_timeout": 0.05})) as api:
        with pytest.raises(EngineUnavailable, match=r"gave no answer within 0\.05 s"):
            await api.get("/version")
        with pytest.raises(OutcomeUnknown, match=r"gave no answer within 0\.05 s"):
            await api.put(CONFIG, {"cores": 2})
    assert (pve.count("GET", "/version"), pve.count("PUT", CONFIG)) == (4, 1)


@pytest.mark.parametrize("status", [596, 599])
async def test_b35_a_read_that_another_node_did_not_answer_is_asked_again(
    pve: Pve, api: Api, vm: Any, status: int
):
    pve.fail("GET", CONFIG, status, "Connection timed out", times=2)
    assert (await api.get(CONFIG))["name"] == "web"


async def test_b35_a_change_that_another_node_did_not_answer_may_have_been_done(
    pve: Pve, api: Api, vm: Any
):
    pve.fail("PUT", CONFIG, 599, "Too many redirections")
    with pytest.raises(OutcomeUnknown, match="the node pve1 broke"):
        await api.put(CONFIG, {"cores": 2})
    assert pve.count("PUT", CONFIG) == 1


async def test_b36_an_offline_node_is_named_and_the_others_go_on_answering(pve: Pve, api: Api):
    pve.add_vm(300, "far", node="pve2")
    pve.set_node_offline("pve2")
    with pytest.raises(NodeOffline, match="the node pve2 does not answer") as caught:
        await api.get("/nodes/pve2/qemu/300/config")
    assert caught.value.node == "pve2"
    assert [vm["status"] for vm in await api.get("/cluster/resources", type="vm")] == ["unknown"]


async def test_b37_without_quorum_a_change_is_refused_at_once(pve: Pve, api: Api, vm: Any):
    pve.lose_quorum()
    with pytest.raises(NoQuorum, match="no quorum") as caught:
        await api.run("POST", LXC, container(200), doing="Creating web")
    assert "pvecm status" in str(caught.value.hint)
    assert pve.count("POST", LXC) == 1
    assert (await api.get(CONFIG))["name"] == "web"
