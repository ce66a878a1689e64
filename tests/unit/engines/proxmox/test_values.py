"""Proxmox's way to write things, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.units import Size
from alma.engines.proxmox import values

WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789:./-", min_size=1, max_size=12)
KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)


@given(st.dictionaries(KEYS, WORDS, min_size=1, max_size=6), st.booleans())
def test_a_property_string_is_what_it_was(props: dict[str, str], headed: bool) -> None:
    first = next(iter(props)) if headed else "volume"
    assert values.parse(values.join(props, first), first) == props


def test_a_flag_is_a_digit_and_none_is_nothing() -> None:
    assert (
        values.join({"bridge": "vmbr0", "firewall": True, "tag": None}) == "bridge=vmbr0,firewall=1"
    )


@given(st.integers(1, 2**50).map(lambda kib: kib * 1024))
def test_a_size_is_what_it_was(amount: int) -> None:
    assert values.size_of(values.size_text(amount)) == amount


@pytest.mark.parametrize(("text", "amount"), [("8G", 8 * 1024**3), ("528K", 528 * 1024), ("0", 0)])
def test_sizes_as_proxmox_writes_them(text: str, amount: int) -> None:
    assert values.size_of(text) == amount
    assert values.size_of("much") is None


@given(st.integers(1, 2**50))
def test_nobody_gets_less_than_was_asked(amount: int) -> None:
    size = Size.of_bytes(amount)
    assert 0 <= values.mebibytes(size) * 1024**2 - amount < 1024**2
    assert 0 <= values.gibibytes(size) * 1024**3 - amount < 1024**3


@given(st.lists(st.text("abcXYZ019_-", min_size=1, max_size=6), max_size=6))
def test_b40_tags_are_compared_sorted_lower_case_and_joined_by_semicolons(tags: list[str]) -> None:
    text = values.tags_text(tags)
    assert text == text.lower()
    assert values.tags_of(text) == tuple(text.split(";")) * bool(tags)
    for between in (";", ",", " ", ", "):
        assert values.tags_of(between.join(reversed(tags))) == values.tags_of(text)


@given(st.lists(st.text(min_size=1).map(lambda t: "x" + "".join(t.split())), max_size=3))
def test_b18_ssh_keys_are_percent_encoded_with_20_and_come_back(keys: list[str]) -> None:
    lines = [f"ssh-ed25519 AAAA+/= {key}" for key in keys]
    text = values.encode_keys(lines)
    assert "+" not in text
    assert text.count("%20") >= 2 * len(lines)
    assert values.decode_keys(text) == tuple(lines)


def test_a_card_reads_alike_in_machines_and_containers() -> None:
    machine = "virtio=BC:24:11:00:00:01,bridge=vmbr1,firewall=1,tag=5"
    container = "name=eth0,bridge=vmbr1,firewall=1,hwaddr=BC:24:11:00:00:01,ip=dhcp,tag=5,type=veth"
    assert values.nic_words(machine) == values.nic_words(container) == "vmbr1 vlan 5 firewall"
    assert values.nic(machine)["hwaddr"] == values.nic(container)["hwaddr"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ip=10.0.1.5/24,gw=10.0.1.1", "10.0.1.5/24 via 10.0.1.1"),
        ("ip=dhcp,ip6=auto", "dhcp, auto6"),
        ("name=eth0,bridge=vmbr0", "none"),
        ("ip=manual", "none"),
    ],
)
def test_addresses_in_words(text: str, words: str) -> None:
    assert values.address_words(text) == words


def test_a_fixed_address_is_found_in_both_families() -> None:
    assert values.fixed_address("ip=10.0.1.5/24,gw=10.0.1.1") == "10.0.1.5"
    assert values.fixed_address("ip=dhcp,ip6=fd00::5/64") == "fd00::5"
    assert values.fixed_address("ip=dhcp") is None


def test_devices_come_in_the_order_of_their_numbers() -> None:
    config = dict.fromkeys(["scsi10", "scsi2", "ide0", "scsihw", "net1", "efidisk0"], "")
    assert values.devices(config, values.DRIVE) == ["ide0", "scsi2", "scsi10"]
