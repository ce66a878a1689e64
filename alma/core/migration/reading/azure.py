"""Terraform's `azurerm` provider: the types that most states have."""

from __future__ import annotations

from collections.abc import Mapping

from alma.core.migration.draft import Doc
from alma.core.migration.reading.ports import add_port
from alma.core.migration.reading.site import Entry, Reader, Rule, Site, sources_of
from alma.core.migration.reading.sizes import gib, mib
from alma.core.migration.values import Values
from alma.core.model.blueprint import ResourceType

_MACHINES = (
    "azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine",
)  # fmt: skip
_SUBNET = "azurerm_subnet"
_NIC = "azurerm_network_interface"
_GROUP = "azurerm_network_security_group"
_DATABASES = {
    "azurerm_postgresql_flexible_server": "postgresql",
    "azurerm_postgresql_server": "postgresql",
    "azurerm_mysql_flexible_server": "mysql",
    "azurerm_mysql_server": "mysql",
    "azurerm_mariadb_server": "mariadb",
}


def _common(site: Site, entry: Entry, doc: Doc | None = None) -> None:
    pairs = entry.values.pairs("tags")
    if doc is not None:
        site.draft.labels(entry.thing, doc, pairs, "tags")
    site.anew(entry, "location resource_group_name zone zones name computer_name principal_id")


def _subnet(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.NETWORK)
    ranges = [text for text in entry.values.texts("address_prefixes") if text != "None"]
    if ranges:
        doc["cidr"] = ranges[0]
    if len(ranges) > 1:
        site.draft.remark(
            entry.thing, "address_prefixes", f"only {ranges[0]} of {len(ranges)} ranges is kept"
        )
    entry.values.drop("virtual_network_name")
    _common(site, entry)


def _virtual_network(site: Site, entry: Entry) -> None:
    own = entry.values.data.get("name")
    subnets = site.having("virtual_network_name", own, _SUBNET)
    names = [subnet.doc["name"] for subnet in subnets if subnet.doc]
    if names:
        entry.values.drop("address_space", "subnet")
        site.draft.fold(entry.thing, names, "its subnets are networks of their own")
    else:
        doc = site.add(entry, ResourceType.NETWORK)
        for text in entry.values.texts("address_space")[:1]:
            doc["cidr"] = text
    _common(site, entry)


def _disk(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.VOLUME)
    if size := gib(entry.values.number("disk_size_gb")):
        doc["specs"] = {"disk": size}
    _common(site, entry, doc)
    site.anew(
        entry,
        "storage_account_type create_option disk_iops_read_write disk_mbps_read_write tier",
    )


def _machine(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.VM)
    site.sized(entry, doc, "azure", values.text("size", "vm_size"), "size")
    if size := gib(values.inner("os_disk").number("disk_size_gb")):
        doc.setdefault("specs", {})["disk"] = size
    values.inner("os_disk").drop("caching", "storage_account_type", "name", "id")
    image = values.inner("source_image_reference")
    offer, sku = image.text("offer") or "", image.text("sku") or ""
    image.drop("publisher", "version")
    if system := _system(offer, sku):
        doc["image"] = system
        message = f"{offer} {sku} is taken for {system}"
        site.draft.assumed(entry.thing, doc, "image", message)
    elif offer:
        site.draft.remark(
            entry.thing, "source_image_reference", f"no image is known for {offer} {sku}"
        )
    for reference in values.texts("network_interface_ids"):
        _interface(site, doc, reference)
    if values.raw("admin_password"):
        site.draft.remark(entry.thing, "admin_password", "not copied", code="secret")
    if values.raw("custom_data"):
        message = "the script of the first start is not copied: it may hold secrets"
        site.draft.remark(entry.thing, "custom_data", message)
    _common(site, entry, doc)
    site.anew(
        entry,
        "private_ip_address private_ip_addresses public_ip_address public_ip_addresses "
        "virtual_machine_id",
    )


