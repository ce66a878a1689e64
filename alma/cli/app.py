"""The command `alma`: what verbs there are, and what becomes of an error. Nothing heavy is imported here."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from alma.cli.lazy import LazyGroup, Verbs

if TYPE_CHECKING:
    from types import TracebackType

EPILOG = """
\b
Try it, nothing else is needed:
  alma serve                                    a server on http://localhost:8000
  alma chat "a web application with 2 servers and a database"
  alma templates customize simple-web-app > app.yaml
  alma deploy app.yaml                          plan, ask, deploy, verify

\b
Which ALMA answers:
  --server URL or ALMA_SERVER, else a server that runs on this data directory
  (ALMA_HOME), else one that is started for as long as the command takes.

\b
For scripts: --json prints one JSON document on standard output (logs: JSON
lines) and everything meant for people on standard error. Exit codes:
  0    done, or nothing to do
  1    failed: an engine said no, a deployment or a check failed, a conflict
  2    wrong usage or invalid input; nothing was changed
  3    the plan has changes (only where --exit-code asks for it)
  4    denied, or an approval is missing
  5    unavailable: no answer from a server, engine or database, or it is in use
  130  interrupted
"""


# New ones after which garbage is looked for. Imports make ten times as many, and hardly any garbage.
_OBJECTS = 50_000


class Alma(LazyGroup):
    """The verbs, by what one wants to do."""

    package: ClassVar[str] = "alma.cli"
    taken: ClassVar[frozenset[str]] = frozenset({"render"})
    verbs: ClassVar[Verbs] = {
        "From words to what runs": {
            "chat": "Say what you need and get a blueprint.",
            "conversations": "What was said before: list, show, rename, forget.",
            "templates": "Start from one of the known-good blueprints.",
            "validate": "Check a blueprint; every mistake with its place.",
            "convert": "Make a blueprint of a compose file, manifests or a Terraform state.",
            "render": "Write a blueprint down for Kubernetes, Compose or OpenTofu.",
            "plan": "Show what a deployment would change.",
            "deploy": "Plan, ask, deploy and verify a blueprint.",
            "destroy": "Remove what a blueprint runs.",
            "import": "Take what runs already into a stack, as it is.",
        },
        "Work out": {
            "council": "Let Architect, SecOps and FinOps look at a plan.",
            "policy": "Rules and waivers: list, show, test, check, waive.",
            "tools": "Costs, security, capacity and more: list, show, run, ask.",
        },
        "Look": {
            "status": "What runs where, and whether it is well.",
            "verify": "Prove that what runs does its work.",
            "deployments": "List, follow and cancel deployments.",
            "engines": "Where blueprints can land, and whether it answers.",
            "prices": "What machines cost where; take in and hand out price lists.",
        },
        "Review": {
            "iprs": "Infrastructure Pull Requests: look, decide, deploy.",
        },
        "Who may come in": {
            "login": "Sign in to a server.",
            "logout": "End the sign-in.",
            "whoami": "Who one is for a server, and what that one may do.",
            "keys": "Keys for programs: create, list, revoke.",
            "projects": "Who works apart, by which rules: list, show, create, rename, archive, rules.",
            "members": "Who holds which role in a project: list, grant, revoke.",
            "roles": "What roles allow: list, show, create, delete.",
            "users": "People who may sign in: create, list, disable, enable, password.",
        },
        "Answer for it": {
            "audit": "Who did what: list, show, verify, export, head, prune.",
            "secrets": "The keys that secrets are encrypted with: status, rotate, reencrypt.",
        },
        "Around it": {
            "serve": "Run the server.",
            "worker": "Run deployments for servers that share a PostgreSQL.",
            "migrate": "Bring the database up to date before servers start.",
            "operator": "Take Blueprints from a Kubernetes cluster.",
            "mcp": "Serve the tools to MCP clients.",
            "schema": "Print the JSON Schema of blueprints, for editors.",
            "version": "Print the version.",
        },
    }


app = typer.Typer(
    cls=Alma,
    name="alma",
    help="Turn words into infrastructure that is planned, reviewed, deployed and checked.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,  # plain help: it costs nothing, and reads well in a pager
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)


def _version(wanted: bool) -> None:
    if wanted:
        from alma import __version__

        typer.echo(f"alma {__version__}")
        raise typer.Exit


@app.callback()
def alma(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Only the options that stand before every verb."""


def main() -> None:
    """Runs the command line and leaves with a documented exit code; no traceback, unless ALMA_DEBUG is set."""
    _collect_rarely()
    # Not app(): that would install Typer's own hook for exceptions, which prints a traceback.
    command = typer.main.get_command(app)
    sys.excepthook = _unforeseen
    try:
        command(prog_name="alma")
    except SystemExit as end:  # before the next line, whose list of errors is not for free
        if _interrupted(end):
            typer.echo("\nInterrupted.", err=True)
        raise
    except _known_errors() as error:
        from alma.cli.terminal import report

        if _debugging():
            sys.__excepthook__(type(error), error, error.__traceback__)
        sys.exit(report(error))


def _collect_rarely() -> None:
    """Python looks for garbage as often as a small program likes, in all that was imported and once more at the end:
    half a second of a command that starts a server."""
    gc.set_threshold(_OBJECTS)
    atexit.register(gc.freeze)


def _interrupted(end: SystemExit) -> bool:
    """Whether a Ctrl-C ended it that no verb has answered: Typer makes an exit code of it and says nothing."""
    return isinstance(getattr(end.__context__, "__cause__", None), KeyboardInterrupt)


def _known_errors() -> tuple[type[Exception], ...]:
    """Looked up only when something was raised: the help must not pay for it."""
    from alma.cli.errors import CliError
    from alma.core.model.errors import AlmaError

    return CliError, AlmaError, OSError


def _unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """What nobody foresaw: a fault of ours, told in two lines."""
    if _debugging():
        sys.__excepthook__(kind, error, trace)
        return
    typer.echo(f"error: the command line failed: {kind.__name__}: {error}", err=True)
    typer.echo("  hint: this is a fault of ALMA; ALMA_DEBUG=1 shows where it happened", err=True)


def _debugging() -> bool:
    return os.environ.get("ALMA_DEBUG", "").lower() in {"1", "true", "yes", "on"}
