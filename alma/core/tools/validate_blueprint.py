"""Says everything that is wrong with a blueprint, without saving it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field

from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.document import diagnose
from alma.core.model.errors import BlueprintInvalid
from alma.core.tools.kit import Call
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Example, Tool


class ValidateArguments(OfBlueprint):
    """What to look at, and how strictly."""

    strict: bool = Field(default=False, description="Take warnings for errors.")


class Validation(Answer):
    """Whether the blueprint can be used, and every remark about it."""

    valid: bool
    errors: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()


async def run(given: ValidateArguments, call: Call) -> Validation:
    """Every remark; a document with faults is an answer, not an error. Raises NotFound, InvalidInput."""
    try:
        subject = await subject_of(given, call)
    except BlueprintInvalid as error:
        return _answer(error.diagnostics, strict=given.strict)
    remarks = await asyncio.to_thread(diagnose, subject.blueprint)
    landing = call.kit.plans.landing(call.principal.project, subject.blueprint)
    return _answer([*remarks, *landing], strict=given.strict)


def _answer(remarks: Sequence[Diagnostic], *, strict: bool) -> Validation:
    graver = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    errors = tuple(item for item in remarks if item.severity in graver)
    warnings = tuple(item for item in remarks if item not in errors)
    valid = not errors
    return Validation(
        summary=_told(valid, len(errors), len(warnings)),
        valid=valid,
        errors=errors,
        warnings=warnings,
    )


def _told(valid: bool, errors: int, warnings: int) -> str:
    verdict = "The blueprint is valid" if valid else f"The blueprint has {errors} fault(s)"
    return f"{verdict}, with {warnings} remark(s)." if warnings else f"{verdict}."


TOOL = Tool(
    name="validate_blueprint",
    title="Validate a blueprint",
    description="Checks a blueprint and names every mistake with its place and what to do about it.",
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
    ),
)
