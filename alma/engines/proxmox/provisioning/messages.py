"""What the child says to the engine: one JSON object a line, and never a secret in it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from alma.core.model.base import Frozen
from alma.engines.proxmox.provisioning.job import Provisioned

MASK = "•••"
TAIL_LINES = 15
TAIL_CHARACTERS = 2000


class Progress(Frozen):
    """What is being done now."""

    kind: Literal["progress"] = "progress"
    text: str


class FailureKind(StrEnum):
    """What sort of error the engine makes of a failure."""

    UNREACHABLE = "unreachable"
    AUTH = "auth"
    REFUSED = "refused"
    FAILED = "failed"


class Failure(Frozen):
    """Why the child gave up, for people."""

    kind: Literal["failure"] = "failure"
    sort: FailureKind
    message: str
    hint: str


class Done(Frozen):
    """The end of a run that went well."""

    kind: Literal["done"] = "done"
    result: Provisioned


Message = Progress | Failure | Done
MESSAGE: TypeAdapter[Message] = TypeAdapter(
    Annotated[Progress | Failure | Done, Field(discriminator="kind")]
)


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets, nor any longer line of one."""
    for secret in sorted(_pieces(secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def _pieces(secrets: Iterable[str]) -> set[str]:
    pieces = set()
    for secret in secrets:
        stripped = secret.strip()
        pieces |= {stripped} | {line for line in stripped.splitlines() if len(line) >= 8}
    return pieces - {""}


def tail(lines: Iterable[str]) -> str:
    """The end of an output, short enough for an error."""
    kept = [line.rstrip() for line in lines if line.strip()][-TAIL_LINES:]
    return "\n".join(kept)[-TAIL_CHARACTERS:]
