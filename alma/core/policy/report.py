"""A compliance report as a document of its own: Markdown to read on, HTML to print and to hand over.

Names, reasons and values come from people; each is escaped where it is put; the HTML loads nothing and runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape

from alma.core.model.base import Frozen
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.finding import Finding, Result, Score
from alma.core.policy.compliance import MEANING, ControlJudgement, ControlStatus, Judgement, place
from alma.core.policy.rules import shown

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_STYLE = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1, h2, h3 { line-height: 1.2 } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: .9em }
th, td { border: 1px solid #ccc; padding: .35rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #f3f3f3 } .note { background: #f6f6f6; padding: .75rem 1rem; border-left: 4px solid #888 }
.pass { color: #0a6b2d } .fail { color: #a40000; font-weight: 600 } .quiet { color: #555 }
@media print { body { margin: 0; max-width: none } h2 { break-before: page } tr { break-inside: avoid } }
"""
_CLASSES = {ControlStatus.PASSED: "pass", ControlStatus.FAILED: "fail"}


class Report(Frozen):
    """Everything a reader needs to check it: what was looked at, by which rules, when, and what each status rests on.
    `findings` are what the judgements refer to."""

    blueprint: str
    revision: int | None = None
    at: datetime
    bundle: str
    score: Score
    meaning: str = MEANING
    judgements: tuple[Judgement, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Diagnostic, ...] = ()


def _subject(report: Report) -> str:
    revision = f", revision {report.revision}" if report.revision is not None else ""
    return f"{report.blueprint}{revision}"


def _made(report: Report) -> str:
    when = report.at.strftime("%Y-%m-%d %H:%M UTC")
    return f"Made on {when} by the rules {report.bundle}."


def _counted(judgement: Judgement) -> str:
    return ", ".join(f"{number} {status}" for status, number in judgement.counts.items() if number)


def _evidence(values: Mapping[str, object]) -> str:
    return "; ".join(f"{path}: {shown(value)}" for path, value in values.items())


def _outcome(finding: Finding) -> str:
    if finding.waiver is None:
        return "not said" if finding.result is Result.UNKNOWN else str(finding.severity)
    by = f" by {finding.waiver.by}" if finding.waiver.by else ""
    return f"{finding.severity}, waived{by} until {finding.waiver.expires}: {finding.waiver.reason}"


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for finding in report.findings:
        advice = finding.remediation
        yield (
            place(finding),
            _outcome(finding),
            finding.message,
            _evidence(finding.evidence),
            advice,
        )


_FINDING_HEADS = ("Rule and place", "Severity", "What was found", "Evidence", "What to do")
_CONTROL_HEADS = ("Control", "About", "Status", "Why", "Evidence")


def _control(control: ControlJudgement) -> tuple[str, ...]:
    more = f" and {control.more} more" if control.more else ""
    found = ", ".join(control.findings) + more
    return control.id, control.title, str(control.status), control.reason, found


def _seen(judgement: Judgement) -> Sequence[ControlJudgement]:
    return [control for control in judgement.controls if control.rules]


def _unseen(judgement: Judgement) -> Mapping[str, Sequence[ControlJudgement]]:
    """What no rule looks at, by the reason."""
    found: dict[str, list[ControlJudgement]] = {}
    for control in judgement.controls:
        if not control.rules:
            found.setdefault(control.reason, []).append(control)
    return found


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────


def to_markdown(report: Report) -> str:
    """The report in Markdown, with tables."""
    score = f"Security score {report.score.value} of 10: {report.score.formula}."
    parts = [
        f"# Controls: {_plain(_subject(report))}",
        _plain(_made(report)),
        _plain(score),
        f"> {report.meaning}",
        *(_plain(f"Faulty rule left out: {problem}") for problem in report.problems),
    ]
    for judgement in report.judgements:
        parts += _section(judgement)
    parts += ["## Findings", _table(_FINDING_HEADS, _rows(report)) or "None."]
    return "\n\n".join(parts) + "\n"


def _section(judgement: Judgement) -> Iterator[str]:
    yield f"## {_plain(judgement.title)}: {judgement.standing}"
    yield _plain(f"{_counted(judgement)}. The list covers {judgement.depth}.")
    yield _table(_CONTROL_HEADS, map(_control, _seen(judgement)))
    for reason, controls in _unseen(judgement).items():
        yield f"### Not assessable: {_plain(reason)}"
        yield "\n".join(f"- {_plain(c.id)}: {_plain(c.title)}" for c in controls)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = [f"| {' | '.join(map(_plain, row))} |" for row in rows]
    if not body:
        return ""
    return "\n".join([f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *body])


def _plain(text: str) -> str:
    """Text that stays text in Markdown, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


# ── HTML ─────────────────────────────────────────────────────────────────────────────────────────


def to_html(report: Report) -> str:
    """The report as one HTML file: no scripts, nothing from elsewhere, a page for each framework when printed."""
    subject = escape(_subject(report))
    body = [
        f"<h1>Controls: {subject}</h1>",
        f"<p>{escape(_made(report))}</p>",
        f"<p>Security score {report.score.value} of 10: {escape(report.score.formula)}.</p>",
        f'<p class="note">{escape(report.meaning)}</p>',
        *(f"<p>Faulty rule left out: {escape(str(problem))}</p>" for problem in report.problems),
        _summary(report.judgements),
        *(part for judgement in report.judgements for part in _html_section(judgement)),
        "<h2>Findings</h2>",
        _html_table(_FINDING_HEADS, _rows(report)) or "<p>None.</p>",
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><title>Controls: {subject}</title>'
        f"<style>{_STYLE}</style>"
    )
    content = "\n".join(body)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{content}\n</body></html>\n'
    )


def _summary(judgements: Sequence[Judgement]) -> str:
    rows = [
        (judgement.title, str(judgement.standing), _counted(judgement)) for judgement in judgements
    ]
    return _html_table(("Framework", "Standing", "Controls"), rows)


def _html_section(judgement: Judgement) -> Iterator[str]:
    yield f"<h2>{escape(judgement.title)}: {escape(judgement.standing)}</h2>"
    yield f"<p>{escape(_counted(judgement))}. The list covers {escape(judgement.depth)}.</p>"
    seen = _seen(judgement)
    classes = [_CLASSES.get(control.status, "quiet") for control in seen]
    yield _html_table(_CONTROL_HEADS, map(_control, seen), classes=classes)
    for reason, controls in _unseen(judgement).items():
        items = "".join(f"<li>{escape(c.id)}: {escape(c.title)}</li>" for c in controls)
        yield f"<h3>Not assessable: {escape(reason)}</h3><ul>{items}</ul>"


def _html_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, classes: Sequence[str] = ()
) -> str:
    """A table; `classes` colours the third column of each row."""
    body = []
    for number, row in enumerate(rows):
        colour = f' class="{classes[number]}"' if classes else ""
        cells = (
            f"<td{colour if column == 2 else ''}>{escape(cell)}</td>"
            for column, cell in enumerate(row)
        )
        body.append(f"<tr>{''.join(cells)}</tr>")
    if not body:
        return ""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
