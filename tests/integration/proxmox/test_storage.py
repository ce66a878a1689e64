"""Storages, templates and images: checked before anything starts, chosen by rule, fetched once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from alma.core.model.errors import ChangeRejected
from alma.core.model.state import DesiredResource
from alma.engines.proxmox.client import Api, Refused
from alma.engines.proxmox.cluster import look
from alma.engines.proxmox.images import template_for
from alma.engines.proxmox.options import options_of
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.sources import Source, SourceKind
from alma.engines.proxmox.systems import System, Systems
from tests.integration.proxmox.estate import GIB
from tests.integration.proxmox.wishes import ask, errors, machine, only, there, wish
from tests.integration.proxmox.world import TOKEN_ID, Pve

ALPINE = "alpine-3.22-default_20250617_amd64.tar.xz"
DEBIAN = "debian-12-standard_12.12-1_amd64.tar.zst"
CLOUD = "debian-12-generic-amd64.qcow2"


async def get(api: Api, desired: DesiredResource, *, node: str = "pve1", **more: Any) -> Source:
    cluster = await look(api)
    return await template_for(api, cluster, desired, options=options_of(desired), node=node, **more)


def template(pve: Pve, vmid: int, name: str, *, node: str = "pve1", on: str = "local-lvm") -> None:
    pve.add_vm(
        vmid,
        name,
        node=node,
        template=True,
        config={
            "scsi0": f"{on}:base-{vmid}-disk-0,size=10G",
            "ide2": f"{on}:vm-{vmid}-cloudinit,media=cdrom",
            "memory": 1024,
        },
    )


# ── b22 ──


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ({"storage": "local"}, "storage_content", ["'local'", "iso", "rootdir", "local-lvm"]),
        ({"storage": "only-two"}, "storage_elsewhere", ["'only-two'", "pve2", "local-lvm"]),
        ({"storage": "asleep"}, "storage_inactive", ["'asleep'", "local-lvm"]),
        ({"storage": "locl-lvm"}, "unknown_storage", ["'locl-lvm'", "local-lvm"]),
        ({"image_storage": "local-lvm"}, "storage_content", ["'local-lvm'", "vztmpl", "local"]),
    ],
)
async def test_b22_storage_content_and_availability_are_checked_before_anything_starts(
    pve: Pve, api: Api, options: dict[str, Any], code: str, said: list[str]
) -> None:
    pve.node("pve1")
    pve.node("pve2")
    pve.storage("only-two", nodes="pve2")
    pve.storage("asleep", active=0)
    found = await ask(api, wish(node="pve1", **options))
    fault = only(found, code)
    (field,) = options
    assert fault.path == f"web.options.proxmox.{field}"
    for part in said:
        assert part in f"{fault.message}; {fault.hint}"
    assert found.placements == {}
    assert not [seen.text for seen in pve.seen if seen.method != "GET"]


async def test_b22_a_full_storage_is_found_with_what_is_free_and_what_is_needed(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1")
    pve.storage("small", free=3)
    fault = only(await ask(api, wish(storage="small", disk="20GiB")), "storage_full")
    assert "3 GiB free on storage 'small'" in fault.message
    assert "20 GiB are needed" in fault.message
    assert "name another storage" in (fault.hint or "")


async def test_b22_what_a_plan_puts_on_a_storage_counts_for_its_next_guest(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1")
    pve.storage("small", free=50)
    wishes = [wish(f"web-{n}", group="web", storage="small", disk="20GiB") for n in range(1, 5)]
    found = await ask(api, *wishes)
    assert sorted(found.placements) == ["web-1", "web-2"]
    assert "and so for 1 more" in only(found, "storage_full").message


async def test_b22_a_storage_without_room_for_a_template_is_found(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    pve.storages["local"]["avail"] = 1024
    fault = only(await ask(api, wish()), "storage_full")
    assert f"too little for {ALPINE}" in fault.message
    assert fault.path == "web.options.proxmox.image_storage"


# ── b23 ──


async def test_b23_the_storage_with_most_free_space_is_taken_every_time(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    for name, free in (("b-fast", 400), ("a-slow", 400), ("c-small", 30)):
        pve.storage(name, free=free)
    placements = [(await ask(api, wish())).placements["web"] for _ in range(3)]
    assert {spot.site["storage"] for spot in placements} == {"a-slow"}
    assert "most free space of 4 storages there, 400 GiB" in placements[0].reason


async def test_b23_an_approved_storage_is_kept_while_it_has_room(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    pve.storage("first", free=400)
    pve.storage("second", free=300)
    before = (await ask(api, wish())).placements
    pve.storages["first"]["avail"] = 200 * GIB
    assert (await ask(api, wish(), chosen=before)).placements == before
    assert (await ask(api, wish())).placements["web"].site["storage"] == "second"
    pve.storages["first"]["avail"] = GIB
    after = (await ask(api, wish(), chosen=before)).placements
    assert after["web"].site["storage"] == "second"


# ── b24 ──


async def test_b24_a_missing_template_is_downloaded_once_however_many_guests_want_it(
    pve: Pve, api: Api
) -> None:
    pve.time_scale = 0.001
    gate = pve.gate("download")
    log: list[str] = []
    getting = [asyncio.create_task(get(api, wish(f"web-{n}"), log=log.append)) for n in range(20)]
    await gate.reached(1)
    gate.open()
    sources = await asyncio.gather(*getting)
    assert {source.volume for source in sources} == {f"local:vztmpl/{ALPINE}"}
    assert all(source.there for source in sources)
    assert [(node, storage, file) for node, storage, file, _ in pve.downloads] == [
        ("pve1", "local", ALPINE)
    ]
    assert [line for line in log if line.startswith("Downloading")] == [
        f"Downloading {ALPINE} to local on pve1"
    ]


async def test_b24_another_process_that_downloads_it_already_is_waited_for(
    pve: Pve, api: Api, settings: ProxmoxSettings
) -> None:
    pve.time_scale = 0.001
    gate = pve.gate("download")
    async with Api(settings) as other:
        first = asyncio.create_task(get(other, wish("web-1")))
        await gate.reached(1)
        log: asyncio.Queue[str] = asyncio.Queue()
        second = asyncio.create_task(get(api, wish("web-2"), log=log.put_nowait))
        assert await log.get() == "Waiting for a download that runs on pve1 already"
        gate.open()
        assert (await first).volume == (await second).volume
    assert len(pve.downloads) == 1


async def test_b24_an_image_that_has_come_meanwhile_is_no_failure(pve: Pve, api: Api) -> None:
    """Two processes that looked at the same moment: Proxmox refuses to overwrite what the first one brought."""
    pve.fail_task("download", f"refusing to override existing file '{CLOUD}'")
    real, looks = api.get, 0

    async def late(path: str, /, **query: Any) -> Any:
        nonlocal looks
        looks += path.endswith("/content") and query.get("content") == "import"
        if looks == 3:
            pve.store_file("local", CLOUD, 1, "import")
        return await real(path, **query)

    api.get = late  # type: ignore[method-assign]  # stands for another process that is quicker
    source = await get(api, machine(), systems=NO_CHECKSUMS)
    assert source.volume == f"local:import/{CLOUD}"


async def test_b24_on_shared_storage_one_download_serves_all_nodes(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    pve.node("pve2")
    pve.storage("nas", free=900, content="vztmpl,rootdir", type="nfs", shared=1)
    await get(api, wish("a", image_storage="nas"), node="pve1")
    await get(api, wish("b", image_storage="nas"), node="pve2")
    assert len(pve.downloads) == 1


async def test_b24_the_newest_template_is_planned_and_what_was_planned_is_used(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1")
    pve.listed["pve1"] = ("debian-12-standard_12.7-1_amd64.tar.zst", DEBIAN)
    before = (await ask(api, wish(image="Debian 12"))).placements
    assert before["web"].site["source"] == f"local:vztmpl/{DEBIAN}", "12.12 is newer than 12.7"
    newer = "debian-12-standard_12.13-1_amd64.tar.zst"
    pve.listed["pve1"] = (DEBIAN, newer)
    assert (await ask(api, wish(image="Debian 12"), chosen=before)).placements == before
    planned = wish(image="Debian 12").model_copy(update={"placement": before["web"]})
    assert (await get(api, planned)).volume == f"local:vztmpl/{DEBIAN}"
    assert [file for _, _, file, _ in pve.downloads] == [DEBIAN]


async def test_b44_a_second_look_downloads_nothing(
    pve: Pve, api: Api, settings: ProxmoxSettings
) -> None:
    await get(api, wish())
    async with Api(settings) as later:
        assert (await get(later, wish())).there
    assert len(pve.downloads) == 1


# ── b25, b26 ──


async def test_b25_a_template_on_another_nodes_own_storage_binds_its_clones_to_that_node(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1", used=60)
    pve.node("pve2")
    template(pve, 9000, "deb12", node="pve1")
    found = await ask(api, machine(template="deb12"))
    assert found.placements["web"].site["node"] == "pve1"
    assert found.placements["web"].site["source"] == "9000"
    assert "the only node that can take it" in found.placements["web"].reason
    fault = only(await ask(api, machine(template="deb12", node="pve2")), "template_elsewhere")
    assert "9000 is on pve1, on local-lvm, which pve2 does not share" in fault.message
    assert "place it on pve1, keep a copy of the template on pve2" in (fault.hint or "")


async def test_b25_a_template_on_shared_storage_is_cloned_to_any_node(pve: Pve, api: Api) -> None:
    pve.node("pve1", used=60)
    pve.node("pve2")
    pve.storage("ceph", free=900, type="rbd", shared=1)
    template(pve, 9000, "deb12", node="pve1", on="ceph")
    planned = (await ask(api, machine(template="deb12"))).placements["web"]
    assert planned.site["node"] == "pve2"
    source = await get(
        api, machine(template="deb12").model_copy(update={"placement": planned}), node="pve2"
    )
    assert (source.kind, source.vmid, source.node) == (SourceKind.CLONE, 9000, "pve1")


async def test_b25_a_local_copy_of_the_template_is_taken(pve: Pve, api: Api) -> None:
    pve.node("pve1", used=60)
    pve.node("pve2")
    template(pve, 9000, "deb12", node="pve1")
    template(pve, 9001, "deb12", node="pve2")
    site = (await ask(api, machine(template="deb12"))).placements["web"].site
    assert (site["node"], site["source"]) == ("pve2", "9001")


async def test_b25_a_template_on_a_node_that_is_down_is_told_apart_from_none(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1")
    pve.node("pve2")
    template(pve, 9000, "deb12", node="pve2")
    pve.set_node_offline("pve2")
    fault = only(await ask(api, machine(template="deb12")), "template_elsewhere")
    assert "9000 is on pve2, which is offline" in fault.message
    assert "keep a copy of the template on pve1" in (fault.hint or "")


async def test_templates_of_one_name_on_one_node_are_an_error_that_lists_them(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1")
    template(pve, 9000, "deb12")
    template(pve, 9001, "deb12")
    fault = only(await ask(api, machine(template="deb12")), "ambiguous_template")
    assert "9000 (deb12 on pve1), 9001 (deb12 on pve1)" in fault.message
    assert "VMID" in (fault.hint or "")


async def test_a_template_is_known_by_the_systems_name_or_by_a_tag(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    template(pve, 9000, "our-golden-image")
    pve.vm(9000).config["tags"] = "debian-12;golden"
    site = (await ask(api, machine(image="debian 12"))).placements["web"].site
    assert (site["source"], "image_storage" in site) == ("9000", False)


async def test_a_linked_clone_goes_where_its_template_is(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    pve.storage("roomy", free=900)
    template(pve, 9000, "deb12")
    site = (await ask(api, machine(template="deb12", linked_clone=True))).placements["web"].site
    assert site["storage"] == "local-lvm"


@pytest.mark.parametrize(
    ("desired", "code", "said"),
    [
        (machine(template="deb21"), "unknown_template", "did you mean 'deb12'"),
        (machine(template=9999), "unknown_template", "9000"),
        (machine(template=100), "no_template", "make it a template"),
        (machine(image="debain-12"), "unknown_template", "did you mean 'debian-12'"),
        (machine(linked_clone=True), "no_linked_clones", "leave linked_clone out"),
        (machine(template="thick", linked_clone=True), "no_linked_clones", "copied"),
        (wish(image="apline"), "unknown_template", "did you mean 'alpine'"),
        (wish(template="local:vztmpl/nothing.tar.zst"), "unknown_template", "debian-12"),
        (wish(linked_clone=True), "no_linked_clones", "leave it out"),
    ],
    ids=lambda value: "" if isinstance(value, DesiredResource) else None,
)
async def test_a_source_that_can_not_be_is_refused_with_the_next_step(
    pve: Pve, api: Api, desired: DesiredResource, code: str, said: str
) -> None:
    pve.node("pve1")
    pve.storage("thick", type="lvm", free=900)
    template(pve, 9000, "deb12")
    template(pve, 9002, "thick", on="thick")
    pve.add_vm(100, "no-template")
    fault = only(await ask(api, desired), code)
    assert fault.severity == "error"
    assert said in (fault.hint or "")


async def test_a_node_without_storage_for_images_says_how_to_have_one(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    pve.storages["local"]["content"] = "iso"
    fault = only(await ask(api, machine()), "no_image_storage")
    assert "import" in fault.message
    assert "options.proxmox.template" in (fault.hint or "")


async def test_an_empty_list_of_templates_is_explained(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    pve.listed["pve1"] = ()
    assert "pveam update" in (only(await ask(api, wish()), "unknown_template").hint or "")


# ── b31 ──


class Publisher:
    """Somebody's web server, with an image and the list of its checksums."""

    def __init__(self) -> None:
        self.content = b"QFI\xfb" + bytes(3_000_000)
        self.sums = f"{hashlib.sha512(self.content).hexdigest()}  image.img\n"
        self.asked: list[str] = []
        self.url = ""

    @property
    def systems(self) -> Systems:
        system = System(
            names=("debian-12",), image=f"{self.url}/image.img", checksums=f"{self.url}/SUMS"
        )
        return Systems(systems={"debian-12": system})

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.path == "/SUMS" and self.sums:
            return web.Response(text=self.sums)
        if request.path == "/image.img":
            return web.Response(body=self.content)
        raise web.HTTPNotFound


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    made = Publisher()
    app = web.Application()
    app.router.add_get("/{tail:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}"
    yield made
    await runner.cleanup()


NO_CHECKSUMS = Systems(
    systems={"debian-12": System(names=("debian-12",), image=f"https://cloud.example.org/{CLOUD}")}
)
EVERYTHING_BUT = ("Datastore.Audit", "Datastore.AllocateSpace", "Datastore.AllocateTemplate")


def restrict(pve: Pve, *more: str) -> None:
    """ALMA's token may see everything and use storages, and what is named besides."""
    pve.grant(TOKEN_ID, "/", "VM.Audit", "Sys.Audit", *EVERYTHING_BUT, *more)


async def test_an_image_from_somewhere_else_is_not_taken_for_the_known_one(
    pve: Pve, api: Api
) -> None:
    pve.store_file("local", CLOUD, 1, "import")
    somewhere = machine("somewhere", template=f"https://mirror.example.org/{CLOUD}")
    planned = await ask(api, machine(), somewhere)
    sources = [planned.placements[name].site["source"] for name in ("web", "somewhere")]
    assert sources[0] == f"local:import/{CLOUD}"
    assert sources[1].startswith("local:import/debian-12-generic-amd64-")
    await get(api, somewhere)
    assert [form["url"] for *_, form in pve.downloads] == [f"https://mirror.example.org/{CLOUD}"]


async def test_b31_the_node_downloads_with_the_publishers_checksum(
    pve: Pve, api: Api, publisher: Publisher
) -> None:
    source = await get(api, machine(), systems=publisher.systems)
    assert source.volume == "local:import/image.qcow2"
    ((_, _, _, form),) = pve.downloads
    assert form["url"] == f"{publisher.url}/image.img"
    assert form["checksum-algorithm"] == "sha512"
    assert form["checksum"] == hashlib.sha512(publisher.content).hexdigest()
    assert publisher.asked == ["/SUMS"]


@pytest.mark.parametrize(
    ("path", "privilege"), [("/", "Sys.Modify"), ("/nodes/pve1", "Sys.AccessNetwork")]
)
async def test_b31_either_privilege_lets_the_node_download(
    pve: Pve, api: Api, publisher: Publisher, path: str, privilege: str
) -> None:
    restrict(pve)
    pve.grant(TOKEN_ID, path, privilege)
    await get(api, machine(), systems=publisher.systems)
    assert len(pve.downloads) == 1


async def test_b31_without_them_alma_downloads_and_uploads(
    pve: Pve, api: Api, publisher: Publisher
) -> None:
    restrict(pve)
    log: list[str] = []
    source = await get(api, machine(), systems=publisher.systems, log=log.append)
    assert source.volume == "local:import/image.qcow2"
    assert "image.qcow2" in str(pve.storages["local"]["volumes"])
    assert pve.uploaded["checksum"] == hashlib.sha512(publisher.content).hexdigest()
    assert any("ALMA downloads image.qcow2 and uploads it" in line for line in log)
    assert pve.downloads == []


async def test_b31_the_plan_says_that_an_image_goes_through_alma(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    restrict(pve)
    remark = only(await ask(api, machine()), "image_goes_through_alma")
    assert remark.severity == "info"
    assert "Sys.AccessNetwork on /nodes/pve1" in (remark.hint or "")


async def test_b31_an_upload_that_is_not_what_was_published_is_refused(
    pve: Pve, api: Api, publisher: Publisher
) -> None:
    restrict(pve)
    publisher.sums = f"{'0' * 128}  image.img\n"
    with pytest.raises(ChangeRejected, match="checksum") as refused:
        await get(api, machine(), systems=publisher.systems)
    assert "try again" in (refused.value.hint or "")
    assert "image.qcow2" not in str(pve.storages["local"].get("volumes"))


async def test_a_list_of_checksums_that_can_not_be_read_is_said_and_no_reason_to_stop(
    pve: Pve, api: Api, publisher: Publisher
) -> None:
    publisher.sums = ""
    log: list[str] = []
    await get(api, machine(), systems=publisher.systems, log=log.append)
    ((_, _, _, form),) = pve.downloads
    assert "checksum" not in form
    assert any("without its checksum" in line for line in log)


async def test_a_download_that_fails_says_why(pve: Pve, api: Api) -> None:
    pve.fail_task("download", "download failed: 404 Not Found")
    with pytest.raises(Refused, match="404 Not Found"):
        await get(api, wish())


# ── what there is already ──


async def test_what_exists_is_neither_placed_anew_nor_looked_up(pve: Pve, api: Api) -> None:
    pve.node("pve1")
    pve.add_ct(100, "shop-web", node="pve1")
    found = await ask(api, wish(), existing=[there(wish(), 100)])
    assert dict(found.placements["web"].site) == {"node": "pve1", "kind": "lxc"}
    assert errors(found) == []
    assert not [seen.path for seen in pve.seen if "/storage" in seen.path or "aplinfo" in seen.path]


async def test_a_guest_that_is_made_anew_stays_on_its_node_and_has_a_source(
    pve: Pve, api: Api
) -> None:
    pve.node("pve1", used=40)
    pve.node("pve2")
    pve.add_ct(100, "shop-web", node="pve1")
    before = there(wish(image="debian-12"), 100)
    site = (await ask(api, wish(), existing=[before])).placements["web"].site
    assert (site["node"], site["source"]) == ("pve1", f"local:vztmpl/{ALPINE}")


async def test_a_plan_asks_as_many_questions_for_many_guests_as_for_one(pve: Pve, api: Api) -> None:
    pve.node("pve1", memory=4096)
    await ask(api, wish("web"))
    few = sum(api.calls.values())
    pve.storages["local-lvm"]["total"] = 10_000 * GIB
    many = [wish(f"web-{number}", group="web") for number in range(300)]
    found = await ask(api, *many)
    assert len(found.placements) == 300
    assert sum(api.calls.values()) == 2 * few
