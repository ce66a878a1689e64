"""Forms, repetitions, wishes of others and remarks, each told as a plain request."""

from __future__ import annotations

import pytest

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.wording.asked_for import wished
from alma.core.language.wording.fields import in_fields
from alma.core.language.wording.intros import without_intro
from alma.core.language.wording.likewise import likewise
from alma.core.language.wording.told import without_remarks


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("vm cpu=8 ram=32g", "vm 8 cores, 32g ram,"),
        ("VMs: 2\nBackup: none", "VMs: 2\nno Backup"),
        ("https://example.org/?cpu=8", "https://example.org/?cpu=8"),
    ],
)
def test_fields_are_told_as_words(said: str, told: str, gazetteer: Gazetteer) -> None:
    assert in_fields(said, gazetteer.means, gazetteer.means) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("mine: arch, 4 cores. hers: same but 2 cores", "mine: arch, 4 cores. hers: arch, 2 cores"),
        (
            "mine: arch, 4 cores. hers: same but 16GB",
            "mine: arch, 4 cores. hers: arch, 4 cores, 16GB",
        ),
        ("3 teams: every team gets a vm (4GB)", "3 vms (4GB)"),
        ("a: arch. b: debian", "a: arch. b: debian"),
    ],
)
def test_the_same_is_said_again(said: str, told: str) -> None:
    assert likewise(said) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The lab asked for a vm", "I need a vm"),
        ("make it three servers", "I need three servers"),
        ("A debian vm is what we need, 4 cores", "I need A debian vm, 4 cores"),
        ("make the vm bigger", "make the vm bigger"),
    ],
)
def test_a_wish_is_told_in_the_first_person(said: str, told: str) -> None:
    assert wished(said) == told


def test_a_story_before_a_list_is_left_aside(gazetteer: Gazetteer) -> None:
    said = "my pi died so now everything moves to proxmox: a redis, a postgres"
    assert without_intro(said, gazetteer) == "I need a redis, a postgres. Everything on proxmox."
    assert without_intro("a web shop is needed: nginx, mysql", gazetteer).startswith("a web shop")


def test_a_remark_that_introduces_nothing_is_left_aside(gazetteer: Gazetteer) -> None:
    assert without_remarks("We teach databases next term. 2 vms.", gazetteer).strip() == "2 vms."
    assert without_remarks("We teach databases. Our servers hum.", gazetteer) == (
        "We teach databases. Our servers hum."
    )
