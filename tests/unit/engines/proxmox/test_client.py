"""The parts of the client that need no cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from alma.core.model.errors import EngineUnavailable, OutcomeUnknown
from alma.engines.proxmox.client import Api, Missing, Permissions, Refused, StorageFull, Upid
from alma.engines.proxmox.client.auth import TicketLogin, totp
from alma.engines.proxmox.client.errors import NotAllowed, of_answer, of_task
from alma.engines.proxmox.client.form import encode, encoded_path, template_of
from alma.engines.proxmox.client.limits import Limits
from alma.engines.proxmox.settings import ProxmoxSettings

UPID = "UPID:pve1:000F1B2C:1A2B3C4D:65A1B2C3:qmclone:9000:alma@pve!deploy:"


def test_a_task_id_says_where_it_runs_and_what_it_does():
    upid = Upid.parse(UPID)
    assert (upid.node, upid.type, upid.id, upid.user) == (
        "pve1",
        "qmclone",
        "9000",
        "alma@pve!deploy",
    )


@pytest.mark.parametrize("answer", [{}, {"ticket": "PVE:x"}, {"ticket": None}])
async def test_a_login_that_somebody_else_answers_is_told(answer: dict[str, object]):
    async def ask(form: Mapping[str, Any]) -> Mapping[str, Any]:
        return answer

    settings = ProxmoxSettings.model_validate(
        {"urls": "https://pve1", "user": "root@pam", "password": "x"}
    )
    with pytest.raises(EngineUnavailable, match="not that of a Proxmox VE node"):
        await TicketLogin(settings, ask).headers(change=False)


@pytest.mark.parametrize("text", ["", "OK", "UPID:", "UPID:pve1:1:2:3", "UPID::1:2:3:4:5:6:"])
def test_what_is_no_task_id_is_refused(text: str):
    with pytest.raises(ValueError, match="no task id"):
        Upid.parse(text)


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ({"onboot": True, "template": False, "cores": 4}, "onboot=1&template=0&cores=4"),
        ({"a": None, "b": [], "c": ""}, "c="),
        ({"command": ["ls", "-l"]}, "command=ls&command=-l"),
        ({"tags": "alma;alma-x", "n": "a=b&c+d e"}, "tags=alma%3Balma-x&n=a%3Db%26c%2Bd%20e"),
        ({"sshkeys": "ssh-ed25519%20AAAA"}, "sshkeys=ssh-ed25519%2520AAAA"),
        ({"description": "ü\n"}, "description=%C3%BC%0A"),
    ],
)
def test_parameters_are_a_form(values: dict[str, object], form: str):
    assert encode(values) == form


def test_a_path_keeps_what_it_has_encoded():
    assert encoded_path("/x/local:iso%2Fa b.iso?") == "/x/local:iso%2Fa%20b.iso%3F"


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/cluster/resources", "/cluster/resources"),
        ("/nodes/pve1/qemu/100/config", "/nodes/{node}/qemu/{vmid}/config"),
        (f"/nodes/pve1/tasks/{UPID}/status", "/nodes/{node}/tasks/{upid}/status"),
        (
            "/nodes/a/storage/local/content/local:iso%2Fx.iso",
            "/nodes/{node}/storage/{storage}/content/{volume}",
        ),
    ],
)
def test_paths_are_counted_by_what_they_are_about(path: str, template: str):
    assert template_of(path) == template


def test_the_second_factor_is_that_of_rfc_6238():
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the RFC's "12345678901234567890"
    codes = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {at: totp(seed, at) for at in codes} == codes


def test_the_nearest_path_with_an_entry_decides_what_is_allowed():
    held = Permissions(
        {
            "/": {"Sys.Audit": True, "Sys.Modify": False},
            "/vms": {"VM.Audit": True},
            "/vms/100": {"VM.Clone": True},
        }
    )
    assert held.missing("/", "Sys.Audit", "Sys.Modify") == ()
    assert held.missing("/nodes/pve1", "Sys.Audit", "Sys.Modify") == ("Sys.Modify",)
    assert held.missing("/vms/200", "VM.Audit") == ()
    assert held.missing("/vms/100", "VM.Audit", "VM.Clone") == ("VM.Audit",)
    assert Permissions({}).missing("/vms", "VM.Audit") == ("VM.Audit",)


@pytest.mark.parametrize(
    ("reason", "guest"),
    [
        ("Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist", True),
        ("unable to find configuration file for VM 100 - no such machine", True),
        ("volume 'local:iso/alpine.iso' does not exist", False),
        ("storage 'nfs' does not exist", False),
        ("hostname lookup 'pve9' failed - failed to get address info for: pve9", False),
    ],
)
def test_a_missing_guest_is_told_from_what_it_lacks(reason: str, guest: bool):
    error = of_answer("Starting", status=500, reason=reason, fields={}, node="pve1", change=True)
    assert isinstance(error, Missing)
    assert error.is_guest is guest


@pytest.mark.parametrize(
    ("status", "change", "kind"),
    [
        (502, True, OutcomeUnknown),
        (504, True, OutcomeUnknown),
        (503, True, EngineUnavailable),
        (502, False, EngineUnavailable),
        (500, False, EngineUnavailable),
        (500, True, Refused),
        (404, True, Missing),
        (501, False, Refused),
        (597, True, OutcomeUnknown),
        (597, False, EngineUnavailable),
    ],
)
def test_a_refusal_is_told_from_what_nobody_knows(status: int, change: bool, kind: type[Exception]):
    error = of_answer("Doing", status=status, reason="x", fields={}, node=None, change=change)
    assert type(error) is kind or isinstance(error, kind)
    assert isinstance(error, Refused) == (kind in {Refused, Missing})


def test_a_failed_task_that_filled_a_storage_says_what_to_do():
    error = of_task("Cloning web", "no space left on device", upid=UPID, log_tail=("a", "b"))
    assert isinstance(error, StorageFull)
    assert error.message.splitlines()[1:] == ["    a", "    b"]
    assert error.details == {"upid": UPID, "log": ["a", "b"]}


async def test_places_are_taken_in_one_order_so_that_nobody_waits_for_ever():
    one = {"tasks_per_node": 1, "tasks_per_storage": 1, "clones_per_source": 1}
    limits = Limits(ProxmoxSettings.model_validate(one))
    done = 0

    async def work(at: int) -> None:
        nonlocal done
        node, storage, source = f"n{at % 2}", f"s{at % 3}", at % 2
        async with limits.hold(node=node, storage=storage, source=source):
            await asyncio.sleep(0)
            done += 1

    async with asyncio.timeout(10):
        await asyncio.gather(*(work(at) for at in range(60)))
    assert done == 60


async def test_who_waits_for_a_storage_keeps_no_other_off_the_node():
    one = {"tasks_per_node": 1, "tasks_per_storage": 1}
    limits = Limits(ProxmoxSettings.model_validate(one))
    async with limits.hold(node="other", storage="slow"):
        waiting = asyncio.create_task(_hold(limits, "pve1", "slow"))
        await asyncio.sleep(0)
        async with asyncio.timeout(10), limits.hold(node="pve1", storage="fast"):
            assert not waiting.done()
    await waiting


async def _hold(limits: Limits, node: str, storage: str) -> None:
    async with limits.hold(node=node, storage=storage):
        pass


def test_without_an_address_the_engine_says_what_to_set():
    with pytest.raises(EngineUnavailable, match="No Proxmox VE cluster is configured") as caught:
        Api(ProxmoxSettings())
    assert "ALMA_PROXMOX_URLS" in str(caught.value.hint)


def test_a_privilege_that_is_missing_for_a_tag_is_named() -> None:
    reason = "Permission check failed (/, Sys.Modify for modifying tag 'alma')"
    error = of_answer("Creating web", status=403, reason=reason, fields={}, node=None, change=True)
    assert isinstance(error, NotAllowed)
    assert (error.path, error.privileges) == ("/", ("Sys.Modify",))
