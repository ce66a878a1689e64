"""What the council says, as people read it: the verdict, what it rests on, and where each of it can be looked up."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from alma.cli.render.policies import gravity
from alma.cli.shapes import Council, Json

_VERDICTS = {
    "approve": ("nothing against it", "green"),
    "comment": ("remarks", "cyan"),
    "request_changes": ("asks for changes", "yellow"),
    "block": ("blocks it", "bold red"),
}
_AGENTS = {"architect": "Architect", "secops": "SecOps", "finops": "FinOps"}


def council_lines(council: Council, *, shown: int) -> Iterator[Text | str]:
    """The whole report, with that many findings; those that shut the gate are always among them."""
    yield Text.assemble(("Council: ", "bold"), _verdict(council["verdict"]), _who(council))
    yield from _cost(council)
    findings = council["findings"]
    most = max(shown, sum(found["gating"] for found in findings))
    for found in findings[:most]:
        yield from _finding(found)
    more = len(findings) - most + council["omitted"]
    if more > 0:
        yield Text(f"  … and {more} more: --json shows them", style="dim")
    yield from (Text(f"  They don't agree: {item}") for item in council["disagreements"])
    yield from (Text(f"  Not examined: {item}", style="yellow") for item in council["unexamined"])
    for agent in council["agents"]:
        yield from _prose(agent)
    if council["shut"]:
        yield Text(
            "  Nobody can approve it like this: mend the blueprint, or waive the rule (alma policy waive).",
            style="bold red",
        )


def _verdict(word: str) -> Text:
    said, style = _VERDICTS.get(word, (word, ""))
    return Text(said, style=style)


def _who(council: Council) -> str:
    each = [
        f"{_AGENTS.get(a['agent'], a['agent'])} {_VERDICTS.get(a['verdict'], (a['verdict'],))[0]}"
        for a in council["agents"]
    ]
    return f" ({', '.join(each)})" if each else ""


def _cost(council: Council) -> Iterator[Text | str]:
    estimate = council.get("estimate")
    if not estimate or not council["book"]:
        return
    delta, what = council.get("delta"), council.get("compared_with")
    moved = f", {delta:+,.2f} against {what}" if delta is not None else ""
    yield f"  ${estimate['monthly']:,.2f} a month{moved}"
    yield Text(f"  prices {council['book']}, rules {council['bundle']}", style="dim")


def _finding(found: Json) -> Iterator[Text | str]:
    stops = " · mandatory" if found["gating"] else ""
    yield Text.assemble(
        "  ", gravity(found["severity"]), f"  {found['code']}{stops}  {found['message']}"
    )
    agents = ", ".join(_AGENTS.get(agent, agent) for agent in found["agents"])
    yield Text(f"    at {found['path']} ({agents})", style="dim")
    if found["remediation"]:
        yield f"    {found['remediation']}"


def _prose(agent: Json) -> Iterator[Text | str]:
    name = _AGENTS.get(agent["agent"], agent["agent"])
    if agent.get("silence"):
        yield Text(f"  {name} says nothing more: {agent['silence']}", style="yellow")
    for claim in agent.get("prose") or []:
        places = ", ".join(dict.fromkeys(cited["path"] for cited in claim["citations"]))
        source = "the model's opinion" if claim["opinion"] else places
        yield Text.assemble(f"  {name}: {claim['text']} ", (f"({source})", "dim"))
