"""What a resource becomes on Proxmox VE, what is lost on the way, and what changing it takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alma.core.model.base import Json
from alma.core.model.blueprint import (
    COMPUTE,
    WORKLOADS,
    ClusterPolicies,
    NetworkPolicy,
    PodSecurity,
    ResourceType,
)
from alma.core.model.plan import Effect, Support
from alma.core.model.state import DesiredResource, Properties
from alma.core.model.units import Size
from alma.engines import base
from alma.engines.base import approximated, unsupported
from alma.engines.proxmox import firewall, spec, systems, values
from alma.engines.proxmox.cards import cards_of, prefix_of
from alma.engines.proxmox.options import Kind, ProxmoxOptions, kind_of, options_of
from alma.engines.proxmox.spec import Defaults

TYPES = WORKLOADS | {ResourceType.KUBERNETES_CLUSTER}
DEFAULT_IMAGE = "debian-12"
LEFTOVERS = "leftovers"
PENDING = "pending"
UNFINISHED = "unfinished"

# Never honoured, or not as a property of one guest: left out of the shape, and named by `support`.
_NEVER = (
    "backup.",
    "cidr",
    "command",
    "rules",
    "specs.control_plane",
    "specs.gpu",
    "specs.nodes",
    "specs.workers",
    "vlan",
)
_PLAIN = ("bios", "cpu_type", "linked_clone", "machine", "search_domain", "sockets", "user")


def shape_of(desired: DesiredResource, defaults: Defaults) -> Properties:
    """The properties the guest will have."""
    shape = base.without(base.base_shape(desired), *_NEVER, *_without_env(desired))
    shape |= {
        path: value
        for path, value in {**_network(desired, defaults), **_options(desired, defaults)}.items()
        if value not in (None, [], "", False)
    }
    if options_of(desired).address:
        cards = cards_of(desired, bridge=defaults.bridge)
        fixed = next(filter(None, (card.fixed for card in cards)), None)
        shape = base.without(shape, "network.private_ip") | (
            {"network.private_ip": fixed} if fixed and "network.private_ip" in shape else {}
        )
    shape["image"] = image_name(desired)
    shape["options.kind"] = kind_of(desired).value
    shape |= {
        f"mounts.{mount.volume}.size": base.normal_size(mount.size or spec.DEFAULT_VOLUME)
        for mount in desired.mounts
    }
    return dict(sorted(shape.items()))


def image_name(desired: DesiredResource) -> str:
    """The operating system, as it was asked for."""
    return desired.image or DEFAULT_IMAGE


def _without_env(desired: DesiredResource) -> tuple[str, ...]:
    return () if takes_env(desired) else ("env.",)


def takes_env(desired: DesiredResource) -> bool:
    """Whether variables can be put into the guest."""
    return desired.type in COMPUTE and not shut(desired)


def shut(desired: DesiredResource) -> bool:
    """Whether ALMA can't get into the guest: into a container whose template has no SSH server. Of a template that
    somebody named, and of a system that nobody has heard of, it is thought to have one."""
    if kind_of(desired) is Kind.VM or options_of(desired).template is not None:
        return False
    system = systems.load().find(image_name(desired))
    return system is not None and not system.ssh


def _network(desired: DesiredResource, defaults: Defaults) -> dict[str, Json]:
    cards = cards_of(desired, bridge=defaults.bridge)
    options = options_of(desired)
    return {
        "network.interfaces": [card.words for card in cards],
        "network.addresses": [card.address_words for card in cards],
        "options.nameservers": [*options.nameservers],
        "rules": [*firewall.words_of(desired)],
    }


def _options(desired: DesiredResource, defaults: Defaults) -> dict[str, Json]:
    options = options_of(desired)
    found: dict[str, Json] = {
        f"options.{name}": getattr(options, name) for name in _PLAIN if _applies(name, desired)
    }
    found |= {
        "options.template": None if options.template is None else str(options.template),
        "options.pool": options.pool or defaults.pool,
        "options.ssh_keys": [*options.ssh_keys],
        "options.tags": [*sorted({tag.lower() for tag in options.tags})],
        "options.onboot": options.onboot,
        "options.startup": spec.startup(desired),
        "options.protection": options.protection,
        "options.ha": ha_words(options),
    }
    own = _of_machine(options) if kind_of(desired) is Kind.VM else _of_container(desired, options)
    return found | own


def _of_machine(options: ProxmoxOptions) -> dict[str, Json]:
    return {
        "options.agent": options.agent is not False,
        "options.balloon": base.normal_size(options.balloon) if options.balloon else None,
        "options.boot_order": [*options.boot_order],
        "options.disk": values.join(options.disk.model_dump()),
    }


def _of_container(desired: DesiredResource, options: ProxmoxOptions) -> dict[str, Json]:
    return {
        "options.features": spec.features(desired),
        "options.swap": base.normal_size(options.swap) if options.swap else None,
        "options.unprivileged": options.unprivileged,
    }


def ha_words(options: ProxmoxOptions) -> str | None:
    """What the HA stack is told of it, for people."""
    return values.join(options.ha.model_dump()) if options.ha else None


def _applies(name: str, desired: DesiredResource) -> bool:
    foreign = spec.LXC_ONLY if kind_of(desired) is Kind.VM else spec.VM_ONLY
    return name not in foreign


# ── what changing it takes ───────────────────────────────────────────────────────────────────────

_IN_PLACE = (
    "backends",
    "env",
    "files",
    "labels",
    "policies",
    "ports",
    "public",
    "rules",
    "software",
    "specs.disk",
    LEFTOVERS,
    UNFINISHED,
    "options.ha",
    "options.onboot",
    "options.pool",
    "options.protection",
    "options.startup",
    "options.tags",
)
# A container takes these in while it runs; a machine may, depending on what its system can, so a reboot is announced.
_HOT_IN_CONTAINERS = (
    "network.addresses",
    "network.interfaces",
    "network.private_ip",
    "networks",
    "options.swap",
    "specs.cpu",
    "specs.memory",
)
_REBOOT = (
    PENDING,
    "options.agent",
    "options.balloon",
    "options.bios",
    "options.boot_order",
    "options.cpu_type",
    "options.features",
    "options.machine",
    "options.nameservers",
    "options.search_domain",
    "options.sockets",
)
_COMMON: Mapping[str, Effect] = {
    **dict.fromkeys(_IN_PLACE, Effect.IN_PLACE),
    **dict.fromkeys(_REBOOT, Effect.REBOOT),
}
_EFFECTS: Mapping[Kind, Mapping[str, Effect]] = {
    Kind.LXC: {**_COMMON, **dict.fromkeys(_HOT_IN_CONTAINERS, Effect.IN_PLACE)},
    Kind.VM: {
        **_COMMON,
        **dict.fromkeys((*_HOT_IN_CONTAINERS, "options.ssh_keys"), Effect.REBOOT),
    },
}


def effect_of(desired: DesiredResource, path: str) -> Effect:
    """What a change of this property takes. Disks grow in place, and their number changes with a reboot; a smaller disk
    is `shrinks`."""
    if path.startswith("mounts."):
        return Effect.IN_PLACE
    if path == "mounts":
        return Effect.REBOOT
    return base.effect_of(path, _EFFECTS[kind_of(desired)])


def effect_between(desired: DesiredResource, path: str, before: Json, after: Json) -> Effect:
    """As `effect_of`, for what it was and what it shall be."""
    return Effect.REPLACE if shrinks(path, before, after) else effect_of(desired, path)


def shrinks(path: str, before: Json, after: Json) -> bool:
    """Whether it is a disk that shall be smaller: that takes a new one, as Proxmox only lets disks grow."""
    if path != "specs.disk" and not (path.startswith("mounts.") and path.endswith(".size")):
        return False
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    return values.gibibytes(Size(after)) < values.gibibytes(Size(before))


# ── what is lost ─────────────────────────────────────────────────────────────────────────────────


def support_of(desired: DesiredResource, defaults: Defaults) -> list[Support]:
    """Everything that is not exactly as asked."""
    if desired.type not in TYPES:
        return [
            unsupported("type", _NO_TYPE.get(desired.type, f"there is no '{desired.type}' here"))
        ]
    return [*_of_type(desired), *_of_specs(desired), *_of_network(desired), *_of_rest(desired)]


_NO_TYPE: Mapping[str, str] = {
    ResourceType.NETWORK: "a network is a bridge of the nodes here, and guests are attached to it",
    ResourceType.VOLUME: "a disk belongs to a guest here: mount the volume in one",
    ResourceType.FIREWALL: "rules belong to guests here: name a guest as their target",
}


def _of_type(desired: DesiredResource) -> Iterator[Support]:
    kind = kind_of(desired)
    recipe = desired.recipe
    if desired.software and not (recipe and recipe.known):
        yield unsupported(
            "type",
            f"ALMA does not know how {desired.software} gets into a guest: it has no packages and no steps for it",
        )
    elif desired.software is None and desired.type not in {ResourceType.VM, ResourceType.CONTAINER}:
        yield unsupported(
            "type",
            f"a {desired.type} is made by setting up software in a guest, and none is named; "
            "an application image can't run here",
        )
    if recipe and recipe.known and shut(desired):
        yield unsupported("type", _shut(desired, "no software can be set up in it"))
    if desired.type is ResourceType.KUBERNETES_CLUSTER:
        yield approximated("type", "each node is a machine in which ALMA sets up k3s")
        for name in ("nodes", "control_plane", "workers"):
            if getattr(desired.resource.specs, name) is not None:
                yield approximated(
                    f"specs.{name}", "each node is a guest with an address of its own"
                )
        yield from _of_policies(desired.resource.policies)
    if desired.type is ResourceType.VM and kind is Kind.LXC:
        yield approximated("type", "it becomes a container: it shares its node's kernel")
    if desired.image is None:
        yield approximated("image", f"no operating system was named: {DEFAULT_IMAGE} is used")
    if not desired.software and desired.image and _is_application(desired.image):
        yield unsupported(
            "type",
            f"'{desired.image}' looks like an application image, and a guest takes an operating system, "
            "such as debian-12 or alpine; name the software instead",
        )


def _of_policies(policies: ClusterPolicies | None) -> Iterator[Support]:
    """What k3s enforces, and where that ends."""
    if policies is None:
        return
    if policies.network is NetworkPolicy.DEFAULT_DENY:
        yield approximated(
            "policies.network",
            "a policy holds in one namespace: all but Kubernetes' own (kube-…) get it that are there when the first "
            "server is set up or changed; a namespace that is made later is open until then",
        )
    if policies.pod_security not in (None, PodSecurity.PRIVILEGED):
        yield approximated(
            "policies.pod_security",
            "it is the default for new pods: what runs already stays, labels of a namespace take precedence, and "
            "kube-system is exempt for what k3s brings along",
        )


def _shut(desired: DesiredResource, so: str) -> str:
    return (
        f"the container template of {image_name(desired)} has no SSH server, so {so}: take debian-12, "
        "a machine (options: {proxmox: {kind: vm}}), or name a template of your own that has one"
    )


def _is_application(image: str) -> bool:
    """Whether it is the name of a container image, as registries have them, and no file of Proxmox."""
    return "/" in image and not any(mark in image for mark in ("://", ":vztmpl/", ":import/"))


def _of_specs(desired: DesiredResource) -> Iterator[Support]:
    specs = desired.resource.specs
    if specs.gpu:
        yield unsupported("specs.gpu", "ALMA hands no GPUs to guests: that takes root on the node")
    if desired.type is not ResourceType.KUBERNETES_CLUSTER:
        for name in ("nodes", "control_plane", "workers"):
            if getattr(specs, name) is not None:
                yield unsupported(f"specs.{name}", "one guest is no cluster")
    for mount in desired.mounts:
        if mount.size is None:
            size = spec.DEFAULT_VOLUME
            yield approximated(f"mounts.{mount.volume}.size", f"no size was named: {size} is taken")
        if mount.read_only and kind_of(desired) is Kind.VM:
            yield approximated(
                "mounts", f"{mount.volume} is mounted to be written in a machine, too"
            )


def _of_network(desired: DesiredResource) -> Iterator[Support]:
    network = desired.resource.network
    address = network.private_ip
    if address and options_of(desired).address:
        yield approximated("network.private_ip", "options.proxmox.address is taken instead")
    elif address and prefix_of(address, desired.attached) is None:
        length = 64 if ":" in address else 24
        yield approximated(
            "network.private_ip",
            f"no network with a cidr contains it: a prefix of {length} bits is taken",
        )
    if isinstance(network.public_ip, str):
        yield unsupported("network.public_ip", "a public address is routed outside of Proxmox")
    if desired.public:
        yield approximated(
            "public", "it is reached as far as its bridge is: ALMA opens no way through a router"
        )
    if any(port.published not in (None, port.target) for port in desired.ports):
        yield approximated(
            "ports",
            "a guest has an address of its own: its ports are reached under their own numbers",
        )
    if names := firewall.unusable(desired):
        yield approximated(
            "rules",
            f"rules from {', '.join(names)} are left out: Proxmox compares addresses, and no fixed one is known",
        )


def _of_rest(desired: DesiredResource) -> Iterator[Support]:
    backup = desired.resource.backup
    if backup is not None and backup.enabled:
        yield unsupported(
            "backup",
            "ALMA makes no backup jobs; one of the datacenter can back up its pool or all guests",
        )
    if desired.command:
        yield unsupported("command", "a guest boots an operating system, which runs its services")
    if desired.env and desired.type not in COMPUTE:
        yield unsupported("env", "software in a guest is configured by its files")
    elif desired.env and shut(desired):
        yield unsupported("env", _shut(desired, "no variables can be put into it"))
    for name in spec.LXC_ONLY if kind_of(desired) is Kind.VM else spec.VM_ONLY:
        if getattr(options_of(desired), name) != ProxmoxOptions.model_fields[name].default:
            what = "container" if kind_of(desired) is Kind.LXC else "machine"
            yield unsupported(f"options.{name}", f"it means nothing for a {what}")
