"""Every fact that a rule may ask for, with its kind and its meaning: one table for rules, documents and checks.

A path exists for every resource; what nobody said is null, never missing. `r` is said, `d` and `g` are computed from
the whole graph, `bp` is said of the blueprint. docs/policies.md shows this table; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a fact's value is, where it is not null."""

    BOOL = "bool"
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `nullable`: null where the blueprint does not say. `declared`: it stands in `metadata`, the resource's
    first and then the blueprint's, and nothing that ALMA makes proves it."""

    path: str
    kind: Kind
    meaning: str
    nullable: bool = False
    declared: bool = False


OPEN = ("r.labels", "r.metadata", "r.options", "bp.metadata")
"""Below these, every path is a fact: its value as it stands there, or null."""

_SAID = """
name            text    its name
type            text    its type
engine          text?   the software, by its id in the catalogue; what the type gets when none is said
version         text?   the software's version, as said
count           number  how many equal ones
image.ref       text?   the image, as said; a VM's image is its operating system
image.tag       text?   the tag of the image
image.digest    text?   the digest of the image
os.name         text?   the operating system of an image: debian, ubuntu
os.version      text?   its version
specs.cpu           number?  cores of one instance
specs.memory_gib    number?  memory of one instance, GiB
specs.disk_gib      number?  disk of one instance, GiB
specs.gpu           number?  GPUs
specs.nodes         number?  nodes of a cluster
specs.control_plane number?  control-plane nodes of a cluster
specs.workers       number?  workers of a cluster
network.public_ip       bool   whether an address outside is asked for: the flag, or an address
network.public_address  text?  the address outside, where it is fixed
network.private_ip      text?  the address inside
network.ports           list   ports as written: "80", "8080:80", "53/udp"
network.attach          list   the networks it names
backup.enabled          bool?   whether backups are made; null where no backup is spoken of
backup.schedule         text?   hourly, daily, weekly, monthly, or a cron line
backup.frequency_hours  number? hours between two backups, where the schedule says
backup.retention_days   number? how long a backup is kept
depends_on          list  what has to run before it
backends            list  load balancer: what it names to spread over
env.names           list  names of environment variables
secrets.inline      list  names of variables that hold a secret as plain text
secrets.elsewhere   list  other places that hold a secret as plain text: command, options.proxmox.password
secrets.referenced  list  secrets that are referred to
mounts.volumes      list  volumes that it mounts
mounts.writable     list  those that it may write to
cidr                text?   network: its address range
vlan                number? network: its VLAN
policies.network       text?  cluster: what pods may reach without a rule
policies.pod_security  text?  cluster: the level that pods are held to
"""

