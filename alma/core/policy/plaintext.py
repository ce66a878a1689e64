"""Finds secrets that stand in a blueprint as plain text, and says which variable holds one, never the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alma.core.model.base import Json
from alma.core.model.blueprint import EnvValue, Resource, SecretRef
from alma.core.model.plaintext import is_secret_value, is_secret_variable, tells_secret


def inline_secrets(env: Mapping[str, EnvValue]) -> Iterator[str]:
    """The names of the variables whose value is a secret, by the look of the name or of the value."""
    for name, value in env.items():
        if not isinstance(value, SecretRef | bool) and is_secret_variable(name, str(value)):
            yield name


def secrets_elsewhere(resource: Resource) -> Iterator[str]:
    """The places besides variables where a secret stands: `command`, `options.proxmox.password`; each once."""
    if resource.command and tells_secret(resource.command):
        yield "command"
    for field in ("labels", "options", "metadata"):
        yield from _below(getattr(resource, field), field)


def _below(value: Json | Mapping[str, Json], path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _below(inner, f"{path}.{key}")
    elif isinstance(value, list):
        if any(True for inner in value for _ in _below(inner, path)):
            yield path
    elif isinstance(value, str) and is_secret_value(value, path.rpartition(".")[2]):
        yield path
