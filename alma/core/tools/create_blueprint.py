"""Saves a new blueprint: of resources, of words, or of a template; what words leave open is said, not guessed over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from alma.core.model.base import Json, digest_of
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.document import diagnose, parse_blueprint
from alma.core.model.errors import InvalidInput
from alma.core.services.drafting import Draft, Drafting
from alma.core.services.known import Known
from alma.core.tools.kit import Call
from alma.core.tools.tool import Answer, Arguments, Example, Tool

_MOST_WORDS = 8_000


class CreateArguments(Arguments):
    """Resources; or words; or a template with its parameters."""

    name: str | None = Field(
        default=None, min_length=1, max_length=100, description="What it is called."
    )
    description: str | None = Field(
        default=None,
        max_length=4000,
        description="For people; alone, it says what is wanted.",
        examples=["a web application with 2 servers and a database"],
    )
    resources: Sequence[Mapping[str, Json]] | Sequence[str] | None = Field(
        default=None, description="What is wanted, as in a blueprint; or a few words for each."
    )
    query: str | None = Field(
        default=None, max_length=_MOST_WORDS, description="What is wanted, in words."
    )
    template: str | None = Field(default=None, description="A template to begin with.")
    parameters: Mapping[str, Json] | None = Field(
        default=None, description="What the template's parameters are."
    )
    engine: str | None = Field(
        default=None, max_length=64, description="Where it shall be deployed."
    )
    metadata: Mapping[str, Json] | None = Field(
        default=None, description="Owner, environment, cost centre and the like."
    )
    dry_run: bool = Field(default=False, description="Show it, and save nothing.")


class Created(Answer):
    """The blueprint and where each of its values is from. Without an id, it was not saved."""

    saved: bool
    blueprint_id: int | None = None
    revision: int | None = None
    digest: str
    blueprint: dict[str, Json]
    origins: Mapping[str, Origin] = Field(description="By place: the caller's words, or a guess.")
    open: tuple[str, ...] = Field(default=(), description="What the words left open.")
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class _Made:
    blueprint: Blueprint
    origins: Mapping[str, Origin]
    how: str
    assumptions: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


async def run(given: CreateArguments, call: Call) -> Created:
    """Raises InvalidInput when nothing or too much is given or the words name nothing that could be built,
    BlueprintInvalid with every fault, NotFound for an unknown template."""
    made = await asyncio.to_thread(_made, given, call)
    return await asyncio.to_thread(_kept, given, call, made)


def _made(given: CreateArguments, call: Call) -> _Made:
    words = _words(given)
    ways = [
        word
        for word, said in (
            ("resources", given.resources is not None and words is None),
            ("template", given.template is not None),
            ("query", words is not None and given.template is None),
        )
        if said
    ]
    if len(ways) > 1 or (given.query and given.resources is not None):
        raise InvalidInput(
            "it is said in several ways what is wanted",
            hint="give one of resources, query, or template with parameters",
        )
    if given.parameters and given.template is None:
        raise InvalidInput("parameters are given without a template", hint="name the template")
    if given.template is not None:
        return _of_template(given, call)
    if words is not None:
        return _of_words(given, words, call)
    return _of_resources(given)


def _words(given: CreateArguments) -> str | None:
    """What is wanted in words: the query; resources that are only named; else the description alone."""
    if given.query:
        return given.query
    if given.resources:
        named = [item for item in given.resources if isinstance(item, str)]
        if len(named) == len(given.resources):
            return f"I need {', '.join(named)}"
    if given.resources is None and given.template is None and given.description:
        return given.description
    return None


# ── the three ways ───────────────────────────────────────────────────────────────────────────────


def _of_resources(given: CreateArguments) -> _Made:
    if given.resources is None:
        raise InvalidInput(
            "nothing says what is wanted",
            hint="give resources, query (words), or template with parameters",
        )
    if given.name is None:
        raise InvalidInput("the blueprint has no name", hint="give name")
    document = _named({"resources": [_plain(item) for item in given.resources]}, given)
    blueprint = parse_blueprint(document)
    return _Made(blueprint, dict.fromkeys(_paths(blueprint.dump()), Origin.WORDS), "as given")


def _plain(item: Any) -> Any:
    return dict(item) if isinstance(item, Mapping) else item


def _of_template(given: CreateArguments, call: Call) -> _Made:
    templates = call.kit.templates
    chosen = given.template or ""
    document = templates.customize(chosen, given.parameters).dump()
    origins = dict(templates.origins(chosen, given.parameters))
    blueprint = parse_blueprint(_named(document, given))
    return _Made(blueprint, origins | _said(given), f"of the template {templates.get(chosen).id}")


def _of_words(given: CreateArguments, words: str, call: Call) -> _Made:
    kit = call.kit
    reading = kit.interpreter.interpret(words)
    drafting = Drafting(
        templates=kit.templates,
        plans=kit.plans,
        estimates=kit.estimates,
        diagnosed=Known(diagnose),
    )
    edited = drafting.edited(Draft(call.principal.project), reading)
    if edited.over or edited.blueprint is None or not edited.blueprint.resources:
        named = "it can't be had within the limit" if edited.over else edited.refused
        raise InvalidInput(
            named or "the words name nothing that could be built",
            hint=reading.question or "name servers, databases, caches and the like",
        )
    blueprint = parse_blueprint(_named(edited.blueprint.dump(), given))
    left = [f"not used: {text}" for text in reading.unused]
    return _Made(
        blueprint,
        dict(edited.origins) | _said(given),
        "of the words",
        assumptions=reading.assumptions,
        open=(*([reading.question] if reading.question else ()), *left, *edited.warnings),
    )


def _named(document: dict[str, Any], given: CreateArguments) -> dict[str, Any]:
    """With what the call says itself of the whole."""
    said = {key: getattr(given, key) for key in ("name", "description", "engine", "metadata")}
    return {**document, **{key: value for key, value in said.items() if value is not None}}


def _said(given: CreateArguments) -> dict[str, Origin]:
    return dict.fromkeys(_paths(_named({}, given)), Origin.WORDS)


def _paths(document: Mapping[str, Any]) -> Iterator[str]:
    """The places of values, resources by name; a list is one value."""
    for key, value in document.items():
        if key != "resources":
            yield from _below(value, key)
    for resource in document.get("resources", ()):
        for key, value in resource.items():
            yield from _below(value, f"resources.{resource['name']}.{key}")


def _below(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _below(inner, f"{path}.{key}")
    else:
        yield path


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


def _kept(given: CreateArguments, call: Call, made: _Made) -> Created:
    kit, blueprint = call.kit, made.blueprint
    warnings = (*diagnose(blueprint), *kit.plans.landing(call.principal.project, blueprint))
    number = f"{len(blueprint.resources)} resource(s), {made.how}"
    if given.dry_run:
        return Created(
            summary=f"{blueprint.name} would have {number}. Nothing was saved.",
            assumptions=made.assumptions,
            saved=False,
            digest=digest_of(blueprint.dump()),
            blueprint=blueprint.dump(),
            origins=made.origins,
            open=made.open,
            warnings=warnings,
        )
    revision = kit.blueprints.create(call.principal, blueprint, origins=made.origins)
    return Created(
        summary=f"{blueprint.name} is saved as blueprint {revision.id}: {number}.",
        assumptions=made.assumptions,
        saved=True,
        blueprint_id=revision.id,
        revision=revision.number,
        digest=revision.digest,
        blueprint=blueprint.dump(),
        origins=made.origins,
        open=made.open,
        warnings=warnings,
    )


TOOL = Tool(
    name="create_blueprint",
    title="Create a blueprint",
    description=(
        "Saves a new blueprint and says where each value is from: of resources as a document, of words such as "
        "'a web application with 2 servers and a database', or of a template with parameters. With dry_run nothing is "
        "saved."
    ),
    arguments=CreateArguments,
    answer=Created,
    run=run,
    words=("create a blueprint", "generate infrastructure", "make a blueprint", "new blueprint", "draft a blueprint"),
    examples=(
        Example(
            "Of words, without saving it",
            {"name": "shop", "query": "2 web servers and a postgresql database with 100GB", "dry_run": True},
        ),
    ),
    writes=True,
)  # fmt: skip
