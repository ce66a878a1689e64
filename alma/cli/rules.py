"""What the options of `alma projects rules` make of a project's rules: each says one thing, and leaves the rest alone.

The API takes all rules at once; people think of one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alma.cli.errors import CliError, ExitCode
from alma.cli.shapes import Json

ANYBODY = "anybody"
ANY = "any"
_SWITCHES = ("author_may_approve", "auto_approve", "approver_may_deploy")


@dataclass(frozen=True)
class Wanted:
    """What was given on the command line; None is what was not."""

    approvals: int | None = None
    engine: str | None = None
    environment: str | None = None
    approvers: str | None = None
    author_may_approve: bool | None = None
    auto_approve: bool | None = None
    approver_may_deploy: bool | None = None
    engines: str | None = None

    @property
    def anything(self) -> bool:
        """Whether something is to be changed."""
        return self != Wanted()

    @property
    def names_entry(self) -> bool:
        """Whether it is about who has to approve what lands somewhere."""
        return any(
            item is not None
            for item in (self.approvals, self.engine, self.environment, self.approvers)
        )


def changed(rules: Json, wanted: Wanted) -> Json:
    """The rules with what was asked for. Raises CliError for approvers that are neither people nor roles, and for an
    entry that is to go and is not there."""
    after: dict[str, Any] = dict(rules)
    for name in _SWITCHES:
        said = getattr(wanted, name)
        if said is not None:
            after[name] = said
    if wanted.engines is not None:
        after["engines"] = None if wanted.engines == ANY else _names(wanted.engines)
    if wanted.names_entry:
        after["approvals"] = _entries(list(rules["approvals"]), wanted)
    return after


def cleared(rules: Json) -> Json:
    """No rules but which engines there are: that one is not the project's to say."""
    return {"engines": rules["engines"], "approvals": []}


def _entries(entries: list[Json], wanted: Wanted) -> list[Json]:
    place = (wanted.engine, wanted.environment)
    before = next((e for e in entries if (e["engine"], e["environment"]) == place), None)
    others = [entry for entry in entries if entry is not before]
    if wanted.approvals == 0:
        if before is None:
            raise _invalid(
                f"there is no rule for {_where(wanted)}", "the same without options shows all"
            )
        return others
    made = _entry(before or {"approvals": 1, "approvers": []}, wanted)
    return [made if entry is before else entry for entry in entries] if before else [*entries, made]


def _entry(before: Json, wanted: Wanted) -> Json:
    return {
        "engine": wanted.engine,
        "environment": wanted.environment,
        "approvals": before["approvals"] if wanted.approvals is None else wanted.approvals,
        "approvers": before["approvers"]
        if wanted.approvers is None
        else _approvers(wanted.approvers),
    }


def _approvers(text: str) -> list[str]:
    if text == ANYBODY:
        return []
    found = _names(text)
    for name in found or [text]:
        kind, _, rest = name.partition(":")
        if kind not in {"role", "user"} or not rest:
            raise _invalid(
                f"'{name}' is no approver",
                f"write role:NAME or user:NAME, several with commas between, or {ANYBODY}",
            )
    return found


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _where(wanted: Wanted) -> str:
    return " in ".join(part for part in (wanted.engine, wanted.environment) if part) or "everything"


def _invalid(message: str, hint: str) -> CliError:
    return CliError(message, hint=hint, code="invalid_input", exit_code=ExitCode.INVALID)
