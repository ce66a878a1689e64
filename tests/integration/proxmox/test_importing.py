"""Guests that were there before ALMA become part of a stack as they are, and are given back as they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from alma.core.model.deployment import DeploymentState
from alma.core.model.engine import Wish
from alma.core.model.errors import InvalidInput
from alma.core.model.ipr import IPR, ReviewAction
from alma.core.model.plan import Action
from alma.core.model.principal import LOCAL
from alma.engines.proxmox import marker
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.integration.proxmox.world import Pve
from tests.world import World, world

NOTES = "Ask the accountants before you stop it.\n"
VM: dict[str, Any] = {
    "name": "books",
    "cores": 2,
    "sockets": 2,
    "memory": "current=2048",
    "balloon": 1024,
    "cpu": "host,flags=+aes",
    "machine": "q35",
    "scsi0": "local-lvm:vm-105-disk-0,size=8G,discard=on,ssd=1",
    "scsi1": "local-lvm:vm-105-disk-1,size=100G",
    "ide2": "local:iso/debian.iso,media=cdrom,size=4M",
    "boot": "order=scsi0;net0",
    "net0": "virtio=BC:24:11:00:00:02,bridge=vmbr0,tag=20,firewall=1",
    "net1": "virtio=BC:24:11:00:00:03,bridge=vmbr0",
    "description": NOTES,
    "tags": "prod;books",
    "onboot": 1,
    "startup": "order=3,up=10",
    "usb0": "host=1-1",
}
CT: dict[str, Any] = {
    "hostname": "files",
    "ostype": "debian",
    "cores": 1,
    "memory": 512,
    "swap": 256,
    "rootfs": "local-lvm:vm-106-disk-0,size=4G",
    "mp0": "local-lvm:vm-106-disk-1,mp=/srv,size=20G,backup=1",
    "mp1": "/tank/media,mp=/media,ro=1",
    "net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:04,ip=10.0.7.5/24,gw=10.0.7.1,type=veth",
    "net1": "name=eth1,bridge=vmbr1,hwaddr=BC:24:11:00:00:05,ip=10.0.8.5/24,type=veth",
    "nameserver": "10.0.7.1 10.0.7.2",
    "searchdomain": "example.org",
    "unprivileged": 1,
    "features": "nesting=1,keyctl=1",
    "onboot": 0,
}


@pytest.fixture
async def here(
    pve: Pve, settings: ProxmoxSettings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """An installation beside a cluster with a machine and a container that somebody made by hand."""
    pve.add_vm(105, "books", config=dict(VM), status="running")
    pve.add_ct(106, "files", config=dict(CT), status="running")
    # Nothing inside these guests tells an address: don't wait for one.
    monkeypatch.setattr("alma.engines.proxmox.verify._ADDRESS_SECONDS", 0.0)
    async with world(tmp_path, others={"proxmox": settings.model_dump()}) as made:
        yield made


async def opened(here: World, *objects: str | tuple[str, str], **more: Any) -> IPR:
    wishes = [
        Wish(object=item) if isinstance(item, str) else Wish(object=item[0], name=item[1])
        for item in objects
    ]
    target: dict[str, Any] = {} if "blueprint_id" in more else {"name": "legacy"}
    return await here.importing.open(LOCAL, engine="proxmox", wishes=wishes, **target, **more)


async def imported(here: World, *objects: str | tuple[str, str], **more: Any) -> Any:
    ipr = await opened(here, *objects, **more)
    assert errors(ipr) == []
    here.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
    return await here.run(ipr)


def errors(ipr: IPR) -> list[str]:
    return [str(item) for item in ipr.plan.diagnostics if item.severity == "error"]


def unmarked(pve: Pve, vmid: int) -> dict[str, Any]:
    """A guest's configuration without what an adoption adds."""
    config = dict(pve.guest(vmid).config)
    tags = [t for t in str(config.pop("tags", "")).split(";") if t and not marker.is_own_tag(t)]
    return config | {"tags": tags, "description": marker.beside(config.get("description"))}


