"""`alma convert`: a blueprint of what others have written down, and what of it needs a look."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.shapes import Json
    from alma.cli.terminal import Terminal

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma convert docker-compose.yml > app.yaml
  terraform show -json | alma convert - --name shop > shop.yaml
  kubectl get deploy,sts,svc,ingress,pvc,cm -o yaml | alma convert - > app.yaml
  alma convert terraform.tfstate --json | jq '.remarks[]'

\b
The blueprint goes to standard output, remarks to standard error. Secrets are never
copied: they become references, or are left out and told.

\b
Exit codes: 0 converted (look at the remarks), 2 it can't be read, or is none of them.
"""
# More than a screen of these is read by nobody; --json has them all.
_SHOWN = 60


@app.command(epilog=EPILOG)
def convert(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A compose file, manifests or a Terraform state; - reads standard input.",
            show_default=False,
        ),
    ],
    form: Annotated[
        str,
        typer.Option("--from", metavar="FORM", help="auto, compose, kubernetes or terraform."),
    ] = "auto",
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            help="What to call the blueprint; else as the source or its file.",
            show_default=False,
        ),
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Make a blueprint of a compose file, Kubernetes manifests or a Terraform state."""
    from alma.cli.connect import connected
    from alma.cli.documents import read_document
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    document = read_document(file)
    called = name or ("" if file == "-" else Path(file).name.partition(".")[0])
    with connected(server, term, doing="alma convert") as client:
        found = client.convert(document, form=form, name=called)
    if term.as_json:
        term.answer(found)
    else:
        term.raw(found["yaml"])
    _tell(term, found)


def _tell(term: Terminal, found: Json) -> None:
    from alma.cli.errors import diagnostic_line

    fates = Counter(item["fate"] for item in found["objects"])
    counted = ", ".join(f"{number} {fate.replace('_', ' ')}" for fate, number in fates.items())
    term.note(f"{found['form']}: {len(found['objects'])} objects ({counted})")
    remarks = [item for item in found["remarks"] if item["severity"] != "info"]
    for item in remarks[:_SHOWN]:
        term.warn(diagnostic_line(item))
    asides = [item for item in found["remarks"] if item["severity"] == "info"]
    for item in asides[: max(_SHOWN - len(remarks), 0)]:
        term.note(diagnostic_line(item))
    if left := len(found["remarks"]) - min(len(found["remarks"]), _SHOWN):
        term.note(f"and {left} more: --json has all")
