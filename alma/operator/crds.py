"""The two CustomResourceDefinitions, generated: what a cluster has to know before it keeps a Blueprint."""

from __future__ import annotations

from typing import Any

from alma.operator import names
from alma.operator.documents import BlueprintSpec, BlueprintStatus, RequestSpec, RequestStatus
from alma.operator.structural import Schema, structural

_READY = '.status.conditions[?(@.type=="Ready")]'
_DRIFTED = '.status.conditions[?(@.type=="Drifted")].status'

Column = tuple[str, str, str, int]
_AGE: Column = ("Age", "date", ".metadata.creationTimestamp", 0)
_OF_BLUEPRINTS: tuple[Column, ...] = (
    ("Phase", "string", ".status.phase", 0),
    ("Ready", "string", f"{_READY}.status", 0),
    ("Engine", "string", ".status.engine", 0),
    ("Revision", "integer", ".status.revision", 0),
    ("Request", "string", ".status.request", 0),
    ("Drifted", "string", _DRIFTED, 0),
    ("Reason", "string", f"{_READY}.reason", 1),
    ("Message", "string", f"{_READY}.message", 1),
    _AGE,
)
_OF_REQUESTS: tuple[Column, ...] = (
    ("Blueprint", "string", ".spec.blueprint", 0),
    ("Kind", "string", ".status.kind", 0),
    ("State", "string", ".status.state", 0),
    ("Engine", "string", ".status.engine", 0),
    ("Create", "integer", ".status.counts.create", 0),
    ("Update", "integer", ".status.counts.update", 0),
    ("Replace", "integer", ".status.counts.replace", 0),
    ("Delete", "integer", ".status.counts.delete", 0),
    ("Monthly", "string", ".status.monthlyCost", 0),
    ("Digest", "string", ".status.digest", 1),
    ("Awaits", "string", ".status.awaits", 1),
    _AGE,
)


def crds() -> list[dict[str, Any]]:
    """Blueprint and InfrastructurePullRequest, as manifests."""
    return [
        _crd(
            names.BLUEPRINT,
            names.BLUEPRINTS,
            short=["bp"],
            told="What is wanted, in ALMA's blueprint language. Nothing of it is deployed before its plan is approved.",
            spec=_blueprint_spec(),
            status=structural(BlueprintStatus),
            columns=_OF_BLUEPRINTS,
        ),
        _crd(
            names.REQUEST,
            names.REQUESTS,
            short=["ipr"],
            told="A plan that waits for a decision: annotate it with alma.dev/approve: <digest> or alma.dev/reject: "
            "<reason>.",
            spec=structural(RequestSpec),
            status=structural(RequestStatus),
            columns=_OF_REQUESTS,
        ),
    ]


def _blueprint_spec() -> Schema:
    """Without a name of its own a blueprint is called like its object."""
    spec = structural(BlueprintSpec)
    spec["required"] = [name for name in spec.get("required", ()) if name != "name"]
    if not spec["required"]:
        del spec["required"]
    return spec


def _crd(
    kind: str,
    plural: str,
    *,
    short: list[str],
    told: str,
    spec: Schema,
    status: Schema,
    columns: tuple[Column, ...],
) -> dict[str, Any]:
    meta = {"type": "string"}
    schema = {
        "type": "object",
        "description": told,
        "required": ["spec"],
        "properties": {
            "apiVersion": meta,
            "kind": meta,
            "metadata": {"type": "object"},
            "spec": spec,
            "status": _open(status),
        },
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{names.GROUP}",
            "labels": {"app.kubernetes.io/part-of": names.MANAGER},
        },
        "spec": {
            "group": names.GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind,
                "listKind": f"{kind}List",
                "plural": plural,
                "singular": kind.lower(),
                "shortNames": short,
                "categories": [names.CATEGORY],
            },
            "versions": [
                {
                    "name": names.VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [_column(column) for column in columns],
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }


def _column(column: Column) -> dict[str, Any]:
    name, type_, path, priority = column
    shown: dict[str, Any] = {"name": name, "type": type_, "jsonPath": path}
    return shown | ({"priority": priority} if priority else {})


def _open(status: Schema) -> Schema:
    """What is told is the operator's own: nothing of it is demanded, and conditions are a list by their type, which
    several may write to."""
    told = {key: value for key, value in status.items() if key != "required"}
    if "conditions" in told["properties"]:
        told["properties"]["conditions"] |= {
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        }
    return told
