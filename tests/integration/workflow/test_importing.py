"""Imports from the wish to the end: adopted as it is, found by later plans, given back when something fails."""

from __future__ import annotations

import pytest

from alma.core.model.blueprint import Network, Origin, Resource, ResourceType, Specs
from alma.core.model.deployment import DeploymentState, OnFailure
from alma.core.model.engine import Wish
from alma.core.model.errors import InvalidInput, NotFound, PlanStale
from alma.core.model.ipr import ReviewAction
from alma.core.model.plan import Action, PlanKind
from alma.core.model.principal import LOCAL
from alma.core.model.state import Status
from alma.core.model.units import Size
from tests.integration.workflow.meddling import applying, records
from tests.integration.workflow.test_runs import broken
from tests.world import SHOP, world

LAN = Resource(name="lan", type=ResourceType.NETWORK, cidr="10.0.7.0/24")


def guest(name, **more):
    specs = Specs(cpu=2, memory=Size("512MiB"))
    return Resource(
        name=name, type=ResourceType.VM, specs=specs, network=Network(attach=("lan",)), **more
    )


async def planted(here, *names):
    """Guests on one network that somebody made without ALMA; their ids."""
    await here.simulation.plant(LAN)
    return [await here.simulation.plant(guest(name)) for name in names]


async def opened(here, *wishes, **more):
    """An approved request to import."""
    target = {} if "blueprint_id" in more else {"name": "legacy"}
    ipr = await here.importing.open(
        LOCAL,
        engine="simulation",
        wishes=[
            Wish(object=w) if isinstance(w, str) else Wish(object=w[0], name=w[1]) for w in wishes
        ],
        **target,
        **more,
    )
    if not ipr.plan.blocked:
        here.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
    return ipr


async def things(here, *ids):
    found = [await here.simulation.object(id_) for id_ in ids]
    marker = {"stack", "address", "key", "depends_on", "retain"}
    return [thing.model_dump(exclude=marker) for thing in found]


def errors(ipr):
    return [item.code for item in ipr.plan.diagnostics if item.severity == "error"]


async def test_what_was_imported_is_as_it_was_and_the_next_plan_is_empty(tmp_path):
    async with world(tmp_path) as here:
        ids = await planted(here, "old-web", "old-db")
        before = await things(here, *ids)
        ipr = await opened(here, ids[0], (ids[1], "db"))
        assert {c.address: c.action for c in ipr.plan.changes} == dict.fromkeys(
            ("old-web", "db", "lan"), Action.ADOPT
        )
        ended = await here.run(ipr)
        assert ended.state is DeploymentState.SUCCEEDED
        assert await things(here, *ids) == before
        plan = await here.plans.make(LOCAL, await here.plans.target(LOCAL, 1))
        assert (plan.effective, plan.drift) == ((), ())
        assert await here.importing.discover(LOCAL, "simulation") == []
        assert set(await records(here, ended)) == {"old-web", "db", "lan"}
        assert "adopted vm db" in [event.message for event in here.log(ended.id)]


async def test_the_blueprint_says_that_every_value_was_imported(tmp_path):
    async with world(tmp_path) as here:
        ids = await planted(here, "old-web")
        ipr = await opened(here, *ids)
        revision = here.blueprints.get(LOCAL, ipr.plan.target.blueprint_id)
        assert (revision.blueprint.name, revision.blueprint.engine) == ("legacy", "simulation")
        assert revision.origins["resources.old-web.specs.memory"] is Origin.IMPORTED
        assert set(revision.origins.values()) == {Origin.IMPORTED}


async def test_objects_can_be_named_if_only_one_has_the_name(tmp_path):
    async with world(tmp_path) as here:
        (first,) = await planted(here, "old-web")
        assert (await opened(here, "old-web")).plan.target.adopt["old-web"] == first
        await here.simulation.plant(guest("old-web"), number=2)
        with pytest.raises(InvalidInput, match="the name of 2 objects") as raised:
            await opened(here, "old-web")
        assert first in raised.value.hint


