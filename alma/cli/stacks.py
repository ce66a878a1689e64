"""Finds the stacks a name means: by the stack's name or id, or by its blueprint's name or number."""

from __future__ import annotations

from alma.cli.client import Client
from alma.cli.errors import CliError
from alma.cli.shapes import Stack


def find_stacks(client: Client, name: str | None, *, engine: str | None = None) -> list[Stack]:
    """The stacks of that name that live, else those that did; all that live without one. Raises CliError when a name
    means none, and for an engine that is none."""
    stacks = client.stacks()
    if engine is not None:
        place = client.engine(engine)["engine"]
        stacks = [stack for stack in stacks if stack["engine"] == place]
    if name is None:
        return [stack for stack in stacks if lives(stack)]
    found = [s for s in stacks if name in {s["name"], s["id"], str(s["blueprint_id"])}]
    if not found:
        ids = {blueprint["id"] for blueprint in client.blueprints_named(name)}
        found = [stack for stack in stacks if stack["blueprint_id"] in ids]
    if not found:
        known = ", ".join(sorted({stack["name"] for stack in stacks if lives(stack)}))
        raise CliError(
            f"nothing called '{name}' is deployed" + (f" on {engine}" if engine else ""),
            hint=f"deployed are: {known}" if known else "nothing is deployed at all",
            code="not_found",
        )
    return [stack for stack in found if lives(stack)] or found


def lives(stack: Stack) -> bool:
    """Whether anything of it was ever deployed and is still known."""
    return bool(stack["resources"]) or stack["revision"] is not None
