"""Parts of what was counted together, each told as a number of its own: `six machines, half of them with 16GB, the rest
with 8GB`, `3 servers, the first with 4 cores, the other two with 2`, `two caches, 1GB and 4GB`.

The parts are told by what they are of the whole; the grammar reads numbers of things. What does not add up stays as it
is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alma.core.language.wording.likewise import AMOUNTS
from alma.core.language.wording.portions_named import by_name
from alma.core.language.words.amounts import AMOUNT, NUMBER, UNIT, number_of, spaced
from alma.core.language.words.seldom import seldom
from alma.core.language.words.systems import SYSTEM

_MOST = 24
_STOP = (
    r"(?:with|for|of|on|in|at|and|or|each|all|both|which|that|where|running|having|called|named|to|from|as|the|a|is|"
    r"are|should|must|please|total|altogether|half|behind|between|plus|under|over|per|by|via|against|before|after)\b"
)
_WHOLE = seldom(
    rf"(?<![\w.,/-])(?P<n>{NUMBER}|an? (?:pair|trio) of)\s+"
    rf"(?P<noun>(?:(?!{_STOP}|{NUMBER}\b)[a-z][\w.-]*\s+(?:\d+(?:\.\d+)*\s+(?=[a-z]))?){{0,3}}"
    rf"(?!{_STOP}|(?:cores?|cpus|vcpus|gigs|hours|days|weeks|months|years|users|visitors|people|disks|"
    rf"replicas|ports|times|"
    r"dollars|euros|copies|customers|employees|sites|teams)\b)[a-z][\w-]*(?:s|xes|xen|lxc))\b(?! of\b)",
    re.IGNORECASE,
)
_OF_THEM = r"(?:\s+of\s+(?:them|those|these|which|the\s+\w+))"
_ORDINALS = "first second third fourth fifth last final 1st 2nd 3rd 4th".split()
_TELLING = (
    r"(?:with|has|have|is|gets?|should|must|needs?|for|running|runs|having|at|on|called|named|small|big|"
    r"large|tiny|huge|"
    r"medium|beefy|hosts?|hosting)\b"
)
# "One debian and one alpine": the system is all that is told of a part.
_ENDING = r"(?=\s*(?:[,.;)]|$|(?:and|with)\b))"
_SUBJECT = seldom(
    rf"\b(?:(?P<half>(?:(?:one|the (?:first|other|second|remaining))\s+)?half{_OF_THEM}?)"
    rf"|(?P<rest>(?:all\s+)?(?:the\s+)?(?:(?:other|remaining|last)\s+(?P<left>{NUMBER})(?:\s+ones)?|rest|"
    rf"others|remainder|"
    rf"remaining(?:\s+ones?)?|other(?:\s+ones?)?(?!\s+than)){_OF_THEM}?)"
    rf"|the\s+(?:(?P<firsts>first|last)\s+(?P<several>{NUMBER})(?!\s+(?:cores?|cpus|gb|gigs)))"
    rf"|the\s+(?P<ordinal>{'|'.join(_ORDINALS)})(?:\s+one)?{_OF_THEM}?(?=\s*(?:[,(:]|{_TELLING}))"
    rf"|(?P<some>{NUMBER}){_OF_THEM}"
    rf"|(?P<plain>{NUMBER})(?=\s+(?:with|for|small|big|large|tiny|medium|huge|beefy|having|running|at|"
    rf"called|named|that|which|needs?|gets?|should|must|without|has|have)\b"
    rf"|\s+\d+(?:\.\d+)?\s?(?:[kmgt]i?b|v?cores?|v?cpus?)\b|\s+{SYSTEM}{_ENDING})"
    rf"|(?P<another>another(?:\s+one)?|(?:a|the)\s+(?:second|third)(?:\s+one)?)(?=\s+(?:with|for|having|"
    rf"running|at|called)\b)"
    r")(?![\w-])",
    re.IGNORECASE,
)
_AMOUNT_BEFORE = seldom(
    rf"(?P<amount>{AMOUNT}(?:(?:\s*/|\s+and)\s*{AMOUNT})*|\d+)\s+(?:for|on|to)\s+$",
    re.IGNORECASE,
)
_WITH_UNIT = seldom(rf"\b\d+(?:\.\d+)?\s?(?P<unit>{UNIT})(?![\w-])", re.IGNORECASE)
_BARE = seldom(r"(?P<lead>^\s*|\b(?:with|has|have|gets?|needs?)\s+)(?P<n>\d+)(?=\W*$)")
_EXCEPT = r"(?:except|excepting|apart from|other than|but|only|just)(?: (?:for|only|that))?"
_EXCEPTED = seldom(rf"\b{_EXCEPT}\s*$", re.IGNORECASE)
_BEFORE = seldom(
    rf"(?:^|[,;:.(\n–—-]|\b(?:and|while|whereas|plus|then|{_EXCEPT}))\s*$", re.IGNORECASE
)
_VERB = seldom(
    r"^\s*(?:(?:that|which)\s+)?(?:(?:should|must|will|can|may)\s+)?(?:only\s+|just\s+)?(?P<verb>be|is|are|have|has|having|gets?|"
    r"needs?|with|at|on|"
    r"runs?|running|host(?:s|ing)?)\b\s*",
    re.IGNORECASE,
)
_NAMED = seldom(
    r"^\s*(?:,|\()\s*(?P<name>[a-z][\w.-]*)\s*(?:,|\)|(?=\s+(?:has|gets|is)\b))", re.IGNORECASE
)
_SIZED = seldom(
    r"^\s*(?:is |are |be )?(?P<size>(?:very |really )?(?:small|tiny|little|medium|big|bigger|large|larger|huge|beefy|"
    r"smaller))(?: ones?)?\b",
    re.IGNORECASE,
)
_CALLED = seldom(
    r"\s*,?\s*(?:which|that|and it)\s+(?:will be|is|should be|is to be|shall be|gets)\s+(?:called|named)\s+",
    re.IGNORECASE,
)
_ALL_OF = seldom(
    r"^\s*[.;,]\s*(?:all|they(?: all)?|each)(?: of them)?\s+(?:(?:should |must |will )?(?:be|are|run|runs|"
    r"running|is|get|have|with|on)\s+)?",
    re.IGNORECASE,
)
# What is left between two amounts of which the first is gone, or before them.
_LOOSE = seldom(r"(?:[\s,(/]|\b(?:with|and|each|all|having|at)\b)*\)?$", re.IGNORECASE)
_TIDY = seldom(r"(?:\s*(?:,|\b(?:with|and|having|at)\b))+\s+(?=\d)", re.IGNORECASE)
_PLAIN_SIZE = {"bigger": "big", "larger": "large", "smaller": "small"}
_LIST = seldom(
    rf"^(?P<lead>\s*(?:,|:|\(|-|–|with|having|of)\s*)(?P<all>\d+(?:\.\d+)?\s?(?:{UNIT})?"
    rf"(?:\s*(?:,|and|&|/|,\s*and)\s*\d+(?:\.\d+)?\s?(?:{UNIT})?)+)(?P<respectively>,?\s+respectively)"
    rf"?(?=\W*(?:$|[.,;)\n]|and\b))",
    re.IGNORECASE,
)
_ONE = seldom(rf"(?P<n>\d+(?:\.\d+)?)\s?(?P<unit>{UNIT})?", re.IGNORECASE)
# Another thing between the whole and its parts: whose parts they are is not clear then.
_BESIDE = seldom(rf"{_WHOLE.pattern}|\b(?:and|plus)\s+(?:an?|one|the|some)\s", re.IGNORECASE)
# "512MB each, except the one for DNS which should have 1GB": one of them, told as the others are.
_BUT_ONE = seldom(
    rf"[\s,;(–—-]*\b{_EXCEPT}\s+the\s+one\s+"
    r"(?=for\b|that\b|which\b|with\b|running\b|called\b|named\b|on\b|of (?:them|which)\b)",
    re.IGNORECASE,
)
_ITS_OWN = seldom(
    r"^(?P<what>\s*(?:for|called|named|running|on)\s+(?:the\s+)?[\w-]+(?:\s+[\w-]+){0,2}?),?\s+(?:which|that)?\s*"
    r"(?:(?:should|must|will|can)\s+)?(?:have|has|get|gets|needs?|be|is|wants?)\s+(?=\d|an?\b)",
    re.IGNORECASE,
)
_OWN = seldom(rf"{_ITS_OWN.pattern}|^\s+(?:gets?|has|have|needs?|should)\b", re.IGNORECASE)
_SYSTEM_NEXT = seldom(rf"^\s+(?P<system>{SYSTEM}){_ENDING}", re.IGNORECASE)
_SIZE_NEXT = seldom(rf"^\s+{AMOUNT}", re.IGNORECASE)
# The grammar reads what parts of machines are for itself.
_PLACES = seldom(r"(?:networks|subnets|vlans|lans|volumes|buckets)$", re.IGNORECASE)
# "Two networks and a VM in each".
_IN_EACH = seldom(
    r"[\s,;.–—-]*\b(?:(?:and|plus|with)\s+)?(?P<what>(?:an?|one|1)\s+(?:[\w.-]+\s+){1,3}?)"
    r"(?:in|on|inside|attached to)\s+each(?:\s+(?:one|of (?:them|these|those|the \w+)|network|subnet|vlan))?\b",
    re.IGNORECASE,
)
# "The five servers I want": who wishes says nothing of them.
_WISHED = seldom(
    r"^\s*(?:that\s+|which\s+)?(?:i|we)(?:'d| would)?\s+(?:want|need|like|have in mind|would like|am after|plan)\b"
    r"(?:\s+to\s+have)?",
    re.IGNORECASE,
)
_OF_THE = seldom(
    r"(?:^|(?<=\s))(?:(?:out )?of|from|among)\s+(?:the|my|our|these)\s+$", re.IGNORECASE
)
_CLUSTER = seldom(r"\b(?:kubernetes|k8s|k3s|rke2|eks|aks|gke|cluster)\b", re.IGNORECASE)
_MEMBERS = seldom(r"(?:nodes|workers|masters|agents|control planes)$", re.IGNORECASE)
_ALIKE = 8  # Sizes further apart than so many times are hardly of one kind.


@dataclass(frozen=True, slots=True)
class _Portion:
    count: int | None  # None: what is left
    text: str
    amount: str = ""


def in_portions(message: str) -> str:
    """The message with each part of a counted whole as a number of things; the message where nothing is told so."""
    message = _with_inmates(_BUT_ONE.sub(", one ", message))
    for whole in _WHOLE.finditer(message):
        count, noun = _number(whole["n"]), whole["noun"]
        member = _MEMBERS.search(noun) and _CLUSTER.search(message)
        if not 1 < count <= _MOST or member:
            continue
        before, rest = message[: whole.start()], message[whole.end() :]
        told = (
            _listed(rest, count, noun)
            or by_name(rest, count, _single(noun))
            or _parted(rest, count, noun)
        )
        if told is not None:
            return _OF_THE.sub("", before) + told
    return message


def _with_inmates(message: str) -> str:
    """`two networks, one for cameras and one for guests, and a VM in each`: each with the one that is in it."""
    inside = _IN_EACH.search(message)
    if inside is None:
        return message
    before = message[: inside.start()]
    wholes = [w for w in _WHOLE.finditer(before) if _PLACES.search(w["noun"])]
    count = _number(wholes[-1]["n"]) if wholes else 0
    if not 1 < count <= _MOST:
        return message
    whole = wholes[-1]
    told = _parted(before[whole.end() :], count, whole["noun"])
    each = told.split(", ") if told is not None else [f"1 {_single(whole['noun'])}"] * count
    if len(each) != count or (told is None and before[whole.end() :].strip()):
        return message
    within = f" with {inside['what'].strip()} in it"
    parts = ", ".join(part + within for part in each)
    return f"{before[: whole.start()]}{parts}{message[inside.end() :]}"


def _number(text: str) -> int:
    word = text.casefold()
    if word.endswith(" of"):
        return 3 if "trio" in word else 2
    return number_of(word)


# ── one amount for each ──────────────────────────────────────────────────────────────────────────────


def _listed(rest: str, count: int, noun: str) -> str | None:
    """`two caches, 1GB and 4GB`: as many amounts as things."""
    found = _LIST.match(rest)
    if found is None:
        return None
    said = [(float(each["n"]), each["unit"]) for each in _ONE.finditer(found["all"])]
    units = {unit.casefold() for _, unit in said if unit}
    if len(said) != count or len(units) != 1 or said[-1][1] is None:
        return None
    if not (found["respectively"] or said[0][1] is None or _alike([n for n, _ in said])):
        return None
    unit = said[-1][1]
    each = [f"1 {_single(noun)} with {n:g}{spaced(unit)}" for n, _ in said]
    return ", ".join(each) + rest[found.end() :]


def _alike(numbers: Sequence[float]) -> bool:
    return min(numbers) > 0 and max(numbers) / min(numbers) <= _ALIKE and len(set(numbers)) > 1


def _single(noun: str) -> str:
    return re.sub(
        r"(?<=x)es$|(?<=[^s])s$", "", re.sub(r"ies$", "y", noun) if noun.endswith("xies") else noun
    )


# ── parts by what they are of the whole ──────────────────────────────────────────────────────────────


def _parted(rest: str, count: int, noun: str) -> str | None:
    subjects = [found for found in _SUBJECT.finditer(rest) if _begins(rest, found)]
    special = [
        found
        for found in subjects
        if found["plain"] is None or _names(rest, found) or _EXCEPTED.search(rest[: found.start()])
    ]
    special = special or _told_alone(rest, subjects, count, noun)
    if not special or _BESIDE.search(rest[: subjects[0].start()]):
        return None
    portions = [_portion(rest, subjects, n, count) for n in range(len(subjects))]
    numbers = _numbers(portions, count)
    if numbers is None:
        return None
    shared = _shared(rest, subjects[0])
    said: list[str] = []
    units = {each["unit"].casefold() for each in _WITH_UNIT.finditer(shared)}
    unit = units.pop() if len(units) == 1 else None
    for number, portion in zip(numbers, portions, strict=True):
        text = _in_unit(portion, unit)
        unit = next((each["unit"] for each in _WITH_UNIT.finditer(text)), unit)
        said.append(_told(number, noun, _without(shared, text), text))
    left = count - sum(numbers)
    more = [f"{left} {noun}{shared}"] if left else []
    return ", ".join([*said, *more])


def _told_alone(
    rest: str, subjects: Sequence[re.Match[str]], count: int, noun: str
) -> list[re.Match[str]]:
    """`two networks, one for cameras and one for guests`, `three vms, one for dns which needs 1GB`, `one 8GB, two 4GB`:
    parts that the grammar does not read itself."""
    told = [_size_of(found, count) or 0 for found in subjects]
    bare = any(
        all(way.match(rest[found.end() :]) for found in subjects)
        for way in (_SIZE_NEXT, _SYSTEM_NEXT)
    )
    if bare or _PLACES.search(noun):
        return list(subjects) if len(told) > 1 and sum(told) == count else []
    own = [found for found in subjects if _OWN.match(rest[found.end() :])]
    return own if sum(told) <= count else []


def _names(rest: str, found: re.Match[str]) -> bool:
    """`one named tick, one named tock`."""
    return re.match(r"\s+(?:called|named)\b", rest[found.end() :], re.IGNORECASE) is not None


def _begins(rest: str, found: re.Match[str]) -> bool:
    """Whether a part is the subject of what follows it, or comes after its amount."""
    before = rest[: found.start()]
    return _BEFORE.search(before) is not None or _AMOUNT_BEFORE.search(before) is not None


def _portion(rest: str, subjects: Sequence[re.Match[str]], index: int, count: int) -> _Portion:
    found = subjects[index]
    end = subjects[index + 1].start() if index + 1 < len(subjects) else len(rest)
    text = rest[found.end() : end]
    if index + 1 < len(subjects) and (later := _AMOUNT_BEFORE.search(text)):
        text = text[: later.start()]
    text = (
        re.sub(r"[\s,;:.(–—-]*(?:\b(?:and|but|while|whereas|plus|then)\s*)?$", "", text)
        if index + 1 < len(subjects)
        else text
    )
    before = _AMOUNT_BEFORE.search(rest[: found.start()])
    return _Portion(_size_of(found, count), text, before["amount"] if before else "")


def _size_of(found: re.Match[str], count: int) -> int | None:
    if found["half"]:
        return count // 2 if count % 2 == 0 else -1
    if found["rest"]:
        return _number(found["left"]) if found["left"] else None
    for group in ("several", "some", "plain"):
        if found[group]:
            return _number(found[group])
    return 1


def _numbers(portions: Sequence[_Portion], count: int) -> list[int] | None:
    """How many each part has; None where it does not add up."""
    known = sum(portion.count or 0 for portion in portions)
    open_ = [portion for portion in portions if portion.count is None]
    if any((portion.count or 0) < 0 for portion in portions) or known > count or len(open_) > 1:
        return None
    if open_ and known == count:
        return None
    return [portion.count if portion.count is not None else count - known for portion in portions]


def _shared(rest: str, first: re.Match[str]) -> str:
    """What is said of all of them before the parts."""
    text = rest[: first.start()]
    if (amount := _AMOUNT_BEFORE.search(text)) is not None:
        text = text[: amount.start()]
    text = _ALL_OF.sub(" with ", _WISHED.sub("", text))
    text = re.sub(
        r"\b(?:in )?(?:total|altogether|please|all in all)\b", " ", text, flags=re.IGNORECASE
    )
    text = re.sub(
        rf"[\s,;:.(!–—-]*(?:\b(?:and|while|whereas|plus|then|of which|of those|{_EXCEPT})\s*)*$",
        "",
        text,
        flags=re.IGNORECASE,
    )
    return text if re.search(r"\w", text) else ""


def _without(shared: str, text: str) -> str:
    """What is said of all of them, without the amounts that a part has of its own."""
    left = shared
    for kind in AMOUNTS:
        left = kind.sub("", left) if kind.search(text) else left
    if left == shared:
        return shared
    return _LOOSE.sub("", _TIDY.sub(" with ", left))


def _in_unit(portion: _Portion, unit: str | None) -> str:
    """The text of a part with the unit that an earlier part gave its number."""
    text = f" with {portion.amount}{portion.text}" if portion.amount else portion.text
    if unit is None:
        return text
    return _BARE.sub(lambda found: f"{found['lead']}{found['n']}{spaced(unit)}", text)


def _told(number: int, noun: str, shared: str, text: str) -> str:
    name = _NAMED.match(text)
    if name is not None and number == 1:
        text = text[name.end() :]
    size = _SIZED.match(text)
    adjective = ""
    if size is not None:
        word = size["size"].casefold().split()[-1]
        adjective, text = f"{_PLAIN_SIZE.get(word, word)} ", text[size.end() :]
    system = _SYSTEM_NEXT.match(text)
    if system is not None:
        adjective, text = f"{adjective}{system['system']} ", text[system.end() :]
    verb = _VERB.match(text)
    if verb is not None:
        text = f" {_linked(verb['verb'].casefold(), text[verb.end() :])}"
    text = _CALLED.sub(" called ", _ITS_OWN.sub(r"\g<what> with ", text))
    called = f" called {name['name']}" if name is not None and number == 1 else ""
    text = re.sub(r"\s+and\s+(?:needs?|gets?|has|have)\s+(?=\d)", " with ", text)
    head = _single(noun) if number == 1 else noun
    return f"{number} {adjective}{head}{called}{shared}{text}"


def _linked(verb: str, text: str) -> str:
    if verb.startswith(("run", "host")):
        return f"running {text}"
    if verb in {"be", "is", "are"}:
        return (
            text if re.match(r"(?:for|on|in|called|named|with|running)\b", text) else f"with {text}"
        )
    return f"{'on' if verb == 'on' else 'with'} {text}"
