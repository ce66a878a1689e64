"""What AWS runs itself: databases on RDS, caches on ElastiCache, brokers on Amazon MQ, object stores on S3."""

from __future__ import annotations

import re

from alma.core.model.blueprint import SecretRef
from alma.core.model.state import DesiredResource
from alma.core.model.units import Size
from alma.renderers.opentofu.aws.ground import Ground
from alma.renderers.opentofu.aws.writing import Writing, cache_engine, fitted, gib, rds_engine
from alma.renderers.opentofu.document import Block, literal, present

# The families that these services offer and the price book knows.
_FAMILIES = ("t3", "m5", "r5")
_BROKERS = ("m5",)
_LEAST_GIB = 20
_MOST_KEPT = 35
_USER, _DATABASE = "alma", "app"
_NAMED = {
    "postgres": ("POSTGRES_USER", "POSTGRES_DB"),
    "mysql": ("MYSQL_USER", "MYSQL_DATABASE"),
    "mariadb": ("MARIADB_USER", "MARIADB_DATABASE"),
}
_USUAL_STORAGE = Size("20GiB")
# The newest minor versions, where ElastiCache wants one.
_MINOR = {"6": "6.2", "7": "7.1"}
_VERSION = re.compile(r"^\d+(?:\.\d+)*")


