"""Whether what an expectation says is so: the rules of docs/understanding-cases.md, "What counts as equal"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from alma.config import load_catalogue
from alma.core.model.blueprint import Blueprint, Resource, SecretRef
from alma.core.model.conversation import Interpretation
from alma.core.model.units import Size
from benchmarks.understanding_cases import State
from benchmarks.understanding_ours import (
    ENVIRONMENT,
    NAMED,
    REGION,
    SIZES,
    any_of,
    labels_of,
    limit_of,
    named,
    pairs_of,
    path_of,
    types_of,
)

_SPOKEN = {"k": "kB", "m": "MB", "g": "GB", "t": "TB"}


@dataclass(frozen=True)
class _Found:
    """A resource, and the blueprint that it is in."""

    resource: Resource
    blueprint: Blueprint

    def value(self, path: str) -> Any:
        """What it has there, None for nothing; a region and an environment are the blueprint's."""
        resource = self.resource
        if path == REGION:
            return self.blueprint.constraints.region if self.blueprint.constraints else None
        if path == ENVIRONMENT:
            return self.blueprint.metadata.get(ENVIRONMENT)
        if path in {"specs.disk", "specs.storage"}:
            return resource.specs.disk_size
        if path == "image" and resource.image is None and resource.engine is not None:
            return _Program(resource.engine, resource.version)
        if path == "connects_to":
            return (*resource.backends, *resource.depends_on)
        return _at(resource, path)


@dataclass(frozen=True)
class _Program:
    """What an application without an image of its own is known by: its software, in a version."""

    engine: str
    version: str | None

    def is_of(self, image: str) -> bool:
        """Whether that is the image of it: `httpd` and `prom/prometheus` in any version, `grafana/grafana:10.4` only
        in that one."""
        name, _, tag = image.casefold().rpartition("/")[2].partition(":")
        if tag and tag != "latest" and not _same_version(tag, self.version):
            return False
        return self.engine.casefold() in {name, name.replace("-", ""), _software().get(name)}


@cache
def _software() -> Mapping[str, str]:
    """The software of the catalogue by what else it is called, and by the name of its image."""
    known = load_catalogue().software
    return {
        name.casefold(): id_
        for id_, entry in known.items()
        for name in (*entry.aliases, (entry.image or id_).rpartition("/")[2])
    }


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None)
    return value


def differences(expect: Mapping[str, Any], state: State) -> Iterator[tuple[Any, Any]]:
    """What of an expectation does not hold, as (expected, got)."""
    said = state.interpretation
    assert said is not None
    resources = _found(state.blueprint)
    shown = [_plain(found.resource) for found in resources]
    if "intent" in expect and str(said.intent) not in any_of(expect["intent"]):
        yield {"intent": expect["intent"]}, {"intent": str(said.intent)}
    wanted = expect.get("resources", [])
    if not _all_matched(wanted, resources):
        yield {"resources": wanted}, {"resources": shown}
    for kind, number in expect.get("counts", {}).items():
        found = _count(kind, resources)
        if found not in any_of(number):
            yield {"counts": {kind: number}}, {"counts": {kind: found}, "resources": shown}
    for entry in expect.get("absent", []):
        if any(entry.get("type") == "*" or _matches(entry, found) for found in resources):
            yield {"absent": entry}, {"resources": shown}
    yield from _about_all(expect, state, said)


def _about_all(
    expect: Mapping[str, Any], state: State, said: Interpretation
) -> Iterator[tuple[Any, Any]]:
    blueprint = state.blueprint
    engine = blueprint.engine if blueprint else None
    if "engine" in expect and not _equal("engine", expect["engine"], engine):
        yield {"engine": expect["engine"]}, {"engine": engine}
    limits = blueprint.constraints.model_dump() if blueprint and blueprint.constraints else {}
    for key, value in expect.get("constraints", {}).items():
        if not _equal(key, value, limits.get(limit_of(key))):
            yield {"constraints": {key: value}}, {"constraints": limits}
    if "asks" in expect and (said.question is not None) != expect["asks"]:
        yield {"asks": expect["asks"]}, {"question": said.question}
    for words in expect.get("says", []):
        if not any(str(word).casefold() in state.answer.casefold() for word in any_of(words)):
            yield {"says": words}, {"answer": state.answer}


def _found(blueprint: Blueprint | None) -> list[_Found]:
    return [_Found(resource, blueprint) for resource in blueprint.resources] if blueprint else []


