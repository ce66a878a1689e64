"""First requests whose sentences share out what is wanted: every part is made, with what is said of it."""

from __future__ import annotations

from collections import Counter

import pytest

from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import drafted, kinds_of

_Told = dict[str, int]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("three lxcs, 512MB each, except the one for DNS which should have 1GB", {"512MB": 2, "1GB": 1}),
        ("6 LXCs, 1GB memory each, apart from the one for jellyfin, which gets 8GB", {"1GB": 5, "8GB": 1}),
        ("four VMs with 4GB but one with 32GB", {"4GB": 3, "32GB": 1}),
        ("Of the five LXC containers I want, one gets 4GB of memory and the other four get 1GB", {"4GB": 1, "1GB": 4}),
        ("Out of the eight containers, three should have 2GB of RAM and five 512MB", {"2GB": 3, "512MB": 5}),
        ("four vms: one 16GB, three 4GB", {"16GB": 1, "4GB": 3}),
        ("Windows VM, big: 12 cores and 48GB RAM. Linux VM, small: 2 cores and 2GB RAM.", {"48GB": 1, "2GB": 1}),
        ("jellyfin and syncthing: 4 cores and 8GB for jellyfin, 2 cores and 2GB for syncthing", {"8GB": 1, "2GB": 1}),
        ("a cache for our shop, redis, 1GB", {"1GB": 1}),
        ("a database for the shop, postgres, 8GB", {"8GB": 1}),
        ("Anna gets a VM with 4GB, Ben one with 8GB, and Clara one with 16GB", {"4GB": 1, "8GB": 1, "16GB": 1}),
        ("one vm per kid, so Anna, Ben and Clara, 2 cores and 8GB ram each", {"8GB": 3}),
        ("My two daughters study informatics, they each need a linux vm with 4GB of RAM", {"4GB": 2}),
        ("a vm with no more than 2 cores and no more than 8GB of memory", {"8GB": 1}),
    ],
)  # fmt: skip
def test_each_part_has_its_own_memory(interpreter: Interpreter, said: str, told: _Told) -> None:
    made = drafted(interpreter, said).resources
    assert Counter(str(each.specs.memory) for each in made for _ in range(each.count)) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("two networks, one for cameras and one for guests, and a VM in each", {"network": 2, "vm": 2}),
        ("three storage servers with 8TB each", {"vm": 3}),
        ("two storage VMs with a 4TB disk each and a third VM", {"vm": 3}),
        ("two VMs with 2 cores each and a third VM that only runs the backups", {"vm": 3}),
        ("three buckets: one for logs, one for photos and one for backups", {"object_store": 3}),
        ("a container per office: Berlin, Paris and Rome", {"container": 3}),
        ("a bucket for files, mails and logs", {"object_store": 1}),
        ("For invoices a Postgres, for sessions a Redis, for files a bucket.",
         {"database": 1, "cache": 1, "object_store": 1}),
    ],
)  # fmt: skip
def test_as_many_are_made_as_are_shared_out(
    interpreter: Interpreter, said: str, told: _Told
) -> None:
    assert kinds_of(drafted(interpreter, said)) == told
