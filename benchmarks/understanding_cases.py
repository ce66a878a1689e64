"""Cases of understanding: read from files, and where a conversation of one stands. docs/understanding-cases.md has the
format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.conversation import Interpretation, Said
from alma.core.model.errors import AlmaError
from alma.core.model.yaml_reader import read_yaml


@dataclass(frozen=True)
class Case:
    """One conversation and what should be true after it."""

    id: str
    say: tuple[str, ...]
    expect: Mapping[str, Any]
    tags: tuple[str, ...] = ()
    start: Any = None


@dataclass
class State:
    """Where a conversation stands."""

    blueprint: Blueprint | None = None
    interpretation: Interpretation | None = None
    answer: str = ""
    milliseconds: list[float] = field(default_factory=list)
    origins: dict[str, Origin] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)


def load_cases(path: Path) -> list[Case]:
    """The cases of a file, or of every `*.yaml` in a folder. Raises ValueError naming the file and the entry for what
    is no case, for two with the same id, and where there are none at all."""
    sources = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    cases: dict[str, Case] = {}
    for source in sources:
        for number, entry in enumerate(_entries(source), 1):
            case = _case(entry, source=source, number=number)
            if case.id in cases:
                raise ValueError(f"{source}: two cases are called '{case.id}'")
            cases[case.id] = case
    if not cases:
        what = "has no *.yaml in it" if not sources else "has no case in it"
        raise ValueError(f"{path} {what}: docs/understanding-cases.md says how they are written")
    return list(cases.values())


def _entries(source: Path) -> list[Any]:
    try:
        found = read_yaml(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ValueError(f"{source} can't be read: {reason}") from None
    except AlmaError as error:
        raise ValueError(f"{source} is no YAML that can be read: {error.message}") from None
    if found is None:
        return []
    if not isinstance(found, list):
        raise ValueError(f"{source}: the cases have to be a list, each beginning with '- id:'")  # noqa: TRY004
    return found


def _case(entry: Any, *, source: Path, number: int) -> Case:
    if wrong := list(_wrong(entry)):
        id_ = entry.get("id") if isinstance(entry, Mapping) else None
        called = f"case '{id_}'" if id_ is not None else f"case number {number}"
        raise ValueError(f"{source}: {called} {' and '.join(wrong)}")
    say, tags = entry["say"], entry.get("tags") or []
    return Case(
        id=str(entry["id"]),
        say=tuple(str(turn) for turn in (say if isinstance(say, list) else [say])),
        expect=entry["expect"],
        tags=tuple(str(tag) for tag in (tags if isinstance(tags, list) else [tags])),
        start=entry.get("start"),
    )


def _wrong(entry: Any) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield "is no mapping of id, say and expect"
        return
    if entry.get("id") is None:
        yield "has no 'id'"
    if entry.get("say") is None or entry["say"] == []:
        yield "has no 'say'"
    if "expect" not in entry:
        yield "has no 'expect'"
    elif not isinstance(entry["expect"], Mapping):
        yield "has an 'expect' that is no mapping"
