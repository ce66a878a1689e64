"""What provisioning does in a guest, in order. Each stage looks first and changes what differs, so that a second run
changes nothing; after a crash, a run continues where the last one stopped."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

from pyinfra.operations import openrc, systemd

from alma.core.model.base import Frozen
from alma.core.model.software import Distribution, SetupStep
from alma.engines.proxmox.provisioning import scripts
from alma.engines.proxmox.provisioning.guest import RETRY_HINT, Guest
from alma.engines.proxmox.provisioning.hosts import with_hosts_block
from alma.engines.proxmox.provisioning.job import SECRETS, Disk, Job, PlacedFile, Provisioned
from alma.engines.proxmox.provisioning.messages import FailureKind
from alma.engines.proxmox.provisioning.session import Failed, connect

HOSTS = "/etc/hosts"
# From these, cloud-init writes /etc/hosts anew at each start, where it is told to manage it.
HOSTS_TEMPLATES = (
    "/etc/cloud/templates/hosts.debian.tmpl",
    "/etc/cloud/templates/hosts.alpine.tmpl",
)


class System(Frozen):
    """What sort of guest it is."""

    family: Distribution
    title: str
    init: str
    cloud_init: bool


def provision(job: Job, *, say: Callable[[str], None]) -> Provisioned:
    """Runs all stages. Raises Failed."""
    say(f"connecting to {job.host}")
    guest = Guest(job, connect(job), say=say)
    try:
        system = look(guest)
        _stages(guest, system)
    finally:
        guest.close()
    return Provisioned(
        changed=tuple(guest.changed),
        warnings=tuple(guest.warnings),
        distribution=system.title,
        init=system.init,
    )


def _stages(guest: Guest, system: System) -> None:
    job = guest.job
    files = [file for file in job.files if file.only in (None, system.family)]
    if system.cloud_init:
        wait_for_cloud_init(guest)
    for disk in job.disks:
        mount(guest, disk)
    private(guest, [file for file in files if file.secret])
    name_peers(guest)
    install(guest, system)
    own_data(guest)
    place(guest, [file for file in files if not file.secret], system=system, restart=True)
    steps = [step for step in job.recipe.setup if step.only in (None, system.family)]
    take(guest, [step for step in steps if not step.started], restart=True)
    serve(guest, system)
    take(guest, [step for step in steps if step.started], restart=False)


# ── the guest itself ──


def look(guest: Guest) -> System:
    """What sort of guest it is. Raises Failed for a distribution that no recipe knows."""
    answer = guest.ask(scripts.SYSTEM)
    if len(answer.lines) < 6:
        raise guest.refuse(
            "what sort of system it is can't be read from /etc/os-release",
            hint="use a template of Debian, Ubuntu or Alpine",
        )
    id_, like, title, init, cloud_init, user = answer.lines[:6]
    families = {id_, *like.split()}
    known = [family for family in Distribution if family.value in families]
    if not known:
        raise guest.refuse(
            f"{title} is none of the distributions that ALMA installs software in",
            hint="use a template of Debian, Ubuntu or Alpine",
        )
    if user != "0":
        raise guest.refuse(
            f"'{guest.job.user}' does not become root",
            hint="let that user run everything through sudo without a password, or sign in as root",
        )
    return System(family=known[0], title=title, init=init, cloud_init=cloud_init == "yes")


def wait_for_cloud_init(guest: Guest) -> None:
    """Lets cloud-init finish: what it does to packages and files would run into what comes next."""
    code = guest.ask(scripts.cloud_init_wait(guest.job.ready_within)).code
    if code in (124, 143):
        guest.warn(
            f"cloud-init is not done after {guest.job.ready_within:g} s; going on without it"
        )
    elif code:
        guest.warn(
            "cloud-init reports problems; `cloud-init status --long` in the guest says which"
        )


def mount(guest: Guest, disk: Disk) -> None:
    """Puts a disk where the software expects its data, before the software comes."""
    if not guest.holds(scripts.mounted(disk)):
        guest.change(f"disk at {disk.path}", scripts.mount(disk))
    elif guest.ask(scripts.grow(disk)).lines:
        guest.changed.append(f"file system at {disk.path} grown")


def private(guest: Guest, files: Sequence[PlacedFile]) -> None:
    """The secrets and the variables, in a folder that only root may look into."""
    if not guest.holds(f'[ "$(stat -c "%a %U" {SECRETS})" = "700 root" ]'):
        guest.change(
            f"folder {SECRETS}",
            f"mkdir -p {SECRETS} && chmod 755 {scripts.HOME} && chown root:root {SECRETS} && chmod 700 {SECRETS}",
        )
    variables = []
    if guest.job.env is not None:
        content = scripts.env_text(guest.job.env)
        variables = [PlacedFile(path=scripts.ENV_FILE, content=content, mode=0o600, secret=True)]
    place(guest, [*files, *variables], restart=False)


def name_peers(guest: Guest) -> None:
    """The stack's guests by name, in /etc/hosts and in what that file is made from."""
    if guest.job.hosts is None:
        return
    for path in (HOSTS, *HOSTS_TEMPLATES):
        answer = guest.ask(f"base64 <{path}")
        if answer.code:
            continue
        text = base64.b64decode("".join(answer.lines)).decode("latin-1")  # whatever bytes are in it
        wanted = with_hosts_block(text, guest.job.hosts)
        if wanted != text:
            command = scripts.place(PlacedFile(path=path, content=""), restart=False)
            encoded = base64.b64encode(wanted.encode("latin-1")).decode()
            guest.change(f"file {path}", command, stdin=encoded)


