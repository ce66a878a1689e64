"""What settings say reaches the parts they are meant for."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from alma.bootstrap import build
from alma.core.model.connection import Connection
from alma.core.model.errors import InvalidInput
from alma.core.ports.telemetry import Meters
from alma.engines import ENGINES
from alma.settings import Settings


@pytest.mark.parametrize("name", sorted(ENGINES))
async def test_every_engine_opens_with_the_default_settings(name: str, tmp_path: Path) -> None:
    alma = build(Settings(home=tmp_path))
    alma.database.migrate()
    try:
        assert alma.engines.get(name).name == name
    finally:
        await alma.stop()


async def test_the_faults_to_rehearse_are_read_from_their_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("- {kind: nonsense}")
    alma = build(Settings(home=tmp_path, simulation_faults=file))
    alma.database.migrate()
    try:
        with pytest.raises(InvalidInput, match=r"faults\.yaml"):
            alma.engines.get("simulation")
    finally:
        await alma.stop()


async def opened(home: Path, name: str = "proxmox") -> Connection:
    """How an installation with the present environment reaches the engine, which can be opened so."""
    alma = build(Settings(home=home))
    alma.database.migrate()
    try:
        assert alma.engines.get(name).name == "proxmox"
        return alma.engines.connection(name)
    finally:
        await alma.stop()


async def test_the_default_cluster_is_what_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("alma@pve!alma=0000-1111\n")
    (tmp_path / "token").chmod(0o600)
    for name, value in {
        "URL": "pve1,pve2",
        "TOKEN_FILE": str(tmp_path / "token"),
        "STORAGE": "local-zfs",
        "VMID_FIRST": "5000",
        "NODE": "",
    }.items():
        monkeypatch.setenv(f"ALMA_PROXMOX_{name}", value)
    assert "pve1" not in repr(Settings(home=tmp_path))
    found = await opened(tmp_path)
    assert found.secrets == ("token",)
    assert found.settings == {
        "urls": ["https://pve1:8006", "https://pve2:8006"],
        "storage": "local-zfs",
        "vmid_first": 5000,
    }


async def test_a_cluster_may_be_named_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "engines.yaml").write_text(
        "proxmox: {lab: {urls: [pve1], token: 'alma@pve!alma=0000-1111', pool: lab}}"
    )
    found = await opened(tmp_path, "proxmox@lab")
    assert (found.engine, found.secrets) == ("proxmox@lab", ("token",))
    assert found.settings["pool"] == "lab"


async def test_a_setting_that_the_engine_does_not_know_is_named_without_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALMA_PROXMOX_URL", "pve1")
    monkeypatch.setenv("ALMA_PROXMOX_TOKNE", "canary-77")
    with pytest.raises(InvalidInput, match="tokne") as raised:
        await opened(tmp_path)
    assert "canary-77" not in f"{raised.value.message} {raised.value.hint}"


async def test_a_cluster_that_nobody_named_is_no_place_to_land(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("ALMA_PROXMOX_")]:
        monkeypatch.delenv(name)
    alma = build(Settings(home=tmp_path))
    alma.database.migrate()
    try:
        assert "proxmox" in alma.engines.names()
        assert "proxmox" not in alma.engines.places()
    finally:
        await alma.stop()


async def test_figures_go_on_after_a_look_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alma.bootstrap.installation.NOTE_SECONDS", 0.01)
    alma = build(Settings(home=tmp_path))
    looked, again = 0, threading.Event()

    def look(meters: Meters) -> None:
        nonlocal looked
        looked += 1
        if looked == 1:
            raise OSError("the folder was swept")
        again.set()

    alma.telemetry.probe(look)
    await alma.start()
    try:
        assert await asyncio.to_thread(again.wait, 60)
    finally:
        await alma.stop()
