"""Small nouns to store. Whatever a test is about, it says itself."""

from datetime import datetime
from typing import Any

from alma.core.model.blueprint import Blueprint, Resource, ResourceType, Specs
from alma.core.model.deployment import Deployment, DeploymentState, Step
from alma.core.model.ipr import IPR
from alma.core.model.plan import Action, Change, Plan, Target
from alma.core.model.state import DesiredResource, Stack, StackRef, StateRecord
from alma.core.model.units import Size
from alma.db.database import Database, SqlTransaction
from tests.unit.db.conftest import START

PROJECT = "default"
OTHER = "other"


def web(name: str = "shop", *, memory: str = "2GB") -> Blueprint:
    resource = Resource(
        name="web-1", type=ResourceType.VM, specs=Specs(cpu=2, memory=Size(memory)), count=2
    )
    return Blueprint(name=name, resources=(resource,))


def add_blueprint(transaction: SqlTransaction, name: str = "shop", project: str = PROJECT) -> int:
    return transaction.blueprints.add(web(name), project=project, origins={}, by="ada").id


def add_stack(transaction: SqlTransaction, name: str = "shop", project: str = PROJECT) -> Stack:
    return transaction.stacks.ensure(
        blueprint_id=add_blueprint(transaction, name, project),
        blueprint_name=name,
        engine="simulation",
        project=project,
    )


def change(address: str = "web-1") -> Change:
    resource = web().resources[0]
    return Change(
        address=address,
        type=ResourceType.VM,
        action=Action.CREATE,
        reason="it is not there",
        desired=DesiredResource(
            address=address, type=ResourceType.VM, resource=resource, cpu=2, memory=Size("2GB")
        ),
    )


def plan_for(
    stack: StackRef, blueprint_id: int, *, digest: str = "sha256:1", size: int = 2
) -> Plan:
    return Plan(
        target=Target(blueprint_id=blueprint_id, revision=1, engine=stack.engine),
        stack=stack,
        blueprint_name="shop",
        changes=tuple(change(f"web-{number}") for number in range(1, size + 1)),
        digest=digest,
        inputs={"blueprint": "sha256:b"},
    )


def add_ipr(transaction: SqlTransaction, project: str = PROJECT, **more: Any) -> IPR:
    stack = add_stack(transaction, project=project)
    return transaction.iprs.add(
        project=project,
        title="Two servers",
        description="",
        author="ada",
        plan=plan_for(stack.ref, stack.blueprint_id, **more),
        engine_chosen=True,
    )


def deployment_of(ipr: IPR, id_: str = "d-1", *, at: datetime = START) -> Deployment:
    return Deployment(
        id=id_,
        project=ipr.project,
        ipr_id=ipr.id,
        plan=ipr.plan,
        state=DeploymentState.QUEUED,
        started_by="ada",
        steps=tuple(
            Step(address=item.address, action=item.action, key=f"{id_}:{item.address}")
            for item in ipr.plan.changes
        ),
        created_at=at,
        updated_at=at,
    )


def stored_deployment(database: Database, id_: str = "d-1") -> Deployment:
    with database.write() as transaction:
        deployment = deployment_of(add_ipr(transaction), id_)
        transaction.deployments.add(deployment)
    return deployment


def record(address: str, deployment_id: str = "d-1") -> StateRecord:
    return StateRecord(
        address=address,
        type=ResourceType.VM,
        object_id=f"object-{address}",
        properties={"image": "debian:12", "specs.cpu": 0.5, "ports": ["80"], "public": False},
        depends_on=("network",),
        retain=True,
        site={"node": "pve1"},
        deployment_id=deployment_id,
        updated_at=START,
    )
