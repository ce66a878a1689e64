"""What a Proxmox VE cluster has besides guests, as far as fakepve lacks it: bridges and VNets, lists of templates,
downloads that refuse to overwrite, privileges that can be asked for, tokens with privileges of their own, and figures
that follow from what is stored."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

from aiohttp import web
from fakepve import PveError, TaskError
from fakepve.server import USER
from fakepve.shapes import PRIVILEGES

GIB = 1024**3
MIB = 1024**2

# As `pveam available` has them; the older ones come last.
TEMPLATES = (
    "debian-12-standard_12.7-1_amd64.tar.zst",
    "debian-12-standard_12.12-1_amd64.tar.zst",
    "debian-13-standard_13.1-2_amd64.tar.zst",
    "alpine-3.22-default_20250617_amd64.tar.xz",
    "alpine-3.21-default_20241217_amd64.tar.xz",
    "ubuntu-24.04-standard_24.04-2_amd64.tar.zst",
    "debian-12-turnkey-wordpress_18.1-1_amd64.tar.gz",
)
_TOP = ("/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms")


class Estate:
    """Mixed into fakepve."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        pve: Any = self
        pve.storages["local"]["content"] = "iso,vztmpl,backup,import"
        # Lists of templates by node; a node that is not there has `TEMPLATES`.
        self.listed: dict[str, tuple[str, ...]] = {}
        # Bridges by node (by default vmbr0), and VNets with their zones, on all nodes.
        self.bridges: defaultdict[str, list[str]] = defaultdict(lambda: ["vmbr0"])
        self.vnets: dict[str, str] = {}
        self.ha_groups: tuple[str, ...] = ()
        # What nodes say of themselves: maxcpu, cpu, maxmem, mem.
        self.figures: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        # Tokens with privilege separation: they have what both they and their users were granted.
        self.separated: set[str] = set()
        # What was downloaded, in order: (node, storage, file, form).
        self.downloads: list[tuple[str, str, str, dict[str, Any]]] = []
        # What the datacenter says: its options, and whether its firewall is on.
        self.options: dict[str, Any] = {}
        self.firewall_on = True
        # What a file weighs that is downloaded or listed.
        self.weight = MIB
        # What nodes said last of their guests, by number; None while every listing is up to date.
        self.heard: dict[int, dict[str, Any]] | None = None

    # ── setting up ──

    def node(self, name: str, *, memory: int = 64, used: int = 8, cpus: int = 16) -> None:
        """Adds a node, or says how big it is: GiB."""
        pve: Any = self
        pve.nodes.setdefault(name, {"online": True})
        figures = {"maxcpu": cpus, "cpu": 0.0, "maxmem": memory * GIB, "mem": used * GIB}
        self.figures[name] = figures

    def storage(self, name: str, *, free: int = 100, **options: Any) -> None:
        """Adds a storage with so many GiB free."""
        pve: Any = self
        values = {"type": "dir", "active": 1, "content": "images,rootdir", "files": set()}
        pve.storages[name] = {**values, "avail": free * GIB, **options}

    # ── listings ──

    def _storage_resource(self, node: str, name: str) -> dict[str, Any] | None:
        pve: Any = super()
        item: dict[str, Any] | None = pve._storage_resource(node, name)
        if item is not None:
            here: Any = self
            total, used, avail = here._space(here.storages[name])
            item |= {"maxdisk": total, "disk": total - avail if used or total else 0}
        return item

    async def _resources(self, request: web.Request) -> web.Response:
        pve: Any = super()
        answer: web.Response = await pve._resources(request)
        data = json.loads(answer.text or "{}")["data"]
        for item in data:
            if item["type"] == "node" and item["status"] == "online":
                item |= self.figures[item["node"]]
        seen = [item for item in data if item["type"] != "storage" or self._sees(request, item)]
        return web.json_response({"data": [self._as_heard(item) for item in seen]})

    def hear(self) -> None:
        """Nodes say now how their guests are, and not again until the next time, as on a real cluster, where that is
        some ten seconds later. Until then listings know neither the name nor the state of a guest that is new."""
        pve: Any = self
        self.heard = {
            guest.vmid: {"name": guest.name, "status": guest.status}
            for guest in (*pve.vms, *pve.cts)
        }

    def _as_heard(self, item: dict[str, Any]) -> dict[str, Any]:
        if self.heard is None or item["type"] not in {"qemu", "lxc"}:
            return item
        if (known := self.heard.get(item["vmid"])) is not None:
            return item | known
        told = {"id", "type", "node", "vmid", "pool", "tags", "lock", "hastate"}
        return {key: value for key, value in item.items() if key in told} | {"status": "unknown"}

    def _sees(self, request: web.Request, item: dict[str, Any]) -> bool:
        return self.allowed(request[USER], f"/storage/{item['storage']}", "Datastore.Audit")

    async def _cluster_status(self, request: web.Request) -> web.Response:
        pve: Any = super()
        pve.require(request[USER], "/", "Sys.Audit")
        answer: web.Response = await pve._cluster_status(request)
        return answer

    async def _task_list(self, request: web.Request) -> web.Response:
        """PVE leaves out what the query does; fakepve does not."""
        pve: Any = super()
        answer: web.Response = await pve._task_list(request)
        data = json.loads(answer.text or "{}")["data"]
        if type_ := request.query.get("typefilter"):
            data = [task for task in data if task["type"] == type_]
        if request.query.get("source") == "active":
            data = [task for task in data if not task.get("endtime")]
        return web.json_response({"data": data})

    # ── privileges ──

    def allowed(self, user: str, path: str, priv: str) -> bool:
        """As fakepve; a token with privilege separation needs the privilege itself too."""
        pve: Any = super()
        acl: Any = getattr(self, "acl", None)
        if user not in self.separated or acl is None:
            return bool(pve.allowed(user, path, priv))
        own = any(
            priv in privs and (at in {"/", path} or path.startswith(f"{at}/"))
            for at, privs in acl.get(user, [])
        )
        return own and bool(pve.allowed(user.partition("!")[0], path, priv))

    # ── routes ──

    def _routes_estate(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/access/permissions", self._permissions),
            ("GET", "/nodes/{node}/aplinfo", self._aplinfo),
            ("POST", "/nodes/{node}/aplinfo", self._apl_download),
            ("GET", "/nodes/{node}/network", self._network),
            ("GET", "/cluster/sdn/vnets", self._vnets),
            ("GET", "/cluster/ha/groups", self._groups),
            ("GET", "/cluster/options", self._options),
            ("GET", "/cluster/firewall/options", self._firewall),
        ]

    async def _permissions(self, v: Any, user: str) -> Any:
        pve: Any = self
        granted = [path for entries in (pve.acl or {}).values() for path, _ in entries]
        pools = [f"/pool/{name}" for name in pve.pools]
        guests = [f"/vms/{vmid}" for vmids in pve.pools.values() for vmid in vmids]
        paths = [v["path"]] if v.get("path") else sorted({*_TOP, *granted, *pools, *guests})
        held = {path: {p: 1 for p in PRIVILEGES if self.allowed(user, path, p)} for path in paths}
        return {path: privs for path, privs in held.items() if privs}

    async def _aplinfo(self, v: Any, user: str) -> Any:
        return [
            {
                "template": file,
                "package": file.partition("_")[0],
                "version": file.split("_")[1],
                "section": "system",
                "type": "lxc",
                "os": "-".join(file.split("-")[:2]),
            }
            for file in self.listed.get(v["node"], TEMPLATES)
        ]

    async def _apl_download(self, v: Any, user: str) -> Any:
        pve: Any = self
        node, storage, file = v["node"], v["storage"], v["template"]
        store = pve._active_store(storage, node)
        if "vztmpl" not in str(store.get("content")).split(","):
            raise PveError(500, f"cannot download to storage '{storage}', no vztmpl content")
        if file not in self.listed.get(node, TEMPLATES):
            raise PveError(400, "Parameter verification failed.", {"template": "no such template"})

        async def body() -> Any:
            if f"vztmpl/{file}" in store.get("volumes", {}):
                return "got correct file already"
            self.downloads.append((node, storage, file, dict(v)))
            await pve.pause(5)
            pve.store_file(storage, file, self.weight, "vztmpl")
            return None

        return await pve.task(node, "download", "", user, body)

    async def _download_url(self, request: web.Request) -> web.Response:
        pve: Any = self
        user = request[USER]
        name, store = pve._file_storage(request, "download")
        node = request.match_info["node"]
        pve.require(user, f"/storage/{name}", "Datastore.AllocateTemplate")
        if not self.allowed(user, f"/nodes/{node}", "Sys.AccessNetwork"):
            pve.require(user, "/", "Sys.Audit")
            pve.require(user, "/", "Sys.Modify")
        form = pve._verify(request, dict(await request.post()))
        content, file = form["content"], form["filename"]
        if content not in str(store.get("content")).split(","):
            raise PveError(500, f"storage '{name}' is not configured for content-type '{content}'")

        async def body() -> None:
            if f"{content}/{file}" in store.get("volumes", {}):
                raise TaskError(f"refusing to override existing file '{file}'")
            self.downloads.append((node, name, file, dict(form)))
            await pve.pause(5)
            pve.store_file(name, file, self.weight, content)

        return web.json_response({"data": await pve.task(node, "download", file, user, body)})

    async def _upload(self, request: web.Request) -> web.Response:
        """fakepve takes no disk images; PVE does."""
        pve: Any = self
        body = await request.read()
        content, file = _field(body, "content"), re.search(rb'filename="([^"]+)"', body)
        if content != "import" or file is None:
            answer: web.Response = await super()._upload(request)  # type: ignore[misc]  # a mixin
            return answer
        user = request[USER]
        name, _ = pve._file_storage(request, "upload")
        pve.require(user, f"/storage/{name}", "Datastore.AllocateTemplate")
        node, filename = request.match_info["node"], file[1].decode()
        fields = {"content": content, "filename": filename, "checksum": _field(body, "checksum")}
        pve.uploaded = fields

        async def work() -> None:
            pve.store_file(name, filename, len(body), content)

        return web.json_response({"data": await pve.task(node, "imgcopy", "", user, work)})

    async def _network(self, v: Any, user: str) -> Any:
        """Bridges and VNets that the user may see: PVE shows no others."""
        found = dict.fromkeys(self.bridges[v["node"]], ("bridge", "localnetwork"))
        found |= {vnet: ("vnet", zone) for vnet, zone in self.vnets.items()}
        return [
            {"iface": name, "type": type_, "active": 1}
            for name, (type_, zone) in sorted(found.items())
            if any(
                self.allowed(user, f"/sdn/zones/{zone}/{name}", priv)
                for priv in ("SDN.Use", "SDN.Audit")
            )
        ]

    async def _vnets(self, v: Any, user: str) -> Any:
        """Those that the user may look into: to use them is not enough."""
        return [
            {"vnet": name, "zone": zone, "type": "vnet"}
            for name, zone in sorted(self.vnets.items())
            if self.allowed(user, f"/sdn/zones/{zone}/{name}", "SDN.Audit")
        ]

    async def _options(self, v: Any, user: str) -> Any:
        return self.options

    async def _firewall(self, v: Any, user: str) -> Any:
        pve: Any = self
        pve.require(user, "/", "Sys.Audit")
        return {"enable": 1} if self.firewall_on else {}

    async def _groups(self, v: Any, user: str) -> Any:
        return [{"group": name, "nodes": "pve1"} for name in self.ha_groups]


def _field(body: bytes, name: str) -> str:
    found = re.search(rb'name="%b"\r\n\r\n([^\r]*)' % name.encode(), body)
    return found[1].decode() if found else ""
