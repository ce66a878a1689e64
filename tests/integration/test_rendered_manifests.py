"""A real cluster takes every rendered manifest, as `kubectl apply` sends it."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator

import pytest

from tests.kubernetes import VARIABLE
from tests.unit.renderers.rendering import TEMPLATES, rendered, template

pytestmark = pytest.mark.kubernetes

_SECONDS = 120
# The test cluster is older than the versions that are written; the fields that are used are the same in both.
_OLDER = {"policy/v1": "policy/v1beta1", "autoscaling/v2": "autoscaling/v2beta2"}


def kubectl(*words: str, sent: str = "") -> subprocess.CompletedProcess[str]:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not here")
    environment = {**os.environ, "KUBECONFIG": os.environ[VARIABLE]}
    return subprocess.run(
        ["kubectl", *words],
        input=sent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


@pytest.fixture
def name() -> Iterator[str]:
    """A namespace: what is tried in one that is not there is refused for that."""
    made = f"render-{uuid.uuid4().hex[:8]}"
    assert kubectl("create", "namespace", made).returncode == 0
    yield made
    kubectl("delete", "namespace", made, "--wait=false")


def known(manifests: str) -> str:
    """In versions that this cluster serves, and without what an operator would have to bring."""
    served = set(kubectl("api-versions").stdout.split())
    for newer, older in _OLDER.items():
        if newer not in served:
            manifests = manifests.replace(f"apiVersion: {newer}\n", f"apiVersion: {older}\n")
    documents = manifests.split("\n---\n")
    return "\n---\n".join(text for text in documents if "apiVersion: kubevirt.io/" not in text)


@pytest.mark.parametrize("wanted", TEMPLATES)
def test_a_cluster_takes_the_manifests_of_a_template(wanted: str, name: str) -> None:
    blueprint = template(wanted).model_copy(update={"name": name})
    manifests = known(rendered(blueprint, "kubernetes").files[0].content)
    done = kubectl("apply", "--dry-run=server", "-f", "-", sent=manifests)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("(server dry run)") == manifests.count("\napiVersion: ")
