"""Terraform's `aws` provider: the types that most states have."""

from __future__ import annotations

from collections.abc import Mapping

from alma.core.migration.draft import Doc
from alma.core.migration.reading.ports import add_port
from alma.core.migration.reading.site import Entry, Reader, Rule, Site, sources_of
from alma.core.migration.reading.sizes import gib
from alma.core.migration.values import Values
from alma.core.model.blueprint import ResourceType

_ENGINES = {"aurora-postgresql": "postgresql", "aurora-mysql": "mysql", "postgres": "postgresql"}
_SUBNET = ("aws_subnet", "aws_default_subnet")
_ATTACHED = ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
_GROUP = ("aws_security_group", "aws_default_security_group")


def _tags(site: Site, entry: Entry, doc: Doc) -> None:
    site.draft.labels(entry.thing, doc, entry.values.pairs("tags"), "tags")


def _groups(site: Site, entry: Entry, doc: Doc, *keys: str) -> None:
    for key in keys:
        for group in entry.values.texts(key):
            found = site.find(group, *_GROUP)
            site.join(found.address if found else None, doc)
            if found is None and group != "None":
                site.draft.remark(entry.thing, key, f"the group {group} is not in the state")


def _instance(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.VM)
    site.sized(entry, doc, "aws", values.text("instance_type"), "instance_type")
    root = values.inner("root_block_device")
    if size := gib(root.number("volume_size")):
        doc.setdefault("specs", {})["disk"] = size
    root.drop(
        "volume_id",
        "device_name",
        "tags",
        "tags_all",
        "kms_key_id",
        "volume_type",
        "iops",
        "throughput",
    )
    site.attach(entry, doc, [values.text("subnet_id")], *_SUBNET)
    if address := values.text("private_ip"):
        doc.setdefault("network", {})["private_ip"] = address
    if values.text("public_ip") or values.flag("associate_public_ip_address"):
        doc.setdefault("network", {})["public_ip"] = True
    values.flag("associate_public_ip_address")
    _groups(site, entry, doc, "vpc_security_group_ids")
    values.drop("security_groups")
    _tags(site, entry, doc)
    for device in values.each("ebs_block_device"):
        volume = site.draft.add(
            entry.thing, ResourceType.VOLUME, f"{doc['name']}-disk", suffix="disk"
        )
        if size := gib(device.number("volume_size")):
            volume["specs"] = {"disk": size}
        device.drop(
            "volume_id", "tags", "tags_all", "volume_type", "iops", "throughput", "device_name"
        )
        site.mount(entry, doc, volume, label=volume["name"])
    if image := values.text("ami"):
        message = f"which system {image} holds is not in the state"
        site.draft.remark(entry.thing, "ami", message, hint="name an image such as debian:12")
    if values.raw("user_data") or values.raw("user_data_base64"):
        message = "the script of the first start is not copied: it may hold secrets"
        site.draft.remark(entry.thing, "user_data", message)
    site.anew(
        entry,
        "availability_zone instance_state primary_network_interface_id private_dns_name_options "
        "ipv6_addresses host_id outpost_arn password_data placement_partition_number "
        "cpu_core_count cpu_threads_per_core cpu_options capacity_reservation_specification "
        "maintenance_options enclave_options instance_lifecycle",
    )


def _network(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.NETWORK)
    if cidr := entry.values.text("cidr_block"):
        doc["cidr"] = cidr
    site.draft.labels(entry.thing, doc, entry.values.pairs("tags"), "tags")
    site.anew(
        entry,
        "availability_zone availability_zone_id vpc_id main_route_table_id default_route_table_id "
        "default_network_acl_id default_security_group_id dhcp_options_id "
        "ipv6_cidr_block_association_id",
    )


def _vpc(site: Site, entry: Entry) -> None:
    """Its subnets are the networks; one without any is a network itself."""
    if not site.having("vpc_id", entry.values.peek("id"), *_SUBNET):
        _network(site, entry)


def _vpc_of(site: Site, entry: Entry) -> None:
    if entry.doc is not None:
        return
    subnets = site.having("vpc_id", entry.values.peek("id"), *_SUBNET)
    names = [subnet.doc["name"] for subnet in subnets if subnet.doc]
    site.whole_anew(entry)
    site.draft.fold(entry.thing, names, "its subnets are networks of their own")


def _volume(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.VOLUME)
    if size := gib(entry.values.number("size")):
        doc["specs"] = {"disk": size}
    _tags(site, entry, doc)
    site.anew(entry, "availability_zone snapshot_id type iops throughput kms_key_id")


