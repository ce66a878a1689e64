"""The same things bought for less: on slower storage, for fewer hours, together, on other types and other markets.

Every proposal writes how something is bought into the resource's `metadata.purchase`, and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal

from alma.core.economics.cheaper import least_of
from alma.core.economics.cloudbook import Arch, Market
from alma.core.economics.cloudcost import pool_line
from alma.core.economics.figures import shown
from alma.core.economics.hardware import HOURS_PER_MONTH
from alma.core.economics.measures import Ground, Proposal
from alma.core.economics.purchase import KEY, Disk, Store, bought, purchase_of
from alma.core.economics.rightsizing import TARGET_UTILISATION
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, Origin, Resource, ResourceType
from alma.core.model.conversation import SetField
from alma.core.model.cost import MeasureKind, Risk

_OFFICE_HOURS = Decimal(60)  # a week: twelve hours on five days
_WEEK = Decimal(168)
_COOL_DAYS = 30  # cool classes charge for so many days at least
_QUORUM = 3
_POOL_CPU, _POOL_GIB = Decimal(4), Decimal(16)
_NAMED = 6
_OFF_AT_NIGHT = frozenset(
    {"dev", "development", "test", "testing", "qa", "staging", "sandbox", "preview", "demo"}
)
_COLD = frozenset({"cold", "infrequent", "archive", "rarely"})
_INTERRUPTIBLE = frozenset({"batch", "worker", "noncritical", "non-critical"})
_PACKABLE = frozenset({ResourceType.CONTAINER, ResourceType.SERVICE})


_PATH = f"metadata.{KEY}"


def _proposal(
    kind: MeasureKind,
    resource: Resource,
    *,
    title: str,
    risk: Risk,
    why: str,
    danger: str,
    **way: Json,
) -> Proposal:
    """The same resource, bought otherwise."""
    changed = bought(resource, **way)
    edit = SetField(
        name=resource.name, path=_PATH, value=changed.metadata[KEY], origin=Origin.INFERRED
    )
    return Proposal(
        kind=kind,
        changed={resource.name: changed},
        edits=(edit,),
        title=title,
        risk=risk,
        why=why,
        danger=danger,
        lines=frozenset({resource.name}),
    )


# ── storage ──────────────────────────────────────────────────────────────────────────────────────


def storage_tiers(ground: Ground) -> Iterator[Proposal]:
    """Backups that are kept long go to a cooler class; what is said to be cold goes to slower disks and cooler
    classes."""
    for resource in ground.blueprint.resources:
        way = purchase_of(resource)[0]
        plan = resource.backup
        long = plan is not None and plan.enabled and (plan.retention_days or 0) >= _COOL_DAYS
        cold = _is_cold(resource)
        if cold and resource.type is ResourceType.OBJECT_STORE and way.objects is Store.HOT:
            yield _proposal(
                MeasureKind.STORAGE,
                resource,
                title=f"Keep the objects of {resource.name} in a cooler storage class",
                risk=Risk.MEDIUM,
                why="the blueprint says that they are rarely read",
                danger="reading costs extra, and objects are charged for 30 days at least",
                objects=Store.COOL.value,
            )
        elif (
            cold
            and not ground.aims.gentle
            and resource.type is ResourceType.VOLUME
            and way.disk is Disk.SSD
        ):
            yield _proposal(
                MeasureKind.STORAGE,
                resource,
                title=f"Put {resource.name} on slower disks",
                risk=Risk.MEDIUM,
                why="the blueprint says that it is rarely read",
                danger="reading and writing get much slower",
                disk=Disk.HDD.value,
            )
        elif long and way.backups is Store.HOT:
            assert plan is not None
            yield _proposal(
                MeasureKind.STORAGE,
                resource,
                title=f"Keep the backups of {resource.name} in a cooler storage class",
                risk=Risk.LOW,
                why=f"they are kept for {plan.retention_days} days, and hardly ever read",
                danger="restoring costs extra; each copy is charged for 30 days at least",
                backups=Store.COOL.value,
            )


def _is_cold(resource: Resource) -> bool:
    said = [resource.labels.get(key) for key in ("access", "tier", "temperature")]
    said.append(str(resource.metadata.get("access", "")))
    return any(word and word.casefold() in _COLD for word in said)


# ── time, places, kinds ──────────────────────────────────────────────────────────────────────────


def schedules(ground: Ground) -> Iterator[Proposal]:
    """What is not for production runs only while people work."""
    hours = (HOURS_PER_MONTH * _OFFICE_HOURS / _WEEK).to_integral_value(ROUND_CEILING)
    for resource in ground.plain():
        stage = ground.environment(resource)
        if stage in _OFF_AT_NIGHT and purchase_of(resource)[0].hours is None:
            yield _proposal(
                MeasureKind.SCHEDULE,
                resource,
                title=f"Switch {resource.name} off at night and at the weekend",
                risk=Risk.LOW,
                why=f"its environment is {stage}: 12 hours on 5 days are {shown(hours)} of 730 hours a month",
                danger="nobody reaches it outside these hours; somebody has to switch it",
                hours=int(hours),
            )


def consolidation(ground: Ground) -> Iterator[Proposal]:
    """Containers and services that are small share machines; instances of one resource never share one."""
    taken = {purchase_of(resource)[0].pool for resource in ground.blueprint.resources}
    number = 0
    for group in _groups(ground):
        number += 1
        while f"shared-{number}" in taken:
            number += 1
        yield _pooled(group, f"shared-{number}")


def _groups(ground: Ground) -> Iterator[list[Resource]]:
    """Small ones, as many together as a machine of a common size carries, in the order of their names."""
    group: list[Resource] = []
    cpu, memory = Decimal(0), Decimal(0)
    for resource in sorted(ground.plain(), key=lambda r: (_bought_like(ground, r), r.name)):
        own_cpu, own_gib = _size(ground, resource)
        small = own_cpu <= _POOL_CPU / 2 and own_gib <= _POOL_GIB / 2 and not resource.specs.gpu
        if resource.type not in _PACKABLE or not small or ground.holds_data(resource):
            continue
        full = cpu + own_cpu > _POOL_CPU or memory + own_gib > _POOL_GIB
        if group and (full or _bought_like(ground, group[0]) != _bought_like(ground, resource)):
            if len(group) > 1:
                yield group
            group, cpu, memory = [], Decimal(0), Decimal(0)
        group.append(resource)
        cpu, memory = cpu + own_cpu, memory + own_gib
    if len(group) > 1:
        yield group


def _size(ground: Ground, resource: Resource) -> tuple[Decimal, Decimal]:
    least = least_of(resource, ground.catalogue)
    cpu = Decimal(str(resource.specs.cpu or least.cpu))
    return cpu, Decimal((resource.specs.memory or least.memory).bytes) / 1024**3


def _bought_like(ground: Ground, resource: Resource) -> str:
    """Who may share: those that are bought the same way, in the same environment."""
    way = purchase_of(resource)[0]
    return (
        f"{ground.environment(resource)}|{way.arch}|{way.market}|{way.spot}|{way.hours}|{way.type}"
    )


def _pooled(group: Sequence[Resource], pool: str) -> Proposal:
    changed = {resource.name: bought(resource, pool=pool) for resource in group}
    names = list(changed)
    some = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return Proposal(
        kind=MeasureKind.CONSOLIDATE,
        changed=changed,
        edits=tuple(
            SetField(name=name, path=_PATH, value=made.metadata[KEY], origin=Origin.INFERRED)
            for name, made in changed.items()
        ),
        title=f"Run {len(names)} small ones on shared machines: {some}",
        risk=Risk.MEDIUM,
        why="each has a machine to itself now, and the smallest that is sold is more than it needs",
        danger="one machine's failure takes one instance of each along; they share its network",
        lines=frozenset({*names, pool_line(pool)}),
    )


def classes(ground: Ground) -> Iterator[Proposal]:
    """Burstable types where little of the processor was in use."""
    if ground.aims.gentle:
        return
    for resource in ground.plain():
        use, way = ground.use.get(resource.name), purchase_of(resource)[0]
        if use is None or use.cpu is None or way.sustained is not None:
            continue
        cpu = Decimal(str(resource.specs.cpu or least_of(resource, ground.catalogue).cpu))
        sustained = max(cpu * use.cpu / 100 / TARGET_UTILISATION, Decimal("0.01"))
        yield _proposal(
            MeasureKind.CLASS,
            resource,
            title=f"Run {resource.name} on a burstable type",
            risk=Risk.MEDIUM,
            why=f"{shown(use.cpu)} % of its {shown(cpu)} vCPU are in use on average",
            danger="longer busy times are slowed down, or charged extra",
            sustained=float(round(sustained, 3)),
        )


def processors(ground: Ground) -> Iterator[Proposal]:
    """ARM processors for software that exists for them: what the catalogue knows, without an image of one's own."""
    for resource in ground.plain():
        way = purchase_of(resource)[0]
        software = ground.catalogue.find(resource.engine) if resource.engine else None
        if software is None or resource.image or way.arch is not Arch.X86 or way.type:
            continue
        yield _proposal(
            MeasureKind.CLASS,
            resource,
            title=f"Run {resource.name} on ARM processors",
            risk=Risk.MEDIUM,
            why=f"{software.title} exists for ARM; vCPU and memory stay as they are",
            danger="extensions and tools beside it have to exist for ARM, too",
            arch=Arch.ARM.value,
        )


