"""Who ALMA is to Proxmox: an API token, or a user with a ticket that is renewed in time.

A token goes along with every call and needs nothing else. A ticket is a login's result: it holds for two hours, writes
need the CSRF token that came with it, and a second factor may stand before it.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from alma.core.model.errors import EngineAuthFailed, EngineUnavailable
from alma.engines.proxmox.settings import ProxmoxSettings

RENEW_AFTER = 3600.0  # a ticket lives two hours
_STEP = 30
_TICKET = ":/+=@!-._~"

Ask = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[object]]


class Login(Protocol):
    """One way of saying who asks."""

    async def headers(self, *, change: bool) -> dict[str, str]:
        """What a call must carry. May log in first."""

    async def refused(self, headers: Mapping[str, str]) -> bool:
        """Told that a call with these headers got 401. Whether it is worth one more try."""

    def problem(self, reason: str) -> EngineAuthFailed:
        """The error for credentials that are refused."""


class TokenLogin:
    """An API token."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def headers(self, *, change: bool) -> dict[str, str]:
        """The same for every call."""
        return {"Authorization": f"PVEAPIToken={self._token}"}

    async def refused(self, headers: Mapping[str, str]) -> bool:
        """There is nothing to renew."""
        return False

    def problem(self, reason: str) -> EngineAuthFailed:
        """Names the token, without its secret."""
        return EngineAuthFailed(
            f"Proxmox refuses the API token {self._token.partition('=')[0]}: {reason}",
            hint="see that the token exists and has not expired (Datacenter, Permissions, API Tokens); its secret is "
            "shown only once, so make a new one if it may be wrong",
        )


class TicketLogin:
    """A user and a password. `ask` posts to /access/ticket and gives the data; it raises EngineAuthFailed on 401."""

    def __init__(
        self,
        settings: ProxmoxSettings,
        ask: Ask,
        *,
        clock: Clock = time.monotonic,
        wall_clock: Clock = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        assert settings.user
        assert settings.password
        self._user = settings.user
        self._password = settings.password
        self._totp = settings.totp
        self._ask = ask
        self._clock = clock
        self._wall_clock = wall_clock
        self._sleep = sleep
        self._lock = asyncio.Lock()
        self._ticket: str | None = None
        self._csrf = ""
        self._since = 0.0
        self._last_step = -1

    async def headers(self, *, change: bool) -> dict[str, str]:
        """The ticket, renewed when it is old, and for a change the CSRF token."""
        async with self._lock:
            if self._ticket is None:
                self._keep(await self._log_in())
            elif self._clock() - self._since > RENEW_AFTER:
                await self._renew(self._ticket)
        headers = {"Cookie": f"PVEAuthCookie={quote(self._ticket or '', safe=_TICKET)}"}
        return headers | ({"CSRFPreventionToken": self._csrf} if change else {})

    async def refused(self, headers: Mapping[str, str]) -> bool:
        """Forgets the ticket, unless another call has got a new one meanwhile."""
        async with self._lock:
            mine = f"PVEAuthCookie={quote(self._ticket or '', safe=_TICKET)}"
            if headers.get("Cookie") == mine:
                self._ticket = None
        return True

    def problem(self, reason: str) -> EngineAuthFailed:
        """Names the user."""
        return EngineAuthFailed(
            f"Proxmox refuses the login of {self._user}: {reason}",
            hint="check the user, its realm (root@pam, alma@pve) and the password; an API token needs no password",
        )

    def _keep(self, answer: Mapping[str, Any]) -> None:
        if not (answer.get("ticket") and answer.get("CSRFPreventionToken")):
            raise EngineUnavailable(
                "Logging in: the answer is not that of a Proxmox VE node; is the address right?",
                hint="check the address and the port (8006)",
            )
        self._ticket = str(answer["ticket"])
        self._csrf = str(answer["CSRFPreventionToken"])
        self._since = self._clock()

    async def _renew(self, ticket: str) -> None:
        """With the old ticket for a password no second factor is asked for; when that fails, from the start."""
        try:
            answer = await self._ask({"username": self._user, "password": ticket})
        except EngineAuthFailed:
            answer = await self._log_in()
        self._keep(answer if not answer.get("NeedTFA") else await self._log_in())

    async def _log_in(self) -> Mapping[str, Any]:
        password = self._password.get_secret_value()
        answer = await self._ask({"username": self._user, "password": password, "new-format": True})
        if not answer.get("NeedTFA"):
            return answer
        code = await self._code()
        return await self._ask(
            {
                "username": self._user,
                "password": f"totp:{code}",
                "tfa-challenge": str(answer["ticket"]),
                "new-format": True,
            }
        )

    async def _code(self) -> str:
        """The second factor of this moment. Proxmox takes each code once, so the next login waits for the next one."""
        if self._totp is None:
            raise EngineAuthFailed(
                f"{self._user} has a second factor, and ALMA has no seed for it",
                hint="give the base32 seed of a TOTP factor, or use an API token, which needs none",
            )
        now = self._wall_clock()
        if int(now // _STEP) == self._last_step:
            await self._sleep(_STEP - now % _STEP)
            now = max(self._wall_clock(), (self._last_step + 1) * _STEP)
        self._last_step = int(now // _STEP)
        return totp(self._totp.get_secret_value(), now)


def totp(seed: str, now: float) -> str:
    """The code of RFC 6238 with Proxmox's defaults: SHA-1, six digits, 30 seconds. `seed` is base32."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    made = TOTP(key, 6, SHA1(), _STEP, enforce_key_length=False)  # noqa: S303  # RFC 6238
    return made.generate(int(now)).decode()
