"""Fetches keys from where settings say they are, so that files of configuration hold none.

`api_key_env` names a variable of the environment, `api_key_file` a file. Both work for a fallback, too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from alma.core.model.errors import InvalidInput

_OTHERS = 0o077

logger = logging.getLogger(__name__)


def with_keys(
    given: Mapping[str, Any], *, folder: Path, variable: Callable[[str], str | None]
) -> dict[str, Any]:
    """The values with each key in place. Files are looked for from `folder` on. Raises InvalidInput when a key is not
    where it should be."""
    found = dict(given)
    if (name := found.pop("api_key_env", None)) is not None:
        found["api_key"] = _of_environment(str(name), variable)
    if (path := found.pop("api_key_file", None)) is not None:
        found["api_key"] = _in_file(folder / Path(str(path)).expanduser())
    fallbacks = found.get("fallbacks")
    if isinstance(fallbacks, list | tuple):
        found["fallbacks"] = [
            with_keys(item, folder=folder, variable=variable) if isinstance(item, Mapping) else item
            for item in fallbacks
        ]
    return found


def _of_environment(name: str, variable: Callable[[str], str | None]) -> str:
    value = variable(name)
    if not value:
        raise InvalidInput(
            f"the environment has no {name}, which a language model takes its key from",
            hint="set it and start again",
        )
    return value


def _in_file(path: Path) -> str:
    try:
        if path.stat().st_mode & _OTHERS:
            logger.warning("%s holds a key and can be read by others: chmod 600 %s", path, path)
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InvalidInput(
            f"the key in {path} can't be read: {problem}", hint="check the path and its permissions"
        ) from None
