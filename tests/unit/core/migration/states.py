"""Terraform states as providers write them, cut to what matters: ids that refer to each other agree."""

from __future__ import annotations

from typing import Any


def instance(kind: str, name: str, attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One resource of a state with one instance."""
    return {
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider": f'provider["registry.terraform.io/x/{kind.partition("_")[0]}"]',
        "instances": [{"schema_version": 1, "attributes": attributes, **more}],
    }


def counted(kind: str, name: str, several: list[dict[str, Any]]) -> dict[str, Any]:
    """One resource with `count`."""
    instances = [{"index_key": n, "attributes": item} for n, item in enumerate(several)]
    return {"mode": "managed", "type": kind, "name": name, "instances": instances}


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    """A state file of version 4."""
    return {
        "version": 4,
        "terraform_version": "1.9.8",
        "serial": 7,
        "lineage": "l",
        "resources": list(resources),
    }


def _web(number: int) -> dict[str, Any]:
    return {
        "id": f"i-web{number}",
        "arn": f"arn:web{number}",
        "ami": "ami-0abc",
        "instance_type": "m5.large",
        "subnet_id": "subnet-a",
        "private_ip": f"10.0.1.{10 + number}",
        "public_ip": "",
        "associate_public_ip_address": False,
        "vpc_security_group_ids": ["sg-web"],
        "tags": {"Name": "web", "tier": "front", "api_token": "tag-secret-7"},
        "root_block_device": [
            {"volume_size": 40, "volume_type": "gp3", "encrypted": True, "volume_id": "vol-1"}
        ],
        "ebs_block_device": [],
        "user_data": "c0ffee",
        "monitoring": True,
        "source_dest_check": True,
        "ebs_optimized": False,
    }


AWS = state(
    instance(
        "aws_vpc", "main", {"id": "vpc-1", "cidr_block": "10.0.0.0/16", "tags": {"Name": "main"}}
    ),
    instance("aws_subnet", "a", {"id": "subnet-a", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"}),
    counted("aws_instance", "web", [_web(0), _web(1)]),
    instance(
        "aws_db_instance",
        "db",
        {
            "id": "db-1",
            "engine": "postgres",
            "engine_version": "16.4",
            "instance_class": "db.m5.large",
            "allocated_storage": 100,
            "backup_retention_period": 7,
            "multi_az": True,
            "password": "state-secret-1",
            "username": "shop",
            "port": 5432,
            "vpc_security_group_ids": ["sg-db"],
            "storage_encrypted": True,
            "endpoint": "db-1.example:5432",
        },
        sensitive_attributes=[[{"type": "get_attr", "value": "password"}]],
    ),
    instance(
        "aws_security_group",
        "web",
        {
            "id": "sg-web",
            "name": "web",
            "vpc_id": "vpc-1",
            "ingress": [
                {
                    "from_port": 80,
                    "to_port": 80,
                    "protocol": "tcp",
                    "cidr_blocks": ["0.0.0.0/0"],
                    "description": "http",
                    "ipv6_cidr_blocks": [],
                    "security_groups": [],
                    "self": False,
                }
            ],
            "egress": [
                {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}
            ],
        },
    ),
    instance(
        "aws_security_group",
        "db",
        {"id": "sg-db", "name": "db", "vpc_id": "vpc-1", "ingress": [], "egress": []},
    ),
    instance(
        "aws_security_group_rule",
        "db",
        {
            "id": "sgr-1",
            "type": "ingress",
            "security_group_id": "sg-db",
            "source_security_group_id": "sg-web",
            "from_port": 5432,
            "to_port": 5432,
            "protocol": "tcp",
        },
    ),
    instance(
        "aws_lb",
        "front",
        {
            "id": "arn:lb",
            "arn": "arn:lb",
            "internal": False,
            "load_balancer_type": "application",
            "subnets": ["subnet-a"],
            "security_groups": [],
            "idle_timeout": 60,
        },
    ),
    instance(
        "aws_lb_target_group",
        "web",
        {"id": "arn:tg", "arn": "arn:tg", "port": 8080, "protocol": "HTTP"},
    ),
    counted(
        "aws_lb_target_group_attachment",
        "web",
        [
            {"id": "a0", "target_group_arn": "arn:tg", "target_id": "i-web0"},
            {"id": "a1", "target_group_arn": "arn:tg", "target_id": "i-web1"},
        ],
    ),
    instance(
        "aws_lb_listener",
        "http",
        {
            "id": "arn:l",
            "load_balancer_arn": "arn:lb",
            "port": 80,
            "protocol": "HTTP",
            "default_action": [{"type": "forward", "target_group_arn": "arn:tg", "order": 1}],
        },
    ),
    instance(
        "aws_ebs_volume",
        "files",
        {"id": "vol-9", "size": 200, "type": "gp3", "availability_zone": "z"},
    ),
    instance(
        "aws_volume_attachment",
        "files",
        {"id": "va", "volume_id": "vol-9", "instance_id": "i-web0", "device_name": "/dev/sdf"},
    ),
    instance("aws_s3_bucket", "assets", {"id": "assets", "bucket": "assets-1", "tags": {}}),
    instance("aws_iam_role", "web", {"id": "web", "name": "web", "assume_role_policy": "{}"}),
    {**instance("aws_ami", "debian", {"id": "ami-0abc"}), "mode": "data"},
)

AZURE = {
    "format_version": "1.0",
    "terraform_version": "1.9.8",
    "values": {
        "root_module": {
            "resources": [
                {
                    "address": f"{kind}.{name}",
                    "mode": "managed",
                    "type": kind,
                    "name": name,
                    "values": values,
                    "sensitive_values": hidden,
                }
                for kind, name, values, hidden in (
                    (
                        "azurerm_resource_group",
                        "rg",
                        {"id": "/rg", "name": "rg", "location": "westeurope"},
                        {},
                    ),
                    (
                        "azurerm_virtual_network",
                        "main",
                        {"id": "/vnet", "name": "main", "address_space": ["10.1.0.0/16"]},
                        {},
                    ),
                    (
                        "azurerm_subnet",
                        "app",
                        {
                            "id": "/subnet",
                            "virtual_network_name": "main",
                            "address_prefixes": ["10.1.1.0/24"],
                        },
                        {},
                    ),
                    ("azurerm_public_ip", "app", {"id": "/pip", "ip_address": "20.0.0.1"}, {}),
                    (
                        "azurerm_network_interface",
                        "app",
                        {
                            "id": "/nic",
                            "ip_configuration": [
                                {
                                    "name": "i",
                                    "subnet_id": "/subnet",
                                    "private_ip_address": "10.1.1.10",
                                    "private_ip_address_allocation": "Static",
                                    "public_ip_address_id": "/pip",
                                }
                            ],
                        },
                        {},
                    ),
                    (
                        "azurerm_linux_virtual_machine",
                        "app",
                        {
                            "id": "/vm",
                            "size": "Standard_D2s_v5",
                            "network_interface_ids": ["/nic"],
                            "admin_username": "ops",
                            "admin_password": "azure-secret-1",
                            "os_disk": [{"disk_size_gb": 64, "caching": "ReadWrite"}],
                            "source_image_reference": [
                                {
                                    "publisher": "Canonical",
                                    "offer": "0001-com-ubuntu-server-jammy",
                                    "sku": "22_04-lts-gen2",
                                }
                            ],
                            "tags": {"owner": "ops"},
                        },
                        {"admin_password": True},
                    ),
                    (
                        "azurerm_network_security_group",
                        "app",
                        {
                            "id": "/nsg",
                            "name": "app-nsg",
                            "security_rule": [
                                {
                                    "name": "ssh",
                                    "priority": 200,
                                    "direction": "Inbound",
                                    "access": "Deny",
                                    "protocol": "Tcp",
                                    "destination_port_range": "22",
                                    "source_address_prefix": "*",
                                },
                                {
                                    "name": "https",
                                    "priority": 100,
                                    "direction": "Inbound",
                                    "access": "Allow",
                                    "protocol": "Tcp",
                                    "destination_port_range": "443",
                                    "source_address_prefix": "Internet",
                                },
                            ],
                        },
                        {},
                    ),
                    (
                        "azurerm_network_interface_security_group_association",
                        "app",
                        {
                            "id": "/as",
                            "network_interface_id": "/nic",
                            "network_security_group_id": "/nsg",
                        },
                        {},
                    ),
                    (
                        "azurerm_postgresql_flexible_server",
                        "db",
                        {
                            "id": "/db",
                            "version": "16",
                            "sku_name": "GP_Standard_D2s_v5",
                            "storage_mb": 131072,
                            "backup_retention_days": 14,
                            "administrator_password": "azure-secret-2",
                        },
                        {},
                    ),
                )
            ],
            "child_modules": [],
        }
    },
}

GOOGLE = state(
    instance(
        "google_compute_network",
        "main",
        {"id": "n1", "name": "main", "self_link": "https://g/networks/main"},
    ),
    instance(
        "google_compute_subnetwork",
        "app",
        {
            "id": "s1",
            "name": "app",
            "self_link": "https://g/subnetworks/app",
            "network": "https://g/networks/main",
            "ip_cidr_range": "10.2.0.0/24",
        },
    ),
    instance(
        "google_compute_instance",
        "app",
        {
            "id": "i1",
            "name": "app",
            "machine_type": "n2-standard-2",
            "tags": ["web"],
            "labels": {"team": "shop"},
            "boot_disk": [
                {
                    "initialize_params": [
                        {
                            "size": 30,
                            "image": "projects/debian-cloud/global/images/debian-12-bookworm-v20250101",
                        }
                    ]
                }
            ],
            "network_interface": [
                {
                    "subnetwork": "https://g/subnetworks/app",
                    "network_ip": "10.2.0.5",
                    "access_config": [{"nat_ip": "1.2.3.4"}],
                }
            ],
            "metadata": {"ssh-keys": "google-secret-1"},
        },
    ),
    instance(
        "google_compute_firewall",
        "web",
        {
            "id": "f1",
            "name": "web",
            "network": "https://g/networks/main",
            "direction": "INGRESS",
            "source_ranges": ["0.0.0.0/0"],
            "target_tags": ["web"],
            "allow": [
                {"protocol": "tcp", "ports": ["80", "443"]},
                {"protocol": "icmp", "ports": []},
            ],
        },
    ),
    instance(
        "google_sql_database_instance",
        "db",
        {
            "id": "d1",
            "name": "db",
            "database_version": "POSTGRES_16",
            "root_password": "google-secret-2",
            "settings": [
                {
                    "tier": "db-custom-2-7680",
                    "disk_size": 50,
                    "availability_type": "REGIONAL",
                    "backup_configuration": [{"enabled": True}],
                    "ip_configuration": [{"ipv4_enabled": False}],
                }
            ],
        },
    ),
)

PROXMOX = state(
    instance(
        "proxmox_virtual_environment_vm",
        "web",
        {
            "id": "105",
            "vm_id": 105,
            "name": "web",
            "node_name": "pve2",
            "cpu": [{"cores": 2, "sockets": 2, "type": "host"}],
            "memory": [{"dedicated": 4096, "floating": 0}],
            "disk": [
                {"size": 32, "datastore_id": "local-lvm", "interface": "scsi0"},
                {"size": 100, "datastore_id": "tank", "interface": "scsi1"},
            ],
            "network_device": [{"bridge": "vmbr0", "vlan_id": 20}],
            "initialization": [
                {
                    "ip_config": [{"ipv4": [{"address": "10.3.0.5/24", "gateway": "10.3.0.1"}]}],
                    "user_account": [
                        {
                            "username": "ops",
                            "password": "pve-secret-1",
                            "keys": ["ssh-ed25519 AAAA"],
                        }
                    ],
                }
            ],
            "tags": ["web", "prod"],
            "description": "The web server",
        },
    ),
    instance(
        "proxmox_virtual_environment_container",
        "dns",
        {
            "id": "106",
            "vm_id": 106,
            "node_name": "pve1",
            "cpu": [{"cores": 1}],
            "memory": [{"dedicated": 512}],
            "disk": [{"size": 4}],
            "operating_system": [
                {
                    "template_file_id": "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst",
                    "type": "debian",
                }
            ],
            "network_interface": [{"bridge": "vmbr0", "vlan_id": 20}],
        },
    ),
    instance(
        "proxmox_vm_qemu",
        "old",
        {
            "id": "pve1/qemu/107",
            "vmid": 107,
            "name": "old",
            "target_node": "pve1",
            "cores": 2,
            "sockets": 1,
            "memory": 2048,
            "disk": [{"size": "20G", "storage": "local-lvm", "type": "scsi"}],
            "network": [{"bridge": "vmbr1", "tag": -1}],
            "ipconfig0": "ip=10.4.0.5/24,gw=10.4.0.1",
            "cipassword": "pve-secret-2",
            "tags": "legacy;db",
        },
    ),
    instance(
        "proxmox_lxc",
        "cache",
        {
            "id": "pve1/lxc/108",
            "vmid": 108,
            "target_node": "pve1",
            "cores": 1,
            "memory": 1024,
            "rootfs": [{"size": "8G", "storage": "tank"}],
            "ostemplate": "local:vztmpl/alpine-3.20-default_20240908_amd64.tar.xz",
            "password": "pve-secret-3",
            "network": [{"bridge": "vmbr1", "ip": "dhcp"}],
        },
    ),
)

DOCKER = state(
    instance(
        "docker_network",
        "back",
        {
            "id": "n1",
            "name": "back",
            "driver": "bridge",
            "ipam_config": [{"subnet": "172.30.0.0/16"}],
        },
    ),
    instance("docker_volume", "data", {"id": "data", "name": "data", "driver": "local"}),
    instance(
        "docker_image",
        "pg",
        {"id": "sha256:abcpostgres:16", "name": "postgres:16", "image_id": "sha256:abc"},
    ),
    instance(
        "docker_container",
        "db",
        {
            "id": "c1",
            "name": "db",
            "image": "sha256:abcpostgres:16",
            "env": ["POSTGRES_PASSWORD=docker-secret-1", "POSTGRES_DB=shop"],
            "volumes": [
                {
                    "volume_name": "data",
                    "container_path": "/var/lib/postgresql/data",
                    "host_path": "",
                    "read_only": False,
                }
            ],
            "networks_advanced": [{"name": "back", "aliases": ["db"]}],
            "memory": 1024,
            "restart": "always",
        },
    ),
    instance(
        "docker_container",
        "web",
        {
            "id": "c2",
            "name": "web",
            "image": "registry.example.org/web:3",
            "command": ["serve", "--token", "docker-secret-2"],
            "ports": [{"internal": 8080, "external": 80, "ip": "0.0.0.0", "protocol": "tcp"}],
            "networks_advanced": [{"name": "back"}],
            "env": [],
            "privileged": True,
        },
    ),
)

STATES = {"aws": AWS, "azure": AZURE, "gcp": GOOGLE, "proxmox": PROXMOX, "docker": DOCKER}
