"""The real `helm` on ALMA's chart, as people call it; and what it renders, as plain documents."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "charts" / "alma"

Document = Mapping[str, Any]


class Refused(Exception):
    """Helm said no; the text is what it said."""


@functools.cache
def program() -> str | None:
    """Where it is: the one of `make helm`, or one that is installed."""
    own = Path(sys.prefix) / "bin" / "helm"
    return str(own) if own.exists() else shutil.which("helm")


def helm(*words: str, seconds: float = 60, kubeconfig: str = os.devnull) -> str:
    """What it prints; without a kubeconfig it knows no cluster. Raises Refused."""
    found = program()
    assert found is not None
    # Nothing of the developer's: neither a cluster nor repositories.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELM_")}
    with tempfile.TemporaryDirectory() as home:
        own = {f"HELM_{name}_HOME": home for name in ("CACHE", "CONFIG", "DATA")}
        done = subprocess.run(
            [found, *words],
            env=kept | own | {"KUBECONFIG": kubeconfig},
            capture_output=True,
            text=True,
            timeout=seconds + 30,
            check=False,
        )
    if done.returncode:
        raise Refused(done.stderr + done.stdout)
    return done.stdout


def written(values: Document, folder: Path) -> str:
    """Values as a file's path. In JSON, for Helm's YAML reads more words as booleans than ours writes."""
    file = folder / "values.json"
    file.write_text(json.dumps(values))
    return str(file)


def rendered(
    values: Document | None = None,
    *options: str,
    namespace: str = "apps",
    kubeconfig: str = os.devnull,
) -> list[Any]:
    """Every document that the chart makes of values."""
    with tempfile.TemporaryDirectory() as folder:
        given = ["--values", written(values or {}, Path(folder)), *options]
        where = ("template", "alma", str(CHART), "--namespace", namespace)
        text = helm(*where, *given, kubeconfig=kubeconfig)
    return [document for document in YAML(typ="safe").load_all(text) if document]


def named(documents: Sequence[Document], kind: str, name: str) -> Any:
    """The only one of that kind and name."""
    (found,) = (
        document
        for document in documents
        if document["kind"] == kind and document["metadata"]["name"] == name
    )
    return found


def of_kind(documents: Sequence[Document], kind: str) -> list[Any]:
    """All of a kind."""
    return [document for document in documents if document["kind"] == kind]


def containers(documents: Sequence[Document]) -> list[tuple[Any, Any]]:
    """Every container with its pod."""
    found = list[tuple[Any, Any]]()
    for document in documents:
        spec = document.get("spec", {})
        pod = spec if document["kind"] == "Pod" else spec.get("template", {}).get("spec")
        found.extend((pod, container) for container in (pod or {}).get("containers", ()))
    return found
