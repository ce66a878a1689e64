"""Snippets, slips and the fields of tickets, each told as a person would say it; and what is left as it is."""

from __future__ import annotations

from time import process_time

import pytest

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.wording.taken_down import taken_down


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("teh db shoud hvae 2vms", "the db should have 2 vms"),
        ("redis.....2gbram", "redis, 2gb ram"),
        ("one and a half terabytes", "1.5 terabytes"),
        ("it shouldn't be public", "it shouldn't be public"),
        ("10min and 2days, K8s, vm-2b", "10min and 2days, K8s, vm-2b"),
        ("OPS-12: a redis. Reporter: Hana. Thanks", "a redis.  Thanks"),
        ("IPR-12: approve it", "IPR-12: approve it"),
        ("Decommission:\n- a-1\n- b-1\n", "remove a-1 and b-1\n"),
        ('add {"type": "cache", "memory": "2GB"}', "add\n1 cache with 2GB memory."),
        ("like this\n- name: a\n  type: vm\n  cpu: 2", "like this\n1 vm named a with 2 cores."),
        ("please\n- name: a\n  mystery: b", "please\n- name: a\n  mystery: b"),
    ],
)
def test_what_was_written_is_told_as_it_was_meant(
    written: str, told: str, gazetteer: Gazetteer
) -> None:
    assert taken_down(written, gazetteer.means) == told


@pytest.mark.parametrize("piece", [" ,", "- x: y\n", " \n", "\t", "\n", " \t, "])
def test_what_is_mostly_empty_takes_no_time(piece: str, gazetteer: Gazetteer) -> None:
    started = process_time()
    taken_down(piece * (3900 // len(piece)), gazetteer.means)
    assert process_time() - started < 1
