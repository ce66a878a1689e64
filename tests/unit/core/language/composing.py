"""Composes requests whose meaning is known, in many people's ways to write: what a grammar is to read, at random.

Each maker of a part gives its words and what they ask for (`Wanted`); `compose` puts parts together.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

_NUMBERS = (
    ("a", 1), ("one", 1), ("1", 1), ("two", 2), ("2", 2), ("three", 3), ("3", 3), ("a couple of", 2),
    ("a pair of", 2), ("four", 4), ("5x", 5), ("4 x", 4), ("half a dozen", 6), ("6", 6), ("3x", 3), ("five", 5),
)  # fmt: skip
_STARTS = (
    "", "", "I need ", "please create ", "give me ", "set up ", "can you set up ", "we want ", "spin up ",
    "could you set me up with ", "I'd like ", "let's have ", "build me ", "create ", "deploy ", "we're going to need ",
    "I want to run ", "provision ", "hey, I need ", "make me ", "need ", "stand up ", "launch ",
    "Good morning, we need ",
    "okay so I want um ", "I would like to have ", "can I get ", "pls give me ", "For our new project we need ",
    "We would like to order ", "hi! looking for ", "uh we need like ", "Could somebody please provision ",
    "Requirements: ",
    "what we need is ", "we'll need ", "i need u to make ", "Would you be so kind as to set up ", "Ticket: ",
)  # fmt: skip
_JOINTS = (
    ", ", " and ", " plus ", " as well as ", " along with ", "; ", " + ", " & ", ", and ", " together with ",
    " and also ", ", plus ", " and then ", ", also ", " in addition to ",
)  # fmt: skip
_ENDS = (
    "", "", "", ".", " please", " for staging", " on proxmox", " please.", " thanks!", " thx", ", thanks in advance.",
    " in production", " asap",
)  # fmt: skip
_IMAGES = (
    ("ubuntu", "ubuntu"), ("debian", "debian"), ("ubuntu 22.04", "ubuntu"), ("Debian 12", "debian"),
    ("alpine", "alpine"), ("rocky linux", "rocky"), ("Ubuntu 24.04", "ubuntu"), ("fedora", "fedora"),
)  # fmt: skip
_MACHINES = ("server", "vm", "VM", "virtual machine", "box", "machine", "instance")
_DATABASES = (
    ("postgres", "postgresql"), ("PostgreSQL", "postgresql"), ("mysql", "mysql"), ("MariaDB", "mariadb"),
    ("mongodb", "mongodb"), ("mongo", "mongodb"), ("Postgres", "postgresql"), ("pg", "postgresql"),
)  # fmt: skip
_VERSIONS = (
    ("postgres 15", "postgresql", "15"), ("PostgreSQL 16", "postgresql", "16"), ("pg16", "postgresql", "16"),
    ("mysql 8", "mysql", "8"), ("MySQL 8.0", "mysql", "8.0"), ("MariaDB 10.11", "mariadb", "10.11"),
    ("postgres v15", "postgresql", "15"), ("mongodb 7", "mongodb", "7"), ("postgresql version 14", "postgresql", "14"),
)  # fmt: skip
_PROGRAMS = (
    "grafana",
    "wordpress",
    "gitea",
    "nextcloud",
    "nginx",
    "prometheus",
    "jenkins",
    "keycloak",
    "metabase",
)
_BULLETS = ("- {}", "* {}", "• {}", "{n}. {}", "{n}) {}", "– {}")
_REGIONS = (
    (" in {}", "europe-west1"), (" in {}", "us-east-1"), (" in {}", "eu-central-1"), (" in region {}", "westeurope"),
    (" in the {} region", "us-west-2"), (", region {}", "ap-southeast-2"), (", region: {}", "eastus"),
)  # fmt: skip
_BUDGETS = (
    (" under $300 a month", 300), (", max $500/month", 500), (" for at most 200 dollars a month", 200),
    (", budget: $1000 per month", 1000), (" and it must not cost more than $250 a month", 250),
)  # fmt: skip
_REFUSALS = (
    (", no load balancer", "load_balancer"), (", but don't add a load balancer", "load_balancer"),
    (" without a cache", "cache"), (", no redis please", "cache"), (" - no load balancer needed", "load_balancer"),
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What a part asks for: `number` resources of a type, each with these properties."""

    type: str
    number: int = 1
    engine: str | None = None
    image: str | None = None
    version: str | None = None
    specs: dict[str, int] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    cidrs: tuple[str, ...] = ()
    port: int | None = None


