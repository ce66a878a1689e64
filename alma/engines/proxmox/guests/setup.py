"""What happens inside a guest once it runs: software, files, variables and the names of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from alma.core.model.errors import ChangeRejected, EngineError, EngineUnavailable
from alma.core.model.state import DesiredResource
from alma.engines.base import together
from alma.engines.proxmox import addresses, look
from alma.engines.proxmox.guests.work import Work
from alma.engines.proxmox.options import Kind, kind_of, options_of
from alma.engines.proxmox.provisioning.hosts import HostEntry
from alma.engines.proxmox.provisioning.job import Disk, Job, Provisioned, job_for
from alma.engines.proxmox.provisioning.keys import keypair
from alma.engines.proxmox.provisioning.known_hosts import forget
from alma.engines.proxmox.provisioning.run import provision, wait_for_ssh
from alma.engines.proxmox.session import Session
from alma.engines.proxmox.view import View

ADDRESS_SECONDS = 180.0
SSH_SECONDS = 180.0
KNOWN_HOSTS = "known_hosts"


async def over_ssh(job: Job, *, log: Callable[[str], None], timeout: float) -> Provisioned:  # noqa: ASYNC109
    """Waits until the guest lets anybody in, and does the job. See `provisioning.run`."""
    try:
        await wait_for_ssh(job.host, port=job.port, within=SSH_SECONDS, log=log)
    except EngineUnavailable as error:
        # Waiting longer would not help, and the cluster itself is there.
        raise EngineError(error.message, hint=error.hint) from error
    return await provision(job, log=log, timeout=timeout)


def public_keys(
    work: Work, desired: DesiredResource, secrets: Mapping[str, str]
) -> tuple[str, ...]:
    """Who may get in: ALMA, and whom the blueprint names."""
    own = desired.access_secret
    ours = (keypair(secrets[own]).public_openssh,) if own else ()
    return (*ours, *options_of(desired).ssh_keys)


async def set_up(
    work: Work, desired: DesiredResource, view: View, secrets: Mapping[str, str]
) -> tuple[str, ...]:
    """Does what is to be done inside the guest, and returns what people should know. Safe to repeat.

    Raises EngineError when it can't be done: the guest is there, and is left as it is.
    """
    found = await addresses.find(work.session, view, within=ADDRESS_SECONDS)
    if not found:
        raise EngineError(
            f"{work.address} runs as guest {view.guest.vmid} and has told no address in {ADDRESS_SECONDS:g} s, "
            "so nothing could be set up in it",
            hint="give it a fixed address, see that DHCP answers on its bridge, or put the guest agent into its image",
        )
    job = await _job(work, desired, view, secrets, host=found[0])
    try:
        done = await work.provision(job, log=work.log, timeout=work.session.settings.task_timeout)
    except ChangeRejected as error:
        # Nothing was made in the guest, but the guest itself was.
        raise EngineError(error.message, hint=error.hint, details=error.details) from error
    return done.warnings


async def _job(
    work: Work, desired: DesiredResource, view: View, secrets: Mapping[str, str], *, host: str
) -> Job:
    settings, own = work.session.settings, desired.access_secret
    directory = settings.state_dir
    machine = kind_of(desired) is Kind.VM
    return job_for(
        desired,
        alias=alias_of(view),
        host=host,
        private_key=keypair(secrets[own]).private_openssh if own else "",
        secrets={name: value for name, value in secrets.items() if name != own},
        user=(options_of(desired).user or settings.ssh_user) if machine else "root",
        known_hosts=directory / KNOWN_HOSTS if directory else None,
        peers=await _peers(work, view, host),
        disks=_disks(desired, view) if machine else (),
    )


def alias_of(view: View) -> str:
    """What the guest's host key is kept under: a number is used again, an address is handed on."""
    return f"{view.notes.marker.stack}.{view.notes.marker.address}.{view.guest.vmid}"


def _disks(desired: DesiredResource, view: View) -> list[Disk]:
    """The disks of a machine under the names that its system gives them, which stay."""
    devices = view.notes.disks
    return [
        Disk(
            device=f"/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-{devices[mount.volume]}",
            path=mount.path,
        )
        for mount in desired.mounts
        if mount.volume in devices
    ]


async def _peers(work: Work, view: View, host: str) -> list[HostEntry]:
    """The stack's guests by name, as far as their addresses are known."""
    others = [
        other
        for other in await look.members(work.session, work.stack)
        if other.notes.marker.address != work.address and other.guest.running
    ]

    async def known(other: View) -> tuple[str, ...]:
        return other.addresses or await addresses.find(work.session, other)

    found = await together([known(other) for other in others])
    entries = [HostEntry(name=work.address, address=host)]
    for other, at in zip(others, found, strict=True):
        if at:
            entries.append(HostEntry(name=other.notes.marker.address, address=at[0]))
    return entries


async def forget_keys(session: Session, view: View) -> None:
    """A guest that is gone has no host key."""
    directory = session.settings.state_dir
    if directory is not None and (directory / KNOWN_HOSTS).exists():
        await asyncio.to_thread(forget, directory / KNOWN_HOSTS, alias_of(view))
