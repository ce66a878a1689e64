"""Nobody may do anything that no permission of theirs allows, not even find out whether it is there.

Every public use case of an installation that is told who calls is called by somebody without permissions, with
arguments made from its annotations. It must refuse before it says anything to the database, whose file is not even made
here. A use case that somebody adds and that asks for no permission fails, unless it stands in `OPEN` with its reason.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import inspect
import types
import typing
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError

from alma.bootstrap import Alma, build
from alma.core.model.errors import AlmaError, Forbidden
from alma.core.model.principal import Principal
from alma.core.ports import Transaction
from alma.settings import Settings

NOBODY = Principal(id="user:nobody", project="shop")

_OWN = "it is the caller's own, whatever they may do in a project"
_HIDDEN = "a project that one has no role in is not there, which only the database can say"
OPEN: Mapping[str, str] = {
    "accounts.change_password": _OWN,
    "signing_in.sign_out_everywhere": _OWN,
    "authenticator.projects": _OWN,
    "device_login.look": "whoever is signed in signs in their own device, by the code that it shows",
    "device_login.answer": "the same",
    "idempotency.begin": "answers are kept for the caller who got them; the use case behind asks",
    "idempotency.alive": "the same",
    "idempotency.finish": "the same",
    "idempotency.drop": "the same",
    "projects.list": "it lists those that the caller has a role in",
    "projects.get": _HIDDEN,
    "projects.entered": _HIDDEN,
    "projects.change": _HIDDEN,
    "watching.watcher": "it watches nothing yet; each log asks when it is watched",
}
"""What takes no permission, or not at first, and why."""

_ALMA = typing.get_type_hints(Alma, localns={"LanguageModel": object})


def _use_cases() -> Iterator[tuple[str, Callable[..., Any]]]:
    """`part.method` of all that the core offers and that is told who calls."""
    for part in dataclasses.fields(Alma):
        kind = _ALMA[part.name]
        if not inspect.isclass(kind) or not kind.__module__.startswith("alma.core."):
            continue
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_") and Principal in _taken(method):
                yield f"{part.name}.{name}", method


def _taken(method: Callable[..., Any]) -> list[Any]:
    """What a method is given; nothing where it has annotations that only a type checker can read."""
    try:
        hints = typing.get_type_hints(method)
    except NameError:
        assert "Principal" not in str(inspect.signature(method)), f"import what {method} names"
        return []
    return [kind for name, kind in hints.items() if name != "return"]


USE_CASES = dict(_use_cases())


class Untouchable:
    """A transaction that must not be asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the transaction was asked for {name}")


def made(wanted: Any) -> Any:
    """Something of a type: the least there is of it. Models are not filled in, so that who reads them first fails."""
    kind = typing.get_origin(wanted) or wanted
    if kind in {typing.Union, types.UnionType}:
        return made(typing.get_args(wanted)[0])
    if kind is Principal:
        return NOBODY
    if kind is Transaction:
        return Untouchable()
    if kind is typing.Literal:
        return typing.get_args(wanted)[0]
    if not inspect.isclass(kind) or kind is object:
        return {}
    return _made(kind)


def _made(kind: type) -> Any:
    if issubclass(kind, Enum):
        return next(iter(kind))
    if issubclass(kind, BaseModel):
        return kind.model_construct()
    if dataclasses.is_dataclass(kind):
        return object.__new__(kind)
    if kind.__module__ == "collections.abc":
        return {} if issubclass(kind, Mapping) else ()
    plain: dict[str, Any] = {
        "datetime": datetime(2026, 3, 1, tzinfo=UTC),
        "str": "x",
        "int": 1,
        "bool": False,
    }
    return plain.get(kind.__name__)


def called(alma: Alma, name: str) -> None:
    """Calls a use case as nobody, and goes on as far as to its first answer."""
    part, _, method = name.partition(".")
    hints = typing.get_type_hints(USE_CASES[name])
    given: dict[str, Any] = {}
    positional = []
    for parameter in inspect.signature(getattr(getattr(alma, part), method)).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional = [made(hints[parameter.name])]
        elif parameter.default is parameter.empty:
            given[parameter.name] = made(hints[parameter.name])
    work = functools.partial(getattr(getattr(alma, part), method))
    if positional:
        work = functools.partial(work, *given.values(), *positional)
        given = {}
    asyncio.run(_begun(lambda: work(**given)))


async def _begun(work: Callable[[], Any]) -> None:
    found = work()
    if inspect.isawaitable(found):
        found = await found
    if isinstance(found, AsyncIterator):
        await anext(found)
    elif isinstance(found, AbstractContextManager):
        with found:
            pass
    elif isinstance(found, Iterator):
        next(found)


@pytest.fixture(scope="module")
def alma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alma]:
    """An installation whose database nobody has opened yet."""
    home: Path = tmp_path_factory.mktemp("unopened")
    built = build(Settings(home=home, database_url=f"sqlite:///{home / 'alma.db'}"))
    yield built
    asyncio.run(built.stop())


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What is said to any database from here on."""
    statements: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    with ExitStack() as stack:
        event.listen(Engine, "before_cursor_execute", hear)
        stack.callback(event.remove, Engine, "before_cursor_execute", hear)
        yield statements


def test_the_walk_meets_every_part_that_people_use() -> None:
    parts = {name.partition(".")[0] for name in USE_CASES}
    assert {"blueprints", "iprs", "deployments", "stacks", "members", "auditing", "tools"} <= parts


@pytest.mark.parametrize("name", sorted(set(USE_CASES) - set(OPEN)))
def test_a_use_case_refuses_who_may_nothing_before_it_looks(
    alma: Alma, said: list[str], name: str
) -> None:
    with pytest.raises(Forbidden):
        called(alma, name)
    assert said == []


@pytest.mark.parametrize("name", sorted(OPEN))
def test_what_takes_no_permission_is_there_and_takes_none(alma: Alma, name: str) -> None:
    """Else the list of exceptions would hide what has one by now."""
    assert name in USE_CASES
    try:
        called(alma, name)
    except Forbidden as error:
        pytest.fail(f"take {name} off the list: {error.message}")
    except (AlmaError, AttributeError, DatabaseError):
        return  # not there, not made, or not filled in: nobody asked what the caller may do
