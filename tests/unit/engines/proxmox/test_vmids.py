"""Every number is handed out once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from alma.core.model.errors import ChangeRejected
from alma.engines.proxmox.vmids import Vmids


def test_the_lowest_free_number_is_taken_and_none_twice() -> None:
    vmids = Vmids(100, 105)
    assert [vmids.take({101}, whom="web") for _ in range(3)] == [100, 102, 103]
    vmids.hold(104)
    assert vmids.take(set(), whom="web") == 101
    vmids.give_back(100)
    assert vmids.take({101}, whom="web") == 100


def test_an_exhausted_range_is_said_with_the_setting_that_widens_it() -> None:
    vmids = Vmids(100, 100)
    vmids.take((), whom="web-1")
    with pytest.raises(ChangeRejected, match="no free VMID from 100 to 100 for web-2") as raised:
        vmids.take((), whom="web-2")
    assert "vmid_last" in (raised.value.hint or "")


def test_many_threads_get_many_numbers() -> None:
    vmids = Vmids(100, 10_000)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: vmids.take((), whom=str(n)), range(200)))
    assert len(set(taken)) == 200
