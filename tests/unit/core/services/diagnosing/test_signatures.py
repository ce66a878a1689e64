"""Signatures: each is found in its own texts and not in what looks like them; files with faults; hostile texts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from alma.config.signatures import signature_book
from alma.core.model.signature import Sign
from alma.core.model.yaml_reader import read_yaml
from alma.core.services.diagnosing.handbook import signatures_page
from alma.core.services.diagnosing.matching import Fact, matched
from alma.core.services.diagnosing.signatures import SignatureFile, read_signatures
from alma.core.services.diagnosing.texts import HEAD, TAIL, Kind, Text

ROOT = Path(__file__).resolve().parents[5]
PAGE = ROOT / "docs" / "troubleshooting.md"
TEXTS: dict[str, dict[str, list[str]]] = read_yaml(
    (ROOT / "tests" / "cases" / "diagnosis" / "texts.yaml").read_text(encoding="utf-8")
)
BOOK = signature_book()
BY_ID = {item.signature.id: item for item in BOOK.signatures}


def found(text: str, *, book: Any = BOOK, kind: Kind = Kind.GIVEN) -> list[str]:
    """The signatures that a text shows."""
    return list(matched(book, [Text("logs", text, kind)], [], lambda line: line).hits)


def test_what_is_shipped_is_without_faults_and_known_by_at_least_fifty_signs_in_texts() -> None:
    assert BOOK.problems == ()
    assert len([item for item in BOOK.signatures if item.patterns]) >= 50


@pytest.mark.parametrize("id_", [id_ for id_, item in BY_ID.items() if item.patterns])
def test_a_signature_is_found_in_its_texts_and_not_in_what_looks_like_them(id_: str) -> None:
    texts = TEXTS[id_]
    assert texts["match"]
    assert texts["miss"]
    assert [text for text in texts["match"] if id_ not in found(text)] == []
    assert [text for text in texts["miss"] if id_ in found(text)] == []


@pytest.mark.parametrize("id_", sorted(TEXTS))
def test_a_text_shows_its_own_signature_and_at_most_one_other(id_: str) -> None:
    for text in TEXTS[id_]["match"]:
        assert id_ in found(text)
        assert len(found(text)) <= 2, text


@pytest.mark.parametrize("id_", [id_ for id_, item in BY_ID.items() if item.signature.signs])
def test_a_signature_is_found_by_its_signs(id_: str) -> None:
    for sign in BY_ID[id_].signature.signs:
        facts = [Fact(sign, "so it is", "a check")]
        assert id_ in matched(BOOK, [], facts, lambda line: line).hits
    other = [Fact(sign, "so", "a check") for sign in Sign if sign not in BY_ID[id_].signature.signs]
    assert id_ not in matched(BOOK, [], other, lambda line: line).hits


def test_every_text_has_its_signature() -> None:
    assert set(TEXTS) <= set(BY_ID)


# ── files of one's own ───────────────────────────────────────────────────────────────────────────

OWN = """\
signatures:
  - id: cart-stuck
    title: The cart waits
    area: software
    sure: likely
    patterns: ['cart (?P<cart>\\d+) waits']
    means: "Cart {cart|of somebody} waits."
  - id: broken-pattern
    title: Not closed
    area: software
    sure: likely
    patterns: ['(never']
    means: It is not closed.
  - id: shadow
    title: Looks ahead
    area: software
    sure: likely
    patterns: ['(?=x)y']
    means: It looks ahead.
  - id: hole
    title: Names what no pattern names
    area: software
    sure: likely
    patterns: ['port (?P<port>\\d+)']
    means: "Of {prt}."
  - id: everything
    title: Found in nothing
    area: software
    sure: likely
    patterns: ['x*']
    means: It is found in every text.
  - id: unsure
    title: Neither here nor there
    area: software
    sure: perhaps
    patterns: ['x']
    means: It is not known.
  - id: disk-full
    title: Our own words
    area: guest
    sure: certain
    patterns: ['disk kaput']
    means: It is.
  - {id: kernel-oom, off: true}
