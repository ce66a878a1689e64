"""What an act names: the request to approve, the revision to go back to, the deployment or stack it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from alma.core.language.words.seldom import seldom

_REQUEST = seldom(
    r"(?:\b(?:ipr|pr|mr|request|pull request|merge request|change request|proposal)s?\s*"
    r"(?:number|no\.?|nr\.?|#|:|-)?\s*#?\s*|(?<![\w/])#\s?)(\d{1,9})\b",
    re.IGNORECASE,
)
_END = r"(?=\s*(?:$|[.!,;]|and\b|then\b|please\b|now\b))"
# A bare number right after the verb: `approve 7`, `roll back to 2`; not `deploy 3 servers`.
_DECIDED = seldom(
    rf"\b(?:approve|reject|decline|merge|deploy)\s+(\d{{1,9}})\b{_END}", re.IGNORECASE
)
_BACK_TO = seldom(
    rf"\b(?:roll(?:ed|ing)? ?back|revert|go(?:ing)? back|back)\s+to\s+(\d{{1,6}})\b{_END}",
    re.IGNORECASE,
)
_REVISION = seldom(
    r"\b(?:revision|rev|version|blueprint version|snapshot|iteration)\s*(?:number|no\.?|#|:)?\s*#?v?"
    r"(\d{1,6})\b(?![.\d])|"
    r"\b[vr](\d{1,6})\b(?!\.\d)",
    re.IGNORECASE,
)
_DEPLOYMENT = seldom(
    r"\b(?:deployment|run)\s+(?:id|number|#|:)?\s*#?((?=[\w-]*\d)[\da-zA-Z][\w-]{2,63})\b",
    re.IGNORECASE,
)
_STACK = seldom(
    r"\b(?:the|my|our)\s+(?P<before>[\w][\w.-]{0,62})\s+(?:stack|blueprint|project)\b|"
    r"\b(?:stack|blueprint|project)\s+(?:named|called)?\s*[\"'`]?(?P<after>[\w][\w.-]{0,62})[\"'`]?",
    re.IGNORECASE,
)
_NAMED = seldom(
    r"\b(?:destroy|tear down|wipe|nuke|decommission)\s+([A-Za-z][\w]*(?:-[\w]+)+)\b", re.IGNORECASE
)
_NO_STACK = frozenset(
    "whole entire current last old new same other to and or in on for with from is are was that which this please now "
    "as "
    "at by of it the a an be if so has had would will should could can complete full latest running".split()
)


@dataclass(frozen=True, slots=True)
class Particulars:
    """What was named, as far as it was."""

    ipr_id: int | None = None
    revision: int | None = None
    deployment_id: str | None = None
    stack: str | None = None


def particulars(text: str) -> Particulars:
    """What a message names that acts and reports can be about."""
    request = _REQUEST.search(text) or _DECIDED.search(text)
    revision = _REVISION.search(text)
    back = _BACK_TO.search(text)
    deployment = _DEPLOYMENT.search(text)
    return Particulars(
        ipr_id=int(request[1]) if request else None,
        revision=int(revision[1] or revision[2]) if revision else int(back[1]) if back else None,
        deployment_id=deployment[1] if deployment else None,
        stack=_stack(text),
    )


def _stack(text: str) -> str | None:
    for match in _STACK.finditer(text):
        name = match["before"] or match["after"]
        if name.casefold() not in _NO_STACK:
            return name.rstrip(".")
    named = _NAMED.search(text)
    return named[1] if named else None
