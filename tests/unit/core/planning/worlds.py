"""A small catalogue and the pure half of an engine, to plan against without any engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.engine import EngineTraits
from alma.core.model.plan import Effect, Plan, PlanKind, Strategy, Support, SupportLevel, Target
from alma.core.model.software import Catalogue
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Properties,
    StackRef,
    StateRecord,
    Status,
)
from alma.core.planning.planner import make_plan
from alma.core.planning.resolve import resolve

STACK = StackRef(id="s-1", name="shop", engine="paper")
TRAITS = EngineTraits(resource_types=frozenset(ResourceType))
CATALOGUE = Catalogue.model_validate(
    {
        "defaults": {"database": "postgresql", "load_balancer": "haproxy"},
        "software": {
            "postgresql": {
                "id": "postgresql",
                "title": "PostgreSQL",
                "types": ["database"],
                "aliases": ["postgres"],
                "image": "postgres",
                "default_version": "16",
                "ports": [5432],
                "data": "/data",
                "env": {"PASSWORD_FILE": "/run/secrets/password"},
                "secrets": {"password": {"path": "/run/secrets/password"}},
                "storage": "10GB",
            },
            "nginx": {
                "id": "nginx",
                "title": "nginx",
                "types": ["service", "vm"],
                "image": "nginx",
                "default_version": "1.27",
                "ports": [80],
                "health": {"kind": "http", "port": 80},
            },
            "haproxy": {
                "id": "haproxy",
                "title": "HAProxy",
                "types": ["load_balancer"],
                "image": "haproxy",
                "default_version": "3.0",
                "ports": [80],
                "files": [
                    {
                        "path": "/haproxy.cfg",
                        "template": "{% for b in backends %}server {{ b.address }}:{{ b.port }}\n{% endfor %}",
                    }
                ],
            },
        },
    }
)


class PaperEngine:
    """Changes the image by replacing, memory with a reboot, and the rest in place. Can't make firewalls."""

    def support(self, desired: DesiredResource) -> Sequence[Support]:
        if desired.type is ResourceType.FIREWALL:
            return [
                Support(path="type", level=SupportLevel.UNSUPPORTED, reason="paper does not burn")
            ]
        return []

    def shape(self, desired: DesiredResource, stack: StackRef) -> Properties:
        memory = str(desired.memory) if desired.memory else None
        return {
            "image": desired.image,
            "specs.memory": memory,
            "ports": [*sorted(str(port) for port in desired.ports)],
        }

    def effect(self, desired: DesiredResource, path: str) -> Effect:
        return {"image": Effect.REPLACE, "specs.memory": Effect.REBOOT}.get(path, Effect.IN_PLACE)


def blueprint(*resources: dict[str, object]) -> Blueprint:
    return Blueprint.model_validate({"name": "shop", "resources": list(resources)})


def desired(*resources: dict[str, object]) -> tuple[DesiredResource, ...]:
    return resolve(blueprint(*resources), CATALOGUE, TRAITS).resources


def built(wanted: Iterable[DesiredResource], **changes: object) -> tuple[ObservedResource, ...]:
    """What an engine would see had it made all of these exactly."""
    return tuple(
        ObservedResource(
            address=item.address,
            type=item.type,
            object_id=f"id-{item.address}",
            name=item.address,
            key=f"before:{item.address}",
            properties=PaperEngine().shape(item, STACK),
            depends_on=item.depends_on,
            retain=item.retain,
            status=Status.RUNNING,
        ).model_copy(update=changes)
        for item in wanted
    )


def plan(
    wanted: Sequence[DesiredResource],
    seen: Sequence[ObservedResource] = (),
    *,
    records: Sequence[StateRecord] = (),
    kind: PlanKind = PlanKind.DEPLOY,
    volumes: bool = False,
    place: str = "paper mill",
    remarks: Sequence[str] = (),
    diagnostics: Sequence[Diagnostic] = (),
    strategy: Strategy = Strategy.ALL_AT_ONCE,
) -> Plan:
    target = Target(blueprint_id=1, revision=1, engine="paper", kind=kind, volumes=volumes)
    return make_plan(
        target=target.model_copy(update={"strategy": strategy}),
        blueprint_name="shop",
        revision_digest="sha256:1",
        desired=wanted,
        observation=Observation(
            stack=STACK, place=place, resources=tuple(seen), diagnostics=tuple(remarks)
        ),
        records=records,
        engine=PaperEngine(),
        diagnostics=diagnostics,
    )
