"""Options that several verbs share, each stated once."""

from __future__ import annotations

from typing import Annotated

import typer

Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar="ALMA_SERVER",
        metavar="URL",
        help="The server to talk to; else one that runs on this data directory, else none is needed.",
        show_default=False,
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="One JSON document on standard output, for scripts."),
]
# Of programs that run until they are told to end.
JsonLines = Annotated[
    bool,
    typer.Option("--json", help="JSON lines on standard output: ready, leaving, stopped."),
]
MetricsPort = Annotated[
    int | None,
    typer.Option(
        metavar="PORT",
        min=0,
        max=65535,
        help="Answer /metrics, /health/live and /health/ready on this port, without credentials; 0 takes any.",
        show_default=False,
    ),
]
MetricsHost = Annotated[str, typer.Option(metavar="ADDRESS", help="Where that port is.")]
Limit = Annotated[int, typer.Option(metavar="N", min=1, max=1_000_000, help="How many at most.")]
All = Annotated[bool, typer.Option("--all", help="All of them, whatever --limit says.")]
NoColor = Annotated[
    bool,
    typer.Option("--no-color", help="No colours; NO_COLOR in the environment does the same."),
]
Blueprint = Annotated[
    str | None,
    typer.Option(
        "--blueprint",
        metavar="NAME",
        help="A saved blueprint, by name or number, instead of a file.",
        show_default=False,
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        "-e",
        metavar="NAME",
        help="Where it lands; else as the blueprint says, else the server's default.",
        show_default=False,
    ),
]
OnlyThere = Annotated[
    str | None,
    typer.Option("--engine", "-e", metavar="NAME", help="Only there.", show_default=False),
]
MaybeStack = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME", help="A stack or blueprint; all without it.", show_default=False
    ),
]
Strategy = Annotated[
    str | None,
    typer.Option(
        "--strategy",
        metavar="PACE",
        help="How what runs is changed: all-at-once, rolling or canary (one first, then the rest).",
        show_default=False,
    ),
]
Batch = Annotated[
    int | None,
    typer.Option(
        "--batch",
        metavar="N",
        min=1,
        max=1000,
        help="With --strategy rolling: how many of each resource at once.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask; approve the plan as shown.")]
KeepOnFailure = Annotated[
    bool,
    typer.Option(
        "--keep-on-failure",
        help="Leave what was made when a step fails, instead of undoing it.",
    ),
]
Title = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Title of the request that is opened.", show_default=False),
]
ExitCodeOption = Annotated[
    bool,
    typer.Option("--exit-code", help="Leave with 3 when the plan has changes, with 0 if none."),
]
