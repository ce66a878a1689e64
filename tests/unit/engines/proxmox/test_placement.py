"""Where guests go: whatever the cluster and the wishes are, and in cases that people would argue about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.state import Placement
from alma.engines.proxmox.cluster import Cluster, Guest, GuestKind, Node, Storage
from alma.engines.proxmox.loss import after_a_loss
from alma.engines.proxmox.placement import place
from alma.engines.proxmox.wants import GIB, Obstacle, Placed, Want, natural

NO_TEMPLATE = Obstacle("template_elsewhere", "template", "has no template", "keep a copy there")
DISKS = frozenset({"images", "rootdir"})


def node(name: str, *, free: int = 32, total: int = 64, online: bool = True, **more: Any) -> Node:
    if not online:
        return Node(name=name, online=False)
    used = (total - free) * GIB
    return Node(
        name=name,
        online=True,
        **{"cpus": 8, "load": 0.0, "memory": total * GIB, "memory_used": used} | more,
    )


def storage(on: str, name: str = "fast", *, free: int = 100, **more: Any) -> Storage:
    values: dict[str, Any] = {"content": DISKS, "total": 1000 * GIB, "used": (1000 - free) * GIB}
    return Storage(name=name, node=on, type="lvmthin", **values | more)


def cluster(*nodes: Node, storages: list[Storage] | None = None, **more: Any) -> Cluster:
    if storages is None:
        storages = [storage(n.name) for n in nodes]
    return Cluster(name="lab", nodes=nodes, storages=tuple(storages), **more)


def want(address: str = "web", *, memory: int = 4, disk: int = 10, **more: Any) -> Want:
    values: dict[str, Any] = {
        "group": address.split("-", maxsplit=1)[0],
        "kind": GuestKind.LXC,
        "cpus": 1,
    }
    return Want(address=address, memory=memory * GIB, disk=disk * GIB, **values | more)


def nodes_of(placed: Placed) -> dict[str, str]:
    return {address: place.node for address, place in placed.places.items()}


# ── whatever comes ──

NAMES = ["pve1", "pve2", "pve3", "pve4"]


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    nodes = [
        node(name, free=draw(st.integers(0, 64)), online=draw(st.booleans()), cpus=4)
        for name in names
    ]
    shared = draw(st.integers(0, 60))
    storages = [
        storage(name, "ceph", free=shared, shared=True, active=draw(st.booleans()))
        for name in names
    ]
    storages += [
        storage(
            name,
            "local",
            free=draw(st.integers(0, 60)),
            content=draw(st.sampled_from([DISKS, frozenset({"iso"})])),
        )
        for name in names
    ]
    return cluster(*nodes, storages=storages)


@st.composite
def wishes(draw: st.DrawFn) -> list[Want]:
    addresses = draw(st.lists(st.integers(1, 12), max_size=8, unique=True))
    return [
        want(
            f"{draw(st.sampled_from(['web', 'db']))}-{number}",
            memory=draw(st.integers(0, 20)),
            disk=draw(st.integers(0, 40)),
            cpus=draw(st.integers(1, 6)),
            kind=draw(st.sampled_from(list(GuestKind))),
            node=draw(st.sampled_from([None, None, "pve1", "pve9"])),
            storage=draw(st.sampled_from([None, None, "ceph", "nope"])),
            more=draw(st.sampled_from([{}, {}, {"ceph": 5 * GIB}])),
            spread=draw(st.booleans()),
        )
        for number in addresses
    ]


@given(clusters(), wishes())
def test_no_storage_is_ever_given_more_than_it_has(found: Cluster, wants: list[Want]) -> None:
    placed = place(wants, found)
    used: dict[tuple[str, str], int] = {}
    for item in wants:
        if (spot := placed.places.get(item.address)) is None:
            continue
        for name, size in [(spot.storage, item.disk), *item.more.items()]:
            entry = found.storage(spot.node, name)
            assert entry is not None
            assert entry.active
            assert entry.content >= {"images" if item.kind is GuestKind.QEMU else "rootdir"}
            used[entry.place] = used.get(entry.place, 0) + size
            assert used[entry.place] <= entry.free


@given(clusters(), wishes())
def test_nothing_goes_to_a_node_that_is_down_or_is_not_the_one_asked_for(
    found: Cluster, wants: list[Want]
) -> None:
    placed = place(wants, found)
    for item in wants:
        if (spot := placed.places.get(item.address)) is not None:
            assert spot.node not in found.offline
            assert item.node in {None, spot.node}
            assert item.storage in {None, spot.storage}


@given(clusters(), wishes())
def test_every_guest_has_a_place_with_a_reason_or_a_remark_with_one(
    found: Cluster, wants: list[Want]
) -> None:
    placed = place(wants, found)
    errors = {remark.address for remark in placed.remarks if remark.severity == "error"}
    assert errors.isdisjoint(placed.places)
    assert errors | set(placed.places) == {item.address for item in wants}
    assert all(spot.reason for spot in placed.places.values())
    assert all(remark.message for remark in placed.remarks)


@given(clusters(), wishes(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_come_does_not_matter(
    found: Cluster, wants: list[Want], random: Any
) -> None:
    nodes, storages, others = [*found.nodes], [*found.storages], [*wants]
    for items in (nodes, storages, others):
        random.shuffle(items)
    shuffled = found.model_copy(update={"nodes": tuple(nodes), "storages": tuple(storages)})
    first, second = place(wants, found), place(others, shuffled)
    assert first.places == second.places
    assert sorted(first.remarks, key=str) == sorted(second.remarks, key=str)


@given(clusters(), wishes(), st.lists(st.integers(0, 64), min_size=4, max_size=4))
def test_places_once_chosen_stay_when_free_memory_moves(
    found: Cluster, wants: list[Want], memory: list[int]
) -> None:
    before = place(wants, found)
    chosen = {
        address: Placement(site={"node": spot.node, "storage": spot.storage}, reason=spot.reason)
        for address, spot in before.places.items()
    }
    moved = found.model_copy(
        update={
            "nodes": tuple(
                n.model_copy(update={"memory_used": (64 - memory[NAMES.index(n.name)]) * GIB})
                if n.online
                else n
                for n in found.nodes
            )
        }
    )
    after = place(wants, moved, chosen=chosen)
    assert {**after.places, **before.places} == after.places


# ── what people would argue about ──


def test_the_node_with_the_most_free_memory_is_taken_and_the_reason_has_the_figures() -> None:
    found = cluster(node("pve1", free=20), node("pve2", free=41), node("pve3", free=30))
    spot = place([want()], found).places["web"]
    assert spot.node == "pve2"
    assert spot.reason == (
        "most free memory of 3 nodes: 41 GiB of 64 GiB; disks on fast, the only storage for them there"
    )


def test_replicas_go_to_different_nodes_and_the_reason_says_so() -> None:
    found = cluster(node("pve1", free=20), node("pve2", free=50), node("pve3", free=10))
    placed = place([want("web-1"), want("web-2"), want("web-3")], found)
    assert nodes_of(placed) == {"web-1": "pve2", "web-2": "pve1", "web-3": "pve3"}
    assert "not pve2: web-1 runs there" in placed.places["web-2"].reason


def test_replicas_that_need_not_be_apart_share_the_best_node() -> None:
    found = cluster(node("pve1", free=20), node("pve2", free=50))
    placed = place([want("web-1", spread=False), want("web-2", spread=False)], found)
    assert nodes_of(placed) == {"web-1": "pve2", "web-2": "pve2"}


def test_a_crowd_is_told_in_few_words() -> None:
    found = cluster(node("pve1", free=10), node("pve2", free=60))
    crowd = {f"web-{number}": ("web", "pve2") for number in range(1, 13)}
    reason = place([want("web-13")], found, standing=crowd).places["web-13"].reason
    assert "not pve2: web-1, web-2 and 10 more run there" in reason


def test_replicas_share_a_node_when_there_are_more_than_nodes() -> None:
    found = cluster(node("pve1"), node("pve2"))
    placed = place([want(f"web-{number}") for number in range(1, 5)], found)
    assert sorted(nodes_of(placed).values()) == ["pve1", "pve1", "pve2", "pve2"]


def test_a_guest_that_exists_already_counts_as_a_replica() -> None:
    found = cluster(node("pve1", free=20), node("pve2", free=50))
    placed = place([want("web-2")], found, standing={"web-1": ("web", "pve2")})
    assert nodes_of(placed) == {"web-2": "pve1"}


def test_what_this_plan_puts_somewhere_counts_for_the_next_guest() -> None:
    found = cluster(node("pve1", free=20), node("pve2", free=26))
    placed = place([want("a", memory=10), want("b", memory=10)], found)
    assert nodes_of(placed) == {"a": "pve2", "b": "pve1"}


def test_free_cores_decide_between_nodes_with_equal_memory() -> None:
    found = cluster(node("pve1", load=0.75), node("pve2", load=0.25))
    spot = place([want()], found).places["web"]
    assert spot.node == "pve2"
    assert "more free cores" in spot.reason


def test_a_template_that_is_there_decides_between_nodes_alike() -> None:
    found = cluster(node("pve1"), node("pve2"))
    spot = place([want(local=frozenset({"pve2"}))], found).places["web"]
    assert (spot.node, "template is there already" in spot.reason) == ("pve2", True)


def test_a_machine_with_more_cores_than_a_node_has_does_not_go_there() -> None:
    found = cluster(node("pve1", free=60, cpus=4), node("pve2", free=10, cpus=16))
    placed = place([want(cpus=8, kind=GuestKind.QEMU)], found)
    assert placed.places["web"].node == "pve2"
    assert "only node that can take it" in placed.places["web"].reason


def test_memory_that_is_nowhere_is_refused_with_what_each_node_has() -> None:
    found = cluster(node("pve1", free=3), node("pve2", free=2), node("pve3", online=False))
    (remark,) = place([want(memory=8)], found).remarks
    assert (remark.code, remark.field, remark.severity) == ("no_room", "node", "error")
    for part in ("pve1 has 3 GiB of memory free", "pve2 has 2 GiB", "pve3 is offline", "8 GiB"):
        assert part in remark.message
    assert "options.proxmox.node" in (remark.hint or "")


def test_a_node_that_was_asked_for_is_taken_although_memory_is_short_and_that_is_said() -> None:
    found = cluster(node("pve1", free=3), node("pve2", free=60))
    placed = place([want(memory=8, node="pve1")], found)
    assert placed.places["web"].node == "pve1"
    assert placed.places["web"].reason.startswith("as asked")
    (remark,) = placed.remarks
    assert (remark.code, remark.severity) == ("memory_tight", "warning")


@pytest.mark.parametrize(
    ("wish", "code", "said"),
    [
        ({"node": "pv1"}, "unknown_node", "did you mean 'pve1'"),
        ({"node": "pve3"}, "node_offline", "pve1, pve2"),
        ({"node": "pve1", "memory": 100}, "no_room", "less memory"),
        ({"node": "pve1", "storage": "fats"}, "unknown_storage", "did you mean 'fast'"),
        ({"node": "pve1", "storage": "iso"}, "storage_content", "fast (100 GiB free)"),
        ({"node": "pve1", "storage": "two"}, "storage_elsewhere", "fast (100 GiB free)"),
        ({"node": "pve2", "storage": "two"}, "storage_inactive", "fast (100 GiB free)"),
        ({"node": "pve1", "disk": 200}, "storage_full", "free some space"),
        ({"storage": "fast", "disk": 200}, "storage_full", "free some space"),
        ({"storage": "nothing-like-it"}, "unknown_storage", "storages for"),
        ({"unfit": {"pve1": NO_TEMPLATE, "pve2": NO_TEMPLATE}}, "template_elsewhere", "a copy"),
    ],
)
def test_what_can_not_be_is_refused_with_a_code_and_the_next_step(
    wish: dict[str, Any], code: str, said: str
) -> None:
    found = cluster(
        node("pve1"),
        node("pve2"),
        node("pve3", online=False),
        storages=[
            storage("pve1"),
            storage("pve2"),
            storage("pve1", "iso", content=frozenset({"iso"})),
            storage("pve2", "two", active=False),
        ],
    )
    placed = place([want(**wish)], found)
    assert placed.places == {}
    (remark,) = placed.remarks
    assert remark.code == code
    assert said in (remark.hint or "")


def test_the_storage_with_the_most_free_space_is_taken_the_first_by_name_among_equals() -> None:
    def storages(*free: tuple[str, int]) -> list[Storage]:
        return [storage("pve1", name, free=size) for name, size in free]

    found = cluster(node("pve1"), storages=storages(("a", 50), ("b", 90), ("c", 90)))
    spot = place([want()], found).places["web"]
    assert spot.storage == "b"
    assert "most free space of 3 storages there, 90 GiB" in spot.reason


def test_a_shared_storage_is_counted_once_for_all_nodes() -> None:
    shared = [storage(name, "ceph", free=50, shared=True) for name in ("pve1", "pve2")]
    found = cluster(node("pve1"), node("pve2"), storages=shared)
    placed = place([want("a", disk=30), want("b", disk=30)], found)
    assert len(placed.places) == 1
    (remark,) = placed.remarks
    assert remark.code == "storage_full"
    assert "30 GiB that this plan puts there already" in remark.message


def test_a_kept_place_is_given_up_when_its_node_is_down() -> None:
    found = cluster(node("pve1", online=False), node("pve2"))
    chosen = {"web": Placement(site={"node": "pve1", "storage": "fast"}, reason="before")}
    assert nodes_of(place([want()], found, chosen=chosen)) == {"web": "pve2"}


def test_a_kept_place_is_given_up_when_another_node_is_asked_for_now() -> None:
    found = cluster(node("pve1"), node("pve2"))
    chosen = {"web": Placement(site={"node": "pve1", "storage": "fast"}, reason="before")}
    assert nodes_of(place([want(node="pve2")], found, chosen=chosen)) == {"web": "pve2"}


def test_addresses_sort_as_people_count() -> None:
    assert sorted(["web-10", "web-2", "db", "web"], key=natural) == ["db", "web", "web-2", "web-10"]


# ── a lost node ──


def running(vmid: int, on: str, memory: int) -> Guest:
    return Guest(vmid=vmid, kind=GuestKind.QEMU, node=on, status="running", memory=memory * GIB)


def test_a_loss_that_is_covered_is_said() -> None:
    found = cluster(node("pve1", free=40), node("pve2", free=40))
    wants = [want("a"), want("b")]
    remark = after_a_loss(wants, place(wants, found), found)
    assert remark is not None
    assert (remark.code, remark.severity) == ("fits_after_loss", "info")


def test_a_loss_that_is_not_covered_names_the_node_and_the_figures() -> None:
    guests = (running(100, "pve1", 30), running(101, "pve1", 20))
    found = cluster(node("pve1", free=10), node("pve2", free=44), guests=guests)
    wants = [want(memory=4)]
    remark = after_a_loss(wants, place(wants, found), found)
    assert remark is not None
    assert (remark.code, remark.severity) == ("loss_not_covered", "warning")
    assert (
        "loss of pve1 (its guests need 50 GiB, the other nodes have 40 GiB free)" in remark.message
    )
    assert "pve2 (" not in remark.message


def test_nothing_is_said_of_a_loss_where_there_is_one_node_or_one_is_lost() -> None:
    wants = [want()]
    alone = cluster(node("pve1"))
    assert after_a_loss(wants, place(wants, alone), alone) is None
    lame = cluster(node("pve1"), node("pve2", online=False), node("pve3"))
    assert after_a_loss(wants, place(wants, lame), lame) is None
