"""What a machine is told at its first start, by cloud-init: its secrets, its files, its software.

It is the recipe that ALMA's own provisioning follows, as one script: packages, files, steps, service. Texts come from
the blueprint and are escaped; a secret is a reference that OpenTofu fills in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from types import MappingProxyType
from typing import Any

from alma.core.model.blueprint import COMPUTE, SecretRef
from alma.core.model.software import Distribution, Packages, SetupStep
from alma.core.model.state import DesiredResource
from alma.engines.proxmox.provisioning import scripts
from alma.engines.proxmox.provisioning.job import SECRETS, Disk
from alma.renderers.opentofu.document import Block, Document, literal
from alma.renderers.opentofu.guest_parts import host_of


@dataclass(frozen=True)
class Container:
    """A container instead of packages: the files that lie beside it, as cloud-init takes them, and the commands that
    start it."""

    files: tuple[Block, ...]
    start: tuple[str, ...]


SCRIPT = "/etc/alma/setup.sh"
_PATIENCE = 600.0
_INIT = {Distribution.DEBIAN: "systemd", Distribution.ALPINE: "openrc"}


def cloud_config(
    document: Document,
    item: DesiredResource,
    *,
    family: Distribution,
    disks: Sequence[Disk],
    hosts: Mapping[str, str],
    more: Block,
    container: Container | None = None,
    filled: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The text for cloud-init, as an expression: JSON, which is YAML too. `hosts` are the peers whose addresses are
    known, `more` stands in it as it is. With a container its files and its start stand for the recipe. `filled` are
    words that stand for expressions, as in the name of a disk that is not known yet."""
    config: Block = {"hostname": host_of(item.address), **more}
    if hosts:
        config["manage_etc_hosts"] = False
    if container is not None:
        files = [*container.files]
        lines = [*_mounted(disks), *container.start]
    else:
        lines = [*_mounted(disks), *_lines(item, family)]
        files = [*_private(document, item), *_placed(item, family), *_peers(hosts)]
    if lines:
        heads = ["#!/bin/sh", "# Sets up what runs here, once.", "set -eu"]
        script = str(literal("\n".join([*heads, *lines, ""])))
        for word, expression in filled.items():
            script = script.replace(word, expression)
        files.append(_file(SCRIPT, script, 0o700))
        config["runcmd"] = [[SCRIPT]]
    if files:
        config["write_files"] = files
    return f"#cloud-config\n${{jsonencode({document.local(f'{item.address} cloud-init', config)})}}"


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _file(path: str, content: str, mode: int, **more: Any) -> Block:
    return {"path": literal(path), "content": content, "permissions": f"{mode:04o}", **more}


def _private(document: Document, item: DesiredResource) -> Iterator[Block]:
    """Secrets and variables, which only root may read."""
    for file in item.files:
        if file.secret:
            yield _file(file.path, document.secret(file.secret), file.mode)
    if item.env and item.type in COMPUTE:
        text = "".join(_variable(document, *pair) for pair in sorted(item.env.items()))
        yield _file(scripts.ENV_FILE, text, 0o600)


def _variable(document: Document, name: str, value: str | SecretRef) -> str:
    if isinstance(value, SecretRef):
        return f'{name}="{_shell_quoted(document.secret(value.secret))}"\n'
    return str(literal(scripts.env_text({name: value})))


def raw_variables(document: Document, secrets: Mapping[str, SecretRef]) -> str:
    """Variables with secrets as Docker's own files of variables have them: as they are, one a line."""
    return "".join(f"{name}={document.secret(ref.secret)}\n" for name, ref in secrets.items())


def _shell_quoted(reference: str) -> str:
    """A value that is not known yet, with what means something between a shell's double quotes escaped."""
    inner = reference.removeprefix("${").removesuffix("}")
    for special in ("\\\\", '\\"', "$", "`"):
        inner = f'replace({inner}, "{special}", "\\\\{special}")'
    return f"${{{inner}}}"


def _placed(item: DesiredResource, family: Distribution) -> Iterator[Block]:
    """Configuration. It is root's at first: its owner may come with the packages."""
    elsewhere = {f.path for f in (item.recipe or Packages()).files if f.only not in (None, family)}
    for file in item.files:
        if not file.secret and file.path not in elsewhere:
            yield _file(file.path, str(literal(file.content)), file.mode)


def _peers(hosts: Mapping[str, str]) -> Iterator[Block]:
    if hosts:
        text = "".join(f"{address} {name}\n" for name, address in sorted(hosts.items()))
        yield _file("/etc/hosts", text, 0o644, append=True)


# ── the script ───────────────────────────────────────────────────────────────────────────────────


def _mounted(disks: Sequence[Disk]) -> Iterator[str]:
    for disk in disks:
        device = quote(disk.device)
        yield f"for i in $(seq 120); do [ -e {device} ] && break; sleep 1; done"
        yield f"(\n{scripts.mount(disk).strip()}\n)"


def _lines(item: DesiredResource, family: Distribution) -> Iterator[str]:
    if any(file.secret for file in item.files):
        yield f"chmod 700 {SECRETS}"
    recipe = item.recipe
    if recipe is None or not recipe.known:
        return
    yield from _install(recipe, family)
    for file in recipe.files:
        if file.owner != "root" and file.only in (None, family):
            yield f"chown {quote(scripts.owner_of(file.owner))} {quote(file.path)}"
    if recipe.data and recipe.data_owner:
        yield f"chown {quote(scripts.owner_of(recipe.data_owner))} {quote(recipe.data)}"
    steps = [step for step in recipe.setup if step.only in (None, family)]
    yield from (_step(step) for step in steps if not step.started)
    yield from _serve(recipe, family)
    yield from (_step(step) for step in steps if step.started)


def _install(recipe: Packages, family: Distribution) -> Iterator[str]:
    """The first that is known of those that would do; one that may be missing is left out where it is not known."""
    wanted = recipe.packages_for(family)
    if not wanted:
        return
    yield f"(\n{scripts.refresh(family, lock_within=_PATIENCE).strip()}\n)"
    yield "packages="
    for entry in wanted:
        names = entry.removesuffix("?").split("|")
        yield f"found=$({scripts.known(names, family)})"
        yield 'found=$(echo "$found" | head -n 1)'
        if not entry.endswith("?"):
            yield f'[ -n "$found" ] || {{ echo {quote(f"no package {entry} here")} >&2; exit 1; }}'
        yield 'packages="$packages $found"'
    # The names are not known before, so they stand where the command has its words.
    command = scripts.install(["@packages@"], family, lock_within=_PATIENCE).strip()
    yield f"(\n{command.replace(quote('@packages@'), '$packages')}\n)"


def _step(step: SetupStep) -> str:
    """Run unless its check passes, as every step of a recipe is."""
    title = f"# {step.title}\n" if step.title else ""
    run = f"(\nset -eu\n{step.run.strip()}\n)"
    if step.unless is None:
        return f"{title}{run}"
    return f"{title}if ! (\nset +eu\n{step.unless.strip()}\n); then {run}; fi"


def _serve(recipe: Packages, family: Distribution) -> Iterator[str]:
    names = recipe.service_for(family)
    if names is None:
        return
    init = _INIT[family]
    yield f"service=$({scripts.service_name(names.split('|'), init)})"
    if init == "systemd":
        yield 'systemctl daemon-reload && systemctl enable "$service" && systemctl restart "$service"'
    else:
        yield 'rc-update add "$service" default && rc-service "$service" restart'
