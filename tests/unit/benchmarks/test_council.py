"""The council finds what was seeded, and a model that lies makes nothing of that worse."""

from __future__ import annotations

import pytest

from benchmarks.council import Bench, Tally, liar, looked, measured
from benchmarks.council_cases import GOOD, KINDS

RULED = [kind for kind in KINDS if kind.wants]


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


async def test_every_kind_that_has_a_finding_is_found_and_the_others_count_as_missed(
    bench: Bench,
) -> None:
    tally = await measured(bench, None)
    assert len(RULED) >= 25
    assert tally.seeded == len(KINDS) * len(GOOD)
    assert set(tally.missed) == {kind.name for kind in KINDS} - {kind.name for kind in RULED}
    assert tally.found == len(RULED) * len(GOOD)


async def test_a_model_that_lies_makes_neither_recall_nor_precision_worse(bench: Bench) -> None:
    alone, together = await measured(bench, None), await measured(bench, liar())
    assert together.opinions > 0
    assert together.sentences > together.opinions  # what is borne out is no opinion
    assert (together.recall, together.precision) == (alone.recall, alone.precision)


@pytest.mark.parametrize("name", sorted(GOOD))
async def test_nothing_speaks_against_the_good_ones(bench: Bench, name: str) -> None:
    said = await looked(bench.dossier(GOOD[name], None, GOOD[name]), None)
    assert [item.code for item in said.findings if item.code != "PLAN-APPROXIMATED"] == []


def test_nothing_seeded_and_nothing_said_is_no_division() -> None:
    assert (Tally().recall, Tally().precision) == (0.0, 1.0)
