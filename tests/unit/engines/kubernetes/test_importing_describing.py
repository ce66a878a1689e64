"""What somebody made without ALMA, in a blueprint's words: all of it that can be said, and the rest is told."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.document import parse_blueprint
from alma.core.model.engine import Candidate
from alma.core.model.state import Status
from alma.core.planning.described import described
from alma.core.planning.resolve import resolve
from alma.engines.kubernetes.describing import Surroundings, candidate, discovered
from alma.engines.kubernetes.engine import KubernetesEngine
from tests.kubernetes_outsiders import claim, deployment, stateful_set
from tests.unit.core.planning.worlds import CATALOGUE
from tests.unit.engines.kubernetes.wishes import SETTINGS, STACK

NAMESPACE = "prod"


def stands(manifest: dict[str, Any], kind: str = "Deployment", **status: Any) -> dict[str, Any]:
    """The manifest as the server has it."""
    found = copy.deepcopy(manifest)
    found["metadata"] |= {"namespace": NAMESPACE, "uid": f"uid-{manifest['metadata']['name']}"}
    api = "v1" if kind == "PersistentVolumeClaim" else "apps/v1"
    return {"apiVersion": api, "kind": kind, "status": status, **found}


def server(manifest: dict[str, Any]) -> dict[str, Any]:
    """The container that a blueprint describes."""
    found: dict[str, Any] = manifest["spec"]["template"]["spec"]["containers"][0]
    return found


def books(**spec: Any) -> dict[str, Any]:
    return stands(deployment("books", claim="books-files", **spec))


def around(*claims: dict[str, Any], scalers: tuple[dict[str, Any], ...] = ()) -> Surroundings:
    named = {(NAMESPACE, item["metadata"]["name"]): item for item in claims}
    return Surroundings(claims=named, scalers=scalers)


def the_claim(**spec: Any) -> dict[str, Any]:
    made = claim("books-files", "fast")
    made["spec"] |= spec
    return stands(made, "PersistentVolumeClaim", phase="Bound")


def seen(found: dict[str, Any], *claims: dict[str, Any]) -> Candidate:
    return candidate(found, around(*claims), SETTINGS)


def told(found: Candidate) -> str:
    return "\n".join(found.notes)


def test_a_deployment_is_described_with_all_that_a_blueprint_can_say():
    found = seen(books(replicas=3), the_claim())
    resource = found.resource
    assert (resource.type, resource.image, resource.count) == ("container", "nginx:1.27", 3)
    assert (resource.specs.cpu, str(resource.specs.memory)) == (0.1, "64MiB")
    assert dict(resource.env) == {"MODE": "old"}
    assert [str(port) for port in resource.network.ports] == ["8080"]
    assert [(m.volume, m.path, m.read_only) for m in resource.mounts] == [
        ("books-files", "/srv/files", False)
    ]
    assert resource.labels == {"app": "books", "team": "books"}
    assert resource.options == {"kubernetes": {"existing": "Deployment/prod/books"}}
    assert found.object_id == "Deployment/prod/books/uid-books"
    assert found.obstacle is None


def test_its_claim_comes_along_as_a_volume_of_its_own():
    (companion,) = seen(books(), the_claim()).companions
    assert companion.object_id == "PersistentVolumeClaim/prod/books-files/uid-books-files"
    assert companion.resource.type is ResourceType.VOLUME
    assert str(companion.resource.specs.disk) == "64MiB"
    assert companion.resource.options["kubernetes"] == {
        "existing": "PersistentVolumeClaim/prod/books-files",
        "access_mode": "ReadWriteOnce",
        "storage_class": "fast",
    }


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_what_is_described_has_the_shape_that_a_read_reports(kind):
    manifest = (
        deployment("books", claim="books-files") if kind == "Deployment" else stateful_set("books")
    )
    found = seen(stands(manifest, kind), the_claim())
    into = described(Blueprint(name="legacy"), [found], {})
    written = parse_blueprint(into.blueprint.dump())
    engine = KubernetesEngine(SETTINGS)
    resolution = resolve(Blueprint.model_validate(written), CATALOGUE, engine.traits)
    assert resolution.diagnostics == ()
    wanted = {item.address: item for item in resolution.resources}
    assert not [item for item in wanted.values() if item.type is ResourceType.NETWORK]
    assert engine.shape(wanted["books"], STACK).keys() == found.properties.keys()
    for path, value in engine.shape(wanted["books"], STACK).items():
        assert found.properties[path] == value, path
    assert list(engine.support(wanted["books"])) == []


def test_a_value_that_looks_like_a_secret_is_told_by_its_name_only():
    found = seen(books())
    assert "API_TOKEN look like secrets" in told(found)
    assert "canary" not in found.model_dump_json()


def test_arguments_with_a_secret_are_left_alone():
    manifest = books()
    server(manifest)["args"] = ["serve", "--password", "canary-as-argument"]
    found = seen(manifest)
    assert found.resource.command == ()
    assert "arguments look like secrets" in told(found)
    assert "canary" not in found.model_dump_json()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"envFrom": [{"secretRef": {"name": "all"}}]}, "envFrom"),
        ({"lifecycle": {"preStop": {"exec": {"command": ["true"]}}}}, "lifecycle"),
        ({"securityContext": {"privileged": True}}, "securityContext"),
        ({"env": [{"name": "not.a.name", "value": "x"}]}, "not.a.name"),
        ({"ports": [{"containerPort": 80, "hostPort": 80}]}, "ports 80"),
        ({"resources": {}}, "no limit of cpu and memory"),
        ({"resources": {"limits": {"nvidia.com/gpu": "1"}}}, "limits of nvidia.com/gpu"),
        (
            {"volumeMounts": [{"name": "files", "mountPath": "/x", "subPath": "y"}]},
            "/x (a part of claim",
        ),
    ],
)
def test_what_a_blueprint_can_t_say_of_the_container_is_told(change, words):
    manifest = books()
    server(manifest).update(change)
    assert words in told(seen(manifest, the_claim()))


@pytest.mark.parametrize(
    ("pod", "words"),
    [
        ({"initContainers": [{"name": "prepare", "image": "x"}]}, "init containers prepare"),
        ({"nodeSelector": {"disk": "ssd"}}, "nodeSelector"),
        ({"hostNetwork": True}, "hostNetwork"),
        ({"serviceAccountName": "books"}, "serviceAccountName"),
    ],
)
def test_what_a_blueprint_can_t_say_of_the_pods_is_told(pod, words):
    manifest = books()
    manifest["spec"]["template"]["spec"] |= pod
    assert words in told(seen(manifest, the_claim()))


def test_a_directory_of_the_node_is_told_and_no_volume():
    manifest = books()
    manifest["spec"]["template"]["spec"]["volumes"] = [
        {"name": "files", "hostPath": {"path": "/var/books"}}
    ]
    found = seen(manifest)
    assert found.resource.mounts == ()
    assert "/srv/files (hostPath)" in told(found)


def test_claims_by_template_are_told_and_stay_with_their_set():
    manifest = stands(stateful_set("queue"), "StatefulSet")
    server(manifest)["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    manifest["spec"]["volumeClaimTemplates"] = [claim("data", "fast")]
    found = seen(manifest)
    assert found.companions == ()
    assert "/data (claims of its own, by the template 'data')" in told(found)


def test_a_claim_of_another_stack_is_left_alone():
    theirs = the_claim()
    theirs["metadata"]["labels"]["alma.dev/stack"] = "another"
    found = seen(books(), theirs)
    assert (found.companions, found.resource.mounts) == ((), ())
    assert "another stack's" in told(found)


def test_the_container_that_is_said_to_be_the_one_is_described():
    manifest = books()
    template = manifest["spec"]["template"]
    template["metadata"]["annotations"] = {"kubectl.kubernetes.io/default-container": "sidecar"}
    found = seen(manifest)
    assert found.properties.get("ports") is None
    assert "containers server are left alone: 'sidecar'" in told(found)


def _with(**metadata: Any) -> dict[str, Any]:
    manifest = books()
    for key, value in metadata.items():
        manifest["metadata"][key] = value
    return manifest


OWNED = [{"kind": "Rollout", "name": "books", "apiVersion": "x/v1", "uid": "1"}]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (_with(labels={"app.kubernetes.io/managed-by": "Helm"}), "Helm"),
        (_with(annotations={"meta.helm.sh/release-name": "books"}), "Helm keeps it"),
        (_with(annotations={"argocd.argoproj.io/tracking-id": "x"}), "Argo CD keeps it"),
        (_with(labels={"kustomize.toolkit.fluxcd.io/name": "x"}), "Flux keeps it"),
        (_with(managedFields=[{"manager": "argocd-controller"}]), "Argo CD keeps it"),
        (_with(ownerReferences=OWNED), "Rollout books made it"),
        (_with(deletionTimestamp="2026-11-23T00:00:00Z"), "being removed"),
        (books(replicas=0), "start it first"),
        (books(paused=True), "paused"),
        (
            stands(
                {
                    **stateful_set("q"),
                    "spec": {**stateful_set("q")["spec"], "updateStrategy": {"type": "OnDelete"}},
                },
                "StatefulSet",
            ),
            "by hand",
        ),
        (the_claim(volumeMode="Block"), "raw disk"),
        (the_claim(accessModes=["ReadOnlyMany"]), "access modes"),
    ],
)
def test_what_stands_against_an_adoption_is_said_in_a_list_already(found, reason):
    assert reason in (discovered(found, Surroundings()).obstacle or "")
    assert reason in (seen(found).obstacle or "")


def test_what_an_autoscaler_scales_is_not_adopted():
    scaler = {
        "metadata": {"name": "by-load", "namespace": NAMESPACE},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "books"}},
    }
    found = discovered(books(), around(scalers=(scaler,)))
    assert "by-load decides how many" in (found.obstacle or "")
    elsewhere = {**scaler, "metadata": {"name": "by-load", "namespace": "test"}}
    assert discovered(books(), around(scalers=(elsewhere,))).obstacle is None


def test_a_list_tells_where_it_is_and_how_big():
    found = discovered(books(), Surroundings())
    assert found.site == {"namespace": "prod"}
    assert found.facts["specs.memory"] == "64MiB"
    assert found.status is Status.STARTING
