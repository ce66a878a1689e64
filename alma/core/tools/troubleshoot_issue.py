"""Looks for the cause of what does not work: in what is told, what is recorded, and what engines show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alma.core.model.blueprint import Blueprint
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import InvalidInput
from alma.core.model.signature import Cause, CheckResult, Diagnosis, Evidence, Examined
from alma.core.services.diagnosing import CERTAIN_ENOUGH, DOUBTFUL, Issue
from alma.core.tools.kit import Call
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Example, Tool

# A cause this near to the first one, as a share of its confidence, is worth acting on too.
_NEAR = 0.8


def _several(value: Any) -> Any:
    """One text is a list of one; a list of lines that are logs is taken as it is."""
    return (value,) if isinstance(value, str) else value


def _lines(value: Any) -> Any:
    """Logs as one text, as a list of lines, or by name, each with its text."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return ("\n".join(value),)
    if isinstance(value, Mapping):
        return tuple("\n".join(item) if isinstance(item, list) else item for item in value.values())
    return _several(value)


Several = Annotated[
    tuple[str, ...], BeforeValidator(_several, json_schema_input_type=list[str] | str)
]
Logs = Annotated[
    tuple[str, ...],
    BeforeValidator(_lines, json_schema_input_type=str | list[str] | dict[str, str]),
]


class TroubleshootArguments(OfBlueprint):
    """What is known of the trouble; one of it at least."""

    issue_description: str = Field(
        default="", max_length=100_000, description="What is wrong, in your own words."
    )
    error_message: str = Field(
        default="", description="The error as it was shown, whole and unchanged."
    )
    affected_resources: Several = Field(
        default=(), max_length=1_000, description="Names of resources or instances."
    )
    symptoms: Several = Field(
        default=(), max_length=1_000, description="What is seen: slow, 502 now and then."
    )
    logs: Logs = Field(
        default=(), max_length=100, description="What programs printed: a text, or its lines."
    )


class Troubleshooting(Answer):
    """What is probably wrong and what mends it; or that it is not known, and what would help."""

    known: bool = Field(description="Whether evidence speaks for a cause.")
    confidence: float = Field(description="Of the first cause, 0 to 1.")
    causes: tuple[Cause, ...] = Field(description="The likeliest first, each with its evidence.")
    checks: tuple[Examined, ...] = Field(
        description="What was looked at, also what could not be and why."
    )
    recommendations: tuple[str, ...] = Field(description="What to do, for the first causes.")
    unexplained: tuple[Evidence, ...] = Field(
        default=(), description="Lines that sound bad and that no signature knows."
    )
    send: tuple[str, ...] = Field(default=(), description="What would help to find the cause.")
    cut: tuple[str, ...] = Field(default=(), description="Texts that were not read whole.")
    problems: tuple[Diagnostic, ...] = Field(
        default=(), description="Faults of the files of signatures."
    )


async def run(given: TroubleshootArguments, call: Call) -> Troubleshooting:
    """The investigation; nothing is changed by it. Raises InvalidInput when nothing is told, NotFound."""
    issue = await _issue(given, call)
    found = await call.kit.diagnosing.investigate(call.principal, issue, call.progress)
    return _answer(found)


async def _issue(given: TroubleshootArguments, call: Call) -> Issue:
    told = (given.issue_description, given.error_message, *given.symptoms, *given.logs)
    if not any(text.strip() for text in told) and given.blueprint_id is None:
        raise InvalidInput(
            "nothing is told of the trouble",
            hint="give issue_description, error_message, symptoms, logs or blueprint_id",
        )
    return Issue(
        description=given.issue_description,
        error_message=given.error_message,
        symptoms=given.symptoms,
        logs=given.logs,
        blueprint_id=given.blueprint_id,
        blueprint=await _document(given, call),
        affected=given.affected_resources,
    )


async def _document(given: TroubleshootArguments, call: Call) -> Blueprint | None:
    """The blueprint, where it is no saved one."""
    if given.blueprint is not None:
        return (await subject_of(given, call)).blueprint
    return call.draft if given.blueprint_id is None else None


def _answer(found: Diagnosis) -> Troubleshooting:
    likely = [cause for cause in found.causes if cause.confidence >= DOUBTFUL]
    return Troubleshooting(
        summary=_told(found),
        sources=("signatures of trouble", *(item.name for item in found.examined)),
        known=bool(likely),
        confidence=found.causes[0].confidence if found.causes else 0.0,
        causes=found.causes,
        checks=found.examined,
        recommendations=_advice(likely),
        unexplained=found.unexplained,
        send=found.send,
        cut=found.cut,
        problems=found.problems,
    )


def _advice(likely: Sequence[Cause]) -> tuple[str, ...]:
    """What to do about the first cause, and about others that are nearly as likely."""
    near = [cause for cause in likely if cause.confidence >= likely[0].confidence * _NEAR]
    return tuple(dict.fromkeys(words for cause in near for words in cause.fix))


def _told(found: Diagnosis) -> str:
    looked = sum(item.result is not CheckResult.NOT_RUN for item in found.examined)
    missed = len(found.examined) - looked
    at = f"{looked} check(s) were run{f', {missed} could not be' if missed else ''}"
    if not found.causes or found.causes[0].confidence < DOUBTFUL:
        return f"I don't know what is wrong: nothing that I know fits. {at}; what would help: {_help(found)}."
    first = found.causes[0]
    sure = "Most likely" if first.confidence >= CERTAIN_ENOUGH else "Possibly"
    others = f" {len(found.causes) - 1} other cause(s) are possible." if found.causes[1:] else ""
    line = first.evidence[0]
    return (
        f"{sure} ({first.confidence:.0%}): {first.title}. {first.means} "
        f"Evidence: “{line.text}” ({_place(line)}). {at}.{others}"
    )


def _help(found: Diagnosis) -> str:
    return "; ".join(found.send[:3]) or "more of the log around the moment"


def _place(line: Evidence) -> str:
    return f"{line.place}, line {line.line}" if line.line else line.place


TOOL = Tool(
    name="troubleshoot_issue",
    title="Find out why something does not work",
    description=(
        "Holds error messages, logs, deployments and what engines show now against known signatures of trouble. Ranks "
        "causes by evidence, with the lines that speak for each and what speaks against it, the checks that were run, "
        "and what mends it. Only reads; says so when it does not know."
    ),
    arguments=TroubleshootArguments,
    answer=Troubleshooting,
    run=run,
    words=(
        "troubleshoot",
        "diagnose",
        "why does it fail",
        "error",
        "not working",
        "broken",
        "crash",
        "down",
        "what went wrong",
        "root cause",
    ),
    examples=(
        Example(
            "A database that turns applications away",
            {
                "error_message": "FATAL:  sorry, too many clients already",
                "symptoms": ["checkout fails now and then since the sale began"],
            },
        ),
    ),
    tags=frozenset({"diagnosis"}),
)