class Managed:
    """The services, each found by its address as a machine would be."""

    def __init__(self, writing: Writing, ground: Ground) -> None:
        self.writing = writing
        self.ground = ground
        self.document = writing.document

    # ── databases ────────────────────────────────────────────────────────────────────────────────

    def database(self, item: DesiredResource) -> None:
        """A database on RDS. Its data is kept: it can't be destroyed without being asked, and leaves a snapshot."""
        engine = rds_engine(item) or ""
        type_, about, _ = self.writing.machine_type(item, families=_FAMILIES, prefix="db.")
        self._of_image(item, {*_NAMED[engine]})
        self._backup(item)
        name = self.writing.name(item.address)
        user, database = (
            str(item.env.get(n, d)) for n, d in zip(_NAMED[engine], (_USER, _DATABASE), strict=True)
        )
        block = {
            "identifier": name,
            "engine": engine,
            "engine_version": _version(item),
            "instance_class": type_,
            "allocated_storage": max(gib(self._storage(item)), _LEAST_GIB),
            "storage_type": "gp3",
            "storage_encrypted": True,
            "db_name": literal(database),
            "username": literal(user),
            "password": self.writing.secret_of(item),
            "port": item.ports[0].target if item.ports else None,
            "db_subnet_group_name": self._subnets("aws_db_subnet_group"),
            "vpc_security_group_ids": self.ground.groups(item),
            "publicly_accessible": item.public or None,
            "backup_retention_period": self._kept(item),
            "deletion_protection": True,
            "final_snapshot_identifier": fitted(f"{name}-last", 63),
            "tags": self.writing.tags(item),
        }  # fmt: skip
        address = self.document.resource(
            "aws_db_instance", item.address, present(block), about=about
        )
        self.writing.alias(item, f"${{{address}.address}}")

    def copy(self, item: DesiredResource, primary: str) -> None:
        """A read-only copy that RDS keeps of another database."""
        source = self.writing.by_address.get(primary)
        if source is None or not rds_engine(source):
            reason = f"RDS copies databases of its own, and '{primary}' is none"
            self.writing.notes.unsupported(item, "type", reason)
            return
        type_, about, _ = self.writing.machine_type(item, families=_FAMILIES, prefix="db.")
        self._of_image(item, {"PRIMARY_HOST", "PGPASSWORD", *_NAMED["postgres"]})
        block = {
            "identifier": self.writing.name(item.address),
            "replicate_source_db": f"${{aws_db_instance.{self.document.word(primary)}.identifier}}",
            "instance_class": type_,
            "vpc_security_group_ids": self.ground.groups(item),
            "skip_final_snapshot": True,
            "tags": self.writing.tags(item),
        }
        address = self.document.resource("aws_db_instance", item.address, block, about=about)
        self.writing.alias(item, f"${{{address}.address}}")

    def _storage(self, item: DesiredResource) -> Size:
        """Its own disk, else the biggest of its volumes."""
        volumes = [
            self.writing.by_address[m.volume].disk
            for m in item.mounts
            if m.volume in self.writing.by_address
        ]
        return item.disk or max((v for v in volumes if v), default=_USUAL_STORAGE)

    def _kept(self, item: DesiredResource) -> int:
        plan = item.resource.backup
        if plan is None or not plan.enabled:
            return 0
        return min(plan.retention_days or 7, _MOST_KEPT)

    def _backup(self, item: DesiredResource) -> None:
        plan = item.resource.backup
        if plan is None or not plan.enabled:
            return
        if plan.schedule not in (None, "daily"):
            self.writing.notes.approximated(
                item,
                "backup.schedule",
                "RDS makes a backup a day, and can go back to any moment since",
            )
        if (plan.retention_days or 0) > _MOST_KEPT:
            self.writing.notes.approximated(
                item, "backup.retention_days", f"RDS keeps backups for {_MOST_KEPT} days at most"
            )

    def _of_image(self, item: DesiredResource, known: set[str]) -> None:
        """What the blueprint says of the software's image, which is not there."""
        ours = {*known, "PGDATA"}
        plain = {n for n in item.resource.env if n not in ours}
        if plain:
            self.writing.notes.unsupported(
                item, "env", f"AWS runs it: {', '.join(sorted(plain))} can't be set"
            )
        if item.resource.mounts:
            self.writing.notes.unsupported(item, "mounts", "AWS runs it, and keeps its data itself")
        self.writing.notes.approximated(
            item,
            "engine",
            "AWS runs it: its settings are those of the service, not of the software catalogue",
        )
        if item.resource.network.private_ip:
            self.writing.notes.approximated(
                item, "network.private_ip", "AWS gives it an address: others find it by its name"
            )
        if any(isinstance(v, SecretRef) for n, v in item.resource.env.items() if n not in ours):
            self.writing.notes.unsupported(
                item, "env", "its password is its own: another one can't be shared"
            )

    def _subnets(self, type_: str) -> str:
        """The group of subnets that such services are put into."""
        name = self.writing.name("private")
        address = self.document.resource(
            type_, "private", {"name": name, "subnet_ids": self.ground.private()}
        )
        return f"${{{address}.name}}"

    # ── caches ───────────────────────────────────────────────────────────────────────────────────

    def cache(self, item: DesiredResource) -> None:
        """A cache on ElastiCache."""
        engine = cache_engine(item) or ""
        type_, about, _ = self.writing.machine_type(item, families=_FAMILIES, prefix="cache.")
        self._of_image(item, set())
        self._kept_in_memory(item, engine)
        common = {
            "engine": engine,
            "engine_version": _MINOR.get(_version(item), _version(item))
            if engine == "redis"
            else _version(item),
            "node_type": type_,
            "port": item.ports[0].target if item.ports else None,
            "subnet_group_name": self._subnets("aws_elasticache_subnet_group"),
            "security_group_ids": self.ground.groups(item),
            "tags": self.writing.tags(item),
        }
        if engine == "memcached":
            block = {
                "cluster_id": self.writing.name(item.address, 40),
                "num_cache_nodes": 1,
                **common,
            }
            address = self.document.resource(
                "aws_elasticache_cluster", item.address, present(block), about=about
            )
            self.writing.alias(item, f"${{{address}.cluster_address}}")
            return
        password = self.writing.secret_of(item)
        block = {
            "replication_group_id": self.writing.name(item.address, 40),
            "description": literal(f"{item.address} of {self.writing.subject.name}"[:255]),
            "num_cache_clusters": 1,
            "at_rest_encryption_enabled": True,
            "transit_encryption_enabled": True if password else None,
            "snapshot_retention_limit": self._kept(item) or None,
            "auth_token": password,
            **common,
        }
        address = self.document.resource(
            "aws_elasticache_replication_group", item.address, present(block), about=about
        )
        self.writing.alias(item, f"${{{address}.primary_endpoint_address}}")
        if password:
            self.writing.notes.approximated(
                item,
                "network",
                "with a password ElastiCache takes TLS only: clients say rediss:// instead of redis://",
            )

    def _kept_in_memory(self, item: DesiredResource, engine: str) -> None:
        notes, plan = self.writing.notes, item.resource.backup
        if item.resource.specs.disk_size:
            notes.unsupported(item, "specs.disk", "ElastiCache keeps data in memory alone")
        if plan is not None and plan.enabled and engine == "memcached":
            notes.unsupported(item, "backup", "ElastiCache makes no backups of memcached")
        elif plan is not None and plan.enabled:
            reason = f"ElastiCache makes a backup a day, and keeps it for {_MOST_KEPT} days at most"
            notes.approximated(item, "backup", reason)

    # ── brokers ──────────────────────────────────────────────────────────────────────────────────

    def broker(self, item: DesiredResource) -> None:
        """RabbitMQ on Amazon MQ."""
        type_, about, _ = self.writing.machine_type(item, families=_BROKERS, prefix="mq.")
        self._of_image(item, {"RABBITMQ_DEFAULT_USER", "RABBITMQ_DEFAULT_PASS"})
        user = str(item.env.get("RABBITMQ_DEFAULT_USER", _USER))
        block = {
            "broker_name": self.writing.name(item.address, 50),
            "engine_type": "RabbitMQ",
            "engine_version": ".".join(_version(item).split(".")[:2]),
            "host_instance_type": type_,
            "deployment_mode": "SINGLE_INSTANCE",
            "auto_minor_version_upgrade": True,
            "publicly_accessible": item.public,
            "subnet_ids": self.ground.private()[:1],
            "security_groups": self.ground.groups(item),
            "user": {"username": literal(user), "password": self.writing.secret_of(item)},
            "tags": self.writing.tags(item),
        }
        address = self.document.resource("aws_mq_broker", item.address, block, about=about)
        host = f'split(":", replace({address}.instances[0].endpoints[0], "amqps://", ""))[0]'
        self.writing.alias(item, f"${{{host}}}")
        self.writing.notes.approximated(
            item,
            "ports",
            "Amazon MQ takes TLS only: clients say amqps:// and port 5671, and the certificate names AWS's own host",
        )
        self.document.output(
            f"{item.address} endpoint",
            f"${{{address}.instances[0].endpoints[0]}}",
            f"Where clients of {item.address} connect.",
        )

    def _no_server(self, item: DesiredResource) -> None:
        """A bucket is no machine, and has nothing that only a machine has."""
        resource = item.resource
        specs, network = resource.specs, resource.network
        said = {
            "specs.cpu": specs.cpu,
            "specs.memory": specs.memory,
            "specs.gpu": specs.gpu,
            "network.private_ip": network.private_ip,
            "network.ports": network.ports,
            "network.attach": network.attach,
            "image": resource.image,
            "env": resource.env,
            "command": resource.command,
            "mounts": resource.mounts,
        }
        self.writing.notes.none_of(item, said, "it is a bucket, which has no server of its own")

    # ── object stores ────────────────────────────────────────────────────────────────────────────

    def store(self, item: DesiredResource) -> None:
        """A private bucket on S3."""
        prefix = f"{self.writing.name(item.address, 36)}-"
        bucket = self.document.resource(
            "aws_s3_bucket",
            item.address,
            {"bucket_prefix": prefix, "tags": self.writing.tags(item)},
        )
        closed = dict.fromkeys(
            (
                "block_public_acls",
                "block_public_policy",
                "ignore_public_acls",
                "restrict_public_buckets",
            ),
            True,
        )
        named: Block = {"bucket": f"${{{bucket}.id}}"}
        self.document.resource(
            "aws_s3_bucket_public_access_block", item.address, {**named, **closed}
        )
        plan = item.resource.backup
        if plan is not None and plan.enabled:
            versioning = {**named, "versioning_configuration": {"status": "Enabled"}}
            self.document.resource("aws_s3_bucket_versioning", item.address, versioning)
            self.writing.notes.approximated(
                item, "backup", "S3 keeps earlier versions of objects instead of copies"
            )
        self.document.output(
            f"{item.address} bucket", f"${{{bucket}.bucket}}", f"The bucket of {item.address}."
        )
        self.writing.notes.approximated(
            item,
            "engine",
            "it is a bucket of S3: clients reach it at S3's own address, with keys of IAM",
        )
        if item.disk is not None:
            self.writing.notes.approximated(item, "specs.disk", "a bucket grows with what is in it")
        if item.public:
            self.writing.notes.unsupported(
                item, "network.public_ip", "the bucket is private: open what you mean to"
            )
        self._no_server(item)
        if item.rules:
            self.writing.notes.unsupported(
                item, "rules", "a bucket has no address: policies of IAM say who reaches it"
            )


def _version(item: DesiredResource) -> str:
    """The version's number, without what an image's tag says besides."""
    tag = item.resource.version or (item.image or "").rpartition(":")[2]
    found = _VERSION.match(tag)
    return found[0] if found else str(literal(tag))
