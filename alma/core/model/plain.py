"""Plain values: what a document is before it means anything, and the limits that keep a hostile one harmless.

JSON is read here. Everything a blueprint is made of passes `check_values`, however it arrived: no NaN, no number that
JavaScript or a database would change, no text that UTF-8 or PostgreSQL can't store.
"""

from __future__ import annotations

import bisect
import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import BlueprintInvalid

MAX_BYTES: Final = 5_000_000
MAX_DEPTH: Final = 32
MAX_NODES: Final = 600_000
MAX_ITEMS: Final = 10_000
_MAX_INTEGER: Final = 2**63 - 1
_MAX_DIGITS: Final = 400

Location = tuple[str | int, ...]
Position = tuple[int, int]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}:,]|[^][{}:,"\s]+')
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def dotted(location: Iterable[str | int]) -> str:
    """A place in a document as people read it: `resources.0.specs.memory`."""
    return ".".join(str(part) for part in location)


def unreadable(
    code: str, message: str, *, path: str = "", hint: str | None = None, at: Position | None = None
) -> BlueprintInvalid:
    """The error for a document that can't be read any further than here."""
    line, column = at or (None, None)
    found = Diagnostic(code=code, path=path, message=message, hint=hint, line=line, column=column)
    return BlueprintInvalid([found], hint=hint)


def check_values(data: Any) -> None:
    """Raises BlueprintInvalid when the values are too many, too deep, or none that JSON can carry."""
    nodes = 0
    todo: list[tuple[Location, Any]] = [((), data)]
    while todo:
        location, value = todo.pop()
        nodes += 1
        if nodes > MAX_NODES:
            hint = "split it into several blueprints"
            raise unreadable(
                "too_many_values", f"the document has more than {MAX_NODES} values", hint=hint
            )
        if isinstance(value, dict | list | tuple):
            if len(location) >= MAX_DEPTH:
                raise _too_deep(dotted(location[:4]))
            todo.extend(_children(location, value))
        elif problem := _problem(value):
            code, message, hint = problem
            raise unreadable(code, message, path=dotted(location), hint=hint)


def _children(
    location: Location, value: dict[Any, Any] | list[Any] | tuple[Any, ...]
) -> Iterable[tuple[Location, Any]]:
    if len(value) > MAX_ITEMS:
        raise too_many_items(path=dotted(location))
    if not isinstance(value, dict):
        return (((*location, index), inner) for index, inner in enumerate(value))
    for key in value:
        if not isinstance(key, str) or _UNSTORABLE.search(key):
            hint = "use a text without control characters"
            raise unreadable(
                "invalid_key", "a key is no usable text", path=dotted(location), hint=hint
            )
    return (((*location, key), inner) for key, inner in value.items())


def too_many_items(*, path: str, at: Position | None = None) -> BlueprintInvalid:
    """The error for a list or mapping that is longer than any that means something: said before more work is done."""
    message = f"more than {MAX_ITEMS} entries"
    hint = "split it into several blueprints"
    return unreadable("too_many_values", message, path=path, hint=hint, at=at)


def _problem(value: Any) -> tuple[str, str, str] | None:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            return "invalid_text", "a character can't be stored", "remove NUL and lone surrogates"
    elif isinstance(value, float):
        if not math.isfinite(value):
            return "not_finite", "not a finite number", "write a number"
    elif isinstance(value, int) and abs(value) > _MAX_INTEGER:
        return "too_large", "the number is too large", "write it as a text"
    return None


def _too_deep(path: str) -> BlueprintInvalid:
    hint = "a blueprint is three or four levels deep"
    return unreadable("too_deep", f"nested more than {MAX_DEPTH} levels deep", path=path, hint=hint)


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────


def read_json(text: str) -> Any:
    """A JSON text as plain values, stricter than the standard library: a key given twice, NaN and Infinity are errors.
    Raises BlueprintInvalid with line and column."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except json.JSONDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        hint = "check the quotes and commas on this line and the one before"
        raise unreadable(
            "json_syntax", message, hint=hint, at=(error.lineno, error.colno)
        ) from error
    except _DuplicateKeyError as error:
        at = _second_place(text, error.key)
        message = f"'{error.key}' is given twice"
        raise unreadable("duplicate_key", message, hint="keep one of them", at=at) from None
    except _NumberError as error:
        at, hint = _place_of(text, error.token), "write a number, or a text in quotes"
        raise unreadable(error.code, error.message, hint=hint, at=at) from None
    except RecursionError:
        raise _too_deep("") from None


class _DuplicateKeyError(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        times = Counter(key for key, _ in pairs)
        raise _DuplicateKeyError(next(key for key, number in times.items() if number > 1))
    return made


class _NumberError(ValueError):
    def __init__(self, token: str, code: str, message: str) -> None:
        super().__init__(message)
        self.token, self.code, self.message = token, code, message


def _no_constant(token: str) -> Any:
    raise _NumberError(token, "not_finite", f"{token} is not a number")


def _integer(token: str) -> int:
    if len(token) > _MAX_DIGITS:
        raise _NumberError(token, "too_large", "the number is too large")
    return int(token)


def _decimal(token: str) -> float:
    value = float(token)
    if not math.isfinite(value):
        raise _NumberError(token, "not_finite", f"{token[:40]} is too large")
    return value


def _place_of(text: str, token: str) -> Position | None:
    found = (match.start() for match in _TOKEN.finditer(text) if match[0] == token)
    offset = next(found, None)
    return None if offset is None else _place(_lines(text), offset)


def json_positions(text: str) -> dict[Location, Position]:
    """Where each key and list item of a valid JSON text stands."""
    return {
        location: _place(starts, offset)
        for starts in [_lines(text)]
        for location, offset in _walk(text)
    }


def _second_place(text: str, key: str) -> Position | None:
    """Where a key is given for the second time in one object."""
    seen: set[Location] = set()
    for location, offset in _walk(text):
        if location in seen and location[-1] == key:
            return _place(_lines(text), offset)
        seen.add(location)
    return None


def _walk(text: str) -> Iterable[tuple[Location, int]]:
    """Each key and list item with its offset, in the order of the text."""
    stack: list[str | int | None] = []  # the current key or index of each open object and list
    expect_key = False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "]}":
            stack.pop()
            expect_key = False
            continue
        if token == ",":
            expect_key = not isinstance(stack[-1], int)
            if isinstance(stack[-1], int):
                stack[-1] += 1
            continue
        if token == ":":
            continue
        if expect_key:
            stack[-1] = json.loads(token)
            expect_key = False
            yield _location(stack), match.start()
            continue
        if stack and isinstance(stack[-1], int):
            yield _location(stack), match.start()
        if token == "[":
            stack.append(0)
        elif token == "{":
            stack.append(None)
            expect_key = True


def _location(stack: list[str | int | None]) -> Location:
    return tuple(part for part in stack if part is not None)


def _lines(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _place(starts: list[int], offset: int) -> Position:
    line = bisect.bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1
