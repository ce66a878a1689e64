"""Writes what a client is generated from: `python -m alma.api.openapi > alma-web/openapi.json`.

It is the OpenAPI document without what no type comes of: examples, headers, and the failures of each operation, which
have one shape that its `default` tells. Sorted and indented, so that a change of the API is a readable change of the
file.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from alma.api.app import create_app
from alma.settings import Settings


def document() -> str:
    """The document of an installation in which nothing was configured, as JSON."""
    whole = create_app(settings=Settings()).openapi()
    for operations in whole["paths"].values():
        for operation in operations.values():
            operation["responses"] = _told_apart(operation["responses"])
    return json.dumps(_without_examples(whole), indent=1, sort_keys=True) + "\n"


def _told_apart(responses: dict[str, Any]) -> dict[str, Any]:
    return {
        status: {key: value for key, value in response.items() if key != "headers"}
        for status, response in responses.items()
        if status == "default" or status < "4"
    }


def _without_examples(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_examples(item) for item in node]
    if not isinstance(node, dict):
        return node
    # A property may be called so, too: then it is a schema.
    return {
        key: _without_examples(value)
        for key, value in node.items()
        if key not in {"example", "examples"} or _is_schema(value)
    }


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict) and bool({"type", "$ref", "anyOf"} & value.keys())


if __name__ == "__main__":
    sys.stdout.write(document())
