"""`alma operator`: Blueprints and requests as objects of a Kubernetes cluster."""

from __future__ import annotations

import asyncio
import importlib
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alma.cli import options
from alma.cli.standing import Teller, log_into

if TYPE_CHECKING:
    from alma.bootstrap import Alma

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Blueprints as objects of a Kubernetes cluster.",
)

# Named, not imported: the two edges don't know each other.
_RUNNING = "alma.operator.running"
_SETTINGS = "alma.operator.settings"
_WRITING = "alma.operator.writing"

RUN = """
\b
Examples:
  alma operator run                                     every namespace, all in project default
  alma operator run --namespace shop --grant shop=shop
  ALMA_DATABASE_URL=postgresql://alma:…@db/alma alma operator run --grant 'team-*=*'

\b
The cluster is that of the service account it runs under, else of KUBECONFIG or
~/.kube/config. Needs no server; beside one, both use the same PostgreSQL and
the same ALMA_SECRET_KEY. SIGTERM lets the steps under way end; what is broken
off is taken up again.
"""
CRDS = """
\b
Examples:
  alma operator crds | kubectl apply -f -
"""


@app.command(epilog=RUN)
def run(
    namespace: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only Blueprints in this namespace; several times for several [ALMA_OPERATOR_NAMESPACES, else all].",
            show_default=False,
            envvar="ALMA_OPERATOR_NAMESPACES",
            show_envvar=False,
        ),
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMESPACE=PROJECT",
            help="Which project Blueprints of which namespaces may use; patterns such as 'team-*', and * for every "
            "project. The first one is where they are that name none [ALMA_OPERATOR_GRANTS, else *=default].",
            show_default=False,
            envvar="ALMA_OPERATOR_GRANTS",
            show_envvar=False,
        ),
    ] = None,
    cluster: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What this cluster is called, where several use the same ALMA [ALMA_OPERATOR_CLUSTER].",
            show_default=False,
            envvar="ALMA_OPERATOR_CLUSTER",
            show_envvar=False,
        ),
    ] = "",
    drift_minutes: Annotated[
        float,
        typer.Option(
            metavar="MINUTES",
            min=0.01,
            help="How often drift is looked for, unless a Blueprint says otherwise [ALMA_OPERATOR_DRIFT_MINUTES].",
            envvar="ALMA_OPERATOR_DRIFT_MINUTES",
            show_envvar=False,
        ),
    ] = 5.0,
    interval: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0.1,
            help="How often it looks at what moves [ALMA_OPERATOR_INTERVAL].",
            envvar="ALMA_OPERATOR_INTERVAL",
            show_envvar=False,
        ),
    ] = 3.0,
    approvals: Annotated[
        bool,
        typer.Option(
            "--approvals/--no-approvals",
            help="Whether annotations decide on requests, or only people in ALMA [ALMA_OPERATOR_APPROVALS].",
            envvar="ALMA_OPERATOR_APPROVALS",
            show_envvar=False,
        ),
    ] = True,
    peering: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A KopfPeering that operators of one cluster agree by which of them works.",
            show_default=False,
        ),
    ] = None,
    metrics_port: options.MetricsPort = None,
    metrics_host: options.MetricsHost = "127.0.0.1",
    as_json: options.JsonLines = False,
    no_color: options.NoColor = False,
) -> None:
    """Make requests of Blueprints, and deploy what is approved.

    A Blueprint that is applied becomes a revision and a request. The request is an object, too: whoever may annotate it
    approves its plan by naming the plan's digest. docs/operator.md tells the rest.
    """
    from alma.cli.connect import load_settings
    from alma.cli.metrics import metrics_served
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    settings = load_settings()
    log_into(settings, "alma-operator.log")
    running = _running()
    given = importlib.import_module(_SETTINGS)
    chosen = given.OperatorSettings(
        namespaces=_split(namespace),
        grants=tuple(given.Grant.of(text) for text in _split(grant) or ("*=default",)),
        cluster=cluster,
        interval=interval,
        drift_every=drift_minutes * 60,
        approvals=approvals,
        public_url=settings.public_url,
    )
    at = None if metrics_port is None else (metrics_host, metrics_port)

    def beside(alma: Alma, stack: ExitStack) -> dict[str, Any]:
        return metrics_served(alma, stack, at)

    def tell(status: str, words: str, facts: dict[str, Any]) -> None:
        teller.tell(status, words, **facts)

    teller = Teller(term)
    made = running.Run(settings, chosen, peering=peering, tell=tell, beside=beside)
    asyncio.run(made.until_told())


@app.command(epilog=CRDS)
def crds(
    as_json: Annotated[
        bool, typer.Option("--json", help="A List as one JSON document instead of YAML.")
    ] = False,
    no_color: options.NoColor = False,
) -> None:
    """Print the CustomResourceDefinitions that a cluster needs first."""
    typer.echo(importlib.import_module(_WRITING).crds_text(as_json=as_json), nl=False)


def _split(given: list[str] | None) -> tuple[str, ...]:
    """Several options, or one text with commas from the environment."""
    return tuple(part.strip() for text in given or () for part in text.split(",") if part.strip())


def _running() -> Any:
    from alma.cli.errors import CliError, ExitCode

    try:
        importlib.import_module("kopf")
        return importlib.import_module(_RUNNING)
    except ModuleNotFoundError as error:
        raise CliError(
            f"the operator is not installed completely: there is no '{error.name}'",
            hint='install what it needs: pip install "alma[operator]"',
            exit_code=ExitCode.UNAVAILABLE,
        ) from error
