"""Messages that say two things of which only one can be: "remove the cache, but it has to stay", "scale web to 5 and
scale web to 3", "shrink web to 6".

Each half is an order that could be carried out, so the grammar takes the last. Whichever was meant, the other half was
said as well: it is asked which, and nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations

from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import tokenize
from alma.core.model.blueprint import DATA, Blueprint, Resource
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Interpretation,
    RemoveResource,
    SetField,
)
from alma.core.model.units import Size

# Whoever changes their mind, or does one thing after the other, contradicts nobody.
_TURNS = seldom(
    r"\b(?:no|nope|sorry|wait|actually|rather|instead|scratch|oops|correction|i meant?|make (?:it|that)|then|later|"
    r"first|afterwards|until|next|finally|from|previously|undo)\b|->|→|=>",
    re.IGNORECASE,
)
_CLAUSE = seldom(r"[.!?;\n]+\s*|,\s*|\s+[-–—]\s+|\b(?:but|though|although|yet|and|while|however)\b")
_THING = r"(?P<thing>[^,.;!?]{1,60}?)"
_NOT_TAKEN = (
    r"(?:(?:be )?(?:removed|deleted|dropped|destroyed|touched|killed|gone)|go(?: away)?|disappear)"
)
_STAYS = (
    seldom(
        rf"^\W*(?:(?:please|also|still|do|make sure|ensure|that)\s+)*(?:you )?"
        rf"(?:keep|leave(?! out\b)|retain|preserve)\s+{_THING}"
        r"(?:\s+(?:alone|as (?:it )?is|running|in place|there|around|untouched|please|up|alive|too|though))*\s*$",
        re.IGNORECASE,
    ),
    seldom(
        rf"^\W*(?:(?:please|make sure|ensure|that|see to it)\s+)*{_THING}\s+(?:(?:has|have|needs?|ought) to|must|"
        r"should|shall|is to|will)\s+(?:still |always |also )?(?:stay|remain|be kept|be there|survive|keep running|"
        r"continue)\b",
        re.IGNORECASE,
    ),
    seldom(
        rf"^\W*(?:(?:please|make sure|ensure|that)\s+)*{_THING}\s+(?:stays|remains)\b",
        re.IGNORECASE,
    ),
    seldom(
        rf"^\W*{_THING}\s+(?:must not|mustn't|may not|should not|shouldn't|can't|cannot|is not to|shall not)\s+"
        rf"{_NOT_TAKEN}\b",
        re.IGNORECASE,
    ),
    seldom(
        rf"^\W*(?:please\s+)?(?:don't|do not|never)\s+(?:remove|delete|drop|destroy|touch|kill)\s+{_THING}\s*$",
        re.IGNORECASE,
    ),
)
_IT = frozenset({"it", "that", "this", "them"})
_REST = seldom(r"\b(?:others?|rest|else|remaining|another|new|one|ones)\b", re.IGNORECASE)
_NOTHING = seldom(
    r"\b(?:don't|do not|dont|never) (?P<verb>add|create|make|remove|delete|change|touch|do|modify) "
    r"(?:anything|a thing|any of it)(?: at all)?\s*(?:$|[.!;,])|\b(?P<none>change|do|touch|add) nothing\s*(?:$|[.!;,])",
    re.IGNORECASE,
)
_LESS = seldom(
    r"\b(?:shrink|reduce|decrease|lower|scale (?:\S+ )?(?:down|in)|downsize|downscale|cut(?! (?:it|the mustard)\b)|"
    r"(?:needs?|wants?) (?:less|fewer))\b",
    re.IGNORECASE,
)
_MORE = seldom(
    r"\b(?:grow|increase|raise|scale (?:\S+ )?(?:up|out)|upsize|expand|extend|enlarge|(?:needs?|wants?) more)\b",
    re.IGNORECASE,
)
_NOTHING_OF = seldom(
    r"\b(?:no|zero|0) (?:v?cpus?|cores?|memory|ram|nodes?|workers?)\b"
    r"(?=\s*(?:$|[.,;!)]|and\b|or\b|at all))",
    re.IGNORECASE,
)
_MUST = r"\bit (?:has to|must|should|needs to|is to|shall)"
_STEM = 5
_SPACE = seldom(r"[^\S\n]+")
# Characters. Nobody contradicts themselves in what they paste.
_LONGEST = 2000
_DENIED = seldom(
    r"\b(?:but|and|,) ?(?:no|without(?: an?| any)?) (?P<thing>[\w -]{2,30}?)\s*(?:$|[.,;!])"
)


def contradicted(
    message: str, read: Interpretation, blueprint: Blueprint | None, gazetteer: Gazetteer
) -> Interpretation:
    """The reading, or the question which of two things was meant."""
    if not read.edits or read.question:
        return read
    if len(message) > _LONGEST:
        return read
    text = _SPACE.sub(" ", message.replace("’", "'"))
    question = (
        _nothing_and_something(text, read.edits)
        or _gone_and_kept(text, read.edits, blueprint, gazetteer)
        or _made_and_denied(text, read.edits, gazetteer)
        or _two_in_one(text, read.edits)
        or _of_nothing(text, read.edits)
        or (None if _TURNS.search(text) else _set_twice(text, read.edits))
        or _wrong_way(text, read.edits, blueprint)
    )
    if question is None:
        return read
    question = f"{question} Nothing was changed."
    return read.model_copy(
        update={"edits": (), "understood": (), "assumptions": (), "question": question}
    )


# ── what stays, and goes ─────────────────────────────────────────────────────────────────────────────


def _gone_and_kept(
    text: str, edits: Sequence[Edit], blueprint: Blueprint | None, gazetteer: Gazetteer
) -> str | None:
    gone = [edit.name for edit in edits if isinstance(edit, RemoveResource)]
    if not gone or blueprint is None:
        return None
    for clause in _CLAUSE.split(text):
        said = next((match for way in _STAYS if (match := way.match(clause))), None)
        if said is None or _REST.search(said["thing"]):
            continue
        kept = _meant(said["thing"], gone, blueprint, gazetteer)
        if kept:
            return f"Should {kept} be removed, or stay? You said both."
    return None


def _meant(
    thing: str, gone: Sequence[str], blueprint: Blueprint, gazetteer: Gazetteer
) -> str | None:
    """Which of those that go is said to stay, where nothing else can be meant."""
    if thing.strip().casefold() in _IT:
        return gone[0] if len(gone) == 1 else None
    names = [resource.name for resource in blueprint.resources]
    items = gazetteer.tag(gazetteer.prepare(tokenize(thing), names).tokens, names)
    if not items:
        return None
    head = items[-1]  # "the data of the db" and "the db backups" are not the db
    if any(item.norm in {"of", "from", "on", "in", "for"} for item in items):
        return None
    if head.existing:
        return head.existing if head.existing in gone else None
    fitting = [r.name for r in blueprint.resources if _fits(items, head, r)]
    return fitting[0] if len(fitting) == 1 and fitting[0] in gone else None


def _fits(items: Sequence[Item], head: Item, resource: Resource) -> bool:
    typed = head.id_of(Sort.TYPE) == resource.type.value
    runs = [i.id_of(Sort.SOFTWARE) for i in items if Sort.SOFTWARE in i.terms]
    if not (typed or Sort.SOFTWARE in head.terms):
        return False
    return all(software == resource.engine for software in runs if software)


def _nothing_and_something(text: str, edits: Sequence[Edit]) -> str | None:
    found = _NOTHING.search(text)
    if found is None:
        return None
    verb = (found["verb"] or found["none"]).casefold()
    added = any(isinstance(edit, AddResource) for edit in edits)
    taken = any(isinstance(edit, RemoveResource) for edit in edits)
    counted = any(isinstance(edit, SetField) and edit.path == "count" for edit in edits)
    meant = {
        "add": added or counted,
        "create": added,
        "make": added,
        "remove": taken,
        "delete": taken,
    }
    if not meant.get(verb, True):
        return None
    return (
        f"You ask for something and say '{found[0].strip(' .!;,')}': which of the two do you mean?"
    )


def _made_and_denied(text: str, edits: Sequence[Edit], gazetteer: Gazetteer) -> str | None:
    """`a postgres database but no database`."""
    made = [edit.resource for edit in edits if isinstance(edit, AddResource)]
    for found in _DENIED.finditer(text) if made else ():
        items = gazetteer.tag(gazetteer.prepare(tokenize(found["thing"])).tokens)
        if len(items) != 1:
            continue
        what, software = items[0].id_of(Sort.TYPE), items[0].id_of(Sort.SOFTWARE)
        clash = [
            r.name for r in made if what == r.type.value or (software and software == r.engine)
        ]
        if clash and (software or what):
            return f"Do you want {listed(clash)} or no {found['thing'].strip()}? You said both."
    return None


def _two_in_one(text: str, edits: Sequence[Edit]) -> str | None:
    """`a mysql database running postgres`, `it must be MySQL, and it must be PostgreSQL`."""
    made = [
        edit.resource for edit in edits if isinstance(edit, AddResource) and edit.resource.engine
    ]
    for one, other in permutations(made, 2):
        if one.type is not other.type or one.type not in DATA or one.engine == other.engine:
            continue
        first, second = (re.escape(str(r.engine)[:_STEM]) + r"\w*" for r in (one, other))
        kind = r"(?: (?:database|db|cache|queue|server|cluster))?"
        within = rf"\b{first}{kind} (?:running|using|powered by) (?:an? )?{second}"
        both = rf"{_MUST} be (?:an? )?{first}\b[^.;]*{_MUST} be (?:an? )?{second}\b"
        if re.search(within, text, re.IGNORECASE) or re.search(both, text, re.IGNORECASE):
            return f"Should it be {one.engine} or {other.engine}? You said both."
    return None


def _of_nothing(text: str, edits: Sequence[Edit]) -> str | None:
    """`a server with no cpu and no memory`, `a cluster with zero nodes`."""
    found = _NOTHING_OF.search(text)
    if found is None or not any(isinstance(edit, AddResource) for edit in edits):
        return None
    return f"Nothing runs with {found[0].strip()}: how much should there be?"


# ── amounts ──────────────────────────────────────────────────────────────────────────────────────────


def _set_twice(text: str, edits: Sequence[Edit]) -> str | None:
    """`scale web to 5 and scale web to 3`: two amounts that are said side by side."""
    given: dict[tuple[str, str], SetField] = {}
    for edit in edits:
        if not isinstance(edit, SetField) or isinstance(edit.value, list):
            continue
        first = given.setdefault((edit.name, edit.path), edit)
        if first.value != edit.value and _side_by_side(text, first.value, edit.value):
            what = edit.path.rpartition(".")[2].replace("_", " ")
            either = [_told(value) for value in (first.value, edit.value)]
            return f"Should {what} of {edit.name} be {listed(either, last='or')}? You said both."
    return None


def _side_by_side(text: str, *values: object) -> bool:
    if any(value is None or isinstance(value, dict | bool) for value in values):
        return re.search(r"\band\b", text) is not None
    first, second = (re.match(r"[\d.]*", str(value)) for value in values)
    if not (first and second and first[0] and second[0]):
        return False
    one, other = re.escape(first[0]), re.escape(second[0])
    near = r"[^.,;!?\n]*"
    said = rf"(?<![\w.]){one}(?![\d.]){near}\b(?:and|also|but)\b{near}(?<![\w.]){other}(?!\d)"
    return re.search(said, text) is not None


def _told(value: object) -> str:
    off = value is None or value is False
    return "off" if off else "on" if isinstance(value, dict | bool) else str(value)


def _wrong_way(text: str, edits: Sequence[Edit], blueprint: Blueprint | None) -> str | None:
    """`shrink web to 6` where there are 2: an amount that is on the other side of what there is."""
    less, more = _LESS.search(text), _MORE.search(text)
    said = less or more
    if blueprint is None or len(edits) != 1 or said is None or (less and more):
        return None
    (edit,) = edits
    resource = blueprint.resource(edit.name) if isinstance(edit, SetField) else None
    if not isinstance(edit, SetField) or resource is None:
        return None
    now, then = _amount(_present(resource, edit.path)), _amount(edit.value)
    if now is None or then is None or now == then or (then > now) == bool(more):
        return None
    what = edit.path.rpartition(".")[2].replace("_", " ")
    return (
        f"{what.capitalize()} of {resource.name} is {_present(resource, edit.path)} now, and {edit.value} is "
        f"{'more' if then > now else 'less'}, though you said '{said[0].casefold()}'. Which should it be?"
    )


def _present(resource: Resource, path: str) -> object:
    value: object = resource.model_dump(mode="json", exclude_none=True)
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return 1 if value is None and path == "count" else value


def _amount(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(Size(str(value)).bytes)
    except ValueError:
        return None
