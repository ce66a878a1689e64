"""Where things are on an engine: "move plex to node pve2", "pin the db to host pve1", "guest must be vlan 25"."""

from __future__ import annotations

import re

from alma.core.language.editing.outcome import Outcome
from alma.core.language.vocabulary.defaults import RUNS, listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.conversation import Intent, SetField

_ON_NODE = seldom(
    r"\b(?:move|put|place|migrate|shift|run|pin|relocate|keep|host)\s+(?P<who>[\w ,.-]+?)\s+"
    r"(?:(?:over|across|back|away|only)\s+)?(?:to|on|onto)\s+(?:the )?(?:proxmox )?(?:node|host|hypervisor)\s+"
    r"[\"'`]?(?P<node>[A-Za-z][\w.-]*)[\"'`]?",
    re.IGNORECASE,
)
_LIVES = seldom(
    r"\b(?P<who>[\w.-]+)\s+(?:has to|have to|must|should|needs to|shall|will)\s+(?:(?:run|live|be|sit|go|"
    r"stay|only)\s+)+"
    r"on\s+(?:the )?(?:proxmox )?(?:node|host|hypervisor)\s+[\"'`]?(?P<node>[A-Za-z][\w.-]*)[\"'`]?",
    re.IGNORECASE,
)
_VLAN = seldom(
    r"\b(?P<who>[\w.-]+)\s+(?:(?:must|should|has|have|needs?|to|be|is|now|on|in|onto|into|gets?|moves?|use|the)\s+)*"
    r"vlan\s*(?:tag|id)?\s*(?:to|is|=|:)?\s*(?P<tag>\d{1,4})\b",
    re.IGNORECASE,
)
_ALL = seldom(r"^(?:everything|all|all of (?:it|them)|the lot)$", re.IGNORECASE)


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
    node = found["node"].rstrip(".")
    outcome.edits += [
        SetField(name=name, path="options.proxmox.node", value=node) for name in meant
    ]
    if meant:
        outcome.intent = Intent.CHANGE
        outcome.understood.append(f"{listed(meant)} on the node {node}")
