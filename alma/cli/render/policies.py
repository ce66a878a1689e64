"""Rules, findings and waivers as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from alma.cli.render.tables import table
from alma.cli.shapes import Json

_GRAVITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_SHOWN = 20


def rule_table(rules: Iterable[Json]) -> Table:
    """One line a rule."""
    rows = ((rule["id"], gravity(rule["severity"]), rule["level"], rule["title"]) for rule in rules)
    return table(("RULE", "SEVERITY", "LEVEL", "TITLE"), rows)


def rule_lines(rule: Json) -> Iterator[Text | str]:
    """Everything that a rule says of itself."""
    yield Text.assemble((rule["id"], "bold"), "  ", rule["title"])
    yield Text.assemble("severity  ", gravity(rule["severity"]), f", {rule['level']}")
    whole = "every resource" if rule["scope"] == "resource" else "the blueprint"
    yield f"about     {', '.join(rule['types']) or whole}"
    if rule["applies"] != "true":
        yield f"applies   {rule['applies']}"
    if rule["needs"]:
        yield f"needs     {', '.join(rule['needs'])} (else: {rule['on_missing']})"
    yield f"holds     {rule['assert']}"
    if rule["remediation"]:
        yield f"mend it   {rule['remediation']}"
    for framework, ids in rule["controls"].items():
        yield f"evidence  {framework} {', '.join(ids)}"
    yield f"file      {rule['pack']}"


def check_lines(found: Json) -> Iterator[Text | str]:
    """The score, then what is broken, then how much can't be judged."""
    yield Text.assemble(("Score ", "bold"), (f"{found['score']['value']} of 10", "bold"))
    yield f"  {found['score']['formula']}"
    yield f"  the blueprint answers {found['score']['coverage']:.0%} of what was asked; rules {found['bundle']}"
    for item in found["findings"]:
        if item["result"] == "fail":
            yield from _finding_lines(item)
    yield from _left_out(found, "fail", "broken")
    for item in found["findings"]:
        if item["result"] == "waived":
            waiver = item["waiver"]
            who = waiver["by"] or "the blueprint"
            yield f"waived  {item['rule']} {item['path']}: {waiver['reason']} ({who}, until {waiver['expires']})"
    yield from _left_out(found, "waived", "waived")
    yield from _unknown_lines(found["counts"])


def _left_out(found: Json, result: str, word: str) -> Iterator[str]:
    if number := found["left_out"].get(result):
        yield f"… and {number} more that are {word}: --limit shows more"


def _finding_lines(item: Json) -> Iterator[Text | str]:
    stops = " · mandatory" if item["level"] == "mandatory" else ""
    yield Text.assemble(gravity(item["severity"]), f"  {item['rule']}{stops}  {item['message']}")
    yield Text(f"  at {item['path']}", style="dim")
    if item["remediation"]:
        mends = " (ALMA can set it)" if item["fix"] else ""
        yield f"  {item['remediation']}{mends}"


def _unknown_lines(counts: Json) -> Iterator[str]:
    """How often each rule could not be judged, of all places and not only of those that are shown."""
    counted = [
        f"{rule} ({count['unknown']})" for rule, count in sorted(counts.items()) if count["unknown"]
    ]
    if counted:
        more = f" and {len(counted) - _SHOWN} more" if len(counted) > _SHOWN else ""
        yield f"Not said in the blueprint, so not judged: {', '.join(counted[:_SHOWN])}{more}"


def waiver_table(waivers: Iterable[Json]) -> Table:
    """One line a waiver."""
    rows = (
        (item["id"], item["rule"], _where(item), item["expires"], item["by"], _reason(item))
        for item in waivers
    )
    return table(("ID", "RULE", "WHERE", "UNTIL", "BY", "REASON"), rows)


def problem_line(item: Json) -> Text:
    """A fault of a file: `policies/own.yaml:12: no such fact`."""
    line = f":{item['line']}" if item.get("line") else ""
    hint = f" ({item['hint']})" if item.get("hint") else ""
    style = "yellow" if item.get("severity") == "warning" else "red"
    return Text.assemble((f"{item['path']}{line}: ", style), f"{item['message']}{hint}")


def gravity(word: str) -> Text:
    """A severity in its colour."""
    return Text(word, style=_GRAVITY.get(word, ""))


def _where(item: Json) -> str:
    return f"{item['blueprint'] or 'every blueprint'}: {item['resource']}"


def _reason(item: Json) -> str:
    taken = f" [taken back by {item['revoked_by']}]" if item.get("revoked_by") else ""
    return f"{item['reason']}{taken}"
