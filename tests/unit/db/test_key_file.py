"""The file with the master keys: what is sealed under a key is lost without it, and a copy of it is as good as it."""

import os
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alma.core.model.errors import InvalidInput
from alma.db.keyring import KEY_FILE, Keyring


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can be given a single byte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def make(home: Path) -> None:
    Keyring.open(home)


def extend(home: Path) -> None:
    Keyring.open(home).extend()


@pytest.mark.parametrize("already", [False, True])
def test_a_full_disk_leaves_neither_half_a_key_file_nor_a_copy(
    tmp_path: Path, already: bool
) -> None:
    before = Keyring.open(tmp_path).ids if already else None

    with full_disk(), pytest.raises(InvalidInput, match="can't be used"):
        extend(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ([KEY_FILE] if already else [])
    assert before is None or Keyring.open(tmp_path).ids == before


@pytest.mark.parametrize("change", [make, extend])
def test_a_new_key_is_on_the_disk_under_its_name_before_anything_is_sealed_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    brought: list[str] = []
    real = os.fsync

    def seen(handle: int) -> None:
        directory = stat.S_ISDIR(os.fstat(handle).st_mode)
        names = {path.name for path in tmp_path.iterdir()}
        brought.append("names" if directory else "content")
        assert not directory or KEY_FILE in names
        real(handle)

    if change is extend:
        make(tmp_path)
    monkeypatch.setattr(os, "fsync", seen)
    change(tmp_path)

    assert brought == ["content", "names"]
