"""Terraform's `google` provider: the types that most states have."""

from __future__ import annotations

import re
from collections.abc import Mapping

from alma.core.migration.draft import Doc
from alma.core.migration.reading.ports import add_port
from alma.core.migration.reading.site import Entry, Reader, Rule, Site, sources_of
from alma.core.migration.reading.sizes import gib
from alma.core.model.blueprint import ResourceType

_SUBNET, _NETWORK = "google_compute_subnetwork", "google_compute_network"
_VERSION = re.compile(r"^(POSTGRES|MYSQL)_(\d+)(?:_(\d+))?")
_SYSTEM = re.compile(r"(debian|ubuntu|rocky-linux|centos)(?:-[a-z]+)*-(\d+)", re.IGNORECASE)
_CUSTOM = re.compile(r"^(?:db-)?custom-(\d+)-(\d+)$")


def _common(site: Site, entry: Entry, doc: Doc | None = None) -> None:
    pairs = entry.values.pairs("labels")
    if doc is not None:
        site.draft.labels(entry.thing, doc, pairs, "labels")
    site.anew(entry, "zone region location name current_status instance_id cpu_platform")


def _subnet(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.NETWORK)
    if cidr := entry.values.text("ip_cidr_range"):
        doc["cidr"] = cidr
    entry.values.drop("network", "gateway_address", "purpose", "stack_type")
    _common(site, entry)


def _network(site: Site, entry: Entry) -> None:
    names = [
        other.doc["name"]
        for other in site.entries
        if other.type == _SUBNET
        and other.doc
        and site.find(str(other.values.data.get("network")), _NETWORK) is entry
    ]
    if names:
        site.draft.fold(entry.thing, names, "its subnets are networks of their own")
    else:
        site.add(entry, ResourceType.NETWORK)
    entry.values.drop(
        "auto_create_subnetworks", "routing_mode", "mtu", "delete_default_routes_on_create"
    )
    _common(site, entry)


def _disk(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.VOLUME)
    if size := gib(entry.values.number("size")):
        doc["specs"] = {"disk": size}
    _common(site, entry, doc)
    site.anew(
        entry,
        "type users last_attach_timestamp last_detach_timestamp physical_block_size_bytes disk_id",
    )


def _sized(site: Site, entry: Entry, doc: Doc, kind: str | None, at: str) -> None:
    short = (kind or "").rpartition("/")[2]
    if custom := _CUSTOM.match(short):
        memory = int(custom[2])
        doc.setdefault("specs", {})["cpu"] = int(custom[1])
        doc["specs"]["memory"] = f"{memory / 1024:g}GiB" if memory % 1024 == 0 else f"{memory}MiB"
    elif short:
        site.sized(entry, doc, "gcp", short, at)


def _boot(site: Site, entry: Entry, doc: Doc) -> None:
    boot = entry.values.inner("boot_disk")
    first = boot.inner("initialize_params")
    if size := gib(first.number("size")):
        doc.setdefault("specs", {})["disk"] = size
    image = first.text("image") or ""
    if match := _SYSTEM.search(image):
        number = f"{match[2][:2]}.{match[2][2:]}" if len(match[2]) == 4 else match[2]
        doc["image"] = f"{match[1].casefold().removesuffix('-linux')}:{number}"
        site.draft.assumed(
            entry.thing, doc, "image", f"{image.rpartition('/')[2]} is taken for {doc['image']}"
        )
    elif image:
        site.draft.remark(
            entry.thing, "boot_disk", f"no image is known for {image.rpartition('/')[2]}"
        )
    first.drop("type")
    boot.drop("source", "device_name", "mode", "auto_delete", "kms_key_self_link", "interface")


def _cards(site: Site, entry: Entry, doc: Doc) -> None:
    for card in entry.values.each("network_interface"):
        site.attach(
            entry, doc, [card.text("subnetwork") or card.text("network")], _SUBNET, _NETWORK
        )
        address = card.text("network_ip")
        if address and "private_ip" not in doc.get("network", {}):
            doc.setdefault("network", {})["private_ip"] = address
        if card.raw("access_config"):
            doc.setdefault("network", {})["public_ip"] = True
        card.drop(
            "name",
            "network",
            "subnetwork_project",
            "stack_type",
            "nic_type",
            "internal_ipv6_prefix_length",
            "network_attachment",
        )


