"""What the second of several leaves out is what the first said."""

from __future__ import annotations

import pytest

from alma.core.language.wording.elided import told_in_full


@pytest.mark.parametrize(
    ("said", "full"),
    [
        (
            "web tier on 2 nodes, app tier on 3, database on 1",
            "2 web servers, 3 app servers, 1 database",
        ),
        (
            "two databases: one mysql with 4GB, the other postgres with 8",
            "two databases: one mysql with 4GB, one postgres with 8GB",
        ),
        ("3 vms: 2 for web and 1 as a bastion", "3 vms: 2 for web and 1 bastion"),
        ("container with node 20 on port 3000", "container with node:20 on port 3000"),
        ("a python 3.12 service", "a python:3.12 service"),
        ("upgrade the api to java 21", "upgrade the api to eclipse-temurin:21"),
    ],
)
def test_what_is_left_out_is_put_back(said: str, full: str) -> None:
    assert told_in_full(said) == full


@pytest.mark.parametrize(
    "said",
    [
        "grafana on node 2",
        "move it to node 20 servers",
        "redis with 4GB and postgres with 8 cores",
        "run it on 3 nodes",
        "one web server, the other stays",
    ],
)
def test_what_is_complete_stays_as_it_is(said: str) -> None:
    assert told_in_full(said) == said
