"""`alma policy`: which rules hold, what they say of a blueprint, and who answers for a broken one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.core.policy.examples import Examined

EPILOG = """
\b
Examples:
  alma policy check app.yaml
  alma policy show ALMA-NET-001
  alma policy test ~/.alma/config/policies/own.yaml
  alma policy waive ALMA-NET-001 --on db --blueprint shop --until 2027-03-31 --reason "moves in March"

\b
Exit codes: 0 nothing mandatory is broken (of test: every example holds),
1 something is, 2 wrong usage.
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Rules that blueprints are held to, and waivers.",
    epilog=EPILOG,
)

_FOR_PEOPLE, _FOR_PROGRAMS = 20, 500  # findings of each result

RuleId = Annotated[
    str, typer.Argument(metavar="RULE", help="A rule's id: ALMA-NET-001.", show_default=False)
]


@app.command("list", epilog=EPILOG)
def list_rules(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List the rules, those that are off among them, and faults of their files."""
    from alma.cli.connect import connected
    from alma.cli.render.policies import problem_line, rule_table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma policy list") as client:
        found = client.rules()
    term.say(rule_table(found["items"]), *map(problem_line, found["problems"]))
    term.say(f"{len(found['items'])} rules: {found['bundle']}")
    if term.as_json:
        term.answer(found)


@app.command("show", epilog=EPILOG)
def show(
    rule: RuleId,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show one rule: what it asks, and what it is evidence for."""
    from alma.cli.connect import connected
    from alma.cli.render.policies import rule_lines
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma policy show") as client:
        found = client.rule(rule)
    term.say(*rule_lines(found))
    if term.as_json:
        term.answer(found)


@app.command("check", epilog=EPILOG)
def check(
    blueprint: Annotated[
        str,
        typer.Argument(
            metavar="BLUEPRINT",
            help="A file, - for standard input, or the number or name of a saved blueprint.",
            show_default=False,
        ),
    ],
    framework: Annotated[
        list[str] | None,
        typer.Option("--framework", metavar="NAME", help="Only rules that are evidence for it."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=1,
            max=100_000,
            help="Show at most so many findings of each result. Default: 20, as JSON 500.",
            show_default=False,
        ),
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Ask every rule about a blueprint. Nothing is saved."""
    from alma.cli.connect import connected
    from alma.cli.errors import ExitCode
    from alma.cli.render.policies import check_lines, problem_line
    from alma.cli.sources import Saved, either
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    source, most = either(blueprint), limit or (_FOR_PROGRAMS if as_json else _FOR_PEOPLE)
    with connected(server, term, doing="alma policy check") as client:
        meant = source(client)
        about = meant.blueprint if isinstance(meant, Saved) else meant
        found = client.check_policies(about, frameworks=framework or [], limit=most)
    term.say(*check_lines(found), *map(problem_line, found["problems"]))
    if term.as_json:
        term.answer(found)
    if found["blocked"]:
        raise typer.Exit(ExitCode.FAILED)


@app.command("test", epilog=EPILOG)
def ask_examples(
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="[PATH]",
            help="A file of rules, or a folder of such. Without one: all rules of this machine.",
            show_default=False,
        ),
    ] = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Ask rules about their own examples. Needs no server."""
    from dataclasses import asdict

    from alma.cli.errors import ExitCode
    from alma.cli.render.policies import problem_line
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    found = _examined(path)
    problems = [item.model_dump(mode="json") for item in found.problems]
    term.say(*map(problem_line, problems))
    for fault in found.faults:
        line = f":{fault.line}" if fault.line else ""
        term.say(f"{fault.pack}{line}: {fault.rule}: example {fault.number} {fault.message}")
    term.say(f"{found.rules} rules, {found.examples} examples, {len(found.faults)} don't hold")
    if term.as_json:
        faults = [asdict(fault) for fault in found.faults]
        counts = {"rules": found.rules, "examples": found.examples, "passed": found.passed}
        term.answer({**counts, "faults": faults, "problems": problems})
    if not found.passed:
        raise typer.Exit(ExitCode.FAILED)


def _examined(path: str | None) -> Examined:
    """What the examples show of a file or folder, beside the rules that are shipped; or of all rules of this home."""
    from datetime import UTC, datetime

    from alma.config import load_catalogue
    from alma.config.loading import load_lifecycle
    from alma.config.packs import PolicyFiles, packs_at
    from alma.core.policy.examples import examined
    from alma.settings import Settings

    own = Settings().home / "config"
    packs = [*PolicyFiles(None if path else own).packs("default")]
    given = packs_at(path) if path else []
    return examined(
        [*packs, *given],
        only={pack.name for pack in given} if path else None,
        lifecycle=load_lifecycle(own),
        catalogue=load_catalogue(own),
        today=datetime.now(UTC).date(),
    )


@app.command("waive", epilog=EPILOG)
def waive(
    rule: RuleId,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why it may stay as it is.")
    ],
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="The last day it holds: 2027-03-31.")
    ],
    on: Annotated[
        str, typer.Option("--on", metavar="NAME", help="A resource; * stands for anything.")
    ] = "*",
    blueprint: Annotated[
        str | None,
        typer.Option("--blueprint", metavar="NAME", help="A blueprint's name. Default: all."),
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Answer for a broken rule, until a day."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    given = {
        "rule": rule,
        "resource": on,
        "blueprint": blueprint,
        "reason": reason,
        "expires": until,
    }
    with connected(server, term, doing="alma policy waive") as client:
        made = client.waive(given)
    term.say(f"Waiver {made['id']}: {made['rule']} is waived until {made['expires']}.")
    if term.as_json:
        term.answer(made)


@app.command("waivers", epilog=EPILOG)
def waivers(
    past: Annotated[
        bool, typer.Option("--past", help="Also those that are over or were taken back.")
    ] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List who answers for what. Those that stand in blueprints are shown by check."""
    from alma.cli.connect import connected
    from alma.cli.render.policies import waiver_table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma policy waivers") as client:
        found = client.waivers(past=past)
    term.say(waiver_table(found) if found else "Nothing is waived.")
    if term.as_json:
        term.answer({"items": found})


@app.command("unwaive", epilog=EPILOG)
def unwaive(
    waiver: Annotated[str, typer.Argument(metavar="ID", help="The waiver's number.")],
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Take a waiver back. It stays known that it was there."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma policy unwaive") as client:
        gone = client.unwaive(waiver)
    term.say(f"Waiver {gone['id']} of {gone['rule']} is taken back.")
    if term.as_json:
        term.answer(gone)
