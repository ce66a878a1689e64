"""Amounts said in proportion to what there is: double, half, 20 % more, three times as many, one less, back to 2."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from alma.core.language.changing.change import Changer
from alma.core.language.changing.sums import combined, possible
from alma.core.language.changing.targets import stem
from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Attribute, Parsed
from alma.core.language.vocabulary.defaults import SIZED, listed, title
from alma.core.language.words.tokens import Kind
from alma.core.model.base import Json
from alma.core.model.blueprint import DATA, Resource, ResourceType
from alma.core.model.conversation import SetField

FACTORS: Mapping[str, float] = {
    "double": 2, "doubled": 2, "twice": 2, "triple": 3, "tripled": 3, "thrice": 3, "quadruple": 4, "halve": 0.5,
    "halved": 0.5, "half": 0.5,
}  # fmt: skip
_DOWN = {
    "less",
    "fewer",
    "smaller",
    "reduce",
    "decrease",
    "cut",
    "lower",
    "shrink",
    "down",
    "trim",
    "drop",
}
_GROWING = {"specs.memory", "specs.disk", "specs.storage", "specs.cpu"}
_SIZE = {"big", "large", "strong", "powerful", "size", "beefy", "small"}
_STORES = {ResourceType.VOLUME, ResourceType.OBJECT_STORE}
# What is called so is there for its disk.
_FILES = frozenset(
    "share nas file files fileserver storage backup backups archive media data nfs samba bucket".split()
)
_MEMBERS = {"node": "specs.nodes", "worker": "specs.workers", "master": "specs.control_plane"}


def relative(changer: Changer, act: Act, parsed: Parsed) -> bool:
    """Carries out a clause about proportions. Says whether it was one; raises Asks when it is unclear of what."""
    if _as_big(changer, act, parsed):
        return True
    # "Double it to 400GB" says the amount: the factor is only told beside it.
    given = any(attribute.path in _GROWING for attribute in changer.attributes(parsed))
    factor = _factor(act, parsed) if parsed.max_cost is None and not given else None
    if factor is not None:
        big = bool(_SIZE & {token.norm for token in act.body}) or "bigger" in parsed.modifiers
        paths = _paths(changer, act, parsed)
        paths = paths or _of_it(changer, parsed, factor) or _sizes(changer, parsed, big=big)
        paths = paths or (_share_of_one(changer, parsed) if parsed.percent is not None else [])
        if paths:
            _multiply(changer, parsed, paths, factor)
            return True
        parsed.factor = factor
        return changer.resizer.scale(parsed, down=False)
    bare = not parsed.loose and not any(phrase.attributes for phrase in parsed.phrases)
    fewer = parsed.fewer or any(phrase.fewer for phrase in parsed.phrases)
    numbered = parsed.to_number is not None or parsed.by_number is not None
    if (
        act.verb in {None, "set", "add", "create"}
        and bare
        and (fewer or (numbered and not parsed.phrases))
    ):
        return not parsed.mentioned and changer.resizer.scale(parsed, down=fewer)
    return False


def _as_big(changer: Changer, act: Act, parsed: Parsed) -> bool:
    """ "Make web-2 as big as db-1"."""
    words = [token.norm for token in act.body if token.kind is not Kind.QUOTED]
    same = words.count("as") > 1 or ("as" in words and "same" in words) or act.word == "match"
    counted = "many" in words and "specs.cpu" not in parsed.mentioned
    if counted or not same or not parsed.phrases or act.verb not in {"set", None}:
        return False
    right = changer.targets.find(parsed.phrases[-1])
    left = (
        [r for phrase in parsed.phrases[:-1] for r in changer.targets.find(phrase)]
        if len(parsed.phrases) > 1
        else [r for r in changer.blueprint.resources if r.name in changer.targets.recent]
    )
    if not left or len(right) != 1 or set(map(_name, left)) & {right[0].name}:
        return False
    said = [path.partition(".")[2] for path in parsed.mentioned if path in _GROWING]
    for name in said or ("cpu", "memory", "disk"):
        value = changer.present(right[0], f"specs.{name}")
        assumed = name == "disk" and not said and right[0].specs.disk_size is None
        if value is not None and not assumed:
            changer.outcome.edits += [
                SetField(name=resource.name, path=f"specs.{name}", value=value) for resource in left
            ]
    names = " and ".join(map(_name, left))
    if {"backup", "version"} & {*words, *parsed.mentioned}:
        return _like(
            changer,
            left,
            right[0],
            "backup" if "backup" in {*words, *parsed.mentioned} else "version",
        )
    what = f"as much {listed(said)}" if said else "as big"
    changer.outcome.understood.append(f"{names} {what} as {right[0].name}")
    return True


def _like(changer: Changer, left: Sequence[Resource], model: Resource, path: str) -> bool:
    """`Billing gets the same backups as patients`, `the same version as …`."""
    value = getattr(model, path)
    if value is None:
        raise Asks(f"{model.name} has no {title(path)} of its own. What should it be?", open=True)
    plain = value if isinstance(value, str) else value.model_dump(mode="json", exclude_none=True)
    changer.outcome.edits += [SetField(name=r.name, path=path, value=plain) for r in left]
    changer.outcome.understood.append(
        f"{title(path)} of {listed([r.name for r in left])} like that of {model.name}"
    )
    return True


def _name(resource: Resource) -> str:
    return resource.name


def _factor(act: Act, parsed: Parsed) -> float | None:
    words = [act.word, *(token.norm for token in act.body)]
    if parsed.percent is not None:
        down = act.verb == "decrease" or bool(_DOWN & {*words, *act.word.split()})
        share = parsed.percent / 100
        if "to" in words and not {"by", "more", "less"} & set(words):
            return share  # "cut it to 50 %"
        return 1 - share if down else 1 + share
    if parsed.factor is not None:
        return parsed.factor
    return next((FACTORS[word] for word in words if word in FACTORS), None)


def _paths(changer: Changer, act: Act, parsed: Parsed) -> list[str]:
    """What is to be multiplied, if it is no number of machines."""
    said = [path for path in parsed.mentioned if path.startswith("specs.")]
    clusters = [r for r in changer.blueprint.resources if r.type is ResourceType.KUBERNETES_CLUSTER]
    if said or not clusters:
        return said
    members = [_MEMBERS[token.norm] for token in act.body if token.norm in _MEMBERS]
    counted = [
        path for path in members if path != "specs.nodes" or clusters[0].specs.workers is None
    ]
    return counted or (["specs.workers"] if members else [])


def _sizes(changer: Changer, parsed: Parsed, *, big: bool) -> list[str]:
    """What `double the cache`, `double everything` multiplies: only machines come in numbers."""
    pointed = [r for p in parsed.phrases if not p.negated for r in changer.targets.find(p)]
    if pointed and all(r.type in _STORES for r in pointed):
        return ["specs.disk"]  # what only keeps things is as big as what it keeps
    stores = bool(pointed) and all(r.type in DATA for r in pointed)
    if not (stores or big or (parsed.everything and not pointed)):
        return []
    changer.outcome.assumptions.append(
        "that is of CPU and memory, not of disks or of how many there are"
    )
    return ["specs.cpu", "specs.memory"]


def _of_it(changer: Changer, parsed: Parsed, factor: float) -> list[str]:
    """`Double it`: CPU and memory of a store; a tier of several is counted. Raises Asks where it may be either, or of
    several things."""
    by_word = parsed.percent is None and parsed.pronoun in {"it", "that", "this"}
    if not by_word or parsed.phrases or parsed.everything:
        return []
    resources = changer.blueprint.resources
    spoken = [r for r in resources if r.name in changer.targets.recent] or list(resources)
    kinds = {(r.type, stem(r)) for r in spoken if r.type in SIZED}
    way = "as big" if factor >= 1 else "of it"
    if len(kinds) > 1:
        names = listed([r.name for r in spoken if r.type in SIZED], last="or")
        raise Asks(f"Which one should be {factor:g} times {way}: {names}?", open=True)
    if spoken and all(r.type in _STORES for r in spoken):
        return ["specs.disk"]
    if not kinds or any(r.type not in SIZED for r in spoken):
        return []
    single = sum(r.count for r in spoken) == 1
    if all(r.type in DATA for r in spoken) or (single and factor < 1):
        changer.outcome.assumptions.append("that is of CPU and memory, not of disks")
        return ["specs.cpu", "specs.memory"]
    if single:
        name = spoken[0].name
        raise Asks(
            f"Should there be {factor:g} of {name}, or one with {factor:g} times the CPU and memory?"
        )
    return []


def _share_of_one(changer: Changer, parsed: Parsed) -> list[str]:
    """`Enlarge the share by 20 %`: of one thing alone a share can be of its sizes only. Raises Asks where there are
    several of them and nothing tells which one is meant."""
    pointed = [r for p in parsed.phrases if not p.negated for r in changer.targets.find(p)]
    recent = [r for r in changer.blueprint.resources if r.name in changer.targets.recent]
    pointed = pointed or (recent if parsed.pronoun else [])
    if len(pointed) != 1 or pointed[0].count > 1:
        return []
    one = pointed[0]
    has = {path: changer.present(one, path) for path in _GROWING if path != "specs.storage"}
    sizes = sorted(path for path, value in has.items() if value is not None)
    if len(sizes) == 1 or ("specs.disk" in sizes and _stores_files(one)):
        return ["specs.disk"] if "specs.disk" in sizes else sizes
    if not sizes:
        return []
    told = listed([f"{title(path)} ({has[path]})" for path in sizes], last="or")
    raise Asks(f"Of what of {one.name} should that be: {told}?", open=True)


def _stores_files(resource: Resource) -> bool:
    parts = set(re.split(r"[-_.\d]+", resource.name.casefold()))
    return resource.type in _STORES or bool(parts & _FILES)


def _multiply(changer: Changer, parsed: Parsed, paths: Sequence[str], factor: float) -> None:
    for path in paths:
        for resource in changer.loose_owners(parsed, Attribute(path)):
            present = changer.present(resource, path)
            if present is None:
                raise Asks(f"How much {title(path)} should {resource.name} have?", open=True)
            value = _times(resource, path, present, factor)
            if isinstance(value, int) and isinstance(present, int) and value != present * factor:
                changer.outcome.assumptions.append(
                    f"{present * factor:g} {title(path)} is rounded up to {value}"
                )
            changer.outcome.edits.append(SetField(name=resource.name, path=path, value=value))
            changer.outcome.understood.append(
                f"{title(path)} of {resource.name} from {present} to {value}"
            )


def _times(resource: Resource, path: str, present: Json, factor: float) -> Json:
    """So many times an amount, as one that can be: part of a core is rounded up."""
    value = possible(combined(present, factor, lambda a, b: a * b), resource, path)
    if isinstance(value, float) and value > 1:
        return math.ceil(value)  # part of a core is no use beyond the first
    return value
