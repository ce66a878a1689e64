"""What points at all that was spoken of last, or at its sizes: "remove all of those" after a list of containers, "a VM
with the same CPU and memory".

Read by itself the one would be everything there is, and the other a copy of the whole blueprint. So both are put as the
names and the amounts that they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import Focus
from alma.core.language.followups.mentions import mentions
from alma.core.language.followups.properties import PROPERTIES, WORDS
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, Resource

_REMOVING = seldom(
    r"\b(?:remove|delete|drop|get rid of|kill|ditch|scrap|trash|bin|nuke|wipe|destroy|tear down|take (?:down|out)|"
    r"shut down|throw (?:out|away)|clean up|purge|lose|decommission|retire)\b",
    re.IGNORECASE,
)
_NOUN = r"(?: (?:containers|vms|machines|servers|databases|caches|services|ones|things))?"
_EXCEPT = (
    r"(?:\s*,?\s*(?:except(?: for)?|but(?: not)?|besides|apart from|other than)\s+(?P<left>[\w.-]+"
    r"(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)[\w.-]+)*)\s*$)?"
)
_ALL_THOSE = seldom(
    r"\b(?:(?:all|each(?: one)?|every(?: single)? one|the (?:whole )?lot) of (?:those|these|them)|(?:those|these|them) "
    rf"all|all (?:those|these|them)){_NOUN}(?![\w-]){_EXCEPT}",
    re.IGNORECASE,
)
_THOSE = seldom(rf"\b(?:all|each|every one) of (?:those|these){_NOUN}(?![\w-])", re.IGNORECASE)
_ANY = "|".join(PROPERTIES.values())
_SIZES = (
    r"(?:sizes?|specs?|specifications?|resources|sizing|dimensions|hardware|(?:machine|vm) size)"
)
_JOINT = r"(?:\s*,\s*(?:and\s+)?|\s*&\s*|\s*/\s*|\s+and\s+|\s+plus\s+)"
_THE_SAME = seldom(
    rf"(?:,\s*|\b(?P<with>with|of|at|has|having|gets?|needs?|have|give it|using)\s+)(?:exactly |just |also )?(?:the )?"
    rf"(?:very |exact )?same\s+(?:(?:amount|number) of )?(?:(?P<whole>{_SIZES})|"
    rf"(?P<which>(?:{_ANY})(?:{_JOINT}(?:the same )?(?:{_ANY}))*))(?: (?:again|too|as well|there|please))*"
    r"(?![^.;!?]*\b(?:as|like) (?!well\b)[\w-])(?!\s*-?(?!(?:and|but|or|for|called|named|in|on|at|with|to|"
    r"which|that|so)\b)[a-z])|"
    r"(?<=\w)\s+same (?P<bare>size|specs)(?=\W*$)",
    re.IGNORECASE,
)
_SEVERAL = 2


def points_at_those(message: str) -> bool:
    """Whether a message may point at all that was spoken of, or at its sizes."""
    return _ALL_THOSE.search(message) is not None or "same" in message.casefold()


def in_their_words(message: str, blueprint: Blueprint, focus: Focus) -> str:
    """The message with the names and the amounts of what was spoken of last; as it is, where it points at neither."""
    spoken = focus.spoken(blueprint)
    if _SEVERAL <= len(spoken) < len(blueprint.resources):
        names = [resource.name for resource in spoken]
        those = _ALL_THOSE if _REMOVING.search(message) else _THOSE
        message = those.sub(
            lambda found: _but(found.groupdict().get("left"), names) or found[0], message
        )
    return _THE_SAME.sub(lambda found: _amounts(found, spoken), message)


def _but(left: str | None, names: Sequence[str]) -> str:
    """The names but those that are left out; empty where that is none of them."""
    kept = [name for name in names if left is None or not mentions(left, name)]
    return "" if left is not None and len(kept) == len(names) else listed(kept)


def _amounts(found: re.Match[str], spoken: Sequence[Resource]) -> str:
    """`with 4 cores and 8GB memory`, of what was spoken of last; as it was said, where that has none."""
    which = found["which"]
    paths = [p for p, words in PROPERTIES.items() if which is None or _named(words, which)]
    for resource in reversed(spoken):
        said = [amount for path in paths if (amount := _amount(resource, path))]
        if said and (which is None or len(said) == len(paths)):
            link = found["with"] or "with"
            return (
                f"{'' if found['with'] else ' '}{'with' if link == 'of' else link} {listed(said)}"
            )
    return found[0]


def _named(words: str, which: str) -> bool:
    return re.search(rf"\b{words}\b", which, re.IGNORECASE) is not None


def _amount(resource: Resource, path: str) -> str:
    """How much a resource has, in words that the grammar reads."""
    value = getattr(resource.specs, path)
    return "" if value is None else f"{value} {WORDS[path]}"
