"""`alma mcp` before it serves: what it needs, and whom it speaks for."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from alma.cli import mcp
from alma.cli.client import Client
from alma.cli.errors import CliError, ExitCode


def test_a_missing_sdk_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp, "_SERVER", "no_such_package.server")
    with pytest.raises(CliError, match="no_such_package") as raised:
        mcp._serving()
    assert raised.value.hint == 'install what it needs: pip install "alma[mcp]"'
    assert raised.value.exit_code is ExitCode.UNAVAILABLE


def test_it_speaks_for_the_server_that_the_command_found() -> None:
    with Client.at("alma.example:8000") as client:
        address = mcp._address(client)
        assert (address["url"], address["socket"]) == ("http://alma.example:8000", None)
    with Client.over("/tmp/alma.sock") as client:
        assert mcp._address(client)["socket"] == "/tmp/alma.sock"


def test_it_shows_what_the_command_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALMA_API_KEY", "alma_k_s")
    monkeypatch.setenv("ALMA_PROJECT", "shop")
    with Client.at("alma.example:8000", home=tmp_path) as client:
        auth, headers = mcp._address(client)["shown"]
    request = httpx.Request("GET", "http://alma.example:8000/")
    assert next(auth.auth_flow(request)).headers["Authorization"] == "Bearer alma_k_s"
    assert headers == {"X-ALMA-Project": "shop"}
