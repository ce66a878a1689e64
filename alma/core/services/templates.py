"""Templates: finding one, and turning its documented knobs without touching the original."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, assert_never

from pydantic_core import PydanticCustomError

from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import InvalidInput, NotFound
from alma.core.model.suggest import did_you_mean, similarity
from alma.core.model.template import Complexity, Parameter, Sets, Template
from alma.core.model.units import Size

MAX_FOUND = 100
_MAX_TEXT = 1000
_MIN_SCORE = 70
_WORD = re.compile(r"[a-z0-9]+")


class Templates:
    """The templates of this installation. Pure: nothing here is stored, and every answer is made anew."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self._templates = dict(templates)

    @property
    def entries(self) -> Mapping[str, Template]:
        """All templates by id, in the order of the configuration."""
        return self._templates

    def get(self, id_: str) -> Template:
        """The template of that id. Raises NotFound with the nearest id."""
        template = self._templates.get(id_.strip().lower())
        if template is None:
            raise NotFound(f"there is no template '{id_}'", hint=did_you_mean(id_, self._templates))
        return template

    def list(
        self, category: str | None = None, complexity: Complexity | str | None = None
    ) -> Sequence[Template]:
        """All templates, or those of a category and complexity. An unknown category has none; raises InvalidInput for
        an unknown complexity."""
        wanted = _complexity(complexity)
        return [
            template
            for template in self._templates.values()
            if category is None or template.category.casefold() == category.strip().casefold()
            if wanted is None or template.complexity is wanted
        ]

    def categories(self) -> Mapping[str, int]:
        """The categories with how many templates each has, sorted by name."""
        found = [template.category for template in self._templates.values()]
        return {category: found.count(category) for category in sorted(set(found))}

    def search(self, query: str, limit: int = 10) -> Sequence[Template]:
        """The templates that a few words describe, best first; typing errors are forgiven. No words match all. Raises
        InvalidInput unless `limit` is 1 to 100."""
        if not 1 <= limit <= MAX_FOUND:
            raise InvalidInput(f"limit is {limit}", hint=f"give a limit of 1 to {MAX_FOUND}")
        words = _WORD.findall(query.lower())
        scored = [(_score(words, template), template) for template in self._templates.values()]
        found = [(score, template) for score, template in scored if score >= _MIN_SCORE]
        return [template for _, template in sorted(found, key=lambda pair: -pair[0])[:limit]]

    def customize(self, id_: str, parameters: Mapping[str, Json] | None = None) -> Blueprint:
        """A copy of the template's blueprint with the parameters applied, valid by `parse_blueprint`. Raises NotFound,
        or InvalidInput that names every parameter that is unknown or does not fit, and those that exist."""
        template = self.get(id_)
        values = _checked(template, parameters or {})
        document = template.blueprint.dump()
        for name, value in values.items():
            for target in template.parameters[name].sets:
                _set(document, target, value)
        return parse_blueprint(document)

    def origins(
        self, id_: str, parameters: Mapping[str, Json] | None = None
    ) -> Mapping[str, Origin]:
        """Where each field of `customize`'s answer comes from: what a given parameter sets are the caller's words, all
        else is the template's. Paths are as in a revision (`resources.web.specs.memory`); a list is one field."""
        document = self.customize(id_, parameters).dump()
        template = self.get(id_)
        origins = {".".join(path): Origin.TEMPLATE for path in _fields(document)}
        for name in _checked(template, parameters or {}):
            for target in template.parameters[name].sets:
                origins |= dict.fromkeys(_paths(document, target), Origin.WORDS)
        return origins


# ── finding ──────────────────────────────────────────────────────────────────────────────────────


def _complexity(value: Complexity | str | None) -> Complexity | None:
    try:
        return Complexity(value.strip().lower()) if value is not None else None
    except ValueError:
        known = ", ".join(Complexity)
        raise InvalidInput(f"unknown complexity '{value}'", hint=f"use one of: {known}") from None


def _score(words: Sequence[str], template: Template) -> float:
    """How well a template answers the words, 0 to 100: the mean over the words of their best match anywhere."""
    weighed = (
        (1.0, _vocabulary([template.id, template.name])),
        (0.95, _vocabulary([template.category, *template.tags])),
        (0.85, _vocabulary([template.description, template.use_case])),
    )
    scores = [max(weight * _nearness(word, known) for weight, known in weighed) for word in words]
    return sum(scores) / len(scores) if scores else 100.0


def _vocabulary(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text.lower())}


def _nearness(word: str, vocabulary: set[str]) -> float:
    if word in vocabulary:
        return 100.0
    if len(word) >= 3 and any(known.startswith(word) for known in vocabulary):
        return 95.0
    near = max((similarity(word, known) for known in vocabulary), default=0.0)
    return near if near >= 75 else 0.0


