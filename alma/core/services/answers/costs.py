"""What things cost: the draft, one resource of it, what is deployed, and what a change would add."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from alma.core.economics.measures import Aims
from alma.core.language.answering.budget import USE_CHEAPER, about
from alma.core.language.editing.edits import apply_edits
from alma.core.language.vocabulary.defaults import plural
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.conversation import Edit
from alma.core.model.cost import CostLine, Estimate, Measure, Optimisation
from alma.core.model.errors import AlmaError, NotFound
from alma.core.model.state import Stack
from alma.core.services.answers import named
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.words import apart, money, more, sentences, signed, some
from alma.core.services.estimates import Estimates

_TOP = 4
# More than can be saved: everything that is still sensible is proposed, and the data's disks stay.
_EVERYTHING = Aims(target=Decimal("0.99"))
_A_QUARTER_LESS = Decimal("0.75")
_CHEAPER = re.compile(r"\b(cheap(er|est)?|save|saving|savings|reduce|lower|cut|spend less|less)\b")
_OF_LIMIT = re.compile(r"\b(budgets?|limits?|cap)\b")
_EACH_YEAR = re.compile(r"\b(year(ly)?|annual(ly)?|per annum|12 months)\b")
_WOULD = (
    re.compile(
        r"(?:would|will|does|do) (?:it|that) cost (?:me |us )?(?:to|if (?:i|we)) (?P<order>[^,?!.]+)"
    ),
    re.compile(
        r"(?:cost|price) (?:of|for) (?P<thing>(?:adding |another |an? extra |\d+ more )[^,?!.]+)"
    ),
    re.compile(
        r"(?:what|how much) (?:would|will|does|do) (?!it\b|that\b|this\b)(?P<thing>.+?) cost"
    ),
    re.compile(r"(?:what|how much) (?:if|would it be if) (?:i|we) (?P<order>[^,?!.]+)"),
    re.compile(
        r"how much (?:more )?(?:would|will|for|is|are) (?P<thing>(?:another |an? |\d+ )[^,?!.]+)"
    ),
)
_GERUND = re.compile(r"^(add|remov|scal|us|replac|delet|mak|giv|mov|dropp)ing\b")
_PAST = re.compile(
    r"^(used|added|removed|scaled|replaced|moved|made|gave|took|had|dropped|deleted)\b"
)
_PRESENT = {"used": "use", "added": "add", "removed": "remove", "scaled": "scale", "replaced": "replace",
            "moved": "move", "made": "make", "gave": "give", "took": "use", "had": "use", "dropped": "remove",
            "deleted": "delete"}  # fmt: skip
_VERBS = {"remov": "remove", "scal": "scale", "us": "use", "replac": "replace", "delet": "delete",
          "mak": "make", "giv": "give", "mov": "move", "dropp": "remove"}  # fmt: skip


def answer(asked: Asked, sources: Sources) -> Told:
    """The cost that is asked for. Every figure names whose prices it is made of."""
    estimates = sources.estimates
    if asked.draft is None:
        return _of_deployed(asked, estimates)
    supposed = _supposed(asked, sources, asked.draft)
    if supposed is not None:
        return _of_change(asked.draft, supposed, estimates)
    wanted = named.resources(asked)
    estimate = estimates.estimate(asked.draft)
    if wanted and len(wanted) < len(asked.draft.resources):
        return _of_resources(wanted, estimate)
    return _of_draft(asked, asked.draft, estimates, estimate)


# ── the draft ────────────────────────────────────────────────────────────────────────────────────


def _of_draft(asked: Asked, draft: Blueprint, estimates: Estimates, estimate: Estimate) -> Told:
    cheaper = _saving(asked, draft, estimates, estimate)
    of_limit = _OF_LIMIT.search(asked.message.casefold()) is not None
    limit = tuple(_limit(draft, estimate))
    return Told(
        sentences(
            [
                _no_limit(draft) if of_limit else "",
                _whole(asked, draft, estimate),
                *(limit if of_limit else ()),
                _top(draft, estimate),
                *(() if asked.cost_told or of_limit else limit),
                *cheaper.parts,
                _uncounted(estimate),
            ]
        ),
        _data(draft, estimate),
        cheaper.suggestions,
        cheaper.offer,
    )


def _whole(asked: Asked, draft: Blueprint, estimate: Estimate) -> str:
    yearly = _yearly(asked, estimate)
    if asked.cost_told and not yearly:
        return ""
    return f"{draft.name} costs {about(estimate)}{yearly}"


def _uncounted(estimate: Estimate) -> str:
    what = [item.partition(":")[0] for item in estimate.uncounted]
    return f"Not counted: {some(what, shown=3)}" if what else ""


def _yearly(asked: Asked, estimate: Estimate) -> str:
    if not _EACH_YEAR.search(asked.message.casefold()):
        return ""
    return f", {money(estimate.monthly * 12)} a year if nothing changes"


def _top(draft: Blueprint, estimate: Estimate) -> str:
    """The resources that cost most, each with its main lines."""
    costs = sorted(
        ((estimate.of(item.name), item.name) for item in draft.resources),
        key=lambda pair: (-pair[0], pair[1]),
    )
    paid = [(cost, name) for cost, name in costs if cost]
    told = [f"{name} {money(cost)}" for cost, name in paid[:_TOP]]
    return f"Most of it: {', '.join(told)}{more(told, len(paid))}" if told else ""


def _limit(draft: Blueprint, estimate: Estimate) -> Iterator[str]:
    limit = draft.constraints.max_monthly_cost if draft.constraints else None
    if limit is None:
        return
    left = Decimal(str(limit)) - estimate.monthly
    if left >= 0:
        yield f"That is {money(left)} under your limit of {money(limit)}"
    else:
        yield f"That is {money(-left)} over your limit of {money(limit)}"


def _no_limit(draft: Blueprint) -> str:
    if draft.constraints is not None and draft.constraints.max_monthly_cost is not None:
        return ""
    return f"No limit on cost is set for {draft.name}"


class _Saving:
    """What could be saved: said, suggested and offered."""

    def __init__(
        self,
        parts: Sequence[str] = (),
        suggestions: tuple[str, ...] = (),
        offer: tuple[Edit, ...] = (),
    ) -> None:
        self.parts = parts
        self.suggestions = suggestions
        self.offer = offer


def _saving(asked: Asked, draft: Blueprint, estimates: Estimates, estimate: Estimate) -> _Saving:
    """The cheapest form that is still sensible, with all its changes when it is asked for and else the first."""
    if not estimate.monthly:
        return _Saving()
    found = estimates.optimise(draft, _EVERYTHING, origins=asked.origins)
    saved = found.savings
    wanted = _CHEAPER.search(asked.message.casefold()) is not None
    if saved <= 0:
        none = "Nothing of it can be made smaller without dropping what you asked for"
        return _Saving([none] if wanted else [])
    if not wanted:
        return _Saving(
            [_biggest(found)],
            ("Make it cheaper",),
        )
    return _Saving(
        [
            (
                f"It could go down to about {money(found.after.monthly)} ({signed(-saved)}) with: "
                f"{apart([_said(measure) for measure in found.measures])}"
            ),
            f"Say '{USE_CHEAPER.lower()}' to have it so",
        ],
        (USE_CHEAPER, f"Keep it under {_reachable(found)} a month"),
        tuple(edit for measure in found.measures for edit in measure.edits),
    )


def _reachable(found: Optimisation) -> str:
    """A limit worth having: a quarter less, or as low as it can go."""
    limit = max(found.before.monthly * _A_QUARTER_LESS, found.after.monthly)
    return f"${math.ceil(limit):,}"


def _said(measure: Measure) -> str:
    """One measure with what it saves: `web: memory 4GB → 2GB, $86 a month less`."""
    return f"{_where(measure)}{_how(measure)}, {money(measure.saving)} a month less"


def _where(measure: Measure) -> str:
    return f"{measure.resources[0]}: " if len(measure.resources) == 1 else ""


def _how(measure: Measure) -> str:
    """What is done, without saying each time to what."""
    said = measure.title.removeprefix("Make it smaller: ")
    where = _where(measure)
    return said.replace(where, "").replace("; ", " and ") if where else said


def _biggest(found: Optimisation) -> str:
    """The measure that saves most."""
    most = max(found.measures, key=lambda measure: measure.saving)
    return f"Most could be saved at {some(most.resources)}, {money(most.saving)}: {_how(most)}"


# ── parts and changes ────────────────────────────────────────────────────────────────────────────


def _of_resources(wanted: Sequence[Resource], estimate: Estimate) -> Told:
    told = []
    for item in wanted[:_TOP]:
        lines = [line for line in estimate.lines if line.resource == item.name]
        detail = some([_line(line) for line in lines], shown=4)
        told.append(
            f"{item.name} {money(estimate.of(item.name))}{f' ({detail})' if detail else ''}"
        )
    whole = sum((estimate.of(item.name) for item in wanted), Decimal(0))
    return Told(
        sentences(
            [
                f"Of {about(estimate)} for all: {'; '.join(told)}{more(told, len(wanted))}",
                f"Together {money(whole)}" if len(wanted) > 1 else "",
            ]
        ),
        {"resources": {item.name: float(estimate.of(item.name)) for item in wanted}},
    )


def _line(line: CostLine) -> str:
    return f"{float(line.quantity):.3g} {line.unit} of {line.what} {money(line.monthly)}"


def _supposed(asked: Asked, sources: Sources, draft: Blueprint) -> tuple[str, Blueprint] | None:
    """The draft as the question supposes it, `what would 3 more servers cost?`, and the order that makes it so. None
    when it supposes nothing that is understood."""
    text = asked.message.casefold()
    order = next((_order(match) for form in _WOULD if (match := form.search(text))), None)
    if order is None:
        return None
    reading = sources.interpreter.interpret(order, blueprint=draft)
    if not reading.edits or reading.question:
        return None
    try:
        changed, _ = apply_edits(draft, reading.edits, templates=sources.templates.customize)
    except AlmaError:
        return None
    return (order, changed) if changed != draft else None


def _order(match: re.Match[str]) -> str:
    groups = match.groupdict()
    said = groups.get("order") or groups["thing"]
    said = _PAST.sub(lambda past: _PRESENT.get(past[1], past[1]), said)
    gerund = _GERUND.match(said)
    if gerund:
        return f"{_VERBS.get(gerund[1], gerund[1])}{said[gerund.end() :]}"
    return said if groups.get("order") else f"add {said}"


def _of_change(draft: Blueprint, supposed: tuple[str, Blueprint], estimates: Estimates) -> Told:
    order, changed = supposed
    now, then = estimates.estimate(draft), estimates.estimate(changed)
    added = then.monthly - now.monthly
    return Told(
        f"To {order} would take {draft.name} from about {money(now.monthly)} to {about(then)}: "
        f"{signed(added)} a month. Nothing was changed.",
        {"before": float(now.monthly), "after": float(then.monthly), "difference": float(added)},
        (f"{order[:1].upper()}{order[1:]}",),
    )


# ── without a draft ──────────────────────────────────────────────────────────────────────────────


def _of_deployed(asked: Asked, estimates: Estimates) -> Told:
    """What is deployed, each stack by the revision it was brought to."""
    stacks = [s for s in asked.transaction.stacks.list(project=asked.project) if s.records]
    found = [(stack, revision) for stack in stacks if (revision := _deployed(asked, stack))]
    if not found:
        return Told(
            "There is no draft in this conversation and nothing is deployed in full, so there is nothing to add up."
        )
    costs = [(stack.ref.name, estimates.estimate(blueprint)) for stack, blueprint in found]
    whole = sum((estimate.monthly for _, estimate in costs), Decimal(0))
    told = [f"{name} {money(estimate.monthly)}" for name, estimate in costs]
    basis = costs[0][1].basis
    return Told(
        f"What is deployed costs about {money(whole)} a month{f' ({basis})' if basis else ''}, "
        f"{plural('stack', len(costs))}: {some(told)}.",
        {"monthly": float(whole), "stacks": {name: float(e.monthly) for name, e in costs}},
    )


def _deployed(asked: Asked, stack: Stack) -> Blueprint | None:
    if stack.revision is None:
        return None
    try:
        return asked.transaction.blueprints.revision(
            stack.blueprint_id, stack.revision, project=asked.project
        ).blueprint
    except NotFound:
        return None


def _data(draft: Blueprint, estimate: Estimate) -> dict[str, object]:
    return {
        "monthly": float(estimate.monthly),
        "currency": estimate.currency,
        "book": estimate.book,
        "resources": {item.name: float(estimate.of(item.name)) for item in draft.resources},
        "assumptions": list(estimate.assumptions),
    }
