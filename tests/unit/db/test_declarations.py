"""What became of a declared blueprint is one row, which one of two makes and both read."""

from __future__ import annotations

from collections.abc import Callable

from alma.core.model.blueprint import Blueprint
from alma.core.model.declaration import Declaration
from alma.core.model.plan import PlanKind
from alma.db.database import Database


def declared(database: Database, **more: object) -> Declaration:
    with database.write() as transaction:
        blueprint = Blueprint.model_validate({"name": "web"})
        revision = transaction.blueprints.add(blueprint, project="one", origins={}, by="k")
    given = {"source": "kubernetes:a/b", "project": "one", "holder": "u-1", "generation": 3}
    return Declaration.model_validate({**given, "blueprint_id": revision.id, "revision": 1, **more})


def test_what_is_kept_is_what_was_given(database: Database) -> None:
    kept = declared(database, engine="docker", kind="destroy", settled=1, asked="again")
    with database.write() as transaction:
        assert transaction.declarations.find(kept.source) is None
        assert transaction.declarations.add(kept)
    with database.read() as transaction:
        assert transaction.declarations.find(kept.source) == kept
        assert transaction.declarations.list(project="one") == [kept]
        assert transaction.declarations.list(project="two") == []


def test_it_goes_on_and_nothing_of_it_is_lost(database: Database) -> None:
    kept = declared(database)
    changed = kept.model_copy(update={"holder": None, "revision": 2, "kind": PlanKind.DESTROY})
    with database.write() as transaction:
        transaction.declarations.add(kept)
        transaction.declarations.put(changed)
    with database.read() as transaction:
        assert transaction.declarations.find(kept.source) == changed


def test_of_two_that_add_the_same_source_one_goes_through(
    database: Database, open_again: Callable[[], Database]
) -> None:
    first = declared(database)
    with database.write() as transaction:
        assert transaction.declarations.add(first)
    with open_again().write() as transaction:
        assert not transaction.declarations.add(first.model_copy(update={"holder": "u-2"}))
    with database.read() as transaction:
        assert transaction.declarations.find(first.source, lock=False) == first