# ── parameters ───────────────────────────────────────────────────────────────────────────────────


def _checked(template: Template, parameters: Mapping[str, Json]) -> dict[str, Json]:
    known = template.parameters
    problems: list[str] = []
    values: dict[str, Json] = {}
    for name, value in parameters.items():
        if name not in known:
            hint = did_you_mean(name, known, shown=0) or ""
            problems.append(f"{name}: unknown parameter" + (f" ({hint})" if "mean" in hint else ""))
        elif value is None and known[name].default is None:
            continue  # its default, said
        elif problem := _problem(known[name], value):
            problems.append(f"{name}: {problem}")
        else:
            values[name] = value
    if problems:
        allowed = {name: described(parameter) for name, parameter in known.items()}
        raise InvalidInput(
            f"template '{template.id}' can't take these parameters: {'; '.join(problems)}",
            hint="allowed: " + ", ".join(f"{name} ({text})" for name, text in allowed.items()),
            details={"errors": problems, "allowed": allowed},
        )
    return values


def described(parameter: Parameter) -> str:
    """What a parameter takes, in a few words: `integer, 1 to 20`."""
    if parameter.choices:
        return f"one of {', '.join(parameter.choices)}"
    bounds = _bounds(parameter)
    return f"{parameter.type}, {bounds}" if bounds else parameter.type


def _bounds(parameter: Parameter) -> str:
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None:
        return f"{_shown(low)} to {_shown(high)}"
    if low is not None:
        return f"at least {_shown(low)}"
    return f"at most {_shown(high)}" if high is not None else ""


def _shown(bound: float | Size) -> str:
    return f"{bound:.12g}" if isinstance(bound, int | float) else str(bound)


def _problem(parameter: Parameter, value: Json) -> str | None:
    """Why a value does not fit, or None."""
    match parameter.type:
        case "integer":
            fits = isinstance(value, int) and not isinstance(value, bool)
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            fits = isinstance(value, bool)
        case "string" | "size":
            fits = isinstance(value, str)
        case unreachable:
            assert_never(unreachable)
    if not fits:
        return f"must be {_article(parameter.type)}, not {_json_name(value)}"
    if parameter.type == "size":
        return _size_problem(parameter, str(value))
    if isinstance(value, str):
        return _text_problem(parameter, value)
    return _bounds_problem(parameter, value)


def _article(kind: str) -> str:
    words = {
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "string": "a text",
    }
    return words.get(kind, "a size with its unit such as 8GB")


def _json_name(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text '{value[:40]}'"
    if isinstance(value, int | float):
        return f"{value}"
    return "a mapping" if isinstance(value, dict) else "a list"


def _text_problem(parameter: Parameter, value: str) -> str | None:
    if parameter.choices and value not in parameter.choices:
        return f"must be one of {', '.join(parameter.choices)}, not '{value[:40]}'"
    if not value or len(value) > _MAX_TEXT:
        return f"must have 1 to {_MAX_TEXT} characters"
    return None


def _size_problem(parameter: Parameter, value: str) -> str | None:
    try:
        size = Size(value)
    except PydanticCustomError as error:
        hint = (error.context or {}).get("hint")
        return f"invalid format ({hint})"
    return _bounds_problem(parameter, size)


def _bounds_problem(parameter: Parameter, value: Any) -> str | None:
    low, high = parameter.minimum, parameter.maximum
    # `not (a <= b)` and not `a > b`: NaN is within no bounds.
    below = low is not None and not low <= value
    above = high is not None and not value <= high
    return f"must be {_bounds(parameter)}, not {_shown(value)}" if below or above else None


# ── setting ──────────────────────────────────────────────────────────────────────────────────────


def _targets(document: dict[str, Any], target: Sets) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a parameter writes into, each with the beginning of its paths."""
    if target.resource is None:
        yield "", document
        return
    for resource in document.get("resources", ()):
        everyone = target.resource == "*" and (not target.types or resource["type"] in target.types)
        if everyone or resource["name"] == target.resource:
            yield f"resources.{resource['name']}.", resource


def _set(document: dict[str, Any], target: Sets, value: Json) -> None:
    *parents, last = target.path.split(".")
    for _, place in _targets(document, target):
        for part in parents:
            place = place.setdefault(part, {})
        place[last] = value


def _paths(document: dict[str, Any], target: Sets) -> Iterator[str]:
    return (f"{beginning}{target.path}" for beginning, _ in _targets(document, target))


def _fields(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all values; resources go by their names, and any other list is one value."""
    if path == ("resources",):
        for resource in value:
            yield from _fields(resource, (*path, resource["name"]))
    elif isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _fields(inner, (*path, str(key)))
    else:
        yield path
