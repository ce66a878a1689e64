"""On which machine of an engine something runs: "move plex to node pve2", "pin the db to host pve1"."""

from __future__ import annotations

import re

from alma.core.language.editing.outcome import Outcome
from alma.core.language.vocabulary.defaults import RUNS, listed
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Intent, SetField

_ON_NODE = re.compile(
    r"\b(?:move|put|place|migrate|shift|run|pin|relocate|keep|host)\s+(?P<who>[\w ,.-]+?)\s+"
    r"(?:(?:over|across|back|away|only)\s+)?(?:to|on|onto)\s+(?:the )?(?:proxmox )?(?:node|host|hypervisor)\s+"
    r"[\"'`]?(?P<node>[A-Za-z][\w.-]*)[\"'`]?",
    re.IGNORECASE,
)
_ALL = re.compile(r"^(?:everything|all|all of (?:it|them)|the lot)$", re.IGNORECASE)


def hosted(text: str, draft: Blueprint, outcome: Outcome) -> None:
    """Sets the node of what is named; nothing where no resource is, or the engine has no nodes of that kind."""
    found = _ON_NODE.search(text)
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
