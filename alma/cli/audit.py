"""`alma audit`: who did what, and whether anybody changed the record of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alma.cli.shapes import Json

EPILOG = """
\b
Examples:
  alma audit list --action ipr. --since 2027-03-01
  alma audit list --outcome denied --everywhere
  alma audit head >> heads.txt          keep this file on another machine
  alma audit verify --since-head heads.txt
  alma audit export -o audit.jsonl && alma audit verify --file audit.jsonl

\b
Exit codes of verify: 0 nobody changed anything, 1 somebody did, 2 wrong usage.
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Who did what: list, show, verify, export, head, prune.",
    epilog=EPILOG,
)


@app.command("list", epilog=EPILOG)
def list_entries(
    who: Annotated[
        str | None, typer.Option("--by", metavar="PRINCIPAL", help="Who did it.")
    ] = None,
    action: Annotated[
        str | None,
        typer.Option("--action", metavar="ACTION", help="ipr.approve, or all of ipr."),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="NOUN/ID", help="To what: ipr/7.")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="WORD", help="allowed, denied or failed.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="From that day or moment on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="Up to that day or moment.")
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Of all projects: for administrators.")
    ] = False,
    limit: options.Limit = 50,
    everything: options.All = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List what was done, newest first."""
    from alma.cli.connect import connected
    from alma.cli.listing import most, tell
    from alma.cli.render.tables import table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    wanted = {"principal": who, "action": action, "target": target, "outcome": outcome}
    span = {"since": _moment(since), "until": _moment(until)}
    with connected(server, term, doing="alma audit list") as client:
        asked = most(limit, everything=everything)
        found = client.audit(**wanted, **span, everywhere=everywhere, limit=asked)
    rows = [
        (str(e["seq"]), e["at"][:19], e["principal"], e["action"], e["target"] or "", e["outcome"])
        for e in found
    ]
    tell(term, found, table(["NUMBER", "AT (UTC)", "WHO", "WHAT", "TO", "OUTCOME"], rows))


@app.command("show", epilog=EPILOG)
def show(
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="As in the list.", show_default=False)
    ],
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show all of one entry."""
    import json

    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma audit show") as client:
        found = client.audit_entry(number)
    for name, value in found.items():
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            term.say(f"{name:<11} {text}")
    if term.as_json:
        term.answer(found)


@app.command("head", epilog=EPILOG)
def head(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Print the end of the chain, to be kept elsewhere."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma audit head") as client:
        found = client.audit_head()
    term.say(f"{found['seq']}:{found['hash']}")
    if term.as_json:
        term.answer(found)


@app.command("verify", epilog=EPILOG)
def verify(
    known: Annotated[
        list[str] | None,
        typer.Option("--head", metavar="NUMBER:HASH", help="An end of the chain noted elsewhere."),
    ] = None,
    since_head: Annotated[
        str | None,
        typer.Option("--since-head", metavar="FILE", help="A file of such, one on each line."),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE", help="Check an export; needs only the secret key."),
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Check every entry: find what was changed, removed, moved, added or cut off."""
    from alma.cli.connect import connected
    from alma.cli.errors import ExitCode
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    lines = _text(Path(since_head)).splitlines() if since_head else []
    heads = [_head(text) for text in (*(known or ()), *lines) if text.strip()]
    if file is not None:
        found = _check_file(Path(file), heads)
    else:
        with connected(server, term, doing="alma audit verify") as client:
            found = client.verify_audit(heads)
    term.say(*_report(found))
    if term.as_json:
        term.answer(found)
    if not found["intact"]:
        raise typer.Exit(ExitCode.FAILED)


@app.command("export", epilog=EPILOG)
def export(
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is standard output.")
    ] = "-",
    server: options.Server = None,
    no_color: options.NoColor = False,
) -> None:
    """Write the whole chain as JSON lines."""
    import sys

    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=False, no_color=no_color)
    with connected(server, term, doing="alma audit export") as client:
        if output == "-":
            sys.stdout.writelines(client.export_audit())
            return
        with Path(output).open("w", encoding="utf-8") as file:
            file.writelines(client.export_audit())
    term.note(f"written to {output}")


@app.command("prune", epilog=EPILOG)
def prune(
    before: Annotated[
        str, typer.Option("--before", metavar="DAY", help="What is older goes.", show_default=False)
    ],
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Take away what is old. What is left still checks."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma audit prune") as client:
        found = client.prune_audit(_moment(before) or "")
    term.say(f"{found['entries']} entries went")
    if term.as_json:
        term.answer(found)


def _report(found: Json) -> list[str]:
    lines = [f"{fault['kind']}: {fault['message']}" for fault in found["faults"]]
    if found["more_faults"]:
        lines.append(f"and {found['more_faults']} more")
    lines += [f"head {old['seq']} is older than what is kept" for old in found["pruned"]]
    word = "intact" if found["intact"] else "NOT INTACT"
    return [*lines, f"{word}: {found['entries']} entries, up to {found['head']['seq']}"]


def _moment(text: str | None) -> str | None:
    """A day or moment with its zone: UTC, unless it says another."""
    from datetime import UTC, datetime

    from alma.cli.errors import CliError

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CliError(
            f"'{text}' is no day or moment", hint="write it like 2027-03-01", code="invalid_input"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _head(text: str) -> Json:
    from alma.cli.errors import CliError

    number, _, hash_ = text.strip().partition(":")
    if not number.isdecimal() or not hash_:
        raise CliError(
            f"'{text.strip()[:80]}' is no head of an audit log",
            hint="it is what `alma audit head` prints: a number, a colon and a hash",
            code="invalid_input",
        )
    return {"seq": int(number), "hash": hash_}


def _check_file(path: Path, heads: Sequence[Json]) -> Json:
    from alma.bootstrap.offline import check_exported
    from alma.cli.connect import load_settings
    from alma.core.model.audit_check import KnownHead

    known = [KnownHead.model_validate(head) for head in heads]
    report = check_exported(load_settings(), _text(path).splitlines(), known)
    return report.model_dump(mode="json")


def _text(path: Path) -> str:
    from alma.cli.errors import CliError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CliError(f"{path} can't be read: {reason}", code="invalid_input") from error
