"""A server that others can reach asks who is calling, or does not start; the data directory proves itself."""

from __future__ import annotations

import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from alma.bootstrap import build
from alma.bootstrap.access import local_token
from alma.cli.serve import _guarded
from alma.cli.terminal import Terminal
from alma.core.model.errors import InvalidInput
from alma.core.model.principal import LOCAL
from alma.settings import Settings

KEY = "a-key-of-the-configuration"


def guarded(home: Path, address: str, *, no_auth: bool = False, **settings: object) -> Settings:
    with socket.socket() as listening:
        listening.bind((address, 0))
        wanted = Settings(home=home, **settings)  # type: ignore[arg-type]  # as given
        return _guarded(wanted, Terminal(), listening, no_auth=no_auth)


async def started(settings: Settings, before: Callable[[Settings], None] | None = None) -> None:
    """Starts and stops an installation."""
    if before is not None:
        before(settings)
    alma = build(settings)
    try:
        await alma.start()
    finally:
        await alma.stop()


def with_a_key(settings: Settings) -> None:
    alma = build(settings)
    alma.database.migrate()
    alma.keys.create(LOCAL, "first", administrator=True)
    alma.database.close()
    alma.passwords.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_on_this_machine_alone_nothing_is_demanded(tmp_path: Path, address: str) -> None:
    assert not guarded(tmp_path, address).auth_demanded


async def test_on_every_network_it_does_not_start_for_everybody(tmp_path: Path) -> None:
    settings = guarded(tmp_path, "0.0.0.0")
    with pytest.raises(InvalidInput, match="other machines") as refused:
        await started(settings)
    assert "ALMA_API_KEY" in str(refused.value.hint)


@pytest.mark.parametrize("more", [{"api_key": KEY}, {"auth_enabled": True}])
async def test_on_every_network_it_starts_where_callers_are_known(
    tmp_path: Path, more: dict[str, object]
) -> None:
    await started(guarded(tmp_path, "0.0.0.0", **more))  # type: ignore[arg-type]


async def test_on_every_network_it_starts_once_there_is_a_key(tmp_path: Path) -> None:
    await started(guarded(tmp_path, "0.0.0.0"), before=with_a_key)


async def test_on_every_network_it_starts_open_when_that_was_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = guarded(tmp_path, "0.0.0.0", no_auth=True)
    await started(settings)
    assert settings.auth_enabled is False
    assert "does what anybody says" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.0.0.5"])
async def test_in_a_container_that_only_its_host_reaches_it_starts_open(
    tmp_path: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = guarded(tmp_path, "0.0.0.0", published_on=host)
    await started(settings)
    assert settings.auth_enabled is None
    assert "may do everything" in capsys.readouterr().err


def test_in_a_container_too_a_key_that_was_made_shuts_the_door(tmp_path: Path) -> None:
    settings = guarded(tmp_path, "0.0.0.0", published_on="127.0.0.1")
    with_a_key(settings)
    alma = build(settings)
    assert alma.authenticator.required()
    alma.database.close()
    alma.passwords.close()


@pytest.mark.parametrize("host", ["", "0.0.0.0", "192.0.2.7", "::", "localhost", "127.0.0.1.evil"])
async def test_in_a_container_that_others_may_reach_it_does_not_start_for_everybody(
    tmp_path: Path, host: str
) -> None:
    with pytest.raises(InvalidInput, match="other machines"):
        await started(guarded(tmp_path, "0.0.0.0", published_on=host))


def test_a_configured_key_that_could_be_guessed_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="fewer than 16") as refused:
        build(Settings(home=tmp_path, api_key="hunter2"))
    assert "hunter2" not in refused.value.message + str(refused.value.hint)


def test_an_empty_variable_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALMA_API_KEY", "ALMA_API_KEYS", "ALMA_AUTH_ENABLED"):
        monkeypatch.setenv(name, "")
    settings = Settings(home=tmp_path)
    assert settings.configured_keys == ()
    assert settings.auth_enabled is None


def test_keys_of_the_configuration_are_shown_by_no_text_form(tmp_path: Path) -> None:
    assert KEY not in repr(Settings(home=tmp_path, api_key=KEY, api_keys=(KEY,)))


def test_the_local_token_is_made_once_for_all_processes_and_for_the_owner_alone(
    tmp_path: Path,
) -> None:
    file = tmp_path / "local.token"
    token = local_token(file)
    assert local_token(file) == token
    assert len(token) > 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_local_token_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "local.token"
    token = local_token(file)
    file.chmod(0o644)
    assert local_token(file) != token
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
