"""A plan as people review it: what goes away first, then what changes, then what stays."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Backup, FirewallRule, Resource, ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.plan import (
    Action,
    Change,
    Drift,
    FieldChange,
    Pace,
    Plan,
    PlanKind,
    Strategy,
    Support,
)
from alma.core.model.state import DesiredResource, Placement, ResolvedMount, StackRef
from alma.core.planning.order import blast_radius, waves


class Paced(Frozen):
    """How fast what runs is to be changed; what is left out stays as it was, all-at-once at first."""

    strategy: Strategy | None = Field(
        default=None,
        description="all-at-once, rolling (a few of each resource at a time) or canary (one, then the rest).",
    )
    batch: int | None = Field(
        default=None, ge=1, le=1000, description="rolling: how many of each resource at once; 1."
    )

    @property
    def pace(self) -> Pace:
        """The same for the core."""
        return Pace(strategy=self.strategy, batch=self.batch)


class ChangeView(Frozen):
    """What one address goes through."""

    address: str
    type: ResourceType
    action: Action
    reason: str
    fields: tuple[FieldChange, ...] = Field(description="Each property, before and after.")
    wanted: Mapping[str, Json] = Field(description="What it shall be, in short; empty if it goes.")
    support: tuple[Support, ...] = Field(description="What the engine does not honour exactly.")
    after: tuple[str, ...] = Field(description="Changes that come first.")
    destructive: bool = Field(description="Whether data or a running service goes away.")
    reboots: bool
    implied: bool = Field(description="Not written in the blueprint: a network or a volume.")
    object_id: str | None
    placement: Placement | None = Field(
        default=None, description="Where the engine puts it, and why there; null if it has no say."
    )


class PlanView(Frozen):
    """What would be done, and everything a reviewer has to know before it is."""

    digest: str = Field(description="Approvals name it: a plan with another digest is another.")
    kind: PlanKind
    blueprint_id: int
    blueprint_name: str
    revision: int
    engine: str
    stack: StackRef
    strategy: Strategy = Field(description="How fast what runs is changed.")
    batch: int | None = Field(description="rolling: how many of each resource at once.")
    summary: Mapping[str, int] = Field(description="How many addresses for each action.")
    blocked: bool = Field(description="Whether an error forbids to run it.")
    destructive: tuple[str, ...]
    waves: tuple[tuple[str, ...], ...] = Field(
        description="Groups of changes; each needs only the groups before it."
    )
    blast_radius: Mapping[str, tuple[str, ...]] = Field(
        description="For each change that takes something down, what depends on it."
    )
    changes: tuple[ChangeView, ...]
    drift: tuple[Drift, ...] = Field(
        description="What is not as the last deployment left it: changed outside, gone, or moved."
    )
    diagnostics: tuple[Diagnostic, ...]


class DryRun(Frozen):
    """What would be done now; nothing was done, nothing was stored."""

    dry_run: bool = True
    plan: PlanView


def plan_view(plan: Plan) -> PlanView:
    """The plan for reviewers."""
    return PlanView(
        digest=plan.digest,
        kind=plan.target.kind,
        blueprint_id=plan.target.blueprint_id,
        blueprint_name=plan.blueprint_name,
        revision=plan.target.revision,
        engine=plan.target.engine,
        stack=plan.stack,
        strategy=plan.target.strategy,
        batch=plan.target.batch if plan.target.strategy is Strategy.ROLLING else None,
        summary=plan.count(),
        blocked=plan.blocked,
        destructive=tuple(change.address for change in plan.destructive),
        waves=tuple(tuple(wave) for wave in waves(plan)),
        blast_radius=blast_radius(plan),
        changes=tuple(
            _change(item, plan.target.engine) for item in sorted(plan.changes, key=_weight)
        ),
        drift=plan.drift,
        diagnostics=plan.diagnostics,
    )


def _wanted(desired: DesiredResource, engine: str) -> dict[str, Json]:
    """What a reviewer of something new wants to know; names of variables, never their values."""
    own = desired.resource.options.get(engine.partition("@")[0], {})
    facts: dict[str, Json] = {
        "image": desired.image,
        "software": desired.software if desired.image is None else None,
        "specs.cpu": desired.cpu,
        "specs.memory": str(desired.memory) if desired.memory else None,
        "specs.disk": str(desired.disk) if desired.disk else None,
        **_written(desired.resource),
        "rules": [_rule(rule) for rule in desired.rules or desired.resource.rules],
        "ports": [str(port) for port in desired.ports],
        "public": desired.public or None,
        "networks": list(desired.networks),
        "mounts": [_mount(mount) for mount in desired.mounts],
        "backends": [f"{backend.address}:{backend.port}" for backend in desired.backends],
        "env": [*sorted(desired.env)],
        "options": [f"{name}: {_short(value)}" for name, value in own.items()],
        "generated secrets": [*sorted(desired.secrets)],
    }
    return {path: value for path, value in facts.items() if value not in (None, [])}


def _written(resource: Resource) -> dict[str, Json]:
    """What goes to the engine as the blueprint has it."""
    specs, backup, policies = resource.specs, resource.backup, resource.policies
    return {
        "specs.gpu": specs.gpu or None,
        "specs.nodes": specs.nodes,
        "specs.control_plane": specs.control_plane,
        "specs.workers": specs.workers,
        "policies.network": policies.network if policies else None,
        "policies.pod_security": policies.pod_security if policies else None,
        "cidr": resource.cidr,
        "vlan": resource.vlan,
        "private ip": resource.network.private_ip,
        "backup": _kept(backup) if backup and backup.enabled else None,
        "command": list(resource.command),
        "labels": [f"{name}={value}" for name, value in resource.labels.items()],
    }


def _short(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _mount(mount: ResolvedMount) -> str:
    """With its size where it is a disk of the instance, and no volume of its own."""
    size = f" ({mount.size})" if mount.size else ""
    return f"{mount.volume}:{mount.path}{size}"


def _rule(rule: FirewallRule) -> str:
    ports = ", ".join(str(port) for port in rule.ports) or "any port"
    return f"{rule.action} {rule.source} → {rule.target}: {ports}"


def _kept(backup: Backup) -> str:
    kept = f", kept {backup.retention_days} days" if backup.retention_days else ""
    return f"{backup.schedule or 'daily'}{kept}"


def _weight(change: Change) -> int:
    if change.destructive:
        return 0
    return 2 if change.action is Action.NO_OP else 1


def _change(change: Change, engine: str) -> ChangeView:
    return ChangeView(
        address=change.address,
        type=change.type,
        action=change.action,
        reason=change.reason,
        fields=change.fields,
        wanted=_wanted(change.desired, engine) if change.desired else {},
        support=change.support,
        after=change.after,
        destructive=change.destructive,
        reboots=change.reboots,
        implied=change.desired.implied if change.desired else False,
        object_id=change.object_id,
        placement=change.desired.placement if change.desired else None,
    )
