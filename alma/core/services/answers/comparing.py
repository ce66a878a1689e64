"""What is different: the draft against an earlier revision, against what is deployed, against another blueprint."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.blueprint import Blueprint, Revision
from alma.core.model.errors import NotFound
from alma.core.model.state import Stack
from alma.core.services.answers import named, prospects
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.difference import difference
from alma.core.services.answers.words import ago, apart, money, sentences, signed, some

_SHOWN = 10
_DEPLOYED = re.compile(
    r"\b(runs?|running|deployed|(since|last) (the |my |our |last )*deploy\w*|live|reality|production now|"
    r"actual(ly)?|on the engine)\b"
)


def answer(asked: Asked, sources: Sources) -> Told:
    """The comparison that is asked for; without a word about it, with the revision before."""
    said = asked.interpretation.revision
    numbers = named.revisions(asked) or ((said,) if said else ())
    if numbers:
        return _of_revisions(asked, sources, numbers)
    try:
        other = named.blueprint(asked)
    except NotFound as error:
        return Told(f"{error.message[:1].upper()}{error.message[1:]}.")
    if other is not None and asked.draft is not None:
        return _beside(asked.draft, other.blueprint, sources)
    return _of_draft(asked, sources)


def _of_draft(asked: Asked, sources: Sources) -> Told:
    if asked.draft is None or asked.revision is None:
        return Told(
            "There is no draft in this conversation to compare, and no other blueprint was named."
        )
    if _DEPLOYED.search(asked.message.casefold()):
        return with_deployed(asked, sources)
    places = [name.partition("@")[0] for name in sources.plans.engine_names(asked.project)]
    if named.said(places, asked.message):
        return prospects.migrate(asked, sources)
    return _with_the_one_before(asked, sources)


def _of_revisions(asked: Asked, sources: Sources, numbers: Sequence[int]) -> Told:
    if asked.revision is None or asked.blueprint is None:
        return Told("There is no draft in this conversation, so it has no revisions to compare.")
    newest = asked.revision.number
    found = [(number, named.revision(asked, number)) for number in numbers]
    for number, revision in found:
        if revision is None:
            have = "is only revision 1" if newest == 1 else f"are revisions 1 to {newest}"
            return Told(f"{asked.blueprint.name} has no revision {number}: there {have}.")
    sides = [(_titled(asked, revision), revision.blueprint) for _, revision in found if revision]
    if len(sides) == 1:
        sides.append(("the draft now", asked.blueprint))
    return _between(sides[0], sides[1], sources)


def _with_the_one_before(asked: Asked, sources: Sources) -> Told:
    assert asked.revision is not None
    assert asked.blueprint is not None
    if asked.blueprint != asked.revision.blueprint:
        return _between(
            (_titled(asked, asked.revision), asked.revision.blueprint),
            ("the draft now", asked.blueprint),
            sources,
        )
    before = named.revision(asked, asked.revision.number - 1)
    if before is None:
        count = plural("resource", len(asked.blueprint.resources))
        return Told(
            f"This is the first revision of {asked.blueprint.name}, with {count}: "
            "there is no earlier one to compare with.",
            {"revision": asked.revision.number},
        )
    return _between(
        (_titled(asked, before), before.blueprint),
        (_titled(asked, asked.revision), asked.blueprint),
        sources,
    )


def with_deployed(asked: Asked, sources: Sources) -> Told:
    """The draft against the revision that each of its stacks was brought to last."""
    assert asked.revision is not None
    assert asked.blueprint is not None
    alive = [stack for stack in _stacks(asked) if stack.records]
    if not alive:
        return Told(
            f"Nothing of {asked.blueprint.name} is deployed, so all of it would be new: "
            f"{some([item.name for item in asked.blueprint.resources])}.",
            {"deployed": False},
        )
    told = [_with_stack(asked, stack, sources) for stack in alive]
    return Told(" ".join(item.text for item in told), told[0].data, told[0].suggestions)


def _stacks(asked: Asked) -> Sequence[Stack]:
    if asked.revision is None:
        return ()
    return asked.transaction.stacks.list(project=asked.project, blueprint_id=asked.revision.id)


def _with_stack(asked: Asked, stack: Stack, sources: Sources) -> Told:
    assert asked.blueprint is not None
    where = f"{stack.ref.name} on {stack.ref.engine}"
    revision = named.revision(asked, stack.revision) if stack.revision else None
    if revision is None:
        recorded = some([record.address for record in stack.records])
        return Told(
            f"No revision of {where} is deployed in full; recorded there: {recorded}.",
            {"deployed": [record.address for record in stack.records]},
        )
    told = _between(
        (f"what is deployed as {where} (revision {revision.number})", revision.blueprint),
        ("the draft now", asked.blueprint),
        sources,
    )
    text = f"{told.text} This compares what was asked for; whether the engine still has it so, a plan reads anew."
    return Told(text, told.data, told.suggestions)


def _between(before: tuple[str, Blueprint], after: tuple[str, Blueprint], sources: Sources) -> Told:
    found = difference(before[1], after[1])
    lines = found.lines
    if not lines:
        return Told(f"Nothing is different between {before[0]} and {after[0]}.", {"changes": []})
    cost, data = _cost(before[1], after[1], sources)
    return Told(
        sentences([f"From {before[0]} to {after[0]}: {apart(lines, shown=_SHOWN)}", cost]),
        {"changes": list(lines), **data},
    )


def _beside(draft: Blueprint, other: Blueprint, sources: Sources) -> Told:
    """Two blueprints that are no revisions of one: what each has that the other has not."""
    found = difference(other, draft)
    one, two = (sources.estimates.estimate(blueprint) for blueprint in (draft, other))
    lines = [
        f"only in {draft.name}: {some(found.added)}" if found.added else "",
        f"only in {other.name}: {some(found.removed)}" if found.removed else "",
        f"called otherwise: {some([f'{old} there, {new} here' for old, new in found.renamed])}"
        if found.renamed
        else "",
        f"from {other.name} to {draft.name}: {apart(found.changed)}" if found.changed else "",
    ]
    told = [line[:1].upper() + line[1:] for line in lines if line]
    costs = f"{draft.name} costs about {money(one.monthly)} a month, {other.name} about {money(two.monthly)}"
    return Told(
        sentences([*(told or ["Both ask for the same"]), costs]),
        {
            "changes": list(found.lines),
            "cost": {draft.name: float(one.monthly), other.name: float(two.monthly)},
        },
    )


def _cost(before: Blueprint, after: Blueprint, sources: Sources) -> tuple[str, dict[str, float]]:
    was, now = (
        sources.estimates.estimate(blueprint).monthly if blueprint.resources else 0
        for blueprint in (before, after)
    )
    data = {"cost_before": float(was), "cost_after": float(now)}
    if was == now:
        return f"It costs the same, about {money(now)} a month", data
    start = f"from about {money(was)} to" if money(was) != money(now) else "to about"
    return f"That takes it {start} {money(now)} a month ({signed(now - was)})", data


def _titled(asked: Asked, revision: Revision) -> str:
    return f"revision {revision.number}, saved {ago(revision.created_at, asked.now)}"
