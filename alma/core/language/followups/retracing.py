"""What goes back further than the last change: "no, the other one, bring alpha back", "wait, I meant beta",
"200 people, sorry", "one for the web and one for the database".

What was removed is in no draft any more, and a load left only its sizes. Both are found again by reading the
conversation once more from its beginning; this module says what is to be looked for, and what comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import stem
from alma.core.language.editing.outcome import Asks
from alma.core.language.followups.mentions import mentions, naming
from alma.core.language.followups.returning import fields
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.wording.loads import take_load
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import tokenize
from alma.core.model.blueprint import Blueprint, Origin, Resource, ResourceType
from alma.core.model.conversation import AddResource, Edit, RemoveResource, SetField

_LONGEST = 14
_OTHER = seldom(r"\b(?:the|that) other(?: (?:one|\w+))?\b", re.IGNORECASE)
_MEANT = seldom(
    r"\b(?:i|we) meant\b|\bmeant\b|\b(?:not|wrong) (?:that|this|one)\b|\bwrong one\b|"
    r"\bshould(?:'ve| have) (?:been|said)\b|"
    r"^\W*(?:(?:no|nope|oops|sorry|wait|argh|ah|oh)\W+)+(?:not [\w-]+\W+)?(?:but )?[\w-]+\W*$|"
    r"^\W*not [\w-]+\W+(?:but )?[\w-]+\W*$",
    re.IGNORECASE,
)
_BACK = seldom(
    r"\b(?:bring|put|give|get|add|want|need|take|have)\b.*\bback\b|\brestore\b|\bbring back\b|"
    r"\b(?:should|must|has to) (?:stay|remain)\b|^\W*(?:(?:oh|no|nope|wait|actually|sorry|stop|hm+|please|"
    r"ok|but|ah|hey)\W+)*(?:keep|leave)\b|\bstill need\b",
    re.IGNORECASE,
)
_EXCEPT = seldom(
    r"\b(?P<but>except|apart from|all but|but not|other than)\b|\b(?:stays?|remains?|keeps?)\b(?! away)",
    re.IGNORECASE,
)
# "Delete all but n1" is an order of its own: what is excepted from the last one comes first.
_ORDERS_FIRST = seldom(
    r"^\W*(?:(?:ok|okay|and|then|now|please|so|well|actually|could you|can you|let['’]?s)\b\W*)*"
    r"(?:delete|remove|drop|kill|destroy|scrap|ditch|erase|get rid|throw|stop|restart|reboot|move|rename|deploy|add|"
    r"create|give|set|make|resize|scale|raise|lower|increase|decrease|shrink|grow|double|halve|upgrade|switch|turn|"
    r"change|convert|back up)\b",
    re.IGNORECASE,
)
_ROLES = seldom(
    r"^\W*(?:(?:ok|and|so|well)\W+)*(?:one|1|two|2|three|\d+)\s+"
    r"(?:(?:is|will be|should be)\s+)?(?:for|as|runs|does)\s+\S.*?"
    r"(?:\s*[,;]\s*(?:and\s+)?|\s+and\s+|\s+)(?:one|1|two|2|the other(?: one)?|another|\d+)\s+"
    r"(?:(?:is|will be|should be)\s+)?(?:for|as|runs|does)\s+\S",
    re.IGNORECASE,
)
_LOAD = seldom(
    r"\d[\d.,]*\s?(?:k|m|thousand|million)?\s+(?:(?:concurrent|daily|monthly|active|registered|"
    r"simultaneous|unique)\s+)*"
    r"(?:users?|customers?|visitors?|people|persons?|clients?|players?|employees|students|members|subscribers|guests|"
    r"viewers|readers|friends|staff|coworkers|requests?|reqs?|hits|calls|visits|pageviews|rps|qps|tps)"
    r"(?:\s?(?:/|per|a|an)\s?(?:s|sec|second|min|minute|hour|day|month))?\b|\d[\d.,]*\s?k?\s?req/s",
    re.IGNORECASE,
)
_AROUND_LOAD = seldom(
    r"\b(?:it's|let's|no|nope|sorry|actually|wait|oops|hmm?|make|it|that|i|we|meant|rather|it's|is|will|"
    r"be|for|more|like|about|around|"
    r"let's|say|correction|well|ok|okay|instead|please|thanks|my|mistake|now|in|total|not|of|a|the|than|there|are|"
    r"expect|have|re|ve|at|grew|grown|growing|up|got|reached|hit|already|by|has|had|turns|out|going|should|handle)"
    r"\b|\W|\d",
    re.IGNORECASE,
)


def looks_back(message: str) -> bool:
    """Whether a message may say that something else should have gone, or that what went should be there again."""
    short = len(message.split()) <= _LONGEST and "?" not in message
    return short and any(way.search(message) for way in (_OTHER, _MEANT, _BACK, _EXCEPT))


def regained(message: str, before: Blueprint, now: Blueprint) -> list[Edit] | None:
    """The edits that bring back what has gone, with what goes instead; None where the message is about neither. Raises
    Asks where it is not clear what should go instead."""
    gone = [r for r in before.resources if now.resource(r.name) is None]
    named = [r for r in gone if mentions(message, r.name)]
    meant = [r.name for r in now.resources if mentions(message, r.name)]
    instead = bool(_OTHER.search(message) or _MEANT.search(message))
    if not gone or not (named or instead):
        return None
    if instead and not meant:
        if not _OTHER.search(message):
            return None
        meant = _alike(gone[0], now)
        if len(meant) != 1:
            names = listed(meant or [r.name for r in now.resources], last="or")
            raise Asks(f"Which one should go instead of {gone[0].name}: {names}?", open=True)
    if meant and not instead and not _BACK.search(message):
        return None
    back = named or gone
    edits: list[Edit] = [AddResource(resource=resource) for resource in back]
    edits += _tied(before, now, {resource.name for resource in back})
    going = meant if instead else []
    return [*edits, *(RemoveResource(name=name) for name in going)]


_AGAIN = seldom(
    r"\b(?:want|wants|need|needs|add|bring|put|give|get|have|take|like|miss|restore|keep|use)\b.*"
    r"\b(?:back|again|after all)\b|\bbring back\b|\brestore\b|\bstill (?:need|want)\b",
    re.IGNORECASE,
)
_REFUSED = seldom(r"\b(?:not|never|no longer|dont|\w+n['’]t)\b", re.IGNORECASE)


def misses(message: str) -> bool:
    """Whether a message may want back what went some time ago: "I do want that redis again, add it back"."""
    short = len(message.split()) <= _LONGEST and "?" not in message
    exchanged = _OTHER.search(message) or _MEANT.search(message) or _REFUSED.search(message)
    return short and _AGAIN.search(message) is not None and not exchanged


def missed(
    message: str, means: Sequence[str], drafts: Sequence[Blueprint | None], now: Blueprint
) -> list[Edit]:
    """The edits that bring back what was there in one of the drafts, the last first: what the message names, or what
    is of the software or the type that it `means`; nothing where that may be several."""
    for draft in (each for each in reversed(drafts) if each is not None):
        gone = [r for r in draft.resources if now.resource(r.name) is None]
        named = [r for r in gone if mentions(message, r.name)]
        running = [r for r in gone if r.engine in means]
        back = named or running or [r for r in gone if r.type in means]
        if back and (named or len(back) == 1):
            edits: list[Edit] = [AddResource(resource=resource) for resource in back]
            return [*edits, *_tied(draft, now, {resource.name for resource in back})]
    return []


def unchanged(message: str, before: Blueprint, now: Blueprint) -> list[str]:
    """Of what the last request changed, what should not have been: "except n2, that stays at 2"."""
    found = _EXCEPT.search(message)
    if found is None or (found["but"] and _ORDERS_FIRST.match(message)):
        return []
    return [name for name in _changed(before, now) if mentions(message, name)]


def another_meant(
    message: str, last: str, before: Blueprint, now: Blueprint
) -> tuple[str, str] | None:
    """What the last request should not have changed, and the request about the one that was meant: "sorry, I meant
    dns1"; None for every other message."""
    meant = [r.name for r in now.resources if mentions(message, r.name)]
    changed = _changed(before, now)
    if _MEANT.search(message) is None or len(changed) != 1:
        return None
    (wrong,) = changed
    right = [name for name in meant if name != wrong]
    if len(right) != 1 or not mentions(last, wrong):
        return None
    return wrong, naming(wrong).sub(right[0], last)


