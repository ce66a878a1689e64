from typing import Any

import pytest

from alma.core.model.blueprint import Blueprint, Origin, Resource, ResourceType
from alma.core.model.errors import Conflict, InvalidInput, NotFound
from alma.db.database import Database
from tests.unit.db.conftest import START
from tests.unit.db.samples import OTHER, PROJECT, add_blueprint, web


def test_ids_count_from_one_and_a_new_blueprint_is_revision_one(database: Database) -> None:
    with database.write() as transaction:
        made = [
            transaction.blueprints.add(web(name), project=PROJECT, origins={}, by="ada")
            for name in ("shop", "shop", "blog")
        ]

    assert [(item.id, item.number) for item in made] == [(1, 1), (2, 1), (3, 1)]


def test_a_revision_comes_back_as_it_was_saved(database: Database) -> None:
    origins = {"resources.web-1.specs.memory": Origin.WORDS}
    with database.write() as transaction:
        saved = transaction.blueprints.add(web(), project=PROJECT, origins=origins, by="ada")

    with database.read() as transaction:
        found = transaction.blueprints.latest(saved.id, project=PROJECT)

    assert found == saved
    assert found.origins == origins
    assert (found.created_at, found.created_by) == (START, "ada")


def test_a_document_comes_back_as_its_author_wrote_it(database: Database) -> None:
    resource = Resource(name="web-1", type=ResourceType.VM, count=1)
    written = Blueprint(name="shop", resources=(resource,))
    with database.write() as transaction:
        id_ = transaction.blueprints.add(written, project=PROJECT, origins={}, by="ada").id

    with database.read() as transaction:
        found = transaction.blueprints.latest(id_, project=PROJECT)

    assert found.blueprint.dump() == written.dump()
    assert found.blueprint.dump()["resources"] == [{"name": "web-1", "type": "vm", "count": 1}]


def test_each_save_is_a_revision_and_old_ones_stay_readable(database: Database) -> None:
    with database.write() as transaction:
        id_ = add_blueprint(transaction)
        second = transaction.blueprints.add_revision(
            id_, web("store", memory="4GB"), project=PROJECT, origins={}, by="bob", expected=1
        )

    with database.read() as transaction:
        blueprints = transaction.blueprints
        assert blueprints.latest(id_, project=PROJECT) == second
        assert blueprints.revision(id_, 1, project=PROJECT).blueprint == web()
        numbers = [item.number for item in blueprints.revisions(id_, project=PROJECT)]
        assert numbers == [2, 1]
        assert [item.id for item in blueprints.list(project=PROJECT, name="store")] == [id_]
        assert blueprints.count(project=PROJECT, name="shop") == 0


def test_saving_the_same_content_again_makes_no_revision(database: Database) -> None:
    with database.write() as transaction:
        first = transaction.blueprints.add(web(), project=PROJECT, origins={}, by="ada")
        again = transaction.blueprints.add_revision(
            first.id, web(), project=PROJECT, origins={}, by="bob", expected=None
        )

    assert again == first


def test_two_writers_conflict_instead_of_overwriting(database: Database) -> None:
    with database.write() as transaction:
        id_ = add_blueprint(transaction)
        transaction.blueprints.add_revision(
            id_, web(memory="4GB"), project=PROJECT, origins={}, by="bob", expected=1
        )

    with pytest.raises(Conflict) as caught, database.write() as transaction:
        transaction.blueprints.add_revision(
            id_, web(memory="8GB"), project=PROJECT, origins={}, by="ada", expected=1
        )

    assert "at revision 2, not 1" in caught.value.message
    assert caught.value.hint == "read revision 2, make the change on it, and save again"
    assert caught.value.details["revision"] == 2


def test_a_deleted_blueprint_is_gone_but_its_revisions_stay_for_plans(database: Database) -> None:
    with database.write() as transaction:
        id_ = add_blueprint(transaction)
        transaction.blueprints.delete(id_, project=PROJECT)

    with database.read() as transaction:
        blueprints = transaction.blueprints
        with pytest.raises(NotFound):
            blueprints.latest(id_, project=PROJECT)
        with pytest.raises(NotFound):
            blueprints.revisions(id_, project=PROJECT)
        assert blueprints.list(project=PROJECT) == []
        assert blueprints.count(project=PROJECT) == 0
        assert blueprints.revision(id_, 1, project=PROJECT).blueprint == web()
    with pytest.raises(NotFound), database.write() as transaction:
        transaction.blueprints.delete(id_, project=PROJECT)
    with database.write() as transaction:
        assert add_blueprint(transaction) == id_ + 1


