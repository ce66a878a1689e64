"""Loads a verb when it is used: the list of verbs and their one-line help stand in a table, not in their modules."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from copy import copy
from keyword import iskeyword
from typing import Any, ClassVar

from typer.core import TyperGroup

_PROJECT_HELP = "The project [ALMA_PROJECT, else the key's own, else default]."

Verbs = Mapping[str, Mapping[str, str]]


class LazyGroup(TyperGroup):
    """A group whose commands are modules: `verbs` maps a heading to names and what each does, in the order of the help.

    The command `iprs` is the attribute `app`, a `typer.Typer`, of the module `<package>.iprs`.
    """

    package: ClassVar[str]
    verbs: ClassVar[Verbs]
    taken: ClassVar[frozenset[str]] = frozenset()
    """Verbs that a folder of the package is called like."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # Known by name only, for suggestions after a mistyped one; get_command() never reads the values.
        self.commands = dict.fromkeys(self.list_commands(None))  # type: ignore[assignment]

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the help."""
        return [name for verbs in self.verbs.values() for name in verbs]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, imported now, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        from typer.main import get_command

        # A verb whose name is taken, by Python as `import` or by a folder beside it, is in `import_`.
        taken = iskeyword(cmd_name) or cmd_name in self.taken
        name = f"{cmd_name}_" if taken else cmd_name
        module = importlib.import_module(f"{self.package}.{name}")
        command = get_command(module.app)
        command.name = cmd_name
        _offer_project(command)
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the table, heading by heading, without loading any verb."""
        for heading, verbs in self.verbs.items():
            with formatter.section(heading):
                formatter.write_dl(list(verbs.items()))


def _offer_project(command: Any) -> None:
    """Every command that talks to a server takes `--project`: stated here once, instead of in each of them."""
    for inner in getattr(command, "commands", {}).values():
        _offer_project(inner)
    named = {option: parameter for parameter in command.params for option in parameter.opts}
    if "--server" not in named or "--project" in named:
        return
    project = copy(named["--server"])
    project.name, project.opts, project.envvar = "project", ["--project"], None
    project.metavar, project.help = "NAME", _PROJECT_HELP
    project.expose_value, project.callback = False, _choose_project
    command.params.insert(command.params.index(named["--server"]) + 1, project)


def _choose_project(context: Any, parameter: Any, value: str | None) -> str | None:
    """Leaves it where the client looks."""
    if value:
        os.environ["ALMA_PROJECT"] = value
    return value