_WAS = (
    r"(?:(?:exactly )?(?:back )?(?:to )?(?:what|how|as|like|the way|where) (?:it|they) (?:was|were|had|used to be)|"
    r"back to (?:its|their|the) (?:old|previous|original|former|earlier) (?:sizes?|values?|state|settings?|specs)|"
    r"back(?=\W*(?:$|[.,;!]|please\b|then\b)))"
)
_AS_IT_WAS = seldom(_WAS, re.IGNORECASE)
_PUT = r"(?:put|set|bring|change|get|turn|reset|restore|leave|keep|revert|return|take|make)"
_STAYS = r"(?:(?:should|must|can|has to|needs to|is to)\s+)?(?:stays?|be|goes|go|remains?)"


def put_back(message: str, now: Blueprint) -> list[str]:
    """What a message wants as it was, by its name: "put web-1 back to what it was", "web-1 stays as it was"."""
    if "?" in message or _AS_IT_WAS.search(message) is None:
        return []
    return [
        resource.name
        for resource in now.resources
        if re.search(
            rf"\b{_PUT}\s+(?:the )?{re.escape(resource.name)}(?![\w-])\s+{_WAS}|"
            rf"(?<![\w-]){re.escape(resource.name)}\s+{_STAYS}\s+{_WAS}",
            message,
            re.IGNORECASE,
        )
    ]


