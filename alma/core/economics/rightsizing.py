"""Sizes that follow from what was observed: what was in use, at the utilisation that is aimed for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from alma.core.economics.cheaper import least_of
from alma.core.economics.figures import shown
from alma.core.economics.measures import RUN, Ground, Proposal, lines_of
from alma.core.model.base import Json
from alma.core.model.blueprint import Origin, Resource, ResourceType
from alma.core.model.conversation import SetField
from alma.core.model.cost import MeasureKind, Risk
from alma.core.model.software import Software
from alma.core.model.units import Size

TARGET_UTILISATION = Decimal("0.6")
MEMORY_HEADROOM = Decimal("0.8")
_LABELS = {"cpu": "vCPU", "memory": "memory"}


def right_size(ground: Ground) -> Iterator[Proposal]:
    """What the observed use needs; never less than its software runs with."""
    if ground.aims.gentle:
        return
    for resource in ground.blueprint.resources:
        use = ground.use.get(resource.name)
        if use is None or resource.type not in RUN - {ResourceType.KUBERNETES_CLUSTER}:
            continue
        least = least_of(resource, ground.catalogue)
        found = [
            _cpu(resource, least, first_of(use.cpu_peak, use.cpu)),
            _memory(resource, least, first_of(use.memory_peak, use.memory)),
        ]
        parts = [part for part in found if part is not None]
        if parts:
            sure = {"cpu": use.cpu_peak is not None, "memory": use.memory_peak is not None}
            risk = Risk.LOW if all(sure[key] for key, _, _ in parts) else Risk.MEDIUM
            yield _resized(resource, parts, risk)


_Part = tuple[str, int | float | Size, str]


def _cpu(resource: Resource, least: Software, busy: Decimal | None) -> _Part | None:
    now = Decimal(str(resource.specs.cpu or least.cpu))
    if busy is None:
        return None
    wanted = max(_cores(now * busy / 100 / TARGET_UTILISATION), Decimal(str(least.cpu)))
    told = f"cpu {shown(busy)} % busy of {shown(now)} ÷ {shown(TARGET_UTILISATION * 100)} %: {shown(wanted)}"
    whole = int(wanted) if wanted == int(wanted) else float(wanted)
    return ("cpu", whole, told) if wanted < now else None


def _memory(resource: Resource, least: Software, full: Decimal | None) -> _Part | None:
    now = resource.specs.memory or least.memory
    if full is None:
        return None
    size = max(_rounded(now, full), least.memory)
    told = f"memory {shown(full)} % of {now} ÷ {shown(MEMORY_HEADROOM * 100)} %: {size}"
    return ("memory", size, told) if size < now else None


def _resized(resource: Resource, parts: list[_Part], risk: Risk) -> Proposal:
    specs: dict[str, object] = {key: value for key, value, _ in parts}
    plain: dict[str, Json] = {
        key: str(value) if isinstance(value, Size) else value for key, value, _ in parts
    }
    steps = [
        f"{_LABELS[key]} from {getattr(resource.specs, key) or 'the usual'} to {value}"
        for key, value, _ in parts
    ]
    danger = "only averages are known: the busiest time may need more"
    if risk is Risk.LOW:
        danger = "a busier time than the observed one would be slower"
    return Proposal(
        kind=MeasureKind.RIGHT_SIZE,
        changed={
            resource.name: resource.model_copy(
                update={"specs": resource.specs.model_copy(update=specs)}
            )
        },
        edits=tuple(
            SetField(name=resource.name, path=f"specs.{key}", value=value, origin=Origin.INFERRED)
            for key, value in plain.items()
        ),
        title=f"Right-size {resource.name}: {', '.join(steps)}",
        risk=risk,
        why="; ".join(told for _, _, told in parts),
        danger=danger,
        lines=lines_of(resource),
    )


def first_of(*values: Decimal | None) -> Decimal | None:
    """The first that is known."""
    return next((value for value in values if value is not None), None)


def _cores(wanted: Decimal) -> Decimal:
    """Whole cores, below one quarters of it."""
    step = Decimal(1) if wanted > 1 else Decimal("0.25")
    return max((wanted / step).to_integral_value(ROUND_CEILING) * step, step)


def _rounded(memory: Size, full: Decimal) -> Size:
    """Enough for what was full, in whole units of the kind it is written in; below one of them in quarters."""
    unit = 1024**3 if "i" in memory.text.lower() else 1000**3
    wanted = math.ceil(memory.bytes * full / 100 / MEMORY_HEADROOM)
    step = unit if wanted > unit else unit // 4
    return Size.of_bytes(max(math.ceil(Decimal(wanted) / step), 1) * step)
