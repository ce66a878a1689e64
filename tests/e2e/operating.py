"""An operator in a process of its own, the people of a cluster it works for, and what they say to each other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kubernetes import kubeconfig, way, written
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy" / "operator"
SECONDS = 120.0


@dataclass(frozen=True)
class Person:
    """Somebody with a kubeconfig, at work in a namespace."""

    config: Path
    namespace: str
    cache: Path

    def kubectl(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """What kubectl answers, whatever it is."""
        place = ("--kubeconfig", str(self.config), "--cache-dir", str(self.cache))
        return subprocess.run(
            ["kubectl", *place, "--namespace", self.namespace, *words],
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def does(self, *words: str, given: str | None = None) -> str:
        """The same, where it has to succeed."""
        answer = self.kubectl(*words, given=given)
        assert answer.returncode == 0, f"kubectl {' '.join(words)}: {answer.stderr}"
        return answer.stdout

    def apply(self, name: str, spec: Mapping[str, Any], **annotations: str) -> None:
        """A Blueprint, as from a file."""
        manifest = {
            "apiVersion": "alma.dev/v1",
            "kind": "Blueprint",
            "metadata": {"name": name, "annotations": annotations},
            "spec": spec,
        }
        self.does("apply", "-f", "-", given=json.dumps(manifest))

    def read(self, kind: str, name: str) -> dict[str, Any]:
        """An object; nothing where there is none."""
        answer = self.does("get", kind, name, "--ignore-not-found", "-o", "json")
        found: dict[str, Any] = json.loads(answer) if answer.strip() else {}
        return found

    def list(self, kind: str) -> list[dict[str, Any]]:
        """All objects of a kind in the namespace."""
        found: list[dict[str, Any]] = json.loads(self.does("get", kind, "-o", "json"))["items"]
        return found

    def sees(
        self, name: str, so: Callable[[dict[str, Any]], Any], *, kind: str = "blueprint"
    ) -> dict[str, Any]:
        """The status of an object, once something holds of it."""
        last: dict[str, Any] = {}

        def looked() -> bool:
            last.clear()
            last.update(self.read(kind, name).get("status") or {})
            return bool(last and so(last))

        try:
            wait_until(looked, SECONDS, 0.3)
        except AssertionError as error:
            raise AssertionError(f"{kind} {name} is {last}") from error
        return last

    def phase(self, name: str, phase: str) -> dict[str, Any]:
        """The status of a Blueprint, once it is in a phase and is told of its newest generation."""
        newest = self.read("blueprint", name)["metadata"]["generation"]
        return self.sees(
            name, lambda s: s.get("phase") == phase and s.get("observedGeneration") == newest
        )

    def events(self, name: str) -> set[str]:
        """The reasons of all that was told of an object."""
        return {e["reason"] for e in self.list("events") if e["involvedObject"]["name"] == name}

    def annotate(self, kind: str, name: str, **words: str) -> subprocess.CompletedProcess[str]:
        """Says something about an object: `approve="…"` is `alma.dev/approve=…`."""
        said = [f"alma.dev/{key.replace('_', '-')}={value}" for key, value in words.items()]
        return self.kubectl("annotate", "--overwrite", kind, name, *said)

    def approves(self, name: str) -> str:
        """Approves the plan of a Blueprint's request, which it returns."""
        request = self.read("blueprint", name)["status"]["request"]
        digest = self.sees(request, lambda s: s.get("digest"), kind="ipr")["digest"]
        answer = self.annotate("ipr", request, approve=digest)
        assert answer.returncode == 0, answer.stderr
        return str(request)


def condition(status: Mapping[str, Any], kind: str) -> tuple[str, str]:
    """Whether something is so, and why."""
    found = next(c for c in status["conditions"] if c["type"] == kind)
    return found["status"], found["reason"]


class Operator:
    """The process `alma operator run`."""

    def __init__(self, home: Path, config: Path, namespace: str, **settings: str) -> None:
        self.home = home
        self._config = config
        self._namespace = namespace
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns when it watches."""
        log = (self.home / "operator.err").open("a")
        with log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "alma", "operator", "run", "--json",
                 "--namespace", self._namespace, "--interval", "0.3", "--drift-minutes", "0.02"],
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, (self.home / "operator.err").read_text()
        assert json.loads(line)["status"] == "ready"

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("ALMA_")}
        own = {f"ALMA_{key.upper()}": value for key, value in self._settings.items()}
        return kept | own | {"ALMA_HOME": str(self.home), "KUBECONFIG": str(self._config)}

    def kill(self) -> None:
        """As a machine dies."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def stop(self) -> int:
        """As it is asked to end; its exit code."""
        if self._process is None or self._process.poll() is not None:
            return -1
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=SECONDS)
        return self._process.returncode


@contextmanager
def people(folder: Path, namespace: str) -> Iterator[Mapping[str, Person]]:
    """An `admin` who may do everything, an `author` of Blueprints, an `approver` of requests, and the `operator`: with
    the very roles that are shipped, in that namespace only."""
    cache = folder / "cache"
    admin = Person(kubeconfig(), namespace, cache)
    admin.does("create", "namespace", namespace)
    admin.does("apply", "-f", str(DEPLOY / "crds.yaml"))
    roles = [d for d in (DEPLOY / "rbac.yaml").read_text().split("---\n") if "ClusterRole\n" in d]
    admin.does("apply", "-f", "-", given="---\n".join(roles))
    found = {"admin": admin}
    bound = {
        "author": "alma-blueprint-editor",
        "approver": "alma-request-approver",
        "operator": "alma-operator",
    }
    for name, role in bound.items():
        admin.does("create", "serviceaccount", name)
        who = f"--serviceaccount={namespace}:{name}"
        admin.does("create", "rolebinding", name, f"--clusterrole={role}", who)
        config = folder / f"{name}.kubeconfig"
        config.write_text(written(way().server, ca=way().ca, token=_token(admin, name),
                                  namespace=namespace))  # fmt: skip
        found[name] = Person(config, namespace, cache)
    try:
        yield found
    finally:
        _remove(admin, namespace)


def _token(admin: Person, account: str) -> str:
    """By TokenRequest, which kubectl of old versions has no word for."""
    path = f"/api/v1/namespaces/{admin.namespace}/serviceaccounts/{account}/token"
    wish = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = admin.does("create", "--raw", path, "-f", "-", given=json.dumps(wish))
    token: str = json.loads(answer)["status"]["token"]
    return token


def _remove(admin: Person, namespace: str) -> None:
    """Nobody is there any more to let Blueprints go."""
    for found in admin.list("blueprints"):
        admin.kubectl(
            "patch", "blueprint", found["metadata"]["name"], "--type=merge",
            "-p", '{"metadata":{"finalizers":null}}',
        )  # fmt: skip
    admin.kubectl("delete", "namespace", namespace, "--wait=false")