def as_before(
    names: Sequence[str], drafts: Sequence[Blueprint | None], now: Blueprint
) -> list[Edit]:
    """These as they were before they were changed last, in one of the drafts there were."""
    edits: list[Edit] = []
    for name in names:
        present = now.resource(name)
        then = next(
            (d for d in reversed(drafts) if d and d.resource(name) not in (None, present)), None
        )
        edits += restored([name], then, now) if then is not None else []
    return edits


_KEEPS = seldom(
    r"\W*\b(?P<who>[\w.-]*\w) (?:should |must |can |just )*(?:keeps?|stays?|remains?|stay|goes back|go back|had|has|"
    r"needs?|is)(?: (?:at|to|on|with|its|the|only|just|still))* (?P<n>\d+(?:\.\d+)?)(?=\W*$|\s*[a-z]+\W*$)",
    re.IGNORECASE,
)
_FIGURE_SAID = seldom(r"(?<![\w.-])\d+(?:\.\d+)?(?=\s?[a-z]|\W*$)", re.IGNORECASE)


def exchanged(message: str, last: str, now: Blueprint) -> str | None:
    """The last request for the one that was meant, and with its old amount for the other: "I meant back, front keeps
    its 2"; None for every other message."""
    kept = _KEEPS.search(message)
    wrong = now.resource(kept["who"]) if kept else None
    if kept is None or wrong is None or not mentions(last, wrong.name):
        return None
    before = message[: kept.start()]
    right = [r.name for r in now.resources if r is not wrong and mentions(before, r.name)]
    figures = _FIGURE_SAID.findall(naming(wrong.name).sub("", last))
    said = _MEANT.search(before) is not None and not any(mentions(last, name) for name in right)
    if len(right) != 1 or len(figures) != 1 or not said:
        return None
    again = naming(wrong.name).sub(right[0], last).rstrip(" .!")
    back = re.sub(rf"(?<![\w.-]){re.escape(figures[0])}(?!\d)", kept["n"], last)
    return f"{again}. {back}"


_OTHERS = seldom(
    r"\b(?:i|we) meant\b|\bwrong one\b|\bnot (?:that|this|those|these)(?: ones?)?\b|\bwas (?:for|about)\b",
    re.IGNORECASE,
)


def means_others(message: str) -> bool:
    """Whether a message may say that the last change was meant for others."""
    return _OTHERS.search(message) is not None and len(message.split()) <= _LONGEST


def moved(others: Sequence[str], before: Blueprint, now: Blueprint) -> list[Edit]:
    """What the last request changed as it was before, and of these instead; nothing where it did several things."""
    changed = _changed(before, now)
    said = [
        [(edit.path, edit.value) for edit in fields(old, new)]
        for name in changed
        if (old := before.resource(name)) is not None and (new := now.resource(name)) is not None
    ]
    same = all(each == said[0] for each in said)
    if not said or not said[0] or not same or set(others) & set(changed):
        return []
    if len(before.resources) != len(now.resources) or any(p in _OWN for p, _ in said[0]):
        return []
    edits = restored(changed, before, now)
    return [
        *edits,
        *(SetField(name=name, path=p, value=value) for name in others for p, value in said[0]),
    ]


# What fits only the one it was said of.
_OWN = {"engine", "image", "version", "type"}


