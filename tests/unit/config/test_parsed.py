"""What is kept of a shipped file must never be what another text said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alma.config import load_catalogue
from alma.config.parsed import parsed
from alma.core.model.errors import BlueprintInvalid

TEXT = b"a: [1, 0.5, true, null, no]\nb: {c: '1'}\n"
VALUES = {"a": [1, 0.5, True, None, "no"], "b": {"c": "1"}}


def test_what_is_kept_says_what_the_text_says(tmp_path: Path) -> None:
    assert parsed("x", TEXT, tmp_path) == VALUES
    assert parsed("x", TEXT, tmp_path) == VALUES
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


def test_the_same_text_is_not_read_again(tmp_path: Path) -> None:
    parsed("x", TEXT, tmp_path)
    file = tmp_path / "x.json"
    marked = {**json.loads(file.read_text()), "document": "kept"}
    file.write_text(json.dumps(marked))
    assert parsed("x", TEXT, tmp_path) == "kept"


def test_another_text_is_read_and_takes_its_place(tmp_path: Path) -> None:
    parsed("x", TEXT, tmp_path)
    assert parsed("x", b"a: 2", tmp_path) == {"a": 2}
    assert parsed("x", b"a: 2", tmp_path) == {"a": 2}


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"\xff", b'{"digest": 1}'])
def test_what_is_kept_and_broken_is_read_anew(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "x.json").write_bytes(broken)
    assert parsed("x", TEXT, tmp_path) == VALUES


def test_a_folder_that_can_not_be_made_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert parsed("x", TEXT, tmp_path / "file" / "cache") == VALUES


def test_a_text_with_a_mistake_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(BlueprintInvalid):
        parsed("x", b"a: [", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_catalogue_is_the_same_from_what_is_kept(tmp_path: Path) -> None:
    load_catalogue(kept=tmp_path)
    load_catalogue.cache_clear()
    assert load_catalogue(kept=tmp_path) == load_catalogue()
