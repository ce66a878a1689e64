"""FinOps: what it will cost, compared with what it costs now and with its limit, and what could be paid less for.

Every figure is an estimate's, and an estimate names its book. A way to pay less is a hint and never asks for changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from alma.core.agent.examiners.by_rules import by_rules
from alma.core.agent.examiners.findings import fact, figure, noted
from alma.core.model.cost import Estimate, Variant
from alma.core.model.council import Agent, Citation, CouncilFinding
from alma.core.model.finding import Gravity
from alma.core.services.dossiers import Before, Dossier

_ME = Agent.FINOPS
# Of the limit: from here on the next change may break it.
_NEAR = Decimal("0.9")
# A rise worth a word: a quarter more, and enough to be felt.
_SHARE, _FELT = Decimal("0.25"), Decimal(20)
_HINTS = 5


def examine(dossier: Dossier) -> Iterator[CouncilFinding]:
    """What the rules and the estimate say."""
    yield from by_rules(_ME, dossier)
    if dossier.estimate is None or dossier.destroys:
        return
    yield from _limit(dossier, dossier.estimate)
    yield from _growth(dossier.estimate, dossier.before)
    yield from _unpriced(dossier.estimate)
    yield from _hints(dossier)


def _monthly(estimate: Estimate) -> Citation:
    return figure("estimate.monthly", estimate.book, float(estimate.monthly))


def _limit(dossier: Dossier, estimate: Estimate) -> Iterator[CouncilFinding]:
    limit = dossier.limit
    if limit is None or estimate.monthly < _NEAR * limit:
        return
    over = estimate.monthly > limit
    code, gravity = ("COST-OVER-LIMIT", Gravity.HIGH) if over else ("COST-NEAR-LIMIT", Gravity.LOW)
    path = "constraints.max_monthly_cost"
    yield noted(
        _ME,
        code,
        gravity,
        title="Costs more than its limit" if over else "Close to its limit",
        path=path,
        message=f"${estimate.monthly:,.2f} a month, and the limit is ${limit:,.2f}",
        citations=(_monthly(estimate), fact(path, "bp.max_monthly_cost", float(limit))),
        remediation=_way_back(dossier.within) if over else "",
        fix=dossier.within.edits if dossier.within and dossier.within.within else (),
    )


def _way_back(variant: Variant | None) -> str:
    if variant is None or not variant.within:
        return "Ask for less, or raise the limit."
    costs = f"${variant.estimate.monthly:,.2f} a month"
    return f"{'; '.join(variant.changes[:_HINTS])}: {costs}. Or raise the limit."


def _growth(estimate: Estimate, before: Before | None) -> Iterator[CouncilFinding]:
    if before is None:
        return
    more = estimate.monthly - before.monthly
    if more < _FELT or more < _SHARE * before.monthly:
        return
    yield noted(
        _ME,
        "COST-GROWTH",
        Gravity.MEDIUM,
        title="Costs a good deal more than before",
        path="estimate.monthly",
        message=f"${estimate.monthly:,.2f} a month instead of ${before.monthly:,.2f} of {before.what}: "
        f"${more:,.2f} more",
        citations=(
            _monthly(estimate),
            figure("estimate.before", before.what, float(before.monthly)),
            figure("estimate.delta", before.what, float(more)),
        ),
    )


def _unpriced(estimate: Estimate) -> Iterator[CouncilFinding]:
    for name in estimate.unpriced:
        yield noted(
            _ME,
            "COST-UNPRICED",
            Gravity.LOW,
            title="No price is known",
            path=f"resources.{name}",
            message=f"{name} costs money that is in no figure here: {estimate.book} has no price for it",
            citations=(fact(f"resources.{name}", estimate.book),),
        )


def _hints(dossier: Dossier) -> Iterator[CouncilFinding]:
    measures = dossier.optimisation.measures if dossier.optimisation else ()
    best = sorted(measures, key=lambda item: item.saving, reverse=True)
    for measure in best[:_HINTS]:
        place = f"resources.{measure.resources[0]}" if measure.resources else "estimate"
        yield noted(
            _ME,
            f"COST-{measure.kind.upper().replace('_', '-')}",
            Gravity.LOW,
            title=measure.title,
            path=place,
            message=f"{measure.title}: ${measure.saving:,.2f} a month less ({measure.why}); "
            f"risk {measure.risk}: {measure.danger}",
            citations=(figure(place, f"saving.{measure.kind}", float(measure.saving)),),
            fix=measure.edits,
        )