"""


def test_faulty_entries_are_named_with_their_lines_and_the_others_run(tmp_path: Path) -> None:
    (tmp_path / "signatures.yaml").write_text(OWN, encoding="utf-8")
    book = signature_book(tmp_path)
    assert [(item.path, item.line, item.message.split(":")[0]) for item in book.problems] == [
        ("config/signatures.yaml", 12, "broken-pattern"),
        ("config/signatures.yaml", 18, "shadow"),
        ("config/signatures.yaml", 25, "hole"),
        ("config/signatures.yaml", 30, "everything"),
        ("config/signatures.yaml", 35, "unsure"),
    ]
    assert found("cart 12 waits", book=book) == ["cart-stuck"]
    assert found("disk kaput", book=book) == ["disk-full"]
    assert found("no space left on device", book=book) == []
    assert found("Out of memory: Killed process 1 (x)", book=book) == []
    assert len(book.signatures) == len(BOOK.signatures)


def test_a_file_is_read_anew_when_it_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "signatures.yaml"
    assert "cart-stuck" not in {item.signature.id for item in signature_book(tmp_path).signatures}
    file.write_text(OWN, encoding="utf-8")
    assert "cart-stuck" in {item.signature.id for item in signature_book(tmp_path).signatures}
    file.unlink()
    assert "cart-stuck" not in {item.signature.id for item in signature_book(tmp_path).signatures}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe", "is not written in UTF-8"),
        (b"signatures: [", "never closed"),
        (b"just words", "no list of signatures"),
        (b"signatures: 3", "no list of signatures"),
        (b"signatures: [1]", "is no mapping"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem_and_what_is_shipped_is_used(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "signatures.yaml").write_bytes(content)
    book = signature_book(tmp_path)
    assert len(book.problems) == 1
    assert says in book.problems[0].message or says == "never closed"
    assert len(book.signatures) == len(BOOK.signatures)


# ── hostile texts ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "line",
    [
        "a" * 5_000_000,
        "can't lock file '" * 300_000,
        "cloud-init " * 450_000,
        "volume 'vztmpl " * 330_000,
        "\n" * 5_000_000,
        "0.0.0.0:1 " * 500_000,
        "permission denied /var/lib/" * 180_000,
    ],
    ids=lambda line: str(line[:12]).strip() or "lines",
)
def test_no_text_of_five_megabytes_holds_it_up(line: str) -> None:
    """A backtracking engine takes hours for these; the time limit of the test ends it."""
    text = Text("logs", f"{line}\nno space left on device", Kind.GIVEN)
    hits = matched(BOOK, [text], [], lambda words: words).hits
    assert "disk-full" in hits
    assert text.cut is not None
    assert all(len(hit.evidence.text) < 300 for many in hits.values() for hit in many)


def test_a_pattern_of_a_user_that_would_explode_elsewhere_does_not_here() -> None:
    own = """
signatures:
  - {id: bomb, title: A bomb, area: guest, sure: likely, patterns: ['(a+)+b$'], means: It explodes.}
"""
    book = read_signatures([SignatureFile("own", own)])
    assert book.problems == ()
    assert found("a" * 100_000, book=book) == []
    assert found("a" * 100_000 + "b", book=book) == ["bomb"]


def test_of_a_long_text_beginning_and_end_are_read_and_lines_keep_their_numbers() -> None:
    filler = "all is well\n" * 400_000
    text = Text("logs", f"no space left on device\n{filler}disk is full", Kind.GIVEN)
    hits = matched(BOOK, [text], [], lambda words: words).hits["disk-full"]
    assert [hit.evidence.line for hit in hits] == [1, 400_002]
    assert len(text.content) > HEAD + TAIL


def test_a_pattern_never_reaches_over_the_end_of_a_line() -> None:
    assert found("Quorate:\nNo") == []
    assert found("trying to acquire lock\nfailed") == []


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_signatures_is_what_the_files_say() -> None:
    """After a change: ALMA_WRITE_DOCS=1 pytest tests/unit/core/services/diagnosing/test_signatures.py"""
    page = signatures_page([item.signature for item in BOOK.signatures], list(Sign))
    if os.environ.get("ALMA_WRITE_DOCS"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run this test with ALMA_WRITE_DOCS=1"
    assert all(page.count(f"`{id_}` |") == 1 for id_ in BY_ID)