def _machine(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.VM)
    _sized(site, entry, doc, values.text("machine_type"), "machine_type")
    _boot(site, entry, doc)
    _cards(site, entry, doc)
    for disk in values.each("attached_disk"):
        found = site.find(disk.text("source"), "google_compute_disk")
        disk.drop("device_name", "mode", "kms_key_self_link")
        if found is not None and found.doc is not None:
            site.mount(entry, doc, found.doc, label=found.doc["name"])
    for tag in values.texts("tags"):
        site.join(f"tag {tag}", doc)
    site.join("tag", doc)
    if values.raw("metadata_startup_script") or values.raw("metadata"):
        message = "scripts and keys of the first start are not copied: they may hold secrets"
        site.draft.remark(entry.thing, "metadata", message)
    _common(site, entry, doc)
    site.anew(
        entry,
        "scheduling shielded_instance_config service_account confidential_instance_config "
        "key_revocation_action_type",
    )


def _firewall(site: Site, entry: Entry) -> None:
    values = entry.values
    direction = values.text("direction") or "INGRESS"
    tags = [tag for tag in values.texts("target_tags") if tag != "None"]
    names = (
        [n for tag in tags for n in site.members.get(f"tag {tag}", ())]
        if tags
        else site.members.get("tag", [])
    )
    sources = sources_of(text for text in values.texts("source_ranges") if text != "None")
    for tag in values.texts("source_tags"):
        sources += site.members.get(f"tag {tag}", [])
    values.drop("network", "priority", "destination_ranges", "log_config", "enable_logging")
    if direction == "EGRESS":
        message = "rules for what may go out can't be written in a blueprint"
        site.draft.remark(entry.thing, "direction", message)
    else:
        for key in ("allow", "deny"):
            for part in values.each(key):
                ports = [text for text in part.texts("ports") if text != "None"]
                made = Rule(part.path, sources, ports, part.text("protocol") or "all", action=key)
                site.rules(entry, list(dict.fromkeys(names)), made)
    _common(site, entry)


def _database(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.DATABASE)
    told = values.text("database_version") or ""
    if match := _VERSION.match(told):
        doc["engine"] = {"POSTGRES": "postgresql", "MYSQL": "mysql"}[match[1]]
        doc["version"] = f"{match[2]}.{match[3]}" if match[3] else match[2]
    elif told:
        site.draft.remark(
            entry.thing, "database_version", f"{told} is not in the software catalogue"
        )
    settings = values.inner("settings")
    _sized(site, entry, doc, settings.text("tier"), "settings.tier")
    if size := gib(settings.number("disk_size")):
        doc.setdefault("specs", {})["disk"] = size
    backup = settings.inner("backup_configuration")
    if backup.flag("enabled"):
        doc["backup"] = {"schedule": "daily"}
    if settings.inner("ip_configuration").flag("ipv4_enabled"):
        doc.setdefault("network", {})["public_ip"] = True
    if (settings.text("availability_type") or "").casefold() == "regional":
        message = "a standby in another zone becomes no standby: one instance is drafted"
        site.draft.remark(entry.thing, "settings.availability_type", message, code="approximated")
    if values.raw("root_password") or values.raw("server_ca_cert"):
        site.draft.remark(
            entry.thing, "root_password", "passwords and certificates are not copied", code="secret"
        )
    _common(site, entry, doc)
    site.anew(
        entry,
        "connection_name first_ip_address private_ip_address public_ip_address ip_address "
        "service_account_email_address available_maintenance_versions instance_type "
        "maintenance_version dns_names",
    )
    settings.drop("version", "disk_type", "activation_policy", "pricing_plan")