async def test_wishes_that_make_no_sense_are_refused_and_leave_nothing(tmp_path):
    async with world(tmp_path) as here:
        ids = await planted(here, "old-web", "old-db")
        for wishes, words in (
            ([], "nothing was chosen"),
            ([ids[0], "old-web"], "chosen twice"),
            ([(ids[0], "x"), (ids[1], "x")], "can't both be 'x'"),
            ([(ids[0], "no name!")], "Invalid blueprint"),
        ):
            with pytest.raises(InvalidInput, match=words):
                await opened(here, *wishes)
        with pytest.raises(NotFound, match="no '999'") as raised:
            await opened(here, "999")
        assert "old-db" in raised.value.hint
        with pytest.raises(InvalidInput, match="which blueprint"):
            await opened(here, ids[0], blueprint_id=None, name=None)
        assert here.blueprints.list(LOCAL)[1] == 0
        assert here.iprs.list(LOCAL)[1] == 0


async def test_a_further_revision_gets_what_the_blueprint_does_not_describe_yet(tmp_path):
    async with world(tmp_path) as here:
        await here.run(await here.request())
        await here.simulation.plant(Resource(name="disk", type=ResourceType.VOLUME))
        ipr = await opened(here, ("disk", "archive"), blueprint_id=1)
        assert [(c.address, c.action) for c in ipr.plan.effective] == [("archive", Action.ADOPT)]
        assert ipr.plan.target.revision == 2
        assert (await here.run(ipr)).state is DeploymentState.SUCCEEDED


async def test_what_a_blueprint_says_already_is_compared_and_differences_stop_the_plan(tmp_path):
    async with world(tmp_path) as here:
        ids = await planted(here, "old-web")
        document = {
            "name": "legacy",
            "resources": [
                {"name": "lan", "type": "network", "cidr": "10.0.7.0/24"},
                {"name": "web", "type": "vm", "specs": {"cpu": 4, "memory": "512MiB"}},
            ],
        }
        here.blueprints.create(LOCAL, document)
        ipr = await opened(here, (ids[0], "web"), ("lan", "lan"), blueprint_id=1)
        assert ipr.plan.target.revision == 1, "nothing was added"
        assert errors(ipr) == ["adopt_differs"]
        with pytest.raises(InvalidInput, match=r"web\.specs\.cpu"):
            here.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)


async def test_what_does_not_run_is_not_imported(tmp_path):
    async with world(tmp_path) as here:
        await here.simulation.plant(LAN)
        id_ = await here.simulation.plant(guest("old-web"), status=Status.STOPPED)
        assert errors(await opened(here, id_)) == ["not_running"]


async def test_what_changed_between_approval_and_deployment_is_not_adopted(tmp_path):
    async with world(tmp_path) as here:
        (id_,) = await planted(here, "old-web")
        ipr = await opened(here, id_)
        bigger = guest("old-web").model_copy(update={"specs": Specs(cpu=8)})
        await here.simulation.plant(bigger)
        with pytest.raises(PlanStale):
            await here.iprs.deploy(LOCAL, ipr.id)


async def test_what_another_stack_adopted_first_is_not_taken_from_it(tmp_path):
    async with world(tmp_path) as here:
        (id_,) = await planted(here, "old-web")
        mine, theirs = await opened(here, id_), await opened(here, id_)
        assert (await here.run(theirs)).state is DeploymentState.SUCCEEDED
        with pytest.raises(PlanStale) as raised:
            await here.iprs.deploy(LOCAL, mine.id)
        assert "belongs to no stack" in str(raised.value.details["differences"])


async def test_an_import_that_fails_gives_everything_back_as_it_was(tmp_path):
    faults = broken("old-web", "adopt")
    async with world(tmp_path, simulation=faults) as here:
        ids = await planted(here, "old-db", "old-web")
        before = await things(here, *ids)
        ended = await here.run(await opened(here, *ids))
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await things(here, *ids) == before
        assert await here.simulation.objects(ended.plan.stack) == []
        assert await records(here, ended) == {}
        assert {item.object_id for item in await here.importing.discover(LOCAL, "simulation")} > {
            *ids
        }
        assert "released vm old-db" in [event.message for event in here.log(ended.id)]


async def test_an_undo_never_touches_what_was_adopted_at_an_address_that_was_deployed(
    tmp_path, monkeypatch
):
    """What was at the address before is gone, and the undo must not make the adopted one like it."""
    async with world(tmp_path) as here:
        first = await here.run(
            await here.request({"name": "legacy", "resources": [LAN.model_dump(), _web(cpu=2)]})
        )
        await here.simulation.tamper(first.plan.stack, "web", remove=True)
        id_ = await here.simulation.plant(guest("old-web"))
        ipr = await opened(here, (id_, "web"), blueprint_id=1)
        before = await things(here, id_)
        real = here.simulation.verify

        async def verify(desired, stack):
            if desired.address == "web":
                raise InvalidInput("it does not answer")
            return await real(desired, stack)

        monkeypatch.setattr(here.simulation, "verify", verify)
        ended = await here.run(ipr)
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await things(here, id_) == before
        assert (await here.simulation.object(id_)).stack == ""


