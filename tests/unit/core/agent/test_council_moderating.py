"""One report of three: each finding once, the strictest verdict, and disagreement in words."""

from __future__ import annotations

import pytest

from alma.core.agent.examiners import EXAMINATIONS
from alma.core.agent.examiners.findings import fact, noted
from alma.core.agent.moderating import LINES_SHOWN, SHOWN, disagreements, merged, moderated
from alma.core.model.conversation import SetField
from alma.core.model.cost import total
from alma.core.model.council import (
    Agent,
    AgentReport,
    CouncilFinding,
    CouncilReport,
    CouncilVerdict,
)
from alma.core.model.finding import Gravity
from alma.core.services.council_words import council_words
from tests.unit.core.agent.dossiers import DB, OPEN_DB, dossier

A, S, F = Agent.ARCHITECT, Agent.SECOPS, Agent.FINOPS


def finding(
    agent: Agent, code: str, gravity: Gravity = Gravity.LOW, *fix: SetField, path: str = "plan"
) -> CouncilFinding:
    return noted(
        agent, code, gravity, title=code, path=path, message=code, fix=fix,
        citations=(fact(path, f"seen by {agent}"),),
    )  # fmt: skip


def report(agent: Agent, verdict: CouncilVerdict, *findings: CouncilFinding) -> AgentReport:
    return AgentReport(agent=agent, verdict=verdict, findings=findings)


def council(*resources: dict[str, object]) -> CouncilReport:
    given = dossier(*resources)
    return moderated(
        given,
        [
            report(agent, CouncilVerdict.COMMENT, *examine(given))
            for agent, examine in EXAMINATIONS.items()
        ],
    )


def test_the_same_at_the_same_place_is_one_finding_of_both() -> None:
    one = finding(A, "X-1", Gravity.LOW)
    (both,) = merged([one, finding(S, "X-1", Gravity.HIGH)])
    assert both.agents == (A, S)
    assert both.severity is Gravity.HIGH
    assert both.verdict is CouncilVerdict.REQUEST_CHANGES
    assert len(both.citations) == 2
    assert len(merged([one, finding(A, "X-1", path="plan.changes.db")])) == 2


def test_a_rule_that_concerns_two_stands_once_in_the_report() -> None:
    found = [item for item in council(DB).findings if item.code == "ALMA-BCK-001"]
    assert [item.agents for item in found] == [(A, S)]


def test_nobody_is_outvoted() -> None:
    said = moderated(
        dossier(DB),
        [
            report(F, CouncilVerdict.APPROVE),
            report(A, CouncilVerdict.APPROVE),
            report(S, CouncilVerdict.BLOCK),
        ],
    )
    assert said.verdict is CouncilVerdict.BLOCK
    assert [agent.agent for agent in said.agents] == [A, S, F]
    assert said.disagreements == (
        "SecOps: can't go on like this; Architect and FinOps: nothing against it.",
    )


def test_verdicts_one_step_apart_are_no_disagreement() -> None:
    reports = [report(A, CouncilVerdict.APPROVE), report(S, CouncilVerdict.COMMENT)]
    assert [*disagreements(reports)] == []


def test_remedies_that_pull_one_value_two_ways_are_told() -> None:
    more = finding(A, "ALMA-AVL-001", Gravity.HIGH, SetField(name="web", path="count", value=2))
    less = finding(F, "COST-CONSOLIDATE", Gravity.LOW, SetField(name="web", path="count", value=1))
    told = [
        *disagreements(
            [report(A, CouncilVerdict.COMMENT, more), report(F, CouncilVerdict.COMMENT, less)]
        )
    ]
    assert told == [
        "Architect would set count of web to 2 (ALMA-AVL-001), FinOps to 1 (COST-CONSOLIDATE)."
    ]


def test_remedies_that_cost_more_than_there_is_are_told() -> None:
    more = finding(A, "ALMA-AVL-001", Gravity.HIGH, SetField(name="web", path="count", value=2))
    over = finding(F, "COST-OVER-LIMIT", Gravity.HIGH)
    told = [
        *disagreements(
            [report(A, CouncilVerdict.COMMENT, more), report(F, CouncilVerdict.COMMENT, over)]
        )
    ]
    assert len(told) == 1
    assert "what Architect would have (ALMA-AVL-001) comes on top" in told[0]


def test_a_long_list_is_cut_and_counted_and_never_loses_what_shuts_the_gate() -> None:
    many = [{**OPEN_DB, "name": f"db-{n}"} for n in range(SHOWN + 20)]
    said = council(*many)
    # Two mandatory rules stand against each: its address, and its open port.
    assert len(said.gating) == 2 * (SHOWN + 20)
    assert said.omitted > 0
    assert said.shut


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (OPEN_DB, "Nobody can approve it like this: mend it ("),
        (DB, "That is for you to weigh."),
    ],
)
def test_a_conversation_hears_two_sentences(resource: dict[str, object], words: str) -> None:
    said = council(resource)
    shut = {"verdict": CouncilVerdict.BLOCK if said.shut else CouncilVerdict.COMMENT}
    assert words in council_words(said.model_copy(update=shut))
    assert council_words(None) == ""


def test_what_was_not_examined_is_said_where_nothing_else_is() -> None:
    silent = CouncilReport(verdict=CouncilVerdict.COMMENT, unexamined=("costs: no book",))
    assert (
        council_words(silent)
        == "The council has remarks: costs: no book. That is for you to weigh."
    )


def test_the_report_tells_what_the_cost_is_made_of() -> None:
    estimate = council(DB).estimate
    assert estimate is not None
    assert {line.resource for line in estimate.lines} == {"db"}
    assert total(estimate.lines) == estimate.monthly
    assert council(DB).lines_left_out == 0


def test_of_very_many_lines_the_dearest_are_told_and_the_rest_is_counted() -> None:
    many = [DB | {"name": f"db-{number}"} for number in range(LINES_SHOWN)]
    whole = dossier(*many).estimate
    report = council(*many)
    assert whole is not None
    assert report.estimate is not None
    told = report.estimate.lines
    assert len(told) == LINES_SHOWN
    assert report.lines_left_out == len(whole.lines) - LINES_SHOWN > 0
    assert report.estimate.monthly == whole.monthly == total(whole.lines)
    left = [line.monthly for line in whole.lines if line not in told]
    assert min(line.monthly for line in told) >= max(left)
    assert list(told) == [line for line in whole.lines if line in told]
