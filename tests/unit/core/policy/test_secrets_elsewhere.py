"""Secrets in plain text outside of variables: what is one, and what only speaks of one."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.model.blueprint import Resource
from alma.core.policy.plaintext import secrets_elsewhere


def places(**fields: Any) -> list[str]:
    """Where a container with these fields has a secret."""
    written = {"name": "app", "type": "container", **fields}
    return list(secrets_elsewhere(Resource.model_validate(written)))


@pytest.mark.parametrize(
    "command",
    [
        ["--password=hunter2"],
        ["run", "--db-password", "hunter2"],
        ["-api-key=abcdef"],
        ["postgres://app:hunter2@db/app"],
        ["sh", "-c", "curl -H token:ghp_abcdefghijklmnopqrstuvwxyz0123456789"],
    ],
)
def test_a_command_with_a_secret_is_found(command: list[str]) -> None:
    assert places(command=command) == ["command"]


@pytest.mark.parametrize(
    "command",
    [
        ["--password-file=/run/secrets/password"],
        ["--password", "$PASSWORD"],
        ["--password=${PASSWORD}"],
        ["--password", "--verbose"],
        ["--password"],
        ["--access-log=off", "--keys=4"],
        ["postgres://db/app"],
    ],
)
def test_a_command_that_only_speaks_of_a_secret_is_not(command: list[str]) -> None:
    assert places(command=command) == []


def test_options_labels_and_metadata_are_looked_through() -> None:
    assert places(
        options={"proxmox": {"password": "hunter2", "ssh_keys": ["ssh-ed25519 AAAA anna"]}},
        labels={"api-key": "abc"},
        metadata={"notes": ["see", "redis://:hunter2@cache"], "deep": {"private_key": "x"}},
    ) == [
        "labels.api-key",
        "options.proxmox.password",
        "metadata.notes",
        "metadata.deep.private_key",
    ]


def test_declarations_about_secrets_are_none() -> None:
    assert (
        places(
            metadata={
                "secrets": {"store": "vault"},
                "auth": {"ssh_password": False, "password_policy": "long ones"},
                "encryption": {"key_source": "vault"},
                "password": "vault:kv/app#password",
            }
        )
        == []
    )
