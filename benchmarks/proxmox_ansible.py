"""Ansible's community.proxmox as the deployment benchmark needs it: installed apart, and told the same job.

It lives in a virtual environment of its own in the user's cache directory, made once from the package index: it is
large, and nothing of ALMA's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import Skipped, progress

# `ansible` contains the collection community.proxmox; the others are what its modules import.
PACKAGES = ("ansible-core", "ansible", "proxmoxer", "requests")
FORKS = 20
_LAST_LINES = 3

Json = dict[str, Any]


def cache() -> Path:
    """Where the environment is kept from one run to the next."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Path(base) / "alma-benchmarks" / f"ansible-python{python}"


@dataclass(frozen=True)
class Ansible:
    """The installed commands, and a folder for the play."""

    environment: Path
    folder: Path

    @classmethod
    def found(cls, folder: Path) -> Ansible:
        """Installs it if need be. Raises Skipped with the reason when that can't be."""
        environment = cache()
        ready = environment / "complete"
        if not ready.exists():
            progress(f"proxmox: installing Ansible into {environment}, once")
            _install(environment)
            ready.touch()
        return cls(environment, folder)

    @property
    def version(self) -> str:
        """Of ansible-core and of the collection."""
        core = self._said("import ansible.release as r; print(r.__version__)")
        path = "'ansible_collections', 'community', 'proxmox', 'MANIFEST.json'"
        code = (
            "import ansible, json, pathlib; "
            f"p = pathlib.Path(ansible.__file__).parent.parent.joinpath({path}); "
            "print(json.loads(p.read_text())['collection_info']['version'])"
        )
        return f"ansible-core {core}, community.proxmox {self._said(code)}"

    def write(self, job: Json) -> None:
        """The inventory, the play and the settings for a job."""
        host, _, port = job["url"].rpartition("//")[2].rpartition(":")
        user, _, rest = job["token"].partition("!")
        token_id, _, secret = rest.partition("=")
        api = {
            "api_host": host,
            "api_port": int(port),
            "api_user": user,
            "api_token_id": token_id,
            "api_token_secret": secret,
            "validate_certs": False,
        }
        hosts = {guest["name"]: {"guest": guest} for guest in job["guests"]}
        shared = {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(self.environment / "bin" / "python"),
        }
        self._put("inventory.json", {"all": {"hosts": hosts, "vars": shared}})
        self._put("play.json", [play(api)])
        settings = f"[defaults]\nforks = {FORKS}\nstdout_callback = minimal\n"
        (self.folder / "ansible.cfg").write_text(settings, encoding="utf-8")

    def run(self) -> subprocess.CompletedProcess[str]:
        """The whole command."""
        playbook = str(self.environment / "bin" / "ansible-playbook")
        return subprocess.run(
            [playbook, "-i", "inventory.json", "play.json"],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _put(self, name: str, content: object) -> None:
        (self.folder / name).write_text(json.dumps(content), encoding="utf-8")

    def _environment(self) -> Mapping[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "PYTHON"))}
        own = {"ANSIBLE_CONFIG": "ansible.cfg", "ANSIBLE_HOME": str(self.folder / "home")}
        return {**kept, **own, "PYTHONWARNINGS": "ignore"}

    def _said(self, code: str) -> str:
        python = self.environment / "bin" / "python"
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        return done.stdout.strip() or "of unknown version"


def play(api: Json) -> Json:
    """All guests at once, each at its own pace: created, configured, started; what the bare script does, too."""
    where = {**api, "node": "{{ guest.node }}"}
    config = "{{ guest.ansible."
    container = {
        **where,
        "vmid": "{{ guest.vmid }}",
        "hostname": "{{ guest.name }}",
        "ostemplate": "{{ guest.config.ostemplate }}",
        "disk": config + "disk }}",
        "cores": "{{ guest.config.cores }}",
        "memory": "{{ guest.config.memory }}",
        "swap": "{{ guest.config.swap }}",
        "netif": config + "netif }}",
    }
    vm = {**where, "vmid": "{{ guest.vmid }}"}
    clone = {
        **where,
        "vmid": "{{ guest.template }}",
        "clone": "template",
        "newid": "{{ guest.vmid }}",
        "name": "{{ guest.name }}",
        "full": True,
    }
    size = {"cores": "{{ guest.config.cores }}", "memory": "{{ guest.config.memory }}"}
    tasks = [
        _task("container", "proxmox", container),
        _task("container", "proxmox", {**vm, "state": "started"}),
        _task("vm", "proxmox_kvm", clone),
        _task("vm", "proxmox_kvm", {**vm, **size, "name": "{{ guest.name }}", "update": True}),
        _task("vm", "proxmox_kvm", {**vm, "state": "started"}),
    ]
    return {"hosts": "all", "gather_facts": False, "strategy": "free", "tasks": tasks}


def _task(kind: str, module: str, arguments: Json) -> Json:
    return {f"community.proxmox.{module}": arguments, "when": f"guest.kind == '{kind}'"}


def _install(environment: Path) -> None:
    _called([sys.executable, "-m", "venv", "--clear", str(environment)], "make a folder for it")
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    _called([*pip, "install", "--quiet", *PACKAGES], "install it")


def _called(command: Sequence[str], doing: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-_LAST_LINES:]
        raise Skipped(f"could not {doing}: {' | '.join(said)}")
