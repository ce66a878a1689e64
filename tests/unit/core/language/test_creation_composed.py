"""Requests composed at random are understood: whoever combines parts that are read alone, has them read together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Constraints, Resource
from tests.unit.core.language.composing import Composer, Request, Wanted

_PER_SEED = 75
_COMPUTE = {"vm", "container", "service"}
# What is added for what was asked for, and was not asked for itself.
_INFERRED = {"load_balancer", "network", "volume"}
_NEAR = 0.1


@pytest.mark.parametrize("seed", [101, 202, 303, 404])
def test_what_is_composed_of_known_parts_is_understood_as_all_of_them(
    interpreter: Interpreter, seed: int
) -> None:
    composer = Composer(seed)
    requests = [composer.request() for _ in range(_PER_SEED)]
    missed = {r.text: wrong for r in requests if (wrong := misread(interpreter, r))}
    assert not missed, "\n".join(f"{text!r}: {wrong}" for text, wrong in missed.items())


def test_the_composer_makes_the_same_of_the_same_seed_and_other_things_of_others() -> None:
    def texts(seed: int) -> list[str]:
        composer = Composer(seed)
        return [composer.request().text for _ in range(20)]

    assert texts(1) == texts(1)
    assert texts(1) != texts(2)


def misread(interpreter: Interpreter, request: Request) -> str | None:
    """What was understood otherwise than it was meant, None if nothing was."""
    read = interpreter.interpret(request.text)
    if not read.edits:
        return f"nothing was made: {read.question}"
    blueprint = apply_edits(None, read.edits)[0]
    told = _told(request, blueprint)
    tried = (_unlike(order, blueprint, request.absent) for order in permutations(request.wanted))
    return "; ".join([*min(tried, key=len), *told]) or None


def _unlike(wanted: Sequence[Wanted], blueprint: Blueprint, absent: str | None) -> list[str]:
    """What is missing or too much, where those named first take what fits them first."""
    left = list(blueprint.resources)
    missing = [str(each) for each in wanted if not _take(each, left)]
    extra = [r.name for r in left if r.type not in _INFERRED or str(r.type) == absent]
    return [*missing, *(f"not wanted: {name}" for name in extra)]


def _told(request: Request, blueprint: Blueprint) -> list[str]:
    limits = blueprint.constraints or Constraints()
    said = []
    if request.region is not None and limits.region != request.region:
        said.append(f"region {limits.region}")
    if request.cost is not None and limits.max_monthly_cost != request.cost:
        said.append(f"at most {limits.max_monthly_cost}")
    return said


def _take(wanted: Wanted, left: list[Resource]) -> bool:
    """Takes what fits, and says whether it was as many as wanted."""
    found = 0
    names: list[str] = []
    for resource in list(left):
        if found < wanted.number and _fits(wanted, resource):
            found += resource.count
            names.append(resource.name)
            left.remove(resource)
    return found == wanted.number and (not wanted.names or sorted(names) == sorted(wanted.names))


def _fits(wanted: Wanted, resource: Resource) -> bool:
    kind = str(resource.type)
    ran = (resource.engine or resource.image or "").partition(":")[0]
    if wanted.type == "program":
        typed = ran == wanted.engine and kind in _COMPUTE | {"load_balancer"}
    else:
        typed = kind in _COMPUTE if wanted.type == "compute" else kind == wanted.type
        typed = typed and wanted.engine in {None, resource.engine}
    return typed and _fits_closely(wanted, resource)


def _fits_closely(wanted: Wanted, resource: Resource) -> bool:
    if wanted.image and not (resource.image or "").startswith(wanted.image):
        return False
    if wanted.version and not str(resource.version or "").startswith(wanted.version):
        return False
    if wanted.names and resource.name not in wanted.names:
        return False
    if wanted.cidrs and str(resource.cidr) not in wanted.cidrs:
        return False
    ports = [port.dump() for port in resource.network.ports]
    if wanted.port is not None and wanted.port not in ports:
        return False
    return all(_has(resource, name, value) for name, value in wanted.specs.items())


def _has(resource: Resource, name: str, value: int) -> bool:
    specs = resource.specs
    if name in {"memory", "disk"}:
        size = specs.memory if name == "memory" else specs.disk_size
        return size is not None and abs(size.bytes - value * 10**9) <= value * 10**9 * _NEAR
    return bool(getattr(specs, name) == value)
