"""Most and least that things may have: "none of the containers may have more than 4GB", "at least 2 cores for "
"every vm".

Such a bound changes what is beyond it and nothing else, and a blueprint keeps no bounds on sizes. So it is put as
orders for those that are beyond it now.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.followups.mentions import mentions
from alma.core.language.followups.properties import PROPERTIES, WORDS
from alma.core.language.words.amounts import AMOUNT, COUNTING, number_of
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import COMPUTE, DATA, Blueprint, Resource, ResourceType
from alma.core.model.units import Size

_MOST = r"at (?:the )?most|max(?:imum|imal|\.)?|cap(?:ped)?(?: at)?|limit(?:ed)?|ceiling|upper"
_LEAST = r"at (?:the )?(?:very )?least|min(?:imum|imal|\.)?|lower"
_OVER = r"more(?: than)?|over|above|exceeds?|beyond|bigger than|larger than"
_UNDER = r"less(?: than)?|fewer(?: than)?|under|below|smaller than"
_NO = r"none|nothing|nobody|no one|no|not|never|cannot|without|\w+n['’]t"
_BOUND = seldom(rf"\b(?:{_MOST}|{_LEAST}|{_OVER}|{_UNDER})(?!\w)", re.IGNORECASE)
_HOW_MUCH = seldom(
    rf"\b(?P<much>{AMOUNT}|{COUNTING} (?:v?cpus?|v?cores?|gigs?(?: (?:of )?(?:ram|memory|disk|storage|space))?))(?!\w)",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[str, frozenset[ResourceType]], ...] = (
    (r"(?:containers?|lxcs?)", frozenset({ResourceType.CONTAINER})),
    (r"(?:vms?|virtual machines?)", frozenset({ResourceType.VM})),
    (r"(?:services?|apps?)", frozenset({ResourceType.SERVICE})),
    (r"(?:databases?|dbs?)", frozenset({ResourceType.DATABASE})),
    (r"(?:caches?)", frozenset({ResourceType.CACHE})),
    (r"(?:queues?)", frozenset({ResourceType.QUEUE})),
    (r"(?:machines?|servers?|box(?:es)?|hosts?|nodes?|instances?)", COMPUTE),
)
_ALL = r"(?:all|every(?:thing|one)?|each|any(?:thing)?|none|nothing|no|both|not (?:an?|one|any)(?: single)?)"
# What may stand beside the subject, the bound and the amount, where nothing else is said.
_BESIDE = frozenset(
    "a an the our my these those them of for to at in on is are be being go goes going down up back get gets "
    "getting has "
    "have having use uses using need needs want wants take takes eat eats consume consumes given allowed permitted "
    "supposed may must should shall can could will would not n't never ever than that there so set keep make "
    "sure ensure "
    "please pls thanks and now then from today on each apiece ram memory it its their value size limit limited "
    "cap capped "
    "exceed exceeds any one single way all every".split()
)
_FIRM = seldom(rf"\b(?:{_NO}|{_ALL}|at (?:the )?(?:very )?(?:most|least))\b", re.IGNORECASE)
_SPLIT = re.compile(r"(?<=[.;!])\s+|\n+")


def capped(message: str, blueprint: Blueprint) -> str:
    """The message with orders in the place of such bounds."""
    if not (_BOUND.search(message) and _HOW_MUCH.search(message)) or "?" in message:
        return message
    return " ".join(_orders(part, blueprint) or part for part in _SPLIT.split(message))


def _orders(said: str, blueprint: Blueprint) -> str | None:
    """The orders that one sentence stands for; None where it is no bound."""
    much, highest = _HOW_MUCH.search(said), _highest(said)
    if much is None or highest is None:
        return None
    within, rest = _subject(said.replace(much[0], " ", 1), blueprint)
    rest = re.sub(
        rf"\b(?:{_NO}|{_MOST}|{_LEAST}|{_OVER}|{_UNDER})(?!\w)", " ", rest, flags=re.IGNORECASE
    )
    rest = re.sub(
        rf"\b(?:{'|'.join(PROPERTIES.values())})\b|\b\d+\b", " ", rest, flags=re.IGNORECASE
    )
    if not within or set(re.findall(r"[\w'’]+", rest.casefold())) - _BESIDE:
        return None
    name = _property(said, much["much"])
    amount = _amount(much["much"], name)
    beyond = [r.name for r in within if _is_beyond(r, name, amount, highest=highest)]
    orders = [f"set the {WORDS[name]} of {each} to {amount}" for each in beyond]
    if not orders and not _FIRM.search(said):
        return None  # "the max memory of db to 8GB" is an amount
    return ". ".join(orders) + "." if orders else "keep everything as it is."


def _highest(said: str) -> bool | None:
    """Whether a sentence says the most that there may be, False for the least; None where it says neither."""
    denied = re.search(rf"\b(?:{_NO})\b", said, re.IGNORECASE) is not None
    over = re.search(rf"\b(?:{_OVER})(?!\w)", said, re.IGNORECASE) is not None
    under = re.search(rf"\b(?:{_UNDER})(?!\w)", said, re.IGNORECASE) is not None
    if denied and over != under:
        return over
    if over and not denied and re.search(r"\b(?:go(?:es)? )?down to\b", said, re.IGNORECASE):
        return True
    if under and not denied and re.search(r"\bgo(?:es)? up to\b", said, re.IGNORECASE):
        return False
    if denied or over or under:
        return None
    most = re.search(rf"\b(?:{_MOST})(?!\w)", said, re.IGNORECASE) is not None
    least = re.search(rf"\b(?:{_LEAST})(?!\w)", said, re.IGNORECASE) is not None
    return most if most != least else None


def _subject(said: str, blueprint: Blueprint) -> tuple[Sequence[Resource], str]:
    """Whom a sentence is about, and what is left of it: a kind of which all or none are meant, or things by name."""
    named = [r for r in blueprint.resources if mentions(said, r.name)]
    if named:
        for resource in named:
            said = re.sub(re.escape(resource.name), " ", said, flags=re.IGNORECASE)
        return named, said
    group = re.search(rf"\b{_ALL}\b", said, re.IGNORECASE)
    for noun, types in _KINDS:
        found = re.search(rf"\b{noun}\b", said, re.IGNORECASE)
        if found is not None:
            several = group is not None or found[0].casefold().endswith("s")
            rest = said[: found.start()] + said[found.end() :]
            fitting = [r for r in blueprint.resources if r.type in types] if several else []
            return fitting, re.sub(rf"\b{_ALL}\b", " ", rest, flags=re.IGNORECASE)
    if group is None:
        return (), said
    sized = [r for r in blueprint.resources if r.type in {*COMPUTE, *DATA}]
    return sized, re.sub(rf"\b{_ALL}\b", " ", said, flags=re.IGNORECASE)


def _property(said: str, much: str) -> str:
    if re.search(r"cpu|core", much, re.IGNORECASE):
        return "cpu"
    disk = re.search(rf"\b{PROPERTIES['disk']}\b", said, re.IGNORECASE)
    return "disk" if disk is not None else "memory"


def _amount(much: str, name: str) -> str:
    number, _, unit = re.sub(r"^([\d.]+)\s?", r"\1 ", much).partition(" ")
    value = number if re.match(r"\d", number) else str(number_of(number))
    if name == "cpu":
        return value
    letter = re.match(r"(?:[kmgt])", unit, re.IGNORECASE)
    binary = "i" if re.match(r"[kmgt]ib", unit, re.IGNORECASE) else ""
    return f"{value}{letter[0].upper() if letter else 'G'}{binary}B"


def _is_beyond(resource: Resource, name: str, amount: str, *, highest: bool) -> bool:
    specs = resource.specs
    present = {"cpu": specs.cpu, "memory": specs.memory, "disk": specs.disk_size}[name]
    if present is None:
        return False
    has = present.bytes if isinstance(present, Size) else present
    bound = float(amount) if name == "cpu" else Size(amount).bytes
    return has > bound if highest else has < bound
