"""Plain values of somebody else's, read so that nothing is lost in silence: what nobody took can be told afterwards.

Whoever reads asks by key and says what it should be. What is not of that kind stays untaken, and is named in the end
like everything that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_EMPTY: tuple[Any, ...] = (None, "", [], {})
_TRUE, _FALSE = {"true", "yes", "on"}, {"false", "no", "off"}


class Values:
    """One mapping of a foreign document. `path` is where it stands within its object."""

    def __init__(self, data: object, path: str = "") -> None:
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self.path = path
        self._taken: set[str] = set()
        self._inner: dict[str, list[Values]] = {}

    def at(self, key: str) -> str:
        """The dotted place of a key."""
        return f"{self.path}.{key}" if self.path else key

    def peek(self, key: str) -> Any:
        """What stands there, without taking it."""
        return self.data.get(key)

    def raw(self, key: str) -> Any:
        """Whatever stands there."""
        self._taken.add(key)
        return self.data.get(key)

    def drop(self, *keys: str) -> None:
        """Takes what means nothing outside its place."""
        self._taken.update(keys)

    def text(self, *keys: str) -> str | None:
        """The first that is a text or a number, as a text."""
        for key in keys:
            found = self.data.get(key)
            if isinstance(found, str | int | float) and not isinstance(found, bool) and found != "":
                self._taken.add(key)
                return str(found)
        return None

    def number(self, *keys: str) -> int | float | None:
        """The first that is a number, or a text that is one."""
        for key in keys:
            found = _number(self.data.get(key))
            if found is not None:
                self._taken.add(key)
                return found
        return None

    def whole(self, *keys: str) -> int | None:
        """The first that is a whole number."""
        found = self.number(*keys)
        return int(found) if found is not None else None

    def flag(self, key: str) -> bool | None:
        """True or false."""
        found = self.data.get(key)
        word = found.casefold() if isinstance(found, str) else found
        if isinstance(word, bool) or (isinstance(word, str) and word in _TRUE | _FALSE):
            self._taken.add(key)
            return word if isinstance(word, bool) else word in _TRUE
        return None

    def texts(self, key: str) -> list[str]:
        """The texts of a list; one alone is a list of one."""
        found = self.data.get(key)
        items = found if isinstance(found, list) else [found]
        if all(
            isinstance(item, str | int | float) and not isinstance(item, bool) for item in items
        ):
            self._taken.add(key)
            return [str(item) for item in items]
        return []

    def pairs(self, key: str) -> dict[str, Any]:
        """Names and values: a mapping, or a list of `name=value`. A name without a value has None."""
        found = self.data.get(key)
        if isinstance(found, Mapping):
            self._taken.add(key)
            return dict(found)
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            self._taken.add(key)
            split = [item.partition("=") for item in found]
            return {name: value if equals else None for name, equals, value in split}
        return {}

    def inner(self, *keys: str) -> Values:
        """The mapping below these keys; a list of one counts as it. Empty if there is none."""
        here = self
        for key in keys:
            found = here.each(key)
            here = found[0] if found else Values({}, here.at(key))
        return here

    def each(self, key: str) -> list[Values]:
        """The mappings of a list; one alone is a list of one."""
        if key not in self._inner:
            found = self.data.get(key)
            items = found if isinstance(found, list) else [found]
            if not items or not all(isinstance(item, Mapping) for item in items):
                return []
            numbered = len(items) > 1
            self._inner[key] = [
                Values(item, f"{self.at(key)}.{number}" if numbered else self.at(key))
                for number, item in enumerate(items)
            ]
        return self._inner[key]

    def rest(self) -> Iterator[tuple[str, Any]]:
        """What says something and was not taken, by its place."""
        for key, value in self.data.items():
            if key in self._taken or value in _EMPTY:
                continue
            if key in self._inner:
                for inner in self._inner[key]:
                    yield from inner.rest()
            elif not _says_nothing(value):
                yield self.at(str(key)), value


def _says_nothing(value: Any) -> bool:
    """Empty, all the way down: Terraform writes out every block that nobody has used."""
    if isinstance(value, Mapping):
        return all(_says_nothing(inner) for inner in value.values())
    if isinstance(value, list):
        return all(_says_nothing(inner) for inner in value)
    return value is None or value == ""


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, int | float) or value != value or abs(value) > 2**53:
        return None
    return int(value) if value == int(value) else value
