"""Changes that are made only if nothing has changed meanwhile: what an ETag says, and what `If-Match` takes.

The tag of a noun whose answer also tells what moves by itself, such as a log, is its version, and after a `+` a digest
of the answer: who asks again gets what is new, and who changes something is held up only by changes.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header, Response

from alma.core.model.errors import InvalidInput
from alma.middleware.conditional import GOES_ON

IfMatch = Annotated[
    str | None,
    Header(
        description="The state that the change was made on, as in ETag: 412 if it is another by now. "
        "`*` or nothing: any."
    ),
]
_TAG = re.compile(r'(?:W/)?"([\w.+-]+)"|([\w.+-]+)', re.ASCII)


def expected_version(if_match: str | None) -> str | None:
    """The version that an If-Match header names; None where any will do. Raises InvalidInput for what names none."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise InvalidInput(
            "If-Match names no state",
            hint="send one ETag as it was answered, or the version of what is to be changed in quotes",
        )
    return (found[1] or found[2]).partition(GOES_ON)[0]


def expected_revision(if_match: str | None) -> int | None:
    """The revision of a blueprint that an If-Match header names; None where any will do. Raises InvalidInput."""
    version = expected_version(if_match)
    if version is None:
        return None
    if not version.isdecimal() or len(version) > 18:
        raise InvalidInput(
            "If-Match names no revision", hint='send the ETag of the blueprint, such as "3"'
        )
    return int(version)


def name_state(response: Response, version: str, *, goes_on: bool = False) -> None:
    """Puts the ETag on an answer. `goes_on`: more than the version says may change in it."""
    response.headers["ETag"] = f'"{version}{GOES_ON if goes_on else ""}"'
