"""Terraform's `docker` provider."""

from __future__ import annotations

from collections.abc import Mapping

from alma.core.migration.draft import Doc
from alma.core.migration.reading.ports import add_port
from alma.core.migration.reading.site import Entry, Reader, Site
from alma.core.migration.reading.sizes import mib
from alma.core.migration.software import kind_of, run_image, software_of
from alma.core.model.blueprint import ResourceType

_IMAGE, _NETWORK, _VOLUME = "docker_image", "docker_network", "docker_volume"


def _network(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.NETWORK)
    for config in entry.values.each("ipam_config")[:1]:
        if subnet := config.text("subnet"):
            doc["cidr"] = subnet
        config.drop("gateway")
    site.anew(entry, "name driver scope ipam_driver ingress check_duplicate options")


def _volume(site: Site, entry: Entry) -> None:
    site.add(entry, ResourceType.VOLUME)
    site.anew(entry, "name driver mountpoint")


def _container(site: Site, entry: Entry) -> None:
    values = entry.values
    reference = values.text("image")
    pulled = site.find(reference, _IMAGE)
    image = str(pulled.values.data.get("name") or reference) if pulled else reference
    known = software_of(site.draft.lookups.catalogue, image) if image else None
    doc = site.add(entry, kind_of(known))
    if pulled is not None:
        site.draft.fold(pulled.thing, [doc["name"]], "the image of that container")
        site.anew(
            pulled,
            "name image_id repo_digest keep_locally latest pull_triggers force_remove",
        )
    if image and not image.startswith("sha256:"):
        run_image(site.draft, entry.thing, doc, image)
    elif image:
        site.draft.remark(entry.thing, "image", "only the digest of the image is known: name it")
    pairs = values.pairs("env")
    site.draft.env(entry.thing, doc, pairs, "env")
    site.draft.command(
        entry.thing, doc, [w for w in values.texts("command") if w != "None"], "command"
    )
    labels = {item.text("label") or "": item.text("value") or "" for item in values.each("labels")}
    site.draft.labels(entry.thing, doc, labels, "labels")
    _ports(entry, doc)
    _networks(site, entry, doc)
    _mounts(site, entry, doc)
    if memory := mib(values.number("memory")):
        doc.setdefault("specs", {})["memory"] = memory
    if cpus := values.text("cpus"):
        doc.setdefault("specs", {})["cpu"] = cpus
    site.anew(
        entry,
        "name hostname bridge network_data container_logs exit_code must_run start rm logs attach "
        "wait wait_timeout container_read_refresh_timeout_milliseconds remove_volumes ipc_mode "
        "log_driver shm_size stdin_open cgroupns_mode max_retry_count memory_swap",
    )


def _ports(entry: Entry, doc: Doc) -> None:
    for port in entry.values.each("ports"):
        inner, outer = port.whole("internal"), port.whole("external")
        if inner:
            add_port(doc, inner, published=outer, protocol=port.text("protocol") or "")
        if (port.text("ip") or "") in {"0.0.0.0", "::"}:  # noqa: S104  # read, not bound
            doc["network"]["public_ip"] = True
        port.drop("protocol", "ip")


def _networks(site: Site, entry: Entry, doc: Doc) -> None:
    for joined in entry.values.each("networks_advanced"):
        site.attach(entry, doc, [joined.text("name")], _NETWORK)
        if address := joined.text("ipv4_address"):
            doc.setdefault("network", {}).setdefault("private_ip", address)


def _mounts(site: Site, entry: Entry, doc: Doc) -> None:
    for volume in entry.values.each("volumes"):
        path, name = volume.text("container_path"), volume.text("volume_name")
        found = site.find(name, _VOLUME)
        if found is not None and found.doc is not None and path:
            mount = {"volume": found.doc["name"], "path": path}
            doc.setdefault("mounts", []).append(
                {**mount, "read_only": True} if volume.flag("read_only") else mount
            )
        elif host := volume.text("host_path"):
            site.draft.remark(
                entry.thing,
                volume.path,
                f"{host} is a path of the host: what is in it is not in the state",
            )
        volume.drop("from_container", "read_only")


def _later(site: Site, entry: Entry) -> None:
    """Read together with the containers that use it."""


STEPS: tuple[Mapping[str, Reader], ...] = (
    {_NETWORK: _network, _VOLUME: _volume},
    {"docker_container": _container, _IMAGE: _later},
)
"""Networks and volumes first, then what uses them."""
