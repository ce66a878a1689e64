from contextlib import suppress

import pytest

from alma.core.model.deployment import DeploymentState
from alma.core.model.errors import NotFound
from alma.db.database import Database, open_database
from alma.db.figures import FRESH_SECONDS, DatabaseFigures, connections
from alma.telemetry.prometheus import PrometheusMeters
from tests.unit.db.conftest import FakeClock
from tests.unit.db.samples import PROJECT, add_blueprint, stored_deployment


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def figures(database: Database, ticks: Ticks) -> DatabaseFigures:
    return DatabaseFigures(database, engines=("docker", "simulation"), clock=ticks)


def read(figures: DatabaseFigures, ticks: Ticks) -> dict[tuple[str, ...], float]:
    """As of now, not of a moment ago."""
    ticks.now += 1_000
    return {(s.name, *s.labels.values()): s.value for s in figures.figures()}


def test_an_empty_installation_has_nothing_of_anything(
    figures: DatabaseFigures, ticks: Ticks
) -> None:
    found = read(figures, ticks)
    assert found["database_up",] == 1
    assert found["active_deployments", "docker"] == 0
    assert found["blueprint_resources_count",] == 0
    assert found["workflow_queue_depth", "deployments"] == 0


def test_what_waits_is_counted_with_its_age(
    database: Database, figures: DatabaseFigures, ticks: Ticks, clock: FakeClock
) -> None:
    queued = stored_deployment(database)
    clock.advance(90)
    found = read(figures, ticks)
    assert found["active_deployments", "simulation"] == 1
    assert found["deployments", "queued"] == 1
    assert found["workflow_queue_depth", "deployments"] == 1
    assert found["workflow_queue_oldest_seconds", "deployments"] == 90

    with database.write() as transaction:
        running = queued.model_copy(update={"state": DeploymentState.RUNNING})
        transaction.deployments.update(running)
    found = read(figures, ticks)
    assert found["active_deployments", "simulation"] == 1
    assert found["workflow_queue_depth", "deployments"] == 0

    with database.write() as transaction:
        transaction.deployments.update(
            queued.model_copy(update={"state": DeploymentState.SUCCEEDED})
        )
    assert read(figures, ticks)["active_deployments", "simulation"] == 0


def test_resources_are_those_of_the_newest_revisions_of_what_is_not_deleted(
    database: Database, figures: DatabaseFigures, ticks: Ticks
) -> None:
    with database.write() as transaction:
        add_blueprint(transaction, "kept")
        gone = add_blueprint(transaction, "gone")
    with database.read() as transaction:
        each = len(transaction.blueprints.latest(gone, project=PROJECT).blueprint.resources)
    assert read(figures, ticks)["blueprint_resources_count",] == 2 * each

    with database.write() as transaction:
        transaction.blueprints.delete(gone, project=PROJECT)
    found = read(figures, ticks)
    assert (found["blueprints",], found["blueprint_resources_count",]) == (1, each)


def test_workers_show_by_their_signs_of_life(
    database: Database, figures: DatabaseFigures, ticks: Ticks, clock: FakeClock
) -> None:
    assert ("workflow_heartbeat_age_seconds",) not in read(figures, ticks)
    with database.write() as transaction:
        transaction.executors.beat("silent")
    clock.advance(20)
    with database.write() as transaction:
        transaction.executors.beat("alive")
    found = read(figures, ticks)
    assert (found["workflow_workers",], found["workflow_heartbeat_age_seconds",]) == (1, 20)


def test_who_asks_often_costs_the_database_one_look(
    database: Database, figures: DatabaseFigures, ticks: Ticks
) -> None:
    read(figures, ticks)
    stored_deployment(database)
    ticks.now += FRESH_SECONDS / 2
    unread = {s.name: s.value for s in figures.figures() if s.labels == {"state": "queued"}}
    assert unread == {"deployments": 0}


def test_a_database_that_is_away_is_said_to_be(tmp_path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'alma.db'}", home=tmp_path)
    found = {s.name: s.value for s in DatabaseFigures(database).figures()}
    database.close()
    found.pop("cache_hit_rate", None)  # of this process, whatever became of the database
    assert found == {"database_up": 0}


def test_connections_are_in_use_while_they_are(database: Database) -> None:
    with database.read():
        assert connections(database)["in_use"] == 1
    found = connections(database)
    assert found["in_use"] == 0
    assert found["idle"] >= 1


def test_the_hit_rate_is_of_what_was_really_read(
    database: Database, figures: DatabaseFigures, ticks: Ticks
) -> None:
    before = [(cache.hits, cache.misses) for cache in database.caches]
    stored_deployment(database)
    for _ in range(3):
        with database.read() as transaction:
            transaction.deployments.get("d-1")
    after = [(cache.hits, cache.misses) for cache in database.caches]
    assert sum(hits for hits, _ in after) > sum(hits for hits, _ in before)
    hits, misses = (sum(numbers) for numbers in zip(*after, strict=True))
    assert read(figures, ticks)["cache_hit_rate",] == hits / (hits + misses)


def test_saves_count_when_they_are_durable_and_refusals_by_their_code(url, tmp_path) -> None:
    meters = PrometheusMeters()
    database = open_database(url, home=tmp_path, meters=meters)
    database.migrate()
    with suppress(ZeroDivisionError), database.write() as transaction:
        add_blueprint(transaction)
        raise ZeroDivisionError
    with database.write() as transaction:
        add_blueprint(transaction)
    with pytest.raises(NotFound), database.write() as transaction:
        transaction.blueprints.delete(4711, project=PROJECT)
    database.close()
    counted = {
        tuple(s.labels.values()): s.value
        for s in meters.samples()
        if s.name == "blueprint_operations_total"
    }
    assert counted == {("create", "success"): 1, ("delete", "not_found"): 1}
