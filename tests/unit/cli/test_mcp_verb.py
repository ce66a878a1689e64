"""`alma mcp` before it serves: what it needs, and whom it speaks for."""

from __future__ import annotations

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
        assert mcp._address(client) == {"url": "http://alma.example:8000", "socket": None}
    with Client.over("/tmp/alma.sock") as client:
        assert mcp._address(client)["socket"] == "/tmp/alma.sock"
