"""Programs that log in (`exec` in a kubeconfig), ended together with the wait for them.

The SDK runs such a program for a token and leaves it running when whoever waits for the token gives up: one that asks
somebody for a password would stay for good, and another one with each request.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import httpx2
from lightkube.config.client_adapter import ConnectionParams, ExecAuth
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ConfigError


class Parameters(ConnectionParams):
    """The SDK's parameters of a connection, with a login program that is ended when nobody waits for it."""

    def httpx_params(self, config: SingleConfig) -> dict[str, Any]:
        """See the SDK's."""
        found: dict[str, Any] = super().httpx_params(config)
        program = config.user.exec if config.user else None
        return found | {"auth": LoginProgram(program)} if program else found


class LoginProgram(ExecAuth):
    """Asks a program for a token: at the first request, and again when the server does not take the token any more."""

    _token: str | None = None

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Signs the request. Raises ConfigError, naming the program, when that fails or answers something else."""
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
            if (yield request).status_code != httpx2.codes.UNAUTHORIZED:
                return
        self._token = await self._asked()
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    async def _asked(self) -> str:
        command, env = self._prepare()
        told = await _output(command, env)
        try:
            return str(json.loads(told)["status"]["token"])
        except (ValueError, KeyError, TypeError):
            raise ConfigError(f"{command[0]} answered without a token") from None


async def _output(command: list[str], env: dict[str, str]) -> bytes:
    # A session of its own, so that what it starts ends with it.
    running = await asyncio.create_subprocess_exec(
        *command, env=env, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True
    )
    try:
        said, _ = await running.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        await running.wait()
        raise
    if running.returncode != 0:
        # What it printed may be a secret.
        raise ConfigError(f"Exec {command[0]} returned {running.returncode}: ")
    return said