def _system(offer: str, sku: str) -> str | None:
    """The image of a system that Azure names by offer and edition: `0001-com-ubuntu-server-jammy`, `22_04-lts`."""
    told = f"{offer} {sku}".casefold().replace("_", ".")
    for number in ("24.04", "22.04", "20.04"):
        if "ubuntu" in told and number in told:
            return f"ubuntu:{number}"
    for number in ("13", "12", "11"):
        if f"debian-{number}" in told:
            return f"debian:{number}"
    return None


def _interface(site: Site, doc: Doc, reference: str) -> None:
    nic = site.find(reference, _NIC)
    if nic is None:
        return
    for config in nic.values.each("ip_configuration"):
        site.attach(nic, doc, [config.text("subnet_id")], _SUBNET)
        address = config.text("private_ip_address")
        if address and (config.text("private_ip_address_allocation") or "").casefold() == "static":
            doc.setdefault("network", {})["private_ip"] = address
        if outside := config.text("public_ip_address_id"):
            doc.setdefault("network", {})["public_ip"] = True
            site.join(f"address {outside}", doc)
        config.drop(
            "private_ip_address_version", "primary", "name", "private_ip_address_allocation"
        )
    site.join(f"{_NIC} {nic.values.data.get('id')}", doc)
    site.anew(
        nic,
        "private_ip_address private_ip_addresses mac_address internal_domain_name_suffix "
        "applied_dns_servers",
    )
    nic.values.drop("virtual_machine_id")
    _common(site, nic)
    site.draft.fold(nic.thing, [doc["name"]], "how that machine is in its network")


def _disk_attachment(site: Site, entry: Entry) -> None:
    disk = site.find(entry.values.text("managed_disk_id"), "azurerm_managed_disk")
    machine = site.find(entry.values.text("virtual_machine_id"), *_MACHINES)
    entry.values.drop("lun", "caching", "create_option")
    if disk and disk.doc and machine and machine.doc:
        site.mount(entry, machine.doc, disk.doc, label=disk.doc["name"])
        site.draft.fold(entry.thing, [machine.doc["name"]], "a mount of that machine")


def _public_address(site: Site, entry: Entry) -> None:
    names = site.members.get(f"address {entry.values.peek('id')}", [])
    if names:
        site.whole_anew(entry)
        site.draft.fold(entry.thing, names, "an address outside")


def _association(site: Site, entry: Entry) -> None:
    """A group of rules holds for an interface, or for all that is in a subnet."""
    group = site.find(entry.values.text("network_security_group_id"), _GROUP)
    if group is None:
        return
    names = list(site.members.get(f"{_NIC} {entry.values.text('network_interface_id')}", ()))
    subnet = site.find(entry.values.text("subnet_id"), _SUBNET)
    if subnet is not None and subnet.doc is not None:
        home = subnet.doc["name"]
        names += [
            d["name"] for d in site.draft.docs if home in (d.get("network") or {}).get("attach", ())
        ]
    for name in names:
        if found := site.draft.doc(name):
            site.join(group.address, found)
    site.draft.fold(entry.thing, names, "a firewall holds for these")


def _group(site: Site, entry: Entry) -> None:
    for rule in sorted(
        entry.values.each("security_rule"), key=lambda one: one.whole("priority") or 0
    ):
        _rule(site, entry, entry, rule)
    _common(site, entry)


def _single_rule(site: Site, entry: Entry) -> None:
    name = entry.values.text("network_security_group_name")
    group = site.find(name, _GROUP)
    if group is None:
        return
    _rule(site, entry, group, entry.values)
    site.draft.fold(
        entry.thing, [group.doc["name"]] if group.doc else [], "a rule of that firewall"
    )
    _common(site, entry)


