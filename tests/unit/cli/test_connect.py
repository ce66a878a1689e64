"""A command uses the server that runs, and only starts its own where none does."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from alma.cli.connect import connected, load_settings, running
from alma.cli.errors import CliError, ExitCode
from alma.cli.home import Home
from alma.cli.terminal import Terminal
from tests.unit.cli.web import answering, send


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("ALMA_HOME", str(tmp_path))
    return Home(tmp_path)


def test_a_server_that_runs_on_the_directory_is_used(home: Home) -> None:
    with answering(lambda handler: send(handler, '{"status": "alive"}')) as url:
        home.publish(url)
        with connected(None, Terminal(), doing="alma status") as client:
            assert client.where == url
            assert not client.embedded
    assert not (home.path / "alma.lock").exists()


def test_a_named_server_is_used_whatever_runs_here(home: Home) -> None:
    home.publish("http://127.0.0.1:1")
    with connected("http://127.0.0.1:2", Terminal(), doing="alma status") as client:
        assert client.where == "http://127.0.0.1:2"


def test_an_address_where_nothing_answers_is_passed_over(home: Home) -> None:
    with socket.socket() as quiet:
        quiet.bind(("127.0.0.1", 0))
        home.publish(f"http://127.0.0.1:{quiet.getsockname()[1]}")
        assert running(home) is None


def test_an_address_where_another_program_answers_is_passed_over(home: Home) -> None:
    with answering(lambda handler: send(handler, "hello", type_="text/plain")) as url:
        home.publish(url)
        assert running(home) is None


def test_wrong_settings_are_named_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALMA_API_PORT", "s3cret")
    with pytest.raises(CliError) as refused:
        load_settings()
    assert refused.value.exit_code is ExitCode.INVALID
    assert refused.value.items[0].startswith("ALMA_API_PORT: ")
    assert "s3cret" not in str(refused.value.body())


def test_an_owner_that_does_not_answer_is_named_in_the_end(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alma.cli.connect.PATIENCE_SECONDS", 0.0)
    wanted = connected(None, Terminal(), doing="alma status")
    with home.owned("alma deploy"), pytest.raises(CliError) as refused, wanted:
        pytest.fail("connected")
    assert refused.value.code == "home_in_use"
    assert f"`alma deploy` (pid {os.getpid()})" in refused.value.message
