"""A compliance report can be handed over: it says what it rests on, and nothing in it is markup of somebody else's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html.parser import HTMLParser

from alma.core.model.finding import (
    Assessment,
    Finding,
    Gravity,
    Level,
    Result,
    Rule,
    RuleCount,
    Score,
    Waiver,
)
from alma.core.policy.compliance import MEANING, judge
from alma.core.policy.controls import Control, Framework
from alma.core.policy.report import Report, to_html, to_markdown

EVIL = "<script>alert('x')</script> | # [a](javascript:b) `c`"
SCORE = Score(value=4.9, formula="10 × (5×0.00) / (5×1) = 0.0", coverage=0.5)
WAIVER = Waiver(rule="R-1", reason=EVIL, expires=date(2027, 1, 31), by="anna")


def finding(waiver: Waiver | None = None) -> Finding:
    """A finding whose texts come from somebody who means no good."""
    return Finding(
        rule="R-1",
        title="t",
        severity=Gravity.HIGH,
        level=Level.ADVISORY,
        result=Result.WAIVED if waiver else Result.FAIL,
        path="resources.db.network",
        message=EVIL,
        remediation="Mend it.",
        evidence={"r.network.public_ip": True, "d.ports": [22, 80], "r.owner": None},
        controls={"f": ("1",)},
        waiver=waiver,
    )


def report(waiver: Waiver | None = None) -> Report:
    """A report on one framework with one finding."""
    found = finding(waiver)
    rule = Rule.model_validate(
        {"id": "R-1", "title": "t", "severity": "high", "assert": "true", "message": "m",
         "controls": {"f": ["1"]}}
    )  # fmt: skip
    controls = (
        Control(id="1", title="one"),
        Control(id="2", title=EVIL, hidden="It is about people."),
    )
    framework = Framework(
        id="f", name="F", title="Frame <b>work</b>", publisher="p", depth="all", controls=controls
    )
    assessed = Assessment(
        bundle="policies@1", findings=(found,), counts={"R-1": RuleCount(failed=1)}, score=SCORE
    )
    return Report(
        blueprint=EVIL,
        revision=7,
        at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        bundle="policies@1",
        score=SCORE,
        judgements=(judge(framework, [rule], assessed, classes=None),),
        findings=(found,),
    )


class Tags(HTMLParser):
    """The elements of a page, those that were not closed, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_is_whole_and_runs_and_loads_nothing() -> None:
    page = Tags(to_html(report()))
    assert page.open == []
    assert page.links == []
    assert not {"script", "img", "link", "iframe", "b", "a"} & set(page.seen)


def test_the_page_tells_what_it_rests_on() -> None:
    told = " ".join(Tags(to_html(report())).text)
    for part in (
        MEANING,
        "revision 7",
        "2026-11-22 09:30 UTC",
        "policies@1",
        SCORE.formula,
        "Frame <b>work</b>: failing",
        "R-1 at resources.db.network",
        "r.network.public_ip: yes; d.ports: 22, 80; r.owner: not said",
        "Not assessable: It is about people.",
        EVIL,
    ):
        assert part in told, part


def test_the_page_can_be_printed() -> None:
    assert "@media print" in to_html(report())


def test_markdown_keeps_other_peoples_texts_as_texts() -> None:
    text = to_markdown(report())
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "\\[a\\](javascript:b)" in text
    rows = [line for line in text.splitlines() if line.startswith("| R-1 at")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 6


def test_both_say_who_waived_what_and_until_when() -> None:
    waived = report(WAIVER)
    assert "high, waived by anna until 2027-01-31: " in to_markdown(waived)
    assert "high, waived by anna until 2027-01-31: " in to_html(waived)


def test_nothing_found_is_said_in_words() -> None:
    empty = report().model_copy(update={"findings": ()})
    assert "## Findings\n\nNone." in to_markdown(empty)
    assert "<h2>Findings</h2>\n<p>None.</p>" in to_html(empty)
