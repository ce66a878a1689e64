"""Beginning again: "scrap that. I only want a postgres", "start over please: one VM with 8GB, nothing more";
"scrap all of it, I want to start over" … "a single container".

What was asked for before is taken out, and what follows is read as if the conversation began with it: in the same
message, or in the next. Without anything that could be made after it, "scratch that" is only a way to begin a
correction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import AddResource, Edit, RemoveResource, SetBlueprint

_BEFORE = (
    r"^\W*(?:(?:no|nope|nah|hm+|ok|okay|oh|sorry|actually|wait|well|please|you know what|on second thoughts?|ugh|argh|"
    r"so|and|then|hey|alright|let['’]?s|can we|could we|(?:i|we) want to|"
    r"(?:i|we)['’]d (?:like|rather|prefer) to|(?:i|we)['’]?(?:ll|m|re)|we|i|new idea)\b\W*)*"
)
_OVER = seldom(
    _BEFORE
    + r"(?:(?:start|begin)(?:ing)?(?: all)? (?:over|again|anew|afresh|fresh|from (?:scratch|zero|the beginning))"
    r"(?: again)?|(?:from scratch|clean slate|fresh start|new start|back to (?:square one|zero|the drawing board))|"
    r"(?:redo|restart) (?:it|this|everything|all of it|the whole thing))"
    r"(?:\s+(?:please|pls|then|again|with(?= )|with this|completely))*[\s.,;:!…–—-]+",
    re.IGNORECASE,
)
_SCRAPPED = seldom(
    _BEFORE
    + r"(?:scrap|scratch|forget|drop|discard|ditch|trash|throw (?:away|out)|bin|clear|cancel|ignore|delete|"
    r"remove|nuke|wipe|kill)\s+(?P<what>all (?:of )?(?:that|this|it|them)|everything|it all|that all|"
    r"(?:the|this) (?:whole )?(?:thing|lot|draft|plan|design)|"
    r"all|that|this|it|what i said)(?:\s+(?:please|pls|again|and start (?:over|again|fresh)|above|i said|so far))*"
    r"(?:\s*[.,;:!…\n]+\s*|\s+[–—-]\s+|\s+and\s+)(?=\S)",
    re.IGNORECASE,
)
_ONLY_SAID = {"that", "this", "it", "what i said"}
# What may be asked or remarked between "start over" and what is wanted instead.
_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class Restart:
    """What is to be read anew; `everything`: the whole draft goes, however it came about."""

    rest: str
    everything: bool


def restarted(message: str) -> Restart | None:
    """How a message begins again, None if it does not."""
    over = _OVER.match(f"{message} ") if len(message.split()) > 1 else None
    if over is not None:
        return Restart(message[over.end() :].strip(), everything=True)
    scrapped = _SCRAPPED.match(message)
    if scrapped is None:
        return None
    what, rest = scrapped["what"].casefold(), message[scrapped.end() :].strip()
    again = _OVER.match(f"{rest} ")
    if again is not None:  # "scrap all that. start over with one vm"
        return Restart(rest[again.end() :].strip(), everything=True)
    return Restart(rest, everything=what not in _ONLY_SAID)


def about_to_restart(said: Sequence[str]) -> bool:
    """Whether everything was dropped just before, and what should be there instead was not said yet."""
    for past in reversed(said[-_BETWEEN:]):
        restart = restarted(past)
        if restart is not None or not past.rstrip().endswith("?"):
            return restart is not None and restart.everything and not restart.rest
    return False


def anew(
    blueprint: Blueprint, gone: Sequence[str], edits: Sequence[Edit]
) -> tuple[Edit, ...] | None:
    """The edits that take out what is gone and make what was asked for instead; None where nothing was."""
    if not any(isinstance(edit, AddResource) for edit in edits):
        return None
    kept = [
        edit for edit in edits
        if not (isinstance(edit, SetBlueprint) and edit.name is not None and len(gone) < len(blueprint.resources))
    ]  # fmt: skip
    return (*(RemoveResource(name=name) for name in gone), *kept)
