"""Parameters as Proxmox reads them: a form (or a query string) of texts; true is 1, and a list repeats its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

_SECRET = frozenset({"password", "cipassword", "keyring", "encryption-key", "otp", "tfa-challenge"})
_SHORTEST_SECRET = 4
# Characters that stand for themselves in a path: those of a UPID and a volume id.
_PATH = "/:@!,=~%"
_PLACES = {"nodes": "{node}", "tasks": "{upid}", "storage": "{storage}", "content": "{volume}"}


def encode(values: Mapping[str, Any]) -> str:
    """The form. None and an empty list are left out; a list is one parameter several times, which Proxmox reads as an
    array and where it wants one, a list with commas. A text goes as it is.

    Raises ValueError for `skiplock`: a lock says that somebody is at work, and is never passed over.
    """
    if "skiplock" in values:
        raise ValueError("skiplock is never sent")
    return urlencode(list(_pairs(values)), quote_via=quote, safe="")


def _pairs(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if one is not None:
                yield name, _text(one)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def secrets_in(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of the values that must not be shown, for a refusal may repeat what it got."""
    return tuple(
        text
        for name, value in values.items()
        if name in _SECRET and value is not None and len(text := _text(value)) >= _SHORTEST_SECRET
    )


def encoded_path(path: str) -> str:
    """The path as it goes into a URL. What is percent-encoded already stays so."""
    return quote(path, safe=_PATH)


def template_of(path: str) -> str:
    """The path with places instead of names, so that calls can be counted: `/nodes/{node}/lxc/{vmid}/config`."""
    parts = path.split("?", maxsplit=1)[0].strip("/").split("/")
    places = [_place(before, part) for before, part in zip(["", *parts], parts, strict=False)]
    return "/" + "/".join(places)


def _place(before: str, part: str) -> str:
    if part.isdigit():
        return "{vmid}"
    return _PLACES.get(before, part)


def node_of(path: str) -> str | None:
    """The node that a path is about."""
    found = re.match(r"/nodes/([^/]+)", path)
    return found[1] if found else None
