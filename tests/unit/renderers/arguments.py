"""The arguments that the providers document for what is written: what is not here is most likely misspelt.

Sources: the documentation of bpg/proxmox 0.78 and of hashicorp/aws 5.x, resource by resource. A mapping is a block with
arguments of its own; `TAGS` is a map of texts.
"""

from __future__ import annotations

from typing import Any

ANY: Any = ...
TAGS: Any = "tags"


def block(words: str = "", **inner: Any) -> dict[str, Any]:
    """Plain arguments, and blocks within."""
    return {**dict.fromkeys(words.split(), ANY), **inner}


_PLACE = block("node_name vm_id container_id")
_DNS = block("domain servers")
_ADDRESSES = block(ipv4=block("address gateway"), ipv6=block("address gateway"))
_STARTUP = block("order up_delay down_delay")
_CARD = "bridge vlan_id mtu firewall mac_address enabled rate_limit"

PROXMOX: dict[str, Any] = {
    "proxmox_virtual_environment_vm": block(
        "name description tags node_name vm_id pool_id on_boot protection bios machine boot_order started "
        "scsi_hardware",
        agent=block("enabled timeout trim type"),
        cpu=block("cores sockets limit type units numa"),
        memory=block("dedicated floating shared"),
        clone=block("vm_id full node_name datastore_id retries"),
        disk=block(
            "interface size import_from file_id datastore_id ssd discard iothread cache backup file_format"
        ),
        efi_disk=block("datastore_id type pre_enrolled_keys file_format"),
        network_device=block(f"model {_CARD}"),
        initialization=block(
            "datastore_id interface user_data_file_id", ip_config=_ADDRESSES, dns=_DNS
        ),
        operating_system=block("type"),
        serial_device=block("device"),
        startup=_STARTUP,
    ),
    "proxmox_virtual_environment_container": block(
        "description tags node_name vm_id pool_id protection unprivileged start_on_boot started",
        features=block("nesting keyctl fuse mknod mount"),
        cpu=block("cores units architecture"),
        memory=block("dedicated swap"),
        disk=block("datastore_id size"),
        initialization=block(
            "hostname", ip_config=_ADDRESSES, dns=_DNS, user_account=block("keys password")
        ),
        network_interface=block(f"name {_CARD}"),
        mount_point=block("volume size path read_only backup"),
        operating_system=block("template_file_id type"),
        startup=_STARTUP,
    ),
    "proxmox_virtual_environment_download_file": block(
        "content_type datastore_id node_name url file_name checksum checksum_algorithm overwrite"
    ),
    "proxmox_virtual_environment_file": block(
        "content_type datastore_id node_name", source_raw=block("data file_name resize")
    ),
    "proxmox_virtual_environment_firewall_rules": block(
        rule=block("type action source dest proto dport sport comment enabled iface log macro"),
        **_PLACE,
    ),
    "proxmox_virtual_environment_firewall_options": block(
        "enabled input_policy output_policy", **_PLACE
    ),
    "proxmox_virtual_environment_haresource": block(
        "resource_id group state max_restart max_relocate comment type"
    ),
}