@dataclass(frozen=True)
class Request:
    """A request in words, and all it asks for."""

    text: str
    wanted: tuple[Wanted, ...]
    region: str | None = None
    cost: float | None = None
    absent: str | None = None


Part = tuple[str, Wanted]


class Composer:
    """Makes requests; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.named = 0

    def request(self) -> Request:
        """One more request, as a sentence, a list or a form."""
        shape = self.random.random()
        if shape < 0.12:
            return self._form()
        kinds = self.random.sample(self._kinds(), self.random.choice([1, 1, 2, 2, 3]))
        parts = [kind() for kind in kinds]
        if shape < 0.24 and len(parts) > 1:
            return self._bullets(parts)
        return self._closed(self.random.choice(_STARTS) + self._joined(parts), parts)

    def _kinds(self) -> Sequence[Callable[[], Part]]:
        return (
            self._machine, self._machine, self._database, self._versioned, self._cache, self._balancer, self._queue,
            self._program, self._container, self._cluster, self._named_thing, self._networks, self._bucket,
            self._cloud, self._image_reference,
        )  # fmt: skip

    def _joined(self, parts: Sequence[Part]) -> str:
        text = parts[0][0]
        for words, _ in parts[1:]:
            # "2 servers with 8GB and nginx" may mean that nginx runs on them.
            text += (", " if words in _PROGRAMS else self.random.choice(_JOINTS)) + words
        return text

    def _closed(self, text: str, parts: Sequence[Part]) -> Request:
        request = Request(text, tuple(wanted for _, wanted in parts))
        chance = self.random.random()
        if chance < 0.1:
            words, region = self.random.choice(_REGIONS)
            return replace(request, text=text + words.format(region), region=region)
        if chance < 0.2:
            words, cost = self.random.choice(_BUDGETS)
            return replace(request, text=text + words, cost=cost)
        if chance < 0.3:
            words, kind = self.random.choice(_REFUSALS)
            if kind not in {wanted.type for wanted in request.wanted}:
                return replace(request, text=text + words, absent=kind)
        return replace(request, text=text + self.random.choice(_ENDS))

    def _bullets(self, parts: Sequence[Part]) -> Request:
        bullet = self.random.choice(_BULLETS)
        start = self.random.choice(
            [
                "I need:\n",
                "Please create\n",
                "Requirements:\n",
                "We need the following:\n\n",
                "",
                "Hi, can you set up:\n",
            ]
        )
        lines = [bullet.format(words, n=n) for n, (words, _) in enumerate(parts, start=1)]
        end = self.random.choice(["", "\n\nThanks!", "\n\nBest regards\nMarta", "\n"])
        return Request(start + "\n".join(lines) + end, tuple(wanted for _, wanted in parts))

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────

    def _number(self) -> tuple[str, int]:
        return self.random.choice(_NUMBERS)

    def _specs(self) -> tuple[str, dict[str, int]]:
        cpu, memory = self.random.choice([1, 2, 4, 8, 16]), self.random.choice([2, 4, 8, 16, 32])
        disk = self.random.choice([20, 50, 100, 200])
        every = {"cpu": cpu, "memory": memory, "disk": disk}
        some = {"cpu": cpu, "memory": memory}
        return self.random.choice(
            [
                (f" with {cpu} cores and {memory}GB RAM", some),
                (f" with {memory} gigs of memory", {"memory": memory}),
                (f" ({cpu} vCPU, {memory} GB RAM, {disk} GB disk)", every),
                (f" with {cpu} vCPUs, {memory} GB of RAM and {disk} GB of storage", every),
                (f" {cpu}c/{memory}g", some),
                (f" with {memory}GB of ram each", {"memory": memory}),
                (f" with a {disk}GB disk", {"disk": disk}),
                (f" having {cpu} CPUs", {"cpu": cpu}),
                (f", each with {cpu} cores", {"cpu": cpu}),
                (f" with {cpu} CPU / {memory} GB RAM / {disk} GB SSD", every),
                (f" ({cpu}c/{memory}g/{disk}g)", every),
                (f" @ {cpu} vCPU, {memory} GB", some),
                (f", {cpu} cpu {memory}gb ram", some),
                (f" with {memory}GB RAM", {"memory": memory}),
                (f" [{cpu} vCPU, {memory} GB RAM]", some),
                *[("", {})] * 6,
            ]
        )

    def _name(self, stem: str) -> str:
        self.named += 1
        return (
            f"{stem}-{self.random.choice(['main', 'blue', 'north', 'x', 'prod'])}-{self.named:02d}"
        )

    def _machine(self) -> Part:
        word, number = self._number()
        written, image = self.random.choice(_IMAGES) if self.random.random() < 0.5 else ("", None)
        # Without a system of their own, "3 instances" after a database may be the database's.
        nouns = _MACHINES if written else _MACHINES[:-1]
        noun = _plural(self.random.choice(nouns), number)
        role = (
            self.random.choice(["", "", "web ", "app ", "application "]) if "server" in noun else ""
        )
        specs, said = self._specs()
        phrase = f"{written} {role}{noun}".strip()
        return _said(word, phrase, specs), Wanted("compute", number, image=image, specs=said)

    def _database(self) -> Part:
        written, engine = self.random.choice(_DATABASES)
        word, number = self.random.choice([("a", 1), ("a", 1), ("one", 1), ("two", 2), ("3", 3)])
        nouns = [
            _plural(noun, number) for noun in ("database", "db", "database server", "instance")
        ]
        noun = self.random.choice([*nouns, *([""] if number == 1 else [])])
        specs, said = self._specs()
        return _said(word, f"{written} {noun}".strip(), specs), Wanted(
            "database", number, engine=engine, specs=said
        )

    def _versioned(self) -> Part:
        written, engine, version = self.random.choice(_VERSIONS)
        specs, said = self._specs()
        noun = self.random.choice(["", " database", " db", " instance"])
        return _said("a", written + noun, specs), Wanted(
            "database", engine=engine, version=version, specs=said
        )

    def _cache(self) -> Part:
        engine = self.random.choice(["redis", "memcached", "Redis", "valkey"])
        noun = self.random.choice([" cache", "", " cache", " instance"])
        specs, said = self._specs()
        return _said("a", engine + noun, specs), Wanted("cache", engine=engine.lower(), specs=said)

    def _balancer(self) -> Part:
        words = [
            "a load balancer",
            "a loadbalancer",
            "an haproxy load balancer",
            "a load balancer in front",
        ]
        return self.random.choice(words), Wanted("load_balancer")

    def _queue(self) -> Part:
        engine = self.random.choice(["rabbitmq", "kafka"])
        noun = self.random.choice([" queue", " broker", "", " message queue"])
        return f"a {engine}{noun}", Wanted("queue", engine=engine)

    def _program(self) -> Part:
        engine = self.random.choice(_PROGRAMS)
        word = self.random.choice(["a ", "", "an instance of "])
        return word + engine, Wanted("program", engine=engine)

    def _container(self) -> Part:
        word, number = self._number()
        written, image = self.random.choice([_IMAGES[0], _IMAGES[1], _IMAGES[4]])
        noun = _plural(self.random.choice(["container", "LXC", "LXC container"]), number)
        specs, said = self._specs()
        return _said(word, f"{written} {noun}", specs), Wanted(
            "container", number, image=image, specs=said
        )

    def _cluster(self) -> Part:
        number = self.random.choice([3, 4, 5])
        words = self.random.choice(
            [
                f"a kubernetes cluster with {number} nodes",
                f"a {number} node k8s cluster",
                f"a {number}-node Kubernetes cluster",
                f"a k8s cluster ({number} nodes)",
            ]
        )
        return words, Wanted("kubernetes_cluster", specs={"nodes": number})

    def _named_thing(self) -> Part:
        stem, kind, noun = self.random.choice(
            [("web", "compute", "server"), ("db", "database", "postgres database"), ("app", "compute", "VM"),
             ("cache", "cache", "redis cache"), ("files", "volume", "volume"), ("box", "container", "debian container")]
        )  # fmt: skip
        name = self._name(stem)
        called = self.random.choice([" called {}", " named {}", ' "{}"', " with the name {}"])
        return _said("a", noun + called.format(name), ""), Wanted(kind, names=(name,))

    def _networks(self) -> Part:
        third = self.random.randrange(1, 200)
        first, second = f"10.{third}.0.0/24", f"10.{third}.1.0/24"
        return self.random.choice(
            [
                (f"a network {first}", Wanted("network", cidrs=(first,))),
                (f"two networks, front {first} and back {second}",
                 Wanted("network", 2, names=("front", "back"), cidrs=(first, second))),
                (f"2 subnets {first} and {second}", Wanted("network", 2, cidrs=(first, second))),
                (f"a private network with the range {first}", Wanted("network", cidrs=(first,))),
            ]
        )  # fmt: skip

    def _bucket(self) -> Part:
        words = [
            "an S3 bucket",
            "a bucket",
            "a blob storage container",
            "an object store",
            "an S3-style bucket",
        ]
        return self.random.choice(words), Wanted("object_store")

    def _cloud(self) -> Part:
        return self.random.choice(
            [
                ("two EC2 instances", Wanted("vm", 2)),
                ("a Compute Engine VM", Wanted("vm")),
                ("an Azure VM", Wanted("vm")),
                ("an RDS Postgres", Wanted("database", engine="postgresql")),
                ("a Cloud SQL Postgres instance", Wanted("database", engine="postgresql")),
                ("an ElastiCache Redis", Wanted("cache", engine="redis")),
                ("three droplets", Wanted("vm", 3)),
                ("a Postgres on RDS", Wanted("database", engine="postgresql")),
            ]
        )

    def _image_reference(self) -> Part:
        image, port = self.random.choice(
            [("node:20", 3000), ("ghcr.io/acme/shop:1.4", 8080), ("python:3.12", 8000)]
        )
        words = f"a container from image {image} on port {port}"
        return words, Wanted("container", image=image, port=port)

    # ── forms ────────────────────────────────────────────────────────────────────────────────────────

    def _form(self) -> Request:
        number, memory = self.random.choice([2, 3, 4]), self.random.choice([4, 8, 16])
        cpu = self.random.choice([2, 4])
        sizes = {"cpu": cpu, "memory": memory}
        return self.random.choice(
            [
                Request(f"Software: Tomcat\nInstances: {number}\nMemory: {memory}GB each",
                        (Wanted("program", number, engine="tomcat", specs={"memory": memory}),)),
                Request(f"web: {number} x {cpu}c/{memory}g\ndb: postgres {memory}GB",
                        (Wanted("compute", number, specs=sizes),
                         Wanted("database", engine="postgresql", specs={"memory": memory}))),
                Request(f"Number of VMs: {number}\nCPU: {cpu}\nRAM: {memory} GB\nOS: Ubuntu 22.04",
                        (Wanted("compute", number, image="ubuntu", specs=sizes),)),
                Request(f"What: Kubernetes cluster\nControl plane: 3\nWorkers: {number}\nRegion: us-east-1",
                        (Wanted("kubernetes_cluster", specs={"control_plane": 3, "workers": number}),), "us-east-1"),
                Request(f"Kubernetes: control plane x3, workers x{number}, {cpu} vCPU / {memory}Gi per node",
                        (Wanted("kubernetes_cluster", specs={"control_plane": 3, "workers": number}),)),
                Request(f"vm app-a + vm app-b, {cpu} vcpu {memory}GB each; redis cache-a",
                        (Wanted("compute", 2, names=("app-a", "app-b"), specs=sizes),
                         Wanted("cache", engine="redis", names=("cache-a",)))),
                Request(f"Database: MySQL\nMemory: {memory} GB\nDisk: 100 GB",
                        (Wanted("database", engine="mysql", specs={"memory": memory, "disk": 100}),)),
                Request(f"okay so I want um {number} servers for the website and then a database I guess postgres "
                        "and also a cache yeah redis is fine",
                        (Wanted("compute", number), Wanted("database", engine="postgresql"),
                         Wanted("cache", engine="redis"))),
                Request(f"{number}x web ({cpu}c/{memory}g), 1x db (postgres, 100GB), 1x redis",
                        (Wanted("compute", number, specs=sizes),
                         Wanted("database", engine="postgresql", specs={"disk": 100}),
                         Wanted("cache", engine="redis"))),
                Request(f"Hello team,\n\nwe need {number} servers with {cpu} cores and {memory} GB of RAM each for our "
                        "new intranet, and a MySQL database.\n\nKind regards,\nDorothea",
                        (Wanted("compute", number, specs=sizes), Wanted("database", engine="mysql"))),
            ]
        )  # fmt: skip


def _plural(noun: str, number: int) -> str:
    if number == 1:
        return noun
    return noun + ("es" if noun.endswith("x") else "s")


def _said(word: str, phrase: str, specs: str) -> str:
    """The part's words, with the article that fits them."""
    if word == "a" and (
        phrase[:1].lower() in "aeiou" or phrase.startswith(("LXC", "RDS", "nginx"))
    ):
        word = "an"
    return f"{word} {phrase}{specs}"