async def test_import_lists_what_belongs_to_no_stack_without_a_call_for_each(
    here: World, pve: Pve
) -> None:
    for vmid in range(200, 230):
        pve.add_ct(vmid, f"ct-{vmid}", config={"memory": 256})
    pve.add_vm(9000, "golden", config={}, template=True)
    before = len(pve.seen)
    found = await here.importing.discover(LOCAL, "proxmox")
    assert len(pve.seen) - before <= 4
    by_id = {item.object_id: item for item in found}
    assert by_id["105"].name == "books"
    assert (by_id["105"].type, by_id["106"].type) == ("vm", "container")
    assert by_id["105"].site == {"node": "pve1"}
    assert "9000" not in by_id, "a template is no guest"


async def test_import_describes_a_machine_as_far_as_a_blueprint_can(here: World) -> None:
    ipr = await opened(here, "105")
    blueprint = here.blueprints.get(LOCAL, 1).blueprint
    books = blueprint.resource("books")
    assert books is not None
    assert (books.type, books.specs.cpu, str(books.specs.memory)) == ("vm", 4, "2GiB")
    assert str(books.specs.disk) == "8GiB"
    assert books.network.attach == ("vmbr0-vlan20", "vmbr0")
    vlan = blueprint.resource("vmbr0-vlan20")
    assert vlan is not None
    assert vlan.vlan == 20
    options = books.options["proxmox"]
    assert options["sockets"] == 2
    assert options["cpu_type"] == "host"
    assert options["tags"] == ["books", "prod"]
    assert options["startup"] == {"order": 3, "up": 10}
    told = " ".join(d.message for d in ipr.plan.diagnostics if d.severity == "info")
    for word in ("disk scsi1", "operating system", "usb0"):
        assert word in told
    assert "ide2" not in told


async def test_import_of_a_machine_changes_tags_and_notes_only_and_the_next_plan_is_empty(
    here: World, pve: Pve
) -> None:
    before = unmarked(pve, 105)
    ended = await imported(here, "105")
    assert ended.state is DeploymentState.SUCCEEDED
    assert {c.action for c in ended.plan.effective} == {Action.ADOPT}
    assert unmarked(pve, 105) == before
    config = pve.guest(105).config
    assert config["description"].startswith(NOTES)
    assert {"alma", "prod", "books"} <= set(config["tags"].split(";"))
    plan = await here.plans.make(LOCAL, await here.plans.target(LOCAL, 1))
    assert (plan.effective, plan.drift) == ((), ())
    assert "105" not in {i.object_id for i in await here.importing.discover(LOCAL, "proxmox")}


async def test_import_of_a_container_with_volumes_and_two_fixed_addresses_leaves_an_empty_plan(
    here: World, pve: Pve
) -> None:
    before = unmarked(pve, 106)
    ended = await imported(here, ("106", "share"))
    assert ended.state is DeploymentState.SUCCEEDED
    assert unmarked(pve, 106) == before
    blueprint = here.blueprints.get(LOCAL, 1).blueprint
    share = blueprint.resource("share")
    assert share is not None
    assert share.image == "debian"
    assert [(m.volume, m.path) for m in share.mounts] == [("files-mp0", "/srv")]
    plan = await here.plans.make(LOCAL, await here.plans.target(LOCAL, 1))
    assert (plan.effective, plan.drift) == ((), ())


async def test_import_of_both_shares_what_they_have_in_common(here: World) -> None:
    ended = await imported(here, "105", "106")
    assert ended.state is DeploymentState.SUCCEEDED
    names = [item.name for item in here.blueprints.get(LOCAL, 1).blueprint.resources]
    assert names.count("vmbr0") == 1
    assert len(set(names)) == len(names)