# ── markets ──────────────────────────────────────────────────────────────────────────────────────


def spot(ground: Ground) -> Iterator[Proposal]:
    """Machines that may be taken away: all of what may stop, at most half of what answers people."""
    for resource in ground.plain():
        way = purchase_of(resource)[0]
        if resource.type not in COMPUTE or way.spot or ground.holds_data(resource):
            continue
        stage = ground.environment(resource)
        words = {
            *(v.casefold() for v in resource.labels.values()),
            str(resource.metadata.get("tier", "")),
        }
        if stage in _OFF_AT_NIGHT or words & _INTERRUPTIBLE:
            why = (
                f"its environment is {stage}"
                if stage in _OFF_AT_NIGHT
                else "it is said to be interruptible"
            )
            yield _proposal(
                MeasureKind.SPOT,
                resource,
                title=f"Use spot instances for {resource.name}",
                risk=Risk.MEDIUM,
                why=why,
                danger="a provider takes them back at short notice; prices move",
                spot=resource.count,
            )
        elif resource.count >= _QUORUM and not ground.aims.gentle:
            half = resource.count // 2
            yield _proposal(
                MeasureKind.SPOT,
                resource,
                title=f"Use spot instances for {half} of {resource.count} {resource.name}",
                risk=Risk.HIGH,
                why="it holds no data and the others go on",
                danger="a provider takes them back at short notice, perhaps all at once; prices move",
                spot=half,
            )


def commitment(ground: Ground) -> Iterator[Proposal]:
    """A year's promise for what runs all the time."""
    yield from _committed(ground, Market.YEAR_1, Market.ON_DEMAND, Risk.MEDIUM, "a year")


def long_commitment(ground: Ground) -> Iterator[Proposal]:
    """Three years' promise for what runs all the time."""
    yield from _committed(ground, Market.YEAR_3, Market.YEAR_1, Risk.HIGH, "three years")


def _committed(
    ground: Ground, market: Market, now: Market, risk: Risk, term: str
) -> Iterator[Proposal]:
    for resource in ground.plain():
        way = purchase_of(resource)[0]
        if (
            way.market is not now
            or way.hours
            or way.spot
            or ground.environment(resource) in _OFF_AT_NIGHT
        ):
            continue
        yield _proposal(
            MeasureKind.COMMIT,
            resource,
            title=f"Commit to {resource.name} for {term}",
            risk=risk,
            why="it runs all month",
            danger=f"it is paid for {term}, also when it is not needed any more",
            market=market.value,
        )
