"""A check tells first whether, then what is missing, then what there is: lists of things as tables."""

from __future__ import annotations

from typing import Any

from alma.cli.render.engines import connection_lines, engine_report
from tests.unit.cli.render.reading import text_of

UP: dict[str, Any] = {
    "engine": "proxmox@lab",
    "available": True,
    "detail": "Proxmox VE 9.0, 2 of 3 nodes online",
    "version": "9.0",
    "problems": ["VM.Clone is missing at /vms: pveum acl modify …"],
    "facts": {
        "cluster": "lab",
        "quorate": True,
        "bridges": ["vmbr0", "vmbr1"],
        "templates": [],
        "nodes": [
            {"name": "pve1", "online": True, "memory_free": "12GiB"},
            {"name": "pve2", "online": False},
        ],
        "missing_privileges": {"/vms": ["VM.Clone", "VM.Audit"]},
    },
    "default": False,
    "configured": True,
}


def report(engine: dict[str, Any]) -> list[str]:
    return [line for item in engine_report(engine) for line in text_of(item).splitlines()]  # type: ignore[arg-type]


def test_problems_come_before_facts_and_lists_of_things_are_tables() -> None:
    assert report(UP) == [
        "✓ proxmox@lab: Proxmox VE 9.0, 2 of 3 nodes online",
        "  - VM.Clone is missing at /vms: pveum acl modify …",
        "  cluster: lab",
        "  quorate: yes",
        "  bridges: vmbr0, vmbr1",
        "  templates: -",
        "  nodes",
        "    name  online  memory free",
        "    pve1  yes     12GiB",
        "    pve2  no      -",
        "  missing privileges",
        "    /vms: VM.Clone, VM.Audit",
    ]


def test_an_engine_that_nobody_configured_comes_with_the_command_that_does() -> None:
    lines = report(
        {
            **UP,
            "engine": "proxmox",
            "available": False,
            "detail": "Engine 'proxmox' is not configured",
            "problems": [],
            "facts": {},
            "configured": False,
        }
    )
    assert lines == [
        "✗ proxmox: Engine 'proxmox' is not configured",
        "  next: alma engines configure proxmox --help",
    ]


def test_of_a_connection_the_secrets_are_told_by_name() -> None:
    connection: Any = {
        "engine": "proxmox@lab",
        "source": "project",
        "settings": {"urls": ["https://pve1:8006"], "image_storage": "local"},
        "secrets": ["token"],
    }
    assert [text_of(line).strip() for line in connection_lines(connection)] == [
        "urls: https://pve1:8006",
        "image storage: local",
        "token: (kept, never shown)",
    ]


def test_markup_in_facts_is_text() -> None:
    assert "  note: [bold]x[/bold]" in report({**UP, "facts": {"note": "[bold]x[/bold]"}})
