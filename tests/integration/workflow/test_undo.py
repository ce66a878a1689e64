"""An undo goes by what is there, goes back to what was deployed, and says what it could not bring back."""

from __future__ import annotations

from datetime import timedelta

from alma.core.model.deployment import DeploymentState, OnFailure
from alma.core.model.errors import ChangeRejected, EngineUnavailable, OutcomeUnknown
from alma.core.model.plan import Action, Effect, PlanKind
from alma.core.model.principal import LOCAL
from alma.core.model.software import Catalogue
from alma.core.services.patience import ATTEMPTS
from tests.integration.workflow.meddling import in_turn, records
from tests.integration.workflow.test_runs import broken, objects, with_web
from tests.unit.core.planning.worlds import CATALOGUE
from tests.world import SHOP_ADDRESSES, SystemClock, world


async def test_what_can_t_be_undone_is_said(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("web-3", "create")) as here:
        in_turn(here, monkeypatch, "web-2", "web-3")
        await here.run(await here.request(), on_failure=OnFailure.KEEP)
        # No revision was ever deployed in full: nobody knows what the replaced servers were.
        ended = await here.run(await here.request(with_web(version="1.26"), blueprint_id=1))
        assert ended.state is DeploymentState.FAILED
        assert ended.error["rollback"]["code"] == "rollback_incomplete"
        assert "web-2" in ended.error["rollback"]["message"]


async def test_after_an_undo_the_records_say_what_is_there(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("lb")) as here:
        real, left = here.journal.made, 1

        # The process dies after the engine removed the first object and before that is written down.
        def made(deployment, change, key, outcome):
            nonlocal left
            if ":undo:" in key and left:
                left -= 1
                raise KeyError("died here")
            return real(deployment, change, key, outcome)

        monkeypatch.setattr(here.journal, "made", made)
        undo = here.execution.undo

        async def twice(id_):
            try:
                return await undo(id_)
            except KeyError:
                return await undo(id_)

        monkeypatch.setattr(here.execution, "undo", twice)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await records(here, ended) == {}
        here.blueprints.delete(LOCAL, 1)


async def test_what_turns_up_while_it_is_undone_is_undone_too(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("lb")) as here:
        real, late = here.simulation.apply, []

        async def apply(change, key, context):
            outcome = await real(change, key, context)
            if change.address == "web" and change.action is Action.CREATE:
                late.append((change, key, context))
            if change.address == "web" and change.action is Action.DELETE and late:
                # Another worker, thought dead, is done with its call only now.
                await real(*late.pop())
            return outcome

        monkeypatch.setattr(here.simulation, "apply", apply)
        ended = await here.run(await here.request())
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await objects(here, ended) == set()


async def test_an_update_goes_back_to_other_software_too(tmp_path):
    async with world(tmp_path, simulation=broken("web-3", "replace")) as here:
        first = await here.run(await here.request())
        ended = await here.run(
            await here.request(with_web(engine=None, image="own/app:1"), blueprint_id=1)
        )
        assert ended.state is DeploymentState.ROLLED_BACK
        images = {
            thing.address: thing.properties.get("image")
            for thing in await here.simulation.objects(first.plan.stack)
        }
        assert {images["web"], images["web-2"], images["web-3"]} == {"nginx:1.27"}


async def test_a_failed_destroy_is_taken_back_and_can_be_repeated(tmp_path):
    faults = broken("network", "delete", times=1)
    async with world(tmp_path, simulation=faults) as here:
        first = await here.run(await here.request())
        failed = await here.run(await here.request(blueprint_id=1, kind=PlanKind.DESTROY))
        assert failed.state is DeploymentState.ROLLED_BACK
        assert await objects(here, failed) == SHOP_ADDRESSES
        assert set(await records(here, first)) == SHOP_ADDRESSES