# ── software ──


def install(guest: Guest, system: System) -> None:
    """The packages that are missing; the index is asked for anew only when some are."""
    wanted = guest.job.recipe.packages_for(system.family)
    recipe = guest.job.recipe
    if not wanted:
        if recipe.known and (recipe.debian or recipe.alpine):
            raise guest.refuse(
                f"there is no recipe for this software in {system.title}",
                hint=f"use a template of {'Debian or Ubuntu' if recipe.debian else 'Alpine'}",
            )
        return
    family, lock_within = system.family, guest.job.lock_within
    if not _missing(guest, wanted, family):
        return
    guest.change("package index", scripts.refresh(family, lock_within=lock_within))
    names = [_choice(guest, options, system) for options in _missing(guest, wanted, family)]
    guest.change(
        f"packages {', '.join(names)}", scripts.install(names, family, lock_within=lock_within)
    )


def _missing(guest: Guest, wanted: Sequence[str], family: Distribution) -> list[list[str]]:
    """Of each requirement that is not met, the packages that would meet it."""
    options = [entry.removesuffix("?").split("|") for entry in wanted]
    every = [name for names in options for name in names]
    present = set(guest.ask(scripts.installed(every, family)).lines)
    open_ = [
        (entry, names)
        for entry, names in zip(wanted, options, strict=True)
        if present.isdisjoint(names)
    ]
    optional = [name for entry, names in open_ if entry.endswith("?") for name in names]
    known = set(guest.ask(scripts.known(optional, family)).lines) if optional else set()
    return [
        names for entry, names in open_ if not entry.endswith("?") or not known.isdisjoint(names)
    ]


def _choice(guest: Guest, options: Sequence[str], system: System) -> str:
    known = guest.ask(scripts.known(options, system.family)).lines
    if not known:
        raise guest.refuse(
            f"{system.title} has no package {' or '.join(options)}",
            hint="use a template of a newer release, add an archive that has it, or choose other software",
        )
    return known[0]


def own_data(guest: Guest) -> None:
    """Gives the data's folder to the software: a disk that was just mounted there belongs to root."""
    path, owner = guest.job.recipe.data, guest.job.recipe.data_owner
    if not (path and owner):
        return
    state = guest.ask(f'stat -c "%U:%G" {path}')
    if not state.code and state.lines != (scripts.owner_of(owner),):
        guest.change(f"owner of {path}", f"chown {scripts.owner_of(owner)} {path}")


