"""Kubernetes clusters on EKS: the control plane is AWS's, the workers are a group of machines."""

from __future__ import annotations

import json

from alma.core.model.state import DesiredResource
from alma.core.model.units import Size
from alma.renderers.opentofu.aws.ground import Ground
from alma.renderers.opentofu.aws.writing import Writing, gib
from alma.renderers.opentofu.document import Block, literal, present

_POLICIES = "arn:aws:iam::aws:policy"
_CLUSTER = ("AmazonEKSClusterPolicy",)
_NODES = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly")
_DISK = Size("20GiB")


class Clusters:
    """Clusters, and the roles that they take."""

    def __init__(self, writing: Writing, ground: Ground) -> None:
        self.writing = writing
        self.ground = ground
        self.document = writing.document

    def add(self, item: DesiredResource) -> None:
        """The cluster and its group of workers."""
        role, permitted = self._role(item, "cluster", "eks.amazonaws.com", _CLUSTER)
        block = {
            "name": self.writing.name(item.address),
            "role_arn": f"${{{role}.arn}}",
            "version": literal(item.resource.version),
            "vpc_config": {
                "subnet_ids": self.ground.private(),
                "endpoint_public_access": item.public,
                "endpoint_private_access": True,
            },
            "tags": self.writing.tags(item),
            "depends_on": permitted,
        }
        cluster = self.document.resource("aws_eks_cluster", item.address, present(block))
        self._workers(item, cluster)
        self._unsaid(item)

    def _workers(self, item: DesiredResource, cluster: str) -> None:
        type_, about, _ = self.writing.machine_type(item)
        role, permitted = self._role(item, "nodes", "ec2.amazonaws.com", _NODES)
        number = max(item.resource.specs.roles[1], 1)
        block: Block = {
            "cluster_name": f"${{{cluster}.name}}",
            "node_group_name": self.writing.name(f"{item.address}-workers"),
            "node_role_arn": f"${{{role}.arn}}",
            "subnet_ids": self.ground.private(),
            "instance_types": [type_],
            "disk_size": gib(item.disk or _DISK),
            "scaling_config": {"desired_size": number, "min_size": number, "max_size": number},
            "tags": self.writing.tags(item),
            "depends_on": permitted,
        }
        self.document.resource("aws_eks_node_group", item.address, block, about=about)

    def _role(
        self, item: DesiredResource, what: str, service: str, policies: tuple[str, ...]
    ) -> tuple[str, list[str]]:
        """A role that a service of AWS may take, and what permits it everything it needs."""
        name = f"{item.address} {what}"
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
            ],
        }
        block = {
            "name_prefix": f"{self.writing.name(name, 37)}-",
            "assume_role_policy": json.dumps(trust),
        }
        role = self.document.resource("aws_iam_role", name, block)
        permitted = []
        for policy in policies:
            attached = {"role": f"${{{role}.name}}", "policy_arn": f"{_POLICIES}/{policy}"}
            address = self.document.resource(
                "aws_iam_role_policy_attachment", f"{name} {policy}", attached
            )
            permitted.append(address)
        return role, permitted

    def _unsaid(self, item: DesiredResource) -> None:
        notes = self.writing.notes
        notes.approximated(item, "type", "AWS runs the control plane of the cluster")
        if item.resource.specs.control_plane or item.resource.specs.nodes:
            notes.approximated(
                item,
                "specs.control_plane",
                "AWS runs the control plane in several zones, whatever its number",
            )
        if not item.resource.specs.roles[1]:
            notes.approximated(item, "specs.workers", "a cluster on EKS takes a worker")
        if item.resource.policies is not None:
            notes.unsupported(
                item, "policies", "EKS is shipped without them: set them inside the cluster"
            )
        if item.rules:
            notes.unsupported(item, "rules", "the cluster's security groups are AWS's own")
        if item.resource.backup is not None and item.resource.backup.enabled:
            notes.unsupported(item, "backup", "no backups of the cluster are planned")