def _volume_attachment(site: Site, entry: Entry) -> None:
    volume = site.find(entry.values.text("volume_id"), "aws_ebs_volume")
    machine = site.find(entry.values.text("instance_id"), "aws_instance")
    entry.values.drop("device_name")
    if volume and volume.doc and machine and machine.doc:
        site.mount(entry, machine.doc, volume.doc, label=volume.doc["name"])
        site.draft.fold(entry.thing, [machine.doc["name"]], "a mount of that machine")


def _database(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.DATABASE)
    engine = values.text("engine") or "postgres"
    doc["engine"] = _ENGINES.get(engine, engine)
    if site.draft.lookups.catalogue.find(doc["engine"]) is None:
        message = (
            f"{doc['engine']} is not in the software catalogue: name an image, or other software"
        )
        site.draft.remark(entry.thing, "engine", message)
    if version := values.text("engine_version_actual", "engine_version"):
        doc["version"] = version
        values.drop("engine_version", "engine_version_actual")
    kind = values.text("instance_class")
    site.sized(entry, doc, "aws", kind.removeprefix("db.") if kind else None, "instance_class")
    if size := gib(values.number("allocated_storage")):
        doc.setdefault("specs", {})["disk"] = size
    if (days := values.whole("backup_retention_period")) is not None:
        doc["backup"] = {"schedule": "daily", "retention_days": days} if days else False
    values.drop("backup_window", "preferred_backup_window")
    if port := values.whole("port"):
        add_port(doc, port)
    if values.flag("publicly_accessible"):
        doc.setdefault("network", {})["public_ip"] = True
    if values.flag("multi_az"):
        message = "a standby in another zone becomes no standby: one instance is drafted"
        site.draft.remark(entry.thing, "multi_az", message, code="approximated")
    _groups(site, entry, doc, "vpc_security_group_ids")
    _tags(site, entry, doc)
    if values.raw("password") or values.raw("master_password"):
        message = f"not copied: '{doc['name']}' gets a password of its own"
        site.draft.remark(entry.thing, "password", message, code="secret")
    site.anew(
        entry,
        "address endpoint reader_endpoint resource_id status availability_zone availability_zones "
        "ca_cert_identifier identifier identifier_prefix cluster_identifier cluster_resource_id "
        "db_subnet_group_name engine_lifecycle_support latest_restorable_time listener_endpoint "
        "master_user_secret kms_key_id final_snapshot_identifier license_model option_group_name "
        "storage_type cluster_members",
    )


def _cluster_member(site: Site, entry: Entry) -> None:
    """One instance of a cluster of databases: it says how big the cluster's are."""
    cluster = site.find(entry.values.text("cluster_identifier"), "aws_rds_cluster")
    if cluster is None or cluster.doc is None:
        return
    kind = entry.values.text("instance_class")
    if "cpu" not in cluster.doc.get("specs", {}):
        site.sized(
            entry, cluster.doc, "aws", kind.removeprefix("db.") if kind else None, "instance_class"
        )
    elif kind:
        message = f"a reader of '{cluster.doc['name']}': add a replica of it for the same"
        site.draft.remark(entry.thing, "", message, code="approximated")
    site.draft.fold(entry.thing, [cluster.doc["name"]], "a member of that cluster")
    entry.values.drop("engine", "engine_version", "engine_version_actual", "identifier")


def _cache(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.CACHE)
    doc["engine"] = values.text("engine") or "redis"
    if version := values.text("engine_version_actual", "engine_version"):
        doc["version"] = version
        values.drop("engine_version", "engine_version_actual")
    kind = values.text("node_type")
    site.sized(entry, doc, "aws", kind.removeprefix("cache.") if kind else None, "node_type")
    nodes = values.whole("num_cache_nodes", "num_cache_clusters", "number_cache_clusters") or 1
    if nodes > 1:
        message = (
            f"{nodes} nodes become one: count would make {nodes} that know nothing of each other"
        )
        site.draft.remark(entry.thing, "num_cache_nodes", message, code="approximated")
    if port := values.whole("port"):
        add_port(doc, port)
    _groups(site, entry, doc, "security_group_ids")
    _tags(site, entry, doc)
    if values.raw("auth_token"):
        site.draft.remark(entry.thing, "auth_token", "not copied", code="secret")
    site.anew(
        entry,
        "cache_nodes cluster_address configuration_endpoint configuration_endpoint_address "
        "cluster_id primary_endpoint_address reader_endpoint_address member_clusters "
        "availability_zone subnet_group_name replication_group_id ip_discovery network_type "
        "parameter_group_name",
    )