def place(
    guest: Guest, files: Sequence[PlacedFile], *, system: System | None = None, restart: bool
) -> None:
    """The files that are not as they should be."""
    if not files:
        return
    found = guest.ask(scripts.file_states(file.path for file in files)).lines
    changed = [
        file for file, state in zip(files, found, strict=True) if state != scripts.file_state(file)
    ]
    for file in changed:
        guest.change(
            f"file {file.path}", scripts.place(file, restart=restart), stdin=_encoded(file)
        )
    units = any(file.path.startswith("/etc/systemd/system/") for file in changed)
    if units and system is not None and system.init == "systemd":
        guest.change("systemd units", "systemctl daemon-reload")


def _encoded(file: PlacedFile) -> str:
    return base64.b64encode(file.content.encode()).decode()


def take(guest: Guest, steps: Sequence[SetupStep], *, restart: bool) -> None:
    """The steps whose check does not pass."""
    for step in steps:
        if step.unless is None or not guest.holds(step.unless):
            guest.change(step.title or step.run.strip(), scripts.step(step.run, restart=restart))


# ── the service ──


def serve(guest: Guest, system: System) -> None:
    """The service runs, also after the next start, and with the newest configuration."""
    wanted = guest.job.recipe.service_for(system.family)
    if wanted is None:
        return
    if system.init == "none":
        raise guest.refuse(
            f"it has no init system, so that nothing can start {wanted}",
            hint="use a template that starts systemd or OpenRC",
        )
    answer = guest.ask(scripts.service_name(wanted.split("|"), system.init))
    if answer.code:
        raise guest.refuse(
            f"{system.title} has no service {wanted.replace('|', ' or ')}",
            hint="see what the package is called there, and mend the software catalogue",
        )
    restart = guest.holds(f"[ -e {scripts.RESTART} ]")
    try:
        _START[system.init](guest, answer.lines[0], restart)
        _stays_up(guest, answer.lines[0], system)
    except Failed as failed:
        raise _with_journal(guest, system, answer.lines[0], failed) from failed
    if restart:
        guest.ask(f"rm -f {scripts.RESTART}")


def _stays_up(guest: Guest, service: str, system: System) -> None:
    if not guest.holds(scripts.stays_up(service, system.init)):
        raise Failed(
            FailureKind.FAILED,
            f"{guest.job.name} at {guest.job.host}: {service} was started and does not run",
            hint=f"its log in the guest says why; {RETRY_HINT}",
        )


def _systemd(guest: Guest, service: str, restart: bool) -> None:
    guest.operate(
        f"service {service}", systemd.service, service=service, restarted=restart, enabled=True
    )


def _openrc(guest: Guest, service: str, restart: bool) -> None:
    guest.operate(
        f"service {service}", openrc.service, service=service, restarted=restart, enabled=True
    )


def _init_script(guest: Guest, service: str, restart: bool) -> None:
    """Without an init system: a container that runs nothing but sshd. The service runs, until the container stops."""
    guest.warn(
        f"{guest.job.name} has no init system: {service} was started, but won't be after the guest's next start"
    )
    running = guest.holds(f"service {service} status")
    if restart or not running:
        guest.change(f"service {service}", f"service {service} {'restart' if running else 'start'}")


_START: dict[str, Callable[[Guest, str, bool], None]] = {
    "systemd": _systemd,
    "openrc": _openrc,
    "scripts": _init_script,
}


def _with_journal(guest: Guest, system: System, service: str, failed: Failed) -> Failed:
    """systemd's own error says only where to look; this looks there."""
    if system.init != "systemd":
        return failed
    lines = guest.ask(f"journalctl -u {service} -n 15 --no-pager -o cat").lines
    message = "\n".join([failed.failure.message, *lines])
    return Failed(failed.failure.sort, message, hint=failed.failure.hint)
