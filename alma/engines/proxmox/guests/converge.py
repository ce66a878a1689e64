"""Gives a guest that exists what it lacks: configuration, disks, rules, power and software, in that order.

The same steps complete a clone, finish what an attempt left half done, and carry out an update. Each looks first and
does nothing when nothing is missing, so all of them may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alma.core.model.errors import ChangeRejected
from alma.core.model.state import DesiredResource
from alma.engines.proxmox import firewall, look, marker, observe, spec, values
from alma.engines.proxmox.cluster import Guest, GuestKind
from alma.engines.proxmox.guests import containers, ha, power, setup, vms
from alma.engines.proxmox.guests.work import Work
from alma.engines.proxmox.marker import Notes
from alma.engines.proxmox.options import options_of
from alma.engines.proxmox.shape import PENDING
from alma.engines.proxmox.view import Configured, View

# What ALMA takes away again when nobody wants the property any more.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "specs.cpu": ("cpulimit",),
    "options.agent": ("agent",),
    "options.balloon": ("balloon",),
    "options.bios": ("bios",),
    "options.features": ("features",),
    "options.machine": ("machine",),
    "options.nameservers": ("nameserver",),
    "options.protection": ("protection",),
    "options.search_domain": ("searchdomain",),
    "options.sockets": ("sockets",),
    "options.startup": ("startup",),
}
# What a clone has of its template and nobody wished for: it would have other processors, or could not be changed.
_NOT_CLONED = ("protection", "sockets", "vcpus")
_FOR_CLOUD_INIT = ("ciuser", "ipconfig", "name", "nameserver", "searchdomain", "sshkeys")
UNHEARD = "unheard"
_INSIDE = ("backends", "env.", "files.", "mounts", "software")


@dataclass
class Convergence:
    """One guest on its way to what is desired.

    `paths` are the properties in which it differs from that; all of them when it is `new`. `may_reboot`: that was
    announced. `config` and `digest` are what its node said last, and `sent` the keys that were changed.
    """

    work: Work
    desired: DesiredResource
    guest: Guest
    secrets: Mapping[str, str]
    key: str
    storage: str | None = None
    paths: Sequence[str] = ()
    new: bool = False
    may_reboot: bool = False
    config: dict[str, Any] = field(default_factory=dict)
    digest: str | None = None
    notes: Notes | None = None
    configured: Configured = field(default_factory=lambda: Configured({}, {}))
    touched: bool = False
    sent: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)

    async def look(self) -> Notes:
        """Reads the configuration that the next change is based on. Raises ChangeRejected when the guest under this
        number is not the one it should be."""
        found = dict(await self.work.session.api.get(f"{self.guest.path}/config"))
        self.digest = found.pop("digest", None)
        self.config = found
        self.configured = Configured(found, found)
        notes = marker.read(found.get("description"))
        ours = notes and (notes.vmid, notes.marker.stack) == (self.guest.vmid, self.work.stack.id)
        if notes is None or not ours or notes.marker.address != self.work.address:
            raise ChangeRejected(
                f"Guest {self.guest.vmid} does not carry the notes of {self.work.address}, and is not touched",
                hint="put the notes back, or remove the guest by hand; then make the plan again",
            )
        self.notes = notes
        return notes

    # ── configuration and disks ──────────────────────────────────────────────────────────────────

    async def configure(self) -> Notes:
        """Configuration and disks; the notes as they were before. A machine's cloud-init data is made anew before its
        disks grow, and both before it starts."""
        before = await self.look()
        disks = self._disks(before)
        patch = self._patch(before, disks)
        lifted = await self._lift_protection(patch)
        if patch:
            told = self._told_cloud_init({*patch, *str(patch.get("delete", "")).split(",")})
            if told != ["name"] and told and self.guest.running and self.may_reboot:
                await self.work.context.keep(UNHEARD, ",".join(told))
            await self.put(patch)
            if told:
                await self._renew_cloud_init()
        await self._grow(disks)
        if lifted:
            await self.look()
            await self.put({"protection": 1})
        return before

    def _disks(self, notes: Notes) -> dict[str, str]:
        if self.guest.kind is GuestKind.QEMU:
            return vms.disks_of(self.desired, self.config, notes.disks)
        return containers.disks_of(self.desired, self.config, notes.disks)

    def _patch(self, notes: Notes, disks: Mapping[str, str]) -> dict[str, Any]:
        work = self.work
        wanted = spec.config_of(self.desired, work.defaults) | self._own(notes)
        if notes.adopted:
            wanted = self._as_said(wanted)
        others = marker.beside(self.config.get("description"))
        wanted["description"] = marker.write(self._notes(notes, disks), others)
        shape = work.shape(self.desired)
        gone = {"specs.cpu", *(path for path in notes.declared if path not in shape)}
        drop = {key for path in gone for key in _KEYS.get(path, ())}
        drop |= {key for volume, key in notes.disks.items() if volume not in disks}
        drop |= self._not_cloned(notes, wanted)
        if "options.cpu_type" in gone and self.guest.kind is GuestKind.QEMU:
            wanted["cpu"] = vms.CPU
        cards = {f"{prefix}{n}" for prefix in ("net", "ipconfig") for n in range(32)}
        patch = spec.changes(wanted, self.config, drop=frozenset(drop | cards))
        return patch | self._new_disks(disks)

    def _not_cloned(self, notes: Notes, wanted: Mapping[str, Any]) -> set[str]:
        """What a clone has of its template and should not have: one whose notes are still those it was made with, by
        this attempt or one before it."""
        if self.guest.kind is not GuestKind.QEMU or notes.disks or notes.adopted:
            return set()
        too_much = int(self.config.get("balloon") or 0) > int(wanted["memory"])
        return {*_NOT_CLONED, *(["balloon"] if too_much else ())}

    def _as_said(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Without ALMA's own defaults: what nobody said of an adopted guest stays as it is."""
        desired, options = self.desired, options_of(self.desired)
        said = {
            "ciuser": options.user,
            "cores": desired.cpu,
            "memory": desired.memory,
            "swap": options.swap,
        }
        return {
            key: value for key, value in wanted.items() if key not in said or said[key] is not None
        }

    def _own(self, notes: Notes) -> dict[str, Any]:
        """What only one kind of guest has, and the tags: those that people gave it stay."""
        declared = notes.declared.get("options.tags")
        ours = set(map(str, declared)) if isinstance(declared, list) else set()
        there = values.tags_of(self.config.get("tags"))
        theirs = [tag for tag in there if tag not in ours and not marker.is_own_tag(tag)]
        found: dict[str, Any] = {"tags": self.work.tags(self.desired, theirs)}
        if notes.adopted:
            return found
        if self.guest.kind is GuestKind.LXC:
            return found | {"hostname": self.work.name}
        keys = setup.public_keys(self.work, self.desired, self.secrets)
        return found | {"name": self.work.name} | vms.cloud_init(self.desired, keys)

    def _notes(self, notes: Notes, disks: Mapping[str, str]) -> Notes:
        as_set = {}
        size, wanted = self._size(disks.get(marker.ROOT)), spec.root_size(self.desired)
        if size is not None and wanted is not None and size > wanted * values.GiB:
            as_set["specs.disk"] = values.size_text(size)  # the template's: disks only grow
        fresh = self.work.notes(
            self.desired,
            self.guest.vmid,
            disks=disks,
            key=self.key,
            unfinished=self._unfinished(notes),
            as_set=as_set,
        )
        retain = fresh.marker.retain or notes.marker.retain
        own = fresh.marker.model_copy(update={"retain": retain})
        return fresh.model_copy(update={"marker": own, "adopted": notes.adopted})

    def _unfinished(self, notes: Notes) -> bool:
        """Whether something is left to be done inside the guest."""
        changed = any(path.startswith(_INSIDE) for path in self.paths)
        return self.work.needs_setup(self.desired) and (notes.unfinished or changed or self.new)

    def _new_disks(self, disks: Mapping[str, str]) -> dict[str, str]:
        if self.guest.kind is GuestKind.LXC:
            root = str(self.config.get(spec.ROOT, "")).partition(":")[0]
            return containers.new_mounts(self.desired, self.config, disks, self.storage or root)
        storage = self.storage or vms.storage_of(self.config) or ""
        found = vms.new_disks(self.desired, self.config, disks, storage)
        adopted = self.notes is not None and self.notes.adopted
        if not adopted and not vms.has_cloud_init(self.config):
            found |= vms.cloud_init_drive(self.config, storage)
        return found

    async def _lift_protection(self, patch: Mapping[str, Any]) -> bool:
        """Nobody may touch the disks of a protected guest: so it is not protected for a moment. Says whether its
        protection has to be put back."""
        keys = [*patch, *str(patch.get("delete", "")).split(",")]
        disks = any(values.DRIVE.match(key) or values.MOUNT.match(key) for key in keys)
        if not disks or not values.flag(self.config.get("protection", 0)):
            return False
        await self.put({"protection": 0})
        await self.look()
        return options_of(self.desired).protection and "protection" not in patch

    async def put(self, patch: Mapping[str, Any]) -> None:
        """Changes the configuration, unless somebody else has since it was read."""
        self.touched = True
        self.sent |= {*patch, *str(patch.get("delete", "")).split(",")}
        data = {**patch, **({"digest": self.digest} if self.digest else {})}
        doing, path = f"Configuring {self.work.address}", f"{self.guest.path}/config"
        api = self.work.session.api
        if self.guest.kind is GuestKind.QEMU and any(map(values.DRIVE.match, patch)):
            # Making a disk takes its time: so it is a task, which only machines have for this.
            await api.run("POST", path, data, doing=doing, log=self.work.log)
        else:
            await api.put(path, data, doing=doing)
        self.work.session.memory.changed(self.guest.vmid)

    def _told_cloud_init(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys of a machine's configuration that its cloud-init is told."""
        machine = self.guest.kind is GuestKind.QEMU
        return sorted(key for key in keys if machine and key.startswith(_FOR_CLOUD_INIT))

    async def _renew_cloud_init(self) -> None:
        doing = f"Making {self.work.address}'s cloud-init data anew"
        await self.work.session.api.put(f"{self.guest.path}/cloudinit", doing=doing)

    def _size(self, key: str | None) -> int | None:
        props = values.parse(str(self.config.get(key or "", "")), "volume")
        return values.size_of(props.get("size", ""))

    async def _grow(self, disks: Mapping[str, str]) -> None:
        """Lets disks grow. Those that are big enough are left alone, and nothing but disks is looked at."""
        sizes = {mount.volume: spec.volume_size(mount) for mount in self.desired.mounts}
        if (root := spec.root_size(self.desired)) is not None:
            sizes[marker.ROOT] = root
        for volume, size in sizes.items():
            there = self._size(disks.get(volume))
            if there is not None and there < size * values.GiB:
                await self._resize(disks[volume], size)

    async def _resize(self, key: str, size: int) -> None:
        self.touched = True
        await self.work.session.api.run(
            "PUT",
            f"{self.guest.path}/resize",
            {"disk": key, "size": f"{size}G"},
            doing=f"Growing {key} of {self.work.address} to {size} GiB",
            log=self.work.log,
        )
        self.work.session.memory.changed(self.guest.vmid)

    # ── around it ────────────────────────────────────────────────────────────────────────────────

    async def surround(self, before: Notes) -> None:
        """The guest's firewall, its pool and the HA stack."""
        session, desired, name = self.work.session, self.desired, self.work.address
        if "rules" in self.paths or (self.new and desired.rules):
            access = self.work.needs_setup(desired)
            await firewall.put(session.api, self.guest.path, desired, access=access)
            self.touched = True
        options = options_of(desired)
        if "options.pool" in self.paths and (pool := options.pool or self.work.defaults.pool):
            data = {"poolid": pool, "vms": self.guest.vmid, "allow-move": 1}
            await session.api.put("/pools", data, doing=f"Putting {name} into pool {pool}")
            self.guest = self.guest.model_copy(update={"pool": pool})
        if options.ha and (self.new or "options.ha" in self.paths):
            self.guest = await ha.give(session, self.guest, options.ha, name=name)
        elif options.ha is None and "options.ha" in before.declared:
            self.guest = await ha.take(session, self.guest, name=name)

    # ── power ────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Sees to it that it runs, with all that was changed: reboots it when that was announced and is needed."""
        if not self.guest.running:
            await self._start()
            return
        unheard = self._unheard()
        self.touched |= bool(unheard) or PENDING in self.paths
        if not self.touched:
            return
        view = await self.seen()
        # A disk that was let go is no property any more, and waits all the same.
        waiting = observe.waiting(view) or sorted(self.sent & {*view.configured.waiting})
        waiting = sorted({*waiting, *(observe.path_of(key, view) or key for key in unheard)})
        if not waiting:
            return
        work = self.work
        if not (self.may_reboot or self._kept()):
            self.warnings.append(
                f"{', '.join(waiting)} takes effect when {work.address} is rebooted"
            )
            return
        work.log(f"Rebooting {work.address}, so that {', '.join(waiting)} takes effect")
        await power.stop(work.session, self.guest, name=work.address, log=work.log)
        await self._start()

    async def _start(self) -> None:
        """With other data, a guest is a new one to its cloud-init, which makes new host keys."""
        work = self.work
        self.warnings += await power.start(
            work.session, self.guest, name=work.address, log=work.log
        )
        self.guest = self.guest.model_copy(update={"status": "running"})
        if self.new:  # nothing can have waited for this
            return
        self.touched = True
        if self._kept() or self._told_cloud_init(self.sent):
            await setup.forget_keys(work.session, await self.seen())
            await work.context.keep(UNHEARD, "")

    def _unheard(self) -> list[str]:
        """What cloud-init was told, by this attempt or one before it, and hears when the guest starts: Proxmox does not
        count that as pending. A new name alone is not worth a reboot."""
        told = self._kept() or self._told_cloud_init(self.sent)
        return [key for key in told if key != "name"]

    def _kept(self) -> list[str]:
        """What cloud-init is to hear by a reboot that was allowed, as an attempt wrote down before it told."""
        return [*filter(None, (self.work.context.kept(UNHEARD) or "").split(","))]

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    async def set_up(self) -> None:
        """What is to be done inside, and the note that it is done."""
        view = await self.seen()
        if not view.notes.unfinished:
            return
        self.warnings += await setup.set_up(self.work, self.desired, view, self.secrets)
        notes = await self.look()
        others = marker.beside(self.config.get("description"))
        done = marker.write(notes.model_copy(update={"unfinished": False}), others)
        await self.put({"description": done})

    # ── the end ──────────────────────────────────────────────────────────────────────────────────

    async def seen(self) -> View:
        """The guest as it is now; as it was looked at last, when nothing was changed since."""
        if self.touched or self.notes is None:
            view = await look.one(self.work.session, self.work.stack, self.guest)
            if view is None:
                raise self.work.gone()
            self.configured, self.notes, self.touched = view.configured, view.notes, False
        assert self.notes is not None  # one look or the other has found them
        known = self.work.session.memory.addresses.get(self.guest.vmid, ())
        return View(self.guest, self.configured, self.notes, known)

    async def all(self) -> View:
        """Every step, and the guest as it is then."""
        before = await self.configure()
        await self.surround(before)
        await self.run()
        await self.set_up()
        return await self.seen()