def _balancer(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.LOAD_BALANCER)
    if not values.flag("internal"):
        doc["network"] = {"public_ip": True}
    site.attach(entry, doc, [text for text in values.texts("subnets") if text != "None"], *_SUBNET)
    _groups(site, entry, doc, "security_groups")
    _tags(site, entry, doc)
    site.anew(entry, "arn_suffix zone_id vpc_id name ip_address_type subnet_mapping")
    values.drop("load_balancer_type")


def _listener(site: Site, entry: Entry) -> None:
    values = entry.values
    front = site.find(values.text("load_balancer_arn"), "aws_lb", "aws_alb")
    if front is None or front.doc is None:
        return
    if port := values.whole("port"):
        add_port(front.doc, port)
    if values.text("certificate_arn"):
        site.draft.remark(
            entry.thing, "certificate_arn", "certificates are not copied", code="secret"
        )
    values.drop("protocol")
    for action in values.each("default_action"):
        action.drop("type", "order")
        _send(site, front.doc, action.text("target_group_arn"))
        for group in action.inner("forward").each("target_group"):
            _send(site, front.doc, group.text("arn"))
    site.draft.fold(entry.thing, [front.doc["name"]], "a port of that balancer")


def _send(site: Site, front: Doc, group: str | None) -> None:
    """A balancer sends to what is in a group of targets."""
    found = site.find(group, "aws_lb_target_group", "aws_alb_target_group")
    if found is None:
        return
    reference = found.values.data.get("arn")
    port = found.values.data.get("port")
    for other in site.having("target_group_arn", reference, *_ATTACHED):
        machine = site.find(str(other.values.text("target_id")), "aws_instance")
        other.values.drop("target_group_arn", "port", "availability_zone")
        if machine is not None and machine.doc is not None:
            name = machine.doc["name"]
            if name not in front.setdefault("backends", []):
                front["backends"].append(name)
            if isinstance(port, int) and not isinstance(port, bool):
                add_port(machine.doc, port)
            site.draft.fold(other.thing, [front["name"]], "a backend of that balancer")
    site.draft.fold(found.thing, [front["name"]], "the backends of that balancer")
    found.values.drop(
        "port", "protocol", "target_type", "name", "arn_suffix", "vpc_id", "load_balancer_arns"
    )


def _group(site: Site, entry: Entry) -> None:
    """The rules of a group, for everything that is in it."""
    values = entry.values
    for way in ("ingress", "egress"):
        for rule in values.each(way):
            _group_rule(site, entry, entry, rule, inward=way == "ingress")
    values.drop("name", "name_prefix", "description", "vpc_id", "revoke_rules_on_delete", "tags")


def _single_rule(site: Site, entry: Entry) -> None:
    values = entry.values
    group = site.find(values.text("security_group_id"), *_GROUP)
    if group is None:
        return
    inward = (values.text("type") or entry.type) != "egress" and "egress" not in entry.type
    _group_rule(site, entry, group, values, inward=inward)
    names = [group.doc["name"]] if group.doc else []
    site.draft.fold(entry.thing, names, "a rule of that firewall")
    values.drop("security_group_rule_id", "prefix_list_ids")


def _group_rule(site: Site, told: Entry, group: Entry, rule: Values, *, inward: bool) -> None:
    first, last = rule.whole("from_port"), rule.whole("to_port")
    protocol = rule.text("protocol", "ip_protocol") or "-1"
    cidrs = [*rule.texts("cidr_blocks"), *rule.texts("ipv6_cidr_blocks")]
    cidrs += [text for key in ("cidr_ipv4", "cidr_ipv6") if (text := rule.text(key))]
    cidrs = [text for text in cidrs if text != "None"]
    others = [*rule.texts("security_groups"), rule.text("source_security_group_id") or ""]
    others.append(rule.text("referenced_security_group_id") or "")
    description = rule.text("description")
    itself = rule.flag("self")
    if not inward:
        if protocol != "-1" or sources_of(cidrs) != ["any"]:
            message = "rules for what may go out can't be written in a blueprint"
            site.draft.remark(told.thing, rule.path, message)
        return
    members = site.members.get(group.address, [])
    sources = sources_of(cidrs)
    for other in others:
        found = site.find(other, *_GROUP)
        sources += site.members.get(found.address, []) if found else []
    sources += members if itself else []
    ports = (
        []
        if protocol == "-1" or first is None
        else [f"{first}-{last if last is not None else first}"]
    )
    made = Rule(rule.path, sources, ports, protocol, description=description)
    site.rules(group, members, made)


def _bucket(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.OBJECT_STORE)
    if bucket := entry.values.text("bucket"):
        doc["description"] = f"Bucket {bucket}"
    _tags(site, entry, doc)
    site.draft.remark(
        entry.thing, "", "how much is in it is not in the state", hint="write it as specs.disk"
    )
    site.anew(
        entry,
        "bucket_domain_name bucket_regional_domain_name bucket_prefix region bucket_region grant "
        "request_payer acl force_destroy object_lock_enabled",
    )


