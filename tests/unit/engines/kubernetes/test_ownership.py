"""What another field manager set stays, unless the approved change names it; what ALMA set can be put back."""

from __future__ import annotations

from typing import Any

import pytest

from alma.engines.kubernetes.changes import ownership

IMAGE = 'spec.template.spec.containers[name="main"].image'
MEMORY = 'spec.template.spec.containers[name="main"].resources.limits.memory'


@pytest.mark.parametrize(
    ("field", "named"),
    [
        (IMAGE, "image"),
        (MEMORY, "specs.memory"),
        ('spec.template.spec.containers[name="main"].env[name="MODE"].value', "env.MODE"),
        ("spec.replicas", "count"),
        ("metadata.labels.team", "labels.team"),
        ("data.2c26b46b68-nginx.conf", "files./etc/nginx/nginx.conf"),
        ("spec.resources.requests.storage", "specs.disk"),
        ("spec.template.metadata.labels.network.alma.dev/front", "networks"),
        ('spec.ports[port=80,protocol="TCP"].nodePort', "ports"),
    ],
)
def test_a_field_is_taken_over_when_the_plan_names_its_property(field: str, named: str) -> None:
    owners = {"kubectl-edit": [field]}
    assert ownership.not_approved(owners, [named]) == {}
    assert ownership.not_approved(owners, ["labels.nobody"]) == owners


def test_only_what_the_plan_names_is_taken_over() -> None:
    owners = {"kubectl-edit": [IMAGE, MEMORY], "keda": ["spec.replicas"]}
    left = ownership.not_approved(owners, ["specs.memory"])
    assert left == {"kubectl-edit": [IMAGE], "keda": ["spec.replicas"]}


def test_one_variable_does_not_stand_for_another() -> None:
    field = 'spec.template.spec.containers[name="main"].env[name="MODE"].value'
    assert ownership.not_approved({"x": [field]}, ["env.MODEL"]) == {"x": [field]}


def test_a_field_that_no_property_says_is_never_taken() -> None:
    owners = {"istio": ["spec.template.spec.shareProcessNamespace"]}
    assert ownership.not_approved(owners, ["image", "specs.memory", "count"]) == owners


def test_almas_own_marker_is_always_almas() -> None:
    fields = [
        "metadata.labels.alma.dev/stack",
        "metadata.annotations.alma.dev/declared",
        "metadata.labels.app.kubernetes.io/managed-by",
    ]
    assert ownership.not_approved({"somebody": fields}, []) == {}


def test_what_somebody_stopped_may_be_started_again() -> None:
    owners = {"kubectl-scale": ["spec.replicas"]}
    assert ownership.not_approved(owners, [], stopped=True) == {}
    assert ownership.not_approved(owners, [], stopped=False) == owners


def _object(fields: dict[str, Any], **body: Any) -> dict[str, Any]:
    entry = {"manager": "alma", "operation": "Apply", "fieldsV1": fields}
    foreign = {
        "manager": "kubectl",
        "operation": "Update",
        "fieldsV1": {"f:spec": {"f:paused": {}}},
    }
    metadata = {"name": "web", "namespace": "shop", "uid": "1", **body.pop("metadata", {})}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {**metadata, "managedFields": [foreign, entry]},
        **body,
    }


def test_what_alma_applied_is_told_from_what_others_and_the_server_set() -> None:
    found = _object(
        {
            "f:metadata": {"f:labels": {"f:team": {}}},
            "f:spec": {
                "f:replicas": {},
                "f:template": {
                    "f:spec": {
                        "f:containers": {
                            'k:{"name":"main"}': {
                                ".": {},
                                "f:name": {},
                                "f:image": {},
                                "f:ports": {
                                    'k:{"containerPort":80,"protocol":"TCP"}': {
                                        ".": {},
                                        "f:containerPort": {},
                                    }
                                },
                            }
                        }
                    }
                },
            },
        },
        metadata={"labels": {"team": "shop", "injected": "yes"}},
        spec={
            "replicas": 2,
            "paused": True,
            "progressDeadlineSeconds": 600,
            "template": {
                "spec": {
                    "dnsPolicy": "ClusterFirst",
                    "containers": [
                        {"name": "sidecar", "image": "istio"},
                        {
                            "name": "main",
                            "image": "nginx:1.27",
                            "imagePullPolicy": "IfNotPresent",
                            "ports": [{"containerPort": 80, "protocol": "TCP"}],
                        },
                    ],
                }
            },
        },
    )
    assert ownership.applied(found) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"team": "shop"}},
        "spec": {
            "replicas": 2,
            "template": {
                "spec": {
                    "containers": [
                        {
                            "name": "main",
                            "image": "nginx:1.27",
                            "ports": [{"containerPort": 80, "protocol": "TCP"}],
                        }
                    ]
                }
            },
        },
    }


def test_values_in_a_set_are_told_apart() -> None:
    found = _object(
        {"f:metadata": {"f:finalizers": {".": {}, 'v:"alma.dev/wait"': {}}}},
        metadata={"finalizers": ["kubernetes.io/other", "alma.dev/wait"]},
    )
    applied = ownership.applied(found)
    assert applied
    assert applied["metadata"]["finalizers"] == ["alma.dev/wait"]


def test_what_alma_never_applied_has_nothing_to_put_back() -> None:
    found = _object({})
    found["metadata"]["managedFields"] = found["metadata"]["managedFields"][:1]
    assert ownership.applied(found) is None