async def test_a_volume_that_was_kept_outlives_a_first_deployment_that_fails(tmp_path):
    async with world(tmp_path) as here:
        await here.run(await here.request())
        await here.run(await here.request(blueprint_id=1, kind=PlanKind.DESTROY))
    async with world(tmp_path, simulation=broken("lb")) as here:
        ended = await here.run(await here.request(blueprint_id=1))
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await objects(here, ended) == {"db-data"}
        assert set(await records(here, ended)) == {"db-data"}


async def test_data_that_a_failed_destroy_deleted_is_not_said_to_be_back(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("network", "delete", times=1)) as here:
        await here.run(await here.request())
        in_turn(here, monkeypatch, "db-data", "network")
        failed = await here.run(
            await here.request(blueprint_id=1, kind=PlanKind.DESTROY, volumes=True)
        )
        assert failed.state is DeploymentState.FAILED
        assert await objects(here, failed) == SHOP_ADDRESSES
        assert "what db-data held is gone" in failed.error["rollback"]["message"]


async def test_an_undo_goes_back_to_what_was_deployed_and_not_to_what_a_newer_catalogue_says(
    tmp_path,
):
    async with world(tmp_path, simulation=broken("web-3", "replace")) as here:
        first = await here.run(await here.request())
        newer = CATALOGUE.model_dump(mode="json")
        newer["software"]["nginx"]["default_version"] = "2.0"
        here.plans._catalogue = Catalogue.model_validate(newer)
        ended = await here.run(await here.request(blueprint_id=1))
        assert ended.state is DeploymentState.ROLLED_BACK
        things = await here.simulation.objects(first.plan.stack)
        images = {thing.address: thing.properties.get("image") for thing in things}
        assert {images["web"], images["web-2"], images["web-3"]} == {"nginx:1.27"}


async def test_what_was_deployed_last_is_not_a_matter_of_what_the_clock_says(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("web-3", "replace", times=None)) as here:
        first = await here.run(await here.request(with_web(count=2)))
        an_hour_ago = first.created_at - timedelta(hours=1)
        monkeypatch.setattr(SystemClock, "now", lambda self: an_hour_ago)
        await here.run(await here.request(with_web(version="1.28"), blueprint_id=1))
        ended = await here.run(await here.request(with_web(version="1.26"), blueprint_id=1))
        assert ended.state is DeploymentState.ROLLED_BACK
        assert here.deployments.list(LOCAL)[0][0].id == ended.id
        things = await here.simulation.objects(first.plan.stack)
        assert [t.properties["image"] for t in things if t.address == "web"] == ["nginx:1.28"]


async def test_an_undo_takes_back_as_much_at_once_as_the_engine_takes(tmp_path, monkeypatch):
    async with world(tmp_path, simulation=broken("lb") | {"time_scale": 0.05}) as here:
        real, now, most = here.simulation.apply, 0, 0

        async def apply(change, key, context):
            nonlocal now, most
            if change.action is not Action.DELETE:
                return await real(change, key, context)
            now += 1
            most = max(most, now)
            try:
                return await real(change, key, context)
            finally:
                now -= 1

        monkeypatch.setattr(here.simulation, "apply", apply)
        ended = await here.run(await here.request(with_web(count=20)))
        assert await objects(here, ended) == set()
        assert 1 < most <= here.simulation.traits.max_parallel


# ── what is lost ─────────────────────────────────────────────────────────────────────────────────

NOTES = {"name": "notes", "resources": [{"name": "data", "type": "volume"}]}
# Another type at the same address: the volume has to go, with what it holds.
BOARD = {"name": "notes", "resources": [{"name": "data", "type": "container", "image": "b:1"}]}


def failing(here, monkeypatch, address, *, done, errors):
    """The engine fails at one address, with one error after the other; after the first `done` of a forward change was
    done all the same."""
    real, left = here.simulation.apply, list(errors)

    async def apply(change, key, context):
        if change.address != address or ":undo:" in key or not left:
            return await real(change, key, context)
        if len(left) == len(errors) and done is not None:
            removal = change.model_copy(update={"action": done, "desired": None})
            await real(removal, key, context)
        raise left.pop(0)

    monkeypatch.setattr(here.simulation, "apply", apply)


