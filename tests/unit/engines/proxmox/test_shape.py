"""What a resource becomes on Proxmox VE, and what is read back of it: two sides that have to meet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.blueprint import (
    ClusterPolicies,
    FirewallRule,
    Network,
    Resource,
    ResourceType,
    Specs,
)
from alma.core.model.plan import Effect, SupportLevel
from alma.core.model.software import Packages
from alma.core.model.state import DesiredResource, ResolvedMount, StackRef, Status
from alma.core.model.units import Port, Size
from alma.engines.base import Marker
from alma.engines.proxmox import firewall, marker, observe, shape, spec, values
from alma.engines.proxmox.cards import cards_of
from alma.engines.proxmox.cluster import Guest, GuestKind
from alma.engines.proxmox.marker import Notes
from alma.engines.proxmox.spec import Defaults
from alma.engines.proxmox.view import Configured, View

STACK = StackRef(id="s1", name="shop", engine="proxmox")
DEFAULTS = Defaults(bridge="vmbr7")


def guest(
    type_: ResourceType = ResourceType.CONTAINER, /, *, network: Any = None, **more: Any
) -> DesiredResource:
    fields = set(DesiredResource.model_fields)
    options = {key: value for key, value in more.items() if key not in fields - {"address", "user"}}
    resource = Resource(
        name="web-1",
        type=type_,
        network=Network.model_validate(network or {}),
        options={"proxmox": options} if options else {},
    )
    given_fields: dict[str, Any] = {"image": "debian-12", "resource": resource}
    given_fields |= {key: value for key, value in more.items() if key not in options}
    return DesiredResource(address="web-1", type=type_, **given_fields)


def view(desired: DesiredResource, *, config: dict[str, Any] | None = None) -> View:
    """The guest as Proxmox has it when it was made as wished."""
    is_machine = desired.type is ResourceType.VM
    disks = {marker.ROOT: "scsi0" if is_machine else "rootfs"}
    drives = {disks["/"]: f"local:vm-100-disk-0,size={spec.root_size(desired) or 8}G"}
    for number, mount in enumerate(desired.mounts, start=1):
        key = disks[mount.volume] = f"scsi{number}" if is_machine else f"mp{number - 1}"
        drives[key] = f"{spec.mount_point(mount, 'local:v')},size={spec.volume_size(mount)}G"
    notes = Notes(
        marker=Marker.of(desired, STACK, key="k"),
        vmid=100,
        declared=shape.shape_of(desired, DEFAULTS),
        as_set=spec.as_set(desired),
        disks=disks,
    )
    found = spec.config_of(desired, DEFAULTS) | drives
    found |= {"description": marker.write(notes), "unprivileged": 1}
    options = desired.resource.options.get("proxmox", {})
    tags = options.get("tags")
    given = map(str, tags) if isinstance(tags, list) else ()
    found["tags"] = values.tags_text([*marker.own_tags(STACK), *given])
    for key, value in found.items():
        if values.NIC.match(key):
            found[key] = spec.with_mac(str(value), "virtio=BC:24:11:00:00:01,bridge=x")
    kind = GuestKind.QEMU if is_machine else GuestKind.LXC
    entry = Guest(vmid=100, kind=kind, node="pve1", status="running", pool="p", ha_state="started")
    now = found | (config or {})
    rules = tuple({**rule, "pos": n} for n, rule in enumerate(firewall.rules_of(desired)))
    return View(entry, Configured(now, now, rules), notes)


SIZES = st.integers(1, 10**13).map(Size.of_bytes)
OPTIONS: list[dict[str, Any]] = [
    {"tags": ["Web", "a"], "onboot": False, "protection": True},
    {"startup": {"order": 3, "up": 10}, "nameservers": ["10.0.0.53", "fd00::53"]},
    {"search_domain": "example.org", "pool": "p", "ha": {"state": "started"}},
    {"address": "10.0.0.5/24", "gateway": "10.0.0.1", "address6": "auto", "vlan": 7},
]
OF_MACHINES: list[dict[str, Any]] = [
    {"user": "ada", "cpu_type": "host", "sockets": 2, "bios": "ovmf", "machine": "q35"},
    {"balloon": "256MiB", "boot_order": ["scsi0", "net0"], "agent": False},
]
OF_CONTAINERS: list[dict[str, Any]] = [
    {"features": {"nesting": True, "mount": ["nfs", "cifs"]}, "swap": "1GB"},
]
MOUNTS = (
    ResolvedMount(volume="data", path="/srv", size=Size("20GB")),
    ResolvedMount(volume="logs", path="/var/log", size=Size("1GiB"), read_only=True),
)


@given(
    type_=st.sampled_from([ResourceType.VM, ResourceType.CONTAINER]),
    memory=SIZES,
    disk=SIZES,
    cpu=st.sampled_from([1, 2, 0.5, 2.5, 7]),
    options=st.sampled_from(OPTIONS),
    mounts=st.sampled_from([(), MOUNTS]),
)
def test_a_guest_made_as_wished_is_seen_as_wished(
    type_: ResourceType, memory: Size, disk: Size, cpu: float, options: Any, mounts: Any
) -> None:
    desired = guest(type_, memory=memory, disk=disk, cpu=cpu, mounts=mounts, **options)
    assert observe.properties(view(desired)) == shape.shape_of(desired, DEFAULTS)


@pytest.mark.parametrize(
    ("type_", "options"),
    [
        *((ResourceType.VM, options) for options in OF_MACHINES),
        *((ResourceType.CONTAINER, options) for options in OF_CONTAINERS),
    ],
)
def test_options_of_one_kind_of_guest_are_seen_as_wished(
    type_: ResourceType, options: dict[str, Any]
) -> None:
    desired = guest(type_, cpu=4, **options)
    assert observe.properties(view(desired)) == shape.shape_of(desired, DEFAULTS)


@pytest.mark.parametrize(
    ("key", "value", "path", "seen"),
    [
        ("memory", 2048, "specs.memory", "2GiB"),
        ("cores", 3, "specs.cpu", 3),
        ("cpulimit", 0.5, "specs.cpu", 0.5),
        ("rootfs", "local:v,size=16G", "specs.disk", "16GiB"),
        ("mp0", "local:v,mp=/srv,size=40G", "mounts.data.size", "40GiB"),
        (
            "mp0",
            "local:v,mp=/elsewhere,size=19G",
            "mounts",
            ["data:/elsewhere", "logs:/var/log:ro"],
        ),
        ("net0", "name=eth0,bridge=vmbr1,tag=4,ip=dhcp", "network.interfaces", ["vmbr1 vlan 4"]),
        ("onboot", 0, "options.onboot", None),
        ("tags", "alma;alma-s1;b", "options.tags", ["b"]),
        ("startup", "order=9", "options.startup", "order=9"),
    ],
)
def test_what_was_changed_outside_is_seen_as_it_is_now(
    key: str, value: Any, path: str, seen: Any
) -> None:
    desired = guest(
        cpu=1,
        memory=Size("1GB"),
        disk=Size("8GB"),
        mounts=MOUNTS,
        tags=["a", "b"],
        startup={"order": 1},
    )
    found = observe.properties(view(desired, config={key: value}))
    wanted = dict(shape.shape_of(desired, DEFAULTS))
    assert found.pop(path, None) == seen
    wanted.pop(path)
    assert found == wanted, "nothing else differs"


def test_a_change_that_waits_is_named_by_the_blueprints_path() -> None:
    desired = guest(ResourceType.VM, memory=Size("1GiB"))
    before = view(desired)
    entries = [{"key": key, "value": value} for key, value in before.config.items()]
    entries = [entry | ({"pending": 4096} if entry["key"] == "memory" else {}) for entry in entries]
    entries += [{"key": "balloon", "value": 0, "delete": 1}, {"key": "vga", "pending": "qxl"}]
    changed = View(before.guest, Configured.of(entries), before.notes)
    found = observe.properties(changed)
    assert found["pending"] == ["options.balloon", "specs.memory"]
    assert found["specs.memory"] == "4GiB"
    assert observe.waits([changed]) == [
        "web-1: options.balloon, specs.memory changed and needs a reboot to take effect"
    ]


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        ({"status": "running"}, Status.RUNNING),
        ({"status": "stopped"}, Status.STOPPED),
        ({"status": "unknown"}, Status.UNKNOWN),
        ({"status": "stopped", "lock": "clone"}, Status.STARTING),
        ({"status": "stopped", "ha_state": "error"}, Status.FAILED),
    ],
)
def test_the_state_of_a_guest_is_what_its_cluster_says(entry: Any, status: Status) -> None:
    assert observe.status(Guest(vmid=1, kind=GuestKind.LXC, node="n", **entry)) is status


# ── cards ────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_attached_to_nothing_gets_a_card_on_the_default_bridge() -> None:
    (card,) = cards_of(guest(), bridge="vmbr7")
    assert (card.words, card.address_words) == ("vmbr7", "dhcp")
    (card,) = cards_of(guest(bridge="vmbr2", vlan=3, address="none"), bridge="vmbr7")
    assert (card.words, card.address_words) == ("vmbr2 vlan 3", "none")


def test_a_fixed_address_is_on_the_card_of_its_network_with_that_networks_gateway() -> None:
    lan = Resource(
        name="lan",
        type=ResourceType.NETWORK,
        cidr="fd00::/48",
        options={"proxmox": {"bridge": "vmbr1", "gateway": "fd00::1", "mtu": 1400}},
    )
    wan = Resource(name="wan", type=ResourceType.NETWORK, cidr="10.0.0.0/16")
    first, second = cards_of(guest(network={"private_ip": "fd00::5"}, attached=(wan, lan)))
    assert (first.words, first.address_words) == ("vmbr0", "dhcp")
    assert second.words == "vmbr1 mtu 1400"
    assert second.address_words == "fd00::5/48 via fd00::1"


def test_a_rule_is_one_line_and_has_no_more_ports_than_proxmox_takes() -> None:
    ports = tuple(Port(str(number)) for number in range(8000, 8020))
    rule = FirewallRule(target="web-1", ports=ports, description="one\ntwo")
    first, second = firewall.rules_of(guest(rules=(rule,)))
    assert (first["comment"], second["comment"]) == ("ALMA: one two", "ALMA: one two")
    assert len(first["dport"].split(",")) == 15
    assert second["dport"] == "8015,8016,8017,8018,8019"


def test_a_card_is_behind_the_firewall_when_there_are_rules_or_when_it_is_asked() -> None:
    rules = (FirewallRule(target="web-1"),)
    assert cards_of(guest(rules=rules))[0].firewall
    assert not cards_of(guest(rules=rules, firewall=False))[0].firewall
    assert not cards_of(guest())[0].firewall


# ── rules ────────────────────────────────────────────────────────────────────────────────────────


def test_rules_keep_their_order_and_ports_of_two_protocols_are_two_rules() -> None:
    rules = (
        FirewallRule(source="10.0.0.0/8", ports=(Port(443), Port(80), Port("53/udp"))),
        FirewallRule(action="deny"),
    )
    assert firewall.words_of(guest(rules=rules)) == [
        "allow 10.0.0.0/8 tcp 80,443",
        "allow 10.0.0.0/8 udp 53",
        "deny any",
    ]


def test_what_no_rule_is_about_is_dropped_only_where_something_is_allowed() -> None:
    allow = firewall.rules_of(guest(rules=(FirewallRule(),)))
    deny = firewall.rules_of(guest(rules=(FirewallRule(action="deny"),)))
    assert (firewall.policy_of(allow), firewall.policy_of(deny)) == ("DROP", "ACCEPT")


def test_a_source_without_an_address_is_left_out_and_said() -> None:
    desired = guest(rules=(FirewallRule(source="db-1"), FirewallRule(source="10.0.0.1")))
    assert firewall.words_of(desired) == ["allow 10.0.0.1"]
    assert any(item.path == "rules" for item in shape.support_of(desired, DEFAULTS))


# ── what it takes, and what is lost ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("type_", "path", "effect"),
    [
        (ResourceType.CONTAINER, "specs.memory", Effect.IN_PLACE),
        (ResourceType.VM, "specs.memory", Effect.REBOOT),
        (ResourceType.VM, "specs.disk", Effect.IN_PLACE),
        (ResourceType.VM, "mounts.data.size", Effect.IN_PLACE),
        (ResourceType.CONTAINER, "options.tags", Effect.IN_PLACE),
        (ResourceType.CONTAINER, "options.features", Effect.REBOOT),
        (ResourceType.CONTAINER, "files./etc/motd", Effect.IN_PLACE),
        (ResourceType.DATABASE, "software", Effect.IN_PLACE),
        (ResourceType.CONTAINER, "image", Effect.REPLACE),
        (ResourceType.CONTAINER, "options.kind", Effect.REPLACE),
        (ResourceType.CONTAINER, "options.unprivileged", Effect.REPLACE),
    ],
)
def test_what_a_change_takes(type_: ResourceType, path: str, effect: Effect) -> None:
    assert shape.effect_of(guest(type_), path) is effect


@pytest.mark.parametrize(
    ("before", "after", "shrinks"),
    [
        ("8GiB", "4GiB", True),
        ("8GiB", "8GB", False),
        ("4GiB", "8GiB", False),
        (None, "1GiB", False),
    ],
)
def test_only_a_disk_that_gets_smaller_in_whole_gibibytes_shrinks(
    before: str | None, after: str, *, shrinks: bool
) -> None:
    assert shape.shrinks("specs.disk", before, after) is shrinks
    assert not shape.shrinks("specs.memory", before, after)


def _refused(desired: DesiredResource) -> list[str]:
    return [
        item.path
        for item in shape.support_of(desired, DEFAULTS)
        if item.level is SupportLevel.UNSUPPORTED
    ]


def test_what_can_not_be_in_a_guest_is_refused_as_a_whole() -> None:
    known = Packages(debian=("nginx",))
    assert _refused(guest(ResourceType.SERVICE, software="nginx", recipe=known)) == []
    assert _refused(guest(ResourceType.SERVICE, software="ghost", recipe=Packages())) == ["type"]
    assert _refused(guest(ResourceType.DATABASE)) == ["type"]
    assert _refused(guest(image="library/nginx:1.27")) == ["type"]
    assert _refused(guest(image="local:vztmpl/own_1_amd64.tar.zst")) == []


def test_what_is_lost_is_named_one_by_one() -> None:
    resource = Resource(name="w", type=ResourceType.CONTAINER, specs=Specs(gpu=1), backup={})  # type: ignore[arg-type]  # as written
    desired = guest(command=("sleep",)).model_copy(update={"resource": resource})
    assert _refused(desired) == ["specs.gpu", "backup", "command"]
    database = guest(
        ResourceType.DATABASE, software="pg", recipe=Packages(debian=("pg",)), env={"A": "b"}
    )
    assert _refused(database) == ["env"]
    assert _refused(guest(boot_order=["net0"])) == ["options.boot_order"]
    assert _refused(guest(ResourceType.VM, features={"nesting": True})) == ["options.features"]


@pytest.mark.parametrize(
    ("type_", "option", "value"),
    [
        (ResourceType.CONTAINER, "disk", {"ssd": True}),
        (ResourceType.CONTAINER, "linked_clone", True),
        (ResourceType.VM, "unprivileged", False),
        (ResourceType.VM, "swap", "1GiB"),
    ],
)
def test_an_option_of_the_other_kind_of_guest_is_told_and_not_lost(
    type_: ResourceType, option: str, value: Any
) -> None:
    resource = Resource(name="web-1", type=type_, options={"proxmox": {option: value}})
    said = shape.support_of(guest(type_).model_copy(update={"resource": resource}), DEFAULTS)
    assert (f"options.{option}", SupportLevel.UNSUPPORTED) in [(s.path, s.level) for s in said]


def test_what_is_not_set_is_not_told_of_the_other_kind() -> None:
    for type_ in (ResourceType.CONTAINER, ResourceType.VM):
        assert [s for s in shape.support_of(guest(type_), DEFAULTS) if "options" in s.path] == []


@pytest.mark.parametrize("type_", [ResourceType.CONTAINER, ResourceType.VM])
def test_a_changed_card_keeps_its_hardware_address(type_: ResourceType) -> None:
    before = view(guest(type_)).config
    patch = spec.changes(spec.config_of(guest(type_, vlan=9), DEFAULTS), before)
    assert values.nic(patch["net0"])["hwaddr"] == "BC:24:11:00:00:01"
    assert values.nic_words(patch["net0"]) == "vmbr7 vlan 9"
    assert spec.changes(spec.config_of(guest(type_), DEFAULTS), before) == {}


# ── guests that nobody can get into ──────────────────────────────────────────────────────────────

RECIPE = Packages(debian=("redis-server",), alpine=("redis",), service="redis")
SOFTWARE: dict[str, Any] = {"software": "redis", "recipe": RECIPE}


@pytest.mark.parametrize(
    ("wished", "works"),
    [
        ({"image": "alpine"}, False),
        ({"image": "debian-12"}, True),
        ({"image": None}, True),
        ({"image": "alpine", "template": "alpine-with-ssh"}, True),
        ({"image": "alpine", "kind": "vm"}, True),
        ({"image": "a-system-of-our-own"}, True),
    ],
)
def test_software_is_refused_where_the_template_has_no_way_in(
    wished: dict[str, Any], *, works: bool
) -> None:
    desired = guest(ResourceType.CACHE, **wished, **SOFTWARE)
    found = [note for note in shape.support_of(desired, DEFAULTS) if note.path == "type"]
    assert [note.level for note in found] == ([] if works else [SupportLevel.UNSUPPORTED])
    assert all("SSH" in note.reason and "debian-12" in note.reason for note in found)


def test_variables_are_left_out_where_the_template_has_no_way_in() -> None:
    desired = guest(image="alpine", env={"MODE": "a"})
    assert "env.MODE" not in shape.shape_of(desired, DEFAULTS)
    notes = {note.path: note.level for note in shape.support_of(desired, DEFAULTS)}
    assert notes["env"] is SupportLevel.UNSUPPORTED
    assert "env.MODE" in shape.shape_of(guest(env={"MODE": "a"}), DEFAULTS)


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        ({}, set()),
        ({"network": "open", "pod_security": "privileged"}, set()),
        ({"network": "default-deny"}, {"policies.network"}),
        ({"pod_security": "baseline"}, {"policies.pod_security"}),
        ({"pod_security": "restricted"}, {"policies.pod_security"}),
    ],
)
def test_where_a_clusters_policies_end_is_said(policies: dict[str, str], said: set[str]) -> None:
    resource = Resource(
        name="k8s",
        type=ResourceType.KUBERNETES_CLUSTER,
        policies=ClusterPolicies.model_validate(policies),
    )
    desired = guest(ResourceType.KUBERNETES_CLUSTER).model_copy(update={"resource": resource})
    found = [
        note for note in shape.support_of(desired, DEFAULTS) if note.path.startswith("policies")
    ]
    assert {note.path for note in found} == said
    assert {note.level for note in found} <= {SupportLevel.APPROXIMATED}
    wanted = {f"policies.{name}": value for name, value in policies.items()}
    made = shape.shape_of(desired, DEFAULTS)
    assert made.items() >= wanted.items()
    assert {shape.effect_of(desired, path) for path in wanted} <= {Effect.IN_PLACE}
    assert observe.properties(view(desired)).items() >= wanted.items()
