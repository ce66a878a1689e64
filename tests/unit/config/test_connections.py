"""`engines.yaml` names connections; what is wrong with it is said by file and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from alma.config import load_connections
from alma.core.model.errors import InvalidInput


def test_without_a_file_there_are_no_connections(tmp_path: Path) -> None:
    assert load_connections(tmp_path) == {}


def test_connections_are_read_by_engine_and_name(tmp_path: Path) -> None:
    (tmp_path / "engines.yaml").write_text(
        "proxmox:\n  lab: {urls: ['https://pve1:8006'], token_file: t}\n  default: {node: pve1}\n"
        "docker:\n  nas: {host: 'tcp://nas:2375'}\n"
    )
    assert load_connections(tmp_path) == {
        "proxmox": {
            "lab": {"urls": ["https://pve1:8006"], "token_file": "t"},
            "default": {"node": "pve1"},
        },
        "docker": {"nas": {"host": "tcp://nas:2375"}},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "the file must be a mapping"),
        ("proxmox: lab", "proxmox must be a mapping"),
        ("proxmox: {lab: 1}", r"proxmox\.lab must be a mapping"),
        ("proxmox: {'a b': {}}", r"proxmox\.a b: a name has"),
        ("proxmox: {lab", "engines.yaml: "),
    ],
)
def test_what_is_wrong_is_said_by_file_and_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "engines.yaml").write_text(text)
    with pytest.raises(InvalidInput, match=said) as raised:
        load_connections(tmp_path)
    assert str(tmp_path / "engines.yaml") in raised.value.message
