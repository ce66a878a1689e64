"""`alma secrets`: the keys that secrets are encrypted with, renewed while everything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.shapes import Json

EPILOG = """
\b
Examples:
  alma secrets status
  alma secrets rotate                 data keys go under the current master key
  alma secrets rotate --master        with a new master key in ALMA's own key file
  alma secrets rotate --data-key      what is written next is under a new data key
  alma secrets reencrypt              and what was written before as well

\b
A master key given in ALMA_SECRET_KEY is replaced in three steps: add the new one behind the
old one wherever ALMA runs; put it first everywhere; run `alma secrets rotate`.
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="The keys that secrets are encrypted with: status, rotate, reencrypt.",
    epilog=EPILOG,
)


@app.command("status", epilog=EPILOG)
def status(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show the keys by their ids, and how many secrets are under each."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma secrets status") as client:
        found = client.secrets_status()
    term.say(*_lines(found))
    if term.as_json:
        term.answer(found)


@app.command("rotate", epilog=EPILOG)
def rotate(
    master: Annotated[
        bool, typer.Option("--master", help="Make a new master key, in ALMA's own key file.")
    ] = False,
    data_key: Annotated[
        bool, typer.Option("--data-key", help="Make a new data key for what is written next.")
    ] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Renew keys; by default, seal the data keys under the current master key."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma secrets rotate") as client:
        found = client.rotate_secrets(master=master, data_key=data_key)
    term.say(*_lines(found))
    if term.as_json:
        term.answer(found)


@app.command("reencrypt", epilog=EPILOG)
def reencrypt(
    batch: Annotated[
        int, typer.Option("--batch", metavar="N", min=1, max=1000, help="Rows at once.")
    ] = 100,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Encrypt again what is not under the current data key, batch by batch."""
    from alma.cli.connect import connected
    from alma.cli.errors import ExitCode
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    done, unreadable, after = 0, list[str](), None
    with connected(server, term, doing="alma secrets reencrypt") as client:
        while True:
            found = client.reencrypt_secrets(limit=batch, after=after)
            done += found["resealed"]
            unreadable += found["unreadable"]
            after = found["after"]
            if after is None:
                break
    term.say(f"{done} secrets were encrypted again")
    term.say(*(f"{place} can't be read: left as it is" for place in unreadable))
    if term.as_json:
        term.answer({"resealed": done, "unreadable": unreadable})
    if unreadable:
        raise typer.Exit(ExitCode.FAILED)


def _why_kept(found: Json, key: str) -> str:
    """What an old master key is still good for. A server of before tells less."""
    if key not in found["needed"]:
        return "nothing needs it any more, it can be dropped"
    wrapped = sum(item["master"] == key for item in found["data_keys"])
    direct = sum(item["values"] for item in found["values"] if item["key"] == key)
    made = sum(item["values"] for item in found.get("credentials", ()) if item["key"] == key)
    reasons = [
        (wrapped, f"{wrapped} data keys are under it (`alma secrets rotate`)"),
        (direct, f"{direct} secrets are under it (`alma secrets reencrypt`)"),
        (made, f"{made} API keys and sign-ins hang on it until they are used again"),
    ]
    return "still needed: " + "; ".join(text for number, text in reasons if number)


def _lines(found: Json) -> list[str]:
    lines = [f"master key {found['masters'][0]}: encrypts data keys"]
    lines += [f"master key {key}: {_why_kept(found, key)}" for key in found["masters"][1:]]
    missing = [key for key in found["needed"] if key not in found["masters"]]
    lines += [f"master key {key}: MISSING, what is under it can't be read" for key in missing]
    counts = {item["key"]: item["values"] for item in found["values"]}
    for key in found["data_keys"]:
        state = "retired" if key["retired_at"] else "current"
        held = counts.get(key["id"], 0)
        lines.append(f"data key {key['id']}: {state}, under {key['master']}, {held} secrets")
    lines.append(f"{found['stale']} secrets are not under the current data key")
    return lines
