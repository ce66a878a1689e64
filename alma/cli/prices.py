"""`alma prices`: what machines cost where, how anybody knows, and price lists taken in and handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.shapes import Json

EPILOG = """
\b
Examples:
  alma prices list
  alma prices show aws --region eu-west-1
  alma prices show gcp --type e2-standard-4
  alma prices import vms.csv --format skypilot --provider aws
  alma prices export --focus --provider azure shop.yaml > shop.csv

Imported prices stand in config/prices/ of the data directory, over what is shipped.
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="What machines cost where; take in and hand out price lists.",
    epilog=EPILOG,
)
Provider = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Whose prices: aws, azure, gcp, proxmox.", show_default=False
    ),
]
Region = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Where; else the book's usual region.", show_default=False),
]


@app.command("list", epilog=EPILOG)
def list_books(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List the price books, their versions, and the days their figures are from."""
    from alma.cli.connect import connected
    from alma.cli.render.tables import table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma prices list") as client:
        found = client.price_books()
    rows = [(b["provider"], b["version"], _days(b), str(b["types"]), _regions(b)) for b in found]
    term.say(table(["PROVIDER", "VERSION", "FIGURES FROM", "TYPES", "REGIONS"], rows))
    if term.as_json:
        term.answer({"items": found})


@app.command("show", epilog=EPILOG)
def show(
    provider: Annotated[
        str, typer.Argument(metavar="PROVIDER", help="As in the list.", show_default=False)
    ],
    region: Region = None,
    type_: Annotated[
        str | None,
        typer.Option("--type", metavar="NAME", help="Only that type.", show_default=False),
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show what an hour of each type costs, the cheapest first."""
    from alma.cli.connect import connected
    from alma.cli.render.tables import table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma prices show") as client:
        found = client.prices(provider, region=region, type=type_)
    rows = [
        (
            p["type"],
            p["region"],
            p["market"],
            f"{p['vcpu']:g}",
            f"{p['memory_gib']:g}",
            f"{p['usd_hour']:g}",
            p["kind"],
            str(p["date"] or ""),
        )
        for p in found
    ]
    term.say(
        table(["TYPE", "REGION", "MARKET", "VCPU", "GIB", "USD AN HOUR", "KIND", "DATE"], rows)
    )
    for source in dict.fromkeys(p["source"] for p in found):
        term.say(f"source: {source}")
    if term.as_json:
        term.answer({"items": found})


@app.command("import", epilog=EPILOG)
def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A price list, or - .", show_default=False)
    ],
    form: Annotated[
        str, typer.Option("--format", metavar="FORM", help="csv, skypilot, libcloud or focus.")
    ] = "csv",
    provider: Provider = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Take a price list into the books of this data directory; a running server reads it when it starts anew."""
    from datetime import UTC, datetime
    from pathlib import Path

    from alma.cli.connect import load_settings
    from alma.cli.errors import CliError
    from alma.cli.terminal import terminal
    from alma.config import load_clouds, save_prices
    from alma.core.economics.formats import Format, as_books, read_prices

    term = terminal(as_json=as_json, no_color=no_color)
    if form not in {item.value for item in Format}:
        raise CliError(
            f"there is no format '{form}'",
            hint=f"known are {', '.join(item.value for item in Format)}",
            code="invalid_input",
        )
    settings = load_settings()
    own = settings.home / "config"
    found = read_prices(_read(file), Format(form), provider=provider, books=load_clouds(own))
    name = "standard input" if file == "-" else Path(file).name
    books = as_books(
        found.rows, source=f"imported from {name} ({form})", today=datetime.now(UTC).date()
    )
    written = [str(save_prices(own, whose, book)) for whose, book in books.items()]
    term.say(f"{len(found.rows)} price(s) taken in: {', '.join(written)}")
    for reason, count in found.skipped.items():
        term.say(f"{count} left out: {reason}")
    if term.as_json:
        term.answer({"taken": len(found.rows), "files": written, "left_out": dict(found.skipped)})


@app.command("export", epilog=EPILOG)
def export(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="A blueprint, for what it costs; without one, the prices themselves.",
            show_default=False,
        ),
    ] = None,
    focus: Annotated[
        bool, typer.Option("--focus", help="As FOCUS 1.2 rows; there is no other form yet.")
    ] = True,
    provider: Provider = None,
    region: Region = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Print costs or prices as CSV that other tools read."""
    import csv
    import io

    from alma.cli.connect import connected
    from alma.cli.documents import read_document
    from alma.cli.errors import CliError
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    if file is None and provider is None:
        raise CliError(
            "neither a blueprint nor a provider is named",
            hint="name a blueprint's file, or a provider with --provider aws",
            code="invalid_input",
        )
    document = read_document(file) if file else None
    with connected(server, term, doing="alma prices export") as client:
        text = client.focus(provider or "proxmox", region=region, document=document)
    if term.as_json:
        term.answer({"rows": [*csv.DictReader(io.StringIO(text))]})
    else:
        term.raw(text)


def _read(file: str) -> str:
    """The text of a file. Raises CliError, and OSError, which is told as it is."""
    import sys
    from pathlib import Path

    from alma.cli.errors import CliError

    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CliError(
            f"there is no file {file}", hint="- reads standard input", code="not_found"
        ) from None
    except UnicodeDecodeError:
        raise CliError(
            f"{file} is no text in UTF-8", hint="is it a price list?", code="invalid_input"
        ) from None


def _days(book: Json) -> str:
    first, last = book.get("first"), book.get("last")
    return str(first or "") if first == last else f"{first} – {last}"


def _regions(book: Json) -> str:
    return ", ".join(book.get("regions") or [])
