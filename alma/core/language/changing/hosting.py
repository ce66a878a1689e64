"""Where things are on an engine: "move plex to node pve2", "pin the db to host pve1", "guest must be vlan 25"."""

from __future__ import annotations

import re

from alma.core.language.editing.outcome import Outcome
from alma.core.language.vocabulary.defaults import RUNS, listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.conversation import Intent, SetField

# What hosts are commonly called where nobody says that they are hosts: "pve2", "proxmox-01", "hv3".
_HOST = (
    r"(?:pve|pmx|px|prox|proxmox|hv|hyper|hypervisor|node|host|kvm)[-_]?(?:[a-z]{1,10}[-_]?)?\d[\w-]*|"
    r"pve[-_][a-z]\w*|pve"
)
_NODE = r"(?:node|host|hypervisor|server)"
_NAMED = r"[\"'`]?[A-Za-z][\w.-]*[\"'`]?"
_WHICH = r"(?:the |our |my )?(?:(?:other|second|third|first|new|spare|proxmox|physical) )*"
_PLACE = (
    rf"(?:{_WHICH}(?:node|host|hypervisor)\s*,?\s+(?:called |named )?(?P<node>{_NAMED})|"
    rf"{_WHICH}(?P<node2>(?!{_NODE}\b)[A-Za-z][\w-]*\d[\w-]*)[ -](?:proxmox )?{_NODE}\b|{_WHICH}(?P<node3>{_HOST})\b)"
)
_MOVED = (
    r"(?:move|moving|put|place|migrate|shift|run|pin|relocate|keep|host|bring|transfer|live[- ]migrate|let|get|have|"
    r"want|send)"
)
_ON_NODE = seldom(
    rf"\b{_MOVED}\s+(?P<who>[\w ,.-]+?)\s+(?:(?:over|across|back|away|only|running|run|live|to live|to run)\s+)*"
    rf"(?:to|on|onto)\s+{_PLACE}",
    re.IGNORECASE,
)
_LIVES = seldom(
    r"(?:^|(?<=[.,;!]\s)|\b(?:so|and|but|please) )(?P<who>[\w.-]+(?:(?: and |, )[\w.-]+)*)\s+"
    r"(?:(?:has to|have to|must|should|needs to|shall|will|belongs?|goes|moves?|to|over|better|really)\s+|"
    r"(?:run|runs|live|lives|be|sit|go|move|stay|only)\s+)*"
    rf"(?:on|onto|to)\s+{_PLACE}",
    re.IGNORECASE,
)
_VLAN = seldom(
    r"\b(?P<who>[\w.-]+)\s+(?:(?:must|should|has|have|needs?|to|be|is|now|on|in|onto|into|gets?|moves?|use|the)\s+)*"
    r"vlan\s*(?:tag|id)?\s*(?:to|is|=|:)?\s*(?P<tag>\d{1,4})\b",
    re.IGNORECASE,
)
_ALL = seldom(r"^(?:everything|all|all of (?:it|them)|the lot)$", re.IGNORECASE)
_KIND = seldom(
    r"\b(?:all|both|every|the) (?:the |my |our )?(?P<kind>container|vm|virtual machine|lxc)s$",
    re.IGNORECASE,
)


def tagged(text: str, draft: Blueprint, outcome: Outcome) -> None:
    """Sets the VLAN of a network that is named: "guest must be vlan 25"."""
    for found in _VLAN.finditer(text):
        owner = draft.resource(found["who"])
        if owner is not None and owner.type is ResourceType.NETWORK:
            value = int(found["tag"])
            outcome.edits.append(SetField(name=owner.name, path="vlan", value=value))
            outcome.understood.append(f"VLAN {value} for {owner.name}")


def hosted(text: str, draft: Blueprint, outcome: Outcome) -> None:
    """Sets the node of what is named; nothing where no resource is, or the engine has no nodes of that kind."""
    found = _ON_NODE.search(text) or _LIVES.search(text)
    engine = (draft.engine or "proxmox").partition("@")[0]
    if found is None or engine != "proxmox":
        return
    machines = [r.name for r in draft.resources if r.type in RUNS]
    said = set(re.findall(r"[\w.-]+", found["who"].casefold()))
    meant = machines if _ALL.match(found["who"]) else [n for n in machines if n.casefold() in said]
    meant = _said(found["who"], draft, machines) or meant
    said_node = found["node"] or found["node2"] or found["node3"]
    node = said_node.strip("\"'`").rstrip(".")
    if draft.resource(node) is not None:
        return
    outcome.edits += [
        SetField(name=name, path="options.proxmox.node", value=node) for name in meant
    ]
    if meant:
        outcome.intent = Intent.CHANGE
        outcome.understood.append(f"{listed(meant)} on the node {node}")


def _said(who: str, draft: Blueprint, machines: list[str]) -> list[str]:
    """`All containers`, `both vms`: those of a kind."""
    found = _KIND.search(who)
    if found is None:
        return []
    kind = (
        ResourceType.CONTAINER
        if found["kind"].casefold() in {"container", "lxc"}
        else ResourceType.VM
    )
    return [r.name for r in draft.resources if r.name in machines and r.type is kind]
