"""From words to tools: which are wanted, in which order, and with which arguments. What is unclear is asked.

Two judges: the interpreter's examples know what a message is about, and each tool lists what people say when they want
it. A choice is made only where one tool is clearly ahead of every other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from alma.core.model.base import Frozen, Json
from alma.core.model.conversation import Intent
from alma.core.tools.particulars import asks_for_less, blueprint_ids, said
from alma.core.tools.tool import AnyTool

if TYPE_CHECKING:
    from alma.core.language.interpreter import Interpreter

# A tool is chosen from so many points on, and when the next one has so many less: a word of its list is one point,
# certainty about the intent two.
_ENOUGH = 1.0
_AHEAD = 0.4
# … or is merely behind, where nobody else's words were used.
_AHEAD_ALONE = 0.0
_HINT = 0.5
_CANDIDATES = 4
_INTENT = 2.0

_ABOUT: Mapping[Intent, Mapping[str, float]] = {
    Intent.CREATE: {"create_blueprint": 1.0},
    Intent.COST: {"estimate_resources": 0.9, "optimize_costs": 0.4},
    Intent.AUDIT: {"security_audit": 1.0},
    Intent.COMPLIANCE: {"check_compliance": 1.0},
    Intent.COMPARE: {"compare_blueprints": 1.0},
    Intent.TROUBLESHOOT: {"troubleshoot_issue": 1.0},
    Intent.CAPACITY: {"calculate_capacity": 1.0, "estimate_resources": 0.5},
    Intent.FORECAST: {"forecast_metrics": 1.0},
    Intent.MIGRATE: {"migrate_infrastructure": 1.0},
    Intent.SUGGEST: {"suggest_architecture": 1.0},
    Intent.DEPLOY: {"generate_deployment_plan": 0.7},
}
_LESS_COST: Mapping[str, float] = {"estimate_resources": 0.3, "optimize_costs": 0.9}
_STEPS = re.compile(
    r"\s*(?:;|\.\s|\bafter that\b,?|\bafterwards\b,?|,?\s*\b(?:and\s+)?then\b,?|\bfinally\b,?)\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:,\s*|\s+)(?:and|&)\s+|\s*,\s*", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
# Between the words of a phrase may stand as many others: "cut the costs".
_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """A tool that is meant, with the arguments that were said or given, and the words it was chosen by."""

    tool: AnyTool
    arguments: Mapping[str, Json] = field(default_factory=dict)
    words: str = ""


class Candidate(Frozen):
    """A tool that may be meant."""

    tool: str
    title: str
    description: str


class Question(Frozen):
    """It is not clear which tool is meant: what to ask, and what may be answered."""

    question: str
    candidates: tuple[Candidate, ...]


def choose(
    query: str,
    tools: Sequence[AnyTool],
    interpreter: Interpreter,
    *,
    context: Mapping[str, Json] | None = None,
) -> Sequence[Choice] | Question:
    """The tools that the query wants, one after the other, or what to ask. A value of the context whose name is that of
    an argument is used for it; what the words say comes first."""
    judge = _Judge(tools, interpreter)
    clauses = _told(_clauses(query, judge), judge)
    unclear = next((clause for clause in clauses if judge.leader(clause) is None), None)
    if unclear is not None or not clauses:
        return _question(judge.likely(unclear or query), tools)
    about = _about_one(query)
    return [
        Choice(tool, _arguments(tool, words, context or {}, about), words)
        for tool, words in _merged((judge.leader(clause), clause) for clause in clauses)
        if tool is not None
    ]


def _told(clauses: Iterable[str], judge: _Judge) -> list[str]:
    """The clauses that want something. One that hints at no tool at all says more about its neighbour."""
    found: list[str] = []
    waiting = ""
    for clause in clauses:
        if judge.hints_at_something(clause):
            found.append(f"{waiting}{clause}")
            waiting = ""
        elif found:
            found[-1] += f"; {clause}"
        else:
            waiting += f"{clause}; "
    return found


def _clauses(query: str, judge: _Judge) -> Iterator[str]:
    """The steps of a query; at "and" only where each side clearly wants a tool of its own."""
    for step in filter(None, (part.strip() for part in _STEPS.split(query))):
        sides = [side.strip() for side in _AND.split(step) if side.strip()]
        leaders = [judge.leader(side) for side in sides]
        several = len({tool.name for tool in leaders if tool is not None}) > 1
        yield from sides if several and None not in leaders else [step]


def _merged(
    found: Iterable[tuple[AnyTool | None, str]],
) -> Iterator[tuple[AnyTool | None, str]]:
    """Neighbours that want the same tool are one step."""
    for _, group in groupby(found, key=lambda pair: pair[0] and pair[0].name):
        steps = list(group)
        yield steps[0][0], "; ".join(words for _, words in steps)


def _about_one(query: str) -> dict[str, Json]:
    """The blueprint that all steps are about, if one is named."""
    numbers = blueprint_ids(query)
    return {"blueprint_id": numbers[0]} if len(set(numbers)) == 1 else {}


def _arguments(
    tool: AnyTool, words: str, context: Mapping[str, Json], about: Mapping[str, Json]
) -> dict[str, Json]:
    """From the context what has an argument's name, and over it what the words say."""
    names = frozenset(tool.arguments.model_fields)
    given = {name: value for name, value in context.items() if name in names}
    heard = {name: value for name, value in about.items() if name in names} | said(words, names)
    if "blueprint_id" in heard:
        given.pop("blueprint", None)
    return given | heard