def _all_matched(wanted: Sequence[Mapping[str, Any]], resources: Sequence[_Found]) -> bool:
    """Whether each entry can have a resource of its own."""
    owners: dict[int, int] = {}

    def place(entry: int, tried: set[int]) -> bool:
        for index, resource in enumerate(resources):
            if index in tried or not _matches(wanted[entry], resource):
                continue
            tried.add(index)
            if index not in owners or place(owners[index], tried):
                owners[index] = entry
                return True
        return False

    return all(place(entry, set()) for entry in range(len(wanted)))


def _count(kind: str, resources: Iterable[_Found]) -> int:
    kinds = types_of(kind)
    return sum(found.resource.count for found in resources if found.resource.type in kinds)


def _matches(entry: Mapping[str, Any], found: _Found) -> bool:
    kind = str(found.resource.type)
    flat = ((path_of(path, kind), expected) for path, expected in _flat(entry))
    return all(_equal(path, expected, found.value(path)) for path, expected in flat)


def _flat(entry: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in entry.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _equal(path: str, expected: Any, got: Any) -> bool:
    if expected == "*":
        return got not in (None, "", (), [], {})
    if isinstance(got, Mapping):
        return _all_in(path, expected, got)
    if isinstance(expected, list | tuple) and not isinstance(got, list | tuple):
        return any(_equal(path, option, got) for option in expected)
    if got is None or expected is None:
        return got is expected
    return _same(path, expected, got)


def _all_in(path: str, expected: Any, got: Mapping[str, Any]) -> bool:
    """Labels and variables that are written as a list."""
    if expected is None:
        return not got
    wanted = labels_of(expected) if path == "labels" else pairs_of(expected, alone="")
    return all(key in got and _folded(value) == _folded(got[key]) for key, value in wanted.items())


def _same(path: str, expected: Any, got: Any) -> bool:
    if path in _READ:
        return _READ[path](expected, got)
    if isinstance(got, list | tuple):
        fold = _named if path in NAMED else _folded
        wanted = any_of(expected)
        return _alike(wanted, got, fold) or _alike(wanted, got, _port)
    return _folded(expected) == _folded(got)


def _alike(expected: Iterable[Any], got: Iterable[Any], fold: Callable[[Any], str]) -> bool:
    return sorted(map(fold, expected)) == sorted(map(fold, got))


def _same_version(expected: Any, got: Any) -> bool:
    return str(got) == str(expected) or str(got).startswith(f"{expected}.")


def _reachable(expected: Any, got: Any) -> bool:
    """From outside, at whatever address, if no address is expected."""
    if isinstance(expected, bool):
        return bool(got) == expected
    return _folded(expected) == _folded(got)


def _named(value: Any) -> str:
    return named(value).casefold()


def _folded(value: Any) -> str:
    """Names without case, numbers without a trailing `.0`."""
    if isinstance(value, SecretRef):
        return value.secret.casefold()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).casefold()


def _port(value: Any) -> str:
    """A port by the number it is reached at inside, however it is published."""
    return str(getattr(value, "target", value)).removesuffix("/tcp")


def _same_size(expected: str, got: str) -> bool:
    """In bytes. "16 gigs" may be meant either way. What is no size is compared as it is written."""
    try:
        return _as_sizes(expected, got)
    except ValueError:
        return _folded(expected) == _folded(got)


def _as_sizes(expected: str, got: str) -> bool:
    if re.fullmatch(r"[\d.]+", expected):
        expected = f"{expected} gigs"
    spoken = re.fullmatch(r"\s*([\d.]+)\s*([kmgt])(ig|eg)s?\s*", expected.casefold())
    if spoken is None:
        return Size(expected) == Size(got)
    unit = _SPOKEN[spoken[2]]
    return Size(got) in {Size(spoken[1] + unit), Size(f"{spoken[1]}{unit[0].upper()}iB")}


def _same_image(expected: str, got: str | _Program) -> bool:
    """`alpine` is also `alpine:3.20`, `alpine-3.20` and `docker.io/library/alpine`."""
    if isinstance(got, _Program):
        return got.is_of(expected)
    plain = got.casefold().rpartition("/")[2]
    bare = {plain, plain.partition(":")[0], re.sub(r"[-:]\d[\w.]*$", "", plain)}
    return expected.casefold() in {got.casefold(), *bare}


def _plain(resource: Resource) -> dict[str, Any]:
    dumped: dict[str, Any] = resource.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return dumped


_READ: Mapping[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(SIZES, lambda expected, got: _same_size(str(expected), str(got))),
    "type": lambda expected, got: str(got) in types_of(expected),
    "name": lambda expected, got: _named(expected) == _named(got),
    "image": lambda expected, got: _same_image(str(expected), got),
    "version": _same_version,
    "network.public_ip": _reachable,
}