def _cache(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.CACHE)
    doc["engine"] = "redis"
    if match := re.match(r"REDIS_(\d+)_", values.text("redis_version") or ""):
        doc["version"] = match[1]
    if size := gib(values.number("memory_size_gb")):
        doc["specs"] = {"memory": size}
    if port := values.whole("port"):
        add_port(doc, port)
    if values.raw("auth_string"):
        site.draft.remark(entry.thing, "auth_string", "not copied", code="secret")
    _common(site, entry, doc)
    site.anew(
        entry,
        "host location_id create_time current_location_id reserved_ip_range tier nodes "
        "read_endpoint effective_reserved_ip_range persistence_iam_identity",
    )


def _bucket(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.OBJECT_STORE)
    site.draft.remark(
        entry.thing, "", "how much is in it is not in the state", hint="write it as specs.disk"
    )
    _common(site, entry, doc)
    site.anew(
        entry,
        "url storage_class project_number time_created updated force_destroy rpo "
        "soft_delete_policy",
    )


def _cluster(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.KUBERNETES_CLUSTER)
    if version := values.text("min_master_version"):
        doc["version"] = version
    doc["specs"] = {"control_plane": 1, "workers": values.whole("initial_node_count") or 0}
    if values.flag("remove_default_node_pool"):
        doc["specs"]["workers"] = 0
    kind = values.inner("node_config").text("machine_type")
    values.drop("node_config", "node_pool")
    _sized(site, entry, doc, kind, "node_config.machine_type")
    site.attach(
        entry, doc, [values.text("subnetwork") or values.text("network")], _SUBNET, _NETWORK
    )
    if values.raw("master_auth"):
        site.draft.remark(
            entry.thing, "master_auth", "certificates and keys are not copied", code="secret"
        )
    _common(site, entry, doc)
    site.anew(
        entry,
        "endpoint master_version node_version services_ipv4_cidr cluster_ipv4_cidr network "
        "operation tpu_ipv4_cidr_block node_locations",
    )


def _node_pool(site: Site, entry: Entry) -> None:
    cluster = site.find(entry.values.text("cluster"), "google_container_cluster")
    if cluster is None or cluster.doc is None:
        return
    specs = cluster.doc["specs"]
    specs["workers"] += entry.values.whole("node_count", "initial_node_count") or 1
    config = entry.values.inner("node_config")
    if "cpu" not in specs:
        _sized(site, entry, cluster.doc, config.text("machine_type"), "node_config.machine_type")
    if size := gib(config.number("disk_size_gb")):
        specs.setdefault("disk", size)
    site.draft.fold(entry.thing, [cluster.doc["name"]], "workers of that cluster")
    entry.values.drop(
        "initial_node_count",
        "instance_group_urls",
        "managed_instance_group_urls",
        "version",
        "node_locations",
    )
    _common(site, entry)


def _forwarding(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.LOAD_BALANCER)
    if (values.text("load_balancing_scheme") or "EXTERNAL").startswith("EXTERNAL"):
        doc["network"] = {"public_ip": True}
    for text in [*values.texts("ports"), (values.text("port_range") or "").partition("-")[0]]:
        if text.isdigit():
            add_port(doc, int(text))
    message = "what it sends to is told by other objects: name its backends"
    site.draft.remark(entry.thing, "target", message)
    values.drop("target", "backend_service", "ip_protocol")
    _common(site, entry, doc)
    site.anew(
        entry,
        "ip_address base_forwarding_rule psc_connection_id forwarding_rule_id network_tier "
        "ip_version subnetwork network",
    )


STEPS: tuple[Mapping[str, Reader], ...] = (
    {_SUBNET: _subnet, "google_compute_disk": _disk},
    {_NETWORK: _network},
    {
        "google_compute_instance": _machine,
        "google_sql_database_instance": _database,
        "google_redis_instance": _cache,
        "google_storage_bucket": _bucket,
        "google_container_cluster": _cluster,
        "google_compute_forwarding_rule": _forwarding,
        "google_compute_global_forwarding_rule": _forwarding,
    },
    {"google_container_node_pool": _node_pool, "google_compute_firewall": _firewall},
)
"""What is read in which order: networks, what is in them, and rules once their members are known."""