_DECLARED = """
location.region  text?  the region; else the blueprint's constraint
location.zone    text?  the zone or site
location.host    text?  the host; else options.proxmox.node
tls.enabled         bool?    traffic to it is encrypted
tls.min_version     number?  the lowest TLS version it takes: 1.2
tls.auto_renew      bool?    certificates renew themselves
tls.redirects_http  bool?    its plain HTTP port only redirects
encryption.at_rest     bool?  stored data is encrypted
encryption.in_transit  bool?  clients have to encrypt
encryption.key_source  text?  where the key is: kms, hsm, vault
encryption.key_rotation_days  number?  days between two keys
auth.required             bool?  nobody gets in without signing in
auth.mfa                  bool?  administrators need a second factor
auth.admin_role           bool?  it runs with an administrator's rights
auth.ssh_password         bool?  SSH takes passwords
auth.ssh_root             bool?  root may sign in over SSH
auth.default_credentials  bool?  the vendor's account is still there
auth.rbac                 bool?  rights go by role
auth.shared_accounts      bool?  several people use one account
logging.enabled         bool?    it writes logs
logging.audit           bool?    access to data is logged
logging.remote          bool?    logs leave the machine that writes them
logging.retention_days  number?  how long logs are kept
monitoring.enabled       bool?  somebody measures it
monitoring.alerts        bool?  somebody is told
monitoring.health_check  text?  what is asked to know that it works
patching.auto_security   bool?    security updates come by themselves
patching.within_days     number?  days until a security update is in
malware_protection       bool?    something looks for malware
time_sync                bool?    its clock is kept
protection.deletion      bool?    it can't be deleted by mistake; else options.proxmox.protection
runtime.privileged       bool?    the container is privileged
runtime.run_as_root      bool?    its process is root
runtime.host_network     bool?    it uses the host's network
runtime.read_only_root   bool?    its root file system can't be written
runtime.unprivileged     bool?    the Proxmox container is unprivileged; else options.proxmox.unprivileged
runtime.caps_added       list?    capabilities that it gets on top
waf                      bool?    requests are filtered
rate_limited             bool?    requests are limited
versioning               bool?    old versions of objects are kept
public_read              bool?    anybody may read
network.egress_restricted  bool?  what it may reach is limited
intrusion_detection      bool?    something looks for intruders
ha.failover              bool?    another takes over by itself
data.classes             list?    public, internal, personal, special, cardholder, phi
data.retention_days      number?  when data is deleted
data.purpose             text?    what data is kept for
backup.offsite           bool?    a copy is elsewhere
backup.encrypted         bool?    copies are encrypted
backup.immutable         bool?    copies can't be changed
backup.last_restore_test_days  number?  days since a restore was tried; also from the date backup.last_restore_test
autoscaling.min          number?  the fewest instances
autoscaling.max          number?  the most instances
vulnerability.last_scan_days  number?  days since the last scan; also from the date vulnerability.last_scan
access.last_review_days  number?  days since rights were looked through; also from the date access.last_review
recovery.rpo_hours       number?  hours of data that may be lost
recovery.rto_hours       number?  hours until it works again
secrets.store            text?    where secrets are kept
maintenance.window       text?    when it may be worked on
owner                    text?    who answers for it
environment              text?    as said
cost_center              text?    who pays
tier                     text?    the tier it belongs to; else its label `tier`
exposure                 text?    internal: the host of its published ports can't be reached from outside
"""

_DERIVED = """
ports               list   numbers it listens on; the software's own where none are said
networks            list   networks it is in: named, by its address, or the first one
environment         text?  production, staging, test, development
production          bool   whether the environment is production
internet_exposed    bool   reachable from outside: directly, or through load balancers
exposed_directly    bool   by an address, a published port or a public network, as far as firewalls let in
exposed_via         list   the load balancers on the way from outside; the nearest twenty
exposed_ports       list   numbers it listens on that are reachable from any address
admin_ports_open    list   those for administration (SSH, RDP, Docker …), exposed or opened by a rule to any source
data_ports_open     list   those of data stores, exposed or opened by a rule to any source
plaintext_ports     list   those of protocols without encryption
any_port_open       bool   outside, and no rule limits the ports
firewalled          bool   a firewall has a rule about it
default_deny        bool   a rule allows something, so that the rest is dropped
shares_subnet_with_public  bool  something in its network is exposed directly
public_neighbours   list   names of those, at most twenty
load_balanced       bool   a load balancer spreads over it
load_balancers      list   which ones
backend_instances   number load balancer: instances that it spreads over
dependents          list   who needs it
missing_dependencies  list  names it refers to that nobody has
in_cycle            bool   it waits for itself
tier_size           number instances that do the same
tier_hosts          number? hosts those are on; null where one does not say
tier_zones          number? zones those are in; null where one does not say
replicas            number copies of a store
stateful            bool   it holds data
backed_up           bool   a backup is made of it, by itself or by something that depends on it
limits_set          bool   cores and memory are said
address_clash       bool   its address is also somebody else's
os_eol_days         number? days until its operating system is no longer maintained; negative after that
engine_eol_days     number? the same of its software
os_updates          text?  the same in words: ended on 2024-11-21, 2 years ago
engine_updates      text?  the same of its software, in words
version_pinned      bool   the version can't move by itself
region_in_eea       bool?  its region is in the European Economic Area
personal_data       bool   it holds personal, special, cardholder or health data
regulated           bool   it holds cardholder, health or special data
monitored           bool   declared so, or something in the blueprint measures
rules_any_any       bool   firewall: a rule lets anybody reach everything
unknown_targets     list   firewall: names in its rules that nobody has
"""

