"""Dossiers for the council, made by the shipped rules and prices, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from alma.config import load_catalogue, load_prices
from alma.config.loading import load_lifecycle
from alma.config.packs import PolicyFiles
from alma.core.economics.measures import Aims, Use
from alma.core.model.document import parse_blueprint
from alma.core.model.finding import Waiver
from alma.core.model.plan import Plan
from alma.core.policy.evaluate import assess
from alma.core.policy.packs import RuleBook, read_packs
from alma.core.services.dossiers import Before, Dossier, limit_of
from alma.core.services.estimates import Estimates
from alma.core.services.gate import Judgement

TODAY = date(2026, 11, 22)
DB: dict[str, Any] = {"name": "db", "type": "database", "engine": "postgresql", "version": "16"}
OPEN_DB: dict[str, Any] = {**DB, "network": {"public_ip": True}}
WEB: dict[str, Any] = {"name": "web", "type": "vm", "engine": "nginx", "depends_on": ["db"]}


@cache
def rules() -> RuleBook:
    """What is shipped."""
    return read_packs(PolicyFiles().packs("default"))


@cache
def estimates() -> Estimates:
    """By the shipped book."""
    return Estimates(load_catalogue(), load_prices())


def dossier(
    *resources: dict[str, Any],
    plan: Plan | None = None,
    before: tuple[str, float] | None = None,
    failure: str | None = None,
    waivers: tuple[Waiver, ...] = (),
    unpriced: bool = False,
    use: Mapping[str, Use] | None = None,
    **document: Any,
) -> Dossier:
    """The dossier of a blueprint. `before` is what it is compared with, US dollars a month; `use` what was observed."""
    blueprint = parse_blueprint(
        {"version": "1.0", "name": "shop", "resources": [*resources], **document}
    )
    assessment = assess(
        rules(),
        blueprint,
        lifecycle=load_lifecycle(),
        today=TODAY,
        catalogue=load_catalogue(),
        waivers=waivers,
    )
    limit = limit_of(blueprint)
    estimate = None if unpriced else estimates().estimate(blueprint)
    return Dossier(
        blueprint=blueprint,
        plan=plan,
        judgement=Judgement(None if failure else assessment, failure),
        estimate=estimate,
        before=Before(before[0], Decimal(str(before[1]))) if before else None,
        optimisation=estimates().optimise(blueprint, Aims(), use=use),
        within=estimates().cheaper(blueprint, limit)
        if estimate and limit and estimate.monthly > limit
        else None,
        bundle=assessment.bundle,
        book=estimate.book if estimate else "",
        unexamined=tuple(
            text
            for text, missing in (
                (f"policy: {failure}", failure),
                ("costs: the book of prices can't be read", unpriced),
            )
            if missing
        ),
    )
