"""Providers to sign in with: a real one from a package, and one of ours that does wrong on demand.

The real one shows that ALMA speaks what others speak. It never lies and knows no PKCE. The other one insists on PKCE,
and forges, hides, mixes up and dawdles as a test tells it to.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

CLIENT = "alma"
SECRET = "a-secret-that-nobody-may-see"


# In a process of its own: it warns of its own libraries, and warnings are errors here. It ends with its standard input.
_REAL = """
import json, sys
from oidc_provider_mock import User, run_server_in_thread
people = json.loads(sys.stdin.readline())
users = [User(sub=sub, claims=claims) for sub, claims in people.items()]
with run_server_in_thread(int(sys.argv[1]), require_nonce=True, user_claims=users) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
"""


@contextmanager
def real_provider(people: Mapping[str, Mapping[str, Any]], *, port: int = 0) -> Iterator[str]:
    """The issuer of a running oidc-provider-mock that knows these people, by subject, with their claims."""
    with subprocess.Popen(
        [sys.executable, "-c", _REAL, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            print(json.dumps(people), file=running.stdin, flush=True)
            yield f"http://localhost:{int(running.stdout.readline())}"
        finally:
            running.stdin.close()
            running.wait(10)


def allow(address: str, subject: str) -> str:
    """Signs in at the real provider, as a person with a browser would: where it then sends the browser."""
    answer = httpx.post(address, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def deny(address: str) -> str:
    """Says no at the real provider: where it then sends the browser."""
    return httpx.post(address, data={"action": "deny"}).headers["location"]


def query_of(url: str) -> dict[str, str]:
    """The parameters of a URL."""
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


@functools.cache
def _key() -> RSAKey:
    """Making one takes a while."""
    return RSAKey.generate_key(2048, auto_kid=True)


@dataclass
class OwnProvider:
    """A provider whose every answer a test may change. It gives a code's tokens only for the right verifier."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """Over the right ones; None leaves a claim out."""
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """A path's whole answer."""
    key: Key = field(default_factory=_key)
    published: list[Key] | None = None
    asked: list[str] = field(default_factory=list)
    authorization: str | None = None
    silent: set[str] = field(default_factory=set)
    hurry: threading.Event = field(default_factory=threading.Event)
    """Set at the end: paths that are silent wait for it."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def come_back(self, address: str) -> str:
        """What the provider sends a browser back with, after its person has signed in."""
        asked = query_of(address)
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        more = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urllib.parse.urlencode(more)}"

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if path == "/.well-known/openid-configuration":
            return 200, self._described()
        if path == "/keys":
            keys = [self.key] if self.published is None else self.published
            return 200, {"keys": [key.as_dict(private=isinstance(key, OctKey)) for key in keys]}
        if path == "/userinfo":
            return 200, self.userinfo
        return self._tokens(form) if path == "/token" else (404, {})

    def _described(self) -> dict[str, Any]:
        described = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA", "HS256", "none"],
            **self.document,
        }
        return {name: value for name, value in described.items() if value is not None}

    def _tokens(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form.get("code", ""), None)
        proved = base64.urlsafe_b64encode(
            hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        )
        if asked is None or asked["code_challenge"] != proved.rstrip(b"=").decode():
            return 400, {"error": "invalid_grant", "error_description": f"no: {form}"}
        answer = {"token_type": "Bearer", "access_token": "at-1", "id_token": self.signed(asked)}
        return 200, answer | self.token

    def signed(self, asked: Mapping[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "248289761001",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            **self.claims,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": _ALGORITHMS[type(self.key)], "kid": self.key.kid, **self.header}
        header = {name: value for name, value in header.items() if value is not None}
        registry = JWSRegistry(algorithms=[*JWSRegistry.algorithms], strict_check_header=False)
        return jwt.encode(header, said, self.key, registry=registry)


_ALGORITHMS: dict[type, str] = {RSAKey: "RS256", ECKey: "ES256", OctKey: "HS256", OKPKey: "EdDSA"}


@contextmanager
def own_provider() -> Iterator[OwnProvider]:
    """One that runs, on a free port of this machine."""
    provider = OwnProvider()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._reply(dict(urllib.parse.parse_qsl(body)))

        def _reply(self, form: dict[str, str]) -> None:
            path = urllib.parse.urlsplit(self.path).path
            provider.asked.append(path)
            provider.authorization = self.headers.get("Authorization", provider.authorization)
            if path in provider.silent:
                provider.hurry.wait(60)
                self.close_connection = True
                return
            if path in provider.raw:
                status, content = provider.raw[path]
            else:
                status, document = provider.answer(path, form)
                content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield provider
    finally:
        provider.hurry.set()
        server.shutdown()
        server.server_close()
        thread.join()