def _web(**specs):
    return {
        "name": "web",
        "type": "vm",
        "specs": {"memory": "512MiB", **specs},
        "network": {"attach": ["lan"]},
    }


async def test_a_destroy_keeps_what_was_imported_unless_its_data_is_asked_for(tmp_path):
    async with world(tmp_path) as here:
        (id_,) = await planted(here, "old-web")
        await here.run(await opened(here, id_))
        await here.run(await here.request(blueprint_id=1, kind=PlanKind.DESTROY))
        assert await here.simulation.object(id_) is not None
        await here.run(await here.request(blueprint_id=1, kind=PlanKind.DESTROY, volumes=True))
        assert await here.simulation.object(id_) is None


async def test_what_was_imported_can_be_changed_like_anything_else(tmp_path):
    async with world(tmp_path) as here:
        (id_,) = await planted(here, "old-web")
        await here.run(await opened(here, id_))
        document = here.blueprints.get(LOCAL, 1).blueprint.dump()
        web = next(item for item in document["resources"] if item["name"] == "old-web")
        web["specs"]["cpu"] = 4
        ended = await here.run(await here.request(document, blueprint_id=1))
        assert ended.state is DeploymentState.SUCCEEDED
        thing = await here.simulation.object(id_)
        assert (thing.properties["specs.cpu"], thing.retain) == (4, True)


async def test_an_import_that_was_broken_off_can_be_planned_again(tmp_path):
    async with world(tmp_path, simulation=broken("old-web", "adopt")) as here:
        ids = await planted(here, "old-db", "old-web")
        ipr = await opened(here, *ids)
        await here.run(ipr, on_failure=OnFailure.KEEP)
    async with world(tmp_path) as here:
        again = await here.iprs.replan(LOCAL, ipr.id)
        assert {c.action for c in again.plan.effective} == {Action.ADOPT}
        assert not again.plan.blocked
        here.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
        assert (await here.run(ipr)).state is DeploymentState.SUCCEEDED


async def test_an_import_does_not_move_to_another_engine(tmp_path):
    async with world(tmp_path) as here:
        ipr = await opened(here, *await planted(here, "old-web"))
        for call in (here.iprs.replan, here.iprs.dry_run, here.iprs.deploy):
            with pytest.raises(InvalidInput, match="imports what is on simulation"):
                await call(LOCAL, ipr.id, engine="docker")


async def test_an_engine_that_cannot_import_says_why(tmp_path):
    async with world(tmp_path) as here:
        with pytest.raises(InvalidInput, match="Docker takes labels only when"):
            await here.importing.discover(LOCAL, "docker")


async def test_a_worker_that_dies_while_it_adopts_is_taken_over(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        ids = await planted(here, "old-web")
        failures = iter([True])

        async def dies_once(address):
            if address == "old-web" and next(failures, False):
                raise KeyError("died here")

        applying(here, monkeypatch, dies_once)
        ended = await here.run(await opened(here, *ids))
        assert ended.state is DeploymentState.ROLLED_BACK
        assert await here.simulation.objects(ended.plan.stack) == []


async def test_where_each_resource_runs_is_recorded_and_a_move_is_told(tmp_path, monkeypatch):
    async with world(tmp_path) as here:
        site = {"node": "pve1"}
        real = here.simulation.read

        async def read(stack):
            seen = await real(stack)
            moved = tuple(item.model_copy(update={"site": dict(site)}) for item in seen.resources)
            return seen.model_copy(update={"resources": moved})

        monkeypatch.setattr(here.simulation, "read", read)
        ended = await here.run(await here.request(SHOP))
        assert {record.site["node"] for record in (await records(here, ended)).values()} == {"pve1"}
        site["node"] = "pve2"
        plan = await here.plans.make(LOCAL, await here.plans.target(LOCAL, 1))
        assert plan.effective == ()
        assert "'web' is on node pve2 now (was pve1)" in [d.message for d in plan.diagnostics]
        await here.run(await here.request(SHOP, blueprint_id=1))
        plan = await here.plans.make(LOCAL, await here.plans.target(LOCAL, 1))
        assert plan.drift == ()
