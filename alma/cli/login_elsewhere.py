"""Signing in where a browser is: with a code that somebody allows anywhere, or through a provider on this machine.

Neither opens anything: an address is shown, and whoever reads it decides where to open it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from alma.cli.calls import API, part
from alma.cli.errors import CliError, ExitCode

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.shapes import Json
    from alma.cli.terminal import Terminal

PATIENCE_SECONDS = 600.0
_PATH = "/signed-in"
_DONE = "You are signed in. You may close this page and go on in the terminal.\n"
_WAITING = {"authorization_pending", "slow_down"}


def by_device(
    client: Client, terminal: Terminal, *, pause: Callable[[float], None] = time.sleep
) -> Json:
    """Tokens, once somebody has allowed this command on the server's page. Raises CliError when nobody does."""
    codes = client.start_device(f"alma on {socket.gethostname()}")
    terminal.say(
        f"Open {codes['verification_uri']} in any browser and enter the code:",
        "",
        f"    {codes['user_code']}",
        "",
        f"It holds for {codes['expires_in'] // 60} minutes. Or open {codes['verification_uri_complete']}",
    )
    interval = float(codes["interval"])
    with terminal.busy("waiting until it is allowed"):
        while True:
            pause(interval)
            try:
                return client.poll_device(codes["device_code"])
            except CliError as error:
                if error.details.get("error") not in _WAITING:
                    raise _refused(error) from error
                interval = max(interval, float(error.details.get("interval", interval)))


def by_provider(
    client: Client,
    terminal: Terminal,
    provider: str,
    *,
    patience: float = PATIENCE_SECONDS,
    shown: Callable[[str], None] | None = None,
) -> Json:
    """Tokens, once somebody has signed in at the provider with a browser on this machine. `shown` is told the address,
    beside the terminal. Raises CliError when nobody does within `patience` seconds."""
    _check_provider(client, provider)
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    with _Waiting(state) as waiting:
        query = {
            "redirect": waiting.address,
            "code_challenge": _challenge(verifier),
            "state": state,
        }
        url = f"{client.base_url.rstrip('/')}{API}/auth/oidc/{part(provider)}/start?{urlencode(query)}"
        terminal.say("Open this address in a browser on this machine:", "", f"    {url}", "")
        if shown is not None:
            shown(url)
        with terminal.busy("waiting for the browser"):
            code = waiting.code(patience)
    return client.fetch_tokens(code, verifier)


def _check_provider(client: Client, provider: str) -> None:
    known = [item["name"] for item in client.providers()]
    if provider not in known:
        raise CliError(
            f"{client.where} knows no identity provider '{provider}'",
            hint=f"it knows {', '.join(known)}" if known else "sign in with alma login NAME",
            code="invalid_input",
        )


class _Waiting(TCPServer):
    """Waits on this machine, on a port that is free, for the browser that brings a code."""

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Receiving)
        self._state = state
        self._code: str | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{_PATH}"

    def code(self, patience: float) -> str:
        """What the browser brought. Raises CliError after `patience` seconds."""
        deadline = time.monotonic() + patience
        while self._code is None:
            self.timeout = deadline - time.monotonic()
            if self.timeout <= 0:
                raise CliError(
                    "nobody has signed in in time",
                    hint="start again; on a machine without a browser leave --provider out",
                    exit_code=ExitCode.DENIED,
                )
            self.handle_request()
        return self._code

    def take(self, path: str) -> bool:
        """Whether that address brings the code of this sign-in, and not of one that somebody slipped in."""
        parts = urlsplit(path)
        brought = dict(parse_qsl(parts.query))
        own = secrets.compare_digest(brought.get("state", "").encode(), self._state.encode())
        if parts.path != _PATH or not own or not brought.get("code"):
            return False
        self._code = brought["code"]
        return True


class _Receiving(BaseHTTPRequestHandler):
    # A connection that says nothing must not keep the right one waiting.
    timeout = 5
    server: _Waiting

    def do_GET(self) -> None:
        taken = self.server.take(self.path)
        text = (_DONE if taken else "There is nothing here.\n").encode()
        self.send_response(200 if taken else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address has a code in it."""


def _refused(error: CliError) -> CliError:
    denied = error.code == "device_login"
    return CliError(
        error.message,
        hint="start again with alma login" if denied else error.hint,
        code=error.code,
        exit_code=ExitCode.DENIED if denied else error.exit_code,
        details=error.details,
    )


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