def _question(likely: Sequence[AnyTool], tools: Sequence[AnyTool]) -> Question:
    offered = likely if len(likely) > 1 else list(tools)
    many = len(offered) > _CANDIDATES
    titles = ", ".join(tool.title for tool in offered)
    return Question(
        question="What should be worked out?" if many else f"Which is meant: {titles}?",
        candidates=tuple(
            Candidate(tool=tool.name, title=tool.title, description=tool.description)
            for tool in offered
        ),
    )


class _Judge:
    """Weighs tools against words."""

    def __init__(self, tools: Sequence[AnyTool], interpreter: Interpreter) -> None:
        self._tools = tools
        self._interpreter = interpreter

    def leader(self, words: str) -> AnyTool | None:
        """The tool that is clearly ahead, if one is."""
        ranked = self.ranked(words)
        best, tool = ranked[0] if ranked else (0.0, None)
        second = ranked[1][0] if len(ranked) > 1 else 0.0
        ahead = _AHEAD_ALONE if tool is not None and self._alone(tool, words) else _AHEAD
        return tool if best >= _ENOUGH and best - second >= ahead else None

    def _alone(self, tool: AnyTool, words: str) -> bool:
        """Whether what is said is in the list of this tool and in no other's."""
        tokens = _tokens(words)
        return [other.name for other in self._tools if _points(other, tokens) > 0] == [tool.name]

    def hints_at_something(self, words: str) -> bool:
        """Whether any tool may be meant."""
        return any(score >= _HINT for score, _ in self.ranked(words))

    def likely(self, words: str) -> list[AnyTool]:
        """The tools that may be meant, the likeliest first: where words of several were used, those as they came."""
        hinted = [tool for score, tool in self.ranked(words) if score >= _HINT]
        tokens = _tokens(words)
        named = [tool for tool in hinted if _points(tool, tokens) > 0]
        named.sort(key=lambda tool: _place(tool, tokens))
        return (named if len(named) > 1 else hinted)[:_CANDIDATES]

    def ranked(self, words: str) -> list[tuple[float, AnyTool]]:
        """Every tool with its points, the likeliest first."""
        tokens = _tokens(words)
        about = self._about(words)
        scored = [(_points(tool, tokens) + about.get(tool.name, 0.0), tool) for tool in self._tools]
        return sorted(scored, key=lambda pair: -pair[0])

    def _about(self, words: str) -> dict[str, float]:
        points: dict[str, float] = {}
        for guess in self._interpreter.recogniser.guesses(words):
            wanted = _LESS_COST if guess.intent is Intent.COST and asks_for_less(words) else None
            for name, weight in (wanted or _ABOUT.get(guess.intent, {})).items():
                points[name] = points.get(name, 0.0) + _INTENT * weight * guess.share
        return points


def _tokens(words: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(words.lower())]


def _phrases(tool: AnyTool) -> Sequence[str]:
    phrases = (tool.name.replace("_", " "), tool.title, *tool.words)
    return list(dict.fromkeys(map(str.lower, phrases)))


def _place(tool: AnyTool, tokens: Sequence[str]) -> int:
    """How many words are said before the first that is one of the tool's."""
    ends = range(1, len(tokens) + 1)
    said = (end for end in ends if any(_length(each, tokens[:end]) for each in _phrases(tool)))
    return next(said, len(tokens) + 1)


def _points(tool: AnyTool, tokens: Sequence[str]) -> float:
    """A point for each word of the longest phrase of the tool that is said, and a little for each other phrase."""
    hits = sorted(_length(phrase, tokens) for phrase in _phrases(tool))
    found = [hit for hit in hits if hit]
    return found[-1] + 0.25 * (len(found) - 1) if found else 0.0


def _length(phrase: str, tokens: Sequence[str]) -> int:
    """How many words the phrase has if it is said, else 0."""
    wanted = [_stem(word) for word in _WORD.findall(phrase)]
    starts = (at for at, token in enumerate(tokens) if wanted and token == wanted[0])
    return len(wanted) if any(_follows(wanted, tokens[at:]) for at in starts) else 0


def _follows(wanted: Sequence[str], tokens: Sequence[str]) -> bool:
    at = 0
    for number, word in enumerate(wanted):
        reach = tokens[at : at + 1 + (_BETWEEN if number else 0)]
        if word not in reach:
            return False
        at += reach.index(word) + 1
    return True


def _stem(word: str) -> str:
    """Without the endings that say number and time: `costs`, `costing` and `cost` are one word."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)].removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word