def _rule(site: Site, told: Entry, group: Entry, rule: Values) -> None:
    ports = [
        p
        for p in (rule.text("destination_port_range"), *rule.texts("destination_port_ranges"))
        if p and p != "None"
    ]
    sources = [
        s
        for s in (rule.text("source_address_prefix"), *rule.texts("source_address_prefixes"))
        if s and s != "None"
    ]
    protocol = rule.text("protocol") or "*"
    name, direction = rule.text("name"), rule.text("direction")
    action = "deny" if (rule.text("access") or "").casefold() == "deny" else "allow"
    rule.drop("priority", "source_port_range", "destination_address_prefix", "description")
    if (direction or "").casefold() == "outbound":
        message = "rules for what may go out can't be written in a blueprint"
        site.draft.remark(told.thing, rule.path, message)
        return
    named = [
        source
        for source in sources
        if "." not in source and ":" not in source and source not in {"*", "Internet"}
    ]
    if named:
        site.draft.remark(told.thing, rule.path, f"the service tag {named[0]} is no network")
    kept = sources_of([source for source in sources if source not in named])
    made = Rule(rule.path, kept, ports, protocol, action=action, description=name)
    site.rules(group, site.members.get(group.address, []), made)


def _database(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.DATABASE)
    doc["engine"] = _DATABASES[entry.type]
    if version := values.text("version"):
        doc["version"] = version
    kind = values.text("sku_name")
    if kind:
        # A flexible server's name begins with its tier: GP_Standard_D2s_v3.
        bare = kind.split("_", 1)[1] if kind[:2] in {"B_", "GP", "MO"} and "_" in kind else kind
        site.sized(entry, doc, "azure", bare, "sku_name")
    if size := mib(values.number("storage_mb")) or gib(values.inner("storage").number("size_gb")):
        doc.setdefault("specs", {})["disk"] = size
    if days := values.whole("backup_retention_days"):
        doc["backup"] = {"schedule": "daily", "retention_days": days}
    if values.raw("administrator_password") or values.raw("administrator_login_password"):
        message = f"not copied: '{doc['name']}' gets a password of its own"
        site.draft.remark(entry.thing, "administrator_password", message, code="secret")
    site.attach(entry, doc, [values.text("delegated_subnet_id")], _SUBNET)
    _common(site, entry, doc)
    site.anew(entry, "fqdn private_dns_zone_id storage_tier")


def _cache(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.CACHE)
    doc["engine"] = "redis"
    if version := values.text("redis_version"):
        doc["version"] = version
    if family := values.text("family"):
        message = f"how big {family}{values.text('capacity') or ''} is, is not known"
        site.draft.remark(entry.thing, "capacity", message, hint="write memory under specs")
    for key in (
        "primary_access_key",
        "secondary_access_key",
        "primary_connection_string",
        "secondary_connection_string",
    ):
        if values.raw(key):
            site.draft.remark(entry.thing, key, "not copied", code="secret")
    _common(site, entry, doc)
    site.anew(entry, "hostname port ssl_port sku_name")


def _storage(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.OBJECT_STORE)
    for key in entry.values.data:
        if key.endswith(("_access_key", "_connection_string")) and entry.values.raw(key):
            site.draft.remark(entry.thing, key, "not copied", code="secret")
        elif key.endswith(("_endpoint", "_host", "_location")):
            site.anew(entry, key)
    site.draft.remark(
        entry.thing, "", "how much is in it is not in the state", hint="write it as specs.disk"
    )
    _common(site, entry, doc)
    site.anew(entry, "account_tier account_replication_type account_kind access_tier")


def _container(site: Site, entry: Entry) -> None:
    """A container of a storage account belongs to it."""
    account = site.find(
        entry.values.text("storage_account_name", "storage_account_id"), "azurerm_storage_account"
    )
    if account is not None and account.doc is not None:
        site.draft.fold(entry.thing, [account.doc["name"]], "a part of that store")
        _common(site, entry)
        site.anew(entry, "resource_manager_id default_encryption_scope")


def _balancer(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.LOAD_BALANCER)
    for config in entry.values.each("frontend_ip_configuration"):
        if outside := config.text("public_ip_address_id"):
            doc["network"] = {"public_ip": True}
            site.join(f"address {outside}", doc)
        config.drop("name", "id", "zones")
    _common(site, entry, doc)
    site.anew(entry, "sku sku_tier private_ip_address private_ip_addresses")


