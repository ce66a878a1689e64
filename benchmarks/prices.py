"""How long 10,000 resources take to be priced and made cheaper, against plain Python adding up the same amounts.

    python -m benchmarks.prices [--quick] [--json | --markdown]

The baseline multiplies and adds the same numbers in a loop: no software, no types, no sources, so nothing that does the
same job can be faster. CPU time is the figure to look at; an estimate is made in one thread.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any

from alma.config import load_catalogue, load_clouds, load_prices
from alma.core.economics.measures import Aims, Use
from alma.core.model.blueprint import Blueprint
from alma.core.model.document import parse_blueprint
from alma.core.services.estimates import Estimates
from benchmarks.measuring import Options, Report, Samples, progress, run

SIZE = 10_000
_FAR = Decimal("0.9")
_KINDS: tuple[dict[str, Any], ...] = (
    {"type": "vm", "image": "debian:12"},
    {"type": "service", "image": "acme/shop"},
    {"type": "database"},
    {"type": "cache"},
)
_CPU = (0.5, 1, 2, 8)


def blueprint(size: int) -> Blueprint:
    """Resources of four kinds and many sizes."""
    resources = [
        {
            "name": f"r{n}",
            **_KINDS[n % 4],
            "count": 1 + n % 3,
            "specs": {"cpu": _CPU[n % 4], "memory": f"{1 + n % 16}GiB", "disk": "20GiB"},
        }
        for n in range(size)
    ]
    return parse_blueprint({"name": "everything", "resources": resources})


def measure(options: Options) -> Report:
    """The turns, one after another."""
    known = Estimates(load_catalogue(), load_prices(), clouds=load_clouds)
    plan = blueprint(SIZE)
    _turn(known, plan, Samples())  # warms up
    samples = Samples()
    for number in range(options.rounds):
        progress(f"prices: turn {number + 1} of {options.rounds}")
        _turn(known, plan, samples)
    progress("")
    rows = [
        samples.row(f"{what}, {kind}", "s", (f"{name} {kind}", f"sum {kind}"), against="plain sums")
        for name, what in (
            ("own", "price 10,000 resources on one's own machines"),
            ("aws", "price 10,000 resources at AWS"),
            ("optimise", "make 10,000 resources cheaper at AWS, without a target"),
            ("observed", "the same with what was observed of half of them"),
            ("target", "the same with a target of 90 % less"),
            (
                "variant",
                "the cheapest sensible variant of 10,000 resources, as a conversation tells",
            ),
        )
        for kind in ("cpu", "wall")
    ]
    notes = (
        "A search for cheaper forms prices the whole blueprint up to twice for each kind of measure.",
        "Resources that are alike are priced once.",
    )
    return Report("prices", "", rows=tuple(rows), notes=notes)


def _observed(plan: Blueprint) -> dict[str, Use]:
    """What was in use of every second resource."""
    return {
        resource.name: Use(cpu_peak=Decimal(20 + n % 60), memory_peak=Decimal(30 + n % 50))
        for n, resource in enumerate(plan.resources)
        if n % 2
    }


def _turn(known: Estimates, plan: Blueprint, samples: Samples) -> None:
    with samples.timed("own"):
        own = known.estimate(plan)
    with samples.timed("aws"):
        known.estimate(plan, "aws")
    with samples.timed("optimise"):
        known.optimise(plan, Aims(), provider="aws")
    with samples.timed("observed"):
        known.optimise(plan, Aims(), provider="aws", use=_observed(plan))
    with samples.timed("target"):
        known.optimise(plan, Aims(target=_FAR), provider="aws")
    with samples.timed("variant"):
        known.cheaper(plan, 0)
    amounts = [(line.quantity, line.unit_price) for line in own.lines]
    with samples.timed("sum"):
        sum((quantity * price for quantity, price in amounts), Decimal(0))


if __name__ == "__main__":
    sys.exit(run("prices", "Pricing a blueprint of 10,000 resources", measure, rounds=3))
