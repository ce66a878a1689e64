"""Which software a store should be, said in a second breath: "it needs a database too, mysql is fine", "a queue and two
workers, kafka would be nice"."""

from __future__ import annotations

import re
from collections.abc import Callable

from alma.core.language.words.seldom import seldom

_CONTENT = r"(?:fine|ok|okay|good|great|perfect|nice|alright|all right|best|preferred|lovely|ideal|enough|welcome)"
_WHICH = seldom(
    r"\b(?P<article>an?|another|one|a second|one more) (?P<store>database|db|cache|queue|message queue|message broker|"
    r"broker|object store)\b(?P<between>[^.;!?\n]{0,60}?)(?:\s*[,;(–—]|\s-|\.)\s+"
    r"(?:maybe |perhaps |and |i think |ideally )?"
    r"(?P<software>[a-z][\w+-]*\w(?: v?\d[\d.]*)?)"
    rf"(?: (?:is|would be|will be|should be|['’]s) (?:totally |perfectly |just |probably )?{_CONTENT}\b|"
    rf"(?: (?:will|would|should) (?:do|suffice)\b)|,? (?:preferably|ideally|if possible)\b)"
    r"(?P<end>(?: (?:for (?:me|us|now|that|it|this)|with (?:me|us)|too|there|enough))*)",
    re.IGNORECASE,
)


def which_software(message: str, kind: Callable[[str], str | None]) -> str:
    """The message with the software before the store that it is. `kind` is what type of thing a program is, and what
    type a word names."""

    def told(found: re.Match[str]) -> str:
        software = found["software"].casefold().partition(" ")[0]
        if kind(software) is None or kind(software) != kind(found["store"].casefold()):
            return found[0]
        return f"{found['article']} {found['software']} {found['store']}{found['between']}"

    return _WHICH.sub(told, message)
