"""Manifests are those of the engine, without its marks and without a secret; read back they give the same blueprint."""

from __future__ import annotations

from typing import Any, cast

import pytest
from ruamel.yaml import YAML

from alma.core.model.rendering import Rendering
from tests.unit.core.migration.reading import converting
from tests.unit.renderers.rendering import TEMPLATES, everything, notes, rendered


def manifests(made: Rendering) -> list[dict[str, Any]]:
    found = [*YAML(typ="safe").load_all("\n---\n".join(file.content for file in made.files))]
    return cast("list[dict[str, Any]]", [one for one in found if one])


def of_kind(made: Rendering, kind: str) -> list[dict[str, Any]]:
    return [one for one in manifests(made) if one["kind"] == kind]


@pytest.mark.parametrize("name", TEMPLATES)
def test_one_file_and_one_for_each_object_hold_the_same(name: str) -> None:
    together, apart = rendered(name, "kubernetes"), rendered(name, "kubernetes", "files")
    assert len(together.files) == 1
    assert manifests(together) == manifests(apart)
    assert len(apart.files) == len(manifests(apart))
    assert [file.path for file in apart.files] == sorted(file.path for file in apart.files)


@pytest.mark.parametrize("name", TEMPLATES)
def test_everything_is_in_a_namespace_of_its_own_that_comes_first(name: str) -> None:
    first, *others = manifests(rendered(name, "kubernetes"))
    assert (first["kind"], first["metadata"]["name"]) == ("Namespace", name)
    assert {one["metadata"]["namespace"] for one in others} == {name}


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_is_referred_to_is_there_before_it_is_needed(name: str) -> None:
    seen: set[tuple[str, str]] = set()
    for one in manifests(rendered(name, "kubernetes")):
        pods = (one.get("spec") or {}).get("template", {}).get("spec", {})
        for volume in pods.get("volumes", ()):
            if "configMap" in volume:
                assert ("ConfigMap", volume["configMap"]["name"]) in seen
            if "secret" in volume:
                assert ("Secret", volume["secret"]["secretName"]) in seen
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                assert ("PersistentVolumeClaim", claim) in seen
        for container in pods.get("containers", ()):
            for variable in container.get("env", ()):
                if "valueFrom" in variable:
                    name_ = variable["valueFrom"]["secretKeyRef"]["name"]
                    assert ("Secret", name_) in seen
        seen.add((one["kind"], one["metadata"]["name"]))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_secret_has_no_value_and_says_which_ones_it_needs(name: str) -> None:
    made = rendered(name, "kubernetes")
    for secret in of_kind(made, "Secret"):
        assert "data" not in secret
        noted = notes(made, f"Secret/{secret['metadata']['name']}")
        assert [note.code for note in noted] == ["left_to_you"]
    if of_kind(made, "Secret"):
        assert "# To be filled in:" in everything(made)


@pytest.mark.parametrize("name", TEMPLATES)
def test_nobody_takes_it_for_something_that_alma_looks_after(name: str) -> None:
    made = rendered(name, "kubernetes")
    assert "managed-by" not in everything(made)
    for one in manifests(made):
        own = [key for key in one["metadata"].get("annotations", {}) if key.startswith("alma.dev/")]
        assert own == []


def test_a_machine_says_what_the_cluster_needs_for_it() -> None:
    made = rendered([{"name": "box", "type": "vm", "image": "debian-12"}], "kubernetes")
    assert [one["apiVersion"] for one in of_kind(made, "VirtualMachine")] == ["kubevirt.io/v1"]
    assert [note.hint for note in notes(made, "VirtualMachine/box")] == ["install KubeVirt"]


def test_equal_instances_are_one_deployment() -> None:
    made = rendered(
        [{"name": "web", "type": "service", "engine": "nginx", "count": 3}], "kubernetes"
    )
    (web,) = of_kind(made, "Deployment")
    assert web["spec"]["replicas"] == 3


def test_reading_them_back_gives_the_same_blueprint() -> None:
    made = rendered("simple-web-app", "kubernetes")
    read = converting().convert(made.files[0].content, form="kubernetes").blueprint
    database, web = read.resource("database"), read.resource("web")
    assert database is not None
    assert web is not None
    assert (database.type, database.engine, database.version) == ("database", "postgresql", "16")
    assert (database.specs.cpu, str(database.specs.memory)) == (1, "2GB")
    assert [(mount.volume, mount.path) for mount in database.mounts] == [
        ("database-data", "/var/lib/postgresql/data")
    ]
    assert (web.engine, web.count, web.specs.cpu) == ("nginx", 2, 1)
    assert [port.target for port in web.network.ports] == [80]
    assert (web.labels, database.labels) == ({}, {})
    assert web.env["DATABASE_HOST"] == "database"
    assert web.env["DATABASE_NAME"] == "app"
    assert not isinstance(web.env["DATABASE_PASSWORD"], str)
    volume = read.resource("database-data")
    assert volume is not None
    assert str(volume.specs.disk_size) == "20GB"


def test_rendering_what_was_read_back_gives_the_same_workloads() -> None:
    first = rendered("simple-web-app", "kubernetes")
    read = converting().convert(first.files[0].content, form="kubernetes", name="simple-web-app")
    second = rendered(read.blueprint, "kubernetes")

    def essence(made: Rendering) -> dict[str, Any]:
        return {
            one["metadata"]["name"]: {
                "replicas": one["spec"].get("replicas", 1),
                "images": [c["image"] for c in one["spec"]["template"]["spec"]["containers"]],
                "limits": [c["resources"]["limits"] for c in one["spec"]["template"]["spec"]["containers"]],
                "claims": sorted(
                    volume["persistentVolumeClaim"]["claimName"]
                    for volume in one["spec"]["template"]["spec"].get("volumes", ())
                    if "persistentVolumeClaim" in volume
                ),
            }
            for one in manifests(made)
            if one["kind"] in {"Deployment", "StatefulSet"} and one["metadata"]["name"] in {"database", "web"}
        }  # fmt: skip

    assert essence(second) == essence(first)


def test_what_was_in_a_cluster_before_is_no_manifest_and_is_told() -> None:
    old = {
        "name": "books",
        "type": "container",
        "image": "nginx:1.27",
        "options": {"kubernetes": {"existing": "Deployment/prod/books"}},
    }
    made = rendered([old], "kubernetes")
    assert [one["kind"] for one in manifests(made)] == ["Namespace"]
    assert "Deployment/prod/books was there before" in notes(made, "books")[0].message
