"""Who thinks again in the middle of a first wish: `mysql... scratch that, mariadb`, `called hermes - wait, call
it apollo`. The last word counts, with what was said before of the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from alma.core.language.words.amounts import COUNTING
from alma.core.language.words.seldom import seldom

_AGAIN = (
    r"(?:scratch that|strike that|forget that|no,? wait|wait,? no|wait|sorry,? no|no,? sorry|"
    r"on second thoughts?|correction|"
    r"i meant?|or rather|actually,? no|no,? actually|nope?|hmm,? no|sorry|oops)"
)
_INSTEAD = (
    r"(?:(?:make|let's make) (?:it|that)|let's (?:say|go with|use|take|do)|use|go with|take|better|rather|"
    r"we need|i want|i need)"
)
_THOUGHT = seldom(rf"\b{_AGAIN}\b", re.IGNORECASE)
_OTHER = seldom(
    rf"\b(?P<first>[A-Za-z][\w-]*)(?P<told>[^.!?;\n]{{0,120}}?)[\s,.…;(–—-]+{_AGAIN}[\s,:…–—-]+(?:{_INSTEAD}\s+)"
    rf"?(?:an?\s+|the\s+)?"
    r"(?P<second>[A-Za-z][\w-]*)(?:\s+(?:instead|then|please))?(?P<same>,?\s*(?:and\s+|with\s+)?(?:the\s+)"
    r"?same\s+[\w ]+)?",
    re.IGNORECASE,
)
_NAME = seldom(
    rf"(?P<called>\b(?:called|named|call it|name it)\s+)['\"]?[\w.-]+['\"]?\s*[,(–—-]+\s*(?:{_AGAIN})[\s,:–—-]*"
    rf"(?:(?:call|name) (?:it|that)|{_INSTEAD}|called|named)\s+(?P<name>['\"]?[\w.-]*\w['\"]?)\s*[)–—-]*\s*",
    re.IGNORECASE,
)


_NUMBER = rf"(?:\d{{1,3}}|{COUNTING})"
_ENOUGH = seldom(
    rf"\b(?P<first>{_NUMBER})(?P<between>\s+[a-z][^.!?\n\d]{{2,70}}?)[\s,;.…–—-]+(?:but\s+)?(?:i'd say\s+|"
    rf"i think\s+|i guess\s+)?"
    rf"(?P<second>{_NUMBER})\s+(?:is|are|will be|would be|should be)\s+(?:enough|plenty|sufficient|fine|"
    rf"all (?:we|i) need)\b",
    re.IGNORECASE,
)


def settled(message: str, kind: Callable[[str], str | None]) -> str:
    """The message with the last word in the place of the first. `kind` tells what sort of thing a program's name is."""
    message = _NAME.sub(r"\g<called>\g<name> ", message)
    message = _ENOUGH.sub(r"\g<second>\g<between>", message)

    if _THOUGHT.search(message) is None:
        return message

    def other(found: re.Match[str]) -> str:
        first, second = kind(found["first"].casefold()), kind(found["second"].casefold())
        if first is None or first != second:
            return found[0]
        return f"{found['second']}{found['told']}"

    return _OTHER.sub(other, message)
