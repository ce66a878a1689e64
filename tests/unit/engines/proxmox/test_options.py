"""What a blueprint may say to Proxmox VE alone, and what it hears when that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.state import DesiredResource, ResolvedMount
from alma.engines.proxmox.options import ProxmoxOptions, faults, network_options, options_of


def guest(options: dict[str, Any], **more: Any) -> DesiredResource:
    resource = Resource(name="web-1", type=ResourceType.VM, options={"proxmox": options})
    return DesiredResource(address="web-1", type=ResourceType.VM, resource=resource, **more)


def test_nothing_written_is_all_defaults() -> None:
    assert options_of(guest({})) == ProxmoxOptions()
    assert faults(guest({})) == []


def test_the_options_of_other_engines_are_none_of_ours() -> None:
    resource = Resource(name="web-1", type=ResourceType.VM, options={"docker": {"anything": 1}})
    assert faults(DesiredResource(address="web-1", type=ResourceType.VM, resource=resource)) == []


def test_an_unknown_key_is_a_fault_with_the_one_that_was_meant() -> None:
    (fault,) = faults(guest({"storag": "local-zfs"}))
    assert fault.path == "web-1.options.proxmox.storag"
    assert "storage" in (fault.hint or "")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bridge", "vmbr0,tag=5"),
        ("node", "pve1/../.."),
        ("pool", "a b"),
        ("address", "10.0.0.5"),
        ("gateway", "nowhere"),
        ("tags", ["alma-123"]),
        ("tags", ["a;b"]),
        ("ssh_keys", ["-----BEGIN OPENSSH PRIVATE KEY-----"]),
        ("ssh_keys", ["ssh-ed25519 AAAA\nssh-rsa BBBB"]),
        ("ssh_keys", ["ssh-ed25519 AAAA\rssh-rsa BBBB"]),
        ("vlan", 5000),
        ("startup", {"order": -1}),
    ],
)
def test_what_would_say_something_else_to_proxmox_is_a_fault(key: str, value: object) -> None:
    (fault,) = faults(guest({key: value}))
    assert fault.path.startswith(f"web-1.options.proxmox.{key}")
    assert options_of(guest({key: value})) == ProxmoxOptions(), "it counts as not written"


def test_faults_of_what_a_guest_carries_are_found_with_it() -> None:
    network = Resource(
        name="lan", type=ResourceType.NETWORK, options={"proxmox": {"brige": "vmbr1"}}
    )
    mount = ResolvedMount(volume="data", path="/srv", options={"proxmox": {"storag": "ceph"}})
    paths = [fault.path for fault in faults(guest({}, attached=(network,), mounts=(mount,)))]
    assert paths == ["lan.options.proxmox.brige", "data.options.proxmox.storag"]


@pytest.mark.parametrize("path", ["/srv,shared=1", "/srv\nmp1: x", '/srv"', "/srv\\040"])
def test_a_path_that_would_say_something_else_to_proxmox_is_a_fault(path: str) -> None:
    (fault,) = faults(guest({}, mounts=(ResolvedMount(volume="data", path=path),)))
    assert (fault.code, fault.path) == ("invalid_path", "web-1.mounts")
    assert faults(guest({}, mounts=(ResolvedMount(volume="data", path="/srv/a b"),))) == []


def test_a_network_says_which_bridge_it_is() -> None:
    network = Resource(
        name="lan", type=ResourceType.NETWORK, options={"proxmox": {"bridge": "vmbr1"}}
    )
    assert network_options(network).bridge == "vmbr1"
