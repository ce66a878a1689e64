"""What a container printed, without the secrets it may have printed too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from alma.engines.docker import names
from alma.engines.docker.session import Session

HIDDEN = "********"
_SHORTEST = 4  # hiding every "a" would help nobody
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


def redacted(lines: Iterable[str], secrets: Sequence[str]) -> list[str]:
    """The lines with each secret replaced; the longest first, as one may contain another."""
    hidden = sorted({text for text in secrets if len(text) >= _SHORTEST}, key=len, reverse=True)
    found = []
    for line in lines:
        for text in hidden:
            line = line.replace(text, HIDDEN)
        found.append(line)
    return found


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