async def test_import_keeps_the_guests_name_and_notes_through_later_changes(
    here: World, pve: Pve
) -> None:
    await imported(here, "105")
    document = here.blueprints.get(LOCAL, 1).blueprint.dump()
    next(r for r in document["resources"] if r["name"] == "books")["specs"]["memory"] = "4GiB"
    ipr = await here.request(document, blueprint_id=1)
    assert [(c.address, c.action) for c in ipr.plan.effective] == [("books", Action.UPDATE)]
    assert (await here.run(ipr)).state is DeploymentState.SUCCEEDED
    config = pve.guest(105).config
    assert str(config["memory"]) == "4096"
    assert config["name"] == "books"
    assert config["description"].startswith(NOTES)
    assert not any("cloudinit" in str(value) for value in config.values())
    notes = marker.read(config["description"])
    assert notes is not None
    assert (notes.adopted, notes.marker.retain) == (True, True)


async def test_import_never_gives_a_guest_defaults_that_nobody_asked_for(
    here: World, pve: Pve
) -> None:
    """A container without a limit keeps none, whatever else of it is changed later."""
    config = {key: value for key, value in CT.items() if key not in {"cores", "swap"}}
    pve.add_ct(107, "free", config=config | {"hostname": "free"}, status="running")
    swap = pve.guest(107).config["swap"]
    await imported(here, "107")
    document = here.blueprints.get(LOCAL, 1).blueprint.dump()
    next(r for r in document["resources"] if r["name"] == "free")["specs"]["memory"] = "1GiB"
    ended = await here.run(await here.request(document, blueprint_id=1))
    assert ended.state is DeploymentState.SUCCEEDED
    after = pve.guest(107).config
    assert str(after["memory"]) == "1024"
    assert "cores" not in after
    assert after["swap"] == swap


async def test_import_that_fails_gives_the_guests_back_as_they_were(
    here: World, pve: Pve, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {vmid: dict(pve.guest(vmid).config) for vmid in (105, 106)}
    engine = here.engines.get("proxmox")
    real = engine.verify

    async def verify(desired: Any, stack: Any) -> Any:
        if desired.address == "files":
            raise InvalidInput("it does not answer")
        return await real(desired, stack)

    monkeypatch.setattr(engine, "verify", verify)
    ended = await imported(here, "105", "106")
    assert ended.state is DeploymentState.ROLLED_BACK
    after = {vmid: dict(pve.guest(vmid).config) for vmid in (105, 106)}
    for config in (*before.values(), *after.values()):
        config.pop("digest", None)
        config["tags"] = sorted(filter(None, str(config.get("tags", "")).split(";")))
    assert after == before
    assert {pve.guest(vmid).status for vmid in (105, 106)} == {"running"}


async def test_import_refuses_what_is_locked_or_stopped_or_another_stacks(
    here: World, pve: Pve
) -> None:
    pve.add_ct(107, "asleep", config=dict(CT) | {"hostname": "asleep"})
    with pytest.raises(InvalidInput, match="kept running"):
        await opened(here, "107")
    pve.guest(105).lock = "backup"
    with pytest.raises(InvalidInput, match="locked"):
        await opened(here, "105")
    await imported(here, "106")
    with pytest.raises(Exception, match="no '106'"):
        await opened(here, "106")


async def test_import_says_why_a_guest_can_not_be_described(here: World, pve: Pve) -> None:
    config = {**CT, "hostname": "alone"}
    del config["net0"], config["net1"]
    pve.add_ct(108, "alone", config=config, status="running")
    assert "no network card" in errors(await opened(here, "108"))[0]


async def test_import_tells_a_guest_that_moved_to_another_node_apart(here: World, pve: Pve) -> None:
    await imported(here, "105")
    pve.add_node("pve2")
    pve.guest(105).node = "pve2"
    plan = await here.plans.make(LOCAL, await here.plans.target(LOCAL, 1))
    assert plan.effective == ()
    assert [item.kind for item in plan.drift] == ["moved"]
    assert plan.drift[0].detail == "'books' is on node pve2 now (was pve1)"
