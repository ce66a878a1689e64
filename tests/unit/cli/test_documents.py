"""A blueprint's file is taken as it is; what can't be read at all is said before anything is started."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from alma.cli.documents import JSON, YAML, Document, read_document
from alma.cli.errors import CliError, ExitCode


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.yaml", "name: x", YAML),
        ("a.yml", '{"name": "x"}', YAML),
        ("a.json", '{"name": "x"}', JSON),
        ("a", ' {"name": "x"}', JSON),
        ("a.txt", "name: x", YAML),
    ],
)
def test_the_kind_is_known_by_the_name_else_by_the_look(
    tmp_path: Path, name: str, content: str, media_type: str
) -> None:
    file = tmp_path / name
    file.write_text(content)
    document = read_document(str(file))
    assert document.media_type == media_type
    assert document.content == content.encode()
    assert document.name == "x"


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"name: piped")))
    document = read_document("-")
    assert (document.source, document.name) == ("standard input", "piped")


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_an_empty_file_is_called_empty(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    with pytest.raises(CliError, match="is empty") as refused:
        read_document(str(file))
    assert refused.value.exit_code is ExitCode.INVALID


def test_a_missing_file_is_named_with_a_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="there is no file") as refused:
        read_document(str(tmp_path / "nope.yaml"))
    assert refused.value.exit_code is ExitCode.INVALID
    assert "alma templates customize" in str(refused.value.hint)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="can't be read"):
        read_document(str(tmp_path))


@pytest.mark.parametrize("content", [b"name: [", b"- a", b"name: 3", b"\xff\xfe\xff", b"other: x"])
def test_a_name_that_can_not_be_read_is_none(content: bytes) -> None:
    assert Document(content=content, media_type=YAML, source="x").name is None
