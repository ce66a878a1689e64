"""What several are that were counted together: `4 VMs, 1 master and 3 workers`, `two databases, one mysql`."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.parsing.appositions import ADDING
from alma.core.language.parsing.phrases import Phrase
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.model.blueprint import DATA, ResourceType

_T = ResourceType


def parts_of(phrases: list[Phrase]) -> None:
    """`4 VMs, 1 master and 3 workers`: the parts say what the whole consists of."""
    for index, whole in enumerate(phrases):
        parts = phrases[index + 1 :]
        named = [p for p in parts if ((p.generic and p.role) or p.part) and p.count]
        named = named or _listed(whole, parts)
        if (
            not (whole.generic or whole.type in MACHINES | DATA | {_T.KUBERNETES_CLUSTER})
            or whole.role
            or not named
            or named[0].joint in ADDING
            or (whole.software and any(part.role for part in named))
            or (whole.count or 0) < 2
        ):
            continue
        total = sum(part.count or 0 for part in named)
        rest = (whole.count or 0) - total
        if rest < 0 or (rest and not all(part.part for part in named)):
            continue
        for part in named:
            if part.generic:
                part.type, part.generic = whole.type, whole.generic
                part.image = part.image or whole.image
            part.software = part.software or whole.software
            own = {attribute.path for attribute in part.attributes}
            kept = [a for a in whole.attributes if a.path not in own]
            part.attributes = [*kept, *part.attributes]
            part.link = None
        if rest:
            whole.count = rest
        else:
            phrases.remove(whole)
        return


def _listed(whole: Phrase, parts: Sequence[Phrase]) -> list[Phrase]:
    """`3 boxes: head node 4c/16g, two compute nodes 32c/128g`: as many machines listed as were counted."""
    first = parts[0] if parts else None
    if first is None or first.joint != ":" or whole.software or not whole.generic:
        return []
    machines = [p for p in parts if p.generic and not p.negated and p.existing is None]
    if len(machines) < 2 or sum(p.count or 1 for p in machines) != whole.count:
        return []
    for part in machines:
        part.count = part.count or 1
    return machines


def kinds_of(phrases: list[Phrase]) -> None:
    """`two databases, one mysql and one postgres`: the parts say which software each is."""
    for index, whole in enumerate(phrases):
        parts = [p for p in phrases[index + 1 :] if p.type in DATA and p.software and p.count]
        if (whole.count or 0) < 2 or whole.type not in DATA or (whole.software and not whole.told):
            continue
        alone = [
            p for p in phrases[index + 1 :] if p.software and not p.count and p.type is whole.type
        ]
        if whole.software:
            _first_told(whole, alone)
            continue
        alone = alone if alone and alone[0].joint in {"(", ":", ",", "-"} else []
        if len(alone) == whole.count and not parts:
            parts = alone
            for part in parts:
                part.count = 1
        if sum(part.count or 0 for part in parts) == whole.count:
            for part in parts:
                part.attributes = [*part.attributes, *whole.attributes]
            phrases.remove(whole)
            return


def _first_told(whole: Phrase, others: Sequence[Phrase]) -> None:
    """`two databases (MySQL and Postgres)`: the first was taken for what all of them are."""
    listed = bool(others) and others[0].joint in {"and", "&", "+", ","}
    if listed and len(others) + 1 == whole.count:
        whole.count, whole.plural = 1, False
        for other in others:
            other.attributes = [*whole.attributes, *other.attributes]
        whole.attributes = list(whole.attributes) or list(others[-1].attributes)