AWS: dict[str, Any] = {
    "aws_vpc": block("cidr_block enable_dns_support enable_dns_hostnames", tags=TAGS),
    "aws_internet_gateway": block("vpc_id", tags=TAGS),
    "aws_nat_gateway": block("allocation_id subnet_id", tags=TAGS),
    "aws_eip": block("domain", tags=TAGS),
    "aws_subnet": block("vpc_id cidr_block availability_zone", tags=TAGS),
    "aws_route_table": block("vpc_id", tags=TAGS),
    "aws_route": block("route_table_id destination_cidr_block gateway_id nat_gateway_id"),
    "aws_route_table_association": block("subnet_id route_table_id"),
    "aws_vpc_dhcp_options": block("domain_name domain_name_servers", tags=TAGS),
    "aws_vpc_dhcp_options_association": block("vpc_id dhcp_options_id"),
    "aws_route53_zone": block("name", vpc=block("vpc_id vpc_region"), tags=TAGS),
    "aws_route53_record": block(
        "zone_id name type ttl records", alias=block("name zone_id evaluate_target_health")
    ),
    "aws_security_group": block("name_prefix description vpc_id", tags=TAGS),
    "aws_vpc_security_group_ingress_rule": block(
        "security_group_id ip_protocol from_port to_port cidr_ipv4 cidr_ipv6 referenced_security_group_id "
        "description"
    ),
    "aws_vpc_security_group_egress_rule": block("security_group_id ip_protocol cidr_ipv4"),
    "aws_instance": block(
        "ami instance_type subnet_id vpc_security_group_ids associate_public_ip_address private_ip key_name "
        "user_data_base64",
        root_block_device=block("volume_type volume_size encrypted"),
        metadata_options=block("http_tokens http_put_response_hop_limit"),
        tags=TAGS,
    ),
    "aws_ebs_volume": block("availability_zone size type encrypted", tags=TAGS),
    "aws_volume_attachment": block("device_name volume_id instance_id"),
    "aws_db_subnet_group": block("name subnet_ids", tags=TAGS),
    "aws_db_instance": block(
        "identifier engine engine_version instance_class allocated_storage storage_type storage_encrypted db_name "
        "username password port db_subnet_group_name vpc_security_group_ids publicly_accessible "
        "backup_retention_period deletion_protection final_snapshot_identifier skip_final_snapshot replicate_source_db",
        tags=TAGS,
    ),
    "aws_elasticache_subnet_group": block("name subnet_ids", tags=TAGS),
    "aws_elasticache_cluster": block(
        "cluster_id engine engine_version node_type num_cache_nodes port subnet_group_name security_group_ids",
        tags=TAGS,
    ),
    "aws_elasticache_replication_group": block(
        "replication_group_id description engine engine_version node_type num_cache_clusters port subnet_group_name "
        "security_group_ids at_rest_encryption_enabled transit_encryption_enabled auth_token "
        "snapshot_retention_limit",
        tags=TAGS,
    ),
    "aws_mq_broker": block(
        "broker_name engine_type engine_version host_instance_type deployment_mode auto_minor_version_upgrade "
        "publicly_accessible subnet_ids security_groups",
        user=block("username password"),
        tags=TAGS,
    ),
    "aws_s3_bucket": block("bucket_prefix", tags=TAGS),
    "aws_s3_bucket_public_access_block": block(
        "bucket block_public_acls block_public_policy ignore_public_acls restrict_public_buckets"
    ),
    "aws_s3_bucket_versioning": block("bucket", versioning_configuration=block("status")),
    "aws_lb": block("name load_balancer_type internal subnets security_groups", tags=TAGS),
    "aws_lb_target_group": block(
        "name port protocol vpc_id target_type",
        health_check=block("protocol path matcher"),
        tags=TAGS,
    ),
    "aws_lb_target_group_attachment": block("target_group_arn target_id port"),
    "aws_lb_listener": block(
        "load_balancer_arn port protocol certificate_arn",
        default_action=block("type target_group_arn"),
    ),
    "aws_iam_role": block("name_prefix assume_role_policy"),
    "aws_iam_role_policy_attachment": block("role policy_arn"),
    "aws_eks_cluster": block(
        "name role_arn version",
        vpc_config=block("subnet_ids endpoint_public_access endpoint_private_access"),
        tags=TAGS,
    ),
    "aws_eks_node_group": block(
        "cluster_name node_group_name node_role_arn subnet_ids instance_types disk_size",
        scaling_config=block("desired_size min_size max_size"),
        tags=TAGS,
    ),
}
DATA: dict[str, Any] = {
    "aws_availability_zones": block("state"),
    "aws_ami": block("most_recent owners", filter=block("name values")),
}
META = block("depends_on", lifecycle=block("prevent_destroy"))
"""What any resource may say."""

REQUIRED: dict[str, str] = {
    "proxmox_virtual_environment_vm": "node_name",
    "proxmox_virtual_environment_container": "node_name operating_system",
    "proxmox_virtual_environment_download_file": "content_type datastore_id node_name url",
    "proxmox_virtual_environment_file": "content_type datastore_id node_name",
    "aws_instance": "ami instance_type",
    "aws_ebs_volume": "availability_zone",
    "aws_volume_attachment": "device_name volume_id instance_id",
    "aws_db_instance": "instance_class",
    "aws_mq_broker": "broker_name engine_type engine_version host_instance_type user",
    "aws_elasticache_replication_group": "replication_group_id description",
    "aws_elasticache_cluster": "cluster_id",
    "aws_route53_record": "zone_id name type",
    "aws_lb_listener": "load_balancer_arn default_action",
    "aws_eks_cluster": "name role_arn vpc_config",
    "aws_eks_node_group": "cluster_name node_role_arn subnet_ids scaling_config",
    "aws_subnet": "vpc_id",
    "aws_vpc_security_group_ingress_rule": "security_group_id ip_protocol",
}
"""Arguments without which a provider refuses."""
