"""Where a command's blueprint comes from: a file, standard input, a template, or what was saved before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alma.cli.client import Client
from alma.cli.documents import Document, read_document
from alma.cli.errors import CliError
from alma.cli.shapes import Json


@dataclass(frozen=True)
class Saved:
    """A blueprint that the server has."""

    blueprint: Json

    @property
    def source(self) -> str:
        """Where it came from, for people."""
        return f"blueprint {self.blueprint['id']}, revision {self.blueprint['revision']}"


Source = Document | Saved
_SHOWN = 8


def given(
    file: str | None, template: str | None, blueprint: str | None
) -> Callable[[Client], Source]:
    """Reads a file now, before anything is started; the others later. Raises CliError unless exactly one is given."""
    if sum(word is not None for word in (file, template, blueprint)) != 1:
        raise CliError(
            "give one blueprint: a file, --template or --blueprint",
            hint="alma templates list shows templates; alma chat makes a blueprint from words",
            code="invalid_input",
        )
    if file is not None:
        document = read_document(file)
        return lambda client: document
    if blueprint is not None:
        return lambda client: Saved(saved(client, blueprint))
    name = str(template)
    return lambda client: Document.of(client.customize(name, {}), source=f"template {name}")


def either(words: str) -> Callable[[Client], Source]:
    """A file or standard input where there is one of that name, read now; else what was saved under that number or
    name."""
    if words == "-" or Path(words).suffix or Path(words).expanduser().is_file():
        document = read_document(words)
        return lambda client: document
    return lambda client: Saved(saved(client, words))


def saved(client: Client, name: str) -> Json:
    """By its number or its name. Raises CliError when none or several have it."""
    if name.isdecimal():
        try:
            return client.blueprint(int(name))
        except CliError as error:
            if error.code != "not_found":
                raise
            raise _unknown(client, name) from error
    found = client.blueprints_named(name)
    if len(found) == 1:
        return found[0]
    if found:
        raise CliError(
            f"{len(found)} blueprints are called '{name}'",
            items=[f"number {item['id']}, revision {item['revision']}" for item in found],
            hint="give its number",
            code="invalid_input",
        )
    raise _unknown(client, name)


def _unknown(client: Client, name: str) -> CliError:
    newest = [f"{item['id']} ({item['name']})" for item in client.blueprints(limit=_SHOWN)]
    return CliError(
        f"there is no blueprint {name}",
        hint=f"the newest are: {', '.join(newest)}"
        if newest
        else 'there is none yet: give a file, or make one: alma chat "…"',
        code="not_found",
    )
