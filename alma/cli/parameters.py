"""`KEY=VALUE` on a command line: JSON where it is JSON, the content of a file after `@`, else text."""

from __future__ import annotations

import json
from typing import Any

from alma.cli.errors import CliError


def parameter(text: str) -> tuple[str, Any]:
    """`instance_count=3` as a name and a value; `logs=@error.log` and `blueprint_a=@a.yaml` read a file: a document by
    its name's ending, else text. Raises CliError."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise CliError(
            f"'{text}' is no parameter", hint="write it like instance_count=3", code="invalid_input"
        )
    if value.startswith("@"):
        return key.strip(), from_file(value[1:])
    try:
        return key.strip(), json.loads(value)
    except ValueError:
        return key.strip(), value


def from_file(name: str) -> Any:
    """What a file says: values where it is YAML or JSON, else its text. Raises CliError."""
    from alma.cli.documents import read_document

    document = read_document(name)
    if name.lower().endswith((".yaml", ".yml", ".json")):
        return document.values()
    return document.content.decode(errors="replace")