def test_another_projects_blueprint_is_not_found(database: Database) -> None:
    with database.write() as transaction:
        id_ = add_blueprint(transaction)

    with database.write() as transaction:
        blueprints = transaction.blueprints
        for use in (
            lambda: blueprints.latest(id_, project=OTHER),
            lambda: blueprints.revision(id_, 1, project=OTHER),
            lambda: blueprints.revisions(id_, project=OTHER),
            lambda: blueprints.delete(id_, project=OTHER),
            lambda: blueprints.add_revision(
                id_, web(memory="4GB"), project=OTHER, origins={}, by="eve", expected=None
            ),
        ):
            with pytest.raises(NotFound, match=f"blueprint {id_} does not exist"):
                use()
        assert blueprints.list(project=OTHER) == []
        assert blueprints.count(project=OTHER) == 0


def test_lists_give_the_newest_first_page_by_page(database: Database) -> None:
    with database.write() as transaction:
        for name in ("a", "b", "c", "d"):
            add_blueprint(transaction, name)

    with database.read() as transaction:
        page = transaction.blueprints.list(project=PROJECT, skip=1, limit=2)
        assert [item.blueprint.name for item in page] == ["c", "b"]
        assert transaction.blueprints.count(project=PROJECT) == 4


def test_a_part_of_the_name_and_the_engine_find_blueprints(database: Database) -> None:
    on_docker = web("Shop_100%").model_copy(update={"engine": "docker"})
    nested = Resource(name="db", type=ResourceType.DATABASE, engine="docker")
    with database.write() as transaction:
        for wanted in (
            web("shop"),
            on_docker,
            web("blog").model_copy(update={"engine": "simulation"}),
            web("other").model_copy(
                update={"resources": (nested,), "description": '{"engine": "docker"} \u0001'}
            ),
        ):
            transaction.blueprints.add(wanted, project=PROJECT, origins={}, by="ada")

    def found(**filters: Any) -> list[str]:
        with database.read() as transaction:
            listed = transaction.blueprints.list(project=PROJECT, **filters)
            assert transaction.blueprints.count(project=PROJECT, **filters) == len(listed)
        return [item.blueprint.name for item in listed]

    assert found(search="SHOP") == ["Shop_100%", "shop"]
    assert found(search="_100%") == ["Shop_100%"]
    assert found(search="%") == ["Shop_100%"]
    assert found(engine="docker") == ["Shop_100%"]
    assert found(engine="simulation", search="shop") == []


@pytest.mark.parametrize("id_", [0, -1, 2**40])
def test_an_id_nobody_has_is_not_found(database: Database, id_: int) -> None:
    with database.read() as transaction, pytest.raises(NotFound):
        transaction.blueprints.latest(id_, project=PROJECT)


@pytest.mark.parametrize("id_", [2**70, -(2**70)])
def test_an_id_no_database_can_hold_is_refused_in_words(database: Database, id_: int) -> None:
    with database.read() as transaction, pytest.raises(InvalidInput, match="outside"):
        transaction.blueprints.latest(id_, project=PROJECT)


def test_a_text_no_database_can_hold_is_refused_in_words(database: Database) -> None:
    with database.read() as transaction, pytest.raises(InvalidInput, match="outside"):
        transaction.blueprints.list(project=PROJECT, name="half \ud800")


@pytest.mark.parametrize(("skip", "limit"), [(-1, 1), (0, -1)])
def test_a_page_before_the_first_is_refused(database: Database, skip: int, limit: int) -> None:
    with database.read() as transaction, pytest.raises(InvalidInput, match="negative"):
        transaction.blueprints.list(project=PROJECT, skip=skip, limit=limit)


def test_what_is_read_again_is_not_decoded_again(database: Database) -> None:
    with database.write() as transaction:
        id_ = add_blueprint(transaction)

    with database.read() as transaction:
        once = transaction.blueprints.latest(id_, project=PROJECT)
        twice = transaction.blueprints.latest(id_, project=PROJECT)

    assert once.blueprint is twice.blueprint
