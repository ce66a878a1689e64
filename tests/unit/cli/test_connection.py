"""What was said about a connection becomes settings, and no secret is taken from the command line."""

from __future__ import annotations

import io

import pytest

from alma.cli.connection import asked, settings_of
from alma.cli.errors import CliError
from alma.cli.terminal import Terminal


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> Terminal:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return Terminal()


def test_only_what_was_given_is_set() -> None:
    options = {"urls": ["https://pve1:8006"], "user": None, "fingerprint": None}
    assert settings_of(options, ["storage=local-zfs", "image-storage=a=b"]) == {
        "urls": ["https://pve1:8006"],
        "storage": "local-zfs",
        "image_storage": "a=b",
    }


@pytest.mark.parametrize("pair", ["storage", "=x", ""])
def test_what_is_no_pair_is_refused(pair: str) -> None:
    with pytest.raises(CliError, match="is no setting"):
        settings_of({}, [pair])


def test_a_token_is_put_together_from_its_id_and_its_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = piped(monkeypatch, "0000-1111\n")
    found = asked(terminal, token_id="alma@pve!alma", names=[], stdin=True)
    assert found == {"token": "alma@pve!alma=0000-1111"}


def test_secrets_are_read_in_the_order_in_which_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = piped(monkeypatch, "\npass word\nSEED\n")
    found = asked(terminal, token_id=None, names=["password", "totp"], stdin=True)
    assert found == {"password": "pass word", "totp": "SEED"}


@pytest.mark.parametrize("text", ["", "one\ntwo\n"])
def test_too_few_or_too_many_lines_are_refused_without_repeating_one(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    terminal = piped(monkeypatch, text)
    with pytest.raises(CliError, match="1 secrets are wanted") as refused:
        asked(terminal, token_id=None, names=["password"], stdin=True)
    assert refused.value.hint == "in this order: password"
    assert "two" not in refused.value.message


def test_a_secret_that_is_a_file_has_as_many_lines_as_it_likes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = piped(monkeypatch, "clusters:\n  - name: c\n\nusers: []\n")
    found = asked(terminal, token_id=None, names=["kubeconfig_text"], stdin=True)
    assert found == {"kubeconfig_text": "clusters:\n  - name: c\n\nusers: []"}


def test_an_empty_file_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = piped(monkeypatch, "\n")
    with pytest.raises(CliError, match="has 0 lines"):
        asked(terminal, token_id=None, names=["kubeconfig_text"], stdin=True)


def test_a_secret_on_the_command_line_is_refused() -> None:
    with pytest.raises(CliError, match="does not belong on the command line"):
        asked(Terminal(), token_id="alma@pve!alma=0000", names=[], stdin=False)


@pytest.mark.parametrize(
    "name", ["token", "password", "totp", " password", "api-key", "kubeconfig_text"]
)
def test_a_secret_among_the_settings_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(CliError, match="does not belong on the command line") as refused:
        settings_of({}, [f"{name}=0000-1111"])
    assert "0000" not in f"{refused.value.message} {refused.value.hint}"
    assert "--secret" in (refused.value.hint or "")


def test_where_nobody_can_answer_the_way_in_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = piped(monkeypatch, "")
    with pytest.raises(CliError) as refused:
        asked(terminal, token_id=None, names=["password"], stdin=False)
    assert refused.value.hint == "pipe it in and add --secret-stdin"


def test_nothing_is_asked_where_no_secret_is_wanted() -> None:
    assert asked(Terminal(), token_id=None, names=[], stdin=False) == {}
