"""Names of connections, and what is secret about them: the part of addressing an engine that needs no engine.

`proxmox@lab` is the engine `proxmox` by the connection `lab`; `proxmox`, or `proxmox@default`, its default one. What is
secret of a connection is what the engine's own settings hold as `SecretStr`.
"""

from __future__ import annotations

import logging
import re
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, SecretStr

from alma.core.model.errors import InvalidInput

DEFAULT = "default"
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,38}[a-z0-9])?")
_OTHERS = 0o077

logger = logging.getLogger(__name__)


class Place(NamedTuple):
    """An engine, and the name of the connection to it: "" for its default one."""

    engine: str
    name: str

    def __str__(self) -> str:
        return f"{self.engine}@{self.name}" if self.name else self.engine


def parsed(text: str) -> Place:
    """The parts of what somebody wrote, in lower case. Raises InvalidInput for what can't name a connection."""
    engine, at, name = text.strip().casefold().partition("@")
    engine, name = engine.strip(), name.strip()
    if at and not _NAME.fullmatch(name):
        raise InvalidInput(
            f"'{text.strip()}' does not name a connection",
            hint="write it as engine@name, the name with letters, digits, '-' and '.', at most 40",
        )
    return Place(engine, "" if name == DEFAULT else name)


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """The settings that must never be shown."""
    return frozenset(
        name for name, field in model.model_fields.items() if _is_secret(field.annotation)
    )


def of_this_machine(settings: BaseModel) -> tuple[str, ...]:
    """The names of settings that make ALMA use what is its own machine's: paths, and what the engine's `Settings` names
    in a property of that name."""
    paths = {
        name for name in settings.model_fields_set if isinstance(getattr(settings, name), Path)
    }
    return tuple(sorted({*paths, *getattr(settings, "of_this_machine", ())}))


def _is_secret(annotation: Any) -> bool:
    inner = typing.get_args(annotation)
    return annotation is SecretStr or any(_is_secret(part) for part in inner)


def with_secrets(
    given: Mapping[str, Any],
    model: type[BaseModel],
    *,
    folder: Path,
    variable: Callable[[str], str | None],
) -> dict[str, Any]:
    """The settings of a file, with each secret fetched from where it says it is: `token_file` names a file, from
    `folder` on; `token_env` a variable of the environment. Raises InvalidInput when there is nothing."""
    found = dict(given)
    for name in sorted(secret_fields(model)):
        if (file := _taken(found, f"{name}_file", model)) is not None:
            found[name] = _secret_in(folder / Path(str(file)).expanduser())
        if (key := _taken(found, f"{name}_env", model)) is not None:
            found[name] = _secret_of(str(key), variable)
    return found


def _taken(found: dict[str, Any], key: str, model: type[BaseModel]) -> Any:
    return None if key in model.model_fields else found.pop(key, None)


def _secret_in(path: Path) -> str:
    try:
        if path.stat().st_mode & _OTHERS:
            logger.warning("%s holds a secret and can be read by others: chmod 600 %s", path, path)
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InvalidInput(
            f"the secret in {path} can't be read: {problem}",
            hint="check the path and its permissions",
        ) from None


def _secret_of(key: str, variable: Callable[[str], str | None]) -> str:
    value = variable(key)
    if not value:
        raise InvalidInput(
            f"the environment has no {key}, which a connection takes a secret from",
            hint="set it and start again",
        )
    return value
