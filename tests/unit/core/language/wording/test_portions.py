"""Parts of what was counted together are told as numbers of their own, and only where they add up."""

from __future__ import annotations

import pytest

from alma.core.language.wording.portions import in_portions


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("six vms, half of them with 16GB, the rest with 8", "3 vms with 16GB, 3 vms with 8GB"),
        ("3 servers, the first with 4 cores, the other two with 2 cores each",
         "1 server with 4 cores, 2 servers with 2 cores each"),
        ("two redis caches, 1GB and 4GB", "1 redis cache with 1GB, 1 redis cache with 4GB"),
        ("2 vms. The first, alpha, has 2 cores. The second, beta, has 4.",
         "1 vm called alpha with 2 cores, 1 vm called beta with 4 cores."),
        ("five vms, two of them big (8 cores), the other three small", "2 big vms (8 cores), 3 small vms"),
        ("ten vms, 4 of which need 32GB", "4 vms with 32GB, 6 vms"),
        ("4 vms with 2 cores, 4GB for half of them and 8GB for the others",
         "2 vms with 2 cores with 4GB, 2 vms with 2 cores with 8GB"),
        ("10 vms, 4 vCPU and 8GB RAM each, except two that need 16 vCPU and 64GB",
         "2 vms with 16 vCPU and 64GB, 8 vms, 4 vCPU and 8GB RAM each"),
        ("five vms with 4GB RAM, only one should have 16GB", "1 vm with 16GB, 4 vms with 4GB RAM"),
        ("twelve servers with 2 cores, three of which need 8", "3 servers with 8 cores, 9 servers with 2 cores"),
        ("six vms with 4GB memory and 50GB disk, apart from one which needs 200GB disk",
         "1 vm with 4GB memory with 200GB disk, 5 vms with 4GB memory and 50GB disk"),
    ],
)  # fmt: skip
def test_each_part_becomes_a_number_of_things(said: str, told: str) -> None:
    assert in_portions(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "two servers with 4GB and 100GB",  # memory and disk of both
        "3 servers, the first two with 4 cores, the other two with 2",  # more than there are
        "five vms, half of them with 8GB, the rest with 4GB",  # no half of five
        "3 web servers and a db, the first with 2 cores",  # whose first is not clear
        "k3s with 3 nodes, one of them with 16GB",  # a cluster's nodes are its own
        "three servers with 8GB but no public IP",
        "two servers, one for web and one for mail",  # the grammar reads numbers itself
    ],
)
def test_what_does_not_add_up_stays_as_it_is_said(said: str) -> None:
    assert in_portions(said) == said
