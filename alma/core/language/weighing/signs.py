"""What single words can mean in a message about a draft that is there, and the marks that they are told by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind


class Sign(StrEnum):
    """What a mark is. FOREIGN is what this reading knows nothing of; OTHER are words without a meaning."""

    THING = "thing"
    AMOUNT = "amount"
    PROPERTY = "property"
    LINK = "link"
    TO = "to"
    BY = "by"
    PAST = "past"
    MORE = "more"
    LESS = "less"
    ORDER = "order"
    GONE = "gone"
    STAYS = "stays"
    STATE = "state"
    BUT = "but"
    JOINT = "joint"
    BREAK = "break"
    NOT = "not"
    REASON = "reason"
    FOREIGN = "foreign"
    OTHER = "other"
    THUS = "thus"
    ENOUGH = "enough"


FINE = frozenset({Sign.THUS, Sign.ENOUGH})
"""Signs that only the reading of single clauses looks at."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark, found at `place` of the message: `names` of a thing, `path` and `text` of an amount and what it `was`
    before, `word` as it was said. `factor` says whether an amount is one ("double"), `plain` whether a thing is meant
    for sure, `denied` whether what goes was said by a negation ("don't need")."""

    sign: Sign
    word: str
    names: tuple[str, ...] = ()
    path: str | None = None
    text: str = ""
    was: str = ""
    factor: bool = False
    plain: bool = True
    denied: bool = False
    place: int = 0


WORDS = {
    "specs.memory": "memory", "specs.cpu": "cpu", "specs.disk": "disk", "specs.storage": "disk",
    "specs.nodes": "nodes", "specs.workers": "workers", "specs.control_plane": "control plane",
}  # fmt: skip
"""The properties that amounts are read for, and what they are called in plain orders."""

ARTICLES = frozenset("the my our your their its this that these those".split())
UP = frozenset(
    "increase raise bump grow extend expand augment up enlarge boost add upsize lift".split()
)
DOWN = frozenset("decrease reduce lower cut shrink downsize trim drop down".split())
_SETTING = frozenset(
    "set give make put change resize scale move take bring update adjust upgrade need get shift transfer shave "
    "strip assign allocate allot grant".split()
)
TAKING = frozenset({"take", "shave", "strip", "move", "shift", "transfer"})
"""Orders that take an amount from one thing; the last three give it to another."""
GIVING = frozenset("give set put assign allocate allot grant".split())
"""Orders after which an amount put to a thing is what it is to have, and not what it gets more."""
HANDING = frozenset({"move", "shift", "transfer"})
SIGNS: dict[str, Sign] = {
    **dict.fromkeys("for of on in at onto with each".split(), Sign.LINK),
    **dict.fromkeys("to = => -> > → : into until".split(), Sign.TO),
    **dict.fromkeys("because since cause cuz coz".split(), Sign.REASON),
    **dict.fromkeys("so therefore hence thus".split(), Sign.THUS),
    **dict.fromkeys("plenty enough suffice sufficient".split(), Sign.ENOUGH),
    "by": Sign.BY,
    **dict.fromkeys("from instead not than".split(), Sign.PAST),
    **dict.fromkeys("more another extra additional further + plus".split(), Sign.MORE),
    **dict.fromkeys("less fewer away minus".split(), Sign.LESS),
    **dict.fromkeys("but except excluding".split(), Sign.BUT),
    **dict.fromkeys(", and & also then too while whereas or".split(), Sign.JOINT),
    **dict.fromkeys([*". ; ! ? • * …".split(), "\n"], Sign.BREAK),
    **dict.fromkeys(UP | DOWN | _SETTING, Sign.ORDER),
    **dict.fromkeys("remove delete kill axe ditch rm purge scrap scratch toss dump".split(), Sign.GONE),
    **dict.fromkeys("rid bin gone obsolete redundant".split(), Sign.GONE),
    **dict.fromkeys("keep stay remain leave unchanged untouched unaltered".split(), Sign.STAYS),
}  # fmt: skip
_STATES = frozenset("is are was were has had have got having 's currently".split())
_MODALS = frozenset("should must to needs ought could want wanted wish shall gotta".split())
_ASKING = frozenset("can could may let".split())
PRONOUNS = frozenset("it them they its their".split())
# Words that choose among things, or are about anything but amounts: what they say is read elsewhere.
ELSE = frozenset(
    "label tag owner annotate first second third fourth last other smaller bigger smallest biggest larger largest old "
    "twin older newer newest negative replace swap exchange least most wait sorry percent "
    "respective copy clone duplicate between if "
    "open expose publish listen allow forward block protect public private internal".split()
)
_AFTER_NUMBERS = frozenset(
    "please pls plz now then thanks thx ty cheers per apiece again today asap if as because since cause cuz so "
    "respectively would will should is are and or not only total altogether when where that which though instead "
    "rather thank we i it they he she this these enough ok okay max min maximum minimum".split()
)
# What is to be done, by its participle.
_PARTICIPLES: dict[str, tuple[Sign, str]] = {
    **dict.fromkeys(
        "deleted removed dropped scrapped killed purged axed binned ditched decommissioned retired".split(),
        (Sign.GONE, "remove"),
    ),
    **dict.fromkeys(
        "increased raised bumped upped enlarged extended expanded grown boosted".split(),
        (Sign.ORDER, "increase"),
    ),
    **dict.fromkeys(
        "decreased reduced lowered cut shrunk downsized trimmed".split(), (Sign.ORDER, "decrease")
    ),
    **dict.fromkeys("set given changed resized scaled upgraded moved".split(), (Sign.ORDER, "set")),
}
_WANTING = frozenset("wants deserves requires".split())
_COMPARING = frozenset("bigger larger smaller".split())
_TO_BE = frozenset("be get gets".split())
_STAYING_AROUND = frozenset(
    "by under with to from up down with for live back ahead on over into through".split()
)
_ENDING = frozenset({"", ".", ",", ";", "!", "and", "please"})
_NOT = re.compile(
    r"(?:do|does|did|is|are|was|were|wo|ca|could|should|would|must|need)n['’]?t|cannot|never|no",
    re.IGNORECASE,
)
_DOING = frozenset(
    "do ok okay fine work suffice great nice lovely good perfect ideal better right appropriate adequate reasonable "
    "help".split()
)
_WOULD = frozenset("will would should 'll 'd be is are".split())
_NEEDING = frozenset("need want use require".split())
# What is needed in a lesser amount does not go: "doesn't need that much", "don't need so many".
_MUCH = frozenset("much many big large fast".split())
_TOUCHING = frozenset("touch change alter modify".split())


def ordinary(word: str) -> bool:
    """Whether a word after a number is no noun that the number counts."""
    return any(word in words for words in (SIGNS, _STATES, _AFTER_NUMBERS, ELSE))


def sign_of(items: Sequence[Item], index: int) -> Mark | None:
    """The mark of a word that has a sign of its own, given those around it."""
    item = items[index]
    word, text = item.norm, item.text.casefold()
    if _is_idle(items, index):
        return None
    if (sign := _leaving(items, index) or SIGNS.get(word) or SIGNS.get(text)) is not None:
        said = word if word in SIGNS else text
        return Mark(sign, said, denied=_NOT.fullmatch(text) is not None)
    if word in _DOING and items[index - 1].norm in _WOULD:
        return Mark(Sign.ENOUGH, word)
    if word in PRONOUNS:
        return Mark(Sign.THING, word, names=("^",))
    if text in _WANTING:
        return Mark(Sign.ORDER, "need")
    foreign = Mark(Sign.FOREIGN, word) if {word, text} & ELSE else None
    if word in _COMPARING and items[index + 1 : index + 2]:
        foreign = None if Sort.ATTRIBUTE in items[index + 1].terms else foreign  # "a bigger disk"
    return _done(items, index) or (_state(items, index) if word in _STATES else foreign)


def _state(items: Sequence[Item], index: int) -> Mark:
    """`Has` as what is, or as what is wished for: "should have", "can web have"."""
    word = items[index].norm
    wished = index > 0 and items[index - 1].norm in _MODALS
    wished = wished or (word == "have" and bool({item.norm for item in items[:index]} & _ASKING))
    return Mark(Sign.ORDER, "need") if wished else Mark(Sign.STATE, word)


def _is_idle(items: Sequence[Item], index: int) -> bool:
    """`It isn't enough any more`, `4 is more than enough`: "more" that is of no amount."""
    if items[index].norm not in {"more", "than"}:
        return False
    near = [item.norm for item in items[max(0, index - 1) : index + 3]]
    return near[:1] == ["any"] or ("than" in near and bool({"enough", "plenty"} & set(near)))


def _done(items: Sequence[Item], index: int) -> Mark | None:
    """`… should be deleted`, `… gets removed`: what is to be done with something, said of it. None where it has been
    done, or must not be."""
    participle = _PARTICIPLES.get(items[index].text.casefold())
    before = [item.text.casefold() for item in items[max(0, index - 4) : index]]
    if (
        participle is None
        or not before
        or before[-1] not in _TO_BE
        or {"been", "was", "were"} & set(before)
    ):
        return None
    if any(_NOT.fullmatch(word) for word in (*before, "")) or "not" in before:
        return Mark(Sign.STAYS, before[-1])
    return Mark(*participle)


def _going(items: Sequence[Item], index: int, following: str) -> Sign | None:
    """`Go to seven` orders, `can go` ends, `goes on` says nothing."""
    if following in {"to", "from", "for", "with"}:
        counts = any(item.kind is Kind.NUMBER for item in items[index + 2 : index + 5])
        return Sign.ORDER if counts else None
    ends = items[index].text.casefold() != "going" and following not in _STAYING_AROUND
    return Sign.GONE if ends else None


def _leaving(items: Sequence[Item], index: int) -> Sign | None:
    """`… can go`, `… no longer needed`, `we don't need …`: what is to go; any other negation is one."""
    word = items[index].text.casefold()
    following = items[index + 1].text.casefold() if index + 1 < len(items) else ""
    taken = {item.norm for item in items[:index]} & {*TAKING, *DOWN}
    if taken and ((word == "out" and following == "of") or (word == "off" and following)):
        return Sign.LESS
    if word in {"go", "goes", "going"}:
        return _going(items, index, following)
    if (word == "no" and following == "longer") or (
        word in {"out", "off"} and following in _ENDING
    ):
        return Sign.GONE
    if not _NOT.fullmatch(word) and not (word == "not" and index and items[index - 1].norm == "do"):
        return None
    if following in _TOUCHING:
        return Sign.STAYS
    return Sign.GONE if following in _NEEDING and not _of_amount(items, index + 2) else Sign.NOT


def _of_amount(items: Sequence[Item], place: int) -> bool:
    """Whether it is an amount that is not needed: `that much`, `so many cores`, `4GB`, `more`."""
    said = items[place : place + 3]
    if said and (said[0].kind is Kind.SIZE or said[0].norm == "more"):
        return True
    return any(item.norm in _MUCH for item in said)
