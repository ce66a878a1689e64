"""How tools, and what they say, look in the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import AliasChoices, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from alma.core.model.base import Frozen, Json
from alma.core.tools.chains import Done, Step
from alma.core.tools.choosing import Question
from alma.core.tools.registry import Unusable
from alma.core.tools.tool import AnyTool


class ToolExample(Frozen):
    """Arguments that show what a tool is good for."""

    title: str
    parameters: Mapping[str, Json]


class ToolView(Frozen):
    """A tool. `parameters` and `answer` are JSON schemas."""

    name: str
    title: str
    description: str
    parameters: Mapping[str, Any]
    answer: Mapping[str, Any]
    words: Sequence[str] = Field(description="What people say when they want it.")
    examples: Sequence[ToolExample]
    writes: bool = Field(description="Whether it stores something; no tool touches infrastructure.")
    tags: Sequence[str]


class UnavailableTool(Frozen):
    """A tool that is registered and can't be used here."""

    name: str
    reason: str
    hint: str | None


class ToolList(Frozen):
    """Every tool. `unavailable` are those that lack something here."""

    tools: Sequence[ToolView]
    count: int
    unavailable: Sequence[UnavailableTool] = ()
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; null on the last."
    )


class ToolCall(Frozen):
    """A tool by its name, or words that say what is wanted."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"tool_name": "validate_blueprint", "parameters": {"blueprint_id": 5}}
        }
    )

    tool_name: str | None = Field(default=None, max_length=100)
    parameters: Mapping[str, Json] = Field(
        default_factory=dict,
        validation_alias=AliasChoices("parameters", "arguments"),
        description="What the tool is given; see its schema. `arguments` is the same.",
    )
    query: str | None = Field(
        default=None, max_length=4000, description="What is wanted, in words, instead of a name."
    )
    context: Mapping[str, Json] = Field(
        default_factory=dict,
        description="What a query is about: a blueprint or its number, figures, logs.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> ToolCall:
        named, asked = bool((self.tool_name or "").strip()), bool((self.query or "").strip())
        if named == asked:
            told = "both are given" if named else "neither is given"
            raise PydanticCustomError("one_way", f"give tool_name or query: {told}")
        return self


class Execution(Frozen):
    """What a tool said. `success` is false where it is not clear which tool is meant: `result` then has the question
    and the candidates. `steps` are those of a query that took several tools; `result` is the last one's."""

    success: bool
    tool: str | None
    result: Mapping[str, Json] | None
    error: str | None = None
    timestamp: datetime
    steps: Sequence[Step] = ()


def tool_view(tool: AnyTool) -> ToolView:
    """A tool as it is shown."""
    return ToolView(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        parameters=tool.schema(),
        answer=tool.answer.model_json_schema(mode="serialization"),
        words=tool.words,
        examples=[ToolExample(title=e.title, parameters=e.arguments) for e in tool.examples],
        writes=tool.writes,
        tags=sorted(tool.tags),
    )


def unavailable(tool: Unusable) -> UnavailableTool:
    """A tool that can't be used, as it is shown."""
    return UnavailableTool(name=tool.name, reason=tool.reason, hint=tool.hint)


def execution(found: Done | Question) -> Execution:
    """What was done, or what is asked."""
    if isinstance(found, Question):
        return Execution(
            success=False,
            tool=None,
            result=found.model_dump(mode="json"),
            error=found.question,
            timestamp=datetime.now(UTC),
        )
    return Execution(
        success=True,
        tool=found.last.tool,
        result=found.last.result,
        timestamp=datetime.now(UTC),
        steps=found.steps if len(found.steps) > 1 else (),
    )
