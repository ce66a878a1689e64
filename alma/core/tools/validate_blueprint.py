"""Says everything that is wrong with a blueprint, and what engines make of it, without saving it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.errors import BlueprintInvalid
from alma.core.model.plan import SupportLevel
from alma.core.services.validating import EngineSupport, Examined, Validating
from alma.core.tools.kit import Call
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Example, Tool

_EVERY = frozenset({"", "all", "any", "every", "*"})


def _engines(value: Any) -> Any:
    """A list, one name, or several with commas; `all` is every one there is."""
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(item.strip() for item in value if item.strip().casefold() not in _EVERY)
    return value


class ValidateArguments(OfBlueprint):
    """What to look at, how strictly, and for which engines."""

    strict: bool = Field(default=False, description="Take warnings for errors.")
    engine: Annotated[
        tuple[str, ...], BeforeValidator(_engines, json_schema_input_type=list[str] | str)
    ] = Field(
        default=(),
        description="What it has to fit: proxmox, docker, kubernetes, simulation. Empty: any.",
    )
    limit: int = Field(
        default=500, ge=1, le=10_000, description="Show at most so many remarks of each kind."
    )


class Validation(Answer):
    """Whether the blueprint can be used, every remark about it, and what each engine would not do exactly."""

    valid: bool
    errors: tuple[Diagnostic, ...] = Field(default=(), description="What has to be mended.")
    warnings: tuple[Diagnostic, ...] = Field(
        default=(), description="What can be deployed and is probably not meant."
    )
    resources: int = 0
    instances: int = 0
    engines: tuple[EngineSupport, ...] = Field(
        default=(), description="What each engine honours exactly, nearly, or not at all, and why."
    )
    left_out: int = Field(default=0, description="Remarks beyond the limit.")


async def run(given: ValidateArguments, call: Call) -> Validation:
    """Every remark; a document with faults is an answer, not an error. Raises NotFound, InvalidInput."""
    try:
        subject = await subject_of(given, call)
    except BlueprintInvalid as error:
        return _answer(Examined(error.diagnostics, ()), given)
    kit = call.kit
    validating = Validating(
        repositories=kit.repositories,
        engines=kit.engines,
        plans=kit.plans,
        estimates=kit.estimates,
    )
    call.progress("checking the document and asking the engines", None)
    examined = await asyncio.to_thread(
        validating.examine,
        call.principal,
        subject.blueprint,
        id_=subject.id,
        revision=subject.revision,
        asked=given.engine,
    )
    found = await asyncio.to_thread(_answer, examined, given)
    counts = [item.count for item in subject.blueprint.resources]
    return found.model_copy(update={"resources": len(counts), "instances": sum(counts)})


def _answer(examined: Examined, given: ValidateArguments) -> Validation:
    graver = {Severity.ERROR, Severity.WARNING} if given.strict else {Severity.ERROR}
    errors = [item for item in examined.remarks if item.severity in graver]
    warnings = [item for item in examined.remarks if item.severity not in graver]
    most = given.limit
    engines = tuple(
        item.model_copy(update={"notes": item.notes[:most]}) for item in examined.engines
    )
    cut = [errors, warnings, *(item.notes for item in examined.engines)]
    return Validation(
        summary=_told(errors, warnings, examined.engines),
        sources=tuple(f"engine {item.engine}" for item in engines if item.reason is None),
        valid=not errors,
        errors=tuple(errors[:most]),
        warnings=tuple(warnings[:most]),
        engines=engines,
        left_out=sum(max(len(items) - most, 0) for items in cut),
    )


def _told(
    errors: Sequence[Diagnostic],
    warnings: Sequence[Diagnostic],
    engines: Sequence[EngineSupport],
) -> str:
    verdict = f"The blueprint has {len(errors)} fault(s)" if errors else "The blueprint is valid"
    remarks = f", with {len(warnings)} remark(s)" if warnings else ""
    told = [f"{item.engine} {_fit(item)}" for item in engines]
    fits = f" {'; '.join(told)}." if told else ""
    return f"{verdict}{remarks}.{fits}"


def _fit(item: EngineSupport) -> str:
    match item.level:
        case None:
            return "can't be asked"
        case SupportLevel.EQUAL:
            return "can do all of it exactly"
        case SupportLevel.APPROXIMATED:
            return f"can do all of it, {item.approximated} resource(s) not exactly"
        case SupportLevel.UNSUPPORTED:
            return f"has to leave something out of {item.unsupported} resource(s)"


TOOL = Tool(
    name="validate_blueprint",
    title="Validate a blueprint",
    description=(
        "Checks a blueprint and names every mistake with its place and what to do about it; also what could be "
        "deployed and makes no sense, and what each engine honours exactly, nearly, or not at all."
    ),
    arguments=ValidateArguments,
    answer=Validation,
    run=run,
    words=("validate", "check the blueprint", "is it valid", "any mistakes"),
    examples=(
        Example(
            "A web server whose memory has no unit that is known",
            {
                "blueprint": {
                    "name": "shop",
                    "resources": [{"name": "web", "type": "vm", "specs": {"memory": "4 pints"}}],
                }
            },
        ),
        Example(
            "A load balancer with nobody behind it, and a volume with two writers, for Docker",
            {
                "blueprint": {
                    "name": "shop",
                    "resources": [
                        {"name": "lb", "type": "load_balancer"},
                        {"name": "files", "type": "volume", "specs": {"disk": "10GB"}},
                        {
                            "name": "web",
                            "type": "container",
                            "image": "nginx:1.27",
                            "count": 2,
                            "backup": True,
                            "mounts": [{"volume": "files", "path": "/srv"}],
                        },
                    ],
                },
                "engine": "docker",
            },
        ),
    ),
)