def _balancer_rule(site: Site, entry: Entry) -> None:
    front = site.find(entry.values.text("loadbalancer_id"), "azurerm_lb")
    if front is None or front.doc is None:
        return
    if port := entry.values.whole("frontend_port"):
        add_port(front.doc, port, protocol=entry.values.text("protocol") or "")
    entry.values.drop(
        "backend_port", "frontend_ip_configuration_name", "frontend_ip_configuration_id", "probe_id"
    )
    entry.values.drop("backend_address_pool_ids", "protocol")
    site.draft.fold(entry.thing, [front.doc["name"]], "a port of that balancer")
    _common(site, entry)


def _pool_member(site: Site, entry: Entry) -> None:
    pool = site.find(
        entry.values.text("backend_address_pool_id"), "azurerm_lb_backend_address_pool"
    )
    front = site.find(str(pool.values.data.get("loadbalancer_id")), "azurerm_lb") if pool else None
    names = site.members.get(f"{_NIC} {entry.values.text('network_interface_id')}", [])
    if pool is None or front is None or front.doc is None or not names:
        return
    backends = front.doc.setdefault("backends", [])
    backends += [name for name in names if name not in backends]
    entry.values.drop("ip_configuration_name")
    site.whole_anew(pool)
    for found in (entry, pool):
        site.draft.fold(found.thing, [front.doc["name"]], "the backends of that balancer")


def _cluster(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.KUBERNETES_CLUSTER)
    if version := values.text("kubernetes_version"):
        doc["version"] = version
    pool = values.inner("default_node_pool")
    doc["specs"] = {"control_plane": 1, "workers": pool.whole("node_count") or 1}
    site.sized(entry, doc, "azure", pool.text("vm_size"), "default_node_pool.vm_size")
    if size := gib(pool.number("os_disk_size_gb")):
        doc["specs"]["disk"] = size
    for key in values.data:
        if key.startswith(("kube_config", "kube_admin_config")) and values.raw(key):
            site.draft.remark(entry.thing, key, "not copied", code="secret")
    _common(site, entry, doc)
    site.anew(
        entry,
        "fqdn portal_fqdn node_resource_group node_resource_group_id identity kubelet_identity "
        "dns_prefix oidc_issuer_url current_kubernetes_version",
    )


def _node_pool(site: Site, entry: Entry) -> None:
    cluster = site.find(entry.values.text("kubernetes_cluster_id"), "azurerm_kubernetes_cluster")
    if cluster is not None and cluster.doc is not None:
        cluster.doc["specs"]["workers"] += entry.values.whole("node_count") or 1
        site.draft.fold(entry.thing, [cluster.doc["name"]], "workers of that cluster")
        _common(site, entry)


def _resource_group(site: Site, entry: Entry) -> None:
    names = [other.doc["name"] for other in site.entries if other.doc]
    site.whole_anew(entry)
    site.draft.fold(entry.thing, names, "the blueprint is the group")


def _later(site: Site, entry: Entry) -> None:
    """Read together with what refers to it."""


STEPS: tuple[Mapping[str, Reader], ...] = (
    {_SUBNET: _subnet, "azurerm_managed_disk": _disk},
    {
        "azurerm_virtual_network": _virtual_network,
        **dict.fromkeys(_MACHINES, _machine),
        **dict.fromkeys(_DATABASES, _database),
        "azurerm_redis_cache": _cache,
        "azurerm_storage_account": _storage,
        "azurerm_lb": _balancer,
        "azurerm_kubernetes_cluster": _cluster,
    },
    {
        _NIC: _later,
        "azurerm_virtual_machine_data_disk_attachment": _disk_attachment,
        "azurerm_public_ip": _public_address,
        "azurerm_storage_container": _container,
        "azurerm_lb_rule": _balancer_rule,
        "azurerm_lb_backend_address_pool": _later,
        "azurerm_network_interface_backend_address_pool_association": _pool_member,
        "azurerm_kubernetes_cluster_node_pool": _node_pool,
        "azurerm_network_interface_security_group_association": _association,
        "azurerm_subnet_network_security_group_association": _association,
    },
    {_GROUP: _group},
    {"azurerm_network_security_rule": _single_rule, "azurerm_resource_group": _resource_group},
)
"""What is read in which order: networks, what is in them, what refers to that, and rules at last."""
