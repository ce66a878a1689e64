"""What the API's description says beyond the routes' types: groups, and for each answer one that was really given.

The answers in `examples.json` are recorded by `tests/api/record_examples.py`; a test holds them to their schemas.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from alma.api.schemas.common import ANY_FAILURE, ErrorBody, failures

SUMMARY = (
    "Say what you want to run, get a blueprint; open an Infrastructure Pull Request, look at its plan, "
    "approve it, deploy it and watch it. Bodies may be JSON or YAML; every failure has the same shape."
)
GROUPS = [
    {"name": "conversation", "description": "Words in, drafts out."},
    {"name": "templates", "description": "Known-good blueprints and their parameters."},
    {"name": "blueprints", "description": "What is wanted. Each save is a numbered revision."},
    {"name": "tools", "description": "What can be worked out; nothing is touched."},
    {"name": "policies", "description": "Rules, what they say of a blueprint, and waivers."},
    {"name": "council", "description": "Architect, SecOps and FinOps on a blueprint and its plan."},
    {
        "name": "iprs",
        "description": "Infrastructure Pull Requests: the only way to infrastructure.",
    },
    {"name": "deployments", "description": "Runs of approved plans, and their logs."},
    {"name": "stacks", "description": "What runs where, whether it works, and how it goes away."},
    {"name": "engines", "description": "Where blueprints can land."},
    {"name": "imports", "description": "Taking what runs already into a stack, as it is."},
    {"name": "prices", "description": "What machines cost where, and how anybody knows."},
    {"name": "models", "description": "The language models that are asked, and what they cost."},
    {"name": "auth", "description": "Signing in and out, and who one is."},
    {"name": "keys", "description": "Keys for programs."},
    {"name": "accounts", "description": "People who may sign in."},
    {"name": "projects", "description": "Who works apart from whom, by which rules, as what."},
    {"name": "audit", "description": "Who did what, in a record that shows tampering."},
    {"name": "secrets", "description": "The keys that secrets are encrypted with."},
    {"name": "monitoring", "description": "Health and metrics, for people and for machines."},
    {"name": "welcome", "description": "Where everything is."},
]
FAILURES: dict[int | str, dict[str, Any]] = {
    "default": {
        "model": ErrorBody,
        "description": ANY_FAILURE,
    }
}
"""What every operation may answer; a route adds the statuses that callers meet in practice."""


def _told(*statuses: int) -> dict[str, dict[str, Any]]:
    return {
        str(status): {
            "description": told["description"],
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
        }
        for status, told in failures(*statuses).items()
    }


EVERYWHERE = _told(401, 403, 422, 429, 503)
"""What any operation answers before its route is asked: of callers, rates, requests, and a database that is down."""
WITH_BODY = _told(415)
"""The same for those that read a body."""


def operation_id(route: APIRoute) -> str:
    """The function's name: what generated clients call their methods."""
    return route.name


def describe(app: FastAPI) -> None:
    """Completes the description when it is asked for the first time."""
    generate = app.openapi

    def completed() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(generate())
        return app.openapi_schema

    app.openapi = completed  # type: ignore[method-assign]  # as FastAPI documents it


def examples() -> dict[str, Any]:
    """One answer for each schema that operations answer with."""
    text = files("alma.api").joinpath("examples.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _completed(description: dict[str, Any]) -> dict[str, Any]:
    known = examples()
    for operation in _operations(description):
        told_always = EVERYWHERE | (WITH_BODY if "requestBody" in operation else {})
        for status, told in told_always.items():
            operation["responses"].setdefault(status, told)
        operation["summary"] = operation["summary"].replace("Ipr", "IPR")
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json", {})
            name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if status.startswith("2") and name in known:
                content["example"] = known[name]
    return description


def _operations(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (operation for path in description["paths"].values() for operation in path.values())
