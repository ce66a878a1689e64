"""Runs the cases in tests/cases/kubernetes: a blueprint in; its manifests, and what is not exactly as asked, out.

The marker, which is the same on every object of an address but for its role, is left out of them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from alma.config import load_catalogue
from alma.core.model.blueprint import Blueprint
from alma.core.model.state import DesiredResource
from alma.core.planning.resolve import resolve
from alma.engines.kubernetes import marker, shape
from alma.engines.kubernetes.engine import KubernetesEngine
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.unit.engines.kubernetes import wishes

CASES = Path(__file__).resolve().parents[3] / "cases" / "kubernetes"
FILES = sorted(CASES.glob("*.yaml"))
_SERVED = {"now": wishes.SERVED, "1.20": wishes.OLD, "everything": wishes.EVERYTHING}


def found(case: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The notes of support by address and path, and all manifests in the order in which they are applied."""
    settings = KubernetesSettings(**case.get("settings", {}))
    served = _SERVED[case["served"]]
    blueprint = Blueprint.model_validate(case["blueprint"])
    resolution = resolve(blueprint, load_catalogue(), KubernetesEngine.traits)
    assert not resolution.diagnostics
    support, manifests = {}, []
    for desired in resolution.resources:
        notes = shape.support_of(desired, settings, served)
        if notes:
            support[desired.address] = {note.path: note.level.value for note in notes}
        made = wishes.made(desired, served=served, settings=settings)
        manifests += [_bare(manifest, desired) for manifest in made]
    return support, manifests


def _bare(manifest: Mapping[str, Any], desired: DesiredResource) -> dict[str, Any]:
    bare = copy.deepcopy(dict(manifest))
    mark = marker.marker_of(bare)
    assert mark is not None
    assert mark.address == desired.address
    metadata = bare["metadata"]
    assert metadata.pop("namespace") == wishes.STACK.name
    own = {marker.MANAGED_BY, marker.STACK, marker.ADDRESS}
    metadata["labels"] = {k: v for k, v in metadata["labels"].items() if k not in own}
    annotations = metadata.pop("annotations").items()
    others = {k: v for k, v in annotations if not k.startswith(f"{marker.DOMAIN}/")}
    return bare if not others else bare | {"metadata": metadata | {"annotations": others}}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_blueprint_becomes_these_manifests(file: Path) -> None:
    case = YAML(typ="safe", pure=True).load(file)
    support, manifests = found(case)
    assert support == case.get("support", {})
    assert [_name(item) for item in manifests] == [_name(item) for item in case["manifests"]]
    for one, expected in zip(manifests, case["manifests"], strict=True):
        assert one == expected, _name(one)


def _name(manifest: Mapping[str, Any]) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"
