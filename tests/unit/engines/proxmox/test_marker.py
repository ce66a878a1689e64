"""ALMA's guests are told from all others, by what is on them."""

from __future__ import annotations

import base64
import re
import secrets
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import ChangeRejected
from alma.core.model.state import StackRef
from alma.engines.base import Marker
from alma.engines.proxmox import marker

STACK = StackRef(id="A1b2C3", name="shop", engine="proxmox")
NAMES = st.from_regex(r"\A[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?\Z")


def notes(**more: object) -> marker.Notes:
    own = Marker(stack="A1b2C3", address="web-1", type=ResourceType.VM, key="d1:web-1")
    return marker.Notes.model_validate({"marker": own, "vmid": 104, **more})


# A few kilobytes that are sixteen megabytes of JSON.
BOMB = base64.b64encode(zlib.compress(b'{"declared":{"a":"%b"}}' % (b"a" * (1 << 24)), 9)).decode()


@given(NAMES)
def test_every_address_gets_a_name_fit_for_dns(address: str) -> None:
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", marker.guest_name(STACK, address))
    assert marker.is_candidate(marker.guest_name(STACK, address), (), STACK)
    assert len(marker.old_name(marker.guest_name(STACK, address))) <= 63


@given(NAMES, NAMES)
def test_two_addresses_never_share_a_name(one: str, other: str) -> None:
    same = marker.guest_name(STACK, one) == marker.guest_name(STACK, other)
    assert same == (one.lower() == other.lower())


def test_a_plain_address_keeps_a_plain_name() -> None:
    assert marker.guest_name(STACK, "web-1") == "shop-web-1"


def test_a_guest_that_its_stack_is_named_after_does_not_say_its_name_twice() -> None:
    alone = StackRef(id="s1", name="web-01", engine="proxmox")
    assert marker.guest_name(alone, "web-01") == "web-01"
    assert marker.guest_name(alone, "db") == "web-01-db"
    for name in ("web-01", "web-01-old", "web-01-db"):
        assert marker.is_candidate(name, (), alone)
    assert not marker.is_candidate("web-012", (), alone)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40) | st.integers(), max_size=20))
def test_notes_come_back_as_they_were_written(declared: dict[str, object]) -> None:
    wrote = notes(declared=declared, as_set={"specs.memory": "954"})
    assert marker.read(marker.write(wrote)) == wrote


def test_notes_are_found_among_the_words_of_others() -> None:
    text = f"do not touch!\n{marker.write(notes())}\n<!-- another comment -->"
    assert marker.read(text) == notes()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "a guest",
        "<!-- alma: {} -->",
        "<!-- alma: z:!! -->",
        "<!-- alma: nonsense -->",
        f"<!-- alma: {'[' * 8000} -->",
        f"<!-- alma: z:{BOMB} -->",
        marker.write(notes()).replace('"web-1"', r'"web-1\n10.0.0.66 db"'),
    ],
    ids=["none", "empty", "words", "nothing", "no-base64", "no-json", "deep", "bomb", "no-address"],
)
def test_notes_that_are_not_almas_say_nothing(text: str | None) -> None:
    assert marker.read(text) is None


def test_nothing_declared_can_end_the_comment_early() -> None:
    wrote = notes(declared={"labels.evil": "--> <script>"})
    assert marker.write(wrote).count("-->") == 1
    assert marker.read(marker.write(wrote)) == wrote


def test_long_notes_are_packed_and_those_that_are_too_long_are_refused() -> None:
    repeated = notes(declared={f"labels.{n}": "the same words " * 10 for n in range(80)})
    assert len(marker.write(repeated)) <= marker.MOST_CHARACTERS
    assert marker.read(marker.write(repeated)) == repeated
    unlike = notes(declared={f"files.{n}": secrets.token_hex(32) for n in range(400)})
    with pytest.raises(ChangeRejected, match="web-1 has more files"):
        marker.write(unlike)


def test_candidates_are_found_by_tag_or_by_name() -> None:
    assert marker.is_candidate("renamed", ("alma", "alma-a1b2c3"), STACK)
    assert marker.is_candidate("shop-web-1", (), STACK)
    assert not marker.is_candidate("workshop-web-1", ("alma",), STACK)


@pytest.mark.parametrize("others", ["", "Ask before you stop it.\n", "a: b\n\n<!-- mine -->"])
@pytest.mark.parametrize("adopted", [True, False])
def test_what_people_wrote_stands_beside_the_marker_and_is_given_back_as_it_was(
    others: str, adopted: bool
) -> None:
    text = marker.write(notes(adopted=adopted), others)
    assert text.startswith(others)
    assert marker.read(text) == notes(adopted=adopted)
    assert marker.beside(text) == others
    assert marker.beside(marker.write(notes(), marker.beside(text))) == others
