"""Waiting for a guest's SSH server: those who watch a deployment see what it waits for."""

from __future__ import annotations

import asyncio
import socket

import pytest

from alma.core.model.errors import EngineError, EngineUnavailable
from alma.engines.proxmox.guests import setup
from alma.engines.proxmox.provisioning.job import Job
from alma.engines.proxmox.provisioning.run import wait_for_ssh


async def test_who_waits_says_so_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    said: list[str] = []
    with pytest.raises(EngineUnavailable):
        await wait_for_ssh("127.0.0.1", port=port, within=0.5, log=said.append)
    assert said == [f"Waiting for an SSH server at 127.0.0.1 port {port}, at most 0.5 s"]


async def test_a_guest_that_was_waited_for_in_vain_is_not_waited_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run repeats what is unavailable many times: each would wait as long, and the run take most of an hour."""
    monkeypatch.setattr(setup, "SSH_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    job = Job(name="web", alias="web", host="127.0.0.1", port=port, private_key="")
    with pytest.raises(EngineError, match="No SSH server answers") as caught:
        await setup.over_ssh(job, log=lambda line: None, timeout=5)
    assert not caught.value.retryable


async def test_who_need_not_wait_says_nothing() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-test\r\n")
        writer.close()

    said: list[str] = []
    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await wait_for_ssh("127.0.0.1", port=port, within=5, log=said.append)
    assert said == []