_WHOLE = """
resources    number  how many resources
instances    number  how many instances
types        list    the types there are
data_classes list    the classes of data that are declared
exposed      list    names of what is exposed
environments list    environments that are declared
n_production_mixed  number  resources that share a blueprint or network with production and are something else
has_firewall        bool  a firewall with rules
has_load_balancer   bool  a load balancer
has_private_subnet  bool  a network without public addresses
has_admin_path      bool  a VPN or bastion, or metadata.admin_path
has_log_sink        bool  a store of logs, or metadata.logging.remote
has_monitoring      bool  something that measures, or metadata.monitoring.enabled
has_alerting        bool  something that tells people, or metadata.monitoring.alerts
has_backup_target   bool  somewhere for backups, or metadata.backup.target
has_secret_store    bool  a store of secrets, references to ALMA's own, or metadata.secrets.store
has_intrusion_detection  bool  something that looks for intruders, or metadata.intrusion_detection
has_hosts           bool  something that people have to get into: machines, clusters
uses_secrets        bool  secrets, in plain text or referred to
cycle               list  names that wait for each other
duplicate_names     list  names that two have
duplicate_addresses list  addresses that two have
overlapping_networks  list  networks whose addresses overlap
shared_vlans        list  networks whose VLAN another has, too
unused_networks     list  networks that nothing is in
unused_volumes      list  volumes that nothing mounts
unused_firewalls    list  firewalls without rules, or whose rules are about nothing
waivers_invalid     list  waivers without rule, reason or expiry
waivers_expired     list  waivers that are over
"""

_BLUEPRINT = """
name              text    its name
description       text?   what it is for
engine            text?   where it is deployed
region            text?   the region it is to stay in
max_monthly_cost  number? the most it may cost a month, US dollars
environment       text?   metadata.environment
owner             text?   metadata.owner
cost_center       text?   metadata.cost_center
"""


def _read(root: str, table: str, *, declared: bool = False) -> Iterator[tuple[str, Fact]]:
    for line in table.strip().splitlines():
        path, kind, meaning = line.split(maxsplit=2)
        full = f"{root}.{path}"
        made = Fact(full, Kind(kind.rstrip("?")), meaning, kind.endswith("?"), declared)
        yield full, made


FACTS: Mapping[str, Fact] = dict(
    [
        *_read("r", _SAID),
        *_read("r", _DECLARED, declared=True),
        *_read("d", _DERIVED),
        *_read("g", _WHOLE),
        *_read("bp", _BLUEPRINT),
    ]
)
"""Every fact by its full name."""


def fact(name: str) -> Fact | None:
    """The fact of that full name, also one below an open path; None when there is none."""
    found = FACTS.get(name)
    if found is None and any(name.startswith(f"{prefix}.") for prefix in OPEN):
        return Fact(name, Kind.TEXT, "as it stands there", nullable=True)
    return found


def is_open(name: str) -> bool:
    """Whether anything may stand there, of any kind."""
    return name not in FACTS


def table() -> str:
    """All facts as the table of docs/policies.md."""
    rows = (
        f"| `{name}` | {found.kind}{'?' if found.nullable else ''} | {_told(found)} |"
        for name, found in FACTS.items()
    )
    return "\n".join(("| fact | kind | what it is |", "|---|---|---|", *rows))


def _told(found: Fact) -> str:
    return f"{found.meaning} (*declared*)" if found.declared else found.meaning
