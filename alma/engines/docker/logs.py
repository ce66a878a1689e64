"""What a container printed, without the secrets it may have printed too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alma.engines.docker import names
from alma.engines.docker.session import Session
from alma.engines.redaction import redacted

_REFERENCE = "secret:"


Hide = Callable[[str], str]


async def last_lines(session: Session, inspected: Mapping[str, Any], *, lines: int) -> list[str]:
    """The last lines, oldest first, with every secret of this container hidden."""
    printed = await session.daemon.logs(inspected["Id"], lines=lines)
    return redacted(printed, await _secrets(session, inspected)) if printed else []


async def hider(session: Session, inspected: Mapping[str, Any]) -> Hide:
    """What hides every secret of this container in a text. Before that is cut: half a secret would not be found."""
    secrets = await _secrets(session, inspected)
    return lambda text: redacted([text], secrets)[0]


async def _secrets(session: Session, inspected: Mapping[str, Any]) -> list[str]:
    """The secrets this container was given, read from where they were put."""
    config = inspected["Config"]
    declared = names.declared_in(config.get("Labels") or {})
    env = dict(text.partition("=")[::2] for text in config.get("Env") or ())
    found: list[str] = []
    for path, value in declared.items():
        if not str(value).startswith(_REFERENCE):
            continue
        group, _, name = path.partition(".")
        if group == "env":
            found.append(env.get(name, ""))
        elif group == "files":
            content = await session.daemon.get_file(inspected["Id"], name)
            found.append((content or b"").decode(errors="replace").strip())
    return found