async def replaced(here, document):
    """An approved request that may take away what holds data."""
    return await here.request(document, blueprint_id=1, volumes=True)


async def test_data_that_went_with_a_lost_reply_is_not_said_to_be_back(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        await here.run(await here.request(NOTES))
        errors = [
            OutcomeUnknown("the reply was lost"),
            *[EngineUnavailable("away")] * (ATTEMPTS - 1),
        ]
        failing(here, monkeypatch, "data", done=Action.DELETE, errors=errors)
        ended = await here.run(
            await here.request(blueprint_id=1, kind=PlanKind.DESTROY, volumes=True)
        )
        assert ended.error["code"] == "outcome_unknown"
        assert ended.state is DeploymentState.FAILED
        assert ended.error["rollback"]["message"] == "what data held is gone"
        assert await objects(here, ended) == {"data"}


async def test_data_that_went_in_the_first_half_of_a_replacement_is_not_said_to_be_back(
    tmp_path, monkeypatch
):
    async with world(tmp_path) as here:
        await here.run(await here.request(NOTES))
        refused = [ChangeRejected("no room for the new one")]
        failing(here, monkeypatch, "data", done=Action.DELETE, errors=refused)
        ended = await here.run(await replaced(here, BOARD))
        assert ended.state is DeploymentState.FAILED
        assert ended.error["rollback"]["message"] == "what data held is gone"


async def test_data_that_an_engine_refused_to_take_away_is_not_said_to_be_gone(
    tmp_path, monkeypatch
):
    async with world(tmp_path) as here:
        first = await here.run(await here.request(NOTES))
        before = await here.simulation.objects(first.plan.stack)
        failing(here, monkeypatch, "data", done=None, errors=[ChangeRejected("it is in use")])
        ended = await here.run(await replaced(here, BOARD))
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await here.simulation.objects(first.plan.stack) == before


async def test_what_no_deployment_knows_and_a_failed_destroy_took_away_is_said_to_be_gone(tmp_path):
    faults = [broken("lb"), broken("network", "delete")]
    async with world(tmp_path, simulation={"faults": [f["faults"][0] for f in faults]}) as here:
        await here.run(await here.request(), on_failure=OnFailure.KEEP)
        ended = await here.run(await here.request(blueprint_id=1, kind=PlanKind.DESTROY))
        assert ended.state is DeploymentState.FAILED
        assert "no deployment says what web-2 was" in ended.error["rollback"]["message"]
        assert await objects(here, ended) == {"db-data", "network"}


async def test_data_is_not_given_up_to_make_a_disk_small_again(tmp_path, monkeypatch):
    small = {"name": "notes", "resources": [_disk("10GB")]}
    grown = {"name": "notes", "resources": [_disk("20GB"), {"name": "web", "type": "vm"}]}
    async with world(tmp_path, simulation=broken("web", "create")) as here:
        first = await here.run(await here.request(small))

        def disks_only_grow(desired, path):
            shrinks = path == "specs.disk" and str(desired.disk) == "10GB"
            return Effect.REPLACE if shrinks else Effect.IN_PLACE

        monkeypatch.setattr(here.simulation, "effect", disks_only_grow)
        before = {t.address: t.id for t in await here.simulation.objects(first.plan.stack)}
        ended = await here.run(await here.request(grown, blueprint_id=1))
        assert ended.state is DeploymentState.FAILED
        assert ended.error["rollback"]["message"] == (
            "data stays as it is now: going back would take what it holds"
        )
        there = await here.simulation.objects(first.plan.stack)
        assert {t.address: t.id for t in there if t.address == "data"} == {"data": before["data"]}


def _disk(size):
    return {"name": "data", "type": "volume", "specs": {"disk": size}}
