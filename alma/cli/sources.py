"""Where a command's blueprint comes from: a file, standard input, or a template."""

from __future__ import annotations

from collections.abc import Callable

from alma.cli.client import Client
from alma.cli.documents import Document, read_document
from alma.cli.errors import CliError


def given(file: str | None, template: str | None) -> Callable[[Client], Document]:
    """Reads a file now, before anything is started; a template is asked for later. Raises CliError for both or none."""
    if (file is None) == (template is None):
        raise CliError(
            "give a blueprint's file or --template, not both"
            if file
            else "there is no blueprint: give its file, or --template",
            hint="alma templates list shows the templates",
            code="invalid_input",
        )
    if file is not None:
        document = read_document(file)
        return lambda client: document
    name = str(template)
    return lambda client: Document.of(client.customize(name, {}), source=f"template {name}")