def _queue(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.QUEUE)
    _tags(site, entry, doc)
    message = "an own broker speaks another protocol: what sends and receives has to be changed"
    site.draft.remark(entry.thing, "", message, code="approximated")
    site.anew(entry, "url name name_prefix")


def _broker(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.QUEUE)
    if (values.text("engine_type") or "").casefold() == "rabbitmq":
        doc["engine"] = "rabbitmq"
    if version := values.text("engine_version"):
        doc["version"] = version
    kind = values.text("host_instance_type")
    site.sized(entry, doc, "aws", kind.removeprefix("mq.") if kind else None, "host_instance_type")
    _groups(site, entry, doc, "security_groups")
    _tags(site, entry, doc)
    for user in values.each("user"):
        user.drop("username", "password", "console_access", "groups", "replication_user")
        site.draft.remark(entry.thing, "user", "users and passwords are not copied", code="secret")
    site.anew(entry, "instances broker_name subnet_ids")


def _cluster(site: Site, entry: Entry) -> None:
    doc = site.add(entry, ResourceType.KUBERNETES_CLUSTER)
    if version := entry.values.text("version"):
        doc["version"] = version
    doc["specs"] = {"control_plane": 1, "workers": 0}
    _tags(site, entry, doc)
    site.anew(
        entry,
        "endpoint certificate_authority identity platform_version status name created_at role_arn "
        "cluster_id",
    )


def _node_group(site: Site, entry: Entry) -> None:
    cluster = site.find(entry.values.text("cluster_name"), "aws_eks_cluster")
    if cluster is None or cluster.doc is None:
        return
    wanted = entry.values.inner("scaling_config").whole("desired_size") or 1
    cluster.doc["specs"]["workers"] += max(wanted, 0)
    kinds = [kind for kind in entry.values.texts("instance_types") if kind != "None"]
    if kinds and "cpu" not in cluster.doc["specs"]:
        site.sized(entry, cluster.doc, "aws", kinds[0], "instance_types")
    if size := gib(entry.values.number("disk_size")):
        cluster.doc["specs"].setdefault("disk", size)
    site.draft.fold(entry.thing, [cluster.doc["name"]], "workers of that cluster")
    entry.values.drop(
        "node_group_name", "node_group_name_prefix", "resources", "status", "subnet_ids"
    )
    entry.values.drop("version", "release_version", "node_role_arn")


def _address(site: Site, entry: Entry) -> None:
    machine = site.find(entry.values.text("instance", "instance_id"), "aws_instance")
    if machine is not None and machine.doc is not None:
        machine.doc.setdefault("network", {})["public_ip"] = True
        site.whole_anew(entry)
        site.draft.fold(entry.thing, [machine.doc["name"]], "that machine has an address outside")


def _later(site: Site, entry: Entry) -> None:
    """Read together with what refers to it."""


STEPS: tuple[Mapping[str, Reader], ...] = (
    {
        "aws_vpc": _vpc,
        "aws_default_vpc": _vpc,
        "aws_subnet": _network,
        "aws_default_subnet": _network,
        "aws_ebs_volume": _volume,
    },
    {
        "aws_instance": _instance,
        "aws_lb": _balancer,
        "aws_alb": _balancer,
        "aws_db_instance": _database,
        "aws_rds_cluster": _database,
        "aws_elasticache_cluster": _cache,
        "aws_elasticache_replication_group": _cache,
        "aws_s3_bucket": _bucket,
        "aws_sqs_queue": _queue,
        "aws_mq_broker": _broker,
        "aws_eks_cluster": _cluster,
    },
    {
        "aws_vpc": _vpc_of,
        "aws_default_vpc": _vpc_of,
        "aws_volume_attachment": _volume_attachment,
        "aws_rds_cluster_instance": _cluster_member,
        "aws_eks_node_group": _node_group,
        "aws_eip": _address,
        "aws_eip_association": _address,
        "aws_lb_listener": _listener,
        "aws_alb_listener": _listener,
        "aws_lb_target_group": _later,
        "aws_alb_target_group": _later,
        "aws_lb_target_group_attachment": _later,
        "aws_alb_target_group_attachment": _later,
    },
    {
        "aws_security_group": _group,
        "aws_default_security_group": _group,
    },
    {
        "aws_security_group_rule": _single_rule,
        "aws_vpc_security_group_ingress_rule": _single_rule,
        "aws_vpc_security_group_egress_rule": _single_rule,
    },
)
"""What is read in which order: networks, what is in them, what refers to that, and rules at last."""
