"""What an audit and a check against standards say: what is wrong and what to do, not every control of every finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set

from rich.console import RenderableType
from rich.text import Text

from alma.cli.render.parts import MORE, heading, headline, listed, more, resting, tabled
from alma.cli.render.policies import gravity
from alma.cli.shapes import Json

_MOST_FINDINGS = 20
_MOST_RULES = 12


def audit(result: Json) -> Sequence[RenderableType]:
    """An answer of security_audit."""
    return list(_audit(result))


def compliance(result: Json) -> Sequence[RenderableType]:
    """An answer of check_compliance."""
    return list(_compliance(result))


def _audit(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    yield Text(f"score {result['security_score']} = {result['score_formula']}", style="dim")
    found = result["vulnerabilities"]
    if found:
        yield from heading("Findings")
        for item in found[:_MOST_FINDINGS]:
            yield from _finding(item)
        yield from more(len(found), _MOST_FINDINGS)
    if result["left_out"]:
        yield Text(f"{result['left_out']} more are less grave or beyond the limit", style="dim")
    yield from listed("Waived", [_waived(item) for item in result["waived"]])
    yield from tabled("Standards", ["STANDARD", "STANDING"], list(result["compliance"].items()))
    if result["compliance"]:
        yield Text("each control: alma tools run check_compliance", style="dim")
    yield from _unanswered(result)
    yield from listed("Faults of rules", [_problem(item) for item in result["problems"]])
    yield from resting(result)


def _finding(item: Json) -> Iterator[RenderableType]:
    stops = " · mandatory" if item["mandatory"] else ""
    mends = " (ALMA can set it)" if item["fix"] else ""
    yield Text.assemble(gravity(item["severity"]), f"  {item['rule']}{stops}  {item['issue']}")
    yield Text(f"  at {item['path']}", style="dim")
    if item["recommendation"]:
        yield Text(f"  {item['recommendation']}{mends}")


def _waived(item: Json) -> str:
    waiver = item["waiver"]
    return f"{item['rule']} {item['path']}: {waiver['reason']} (until {waiver['expires']})"


def _problem(item: Json) -> str:
    line = f":{item['line']}" if item.get("line") else ""
    return f"{item.get('path', '')}{line}: {item['message']}"


def _unanswered(result: Json) -> Iterator[RenderableType]:
    """Which rules could not be judged, and of how many places."""
    if not result["unanswered_count"]:
        return
    yield ""
    told = _counted(item["rule"] for item in result["unanswered"])
    yield Text(
        f"{result['unanswered_count']} question(s) that the blueprint does not answer, so not judged: {told}"
    )


def _counted(names: Iterable[str]) -> str:
    counted = Counter(names).most_common()
    told = [name if many == 1 else f"{name} ({many})" for name, many in counted[:_MOST_RULES]]
    rest = len(counted) - _MOST_RULES
    return ", ".join(told) + (f" and {rest} more; {MORE}" if rest > 0 else "")


def _compliance(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    yield from tabled("Standards", _COUNTED, [_counts(item) for item in result["standards"]])
    broken = {_place(item) for item in result["findings"] if item["result"] == "fail"}
    for item in result["standards"]:
        failed = [control for control in item["controls"] if control["status"] == "fail"]
        yield from tabled(
            f"{item['name']} · controls that fail",
            ["CONTROL", "WHAT IT ASKS", "FOUND"],
            [(control["id"], control["title"], _evidence(control, broken)) for control in failed],
        )
    yield from _broken(result["findings"])
    yield ""
    yield Text(
        f"Controls that pass, are not concerned, or can't be shown by a blueprint: {MORE}",
        style="dim",
    )
    yield from _report(result)
    yield from resting(result)


_COUNTED = ["STANDARD", "STANDING", "PASS", "FAIL", "NOT APPLICABLE", "NOT ASSESSABLE", "DEPTH"]


def _counts(item: Json) -> list[str]:
    counts = [str(item["counts"].get(word.lower(), 0)) for word in _COUNTED[2:6]]
    return [item["name"], item["standing"], *counts, item["depth"]]


def _evidence(control: Json, broken: Set[str]) -> str:
    """The rules that are broken; those that can't be judged are no evidence against it."""
    return _counted(item.partition(" at ")[0] for item in control["findings"] if item in broken)


def _place(item: Json) -> str:
    """A finding as controls refer to it."""
    return f"{item['rule']} at {item['path']}"


def _broken(findings: Sequence[Json]) -> Iterator[RenderableType]:
    """What the controls fail by, each once."""
    rows = [
        (item["rule"], gravity(item["severity"]), item["path"], item["message"])
        for item in findings
        if item["result"] == "fail"
    ]
    yield from tabled("What they fail by", ["RULE", "SEVERITY", "PLACE", "WHAT"], rows, most=20)


def _report(result: Json) -> Iterator[RenderableType]:
    if result.get("report"):
        forms = ", ".join(f".result.report.{form}" for form in result["report"])
        yield Text(f"The report is in {forms} of --json: … --json | jq -r .result.report.html")
