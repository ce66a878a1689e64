"""Under which names a rendering asks for the values that it does not have. No value is ever known here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from alma.core.model.state import DesiredResource

_OTHER = re.compile(r"[^a-zA-Z0-9]+")


def secrets_in(resources: Iterable[DesiredResource], *, access: bool = False) -> tuple[str, ...]:
    """The secrets that the instances take, sorted; with `access` also those that keys to get in are made from."""
    return tuple(
        sorted(
            {
                name
                for item in resources
                for name in item.secret_names
                if access or name != item.access_secret
            }
        )
    )


def plain_names(names: Iterable[str]) -> Mapping[str, str]:
    """Each as a word of lower-case letters, digits and `_` that no other one has: `db_1_password`."""
    found: dict[str, str] = {}
    for name in sorted(names):
        base = _OTHER.sub("_", name).strip("_").lower() or "secret"
        base = f"_{base}" if base[0].isdigit() else base
        word, number = base, 2
        while word in found.values():
            word, number = f"{base}_{number}", number + 1
        found[name] = word
    return found
