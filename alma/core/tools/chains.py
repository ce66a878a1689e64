"""Several tools in a row, each with the blueprint that the one before it left; and what is asked in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.document import parse_blueprint
from alma.core.model.principal import Principal
from alma.core.tools.choosing import Choice, Question, choose
from alma.core.tools.registry import Progress, Toolbox, unheard
from alma.core.tools.tool import AnyTool

# Under these names answers carry the blueprint they end with.
_ENDS_WITH = ("blueprint", "optimized_blueprint", "target_blueprint", "resulting_blueprint")
_OF_BLUEPRINT = frozenset({"blueprint", "blueprint_id"})


class Step(Frozen):
    """One tool of a chain, what it was given and what it said."""

    tool: str
    arguments: Mapping[str, Json]
    result: Mapping[str, Json]


class Done(Frozen):
    """What was done for a query: the steps in order. The last one's result is the answer."""

    steps: tuple[Step, ...] = Field(min_length=1)

    @property
    def last(self) -> Step:
        """The step whose result answers."""
        return self.steps[-1]


async def ask(
    toolbox: Toolbox,
    principal: Principal,
    query: str,
    *,
    context: Mapping[str, Json] | None = None,
    progress: Progress = unheard,
    draft: Blueprint | None = None,
) -> Done | Question:
    """What the words want, worked out; or what to ask. Raises what the tools raise."""
    toolbox.require(principal)
    found = choose(query, toolbox.usable(), toolbox.kit.interpreter, context=context)
    if isinstance(found, Question):
        return found
    return await run_chain(
        toolbox, principal, found, context=context, progress=progress, draft=draft
    )


async def run_chain(
    toolbox: Toolbox,
    principal: Principal,
    choices: Sequence[Choice],
    *,
    context: Mapping[str, Json] | None = None,
    progress: Progress = unheard,
    draft: Blueprint | None = None,
) -> Done:
    """Every tool in order. The blueprint that one leaves is the next one's; a step that fails ends the chain."""
    # All of them or none: a chain that would be refused half-way does not begin.
    toolbox.require(principal, *(choice.tool.name for choice in choices))
    steps: list[Step] = []
    left: Blueprint | None = None
    for number, choice in enumerate(choices):
        if len(choices) > 1:
            progress(choice.tool.title, number / len(choices))
        arguments = _handed(choice, left)
        answer = await toolbox.execute(
            principal,
            choice.tool.name,
            arguments,
            context=context,
            progress=_share(progress, number, len(choices)),
            draft=left or draft,
        )
        result = answer.plain()
        steps.append(Step(tool=choice.tool.name, arguments=arguments, result=result))
        left = left_by(result) or left
    return Done(steps=tuple(steps))


def _handed(choice: Choice, left: Blueprint | None) -> Mapping[str, Json]:
    """The arguments without the blueprint that the whole chain was about, once a step has left another one."""
    if left is None or not _looks_at_one(choice.tool):
        return choice.arguments
    return {name: value for name, value in choice.arguments.items() if name not in _OF_BLUEPRINT}


def _looks_at_one(tool: AnyTool) -> bool:
    return _OF_BLUEPRINT.issubset(tool.arguments.model_fields)


def left_by(result: Mapping[str, Json]) -> Blueprint | None:
    """The blueprint that an answer ends with, if it has one."""
    for name in _ENDS_WITH:
        value = result.get(name)
        if isinstance(value, Mapping) and value.get("resources"):
            return parse_blueprint(dict(value))
    return None


def _share(progress: Progress, number: int, many: int) -> Progress:
    """A step's own progress as its share of the chain's."""

    def told(message: str, share: float | None) -> None:
        progress(message, None if share is None else (number + share) / many)

    return told