def restored(names: Sequence[str], before: Blueprint, now: Blueprint) -> list[Edit]:
    """These as they were in everything that was said of them."""
    edits: list[Edit] = []
    for name in names:
        old, new = before.resource(name), now.resource(name)
        if old is None or new is None:
            continue
        edits += fields(new, old)
    return edits


def _changed(before: Blueprint, now: Blueprint) -> list[str]:
    return [r.name for r in now.resources if before.resource(r.name) not in (None, r)]


def _alike(gone: Resource, now: Blueprint) -> list[str]:
    same = [r for r in now.resources if r.type is gone.type]
    tier = [r for r in same if stem(r) == stem(gone)]
    return [r.name for r in tier or same]


def _tied(before: Blueprint, now: Blueprint, back: set[str]) -> list[Edit]:
    """What pointed at those that come back points at them again."""
    edits: list[Edit] = []
    for resource in now.resources:
        old = before.resource(resource.name)
        for path in ("depends_on", "backends"):
            lost = [name for name in getattr(old, path, ()) if name in back]
            if lost:
                value = [*getattr(resource, path), *lost]
                edits.append(
                    SetField(
                        name=resource.name, path=path, value=list(value), origin=Origin.INFERRED
                    )
                )
    return edits


def parts_told(message: str) -> bool:
    """Whether a message says what each of several is for: "one for the web and one for the database"."""
    return _ROLES.match(message) is not None


def nothing_yet(resources: Sequence[Resource]) -> bool:
    """Whether all of them are machines of which nobody has said what for."""
    plain = (r.type is ResourceType.VM and r.engine is None and stem(r) == "vm" for r in resources)
    return bool(resources) and all(plain)


def borne_instead(message: str, said: str) -> str | None:
    """The request with the load that the message says instead of its own; None where either says none, or the message
    says more."""
    old = take_load(tokenize(said))[1]
    message = _with_its_noun(message, old.words) if old is not None else message
    new = take_load(tokenize(message))[1]
    if new is None or old is None or new.words == old.words:
        return None
    rest = _AROUND_LOAD.sub("", _LOAD.sub(" ", message, count=1))
    return None if rest or not _LOAD.search(said) else _LOAD.sub(new.words, said, count=1)


_FIGURE = seldom(r"\d[\d.,]*\s?(?:k|m|thousand|million)?(?!\w)", re.IGNORECASE)
_GROWN = seldom(r"\b(?:grew|grown|growing|growth|expect|users|people)\b", re.IGNORECASE)


def _with_its_noun(message: str, before: str) -> str:
    """`We grew, now 600` after "for 200 people" is about people: nothing else was said in such numbers."""
    noun = " ".join(before.split()[1:])
    figures = _FIGURE.findall(message)
    left = _AROUND_LOAD.sub("", _FIGURE.sub(" ", message))
    large = len(figures) == 1 and float(re.sub(r"\D", "", figures[0]) or 0) >= _LARGE
    grown = len(figures) == 1 and _GROWN.search(message) is not None
    if left or not noun or not (large or grown):
        return message
    return _FIGURE.sub(lambda found: f"{found[0].strip()} {noun} ", message, count=1)


# Fewer may be a number of servers.
_LARGE = 50


def resized(fresh: Sequence[Edit], drafted: Sequence[Edit], now: Blueprint) -> list[Edit]:
    """What the draft needs to be as big as what was drafted afresh: but for what was changed since it was `drafted`."""
    edits: list[Edit] = []
    first = {edit.resource.name: edit.resource for edit in drafted if isinstance(edit, AddResource)}
    stems = {stem(resource) for resource in now.resources}
    for edit in fresh:
        if not isinstance(edit, AddResource):
            continue
        made, there = edit.resource, now.resource(edit.resource.name)
        if there is None:
            edits += [edit] if stem(made) in stems else []
            continue
        for name in ("cpu", "memory", "disk", "storage"):
            value, present = getattr(made.specs, name), getattr(there.specs, name)
            own = made.name in first and present != getattr(first[made.name].specs, name)
            if value is not None and value != present and not own:
                plain = value if isinstance(value, int | float) else str(value)
                edits.append(
                    SetField(
                        name=made.name, path=f"specs.{name}", value=plain, origin=Origin.INFERRED
                    )
                )
        if made.count != there.count:
            edits.append(SetField(name=made.name, path="count", value=made.count))
    return edits
