"""An estimate is its lines: what is worked out from them is no part of it."""

from __future__ import annotations

from decimal import Decimal

from alma.core.model.cost import CostLine, Estimate


def line(resource: str, monthly: str) -> CostLine:
    return CostLine.model_validate(
        {
            "resource": resource,
            "what": "cpu",
            "quantity": 1,
            "unit": "vCPU",
            "unit_price": monthly,
            "monthly": monthly,
            "kind": "list",
            "source": "a book",
        }
    )


def test_what_a_resource_costs_is_the_sum_of_its_lines() -> None:
    estimate = Estimate(lines=(line("web", "1.10"), line("db", "5"), line("web", "2.05")))

    assert estimate.of("web") == Decimal("3.15")
    assert estimate.of("db") == Decimal(5)
    assert estimate.of("nothing") == Decimal(0)


def test_an_estimate_that_was_looked_through_is_still_the_same() -> None:
    first, second = (Estimate(lines=(line("web", "1"),)) for _ in range(2))

    first.of("web")

    assert first == second
    assert first.model_dump() == second.model_dump()
